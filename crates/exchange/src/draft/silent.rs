//! The order of a document: values that nobody is asked stand where what they read is
//! known and before what reads them, and what is asked stands behind what decides whether
//! it is asked.
//!
//! Other programs work all values out again whenever an answer changes, wherever they
//! stand, and show a question above as soon as an answer below asks for it. Here a
//! questionnaire is read from top to bottom. So a value that is worked out from later
//! answers goes behind the last of them; one that is read before it, and needs nothing
//! that comes in between, goes before its first reader; and a question, page or section
//! that a later answer decides about is asked behind that answer, when the other program
//! shows it too. Where something in between reads it nothing is moved: an author must say
//! then what is meant.

use std::collections::{BTreeSet, HashMap};

use survey_builder::problem::{Problem, first_places};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Kind, Question, Remark, Section, Text,
};

use super::Draft;
use super::known::{Order, Part, What};
use super::order::words;
use super::siblings::sorted;

/// How often the document is gone through at least; each time all is moved that does not
/// stand in each other's way.
const ROUNDS: usize = 100;

/// How many parts are looked at in all rounds, where a document is small enough for more.
const MOST_LOOKS: usize = 2_000_000;

/// How often one thing is moved: behind one that moves itself.
const TURNS: usize = 5;

/// Moves until nothing stands wrong, and tells how much.
pub(super) fn where_they_are_known(draft: &mut Draft) {
    let (mut values, mut asked) = (BTreeSet::new(), Vec::new());
    let mut turns: HashMap<ItemId, usize> = HashMap::new();
    for (id, name, is_asked) in sorted(draft) {
        if is_asked {
            asked.push((id, name));
        } else {
            values.insert(name);
        }
    }
    let rounds = ROUNDS.max(MOST_LOOKS / draft.document.questions().count().max(1));
    for _ in 0..rounds {
        // What reads each other would go round.
        let tired = |id: ItemId| turns.get(&id).is_some_and(|count| *count >= TURNS);
        let round = round(&draft.document, draft.reconsiders, &tired);
        if round.is_empty() {
            break;
        }
        // The last first: places before it stay what they are.
        for turn in round.into_iter().rev() {
            *turns.entry(turn.id).or_default() += 1;
            if turn.is_asked {
                asked.push((turn.id, turn.name.clone()));
            } else {
                values.insert(turn.name.clone());
            }
            make(draft, turn);
        }
    }
    if !values.is_empty() || !asked.is_empty() {
        without_empty(&mut draft.document);
    }
    if !values.is_empty() {
        let places = first_places(values.iter().map(String::as_str));
        draft.note(Problem::new("import_values_moved", places).with("count", values.len()));
    }
    tell_asked(draft, asked);
}

fn tell_asked(draft: &mut Draft, asked: Vec<(ItemId, String)>) {
    let mut once = BTreeSet::new();
    let asked: Vec<_> = asked.into_iter().filter(|(id, _)| once.insert(*id)).collect();
    if asked.is_empty() {
        return;
    }
    let places = first_places(asked.iter().map(|(_, name)| name.as_str()));
    draft.note(Problem::new("import_questions_moved", places).with("count", asked.len()));
    draft.document.remarks.extend(asked.into_iter().map(|(id, name)| Remark {
        item: Some(id),
        role: "order".to_owned(),
        original: name,
    }));
}

/// What stands wrong, and where it belongs.
struct Turn {
    id: ItemId,
    name: String,
    is_asked: bool,
    /// Its place, or that of its page.
    from: Vec<usize>,
    is_block: bool,
    target: Target,
}

enum Target {
    /// Behind another question of its page.
    Behind(ItemId),
    /// Before another question of its page.
    Before(ItemId),
    /// At a place in a section, under the conditions of the sections that it leaves.
    At { into: Vec<usize>, at: usize, conditions: Vec<String> },
}

