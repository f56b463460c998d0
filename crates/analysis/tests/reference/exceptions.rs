//! Where the other software is at fault: what it does is done again here, and only if that gives its
//! numbers does the case pass by exception. Why each is a fault is in docs/METHODS.md.

use analysis::distribution::student_quantile;
use analysis::estimate::joint::Joint;
use analysis::estimate::proportion::proportion;
use analysis::estimate::quantile::{Limits, QuantileRule, cumulative_share, quantiles};
use analysis::{Design, Estimate, EstimateOptions, IntervalMethod};
use nalgebra::{DMatrix, SymmetricEigen};
use serde_json::Value;

use crate::compare::flatten;
use crate::designs::T_INTERVAL;
use crate::{Case, Stop};

const SCORE: &str = "R turns score limits back through an unweighted share";
const FIRST_VALUE: &str = "R's quantile is the second value where the first alone is more than p";
const STILL: &str = "R's limits of a share without variance are that share itself";
const TIES: &str = "R's quantiles depend on the order of the rows among equal values";
const ONE_METHOD: &str =
    "R's quantiles from replicates have Student's interval whichever is asked for";
const FOLDED: &str = "R's arcsine limit turns back below an angle of zero";
const PROFILE: &str = "R interpolates the profile of the likelihood";
const FISHER: &str = "R stops its search for Fisher's odds ratio and limits at 1e-4";
const FACTORS: &str = "psych's search for the factors stops early";
const ROTATION: &str = "small loadings differ by less than the 1e-3 of the case's note";
const KAPPA: &str = "psych's variance of weighted kappa multiplies where the source averages";
const ORDINAL: &str = "R's search for the most likely cut points stops early";

fn numbers(value: &Value) -> Vec<f64> {
    let mut flat = Vec::new();
    flatten(value, &mut flat);
    flat.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect()
}

fn same(found: f64, expected: f64) -> bool {
    (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= 1e-9 * expected.abs().max(found.abs()) + 1e-12
}

/// What a quantile case is about.
pub(crate) struct QuantileCase<'a> {
    pub(crate) design: &'a Design,
    pub(crate) column: &'a [f64],
    pub(crate) probabilities: &'a [f64],
    pub(crate) rule: QuantileRule,
    pub(crate) limits: Limits,
    pub(crate) options: EstimateOptions,
}

impl QuantileCase<'_> {
    /// The values of the rows that enter, with their weights, in order.
    fn pairs(&self) -> Vec<(f64, f64)> {
        let rows = self.column.iter().copied().zip(self.design.weights().iter().copied());
        let mut pairs: Vec<(f64, f64)> =
            rows.filter(|(value, weight)| !value.is_nan() && *weight > 0.0).collect();
        pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
        pairs
    }

    fn multiple(&self) -> f64 {
        let known: Vec<bool> = self.column.iter().map(|value| !value.is_nan()).collect();
        let rule = self.options.degrees_of_freedom;
        let df = self.design.degrees_of_freedom(rule, None, Some(&known));
        student_quantile(0.5 + 0.5 * self.options.confidence, df)
    }

    fn at(&self, p: f64) -> Result<f64, Stop> {
        let rule = self.rule;
        let limits = Limits::FoundShare;
        let found = quantiles(self.design, self.column, &[p], None, rule, limits, &T_INTERVAL)?;
        Ok(found[0].value)
    }

    /// R's reading of the step rules: where no sum of weights is at or below p, it goes on from the
    /// first value to the second.
    fn with_second_value(&self, p: f64) -> Result<f64, Stop> {
        let mut pairs = self.pairs();
        if self.rule == QuantileRule::NearestEven {
            let mut distinct: Vec<(f64, f64)> = Vec::new();
            for (value, weight) in pairs {
                match distinct.last_mut() {
                    Some(last) if last.0 == value => last.1 += weight,
                    _ => distinct.push((value, weight)),
                }
            }
            pairs = distinct;
        }
        let steps =
            [QuantileRule::InverseCdf, QuantileRule::AveragedInverseCdf, QuantileRule::NearestEven];
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        if steps.contains(&self.rule) && pairs.len() > 1 && pairs[0].1 > p * total {
            return Ok(pairs[1].0);
        }
        match in_row_order(&pairs, p, self.rule) {
            Some(found) => Ok(found),
            None => self.at(p),
        }
    }
}

