//! What analysts ask for first: counts of levels, tables across, tests of means, and targets as they stand in a
//! yearbook (percentages, labels, crossed). Each figure is worked out here once more.

#[path = "support/statistics.rs"]
mod statistics;

use serde_json::Value;
use statistics::{Written, json, near, refused, sondage, text, written};

/// Weight, sex, age, area and hours of sixteen people.
const ROWS: [(f64, &str, &str, &str, f64); 16] = [
    (10.0, "f", "young", "a", 40.0),
    (12.0, "m", "young", "b", 38.0),
    (9.0, "f", "old", "c", 20.0),
    (11.0, "m", "old", "a", 24.0),
    (10.0, "f", "young", "b", 36.0),
    (8.0, "m", "young", "c", 44.0),
    (14.0, "f", "old", "a", 10.0),
    (10.0, "m", "old", "b", 31.0),
    (12.0, "f", "young", "c", 41.0),
    (9.0, "m", "old", "a", 18.0),
    (10.0, "f", "old", "b", 26.0),
    (11.0, "m", "young", "c", 47.0),
    (13.0, "f", "young", "a", 35.0),
    (7.0, "m", "young", "b", 39.0),
    (10.0, "f", "old", "c", 22.0),
    (9.0, "m", "old", "a", 15.0),
];

const LABELS: &str = "[labels]\nsex = [[\"f\", \"Women\"], [\"m\", \"Men\"]]\n";

fn study(design: &str) -> (Written, String) {
    let files = written(&format!("weight = \"w\"\n{design}"));
    let mut csv = String::from("w,sex,age,area,hours,cell\n");
    for (w, sex, age, area, hours) in ROWS {
        csv += &format!("{w},{sex},{age},{area},{hours},{sex}-{age}\n");
    }
    let data = files.path("d.csv");
    std::fs::write(&data, csv).expect("written");
    (files, data.display().to_string())
}

/// n/(n − 1) Σ(z − z̄)²: the variance of a sum of independent rows.
#[expect(clippy::cast_precision_loss, reason = "sixteen rows")]
fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    n / (n - 1.0) * values.iter().map(|z| (z - mean).powi(2)).sum::<f64>()
}

fn of<'v>(found: &'v Value, sheet: &str, level: &str) -> &'v Value {
    let rows = found[sheet].as_array().expect("rows");
    rows.iter().find(|row| row["level"] == level).expect("the level")
}

#[test]
fn levels_are_counted_with_their_precision() {
    let (files, data) = study(LABELS);
    let found =
        json(&["estimate", &data, "--design", &files.design, "--count", "sex,area", "--json"]);
    let women: Vec<f64> = ROWS.iter().map(|row| if row.1 == "f" { row.0 } else { 0.0 }).collect();
    let row = of(&found, "estimates", "Women");
    assert_eq!(row["statistic"], "count");
    near(&row["value"], women.iter().sum());
    near(&row["standard_error"], spread(&women).sqrt());
    // Of domains, held against each other.
    let base = ["estimate", &data, "--design", &files.design, "--count", "sex"];
    let by = json(&[&base[..], &["--by", "age", "--contrasts", "--json"]].concat());
    let scores: Vec<f64> = ROWS
        .iter()
        .map(|row| match (row.1, row.2) {
            ("f", "old") => row.0,
            ("f", _) => -row.0,
            _ => 0.0,
        })
        .collect();
    let row = of(&by, "contrasts", "Women");
    near(&row["difference"], scores.iter().sum());
    near(&row["standard_error"], spread(&scores).sqrt());
}

#[test]
fn means_are_tested_over_a_banner() {
    let (files, data) = study(LABELS);
    let base = ["tabulate", &data, "--design", &files.design, "--rows", "age", "--means", "hours"];
    let found = json(&[&base[..], &["--banner", "sex,area", "--unsuppressed", "--json"]].concat());
    let tests = found["mean_tests"].as_array().expect("rows");
    // Two columns: the difference over its standard error, squared.
    let mean = |sex: &str| {
        let own = || ROWS.iter().filter(move |row| row.1 == sex);
        let weight: f64 = own().map(|row| row.0).sum();
        (own().map(|row| row.0 * row.4).sum::<f64>() / weight, weight)
    };
    let ((women, of_women), (men, of_men)) = (mean("f"), mean("m"));
    let scores: Vec<f64> = ROWS
        .iter()
        .map(|row| match row.1 {
            "f" => row.0 * (row.4 - women) / of_women,
            _ => -row.0 * (row.4 - men) / of_men,
        })
        .collect();
    near(&tests[0]["wald_f"], (women - men).powi(2) / spread(&scores));
    near(&tests[0]["degrees_of_freedom"], 14.0);
    // Means need no other rows.
    let means = ["tabulate", &data, "--design", &files.design, "--means", "hours"];
    let alone = json(&[&means[..], &["--banner", "sex,area", "--json"]].concat());
    assert_eq!(alone["mean_tests"], found["mean_tests"]);
    // Three: as the model has it.
    let model =
        json(&["estimate", &data, "--design", &files.design, "--model", "hours ~ area", "--json"]);
    for name in ["wald_f", "terms", "degrees_of_freedom", "p"] {
        near(&tests[1][name], model["model_terms"][0][name].as_f64().expect("a number"));
    }
    // Only one level has values: that is said, and the other test is there.
    let one = [&base[..], &["--banner", "sex,area", "--where", "area = 'a'", "--json"]].concat();
    let found = json(&one);
    assert!(found["mean_tests"][1]["wald_f"].is_null() && found["mean_tests"][0]["p"].is_number());
    assert!(found["mean_tests"][1]["note"].is_string());
}

