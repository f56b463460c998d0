//! What `estimate` tells beside its main lines: functions of means, descriptions, inequality.

use analysis::distribution::student_quantile;
use analysis::estimate::description::describe;
use analysis::estimate::function::{function, names_in};
use analysis::estimate::inequality::{Inequality, inequality, inequality_with_errors};
use analysis::estimate::moments::means;
use analysis::{Error, EstimateOptions, Problem};
use survey_builder::problem::phrase;

use super::arguments::EstimateArguments;
use super::designed_data::{DesignedData, taken};
use super::estimate::{Domain, HEADINGS, nothing};
use super::sheet::{Entry, Sheet};

/// One measure of inequality.
type Measure = fn(&Inequality) -> f64;

/// A function of means: its text and the columns it names.
pub struct Function {
    text: String,
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

pub fn functions(
    arguments: &EstimateArguments,
    study: &DesignedData,
    problems: &mut Vec<Problem>,
) -> Vec<Function> {
    let one = |text: &String| {
        let names = names_in(text);
        if names.is_empty() {
            problems.push(Problem::new("argument_form", text).with("form", "(a - b) / b"));
        }
        let columns = names.iter().map(|name| taken(study.numbers(name, 0), problems)).collect();
        Function { text: text.clone(), names, columns }
    };
    arguments.function.iter().map(one).collect()
}

pub fn function_line(
    study: &DesignedData,
    asked: &Function,
    domain: &Domain,
    options: &EstimateOptions,
) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> =
        ["function", &asked.text, "", &domain.label].map(Entry::from).into();
    entries[0] = Entry::Word("function".to_owned());
    let columns: Vec<&[f64]> = asked.columns.iter().map(Vec::as_slice).collect();
    let names: Vec<&str> = asked.names.iter().map(String::as_str).collect();
    let found = means(&study.design, &columns, domain.rows.as_deref(), options)
        .and_then(|joint| Ok((function(&joint, &names, &asked.text)?, joint)));
    match found {
        Err(error) => {
            entries.resize(HEADINGS.len() - 1, Entry::None);
            entries.push(nothing(error)?.into());
        }
        Ok((contrast, joint)) => {
            let df = joint.estimates.first().map_or(f64::NAN, |one| one.degrees_of_freedom);
            let reach =
                student_quantile(0.5 + 0.5 * options.confidence, df) * contrast.standard_error;
            let rows = joint.estimates.first().map_or(0, |one| one.rows);
            let copied = !study.copies.is_empty();
            entries.extend([
                contrast.value.into(),
                contrast.standard_error.into(),
                (contrast.value - reach).into(),
                (contrast.value + reach).into(),
                df.into(),
                Entry::None,
                rows.into(),
                copied.then(|| phrase("phrase-note-first-copy")).into(),
            ]);
        }
    }
    Ok(entries)
}

pub fn descriptions(
    arguments: &EstimateArguments,
    study: &DesignedData,
    domains: &[Domain],
) -> Result<Option<Sheet>, Error> {
    if arguments.describe.is_empty() {
        return Ok(None);
    }
    let headings = [
        "variable",
        "domain",
        "rows",
        "missing",
        "weight",
        "mean",
        "standard_deviation",
        "skewness",
        "excess_kurtosis",
        "smallest",
        "quartile_1",
        "median",
        "quartile_3",
        "largest",
        "note",
    ];
    let mut sheet = Sheet::new("descriptions", &headings);
    for name in &arguments.describe {
        let column = study.numbers(name, 0).map_err(Error::Invalid)?;
        for domain in domains {
            let mut entries = vec![Entry::from(name.as_str()), domain.label.as_str().into()];
            match describe(&study.design, &column, domain.rows.as_deref()) {
                Ok(found) => entries.extend([
                    found.rows.into(),
                    found.missing.into(),
                    found.weight.into(),
                    found.mean.into(),
                    found.standard_deviation.into(),
                    found.skewness.into(),
                    found.excess_kurtosis.into(),
                    found.smallest.into(),
                    found.quartiles[0].into(),
                    found.quartiles[1].into(),
                    found.quartiles[2].into(),
                    found.largest.into(),
                    found.skewness.is_none().then(|| phrase("phrase-note-does-not-vary")).into(),
                ]),
                Err(error) => {
                    entries.resize(headings.len() - 1, Entry::None);
                    entries.push(nothing(error)?.into());
                }
            }
            sheet.rows.push(entries);
        }
    }
    Ok(Some(sheet))
}

pub fn inequalities(
    arguments: &EstimateArguments,
    study: &DesignedData,
    domains: &[Domain],
) -> Result<Option<Sheet>, Error> {
    if arguments.inequality.is_empty() {
        return Ok(None);
    }
    let headings = ["measure", "variable", "domain", "value", "standard_error", "note"];
    let mut sheet = Sheet::new("inequality", &headings);
    for name in &arguments.inequality {
        let column = study.numbers(name, 0).map_err(Error::Invalid)?;
        for domain in domains {
            let rows = domain.rows.as_deref();
            let found = if study.design.replicates().is_some() {
                inequality_with_errors(&study.design, &column, rows)
                    .map(|found| (found.measures, Some(found.standard_errors)))
            } else {
                inequality(&study.design, &column, rows).map(|found| (found, None))
            };
            let (found, reason) = match found {
                Ok(found) => (Some(found), Vec::new()),
                Err(error) => (None, nothing(error)?),
            };
            let measures: [(&str, Measure); 3] = [
                ("gini, percent", |found| found.gini_percent),
                ("at risk of poverty, percent", |found| found.at_risk_of_poverty_percent),
                ("quintile share ratio", |found| found.quintile_share_ratio),
            ];
            for (measure, of) in measures {
                let error = found.as_ref().and_then(|(_, errors)| errors.as_ref()).map(of);
                let note = match (&found, error) {
                    (Some(_), None) => vec![phrase("phrase-note-errors-from-replicates")],
                    _ => reason.clone(),
                };
                sheet.rows.push(vec![
                    Entry::Word(measure.to_owned()),
                    name.as_str().into(),
                    domain.label.as_str().into(),
                    found.as_ref().map(|(found, _)| of(found)).into(),
                    error.into(),
                    note.into(),
                ]);
            }
        }
    }
    Ok(Some(sheet))
}
