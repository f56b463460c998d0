//! What is wrong with data and designs, told by column, row or level with what to do; and no empty figure
//! without a reason beside it.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{CLUSTERED, Written, data, json, refused, sondage, text, written};

/// A design with a small data file beside it.
fn with_data(design: &str, rows: &str) -> (Written, String) {
    let files = written(design);
    let file = files.path("data.csv");
    std::fs::write(&file, rows).expect("written");
    let file = file.display().to_string();
    (files, file)
}

fn told(design: &str, rows: &str, parts: &[&str]) {
    let (files, file) = with_data(design, rows);
    refused(&["estimate", &file, "--design", &files.design, "--mean", "y"], parts);
}

#[test]
fn weights_that_cannot_be_used() {
    told(
        "weight = \"w\"\n",
        "y,w\n1,2\n2,-1\n3,\n",
        &["w, row 2: is -1; it must be 0 or more", "w, row 3: is missing"],
    );
    told(
        "weight = \"w\"\n",
        "y,w\n1,0\n2,0\n",
        &["w: adds up to zero; give some rows a value above zero"],
    );
    told(
        "weight = \"w\"\n",
        "y,w\n1,2\n2,many\n",
        &["w, row 2: “many” is not a number; correct it"],
    );
    told("weight = \"v\"\n", "y,w\n1,2\n", &["v: there is no such column; the columns are y, w"]);
}

#[test]
fn problems_are_told_in_the_chosen_language() {
    let (files, file) = with_data(
        "weight = \"w\"\n[[weighting]]\nstep = \"raking\"\n[weighting.margins]\n\
         sex = { f = 50, m = 50 }\nage = { young = 60, old = 45 }\n",
        "y,sex,age,w\n1,f,young,1\n2,m,old,1.5\n",
    );
    refused(
        &["--language", "vi", "estimate", &file, "--design", &files.design, "--mean", "y"],
        &["sex: các tổng cộng lại là 100, của age là 105; hãy quy về cùng một tổng thể"],
    );
    let (files, file) = with_data("weight = \"w\"\n", "y,w\n1,2\n2,-1.5\n3,\n");
    refused(
        &["--language", "vi", "estimate", &file, "--design", &files.design, "--mean", "y"],
        &["w, dòng 2: là -1,5; giá trị phải từ 0 trở lên", "w, dòng 3: còn thiếu; hãy điền"],
    );
}

#[test]
fn items_are_named_by_their_columns() {
    let (_files, file) = with_data("", "one,two,three\n1,2,2\n2,2,1\n3,2,2\n4,2,1\n");
    refused(
        &["reliability", &file, "--items", "one,two,three"],
        &["two: does not vary in the rows used; leave it out"],
    );
}

#[test]
fn a_stratum_with_one_cluster_is_named() {
    told(
        "[[stages]]\nstrata = \"area\"\nclusters = \"ward\"\n",
        "y,area,ward\n1,north,1\n2,north,2\n3,south,3\n",
        &["area = south: only one cluster was sampled; choose single_psu = \"adjust\""],
    );
    told(
        "[[stages]]\nstrata = \"area\"\nclusters = \"ward\"\n[replicates]\nkind = \"jackknife\"\nmse = true\n",
        "y,area,ward\n1,north,1\n2,north,2\n3,south,3\n",
        &["area = south: only one cluster was sampled"],
    );
}

const PEOPLE: &str = "y,sex,age\n1,f,young\n2,m,old\n3,f,old\n4,m,young\n5,f,young\n";

#[test]
fn targets_that_do_not_fit() {
    told(
        "[[weighting]]\nstep = \"raking\"\n[weighting.margins]\n\
         sex = { f = 50, m = 50 }\nage = { young = 60, old = 45 }\n",
        PEOPLE,
        &["sex: its totals add up to 100, those of age to 105; scale them to the same population"],
    );
    told(
        "[[weighting]]\nstep = \"raking\"\n[weighting.margins]\n\
         sex = { f = 50, m = 30, x = 20 }\n",
        PEOPLE,
        &["sex = x: is not in the data; the levels are f, m"],
    );
    told(
        "[[weighting]]\nstep = \"post_stratification\"\n[weighting.margins]\nsex = { f = 50 }\n",
        PEOPLE,
        &["sex = m: has rows but no target; give its total"],
    );
    told(
        "[[weighting]]\nstep = \"raking\"\nrounds = 3\ntolerance = 1e-12\n[weighting.margins]\n\
         sex = { f = 90, m = 10 }\nage = { young = 10, old = 90 }\n",
        PEOPLE,
        &["% of the target after 3 rounds", " = ", "merge sparse levels"],
    );
}

#[test]
fn calibration_that_has_no_answer() {
    told(
        "[[weighting]]\nstep = \"calibration\"\npopulation = 100.0\n[weighting.totals]\na = 10.0\nb = 20.0\n",
        "y,a,b\n1,1,2\n2,3,6\n3,2,4\n4,5,10\n",
        &["b: follows from (Intercept), a; leave it out"],
    );
    told(
        "[[weighting]]\nstep = \"calibration\"\ndistance = \"logit\"\nlower = 0.9\nupper = 1.1\n\
         population = 40.0\n[weighting.totals]\na = 10.0\n",
        "y,a\n1,1\n2,3\n3,2\n4,5\n",
        &["calibration: does not meet its totals", "widen the limits"],
    );
    told(
        "[[weighting]]\nstep = \"nonresponse\"\nresponded = \"r\"\ncells = \"c\"\n",
        "y,r,c\n1,1,a\n2,0,b\n3,0,b\n",
        &["c = b: nobody answered; merge it with another cell"],
    );
    told(
        "[[weighting]]\nstep = \"propensity\"\nresponded = \"r\"\nterms = [\"x\"]\n",
        "y,r,x\n1,1,1\n2,2,2\n3,,\n",
        &["r: is 2; it must be 0 or 1", "r, row 3: is missing"],
    );
}

