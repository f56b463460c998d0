//! What can be asked of a data file: the subcommands of statistics and their options.

mod names;

use std::path::{Path, PathBuf};

use analysis::{DegreesOfFreedomRule, EstimateOptions};
use clap::{ArgGroup, Args};

use crate::sampling_arguments::DecimalChoice;

pub use self::names::{
    Adjust, Degrees, Factoring, Layout, Method, ModelFamily, Of, QuantileLimits, QuantileRules,
    Rounding, Rule,
};

/// Where in a file its table is.
#[derive(Args, Debug, Clone, Default)]
pub struct TablePlace {
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

/// A data file, how its rows were drawn, and how results are printed.
#[derive(Args, Debug)]
pub struct Input {
    /// The data: CSV or Excel with a heading, Parquet, SPSS (.sav, .zsav) or Stata (.dta).
    #[arg(value_name = "DATA")]
    pub file: PathBuf,
    /// Where its table is.
    #[command(flatten)]
    pub table: TablePlace,
    /// How the rows were drawn and weighted: a TOML file. Beside --sample what is added to it. [default: a
    /// simple random sample; every row weighs the same, or as the data file says]
    #[arg(long)]
    pub design: Option<PathBuf>,
    /// The manifest of the sample that the rows answer: weights and design come from it.
    #[arg(long)]
    pub sample: Option<PathBuf>,
    /// The column of the units' ids. [default: that of the sample's list]
    #[arg(long, requires = "sample")]
    pub id: Option<String>,
    /// What the columns mean: a codebook (TOML), as `sondage codebook` writes one.
    #[arg(long)]
    pub codebook: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV, with every digit.
    #[arg(long)]
    pub csv: bool,
}

impl Input {
    /// Where data and design come from.
    pub fn origin(&self) -> Origin<'_> {
        let Self { file, table, design, sample, id, codebook, .. } = self;
        Origin::of((file, table), [design, sample, codebook], id.as_deref())
    }
}

/// Where data and design come from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The data.
    pub file: &'a Path,
    /// Where in them the table is.
    pub table: &'a TablePlace,
    /// The design file.
    pub design: Option<&'a Path>,
    /// The manifest of the sample.
    pub sample: Option<&'a Path>,
    /// The column of the units' ids.
    pub id: Option<&'a str>,
    /// What the columns mean.
    pub codebook: Option<&'a Path>,
}

impl<'a> Origin<'a> {
    fn of(
        (file, table): (&'a Path, &'a TablePlace),
        [design, sample, codebook]: [&'a Option<PathBuf>; 3],
        id: Option<&'a str>,
    ) -> Self {
        let (design, sample) = (design.as_deref(), sample.as_deref());
        Self { file, table, design, sample, id, codebook: codebook.as_deref() }
    }
}

/// How intervals are made.
#[derive(Args, Debug)]
pub struct Precision {
    /// Confidence of intervals.
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// The method of intervals. Those for shares give means a Student interval.
    #[arg(long, value_enum, default_value_t = Method::Logit)]
    pub interval: Method,
    /// Where clusters and strata are counted for degrees of freedom.
    #[arg(long, value_enum, default_value_t = Degrees::Adjusted)]
    pub degrees_of_freedom: Degrees,
}

impl Precision {
    /// Whether degrees of freedom need the rows.
    pub fn by_domain(&self) -> bool {
        matches!(self.degrees_of_freedom, Degrees::Domain)
    }

