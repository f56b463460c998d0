//! The tasks, and what ours takes for each.

use std::hint::black_box;
use std::time::Instant;

use analysis::compare::IndependenceMethod;
use analysis::design::replicates::Centre;
use analysis::estimate::quantile::{Limits, QuantileRule, quantiles};
use analysis::model::ModelMatrix;
use analysis::model::linear::{Family, Link, Stopping, linear_model};
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, EstimateOptions, IntervalMethod, Table, TableSpec, TestedTable,
    tabulate, tabulate_with_tests,
};
use survey_builder::sampling::Seed;

use crate::survey::{
    BANNER_LEVELS, Generator, Survey, bytes, design, median, plain_counts, spec, survey,
};

const DOMAINS: u16 = 50;
const PREDICTORS: usize = 19;
const FURTHER_MARGINS: [u16; 5] = [3, 5, 2, 8, 4];
const REPLICATES: usize = 200;

/// The survey with what only the peers' tasks need.
pub struct Data {
    pub survey: Survey,
    /// The five banner variables and five more, with totals that move each level by some per cent.
    pub margins: Vec<Margin>,
    pub numbers: Vec<Vec<f64>>,
    pub domains: Vec<u16>,
    pub outcome: Vec<f64>,
    pub terms: ModelMatrix,
}

/// Ours for a task.
pub struct Figure {
    /// The name that peers call it.
    pub task: &'static str,
    pub what: &'static str,
    pub seconds: f64,
    /// What it stands beside in this program: name, seconds, largest ratio allowed.
    pub most: Option<(&'static str, f64, f64)>,
    /// How many times faster than a peer it is to be.
    pub least: Option<f64>,
    /// Whether that is asked beside R alone.
    pub only_r: bool,
    pub note: &'static str,
}

impl Data {
    pub fn new(rows: usize) -> Self {
        let survey = survey(rows);
        let mut generator = Generator(7);
        let mut coded = |levels: u16| (0..rows).map(|_| 1 + generator.below(levels)).collect();
        let domains = coded(DOMAINS);
        let further: Vec<Vec<u16>> = FURTHER_MARGINS.iter().map(|&levels| coded(levels)).collect();
        let banners = survey.banners.iter().zip(BANNER_LEVELS).zip(1..);
        let mut margins: Vec<Margin> = banners
            .map(|((codes, levels), n)| margin(format!("b{n}"), codes, levels, &survey.weights))
            .collect();
        for ((codes, levels), n) in further.iter().zip(FURTHER_MARGINS).zip(1..) {
            margins.push(margin(format!("m{n}"), codes, levels, &survey.weights));
        }
        // Four decimals, so that a peer reads from the file what ours has in memory.
        let mut number = |mean: f64| -> Vec<f64> {
            let mut draw = || (0..4).map(|_| generator.share()).sum::<f64>();
            (0..rows).map(|_| ((mean + draw()) * 1e4).round() / 1e4).collect()
        };
        let numbers = (0..5).map(|_| number(10.0)).collect();
        let mut terms = ModelMatrix::intercept(rows);
        for place in 1..=PREDICTORS {
            terms.push(format!("x{place}"), number(-2.0));
        }
        let outcome = (0..rows)
            .map(|row| {
                let predictor: f64 =
                    terms.columns[1..].iter().map(|column| 0.2 * column[row]).sum();
                let share = 1.0 / (1.0 + (0.4 - predictor).exp());
                f64::from(u8::from(generator.share() < share))
            })
            .collect();
        Self { survey, margins, numbers, domains, outcome, terms }
    }
}

/// Totals that differ from those of the sample by 10 % up and down, with the sample's sum.
fn margin(variable: String, codes: &[u16], levels: u16, weights: &[f64]) -> Margin {
    let mut totals = vec![0.0; usize::from(levels)];
    for (&code, weight) in codes.iter().zip(weights) {
        totals[usize::from(code) - 1] += weight;
    }
    let before: f64 = totals.iter().sum();
    for (total, up) in totals.iter_mut().zip([1.1, 0.9].into_iter().cycle()) {
        *total *= up;
    }
    let after: f64 = totals.iter().sum();
    for total in &mut totals {
        *total *= before / after;
    }
    Margin {
        variable,
        levels: (1..=levels).map(|level| level.to_string()).collect(),
        totals,
        codes: codes.to_vec(),
    }
}

/// Seconds of one run.
fn once<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let answer = work();
    (start.elapsed().as_secs_f64(), black_box(answer))
}

fn tables(design: &Design, spec: &TableSpec<'_>) -> Table {
    tabulate(design, spec).expect("tables")
}

/// The same with Rao–Scott tests of the second order of every question by every banner variable.
fn tested_tables(design: &Design, spec: &TableSpec<'_>) -> TestedTable {
    tabulate_with_tests(design, spec, IndependenceMethod::SecondOrder).expect("tables")
}

