//! Questionnaires of Survey Solutions: both shapes, archives with translations and
//! categories, conditions in C#, rosters, and what is hostile.

mod importing;

use std::io::{Cursor, Write as _};

use exchange::questionnaire::{Format, import};
use serde_json::{Value, json};
use survey_builder::questionnaire::document::{Document, Kind, Members, Required, Shown};
use survey_builder::questionnaire::publish::publish;

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/survey-solutions/");
    std::fs::read(format!("{folder}{name}")).expect("a fixture")
}

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&fixture(name)).expect("json")
}

fn part(name: &str) -> String {
    json_of("parts.json")[name].as_str().expect("an identity").to_owned()
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        made.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a part");
        made.write_all(content).expect("written");
    }
    made.finish().expect("an archive").into_inner()
}

/// The rows of a file as a workbook, the first row with their headings.
fn workbook(rows: &Value, sheet: &str) -> Vec<u8> {
    let rows = rows.as_array().expect("rows");
    let mut keys: Vec<&String> = Vec::new();
    for key in rows.iter().flat_map(|row| row.as_object().expect("a row").keys()) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let mut book = rust_xlsxwriter::Workbook::new();
    let made = book.add_worksheet().set_name(sheet).expect("a sheet");
    for (column, key) in (0_u16..).zip(&keys) {
        made.write_string(0, column, key.as_str()).expect("written");
        for (line, row) in (1_u32..).zip(rows) {
            match &row[key.as_str()] {
                Value::String(text) => made.write_string(line, column, text).map(|_| ()),
                Value::Number(number) => {
                    made.write_number(line, column, number.as_f64().expect("a number")).map(|_| ())
                }
                _ => Ok(()),
            }
            .expect("written");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// The archive of Designer, as it is stored.
fn archive() -> Vec<u8> {
    let translation = format!("Translations/{}.xlsx", part("translation"));
    let categories = format!("Categories/{}.xlsx", part("categories"));
    zipped(&[
        ("document.json", &fixture("household.json")),
        (&translation, &workbook(&json_of("household-vi.json"), "Translations")),
        (&categories, &workbook(&json_of("crops.json"), "Categories")),
        ("Lookup Tables/prices.txt", b"rowcode\trice\n1\t12\n"),
    ])
}

/// That of the newer export.
fn newer() -> Vec<u8> {
    let translation = format!("Translations/{}.json", part("newer translation"));
    let categories = format!("Categories/{}.json", part("newer categories"));
    zipped(&[
        ("document.json", &fixture("viec-lam.json")),
        (&translation, &fixture("viec-lam-en.json")),
        (&categories, &fixture("nganh.json")),
    ])
}

/// The condition of a question, empty if it is always asked.
fn condition<'d>(document: &'d Document, name: &str) -> &'d str {
    importing::questions(document)[name].relevant.as_deref().unwrap_or_default()
}

fn remarks<'d>(document: &'d Document, role: &str) -> Vec<&'d str> {
    let own = document.remarks.iter().filter(|one| one.role == role);
    own.map(|one| one.original.as_str()).collect()
}

#[test]
fn an_archive_is_read_whole() {
    let reading = import(&[("household.zip", &archive())]);
    assert_eq!(reading.format, Some(Format::SurveySolutions));
    let document = reading.document.expect("read");
    let kinds = importing::kinds(&document);
    for (name, kind) in [
        ("village", "short_text"),
        ("province", "single"),
        ("district", "single"),
        ("names", "short_text"),
        ("age", "integer"),
        ("born", "date"),
        ("work", "multiple"),
        ("half_age", "computed"),
        ("area", "decimal"),
        ("plot_gps", "geo"),
        ("plot_shape", "geo"),
        ("photo", "file"),
        ("sign", "signature"),
        ("voice", "file"),
        ("sticker", "short_text"),
        ("finished", "date_time"),
        ("checked", "hidden"),
        ("best", "single"),
        ("tool_best", "single"),
    ] {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
    }
    let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["en", "vi"]);
    assert_eq!(document.title.get("vi", ""), "Hộ gia đình và thửa đất");
    let questions = importing::questions(&document);
    assert_eq!(questions["age"].wording.get("vi", ""), "${members} bao nhiêu tuổi?");
    assert_eq!(questions["age"].instruction.get("vi", ""), "Tuổi tròn");
    assert_eq!(questions["has_land"].required, Required::Hard);
    let district = questions["district"].kind.choice().expect("a choice");
    assert_eq!(district.shown, Shown::Search);
    let list = document.list(&district.list).expect("its list");
    assert_eq!(list.options[0].label.get("vi", ""), "Đồng Văn");
    assert_eq!(list.options[2].attributes["parent"], "2");
    assert!(remarks(&document, "Translations.Tiếng Việt")[0].contains("không còn"));
    assert_eq!(remarks(&document, "files"), ["Lookup Tables/prices.txt"]);
    assert_eq!(remarks(&document, "version"), ["2026-3"]);
    for role in ["macros", "lookup tables", "checks", "special value", "VariableLabel"] {
        assert!(!remarks(&document, role).is_empty(), "{role}: {:?}", document.remarks);
    }
}

