//! Members of rosters as one person's answers make them, and the stops that a
//! path makes: a page is met once for each member of the rosters around it.
//!
//! An answer inside a roster is stored under the joint identity of what was
//! asked and the member it was asked about. A member's identity does not hang
//! on its place: one that is taken away and put back finds its answers again.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, Value};
use super::document::{MOST_MEMBERS, Members, Roster, joint_identity};
use super::piping::fill;
use super::routing::{Path, Standpoint, answer_within};
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

/// The members who were met on one path and are not on another, though they
/// have answers: those that a smaller count or another choice takes away. Their
/// answers stay stored and come back with them.
pub fn members_lost(
    version: &Version,
    before: &Path,
    after: &Path,
    stored: &Answers,
) -> Vec<Within> {
    let mut lost: Vec<Within> = Vec::new();
    for page in version.pages().iter().filter(|page| !page.rosters.is_empty()) {
        let still = after.members_of(&page.rosters);
        let gone = before.members_of(&page.rosters).into_iter().filter(|it| !still.contains(it));
        for within in gone {
            let items = page.questions.iter().flat_map(|question| &question.items);
            let answered = items
                .map(|item| stored.get(key(*item, &within)))
                .any(|answer| answer.is_some_and(|answer| answer.value().is_some()));
            // One of a household that goes takes those inside it along.
            if answered && !lost.iter().any(|one| within.starts_with(one)) {
                lost.push(within);
            }
        }
    }
    lost
}

/// Under what identity something is answered for the innermost of `within`.
pub fn key(item: ItemId, within: &[Member]) -> ItemId {
    within.last().map_or(item, |member| joint_identity(item, member.id))
}

/// The members of every roster that a path has come to, by the roster's key
/// among the members around it.
pub type Rosters = HashMap<ItemId, Vec<Member>>;

/// The members of a roster as the answers on the path make them. `stored` holds
/// the list of what a respondent added.
pub(super) fn members_of(at: &Standpoint<'_>, roster: &Roster, stored: &Answers) -> Vec<Member> {
    let own = key(roster.id, at.within);
    let numbered = |numbers: &mut dyn Iterator<Item = u32>| -> Vec<(String, ItemId)> {
        numbers.map(|number| (number.to_string(), Uuid::from_u128(u128::from(number)))).collect()
    };
    let found: Vec<(String, ItemId)> = match &roster.members {
        Members::Fixed { members } => {
            members.iter().map(|member| (member.code.clone(), member.id)).collect()
        }
        Members::Count { at_most, .. } => {
            let count = at.version.roster(roster.id).and_then(|compiled| compiled.count.as_ref());
            let most = at_most.unwrap_or(MOST_MEMBERS).min(MOST_MEMBERS);
            match count.and_then(|count| at.value(count)) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and the most there may be"
                )]
                Some(Value::Number(count)) if count >= 1.0 => {
                    numbered(&mut (1..=count.min(f64::from(most)) as u32))
                }
                _ => Vec::new(),
            }
        }
        Members::Chosen { question } => chosen(at, question),
        Members::Listed { question } => listed(at, question),
        Members::Others { roster, later } => others(at, roster, *later)
            .into_iter()
            .map(|member| (member.code.clone(), member.id))
            .collect(),
        Members::Added { .. } => {
            let at_least = fewest(roster);
            numbered(&mut added(stored, own, at_least).into_iter().filter_map(kept))
        }
    };
    found
        .into_iter()
        .enumerate()
        .map(|(index, (code, base))| Member {
            roster: roster.id,
            id: joint_identity(own, base),
            code,
            place: index + 1,
        })
        .collect()
}

