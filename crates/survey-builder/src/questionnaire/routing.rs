//! Routing: the path through the pages, worked out anew from the answers.
//!
//! The path is never stored. Answers off the path stay where they are, read as
//! missing (`not_asked`) everywhere, and count again when the path returns.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{
    Block, Ending, Item, Kind, ListOption, Members, Mode, Page, Question, Section,
};
use super::expression::{Environment, Expression, evaluate, is_true};
use super::member::{Member, Met, Rosters, Stop, Within, key, members_of};
use super::version::{CompiledQuestion, Version};

/// The way one person takes through a version.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// The stops, in order: a page once for each member of the rosters around it.
    pub stops: Vec<Stop>,
    /// Every item's answer as it counts now: stored if on the path,
    /// `not_asked` if off it, `not_reached` if nothing is stored; calculations
    /// included. In a roster they stand under [`key`].
    pub answers: Answers,
    /// The members of the rosters that the path has come to.
    pub rosters: Rosters,
    /// Why the interview ends early, if it does: after the last of `stops`.
    pub ending: Option<Ending>,
    asked: HashSet<ItemId>,
}

impl Path {
    /// Whether a question (not a battery's row) is on the path, by its [`key`].
    pub fn asks(&self, question: ItemId) -> bool {
        self.asked.contains(&question)
    }

    /// Whether an item (a row, a cell, the text beside "other") is on the path,
    /// by its [`key`].
    pub fn asks_item(&self, item: ItemId) -> bool {
        self.answers.get(item).is_some_and(|answer| answer.state() != State::NotAsked)
    }

    /// The stop after this one; `None` at the end.
    pub fn next_after(&self, stop: &Stop) -> Option<&Stop> {
        self.stops.get(self.stops.iter().position(|one| one == stop)? + 1)
    }

    /// The stop before this one.
    pub fn before(&self, stop: &Stop) -> Option<&Stop> {
        self.stops.get(self.stops.iter().position(|one| one == stop)?.checked_sub(1)?)
    }

    /// For every stop the index in the document of the outermost section it is
    /// in; a list of members is where its roster is first asked about.
    pub fn parts(&self, version: &Version) -> Vec<usize> {
        let part = |stop: &Stop| {
            let index = stop.page_index()?;
            Some(version.pages().get(index)?.part())
        };
        let lists = |stop: &Stop| match stop.met {
            Met::Members(index) => {
                let name = &version.document.rosters.get(index)?.name;
                let asks = |section: &&Section| {
                    section.each.as_ref().is_some_and(|each| each.roster == *name)
                };
                let mut sections = version.document.sections.iter();
                sections.position(|section| section.with_inner().iter().any(asks))
            }
            Met::Page(_) => None,
        };
        self.stops.iter().map(|stop| part(stop).or_else(|| lists(stop)).unwrap_or(0)).collect()
    }

    /// Every member of nested rosters, with those around it; `rosters` are from
    /// the outermost in, `within` the members one is in already.
    fn each_member(
        &self,
        rosters: &[ItemId],
        within: &mut Vec<Member>,
        visit: &mut impl FnMut(&[Member]),
    ) {
        let Some((roster, inner)) = rosters.split_first() else { return visit(within) };
        for member in self.rosters.get(&key(*roster, within)).into_iter().flatten() {
            within.push(member.clone());
            self.each_member(inner, within, visit);
            within.pop();
        }
    }

    /// Every member, with those around it, that a chain of nested rosters has.
    pub fn members_of(&self, rosters: &[ItemId]) -> Vec<Within> {
        let mut found = Vec::new();
        self.each_member(rosters, &mut Vec::new(), &mut |within| found.push(within.into()));
        found
    }
}

/// Where an expression is worked out: what is known there and for which
/// members of rosters.
#[derive(Clone, Copy)]
pub struct Standpoint<'a> {
    /// The version.
    pub version: &'a Version,
    /// The answers and members as they count.
    pub path: &'a Path,
    /// The members one is in, the outermost first.
    pub within: &'a [Member],
    /// The day the response began, not the clock's.
    pub today: NaiveDate,
}