#[test]
fn rosters_have_their_members() {
    let document = importing::document(&archive());
    let members = |name: &str| &document.roster(name).expect("a roster").members;
    let Members::Added { at_most, .. } = members("members") else { panic!("members are added") };
    assert_eq!(*at_most, Some(20));
    assert!(matches!(members("crops_grown"), Members::Chosen { question } if question == "grown"));
    assert!(matches!(members("plot"), Members::Count { expression, .. } if expression == "plots"));
    let Members::Fixed { members: tools } = members("tools") else { panic!("fixed titles") };
    assert_eq!(tools[1].code, "2");
    assert_eq!(tools[1].label.get("vi", ""), "Cày");
    let label = |name: &str| document.roster(name).expect("a roster").label.get("en", "");
    assert_eq!(label("members"), "${names}");
    assert_eq!(label("plot"), "${plot_name}");
    // The list and the group ask about the same members.
    let each = |roster: &str| {
        let all = document.all_sections().into_iter();
        all.filter(|one| one.each.as_ref().is_some_and(|each| each.roster == roster)).count()
    };
    assert_eq!(each("members"), 2);
}

#[test]
fn conditions_say_the_same() {
    let document = importing::document(&archive());
    for (name, expected) in [
        ("born", "age < 5"),
        ("work", "age >= 15 and answered(age)"),
        ("employer", "selected(work, '2') and not(coalesce(selected(work, '4'), false))"),
        ("grown", "has_land = '1'"),
        ("area", "coalesce(selected_at(grown, position() - 1) != '3', true)"),
        ("sold", "answered(area) and area > 0.5"),
        ("best", "count_selected(grown) > 1"),
        ("plots", "coalesce(has_land != '2', true)"),
        ("tool_age", "position() = 2 and tool_count > 0"),
        ("adults", "count(members) > 0"),
    ] {
        assert_eq!(condition(&document, name), expected, "{name}");
    }
    let questions = importing::questions(&document);
    let age = &questions["age"].constraints;
    assert_eq!(age[0].expression, ". >= 0 and . <= 120");
    assert_eq!(age[0].message.get("vi", ""), "${age} tuổi là không đúng");
    assert!(!age[0].soft && age[1].soft);
    let filter = |name: &str| questions[name].kind.choice().and_then(|one| one.filter.clone());
    assert_eq!(filter("district").as_deref(), Some("attribute(., 'parent') = code(province)"));
    assert_eq!(filter("best").as_deref(), Some("selected(grown, .)"));
    let Kind::Computed(half) = &questions["half_age"].kind else { panic!("worked out") };
    assert_eq!(half.expression, "if(age / 2 < 0, ceil(age / 2), floor(age / 2))");
    let Kind::Computed(mean) = &questions["mean_age"].kind else { panic!("worked out") };
    assert_eq!(mean.expression, "mean(members.age)");
    assert_eq!(
        document.checks[0].message.get("vi", ""),
        "Số người lớn không thể nhiều hơn số người"
    );
    // What has no counterpart is kept in its own words.
    let lost = remarks(&document, "relevant");
    assert!(lost.contains(&"prices[1].rice > 2"), "{lost:?}");
}

#[test]
fn the_newer_shape_is_read_too() {
    let reading = import(&[("viec-lam.zip", &newer())]);
    let document = reading.document.expect("read");
    let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["vi", "en"]);
    assert_eq!(condition(&document, "lam_viec"), "tuoi >= 15");
    assert_eq!(condition(&document, "ly_do"), "lam_viec = '2'");
    assert_eq!(
        condition(&document, "luong"),
        "lam_viec = '1' and not(coalesce(selected(ly_do, '1'), false))"
    );
    let questions = importing::questions(&document);
    assert_eq!(questions["so_nguoi"].wording.get("en", ""), "How many people are there?");
    let list = questions["nganh_chinh"].kind.list().and_then(|name| document.list(name));
    let labels: Vec<&str> =
        list.expect("categories").options.iter().map(|one| one.label.get("en", "vi")).collect();
    assert_eq!(labels, ["Farming", "Công nghiệp", "Dịch vụ"]);
    let Kind::Computed(sum) = &questions["tong_luong"].kind else { panic!("worked out") };
    assert_eq!(sum.expression, "coalesce(sum(nguoi.luong), 0)", "of nobody it is 0 there");
    let people = document.all_sections().into_iter().find(|one| one.name == "nguoi");
    assert_eq!(people.expect("a section").title.get("vi", ""), "Người");
    assert!(remarks(&document, "YesNoView").len() == 1);
    publish(document).unwrap_or_else(|problems| panic!("{problems:?}"));
}

