//! What columns mean, from the file, a codebook beside it and the design, in what every command makes of them.

use std::path::Path;

use exchange::data::sav::{
    Code, Compression, Dictionary, Kind, Measure, Missing, ResponseSet, SetKind, Value as Spss,
    Variable, write_sav,
};
use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{json, near, refused, sondage, text, written};

fn case(name: &str) -> String {
    format!("{}/../../fixtures/cases/statistics/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The estimates of a subcommand's JSON.
fn estimates(found: &Value) -> &Vec<Value> {
    found["estimates"].as_array().expect("estimates")
}

fn levels(found: &Value) -> Vec<&str> {
    estimates(found).iter().filter_map(|row| row["level"].as_str()).collect()
}

fn notes(found: &Value) -> String {
    found["notes"].to_string()
}

/// Files in a folder of the test, and a design without anything.
struct Files {
    _folder: support::Written,
    design: String,
    path: Box<dyn Fn(&str) -> String>,
}

fn files(contents: &[(&str, &str)]) -> Files {
    let folder = written("");
    let root = folder.path("");
    for (name, content) in contents {
        std::fs::write(root.join(name), content).expect("written");
    }
    let design = folder.design.clone();
    let path = Box::new(move |name: &str| root.join(name).display().to_string());
    Files { _folder: folder, design, path }
}

const BOOK: &str = r#"
[[variable]]
name = "trust"
label = { en = "Trust in the council", vi = "Tin vào hội đồng" }
measure = "ordinal"
missing = ["9", "-99..-90"]
levels = [
  ["1", { en = "none", vi = "không" }], ["2", { en = "some", vi = "một phần" }],
  ["3", { en = "much", vi = "nhiều" }],
]

[[variable]]
name = "old"
computed = "if(age >= 60, 'old', 'young')"
levels = [["young", "under 60"], ["old", "60 and over"]]
"#;

const DATA: &str = "age,trust,area\n30,1,n\n70,2,s\n9,9,n\n65,-95,s\n20,2,n\n41,7,s\n";

#[test]
fn missing_codes_belong_to_a_variable() {
    let design = written("[missing]\nsat = [\"9\"]\n");
    let data = case("31_mr/pc.csv");
    let found =
        json(&["estimate", &data, "--design", &design.design, "--mean", "age,sat", "--json"]);
    near(&estimates(&found)[0]["value"], 19.2);
    near(&estimates(&found)[1]["value"], 2.0);
    assert!(notes(&found).contains("how many rows each took: sat 9 (2)"), "{}", notes(&found));
    // A list is of every column, and says so.
    let everywhere = written("missing = [\"9\"]\n");
    let found =
        json(&["estimate", &data, "--design", &everywhere.design, "--mean", "age", "--json"]);
    near(&estimates(&found)[0]["value"], 26.0);
    assert!(notes(&found).contains("age 9 (2)"), "{}", notes(&found));
    let wrong = written("[missing]\nsta = [\"9\"]\n");
    refused(
        &["estimate", &data, "--design", &wrong.design, "--mean", "age"],
        &["sta: there is no"],
    );
    let wrong = written("missing = 9\n");
    let told = ["a list of values, or a table of lists by column"];
    let output = sondage(&["estimate", &data, "--design", &wrong.design, "--mean", "age"]);
    assert!(text(&output.stderr).contains(told[0]), "{}", text(&output.stderr));
}

#[test]
fn a_codebook_gives_labels_order_and_missing_codes_and_is_counted() {
    let files = files(&[("d.csv", DATA), ("book.toml", BOOK)]);
    let (data, book) = ((files.path)("d.csv"), (files.path)("book.toml"));
    let base = ["estimate", &data, "--design", &files.design, "--codebook", &book, "--json"];
    let found = json(&[&base[..], &["--share", "trust,old"]].concat());
    assert_eq!(levels(&found), ["none", "some", "much", "7", "under 60", "60 and over"]);
    let values: Vec<f64> =
        estimates(&found).iter().map(|row| row["value"].as_f64().expect("a share")).collect();
    let expected = [0.25, 0.5, 0.0, 0.25, 4.0 / 6.0, 2.0 / 6.0];
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() < 1e-12, "{values:?}");
    }
    let told = notes(&found);
    assert!(told.contains("how many rows each took: trust -95 (1), trust 9 (1)"), "{told}");
    assert!(told.contains("Labels that no row has: trust 3 (much)."), "{told}");
    assert!(told.contains("Values without a label: trust 7."), "{told}");
    let vietnamese = json(&[&base[..], &["--share", "trust", "--language", "vi"]].concat());
    assert_eq!(levels(&vietnamese)[..3], ["không", "một phần", "nhiều"]);
    // The same in a table and in one that is streamed.
    let design = written("[[stages]]\nclusters = \"age\"\n");
    let table = ["tabulate", &data, "--design", &design.design, "--codebook", &book, "--json"];
    let table = [&table[..], &["--rows", "trust", "--unsuppressed"]].concat();
    let (whole, streamed) = (json(&table), json(&[&table[..], &["--streamed"]].concat()));
    assert_eq!(whole["cells"], streamed["cells"]);
    assert_eq!(whole["cells"].as_array().expect("cells").len(), 4);
}

