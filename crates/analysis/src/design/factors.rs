//! The weights of replicates: one a row, or the sample's weights times a factor of each cluster.
//!
//! A method that draws or drops whole clusters changes all weights of a cluster alike. Its replicates
//! are then a small table of factors, and the totals of every replicate are a product of two matrices:
//! factors by cluster times sums by cluster, with no further look at the rows (Rao, Wu and Yue 1992;
//! Wolter 2007, ch. 3 to 5).

use std::borrow::Cow;

use nalgebra::{DMatrix, DMatrixView, Dyn};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::design::Design;
use crate::error::Problem;
use crate::problem::{Fault, at_row};

/// Weights of replicates, base weights included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReplicateWeights {
    /// One list a replicate, one entry a row.
    ByRow(Vec<Vec<f64>>),
    /// The weights of the sample times a factor that the rows of a cluster share.
    ByCluster(ClusterFactors),
}

/// Weights of a sample and by how much each replicate multiplies those of each first-stage cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterFactors {
    /// Weights of the sample, one a row.
    base: Vec<f64>,
    /// Cluster of each row, in the order of the design.
    cluster_of_row: Vec<u32>,
    clusters: usize,
    /// Factors, replicates × clusters, those of a replicate together.
    factors: Vec<f64>,
}

impl From<Vec<Vec<f64>>> for ReplicateWeights {
    fn from(weights: Vec<Vec<f64>>) -> Self {
        Self::ByRow(weights)
    }
}

impl<'a> IntoIterator for &'a ReplicateWeights {
    type Item = Cow<'a, [f64]>;
    type IntoIter = Box<dyn Iterator<Item = Cow<'a, [f64]>> + 'a>;

    /// The weights of each replicate, one entry a row; made when asked for where factors are kept.
    fn into_iter(self) -> Self::IntoIter {
        match self {
            ReplicateWeights::ByRow(lists) => {
                Box::new(lists.iter().map(|weights| Cow::Borrowed(weights.as_slice())))
            }
            ReplicateWeights::ByCluster(factors) => Box::new(factors.weights().map(Cow::Owned)),
        }
    }
}

