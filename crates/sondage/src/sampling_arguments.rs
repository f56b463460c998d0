//! The command line of frames and samples.

mod designs;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

pub use self::designs::{OptimumOptions, Simulation};

/// What can be done with frames.
#[derive(Subcommand, Debug)]
pub enum FrameCommand {
    /// Read a frame and tell every problem. Exits 2 when no sample can be drawn
    /// from it.
    Check(FrameCheck),
    /// Put every unit of a list into the cell of a square grid: a column `cell`
    /// to draw clusters by, where nobody has better areas.
    Cells(FrameCells),
    /// Cut a column of numbers into strata: prints where they begin and writes a
    /// column `stratum`.
    Strata(FrameStrata),
}

/// Options of `frame cells`.
#[derive(Args, Debug)]
pub struct FrameCells {
    /// The population: CSV, XLSX or Parquet.
    pub file: PathBuf,
    /// The column of coordinates from west to east.
    #[arg(long)]
    pub x: String,
    /// The column of coordinates from south to north.
    #[arg(long)]
    pub y: String,
    /// The side of a cell, in the coordinates' own units.
    #[arg(long)]
    pub side: f64,
    /// Where the list with its cells goes (CSV).
    #[arg(long, short)]
    pub output: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
    /// How its text is written.
    #[arg(long, value_enum, default_value = "auto")]
    pub encoding: EncodingChoice,
    /// How else it is read.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// Options of `frame strata`.
#[derive(Args, Debug)]
pub struct FrameStrata {
    /// The population: CSV, XLSX or Parquet.
    pub file: PathBuf,
    /// The column of numbers.
    #[arg(long)]
    pub column: String,
    /// How many strata.
    #[arg(long)]
    pub strata: usize,
    /// How they are cut.
    #[arg(long, value_enum, default_value = "root-frequency")]
    pub rule: StrataRule,
    /// The coefficient of variation wanted of the column's estimated total, such as
    /// 0.05: says how many to draw of each stratum.
    #[arg(long, required_if_eq("rule", "take-all"))]
    pub variation: Option<f64>,
    /// Classes in which frequencies are counted.
    #[arg(long, default_value_t = 100)]
    pub classes: usize,
    /// Where the list with its strata goes (CSV). [default: nowhere]
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
    /// How its text is written.
    #[arg(long, value_enum, default_value = "auto")]
    pub encoding: EncodingChoice,
    /// How else it is read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// How a column of numbers is cut into strata.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrataRule {
    /// By the cumulated root of the frequencies (Dalenius and Hodges).
    RootFrequency,
    /// For the smallest sample with the highest stratum taken whole (Lavallée and
    /// Hidiroglou).
    TakeAll,
}

/// Options of `frame check`.
#[derive(Args, Debug)]
pub struct FrameCheck {
    /// The population, one unit a row: CSV, XLSX or Parquet.
    pub file: PathBuf,
    /// Which column is what.
    #[command(flatten)]
    pub roles: Roles,
    /// How its text is written.
    #[arg(long, value_enum, default_value = "auto")]
    pub encoding: EncodingChoice,
    /// How else it is read.
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// The column of telephone numbers: the same one twice is told.
    #[arg(long)]
    pub phone: Option<String>,
    /// The column of e-mail addresses: the same one twice is told.
    #[arg(long)]
    pub email: Option<String>,
    /// The column of names; with --address, the same person twice is told.
    #[arg(long)]
    pub name: Option<String>,
    /// The column of addresses.
    #[arg(long)]
    pub address: Option<String>,
    /// Independent totals: a list with the columns stratum and total.
    #[arg(long)]
    pub totals: Option<PathBuf>,
    /// The decimal mark of the totals. [default: as the column shows]
    #[arg(long, value_enum, requires = "totals")]
    pub totals_decimal: Option<DecimalChoice>,
    /// A list of places with the days from and to which each exists, with the
    /// columns code, name, from, to and successor. Clusters (or strata, where
    /// there are none) must be among those of the day of --on.
    #[arg(long, requires = "on")]
    pub places: Option<PathBuf>,
    /// The day whose population the list has: 2025-07-01.
    #[arg(long)]
    pub on: Option<NaiveDate>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which column of a frame is what.
#[derive(Args, Debug, Clone)]
pub struct Roles {
    /// The column of ids.
    #[arg(long, default_value = "id")]
    pub unit: String,
    /// A column of strata; may be given several times.
    #[arg(long = "stratum")]
    pub strata: Vec<String>,
    /// The column of clusters.
    #[arg(long)]
    pub cluster: Option<String>,
    /// The column of sizes, above zero.
    #[arg(long)]
    pub size: Option<String>,
}

/// How a frame's text is written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingChoice {
    /// Found out from the text.
    Auto,
    /// UTF-8.
    Utf8,
    /// TCVN3 (ABC).
    Tcvn3,
    /// VNI.
    Vni,
    /// Windows-1258.
    #[value(name = "windows-1258")]
    Windows1258,
    /// UTF-16.
    #[value(name = "utf-16")]
    Utf16,
}

/// The mark before decimals; the other parts thousands.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalChoice {
    /// 3,407.5
    Point,
    /// 3.407,5
    Comma,
}

