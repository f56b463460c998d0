//! How often 95 % intervals of designs from the record of a sample hold the true value, on demand
//! (`cargo test -p analysis --test sampled --release -- --ignored --nocapture`); docs/METHODS.md has the
//! results. Beside it, in every run, joins and what they refuse.

// Populations are small, and whole numbers are exact.
#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use analysis::design::sampled::{SampledRules, design_of, join};
use analysis::estimate::moments::{mean, total};
use analysis::{DegreesOfFreedomRule, EstimateOptions, IntervalMethod, SinglePsu};
use survey_builder::sampling::extension::list_stage;
use survey_builder::sampling::fielded::{Standing, fielded};
use survey_builder::sampling::random::Stream;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Frame, Method, Plan, Release, Sample, Seed, Share, SizeMeasure,
    Stage, StageUnits, draw,
};

const DRAWS: u64 = 1_000;
const RULES: SampledRules = SampledRules { single_psu: SinglePsu::Fail, domain_single_psu: false };

fn options() -> EstimateOptions {
    by_rule(DegreesOfFreedomRule::Answered)
}

fn by_rule(degrees_of_freedom: DegreesOfFreedomRule) -> EstimateOptions {
    EstimateOptions { confidence: 0.95, interval: IntervalMethod::StudentT, degrees_of_freedom }
}

fn normal(stream: &mut Stream) -> f64 {
    // Box and Muller.
    let (one, two) = (1.0 - stream.uniform(), stream.uniform());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos()
}

/// A population with what is true of it.
struct People {
    frame: Frame,
    /// By id, the value and whether of the domain.
    of: HashMap<String, (f64, bool)>,
}

/// 3,000 people in 60 clusters of 12 to 150 in two regions; a few clusters are so large that they are
/// certain. Sizes go with what is measured; a third of the people, spread over all clusters, is a domain.
fn people() -> People {
    let mut stream = Seed(19_820_704).stream(1, 0);
    let mut csv = "id,region,cluster,size,kind\n".to_owned();
    let mut of = HashMap::new();
    for cluster in 0..60_u32 {
        let members = if cluster < 8 { 130 + cluster * 3 } else { 12 + (cluster * 13) % 40 };
        let shift = normal(&mut stream);
        for member in 0..members {
            let size = 1.0 + 9.0 * stream.uniform();
            let value = 40.0 + 3.0 * shift + 2.0 * size + 6.0 * normal(&mut stream);
            let domain = stream.uniform() < 1.0 / 3.0;
            let kind = if value + 4.0 * normal(&mut stream) > 52.0 { "high" } else { "low" };
            let id = format!("{cluster}-{member}");
            let region = ["north", "south"][(cluster % 2) as usize];
            writeln!(csv, "{id},{region},c{cluster},{size:.4},{kind}").expect("text");
            of.insert(id, (value, domain));
        }
    }
    let columns = Columns {
        unit: "id".to_owned(),
        strata: vec!["region".to_owned()],
        cluster: Some("cluster".to_owned()),
        size: Some("size".to_owned()),
        labels: vec!["kind".to_owned()],
        ..Columns::default()
    };
    People { frame: Frame::read(csv.as_bytes(), &columns).expect("a frame"), of }
}

fn allocated(total: u32) -> Amount {
    Amount::Allocated(Allocation { total, share: Share::Proportional, minimum: 2, capped: false })
}

fn each(count: u32) -> Amount {
    Amount::Each { count, all_if_fewer: true }
}