impl ReplicateWeights {
    /// Number of replicates.
    pub fn len(&self) -> usize {
        match self {
            Self::ByRow(lists) => lists.len(),
            Self::ByCluster(factors) => factors.replicates(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The weights of each replicate, one entry a row.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Cow<'_, [f64]>> + '_> {
        self.into_iter()
    }

    /// The factors by cluster, where they are kept.
    pub(crate) fn factors(&self) -> Option<&ClusterFactors> {
        match self {
            Self::ByRow(_) => None,
            Self::ByCluster(factors) => Some(factors),
        }
    }

    /// Everything that keeps them from being weights of a sample of that many rows.
    pub(super) fn problems(&self, rows: usize) -> Vec<Problem> {
        match self {
            Self::ByCluster(factors) => factors.problem(rows).into_iter().collect(),
            Self::ByRow(lists) => {
                let sound = |weights: &[f64]| {
                    weights.len() == rows && weights.iter().all(|weight| weight.is_finite())
                };
                let unsound = lists.iter().enumerate().filter(|(_, weights)| !sound(weights));
                unsound.map(|(place, weights)| of_rows(place, weights, rows)).collect()
            }
        }
    }

    /// The same weights, by cluster only if they are those of the clusters and weights of `design`.
    pub(crate) fn fitted_to(self, design: &Design) -> Self {
        match self {
            Self::ByCluster(factors) if !factors.fit(design) => {
                Self::ByRow(factors.weights().collect())
            }
            other => other,
        }
    }
}

fn of_rows(place: usize, weights: &[f64], rows: usize) -> Problem {
    let replicate = phrase("phrase-input-replicate").with("number", place + 1);
    match weights.iter().position(|weight| !weight.is_finite()) {
        Some(row) if weights.len() == rows => Fault::DataInfinite.at(at_row(replicate, row)),
        _ => Fault::DataLength { found: weights.len(), rows }.at(replicate),
    }
}

/// Cells whose totals are made in one product. Fixed, so that totals never depend on the number of
/// threads; large enough that bringing the factors into the processor's order costs little beside.
const CELLS_A_PRODUCT: usize = 128;

/// Clusters whose sums are gathered for one product, so that a sample of single rows, each a cluster,
/// needs no second copy of all its sums.
const CLUSTERS_A_PRODUCT: usize = 4096;

impl ClusterFactors {
    /// Factors of the first-stage clusters of a design, one list a replicate.
    pub(crate) fn new(design: &Design, factors: &[Vec<f64>]) -> Self {
        let stage = &design.stages()[0];
        Self {
            base: design.weights().to_vec(),
            cluster_of_row: stage.cluster_of_row().to_vec(),
            clusters: stage.cluster_count(),
            factors: factors.concat(),
        }
    }

    /// Number of replicates.
    pub fn replicates(&self) -> usize {
        self.factors.len().checked_div(self.clusters).unwrap_or(0)
    }

    /// The weights of each replicate, one entry a row.
    fn weights(&self) -> impl Iterator<Item = Vec<f64>> {
        self.factors.chunks_exact(self.clusters.max(1)).map(|factors| {
            let rows = self.base.iter().zip(&self.cluster_of_row);
            rows.map(|(weight, &cluster)| weight * factors[cluster as usize]).collect()
        })
    }

    fn problem(&self, rows: usize) -> Option<Problem> {
        let sound = self.base.len() == rows
            && self.cluster_of_row.len() == rows
            && self.clusters.checked_mul(self.replicates()) == Some(self.factors.len())
            && self.cluster_of_row.iter().all(|&cluster| (cluster as usize) < self.clusters)
            && self.base.iter().chain(&self.factors).all(|value| value.is_finite());
        (!sound).then(|| Fault::ReplicatesOther.at(phrase("phrase-input-replicates")))
    }

    fn fit(&self, design: &Design) -> bool {
        self.base == design.weights() && self.cluster_of_row == design.stages()[0].cluster_of_row()
    }

    /// Totals of each replicate, replicates × `size`, row-major. `sums` appends the weighted sums of a
    /// cluster, `size` of them, and is asked for each cluster in turn.
    pub(crate) fn totals(&self, size: usize, sums: impl Fn(usize, &mut Vec<f64>)) -> Vec<f64> {
        let factors = DMatrixView::from_slice(&self.factors, self.clusters, self.replicates());
        let mut parts: Vec<DMatrix<f64>> = (0..size)
            .step_by(CELLS_A_PRODUCT)
            .map(|first| DMatrix::zeros(CELLS_A_PRODUCT.min(size - first), self.replicates()))
            .collect();
        let mut gathered = Vec::new();
        for first in (0..self.clusters).step_by(CLUSTERS_A_PRODUCT) {
            let clusters = CLUSTERS_A_PRODUCT.min(self.clusters - first);
            gathered.clear();
            (first..first + clusters).for_each(|cluster| sums(cluster, &mut gathered));
            let factors = factors.rows(first, clusters);
            parts.par_iter_mut().enumerate().for_each(|(place, part)| {
                let sums = DMatrixView::<f64, Dyn, Dyn>::from_slice_with_strides(
                    &gathered[place * CELLS_A_PRODUCT..],
                    part.nrows(),
                    clusters,
                    1,
                    size,
                );
                part.gemm(1.0, &sums, &factors, 1.0);
            });
        }
        let mut totals = vec![0.0; self.replicates() * size];
        for (replicate, totals) in totals.chunks_exact_mut(size.max(1)).enumerate() {
            for (totals, part) in totals.chunks_mut(CELLS_A_PRODUCT).zip(&parts) {
                totals.copy_from_slice(part.column(replicate).as_slice());
            }
        }
        totals
    }
}
