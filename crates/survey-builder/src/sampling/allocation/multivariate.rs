//! The cheapest allocation that reaches the precision wanted for several
//! variables (Bethel, 1989), by Chromy's (1987) iteration.
//!
//! Cost Σcₕnₕ is least, given for each variable j that Σ Wₕ² Sₕⱼ² (1/nₕ − 1/Nₕ) is
//! at most its squared standard error; W is a stratum's share of the population.
//! Then nₕ = √(Σⱼ λⱼaₕⱼ / cₕ) with aₕⱼ = `Wₕ²Sₕⱼ²` over what variable j may have,
//! and λ is zero for variables that are more precise than wanted.

use crate::problem::phrase;
use crate::sampling::plan::Multivariate;
use crate::sampling::problem::Problem;

const ROUNDS: usize = 10_000;

/// Whole sizes, each rounded up, at least `minimum` and at most all.
///
/// # Errors
///
/// Every number that is lacking or out of its range.
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
    let all: f64 = populations.iter().sum();
    let costs: Vec<f64> =
        strata.iter().map(|name| wanted.costs.get(*name).copied().unwrap_or(1.0)).collect();
    // A row a variable: what each stratum adds to the variance for n = 1, over
    // what the variable may have; the finite population gives some back.
    let rows: Vec<Vec<f64>> = wanted
        .variables
        .iter()
        .map(|variable| {
            let parts: Vec<f64> = strata
                .iter()
                .zip(populations)
                .map(|(name, population)| (population / all * variable.deviations[*name]).powi(2))
                .collect();
            let back: f64 = parts.iter().zip(populations).map(|(part, size)| part / size).sum();
            let may = variable.standard_error.powi(2) + back;
            parts.into_iter().map(|part| part / may).collect()
        })
        .collect();
    let sizes = solve(&rows, &costs);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sample sizes")]
    let whole = |(size, most): (f64, &u64)| {
        // A hair above a whole number is rounding, not a unit more.
        ((size - 1e-9).ceil() as u64).max(u64::from(minimum)).max(1).min(*most)
    };
    Ok(sizes.into_iter().zip(available).map(whole).collect())
}

/// Sizes, not whole, that meet Σ aₕⱼ/nₕ ≤ 1 for every variable at least cost.
fn solve(rows: &[Vec<f64>], costs: &[f64]) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a few variables")]
    let mut shares = vec![1.0 / rows.len() as f64; rows.len()];
    let mut sizes = vec![0.0; costs.len()];
    for _ in 0..ROUNDS {
        let roots: Vec<f64> = (0..costs.len())
            .map(|stratum| {
                let pull = rows.iter().zip(&shares).map(|(row, share)| share * row[stratum]);
                (pull.sum::<f64>() / costs[stratum]).sqrt()
            })
            .collect();
        let scale: f64 = roots.iter().zip(costs).map(|(root, cost)| root * cost).sum();
        sizes = roots.iter().map(|root| root * scale).collect();
        let used: Vec<f64> = rows
            .iter()
            .map(|row| row.iter().zip(&sizes).map(|(part, size)| part / size.max(1e-300)).sum())
            .collect();
        let weighted: f64 = shares.iter().zip(&used).map(|(share, used)| share * used * used).sum();
        let next: Vec<f64> =
            shares.iter().zip(&used).map(|(share, used)| share * used * used / weighted).collect();
        let moved = next.iter().zip(&shares).map(|(one, other)| (one - other).abs());
        let moved = moved.fold(0.0, f64::max);
        shares = next;
        if moved < 1e-13 {
            break;
        }
    }
    // What is left of the iteration: no variable may be over.
    let most = rows
        .iter()
        .map(|row| row.iter().zip(&sizes).map(|(part, size)| part / size.max(1e-300)).sum::<f64>())
        .fold(0.0, f64::max);
    sizes.into_iter().map(|size| size * most).collect()
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
        let known = |name: &&str| variable.deviations.contains_key(*name);
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

    fn cost(sizes: &[f64], costs: &[f64]) -> f64 {
        sizes.iter().zip(costs).map(|(size, cost)| size * cost).sum()
    }

    #[test]
    fn one_variable_is_neymans_with_costs() {
        let (row, costs) = (vec![4.0, 9.0, 1.0], [1.0, 4.0, 1.0]);
        let sizes = solve(std::slice::from_ref(&row), &costs);
        // n ∝ √(a/c), scaled to meet the bound.
        let roots = [2.0, 1.5, 1.0];
        let scale: f64 = 2.0 + 6.0 + 1.0;
        for (size, root) in sizes.iter().zip(roots) {
            assert!((size - root * scale).abs() < 1e-9, "{sizes:?}");
        }
    }

    #[test]
    fn no_cheaper_allocation_reaches_the_precision() {
        let rows = vec![vec![4.0, 1.0, 0.5], vec![0.3, 5.0, 2.0], vec![0.1, 0.1, 0.1]];
        let costs = [1.0, 2.0, 1.5];
        let sizes = solve(&rows, &costs);
        let used = |sizes: &[f64], row: &[f64]| -> f64 {
            row.iter().zip(sizes).map(|(part, size)| part / size).sum()
        };
        assert!(rows.iter().all(|row| used(&sizes, row) <= 1.0 + 1e-9));
        // Every small move that keeps the bounds costs more.
        let mut stream = crate::sampling::Seed(4).stream(1, 0);
        let mut tried = 0;
        for _ in 0..20_000 {
            let moved: Vec<f64> =
                sizes.iter().map(|size| size * (0.98 + 0.04 * stream.uniform())).collect();
            if rows.iter().all(|row| used(&moved, row) <= 1.0) {
                tried += 1;
                assert!(cost(&moved, &costs) >= cost(&sizes, &costs) * (1.0 - 1e-7));
            }
        }
        assert!(tried > 1_000, "{tried}");
    }
}
