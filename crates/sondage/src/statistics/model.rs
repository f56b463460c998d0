//! Models of a data file: `response ~ term + term`, numbers as they are, other columns by level.

use analysis::distribution::{student_quantile, student_two_sided};
use analysis::estimate::imputation::{CompleteData, pool_estimates};
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::model::ordinal::ordinal_model;
use analysis::variance::linearization::Covariance;
use analysis::{Coded, Error, EstimateOptions, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::ModelFamily;
use super::data_file::Columns;
use super::designed_data::{Completed, DesignedData, read_or_tell, taken};
use super::estimate::from_copies;
use super::imputed;
use super::sheet::{Entry, Sheet};
use super::weighting_steps::model_terms;

/// The term that every model has.
const INTERCEPT: &str = "(Intercept)";

/// Fits a model and lists its terms.
///
/// # Errors
/// A formula that cannot be read, columns that are not there, what the model refuses.
pub fn sheet(
    formula: &str,
    family: ModelFamily,
    study: &DesignedData,
    options: &EstimateOptions,
) -> Result<Sheet, Error> {
    let told = || {
        let problem = Problem::new("argument_form", formula);
        Error::Invalid(vec![problem.with("form", "response ~ term + term")])
    };
    let (response, right) = formula.split_once('~').ok_or_else(told)?;
    let (response, names) = (response.trim(), right.split('+').map(|name| name.trim().to_owned()));
    let names: Vec<String> = names.filter(|name| name != "1").collect();
    if response.is_empty() || names.iter().any(String::is_empty) {
        return Err(told());
    }
    let copies: Result<Vec<Fitted>, Error> = (0..imputed::count(&study.copies))
        .map(|copy| fitted(response, &names, family, &Completed { study, copy }, options))
        .collect();
    Ok(Listed::of(copies?)?.sheet(formula, options))
}

/// The model of one copy of the data.
fn fitted(
    response: &str,
    names: &[String],
    family: ModelFamily,
    data: &Completed<'_>,
    options: &EstimateOptions,
) -> Result<Fitted, Error> {
    let design = &data.study.design;
    let mut problems = Vec::new();
    let mut terms = model_terms(names, data, &mut problems);
    if family == ModelFamily::Ordinal {
        let levels = read_or_tell(data.levels(response), &mut problems);
        let Some(levels) = levels.filter(|_| problems.is_empty()) else {
            return Err(Error::Invalid(problems));
        };
        terms.names.remove(0);
        terms.columns.remove(0);
        let coded = Coded { codes: &levels.codes, levels: levels.labels.len() };
        let model = ordinal_model(design, coded, &terms, None)?;
        let cuts = levels.labels.windows(2).map(|pair| format!("{} | {}", pair[0], pair[1]));
        let count = u32::try_from(terms.columns.len()).unwrap_or(u32::MAX);
        let df =
            design.degrees_of_freedom(options.degrees_of_freedom, None, None) - f64::from(count);
        return Ok(Fitted {
            covariance: model.covariance,
            names: model.names.into_iter().chain(cuts).collect(),
            coefficients: model.coefficients.into_iter().chain(model.cut_points).collect(),
            degrees_of_freedom: df,
        });
    }
    let column = taken(data.numbers(response), &mut problems);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let (kind, link) = match family {
        ModelFamily::Logistic => (Family::Binomial, Link::Logit),
        ModelFamily::Poisson => (Family::Poisson, Link::Log),
        ModelFamily::Gamma => (Family::Gamma, Link::Log),
        ModelFamily::Linear | ModelFamily::Ordinal => (Family::Gaussian, Link::Identity),
    };
    let model = linear_model(design, &column, &terms, kind, link, Stopping::AtRest, None)?;
    Ok(Fitted {
        covariance: model.covariance,
        names: model.names,
        coefficients: model.coefficients,
        degrees_of_freedom: model.degrees_of_freedom,
    })
}

/// Coefficients of one copy of the data.
struct Fitted {
    names: Vec<String>,
    coefficients: Vec<f64>,
    covariance: Covariance,
    degrees_of_freedom: f64,
}

/// What is listed of a model: a value, standard error, degrees of freedom and remark for each term.
struct Listed {
    names: Vec<String>,
    terms: Vec<(f64, f64, f64, Option<Phrase>)>,
}

impl Listed {
    /// From each copy of the data, put together by Rubin's rules where there are several.
    fn of(copies: Vec<Fitted>) -> Result<Self, Error> {
        let count = copies.len();
        let least = copies.iter().map(|one| one.degrees_of_freedom).fold(f64::INFINITY, f64::min);
        let names = copies.first().map(|one| one.names.clone()).unwrap_or_default();
        if let [one] = &copies[..] {
            let value = |(place, value): (usize, &f64)| {
                (*value, one.covariance.standard_error(place), least, None)
            };
            return Ok(Self {
                names,
                terms: one.coefficients.iter().enumerate().map(value).collect(),
            });
        }
        let given: Vec<(Vec<f64>, Covariance)> =
            copies.into_iter().map(|one| (one.coefficients, one.covariance)).collect();
        let pooled = pool_estimates(&given, CompleteData::BarnardRubin(least))?;
        let errors = pooled.standard_errors();
        let term = |place: usize| {
            let remark = Some(from_copies(count, pooled.missing_information[place]));
            (pooled.estimates[place], errors[place], pooled.degrees_of_freedom[place], remark)
        };
        Ok(Self { terms: (0..names.len()).map(term).collect(), names })
    }

    fn sheet(&self, formula: &str, options: &EstimateOptions) -> Sheet {
        let headings = [
            "model",
            "term",
            "coefficient",
            "standard_error",
            "lower",
            "upper",
            "t",
            "degrees_of_freedom",
            "p",
            "note",
        ];
        let mut sheet = Sheet::new("model", &headings);
        for (name, (value, error, df, remark)) in self.names.iter().zip(&self.terms) {
            let (t, df) = (value / error, *df);
            let multiple = student_quantile(0.5 + 0.5 * options.confidence, df);
            let left = df > 0.0;
            let note = if left { remark.clone() } else { Some(phrase("phrase-note-no-degrees")) };
            sheet.rows.push(vec![
                Entry::from(formula),
                match name.as_str() {
                    INTERCEPT => Entry::Word(name.clone()),
                    name => name.into(),
                },
                (*value).into(),
                (*error).into(),
                (value - multiple * error).into(),
                (value + multiple * error).into(),
                t.into(),
                df.into(),
                student_two_sided(t, df).into(),
                note.into(),
            ]);
        }
        sheet
    }
}
