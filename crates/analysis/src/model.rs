//! Regression models with design-based covariance.
//!
//! Coefficients solve the weighted estimating equations of the population (Binder 1983); their
//! covariance is that of the totals of their scores, by whichever design. A [`ModelMatrix`] holds the
//! terms; rows with a missing value leave the model but not the design.

pub mod linear;
pub mod ordinal;
pub mod ranks;

/// The columns of a model, one value a row each (NaN: missing).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelMatrix {
    /// Names of the columns, for reports.
    pub names: Vec<String>,
    /// The columns.
    pub columns: Vec<Vec<f64>>,
}

impl ModelMatrix {
    /// A column of ones alone.
    pub fn intercept(rows: usize) -> Self {
        Self { names: vec!["(Intercept)".to_owned()], columns: vec![vec![1.0; rows]] }
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: Vec<f64>) {
        self.names.push(name.into());
        self.columns.push(column);
    }
}
