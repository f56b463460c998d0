//! Routing: the path through the pages, worked out anew from the answers.
//!
//! The path is never stored. Answers off the path stay where they are, read as
//! missing (`not_asked`) everywhere, and count again when the path returns.

use chrono::NaiveDate;

use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{Block, Ending, Members, Mode, Page, Question, Section};
use super::member::members_of;
use super::order::block_order;
use super::path::{Member, Met, Path, Standpoint, Stop, Within, key};
use super::version::{CompiledQuestion, Version};

/// Works out the path. `today` is the day the response began, not the clock's.
pub fn route(version: &Version, answers: &Answers, today: NaiveDate) -> Path {
    let stored = Stored { answers, newer: None };
    let mut walk = Walk { version, stored, today, path: Path::default() };
    let mut first = 0;
    for section in &version.document.sections {
        walk.section(section, first, &Within::from([]));
        first += page_count(section);
    }
    walk.path
}

/// The pages of a version without rosters, in the order in which a path comes to
/// them.
pub(super) fn page_order(version: &Version, stored: &Answers) -> Vec<usize> {
    fn collect(section: &Section, first: usize, stored: &Answers, order: &mut Vec<usize>) {
        for (block, first) in placed_blocks(section, first, stored) {
            match block {
                Block::Page(_) => order.push(first),
                Block::Section(inner) => collect(inner, first, stored, order),
            }
        }
    }
    let (mut order, mut first) = (Vec::new(), 0);
    for section in &version.document.sections {
        collect(section, first, stored, &mut order);
        first += page_count(section);
    }
    order
}

/// Works one page out that a path has come to last, outside rosters: whatever is
/// answered there changes nothing before it, where nothing has ended the interview.
/// `newer` answers count before `stored` ones. Whether the page is shown.
pub(super) fn place_page(
    version: &Version,
    path: &mut Path,
    index: usize,
    (stored, newer): (&Answers, Option<&Answers>),
    today: NaiveDate,
) -> bool {
    let Some(page) = version.page(index) else { return false };
    // It may have been worked out before it was answered.
    let own = Stop::page(index);
    if path.stops.last() == Some(&own) {
        path.stops.pop();
    }
    for question in &page.questions {
        path.asked.remove(&question.id);
    }
    path.ending = None;
    let stored = Stored { answers: stored, newer };
    let mut walk = Walk { version, stored, today, path: std::mem::take(path) };
    walk.page(page, index, &own.within);
    *path = walk.path;
    path.stops.last() == Some(&own)
}

/// The blocks of a section in this respondent's order, each with the index of its
/// first page.
fn placed_blocks<'s>(
    section: &'s Section,
    first: usize,
    stored: &Answers,
) -> Vec<(&'s Block, usize)> {
    let mut next = first;
    let mut blocks: Vec<(&Block, usize)> = Vec::with_capacity(section.blocks.len());
    for block in &section.blocks {
        blocks.push((block, next));
        next += match block {
            Block::Page(_) => 1,
            Block::Section(inner) => page_count(inner),
        };
    }
    let order = block_order(section, stored);
    order.into_iter().filter_map(|place| blocks.get(place).copied()).collect()
}

/// Answers, and those that count before them.
#[derive(Clone, Copy)]
struct Stored<'a> {
    answers: &'a Answers,
    newer: Option<&'a Answers>,
}

impl Stored<'_> {
    fn get(&self, item: ItemId) -> Option<&Answer> {
        self.newer.and_then(|newer| newer.get(item)).or_else(|| self.answers.get(item))
    }
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
    stored: Stored<'a>,
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
            let members = if open {
                members_of(&self.at(within), roster, self.stored.answers)
            } else {
                Vec::new()
            };
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
        for (block, first) in placed_blocks(section, first, self.stored.answers) {
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
            self.place_answers(question, expressions, asked, &stop);
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
    fn place_answers(
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
    let value = answer.and_then(Answer::value)?;
    let list = version.list(question.kind.list()?)?;
    let chosen = |code: &str| match value {
        Value::Option(value) => value == code,
        Value::Set(values) => values.iter().any(|value| value == code),
        _ => false,
    };
    list.options.iter().filter(|option| chosen(&option.code)).find_map(|option| option.ends)
}
