//! Dense codes for strata and clusters of each stage.
//!
//! Codes arrive as the data have them: with gaps, in any order, clusters numbered anew in each
//! stratum. The variance wants them dense, with the clusters of a stratum side by side, so that sums by
//! cluster are one vector and a stratum is a range of it.

use survey_builder::problem::phrase;

use crate::design::{DesignInput, Population};
use crate::error::{Problem, Result, all_or_nothing};
use crate::problem::{Fault, at_row, at_stratum};

/// One stage of sampling with dense codes. Clusters are numbered so that those of one stratum are
/// adjacent, and strata so that those of one parent cluster are adjacent.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Cluster of each row.
    cluster_of_row: Vec<u32>,
    /// First cluster of each stratum; one more entry than strata.
    stratum_starts: Vec<u32>,
    /// The stratum's code as the caller gave it.
    stratum_codes: Vec<u32>,
    /// Cluster of the stage above that holds the stratum; zero at the first stage.
    parent_of_stratum: Vec<u32>,
    /// Clusters in the population, by stratum.
    population: Option<Vec<f64>>,
    /// Product of the sampling fractions of the stages above, by stratum.
    fraction_above: Vec<f64>,
}

impl Stage {
    /// Every row a cluster of one stratum, from a large population.
    pub(crate) fn simple(rows: usize) -> Self {
        Self {
            cluster_of_row: (0..rows).map(as_code).collect(),
            stratum_starts: vec![0, as_code(rows)],
            stratum_codes: vec![0],
            parent_of_stratum: vec![0],
            population: None,
            fraction_above: vec![1.0],
        }
    }

    pub(crate) fn cluster_of_row(&self) -> &[u32] {
        &self.cluster_of_row
    }

    pub(crate) fn cluster_count(&self) -> usize {
        self.stratum_starts.last().map_or(0, |&end| end as usize)
    }

    pub(crate) fn stratum_count(&self) -> usize {
        self.stratum_starts.len() - 1
    }

    /// The clusters of a stratum.
    pub(crate) fn clusters_of(&self, stratum: usize) -> std::ops::Range<usize> {
        self.stratum_starts[stratum] as usize..self.stratum_starts[stratum + 1] as usize
    }

    pub(crate) fn stratum_code(&self, stratum: usize) -> u32 {
        self.stratum_codes[stratum]
    }

    pub(crate) fn parent_of(&self, stratum: usize) -> u32 {
        self.parent_of_stratum[stratum]
    }

    pub(crate) fn fraction_above(&self, stratum: usize) -> f64 {
        self.fraction_above[stratum]
    }

    pub(crate) fn has_population(&self) -> bool {
        self.population.is_some()
    }

    /// 1 − n/N: what is left of the variance in a finite population.
    pub(crate) fn finite_population_correction(&self, stratum: usize) -> f64 {
        let sampled = self.clusters_of(stratum).len() as f64;
        self.population.as_ref().map_or(1.0, |sizes| (sizes[stratum] - sampled) / sizes[stratum])
    }

    fn sampling_fraction(&self, stratum: usize) -> f64 {
        1.0 - self.finite_population_correction(stratum)
    }

    /// Stratum of each cluster.
    pub(crate) fn stratum_of_cluster(&self) -> Vec<u32> {
        let mut strata = vec![0; self.cluster_count()];
        for stratum in 0..self.stratum_count() {
            for cluster in self.clusters_of(stratum) {
                strata[cluster] = as_code(stratum);
            }
        }
        strata
    }

    /// How many clusters and strata hold a row that `counts`.
    pub(crate) fn present(&self, rows: usize, counts: impl Fn(usize) -> bool) -> (usize, usize) {
        let mut seen = vec![false; self.cluster_count()];
        for row in 0..rows {
            if counts(row) {
                seen[self.cluster_of_row[row] as usize] = true;
            }
        }
        let clusters = seen.iter().filter(|present| **present).count();
        let strata = (0..self.stratum_count())
            .filter(|&stratum| self.clusters_of(stratum).any(|cluster| seen[cluster]))
            .count();
        (clusters, strata)
    }
}

