//! Frames and samples on the command line, with the program as a person runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/frames")
}

fn sondage(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sondage"))
        .args(arguments)
        .args(["--language", "en"])
        .current_dir(folder)
        .output()
        .expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What it prints, having ended with this code.
fn said(output: &Output, code: i32) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    out + &err
}

fn json(output: &Output, code: i32) -> Json {
    let all = said(output, code);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {all}"))
}

/// A folder with the fixtures in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(fixtures()).expect("fixtures") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
    }
    folder
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), content).expect("written");
}

fn codes(report: &Json) -> Vec<String> {
    let problems = report["problems"].as_array().expect("problems");
    problems.iter().map(|one| one["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_frame_is_checked_and_held_against_totals() {
    let folder = folder();
    let roles = ["--stratum", "area", "--cluster", "ward", "--size", "members"];
    let check = |extra: &[&str]| {
        let all: Vec<&str> = ["frame", "check", "households.csv"]
            .iter()
            .chain(&roles)
            .chain(extra)
            .copied()
            .collect();
        sondage(folder.path(), &all)
    };
    let table = said(&check(&["--totals", "households-totals.csv"]), 0);
    for expected in ["328 units in 2 strata and 12 clusters", "UTF-8", "85.7%", "104.0%"] {
        assert!(table.contains(expected), "{expected} not in:\n{table}");
    }
    let report = json(&check(&["--phone", "phone", "--json"]), 0);
    assert_eq!((report["outcome"].as_str(), report["units"].as_u64()), (Some("whole"), Some(328)));
    write(folder.path(), "others.csv", "stratum,total\nBắc,140\nTây,9\n");
    let report = json(&check(&["--totals", "others.csv", "--json"]), 2);
    assert_eq!(codes(&report), ["frame_stratum_unknown", "frame_stratum_empty"]);
}

#[test]
fn cells_make_clusters_and_walks_follow_from_the_seed() {
    let folder = folder();
    let at = folder.path();
    let cells = |side: &str| {
        let usual = ["frame", "cells", "households.csv", "--x", "lon", "--y", "lat"];
        sondage(at, &[&usual[..], &["--side", side, "--output", "cells.csv", "--force"]].concat())
    };
    assert!(said(&cells("0.2"), 0).contains("328"));
    let text = std::fs::read_to_string(at.join("cells.csv")).expect("written");
    assert!(text.lines().next().is_some_and(|header| header.ends_with(",cell")), "{text}");
    // 105.54829 / 0.2 and 20.89482 / 0.2, rounded down.
    assert!(text.lines().nth(1).is_some_and(|row| row.ends_with(",527 104")), "{text}");
    assert!(said(&cells("0"), 2).contains("above 0"));
    let plan = "[frame]\nunit = \"id\"\ncluster = \"cell\"\n\n[[stages]]\nunits = \"clusters\"\n\
        method = \"simple\"\namount = { allocated = { total = 3, share = \"equal\", minimum = 1 } }\n\n[[stages]]\nunits = \"units\"\n\
        method = \"systematic\"\namount = { each = { count = 2, all_if_fewer = true } }\n";
    write(at, "cells.toml", plan);
    let draw = ["sample", "draw", "cells.csv", "cells.toml", "--seed", "4", "--output", "c.json"];
    said(&sondage(at, &draw), 0);
    let routes = |output: &str| {
        said(&sondage(at, &["sample", "routes", "c.json", "--walks", "2", "-o", output]), 0);
        std::fs::read_to_string(at.join(output)).expect("written")
    };
    let walks = routes("routes.csv");
    assert_eq!(walks.lines().count(), 1 + 3 * 2, "{walks}");
    assert_eq!(walks, routes("again.csv"), "the seed says where they go");
}

#[test]
fn the_places_of_a_frame_are_those_of_its_day() {
    let folder = folder();
    let check = |day: &str, extra: &[&str]| {
        let usual = ["frame", "check", "households.csv", "--stratum", "area", "--cluster", "ward"];
        let places = ["--places", "places.csv", "--on", day];
        sondage(folder.path(), &[&usual[..], &places, extra].concat())
    };
    let before = json(&check("2025-06-30", &["--json"]), 0);
    let numbers = |report: &Json| {
        let of = |name: &str| report["places"][name].as_u64().expect("a number");
        (of("known"), of("doubtful"), of("absent"))
    };
    assert_eq!((numbers(&before), before["outcome"].as_str()), ((12, 0, 0), Some("whole")));
    let after = json(&check("2025-07-01", &["--json"]), 0);
    assert_eq!((numbers(&after), after["outcome"].as_str()), ((10, 2, 1), Some("with notes")));
    assert_eq!(after["places"]["doubts"][0]["successors"][0], "Nam Mới");
    let words = check("2025-07-01", &[]);
    let told = String::from_utf8_lossy(&words.stderr).into_owned();
    assert!(told.contains("Nam 5 ended on 30/06/2025 and became Nam Mới"), "{told}");
    write(folder.path(), "places.csv", "code,name,from\n1,A,July\n");
    let wrong = json(&check("2025-07-01", &["--json"]), 2);
    assert_eq!(codes(&wrong), ["place_day_bad"]);
}

#[test]
fn every_problem_of_a_frame_is_told_with_place_and_remedy() {
    let folder = folder();
    write(
        folder.path(),
        "bad.csv",
        "id;area;size;tel\n1;a;5;0912345678\n1;a;0;\n;b;x;+84 912 345 678\n4;;2;\n",
    );
    let arguments =
        ["frame", "check", "bad.csv", "--stratum", "area", "--size", "size", "--phone", "fax"];
    let report = json(&sondage(folder.path(), &[&arguments[..], &["--json"]].concat()), 2);
    let told = codes(&report);
    for code in [
        "frame_id_twice",
        "frame_id_missing",
        "frame_size_bad",
        "frame_stratum_missing",
        "frame_column_missing",
    ] {
        assert!(told.iter().any(|one| one == code), "{code} not in {told:?}");
    }
    for problem in report["problems"].as_array().expect("problems") {
        assert!(problem["remedy"].is_string(), "{problem}");
        let placed = problem["row"].is_u64() || problem["code"] == "frame_column_missing";
        assert!(placed && problem["column"].is_string(), "{problem}");
    }
    let words = said(&sondage(folder.path(), &arguments), 2);
    assert!(words.contains("row 3, column id: ID 1 is already in row 2"), "{words}");
    // Twins are worth a look and no reason to refuse.
    write(folder.path(), "twins.csv", "id;tel\n1;0912345678\n2;+84 912 345 678\n");
    let twins = sondage(folder.path(), &["frame", "check", "twins.csv", "--phone", "tel"]);
    assert!(said(&twins, 0).contains("rows 2 and 3 have the same tel"));
    let zero = sondage(folder.path(), &["frame", "check", "nothing.csv"]);
    assert!(said(&zero, 2).contains("nothing.csv"));
    write(folder.path(), "zero.csv", "id,size\n1,0\n2,0\n");
    let zero = sondage(folder.path(), &["frame", "check", "zero.csv", "--size", "size"]);
    assert!(said(&zero, 2).contains("the size is zero in all 2 rows"));
}

#[test]
fn old_encodings_are_read_and_unknown_ones_refused() {
    let folder = folder();
    // "Nguyễn Văn Thuận, huyện Kiến Thuỵ" and so on, in TCVN3.
    let tcvn3: Vec<u8> = "id,name\n1,NguyÔn V¨n ThuËn\n2,huyÖn KiÕn Thuþ\n"
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).expect("one byte"))
        .collect();
    write(folder.path(), "old.csv", &tcvn3);
    let check = |file: &str, extra: &[&str]| {
        sondage(folder.path(), &[&["frame", "check", file], extra].concat())
    };
    assert!(said(&check("old.csv", &[]), 0).contains("TCVN3"));
    let named = check("old.csv", &["--stratum", "name", "--json"]);
    let report = json(&named, 0);
    assert_eq!(report["strata"][0]["stratum"], "Nguyễn Văn Thuận");
    write(folder.path(), "odd.csv", b"id,name\n1,plain\n2,M\xfcller Gr\xf6\xdfe\n");
    let refused = said(&check("odd.csv", &[]), 2);
    assert!(refused.contains("row 3") && refused.contains("UTF-8"), "{refused}");
    said(&check("odd.csv", &["--encoding", "utf8", "--stratum", "name"]), 2);
}

