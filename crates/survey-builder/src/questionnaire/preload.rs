//! What an interview knows before its first question: values of the frame, of
//! the link, and of the interview itself, for hidden questions.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use super::answer::{Answer, Answers, Value};
use super::document::{Document, Hidden, Kind, Question, Source, ValueKind};
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

/// The answers to hidden questions that are known from outside. What is not
/// there, and what is no number or day where one is wanted, has none. Questions
/// about members of a roster have none either: their members are not known yet.
pub fn preloaded(version: &Version, known: &Known) -> Answers {
    let mut answers = Answers::default();
    for question in version.document.questions() {
        let Kind::Hidden(hidden) = &question.kind else { continue };
        if !version.rosters_around(question.id).is_empty() {
            continue;
        }
        let value = known.text(&hidden.source).and_then(|text| read(&text, hidden.value));
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

fn read(text: &str, kind: ValueKind) -> Option<Value> {
    let text = text.trim();
    match kind {
        ValueKind::Text => {
            let text: String = text.nfc().take(LONGEST).collect();
            (!text.is_empty()).then_some(Value::Text(text))
        }
        ValueKind::Number => {
            let number: f64 = text.replace(',', ".").parse().ok()?;
            number.is_finite().then_some(Value::Number(number))
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
        for (text, kind, value) in [
            (" Ba\u{300} ", ValueKind::Text, Some(Value::Text("Bà".to_owned()))),
            ("  ", ValueKind::Text, None),
            ("3,5", ValueKind::Number, Some(Value::Number(3.5))),
            ("inf", ValueKind::Number, None),
            ("many", ValueKind::Number, None),
            ("2026-11-24", ValueKind::Date, Some(Value::Date(day))),
            ("24/11", ValueKind::Date, None),
        ] {
            assert_eq!(read(text, kind), value, "{text}");
        }
    }
}
