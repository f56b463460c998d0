//! Statistics of data files from the command line, against R's `survey` 4.4 on the same file.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{CLUSTERED, data, json, near, refused, sondage, text, written};

/// R: `svyby(~hours, ~sex, svymean, na.rm = TRUE)`.
#[test]
fn means_by_domain_are_those_of_r() {
    let design = written(CLUSTERED);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let arguments =
        ["estimate", &file, "--design", toml, "--mean", "hours", "--by", "sex", "--json"];
    let found = json(&arguments);
    let expected =
        [(33.371_766_967_272_5, 1.729_136_578_559_1), (33.029_813_243_494, 2.001_743_816_460_16)];
    for (place, (value, error)) in expected.into_iter().enumerate() {
        let line = &found["estimates"][place];
        near(&line["value"], value);
        near(&line["standard_error"], error);
        assert_eq!(line["degrees_of_freedom"], 26.0);
    }
    let contrasts: Vec<&str> = arguments.into_iter().chain(["--contrasts"]).collect();
    let found = json(&contrasts);
    // √(V₁ + V₂ − 2C) of svyby's joint covariance.
    let error =
        (2.989_913_307_311_06 + 4.006_978_306_736_49 + 2.0 * 0.634_834_654_831_28_f64).sqrt();
    near(&found["contrasts"][0]["standard_error"], error);
}

/// R: `svymean(~hours, as.svrepdesign(design, type = "JKn"), na.rm = TRUE)`.
#[test]
fn replicates_made_here_are_those_of_r() {
    let made = format!("{CLUSTERED}[replicates]\nkind = \"jackknife\"\nmse = false\n");
    let design = written(&made);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let found = json(&["estimate", &file, "--design", toml, "--mean", "hours", "--json"]);
    near(&found["estimates"][0]["value"], 33.196_028_352_698_9);
    near(&found["estimates"][0]["standard_error"], 1.213_403_929_456_3);
}

/// Replicate weights that come with the data: two half-samples, by hand.
#[test]
fn replicates_in_columns_are_found_by_their_beginning() {
    let design = written(
        "weight = \"w\"\n[replicates]\nkind = \"given\"\ncolumns = [\"R*\"]\nscale = 0.5\nmse = true\n",
    );
    let file = design.path("data.csv");
    std::fs::write(&file, "y,w,R1,R2\n1,1,2,0\n4,1,0,2\n").expect("written");
    let file = file.display().to_string();
    let found = json(&["estimate", &file, "--design", &design.design, "--total", "y", "--json"]);
    let one = &found["estimates"][0];
    near(&one["value"], 5.0);
    // Replicates 2 and 8: √((9 + 9)/2).
    near(&one["standard_error"], 3.0);
    assert_eq!(one["degrees_of_freedom"], 1.0);
}

/// R: `svyciprop(~I(smoke == "1"), design, method = "logit")`, which iterates to 1e-6.
#[test]
fn intervals_of_shares_have_methods_by_name() {
    let design = written(CLUSTERED);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let found = json(&[
        "estimate",
        &file,
        "--design",
        toml,
        "--share",
        "smoke",
        "--interval",
        "logit",
        "--degrees-of-freedom",
        "answered",
        "--json",
    ]);
    let one = &found["estimates"][1];
    assert_eq!(one["level"], "1");
    for (key, expected) in [("lower", 0.151_927_065_839_886), ("upper", 0.283_049_661_637_588)] {
        let limit = one[key].as_f64().expect("a limit");
        assert!((limit - expected).abs() < 1e-6 * expected, "{key} {limit}");
    }
}

/// R: `svychisq(~vote + sex, design, statistic = "F")`, and the shares of a table.
#[test]
fn tables_come_with_the_test_of_rao_and_scott() {
    let design = written(CLUSTERED);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let found =
        json(&["tabulate", &file, "--design", toml, "--rows", "vote", "--banner", "sex", "--json"]);
    near(&found["tests"][0]["rao_scott_f"], 0.687_441_673_904_301);
    near(&found["tests"][0]["p"], 0.546_293_569_075_061);
    near(&found["cells"][1]["value"], 0.311_640_219_518_323);
    assert_eq!(found["cells"][1]["rows"], 48);
    // Too uncertain to be shown: no figure, and the reason beside it.
    let hidden = &found["cells"][11];
    assert!(hidden["value"].is_null() && hidden["note"].as_str().is_some(), "{hidden}");
}

