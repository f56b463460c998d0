//! Why a question is asked of somebody, or not: the parts of the conditions that
//! decide, on their path.

use chrono::NaiveDate;

use super::answer::ItemId;
use super::document::{Ending, Mode};
use super::expression::spoken::Leaf;
use super::expression::{Environment, Expression};
use super::path::{Member, Path, Standpoint, key};
use super::version::Version;

/// Why a question is asked, or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// Whether it is.
    pub asked: bool,
    /// What decides that; nothing where everyone is asked.
    pub because: Vec<Because>,
}

/// One thing that decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Because {
    /// A condition of the question, or of what is around it.
    Condition {
        /// Whose: the question, its page or a section.
        of: ItemId,
        /// The parts that decide, each with its value; missing does not hold.
        parts: Vec<(Leaf, Option<bool>)>,
    },
    /// The interview ended before.
    Ended(Ending),
    /// It is for another mode.
    OtherMode,
    /// There is nobody in the roster that it is asked about.
    NoMembers,
}

/// Why a question is on a path or not, on the web; `None` where the version has no such
/// question. In a roster it is about the first member.
pub fn why(version: &Version, path: &Path, question: ItemId, today: NaiveDate) -> Option<Why> {
    let place = version.place(question).or_else(|| place_of_note(version, question))?;
    let page = version.pages().get(place.page)?;
    let written = version.page(place.page)?;
    let own = written.questions.get(place.question)?;
    let members = path.members_of(&page.rosters);
    let within: Vec<Member> = members.first().map(|within| within.to_vec()).unwrap_or_default();
    let asked = if page.rosters.is_empty() {
        path.asks(own.id)
    } else {
        members.iter().any(|within| path.asks(key(own.id, within)))
    };
    if !page.rosters.is_empty() && members.is_empty() {
        return Some(Why { asked: false, because: vec![Because::NoMembers] });
    }
    let at = Standpoint { version, path, within: &within, today };
    let sections = version.sections_around(place.page);
    let around = sections.iter().filter_map(|section| {
        let compiled = version.section(section.id)?;
        let relevant = compiled.relevant.last().filter(|_| section.relevant.is_some());
        Some([relevant, compiled.filter.as_ref()].map(|one| one.map(|one| (section.id, one))))
    });
    let mut conditions: Vec<(ItemId, &Expression)> = around.flatten().flatten().collect();
    let of_page = page.relevant.last().filter(|_| written.relevant.is_some());
    conditions.extend(of_page.map(|one| (written.id, one)));
    let compiled = page.questions.get(place.question)?;
    conditions.extend(compiled.relevant.as_ref().map(|one| (own.id, one)));
    let mut because: Vec<Because> = conditions
        .into_iter()
        .filter(|(_, condition)| at.holds(condition) == asked)
        .map(|(of, condition)| Because::Condition {
            of,
            parts: deciding(condition, &at.evaluation()),
        })
        .collect();
    if !asked && because.is_empty() {
        because.push(match path.ending {
            _ if !own.is_for(Mode::Web) => Because::OtherMode,
            Some(ending) => Because::Ended(ending),
            None => Because::NoMembers,
        });
    }
    Some(Why { asked, because })
}

fn deciding(condition: &Expression, environment: &dyn Environment) -> Vec<(Leaf, Option<bool>)> {
    let spoken = condition.spoken();
    let parts = spoken.deciding(environment);
    parts.into_iter().map(|(leaf, value)| (leaf.clone(), value)).collect()
}

/// Notes have no item of their own.
fn place_of_note(version: &Version, question: ItemId) -> Option<super::version::Place> {
    (0..version.pages().len()).find_map(|page| {
        let questions = &version.page(page)?.questions;
        let question = questions.iter().position(|one| one.id == question)?;
        Some(super::version::Place { page, question })
    })
}
