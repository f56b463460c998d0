//! The rows of the survey sheet: what each is, and how groups nest.

use std::collections::BTreeMap;

use super::problem::{Detail, Problems};
use super::sheet::{Row, Sheet};

/// What a row asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    SelectOne(String),
    SelectMultiple(String),
    Integer,
    Decimal,
    Text,
    Date,
    Note,
    Calculate,
}

/// A row or a group of rows.
#[derive(Debug)]
pub(super) enum Item<'s> {
    Question(&'s Row, Asked),
    Group(&'s Row, Vec<Item<'s>>),
}

enum Type {
    Asked(Asked),
    BeginGroup,
    EndGroup,
    BeginRepeat,
    EndRepeat,
    /// Kept by the system itself: times, devices, names of users.
    Metadata,
}

/// Reads the rows as a tree.
pub(super) fn read<'s>(sheet: &'s Sheet, lists: &[&str], problems: &mut Problems) -> Vec<Item<'s>> {
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    let mut open: Vec<(&Row, bool, Vec<Item>)> = Vec::new();
    let mut top = Vec::new();
    if !sheet.has("type") {
        let name = "type".to_owned();
        problems.add("survey", Some(1), "", Detail::XlsformColumnMissing { name });
        return top;
    }
    for row in &sheet.rows {
        let Some(kind) = row_type(sheet, row, lists, problems) else { continue };
        match kind {
            Type::Metadata => {}
            Type::Asked(asked) => {
                check_name(sheet, row, &asked, &mut names, problems);
                let items = open.last_mut().map_or(&mut top, |(_, _, items)| items);
                items.push(Item::Question(row, asked));
            }
            Type::BeginGroup | Type::BeginRepeat => {
                check_name(sheet, row, &Asked::Text, &mut names, problems);
                open.push((row, matches!(kind, Type::BeginRepeat), Vec::new()));
            }
            Type::EndGroup | Type::EndRepeat => {
                let Some((begin, repeat, items)) = open.pop() else {
                    problems.add("survey", Some(row.number), "type", Detail::XlsformGroupNotOpen);
                    continue;
                };
                if repeat != matches!(kind, Type::EndRepeat) {
                    problems.add("survey", Some(row.number), "type", Detail::XlsformGroupMismatch);
                }
                let outside = open.last_mut().map_or(&mut top, |(_, _, items)| items);
                outside.push(Item::Group(begin, items));
            }
        }
        if open.len() > 40 {
            let name = "a group nested so deeply".to_owned();
            let detail = Detail::XlsformTypeNotCarried { name };
            problems.add("survey", Some(row.number), "type", detail);
            return Vec::new();
        }
    }
    while let Some((begin, _, items)) = open.pop() {
        problems.add("survey", Some(begin.number), "type", Detail::XlsformGroupOpen);
        let outside = open.last_mut().map_or(&mut top, |(_, _, items)| items);
        outside.push(Item::Group(begin, items));
    }
    top
}

fn check_name(
    sheet: &Sheet,
    row: &Row,
    asked: &Asked,
    names: &mut BTreeMap<String, u32>,
    problems: &mut Problems,
) {
    let name = sheet.cell(row, "name").to_owned();
    let at = Some(row.number);
    if name.is_empty() {
        // A note may go without: nothing refers to it.
        if *asked != Asked::Note {
            problems.add("survey", at, "name", Detail::XlsformNameMissing);
        }
        return;
    }
    let mut characters = name.chars();
    let fits = characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | '.'));
    if !fits {
        problems.add("survey", at, "name", Detail::XlsformNameBad { name });
        return;
    }
    let first = *names.entry(name.clone()).or_insert(row.number);
    if first != row.number {
        problems.add("survey", at, "name", Detail::XlsformNameTwice { name, first });
    }
}

/// Types kept by the system itself.
const METADATA: [&str; 14] = [
    "start",
    "end",
    "today",
    "deviceid",
    "device_id",
    "username",
    "phonenumber",
    "phone_number",
    "email",
    "simserial",
    "subscriberid",
    "audit",
    "start_geopoint",
    "background_audio",
];

/// Types of the XLSForm reference that have no counterpart yet.
const NOT_CARRIED: [&str; 23] = [
    "time",
    "datetime",
    "date_time",
    "geopoint",
    "gps",
    "location",
    "geotrace",
    "geoshape",
    "image",
    "photo",
    "audio",
    "video",
    "file",
    "barcode",
    "rank",
    "range",
    "acknowledge",
    "trigger",
    "hidden",
    "xml_external",
    "csv_external",
    "osm",
    "begin_repeat",
];

fn row_type(sheet: &Sheet, row: &Row, lists: &[&str], problems: &mut Problems) -> Option<Type> {
    let at = Some(row.number);
    let written = sheet.cell(row, "type");
    let mut add = |detail| problems.add("survey", at, "type", detail);
    if written.is_empty() {
        add(Detail::XlsformTypeMissing);
        return None;
    }
    let lower = written.to_lowercase();
    for (words, multiple) in SELECTS {
        let rest = lower.strip_prefix(words);
        let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
        else {
            continue;
        };
        // The list's name keeps its spelling.
        let rest = written.get(written.len() - rest.len()..).unwrap_or(rest).trim();
        let mut words = rest.split_whitespace();
        let Some(list) = words.next() else {
            add(Detail::XlsformListMissing { name: written.to_owned() });
            return None;
        };
        if let Some(further) = words.next() {
            add(Detail::XlsformTypeNotCarried { name: further.to_owned() });
        }
        if !lists.contains(&list) {
            add(Detail::XlsformListUnknown { list: list.to_owned() });
            return None;
        }
        let list = list.to_owned();
        let asked = if multiple { Asked::SelectMultiple(list) } else { Asked::SelectOne(list) };
        return Some(Type::Asked(asked));
    }
    let word = lower.replace([' ', '-'], "_");
    Some(match word.as_str() {
        "integer" | "int" => Type::Asked(Asked::Integer),
        "decimal" => Type::Asked(Asked::Decimal),
        "text" | "string" => Type::Asked(Asked::Text),
        "date" => Type::Asked(Asked::Date),
        "note" => Type::Asked(Asked::Note),
        "calculate" => Type::Asked(Asked::Calculate),
        "begin_group" | "begin_lgroup" => Type::BeginGroup,
        "end_group" | "end_lgroup" => Type::EndGroup,
        "begin_repeat" => {
            add(Detail::XlsformTypeNotCarried { name: written.to_owned() });
            Type::BeginRepeat
        }
        "end_repeat" => Type::EndRepeat,
        word if METADATA.contains(&word) => Type::Metadata,
        word => {
            let name = written.to_owned();
            let from_file = word.starts_with("select_") && word.contains("_from_file");
            add(if from_file || NOT_CARRIED.contains(&word) {
                Detail::XlsformTypeNotCarried { name }
            } else {
                Detail::XlsformTypeUnknown { name }
            });
            return None;
        }
    })
}

/// The spellings of choice questions; longer ones stand first.
const SELECTS: [(&str, bool); 9] = [
    ("select all that apply from", true),
    ("select all that apply", true),
    ("select_multiple", true),
    ("select multiple from", true),
    ("select multiple", true),
    ("select_one", false),
    ("select one from", false),
    ("select one", false),
    ("select1", false),
];
