//! Lists as people have them, with the program as a person runs it: each case of
//! `fixtures/cases/sampling` has its outcome here.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder)
}

/// Runs the program beside the cases.
fn run(arguments: &[&str], input: Stdio) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sondage"))
        .args(arguments)
        .args(["--language", "en"])
        .current_dir(fixtures("cases/sampling"))
        .stdin(input)
        .output()
        .expect("runs")
}

fn said(arguments: &[&str], code: i32) -> String {
    let output = run(arguments, Stdio::null());
    let all =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    let all = all.concat();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {all}");
    assert!(!all.contains("panicked"), "{all}");
    all
}

/// The report on a frame, as JSON.
fn check(file: &str, extra: &[&str], code: i32) -> Json {
    let all = [&["frame", "check", file], extra, &["--json"]].concat();
    let output = run(&all, Stdio::null());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{file} {extra:?}: {text}{error}");
    serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{wrong}: {text}{error}"))
}

fn codes(list: &Json) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|one| one["code"].as_str().expect("a code")).collect()
}

/// Units, strata and clusters.
fn shape(report: &Json) -> [usize; 3] {
    let strata = report["strata"].as_array().expect("strata").len();
    let number =
        |name: &str| usize::try_from(report[name].as_u64().expect("a number")).expect("small");
    [number("units"), strata, number("clusters")]
}

fn names(report: &Json) -> Vec<&str> {
    let strata = report["strata"].as_array().expect("strata");
    strata.iter().map(|one| one["stratum"].as_str().expect("a name")).collect()
}

/// The households of the guide, with their area as stratum.
fn households(extra: &[&str], code: i32) -> Json {
    let file = fixtures("frames/households.csv");
    let all = [&["--stratum", "area", "--cluster", "ward"], extra].concat();
    check(file.to_str().expect("UTF-8"), &all, code)
}

fn coverage(report: &Json) -> Vec<f64> {
    let strata = report["strata"].as_array().expect("strata");
    strata.iter().map(|one| one["coverage"].as_f64().expect("a share")).collect()
}

#[test]
fn one_place_in_two_forms_of_letters_is_one() {
    let report = check("05-nfd.csv", &["--stratum", "tinh", "--cluster", "phuong"], 0);
    assert_eq!(shape(&report), [40, 2, 4]);
    assert_eq!(codes(&report["notes"]), Vec::<&str>::new());
    assert_eq!(shape(&check("05-header.csv", &["--unit", "Mã số"], 0)), [1, 1, 0]);
    assert_eq!(coverage(&households(&["--totals", "05-totals.csv"], 0)), [120.0 / 140.0, 1.04]);
}

#[test]
fn spellings_are_told_and_merged_when_asked() {
    let roles = ["--stratum", "tinh", "--cluster", "phuong"];
    let report = check("05-spaces.csv", &roles, 0);
    // Spaces are folded; capitals and missing accents are for people to judge.
    assert_eq!(shape(&report)[..2], [40, 4]);
    assert_eq!(codes(&report["notes"]), ["frame_spellings"]);
    let told = report["notes"][0]["message"].as_str().expect("a sentence");
    assert!(told.contains("Hà Nội (18), ") && told.contains("only in accents"), "{told}");
    let merged = check("05-spaces.csv", &[&roles[..], &["--merge-spellings"]].concat(), 0);
    assert_eq!(shape(&merged), [40, 2, 4]);
    assert_eq!(names(&merged), ["Huế", "Hà Nội"]);
    assert_eq!(codes(&merged["notes"]), ["frame_spellings_merged"]);
}

#[test]
fn what_was_merged_is_in_the_record_and_comes_out_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let plan = std::fs::read_to_string(fixtures("cases/sampling/05-plan.toml")).expect("a plan");
    let asked = plan.replace("[[stages]]", "reading = { merge_spellings = true }\n[[stages]]");
    std::fs::write(at("plan.toml"), asked).expect("written");
    let record = at("sample.json");
    let draw = ["sample", "draw", "05-spaces.csv", &at("plan.toml"), "--seed", "1", "-o", &record];
    let told = said(&draw, 0);
    assert!(told.contains("are read as Hà Nội"), "{told}");
    let written = std::fs::read_to_string(&record).expect("a record");
    let sample: Json = serde_json::from_str(&written).expect("JSON");
    let merged = &sample["columns"]["reading"]["merged"][0];
    assert_eq!(
        (merged["column"].as_str(), merged["name"].as_str()),
        (Some("tinh"), Some("Hà Nội"))
    );
    let strata: std::collections::BTreeSet<&str> = sample["units"]
        .as_array()
        .expect("units")
        .iter()
        .map(|unit| unit["stratum"].as_str().expect("a name"))
        .collect();
    assert_eq!(strata.into_iter().collect::<Vec<_>>(), ["Huế", "Hà Nội"]);
    said(&["sample", "replay", &record, "05-spaces.csv"], 0);
}

