//! `sondage estimate --small-areas`: beside the direct estimate of each area the one of a model.

use analysis::estimate::Estimate;
use analysis::estimate::moments::mean;
use analysis::estimate::proportion::proportion;
use analysis::estimate::small_area::{Direct, Modelled, SmallAreas, Source, fay_herriot};
use analysis::problem::Fault;
use analysis::{Error, EstimateOptions, Problem};
use survey_builder::problem::{Phrase, first_places, phrase};

use super::arguments::{EstimateArguments, TablePlace};
use super::data_file::{self, Columns, Levels, Said};
use super::designed_data::{DesignedData, taken};
use super::estimate::{Asked, Domain, Part, holds};
use super::sheet::{Entry, Sheet};
use crate::terminal::Failure;

/// The heading of the intercept among coefficients.
const INTERCEPT: &str = "(intercept)";

/// The most areas times rows: each area looks at each row.
const CELLS_MAX: u64 = 2_000_000_000;

/// Areas with their covariates.
struct Areas {
    /// The names, as the file has them.
    names: Vec<String>,
    /// For each the level in the data; none where nobody is of it.
    levels: Vec<Option<u16>>,
    /// The covariates' names, the intercept first.
    covariates: Vec<String>,
    /// A column a covariate.
    columns: Vec<Vec<f64>>,
}

/// The sheets of areas and of their models; nothing where none are asked for.
///
/// # Errors
/// Areas without covariates or twice, covariates that are no numbers, statistics that have no model, and what
/// the model refuses.
pub fn sheets(
    arguments: &EstimateArguments,
    study: &DesignedData,
    asked: &[Asked],
    everybody: &Domain,
    options: &EstimateOptions,
    language: &str,
) -> Result<Vec<Sheet>, Failure> {
    let (Some(column), Some(file)) = (&arguments.small_areas, &arguments.covariates) else {
        return Ok(Vec::new());
    };
    let wanted = columns(asked);
    if wanted.is_empty() {
        let problem = Problem::new("nothing_asked", "").with("options", "--mean, --share");
        return Err(Error::Invalid(vec![problem]).into());
    }
    let levels = study.levels(column, 0).map_err(Error::Invalid)?;
    let cells = (levels.labels.len() as u64).saturating_mul(levels.codes.len() as u64);
    if cells > CELLS_MAX {
        let most = CELLS_MAX / (levels.codes.len() as u64).max(1);
        return Err(Fault::DataTooMany { most }.refused(column.as_str()).into());
    }
    let table = TablePlace::default();
    let said = Said { table: &table, codebook: None, missing: None, language };
    let areas = Areas::read(&data_file::read(file, &said)?, column, &levels)?;
    let mut direct = Sheet::new(
        "small_areas",
        &[
            "statistic",
            "variable",
            "level",
            "area",
            "rows",
            "direct",
            "direct_error",
            "modelled",
            "modelled_error",
            "share_of_direct",
            "note",
        ],
    );
    let mut models = Sheet::new(
        "area_models",
        &[
            "statistic",
            "variable",
            "level",
            "covariate",
            "coefficient",
            "standard_error",
            "area_variance",
        ],
    );
    for (names, values) in wanted {
        let of_area = |level: &Option<u16>| -> Result<Option<Estimate>, Error> {
            let Some(level) = level else { return Ok(None) };
            let within = |row: usize| everybody.rows.as_ref().is_none_or(|rows| rows[row]);
            let own: Vec<bool> = (levels.codes.iter().enumerate())
                .map(|(row, code)| code == level && within(row))
                .collect();
            let weights = study.design.weights();
            let mut rows = own.iter().zip(weights).zip(&values);
            // An area without an answer is one without a direct estimate.
            if !rows.any(|((own, weight), value)| *own && *weight > 0.0 && !value.is_nan()) {
                return Ok(None);
            }
            if names[0] == "share" {
                proportion(&study.design, &values, Some(&own), options).map(Some)
            } else {
                mean(&study.design, &values, Some(&own), options).map(Some)
            }
        };
        let estimates: Vec<Option<Estimate>> = areas
            .levels
            .iter()
            .map(of_area)
            .collect::<Result<_, _>>()
            .map_err(|error| study.named(error))?;
        let known: Vec<Option<Direct>> =
            estimates.iter().map(|one| one.as_ref().and_then(usable)).collect();
        let found = fay_herriot(&known, &areas.columns)?;
        let is_share = names[0] == "share";
        for ((name, estimate), modelled) in areas.names.iter().zip(&estimates).zip(&found.areas) {
            direct.rows.push(line(&names, name, estimate.as_ref(), modelled, is_share));
        }
        models.rows.extend(coefficients(&names, &areas.covariates, &found));
    }
    Ok(vec![direct, models])
}

/// A direct estimate whose error is known.
fn usable(estimate: &Estimate) -> Option<Direct> {
    let is_known = estimate.error_is_known() && estimate.value.is_finite();
    is_known.then_some(Direct { value: estimate.value, variance: estimate.standard_error.powi(2) })
}