const RAKED: &str = "[[weighting]]
step = \"raking\"
[weighting.margins]
sex = { f = 20000, m = 18000 }
region = { east = 10000, north = 9000, south = 11000, west = 8000 }
";

/// R: `rake(design, list(~sex, ~region), …)` to 1e-12, then `svymean(~spend)`.
#[test]
fn weighting_meets_its_margins_and_the_variance_knows() {
    let design = written(&format!("{CLUSTERED}{RAKED}"));
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let found = json(&["estimate", &file, "--design", toml, "--mean", "spend", "--json"]);
    near(&found["estimates"][0]["value"], 73.200_437_191_988);
    near(&found["estimates"][0]["standard_error"], 4.912_707_930_554);

    let output = design.path("weighted.csv").display().to_string();
    let found = json(&["weight", &file, "--design", toml, "--output", &output, "--json"]);
    near(&found["steps"][1]["sum"], 38_000.0);
    near(&found["margins"][0]["after"], 10_000.0);
    let mut reader = csv::Reader::from_path(&output).expect("a file");
    let heading = reader.headers().expect("a heading").clone();
    let place = |name: &str| heading.iter().position(|own| own == name).expect("a column");
    let places = ["weight_base", "factor_1_raking", "weight_final"].map(place);
    let mut sum = 0.0;
    for record in reader.records() {
        let record = record.expect("a row");
        let [base, factor, last] =
            places.map(|place| record[place].parse::<f64>().expect("a number"));
        assert!((base * factor - last).abs() < 1e-9 * last);
        sum += last;
    }
    assert!((sum - 38_000.0).abs() < 1e-6, "{sum}");
}

/// Psych's splits, Feldt's interval and kappa are checked in the library; here: that they arrive.
#[test]
fn reliability_of_items_and_of_coders() {
    let file = data("bank1.csv");
    let items = "i1,i2,i3,i4,i5,i6";
    let found = json(&["reliability", &file, "--items", items, "--listwise", "--json"]);
    // From correlations, as psych's omega reports it.
    near(&found["scale"][2]["value"], 0.730_176_496_533_548);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(6));
    let found = json(&["reliability", &data("coders1.csv"), "--coders", "c1,c2", "--json"]);
    assert_eq!(found["agreement"][0]["coefficient"], "Cohen's kappa");
    near(&found["agreement"][0]["value"], 0.489_668_428_640_077);
}

#[test]
fn samples_without_chances_never_speak_of_sampling_error_alone() {
    let design = written("nonprobability = true\nweight = \"w\"\n");
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let output = sondage(&["estimate", &file, "--design", toml, "--mean", "hours"]);
    let told = text(&output.stdout);
    assert!(told.contains("Nonprobability sample: intervals are model-based"), "{told}");
}

#[test]
fn every_problem_of_data_and_design_is_told_at_once() {
    let design = written(
        "weight = \"vote\"\n[[stages]]\nstrata = \"ward\"\nclusters = \"psu_id\"\n\
         [[weighting]]\nstep = \"raking\"\n[weighting.margins]\nsex = { f = 1, x = 2 }\n",
    );
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    refused(
        &["estimate", &file, "--design", toml, "--mean", "hours"],
        &[
            "vote, row 1: “A” is not a number; correct it",
            "ward: there is no such column; the columns are id, stratum",
            "sex = x: is not in the data; the levels are f, m",
            "sex = m: has rows but no target",
        ],
    );
}

