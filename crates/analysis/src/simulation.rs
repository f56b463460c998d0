//! A design tried before money is spent: samples are drawn again and again from the real list, answers are
//! made up whose share and likeness within clusters are given, some cases do not respond, and each
//! sample is estimated by the same join and design as real answers. What comes out is how often
//! intervals hold, how large errors are, and which figures could not be published.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::fielded::{FieldedUnit, Standing, fielded};
use survey_builder::sampling::random::Stream;
use survey_builder::sampling::{Frame, Plan, Problem, Seed, draw, preview};

use crate::design::sampled::{SampledRules, design_of, join};
use crate::design::{DegreesOfFreedomRule, Design, SinglePsu};
use crate::distribution::beta_quantile;
use crate::estimate::presentation::Presentation;
use crate::estimate::proportion::proportion;
use crate::estimate::{Estimate, EstimateOptions, IntervalMethod};

/// The most samples that are drawn.
pub const MOST_SAMPLES: u32 = 100_000;
/// The most groups that are told apart: each looks at each complete.
pub const MOST_DOMAINS: usize = 1_000;

/// What a figure came out as over all samples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SimulatedFigure {
    /// The domain; empty for all.
    pub name: String,
    /// Its units in the list.
    pub units: u64,
    /// The share that the made answers have in it.
    pub share: f64,
    /// Completes a sample, on average.
    pub completes: f64,
    /// The mean of the estimates.
    pub mean: Option<f64>,
    /// The standard deviation of the estimates: the true standard error.
    pub standard_error: Option<f64>,
    /// The root of the mean of the estimated variances.
    pub estimated_error: Option<f64>,
    /// The true variance over that of a simple random sample with as many completes.
    pub design_effect: Option<f64>,
    /// The part of the samples with an interval whose interval holds the share.
    pub coverage: Option<f64>,
    /// The Monte Carlo standard error of that.
    pub coverage_error: Option<f64>,
    /// The part of the samples in which the publication rule would hide the figure, or there is none.
    pub hidden: f64,
}

/// What a design gave over all samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    /// Samples drawn.
    pub samples: u32,
    /// Of these, from which no design could be made: too few responded.
    pub without_design: u32,
    /// The intra-cluster correlation that the made answers have; none without clusters.
    pub correlation: Option<f64>,
    /// Cases fielded a sample, on average.
    pub cases: f64,
    /// Clusters visited a sample, on average.
    pub clusters: f64,
    /// What a sample costs, on average.
    pub cost: f64,
    /// Figures of all.
    pub all: SimulatedFigure,
    /// Figures by domain, where a column was named.
    pub domains: Vec<SimulatedFigure>,
}

/// Made answers: for each unit of the frame 1 or 0.
struct Answers {
    values: Vec<f64>,
    /// By unit its domain, if there are any.
    domains: Option<(Vec<String>, Vec<u32>)>,
}

/// What one sample gave.
struct Outcome {
    cases: f64,
    completes: f64,
    clusters: f64,
    /// For all, then each domain: the completes and the estimate.
    figures: Vec<(f64, Option<Estimate>)>,
    has_design: bool,
}

/// Sums over samples of one figure.
#[derive(Default)]
struct Sums {
    completes: f64,
    estimates: Vec<f64>,
    variances: Vec<f64>,
    held: f64,
    intervals: f64,
    hidden: f64,
}

/// Draws `samples` samples from a frame by a plan, answers them, and estimates.
///
/// Answers: in each cluster of the frame the chance of a 1 is drawn once from the beta distribution with
/// the mean of the assumptions' proportion and the variance that gives the correlation of two of the
/// cluster (the beta-binomial model); without clusters everybody has the proportion. They are made
/// once, so that the list has one true share. Each case responds on its own, with the share that the
/// fieldwork assumes. Intervals are logit intervals of that confidence; lone members of a list deviate
/// from the centre of all (`SinglePsu::Adjust`), as on the pages of results.
///
/// # Errors
/// Everything that stands in the way of the plan, assumptions out of range, no samples or more than
/// [`MOST_SAMPLES`], more groups than [`MOST_DOMAINS`].
pub fn simulate(
    frame: &Frame,
    plan: &Plan,
    assumptions: &Assumptions,
    samples: u32,
    seed: Seed,
) -> Result<Simulated, Vec<Problem>> {
    check(frame, plan, assumptions, samples)?;
    let answers = make_answers(frame, assumptions, seed);
    let places: HashMap<&str, usize> =
        (0..frame.units.len()).map(|unit| (frame.ids.get(unit), unit)).collect();
    let outcomes: Vec<Outcome> = (0..samples)
        .into_par_iter()
        .map(|number| one_sample(frame, plan, assumptions, (&answers, &places), seed, number))
        .collect::<Result<_, _>>()?;
    Ok(summed(frame, assumptions, &answers, &outcomes))
}

