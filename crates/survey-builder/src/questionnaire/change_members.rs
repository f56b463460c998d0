//! What a respondent does to the members of a roster that is filled in the
//! interview.

use super::answer::{Answer, Answers, ItemId, Value};
use super::document::{MOST_MEMBERS, Members};
use super::member::{added, fewest};
use super::path::{Met, Stop};
use super::version::Version;

/// What a respondent does to the members of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersChange {
    /// One more.
    Add,
    /// The member of that code is taken away; its answers stay stored.
    Remove(String),
    /// It is put back, with its answers.
    Restore(String),
}

/// The members of a roster that a respondent fills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberList {
    /// The codes of those there are.
    pub present: Vec<String>,
    /// The codes of those taken away.
    pub removed: Vec<String>,
    /// Whether one more may be added.
    pub may_add: bool,
    /// Whether one may be taken away.
    pub may_remove: bool,
    /// The code of the member who answers, who may not.
    pub primary: Option<String>,
}

/// The members at a stop that lists them; `None` at any other stop.
pub fn member_list(version: &Version, stop: &Stop, stored: &Answers) -> Option<MemberList> {
    let (roster, at_least, most) = list_at(version, stop)?;
    let numbers = added(stored, stop.key(roster), at_least);
    let codes = |sign: i64| -> Vec<String> {
        let of_sign = numbers.iter().filter(|number| number.signum() == sign);
        of_sign.map(|number| number.abs().to_string()).collect()
    };
    let (present, removed) = (codes(1), codes(-1));
    Some(MemberList {
        may_add: present.len() < most as usize,
        may_remove: present.len() > at_least as usize,
        primary: has_primary(version, stop).then(|| "1".to_owned()),
        present,
        removed,
    })
}

/// The answer that stores a changed list of members. A change that is not
/// allowed gives `None`.
pub fn change_members(
    version: &Version,
    stop: &Stop,
    stored: &Answers,
    change: &MembersChange,
) -> Option<Answers> {
    let (roster, at_least, _) = list_at(version, stop)?;
    let list = member_list(version, stop, stored)?;
    let mut numbers = added(stored, stop.key(roster), at_least);
    let turned = |code: &str, from: i64| {
        let number: i64 = code.parse().ok().filter(|number| *number > 0)?;
        numbers.iter().position(|known| *known == from * number)
    };
    match change {
        MembersChange::Add if list.may_add => {
            numbers.push(numbers.iter().map(|number| number.abs()).max().unwrap_or(0) + 1);
        }
        MembersChange::Remove(code) if list.may_remove && list.primary.as_ref() != Some(code) => {
            let place = turned(code, 1)?;
            numbers[place] = -numbers[place];
        }
        MembersChange::Restore(code) if list.may_add => {
            let place = turned(code, -1)?;
            numbers[place] = -numbers[place];
        }
        _ => return None,
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
    let list = numbers.into_iter().map(|number| Some(Value::Number(number as f64))).collect();
    let mut answers = Answers::default();
    answers.set(stop.key(roster), Answer::Value(Value::List(list)));
    Some(answers)
}

/// The roster that a stop lists: its identity, the fewest and the most members.
fn list_at(version: &Version, stop: &Stop) -> Option<(ItemId, u32, u32)> {
    let Met::Members(index) = stop.met else { return None };
    let roster = version.document.rosters.get(index)?;
    match &roster.members {
        Members::Added { at_most, .. } => {
            Some((roster.id, fewest(roster), at_most.unwrap_or(MOST_MEMBERS).min(MOST_MEMBERS)))
        }
        _ => None,
    }
}

fn has_primary(version: &Version, stop: &Stop) -> bool {
    let Met::Members(index) = stop.met else { return false };
    let roster = version.document.rosters.get(index);
    matches!(
        roster.map(|roster| &roster.members),
        Some(Members::Added { primary, .. }) if !primary.is_empty()
    )
}
