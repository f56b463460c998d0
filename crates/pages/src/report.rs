//! The report as one HTML file that needs nothing else: how a study was made and
//! what it found.

use analysis::report::{
    Fact, FactKey, OutcomeRate, PrecisionWording, Report, SampleType, StudyFacts, report,
};
use analysis::tabulate::Block;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDate;
use fielding::app::App;
use fielding::error::Error;
use fielding::results::Results;
use fielding::rules::colour;
use fielding::rules::rates::{Rates, UnknownEligibility, counts_of, rates};
use fielding::rules::states::DayCount;
use fielding::store::frames::FrameRow;
use fielding::store::logos::{self, LogoRow};
use fielding::store::samples::SampleRow;
use fielding::store::studies::Study;
use fielding::store::{Connection, outcomes, responses, rounds, samples, studies};
use serde::Serialize;

use crate::r_code::r_code;
use crate::render::{render, style};
use crate::visitor::LogoShown;
use crate::wording::{
    count_text, figure, method_text, plan_text, say_count, scale_text, weighting_text,
};

/// The report.
///
/// # Errors
/// Where the database cannot be read.
pub fn html(app: &App, study: &Study, results: &Results, language: &str) -> Result<String, Error> {
    let (known, logo) = app.store.read_now(|connection| {
        Ok((Known::load(connection, study)?, logos::find(connection, study.id)?))
    })?;
    let accent = study.appearance.colour().map(colour::style).unwrap_or_default();
    let codebook = &results.dataset.codebook;
    let fallback = codebook.languages.first().map_or("", String::as_str);
    let facts = StudyFacts {
        title: codebook.title.get(language, fallback).to_owned(),
        sample_type: if known.sample.is_some() {
            SampleType::Probability
        } else {
            SampleType::Nonprobability
        },
        facts: facts(study, &known, &codebook.languages, language),
        rates: known
            .rates
            .named()
            .map(|(name, value)| OutcomeRate { name: name.to_owned(), value })
            .to_vec(),
        weighting: results.weighting.iter().cloned().collect(),
        completes: results.design.rows(),
    };
    let report = report(&facts, std::slice::from_ref(&results.table));
    let shown = ReportPage {
        facts: report.facts.iter().map(|fact| FactShown::of(fact, language)).collect(),
        sizes: sizes_text(known.cases, report.completes, language),
        precision: precision_text(&report, results, language),
        weighting: weighting_text(results, language),
        e: known.rates.eligibility.0,
        scales: results.scales.iter().map(|scale| scale_text(scale, language)).collect(),
        r_code: r_code(results),
        blocks: blocks(&report, language),
        title: report.title,
        rates: report.rates,
        logo: logo.and_then(|row| within(&row, study, language)),
        style: style("staff.css") + &accent,
    };
    render("studies/report.html", language, &shown)
}

/// The facts of the method statement: what each is called, and what is known of it.
///
/// # Errors
/// Where the database cannot be read.
pub fn method_facts(
    connection: &mut Connection,
    study: &Study,
    languages: &[String],
    language: &str,
) -> Result<Vec<(String, Option<String>)>, Error> {
    let known = Known::load(connection, study)?;
    let told = facts(study, &known, languages, language);
    let fact = |key: FactKey| {
        let value = told.iter().find(|(own, value)| *own == key && !value.is_empty());
        (label_of(key, language), value.map(|(_, value)| value.clone()))
    };
    Ok(FactKey::ALL.map(fact).into())
}

/// What the database knows of how a study was made.
struct Known {
    sample: Option<(SampleRow, FrameRow)>,
    /// Number and hash of each version, oldest first.
    versions: Vec<(i64, String)>,
    /// The first and the last day on which it was answered.
    days: Option<(NaiveDate, NaiveDate)>,
    cases: i64,
    rates: Rates,
}

impl Known {
    fn load(connection: &mut Connection, study: &Study) -> Result<Self, Error> {
        let round = rounds::current(connection, study.id)?.id;
        let counts = outcomes::counts_of(connection, round)?;
        Ok(Self {
            sample: samples::with_frame(connection, study.id)?,
            versions: studies::version_numbers(connection, study.id)?,
            days: days_of(connection, study)?,
            cases: counts.iter().map(|(_, _, cases)| cases).sum(),
            rates: rates(&counts_of(counts.iter()), UnknownEligibility::Proportional),
        })
    }
}

