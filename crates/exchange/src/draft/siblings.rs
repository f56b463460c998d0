//! Questions and values that stand beside each other, in an order in which each follows
//! what decides about it.
//!
//! Moves of one thing after another (see `silent`) are right for those that leave their
//! section. A form whose thousand values all stand above its questions would need a
//! thousand of them; here they are sorted at once. What is not in the way of a rule stays
//! where it is, so the order is the author's as far as it can be.

use std::collections::{BTreeSet, HashMap};

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Block, Page, Question, Section};

use super::Draft;
use super::known::{Part, What, of_block};
use super::order::words;
use super::silent::all_of;

/// How often what is to be moved is looked through: leaving one where it is may leave
/// another that reads it there.
const TURNS: usize = 100;

/// What was moved: its identity, its name, whether it is asked.
pub(super) type Moved = Vec<(ItemId, String, bool)>;

/// Sorts the questions of each page and the pages of each section.
pub(super) fn sorted(draft: &mut Draft) -> Moved {
    let mut moved = Vec::new();
    let mut sections = std::mem::take(&mut draft.document.sections);
    for section in &mut sections {
        sort_section(draft, section, false, &mut moved);
    }
    draft.document.sections = sections;
    moved
}

fn sort_section(draft: &mut Draft, section: &mut Section, shuffled: bool, moved: &mut Moved) {
    let shuffled = shuffled || section.shuffled;
    for block in &mut section.blocks {
        match block {
            Block::Section(inner) => sort_section(draft, inner, shuffled, moved),
            Block::Page(page) if shuffled || page.shuffled => {}
            Block::Page(page) => {
                let own = page.questions.iter();
                let own: Vec<One> =
                    own.map(|one| One::of_question(one, draft.reconsiders)).collect();
                if let Some(order) = order_of(&own, moved) {
                    let mut all: Vec<Option<Question>> =
                        page.questions.drain(..).map(Some).collect();
                    page.questions.extend(order.iter().filter_map(|from| all[from.place].take()));
                }
            }
        }
    }
    if !shuffled {
        sort_blocks(draft, section, moved);
    }
}

/// A block, or a value that stands on a page and may leave it.
enum Piece {
    Block(Block),
    Value(Box<Question>),
}

/// Values leave their pages where something later decides about them; what is left of
/// the pages stays in one piece.
fn sort_blocks(draft: &mut Draft, section: &mut Section, moved: &mut Moved) {
    let mut own: Vec<One> = Vec::new();
    // The block of each, and the place on its page where it is a value of one.
    let mut from: Vec<(usize, Option<usize>)> = Vec::new();
    for (place, block) in section.blocks.iter().enumerate() {
        if let Block::Page(page) = block
            && !page.shuffled
            && page.questions.len() > 1
        {
            let relevant = page.relevant.as_deref();
            for (on_page, question) in page.questions.iter().enumerate() {
                let mut one = One::of_question(question, draft.reconsiders);
                if !one.is_silent {
                    one.free = None;
                }
                one.add(relevant);
                one.block = place;
                own.push(one);
                from.push((place, Some(on_page)));
            }
        } else {
            let mut one = One::of_block(block, draft.reconsiders);
            one.block = place;
            own.push(one);
            from.push((place, None));
        }
    }
    let Some(order) = order_of(&own, moved) else { return };
    let mut blocks: Vec<Option<Block>> = section.blocks.drain(..).map(Some).collect();
    let mut values = lifted(&mut blocks, &order, &from);
    for one in order {
        let (block, _) = from[one.place];
        let piece = match values[one.place].take() {
            Some(value) => Some(Piece::Value(value)),
            // What stays of a page comes where its first question stood.
            None => blocks[block].take().map(Piece::Block),
        };
        match piece {
            Some(Piece::Block(Block::Page(page))) if page.questions.is_empty() => {}
            Some(Piece::Block(block)) => section.blocks.push(block),
            Some(Piece::Value(value)) => {
                let name = value.name.clone();
                section.blocks.push(Block::Page(draft.page(&name, vec![*value])));
            }
            None => {}
        }
    }
}

