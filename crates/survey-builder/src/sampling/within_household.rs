//! Who is asked in a household: fixed by the case's own random number before
//! anyone calls, so that nobody at the door decides.
//!
//! Each rule is a function of the members as they are told and of chance that
//! was drawn with the sample. It answers the member and the factor that the
//! weight of the household is multiplied by: one over the chance of the member.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::random::Seed;

/// A person who may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// How the household calls them.
    pub name: String,
    /// Whether a man; the grid lists men first.
    pub man: bool,
    /// Age in whole years.
    pub age: u16,
    /// Month and day of birth, where they were asked for.
    #[serde(default)]
    pub birthday: Option<(u32, u32)>,
}

/// How one member is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The grid of Kish (1949): adults listed, men by age and then women by age,
    /// and one of eight tables, fixed for the case, says who.
    KishGrid,
    /// The adult whose birthday comes next; treated as one chance in the number
    /// of adults.
    NextBirthday,
    /// The adult whose birthday was last.
    LastBirthday,
    /// Any of the members listed, each with the same chance.
    FullRoster,
    /// Rizzo, Brick and Park (2004): the one who answers is asked with one
    /// chance in the number of adults; if another must be and there are two
    /// adults it is the other, and with more the last birthday among the others.
    Rizzo,
}

/// What is drawn with the sample and locked until the household is asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Locked {
    /// The rule.
    pub rule: Rule,
    /// The case's random number, from 0 (in) to 1 (out).
    pub number: f64,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// The place in the list of members given.
    pub member: usize,
    /// What the household's weight is multiplied by.
    pub factor: f64,
}

/// Why nobody can be chosen yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unable {
    /// Nobody was listed.
    #[error("nobody is eligible; give the household the disposition for that")]
    Nobody,
    /// A birthday is needed and not known, or is no day.
    #[error("member {0}: no birthday; ask for day and month, or use the full roster")]
    Birthday(usize),
    /// The one who answers is not in the list.
    #[error("the one who answers is not among the {0} listed; list all adults")]
    Informant(usize),
}

impl Locked {
    /// Fixes the rule and the number of a case of a sample.
    pub fn of(rule: Rule, seed: Seed, unit: &str) -> Self {
        let mut stream = seed.stream_of("within household", &[unit.to_owned()]);
        Self { rule, number: stream.uniform() }
    }

    /// Chooses among the members. `informant` is the one who answers, who
    /// matters to [`Rule::Rizzo`] alone; `today` is the day of the first contact.
    ///
    /// # Errors
    ///
    /// What keeps the rule from choosing.
    pub fn choose(
        &self,
        members: &[Member],
        informant: usize,
        today: NaiveDate,
    ) -> Result<Chosen, Unable> {
        if members.is_empty() {
            return Err(Unable::Nobody);
        }
        let all: Vec<usize> = (0..members.len()).collect();
        match self.rule {
            Rule::KishGrid => Ok(self.by_grid(members)),
            Rule::FullRoster => Ok(self.any_of(&all)),
            Rule::NextBirthday => by_birthday(members, &all, today, Days::Until),
            Rule::LastBirthday => by_birthday(members, &all, today, Days::Since),
            Rule::Rizzo => self.by_informant(members, informant, today),
        }
    }

