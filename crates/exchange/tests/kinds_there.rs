//! Questions are asked as the kind that they are there: the kinds in the files of the
//! reference set, counted without our readers, against what was read. Forms (XLSForm)
//! are read by pyxform (`SONDAGE_PYXFORM`); of the other systems the names of types are
//! taken straight from the file.

mod importing;

use std::collections::{BTreeMap, HashMap};

use exchange::questionnaire::{Format, import};
use roxmltree::{Document as Markup, Node, ParsingOptions};
use serde_json::Value as Json;
use survey_builder::questionnaire::document::Document;

/// How many of a hundred questions must be asked as the kind that they are there.
const BAR: usize = 99;

/// Questions as they are there: a name, and the kinds here that ask the same.
type Theirs = Vec<(String, &'static [&'static str])>;

const TEXT: &[&str] = &["short_text", "long_text"];
const NUMBER: &[&str] = &["integer", "decimal"];
const ONE: &[&str] = &["single", "battery", "scale", "consent"];
const SEVERAL: &[&str] = &["multiple", "battery", "grid"];
const FILE: &[&str] = &["file", "signature"];
const CELLS: &[&str] = &["grid", "battery"];

/// A name as any of the systems might have changed it.
fn plain(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The kinds here, by the plain names of questions and of their parts.
fn ours(document: &Document) -> HashMap<String, Vec<&'static str>> {
    let mut kinds: HashMap<String, Vec<&'static str>> = HashMap::new();
    for question in document.questions() {
        let parts = question.items().into_iter().map(|item| item.name.to_string());
        for name in parts.chain([question.name.clone()]) {
            kinds.entry(plain(&name)).or_default().push(question.kind.name());
        }
    }
    kinds
}

/// What pyxform calls the type of a question.
fn of_pyxform(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        // A text that nobody writes into is something to read.
        "text" | "string" => &["short_text", "long_text", "note", "computed"],
        "integer" | "int" => &["integer", "computed"],
        "decimal" => &["decimal", "computed"],
        "select one" | "select1" | "select one external" => {
            &["single", "battery", "scale", "consent", "computed"]
        }
        "select all that apply" | "select" => SEVERAL,
        "rank" | "odk:rank" => &["ranking"],
        "range" => &["scale", "integer", "decimal"],
        "date" | "time" | "dateTime" => &["date", "time", "date_time", "computed"],
        "geopoint" | "geotrace" | "geoshape" => &["geo"],
        "photo" | "audio" | "video" | "file" | "image" => FILE,
        "note" => &["note", "computed"],
        "acknowledge" | "trigger" => &["acknowledge", "consent"],
        "barcode" => &["short_text"],
        "calculate" => &["computed", "hidden", "arm"],
        "hidden" => &["hidden", "computed"],
        _ => return None,
    })
}

/// The controls of a form for ODK's programs: the element and, of inputs, the type that is bound.
fn of_xform(bytes: &[u8]) -> Theirs {
    let text = String::from_utf8_lossy(bytes);
    let document = Markup::parse(text.trim_start_matches('\u{feff}')).expect("well-formed");
    let all: Vec<Node<'_, '_>> = document.descendants().filter(Node::is_element).collect();
    let attribute = |node: &Node<'_, '_>, name: &str| node.attribute(name).map(str::to_owned);
    let binds: HashMap<String, Node<'_, '_>> = all
        .iter()
        .filter(|node| node.tag_name().name() == "bind")
        .filter_map(|node| Some((attribute(node, "nodeset")?, *node)))
        .collect();
    let mut found = Theirs::new();
    for node in &all {
        let bind = attribute(node, "bind").and_then(|id| {
            binds
                .iter()
                .find(|(_, bind)| bind.attribute("id") == Some(&id))
                .map(|(path, _)| path.clone())
        });
        let Some(path) = attribute(node, "ref").or(bind) else { continue };
        let bound = binds.get(&path);
        let kind = bound.and_then(|bind| bind.attribute("type")).unwrap_or("string");
        let kind = kind.rsplit(':').next().unwrap_or(kind);
        let is_read = bound.is_some_and(|bind| bind.attribute("readonly") == Some("true()"));
        let kinds = match node.tag_name().name() {
            "input" if is_read => of_pyxform("note"),
            "input" if kind == "intent" => Some(TEXT),
            "input" => of_pyxform(kind),
            "select1" => of_pyxform("select1"),
            "select" => of_pyxform("select"),
            "rank" => of_pyxform("rank"),
            "range" => of_pyxform("range"),
            "upload" => Some(FILE),
            "trigger" => of_pyxform("trigger"),
            _ => continue,
        };
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        // What pyxform adds to hold the headings of a table.
        if name.starts_with("reserved_name_for_field_list_labels_") {
            continue;
        }
        found.extend(kinds.map(|kinds| (name, kinds)));
    }
    found
}