/// The linear rules as R has them: rows of one value with other weights stand one after the other as they
/// come, each with a point of its own. None for the other rules.
fn in_row_order(pairs: &[(f64, f64)], p: f64, rule: QuantileRule) -> Option<f64> {
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
    let last = pairs.last()?.1;
    let all_but_last = total - last;
    let mut before = 0.0;
    let points: Vec<f64> = pairs
        .iter()
        .map(|&(_, weight)| {
            let (start, end) = (before, before + weight);
            before = end;
            Some(match rule {
                QuantileRule::LinearCdf => end / total,
                QuantileRule::Hazen => (end - 0.5 * weight) / total,
                QuantileRule::Weibull => end / (total + last),
                QuantileRule::Gumbel => start / all_but_last,
                QuantileRule::MedianUnbiased => {
                    (start / 3.0 + end * 2.0 / 3.0) / (total + last / 3.0)
                }
                QuantileRule::Blom => (start * 0.375 + end * 0.625) / (total + last / 4.0),
                _ => return None,
            })
        })
        .collect::<Option<_>>()?;
    let Some(above) = points.iter().position(|point| *point > p) else {
        return pairs.last().map(|pair| pair.0);
    };
    let Some(below) = above.checked_sub(1) else { return Some(pairs[0].0) };
    let share = (p - points[below]) / (points[above] - points[below]);
    Some(pairs[below].0 + share * (pairs[above].0 - pairs[below].0))
}

/// The faults of R's `svyquantile`: its reading of the step rules, and angles beyond the ends. The
/// estimates and limits are made as R makes them; the errors follow from the limits.
pub(crate) fn of_quantile(case: &mut Case<'_>, asked: &QuantileCase<'_>) -> Result<(), Stop> {
    const KEYS: [&str; 3] = ["estimate", "ci95", "se"];
    if !case.differs(&KEYS) {
        return Ok(());
    }
    if asked.options.interval == IntervalMethod::StudentT && asked.limits == Limits::Score {
        return score(case, asked);
    }
    let t = asked.multiple();
    let expected = KEYS.map(|key| numbers(&case.expected()[key]));
    let (mut folded, mut still, mut second) = (false, false, false);
    let mut options = asked.options;
    if asked.design.replicates().is_some() {
        options.interval = IntervalMethod::StudentT;
    }
    for (place, &p) in asked.probabilities.iter().enumerate() {
        let value = asked.with_second_value(p)?;
        let holds = |x: &f64| if x.is_nan() { f64::NAN } else { f64::from(u8::from(*x <= value)) };
        let holds: Vec<f64> = asked.column.iter().map(holds).collect();
        let share = proportion(asked.design, &holds, None, &options)?;
        second |= !same(value, asked.at(p)?);
        let mut limits = share.interval.map_or([f64::NAN; 2], |found| [found.lower, found.upper]);
        if asked.limits == Limits::Probability {
            limits = [-t, t].map(|t| (p + t * share.standard_error).clamp(0.0, 1.0));
        } else if share.standard_error <= 1e-12 * share.value {
            still = true;
            limits = [share.value; 2];
        }
        if options.interval == IntervalMethod::Arcsine {
            let as_they_are = [-t, t].map(|t| folded_limit(share.value, share.standard_error, t));
            folded |= (0..2).any(|side| !same(as_they_are[side], limits[side]));
            limits = as_they_are;
        }
        let turned = |p: f64| {
            if (0.0..=1.0).contains(&p) { asked.with_second_value(p) } else { Ok(f64::NAN) }
        };
        let (lower, upper) = (turned(limits[0])?, turned(limits[1])?);
        let matches = same(value, expected[0][place])
            && same(lower, expected[1][2 * place])
            && same(upper, expected[1][2 * place + 1])
            && same((upper - lower) / (2.0 * t), expected[2][place]);
        if !matches {
            return Ok(());
        }
    }
    // R's order of equal values is all that its linear rules differ in.
    let linear = in_row_order(&asked.pairs(), 0.5, asked.rule).is_some();
    let why = if options != asked.options {
        ONE_METHOD
    } else if folded {
        FOLDED
    } else if still && !second {
        STILL
    } else if linear {
        TIES
    } else {
        FIRST_VALUE
    };
    case.except(&KEYS, why);
    Ok(())
}

