//! What follows a draw: entries of its record, listing stages and second phases, and records of earlier
//! forms.

use std::fmt::Write;
use std::path::Path;

use survey_builder::sampling::chain::{Act, Broken, drawn_again, release, replace};
use survey_builder::sampling::extension::{list_stage, phase_stage, unlisted};
use survey_builder::sampling::fielded::{Standing, fielded};
use survey_builder::sampling::verify::EntryFault;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Release, Replay, Sample, Seed, Share,
    SizeMeasure, Stage, StageUnits, draw, replay, verify,
};

fn total(total: u32) -> Amount {
    Amount::Allocated(Allocation { total, share: Share::Equal, minimum: 0, capped: false })
}

fn each(count: u32) -> Amount {
    Amount::Each { count, all_if_fewer: true }
}

/// Forty areas in two regions, with the households that a register has of them.
fn areas() -> Frame {
    let mut csv = "area,region,households\n".to_owned();
    for area in 0..40 {
        let region = if area % 2 == 0 { "hills" } else { "plain" };
        writeln!(csv, "a{area},{region},{}", 20 + (area * 37) % 90).expect("text");
    }
    let columns = Columns {
        unit: "area".to_owned(),
        strata: vec!["region".to_owned()],
        size: Some("households".to_owned()),
        ..Columns::default()
    };
    Frame::read(csv.as_bytes(), &columns).expect("a frame")
}

fn area_plan() -> Plan {
    let pps = Method::SystematicPps(SizeMeasure::Column);
    Plan::of(vec![Stage::new(StageUnits::Units, pps, total(12))])
}

/// The households listed in these areas.
fn listed<'n>(areas: impl IntoIterator<Item = &'n str>) -> Frame {
    let mut csv = "household,area\n".to_owned();
    for area in areas {
        for household in 0..25 + area.len() * 7 {
            writeln!(csv, "{area}-{household},{area}").expect("text");
        }
    }
    let columns = Columns {
        unit: "household".to_owned(),
        cluster: Some("area".to_owned()),
        ..Columns::default()
    };
    Frame::read(csv.as_bytes(), &columns).expect("a list")
}

fn households() -> Vec<Stage> {
    vec![Stage::new(StageUnits::Units, Method::Systematic, each(10))]
}

#[test]
fn households_are_drawn_from_what_the_field_listed() {
    let frame = areas();
    let sample = draw(&frame, &area_plan(), Seed(3)).expect("areas");
    let drawn: Vec<String> = sample.units.iter().map(|unit| unit.unit.clone()).collect();
    let (first, rest) = drawn.split_at(5);
    let lists = [listed(first.iter().map(String::as_str)), listed(rest.iter().map(String::as_str))];
    let act = list_stage(&sample, &lists[0], &households()).expect("drawn");
    let some = sample.clone().with(act).expect("whole");
    assert_eq!(unlisted(&some), rest.iter().map(String::as_str).collect::<Vec<_>>());
    let act = list_stage(&some, &lists[1], &households()).expect("drawn");
    let all = some.clone().with(act).expect("whole");
    assert!(unlisted(&all).is_empty());

    let units = fielded(&all, true);
    assert_eq!(units.len(), 120);
    for unit in &units {
        let area = sample.units.iter().find(|one| Some(&one.unit) == unit.unit.cluster.as_ref());
        let area = area.expect("its area");
        let held = 25.0 + f64::from(u32::try_from(area.unit.len()).expect("short")) * 7.0;
        let both = area.probability * 10.0 / held;
        assert!((unit.unit.probability - both).abs() < 1e-12);
        assert!((unit.weight.expect("in the field") - 1.0 / both).abs() < 1e-9);
        assert_eq!(
            (unit.unit.stages.len(), unit.unit.stratum.as_str()),
            (2, area.stratum.as_str())
        );
    }
    // What is drawn in an area does not depend on which lists came first.
    let whole = listed(drawn.iter().map(String::as_str));
    let act = list_stage(&sample, &whole, &households()).expect("drawn");
    let at_once = sample.clone().with(act).expect("whole");
    let ids = |sample: &Sample| -> Vec<String> {
        fielded(sample, true).iter().map(|unit| unit.id.to_owned()).collect()
    };
    assert_eq!(ids(&at_once), ids(&all));

    assert!(verify(&all, &frame, &lists).holds());
    let without = verify(&all, &frame, &lists[..1]);
    assert!(matches!(&without.faults[..], [(2, EntryFault::WithoutList { .. })]), "{without:?}");
    let again = list_stage(&some, &lists[0], &households()).expect_err("listed before");
    assert_eq!(again[0].code(), "list_clusters_twice");
    let strange = listed(["a0", "nowhere"]);
    let told = list_stage(&sample, &strange, &households()).expect_err("not drawn");
    assert!(told.iter().any(|one| one.code() == "list_clusters_unknown"), "{told:?}");
    let other = vec![Stage::new(StageUnits::Units, Method::Simple, each(10))];
    let told = list_stage(&some, &lists[1], &other).expect_err("another plan");
    assert_eq!(told[0].code(), "sample_listed_otherwise");
}

