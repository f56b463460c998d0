//! Files of SPSS: what pyreadstat wrote is read as it was meant, what we write
//! is read as it was meant by pyreadstat, and damaged files are refused in words.
//!
//! `SONDAGE_PYREADSTAT` is a Python that has the package; without it the
//! committed files of `fixtures/datasets` stand for it.

#[path = "sav/bytes.rs"]
mod bytes;
#[path = "sav/damaged.rs"]
mod damaged;
#[path = "sav/written.rs"]
mod written;

use std::path::{Path, PathBuf};
use std::process::Command;

use analysis::dataset::Level;
use bytes::Made;
use exchange::data::described::sav_codebook;
use exchange::data::sav::{
    Code, Compression, Dictionary, Format, HIGHEST, Kind, LOWEST, Measure, Missing, SavReader,
    SetKind, Value, Variable,
};
use exchange::data::statistics_file::{DeclaredMissing, sav_to_csv};
use serde_json::{Value as Json, json};
use written::written;

fn datasets(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/datasets").join(name)
}

/// A Python with pyreadstat.
fn python() -> Option<Command> {
    let Some(python) = std::env::var_os("SONDAGE_PYREADSTAT") else {
        assert!(std::env::var_os("CI").is_none(), "SONDAGE_PYREADSTAT must be set");
        println!("skipped: SONDAGE_PYREADSTAT is not set");
        return None;
    };
    Some(Command::new(python))
}

/// The cells of a file, the names first.
fn cells(file: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let mut csv = Vec::new();
    sav_to_csv(file, DeclaredMissing::Empty, &mut csv).map_err(|told| told.to_string())?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_slice());
    let rows = reader.records().map(|record| {
        let record = record.expect("our own CSV");
        record.iter().map(str::to_owned).collect()
    });
    Ok(rows.collect())
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every kind of value, as `kinds.py` says it.
fn is_as_expected(folder: &Path, names: &[&str]) {
    let expected: Json =
        serde_json::from_slice(&read(&folder.join("expected.json"))).expect("JSON");
    let lists = |list: &Json| serde_json::from_value::<Vec<String>>(list.clone()).expect("texts");
    for name in names {
        let file = read(&folder.join(name));
        let found = cells(&file).expect("a file");
        assert_eq!(found[0], lists(&expected["names"]), "{name}");
        let rows = expected["rows"].as_array().expect("rows");
        let rows = if *name == "one.sav" { &rows[..1] } else { rows };
        assert_eq!(found.len(), rows.len() + 1, "{name}");
        for (found, expected) in found[1..].iter().zip(rows) {
            assert_eq!(*found, lists(expected), "{name}");
        }
        let codebook = sav_codebook(file.as_slice()).expect("a codebook");
        let labelled = codebook.variables.iter().filter(|variable| !variable.levels.is_empty());
        assert_eq!(labelled.clone().count(), 3, "{name}");
        for variable in labelled {
            let pair = |level: &Level| (level.code.clone(), level.label.get("", "").to_owned());
            let found: Vec<_> = variable.levels.iter().map(pair).collect();
            assert_eq!(json!(found), expected["labels"][&variable.name], "{name}");
        }
        let reader = SavReader::new(file.as_slice()).expect("a file");
        let dictionary = reader.dictionary();
        assert_eq!(dictionary.label, "Nhãn của tệp");
        for variable in &dictionary.variables {
            assert_eq!(expected["columns"][&variable.name], *variable.label, "{name}");
        }
        let [num, scale] = [&dictionary.variables[0], &dictionary.variables[1]];
        assert_eq!((num.columns, num.measure), (12, Measure::Scale), "{name}");
        assert_eq!(num.print, Format { code: 5, width: 10, decimals: 3 }, "{name}");
        assert_eq!(scale.measure, Measure::Ordinal, "{name}");
        let missing = Missing { range: Some((98.0, 99.0)), codes: vec![Code::Number(9.0)] };
        assert_eq!(scale.missing, missing, "{name}");
    }
}

