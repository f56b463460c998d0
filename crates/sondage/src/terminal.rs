//! What is printed: errors in the chosen language, the log, a progress bar.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use fielding::Error;
use fielding::error::Problem;
use locale::problem_text;
use tracing_subscriber::filter::LevelFilter;

/// What a run of the program can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The service failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// The address is taken.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// A file that is to be written is there already.
    #[error("{file} is there already; give another name, or --force")]
    OutputExists {
        /// The file.
        file: String,
    },
    /// A sampling record is there already and is never written over.
    #[error(
        "{file} is there already and a record is never written over; give another name, or --new"
    )]
    RecordExists {
        /// The file.
        file: String,
    },
    /// A sampling record whose entries do not follow one another.
    #[error("{file} was edited: its entries do not follow one another")]
    RecordBroken {
        /// The file.
        file: String,
    },
    /// A file that is to be written is one that is read.
    #[error("{file} is read by this command; give another name for what is written")]
    OutputIsInput {
        /// The file.
        file: String,
    },
    /// The name says a format that is not written.
    #[error("{file}: this ending is not written; use {endings}")]
    OutputEnding {
        /// The file.
        file: String,
        /// What is written.
        endings: String,
    },
    /// Copies tell of people who answered.
    #[error("these copies tell of people who answered")]
    Found,
    /// A setting does not say what it must: its name, and the key of the text.
    #[error("{setting}: {key}")]
    Setting {
        /// Its flag.
        setting: &'static str,
        /// The key of what is wrong.
        key: &'static str,
        /// What was given.
        value: String,
    },
    /// Something the program needs is missing, and the report says what.
    #[error("something is missing; the report says what")]
    Unwell,
    /// A program of the database's own failed.
    #[error("{program}: {reason}")]
    Program {
        /// The program.
        program: &'static str,
        /// What it said.
        reason: String,
    },
    /// A backup that cannot be read as one.
    #[error("{file} is no whole database: {reason}")]
    DamagedBackup {
        /// The file.
        file: String,
        /// What the database said.
        reason: String,
    },
    /// The data, their design or what is asked of them.
    #[error(transparent)]
    Statistics(#[from] analysis::Error),
    /// A questionnaire was refused, and the printed report says why.
    #[error("the questionnaire is refused")]
    Refused,
    /// A frame, plan or sample was refused, and the printed report says why.
    #[error("refused; the report says why")]
    RefusedSample,
    /// The demonstration could not go on.
    #[error("the demonstration stopped: {0}")]
    Demo(String),
}

impl Failure {
    /// 2 for wrong input, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Service(Error::Invalid(_) | Error::UnknownDatabase(_))
            | Self::File { .. }
            | Self::OutputExists { .. }
            | Self::RecordExists { .. }
            | Self::RecordBroken { .. }
            | Self::OutputIsInput { .. }
            | Self::OutputEnding { .. }
            | Self::Setting { .. }
            | Self::Statistics(_)
            | Self::Refused
            | Self::RefusedSample => 2,
            _ => 1,
        }
    }
}

/// Prints an error in the chosen language.
pub fn tell(failure: &Failure, language: &str) {
    print_error(&format!("sondage: {}", told(failure, language)));
}

