//! Lists to draw from: what a stage finds in the frame, stratum by stratum,
//! inside each cluster of the stage before.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::frame::{Cluster, Frame, Stratum, joined_names};
use super::order::arrange;
use super::plan::{SizeMeasure, Stage, StageUnits};

/// A list that a stage draws from.
pub(super) struct List<'f> {
    /// Its stratum's name; empty where there are none.
    pub stratum: String,
    /// What can be drawn.
    pub members: Members<'f>,
}

/// What a list holds.
pub(super) enum Members<'f> {
    /// Units of the frame, as indices.
    Units(Cow<'f, [u32]>),
    /// Clusters with their units.
    Clusters(Vec<Group<'f>>),
}

/// A list of these units in the order that the stage asks for.
pub(super) fn list_of<'f>(
    frame: &'f Frame,
    stage: &Stage,
    stratum: &str,
    units: Vec<u32>,
) -> List<'f> {
    listed(frame, stage, stratum.to_owned(), Members::Units(units.into()))
}

/// A cluster in a list.
pub(super) struct Group<'f> {
    /// Its name.
    pub name: &'f str,
    /// Its units, as indices.
    pub units: Cow<'f, [u32]>,
    /// Its index among the frame's clusters, if it is one of them.
    pub cluster: Option<u32>,
}

/// The lists of the first stage, one a stratum of the frame.
pub(super) fn first_lists<'f>(frame: &'f Frame, stage: &Stage) -> Vec<List<'f>> {
    frame.strata.iter().map(|stratum| first_list(frame, stage, stratum)).collect()
}

fn first_list<'f>(frame: &'f Frame, stage: &Stage, stratum: &'f Stratum) -> List<'f> {
    let members = match stage.units {
        StageUnits::Clusters => {
            let group = |index: &u32| group_of(*index, &frame.clusters[*index as usize]);
            Members::Clusters(stratum.clusters.iter().map(group).collect())
        }
        _ => members(frame, stage, Cow::Borrowed(&stratum.units)),
    };
    listed(frame, stage, stratum.name.clone(), members)
}

/// A list in the order that the stage asks for.
fn listed<'f>(frame: &Frame, stage: &Stage, stratum: String, members: Members<'f>) -> List<'f> {
    let mut list = List { stratum, members };
    arrange(frame, stage, &mut list.members);
    list
}

fn group_of(index: u32, cluster: &Cluster) -> Group<'_> {
    Group { name: &cluster.name, units: Cow::Borrowed(&cluster.units), cluster: Some(index) }
}

/// The lists of a later stage among these units, by the names of its strata.
pub(super) fn inner_lists<'f>(frame: &'f Frame, stage: &Stage, units: &[u32]) -> Vec<List<'f>> {
    if stage.strata.is_empty() {
        let members = members(frame, stage, Cow::Owned(units.to_vec()));
        return vec![listed(frame, stage, String::new(), members)];
    }
    // In the order of their names, and told apart by their values; in older records
    // by their names alone.
    let by_name = frame.columns.reading.rules.is_none();
    let mut strata: BTreeMap<(String, Vec<&str>), Vec<u32>> = BTreeMap::new();
    for unit in units {
        let names: Vec<&str> =
            stage.strata.iter().map(|column| label(frame, column, *unit)).collect();
        let joined = names.join(" / ");
        let values = if by_name { Vec::new() } else { names };
        strata.entry((joined, values)).or_default().push(*unit);
    }
    let names: Vec<String> = if by_name {
        strata.keys().map(|(joined, _)| joined.clone()).collect()
    } else {
        let values: Vec<Vec<&str>> = strata.keys().map(|(_, values)| values.clone()).collect();
        joined_names(&values)
    };
    let lists = names.into_iter().zip(strata.into_values());
    lists
        .map(|(stratum, units)| {
            listed(frame, stage, stratum, members(frame, stage, Cow::Owned(units)))
        })
        .collect()
}

fn label<'f>(frame: &'f Frame, column: &str, unit: u32) -> &'f str {
    frame.labels_of(column).map_or("", |labels| &labels.names[labels.codes[unit as usize] as usize])
}

fn members<'f>(frame: &'f Frame, stage: &Stage, units: Cow<'f, [u32]>) -> Members<'f> {
    match &stage.units {
        StageUnits::Units => Members::Units(units),
        StageUnits::Clusters => Members::Clusters(grouped(&units, |unit| {
            let index = frame.units[unit as usize].cluster.unwrap_or(0);
            (index, frame.clusters.get(index as usize).map_or("", |cluster| &cluster.name))
        })),
        StageUnits::Level(column) => Members::Clusters(grouped(&units, |unit| {
            let code = frame.labels_of(column).map_or(0, |labels| labels.codes[unit as usize]);
            (code, label(frame, column, unit))
        })),
    }
}

/// Groups in the order of their first units.
fn grouped<'f>(units: &[u32], key: impl Fn(u32) -> (u32, &'f str)) -> Vec<Group<'f>> {
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut groups: Vec<Group<'f>> = Vec::new();
    for unit in units {
        let (code, name) = key(*unit);
        let place = *places.entry(code).or_insert_with(|| {
            groups.push(Group { name, units: Cow::Owned(Vec::new()), cluster: None });
            groups.len() - 1
        });
        groups[place].units.to_mut().push(*unit);
    }
    groups
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
impl Members<'_> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Units(units) => units.len(),
            Self::Clusters(groups) => groups.len(),
        }
    }

    /// Puts them into another order, each place by its place before.
    pub(super) fn reorder(&mut self, order: &[usize]) {
        match self {
            Self::Units(units) => {
                *units = Cow::Owned(order.iter().map(|place| units[*place]).collect());
            }
            Self::Clusters(groups) => {
                let mut held: Vec<Option<Group<'_>>> = groups.drain(..).map(Some).collect();
                groups.extend(order.iter().filter_map(|place| held[*place].take()));
            }
        }
    }

    /// The units of a member.
    pub(super) fn units(&self, place: usize) -> &[u32] {
        match self {
            Self::Units(units) => &units[place..=place],
            Self::Clusters(groups) => &groups[place].units,
        }
    }

    /// A member as a cluster, if it is one.
    pub(super) fn group(&self, place: usize) -> Option<&Group<'_>> {
        match self {
            Self::Units(_) => None,
            Self::Clusters(groups) => groups.get(place),
        }
    }

    /// A member's own name.
    pub(super) fn name<'f>(&'f self, frame: &'f Frame, place: usize) -> &'f str {
        match self {
            Self::Units(units) => frame.ids.get(units[place] as usize),
            Self::Clusters(groups) => groups[place].name,
        }
    }

    /// The size of each member.
    pub(super) fn sizes(&self, frame: &Frame, measure: SizeMeasure) -> Vec<f64> {
        match measure {
            SizeMeasure::UnitCount => {
                (0..self.len()).map(|place| self.units(place).len() as f64).collect()
            }
            SizeMeasure::Column => self.sums(|unit| frame.units[unit as usize].size),
        }
    }

    /// The sum of a number over each member.
    pub(super) fn sums(&self, number: impl Fn(u32) -> f64) -> Vec<f64> {
        let sum = |place: usize| self.units(place).iter().map(|unit| number(*unit)).sum();
        (0..self.len()).map(sum).collect()
    }

    /// The mean of a number over each member.
    pub(super) fn means(&self, number: impl Fn(u32) -> f64) -> Vec<f64> {
        let sums = self.sums(number);
        let mean = |(place, sum): (usize, f64)| sum / self.units(place).len() as f64;
        sums.into_iter().enumerate().map(mean).collect()
    }
}
