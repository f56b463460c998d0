//! Raking: weights that meet several margins at once.
//!
//! Iterative proportional fitting (Deming and Stephan 1940): each margin in turn is met exactly by one
//! factor a level, and the rounds go on until all are met. Weights move only by a factor for each
//! combination of levels, so the rounds run on the table of combinations, not on rows.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::design::Design;
use crate::error::{Error, Problem, Result, all_or_nothing};
use crate::variance::projection::{Projection, ProjectionMargin};
use crate::weighting::diagnostics::{
    LevelAdjustment, WeightingDiagnostics, factor_range, kish_design_effect, weight_range,
};

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
                Problem::level(
                    name,
                    code,
                    "is not in the data's codebook",
                    "use a code of the column",
                )
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
                None if used => problems.push(Problem::level(
                    name,
                    &level.code,
                    "has rows but no target",
                    "give its total, or recode its rows",
                )),
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
    let mut problems: Vec<Problem> =
        margins.iter().flat_map(|margin| margin_problems(&design, margin)).collect();
    problems.extend(total_problems(margins));
    if !(options.tolerance > 0.0 && options.tolerance < 1.0) || options.rounds_max == 0 {
        problems.push(Problem::input(
            "options of raking",
            format!("tolerance {}, {} rounds", options.tolerance, options.rounds_max),
            "give a tolerance between 0 and 1 and at least one round",
        ));
    }
    all_or_nothing(problems)?;
    let design = design.with_each_replicate(|replicate| {
        all_or_nothing(
            margins.iter().flat_map(|margin| margin_problems(&replicate, margin)).collect(),
        )?;
        Ok(raked(&replicate, margins, options)?.0)
    })?;
    let (weights, gaps) = raked(&design, margins, options)?;
    Ok(finished(design, weights, gaps, margins, options, "raking"))
}

/// The design with raked weights and the margins that its variance takes out.
pub(super) fn finished(
    design: Design,
    weights: Vec<f64>,
    gaps: Vec<f64>,
    margins: &[Margin],
    options: &RakeOptions,
    called: &str,
) -> (Design, WeightingDiagnostics) {
    let told = diagnostics(&design, &weights, margins, called, gaps);
    let step = Projection {
        name: "raking".to_owned(),
        margins: margins.iter().map(projection_margin).collect(),
        weights: weights.clone(),
        inner: None,
        rounds: options.projection_rounds.max(1),
    };
    (design.calibrated(weights, step), told)
}

/// Raked weights, and the largest gap after each round.
fn raked(
    design: &Design,
    margins: &[Margin],
    options: &RakeOptions,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut table = CombinationTable::new(design, margins);
    let gaps = table.fit(margins, options)?;
    Ok((table.weights(design), gaps))
}

/// A margin in the form that variances use. The codes are checked before: 1 to the number of levels.
pub(crate) fn projection_margin(margin: &Margin) -> ProjectionMargin {
    ProjectionMargin {
        variable: margin.variable.clone(),
        levels: margin.codes.iter().map(|&code| u32::from(code.saturating_sub(1))).collect(),
        level_count: margin.levels.len(),
    }
}

/// Everything that is wrong with one margin.
pub(crate) fn margin_problems(design: &Design, margin: &Margin) -> Vec<Problem> {
    let name = &margin.variable;
    let mut problems = Vec::new();
    if margin.levels.len() != margin.totals.len() {
        problems.push(Problem::input(
            name,
            format!("{} levels, {} totals", margin.levels.len(), margin.totals.len()),
            "give one total a level",
        ));
        return problems;
    }
    if margin.codes.len() != design.rows() {
        problems.push(Problem::input(
            name,
            format!("{} entries for {} rows", margin.codes.len(), design.rows()),
            "give one code a row",
        ));
        return problems;
    }
    let mut sums = vec![0.0; margin.levels.len() + 1];
    let mut missing = Vec::new();
    for (row, (&code, weight)) in margin.codes.iter().zip(design.weights()).enumerate() {
        let code = usize::from(code);
        if code > margin.levels.len() {
            problems.push(Problem::row(
                name,
                row,
                format!("code {code} has no level"),
                "name the level and its total, or recode",
            ));
        } else if code == 0 {
            missing.push(row);
        } else {
            sums[code] += weight;
        }
    }
    if let Some(first) = missing.first() {
        problems.push(Problem::row(
            name,
            *first,
            format!("missing here and in {} rows in all", missing.len()),
            "fill it in, or leave the rows out of the sample",
        ));
    }
    for ((level, &total), &sum) in margin.levels.iter().zip(&margin.totals).zip(&sums[1..]) {
        if !total.is_finite() || total < 0.0 {
            problems.push(Problem::level(
                name,
                level,
                format!("the total is {total}"),
                "give a number of zero or more",
            ));
        } else if sum <= 0.0 && total > 0.0 {
            problems.push(Problem::level(
                name,
                level,
                format!("no row to stand for a total of {total}"),
                "join it to another level",
            ));
        } else if sum > 0.0 && total == 0.0 {
            problems.push(Problem::level(
                name,
                level,
                "rows in the sample but a total of zero",
                "leave the rows out, or correct the total",
            ));
        }
    }
    problems
}