#[test]
fn thousands_and_decimals_are_asked_where_nothing_decides() {
    let roles = ["--stratum", "tinh", "--size", "size"];
    let report = check("06-dot.csv", &roles, 2);
    assert_eq!(codes(&report["problems"]), ["frame_numbers_ambiguous"]);
    let told = report["problems"][0]["message"].as_str().expect("a sentence");
    assert!(
        told.contains("rows 2, 3, 4, ") && told.contains("3.407 can be 3.407 or 3,407"),
        "{told}"
    );
    let report = check("06-dot.csv", &[&roles[..], &["--decimal", "comma"]].concat(), 0);
    let sizes = report["strata"].as_array().expect("strata").iter();
    assert!(sizes.map(|one| one["size"].as_f64().expect("a size")).all(|size| size > 10_000.0));
    let draw = ["sample", "draw", "06-dot.csv", "06-plan.toml", "--seed", "1", "-o", "never.json"];
    assert!(said(&draw, 2).contains("--decimal comma"));
    let totals = households(&["--totals", "06-totals.csv"], 2);
    assert_eq!(codes(&totals["problems"]), ["frame_numbers_ambiguous"]);
    let told = totals["problems"][0]["message"].as_str().expect("a sentence");
    assert!(told.starts_with("06-totals.csv: column total"), "{told}");
    let totals = households(&["--totals", "06-totals.csv", "--totals-decimal", "comma"], 0);
    assert_eq!(coverage(&totals), [120.0 / 1_400.0, 208.0 / 2_000.0]);
}

#[test]
fn totals_and_places_are_read_as_frames_are() {
    for totals in ["09-semicolons.csv", "09-totals.xlsx"] {
        assert_eq!(coverage(&households(&["--totals", totals], 0)), [120.0 / 140.0, 1.04]);
    }
    let report = households(&["--totals", "09-twice.csv"], 2);
    assert_eq!(codes(&report["problems"]), ["frame_total_twice"]);
    assert_eq!(report["problems"][0]["row"].as_u64(), Some(3));
    let report = households(&["--places", "09-places.csv", "--on", "2025-07-01"], 0);
    assert!(report["places"]["known"].as_u64().is_some_and(|known| known > 0), "{report}");
    let report = households(&["--totals", "09-places.csv"], 2);
    let told = report["problems"][0]["message"].as_str().expect("a sentence");
    assert!(told.starts_with("09-places.csv: there is no column stratum"), "{told}");
}

#[test]
fn a_day_in_a_workbook_is_a_day() {
    let report = check("10-dates.xlsx", &["--stratum", "born"], 0);
    assert!(names(&report).iter().all(|name| name.len() == 10 && name.starts_with("19")));
    assert_eq!(names(&report)[0], "1980-01-01");
}

#[test]
fn ids_that_were_rounded_are_told() {
    let report = check("11-distinct.csv", &[], 0);
    assert_eq!(codes(&report["notes"]), ["frame_ids_rounded"]);
    for file in ["11-collide.csv", "11-long.xlsx"] {
        let report = check(file, &[], 2);
        assert_eq!(codes(&report["problems"]), ["frame_ids_rounded_twice"], "{file}");
        let remedy = report["problems"][0]["remedy"].as_str().expect("what to do");
        assert!(remedy.contains("as text"), "{remedy}");
    }
}

#[test]
fn a_telephone_without_its_zero_is_the_same() {
    let report = check("12-phones.csv", &["--phone", "phone"], 0);
    let twins = report["twins"]["twins"].as_array().expect("twins");
    assert!(twins.iter().any(|twin| twin["first"] == 3 && twin["row"] == 5), "{twins:?}");
}

#[test]
fn the_header_is_found_and_the_sheet_and_the_encoding() {
    let roles = ["--stratum", "tinh", "--cluster", "phuong", "--size", "size"];
    for (file, unit, notes) in [
        ("13-sep.csv", "id", &[][..]),
        ("13-title.csv", "id", &["frame_header_found"]),
        ("13-merged-header.xlsx", "Mã", &["frame_header_found"]),
        ("13-second-sheet.xlsx", "id", &["frame_sheet_taken"]),
        ("13-utf16.txt", "id", &[]),
        ("13-windows1258.csv", "id", &[]),
    ] {
        let report = check(file, &[&roles[..], &["--unit", unit]].concat(), 0);
        assert_eq!(shape(&report), [40, 2, 4], "{file}");
        assert_eq!(codes(&report["notes"]), notes, "{file}");
    }
    let report = check("13-second-sheet.xlsx", &["--sheet", "Data"], 0);
    assert_eq!(codes(&report["notes"]), Vec::<&str>::new());
    let report = check("13-second-sheet.xlsx", &["--sheet", "Dât"], 2);
    assert_eq!(codes(&report["problems"]), ["frame_sheet_missing"]);
    let report = check("13-title.csv", &["--header-row", "3"], 0);
    assert_eq!(shape(&report)[0], 40);
    let report = check("13-title.csv", &["--header-row", "900"], 2);
    assert_eq!(codes(&report["problems"]), ["frame_header_missing"]);
}