/// Households of the field are drawn as often as their weights say.
#[test]
fn listing_stages_draw_as_often_as_stated() {
    const DRAWS: u32 = 600;
    let frame = areas();
    let all = listed((0..40).map(|area| &*format!("a{area}").leak()));
    let mut hits: std::collections::HashMap<String, (u32, f64)> = std::collections::HashMap::new();
    for seed in 0..DRAWS {
        let sample = draw(&frame, &area_plan(), Seed(u64::from(seed))).expect("areas");
        let drawn: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
        let act = list_stage(&sample, &listed(drawn), &households()).expect("drawn");
        let Act::Listed(found) = act else { panic!("a list") };
        for unit in found.units {
            let entry = hits.entry(unit.unit).or_insert((0, unit.probability));
            entry.0 += 1;
        }
    }
    assert!(hits.len() > all.units.len() * 8 / 10);
    for (unit, (count, p)) in hits {
        let times = f64::from(DRAWS);
        let found = f64::from(count) / times;
        let bound = 5.5 * (p * (1.0 - p) / times).sqrt();
        assert!((found - p).abs() <= bound, "{unit}: {found} for {p}");
    }
}

#[test]
fn a_second_phase_is_drawn_from_what_the_first_found() {
    let frame = areas();
    let plan = Plan::of(vec![Stage::new(StageUnits::Units, Method::Simple, total(20))]);
    let sample = draw(&frame, &plan, Seed(4)).expect("areas");
    let mut csv = "area,dry\n".to_owned();
    for (place, unit) in sample.units.iter().enumerate() {
        writeln!(csv, "{},{}", unit.unit, ["yes", "no", "no"][place % 3]).expect("text");
    }
    let columns =
        Columns { unit: "area".to_owned(), labels: vec!["dry".to_owned()], ..Columns::default() };
    let found = Frame::read(csv.as_bytes(), &columns).expect("a list");
    let stage = Stage {
        strata: vec!["dry".to_owned()],
        ..Stage::new(StageUnits::Units, Method::Simple, each(4))
    };
    let act = phase_stage(&sample, &found, &stage).expect("drawn");
    let both = sample.clone().with(act).expect("whole");
    let weights: Vec<f64> = fielded(&both, true).iter().filter_map(|unit| unit.weight).collect();
    assert_eq!(weights.len(), 8);
    // Seven were dry and thirteen not, each drawn with 1 in 2: four of each stand for them.
    let sum: f64 = weights.iter().sum();
    assert!((sum - 40.0).abs() < 1e-9, "{sum}");
    assert!(verify(&both, &frame, std::slice::from_ref(&found)).holds());
    let twice = phase_stage(&both, &found, &stage).expect_err("one phase more");
    assert_eq!(twice[0].code(), "sample_has_phase");
    let plain = Stage::new(StageUnits::Units, Method::Simple, each(3));
    let Ok(Act::SecondPhase(kept)) = phase_stage(&sample, &found, &plain) else { panic!("drawn") };
    let strata: std::collections::BTreeSet<&str> =
        kept.units.iter().map(|unit| unit.stratum.as_str()).collect();
    assert_eq!(strata, std::collections::BTreeSet::from(["hills", "plain"]));
}

/// A sample with replicates, of which one is in reserve, and three entries.
fn decided(frame: &Frame) -> Sample {
    let plan = Plan {
        release: Some(Release { replicates: 4, reserve: 1 }),
        substitution: true,
        ..Plan::of(vec![Stage::new(StageUnits::Units, Method::Simple, total(24))])
    };
    let sample = draw(frame, &plan, Seed(6)).expect("a sample");
    let out = sample.units.iter().filter(|unit| unit.replicate == Some(1));
    let out: Vec<String> = out.map(|unit| unit.unit.clone()).collect();
    let mut sample = sample;
    for unit in &out[..2] {
        let act = replace(&sample, unit, "no road").expect("a substitute");
        sample = sample.with(act).expect("whole");
    }
    let again = drawn_again("other.json", &sample);
    sample.with(again).expect("whole")
}

