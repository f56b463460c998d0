//! Runs `fixtures/scenarios/*.md`: tables that say what path a person takes.
//! Columns before `path` are stored answers; columns after it what is expected.

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::expression::{Type, print_number};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;

fn fixture(path: &str) -> String {
    let path = format!("{}/../../fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn version(name: &str) -> Version {
    let document: Document =
        serde_json::from_str(&fixture(&format!("questionnaires/{name}.json"))).expect("a document");
    publish(document).expect("can be published")
}

fn answer(version: &Version, name: &str, cell: &str) -> Option<Answer> {
    if cell.is_empty() {
        return None;
    }
    if cell == "-" {
        return Some(Answer::Missing(State::Skipped));
    }
    if let Some(state) = cell.strip_prefix('(').and_then(|cell| cell.strip_suffix(')')) {
        return Some(Answer::Missing(State::from_name(state).expect("a state")));
    }
    let kind = version.answer_type(name).unwrap_or_else(|| panic!("no question {name}"));
    Some(Answer::Value(match kind {
        Type::Option(_) => Value::Option(cell.to_owned()),
        Type::Set(_) => Value::Set(cell.split(' ').map(str::to_owned).collect()),
        Type::Number => Value::Number(cell.parse().expect("a number")),
        _ => Value::Text(cell.to_owned()),
    }))
}

fn shown(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Value(Value::Option(code) | Value::Text(code))) => code.clone(),
        Some(Answer::Value(Value::Number(number))) => print_number(*number),
        Some(Answer::Value(other)) => format!("{other:?}"),
        Some(Answer::Missing(state)) => state.name().to_owned(),
        None => "nothing".to_owned(),
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn scenarios() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    let folder = format!("{}/../../fixtures/scenarios", env!("CARGO_MANIFEST_DIR"));
    let mut rows_run = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let file = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&file).expect("a scenario");
        let name = text
            .split("Questionnaire: `")
            .nth(1)
            .and_then(|rest| rest.split('`').next())
            .unwrap_or_else(|| panic!("{}: names no questionnaire", file.display()));
        let version = version(name);
        let mut header: Vec<&str> = Vec::new();
        for line in text.lines() {
            if !line.starts_with('|') {
                header.clear();
                continue;
            }
            let row = cells(line);
            if header.is_empty() {
                header = row;
                continue;
            }
            if row.iter().all(|cell| cell.chars().all(|sign| sign == '-') && cell.len() > 1) {
                continue;
            }
            run(&version, &header, &row, today);
            rows_run += 1;
        }
    }
    println!("scenarios: {rows_run} passed, 0 failed");
    assert!(rows_run > 10);
}

fn run(version: &Version, header: &[&str], row: &[&str], today: NaiveDate) {
    let split = header.iter().position(|name| *name == "path").expect("a column path");
    let mut answers = Answers::default();
    for (name, cell) in header[..split].iter().zip(row) {
        let (item, _) = version.item_named(name).unwrap_or_else(|| panic!("no question {name}"));
        if let Some(answer) = answer(version, name, cell) {
            answers.set(item, answer);
        }
    }
    let path = route(version, &answers, today);
    let pages: Vec<&str> = path.stops.iter().map(|stop| stop.name(version)).collect();
    assert_eq!(pages.join(" "), row[split], "{row:?}");
    for (name, expected) in header[split + 1..].iter().zip(&row[split + 1..]) {
        let found = if *name == "ending" {
            path.ending.map_or("none".to_owned(), |ending| format!("{ending:?}").to_lowercase())
        } else {
            let (item, _) =
                version.item_named(name).unwrap_or_else(|| panic!("no question {name}"));
            shown(path.answers.get(item))
        };
        assert_eq!(found, *expected, "{name} in {row:?}");
    }
}