fn plans() -> Vec<(&'static str, Plan)> {
    let units = |method, amount| Stage::new(StageUnits::Units, method, amount);
    let clusters = |method| Stage::new(StageUnits::Clusters, method, allocated(24));
    let sampford = Method::Sampford(SizeMeasure::UnitCount);
    let inside = || units(Method::Simple, each(10));
    let mut joint = Plan::of(vec![clusters(sampford.clone()), inside()]);
    joint.joint = true;
    let mut phases = Plan::of(vec![units(Method::Simple, allocated(500))]);
    phases.second_phase =
        Some(Stage { strata: vec!["kind".to_owned()], ..units(Method::Simple, each(60)) });
    vec![
        (
            "systematic by kind, six starts",
            Plan::of(vec![Stage {
                sort: vec!["kind".to_owned()],
                starts: Some(6),
                ..units(Method::Systematic, allocated(600))
            }]),
        ),
        (
            "clusters by six starts by size to 60, 10 in each",
            Plan::of(vec![
                Stage {
                    starts: Some(6),
                    largest: Some(60.0),
                    ..clusters(Method::SystematicPps(SizeMeasure::UnitCount))
                },
                inside(),
            ]),
        ),
        (
            "by size with replacement, 300",
            Plan::of(vec![units(Method::PpsWithReplacement(SizeMeasure::Column), allocated(300))]),
        ),
        (
            "Chromy by size, 240",
            Plan::of(vec![units(Method::Chromy(SizeMeasure::Column), allocated(240))]),
        ),
        (
            "clusters by Chromy, some often, 10 in each",
            Plan::of(vec![clusters(Method::Chromy(SizeMeasure::UnitCount)), inside()]),
        ),
        ("a rate of 0.1", Plan::of(vec![units(Method::Simple, Amount::Rate(0.1))])),
        ("simple in strata, 1,250", Plan::of(vec![units(Method::Simple, allocated(1_250))])),
        (
            "clusters by Sampford, some certain, 10 in each",
            Plan::of(vec![clusters(sampford), inside()]),
        ),
        ("the same with joint probabilities", joint),
        (
            "Sampford by size, 240",
            Plan::of(vec![units(Method::Sampford(SizeMeasure::Column), allocated(240))]),
        ),
        ("500, then 120 in strata found", phases),
        ("with replacement, 300", Plan::of(vec![units(Method::WithReplacement, allocated(300))])),
    ]
}

