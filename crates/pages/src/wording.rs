//! What was found and how, in words: figures, weighting, scales, plans, for pages,
//! files and the command line alike.

use analysis::tabulate::BlockKind;
use fielding::results::design::DesignFrom;
use fielding::results::{Results, Scale, weight_effect};
use survey_builder::sampling::{Amount, Method, Plan, Share, SizeMeasure, StageUnits};

/// A figure as the language writes it: a percentage, or a mean with one decimal.
pub fn figure(value: f64, kind: BlockKind, language: &str) -> String {
    match kind {
        BlockKind::Mean => locale::number(language, value, 1),
        BlockKind::Shares | BlockKind::Options => locale::percent(language, value, 0),
    }
}

/// How intervals and errors were made, in words.
pub fn method_text(results: &Results, language: &str) -> String {
    let design = &results.design;
    let (psus, strata) = (design.clusters(), design.strata());
    let method = locale::text(
        language,
        "tables-method",
        &[
            ("psus", &psus.to_string()),
            ("strata", &strata.to_string()),
            ("df", &psus.saturating_sub(strata).to_string()),
        ],
    );
    format!("{method} {}", design_text(&results.design_from, language))
}

/// What the design was taken from, in words.
fn design_text(from: &DesignFrom, language: &str) -> String {
    let say = |key: &str| locale::text(language, key, &[]);
    match from {
        DesignFrom::Record(_) => say("tables-design-record"),
        DesignFrom::Groups { clustered, unfit } => {
            let groups = if *clustered { "tables-design-groups" } else { "tables-design-units" };
            let unfit = unfit.iter().map(|problem| {
                let reason = locale::problem_text(problem, language);
                locale::text(language, "tables-design-unfit", &[("reason", &reason)])
            });
            std::iter::once(say(groups)).chain(unfit).collect::<Vec<_>>().join(" ")
        }
    }
}

/// What was done to the weights, in words.
pub fn weighting_text(results: &Results, language: &str) -> String {
    let Some(weighting) = &results.weighting else {
        let fitted = results.unfitted.is_empty();
        let key = if fitted { "tables-unraked" } else { "tables-not-fitted" };
        return locale::text(language, key, &[]);
    };
    let mut variables: Vec<&str> = Vec::new();
    for level in &weighting.levels {
        if !variables.contains(&level.variable.as_str()) {
            variables.push(&level.variable);
        }
    }
    let (effect, effective) = weight_effect(results);
    locale::text(
        language,
        "tables-weighted",
        &[
            ("variables", &variables.join(", ")),
            ("kish", &locale::number(language, effect, 2)),
            ("neff", &locale::number(language, effective, 0)),
            ("n", &locale::number(language, as_f64(results.design.rows()), 0)),
            ("ratio", &locale::number(language, weighting.ratio, 1)),
        ],
    )
}

/// The reliability of a scale, in words.
pub fn scale_text(scale: &Scale, language: &str) -> String {
    let three = |value: f64| locale::number(language, value, 2);
    locale::text(
        language,
        "tables-alpha",
        &[
            ("name", &scale.name),
            ("items", &scale.items.to_string()),
            ("alpha", &three(scale.alpha.scale.raw_alpha)),
            ("low", &three(scale.alpha.feldt.lower)),
            ("high", &three(scale.alpha.feldt.upper)),
        ],
    )
}

/// A stored plan in words, a sentence a stage.
pub fn plan_text(plan: &Plan, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let stages = plan.stages.iter().enumerate().map(|(index, stage)| {
        // What no page draws by yet is told by its name in a plan's file.
        let units = match &stage.units {
            StageUnits::Clusters => say("plan-clusters", &[]),
            StageUnits::Units => say("plan-units", &[]),
            StageUnits::Level(column) => column.clone(),
        };
        let method = match &stage.method {
            Method::Simple => say("plan-simple", &[]),
            Method::Systematic => say("plan-systematic", &[]),
            Method::SystematicPps(SizeMeasure::UnitCount) => say("plan-pps-count", &[]),
            Method::SystematicPps(SizeMeasure::Column) => say("plan-pps-column", &[]),
            other => other.name().to_owned(),
        };
        let amount = match &stage.amount {
            Amount::Allocated(allocation) => {
                let share = match allocation.share {
                    Share::Equal => "plan-equal",
                    Share::Proportional => "plan-proportional",
                    Share::Power(_) => "plan-power",
                    Share::Neyman(_)
                    | Share::CostOptimal(_)
                    | Share::NeymanColumn(_)
                    | Share::CostOptimalColumn(_) => "plan-neyman",
                    Share::Fixed(_) | Share::Multivariate(_) => "plan-fixed",
                };
                let (total, least) = (allocation.total.to_string(), allocation.minimum.to_string());
                let share = say(share, &[]);
                say("plan-allocated", &[("n", &total), ("share", &share), ("least", &least)])
            }
            Amount::Each { count, all_if_fewer } => {
                let key = if *all_if_fewer { "plan-each-or-all" } else { "plan-each" };
                say(key, &[("n", &count.to_string())])
            }
            Amount::Rate(rate) => say("plan-rate", &[("rate", &rate_text(language, *rate))]),
            Amount::Rates(_) => say("plan-rates", &[]),
        };
        let number = (index + 1).to_string();
        let parts = [
            ("stage", number.as_str()),
            ("units", &units),
            ("method", &method),
            ("amount", &amount),
        ];
        say("plan-stage", &parts)
    });
    stages.collect::<Vec<_>>().join(" ")
}

/// A sampling rate as a percentage with the digits that it has.
fn rate_text(language: &str, rate: f64) -> String {
    let percent = 100.0 * rate;
    let decimals = (0..4).find(|digits| {
        let scale = 10.0_f64.powi(*digits);
        ((percent * scale).round() / scale - percent).abs() < 1e-9
    });
    let decimals = decimals.and_then(|digits| usize::try_from(digits).ok()).unwrap_or(4);
    format!("{} %", locale::number(language, percent, decimals))
}

/// A count of rows as a number that is written.
pub fn as_f64(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "rows of one study")]
    let number = count as f64;
    number
}

/// A whole number as the language writes it.
pub fn count_text(language: &str, count: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    locale::number(language, count as f64, 0)
}

/// A text with a number in it: `n` decides the plural, `count` is how it is written.
pub fn say_count(language: &str, key: &str, count: i64, more: &[(&str, &str)]) -> String {
    let written = count_text(language, count);
    let mut arguments = vec![("count", written.as_str())];
    arguments.extend_from_slice(more);
    locale::counted(language, key, usize::try_from(count).unwrap_or(0), &arguments)
}
