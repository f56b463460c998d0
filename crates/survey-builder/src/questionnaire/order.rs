//! What chance decides for one respondent: the order of blocks, questions, rows
//! and options, and what is drawn at random.
//!
//! Every order depends on the response's seed and on the identity of what is
//! ordered, so storing the seed stores the orders.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::answer::{Answer, Answers, ItemId, Value};
use super::document::{Block, Item, Kind, ListOption, Page, Question, Section, task_identity};
use super::expression::{evaluate, is_true};
use super::path::{Evaluation, Standpoint, key};
use super::routing::route;
use super::version::{CompiledQuestion, Version};

/// The blocks of a section in the order that was drawn for this respondent, as
/// indices; until it is drawn, as they are written.
pub(super) fn block_order(section: &Section, stored: &Answers) -> Vec<usize> {
    let written = 0..section.blocks.len();
    let drawn = stored.get(section.id).filter(|_| section.shuffled).and_then(Answer::value);
    let Some(Value::List(order)) = drawn else { return written.collect() };
    let places = order.iter().filter_map(|place| match place {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        Some(Value::Number(place)) => (*place as usize).checked_sub(1),
        _ => None,
    });
    let order: Vec<usize> = places.collect();
    // An order drawn for another version does not apply.
    if written.clone().all(|place| order.contains(&place)) { order } else { written.collect() }
}

/// The order of a shuffled section's blocks, drawn: places from 1. What is
/// anchored stays where it is.
fn drawn_order(section: &Section, seed: u64) -> Value {
    let anchored = |block: &Block| match block {
        Block::Page(page) => page.anchored,
        Block::Section(inner) => inner.anchored,
    };
    let mut order: Vec<usize> = (0..section.blocks.len()).collect();
    let free: Vec<usize> =
        order.iter().copied().filter(|place| !anchored(&section.blocks[*place])).collect();
    for (place, from) in free.iter().zip(shuffle(free.len(), seed, section.id)) {
        order[*place] = free[from];
    }
    #[expect(clippy::cast_precision_loss, reason = "a place")]
    Value::List(order.into_iter().map(|place| Some(Value::Number((place + 1) as f64))).collect())
}

/// The codes offered by a question, in this respondent's order.
///
/// Anchored options and reasons for having no value keep their places. The
/// order depends on `seed` and the question alone, so storing the seed stores
/// the order.
pub fn offered_codes(at: &Standpoint<'_>, question: &Question, seed: u64) -> Vec<String> {
    let version = at.version;
    let list = question.kind.list().and_then(|list| version.list(list));
    let Some(list) = list.filter(|_| question.kind.takes_answer()) else { return Vec::new() };
    let shuffled = question.kind.choice().is_some_and(|choice| choice.shuffled);
    let mut offered: Vec<&ListOption> = match &question.kind {
        Kind::BestWorst(pair) => {
            let shown = pair.drawn.map_or(list.options.len(), |count| count as usize);
            let mut drawn = shuffle(list.options.len(), seed, question.id);
            drawn.truncate(shown);
            drawn.sort_unstable();
            drawn.into_iter().map(|place| &list.options[place]).collect()
        }
        _ => list.options.iter().collect(),
    };
    offered.retain(|option| is_offered(at, question, &option.code));
    if shuffled {
        let free: Vec<usize> = (0..offered.len())
            .filter(|place| !offered[*place].anchored && offered[*place].missing.is_none())
            .collect();
        let order = shuffle(free.len(), seed, question.id);
        let moved: Vec<_> = order.iter().map(|from| offered[free[*from]]).collect();
        for (place, option) in free.into_iter().zip(moved) {
            offered[place] = option;
        }
    }
    offered.into_iter().map(|option| option.code.clone()).collect()
}

/// The alternatives of a choice set as one respondent sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profiles {
    /// The attributes in the order shown, as indices.
    pub attributes: Vec<usize>,
    /// For each task and each profile the index of the level of each attribute,
    /// as the attributes are written.
    pub levels: Vec<Vec<Vec<usize>>>,
}

