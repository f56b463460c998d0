//! ``CSPro`` dictionaries become documents.

mod importing;

use importing::{counts, document, kinds, mutated, questions, read, reference, warnings};
use proptest::prelude::*;
use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{Kind, Members};

/// A dictionary as lines.
const LINES: &str = "\
[Dictionary]\r
Version=CSPro 7.7\r
Label=Household|Hộ gia đình\r
Name=HH_DICT\r
RecordTypeStart=1\r
\r
[Languages]\r
EN=English\r
VI=Tiếng Việt\r
\r
[Level]\r
Label=Household|Hộ\r
Name=HH_LEVEL\r
\r
[IdItems]\r
\r
[Item]\r
Label=Province|Tỉnh\r
Name=PROVINCE\r
Start=2\r
Len=2\r
ZeroFill=Yes\r
\r
[Record]\r
Label=Person|Người\r
Name=PERSON\r
RecordTypeValue='1'\r
Required=Yes\r
MaxRecords=20\r
\r
[Item]\r
Label=Sex|Giới tính\r
Name=SEX\r
Len=1\r
\r
[ValueSet]\r
Label=Sex\r
Name=SEX_VS1\r
Value=1;Male|Nam\r
Value=2;Female|Nữ\r
Value=9;Refused|Từ chối\r
Name=Refused\r
\r
[ValueSet]\r
Name=SEX_VS2\r
Value=1 2;Anybody\r
\r
[Item]\r
Label=Age\r
Name=AGE\r
Len=3\r
\r
[ValueSet]\r
Name=AGE_VS1\r
Value=0:97;Years\r
Value=100:110;Many years\r
Value=999;Don't know\r
Name=Missing\r
\r
[Item]\r
Label=Languages\r
Name=LANGUAGES\r
Len=3\r
DataType=Alpha\r
\r
[ValueSet]\r
Name=LANGUAGES_VS1\r
Value='A  ';Arabic\r
Value='B  ';Bengali\r
Value='C  ';Cantonese\r
\r
[Item]\r
Label=Income\r
Name=INCOME\r
Len=8\r
Decimal=2\r
DecimalChar=Yes\r
\r
[Item]\r
Label=Meals\r
Name=MEALS\r
Len=2\r
Occurrences=3\r
OccurrenceLabel=1,Breakfast\r
OccurrenceLabel=2,Lunch\r
\r
[Item]\r
Label=Birth\r
Name=BIRTH\r
Len=6\r
\r
[Item]\r
Label=Month\r
Name=BIRTH_MONTH\r
Len=2\r
ItemType=SubItem\r
\r
[Item]\r
Label=Name\r
Name=PERSON_NAME\r
Len=30\r
DataType=Alpha\r
Note=Not for analysis.\r
\r
[Level]\r
Label=Trip\r
Name=TRIP_LEVEL\r
\r
[IdItems]\r
\r
[Item]\r
Label=Trip number\r
Name=TRIP\r
Len=2\r
\r
[Relation]\r
Name=REL\r
Primary=PERSON\r
Secondary=MEALS\r
";

/// What is left of things without a name is told of those with one.
#[test]
fn what_is_told_names_no_empty_place() {
    const LINES: &str = "\
[Dictionary]
Version=CSPro 7.7
Label=Village
Name=VILLAGE

[Level]
Label=Household
Name=HH

[IdItems]

[Item]
Label=Household number
Name=HHNO
Start=2
Len=4

[Record]
Label=Person
Name=PERSON
RecordTypeValue='1'

[Item]
Label=Born
Name=BORN
Start=6
Len=8

[ValueSet]
Label=Born on
Name=BORN_VS
Value=1:99999999

[SubItem]
Label=Day
Name=BORN_DAY
Start=6
Len=2
";
    let reading = read(LINES.as_bytes());
    let places = reading.problems.iter().map(|one| one.problem.place.to_string());
    let left: Vec<String> = places.filter(|place| place.contains("BORN")).collect();
    assert!(!left.is_empty(), "{:?}", reading.problems);
    for place in left {
        assert!(place.split(", ").all(|one| !one.is_empty()), "{place:?}");
    }
}

