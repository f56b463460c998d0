//! Small files of each kind of fault that importers have had, each with what
//! should become of it (see `fixtures/cases/questionnaires/README.md`).

mod importing;

#[path = "cases/forms.rs"]
mod forms;
#[path = "cases/later.rs"]
mod later;
#[path = "cases/others.rs"]
mod others;
#[path = "cases/written.rs"]
mod written;

use exchange::questionnaire::{Reading, import};
use survey_builder::questionnaire::document::{Document, Question};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::version::Version;

/// A case, by the name of its file.
fn bytes(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cases/questionnaires");
    std::fs::read(std::path::Path::new(folder).join(name)).expect("a case")
}

fn case(name: &str) -> Reading {
    let bytes = bytes(name);
    let reading = import(&[(name, &bytes)]);
    assert!(reading.document.is_some(), "refused: {:?}", reading.problems);
    reading
}

fn document(name: &str) -> Document {
    case(name).document.expect("looked at before")
}

/// The case published: nothing stands in the way.
fn published(name: &str) -> Version {
    let reading = case(name);
    let obstacles: Vec<String> = reading.obstacles().iter().map(ToString::to_string).collect();
    assert!(obstacles.is_empty(), "{name}: {obstacles:?}");
    publish(reading.document.expect("looked at before")).expect("nothing stands in the way")
}

/// The codes of everything that was told.
fn told(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|one| one.problem.code.as_str()).collect()
}

fn question<'d>(document: &'d Document, name: &str) -> &'d Question {
    let mut all = document.questions();
    all.find(|question| question.name == name).unwrap_or_else(|| panic!("no question {name}"))
}

/// What a respondent's path is, with these answers posted one page after the
/// other: the names of the questions asked.
fn asked(version: &Version, answers: &[(&str, &[&str])]) -> Vec<String> {
    let (path, _) = walk(version, answers);
    version
        .document
        .questions()
        .filter(|question| question.kind.takes_answer() && path.asks(question.id))
        .map(|question| question.name.clone())
        .collect()
}

/// Posts answers on every page of the path in turn; the path in the end, and the
/// codes of what was refused.
fn walk(
    version: &Version,
    answers: &[(&str, &[&str])],
) -> (survey_builder::questionnaire::path::Path, Vec<String>) {
    use survey_builder::questionnaire::answer::Answers;
    use survey_builder::questionnaire::routing::route;
    use survey_builder::questionnaire::validate::{Posted, check_page};
    let today = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day");
    let mut stored = Answers::default();
    let mut refused = Vec::new();
    let mut done = 0;
    loop {
        let path = route(version, &stored, today);
        let Some(stop) = path.stops.get(done) else { return (path, refused) };
        done += 1;
        let posted: Posted = answers
            .iter()
            .map(|(name, values)| {
                ((*name).to_owned(), values.iter().map(|one| (*one).to_owned()).collect())
            })
            .collect();
        if let Some(checked) = check_page(version, stop, &stored, &posted, today, 1) {
            refused.extend(checked.mistakes.into_iter().map(|mistake| mistake.code));
            stored.apply(&checked.answers);
        }
    }
}
