//! The design travels: from a list through the draw and the answers to an estimate, with nothing written
//! down by hand. Every standard error is held against one that is worked out here from the record alone,
//! by the formula of its source and in another way than the program's.

// Samples are small, and whole numbers are exact.
#![allow(clippy::cast_precision_loss, clippy::float_cmp)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::Value;

#[path = "support/cases.rs"]
mod cases;
use cases::Folder;

/// Answers of these units: their ids and what the list has of y.
fn answer(folder: &Folder, list: &str, units: &[Unit]) {
    let known = values(folder, list);
    let mut text = "id,y\n".to_owned();
    for unit in units {
        writeln!(text, "{},{}", unit.id, known[&unit.id]).expect("text");
    }
    folder.write("answers.csv", text);
}

/// Value and standard error of a statistic of y from the answers and the sample.
fn estimate(folder: &Folder, statistic: &str, sample: &str) -> (f64, f64) {
    let words = format!("estimate answers.csv --sample {sample} --{statistic} y");
    let found = &folder.json(&words)["estimates"][0];
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key}: {found}"));
    (number("value"), number("standard_error"))
}

/// A drawn unit as its record has it.
#[derive(Clone, Debug)]
struct Unit {
    id: String,
    stratum: String,
    cluster: String,
    weight: f64,
    /// Probability, number drawn and population by stage.
    stages: Vec<(f64, f64, f64)>,
    second: Option<(f64, f64, f64)>,
    hits: usize,
    y: f64,
}

fn units_of(record: &Value, y: &HashMap<String, f64>) -> Vec<Unit> {
    let stage = |stage: &Value| {
        let number = |key: &str| stage[key].as_f64().expect("a number");
        (number("probability"), number("sampled"), number("population"))
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let units = record["units"].as_array().expect("units");
    units
        .iter()
        .map(|unit| Unit {
            id: text(&unit["unit"]),
            stratum: text(&unit["stratum"]),
            cluster: text(&unit["cluster"]),
            weight: unit["weight"].as_f64().expect("a weight"),
            stages: unit["stages"].as_array().expect("stages").iter().map(stage).collect(),
            second: unit.get("second_phase").map(stage),
            hits: unit["came"].as_array().map_or(1, Vec::len),
            y: y[unit["unit"].as_str().expect("an id")],
        })
        .collect()
}

fn values(folder: &Folder, list: &str) -> HashMap<String, f64> {
    let number = |text: &String| text.parse().expect("a number");
    folder.rows(list).iter().map(|row| (row["id"].clone(), number(&row["y"]))).collect()
}

fn grouped(units: &[Unit], key: impl Fn(&Unit) -> String) -> BTreeMap<String, Vec<&Unit>> {
    let mut groups: BTreeMap<String, Vec<&Unit>> = BTreeMap::new();
    for unit in units {
        groups.entry(key(unit)).or_default().push(unit);
    }
    groups
}

/// The variance of values, with n − 1.
fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let sum: f64 = values.iter().sum();
    (squares - sum * sum / n) / (n - 1.0)
}

fn near(found: f64, expected: f64) {
    let gap = (found - expected).abs();
    assert!(gap <= 1e-9 * expected.abs().max(1e-9), "{found} is not {expected}");
}

/// As published: to the last digit that is given.
fn rounds_to(found: f64, expected: f64, digits: f64) {
    assert!((found - expected).abs() <= digits / 2.0, "{found} is not {expected}");
}

/// Scores of a mean: the weight times what a value adds to Σwy/Σw.
fn scores(units: &[Unit]) -> HashMap<String, f64> {
    let weight: f64 = units.iter().map(|unit| unit.weight).sum();
    let mean = units.iter().map(|unit| unit.weight * unit.y).sum::<f64>() / weight;
    units.iter().map(|unit| (unit.id.clone(), unit.weight * (unit.y - mean) / weight)).collect()
}

/// Σ N²(1 − n/N)s²/n over strata (Cochran 1977, eq. 5.32).
fn stratified(units: &[Unit], value: impl Fn(&Unit) -> f64) -> f64 {
    grouped(units, |unit| unit.stratum.clone())
        .values()
        .map(|own| {
            let values: Vec<f64> = own.iter().map(|unit| value(unit)).collect();
            let (n, population) = (values.len() as f64, own[0].stages[0].2);
            population * population * (1.0 - n / population) * spread(&values) / n
        })
        .sum()
}