    /// The name of the case's table in Kish's grid, for an interviewer's sheet.
    pub fn table_name(&self) -> &'static str {
        TABLE_NAMES[self.table()]
    }

    /// The place that the number falls on, of so many.
    fn place(&self, count: usize) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a household is small"
        )]
        let place = (self.number * count as f64) as usize;
        place.min(count - 1)
    }

    fn any_of(&self, places: &[usize]) -> Chosen {
        Chosen { member: places[self.place(places.len())], factor: factor(places.len()) }
    }

    fn by_grid(&self, members: &[Member]) -> Chosen {
        let mut listed: Vec<usize> = (0..members.len()).collect();
        // Men first, each sex from the oldest; a stable sort keeps ties as told.
        listed.sort_by_key(|place| {
            let member = &members[*place];
            (!member.man, std::cmp::Reverse(member.age))
        });
        let row = GRID[self.table()];
        // The tables go to six; who is beyond has no chance, as in the grid.
        let number = row[listed.len().min(6) - 1];
        let chances = GRID_TWELFTHS
            .iter()
            .zip(&GRID)
            .filter(|(_, table)| table[listed.len().min(6) - 1] == number)
            .map(|(twelfths, _)| twelfths)
            .sum::<u32>();
        Chosen { member: listed[number - 1], factor: 12.0 / f64::from(chances) }
    }

    /// The table of the case, by the shares of Kish's eight.
    fn table(&self) -> usize {
        let twelfth = self.place(12);
        let mut end = 0;
        for (table, twelfths) in GRID_TWELFTHS.iter().enumerate() {
            end += *twelfths as usize;
            if twelfth < end {
                return table;
            }
        }
        GRID_TWELFTHS.len() - 1
    }

    fn by_informant(
        &self,
        members: &[Member],
        informant: usize,
        today: NaiveDate,
    ) -> Result<Chosen, Unable> {
        if informant >= members.len() {
            return Err(Unable::Informant(members.len()));
        }
        let factor = factor(members.len());
        if self.place(members.len()) == 0 {
            return Ok(Chosen { member: informant, factor });
        }
        let others: Vec<usize> = (0..members.len()).filter(|place| *place != informant).collect();
        if let [other] = others[..] {
            return Ok(Chosen { member: other, factor });
        }
        let chosen = by_birthday(members, &others, today, Days::Since)?;
        Ok(Chosen { factor, ..chosen })
    }
}

/// Kish's tables A, B1, B2, C, D, E1, E2, F: who is asked where one, two, …, six
/// or more adults are listed.
const GRID: [[usize; 6]; 8] = [
    [1, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 2, 2],
    [1, 1, 1, 2, 2, 2],
    [1, 1, 2, 2, 3, 3],
    [1, 2, 2, 3, 4, 4],
    [1, 2, 3, 3, 3, 5],
    [1, 2, 3, 4, 5, 5],
    [1, 2, 3, 4, 5, 6],
];
/// What Kish called them.
const TABLE_NAMES: [&str; 8] = ["A", "B1", "B2", "C", "D", "E1", "E2", "F"];
/// How many cases in twelve get each table.
const GRID_TWELFTHS: [u32; 8] = [2, 1, 1, 2, 2, 1, 1, 2];

