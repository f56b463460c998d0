//! What may be shown, decided from the numbers that the cases list.

use analysis::disclosure::counts::{CountPresentation, nchs_count, rule_of_thirty};
use analysis::disclosure::nchs::NchsInput;
use analysis::estimate::presentation::{Presentation, Reason};
use serde_json::Value;

use crate::compare::failed;
use crate::{Case, Stop};

fn decide(
    case: &mut Case<'_>,
    flag: impl Fn(&dyn Fn(&str) -> Option<f64>) -> Result<String, Stop>,
) -> Result<(), Stop> {
    let inputs = case.statistic()["inputs"].as_array().ok_or_else(|| failed("no inputs"))?;
    let flags: Vec<String> = inputs
        .iter()
        .map(|input| flag(&|name| input[name].as_f64()))
        .collect::<Result<_, Stop>>()?;
    case.check_strings("flags", &flags);
    case.take("meaning");
    Ok(())
}

fn given(get: &dyn Fn(&str) -> Option<f64>, name: &str) -> Result<f64, Stop> {
    get(name).ok_or_else(|| failed(&format!("an input without {name}")))
}

pub(crate) fn proportions(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["interval", "inputs"])?;
    case.allow_value("interval", &["Korn-Graubard, n_eff capped at n"])?;
    if !matches!(case.body["data"], Value::Null | Value::String(_)) {
        return Err(failed("data"));
    }
    decide(case, |get| {
        let (rows, proportion) = (given(get, "n_denominator")?, given(get, "Proportion")?);
        let error = given(get, "SE")?;
        let from_error = error * error * rows / (proportion * (1.0 - proportion));
        let input = NchsInput {
            rows,
            proportion,
            // Where it is listed it is exact; the error was rounded.
            design_effect: get("deff").unwrap_or(from_error),
            degrees_of_freedom: Some(given(get, "degf")?),
        };
        let decision = input.decide_for(given(get, "LL")?, given(get, "UL")?);
        if decision.presentation == Presentation::Suppress {
            return Ok("Px".to_owned());
        }
        let has = |reason: Reason| decision.reasons.contains(&reason);
        let flags = [
            ("Pc", decision.footnote_complement),
            ("Pdf", has(Reason::FewDegreesOfFreedom)),
            ("P0", has(Reason::ZeroOrOne)),
        ];
        let raised: Vec<&str> =
            flags.iter().filter(|(_, raised)| *raised).map(|(name, _)| *name).collect();
        Ok(raised.join(" "))
    })
}

fn name(presentation: CountPresentation) -> String {
    match presentation {
        CountPresentation::Present => "",
        CountPresentation::ReviewDegreesOfFreedom => "Cdf",
        CountPresentation::FootnoteStandardError => "Cr",
        CountPresentation::Suppress => "Cx",
    }
    .to_owned()
}

pub(crate) fn counts(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["inputs"])?;
    decide(case, |get| {
        let limits = (given(get, "ll")?, given(get, "ul")?);
        let (total, rows) = (given(get, "x")?, given(get, "samp.size")?);
        Ok(name(nchs_count(total, rows, limits, given(get, "degf")?)))
    })
}

pub(crate) fn thirty(case: &mut Case<'_>) -> Result<(), Stop> {
    case.allow_options(&["inputs"])?;
    decide(case, |get| {
        Ok(name(rule_of_thirty(given(get, "x")?, given(get, "s")?, given(get, "counts")?)))
    })
}
