//! Models of a data file: `response ~ term + term`, numbers as they are, other columns by level.

use analysis::distribution::{student_quantile, student_two_sided};
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::model::ordinal::ordinal_model;
use analysis::{Coded, Error, EstimateOptions, Problem};

use super::arguments::ModelFamily;
use super::sheet::{Entry, Sheet};
use super::study::{Study, read_or_tell, taken};
use super::weighting_steps::model_terms;

/// Fits a model and lists its terms.
///
/// # Errors
/// A formula that cannot be read, columns that are not there, what the model refuses.
pub fn sheet(
    formula: &str,
    family: ModelFamily,
    study: &Study,
    options: &EstimateOptions,
) -> Result<Sheet, Error> {
    let told = |fault: &str| {
        let remedy = "write it as `response ~ term + term`";
        Error::Invalid(vec![Problem::input(&format!("model “{formula}”"), fault, remedy)])
    };
    let (response, right) = formula.split_once('~').ok_or_else(|| told("has no ~"))?;
    let (response, names) = (response.trim(), right.split('+').map(|name| name.trim().to_owned()));
    let names: Vec<String> = names.filter(|name| name != "1").collect();
    if response.is_empty() || names.iter().any(String::is_empty) {
        return Err(told("lacks a column"));
    }
    let mut problems = Vec::new();
    let mut terms = model_terms(&names, &study.data, &mut problems);
    let found = if family == ModelFamily::Ordinal {
        let levels = read_or_tell(study.data.levels(response), &mut problems);
        let Some(levels) = levels.filter(|_| problems.is_empty()) else {
            return Err(Error::Invalid(problems));
        };
        terms.names.remove(0);
        terms.columns.remove(0);
        let coded = Coded { codes: &levels.codes, levels: levels.labels.len() };
        let model = ordinal_model(&study.design, coded, &terms, None)?;
        let cuts = levels.labels.windows(2).map(|pair| format!("{} | {}", pair[0], pair[1]));
        let count = u32::try_from(terms.columns.len()).unwrap_or(u32::MAX);
        let df = study.design.degrees_of_freedom(options.degrees_of_freedom, None, None)
            - f64::from(count);
        Fitted {
            errors: model.standard_errors(),
            names: model.names.into_iter().chain(cuts).collect(),
            coefficients: model.coefficients.into_iter().chain(model.cut_points).collect(),
            degrees_of_freedom: df,
        }
    } else {
        let column = taken(study.numbers(response, 0), &mut problems);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let (kind, link) = match family {
            ModelFamily::Logistic => (Family::Binomial, Link::Logit),
            ModelFamily::Poisson => (Family::Poisson, Link::Log),
            ModelFamily::Gamma => (Family::Gamma, Link::Log),
            ModelFamily::Linear | ModelFamily::Ordinal => (Family::Gaussian, Link::Identity),
        };
        let stopping = Stopping::AtRest;
        let model = linear_model(&study.design, &column, &terms, kind, link, stopping, None)?;
        Fitted {
            errors: model.standard_errors(),
            names: model.names,
            coefficients: model.coefficients,
            degrees_of_freedom: model.degrees_of_freedom,
        }
    };
    Ok(found.sheet(formula, options))
}

struct Fitted {
    names: Vec<String>,
    coefficients: Vec<f64>,
    errors: Vec<f64>,
    degrees_of_freedom: f64,
}

impl Fitted {
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
        let df = self.degrees_of_freedom;
        let multiple = student_quantile(0.5 + 0.5 * options.confidence, df);
        for ((name, value), error) in self.names.iter().zip(&self.coefficients).zip(&self.errors) {
            let t = value / error;
            let note = if df > 0.0 { "" } else { "no degrees of freedom are left" };
            sheet.rows.push(vec![
                Entry::from(formula),
                name.as_str().into(),
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
