//! How a sample was drawn, list by list: what the variance of a design made from its record needs.
//!
//! Every stage draws from lists (a stratum, or a stratum inside a cluster), and each list has its own
//! way to be drawn from. Members that were certain are in no list: nothing of them is left to chance at
//! their stage.

use nalgebra::{DMatrix, DVector};

/// A list that a stage drew from, with those of its members whose rows are known.
#[derive(Debug, Clone)]
pub(crate) struct DrawnList {
    /// Its number among all lists, for messages.
    pub code: u32,
    /// Its stage, from 1.
    pub stage: usize,
    /// Product of the probabilities of the clusters above.
    pub above: f64,
    /// The rows of its members one after the other, each with the share of it that the member has.
    pub rows: Vec<(u32, f64)>,
    /// Where each member starts among them; one more entry than members.
    pub starts: Vec<usize>,
    /// The probability of each member, given what is above.
    pub probabilities: Vec<f64>,
    /// Members that count in n: those with rows, and of two phases all that were drawn.
    pub drawn: usize,
    /// Σ(1 − π) over those members.
    pub left_to_chance: f64,
    /// How it was drawn from.
    pub rule: Rule,
}

/// How a list was drawn from, as its variance takes it.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// A fixed number without replacement: n/(n − 1) Σ(1 − πᵢ)(zᵢ − z̄)² (Brewer 2002, ch. 9), which for
    /// equal probabilities is that of a simple sample.
    Brewer,
    /// A fixed number by a method whose pairs are known: a row a member, by Yates and Grundy (1953).
    Pairs(DMatrix<f64>),
    /// Each member on its own: Σ(1 − πᵢ)zᵢ².
    Independent,
    /// A fixed number, balanced or spread: by the residuals and local means of [`Balanced`].
    Balanced(Balanced),
    /// With replacement: n/(n − 1) Σ(zᵢ − z̄)² over the draws (Hansen and Hurwitz 1943).
    Replacement,
}

/// What a list was balanced on and spread over.
#[derive(Debug, Clone)]
pub(crate) struct Balanced {
    /// A row a member with rows: x/π, the number of members first.
    pub x: DMatrix<f64>,
    /// What the list has of each column less what the sample estimates.
    pub off: DVector<f64>,
    /// For each its nearest members, itself among them; empty where nothing is spread.
    pub near: Vec<Vec<usize>>,
}

/// A list of a second phase.
#[derive(Debug, Clone)]
pub(crate) struct PhaseList {
    /// Its number among all lists, for messages.
    pub code: u32,
    /// Its rows.
    pub rows: Vec<u32>,
    /// The probability of each, given the first phase.
    pub probabilities: Vec<f64>,
}

/// How a sample was drawn.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// The lists of all stages.
    pub lists: Vec<DrawnList>,
    /// Those of the second phase; none in a sample of one phase.
    pub second: Vec<PhaseList>,
}

impl DrawnList {
    /// A list without members yet.
    pub(crate) fn new(code: u32, stage: usize, above: f64, rule: Rule) -> Self {
        let (rows, starts, probabilities) = (Vec::new(), vec![0], Vec::new());
        let (drawn, left_to_chance) = (0, 0.0);
        Self { code, stage, above, rows, starts, probabilities, drawn, left_to_chance, rule }
    }

    /// How many members have rows.
    pub(crate) fn members(&self) -> usize {
        self.starts.len() - 1
    }

    /// The rows of a member.
    pub(crate) fn rows_of(&self, member: usize) -> &[(u32, f64)] {
        &self.rows[self.starts[member]..self.starts[member + 1]]
    }
}