#[test]
fn committed_files_say_what_was_put_in() {
    is_as_expected(&datasets("kinds"), &["packed.sav", "packed.zsav"]);
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(datasets("made1.csv"))
        .expect("a fixture");
    let expected: Vec<csv::StringRecord> = csv.records().map(|row| row.expect("a row")).collect();
    for name in ["made1.sav", "made1.zsav"] {
        let found = cells(&read(&datasets(name))).expect("a file");
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            for (found, expected) in found.iter().zip(expected) {
                // pandas writes 78.0 where a column has gaps; blanks at the end fill a text.
                let expected = expected.trim_end();
                let numbers = (found.parse::<f64>(), expected.parse::<f64>());
                let same =
                    matches!(&numbers, (Ok(one), Ok(other)) if one.to_bits() == other.to_bits());
                assert!(same || found == expected, "{name}: {found} for {expected}");
            }
        }
    }
}

/// What `pspp.sps` says, by another program.
#[test]
fn a_file_of_pspp_says_what_was_put_in() {
    let file = read(&datasets("kinds/pspp.zsav"));
    let found = cells(&file).expect("a file");
    let without_long = |row: &Vec<String>| {
        let (long, end) = (&row[8], &row[9..]);
        assert!(long.ends_with("ởEND"), "{long}");
        [&row[..8], end].concat()
    };
    let first = [
        "1",
        "1.5",
        "2020-01-01",
        "1999-03-05T10:11:12",
        "PT37230S",
        "PT273906S",
        "2001-01-01",
        "Hà Nội",
        "1",
        "0",
        "1",
        "1234.5",
    ];
    let second = [
        "2",
        "0.5",
        "1959-12-31",
        "1899-03-05T10:11:12",
        "PT361230S",
        "-PT101106S",
        "1950-05-01",
        "",
        "0",
        "",
        "1",
        "",
    ];
    assert_eq!(without_long(&found[1]), first);
    assert_eq!(without_long(&found[2]), second);
    assert_eq!(without_long(&found[3]), [""; 12]);
    let reader = SavReader::new(file.as_slice()).expect("a file");
    let dictionary = reader.dictionary();
    assert_eq!(dictionary.weight, Some(1));
    assert_eq!(dictionary.variables[12].missing.range, Some((LOWEST, 0.0)));
    assert_eq!(dictionary.variables[8].kind, Kind::Text(600));
    let one = || "1".to_owned();
    let sets: Vec<_> = dictionary
        .response_sets
        .iter()
        .map(|set| (&*set.name, &*set.label, &set.kind, set.variables.join(" ")))
        .collect();
    let expected = [
        ("$m", "chọn", &SetKind::Chosen(one()), "q1 q2 q3".to_owned()),
        ("$c", "", &SetKind::Categories, "q1 q2".to_owned()),
        ("$e", "", &SetKind::ChosenByLabel(one(), false), "q1 q2 q3".to_owned()),
    ];
    assert_eq!(sets, expected);
}

