//! Steps of weighting as the design file names them: their columns found, then done in order.

use analysis::estimate::Coded;
use analysis::model::ModelMatrix;
use analysis::problem::{Fault, at_row};
use analysis::weighting::calibrate::{Auxiliaries, Distance, calibrate, calibrate_clusters};
use analysis::weighting::composite::composite_weights;
use analysis::weighting::eligibility::{Eligibility, adjust_unknown_eligibility};
use analysis::weighting::nonresponse::adjust_in_cells;
use analysis::weighting::panel::{Chain, Factor};
use analysis::weighting::post_stratify::post_stratify;
use analysis::weighting::propensity::{PropensityUse, adjust_by_propensity};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::weighting::trim::trim;
use analysis::weighting::trimmed_raking::{WeightLimits, rake_within_limits};
use analysis::{Design, Error, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::data_file::{DataFile, Levels};
use super::design_file::{
    DistanceName, LimitUnit, Limits, PropensityMethod, TargetsIn, WeightingStep,
};
use super::designed_data::{Step, read_or_tell, taken};
use super::formula::terms as terms_of;
use super::places::{put_column, put_label};
use super::targets::Targets;

/// A step of weighting with its columns.
pub enum Ready {
    /// Unknown eligibility.
    Eligibility(Vec<Eligibility>, Cells),
    /// Nonresponse in cells.
    Nonresponse(Vec<bool>, Cells),
    /// Nonresponse by propensity.
    Propensity { responded: Vec<bool>, terms: ModelMatrix, used: PropensityUse, weighted: bool },
    /// Post-stratification.
    PostStratification(Targets),
    /// Raking, within limits where there are some.
    Raking(Targets, RakeOptions, Option<WeightLimits>),
    /// Calibration, with one factor a cluster where there are some.
    Calibration(Auxiliaries, Distance, Option<Vec<u32>>),
    /// Trimming.
    Trimming { lower: f64, upper: f64, strict: bool },
    /// A factor of a panel.
    Factor(Factor),
    /// Two samples put together.
    Composite { second: Vec<bool>, overlap: Vec<bool>, share: Option<f64> },
}

impl Ready {
    /// What a reader must know of its targets.
    pub fn remarks(&self) -> &[Phrase] {
        match self {
            Self::PostStratification(targets) | Self::Raking(targets, ..) => &targets.remarks,
            _ => &[],
        }
    }
}

/// Weighting cells: the name of their column, and its levels.
pub struct Cells {
    name: String,
    levels: Levels,
}

impl Cells {
    fn coded(&self) -> Coded<'_> {
        Coded { codes: &self.levels.codes, levels: self.levels.labels.len() }
    }

    /// Problems with the column and the label in place of the number of a cell.
    fn named(&self, error: Error) -> Error {
        let mut problems = error.into_problems();
        for problem in &mut problems {
            put_column(&mut problem.place, "phrase-input-cells", &self.name);
            put_label(&mut problem.place, &self.name, &self.levels.labels);
        }
        Error::Invalid(problems)
    }
}

