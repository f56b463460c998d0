//! Which earlier draws a draw takes into account, from the records that its plan names.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;

use super::{Coordination, NumberedDraw, Resting, is_by_numbers, numbered_list};
use crate::problem::phrase;
use crate::sampling::check::check;
use crate::sampling::frame::{Frame, hash_of_text};
use crate::sampling::listing::{List, first_lists};
use crate::sampling::plan::{Overlap, Plan, StageUnits};
use crate::sampling::problem::Problem;
use crate::sampling::random::Seed;
use crate::sampling::sample::{Sample, SampledUnit};

/// A record that a plan names.
#[derive(Clone, Copy, Debug)]
pub struct EarlierRecord<'s> {
    /// As the plan names it.
    pub name: &'s str,
    /// The record.
    pub sample: &'s Sample,
}

/// How a draw goes together with those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinated {
    /// What the record keeps; nothing for a plan without overlap.
    pub coordination: Option<Coordination>,
    /// The frame without those who rest, where somebody does.
    pub rested: Option<Frame>,
    /// What each record that is kept or avoided is expected to share.
    pub common: Vec<Common>,
    /// What is worth a look.
    pub notes: Vec<Problem>,
}

impl Coordinated {
    /// The frame that is drawn from.
    pub fn frame<'f>(&'f self, given: &'f Frame) -> &'f Frame {
        self.rested.as_ref().unwrap_or(given)
    }
}

/// What a draw shares with an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    /// The record's name.
    pub record: String,
    /// The hash of its draw.
    pub draw_hash: String,
    /// Whether it is kept; otherwise it is avoided.
    pub kept: bool,
    /// The units or clusters that both are expected to have, those who came to the list
    /// later left out.
    pub expected: f64,
}

/// The key of permanent numbers that a seed gives.
fn key_of(seed: Seed) -> String {
    hash_of_text(&format!("sondage key of permanent numbers\n{}", seed.0))
}

