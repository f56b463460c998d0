//! Plans of every shape: drawn as often as stated, in the numbers asked for, and
//! refused with the numbers.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use proptest::prelude::*;
use survey_builder::sampling::plan::{Costly, Multivariate, Precision};
use survey_builder::sampling::release::{released_weights, substitute};
use survey_builder::sampling::selection::poisson::PermanentNumbers;
use survey_builder::sampling::{
    Allocation, Amount, Balanced, ByNumber, Columns, Frame, Method, Nonprobability, Plan, Problem,
    Release, Replay, Sample, SampledUnit, Seed, Share, SizeMeasure, Spread, Stage, StageUnits,
    draw, preview, replay,
};

/// Two areas, districts in them, villages in these, houses and people.
fn country(plan: &Plan) -> Frame {
    let mut csv = "id,area,district,village,sex,income,x,y,ways\n".to_owned();
    let mut number = 0;
    for (area, districts) in [("hills", 3), ("plain", 4)] {
        for district in 0..districts {
            for village in 0..3 + district % 2 {
                for person in 0..4 + (village + district) % 3 {
                    number += 1;
                    let sex = ["f", "m"][person % 2];
                    let income = 10 + (number * 7) % 23;
                    let (x, y) = (district * 10 + village, (number * 3) % 17);
                    let ways = 1 + number % 2;
                    writeln!(
                        csv,
                        "p{number},{area},d{district},v{village},{sex},{income},{x},{y},{ways}"
                    )
                    .expect("text");
                }
            }
        }
    }
    let roles = Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        cluster: Some("district".to_owned()),
        size: Some("income".to_owned()),
        ..Columns::default()
    };
    Frame::read(csv.as_bytes(), &plan.columns(&roles)).expect("a frame")
}

fn total(total: u32, share: Share) -> Amount {
    Amount::Allocated(Allocation { total, share, minimum: 1, capped: false })
}

fn each(count: u32) -> Amount {
    Amount::Each { count, all_if_fewer: true }
}

fn units(method: Method, amount: Amount) -> Plan {
    Plan::of(vec![Stage::new(StageUnits::Units, method, amount)])
}

/// Every unit is drawn as often as its sample says, and a sample is repeated.
fn check(name: &str, plan: &Plan) {
    const DRAWS: u32 = 1_500;
    let frame = country(plan);
    let mut hits: HashMap<String, (u32, f64)> = HashMap::new();
    for seed in 0..DRAWS {
        let sample = draw(&frame, plan, Seed(u64::from(seed))).expect("a sample");
        if seed < 3 {
            let text = serde_json::to_string(&sample).expect("JSON");
            let read: Sample = serde_json::from_str(&text).expect("the record");
            assert_eq!(replay(&read, &frame), Replay::Identical, "{name}");
        }
        for unit in sample.units {
            let entry = hits.entry(unit.unit).or_insert((0, unit.probability));
            entry.0 += 1;
            assert!((entry.1 - unit.probability).abs() < 1e-12, "{name}");
        }
    }
    assert_eq!(hits.len(), frame.units.len(), "{name}: every unit can be drawn");
    for (unit, (count, probability)) in hits {
        let times = f64::from(DRAWS);
        let bound = 5.0 * (probability * (1.0 - probability).max(0.0) / times).sqrt() + 1e-9;
        let found = f64::from(count) / times;
        assert!((found - probability).abs() <= bound, "{name} {unit}: {found} for {probability}");
    }
}

#[test]
fn stages_nest_to_any_depth() {
    let village = || StageUnits::Level("village".to_owned());
    let pps = Method::SystematicPps(SizeMeasure::UnitCount);
    let district = Stage::new(StageUnits::Clusters, pps.clone(), total(4, Share::Equal));
    let three = Plan::of(vec![
        district.clone(),
        Stage::new(village(), Method::Tille(SizeMeasure::UnitCount), each(2)),
        Stage::new(StageUnits::Units, Method::Simple, each(2)),
    ]);
    check("three stages", &three);
    let by_sex = Plan::of(vec![
        district.clone(),
        Stage {
            strata: vec!["sex".to_owned()],
            ..Stage::new(StageUnits::Units, Method::Systematic, each(2))
        },
    ]);
    check("strata inside clusters", &by_sex);
    let shared = Plan::of(vec![
        district.clone(),
        Stage {
            strata: vec!["village".to_owned()],
            ..Stage::new(StageUnits::Units, Method::Simple, total(6, Share::Proportional))
        },
    ]);
    check("allocated inside clusters", &shared);
    check(
        "whole villages",
        &Plan::of(vec![district, Stage::new(village(), Method::Simple, each(1))]),
    );

    let frame = country(&three);
    let sample = draw(&frame, &three, Seed(5)).expect("a sample");
    assert_eq!(sample.units.len(), 16);
    for unit in &sample.units {
        assert_eq!((unit.stages.len(), unit.within.len()), (3, 1));
        assert!(unit.within[0].starts_with('v'), "{unit:?}");
    }
    let expected: f64 =
        preview(&frame, &three).expect("a preview").iter().map(|row| row.expected_units).sum();
    assert!((expected - 16.0).abs() < 1e-9, "{expected}");
}