#[test]
fn every_sort_of_item_has_its_kind() {
    let document = document(LINES.as_bytes());
    let kinds = kinds(&document);
    for (name, kind) in [
        ("PROVINCE", "integer"),
        ("SEX", "single"),
        ("AGE", "integer"),
        ("LANGUAGES", "multiple"),
        ("INCOME", "decimal"),
        ("MEALS", "grid"),
        ("BIRTH", "integer"),
        ("BIRTH_MONTH", "computed"),
        ("PERSON_NAME", "short_text"),
        ("TRIP", "integer"),
    ] {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
    }
    assert_eq!(kinds.len(), 10);
}

#[test]
fn values_languages_and_occurrences_are_carried_over() {
    let document = document(LINES.as_bytes());
    let questions = questions(&document);
    assert_eq!(document.default_language, "en");
    assert_eq!(questions["SEX"].wording.get("vi", ""), "Giới tính");
    let list = document.list("SEX").expect("a list");
    assert_eq!(list.options[0].label.get("vi", ""), "Nam");
    assert_eq!(list.options[2].missing, Some(State::Refused));
    assert_eq!(questions["AGE"].offers, [State::DontKnow]);
    let bounds = &questions["AGE"].constraints[0].expression;
    assert_eq!(bounds, ". >= 0 and . <= 97 or . >= 100 and . <= 110");
    let list = document.list("LANGUAGES").expect("a list");
    assert_eq!(list.options[1].code, "B");
    let Kind::Grid(meals) = &questions["MEALS"].kind else { panic!("a grid") };
    assert_eq!(meals.rows.len(), 3);
    assert_eq!(meals.rows[1].wording.get("en", ""), "Lunch");
    assert_eq!(document.remarks.iter().filter(|one| one.role == "relation").count(), 1);
}

/// The word that says what a value means may stand before `Special`.
#[test]
fn special_values_are_told_in_both_spellings() {
    assert!(LINES.contains("Name=Missing"), "the sample has one");
    let older = LINES.replace("Name=Missing", "Name=Missing, Special");
    let document = document(older.as_bytes());
    assert_eq!(questions(&document)["AGE"].offers, [State::DontKnow]);
}

#[test]
fn values_of_a_range_that_are_no_numbers_stay_as_remarks() {
    let odd = LINES.replacen("Value=0:97", "Value=0:abc;Odd\r\nValue=0:97", 1);
    assert_ne!(odd, LINES, "the sample has that range");
    let document = document(odd.as_bytes());
    let kept: Vec<&str> = document
        .remarks
        .iter()
        .filter(|one| one.role == "value")
        .map(|one| one.original.as_str())
        .collect();
    // A number has no place for the words of its values either.
    let words = ["0:97 Years", "100:110 Many years", "999 Don't know MISSING"];
    assert_eq!(kept, [&["0:abc Odd"][..], &words].concat());
}

#[test]
fn records_and_lower_levels_become_rosters() {
    let document = document(LINES.as_bytes());
    let names: Vec<&str> = document.rosters.iter().map(|roster| roster.name.as_str()).collect();
    assert!(names.contains(&"PERSON") && names.contains(&"TRIP_LEVEL"), "{names:?}");
    let person = document.roster("PERSON").expect("a roster");
    let Members::Added { at_least, at_most, .. } = person.members else { panic!("added") };
    assert_eq!((at_least, at_most), (1, Some(20)));
}

#[test]
fn reference_files_are_read_whole() {
    for (name, kinds, numbers) in [
        ("Household", "decimal 4, integer 17, short_text 4, single 25", [0, 95, 1]),
        ("Simple_CAPI", "integer 2, multiple 1, short_text 3, single 4", [0, 68, 1]),
        ("two-level", "integer 16", [0, 0, 2]),
    ] {
        let Some(bytes) = reference(&format!("examples/{name}.dcf")) else { return };
        assert_eq!(counts(&bytes), (kinds.to_owned(), numbers), "{name}");
        assert_eq!(warnings(&read(&bytes)), Vec::<String>::new(), "{name}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(changes in prop::collection::vec(any::<(usize, u8, u8)>(), 0..12)) {
        exchange::questionnaire::import(&[("file", &mutated(LINES.as_bytes(), &changes))]);
    }

    #[test]
    fn any_value_is_read(value in "[0-9A-Z':; ,\"|éệ-]{0,30}") {
        let lines = format!(
            "[Dictionary]\n[Level]\n[Record]\n[Item]\nName=A\nLen=1\n[ValueSet]\nValue={value}\n"
        );
        exchange::questionnaire::import(&[("file", lines.as_bytes())]);
    }
}
