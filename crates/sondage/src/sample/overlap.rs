//! Draws beside earlier ones of the same list: the records that a plan names are read,
//! and what is shared with them is told.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use chrono::NaiveDate;
use fielding::clock::system_time;
use serde_json::{Value as Json, json};
use survey_builder::sampling::coordination::{Common, Coordinated, EarlierRecord, coordinate};
use survey_builder::sampling::plan::StageUnits;
use survey_builder::sampling::{Frame, Plan, Problem, Sample, Seed};

use super::manifest;
use crate::frame_file::Refusal;
use crate::terminal::columns;

/// A draw beside others.
pub struct Beside {
    /// How it goes together with them.
    pub coordinated: Coordinated,
    records: Vec<(String, Sample)>,
}

/// Reads the records that a plan names, beside the plan's file, and sets the draw beside
/// them. Without a day it is today's.
///
/// # Errors
///
/// Records that cannot be read, all of them, and what does not fit.
pub fn beside(
    file: &Path,
    plan: &Plan,
    frame: &Frame,
    seed: Seed,
    day: Option<NaiveDate>,
) -> Result<Beside, Refusal> {
    let names = plan.overlap.as_ref().map(|overlap| overlap.records()).unwrap_or_default();
    let mut problems = Vec::new();
    let mut records: Vec<(String, Sample)> = Vec::new();
    for name in names {
        match manifest::read(&file.with_file_name(name)) {
            Ok(sample) => records.push((name.to_owned(), sample)),
            Err(failure) => problems.push(Problem::OverlapRecordUnreadable {
                record: name.to_owned(),
                reason: failure.to_string(),
            }),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let day = day.unwrap_or_else(|| system_time().date_naive());
    let named: Vec<EarlierRecord<'_>> =
        records.iter().map(|(name, sample)| EarlierRecord { name, sample }).collect();
    let coordinated = coordinate(frame, plan, seed, Some(day), &named)?;
    Ok(Beside { coordinated, records })
}

impl Beside {
    /// How many of what was drawn an earlier record has too: units, or clusters where the
    /// first stage draws them.
    fn in_common(&self, one: &Common, sample: &Sample) -> usize {
        let Some((_, earlier)) = self.records.iter().find(|(name, _)| *name == one.record) else {
            return 0;
        };
        if sample.plan.stages[0].units == StageUnits::Units {
            let before: HashSet<&str> =
                earlier.units.iter().map(|unit| unit.unit.as_str()).collect();
            return sample.units.iter().filter(|unit| before.contains(unit.unit.as_str())).count();
        }
        let clusters = |sample: &Sample| -> BTreeSet<String> {
            sample.units.iter().filter_map(|unit| unit.cluster.clone()).collect()
        };
        clusters(sample).intersection(&clusters(earlier)).count()
    }

    /// What is shared with each record, and with a sample that was drawn how much it is.
    pub fn as_json(&self, sample: Option<&Sample>) -> Json {
        let one = |one: &Common| {
            json!({
                "record": one.record,
                "draw_hash": one.draw_hash,
                "kept": one.kept,
                "expected": one.expected,
                "common": sample.map(|sample| self.in_common(one, sample)),
            })
        };
        self.coordinated.common.iter().map(one).collect()
    }

    /// The same as a table; nothing where no record is kept or avoided.
    pub fn table(&self, sample: Option<&Sample>, language: &str) -> Option<String> {
        let say = |key: &str| locale::text(language, key, &[]);
        if self.coordinated.common.is_empty() {
            return None;
        }
        let mut heading = vec![say("cli-overlap-record"), say("cli-overlap-wanted")];
        heading.push(say("cli-overlap-expected"));
        heading.extend(sample.map(|_| say("cli-overlap-common")));
        let mut lines = vec![heading];
        for one in &self.coordinated.common {
            let wanted = if one.kept { "cli-overlap-kept" } else { "cli-overlap-avoided" };
            let mut line = vec![one.record.clone(), say(wanted)];
            line.push(locale::number(language, one.expected, 1));
            line.extend(sample.map(|sample| self.in_common(one, sample).to_string()));
            lines.push(line);
        }
        Some(columns(&lines))
    }
}
