//! Differences of means, totals and shares between the domains of an estimate.

use analysis::estimate::comparison::{Difference, held_against};
use analysis::estimate::moments::{means_by_domain, totals_by_domain};
use analysis::{Error, EstimateOptions};
use survey_builder::problem::phrase;

use super::arguments::{Adjust, EstimateArguments};
use super::designed_data::DesignedData;
use super::estimate::{Asked, Domain};
use super::sheet::{Entry, Sheet};

/// Differences between every two domains from their joint covariance.
///
/// # Errors
/// As the means and totals themselves.
pub fn contrasts(
    arguments: &EstimateArguments,
    study: &DesignedData,
    asked: &[Asked],
    domains: &[Domain],
    options: &EstimateOptions,
) -> Result<Sheet, Error> {
    let adjustment = arguments.adjust;
    let adjusted_name = adjustment.heading();
    let headings = [
        "statistic",
        "variable",
        "level",
        "first",
        "second",
        "difference",
        "standard_error",
        "lower",
        "upper",
        "degrees_of_freedom",
        "p",
        adjusted_name,
        "note",
    ];
    let mut sheet = Sheet::new("contrasts", &headings);
    let rows: Vec<Vec<bool>> = domains.iter().filter_map(|domain| domain.rows.clone()).collect();
    for one in asked {
        for (level, column) in one.columns() {
            let joint = if one.is_total() {
                totals_by_domain(&study.design, &column, &rows, options)?
            } else {
                means_by_domain(&study.design, &column, &rows, options)?
            };
            let found = held_against(&study.design, &joint, &column, &rows, options)?;
            let names = [one.statistic(), one.name(), &level];
            sheet.rows.extend(contrast_lines(names, &found, domains, adjustment));
        }
    }
    Ok(sheet)
}

/// A line for each difference of two domains.
fn contrast_lines(
    [statistic, name, level]: [&str; 3],
    found: &[Difference],
    domains: &[Domain],
    adjustment: Adjust,
) -> Vec<Vec<Entry>> {
    let chances: Vec<f64> = found.iter().map(|one| one.p.unwrap_or(f64::NAN)).collect();
    let raised = adjustment.raised(&chances);
    let label = |place: usize| domains.get(place).map_or("", |domain| domain.label.as_str());
    let line = |((difference, p), raised): ((&Difference, &f64), f64)| {
        let (first, second) = difference.pair;
        vec![
            Entry::Word(statistic.to_owned()),
            name.into(),
            level.into(),
            label(first).into(),
            label(second).into(),
            difference.value.into(),
            difference.standard_error.into(),
            difference.interval.map(|interval| interval.lower).into(),
            difference.interval.map(|interval| interval.upper).into(),
            difference.degrees_of_freedom.into(),
            (*p).into(),
            raised.into(),
            p.is_nan().then(|| phrase("phrase-note-nobody-of-two")).into(),
        ]
    };
    found.iter().zip(&chances).zip(raised).map(line).collect()
}
