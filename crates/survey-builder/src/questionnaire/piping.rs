//! Piping: answers inserted into texts at `${name}`.
//!
//! The result is plain text; whoever puts it into HTML escapes it.

use super::answer::{Answer, Value};
use super::expression::print_number;
use super::routing::Path;
use super::version::Version;

/// What stands for an answer that is missing.
const PLACEHOLDER: &str = "…";

/// The names between `${` and `}` in a text, in order.
pub fn piped_names(text: &str) -> Vec<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim())).collect()
}

/// Fills a text with the answers on the path.
pub fn fill(text: &str, version: &Version, path: &Path, language: &str) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                filled.push_str(&shown(name.trim(), version, path, language));
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

fn shown(name: &str, version: &Version, path: &Path, language: &str) -> String {
    let found = version.item_named(name);
    let Some((item, question)) = found else { return PLACEHOLDER.to_owned() };
    let Some(value) = path.answers.get(item).and_then(Answer::value) else {
        return PLACEHOLDER.to_owned();
    };
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