/// Clusters of 12 to 151 drawn with equal chances.
fn uneven() -> [(&'static str, Plan); 2] {
    let units = |amount| Stage::new(StageUnits::Units, Method::Simple, amount);
    let clusters = |method| Stage::new(StageUnits::Clusters, method, allocated(24));
    let mut phases = Plan::of(vec![clusters(Method::Simple), units(each(20))]);
    phases.second_phase = Some(Stage { strata: vec!["kind".to_owned()], ..units(each(100)) });
    let repeated = Plan::of(vec![clusters(Method::WithReplacement), units(each(10))]);
    [
        ("24 clusters, then 200 in strata found", phases),
        ("clusters with replacement, 10 in each", repeated),
    ]
}

/// What is counted of one figure.
#[derive(Default)]
struct Counted {
    held: u32,
    squares: f64,
    variances: f64,
}

impl Counted {
    /// Percent of intervals that hold.
    fn share(&self) -> f64 {
        100.0 * f64::from(self.held) / DRAWS as f64
    }

    /// The root mean square of the standard error over the real error.
    fn ratio(&self) -> f64 {
        (self.variances / self.squares).sqrt()
    }
}

/// Mean and total of all and of the domain from many samples, everybody in the field answering.
fn counted(
    people: &People,
    rule: DegreesOfFreedomRule,
    sample_of: impl Fn(u64) -> Sample,
) -> [Counted; 4] {
    let options = by_rule(rule);
    let all: Vec<(f64, bool)> = people.of.values().copied().collect();
    let whole: f64 = all.iter().map(|(value, _)| value).sum();
    let own: Vec<f64> = all.iter().filter(|(_, own)| *own).map(|(value, _)| *value).collect();
    let of_domain = own.iter().sum::<f64>();
    let truths = [whole / all.len() as f64, whole, of_domain / own.len() as f64, of_domain];
    let mut counted: [Counted; 4] = Default::default();
    for seed in 0..DRAWS {
        let sample = sample_of(seed);
        let fielded = fielded(&sample, true);
        let ids: Vec<&str> = (fielded.iter())
            .filter(|unit| unit.standing == Standing::InField)
            .map(|unit| unit.id)
            .collect();
        let values: Vec<f64> = ids.iter().map(|id| people.of[*id].0).collect();
        let domain: Vec<bool> = ids.iter().map(|id| people.of[*id].1).collect();
        let joined = join(&sample, &ids, "id").expect("joined");
        let design = design_of(&joined, RULES).expect("a design").design;
        let found = [
            mean(&design, &values, None, &options),
            total(&design, &values, None, &options),
            mean(&design, &values, Some(&domain), &options),
            total(&design, &values, Some(&domain), &options),
        ];
        for ((found, truth), counted) in found.into_iter().zip(truths).zip(&mut counted) {
            let found = found.expect("an estimate");
            let holds =
                found.interval.is_some_and(|limits| limits.lower <= truth && truth <= limits.upper);
            counted.held += u32::from(holds);
            counted.squares += (found.value - truth).powi(2);
            counted.variances += found.standard_error.powi(2);
        }
    }
    counted
}

fn print_line(name: &str, counted: &[Counted; 4]) {
    let told: Vec<String> =
        counted.iter().map(|one| format!("{:.1} ({:.2})", one.share(), one.ratio())).collect();
    println!("| {name} | {} |", told.join(" | "));
}

#[test]
#[ignore = "takes minutes; run on demand"]
fn intervals_hold_as_often_as_they_say() {
    let people = people();
    println!("{} people", people.of.len());
    let mut off = Vec::new();
    for (name, plan) in plans() {
        let rule = DegreesOfFreedomRule::Answered;
        let counted = counted(&people, rule, |seed| {
            draw(&people.frame, &plan, Seed(seed)).expect("a sample")
        });
        print_line(name, &counted);
        // Where some are expected more than once their variance is that of draws with replacement.
        let of_chromy = matches!(plan.stages[0].method, Method::Chromy(SizeMeasure::UnitCount));
        let most = if of_chromy { 100.0 } else { 97.0 };
        let apart = |one: &&Counted| !(93.0..=most).contains(&one.share());
        let found = counted.iter().filter(apart);
        off.extend(found.map(|one| format!("{name}: {}", one.share())));
    }
    assert!(off.is_empty(), "{off:?}");
}

/// Clusters of very unequal size with equal chances: with 24 of them totals are skewed, and the errors of means
/// too small, which adjusted intervals make good only a little; the variance of totals is right all the same.
#[test]
#[ignore = "takes minutes; run on demand"]
fn clusters_of_unequal_size_hold_too_seldom() {
    let people = people();
    for (name, plan) in uneven() {
        let sample = |seed| draw(&people.frame, &plan, Seed(seed)).expect("a sample");
        let plain = counted(&people, DegreesOfFreedomRule::Answered, sample);
        let adjusted = counted(&people, DegreesOfFreedomRule::Adjusted, sample);
        print_line(name, &plain);
        print_line(&format!("{name}, adjusted"), &adjusted);
        for total in [1, 3] {
            assert!((0.95..=1.05).contains(&plain[total].ratio()), "{}", plain[total].ratio());
        }
        for (plain, adjusted) in plain.iter().zip(&adjusted) {
            assert!(adjusted.held >= plain.held, "{name}");
        }
    }
}

/// Areas by what a register has of each, three of four replicates of them in the field, and 10 people of
/// what was listed there; the register is up to a fifth off, and no area is certain.
struct Listing {
    areas: Frame,
    plan: Plan,
    /// The people of each area, a line each.
    lines: BTreeMap<String, String>,
    columns: Columns,
}

impl Listing {
    fn of(people: &People, method: &dyn Fn(SizeMeasure) -> Method) -> Self {
        let mut members: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for id in people.of.keys().collect::<BTreeSet<_>>() {
            let area = id.split('-').next().expect("a cluster");
            members.entry(format!("c{area}")).or_default().push(id);
        }
        let mut csv = "id,region,households\n".to_owned();
        let mut lines = BTreeMap::new();
        for (area, own) in members {
            let number: usize = area[1..].parse().expect("a number");
            let register = own.len() as f64 * (0.8 + 0.1 * (number % 5) as f64);
            writeln!(csv, "{area},{},{register:.0}", ["north", "south"][number % 2]).expect("text");
            let listed = own.iter().fold(String::new(), |mut text, id| {
                writeln!(text, "{id},{area}").expect("text");
                text
            });
            lines.insert(area, listed);
        }
        let (id, region) = ("id".to_owned(), vec!["region".to_owned()]);
        let size = Some("households".to_owned());
        let of_areas = Columns { unit: id.clone(), strata: region, size, ..Columns::default() };
        let by_register = method(SizeMeasure::Column);
        let mut plan = Plan::of(vec![Stage::new(StageUnits::Units, by_register, allocated(16))]);
        plan.release = Some(Release { replicates: 4, reserve: 1 });
        Self {
            areas: Frame::read(csv.as_bytes(), &of_areas).expect("a frame"),
            plan,
            lines,
            columns: Columns { unit: id, cluster: Some("area".to_owned()), ..Columns::default() },
        }
    }

    fn sample(&self, seed: u64) -> Sample {
        let drawn = draw(&self.areas, &self.plan, Seed(seed)).expect("areas");
        let mut list = "id,area\n".to_owned();
        for unit in fielded(&drawn, false) {
            if unit.standing == Standing::InField {
                list += &self.lines[unit.id];
            }
        }
        let list = Frame::read(list.as_bytes(), &self.columns).expect("a list");
        let stages = [Stage::new(StageUnits::Units, Method::Simple, each(10))];
        let act = list_stage(&drawn, &list, &stages).expect("drawn");
        drawn.with(act).expect("appended")
    }
}

#[test]
#[ignore = "takes minutes; run on demand"]
fn intervals_of_listed_areas_hold() {
    let people = people();
    let mut listing = Listing::of(&people, &Method::Sampford);
    let wait = "12 of 16 areas by Sampford, 10 of what was listed";
    let all = "16 areas by Sampford, 10 of what was listed";
    for (name, release) in [(wait, listing.plan.release), (all, None)] {
        listing.plan.release = release;
        let rule = DegreesOfFreedomRule::Answered;
        let counted = counted(&people, rule, |seed| listing.sample(seed));
        print_line(name, &counted);
        for one in &counted {
            assert!((93.0..=97.0).contains(&one.share()), "{name}: {}", one.share());
        }
    }
}

/// Areas that wait were drawn all the same: with 24 of 32 areas in the field the first stage is a sample of
/// 24 out of all areas, and not of as many as 24 of 32 would be drawn from. Of areas that were all drawn for
/// certain those in the field stand for the others.
#[test]
fn areas_that_wait_were_drawn() {
    let people = people();
    for (drawn, replicates, probability) in [(32, 4, 12.0 / 30.0), (60, 2, 15.0 / 30.0)] {
        let mut listing = Listing::of(&people, &|_| Method::Simple);
        listing.plan.stages = vec![Stage::new(StageUnits::Units, Method::Simple, allocated(drawn))];
        listing.plan.release = Some(Release { replicates, reserve: 1 });
        let sample = listing.sample(3);
        let ids: Vec<&str> = (fielded(&sample, true).iter())
            .filter(|unit| unit.standing == Standing::InField)
            .map(|unit| unit.id)
            .collect();
        let joined = join(&sample, &ids, "id").expect("joined");
        let found = design_of(&joined, RULES).expect("a design");
        // The same in both regions.
        let own = &found.stages[0].probabilities;
        assert!(own.iter().all(|own| (own.expect("one") - probability).abs() < 1e-12), "{own:?}");
        let error = total(&found.design, &vec![1.0; ids.len()], None, &options());
        assert!(error.expect("a total").standard_error > 0.0);
    }
}

/// Few starts beside clusters that are certain: percent of intervals of the mean and the total that hold,
/// by clusters minus strata and adjusted to what each list adds to the variance.
fn beside_certain_clusters(starts: u32, draws: u64) -> [[f64; 2]; 2] {
    let people = people();
    let whole: f64 = people.of.values().map(|(value, _)| value).sum();
    let truths = [whole / people.of.len() as f64, whole];
    let clusters = Method::SystematicPps(SizeMeasure::UnitCount);
    let plan = Plan::of(vec![
        Stage { starts: Some(starts), ..Stage::new(StageUnits::Clusters, clusters, allocated(24)) },
        Stage::new(StageUnits::Units, Method::Simple, each(10)),
    ]);
    let mut held = [[0.0; 2]; 2];
    for seed in 0..draws {
        let sample = draw(&people.frame, &plan, Seed(seed)).expect("a sample");
        let ids: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
        let values: Vec<f64> = ids.iter().map(|id| people.of[*id].0).collect();
        let joined = join(&sample, &ids, "id").expect("joined");
        let design = design_of(&joined, RULES).expect("a design").design;
        let rules = [DegreesOfFreedomRule::Answered, DegreesOfFreedomRule::Adjusted];
        for (rule, held) in rules.into_iter().zip(&mut held) {
            let options = by_rule(rule);
            let found =
                [mean(&design, &values, None, &options), total(&design, &values, None, &options)];
            for ((found, truth), held) in found.into_iter().zip(truths).zip(held) {
                let limits = found.expect("an estimate").interval.expect("an interval");
                let holds = limits.lower <= truth && truth <= limits.upper;
                *held += 100.0 * f64::from(u8::from(holds)) / draws as f64;
            }
        }
    }
    held
}

#[test]
#[ignore = "takes minutes; run on demand"]
fn few_starts_beside_certain_clusters() {
    println!("| starts | mean | total | mean, adjusted | total, adjusted |");
    for starts in [3, 6] {
        let [[mean, total], [adjusted_mean, adjusted_total]] =
            beside_certain_clusters(starts, 1_000);
        println!(
            "| {starts} | {mean:.1} | {total:.1} | {adjusted_mean:.1} | {adjusted_total:.1} |"
        );
        // A variance between three starts in each of two strata is known so badly that totals, which are
        // made of it, still hold too seldom; docs/METHODS.md says so.
        assert!((93.0..=97.5).contains(&adjusted_mean), "{starts} starts: {adjusted_mean}");
        assert!(adjusted_total >= total + 1.0, "{starts} starts: {adjusted_total} and {total}");
    }
}

#[test]
fn certain_units_that_do_not_answer_leave_something_to_chance() {
    let mut csv = "id,size\n".to_owned();
    for unit in 0..20 {
        writeln!(csv, "u{unit},{}", if unit < 4 { 100 } else { 10 }).expect("text");
    }
    let columns =
        Columns { unit: "id".to_owned(), size: Some("size".to_owned()), ..Columns::default() };
    let frame = Frame::read(csv.as_bytes(), &columns).expect("a frame");
    let plan = Plan::of(vec![Stage::new(
        StageUnits::Units,
        Method::Sampford(SizeMeasure::Column),
        allocated(8),
    )]);
    let sample = draw(&frame, &plan, Seed(1)).expect("a sample");
    let ids: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    let values = |ids: &[&str]| -> Vec<f64> {
        ids.iter().map(|id| if id.len() == 2 && id < &"u4" { 7.0 } else { 1.0 }).collect()
    };
    let error = |ids: &[&str], values: &[f64]| {
        let joined = join(&sample, ids, "id").expect("joined");
        let design = design_of(&joined, RULES).expect("a design").design;
        let found = total(&design, values, None, &options()).expect("a total");
        (found.standard_error, found.degrees_of_freedom)
    };
    // The four certain units vary as they like: with all of them nothing is left to chance there, and
    // the four of the others are alike.
    let mut own = values(&ids);
    own[0] = 900.0;
    let (with_all, degrees) = error(&ids, &own);
    assert!(with_all.is_nan() || with_all < 1e-6, "{with_all}");
    assert_eq!(degrees, 3.0);
    // Three of the four stand for the fourth: (1 − 3/4)·3/2·Σ(y − ȳ)², their weights being one.
    let some: Vec<&str> = ids.iter().copied().filter(|id| *id != ids[1]).collect();
    let mut own = values(&some);
    own[0] = 9.0;
    let of_certain = [9.0, own[1], own[2]];
    let centre = of_certain.iter().sum::<f64>() / 3.0;
    let squares: f64 = of_certain.iter().map(|value| (value - centre).powi(2)).sum();
    let expected = (0.25 * 3.0 / 2.0 * squares).sqrt();
    let (found, _) = error(&some, &own);
    assert!((found - expected).abs() < 1e-9, "{found} and {expected}");
}

/// The variance of several starts is that of their totals: k/(k − 1) Σ(z − z̄)² in each stratum, worked out
/// here from the record alone.
#[test]
fn starts_are_the_clusters_of_their_variance() {
    let people = people();
    let plan = Plan::of(vec![Stage {
        starts: Some(6),
        sort: vec!["kind".to_owned()],
        ..Stage::new(StageUnits::Units, Method::Systematic, allocated(600))
    }]);
    let sample = draw(&people.frame, &plan, Seed(4)).expect("a sample");
    let ids: Vec<&str> = sample.units.iter().map(|unit| unit.unit.as_str()).collect();
    let joined = join(&sample, &ids, "id").expect("joined");
    let design = design_of(&joined, RULES).expect("a design").design;
    let values: Vec<f64> = ids.iter().map(|id| people.of[*id].0).collect();
    let found = total(&design, &values, None, &options()).expect("a total");
    let mut starts: HashMap<(&str, u32), f64> = HashMap::new();
    for (unit, value) in sample.units.iter().zip(&values) {
        for path in &unit.came {
            *starts.entry((&unit.stratum, path[0])).or_default() += value / unit.probability;
        }
    }
    assert_eq!(starts.len(), 12);
    let variance: f64 = ["north", "south"]
        .iter()
        .map(|region| {
            let own: Vec<f64> = (0..6).map(|start| starts[&(*region, start)]).collect();
            let mean = own.iter().sum::<f64>() / 6.0;
            own.iter().map(|total| (total - mean).powi(2)).sum::<f64>() * 6.0 / 5.0
        })
        .sum();
    let gap = (found.standard_error - variance.sqrt()).abs() / variance.sqrt();
    assert!(gap < 1e-10, "{gap}");
    assert_eq!(found.degrees_of_freedom, 10.0);
}