#[test]
fn entries_that_are_edited_dropped_or_moved_are_named() {
    let frame = areas();
    let sample = decided(&frame);
    assert!(verify(&sample, &frame, &[]).holds());
    let text = serde_json::to_string(&sample).expect("JSON");
    let read: Sample = serde_json::from_str(&text).expect("the record");
    assert_eq!((&read, read.broken()), (&sample, None));

    let mut edited = sample.clone();
    if let Act::Substituted(one) = &mut edited.entries[1].act {
        one.reason = "nobody home".to_owned();
    }
    assert_eq!(edited.broken(), Some(Broken::Changed { entry: 2 }));
    assert!(edited.with(drawn_again("third.json", &sample)).is_err());
    let mut dropped = sample.clone();
    dropped.entries.remove(1);
    assert_eq!(dropped.broken(), Some(Broken::Order { entry: 2 }));
    let mut moved = sample.clone();
    moved.entries.swap(0, 1);
    assert_eq!(moved.broken(), Some(Broken::Order { entry: 1 }));
    let mut shorter = sample.clone();
    shorter.entries.pop();
    assert_eq!(shorter.broken(), Some(Broken::End));
    let mut other = sample.clone();
    other.units[0].weight *= 2.0;
    assert_eq!(other.broken(), Some(Broken::Order { entry: 1 }));
    assert!(matches!(verify(&other, &frame, &[]).draw, Replay::Differs { place: 0, .. }));
    // An entry made anew whole still is not what comes out.
    let mut forged = sample.before_all();
    let by = sample.units.iter().rfind(|unit| unit.replicate == Some(4)).expect("a reserve");
    if let Act::Substituted(one) = sample.entries[0].act.clone() {
        let one = survey_builder::sampling::release::Substitution { by: by.unit.clone(), ..one };
        forged = forged.with(Act::Substituted(one)).expect("whole");
    }
    let found = verify(&forged, &frame, &[]);
    assert_eq!((found.broken, &found.faults[..]), (None, &[(1, EntryFault::Differs)][..]));
}

/// A record without its entries.
trait BeforeAll {
    fn before_all(&self) -> Sample;
}

impl BeforeAll for Sample {
    fn before_all(&self) -> Sample {
        Sample { entries: Vec::new(), last: None, ..self.clone() }
    }
}

#[test]
fn what_is_released_stands_for_what_waits() {
    let frame = areas();
    let sample = decided(&frame);
    let units = fielded(&sample, true);
    let standing = |which: Standing| units.iter().filter(|one| one.standing == which).count();
    // Three of four replicates are in the field, with two of the reserve in place of two.
    assert_eq!((standing(Standing::InField), standing(Standing::Replaced)), (18, 2));
    assert_eq!(standing(Standing::Waiting), 4);
    let sum: f64 = units.iter().filter_map(|unit| unit.weight).sum();
    assert!((sum - 40.0).abs() < 1e-9, "{sum}");
    assert_eq!(release(&sample, 3).expect_err("released")[0].code(), "sample_release");
    assert_eq!(release(&sample, 5).expect_err("too many")[0].code(), "sample_release");
    let act = release(&sample, 4).expect("the reserve");
    let opened = sample.with(act).expect("whole");
    let told = replace(&opened, &opened.units[0].unit, "late").expect_err("no reserve is left");
    assert_eq!(told[0].code(), "sample_reserve_released");
}

#[test]
fn a_cluster_in_anothers_place_is_drawn_in_as_that() {
    let frame = areas();
    let sample = decided(&frame);
    let one = sample.substitutions().next().expect("a substitute").clone();
    let told = list_stage(&sample, &listed([one.unit.as_str()]), &households());
    assert_eq!(told.expect_err("replaced")[0].code(), "list_clusters_waiting");
    let act = list_stage(&sample, &listed([one.by.as_str()]), &households()).expect("drawn");
    let all = sample.clone().with(act).expect("whole");
    let replaced = sample.units.iter().find(|unit| unit.unit == one.unit).expect("a unit");
    for unit in fielded(&all, true) {
        assert_eq!((unit.standing, &unit.unit.replicate), (Standing::InField, &replaced.replicate));
        assert_eq!(unit.unit.stages[0], replaced.stages[0]);
        assert_eq!(unit.unit.cluster.as_ref(), Some(&one.by));
    }
    assert_eq!(fielded(&all, true).len(), 10);
}

/// Records of the first form are drawn again as they were.
#[test]
fn older_records_are_read_and_drawn_again() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases/sampling");
    let frames = cases.join("../../frames");
    let firms = cases.join("01_design/firms.csv");
    for (record, frame) in [
        ("two-stages.json", &frames.join("households.csv")),
        ("two-phases.json", &firms),
        ("replacement.json", &firms),
    ] {
        let text = std::fs::read_to_string(cases.join("older").join(record)).expect("a record");
        let recorded: Sample = serde_json::from_str(&text).expect("read");
        assert_eq!((recorded.form, recorded.last.as_ref()), (1, None));
        let frame = std::fs::File::open(frame).expect("a frame");
        let frame = Frame::read(frame, &recorded.columns).expect("read");
        assert_eq!(replay(&recorded, &frame), Replay::Identical, "{record}");
        // Entries may follow them too.
        let extended = recorded.clone().with(drawn_again("other.json", &recorded)).expect("whole");
        assert!(verify(&extended, &frame, &[]).holds(), "{record}");
    }
}
