//! The order of a document: values that nobody is asked stand where what they read is
//! known, and before what reads them.
//!
//! Other programs work all values out again whenever an answer changes, wherever they
//! stand. Here a questionnaire is read from top to bottom: a value that is worked out
//! from later answers goes behind the last of them, one that the condition of its own
//! section reads goes before that section. Where a value is read in between nothing is
//! moved: an author must say then what is meant.

use std::collections::{BTreeSet, HashMap};

use survey_builder::problem::{Problem, first_places};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Kind, Page, Question, Section, Text,
};
use survey_builder::questionnaire::piping::parts;

use super::Draft;
use super::order::{formulas, words};

/// The most values that are moved: each is looked for in the whole document.
const MOST_MOVES: usize = 500;

/// How often one value is moved: behind one that moves itself.
const TURNS: usize = 5;

/// Moves values until none stands wrong, and tells how many.
pub(super) fn where_they_are_known(draft: &mut Draft) {
    let mut moved: Vec<String> = Vec::new();
    let mut turns: HashMap<ItemId, usize> = HashMap::new();
    while moved.len() < MOST_MOVES {
        // Values that read each other would go round.
        let tired = |id: ItemId| turns.get(&id).is_some_and(|count| *count >= TURNS);
        let Some(turn) = next(&draft.document, &tired) else { break };
        *turns.entry(turn.question).or_default() += 1;
        match take(&mut draft.document, &turn) {
            Some(question) => {
                moved.push(question.name.clone());
                put(draft, question, &turn);
            }
            None => break,
        }
    }
    moved.sort();
    moved.dedup();
    if !moved.is_empty() {
        without_empty(&mut draft.document);
        let places = first_places(moved.iter().map(String::as_str));
        let problem = Problem::new("import_values_moved", places).with("count", moved.len());
        draft.note(problem);
    }
}

/// A value that stands wrong, and where it belongs.
struct Turn {
    question: ItemId,
    /// The sections that it goes into, by their places, and the place in the last.
    into: Vec<usize>,
    at: usize,
    /// The conditions of sections that it leaves.
    conditions: Vec<String>,
}

/// What stands in a document, in its order.
struct Part<'d> {
    /// The places of the sections around and of the page, and of sections their own.
    way: Vec<usize>,
    what: What<'d>,
    /// Whether it is asked of members, or drawn into an order.
    apart: bool,
}

enum What<'d> {
    Section(&'d Section),
    Page(&'d Page),
    Question(&'d Question),
}

fn parts_of(document: &Document) -> Vec<Part<'_>> {
    fn walk<'d>(
        section: &'d Section,
        way: &mut Vec<usize>,
        apart: bool,
        found: &mut Vec<Part<'d>>,
    ) {
        let apart = apart || section.each.is_some() || section.shuffled;
        found.push(Part { way: way.clone(), what: What::Section(section), apart });
        for (place, block) in section.blocks.iter().enumerate() {
            way.push(place);
            match block {
                Block::Section(inner) => walk(inner, way, apart, found),
                Block::Page(page) => {
                    let apart = apart || page.shuffled;
                    found.push(Part { way: way.clone(), what: What::Page(page), apart });
                    found.extend(page.questions.iter().map(|question| Part {
                        way: way.clone(),
                        what: What::Question(question),
                        apart,
                    }));
                }
            }
            way.pop();
        }
    }
    let mut found = Vec::new();
    for (place, section) in document.sections.iter().enumerate() {
        walk(section, &mut vec![place], false, &mut found);
    }
    found
}

/// Whether a part reads what is called so: in a formula, or inserted in a text.
fn reads(part: &Part<'_>, name: &str) -> bool {
    let holds = |formula: &Option<String>| {
        formula.as_ref().is_some_and(|formula| words(formula).contains(name))
    };
    match part.what {
        What::Section(section) => {
            let filter = section.each.as_ref().and_then(|each| each.filter.clone());
            holds(&section.relevant) || holds(&filter) || inserts(&section.title, name)
        }
        What::Page(page) => holds(&page.relevant),
        What::Question(question) => {
            let mut own = formulas(question);
            let texts = [&question.wording, &question.hint, &question.instruction];
            let items = question.items();
            own.any(|formula| words(formula).contains(name))
                || texts.into_iter().any(|text| inserts(text, name))
                || items.iter().any(|item| inserts(item.wording, name))
        }
    }
}

fn inserts(text: &Text, name: &str) -> bool {
    text.0.values().any(|text| {
        text.contains("${")
            && parts(text).into_iter().flatten().any(|one| words(one.name).contains(name))
    })
}

