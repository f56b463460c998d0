//! The command line and the environment: every setting in one place.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use crate::sampling_arguments::{FrameCommand, SampleCommand};
use crate::statistics::arguments::{
    CodebookArguments, EstimateArguments, QualityArguments, ReliabilityArguments,
    TabulateArguments, WeightArguments,
};

/// Survey design, fielding and analysis in one program.
///
/// Without a subcommand, serves the data folder: open the printed address and
/// set it up in the browser.
#[derive(Parser, Debug)]
#[command(version, about, long_about = None)]
pub struct Arguments {
    /// The folder that holds the database, the keys and the mail.
    #[arg(long, env = "SONDAGE_DATA", default_value = "sondage-data", global = true)]
    pub data: PathBuf,

    /// The database: `sqlite:PATH` or `postgresql://USER@HOST/NAME`.
    /// [default: sondage.sqlite in the data folder]
    #[arg(long, env = "SONDAGE_DATABASE", global = true, hide_env_values = true)]
    pub database: Option<String>,

    /// The address to listen on.
    #[arg(long, env = "SONDAGE_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// How respondents reach this program, for links in mail:
    /// `https://survey.example.org`. [default: the address listened on]
    #[arg(long, env = "SONDAGE_PUBLIC_ADDRESS", global = true)]
    pub public_address: Option<String>,

    /// Networks of the proxies in front of the program, such as `127.0.0.1,10.0.0.0/8`:
    /// their `Forwarded` or `X-Forwarded-For` tells whom limits count. [default: none]
    #[arg(long, env = "SONDAGE_TRUSTED_PROXIES", global = true, value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,

    /// Where mail goes: a folder, `smtp://HOST:PORT` or `smtps://USER:PASSWORD@HOST`.
    /// [default: the folder mail in the data folder]
    #[arg(long, env = "SONDAGE_MAIL", global = true, hide_env_values = true)]
    pub mail: Option<String>,

    /// The sender of mail.
    #[arg(
        long,
        env = "SONDAGE_MAIL_FROM",
        default_value = "Sondage <survey@localhost>",
        global = true
    )]
    pub mail_from: String,

    /// The most messages a minute to one domain; 0 means no limit.
    #[arg(long, env = "SONDAGE_MAIL_PER_MINUTE", default_value_t = 600, global = true)]
    pub mail_per_minute: i64,

    /// Who may see contacts must sign in with a second factor: `on`, `off` (for a
    /// rehearsal), or the day from which on, such as `2027-01-31`.
    #[arg(long, env = "SONDAGE_SECOND_FACTOR", default_value = "on", global = true)]
    pub second_factor: String,

    /// Threads that answer requests. [default: one a core]
    #[arg(long, env = "SONDAGE_WORKERS", global = true)]
    pub workers: Option<usize>,

    /// The language of what is printed: `vi` or `en`. [default: from LANG, else en]
    #[arg(long, env = "SONDAGE_LANGUAGE", global = true, value_parser = languages())]
    pub language: Option<String>,

    /// Print more of what happens.
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the data folder (also without a subcommand).
    Serve,
    /// Make a fictional study, answer it, print its results, then serve it.
    Demo(DemoOptions),
    /// Print a one-time link that signs a user in, for a forgotten password.
    SignInLink {
        /// The user's e-mail address.
        email: String,
    },
    /// Add a person with a role, and print a one-time link that signs them in.
    AddUser {
        /// The person's e-mail address.
        email: String,
        /// The name as shown.
        #[arg(long)]
        name: String,
        /// `owner`, `designer`, `field_manager`, `analyst` or `viewer`.
        #[arg(long)]
        role: String,
    },
    /// Take away the second factor of a person who has lost it; every session ends.
    ResetSecondFactor {
        /// The person's e-mail address.
        email: String,
    },
    /// Say whether everything the program needs is there: folder, keys,
    /// database, mail, clock, backup. Exits 1 when something is missing.
    Doctor,
    /// Copy the database to a file, also while it is in use, and the keys to a
    /// file of their own beside it.
    Backup(CopyOptions),
    /// Put a backup in the place of the database. Stop the service first.
    Restore(CopyOptions),
    /// Say what copies of the files tell of who answered in anonymous studies.
    /// Exits 1 when they tell of anybody.
    Thief(ThiefOptions),
    /// Print what a shell needs to complete commands.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a manual page.
    Man {
        /// The subcommand, if it is not the program's own page.
        command: Vec<String>,
    },
    /// Work with questionnaire files.
    Questionnaire {
        /// What to do.
        #[command(subcommand)]
        command: QuestionnaireCommand,
    },
    /// Work with frames: lists of the population.
    #[command(subcommand)]
    Frame(FrameCommand),
    /// Say how large a sample must be, draw it, and draw it again.
    #[command(subcommand)]
    Sample(SampleCommand),
    /// Tell what the columns of a data file mean, and write it down as a codebook. Exits 2 when the file is
    /// refused.
    Codebook(CodebookArguments),
    /// Estimate from a data file and its design. Exits 2 when they are refused.
    Estimate(EstimateArguments),
    /// Make tables from a data file and its design. Exits 2 when they are refused.
    Tabulate(TabulateArguments),
    /// Weight a data file as its design says, and write the factors. Exits 2 when they are refused.
    Weight(WeightArguments),
    /// Flag rows of a data file that may not have been answered with care. Exits 2 when the data are
    /// refused.
    Quality(QualityArguments),
    /// Tell how well items make a scale, or how far coders agree. Exits 2 when the data are refused.
    Reliability(ReliabilityArguments),
}

