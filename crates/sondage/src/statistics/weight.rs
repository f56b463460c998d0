//! `sondage weight`: the weighting of the design file, every factor written beside the data.

use std::borrow::Cow;
use std::path::Path;

use analysis::problem::Fault;
use analysis::weighting::diagnostics::{kish_design_effect, kish_effective_rows};
use analysis::{Error, Problem};
use survey_builder::problem::phrase;

use super::arguments::WeightArguments;
use super::designed_data::DesignedData;
use super::lines_for_r;
use super::notes;
use super::sheet::{Entry, Form, Sheet, print};
use crate::output::{Output, Readers, Rows};
use crate::terminal::Failure;

/// Weights, writes the data with every factor, and prints what each step did.
///
/// # Errors
/// What is wrong with data or design, weighting that does not meet its targets, a file that cannot be
/// written.
pub fn run(arguments: &WeightArguments, language: &str) -> Result<(), Failure> {
    let origin = arguments.input.origin();
    let inputs: Vec<&Path> =
        [Some(origin.file), origin.design, origin.sample].into_iter().flatten().collect();
    let output =
        Output::check(&arguments.output, &["csv"], &inputs, arguments.force, Readers::Owner)?;
    let lines = arguments.lines_for_r.as_deref();
    let lines = lines
        .map(|path| Output::check(path, &["r"], &inputs, arguments.force, Readers::Anybody))
        .transpose()?;
    let study = DesignedData::open(origin, language)?;
    let mut problems = Vec::new();
    let replicates = study.design.replicates().filter(|_| arguments.replicates);
    if arguments.replicates && replicates.is_none() {
        problems.push(Problem::new("design_without_replicates", "replicates"));
    }
    // The weights of a sample and of replicates are worth writing as they are.
    let plain = study.joined.is_none() && !arguments.replicates;
    if study.steps.is_empty() && study.copies.is_empty() && plain {
        problems.push(Problem::new("design_without_steps", "weighting"));
    }
    let mut added = added_names(&study);
    let count = replicates.map_or(0, |replicates| replicates.weights.len());
    added.extend((1..=count).map(|number| replicate_name(&number.to_string())));
    for name in added.iter().filter(|name| study.data.names().contains(name)) {
        problems.push(Fault::DataColumnTwice.at(name));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let replicated: Vec<Cow<'_, [f64]>> =
        replicates.map_or_else(Vec::new, |replicates| replicates.weights.iter().collect());
    output.write_csv(|file| write(&output, file, &study, (&added, &replicated)))?;
    if let (Some(lines), Some(replicates), Some(made)) = (&lines, replicates, &study.replicates) {
        let strata = study.design.strata();
        let text = lines_for_r::lines(output.path(), &study.data, replicates, made, strata);
        lines.write_bytes(text.as_bytes())?;
    }
    let sheets = [summary(&study), margins(&study)];
    let form = Form::of(arguments.input.json, arguments.input.csv);
    let mut notes = notes(&study);
    let below = study.design.weights().iter().filter(|weight| **weight < 0.0).count();
    if below > 0 {
        let said = phrase("phrase-note-negative-weights").with("count", below.to_string());
        notes.push(said.with("rows", study.design.people().to_string()));
    }
    print(&sheets, &notes, form, language)
}

/// The name of the column that holds the weights of a replicate, by its number.
pub(super) fn replicate_name(number: &str) -> String {
    format!("replicate_{number}")
}

/// Names of the columns that are added: the base weight, a factor a step, the final weight.
fn added_names(study: &DesignedData) -> Vec<String> {
    let steps = (1..).zip(&study.steps);
    let factors = steps.map(|(number, step)| format!("factor_{number}_{}", step.name));
    let mut names = vec!["weight_base".to_owned()];
    names.extend(factors.map(|name| name.replace(['-', ' '], "_")));
    names.push("weight_final".to_owned());
    for (name, copies) in &study.copies {
        names.push(format!("{name}_imputed"));
        names.extend((1..=copies.len()).map(|copy| format!("{name}_filled_{copy}")));
    }
    names
}

fn write(
    output: &Output,
    file: &mut Rows<'_>,
    study: &DesignedData,
    (added, replicates): (&[String], &[Cow<'_, [f64]>]),
) -> Result<(), Failure> {
    let heading = study.data.names().iter().chain(added);
    file.write(heading).map_err(|error| output.refused(&error))?;
    for row in 0..study.data.rows() {
        let mut record: Vec<String> = (0..study.data.names().len())
            .map(|column| study.data.cell(column, row).to_owned())
            .collect();
        let mut before = study.base[row];
        record.push(before.to_string());
        for step in &study.steps {
            let after = step.weights[row];
            let factor = if before == 0.0 { 0.0 } else { after / before };
            record.push(factor.to_string());
            before = after;
        }
        record.push(before.to_string());
        for (_, copies) in &study.copies {
            // A value that was put in is marked and stands beside the gap, never in its place.
            record.push(u8::from(copies.iter().any(|copy| copy.imputed[row])).to_string());
            record.extend(copies.iter().map(|copy| match copy.values[row] {
                value if value.is_nan() => String::new(),
                value => value.to_string(),
            }));
        }
        record.extend(replicates.iter().map(|weights| weights[row].to_string()));
        file.write(&record).map_err(|error| output.refused(&error))?;
    }
    Ok(())
}

/// One line a step, the base weights first.
fn summary(study: &DesignedData) -> Sheet {
    let headings = [
        "step",
        "sum",
        "smallest",
        "largest",
        "ratio",
        "kish_effect",
        "effective_rows",
        "rounds",
        "largest_gap",
    ];
    let mut sheet = Sheet::new("steps", &headings);
    let mut add = |name: &str, weights: &[f64], rounds: Option<f64>, gap: Option<f64>| {
        // Calibration may have made weights negative: they are told with their signs.
        let people = || weights.iter().copied().filter(|weight| *weight != 0.0);
        let smallest = people().fold(f64::INFINITY, f64::min);
        let largest = people().fold(f64::NEG_INFINITY, f64::max);
        sheet.rows.push(vec![
            Entry::Word(name.to_owned()),
            weights.iter().sum::<f64>().into(),
            smallest.into(),
            largest.into(),
            Some(largest / smallest).filter(|_| smallest > 0.0).into(),
            kish_design_effect(weights).into(),
            kish_effective_rows(weights).into(),
            rounds.into(),
            gap.into(),
        ]);
    };
    add("base", &study.base, None, None);
    for step in &study.steps {
        let told = step.diagnostics.as_ref();
        // Rounds are at most some thousands.
        #[expect(clippy::cast_precision_loss)]
        let rounds = told.map(|told| told.rounds as f64);
        add(&step.name, &step.weights, rounds, told.map(|told| told.largest_gap));
    }
    sheet
}

/// A margin further from its target than this, as a share of it, is not met.
const MET_TO: f64 = 1e-6;

/// Margins before their step and after all steps: a later step may have moved them off their targets.
fn margins(study: &DesignedData) -> Sheet {
    let headings = ["step", "variable", "level", "rows", "before", "after", "target", "note"];
    let mut sheet = Sheet::new("margins", &headings);
    let weights = study.design.weights();
    for step in &study.steps {
        for level in step.diagnostics.iter().flat_map(|told| &told.levels) {
            let after = step.margins.iter().find(|margin| margin.variable == level.variable);
            let after = after.map_or(level.after, |margin| {
                let place = margin.levels.iter().position(|own| *own == level.level);
                let code = place.map_or(0, |place| place + 1);
                let rows = margin.codes.iter().zip(weights);
                rows.filter(|(own, _)| usize::from(**own) == code).map(|(_, weight)| weight).sum()
            });
            let met = (after - level.target).abs() <= MET_TO * level.target.abs().max(1e-300);
            sheet.rows.push(vec![
                Entry::Word(step.name.clone()),
                level.variable.as_str().into(),
                level.level.as_str().into(),
                level.rows.into(),
                level.before.into(),
                after.into(),
                level.target.into(),
                (!met).then(|| phrase("phrase-note-margin-unmet")).into(),
            ]);
        }
    }
    sheet
}
