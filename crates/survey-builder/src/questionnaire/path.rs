//! One person's path: the stops on it, the answers as they count there, and
//! what expressions see from where one stands.
//!
//! A page is met once for each member of the rosters around it. An answer
//! inside a roster is stored under the joint identity of what was asked and the
//! member it was asked about.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{Ending, Section, joint_identity};
use super::expression::{Environment, Expression, evaluate, is_true};
use super::version::Version;

/// One member of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The roster's identity.
    pub roster: ItemId,
    /// Its own identity; in a roster within a roster, of this member in that one.
    pub id: ItemId,
    /// Its code in data and addresses, unique in its roster: `2`, an option's code.
    pub code: String,
    /// Its place among the members there are, from 1.
    pub place: usize,
}

/// The members one is in, the outermost first.
pub type Within = Arc<[Member]>;

/// What is met at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// The page of that index.
    Page(usize),
    /// The list of the members of a roster, to add and remove some: its index
    /// in the document.
    Members(usize),
}

/// One stop of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What is met.
    pub met: Met,
    /// The members it is about; none outside rosters.
    pub within: Within,
}

impl Stop {
    /// A page outside rosters.
    pub fn page(index: usize) -> Self {
        Self { met: Met::Page(index), within: Arc::new([]) }
    }

    /// The index of its page, if it is one.
    pub fn page_index(&self) -> Option<usize> {
        match self.met {
            Met::Page(index) => Some(index),
            Met::Members(_) => None,
        }
    }

    /// Under what identity an item of this page is answered here.
    pub fn key(&self, item: ItemId) -> ItemId {
        key(item, &self.within)
    }

    /// Its own identity: the page's or the roster's, for these members.
    pub fn id(&self, version: &Version) -> Option<ItemId> {
        let own = match self.met {
            Met::Page(index) => version.page(index)?.id,
            Met::Members(index) => version.document.rosters.get(index)?.id,
        };
        Some(self.key(own))
    }

    /// The name of its page or roster.
    pub fn name<'a>(&self, version: &'a Version) -> &'a str {
        let name = match self.met {
            Met::Page(index) => version.page(index).map(|page| &page.name),
            Met::Members(index) => version.document.rosters.get(index).map(|roster| &roster.name),
        };
        name.map_or("", String::as_str)
    }
}

/// Under what identity something is answered for the innermost of `within`.
pub fn key(item: ItemId, within: &[Member]) -> ItemId {
    within.last().map_or(item, |member| joint_identity(item, member.id))
}

/// The members of every roster that a path has come to, by the roster's key
/// among the members around it.
pub type Rosters = HashMap<ItemId, Vec<Member>>;

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
    pub(super) asked: HashSet<ItemId>,
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
        let list = self.at.version.list(list)?;
        Some(list.options.iter().map(|option| option.code.clone()).collect())
    }
}
