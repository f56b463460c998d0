//! Files that leave: the tab book, the report, the responses. Every one is
//! recorded in the study's audit.

use std::borrow::Cow;
use std::io::{Seek as _, SeekFrom, Write as _};

use chrono::NaiveDate;
use exchange::data::csv::{self, WeightsUsed};
use exchange::data::tab_book::{self, TabBook};
use exchange::words::Words;
use fielding::app::App;
use fielding::error::{Clash, Error, Missing};
use fielding::results::{Results, Stored, data, results};
use fielding::rules::states::AuditAction;
use fielding::store::studies::Study;
use fielding::store::{Id, Scope, audit, files};
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::edit::failed_checks;
use survey_builder::questionnaire::piping::fill;
use survey_builder::questionnaire::routing::route;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime};

use crate::report;
use crate::wording::{method_text, scale_text, weighting_text};

/// A file made for download.
pub struct Download {
    /// Its content.
    pub content: Content,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether a browser shows it rather than saving it.
    pub inline: bool,
}

/// What a download holds.
pub enum Content {
    /// Few enough bytes to hold at once.
    Bytes(Vec<u8>),
    /// A file without a name on disk, from its beginning.
    Stored(std::fs::File),
}

/// The files there are, as the address names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// `tables.xlsx`: the tab book.
    TabBook,
    /// `tables.csv`: an estimate a row.
    Tables,
    /// `report.html`: one file that needs nothing else.
    Report,
    /// `responses.csv`: a response a row.
    Responses,
    /// `responses-person.csv`: a member of that roster a row.
    Members(String),
    /// `codebook.csv`: what variables and codes mean.
    Codebook,
    /// `checks.csv`: an edit check that does not hold a row.
    Checks,
    /// `files.zip`: what respondents sent in.
    Files,
}

impl File {
    /// The file of that name, if there may be one.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "tables.xlsx" => Self::TabBook,
            "tables.csv" => Self::Tables,
            "report.html" => Self::Report,
            "responses.csv" => Self::Responses,
            "codebook.csv" => Self::Codebook,
            "checks.csv" => Self::Checks,
            "files.zip" => Self::Files,
            _ => {
                let roster = name.strip_prefix("responses-")?.strip_suffix(".csv")?;
                Self::Members(roster.to_owned())
            }
        })
    }

    /// Whether it holds what single respondents said.
    pub fn is_of_respondents(&self) -> bool {
        matches!(
            self,
            Self::Responses | Self::Members(_) | Self::Codebook | Self::Checks | Self::Files
        )
    }
}

/// Makes a file. Its name goes into the audit.
///
/// # Errors
/// [`Error::NotFound`] for another name and for a roster that nobody asks about;
/// a conflict while there are no interviews.
pub fn make(
    app: &App,
    study: &Study,
    name: &str,
    language: &str,
    user: Option<Id>,
) -> Result<Download, Error> {
    let file = File::named(name).ok_or(Error::NotFound(Missing::File))?;
    let (content, media_type) = match &file {
        File::Checks => (Content::Bytes(checks(app, study, language)?), CSV),
        File::Files => (Content::Stored(files_sent(app, study)?), "application/zip"),
        File::Responses | File::Members(_) | File::Codebook => {
            (Content::Bytes(from_data(app, study, &file, language)?), CSV)
        }
        File::TabBook | File::Tables | File::Report => {
            let (bytes, media_type) = from_results(app, study, &file, language)?;
            (Content::Bytes(bytes), media_type)
        }
    };
    let (subject, kind) = (study.id.to_string(), name.to_owned());
    let now = app.clock.now();
    app.store.write_now(Scope::Study(study.id), move |connection| {
        audit::record(connection, now, user, AuditAction::Downloaded, &subject, &kind)
    })?;
    Ok(Download { content, media_type, inline: file == File::Report })
}

fn from_results(
    app: &App,
    study: &Study,
    file: &File,
    language: &str,
) -> Result<(Vec<u8>, &'static str), Error> {
    let found = app.store.read_now(|connection| results(app, connection, study, language))?;
    let results = found.ok_or(Error::Conflict(Clash::NoInterviews))?;
    Ok(match file {
        File::Report => {
            (report::html(app, study, &results, language)?.into_bytes(), "text/html; charset=utf-8")
        }
        File::TabBook => {
            let today = study.today(app.clock.now());
            (tab_book(&results, today, language)?, XLSX)
        }
        _ => (csv::tables(&[&results.table], results.weights_used()), CSV),
    })
}

