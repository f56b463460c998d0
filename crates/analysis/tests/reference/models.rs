//! Tests of groups and regression models.

use analysis::Coded;
use analysis::model::ModelMatrix;
use analysis::model::linear::{Family, LinearModel, Link, Stopping, linear_model};
use analysis::model::ordinal::ordinal_model;
use analysis::model::ranks::{RankScore, RankTest, rank_test};

use crate::compare::failed;
use crate::data::Data;
use crate::estimates::largest;
use crate::formula::{Formula, numeric};
use crate::{Case, Stop};

/// The response of a model: numbers, or whether text is beyond its first level.
pub(crate) fn response(data: &Data, formula: &Formula) -> Result<Vec<f64>, Stop> {
    let name = formula.response.as_deref().ok_or_else(|| failed("no response"))?;
    if let Ok(numbers) = numeric(data, name) {
        return Ok(numbers);
    }
    let levels = data.levels(name)?;
    let beyond = |code: &u16| match code {
        0 => f64::NAN,
        code => f64::from(u8::from(*code > 1)),
    };
    Ok(levels.codes.iter().map(beyond).collect())
}

pub(crate) fn t_test(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let formula = Formula::parse(case.option("formula")?)?;
    let response = response(&data, &formula)?;
    let one_sample = formula.terms.is_empty();
    let terms =
        if one_sample { ModelMatrix::intercept(data.rows) } else { formula.matrix(&data)?.0 };
    let model = linear_model(
        &design,
        &response,
        &terms,
        Family::Gaussian,
        Link::Identity,
        Stopping::AtRest,
        None,
    )?;
    // A mean is tested with one degree of freedom less than the design has, as R does it.
    let model = if one_sample {
        LinearModel { degrees_of_freedom: model.degrees_of_freedom - 1.0, ..model }
    } else {
        model
    };
    let term = terms.columns.len() - 1;
    let (t, p) = model.student_test(term);
    let limits = model.interval(term, 0.95)?.map_or([f64::NAN; 2], |i| [i.lower, i.upper]);
    let scale = model.coefficients[term];
    case.check("estimate", &[scale], scale);
    case.check("t", &[t], 1.0);
    case.check("df", &[model.degrees_of_freedom], 1.0);
    case.check("p_value", &[p], 0.0);
    case.check("ci95", &limits, scale);
    Ok(())
}

pub(crate) fn rank(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula", "test"])?;
    let score = match case.statistic()["test"].as_str() {
        None | Some("wilcoxon" | "KruskalWallis") => RankScore::Rank,
        Some("vanderWaerden") => RankScore::NormalQuantile,
        Some("median") => RankScore::AboveMedian,
        Some(other) => return Err(Stop::NotYet(format!("test {other}"))),
    };
    let data = case.data()?;
    let design = case.design(&data)?;
    let formula = Formula::parse(case.option("formula")?)?;
    let values = response(&data, &formula)?;
    let [term] = formula.terms.as_slice() else {
        return Err(Stop::NotYet("several terms".to_owned()));
    };
    let levels = data.levels(term.first().ok_or_else(|| failed("no group"))?)?;
    let groups = Coded { codes: &levels.codes, levels: levels.names.len() };
    match rank_test(&design, &values, groups, score, None)? {
        RankTest::TwoGroups { difference, t, degrees_of_freedom, p } => {
            case.check("statistic", &[t], 1.0);
            case.check("df", &[degrees_of_freedom], 1.0);
            case.check("p_value", &[p], 0.0);
            case.check("estimate", &[difference], 1.0);
        }
        // R prints the degrees of freedom as the statistic and the statistic as its parameter.
        RankTest::SeveralGroups { chi_squared, numerator, p, .. } => {
            case.check("statistic", &[numerator], 1.0);
            case.check("df", &[chi_squared], 1.0);
            case.check("p_value", &[p], 0.0);
            case.check_value("estimate", &serde_json::Value::Null, &[f64::NAN], 1.0);
            case.take("estimate");
        }
    }
    Ok(())
}

/// Family and link of a case; the quasi families differ from the plain in nothing that is estimated.
pub(crate) fn family_and_link(case: &Case<'_>) -> Result<(Family, Link), Stop> {
    let (family, usual) = match case.statistic()["family"].as_str() {
        None | Some("gaussian") => (Family::Gaussian, Link::Identity),
        Some("binomial" | "quasibinomial") => (Family::Binomial, Link::Logit),
        Some("poisson" | "quasipoisson") => (Family::Poisson, Link::Log),
        Some("Gamma") => (Family::Gamma, Link::Inverse),
        Some(other) => return Err(Stop::NotYet(format!("family {other}"))),
    };
    let link = match case.statistic()["link"].as_str() {
        None => usual,
        Some("identity") => Link::Identity,
        Some("log") => Link::Log,
        Some("logit") => Link::Logit,
        Some("probit") => Link::Probit,
        Some("cloglog") => Link::ComplementaryLogLog,
        Some("inverse") => Link::Inverse,
        Some(other) => return Err(Stop::NotYet(format!("link {other}"))),
    };
    Ok((family, link))
}

