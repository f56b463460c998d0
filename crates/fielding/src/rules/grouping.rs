//! Groups that protect: what an ended response of an anonymous study says of the
//! design is shared by at least so many others.
//!
//! Where too few share stratum, primary unit and weight, primary units merge
//! within their stratum, the smallest first, down to two; then strata merge, and
//! last of all primary units down to one. Whoever shares a group whose weights
//! are too few each carries the mean of its weights, so that totals stay.

use std::collections::BTreeMap;

/// The fewest who share a group.
pub const LEAST: usize = 5;

/// Names of merged strata or units that are written out; of more, only how many.
const NAMED: usize = 3;

/// What a response says of the design.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignCell {
    /// Stratum.
    pub stratum: String,
    /// Primary sampling unit; empty where units are drawn directly.
    pub psu: String,
    /// Base weight.
    pub base_weight: f64,
}

#[derive(Default)]
struct Psu {
    names: Vec<String>,
    /// Places in the list of cells.
    cells: Vec<usize>,
    count: usize,
}

impl Psu {
    fn absorb(&mut self, other: Self) {
        self.names.extend(other.names);
        self.cells.extend(other.cells);
        self.count += other.count;
    }
}

#[derive(Default)]
struct Stratum {
    names: Vec<String>,
    psus: Vec<Psu>,
}

impl Stratum {
    fn count(&self) -> usize {
        self.psus.iter().map(|psu| psu.count).sum()
    }

    fn is_small(&self, least: usize) -> bool {
        self.psus.iter().any(|psu| psu.count < least)
    }

    /// Merges the smallest primary unit with the next, until none is too small or
    /// only `floor` are left.
    fn merge_small(&mut self, least: usize, floor: usize) {
        while self.psus.len() > floor && self.is_small(least) {
            self.psus
                .sort_by(|one, other| (one.count, &one.names).cmp(&(other.count, &other.names)));
            let smallest = self.psus.remove(0);
            self.psus[0].absorb(smallest);
        }
    }
}

/// The group of each cell, given how many share the cell. Groups have at least
/// `least` members unless there are fewer in all.
pub fn regroup(cells: &[(DesignCell, usize)], least: usize) -> Vec<DesignCell> {
    let mut found: BTreeMap<&str, BTreeMap<&str, Psu>> = BTreeMap::new();
    for (place, (cell, count)) in cells.iter().enumerate() {
        let psu = found.entry(&cell.stratum).or_default().entry(&cell.psu).or_default();
        if psu.names.is_empty() {
            psu.names.push(cell.psu.clone());
        }
        psu.cells.push(place);
        psu.count += count;
    }
    let mut strata: Vec<Stratum> = found
        .into_iter()
        .map(|(name, psus)| Stratum {
            names: vec![name.to_owned()],
            psus: psus.into_values().collect(),
        })
        .collect();
    for stratum in &mut strata {
        stratum.merge_small(least, 2);
    }
    while strata.len() > 1 && strata.iter().any(|stratum| stratum.is_small(least)) {
        strata.sort_by(|one, other| (one.count(), &one.names).cmp(&(other.count(), &other.names)));
        let small = strata.iter().position(|stratum| stratum.is_small(least)).unwrap_or(0);
        let taken = strata.remove(small);
        let partner = &mut strata[0];
        partner.names.extend(taken.names);
        // Units of different strata may have one name, and where units are drawn
        // directly all have none: these are one.
        for psu in taken.psus {
            match partner.psus.iter_mut().find(|own| own.names == psu.names) {
                Some(own) if psu.names == [""] => own.absorb(psu),
                _ => partner.psus.push(psu),
            }
        }
        partner.merge_small(least, 2);
    }
    if let [only] = strata.as_mut_slice() {
        only.merge_small(least, 1);
    }
    let mut groups: Vec<Option<DesignCell>> = vec![None; cells.len()];
    for stratum in &strata {
        for psu in &stratum.psus {
            name_cells(cells, stratum, psu, least, &mut groups);
        }
    }
    let own = cells.iter().map(|(cell, _)| cell.clone());
    groups.into_iter().zip(own).map(|(group, own)| group.unwrap_or(own)).collect()
}

