//! What is different between two states of a questionnaire, and what that does to
//! answers.

use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::difference::{self, Aspect, Difference, Weight};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::version::Version;

use super::said::{Said, Speaker};
use crate::paper;

/// Changes that are listed.
const LISTED: usize = 200;

/// All of it, what breaks first.
#[derive(Default, Serialize)]
pub struct Differences {
    changes: Vec<Change>,
    breaking: usize,
    compatible: usize,
    cosmetic: usize,
}

/// One difference.
#[derive(Serialize)]
struct Change {
    weight: &'static str,
    place: String,
    what: String,
    before: Vec<Said>,
    after: Vec<Said>,
}

impl Differences {
    /// From one document to another that is compiled already.
    pub fn between(
        before: Document,
        (after, compiled): (&Document, &Version),
        language: &str,
    ) -> Self {
        let changes = Difference::between(&before, after).changes;
        let (before, _) = compile_version(before);
        let said = (Speaker::new(&before, language), Speaker::new(compiled, language));
        let (labels, earlier) = (paper::labels(after), paper::labels(&before.document));
        let of_weight =
            |weight: Weight| changes.iter().filter(|change| change.weight == weight).count();
        let line = |change: &difference::Change| Change {
            weight: change.weight.name(),
            // What is there no more has the number that it had.
            place: match labels.get(&change.place).or_else(|| earlier.get(&change.place)) {
                Some(number) => locale::text(language, "builder-question", &[("number", number)]),
                None => change.place.clone(),
            },
            what: locale::text(
                language,
                &format!("change-{}", change.what.name().replace('_', "-")),
                &[],
            ),
            before: told(&said.0, change, &change.before),
            after: told(&said.1, change, &change.after),
        };
        Self {
            breaking: of_weight(Weight::Breaking),
            compatible: of_weight(Weight::Compatible),
            cosmetic: of_weight(Weight::Cosmetic),
            changes: sorted(changes.iter().map(line).collect()),
        }
    }
}

#[cfg(test)]
impl Differences {
    /// One of each weight.
    pub fn example() -> Self {
        let change = |weight| Change {
            weight,
            place: "age".to_owned(),
            what: "…".to_owned(),
            before: vec![Said::words("…")],
            after: vec![Said::words("…")],
        };
        let changes = ["breaking", "compatible", "cosmetic"].map(change).into();
        Self { changes, breaking: 1, compatible: 1, cosmetic: 1 }
    }
}

/// A side of a change; conditions in words.
fn told(speaker: &Speaker<'_>, change: &difference::Change, text: &str) -> Vec<Said> {
    match change.what {
        _ if text.is_empty() => Vec::new(),
        Aspect::Relevant => speaker.condition(text, None),
        _ => vec![Said::words(text)],
    }
}

/// What breaks comes first.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    let rank = |change: &Change| match change.weight {
        "breaking" => 0,
        "compatible" => 1,
        _ => 2,
    };
    changes.sort_by_key(rank);
    changes.truncate(LISTED);
    changes
}