#[test]
fn a_sample_is_drawn_replayed_and_told_apart() {
    let folder = folder();
    let at = folder.path();
    let plan = said(&sondage(at, &["sample", "plan", "households.csv", "two-stages.toml"]), 0);
    assert!(plan.contains("60.0"), "{plan}");
    let expected =
        json(&sondage(at, &["sample", "plan", "households.csv", "two-stages.toml", "--json"]), 0);
    // 60 are drawn and 48 of them fielded, 0.9 × 0.8 of these respond; 1000 + 48 × 2 + 34.56 × 10 + 6 × 50.
    let all = &expected["expected"]["all"];
    assert!((all["completes"].as_f64().expect("a number") - 34.56).abs() < 1e-9, "{all}");
    assert!((all["cost"].as_f64().expect("a number") - 1_741.6).abs() < 1e-6, "{all}");
    assert!(all["margin"].as_f64().is_some_and(|margin| margin > 0.14 && margin < 0.18), "{all}");
    let with_domain = std::fs::read_to_string(at.join("two-stages.toml")).expect("a fixture");
    write(at, "d.toml", with_domain.replace("[assume]", "[assume]\ndomain = \"ward\""));
    let expected = json(&sondage(at, &["sample", "plan", "households.csv", "d.toml", "--json"]), 0);
    assert_eq!(expected["expected"]["domains"].as_array().map(Vec::len), Some(12));
    let draw = ["sample", "draw", "households.csv", "two-stages.toml", "--seed", "11"];
    let drawn = json(
        &sondage(at, &[&draw[..], &["-o", "m.json", "--units", "u.csv", "--json"]].concat()),
        0,
    );
    assert_eq!((drawn["units"].as_u64(), drawn["seed"].as_u64()), (Some(60), Some(11)));
    let units = std::fs::read_to_string(at.join("u.csv")).expect("written");
    assert_eq!(units.lines().count(), 61);
    // Another process writes the same bytes.
    said(&sondage(at, &[&draw[..], &["-o", "again.json"]].concat()), 0);
    let manifest = std::fs::read_to_string(at.join("m.json")).expect("written");
    assert_eq!(manifest, std::fs::read_to_string(at.join("again.json")).expect("written"));
    let replay =
        |manifest: &str, frame: &str| sondage(at, &["sample", "replay", manifest, frame, "--json"]);
    assert_eq!(json(&replay("m.json", "households.csv"), 0)["outcome"], "identical");

    let frame = std::fs::read_to_string(at.join("households.csv")).expect("a fixture");
    write(at, "other.csv", frame.replace("h0100,", "h9100,"));
    let other = json(&replay("m.json", "other.csv"), 2);
    assert_eq!(other["outcome"], "frame_differs");
    let changed = frame.lines().skip(1).position(|line| line.starts_with("h0100,"));
    let changed = changed.expect("a household") as u64 + 1;
    let (first, last) = (&other["rows"]["first"], &other["rows"]["last"]);
    let (first, last) = (first.as_u64().expect("a row"), last.as_u64().expect("a row"));
    assert!(first <= changed && changed <= last && last - first < 16, "{other}");
    let words = said(&sondage(at, &["sample", "replay", "m.json", "other.csv"]), 2);
    assert!(words.contains(&format!("between lines {} and {}", first + 1, last + 1)), "{words}");
    write(at, "short.csv", "id,area\n1,a\n");
    let short = json(&replay("m.json", "short.csv"), 2);
    assert_eq!((short["outcome"].as_str(), codes(&short).len()), (Some("cannot_draw"), 2));
    let mut changed: Json = serde_json::from_str(&manifest).expect("JSON");
    changed["units"][7]["weight"] = 1.5.into();
    write(at, "changed.json", changed.to_string());
    let found = json(&replay("changed.json", "households.csv"), 2);
    assert_eq!((found["outcome"].as_str(), found["place"].as_u64()), (Some("differs"), Some(7)));
    let words = said(&sondage(at, &["sample", "replay", "changed.json", "households.csv"]), 2);
    assert!(words.contains("first at unit 8"), "{words}");
    changed["plan"]["stages"][1]["method"] = "simple".into();
    write(at, "changed.json", changed.to_string());
    assert_eq!(json(&replay("changed.json", "households.csv"), 2)["outcome"], "plan_differs");
}