fn check(
    frame: &Frame,
    plan: &Plan,
    assumptions: &Assumptions,
    samples: u32,
) -> Result<(), Vec<Problem>> {
    let mut problems = assumptions.problems();
    if !(1..=MOST_SAMPLES).contains(&samples) {
        problems.push(Problem::PlanValue {
            what: phrase("phrase-number-of-samples").into(),
            value: samples.into(),
            bounds: phrase("phrase-from-1-to").with("most", MOST_SAMPLES).into(),
        });
    }
    if let Some(column) = assumptions.domain.as_ref().filter(|one| frame.labels_of(one).is_none()) {
        problems.push(Problem::FrameColumnMissing {
            column: column.clone(),
            columns: frame.columns.labels.join(", "),
        });
    }
    let domains = assumptions.domain.as_ref().and_then(|column| frame.labels_of(column));
    if let Some(count) = domains.map(|labels| labels.names.len()).filter(|it| *it > MOST_DOMAINS) {
        problems.push(Problem::PlanValue {
            what: phrase("phrase-number-of-groups").into(),
            value: count.into(),
            bounds: phrase("phrase-from-1-to").with("most", MOST_DOMAINS).into(),
        });
    }
    if let Err(found) = preview(frame, plan) {
        problems.extend(found);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn make_answers(frame: &Frame, assumptions: &Assumptions, seed: Seed) -> Answers {
    let mut stream = seed.stream_of("simulated answers", &[]);
    let chances: Vec<f64> =
        frame.clusters.iter().map(|_| chance(assumptions, &mut stream)).collect();
    let values = frame.units.iter().map(|unit| {
        let own = unit.cluster.and_then(|cluster| chances.get(cluster as usize));
        let chance = own.copied().unwrap_or(assumptions.proportion);
        f64::from(u8::from(stream.uniform() < chance))
    });
    let values = values.collect();
    let labels = assumptions.domain.as_ref().and_then(|column| frame.labels_of(column));
    let domains = labels.map(|labels| (labels.names.clone(), labels.codes.clone()));
    Answers { values, domains }
}

/// A cluster's chance of a 1.
fn chance(assumptions: &Assumptions, stream: &mut Stream) -> f64 {
    let (p, rho) = (assumptions.proportion, assumptions.correlation);
    let point = stream.uniform();
    if rho <= 0.0 || p <= 0.0 || p >= 1.0 {
        p
    } else if rho >= 1.0 {
        f64::from(u8::from(point < p))
    } else {
        let both = (1.0 - rho) / rho;
        beta_quantile(point, p * both, (1.0 - p) * both)
    }
}

fn one_sample(
    frame: &Frame,
    plan: &Plan,
    assumptions: &Assumptions,
    (answers, places): (&Answers, &HashMap<&str, usize>),
    seed: Seed,
    number: u32,
) -> Result<Outcome, Vec<Problem>> {
    let name = [number.to_string()];
    let mut stream = seed.stream_of("simulated sample", &name);
    let sample = draw(frame, plan, Seed(stream.below(u64::MAX)))?;
    let mut clusters = BTreeSet::new();
    let (mut cases, mut ids, mut rows) = (0.0, Vec::new(), Vec::new());
    let units = fielded(&sample, true);
    let in_field = |unit: &&FieldedUnit<'_>| unit.standing == Standing::InField;
    for unit in units.iter().filter(in_field) {
        cases += 1.0;
        if let Some(cluster) = &unit.unit.cluster {
            clusters.insert((&unit.unit.stratum, cluster));
        }
        if stream.uniform() < assumptions.fieldwork.share()
            && let Some(place) = places.get(unit.id)
        {
            ids.push(unit.id);
            rows.push(*place);
        }
    }
    let rules = SampledRules { single_psu: SinglePsu::Adjust, domain_single_psu: false };
    let design = join(&sample, &ids, "id")
        .and_then(|joined| design_of(&joined, rules))
        .map(|found| found.design);
    let has_design = design.is_ok();
    let figures = figures(design.ok().as_ref(), answers, &rows, assumptions.confidence);
    let (completes, clusters) = (ids.len() as f64, clusters.len() as f64);
    Ok(Outcome { cases, completes, clusters, figures, has_design })
}

/// All, and each domain.
fn figures(
    design: Option<&Design>,
    answers: &Answers,
    rows: &[usize],
    confidence: f64,
) -> Vec<(f64, Option<Estimate>)> {
    let options = EstimateOptions {
        confidence,
        interval: IntervalMethod::Logit,
        degrees_of_freedom: DegreesOfFreedomRule::Adjusted,
    };
    let values: Vec<f64> = rows.iter().map(|row| answers.values[*row]).collect();
    let figure = |domain: Option<&[bool]>| {
        let count = domain.map_or(rows.len(), |own| own.iter().filter(|own| **own).count());
        let estimate = design
            .filter(|_| count > 0)
            .and_then(|design| proportion(design, &values, domain, &options).ok());
        (count as f64, estimate)
    };
    let mut figures = vec![figure(None)];
    if let Some((names, codes)) = &answers.domains {
        for code in 0..names.len() {
            let own: Vec<bool> = rows.iter().map(|row| codes[*row] as usize == code).collect();
            figures.push(figure(Some(&own)));
        }
    }
    figures
}

fn summed(
    frame: &Frame,
    assumptions: &Assumptions,
    answers: &Answers,
    outcomes: &[Outcome],
) -> Simulated {
    let samples = outcomes.len() as f64;
    let average = |of: fn(&Outcome) -> f64| outcomes.iter().map(of).sum::<f64>() / samples;
    let (cases, clusters) = (average(|one| one.cases), average(|one| one.clusters));
    let costs = assumptions.costs;
    let cost = costs.fixed
        + costs.case * cases
        + costs.complete * average(|one| one.completes)
        + assumptions.cluster_cost * clusters;
    let count = answers.domains.as_ref().map_or(0, |(names, _)| names.len());
    let mut figures = (0..=count).map(|place| {
        let own = |unit: &usize| match (&answers.domains, place.checked_sub(1)) {
            (Some((_, codes)), Some(code)) => codes[*unit] as usize == code,
            _ => true,
        };
        let values: Vec<f64> =
            (0..answers.values.len()).filter(own).map(|unit| answers.values[unit]).collect();
        let share = values.iter().sum::<f64>() / values.len() as f64;
        let name = match (&answers.domains, place.checked_sub(1)) {
            (Some((names, _)), Some(code)) => names[code].clone(),
            _ => String::new(),
        };
        let found = outcomes.iter().map(|one| &one.figures[place]);
        figure(
            found,
            SimulatedFigure { name, units: values.len() as u64, share, ..Default::default() },
        )
    });
    Simulated {
        samples: u32::try_from(outcomes.len()).unwrap_or(u32::MAX),
        without_design: outcomes.iter().map(|one| u32::from(!one.has_design)).sum(),
        correlation: (!frame.clusters.is_empty()).then(|| correlation(frame, &answers.values)),
        cases,
        clusters,
        cost,
        all: figures.next().unwrap_or_default(),
        domains: figures.collect(),
    }
}

/// A figure from its estimates in all samples.
fn figure<'o>(
    found: impl Iterator<Item = &'o (f64, Option<Estimate>)>,
    known: SimulatedFigure,
) -> SimulatedFigure {
    let (mut sums, mut samples) = (Sums::default(), 0.0);
    for (completes, estimate) in found {
        samples += 1.0;
        sums.completes += completes;
        let Some(estimate) = estimate else {
            sums.hidden += 1.0;
            continue;
        };
        let hidden = estimate.reliability.presentation == Presentation::Suppress;
        sums.hidden += f64::from(u8::from(hidden));
        sums.estimates.push(estimate.value);
        if estimate.standard_error.is_finite() {
            sums.variances.push(estimate.standard_error.powi(2));
        }
        if let Some(limits) = estimate.interval {
            sums.intervals += 1.0;
            let holds = limits.lower <= known.share && known.share <= limits.upper;
            sums.held += f64::from(u8::from(holds));
        }
    }
    let mean_of = |values: &[f64]| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let mean = mean_of(&sums.estimates);
    let variance = mean.filter(|_| sums.estimates.len() > 1).map(|mean| {
        let squares: f64 = sums.estimates.iter().map(|one| (one - mean).powi(2)).sum();
        squares / (sums.estimates.len() as f64 - 1.0)
    });
    let completes = sums.completes / samples;
    let (share, units) = (known.share, known.units as f64);
    let simple = share * (1.0 - share) / completes * (1.0 - completes / units).max(0.0);
    let coverage = (sums.intervals > 0.0).then(|| sums.held / sums.intervals);
    SimulatedFigure {
        completes,
        mean,
        standard_error: variance.map(f64::sqrt),
        estimated_error: mean_of(&sums.variances).map(f64::sqrt),
        design_effect: variance.filter(|_| simple > 0.0).map(|variance| variance / simple),
        coverage,
        coverage_error: coverage.map(|held| (held * (1.0 - held) / sums.intervals).sqrt()),
        hidden: sums.hidden / samples,
        ..known
    }
}

/// The intra-cluster correlation of values by analysis of variance (Donner and Koval, 1980): (MSB − MSW) /
/// (MSB + (m₀ − 1) MSW), m₀ the mean size of clusters less what their sizes vary.
fn correlation(frame: &Frame, values: &[f64]) -> f64 {
    let all = values.len() as f64;
    let mean = values.iter().sum::<f64>() / all;
    let (mut between, mut within, mut squares) = (0.0, 0.0, 0.0);
    for cluster in &frame.clusters {
        let own: Vec<f64> = cluster.units.iter().map(|unit| values[*unit as usize]).collect();
        let size = own.len() as f64;
        let centre = own.iter().sum::<f64>() / size;
        between += size * (centre - mean).powi(2);
        within += own.iter().map(|value| (value - centre).powi(2)).sum::<f64>();
        squares += size * size;
    }
    let clusters = frame.clusters.len() as f64;
    let of_between = between / (clusters - 1.0);
    let of_within = within / (all - clusters);
    let size = (all - squares / all) / (clusters - 1.0);
    (of_between - of_within) / (of_between + (size - 1.0) * of_within)
}
