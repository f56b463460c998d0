//! One simulated respondent on the way through a version.
//!
//! What is answered on a page changes nothing before it, so in a version without
//! rosters the path is worked out page by page while it is walked: each page once
//! before it is answered and once after. Where members come and go, or chance
//! decides on the way, the whole path is worked out after every page.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use rand::SeedableRng as _;
use rand_chacha::ChaCha12Rng;

use super::super::answer::{Answer, Answers, ItemId, Value};
use super::super::change_members::{MembersChange, change_members};
use super::super::document::{Choice, Ending, Kind, Question, factor_of};
use super::super::edit::failed_checks;
use super::super::order::{drawn_answers, is_offered, offered_codes};
use super::super::path::{Member, Met, Path, Standpoint, Stop};
use super::super::routing::{page_order, place_page, route, total_value};
use super::super::validate::{Checked, Posted, check_page, check_page_and};
use super::super::version::Version;
use super::Found;
use super::fill::share_out;

/// How often one respondent tries one page before giving up.
const TRIES: u32 = 50;

/// How a walk ended.
pub(super) enum End {
    Finished,
    Early(Ending),
    Stuck(String),
}

/// How the path is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Page by page.
    ByPage,
    /// As a whole after every page.
    Whole,
}

impl Way {
    /// The way that a version and what chance decided at the beginning allow.
    pub(super) fn of(version: &Version, drawn: &Answers) -> Self {
        let document = &version.document;
        let decides = |question: &Question| matches!(question.kind, Kind::Selection(_));
        let waits = version.pages().iter().flat_map(|page| &page.questions).any(|question| {
            question.is_drawn && question.items.iter().any(|item| drawn.get(*item).is_none())
        });
        if document.rosters.is_empty() && !document.questions().any(decides) && !waits {
            Self::ByPage
        } else {
            Self::Whole
        }
    }
}

pub(super) struct Respondent<'v, 'r> {
    pub version: &'v Version,
    pub today: NaiveDate,
    seed: u64,
    pub random: ChaCha12Rng,
    answers: Answers,
    pub way: Way,
    /// The questions that were asked.
    pub asked: HashSet<ItemId>,
    /// What all respondents found.
    pub found: &'r mut Found<'v>,
}

impl<'v, 'r> Respondent<'v, 'r> {
    /// Somebody who has answered nothing yet. `way` is one to be tried out instead
    /// of the one that fits.
    pub(super) fn new(
        version: &'v Version,
        (seed, today): (u64, NaiveDate),
        way: Option<Way>,
        found: &'r mut Found<'v>,
    ) -> Self {
        let answers = drawn_answers(version, &Answers::default(), today, seed);
        let way = way.unwrap_or_else(|| Way::of(version, &answers));
        let random = ChaCha12Rng::seed_from_u64(seed);
        let asked = HashSet::new();
        Self { version, today, seed, random, answers, way, asked, found }
    }

    /// Answers to the end; how it ended, and the edit checks that do not hold then.
    pub(super) fn walk(&mut self) -> (End, BTreeSet<String>) {
        let (end, path) = self.travel();
        let failed = match end {
            End::Finished => failed_checks(self.version, &path, self.today),
            _ => Vec::new(),
        };
        (end, failed.into_iter().map(|failed| failed.name.into_owned()).collect())
    }

    /// Answers to the end; how it ended, and the path then.
    pub(super) fn travel(&mut self) -> (End, Path) {
        match self.way {
            Way::ByPage => self.walk_pages(),
            Way::Whole => self.walk_whole(),
        }
    }

    /// What was answered.
    pub(super) fn into_answers(self) -> Answers {
        self.answers
    }

    fn walk_pages(&mut self) -> (End, Path) {
        let mut path = Path::default();
        for index in page_order(self.version, &self.answers) {
            let stored = (&self.answers, None);
            if !place_page(self.version, &mut path, index, stored, self.today) {
                continue;
            }
            let stop = Stop::page(index);
            if !(0..TRIES).any(|tried| self.answer(&stop, &mut path, tried == 0)) {
                return (End::Stuck(stop.name(self.version).to_owned()), path);
            }
            place_page(self.version, &mut path, index, (&self.answers, None), self.today);
            if path.ending.is_some() {
                break;
            }
        }
        (path.ending.map_or(End::Finished, End::Early), path)
    }