/// R finds where the test turns, counts the unweighted share of rows at or below, and looks for the
/// value at which the *weighted* distribution function has that share. The place where the test turns
/// is a value of the data, which its search meets from either side; where the test turns several times
/// it meets one of them.
fn score(case: &mut Case<'_>, asked: &QuantileCase<'_>) -> Result<(), Stop> {
    let expected = numbers(&case.expected()["ci95"]);
    let errors = numbers(&case.expected()["se"]);
    let t = asked.multiple();
    let pairs = asked.pairs();
    let mut distinct: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    distinct.dedup();
    let shares = distinct
        .iter()
        .map(|&at| Ok(cumulative_share(asked.design, asked.column, at, None, &asked.options)?))
        .collect::<Result<Vec<_>, Stop>>()?;
    let below = |counts: &dyn Fn(f64) -> bool| {
        pairs.iter().filter(|pair| counts(pair.0)).count() as f64 / pairs.len() as f64
    };
    for (place, &p) in asked.probabilities.iter().enumerate() {
        for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
            let theirs = expected[2 * place + side];
            let beyond = |share: &Estimate| share.value - p > sign * t * share.standard_error;
            let mut before = false;
            let mut explained = false;
            for (&value, share) in distinct.iter().zip(&shares) {
                if beyond(share) != before {
                    before = !before;
                    let reached = asked.at(below(&|own| own <= value))?;
                    let missed = asked.at(below(&|own| own < value))?;
                    explained |= same(reached, theirs) || same(missed, theirs);
                }
            }
            if !explained {
                return Ok(());
            }
        }
        let length = expected[2 * place + 1] - expected[2 * place];
        if !same(length / (2.0 * t), errors[place]) {
            return Ok(());
        }
    }
    case.except(&["ci95", "se"], SCORE);
    Ok(())
}

/// A variance of zero is no knowledge, and has no limits; R's are the estimate itself. Passes where that
/// is so of every estimate without variance and the limits of the others agree.
pub(crate) fn of_still(case: &mut Case<'_>, key: &str, joint: &Joint) {
    if !case.differs(&[key]) {
        return;
    }
    let expected = numbers(&case.expected()[key]);
    let alike = |(estimate, theirs): (&Estimate, &[f64])| match estimate.interval {
        Some(own) => same(own.lower, theirs[0]) && same(own.upper, theirs[1]),
        None => theirs.iter().all(|limit| same(*limit, estimate.value)),
    };
    let still = |one: &Estimate| one.standard_error <= 1e-12 * one.value.abs();
    let others = joint.estimates.iter().filter(|one| one.interval.is_none());
    let all = joint.estimates.iter().zip(expected.chunks_exact(2)).all(alike);
    if all && expected.len() == 2 * joint.estimates.len() && others.clone().all(still) {
        case.except(&[key], STILL);
    }
}

fn folded_limit(p: f64, error: f64, t: f64) -> f64 {
    (p.sqrt().asin() + t * error / (2.0 * (p * (1.0 - p)).sqrt())).sin().powi(2)
}

/// Limits of a proportion on the arcsine scale.
pub(crate) fn of_arcsine(case: &mut Case<'_>, p: f64, error: f64, t: f64) {
    let expected = numbers(&case.expected()["ci"]);
    if case.differs(&["ci"])
        && expected.len() == 2
        && same(folded_limit(p, error, -t), expected[0])
        && same(folded_limit(p, error, t), expected[1])
    {
        case.except(&["ci"], FOLDED);
    }
}

/// Limits by the likelihood: 2 p(1−p)/V · KL(p‖q) = φt² must hold at a limit q. It does at ours to
/// 1e-9, and at R's to half a percent only, on either side.
pub(crate) fn of_likelihood(case: &mut Case<'_>, ours: [f64; 2], p: f64, error: f64) {
    let expected = numbers(&case.expected()["ci"]);
    if !case.differs(&["ci"]) || expected.len() != 2 {
        return;
    }
    let size = p * (1.0 - p) / (error * error);
    let height =
        |q: f64| 2.0 * size * (p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln());
    let [low, high] = ours.map(height);
    let level = (low / high - 1.0).abs() < 1e-9;
    let theirs =
        (height(expected[0]) / low - 1.0).abs().max((height(expected[1]) / low - 1.0).abs());
    if level && theirs > 1e-6 && theirs < 5e-3 {
        case.except(&["ci"], PROFILE);
    }
}

