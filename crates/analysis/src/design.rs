//! How the data were drawn and weighted, in the form the estimators need.
//!
//! Every estimate takes a [`Design`], never a bare column of weights, because the right variance
//! depends on strata, clusters, population sizes and on what was done to the weights afterwards. The
//! last is why a design also carries its history of calibrations: an estimate from raked weights has
//! the variance of its residuals on the raking margins (Deville and Särndal 1992, §3), not that
//! of its values.
//!
//! ```
//! use analysis::{Design, DesignInput, SinglePsu, StageInput, Weights};
//!
//! let design = Design::new(DesignInput {
//!     weights: Weights::Given(vec![10.0, 12.0, 9.0, 11.0]),
//!     stages: vec![StageInput { clusters: Some(vec![1, 1, 2, 2]), ..StageInput::default() }],
//!     nest: false,
//!     single_psu: SinglePsu::Fail,
//!     domain_single_psu: false,
//! })?;
//! assert_eq!(design.clusters(), 2);
//! # Ok::<(), analysis::Error>(())
//! ```

pub(crate) mod drawn;
pub mod factors;
mod layout;
pub mod replicates;
pub mod sampled;
pub mod unequal;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Argument, Phrase, phrase};

pub(crate) use layout::Stage;

use crate::design::drawn::Drawn;
use crate::design::factors::ClusterFactors;
use crate::design::replicates::Replicates;
use crate::design::unequal::{Unequal, UnequalMethod};
use crate::error::{Problem, Result, all_or_nothing};
use crate::problem::{Fault, below_zero};
use crate::variance::projection::Projection;
use crate::variance::regression::Regression;
use crate::variance::satterthwaite::{Form, Widenings};

/// What to do with a stratum in which a single cluster was sampled, and whose variance is therefore
/// not defined. Always stated by the caller; there is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinglePsu {
    /// Refuse to estimate.
    Fail,
    /// The stratum adds nothing (an underestimate).
    Remove,
    /// The cluster was taken with certainty, so it adds nothing.
    Certainty,
    /// Deviations are taken from zero, the centre of all scores, in place of the stratum's mean.
    Adjust,
    /// The stratum adds the average of the other strata.
    Average,
}

/// Population sizes of the clusters of one stage, one entry a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Population {
    /// Clusters in the population of the row's stratum.
    Counts(Vec<f64>),
    /// Share of the stratum's clusters that were sampled, in (0, 1].
    Fractions(Vec<f64>),
}

/// One stage of sampling; each column has one entry a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StageInput {
    /// Stratum codes; none: one stratum.
    pub strata: Option<Vec<u32>>,
    /// Cluster codes; none: every row is a cluster of its own.
    pub clusters: Option<Vec<u32>>,
    /// Population sizes; none: drawn with replacement, or from a population that is large.
    pub population: Option<Population>,
}

/// Where the weights come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// One weight a row.
    Given(Vec<f64>),
    /// The product over stages of population clusters ÷ sampled clusters.
    FromPopulation,
}

/// What a design is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignInput {
    /// Base weights.
    pub weights: Weights,
    /// The stages, from the first; at least one.
    pub stages: Vec<StageInput>,
    /// Whether cluster codes start again in every stratum (1, 2, … in each).
    pub nest: bool,
    /// The rule for strata with a single sampled cluster.
    pub single_psu: SinglePsu,
    /// Whether the rule also holds for a stratum that has several clusters of which a domain meets
    /// only one (`survey.adjust.domain.lonely` in R, where false is usual).
    pub domain_single_psu: bool,
}

/// How degrees of freedom are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DegreesOfFreedomRule {
    /// Clusters minus strata of the whole design (R's `degf(design)`).
    FullDesign,
    /// Clusters minus strata among those that hold members of the domain, whether or not their values
    /// are known (R's `degf(subset(design, …))`; the rule of NHANES).
    Domain,
    /// Clusters minus strata among those that hold a member of the domain whose value is known.
    Answered,
    /// The same, and intervals of means, shares and ratios are wider by what clusters of unequal size
    /// take from their variance (Bell and `McCaffrey` 2002); for clusters of one size they are the same.
    Adjusted,
}

