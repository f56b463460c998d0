//! Follows the directions of an outline: what is passed over gets the condition
//! that it is not. A direction whose meaning is not certain stays a remark.

use std::collections::{BTreeMap, HashMap};

use survey_builder::problem::{Argument, Phrase, Problem, first_places, phrase};

use super::build::{Builder, Made};
use super::mark::{Mark, mark};
use super::outline::{Asked, Entry, Words};
use super::route::{Route, Target, When, read};
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// The most conditions that all directions of a file make together.
const MOST_CONDITIONS: usize = 10_000;

/// One direction of a question, as it is written.
struct Direction {
    said: String,
    /// The option that it stands behind.
    option: Option<usize>,
    entries: Vec<usize>,
}

/// Where questions and parts stand.
struct Places {
    /// Places among what was made, by the printed number.
    numbers: HashMap<String, usize>,
    /// The same by the digits alone, where one question has them.
    digits: HashMap<String, Option<usize>>,
    /// The first thing made behind each heading, by its number or letter.
    parts: Vec<(String, usize)>,
    /// Behind the last question.
    end: usize,
}

impl Builder<'_> {
    /// Makes conditions of directions.
    pub(super) fn follow(&mut self, entries: &[Entry]) {
        let made = std::mem::take(&mut self.asked);
        let places = Places::of(entries, &made);
        let mut conditions: BTreeMap<usize, Vec<(Formula, String)>> = BTreeMap::new();
        let mut followed: Vec<String> = Vec::new();
        let mut count = 0;
        for (at, one) in made.iter().enumerate() {
            let Some(Entry::Question(asked)) = entries.get(one.entry) else { continue };
            let place = asked.number.clone().unwrap_or_else(|| one.name.clone());
            for direction in directions(asked) {
                direction.entries.iter().for_each(|entry| self.ledger.take(*entry));
                let said = direction.said.clone();
                match understood(&direction, at, &made, entries, &places) {
                    Ok((range, condition)) if count + range.len() <= MOST_CONDITIONS => {
                        count += range.len();
                        for passed in range {
                            let own = conditions.entry(passed).or_default();
                            own.push((condition.clone(), said.clone()));
                        }
                        self.draft.remark(Some(one.id), "routing", &said);
                        followed.push(place.clone());
                    }
                    Ok(_) => {
                        let reason = phrase("phrase-too-many-directions");
                        self.draft.condition_lost(Some(one.id), "routing", &said, &place, reason);
                    }
                    Err(reason) => {
                        self.draft.condition_lost(Some(one.id), "routing", &said, &place, reason);
                    }
                }
            }
        }
        for (passed, own) in conditions {
            let (formulas, said): (Vec<Formula>, Vec<String>) = own.into_iter().unzip();
            if let (Some(formula), Some(one)) = (Formula::all(formulas), made.get(passed)) {
                let place: Argument = one.name.as_str().into();
                self.draft.later(Slot::Question(one.id), Ok(formula), &said.join("\n"), place);
            }
        }
        if !followed.is_empty() {
            let places = first_places(followed.iter().map(String::as_str));
            let problem = Problem::new("import_directions", places).with("count", followed.len());
            self.draft.note(problem);
        }
    }
}

fn directions(asked: &Asked) -> Vec<Direction> {
    let of_options = asked.options.iter().enumerate().filter_map(|(place, option)| {
        let said = option.route.clone()?;
        Some(Direction { said, option: Some(place), entries: option.label.entries.clone() })
    });
    let own = asked.routes.iter().map(|words| Direction {
        said: words.whole(),
        option: None,
        entries: words.entries.clone(),
    });
    of_options.chain(own).collect()
}

/// What is asked under which condition; the fault says why it is not certain.
fn understood(
    direction: &Direction,
    at: usize,
    made: &[Made],
    entries: &[Entry],
    places: &Places,
) -> Result<(std::ops::Range<usize>, Formula), Phrase> {
    let uncertain = || phrase("phrase-direction-not-certain");
    let Route { when, to } = read(&direction.said).ok_or_else(uncertain)?;
    let Some(to) = to else {
        let when = when.ok_or_else(uncertain)?;
        let condition = places.condition(&when, at, true, made, entries).ok_or_else(uncertain)?;
        return Ok((at..at + 1, condition));
    };
    let name = match &to {
        Target::Question(name) | Target::Part(name) => name.clone(),
        Target::End => String::new(),
    };
    let behind = || phrase("phrase-skip-to-what-does-not-follow").with("name", name.as_str());
    let to = places.target(&to, at).filter(|to| *to > at).ok_or_else(behind)?;
    let condition = match (direction.option, when) {
        (Some(option), None) => chosen(made.get(at), &[option]),
        (None, Some(when)) => places.condition(&when, at, false, made, entries),
        // What leads to what comes next anyway says nothing.
        (None, None) if to == at + 1 => Some(Formula::question(&made[at].name).blank()),
        _ => None,
    };
    let condition = condition.ok_or_else(uncertain)?;
    Ok((at + 1..to, condition.negated()))
}

/// That one of these options is chosen.
fn chosen(question: Option<&Made>, options: &[usize]) -> Option<Formula> {
    let question = question?;
    let tests = options.iter().map(|option| {
        let (answer, code) = (Formula::question(&question.name), question.codes.get(*option)?);
        Some(if question.is_multiple {
            Formula::call("selected", vec![answer, Formula::text(code)])
        } else {
            Formula::binary(Operator::Equal, answer, Formula::text(code))
        })
    });
    Formula::any(tests.collect::<Option<Vec<Formula>>>()?)
}