/// The type letters of `LimeSurvey`.
fn of_letter(letter: &str) -> Option<&'static [&'static str]> {
    Some(match letter {
        "L" | "!" | "O" | "Y" | "G" | "W" | "Z" => &["single"],
        "M" | "P" => &["multiple"],
        "R" => &["ranking"],
        "A" | "B" | "C" | "E" | "F" | "H" | "1" | "K" | "Q" | ":" | ";" => CELLS,
        "5" => &["scale"],
        "N" => NUMBER,
        "S" | "T" | "U" => &["short_text", "long_text", "integer", "decimal"],
        "D" => &["date", "date_time", "time"],
        "|" => FILE,
        "X" => &["note"],
        "*" => &["computed", "note"],
        "I" => &["hidden"],
        _ => return None,
    })
}

fn of_structure(bytes: &[u8]) -> Theirs {
    let text = String::from_utf8_lossy(bytes);
    let options =
        ParsingOptions { allow_dtd: true, nodes_limit: 20_000_000, ..ParsingOptions::default() };
    let document = Markup::parse_with_options(&text, options).expect("well-formed");
    let child = |node: Node<'_, '_>, name: &str| {
        let found = node.children().find(|one| one.tag_name().name() == name);
        found.and_then(|one| one.text()).unwrap_or_default().to_owned()
    };
    let table = document.root_element().children().find(|one| one.tag_name().name() == "questions");
    let rows = table.into_iter().flat_map(|table| table.descendants());
    let mut found = BTreeMap::new();
    for row in rows.filter(|one| one.tag_name().name() == "row") {
        if let Some(kinds) = of_letter(&child(row, "type")) {
            found.insert(child(row, "title"), kinds);
        }
    }
    found.into_iter().collect()
}

fn of_table(bytes: &[u8]) -> Theirs {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').flexible(true).from_reader(bytes);
    let headings = reader.headers().expect("headings").clone();
    let place = |name: &str| headings.iter().position(|one| one.trim_matches('\u{feff}') == name);
    let (class, kind, name) = (place("class"), place("type/scale"), place("name"));
    let mut found = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        if cell(class) == "Q"
            && let Some(kinds) = of_letter(cell(kind))
        {
            found.insert(cell(name).to_owned(), kinds);
        }
    }
    found.into_iter().collect()
}

fn of_redcap(bytes: &[u8]) -> Theirs {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let mut found = Theirs::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let validation = record.get(7).unwrap_or_default();
        let kinds: &[&str] = match record.get(3).unwrap_or_default() {
            "text" if validation.starts_with("datetime") => &["date_time"],
            "text" if validation.starts_with("date") => &["date"],
            "text" if validation.starts_with("time") => &["time"],
            "text" if ["integer", "number"].iter().any(|one| validation.starts_with(one)) => NUMBER,
            "text" | "notes" => TEXT,
            "radio" | "dropdown" | "yesno" | "truefalse" => ONE,
            "checkbox" => SEVERAL,
            "slider" => &["scale"],
            "calc" => &["computed"],
            "descriptive" => &["note"],
            "file" => FILE,
            _ => continue,
        };
        found.push((record.get(0).unwrap_or_default().to_owned(), kinds));
    }
    found
}