#[test]
fn a_codebook_that_does_not_fit_is_refused_with_all_that_is_wrong() {
    let book = "weight = \"w\"\n[[variable]]\nname = \"aeg\"\n[[variable]]\nname = \"age\"\n\
                [[variable]]\nname = \"age\"\n[[variable]]\nname = \"two\"\ncomputed = \"age +\"\n\
                [[set]]\nname = \"s\"\nvariables = []\n[[set]]\nname = \"trust\"\nvariables = [\"x\"]\n";
    let files =
        files(&[("d.csv", DATA), ("book.toml", book), ("bad.toml", "[[variable]]\nnam = 1\n")]);
    let (data, book, bad) =
        ((files.path)("d.csv"), (files.path)("book.toml"), (files.path)("bad.toml"));
    let parts = [
        "aeg: there is no",
        "age: two columns",
        "s: is a set without columns",
        "trust: two",
        "x: there",
        "w: there",
    ];
    refused(&["codebook", &data, "--codebook", &book], &parts);
    let output = sondage(&["codebook", &data, "--codebook", &bad]);
    assert!(
        !output.status.success() && text(&output.stderr).contains("line 2"),
        "{}",
        text(&output.stderr)
    );
    let computed = "[[variable]]\nname = \"two\"\ncomputed = \"age +\"\n[[variable]]\nname = \"b\"\ncomputed = \"agee\"\n";
    std::fs::write(&book, computed).expect("written");
    refused(&["codebook", &data, "--codebook", &book], &["two:", "b:", "age"]);
}