pub(crate) fn glm(case: &mut Case<'_>) -> Result<(), Stop> {
    if !case.body["design"]["imputation"].is_null() {
        return crate::imputation::pooled_models(case);
    }
    case.allow_options(&["formula", "family", "link", "contrasts"])?;
    case.allow_value("contrasts", &["treatment, first level in alphabetical order is the base"])?;
    let (family, link) = family_and_link(case)?;
    let data = case.data()?;
    let formula = Formula::parse(case.option("formula")?)?;
    let response = response(&data, &formula)?;
    let (terms, places) = formula.matrix(&data)?;
    let design = case.design(&data)?;
    let model = linear_model(&design, &response, &terms, family, link, Stopping::ByDeviance, None)?;
    let tests: Vec<(f64, f64)> =
        (0..terms.names.len()).map(|term| model.student_test(term)).collect();
    let mut limits = Vec::new();
    for term in 0..terms.names.len() {
        let interval = model.interval(term, 0.95)?;
        limits.extend(interval.map_or([f64::NAN; 2], |i| [i.lower, i.upper]));
    }
    let scale = largest(&model.coefficients);
    let size = model.covariance.size();
    let matrix: Vec<f64> =
        (0..size * size).map(|place| model.covariance.get(place / size, place % size)).collect();
    case.check_strings("terms", &terms.names);
    case.check("estimate", &model.coefficients, scale);
    case.check("se", &model.standard_errors(), scale);
    case.check("vcov", &matrix, largest(&matrix));
    case.check("t", &tests.iter().map(|test| test.0).collect::<Vec<f64>>(), 1.0);
    case.check("p", &tests.iter().map(|test| test.1).collect::<Vec<f64>>(), 0.0);
    case.check("df_residual", &[model.degrees_of_freedom], 1.0);
    case.check("ci95", &limits, scale);
    case.check("dispersion", &[model.dispersion], 1.0);
    case.check("null_deviance", &[model.null_deviance], 1.0);
    case.check("deviance", &[model.deviance], 1.0);
    wald(case, &model, &formula, &places)
}

fn wald(
    case: &mut Case<'_>,
    model: &LinearModel,
    formula: &Formula,
    places: &[Vec<usize>],
) -> Result<(), Stop> {
    let Some(expected) = case.take("wald_test") else { return Ok(()) };
    let tested = Formula::parse(expected["term"].as_str().unwrap_or_default())?;
    let mut chosen = Vec::new();
    for term in &tested.terms {
        let place = formula.terms.iter().position(|own| own == term);
        let place = place.ok_or_else(|| failed(&format!("no term {term:?}")))?;
        chosen.extend(&places[place]);
    }
    let test = model.wald_test(&chosen)?;
    for (name, got) in
        [("F", test.f), ("df", test.numerator), ("ddf", test.denominator), ("p", test.p)]
    {
        case.check_value(&format!("wald_test.{name}"), &expected[name], &[got], 1.0);
    }
    Ok(())
}

pub(crate) fn ordinal(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["formula"])?;
    let data = case.data()?;
    let design = case.design(&data)?;
    let mut formula = Formula::parse(case.option("formula")?)?;
    let name = formula.response.clone().ok_or_else(|| failed("no response"))?;
    let name = name.strip_prefix("factor(").and_then(|n| n.strip_suffix(')')).unwrap_or(&name);
    let levels = data.levels(name)?;
    let response = Coded { codes: &levels.codes, levels: levels.names.len() };
    formula.intercept = true;
    let (mut terms, _) = formula.matrix(&data)?;
    terms.names.remove(0);
    terms.columns.remove(0);
    let model = ordinal_model(&design, response, &terms, None)?;
    case.check_strings("terms", &model.names);
    case.check("estimate", &model.coefficients, 1.0);
    case.check("cutpoints", &model.cut_points, 1.0);
    case.check("se", &model.standard_errors(), 1.0);
    let rows: Vec<usize> = (0..data.rows)
        .filter(|&row| {
            levels.codes[row] != 0 && terms.columns.iter().all(|column| !column[row].is_nan())
        })
        .collect();
    let log_likelihood = |slopes: &[f64], cuts: &[f64]| {
        let of_row = |&row: &usize| {
            let predictor: f64 =
                terms.columns.iter().zip(slopes).map(|(column, slope)| column[row] * slope).sum();
            let below = |level: usize| match level {
                0 => 0.0,
                level if level > cuts.len() => 1.0,
                level => 1.0 / (1.0 + (predictor - cuts[level - 1]).exp()),
            };
            let level = usize::from(levels.codes[row]);
            design.weights()[row] * (below(level) - below(level - 1)).ln()
        };
        rows.iter().map(of_row).sum::<f64>()
    };
    let ours = (model.coefficients.as_slice(), model.cut_points.as_slice());
    crate::exceptions::of_ordinal(case, ours, log_likelihood);
    Ok(())
}
