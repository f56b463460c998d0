//! Routing: the path through the pages, worked out anew from the answers.
//!
//! The path is never stored. Answers off the path stay where they are, read as
//! missing (`not_asked`) everywhere, and count again when the path returns.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{Ending, Item, Kind, ListOption, Mode, Page, Question};
use super::expression::{Environment, Expression, evaluate, is_true};
use super::version::{CompiledPage, CompiledQuestion, Version};

/// The way one person takes through a version.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Indices of the pages on the path, in order.
    pub pages: Vec<usize>,
    /// Every item's answer as it counts now: stored if on the path,
    /// `not_asked` if off it, `not_reached` if nothing is stored; calculations
    /// included.
    pub answers: Answers,
    /// Why the interview ends early, if it does: after the last of `pages`.
    pub ending: Option<Ending>,
    asked: HashSet<ItemId>,
}

impl Path {
    /// Whether a question (not a battery's row) is on the path.
    pub fn asks(&self, question: ItemId) -> bool {
        self.asked.contains(&question)
    }

    /// Whether an item (a row, a cell, the text beside "other") is on the path.
    pub fn asks_item(&self, item: ItemId) -> bool {
        self.answers.get(item).is_some_and(|answer| answer.state() != State::NotAsked)
    }

    /// The page after `page` on the path; `None` at the end.
    pub fn next_after(&self, page: usize) -> Option<usize> {
        self.pages.iter().copied().find(|candidate| *candidate > page)
    }

    /// The page before `page` on the path.
    pub fn before(&self, page: usize) -> Option<usize> {
        self.pages.iter().rev().copied().find(|candidate| *candidate < page)
    }
}

/// Answers as expressions see them.
pub struct Evaluation<'a> {
    /// The version.
    pub version: &'a Version,
    /// The answers as they count.
    pub answers: &'a Answers,
    /// The day the response began.
    pub today: NaiveDate,
    /// The value being checked, or the option being filtered.
    pub own: Option<&'a Value>,
    /// The language labels are read in.
    pub language: &'a str,
    /// What `random()` gives here, from 0 to 1; only where a value is drawn.
    pub chance: Option<f64>,
}

impl Environment for Evaluation<'_> {
    fn answer(&self, reference: &str) -> Cow<'_, Answer> {
        Uuid::try_parse(reference)
            .ok()
            .and_then(|id| self.answers.get(id))
            .map_or(Cow::Owned(Answer::Missing(State::NotReached)), Cow::Borrowed)
    }

    fn self_value(&self) -> Option<Cow<'_, Value>> {
        self.own.map(Cow::Borrowed)
    }

    fn today(&self) -> Option<NaiveDate> {
        Some(self.today)
    }

    fn random(&self) -> Option<f64> {
        self.chance
    }

    fn label(&self, list: &str, code: &str) -> Option<String> {
        let document = &self.version.document;
        let option = document.list(list)?.options.iter().find(|option| option.code == code)?;
        Some(option.label.get(self.language, &document.default_language).to_owned())
    }

    fn attribute(&self, list: &str, code: &str, name: &str) -> Option<String> {
        let list = self.version.document.list(list)?;
        let option = list.options.iter().find(|option| option.code == code)?;
        option.attributes.get(name).cloned()
    }

    fn options(&self, list: &str) -> Option<Cow<'_, [String]>> {
        let list = self.version.document.list(list)?;
        Some(list.options.iter().map(|option| option.code.clone()).collect())
    }
}

/// Works out the path. `today` is the day the response began, not the clock's.
pub fn route(version: &Version, answers: &Answers, today: NaiveDate) -> Path {
    let mut path = Path::default();
    for (index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(index) else { continue };
        let open = path.ending.is_none();
        let relevant = open && conditions_hold(version, compiled, &path.answers, today);
        let mut shown = false;
        for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
            let asked = relevant
                && path.ending.is_none()
                && question.is_for(Mode::Web)
                && expressions
                    .relevant
                    .as_ref()
                    .is_none_or(|condition| holds(version, condition, &path.answers, today));
            let off_path = if path.ending.is_none() { State::NotAsked } else { State::NotReached };
            settle(version, question, expressions, asked, off_path, answers, &mut path, today);
            if asked {
                path.asked.insert(question.id);
                shown |= !question.kind.is_silent();
                path.ending = path.ending.or_else(|| ending_of(version, question, &path.answers));
            }
        }
        if shown {
            path.pages.push(index);
        }
    }
    path
}

/// Puts a question's answers, as they count, on the path.
#[expect(clippy::too_many_arguments, reason = "one step of route, split out for length")]
fn settle(
    version: &Version,
    question: &Question,
    expressions: &CompiledQuestion,
    asked: bool,
    off_path: State,
    stored: &Answers,
    path: &mut Path,
    today: NaiveDate,
) {
    if let Some(calculation) = &expressions.calculation {
        let answer = if asked && calculation.is_drawn() {
            stored.get(question.id).cloned().unwrap_or(Answer::Missing(State::NotReached))
        } else if asked {
            let environment = Evaluation {
                version,
                answers: &path.answers,
                today,
                own: None,
                language: "",
                chance: None,
            };
            evaluate(calculation, &environment)
                .filter(|value| *value != Value::Text(String::new()))
                .map_or(Answer::Missing(State::Skipped), Answer::Value)
        } else {
            Answer::Missing(off_path)
        };
        path.answers.set(question.id, answer);
        return;
    }
    for (place, item) in expressions.items.iter().enumerate() {
        let answer = if !asked {
            Answer::Missing(off_path)
        } else if asks_item(version, question, expressions, place, &path.answers, today) {
            stored.get(*item).cloned().unwrap_or(Answer::Missing(State::NotReached))
        } else {
            Answer::Missing(State::NotAsked)
        };
        path.answers.set(*item, answer);
    }
}

