//! How many clusters, subclusters and people give most for the money (Cochran, 1977,
//! sections 10.6 and 10.8; Hansen, Hurwitz and Madow, 1953, chapter 6).
//!
//! With n clusters, m subclusters of each and k people of each of those the variance of a
//! mean is A/n − S²/N, A = σ²ₐ + σ²ᵦ/m + σ²/(mk), N clusters in all of which S² is the
//! variance of the means; the cost is n·c, c = c₁ + c₂m + c₃mk. Whatever is to be spent or
//! reached, A·c decides, and it is least at k = (σ/σᵦ)√(c₂/c₃), m = (σᵦ/σₐ)√(c₁/c₂). Of two
//! stages m is the people of a cluster and the middle terms go.

use serde::{Deserialize, Serialize};

use super::components::Components;
use crate::problem::phrase;
use crate::sampling::problem::Problem;

/// What each level costs, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelCosts {
    /// A cluster, besides what is in it.
    pub cluster: f64,
    /// A subcluster; 0 where there are none.
    pub subcluster: f64,
    /// A person.
    pub person: f64,
}

/// What is given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// What may be spent.
    Budget(f64),
    /// The standard error wanted of the mean.
    StandardError(f64),
}

/// How many there are of each, where a list says so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Clusters.
    pub clusters: f64,
    /// Subclusters of a cluster, on average; 1 where there are none.
    pub subclusters: f64,
    /// People of a subcluster, or of a cluster, on average.
    pub people: f64,
}

/// One way to spread a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// People of each subcluster, or of each cluster.
    pub people: u64,
    /// Subclusters of each cluster; 1 where there are none.
    pub subclusters: u64,
    /// Clusters.
    pub clusters: u64,
    /// People in all.
    pub total: u64,
    /// What it costs.
    pub cost: f64,
    /// The standard error of the mean.
    pub standard_error: f64,
    /// Its standard error over that of the best for the same money, less one; the number
    /// of clusters taken as any number.
    pub lost: f64,
}

/// The best way and others beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// The best numbers by the formulas, before they are made whole: subclusters of a
    /// cluster and people of a subcluster, or of a cluster. None without end: all of it.
    pub formula: [Option<f64>; 2],
    /// The best whole numbers.
    pub best: Spread,
    /// Those beside it: half, three quarters, one and a half and twice as many.
    pub neighbours: Vec<Spread>,
}