fn factor(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Which way birthdays are counted from today.
#[derive(Clone, Copy, PartialEq)]
enum Days {
    Until,
    Since,
}

/// The nearest birthday; today's counts as past. Of several on one day the
/// eldest, then the first told.
fn by_birthday(
    members: &[Member],
    places: &[usize],
    today: NaiveDate,
    days: Days,
) -> Result<Chosen, Unable> {
    let distance = |place: &usize| -> Result<i64, Unable> {
        let (month, day) = members[*place].birthday.ok_or(Unable::Birthday(*place + 1))?;
        let on = |year: i32| {
            // Who is born on 29 February has the 28th in other years.
            let leap = (month, day) == (2, 29);
            NaiveDate::from_ymd_opt(year, month, day)
                .or_else(|| leap.then(|| NaiveDate::from_ymd_opt(year, 2, 28)).flatten())
                .ok_or(Unable::Birthday(*place + 1))
        };
        let this = on(today.year())?;
        Ok(match days {
            Days::Until if this > today => (this - today).num_days(),
            Days::Until => (on(today.year() + 1)? - today).num_days(),
            Days::Since if this <= today => (today - this).num_days(),
            Days::Since => (today - on(today.year() - 1)?).num_days(),
        })
    };
    let mut nearest: Option<(i64, std::cmp::Reverse<u16>, usize)> = None;
    for place in places {
        let key = (distance(place)?, std::cmp::Reverse(members[*place].age), *place);
        if nearest.is_none_or(|known| key < known) {
            nearest = Some(key);
        }
    }
    let (.., member) = nearest.ok_or(Unable::Nobody)?;
    Ok(Chosen { member, factor: factor(places.len()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn household(count: u16) -> Vec<Member> {
        (0..count)
            .map(|number| Member {
                name: format!("m{number}"),
                man: number % 2 == 0,
                age: 20 + number * 7,
                birthday: Some((1 + u32::from(number) * 2, 10)),
            })
            .collect()
    }

    /// How often each member is chosen over all numbers of cases.
    fn chances(rule: Rule, members: &[Member]) -> Vec<f64> {
        let mut hits = vec![0.0; members.len()];
        for step in 0..12_000_u32 {
            let locked = Locked { rule, number: (f64::from(step) + 0.5) / 12_000.0 };
            let chosen = locked.choose(members, 0, day("2026-11-24")).expect("someone");
            hits[chosen.member] += 1.0 / 12_000.0;
            // Whoever is chosen counts for one over their chance.
            assert!(chosen.factor >= 1.0);
        }
        hits
    }

    #[test]
    fn the_grid_gives_nearly_equal_chances_and_says_which() {
        for count in 1..=6_u16 {
            let members = household(count);
            let hits = chances(Rule::KishGrid, &members);
            for (place, hit) in hits.iter().enumerate() {
                assert!((hit - 1.0 / f64::from(count)).abs() < 0.09, "{count}: {hits:?}");
                let factors: Vec<f64> = (0..12_u32)
                    .map(|twelfth| (f64::from(twelfth) + 0.5) / 12.0)
                    .map(|number| Locked { rule: Rule::KishGrid, number })
                    .map(|locked| locked.choose(&members, 0, day("2026-11-24")).expect("one"))
                    .filter(|chosen| chosen.member == place)
                    .map(|chosen| chosen.factor)
                    .collect();
                assert!(factors.iter().all(|factor| (factor * hit - 1.0).abs() < 1e-9));
            }
        }
        // Men by age, then women by age: the last of three is the younger woman.
        let listed = Locked { rule: Rule::KishGrid, number: 0.99 };
        let chosen = listed.choose(&household(3), 0, day("2026-11-24")).expect("one");
        assert_eq!(chosen.member, 1);
    }

    #[test]
    fn rosters_and_informants_are_even() {
        let members = household(4);
        for hit in chances(Rule::FullRoster, &members) {
            assert!((hit - 0.25).abs() < 1e-9);
        }
        let rizzo = chances(Rule::Rizzo, &members);
        assert!((rizzo[0] - 0.25).abs() < 1e-9, "the one who answers: {rizzo:?}");
        let two = chances(Rule::Rizzo, &household(2));
        assert!((two[1] - 0.5).abs() < 1e-9);
    }

    #[test]
    fn birthdays_are_counted_from_today() {
        let members = household(4); // 10 January, March, May, July
        let ask = |rule, today| {
            let locked = Locked { rule, number: 0.0 };
            locked.choose(&members, 0, day(today)).expect("one").member
        };
        assert_eq!(ask(Rule::NextBirthday, "2026-04-01"), 2);
        assert_eq!(ask(Rule::LastBirthday, "2026-04-01"), 1);
        assert_eq!(ask(Rule::NextBirthday, "2026-12-01"), 0);
        assert_eq!(ask(Rule::LastBirthday, "2026-01-02"), 3);
        // Today's birthday is the last one, not the next.
        assert_eq!(ask(Rule::LastBirthday, "2026-05-10"), 2);
        assert_eq!(ask(Rule::NextBirthday, "2026-05-10"), 3);
        let mut leap = members.clone();
        leap[0].birthday = Some((2, 29));
        let locked = Locked { rule: Rule::NextBirthday, number: 0.0 };
        assert_eq!(locked.choose(&leap, 0, day("2026-02-01")).expect("one").member, 0);
        leap[3].birthday = Some((2, 30));
        assert_eq!(locked.choose(&leap, 0, day("2026-02-01")), Err(Unable::Birthday(4)));
        assert_eq!(locked.choose(&[], 0, day("2026-02-01")), Err(Unable::Nobody));
    }

    #[test]
    fn a_case_keeps_its_number() {
        let locked = Locked::of(Rule::KishGrid, Seed(3), "h12");
        assert_eq!(locked, Locked::of(Rule::KishGrid, Seed(3), "h12"));
        assert_ne!(locked, Locked::of(Rule::KishGrid, Seed(3), "h13"));
    }
}