/// Sets a draw beside the records that its plan names. `day` is that of the draw.
///
/// Records of which units rest and that were drawn by the same numbers are avoided, so
/// that every chance and weight is that of the whole list; of others the units are left
/// out, and chances and weights are those of the rest of the list, which a note says.
///
/// # Errors
///
/// Records that are not given, that were not drawn by numbers or by those of another
/// key, or that drew something else; a first stage that cannot draw by numbers.
pub fn coordinate(
    frame: &Frame,
    plan: &Plan,
    seed: Seed,
    day: Option<NaiveDate>,
    records: &[EarlierRecord<'_>],
) -> Result<Coordinated, Vec<Problem>> {
    let Some(overlap) = &plan.overlap else {
        let (coordination, rested) = (None, None);
        return Ok(Coordinated { coordination, rested, common: Vec::new(), notes: Vec::new() });
    };
    let mut problems = Vec::new();
    let mut found: BTreeMap<&str, &Sample> = BTreeMap::new();
    for name in overlap.records() {
        match records.iter().find(|record| record.name == name) {
            Some(record) => drop(found.insert(name, record.sample)),
            None => problems.push(Problem::OverlapRecordMissing { record: name.to_owned() }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut gathering = Gathering::new(overlap, plan, seed, &found);
    let numbered = is_by_numbers(plan);
    let mut own = numbered.then(NumberedDraw::default);
    for (kept, name) in (overlap.keep.iter().map(|name| (true, name)))
        .chain(overlap.avoid.iter().map(|name| (false, name)))
    {
        match (gathering.numbered(name, found[name.as_str()]), own.as_mut()) {
            (Ok(place), Some(own)) if kept => own.keep.push(place),
            (Ok(place), Some(own)) => own.avoid.push(place),
            (Err(problem), _) => problems.push(problem),
            // The plan's shape says that it cannot draw by numbers.
            (Ok(_), None) => {}
        }
    }
    let mut resting = Vec::new();
    for name in resting_records(overlap, day, &found, &mut gathering.notes) {
        let sample = found[name];
        match (gathering.numbered(name, sample), own.as_mut()) {
            (Ok(place), Some(own)) => own.avoid.push(place),
            _ => resting.extend(gathering.resting(frame, name, sample)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if let Some(own) = &mut own {
        let unique = |places: &mut Vec<usize>| {
            let mut seen = BTreeSet::new();
            places.retain(|place| seen.insert(*place));
        };
        unique(&mut own.keep);
        unique(&mut own.avoid);
    }
    let Gathering { key, earlier, notes, .. } = gathering;
    let coordination = Coordination { key, day, earlier, own, resting };
    coordinated(frame, plan, coordination, &found, notes)
}

/// Leaves out who rests, and says what the draw and those before it share.
fn coordinated(
    frame: &Frame,
    plan: &Plan,
    mut coordination: Coordination,
    found: &BTreeMap<&str, &Sample>,
    mut notes: Vec<Problem>,
) -> Result<Coordinated, Vec<Problem>> {
    let rested = coordination.rested(frame);
    let frame = rested.as_ref().unwrap_or(frame);
    let takes = check(frame, plan)?;
    let stage = &plan.stages[0];
    let lists = first_lists(frame, stage);
    coordination.complete(frame, plan);
    let expected = coordination.expected_common(frame, stage, &lists, &takes);
    let own = coordination.own.clone().unwrap_or_default();
    let common: Vec<Common> = (coordination.earlier.iter().zip(expected).enumerate())
        .filter(|(place, _)| own.keep.contains(place) || own.avoid.contains(place))
        .map(|(place, (draw, expected))| Common {
            record: draw.record.clone(),
            draw_hash: draw.draw_hash.clone(),
            kept: own.keep.contains(&place),
            expected: expected * known_before(draw, found, &lists, frame),
        })
        .collect();
    for one in common.iter().filter(|one| !one.kept && one.expected >= 0.5) {
        notes.push(Problem::OverlapCrowded {
            record: one.record.clone(),
            expected: (one.expected * 10.0).round() / 10.0,
        });
    }
    for one in &common {
        let draw = coordination.earlier.iter().find(|draw| draw.draw_hash == one.draw_hash);
        let known =
            |name: &str| draw.is_none_or(|draw| draw.lists.iter().any(|list| list.stratum == name));
        let unknown: Vec<&str> =
            lists.iter().map(|list| list.stratum.as_str()).filter(|name| !known(name)).collect();
        if let Some(first) = unknown.first() {
            notes.push(Problem::OverlapStrataOther {
                record: one.record.clone(),
                count: unknown.len(),
                first: (*first).to_owned(),
            });
        }
    }
    Ok(Coordinated { coordination: Some(coordination), rested, common, notes })
}

/// The share of a list that an earlier draw's list had too, by how many of its sample
/// are still there.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn known_before(
    draw: &NumberedDraw,
    found: &BTreeMap<&str, &Sample>,
    lists: &[List<'_>],
    frame: &Frame,
) -> f64 {
    let Some(sample) = found.get(draw.record.as_str()) else { return 1.0 };
    let of_units = draw.units.as_ref() == Some(&StageUnits::Units);
    let name = |unit: &SampledUnit| match &unit.cluster {
        Some(cluster) if !of_units => cluster.clone(),
        _ => unit.unit.clone(),
    };
    let drawn: HashSet<String> = sample.units.iter().map(name).collect();
    let names = lists
        .iter()
        .flat_map(|list| (0..list.members.len()).map(|at| list.members.name(frame, at)));
    let (mut now, mut there) = (0.0, 0.0);
    for name in names {
        now += 1.0;
        there += f64::from(u8::from(drawn.contains(name)));
    }
    let before: f64 = draw.lists.iter().map(|list| list.members as f64).sum();
    (before * there / (drawn.len() as f64) / now).min(1.0)
}

impl Coordination {
    /// The frame without those who rest, where somebody does.
    pub(in crate::sampling) fn rested(&self, frame: &Frame) -> Option<Frame> {
        let out: HashSet<&str> =
            self.resting.iter().flat_map(|one| &one.units).map(String::as_str).collect();
        (!out.is_empty()).then(|| frame.without(&out))
    }

    /// Says what later draws must know of this one.
    pub(in crate::sampling) fn complete(&mut self, frame: &Frame, plan: &Plan) {
        let (Some(own), Some(stage)) = (self.own.as_mut(), plan.stages.first()) else { return };
        let lists = first_lists(frame, stage);
        // What cannot be drawn is told by the check.
        let takes = crate::sampling::take::takes(frame, stage, &lists).unwrap_or_default();
        own.units = Some(stage.units.clone());
        own.measure = stage.method.size();
        own.lists = (lists.iter().zip(takes))
            .map(|(list, take)| numbered_list(frame, stage, list, take))
            .collect();
    }
}

/// Earlier draws while they are gathered.
struct Gathering<'p> {
    key: String,
    units: Option<&'p StageUnits>,
    earlier: Vec<NumberedDraw>,
    notes: Vec<Problem>,
}

impl<'p> Gathering<'p> {
    fn new(overlap: &Overlap, plan: &'p Plan, seed: Seed, found: &BTreeMap<&str, &Sample>) -> Self {
        let of_records = overlap.records().into_iter().find_map(|name| {
            let coordination = found.get(name)?.coordination.as_ref()?;
            coordination.own.as_ref().map(|_| coordination.key.clone())
        });
        let key = overlap.key.clone().or(of_records).unwrap_or_else(|| key_of(seed));
        let units = plan.stages.first().map(|stage| &stage.units);
        Self { key, units, earlier: Vec::new(), notes: Vec::new() }
    }

    /// The place of a record's draw among those before, with what it took into account
    /// itself before it.
    fn numbered(&mut self, name: &str, sample: &Sample) -> Result<usize, Problem> {
        let record = || name.to_owned();
        let without = || Problem::OverlapWithoutNumbers { record: record() };
        let coordination = sample.coordination.as_ref().ok_or_else(without)?;
        let own = coordination.own.as_ref().ok_or_else(without)?;
        if coordination.key != self.key {
            return Err(Problem::OverlapOtherKey { record: record() });
        }
        if self.units.is_some() && own.units.as_ref() != self.units {
            return Err(Problem::OverlapOtherUnits { record: record() });
        }
        let mut places = Vec::with_capacity(coordination.earlier.len());
        for draw in &coordination.earlier {
            let place = self.place_of(draw, &places);
            places.push(place);
        }
        let own = NumberedDraw { record: record(), draw_hash: sample.draw_hash(), ..own.clone() };
        Ok(self.place_of(&own, &places))
    }

    /// The place of a draw, which is added if it is not there; `places` are those of the
    /// draws that it refers to.
    fn place_of(&mut self, draw: &NumberedDraw, places: &[usize]) -> usize {
        let there = self.earlier.iter().position(|one| one.draw_hash == draw.draw_hash);
        if let Some(place) = there {
            return place;
        }
        let anew =
            |own: &[usize]| own.iter().filter_map(|place| places.get(*place).copied()).collect();
        let (keep, avoid) = (anew(&draw.keep), anew(&draw.avoid));
        self.earlier.push(NumberedDraw { keep, avoid, ..draw.clone() });
        self.earlier.len() - 1
    }

    /// The units of a record that rest, those that the list has.
    fn resting(&mut self, frame: &Frame, name: &str, sample: &Sample) -> Option<Resting> {
        let drawn: HashSet<&str> = sample.units_in_use().map(|unit| unit.unit.as_str()).collect();
        let ids = (0..frame.units.len()).map(|place| frame.ids.get(place));
        let units: Vec<String> = ids.filter(|id| drawn.contains(id)).map(str::to_owned).collect();
        self.notes.push(Problem::OverlapLeftOut {
            record: name.to_owned(),
            count: units.len(),
            drawn: drawn.len(),
        });
        let (record, draw_hash) = (name.to_owned(), sample.draw_hash());
        (!units.is_empty()).then_some(Resting { record, draw_hash, units })
    }
}

/// The records whose units rest on a day; one that does not say its day does, which is
/// noted.
fn resting_records<'o>(
    overlap: &'o Overlap,
    day: Option<NaiveDate>,
    found: &BTreeMap<&str, &Sample>,
    notes: &mut Vec<Problem>,
) -> Vec<&'o str> {
    let since = overlap.rest.zip(day).map(|(rest, day)| rest.since(day));
    let mut resting = Vec::new();
    for name in &overlap.earlier {
        let drawn = found.get(name.as_str()).and_then(|sample| sample.coordination.as_ref()?.day);
        match (drawn, since) {
            (Some(drawn), Some(since)) if drawn < since => {
                let day = drawn.to_string();
                notes.push(Problem::OverlapRestOver { record: name.clone(), day });
            }
            (None, _) => {
                notes.push(Problem::OverlapDayUnknown { record: name.clone() });
                resting.push(name.as_str());
            }
            _ => resting.push(name.as_str()),
        }
    }
    resting
}

/// What is wrong with a plan's overlap by itself.
pub(in crate::sampling) fn overlap_problems(plan: &Plan) -> Vec<Problem> {
    let Some(overlap) = &plan.overlap else { return Vec::new() };
    let mut problems = Vec::new();
    let mut refuse = |what, value: crate::problem::Argument, bounds| {
        problems.push(Problem::PlanValue {
            what: phrase(what).into(),
            value,
            bounds: phrase(bounds).into(),
        });
    };
    let first = plan.stages.first();
    let names_records = !overlap.keep.is_empty() || !overlap.avoid.is_empty();
    if let Some(stage) = first
        && !is_by_numbers(plan)
        && (names_records || overlap.key.is_some())
    {
        let method = phrase(stage.method.key());
        refuse("phrase-method-with-overlap", method.into(), "phrase-a-method-by-numbers");
    }
    let permanent = plan.stages.iter().any(|stage| stage.method.has_permanent());
    if permanent {
        let both = phrase("phrase-numbers-of-its-own");
        refuse("phrase-method-with-overlap", both.into(), "phrase-numbers-said-once");
    }
    if overlap.rest.is_some() == overlap.earlier.is_empty() {
        let none = phrase("phrase-one-without-the-other");
        refuse("phrase-rest-and-earlier", none.into(), "phrase-both-or-neither");
    }
    problems
}
