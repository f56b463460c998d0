//! `sondage sample size`: how large a sample must be, what it costs, and what a
//! budget buys.
use serde_json::json;
use survey_builder::problem::phrase;
use survey_builder::sampling::Problem;
use survey_builder::sampling::size::curve::Curve;
use survey_builder::sampling::size::difference::{
    DifferenceVariance, Test, for_means, for_proportions,
};
use survey_builder::sampling::size::fieldwork::{Costs, Fieldwork, margin_for};
use survey_builder::sampling::size::{
    Circumstances, ProportionMethod, Sizes, for_mean, for_proportion,
};

use crate::frame::{pretty, refuse};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{
    ProportionFormula, SizeAim, SizeOptions, TestOptions, VarianceChoice,
};
use crate::terminal::{Failure, columns, print_line};

/// The sizes of one group or of two, as a function of what is asked for.
type SizesOf<'a> = dyn Fn(f64) -> Result<Vec<Sizes>, Vec<Problem>> + 'a;

/// Works the size out and prints it.
///
/// # Errors
///
/// Quantities out of their range, a curve that cannot be written.
pub fn run(aim: &SizeAim, language: &str) -> Result<(), Failure> {
    match aim {
        SizeAim::Proportion { p, margin, method, options } => {
            let method = match method {
                ProportionFormula::Wald => ProportionMethod::Wald,
                ProportionFormula::Fleiss => ProportionMethod::Fleiss,
                ProportionFormula::Wilson => ProportionMethod::Wilson,
            };
            let circumstances = circumstances(options);
            let sizes = |margin: f64| {
                for_proportion(method, *p, margin, &circumstances).map(|sizes| vec![sizes])
            };
            let deviation = (p * (1.0 - p)).sqrt();
            tell(&sizes, *margin, "margin", Some(deviation), options, language)
        }
        SizeAim::Mean { deviation, margin, options } => {
            let circumstances = circumstances(options);
            let sizes =
                |margin: f64| for_mean(*deviation, margin, &circumstances).map(|sizes| vec![sizes]);
            tell(&sizes, *margin, "margin", Some(*deviation), options, language)
        }
        SizeAim::Difference { p1, p2, variance, test, options } => {
            let variance = match variance {
                VarianceChoice::Separate => DifferenceVariance::Separate,
                VarianceChoice::Pooled => DifferenceVariance::Pooled,
                VarianceChoice::Largest => DifferenceVariance::Largest,
            };
            let both = [circumstances(options); 2];
            let sizes = |power: f64| {
                let test = Test { power, ..test_of(test) };
                for_proportions([*p1, *p2], variance, &test, &both).map(Vec::from)
            };
            tell(&sizes, test.power, "power", None, options, language)
        }
        SizeAim::Means { difference, deviation, deviation2, test, options } => {
            let both = [circumstances(options); 2];
            let deviations = [*deviation, deviation2.unwrap_or(*deviation)];
            let sizes = |power: f64| {
                let test = Test { power, ..test_of(test) };
                for_means([0.0, *difference], deviations, &test, &both).map(Vec::from)
            };
            tell(&sizes, test.power, "power", None, options, language)
        }
    }
}

fn fieldwork(options: &SizeOptions) -> Fieldwork {
    let SizeOptions { domain, eligible, contact, response, .. } = *options;
    Fieldwork { domain, eligible, contact, response }
}

fn circumstances(options: &SizeOptions) -> Circumstances {
    Circumstances {
        confidence: options.confidence,
        design_effect: options.design_effect,
        population: options.population,
        response: fieldwork(options).share(),
    }
}

fn test_of(options: &TestOptions) -> Test {
    Test {
        power: options.power,
        two_sided: !options.one_sided,
        margin: options.margin,
        ratio: options.ratio,
        correlation: options.correlation,
        overlap: options.overlap,
    }
}

/// Shares and costs out of their range; their product alone would not say which.
fn option_problems(options: &SizeOptions) -> Vec<Problem> {
    let SizeOptions { domain, eligible, contact, response, .. } = *options;
    let shares =
        [("domain", domain), ("eligible", eligible), ("contact", contact), ("response", response)];
    let costs = [
        ("case-cost", options.case_cost),
        ("complete-cost", options.complete_cost),
        ("fixed-cost", options.fixed_cost),
        ("budget", options.budget.unwrap_or(0.0)),
    ];
    let problem = |(quantity, value): &(&str, f64), bounds: &'static str| Problem::SizeOutOfRange {
        quantity: format!("--{quantity}").into(),
        value: (*value).into(),
        bounds: phrase(bounds).into(),
    };
    let bad_shares = shares.iter().filter(|(_, share)| !(*share > 0.0 && *share <= 1.0));
    let bad_costs = costs.iter().filter(|(_, cost)| !(*cost >= 0.0 && cost.is_finite()));
    let mut problems: Vec<Problem> =
        bad_shares.map(|share| problem(share, "phrase-above-0-and-at-most-1")).collect();
    problems.extend(bad_costs.map(|cost| problem(cost, "phrase-0-or-more")));
    if options.budget.is_some() && options.case_cost <= 0.0 && options.complete_cost <= 0.0 {
        let free = ("case-cost, --complete-cost", 0.0);
        problems.push(problem(&free, "phrase-above-0-for-one-of-them"));
    }
    problems
}

