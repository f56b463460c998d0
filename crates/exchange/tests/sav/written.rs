//! What we write, read again by us and by pyreadstat.

use std::io::Cursor;
use std::sync::Arc;

use exchange::data::sav::{
    Code, Compression, Dictionary, Format, HIGHEST, Kind, LOWEST, Measure, Missing, ResponseSet,
    SavReader, SetKind, Value, Variable, write_sav,
};
use serde_json::{Value as Json, json};

use super::{cells, python};

/// A dictionary with all that can be written.
pub fn dictionary() -> Dictionary {
    let labels = |labels: &[(Code, &str)]| {
        Arc::new(labels.iter().map(|(code, label)| (code.clone(), (*label).to_owned())).collect())
    };
    let text = |text: &str| Code::Text(text.to_owned());
    let mut weight = Variable::new("trọng_số", Kind::Number);
    weight.print = Format { code: 5, width: 10, decimals: 4 };
    weight.write = weight.print;
    let mut opinion = Variable::new("hài_lòng_với_phường", Kind::Number);
    opinion.label += "Hài lòng với phường nơi anh chị ở";
    opinion.measure = Measure::Ordinal;
    opinion.columns = 15;
    opinion.labels = labels(&[
        (Code::Number(1.0), "Rất không hài lòng"),
        (Code::Number(5.0), "Rất hài lòng"),
        (Code::Number(-9.5), "Không trả lời"),
    ]);
    opinion.missing = Missing { range: Some((97.0, 99.0)), codes: vec![Code::Number(-9.5)] };
    let mut low = Variable::new("LOW", Kind::Number);
    low.missing = Missing { range: Some((LOWEST, 0.0)), codes: Vec::new() };
    let mut day = Variable::new("ngày", Kind::Number);
    day.print = Format { code: 20, width: 11, decimals: 0 };
    day.write = day.print;
    let mut ward = Variable::new("ward", Kind::Text(8));
    ward.labels = labels(&[(text("q1"), "Quận 1"), (text("bìnhx"), "Bình Thạnh")]);
    ward.missing.codes = vec![text("zz"), text("đ")];
    let mut place = Variable::new("Nơi_ở", Kind::Text(40));
    place.labels = labels(&[(text("Hà Nội"), "Thủ đô"), (text("Huế"), "Cố đô")]);
    place.missing.codes = vec![text("KHONG"), text("x")];
    let long = Variable::new("dài", Kind::Text(300));
    let longest = Variable::new("rất_dài", Kind::Text(2000));
    let mut edge = Variable::new("v1", Kind::Text(256));
    edge.label += "Đúng một chữ quá một đoạn";
    let set = |name: &str, kind, variables: &[&str]| ResponseSet {
        name: name.to_owned(),
        label: "Nhiều câu trả lời".to_owned(),
        kind,
        variables: variables.iter().map(|name| (*name).to_owned()).collect(),
    };
    Dictionary {
        label: "Tệp thử".to_owned(),
        encoding: "UTF-8".to_owned(),
        cases: Some(4),
        variables: vec![weight, opinion, low, day, ward, place, long, longest, edge],
        weight: Some(0),
        response_sets: vec![
            set("$loai", SetKind::Categories, &["hài_lòng_với_phường", "LOW"]),
            set("$chon", SetKind::Chosen("1".to_owned()), &["LOW", "trọng_số"]),
            set("$nhan", SetKind::ChosenByLabel("1".to_owned(), true), &["LOW", "ngày"]),
        ],
    }
}

pub fn rows() -> Vec<Vec<Value<'static>>> {
    let text = |text: String| Value::Text(text.into());
    let row = |number: u32, long: &str| {
        let value = f64::from(number);
        vec![
            Value::Number(0.25 + value),
            if number == 2 { Value::Missing } else { Value::Number(value * 98.0 - 9.5) },
            Value::Number(value - 1.0),
            Value::Number(13_885_516_800.0 + value * 86_400.0),
            text(["q1", "", "đ", "bìnhx"][number as usize].to_owned()),
            text(["Hà Nội", "KHONG", " hai  cách", "Huế"][number as usize].to_owned()),
            text(long.chars().take(100).collect()),
            text(long.chars().take(660).collect()),
            text("a".repeat(number as usize * 80 + 16)),
        ]
    };
    let letters = "ễ".repeat(700);
    vec![row(0, ""), row(1, "Tiếng Việt"), row(2, &letters), row(3, &"Phường ".repeat(94))]
        .into_iter()
        .map(|row| row.into_iter().map(ended).collect())
        .collect()
}