#[test]
fn a_table_is_laid_out_across() {
    let (files, data) = study(LABELS);
    let base = ["tabulate", &data, "--design", &files.design, "--rows", "age", "--means", "hours"];
    let asked = ["--banner", "sex,area", "--unsuppressed", "--layout", "table"];
    let shown = text(&sondage(&[&base[..], &asked].concat()).stdout);
    let lines: Vec<&str> = shown.lines().collect();
    let heading: Vec<&str> = lines[0].split("  ").filter(|part| !part.is_empty()).collect();
    let heads = ["total", "sex: Women (a)", "sex: Men (b)", "area: a (c)", "area: b (d)"];
    assert_eq!(heading[1..6].iter().map(|head| head.trim()).collect::<Vec<_>>(), heads, "{shown}");
    let women: f64 = ROWS.iter().filter(|row| row.1 == "f").map(|row| row.0).sum();
    let old: f64 = ROWS.iter().filter(|row| row.1 == "f" && row.2 == "old").map(|row| row.0).sum();
    assert!(lines[1].contains(&format!("{:.1} %", 100.0 * old / women)), "{shown}");
    assert!(lines.iter().any(|line| line.starts_with("n ") && line.contains(" 16 ")), "{shown}");
    let vietnamese = [&base[..], &asked, &["--language", "vi"]].concat();
    let shown = text(&sondage(&vietnamese).stdout);
    assert!(shown.contains(&format!("{:.1} %", 100.0 * old / women).replace('.', ",")), "{shown}");
    let csv = text(&sondage(&[&base[..], &asked, &["--csv"]].concat()).stdout);
    assert!(csv.starts_with("age,total,sex: Women (a)"), "{csv}");
    let both = [&base[..], &asked, &["--json"]].concat();
    assert!(!sondage(&both).status.success());
}

/// The final weight of each row.
fn weights(files: &Written, data: &str) -> Vec<f64> {
    let output = files.path("out.csv").display().to_string();
    let arguments = ["weight", data, "--design", &files.design, "--output", &output, "--force"];
    let ran = sondage(&arguments);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let mut reader = csv::Reader::from_path(&output).expect("opens");
    let last = reader.headers().expect("a heading").len() - 1;
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        row.expect("a row")[last].parse().expect("a number")
    };
    reader.records().map(row).collect()
}

fn sum_where(weights: &[f64], holds: impl Fn(&str, &str) -> bool) -> f64 {
    let own = ROWS.iter().zip(weights).filter(|(row, _)| holds(row.1, row.2));
    own.map(|(_, weight)| weight).sum()
}

#[test]
fn targets_are_crossed_in_percent_and_by_label() {
    // Rounded: 99.9 in all, of 2,000 people.
    let step = "[[weighting]]\nstep = \"post_stratification\"\ntargets = \"percent\"\n\
                population = 2000\n[weighting.margins.\"sex * age\"]\n\"Women * young\" = 30.3\n\
                \"f * old\" = 22.2\n\"Men*young\" = 27.3\n\"m * old\" = 20.1\n";
    let (files, data) = study(&format!("{LABELS}{step}"));
    let found = weights(&files, &data);
    let cells =
        [("f", "young", 30.3), ("f", "old", 22.2), ("m", "young", 27.3), ("m", "old", 20.1)];
    for (sex, age, percent) in cells {
        let sum = sum_where(&found, |own, other| own == sex && other == age);
        assert!((sum - 2_000.0 * percent / 99.9).abs() < 1e-9, "{sex} {age}: {sum}");
    }
    let told = json(&["estimate", &data, "--design", &files.design, "--mean", "hours", "--json"]);
    assert!(told["notes"].to_string().contains("add up to 99.9"), "{}", told["notes"]);
    // A column of the cells gives the same standard error.
    let people = |percent: f64| 2_000.0 * percent / 99.9;
    let step = format!(
        "[[weighting]]\nstep = \"post_stratification\"\n[weighting.margins.cell]\n\
         f-young = {}\nf-old = {}\nm-young = {}\nm-old = {}\n",
        people(30.3),
        people(22.2),
        people(27.3),
        people(20.1)
    );
    let (other, data) = study(&step);
    let same = json(&["estimate", &data, "--design", &other.design, "--mean", "hours", "--json"]);
    for name in ["value", "standard_error"] {
        near(&told["estimates"][0][name], same["estimates"][0][name].as_f64().expect("a number"));
    }
    // Raked in percent of what the weights add up to.
    let step = "[[weighting]]\nstep = \"raking\"\ntargets = \"percent\"\n[weighting.margins.sex]\n\
                Women = 51\nMen = 49\n[weighting.margins.age]\nold = 40\nyoung = 60\n";
    let (files, data) = study(&format!("{LABELS}{step}"));
    let found = weights(&files, &data);
    let all: f64 = ROWS.iter().map(|row| row.0).sum();
    assert!((sum_where(&found, |sex, _| sex == "f") - 0.51 * all).abs() < 1e-6 * all);
    assert!((sum_where(&found, |_, age| age == "old") - 0.40 * all).abs() < 1e-6 * all);
}