#[test]
fn a_large_share_of_strata_brings_its_finite_population() {
    let folder = Folder::with(&["01_design/firms.csv", "01_design/firms.toml"]);
    folder.works("sample draw firms.csv firms.toml --seed 4 --output s.json");
    let units = units_of(&folder.record("s.json"), &values(&folder, "firms.csv"));
    answer(&folder, "firms.csv", &units);
    let (total, error) = estimate(&folder, "total", "s.json");
    rounds_to(total, 28_028.4, 0.1);
    rounds_to(error, 1_468.8, 0.1);
    near(error, stratified(&units, |unit| unit.y).sqrt());
    // Who did not answer makes the sample smaller: 100 of the 240, as if no more had been drawn.
    let some: Vec<Unit> = units.iter().filter(|unit| unit.id.as_str() < "f150").cloned().collect();
    answer(&folder, "firms.csv", &some);
    let (_, error) = estimate(&folder, "mean", "s.json");
    let scores = scores(&some);
    // The scores have the weights in them already.
    let own: f64 = grouped(&some, |unit| unit.stratum.clone())
        .values()
        .map(|own| {
            let values: Vec<f64> = own.iter().map(|unit| scores[&unit.id]).collect();
            let n = values.len() as f64;
            (1.0 - n / own[0].stages[0].2) * n * spread(&values)
        })
        .sum();
    near(error, own.sqrt());
}

/// n/(n − 1) Σ(1 − π)(z − z̄)² (Brewer 2002, ch. 9).
fn brewer(members: &[(f64, f64)]) -> f64 {
    let n = members.len() as f64;
    let mean = members.iter().map(|(_, z)| z).sum::<f64>() / n;
    members.iter().map(|(p, z)| (1.0 - p) * (z - mean).powi(2)).sum::<f64>() * n / (n - 1.0)
}

/// Two stages with certain clusters apart: schools by chance by Brewer, with what their pupils add times
/// their probability; certain schools with what their pupils add alone.
fn two_stages(units: &[Unit], z: impl Fn(&Unit) -> f64) -> f64 {
    let mut sum = 0.0;
    for own in grouped(units, |unit| unit.stratum.clone()).into_values() {
        let own: Vec<Unit> = own.into_iter().cloned().collect();
        let mut open = Vec::new();
        for pupils in grouped(&own, |unit| unit.cluster.clone()).into_values() {
            let probability = pupils[0].stages[0].0;
            let inside: Vec<(f64, f64)> =
                pupils.iter().map(|unit| (unit.stages[1].0, z(unit))).collect();
            if probability < 1.0 {
                open.push((probability, inside.iter().map(|(_, z)| z).sum()));
            }
            sum += probability * brewer(&inside);
        }
        sum += brewer(&open);
    }
    sum
}

#[test]
fn certain_clusters_are_strata_of_their_own() {
    let folder = Folder::with(&["01_design/pop.csv", "01_design/plan.toml"]);
    folder.works("sample draw pop.csv plan.toml --seed 9 --output s.json");
    let units = units_of(&folder.record("s.json"), &values(&folder, "pop.csv"));
    assert!(units.iter().any(|unit| unit.stages[0].0 >= 1.0));
    answer(&folder, "pop.csv", &units);
    let (mean, of_mean) = estimate(&folder, "mean", "s.json");
    rounds_to(mean, 51.53, 0.01);
    rounds_to(of_mean, 0.5955, 0.0001);
    let own = scores(&units);
    near(of_mean, two_stages(&units, |unit| own[&unit.id]).sqrt());
    let (_, of_total) = estimate(&folder, "total", "s.json");
    rounds_to(of_total, 1_465.0, 1.0);
    near(of_total, two_stages(&units, |unit| unit.weight * unit.y).sqrt());
    // In certain schools it is the pupils that were drawn first.
    let counted = "estimate answers.csv --sample s.json --mean y --degrees-of-freedom answered";
    let found = folder.json(counted);
    let schools = grouped(&units, |unit| unit.cluster.clone());
    let degrees: usize =
        schools.values().map(|own| if own[0].stages[0].0 >= 1.0 { own.len() - 1 } else { 1 }).sum();
    let strata = grouped(&units, |unit| unit.stratum.clone()).len();
    assert_eq!(found["estimates"][0]["degrees_of_freedom"], (degrees - strata) as f64, "{found}");
}

#[test]
fn joint_probabilities_of_the_record_are_used() {
    let folder = Folder::with(&["01_design/firms.csv", "01_design/firmspps.toml"]);
    folder.works("sample draw firms.csv firmspps.toml --seed 4 --output s.json");
    let record = folder.record("s.json");
    let units = units_of(&record, &values(&folder, "firms.csv"));
    answer(&folder, "firms.csv", &units);
    let (_, error) = estimate(&folder, "total", "s.json");
    rounds_to(error, 412.07, 0.01);
    // −½ ΣΣ (1 − πᵢπⱼ/πᵢⱼ)(yᵢ/πᵢ − yⱼ/πⱼ)² (Yates and Grundy 1953), every pair.
    let by_id: HashMap<&str, &Unit> = units.iter().map(|unit| (unit.id.as_str(), unit)).collect();
    let mut sum = 0.0;
    for part in record["joint"].as_array().expect("joint probabilities") {
        let members: Vec<&Unit> = (part["members"].as_array().expect("members").iter())
            .map(|name| by_id[name.as_str().expect("a name")])
            .collect();
        for (one, row) in members.iter().zip(part["matrix"].as_array().expect("a matrix")) {
            for (other, both) in members.iter().zip(row.as_array().expect("a row")) {
                let (p, q) = (one.stages[0].0, other.stages[0].0);
                let gap = one.y / p - other.y / q;
                sum -= 0.5 * (1.0 - p * q / both.as_f64().expect("a number")) * gap * gap;
            }
        }
    }
    near(error, sum.sqrt());
}

