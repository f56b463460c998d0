//! Damaged, bent and overblown files: whatever is sent in, the readers say yes
//! or no, soon, and what they take can be written again.
//!
//! Seeded. The files are those of the fixtures and of the reference set; each
//! round bends one of them: bytes, lines, numbers, brackets, or the parts of a
//! workbook under its compression. `SONDAGE_FUZZ_SECONDS` says how long, a few
//! seconds without it.

mod importing;
#[path = "word/written.rs"]
mod written;

use std::io::{Cursor, Read as _, Write as _};
use std::time::{Duration, Instant};

use exchange::data::described::sav_codebook;
use exchange::data::statistics_file::{DeclaredMissing, sav_to_csv};
use exchange::questionnaire::import;
use exchange::{surveyjs, xform, xlsform};
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

/// No file may take longer.
const LIMIT: Duration = Duration::from_secs(10);

/// What makes trouble where a number, a name or a bracket is expected.
const TROUBLE: [&str; 24] = [
    "99999999999999999999",
    "-1",
    "0",
    "1e308",
    "NaN",
    "4294967296",
    "2147483647",
    "",
    " ",
    "\0",
    "((((((((((((((((",
    "))))",
    "[[[[[[[[",
    "{{{{{{{{",
    "${",
    "${a}",
    "'",
    "\"",
    "&amp;&#x0;",
    "<![CDATA[",
    "\u{feff}",
    "\u{202e}",
    "ợ́",
    "../../x",
];

fn bent(random: &mut ChaCha12Rng, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..6) {
        if bytes.is_empty() {
            break;
        }
        let at = random.random_range(0..bytes.len());
        let end = (at + random.random_range(0..400)).min(bytes.len());
        match random.random_range(0..8) {
            0 => bytes.truncate(at),
            1 => bytes[at] = random.random_range(0..=255),
            2 => bytes[at] ^= 1 << random.random_range(0..8),
            3 => {
                bytes.drain(at..end);
            }
            4 => {
                let part = bytes[at..end].to_vec();
                let times = random.random_range(1..30);
                bytes.splice(at..at, part.repeat(times));
            }
            5 if !other.is_empty() => {
                let from = random.random_range(0..other.len());
                let part = &other[from..(from + 300).min(other.len())];
                bytes.splice(at..end, part.iter().copied());
            }
            6 => digits(&mut bytes, at, random),
            _ => {
                let trouble = TROUBLE.choose(random).copied().unwrap_or_default();
                bytes.splice(at..at, trouble.bytes());
            }
        }
    }
    bytes.truncate(4 << 20);
    bytes
}

/// Puts another number in the place of the next one.
fn digits(bytes: &mut Vec<u8>, at: usize, random: &mut ChaCha12Rng) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit) else { return };
    let start = at + start;
    let length = bytes[start..].iter().take_while(|next| next.is_ascii_digit()).count();
    let trouble = TROUBLE[..7].choose(random).copied().unwrap_or_default();
    bytes.splice(start..start + length, trouble.bytes());
}

/// The same inside an archive: one of its parts is bent, all are packed again.
fn bent_inside(random: &mut ChaCha12Rng, bytes: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let victim = random.random_range(0..archive.len().max(1));
    let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        if place == victim || random.random_ratio(1, 8) {
            content = bent(random, &content, other);
        }
        made.start_file(name, zip::write::SimpleFileOptions::default()).ok()?;
        made.write_all(&content).ok()?;
    }
    Some(made.finish().ok()?.into_inner())
}

fn try_one(name: &str, round: u64, bytes: &[u8]) {
    let start = Instant::now();
    let reading = import(&[("file", bytes)]);
    if let Some(document) = &reading.document {
        let _ = surveyjs::export(document);
        let _ = xform::export(document);
        let _ = xlsform::export_workbook(document);
    } else {
        assert!(!reading.problems.is_empty(), "{name}, round {round}: refused without a word");
    }
    let took = start.elapsed();
    assert!(took < LIMIT, "{name}, round {round}: {took:?}");
}

fn how_long() -> Duration {
    let seconds = std::env::var("SONDAGE_FUZZ_SECONDS").ok().and_then(|said| said.parse().ok());
    Duration::from_secs(seconds.unwrap_or(4))
}