#[test]
fn targets_that_cannot_be_are_told_together() {
    let step = "[[weighting]]\nstep = \"raking\"\ntargets = \"percent\"\n[weighting.margins.sex]\n\
                Women = 50\nf = 50\nMen = 47\n[weighting.margins.area]\na = 30\nb = 30\nc = 30\n\
                [weighting.margins.\"sex * age\"]\n\"f * young\" = 60\n\"f * tall\" = 40\n";
    let (files, data) = study(&format!("{LABELS}{step}"));
    let arguments = ["estimate", &data, "--design", &files.design, "--mean", "hours"];
    let parts = [
        "two targets, one by its value and one by its label",
        "area: the percentages add up to 90",
        "f * tall",
        "m * old",
    ];
    refused(&arguments, &parts);
}

#[test]
fn the_table_of_a_file_is_where_one_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, title, hours) in [("Notes", 0, 1.0), ("Answers", 1, 5.0)] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        for (column, text) in (0_u16..).zip(["Report", "of", "2026"]) {
            sheet.write(0, column, text).expect("written");
        }
        for (column, text) in (0_u16..).zip(["id", "hours", "area"]) {
            sheet.write(title, column, text).expect("written");
        }
        for row in 0_u32..4 {
            sheet.write(title + 1 + row, 0, row).expect("written");
            sheet.write(title + 1 + row, 1, hours + f64::from(row)).expect("written");
            sheet.write(title + 1 + row, 2, "a").expect("written");
        }
    }
    workbook.save(path("book.xlsx")).expect("saved");
    let mean = |more: &[&str]| {
        let book = path("book.xlsx");
        json(&[&["estimate", &book, "--mean", "hours", "--json"], more].concat())
    };
    let answers = ["--sheet", "Answers", "--header-row", "2"];
    near(&mean(&[])["estimates"][0]["value"], 2.5);
    near(&mean(&answers)["estimates"][0]["value"], 6.5);
    let book = path("book.xlsx");
    for command in [&["codebook", &book][..], &["quality", &book, "--items", "hours"]] {
        let ran = sondage(&[command, &answers, &["--json"]].concat());
        assert!(ran.status.success(), "{}", text(&ran.stderr));
    }
    refused(&["estimate", &book, "--sheet", "Answer", "--mean", "hours"], &["Answers"]);
}

/// A variance of zero is no knowledge: a level inside one cluster and one whose values are
/// all alike are left out of the test, and a column of one value is not tested.
#[test]
fn levels_whose_means_vary_by_nobody_knows_how_much_are_not_tested() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut rows = String::from("area,psu,hours,one\n");
    for (area, clusters) in [("a", 3), ("b", 3), ("alone", 1), ("alike", 3)] {
        for (cluster, person) in (0..clusters).flat_map(|one| (0..4).map(move |other| (one, other)))
        {
            let hours = if area == "alike" { 7 } else { 5 + 2 * cluster + person * person };
            rows += &format!("{area},{area}{cluster},{hours},1\n");
        }
    }
    std::fs::write(path("data.csv"), &rows).expect("written");
    let kept: String = rows.split_inclusive('\n').filter(|row| !row.starts_with("al")).collect();
    std::fs::write(path("kept.csv"), kept).expect("written");
    std::fs::write(path("design.toml"), "[[stages]]\nclusters = \"psu\"\n").expect("written");
    let design = path("design.toml");
    let tests = |data: &str| {
        let asked = ["--rows", "area", "--means", "hours,one", "--banner", "area", "--json"];
        json(&[&["tabulate", &path(data), "--design", &design][..], &asked].concat())
    };
    let found = tests("data.csv");
    let (hours, one) = (&found["mean_tests"][0], &found["mean_tests"][1]);
    near(&hours["terms"], 1.0);
    assert!(hours["note"].to_string().contains("2 levels"), "{hours}");
    assert!(one["wald_f"].is_null() && one["p"].is_null(), "{one}");
    assert!(one["note"].to_string().contains("does not vary"), "{one}");
    // Nor is a model made of it.
    let model = ["estimate", &path("data.csv"), "--design", &design, "--model", "one ~ area"];
    refused(&model, &["does not vary in the rows used"]);
    // The same as without those levels, but for the clusters that are there.
    let alone = &tests("kept.csv")["mean_tests"][0];
    let ratio = hours["wald_f"].as_f64().expect("F") / alone["wald_f"].as_f64().expect("F");
    // A factor of clusters over clusters less one: 10 of all, 6 of those kept.
    assert!((ratio - (6.0 / 5.0) / (10.0 / 9.0)).abs() < 1e-9, "{ratio}");
}