#[test]
fn workbooks_give_the_sample_that_their_rows_give() {
    let folder = folder();
    let at = folder.path();
    let rows = std::fs::read_to_string(at.join("households.csv")).expect("a fixture");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (number, line) in (0_u32..).zip(rows.lines()) {
        for (column, cell) in (0_u16..).zip(line.split(',')) {
            match cell.parse::<f64>() {
                // A telephone number is text.
                Ok(value) if column != 8 => sheet.write(number, column, value).expect("a cell"),
                _ => sheet.write(number, column, cell).expect("a cell"),
            };
        }
    }
    book.save(at.join("households.xlsx")).expect("saved");
    for (file, manifest) in [("households.csv", "csv.json"), ("households.xlsx", "xlsx.json")] {
        let draw = ["sample", "draw", file, "balanced.toml", "--seed", "5", "-o", manifest];
        said(&sondage(at, &draw), 0);
        said(&sondage(at, &["sample", "replay", manifest, file]), 0);
    }
    let units = |file: &str| -> Json {
        let text = std::fs::read_to_string(at.join(file)).expect("written");
        serde_json::from_str::<Json>(&text).expect("JSON")["units"].clone()
    };
    assert_eq!(units("csv.json"), units("xlsx.json"));
}

#[test]
fn impossible_plans_are_refused_before_anything_is_written() {
    let folder = folder();
    let at = folder.path();
    write(
        at,
        "greedy.toml",
        "[frame]\nunit = \"id\"\nstrata = [\"area\"]\n[[stages]]\nunits = \"units\"\n\
         method = \"simple\"\namount = { allocated = { total = 400, share = \"equal\" } }\n",
    );
    let draw = ["sample", "draw", "households.csv", "greedy.toml", "-o", "m.json", "--json"];
    let report = json(&sondage(at, &draw), 2);
    assert_eq!(codes(&report), ["plan_over_population"]);
    assert_eq!(report["problems"][0]["arguments"]["available"], 120);
    assert!(!at.join("m.json").exists(), "nothing is written");
    write(at, "odd.toml", "[frame]\nid = 3\n[[stages]]\nunits = \"all\"\n");
    let told = said(&sondage(at, &["sample", "plan", "households.csv", "odd.toml"]), 2);
    assert!(told.contains("[frame]") && told.lines().count() == 2, "{told}");
    write(at, "broken.toml", "[frame\n");
    said(&sondage(at, &["sample", "plan", "households.csv", "broken.toml"]), 2);
    write(at, "quota.json", "{\"frame\":{\"unit\":\"id\"},\"nonprobability\":\"quota\"}");
    let told = said(&sondage(at, &["sample", "draw", "households.csv", "quota.json"]), 2);
    assert!(told.contains("nonprobability"), "{told}");
}

