//! `sondage codebook`, `estimate`, `tabulate`, `weight`, `reliability` and `quality`: a data file and its
//! statistics, by a design in a file beside it, without a database.

pub mod arguments;
mod codebook;
mod codebook_file;
mod contrasts;
mod data_file;
mod design_file;
mod designed_data;
mod estimate;
mod formula;
mod further;
mod imputed;
mod layout;
mod letters;
mod lines_for_r;
mod model;
mod places;
mod published;
mod quality;
mod reliability;
mod representative;
mod sampled;
mod sheet;
mod small_areas;
mod streamed;
mod tabulate;
mod targets;
mod weight;
mod weighting_steps;

pub use codebook::run as codebook;
pub use estimate::run as estimate;
pub use quality::run as quality;
pub use reliability::run as reliability;
pub use tabulate::run as tabulate;
pub use weight::run as weight;

use analysis::Design;
use analysis::disclosure::variation::{VariationClass, variation_class};
use analysis::estimate::presentation::{PrecisionFlag, Presentation, Reason};
use analysis::weighting::diagnostics::kish_design_effect;
use survey_builder::problem::{Argument, Phrase, Problem, phrase};

use arguments::Rule;
use designed_data::{DesignedData, Step};

/// What a reader must know beside the figures.
fn notes(study: &DesignedData) -> Vec<Phrase> {
    let design = &study.design;
    let mut parts = drawn(design, design.people(), kish_design_effect(design.weights()));
    if let Some(replicates) = design.replicates() {
        let count = replicates.weights.len().to_string();
        parts.push(phrase("phrase-note-replicates").with("count", count));
    }
    let after = |step: &Step| phrase("phrase-note-after").with("step", step_words(&step.name));
    parts.extend(study.steps.iter().map(after));
    let mut notes = notes_of(parts, study.nonprobability);
    notes.extend(study.joined.iter().flat_map(sampled::notes));
    if !study.drawn_said {
        notes.push(phrase("phrase-note-no-design"));
    }
    notes.extend(study.weight_of_file.as_deref().map(weight_of_file));
    notes.extend(study.remarks.iter().cloned());
    notes.extend(study.data.notes());
    notes
}

/// That weights come from the data file.
fn weight_of_file(column: &str) -> Phrase {
    phrase("phrase-note-weight-of-file").with("column", column)
}

/// How many rows there are, how they were drawn and how unequal their weights are.
fn drawn(design: &Design, rows: usize, kish: f64) -> Vec<Phrase> {
    let (strata, clusters) = (design.strata().to_string(), design.clusters().to_string());
    vec![
        phrase("phrase-note-rows").with("count", rows.to_string()),
        phrase("phrase-note-strata").with("count", strata),
        phrase("phrase-note-clusters").with("count", clusters),
        phrase("phrase-note-kish").with("effect", format!("{kish:.3}")),
    ]
}

fn notes_of(parts: Vec<Phrase>, nonprobability: bool) -> Vec<Phrase> {
    let parts = listed(parts.into_iter().map(Into::into).collect());
    let mut notes = vec![phrase("phrase-note-design").with("parts", parts)];
    if nonprobability {
        notes.push(phrase("phrase-note-nonprobability"));
    }
    notes
}

/// Several with commas between them.
fn listed(parts: Vec<Argument>) -> Argument {
    let joined = parts.into_iter().reduce(|one, other| {
        phrase("phrase-note-list").with("one", one).with("other", other).into()
    });
    joined.unwrap_or_else(|| "".into())
}

