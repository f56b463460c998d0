//! Samples: who is drawn how often, and whether it can be drawn again.
//!
//! Probabilities are compared with thousands of draws; bounds are five Monte
//! Carlo standard errors. What other software computes is compared by the tests
//! of `analysis` (`reference`).

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use survey_builder::sampling::preview;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Problem, Replay, Sample, Seed, Share,
    SizeMeasure, Stage, StageUnits, draw, replay,
};

fn columns() -> Columns {
    Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        cluster: Some("ward".to_owned()),
        ..Columns::default()
    }
}

/// Two areas with four and three wards of 3 to 9 people.
fn town() -> Frame {
    let mut csv = "\u{feff}id,area,ward\n".to_owned();
    for (area, wards) in [("north", &[3, 5, 9, 4][..]), ("south", &[6, 3, 4])] {
        for (ward, people) in wards.iter().enumerate() {
            for person in 0..*people {
                writeln!(csv, "{area}-{ward}-{person},{area},ward {ward}").expect("text");
            }
        }
    }
    Frame::read(csv.as_bytes(), &columns()).expect("a frame")
}

fn two_stage(first: Method, second: Method) -> Plan {
    let allocation = Allocation { total: 4, share: Share::Equal, minimum: 1, capped: false };
    Plan::of(vec![
        Stage::new(StageUnits::Clusters, first, Amount::Allocated(allocation)),
        Stage::new(StageUnits::Units, second, Amount::Each { count: 3, all_if_fewer: false }),
    ])
}

fn one_stage(method: Method, total: u32, share: Share) -> Plan {
    let allocation = Allocation { total, share, minimum: 1, capped: false };
    Plan::of(vec![Stage::new(StageUnits::Units, method, Amount::Allocated(allocation))])
}

/// How often each unit is drawn, against the probability that the sample states.
fn check_inclusion(frame: &Frame, plan: &Plan) {
    const DRAWS: u32 = 8_000;
    let mut drawn: BTreeMap<String, (u32, f64)> = BTreeMap::new();
    let mut weights = 0.0;
    for seed in 0..DRAWS {
        let sample = draw(frame, plan, Seed(u64::from(seed))).expect("a sample");
        for unit in sample.units {
            weights += unit.weight;
            let entry = drawn.entry(unit.unit).or_insert((0, unit.probability));
            entry.0 += 1;
            assert!((entry.1 - unit.probability).abs() < 1e-12);
        }
    }
    let times = f64::from(DRAWS);
    assert_eq!(drawn.len(), frame.units.len(), "every unit can be drawn");
    for (unit, (count, probability)) in drawn {
        let bound = 5.0 * (probability * (1.0 - probability) / times).sqrt() + 1e-9;
        let found = f64::from(count) / times;
        assert!((found - probability).abs() <= bound, "{unit}: {found} for {probability}");
    }
    // The weights estimate the population without bias.
    let mean = weights / times;
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let population = frame.units.len() as f64;
    assert!((mean / population - 1.0).abs() < 0.02, "{mean} for {population}");
}

#[test]
fn units_are_drawn_as_often_as_stated() {
    let frame = town();
    let pps = Method::SystematicPps(SizeMeasure::UnitCount);
    for plan in [
        two_stage(pps.clone(), Method::Simple),
        two_stage(pps.clone(), Method::Systematic),
        two_stage(Method::Simple, Method::Systematic),
        two_stage(Method::Systematic, Method::Simple),
        one_stage(Method::Simple, 9, Share::Proportional),
        one_stage(Method::Systematic, 9, Share::Proportional),
    ] {
        check_inclusion(&frame, &plan);
    }
    // With a third cluster in each area the ward of nine is certain.
    let mut certain = two_stage(pps.clone(), Method::Simple);
    certain.stages[0].amount =
        Amount::Allocated(Allocation { total: 6, share: Share::Equal, minimum: 1, capped: false });
    check_inclusion(&frame, &certain);
    let shown = preview(&frame, &certain).expect("a preview");
    assert_eq!((shown[0].stratum.as_str(), shown[0].drawn, shown[0].certain), ("north", 3, 1));
    assert!((shown[0].expected_units - 9.0).abs() < 1e-9);
}

#[test]
fn equal_takes_after_pps_give_equal_weights() {
    let frame = town();
    let plan = two_stage(Method::SystematicPps(SizeMeasure::UnitCount), Method::Simple);
    let sample = draw(&frame, &plan, Seed(7)).expect("a sample");
    assert_eq!(sample.units.len(), 12);
    for unit in &sample.units {
        let expected = if unit.stratum == "north" { 21.0 / 6.0 } else { 13.0 / 6.0 };
        assert!((unit.weight - expected).abs() < 1e-12, "{unit:?}");
        assert_eq!(unit.stages.len(), 2);
        assert_eq!((unit.stages[0].sampled, unit.stages[1].sampled), (2, 3));
    }
}

