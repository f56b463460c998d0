//! Replicate weights as part of a design: what makes a variance of them goes with them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use super::factors::ReplicateWeights;
use crate::error::{Error, Result, all_or_nothing};
use crate::problem::Fault;

/// What deviations are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Centre {
    /// The mean of the replicates (R's `mse = FALSE`).
    Replicates,
    /// The estimate of the full sample (R's `mse = TRUE`).
    FullSample,
}

/// Replicate weights with what makes a variance of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replicates {
    /// Weights of the replicates, base weights included.
    pub weights: ReplicateWeights,
    /// The factor s.
    pub scale: f64,
    /// The factors r, one a replicate.
    pub relative_scales: Vec<f64>,
    /// What deviations are taken from.
    pub centre: Centre,
    /// Degrees of freedom.
    pub degrees_of_freedom: f64,
}

impl Replicates {
    /// Checks replicate weights that are brought along.
    ///
    /// # Errors
    /// Fewer than two replicates, lists of different lengths, weights that are missing or infinite,
    /// factors below zero.
    pub fn checked(self, rows: usize) -> Result<Self> {
        let mut problems = Vec::new();
        let found = self.weights.len();
        if found < 2 {
            let replicates = phrase("phrase-input-replicates");
            problems.push(Fault::DataTooFew { found, least: 2 }.at(replicates));
        }
        if self.relative_scales.len() != found {
            let fault = Fault::DataCount { found: self.relative_scales.len(), needed: found };
            problems.push(fault.at(phrase("phrase-input-relative-scales")));
        }
        problems.extend(self.weights.problems(rows));
        let usable = |factor: &f64| factor.is_finite() && *factor >= 0.0;
        if !usable(&self.scale) || !self.relative_scales.iter().all(usable) {
            problems.push(
                Fault::range(self.scale, phrase("phrase-0-or-more"))
                    .at(phrase("phrase-input-scale")),
            );
        }
        all_or_nothing(problems)?;
        Ok(self)
    }

    /// The same replicates after a step of weighting, done to each as to the full sample.
    ///
    /// # Errors
    /// What the step answers for a replicate, named by its number.
    pub fn reweighted(&self, step: impl Fn(&[f64]) -> Result<Vec<f64>>) -> Result<Self> {
        let done = |(place, weights): (usize, Cow<'_, [f64]>)| {
            step(&weights).map_err(|error| {
                let replicate = phrase("phrase-input-replicate").with("number", place + 1);
                let told = error.into_problems().into_iter().map(|told| {
                    let reason = phrase("phrase-at").with("place", &told.place);
                    let reason = reason.with("problem", told).into();
                    Fault::ReplicatesRefused { reason }.at(replicate.clone())
                });
                Error::Invalid(told.collect())
            })
        };
        let weights: Vec<Vec<f64>> =
            self.weights.iter().enumerate().map(done).collect::<Result<_>>()?;
        Ok(Self { weights: weights.into(), relative_scales: self.relative_scales.clone(), ..*self })
    }
}
