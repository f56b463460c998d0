//! How long a design is tried: 1,000 samples of two stages from 20,000 people, beside the minute that is allowed.

use std::fmt::Write as _;
use std::time::Instant;

use analysis::simulation::simulate;
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::size::fieldwork::Fieldwork;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Seed, Share, SizeMeasure, Stage, StageUnits,
};

/// The most seconds.
const ALLOWED: f64 = 60.0;

fn main() {
    let mut csv = "id,region,village\n".to_owned();
    for village in 0..1_000_u32 {
        for person in 0..20 {
            let region = if village.is_multiple_of(10) { "hills" } else { "delta" };
            writeln!(csv, "{village}-{person},{region},v{village}").expect("text");
        }
    }
    let columns = Columns {
        unit: "id".to_owned(),
        cluster: Some("village".to_owned()),
        labels: vec!["region".to_owned()],
        ..Columns::default()
    };
    let frame = Frame::read(csv.as_bytes(), &columns).expect("a frame");
    let clusters = Amount::Allocated(Allocation {
        total: 80,
        share: Share::Proportional,
        minimum: 0,
        capped: false,
    });
    let plan = Plan::of(vec![
        Stage::new(StageUnits::Clusters, Method::SystematicPps(SizeMeasure::UnitCount), clusters),
        Stage::new(
            StageUnits::Units,
            Method::Simple,
            Amount::Each { count: 15, all_if_fewer: true },
        ),
    ]);
    let assumptions = Assumptions {
        proportion: 0.4,
        correlation: 0.05,
        fieldwork: Fieldwork { response: 0.45, ..Fieldwork::default() },
        domain: Some("region".to_owned()),
        ..Assumptions::default()
    };
    let begun = Instant::now();
    let found = simulate(&frame, &plan, &assumptions, 1_000, Seed(1)).expect("simulated");
    let seconds = begun.elapsed().as_secs_f64();
    let within = if seconds <= ALLOWED { "yes" } else { "NO" };
    println!(
        "1,000 samples from 20,000 people: {seconds:.1} s (allowed {ALLOWED} s: {within}); \
         coverage {:?}, design effect {:?}",
        found.all.coverage, found.all.design_effect
    );
}