impl<'a> Standpoint<'a> {
    /// What expressions see from here.
    pub fn evaluation(self) -> Evaluation<'a> {
        Evaluation { at: self, own: None, language: "", chance: None }
    }

    /// The value of an expression.
    pub fn value(&self, expression: &Expression) -> Option<Value> {
        evaluate(expression, &self.evaluation())
    }

    /// Whether a condition is true; missing counts as false.
    pub fn holds(&self, condition: &Expression) -> bool {
        is_true(self.value(condition).as_ref())
    }

    /// The answer to an item, of the member one is in where it is asked of
    /// members.
    pub fn answer(&self, item: ItemId) -> Option<&'a Answer> {
        answer_within(self.version, self.path, self.within, item)
    }

    /// The answers of all members to an item: those of the innermost roster
    /// around it, in the members one is in.
    fn answers_of_members(&self, item: ItemId) -> Vec<Option<Value>> {
        let around = self.version.rosters_around(item);
        let Some((_, outer)) = around.split_last() else { return Vec::new() };
        let shared = outer
            .iter()
            .zip(self.within)
            .take_while(|(roster, member)| **roster == member.roster)
            .count();
        let mut found = Vec::new();
        let mut within = self.within[..shared].to_vec();
        self.path.each_member(&around[shared..], &mut within, &mut |within| {
            let answer = self.path.answers.get(key(item, within));
            found.push(answer.and_then(Answer::value).cloned());
        });
        found
    }

    /// The members of a roster, seen from here.
    pub fn members(&self, roster: ItemId) -> Option<&'a [Member]> {
        let depths = (0..=self.within.len()).rev();
        let mut keys = depths.map(|depth| key(roster, &self.within[..depth]));
        keys.find_map(|key| self.path.rosters.get(&key)).map(Vec::as_slice)
    }
}

/// The answer to an item as the members one is in have it; `None` from outside
/// the roster it is asked in.
pub fn answer_within<'a>(
    version: &Version,
    path: &'a Path,
    within: &[Member],
    item: ItemId,
) -> Option<&'a Answer> {
    let around = version.rosters_around(item);
    let inside = around.len() <= within.len()
        && around.iter().zip(within).all(|(roster, member)| *roster == member.roster);
    if !inside {
        return None;
    }
    path.answers.get(key(item, &within[..around.len()]))
}

/// Answers as expressions see them.
pub struct Evaluation<'a> {
    /// Where one stands.
    pub at: Standpoint<'a>,
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
            .and_then(|id| self.at.answer(id))
            .map_or(Cow::Owned(Answer::Missing(State::NotReached)), Cow::Borrowed)
    }

    fn instances(&self, reference: &str) -> Cow<'_, Answer> {
        let item = Uuid::try_parse(reference).ok();
        match item.filter(|item| !self.at.version.rosters_around(*item).is_empty()) {
            Some(item) => Cow::Owned(Answer::Value(Value::List(self.at.answers_of_members(item)))),
            // A ranking is a list too.
            None => self.answer(reference),
        }
    }

    fn roster_size(&self, reference: &str) -> Option<usize> {
        self.at.members(Uuid::try_parse(reference).ok()?).map(<[Member]>::len)
    }

    fn position(&self) -> Option<usize> {
        self.at.within.last().map(|member| member.place)
    }

    fn self_value(&self) -> Option<Cow<'_, Value>> {
        self.own.map(Cow::Borrowed)
    }

    fn today(&self) -> Option<NaiveDate> {
        Some(self.at.today)
    }

    fn random(&self) -> Option<f64> {
        self.chance
    }

    fn label(&self, list: &str, code: &str) -> Option<String> {
        let document = &self.at.version.document;
        let option = document.list(list)?.options.iter().find(|option| option.code == code)?;
        Some(option.label.get(self.language, &document.default_language).to_owned())
    }

    fn attribute(&self, list: &str, code: &str, name: &str) -> Option<String> {
        let list = self.at.version.document.list(list)?;
        let option = list.options.iter().find(|option| option.code == code)?;
        option.attributes.get(name).cloned()
    }

    fn options(&self, list: &str) -> Option<Cow<'_, [String]>> {
        let list = self.at.version.document.list(list)?;
        Some(list.options.iter().map(|option| option.code.clone()).collect())
    }
}