/// The chosen options of a question, in the order of the answer.
fn chosen(at: &Standpoint<'_>, question: &str) -> Vec<(String, ItemId)> {
    let Some((item, question)) = at.version.item_named(question) else { return Vec::new() };
    let list = question.kind.list().and_then(|list| at.version.document.list(list));
    let Some(list) = list else { return Vec::new() };
    let codes: Vec<&String> = match at.answer(item).and_then(Answer::value) {
        Some(Value::Set(codes)) => codes.iter().collect(),
        Some(Value::Option(code)) => vec![code],
        Some(Value::List(order)) => order
            .iter()
            .filter_map(|place| match place {
                Some(Value::Option(code)) => Some(code),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    codes
        .into_iter()
        .filter_map(|code| list.options.iter().find(|option| option.code == *code))
        // "None of these" is no thing to ask about.
        .filter(|option| option.missing.is_none() && !option.exclusive)
        .map(|option| (option.code.clone(), option.id))
        .collect()
}

/// The names in a text, each with an identity that the name makes.
fn listed(at: &Standpoint<'_>, question: &str) -> Vec<(String, ItemId)> {
    let Some((item, _)) = at.version.item_named(question) else { return Vec::new() };
    let Some(Value::Text(text)) = at.answer(item).and_then(Answer::value) else {
        return Vec::new();
    };
    let mut met: HashMap<&str, u32> = HashMap::new();
    names_in(text)
        .take(MOST_MEMBERS as usize)
        .enumerate()
        .map(|(index, name)| {
            let times = met.entry(name).or_default();
            *times += 1;
            let base = Uuid::new_v5(&item, format!("{times}\u{1f}{name}").as_bytes());
            ((index + 1).to_string(), base)
        })
        .collect()
}

fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '\n']).map(str::trim).filter(|name| !name.is_empty())
}

/// The other members of a roster one is in.
fn others<'a>(at: &Standpoint<'a>, roster: &str, later: bool) -> Vec<&'a Member> {
    let Some(roster) = at.version.document.roster(roster) else { return Vec::new() };
    let Some(own) = at.within.iter().find(|one| one.roster == roster.id) else {
        return Vec::new();
    };
    let all = at.members(roster.id).unwrap_or_default();
    let other = |one: &&Member| one.id != own.id && (!later || one.place > own.place);
    all.iter().filter(other).collect()
}

/// The fewest members of a roster that a respondent fills.
fn fewest(roster: &Roster) -> u32 {
    match &roster.members {
        Members::Added { at_least, primary, .. } if !primary.is_empty() => (*at_least).max(1),
        Members::Added { at_least, .. } => *at_least,
        _ => 0,
    }
}

/// The numbers of a roster that a respondent fills: those taken away are
/// negative, so that their numbers are not given again.
fn added(stored: &Answers, roster: ItemId, at_least: u32) -> Vec<i64> {
    match stored.get(roster).and_then(Answer::value) {
        Some(Value::List(numbers)) => numbers
            .iter()
            .filter_map(|number| match number {
                #[expect(clippy::cast_possible_truncation, reason = "written by this file")]
                Some(Value::Number(number)) => Some(*number as i64),
                _ => None,
            })
            .collect(),
        _ => (1..=i64::from(at_least)).collect(),
    }
}

/// The number of a member that is there.
fn kept(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

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

/// What the innermost of `within` is called; its number where it has no name.
pub fn member_label(version: &Version, path: &Path, within: &[Member], language: &str) -> String {
    let Some(member) = within.last() else { return String::new() };
    let document = &version.document;
    let fallback = document.default_language.as_str();
    let roster = document.rosters.iter().find(|roster| roster.id == member.roster);
    let own = roster.and_then(|roster| match &roster.members {
        Members::Fixed { members } => {
            let fixed = members.iter().find(|fixed| fixed.code == member.code)?;
            Some(fixed.label.get(language, fallback).to_owned())
        }
        Members::Chosen { question } => {
            let (_, question) = version.item_named(question)?;
            let list = document.list(question.kind.list()?)?;
            let option = list.options.iter().find(|option| option.code == member.code)?;
            Some(option.label.get(language, fallback).to_owned())
        }
        Members::Listed { question } => {
            let (item, _) = version.item_named(question)?;
            let outside = &within[..within.len() - 1];
            let answer = answer_within(version, path, outside, item)?;
            let Some(Value::Text(text)) = answer.value() else { return None };
            names_in(text).nth(member.place - 1).map(str::to_owned)
        }
        Members::Others { roster, .. } => {
            let roster = document.roster(roster)?;
            let depth = within.iter().position(|one| one.roster == roster.id)?;
            let all = path.rosters.get(&key(roster.id, &within[..depth]))?;
            let other = all.iter().find(|one| one.code == member.code)?;
            let there: Vec<Member> = within[..depth].iter().chain([other]).cloned().collect();
            Some(member_label(version, path, &there, language))
        }
        Members::Added { primary, .. } if member.code == "1" && !primary.is_empty() => {
            Some(primary.get(language, fallback).to_owned())
        }
        Members::Count { .. } | Members::Added { .. } => None,
    });
    let labelled = roster
        .filter(|roster| !roster.label.is_empty())
        .map(|roster| fill(roster.label.get(language, fallback), version, path, within, language));
    own.or(labelled).unwrap_or_else(|| member.place.to_string())
}