/// The values that leave their pages, by their place in the order.
fn lifted(
    blocks: &mut [Option<Block>],
    order: &[Went],
    from: &[(usize, Option<usize>)],
) -> Vec<Option<Box<Question>>> {
    let mut values: Vec<Option<Box<Question>>> = from.iter().map(|_| None).collect();
    let mut leaving: Vec<usize> =
        order.iter().filter(|one| one.is_moved).map(|one| one.place).collect();
    // The last of a page first: the places before it stay what they are.
    leaving.sort_unstable_by(|one, other| other.cmp(one));
    for place in leaving {
        let (block, Some(on_page)) = from[place] else { continue };
        if let Some(Block::Page(page)) = &mut blocks[block] {
            let mut value = page.questions.remove(on_page);
            let around = page.relevant.clone().into_iter().collect();
            value.relevant = all_of(around, value.relevant.take());
            values[place] = Some(Box::new(value));
        }
    }
    values
}

/// One of those beside each other.
struct One {
    /// What it answers.
    names: Vec<String>,
    /// The names that decide about it, and all that it reads.
    decided_by: BTreeSet<String>,
    reads: BTreeSet<String>,
    /// What it is called, where it may be moved.
    free: Option<(ItemId, String)>,
    is_silent: bool,
    /// Nothing comes between those of one block.
    block: usize,
}