/// Works out the path. `today` is the day the response began, not the clock's.
pub fn route(version: &Version, answers: &Answers, today: NaiveDate) -> Path {
    let mut walk = Walk { version, stored: answers, today, path: Path::default() };
    let mut first = 0;
    for section in &version.document.sections {
        walk.section(section, first, &Within::from([]));
        first += page_count(section);
    }
    walk.path
}

/// The blocks of a section in the order that was drawn for this respondent, as
/// indices; until it is drawn, as they are written.
fn block_order(section: &Section, stored: &Answers) -> Vec<usize> {
    let written = 0..section.blocks.len();
    let drawn = stored.get(section.id).filter(|_| section.shuffled).and_then(Answer::value);
    let Some(Value::List(order)) = drawn else { return written.collect() };
    let places = order.iter().filter_map(|place| match place {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        Some(Value::Number(place)) => (*place as usize).checked_sub(1),
        _ => None,
    });
    let order: Vec<usize> = places.collect();
    // An order of another version is none of this one.
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

/// How many pages stand in a section and those within it.
fn page_count(section: &Section) -> usize {
    let count = |block: &Block| match block {
        Block::Page(_) => 1,
        Block::Section(inner) => page_count(inner),
    };
    section.blocks.iter().map(count).sum()
}

/// The walk through a version that makes a path.
struct Walk<'a> {
    version: &'a Version,
    stored: &'a Answers,
    today: NaiveDate,
    path: Path,
}

impl Walk<'_> {
    fn at<'s>(&'s self, within: &'s [Member]) -> Standpoint<'s> {
        Standpoint { version: self.version, path: &self.path, within, today: self.today }
    }

    /// A section, once or for each of its members; `first` is the index of its
    /// first page.
    fn section(&mut self, section: &Section, first: usize, within: &Within) {
        let Some(each) = &section.each else { return self.blocks(section, first, within) };
        let document = &self.version.document;
        let Some(index) = document.rosters.iter().position(|roster| roster.name == each.roster)
        else {
            return;
        };
        let roster = &document.rosters[index];
        let compiled = self.version.section(section.id);
        let open = self.path.ending.is_none()
            && compiled.is_none_or(|one| one.relevant.iter().all(|it| self.at(within).holds(it)));
        let own = key(roster.id, within);
        let known = self.path.rosters.contains_key(&own);
        if !known {
            let members =
                if open { members_of(&self.at(within), roster, self.stored) } else { Vec::new() };
            self.path.rosters.insert(own, members);
        }
        for member in self.path.rosters.get(&own).cloned().unwrap_or_default() {
            let inner: Within = within.iter().cloned().chain([member]).collect();
            let filter = compiled.and_then(|one| one.filter.as_ref());
            if filter.is_none_or(|filter| self.at(&inner).holds(filter)) {
                self.blocks(section, first, &inner);
            }
        }
        let fills = matches!(roster.members, Members::Added { .. });
        if open && fills && !known && self.path.ending.is_none() {
            self.path.stops.push(Stop { met: Met::Members(index), within: within.clone() });
        }
    }

    /// What stands in a section, in this respondent's order.
    fn blocks(&mut self, section: &Section, first: usize, within: &Within) {
        let mut next = first;
        let mut blocks: Vec<(&Block, usize)> = Vec::with_capacity(section.blocks.len());
        for block in &section.blocks {
            blocks.push((block, next));
            next += match block {
                Block::Page(_) => 1,
                Block::Section(inner) => page_count(inner),
            };
        }
        let order = block_order(section, self.stored);
        for (block, first) in order.into_iter().filter_map(|place| blocks.get(place).copied()) {
            match block {
                Block::Page(page) => self.page(page, first, within),
                Block::Section(inner) => self.section(inner, first, within),
            }
        }
    }

    fn page(&mut self, page: &Page, index: usize, within: &Within) {
        let Some(compiled) = self.version.pages().get(index) else { return };
        let open = self.path.ending.is_none();
        let at = self.at(within);
        let relevant = open && compiled.relevant.iter().all(|condition| at.holds(condition));
        let stop = Stop { met: Met::Page(index), within: within.clone() };
        let mut shown = false;
        for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
            let asked = relevant
                && self.path.ending.is_none()
                && question.is_for(Mode::Web)
                && expressions
                    .relevant
                    .as_ref()
                    .is_none_or(|condition| self.at(within).holds(condition));
            self.settle(question, expressions, asked, &stop);
            if asked {
                self.path.asked.insert(stop.key(question.id));
                shown |= !question.kind.is_silent();
                self.path.ending = self.path.ending.or_else(|| {
                    ending_of(self.version, question, self.path.answers.get(stop.key(question.id)))
                });
            }
        }
        if shown {
            self.path.stops.push(stop);
        }
    }

    /// Puts a question's answers, as they count, on the path.
    fn settle(
        &mut self,
        question: &Question,
        expressions: &CompiledQuestion,
        asked: bool,
        stop: &Stop,
    ) {
        let off_path = if self.path.ending.is_none() { State::NotAsked } else { State::NotReached };
        let stored = |item: ItemId| {
            let answer = self.stored.get(stop.key(item)).cloned();
            answer.unwrap_or(Answer::Missing(State::NotReached))
        };
        if let Some(calculation) = &expressions.calculation {
            let answer = if asked && calculation.is_drawn() {
                stored(question.id)
            } else if asked {
                self.at(&stop.within)
                    .value(calculation)
                    .filter(|value| *value != Value::Text(String::new()))
                    .map_or(Answer::Missing(State::Skipped), Answer::Value)
            } else {
                Answer::Missing(off_path)
            };
            self.path.answers.set(stop.key(question.id), answer);
            return;
        }
        for (place, item) in expressions.items.iter().enumerate() {
            let answer = if !asked {
                Answer::Missing(off_path)
            } else if asks_item(&self.at(&stop.within), question, expressions, place) {
                stored(*item)
            } else {
                Answer::Missing(State::NotAsked)
            };
            self.path.answers.set(stop.key(*item), answer);
        }
    }
}

