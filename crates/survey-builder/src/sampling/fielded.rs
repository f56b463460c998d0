//! What of a sample is in the field: the units of all that was decided so far,
//! with the weights that they have there.

use std::collections::{HashMap, HashSet};

use super::chain::PhaseUnit;
use super::plan::{Stage, StageUnits};
use super::sample::{Sample, SampledUnit, StageDraw};

/// Where a unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the field.
    InField,
    /// In a replicate that is not released.
    Waiting,
    /// Another took its place.
    Replaced,
    /// Not drawn in the second phase.
    OutsideSecondPhase,
}

/// A unit as the field has it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldedUnit<'s> {
    /// Its id.
    pub id: &'s str,
    /// How it was drawn; for one that took another's place, how that was drawn.
    pub unit: &'s SampledUnit,
    /// Its stratum in the second phase and how it came through, if it did.
    pub second: Option<(&'s str, StageDraw)>,
    /// Its weight in the field; none for those that are not.
    pub weight: Option<f64>,
    /// Where it stands.
    pub standing: Standing,
}

/// A stage of a unit by names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagePlace<'s> {
    /// The stratum; empty where the stage has none.
    pub stratum: &'s str,
    /// What was drawn there: a cluster, or the unit itself.
    pub member: &'s str,
}

impl Sample {
    /// The stages from the first to that of the units in the field.
    pub fn stages(&self) -> Vec<&Stage> {
        let listed = self.listings().next().map_or(&[][..], |listed| &listed.stages);
        self.plan.stages.iter().chain(listed).collect()
    }

    /// Whether a stage draws with replacement.
    pub fn repeats(&self) -> bool {
        self.plan.repeats()
    }

    /// The units that the field works with: those drawn, or where clusters were
    /// listed those drawn from the lists.
    pub fn units_in_use(&self) -> impl Iterator<Item = &SampledUnit> {
        let listed = self.listings().next().is_some();
        let drawn = self.units.iter().filter(move |_| !listed);
        drawn.chain(self.listings().flat_map(|listed| &listed.units))
    }

    /// A unit's strata and clusters by stage, the first first. A stage that takes
    /// clusters whole has the last cluster as its member.
    pub fn places<'s>(&'s self, unit: &'s SampledUnit) -> Vec<StagePlace<'s>> {
        places_by(&self.stages(), unit)
    }

    /// The units of the draw in which nothing was drawn further, although others were
    /// listed: they wait, were replaced, or no list came yet. Each with its places in
    /// the stages of the draw.
    pub fn unlisted_units(&self) -> Vec<(&SampledUnit, Vec<StagePlace<'_>>)> {
        let listed: HashSet<&str> =
            self.listings().flat_map(|listed| &listed.clusters).map(String::as_str).collect();
        if listed.is_empty() {
            return Vec::new();
        }
        let stages: Vec<&Stage> = self.plan.stages.iter().collect();
        let others = self.units.iter().filter(|unit| !listed.contains(unit.unit.as_str()));
        others.map(|unit| (unit, places_by(&stages, unit))).collect()
    }
}

fn places_by<'s>(stages: &[&Stage], unit: &'s SampledUnit) -> Vec<StagePlace<'s>> {
    let mut names = unit.cluster.iter().chain(&unit.within).map(String::as_str);
    let mut next = || names.next().unwrap_or_default();
    (stages.iter().enumerate())
        .map(|(index, stage)| {
            let stratum = match index {
                0 => unit.stratum.as_str(),
                _ if stage.strata.is_empty() => "",
                _ => next(),
            };
            let last = index + 1 == stages.len();
            let whole = last && stage.units == StageUnits::Units;
            StagePlace { stratum, member: if whole { &unit.unit } else { next() } }
        })
        .collect()
}

/// The units of a sample as the field has them. `listed`: those drawn from lists,
/// where there are any; otherwise those of the draw.
///
/// The weight is the base weight times the replicates over those released, and
/// over the probability in the second phase.
pub fn fielded(sample: &Sample, listed: bool) -> Vec<FieldedUnit<'_>> {
    let released = sample.released();
    let factor = match (sample.plan.release, released) {
        (Some(release), Some(released)) => f64::from(release.replicates) / f64::from(released),
        _ => 1.0,
    };
    let later: Option<HashMap<&str, &PhaseUnit>> = sample
        .later_phase()
        .map(|phase| phase.units.iter().map(|one| (one.unit.as_str(), one)).collect());
    let two_phases = sample.plan.second_phase.is_some() || later.is_some();
    let replaced = Replaced::of(sample);
    let units: Vec<&SampledUnit> =
        if listed { sample.units_in_use().collect() } else { sample.units.iter().collect() };
    let waits = |own: &SampledUnit| released.zip(own.replicate).is_some_and(|(upto, n)| n > upto);
    let of = |own| {
        let (id, unit) = replaced.place_of(own);
        let second = match &later {
            Some(found) => found.get(id).map(|one| (one.stratum.as_str(), one.stage)),
            None => {
                let stratum = unit.second_stratum.as_deref().unwrap_or_default();
                unit.second_phase.map(|stage| (stratum, stage))
            }
        };
        let standing = if replaced.units.contains_key(id) {
            Standing::Replaced
        } else if std::ptr::eq(unit, own) && waits(own) {
            Standing::Waiting
        } else if two_phases && second.is_none() {
            Standing::OutsideSecondPhase
        } else {
            Standing::InField
        };
        let of_phase = second.map_or(1.0, |(_, stage)| stage.probability);
        let weight = (standing == Standing::InField).then(|| unit.weight * factor / of_phase);
        FieldedUnit { id, unit, second, weight, standing }
    };
    units.into_iter().map(of).collect()
}

/// Who took whose place.
struct Replaced<'s> {
    /// By the unit that was replaced, the one in its place.
    units: HashMap<&'s str, &'s str>,
    /// By the one in its place, the unit that was replaced.
    places: HashMap<&'s str, &'s SampledUnit>,
}

impl<'s> Replaced<'s> {
    fn of(sample: &'s Sample) -> Self {
        let units: HashMap<&str, &str> =
            sample.substitutions().map(|one| (one.unit.as_str(), one.by.as_str())).collect();
        let own = sample.units.iter().filter(|unit| units.contains_key(unit.unit.as_str()));
        let places = own.map(|unit| (units[unit.unit.as_str()], unit)).collect();
        Self { units, places }
    }

    /// A unit's id and how its place was drawn.
    fn place_of(&self, own: &'s SampledUnit) -> (&'s str, &'s SampledUnit) {
        let id = own.unit.as_str();
        (id, self.places.get(id).copied().unwrap_or(own))
    }
}