/// Codes of rows, strata and clusters are below `u32::MAX` because the number of rows is.
fn as_code(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(super) fn stages(input: &DesignInput, rows: usize) -> Result<Vec<Stage>> {
    let mut stages: Vec<Stage> = Vec::with_capacity(input.stages.len());
    let mut problems = Vec::new();
    for index in 0..input.stages.len() {
        let stage = lay_out(input, index, stages.last(), rows);
        if index == 0 && !input.nest {
            problems.extend(split_clusters(input));
        }
        let (stage, faults) = with_population(stage, input, index);
        problems.extend(faults);
        stages.push(stage);
    }
    all_or_nothing(problems)?;
    Ok(stages)
}

/// Numbers strata and clusters of one stage. Strata of a later stage lie within a cluster of the stage
/// before; clusters lie within strata.
fn lay_out(input: &DesignInput, index: usize, above: Option<&Stage>, rows: usize) -> Stage {
    let given = &input.stages[index];
    let parent = |row: usize| above.map_or(0, |stage| stage.cluster_of_row[row]);
    let stratum = |row: usize| given.strata.as_ref().map_or(0, |codes| codes[row]);
    let cluster = |row: usize| given.clusters.as_ref().map_or(as_code(row), |codes| codes[row]);
    let mut keys: Vec<([u32; 3], u32)> =
        (0..rows).map(|row| ([parent(row), stratum(row), cluster(row)], as_code(row))).collect();
    keys.sort_unstable();
    let mut stage = Stage {
        cluster_of_row: vec![0; rows],
        stratum_starts: Vec::new(),
        stratum_codes: Vec::new(),
        parent_of_stratum: Vec::new(),
        population: None,
        fraction_above: Vec::new(),
    };
    let mut clusters = 0_u32;
    let mut last: Option<[u32; 3]> = None;
    for (key, row) in keys {
        if last.is_none_or(|before| before[..2] != key[..2]) {
            stage.stratum_starts.push(clusters);
            stage.stratum_codes.push(key[1]);
            stage.parent_of_stratum.push(key[0]);
        }
        if last != Some(key) {
            clusters += 1;
        }
        stage.cluster_of_row[row as usize] = clusters - 1;
        last = Some(key);
    }
    stage.stratum_starts.push(clusters);
    stage.fraction_above = fractions_above(&stage, above);
    stage
}

fn fractions_above(stage: &Stage, above: Option<&Stage>) -> Vec<f64> {
    let Some(above) = above else { return vec![1.0; stage.stratum_count()] };
    let strata = above.stratum_of_cluster();
    stage
        .parent_of_stratum
        .iter()
        .map(|&parent| {
            let stratum = strata[parent as usize] as usize;
            above.fraction_above[stratum] * above.sampling_fraction(stratum)
        })
        .collect()
}

/// Clusters whose code occurs in several strata: a mistake unless codes restart in each stratum.
fn split_clusters(input: &DesignInput) -> Vec<Problem> {
    let given = &input.stages[0];
    let (Some(clusters), Some(strata)) = (&given.clusters, &given.strata) else {
        return Vec::new();
    };
    let mut pairs: Vec<(u32, u32)> = clusters.iter().copied().zip(strata.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut codes: Vec<u32> =
        pairs.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| two[0].0).collect();
    codes.dedup();
    if codes.is_empty() {
        return Vec::new();
    }
    let told: Vec<String> = codes.iter().take(10).map(u32::to_string).collect();
    let clusters = phrase("phrase-input-clusters-of-stage").with("stage", 1_u32);
    vec![Fault::DesignClusterTwice { clusters: told.join(", ") }.at(clusters)]
}

fn with_population(mut stage: Stage, input: &DesignInput, index: usize) -> (Stage, Vec<Problem>) {
    let Some(given) = &input.stages[index].population else { return (stage, Vec::new()) };
    let name = phrase("phrase-input-population").with("stage", index + 1);
    let (values, are_counts) = match given {
        Population::Counts(values) => (values, true),
        Population::Fractions(values) => (values, false),
    };
    let mut problems = Vec::new();
    let strata = stage.stratum_of_cluster();
    let mut by_stratum = vec![f64::NAN; stage.stratum_count()];
    for (row, &value) in values.iter().enumerate() {
        let stratum = strata[stage.cluster_of_row[row] as usize] as usize;
        let usable = if are_counts {
            value.is_finite() && value >= 1.0
        } else {
            value > 0.0 && value <= 1.0
        };
        if !usable {
            let bounds = if are_counts {
                phrase("phrase-1-or-more")
            } else {
                phrase("phrase-above-0-and-at-most-1")
            };
            problems.push(Fault::range(value, bounds).at(at_row(name.clone(), row)));
        } else if by_stratum[stratum].is_nan() {
            by_stratum[stratum] = value;
        } else if (by_stratum[stratum] - value).abs() > 1e-9 * value {
            problems.push(
                Fault::DataVaries {
                    value: value.into(),
                    other: by_stratum[stratum].into(),
                    within: phrase("phrase-stratum").into(),
                }
                .at(at_row(name.clone(), row)),
            );
        }
    }
    for (stratum, size) in by_stratum.iter_mut().enumerate() {
        let sampled = stage.clusters_of(stratum).len() as f64;
        if !are_counts {
            *size = sampled / *size;
        }
        if *size < sampled * (1.0 - 1e-12) {
            let fault =
                Fault::DesignPopulation { sampled: sampled.into(), population: (*size).into() };
            problems.push(fault.at(at_stratum(index + 1, stage.stratum_codes[stratum])));
        }
    }
    stage.population = Some(by_stratum);
    (stage, problems)
}

pub(super) fn weights_from_population(stages: &[Stage], rows: usize) -> Result<Vec<f64>> {
    let mut weights = vec![1.0; rows];
    let mut problems = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        let Some(sizes) = &stage.population else {
            problems.push(
                Fault::DataMissing.at(phrase("phrase-input-population").with("stage", index + 1)),
            );
            continue;
        };
        let strata = stage.stratum_of_cluster();
        for (row, weight) in weights.iter_mut().enumerate() {
            let stratum = strata[stage.cluster_of_row[row] as usize] as usize;
            *weight *= sizes[stratum] / stage.clusters_of(stratum).len() as f64;
        }
    }
    all_or_nothing(problems)?;
    Ok(weights)
}

/// Row numbers by cluster (a stable counting sort), and where each cluster starts among them.
pub(super) fn row_order(stage: &Stage, rows: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; stage.cluster_count() + 1];
    for &cluster in &stage.cluster_of_row {
        starts[cluster as usize + 1] += 1;
    }
    for index in 1..starts.len() {
        starts[index] += starts[index - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; rows];
    for (row, &cluster) in stage.cluster_of_row.iter().enumerate() {
        let place = &mut next[cluster as usize];
        order[*place as usize] = as_code(row);
        *place += 1;
    }
    (order, starts)
}
