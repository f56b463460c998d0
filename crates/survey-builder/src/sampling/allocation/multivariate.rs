//! The cheapest allocation that reaches the precision wanted for several
//! variables, of the whole population or of domains (Bethel, 1989).
//!
//! Cost Σcₕnₕ is least, given for each variable j that Σ Wₕ² Sₕⱼ² (1/nₕ − 1/Nₕ)
//! over the strata of its domain is at most its squared standard error, and
//! that every nₕ is at least the minimum and at most Nₕ; W is a stratum's share
//! of the domain's population. At the optimum nₕ = √(Σⱼ λⱼaₕⱼ / cₕ), held between
//! its bounds, with aₕⱼ = `Wₕ²Sₕⱼ²` and λ ≥ 0, zero for variables that are more
//! precise than wanted. The λ are those at which the dual function, which is
//! concave, is largest: each in turn is put where its variable has just what it
//! may have, until none moves. That all of a stratum is drawn is thus known while
//! the others are sized, and the precision is always reached: with everything
//! drawn nothing varies.

use crate::problem::phrase;
use crate::sampling::plan::Multivariate;
use crate::sampling::problem::Problem;

/// Rounds over the variables; a few tens are usual.
const ROUNDS: usize = 2_000;
/// Halvings of the range in which a λ is looked for.
const HALVINGS: usize = 200;

/// What a variable's variance is made of.
#[derive(Clone, Debug, PartialEq)]
struct Constraint {
    /// Each stratum's part for n = 1; 0 outside the domain.
    parts: Vec<f64>,
    /// What the sum of part/n may be: the variance wanted, and what the finite
    /// population gives back.
    most: f64,
}

impl Constraint {
    /// Σ part/n over what it may be.
    fn used(&self, sizes: &[f64]) -> f64 {
        let terms = self.parts.iter().zip(sizes).filter(|(part, _)| **part > 0.0);
        terms.map(|(part, size)| part / size).sum::<f64>() / self.most
    }
}

/// What a stratum costs and how many it may give.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    cost: f64,
    least: f64,
    most: f64,
}

/// Whole sizes, each rounded up, at least `minimum` and at most all.
///
/// # Errors
///
/// Every number that is lacking or out of its range.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn cheapest(
    strata: &[&str],
    populations: &[f64],
    available: &[u64],
    wanted: &Multivariate,
    minimum: u32,
) -> Result<Vec<u64>, Vec<Problem>> {
    let problems = problems(strata, wanted);
    if !problems.is_empty() {
        return Err(problems);
    }
    let bounds: Vec<Bounds> = strata
        .iter()
        .zip(available)
        .map(|(name, available)| {
            let most = *available as f64;
            let cost = wanted.costs.get(*name).copied().unwrap_or(1.0);
            Bounds { cost, least: f64::from(minimum.max(1)).min(most), most }
        })
        .collect();
    let constraints = constraints(strata, populations, &bounds, wanted);
    Ok(whole(&constraints, &bounds, &solve(&constraints, &bounds)))
}

fn constraints(
    strata: &[&str],
    populations: &[f64],
    bounds: &[Bounds],
    wanted: &Multivariate,
) -> Vec<Constraint> {
    let of_variable = |variable: &crate::sampling::plan::Precision| {
        let is_in = |name: &str| {
            variable.domain.is_empty() || variable.domain.iter().any(|own| own == name)
        };
        let own = |(name, population): (&&str, &f64)| if is_in(name) { *population } else { 0.0 };
        let shares: Vec<f64> = strata.iter().zip(populations).map(own).collect();
        let all: f64 = shares.iter().sum();
        let part = |(name, share): (&&str, &f64)| {
            let deviation = variable.deviations.get(*name).copied().unwrap_or(0.0);
            (share / all * deviation).powi(2)
        };
        let parts: Vec<f64> = strata.iter().zip(&shares).map(part).collect();
        let back: f64 = parts.iter().zip(bounds).map(|(part, it)| part / it.most).sum();
        Constraint { parts, most: variable.standard_error.powi(2) + back }
    };
    wanted.variables.iter().map(of_variable).collect()
}

