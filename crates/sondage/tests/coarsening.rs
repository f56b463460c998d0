//! What merging small groups costs: the demonstration's people and sample, the figures by the design as it
//! was drawn and by the merged one. The table that is printed goes into docs/METHODS.md.

use std::collections::BTreeMap;

use analysis::estimate::moments::means;
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, Estimate, EstimateOptions, Interval, IntervalMethod,
    SinglePsu, StageInput, Weights,
};
use fielding::acts::draw::two_stage_plan;
use fielding::example::people::{Behaviour, Resident, frame_csv, residents};
use fielding::files::margins::margins_of;
use fielding::files::roles::Roles;
use fielding::rules::grouping::{DesignCell, LEAST, regroup};
use sondage::browser::{Field, Form};
use sondage::demo::fill;
use survey_builder::sampling::{Frame, Seed, draw};

/// The demonstration's seed, wards and people of a ward.
const SEED: u64 = 20_261_123;
const WARDS: u32 = 15;
const PEOPLE: u32 = 80;
/// Samples whose ratios are averaged.
const DRAWS: u64 = 20;

const MARGINS: &[u8] = include_bytes!("../../../fixtures/questionnaires/ward-services/margins.csv");

/// Questions that people answer here, with their codes.
const QUESTIONS: [(&str, u16); 6] = [
    ("sex", 2),
    ("age_ask", 4),
    ("district", 5),
    ("education", 5),
    ("d12_overall", 5),
    ("a1_used", 2),
];

/// An interview: what the design says of it, and its codes.
struct Interview {
    cell: DesignCell,
    codes: BTreeMap<&'static str, u16>,
}

fn codes_of(resident: &Resident) -> BTreeMap<&'static str, u16> {
    let fields = QUESTIONS.iter().map(|(name, most)| Field {
        name: (*name).to_owned(),
        kind: "radio".to_owned(),
        values: (1..=*most).map(|code| code.to_string()).collect(),
    });
    let form = Form { action: String::new(), hidden: Vec::new(), fields: fields.collect() };
    let filled = fill(resident, &form, true);
    let code = |name: &str| {
        let (_, code) = filled.iter().find(|(own, _)| own == name)?;
        code.parse().ok()
    };
    QUESTIONS.iter().filter_map(|(name, _)| Some((*name, code(name)?))).collect()
}

/// Those of a draw who answer to the end, and of them one in `thinned`.
fn interviews(seed: u64, thinned: usize) -> Vec<Interview> {
    let people = residents(SEED);
    let csv = frame_csv(&people);
    let plan = two_stage_plan(WARDS, PEOPLE);
    let roles = Roles::guess(&["id", "area", "ward", "name", "email", "language"]);
    let frame = Frame::read(csv.as_bytes(), &plan.columns(&roles.columns)).expect("a frame");
    let sample = draw(&frame, &plan, Seed(seed)).expect("a sample");
    let by_id: BTreeMap<&str, &Resident> =
        people.iter().map(|resident| (resident.id.as_str(), resident)).collect();
    let ended = sample.units.iter().filter_map(|unit| {
        let resident = by_id.get(unit.unit.as_str())?;
        (resident.behaviour() == Behaviour::Completes).then(|| Interview {
            cell: DesignCell {
                stratum: unit.stratum.clone(),
                psu: unit.cluster.clone().unwrap_or_default(),
                base_weight: unit.weight,
            },
            codes: codes_of(resident),
        })
    });
    ended.step_by(thinned).collect()
}

/// The cells as they are merged when the survey closes.
fn merged(interviews: &[Interview]) -> Vec<DesignCell> {
    let mut cells: Vec<(DesignCell, usize)> = Vec::new();
    let mut places = Vec::new();
    for interview in interviews {
        let place = cells.iter().position(|(cell, _)| *cell == interview.cell);
        let place = place.unwrap_or_else(|| {
            cells.push((interview.cell.clone(), 0));
            cells.len() - 1
        });
        cells[place].1 += 1;
        places.push(place);
    }
    let groups = regroup(&cells, LEAST);
    places.into_iter().map(|place| groups[place].clone()).collect()
}

fn design(cells: &[DesignCell]) -> Design {
    let numbered = |name: &dyn Fn(&DesignCell) -> String| -> Vec<u32> {
        let mut known: Vec<String> = cells.iter().map(name).collect();
        known.sort_unstable();
        known.dedup();
        let place = |cell| known.binary_search(&name(cell)).expect("known");
        cells.iter().map(|cell| u32::try_from(place(cell)).expect("few")).collect()
    };
    Design::new(DesignInput {
        weights: Weights::Given(cells.iter().map(|cell| cell.base_weight).collect()),
        stages: vec![StageInput {
            strata: Some(numbered(&|cell| cell.stratum.clone())),
            clusters: Some(numbered(&|cell| format!("{} / {}", cell.stratum, cell.psu))),
            population: None,
        }],
        nest: true,
        single_psu: SinglePsu::Adjust,
        domain_single_psu: false,
    })
    .expect("a design")
}

