//! Small data that once came out wrong, with what is right: each folder of `fixtures/cases/statistics`.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{json, near, sondage, text, written};

fn case(name: &str) -> String {
    format!("{}/../../fixtures/cases/statistics/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What a subcommand says of a case's data and design, as JSON.
fn found(command: &str, data: &str, design: &str, more: &[&str]) -> Value {
    let (data, design) = (case(data), case(design));
    let mut arguments = vec![command, &data, "--design", &design, "--json"];
    arguments.extend(more);
    json(&arguments)
}

fn rows<'v>(found: &'v Value, sheet: &str) -> &'v Vec<Value> {
    found[sheet].as_array().expect("a sheet")
}

/// The row that has these entries.
fn row<'v>(found: &'v Value, sheet: &str, entries: &[(&str, &str)]) -> &'v Value {
    let all = rows(found, sheet);
    let wanted = |row: &&Value| entries.iter().all(|(key, value)| row[key] == *value);
    all.iter().find(wanted).expect("a row")
}

fn levels(found: &Value) -> Vec<&str> {
    rows(found, "estimates").iter().filter_map(|row| row["level"].as_str()).collect()
}

fn noted(row: &Value, part: &str) {
    assert!(row["note"].as_str().is_some_and(|note| note.contains(part)), "{part} not in {row}");
}

