//! `sondage estimate`, `tabulate`, `weight`, `reliability` and `quality`: statistics of a data file whose design
//! stands in a file beside it, without a database.

pub mod arguments;
mod data_file;
mod design_file;
mod estimate;
mod further;
mod imputed;
mod model;
mod places;
mod published;
mod quality;
mod reliability;
mod representative;
mod sheet;
mod streamed;
mod study;
mod tabulate;
mod weight;
mod weighting_steps;

pub use estimate::run as estimate;
pub use quality::run as quality;
pub use reliability::run as reliability;
pub use tabulate::run as tabulate;
pub use weight::run as weight;

use analysis::Design;
use analysis::disclosure::variation::{VariationClass, variation_class};
use analysis::estimate::presentation::{Presentation, Reliability};
use analysis::weighting::diagnostics::kish_design_effect;
use locale::problem_text;

use study::Study;

/// What a reader must know beside the figures.
fn notes(study: &Study) -> Vec<String> {
    let design = &study.design;
    let mut parts = drawn(design, design.rows(), kish_design_effect(design.weights()));
    if let Some(replicates) = design.replicates() {
        parts.push(format!("variance from {} replicates", replicates.weights.len()));
    }
    parts.extend(study.steps.iter().map(|step| format!("weights after {}", step.name)));
    notes_of(&parts, study.nonprobability)
}

/// How many rows there are, how they were drawn and how unequal their weights are.
fn drawn(design: &Design, rows: usize, kish: f64) -> Vec<String> {
    vec![
        format!("{rows} rows"),
        format!("{} strata", design.strata()),
        format!("{} clusters", design.clusters()),
        format!("Kish effect of the weights {kish:.3}"),
    ]
}

fn notes_of(parts: &[String], nonprobability: bool) -> Vec<String> {
    let mut notes = vec![format!("Design: {}.", parts.join(", "))];
    if nonprobability {
        notes.push(
            "Nonprobability sample: intervals are model-based; they rest on who took part being \
             like the others, given the weights, and are no margins of sampling error."
                .to_owned(),
        );
    }
    notes
}

/// The class of a figure by its coefficient of variation, and in words; empty where it has no mark.
fn by_variation(coefficient: Option<f64>, rows: usize) -> (VariationClass, String) {
    let class = variation_class(coefficient, rows);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let told = coefficient.map_or("unknown".to_owned(), percent);
    let words = match class {
        VariationClass::Acceptable => String::new(),
        VariationClass::Marginal => {
            format!("E, use with caution: coefficient of variation {told}")
        }
        VariationClass::Unacceptable => {
            format!("F, too unreliable: coefficient of variation {told}, {rows} rows")
        }
    };
    (class, words)
}

/// Why a figure has no standard error.
const NO_VARIANCE: &str =
    "the variance cannot be estimated, or its estimate is below zero: try yates_grundy or brewer";

/// Why a figure should not be shown, or only with care; empty where nothing speaks against it.
fn caution(reliability: &Reliability) -> String {
    let word = match reliability.presentation {
        Presentation::Present | Presentation::NotAssessed => return String::new(),
        Presentation::Review => "review",
        Presentation::Suppress => "unreliable",
    };
    let reasons: Vec<String> = reliability
        .reasons
        .iter()
        .map(|reason| {
            let name = serde_json::to_value(reason).ok();
            name.as_ref()
                .and_then(|name| name.as_str())
                .unwrap_or_default()
                .replace("below30", "below 30")
                .replace("above30", "above 30")
                .replace('_', " ")
        })
        .collect();
    format!("{word}: {}", reasons.join(", "))
}

/// Why there is no figure, as a note beside it: in the language of the headings.
fn note(error: &analysis::Error) -> String {
    let analysis::Error::Invalid(problems) = error;
    problems.iter().map(|problem| problem_text(problem, "en")).collect::<Vec<_>>().join("; ")
}
