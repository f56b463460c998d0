//! `sondage sample optimum`: how many clusters, subclusters and people give most for the
//! money, from the components of a variable's variance.

use serde_json::json;
use survey_builder::sampling::frame::FrameUnit;
use survey_builder::sampling::size::components::{Components, Placed, components};
use survey_builder::sampling::size::optimum::{Aim, Held, LevelCosts, Optimum, Spread, optimum};
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::frame::{pretty, refuse, tell_notes};
use crate::frame_file::{self, Refusal};
use crate::sampling_arguments::OptimumOptions;
use crate::terminal::{Failure, columns, print_line};

/// What was found.
struct Found {
    components: Components,
    held: Option<Held>,
    optimum: Optimum,
}

/// Works the numbers out and prints them.
///
/// # Errors
///
/// A list that cannot be read, components that it does not show, and quantities out of
/// their range.
pub fn run(given: &OptimumOptions, language: &str) -> Result<(), Failure> {
    let found = match found(given, language) {
        Ok(found) => found,
        Err(refusal) => return refuse(refusal, given.json),
    };
    let Found { components, held, optimum } = found;
    if given.json {
        print_line(&pretty(&json!({
            "outcome": "optimum",
            "components": components,
            "list": held,
            "optimum": optimum,
        })));
        return Ok(());
    }
    print_line(&components_table(&components, given.frame.is_some(), language));
    print_line("");
    print_line(&optimum_table(optimum, components.subclusters.is_some(), language));
    let levels = [Some(components.clusters), components.subclusters];
    if levels.into_iter().flatten().any(|level| level.was_negative) {
        print_line(&locale::text(language, "cli-optimum-negative", &[]));
    }
    Ok(())
}

fn found(given: &OptimumOptions, language: &str) -> Result<Found, Refusal> {
    let costs = LevelCosts {
        cluster: given.cluster_cost,
        subcluster: given.subcluster_cost.unwrap_or(0.0),
        person: given.person_cost,
    };
    let (own, held) = match (&given.frame, &given.column) {
        (Some(_), Some(column)) => {
            let frame = read(given, column)?;
            if !given.json {
                tell_notes(&frame.notes, language);
            }
            let rows = placed(&frame, column, given.subcluster.as_deref());
            let own = components(&rows, given.subcluster.is_some())?;
            let held = held(&own);
            (own, Some(held))
        }
        _ => (of_correlations(given)?, None),
    };
    let aim = match (given.budget, given.standard_error, given.variation) {
        (Some(budget), ..) => Aim::Budget(budget),
        (None, Some(error), _) => Aim::StandardError(error),
        (None, None, wanted) => Aim::StandardError(wanted.unwrap_or(f64::NAN) * own.mean.abs()),
    };
    let optimum = optimum(&own, costs, aim, held)?;
    Ok(Found { components: own, held, optimum })
}

/// Components from the correlations that are given.
fn of_correlations(given: &OptimumOptions) -> Result<Components, Vec<Problem>> {
    let (cluster, subcluster) = (given.icc.unwrap_or(f64::NAN), given.subcluster_icc);
    let inside = |value: f64| (0.0..1.0).contains(&value);
    if inside(cluster) && subcluster.is_none_or(|inner| inside(inner) && inner >= cluster) {
        Ok(Components::of_correlations(given.deviation, cluster, subcluster))
    } else {
        Err(vec![Problem::OptimumCorrelations {
            cluster,
            subcluster: subcluster.unwrap_or(cluster),
        }])
    }
}

fn read(given: &OptimumOptions, column: &str) -> Result<Frame, Refusal> {
    let roles = Columns {
        unit: given.unit.clone(),
        strata: given.stratum.clone(),
        cluster: given.cluster.clone(),
        labels: given.subcluster.iter().cloned().collect(),
        numbers: vec![column.to_owned()],
        reading: frame_file::reading(&given.reading, &Columns::default().reading),
        ..Columns::default()
    };
    let Some(frame) = &given.frame else { return Err(Vec::new().into()) };
    let file = frame_file::open(frame, given.encoding, roles.reading.sheet.as_deref())?;
    Ok(file.frame(&roles)?)
}

/// The people of a list with their values and places.
fn placed(frame: &Frame, column: &str, subcluster: Option<&str>) -> Vec<Placed> {
    let values = frame.numbers_of(column).unwrap_or_default();
    let inner = subcluster.and_then(|column| frame.labels_of(column));
    let place = |(at, (unit, value)): (usize, (&FrameUnit, &f64))| Placed {
        stratum: unit.stratum,
        cluster: unit.cluster.unwrap_or(0),
        subcluster: inner.map_or(0, |labels| labels.codes[at]),
        value: *value,
    };
    frame.units.iter().zip(values).enumerate().map(place).collect()
}

/// How many of each the list has.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn held(own: &Components) -> Held {
    let clusters = own.clusters.groups as f64;
    let inner = own.subclusters.map_or(clusters, |level| level.groups as f64);
    Held { clusters, subclusters: inner / clusters, people: own.people.groups as f64 / inner }
}

fn components_table(own: &Components, counted: bool, language: &str) -> String {
    let say = |key: &str| locale::text(language, key, &[]);
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let total = own.total();
    let mut lines = vec![vec![
        say("cli-optimum-level"),
        say("cli-optimum-groups"),
        say("cli-optimum-component"),
        say("cli-optimum-share"),
        say("cli-optimum-icc"),
    ]];
    let levels = [
        ("cli-optimum-clusters", Some(own.clusters), true),
        ("cli-optimum-subclusters", own.subclusters, true),
        ("cli-optimum-people", Some(own.people), false),
    ];
    let mut above = 0.0;
    for (name, level, correlated) in levels {
        let Some(level) = level else { continue };
        above += level.variance;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let groups = level.groups as f64;
        lines.push(vec![
            say(name),
            if counted { number(groups, 0) } else { "–".to_owned() },
            number(level.variance, 4),
            format!("{} %", number(100.0 * level.variance / total, 1)),
            if correlated { number(above / total, 3) } else { "–".to_owned() },
        ]);
    }
    columns(&lines)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn optimum_table(found: Optimum, three: bool, language: &str) -> String {
    let say = |key: &str| locale::text(language, key, &[]);
    let number = |value: f64, decimals| locale::number(language, value, decimals);
    let mut heading = vec![String::new()];
    if three {
        heading.push(say("cli-optimum-subclusters-each"));
    }
    heading.extend(
        [
            "cli-optimum-people-each",
            "cli-optimum-clusters",
            "cli-optimum-total",
            "cli-cost",
            "cli-optimum-error",
            "cli-optimum-lost",
        ]
        .map(say),
    );
    let mut lines = vec![heading];
    let mut all: Vec<(bool, Spread)> = vec![(true, found.best)];
    all.extend(found.neighbours.into_iter().map(|one| (false, one)));
    all.sort_by_key(|(_, one)| (one.subclusters, one.people));
    for (best, one) in all {
        let mut line = vec![if best { say("cli-optimum-best") } else { String::new() }];
        if three {
            line.push(number(one.subclusters as f64, 0));
        }
        line.extend([
            number(one.people as f64, 0),
            number(one.clusters as f64, 0),
            number(one.total as f64, 0),
            number(one.cost, 0),
            number(one.standard_error, 4),
            format!("{} %", number(100.0 * one.lost, 1)),
        ]);
        lines.push(line);
    }
    columns(&lines)
}