/// Fisher's odds ratio, at which the mean of the first cell is the cell, and its limits, at which the tail
/// beyond the table is 0.025. `at` answers the mean and the chances of at least and at most the cell.
pub(crate) fn of_fisher(
    case: &mut Case<'_>,
    ours: (f64, [f64; 2]),
    cell: f64,
    at: impl Fn(f64) -> (f64, f64, f64),
) {
    let inside = |odds: f64| odds > 0.0 && odds.is_finite();
    let limits = numbers(&case.expected()["ci95"]);
    if case.differs(&["ci95"]) && limits.len() == 2 && case.largest_gap(&["ci95"]) < 1e-3 {
        let off = |limits: [f64; 2]| -> f64 {
            let lower = if inside(limits[0]) { (at(limits[0]).1 - 0.025).abs() } else { 0.0 };
            let upper = if inside(limits[1]) { (at(limits[1]).2 - 0.025).abs() } else { 0.0 };
            lower.max(upper)
        };
        if off(ours.1) < 1e-12 && off([limits[0], limits[1]]) > 1e-8 {
            case.except(&["ci95"], FISHER);
        }
    }
    let theirs = case.expected()["odds_ratio"].as_f64().unwrap_or(f64::NAN);
    let off = |odds: f64| (at(odds).0 - cell).abs();
    if case.differs(&["odds_ratio"])
        && case.largest_gap(&["odds_ratio"]) < 1e-3
        && inside(ours.0)
        && off(ours.0) < 1e-9 * cell.max(1.0)
        && off(theirs) > 1e-7
    {
        case.except(&["odds_ratio"], FISHER);
        case.exceptions.dedup();
    }
}