#[test]
fn what_is_read_can_be_published() {
    let document = importing::document(&archive());
    publish(document).unwrap_or_else(|problems| panic!("{problems:?}"));
}

#[test]
fn a_document_alone_says_what_is_missing() {
    let reading = import(&[("document.json", &fixture("household.json"))]);
    assert_eq!(reading.format, Some(Format::SurveySolutions));
    let document = reading.document.expect("read");
    assert_eq!(importing::kinds(&document)["grown"], "short_text");
    assert_eq!(remarks(&document, "choices"), ["crops"]);
}

fn refusal(bytes: &[u8]) -> String {
    let reading = import(&[("file.zip", bytes)]);
    assert!(reading.document.is_none());
    format!("{:?}", reading.problems)
}

#[test]
fn hostile_archives_are_refused() {
    let zeros = vec![0; 70 << 20];
    // What all of them unpack to counts, not each alone.
    let bomb = [
        ("document.json", &b"{}"[..]),
        ("translations/a.json", &zeros),
        ("translations/b.json", &zeros),
    ];
    assert!(refusal(&zipped(&bomb)).contains("phrase-part-too-large"));
    assert!(refusal(&zipped(&[("document.json", b"{")])).contains("import_unreadable"));
    assert!(refusal(&zipped(&[("document.json", b"[1]")])).contains("no_questionnaire"));
    let deep = format!("{}{}", "{\"Children\":[".repeat(2_000), "]}".repeat(2_000));
    assert!(refusal(&zipped(&[("document.json", deep.as_bytes())])).contains("import_unreadable"));
    let many: Vec<String> = (0..5_001).map(|number| format!("Translations/{number}")).collect();
    let mut parts: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    parts.push(("document.json", b"{}"));
    assert!(refusal(&zipped(&parts)).contains("too-many-files"));
    // A translation that is none is told, and the rest is read.
    let bent = zipped(&[
        ("document.json", &fixture("household.json")),
        ("Translations/1.xlsx", b"no workbook"),
    ]);
    let reading = import(&[("file.zip", &bent)]);
    assert!(reading.document.is_some());
    assert!(format!("{:?}", reading.problems).contains("import_part"));
}

#[test]
fn a_condition_without_end_is_a_remark() {
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    let macros = json!({"1": {"Name": "m", "Content": "$m + $m"}});
    let question = |name: &str, condition: &str| {
        json!({"$type": "TextQuestion", "StataExportCaption": name, "QuestionText": name,
               "ConditionExpression": condition})
    };
    let document = json!({"Title": "t", "Macros": macros, "Children": [
        {"$type": "Group", "Title": "g",
         "Children": [question("a", ""), question("b", &deep), question("c", "$m > 1")]},
    ]});
    let reading = import(&[("t.json", &serde_json::to_vec(&document).expect("json"))]);
    let document = reading.document.expect("read");
    assert_eq!(remarks(&document, "relevant").len(), 2);
}

/// The cover may hold questions, and all of them.
#[test]
fn questions_of_the_cover_are_read() {
    let document = json!({
        "Title": "Cover", "VariableName": "Q",
        "CoverPage": { "Type": "CoverPage", "Title": "Cover", "Children": [
            { "Type": "TextQuestion", "VariableName": "street", "QuestionText": "Which street?" }
        ]},
    });
    let document = importing::document(document.to_string().as_bytes());
    assert_eq!(importing::kinds(&document).get("street"), Some(&"short_text"));
}