#[test]
fn every_method_draws_from_a_frame_as_stated() {
    let of = SizeMeasure::Column;
    for method in [
        Method::Simple,
        Method::Systematic,
        Method::Circular,
        Method::SystematicPps(of),
        Method::ShuffledPps(of),
        Method::Sampford(of),
        Method::Brewer(of),
        Method::Tille(of),
        Method::Midzuno(of),
        Method::MaximumEntropy(of),
        Method::Poisson(ByNumber { size: Some(of), permanent: None }),
        Method::Cube(Balanced {
            variables: vec!["income".to_owned(), "y".to_owned()],
            ..Balanced::default()
        }),
        Method::Cube(Balanced {
            variables: vec!["income".to_owned()],
            size: Some(of),
            over_strata: true,
            ..Balanced::default()
        }),
        Method::LocalPivotal(Spread {
            coordinates: vec!["x".to_owned(), "y".to_owned()],
            size: Some(of),
            mutual: false,
        }),
        Method::LocalPivotal(Spread {
            coordinates: vec!["x".to_owned()],
            size: None,
            mutual: true,
        }),
    ] {
        let plan = units(method.clone(), total(12, Share::Proportional));
        check(method.name(), &plan);
        let text = serde_json::to_string(&plan).expect("JSON");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
    }
}

#[test]
fn draws_with_replacement_may_repeat_a_unit() {
    let plan = units(Method::WithReplacement, total(90, Share::Equal));
    let frame = country(&plan);
    let sample = draw(&frame, &plan, Seed(2)).expect("a sample");
    // A unit is there once, with its hits.
    let hits: usize = sample.units.iter().map(SampledUnit::hits).sum();
    assert_eq!(hits, 90);
    let population: f64 = sample.units.iter().map(|unit| unit.weight).sum();
    let known = f64::from(u32::try_from(frame.units.len()).expect("small"));
    assert!((population - known).abs() < 1e-9, "{population}");
    let distinct: std::collections::BTreeSet<_> =
        sample.units.iter().map(|unit| &unit.unit).collect();
    assert!(distinct.len() == sample.units.len() && distinct.len() < 90);

    // A district that comes again gets another sample inside.
    let twice = Plan::of(vec![
        Stage::new(StageUnits::Clusters, Method::WithReplacement, total(12, Share::Equal)),
        Stage::new(StageUnits::Units, Method::Simple, each(5)),
    ]);
    let frame = country(&twice);
    let sample = draw(&frame, &twice, Seed(2)).expect("a sample");
    assert_eq!(replay(&sample, &frame), Replay::Identical);
    let mut groups: BTreeMap<(&str, &str, u32), Vec<&str>> = BTreeMap::new();
    for unit in &sample.units {
        for path in &unit.came {
            let cluster = unit.cluster.as_deref().expect("a district");
            groups.entry((&unit.stratum, cluster, path[0])).or_default().push(&unit.unit);
        }
    }
    assert!(groups.len() == 12 && groups.values().all(|units| units.len() == 5));
    let different: std::collections::BTreeSet<_> = groups.values().collect();
    assert_eq!(different.len(), 12, "{groups:?}");
}

#[test]
fn permanent_numbers_hold_two_surveys_together_or_apart() {
    let survey = |start: f64, reversed: bool| {
        let permanent = PermanentNumbers { key: "people".to_owned(), start, reversed };
        let by = ByNumber { size: None, permanent: Some(permanent) };
        let plan = units(Method::Pareto(by), total(20, Share::Proportional));
        let frame = country(&plan);
        let sample = draw(&frame, &plan, Seed(if reversed { 1 } else { 2 })).expect("a sample");
        sample.units.into_iter().map(|unit| unit.unit).collect::<Vec<_>>()
    };
    let shared =
        |one: &[String], other: &[String]| one.iter().filter(|unit| other.contains(unit)).count();
    let first = survey(0.0, false);
    assert_eq!(shared(&first, &survey(0.0, false)), 20);
    assert_eq!(shared(&first, &survey(0.5, false)), 0);
    assert_eq!(shared(&first, &survey(0.0, true)), 0);
    let rotated = shared(&first, &survey(0.06, false));
    assert!((8..20).contains(&rotated), "{rotated}");
}