#[test]
fn what_the_codebook_command_writes_can_be_given_back() {
    let files = files(&[("d.csv", DATA), ("book.toml", BOOK)]);
    let (data, book, out) =
        ((files.path)("d.csv"), (files.path)("book.toml"), (files.path)("out.toml"));
    let plain = json(&["codebook", &data, "--json"]);
    let kinds: Vec<&str> = plain["variables"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(kinds, ["number", "number", "choice"]);
    let evidence = plain["variables"][1]["note"].as_str().expect("evidence");
    assert!(evidence.contains("5 different whole numbers from -95 to 9"), "{evidence}");
    let first = json(&["codebook", &data, "--codebook", &book, "--output", &out, "--json"]);
    let again = json(&["codebook", &data, "--codebook", &out, "--json"]);
    for (one, other) in [("variables", "type"), ("levels", "rows")] {
        let of = |found: &Value| -> Vec<Value> {
            found[one].as_array().expect("rows").iter().map(|row| row[other].clone()).collect()
        };
        assert_eq!(of(&first), of(&again), "{one}");
    }
    assert_eq!(first["levels"], again["levels"]);
    let output = sondage(&["codebook", &data, "--output", &out]);
    assert!(text(&output.stderr).contains("--force"), "{}", text(&output.stderr));
}

/// The categories of pandas keep their order; those that nobody chose are there.
#[test]
fn ordered_categories_of_parquet_keep_their_order() {
    let files = files(&[]);
    let data = case("12_order/o.parquet");
    let found = json(&["estimate", &data, "--design", &files.design, "--share", "q", "--json"]);
    assert_eq!(levels(&found), ["Low", "Medium", "High", "Never"]);
    assert_eq!(estimates(&found)[3]["value"], 0.0);
    let book = json(&["codebook", &data, "--json"]);
    assert_eq!(book["variables"][0]["measure"], "ordinal");
}

/// As `31_mr/d.csv` has it: blank means not chosen.
#[test]
fn a_response_set_has_a_base() {
    let set = |base: &str| {
        format!(
            "[[set]]\nname = \"m\"\nvariables = [\"m1\", \"m2\", \"m3\"]\nchosen = \"1\"\nbase = \"{base}\"\n"
        )
    };
    let files = files(&[("all.toml", &set("everybody")), ("any.toml", &set("answered"))]);
    let data = case("31_mr/d.csv");
    let read = std::fs::read_to_string(&data).expect("a fixture");
    let rows: Vec<Vec<bool>> = read
        .lines()
        .skip(1)
        .map(|line| line.split(',').take(3).map(|cell| cell == "1").collect())
        .collect();
    let any = rows.iter().filter(|row| row.contains(&true)).count();
    for (book, base) in [("all.toml", rows.len()), ("any.toml", any)] {
        let book = (files.path)(book);
        let more = ["--design", &files.design, "--codebook", &book, "--json"];
        let found = json(&[&["estimate", &data, "--share", "m"][..], &more].concat());
        let table = json(
            &[&["tabulate", &data, "--rows", "m", "--banner", "g", "--unsuppressed"][..], &more]
                .concat(),
        );
        for (option, row) in estimates(&found).iter().enumerate() {
            let chosen = rows.iter().filter(|row| row[option]).count();
            #[expect(clippy::cast_precision_loss)]
            near(&row["value"], chosen as f64 / base as f64);
            assert_eq!(row["rows"], base);
            let cell = table["cells"]
                .as_array()
                .expect("cells")
                .iter()
                .find(|cell| cell["level"] == row["level"] && cell["column"] == "total");
            near(&cell.expect("a cell")["value"], row["value"].as_f64().expect("a share"));
        }
    }
}

/// A file with everything that SPSS says of columns.
fn spss(path: &Path) {
    let number = |name: &str| Variable::new(name, Kind::Number);
    let labels = |pairs: &[(f64, &str)]| {
        let pair = |(value, label): &(f64, &str)| (Code::Number(*value), (*label).to_owned());
        std::sync::Arc::new(pairs.iter().map(pair).collect::<Vec<_>>())
    };
    let smokes = Variable {
        label: "Smokes".to_owned(),
        labels: labels(&[(1.0, "yes"), (2.0, "no"), (3.0, "used to"), (9.0, "refused")]),
        missing: Missing { range: None, codes: vec![Code::Number(9.0)] },
        measure: Measure::Nominal,
        ..number("smokes")
    };
    let named = |name: &str, label: &str| Variable { label: label.to_owned(), ..number(name) };
    let dictionary = Dictionary {
        variables: vec![number("w"), smokes, named("m1", "bus"), named("m2", "train"), number("y")],
        weight: Some(0),
        response_sets: vec![ResponseSet {
            name: "$ways".to_owned(),
            label: "Ways to work".to_owned(),
            kind: SetKind::Chosen("1".to_owned()),
            variables: vec!["m1".to_owned(), "m2".to_owned()],
        }],
        ..Dictionary::default()
    };
    let rows = [
        [2.0, 1.0, 1.0, 0.0, 5.0],
        [1.0, 2.0, 1.0, 1.0, 3.0],
        [3.0, 9.0, 0.0, 0.0, 4.0],
        [4.0, 2.0, 0.0, 1.0, 8.0],
        [1.0, 1.0, 1.0, 0.0, 6.0],
        [2.0, 2.0, 1.0, 1.0, 1.0],
    ];
    let rows = rows.map(|row| row.map(Spss::Number));
    let file = std::fs::File::create(path).expect("a file");
    write_sav(file, &dictionary, rows.iter(), Compression::Bytecode).expect("written");
}

#[test]
fn an_spss_file_brings_weight_sets_labels_and_missing_values() {
    let files = files(&[]);
    let data = (files.path)("d.sav");
    spss(Path::new(&data));
    let found = json(&[
        "estimate",
        &data,
        "--design",
        &files.design,
        "--mean",
        "y",
        "--share",
        "smokes,ways",
        "--json",
    ]);
    let row =
        |level: &str| estimates(&found).iter().find(|row| row["level"] == level).expect("a level");
    near(&estimates(&found)[0]["value"], (10.0 + 3.0 + 12.0 + 32.0 + 6.0 + 2.0) / 13.0);
    near(&row("yes")["value"], 3.0 / 10.0);
    assert_eq!(row("used to")["value"], 0.0);
    near(&row("bus")["value"], 6.0 / 13.0);
    near(&row("train")["value"], 7.0 / 13.0);
    let told = notes(&found);
    assert!(told.contains("Weights are those of w, as the data file says."), "{told}");
    assert!(told.contains("smokes 9 (1)") && told.contains("smokes 3 (used to)"), "{told}");
    let book = json(&["codebook", &data, "--json"]);
    assert_eq!(book["sets"][0]["set"], "ways");
    assert_eq!(book["variables"][1]["missing"], "9");
    // Streamed it weighs the same.
    let clusters = written("[[stages]]\nclusters = \"y\"\n");
    let table = ["tabulate", &data, "--design", &clusters.design, "--rows", "smokes", "--json"];
    let whole = json(&[&table[..], &["--unsuppressed"]].concat());
    let streamed = json(&[&table[..], &["--unsuppressed", "--streamed"]].concat());
    assert_eq!(whole["cells"], streamed["cells"]);
    assert!(notes(&streamed).contains("Weights are those of w"), "{}", notes(&streamed));
    // Without a design the rows are a simple random sample, and that is said.
    let plain = json(&["estimate", &data, "--mean", "y", "--json"]);
    assert_eq!(
        plain["estimates"],
        json(&["estimate", &data, "--design", &files.design, "--mean", "y", "--json"])["estimates"]
    );
    assert!(notes(&plain).contains("No design is given"), "{}", notes(&plain));
    // A weight that the design names goes before it.
    let design = written("weight = \"m1\"\n");
    let other = json(&["estimate", &data, "--design", &design.design, "--mean", "y", "--json"]);
    near(&estimates(&other)[0]["value"], (5.0 + 3.0 + 6.0 + 1.0) / 4.0);
    assert!(!notes(&other).contains("Weights are those"), "{}", notes(&other));
}

/// A condition is a domain: the same figures as of a level, and clusters outside it count.
#[test]
fn a_condition_is_a_domain_and_not_a_deletion() {
    let design = written(support::CLUSTERED);
    let data = support::data("made1.csv");
    let base = ["estimate", &data, "--design", &design.design, "--json"];
    let of = |more: &[&str]| json(&[&base[..], more].concat());
    let by_one = of(&["--mean", "hours", "--by", "sex"]);
    for (level, row) in ["f", "m"].iter().zip(estimates(&by_one)) {
        let condition = format!("sex = '{level}'");
        let alone = of(&["--mean", "hours", "--where", &condition]);
        assert_eq!(alone["estimates"][0]["domain"], condition);
        for key in ["value", "standard_error", "lower", "upper", "degrees_of_freedom", "rows"] {
            assert_eq!(alone["estimates"][0][key], row[key], "{key}");
        }
        let table = ["tabulate", &data, "--design", &design.design, "--json"];
        let table = json(&[&table[..], &["--rows", "edu", "--where", &condition]].concat());
        let share = of(&["--share", "edu", "--where", &condition]);
        let cells = table["cells"].as_array().expect("cells");
        for (cell, share) in cells.iter().zip(estimates(&share)) {
            for key in ["value", "standard_error", "lower", "upper"] {
                let close = |left: f64, right: f64| (left - right).abs() < 1e-12;
                let numbers = (cell[key].as_f64(), share[key].as_f64());
                assert!(matches!(numbers, (Some(one), Some(other)) if close(one, other)), "{key}");
            }
        }
    }
    // Several columns: each combination, and together all rows.
    let crossed = of(&["--mean", "hours", "--by", "sex,edu"]);
    let rows = |found: &Value| -> u64 {
        estimates(found).iter().map(|row| row["rows"].as_u64().expect("rows")).sum()
    };
    assert_eq!(rows(&crossed), rows(&by_one));
    let one = of(&["--mean", "hours", "--where", "sex = 'f' and edu = 'low'"]);
    let same = estimates(&crossed).iter().find(|row| row["domain"] == "sex = f, edu = low");
    assert_eq!(same.expect("a domain")["standard_error"], one["estimates"][0]["standard_error"]);
    let wrong = ["--mean", "hours", "--where", "sexx = 'f'"];
    refused(&[&base[..], &wrong].concat(), &["sexx: there is no such column"]);
}

const MODELLED: &str = r#"
[[variable]]
name = "f"
computed = "if(sex = 'f', 1, 0)"
[[variable]]
name = "f_age"
computed = "f * age"
[[variable]]
name = "age2"
computed = "age * age"
[[variable]]
name = "schooling"
computed = "if(edu = 'high', 3, if(edu = 'mid', 2, 1))"
levels = [["1", "low"], ["2", "middle"], ["3", "high"], ["4", "doctor"]]
[[variable]]
name = "edu"
measure = "ordinal"
levels = [["low", "low"], ["mid", "mid"], ["high", "high"]]
"#;

#[test]
fn models_have_factors_products_powers_ratios_and_tests() {
    let files = files(&[("book.toml", MODELLED), ("design.toml", support::CLUSTERED)]);
    let (book, design) = ((files.path)("book.toml"), (files.path)("design.toml"));
    let data = support::data("made1.csv");
    let base = ["estimate", &data, "--design", &design, "--json"];
    let fit = |formula: &str, family: &str| {
        let more = ["--codebook", &book, "--model", formula, "--family", family];
        json(&[&base[..], &more].concat())
    };
    let entry = |found: &Value, term: &str, key: &str| -> f64 {
        let rows = found["model"].as_array().expect("terms");
        let row = rows.iter().find(|row| row["term"] == term).expect("a term");
        row[key].as_f64().expect("a number")
    };
    let close = |one: f64, other: f64| {
        assert!((one - other).abs() <= 1e-7 * (1.0 + other.abs()), "{one}, not {other}");
    };
    // A product is that of its columns; the reference of sex is f.
    let starred = fit("smoke ~ age*sex", "logistic");
    let by_hand = fit("smoke ~ age + f + f_age", "logistic");
    close(
        entry(&starred, "age : sex = m", "coefficient"),
        -entry(&by_hand, "f_age", "coefficient"),
    );
    close(entry(&starred, "sex = m", "standard_error"), entry(&by_hand, "f", "standard_error"));
    for (key, of) in [("ratio", "coefficient"), ("ratio_lower", "lower"), ("ratio_upper", "upper")]
    {
        close(entry(&starred, "sex = m", key), entry(&starred, "sex = m", of).exp());
    }
    assert!(starred["model"][0]["ratio"].is_null(), "an intercept has no ratio");
    let powers = (fit("hours ~ age + age^2", "linear"), fit("hours ~ age + age2", "linear"));
    close(entry(&powers.0, "age^2", "t"), entry(&powers.1, "age2", "t"));
    // One coefficient: F is t².
    let tests = powers.0["model_terms"].as_array().expect("tests");
    close(tests[1]["wald_f"].as_f64().expect("F"), entry(&powers.0, "age^2", "t").powi(2));
    // Labelled codes are a factor, whatever is its reference; a level that nobody has is no column.
    let (coded, named) = (fit("hours ~ schooling", "linear"), fit("hours ~ factor(edu)", "linear"));
    assert_eq!(coded["model"].as_array().expect("terms").len(), 3);
    let test = |found: &Value| found["model_terms"][0]["wald_f"].as_f64().expect("F");
    close(test(&coded), test(&named));
    assert_eq!(coded["model_terms"][0]["terms"], 2);
    // Without order there is no ordinal outcome.
    let more = ["--model", "edu ~ age", "--family", "ordinal"];
    refused(&[&base[..], &more].concat(), &["edu: has levels without an order (high, low, mid)"]);
    let ordered = fit("edu ~ age", "ordinal");
    assert!(
        ordered["model"].as_array().expect("terms").iter().any(|row| row["term"] == "low | mid")
    );
    let more = ["--codebook", &book, "--model", "hours ~ age:sex + age"];
    refused(&[&base[..], &more].concat(), &["age:sex: multiplies", "add sex"]);
    // Of those of whom a condition holds.
    let more = ["--codebook", &book, "--model", "hours ~ age", "--where", "sex = 'f'"];
    let part = json(&[&base[..], &more].concat());
    assert!(
        (entry(&part, "age", "coefficient")
            - entry(&fit("hours ~ age", "linear"), "age", "coefficient"))
        .abs()
            > 1e-9
    );
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let rows = ["a;39,8;1.250,5;1,3", "b;40;900;2", "a;-99;1.000;1,2", "b;41,2;3.100;1,3"];
    let folder = files(&[
        ("semicolons.csv", &format!("group;hours;income;chosen\n{}\n", rows.join("\n"))),
        ("quoted.csv", "group,hours\na,\"39,8\"\nb,40\na,\"40,2\"\n"),
        ("points.csv", "group,hours\na,3.407\nb,1.444\n"),
        ("mixed.csv", "group;hours\na;39,8\nb;40.5\n"),
        ("d.toml", "missing = [\"-99\"]\n"),
        ("c.toml", "[[stages]]\nclusters = \"group\"\n"),
    ]);
    let path = |name: &str| (folder.path)(name);
    let mean = |file: &str, column: &str, more: &[&str]| {
        let file = path(file);
        let all = [&["estimate", &file, "--mean", column, "--json", "--language", "en"][..], more]
            .concat();
        json(&all)
    };
    let design = path("d.toml");
    let found = mean("semicolons.csv", "hours", &["--design", &design]);
    near(&estimates(&found)[0]["value"], (39.8 + 40.0 + 41.2) / 3.0);
    assert!(notes(&found).contains("Read with a decimal comma: hours."), "{found}");
    let found = mean("semicolons.csv", "income", &[]);
    near(&estimates(&found)[0]["value"], (1_250.5 + 900.0 + 1_000.0 + 3_100.0) / 4.0);
    // In conditions and computed columns too, and in the tables made in one pass.
    let found = mean("semicolons.csv", "hours", &["--where", "hours > 39.9"]);
    near(&estimates(&found)[0]["value"], 40.6);
    let semicolons = path("semicolons.csv");
    let clusters = path("c.toml");
    let table = [
        "tabulate",
        &semicolons,
        "--design",
        &clusters,
        "--means",
        "income",
        "--rows",
        "group",
        "--json",
        "--minimum",
        "0",
        "--unsuppressed",
    ];
    let [whole, streamed] = [&[][..], &["--streamed"]].map(|more| json(&[&table, more].concat()));
    assert_eq!(whole["tables"], streamed["tables"]);
    assert!(whole.to_string().contains("1562.625"), "{whole}");
    // Two codes that were chosen are no number.
    let book = text(&sondage(&["codebook", &semicolons, "--language", "en"]).stdout);
    assert!(book.lines().any(|line| line.starts_with("chosen    text")), "{book}");
    assert!(book.lines().any(|line| line.starts_with("hours     number")), "{book}");
    let found = mean("quoted.csv", "hours", &[]);
    near(&estimates(&found)[0]["value"], 40.0);
    // As programs write, unless it is said.
    near(&estimates(&mean("points.csv", "hours", &[]))[0]["value"], 2.4255);
    let said = mean("points.csv", "hours", &["--decimal", "comma"]);
    near(&estimates(&said)[0]["value"], 2_425.5);
    let mixed = path("mixed.csv");
    refused(
        &["estimate", &mixed, "--mean", "hours", "--language", "en"],
        &["hours, row 1: “39,8” is not a number"],
    );
}

#[test]
fn spellings_of_one_name_are_told_and_merged_where_that_is_asked_for() {
    let rows = "area,hours\nĐông,40\nđông,42\nTây,38\nĐông,41\nHà Nội,1\nHa Noi,2\n";
    let folder = files(&[("areas.csv", rows)]);
    let file = (folder.path)("areas.csv");
    let shares = ["estimate", &file, "--share", "area", "--json", "--language", "en"];
    let apart = json(&shares);
    assert_eq!(levels(&apart), ["Ha Noi", "Hà Nội", "Tây", "Đông", "đông"]);
    let told = "area: Đông / đông, Hà Nội / Ha Noi differ only in spelling and stay apart";
    assert!(notes(&apart).contains(told), "{apart}");
    let merged = json(&[&shares[..], &["--merge-spellings"]].concat());
    assert_eq!(levels(&merged), ["Hà Nội", "Tây", "Đông"]);
    near(&estimates(&merged)[2]["value"], 0.5);
    let told = "area: spellings read as one: Ha Noi → Hà Nội, đông → Đông.";
    assert!(notes(&merged).contains(told), "{merged}");
}
