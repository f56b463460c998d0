//! Kinds of plan: the order of a list, rates, several starts, draws by size that may
//! repeat, certain members and limits of size, allocation by a column. Each is drawn
//! as often as its record says; bounds are five Monte Carlo standard errors.

use std::collections::HashMap;
use std::fmt::Write;

use survey_builder::sampling::plan::ColumnCosts;
use survey_builder::sampling::selection::repeated::{chromy, chromy_pairs};
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Problem, Replay, Sample, SampledUnit, Seed,
    Share, SizeMeasure, Stage, StageUnits, draw, preview, replay,
};

/// Two areas of 37 and 23 people in wards, with ages as a list has them, and firms'
/// sizes that lean.
fn list(plan: &Plan) -> Frame {
    let mut csv = "id,area,ward,district,age,turnover\n".to_owned();
    for (area, people) in [("east", 37), ("west", 23)] {
        for person in 0..people {
            let (ward, district) = (person / 5, ["b", "a", "c"][person / 5 % 3]);
            let age = 5 + (person * 29) % 110;
            let turnover = 20 + (person * person * 7) % 190;
            writeln!(csv, "{area}-{person},{area},{ward},{district},{age},{turnover}")
                .expect("text");
        }
    }
    let roles = Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        cluster: Some("ward".to_owned()),
        size: Some("turnover".to_owned()),
        ..Columns::default()
    };
    Frame::read(csv.as_bytes(), &plan.columns(&roles)).expect("a frame")
}

fn stage(method: Method, amount: Amount) -> Stage {
    Stage::new(StageUnits::Units, method, amount)
}

fn total(total: u32) -> Amount {
    allocated(total, Share::Proportional)
}

fn allocated(total: u32, share: Share) -> Amount {
    Amount::Allocated(Allocation { total, share, minimum: 1, capped: false })
}

/// Hits of each unit come as often as the record says, and the draw comes out again.
fn drawn_as_stated(name: &str, plan: &Plan) {
    const DRAWS: u32 = 1_000;
    let frame = list(plan);
    let mut found: HashMap<String, (f64, f64, f64)> = HashMap::new();
    for seed in 0..DRAWS {
        let sample = draw(&frame, plan, Seed(u64::from(seed))).expect("a sample");
        if seed < 3 {
            let text = serde_json::to_string(&sample).expect("JSON");
            let read: Sample = serde_json::from_str(&text).expect("the record");
            assert_eq!(replay(&read, &frame), Replay::Identical, "{name}");
        }
        for unit in sample.units {
            let hits = f64::from(u32::try_from(unit.hits()).expect("few"));
            assert!((unit.weight * unit.probability - hits).abs() < 1e-9, "{name}: {unit:?}");
            let entry = found.entry(unit.unit).or_insert((0.0, 0.0, unit.probability));
            (entry.0, entry.1) = (entry.0 + hits, entry.1 + hits * hits);
            assert!((entry.2 - unit.probability).abs() < 1e-12, "{name}");
        }
    }
    assert_eq!(found.len(), frame.units.len(), "{name}: every unit can come");
    let times = f64::from(DRAWS);
    for (unit, (hits, squares, expected)) in found {
        let mean = hits / times;
        // A chance so small that nobody met it has a variance all the same.
        let part = expected.fract();
        let variance = (squares / times - mean * mean).max(part * (1.0 - part));
        let bound = 5.0 * (variance / times).sqrt() + 1e-9;
        assert!((mean - expected).abs() <= bound, "{name} {unit}: {mean} for {expected}");
    }
}

#[test]
fn sorted_lists_are_drawn_as_stated() {
    for method in [
        Method::Systematic,
        Method::Circular,
        Method::SystematicPps(SizeMeasure::Column),
        Method::Chromy(SizeMeasure::Column),
    ] {
        for serpentine in [false, true] {
            let sort = vec!["district".to_owned(), "age".to_owned()];
            let sorted = Stage { sort, serpentine, ..stage(method.clone(), total(12)) };
            drawn_as_stated(method.name(), &Plan::of(vec![sorted]));
        }
    }
}