#[test]
fn allocations_meet_their_aims() {
    let by_area = |hills: f64, plain: f64| {
        BTreeMap::from([("hills".to_owned(), hills), ("plain".to_owned(), plain)])
    };
    let drawn = |share: Share, amount: u32| -> Vec<u64> {
        let plan = units(Method::Simple, total(amount, share));
        let rows = preview(&country(&plan), &plan).expect("a preview");
        rows.iter().map(|row| row.drawn).collect()
    };
    let people = drawn(Share::Proportional, 119);
    let costs = [("hills", 4.0), ("plain", 1.0)]
        .map(|(name, cost)| (name.to_owned(), Costly { deviation: 2.0, cost }));
    // With equal deviations and four times the cost: half as many a head.
    let found = drawn(Share::CostOptimal(BTreeMap::from(costs)), 40);
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let rates: Vec<f64> =
        found.iter().zip(&people).map(|(drawn, people)| *drawn as f64 / *people as f64).collect();
    assert!((rates[1] / rates[0] - 2.0).abs() < 0.15, "{found:?} {people:?}");

    let precision = |name: &str, error: f64, hills: f64, plain: f64| Precision {
        name: name.to_owned(),
        standard_error: error,
        deviations: by_area(hills, plain),
        domain: Vec::new(),
    };
    let variables = vec![precision("income", 1.0, 6.0, 7.0), precision("age", 2.0, 20.0, 4.0)];
    let wanted = Multivariate { variables: variables.clone(), costs: BTreeMap::new() };
    let found = drawn(Share::Multivariate(wanted), 0);
    for variable in &variables {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let part = |((size, people), deviation): ((&u64, &u64), f64)| -> f64 {
            let (size, people) = (*size as f64, *people as f64);
            (people / 119.0 * deviation).powi(2) * (1.0 / size - 1.0 / people)
        };
        let deviations = [variable.deviations["hills"], variable.deviations["plain"]];
        let variance: f64 = found.iter().zip(&people).zip(deviations).map(part).sum();
        assert!(variance.sqrt() <= variable.standard_error, "{found:?}");
    }

    let capped = Allocation { total: 100, share: Share::Equal, minimum: 1, capped: true };
    let plan = units(Method::Simple, Amount::Allocated(capped));
    let rows = preview(&country(&plan), &plan).expect("a preview");
    assert_eq!(rows[0].drawn, people[0]);
    assert_eq!(rows.iter().map(|row| row.drawn).sum::<u64>(), 100);
}

#[test]
fn a_second_phase_is_drawn_from_the_first() {
    let plan = Plan {
        second_phase: Some(Stage {
            strata: vec!["sex".to_owned()],
            ..Stage::new(StageUnits::Units, Method::Simple, total(10, Share::Equal))
        }),
        multiplicity: Some("ways".to_owned()),
        ..units(Method::Simple, total(60, Share::Proportional))
    };
    let frame = country(&plan);
    let sample = draw(&frame, &plan, Seed(3)).expect("a sample");
    assert_eq!(replay(&sample, &frame), Replay::Identical);
    let second: Vec<_> = sample.units.iter().filter_map(|unit| unit.second_phase).collect();
    assert_eq!((sample.units.len(), second.len()), (60, 10));
    assert!(second.iter().all(|stage| stage.sampled == 5));
    // Those in two frames count half in each.
    for unit in &sample.units {
        let ways = unit.weight * unit.probability;
        assert!((ways - 1.0).abs() < 1e-12 || (ways - 0.5).abs() < 1e-12, "{ways}");
    }
    let mut greedy = plan;
    if let Some(stage) = &mut greedy.second_phase {
        stage.amount = Amount::Each { count: 50, all_if_fewer: false };
    }
    let problems = draw(&frame, &greedy, Seed(3)).expect_err("too many");
    assert_eq!(problems.len(), 2);
}

