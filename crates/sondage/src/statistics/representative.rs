//! R-indicators of who answered, among the checks of `sondage quality`.

use analysis::weighting::representativity::{Auxiliary, representativity};
use analysis::{Coded, Error, Problem};
use survey_builder::problem::phrase;

use super::arguments::QualityArguments;
use super::data_file::Levels;
use super::designed_data::{DesignedData, read_or_tell};
use super::sheet::{Entry, Sheet};
use super::weighting_steps::yes_or_no;
use crate::terminal::Failure;

/// The sheets of the indicator and its parts; none where they are not asked for.
///
/// # Errors
/// What is wrong with the data, the design or the columns.
pub fn sheets(arguments: &QualityArguments, language: &str) -> Result<Vec<Sheet>, Failure> {
    let Some(responded) = &arguments.responded else { return Ok(Vec::new()) };
    let study = DesignedData::open(arguments.origin(), language)?;
    let mut problems: Vec<Problem> = Vec::new();
    let answered = yes_or_no(responded, &study.data, &mut problems);
    let mut columns: Vec<(&String, Levels)> = Vec::new();
    for name in &arguments.known {
        columns.extend(
            read_or_tell(study.data.levels(name), &mut problems).map(|levels| (name, levels)),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let auxiliaries: Vec<Auxiliary<'_>> = columns
        .iter()
        .map(|(name, levels)| Auxiliary {
            name,
            levels: Coded { codes: &levels.codes, levels: levels.labels.len() },
        })
        .collect();
    let found = representativity(&study.design, &answered, &auxiliaries, 0.95)?;
    let mut whole = Sheet::new("representativity", &["measure", "value", "note"]);
    let limits = found.interval.map(|interval| (interval.lower, interval.upper));
    let no_error = || Some(phrase("phrase-note-propensities-alike"));
    for (measure, value, note) in [
        ("R-indicator", Some(found.indicator), Some(phrase("phrase-note-r-indicator"))),
        ("standard error", found.standard_error, Some(phrase("phrase-note-shlomo"))),
        ("lower", limits.map(|limits| limits.0), Some(phrase("phrase-note-95"))),
        ("upper", limits.map(|limits| limits.1), Some(phrase("phrase-note-95"))),
        ("without regard to bias", Some(found.unadjusted), None),
        ("response rate", Some(found.response_rate), Some(phrase("phrase-note-weighted"))),
        ("largest bias", Some(found.largest_bias), Some(phrase("phrase-note-largest-bias"))),
    ] {
        let note = if value.is_none() { no_error() } else { note };
        whole.rows.push(vec![Entry::Word(measure.to_owned()), value.into(), note.into()]);
    }
    let headings = ["variable", "level", "unconditional", "conditional"];
    let mut parts = Sheet::new("partial_indicators", &headings);
    for (indicators, (name, levels)) in found.variables.iter().zip(&columns) {
        let name = name.as_str();
        parts.rows.push(vec![
            name.into(),
            "".into(),
            indicators.unconditional.into(),
            indicators.conditional.into(),
        ]);
        for (place, label) in levels.labels.iter().enumerate() {
            parts.rows.push(vec![
                name.into(),
                label.as_str().into(),
                indicators.level_unconditional[place].into(),
                indicators.level_conditional[place].into(),
            ]);
        }
    }
    Ok(vec![whole, parts])
}