#[test]
fn a_sorted_systematic_sample_spreads_over_the_columns() {
    let sort = vec!["age".to_owned()];
    let sorted =
        Plan::of(vec![Stage { sort, ..stage(Method::Systematic, allocated(12, Share::Equal)) }]);
    let frame = list(&sorted);
    let ages: HashMap<String, f64> = (0..frame.units.len())
        .map(|unit| {
            let labels = frame.labels_of("age").expect("ages");
            let age = &labels.names[labels.codes[unit] as usize];
            (frame.ids.get(unit).to_owned(), age.parse().expect("a number"))
        })
        .collect();
    let mut east: Vec<f64> =
        ages.iter().filter(|(id, _)| id.starts_with("east")).map(|(_, age)| *age).collect();
    // As numbers: as text 100 would come before 20.
    east.sort_by(f64::total_cmp);
    for seed in 0..50 {
        let sample = draw(&frame, &sorted, Seed(seed)).expect("a sample");
        let drawn: Vec<f64> = (sample.units.iter())
            .filter(|unit| unit.stratum == "east")
            .map(|unit| ages[&unit.unit])
            .collect();
        assert!(drawn.is_sorted(), "{drawn:?}");
        // One of each sixth of the ages.
        for (part, age) in drawn.iter().enumerate() {
            let rank = east.iter().position(|other| other >= age).expect("it is there");
            let sixth = 37.0 / 6.0;
            let place = f64::from(u32::try_from(rank).expect("small"));
            let part = f64::from(u32::try_from(part).expect("small"));
            assert!(
                place > part * sixth - 1.0 && place < (part + 1.0) * sixth,
                "{place} of {part}"
            );
        }
    }
}

#[test]
fn clusters_are_sorted_by_means_and_names() {
    let by = |column: &str| {
        let clusters = Stage {
            sort: vec![column.to_owned()],
            ..Stage::new(
                StageUnits::Clusters,
                Method::SystematicPps(SizeMeasure::UnitCount),
                allocated(4, Share::Equal),
            )
        };
        Plan::of(vec![clusters, stage(Method::Simple, Amount::Rate(0.4))])
    };
    drawn_as_stated("by district", &by("district"));
    drawn_as_stated("by mean age", &by("age"));
    let mixed = by("id");
    let told = draw(&list(&mixed), &mixed, Seed(1)).expect_err("ids have no mean");
    assert!(matches!(&told[0], Problem::PlanSortMixed { stage: 1, count: 8, .. }), "{told:?}");
}

#[test]
fn a_rate_is_the_probability_itself() {
    let rates = [("east".to_owned(), 0.25), ("west".to_owned(), 0.11)].into();
    for amount in [Amount::Rate(0.07), Amount::Rates(rates)] {
        for method in [
            Method::Simple,
            Method::Systematic,
            Method::Circular,
            Method::Sampford(SizeMeasure::Column),
            Method::Chromy(SizeMeasure::Column),
            Method::PpsWithReplacement(SizeMeasure::Column),
            Method::WithReplacement,
        ] {
            drawn_as_stated(method.name(), &Plan::of(vec![stage(method.clone(), amount.clone())]));
        }
    }
    let plan = Plan::of(vec![stage(Method::Simple, Amount::Rate(0.07))]);
    let frame = list(&plan);
    let sample = draw(&frame, &plan, Seed(4)).expect("a sample");
    assert!(sample.units.iter().all(|unit| (unit.probability - 0.07).abs() < 1e-15));
    let rows = preview(&frame, &plan).expect("a preview");
    assert_eq!((rows[0].drawn, rows[1].drawn), (2, 1));
    assert!((rows[0].expected_units - 37.0 * 0.07).abs() < 1e-12, "{rows:?}");
    for bad in [0.0, 1.5, f64::NAN] {
        let plan = Plan::of(vec![stage(Method::Simple, Amount::Rate(bad))]);
        let told = draw(&frame, &plan, Seed(4)).expect_err("no rate");
        assert!(told.iter().all(|one| matches!(one, Problem::PlanBadRate { .. })), "{told:?}");
    }
}

#[test]
fn several_starts_are_drawn_as_stated_and_known() {
    for method in [Method::Systematic, Method::SystematicPps(SizeMeasure::Column)] {
        let sort = vec!["age".to_owned()];
        let starts = Stage { starts: Some(4), sort, ..stage(method.clone(), total(20)) };
        drawn_as_stated(method.name(), &Plan::of(vec![starts]));
    }
    let clusters = Stage {
        starts: Some(2),
        ..Stage::new(
            StageUnits::Clusters,
            Method::SystematicPps(SizeMeasure::UnitCount),
            allocated(8, Share::Equal),
        )
    };
    let two = Plan::of(vec![
        clusters.clone(),
        stage(Method::Systematic, Amount::Each { count: 2, all_if_fewer: true }),
    ]);
    drawn_as_stated("clusters by two starts", &two);
    let sample = draw(&list(&two), &two, Seed(7)).expect("a sample");
    let starts: std::collections::BTreeSet<u32> =
        sample.units.iter().flat_map(|unit| &unit.came).map(|path| path[0]).collect();
    assert_eq!(starts.into_iter().collect::<Vec<_>>(), [0, 1]);
    let few = Plan::of(vec![Stage { starts: Some(5), ..clusters }]);
    let told = draw(&list(&few), &few, Seed(7)).expect_err("four of five starts");
    assert!(matches!(told[..], [Problem::PlanStartsOver { starts: 5, .. }, ..]), "{told:?}");
}

