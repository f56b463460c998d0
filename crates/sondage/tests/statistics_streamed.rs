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

/// Computed columns, some from others, and response sets of both kinds.
const CODEBOOK: &str = r#"
[[variable]]
name = "top"
computed = "if(hours >= 40, 1, 0)"
[[variable]]
name = "shift"
computed = "if(top = 1, 'long', if(hours >= 20, 'middle', 'short'))"
[[variable]]
name = "twice"
computed = "hours * 2 + top"
[[variable]]
name = "digit"
computed = "if(sex = 'f', '1', '2')"
[[variable]]
name = "after"
computed = "digit + 1"
[[variable]]
name = "works"
computed = "if(hours > 0, 1, 0)"
[[variable]]
name = "unused"
computed = "hours - 1"
[[set]]
name = "busy"
chosen = "1"
variables = ["top", "works"]
[[set]]
name = "all_busy"
chosen = "1"
base = "everybody"
variables = ["top", "works"]
[[set]]
name = "either"
variables = ["sat", "kids"]
"#;

#[test]
fn computed_columns_and_response_sets_are_streamed() {
    let kept = written("");
    let codebook = kept.path("codebook.toml");
    std::fs::write(&codebook, CODEBOOK).expect("written");
    let codebook = codebook.display().to_string();
    let tables: [&[&str]; 5] = [
        &["--rows", "shift,region", "--banner", "digit", "--means", "twice,after"],
        &["--rows", "busy,either", "--banner", "shift,sex"],
        &["--rows", "all_busy,region", "--banner", "sex", "--means", "hours", "--minimum", "30"],
        &["--rows", "either", "--banner", "region", "--degrees-of-freedom", "answered"],
        &["--rows", "busy", "--banner", "shift", "--share-of", "row"],
    ];
    for more in tables {
        let more = [more, &["--codebook", &codebook]].concat();
        compared(&data("made1.csv"), CLUSTERED, &more);
        let parquet = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/datasets/made1.parquet");
        compared(parquet, CLUSTERED, &more);
    }
    // What cannot be computed is told, as it is of rows that are held.
    let unknown = "[[variable]]\nname = \"two\"\ncomputed = \"hors + 1\"\n";
    std::fs::write(&codebook, unknown).expect("written");
    let design = written(CLUSTERED);
    let file = data("made1.csv");
    let asked = ["tabulate", &file, "--design", &design.design, "--rows", "two", "--codebook"];
    refused(
        &[&asked[..], &[&codebook, "--streamed"]].concat(),
        &["hors", "there is no such column"],
    );
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
    refused(&unread, &["damaged.parquet: cannot be read: it is damaged"]);
    let unknown = ["tabulate", &file, "--design", &design.design, "--rows", "vite", "--streamed"];
    refused(&unknown, &["vite", "there is no such column"]);
}
