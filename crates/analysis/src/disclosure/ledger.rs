//! A ledger of published counts: two figures that are harmless apart may differ by a single person.
//!
//! A group is what its conditions say (variable by variable, the levels that are in it). Before a group
//! is published it is held against those that were: where one lies within another, the difference is a
//! group too, and so is what is left of a group when all published levels of one more variable are taken
//! away. Such a rest of few people is a disclosure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A group of people with the number of rows it holds. A variable that is not named does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The levels of each variable that are in the group.
    pub conditions: BTreeMap<String, BTreeSet<String>>,
    /// Unweighted number of people.
    pub people: usize,
}

impl Group {
    /// A group of one level a variable.
    pub fn of(conditions: &[(&str, &str)], people: usize) -> Self {
        let one = |(variable, level): &(&str, &str)| {
            ((*variable).to_owned(), BTreeSet::from([(*level).to_owned()]))
        };
        Self { conditions: conditions.iter().map(one).collect(), people }
    }

    /// Whether everybody of this group is in the other.
    fn within(&self, other: &Self) -> bool {
        other.conditions.iter().all(|(variable, levels)| {
            self.conditions.get(variable).is_some_and(|own| own.is_subset(levels))
        })
    }

    /// The one variable by which this group is narrower than the other, if there is one alone.
    fn narrower_by(&self, other: &Self) -> Option<&str> {
        if !self.within(other) {
            return None;
        }
        let mut names = self
            .conditions
            .iter()
            .filter(|(variable, levels)| other.conditions.get(*variable) != Some(levels));
        let (variable, _) = names.next()?;
        names.next().is_none().then_some(variable)
    }
}

/// What was published, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The groups.
    pub published: Vec<Group>,
}

/// Why a group must not be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differencing {
    /// The groups that give the rest away.
    pub against: Vec<Group>,
    /// People in the rest.
    pub rest: usize,
}

impl Ledger {
    /// What stands against publishing `group` beside what was published: a rest of fewer people than
    /// `minimum` and more than none, the smallest first found. A group that is too small itself is for
    /// [`super::suppression`].
    pub fn check(&self, group: &Group, minimum: usize) -> Option<Differencing> {
        let small = |rest: usize| rest > 0 && rest < minimum;
        for other in &self.published {
            let rest = group.people.abs_diff(other.people);
            if (group.within(other) || other.within(group)) && small(rest) {
                return Some(Differencing { against: vec![other.clone()], rest });
            }
        }
        let all: Vec<&Group> = self.published.iter().chain([group]).collect();
        for whole in &all {
            let mut by: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
            for part in &all {
                if let Some(variable) = part.narrower_by(whole) {
                    by.entry(variable).or_default().push(part);
                }
            }
            for (variable, parts) in by {
                let apart = disjoint(&parts, variable, group);
                let concerned = *whole == group || apart.contains(&group);
                let sum: usize = apart.iter().map(|part| part.people).sum();
                let rest = whole.people.saturating_sub(sum);
                if concerned && apart.len() > 1 && small(rest) {
                    let others = apart.iter().chain([whole]).filter(|own| **own != group);
                    let against = others.map(|own| (*own).clone()).collect();
                    return Some(Differencing { against, rest });
                }
            }
        }
        None
    }

    /// Adds a group to what was published, once.
    pub fn publish(&mut self, group: Group) {
        if !self.published.contains(&group) {
            self.published.push(group);
        }
    }
}

/// Parts whose levels of a variable do not meet, `first` among them if it is one.
fn disjoint<'a>(parts: &[&'a Group], variable: &str, first: &Group) -> Vec<&'a Group> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut apart: Vec<&Group> = Vec::new();
    let mut ordered = parts.to_vec();
    ordered.sort_by_key(|part| *part != first);
    for part in ordered {
        let levels = &part.conditions[variable];
        if levels.iter().all(|level| !taken.contains(level.as_str())) {
            taken.extend(levels.iter().map(String::as_str));
            apart.push(part);
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_within_another_leaves_a_rest() {
        let mut ledger = Ledger::default();
        ledger.publish(Group::of(&[("region", "north")], 100));
        let near = Group::of(&[("region", "north"), ("citizen", "yes")], 98);
        let found = ledger.check(&near, 5).expect("two people are left");
        assert_eq!((found.rest, found.against), (2, vec![Group::of(&[("region", "north")], 100)]));
        assert_eq!(ledger.check(&Group::of(&[("region", "north"), ("sex", "f")], 60), 5), None);
        // The other way round: the narrow one was published first.
        let mut ledger = Ledger::default();
        ledger.publish(near);
        assert!(ledger.check(&Group::of(&[("region", "north")], 100), 5).is_some());
        // Groups that do not lie within each other do not matter, nor do equal ones.
        assert_eq!(ledger.check(&Group::of(&[("region", "south")], 99), 5), None);
        assert_eq!(
            ledger.check(&Group::of(&[("region", "north"), ("citizen", "yes")], 98), 5),
            None
        );
    }

    #[test]
    fn levels_taken_away_one_after_another_leave_the_last() {
        let mut ledger = Ledger::default();
        ledger.publish(Group::of(&[], 1_000));
        ledger.publish(Group::of(&[("faith", "a")], 600));
        // 1000 − 600 − 397 = 3 people of another faith.
        let found = ledger.check(&Group::of(&[("faith", "b")], 397), 5).expect("three are left");
        assert_eq!(found.rest, 3);
        assert_eq!(ledger.check(&Group::of(&[("faith", "b")], 300), 5), None);
    }
}