/// The facts that are known, in words.
fn facts(
    study: &Study,
    known: &Known,
    languages: &[String],
    language: &str,
) -> Vec<(FactKey, String)> {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let versions = known.versions.iter().map(|(number, hash)| {
        say("report-version", &[("number", &number.to_string()), ("hash", hash)])
    });
    let mut facts = vec![
        (FactKey::ConductedBy, study.organisation.clone()),
        (FactKey::Mode, say("report-mode-web", &[])),
        (FactKey::FieldPeriod, known.days.map_or_else(String::new, days_text)),
        (
            FactKey::Languages,
            languages.iter().map(|code| name_of(code)).collect::<Vec<_>>().join(", "),
        ),
        (FactKey::Questionnaire, versions.collect::<Vec<_>>().join("; ")),
        (FactKey::Limitations, say("report-limits-text", &[])),
        (FactKey::Contact, study.phone.clone()),
        (FactKey::Sponsor, study.statement.sponsor.clone()),
        (FactKey::Population, study.statement.population.clone()),
        (FactKey::Incentives, study.statement.incentives.clone()),
        (FactKey::QualityControl, study.statement.quality.clone()),
    ];
    if let Some((sample, frame)) = &known.sample {
        let units = say("sample-units", &[("n", &count_text(language, frame.units))]);
        facts.push((
            FactKey::Frame,
            say("report-frame", &[("name", &frame.name), ("units", &units), ("hash", &frame.hash)]),
        ));
        let drawn_on = locale::date(study.today(sample.drawn_at));
        let plan = plan_text(&sample.plan, language);
        facts.push((
            FactKey::SampleDesign,
            say("report-drawn", &[("plan", &plan), ("seed", &sample.seed), ("day", &drawn_on)]),
        ));
    }
    facts
}

/// What a language calls itself; one that is not spoken here by its code.
fn name_of(code: &str) -> String {
    let known = locale::LANGUAGES.iter().find(|(own, _)| *own == code);
    known.map_or(code, |(_, name)| name).to_owned()
}

fn sizes_text(cases: i64, completes: usize, language: &str) -> String {
    let completes = i64::try_from(completes).unwrap_or(i64::MAX);
    format!(
        "{}; {}",
        say_count(language, "report-cases", cases, &[]),
        say_count(language, "report-interviews", completes, &[])
    )
}

/// What the intervals are called, what they rest on, and how much the design costs.
fn precision_text(report: &Report, results: &Results, language: &str) -> String {
    let wording = match report.precision.wording {
        PrecisionWording::MarginOfSamplingError => "report-precision-sampling",
        PrecisionWording::ModelBasedInterval => "report-precision-model",
    };
    let mut said = vec![method_text(results, language), locale::text(language, wording, &[])];
    if let Some((low, high)) = report.precision.design_effects {
        let two = |value: f64| locale::number(language, value, 2);
        let arguments = [("low", &*two(low)), ("high", &*two(high))];
        said.push(locale::text(language, "report-design-effects", &arguments));
    }
    said.join(" ")
}

/// The first and the last day on which a study was answered; `None` before. An
/// anonymous study only counts days.
fn days_of(
    connection: &mut Connection,
    study: &Study,
) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
    let round = rounds::current(connection, study.id)?.id;
    let counted = rounds::days(connection, round)?;
    let days = |what: DayCount| {
        counted.keys().filter(move |(_, counted)| *counted == what).map(|(day, _)| *day)
    };
    let first = days(DayCount::Began).min();
    let last = days(DayCount::Ended).chain(days(DayCount::Began)).max();
    match first.zip(last) {
        Some(days) => Ok(Some(days)),
        None => responses::days_of_study(connection, study.id),
    }
}

/// `23/11/2026 – 30/11/2026`, or one day.
fn days_text((first, last): (NaiveDate, NaiveDate)) -> String {
    if first == last {
        locale::date(first)
    } else {
        format!("{} – {}", locale::date(first), locale::date(last))
    }
}

/// The report as it is shown.
#[derive(Serialize)]
struct ReportPage {
    title: String,
    facts: Vec<FactShown>,
    /// How many were asked and how many answered.
    sizes: String,
    precision: String,
    weighting: String,
    rates: Vec<OutcomeRate>,
    /// The share of cases of unknown eligibility taken to be eligible.
    e: f64,
    scales: Vec<String>,
    /// The design for another program.
    r_code: String,
    blocks: Vec<ReportBlock>,
    /// The logo of whoever asks, in the page itself.
    logo: Option<LogoShown>,
    style: String,
}