/// How a sample was drawn and weighted.
///
/// What is as long as the rows is shared among copies, so that copying costs little however many rows
/// there are.
#[derive(Debug, Clone)]
pub struct Design {
    weights: Arc<Vec<f64>>,
    base_weights: Arc<Vec<f64>>,
    stages: Arc<Vec<Stage>>,
    single_psu: SinglePsu,
    domain_single_psu: bool,
    order: Arc<Vec<u32>>,
    cluster_starts: Arc<Vec<u32>>,
    calibrations: Vec<Step>,
    unequal: Option<Arc<Unequal>>,
    drawn: Option<Arc<Drawn>>,
    trimmed: bool,
    replicates: Option<Arc<Replicates>>,
}

/// A step of weighting that the variance takes into account.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// To the totals of levels.
    Levels(Projection),
    /// To totals of auxiliary variables.
    Regression(Arc<Regression>),
}

impl Design {
    /// Checks the input and lays it out by stratum and cluster.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] with every problem: lengths that differ, weights that are negative,
    /// missing or all zero, clusters that lie in several strata, population sizes that vary within a
    /// stratum or are smaller than the sample.
    pub fn new(input: DesignInput) -> Result<Self> {
        let rows = row_count(&input);
        let mut problems = length_problems(&input, rows);
        if input.stages.is_empty() {
            problems
                .push(Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-stages")));
        }
        if rows >= u32::MAX as usize {
            problems.push(
                Fault::DataTooMany { most: u64::from(u32::MAX) }.at(phrase("phrase-input-rows")),
            );
        }
        all_or_nothing(problems)?;
        let stages = layout::stages(&input, rows)?;
        let weights = match input.weights {
            Weights::Given(weights) => weights,
            Weights::FromPopulation => layout::weights_from_population(&stages, rows)?,
        };
        all_or_nothing(weight_problems(phrase("phrase-input-weights"), &weights))?;
        let (order, cluster_starts) = layout::row_order(&stages[0], rows);
        let weights = Arc::new(weights);
        Ok(Self {
            base_weights: Arc::clone(&weights),
            weights,
            stages: Arc::new(stages),
            single_psu: input.single_psu,
            domain_single_psu: input.domain_single_psu,
            order: Arc::new(order),
            cluster_starts: Arc::new(cluster_starts),
            calibrations: Vec::new(),
            unequal: None,
            drawn: None,
            trimmed: false,
            replicates: None,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.weights.len()
    }

    /// The weights in use, one a row.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The weights in use, shared.
    pub(crate) fn shared_weights(&self) -> Arc<Vec<f64>> {
        Arc::clone(&self.weights)
    }

    /// The weights before any calibration, one a row.
    pub fn base_weights(&self) -> &[f64] {
        &self.base_weights
    }

    /// Number of first-stage clusters.
    pub fn clusters(&self) -> usize {
        self.stages[0].cluster_count()
    }

    /// Number of first-stage strata.
    pub fn strata(&self) -> usize {
        self.stages[0].stratum_count()
    }

    /// The rule for strata with a single sampled cluster.
    pub fn single_psu(&self) -> SinglePsu {
        self.single_psu
    }

    /// Whether the single-cluster rule reaches strata that are single only within a domain.
    pub fn domain_single_psu(&self) -> bool {
        self.domain_single_psu
    }

    /// Whether the weights were post-stratified or raked.
    pub fn is_calibrated(&self) -> bool {
        !self.calibrations.is_empty()
    }

    /// Whether stages after the first add to the variance (they do where the first stage was drawn
    /// from a finite population).
    pub fn is_multistage(&self) -> bool {
        self.stages.len() > 1 && self.stages[0].has_population()
    }

    /// Degrees of freedom: clusters minus strata, counted by `rule`.
    ///
    /// `domain` says which rows are members, `answered` which of them have a known value; `None`
    /// means all; rows without a weight are nobody. Never less than zero. Replicates bring their own,
    /// whatever the rule.
    pub fn degrees_of_freedom(
        &self,
        rule: DegreesOfFreedomRule,
        domain: Option<&[bool]>,
        answered: Option<&[bool]>,
    ) -> f64 {
        if let Some(replicates) = &self.replicates {
            return replicates.degrees_of_freedom;
        }
        if rule == DegreesOfFreedomRule::FullDesign {
            return self.clusters().saturating_sub(self.strata()) as f64;
        }
        let counts = |row: usize| match rule {
            DegreesOfFreedomRule::FullDesign => true,
            DegreesOfFreedomRule::Domain => domain.is_none_or(|member| member[row]),
            DegreesOfFreedomRule::Answered | DegreesOfFreedomRule::Adjusted => {
                domain.is_none_or(|member| member[row]) && answered.is_none_or(|known| known[row])
            }
        };
        let (clusters, strata) = self.met_by(counts);
        clusters.saturating_sub(strata) as f64
    }

    /// By what intervals are wider under [`DegreesOfFreedomRule::Adjusted`], from the weight of each
    /// row in the mean; 1 under the other rules, for replicates, and for designs with variances of their
    /// own.
    pub(crate) fn widening(&self, rule: DegreesOfFreedomRule, share: impl Fn(usize) -> f64) -> f64 {
        if !self.widens(rule) {
            return 1.0;
        }
        let mut weights = vec![0.0; self.clusters()];
        for (row, cluster) in self.stages[0].cluster_of_row().iter().enumerate() {
            weights[*cluster as usize] += share(row);
        }
        self.widening_of(&weights)
    }

    /// The same from the weight of each cluster in the mean.
    pub(crate) fn widening_of(&self, weights: &[f64]) -> f64 {
        let form = Form::new(self);
        let mut found = Widenings::new(&form, 1);
        let stage = &self.stages[0];
        for stratum in 0..stage.stratum_count() {
            stage.clusters_of(stratum).for_each(|cluster| found.add(&weights[cluster..=cluster]));
            found.end(stratum);
        }
        found.finished()[0]
    }

    /// Whether intervals under a rule are wider where clusters are unequal.
    pub(crate) fn widens(&self, rule: DegreesOfFreedomRule) -> bool {
        rule == DegreesOfFreedomRule::Adjusted
            && self.replicates.is_none()
            && self.unequal().is_none()
            && self.drawn().is_none()
    }

    /// Whether a rule takes degrees of freedom from what each list of the sample's record adds.
    pub(crate) fn brings_degrees(&self, rule: DegreesOfFreedomRule) -> bool {
        rule == DegreesOfFreedomRule::Adjusted && self.drawn().is_some()
    }

    /// How many first-stage clusters and strata hold a row with a weight that `counts`.
    pub(crate) fn met_by(&self, counts: impl Fn(usize) -> bool) -> (usize, usize) {
        let weights = &self.weights;
        self.stages[0].present(self.rows(), |row| weights[row] != 0.0 && counts(row))
    }

    /// Rows with a weight: those without are nobody.
    pub fn people(&self) -> usize {
        self.weights.iter().filter(|weight| **weight != 0.0).count()
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Row numbers sorted by stratum and cluster; rows of a cluster keep their order.
    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    /// Where each cluster starts in [`Self::order`]; one more entry than clusters.
    pub(crate) fn cluster_starts(&self) -> &[u32] {
        &self.cluster_starts
    }

    pub(crate) fn calibrations(&self) -> &[Step] {
        &self.calibrations
    }

    /// The same design as a one-stage sample drawn without replacement with unequal `probabilities`, one
    /// a row: the variance is then by `method`, in place of that of the stages.
    ///
    /// # Errors
    /// Several stages; probabilities outside 0 to 1 or that vary within a cluster; joint probabilities
    /// that are not one a pair of rows.
    pub fn with_unequal_probabilities(
        mut self,
        probabilities: &[f64],
        method: UnequalMethod,
    ) -> Result<Self> {
        self.unequal = Some(Arc::new(Unequal::new(&self, &[probabilities], method)?));
        Ok(self)
    }

    /// The same for several stages, with a column of probabilities each (of a unit given that its cluster
    /// was drawn), by Brewer's variance: that of each stage times the probabilities of those above.
    ///
    /// # Errors
    /// Another number of columns than stages; as [`Self::with_unequal_probabilities`].
    pub fn with_unequal_stages(mut self, probabilities: &[&[f64]]) -> Result<Self> {
        let unequal = Unequal::new(&self, probabilities, UnequalMethod::Brewer)?;
        self.unequal = Some(Arc::new(unequal));
        Ok(self)
    }

    pub(crate) fn unequal(&self) -> Option<&Unequal> {
        self.unequal.as_deref()
    }

    /// The same design with the variance of how it was drawn, list by list.
    pub(crate) fn with_drawn(mut self, drawn: Drawn) -> Self {
        self.drawn = Some(Arc::new(drawn));
        self
    }

    pub(crate) fn drawn(&self) -> Option<&Drawn> {
        self.drawn.as_deref()
    }

    /// Whether the variance is that of totals of scores by cluster, without replicates and calibration.
    pub(crate) fn is_linear_by_cluster(&self) -> bool {
        self.replicates.is_none() && !self.needs_rows() && !self.is_calibrated()
    }

    /// Whether sums by cluster, from one scan of the rows, cannot give the variance.
    pub(crate) fn needs_rows(&self) -> bool {
        if self.replicates.is_some() {
            return self.cluster_factors().is_none();
        }
        self.is_multistage()
            || self.unequal.is_some()
            || self.drawn.is_some()
            || self.trimmed
            || !matches!(self.calibrations.as_slice(), [] | [Step::Levels(_)])
    }

    /// The same design with replicate weights: every variance is then theirs, in place of that of the
    /// stages, and every later step of weighting is done to each of them.
    ///
    /// # Errors
    /// As [`Replicates::checked`].
    pub fn with_replicates(mut self, replicates: Replicates) -> Result<Self> {
        let checked = replicates.checked(self.rows())?;
        let weights = checked.weights.fitted_to(&self);
        self.replicates = Some(Arc::new(Replicates { weights, ..checked }));
        Ok(self)
    }

    /// The replicates that variances come from, if there are any.
    pub fn replicates(&self) -> Option<&Replicates> {
        self.replicates.as_deref()
    }

    /// The factors of first-stage clusters that the replicates are made of, if they are. Every later step
    /// of weighting makes weights by row of them, so that they always go with the weights in use.
    pub(crate) fn cluster_factors(&self) -> Option<&ClusterFactors> {
        self.replicates().and_then(|replicates| replicates.weights.factors())
    }

    /// The same design with its replicates weighted by `step`, which answers the new weights of the
    /// design it is given.
    pub(crate) fn with_each_replicate(
        mut self,
        step: impl Fn(Self) -> Result<Vec<f64>>,
    ) -> Result<Self> {
        if let Some(replicates) = self.replicates.take() {
            let plain = self.clone();
            let again = replicates.reweighted(|weights| step(plain.reweighed(weights.to_vec())))?;
            self.replicates = Some(Arc::new(again));
        }
        Ok(self)
    }

    /// The same design with other weights, one a row, and no history or replicates.
    #[must_use]
    pub fn reweighed(&self, weights: Vec<f64>) -> Self {
        self.reweighed_by(Arc::new(weights))
    }

    fn reweighed_by(&self, weights: Arc<Vec<f64>>) -> Self {
        Self {
            base_weights: Arc::clone(&weights),
            weights,
            calibrations: Vec::new(),
            trimmed: false,
            replicates: None,
            ..self.clone()
        }
    }

    /// The same design with every weight times a factor, in its replicates too, and its history kept: the
    /// variance takes the factors as given.
    ///
    /// # Errors
    /// Factors that are missing, below zero or not one a row, each row named.
    pub fn times_factors(self, factors: &[f64]) -> Result<Self> {
        if factors.len() != self.rows() {
            return Err(Fault::DataLength { found: factors.len(), rows: self.rows() }
                .refused(phrase("phrase-input-factors")));
        }
        all_or_nothing(weight_problems(phrase("phrase-input-factors"), factors))?;
        let times = |weights: &[f64]| weights.iter().zip(factors).map(|(w, g)| w * g).collect();
        let design = self.with_each_replicate(|replicate| Ok(times(replicate.weights())))?;
        let weights = times(design.weights());
        Ok(design.with_weights(weights))
    }

    /// The same rows and weights as a simple sample with replacement: for values whose variance nobody
    /// asks for, so that no rule about it can refuse.
    pub(crate) fn without_variance(&self) -> Self {
        let rows = self.rows();
        let stage = Stage::simple(rows);
        let (order, cluster_starts) = layout::row_order(&stage, rows);
        Self {
            stages: Arc::new(vec![stage]),
            order: Arc::new(order),
            cluster_starts: Arc::new(cluster_starts),
            unequal: None,
            drawn: None,
            ..self.reweighed_by(self.shared_weights())
        }
    }

    /// The same design and history with other weights.
    pub(crate) fn with_weights(mut self, weights: Vec<f64>) -> Self {
        self.weights = Arc::new(weights);
        self.trimmed = true;
        self
    }

    /// The same design after a calibration on auxiliary variables.
    pub(crate) fn calibrated_on(mut self, weights: Vec<f64>, step: Regression) -> Self {
        self.weights = Arc::new(weights);
        self.calibrations.push(Step::Regression(Arc::new(step)));
        self
    }

    /// The same design with the weights of a step, and that step in its history.
    pub(crate) fn calibrated(mut self, step: Projection) -> Self {
        self.weights = Arc::clone(&step.weights);
        self.calibrations.push(Step::Levels(step));
        self
    }
}

fn row_count(input: &DesignInput) -> usize {
    if let Weights::Given(weights) = &input.weights {
        return weights.len();
    }
    for stage in &input.stages {
        if let Some(codes) = stage.clusters.as_ref().or(stage.strata.as_ref()) {
            return codes.len();
        }
        if let Some(Population::Counts(sizes) | Population::Fractions(sizes)) = &stage.population {
            return sizes.len();
        }
    }
    0
}

fn length_problems(input: &DesignInput, rows: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    if rows == 0 {
        problems.push(Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-rows")));
    }
    let mut check = |name: Phrase, length: usize| {
        if length != rows {
            problems.push(Fault::DataLength { found: length, rows }.at(name));
        }
    };
    for (index, stage) in input.stages.iter().enumerate() {
        let number = index + 1;
        if let Some(codes) = &stage.strata {
            check(phrase("phrase-input-strata").with("stage", number), codes.len());
        }
        if let Some(codes) = &stage.clusters {
            check(phrase("phrase-input-clusters-of-stage").with("stage", number), codes.len());
        }
        if let Some(Population::Counts(sizes) | Population::Fractions(sizes)) = &stage.population {
            check(phrase("phrase-input-population").with("stage", number), sizes.len());
        }
    }
    problems
}

fn weight_problems(input: Phrase, weights: &[f64]) -> Vec<Problem> {
    let input = Argument::from(input);
    let mut problems = below_zero(&input, weights);
    if problems.is_empty() && weights.iter().sum::<f64>() <= 0.0 {
        problems.push(Fault::DataSumZero.at(input));
    }
    problems
}
