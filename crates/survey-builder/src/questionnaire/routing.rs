//! Routing: the path through the pages, worked out anew from the answers.
//!
//! The path is never stored. Answers off the path stay where they are, read as
//! missing (`not_asked`) everywhere, and count again when the path returns.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{Block, Ending, Members, Mode, Page, Question, Section};
use super::expression::{Environment, Expression, evaluate, is_true};
use super::member::{Member, Met, Rosters, Stop, Within, key, members_of};
use super::order::block_order;
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

/// The answers of all members to an item: those of the innermost roster around
/// it, in the members one is in.
pub(super) fn answers_of_members(
    version: &Version,
    path: &Path,
    within: &[Member],
    item: ItemId,
) -> Vec<Option<Value>> {
    let around = version.rosters_around(item);
    let Some((_, outer)) = around.split_last() else { return Vec::new() };
    let shared =
        outer.iter().zip(within).take_while(|(roster, member)| **roster == member.roster).count();
    let mut found = Vec::new();
    let mut within = within[..shared].to_vec();
    path.each_member(&around[shared..], &mut within, &mut |within| {
        let answer = path.answers.get(key(item, within));
        found.push(answer.and_then(Answer::value).cloned());
    });
    found
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
            Some(item) => {
                let at = self.at;
                let answers = answers_of_members(at.version, at.path, at.within, item);
                Cow::Owned(Answer::Value(Value::List(answers)))
            }
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
        let option = self.at.version.option(list, code)?;
        let fallback = &self.at.version.document.default_language;
        Some(option.label.get(self.language, fallback).to_owned())
    }

    fn attribute(&self, list: &str, code: &str, name: &str) -> Option<String> {
        self.at.version.option(list, code)?.attributes.get(name).cloned()
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
