//! Several estimates with their joint covariance, and what follows from it.
//!
//! Two domains that share clusters are not independent, nor are two levels of one question. So
//! differences are formed from a joint covariance, never from two standard errors.

use survey_builder::problem::phrase;

use crate::error::Result;
use crate::estimate::Estimate;
use crate::problem::Fault;
use crate::variance::linearization::Covariance;

/// Estimates of one call with their covariance, in the same order.
#[derive(Debug, Clone)]
pub struct Joint {
    /// The estimates.
    pub estimates: Vec<Estimate>,
    /// Their covariance.
    pub covariance: Covariance,
}

/// A function of several estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Its value.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl Joint {
    /// The linear combination Σ cᵢ·estimateᵢ.
    ///
    /// # Errors
    /// Where there is not one coefficient an estimate.
    pub fn contrast(&self, coefficients: &[f64]) -> Result<Contrast> {
        let values = self.estimates.iter().map(|estimate| estimate.value);
        let value = coefficients.iter().zip(values).map(|(c, v)| c * v).sum();
        self.smooth(value, coefficients)
    }

    /// A smooth function of the estimates by the delta method, from its value and its partial
    /// derivatives at the estimates (Wolter 2007, ch. 6).
    ///
    /// # Errors
    /// Where there is not one derivative an estimate.
    pub fn smooth(&self, value: f64, gradient: &[f64]) -> Result<Contrast> {
        if gradient.len() != self.estimates.len() {
            return Err(Fault::DataCount { found: gradient.len(), needed: self.estimates.len() }
                .refused(phrase("phrase-input-coefficients")));
        }
        let variance = self.covariance.variance_of(gradient);
        Ok(Contrast { value, standard_error: self.covariance.root(variance) })
    }
}