impl One {
    fn of(parts: &[Part<'_>], question: Option<&Question>, reconsiders: bool) -> Self {
        let items = parts.iter().filter_map(Part::question).flat_map(Question::items);
        let owned =
            |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let is_silent = parts.iter().any(Part::is_silent);
        Self {
            names: items.map(|item| item.name.into_owned()).collect(),
            decided_by: parts.iter().flat_map(|part| owned(part.decided_by())).collect(),
            reads: parts.iter().flat_map(|part| owned(part.reads())).collect(),
            free: question
                .filter(|_| is_silent || reconsiders)
                .map(|one| (one.id, one.name.clone())),
            is_silent,
            block: usize::MAX,
        }
    }

    /// The condition of its page decides about it as well.
    fn add(&mut self, condition: Option<&str>) {
        for word in condition.into_iter().flat_map(words) {
            self.decided_by.insert(word.to_owned());
            self.reads.insert(word.to_owned());
        }
    }

    fn of_question(question: &Question, reconsiders: bool) -> Self {
        let part = Part::alone(What::Question(question));
        Self::of(&[part], Some(question), reconsiders)
    }

    /// A page of one question is moved as that question.
    fn of_block(block: &Block, reconsiders: bool) -> Self {
        let only = match block {
            Block::Page(Page { questions, .. }) if questions.len() == 1 => questions.first(),
            _ => None,
        };
        Self::of(&of_block(block), only, reconsiders)
    }
}

/// What each of them reads of the others: by place, and whether it decides.
type Reads = Vec<Vec<(usize, bool)>>;

fn reads_of(all: &[One]) -> Reads {
    let mut places = HashMap::new();
    for (place, one) in all.iter().enumerate() {
        places.extend(one.names.iter().map(|name| (name.as_str(), place)));
    }
    let of_one = |(place, one): (usize, &One)| {
        let read = one.reads.iter().filter_map(|name| {
            let other = places.get(name.as_str()).copied().filter(|other| *other != place)?;
            // What is looked at when it is answered may be blank until then.
            let decides = one.decided_by.contains(name);
            (decides || other < place).then_some((other, decides))
        });
        read.collect()
    };
    all.iter().enumerate().map(of_one).collect()
}

/// One of those beside each other, in their new order.
struct Went {
    place: usize,
    is_moved: bool,
}

/// The order in which each follows what decides about it, where it is another.
fn order_of(all: &[One], moved: &mut Moved) -> Option<Vec<Went>> {
    let reads = reads_of(all);
    let is_late =
        |(place, read): (usize, &Vec<(usize, bool)>)| read.iter().any(|(other, _)| *other > place);
    if !reads.iter().enumerate().any(is_late) {
        return None;
    }
    let targets = targets(all, &reads)?;
    let key = |place: usize| {
        let own = targets[place].filter(|target| target.last > place);
        own.map_or((place, 0, place), |target| (target.last, target.depth + 1, place))
    };
    let mut order: Vec<Went> =
        (0..all.len()).map(|place| Went { place, is_moved: key(place).0 > place }).collect();
    let went = order.iter().filter(|one| one.is_moved);
    moved.extend(went.filter_map(|one| {
        let (id, name) = all[one.place].free.clone()?;
        Some((id, name, !all[one.place].is_silent))
    }));
    order.sort_by_key(|one| key(one.place));
    Some(order)
}

/// Where something goes: behind the last that it reads, and how many that go there too
/// come before it.
#[derive(Clone, Copy)]
struct Target {
    last: usize,
    depth: usize,
}

/// Where each goes that can be moved; none where they do not come to rest.
fn targets(all: &[One], reads: &Reads) -> Option<Vec<Option<Target>>> {
    let mut moves = wanted(all, reads);
    let ends = ends_of(all);
    for _ in 0..TURNS {
        let targets = settled(&moves, reads, &ends);
        let mut rests = true;
        for (place, read) in reads.iter().enumerate() {
            for (other, _) in read.iter().filter(|(other, _)| *other < place) {
                // What stays where it is reads it before it would be known.
                let is_between = targets[*other].is_some_and(|target| target.last >= place);
                if is_between && targets[place].is_none() && moves[*other] {
                    moves[*other] = false;
                    rests = false;
                }
            }
        }
        // What goes round is settled by nobody.
        for place in 0..all.len() {
            if moves[place] && targets[place].is_none() {
                moves[place] = false;
                rests = false;
            }
        }
        if rests {
            return Some(targets);
        }
    }
    None
}

/// The last of the block of each.
fn ends_of(all: &[One]) -> Vec<usize> {
    let mut ends: Vec<usize> = (0..all.len()).collect();
    for place in (0..all.len().saturating_sub(1)).rev() {
        if all[place].block != usize::MAX && all[place].block == all[place + 1].block {
            ends[place] = ends[place + 1];
        }
    }
    ends
}

/// What may be moved: what a later one decides about, and values that read such things.
fn wanted(all: &[One], reads: &Reads) -> Vec<bool> {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    for (place, read) in reads.iter().enumerate() {
        for (other, _) in read {
            readers[*other].push(place);
        }
    }
    let late = |place: usize| {
        let mut later = reads[place].iter().filter(|(other, _)| *other > place).peekable();
        let is_free = all[place].free.is_some() && later.peek().is_some();
        // A value that decides whether something is asked may go before it instead.
        is_free && (all[place].is_silent || later.all(|(other, _)| !all[*other].is_silent))
    };
    let mut moves: Vec<bool> = (0..all.len()).map(late).collect();
    let mut open: Vec<usize> = (0..all.len()).filter(|place| moves[*place]).collect();
    while let Some(place) = open.pop() {
        for reader in &readers[place] {
            if !moves[*reader] && all[*reader].is_silent && all[*reader].free.is_some() {
                moves[*reader] = true;
                open.push(*reader);
            }
        }
    }
    moves
}

/// Where each of the moved goes, the ones that they read first; none for those that read
/// each other.
fn settled(moves: &[bool], reads: &Reads, ends: &[usize]) -> Vec<Option<Target>> {
    let mut waits: Vec<usize> = vec![0; moves.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); moves.len()];
    for (place, read) in reads.iter().enumerate().filter(|(place, _)| moves[*place]) {
        for (other, _) in read.iter().filter(|(other, _)| moves[*other]) {
            waits[place] += 1;
            readers[*other].push(place);
        }
    }
    let mut targets: Vec<Option<Target>> = vec![None; moves.len()];
    let mut ready: Vec<usize> =
        (0..moves.len()).filter(|place| moves[*place] && waits[*place] == 0).collect();
    while let Some(place) = ready.pop() {
        let mut own = Target { last: place, depth: 0 };
        for (other, _) in &reads[place] {
            let other = targets[*other].unwrap_or(Target { last: *other, depth: 0 });
            own.last = own.last.max(ends[other.last]);
            own.depth = own.depth.max(other.depth + 1);
        }
        targets[place] = Some(own);
        for reader in &readers[place] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(*reader);
            }
        }
    }
    targets
}
