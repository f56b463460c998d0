//! What simulated respondents were asked here, as the engines of other programs are given
//! it: they fill in the same form with the same answers, and the questions that they show
//! are compared. Nothing is run here.

pub mod compared;
pub mod engines;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};
use survey_builder::problem::Finding;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::document::{Document, Item, Kind, Question, Section};
use survey_builder::questionnaire::dry_run::answers_of;
use survey_builder::questionnaire::expression::{Node, Operation};
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::order::arms_of;
use survey_builder::questionnaire::path::{Member, Path, Within, key};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;

/// A form with respondents, as the scripts beside the engines read it. `lost` are the
/// problems of writing the form: what it left out is not compared. A `foreign` form is
/// one that was not written here; what it lacks is not compared either.
pub fn case(
    version: &Version,
    form: &Json,
    lost: &[Finding],
    foreign: bool,
    (respondents, seed, today): (u32, u64, NaiveDate),
) -> Json {
    let document = &version.document;
    let mut aside = places(document, lost);
    let untold = document.questions().filter(|one| !is_given(&one.kind));
    aside.extend(untold.map(|one| one.name.clone()));
    let read_first: BTreeSet<String> = document
        .questions()
        .filter(|one| !one.kind.takes_answer() || !is_given(&one.kind))
        .map(|one| one.name.clone())
        .filter(|name| aside.contains(name))
        .collect();
    aside.extend(ahead(version, &read_first));
    let respondents: Vec<Json> = (0..u64::from(respondents))
        .filter_map(|number| respondent(version, seed.wrapping_add(number), today))
        .collect();
    let questions: Vec<Json> = document
        .questions()
        .map(|question| {
            let first = question.items().first().map_or(question.id, |item| item.id);
            let around = version.rosters_around(first).iter();
            let names: Vec<&str> = around
                .filter_map(|id| document.rosters.iter().find(|one| one.id == *id))
                .map(|roster| roster.name.as_str())
                .collect();
            json!({ "name": question.name, "kind": question.kind.name(), "rosters": names })
        })
        .collect();
    json!([{
        "file": document.name,
        "form": form,
        "foreign": foreign,
        "questions": questions,
        "lost": aside,
        "today": today.to_string(),
        "respondents": respondents,
    }])
}

/// Whether an engine can be given the answers of that kind.
fn is_given(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::File(_)
            | Kind::Signature
            | Kind::Geo(_)
            | Kind::DateTime
            | Kind::Ranking(_)
            | Kind::ItemCount(_)
            | Kind::ChoiceSet(_)
    )
}

/// What one respondent gave and what came of it; nothing of those whose interview ended
/// before its last page, which other programs know nothing of.
fn respondent(version: &Version, seed: u64, today: NaiveDate) -> Option<Json> {
    let answers = answers_of(version, seed, today);
    let path = route(version, &answers, today);
    if path.ending.is_some() {
        return None;
    }
    let values = given(version, &path, &answers);
    let asked: BTreeSet<String> = met(version, &path)
        .into_iter()
        .filter(|(question, within)| path.asks(key(question.id, within)))
        .map(|(question, within)| placed(&question.name, &within))
        .collect();
    Some(json!({
        "values": values,
        "asked": asked,
        "computed": computed(version, &path),
        "members": members(version, &path),
        "chances": chances(version, &answers),
    }))
}

/// The answers that were given, each with its item and the places of its members.
fn given(version: &Version, path: &Path, answers: &Answers) -> Vec<Json> {
    let mut found = Vec::new();
    for (question, within) in met(version, path) {
        let is_value = question.kind.takes_answer() || matches!(question.kind, Kind::Hidden(_));
        if !is_value || !is_given(&question.kind) || !path.asks(key(question.id, &within)) {
            continue;
        }
        for item in question.items() {
            let own = key(item.id, &within);
            let stored = answers.get(own).or_else(|| path.answers.get(own));
            let value = stored.filter(|_| path.asks_item(own)).and_then(|answer| match answer {
                Answer::Value(value) => Some(written(value)),
                Answer::Missing(state) => code_of(version, question, &item, *state),
            });
            let places: Vec<usize> = within.iter().map(|member| member.place).collect();
            found.extend(value.map(|value| json!([item.name, value, places])));
        }
    }
    found
}

/// The code of the option that stands for having no value.
fn code_of(version: &Version, question: &Question, item: &Item<'_>, state: State) -> Option<Json> {
    let list = item.list().or(question.kind.list()).and_then(|list| version.document.list(list))?;
    let option = list.options.iter().find(|option| option.missing == Some(state))?;
    let is_set = matches!(*item.kind_in(question), Kind::Multiple(_));
    Some(if is_set { json!([option.code]) } else { json!(option.code) })
}

/// A value as scripts read it.
pub fn written(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => json!(truth),
        Value::Number(number) => json!(number),
        Value::Text(text) | Value::Option(text) => json!(text),
        Value::Date(day) => json!(day.to_string()),
        Value::Time(minutes) => json!(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        Value::Set(codes) => json!(codes),
        Value::List(values) => values.iter().flatten().map(written).collect(),
    }
}