fn of_qualtrics(bytes: &[u8]) -> Theirs {
    let survey: Json = serde_json::from_slice(bytes).expect("json");
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let elements = survey["SurveyElements"].as_array().cloned().unwrap_or_default();
    // What lies in the bin is not asked.
    let blocks =
        elements.iter().find(|one| one["Element"] == "BL").map(|one| one["Payload"].clone());
    let blocks: Vec<Json> = match blocks {
        Some(Json::Array(all)) => all,
        Some(Json::Object(all)) => all.into_iter().map(|(_, block)| block).collect(),
        _ => Vec::new(),
    };
    let asked: Vec<String> = blocks
        .iter()
        .filter(|block| block["Type"] != "Trash")
        .flat_map(|block| block["BlockElements"].as_array().cloned().unwrap_or_default())
        .map(|element| text(&element, "QuestionID"))
        .collect();
    let mut found = Theirs::new();
    for element in elements.iter().filter(|one| one["Element"] == "SQ") {
        let payload = &element["Payload"];
        if !asked.contains(&text(payload, "QuestionID")) {
            continue;
        }
        let (selector, sub) = (text(payload, "Selector"), text(payload, "SubSelector"));
        let number = payload["Validation"]["Settings"]["ContentType"] == "ValidNumber";
        let kinds: &[&str] = match text(payload, "QuestionType").as_str() {
            "MC" if selector == "NPS" => &["scale"],
            "MC" if selector.starts_with("MA") || selector == "MSB" => &["multiple"],
            "MC" => &["single"],
            "TE" if selector == "FORM" => CELLS,
            "TE" if number => NUMBER,
            "TE" => &["short_text", "long_text", "date"],
            "Matrix" if sub == "MultipleAnswer" => CELLS,
            "Matrix" if selector == "MaxDiff" => &["best_worst"],
            "Matrix" => &["battery", "grid", "single", "scale"],
            "DB" => &["note"],
            "RO" => &["ranking"],
            "Slider" | "CS" => &["grid", "battery", "scale"],
            "SBS" => CELLS,
            "Draw" => &["signature"],
            "FileUpload" => FILE,
            "Meta" => &["hidden"],
            _ => continue,
        };
        found.push((text(payload, "DataExportTag"), kinds));
    }
    found
}

fn of_ons(bytes: &[u8]) -> Theirs {
    fn walk(value: &Json, found: &mut Theirs) {
        match value {
            // What fills or empties a list is how its members are named here.
            Json::Object(parts) if value["type"] == "ListCollector" => {
                let inner = parts.iter().filter(|(key, _)| {
                    !["question", "question_variants", "remove_block"].contains(&key.as_str())
                });
                inner.for_each(|(_, part)| walk(part, found));
            }
            // The second answer is an option of the first.
            Json::Object(parts) if value["type"] == "MutuallyExclusive" => {
                let answers = parts.get("answers").and_then(Json::as_array);
                answers.into_iter().flatten().take(1).for_each(|part| walk(part, found));
            }
            Json::Object(parts) if parts.contains_key("detail_answer") => {
                let id = parts["detail_answer"]["id"].as_str().unwrap_or_default();
                found.push((id.to_owned(), &["single", "multiple"]));
            }
            Json::Object(parts) => {
                if let (Some(id), Some(kind)) = (parts.get("id"), parts.get("type")) {
                    let kinds: Option<&[&str]> = match kind.as_str().unwrap_or_default() {
                        "Radio" | "Dropdown" | "Relationship" => {
                            Some(&["single", "consent", "battery"])
                        }
                        "Checkbox" => Some(&["multiple", "single"]),
                        "Number" | "Currency" | "Percentage" | "Unit" => {
                            Some(&["integer", "decimal", "scale"])
                        }
                        "Date" | "MonthYearDate" | "YearDate" => Some(&["date"]),
                        "Duration" => Some(&["duration"]),
                        "TextField" | "TextArea" | "MobileNumber" => Some(TEXT),
                        _ => None,
                    };
                    let is_answer = parts.contains_key("mandatory");
                    if let (Some(kinds), true) = (kinds, is_answer) {
                        found.push((id.as_str().unwrap_or_default().to_owned(), kinds));
                    }
                }
                parts.values().for_each(|part| walk(part, found));
            }
            Json::Array(parts) => parts.iter().for_each(|part| walk(part, found)),
            _ => {}
        }
    }
    let mut found = Theirs::new();
    walk(&serde_json::from_slice(bytes).expect("json"), &mut found);
    found
}

fn of_cspro(bytes: &[u8]) -> Theirs {
    let mut found = Theirs::new();
    let text = String::from_utf8_lossy(bytes);
    let Ok(dictionary) = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')) else {
        return found;
    };
    let levels = dictionary["levels"].as_array().cloned().unwrap_or_default();
    for record in
        levels.iter().flat_map(|level| level["records"].as_array().cloned().unwrap_or_default())
    {
        let mut before = None;
        for item in record["items"].as_array().cloned().unwrap_or_default() {
            let sets = item["valueSets"].as_array().cloned().unwrap_or_default();
            let values: Vec<Json> = sets
                .iter()
                .take(1)
                .flat_map(|set| set["values"].as_array().cloned().unwrap_or_default())
                .collect();
            let is_list = !values.is_empty()
                && values.iter().filter(|one| one["special"].is_null()).all(|value| {
                    let pairs = value["pairs"].as_array().cloned().unwrap_or_default();
                    pairs.iter().all(|pair| !pair["value"].is_null())
                });
            // Its values are those of another item.
            let is_linked = sets.iter().any(|set| !set["link"].is_null());
            let kinds: &[&str] = match item["contentType"].as_str().unwrap_or_default() {
                "numeric" if is_linked => &["single", "integer", "decimal", "grid", "battery"],
                "numeric" if is_list => &["single", "grid", "battery"],
                "numeric" => &["integer", "decimal", "date", "time", "grid"],
                "alpha" if is_list => &["single", "multiple", "grid"],
                "alpha" => &["short_text", "long_text", "date", "grid"],
                _ => continue,
            };
            // An item with subitems before it is asked in these.
            if item["subitem"] == true && before.is_some() {
                found.truncate(before.take().unwrap_or(found.len()));
            }
            if item["subitem"] != true {
                before = Some(found.len());
            }
            found.push((item["name"].as_str().unwrap_or_default().to_owned(), kinds));
        }
    }
    found
}

