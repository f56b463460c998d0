//! What the page of a plan shows of it: what is expected, and what is wrong.

use fielding::error::Problem;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::check::StratumPreview;
use survey_builder::sampling::expectation::Expected;

use super::beside::Beside;
use super::page::LISTED;
use super::plan::Outlook;
use super::plan_fields::Group;
use super::plan_form::faults::field_of;
use crate::studies::about::{Listed, problem_texts};

/// A row of what is expected.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    expected: Expected,
    workload: Option<f64>,
    drawn: Option<StratumPreview>,
}

impl Line {
    fn of(expected: &Expected, drawn: Option<&StratumPreview>) -> Self {
        Self { workload: expected.workload(), expected: expected.clone(), drawn: drawn.cloned() }
    }
}

/// What is expected of a plan, as far as the page lists it.
#[derive(Serialize)]
pub struct ExpectedPart {
    all: Line,
    strata: Vec<Line>,
    more_strata: usize,
    domains: Vec<Line>,
    more_domains: usize,
    common: Vec<CommonLine>,
    notes: Vec<String>,
}

/// What a draw is expected to share with an earlier sample.
#[derive(Serialize)]
struct CommonLine {
    study: String,
    wanted: &'static str,
    expected: f64,
}

impl ExpectedPart {
    /// Of what was found, by the names of studies.
    pub fn of(outlook: &Outlook, beside: &Beside, language: &str) -> Self {
        let found = &outlook.expectation;
        let common = outlook.common.iter().map(|one| CommonLine {
            study: beside.study_of(&one.record).to_owned(),
            wanted: if one.kept { "keep" } else { "avoid" },
            expected: one.expected,
        });
        let strata = found.strata.iter().zip(&found.drawn).take(LISTED);
        let domains = found.domains.iter().take(LISTED);
        Self {
            all: Line::of(&found.all, None),
            strata: strata.map(|(expected, drawn)| Line::of(expected, Some(drawn))).collect(),
            more_strata: found.strata.len().saturating_sub(LISTED),
            domains: domains.map(|expected| Line::of(expected, None)).collect(),
            more_domains: found.domains.len().saturating_sub(LISTED),
            common: common.collect(),
            notes: problem_texts(&outlook.notes, language),
        }
    }
}

/// A problem in words; with the field that it leads to, if the form has it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Told {
    /// Leads to a field.
    Of {
        /// Its name.
        field: String,
        /// The sentence.
        text: String,
    },
    /// A sentence.
    Plain(String),
}

/// Problems as the page lists them.
pub fn told(problems: &[Problem], form: &Posted, groups: &[Group], language: &str) -> Listed<Told> {
    let label_of = |name: &str| groups.iter().find_map(|group| group.label_of(name));
    let there = |name: &String| label_of(name).is_some();
    let mut fields = problems.iter().map(|one| field_of(one, form).filter(there));
    // A field has a name for readers.
    let named = |problem: &Problem| match problem.place.as_text().and_then(label_of) {
        Some(label) => problem.clone().at(label),
        None => problem.clone(),
    };
    let texts = Listed::of(&problems.iter().map(named).collect::<Vec<_>>(), language);
    texts.map(|text| match fields.next().flatten() {
        Some(field) => Told::Of { field, text },
        None => Told::Plain(text),
    })
}

#[cfg(test)]
impl ExpectedPart {
    /// With everything that may be expected.
    pub fn example() -> Self {
        let line = |drawn: bool| Line {
            expected: Expected { margin: drawn.then_some(0.05), cost: 3.0, ..Expected::default() },
            workload: drawn.then_some(2.0),
            drawn: Some(StratumPreview {
                stratum: String::new(),
                units: 10,
                clusters: 2,
                drawn: 1,
                one_more: 0.0,
                certain: 0,
                expected_units: 3.0,
            }),
        };
        let common = CommonLine { study: "poll".to_owned(), wanted: "keep", expected: 12.5 };
        Self {
            all: line(true),
            strata: vec![line(true), line(false)],
            more_strata: 3,
            domains: vec![line(true), line(false)],
            more_domains: 2,
            common: vec![common],
            notes: vec!["…".to_owned()],
        }
    }
}
