//! `REDCap` data dictionaries become documents.

mod importing;

use importing::{counts, document, kinds, mutated, questions, read, reference, warnings};
use proptest::prelude::*;
use survey_builder::questionnaire::document::{Kind, Required, Role};

/// Every type of field, with the headings of the interface.
const ALL: &str = "\
field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,field_annotation
id,one,,text,ID,,,,,,,,,,,,,
age,one,,text,<b>Age</b>,,In years,integer,0,120,,,y,,7,,,
born,one,,text,Born,,,date_ymd,1900-01-01,today,y,,,,,,,
mail,one,,text,Mail,,,email,,,,,,,,,,
uses,one,Transport,checkbox,Uses,\"1, Bus | 2, Tram, old | 9, None\",,,,,,[age] >= 18,,,,,,@NONEOFTHEABOVE='9' @MAXCHECKED=2
why,one,,notes,Why [age]?,,,,,,,[uses(2)] = '1' and [uses(1)] <> '1',,,,,,
ok,two,,yesno,OK?,,,,,,,datediff([born]; 'today', 'y') > 5,,,,,,
tf,two,,truefalse,True?,,,,,,,[ok] = '1' or [ok] = '',,,,,,
one,two,,radio,One,\"a, A|b, B\",,,,,,,,,,,,@DEFAULT='b'
drop,two,,dropdown,Drop,\"a, A|b, B\",,,,,,not([one] = 'a'),,,,,,
bmi,two,,calc,BMI,\"round([age] / 2, 1)\",,,,,,,,,,,,
pain,two,,slider,Pain,None | Some | Worst,,number,,,,,,,,,,
info,two,,descriptive,Read this,,,,,,,,,,,,,
sign,two,,file,Sign,,,signature,,,,,,,,,,
scan,two,,file,Scan,,,,,,,,,,,,,
m1,two,How often?,radio,Rows 1,\"1, Never|2, Often\",,,,,,,y,,,often,,
m2,two,,radio,Rows 2,\"1, Never|2, Often\",,,,,,[m1] = '2',,,,often,,
c1,two,Which?,checkbox,Row,\"1, X|2, Y\",,,,,,,,,,which,,
secret,two,,text,Secret,,,,,,,,,,,,,@HIDDEN @DEFAULT='x'
days,two,,text,Days,,,,,,,\"datediff([born], 'today', 'd') > 5\",,,,,,
";

/// `REDCap` works out a calculation wherever it is: it stands here before what reads it,
/// on the same page behind what it reads itself.
#[test]
fn a_calculation_further_down_is_known() {
    const FORM: &str = "\
field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,field_annotation
born,base,,text,Date of birth,,,date_dmy,,,,,,,,,,
preg,base,,yesno,Pregnant?,,,,,,,[age] > 12,,,,,,
age,base,,calc,Age,\"rounddown(datediff([born], 'today', 'y'))\",,,,,,,,,,,,
";
    let reading = read(FORM.as_bytes());
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let document = reading.document.expect("read");
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["born", "age", "preg"]);
}

#[test]
fn every_type_of_field_has_its_kind() {
    let document = document(ALL.as_bytes());
    let kinds = kinds(&document);
    for (name, kind) in [
        ("id", "short_text"),
        ("age", "integer"),
        ("born", "date"),
        ("mail", "short_text"),
        ("uses", "multiple"),
        ("why", "long_text"),
        ("ok", "single"),
        ("tf", "single"),
        ("one", "single"),
        ("drop", "single"),
        ("bmi", "computed"),
        ("pain", "scale"),
        ("info", "note"),
        ("sign", "signature"),
        ("scan", "file"),
        ("often", "battery"),
        ("which", "grid"),
        ("secret", "hidden"),
        ("days", "short_text"),
    ] {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
    }
    assert_eq!(kinds.len(), 19);
    assert_eq!(document.sections.len(), 2);
}

#[test]
fn what_is_said_of_fields_is_carried_over() {
    let document = document(ALL.as_bytes());
    let questions = questions(&document);
    assert_eq!(questions["age"].wording.get("", "und"), "Age");
    assert_eq!(questions["age"].hint.get("", "und"), "In years");
    assert_eq!(questions["age"].required, Required::Hard);
    assert_eq!(questions["age"].number.as_deref(), Some("7"));
    assert_eq!(questions["born"].roles, [Role::Sensitive]);
    assert_eq!(questions["born"].constraints[0].expression, ". <= today()");
    assert_eq!(questions["why"].wording.get("", "und"), "Why ${age}?");
    assert_eq!(questions["one"].default.as_deref(), Some("'b'"));
    let list = document.list("uses").expect("a list");
    assert_eq!(list.options[1].label.get("", "und"), "Tram, old");
    assert!(list.options[2].exclusive);
    let Kind::Multiple(multiple) = &questions["uses"].kind else { panic!("multiple") };
    assert_eq!(multiple.at_most, Some(2));
    let Kind::Battery(battery) = &questions["often"].kind else { panic!("battery") };
    assert_eq!(battery.rows[1].relevant.as_deref(), Some("m1 = '2'"));
    assert_eq!(questions["often"].wording.get("", "und"), "How often?");
}