#[test]
fn sizes_costs_and_curves() {
    let folder = folder();
    let at = folder.path();
    let size = |arguments: &[&str]| sondage(at, &[&["sample", "size"], arguments].concat());
    let found = json(
        &size(&[
            "proportion",
            "--p",
            "0.3",
            "--margin",
            "0.04",
            "--design-effect",
            "1.5",
            "--population",
            "20000",
            "--eligible",
            "0.9",
            "--response",
            "0.6",
            "--case-cost",
            "2",
            "--complete-cost",
            "10",
            "--budget",
            "12000",
            "--svg",
            "curve.svg",
            "--json",
        ]),
        0,
    );
    let sizes = &found["groups"][0];
    let steps = ["simple", "with_design_effect", "completes", "released"];
    let values: Vec<f64> = steps.iter().filter_map(|step| sizes[step].as_f64()).collect();
    assert_eq!(values, [505.0, 758.0, 731.0, 1354.0]);
    assert_eq!(found["cost"].as_f64(), Some(2.0 * 1354.0 + 10.0 * 731.0));
    assert_eq!(found["budget"]["completes"].as_f64(), Some(875.0));
    let curve = std::fs::read_to_string(at.join("curve.svg")).expect("written");
    assert!(curve.starts_with("<svg") && curve.contains("polyline"));
    let words = said(&size(&["difference", "--p1", "0.3", "--p2", "0.4", "--ratio", "2"]), 0);
    // Fleiss, Levin and Paik (2003), section 4.4: 269.04 with p̄ = 0.3667, rounded up.
    assert!(words.contains("group 2") && words.contains("270") && words.contains("540"), "{words}");
    said(&size(&["means", "--difference", "3", "--deviation", "10"]), 0);
    said(&size(&["mean", "--deviation", "10", "--margin", "1"]), 0);
    let bad = ["proportion", "--p", "2", "--margin", "0.9", "--response", "0", "--json"];
    let report = json(&size(&bad), 2);
    assert_eq!(codes(&report).len(), 3, "{report}");
}