impl Places {
    fn of(entries: &[Entry], made: &[Made]) -> Self {
        let mut places = Self {
            numbers: HashMap::new(),
            digits: HashMap::new(),
            parts: Vec::new(),
            end: made.len(),
        };
        let mut end = 0;
        for (at, one) in made.iter().enumerate() {
            let Some(Entry::Question(asked)) = entries.get(one.entry) else { continue };
            end = at + 1;
            let Some(number) = &asked.number else { continue };
            let number = number.to_uppercase();
            let digits = number.trim_start_matches(|next: char| !next.is_ascii_digit());
            let own = places.digits.entry(digits.to_owned()).or_insert(Some(at));
            if *own != Some(at) {
                *own = None;
            }
            places.numbers.entry(number).or_insert(at);
        }
        places.end = end;
        let mut next = 0;
        for (at, entry) in entries.iter().enumerate() {
            let Entry::Heading(words) = entry else { continue };
            while made.get(next).is_some_and(|one| one.entry < at) {
                next += 1;
            }
            places.parts.extend(part(words.first()).map(|name| (name, next)));
        }
        places
    }

    fn question(&self, name: &str) -> Option<usize> {
        let digits = name.trim_start_matches(|next: char| !next.is_ascii_digit());
        self.numbers
            .get(name)
            .copied()
            // `Q12` where the question is printed as `12`, `12` where as `C12`.
            .or_else(|| self.numbers.get(digits).copied())
            .or_else(|| self.digits.get(digits).copied().flatten())
    }

    fn target(&self, to: &Target, at: usize) -> Option<usize> {
        match to {
            Target::Question(name) => self.question(name),
            Target::Part(name) => {
                let part = self.parts.iter().find(|(own, first)| own == name && *first > at);
                part.map(|(_, first)| *first)
            }
            Target::End => Some(self.end.max(at + 1)),
        }
    }

    /// The condition that a sentence says. One that names no question is about its
    /// own, or, where it says of whom its own is asked, about the one before.
    fn condition(
        &self,
        when: &When,
        at: usize,
        is_filter: bool,
        made: &[Made],
        entries: &[Entry],
    ) -> Option<Formula> {
        let place = match &when.question {
            Some(name) => self.question(name)?,
            None if is_filter => at.checked_sub(1)?,
            None => at,
        };
        let one = made.get(place).filter(|_| place < at || place == at && !is_filter)?;
        let Some(Entry::Question(asked)) = entries.get(one.entry) else { return None };
        let answers = answers(&when.answer, asked, one)?;
        chosen(Some(one), &answers)
    }
}

/// The number or letter of a part: `PHẦN C`, `Section 2`, `III. …`, `B. …`.
fn part(heading: &str) -> Option<String> {
    let lower = heading.to_lowercase();
    for word in ["phần", "mục", "section", "part", "module"] {
        if let Some(rest) = lower.strip_prefix(word) {
            let name: String =
                rest.trim_start().chars().take_while(char::is_ascii_alphanumeric).collect();
            return (!name.is_empty()).then(|| name.to_uppercase());
        }
    }
    match mark(heading) {
        Some((Mark::Letter(name) | Mark::Number(name), _)) => Some(name.to_uppercase()),
        _ => {
            let (number, _) = heading.split_once(['.', ')', ' '])?;
            let roman = !number.is_empty() && number.bytes().all(|next| b"IVX".contains(&next));
            roman.then(|| number.to_owned())
        }
    }
}

/// The options that an answer names: by label, by code, or several of them.
fn answers(said: &str, asked: &Asked, made: &Made) -> Option<Vec<usize>> {
    if let Some(one) = answer(said, asked, made) {
        return Some(vec![one]);
    }
    let lower = said.to_lowercase().replace(" hoặc ", ",").replace(" or ", ",");
    let parts: Vec<&str> = lower.split([',', '/', ';']).map(str::trim).collect();
    let found = parts.iter().map(|part| answer(part, asked, made));
    (parts.len() > 1).then(|| found.collect::<Option<Vec<usize>>>()).flatten()
}

fn answer(said: &str, asked: &Asked, made: &Made) -> Option<usize> {
    let said = plain(said);
    let labels = |words: &Words| {
        let all = words.pieces.iter().map(|(_, text)| plain(text));
        all.collect::<Vec<String>>()
    };
    let mut same = (0..asked.options.len()).filter(|place| {
        labels(&asked.options[*place].label).contains(&said)
            || made.codes.get(*place).is_some_and(|code| plain(code) == said)
    });
    if let (Some(one), None) = (same.next(), same.next()) {
        return Some(one);
    }
    // `Không` of `Không, chưa bao giờ`, where no other option begins so.
    let mut begins = (0..asked.options.len()).filter(|place| {
        labels(&asked.options[*place].label).iter().any(|label| {
            label
                .strip_prefix(&said)
                .is_some_and(|rest| rest.starts_with([',', '.', ';', '(', '-', '–']))
        })
    });
    match (begins.next(), begins.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Small letters without the signs at both ends.
fn plain(text: &str) -> String {
    text.trim().trim_matches(|next: char| !next.is_alphanumeric()).to_lowercase()
}
