//! Variances from replicate weights: the estimate is made again with each, and its spread is the
//! variance.
//!
//! V = s Σ rₖ (θₖ − θ̄)(θₖ − θ̄)′, with the mean of the replicates or the full-sample estimate in the
//! middle (Wolter 2007, ch. 3 to 5). Weights may be brought along or made here. After weighting, each
//! replicate is weighted in the same way, so that the variance knows of it.

pub mod bootstrap;
pub mod successive;

use nalgebra::DMatrix;
use survey_builder::problem::phrase;
use survey_builder::sampling::Seed;

use crate::design::Design;
use crate::design::factors::{ClusterFactors, ReplicateWeights};
use crate::design::replicates::{Centre, Replicates};
use crate::error::Result;
use crate::problem::{Fault, at_stratum, single_clusters};
use crate::variance::linearization::{Covariance, covariance};

/// Estimates with their covariance from replicates.
#[derive(Debug, Clone)]
pub struct Replicated {
    /// Estimates of the full sample.
    pub values: Vec<f64>,
    /// Their covariance.
    pub covariance: Covariance,
}

impl Replicates {
    /// Estimates with `full` weights and their covariance, from a function of the weights.
    ///
    /// # Errors
    /// What the function answers for the full sample; a function that answers lists of different
    /// lengths; replicates for which it fails are left out, and two must remain.
    pub fn estimate(
        &self,
        full: &[f64],
        statistic: impl Fn(&[f64]) -> Result<Vec<f64>>,
    ) -> Result<Replicated> {
        let values = statistic(full)?;
        let mut thetas = Vec::with_capacity(self.weights.len() * values.len());
        for weights in &self.weights {
            if weights.len() != full.len() {
                return Err(Fault::DataLength { found: weights.len(), rows: full.len() }
                    .refused(phrase("phrase-input-replicates")));
            }
            match statistic(&weights) {
                Ok(theta) if theta.len() == values.len() => thetas.extend(theta),
                _ => thetas.extend(vec![f64::NAN; values.len()]),
            }
        }
        let covariance = self.covariance(&values, &thetas)?;
        Ok(Replicated { values, covariance })
    }

    /// Covariance of estimates from those of the full sample and of the replicates (replicates ×
    /// estimates, row-major; not a number where there is none).
    ///
    /// # Errors
    /// Fewer than two replicates with all estimates.
    pub(crate) fn covariance(&self, values: &[f64], thetas: &[f64]) -> Result<Covariance> {
        let size = values.len();
        let kept: Vec<(&[f64], f64)> = thetas
            .chunks_exact(size.max(1))
            .zip(self.relative_scales.iter().copied())
            .filter(|(theta, _)| theta.iter().all(|value| value.is_finite()))
            .collect();
        if kept.len() < 2 {
            return Err(Fault::DataTooFew { found: kept.len(), least: 2 }
                .refused(phrase("phrase-input-replicates-with-a-value")));
        }
        let centre = match self.centre {
            Centre::FullSample => values.to_vec(),
            Centre::Replicates => mean_of_used(&kept, size),
        };
        let mut sums = DMatrix::zeros(size, size);
        for (theta, factor) in &kept {
            for one in 0..size {
                for other in 0..size {
                    sums[(one, other)] += factor
                        * self.scale
                        * (theta[one] - centre[one])
                        * (theta[other] - centre[other]);
                }
            }
        }
        let mut covariance = Covariance::of_matrix(&sums);
        covariance.left_out = self.weights.len() - kept.len();
        Ok(covariance)
    }
}

fn mean_of_used(kept: &[(&[f64], f64)], size: usize) -> Vec<f64> {
    let used = || kept.iter().filter(|(_, factor)| *factor > 0.0);
    let count = used().count() as f64;
    (0..size).map(|place| used().map(|(theta, _)| theta[place]).sum::<f64>() / count).collect()
}

/// Covariance of the estimates of a design: from its replicates, where it has them, each giving the
/// `statistic` again; else by linearisation from `scores`.
pub(crate) fn replicated_or_linear(
    design: &Design,
    statistic: impl Fn(&[f64]) -> Result<Vec<f64>>,
    scores: impl FnOnce() -> Vec<Vec<f64>>,
    members: &[bool],
) -> Result<Covariance> {
    match design.replicates() {
        Some(replicates) => Ok(replicates.estimate(design.weights(), statistic)?.covariance),
        None => covariance(design, &mut scores(), Some(members)),
    }
}

