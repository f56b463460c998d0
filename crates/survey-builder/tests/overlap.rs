//! Draws coordinated by permanent random numbers: chances are those of the plan whatever
//! was drawn before, and samples share as many units, or as few, as the record expects.
//! Bounds are five Monte Carlo standard errors over keys.

#![expect(clippy::cast_precision_loss, reason = "counts are small")]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use chrono::NaiveDate;
use survey_builder::sampling::coordination::{Coordinated, EarlierRecord, coordinate};
use survey_builder::sampling::plan::{ByNumber, Rest};
use survey_builder::sampling::sample::draw_beside;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Overlap, Plan, Problem, Replay, Sample, Seed,
    Share, SizeMeasure, Stage, StageUnits, draw, replay, verify,
};

const KEYS: u64 = 1_000;

fn day(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 15)
}

/// Units of a list with strata by `of` and sizes from 1 to 5.
fn frame(units: std::ops::Range<u32>, of: impl Fn(u32) -> &'static str) -> Frame {
    let mut text = "id,area,size\n".to_owned();
    for unit in units {
        writeln!(text, "u{unit},{},{}", of(unit), 1 + unit % 5).expect("text");
    }
    let columns = Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        size: Some("size".to_owned()),
        ..Columns::default()
    };
    Frame::read(text.as_bytes(), &columns).expect("a frame")
}

fn halves(unit: u32) -> &'static str {
    if unit < 30 { "a" } else { "b" }
}

fn thirds(unit: u32) -> &'static str {
    ["x", "y", "z"][unit as usize % 3]
}

fn plan(method: Method, total: u32, overlap: Overlap) -> Plan {
    let share = Share::Proportional;
    let amount = Amount::Allocated(Allocation { total, share, minimum: 0, capped: false });
    let stages = vec![Stage::new(StageUnits::Units, method, amount)];
    Plan { stages, overlap: Some(overlap), ..Plan::default() }
}

fn by_size() -> Method {
    let size = Some(SizeMeasure::Column);
    Method::SequentialPoisson(ByNumber { size, permanent: None })
}

fn beside(
    frame: &Frame,
    plan: &Plan,
    seed: u64,
    earlier: &[(&str, &Sample)],
) -> (Coordinated, Sample) {
    let records: Vec<EarlierRecord<'_>> =
        earlier.iter().map(|(name, sample)| EarlierRecord { name, sample }).collect();
    let coordinated =
        coordinate(frame, plan, Seed(seed), day(2026, 6), &records).expect("coordinated");
    let coordination = coordinated.coordination.clone();
    let sample = draw_beside(frame, plan, Seed(seed), coordination).expect("drawn");
    (coordinated, sample)
}

fn avoiding(names: &[&str]) -> Overlap {
    Overlap { avoid: names.iter().map(|name| (*name).to_owned()).collect(), ..Overlap::default() }
}

fn keeping(name: &str) -> Overlap {
    Overlap { keep: vec![name.to_owned()], ..Overlap::default() }
}

fn common(one: &Sample, other: &Sample) -> usize {
    let ids: HashSet<&str> = one.units.iter().map(|unit| unit.unit.as_str()).collect();
    other.units.iter().filter(|unit| ids.contains(unit.unit.as_str())).count()
}

/// How often units come, held to the probabilities that their records state.
#[derive(Default)]
struct Counts {
    units: HashMap<String, (f64, f64)>,
    common: (f64, f64, f64),
}

impl Counts {
    fn add(&mut self, sample: &Sample) {
        for unit in &sample.units {
            let (times, stated) = self.units.entry(unit.unit.clone()).or_insert((0.0, 0.0));
            *times += 1.0;
            *stated = unit.probability;
        }
    }

    fn shared(&mut self, coordinated: &Coordinated, place: usize, found: usize) {
        self.common.0 += found as f64;
        self.common.1 += (found as f64).powi(2);
        self.common.2 += coordinated.common[place].expected / KEYS as f64;
    }

    /// Every unit of the list comes as often as stated, and no other. `slack`: what the
    /// method itself may miss chances by.
    fn hold(&self, frame: &Frame, slack: f64) {
        assert_eq!(self.units.len(), frame.units.len(), "every unit comes");
        let draws = KEYS as f64;
        for (unit, (times, stated)) in &self.units {
            let error = (stated * (1.0 - stated) / draws).sqrt();
            let found = times / draws;
            assert!((found - stated).abs() <= 5.0 * error + slack, "{unit}: {found}, {stated}");
        }
    }

    fn mean_common(&self) -> f64 {
        self.common.0 / KEYS as f64
    }
}