/// What is there in a file, read without our readers.
fn theirs(format: Format, name: &str, bytes: &[u8], forms: &BTreeMap<String, Json>) -> Theirs {
    match format {
        Format::Xform => of_xform(bytes),
        Format::Limesurvey if bytes.starts_with(b"<") => of_structure(bytes),
        Format::Limesurvey if !bytes.starts_with(b"PK") => of_table(bytes),
        Format::Redcap => of_redcap(bytes),
        Format::Qualtrics => of_qualtrics(bytes),
        Format::Ons => of_ons(bytes),
        Format::Cspro => of_cspro(bytes),
        Format::Xlsform => {
            let kinds = forms.get(name).and_then(|said| said["kinds"].as_array());
            let pairs = kinds.into_iter().flatten().filter_map(|pair| {
                let name = pair[0].as_str()?;
                // The box beside a list, which pyxform adds as a question.
                let kinds = match of_pyxform(pair[1].as_str()?)? {
                    _ if name.ends_with("_other") => {
                        &["single", "multiple", "ranking", "short_text"]
                    }
                    kinds => kinds,
                };
                Some((name.to_owned(), kinds))
            });
            pairs.collect()
        }
        _ => Theirs::new(),
    }
}

/// Whether a question is asked as a text because its options are not in the file, and a
/// remark in the document says so.
fn is_without_options(document: &Document, name: &str) -> bool {
    document.questions().any(|question| {
        plain(&question.name) == name
            && question.kind.name() == "short_text"
            && document.remarks.iter().any(|remark| remark.item == Some(question.id))
    })
}

#[test]
fn questions_are_asked_as_the_kind_that_they_are_there() {
    if importing::reference("README.md").is_none() {
        return;
    }
    let forms: BTreeMap<String, Json> = match importing::pyxform_forms() {
        Some(forms) => {
            let paths: Vec<_> = forms.iter().map(|(_, path, _)| path.clone()).collect();
            let names = forms.into_iter().map(|(name, ..)| name);
            names.zip(importing::pyxform(&paths)).collect()
        }
        None => BTreeMap::new(),
    };
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut others, mut elsewhere) = (Vec::new(), 0);
    for (file, bytes) in importing::files() {
        let reading = import(&[("file", &bytes)]);
        let (Some(format), Some(document)) = (reading.format, reading.document) else { continue };
        let theirs = theirs(format, &file, &bytes, &forms);
        let ours = ours(&document);
        let count = counts.entry(format.name()).or_default();
        count[0] += usize::from(!theirs.is_empty());
        for (name, kinds) in theirs {
            let name = plain(&name);
            let found = ours.get(&name).map_or(&[][..], Vec::as_slice);
            // Where several questions share a name, each has a number behind it.
            let numbered = (1..9).filter_map(|number| ours.get(&format!("{name}{number}")));
            let is_choice = kinds.contains(&"single") || kinds.contains(&"multiple");
            if is_choice && is_without_options(&document, &name) {
                elsewhere += 1;
                continue;
            }
            count[1] += 1;
            if numbered.flatten().chain(found).any(|kind| kinds.contains(kind)) {
                count[2] += 1;
            } else {
                others.push(format!("{file} {name}: {kinds:?} there, {found:?} here"));
            }
        }
    }
    println!("{}", others.join("\n"));
    let [mut all, mut alike] = [0, 0];
    for (format, [files, of, same]) in &counts {
        println!(
            "{format}: {files} files, {same} of {of} questions of the kind that they are there"
        );
        all += of;
        alike += same;
    }
    println!(
        "{alike} of {all} questions asked as the kind that they are there; {elsewhere} more choose \
         from options that are not in the file, which is told, and are asked as texts"
    );
    assert!(alike * 100 >= all * BAR, "{alike} of {all}");
}
