//! The least repair of a document that cannot be published.
//!
//! ```text
//! error → candidates → the first that leaves fewer errors is taken → … → thinned
//! ```
//!
//! What is found is a minimum by inclusion: no change of it can be left out. It need not
//! be the fewest changes that there are, nor those that its author would make; that is
//! why they are shown before anything is written.

mod apply;
mod candidates;
mod grid;
mod rename;

use std::collections::BTreeSet;

use super::document::Document;
use super::finding::{Finding, Severity};
use super::review::review;
use crate::problem::Problem;

/// The most changes that are looked for: more are a questionnaire to be written anew.
const MOST: usize = 500;

/// One change. It finds its place by names, so that any of several can be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// A question is asked right behind the last of what it reads, in its section.
    Move {
        question: String,
        behind: String,
    },
    /// A condition is taken away.
    Condition {
        place: String,
        expression: String,
    },
    /// What is worked out comes from outside instead.
    Outside {
        question: String,
    },
    /// The second of two things of one name gets another.
    Rename {
        before: String,
        after: String,
    },
    /// All but the first thing of one identity get others.
    Identity {
        identity: String,
    },
    /// A text that is missing in a language is taken from another, or from the name.
    Text {
        place: String,
        language: String,
    },
    /// The language that is shown first.
    Language {
        code: String,
    },
    /// A list that is not there, or empty, gets the codes that conditions ask about.
    Options {
        list: String,
        codes: Vec<String>,
    },
    /// What offers a list that is not there, or empty, is asked as a text.
    AsText {
        question: String,
        list: String,
    },
    /// A row is asked right behind the last row that its condition reads.
    MoveRow {
        question: String,
        expression: String,
    },
    /// The second of two options of one code gets another.
    Code {
        list: String,
        before: String,
        after: String,
    },
    /// Bounds that hold nothing between them change places.
    Bounds {
        question: String,
    },
    /// A section is asked once.
    Once {
        section: String,
    },
    /// The members of a roster are added by who answers.
    Added {
        roster: String,
    },
    /// A long list is searched.
    Search {
        question: String,
    },
    /// What a text inserts is written plainly.
    Insertion {
        place: String,
        name: String,
        form: Option<String>,
    },
    DropQuestion {
        question: String,
    },
    DropPage {
        page: String,
    },
    DropList {
        list: String,
    },
}

/// What a repair came to.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// The document with every change made.
    pub document: Document,
    /// The changes in their order: where, what it was and what it becomes, each with the
    /// text of its code (`repair-…`).
    pub changes: Vec<Problem>,
    /// What still stands against publishing; empty where it can be published.
    pub left: Vec<Finding>,
}

/// Looks for the least changes with which a document can be published. One that can be
/// published already has none.
pub fn repair(document: &Document) -> Repaired {
    let chosen = chosen(document);
    let (document, changes) = with(document, &chosen);
    Repaired { left: errors_of(&document), document, changes }
}

/// The changes, none of which can be left out.
fn chosen(document: &Document) -> Vec<Change> {
    let mut chosen: Vec<Change> = Vec::new();
    let mut repaired = document.clone();
    let mut errors = errors_of(&repaired);
    let mut hopeless: BTreeSet<String> = BTreeSet::new();
    while chosen.len() < MOST {
        let next = errors.iter().find(|error| !hopeless.contains(&key(error)));
        let Some(error) = next else { break };
        match better(&repaired, error, &errors) {
            Some((change, document, left)) => {
                chosen.push(change);
                repaired = document;
                errors = left;
            }
            None => {
                hopeless.insert(key(error));
            }
        }
    }
    thin(document, &mut chosen, &errors);
    chosen
}

/// The errors of a document.
fn errors_of(document: &Document) -> Vec<Finding> {
    let mut found = review(document);
    found.retain(|finding| finding.severity == Severity::Error);
    found
}

/// What tells one error from another.
fn key(error: &Finding) -> String {
    format!("{:?}", error.problem)
}