/// A text without the blanks behind it, as a file keeps it.
fn ended(value: Value<'static>) -> Value<'static> {
    match value {
        Value::Text(text) => Value::Text(text.trim_end().to_owned().into()),
        other => other,
    }
}

pub const PACKED: [Compression; 3] = [Compression::Plain, Compression::Bytecode, Compression::Zlib];

pub fn written(dictionary: &Dictionary, rows: &[Vec<Value<'_>>], packed: Compression) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    write_sav(&mut file, dictionary, rows.iter(), packed).expect("written");
    file.into_inner()
}

#[test]
fn what_is_written_is_read_again() {
    let (dictionary, rows) = (dictionary(), rows());
    for packed in PACKED {
        let file = written(&dictionary, &rows, packed);
        let mut reader = SavReader::new(file.as_slice()).expect("a file");
        assert_eq!(*reader.dictionary(), dictionary, "{packed:?}");
        for row in &rows {
            let found = reader.next_row().expect("a row").expect("a row");
            assert_eq!(found.values().collect::<Vec<_>>(), *row, "{packed:?}");
        }
        assert!(reader.next_row().expect("the end").is_none(), "{packed:?}");
        assert!(reader.next_row().expect("the end").is_none(), "{packed:?}");
    }
}

#[test]
fn files_without_rows_or_variables_are_files() {
    let none = Dictionary { encoding: "UTF-8".to_owned(), cases: Some(0), ..Dictionary::default() };
    for dictionary in [Dictionary { cases: Some(0), ..dictionary() }, none] {
        for packed in PACKED {
            let file = written(&dictionary, &[], packed);
            let mut reader = SavReader::new(file.as_slice()).expect("a file");
            assert_eq!(*reader.dictionary(), dictionary, "{packed:?}");
            assert!(reader.next_row().expect("the end").is_none(), "{packed:?}");
        }
    }
}

/// More than one block of zlib, and rows that end within one.
#[test]
fn many_blocks_are_one_file() {
    let dictionary = Dictionary {
        variables: vec![
            Variable::new("a", Kind::Number),
            Variable::new("s", Kind::Text(200)),
            Variable::new("b", Kind::Number),
        ],
        ..Dictionary::default()
    };
    let row = |number: u32| {
        let text = Value::Text(format!("{number:0>200}").into());
        [Value::Number(f64::from(number) + 0.5), text, Value::Number(f64::from(number % 300))]
    };
    let mut file = Cursor::new(Vec::new());
    write_sav(&mut file, &dictionary, (0..50_000).map(row), Compression::Zlib).expect("written");
    let mut reader = SavReader::new(Cursor::new(file.into_inner())).expect("a file");
    for number in 0..50_000 {
        let found = reader.next_row().expect("a row").expect("a row");
        assert!(found.values().eq(row(number)), "row {number}");
    }
    assert!(reader.next_row().expect("the end").is_none());
}

#[test]
fn pyreadstat_reads_what_is_written() {
    let (dictionary, rows) = (dictionary(), rows());
    let folder = tempfile::tempdir().expect("a folder");
    for packed in PACKED {
        let Some(mut python) = python() else { return };
        let path = folder.path().join("written.sav");
        std::fs::write(&path, written(&dictionary, &rows, packed)).expect("written");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sav/read.py");
        let output = python.arg(script).arg(&path).output().expect("Python runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(found["label"], dictionary.label);
        assert_eq!((&found["encoding"], &found["count"]), (&json!("UTF-8"), &json!(4)));
        let expected: Vec<Vec<Json>> = rows
            .iter()
            .map(|row| {
                let value = |value: &Value| match value {
                    Value::Missing => Json::Null,
                    Value::Number(number) => json!(number),
                    Value::Text(text) => json!(text),
                };
                row.iter().map(value).collect()
            })
            .collect();
        assert_eq!(found["rows"], json!(expected), "{packed:?}");
        let code = |code: &Code| match code {
            Code::Number(number) => json!(number),
            Code::Text(text) => json!(text),
        };
        for (place, variable) in dictionary.variables.iter().enumerate() {
            let name = &variable.name;
            assert_eq!(found["names"][place], **name);
            let label = found["columns"][place].as_str().unwrap_or_default();
            assert_eq!(label, variable.label, "{name}");
            let labels: Vec<Json> =
                variable.labels.iter().map(|(value, label)| json!([code(value), label])).collect();
            let none = labels.is_empty();
            let expected = if none { Json::Null } else { Json::Array(labels) };
            assert_eq!(found["labels"][name], expected, "{name}");
            let range = variable.missing.range.map(|(low, high)| {
                let low = if low == LOWEST { json!("-inf") } else { json!(low) };
                json!([low, high])
            });
            let codes = variable.missing.codes.iter().map(|one| json!([code(one), code(one)]));
            let missing: Vec<Json> = range.into_iter().chain(codes).collect();
            let expected = if missing.is_empty() { Json::Null } else { Json::Array(missing) };
            assert_eq!(found["missing"][name], expected, "{name}");
            let measure = format!("{:?}", variable.measure).to_lowercase();
            assert_eq!(found["measures"][name], measure, "{name}");
            assert_eq!(found["widths"][name], variable.columns, "{name}");
        }
        assert_eq!(found["formats"]["ngày"], "DATE11");
        assert_eq!(found["formats"]["trọng_số"], "F10.4");
        // pyreadstat does not read sets of the kind E.
        let sets = |name: &str| found["sets"][name]["variable_list"].clone();
        assert_eq!(sets("loai"), json!(["hài_lòng_với_phường", "LOW"]));
        assert_eq!(sets("chon"), json!(["LOW", "trọng_số"]));
    }
}

#[test]
fn texts_are_cut_between_letters_and_wrong_files_are_not_written() {
    let mut variable = Variable::new("s", Kind::Text(4));
    variable.label = "ợ".repeat(100);
    let mut dictionary = Dictionary { variables: vec![variable], ..Dictionary::default() };
    let file = written(&dictionary, &[vec![Value::Text("aợợ".into())]], Compression::Bytecode);
    assert_eq!(cells(&file).expect("a file")[1], ["aợ"]);
    let reader = SavReader::new(file.as_slice()).expect("a file");
    assert_eq!(reader.dictionary().variables[0].label, "ợ".repeat(85));
    let mut refused = |row: Value, change: fn(&mut Dictionary)| {
        change(&mut dictionary);
        let file = Cursor::new(Vec::new());
        let rows = [[row]];
        write_sav(file, &dictionary, rows.iter(), Compression::Plain).expect_err("refused")
    };
    let text = || Value::Text("a".into());
    assert_eq!(refused(Value::Number(1.0), |_| ()), "row 1, s: not of the variable's kind");
    let weight = refused(text(), |file| file.weight = Some(0));
    assert_eq!(weight, "the weight is not one of the variables of numbers");
    let missing = refused(text(), |file| file.variables[0].missing.range = Some((0.0, HIGHEST)));
    assert_eq!(missing, "s: these missing values cannot be written");
    let missing = refused(text(), |file| {
        let missing = Missing { range: None, codes: vec![Code::Text("dài quá".to_owned())] };
        file.variables[0].missing = missing;
    });
    assert_eq!(missing, "s: these missing values cannot be written");
    let label = refused(text(), |file| {
        let variable = &mut file.variables[0];
        variable.missing = Missing::default();
        variable.labels = Arc::new(vec![(Code::Number(1.0), "một".to_owned())]);
    });
    assert_eq!(label, "s: a label is for a value that it cannot have");
    let name = refused(text(), |file| {
        file.variables[0] = Variable::new("a b", Kind::Text(4));
    });
    assert_eq!(name, "“a b” is no name of a variable");
    let double = refused(text(), |file| {
        let kind = Kind::Text(8);
        file.variables = vec![Variable::new("Đ", kind), Variable::new("đ", kind)];
    });
    assert_eq!(double, "two variables are called đ");
}
