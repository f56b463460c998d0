//! Strata and clusters of a frame, by the codes of their names.

use std::collections::HashMap;

use super::names::Names;
use super::{Cluster, FrameUnit, Stratum};
use crate::list::spelling::Merged;

/// Between the values of several stratum columns.
const BETWEEN: &str = " / ";

/// The names of strata, each of several values: these joined. Where two would be
/// called the same, values that hold a slash are put in quotes.
pub(in crate::sampling) fn joined_names(values: &[Vec<&str>]) -> Vec<String> {
    let plain: Vec<String> = values.iter().map(|values| values.join(BETWEEN)).collect();
    let mut sorted: Vec<&String> = plain.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        return plain;
    }
    let quoted = |value: &&str| {
        if value.contains(['/', '"']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            (*value).to_owned()
        }
    };
    let joined = |values: &Vec<&str>| values.iter().map(quoted).collect::<Vec<_>>().join(BETWEEN);
    values.iter().map(joined).collect()
}

/// Strata and clusters while rows come in, each in the order of its first row.
#[derive(Default)]
pub(super) struct Groups {
    /// The columns of strata.
    pub strata: Vec<Names>,
    /// The column of clusters.
    pub clusters: Option<Names>,
    /// Each stratum's codes, a column each.
    stratum_codes: Vec<Vec<u32>>,
    stratum_index: HashMap<Vec<u32>, u32>,
    /// Each cluster's stratum and code.
    cluster_codes: Vec<(u32, u32)>,
    cluster_index: HashMap<(u32, u32), u32>,
    scratch: Vec<u32>,
    /// Strata are told apart by their joined names alone.
    joined: bool,
}

impl Groups {
    /// None yet, of these columns; `joined` as in older records.
    pub(super) fn new(strata: Vec<Names>, clusters: Option<Names>, joined: bool) -> Self {
        Self { strata, clusters, joined, ..Self::default() }
    }

    /// Begins a row.
    pub(super) fn clear(&mut self) {
        self.scratch.clear();
    }

    /// The next code of the row's stratum.
    pub(super) fn push(&mut self, code: u32) {
        self.scratch.push(code);
    }

    /// The row's stratum.
    pub(super) fn stratum(&mut self) -> u32 {
        if let Some(index) = self.stratum_index.get(self.scratch.as_slice()) {
            return *index;
        }
        let index = u32::try_from(self.stratum_codes.len()).unwrap_or(u32::MAX);
        self.stratum_codes.push(self.scratch.clone());
        self.stratum_index.insert(self.scratch.clone(), index);
        index
    }

    /// The cluster of this code in a stratum.
    pub(super) fn cluster(&mut self, stratum: u32, code: u32) -> u32 {
        let codes = &mut self.cluster_codes;
        *self.cluster_index.entry((stratum, code)).or_insert_with(|| {
            codes.push((stratum, code));
            u32::try_from(codes.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Makes one name of those that differ only in spelling, in every column;
    /// units then name the strata and clusters that remain.
    pub(super) fn merge(&mut self, units: &mut [FrameUnit]) -> Vec<Merged> {
        let mut all = Vec::new();
        let mut stratum_codes = Vec::with_capacity(self.strata.len());
        for column in &mut self.strata {
            let (codes, merged) = column.merge();
            stratum_codes.push(codes);
            all.extend(merged);
        }
        let mut cluster_codes = Vec::new();
        if let Some(column) = &mut self.clusters {
            let (codes, merged) = column.merge();
            cluster_codes = codes;
            all.extend(merged);
        }
        if !all.is_empty() {
            let renamed = |codes: &Vec<u32>| {
                let columns = codes.iter().zip(&stratum_codes);
                columns.map(|(code, new)| new[*code as usize]).collect::<Vec<u32>>()
            };
            let strata = std::mem::take(&mut self.stratum_codes);
            let clusters = std::mem::take(&mut self.cluster_codes);
            self.stratum_index.clear();
            self.cluster_index.clear();
            let stratum_of: Vec<u32> = strata
                .iter()
                .map(|codes| {
                    self.scratch = renamed(codes);
                    self.stratum()
                })
                .collect();
            let cluster_of: Vec<u32> = clusters
                .iter()
                .map(|(stratum, code)| {
                    self.cluster(stratum_of[*stratum as usize], cluster_codes[*code as usize])
                })
                .collect();
            for unit in units {
                unit.stratum = stratum_of[unit.stratum as usize];
                unit.cluster = unit.cluster.map(|cluster| cluster_of[cluster as usize]);
            }
        }
        all
    }

    /// Strata in the order of their names and clusters in that of their first
    /// rows, with what they hold.
    pub(super) fn finish(mut self, units: &mut [FrameUnit]) -> (Vec<Stratum>, Vec<Cluster>) {
        let names = self.stratum_names();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|one, other| names[*one].cmp(&names[*other]));
        let mut strata: Vec<Stratum> = Vec::with_capacity(names.len());
        let mut places = vec![0_u32; names.len()];
        for index in order {
            // Older records know strata by their joined names alone.
            let same = self.joined && strata.last().is_some_and(|last| last.name == names[index]);
            if !same {
                strata.push(Stratum {
                    name: names[index].clone(),
                    units: Vec::new(),
                    clusters: Vec::new(),
                    size: 0.0,
                });
            }
            places[index] = u32::try_from(strata.len() - 1).unwrap_or(u32::MAX);
        }
        let cluster_of = self.clusters_of(&places, &mut strata);
        let mut clusters = cluster_of.1;
        for (index, unit) in (0_u32..).zip(units) {
            unit.stratum = places[unit.stratum as usize];
            let stratum = &mut strata[unit.stratum as usize];
            stratum.units.push(index);
            stratum.size += unit.size;
            if let Some(cluster) = &mut unit.cluster {
                *cluster = cluster_of.0[*cluster as usize];
                let cluster = &mut clusters[*cluster as usize];
                cluster.units.push(index);
                cluster.size += unit.size;
            }
        }
        (strata, clusters)
    }

    /// The clusters in their strata, and the new index of each old one.
    fn clusters_of(&mut self, places: &[u32], strata: &mut [Stratum]) -> (Vec<u32>, Vec<Cluster>) {
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let names = self.clusters.take().unwrap_or_default();
        let new = self.cluster_codes.iter().map(|(stratum, code)| {
            let stratum = places[*stratum as usize];
            *known.entry((stratum, *code)).or_insert_with(|| {
                let index = u32::try_from(clusters.len()).unwrap_or(u32::MAX);
                let name = names.name(*code).to_owned();
                clusters.push(Cluster { name, stratum, units: Vec::new(), size: 0.0 });
                strata[stratum as usize].clusters.push(index);
                index
            })
        });
        let new = new.collect();
        (new, clusters)
    }

    /// The name of each stratum.
    fn stratum_names(&self) -> Vec<String> {
        let values = |codes: &Vec<u32>| {
            let columns = codes.iter().zip(&self.strata);
            columns.map(|(code, column)| column.name(*code)).collect::<Vec<&str>>()
        };
        let values: Vec<Vec<&str>> = self.stratum_codes.iter().map(values).collect();
        if self.joined {
            values.iter().map(|values| values.join(BETWEEN)).collect()
        } else {
            joined_names(&values)
        }
    }
}