/// The margins of the study that the sample has people for, as the results page takes them.
fn raked(design: Design, interviews: &[Interview]) -> Design {
    let total: f64 = design.weights().iter().sum();
    let shares = margins_of(MARGINS).expect("margins");
    let margins: Vec<Margin> = [("sex", "sex"), ("age_group", "age_ask"), ("district", "district")]
        .into_iter()
        .chain([("education", "education")])
        .map(|(variable, question)| {
            let own: Vec<_> = shares.iter().filter(|share| share.variable == variable).collect();
            Margin {
                variable: variable.to_owned(),
                levels: own.iter().map(|share| share.code.clone()).collect(),
                totals: own.iter().map(|share| share.share * total).collect(),
                codes: interviews.iter().map(|interview| interview.codes[question]).collect(),
            }
        })
        .collect();
    let options = RakeOptions { tolerance: 1e-10, rounds_max: 1_000, projection_rounds: 10 };
    rake(design, &margins, &options).expect("raked").0
}

/// A figure: its estimate, and the sizes of its standard error and of half its interval.
struct Figure {
    name: String,
    value: f64,
    sizes: [f64; 2],
}

/// The key figures: each answer of the two questions, and the mean of the first.
fn figures(cells: &[DesignCell], interviews: &[Interview]) -> Vec<Figure> {
    let design = raked(design(cells), interviews);
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let column = |question: &str, of: &dyn Fn(u16) -> f64| -> Vec<f64> {
        interviews.iter().map(|one| one.codes.get(question).map_or(f64::NAN, |c| of(*c))).collect()
    };
    let mut columns: Vec<(String, Vec<f64>)> = (1..=5_u16)
        .map(|level| {
            let own = column("d12_overall", &|code| f64::from(u8::from(code == level)));
            (format!("d12_overall = {level}"), own)
        })
        .collect();
    columns.push(("d12_overall, mean".to_owned(), column("d12_overall", &f64::from)));
    let used = column("a1_used", &|code| f64::from(u8::from(code == 1)));
    columns.push(("a1_used = 1".to_owned(), used));
    let slices: Vec<&[f64]> = columns.iter().map(|(_, column)| column.as_slice()).collect();
    let found = means(&design, &slices, None, &options).expect("estimates");
    let figure = |((name, _), estimate): (&(String, Vec<f64>), &Estimate)| {
        // What nobody chose has no variance, and so no interval.
        let half = |interval: &Interval| (interval.upper - interval.lower) / 2.0;
        Figure {
            name: name.clone(),
            value: estimate.value,
            sizes: [estimate.standard_error, estimate.interval.as_ref().map_or(0.0, half)],
        }
    };
    columns.iter().zip(&found.estimates).map(figure).collect()
}

fn clusters(cells: &[DesignCell]) -> usize {
    let mut all: Vec<(&str, &str)> =
        cells.iter().map(|cell| (cell.stratum.as_str(), cell.psu.as_str())).collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

/// What merging does to a key figure: roots of the ratios of mean squares over the draws, merged to
/// drawn, and the largest move of the estimate in standard errors.
#[derive(Default)]
struct Cost {
    /// Squares of the standard error and of half the interval, drawn and merged.
    sums: [[f64; 2]; 2],
    moved: f64,
}

impl Cost {
    fn ratio(&self, place: usize) -> f64 {
        (self.sums[1][place] / self.sums[0][place]).sqrt()
    }
}

/// The costs by key figure, and the mean numbers of interviews and clusters, drawn and merged.
fn costs(thinned: usize, seeds: &[u64]) -> (BTreeMap<String, Cost>, [f64; 3]) {
    let mut found: BTreeMap<String, Cost> = BTreeMap::new();
    let mut sizes = [0.0; 3];
    for seed in seeds {
        let interviews = interviews(*seed, thinned);
        let full: Vec<DesignCell> = interviews.iter().map(|one| one.cell.clone()).collect();
        let coarse = merged(&interviews);
        let counts = [interviews.len(), clusters(&full), clusters(&coarse)];
        for (own, count) in sizes.iter_mut().zip(counts) {
            *own += f64::from(u32::try_from(count).expect("few"));
        }
        let both = figures(&full, &interviews).into_iter().zip(figures(&coarse, &interviews));
        for (drawn, merged) in both {
            let cost = found.entry(drawn.name).or_default();
            cost.moved = cost.moved.max((merged.value - drawn.value).abs() / drawn.sizes[0]);
            for (sums, sizes) in cost.sums.iter_mut().zip([drawn.sizes, merged.sizes]) {
                sums.iter_mut().zip(sizes).for_each(|(sum, size)| *sum += size * size);
            }
        }
    }
    let draws = f64::from(u32::try_from(seeds.len()).expect("few"));
    (found, sizes.map(|sum| sum / draws))
}

#[test]
fn merging_costs_the_demonstration_little() {
    let seeds: Vec<u64> = (SEED..SEED + DRAWS).collect();
    for (name, thinned, seeds) in [
        ("the demonstration", 1, &seeds[..1]),
        ("its 20 draws", 1, &seeds[..]),
        ("one interview in 4", 4, &seeds[..]),
        ("one interview in 8", 8, &seeds[..]),
    ] {
        let (found, [interviews, drawn, kept]) = costs(thinned, seeds);
        println!("{name}: {interviews:.0} interviews, {drawn:.1} clusters drawn, {kept:.1} kept");
        assert_eq!(found.len(), 7);
        for (figure, cost) in &found {
            let (error, width, moved) = (cost.ratio(0), cost.ratio(1), cost.moved);
            println!("    {figure}: error {error:.3}, interval {width:.3}, moved {moved:.2}");
            assert!(error <= 1.10 && width <= 1.10, "{name}, {figure}: {error}, {width}");
            assert!(thinned > 4 || (error - 1.0).abs() < 1e-9, "nothing merges: {error}");
        }
    }
}
