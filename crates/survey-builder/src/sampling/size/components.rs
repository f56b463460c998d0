//! How much of a variable's variance lies between clusters, between subclusters inside
//! them, and between people: by analysis of variance of groups of unequal size (Searle,
//! Casella and `McCulloch`, 1992, sections 3.6 and 3.7), within strata.
//!
//! Sums of squares are set equal to what they are on average. With n people, nᵢ in cluster
//! i and nᵢⱼ in subcluster j of it, a clusters and b subclusters:
//! E(SSA) = (n − Σnᵢ²/n)σ²ₐ + (ΣΣnᵢⱼ²/nᵢ − ΣΣnᵢⱼ²/n)σ²ᵦ + (a − 1)σ²,
//! E(SSB) = (n − ΣΣnᵢⱼ²/nᵢ)σ²ᵦ + (b − a)σ², E(SSE) = (n − b)σ²; strata are added up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sampling::problem::Problem;

/// A person's value and where the person lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// The stratum.
    pub stratum: u32,
    /// The cluster.
    pub cluster: u32,
    /// The subcluster, numbered over all; the same for all where there are none.
    pub subcluster: u32,
    /// What is measured.
    pub value: f64,
}

/// The variance of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Its groups.
    pub groups: u64,
    /// Its component of the variance; never below zero.
    pub variance: f64,
    /// Whether the analysis of variance gave a number below zero, which is set to zero.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_negative: bool,
}

/// The components of a variable's variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// The mean over all people.
    pub mean: f64,
    /// Between clusters.
    pub clusters: Level,
    /// Between subclusters of a cluster, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subclusters: Option<Level>,
    /// Between the people of a subcluster, or of a cluster.
    pub people: Level,
}

impl Components {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.clusters.variance
            + self.subclusters.map_or(0.0, |level| level.variance)
            + self.people.variance
    }

    /// The components of a variable whose people in a cluster correlate by `cluster`, and
    /// those in one subcluster, if there are any, by `subcluster`, in all.
    pub fn of_correlations(deviation: f64, cluster: f64, subcluster: Option<f64>) -> Self {
        let level =
            |share: f64| Level { variance: share * deviation * deviation, ..Level::default() };
        let inner = subcluster.unwrap_or(cluster);
        Self {
            mean: 0.0,
            clusters: level(cluster),
            subclusters: subcluster.map(|inner| level(inner - cluster)),
            people: level(1.0 - inner),
        }
    }
}

/// The sums of one cluster or subcluster.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: f64,
    sum: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }
}

/// What the sums of squares are made of, over all strata.
#[derive(Clone, Copy, Debug, Default)]
struct Squares {
    people: f64,
    strata: f64,
    clusters: f64,
    subclusters: f64,
    /// Sums of squares between clusters, between subclusters, and the rest.
    between: f64,
    inside: f64,
    rest: f64,
    /// Σnᵢ²/n, ΣΣnᵢⱼ²/nᵢ and ΣΣnᵢⱼ²/n.
    clusters_of_all: f64,
    subclusters_of_clusters: f64,
    subclusters_of_all: f64,
}