/// Draws the alternatives of a choice set: every level of an attribute is as
/// likely as the others and independent of all else, except that two profiles of
/// a task are never the same where they can differ.
pub fn drawn_profiles(version: &Version, question: &Question, seed: u64) -> Option<Profiles> {
    /// So many draws find another profile, were there only two of them, in all
    /// but one of a thousand tasks.
    const TRIES: usize = 10;
    use rand::SeedableRng as _;
    let Kind::ChoiceSet(set) = &question.kind else { return None };
    let count = |list: &str| version.list(list).map_or(0, |list| list.options.len());
    let sizes: Vec<usize> = set.attributes.iter().map(|it| count(&it.list)).collect();
    let written = 0..sizes.len();
    let attributes =
        if set.shuffled { shuffle(sizes.len(), seed, question.id) } else { written.collect() };
    let task = |number: u32| {
        let own = task_identity(question.id, number);
        let mut random = rand_chacha::ChaCha12Rng::from_seed(random_key(seed, own));
        let mut profiles: Vec<Vec<usize>> = Vec::new();
        for _ in 0..set.profiles {
            let mut profile = Vec::new();
            for _ in 0..TRIES {
                profile = sizes.iter().map(|size| below(*size, &mut random)).collect();
                if !profiles.contains(&profile) {
                    break;
                }
            }
            profiles.push(profile);
        }
        profiles
    };
    Some(Profiles { attributes, levels: (1..=set.tasks).map(task).collect() })
}

/// Whether the filter of a question lets an option of its list through.
pub fn is_offered(at: &Standpoint<'_>, question: &Question, code: &str) -> bool {
    let compiled = at.version.compiled(question.id);
    compiled.and_then(|compiled| compiled.filter.as_ref()).is_none_or(|filter| {
        let candidate = Value::Option(code.to_owned());
        let environment = Evaluation { own: Some(&candidate), ..at.evaluation() };
        is_true(evaluate(filter, &environment).as_ref())
    })
}

/// The codes offered for one item: a cell offers its column's whole list, the
/// text beside an option none.
pub fn offered_for<'a>(
    version: &Version,
    question: &Question,
    item: &Item<'_>,
    of_question: &'a [String],
) -> Cow<'a, [String]> {
    if item.is_other {
        return Cow::Borrowed(&[]);
    }
    match item.column {
        None => Cow::Borrowed(of_question),
        Some(_) => {
            let kind = item.kind_in(question);
            let list = kind.list().and_then(|list| version.list(list));
            let codes = list.into_iter().flat_map(|list| &list.options);
            Cow::Owned(codes.map(|option| option.code.clone()).collect())
        }
    }
}

/// What chance decides for one respondent (arms of a split ballot, random
/// numbers, the order of shuffled sections) and is not drawn yet: stored like
/// answers. What members of rosters are drawn is drawn when the path comes to
/// them; everything else at once, when the interview begins.
pub fn drawn_answers(version: &Version, stored: &Answers, today: NaiveDate, seed: u64) -> Answers {
    let mut drawn = Answers::default();
    if !version.draws() {
        return drawn;
    }
    let shuffled = version.document.all_sections().into_iter().filter(|section| section.shuffled);
    for section in shuffled.filter(|section| stored.get(section.id).is_none()) {
        drawn.set(section.id, Answer::Value(drawn_order(section, seed)));
    }
    let mut path = route(version, stored, today);
    for (index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(index) else { continue };
        let drawn_here =
            page.questions.iter().zip(&compiled.questions).filter(|(_, one)| one.is_drawn);
        for (question, expressions) in drawn_here {
            for within in path.members_of(&compiled.rosters) {
                let own = key(question.id, &within);
                if stored.get(own).is_some() {
                    continue;
                }
                let at = Standpoint { version, path: &path, within: &within, today };
                if let Some(value) = draw(&at, question, expressions, seed) {
                    // What is drawn later may read it.
                    path.answers.set(own, Answer::Value(value.clone()));
                    drawn.set(own, Answer::Value(value));
                }
            }
        }
    }
    drawn
}

/// The codes of a split ballot's arms: "don't know" is none.
pub fn arms_of<'a>(version: &'a Version, question: &Question) -> Vec<&'a str> {
    let Kind::Arm(arm) = &question.kind else { return Vec::new() };
    let options = version.list(&arm.list).map_or(&[][..], |list| &list.options);
    let arms = options.iter().filter(|option| option.missing.is_none());
    arms.map(|option| option.code.as_str()).collect()
}

