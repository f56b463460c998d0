//! `sondage sample simulate`: what a plan would give if it were fielded many times, with
//! made answers.

use std::path::Path;

use analysis::simulation::{Simulated, SimulatedFigure, simulate};
use serde_json::json;
use survey_builder::sampling::Seed;
use survey_builder::sampling::size::fieldwork::Fieldwork;

use super::read_plan;
use crate::frame::{pretty, refuse, tell_notes};
use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::Simulation;
use crate::terminal::{Failure, columns, print_line};

/// Simulates and prints.
///
/// # Errors
///
/// Files that cannot be read, and everything that stands in the way of the plan.
pub fn run(given: &Simulation, language: &str) -> Result<(), Failure> {
    let found = match simulated(given, language) {
        Ok(found) => found,
        Err(refusal) => return refuse(refusal, given.json),
    };
    if given.json {
        print_line(&pretty(&json!({
            "outcome": "simulated",
            "seed": given.seed,
            "simulation": found,
        })));
    } else {
        print_line(&table(&found, language));
        for line in notes(&found, given.seed, language) {
            print_line(&line);
        }
    }
    Ok(())
}

fn simulated(given: &Simulation, language: &str) -> Result<Simulated, Refusal> {
    let (mut columns, mut plan, mut assumptions) = read_plan(&given.plan)?;
    // By permanent numbers every sample would be the same; chances are as without them.
    plan.overlap = None;
    if let Some(share) = given.share {
        assumptions.proportion = share;
    }
    if let Some(correlation) = given.icc {
        assumptions.correlation = correlation;
    }
    if let Some(response) = given.response {
        assumptions.fieldwork = Fieldwork { response, ..Fieldwork::default() };
    }
    if let Some(domain) = &given.domain {
        assumptions.domain = Some(domain.clone());
    }
    columns.reading = frame_file::reading(&given.reading, &columns.reading);
    let columns = assumptions.columns(plan.columns(&columns));
    let frame: &Path = &given.frame;
    let file = frame_file::open(frame, given.encoding, columns.reading.sheet.as_deref())?;
    let frame = file.frame(&columns)?;
    if !given.json {
        tell_notes(&frame.notes, language);
    }
    Ok(simulate(&frame, &plan, &assumptions, given.samples, Seed(given.seed))?)
}

fn table(found: &Simulated, language: &str) -> String {
    let say = |key: &str| locale::text(language, key, &[]);
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{} %", number(100.0 * value, 1)))
    };
    let heading = [
        "cli-domain",
        "cli-completes",
        "cli-share-made",
        "cli-share-estimated",
        "cli-error-true",
        "cli-error-estimated",
        "cli-design-effect",
        "cli-intervals-hold",
        "cli-hidden",
    ];
    let line = |figure: &SimulatedFigure, name: String| {
        vec![
            name,
            number(figure.completes, 1),
            percent(Some(figure.share)),
            percent(figure.mean),
            percent(figure.standard_error),
            percent(figure.estimated_error),
            figure.design_effect.map_or_else(|| "–".to_owned(), |effect| number(effect, 2)),
            percent(figure.coverage),
            percent(Some(figure.hidden)),
        ]
    };
    let mut lines = vec![heading.map(say).to_vec(), line(&found.all, say("cli-all"))];
    lines.extend(found.domains.iter().map(|figure| line(figure, figure.name.clone())));
    columns(&lines)
}

/// What holds for all figures.
fn notes(found: &Simulated, seed: u64, language: &str) -> Vec<String> {
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let mut lines = vec![say(
        "cli-simulated",
        &[
            ("samples", &number(f64::from(found.samples), 0)),
            ("seed", &seed.to_string()),
            ("cases", &number(found.cases, 1)),
            ("cost", &number(found.cost, 0)),
        ],
    )];
    if let Some(correlation) = found.correlation {
        let arguments = [("clusters", number(found.clusters, 1)), ("icc", number(correlation, 3))];
        let arguments = arguments.each_ref().map(|(name, value)| (*name, value.as_str()));
        lines.push(say("cli-simulated-clusters", &arguments));
    } else {
        lines.push(say("cli-simulated-no-clusters", &[]));
    }
    if found.without_design > 0 {
        let count = number(f64::from(found.without_design), 0);
        lines.push(say("cli-simulated-without-design", &[("count", &count)]));
    }
    if let Some(error) = found.all.coverage_error {
        let error = format!("{} %", number(100.0 * error, 1));
        lines.push(say("cli-simulated-error", &[("error", &error)]));
    }
    lines
}