/// The formats in which questionnaires are written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A document (JSON).
    Document,
    /// A workbook as ODK, Kobo and others read it.
    Xlsform,
    /// What ODK's programs fill in (XML).
    Xform,
    /// A model of `SurveyJS` (JSON).
    Surveyjs,
    /// A page to print and interview from (HTML).
    Paper,
}

/// What is asked about a questionnaire that is read.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct ImportArguments {
    /// A questionnaire file of any system that is read, or the folder of a form's sheets
    /// as CSV.
    pub file: PathBuf,
    /// Print a report as JSON: format, outcome, counts, problems.
    #[arg(long)]
    pub json: bool,
    /// The language of texts that name none, by its code. [default: the one that they are
    /// in]
    #[arg(long, value_name = "CODE")]
    pub texts_in: Option<String>,
    /// Show the changes with which it can be published, none of which can be left out.
    #[arg(long)]
    pub repair: bool,
    /// Let 1,000 simulated respondents answer it, here and in the engines of other
    /// programs, and list the questions that are asked in one and not in the other.
    #[arg(long)]
    pub prove: bool,
    /// The folder whose `node_modules` holds `@getodk/xforms-engine` and `jsdom`, or
    /// `survey-core`. They run in the `node` that is installed.
    #[arg(long, env = "SONDAGE_ENGINES", value_name = "FOLDER")]
    pub engines: Option<PathBuf>,
    /// The archive of ODK Validate (`ODK_Validate.jar`), which holds `JavaRosa`. It runs in the
    /// `java` that is installed.
    #[arg(long, env = "SONDAGE_ODK_VALIDATE", value_name = "FILE")]
    pub javarosa: Option<PathBuf>,
    /// How long an engine may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub engine_seconds: u64,
    /// How much memory an engine may have, in MB.
    #[arg(long, value_name = "MB", default_value_t = 2_048)]
    pub engine_megabytes: u64,
    /// Where to write the repaired questionnaire: `.json`, `.xlsx` or `.xml`. Without it
    /// nothing is written.
    #[arg(long, short, requires = "repair")]
    pub output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
}

/// What can be done with questionnaire files.
#[derive(Subcommand, Debug)]
pub enum QuestionnaireCommand {
    /// Read a questionnaire and tell every problem. Exits 2 when it cannot be published.
    Check {
        /// An XLSForm workbook, or the folder of its sheets as CSV.
        file: PathBuf,
    },
    /// Read a questionnaire and write it in another format, or print it as a
    /// document (JSON).
    Export {
        /// A questionnaire file of any system that is read.
        file: PathBuf,
        /// Where to write: `.json` gives a document, `.xlsx` an `XLSForm`,
        /// `.xml` an ODK `XForm`, `.html` a page to print and interview from.
        /// Without it the questionnaire is printed.
        #[arg(long, short)]
        output: Option<PathBuf>,
        /// The format, where the ending of the output does not say it.
        #[arg(long)]
        format: Option<ExportFormat>,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
    /// Read a questionnaire and tell what it holds and what could not be
    /// carried over. Exits 2 when it is refused.
    Import(ImportArguments),
    /// Tell what changed between two questionnaires, and whether data of the
    /// one fit the other.
    Diff {
        /// The earlier one.
        before: PathBuf,
        /// The later one.
        after: PathBuf,
        /// Print changes and the mapping of columns as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let simulated respondents answer a questionnaire: what nobody reaches,
    /// what is refused, how long it gets.
    DryRun {
        /// An `XLSForm` workbook, or the folder of its sheets as CSV.
        file: PathBuf,
        /// How many respondents.
        #[arg(long, default_value_t = 1_000)]
        respondents: u32,
        /// The seed of their answers.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A backup and its place.
#[derive(Args, Debug)]
pub struct CopyOptions {
    /// The file of the backup; its keys are in FILE.keys.
    pub file: PathBuf,

    /// Write over what is there.
    #[arg(long)]
    pub force: bool,
}

/// Options of the thief.
#[derive(Args, Debug)]
pub struct ThiefOptions {
    /// Copies of a data folder or database file, the oldest first, addresses of a
    /// server, its journal, or other files.
    #[arg(required = true)]
    pub copies: Vec<String>,

    /// The folder of the keys, if the thief has them too.
    #[arg(long)]
    pub keys: Option<PathBuf>,
}

/// Options of the demonstration.
#[derive(Args, Debug)]
pub struct DemoOptions {
    /// The seed of the population, the draw and the answers.
    #[arg(long, default_value_t = 20_261_123)]
    pub seed: u64,

    /// Stop when the results are printed instead of serving.
    #[arg(long)]
    pub no_serve: bool,
}

/// The languages that there are; any other is refused and these are listed.
fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(locale::LANGUAGES.map(|(code, _)| code))
}

impl Arguments {
    /// The language of what is printed.
    pub fn language(&self) -> &'static str {
        if let Some(language) = &self.language {
            return locale::known(language);
        }
        let system = std::env::var("LANG").unwrap_or_default();
        if system.starts_with("vi") { "vi" } else { "en" }
    }
}