/// An error in a language. What a system or another program said stands in it as
/// it came.
pub fn told(failure: &Failure, language: &str) -> String {
    let line = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    match failure {
        Failure::Service(error) => told_of_service(error, language),
        Failure::Statistics(analysis::Error::Invalid(problems)) => listed(problems, language),
        Failure::Listen { address, reason } => {
            line("cli-listen", &[("address", address), ("reason", reason)])
        }
        Failure::File { file, reason } => line("cli-file", &[("file", file), ("reason", reason)]),
        Failure::OutputExists { file } => line("cli-output-exists", &[("file", file)]),
        Failure::RecordExists { file } => line("cli-record-exists", &[("file", file)]),
        Failure::RecordBroken { file } => line("cli-record-broken", &[("file", file)]),
        Failure::OutputIsInput { file } => line("cli-output-input", &[("file", file)]),
        Failure::OutputEnding { file, endings } => {
            line("cli-output-ending", &[("file", file), ("endings", endings)])
        }
        Failure::Found => line("thief-found", &[]),
        Failure::Setting { setting, key, value } => {
            line(key, &[("setting", setting), ("value", value)])
        }
        Failure::Unwell => line("cli-unwell", &[]),
        Failure::Program { program, reason } => {
            line("cli-program", &[("program", program), ("reason", reason)])
        }
        Failure::DamagedBackup { file, reason } => {
            line("cli-damaged-backup", &[("file", file), ("reason", reason)])
        }
        Failure::Refused => line("cli-refused", &[]),
        Failure::RefusedSample => line("cli-refused-sample", &[]),
        Failure::Demo(reason) => line("cli-demo-stopped", &[("reason", reason)]),
    }
}

fn told_of_service(error: &Error, language: &str) -> String {
    let line = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let with_reason = |key: &str, reason: &str| line(key, &[("reason", reason)]);
    let of_file = |key: &str, file: &Path, reason: &str| {
        line(key, &[("file", &file.display().to_string()), ("reason", reason)])
    };
    match error {
        Error::Invalid(problems) | Error::Refused(problems) => listed(problems, language),
        Error::UnknownDatabase(scheme) => line("cli-unknown-database", &[("scheme", scheme)]),
        Error::Folder { folder, reason } => {
            line("cli-folder", &[("folder", &folder.display().to_string()), ("reason", reason)])
        }
        Error::Unreachable(reason) => with_reason("cli-unreachable", reason),
        Error::Migration(reason) => with_reason("cli-migration", reason),
        Error::LaterDatabase(change) => line("cli-later-database", &[("change", change)]),
        Error::InUse(file) => of_file("cli-in-use", file, ""),
        Error::Query(reason) => with_reason("cli-query", &reason.to_string()),
        Error::Commit(reason) => with_reason("cli-commit", reason),
        Error::Damaged { reason, .. } => with_reason("cli-damaged", reason),
        Error::Keys { file, reason } => of_file("cli-keys", file, reason),
        Error::KeysMissing(file) => of_file("cli-keys-missing", file, ""),
        Error::Render(reason) => with_reason("cli-render", reason),
        Error::Mail(reason) => with_reason("cli-mail", reason),
        Error::WriterStopped => line("cli-writer-stopped", &[]),
        Error::Panicked(reason) => with_reason("cli-panicked", reason),
        Error::Unauthorised
        | Error::Forbidden
        | Error::FactorNeeded
        | Error::NotFound(_)
        | Error::Conflict(_)
        | Error::TooMany
        | Error::Slow
        | Error::TooLong
        | Error::Stopping
        | Error::Busy => line(&format!("{}-title", error.presentation().1), &[]),
    }
}

/// Problems, one per line.
fn listed(problems: &[Problem], language: &str) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| problem_text(problem, language)).collect();
    lines.join("\n")
}

/// Prints a line. Whoever reads it may have gone (`| head`): no reason to fail.
pub fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints what is for another program, as it is.
pub fn print_bytes(bytes: &[u8]) {
    let _ = std::io::stdout().write_all(bytes);
}

/// Rows as columns of a table: the first to the left, the others to the right.
pub fn columns(rows: &[Vec<String>]) -> String {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..most)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Prints a line where errors go.
pub fn print_error(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Starts the log: warnings, or everything with `--verbose`. Addresses are not
/// logged: they may hold a respondent's link.
pub fn start_log(verbose: bool) {
    let level = if verbose { LevelFilter::DEBUG } else { LevelFilter::WARN };
    // A second start (in a test) keeps the first log.
    let _ = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).try_init();
}

/// A bar on a terminal, a line at the end elsewhere.
pub struct Progress {
    label: String,
    total: usize,
    shown: std::sync::Mutex<usize>,
}