/// The same for estimates that are a function of weighted totals Σwx over the members: `columns` of them,
/// `value` the x of a column and row. Replicates of whole clusters then need one look at the rows.
pub(crate) fn of_totals(
    design: &Design,
    members: &[bool],
    columns: usize,
    value: impl Fn(usize, usize) -> f64,
    function: impl Fn(&[f64]) -> Vec<f64>,
    scores: impl FnOnce() -> Vec<Vec<f64>>,
) -> Result<Covariance> {
    let rows = || (0..design.rows()).filter(|&row| members[row]);
    let (Some(replicates), Some(factors)) = (design.replicates(), design.cluster_factors()) else {
        let again = |weights: &[f64]| {
            let total = |column| rows().map(|row| weights[row] * value(column, row)).sum();
            Ok(function(&(0..columns).map(total).collect::<Vec<f64>>()))
        };
        return replicated_or_linear(design, again, scores, members);
    };
    let cluster_of_row = design.stages()[0].cluster_of_row();
    let mut sums = vec![0.0; design.clusters() * columns];
    let mut full = vec![0.0; columns];
    for row in rows() {
        let place = cluster_of_row[row] as usize * columns;
        for (column, total) in full.iter_mut().enumerate() {
            let product = design.weights()[row] * value(column, row);
            sums[place + column] += product;
            *total += product;
        }
    }
    let totals = factors.totals(columns, |cluster, out| {
        out.extend_from_slice(&sums[cluster * columns..(cluster + 1) * columns]);
    });
    let thetas: Vec<f64> = totals.chunks_exact(columns).flat_map(&function).collect();
    replicates.covariance(&function(&full), &thetas)
}

/// Jackknife replicates, one a cluster of the first stage left out: `JK1` without strata, `JKn` with. The
/// other clusters of the stratum take its weight; rₖ = (nₕ − 1)/nₕ, times 1 − nₕ/Nₕ where the population
/// is known (Wolter 2007, ch. 4).
///
/// # Errors
/// A stratum with a single cluster.
pub fn jackknife(design: &Design, centre: Centre) -> Result<Replicates> {
    let stage = &design.stages()[0];
    let mut factors = Vec::with_capacity(stage.cluster_count());
    let mut relative_scales = Vec::with_capacity(stage.cluster_count());
    let strata = stage.stratum_of_cluster();
    for stratum in 0..stage.stratum_count() {
        let clusters = stage.clusters_of(stratum);
        let sampled = clusters.len() as f64;
        if clusters.len() < 2 {
            return Err(single_clusters(1, &[stage.stratum_code(stratum)]));
        }
        for left_out in clusters {
            let factor = |cluster: usize| {
                if cluster == left_out {
                    0.0
                } else if strata[cluster] as usize == stratum {
                    sampled / (sampled - 1.0)
                } else {
                    1.0
                }
            };
            factors.push((0..strata.len()).map(factor).collect());
            let correction = stage.finite_population_correction(stratum);
            relative_scales.push((sampled - 1.0) / sampled * correction);
        }
    }
    let degrees_of_freedom = stage.cluster_count() - stage.stratum_count();
    Ok(Replicates {
        weights: by_cluster(design, &factors),
        scale: 1.0,
        relative_scales,
        centre,
        degrees_of_freedom: degrees_of_freedom as f64,
    })
}

/// The jackknife of paired clusters: in each stratum of two one is left out and the other counted
/// twice, chosen by chance where a `seed` is given, else the first is left out. One replicate a stratum,
/// V = Σ (θₕ − θ)², times 1 − nₕ/Nₕ where the population is known (Wolter 2007, §4.5; `JK2`). Always
/// about the full-sample estimate: a mean of one-sided deviations would be no centre.
///
/// # Errors
/// A stratum that has not two clusters.
pub fn paired_jackknife(design: &Design, seed: Option<Seed>) -> Result<Replicates> {
    let stage = &design.stages()[0];
    two_in_each_stratum(design)?;
    let replicates = (0..stage.stratum_count()).map(|stratum| {
        let clusters = stage.clusters_of(stratum);
        let place = u32::try_from(stratum).unwrap_or(u32::MAX);
        let second = seed.is_some_and(|seed| seed.stream(0, place).below(2) == 1);
        let left_out = clusters.start + usize::from(second);
        let factor = |cluster: usize| match clusters.contains(&cluster) {
            true if cluster == left_out => 0.0,
            true => 2.0,
            false => 1.0,
        };
        let factors = (0..stage.cluster_count()).map(factor).collect();
        (factors, stage.finite_population_correction(stratum))
    });
    let (factors, relative_scales): (Vec<Vec<f64>>, Vec<f64>) = replicates.unzip();
    Ok(Replicates {
        degrees_of_freedom: factors.len() as f64,
        weights: by_cluster(design, &factors),
        scale: 1.0,
        relative_scales,
        centre: Centre::FullSample,
    })
}