#[test]
fn a_limit_that_is_no_number_stays_as_a_remark() {
    let document = document(ALL.replace("@MAXCHECKED=2", "@MAXCHECKED=two").as_bytes());
    let Kind::Multiple(multiple) = &questions(&document)["uses"].kind else { panic!("multiple") };
    assert_eq!(multiple.at_most, None);
    let kept = document.remarks.iter().any(|remark| remark.original == "@MAXCHECKED two");
    assert!(kept, "{:?}", document.remarks);
}

#[test]
fn logic_is_translated() {
    let document = document(ALL.as_bytes());
    let questions = questions(&document);
    for (name, relevant) in [
        ("uses", "age >= 18"),
        ("why", "selected(uses, '2') and not(coalesce(selected(uses, '1'), false))"),
        ("tf", "ok = '1' or not(answered(ok))"),
        ("drop", "not(coalesce(one = 'a', false))"),
        ("days", "abs(days_between(born, today())) > 5"),
    ] {
        assert_eq!(questions[name].relevant.as_deref(), Some(relevant), "{name}");
    }
    let Kind::Computed(computed) = &questions["bmi"].kind else { panic!("computed") };
    assert_eq!(computed.expression, "round(age / 2, 1)");
    // A semicolon where a comma belongs: told, not guessed.
    let lost = warnings(&read(ALL.as_bytes()));
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].starts_with("phrase-row-of (row=8, name=ok): "), "{lost:?}");
}

#[test]
fn reference_files_are_read_whole() {
    for (name, kinds, numbers) in [
        ("checkboxes-1", "long_text 1, multiple 2, short_text 1", [0, 9, 0]),
        ("clinical-trial-1", "date 1, decimal 1, integer 1, short_text 6, single 3", [0, 11, 0]),
        ("decimal-comma-and-dot", "computed 2, decimal 4, short_text 2", [0, 0, 0]),
    ] {
        let Some(bytes) = reference(&format!("redcapr/{name}__dictionary.csv")) else { return };
        assert_eq!(counts(&bytes), (kinds.to_owned(), numbers), "{name}");
        assert_eq!(warnings(&read(&bytes)), Vec::<String>::new(), "{name}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(changes in prop::collection::vec(any::<(usize, u8, u8)>(), 0..12)) {
        exchange::questionnaire::import(&[("file", &mutated(ALL.as_bytes(), &changes))]);
    }

    #[test]
    fn any_logic_and_annotation_is_read_or_told(
        logic in "[a-z0-9_()'\\[\\] ,=<>+*/^-]{0,60}",
        annotation in "[A-Z@='()\\[\\]0-9 -]{0,40}",
    ) {
        let line = format!("field_name,field_type,branching_logic,field_annotation\na,text,\"{logic}\",\"{annotation}\"\n");
        exchange::questionnaire::import(&[("file", line.as_bytes())]);
    }
}

/// A table of fields that says nothing to be asked is no dictionary.
#[test]
fn a_list_of_fields_without_labels_is_no_dictionary() {
    let table = "source,table,field_name,form_name,field_type\n1,demo,race,demographics,checkbox\n";
    let reading = exchange::questionnaire::import(&[("fields.csv", table.as_bytes())]);
    assert!(reading.document.is_none());
    let told = reading.problems[0].to_string();
    assert!(told.contains("phrase-a-table-of-something-else"), "{told}");
}

/// Dictionaries that were put together by hand have fields twice, in other forms or other
/// matrices.
#[test]
fn a_field_that_is_there_twice_is_two_questions() {
    let rows = "field_name,form_name,field_type,field_label,select_choices,matrix_group_name,branching_logic\n\
        id,first,text,Id,,,\n\
        uses,first,checkbox,What do you use?,\"1, Bus | 2, Tram\",,\n\
        m,first,radio,Row,\"1, Often | 2, Seldom\",grid,\n\
        why,first,text,Why?,,,[uses(1)] = 1\n\
        uses,second,checkbox,What did you use?,\"1, Bus | 2, Tram\",,\n\
        m,second,radio,Row again,\"1, Often | 2, Seldom\",grid,\n";
    let reading = read(rows.as_bytes());
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let document = reading.document.expect("read");
    let all = questions(&document);
    assert_eq!(all["uses_2"].wording.get("en", ""), "What did you use?");
    assert_eq!(all["why"].relevant.as_deref(), Some("selected(uses, '1')"));
    assert!(document.remarks.iter().any(|one| one.original == "uses → uses_2"));
}