/// The components of the variance within strata. `levels`: 3 with subclusters, else 2.
///
/// # Errors
///
/// Not two clusters in any stratum, no cluster with two people (or subclusters), and values
/// that are all the same.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole counts")]
pub fn components(rows: &[Placed], with_subclusters: bool) -> Result<Components, Vec<Problem>> {
    let found = squares(rows);
    let groups = found.subclusters;
    let mut problems = Vec::new();
    if found.clusters <= found.strata {
        problems.push(Problem::ComponentsOneCluster);
    }
    if with_subclusters && groups <= found.clusters {
        problems.push(Problem::ComponentsOneSubcluster);
    }
    if found.people <= if with_subclusters { groups } else { found.clusters } {
        problems.push(Problem::ComponentsOnePerson);
    }
    if found.between + found.inside + found.rest <= 0.0 && problems.is_empty() {
        problems.push(Problem::ComponentsConstant);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let level = |groups: f64, variance: f64| Level {
        groups: groups as u64,
        variance: variance.max(0.0),
        was_negative: variance < 0.0,
    };
    let degrees = found.clusters - found.strata;
    let mean = rows.iter().map(|row| row.value).sum::<f64>() / found.people;
    if !with_subclusters {
        let rest = (found.inside + found.rest) / (found.people - found.clusters);
        let between = (found.between - degrees * rest) / (found.people - found.clusters_of_all);
        return Ok(Components {
            mean,
            clusters: level(found.clusters, between),
            subclusters: None,
            people: level(found.people, rest),
        });
    }
    let rest = found.rest / (found.people - groups);
    let inside = (found.inside - (groups - found.clusters) * rest)
        / (found.people - found.subclusters_of_clusters);
    let shared = found.subclusters_of_clusters - found.subclusters_of_all;
    let between =
        (found.between - shared * inside - degrees * rest) / (found.people - found.clusters_of_all);
    Ok(Components {
        mean,
        clusters: level(found.clusters, between),
        subclusters: Some(level(groups, inside)),
        people: level(found.people, rest),
    })
}

fn squares(rows: &[Placed]) -> Squares {
    let mut strata: BTreeMap<u32, Sum> = BTreeMap::new();
    let mut clusters: BTreeMap<(u32, u32), Sum> = BTreeMap::new();
    let mut subclusters: BTreeMap<(u32, u32, u32), Sum> = BTreeMap::new();
    for row in rows {
        let Placed { stratum, cluster, subcluster, value } = *row;
        strata.entry(stratum).or_default().add(value);
        clusters.entry((stratum, cluster)).or_default().add(value);
        subclusters.entry((stratum, cluster, subcluster)).or_default().add(value);
    }
    let mut found = Squares::default();
    for own in strata.values() {
        found.people += own.count;
        found.strata += 1.0;
    }
    for ((stratum, _), own) in &clusters {
        let above = strata[stratum];
        found.clusters += 1.0;
        found.between += own.count * (own.mean() - above.mean()).powi(2);
        found.clusters_of_all += own.count * own.count / above.count;
    }
    for ((stratum, cluster, _), own) in &subclusters {
        let (all, above) = (strata[stratum], clusters[&(*stratum, *cluster)]);
        found.subclusters += 1.0;
        found.inside += own.count * (own.mean() - above.mean()).powi(2);
        found.subclusters_of_clusters += own.count * own.count / above.count;
        found.subclusters_of_all += own.count * own.count / all.count;
    }
    for row in rows {
        let own = subclusters[&(row.stratum, row.cluster, row.subcluster)];
        found.rest += (row.value - own.mean()).powi(2);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(stratum: u32, cluster: u32, subcluster: u32, value: f64) -> Placed {
        Placed { stratum, cluster, subcluster, value }
    }

    /// Calcium in turnip greens: four plants, three leaves, two determinations (Snedecor and
    /// Cochran, 1967, section 10.17).
    #[test]
    fn turnip_greens_have_the_components_of_the_textbook() {
        let leaves = [
            [3.28, 3.09],
            [3.52, 3.48],
            [2.88, 2.80],
            [2.46, 2.44],
            [1.87, 1.92],
            [2.19, 2.19],
            [2.77, 2.66],
            [3.74, 3.44],
            [2.55, 2.55],
            [3.78, 3.87],
            [4.07, 4.12],
            [3.31, 3.31],
        ];
        let rows: Vec<Placed> = (0..)
            .zip(leaves)
            .flat_map(|(leaf, own)| own.map(|value| placed(0, leaf / 3, leaf, value)))
            .collect();
        let found = components(&rows, true).expect("components");
        let near = |found: f64, told: f64| assert!((found - told).abs() < 6e-5, "{found} {told}");
        near(found.people.variance, 0.0067);
        near(found.subclusters.expect("leaves").variance, 0.1611);
        near(found.clusters.variance, 0.3652);
    }

    /// The average of each sum of squares, as the trace of its form times the covariance of
    /// each component, written out row by row: then components solve three equations.
    #[test]
    fn groups_of_unequal_size_have_what_their_quadratic_forms_say() {
        let mut rows = Vec::new();
        let sizes: [&[usize]; 5] = [&[3, 1, 4], &[2, 2], &[5], &[1, 6, 2, 1], &[2]];
        let mut leaf = 0;
        for (cluster, own) in (0..).zip(sizes) {
            for size in own {
                for person in 0..*size {
                    let value = f64::from(cluster * 13 % 17 * 2 + leaf * 5 % 11)
                        + f64::from(u32::try_from(person * person % 5).expect("small")) * 0.7;
                    rows.push(placed(cluster / 3, cluster, leaf, value));
                }
                leaf += 1;
            }
        }
        let count = rows.len();
        // The averaging matrices of strata, clusters and subclusters.
        let averaging = |same: &dyn Fn(&Placed, &Placed) -> bool| -> Vec<Vec<f64>> {
            rows.iter()
                .map(|one| {
                    let alike = rows.iter().filter(|other| same(one, other)).count();
                    let share = 1.0 / f64::from(u32::try_from(alike).expect("small"));
                    rows.iter().map(|other| if same(one, other) { share } else { 0.0 }).collect()
                })
                .collect()
        };
        let by_stratum = averaging(&|one, other| one.stratum == other.stratum);
        let by_cluster = averaging(&|one, other| one.cluster == other.cluster);
        let by_leaf = averaging(&|one, other| one.subcluster == other.subcluster);
        let found = components(&rows, true).expect("components");
        let covariance = |one: usize, other: usize| {
            let (one_row, other_row) = (&rows[one], &rows[other]);
            let is = |same: bool| f64::from(u8::from(same));
            found.clusters.variance * is(one_row.cluster == other_row.cluster)
                + found.subclusters.expect("leaves").variance
                    * is(one_row.subcluster == other_row.subcluster)
                + found.people.variance * is(one == other)
        };
        assert!(!found.clusters.was_negative && !found.subclusters.expect("leaves").was_negative);
        let identity: Vec<Vec<f64>> = (0..count)
            .map(|one| (0..count).map(|other| f64::from(u8::from(one == other))).collect())
            .collect();
        for (upper, lower) in
            [(&by_cluster, &by_stratum), (&by_leaf, &by_cluster), (&identity, &by_leaf)]
        {
            let (mut square, mut average) = (0.0, 0.0);
            for one in 0..count {
                for other in 0..count {
                    let form = upper[one][other] - lower[one][other];
                    square += rows[one].value * form * rows[other].value;
                    average += form * covariance(one, other);
                }
            }
            assert!((square - average).abs() < 1e-9 * square, "{square} {average}");
        }
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let told = |rows: &[Placed], three| -> Vec<String> {
            components(rows, three).expect_err("refused").iter().map(Problem::code).collect()
        };
        let alone = [placed(0, 0, 0, 1.0), placed(0, 0, 1, 2.0)];
        assert_eq!(told(&alone, false), ["components_one_cluster"]);
        let single = [placed(0, 0, 0, 1.0), placed(0, 1, 1, 2.0)];
        assert_eq!(told(&single, true), ["components_one_subcluster", "components_one_person"]);
        let same = [1, 1, 2, 2].map(|cluster| placed(0, cluster, cluster, 3.0));
        assert_eq!(told(&same, false), ["components_constant"]);
    }
}