/// The split ballots that are drawn when an interview begins, not member by
/// member of a roster.
pub fn arms_at_start(version: &Version) -> impl Iterator<Item = &Question> {
    let questions = version.document.questions();
    questions.filter(|question| {
        matches!(question.kind, Kind::Arm(_)) && version.rosters_around(question.id).is_empty()
    })
}

/// The arm of a split ballot for one respondent: by chance, among those given
/// least so far, so that the arms never differ by more than one.
pub fn even_arm(
    version: &Version,
    question: &Question,
    seed: u64,
    given: impl Fn(&str) -> i64,
) -> Option<String> {
    use rand::SeedableRng as _;
    let arms = arms_of(version, question);
    let least = arms.iter().map(|code| given(code)).min()?;
    let open: Vec<&str> = arms.into_iter().filter(|code| given(code) == least).collect();
    let mut random = rand_chacha::ChaCha12Rng::from_seed(random_key(seed, question.id));
    open.get(below(open.len(), &mut random)).map(|code| (*code).to_owned())
}

/// One thing that chance decides, from the seed and what it is drawn for.
fn draw(
    at: &Standpoint<'_>,
    question: &Question,
    expressions: &CompiledQuestion,
    seed: u64,
) -> Option<Value> {
    use rand::{Rng as _, SeedableRng as _};
    let own = key(question.id, at.within);
    let mut random = rand_chacha::ChaCha12Rng::from_seed(random_key(seed, own));
    if matches!(question.kind, Kind::Arm(_)) {
        let arms = arms_of(at.version, question);
        let code = arms.get(below(arms.len(), &mut random))?;
        return Some(Value::Option((*code).to_owned()));
    }
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let chance = (random.next_u64() >> 11) as f64 * 2.0_f64.powi(-53);
    let environment = Evaluation { chance: Some(chance), ..at.evaluation() };
    evaluate(expressions.calculation.as_ref()?, &environment)
}

/// The items of a question in this respondent's order, as indices: rows may
/// change their places, the cells of a row stay together.
pub fn item_order(question: &Question, seed: u64) -> Vec<usize> {
    let (rows, cells, shuffled) = match &question.kind {
        Kind::Battery(battery) => (battery.rows.len(), 1, battery.shuffled),
        Kind::Grid(grid) => (grid.rows.len(), grid.columns.len(), grid.shuffled),
        _ => return (0..question.items().len()).collect(),
    };
    let order =
        if shuffled { shuffle(rows, seed, question.id) } else { (0..rows).collect::<Vec<_>>() };
    order.into_iter().flat_map(|row| row * cells..(row + 1) * cells).collect()
}

/// The questions of a page in this respondent's order, as indices. Notes,
/// computed values and what is anchored keep their places.
pub fn question_order(page: &Page, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..page.questions.len()).collect();
    if !page.shuffled {
        return order;
    }
    let moves = |place: &usize| {
        let question = &page.questions[*place];
        question.kind.takes_answer() && !question.anchored
    };
    let free: Vec<usize> = order.iter().copied().filter(moves).collect();
    for (place, from) in free.iter().zip(shuffle(free.len(), seed, page.id)) {
        order[*place] = free[from];
    }
    order
}

/// A permutation of `0..count` that depends on the seed and the item (Fisher
/// and Yates 1938, Durstenfeld's form). Written out, because a stored seed
/// must give the same order in every later release.
fn shuffle(count: usize, seed: u64, item: ItemId) -> Vec<usize> {
    use rand::SeedableRng as _;
    let mut random = rand_chacha::ChaCha12Rng::from_seed(random_key(seed, item));
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(last + 1, &mut random));
    }
    order
}

/// A number from 0 to below `count`: the high half of a product, uniform to
/// within 2^-64 (Lemire 2019).
fn below(count: usize, random: &mut rand_chacha::ChaCha12Rng) -> usize {
    use rand::Rng as _;
    let chosen = (u128::from(random.next_u64()) * count as u128) >> 64;
    usize::try_from(chosen).unwrap_or(0)
}