#[test]
fn files_of_pyreadstat_say_what_was_put_in() {
    let Some(mut python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let output = python.arg(datasets("kinds.py")).arg(folder).arg("more").output();
    let output = output.expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_as_expected(folder, &["packed.sav", "packed.zsav", "plain.sav", "one.sav"]);
    assert_eq!(cells(&read(&folder.join("empty.sav"))).expect("a file").len(), 1);
    let none = read(&folder.join("none.sav"));
    let mut reader = SavReader::new(none.as_slice()).expect("a file");
    assert!(reader.dictionary().variables.is_empty());
    assert!(reader.next_row().expect("no row").is_none());
    assert_eq!(cells(&none), Err("the file has no variables".to_owned()));
    for name in ["large_packed.sav", "large_plain.sav", "large.zsav"] {
        let file = read(&folder.join(name));
        let mut reader = SavReader::new(file.as_slice()).expect("a file");
        let mut number = 0_u32;
        while let Some(row) = reader.next_row().expect("a row") {
            let seventh = f64::from(number % 7);
            let expected = [
                Value::Number(number.into()),
                if number.is_multiple_of(7) { Value::Missing } else { Value::Number(seventh) },
                Value::Number(f64::from(number % 251) - 99.0),
                Value::Number(f64::from(number) / 4.0),
                Value::Text(format!("phường {}", number % 1000).into()),
            ];
            assert!(row.values().eq(expected), "{name}: row {number}");
            number += 1;
        }
        assert_eq!(number, 100_000, "{name}");
    }
}

/// A number and a text, the second missing where it is over 90 or −1.
fn by_hand(big: bool, encoding: &[u8]) -> Made {
    let mut made = Made::new(big, 1, 2, -1, 50.0);
    made.variable("NUM", 0, -3, &[90.0, HIGHEST, -1.0]);
    made.variable("TEXT", 8, 0, &[]);
    made.extension(20, encoding);
    made.extension(13, b"NUM=number\tTEXT=t\xeaxt");
    made.ints(&[999, 0]);
    // Two rows of small numbers, then one of a large one; then the end.
    made.bytes.extend([53, 253, 49, 254, 0, 253, 253, 253]);
    made.letters(b"h\xf4m", 8);
    made.number(1234.5);
    made.letters(b"", 8);
    made.number(95.0);
    made.bytes.extend([254, 255, 254, 252, 0, 0, 0, 0]);
    made
}

#[test]
fn either_order_of_bytes_other_biases_and_old_encodings_are_read() {
    for big in [false, true] {
        let file = by_hand(big, b"windows-1258").bytes;
        let expected =
            [["number", "têxt"], ["3", "hôm"], ["", ""], ["1234.5", ""], ["", ""], ["", ""]];
        // 1234.5 lies within 90 to HIGHEST.
        let found = cells(&file).expect("a file");
        let mut expected: Vec<Vec<&str>> = expected.iter().map(|row| row.to_vec()).collect();
        expected[3][0] = "";
        assert_eq!(found, expected, "big: {big}");
    }
    // By number: 7/3 says it in its last part.
    let mut made = Made::new(false, 0, 1, 1, 100.0);
    made.variable("T", 3, 0, &[]);
    let parts: Vec<u8> = [0, 0, 0, 0, 1, 1, 2, 1251].map(i32::to_le_bytes).concat();
    made.ints(&[7, 3, 4, 8]);
    made.bytes.extend(parts);
    made.ints(&[999, 0]);
    made.letters(b"\xc4\xe0", 8);
    assert_eq!(cells(&made.bytes).expect("a file")[1], ["Да"]);
    let unknown = cells(&by_hand(false, b"IBM-500").bytes).expect_err("refused");
    assert!(unknown.contains("encoding “IBM-500”"), "{unknown}");
}

#[test]
fn days_and_times_are_written_as_they_were() {
    let variable = |name: &str, code| {
        let mut variable = Variable::new(name, Kind::Number);
        variable.print = Format { code, width: 20, decimals: 0 };
        variable
    };
    // DATE, WKYR, DATETIME, TIME, DTIME, WKDAY.
    let codes = [20, 30, 22, 21, 25, 26];
    let variables = codes.iter().map(|code| variable(&format!("f{code}"), *code)).collect();
    let dictionary = Dictionary { variables, ..Dictionary::default() };
    let rows: Vec<Vec<Value>> = [0.0, 13_885_516_800.0, 13_885_561_815.25, -1.5, 1e18]
        .iter()
        .map(|number| vec![Value::Number(*number); 6])
        .collect();
    let found = cells(&written(&dictionary, &rows, Compression::Bytecode)).expect("a file");
    let expected = [
        ["1582-10-14", "1582-10-14", "1582-10-14T00:00:00", "P0D", "P0D", "0"],
        [
            "2022-10-19",
            "2022-10-19",
            "2022-10-19T00:00:00",
            "PT13885516800S",
            "PT13885516800S",
            "13885516800",
        ],
        [
            "2022-10-19",
            "2022-10-19",
            "2022-10-19T12:30:15.250",
            "PT13885561815.25S",
            "PT13885561815.25S",
            "13885561815.25",
        ],
        ["1582-10-13", "1582-10-13", "1582-10-13T23:59:58.500", "-PT1.5S", "-PT1.5S", "-1.5"],
        ["", "", "", "", "", "1000000000000000000"],
    ];
    assert_eq!(found[1..], expected);
}