/// The first change after which an error is gone and no more are there than before.
fn better(
    document: &Document,
    error: &Finding,
    errors: &[Finding],
) -> Option<(Change, Document, Vec<Finding>)> {
    candidates::of(document, &error.problem).into_iter().find_map(|change| {
        let mut changed = document.clone();
        change.apply(&mut changed)?;
        let left = errors_of(&changed);
        let own = key(error);
        let times = |all: &[Finding]| all.iter().filter(|one| key(one) == own).count();
        let is_better =
            left.len() < errors.len() || left.len() == errors.len() && times(&left) < times(errors);
        is_better.then_some((change, changed, left))
    })
}

/// Leaves out every change without which nothing else stands against publishing.
fn thin(document: &Document, chosen: &mut Vec<Change>, errors: &[Finding]) {
    let known: BTreeSet<String> = errors.iter().map(key).collect();
    // Until nothing more can be left out: what one change needed may go with it.
    loop {
        let before = chosen.len();
        // The last first: later changes are often what earlier ones made needless.
        for place in (0..chosen.len()).rev() {
            let mut fewer = chosen.clone();
            fewer.remove(place);
            let (without, _) = with(document, &fewer);
            if errors_of(&without).iter().all(|error| known.contains(&key(error))) {
                *chosen = fewer;
            }
        }
        if chosen.len() == before {
            break;
        }
    }
}

/// The document with changes, and what each of them did.
fn with(document: &Document, changes: &[Change]) -> (Document, Vec<Problem>) {
    let mut changed = document.clone();
    let told = changes.iter().filter_map(|change| change.apply(&mut changed)).collect();
    (changed, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list that three conditions need, a name that is there twice, a condition that
    /// stands before what it reads.
    const DOCUMENT: &str = r#"{
        "id": "00000000-0000-0000-0000-000000000001", "name": "f", "title": {"en": "F"},
        "languages": [{"code": "en", "name": "English"}], "default_language": "en",
        "sections": [{"id": "00000000-0000-0000-0000-000000000002", "name": "s", "blocks": [
            {"page": {"id": "00000000-0000-0000-0000-000000000003", "name": "p", "questions": [
                {"id": "00000000-0000-0000-0000-000000000004", "name": "a", "wording": {"en": "A"},
                 "kind": {"type": "single", "list": "l"}, "relevant": "d = 'x'"},
                {"id": "00000000-0000-0000-0000-000000000005", "name": "b", "wording": {"en": "B"},
                 "kind": {"type": "short_text"}, "relevant": "a = 'u' and gone > 1"},
                {"id": "00000000-0000-0000-0000-000000000006", "name": "b", "wording": {"en": "C"},
                 "kind": {"type": "short_text"}, "relevant": "a = 'v'"},
                {"id": "00000000-0000-0000-0000-000000000007", "name": "d", "wording": {},
                 "kind": {"type": "short_text"}}
            ]}}
        ]}]
    }"#;

    #[test]
    fn no_change_can_be_left_out() {
        let document: Document = serde_json::from_str(DOCUMENT).expect("a document");
        let all = chosen(&document);
        // A name, a text, options, a condition, and two questions behind what they read.
        assert_eq!(all.len(), 6, "{all:?}");
        assert!(errors_of(&with(&document, &all).0).is_empty());
        for place in 0..all.len() {
            let mut fewer = all.clone();
            let one = fewer.remove(place);
            assert!(!errors_of(&with(&document, &fewer).0).is_empty(), "{one:?} is not needed");
        }
    }

    #[test]
    fn what_is_not_needed_is_left_out() {
        let document: Document = serde_json::from_str(DOCUMENT).expect("a document");
        let mut all = chosen(&document);
        all.insert(0, Change::DropQuestion { question: "d".to_owned() });
        all.push(Change::Bounds { question: "a".to_owned() });
        thin(&document, &mut all, &[]);
        assert_eq!(all, chosen(&document));
        assert!(errors_of(&with(&document, &all).0).is_empty());
    }
}