/// Whether an item of a question that is asked is asked too: its row may have a
/// condition of its own, and the text beside "other" waits for that option.
pub(super) fn asks_item(
    at: &Standpoint<'_>,
    question: &Question,
    expressions: &CompiledQuestion,
    place: usize,
) -> bool {
    if let Some(Some(condition)) = expressions.item_relevant.get(place) {
        return at.holds(condition);
    }
    match &expressions.other {
        Some(option) if place + 1 == expressions.items.len() => {
            match at.answer(question.id).and_then(Answer::value) {
                Some(Value::Option(code)) => code == option,
                Some(Value::Set(codes)) => codes.contains(option),
                _ => false,
            }
        }
        _ => true,
    }
}

/// What stands in a question's box before anything is answered.
pub fn default_value(at: &Standpoint<'_>, question: ItemId) -> Option<Value> {
    let default = at.version.compiled(question)?.default.as_ref()?;
    at.value(default).filter(|value| *value != Value::Text(String::new()))
}

/// What the numbers of every column of a grid must add up to.
pub fn total_value(at: &Standpoint<'_>, question: ItemId) -> Option<f64> {
    match at.value(at.version.compiled(question)?.total.as_ref()?) {
        Some(Value::Number(total)) => Some(total),
        _ => None,
    }
}

fn ending_of(version: &Version, question: &Question, answer: Option<&Answer>) -> Option<Ending> {
    let list = version.document.list(question.kind.list()?)?;
    let chosen = |code: &str| match answer.and_then(Answer::value) {
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
pub fn offered_codes(at: &Standpoint<'_>, question: &Question, seed: u64) -> Vec<String> {
    let version = at.version;
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
            let environment = Evaluation { own: Some(&candidate), ..at.evaluation() };
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

/// What chance decides for one respondent (arms of a split ballot, random
/// numbers, the order of shuffled sections) and is not drawn yet: stored like answers. What members of rosters
/// are drawn is drawn when the path comes to them; everything else at once,
/// when the interview begins.
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
    if let Kind::Arm(arm) = &question.kind {
        let list = at.version.document.list(&arm.list)?;
        // "Don't know" is no arm.
        let arms: Vec<_> = list.options.iter().filter(|option| option.missing.is_none()).collect();
        let option = arms.get(below(arms.len(), &mut random))?;
        return Some(Value::Option(option.code.clone()));
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