#[test]
fn strata_with_one_cluster_unknown_keys_and_lost_files_are_refused() {
    let design = written(CLUSTERED);
    let toml = design.design.as_str();
    let lonely = data("made1_lonely.csv");
    refused(
        &["estimate", &lonely, "--design", toml, "--mean", "hours"],
        &["stratum = ", "only one cluster was sampled; choose single_psu"],
    );
    let unknown = written("wieght = \"w\"\n");
    refused(
        &["estimate", &lonely, "--design", &unknown.design, "--mean", "hours"],
        &["unknown field `wieght`"],
    );
    refused(&["estimate", "none.csv", "--design", toml, "--mean", "hours"], &["none.csv"]);
    refused(
        &["estimate", &lonely, "--design", toml],
        &["nothing is asked for; give one of --mean"],
    );
}

/// What has no estimate says why, beside the empty figure.
#[test]
fn a_domain_without_values_has_a_reason() {
    let design = written("");
    let file = design.path("data.csv");
    std::fs::write(&file, "y,g\n1,a\n2,a\n,b\n").expect("written");
    let file = file.display().to_string();
    let found = json(&[
        "estimate",
        &file,
        "--design",
        &design.design,
        "--mean",
        "y",
        "--by",
        "g",
        "--json",
    ]);
    assert!(found["estimates"][1]["value"].is_null());
    assert_eq!(
        found["estimates"][1]["note"],
        "group: nobody has a known value and a weight above zero; \
         choose a larger group or another variable"
    );
}

/// Ten interviews: one too fast, one a straight line, one copied, one half empty, a telephone twice.
const CARELESS: &str = "id,seconds,who,area,tel,a,b,c,d,e,f\n\
    r1,600,x,n,0912 345 678,1,4,2,5,3,1\n\
    r2,610,x,n,+84912345678,2,4,1,5,2,3\n\
    r3,120,x,n,0900000003,5,1,4,2,1,4\n\
    r4,640,y,n,0900000004,3,3,3,3,3,3\n\
    r5,590,y,n,0900000005,1,4,2,5,3,1\n\
    r6,700,y,s,0900000006,1,4,2,5,3,1\n\
    r7,650,y,s,0900000007,4,,,,2,5\n\
    r8,580,x,s,,2,5,3,1,4,2\n\
    r9,620,y,s,,5,2,5,1,5,4\n\
    r10,615,x,s,,4,1,2,4,1,5\n";

#[test]
fn careless_rows_are_flagged_and_stay() {
    let files = written("missing = []\n");
    let data = files.path("data.csv").display().to_string();
    std::fs::write(&data, CARELESS).expect("written");
    let ask = |more: &[&str]| {
        let mut arguments = vec!["quality", &data, "--id", "id", "--time", "seconds"];
        arguments.extend(["--battery", "a,b,c,d,e,f", "--contact", "tel"]);
        arguments.extend(more);
        json(&[&arguments[..], &["--json"]].concat())
    };
    let found = ask(&["--stratum", "area", "--interviewer", "who"]);
    let flags: Vec<(String, String)> = found["flags"]
        .as_array()
        .expect("flags")
        .iter()
        .map(|flag| {
            let part = |name: &str| flag[name].as_str().unwrap_or_default().to_owned();
            (part("id"), part("check"))
        })
        .collect();
    let expected = [
        ("r1", "percent_match"),
        ("r1", "duplicate_contact"),
        ("r2", "duplicate_contact"),
        ("r3", "short_time"),
        ("r4", "straight_line"),
        ("r4", "longest_run"),
        ("r5", "percent_match"),
        ("r7", "item_nonresponse"),
    ];
    let told: Vec<(&str, &str)> = flags.iter().map(|(id, check)| (&**id, &**check)).collect();
    assert_eq!(told, expected, "{found}");
    assert_eq!(found["flags"][3]["row"], 3);
    near(&found["flags"][3]["value"], 120.0 / 612.5);
    assert_eq!(found["interviewers"].as_array().map(Vec::len), Some(6));
    assert_eq!(found["checks"][0]["rows"], 10);
    // Without strata the copy in the other area is one, too.
    let found = ask(&[]);
    let matched = found["checks"].as_array().expect("checks").iter();
    let matched: Vec<&Value> = matched.filter(|one| one["check"] == "percent_match").collect();
    assert_eq!(matched[0]["flagged"], 3);
    let csv = sondage(&["quality", &data, "--time", "seconds", "--csv"]);
    assert!(
        text(&csv.stdout)
            .starts_with("check,rows,flagged,share,threshold\nshort_time,10,1,0.1,0.5\n")
    );
}

