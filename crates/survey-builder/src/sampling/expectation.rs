//! What a plan is expected to give before anything is drawn: cases, completes,
//! margins of error overall, by stratum and by domain, cost, and the work in an
//! area. Cases are those that are fielded: without the replicates in reserve, and
//! of two phases those of the second.
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::allocation::allocate;
use super::check::{StratumPreview, preview};
use super::frame::{Columns, Frame, Labels};
use super::listing::inner_lists;
use super::plan::{Amount, Plan, Stage, StageUnits};
use super::problem::Problem;
use super::size::fieldwork::{Costs, Fieldwork, margin_for};
use super::size::{Circumstances, two_sided};
use crate::problem::phrase;

/// What is assumed of the population and of the fieldwork.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Assumptions {
    /// The share that is to be estimated, from 0 to 1; one half is the least
    /// favourable.
    pub proportion: f64,
    /// How sure the interval is, such as 0.95.
    pub confidence: f64,
    /// How alike those in one cluster are: the intraclass correlation.
    pub correlation: f64,
    /// How many of the cases respond.
    pub fieldwork: Fieldwork,
    /// What a case and a complete cost.
    pub costs: Costs,
    /// What a cluster costs that is visited, in the same currency.
    pub cluster_cost: f64,
    /// A column of names whose groups are told apart, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            proportion: 0.5,
            confidence: 0.95,
            correlation: 0.05,
            fieldwork: Fieldwork::default(),
            costs: Costs::default(),
            cluster_cost: 0.0,
            domain: None,
        }
    }
}

impl Assumptions {
    /// The roles of a frame's columns with that of the domains added.
    pub fn columns(&self, given: Columns) -> Columns {
        let mut columns = given;
        let new = self.domain.iter().filter(|name| !columns.labels.contains(name));
        let new: Vec<String> = new.cloned().collect();
        columns.labels.extend(new);
        columns
    }

    /// What is out of its range.
    pub fn problems(&self) -> Vec<Problem> {
        let fieldwork = self.fieldwork;
        let shares = [
            ("phrase-proportion", self.proportion, 0.0),
            ("phrase-intraclass-correlation", self.correlation, 0.0),
            ("phrase-share-in-the-domain", fieldwork.domain, f64::MIN_POSITIVE),
            ("phrase-share-that-is-eligible", fieldwork.eligible, f64::MIN_POSITIVE),
            ("phrase-share-that-is-reached", fieldwork.contact, f64::MIN_POSITIVE),
            ("phrase-share-that-responds", fieldwork.response, f64::MIN_POSITIVE),
        ];
        let mut problems = Vec::new();
        let mut refuse = |what: &'static str, value: f64, bounds: &'static str| {
            problems.push(Problem::PlanValue {
                what: phrase(what).into(),
                value: value.into(),
                bounds: phrase(bounds).into(),
            });
        };
        for (what, value, least) in shares {
            if !(least..=1.0).contains(&value) {
                let from_zero = least == 0.0;
                let bounds =
                    if from_zero { "phrase-from-0-to-1" } else { "phrase-above-0-and-at-most-1" };
                refuse(what, value, bounds);
            }
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            refuse("phrase-confidence", self.confidence, "phrase-above-0-and-below-1");
        }
        let costs = [self.costs.fixed, self.costs.case, self.costs.complete, self.cluster_cost];
        for cost in costs {
            if !(cost.is_finite() && cost >= 0.0) {
                refuse("phrase-cost", cost, "phrase-0-or-more");
            }
        }
        problems
    }
}

/// What is expected of a stratum, of a domain, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The name of the stratum or domain; empty for all.
    pub name: String,
    /// Its frame units.
    pub units: f64,
    /// The clusters drawn in it; 0 where no clusters are drawn.
    pub clusters: f64,
    /// Its expected cases.
    pub cases: f64,
    /// Its expected completes.
    pub completes: f64,
    /// The variance compared with a simple random sample of as many completes.
    pub design_effect: f64,
    /// The margin of error of the share on either side; none where fewer than
    /// two completes are expected.
    pub margin: Option<f64>,
    /// What it costs; for all with what is paid before the first case.
    pub cost: f64,
}

