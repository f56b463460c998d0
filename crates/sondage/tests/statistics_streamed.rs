//! Tables whose rows are added up as they are read, against those of rows held in memory.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{CLUSTERED, data, json, refused, written};

/// Whether two results are the same to 1e-12.
fn same(one: &Value, other: &Value, place: &str) {
    match (one, other) {
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64().expect("finite"), right.as_f64().expect("finite"));
            let scale = left.abs().max(right.abs()).max(1e-300);
            assert!((left - right).abs() <= 1e-12 * scale, "{place}: {left} and {right}");
        }
        (Value::Array(left), Value::Array(right)) => {
            assert_eq!(left.len(), right.len(), "{place}");
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                same(left, right, &format!("{place}[{index}]"));
            }
        }
        (Value::Object(left), Value::Object(right)) => {
            assert!(left.keys().eq(right.keys()), "{place}");
            for (key, left) in left {
                same(left, &right[key], &format!("{place}.{key}"));
            }
        }
        _ => assert_eq!(one, other, "{place}"),
    }
}

fn compared(file: &str, design: &str, more: &[&str]) {
    let design = written(design);
    let mut arguments = vec!["tabulate", file, "--design", &design.design, "--json"];
    arguments.extend(more);
    let whole = json(&arguments);
    arguments.push("--streamed");
    let streamed = json(&arguments);
    for part in ["cells", "tests"] {
        assert!(whole[part].as_array().is_some_and(|all| !all.is_empty()), "no {part}");
        same(&whole[part], &streamed[part], part);
    }
    assert_eq!(whole["notes"][0], streamed["notes"][0]);
}

#[test]
fn streamed_tables_are_those_of_the_rows() {
    let tables: [&[&str]; 4] = [
        &["--rows", "vote,region", "--banner", "sex,region"],
        &["--rows", "vote", "--banner", "sex", "--means", "hours", "--minimum", "30"],
        &["--rows", "vote", "--banner", "sex", "--share-of", "total", "--interval", "logit"],
        &["--rows", "vote", "--banner", "region", "--degrees-of-freedom", "answered"],
    ];
    for more in tables {
        compared(&data("made1.csv"), CLUSTERED, more);
    }
    let labelled = format!("{CLUSTERED}[labels]\nsex = [[\"m\", \"Men\"], [\"f\", \"Women\"]]\n");
    compared(&data("made1.csv"), &labelled, tables[0]);
}

#[test]
fn files_of_other_programs_are_streamed_with_their_labels() {
    let datasets = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/datasets");
    for name in ["made1.parquet", "made1.sav", "made1.dta"] {
        let more = ["--rows", "region", "--banner", "sex", "--means", "hours"];
        compared(&format!("{datasets}/{name}"), CLUSTERED, &more);
    }
}

#[test]
fn what_needs_the_rows_is_told_at_once() {
    let design = written(
        "weight = \"w\"\n[replicates]\nkind = \"jackknife\"\nmse = true\n[[weighting]]\nstep = \"factor\"\ncolumn = \"Mi\"\n",
    );
    let file = data("made1.csv");
    let arguments = ["tabulate", &file, "--design", &design.design, "--rows", "vote", "--streamed"];
    let parts = [
        "replicates: cannot be worked out from sums",
        "weighting: cannot be worked out",
        "stages: name no clusters",
    ];
    refused(&arguments, &parts);
}

#[test]
fn what_is_wrong_in_the_rows_is_told_with_its_place() {
    let design = written(CLUSTERED);
    let path = design.path("data.csv");
    let rows = "w,stratum,psu_id,vote\n1,1,1,a\n-2,1,2,a\nx,,3,b\n1,2,4,b\n";
    std::fs::write(&path, rows).expect("written");
    let file = path.display().to_string();
    let arguments = ["tabulate", &file, "--design", &design.design, "--rows", "vote", "--streamed"];
    refused(&arguments, &["is -2", "“x” is not a number", "stratum", "is missing"]);
    std::fs::write(&path, "w,stratum,psu_id,vote\n1,1,1,a\n1,1,2,a\n1,north,3,b\n")
        .expect("written");
    refused(&arguments, &["north", "only one cluster was sampled"]);
    let damaged = design.path("damaged.parquet");
    std::fs::write(&damaged, "no Parquet").expect("written");
    let damaged = damaged.display().to_string();
    let unread = ["tabulate", &damaged, "--design", &design.design, "--rows", "vote", "--streamed"];
    refused(&unread, &["damaged.parquet cannot be read or written"]);
    let unknown = ["tabulate", &file, "--design", &design.design, "--rows", "vite", "--streamed"];
    refused(&unknown, &["vite", "there is no such column"]);
}