#[test]
fn a_sample_is_drawn_again_from_its_record() {
    let frame = town();
    let plan = two_stage(Method::SystematicPps(SizeMeasure::UnitCount), Method::Simple);
    let sample = draw(&frame, &plan, Seed(20_261_123)).expect("a sample");
    let manifest = serde_json::to_string(&sample).expect("JSON");
    let mut recorded: Sample = serde_json::from_str(&manifest).expect("the record");
    assert_eq!(recorded, sample);
    assert_eq!(replay(&recorded, &frame), Replay::Identical);

    // These units were drawn when this test was written, and ever after.
    let drawn: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    assert_eq!(drawn, KNOWN);
    // What samples of the first version have in their records.
    assert_eq!(
        sample.plan_hash,
        "fa23eabedb79b479948ee8f50061f92856cfd64047c5bf304e42ddc0bd98d77d"
    );

    recorded.units[3].weight += 1.0;
    assert!(matches!(replay(&recorded, &frame), Replay::Differs { place: 3, .. }));
    recorded.units.truncate(3);
    assert!(matches!(
        replay(&recorded, &frame),
        Replay::Differs { place: 3, expected: None, found: Some(_) }
    ));
    recorded.plan.stages[1].method = Method::Systematic;
    assert!(matches!(replay(&recorded, &frame), Replay::PlanDiffers { .. }));
    let other = Frame::read("id,area,ward\n1,a,b\n".as_bytes(), &columns()).expect("a frame");
    assert!(matches!(replay(&recorded, &other), Replay::FrameDiffers { .. }));
}

const KNOWN: [&str; 12] = [
    "north-0-0",
    "north-0-1",
    "north-0-2",
    "north-2-1",
    "north-2-3",
    "north-2-8",
    "south-0-0",
    "south-0-1",
    "south-0-3",
    "south-2-0",
    "south-2-1",
    "south-2-3",
];

#[test]
fn every_problem_of_a_frame_is_told_with_its_place() {
    let mut columns = columns();
    columns.size = Some("size".to_owned());
    let csv = b"id,area,ward,size\n1,a,w,5\n,a,w,2\n1,a,w,3\n3,,w,1\n4,a,,1\n5,a,w,0\n\
        6,a,w,many\n7,\xff,w,1\n8,a\n\n9,a,w,-2\n10,a,w,NaN\n9,a,w,4\n";
    let problems = Frame::read(&csv[..], &columns).expect_err("problems");
    let told: Vec<String> = problems
        .iter()
        .map(|problem| {
            let told = problem.as_problem();
            let row = told.argument("row");
            format!("{} {}", problem.code(), row.map_or_else(String::new, ToString::to_string))
        })
        .collect();
    assert_eq!(
        told,
        [
            "frame_id_missing 3",
            "frame_id_twice 4",
            "frame_stratum_missing 5",
            "frame_cluster_missing 6",
            "frame_size_bad 7",
            "frame_size_bad 8",
            "frame_encoding 9",
            "frame_row_length 10",
            "frame_size_bad 11",
            "frame_size_bad 12",
            "frame_id_twice 13",
        ]
    );
    let told = problems[1].as_problem();
    let named = ["row", "column", "id", "first"].map(|name| told.argument(name).cloned());
    assert_eq!(named, [4_u32.into(), "id".into(), "1".into(), 2_u32.into()].map(Some));
    let zeros = Frame::read("id,area,ward,size\n1,a,w,0\n2,a,w,0.0\n".as_bytes(), &columns);
    assert_eq!(
        zeros.expect_err("nothing to go by"),
        [Problem::FrameSizesAllZero { column: "size".to_owned(), rows: 2 }]
    );
    for empty in ["", "id,area,ward,size\n", "id,area,ward,size\n,,,\n"] {
        let problems = Frame::read(empty.as_bytes(), &columns).expect_err("no rows");
        assert_eq!(problems, [Problem::FrameEmpty]);
    }
    let problems = Frame::read("a,a\n1,2\n".as_bytes(), &columns).expect_err("no columns");
    assert_eq!(problems.len(), 5);
}

