//! The order on a page: values that other programs work out whenever an answer
//! changes stand here behind the answers they read.

use std::collections::{BTreeSet, HashMap};

use survey_builder::questionnaire::document::{Document, Kind, Page, Question};

/// Turns through a page; one puts almost everything right.
const TURNS: usize = 20;

/// Puts computed values of each page behind what they read there, unless
/// something between reads them.
pub(super) fn behind_what_they_read(document: &mut Document) {
    for page in document.pages_mut() {
        let mut places = HashMap::new();
        note(&page.questions, 0, &mut places);
        // One that moves may leave another that reads it in front: once more then.
        for _ in 0..TURNS {
            let mut any = false;
            for place in (0..page.questions.len()).rev() {
                any |= moved(page, place, &mut places);
            }
            if !any {
                break;
            }
        }
    }
}

/// Notes where on the page each name is answered, from `first` on.
fn note(questions: &[Question], first: usize, places: &mut HashMap<String, usize>) {
    for (place, question) in (first..).zip(questions) {
        places.extend(question.items().into_iter().map(|item| (item.name.into_owned(), place)));
    }
}

fn moved(page: &mut Page, place: usize, places: &mut HashMap<String, usize>) -> bool {
    let Kind::Computed(computed) = &page.questions[place].kind else { return false };
    let read = words(&computed.expression);
    let last = read.iter().filter_map(|name| places.get(*name)).max();
    let Some(last) = last.copied().filter(|last| *last > place) else { return false };
    let name = page.questions[place].name.as_str();
    let between = &page.questions[place + 1..=last];
    if between.iter().any(|question| formulas(question).any(|one| words(one).contains(name))) {
        return false;
    }
    page.questions[place..=last].rotate_left(1);
    note(&page.questions[place..=last], place, places);
    true
}

/// The names (and other words) of a formula; what stands in quotes is no name.
pub(super) fn words(formula: &str) -> BTreeSet<&str> {
    let mut quote = None;
    let mut found = BTreeSet::new();
    let mut begin = 0;
    for (place, sign) in formula.char_indices() {
        let is_word = quote.is_none() && (sign.is_alphanumeric() || sign == '_');
        if !is_word {
            if quote.is_none() && begin < place {
                found.insert(&formula[begin..place]);
            }
            begin = place + sign.len_utf8();
        }
        match quote {
            Some(open) if open == sign => quote = None,
            None if matches!(sign, '\'' | '"') => quote = Some(sign),
            _ => {}
        }
    }
    if quote.is_none() && begin < formula.len() {
        found.insert(&formula[begin..]);
    }
    found
}

/// What decides about a question, or is worked out by it.
pub(super) fn formulas(question: &Question) -> impl Iterator<Item = &str> {
    let computed = match &question.kind {
        Kind::Computed(computed) => Some(&computed.expression),
        _ => None,
    };
    let filter = question.kind.choice().and_then(|choice| choice.filter.as_ref());
    let constraints = question.constraints.iter().map(|one| &one.expression);
    let all = [&question.relevant, &question.default, &question.required_when];
    all.into_iter().flatten().chain(computed).chain(filter).chain(constraints).map(String::as_str)
}
