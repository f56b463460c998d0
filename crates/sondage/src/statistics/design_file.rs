//! The design file: how the rows of a data file were drawn and what was done to their weights.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::terminal::Failure;

/// What a design file says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the file, apart from the others"
)]
pub struct DesignFile {
    /// The column of weights; without it every row weighs the same, or as the populations of the
    /// stages say.
    pub weight: Option<String>,
    /// Whether the weights follow from the populations of the stages.
    #[serde(default)]
    pub weight_from_population: bool,
    /// Whether the chances of coming into the sample are unknown.
    #[serde(default)]
    pub nonprobability: bool,
    /// Whether cluster codes start again in each stratum.
    #[serde(default)]
    pub nest: bool,
    /// The rule for strata with one cluster; without it they are refused.
    pub single_psu: Option<analysis::SinglePsu>,
    /// Whether the rule holds within domains too.
    #[serde(default)]
    pub domain_single_psu: bool,
    /// Values that are no answers.
    #[serde(default)]
    pub missing: MissingCodes,
    /// The stages of sampling, from the first.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Unequal probabilities without replacement.
    pub probabilities: Option<Probabilities>,
    /// Replicate weights.
    pub replicates: Option<ReplicateWeights>,
    /// Columns whose gaps are filled.
    #[serde(default)]
    pub imputation: Vec<Imputation>,
    /// Steps of weighting, in order.
    #[serde(default)]
    pub weighting: Vec<WeightingStep>,
    /// Labels of levels, in order: pairs of value and label for each column.
    #[serde(default)]
    pub labels: BTreeMap<String, Vec<(String, String)>>,
}

/// Values that are no answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a list of values, or a table of lists by column")]
pub enum MissingCodes {
    /// In every column.
    Everywhere(Vec<String>),
    /// Of each column its own.
    ByColumn(BTreeMap<String, Vec<String>>),
}

impl Default for MissingCodes {
    fn default() -> Self {
        Self::Everywhere(Vec::new())
    }
}

/// One stage of sampling, by columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Strata.
    pub strata: Option<String>,
    /// Clusters.
    pub clusters: Option<String>,
    /// Clusters (or people) in the population of the stratum.
    pub population: Option<String>,
    /// Or the share of them that was sampled.
    pub fraction: Option<String>,
}

/// Unequal probabilities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probabilities {
    /// Their column.
    pub column: String,
    /// Columns of the stages below the first, for `brewer`: of a unit given its cluster.
    #[serde(default)]
    pub later: Vec<String>,
    /// How joint probabilities are had.
    pub method: JointMethod,
    /// The form of the variance.
    #[serde(default)]
    pub form: VarianceForm,
    /// Σπ²/n over the population, for `hartley_rao`.
    pub sum_of_squares_over_size: Option<f64>,
    /// A CSV file of joint probabilities beside the design file, for `given`.
    pub matrix: Option<String>,
}

/// How joint probabilities are had.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointMethod {
    /// Not needed: Brewer's variance.
    Brewer,
    /// Overton's approximation.
    Overton,
    /// Hartley and Rao's.
    HartleyRao,
    /// In a file.
    Given,
}

/// The form of a variance from joint probabilities.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VarianceForm {
    /// Horvitz and Thompson's, for samples of any size.
    #[default]
    HorvitzThompson,
    /// Yates and Grundy's.
    YatesGrundy,
}

/// Replicate weights that are in the data, or are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplicateWeights {
    /// In columns of the data, base weights included.
    Given {
        /// Their columns; a name that ends in `*` stands for all that begin so.
        columns: Vec<String>,
        /// The factor of the sum.
        scale: f64,
        /// Factors of the replicates; without them, one each.
        relative_scales: Option<Vec<f64>>,
        /// Whether deviations are from the full-sample estimate rather than the replicates' mean.
        mse: bool,
        /// Whether the columns hold weights; otherwise they hold factors of the weight.
        #[serde(default = "yes")]
        combined: bool,
        /// Degrees of freedom; without them, replicates less one.
        degrees_of_freedom: Option<f64>,
    },
    /// One of the two clusters of each stratum left out.
    PairedJackknife {
        /// Chooses which; without it, the first.
        seed: Option<u64>,
    },
    /// Clusters drawn again by chance.
    Bootstrap {
        /// How.
        method: BootstrapMethod,
        /// How many.
        count: usize,
        /// From what chance starts.
        seed: u64,
        /// As for `given`.
        #[serde(default)]
        mse: bool,
    },
    /// Differences of clusters that follow each other in the file, for systematic samples.
    SuccessiveDifferences {
        /// How many; without it, enough for every cluster.
        count: Option<usize>,
    },
    /// One cluster left out at a time.
    Jackknife {
        /// As for `given`.
        mse: bool,
    },
    /// Balanced half-samples, Fay's where `rho` is above zero.
    BalancedHalfSamples {
        /// Fay's factor.
        #[serde(default)]
        rho: f64,
        /// As for `given`.
        mse: bool,
    },
}

/// Bootstraps by name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootstrapMethod {
    /// Rao and Wu: one cluster less than the stratum has, rescaled.
    RaoWu,
    /// Canty and Davison: as many as the stratum has.
    CantyDavison,
    /// Preston: half of the units at every stage.
    Preston,
}

