//! What the tests of importers share.

use std::collections::BTreeMap;

use exchange::questionnaire::{Format, Reading, Severity, import};
use survey_builder::questionnaire::document::{Document, Question};
use survey_builder::questionnaire::summary::Summary;

/// A file of the reference set; told and left out where there is none.
#[allow(dead_code, reason = "not every test file has reference files")]
pub fn reference(name: &str) -> Option<Vec<u8>> {
    let Ok(folder) = std::env::var("SONDAGE_REFERENCE") else {
        println!("skipped: SONDAGE_REFERENCE is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("questionnaires").join(name);
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Reads a file that must be read.
pub fn read(bytes: &[u8]) -> Reading {
    let reading = import(&[("file", bytes)]);
    assert!(reading.document.is_some(), "refused: {:?}", reading.problems);
    reading
}

/// The document of a file that must be read.
#[allow(dead_code, reason = "not every test file looks at documents")]
pub fn document(bytes: &[u8]) -> Document {
    read(bytes).document.expect("looked at before")
}

/// The counts of a file: questions by kind, then rows, options, rosters.
#[allow(dead_code, reason = "not every test file counts")]
pub fn counts(bytes: &[u8]) -> (String, [usize; 3]) {
    let summary = Summary::of(&document(bytes));
    let kinds: Vec<String> =
        summary.questions.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    (kinds.join(", "), [summary.rows, summary.options, summary.rosters])
}

/// The questions of a document by their names.
#[allow(dead_code, reason = "not every test file looks at questions")]
pub fn questions(document: &Document) -> BTreeMap<&str, &Question> {
    document.questions().map(|question| (question.name.as_str(), question)).collect()
}

/// The kinds of the questions by their names.
#[allow(dead_code, reason = "not every test file looks at kinds")]
pub fn kinds(document: &Document) -> BTreeMap<&str, &'static str> {
    document.questions().map(|question| (question.name.as_str(), question.kind.name())).collect()
}

/// The codes of the warnings of a file.
#[allow(dead_code, reason = "not every test file looks at warnings")]
pub fn warnings(reading: &Reading) -> Vec<String> {
    let warnings = reading.problems.iter().filter(|one| one.severity == Severity::Warning);
    warnings.map(ToString::to_string).collect()
}

/// Cuts, doubles and overwrites bytes of a sample.
#[allow(dead_code, reason = "only tests with mutated samples need it")]
pub fn mutated(sample: &[u8], changes: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for (place, way, byte) in changes {
        if bytes.is_empty() {
            break;
        }
        let place = place % bytes.len();
        match way % 4 {
            0 => bytes[place] = *byte,
            1 => bytes.truncate(place),
            2 => bytes.insert(place, *byte),
            _ => {
                let end = (place + usize::from(*byte)).min(bytes.len());
                let part = bytes[place..end].to_vec();
                bytes.splice(place..place, part);
            }
        }
    }
    bytes
}

/// What an identity must not depend on: identities, looks, and what was kept of
/// the source.
#[allow(dead_code, reason = "only tests that write and read again compare so")]
pub fn bare(mut value: serde_json::Value) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(parts) => {
                for key in ["id", "appearance", "remarks"] {
                    parts.remove(key);
                }
                parts.values_mut().for_each(strip);
            }
            serde_json::Value::Array(parts) => parts.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut value);
    value
}

/// The files of the fixtures and, where it is, of the reference set.
#[allow(dead_code, reason = "only tests of many files need them")]
pub fn files() -> Vec<(String, Vec<u8>)> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires");
    let mut roots = vec![std::path::PathBuf::from(fixtures)];
    match std::env::var_os("SONDAGE_REFERENCE") {
        Some(root) => roots.push(std::path::Path::new(&root).join("questionnaires")),
        None => println!("skipped: SONDAGE_REFERENCE is not set"),
    }
    let mut files = Vec::new();
    for root in roots {
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("inside").to_string_lossy();
                    files.push((name.into_owned(), std::fs::read(&path).expect("a file")));
                }
            }
        }
    }
    files.sort();
    files
}

/// The questionnaires among them, each with its file.
#[allow(dead_code, reason = "only tests of what is written need them")]
pub fn documents() -> Vec<(String, Document)> {
    let read =
        |(name, bytes): (String, Vec<u8>)| Some((name, import(&[("file", &bytes)]).document?));
    files().into_iter().filter_map(read).collect()
}

#[allow(unused_imports, reason = "only tests of what is written need it")]
pub use exchange::prove::places;

/// Compares a part of `docs/IMPORTS.md` with what was found, or writes it.
#[allow(dead_code, reason = "only tests whose findings are documented need it")]
pub fn documented(part: &str, found: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/IMPORTS.md");
    let whole = std::fs::read_to_string(path).expect("the document");
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- end of {part} -->"));
    let (before, rest) = whole.split_once(&begin).expect("the beginning of the part");
    let (written, after) = rest.split_once(&end).expect("the end of the part");
    if std::env::var_os("SONDAGE_BLESS").is_some() {
        std::fs::write(path, format!("{before}{begin}{found}{end}{after}")).expect("written");
        return;
    }
    assert_eq!(written, found, "{part}: run once with SONDAGE_BLESS=1, and look what changed");
}

/// The forms of the reference set that pyxform reads: name, path and what we
/// read. A form in JSON is read by a tool of its own. None where pyxform or the
/// set is missing, which is told.
#[allow(dead_code, reason = "only comparisons with it need it")]
pub fn pyxform_forms() -> Option<Vec<(String, std::path::PathBuf, Reading)>> {
    let set = |name: &str| {
        let found = std::env::var_os(name);
        if found.is_none() {
            println!("skipped: {name} is not set");
        }
        found
    };
    set("SONDAGE_PYXFORM")?;
    let root = std::path::PathBuf::from(set("SONDAGE_REFERENCE")?).join("questionnaires");
    let forms = files().into_iter().filter_map(|(name, bytes)| {
        let path = root.join(&name);
        let read = path.is_file() && path.extension().is_none_or(|end| end != "json");
        let read = read.then(|| import(&[("file", &bytes)]))?;
        (read.format == Some(Format::Xlsform)).then_some((name, path, read))
    });
    Some(forms.collect())
}

/// What pyxform makes of forms: an answer each.
#[allow(dead_code, reason = "only comparisons with it need it")]
pub fn pyxform(paths: &[std::path::PathBuf]) -> Vec<serde_json::Value> {
    use std::io::Write as _;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/engines/pyxform_names.py");
    let piped = std::process::Stdio::piped;
    let python = std::env::var_os("SONDAGE_PYXFORM").expect("looked at before");
    let mut command = std::process::Command::new(python);
    let child = command.arg(script).stdin(piped()).stdout(piped()).spawn();
    let mut child = child.expect("python runs");
    let mut input = child.stdin.take().expect("an input");
    // It answers while it is asked: a pipe holds only so much.
    let asked: Vec<String> = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let asking = std::thread::spawn(move || input.write_all(asked.concat().as_bytes()));
    let output = child.wait_with_output().expect("an output");
    asking.join().expect("the asking").expect("written");
    let said = String::from_utf8(output.stdout).expect("text");
    said.lines().map(|line| serde_json::from_str(line).expect("json")).collect()
}