/// Whether an item of a question that is asked is asked too: its row may have a
/// condition of its own, and the text beside "other" waits for that option.
pub(super) fn asks_item(
    version: &Version,
    question: &Question,
    expressions: &CompiledQuestion,
    place: usize,
    answers: &Answers,
    today: NaiveDate,
) -> bool {
    if let Some(Some(condition)) = expressions.item_relevant.get(place) {
        return holds(version, condition, answers, today);
    }
    match &expressions.other {
        Some(option) if place + 1 == expressions.items.len() => {
            match answers.get(question.id).and_then(Answer::value) {
                Some(Value::Option(code)) => code == option,
                Some(Value::Set(codes)) => codes.contains(option),
                _ => false,
            }
        }
        _ => true,
    }
}

/// What stands in a question's box before anything is answered.
pub fn default_value(
    version: &Version,
    question: ItemId,
    answers: &Answers,
    today: NaiveDate,
) -> Option<Value> {
    let default = version.compiled(question)?.default.as_ref()?;
    let environment = Evaluation { version, answers, today, own: None, language: "", chance: None };
    evaluate(default, &environment).filter(|value| *value != Value::Text(String::new()))
}

/// What the numbers of every column of a grid must add up to.
pub fn total_value(
    version: &Version,
    question: ItemId,
    answers: &Answers,
    today: NaiveDate,
) -> Option<f64> {
    let total = version.compiled(question)?.total.as_ref()?;
    let environment = Evaluation { version, answers, today, own: None, language: "", chance: None };
    match evaluate(total, &environment) {
        Some(Value::Number(total)) => Some(total),
        _ => None,
    }
}

fn conditions_hold(
    version: &Version,
    page: &CompiledPage,
    answers: &Answers,
    today: NaiveDate,
) -> bool {
    page.relevant.iter().all(|condition| holds(version, condition, answers, today))
}

/// Whether a condition is true of the answers; missing counts as false.
pub fn holds(
    version: &Version,
    condition: &Expression,
    answers: &Answers,
    today: NaiveDate,
) -> bool {
    let environment = Evaluation { version, answers, today, own: None, language: "", chance: None };
    is_true(evaluate(condition, &environment).as_ref())
}

fn ending_of(version: &Version, question: &Question, answers: &Answers) -> Option<Ending> {
    let list = version.document.list(question.kind.list()?)?;
    let chosen = |code: &str| match answers.get(question.id).and_then(Answer::value) {
        Some(Value::Option(value)) => value == code,
        Some(Value::Set(values)) => values.iter().any(|value| value == code),
        _ => false,
    };
    list.options.iter().filter(|option| chosen(&option.code)).find_map(|option| option.ends)
}

/// The codes offered by a question, in this respondent's order.
///
/// Anchored options and reasons for having no value keep their places. The
/// order depends on `seed` and the question alone, so storing the seed stores
/// the order.
pub fn offered_codes(
    version: &Version,
    question: &Question,
    answers: &Answers,
    today: NaiveDate,
    seed: u64,
) -> Vec<String> {
    let list = question.kind.list().and_then(|list| version.document.list(list));
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
    let filter = version.compiled(question.id).and_then(|compiled| compiled.filter.as_ref());
    offered.retain(|option| {
        filter.is_none_or(|filter| {
            let candidate = Value::Option(option.code.clone());
            let environment = Evaluation {
                version,
                answers,
                today,
                own: Some(&candidate),
                language: "",
                chance: None,
            };
            is_true(evaluate(filter, &environment).as_ref())
        })
    });
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
            let list = kind.list().and_then(|list| version.document.list(list));
            let codes = list.into_iter().flat_map(|list| &list.options);
            Cow::Owned(codes.map(|option| option.code.clone()).collect())
        }
    }
}

/// What chance decides for one respondent (arms of a split ballot), drawn once
/// when the interview begins and stored like answers.
pub fn drawn_answers(version: &Version, today: NaiveDate, seed: u64) -> Answers {
    use rand::{Rng as _, SeedableRng as _};
    let mut drawn = Answers::default();
    for (index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(index) else { continue };
        for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
            let random = || rand_chacha::ChaCha12Rng::from_seed(key(seed, question.id));
            if let Kind::Arm(arm) = &question.kind
                && let Some(list) = version.document.list(&arm.list)
            {
                // "Don't know" is no arm.
                let arms: Vec<_> =
                    list.options.iter().filter(|option| option.missing.is_none()).collect();
                if let Some(option) = arms.get(below(arms.len(), &mut random())) {
                    drawn.set(question.id, Answer::Value(Value::Option(option.code.clone())));
                }
            }
            let Some(calculation) = &expressions.calculation else { continue };
            if !calculation.is_drawn() {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let chance = (random().next_u64() >> 11) as f64 * 2.0_f64.powi(-53);
            let environment = Evaluation {
                version,
                answers: &drawn,
                today,
                own: None,
                language: "",
                chance: Some(chance),
            };
            if let Some(value) = evaluate(calculation, &environment) {
                drawn.set(question.id, Answer::Value(value));
            }
        }
    }
    drawn
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
    let mut random = rand_chacha::ChaCha12Rng::from_seed(key(seed, item));
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

fn key(seed: u64, item: ItemId) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[16..].copy_from_slice(item.as_bytes());
    key
}