/// A logo whose picture is in its address: the report is one file.
fn within(row: &LogoRow, study: &Study, language: &str) -> Option<LogoShown> {
    let picture = BASE64_STANDARD.encode(&row.bytes);
    let shown = LogoShown::of(study, language)?;
    Some(LogoShown { address: format!("data:{};base64,{picture}", row.media_type), ..shown })
}

/// A fact of the method statement.
#[derive(Serialize)]
struct FactShown {
    label: String,
    value: String,
}

impl FactShown {
    fn of(fact: &Fact, language: &str) -> Self {
        let unstated = || locale::text(language, "report-not-stated", &[]);
        Self {
            label: label_of(fact.key, language),
            value: fact.value.clone().unwrap_or_else(unstated),
        }
    }
}

/// What a fact is called.
fn label_of(key: FactKey, language: &str) -> String {
    let key = match key {
        FactKey::Sponsor => "report-sponsor",
        FactKey::ConductedBy => "report-conducted-by",
        FactKey::Population => "report-population",
        FactKey::Frame => "report-frame-title",
        FactKey::SampleDesign => "report-design",
        FactKey::Mode => "report-modes",
        FactKey::FieldPeriod => "report-dates",
        FactKey::Languages => "report-languages",
        FactKey::Questionnaire => "report-questionnaire",
        FactKey::Incentives => "report-incentives",
        FactKey::QualityControl => "report-quality",
        FactKey::Limitations => "report-limits",
        FactKey::Contact => "report-contact",
    };
    locale::text(language, key, &[])
}

/// A question in the report.
#[derive(Serialize)]
struct ReportBlock {
    label: String,
    rows: Vec<ReportRow>,
    n: usize,
    effective: f64,
}

/// An answer in the report.
#[derive(Serialize)]
struct ReportRow {
    label: String,
    value: String,
    interval: String,
}

fn blocks(report: &Report, language: &str) -> Vec<ReportBlock> {
    let all = report.tables.iter().flat_map(|table| &table.blocks);
    all.map(|block| ReportBlock::of(block, language)).collect()
}

impl ReportBlock {
    fn of(block: &Block, language: &str) -> Self {
        let rows = block.rows.iter().map(|row| {
            let cell = row.cells.first();
            let shown = |value: f64| figure(value, block.kind, language);
            let interval = cell.and_then(|cell| cell.interval);
            ReportRow {
                label: row.label.clone(),
                value: cell.and_then(|cell| cell.value).map_or_else(|| "–".to_owned(), shown),
                interval: interval.map_or_else(String::new, |interval| {
                    format!("{} – {}", shown(interval.lower), shown(interval.upper))
                }),
            }
        });
        Self {
            label: block.label.clone(),
            rows: rows.collect(),
            n: block.bases.first().map_or(0, |base| base.rows),
            effective: block.bases.first().map_or(0.0, |base| base.effective_rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_report_shows_its_examples() {
        let text = |text: &str| text.to_owned();
        let examples = |language: &str| {
            let known = [(FactKey::ConductedBy, "Sở Giao thông"), (FactKey::Mode, "…")];
            let facts = FactKey::ALL.map(|key| {
                let value = known.iter().find(|(own, _)| *own == key);
                FactShown::of(&Fact { key, value: value.map(|(_, own)| text(own)) }, language)
            });
            let rate = |name, value| OutcomeRate { name: text(name), value };
            let row = ReportRow { label: text("Có"), value: text("45%"), interval: text("") };
            vec![ReportPage {
                title: text("Đi lại"),
                facts: facts.into(),
                sizes: sizes_text(3_000, 1_200, language),
                precision: text("…"),
                weighting: text("…"),
                rates: vec![rate("RR1", Some(0.4)), rate("CON1", None)],
                e: 1.0,
                scales: vec![text("…")],
                r_code: text("library(survey)"),
                blocks: vec![ReportBlock {
                    label: text("Câu 1"),
                    rows: vec![row],
                    n: 1_200,
                    effective: 900.5,
                }],
                logo: Some(LogoShown {
                    address: "data:image/png;base64,".to_owned(),
                    alt: text("Sở Giao thông"),
                }),
                style: style("staff.css"),
            }]
        };
        shows("studies/report.html", examples);
    }
}
