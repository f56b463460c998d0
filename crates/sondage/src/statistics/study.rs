//! Data and design together: what every subcommand works on. All problems of both are told at once.

use analysis::design::Population;
use analysis::estimate::Coded;
use analysis::model::ModelMatrix;
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::variance::replication::successive::successive_differences;
use analysis::variance::replication::{
    Centre, Replicates, balanced_half_samples, jackknife, paired_jackknife,
};
use analysis::variance::unequal::{JointProbabilities, UnequalForm, UnequalMethod};
use analysis::weighting::calibrate::{Auxiliaries, Distance, calibrate};
use analysis::weighting::diagnostics::WeightingDiagnostics;
use analysis::weighting::nonresponse::adjust_in_cells;
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::weighting::trim::trim;
use analysis::{Design, DesignInput, Error, Problem, SinglePsu, StageInput, Weights};
use survey_builder::sampling::Seed;

use super::arguments::Input;
use super::data_file::{self, DataFile};
use super::design_file::{
    self, BootstrapMethod, DesignFile, DistanceName, JointMethod, Margins, Probabilities,
    ReplicateWeights, Stage, VarianceForm, WeightingStep,
};
use crate::terminal::Failure;

/// Data with their design.
pub struct Study {
    /// The data.
    pub data: DataFile,
    /// How they were drawn and weighted.
    pub design: Design,
    /// Whether chances are unknown.
    pub nonprobability: bool,
    /// Weights before any step, one a row.
    pub base: Vec<f64>,
    /// What each step of weighting did to the weights.
    pub steps: Vec<Step>,
}

/// One step of weighting and its outcome.
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Weights after it, one a row.
    pub weights: Vec<f64>,
    /// What it did to margins, where it has them.
    pub diagnostics: Option<WeightingDiagnostics>,
}

impl Study {
    /// Reads both files.
    ///
    /// # Errors
    /// Files that cannot be read, everything that is wrong with the columns named in the design, and
    /// what the design or its weighting refuses.
    pub fn open(input: &Input) -> Result<Self, Failure> {
        let file = design_file::read(&input.design)?;
        let mut data = data_file::read(&input.file, &file.missing)?;
        let mut problems: Vec<Problem> =
            file.labels.iter().flat_map(|(name, labels)| data.label(name, labels)).collect();
        let input = design_input(&file, &data, &mut problems);
        let probabilities = file.probabilities.as_ref().map(|given| {
            let column = taken(data.numbers(&given.column), &mut problems);
            (column, method(given))
        });
        let steps: Vec<Ready> =
            file.weighting.iter().map(|step| ready(step, &data, &mut problems)).collect();
        let given = (file.replicates.as_ref())
            .map(|replicates| given_columns(replicates, &data, &mut problems));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let mut design = Design::new(input)?;
        if let Some((column, method)) = probabilities {
            design = design.with_unequal_probabilities(&column, method)?;
        }
        if let (Some(replicates), Some(given)) = (&file.replicates, given) {
            let made = made(replicates, given, &design)?;
            design = design.with_replicates(made)?;
        }
        let base = design.weights().to_vec();
        let mut done = Vec::new();
        for step in steps {
            let (after, outcome) = apply(step, design)?;
            design = after;
            done.push(outcome);
        }
        let nonprobability = file.nonprobability;
        Ok(Self { data, design, nonprobability, base, steps: done })
    }
}