#[test]
fn replicates_are_released_whole_and_reserves_replace() {
    let plan = Plan {
        release: Some(Release { replicates: 5, reserve: 2 }),
        substitution: true,
        ..units(Method::Simple, total(50, Share::Equal))
    };
    let frame = country(&plan);
    let sample = draw(&frame, &plan, Seed(8)).expect("a sample");
    for stratum in ["hills", "plain"] {
        for replicate in 1..=5 {
            let inside = sample
                .units
                .iter()
                .filter(|unit| unit.stratum == stratum && unit.replicate == Some(replicate));
            assert_eq!(inside.count(), 5);
        }
    }
    let released = released_weights(&sample, 3).expect("weights");
    let population: f64 = released.iter().map(|(_, weight)| weight).sum();
    let known = f64::from(u32::try_from(frame.units.len()).expect("small"));
    assert!((population - known).abs() < 1e-9, "{population}");
    assert!(released_weights(&sample, 6).is_err());

    let one = sample.units.iter().find(|unit| unit.replicate == Some(1)).expect("a unit");
    let mut log = Vec::new();
    for _ in 0..2 {
        let refused = substitute(&sample, &one.unit, " ", &log);
        assert!(refused.is_err(), "a reason is needed");
        if log.is_empty() {
            log.push(substitute(&sample, &one.unit, "moved away", &log).expect("a reserve"));
        } else {
            assert!(substitute(&sample, &one.unit, "again", &log).is_err());
        }
    }
    let by = sample.units.iter().find(|unit| unit.unit == log[0].by).expect("in the sample");
    assert_eq!(by.stratum, one.stratum);
    assert!(by.replicate > Some(3));
    let forbidden = Sample { plan: Plan { substitution: false, ..plan }, ..sample };
    assert!(substitute(&forbidden, &one_name(&forbidden), "no", &[]).is_err());
}

fn one_name(sample: &Sample) -> String {
    sample.units[0].unit.clone()
}

#[test]
fn joint_probabilities_are_kept_where_wanted() {
    let plan = Plan {
        joint: true,
        ..units(Method::Sampford(SizeMeasure::Column), total(10, Share::Equal))
    };
    let frame = country(&plan);
    let mut sample = draw(&frame, &plan, Seed(8)).expect("a sample");
    assert_eq!(sample.joint.len(), 2);
    let joint = &sample.joint[0];
    assert!(joint.exact);
    assert_eq!((joint.members.len(), joint.matrix.len()), (5, 5));
    for (place, unit) in sample.units.iter().take(5).enumerate() {
        assert_eq!(joint.members[place], unit.unit);
        assert!((joint.matrix[place][place] - unit.probability).abs() < 1e-12);
    }
    sample.joint[0].matrix[0][1] += 1e-9;
    assert_eq!(replay(&sample, &frame), Replay::JointDiffers);
}

#[test]
fn what_cannot_be_drawn_is_said_with_the_numbers() {
    let told = |plan: &Plan| -> Vec<Problem> {
        draw(&country(plan), plan, Seed(1)).expect_err("problems")
    };
    let quota = Plan { nonprobability: Some(Nonprobability::Quota), ..Plan::default() };
    assert_eq!(told(&quota)[0].code(), "plan_nonprobability");
    let pps = Method::SystematicPps(SizeMeasure::UnitCount);
    let deep = Plan::of(vec![
        Stage::new(StageUnits::Clusters, pps, total(4, Share::Equal)),
        Stage::new(
            StageUnits::Level("village".to_owned()),
            Method::Simple,
            Amount::Each { count: 4, all_if_fewer: false },
        ),
        Stage::new(StageUnits::Units, Method::Simple, each(1)),
    ]);
    let short = told(&deep);
    assert!(
        short
            .iter()
            .all(|one| matches!(one, Problem::PlanOverCluster { wanted: 4, available: 3, .. }))
            && short.len() == 4,
        "{short:?}"
    );
    let plan = Plan {
        release: Some(Release { replicates: 2, reserve: 2 }),
        multiplicity: Some("y".to_owned()),
        ..units(Method::Simple, total(4, Share::Equal))
    };
    assert_eq!(told(&plan).len(), 2);
    // The frame was read without the columns that the plan speaks of.
    let blind = units(
        Method::LocalPivotal(Spread {
            coordinates: vec!["x".to_owned()],
            size: None,
            mutual: false,
        }),
        total(4, Share::Equal),
    );
    let problems = draw(&country(&Plan::default()), &blind, Seed(1)).expect_err("no column");
    assert_eq!(problems, [Problem::PlanWithoutColumn { stage: 1, column: "x".to_owned() }]);
}

