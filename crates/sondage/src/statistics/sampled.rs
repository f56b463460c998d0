//! Designs from the record of a sample, to which rows are joined by the ids of their units.

use analysis::design::sampled::{JoinReport, SampledDesign, SampledRules, design_of, join};
use analysis::{Problem, SinglePsu};
use survey_builder::problem::{Argument, Phrase, phrase};
use survey_builder::sampling::Sample;

use super::data_file::{DataFile, no_column};
use super::design_file::DesignFile;
use super::designed_data::{Drawn, read_or_tell};

/// The design of the rows of a file, joined to a sample by a column of ids: that of the sample's list
/// unless another is named. None where there are problems.
pub fn drawn(
    sample: &Sample,
    file: &DesignFile,
    data: &DataFile,
    id: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<Drawn> {
    let before = problems.len();
    problems.extend(contradictions(sample, file));
    let found = read_or_tell(design(sample, file, data, id), problems);
    found.filter(|_| problems.len() == before).map(|(found, report)| Drawn::Sample(found, report))
}

fn design(
    sample: &Sample,
    file: &DesignFile,
    data: &DataFile,
    id: Option<&str>,
) -> Result<(SampledDesign, JoinReport), Vec<Problem>> {
    let (column, ids) = ids(sample, data, id)?;
    let joined = join(sample, &ids, column).map_err(analysis::Error::into_problems)?;
    let rules = SampledRules {
        single_psu: file.single_psu.unwrap_or(SinglePsu::Fail),
        domain_single_psu: file.domain_single_psu,
    };
    let found = design_of(&joined, rules).map_err(analysis::Error::into_problems)?;
    Ok((found, joined.report()))
}

/// The column of ids, and the id of each row.
///
/// # Errors
/// A column that is not there.
pub fn ids<'a>(
    sample: &'a Sample,
    data: &'a DataFile,
    id: Option<&'a str>,
) -> Result<(&'a str, Vec<&'a str>), Vec<Problem>> {
    let listed = sample.listings().next();
    let column = id.unwrap_or(&listed.map_or(&sample.columns, |listed| &listed.columns).unit);
    let place = data.names().iter().position(|name| name == column);
    let place = place.ok_or_else(|| vec![no_column(column, data.names())])?;
    Ok((column, (0..data.rows()).map(|row| data.text(place, row)).collect()))
}

/// What a design file says of the draw although the record says it.
fn contradictions(sample: &Sample, file: &DesignFile) -> Vec<Problem> {
    let said = [
        ("weight", file.weight.is_some()),
        ("weight_from_population", file.weight_from_population),
        ("nonprobability", file.nonprobability),
        ("nest", file.nest),
        ("stages", !file.stages.is_empty()),
        ("probabilities", file.probabilities.is_some()),
    ];
    let mut problems: Vec<Problem> = (said.into_iter())
        .filter(|(_, said)| *said)
        .map(|(key, _)| Problem::new("design_beside_sample", key))
        .collect();
    let two_phases = sample.plan.second_phase.is_some() || sample.later_phase().is_some();
    if two_phases && file.replicates.is_some() {
        problems.push(Problem::new("replicates_of_phases", "replicates"));
    }
    problems
}

/// A list of a sample as a place: its stratum, or the stage alone where it has none.
pub fn named_list(lists: &[String], stage: usize, code: u32) -> Argument {
    match lists.get(code as usize).filter(|name| !name.is_empty()) {
        Some(name) => {
            phrase("phrase-place-stratum").with("stage", stage).with("stratum", name).into()
        }
        None => phrase("phrase-place-stage").with("stage", stage).into(),
    }
}

/// What a reader must know of the join.
pub fn notes(report: &JoinReport) -> Vec<Phrase> {
    let (silent, first) = &report.unanswered;
    let answered = report.in_field - silent;
    let mut notes = vec![
        phrase("phrase-note-joined")
            .with("answered", answered.to_string())
            .with("in_field", report.in_field.to_string()),
    ];
    if *silent > 0 {
        let told = phrase("phrase-note-unanswered").with("count", silent.to_string());
        notes.push(told.with("first", first));
    }
    if report.outside_second_phase > 0 {
        let count = report.outside_second_phase.to_string();
        notes.push(phrase("phrase-note-outside-phase").with("count", count));
    }
    notes
}