impl Expected {
    /// The cases in a cluster, on average: the work in an area.
    pub fn workload(&self) -> Option<f64> {
        (self.clusters > 0.0).then(|| self.cases / self.clusters)
    }
}

/// What a plan is expected to give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Over all strata.
    pub all: Expected,
    /// By first-stage stratum, in the frame's order.
    pub strata: Vec<Expected>,
    /// By domain, sorted by name; none where no column was named.
    pub domains: Vec<Expected>,
    /// What the plan draws in each stratum.
    pub drawn: Vec<StratumPreview>,
}

/// A stratum while it is worked on.
struct Part {
    units: f64,
    clusters: f64,
    cases: f64,
    completes: f64,
}

impl Part {
    /// The part of it that is in a domain with so many of its units.
    fn share(&self, units: f64) -> Self {
        let share = units / self.units;
        Self {
            units,
            clusters: self.clusters,
            cases: self.cases * share,
            completes: self.completes * share,
        }
    }
}

/// What a plan is expected to give.
///
/// In a stratum the design effect of clustering is 1 + (b̄ − 1) ρ with b̄
/// completes in a cluster (Kish, 1965, section 5.4); the variances of the strata
/// are added with the squares of their shares of the population (Cochran, 1977,
/// equation 5.6). A domain is taken to lie evenly over the clusters.
///
/// # Errors
///
/// Everything that stands in the way of the plan, and assumptions out of range.
pub fn expect(
    frame: &Frame,
    plan: &Plan,
    assumptions: &Assumptions,
) -> Result<Expectation, Vec<Problem>> {
    let mut problems = assumptions.problems();
    let domains = match &assumptions.domain {
        None => None,
        Some(column) => {
            let found = frame.labels_of(column);
            if found.is_none() {
                problems.push(Problem::FrameColumnMissing {
                    column: column.clone(),
                    columns: frame.columns.labels.join(", "),
                });
            }
            found
        }
    };
    let drawn = preview(frame, plan).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let in_clusters = plan.stages.first().is_some_and(|stage| stage.units != StageUnits::Units);
    let responding = assumptions.fieldwork.share();
    let parts: Vec<Part> = drawn
        .iter()
        .zip(fielded(frame, plan, &drawn)?)
        .map(|(row, cases)| Part {
            units: row.units as f64,
            clusters: if in_clusters { row.expected_drawn() } else { 0.0 },
            cases,
            completes: cases * responding,
        })
        .collect();
    let strata = parts.iter().zip(&drawn).map(|(part, row)| Expected {
        name: row.stratum.clone(),
        ..together(std::slice::from_ref(part), assumptions)
    });
    let mut all = together(&parts, assumptions);
    all.cost += assumptions.costs.fixed;
    Ok(Expectation {
        all,
        strata: strata.collect(),
        domains: domains
            .map(|labels| by_domain(frame, labels, &parts, assumptions))
            .unwrap_or_default(),
        drawn,
    })
}

/// The units that are expected in the field, by stratum: those of the second phase,
/// if there is one, without the replicates in reserve.
fn fielded(frame: &Frame, plan: &Plan, drawn: &[StratumPreview]) -> Result<Vec<f64>, Vec<Problem>> {
    let first: Vec<f64> = drawn.iter().map(|row| row.expected_units).collect();
    let cases = match &plan.second_phase {
        Some(stage) => second_phase(frame, stage, drawn, &first)?,
        None => first,
    };
    let open = plan.release.map_or(1.0, |release| {
        f64::from(release.replicates - release.reserve) / f64::from(release.replicates)
    });
    Ok(cases.iter().map(|cases| cases * open).collect())
}

