//! What an interview knows before its first question: values of the frame, of
//! the link, and of the interview itself, for hidden questions.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use super::answer::{Answer, Answers, Value};
use super::document::{Document, Hidden, Kind, Question, Source, ValueKind};
use super::validate::{Number, read_number};
use super::version::Version;

/// The longest text that is taken over, in characters.
const LONGEST: usize = 1_000;

/// What is known from outside when an interview begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// What the frame says of the sampled unit, by column.
    pub frame: BTreeMap<String, String>,
    /// What the link says, by parameter.
    pub link: BTreeMap<String, String>,
    /// The language in which it begins.
    pub language: String,
    /// `web`, `telephone`, …
    pub mode: String,
    /// The day on which it begins.
    pub today: NaiveDate,
}

impl Known {
    fn text(&self, source: &Source) -> Option<String> {
        match source {
            Source::Frame(column) => self.frame.get(column).cloned(),
            Source::Link(parameter) | Source::Outside(parameter) => {
                self.link.get(parameter).cloned()
            }
            Source::Interview(what) => match what.as_str() {
                "language" => Some(self.language.clone()),
                "mode" => Some(self.mode.clone()),
                "today" => Some(self.today.to_string()),
                _ => None,
            },
            Source::Default => None,
        }
    }
}

/// The parameters of a link that a questionnaire takes over.
pub fn link_parameters(document: &Document) -> Vec<&str> {
    document
        .questions()
        .filter_map(|question| match &question.kind {
            Kind::Hidden(Hidden {
                source: Source::Link(parameter) | Source::Outside(parameter),
                ..
            }) => Some(parameter.as_str()),
            _ => None,
        })
        .collect()
}

/// The columns of the frame from which numbers are taken over.
pub fn number_columns(document: &Document) -> Vec<&str> {
    let columns = document.questions().filter_map(|question| match &question.kind {
        Kind::Hidden(Hidden {
            source: Source::Frame(column), value: ValueKind::Number, ..
        }) => Some(column.as_str()),
        _ => None,
    });
    columns.collect()
}

/// The answers to hidden questions that are known from outside. What is not
/// there, and what is no number or day where one is wanted, has none; neither has a
/// cell of the frame that can be two numbers, which is settled when a sample is drawn.
/// Questions about members of a roster have none either: their members are not known
/// yet.
pub fn preloaded(version: &Version, known: &Known) -> Answers {
    let mut answers = Answers::default();
    for question in version.document.questions() {
        let Kind::Hidden(hidden) = &question.kind else { continue };
        if !version.rosters_around(question.id).is_empty() {
            continue;
        }
        let value = known.text(&hidden.source).and_then(|text| read(&text, hidden));
        if let Some(value) = value {
            answers.set(question.id, Answer::Value(value));
        }
    }
    answers
}

/// Whether a question takes a value from outside, so that it cannot be asked of
/// each member of a roster.
pub(super) fn is_lost_in_roster(question: &Question) -> bool {
    let Kind::Hidden(hidden) = &question.kind else { return false };
    matches!(hidden.source, Source::Frame(_) | Source::Link(_) | Source::Outside(_))
}

fn read(text: &str, hidden: &Hidden) -> Option<Value> {
    let text = text.trim();
    match hidden.value {
        ValueKind::Text => {
            let text: String = text.nfc().take(LONGEST).collect();
            (!text.is_empty()).then_some(Value::Text(text))
        }
        ValueKind::Number => {
            // Links are written by programs, lists by people.
            let by_program = !matches!(hidden.source, Source::Frame(_));
            let plain = text.parse().ok().filter(|number: &f64| number.is_finite() && by_program);
            match read_number(text) {
                _ if plain.is_some() => plain.map(Value::Number),
                Number::Is(number) => Some(Value::Number(number)),
                Number::Ambiguous { .. } | Number::Not => None,
            }
        }
        ValueKind::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Value::Date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_what_is_wanted() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        let (list, link) = (|| Source::Frame("x".to_owned()), || Source::Link("x".to_owned()));
        for (text, kind, value) in [
            (" Ba\u{300} ", ValueKind::Text, Some(Value::Text("Bà".to_owned()))),
            ("  ", ValueKind::Text, None),
            ("3,5", ValueKind::Number, Some(Value::Number(3.5))),
            ("inf", ValueKind::Number, None),
            ("many", ValueKind::Number, None),
            ("2026-11-24", ValueKind::Date, Some(Value::Date(day))),
            ("24/11", ValueKind::Date, None),
        ] {
            let hidden = Hidden { value: kind, source: list() };
            assert_eq!(read(text, &hidden), value, "{text}");
        }
        // Two numbers in a list, one in a link.
        for (text, source, value) in [
            ("3.407", list(), None),
            ("3,407", list(), None),
            ("3.4070", list(), Some(3.407)),
            ("3407", list(), Some(3407.0)),
            ("3.407", link(), Some(3.407)),
            ("3,407", link(), None),
            ("inf", link(), None),
        ] {
            let hidden = Hidden { value: ValueKind::Number, source };
            assert_eq!(read(text, &hidden), value.map(Value::Number), "{text}");
        }
    }
}