/// How the gaps of a column are filled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imputation {
    /// The column of numbers.
    pub column: String,
    /// The column of classes within which donors are found; without it, all rows.
    pub classes: Option<String>,
    /// How often it is filled. Once understates what is not known.
    #[serde(default = "five")]
    pub copies: usize,
    /// From what chance starts.
    pub seed: u64,
}

/// Totals of the levels of variables.
pub type Margins = BTreeMap<String, BTreeMap<String, f64>>;

/// What targets are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetsIn {
    /// People.
    #[default]
    People,
    /// Percentages, which may be rounded.
    Percent,
}

/// One step of weighting.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum WeightingStep {
    /// Those whose eligibility is known stand for those of their cell where it is not; the ineligible
    /// leave.
    UnknownEligibility {
        /// A column of `eligible`, `ineligible` and `unknown`.
        status: String,
        /// The column of cells.
        cells: String,
    },
    /// Those who answered stand for those alike in how likely they were to answer.
    Propensity {
        /// A column of 1 (answered) and 0.
        responded: String,
        /// Columns that tell who answers: numbers as they are, others by level.
        terms: Vec<String>,
        /// What is done with propensities.
        #[serde(default)]
        method: PropensityMethod,
        /// How many classes.
        #[serde(default = "five")]
        classes: usize,
        /// Whether the model uses the weights.
        #[serde(default)]
        weighted: bool,
    },
    /// A factor of a panel, such as that of attrition.
    Factor {
        /// Its column.
        column: String,
    },
    /// Two samples of populations that overlap, put together.
    Composite {
        /// A column of 1 (second sample) and 0.
        second: String,
        /// A column of 1 (both could have drawn them) and 0.
        overlap: String,
        /// The share of the first sample in the overlap; without it, by effective sizes.
        share: Option<f64>,
    },
    /// Those who answered stand for those of their cell who did not.
    Nonresponse {
        /// A column of 1 (answered) and 0.
        responded: String,
        /// The column of cells.
        cells: String,
    },
    /// To the totals of one variable's levels.
    PostStratification {
        /// One variable, or several crossed (`sex * age`).
        margins: Margins,
        /// What its targets are in.
        #[serde(default)]
        targets: TargetsIn,
        /// What percentages are of. [default: the weights at this step]
        population: Option<f64>,
    },
    /// To the totals of several.
    Raking {
        /// The variables, each alone or several crossed (`sex * age`).
        margins: Margins,
        /// What their targets are in.
        #[serde(default)]
        targets: TargetsIn,
        /// What percentages are of. [default: the weights at this step]
        population: Option<f64>,
        /// The largest gap allowed, as a share of the target.
        #[serde(default = "tolerance")]
        tolerance: f64,
        /// The most rounds.
        #[serde(default = "rounds")]
        rounds: usize,
        /// Limits that the weights are kept within.
        limits: Option<Limits>,
    },
    /// To totals of numeric columns and of levels.
    Calibration {
        /// Totals by column.
        #[serde(default)]
        totals: BTreeMap<String, f64>,
        /// Totals of the levels of variables.
        #[serde(default)]
        margins: Margins,
        /// A column of households or other clusters that get one factor.
        clusters: Option<String>,
        /// The size of the population, where it is known.
        population: Option<f64>,
        /// How far weights go.
        #[serde(default)]
        distance: DistanceName,
        /// Smallest factor, for `bounded` and `logit`.
        lower: Option<f64>,
        /// Largest factor.
        upper: Option<f64>,
    },
    /// Weights cut to limits.
    Trimming {
        /// The smallest weight.
        #[serde(default)]
        lower: f64,
        /// The largest.
        upper: f64,
        /// Again until none is beyond.
        #[serde(default = "yes")]
        strict: bool,
    },
}

/// Limits of weights in raking.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The smallest.
    pub lower: Option<f64>,
    /// The largest.
    pub upper: Option<f64>,
    /// Whether these are weights or multiples of the mean weight.
    #[serde(default)]
    pub unit: LimitUnit,
    /// In their place: up to the median plus so many interquartile ranges.
    pub ranges: Option<f64>,
}

/// Units of limits.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Multiples of the mean weight.
    #[default]
    Means,
    /// Weights.
    Weights,
}

/// What is done with propensities, by name.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PropensityMethod {
    /// Cells of people with near propensities.
    #[default]
    Classes,
    /// One over the propensity.
    Inverse,
}

/// Distances of calibration by name.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DistanceName {
    /// The regression estimator.
    #[default]
    Linear,
    /// The same within limits.
    Bounded,
    /// Factors above zero.
    Raking,
    /// Factors within limits, smoothly.
    Logit,
}

fn tolerance() -> f64 {
    1e-10
}

fn rounds() -> usize {
    1000
}

fn five() -> usize {
    5
}

fn yes() -> bool {
    true
}

/// Reads a design file.
///
/// # Errors
/// A file that cannot be read, is no TOML, or has a key that is not known: with line and column.
pub fn read(path: &Path) -> Result<DesignFile, Failure> {
    let told = |reason: String| Failure::File { file: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    toml::from_str(&text).map_err(|error| told(error.to_string().trim_end().to_owned()))
}