fn two_in_each_stratum(design: &Design) -> Result<()> {
    let stage = &design.stages()[0];
    let odd = (0..stage.stratum_count()).find(|&stratum| stage.clusters_of(stratum).len() != 2);
    match odd {
        None => Ok(()),
        Some(stratum) => {
            Err(Fault::ReplicatesNotTwo { clusters: stage.clusters_of(stratum).len() }
                .refused(at_stratum(1, stage.stratum_code(stratum))))
        }
    }
}

/// Balanced half-samples of a design with two clusters a stratum, by a Hadamard matrix whose order is
/// the next power of two above the number of strata: the chosen cluster has its weight times 2 − ρ, the
/// other times ρ; V = Σ (θₖ − θ̄)² / (K (1 − ρ)²) (`McCarthy` 1969; with ρ above zero Fay, in Judkins 1990).
///
/// # Errors
/// A stratum that has not two clusters; ρ outside 0 ≤ ρ < 1.
pub fn balanced_half_samples(design: &Design, rho: f64, centre: Centre) -> Result<Replicates> {
    let stage = &design.stages()[0];
    let strata = stage.stratum_count();
    if !(0.0..1.0).contains(&rho) {
        return Err(Fault::range(rho, phrase("phrase-from-0-to-below-1"))
            .refused(phrase("phrase-input-rho")));
    }
    two_in_each_stratum(design)?;
    let count = (strata + 1).next_power_of_two();
    let of_cluster = stage.stratum_of_cluster();
    let factors: Vec<Vec<f64>> = (0..count)
        .map(|replicate| {
            // Sylvester's matrix: the sign is the parity of the bits that row and column share.
            let factor = |cluster: usize| {
                let stratum = of_cluster[cluster] as usize;
                let second = cluster != stage.clusters_of(stratum).start;
                let odd = (replicate & (stratum + 1)).count_ones() % 2 == 1;
                if odd == second { 2.0 - rho } else { rho }
            };
            (0..stage.cluster_count()).map(factor).collect()
        })
        .collect();
    Ok(Replicates {
        weights: by_cluster(design, &factors),
        scale: 1.0 / (count as f64 * (1.0 - rho) * (1.0 - rho)),
        relative_scales: vec![1.0; count],
        centre,
        degrees_of_freedom: strata as f64,
    })
}

/// The weights of the design times factors of its clusters, one list a replicate.
fn by_cluster(design: &Design, factors: &[Vec<f64>]) -> ReplicateWeights {
    ReplicateWeights::ByCluster(ClusterFactors::new(design, factors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DesignInput, SinglePsu, StageInput, Weights};

    /// For totals the jackknife and balanced half-samples give the Taylor variance, Σₕ (z₁ − z₂)² with two
    /// clusters a stratum (Wolter 2007, §3.2 and §4.5).
    #[test]
    fn totals_have_the_taylor_variance() {
        let design = Design::new(DesignInput {
            weights: Weights::Given(vec![2.0, 3.0, 1.0, 4.0]),
            stages: vec![StageInput {
                strata: Some(vec![1, 1, 2, 2]),
                clusters: Some(vec![1, 2, 3, 4]),
                population: None,
            }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design");
        let values = [5.0, 1.0, 2.0, 7.0];
        let total =
            |weights: &[f64]| Ok(vec![weights.iter().zip(values).map(|(w, y)| w * y).sum()]);
        let taylor = (10.0_f64 - 3.0).powi(2) + (2.0_f64 - 28.0).powi(2);
        for replicates in [
            jackknife(&design, Centre::FullSample),
            balanced_half_samples(&design, 0.0, Centre::Replicates),
            balanced_half_samples(&design, 0.4, Centre::FullSample),
        ] {
            let replicates = replicates.expect("two clusters a stratum");
            let found = replicates.estimate(design.weights(), total).expect("an estimate");
            assert!((found.covariance.variance(0) - taylor).abs() < 1e-9 * taylor);
        }
    }
}