#[test]
fn quality_tells_what_it_cannot_look_at() {
    let files = written("missing = []\n");
    let data = files.path("data.csv").display().to_string();
    std::fs::write(&data, CARELESS).expect("written");
    refused(&["quality", &data], &["nothing is asked for"]);
    refused(
        &["quality", &data, "--time", "when", "--battery", "a,z", "--contact", "mail"],
        &["when", "z", "mail"],
    );
    refused(&["quality", &data, "--time", "seconds", "--fast", "2"], &["above 0 and below 1"]);
    refused(&["quality", &data, "--battery", "a,b"], &["at least 3 needed"]);
    refused(&["quality", &data, "--time", "who"], &["is not a number"]);
}

#[test]
fn workbooks_and_other_separators_are_read_too() {
    let files = written(CLUSTERED);
    let csv = std::fs::read_to_string(data("made1.csv")).expect("a fixture");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let tabs = files.path("data.tsv");
    let text: Vec<String> = rows.iter().map(|row| row.join("\t")).collect();
    std::fs::write(&tabs, text.join("\n")).expect("written");
    let book = files.path("data.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (number, row) in (0..).zip(&rows) {
        for (column, cell) in (0..).zip(row) {
            let cell = cell.trim_matches('"');
            match cell.parse::<f64>() {
                Ok(value) => sheet.write_number(number, column, value).expect("a cell"),
                Err(_) => sheet.write_string(number, column, cell).expect("a cell"),
            };
        }
    }
    workbook.save(&book).expect("saved");
    let ask = |data: &str| {
        json(&["estimate", data, "--design", &files.design, "--mean", "hours", "--json"])
    };
    let expected = ask(&data("made1.csv"));
    assert_eq!(ask(&tabs.display().to_string()), expected);
    assert_eq!(ask(&book.display().to_string()), expected);
    let damaged = files.path("data.parquet");
    std::fs::write(&damaged, "no Parquet").expect("written");
    refused(
        &["estimate", &damaged.display().to_string(), "--design", &files.design, "--mean", "hours"],
        &["data.parquet: cannot be read: it is damaged"],
    );
}

/// A file of another program's making (see `make.py` beside them).
fn dataset(name: &str) -> String {
    format!("{}/../../fixtures/datasets/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn files_of_spss_stata_and_parquet_say_what_the_csv_says() {
    let files = written(CLUSTERED);
    let ask = |name: &str| {
        let file = dataset(name);
        let means = ["--mean", "hours,age", "--quantile", "kids", "--by", "region", "--json"];
        json(&[&["estimate", &file, "--design", &files.design][..], &means].concat())
    };
    let expected = ask("made1.csv");
    for name in ["made1.sav", "made1.zsav", "made1.dta", "made1.parquet"] {
        assert_eq!(ask(name), expected, "{name}");
    }
    // Labels of values are those of the file; a value without one keeps itself, and what SPSS calls
    // missing is missing.
    let shares = |name: &str| {
        let asked =
            ["estimate", &dataset(name), "--design", &files.design, "--share", "sat", "--json"];
        let found = json(&asked);
        let rows = found["estimates"].as_array().expect("estimates").clone();
        rows.iter()
            .map(|row| row["level"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for name in ["made1.sav", "made1.dta"] {
        assert_eq!(shares(name), ["Rất không hài lòng", "2", "3", "4", "Rất hài lòng"], "{name}");
    }
    for (name, bytes) in
        [("x.sav", b"$FL2@(#) no".as_slice()), ("x.dta", b"<stata_dta>"), ("y.sav", b"")]
    {
        let path = files.path(name);
        std::fs::write(&path, bytes).expect("written");
        let path = path.display().to_string();
        let output = sondage(&["estimate", &path, "--design", &files.design, "--mean", "hours"]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", text(&output.stderr));
    }
}
