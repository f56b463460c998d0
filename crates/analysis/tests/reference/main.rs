//! Every case of statistics that other software has computed, against ours.
//!
//! Reads each JSON file of `$SONDAGE_REFERENCE/statistics` (else the generated cases kept in
//! `fixtures/reference/statistics`) and answers each case by its kind, or counts it as not yet done,
//! by name. A kind, an option, a part of a design or an expected value that nothing here handles makes
//! a case "not yet": nothing is passed by being ignored.

// Counts of rows are far below the exact range; names follow the schema of the cases.
#![allow(clippy::cast_precision_loss, clippy::similar_names, clippy::float_cmp)]

mod agreement;
mod calibration;
mod compare;
mod comparisons;
mod data;
mod designs;
mod domains;
mod estimates;
mod formula;
mod imputation;
mod models;
mod nonresponse;
mod presentation;
mod quantiles;
mod reliability;
mod replicates;
mod scales;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What came of a case.
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    NotYet(String),
}

/// Why a case stopped early.
pub(crate) enum Stop {
    NotYet(String),
    Failed(String),
}

impl From<analysis::Error> for Stop {
    fn from(error: analysis::Error) -> Self {
        Self::Failed(format!("error: {error}"))
    }
}

/// A difference from what is expected.
pub(crate) struct Fault {
    /// The key of the expectation.
    pub(crate) key: String,
    /// How far ours is from theirs, as a share of theirs; infinite where no number measures it.
    pub(crate) gap: f64,
    /// In words.
    pub(crate) text: String,
}

/// A case being checked: its parts and what is wrong so far.
pub(crate) struct Case<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) body: &'a Value,
    pub(crate) faults: Vec<Fault>,
    pub(crate) used: Vec<String>,
}