#[test]
fn a_second_phase_has_the_weights_of_both() {
    let folder = Folder::with(&["01_design/firms.csv", "03_phases/two.toml"]);
    let expected = folder.json("sample plan firms.csv two.toml");
    assert_eq!(expected["expected"]["all"]["cases"], 30.0, "{expected}");
    folder.works("sample draw firms.csv two.toml --seed 5 --output s.json --units u.csv");
    let units = units_of(&folder.record("s.json"), &values(&folder, "firms.csv"));
    let second: Vec<Unit> = units.iter().filter(|unit| unit.second.is_some()).cloned().collect();
    assert_eq!((units.len(), second.len()), (120, 30));
    let mut sum = 0.0;
    for row in folder.rows("u.csv") {
        let unit = units.iter().find(|unit| unit.id == row["unit"]).expect("a unit");
        match unit.second {
            Some((p, ..)) => {
                let weight: f64 = row["weight"].parse().expect("a weight");
                near(weight, 1.0 / (unit.stages[0].0 * p));
                sum += weight;
            }
            None => assert_eq!((row["weight"].as_str(), row["phase"].as_str()), ("", "1")),
        }
    }
    // Both phases are in the same strata, so this is exact.
    near(sum, 400.0);
    // A simple sample of a simple sample is one: Σ N²(1 − n/N)s²/n with n of the second phase.
    answer(&folder, "firms.csv", &second);
    let (total, error) = estimate(&folder, "total", "s.json");
    let weight = |unit: &Unit| unit.weight / unit.second.expect("a phase").0;
    near(total, second.iter().map(|unit| weight(unit) * unit.y).sum());
    near(error, stratified(&second, |unit| unit.y).sqrt());
    // Answers of the first phase are there without a weight.
    answer(&folder, "firms.csv", &units);
    let told = folder.works("estimate answers.csv --sample s.json --total y");
    assert!(told.contains("90 rows are of units outside the second phase"), "{told}");
    near(estimate(&folder, "total", "s.json").1, error);
}

#[test]
fn strata_of_a_second_phase_share_their_variance_with_the_first() {
    // Double sampling for stratification: 120 of 400 by chance, then 36 in the strata found.
    let folder = Folder::with(&["01_design/firms.csv"]);
    folder.write(
        "two.toml",
        "[frame]\nunit = \"id\"\nlabels = [\"branch\"]\n[[stages]]\nunits = \"units\"\nmethod = \
         \"simple\"\namount = { allocated = { total = 120, share = \"equal\" } }\n[second_phase]\nunits = \
         \"units\"\nmethod = \"simple\"\nstrata = [\"branch\"]\namount = { each = { count = 12 } }\n",
    );
    folder.works("sample draw firms.csv two.toml --seed 8 --output s.json");
    let units = units_of(&folder.record("s.json"), &values(&folder, "firms.csv"));
    let second: Vec<Unit> = units.iter().filter(|unit| unit.second.is_some()).cloned().collect();
    answer(&folder, "firms.csv", &second);
    let (total, error) = estimate(&folder, "total", "s.json");
    // Rao (1973); Särndal, Swensson and Wretman (1992), eq. 9.4.14.
    let branch: HashMap<String, String> = (folder.rows("firms.csv").into_iter())
        .map(|row| (row["id"].clone(), row["branch"].clone()))
        .collect();
    let (first, population) = (units.len() as f64, 400.0);
    let groups = grouped(&second, |unit| branch[&unit.id].clone());
    let parts: Vec<(f64, f64, f64, f64)> = (groups.values())
        .map(|own| {
            let values: Vec<f64> = own.iter().map(|unit| unit.y).collect();
            let n = values.len() as f64;
            let drawn = own[0].second.expect("a phase").2;
            (drawn, n, values.iter().sum::<f64>() / n, spread(&values))
        })
        .collect();
    let mean: f64 = parts.iter().map(|(drawn, _, mean, _)| drawn / first * mean).sum();
    let variance: f64 = (parts.iter())
        .map(|(drawn, n, own, spread)| {
            let share = drawn / first;
            let inside = (population - 1.0) / population
                * ((drawn - 1.0) / (first - 1.0) - (n - 1.0) / (population - 1.0))
                * share
                * spread
                / n;
            let between = (population - first) / (population * (first - 1.0));
            inside + between * share * (own - mean).powi(2)
        })
        .sum();
    near(total, population * mean);
    near(error, population * variance.sqrt());
}