/// The units that a second phase is expected to draw, by stratum of the first. Its
/// own strata are taken to hold as much of a stratum's sample as of its frame.
fn second_phase(
    frame: &Frame,
    stage: &Stage,
    drawn: &[StratumPreview],
    first: &[f64],
) -> Result<Vec<f64>, Vec<Problem>> {
    let mut cells: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (place, (row, expected)) in drawn.iter().zip(first).enumerate() {
        let mut add = |name: String, share: f64| {
            cells.entry(name).or_insert_with(|| vec![0.0; first.len()])[place] += expected * share;
        };
        if stage.strata.is_empty() {
            add(row.stratum.clone(), 1.0);
            continue;
        }
        let units = &frame.strata[place].units;
        for list in inner_lists(frame, stage, units) {
            add(list.stratum.clone(), list.members.len() as f64 / units.len() as f64);
        }
    }
    let names: Vec<&str> = cells.keys().map(String::as_str).collect();
    let sizes: Vec<f64> = cells.values().map(|cell| cell.iter().sum()).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sample sizes")]
    let whole: Vec<u64> = sizes.iter().map(|size| size.round() as u64).collect();
    let of_whole = |counts: Vec<u64>| counts.into_iter().map(|count| count as f64).collect();
    let counts: Vec<f64> = match &stage.amount {
        Amount::Each { count, .. } => {
            of_whole(whole.iter().map(|size| u64::from(*count).min(*size)).collect())
        }
        Amount::Allocated(allocation) => of_whole(allocate(&names, &sizes, &whole, allocation)?),
        Amount::Rate(rate) => sizes.iter().map(|size| rate * size).collect(),
        Amount::Rates(rates) => (names.iter().zip(&sizes))
            .map(|(name, size)| rates.get(*name).map_or(0.0, |rate| rate * size))
            .collect(),
    };
    let mut cases = vec![0.0; first.len()];
    for ((cell, size), count) in cells.values().zip(&sizes).zip(counts) {
        for (cases, part) in cases.iter_mut().zip(cell) {
            *cases += part / size * count;
        }
    }
    Ok(cases)
}

/// What is expected of parts of different strata taken together.
fn together(parts: &[Part], assumptions: &Assumptions) -> Expected {
    let sum = |of: fn(&Part) -> f64| parts.iter().map(of).sum::<f64>();
    let (units, cases, completes) =
        (sum(|part| part.units), sum(|part| part.cases), sum(|part| part.completes));
    let clusters = sum(|part| part.clusters);
    let spread = (assumptions.proportion * (1.0 - assumptions.proportion)).sqrt();
    let z = two_sided(assumptions.confidence);
    let variance: f64 = parts
        .iter()
        .filter(|part| part.units > 0.0)
        .map(|part| {
            let effect = clustering(part, assumptions.correlation);
            let circumstances = Circumstances {
                confidence: assumptions.confidence,
                design_effect: effect,
                population: Some(part.units * assumptions.fieldwork.eligible),
                response: 1.0,
            };
            let margin = margin_for(spread, part.completes, &circumstances) / z;
            (part.units / units).powi(2) * margin * margin
        })
        .sum();
    let simple = spread * spread / completes;
    let known = completes >= 2.0 && variance.is_finite();
    Expected {
        name: String::new(),
        units,
        clusters,
        cases,
        completes,
        design_effect: if known && simple > 0.0 { variance / simple } else { 1.0 },
        margin: known.then(|| z * variance.sqrt()),
        cost: assumptions.costs.case * cases
            + assumptions.costs.complete * completes
            + assumptions.cluster_cost * clusters,
    }
}

/// What drawing clusters does to the variance.
fn clustering(part: &Part, correlation: f64) -> f64 {
    if part.clusters == 0.0 {
        return 1.0;
    }
    1.0 + (part.completes / part.clusters - 1.0).max(0.0) * correlation
}