#[test]
fn impossible_plans_are_told_before_anything_is_drawn() {
    let frame = town();
    let told = |plan: &Plan| -> Vec<String> {
        let problems = draw(&frame, plan, Seed(1)).expect_err("problems");
        problems.iter().map(Problem::code).collect()
    };
    let mut plan = two_stage(Method::SystematicPps(SizeMeasure::UnitCount), Method::Simple);
    plan.stages[0].amount =
        Amount::Allocated(Allocation { total: 8, share: Share::Equal, minimum: 1, capped: false });
    plan.stages[1].amount = Amount::Each { count: 4, all_if_fewer: false };
    let problems = draw(&frame, &plan, Seed(1)).expect_err("problems");
    assert_eq!(
        problems,
        [
            Problem::PlanOverPopulation { stratum: "south".to_owned(), wanted: 4, available: 3 },
            Problem::PlanOverCluster {
                stratum: "north".to_owned(),
                cluster: "ward 0".to_owned(),
                wanted: 4,
                available: 3
            },
            Problem::PlanOverCluster {
                stratum: "south".to_owned(),
                cluster: "ward 1".to_owned(),
                wanted: 4,
                available: 3
            },
        ]
    );
    assert_eq!(told(&Plan::default()), ["plan_without_stage"]);
    let by_column = Method::SystematicPps(SizeMeasure::Column);
    assert_eq!(told(&two_stage(by_column, Method::Simple)), ["plan_without_size"]);
    plan.stages.swap(0, 1);
    assert_eq!(
        told(&plan),
        ["plan_stage_order", "plan_without_allocation", "plan_stage_order", "plan_allocation_late",]
    );
    let fixed = BTreeMap::from([("north".to_owned(), 2), ("east".to_owned(), 2)]);
    assert_eq!(
        told(&one_stage(Method::Simple, 4, Share::Fixed(fixed))),
        ["plan_unknown_stratum", "plan_stratum_without_number",]
    );
    let deviations = BTreeMap::from([("north".to_owned(), 2.0), ("south".to_owned(), -1.0)]);
    let neyman = one_stage(Method::Simple, 4, Share::Neyman(deviations));
    assert_eq!(told(&neyman), ["plan_bad_deviation"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_frame_gives_the_plan_its_numbers(
        wards in proptest::collection::vec((0_usize..3, 2_u32..9), 6..40),
        seed in any::<u64>(),
        pps in any::<bool>(),
    ) {
        let mut csv = "id,area,ward\n".to_owned();
        for (ward, (area, people)) in wards.iter().enumerate() {
            for person in 0..*people {
                writeln!(csv, "{ward}-{person},{area},{ward}").expect("text");
            }
        }
        let frame = Frame::read(csv.as_bytes(), &columns()).expect("a frame");
        let strata = u32::try_from(frame.strata.len()).expect("small");
        let first = if pps {
            Method::SystematicPps(SizeMeasure::UnitCount)
        } else {
            Method::Simple
        };
        let mut plan = two_stage(first, Method::Systematic);
        plan.stages[0].amount =
            Amount::Allocated(Allocation { total: strata, share: Share::Equal, minimum: 1, capped: false });
        plan.stages[1].amount = Amount::Each { count: 5, all_if_fewer: true };
        let sample = draw(&frame, &plan, Seed(seed)).expect("a sample");
        prop_assert_eq!(replay(&sample, &frame), Replay::Identical);
        let ids: std::collections::BTreeSet<&String> =
            sample.units.iter().map(|unit| &unit.unit).collect();
        prop_assert_eq!(ids.len(), sample.units.len());
        let psus: std::collections::BTreeSet<_> =
            sample.units.iter().map(|unit| (&unit.stratum, &unit.cluster)).collect();
        prop_assert_eq!(psus.len(), frame.strata.len());
        for unit in &sample.units {
            prop_assert!(unit.probability > 0.0 && unit.probability <= 1.0);
            prop_assert!((unit.weight * unit.probability - 1.0).abs() < 1e-12);
            for stage in &unit.stages {
                prop_assert!(stage.sampled <= stage.population);
            }
        }
    }

    #[test]
    fn damaged_frames_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut file = b"id,area,ward\n1,a,b\n".to_vec();
        file.extend(bytes);
        let _ = Frame::read(&file[..], &columns());
    }
}

/// Records from before text was folded: four strata by letters as they stand, two
/// columns by their joined names, numbers as programs write them.
#[test]
fn older_records_are_read_by_their_own_rules() {
    let text =
        "id,a,b,size\n1,x / y,z,3.407\n2,x,y / z,1.444\n3,Ha\u{300},z,2\n4,Hà,z,2\n5,Hà  ,z,1e1\n";
    let columns = Columns {
        unit: "id".to_owned(),
        strata: vec!["a".to_owned(), "b".to_owned()],
        size: Some("size".to_owned()),
        ..Columns::default()
    };
    let names = |frame: &Frame| -> Vec<String> {
        frame.strata.iter().map(|stratum| stratum.name.clone()).collect()
    };
    let before = Frame::read_recorded(text.as_bytes(), b',', &columns).expect("a frame");
    assert_eq!(names(&before), ["Ha\u{300} / z", "Hà / z", "x / y / z"]);
    assert!((before.strata[2].size - 4.851).abs() < 1e-12 && before.columns == columns);
    let plan = Plan::of(vec![Stage::new(
        StageUnits::Units,
        Method::SystematicPps(SizeMeasure::Column),
        Amount::Allocated(Allocation { total: 3, share: Share::Equal, minimum: 0, capped: false }),
    )]);
    let sample = draw(&before, &plan, Seed(1)).expect("a sample");
    let again = Frame::read_recorded(text.as_bytes(), b',', &sample.columns).expect("a frame");
    assert_eq!(replay(&sample, &again), Replay::Identical);

    let after = Frame::read(text.replace("1e1", "1.25").as_bytes(), &columns).expect("a frame");
    assert_eq!(names(&after), ["\"x / y\" / z", "Hà / z", "x / \"y / z\""]);
    assert_eq!(after.columns.reading.rules, Some(2));
    let sample = draw(&after, &plan, Seed(1)).expect("a sample");
    let text = text.replace("1e1", "1.25");
    let again = Frame::read_recorded(text.as_bytes(), b',', &sample.columns).expect("a frame");
    assert_eq!(replay(&sample, &again), Replay::Identical);
}