/// Finds the columns of a step.
pub fn ready(step: &WeightingStep, data: &DataFile, problems: &mut Vec<Problem>) -> Ready {
    match step {
        WeightingStep::UnknownEligibility { status, cells } => {
            Ready::Eligibility(eligibility(status, data, problems), cells_of(cells, data, problems))
        }
        WeightingStep::Nonresponse { responded, cells } => Ready::Nonresponse(
            yes_or_no(responded, data, problems),
            cells_of(cells, data, problems),
        ),
        WeightingStep::Propensity { responded, terms, method, classes, weighted } => {
            Ready::Propensity {
                responded: yes_or_no(responded, data, problems),
                terms: terms_of(terms, data, None, problems).matrix,
                used: match method {
                    PropensityMethod::Classes => PropensityUse::Classes(*classes),
                    PropensityMethod::Inverse => PropensityUse::Inverse,
                },
                weighted: *weighted,
            }
        }
        WeightingStep::PostStratification { margins, targets, population } => {
            let found = margins.len();
            if found != 1 {
                let problem = Problem::new("post_stratification_one", "margins");
                problems.push(problem.with("found", found));
            }
            let read = Targets::read(margins, *targets, *population, data, problems);
            Ready::PostStratification(read)
        }
        WeightingStep::Raking { margins, targets, population, tolerance, rounds, limits } => {
            let options =
                RakeOptions { tolerance: *tolerance, rounds_max: *rounds, projection_rounds: 10 };
            let limits = limits.as_ref().map(|limits| weight_limits(limits, problems));
            let read = Targets::read(margins, *targets, *population, data, problems);
            Ready::Raking(read, options, limits)
        }
        WeightingStep::Calibration {
            totals,
            margins,
            population,
            distance,
            lower,
            upper,
            clusters,
        } => {
            let limits = (lower.unwrap_or(0.0), upper.unwrap_or(f64::INFINITY));
            let mut auxiliaries =
                Auxiliaries { terms: ModelMatrix::default(), totals: Vec::new(), variance: None };
            if let Some(population) = population {
                auxiliaries.terms = ModelMatrix::intercept(data.rows());
                auxiliaries.totals.push(*population);
            }
            for (name, total) in totals {
                auxiliaries.terms.push(name, taken(data.numbers(name), problems));
                auxiliaries.totals.push(*total);
            }
            let read = Targets::read(margins, TargetsIn::People, None, data, problems);
            add_margins(&mut auxiliaries, &read.margins);
            let clusters = clusters.as_ref().map(|name| taken(data.groups(name), problems));
            Ready::Calibration(auxiliaries, distance_of(*distance, limits), clusters)
        }
        WeightingStep::Trimming { lower, upper, strict } => {
            Ready::Trimming { lower: *lower, upper: *upper, strict: *strict }
        }
        WeightingStep::Factor { column } => Ready::Factor(Factor {
            name: column.clone(),
            values: taken(data.numbers(column), problems),
        }),
        WeightingStep::Composite { second, overlap, share } => Ready::Composite {
            second: yes_or_no(second, data, problems),
            overlap: yes_or_no(overlap, data, problems),
            share: *share,
        },
    }
}

/// A column of 1 and 0.
pub fn yes_or_no(name: &str, data: &DataFile, problems: &mut Vec<Problem>) -> Vec<bool> {
    let Some(answered) = read_or_tell(data.levels(name), problems) else {
        return Vec::new();
    };
    for other in answered.values.iter().filter(|value| !["0", "1"].contains(&value.as_str())) {
        problems.push(Fault::range(other, phrase("phrase-0-or-1")).at(name));
    }
    if let Some(row) = answered.codes.iter().position(|code| *code == 0) {
        problems.push(Fault::DataMissing.at(at_row(name, row)));
    }
    let yes = |code: &u16| *code > 0 && answered.values[usize::from(*code) - 1] == "1";
    answered.codes.iter().map(yes).collect()
}

fn eligibility(name: &str, data: &DataFile, problems: &mut Vec<Problem>) -> Vec<Eligibility> {
    let Some(found) = read_or_tell(data.levels(name), problems) else {
        return Vec::new();
    };
    let known = [
        ("eligible", Eligibility::Eligible),
        ("ineligible", Eligibility::Ineligible),
        ("unknown", Eligibility::Unknown),
    ];
    let of = |value: &str| known.iter().find(|(name, _)| *name == value).map(|(_, own)| *own);
    for other in found.values.iter().filter(|value| of(value).is_none()) {
        let bounds = "eligible, ineligible, unknown".into();
        problems.push(Fault::DataRange { value: other.into(), bounds }.at(name));
    }
    let status = |code: &u16| {
        let value = usize::from(*code).checked_sub(1).and_then(|place| of(&found.values[place]));
        value.unwrap_or(Eligibility::Unknown)
    };
    found.codes.iter().map(status).collect()
}

fn cells_of(name: &str, data: &DataFile, problems: &mut Vec<Problem>) -> Cells {
    let levels = taken(data.levels(name), problems);
    Cells { name: name.to_owned(), levels }
}

