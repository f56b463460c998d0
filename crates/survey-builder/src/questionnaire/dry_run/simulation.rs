//! Who is asked what, by simulated respondents who are kept: after a change of one
//! condition only those answer again for whom it holds now and did not, or the other
//! way round. What comes out is what all of them anew would give.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::super::answer::ItemId;
use super::super::expression::Expression;
use super::super::path::{Path, Standpoint};
use super::super::version::Version;
use super::Found;
use super::respondent::{Respondent, Way};

/// Simulated respondents, with what each was asked.
#[derive(Clone, Debug)]
pub struct Simulation {
    seed: u64,
    today: NaiveDate,
    /// Shared with what a change was worked out from.
    each: Vec<Arc<Simulated>>,
    counts: HashMap<ItemId, u32>,
    /// How many answered for it; the others were kept.
    answered: usize,
}

/// One of them.
#[derive(Clone, Debug)]
struct Simulated {
    path: Path,
    asked: HashSet<ItemId>,
    way: Way,
}

/// Lets respondents answer a version; the same as those of a
/// [`dry_run`](super::dry_run) with that seed.
pub fn simulate(version: &Version, respondents: u32, seed: u64, today: NaiveDate) -> Simulation {
    let each = (0..respondents)
        .into_par_iter()
        .map(|number| Simulated::of(version, seed.wrapping_add(u64::from(number)), today));
    let each: Vec<Arc<Simulated>> = each.map(Arc::new).collect();
    let answered = each.len();
    Simulation { seed, today, counts: counts(&each), each, answered }
}

impl Simulation {
    /// How many respondents there are.
    pub fn respondents(&self) -> usize {
        self.each.len()
    }

    /// How many of them were asked a question.
    pub fn asked(&self, question: ItemId) -> u32 {
        self.counts.get(&question).copied().unwrap_or(0)
    }

    /// How many answered for it anew.
    pub fn answered(&self) -> usize {
        self.answered
    }

    /// The same respondents with a version in which one condition is another: when
    /// `item` (a question, a page or a section) is asked. Anything else that differs is
    /// not noticed.
    #[must_use]
    pub fn changed(&self, before: &Version, after: &Version, item: ItemId) -> Self {
        let conditions = settled(before, item).zip(settled(after, item));
        let each = self.each.par_iter().enumerate().map(|(number, one)| {
            if let Some((old, new)) = &conditions
                && one.way == Way::ByPage
            {
                let at =
                    Standpoint { version: after, path: &one.path, within: &[], today: self.today };
                let holds = |condition: Option<&Expression>| {
                    condition.is_none_or(|condition| at.holds(condition))
                };
                if holds(*old) == holds(*new) {
                    return (Arc::clone(one), false);
                }
            }
            let seed = self.seed.wrapping_add(number as u64);
            (Arc::new(Simulated::of(after, seed, self.today)), true)
        });
        let each: Vec<(Arc<Simulated>, bool)> = each.collect();
        let answered = each.iter().filter(|(_, again)| *again).count();
        let each: Vec<Arc<Simulated>> = each.into_iter().map(|(one, _)| one).collect();
        Self { seed: self.seed, today: self.today, counts: counts(&each), each, answered }
    }
}

impl Simulated {
    fn of(version: &Version, seed: u64, today: NaiveDate) -> Self {
        let mut found = Found::default();
        let mut respondent = Respondent::new(version, (seed, today), None, &mut found);
        let (_, path) = respondent.travel();
        let way = respondent.way;
        // What takes no answer is on the path alone; what is asked of members has other
        // keys there.
        let mut asked = respondent.asked;
        let on_path = version.document.questions().map(|question| question.id);
        asked.extend(on_path.filter(|question| path.asks(*question)));
        Self { path, asked, way }
    }
}

fn counts(each: &[Arc<Simulated>]) -> HashMap<ItemId, u32> {
    let mut counts = HashMap::new();
    for question in each.iter().flat_map(|one| &one.asked) {
        *counts.entry(*question).or_default() += 1;
    }
    counts
}

/// When something is asked, by itself, where that is settled before one comes to it;
/// `None` where it is not, or the item is none of these.
#[expect(clippy::option_option, reason = "there may be no condition")]
fn settled(version: &Version, item: ItemId) -> Option<Option<&Expression>> {
    if version.draws() {
        return None;
    }
    let (first, condition) = match version.place(item) {
        Some(place) => {
            let compiled = version.pages().get(place.page)?.questions.get(place.question)?;
            // A row or a cell has its question's place.
            let own = version.question(item).filter(|question| question.id == item)?;
            (place.page, compiled.relevant.as_ref().filter(|_| own.relevant.is_some()))
        }
        None => {
            let pages = 0..version.pages().len();
            let own =
                pages.clone().find(|index| version.page(*index).is_some_and(|it| it.id == item));
            if let Some(index) = own {
                let relevant = &version.pages()[index].relevant;
                let has = version.page(index)?.relevant.is_some();
                (index, relevant.last().filter(|_| has))
            } else {
                let inside =
                    |index: &usize| version.sections_around(*index).iter().any(|it| it.id == item);
                let index = pages.into_iter().find(inside)?;
                let sections = version.sections_around(index);
                let section = sections.iter().find(|it| it.id == item)?;
                let compiled = version.section(item)?;
                (index, compiled.relevant.last().filter(|_| section.relevant.is_some()))
            }
        }
    };
    // What reads its own page or a later one changes while it is answered.
    let read = condition.map(|condition| condition.references()).unwrap_or_default();
    let earlier = read.into_iter().all(|read| {
        let item = uuid::Uuid::try_parse(read).ok();
        item.and_then(|item| version.place(item)).is_some_and(|place| place.page < first)
    });
    earlier.then_some(condition)
}