/// A difference that is known: in which case, at which keys and how far at most as a share of the other
/// software's number (infinite: where that is zero or no number), and why.
type Known = (&'static str, &'static [(&'static str, f64)], &'static str);

/// Cases where the other software's number is known to be inexact; why is in docs/METHODS.md. They are
/// still computed, and counted as not yet if they differ; a larger difference, or one elsewhere, fails.
const EXCEPTIONS: [Known; 5] = [
    (
        "unweighted/fisher/made1",
        &[("ci95", 1e-4)],
        "R stops its search for the limits at 1e-4; ours solves the tails",
    ),
    (
        "svyciprop/made1/vote-D/likelihood/0.95",
        &[("ci", 2e-4)],
        "R interpolates the profile of the likelihood; ours solves it",
    ),
    ("svyquantile/made1/kids/hf3", &[("estimate", 1.0), ("ci95", 1.0)], FIRST_VALUE),
    ("svyquantile/made1/sat/hf3", &[("estimate", 0.5), ("ci95", 0.5)], FIRST_VALUE),
    (
        "cohen_kappa/coders1",
        &[("linear_ci95", 5e-4), ("var_weighted", 6e-4), ("weighted_ci95", 5e-5)],
        WEIGHTED_KAPPA,
    ),
];

/// Cases where ours and theirs differ, or ours gives up, and nobody has shown whose fault it is. They
/// are not exceptions: they count as not yet until they pass or the reason is proven. A case without
/// keys is one that ours gives up.
const NOT_MATCHED: [Known; 4] = [
    (
        "svyolr/made1",
        &[("estimate", 2e-3), ("cutpoints", 2e-3), ("se", 1e-3)],
        "estimates differ by up to 2e-3; which is nearer the top is not shown",
    ),
    (
        "svyquantile/apiclus2/api00/interval-asin",
        &[("ci95", 0.04), ("se", 0.25)],
        "arcsine limits differ; see METHODS",
    ),
    (
        "omega/bank1/minres-3",
        &[("schmid_loadings", 0.02)],
        "loadings differ where an item reaches the limit of its uniqueness",
    ),
    ("omega/bank1/ml-3", &[], "our search for the most likely loadings does not come to rest"),
];

const WEIGHTED_KAPPA: &str =
    "psych's variance of weighted kappa multiplies where the source averages";
const FIRST_VALUE: &str = "R gives the second value where the first alone is more than p";

/// Why a case may differ as it does, if every difference is a known one.
fn excuse(known: &[Known], case: &Value, faults: &[Fault]) -> Option<&'static str> {
    let (_, keys, why) = known.iter().find(|(name, _, _)| case == *name)?;
    let within =
        |fault: &Fault| keys.iter().any(|(key, bound)| fault.key == *key && fault.gap <= *bound);
    faults.iter().all(within).then_some(*why)
}

type Handler = fn(&mut Case<'_>) -> Result<(), Stop>;

fn handler(kind: &str) -> Option<Handler> {
    Some(match kind {
        "mean" => estimates::mean,
        "total" => estimates::total,
        "mean_and_total" => estimates::mean_and_total,
        "population_variance" => estimates::population_variance,
        "ratio" => estimates::ratio,
        "function_of_means" => estimates::function_of_means,
        "design_df" => estimates::design_df,
        "shares_of_levels" => estimates::shares,
        "proportion_interval" => estimates::proportion_interval,
        "subpopulation" => domains::subpopulation,
        "domain_difference" => comparisons::domain_difference,
        "pooled_two_proportion_z" => comparisons::pooled_shares,
        "pairwise_column_proportions_pooled_z" => comparisons::pairwise_shares,
        "proportion_interval_unweighted" => comparisons::unweighted_interval,
        "weighted_descriptives" => comparisons::descriptives,
        "quantile" => quantiles::quantile,
        "cdf" => quantiles::cdf,
        "rake" => calibration::rake,
        "poststratify" => calibration::poststratify,
        "kish_weighting_deff" => calibration::kish,
        "krippendorff_alpha" => agreement::krippendorff,
        "fleiss_kappa" => agreement::fleiss,
        "cohen_kappa" => agreement::cohen,
        "icc" => agreement::icc,
        "guttman_lambdas" => reliability::guttman,
        "split_half_all_splits" => reliability::split_half,
        "mcdonald_omega" => reliability::omega,
        "omega_one_factor_ml" => reliability::one_factor,
        "test_retest" => reliability::retest,
        "polychoric" => reliability::polychoric_correlations,
        "t_test" => models::t_test,
        "rank_test" => models::rank,
        "glm" => models::glm,
        "ordinal_logit" => models::ordinal,
        "replicate_estimates" => replicates::estimates,
        "calibrate" => calibration::calibrate,
        "trim" => calibration::trim,
        "rake_then_trim" => calibration::rake_then_trim,
        "nonresponse_cells" => nonresponse::cells,
        "nonresponse_propensity" => nonresponse::propensity,
        "inequality" => nonresponse::inequality,
        "nchs_presentation_standard_proportions" => presentation::proportions,
        "nchs_presentation_standard_counts" => presentation::counts,
        "rule_30_30" => presentation::thirty,
        "crosstab" => tables::crosstab,
        "independence_test" => tables::independence_test,
        "goodness_of_fit" => tables::goodness_of_fit,
        "kappa" => tables::kappa,
        "pearson_chisq_unweighted" => tables::pearson,
        "fisher_exact" => tables::fisher,
        "cronbach_alpha" => scales::cronbach_alpha,
        "weighted_cronbach_alpha" => scales::weighted_cronbach_alpha,
        _ => return None,
    })
}

fn words(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.text.as_str()).collect::<Vec<_>>().join("; ")
}

fn run(folder: &Path, body: &Value) -> Outcome {
    let kind = body["statistic"]["kind"].as_str().unwrap_or("(no kind)");
    let Some(handler) = handler(kind) else { return Outcome::NotYet(kind.to_owned()) };
    let mut case = Case { folder, body, faults: Vec::new(), used: Vec::new() };
    match handler(&mut case) {
        Err(Stop::NotYet(what)) => Outcome::NotYet(format!("{kind}: {what}")),
        Err(Stop::Failed(what)) => {
            match NOT_MATCHED
                .iter()
                .find(|(name, keys, _)| body["case"] == *name && keys.is_empty())
            {
                Some((_, _, why)) => Outcome::NotYet(format!("{kind}: not matched: {why}")),
                None => Outcome::Failed(what),
            }
        }
        Ok(()) if case.faults.is_empty() => {
            let unused = case.unused_expectations();
            if unused.is_empty() {
                Outcome::Passed
            } else {
                Outcome::NotYet(format!("{kind}: expected {}", unused.join(", ")))
            }
        }
        Ok(()) => {
            let faults = &case.faults;
            if let Some(why) = excuse(&EXCEPTIONS, &body["case"], faults) {
                return Outcome::NotYet(format!("{kind}: exception: {why}"));
            }
            match excuse(&NOT_MATCHED, &body["case"], faults) {
                Some(why) => Outcome::NotYet(format!("{kind}: not matched: {why}")),
                None => Outcome::Failed(words(faults)),
            }
        }
    }
}

/// The reference folder, and whether it is the whole one.
fn reference_folder() -> (PathBuf, bool) {
    if let Some(folder) = std::env::var_os("SONDAGE_REFERENCE") {
        return (PathBuf::from(folder).join("statistics"), true);
    }
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference/statistics");
    (kept, false)
}

#[test]
fn reference() {
    let (folder, whole) = reference_folder();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let mut not_yet: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("readable file");
        let topic: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = topic["topic"].as_str().unwrap_or("(no topic)").to_owned();
        let (mut passed, mut failed, mut later) = (0, 0, 0);
        for case in topic["cases"].as_array().expect("a list of cases") {
            match run(&folder, case) {
                Outcome::Passed => passed += 1,
                Outcome::Failed(what) => {
                    failed += 1;
                    failures.push(format!("{name}: {}: {what}", case["case"]));
                }
                Outcome::NotYet(what) => {
                    later += 1;
                    *not_yet.entry(format!("{name}: {what}")).or_default() += 1;
                }
            }
        }
        println!("{name}: {passed} passed, {failed} failed, {later} not yet");
    }
    for (what, count) in &not_yet {
        println!("not yet: {what} ({count})");
    }
    if !whole {
        println!("SONDAGE_REFERENCE is not set: only the generated cases were run");
    }
    for failure in &failures {
        println!("FAILED {failure}");
    }
    assert!(failures.is_empty(), "{} cases failed", failures.len());
}
