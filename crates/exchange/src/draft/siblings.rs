//! Questions, values and sections that stand beside each other, in an order in which each
//! follows what decides about it.
//!
//! Moves of one thing after another (see `silent`) are right for those that leave their
//! section. A form whose thousand values all stand above its questions would need a
//! thousand of them, and so would one whose groups each ask what the next decides about;
//! here they are sorted at once. What is not in the way of a rule stays where it is, so the
//! order is the author's as far as it can be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Block, Members, Page, Question, Section};

use super::Draft;
use super::known::{Part, What, of_block, of_section};
use super::order::words;
use super::silent::all_of;

/// How often what is to be moved is looked through: what stays may give others another
/// place.
const TURNS: usize = 100;

/// What was moved: its identity, its name, whether it is asked.
pub(super) type Moved = Vec<(ItemId, String, bool)>;

/// What decides how many members each roster has, by its name.
type Counts = HashMap<String, BTreeSet<String>>;

/// Sorts the questions of each page, what each section holds, and the sections.
pub(super) fn sorted(draft: &mut Draft) -> Moved {
    let mut moved = Vec::new();
    let rosters = draft.document.rosters.iter().map(|roster| {
        let counted = match &roster.members {
            Members::Count { expression, .. } => expression,
            Members::Chosen { question } => question,
            _ => "",
        };
        (roster.name.clone(), words(counted).into_iter().map(str::to_owned).collect())
    });
    let counts: Counts = rosters.collect();
    let mut sections = std::mem::take(&mut draft.document.sections);
    for section in &mut sections {
        sort_section(draft, section, false, &counts, &mut moved);
    }
    let own = sections.iter().map(|one| One::of_section(one, draft.reconsiders, &counts));
    if let Some(order) = order_of(&own.collect::<Vec<_>>(), &mut moved) {
        let mut all: Vec<Option<Section>> = sections.drain(..).map(Some).collect();
        sections.extend(order.iter().filter_map(|from| all[from.place].take()));
    }
    draft.document.sections = sections;
    moved
}

