//! Texts: markup taken out, answers inserted (`${q://QID1/…}`).

use survey_builder::questionnaire::document::Text;

use super::names::{Names, Sort};
use super::survey::{language_code, string};
use crate::account::Json;

/// The name of a field of embedded data, without what is said when it is blank.
pub(super) fn field_name(written: &str) -> String {
    written.split(['?', '&']).next().unwrap_or_default().trim().to_owned()
}

/// What of the participant is meant: `panel://FirstName`, `FirstName`.
pub(super) fn participant(written: &str) -> String {
    field_name(written.rsplit('/').next().unwrap_or_default())
}

/// The same text as it is written in each language.
pub(super) fn written_in_all(payload: &Json, path: &[&str], base: &str) -> Vec<String> {
    let translations = super::survey::list(payload, "Language").into_iter();
    let translations = translations.filter(|(code, _)| code.parse::<usize>().is_err());
    let others = translations.filter(|(code, _)| code != base).map(|(_, other)| other);
    let all = std::iter::once(payload).chain(others);
    let found = all.filter_map(|one| path.iter().try_fold(one, |inner, key| part(inner, key)));
    found.map(super::survey::written).collect()
}

/// A text of a question in all languages: `path` leads to it from the question,
/// and from each of its translations.
pub(super) fn text(
    payload: &Json,
    path: &[&str],
    names: &Names,
    base: &str,
    lost: &mut Vec<String>,
) -> Text {
    let mut text = Text::default();
    let mut put = |code: &str, value: &Json| {
        let found = path.iter().try_fold(value, |inner, key| part(inner, key));
        let written = found.map(super::survey::written).unwrap_or_default();
        let words = piped(&written, names, lost);
        if !words.is_empty() {
            text.0.insert(language_code(code), words);
        }
    };
    put(base, payload);
    for (code, translation) in super::survey::list(payload, "Language") {
        if code.parse::<usize>().is_err() && code != base {
            put(&code, translation);
        }
    }
    text
}

fn part<'v>(value: &'v Json, key: &str) -> Option<&'v Json> {
    match value.as_array() {
        Some(parts) => parts.get(key.parse::<usize>().ok()?),
        None => value.get(key),
    }
}

/// Plain words with answers inserted; what cannot be is in brackets.
pub(super) fn piped(written: &str, names: &Names, lost: &mut Vec<String>) -> String {
    let plain = crate::draft::text::without_markup(written);
    let mut parts = plain.split("${");
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((inner, rest)) = part.split_once('}') else {
            words.push_str("${");
            words.push_str(part);
            continue;
        };
        match pipe(inner.trim(), names) {
            Some(Piped::Answer(name)) => words.push_str(&format!("${{{name}}}")),
            Some(Piped::Words(said)) => words.push_str(&said),
            None => {
                lost.push(format!("${{{inner}}}"));
                words.push_str(&format!("[{inner}]"));
            }
        }
        words.push_str(rest);
    }
    words
}

/// What stands in the place of a pipe.
pub(super) enum Piped {
    Answer(String),
    Words(String),
}

pub(super) fn pipe(inner: &str, names: &Names) -> Option<Piped> {
    if let Some(field) = inner.strip_prefix("e://Field/") {
        return names.fields.get(&field_name(field)).cloned().map(Piped::Answer);
    }
    if inner.starts_with("m://") {
        return names.fields.get(&field_name(inner)).cloned().map(Piped::Answer);
    }
    if inner == "lm://CurrentLoopNumber" {
        return names.loop_fields.get("CurrentLoopNumber").cloned().map(Piped::Answer);
    }
    if let Some(field) = inner.strip_prefix("lm://Field/") {
        return names.loop_fields.get(field).cloned().map(Piped::Answer);
    }
    let rest = inner.strip_prefix("q://")?;
    let mut words = rest.split('/');
    let id = words.next()?.replace("%23", "#");
    let selector = words.next().unwrap_or_default();
    let selector = selector.split('?').next().unwrap_or_default();
    let arguments: Vec<&str> =
        words.map(|word| word.split('?').next().unwrap_or_default()).collect();
    let known = names.questions.get(id.split('#').next().unwrap_or_default())?;
    let first = arguments.first().copied().unwrap_or_default();
    let last = arguments.last().copied().unwrap_or_default();
    match selector {
        "QuestionText" | "QuestionDescription" => {
            return Some(Piped::Words(known.wording.clone()));
        }
        "ChoiceDescription" => return known.labels.get(last).cloned().map(Piped::Words),
        _ => {}
    }
    if let (true, Some(other)) = (selector == "ChoiceTextEntryValue", known.others.get(first)) {
        return Some(Piped::Answer(other.clone()));
    }
    if known.sort == Sort::Ranking && selector == "ChoiceNumericEntryValue" {
        // The place of one choice, not the ranking.
        return None;
    }
    let row = known.rows.get(first).or_else(|| known.rows.get(last));
    let name = match (known.sort, row, arguments.len()) {
        (Sort::Cells, Some(row), 2) if known.answers.len() > 1 => {
            format!("{row}_{}", known.answers.get(last)?)
        }
        (Sort::Columns, Some(row), _) => {
            let column = id.split('#').nth(1)?;
            format!("{row}_{column}")
        }
        (_, Some(row), _) => row.clone(),
        (Sort::Nothing | Sort::Cells | Sort::Columns | Sort::Rows | Sort::RowsOfMany, ..) => {
            return None;
        }
        (Sort::Values, ..) if known.rows.len() != 1 => return None,
        (Sort::Values, ..) => known.rows.values().next()?.clone(),
        _ => known.name.clone(),
    };
    Some(Piped::Answer(name))
}

/// A name for a section.
pub(super) fn wanted(name: &str, id: &str) -> String {
    if name.trim().is_empty() { id.to_owned() } else { name.trim().to_owned() }
}

/// What a piece of the file says, for remarks.
pub(super) fn original(value: &Json) -> String {
    let description = string(value, "Description");
    if description.is_empty() {
        value.to_string()
    } else {
        crate::draft::text::without_markup(&description)
    }
}