/// What all variables but one pull a stratum by, Σ λa.
fn pulls(constraints: &[Constraint], lambdas: &[f64], without: Option<usize>) -> Vec<f64> {
    let strata = constraints.first().map_or(0, |one| one.parts.len());
    let mut pulls = vec![0.0; strata];
    for (place, (constraint, lambda)) in constraints.iter().zip(lambdas).enumerate() {
        if without != Some(place) && *lambda > 0.0 {
            pulls.iter_mut().zip(&constraint.parts).for_each(|(pull, part)| *pull += lambda * part);
        }
    }
    pulls
}

/// The size of a stratum that is pulled so, between its bounds.
fn size(pull: f64, own: &Bounds) -> f64 {
    (pull / own.cost).sqrt().clamp(own.least, own.most)
}

/// Sizes, not whole, that meet every constraint at least cost.
fn solve(constraints: &[Constraint], bounds: &[Bounds]) -> Vec<f64> {
    let mut lambdas = vec![0.0_f64; constraints.len()];
    for _ in 0..ROUNDS {
        let mut moved = 0.0_f64;
        for (place, constraint) in constraints.iter().enumerate() {
            let others = pulls(constraints, &lambdas, Some(place));
            let found = least_lambda(constraint, bounds, &others);
            let before = std::mem::replace(&mut lambdas[place], found);
            moved = moved.max((found - before).abs() / found.max(before).max(f64::MIN_POSITIVE));
        }
        if moved < 1e-11 {
            break;
        }
    }
    let pulls = pulls(constraints, &lambdas, None);
    pulls.into_iter().zip(bounds).map(|(pull, own)| size(pull, own)).collect()
}

