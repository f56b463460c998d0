//! Raking: weights that meet several margins at once.
//!
//! Iterative proportional fitting (Deming and Stephan 1940): each margin in turn is met exactly by one
//! factor a level, and the rounds go on until all are met. How the sums are formed stands in
//! `rake/crossed.rs`.

mod crossed;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::dataset::{Dataset, Variable};
use crate::design::Design;
use crate::error::{Error, Problem, Result, all_or_nothing};
use crate::problem::{Fault, at_level, at_row, rounded};
use crate::variance::projection::Projection;
use crate::weighting::diagnostics::{LevelAdjustment, WeightingDiagnostics};
pub(super) use crossed::{CrossedMargins, Raked, Sums};

/// A variable whose levels have known population totals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Margin {
    /// The variable's name, for messages and reports.
    pub variable: String,
    /// Labels of the levels, in the order of their codes.
    pub levels: Vec<String>,
    /// Population totals of the levels.
    pub totals: Vec<f64>,
    /// Level of each row: 1 is the first; 0 means missing, which raking does not allow.
    pub codes: Vec<u16>,
}

impl Margin {
    /// The margin of a dataset's coded column, with totals by the codes of its levels. Totals may be
    /// counts or shares, as long as all margins of a call add up to the same.
    ///
    /// # Errors
    /// A column without levels; targets that name unknown levels; levels of the column without a target.
    pub fn of_dataset(dataset: &Dataset, name: &str, totals: &[(&str, f64)]) -> Result<Self> {
        let variable = dataset.variable(name)?;
        let (codes, _) = dataset.coded(name)?;
        let mut problems: Vec<Problem> = totals
            .iter()
            .filter(|(code, _)| !variable.levels.iter().any(|level| level.code == *code))
            .map(|(code, _)| {
                Fault::MarginLevelUnknown { levels: codes_of(variable) }.at(at_level(name, *code))
            })
            .collect();
        let mut margin = Self {
            variable: name.to_owned(),
            levels: Vec::new(),
            totals: Vec::new(),
            codes: vec![0; codes.len()],
        };
        for (level, own) in variable.levels.iter().zip(1_u16..) {
            let target = totals.iter().find(|(code, _)| *code == level.code);
            let used = codes.contains(&own);
            match target {
                Some((_, total)) => {
                    margin.levels.push(level.code.clone());
                    margin.totals.push(*total);
                    let place = u16::try_from(margin.levels.len()).unwrap_or(u16::MAX);
                    for (code, _) in
                        margin.codes.iter_mut().zip(&codes).filter(|(_, code)| **code == own)
                    {
                        *code = place;
                    }
                }
                None if used => {
                    problems.push(Fault::MarginWithoutTarget.at(at_level(name, &level.code)));
                }
                None => {}
            }
        }
        all_or_nothing(problems)?;
        Ok(margin)
    }
}

/// Options of raking; each is stated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RakeOptions {
    /// Largest relative gap allowed between a level and its target.
    pub tolerance: f64,
    /// Rounds after which failing to meet it is an error.
    pub rounds_max: usize,
    /// How often the margins are gone through when residuals are formed for variances. R uses 10,
    /// which is enough unless margins depend strongly on one another.
    pub projection_rounds: usize,
}

/// Adjusts the weights so that they meet every margin.
///
/// # Errors
/// [`Error::Invalid`] naming missing values, levels without rows but with a target, levels without a
/// target but with rows, targets that are not numbers, and margins whose totals differ;
/// [`Error::RakingNotConverged`] naming the level that is furthest off.
pub fn rake(
    design: Design,
    margins: &[Margin],
    options: &RakeOptions,
) -> Result<(Design, WeightingDiagnostics)> {
    let crossed = checked(&design, margins, options)?;
    let design = design.with_each_replicate(|replicate| {
        let sums = checked_sums(&crossed, replicate.weights(), margins)?;
        Ok(crossed.rake(replicate.weights(), &sums, margins, options)?.weights)
    })?;
    let raked = crossed.rake(design.weights(), crossed.before(), margins, options)?;
    Ok(finished(design, raked, (margins, &crossed), options, "raking"))
}

/// The margins crossed, when everything about them, the weights and the options is sound.
///
/// # Errors
/// [`Error::Invalid`], as [`rake`].
pub(super) fn checked(
    design: &Design,
    margins: &[Margin],
    options: &RakeOptions,
) -> Result<CrossedMargins> {
    let crossed = crossed(design, margins);
    let mut problems = crossed.as_ref().err().cloned().unwrap_or_default();
    problems.extend(total_problems(margins));
    if !(options.tolerance > 0.0 && options.tolerance < 1.0) {
        let fault = Fault::range(options.tolerance, phrase("phrase-above-0-and-below-1"));
        problems.push(fault.at(phrase("phrase-input-tolerance")));
    }
    if options.rounds_max == 0 {
        let fault = Fault::range(0_u32, phrase("phrase-1-or-more"));
        problems.push(fault.at(phrase("phrase-input-rounds")));
    }
    all_or_nothing(problems)?;
    crossed.map_err(Error::Invalid)
}

/// The codes that a variable has.
fn codes_of(variable: &Variable) -> String {
    let codes: Vec<&str> = variable.levels.iter().map(|level| level.code.as_str()).collect();
    codes.join(", ")
}