    /// The options as the library takes them.
    pub fn options(&self) -> EstimateOptions {
        EstimateOptions {
            confidence: self.confidence,
            interval: self.interval.method(),
            degrees_of_freedom: match self.degrees_of_freedom {
                Degrees::FullDesign => DegreesOfFreedomRule::FullDesign,
                Degrees::Domain => DegreesOfFreedomRule::Domain,
                Degrees::Answered => DegreesOfFreedomRule::Answered,
                Degrees::Adjusted => DegreesOfFreedomRule::Adjusted,
            },
        }
    }
}

/// Options of `estimate`. Columns may be given several at once, with commas.
#[derive(Args, Debug)]
pub struct EstimateArguments {
    /// The input.
    #[command(flatten)]
    pub input: Input,
    /// Means of these columns.
    #[arg(long, value_delimiter = ',')]
    pub mean: Vec<String>,
    /// Totals of these columns.
    #[arg(long, value_delimiter = ',')]
    pub total: Vec<String>,
    /// Ratios of totals, as `NUMERATOR/DENOMINATOR`.
    #[arg(long, value_delimiter = ',')]
    pub ratio: Vec<String>,
    /// Shares of the levels of these columns.
    #[arg(long, value_delimiter = ',')]
    pub share: Vec<String>,
    /// How many people have each level of these columns.
    #[arg(long, value_delimiter = ',')]
    pub count: Vec<String>,
    /// Quantiles of these columns.
    #[arg(long, value_delimiter = ',')]
    pub quantile: Vec<String>,
    /// Where quantiles stand.
    #[arg(long, value_delimiter = ',', default_value = "0.25,0.5,0.75")]
    pub probabilities: Vec<f64>,
    /// Which rule of quantiles.
    #[arg(long, value_enum, default_value_t = QuantileRules::AveragedInverseCdf)]
    pub quantile_rule: QuantileRules,
    /// How limits of quantiles are made.
    #[arg(long, value_enum, default_value_t = QuantileLimits::Woodruff)]
    pub quantile_limits: QuantileLimits,
    /// Correlations of two columns, as `ONE:OTHER`.
    #[arg(long, value_delimiter = ',')]
    pub correlation: Vec<String>,
    /// Functions of means, such as `(a - b) / b` or `log(a / b)`, by the delta method.
    #[arg(long)]
    pub function: Vec<String>,
    /// Describe these columns: rows, mean, deviation, shape, quartiles.
    #[arg(long, value_delimiter = ',')]
    pub describe: Vec<String>,
    /// Gini, at risk of poverty and quintile share ratio of these incomes.
    #[arg(long, value_delimiter = ',')]
    pub inequality: Vec<String>,
    /// Models, such as `smokes ~ age + sex`.
    #[arg(long)]
    pub model: Vec<String>,
    /// The family of the models.
    #[arg(long, value_enum, default_value_t = ModelFamily::Linear)]
    pub family: ModelFamily,
    /// What says whether a figure is fit to be shown.
    #[arg(long, value_enum, default_value_t = Rule::Nchs)]
    pub rule: Rule,
    /// Variances of these columns in the population.
    #[arg(long, value_delimiter = ',')]
    pub variance: Vec<String>,
    /// For each level of this column apart; of several, for each combination.
    #[arg(long, value_delimiter = ',')]
    pub by: Vec<String>,
    /// Only for rows where this holds, such as `age >= 18 and area = 'north'`; the others still count in the
    /// design.
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: Option<String>,
    /// Differences of means, totals and shares between the levels of `--by`.
    #[arg(long, requires = "by")]
    pub contrasts: bool,
    /// Means and shares of small areas, which this column names: beside the direct estimates those of a model
    /// (Fay and Herriot).
    #[arg(long, value_name = "COLUMN", requires = "covariates", conflicts_with = "by")]
    pub small_areas: Option<String>,
    /// What is known of the areas: a file with the same column, and a column of numbers for each covariate.
    #[arg(long, value_name = "FILE", requires = "small_areas")]
    pub covariates: Option<PathBuf>,
    /// How their probabilities are raised for being many.
    #[arg(long, value_enum, default_value_t = Adjust::Holm)]
    pub adjust: Adjust,
    /// How sure.
    #[command(flatten)]
    pub precision: Precision,
}

/// Options of `tabulate`.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct TabulateArguments {
    /// The input.
    #[command(flatten)]
    pub input: Input,
    /// Columns whose levels are the rows.
    #[arg(long, value_delimiter = ',', required_unless_present = "means")]
    pub rows: Vec<String>,
    /// Columns whose means are rows.
    #[arg(long, value_delimiter = ',')]
    pub means: Vec<String>,
    /// Columns whose levels are columns.
    #[arg(long, value_delimiter = ',')]
    pub banner: Vec<String>,
    /// Only of rows where this holds, such as `age >= 18`; the others still count in the design.
    #[arg(long = "where", value_name = "CONDITION", conflicts_with = "streamed")]
    pub condition: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t = Layout::List, conflicts_with = "json")]
    pub layout: Layout,
    /// What shares are of.
    #[arg(long, value_enum, default_value_t = Of::Column)]
    pub share_of: Of,
    /// Print figures also where they rest on too little.
    #[arg(long)]
    pub unsuppressed: bool,
    /// What says whether a figure is fit to be shown.
    #[arg(long, value_enum, default_value_t = Rule::Nchs)]
    pub rule: Rule,
    /// How probabilities of columns compared are raised for being many.
    #[arg(long, value_enum, default_value_t = Adjust::Holm)]
    pub adjust: Adjust,
    /// Also hold each figure against the rest of its row (of its column, for shares of rows).
    #[arg(long, conflicts_with = "streamed")]
    pub against_rest: bool,
    /// Hide cells of fewer people than this, and what they could be worked out from.
    #[arg(long)]
    pub minimum: Option<usize>,
    /// A ledger of what was published (JSON): cells that differ from it by fewer people than the minimum
    /// are hidden too.
    #[arg(long, requires = "minimum")]
    pub ledger: Option<PathBuf>,
    /// Write what is shown into the ledger.
    #[arg(long, requires = "ledger")]
    pub publish: bool,
    /// Round counts of people to multiples of this.
    #[arg(long)]
    pub round: Option<u64>,
    /// How counts are rounded.
    #[arg(long, value_enum, default_value_t = Rounding::Nearest)]
    pub rounding: Rounding,
    /// From what chance starts where rounding needs it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Add rows up as they are read and keep the sums alone, for files larger than memory: of designs
    /// whose clusters are drawn once.
    #[arg(long)]
    pub streamed: bool,
    /// How sure.
    #[command(flatten)]
    pub precision: Precision,
}

