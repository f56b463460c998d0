//! The order on a page: values that other programs work out whenever an answer
//! changes stand here behind the answers they read.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Document, Kind, Page, Question};

/// Puts computed values of each page behind what they read there, unless
/// something between reads them.
pub(super) fn behind_what_they_read(document: &mut Document) {
    for page in document.pages_mut() {
        // One that moves may leave another that reads it in front: once more then.
        for _ in 0..page.questions.len() {
            let mut any = false;
            for place in (0..page.questions.len()).rev() {
                any |= moved(page, place);
            }
            if !any {
                break;
            }
        }
    }
}

fn moved(page: &mut Page, place: usize) -> bool {
    let Kind::Computed(computed) = &page.questions[place].kind else { return false };
    let read = words(&computed.expression);
    let answers =
        |question: &Question| question.items().iter().any(|item| read.contains(&*item.name));
    let Some(last) = page.questions.iter().rposition(answers).filter(|last| *last > place) else {
        return false;
    };
    let name = page.questions[place].name.as_str();
    let between = &page.questions[place + 1..=last];
    if between.iter().any(|question| formulas(question).any(|one| words(one).contains(name))) {
        return false;
    }
    page.questions[place..=last].rotate_left(1);
    true
}

/// The names (and other words) of a formula.
fn words(formula: &str) -> BTreeSet<&str> {
    formula.split(|one: char| !one.is_alphanumeric() && one != '_').collect()
}

/// What decides about a question, or is worked out by it.
fn formulas(question: &Question) -> impl Iterator<Item = &str> {
    let computed = match &question.kind {
        Kind::Computed(computed) => Some(&computed.expression),
        _ => None,
    };
    let filter = question.kind.choice().and_then(|choice| choice.filter.as_ref());
    let constraints = question.constraints.iter().map(|one| &one.expression);
    let all = [&question.relevant, &question.default, &question.required_when];
    all.into_iter().flatten().chain(computed).chain(filter).chain(constraints).map(String::as_str)
}
