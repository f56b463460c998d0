//! A stranger with a file of each format: everything that stands in it is looked for in
//! what was read, without the readers and their account.
//!
//! Each file uses what people who write in that format use and what the reference set
//! has not: settings, looks, parameters, texts in odd places, scripts, quotas, empty
//! groups. Its words, one by one, are in the document or its remarks, but for those that
//! the format itself gives a meaning; these are listed beside the file.

#[path = "stranger/files.rs"]
mod files;
mod importing;

use std::collections::BTreeSet;

use exchange::questionnaire::import;
use serde_json::Value;

/// What stands in a file: where, and what.
type Leaves = Vec<(String, String)>;

/// Words in small letters: what is between signs.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase)
}

/// Every text and number of a value in JSON, with where it is.
fn leaves_of(value: &Value, place: &str, found: &mut Leaves) {
    match value {
        Value::Object(parts) => {
            for (key, part) in parts {
                leaves_of(part, &format!("{place}.{key}"), found);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| leaves_of(part, place, found)),
        Value::String(text) => found.push((place.to_owned(), text.clone())),
        Value::Number(number) => found.push((place.to_owned(), number.to_string())),
        Value::Bool(_) | Value::Null => {}
    }
}

fn json(text: &str) -> Leaves {
    let mut found = Leaves::new();
    leaves_of(&serde_json::from_str(text).expect("json"), "", &mut found);
    found
}

/// Every text and attribute of a file in XML.
fn xml(text: &str) -> Leaves {
    let document = roxmltree::Document::parse(text).expect("xml");
    let mut found = Leaves::new();
    for node in document.descendants() {
        if let Some(text) = node.text().filter(|_| node.is_text()) {
            let around = node.parent().map_or("", |one| one.tag_name().name());
            found.push((around.to_owned(), text.to_owned()));
        }
        for one in node.attributes() {
            let place = format!("{}.{}", node.tag_name().name(), one.name());
            found.push((place, one.value().to_owned()));
        }
    }
    found
}

/// Every cell but the headings of a table.
fn table(text: &str, separator: u8) -> Leaves {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .quoting(separator == b',')
        .from_reader(text.as_bytes());
    let mut found = Leaves::new();
    let headings = reader.headers().expect("headings").clone();
    for (row, record) in (2..).zip(reader.records()) {
        let record = record.expect("a row");
        let cells = record.iter().enumerate();
        let heading = |column: usize| headings.get(column).unwrap_or_default();
        found.extend(
            cells.map(|(column, cell)| (format!("{row}.{}", heading(column)), cell.to_owned())),
        );
    }
    found
}

/// Every line of a file, without the key before `=`.
fn lines(text: &str) -> Leaves {
    let parts = |line: &str| {
        let (key, said) = line.split_once('=').unwrap_or(("", line));
        (key.to_owned(), said.to_owned())
    };
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('['));
    let parted = numbered.map(|(number, line): (usize, &str)| (number, parts(line)));
    parted.map(|(number, (key, said))| (format!("{number}.{key}"), said)).collect()
}

/// What a format itself gives a meaning, which the document has in other words.
struct Meaning {
    /// Places whose words are the format's own: kinds, numbers that join parts.
    places: &'static str,
    /// Words elsewhere, markup among them.
    words: &'static str,
}

/// The words of a file that are neither in its document nor understood.
fn lost(files: &[(&str, &[u8])], leaves: &Leaves, meaning: &Meaning) -> Vec<String> {
    let reading = import(files);
    let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
    let document = reading.document.unwrap_or_else(|| panic!("refused: {problems:?}"));
    let mut carried = Leaves::new();
    leaves_of(&serde_json::to_value(&document).expect("json"), "", &mut carried);
    let mut known: BTreeSet<String> =
        carried.iter().flat_map(|(_, text)| words(text).collect::<Vec<_>>()).collect();
    known.extend(words(meaning.words));
    let places: BTreeSet<&str> = meaning.places.split(", ").collect();
    let own = |place: &str| places.contains(place.rsplit('.').next().unwrap_or_default());
    let said = leaves.iter().filter(|(place, _)| !own(place));
    let each = said.flat_map(|(place, text)| words(text).map(move |word| (place.clone(), word)));
    let missing = each.filter(|(_, word)| !known.contains(word));
    missing.map(|(place, word)| format!("{place}: {word}")).collect()
}

