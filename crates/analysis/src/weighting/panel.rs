//! Panel weights: a chain of factors from wave to wave, and the weights of people who came into
//! households of a panel later.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::error::{Result, all_or_nothing};
use crate::estimate::length_problem;
use crate::problem::{Fault, at_level, below_zero};

/// One link of a chain: what a wave or a step did to the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its name, such as `attrition wave 2`.
    pub name: String,
    /// One factor a row; zero for those who are lost.
    pub values: Vec<f64>,
}

/// Base weights and every factor, kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// Weights at the beginning.
    pub base: Vec<f64>,
    /// The factors in their order.
    pub factors: Vec<Factor>,
}

impl Chain {
    /// # Errors
    /// Weights or factors that are missing, below zero or of another length: each row named.
    pub fn new(base: Vec<f64>, factors: Vec<Factor>) -> Result<Self> {
        let mut problems = below_zero(&phrase("phrase-input-weights").into(), &base);
        for factor in &factors {
            problems.extend(length_problem(&factor.name, factor.values.len(), base.len()));
            problems.extend(below_zero(&(&factor.name).into(), &factor.values));
        }
        all_or_nothing(problems)?;
        Ok(Self { base, factors })
    }

    /// Weights after the first `count` factors.
    pub fn after(&self, count: usize) -> Vec<f64> {
        let mut weights = self.base.clone();
        for factor in self.factors.iter().take(count) {
            for (weight, value) in weights.iter_mut().zip(&factor.values) {
                *weight *= value;
            }
        }
        weights
    }

    /// Weights after all factors.
    pub fn weights(&self) -> Vec<f64> {
        self.after(self.factors.len())
    }
}

/// Weights of a household's members at a later wave: each has the sum of the weights of its members who
/// were in the first sample over the number of its members who were in the population then (the weight
/// share method: Ernst 1989; Lavallée 2007, ch. 2). `weights`: of the first wave, zero for people who
/// were not sampled; `in_population`: whether a person could have been sampled then (not born, not
/// abroad).
///
/// # Errors
/// Wrong lengths, weights that are missing or below zero, a household none of whose members was in the
/// population (it could not have been reached, so it has no weight).
pub fn shared_weights(
    weights: &[f64],
    households: &[u32],
    in_population: &[bool],
) -> Result<Vec<f64>> {
    let mut problems = below_zero(&phrase("phrase-input-weights").into(), weights);
    problems.extend(length_problem(
        phrase("phrase-input-households"),
        households.len(),
        weights.len(),
    ));
    problems.extend(length_problem(
        phrase("phrase-input-in-population"),
        in_population.len(),
        weights.len(),
    ));
    all_or_nothing(problems)?;
    let mut sums: std::collections::BTreeMap<u32, (f64, f64)> = std::collections::BTreeMap::new();
    for ((weight, household), linked) in weights.iter().zip(households).zip(in_population) {
        let sum = sums.entry(*household).or_default();
        sum.0 += weight;
        sum.1 += f64::from(u8::from(*linked));
    }
    let unlinked = sums.iter().filter(|(_, (_, members))| *members == 0.0).take(20);
    all_or_nothing(
        unlinked
            .map(|(household, _)| {
                Fault::HouseholdNew.at(at_level(phrase("phrase-input-households"), *household))
            })
            .collect(),
    )?;
    Ok(households.iter().map(|household| sums[household].0 / sums[household].1).collect())
}