/// Options of `weight`.
#[derive(Args, Debug)]
pub struct WeightArguments {
    /// The input.
    #[command(flatten)]
    pub input: Input,
    /// Where to write the data with their weights: every factor and the product.
    #[arg(long, short)]
    pub output: PathBuf,
    /// Write the weights of the replicates as well, a column each.
    #[arg(long)]
    pub replicates: bool,
    /// Where to write lines (`.R`) with which R's package `survey` reads the output and has the same
    /// estimates and errors.
    #[arg(long, value_name = "FILE", requires = "replicates")]
    pub lines_for_r: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// Options of `quality`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("origin").args(["design", "sample"]).multiple(true)))]
pub struct QualityArguments {
    /// The data: CSV or Excel with a heading, Parquet, SPSS (.sav, .zsav) or Stata (.dta).
    #[arg(value_name = "DATA")]
    pub file: PathBuf,
    /// Where its table is.
    #[command(flatten)]
    pub table: TablePlace,
    /// The design: missing codes, and the strata within which rows are held against each other.
    #[arg(long)]
    pub design: Option<PathBuf>,
    /// What the columns mean: a codebook (TOML), as `sondage codebook` writes one.
    #[arg(long)]
    pub codebook: Option<PathBuf>,
    /// The manifest of the sample that the rows answer: strata and weights come from it.
    #[arg(long)]
    pub sample: Option<PathBuf>,
    /// The column that names a row in the list of flags, and its unit in the sample. [default: the row's
    /// number; with --sample that of the sample's list]
    #[arg(long)]
    pub id: Option<String>,
    /// The column of how long interviews took, in any unit.
    #[arg(long)]
    pub time: Option<String>,
    /// Flag interviews that took at most this share of the median.
    #[arg(long, default_value_t = 0.5)]
    pub fast: f64,
    /// Items of one battery on one scale, in the order in which they were shown: straight lines and
    /// runs are looked for.
    #[arg(long, value_delimiter = ',')]
    pub battery: Vec<String>,
    /// Flag a battery whose answers have at most this standard deviation.
    #[arg(long, default_value_t = 0.0)]
    pub flat: f64,
    /// Flag runs of the same answer from this length on. [default: more than half of the battery]
    #[arg(long)]
    pub run: Option<usize>,
    /// Items for blanks, matches between rows and outliers. [default: those of the battery]
    #[arg(long, value_delimiter = ',')]
    pub items: Vec<String>,
    /// Flag rows without an answer to at least this share of items.
    #[arg(long, default_value_t = 0.5)]
    pub blank: f64,
    /// Flag rows that answer at least this share of items as another row of the stratum does.
    #[arg(long = "match", default_value_t = 0.85)]
    pub matched: f64,
    /// Flag rows whose answers are so far from the middle of all that chance would put them there with
    /// this probability.
    #[arg(long, default_value_t = 0.001)]
    pub outlier: f64,
    /// A column of strata, where no design gives them.
    #[arg(long)]
    pub stratum: Option<String>,
    /// A column of 1 (answered) and 0 among all who were sampled: R-indicators of who answered.
    #[arg(long, requires = "known", requires = "origin")]
    pub responded: Option<String>,
    /// Columns of levels known of everybody sampled, for the R-indicators.
    #[arg(long, value_delimiter = ',', requires = "responded")]
    pub known: Vec<String>,
    /// The column of who asked: their effect on each item is worked out.
    #[arg(long)]
    pub interviewer: Option<String>,
    /// Columns of contacts, such as telephone numbers: each is compared without spaces, marks, capitals
    /// and accents.
    #[arg(long, value_delimiter = ',')]
    pub contact: Vec<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV, with every digit.
    #[arg(long)]
    pub csv: bool,
}

/// Options of `codebook`.
#[derive(Args, Debug)]
pub struct CodebookArguments {
    /// The data: CSV or Excel with a heading, Parquet, SPSS (.sav, .zsav) or Stata (.dta).
    #[arg(value_name = "DATA")]
    pub file: PathBuf,
    /// Where its table is.
    #[command(flatten)]
    pub table: TablePlace,
    /// A codebook (TOML) to put in the place of what the file says.
    #[arg(long)]
    pub codebook: Option<PathBuf>,
    /// Where to write the codebook (TOML).
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV, with every digit.
    #[arg(long)]
    pub csv: bool,
}

/// Options of `reliability`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("origin").args(["design", "sample"]).multiple(true)))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag, apart from the others")]
pub struct ReliabilityArguments {
    /// The data: CSV or Excel with a heading, Parquet, SPSS (.sav, .zsav) or Stata (.dta).
    #[arg(value_name = "DATA")]
    pub file: PathBuf,
    /// Where its table is.
    #[command(flatten)]
    pub table: TablePlace,
    /// The design: missing codes, and the weights that `--weighted` uses.
    #[arg(long)]
    pub design: Option<PathBuf>,
    /// What the columns mean: a codebook (TOML), as `sondage codebook` writes one.
    #[arg(long)]
    pub codebook: Option<PathBuf>,
    /// The manifest of the sample that the rows answer, for the weights that `--weighted` uses.
    #[arg(long)]
    pub sample: Option<PathBuf>,
    /// The column of the units' ids. [default: that of the sample's list]
    #[arg(long, requires = "sample")]
    pub id: Option<String>,
    /// Items of one scale.
    #[arg(long, value_delimiter = ',', required_unless_present_any = ["coders", "retest"])]
    pub items: Vec<String>,
    /// Items that are turned round first.
    #[arg(long, value_delimiter = ',')]
    pub reverse: Vec<String>,
    /// Weigh alpha, and kappa of two coders, by the design.
    #[arg(long, requires = "origin")]
    pub weighted: bool,
    /// Use only rows that have every item.
    #[arg(long)]
    pub listwise: bool,
    /// Factors of omega.
    #[arg(long, default_value_t = 1)]
    pub factors: usize,
    /// How the factors of omega are found.
    #[arg(long, value_enum, default_value_t = Factoring::LeastResiduals)]
    pub factoring: Factoring,
    /// Polychoric correlations of the items.
    #[arg(long)]
    pub polychoric: bool,
    /// Two columns of one measure, taken twice.
    #[arg(long, value_delimiter = ',')]
    pub retest: Vec<String>,
    /// Coders or raters who judged the same units, a column each.
    #[arg(long, value_delimiter = ',')]
    pub coders: Vec<String>,
    /// Confidence of intervals.
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// Print JSON.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print CSV, with every digit.
    #[arg(long)]
    pub csv: bool,
}

impl QualityArguments {
    /// Where data and design come from.
    pub fn origin(&self) -> Origin<'_> {
        let Self { file, table, design, sample, id, codebook, .. } = self;
        Origin::of((file, table), [design, sample, codebook], id.as_deref())
    }
}

impl ReliabilityArguments {
    /// Where data and design come from.
    pub fn origin(&self) -> Origin<'_> {
        let Self { file, table, design, sample, id, codebook, .. } = self;
        Origin::of((file, table), [design, sample, codebook], id.as_deref())
    }
}