fn nothing_lost(name: &str, bytes: &[u8], leaves: &Leaves, meaning: &Meaning) {
    let lost = lost(&[(name, bytes)], leaves, meaning);
    assert!(lost.is_empty(), "{name}: {} words lost:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn a_structure_of_limesurvey() {
    let meaning = Meaning {
        // Whose the survey is, is nothing of the questionnaire: the names of the columns stay.
        places: "type, sortorder, question_order, group_order, qid, gid, parent_qid, attribute, fieldname, cid, cqid, mandatory, cfieldname, admin, faxto, googleanalyticsapikey",
        words: "script javascript location_mapservice 100 10240",
    };
    let text = files::STRUCTURE;
    nothing_lost("survey.lss", text.as_bytes(), &xml(text), &meaning);
}

#[test]
fn a_table_of_limesurvey() {
    let meaning = Meaning {
        places: "id, related_id, class, type/scale, mandatory, other",
        words: "sid 7 format additional_languages surveyls_title surveyls_welcometext surveyls_policy_notice script g1 g2 person",
    };
    let text = files::TABLE;
    nothing_lost("table.txt", text.as_bytes(), &table(text, b'\t'), &meaning);
}

#[test]
fn a_survey_of_qualtrics() {
    let meaning = Meaning {
        places: "Element, Type, Selector, SubSelector, LogicType, Operator, QuestionType, ForceResponse, Locator, ID, FlowID",
        words: "p b img src alt span class conjdesc randomized click",
    };
    let text = files::QUALTRICS;
    nothing_lost("survey.qsf", text.as_bytes(), &json(text), &meaning);
}

#[test]
fn a_model_of_surveyjs() {
    let meaning = Meaning {
        places: "type, choicesOrder, rowsOrder, inputType, cellType, rateType",
        words: "p b img src script panelindex empty_panel",
    };
    let text = files::SURVEYJS;
    nothing_lost("model.json", text.as_bytes(), &json(text), &meaning);
}

#[test]
fn a_schema_of_ons() {
    let meaning = Meaning { places: "type, id, transform", words: "thing a href" };
    let text = files::ONS;
    nothing_lost("schema.json", text.as_bytes(), &json(text), &meaning);
}

#[test]
fn a_document_of_survey_solutions() {
    let meaning = Meaning {
        places: "$type, PublicKey, Id",
        words: "a href self optioncode contains rostertitle",
    };
    let text = files::SURVEY_SOLUTIONS;
    nothing_lost("document.json", text.as_bytes(), &json(text), &meaning);
}

#[test]
fn a_dictionary_of_cspro() {
    let meaning = Meaning { places: "Required", words: "special subitem" };
    let text = files::CSPRO;
    nothing_lost("dictionary.dcf", text.as_bytes(), &lines(text), &meaning);
}

#[test]
fn a_dictionary_of_redcap() {
    let meaning = Meaning {
        places: "Field Type",
        words: "b img src charlimit setvalue datetime_ymd calctext hidechoice noneoftheabove maxchecked datediff",
    };
    let text = files::REDCAP;
    nothing_lost("dictionary.csv", text.as_bytes(), &table(text, b','), &meaning);
}

#[test]
fn an_xform() {
    let meaning = Meaning {
        places: "lang, default, required, type, id, noAddRemove, preload, event, nodeset, constraintMsg, requiredMsg, ref",
        words: "jr images audio file csv instance l",
    };
    let text = files::XFORM;
    nothing_lost("form.xml", text.as_bytes(), &xml(text), &meaning);
}

/// The cells of a form in Markdown, with the names of its sheets.
fn sheets(text: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let mut sheets: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    for line in text.lines() {
        let inner = line.trim_start_matches('|').trim_end_matches('|');
        let mut cells = inner.split('|').map(|cell| cell.trim().to_owned());
        let first = cells.next().unwrap_or_default();
        if first.is_empty() {
            let (_, rows) = sheets.last_mut().expect("the name of a sheet");
            rows.push(cells.collect());
        } else {
            sheets.push((first, Vec::new()));
        }
    }
    sheets
}

fn workbook(sheets: &[(String, Vec<Vec<String>>)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).expect("written");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_form() {
    let meaning = Meaning { places: "type", words: "selected once start end" };
    let sheets = sheets(files::FORM);
    let mut leaves = Leaves::new();
    for (name, rows) in &sheets {
        for (number, cells) in (2..).zip(&rows[1..]) {
            let named = rows[0].iter().zip(cells);
            leaves.extend(
                named.map(|(column, cell)| (format!("{name}!{number}.{column}"), cell.clone())),
            );
        }
    }
    nothing_lost("form.xlsx", &workbook(&sheets), &leaves, &meaning);
    nothing_lost("form.md", files::FORM.as_bytes(), &leaves, &meaning);
}

/// Every word that stands in a part of a Word file.
fn texts_of_part(text: &str) -> Leaves {
    let document = roxmltree::Document::parse(text).expect("xml");
    let mut found = Leaves::new();
    for node in document.descendants() {
        let name = node.tag_name().name();
        if ["t", "delText"].contains(&name) {
            found.push((name.to_owned(), node.text().unwrap_or_default().to_owned()));
        }
        for key in ["displayText", "descr", "tooltip"] {
            let said = node.attributes().find(|one| one.name() == key).map(|one| one.value());
            found.extend(said.map(|said| (format!("{name}.{key}"), said.to_owned())));
        }
        if ["listEntry", "alias"].contains(&name) {
            let said = node.attributes().next().map_or("", |one| one.value());
            found.push((name.to_owned(), said.to_owned()));
        }
    }
    found
}

#[test]
fn a_word_file() {
    const PART: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let said = |tag: &str, inner: &str, words: &str| {
        let words = format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>");
        let inner =
            if inner.is_empty() { words } else { format!("<w:{inner}>{words}</w:{inner}>") };
        format!("<w:{tag} {PART}>{inner}</w:{tag}>")
    };
    let parts = [
        ("word/document.xml", files::WORD.to_owned()),
        ("word/footnotes.xml", said("footnotes", "footnote", "Footnote words")),
        ("word/endnotes.xml", said("endnotes", "endnote", "Endnote words")),
        ("word/comments.xml", said("comments", "comment", "Comment words")),
        ("word/header1.xml", said("hdr", "", "Header words")),
        ("word/footer2.xml", said("ftr", "", "Footer words")),
        ("word/glossary/document.xml", said("glossaryDocument", "docPart", "Placeholder words")),
        ("word/diagrams/data1.xml", said("dataModel", "", "Diagram words")),
        ("word/charts/chart1.xml", said("chart", "", "Chart words")),
    ];
    let mut made = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut leaves = Leaves::new();
    for (name, content) in &parts {
        made.start_file(*name, zip::write::SimpleFileOptions::default()).expect("begun");
        std::io::Write::write_all(&mut made, content.as_bytes()).expect("written");
        leaves.extend(texts_of_part(content));
    }
    let bytes = made.finish().expect("an archive").into_inner();
    // Words of the program in boxes that nobody filled.
    let meaning = Meaning { places: "", words: "a b ____" };
    nothing_lost("farms.docx", &bytes, &leaves, &meaning);
}