/// What is asked for as statistic, variable and level, each with its column.
fn columns(asked: &[Asked]) -> Vec<([String; 3], Vec<f64>)> {
    let mut found = Vec::new();
    for one in asked {
        match one {
            Asked::Mean(name, column) => {
                found.push((["mean".to_owned(), name.clone(), String::new()], column.clone()));
            }
            Asked::Levels(Part::Share, name, levels) => {
                for (code, label) in (1..).zip(&levels.labels) {
                    let column = levels.codes.iter().map(|&own| holds(own, code)).collect();
                    found.push((["share".to_owned(), name.clone(), label.clone()], column));
                }
            }
            _ => {}
        }
    }
    found
}

fn line(
    names: &[String; 3],
    area: &str,
    estimate: Option<&Estimate>,
    modelled: &Modelled,
    is_share: bool,
) -> Vec<Entry> {
    let mut notes: Vec<Phrase> = vec![match (modelled.source, estimate) {
        (Source::Composite, _) => phrase("phrase-note-area-composite"),
        (Source::Synthetic, Some(_)) => phrase("phrase-note-area-without-error"),
        (Source::Synthetic, None) => phrase("phrase-note-area-without-rows"),
    }];
    if is_share && !(0.0..=1.0).contains(&modelled.value) {
        notes.push(phrase("phrase-note-area-outside"));
    }
    vec![
        Entry::Word(names[0].clone()),
        names[1].as_str().into(),
        names[2].as_str().into(),
        area.into(),
        estimate.map_or(0, |one| one.rows).into(),
        estimate.map(|one| one.value).into(),
        estimate.filter(|one| one.error_is_known()).map(|one| one.standard_error).into(),
        modelled.value.into(),
        modelled.mean_squared_error.sqrt().into(),
        modelled.share_of_direct.into(),
        notes.into(),
    ]
}

fn coefficients(names: &[String; 3], covariates: &[String], found: &SmallAreas) -> Vec<Vec<Entry>> {
    let each = covariates.iter().zip(&found.coefficients).zip(&found.coefficient_errors);
    each.map(|((covariate, coefficient), error)| {
        vec![
            Entry::Word(names[0].clone()),
            names[1].as_str().into(),
            names[2].as_str().into(),
            covariate.as_str().into(),
            (*coefficient).into(),
            (*error).into(),
            found.area_variance.into(),
        ]
    })
    .collect()
}

impl Areas {
    /// Areas from a file in which the column names them and every other column is a covariate.
    fn read(file: &data_file::DataFile, column: &str, levels: &Levels) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let own = taken(file.levels(column), &mut problems);
        let names: Vec<String> = (own.codes.iter())
            .map(|code| {
                let place = usize::from(*code).checked_sub(1);
                place.and_then(|place| own.labels.get(place)).cloned().unwrap_or_default()
            })
            .collect();
        let covariates: Vec<&String> = file.names().iter().filter(|name| *name != column).collect();
        if covariates.is_empty() {
            problems.push(Problem::new("covariates_none", column));
        }
        let columns: Vec<Vec<f64>> = (covariates.iter())
            .map(|name| taken(Columns::numbers(file, name), &mut problems))
            .collect();
        let blank = names.iter().filter(|name| name.is_empty()).count();
        if blank > 0 {
            problems.push(Problem::new("area_blank", column).with("count", blank));
        }
        for (name, values) in covariates.iter().zip(&columns) {
            let lacking: Vec<&str> = (names.iter().zip(values))
                .filter(|(_, value)| value.is_nan())
                .map(|(area, _)| area.as_str())
                .collect();
            told("covariate_missing", name, lacking, &mut problems);
        }
        let mut seen = std::collections::BTreeSet::new();
        let twice: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !seen.insert(*name)).collect();
        told("area_twice", column, twice, &mut problems);
        let lacking: Vec<&str> = (levels.labels.iter().map(String::as_str))
            .filter(|label| !seen.contains(label))
            .collect();
        told("area_without_covariates", column, lacking, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let level = |name: &String| {
            let place = levels.labels.iter().position(|label| label == name)?;
            u16::try_from(place + 1).ok()
        };
        let intercept = vec![1.0; names.len()];
        let columns = std::iter::once(intercept).chain(columns).collect();
        let covariates = std::iter::once(INTERCEPT.to_owned());
        let covariates =
            covariates.chain(file.names().iter().filter(|name| *name != column).cloned());
        Ok(Self {
            levels: names.iter().map(level).collect(),
            names,
            covariates: covariates.collect(),
            columns,
        })
    }
}

/// A problem of areas: how many, and the first.
fn told(code: &'static str, place: &str, areas: Vec<&str>, problems: &mut Vec<Problem>) {
    if !areas.is_empty() {
        let count = areas.len();
        problems.push(
            Problem::new(code, place).with("count", count).with("first", first_places(areas)),
        );
    }
}