/// A sample of a list, another later that keeps or avoids it after the list has gained
/// and lost people and has other strata, and a third that avoids both.
#[test]
fn chances_are_those_of_the_plan_whatever_was_drawn_before() {
    let first = frame(0..60, halves);
    let later = frame(10..70, thirds);
    let (mut kept, mut avoided, mut third) =
        (Counts::default(), Counts::default(), Counts::default());
    for seed in 0..KEYS {
        let one =
            draw(&first, &plan(Method::Simple, 12, Overlap::default()), Seed(seed)).expect("drawn");
        let keeps = plan(Method::Simple, 15, keeping("r1.json"));
        let (how, two) = beside(&later, &keeps, seed, &[("r1.json", &one)]);
        kept.add(&two);
        kept.shared(&how, 0, common(&one, &two));
        let avoids = plan(by_size(), 12, avoiding(&["r1.json"]));
        let (how, two) = beside(&later, &avoids, seed, &[("r1.json", &one)]);
        avoided.add(&two);
        avoided.shared(&how, 0, common(&one, &two));
        let avoids = plan(Method::Simple, 9, avoiding(&["r1.json", "r2.json"]));
        let records: [(&str, &Sample); 2] = [("r1.json", &one), ("r2.json", &two)];
        let (how, three) = beside(&later, &avoids, seed, &records);
        third.add(&three);
        third.shared(&how, 1, common(&one, &three) + common(&two, &three));
    }
    kept.hold(&later, 0.0);
    third.hold(&later, 0.0);
    // Sequential Poisson samples meet their chances nearly (Ohlsson, 1998).
    avoided.hold(&later, 0.012);
    // Fifty of sixty are still there, each with 0.2 then and 0.25 now; in so small strata
    // the last number drawn is sometimes below, which costs some of it.
    assert!((kept.common.2 - 10.0).abs() < 0.1, "{}", kept.common.2);
    assert!((8.5..=10.0).contains(&kept.mean_common()), "{}", kept.mean_common());
    // With room for all nobody is expected twice. Where strata are other ones and samples
    // of three or four, the last number drawn is far above its mean now and then.
    assert!(avoided.common.2 < 1e-9 && third.common.2 < 1e-9);
    assert!(avoided.mean_common() < 0.1, "{}", avoided.mean_common());
    assert!(third.mean_common() < 0.3, "{}", third.mean_common());
}

#[test]
fn the_same_list_comes_again_or_not_at_all() {
    let list = frame(0..60, halves);
    let mut different = 0;
    for seed in 0..300 {
        let one =
            draw(&list, &plan(Method::Simple, 12, Overlap::default()), Seed(seed)).expect("drawn");
        let again = plan(Method::Simple, 12, keeping("r1.json"));
        let (_, same) = beside(&list, &again, seed + 1, &[("r1.json", &one)]);
        assert_eq!(common(&one, &same), 12, "a sample of the same size is the same");
        let more = plan(Method::Simple, 20, keeping("r1.json"));
        let (_, more) = beside(&list, &more, seed, &[("r1.json", &one)]);
        assert_eq!(common(&one, &more), 12, "a larger one holds the smaller");
        let rest = plan(Method::Simple, 48, avoiding(&["r1.json"]));
        let (_, rest) = beside(&list, &rest, seed, &[("r1.json", &one)]);
        assert_eq!(common(&one, &rest), 0, "all others");
        // A fifth, and three times a tenth.
        let mut before = vec![("r0.json".to_owned(), one)];
        for round in 1..4 {
            let names: Vec<String> = before.iter().map(|(name, _)| name.clone()).collect();
            let overlap = Overlap { avoid: names, ..Overlap::default() };
            let records: Vec<(&str, &Sample)> =
                before.iter().map(|(name, sample)| (name.as_str(), sample)).collect();
            let (_, next) = beside(&list, &plan(Method::Simple, 6, overlap), seed, &records);
            before.push((format!("r{round}.json"), next));
        }
        let all: HashSet<&str> = before
            .iter()
            .flat_map(|(_, sample)| &sample.units)
            .map(|one| one.unit.as_str())
            .collect();
        different += all.len();
    }
    // Samples of three in a stratum end where chance wants; of 30 hardly one comes twice.
    assert!(different as f64 > 29.9 * 300.0, "{different}");
}

#[test]
fn a_list_without_room_says_how_many_come_again() {
    let list = frame(0..60, halves);
    let mut counts = Counts::default();
    for seed in 0..KEYS {
        let one =
            draw(&list, &plan(Method::Simple, 40, Overlap::default()), Seed(seed)).expect("drawn");
        let avoids = plan(Method::Simple, 30, avoiding(&["r1.json"]));
        let (how, two) = beside(&list, &avoids, seed, &[("r1.json", &one)]);
        counts.add(&two);
        counts.shared(&how, 0, common(&one, &two));
        let crowded = |note: &Problem| matches!(note, Problem::OverlapCrowded { .. });
        assert!(how.notes.iter().any(crowded));
    }
    counts.hold(&list, 0.0);
    // 60 · (2/3 + 1/2 − 1), and in each sample exactly, as both are fixed.
    assert!((counts.common.2 - 10.0).abs() < 1e-9);
    assert_eq!(counts.common, (10.0 * KEYS as f64, 100.0 * KEYS as f64, counts.common.2));
}