#[test]
fn draws_with_replacement_count_their_hits() {
    let folder = Folder::with(&["01_design/firms.csv", "older/replacement.toml"]);
    folder.works("sample draw firms.csv replacement.toml --seed 5 --output s.json --units u.csv");
    let units = units_of(&folder.record("s.json"), &values(&folder, "firms.csv"));
    let hits: usize = units.iter().map(|unit| unit.hits).sum();
    assert_eq!(hits, 90);
    assert!(units.iter().any(|unit| unit.hits > 1));
    let rows = folder.rows("u.csv");
    assert_eq!(rows.len(), units.len());
    let sum = |key: &str| -> f64 {
        rows.iter().map(|row| row[key].parse::<f64>().expect("a number")).sum()
    };
    near(sum("hits"), 90.0);
    near(sum("weight"), 400.0);
    answer(&folder, "firms.csv", &units);
    let (total, error) = estimate(&folder, "total", "s.json");
    // Σ over strata of Σ(y/p − Ŷ)²/(n(n − 1)) over the draws (Hansen and Hurwitz 1943).
    let (mut value, mut variance) = (0.0, 0.0);
    for own in grouped(&units, |unit| unit.stratum.clone()).into_values() {
        let draws: Vec<f64> = (own.iter())
            .flat_map(|unit| {
                let chance = 1.0 / unit.stages[0].2;
                std::iter::repeat_n(unit.y / chance, unit.hits)
            })
            .collect();
        value += draws.iter().sum::<f64>() / draws.len() as f64;
        variance += spread(&draws) / draws.len() as f64;
    }
    near(total, value);
    near(error, variance.sqrt());
}

#[test]
fn ids_that_do_not_fit_are_told_with_counts_and_first_places() {
    let folder = Folder::with(&["01_design/firms.csv", "01_design/firms.toml"]);
    folder.works("sample draw firms.csv firms.toml --seed 4 --output s.json");
    let units = units_of(&folder.record("s.json"), &values(&folder, "firms.csv"));
    let [one, two] = [&units[0].id, &units[1].id];
    folder.write("answers.csv", format!("id,y\n{one},1\nx1,2\n{two},3\n{one},4\n,5\nx2,6\n"));
    let told = folder.refuses("estimate answers.csv --sample s.json --mean y");
    assert!(told.contains("2 IDs are not in the sample: x1, x2"), "{told}");
    assert!(told.contains(&format!("an ID that is in another row too: {one}")), "{told}");
    assert!(told.contains("1 rows have no ID: rows 5"), "{told}");
    let told = folder.refuses("estimate answers.csv --sample s.json --mean y --id unit");
    assert!(told.contains("unit") && told.contains("id, y"), "{told}");
    answer(&folder, "firms.csv", &units[..units.len() - 5]);
    let told = folder.works("estimate answers.csv --sample s.json --mean y");
    assert!(told.contains("235 of 240 units in the field have a row"), "{told}");
    assert!(told.contains("Without a row: 5 ("), "{told}");
    // What the record says is not said again.
    folder.write("d.toml", "weight = \"y\"\nnest = true\n[[stages]]\nclusters = \"id\"\n");
    let told = folder.refuses("estimate answers.csv --sample s.json --design d.toml --mean y");
    assert_eq!(told.matches("the sampling record says this").count(), 3, "{told}");
    // What is added is.
    folder
        .write("d.toml", "[[weighting]]\nstep = \"calibration\"\n[weighting.totals]\ny = 30000\n");
    let words = "estimate answers.csv --sample s.json --design d.toml --total y";
    near(folder.json(words)["estimates"][0]["value"].as_f64().expect("a value"), 30_000.0);
    let more = |(place, unit): (usize, &Unit)| {
        format!("{},{},{},{}\n", unit.id, unit.y, place % 7, place % 5)
    };
    let rows: String = units.iter().enumerate().map(more).collect();
    folder.write("answers.csv", format!("id,y,y2,y3\n{rows}"));
    for command in [
        "tabulate answers.csv --sample s.json --rows y2 --unsuppressed",
        "weight answers.csv --sample s.json --output w.csv",
        "reliability answers.csv --sample s.json --items y,y2,y3 --weighted",
        "quality answers.csv --sample s.json --items y",
    ] {
        folder.works(command);
    }
    assert!(folder.text("w.csv").contains("weight_base"));
    folder.refuses("tabulate answers.csv --sample s.json --rows y2 --streamed");
}
