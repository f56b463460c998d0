//! Every case of statistics that other software has computed, against ours.
//!
//! Reads each JSON file of `$SONDAGE_REFERENCE/statistics` (else the generated cases kept in
//! `fixtures/reference/statistics`) and answers each case by its kind. A kind, an option, a part of a
//! design or an expected value that nothing here handles makes a case "not yet", by name, and the test
//! fail: nothing is passed by being ignored. Where the other software is at fault the case passes by a
//! named exception, if `exceptions` can prove from the case's own data that the fault is what sets the
//! numbers apart; docs/METHODS.md says why each is a fault.

// Counts of rows are far below the exact range; names follow the schema of the cases.
#![allow(clippy::cast_precision_loss, clippy::similar_names, clippy::float_cmp)]

mod agreement;
mod calibration;
mod compare;
mod comparisons;
mod data;
mod designs;
mod domains;
mod draws;
mod estimates;
mod exceptions;
mod formula;
mod imputation;
mod models;
mod nonresponse;
mod presentation;
mod quantiles;
mod reliability;
mod replicates;
mod sampling;
mod scales;
mod sizes;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What came of a case.
pub(crate) enum Outcome {
    /// With the exceptions that it needed.
    Passed(Vec<&'static str>),
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
    /// How far, in the unit of the number.
    pub(crate) distance: f64,
    /// In words.
    pub(crate) text: String,
}

/// A case being checked: its parts and what is wrong so far.
pub(crate) struct Case<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) body: &'a Value,
    pub(crate) faults: Vec<Fault>,
    pub(crate) used: Vec<String>,
    pub(crate) exceptions: Vec<&'static str>,
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
        "inclusion_probabilities"
        | "joint_inclusion_probabilities"
        | "systematic_selection"
        | "horvitz_thompson"
        | "calibrate_g_weights"
        | "sample_size_proportion"
        | "sample_size_mean"
        | "sample_size_two_proportions"
        | "sample_size_two_means"
        | "allocation" => sampling::sampling,
        _ => return None,
    })
}

fn words(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.text.as_str()).collect::<Vec<_>>().join("; ")
}

fn run(folder: &Path, body: &Value) -> Outcome {
    let kind = body["statistic"]["kind"].as_str().unwrap_or("(no kind)");
    let Some(handler) = handler(kind) else { return Outcome::NotYet(kind.to_owned()) };
    let mut case =
        Case { folder, body, faults: Vec::new(), used: Vec::new(), exceptions: Vec::new() };
    match handler(&mut case) {
        Err(Stop::NotYet(what)) => Outcome::NotYet(format!("{kind}: {what}")),
        Err(Stop::Failed(what)) => Outcome::Failed(what),
        Ok(()) if !case.faults.is_empty() => Outcome::Failed(words(&case.faults)),
        Ok(()) => {
            let unused = case.unused_expectations();
            if unused.is_empty() {
                Outcome::Passed(case.exceptions)
            } else {
                Outcome::NotYet(format!("{kind}: expected {}", unused.join(", ")))
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
    let mut tally = Tally::default();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("readable file");
        let topic: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        tally.topic(&folder, &topic);
    }
    tally.report();
    if !whole {
        println!("SONDAGE_REFERENCE is not set: only the generated cases were run");
    }
    assert!(tally.failures.is_empty(), "{} cases failed", tally.failures.len());
    assert!(tally.not_yet.is_empty(), "{} cases cannot be answered", tally.later);
}

/// What came of all cases.
#[derive(Default)]
struct Tally {
    passed: usize,
    later: usize,
    excepted: usize,
    exceptions: BTreeMap<&'static str, Vec<String>>,
    not_yet: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn topic(&mut self, folder: &Path, topic: &Value) {
        let name = topic["topic"].as_str().unwrap_or("(no topic)").to_owned();
        let (mut passed, mut failed, mut later, mut excepted) = (0, 0, 0, 0);
        for case in topic["cases"].as_array().expect("a list of cases") {
            match run(folder, case) {
                Outcome::Passed(exceptions) => {
                    passed += 1;
                    excepted += usize::from(!exceptions.is_empty());
                    for exception in exceptions {
                        let cases = self.exceptions.entry(exception).or_default();
                        cases.push(case["case"].as_str().unwrap_or_default().to_owned());
                    }
                }
                Outcome::Failed(what) => {
                    failed += 1;
                    self.failures.push(format!("{name}: {}: {what}", case["case"]));
                }
                Outcome::NotYet(what) => {
                    later += 1;
                    *self.not_yet.entry(format!("{name}: {what}")).or_default() += 1;
                }
            }
        }
        let by = if excepted > 0 {
            format!(" ({excepted} by a named exception)")
        } else {
            String::new()
        };
        println!("{name}: {passed} passed, {failed} failed, {later} not yet{by}");
        self.passed += passed;
        self.later += later;
        self.excepted += excepted;
    }

    fn report(&self) {
        for (exception, cases) in &self.exceptions {
            println!("exception: {exception}: {}", cases.join(", "));
        }
        for (what, count) in &self.not_yet {
            println!("not yet: {what} ({count})");
        }
        for failure in &self.failures {
            println!("FAILED {failure}");
        }
        let all = self.passed + self.failures.len() + self.later;
        println!(
            "{all} cases: {} passed ({} of them by a named exception), {} failed, {} not yet",
            self.passed,
            self.excepted,
            self.failures.len(),
            self.later
        );
    }
}
