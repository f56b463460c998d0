//! Piping: answers inserted into texts at `${name}`; inside a roster the answers
//! of the member one is in, and at the roster's own name what it is called.
//!
//! The result is plain text; whoever puts it into HTML escapes it.

use super::answer::{Answer, Value};
use super::expression::print_number;
use super::member::{Member, member_label};
use super::routing::{Path, answer_within};
use super::version::Version;

/// What stands for an answer that is missing.
const PLACEHOLDER: &str = "…";

/// The names between `${` and `}` in a text, in order.
pub fn piped_names(text: &str) -> Vec<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim())).collect()
}

/// Fills a text with the answers on the path, as `within` sees them.
pub fn fill(
    text: &str,
    version: &Version,
    path: &Path,
    within: &[Member],
    language: &str,
) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                filled.push_str(&shown(name.trim(), version, path, within, language));
                filled.push_str(rest);
            }
            None => {
                filled.push_str("${");
                filled.push_str(part);
            }
        }
    }
    filled
}

fn shown(name: &str, version: &Version, path: &Path, within: &[Member], language: &str) -> String {
    let Some((item, question)) = version.item_named(name) else {
        let roster = version.document.roster(name);
        let depth = roster.and_then(|it| within.iter().position(|one| one.roster == it.id));
        return match depth {
            // A label that names its own roster would go round for ever.
            Some(depth) if !labels_itself(version, name) => {
                member_label(version, path, &within[..=depth], language)
            }
            _ => PLACEHOLDER.to_owned(),
        };
    };
    let answer = answer_within(version, path, within, item);
    let Some(value) = answer.and_then(Answer::value) else { return PLACEHOLDER.to_owned() };
    let label = |code: &String| {
        let document = &version.document;
        question
            .kind
            .list()
            .and_then(|list| document.list(list))
            .and_then(|list| list.options.iter().find(|option| option.code == *code))
            .map_or_else(
                || code.clone(),
                |option| option.label.get(language, &document.default_language).to_owned(),
            )
    };
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) if language == "vi" => print_number(*number).replace('.', ","),
        Value::Number(number) => print_number(*number),
        Value::Date(day) => day.format("%d/%m/%Y").to_string(),
        Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
        Value::Option(code) => label(code),
        Value::Set(codes) => codes.iter().map(label).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::List(_) => PLACEHOLDER.to_owned(),
    }
}

fn labels_itself(version: &Version, name: &str) -> bool {
    let rosters = &version.document.rosters;
    let reads = |from: &str, to: &str| {
        let label = rosters.iter().find(|roster| roster.name == from).map(|roster| &roster.label);
        label.is_some_and(|label| label.0.values().any(|text| piped_names(text).contains(&to)))
    };
    // Labels of rosters that name each other are cut too.
    reads(name, name)
        || rosters.iter().any(|other| reads(name, &other.name) && reads(&other.name, name))
}