/// The margins crossed, or everything that is wrong with them.
pub(super) fn crossed(
    design: &Design,
    margins: &[Margin],
) -> std::result::Result<CrossedMargins, Vec<Problem>> {
    let problems = || margins.iter().flat_map(|margin| margin_problems(design, margin)).collect();
    let crossed = CrossedMargins::new(margins, design.weights()).ok_or_else(problems)?;
    let mut all = margins.iter().zip(&crossed.before().by_level);
    let sound = all.all(|(margin, sums)| level_problems(margin, sums).is_empty());
    if sound { Ok(crossed) } else { Err(problems()) }
}

/// The sums of the weights of a replicate, one a row.
///
/// # Errors
/// [`Error::Invalid`] where they have nobody in a level with a target.
pub(super) fn checked_sums(
    crossed: &CrossedMargins,
    weights: &[f64],
    margins: &[Margin],
) -> Result<Sums> {
    let sums = crossed.sums(weights);
    let each = margins.iter().zip(&sums.by_level);
    all_or_nothing(each.flat_map(|(margin, sums)| level_problems(margin, sums)).collect())?;
    Ok(sums)
}

/// The design with raked weights and the margins that its variance takes out.
pub(super) fn finished(
    design: Design,
    raked: Raked,
    (margins, crossed): (&[Margin], &CrossedMargins),
    options: &RakeOptions,
    called: &str,
) -> (Design, WeightingDiagnostics) {
    let Raked { weights, gaps, sums } = raked;
    let levels = level_adjustments(margins, crossed, &sums);
    let told = WeightingDiagnostics::new(called, gaps, design.weights(), &weights, levels);
    let step = Projection {
        name: "raking".to_owned(),
        margins: crossed.projection_margins(margins),
        weights: Arc::new(weights),
        inner: None,
        rounds: options.projection_rounds.max(1),
    };
    (design.calibrated(step), told)
}

/// Every level of every margin, before and with the weights that have the sums `after`.
pub(super) fn level_adjustments(
    margins: &[Margin],
    crossed: &CrossedMargins,
    after: &[Vec<f64>],
) -> Vec<LevelAdjustment> {
    let rows = crossed.level_rows();
    let before = &crossed.before().by_level;
    let level = |(place, index): (usize, usize)| LevelAdjustment {
        variable: margins[place].variable.clone(),
        level: margins[place].levels[index].clone(),
        rows: rows[place][index],
        before: before[place][index],
        after: after[place][index],
        target: margins[place].totals[index],
    };
    let places = margins.iter().enumerate();
    places
        .flat_map(|(place, margin)| (0..margin.levels.len()).map(move |index| (place, index)))
        .map(level)
        .collect()
}

/// Everything that is wrong with one margin.
pub(crate) fn margin_problems(design: &Design, margin: &Margin) -> Vec<Problem> {
    let name = &margin.variable;
    let mut problems = Vec::new();
    if margin.levels.len() != margin.totals.len() {
        problems.push(
            Fault::DataCount { found: margin.totals.len(), needed: margin.levels.len() }
                .at(phrase("phrase-input-totals-of").with("variable", name)),
        );
        return problems;
    }
    if margin.codes.len() != design.rows() {
        problems
            .push(Fault::DataLength { found: margin.codes.len(), rows: design.rows() }.at(name));
        return problems;
    }
    let mut sums = vec![0.0; margin.levels.len() + 1];
    let mut missing = Vec::new();
    for (row, (&code, weight)) in margin.codes.iter().zip(design.weights()).enumerate() {
        let code = usize::from(code);
        if code > margin.levels.len() {
            problems.push(
                Fault::DataLevel { found: code, levels: margin.levels.len() }.at(at_row(name, row)),
            );
        } else if code == 0 {
            missing.push(row);
        } else {
            sums[code] += weight;
        }
    }
    if let Some(first) = missing.first() {
        problems.push(Fault::DataMissingIn { count: missing.len() }.at(at_row(name, *first)));
    }
    problems.extend(level_problems(margin, &sums[1..]));
    problems
}

/// What is wrong with the targets of levels whose weights add up to `sums`.
fn level_problems(margin: &Margin, sums: &[f64]) -> Vec<Problem> {
    let (name, mut problems) = (&margin.variable, Vec::new());
    for ((level, &total), &sum) in margin.levels.iter().zip(&margin.totals).zip(sums) {
        if !total.is_finite() || total < 0.0 {
            problems
                .push(Fault::range(total, phrase("phrase-0-or-more")).at(at_level(name, level)));
        } else if sum <= 0.0 && total > 0.0 {
            problems.push(Fault::MarginWithoutRows.at(at_level(name, level)));
        } else if sum > 0.0 && total == 0.0 {
            problems.push(Fault::MarginWithoutTotal.at(at_level(name, level)));
        }
    }
    problems
}

/// Margins whose totals differ cannot all be met.
fn total_problems(margins: &[Margin]) -> Vec<Problem> {
    let Some(first) = margins.first() else {
        return vec![Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-margins"))];
    };
    let sum = |margin: &Margin| margin.totals.iter().sum::<f64>();
    let expected = sum(first);
    margins
        .iter()
        .filter(|margin| (sum(margin) - expected).abs() > 1e-6 * expected.abs())
        .map(|margin| {
            Fault::MarginSums {
                sum: rounded(sum(margin)),
                other: first.variable.clone(),
                expected: rounded(expected),
            }
            .at(&margin.variable)
        })
        .collect()
}