impl Progress {
    /// A bar for `total` steps.
    pub fn new(label: &str, total: usize) -> Self {
        Self { label: label.to_owned(), total, shown: std::sync::Mutex::new(usize::MAX) }
    }

    /// Shows how many steps are done.
    pub fn show(&self, done: usize) {
        const WIDTH: usize = 30;
        let filled = (done * WIDTH).checked_div(self.total).unwrap_or(WIDTH);
        let mut shown = self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let finished = done >= self.total;
        if !std::io::stdout().is_terminal() {
            if finished && *shown != usize::MAX - 1 {
                print_line(&format!("{}: {done}/{}", self.label, self.total));
                *shown = usize::MAX - 1;
            }
            return;
        }
        if *shown == filled && !finished {
            return;
        }
        *shown = filled;
        let bar: String = (0..WIDTH).map(|place| if place < filled { '█' } else { '░' }).collect();
        let _ = write!(std::io::stdout(), "\r{} {bar} {done}/{}", self.label, self.total);
        if finished {
            print_line("");
        }
        // A closed terminal is no reason to stop.
        let _ = std::io::stdout().flush();
    }
}

/// Says nothing of a panic on threads of that name: what it meant is told by
/// whoever waits for them.
pub fn keep_quiet_about(thread: &'static str) {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(thread) {
            usual(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "/srv/x";

    /// One of every kind of failure. Whoever adds a kind is led here by the compiler: [`told`] names
    /// each.
    fn every() -> Vec<Failure> {
        let text = || "os error 2".to_owned();
        let file = || FILE.into();
        let problems = || vec![Problem::new("required", "name")];
        let service = vec![
            Error::Invalid(problems()),
            Error::Refused(problems()),
            Error::Unauthorised,
            Error::Forbidden,
            Error::NotFound(fielding::Missing::Study),
            Error::Conflict(fielding::error::Clash::NoInterviews),
            Error::TooMany,
            Error::Slow,
            Error::Busy,
            Error::UnknownDatabase(text()),
            Error::Folder { folder: file(), reason: text() },
            Error::Unreachable(text()),
            Error::Migration(text()),
            Error::LaterDatabase(text()),
            Error::InUse(file()),
            Error::Commit(text()),
            Error::WriterStopped,
            Error::Panicked(text()),
            Error::Damaged { what: "sample", reason: text() },
            Error::Keys { file: file(), reason: text() },
            Error::KeysMissing(file()),
            Error::Render(text()),
            Error::Mail(text()),
        ];
        let mut all: Vec<Failure> = service.into_iter().map(Failure::Service).collect();
        all.extend([
            Failure::Listen { address: text(), reason: text() },
            Failure::File { file: FILE.to_owned(), reason: text() },
            Failure::OutputExists { file: FILE.to_owned() },
            Failure::RecordExists { file: FILE.to_owned() },
            Failure::RecordBroken { file: FILE.to_owned() },
            Failure::OutputIsInput { file: FILE.to_owned() },
            Failure::OutputEnding { file: FILE.to_owned(), endings: ".csv".to_owned() },
            Failure::Found,
            Failure::Setting { setting: "--clock", key: "problem-clock", value: text() },
            Failure::Unwell,
            Failure::Program { program: "pg_dump", reason: text() },
            Failure::DamagedBackup { file: FILE.to_owned(), reason: text() },
            Failure::Statistics(analysis::Error::Invalid(problems())),
            Failure::Refused,
            Failure::RefusedSample,
            Failure::Demo(text()),
        ]);
        all
    }

    #[test]
    fn every_failure_is_told_in_both_languages() {
        for failure in every() {
            let [vietnamese, english] = ["vi", "en"].map(|language| told(&failure, language));
            assert_ne!(vietnamese, english, "{failure:?}");
            for said in [&vietnamese, &english] {
                let is_key = said.starts_with("cli-") || said.starts_with("error-");
                assert!(!is_key && !said.is_empty() && !said.contains("{$"), "{said}");
            }
            assert_ne!(vietnamese, failure.to_string(), "{failure:?}");
        }
    }
}