fn random_key(seed: u64, item: ItemId) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[16..].copy_from_slice(item.as_bytes());
    key
}

/// Something whose order may differ from person to person.
#[derive(Clone, Copy, Debug)]
pub enum Ordered<'a> {
    /// The blocks of a section.
    Blocks(&'a Section),
    /// The questions of a page.
    Questions(&'a Page),
    /// The options of a question, or which of them are shown.
    Options(&'a Question),
    /// The rows of a battery or a grid.
    Rows(&'a Question),
}

impl<'a> Ordered<'a> {
    /// Everything in a version whose order chance decides, as it is written.
    pub fn all(version: &'a Version) -> Vec<Self> {
        let sections = version.document.all_sections().into_iter();
        let mut found: Vec<Self> =
            sections.filter(|section| section.shuffled).map(Self::Blocks).collect();
        for (_, page) in version.document.pages() {
            found.extend(page.shuffled.then_some(Self::Questions(page)));
            found.extend(page.questions.iter().filter_map(|question| match &question.kind {
                Kind::Battery(battery) => battery.shuffled.then_some(Self::Rows(question)),
                Kind::Grid(grid) => grid.shuffled.then_some(Self::Rows(question)),
                Kind::BestWorst(pair) => pair.drawn.map(|_| Self::Options(question)),
                kind => {
                    let shuffled = kind.choice().is_some_and(|choice| choice.shuffled);
                    // What is searched is seen in no order of its own.
                    let shown = shuffled && version.searched(kind).is_none();
                    shown.then_some(Self::Options(question))
                }
            }));
        }
        found
    }

    /// The identity of what is ordered.
    pub fn id(self) -> ItemId {
        match self {
            Self::Blocks(section) => section.id,
            Self::Questions(page) => page.id,
            Self::Options(question) | Self::Rows(question) => question.id,
        }
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        match self {
            Self::Blocks(section) => &section.name,
            Self::Questions(page) => &page.name,
            Self::Options(question) | Self::Rows(question) => &question.name,
        }
    }

    /// An item that is asked where the order is seen; none for blocks, whose
    /// order is one for the whole interview.
    pub fn item(self) -> Option<ItemId> {
        match self {
            Self::Blocks(_) => None,
            Self::Questions(page) => page.questions.first().map(|question| question.id),
            Self::Options(question) | Self::Rows(question) => {
                question.items().first().map(|item| item.id)
            }
        }
    }

    /// The order one respondent saw: names of blocks, questions or rows, codes
    /// of options. `None` where it was not seen.
    pub fn seen(self, at: &Standpoint<'_>, stored: &Answers, seed: u64) -> Option<Vec<String>> {
        match self {
            Self::Blocks(section) => {
                stored.get(section.id)?;
                let names = block_order(section, stored).into_iter().filter_map(|place| {
                    section.blocks.get(place).map(|block| match block {
                        Block::Page(page) => page.name.clone(),
                        Block::Section(inner) => inner.name.clone(),
                    })
                });
                Some(names.collect())
            }
            Self::Questions(page) => {
                let asked = |place: &usize| {
                    let question = page.questions.get(*place);
                    question.is_some_and(|one| at.path.asks(key(one.id, at.within)))
                };
                let seen: Vec<usize> =
                    question_order(page, seed).into_iter().filter(asked).collect();
                let names = seen.into_iter().map(|place| page.questions[place].name.clone());
                Some(names.collect()).filter(|names: &Vec<String>| !names.is_empty())
            }
            Self::Options(question) => {
                let asked = at.path.asks(key(question.id, at.within));
                asked.then(|| offered_codes(at, question, seed))
            }
            Self::Rows(question) => {
                let items = question.items();
                let asks = |place: &usize| {
                    let item = items.get(*place);
                    item.is_some_and(|item| at.path.asks_item(key(item.id, at.within)))
                };
                let mut rows: Vec<String> = Vec::new();
                for place in item_order(question, seed).into_iter().filter(asks) {
                    let item = &items[place];
                    let name =
                        item.row.map_or_else(|| item.name.to_string(), |row| row.name.clone());
                    if rows.last() != Some(&name) {
                        rows.push(name);
                    }
                }
                Some(rows).filter(|rows| !rows.is_empty())
            }
        }
    }
}
