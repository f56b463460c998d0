//! Documents as `SurveyJS` models: read again they are what they were, and
//! `SurveyJS` itself shows the same questions.

mod answering;
mod importing;

use std::collections::{BTreeMap, BTreeSet};

use answering::Depth;
use exchange::questionnaire::{Finding, import};
use exchange::surveyjs;
use serde_json::{Value, json};
use survey_builder::questionnaire::answer::{Answer, Answers};
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{Block, Document, Kind, Question, Section, Text};
use survey_builder::questionnaire::routing::route;

/// A question with all that decides about it, without identities and looks.
type Flat = BTreeMap<String, (Value, String)>;

/// The questions by name, each with the conditions and rosters around it.
fn flat(document: &Document) -> Flat {
    fn walk(
        document: &Document,
        section: &Section,
        around: &[String],
        conditions: &[String],
        found: &mut Flat,
    ) {
        let mut around = around.to_vec();
        let mut conditions = conditions.to_vec();
        conditions.extend(section.relevant.clone());
        if let Some(each) = &section.each {
            around.push(format!("{} {}", each.roster, each.filter.clone().unwrap_or_default()));
        }
        for block in &section.blocks {
            match block {
                Block::Section(inner) => walk(document, inner, &around, &conditions, found),
                Block::Page(page) => {
                    for question in &page.questions {
                        let mut all = conditions.clone();
                        all.extend(page.relevant.clone());
                        let mut bare = question.clone();
                        all.extend(bare.relevant.take());
                        let mut value = importing::bare(serde_json::to_value(&bare).expect("json"));
                        with_options(&mut value, document, matches!(bare.kind, Kind::Single(_)));
                        plain(&mut value);
                        let place = format!("{around:?} {}", joined(&all));
                        found.insert(question.name.clone(), (value, place));
                    }
                }
            }
        }
    }
    let mut found = Flat::new();
    for section in &document.sections {
        walk(document, section, &[], &[], &mut found);
    }
    found
}

/// Options in the place of the names of lists, which models do not have.
fn with_options(value: &mut Value, document: &Document, one: bool) {
    match value {
        Value::Object(parts) => {
            if let Some(Value::String(list)) = parts.get("list") {
                let mut options = document.list(list).map(|list| list.options.clone());
                for option in options.iter_mut().flatten() {
                    // Nothing else can be chosen beside it anyway.
                    option.exclusive &= !one;
                    if option.label.is_empty() {
                        option.label = Text::new(&document.default_language, &option.code);
                    }
                }
                parts["list"] = importing::bare(json!(options));
            }
            parts.values_mut().for_each(|part| with_options(part, document, one));
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| with_options(part, document, one)),
        _ => {}
    }
}