#[test]
fn replicate_columns_that_are_not_there() {
    told(
        "[replicates]\nkind = \"given\"\ncolumns = [\"rep_*\"]\nscale = 1.0\nmse = true\n",
        "y,w\n1,2\n2,3\n",
        &["rep_*: no column begins like this; the columns are y, w"],
    );
    told(
        "[replicates]\nkind = \"given\"\ncolumns = [\"r1\", \"r2\"]\nscale = 1.0\nmse = true\n",
        "y,r1\n1,2\n2,3\n",
        &["r2: there is no such column"],
    );
    told(
        "[replicates]\nkind = \"successive_differences\"\ncount = 10\n",
        "y\n1\n2\n3\n",
        &["there is no Hadamard matrix of order 10 here; choose 12"],
    );
    told(
        "[replicates]\nkind = \"balanced_half_samples\"\nmse = true\n[[stages]]\nstrata = \"s\"\n",
        "y,s\n1,a\n2,a\n3,a\n4,b\n5,b\n",
        &["has 3 clusters", "use the jackknife"],
    );
}

#[test]
fn a_column_of_mixed_types_is_named_by_its_rows() {
    told("", "y\n1\n2\nabout 3\n4\n", &["y, row 3: “about 3” is not a number; correct it"]);
}

/// Rows of all sheets whose figure is empty.
fn unexplained(found: &Value) -> Vec<String> {
    let sheets = found.as_object().into_iter().flatten();
    let rows = sheets.filter_map(|(_, sheet)| sheet.as_array()).flatten();
    rows.filter(|row| row.get("value").is_some_and(Value::is_null))
        .filter(|row| row["note"].as_str().is_none_or(str::is_empty))
        .map(ToString::to_string)
        .collect()
}

#[test]
fn no_figure_is_empty_without_a_reason() {
    let (files, file) = with_data("", "y,x,g,c\n1,0,a,p\n2,0,a,p\n3,0,a,q\n,0,b,q\n5,0,c,p\n");
    let found = json(&[
        "estimate",
        &file,
        "--design",
        &files.design,
        "--mean",
        "y",
        "--total",
        "y",
        "--ratio",
        "y/x",
        "--variance",
        "y",
        "--quantile",
        "y",
        "--correlation",
        "y:x",
        "--share",
        "c",
        "--function",
        "y / x",
        "--inequality",
        "y",
        "--by",
        "g",
        "--json",
    ]);
    assert_eq!(unexplained(&found), Vec::<String>::new());
    let contrasts = json(&[
        "estimate",
        &file,
        "--design",
        &files.design,
        "--mean",
        "y",
        "--by",
        "g",
        "--contrasts",
        "--json",
    ]);
    for row in contrasts["contrasts"].as_array().expect("contrasts") {
        assert!(
            !row["p"].is_null() || row["note"].as_str().is_some_and(|note| !note.is_empty()),
            "{row}"
        );
    }
    let table = json(&[
        "tabulate",
        &file,
        "--design",
        &files.design,
        "--rows",
        "c",
        "--means",
        "y",
        "--banner",
        "g",
        "--json",
    ]);
    assert_eq!(unexplained(&table), Vec::<String>::new());
    assert!(
        !text(
            &sondage(&["estimate", &file, "--design", &files.design, "--mean", "y", "--by", "g"])
                .stdout
        )
        .contains("NaN")
    );
}

/// Whatever is asked of a sample without known chances, no printed text calls anything a margin of error
/// or a sampling error without saying that there is none.
#[test]
fn samples_without_chances_have_other_words_everywhere() {
    let design = written("nonprobability = true\nweight = \"w\"\n");
    let file = data("made1.csv");
    let toml = design.design.as_str();
    let with = |arguments: &[&str]| {
        let output = sondage(arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout) + &text(&output.stderr)
    };
    for form in [&[][..], &["--json"][..], &["--csv"][..]] {
        for arguments in [
            vec!["estimate", &file, "--design", toml, "--mean", "hours", "--share", "vote"],
            vec!["tabulate", &file, "--design", toml, "--rows", "vote", "--banner", "sex"],
        ] {
            let told = with(&[&arguments[..], form].concat());
            assert!(told.contains("Nonprobability sample"), "{told}");
            let lower = told.to_lowercase();
            assert!(!lower.contains("margin of error"), "{told}");
            assert!(lower.contains("no margins of sampling error"), "{told}");
            assert_eq!(
                lower.contains("model-based intervals"),
                arguments[0] == "estimate",
                "{told}"
            );
        }
    }
    let weighting = written(
        "nonprobability = true\nweight = \"w\"\n[[weighting]]\nstep = \"raking\"\n\
         [weighting.margins]\nsex = { f = 50, m = 50 }\n",
    );
    let output = weighting.path("out.csv").display().to_string();
    let told = with(&["weight", &file, "--design", &weighting.design, "--output", &output]);
    assert!(told.contains("Nonprobability sample") && !told.contains("margin of error"));
    // A probability sample has no such note.
    let plain = written(CLUSTERED);
    let told = with(&["estimate", &file, "--design", &plain.design, "--mean", "hours"]);
    assert!(!told.contains("Nonprobability"));
}