struct Search<'a> {
    components: &'a Components,
    costs: LevelCosts,
    aim: Aim,
    held: Option<Held>,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sample sizes"
)]
impl Search<'_> {
    /// The variance of one cluster and what it costs.
    fn of_cluster(&self, m: f64, k: f64) -> (f64, f64) {
        let Components { clusters, subclusters, people, .. } = self.components;
        let inner = subclusters.map_or(0.0, |level| level.variance);
        let variance = clusters.variance + inner / m + people.variance / (m * k);
        let middle = if subclusters.is_some() { self.costs.subcluster * m } else { 0.0 };
        (variance, self.costs.cluster + middle + self.costs.person * m * k)
    }

    /// The variance times the cost: what is least at the best numbers.
    fn price(&self, m: u64, k: u64) -> f64 {
        let (variance, cost) = self.of_cluster(m as f64, k as f64);
        variance * cost
    }

    /// What the first stage gains from there being only so many clusters.
    fn finite(&self) -> f64 {
        self.held.map_or(0.0, |held| {
            let (variance, _) = self.of_cluster(held.subclusters, held.people);
            variance / held.clusters
        })
    }

    fn spread(&self, m: u64, k: u64, least: f64) -> Spread {
        let (variance, cost) = self.of_cluster(m as f64, k as f64);
        let wanted = match self.aim {
            Aim::Budget(budget) => (budget / cost).floor(),
            Aim::StandardError(error) => (variance / (error * error + self.finite())).ceil(),
        };
        let most = self.held.map_or(f64::INFINITY, |held| held.clusters);
        let clusters = wanted.clamp(1.0, most.max(1.0));
        let error = (variance / clusters - self.finite()).max(0.0).sqrt();
        Spread {
            people: k,
            subclusters: m,
            clusters: clusters as u64,
            total: clusters as u64 * m * k,
            cost: clusters * cost,
            standard_error: error,
            lost: (self.price(m, k) / least).sqrt() - 1.0,
        }
    }

    /// The best numbers by the formulas.
    fn formula(&self) -> [Option<f64>; 2] {
        let Components { clusters, subclusters, people, .. } = self.components;
        let root = |own: f64, above: f64, cost_above: f64, cost: f64| {
            (above > 0.0 && cost > 0.0).then(|| (own / above * cost_above / cost).sqrt())
        };
        match subclusters {
            None => {
                let of =
                    root(people.variance, clusters.variance, self.costs.cluster, self.costs.person);
                [Some(1.0), of]
            }
            Some(inner) => [
                root(inner.variance, clusters.variance, self.costs.cluster, self.costs.subcluster),
                root(people.variance, inner.variance, self.costs.subcluster, self.costs.person),
            ],
        }
    }

    /// The most that can be taken of a cluster and of a subcluster.
    fn most(&self) -> [u64; 2] {
        const MANY: f64 = 1e6;
        let whole = |number: f64| number.clamp(1.0, MANY).round() as u64;
        match (self.held, self.components.subclusters) {
            (Some(held), Some(_)) => [whole(held.subclusters), whole(held.people)],
            (Some(held), None) => [1, whole(held.people)],
            (None, Some(_)) => [whole(MANY); 2],
            (None, None) => [1, whole(MANY)],
        }
    }

    /// The best whole numbers: for each number of subclusters near the formula's the people
    /// on either side of the best for it, which is the root of a quotient.
    fn best(&self) -> (u64, u64) {
        let [most_m, most_k] = self.most();
        let [formula_m, _] = self.formula();
        let near = formula_m.map_or(most_m, |m| (m.ceil() as u64).clamp(1, most_m));
        let candidates = (near.saturating_sub(WIDTH).max(1)..=(near + WIDTH).min(most_m))
            .flat_map(|m| self.people_for(m, most_k).into_iter().map(move |k| (m, k)));
        let price = |pair: &(u64, u64)| self.price(pair.0, pair.1);
        candidates.min_by(|one, other| price(one).total_cmp(&price(other))).unwrap_or((1, 1))
    }

    /// The two whole numbers of people around the best for so many subclusters.
    fn people_for(&self, m: u64, most: u64) -> [u64; 2] {
        let m = m as f64;
        let (above, _) = self.of_cluster(m, f64::INFINITY);
        let (_, fixed) = self.of_cluster(m, 0.0);
        let inside = self.components.people.variance / m;
        let best = (inside / above * fixed / (self.costs.person * m)).sqrt();
        let below =
            if best.is_finite() { best.floor().clamp(1.0, most as f64) as u64 } else { most };
        [below, (below + 1).min(most)]
    }
}

/// How far around the formula's number of subclusters whole numbers are tried.
const WIDTH: u64 = 50;

/// The best numbers for the money or for a precision, with their neighbours.
///
/// # Errors
///
/// Costs that are not above zero, and a budget or standard error that is not.
pub fn optimum(
    components: &Components,
    costs: LevelCosts,
    aim: Aim,
    held: Option<Held>,
) -> Result<Optimum, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut above_zero = |what: &'static str, value: f64| {
        if !(value > 0.0 && value.is_finite()) {
            problems.push(Problem::SizeOutOfRange {
                quantity: phrase(what).into(),
                value: value.into(),
                bounds: phrase("phrase-above-0").into(),
            });
        }
    };
    above_zero("phrase-cluster-cost", costs.cluster);
    above_zero("phrase-person-cost", costs.person);
    if components.subclusters.is_some() {
        above_zero("phrase-subcluster-cost", costs.subcluster);
    }
    match aim {
        Aim::Budget(budget) => above_zero("phrase-budget", budget),
        Aim::StandardError(error) => above_zero("phrase-standard-error", error),
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let search = Search { components, costs, aim, held };
    let (m, k) = search.best();
    let least = search.price(m, k);
    if let Aim::Budget(budget) = aim
        && search.of_cluster(1.0, 1.0).1 > budget
    {
        return Err(vec![Problem::OptimumBudgetSmall { budget }]);
    }
    Ok(Optimum {
        formula: search.formula(),
        best: search.spread(m, k, least),
        neighbours: neighbours((m, k), search.most(), components.subclusters.is_some())
            .into_iter()
            .map(|(m, k)| search.spread(m, k, least))
            .collect(),
    })
}

