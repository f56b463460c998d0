//! Targets of weighting as the design file has them: totals or percentages of levels, by value or label, of one
//! column or of several crossed.

use std::collections::{BTreeMap, BTreeSet};

use analysis::problem::{Fault, at_level};
use analysis::weighting::rake::Margin;
use analysis::{Design, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::data_file::{DataFile, Levels};
use super::design_file::{Margins, TargetsIn};
use super::designed_data::read_or_tell;

/// What stands between crossed columns and between their levels.
const CROSS: char = '*';
/// How far each rounded percentage may be from the true one.
const ROUNDING: f64 = 0.5;

/// Margins whose targets may still be percentages.
pub struct Targets {
    /// The margins.
    pub margins: Vec<Margin>,
    percent: bool,
    /// What percentages are of; else the sum of the weights at this step.
    population: Option<f64>,
    /// What was made of percentages that do not add up to 100.
    pub remarks: Vec<Phrase>,
}

impl Targets {
    /// Finds the columns and levels.
    pub fn read(
        margins: &Margins,
        unit: TargetsIn,
        population: Option<f64>,
        data: &DataFile,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let percent = unit == TargetsIn::Percent;
        let mut found: Vec<Margin> = margins
            .iter()
            .filter_map(|(name, targets)| {
                let levels = read_or_tell(levels_of(name, targets, data), problems)?;
                Some(margin(name, targets, levels, problems))
            })
            .collect();
        let mut remarks = Vec::new();
        if percent {
            for margin in &mut found {
                remarks.extend(read_or_tell(to_hundred(margin), problems).flatten());
            }
        }
        Self { margins: found, percent, population, remarks }
    }

    /// The margins in people: percentages are of the population, or of the weight of those whose level is
    /// known.
    pub fn in_people(self, design: &Design) -> Vec<Margin> {
        let Self { mut margins, percent, population, .. } = self;
        if percent {
            for margin in &mut margins {
                let of_known = margin.codes.iter().zip(design.weights());
                let known =
                    || of_known.filter(|(code, _)| **code > 0).map(|(_, weight)| weight).sum();
                let of: f64 = population.unwrap_or_else(known);
                margin.totals.iter_mut().for_each(|total| *total *= of / 100.0);
            }
        }
        margins
    }
}

/// The levels of a column, or of several with `*` between them: then each combination that a row or a target
/// has.
fn levels_of(
    name: &str,
    targets: &BTreeMap<String, f64>,
    data: &DataFile,
) -> Result<Levels, Vec<Problem>> {
    if !name.contains(CROSS) || data.names().iter().any(|own| own == name) {
        return data.levels(name);
    }
    let mut problems = Vec::new();
    let columns: Vec<Levels> = name
        .split(CROSS)
        .filter_map(|own| read_or_tell(data.levels(own.trim()), &mut problems))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let combination =
        |row: usize| -> Vec<u16> { columns.iter().map(|levels| levels.codes[row]).collect() };
    let rows: Vec<Vec<u16>> = (0..data.rows()).map(combination).collect();
    let mut known: BTreeSet<Vec<u16>> =
        rows.iter().filter(|codes| !codes.contains(&0)).cloned().collect();
    known.extend(targets.keys().filter_map(|key| codes_of(key, &columns)));
    let places: BTreeMap<&Vec<u16>, u16> = known.iter().zip(1_u16..).collect();
    if places.len() < known.len() {
        let fault = Fault::DataTooMany { most: u64::from(u16::MAX) };
        return Err(vec![fault.at(phrase("phrase-input-levels-of").with("variable", name))]);
    }
    let text = |codes: &Vec<u16>, of: &dyn Fn(&Levels) -> &Vec<String>| {
        let parts = columns.iter().zip(codes);
        let parts = parts.map(|(levels, code)| of(levels)[usize::from(*code) - 1].as_str());
        parts.collect::<Vec<_>>().join(" * ")
    };
    Ok(Levels {
        codes: rows.iter().map(|codes| places.get(codes).copied().unwrap_or(0)).collect(),
        values: known.iter().map(|codes| text(codes, &|levels| &levels.values)).collect(),
        labels: known.iter().map(|codes| text(codes, &|levels| &levels.labels)).collect(),
    })
}

/// The codes of a combination of levels, each by value or label.
fn codes_of(key: &str, columns: &[Levels]) -> Option<Vec<u16>> {
    let parts: Vec<&str> = key.split(CROSS).map(str::trim).collect();
    if parts.len() != columns.len() {
        return None;
    }
    let code = |(part, levels): (&&str, &Levels)| {
        let place = place_of(part, levels)?;
        u16::try_from(place + 1).ok()
    };
    parts.iter().zip(columns).map(code).collect()
}

/// The place of a level by its value, else by its label where only one has it.
fn place_of(key: &str, levels: &Levels) -> Option<usize> {
    let by_value = levels.values.iter().position(|value| value == key);
    by_value.or_else(|| {
        let mut named = (0..).zip(&levels.labels).filter(|(_, label)| *label == key);
        let (place, _) = named.next()?;
        named.next().is_none().then_some(place)
    })
}

/// The targets of levels; those that are not there, stand twice or have none are told.
fn margin(
    name: &str,
    targets: &BTreeMap<String, f64>,
    levels: Levels,
    problems: &mut Vec<Problem>,
) -> Margin {
    let mut totals: Vec<Option<f64>> = vec![None; levels.values.len()];
    for (key, target) in targets {
        // Between crossed levels any space is one.
        let tidy = key.split(CROSS).map(str::trim).collect::<Vec<_>>().join(" * ");
        let place = place_of(key, &levels).or_else(|| place_of(&tidy, &levels));
        match place {
            Some(place) if totals[place].is_none() => totals[place] = Some(*target),
            Some(_) => problems.push(Problem::new("margin_level_twice", at_level(name, key))),
            None => {
                let levels = levels.values.join(", ");
                problems.push(Fault::MarginLevelUnknown { levels }.at(at_level(name, key)));
            }
        }
    }
    for (level, _) in levels.values.iter().zip(&totals).filter(|(_, total)| total.is_none()) {
        problems.push(Fault::MarginWithoutTarget.at(at_level(name, level)));
    }
    Margin {
        variable: name.to_owned(),
        totals: totals.into_iter().map(|total| total.unwrap_or(f64::NAN)).collect(),
        levels: levels.labels,
        codes: levels.codes,
    }
}

/// Percentages that add up to 100 but for rounding are made to; others are refused.
fn to_hundred(margin: &mut Margin) -> Result<Option<Phrase>, Vec<Problem>> {
    let sum: f64 = margin.totals.iter().sum();
    // Where a level has no target that is told already.
    if sum.is_nan() {
        return Ok(None);
    }
    #[expect(clippy::cast_precision_loss, reason = "levels are few")]
    let most = ROUNDING * margin.totals.len() as f64;
    if (sum - 100.0).abs() > most {
        let told = Problem::new("margin_percent_sum", margin.variable.as_str());
        return Err(vec![told.with("sum", format!("{sum:.4}").trim_end_matches('0'))]);
    }
    margin.totals.iter_mut().for_each(|total| *total *= 100.0 / sum);
    let off = (sum - 100.0).abs() > 1e-9;
    Ok(off.then(|| {
        let sum = format!("{sum:.4}");
        let sum = sum.trim_end_matches('0').trim_end_matches('.').to_owned();
        phrase("phrase-note-percentages").with("column", &margin.variable).with("sum", sum)
    }))
}