#[test]
fn a_row_of_sums_is_nobody() {
    let report = check("13-total-row.csv", &["--size", "size"], 0);
    assert_eq!((shape(&report)[0], codes(&report["notes"])), (40, vec!["frame_total_row"]));
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (record, units) = (at("sample.json"), at("units.csv"));
    let draw = ["sample", "draw", "13-total-row.csv", "13-plan.toml", "--seed", "1"];
    said(&[&draw[..], &["--output", &record, "--units", &units]].concat(), 0);
    assert!(!std::fs::read_to_string(&units).expect("units").contains("Tổng"));
    said(&["sample", "replay", &record, "13-total-row.csv"], 0);
}

#[test]
fn strata_of_several_columns_stay_apart() {
    let report = check("17-slash.csv", &["--stratum", "a", "--stratum", "b"], 0);
    assert_eq!(shape(&report), [4, 2, 0]);
    assert_eq!(names(&report), ["\"x / y\" / z", "x / \"y / z\""]);
}

#[test]
fn a_file_of_another_kind_is_one_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
    for (name, bytes) in [
        ("list.csv", &b"%PDF-1.7\n1 0 obj\n"[..]),
        ("list.xls", b"<html><table><tr><td>id</td></tr></table></html>"),
        ("picture.csv", picture),
        ("data.json.csv", b"[{\"id\": 1}]"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let report = check(path.to_str().expect("UTF-8"), &[], 2);
        assert_eq!(codes(&report["problems"]), ["frame_other_kind"], "{name}");
    }
}

/// What a reader says of a damaged file is said in words of ours, with the place, in
/// both languages; nothing of a library's own English is left.
#[test]
fn why_a_file_cannot_be_read_is_said_in_both_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    let read = |name: &str| std::fs::read(fixtures("datasets").join(name)).expect("a fixture");
    let cut = |bytes: Vec<u8>, by: usize| bytes[..bytes.len() - by].to_vec();
    let sav = read("made1.sav");
    let mut layout = sav.clone();
    layout[64] = 9;
    let mut release = read("made1.dta");
    let at = release.windows(3).position(|three| three == b"119").expect("its release");
    release[at..at + 3].copy_from_slice(b"120");
    let mut compressed = read("made1.zsav");
    let end = compressed.len();
    compressed[end - 200..end - 100].fill(0xff);
    let mut parquet = read("made1.parquet");
    parquet[10..60].fill(0xff);
    let damaged = ["it is damaged", "tệp bị hỏng"];
    let files: [(&str, Vec<u8>, [&str; 2]); 7] = [
        ("layout.sav", layout, ["it is damaged, byte 64", "tệp bị hỏng, byte thứ 64"]),
        ("cut.sav", cut(sav, 40), ["rows that it says it has", "dòng mà nó khai"]),
        ("blocks.zsav", compressed, ["it goes on after the 348 rows", "còn dữ liệu sau 348 dòng"]),
        ("cut.dta", cut(read("made1.dta"), 4_000), ["it ends in the middle", "dừng giữa chừng"]),
        ("release.dta", release, ["release 120", "phiên bản 120"]),
        ("cut.parquet", cut(read("made1.parquet"), 9), damaged),
        ("pages.parquet", parquet, damaged),
    ];
    for (name, bytes, words) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let path = path.to_str().expect("UTF-8").to_owned();
        for (language, word) in ["en", "vi"].into_iter().zip(words) {
            let output = Command::new(env!("CARGO_BIN_EXE_sondage"))
                .args(["frame", "check", &path, "--language", language])
                .output()
                .expect("runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(word), "{name} {language}: {said}");
            let foreign = ["Parquet error", "invalid", "truncated", "expected", "EOF"];
            assert!(!foreign.iter().any(|word| said.contains(word)), "{name}: {said}");
        }
    }
}

#[test]
fn a_list_comes_from_standard_input() {
    for file in ["13-sep.csv", "13-second-sheet.xlsx"] {
        let open = File::open(fixtures("cases/sampling").join(file)).expect("a file");
        let output = run(&["frame", "check", "-", "--json"], open.into());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["units"].as_u64(), Some(40));
    }
}
