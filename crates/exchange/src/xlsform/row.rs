//! The rows of the survey sheet: what each is, and how groups nest.

use std::collections::BTreeMap;

use super::problem::{Detail, Problems};
use super::sheet::{Row, Sheet};

/// What a row asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    SelectOne(Options),
    SelectMultiple(Options),
    Rank(Options),
    Integer,
    Decimal,
    Percentage,
    Range,
    Text,
    Barcode,
    Date,
    Time,
    DateTime,
    Image,
    Audio,
    Video,
    File,
    Point,
    Trace,
    Area,
    Acknowledge,
    Note,
    Calculate,
    Hidden,
    /// Kept by the system itself, under that name.
    Metadata(&'static str),
    /// Data from outside.
    External,
}

/// What a choice chooses from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub from: From,
    /// Whether "other" and a box for it are added.
    pub or_other: bool,
}

/// Where options come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    List(String),
    External(String),
    File(String),
    Answers(String),
}

/// A row or a group of rows.
#[derive(Debug)]
pub(super) enum Item<'s> {
    Question(&'s Row, Asked),
    Group(&'s Row, Group, Vec<Item<'s>>),
}

/// What a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Plain,
    Repeat,
    /// Once for each option of that list.
    Loop(String),
}

enum Type {
    Asked(Asked),
    Begin(Group),
    End(&'static str),
    Skipped,
}

/// The lists that there are.
pub(super) struct Lists<'l> {
    pub choices: Vec<&'l str>,
    pub external: Vec<&'l str>,
}

fn word(group: &Group) -> &'static str {
    match group {
        Group::Plain => "group",
        Group::Repeat => "repeat",
        Group::Loop(_) => "loop",
    }
}