/// Gives the cells of a primary unit their names, and the mean of their weights
/// where too few share one.
#[expect(clippy::cast_precision_loss, reason = "members of a group are few")]
fn name_cells(
    cells: &[(DesignCell, usize)],
    stratum: &Stratum,
    psu: &Psu,
    least: usize,
    groups: &mut [Option<DesignCell>],
) {
    let mut sharing: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut sum, mut count) = (0.0, 0.0);
    for place in &psu.cells {
        let (cell, members) = &cells[*place];
        *sharing.entry(cell.base_weight.to_bits()).or_default() += members;
        sum += cell.base_weight * *members as f64;
        count += *members as f64;
    }
    let one_weight = sharing.len() > 1 && sharing.values().any(|members| *members < least);
    for place in &psu.cells {
        let own = cells[*place].0.base_weight;
        groups[*place] = Some(DesignCell {
            stratum: joined(&stratum.names),
            psu: joined(&psu.names),
            base_weight: if one_weight && count > 0.0 { sum / count } else { own },
        });
    }
}

fn joined(names: &[String]) -> String {
    let mut names = names.to_vec();
    names.sort();
    if names.len() <= NAMED {
        return names.join(" + ");
    }
    format!("{} + {}", names[..NAMED - 1].join(" + "), names.len() + 1 - NAMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(stratum: &str, psu: &str, base_weight: f64, count: usize) -> (DesignCell, usize) {
        (DesignCell { stratum: stratum.to_owned(), psu: psu.to_owned(), base_weight }, count)
    }

    /// Members of the smallest group, and the sum of all weights.
    fn found(cells: &[(DesignCell, usize)], groups: &[DesignCell]) -> (usize, f64) {
        let mut members: BTreeMap<(&str, &str, u64), usize> = BTreeMap::new();
        let mut total = 0.0;
        for ((_, count), group) in cells.iter().zip(groups) {
            let key = (&*group.stratum, &*group.psu, group.base_weight.to_bits());
            *members.entry(key).or_default() += count;
            #[expect(clippy::cast_precision_loss, reason = "few")]
            let count = *count as f64;
            total += count * group.base_weight;
        }
        (members.into_values().min().unwrap_or(0), total)
    }

    #[test]
    fn large_groups_stay_as_they_are() {
        let cells = [cell("a", "1", 2.0, 5), cell("a", "2", 2.0, 9), cell("b", "1", 3.0, 7)];
        let own: Vec<DesignCell> = cells.iter().map(|(cell, _)| cell.clone()).collect();
        assert_eq!(regroup(&cells, LEAST), own);
    }

    #[test]
    fn clusters_merge_within_their_stratum_first() {
        let cells = [
            cell("a", "1", 2.0, 3),
            cell("a", "2", 2.0, 4),
            cell("a", "3", 2.0, 8),
            cell("b", "4", 2.0, 6),
            cell("b", "5", 2.0, 6),
        ];
        let groups = regroup(&cells, LEAST);
        assert_eq!(groups[0].psu, "1 + 2");
        assert_eq!(groups[2].psu, "3");
        assert_eq!((&*groups[0].stratum, &*groups[3].stratum), ("a", "b"));
        assert_eq!(found(&cells, &groups).0, 6);
    }

    #[test]
    fn no_group_is_small_and_totals_stay_whatever_the_cells() {
        let mut seed = 7_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let cells: Vec<(DesignCell, usize)> = (0..=random(30))
                .map(|_| {
                    #[expect(clippy::cast_precision_loss, reason = "few")]
                    let weight = 1.0 + random(3) as f64;
                    let psu = random(6).to_string();
                    let count = usize::try_from(1 + random(7)).expect("few");
                    cell(&random(4).to_string(), &psu, weight, count)
                })
                .collect();
            let all: usize = cells.iter().map(|(_, count)| count).sum();
            let groups = regroup(&cells, LEAST);
            let own: Vec<DesignCell> = cells.iter().map(|(cell, _)| cell.clone()).collect();
            let ((smallest, total), (_, before)) = (found(&cells, &groups), found(&cells, &own));
            assert!(smallest >= LEAST.min(all), "{smallest} of {all}: {cells:?} {groups:?}");
            assert!((total - before).abs() <= 1e-9 * before, "{total} {before}");
        }
    }

    #[test]
    fn units_drawn_directly_share_their_stratum() {
        let cells = [cell("a", "", 2.0, 3), cell("b", "", 4.0, 20), cell("c", "", 5.0, 6)];
        let groups = regroup(&cells, LEAST);
        assert_eq!(groups[0].stratum, "a + c");
        assert_eq!(groups[1].stratum, "b");
        assert!((groups[0].base_weight - 4.0).abs() < 1e-12, "{groups:?}");
        assert_eq!(groups[0].base_weight.to_bits(), groups[2].base_weight.to_bits());
    }
}
