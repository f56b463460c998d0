//! Files that leave: the tab book, the report, the responses. Every one is
//! recorded in the study's audit.

use chrono::NaiveDate;
use exchange::csv;
use exchange::words::Words;
use exchange::xlsx::{self, TabBook};
use serde_json::json;
use survey_builder::sampling::{Amount, Method, Plan, Share, SizeMeasure, StageUnits};
use tera::Context;

use crate::app::App;
use crate::error::Error;
use crate::locale;
use crate::pages::render::render;
use crate::pages::studies::tables::view::{figure, method_text, scale_text, weighting_text};
use crate::results::{Results, results};
use crate::store::studies::Study;
use crate::store::{Id, Instant, audit, cases, responses, samples};

/// A file made for download.
pub struct Download {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether a browser shows it rather than saving it.
    pub inline: bool,
}

/// Makes a file by name.
pub fn make(
    app: &App,
    study: &Study,
    file: &str,
    language: &str,
    user: Option<Id>,
) -> Result<Download, Error> {
    let kind = match file {
        "tables.xlsx" | "tables.csv" | "report.html" | "responses.csv" | "codebook.csv" => {
            file.to_owned()
        }
        _ => return Err(Error::NotFound("file")),
    };
    let found = app.store.read_now(|connection| results(app, connection, study, language))?;
    let results = found.ok_or(Error::Conflict("no-interviews"))?;
    let subject = study.id.to_string();
    app.store.write_now(move |connection| {
        audit::record(connection, user, "downloaded", &subject, &kind)
    })?;
    let (bytes, media_type, inline) = match file {
        "report.html" => {
            (report(app, study, &results, language)?.into_bytes(), "text/html; charset=utf-8", true)
        }
        "tables.xlsx" => (tab_book(&results, language)?, XLSX, false),
        "tables.csv" => (csv::tables(&[&results.table]), CSV, false),
        "responses.csv" => (csv::responses(&results.dataset), CSV, false),
        _ => (csv::codebook(&results.dataset, language), CSV, false),
    };
    Ok(Download { bytes, media_type, inline })
}

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The tab book: contents, one sheet of all tables, base in words, intervals,
/// flags and how it was made.
fn tab_book(results: &Results, language: &str) -> Result<Vec<u8>, Error> {
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
    xlsx::tab_book(&TabBook {
        title: &results.table.title,
        notes: &notes,
        table: &results.table,
        bases: &[],
        words: &words,
        made_on: Instant::now().day(),
    })
    .map_err(|error| Error::Render(error.to_string()))
}

