//! Models of a data file: `response ~ term + term`; see [`super::formula`] for terms.

use std::ops::Range;

use analysis::distribution::{student_quantile, student_two_sided};
use analysis::estimate::imputation::{CompleteData, pool_estimates};
use analysis::model::linear::{Family, Link, Stopping, linear_model, wald_test};
use analysis::model::ordinal::ordinal_model;
use analysis::variance::linearization::Covariance;
use analysis::{Coded, Error, EstimateOptions, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::ModelFamily;
use super::data_file::Columns;
use super::designed_data::{Completed, DesignedData, read_or_tell, taken};
use super::estimate::from_copies;
use super::formula::{Terms, ordered, terms as terms_of};
use super::imputed;
use super::sheet::{Entry, Sheet};

/// The term that every model has.
const INTERCEPT: &str = "(Intercept)";

/// Fits a model and lists its terms.
///
/// # Errors
/// A formula that cannot be read, columns that are not there, what the model refuses.
pub fn sheets(
    formula: &str,
    family: ModelFamily,
    study: &DesignedData,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Vec<Sheet>, Error> {
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
        .map(|copy| {
            let data = Completed { study, copy };
            fitted(response, &names, family, &data, domain, options)
        })
        .collect();
    let copies = copies?;
    // Of several copies there is no one covariance to test by.
    let tests = match &copies[..] {
        [one] => Some(one.tests(formula)?),
        _ => None,
    };
    let ratios = !matches!(family, ModelFamily::Linear);
    let listed = Listed::of(copies)?.sheet(formula, ratios, options);
    Ok(std::iter::once(listed).chain(tests).collect())
}

/// The model of one copy of the data.
fn fitted(
    response: &str,
    names: &[String],
    family: ModelFamily,
    data: &Completed<'_>,
    domain: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Fitted, Error> {
    let design = &data.study.design;
    let mut problems = Vec::new();
    let Terms { matrix: mut terms, places } = terms_of(names, data, domain, &mut problems);
    if family == ModelFamily::Ordinal {
        let levels = ordered(response, data).and_then(|()| data.levels(response));
        let levels = read_or_tell(levels, &mut problems);
        let Some(levels) = levels.filter(|_| problems.is_empty()) else {
            return Err(Error::Invalid(problems));
        };
        terms.names.remove(0);
        terms.columns.remove(0);
        let coded = Coded { codes: &levels.codes, levels: levels.labels.len() };
        let model = ordinal_model(design, coded, &terms, domain)?;
        let cuts = levels.labels.windows(2).map(|pair| format!("{} | {}", pair[0], pair[1]));
        let count = u32::try_from(terms.columns.len()).unwrap_or(u32::MAX);
        let df =
            design.degrees_of_freedom(options.degrees_of_freedom, domain, None) - f64::from(count);
        return Ok(Fitted {
            covariance: model.covariance,
            names: model.names.into_iter().chain(cuts).collect(),
            coefficients: model.coefficients.into_iter().chain(model.cut_points).collect(),
            degrees_of_freedom: df,
            // There is no intercept before them.
            terms: places.into_iter().map(|(name, at)| (name, at.start - 1..at.end - 1)).collect(),
            slopes: 0..terms.columns.len(),
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
    let model = linear_model(design, &column, &terms, kind, link, Stopping::AtRest, domain)?;
    Ok(Fitted {
        slopes: 1..terms.columns.len(),
        terms: places,
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
    /// Where the coefficients of each term are.
    terms: Vec<(String, Range<usize>)>,
    /// Where those are that ratios are of.
    slopes: Range<usize>,
}

impl Fitted {
    /// Whether each term is needed: Wald's F test of all its coefficients.
    fn tests(&self, formula: &str) -> Result<Sheet, Error> {
        let headings = ["model", "term", "wald_f", "terms", "degrees_of_freedom", "p"];
        let mut sheet = Sheet::new("model_terms", &headings);
        for (name, places) in self.terms.iter().filter(|(_, places)| !places.is_empty()) {
            let places: Vec<usize> = places.clone().collect();
            let df = self.degrees_of_freedom;
            let test = wald_test(&self.coefficients, &self.covariance, df, &places)?;
            sheet.rows.push(vec![
                Entry::from(formula),
                name.as_str().into(),
                test.f.into(),
                places.len().into(),
                test.denominator.into(),
                test.p.into(),
            ]);
        }
        Ok(sheet)
    }
}

/// What is listed of a model: a value, standard error, degrees of freedom and remark for each term.
struct Listed {
    names: Vec<String>,
    terms: Vec<(f64, f64, f64, Option<Phrase>)>,
    slopes: Range<usize>,
}

impl Listed {
    /// From each copy of the data, put together by Rubin's rules where there are several.
    fn of(copies: Vec<Fitted>) -> Result<Self, Error> {
        let count = copies.len();
        let least = copies.iter().map(|one| one.degrees_of_freedom).fold(f64::INFINITY, f64::min);
        let first = copies.first();
        let names = first.map(|one| one.names.clone()).unwrap_or_default();
        let slopes = first.map(|one| one.slopes.clone()).unwrap_or_default();
        if let [one] = &copies[..] {
            let value = |(place, value): (usize, &f64)| {
                (*value, one.covariance.standard_error(place), least, None)
            };
            return Ok(Self {
                names,
                slopes,
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
        Ok(Self { terms: (0..names.len()).map(term).collect(), names, slopes })
    }

    /// `ratios`: whether coefficients are logarithms of ratios.
    fn sheet(&self, formula: &str, ratios: bool, options: &EstimateOptions) -> Sheet {
        let mut headings = vec![
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
        if ratios {
            let places = headings.len() - 1..headings.len() - 1;
            headings.splice(places, ["ratio", "ratio_lower", "ratio_upper"]);
        }
        let mut sheet = Sheet::new("model", &headings);
        let terms = self.names.iter().zip(&self.terms).enumerate();
        for (place, (name, (value, error, df, remark))) in terms {
            let (t, df) = (value / error, *df);
            let multiple = student_quantile(0.5 + 0.5 * options.confidence, df);
            let left = df > 0.0;
            let note = if left { remark.clone() } else { Some(phrase("phrase-note-no-degrees")) };
            let (lower, upper) = (value - multiple * error, value + multiple * error);
            let mut entries = vec![
                Entry::from(formula),
                match name.as_str() {
                    INTERCEPT => Entry::Word(name.clone()),
                    name => name.into(),
                },
                (*value).into(),
                (*error).into(),
                lower.into(),
                upper.into(),
                t.into(),
                df.into(),
                student_two_sided(t, df).into(),
            ];
            if ratios {
                let of = |value: f64| {
                    if self.slopes.contains(&place) { value.exp().into() } else { Entry::None }
                };
                entries.extend([*value, lower, upper].map(of));
            }
            entries.push(note.into());
            sheet.rows.push(entries);
        }
        sheet
    }
}
