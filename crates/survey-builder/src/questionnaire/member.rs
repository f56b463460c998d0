//! Members of rosters as one person's answers make them.
//!
//! A member's identity does not depend on its place: one that is taken away and
//! put back finds its answers again.

use std::collections::HashMap;

use uuid::Uuid;

use super::answer::{Answer, Answers, ItemId, Value};
use super::document::{MOST_MEMBERS, Members, Roster, joint_identity};
use super::path::{Member, Path, Standpoint, Within, key};
use super::version::Version;

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
    let list = question.kind.list().and_then(|list| at.version.list(list));
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

pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
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
pub(super) fn fewest(roster: &Roster) -> u32 {
    match &roster.members {
        Members::Added { at_least, primary, .. } if !primary.is_empty() => (*at_least).max(1),
        Members::Added { at_least, .. } => *at_least,
        _ => 0,
    }
}

/// The numbers of a roster that a respondent fills: those taken away are
/// negative, so that their numbers are not given again.
pub(super) fn added(stored: &Answers, roster: ItemId, at_least: u32) -> Vec<i64> {
    match stored.get(roster).and_then(Answer::value) {
        Some(Value::List(numbers)) => numbers
            .iter()
            .filter_map(|number| match number {
                #[expect(clippy::cast_possible_truncation, reason = "written by `change_members`")]
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