    fn walk_whole(&mut self) -> (End, Path) {
        let mut done: Option<Stop> = None;
        loop {
            let path = route(self.version, &self.answers, self.today);
            let next = match &done {
                None => path.stops.first(),
                Some(stop) => path.next_after(stop),
            };
            let Some(stop) = next else {
                return (path.ending.map_or(End::Finished, End::Early), path);
            };
            // One more member now and then; its pages come before the list.
            if matches!(stop.met, Met::Members(_)) && self.once_in(3) {
                let before = path.before(stop).cloned();
                let change = MembersChange::Add;
                if let Some(more) = change_members(self.version, stop, &self.answers, &change) {
                    self.answers.apply(&more);
                    done = before;
                    continue;
                }
            }
            if let Some(index) = stop.page_index() {
                self.choose_members(&path, index);
            }
            let mut scratch = Path::default();
            if stop.page_index().is_some()
                && !(0..TRIES).any(|_| self.answer(stop, &mut scratch, false))
            {
                return (End::Stuck(stop.name(self.version).to_owned()), path);
            }
            done = Some(stop.clone());
        }
    }

    /// Chooses who of each household is asked, where that is decided by now: each
    /// with the same chance, whatever the rule.
    fn choose_members(&mut self, path: &Path, reached: usize) {
        let pages = self.version.pages().len().min(reached + 1);
        let questions = (0..pages).filter_map(|index| self.version.page(index));
        for question in questions.flat_map(|page| &page.questions) {
            let Kind::Selection(selection) = &question.kind else { continue };
            if self.answers.get(question.id).is_some() || !path.asks(question.id) {
                continue;
            }
            let roster = self.version.document.roster(&selection.roster);
            let members = roster.and_then(|roster| path.rosters.get(&roster.id));
            let eligible = self.version.compiled(question.id);
            let eligible = eligible.and_then(|compiled| compiled.selection.eligible.as_ref());
            let (version, today) = (self.version, self.today);
            let may = |member: &&Member| {
                let within = std::slice::from_ref(*member);
                let at = Standpoint { version, path, within, today };
                eligible.is_none_or(|condition| at.holds(condition))
            };
            let able: Vec<&Member> = members.into_iter().flatten().filter(may).collect();
            if able.is_empty() {
                continue;
            }
            let code = able[self.below(able.len())].code.clone();
            self.answers.set(question.id, Answer::Value(Value::Text(code)));
            #[expect(clippy::cast_precision_loss, reason = "a household is small")]
            let factor = Answer::Value(Value::Number(able.len() as f64));
            self.answers.set(factor_of(question.id), factor);
        }
    }

    /// Checks what was filled in so far. `is_fresh`: the path holds nothing of the
    /// page yet but what is stored.
    fn check(
        &self,
        stop: &Stop,
        posted: &Posted,
        path: &mut Path,
        is_fresh: bool,
    ) -> Option<Checked> {
        let Self { version, today, seed, ref answers, .. } = *self;
        if self.way == Way::Whole {
            return check_page(version, stop, answers, posted, today, seed);
        }
        let index = stop.page_index()?;
        if !is_fresh {
            place_page(version, path, index, (answers, None), today);
        }
        let again = |path: &mut Path, newer: &Answers| {
            place_page(version, path, index, (answers, Some(newer)), today);
        };
        check_page_and(version, stop, (answers, path), posted, (today, seed), again)
    }

    /// Works the path out with answers that are not sent yet.
    fn look_ahead(&self, stop: &Stop, newer: &Answers, path: &mut Path) {
        match (self.way, stop.page_index()) {
            (Way::ByPage, Some(index)) => {
                let stored = (&self.answers, Some(newer));
                place_page(self.version, path, index, stored, self.today);
            }
            _ => {
                let mut answers = self.answers.clone();
                answers.apply(newer);
                *path = route(self.version, &answers, self.today);
            }
        }
    }