/// The smallest λ of a variable at which it has what it may have, given what the
/// others pull.
fn least_lambda(own: &Constraint, bounds: &[Bounds], others: &[f64]) -> f64 {
    let used = |lambda: f64| {
        let terms = own.parts.iter().zip(others).zip(bounds).filter(|((part, _), _)| **part > 0.0);
        let terms = terms.map(|((part, other), it)| part / size(other + lambda * part, it));
        terms.sum::<f64>() / own.most
    };
    if used(0.0) <= 1.0 {
        return 0.0;
    }
    // With this λ all of every stratum of the domain is drawn.
    let whole = own.parts.iter().zip(bounds).filter(|(part, _)| **part > 0.0);
    let mut high = whole.map(|(part, it)| it.most * it.most * it.cost / part).fold(0.0, f64::max);
    let mut low = 0.0;
    for _ in 0..HALVINGS {
        // By its root: λ can be anywhere between 0 and very large numbers.
        let middle = if low > 0.0 { (low * high).sqrt() } else { high / 1e6 };
        if middle <= low || middle >= high {
            break;
        }
        if used(middle) <= 1.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Whole sizes: rounded up, and one more where what was cut off as rounding would
/// miss the precision.
fn whole(constraints: &[Constraint], bounds: &[Bounds], sizes: &[f64]) -> Vec<u64> {
    // A hair above a whole number is rounding, not a unit more.
    let up = |(size, own): (&f64, &Bounds)| {
        (size - 1e-7 * size.max(1.0)).ceil().clamp(own.least, own.most)
    };
    let mut whole: Vec<f64> = sizes.iter().zip(bounds).map(up).collect();
    for constraint in constraints {
        while constraint.used(&whole) > 1.0 + 1e-9 {
            let gain = |stratum: &usize| {
                let (part, size) = (constraint.parts[*stratum], whole[*stratum]);
                part / (size * (size + 1.0)) / bounds[*stratum].cost
            };
            let free = (0..whole.len()).filter(|place| whole[*place] < bounds[*place].most);
            let best = free.max_by(|one, other| gain(one).total_cmp(&gain(other)));
            let Some(best) = best else { break };
            whole[best] += 1.0;
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sample sizes")]
    whole.into_iter().map(|size| size as u64).collect()
}

fn problems(strata: &[&str], wanted: &Multivariate) -> Vec<Problem> {
    let mut problems = Vec::new();
    if wanted.variables.is_empty() {
        problems.push(Problem::PlanUnreachablePrecision {
            stratum: phrase("phrase-all").into(),
            reason: phrase("phrase-name-at-least-one-variable").into(),
        });
    }
    let above = |value: f64| value.is_finite() && value > 0.0;
    for variable in &wanted.variables {
        if !above(variable.standard_error) {
            problems.push(Problem::PlanValue {
                what: phrase("phrase-standard-error-of").with("name", &variable.name).into(),
                value: variable.standard_error.into(),
                bounds: phrase("phrase-above-0").into(),
            });
        }
        let unknown = variable.domain.iter().filter(|name| !strata.contains(&name.as_str()));
        problems.extend(unknown.map(|name| Problem::PlanUnknownStratum { stratum: name.clone() }));
        let is_in = |name: &str| {
            variable.domain.is_empty() || variable.domain.iter().any(|own| own == name)
        };
        let known = |name: &&str| !is_in(name) || variable.deviations.contains_key(*name);
        problems.extend(super::name_problems(strata, variable.deviations.keys(), known));
        for (stratum, value) in variable.deviations.iter().filter(|(_, value)| !above(**value)) {
            problems.push(Problem::PlanBadDeviation { stratum: stratum.clone(), value: *value });
        }
    }
    for (stratum, cost) in wanted.costs.iter().filter(|(_, cost)| !above(**cost)) {
        problems.push(Problem::PlanValue {
            what: phrase("phrase-cost-in").with("stratum", stratum).into(),
            value: (*cost).into(),
            bounds: phrase("phrase-above-0").into(),
        });
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(parts: &[&[f64]], costs: &[f64], most: f64) -> (Vec<Constraint>, Vec<Bounds>) {
        let constraints = parts.iter().map(|parts| Constraint { parts: parts.to_vec(), most: 1.0 });
        let bounds = costs.iter().map(|cost| Bounds { cost: *cost, least: 1e-6, most });
        (constraints.collect(), bounds.collect())
    }

    fn cost(sizes: &[f64], bounds: &[Bounds]) -> f64 {
        sizes.iter().zip(bounds).map(|(size, own)| size * own.cost).sum()
    }

    #[test]
    fn one_variable_is_neymans_with_costs() {
        let (constraints, bounds) = plain(&[&[4.0, 9.0, 1.0]], &[1.0, 4.0, 1.0], 1e9);
        let sizes = solve(&constraints, &bounds);
        // n ∝ √(a/c), scaled to meet the bound.
        let roots = [2.0, 1.5, 1.0];
        let scale: f64 = 2.0 + 6.0 + 1.0;
        for (size, root) in sizes.iter().zip(roots) {
            assert!((size - root * scale).abs() < 1e-9 * size, "{sizes:?}");
        }
    }

    /// The best of all choices of which strata are drawn whole: the others by
    /// Neyman's rule with costs, in closed form.
    fn best_of_all_choices(constraint: &Constraint, bounds: &[Bounds]) -> Vec<f64> {
        let mut best: Option<(f64, Vec<f64>)> = None;
        for choice in 0..1_u32 << bounds.len() {
            let is_whole = |place: usize| choice >> place & 1 == 1;
            let parts = || constraint.parts.iter().zip(bounds).enumerate();
            let taken: f64 = parts()
                .filter(|(at, _)| is_whole(*at))
                .map(|(_, (part, own))| part / own.most)
                .sum();
            let roots: f64 = parts()
                .filter(|(at, _)| !is_whole(*at))
                .map(|(_, (part, own))| (part * own.cost).sqrt())
                .sum();
            let left = constraint.most - taken;
            let size = |(at, (part, own)): (usize, (&f64, &Bounds))| {
                if is_whole(at) { own.most } else { (part / own.cost).sqrt() * roots / left }
            };
            let sizes: Vec<f64> = parts().map(size).collect();
            let fits =
                left > 0.0 && sizes.iter().zip(bounds).all(|(size, own)| *size <= own.most + 1e-9);
            let cost = cost(&sizes, bounds);
            if fits && best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, sizes));
            }
        }
        best.expect("some choice fits").1
    }

    #[test]
    fn strata_are_drawn_whole_inside_the_iteration() {
        let populations = [400.0, 1_500.0, 60.0, 3_000.0, 220.0, 12.0];
        let deviations = [12.0, 4.5, 60.0, 3.1, 22.0, 90.0];
        let all: f64 = populations.iter().sum();
        let parts: Vec<f64> =
            populations.iter().zip(deviations).map(|(n, s)| (n / all * s).powi(2)).collect();
        let back: f64 = parts.iter().zip(populations).map(|(part, n)| part / n).sum();
        let constraint = Constraint { parts, most: 0.05_f64.powi(2) + back };
        let costs = [1.0, 2.0, 5.0, 1.0, 3.0, 10.0];
        let bound = |(most, cost): (f64, f64)| Bounds { cost, least: 1.0, most };
        let bounds: Vec<Bounds> = populations.into_iter().zip(costs).map(bound).collect();
        let expected = best_of_all_choices(&constraint, &bounds);
        let constraints = [constraint];
        let sizes = solve(&constraints, &bounds);
        for (size, expected) in sizes.iter().zip(&expected) {
            assert!((size - expected).abs() < 1e-7 * expected, "{sizes:?} {expected:?}");
        }
        assert_eq!(whole(&constraints, &bounds, &sizes), [400, 711, 60, 1_385, 220, 12]);
        // A minimum lifts what is below it and lowers the others.
        let lifted: Vec<Bounds> =
            bounds.iter().map(|own| Bounds { least: 1_200.0_f64.min(own.most), ..*own }).collect();
        let sizes = solve(&constraints, &lifted);
        assert!((sizes[1] - 1_200.0).abs() < 1e-9 && sizes[3] < expected[3]);
        assert!((constraints[0].used(&sizes) - 1.0).abs() < 1e-9 || sizes[3] <= 1_200.0);
    }

    #[test]
    fn no_cheaper_allocation_reaches_the_precision() {
        let rows: [&[f64]; 3] = [&[4.0, 1.0, 0.5], &[0.3, 5.0, 2.0], &[0.1, 0.1, 0.1]];
        for most in [1e9, 14.0] {
            let (constraints, mut bounds) = plain(&rows, &[1.0, 2.0, 1.5], most);
            bounds[2].least = 5.0;
            let sizes = solve(&constraints, &bounds);
            let fits = |sizes: &[f64], slack: f64| {
                constraints.iter().all(|one| one.used(sizes) <= 1.0 + slack)
            };
            assert!(fits(&sizes, 1e-9), "{sizes:?}");
            // Every small move that keeps the bounds costs more.
            let mut stream = crate::sampling::Seed(4).stream(1, 0);
            let mut tried = 0;
            for _ in 0..20_000 {
                let moved = |(size, own): (&f64, &Bounds)| {
                    (size * (0.98 + 0.04 * stream.uniform())).clamp(own.least, own.most)
                };
                let moved: Vec<f64> = sizes.iter().zip(&bounds).map(moved).collect();
                if fits(&moved, 0.0) {
                    tried += 1;
                    assert!(cost(&moved, &bounds) >= cost(&sizes, &bounds) * (1.0 - 1e-7));
                }
            }
            assert!(tried > 500, "{tried}");
        }
    }

    #[test]
    fn a_domain_has_a_precision_of_its_own() {
        let deviations =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 10.0)).collect();
        let variable = |names: &[&str], error, domain: &[&str]| crate::sampling::plan::Precision {
            name: "x".to_owned(),
            standard_error: error,
            deviations: deviations(names),
            domain: domain.iter().map(|name| (*name).to_owned()).collect(),
        };
        let (strata, populations, available) =
            (["a", "b", "c"], [1_000.0, 3_000.0, 6_000.0], [1_000, 3_000, 6_000]);
        let sized = |variables| {
            let wanted = Multivariate { variables, ..Multivariate::default() };
            cheapest(&strata, &populations, &available, &wanted, 2)
        };
        let sizes = sized(vec![variable(&["a"], 0.5, &["a"])]).expect("sizes");
        // (10/0.5)² = 400 from 1,000: 400 / 1.4.
        assert_eq!(sizes, [286, 2, 2]);
        let unknown = sized(vec![variable(&["a"], 0.5, &["a", "d"])]).expect_err("unknown");
        assert_eq!(unknown, [Problem::PlanUnknownStratum { stratum: "d".to_owned() }]);
    }
}