/// A step of weighting by its name in words.
fn step_words(name: &str) -> Argument {
    match name {
        "base" => phrase("phrase-step-base").into(),
        "unknown eligibility" => phrase("phrase-step-unknown-eligibility").into(),
        "nonresponse" => phrase("phrase-step-nonresponse").into(),
        "propensity" => phrase("phrase-step-propensity").into(),
        "post-stratification" => phrase("phrase-step-post-stratification").into(),
        "raking" => phrase("phrase-step-raking").into(),
        "calibration" => phrase("phrase-step-calibration").into(),
        "trimming" => phrase("phrase-step-trimming").into(),
        "composite" => phrase("phrase-step-composite").into(),
        own => match own.strip_prefix("factor ") {
            Some(factor) => phrase("phrase-step-factor").with("factor", factor).into(),
            None => own.into(),
        },
    }
}

/// The class of a figure by its coefficient of variation, and in words; none where it has no mark.
fn by_variation(coefficient: Option<f64>, rows: usize) -> (VariationClass, Option<Phrase>) {
    let class = variation_class(coefficient, rows);
    let told: Argument = match coefficient {
        Some(share) => format!("{:.1} %", 100.0 * share).into(),
        None => phrase("phrase-note-unknown").into(),
    };
    let words = match class {
        VariationClass::Acceptable => None,
        VariationClass::Marginal => Some(phrase("phrase-note-marginal").with("variation", told)),
        VariationClass::Unacceptable => {
            let said = phrase("phrase-note-unacceptable").with("variation", told);
            Some(said.with("rows", rows.to_string()))
        }
    };
    (class, words)
}

/// Why a figure has no standard error.
fn no_variance() -> Phrase {
    phrase("phrase-note-no-variance")
}

/// Why the variance of a figure is not known; none where the rules of presentation say so already. `zero`:
/// whether it came out as zero.
fn why_unknown(reliability: &PrecisionFlag, zero: bool, rule: Rule) -> Option<Phrase> {
    let has = |reason: Reason| reliability.reasons.contains(&reason);
    let said = rule == Rule::Nchs;
    if has(Reason::OneCluster) {
        (!said).then(|| phrase("phrase-reason-one-cluster"))
    } else if zero {
        let told = said && (has(Reason::NoVariation) || has(Reason::ZeroOrOne));
        (!told).then(|| phrase("phrase-reason-no-variation"))
    } else {
        Some(no_variance())
    }
}

/// Why a figure should not be shown, or only with care; none where nothing speaks against it.
fn caution(reliability: &PrecisionFlag) -> Option<Phrase> {
    let said = match reliability.presentation {
        Presentation::Present | Presentation::NotAssessed => return None,
        Presentation::Review => phrase("phrase-note-review"),
        Presentation::Suppress => phrase("phrase-note-unreliable"),
    };
    let reasons = reliability.reasons.iter().map(|reason| {
        let said = match reason {
            Reason::EffectiveRowsBelow30 => phrase("phrase-reason-effective-rows"),
            Reason::RowsBelow30 => phrase("phrase-reason-rows"),
            Reason::IntervalWide => phrase("phrase-reason-interval-wide"),
            Reason::IntervalRelativelyWide => phrase("phrase-reason-interval-relatively-wide"),
            Reason::ZeroOrOne => phrase("phrase-reason-zero-or-one"),
            Reason::FewDegreesOfFreedom => phrase("phrase-reason-degrees-of-freedom"),
            Reason::StandardErrorAbove30Percent => phrase("phrase-reason-standard-error"),
            Reason::NoStandardError => phrase("phrase-reason-no-standard-error"),
            Reason::OneCluster => phrase("phrase-reason-one-cluster"),
            Reason::NoVariation => phrase("phrase-reason-no-variation"),
        };
        said.into()
    });
    Some(said.with("reasons", listed(reasons.collect())))
}

/// Why there is no figure, as a note beside it.
fn note(error: analysis::Error) -> Vec<Phrase> {
    let said = |problem: Problem| {
        if problem.place.is_empty() {
            return problem.into_phrase();
        }
        phrase("phrase-at").with("place", &problem.place).with("problem", problem.into_phrase())
    };
    error.into_problems().into_iter().map(said).collect()
}
