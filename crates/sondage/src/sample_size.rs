//! `sondage sample size`: how large a sample must be, what it costs, and what a
//! budget buys.
use serde_json::json;
use survey_builder::problem::phrase;
use survey_builder::sampling::Problem;
use survey_builder::sampling::size::clusters::{Clustering, best_members};
use survey_builder::sampling::size::curve::Curve;
use survey_builder::sampling::size::difference::{
    DifferenceVariance, Test, for_means, for_means_by_t, for_pairs, for_proportions,
};
use survey_builder::sampling::size::fieldwork::{Costs, Fieldwork, margin_for};
use survey_builder::sampling::size::{
    Circumstances, ProportionMethod, Sizes, for_mean, for_proportion, for_variation,
};

use crate::frame::{pretty, refuse};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{
    DistributionChoice, ProportionFormula, SizeAim, SizeOptions, TestOptions, VarianceChoice,
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
        SizeAim::Pairs { yes_no, no_yes, power, one_sided, options } => {
            let circumstances = circumstances(options);
            let sizes = |power: f64| {
                let test = Test { power, two_sided: !one_sided, ..Test::default() };
                for_pairs([*yes_no, *no_yes], &test, &circumstances).map(|sizes| vec![sizes])
            };
            tell(&sizes, *power, "power", None, options, language)
        }
        SizeAim::Variation { wanted, p, of_units, options } => {
            let circumstances = circumstances(options);
            let of_share = |p: f64| ((1.0 - p) / p).sqrt();
            let of_units = of_units.or(p.map(of_share)).unwrap_or(f64::NAN);
            let sizes = |wanted: f64| {
                for_variation(of_units, wanted, &circumstances).map(|sizes| vec![sizes])
            };
            tell(&sizes, *wanted, "variation", None, options, language)
        }
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
                VarianceChoice::PooledNull => DifferenceVariance::PooledNull,
            };
            let both = [circumstances(options); 2];
            let sizes = |power: f64| {
                let test = Test { power, ..test_of(test) };
                for_proportions([*p1, *p2], variance, &test, &both).map(Vec::from)
            };
            tell(&sizes, test.power, "power", None, options, language)
        }
        SizeAim::Means { difference, deviation, deviation2, distribution, test, options } => {
            let both = [circumstances(options); 2];
            let deviations = [*deviation, deviation2.unwrap_or(*deviation)];
            let sizes = |power: f64| {
                let test = Test { power, ..test_of(test) };
                let sizes = match distribution {
                    DistributionChoice::Student => for_means_by_t,
                    DistributionChoice::Normal => for_means,
                };
                sizes([0.0, *difference], deviations, &test, &both).map(Vec::from)
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
        design_effect: options.design_effect
            * clustering(options).map_or(1.0, |own| own.design_effect()),
        population: options.population,
        response: fieldwork(options).share(),
    }
}

/// What a person of a cluster costs: the cases released for a complete, and the
/// complete.
fn person_cost(options: &SizeOptions) -> f64 {
    options.case_cost / fieldwork(options).share() + options.complete_cost
}

/// How people lie in clusters, if they are drawn by clusters: as many of each as is
/// said, or as many as give most for the money.
fn clustering(options: &SizeOptions) -> Option<Clustering> {
    let correlation = options.intraclass?;
    let best = |cost: f64| best_members(correlation, cost, person_cost(options)).ok();
    let members = options.cluster_size.or(options.cluster_cost.and_then(best).map(f64::round))?;
    Some(Clustering { members, correlation, variation: options.cluster_variation })
}

/// Clusters that are out of their range.
fn cluster_problems(options: &SizeOptions) -> Vec<Problem> {
    let Some(correlation) = options.intraclass else { return Vec::new() };
    if let Some(own) = clustering(options) {
        return own.problems();
    }
    match options.cluster_cost {
        Some(cost) => {
            best_members(correlation, cost, person_cost(options)).err().unwrap_or_default()
        }
        None => vec![Problem::SizeOutOfRange {
            quantity: "--cluster-size".into(),
            value: 0.0.into(),
            bounds: phrase("phrase-1-or-more").into(),
        }],
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
    problems.extend(cluster_problems(options));
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
        // A cluster is paid for by its people.
        complete: options.complete_cost
            + clustering(options)
                .zip(options.cluster_cost)
                .map_or(0.0, |(own, cost)| cost / own.members),
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
            "clusters": clustering(options).map(|own| json!({
                "members": own.members,
                "design_effect": own.design_effect(),
                "groups": found.iter().map(|sizes| own.clusters(sizes.completes)).collect::<Vec<_>>(),
            })),
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
    if let Some(own) = clustering(options) {
        let of = say("cli-size-clusters", &[("members", &number(own.members))]);
        let cells = found.iter().map(|sizes| number(own.clusters(sizes.completes)));
        rows.push(std::iter::once(of).chain(cells).collect());
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