/// What was found, or nothing and its problems added to those of others.
pub fn taken<T: Default>(found: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> T {
    found.unwrap_or_else(|more| {
        problems.extend(more);
        T::default()
    })
}

fn design_input(file: &DesignFile, data: &DataFile, problems: &mut Vec<Problem>) -> DesignInput {
    let weights = match (&file.weight, file.weight_from_population, &file.probabilities) {
        (Some(_), true, _) => {
            let fault = "stands beside weight_from_population";
            problems.push(Problem::input("weight", fault, "leave one of them out"));
            Weights::FromPopulation
        }
        (Some(name), false, _) => {
            let weights = taken(data.numbers(name), problems);
            problems.extend(weight_problems(name, &weights));
            Weights::Given(weights)
        }
        (None, true, _) => Weights::FromPopulation,
        (None, false, Some(given)) => {
            let chances = data.numbers(&given.column).unwrap_or_default();
            Weights::Given(chances.iter().map(|chance| 1.0 / chance).collect())
        }
        (None, false, None) => Weights::Given(vec![1.0; data.rows()]),
    };
    let mut stages: Vec<StageInput> =
        file.stages.iter().map(|stage| stage_input(stage, data, problems)).collect();
    if stages.is_empty() {
        stages.push(StageInput::default());
    }
    DesignInput {
        weights,
        stages,
        nest: file.nest,
        single_psu: file.single_psu.unwrap_or(SinglePsu::Fail),
        domain_single_psu: file.domain_single_psu,
    }
}

fn weight_problems(name: &str, weights: &[f64]) -> Vec<Problem> {
    let faulty = weights.iter().enumerate().filter(|(_, weight)| weight.is_nan() || **weight < 0.0);
    faulty
        .take(20)
        .map(|(row, weight)| {
            let fault =
                if weight.is_nan() { "is missing".to_owned() } else { format!("is {weight}") };
            Problem::row(name, row, fault, "give a weight of zero or more")
        })
        .collect()
}

fn stage_input(stage: &Stage, data: &DataFile, problems: &mut Vec<Problem>) -> StageInput {
    let mut groups =
        |name: &Option<String>| name.as_ref().map(|name| taken(data.groups(name), problems));
    let (strata, clusters) = (groups(&stage.strata), groups(&stage.clusters));
    let population = match (&stage.population, &stage.fraction) {
        (Some(_), Some(name)) => {
            problems.push(Problem::input(name, "population is given too", "leave one out"));
            None
        }
        (Some(name), None) => Some(Population::Counts(taken(data.numbers(name), problems))),
        (None, Some(name)) => Some(Population::Fractions(taken(data.numbers(name), problems))),
        (None, None) => None,
    };
    StageInput { strata, clusters, population }
}

fn method(given: &Probabilities) -> UnequalMethod {
    let form = match given.form {
        VarianceForm::HorvitzThompson => UnequalForm::HorvitzThompson,
        VarianceForm::YatesGrundy => UnequalForm::YatesGrundy,
    };
    match given.method {
        JointMethod::Brewer => UnequalMethod::Brewer,
        JointMethod::Overton => UnequalMethod::Joint(JointProbabilities::Overton, form),
        JointMethod::HartleyRao => {
            let sum_of_squares_over_size = given.sum_of_squares_over_size;
            UnequalMethod::Joint(JointProbabilities::HartleyRao { sum_of_squares_over_size }, form)
        }
    }
}

/// The columns of replicates that are in the data; none where they are made.
fn given_columns(
    replicates: &ReplicateWeights,
    data: &DataFile,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<f64>> {
    let ReplicateWeights::Given { columns, .. } = replicates else { return Vec::new() };
    let mut found = Vec::new();
    for pattern in columns {
        let Some(beginning) = pattern.strip_suffix('*') else {
            found.push(taken(data.numbers(pattern), problems));
            continue;
        };
        let before = found.len();
        for name in data.names().iter().filter(|name| name.starts_with(beginning)) {
            found.push(taken(data.numbers(name), problems));
        }
        if found.len() == before {
            let remedy = format!("the file has {}", data.names().join(", "));
            problems.push(Problem::input(pattern, "no column begins so", remedy));
        }
    }
    found
}

fn made(
    replicates: &ReplicateWeights,
    given: Vec<Vec<f64>>,
    design: &Design,
) -> analysis::Result<Replicates> {
    let centre = |mse: bool| if mse { Centre::FullSample } else { Centre::Replicates };
    match replicates {
        ReplicateWeights::Jackknife { mse } => jackknife(design, centre(*mse)),
        ReplicateWeights::PairedJackknife { seed } => paired_jackknife(design, seed.map(Seed)),
        ReplicateWeights::Bootstrap { method, count, seed, mse } => {
            let kind = match method {
                BootstrapMethod::RaoWu => Bootstrap::RaoWu,
                BootstrapMethod::CantyDavison => Bootstrap::CantyDavison,
                BootstrapMethod::Preston => Bootstrap::Preston,
            };
            bootstrap(design, kind, *count, Seed(*seed), centre(*mse))
        }
        ReplicateWeights::SuccessiveDifferences { count } => successive_differences(design, *count),
        ReplicateWeights::BalancedHalfSamples { rho, mse } => {
            balanced_half_samples(design, *rho, centre(*mse))
        }
        ReplicateWeights::Given { scale, relative_scales, mse, degrees_of_freedom, .. } => {
            let count = given.len();
            // Replicates are few enough for their number to be exact.
            #[expect(clippy::cast_precision_loss)]
            let usual = count.saturating_sub(1) as f64;
            Replicates {
                weights: given,
                scale: *scale,
                relative_scales: relative_scales.clone().unwrap_or_else(|| vec![1.0; count]),
                centre: centre(*mse),
                degrees_of_freedom: degrees_of_freedom.unwrap_or(usual),
            }
            .checked(design.rows())
        }
    }
}

/// A step of weighting with its columns.
enum Ready {
    Nonresponse { responded: Vec<bool>, cells: Vec<u16>, levels: usize },
    PostStratification(Margin),
    Raking(Vec<Margin>, RakeOptions),
    Calibration(Auxiliaries, Distance),
    Trimming { lower: f64, upper: f64, strict: bool },
}

fn ready(step: &WeightingStep, data: &DataFile, problems: &mut Vec<Problem>) -> Ready {
    match step {
        WeightingStep::Nonresponse { responded, cells } => {
            nonresponse(responded, cells, data, problems)
        }
        WeightingStep::PostStratification { margins } => {
            let mut margins = all_margins(margins, data, problems);
            if margins.len() != 1 {
                let fault = format!("{} variables", margins.len());
                let remedy = "post-stratification takes one; use raking for several";
                problems.push(Problem::input("margins", fault, remedy));
            }
            let none =
                Margin { variable: String::new(), levels: vec![], totals: vec![], codes: vec![] };
            Ready::PostStratification(margins.pop().unwrap_or(none))
        }
        WeightingStep::Raking { margins, tolerance, rounds } => {
            let options =
                RakeOptions { tolerance: *tolerance, rounds_max: *rounds, projection_rounds: 10 };
            Ready::Raking(all_margins(margins, data, problems), options)
        }
        WeightingStep::Calibration { totals, population, distance, lower, upper } => {
            let limits = (lower.unwrap_or(0.0), upper.unwrap_or(f64::INFINITY));
            let distance = distance_of(*distance, limits);
            let mut terms = ModelMatrix::default();
            let mut sums = Vec::new();
            if let Some(population) = population {
                terms = ModelMatrix::intercept(data.rows());
                sums.push(*population);
            }
            for (name, total) in totals {
                terms.push(name, taken(data.numbers(name), problems));
                sums.push(*total);
            }
            Ready::Calibration(Auxiliaries { terms, totals: sums, variance: None }, distance)
        }
        WeightingStep::Trimming { lower, upper, strict } => {
            Ready::Trimming { lower: *lower, upper: *upper, strict: *strict }
        }
    }
}

fn nonresponse(
    responded: &str,
    cells: &str,
    data: &DataFile,
    problems: &mut Vec<Problem>,
) -> Ready {
    let levels = data.levels(cells).map(|levels| (levels.codes, levels.values.len()));
    let (cells, levels) = taken(levels, problems);
    let responded = match data.levels(responded) {
        Ok(answered) => {
            for other in
                answered.values.iter().filter(|value| !["0", "1"].contains(&value.as_str()))
            {
                let remedy = "give 1 for those who answered, 0 for the others";
                problems.push(Problem::level(responded, other, "is neither 0 nor 1", remedy));
            }
            let yes = |code: &u16| *code > 0 && answered.values[usize::from(*code) - 1] == "1";
            answered.codes.iter().map(yes).collect()
        }
        Err(more) => {
            problems.extend(more);
            Vec::new()
        }
    };
    Ready::Nonresponse { responded, cells, levels }
}

fn distance_of(name: DistanceName, (lower, upper): (f64, f64)) -> Distance {
    match name {
        DistanceName::Linear => Distance::Linear,
        DistanceName::Raking => Distance::Raking,
        DistanceName::Bounded => Distance::Bounded { lower, upper },
        DistanceName::Logit => Distance::Logit { lower, upper },
    }
}

fn all_margins(margins: &Margins, data: &DataFile, problems: &mut Vec<Problem>) -> Vec<Margin> {
    margins
        .iter()
        .filter_map(|(name, totals)| {
            let levels = data.levels(name).map_err(|more| problems.extend(more)).ok()?;
            for level in totals.keys().filter(|level| !levels.values.contains(level)) {
                let remedy = format!("its levels are {}", levels.values.join(", "));
                problems.push(Problem::level(name, level, "is not in the data", remedy));
            }
            for level in levels.values.iter().filter(|level| !totals.contains_key(*level)) {
                let remedy = "give its total, or list it under missing";
                problems.push(Problem::level(name, level, "has no target", remedy));
            }
            let target = |level: &String| totals.get(level).copied().unwrap_or(f64::NAN);
            Some(Margin {
                variable: name.clone(),
                totals: levels.values.iter().map(target).collect(),
                levels: levels.labels,
                codes: levels.codes,
            })
        })
        .collect()
}

fn apply(step: Ready, design: Design) -> analysis::Result<(Design, Step)> {
    let (name, design, diagnostics) = match step {
        Ready::Nonresponse { responded, cells, levels } => {
            let cells = Coded { codes: &cells, levels };
            ("nonresponse", adjust_in_cells(&design, &responded, cells)?.design, None)
        }
        Ready::PostStratification(cells) => {
            let (design, diagnostics) = post_stratify(design, &cells)?;
            ("post-stratification", design, Some(diagnostics))
        }
        Ready::Raking(margins, options) => {
            let (design, diagnostics) = rake(design, &margins, &options)?;
            ("raking", design, Some(diagnostics))
        }
        Ready::Calibration(auxiliaries, distance) => {
            ("calibration", calibrate(design, &auxiliaries, distance)?, None)
        }
        Ready::Trimming { lower, upper, strict } => {
            ("trimming", trim(design, lower, upper, strict)?, None)
        }
    };
    let weights = design.weights().to_vec();
    Ok((design, Step { name, weights, diagnostics }))
}