/// Indicators of the levels of margins; after an intercept or a first margin each leaves out its first
/// level, which follows from the others.
fn add_margins(auxiliaries: &mut Auxiliaries, margins: &[Margin]) {
    for margin in margins {
        let all = auxiliaries.terms.columns.is_empty();
        let levels = margin.levels.iter().zip(&margin.totals).zip(1_u16..);
        for ((level, total), own) in levels.skip(usize::from(!all)) {
            let column = margin.codes.iter().map(|code| match *code {
                0 => f64::NAN,
                code => f64::from(u8::from(code == own)),
            });
            auxiliaries.terms.push(format!("{} = {level}", margin.variable), column.collect());
            auxiliaries.totals.push(*total);
        }
    }
}

fn weight_limits(limits: &Limits, problems: &mut Vec<Problem>) -> WeightLimits {
    let (lower, upper) = (limits.lower.unwrap_or(0.0), limits.upper.unwrap_or(f64::INFINITY));
    match (limits.ranges, limits.unit) {
        (Some(ranges), _) => {
            if limits.lower.is_some() || limits.upper.is_some() {
                problems.push(Problem::new("design_both", "ranges").with("other", "lower, upper"));
            }
            WeightLimits::MedianPlusRanges(ranges)
        }
        (None, LimitUnit::Weights) => WeightLimits::Weights { lower, upper },
        (None, LimitUnit::Means) => WeightLimits::TimesMean { lower, upper },
    }
}

fn distance_of(name: DistanceName, (lower, upper): (f64, f64)) -> Distance {
    match name {
        DistanceName::Linear => Distance::Linear,
        DistanceName::Raking => Distance::Raking,
        DistanceName::Bounded => Distance::Bounded { lower, upper },
        DistanceName::Logit => Distance::Logit { lower, upper },
    }
}

/// Does a step.
///
/// # Errors
/// What the step refuses, cells by their labels.
pub fn apply(step: Ready, design: Design) -> analysis::Result<(Design, Step)> {
    let mut kept = Vec::new();
    let (name, design, diagnostics) = match step {
        Ready::Eligibility(status, cells) => {
            let found = adjust_unknown_eligibility(&design, &status, cells.coded());
            ("unknown eligibility", found.map_err(|error| cells.named(error))?.design, None)
        }
        Ready::Nonresponse(responded, cells) => {
            let found = adjust_in_cells(&design, &responded, cells.coded());
            ("nonresponse", found.map_err(|error| cells.named(error))?.design, None)
        }
        Ready::Propensity { responded, terms, used, weighted } => {
            let found = adjust_by_propensity(&design, &responded, &terms, used, weighted)?;
            ("propensity", found.design, None)
        }
        Ready::PostStratification(targets) => {
            kept = targets.in_people(&design);
            let Some(cells) = kept.first() else { return Err(Error::Invalid(Vec::new())) };
            let (design, diagnostics) = post_stratify(design, cells)?;
            ("post-stratification", design, Some(diagnostics))
        }
        Ready::Raking(targets, options, None) => {
            kept = targets.in_people(&design);
            let (design, diagnostics) = rake(design, &kept, &options)?;
            ("raking", design, Some(diagnostics))
        }
        Ready::Raking(targets, options, Some(limits)) => {
            kept = targets.in_people(&design);
            let (design, diagnostics) = rake_within_limits(design, &kept, &options, limits)?;
            ("raking", design, Some(diagnostics))
        }
        Ready::Calibration(auxiliaries, distance, None) => {
            ("calibration", calibrate(design, &auxiliaries, distance)?, None)
        }
        Ready::Calibration(auxiliaries, distance, Some(clusters)) => {
            let design = calibrate_clusters(design, &auxiliaries, distance, &clusters)?;
            ("calibration", design, None)
        }
        Ready::Trimming { lower, upper, strict } => {
            ("trimming", trim(design, lower, upper, strict)?, None)
        }
        Ready::Factor(factor) => {
            let chain = Chain::new(design.weights().to_vec(), vec![factor.clone()])?;
            let name = format!("factor {}", factor.name);
            let design = design.times_factors(&factor.values)?;
            let weights = chain.weights();
            return Ok((design, Step { name, weights, diagnostics: None, margins: kept }));
        }
        Ready::Composite { second, overlap, share } => {
            let found = composite_weights(design.weights(), &second, &overlap, share)?;
            ("composite", design.times_factors(&found.factors)?, None)
        }
    };
    let weights = design.weights().to_vec();
    Ok((design, Step { name: name.to_owned(), weights, diagnostics, margins: kept }))
}