/// Everything that can be moved at once, in the order of the document.
fn round(document: &Document, reconsiders: bool, tired: &impl Fn(ItemId) -> bool) -> Vec<Turn> {
    let order = Order::of(document);
    let mut turns: Vec<Turn> = Vec::new();
    let mut free = 0;
    for place in 0..order.all.len() {
        if place < free {
            continue;
        }
        let Some(last) = order.later(place) else {
            // A value that a question begins with goes before it, where it can.
            let last = order.later_beginning(place).filter(|_| reconsiders);
            let turn = last.and_then(|last| Some((last, ahead(&order, place, last)?)));
            if let Some((last, turn)) = turn.filter(|(_, turn)| !tired(turn.id)) {
                turns.push(turn);
                free = last + 1;
            }
            continue;
        };
        let part = &order.all[place];
        let is_value = part.is_silent();
        // A section may wait for a value also where what is asked stays in its place.
        let behind = (is_value || reconsiders).then(|| behind(&order, place, last)).flatten();
        // Elsewhere a value that is made later is blank before.
        let is_outside = |one: &Question| matches!(one.kind, Kind::Hidden(_));
        let there = reconsiders || order.all[last].question().is_some_and(is_outside);
        let ahead = || there.then(|| ahead(&order, place, last)).flatten();
        let found = if is_value { behind.or_else(ahead) } else { ahead().or(behind) };
        let Some(turn) = found.filter(|turn| !tired(turn.id)) else { continue };
        turns.push(turn);
        free = last.max(order.end_of(place)) + 1;
    }
    turns
}

/// A part and what is inside it goes behind the part at `last`, which decides about it.
fn behind(order: &Order<'_>, place: usize, last: usize) -> Option<Turn> {
    let (part, target) = (&order.all[place], &order.all[last]);
    let end = order.end_of(place);
    if part.shuffled || last <= end {
        return None;
    }
    if (place..=end).any(|one| order.is_read_within(one, end, last)) {
        return None;
    }
    let target = if let What::Question(_) = part.what
        && part.way == target.way
    {
        Target::Behind(target.question()?.id)
    } else {
        let around = part.around();
        let shared = shared(around, target.around());
        // What is asked of members stays with them, and what is not waits for them all.
        if shared < part.members {
            return None;
        }
        let at = target.way.get(shared)? + 1;
        let below = if let What::Question(_) = part.what { &part.way[..] } else { around };
        let conditions = order.left(&part.way[..shared], below);
        Target::At { into: part.way[..shared].to_vec(), at, conditions }
    };
    Some(turn(part, target))
}

/// The value at `last`, which decides about the part at `place`, goes before it, or what
/// that value needs does. So does a question with a default whose own section it decides
/// about: the other program begins with that default.
fn ahead(order: &Order<'_>, place: usize, mut last: usize) -> Option<Turn> {
    loop {
        match one_ahead(order, place, last)? {
            Ok(turn) => return Some(turn),
            // Each stands before what reads it here, so this ends.
            Err(unknown) => last = unknown,
        }
    }
}

/// The value at `last` goes before the part at `place`, unless another must go first.
fn one_ahead(order: &Order<'_>, place: usize, last: usize) -> Option<Result<Turn, usize>> {
    let (reader, value) = (&order.all[place], &order.all[last]);
    let begins = |one: &Question| one.default.is_some() && value.way.starts_with(&reader.way);
    let question = value.question().filter(|one| value.is_silent() || begins(one))?;
    if value.shuffled {
        return None;
    }
    let shared = shared(reader.around(), value.around());
    if shared < value.members {
        return None;
    }
    let own = question.name.as_str();
    let mut conditions = order.left(&value.way[..shared], &value.way);
    if !matches!(question.kind, Kind::Computed(_)) {
        // What comes from outside, or begins so, is there whether or not its section is
        // asked.
        let reads_itself = |one: &String| words(one).contains(own);
        let (own, others): (Vec<String>, Vec<String>) =
            conditions.into_iter().partition(reads_itself);
        // But a section within cannot be known before it.
        if own.len() > 1 {
            return None;
        }
        conditions = others;
    }
    let on_page = reader.question().filter(|_| reader.way == value.way);
    // On another page it stands before all of the page.
    let before = if on_page.is_some() { place } else { order.start_of(place) };
    if let Some(unknown) = order.unknown_before(last, &conditions, before) {
        let is_between = (place + 1..last).contains(&unknown);
        return is_between.then_some(Err(unknown));
    }
    if let Some(reader) = on_page {
        return Some(Ok(turn(value, Target::Before(reader.id))));
    }
    let at = *reader.way.get(shared)?;
    let into = reader.way[..shared].to_vec();
    Some(Ok(turn(value, Target::At { into, at, conditions })))
}