/// Reads the rows as a tree.
pub(super) fn read<'s>(sheet: &'s Sheet, lists: &Lists, problems: &mut Problems) -> Vec<Item<'s>> {
    let mut names: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new()];
    let mut open: Vec<(&Row, Group, Vec<Item>)> = Vec::new();
    let mut top = Vec::new();
    if !sheet.has("type") {
        let name = "type".to_owned();
        problems.add("survey", Some(1), "", Detail::XlsformColumnMissing { name });
        return top;
    }
    for row in &sheet.rows {
        let off = sheet.cell(row, "disabled").to_lowercase();
        if matches!(off.as_str(), "yes" | "true" | "true()" | "1") {
            continue;
        }
        let Some(kind) = row_type(sheet, row, lists, problems) else { continue };
        let here = names.last_mut();
        match kind {
            Type::Skipped => {}
            Type::Asked(asked) => {
                if let Some(names) = here {
                    check_name(sheet, row, &asked, names, problems);
                }
                let items = open.last_mut().map_or(&mut top, |(_, _, items)| items);
                items.push(Item::Question(row, asked));
            }
            Type::Begin(group) => {
                if let Some(names) = here {
                    check_name(sheet, row, &Asked::Text, names, problems);
                }
                open.push((row, group, Vec::new()));
                names.push(BTreeMap::new());
            }
            Type::End(ends) => {
                let Some((begin, group, items)) = open.pop() else {
                    problems.add("survey", Some(row.number), "type", Detail::XlsformGroupNotOpen);
                    continue;
                };
                names.pop();
                if word(&group) != ends {
                    problems.add("survey", Some(row.number), "type", Detail::XlsformGroupMismatch);
                }
                let outside = open.last_mut().map_or(&mut top, |(_, _, items)| items);
                outside.push(Item::Group(begin, group, items));
            }
        }
        if open.len() > 40 {
            let name = "a group nested so deeply".to_owned();
            let detail = Detail::XlsformTypeNotCarried { name };
            problems.add("survey", Some(row.number), "type", detail);
            return Vec::new();
        }
    }
    while let Some((begin, group, items)) = open.pop() {
        problems.add("survey", Some(begin.number), "type", Detail::XlsformGroupOpen);
        let outside = open.last_mut().map_or(&mut top, |(_, _, items)| items);
        outside.push(Item::Group(begin, group, items));
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
        if !matches!(asked, Asked::Note | Asked::Metadata(_) | Asked::External) {
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

/// Types that go by several names, in one spelling: lower case, single spaces.
fn simple(word: &str) -> Option<Asked> {
    Some(match word {
        "integer"
        | "int"
        | "q int"
        | "add integer prompt"
        | "number of days in last month"
        | "number of days in last six months"
        | "number of days in last year" => Asked::Integer,
        "decimal" | "q decimal" | "add decimal prompt" => Asked::Decimal,
        "percentage" => Asked::Percentage,
        "range" => Asked::Range,
        // Typed by whom is asked; the device's own is `phonenumber`.
        "text" | "string" | "q string" | "add text prompt" | "phone number"
        | "get phone number" => Asked::Text,
        "barcode" | "q barcode" | "add barcode prompt" => Asked::Barcode,
        "date" | "q date" | "add date prompt" => Asked::Date,
        "time" => Asked::Time,
        "datetime"
        | "date time"
        | "q datetime"
        | "q date time"
        | "add datetime prompt"
        | "add date time prompt" => Asked::DateTime,
        "image" | "photo" | "q image" | "q picture" | "add image prompt" | "add photo prompt" => {
            Asked::Image
        }
        "audio" | "q audio" | "add audio prompt" => Asked::Audio,
        "video" | "q video" | "add video prompt" => Asked::Video,
        "file" | "add file prompt" => Asked::File,
        "geopoint" | "gps" | "location" | "q geopoint" | "q location" | "add location prompt" => {
            Asked::Point
        }
        "geotrace" | "q geotrace" => Asked::Trace,
        "geoshape" | "q geoshape" => Asked::Area,
        "acknowledge" | "trigger" | "q acknowledge" | "add acknowledge prompt" => {
            Asked::Acknowledge
        }
        "note" | "q note" | "add note prompt" => Asked::Note,
        "calculate" | "q calculate" | "add calculate prompt" => Asked::Calculate,
        "hidden" => Asked::Hidden,
        "xml external" | "csv external" => Asked::External,
        "start" | "start time" | "get start time" => Asked::Metadata("start"),
        "end" | "end time" | "get end time" => Asked::Metadata("end"),
        "today" | "get today" => Asked::Metadata("today"),
        "deviceid" | "device id" | "imei" | "get device id" | "uri:deviceid" => {
            Asked::Metadata("device")
        }
        "username" | "uri:username" => Asked::Metadata("interviewer"),
        "phonenumber" | "uri:phonenumber" => Asked::Metadata("phone"),
        "email" | "uri:email" => Asked::Metadata("email"),
        "simserial" | "sim id" | "get sim id" | "uri:simserial" => Asked::Metadata("sim"),
        "subscriberid" | "subscriber id" | "get subscriber id" | "uri:subscriberid" => {
            Asked::Metadata("subscriber")
        }
        "audit" | "text audit" | "audio audit" => Asked::Metadata("audit"),
        "caseid" => Asked::Metadata("case"),
        "comments" => Asked::Metadata("comments"),
        "start geopoint" => Asked::Metadata("start_geopoint"),
        "background audio" => Asked::Metadata("background_audio"),
        "background geopoint" => Asked::Metadata("background_geopoint"),
        _ => return None,
    })
}

fn row_type(sheet: &Sheet, row: &Row, lists: &Lists, problems: &mut Problems) -> Option<Type> {
    let at = Some(row.number);
    let written = sheet.cell(row, "type");
    let mut add = |detail| problems.add("survey", at, "type", detail);
    if written.is_empty() {
        // A comment beside the form; only what looks like a question is told.
        if !sheet.cell(row, "name").is_empty() {
            add(Detail::XlsformTypeMissing);
        }
        return None;
    }
    let spaced: Vec<&str> = written.split_whitespace().collect();
    let plain = spaced.join(" ").to_lowercase();
    let lower = plain.replace(['_', '-'], " ");
    if let Some(asked) = simple(&lower) {
        return Some(Type::Asked(asked));
    }
    if let Some(group) = group_type(&lower, &plain, lists) {
        return match group {
            Ok(kind) => Some(kind),
            Err(detail) => {
                add(detail);
                None
            }
        };
    }
    for (words, make) in SELECTS {
        let count = words.split(' ').count();
        let Some(rest) = lower.strip_prefix(words) else { continue };
        if !rest.is_empty() && !rest.starts_with(' ') {
            continue;
        }
        // The list's name keeps its spelling, and its `_`.
        let used = spaced_words(&spaced, count);
        let rest = spaced.get(used..).unwrap_or_default();
        return match options(written, rest, lower.contains(" from file"), words, lists) {
            Ok(options) => Some(Type::Asked(make(options))),
            Err(detail) => {
                add(detail);
                None
            }
        };
    }
    if lower == "osm" || lower.starts_with("osm ") {
        return Some(Type::Asked(Asked::File));
    }
    if ["lgroup", "table list"].contains(&lower.as_str()) {
        return Some(Type::Skipped);
    }
    add(Detail::XlsformTypeUnknown { name: written.to_owned() });
    None
}

/// How many of the words as written make that many words once `_` parts them.
fn spaced_words(spaced: &[&str], count: usize) -> usize {
    let mut found = 0;
    for (place, word) in spaced.iter().enumerate() {
        if found >= count {
            return place;
        }
        found += word.split(['_', '-']).count();
    }
    spaced.len()
}

fn group_type(lower: &str, plain: &str, lists: &Lists) -> Option<Result<Type, Detail>> {
    let (begins, rest) = match lower.strip_prefix("begin ") {
        Some(rest) => (true, rest),
        None => (false, lower.strip_prefix("end ")?),
    };
    let kind = match rest.split(' ').next()? {
        "group" => Group::Plain,
        "repeat" | "lgroup" | "looped" => Group::Repeat,
        "loop" => Group::Loop(String::new()),
        _ => return None,
    };
    if !begins {
        return Some(Ok(Type::End(word(&kind))));
    }
    if let Group::Loop(_) = kind {
        let list = plain.rsplit(' ').next().unwrap_or_default();
        let known = lists.choices.iter().find(|known| known.to_lowercase() == list);
        return Some(match known {
            Some(list) => Ok(Type::Begin(Group::Loop((*list).to_owned()))),
            None => Err(Detail::XlsformListUnknown { list: list.to_owned() }),
        });
    }
    Some(Ok(Type::Begin(kind)))
}

fn options(
    written: &str,
    rest: &[&str],
    from_file: bool,
    words: &str,
    lists: &Lists,
) -> Result<Options, Detail> {
    let Some(list) = rest.first() else {
        return Err(Detail::XlsformListMissing { name: written.to_owned() });
    };
    let further = rest[1..].join(" ").to_lowercase();
    let or_other = match further.as_str() {
        "" => false,
        "or_other" | "or specify other" | "or other" => true,
        _ => return Err(Detail::XlsformTypeUnknown { name: written.to_owned() }),
    };
    let from = if from_file {
        let known = [".csv", ".xml", ".geojson"];
        if !list.contains("${") && !known.iter().any(|end| list.to_lowercase().ends_with(end)) {
            return Err(Detail::XlsformTypeUnknown { name: written.to_owned() });
        }
        From::File((*list).to_owned())
    } else if let Some(name) = list.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        From::Answers(name.to_owned())
    } else if words.ends_with("external") {
        if !lists.external.is_empty() && !lists.external.contains(list) {
            return Err(Detail::XlsformListUnknown { list: (*list).to_owned() });
        }
        From::External((*list).to_owned())
    } else if lists.choices.contains(list) {
        From::List((*list).to_owned())
    } else {
        return Err(Detail::XlsformListUnknown { list: (*list).to_owned() });
    };
    Ok(Options { from, or_other })
}

type Make = fn(Options) -> Asked;

/// The spellings of choice questions; longer ones stand first.
const SELECTS: [(&str, Make); 19] = [
    ("add select multiple prompt using", Asked::SelectMultiple),
    ("add select one prompt using", Asked::SelectOne),
    ("select all that apply from", Asked::SelectMultiple),
    ("select all that apply", Asked::SelectMultiple),
    ("select multiple from file", Asked::SelectMultiple),
    ("select multiple external", Asked::SelectMultiple),
    ("select multiple using", Asked::SelectMultiple),
    ("select multiple from", Asked::SelectMultiple),
    ("select multiple", Asked::SelectMultiple),
    ("select one from file", Asked::SelectOne),
    ("select one external", Asked::SelectOne),
    ("select one using", Asked::SelectOne),
    ("select one from", Asked::SelectOne),
    ("select one", Asked::SelectOne),
    ("select1 from", Asked::SelectOne),
    ("select1", Asked::SelectOne),
    ("q select1", Asked::SelectOne),
    ("q select", Asked::SelectMultiple),
    ("rank", Asked::Rank),
];