/// Margins whose totals differ cannot all be met.
fn total_problems(margins: &[Margin]) -> Vec<Problem> {
    let Some(first) = margins.first() else {
        return vec![Problem::input("margins", "there is none", "give at least one margin")];
    };
    let sum = |margin: &Margin| margin.totals.iter().sum::<f64>();
    let expected = sum(first);
    margins
        .iter()
        .filter(|margin| (sum(margin) - expected).abs() > 1e-6 * expected.abs())
        .map(|margin| {
            Problem::input(
                &margin.variable,
                format!(
                    "its totals add up to {}, those of {} to {expected}",
                    sum(margin),
                    first.variable
                ),
                "scale the totals to the same population",
            )
        })
        .collect()
}

/// Sums of weights by combination of levels.
struct CombinationTable {
    /// Combination of each row.
    combination_of_row: Vec<u32>,
    /// Level of each combination in each margin: combinations × margins.
    levels: Vec<u16>,
    /// Sums of weights before.
    before: Vec<f64>,
    /// Sums of weights now.
    now: Vec<f64>,
}

impl CombinationTable {
    fn new(design: &Design, margins: &[Margin]) -> Self {
        let mut numbers: HashMap<Vec<u16>, u32> = HashMap::new();
        let mut table = Self {
            combination_of_row: Vec::with_capacity(design.rows()),
            levels: Vec::new(),
            before: Vec::new(),
            now: Vec::new(),
        };
        let mut key = Vec::with_capacity(margins.len());
        for (row, &weight) in design.weights().iter().enumerate() {
            key.clear();
            key.extend(margins.iter().map(|margin| margin.codes[row] - 1));
            let number = if let Some(&number) = numbers.get(&key) {
                number
            } else {
                let number = u32::try_from(table.before.len()).unwrap_or(u32::MAX);
                numbers.insert(key.clone(), number);
                table.levels.extend_from_slice(&key);
                table.before.push(0.0);
                number
            };
            table.before[number as usize] += weight;
            table.combination_of_row.push(number);
        }
        table.now.clone_from(&table.before);
        table
    }

    /// Goes round until every level is within the tolerance; answers the largest gap of each round.
    fn fit(&mut self, margins: &[Margin], options: &RakeOptions) -> Result<Vec<f64>> {
        let mut gaps = Vec::new();
        for _ in 0..options.rounds_max {
            for (index, margin) in margins.iter().enumerate() {
                let sums = self.sums(index, margins);
                for (combination, weight) in self.now.iter_mut().enumerate() {
                    let level = usize::from(self.levels[combination * margins.len() + index]);
                    if sums[level] > 0.0 {
                        *weight *= margin.totals[level] / sums[level];
                    }
                }
            }
            let (gap, margin, level) = self.largest_gap(margins);
            gaps.push(gap);
            if gap <= options.tolerance {
                return Ok(gaps);
            }
            if gaps.len() == options.rounds_max {
                return Err(Error::RakingNotConverged {
                    rounds: gaps.len(),
                    largest_gap: gap,
                    variable: margins[margin].variable.clone(),
                    level: margins[margin].levels[level].clone(),
                });
            }
        }
        Ok(gaps)
    }

    fn sums(&self, index: usize, margins: &[Margin]) -> Vec<f64> {
        let mut sums = vec![0.0; margins[index].levels.len()];
        for (combination, weight) in self.now.iter().enumerate() {
            sums[usize::from(self.levels[combination * margins.len() + index])] += weight;
        }
        sums
    }

    fn largest_gap(&self, margins: &[Margin]) -> (f64, usize, usize) {
        let mut largest = (0.0, 0, 0);
        for (index, margin) in margins.iter().enumerate() {
            for (level, (sum, target)) in
                self.sums(index, margins).iter().zip(&margin.totals).enumerate()
            {
                let gap = if *target > 0.0 { (sum - target).abs() / target } else { *sum };
                if gap > largest.0 {
                    largest = (gap, index, level);
                }
            }
        }
        largest
    }

    fn weights(&self, design: &Design) -> Vec<f64> {
        design
            .weights()
            .iter()
            .zip(&self.combination_of_row)
            .map(|(weight, &number)| {
                let before = self.before[number as usize];
                if before > 0.0 { weight * (self.now[number as usize] / before) } else { 0.0 }
            })
            .collect()
    }
}

/// Describes what a step did to the weights.
pub(crate) fn diagnostics(
    design: &Design,
    weights: &[f64],
    margins: &[Margin],
    step: &str,
    gaps: Vec<f64>,
) -> WeightingDiagnostics {
    let (smallest, largest) = weight_range(weights);
    let mut levels = Vec::new();
    for margin in margins {
        for (index, (level, &target)) in margin.levels.iter().zip(&margin.totals).enumerate() {
            let mut adjustment = LevelAdjustment {
                variable: margin.variable.clone(),
                level: level.clone(),
                rows: 0,
                before: 0.0,
                after: 0.0,
                target,
            };
            for ((&code, before), after) in margin.codes.iter().zip(design.weights()).zip(weights) {
                if usize::from(code) == index + 1 {
                    adjustment.rows += 1;
                    adjustment.before += before;
                    adjustment.after += after;
                }
            }
            levels.push(adjustment);
        }
    }
    WeightingDiagnostics {
        step: step.to_owned(),
        rounds: gaps.len(),
        largest_gap: gaps.last().copied().unwrap_or(0.0),
        gaps,
        kish_before: kish_design_effect(design.weights()),
        kish_after: kish_design_effect(weights),
        smallest,
        largest,
        ratio: largest / smallest,
        factor_range: factor_range(design.weights(), weights),
        levels,
    }
}
