//! A column as levels: in which order they come, and what they are called.

use std::cmp::Ordering;
use std::collections::HashMap;

use analysis::Problem;
use analysis::dataset::missing::number_in;
use analysis::dataset::{Measure, Variable};
use analysis::problem::{Fault, at_level};
use survey_builder::problem::phrase;

use super::{Column, DataFile, shortened};

/// A column with levels in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels {
    /// One code a row: 1 is the first level, 0 no value.
    pub codes: Vec<u16>,
    /// The levels as written in the data.
    pub values: Vec<String>,
    /// Their labels, else the values.
    pub labels: Vec<String>,
}

impl Column {
    /// The levels that the codebook gives it, without those that stand for no answer: value and label.
    pub(super) fn declared(&self, language: &str) -> Vec<(String, String)> {
        declared(&self.variable, language)
    }

    /// Whether every value has a label in the codebook, and there are two at least: its numbers are names.
    pub(super) fn is_labelled(&self) -> bool {
        let declared = Places::of(self.variable.levels.iter().map(|level| level.code.as_str()));
        self.variable.measure != Measure::Scale
            && self.variable.levels.len() > 1
            && self.levels.iter().all(|value| declared.find(value).is_some())
            && self
                .variable
                .levels
                .iter()
                .any(|level| level.label.0.values().any(|it| *it != level.code))
    }
}

impl DataFile {
    /// The column as levels: in the order of the design's labels, else in that of the codebook, else by number
    /// or alphabet. Levels of design and codebook are there also where nobody has them.
    ///
    /// # Errors
    /// A column that is not there, more than 65 535 levels, a level without a label where the design
    /// labels others.
    pub fn levels(&self, name: &str) -> Result<Levels, Vec<Problem>> {
        let column = self.column(name)?;
        let (values, labels): (Vec<String>, Vec<String>) = match &column.labels {
            Some(labels) => labels.iter().cloned().unzip(),
            None => in_order(column.declared(&self.language), &column.levels).into_iter().unzip(),
        };
        if values.len() > usize::from(u16::MAX) {
            let levels = phrase("phrase-input-levels-of").with("variable", name);
            return Err(vec![Fault::DataTooMany { most: u64::from(u16::MAX) }.at(levels)]);
        }
        let labels = told_apart(&values, &labels);
        let places = Places::of(values.iter().map(String::as_str));
        let mut problems = Vec::new();
        let of_level: Vec<u16> = (column.levels.iter())
            .map(|level| match places.find(level) {
                Some(place) => u16::try_from(place + 1).unwrap_or(0),
                None => {
                    problems.push(Problem::new("data_without_label", at_level(name, level)));
                    0
                }
            })
            .collect();
        if !problems.is_empty() {
            return Err(shortened(name, problems));
        }
        let code = |code: &u32| if *code == 0 { 0 } else { of_level[*code as usize - 1] };
        Ok(Levels { codes: column.codes.iter().map(code).collect(), values, labels })
    }
}

/// The levels that are said of a variable, without those that stand for no answer: value and label.
pub(super) fn declared(variable: &Variable, language: &str) -> Vec<(String, String)> {
    let levels = variable.levels.iter();
    let levels = levels.filter(|level| !variable.missing.has(&level.code));
    let pair = |level: &analysis::dataset::Level| {
        let label = level.label.get(language, "");
        let label = if label.is_empty() { &level.code } else { label };
        (level.code.clone(), label.to_owned())
    };
    levels.map(pair).collect()
}

/// Where values are in a list: by text, else as numbers (`1` and `1.0`).
pub(super) struct Places<'a> {
    texts: HashMap<&'a str, usize>,
    numbers: HashMap<u64, usize>,
}

impl<'a> Places<'a> {
    pub(super) fn of(values: impl Iterator<Item = &'a str>) -> Self {
        let (mut texts, mut numbers) = (HashMap::new(), HashMap::new());
        for (place, value) in values.enumerate() {
            texts.entry(value).or_insert(place);
            if let Some(number) = number_in(value) {
                numbers.entry(bits(number)).or_insert(place);
            }
        }
        Self { texts, numbers }
    }

    pub(super) fn find(&self, value: &str) -> Option<usize> {
        let by_text = self.texts.get(value);
        by_text.or_else(|| self.numbers.get(&bits(number_in(value)?))).copied()
    }
}

/// A number as a key; both zeros are one.
fn bits(number: f64) -> u64 {
    if number == 0.0 { 0 } else { number.to_bits() }
}

/// Declared levels and the values that are not among them: by number where the declared ones are numbers in
/// order, else behind them.
pub(super) fn in_order(
    declared: Vec<(String, String)>,
    values: &[String],
) -> Vec<(String, String)> {
    let known = Places::of(declared.iter().map(|(value, _)| value.as_str()));
    let others: Vec<String> =
        values.iter().filter(|value| known.find(value).is_none()).cloned().collect();
    let rising = declared.is_sorted_by(|(one, _), (other, _)| {
        number_in(one).zip(number_in(other)).is_some_and(|(one, other)| one < other)
    });
    let rising = rising && declared.iter().all(|(value, _)| number_in(value).is_some());
    let others = sorted(&others).into_iter().map(|value| (value.clone(), value));
    let mut all: Vec<(String, String)> = declared.into_iter().chain(others).collect();
    if rising {
        all.sort_by(|(one, _), (other, _)| by_size(one, other));
    }
    all
}

/// Labels that several levels share, with the level behind them.
fn told_apart(values: &[String], labels: &[String]) -> Vec<String> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for label in labels {
        *times.entry(label).or_default() += 1;
    }
    let apart = |(label, value): (&String, &String)| match times.get(label.as_str()) {
        Some(several) if *several > 1 => format!("{label} ({value})"),
        _ => label.clone(),
    };
    labels.iter().zip(values).map(apart).collect()
}

/// Numbers by size, then texts by alphabet. Which of two comes first must not depend on a third, whatever a
/// column mixes.
fn by_size(one: &str, other: &str) -> Ordering {
    match (number_in(one), number_in(other)) {
        (Some(left), Some(right)) => left.total_cmp(&right).then_with(|| one.cmp(other)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(other),
    }
}

/// Levels in order.
pub(super) fn sorted(levels: &[String]) -> Vec<String> {
    let mut sorted = levels.to_vec();
    sorted.sort_by(|one, other| by_size(one, other));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(declared: &[&str], values: &[&str]) -> Vec<String> {
        let declared = declared.iter().map(|&value| (value.to_owned(), value.to_owned()));
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        in_order(declared.collect(), &values).into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn values_between_labelled_ends_stay_between_them() {
        assert_eq!(order(&["1", "5"], &["4", "2", "5.0"]), ["1", "2", "4", "5"]);
        assert_eq!(order(&[], &["10+", "9", "0"]), ["0", "9", "10+"]);
        assert_eq!(order(&["low", "high"], &["high", "mid"]), ["low", "high", "mid"]);
        // An order that was chosen stays.
        assert_eq!(order(&["3", "1"], &["2", "1"]), ["3", "1", "2"]);
    }
}
