//! Nothing of a file is lost in silence, whatever the system: what is put where
//! no reader looks ends in the document or in a remark, and so does every text
//! that people read.

mod importing;

use std::collections::BTreeSet;

use exchange::questionnaire::{Format, import};
use serde_json::Value;

/// What is put into files: a word that no reader knows, with a number that says
/// which.
const UNHEARD: &str = "unheard";

/// The files of a format, with their names.
fn of(formats: &[Format]) -> Vec<(String, Vec<u8>)> {
    let files = importing::files().into_iter().chain(survey_solutions());
    let read = files.filter(|(name, bytes)| {
        let reading = import(&[(name, bytes)]);
        reading.document.is_some() && reading.format.is_some_and(|own| formats.contains(&own))
    });
    read.collect()
}

/// Questionnaires of Survey Solutions; the reference set has none.
fn survey_solutions() -> impl Iterator<Item = (String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/survey-solutions/");
    let named = ["household.json", "viec-lam.json"].into_iter();
    named.map(move |name| {
        let bytes = std::fs::read(format!("{folder}{name}")).expect("a fixture");
        (name.to_owned(), bytes)
    })
}

/// Which of the numbers put into a file are in its document.
fn found(bytes: &[u8]) -> Option<BTreeSet<usize>> {
    let document = import(&[("file", bytes)]).document?;
    let whole = serde_json::to_string(&document).expect("json");
    let begin = format!("{UNHEARD}-");
    let parts = whole.split(&begin).skip(1);
    let numbers = parts.filter_map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    Some(numbers.collect())
}

/// Puts an unknown property into every object.
fn put(value: &mut Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(parts) => {
            for (key, part) in parts.iter_mut() {
                put(part, &format!("{place}.{key}"), places);
            }
            places.push(place.to_owned());
            let count = places.len();
            parts.insert(UNHEARD.to_owned(), Value::String(format!("{UNHEARD}-{count}")));
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| put(part, place, places)),
        _ => {}
    }
}