fn sort_section(
    draft: &mut Draft,
    section: &mut Section,
    shuffled: bool,
    counts: &Counts,
    moved: &mut Moved,
) {
    let shuffled = shuffled || section.shuffled;
    for block in &mut section.blocks {
        match block {
            Block::Section(inner) => sort_section(draft, inner, shuffled, counts, moved),
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
        sort_blocks(draft, section, counts, moved);
    }
}

/// A block, or a value that stands on a page and may leave it.
enum Piece {
    Block(Block),
    Value(Box<Question>),
}

/// Values leave their pages where something later decides about them; what is left of
/// the pages stays in one piece.
fn sort_blocks(draft: &mut Draft, section: &mut Section, counts: &Counts, moved: &mut Moved) {
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
            let mut one = One::of_block(block, draft.reconsiders, counts);
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
    /// What it answers, and whether that is a value that nobody is asked.
    names: Vec<(String, bool)>,
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
    /// One of these parts, called so where it may be moved; what decides about the first
    /// decides about all.
    fn of(parts: &[Part<'_>], free: Option<(ItemId, String)>, is_silent: bool) -> Self {
        let owned =
            |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let names = parts.iter().flat_map(|part| {
            let items = part.question().map_or_else(Vec::new, Question::items);
            items.into_iter().map(|item| (item.name.into_owned(), part.is_silent()))
        });
        Self {
            names: names.collect(),
            decided_by: parts.iter().take(1).flat_map(|part| owned(part.decided_by())).collect(),
            reads: parts.iter().flat_map(|part| owned(part.reads())).collect(),
            free,
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
        let is_silent = part.is_silent();
        let free = (is_silent || reconsiders).then(|| (question.id, question.name.clone()));
        Self::of(&[part], free, is_silent)
    }

    /// A page of one question is moved as that question.
    fn of_block(block: &Block, reconsiders: bool, counts: &Counts) -> Self {
        match block {
            Block::Section(section) => Self::of_section(section, reconsiders, counts),
            Block::Page(Page { questions, relevant, .. }) if questions.len() == 1 => {
                let mut one = Self::of_question(&questions[0], reconsiders);
                one.add(relevant.as_deref());
                one
            }
            Block::Page(_) => Self::of(&of_block(block), None, false),
        }
    }

    /// A section is moved with everything in it where its own condition reads what comes
    /// later; of what is in it, `silent` takes care.
    fn of_section(section: &Section, reconsiders: bool, counts: &Counts) -> Self {
        let free = reconsiders.then(|| (section.id, section.name.clone()));
        let parts = of_section(section);
        let mut one = Self::of(&parts, free, false);
        let rosters = parts.iter().filter_map(|part| match part.what {
            What::Section(inner) => inner.each.as_ref(),
            _ => None,
        });
        for counted in rosters.filter_map(|each| counts.get(&each.roster)) {
            one.reads.extend(counted.iter().cloned());
        }
        one
    }
}

/// What one reads of another.
struct Read {
    other: usize,
    /// Whether that decides about it.
    decides: bool,
    /// Whether it is values that decide, which nobody is asked.
    is_value: bool,
}

/// What each of them reads of the others.
type Reads = Vec<Vec<Read>>;

fn reads_of(all: &[One]) -> Reads {
    let mut places = HashMap::new();
    for (place, one) in all.iter().enumerate() {
        places.extend(one.names.iter().map(|(name, silent)| (name.as_str(), (place, *silent))));
    }
    let of_one = |(place, one): (usize, &One)| {
        let mut found: BTreeMap<usize, Read> = BTreeMap::new();
        for name in &one.reads {
            let Some((other, silent)) = places.get(name.as_str()).copied() else { continue };
            let decides = one.decided_by.contains(name);
            // What is looked at when it is answered may be blank until then.
            if other == place || !(decides || other < place) {
                continue;
            }
            let known = found.entry(other).or_insert(Read { other, decides, is_value: true });
            known.decides |= decides;
            known.is_value &= silent || !decides;
        }
        found.into_values().collect()
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
    let is_late = |(place, read): (usize, &Vec<Read>)| read.iter().any(|read| read.other > place);
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
        let mut stay: Vec<usize> = Vec::new();
        // What stays where it is reads it before it would be known.
        let caught = |moves: &[bool], reader: usize| -> Vec<usize> {
            let passes = |other: usize| {
                other < reader && targets[other].is_some_and(|target| target.last >= reader)
            };
            let read = reads[reader].iter().map(|read| read.other);
            read.filter(|other| moves[*other] && passes(*other)).collect()
        };
        let resting = (0..all.len()).filter(|place| targets[*place].is_none());
        for reader in resting.collect::<Vec<_>>() {
            stay.extend(caught(&moves, reader));
        }
        stay.extend(in_circles(&moves, &targets, reads));
        if stay.is_empty() {
            return Some(targets);
        }
        // What stays is itself in the way of what it reads.
        while let Some(place) = stay.pop() {
            if std::mem::replace(&mut moves[place], false) {
                stay.extend(caught(&moves, place));
            }
        }
    }
    None
}

/// Those that read each other, and what stands between two such circles: nobody settles
/// them. What only waits for them is none of them.
fn in_circles(moves: &[bool], targets: &[Option<Target>], reads: &Reads) -> Vec<usize> {
    let is_open = |place: usize| moves[place] && targets[place].is_none();
    let mut readers = vec![0_usize; moves.len()];
    let open: Vec<usize> = (0..moves.len()).filter(|place| is_open(*place)).collect();
    for place in &open {
        for read in reads[*place].iter().filter(|read| is_open(read.other)) {
            readers[read.other] += 1;
        }
    }
    let mut only_wait: Vec<usize> =
        open.iter().copied().filter(|place| readers[*place] == 0).collect();
    let mut in_circle: BTreeSet<usize> = open.iter().copied().collect();
    while let Some(place) = only_wait.pop() {
        in_circle.remove(&place);
        for read in reads[place].iter().filter(|read| is_open(read.other)) {
            readers[read.other] -= 1;
            if readers[read.other] == 0 {
                only_wait.push(read.other);
            }
        }
    }
    in_circle.into_iter().collect()
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

/// What may be moved: what a later one decides about, values that read such things, and
/// what those decide about.
fn wanted(all: &[One], reads: &Reads) -> Vec<bool> {
    let mut readers: Vec<Vec<(usize, bool)>> = vec![Vec::new(); all.len()];
    for (place, own) in reads.iter().enumerate() {
        for read in own {
            readers[read.other].push((place, read.decides));
        }
    }
    let known = known_from(all, reads);
    let late = |place: usize| {
        let later = reads[place].iter().filter(|read| read.other > place);
        // A value that decides whether something is asked may go before it instead, where
        // all that it needs is known there.
        let must_wait = |read: &Read| {
            let may_go_ahead =
                read.is_value && (!all[read.other].is_silent || known[read.other] <= place);
            all[place].is_silent || !may_go_ahead
        };
        all[place].free.is_some() && later.into_iter().any(must_wait)
    };
    let mut moves: Vec<bool> = (0..all.len()).map(late).collect();
    let mut open: Vec<usize> = (0..all.len()).filter(|place| moves[*place]).collect();
    while let Some(place) = open.pop() {
        for (reader, decides) in &readers[place] {
            let follows = all[*reader].is_silent || *decides;
            if !moves[*reader] && follows && all[*reader].free.is_some() {
                moves[*reader] = true;
                open.push(*reader);
            }
        }
    }
    moves
}

/// From which place on each value is known, with the values that it needs put before it;
/// never, where they need each other.
fn known_from(all: &[One], reads: &Reads) -> Vec<usize> {
    let mut known: Vec<usize> = all
        .iter()
        .enumerate()
        .map(|(place, one)| if one.is_silent { 0 } else { place + 1 })
        .collect();
    let mut waits = vec![0_usize; all.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    let values = || (0..all.len()).filter(|place| all[*place].is_silent);
    for place in values() {
        for read in reads[place].iter().filter(|read| all[read.other].is_silent) {
            waits[place] += 1;
            readers[read.other].push(place);
        }
    }
    let mut ready: Vec<usize> = values().filter(|place| waits[*place] == 0).collect();
    let mut is_done = vec![false; all.len()];
    while let Some(place) = ready.pop() {
        is_done[place] = true;
        let needed = reads[place].iter().map(|read| known[read.other]).max();
        known[place] = needed.unwrap_or(0);
        for reader in &readers[place] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.push(*reader);
            }
        }
    }
    for place in values().filter(|place| !is_done[*place]) {
        known[place] = usize::MAX;
    }
    known
}

/// Where each of the moved goes, the ones that they read first; none for those that read
/// each other.
fn settled(moves: &[bool], reads: &Reads, ends: &[usize]) -> Vec<Option<Target>> {
    let mut waits: Vec<usize> = vec![0; moves.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); moves.len()];
    for (place, read) in reads.iter().enumerate().filter(|(place, _)| moves[*place]) {
        for read in read.iter().filter(|read| moves[read.other]) {
            waits[place] += 1;
            readers[read.other].push(place);
        }
    }
    let mut targets: Vec<Option<Target>> = vec![None; moves.len()];
    let mut ready: Vec<usize> =
        (0..moves.len()).filter(|place| moves[*place] && waits[*place] == 0).collect();
    while let Some(place) = ready.pop() {
        let mut own = Target { last: place, depth: 0 };
        for read in &reads[place] {
            let other = targets[read.other].unwrap_or(Target { last: read.other, depth: 0 });
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