/// How a list is read, where its file does not say it.
#[derive(Args, Debug, Clone, Default)]
pub struct ReadingOptions {
    /// The sheet of a workbook. [default: the first with more than one row]
    #[arg(long)]
    pub sheet: Option<String>,
    /// The row of the header, from 1. [default: the first that is no title]
    #[arg(long)]
    pub header_row: Option<u64>,
    /// The decimal mark of numbers. [default: as each column shows]
    #[arg(long, value_enum)]
    pub decimal: Option<DecimalChoice>,
    /// Read names that differ only in case, accents or spelling as one.
    #[arg(long)]
    pub merge_spellings: bool,
}

/// What can be done with samples.
#[derive(Subcommand, Debug)]
pub enum SampleCommand {
    /// Say how large a sample must be.
    Size {
        /// For what.
        #[command(subcommand)]
        aim: SizeAim,
    },
    /// Show what a plan would draw from a frame, before anything is drawn.
    /// Exits 2 when it cannot be drawn.
    Plan {
        /// The population: CSV, XLSX or Parquet.
        frame: PathBuf,
        /// The plan: TOML or JSON.
        plan: PathBuf,
        /// The day of the draw, by which a plan with a rest knows who rests. [default:
        /// today]
        #[arg(long)]
        on: Option<NaiveDate>,
        /// How the frame's text is written.
        #[arg(long, value_enum, default_value = "auto")]
        encoding: EncodingChoice,
        /// How else it is read.
        #[command(flatten)]
        reading: ReadingOptions,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how many clusters, and how many people of each, give most for the money, from
    /// the components of the variance of a column of the list or from correlations.
    Optimum(OptimumOptions),
    /// Field a plan many times with made answers, before anything is spent: how often
    /// intervals hold, how large errors are, which figures could not be published.
    Simulate(Simulation),
    /// Draw a sample and write its manifest.
    Draw {
        /// The population: CSV, XLSX or Parquet.
        frame: PathBuf,
        /// The plan: TOML or JSON.
        plan: PathBuf,
        /// What chance starts from. [default: a fresh one, told and kept]
        #[arg(long)]
        seed: Option<u64>,
        /// The day of the draw, by which a plan with a rest knows who rests. [default:
        /// today]
        #[arg(long)]
        on: Option<NaiveDate>,
        /// Where the manifest (JSON) goes; one that is there is never written over.
        #[arg(long, short, default_value = "sample.json")]
        output: PathBuf,
        /// Draw once more beside a manifest that is there: the new one gets the next
        /// free number, and the first one says so.
        #[arg(long)]
        new: bool,
        /// Where the drawn units go as CSV, with all that the draw knew of them.
        #[arg(long)]
        units: Option<PathBuf>,
        /// Columns of the frame that go with the units. [default: those of the plan]
        #[arg(long, value_delimiter = ',', requires = "units")]
        keep: Vec<String>,
        /// How the frame's text is written.
        #[arg(long, value_enum, default_value = "auto")]
        encoding: EncodingChoice,
        /// How else it is read.
        #[command(flatten)]
        reading: ReadingOptions,
        /// Print as JSON what was drawn.
        #[arg(long)]
        json: bool,
        /// Write over files that are there.
        #[arg(long)]
        force: bool,
    },
    /// Write random routes through the clusters of a sample, for interviewers
    /// where nobody has a list of addresses: they follow from the sample's seed.
    Routes {
        /// The manifest.
        manifest: PathBuf,
        /// Walks an area, one an interviewer.
        #[arg(long, default_value_t = 1)]
        walks: u32,
        /// Starting points an area has on its list. [default: its units]
        #[arg(long)]
        starts: Option<u32>,
        /// From one door to the next. [default: units over those drawn]
        #[arg(long)]
        interval: Option<u32>,
        /// Where they go (CSV).
        #[arg(long, short, default_value = "routes.csv")]
        output: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Write the units that are in the field by now as CSV, with their weights.
    Units {
        /// The manifest.
        manifest: PathBuf,
        /// The list that they were drawn from, for its columns.
        #[arg(long)]
        list: Option<PathBuf>,
        /// Columns of the list that go with the units. [default: those of the plan]
        #[arg(long, value_delimiter = ',', requires = "list")]
        keep: Vec<String>,
        /// How the list's text is written.
        #[arg(long, value_enum, default_value = "auto")]
        encoding: EncodingChoice,
        /// Where they go (CSV).
        #[arg(long, short, default_value = "units.csv")]
        output: PathBuf,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Release replicates of a sample up to a number: an entry of its manifest.
    Release {
        /// The manifest.
        manifest: PathBuf,
        /// How many replicates are in the field then, from the first.
        #[arg(long)]
        replicates: u32,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a unit of the reserve in another's place: an entry of the manifest.
    Substitute {
        /// The manifest.
        manifest: PathBuf,
        /// The unit that cannot be had.
        #[arg(long)]
        unit: String,
        /// Why, in words.
        #[arg(long)]
        reason: String,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Draw further: units from what the field listed in the clusters drawn, or a
    /// second phase from what the first found. An entry of the manifest.
    Extend {
        /// The manifest.
        manifest: PathBuf,
        /// What was listed or found: CSV, XLSX or Parquet.
        list: PathBuf,
        /// How to draw from it (TOML or JSON): stages inside the clusters, or a
        /// second phase and no stage.
        plan: PathBuf,
        /// How the list's text is written.
        #[arg(long, value_enum, default_value = "auto")]
        encoding: EncodingChoice,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Hold a manifest to the frame: draw again, and make every later entry again.
    /// Exits 2 when anything is not the same.
    #[command(alias = "replay")]
    Verify {
        /// The manifest.
        manifest: PathBuf,
        /// The frame that it was drawn from.
        frame: PathBuf,
        /// A list that later entries were drawn from; may be given several times.
        #[arg(long = "list")]
        lists: Vec<PathBuf>,
        /// An earlier record that the plan names; without them what the manifest says of
        /// them is taken as it is.
        #[arg(long = "earlier")]
        earlier: Vec<PathBuf>,
        /// The hash that the manifest ended with when somebody noted it.
        #[arg(long)]
        expect: Option<String>,
        /// How the text of frame and lists is written.
        #[arg(long, value_enum, default_value = "auto")]
        encoding: EncodingChoice,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What a sample must be large enough for.
#[derive(Subcommand, Debug)]
pub enum SizeAim {
    /// A proportion to within a margin.
    Proportion {
        /// The proportion expected, between 0 and 1.
        #[arg(long, default_value_t = 0.5)]
        p: f64,
        /// The margin on either side, such as 0.03.
        #[arg(long)]
        margin: f64,
        /// The formula.
        #[arg(long, value_enum, default_value = "wald")]
        method: ProportionFormula,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
    /// A mean to within a margin.
    Mean {
        /// The standard deviation of what is measured.
        #[arg(long)]
        deviation: f64,
        /// The margin on either side, in its units.
        #[arg(long)]
        margin: f64,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
    /// Two proportions told apart.
    Difference {
        /// The proportion in the first group.
        #[arg(long)]
        p1: f64,
        /// The proportion in the second.
        #[arg(long)]
        p2: f64,
        /// The variance that is planned with.
        #[arg(long, value_enum, default_value = "pooled-null")]
        variance: VarianceChoice,
        /// The test.
        #[command(flatten)]
        test: TestOptions,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
    /// Two means told apart.
    Means {
        /// The difference to be found.
        #[arg(long)]
        difference: f64,
        /// The standard deviation in the first group.
        #[arg(long)]
        deviation: f64,
        /// The standard deviation in the second. [default: the same]
        #[arg(long)]
        deviation2: Option<f64>,
        /// The distribution of the test.
        #[arg(long, value_enum, default_value = "student")]
        distribution: DistributionChoice,
        /// The test.
        #[command(flatten)]
        test: TestOptions,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
    /// Two proportions of the same people told apart (`McNemar`'s test).
    Pairs {
        /// The share who say yes first and no then.
        #[arg(long)]
        yes_no: f64,
        /// The share who say no first and yes then.
        #[arg(long)]
        no_yes: f64,
        /// The probability to find the difference.
        #[arg(long, default_value_t = 0.8)]
        power: f64,
        /// Only a difference in one direction counts.
        #[arg(long)]
        one_sided: bool,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
    /// A proportion or a mean to within a coefficient of variation.
    Variation {
        /// The coefficient of variation wanted of the estimate, such as 0.05.
        #[arg(long)]
        wanted: f64,
        /// The proportion expected.
        #[arg(long, required_unless_present = "of_units", conflicts_with = "of_units")]
        p: Option<f64>,
        /// The standard deviation of what is measured over its mean.
        #[arg(long)]
        of_units: Option<f64>,
        /// What else counts.
        #[command(flatten)]
        options: SizeOptions,
    },
}

/// The formula for a proportion.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ProportionFormula {
    /// z²p(1 − p)/d².
    Wald,
    /// With a continuity correction.
    Fleiss,
    /// By Wilson's interval.
    Wilson,
}

/// The variance that a test of two proportions is planned with.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum VarianceChoice {
    /// Each group's own.
    Separate,
    /// That of the mean proportion.
    Pooled,
    /// The largest there is.
    Largest,
    /// That of the mean proportion where there is no difference, each group's own
    /// where there is one.
    PooledNull,
}

/// The distribution that a test of two means is planned with.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionChoice {
    /// Student's t: deviations are estimated.
    Student,
    /// The normal distribution: deviations are known.
    Normal,
}

/// A test of two groups.
#[derive(Args, Debug, Clone)]
pub struct TestOptions {
    /// The probability to find the difference.
    #[arg(long, default_value_t = 0.8)]
    pub power: f64,
    /// Only a difference in one direction counts.
    #[arg(long)]
    pub one_sided: bool,
    /// A margin: equivalence, or with --one-sided non-inferiority or superiority.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub margin: f64,
    /// The second group's size over the first's.
    #[arg(long, default_value_t = 1.0)]
    pub ratio: f64,
    /// The correlation of those who are in both groups.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub correlation: f64,
    /// The share of the smaller group that is in both.
    #[arg(long, default_value_t = 0.0)]
    pub overlap: f64,
}

/// What lowers or raises a sample size.
#[derive(Args, Debug, Clone)]
pub struct SizeOptions {
    /// How sure the interval is.
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// The variance compared with simple random sampling.
    #[arg(long, default_value_t = 1.0)]
    pub design_effect: f64,
    /// People drawn of a cluster. [default with --cluster-cost: the best number]
    #[arg(long, requires = "intraclass")]
    pub cluster_size: Option<f64>,
    /// The intraclass correlation of what is measured, for people in clusters.
    #[arg(long)]
    pub intraclass: Option<f64>,
    /// The coefficient of variation of the clusters' sizes.
    #[arg(long, default_value_t = 0.0)]
    pub cluster_variation: f64,
    /// What a cluster costs besides its people.
    #[arg(long, requires = "intraclass")]
    pub cluster_cost: Option<f64>,
    /// The number of units in the population, where it is small.
    #[arg(long)]
    pub population: Option<f64>,
    /// The share of the sample that belongs to the domain of interest.
    #[arg(long, default_value_t = 1.0)]
    pub domain: f64,
    /// The share of released cases that are eligible.
    #[arg(long, default_value_t = 1.0)]
    pub eligible: f64,
    /// The share of these that are reached.
    #[arg(long, default_value_t = 1.0)]
    pub contact: f64,
    /// The share of these that respond.
    #[arg(long, default_value_t = 1.0)]
    pub response: f64,
    /// What a released case costs.
    #[arg(long, default_value_t = 0.0)]
    pub case_cost: f64,
    /// What a complete costs besides.
    #[arg(long, default_value_t = 0.0)]
    pub complete_cost: f64,
    /// What the survey costs before the first case.
    #[arg(long, default_value_t = 0.0)]
    pub fixed_cost: f64,
    /// What may be spent: says what precision it buys.
    #[arg(long)]
    pub budget: Option<f64>,
    /// Write a curve of size by precision or power.
    #[arg(long)]
    pub svg: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