fn any_method() -> impl Strategy<Value = Method> {
    let by = prop_oneof![Just(SizeMeasure::UnitCount), Just(SizeMeasure::Column)];
    (0_usize..16, by, any::<bool>(), 0.0_f64..1.2).prop_map(|(kind, of, flag, start)| {
        let size = flag.then_some(of);
        let permanent =
            flag.then(|| PermanentNumbers { key: "k".to_owned(), start, reversed: flag });
        let numbered = ByNumber { size, permanent };
        let variables = vec!["income".to_owned(), "y".to_owned()];
        let coordinates = if flag { vec!["x".to_owned(), "y".to_owned()] } else { Vec::new() };
        match kind {
            0 => Method::Simple,
            1 => Method::WithReplacement,
            2 => Method::Systematic,
            3 => Method::Circular,
            4 => Method::SystematicPps(of),
            5 => Method::ShuffledPps(of),
            6 => Method::Sampford(of),
            7 => Method::Brewer(of),
            8 => Method::Tille(of),
            9 => Method::Midzuno(of),
            10 => Method::MaximumEntropy(of),
            11 => Method::Poisson(numbered),
            12 => Method::SequentialPoisson(numbered),
            13 => Method::Pareto(numbered),
            14 => {
                Method::Cube(Balanced { variables, size, over_strata: flag, ..Balanced::default() })
            }
            _ => Method::LocalPivotal(Spread { coordinates, size, mutual: flag }),
        }
    })
}

fn any_amount() -> impl Strategy<Value = Amount> {
    let share = prop_oneof![
        Just(Share::Equal),
        Just(Share::Proportional),
        (-0.5_f64..1.5).prop_map(Share::Power),
        Just(Share::Power(f64::NAN)),
    ];
    prop_oneof![
        (0_u32..130, share, 0_u32..4, any::<bool>()).prop_map(|(total, share, minimum, capped)| {
            Amount::Allocated(Allocation { total, share, minimum, capped })
        }),
        (0_u32..9, any::<bool>())
            .prop_map(|(count, all_if_fewer)| Amount::Each { count, all_if_fewer }),
    ]
}

fn any_stage() -> impl Strategy<Value = Stage> {
    let units = prop_oneof![
        Just(StageUnits::Clusters),
        Just(StageUnits::Units),
        Just(StageUnits::Level("village".to_owned())),
    ];
    let strata = prop_oneof![Just(Vec::new()), Just(vec!["sex".to_owned()])];
    (units, strata, any_method(), any_amount()).prop_map(|(units, strata, method, amount)| Stage {
        strata,
        ..Stage::new(units, method, amount)
    })
}

/// Stages of shapes that can be drawn, with any method and number.
fn likely_stages() -> impl Strategy<Value = Vec<Stage>> {
    let one = (any_method(), 2_u32..120).prop_map(|(method, wanted)| {
        vec![Stage::new(StageUnits::Units, method, total(wanted, Share::Proportional))]
    });
    let several = (any_method(), any_method(), any_method(), 2_u32..8, 1_u32..6).prop_map(
        |(first, second, last, wanted, count)| {
            vec![
                Stage::new(StageUnits::Clusters, first, total(wanted, Share::Proportional)),
                Stage::new(StageUnits::Level("village".to_owned()), second, each(count)),
                Stage {
                    strata: vec!["sex".to_owned()],
                    ..Stage::new(StageUnits::Units, last, each(count))
                },
            ]
        },
    );
    prop_oneof![one, several]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    })]

    /// Whatever a plan asks for, it is drawn as it says or refused with reasons.
    #[test]
    fn any_plan_is_drawn_or_refused(
        stages in prop_oneof![
            proptest::collection::vec(any_stage(), 0..4),
            likely_stages(),
            likely_stages(),
        ],
        second_phase in proptest::option::weighted(0.2, any_stage()),
        release in proptest::option::of((0_u32..5, 0_u32..3)),
        joint in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let release =
            release.map(|(replicates, reserve)| Release { replicates, reserve });
        let replaced =
            stages.iter().any(|stage| stage.method == Method::WithReplacement);
        let plan = Plan { stages, second_phase, release, joint, ..Plan::default() };
        let frame = country(&plan);
        match draw(&frame, &plan, Seed(seed)) {
            Err(problems) => prop_assert!(!problems.is_empty()),
            Ok(sample) => {
                prop_assert_eq!(replay(&sample, &frame), Replay::Identical);
                for unit in &sample.units {
                    prop_assert!(unit.weight.is_finite() && unit.probability > 0.0, "{unit:?}");
                    prop_assert!(replaced || unit.probability <= 1.0 + 1e-12, "{unit:?}");
                }
                for one in &sample.joint {
                    prop_assert!(one.matrix.iter().flatten().all(|cell| cell.is_finite()));
                }
            }
        }
    }
}