/// What is expected of each group of a column.
fn by_domain(
    frame: &Frame,
    labels: &Labels,
    parts: &[Part],
    assumptions: &Assumptions,
) -> Vec<Expected> {
    let mut counts = vec![vec![0_u64; frame.strata.len()]; labels.names.len()];
    for (unit, code) in frame.units.iter().zip(&labels.codes) {
        counts[*code as usize][unit.stratum as usize] += 1;
    }
    let mut groups: Vec<Expected> = labels
        .names
        .iter()
        .zip(&counts)
        .map(|(name, counts)| {
            let parts: Vec<Part> = parts
                .iter()
                .zip(counts)
                .filter(|(_, count)| **count > 0)
                .map(|(part, count)| part.share(*count as f64))
                .collect();
            Expected { name: name.clone(), ..together(&parts, assumptions) }
        })
        .collect();
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::plan::{Allocation, Amount, Method, Share, Stage};
    use super::*;

    fn frame() -> Frame {
        let mut text = "id,zone,ward,sex\n".to_owned();
        for unit in 0..6_000 {
            let (zone, sex) = (if unit < 4_000 { "a" } else { "b" }, ["f", "m", "m"][unit % 3]);
            let _ = writeln!(text, "{unit},{zone},{},{sex}", unit / 100);
        }
        let columns = Columns {
            unit: "id".to_owned(),
            strata: vec!["zone".to_owned()],
            cluster: Some("ward".to_owned()),
            labels: vec!["sex".to_owned()],
            ..Columns::default()
        };
        Frame::read(text.as_bytes(), &columns).expect("a frame")
    }

    fn allocated(total: u32) -> Amount {
        let share = Share::Proportional;
        Amount::Allocated(Allocation { total, share, minimum: 0, capped: false })
    }

    #[test]
    fn a_proportional_sample_is_as_precise_as_a_simple_one() {
        let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Simple, allocated(600))]);
        let found = expect(&frame(), &plan, &Assumptions::default()).expect("expected");
        // z √(p q / n · (N − n) / (N − 1)); the strata have N − 1 of their own.
        let simple = 1.959_964 * (0.25 / 600.0 * 5_400.0 / 5_999.0_f64).sqrt();
        let margin = found.all.margin.expect("a margin");
        assert!((margin - simple).abs() < 1e-5, "{margin} and {simple}");
        assert!((found.strata[0].cases - 400.0).abs() < 1e-9);
        assert!(found.strata[1].margin > found.strata[0].margin);
        assert_eq!(found.all.workload(), None);
    }

    #[test]
    fn clusters_answers_and_costs_count() {
        let plan = Plan::of(vec![
            Stage::new(StageUnits::Clusters, Method::Simple, allocated(30)),
            Stage::new(
                StageUnits::Units,
                Method::Simple,
                Amount::Each { count: 20, all_if_fewer: false },
            ),
        ]);
        let assumptions = Assumptions {
            fieldwork: Fieldwork { response: 0.5, ..Fieldwork::default() },
            costs: Costs { fixed: 1_000.0, case: 2.0, complete: 10.0 },
            cluster_cost: 100.0,
            domain: Some("sex".to_owned()),
            ..Assumptions::default()
        };
        let found = expect(&frame(), &plan, &assumptions).expect("expected");
        assert!((found.all.cases - 600.0).abs() < 1e-9);
        assert!((found.all.completes - 300.0).abs() < 1e-9);
        assert_eq!(found.all.workload(), Some(20.0));
        // 10 completes in a cluster: 1 + 9 × 0.05, with little for the finite
        // population: (6000 − 300) / 5999.
        assert!((found.all.design_effect - 1.45 * 5_700.0 / 5_999.0).abs() < 1e-3);
        // 1000 + 600 × 2 + 300 × 10 + 30 × 100.
        assert!((found.all.cost - 8_200.0).abs() < 1e-6);
        let sexes: Vec<f64> = found.domains.iter().map(|group| group.cases.round()).collect();
        assert_eq!(sexes, [200.0, 400.0]);
        assert!(found.domains[0].margin > found.domains[1].margin);
        assert!(found.domains[0].design_effect < found.all.design_effect);
    }

    #[test]
    fn what_is_assumed_must_be_possible() {
        let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Simple, allocated(600))]);
        let assumptions = Assumptions {
            confidence: 1.0,
            correlation: 2.0,
            fieldwork: Fieldwork { response: 0.0, ..Fieldwork::default() },
            cluster_cost: f64::NAN,
            domain: Some("age".to_owned()),
            ..Assumptions::default()
        };
        let problems = expect(&frame(), &plan, &assumptions).expect_err("refused");
        assert_eq!(problems.len(), 5, "{problems:?}");
    }
}