/// psych's variance of weighted kappa: with pᵢ.Σⱼwᵢⱼ where Fleiss, Cohen and Everitt (1969) have the
/// mean weight Σᵢpᵢ.wᵢⱼ. `table` holds the shares of the cells, `weight` those of agreement.
fn kappa_at_fault(table: &[Vec<f64>], weight: &dyn Fn(usize, usize) -> f64, units: f64) -> f64 {
    let size = table.len();
    let places = || (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    let row = |i: usize| table[i].iter().sum::<f64>();
    let column = |j: usize| table.iter().map(|cells| cells[j]).sum::<f64>();
    let observed: f64 = places().map(|(i, j)| weight(i, j) * table[i][j]).sum();
    let expected: f64 = places().map(|(i, j)| weight(i, j) * row(i) * column(j)).sum();
    let mean = |i: usize| (0..size).map(|k| weight(k, i) * column(k)).sum::<f64>();
    let product = |j: usize| (0..size).map(|k| weight(j, k)).sum::<f64>() * row(j);
    let square = |(i, j): (usize, usize)| {
        let margins = mean(i) + product(j);
        table[i][j] * (weight(i, j) * (1.0 - expected) - margins * (1.0 - observed)).powi(2)
    };
    let centre = observed * expected - 2.0 * expected + observed;
    (places().map(square).sum::<f64>() - centre * centre) / (units * (1.0 - expected).powi(4))
}

pub(crate) fn of_kappa(case: &mut Case<'_>, first: &[f64], second: &[f64], kappas: [f64; 2]) {
    let known: Vec<(f64, f64)> = (first.iter().copied().zip(second.iter().copied()))
        .filter(|(one, other)| !one.is_nan() && !other.is_nan())
        .collect();
    let mut categories: Vec<f64> = known.iter().flat_map(|(one, other)| [*one, *other]).collect();
    categories.sort_by(f64::total_cmp);
    categories.dedup();
    let place = |value: f64| categories.iter().position(|own| *own == value).unwrap_or(0);
    let units = known.len() as f64;
    let mut table = vec![vec![0.0; categories.len()]; categories.len()];
    for (one, other) in known {
        table[place(one)][place(other)] += 1.0 / units;
    }
    let widest = (categories.len() - 1) as f64;
    let far = |i: usize, j: usize| i.abs_diff(j) as f64 / widest;
    let quadratic = kappa_at_fault(&table, &|i, j| 1.0 - far(i, j).powi(2), units);
    let linear = kappa_at_fault(&table, &|i, j| 1.0 - far(i, j), units);
    let z = 1.959_963_984_540_054;
    let limits = |kappa: f64, variance: f64| {
        let reach = z * variance.max(0.0).sqrt();
        [(kappa - reach).max(-1.0), (kappa + reach).min(1.0)]
    };
    for (key, theirs) in [
        ("var_weighted", vec![quadratic]),
        ("weighted_ci95", limits(kappas[0], quadratic).to_vec()),
        ("linear_ci95", limits(kappas[1], linear).to_vec()),
    ] {
        let expected = numbers(&case.expected()[key]);
        let equal = expected.len() == theirs.len()
            && expected.iter().zip(&theirs).all(|(one, other)| same(*one, *other));
        if case.differs(&[key]) && equal {
            case.except(&[key], KAPPA);
        }
    }
    case.exceptions.dedup();
}

/// A proportional odds model in which R's parameters have a lower likelihood than ours, by less than the
/// relative 1e-8 at which its search (`optim`, `reltol`) gives up.
pub(crate) fn of_ordinal(
    case: &mut Case<'_>,
    ours: (&[f64], &[f64]),
    log_likelihood: impl Fn(&[f64], &[f64]) -> f64,
) {
    let expected = case.expected().clone();
    let theirs = (numbers(&expected["estimate"]), numbers(&expected["cutpoints"]));
    let top = log_likelihood(ours.0, ours.1);
    let below = log_likelihood(&theirs.0, &theirs.1);
    let gap = (top - below) / top.abs();
    let keys = ["estimate", "cutpoints", "se", "vcov", "t", "p"];
    if case.differs(&keys) && gap > 0.0 && gap < 1e-6 && case.largest_gap(&keys) < 1e-2 {
        case.except(&keys, ORDINAL);
    }
}

/// Loadings that differ by less than the case's own note asks for (`compare to 1e-3`): psych's rotation
/// stops at 1e-5, which small loadings show more than in proportion.
pub(crate) fn of_rotation(case: &mut Case<'_>) {
    let note = case.body["note"].as_str().unwrap_or_default();
    let small = case.faults.iter().all(|fault| fault.distance < 1e-3);
    if case.differs(&["schmid_loadings"]) && small && note.contains("compare to 1e-3") {
        case.except(&["schmid_loadings"], ROTATION);
    }
}

/// Factors whose discrepancy is larger at psych's uniquenesses than at ours, which are found to rounding:
/// ½ Σ λ² of R − Ψ, or Σ (λ − log λ − 1) of Ψ^−½ R Ψ^−½, over the eigenvalues that the factors leave.
pub(crate) fn of_factors(
    case: &mut Case<'_>,
    correlations: &DMatrix<f64>,
    count: usize,
    likelihood: bool,
    ours: &[f64],
) {
    const KEYS: [&str; 4] = ["schmid_loadings", "omega_total", "omega_hierarchical", "omega_limit"];
    let table = numbers(&case.expected()["schmid_loadings"]);
    let width = table.len() / ours.len();
    let theirs: Vec<f64> = table.chunks(width).map(|row| row[count + 2].max(0.005)).collect();
    let discrepancy = |own: &[f64]| {
        let matrix = DMatrix::from_fn(own.len(), own.len(), |one, other| {
            let cell = correlations[(one, other)];
            match (likelihood, one == other) {
                (true, _) => cell / (own[one] * own[other]).sqrt(),
                (false, true) => cell - own[one],
                (false, false) => cell,
            }
        });
        let mut roots: Vec<f64> = SymmetricEigen::new(matrix).eigenvalues.iter().copied().collect();
        roots.sort_by(|one, other| other.total_cmp(one));
        let of = |root: &f64| if likelihood { root - root.ln() - 1.0 } else { 0.5 * root * root };
        roots[count..].iter().map(of).sum::<f64>()
    };
    let clamped: Vec<f64> = ours.iter().map(|own| own.max(0.005)).collect();
    let (ours, theirs) = (discrepancy(&clamped), discrepancy(&theirs));
    // Where both are at the bottom to rounding, what is left is less than the 1e-3 of the cases' note.
    let level = ours <= theirs + 1e-12 && case.faults.iter().all(|fault| fault.distance < 1e-3);
    if case.differs(&KEYS) && (ours < theirs || level) {
        case.except(&KEYS, FACTORS);
    }
}