#[test]
fn draws_by_size_may_repeat() {
    // 45 of 60, so that the largest are expected more than once.
    for method in
        [Method::PpsWithReplacement(SizeMeasure::Column), Method::Chromy(SizeMeasure::Column)]
    {
        let plan = Plan::of(vec![stage(method.clone(), total(45))]);
        drawn_as_stated(method.name(), &plan);
        let sample = draw(&list(&plan), &plan, Seed(3)).expect("a sample");
        let hits: usize = sample.units.iter().map(SampledUnit::hits).sum();
        assert_eq!(hits, 45);
        assert!(sample.units.iter().any(|unit| unit.hits() > 1 && unit.probability > 1.0));
        if method.name() == "chromy" {
            for unit in &sample.units {
                let hits = f64::from(u32::try_from(unit.hits()).expect("few"));
                assert!((hits - unit.probability).abs() < 1.0, "{unit:?}");
            }
        }
    }
}

#[test]
fn pairs_of_a_sequential_draw_come_as_often_as_kept() {
    const DRAWS: u32 = 20_000;
    let expected = [0.4, 1.3, 0.2, 2.5, 0.7, 0.9];
    let known = chromy_pairs(&expected);
    let mut sums = [[(0.0, 0.0); 6]; 6];
    for seed in 0..DRAWS {
        let mut hits = [0.0_f64; 6];
        for place in chromy(&expected, &mut Seed(u64::from(seed)).stream(9, 1)) {
            hits[place] += 1.0;
        }
        for one in 0..6 {
            for other in 0..6 {
                let product = hits[one] * hits[other];
                sums[one][other].0 += product;
                sums[one][other].1 += product * product;
            }
        }
    }
    let times = f64::from(DRAWS);
    for one in 0..6 {
        for other in (0..6).filter(|other| *other != one) {
            let (sum, squares) = sums[one][other];
            let mean = sum / times;
            let bound = 5.0 * ((squares / times - mean * mean).max(1e-4) / times).sqrt();
            let gap = (mean - known[one][other]).abs();
            assert!(gap <= bound, "{one} {other}: {mean} for {}", known[one][other]);
        }
    }
    // A record has them for those drawn.
    let plan = Plan {
        joint: true,
        ..Plan::of(vec![stage(Method::Chromy(SizeMeasure::Column), allocated(20, Share::Equal))])
    };
    let sample = draw(&list(&plan), &plan, Seed(1)).expect("a sample");
    for joint in &sample.joint {
        assert!(joint.exact && joint.members.len() == joint.matrix.len());
        for (place, member) in joint.members.iter().enumerate() {
            let unit = sample.units.iter().find(|unit| unit.unit == *member).expect("drawn");
            assert!((joint.matrix[place][place] - unit.probability).abs() < 1e-12);
        }
    }
}

#[test]
fn certain_members_and_limits_of_size() {
    let sizes = |certainty, smallest, largest| Stage {
        certainty,
        smallest,
        largest,
        ..stage(Method::SystematicPps(SizeMeasure::Column), allocated(20, Share::Equal))
    };
    for stage in [
        sizes(Some(0.6), None, None),
        sizes(None, Some(50.0), Some(100.0)),
        sizes(Some(0.5), Some(5.0), None),
    ] {
        drawn_as_stated("certain", &Plan::of(vec![stage]));
    }
    let plan = Plan::of(vec![sizes(Some(0.6), None, None)]);
    let frame = list(&plan);
    let sample = draw(&frame, &plan, Seed(1)).expect("a sample");
    let certain = sample.units.iter().filter(|unit| unit.probability >= 1.0).count();
    assert_eq!(
        certain,
        preview(&frame, &plan)
            .expect("rows")
            .iter()
            .fold(0, |sum, row| { sum + usize::try_from(row.certain).expect("few") })
    );
    assert!(
        certain > 0
            && sample
                .units
                .iter()
                .all(|unit| { unit.probability >= 1.0 || unit.probability < 0.6 })
    );
    assert_eq!(sample.units.len(), 20);
    let limited = Plan::of(vec![sizes(None, Some(50.0), Some(100.0))]);
    let sample = draw(&frame, &limited, Seed(1)).expect("a sample");
    let most = sample.units.iter().map(|unit| unit.probability).fold(0.0, f64::max);
    let least = sample.units.iter().map(|unit| unit.probability).fold(1.0, f64::min);
    assert!(most / least <= 2.0 * 1.7, "{most} over {least}");
    let all = Plan::of(vec![sizes(Some(0.05), None, None)]);
    let told = draw(&frame, &all, Seed(1)).expect_err("more certain than drawn");
    assert!(matches!(told[0], Problem::PlanAllCertain { wanted: 10, .. }), "{told:?}");
}

