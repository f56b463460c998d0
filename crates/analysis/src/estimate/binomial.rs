//! Intervals for a share of an unweighted count, as of a simple random sample from a large population.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::distribution::{beta_quantile, normal_quantile};
use crate::error::{Problem, Result, all_or_nothing};
use crate::estimate::confidence_problem;
use crate::problem::Fault;

/// How the interval is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinomialMethod {
    /// p ± z √(p(1 − p)/n), kept within 0 and 1.
    Normal,
    /// All q with (p − q)² ≤ z² q(1 − q)/n (Wilson 1927).
    Wilson,
    /// The normal one about (x + z²/2)/(n + z²), kept within 0 and 1 (Agresti and Coull 1998).
    AgrestiCoull,
    /// Shares under which x is not too far in a tail (Clopper and Pearson 1934).
    ClopperPearson,
    /// Quantiles of beta(x + ½, n − x + ½) (Brown, Cai and `DasGupta` 2001, without the change at
    /// the edges).
    Jeffreys,
}

/// Lower and upper limit for the share of `count` among `size`.
///
/// # Errors
/// A count above the size, a size of zero, a confidence outside (0, 1).
pub fn binomial_interval(
    count: u64,
    size: u64,
    confidence: f64,
    method: BinomialMethod,
) -> Result<(f64, f64)> {
    let mut problems: Vec<Problem> = confidence_problem(confidence).into_iter().collect();
    if size == 0 || count > size {
        problems.push(Fault::CountOver { count, size }.at(phrase("phrase-input-count")));
    }
    all_or_nothing(problems)?;
    let (x, n) = (count as f64, size as f64);
    let tail = 0.5 * (1.0 - confidence);
    let z = normal_quantile(1.0 - tail);
    let about = |share: f64, size: f64| {
        let reach = z * (share * (1.0 - share) / size).sqrt();
        ((share - reach).max(0.0), (share + reach).min(1.0))
    };
    let beta = |a: f64, b: f64, c: f64, d: f64| {
        (beta_quantile(tail, a, b), beta_quantile(1.0 - tail, c, d))
    };
    Ok(match method {
        BinomialMethod::Normal => about(x / n, n),
        BinomialMethod::AgrestiCoull => about((x + 0.5 * z * z) / (n + z * z), n + z * z),
        BinomialMethod::Wilson => {
            let share = x / n;
            let centre = (share + 0.5 * z * z / n) / (1.0 + z * z / n);
            let spread = share * (1.0 - share) / n + 0.25 * z * z / (n * n);
            let reach = z * spread.sqrt() / (1.0 + z * z / n);
            ((centre - reach).max(0.0), (centre + reach).min(1.0))
        }
        BinomialMethod::ClopperPearson => beta(x, n - x + 1.0, x + 1.0, n - x),
        BinomialMethod::Jeffreys => {
            let (a, b) = (x + 0.5, n - x + 0.5);
            beta(a, b, a, b)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_have_their_closed_form() {
        let interval = binomial_interval(0, 10, 0.95, BinomialMethod::ClopperPearson);
        let (lower, upper) = interval.expect("a share");
        assert!(lower.abs() < 1e-15 && (upper - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-12);
        assert!(binomial_interval(1, 0, 0.95, BinomialMethod::Wilson).is_err());
    }
}