/// Runs every task.
pub fn figures(data: &Data) -> Vec<Figure> {
    let design = design(&data.survey);
    let spec = spec(&data.survey);
    let mut figures = table_figures(data, &design, &spec);
    let alone = figures[0].seconds;
    figures.push(bootstrap_figure(&design, &spec, alone));
    figures.extend(raking_figures(data, &design, &spec, alone));
    figures.push(quantile_figure(data, &design));
    figures.push(model_figure(data, &design));
    figures
}

fn table_figures(data: &Data, design: &Design, spec: &TableSpec<'_>) -> Vec<Figure> {
    let (questions, banners) = (bytes(&data.survey.questions), bytes(&data.survey.banners));
    let plain = median(|| {
        black_box(plain_counts(&questions, &banners));
    }) / 1000.0;
    let alone = median(|| drop(black_box(tables(design, spec)))) / 1000.0;
    let tested = median(|| drop(black_box(tested_tables(design, spec)))) / 1000.0;
    vec![
        Figure {
            task: "alone",
            what: "100 tables: SE, intervals",
            seconds: alone,
            most: Some(("plain count of the same pairs", plain, 4.0)),
            least: None,
            only_r: false,
            note: "",
        },
        Figure {
            task: "tables",
            what: "100 tables: SE, intervals, Rao–Scott tests",
            seconds: tested,
            most: Some(("plain count of the same pairs", plain, 4.0)),
            least: Some(1000.0),
            only_r: false,
            note: "",
        },
    ]
}

fn bootstrap_figure(design: &Design, spec: &TableSpec<'_>, alone: f64) -> Figure {
    let make = || bootstrap(design, Bootstrap::RaoWu, REPLICATES, Seed(1), Centre::FullSample);
    let drawing = median(|| drop(black_box(make().expect("replicates")))) / 1000.0;
    let replicated = design.clone().with_replicates(make().expect("replicates"));
    let replicated = replicated.expect("a design");
    let seconds = median(|| drop(black_box(tables(&replicated, spec)))) / 1000.0;
    Figure {
        task: "bootstrap",
        what: "200 bootstrap replicates of all cells",
        seconds: drawing + seconds,
        most: Some(("the tables alone", alone, 1.5)),
        least: Some(1.0),
        only_r: false,
        note: "",
    }
}

fn raking_figures(data: &Data, design: &Design, spec: &TableSpec<'_>, alone: f64) -> Vec<Figure> {
    let options = RakeOptions { tolerance: 1e-10, rounds_max: 500, projection_rounds: 10 };
    let three = [0, 1, 3].map(|place: usize| data.margins[place].clone());
    let raking =
        |margins: &[Margin]| once(|| rake(design.clone(), margins, &options).expect("raked").0);
    let (short, raked) = raking(&three);
    let after = median(|| drop(black_box(tables(&raked, spec)))) / 1000.0;
    let (long, _) = raking(&data.margins);
    let figure = |task, what, seconds| Figure {
        task,
        what,
        seconds,
        most: None,
        least: Some(10.0),
        only_r: false,
        note: "",
    };
    vec![
        figure("rake3", "raking to 3 margins, 1e-10", short),
        figure("rake10", "raking to 10 margins, 1e-10", long),
        Figure {
            most: Some(("the tables alone", alone, 4.0)),
            ..figure("after", "100 tables after raking to 3, variance by residuals", after)
        },
    ]
}

fn quantile_figure(data: &Data, design: &Design) -> Figure {
    let options = EstimateOptions {
        confidence: 0.95,
        interval: IntervalMethod::StudentT,
        degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
    };
    let (seconds, ()) = once(|| {
        for domain in 1..=DOMAINS {
            let members: Vec<bool> = data.domains.iter().map(|&own| own == domain).collect();
            for column in &data.numbers {
                let found = quantiles(
                    design,
                    column,
                    &[0.25, 0.5, 0.75],
                    Some(&members),
                    QuantileRule::InverseCdf,
                    Limits::FoundShare,
                    &options,
                );
                black_box(found.expect("quantiles"));
            }
        }
    });
    Figure {
        task: "quantiles",
        what: "quartiles of 5 columns in 50 domains, with intervals",
        seconds,
        most: None,
        least: Some(20.0),
        only_r: true,
        note: "",
    }
}

fn model_figure(data: &Data, design: &Design) -> Figure {
    let (seconds, _) = once(|| {
        linear_model(
            design,
            &data.outcome,
            &data.terms,
            Family::Binomial,
            Link::Logit,
            Stopping::AtRest,
            None,
        )
        .expect("a model")
    });
    Figure {
        task: "logistic",
        what: "logistic regression, 20 terms",
        seconds,
        most: None,
        least: Some(20.0),
        only_r: true,
        note: "",
    }
}