/// Data files of SPSS. Numbers of their headers are put in anew more often than
/// chance would.
#[test]
fn bent_files_of_spss_are_read_or_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/datasets/");
    let files: Vec<(&str, Vec<u8>)> = ["kinds/packed.sav", "kinds/packed.zsav", "made1.sav"]
        .into_iter()
        .map(|name| (name, std::fs::read(format!("{folder}{name}")).expect("a fixture")))
        .collect();
    let (seconds, start) = (how_long(), Instant::now());
    let (mut round, mut read) = (0_u64, 0_u64);
    while start.elapsed() < seconds {
        let mut random = ChaCha12Rng::seed_from_u64(round);
        let (Some((name, bytes)), Some((_, other))) =
            (files.choose(&mut random), files.choose(&mut random))
        else {
            panic!("no files");
        };
        let mut made = bytes.clone();
        if random.random_ratio(1, 2) {
            made = bent(&mut random, &made, other);
        } else {
            let at = random.random_range(16..2_000) * 4;
            let number = [0, 1, 2, 3, 7, -1, 255, 999, 1 << 20, i32::MAX, i32::MIN];
            let number = number.choose(&mut random).copied().unwrap_or_default();
            made[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        let begun = Instant::now();
        let rows = sav_to_csv(made.as_slice(), DeclaredMissing::Empty, std::io::sink());
        let labels = sav_codebook(made.as_slice());
        for refused in [rows.as_ref().err(), labels.as_ref().err()].into_iter().flatten() {
            assert!(
                !refused.to_string().is_empty(),
                "{name}, round {round}: refused without a word"
            );
        }
        assert!(begun.elapsed() < LIMIT, "{name}, round {round}: {:?}", begun.elapsed());
        read += u64::from(rows.is_ok());
        round += 1;
    }
    assert!(read > 0 && read < round, "{read} of {round} were read");
    println!("{round} bent files tried, {read} of them read");
}

/// A questionnaire of Survey Solutions in both shapes, alone and in an archive.
fn survey_solutions() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/survey-solutions/");
    let file = |name: &str| std::fs::read(format!("{folder}{name}")).expect("a fixture");
    let names = ["household.json", "viec-lam.json"];
    let mut files: Vec<_> = names.map(|name| (name.to_owned(), file(name))).into();
    let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("document.json", "viec-lam.json"),
        ("Translations/1.json", "viec-lam-en.json"),
        ("Categories/2.json", "nganh.json"),
    ] {
        made.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        made.write_all(&file(content)).expect("written");
    }
    let made = made.finish().expect("an archive").into_inner();
    files.push(("viec-lam.zip".to_owned(), made));
    files
}

#[test]
fn bent_files_neither_break_nor_hold_up_the_readers() {
    let seconds = how_long();
    let mut files = importing::files();
    let texts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/word");
    for entry in std::fs::read_dir(texts).expect("the texts of Word files") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        files.push((path.display().to_string(), written::docx(&text)));
    }
    files.extend(survey_solutions());
    let start = Instant::now();
    let mut round = 0_u64;
    while start.elapsed() < seconds {
        let mut random = ChaCha12Rng::seed_from_u64(round);
        let (Some((name, bytes)), Some((_, other))) =
            (files.choose(&mut random), files.choose(&mut random))
        else {
            panic!("no files");
        };
        let inside = bytes.starts_with(b"PK") && random.next_u32() % 4 > 0;
        let made = if inside { bent_inside(&mut random, bytes, other) } else { None };
        let made = made.unwrap_or_else(|| bent(&mut random, bytes, other));
        try_one(name, round, &made);
        round += 1;
    }
    println!("{round} bent files of {} tried in {:?}", files.len(), start.elapsed());
}

/// A workbook of which one part is changed under its compression.
fn workbook(of: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let form = b"| survey | | | |\n| | type | name | label |\n| | text | a | A |\n";
    let document = import(&[("form.md", form)]).document.expect("a form");
    let (bytes, _) = xlsform::export_workbook(&document).expect("a workbook");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content).expect("text");
        if name.ends_with(of) {
            content = change(&content);
        }
        made.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        made.write_all(content.as_bytes()).expect("written");
    }
    made.finish().expect("an archive").into_inner()
}

#[test]
fn overblown_files_take_neither_memory_nor_time() {
    let corner =
        "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>x</t></is></c></row>";
    let sparse =
        workbook("sheet1.xml", |xml| xml.replace("</sheetData>", &format!("{corner}</sheetData>")));
    let read = import(&[("sparse.xlsx", &sparse)]);
    assert_eq!(read.document.expect("read").questions().count(), 1);

    let bomb = workbook("sheet1.xml", |xml| {
        xml.replace("</sheetData>", &(" ".repeat(300 << 20) + "</sheetData>"))
    });
    assert!(import(&[("bomb.xlsx", &bomb)]).document.is_none());

    let boast = workbook("sharedStrings.xml", |xml| {
        let count = xml.split("uniqueCount=\"").nth(1).and_then(|rest| rest.split('"').next());
        let count = format!("uniqueCount=\"{}\"", count.expect("a count"));
        xml.replace(&count, "uniqueCount=\"99999999999\"")
    });
    assert!(import(&[("boast.xlsx", &boast)]).document.is_none());
    assert!(exchange::data::workbook::sheet_names(Cursor::new(&boast)).is_err());

    let options: Vec<String> = (0..60).map(|number| format!("| | l | o{number} | O |\n")).collect();
    let options = options.concat();
    let loops = format!(
        "| survey | | | |\n| | type | name | label |\n{}| | text | q | Q |\n{}\
         | choices | | | |\n| | list_name | name | label |\n{options}",
        "| | begin loop over l | r | R |\n".repeat(6),
        "| | end loop | | |\n".repeat(6),
    );
    try_one("loops", 0, loops.as_bytes());

    let numbers = r#"{"elements": [
        {"type": "dropdown", "name": "a", "choicesMin": 0, "choicesMax": 1e308},
        {"type": "rating", "name": "b", "rateMin": 2147483647, "rateCount": 2147483647},
        {"type": "rating", "name": "c", "rateMin": -2147483648, "rateMax": 2147483647}
    ]}"#;
    try_one("numbers", 0, numbers.as_bytes());
}