/// The next value that stands wrong and can be moved.
fn next(document: &Document, tired: &impl Fn(ItemId) -> bool) -> Option<Turn> {
    let all = parts_of(document);
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, part) in all.iter().enumerate() {
        if let What::Question(question) = part.what {
            places.extend(question.items().into_iter().map(|item| (item.name.into_owned(), place)));
        }
    }
    let last_of = |formula: &str| {
        words(formula).into_iter().filter_map(|name| places.get(name).copied()).max()
    };
    all.iter().enumerate().find_map(|(place, part)| match part.what {
        What::Question(question) => {
            let Kind::Computed(computed) = &question.kind else { return None };
            if tired(question.id) {
                return None;
            }
            let last = last_of(&computed.expression).filter(|last| *last > place)?;
            behind(&all, place, last)
        }
        What::Section(section) => {
            let read: BTreeSet<&str> = words(section.relevant.as_deref()?);
            let inner = all[place + 1..].iter().take_while(|one| one.way.starts_with(&part.way));
            let mut hidden = inner.filter_map(|one| match one.what {
                What::Question(question) if matches!(question.kind, Kind::Hidden(_)) => {
                    Some((question, one))
                }
                _ => None,
            });
            let (question, one) = hidden.find(|(question, one)| {
                let is_read = read.contains(question.name.as_str());
                is_read && !one.apart && !tired(question.id)
            })?;
            let (at, into) = part.way.split_last()?;
            let conditions = left(&all, &part.way, &one.way);
            let own = question.name.as_str();
            // What the condition of a section within reads cannot be known before it.
            (!conditions.iter().any(|condition| words(condition).contains(own))).then(|| Turn {
                question: question.id,
                into: into.to_vec(),
                at: *at,
                conditions,
            })
        }
        What::Page(_) => None,
    })
}

/// Where a computed value goes that reads something at `last`.
fn behind(all: &[Part<'_>], place: usize, last: usize) -> Option<Turn> {
    let (part, target) = (all.get(place)?, all.get(last)?);
    let What::Question(question) = part.what else { return None };
    // On one page, or of members: that is looked at elsewhere.
    if part.way == target.way || part.apart {
        return None;
    }
    if all[place + 1..=last].iter().any(|one| reads(one, &question.name)) {
        return None;
    }
    let sections = &part.way[..part.way.len() - 1];
    let others = &target.way[..target.way.len() - 1];
    let mut common = sections.iter().zip(others).take_while(|(one, other)| one == other).count();
    // Behind all of what is asked of members.
    let is_of_members = |length: usize| {
        all.iter().any(|one| {
            one.way == others[..length]
                && matches!(one.what, What::Section(section) if section.each.is_some())
        })
    };
    while common > 0 && is_of_members(common) {
        common -= 1;
    }
    let conditions = left(all, &part.way[..common], &part.way);
    let at = target.way.get(common)? + 1;
    Some(Turn { question: question.id, into: part.way[..common].to_vec(), at, conditions })
}

/// The conditions of the sections and the page below a way, down to another.
fn left(all: &[Part<'_>], above: &[usize], below: &[usize]) -> Vec<String> {
    let between = all.iter().filter(|one| {
        !matches!(one.what, What::Question(_))
            && one.way.len() > above.len()
            && below.starts_with(&one.way)
    });
    let conditions = between.filter_map(|one| match one.what {
        What::Section(section) => section.relevant.clone(),
        What::Page(page) => page.relevant.clone(),
        What::Question(_) => None,
    });
    conditions.collect()
}

/// Takes a question out; its page goes with it where nothing else is on it, so that
/// places behind it move up.
fn take(document: &mut Document, turn: &Turn) -> Option<Question> {
    let pages = document.pages_mut();
    let page = pages
        .into_iter()
        .find(|page| page.questions.iter().any(|question| question.id == turn.question))?;
    let place = page.questions.iter().position(|question| question.id == turn.question)?;
    Some(page.questions.remove(place))
}

/// Puts it on a page of its own where it belongs. Pages without questions are left
/// behind; they go at the end.
fn put(draft: &mut Draft, mut question: Question, turn: &Turn) {
    let own = question.relevant.take();
    let mut conditions: Vec<String> = turn.conditions.iter().cloned().chain(own).collect();
    question.relevant = match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => {
            let each: Vec<String> = conditions.iter().map(|one| format!("({one})")).collect();
            Some(each.join(" and "))
        }
    };
    let name = question.name.clone();
    let page = draft.page(&name, vec![question]);
    if let Some(section) = section_at(&mut draft.document.sections, &turn.into) {
        let at = turn.at.min(section.blocks.len());
        section.blocks.insert(at, Block::Page(page));
    } else {
        let section = draft.section(&name, Text::default(), vec![Block::Page(page)]);
        let at = turn.at.min(draft.document.sections.len());
        draft.document.sections.insert(at, section);
    }
}

/// The section at the end of a way; none above all of them.
fn section_at<'d>(sections: &'d mut [Section], way: &[usize]) -> Option<&'d mut Section> {
    let (first, rest) = way.split_first()?;
    rest.iter().try_fold(sections.get_mut(*first)?, |section, place| {
        match section.blocks.get_mut(*place)? {
            Block::Section(inner) => Some(inner),
            Block::Page(_) => None,
        }
    })
}

/// Drops pages and sections that hold nothing any more.
fn without_empty(document: &mut Document) {
    fn keep(section: &mut Section) -> bool {
        section.blocks.retain_mut(|block| match block {
            Block::Page(page) => !page.questions.is_empty(),
            Block::Section(inner) => keep(inner),
        });
        !section.blocks.is_empty()
    }
    document.sections.retain_mut(keep);
}
