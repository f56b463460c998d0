//! Which field of the form a problem of a plan is about.

use fielding::error::Problem;
use survey_builder::problem::Argument;
use survey_builder::questionnaire::validate::Posted;

use super::STAGES;
use super::further::SORTS;
use super::overlap::EARLIER;
use crate::form::field;

/// Fields by what a value is of.
const OF_VALUES: [(&str, &str); 12] = [
    ("phrase-replicates", "replicates"),
    ("phrase-substitution", "substitution"),
    ("phrase-multiplicity", "multiplicity"),
    ("phrase-rest-and-earlier", "rest"),
    ("phrase-method-with-overlap", "s1_method"),
    ("phrase-coordinates", "s1_method"),
    ("phrase-proportion", "proportion"),
    ("phrase-confidence", "confidence"),
    ("phrase-intraclass-correlation", "correlation"),
    ("phrase-share-that-is-eligible", "eligible"),
    ("phrase-share-that-is-reached", "contact"),
    ("phrase-share-that-responds", "response"),
];
/// Fields of a stage by what a value is of.
const OF_STAGES: [(&str, &str); 8] = [
    ("phrase-method-with-sort", "sort1"),
    ("phrase-sort-of-a-serpentine", "sort1"),
    ("phrase-method-with-starts", "starts"),
    ("phrase-starts", "starts"),
    ("phrase-certainty", "certainty"),
    ("phrase-method-with-certainty", "certainty"),
    ("phrase-smallest", "smallest"),
    ("phrase-largest", "largest"),
];
/// Fields of a stage by the code of a problem that names it.
const OF_CODES: [(&str, &str); 9] = [
    ("plan_without_clusters", "units"),
    ("plan_stage_order", "units"),
    ("plan_without_column", "units"),
    ("plan_without_size", "size"),
    ("plan_draws_nothing", "count"),
    ("plan_allocation_late", "amount"),
    ("plan_without_allocation", "amount"),
    ("plan_total_too_small", "total"),
    ("plan_too_large", "method"),
];

/// The name of the field that a problem is about, if the form has one.
pub fn field_of(problem: &Problem, form: &Posted) -> Option<String> {
    if let Some(place) = problem.place.as_text().filter(|place| !place.is_empty()) {
        return Some(place.to_owned());
    }
    let text = |name: &str| problem.argument(name).and_then(Argument::as_text);
    if problem.code == "plan_value" {
        return of_value(problem, form);
    }
    if let Some(record) = text("record").filter(|_| problem.code.starts_with("overlap_")) {
        return Some(format!("{EARLIER}{record}"));
    }
    let stage = match problem.argument("stage") {
        Some(Argument::Number(number)) => (1..=STAGES)
            .zip(1_u32..)
            .find(|(_, stage)| (f64::from(*stage) - number).abs() < 0.5)
            .map(|(stage, _)| stage),
        _ => None,
    };
    if let Some(number) = stage {
        let found = OF_CODES.iter().find(|(code, _)| *code == problem.code);
        let found = found.map(|(_, name)| (*name).to_owned()).or_else(|| {
            let column = text("column")?;
            let is_it = |place: &usize| field(form, &format!("s{number}_sort{place}")) == column;
            (1..=SORTS).find(is_it).map(|place| format!("sort{place}"))
        });
        return found.map(|name| format!("s{number}_{name}"));
    }
    let of_stratum = |what: &str| text("stratum").map(|stratum| format!("{what}:{stratum}"));
    match problem.code.as_str() {
        "plan_over_population" => Some("s1_total".to_owned()),
        "plan_over_cluster" => Some("s2_count".to_owned()),
        "plan_bad_exponent" => Some("s1_power".to_owned()),
        "plan_column_constant" => Some("s1_column".to_owned()),
        "plan_bad_deviation" => of_stratum("deviation"),
        "plan_stratum_without_number" => of_stratum("number"),
        "plan_starts_over" => of_stage("starts", form),
        "plan_all_certain" => of_stage("certainty", form),
        "plan_bad_rate" => {
            of_stage("rate", form).or_else(|| of_stratum("rate")).or(Some("s1_rate".to_owned()))
        }
        _ => None,
    }
}

/// That field of the first stage in which something stands in it.
fn of_stage(what: &str, form: &Posted) -> Option<String> {
    let names = (1..=STAGES).map(|number| format!("s{number}_{what}"));
    names.into_iter().find(|name| !field(form, name).is_empty())
}

fn of_value(problem: &Problem, form: &Posted) -> Option<String> {
    let Some(Argument::Phrase(what)) = problem.argument("what") else { return None };
    let what = what.phrase.as_str();
    if let Some((_, name)) = OF_VALUES.iter().find(|(phrase, _)| *phrase == what) {
        return Some((*name).to_owned());
    }
    if what == "phrase-method-with-sizes" {
        return ["certainty", "smallest", "largest"].into_iter().find_map(|it| of_stage(it, form));
    }
    let (_, name) = OF_STAGES.iter().find(|(phrase, _)| *phrase == what)?;
    let ticked = || (1..=STAGES).find(|number| form.contains_key(&format!("s{number}_serpentine")));
    of_stage(name, form).or_else(|| ticked().map(|number| format!("s{number}_sort1")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use survey_builder::problem::phrase;
    use survey_builder::sampling::problem::Problem as Fault;

    #[test]
    fn problems_lead_to_their_fields() {
        let put = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        let form = Posted::from([
            put("s1_sort2", "ward"),
            put("s2_starts", "9"),
            put("s1_serpentine", "1"),
            put("s2_rate", "0"),
        ]);
        let value = |what: &'static str| Fault::PlanValue {
            what: phrase(what).into(),
            value: 1.0.into(),
            bounds: phrase("phrase-none").into(),
        };
        let stratum = || "Bắc".into();
        let ward = || "ward".to_owned();
        let record = "poll 1a2b3c4d".to_owned();
        for (fault, wanted) in [
            (value("phrase-starts"), Some("s2_starts")),
            (value("phrase-sort-of-a-serpentine"), Some("s1_sort1")),
            (value("phrase-rest-and-earlier"), Some("rest")),
            (value("phrase-strata-of-stage-1"), None),
            (Fault::PlanSortUnclear { stage: 1, column: ward() }, Some("s1_sort2")),
            (Fault::PlanSortUnclear { stage: 2, column: ward() }, None),
            (Fault::PlanWithoutSize { stage: 3 }, Some("s3_size")),
            (Fault::PlanWithoutSize { stage: 4 }, None),
            (Fault::PlanBadRate { stratum: stratum(), value: 0.0 }, Some("s2_rate")),
            (Fault::OverlapOtherKey { record }, Some("earlier:poll 1a2b3c4d")),
            (Fault::PlanWithoutStage, None),
        ] {
            assert_eq!(field_of(&Problem::from(&fault), &form).as_deref(), wanted, "{fault:?}");
        }
        let typed = Problem::new("whole-number", "s1_total");
        assert_eq!(field_of(&typed, &form).as_deref(), Some("s1_total"));
    }
}