#[test]
fn who_was_drawn_lately_rests() {
    let list = frame(0..60, halves);
    let numbered = |seed| {
        let (_, sample) = beside(&list, &plan(Method::Simple, 12, Overlap::default()), seed, &[]);
        sample
    };
    let rest = |names: &[&str]| Overlap {
        rest: Rest::read("12 months"),
        earlier: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Overlap::default()
    };
    let mut counts = Counts::default();
    for seed in 0..KEYS {
        let one = numbered(seed);
        let next = plan(Method::Simple, 12, rest(&["r1.json"]));
        let (how, two) = beside(&list, &next, seed, &[("r1.json", &one)]);
        assert!(how.rested.is_none() && how.notes.is_empty(), "{:?}", how.notes);
        counts.add(&two);
        counts.shared(&how, 0, common(&one, &two));
    }
    // Every unit has the chance of the plan, 0.2, drawn before or not, and the weights
    // are those of the whole list.
    counts.hold(&list, 0.0);
    assert!(counts.mean_common() < 1e-9, "{}", counts.mean_common());

    // Drawn without numbers: they are left out, and weights stand for the rest.
    let bare = Plan { overlap: None, ..plan(Method::Simple, 12, Overlap::default()) };
    let one = draw(&list, &bare, Seed(3)).expect("drawn");
    let next = plan(Method::Systematic, 12, rest(&["r1.json"]));
    let (how, two) = beside(&list, &next, 4, &[("r1.json", &one)]);
    assert_eq!(how.notes.len(), 2, "{:?}", how.notes);
    assert_eq!(common(&one, &two), 0);
    let weights: f64 = two.units.iter().map(|unit| unit.weight).sum();
    assert!((weights - 48.0).abs() < 1e-9, "{weights}");
    assert_eq!(replay(&two, &list), Replay::Identical);
    // Its own record told its day; by then the rest is over.
    let records = [EarlierRecord { name: "r1.json", sample: &numbered(7) }];
    let over = coordinate(&list, &next, Seed(4), day(2027, 7), &records).expect("coordinated");
    assert!(matches!(over.notes[..], [Problem::OverlapRestOver { .. }]), "{:?}", over.notes);
    assert!(over.rested.is_none());
}

#[test]
fn records_replay_and_what_they_say_of_others_is_held_to() {
    let list = frame(0..60, halves);
    let one = draw(&list, &plan(Method::Simple, 12, Overlap::default()), Seed(1)).expect("drawn");
    let next = plan(by_size(), 10, avoiding(&["r1.json"]));
    let (_, two) = beside(&list, &next, 2, &[("r1.json", &one)]);
    let text = serde_json::to_string(&two).expect("JSON");
    let read: Sample = serde_json::from_str(&text).expect("read again");
    assert_eq!(replay(&read, &list), Replay::Identical);
    let mut bent = two.clone();
    let lists = &mut bent.coordination.as_mut().expect("there").earlier[0].lists;
    lists[0].expected = 25.0;
    // Bent so that the same units come out, it is not what its hash is of.
    assert!(!verify(&bent, &list, &[]).holds());
    let bare = Sample { coordination: None, ..two };
    assert_eq!(replay(&bare, &list), Replay::CoordinationDiffers);
}

#[test]
fn what_does_not_go_together_is_told() {
    let list = frame(0..60, halves);
    let told = |plan: &Plan, records: &[EarlierRecord<'_>]| -> Vec<String> {
        let found = coordinate(&list, plan, Seed(1), day(2026, 6), records);
        found.expect_err("refused").iter().map(Problem::code).collect()
    };
    let bare = Plan { overlap: None, ..plan(Method::Simple, 12, Overlap::default()) };
    let bare = draw(&list, &bare, Seed(1)).expect("drawn");
    let keyed = Overlap { key: Some("other".to_owned()), ..Overlap::default() };
    let keyed = draw(&list, &plan(Method::Simple, 12, keyed), Seed(1)).expect("drawn");
    let mut asked = avoiding(&["bare.json", "keyed.json"]);
    let records = [
        EarlierRecord { name: "bare.json", sample: &bare },
        EarlierRecord { name: "keyed.json", sample: &keyed },
    ];
    asked.key = Some("mine".to_owned());
    let simple = plan(Method::Simple, 12, asked.clone());
    assert_eq!(told(&simple, &records), ["overlap_without_numbers", "overlap_other_key"]);
    let missing = ["overlap_record_missing", "overlap_record_missing"];
    assert_eq!(told(&simple, &[]), missing);
    assert_eq!(draw(&list, &simple, Seed(1)).expect_err("refused").len(), 2);
    let rest = Overlap { rest: Rest::read("1 year"), ..Overlap::default() };
    assert_eq!(told(&plan(Method::Simple, 12, rest), &[]), ["plan_value"]);
    let keyed = Overlap { key: Some("k".to_owned()), ..Overlap::default() };
    assert_eq!(told(&plan(Method::Systematic, 12, keyed), &[]), ["plan_value"]);
}