/// Texts without markup and spaces, which models lose; a language without a
/// name is the usual one there.
fn plain(value: &mut Value) {
    match value {
        Value::Object(parts) => {
            if let Some(text) = parts.remove("und") {
                parts.insert("en".to_owned(), text);
            }
            for (key, part) in parts.iter_mut() {
                if ["wording", "hint", "label", "message", "low", "high"].contains(&key.as_str()) {
                    part.as_object_mut()
                        .into_iter()
                        .flatten()
                        .for_each(|(_, text)| bare_words(text));
                }
                plain(part);
            }
            if let Some(text) = parts.remove("und") {
                parts.insert("en".to_owned(), text);
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(plain),
        _ => {}
    }
}

fn bare_words(text: &mut Value) {
    let mut words = String::new();
    let mut inside = false;
    let written = text.as_str().unwrap_or_default().replace("${", "{");
    for next in written.chars() {
        match next {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside && !next.is_whitespace() => words.push(next),
            _ => {}
        }
    }
    *text = json!(words);
}

/// What differs between a question and what it became.
fn shown(before: &(Value, String), after: Option<&(Value, String)>) -> String {
    let Some(after) = after else { return "  gone".to_owned() };
    let mut lines = Vec::new();
    if before.1 != after.1 {
        lines.push(format!("  {}\n  {}", before.1, after.1));
    }
    let none = Value::Null;
    let keys = |value: &Value| -> Vec<String> {
        value.as_object().map(|parts| parts.keys().cloned().collect()).unwrap_or_default()
    };
    let all: BTreeSet<String> = keys(&before.0).into_iter().chain(keys(&after.0)).collect();
    for key in all {
        let [one, other] = [&before.0, &after.0].map(|value| value.get(&key).unwrap_or(&none));
        if one != other {
            lines.push(format!("  {key}: {one}\n  {key}: {other}"));
        }
    }
    lines.join("\n")
}

/// Conditions that must all hold, as one.
fn joined(conditions: &[String]) -> String {
    conditions.join(" and ").replace(['(', ')'], "")
}

#[test]
fn what_is_written_is_read_again() {
    let [mut all, mut same, mut excused, mut routed] = [0; 4];
    let mut surprising = Vec::new();
    for (file, document) in importing::documents() {
        let (model, lost) = surveyjs::export(&document);
        let bytes = serde_json::to_vec(&model).expect("json");
        let again = import(&[("model.json", &bytes)]);
        let Some(again) = again.document else {
            panic!("{file}: {:?}", again.problems);
        };
        let parts = parts_lost(&lost);
        let lost = importing::places(&document, &lost);
        let (before, after) = (flat(&document), flat(&again));
        let mut otherwise = Vec::new();
        for (name, question) in &before {
            all += 1;
            let without = parts.get(name);
            let became = after.get(name);
            if lost.contains(name) && without.is_none() {
                excused += 1;
            } else if became
                .is_some_and(|became| bare_of(without, became) == bare_of(without, question))
            {
                same += 1;
            } else {
                otherwise.push(name);
            }
        }
        // A condition on a value that could not be written, and was told, cannot be read.
        let is_value =
            |name: &str| before.get(name).is_some_and(|it| it.0["kind"]["type"] == "computed");
        let lost_values: Vec<&str> =
            lost.iter().map(String::as_str).filter(|name| is_value(name)).collect();
        let waits_for_lost = |question: &(Value, String)| {
            let mut words = question.1.split(|one: char| !one.is_alphanumeric() && one != '_');
            words.any(|word| lost_values.contains(&word))
        };
        let led = led_otherwise(document, again, &lost);
        for name in otherwise {
            let (question, became) = (&before[name], after.get(name));
            let without = parts.get(name.as_str());
            let said = became.is_some_and(|became| {
                same_but_for_conditions(&bare_of(without, question), &bare_of(without, became))
            });
            // What reads something that was left out falls with it.
            let text = question.0["kind"]["expression"].as_str().unwrap_or_default();
            let falls = lost.iter().any(|name| !name.is_empty() && text.contains(name.as_str()));
            if falls || waits_for_lost(question) {
                excused += 1;
            } else if said && !led.contains_key(name) {
                routed += 1;
            } else {
                surprising.push(format!("{file} {name}\n{}", shown(question, became)));
            }
        }
        for (name, how) in led.into_iter().filter(|(name, _)| !waits_for_lost(&before[name])) {
            surprising.push(format!("{file} {name}: {how}"));
        }
    }
    println!(
        "SurveyJS: {all} questions, {same} read again word for word, {routed} with conditions in \
         other words and the same paths, {excused} with something told as left out"
    );
    assert!(surprising.is_empty(), "{}", surprising.join("\n"));
}

/// What a question says and a model cannot, by its key in documents.
const SAID: [&str; 11] = [
    "number",
    "roles",
    "required",
    "instruction",
    "modes",
    "offers",
    "missing",
    "attributes",
    "ends",
    "unit",
    "list",
];

/// The questions of which nothing but such parts was left out, with these.
fn parts_lost(lost: &[Finding]) -> BTreeMap<String, BTreeSet<String>> {
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for problem in lost {
        let problem = &problem.problem;
        let what = problem.argument("what").expect("what was lost").to_string();
        let what = what.trim_start_matches("phrase-role-");
        for place in problem.place.to_string().split(", ") {
            parts.entry(place.to_owned()).or_default().insert(what.to_owned());
        }
    }
    parts.retain(|_, whats| whats.iter().all(|what| SAID.contains(&what.as_str())));
    parts
}

fn bare_of(without: Option<&BTreeSet<String>>, question: &(Value, String)) -> (Value, String) {
    fn strip(value: &mut Value, without: &BTreeSet<String>, top: bool) {
        match value {
            Value::Object(parts) => {
                parts.retain(|key, part| {
                    let list = key == "list" && (top || part.is_array());
                    !without.contains(key) || (key == "list" && !list)
                });
                parts.values_mut().for_each(|part| strip(part, without, false));
            }
            Value::Array(parts) => parts.iter_mut().for_each(|part| strip(part, without, false)),
            _ => {}
        }
    }
    let mut bare = question.clone();
    if let Some(without) = without {
        strip(&mut bare.0, without, true);
    }
    bare
}

/// Whether two questions differ in nothing but how conditions are written.
fn same_but_for_conditions(one: &(Value, String), other: &(Value, String)) -> bool {
    fn without(value: &mut Value) {
        match value {
            Value::Object(parts) => {
                for key in ["expression", "relevant", "required_when", "filter"] {
                    parts.remove(key);
                }
                parts.values_mut().for_each(without);
            }
            Value::Array(parts) => parts.iter_mut().for_each(without),
            _ => {}
        }
    }
    let [mut one, mut other] = [one.0.clone(), other.0.clone()];
    without(&mut one);
    without(&mut other);
    one == other
}

/// The questions that some respondents come to in one document and not in the
/// other, and the values that come out otherwise.
fn led_otherwise(
    document: Document,
    again: Document,
    lost: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let (version, _) = compile_version(document);
    let (again, _) = compile_version(again);
    let mut found = BTreeMap::new();
    for seed in 0..12 {
        let one = answering::respondent(&version, seed, Depth::Outside);
        let mut answers = Answers::default();
        for item in version.document.questions().flat_map(Question::items) {
            let known = again.item_named(&item.name);
            if let (Some(answer), Some((known, _))) = (one.answers.get(item.id), known) {
                answers.set(known, answer.clone());
            }
        }
        for given in &one.given {
            // A flagged option is one like others there.
            if let Some((item, _)) = again.item_named(&given.name) {
                answers.set(item, Answer::Value(given.value.clone()));
            }
        }
        if one.path.ending.is_some() {
            // An end by an option is told as left out.
            continue;
        }
        let path = route(&again, &answers, answering::today());
        let (before, after) =
            (answering::asked(&version, &one.path), answering::asked(&again, &path));
        for name in before.symmetric_difference(&after) {
            let known = version.document.questions().any(|one| one.name == *name);
            if !lost.contains(name) && known {
                found.insert(
                    name.clone(),
                    format!("asked {} with {:?}", before.contains(name), one.given),
                );
            }
        }
        let (before, after) =
            (answering::computed(&version, &one.path), answering::computed(&again, &path));
        // Members are not simulated here.
        for (name, value) in before.iter().filter(|(name, _)| !name.contains('@')) {
            let became = after.get(name);
            if became != Some(value) && !lost.contains(name) {
                found.insert(name.clone(), format!("{value:?} became {became:?}"));
            }
        }
    }
    found
}
