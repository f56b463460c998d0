//! A simulated design finds what is known of designs: the right coverage, the design effect of clusters, and the
//! same figures from the same seed.

// Populations are small, and whole numbers are exact.
#![allow(clippy::cast_precision_loss)]

use std::fmt::Write as _;

use analysis::simulation::{Simulated, simulate};
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::size::fieldwork::{Costs, Fieldwork};
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Seed, Share, SizeMeasure, Stage, StageUnits,
};

/// People in villages of twenty, in two regions.
fn frame(villages: u32, clusters: bool) -> Frame {
    let mut csv = "id,region,village\n".to_owned();
    for village in 0..villages {
        for person in 0..20 {
            let region = ["delta", "hills"][usize::from(village % 10 == 0)];
            writeln!(csv, "{village}-{person},{region},v{village}").expect("text");
        }
    }
    let columns = Columns {
        unit: "id".to_owned(),
        cluster: clusters.then(|| "village".to_owned()),
        labels: vec!["region".to_owned()],
        ..Columns::default()
    };
    Frame::read(csv.as_bytes(), &columns).expect("a frame")
}

fn total(total: u32) -> Amount {
    Amount::Allocated(Allocation { total, share: Share::Proportional, minimum: 0, capped: false })
}

fn assumptions(response: f64) -> Assumptions {
    Assumptions {
        proportion: 0.4,
        correlation: 0.1,
        fieldwork: Fieldwork { response, ..Fieldwork::default() },
        costs: Costs { fixed: 100.0, case: 2.0, complete: 5.0 },
        cluster_cost: 30.0,
        ..Assumptions::default()
    }
}

fn run(frame: &Frame, plan: &Plan, assumptions: &Assumptions) -> Simulated {
    simulate(frame, plan, assumptions, 400, Seed(3)).expect("simulated")
}

fn near(found: Option<f64>, known: f64, gap: f64) {
    assert!(found.is_some_and(|found| (found - known).abs() <= gap), "{found:?} for {known}");
}

#[test]
fn a_simple_sample_is_as_the_textbook_says() {
    let frame = frame(100, false);
    let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Simple, total(200))]);
    let found = run(&frame, &plan, &assumptions(1.0));
    // 400 samples: the standard errors of these are 0.011, 0.07 and 0.002.
    near(found.all.coverage, 0.95, 0.04);
    near(found.all.design_effect, 1.0, 0.28);
    let (p, n) = (found.all.share, 200.0);
    near(found.all.estimated_error, (p * (1.0 - p) / n * 0.9_f64).sqrt(), 0.001);
    assert_eq!((found.all.completes, found.cases, found.correlation), (200.0, 200.0, None));
    assert!((found.cost - (100.0 + 200.0 * 7.0)).abs() < 1e-9, "{}", found.cost);
}

#[test]
fn clusters_cost_precision_as_kish_says() {
    let frame = frame(200, true);
    let clusters =
        Stage::new(StageUnits::Clusters, Method::SystematicPps(SizeMeasure::UnitCount), total(30));
    let plan = Plan::of(vec![
        clusters,
        Stage::new(
            StageUnits::Units,
            Method::Simple,
            Amount::Each { count: 10, all_if_fewer: true },
        ),
    ]);
    let mut assumed = assumptions(0.5);
    assumed.domain = Some("region".to_owned());
    let found = run(&frame, &plan, &assumed);
    near(found.correlation, 0.1, 0.04);
    near(Some(found.all.completes), 150.0, 2.0);
    // 1 + (b − 1)ρ with five completes a cluster.
    let expected = 1.0 + 4.0 * found.correlation.expect("clusters");
    near(found.all.design_effect, expected, 0.45);
    near(found.all.coverage, 0.95, 0.045);
    assert!((found.cost - (100.0 + 300.0 * 2.0 + found.all.completes * 5.0 + 900.0)).abs() < 1e-6);
    // One village in ten: three clusters say too little to be published.
    let hills = found.domains.iter().find(|one| one.name == "hills").expect("a domain");
    assert!(hills.hidden > 0.9 && hills.units == 400, "{hills:?}");
    let delta = found.domains.iter().find(|one| one.name == "delta").expect("a domain");
    assert!(delta.hidden < 0.1, "{delta:?}");
}

#[test]
fn the_same_seed_gives_the_same() {
    let frame = frame(40, true);
    let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Systematic, total(80))]);
    let of = |seed| simulate(&frame, &plan, &assumptions(0.6), 50, Seed(seed)).expect("simulated");
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}

#[test]
fn what_cannot_be_simulated_is_told_at_once() {
    let frame = frame(40, true);
    let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Systematic, total(8_000))]);
    let mut assumed = assumptions(1.5);
    assumed.domain = Some("nowhere".to_owned());
    let told = simulate(&frame, &plan, &assumed, 0, Seed(1)).expect_err("refused");
    assert_eq!(told.len(), 4, "{told:?}");
}
