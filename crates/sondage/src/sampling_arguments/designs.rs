//! Options of what tries a design before anything is drawn.

use std::path::PathBuf;

use clap::Args;

use super::{EncodingChoice, ReadingOptions};

/// Options of `sample optimum`.
#[derive(Args, Debug)]
pub struct OptimumOptions {
    /// A list of people with what is measured: CSV, XLSX or Parquet. Without it give the
    /// correlations.
    #[arg(requires_all = ["column", "cluster"], required_unless_present = "icc")]
    pub frame: Option<PathBuf>,
    /// The column of unit ids.
    #[arg(long, default_value = "id")]
    pub unit: String,
    /// Columns of strata, inside which the variance is taken apart.
    #[arg(long)]
    pub stratum: Vec<String>,
    /// The column of clusters.
    #[arg(long)]
    pub cluster: Option<String>,
    /// The column of subclusters, for three stages.
    #[arg(long)]
    pub subcluster: Option<String>,
    /// The column of numbers that is measured.
    #[arg(long, requires = "frame")]
    pub column: Option<String>,
    /// The intraclass correlation in clusters.
    #[arg(long, conflicts_with = "frame")]
    pub icc: Option<f64>,
    /// The correlation in subclusters, in all, for three stages.
    #[arg(long, requires = "icc")]
    pub subcluster_icc: Option<f64>,
    /// The standard deviation of what is measured, with correlations.
    #[arg(long, default_value_t = 1.0, requires = "icc")]
    pub deviation: f64,
    /// What a cluster costs besides what is in it.
    #[arg(long)]
    pub cluster_cost: f64,
    /// What a subcluster costs besides its people.
    #[arg(long)]
    pub subcluster_cost: Option<f64>,
    /// What a person costs.
    #[arg(long)]
    pub person_cost: f64,
    /// What may be spent.
    #[arg(long, required_unless_present_any = ["standard_error", "variation"])]
    pub budget: Option<f64>,
    /// The standard error wanted of the mean.
    #[arg(long, conflicts_with = "budget")]
    pub standard_error: Option<f64>,
    /// The coefficient of variation wanted of the mean of the column.
    #[arg(long, conflicts_with_all = ["budget", "standard_error", "icc"])]
    pub variation: Option<f64>,
    /// How the list's text is written.
    #[arg(long, value_enum, default_value = "auto")]
    pub encoding: EncodingChoice,
    /// How else it is read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `sample simulate`.
#[derive(Args, Debug)]
pub struct Simulation {
    /// The population: CSV, XLSX or Parquet.
    pub frame: PathBuf,
    /// The plan: TOML or JSON.
    pub plan: PathBuf,
    /// The share that answers have. [default: that of the plan's assumptions]
    #[arg(long)]
    pub share: Option<f64>,
    /// How alike answers in a cluster are: the intraclass correlation. [default: that
    /// of the plan's assumptions]
    #[arg(long)]
    pub icc: Option<f64>,
    /// The share of cases that respond. [default: that of the plan's assumptions]
    #[arg(long)]
    pub response: Option<f64>,
    /// A column whose groups are reported separately. [default: that of the plan's
    /// assumptions]
    #[arg(long)]
    pub domain: Option<String>,
    /// How many samples are drawn.
    #[arg(long, default_value_t = 1_000)]
    pub samples: u32,
    /// What chance starts from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How the frame's text is written.
    #[arg(long, value_enum, default_value = "auto")]
    pub encoding: EncodingChoice,
    /// How else it is read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