    /// Fills in a page and sends it in; whether it was taken. `path` is that up to
    /// the page where it is walked page by page; `is_first` says that this is the
    /// first try.
    fn answer(&mut self, stop: &Stop, path: &mut Path, is_first: bool) -> bool {
        let (version, today) = (self.version, self.today);
        let page = stop.page_index().and_then(|index| version.page(index));
        let Some(page) = page else { return false };
        let mut posted = Posted::new();
        let mut is_fresh = is_first && self.way == Way::ByPage;
        for question in page.questions.iter().filter(|question| question.kind.takes_answer()) {
            // What is asked may depend on what was just filled in; nothing is before the
            // first question, unless its rows look at each other.
            let rows = version.compiled(question.id).is_some_and(|it| !it.item_relevant.is_empty());
            if !is_fresh || rows || !posted.is_empty() {
                let so_far = self.check(stop, &posted, path, is_fresh);
                self.look_ahead(stop, &so_far.unwrap_or_default().answers, path);
                is_fresh = false;
            }
            if !path.asks(stop.key(question.id)) {
                continue;
            }
            self.asked.insert(question.id);
            let at = Standpoint { version, path, within: &stop.within, today };
            let codes = match version.searched(&question.kind) {
                Some(choice) => self.search(&at, question, choice),
                None => offered_codes(&at, question, self.seed),
            };
            self.note_offered(question, &codes);
            for item in question.items().iter().filter(|item| path.asks_item(stop.key(item.id))) {
                self.fill(question, item, &codes, &mut posted);
            }
            if let Kind::Grid(grid) = &question.kind
                && let Some(total) = total_value(&at, question.id)
            {
                share_out(grid, total, &mut posted);
            }
        }
        let checked = self.check(stop, &posted, path, is_fresh);
        let Some(checked) = checked else { return false };
        for mistake in &checked.mistakes {
            let items = page.questions.iter().flat_map(Question::items);
            let name = items
                .filter(|item| item.id == mistake.item)
                .map(|item| item.name.into_owned())
                .next()
                .unwrap_or_default();
            let of_item = self.found.run.rejections.entry(name).or_default();
            *of_item.entry(mistake.code.clone()).or_default() += 1;
        }
        if checked.mistakes.is_empty() {
            self.answers.apply(&checked.answers);
            if self.way == Way::Whole {
                let drawn = drawn_answers(version, &self.answers, today, self.seed);
                self.answers.apply(&drawn);
            }
        }
        checked.mistakes.is_empty()
    }

    fn note_offered(&mut self, question: &'v Question, codes: &[String]) {
        let options = question.kind.list().map(|list| (list, codes));
        let options = options.into_iter().flat_map(|(list, codes)| {
            codes.iter().filter_map(|code| self.version.option(list, code))
        });
        self.found.offered.extend(options.map(|one| (question.id, one.code.as_str())));
    }

    /// Some options of a list too long to go through for every respondent:
    /// those that a few tries find; failing that, the first after a place drawn
    /// by chance.
    fn search(&mut self, at: &Standpoint<'_>, question: &Question, choice: &Choice) -> Vec<String> {
        let list = self.version.list(&choice.list);
        let options = list.map_or(&[][..], |list| &list.options);
        if options.is_empty() {
            return Vec::new();
        }
        let mut codes: Vec<String> = Vec::new();
        for _ in 0..20 {
            let option = &options[self.below(options.len())];
            if !codes.contains(&option.code) && is_offered(at, question, &option.code) {
                codes.push(option.code.clone());
            }
        }
        if codes.is_empty() {
            let (before, after) = options.split_at(self.below(options.len()));
            let mut turned = after.iter().chain(before);
            let found = turned.find(|option| is_offered(at, question, &option.code));
            codes.extend(found.map(|option| option.code.clone()));
        }
        codes
    }
}
