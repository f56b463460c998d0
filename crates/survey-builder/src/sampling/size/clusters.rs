//! Sizes where people are drawn in clusters.
//!
//! With m people of a cluster and the intraclass correlation ρ the variance is
//! 1 + (m − 1)ρ times that of a simple random sample (Kish, 1965, section 5.4);
//! with clusters of unequal sizes, whose coefficient of variation is v,
//! 1 + ((1 + v²)m − 1)ρ (Eldridge, Ashby and Kerry, 2006). If a cluster costs C
//! and a person in it c, the precision of a budget is best with
//! m = √(C/c · (1 − ρ)/ρ) (Hansen, Hurwitz and Madow, 1953; Valliant, Dever and
//! Kreuter, 2018, section 9.3).

use serde::{Deserialize, Serialize};

use super::between;
use crate::problem::phrase;
use crate::sampling::problem::Problem;

/// How people lie in clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clustering {
    /// People of a cluster, on average.
    pub members: f64,
    /// The intraclass correlation of what is measured, from 0 to below 1.
    pub correlation: f64,
    /// The coefficient of variation of the clusters' sizes, 0 where they are equal.
    pub variation: f64,
}

impl Clustering {
    /// Every quantity out of its range.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |quantity: &'static str, value: f64, bounds: &'static str| {
            problems.push(Problem::SizeOutOfRange {
                quantity: phrase(quantity).into(),
                value: value.into(),
                bounds: phrase(bounds).into(),
            });
        };
        if !(self.members >= 1.0 && self.members.is_finite()) {
            refuse("phrase-cluster-size", self.members, "phrase-1-or-more");
        }
        if !(0.0..1.0).contains(&self.correlation) {
            refuse("phrase-intraclass-correlation", self.correlation, "phrase-from-0-to-below-1");
        }
        if !(self.variation >= 0.0 && self.variation.is_finite()) {
            refuse("phrase-cluster-variation", self.variation, "phrase-0-or-more");
        }
        problems
    }

    /// The variance over that of a simple random sample.
    pub fn design_effect(&self) -> f64 {
        1.0 + ((1.0 + self.variation * self.variation) * self.members - 1.0) * self.correlation
    }

    /// Clusters for so many completes.
    pub fn clusters(&self, completes: f64) -> f64 {
        (completes / self.members).ceil()
    }
}

/// How many of a cluster give most for the money, given what a cluster and a person
/// in it cost.
///
/// # Errors
///
/// Every quantity out of its range.
pub fn best_members(
    correlation: f64,
    cluster_cost: f64,
    person_cost: f64,
) -> Result<f64, Vec<Problem>> {
    let mut problems = Vec::new();
    between(&mut problems, "phrase-intraclass-correlation", correlation, 0.0, 1.0);
    between(&mut problems, "phrase-cluster-cost", cluster_cost, 0.0, f64::INFINITY);
    between(&mut problems, "phrase-person-cost", person_cost, 0.0, f64::INFINITY);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok((cluster_cost / person_cost * (1.0 - correlation) / correlation).sqrt().max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_number_of_a_cluster_is_as_precise_for_the_money() {
        let (correlation, cluster, person, budget) = (0.05, 750.0, 100.0, 100_000.0);
        let best = best_members(correlation, cluster, person).expect("a number");
        let variance = |members: f64| {
            let own = Clustering { members, correlation, variation: 0.0 };
            let clusters = budget / (cluster + person * members);
            own.design_effect() / (clusters * members)
        };
        for other in 1..200 {
            assert!(variance(f64::from(other)) >= variance(best) * (1.0 - 1e-12), "{other}");
        }
        assert!(best_members(0.0, 1.0, 1.0).is_err());
    }

    #[test]
    fn clusters_raise_the_size() {
        let equal = Clustering { members: 20.0, correlation: 0.05, variation: 0.0 };
        assert!((equal.design_effect() - 1.95).abs() < 1e-12);
        let unequal = Clustering { variation: 0.5, ..equal };
        assert!((unequal.design_effect() - 2.2).abs() < 1e-12);
        assert!((equal.clusters(385.0) - 20.0).abs() < 1e-12);
        let wrong = Clustering { members: 0.5, correlation: 1.0, variation: -1.0 };
        assert_eq!(wrong.problems().len(), 3);
    }
}