/// A questionnaire with a roster of people, and texts that are asked under conditions.
fn of_people(conditions: &[&str]) -> Vec<u8> {
    let id = |number: usize| format!("0aaa{number:028}");
    let asked = |number: usize, condition: &str| {
        json!({"$type": "TextQuestion", "PublicKey": id(100 + number), "QuestionText": "Why?",
            "StataExportCaption": format!("why{number}"), "ConditionExpression": condition})
    };
    let why: Vec<Value> = conditions.iter().enumerate().map(|(at, one)| asked(at, one)).collect();
    let document = json!({"PublicKey": id(1), "Title": "People", "VariableName": "people_study",
        "Children": [
        {"$type": "Group", "PublicKey": id(2), "Title": "People", "VariableName": "people",
            "IsRoster": true, "RosterSizeSource": 1,
            "FixedRosterTitles": [{"Value": 1, "Title": "An"}, {"Value": 2, "Title": "Bình"}],
            "Children": [
            {"$type": "NumericQuestion", "PublicKey": id(3), "QuestionText": "Age?",
                "StataExportCaption": "age", "IsInteger": true},
            {"$type": "SingleQuestion", "PublicKey": id(4), "QuestionText": "Sex?",
                "StataExportCaption": "sex", "Answers": [
                {"AnswerText": "Man", "AnswerValue": "1"}, {"AnswerText": "Woman", "AnswerValue": "2"}]}]},
        {"$type": "Group", "PublicKey": id(5), "Title": "Reasons", "VariableName": "reasons",
            "Children": why}]});
    serde_json::to_vec(&document).expect("json")
}

#[test]
fn conditions_ask_all_members_of_a_roster() {
    let bytes = of_people(&[
        "people.Count(x => x.age > 17 && x.sex == 2) >= 2",
        "people.Any(x => !IsAnswered(x.age))",
        "people.All(p => p.sex == 1)",
        "people.Sum(x => x.age * 2) > 100",
        "people.Where(x => x.sex == 2).Count() == 1 && people.Where(x => x.sex == 2).Max(x => x.age) > 80",
        "people.Select(x => x.age).Average() > 30",
        "people.Where(x => x.age > 3).First().age > 2",
    ]);
    let reading = import(&[("document.json", &bytes)]);
    let told: Vec<String> = reading
        .problems
        .iter()
        .filter(|one| one.problem.code == "import_formula")
        .map(|one| one.problem.place.to_string())
        .collect();
    assert_eq!(told, ["why6"], "{:?}", reading.problems);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let document = reading.document.expect("read");
    let all = importing::questions(&document);
    let value = |name: &str| match &all[name].kind {
        Kind::Computed(computed) => computed.expression.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let relevant = |name: &str| all[name].relevant.clone().unwrap_or_default();
    assert_eq!(relevant("why0"), "coalesce(sum(people.people_each), 0) >= 2");
    assert_eq!(value("people_each"), "if(coalesce(age > 17 and sex = '2', false), 1, 0)");
    assert_eq!(relevant("why1"), "coalesce(sum(people.people_each_2), 0) > 0");
    assert_eq!(value("people_each_2"), "if(not(answered(age)), 1, 0)");
    assert_eq!(relevant("why2"), "coalesce(sum(people.people_each_3), 0) = 0");
    assert_eq!(value("people_each_4"), "age * 2");
    assert_eq!(relevant("why5"), "mean(people.age) > 30");
    let version = publish(document).expect("published");
    // The last is asked always: its condition is lost.
    let asked = |ages: [&str; 2], sexes: [&str; 2]| {
        let mut names = asked_of(&version, ages, sexes);
        assert_eq!(names.pop().as_deref(), Some("why6"));
        names
    };
    let names = asked(["70", "81"], ["2", "1"]);
    assert_eq!(names, ["why3", "why5"], "one woman of 70");
    let names = asked(["20", "20"], ["2", "2"]);
    assert_eq!(names, ["why0"], "two women of age");
    let names = asked(["9", "12"], ["1", "1"]);
    assert_eq!(names, ["why2"], "no woman");
}

/// The reasons that are asked for with these answers of the two people.
fn asked_of(
    version: &survey_builder::questionnaire::version::Version,
    ages: [&str; 2],
    sexes: [&str; 2],
) -> Vec<String> {
    use survey_builder::questionnaire::answer::Answers;
    use survey_builder::questionnaire::routing::route;
    use survey_builder::questionnaire::validate::{Posted, check_page};
    let today = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day");
    let mut stored = Answers::default();
    let mut done = 0;
    loop {
        let path = route(version, &stored, today);
        let Some(stop) = path.stops.get(done) else {
            let asked = version.document.questions().filter(|one| path.asks(one.id));
            let names = asked.map(|one| one.name.clone());
            return names.filter(|name| name.starts_with("why")).collect();
        };
        done += 1;
        let mut posted = Posted::default();
        if let Some(member) = stop.within.last() {
            posted.insert("age".to_owned(), vec![ages[member.place - 1].to_owned()]);
            posted.insert("sex".to_owned(), vec![sexes[member.place - 1].to_owned()]);
        }
        if let Some(checked) = check_page(version, stop, &stored, &posted, today, 1) {
            stored.apply(&checked.answers);
        }
    }
}