/// The report: how the study was made and what it found, in one HTML file that
/// needs nothing else.
pub fn report(
    app: &App,
    study: &Study,
    results: &Results,
    language: &str,
) -> Result<String, Error> {
    let (sample, counts, days) = app.store.read_now(|connection| {
        Ok((
            samples::of_study(connection, study.id)?,
            cases::outcome_counts_of(connection, study.id)?,
            responses::days_of_study(connection, study.id)?,
        ))
    })?;
    let all = crate::pages::studies::counts_of(counts.iter());
    let rates =
        crate::rules::rates::rates(&all, crate::rules::rates::UnknownEligibility::Proportional);
    let mut context = Context::new();
    let codebook = &results.dataset.codebook;
    let fallback = codebook.languages.first().map_or("", String::as_str);
    context.insert("title", codebook.title.get(language, fallback));
    context.insert("organisation", &study.organisation);
    context.insert("days", &days.map_or_else(String::new, days_text));
    context.insert("document_languages", &codebook.languages.join(", "));
    if let Some((sample, frame)) = &sample {
        context.insert("frame_name", &frame.name);
        context.insert("frame_units", &frame.units);
        context.insert("frame_hash", &frame.hash);
        context.insert("plan", &plan_text(&sample.plan, language)?);
        context.insert("seed", &sample.seed);
        context.insert("drawn_on", &locale::date(sample.drawn_at.day()));
    }
    context.insert("sampled", &sample.is_some());
    context.insert("cases", &all.total());
    context.insert("interviews", &results.design.rows());
    context.insert("e", &rates.eligibility.0);
    let named: Vec<(&str, Option<f64>)> = rates.named().to_vec();
    context.insert("rates", &named);
    context.insert("method", &method_text(results, language));
    context.insert("weighting", &weighting_text(results, language));
    context.insert(
        "scales",
        &results.scales.iter().map(|scale| scale_text(scale, language)).collect::<Vec<_>>(),
    );
    let blocks: Vec<serde_json::Value> = results
        .table
        .blocks
        .iter()
        .map(|block| {
            let rows: Vec<serde_json::Value> = block
                .rows
                .iter()
                .map(|row| {
                    let cell = row.cells.first().filter(|cell| cell.is_shown());
                    let shown = |value: f64| figure(value, block.kind, language);
                    json!({
                        "label": row.label,
                        "value": cell.and_then(|cell| cell.value).map_or_else(|| "–".to_owned(), shown),
                        "interval": cell.and_then(|cell| cell.interval).map_or_else(String::new, |interval| format!("{} – {}", shown(interval.lower), shown(interval.upper))),
                    })
                })
                .collect();
            json!({
                "label": block.label,
                "rows": rows,
                "n": block.bases.first().map_or(0, |base| base.rows),
                "effective": block.bases.first().map_or(0.0, |base| base.effective_rows),
            })
        })
        .collect();
    context.insert("blocks", &blocks);
    context.insert("style", &crate::pages::render::style("staff.css"));
    render("studies/report.html", language, context)
}

/// `23/11/2026 – 30/11/2026`, or one day.
fn days_text((first, last): (NaiveDate, NaiveDate)) -> String {
    if first == last {
        locale::date(first)
    } else {
        format!("{} – {}", locale::date(first), locale::date(last))
    }
}

/// A stored plan in words, a sentence a stage.
fn plan_text(plan: &str, language: &str) -> Result<String, Error> {
    let plan: Plan = serde_json::from_str(plan)
        .map_err(|error| Error::Damaged { what: "plan", reason: error.to_string() })?;
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let stages = plan.stages.iter().enumerate().map(|(index, stage)| {
        // What no page draws by yet is told by its name in a plan's file.
        let units = match &stage.units {
            StageUnits::Clusters => say("plan-clusters", &[]),
            StageUnits::Units => say("plan-units", &[]),
            StageUnits::Level(column) => column.clone(),
        };
        let method = match &stage.method {
            Method::Simple => say("plan-simple", &[]),
            Method::Systematic => say("plan-systematic", &[]),
            Method::SystematicPps(SizeMeasure::UnitCount) => say("plan-pps-count", &[]),
            Method::SystematicPps(SizeMeasure::Column) => say("plan-pps-column", &[]),
            other => other.name().to_owned(),
        };
        let amount = match &stage.amount {
            Amount::Allocated(allocation) => {
                let share = match allocation.share {
                    Share::Equal => "plan-equal",
                    Share::Proportional => "plan-proportional",
                    Share::Power(_) => "plan-power",
                    Share::Neyman(_) | Share::CostOptimal(_) => "plan-neyman",
                    Share::Fixed(_) | Share::Multivariate(_) => "plan-fixed",
                };
                let (total, least) = (allocation.total.to_string(), allocation.minimum.to_string());
                let share = say(share, &[]);
                say("plan-allocated", &[("n", &total), ("share", &share), ("least", &least)])
            }
            Amount::Each { count, all_if_fewer } => {
                let key = if *all_if_fewer { "plan-each-or-all" } else { "plan-each" };
                say(key, &[("n", &count.to_string())])
            }
        };
        let number = (index + 1).to_string();
        let parts = [
            ("stage", number.as_str()),
            ("units", &units),
            ("method", &method),
            ("amount", &amount),
        ];
        say("plan-stage", &parts)
    });
    Ok(stages.collect::<Vec<_>>().join(" "))
}
