//! What an edit of a draft costs: reading the stored draft with the edits since, doing
//! one more to it, and looking the draft through for its page; beside what a page may
//! take before people feel it.

use std::time::Instant;

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::TextRole;
use survey_builder::questionnaire::operation::{Draft, Operation, compose, perform};
use survey_builder::questionnaire::paste;
use survey_builder::questionnaire::review::review;
use uuid::Uuid;

/// Edits that are done again when a draft is read, at the most.
const SINCE: usize = 32;
/// Milliseconds in which a page feels as if it were there already.
const LIMIT: f64 = 100.0;

fn identities() -> impl FnMut() -> ItemId {
    let mut next = 0_u128;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn draft_of(questions: usize) -> Draft {
    let mut fresh = identities();
    let mut draft = Draft::of(compose::blank("Bench", ("en", "English"), &mut fresh));
    let mut lines = String::new();
    for number in 1..=questions {
        lines += &format!("{number}. How satisfied are you with service {number}?\n");
        lines += "a) Very\nb) Rather\nc) Not at all\n\n";
    }
    let pasted = paste::questions(&lines);
    let after = draft.document.id;
    let made = compose::questions(&draft.document, after, &pasted, "single", &mut fresh);
    let (wishes, _) = made.expect("questions");
    let outcome = perform(&mut draft, &wishes, &[]);
    assert!(outcome.refused.is_empty(), "it can be made");
    draft
}

fn write(draft: &Draft, number: usize) -> Operation {
    let question = draft.document.questions().nth(number).expect("a question");
    let was = question.wording.0["en"].clone();
    Operation::Write {
        item: question.id,
        role: TextRole::Wording,
        language: "en".to_owned(),
        now: format!("{was} Please say."),
        was,
    }
}

fn milliseconds(from: Instant) -> f64 {
    from.elapsed().as_secs_f64() * 1_000.0
}

fn main() {
    println!(
        "questions   read with {SINCE} edits   one edit   looked through   in all   limit, ms"
    );
    for questions in [25, 300, 1_000] {
        let stored = draft_of(questions);
        let json = serde_json::to_string(&stored).expect("JSON");
        let since: Vec<Operation> =
            (0..SINCE.min(questions - 1)).map(|number| write(&stored, number)).collect();
        let from = Instant::now();
        let mut draft: Draft = serde_json::from_str(&json).expect("a draft");
        for operation in &since {
            operation.apply(&mut draft).expect("it was done before");
        }
        let read = milliseconds(from);
        let wish = write(&draft, questions - 1);
        let from = Instant::now();
        let outcome = perform(&mut draft, &[wish], &[]);
        let edit = milliseconds(from);
        assert_eq!(outcome.operations.len(), 1);
        let from = Instant::now();
        let found = review(&draft.document).len();
        let (version, _) = compile_version(draft.document.clone());
        let looked = milliseconds(from);
        assert!(found < usize::MAX && version.pages().len() == questions);
        let all = read + edit + looked;
        let met = if all <= LIMIT { "met" } else { "NOT MET" };
        println!(
            "{questions:>9}   {read:>18.1}   {edit:>8.1}   {looked:>14.1}   {all:>6.1}   {LIMIT:>9} {met}"
        );
    }
}