/// Half, three quarters, one and a half and twice as many, of each in turn.
fn neighbours((m, k): (u64, u64), most: [u64; 2], three: bool) -> Vec<(u64, u64)> {
    let beside = |number: u64, most: u64| {
        [number.div_ceil(2), (3 * number).div_ceil(4), number + number / 2, 2 * number]
            .map(|other| other.clamp(1, most))
    };
    let mut found: Vec<(u64, u64)> = beside(k, most[1]).map(|k| (m, k)).to_vec();
    if three {
        found.extend(beside(m, most[0]).map(|m| (m, k)));
    }
    found.retain(|pair| *pair != (m, k));
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(clusters: f64, subclusters: Option<f64>, people: f64) -> Components {
        let level = |variance| super::super::components::Level { variance, ..Default::default() };
        Components {
            mean: 0.0,
            clusters: level(clusters),
            subclusters: subclusters.map(level),
            people: level(people),
        }
    }

    #[test]
    fn no_other_whole_numbers_are_better() {
        for (own, costs) in [
            (components(0.05, Some(0.1), 0.85), (500.0, 90.0, 20.0)),
            (components(0.3652, Some(0.1611), 0.0067), (10.0, 5.0, 1.0)),
            (components(0.01, Some(0.002), 1.0), (100.0, 100.0, 30.0)),
        ] {
            let costs = LevelCosts { cluster: costs.0, subcluster: costs.1, person: costs.2 };
            let found = optimum(&own, costs, Aim::Budget(100_000.0), None).expect("numbers");
            let price = |m: u32, k: u32| {
                let (m, k) = (f64::from(m), f64::from(k));
                let middle = own.subclusters.expect("three stages").variance;
                (own.clusters.variance + middle / m + own.people.variance / (m * k))
                    * (costs.cluster + costs.subcluster * m + costs.person * m * k)
            };
            let best = price(
                u32::try_from(found.best.subclusters).expect("small"),
                u32::try_from(found.best.people).expect("small"),
            );
            for m in 1..80 {
                for k in 1..200 {
                    assert!(price(m, k) >= best * (1.0 - 1e-12), "{m} {k} beside {:?}", found.best);
                }
            }
            for one in &found.neighbours {
                assert!(one.lost >= 0.0);
            }
        }
    }

    #[test]
    fn two_stages_are_those_of_the_formula() {
        // ρ = 0.05, 500 for a cluster and 20 for a person: √(25 · 19) = 21.8.
        let own = components(0.05, None, 0.95);
        let costs = LevelCosts { cluster: 500.0, subcluster: 0.0, person: 20.0 };
        let found = optimum(&own, costs, Aim::StandardError(0.05), None).expect("numbers");
        assert!((found.formula[1].expect("a number") - 475.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.best.people, 22);
        let variance = 0.05 + 0.95 / 22.0;
        let clusters = (variance / 0.0025_f64).ceil();
        assert_eq!((found.best.clusters, found.best.total), (38, 38 * 22));
        assert!((found.best.cost - clusters * 940.0).abs() < 1e-9);
        // Half and twice as many cost little.
        assert!(found.neighbours.iter().all(|one| one.lost < 0.07), "{found:?}");
    }

    #[test]
    fn a_list_of_few_clusters_needs_fewer() {
        let own = components(0.05, None, 0.95);
        let costs = LevelCosts { cluster: 500.0, subcluster: 0.0, person: 20.0 };
        let held = Held { clusters: 60.0, subclusters: 1.0, people: 100.0 };
        let found = optimum(&own, costs, Aim::StandardError(0.05), Some(held)).expect("numbers");
        // A/n − S²/N with S² = 0.05 + 0.95/100.
        let finite = (0.05 + 0.0095) / 60.0;
        let expected = ((0.05 + 0.95 / 22.0) / (0.0025_f64 + finite)).ceil();
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let clusters = found.best.clusters as f64;
        assert!((clusters - expected).abs() < 1e-9, "{clusters} {expected}");
        // Nothing between clusters: all of each.
        let alike = components(0.0, None, 1.0);
        let found = optimum(&alike, costs, Aim::Budget(50_000.0), Some(held)).expect("numbers");
        assert_eq!((found.best.people, found.formula[1]), (100, None));
        let wrong = LevelCosts { cluster: 0.0, subcluster: 0.0, person: -1.0 };
        assert_eq!(optimum(&own, wrong, Aim::Budget(0.0), None).expect_err("refused").len(), 3);
        let little = optimum(&own, costs, Aim::Budget(100.0), None).expect_err("refused");
        assert_eq!(little[0].code(), "optimum_budget_small");
    }
}