/// A name, and the places of the members it is asked of: `age@2`, `km@2.1`.
fn placed(name: &str, within: &[Member]) -> String {
    let places: Vec<String> = within.iter().map(|member| member.place.to_string()).collect();
    if places.is_empty() { name.to_owned() } else { format!("{name}@{}", places.join(".")) }
}

/// Every question on a path with the members it is asked of.
fn met<'v>(version: &'v Version, path: &Path) -> Vec<(&'v Question, Within)> {
    let mut found = Vec::new();
    for (index, compiled) in version.pages().iter().enumerate() {
        let questions = version.page(index).map_or(&[][..], |page| &page.questions);
        for within in path.members_of(&compiled.rosters) {
            found.extend(questions.iter().map(|one| (one, Within::clone(&within))));
        }
    }
    found
}

fn computed(version: &Version, path: &Path) -> Map<String, Json> {
    let all = met(version, path).into_iter();
    let computed = all.filter(|(question, _)| matches!(question.kind, Kind::Computed(_)));
    computed
        .filter_map(|(question, within)| {
            let value = path.answers.get(key(question.id, &within)).and_then(Answer::value)?;
            Some((placed(&question.name, &within), written(value)))
        })
        .collect()
}

/// How many members each roster has, by its name and the members around it.
fn members(version: &Version, path: &Path) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for compiled in version.pages() {
        for depth in 0..compiled.rosters.len() {
            let roster =
                version.document.rosters.iter().find(|one| one.id == compiled.rosters[depth]);
            let name = roster.map_or("", |roster| &roster.name);
            for within in path.members_of(&compiled.rosters[..depth]) {
                let there = path.rosters.get(&key(compiled.rosters[depth], &within));
                found.insert(placed(name, &within), there.map_or(0, Vec::len));
            }
        }
    }
    found
}

/// What chance decided outside rosters, as forms have it: an arm is a number between 0
/// and 1.
fn chances(version: &Version, answers: &Answers) -> Map<String, Json> {
    let outside = version.pages().iter().enumerate().filter(|(_, page)| page.rosters.is_empty());
    let mut found = Map::new();
    for (index, compiled) in outside {
        let questions = version.page(index).map_or(&[][..], |page| &page.questions);
        for (question, _) in questions.iter().zip(&compiled.questions).filter(|(_, it)| it.is_drawn)
        {
            let Some(value) = answers.get(question.id).and_then(Answer::value) else { continue };
            let arms = arms_of(version, question);
            match value {
                Value::Option(code) if !arms.is_empty() => {
                    let place = arms.iter().position(|arm| arm == code).unwrap_or_default();
                    #[expect(clippy::cast_precision_loss, reason = "a handful of arms")]
                    let middle = (place as f64 + 0.5) / arms.len() as f64;
                    found.insert(format!("{}_drawn", question.name), json!(middle));
                }
                value => {
                    found.insert(question.name.clone(), written(value));
                }
            }
        }
    }
    found
}

/// The questions that something was left out of, also with their section or page.
pub fn places(document: &Document, lost: &[Finding]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    // What is written in another way asks the same.
    let otherwise = ["export_changed", "export_gone"];
    for finding in lost.iter().filter(|one| !otherwise.contains(&one.problem.code.as_str())) {
        all.extend(finding.problem.place.to_string().split(", ").map(str::to_owned));
    }
    let rosters = document.rosters.iter();
    let nameless: Vec<String> = rosters.map(|roster| format!("${{{}}}", roster.name)).collect();
    for section in document.all_sections() {
        let whole = all.contains(&section.name);
        for page in section.with_inner().into_iter().flat_map(Section::own_pages) {
            let within = whole || all.contains(&page.name);
            for question in &page.questions {
                let mut words = question.wording.0.values();
                let names = words.any(|words| nameless.iter().any(|one| words.contains(one)));
                if within || names {
                    all.insert(question.name.clone());
                }
            }
        }
    }
    all
}

/// The questions that read what is asked after them or something that is `lost`, or that
/// chance shows or hides: a page is worked out from top to bottom here, others work out
/// all at once.
pub fn ahead(version: &Version, lost: &BTreeSet<String>) -> BTreeSet<String> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut found: BTreeSet<String> = lost.clone();
    let mut place = 0;
    for page in version.pages() {
        for question in &page.questions {
            place += 1;
            for item in &question.items {
                places.insert(reference(*item), place);
                let name = version.question(*item).map(|question| question.name.clone());
                names.insert(reference(*item), name.unwrap_or_default());
            }
        }
    }
    place = 0;
    for (index, page) in version.pages().iter().enumerate() {
        let written = version.page(index).map_or(&[][..], |page| &page.questions);
        for (question, compiled) in written.iter().zip(&page.questions) {
            place += 1;
            let all = page.relevant.iter().chain(&compiled.relevant).chain(&compiled.calculation);
            let mut falls = false;
            for expression in all {
                expression.tree.each(&mut |node| {
                    let later = match node {
                        Node::Question(read) | Node::Instances(read) => {
                            let known = places.get(read).is_none_or(|other| *other >= place);
                            let with_it = names.get(read).is_some_and(|name| found.contains(name));
                            known || with_it
                        }
                        Node::Call(Operation::Random, _) => !compiled.is_drawn,
                        _ => false,
                    };
                    falls |= later;
                });
            }
            if falls {
                found.insert(question.name.clone());
            }
        }
    }
    found
}