/// Files of what was answered: they are there whatever the weighting says.
fn from_data(app: &App, study: &Study, file: &File, language: &str) -> Result<Vec<u8>, Error> {
    let found = app.store.read_now(|connection| data(app, connection, study, language))?;
    let data = found.ok_or(Error::Conflict(Clash::NoInterviews))?;
    Ok(match file {
        File::Members(roster) => {
            let known = data.rosters.iter().find(|known| known.name == *roster);
            csv::responses(&known.ok_or(Error::NotFound(Missing::File))?.dataset)
        }
        File::Codebook => {
            let rosters = data.rosters.iter().map(|one| (one.name.as_str(), &one.dataset));
            let all: Vec<_> = [("", &data.dataset)].into_iter().chain(rosters).collect();
            csv::codebook(&all, language)
        }
        _ => csv::responses(&data.dataset),
    })
}

/// What respondents sent in, one at a time into a file on disk: an interview's
/// files in a folder of its name, each under the name that stands in its row.
fn files_sent(app: &App, study: &Study) -> Result<std::fs::File, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Render(error.to_string());
    let sent = app.store.read_now(|connection| files::of_interviews(connection, study.id))?;
    if sent.is_empty() {
        return Err(Error::Conflict(Clash::NoFiles));
    }
    let file = tempfile::tempfile().map_err(|error| failed(&error))?;
    let mut archive = zip::ZipWriter::new(file);
    // Pictures are compressed already; and no time says when one came.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(false);
    for (response, name) in &sent {
        let row = app
            .store
            .read_now(|connection| files::find(connection, &app.keys, *response, name, false))?;
        let Some(row) = row else { continue };
        archive
            .start_file(format!("{response}/{name}"), options)
            .and_then(|()| archive.write_all(&row.bytes).map_err(Into::into))
            .map_err(|error| failed(&error))?;
    }
    let mut file = archive.finish().map_err(|error| failed(&error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
    Ok(file)
}

/// The edit checks and soft constraints that do not hold, run over the stored
/// interviews: response, check, the members it is about, what it says, and the
/// reason that the person gave.
fn checks(app: &App, study: &Study, language: &str) -> Result<Vec<u8>, Error> {
    let found = app.store.read_now(|connection| Stored::load(app, connection, study))?;
    let stored = found.ok_or(Error::Conflict(Clash::NoInterviews))?;
    let mut rows: Vec<Vec<Cow<'_, str>>> = Vec::new();
    for (row, answers) in stored.rows.iter().zip(&stored.answers) {
        let Some(version) = stored.version_of(row) else { continue };
        let path = route(version, answers, row.began_on);
        let fallback = version.document.default_language.as_str();
        for failed in failed_checks(version, &path, row.began_on) {
            let members: Vec<&str> =
                failed.within.iter().map(|member| member.code.as_str()).collect();
            let said = failed.message.get(language, fallback);
            let said = fill(said, version, &path, &failed.within, language);
            let reason = failed.reason.and_then(|reason| answers.get(reason)?.value());
            let reason = match reason {
                Some(Value::Text(reason)) => reason.as_str(),
                _ => "",
            };
            rows.push(vec![
                row.id.to_string().into(),
                failed.name.clone(),
                members.join("/").into(),
                said.into(),
                reason.into(),
            ]);
        }
    }
    Ok(csv::write(&["response", "check", "member", "message", "reason"], rows))
}

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The tab book: contents, one sheet of all tables, base in words, intervals,
/// flags and how it was made.
fn tab_book(results: &Results, made_on: NaiveDate, language: &str) -> Result<Vec<u8>, Error> {
    let word = |key: &str| locale::text(language, key, &[]);
    let words = Words {
        contents: word("book-contents"),
        tables: word("tables-title"),
        answer: word("tables-question"),
        base: word("book-base"),
        base_default: word("book-base-default"),
        unweighted: word("tables-unweighted-n"),
        effective: word("tables-effective-n"),
        interval: word("tables-interval"),
        mean: word("tables-mean"),
        hidden: "–".to_owned(),
        note_review: word("tables-flag-review"),
        note_hidden: word("tables-flag-suppress"),
        note_complement: word("book-complement"),
        notes: word("book-notes"),
        decimal_sign: if language == "vi" { ',' } else { '.' },
    };
    let mut notes = vec![method_text(results, language), weighting_text(results, language)];
    notes.extend(results.scales.iter().map(|scale| scale_text(scale, language)));
    let fitted = results.weights_used() == WeightsUsed::Fitted;
    let mark = if fitted { String::new() } else { weighting_text(results, language) };
    tab_book::tab_book(&TabBook {
        title: &results.table.title,
        notes: &notes,
        mark: &mark,
        table: &results.table,
        bases: &[],
        words: &words,
        made_on,
    })
    .map_err(|error| Error::Render(error.to_string()))
}