#[test]
fn a_column_of_the_frame_allocates() {
    // Deviations of the turnovers, worked out here in another way: by pairs.
    let turnovers = |people: i64| -> Vec<f64> {
        (0..people)
            .map(|person| {
                f64::from(i32::try_from(20 + (person * person * 7) % 190).expect("small"))
            })
            .collect()
    };
    let deviation = |values: &[f64]| {
        let n = f64::from(u32::try_from(values.len()).expect("small"));
        let pairs: f64 =
            values.iter().flat_map(|one| values.iter().map(move |two| (one - two).powi(2))).sum();
        (pairs / (2.0 * n * (n - 1.0))).sqrt()
    };
    let (east, west) = (deviation(&turnovers(37)) * 37.0, deviation(&turnovers(23)) * 23.0);
    let share = |share| Plan::of(vec![stage(Method::Simple, allocated(30, share))]);
    let drawn = |plan: &Plan| preview(&list(plan), plan).expect("rows")[0].drawn;
    let of = |part: f64| (30.0 * part).round();
    let neyman = share(Share::NeymanColumn("turnover".to_owned()));
    let found = f64::from(u32::try_from(drawn(&neyman)).expect("few"));
    assert!((found - of(east / (east + west))).abs() < 1e-9, "{found}");
    let costs = [("east".to_owned(), 9.0), ("west".to_owned(), 1.0)].into();
    let by = ColumnCosts { column: "turnover".to_owned(), costs };
    let found = drawn(&share(Share::CostOptimalColumn(by)));
    let found = f64::from(u32::try_from(found).expect("few"));
    assert!((found - of(east / 3.0 / (east / 3.0 + west))).abs() < 1e-9, "{found}");
}

#[test]
fn what_does_not_go_together_is_told_at_once() {
    let wrong = Stage {
        sort: vec!["age".to_owned()],
        starts: Some(1),
        certainty: Some(2.0),
        smallest: Some(5.0),
        largest: Some(4.0),
        ..stage(Method::Simple, total(12))
    };
    let serpentine = Stage { serpentine: true, ..stage(Method::Systematic, total(12)) };
    let plan = Plan::of(vec![wrong]);
    let told = draw(&list(&plan), &plan, Seed(1)).expect_err("refused");
    assert_eq!(told.len(), 6, "{told:?}");
    let plan = Plan::of(vec![serpentine]);
    assert_eq!(draw(&list(&plan), &plan, Seed(1)).expect_err("refused").len(), 1);
}

#[test]
fn numbers_that_can_be_read_in_two_ways_do_not_sort() {
    let plan = Plan::of(vec![Stage {
        sort: vec!["income".to_owned()],
        ..stage(Method::Systematic, allocated(2, Share::Equal))
    }]);
    let roles = Columns { unit: "id".to_owned(), ..Columns::default() };
    let frame = |incomes: [&str; 3]| {
        let rows: Vec<String> =
            incomes.iter().enumerate().map(|(row, one)| format!("{row};{one}\n")).collect();
        let csv = format!("id;income\n{}", rows.concat());
        Frame::read_separated(csv.as_bytes(), b';', &plan.columns(&roles)).expect("a frame")
    };
    let told = draw(&frame(["3.407", "1.200", "12.000"]), &plan, Seed(1)).expect_err("unclear");
    assert!(matches!(told[..], [Problem::PlanSortUnclear { stage: 1, .. }]), "{told:?}");
    // One cell shows it: 3,407 and 1,200 are thousands.
    assert!(draw(&frame(["3.407", "1.200", "900,5"]), &plan, Seed(1)).is_ok());
}