fn tell(
    sizes_of: &SizesOf<'_>,
    asked: f64,
    what: &str,
    deviation: Option<f64>,
    options: &SizeOptions,
    language: &str,
) -> Result<(), Failure> {
    let mut problems = option_problems(options);
    let found = sizes_of(asked).unwrap_or_else(|found| {
        // That the product of shares is out of range is said of each share.
        let doubled = |problem: &Problem| {
            problem.as_problem().argument("quantity") == Some(&phrase("phrase-response").into())
        };
        let already = !problems.is_empty();
        problems.extend(found.into_iter().filter(|problem| !(already && doubled(problem))));
        Vec::new()
    });
    if !problems.is_empty() {
        return refuse(problems.into(), options.json);
    }
    let costs = Costs {
        fixed: options.fixed_cost,
        case: options.case_cost,
        complete: options.complete_cost,
    };
    let field = fieldwork(options);
    let groups = f64::from(u32::try_from(found.len()).unwrap_or(1));
    let of_groups: f64 = found.iter().map(|sizes| costs.of(sizes, field.domain)).sum();
    let cost = of_groups - (groups - 1.0) * costs.fixed;
    let bought = options.budget.map(|budget| {
        let completes = costs.completes_for(budget, &field);
        let margin = completes.zip(deviation).map(|(completes, deviation)| {
            margin_for(deviation, completes, &circumstances(options))
        });
        (completes, margin)
    });
    if let Some(path) = &options.svg {
        let curve = curve(sizes_of, asked, what, &found, language);
        Output::check(path, &["svg"], &[], options.force, Readers::Anybody)?
            .write_bytes(curve.svg().as_bytes())?;
    }
    if options.json {
        print_line(&pretty(&json!({
            "outcome": "sizes",
            what: asked,
            "groups": found,
            "cost": cost,
            "budget": bought.map(|(completes, margin)| {
                json!({ "completes": completes, "margin": margin })
            }),
        })));
    } else {
        print_line(&in_words(&found, cost, bought, options, language));
    }
    Ok(())
}

fn in_words(
    found: &[Sizes],
    cost: f64,
    bought: Option<(Option<f64>, Option<f64>)>,
    options: &SizeOptions,
    language: &str,
) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let number = |value: f64| locale::number(language, value, 0);
    let keys =
        ["cli-size-simple", "cli-size-design-effect", "cli-size-completes", "cli-size-released"];
    let steps =
        |sizes: &Sizes| [sizes.simple, sizes.with_design_effect, sizes.completes, sizes.released];
    let mut rows = Vec::new();
    if found.len() > 1 {
        let group = |number: usize| say("cli-size-group", &[("n", &number.to_string())]);
        rows.push(vec![String::new(), group(1), group(2)]);
    }
    for (step, key) in keys.into_iter().enumerate() {
        let cells = found.iter().map(|sizes| number(steps(sizes)[step]));
        rows.push(std::iter::once(say(key, &[])).chain(cells).collect());
    }
    let mut lines = vec![columns(&rows)];
    if cost > 0.0 {
        lines.push(say("cli-size-cost", &[("cost", &number(cost))]));
    }
    if let Some((completes, margin)) = bought {
        let budget = number(options.budget.unwrap_or(0.0));
        lines.push(match (completes, margin) {
            (None, _) => say("cli-size-buys-nothing", &[("budget", &budget)]),
            (Some(completes), None) => {
                say("cli-size-buys", &[("budget", &budget), ("completes", &number(completes))])
            }
            (Some(completes), Some(margin)) => say(
                "cli-size-buys-margin",
                &[
                    ("budget", &budget),
                    ("completes", &number(completes)),
                    ("margin", &locale::number(language, margin, 4)),
                ],
            ),
        });
    }
    lines.join("\n")
}

/// Sizes from half of what is asked for to twice it; powers from one half up.
fn curve(sizes_of: &SizesOf<'_>, asked: f64, what: &str, found: &[Sizes], language: &str) -> Curve {
    let (low, high) = if what == "power" { (0.5, 0.99) } else { (asked / 2.0, asked * 2.0) };
    let completes = |sizes: &[Sizes]| sizes.iter().map(|sizes| sizes.completes).sum::<f64>();
    let points = (0..=100_u32)
        .map(|step| low + (high - low) * f64::from(step) / 100.0)
        .filter_map(|value| Some((value, completes(&sizes_of(value).ok()?))))
        .collect();
    let say = |key: &str| locale::text(language, key, &[]);
    Curve {
        title: say("cli-curve-title"),
        horizontal: say(&format!("cli-curve-{what}")),
        vertical: say("cli-curve-completes"),
        points,
        asked: (asked, completes(found)),
    }
}