#[test]
fn every_property_of_every_object_is_accounted_for() {
    let formats =
        [Format::Surveyjs, Format::Ons, Format::Qualtrics, Format::Cspro, Format::SurveySolutions];
    let (mut files, mut properties, mut lost) = (0, 0, Vec::new());
    for (name, bytes) in of(&formats) {
        let text = String::from_utf8_lossy(&bytes);
        let Ok(mut value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'))
        else {
            continue;
        };
        let mut places = Vec::new();
        put(&mut value, "", &mut places);
        let count = places.len();
        let bent = serde_json::to_vec(&value).expect("json");
        let Some(found) = found(&bent) else {
            lost.push(format!("{name}: refused"));
            continue;
        };
        files += 1;
        properties += count;
        let missing = (1..=count).filter(|number| !found.contains(number));
        lost.extend(missing.map(|number| format!("{name}: in {}", places[number - 1])));
    }
    println!("{properties} unknown properties in {files} files in JSON, {} lost", lost.len());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// A file in lines with an unknown cell or line wherever one can be.
fn bent_lines(format: Format, text: &str) -> (String, usize) {
    let mut count = 0;
    let mut next = || {
        count += 1;
        format!("{UNHEARD}-{count}")
    };
    let whole = match format {
        Format::Cspro => {
            let named = text.lines().map(|line| {
                if line.starts_with("Name=") {
                    format!("{line}\nUnheard={}", next())
                } else {
                    line.to_owned()
                }
            });
            named.collect::<Vec<_>>().join("\n")
        }
        Format::Xform => {
            let document = roxmltree::Document::parse(text).expect("xml");
            let elements = document.descendants().filter(roxmltree::Node::is_element);
            let mut begins: Vec<usize> = elements.map(|one| one.range().start).collect();
            begins.sort_unstable();
            let mut parts = Vec::new();
            let mut last = 0;
            for begin in begins {
                let end = text[begin..].find([' ', '>', '/', '\n']).expect("a name") + begin;
                parts.push(format!("{} {UNHEARD}=\"{}\"", &text[last..end], next()));
                last = end;
            }
            parts.push(text[last..].to_owned());
            parts.concat()
        }
        // Rows of tables in XML.
        _ if text.trim_start_matches('\u{feff}').starts_with('<') => {
            let parts: Vec<&str> = text.split("</row>").collect();
            let last = parts.len() - 1;
            let each = parts.iter().enumerate().map(|(place, part)| {
                if place == last {
                    (*part).to_owned()
                } else {
                    format!("{part}<{UNHEARD}>{}</{UNHEARD}></row>", next())
                }
            });
            each.collect()
        }
        _ => {
            let separator = if text.lines().next().is_some_and(|line| line.contains('\t')) {
                b'\t'
            } else {
                b','
            };
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(separator)
                .from_reader(text.as_bytes());
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .delimiter(separator)
                .from_writer(Vec::new());
            let mut width = 0;
            for (place, record) in reader.records().enumerate() {
                let record = record.expect("a record");
                let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
                if place == 0 {
                    width = cells.len();
                    cells.push(UNHEARD.to_owned());
                } else {
                    cells.resize(width, String::new());
                    cells.push(next());
                }
                writer.write_record(cells).expect("written");
            }
            String::from_utf8(writer.into_inner().expect("written")).expect("text")
        }
    };
    (whole, count)
}

#[test]
fn every_cell_of_every_row_is_accounted_for() {
    let formats = [Format::Limesurvey, Format::Redcap, Format::Cspro, Format::Xform];
    let (mut files, mut cells, mut lost) = (0, 0, Vec::new());
    for (name, bytes) in of(&formats) {
        let text = String::from_utf8_lossy(&bytes);
        // Archives and dictionaries in JSON are read by the same readers.
        if bytes.starts_with(b"PK") || text.trim_start_matches('\u{feff}').starts_with('{') {
            continue;
        }
        let format = import(&[(&name, &bytes)]).format.expect("a format");
        let (bent, count) = bent_lines(format, &text);
        let Some(found) = found(bent.as_bytes()) else {
            lost.push(format!("{name}: refused"));
            continue;
        };
        files += 1;
        cells += count;
        let missing: Vec<usize> = (1..=count).filter(|number| !found.contains(number)).collect();
        if !missing.is_empty() {
            lost.push(format!("{name}: {} of {count}, such as {:?}", missing.len(), &missing[..1]));
        }
    }
    println!("{cells} unknown cells in {files} files in lines, {} lost", lost.len());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Letters and digits, to compare texts without their markup and marks.
fn plain(text: &str) -> String {
    let mut parts = text.split('<');
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_tag = part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
        let inner = part.split_once('>').filter(|(tag, _)| is_tag && !tag.contains('\n'));
        words.push_str(inner.map_or(part, |(_, rest)| rest));
    }
    words.chars().filter(|next| next.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        // Conditions say the same in other words.
        Value::Object(parts) => {
            let said = parts.iter().filter(|(key, _)| !key.ends_with("Expression"));
            said.for_each(|(_, part)| texts(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| texts(part, found)),
        // Sentences that an editor makes of logic say what the logic says.
        Value::String(text) if text.contains("ConjDesc") => {}
        Value::String(text) if text.split_whitespace().count() > 3 => found.push(text),
        _ => {}
    }
}

/// Held against the file itself, without the readers' account: the first words of
/// each text are in the document.
#[test]
fn every_text_is_carried_over_or_kept() {
    const FIRST: usize = 18;
    let formats =
        [Format::Surveyjs, Format::Ons, Format::Qualtrics, Format::Cspro, Format::SurveySolutions];
    let (mut all, mut lost) = (0, Vec::new());
    for (name, bytes) in of(&formats) {
        let text = String::from_utf8_lossy(&bytes);
        let Ok(value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
            continue;
        };
        let document = import(&[(&name, &bytes)]).document.expect("looked at before");
        let whole = plain(&serde_json::to_string(&document).expect("json"));
        let mut found = Vec::new();
        texts(&value, &mut found);
        for text in found {
            // What stands before the first inserted value.
            let before = text.split(['{', '$', '&', '\\', '%']).next().unwrap_or_default();
            let words: String = plain(before).chars().take(FIRST).collect();
            if words.chars().count() == FIRST {
                all += 1;
                if !whole.contains(&words) {
                    lost.push(format!("{name}: {text}"));
                }
            }
        }
    }
    println!("{all} texts, {} lost", lost.len());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