#[test]
fn strata_that_are_used_up_still_leave_the_precision() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases/sampling");
    let plan = sondage(&cases, &["sample", "plan", "02-strata.csv", "02-plan.toml", "--json"]);
    let report = json(&plan, 0);
    let strata = report["strata"].as_array().expect("strata");
    let number = |row: &Json, name: &str| row[name].as_f64().expect("a number");
    let drawn: Vec<f64> = strata.iter().map(|row| number(row, "drawn")).collect();
    assert_eq!(drawn, [400.0, 711.0, 60.0, 1_385.0, 220.0, 12.0]);
    // The standard error by its definition.
    let units: Vec<f64> = strata.iter().map(|row| number(row, "units")).collect();
    let all: f64 = units.iter().sum();
    let deviations = [12.0, 4.5, 60.0, 3.1, 22.0, 90.0];
    let parts = units.iter().zip(&drawn).zip(deviations);
    let part = |((units, drawn), deviation): ((&f64, &f64), f64)| {
        (units / all * deviation).powi(2) * (1.0 / drawn - 1.0 / units)
    };
    let error = parts.map(part).sum::<f64>().sqrt();
    assert!(error <= 0.05 && error > 0.0499, "{error}");
}

#[test]
fn sizes_are_those_that_the_usual_tests_need() {
    let folder = folder();
    let first = |arguments: &str| {
        let words: Vec<&str> = arguments.split(' ').chain(["--json"]).collect();
        let report = json(&sondage(folder.path(), &[&["sample", "size"], &words[..]].concat()), 0);
        (report["groups"][0]["simple"].as_f64().expect("a size"), report["clusters"].clone())
    };
    let size = |arguments: &str| first(arguments).0;
    // R 4.2: power.prop.test and power.t.test, rounded up.
    for (arguments, expected) in [
        ("difference --p1 0.3 --p2 0.4", 356.0),
        ("difference --p1 0.05 --p2 0.08 --power 0.9", 1_418.0),
        ("difference --p1 0.3 --p2 0.4 --one-sided", 281.0),
        ("difference --p1 0.3 --p2 0.4 --variance separate", 354.0),
        ("means --difference 5 --deviation 10", 64.0),
        ("means --difference 5 --deviation 5", 17.0),
        ("means --difference 1 --deviation 1 --power 0.9", 23.0),
        ("means --difference 3 --deviation 2 --power 0.9", 11.0),
        ("means --difference 5 --deviation 10 --distribution normal", 63.0),
        ("pairs --yes-no 0.05 --no-yes 0.15", 155.0),
        // (1 - 0.2) / 0.2 / 0.1².
        ("variation --wanted 0.1 --p 0.2", 400.0),
        ("variation --wanted 0.1 --of-units 2", 400.0),
    ] {
        assert!((size(arguments) - expected).abs() < 1e-9, "{arguments}: {}", size(arguments));
    }
    let usual = "proportion --margin 0.05 --intraclass 0.05";
    let (_, clusters) = first(&format!("{usual} --cluster-size 20"));
    // 385 times 1.95, over 20.
    assert_eq!(clusters["groups"][0].as_f64(), Some(38.0), "{clusters}");
    let (_, best) = first(&format!("{usual} --cluster-cost 750 --complete-cost 100"));
    // √(750/100 · 0.95/0.05) = 11.9.
    assert_eq!(best["members"].as_f64(), Some(12.0), "{best}");
    let refused = "variation --wanted 0.1 --p 1.5";
    let words: Vec<&str> = ["sample", "size"].into_iter().chain(refused.split(' ')).collect();
    assert!(said(&sondage(folder.path(), &words), 2).contains("coefficient of variation"));
}