/// How many sections two ways share from the outside.
fn shared(one: &[usize], other: &[usize]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn turn(part: &Part<'_>, target: Target) -> Turn {
    let (id, name, is_block) = match part.what {
        What::Section(section) => (section.id, &section.name, true),
        What::Page(page) => (page.id, &page.name, true),
        What::Question(question) => (question.id, &question.name, false),
    };
    let (name, from) = (name.clone(), part.way.clone());
    Turn { id, name, is_asked: !part.is_silent(), from, is_block, target }
}

fn make(draft: &mut Draft, turn: Turn) {
    match turn.target {
        Target::Behind(other) | Target::Before(other) => {
            let page = block_at(&mut draft.document.sections, &turn.from);
            let Some(Block::Page(page)) = page else { return };
            let place = |id: ItemId| page.questions.iter().position(|one| one.id == id);
            match (place(turn.id), place(other)) {
                (Some(from), Some(to)) if from < to => page.questions[from..=to].rotate_left(1),
                (Some(from), Some(to)) => page.questions[to..=from].rotate_right(1),
                _ => {}
            }
        }
        Target::At { into, at, conditions } if turn.is_block => {
            move_block(draft, &turn.from, &into, at, conditions);
        }
        Target::At { into, at, conditions } => {
            let page = block_at(&mut draft.document.sections, &turn.from);
            let Some(Block::Page(page)) = page else { return };
            let Some(place) = page.questions.iter().position(|one| one.id == turn.id) else {
                return;
            };
            let question = page.questions.remove(place);
            put(draft, question, &into, at, conditions);
        }
    }
}

/// A section or page goes to a later place in a section around it.
fn move_block(
    draft: &mut Draft,
    from: &[usize],
    into: &[usize],
    at: usize,
    conditions: Vec<String>,
) {
    // Where it leaves the section that it goes into, what follows moves up.
    let at = if from.len() == into.len() + 1 { at - 1 } else { at };
    let Some((place, around)) = from.split_last() else { return };
    if around.is_empty() {
        let mut section = draft.document.sections.remove(*place);
        section.relevant = all_of(conditions, section.relevant.take());
        draft.document.sections.insert(at.min(draft.document.sections.len()), section);
        return;
    }
    let Some(own) = section_at(&mut draft.document.sections, around) else { return };
    let mut block = own.blocks.remove(*place);
    match &mut block {
        Block::Section(section) => {
            section.relevant = all_of(conditions, section.relevant.take());
        }
        Block::Page(page) => page.relevant = all_of(conditions, page.relevant.take()),
    }
    if let Some(section) = section_at(&mut draft.document.sections, into) {
        section.blocks.insert(at.min(section.blocks.len()), block);
        return;
    }
    let section = match block {
        Block::Section(section) => section,
        Block::Page(page) => {
            let name = page.name.clone();
            draft.section(&name, Text::default(), vec![Block::Page(page)])
        }
    };
    draft.document.sections.insert(at.min(draft.document.sections.len()), section);
}

/// Puts a question on a page of its own where it belongs. Pages without questions are
/// left behind; they go at the end.
fn put(
    draft: &mut Draft,
    mut question: Question,
    into: &[usize],
    at: usize,
    conditions: Vec<String>,
) {
    question.relevant = all_of(conditions, question.relevant.take());
    let name = question.name.clone();
    let page = draft.page(&name, vec![question]);
    if let Some(section) = section_at(&mut draft.document.sections, into) {
        section.blocks.insert(at.min(section.blocks.len()), Block::Page(page));
    } else {
        let section = draft.section(&name, Text::default(), vec![Block::Page(page)]);
        draft.document.sections.insert(at.min(draft.document.sections.len()), section);
    }
}

/// One condition that says what all of these say.
pub(super) fn all_of(conditions: Vec<String>, own: Option<String>) -> Option<String> {
    let mut conditions: Vec<String> = conditions.into_iter().chain(own).collect();
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => {
            let each: Vec<String> = conditions.iter().map(|one| format!("({one})")).collect();
            Some(each.join(" and "))
        }
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

/// The block at the end of a way.
fn block_at<'d>(sections: &'d mut [Section], way: &[usize]) -> Option<&'d mut Block> {
    let (place, around) = way.split_last()?;
    section_at(sections, around)?.blocks.get_mut(*place)
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