#[test]
fn numbers_come_before_texts_in_a_total_order() {
    let small =
        found("estimate", "21_panic/small.csv", "21_panic/design.toml", &["--share", "house"]);
    let order = levels(&small);
    let number = |text: &&str| text.parse::<f64>().ok();
    let numbers: Vec<f64> = order.iter().map_while(number).collect();
    assert!(numbers.is_sorted() && !numbers.is_empty());
    assert!(order[numbers.len()..].iter().all(|text| number(text).is_none()));
    for (file, column) in [("d.csv", "q"), ("m.csv", "house")] {
        let file = format!("21_panic/{file}");
        let all = found("estimate", &file, "21_panic/design.toml", &["--share", column]);
        assert!(!levels(&all).is_empty());
    }
    // A column that is not asked for never matters.
    let mean = found("estimate", "21_panic/small.sav", "21_panic/design.toml", &["--mean", "y"]);
    assert_eq!(mean["estimates"][0]["value"], 1.0);
    let kids = found("estimate", "21_mixed/kids.csv", "21_mixed/design.toml", &["--share", "kids"]);
    assert_eq!(levels(&kids), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"]);
}

/// R: `confint(svymean(~y, subset(design, area == "Hill")), df = 0)` has no limits.
#[test]
fn an_area_inside_one_cluster_has_no_error_interval_or_letter() {
    let more = ["--rows", "b", "--means", "y", "--banner", "area", "--unsuppressed"];
    let found = found("tabulate", "26_onepsu/d.csv", "26_onepsu/design.toml", &more);
    for level in ["0", "1", "y"] {
        let hill = row(&found, "cells", &[("level", level), ("column", "Hill")]);
        for key in ["standard_error", "lower", "upper", "above"] {
            assert!(hill[key].is_null(), "{key}: {hill}");
        }
        noted(hill, "everybody lies in one cluster");
    }
    for cell in rows(&found, "cells") {
        assert!(cell["above"].as_str().is_none_or(|above| !above.contains("Hill")), "{cell}");
    }
}

#[test]
fn a_column_of_nobody_or_everybody_is_in_no_test() {
    let more = ["--rows", "q", "--banner", "g", "--unsuppressed"];
    let found = found("tabulate", "25_zero_letter/d.csv", "25_zero_letter/design.toml", &more);
    assert!(rows(&found, "cells").iter().all(|cell| cell["above"].is_null()));
    let none = row(&found, "cells", &[("level", "yes"), ("column", "B")]);
    assert_eq!(none["value"], 0.0);
    assert!(none["standard_error"].is_null() && none["lower"].is_null());
    noted(none, "not compared: base below 30");
}

#[test]
fn rows_of_weight_zero_are_nobody() {
    let more = ["--rows", "y", "--banner", "g", "--minimum", "5"];
    let found = |data: &str| found("tabulate", data, "36_zero/d.toml", &more);
    let (with, without) = (found("36_zero/d.csv"), found("36_zero/drop.csv"));
    for (one, other) in rows(&with, "cells").iter().zip(rows(&without, "cells")) {
        for key in ["rows", "base", "note", "above"] {
            assert_eq!(one[key], other[key], "{key}");
        }
        // Clusters that were drawn count in n/(n − 1): 125/124 and 85/84.
        if let Some(error) = other["standard_error"].as_f64() {
            near(&one["standard_error"], error * (125.0 / 124.0 * 84.0 / 85.0_f64).sqrt());
        }
    }
    let total = row(&with, "cells", &[("level", "0"), ("column", "total")]);
    assert_eq!(total["base"], 85);
    assert!((total["design_effect"].as_f64().expect("an effect") - 1.1).abs() < 0.005);
    assert!(with["notes"][0].as_str().is_some_and(|note| note.starts_with("Design: 85 rows")));
}

#[test]
fn missing_codes_compare_as_numbers_and_unmet_ones_are_told() {
    let more = ["--mean", "inc", "--share", "q"];
    let found = found("estimate", "22_float/d.csv", "22_float/design.toml", &more);
    near(&found["estimates"][0]["value"], 25.0);
    assert_eq!(levels(&found), ["1.0", "2.0"]);
    let notes = found["notes"].to_string();
    assert!(!notes.contains("Missing codes that no value has"), "{notes}");
    assert!(notes.contains("how many rows each took: inc -99.0 (2)"), "{notes}");
    let design = written("missing = [\"-99\", \"9\", \"-77\"]\n");
    let data = case("22_float/d.csv");
    let told = json(&["estimate", &data, "--design", &design.design, "--mean", "inc", "--json"]);
    assert!(told["notes"].to_string().contains("Missing codes that no value has: -77."));
}

#[test]
fn codes_of_one_label_are_told_apart() {
    let found = found("estimate", "24_dup/d.sav", "24_dup/design.toml", &["--share", "q"]);
    assert_eq!(levels(&found), ["Yes (1)", "No", "Yes (3)"]);
}

/// R: `svrepdesign(repweights = "^R[0-9]", scale = 0.5, mse = TRUE)`.
#[test]
fn a_pattern_of_replicates_takes_numbered_columns_alone() {
    let by = |design: &str| found("estimate", "32_rep/d.csv", design, &["--mean", "y"]);
    let (pattern, named) = (by("32_rep/w.toml"), by("32_rep/x.toml"));
    assert_eq!(pattern["estimates"], named["estimates"]);
    let error = pattern["estimates"][0]["standard_error"].as_f64().expect("an error");
    assert!((error - 0.287_587).abs() < 5e-7, "{error}");
}

/// R: `calibrate(design, ~x, c(20, 60))` has weights from −1.142857, and `trimWeights` moves a margin.
#[test]
fn weights_are_told_with_their_signs_and_margins_after_all_steps() {
    let folder = written("");
    let weighted = |design: &str, output: &str| {
        let output = folder.path(output).display().to_string();
        found("weight", "30_cal/d.csv", design, &["--output", &output])
    };
    let negative = weighted("30_cal/neg.toml", "negative.csv");
    let last = &negative["steps"][1];
    near(&last["smallest"], -8.0 / 7.0);
    let (kish, rows) = (last["kish_effect"].as_f64(), last["effective_rows"].as_f64());
    let (kish, rows) = (kish.expect("an effect"), rows.expect("rows"));
    assert!((kish - 2.69).abs() < 0.005 && (kish * rows - 20.0).abs() < 1e-9, "{kish} {rows}");
    assert!(
        negative["notes"].to_string().contains("Warning: 6 of 20 final weights are below zero")
    );
    let trimmed = weighted("30_cal/trim.toml", "trimmed.csv");
    for (level, after) in [("f", 700.0), ("m", 300.0)] {
        let margin = row(&trimmed, "margins", &[("level", level)]);
        near(&margin["after"], after);
        noted(margin, "not met");
    }
}

/// R: `svyciprop(method = "logit")`.
#[test]
fn shares_have_intervals_inside_0_and_1() {
    let one = found("estimate", "16_ci/d.csv", "16_ci/design.toml", &["--share", "y"]);
    let rare = row(&one, "estimates", &[("level", "1")]);
    // Deviation of the logit 1/(39/40 · 1/40) · 0.025, t(39) = 2.022 691.
    let reach = 2.022_690_911_734_728 * 0.025 / (0.025 * 0.975);
    let limit = |sign: f64| 1.0 / (1.0 + (39.0_f64.ln() - sign * reach).exp());
    near(&rare["lower"], limit(-1.0));
    near(&rare["upper"], limit(1.0));
    let two =
        found("estimate", "16b_zero/d.csv", "16b_zero/design.toml", &["--share", "y", "--by", "g"]);
    for share in rows(&one, "estimates").iter().chain(rows(&two, "estimates")) {
        let inside = |key: &str| share[key].as_f64().is_none_or(|it| (0.0..=1.0).contains(&it));
        assert!(inside("lower") && inside("upper"), "{share}");
    }
    let nobody = row(&two, "estimates", &[("level", "1"), ("domain", "g = B")]);
    assert!(nobody["lower"].is_null() && nobody["standard_error"].is_null());
    noted(nobody, "zero or one");
}

#[test]
fn items_are_named_when_they_do_not_vary_or_run_against_the_others() {
    let constant = sondage(&["reliability", &case("10_rel/d.csv"), "--items", "i1,i2,i3,k"]);
    assert!(text(&constant.stderr).contains("k: does not vary"), "{}", text(&constant.stderr));
    let ends = json(&["reliability", &case("10_rel/ends.csv"), "--items", "a,b,c", "--json"]);
    near(&ends["scale"][0]["value"], -2.125);
    assert!(ends["notes"].to_string().contains("Items that run against the others: b."));
    let turned =
        ["reliability", &case("10_rel/ends.csv"), "--items", "a,b,c", "--reverse", "b", "--json"];
    let turned = json(&turned);
    assert!(turned["scale"][0]["value"].as_f64().is_some_and(|alpha| alpha > 0.5));
    assert!(!turned["notes"].to_string().contains("run against"));
}
