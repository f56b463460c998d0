//! What simulated respondents are asked stays what it was: for every file of the
//! reference set that can be published, the questions that each of them meets, against
//! `fixtures/imports/paths.txt`. `SONDAGE_RESPONDENTS=1000` lets a thousand answer, which
//! takes minutes; `SONDAGE_BLESS=1` writes the file anew.

mod importing;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use exchange::prove;
use exchange::questionnaire::import;
use serde_json::Value as Json;
use survey_builder::questionnaire::publish::publish;
use uuid::Uuid;

/// How many answer in every run, and in a long one.
const RESPONDENTS: u32 = 6;
const MANY: u32 = 1_000;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/imports/paths.txt");

/// What respondents were asked, as one word.
fn digest(respondents: &[Json]) -> String {
    let mut whole = String::new();
    for one in respondents {
        let asked = one["asked"].as_array().expect("names").iter();
        whole.extend(asked.flat_map(|name| [name.as_str().expect("a name"), " "]));
        whole.push('\n');
    }
    Uuid::new_v5(&Uuid::NAMESPACE_OID, whole.as_bytes()).simple().to_string()
}

/// The words for each number of respondents, by file.
fn known() -> BTreeMap<String, [String; 2]> {
    let text = std::fs::read_to_string(FILE).unwrap_or_default();
    let mut known = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.rsplitn(3, ' ').map(str::to_owned);
        let (many, few) = (words.next(), words.next());
        if let (Some(many), Some(few), Some(file)) = (many, few, words.next()) {
            known.insert(file, [few, many]);
        }
    }
    known
}

#[test]
fn respondents_are_asked_what_they_were() {
    let Some(root) = std::env::var_os("SONDAGE_REFERENCE") else {
        println!("skipped: SONDAGE_REFERENCE is not set");
        return;
    };
    let root = std::path::PathBuf::from(root).join("questionnaires");
    let asked = std::env::var("SONDAGE_RESPONDENTS").ok().and_then(|said| said.parse().ok());
    let count: u32 = asked.unwrap_or(RESPONDENTS);
    assert!([RESPONDENTS, MANY].contains(&count), "{RESPONDENTS} or {MANY} respondents");
    let column = usize::from(count == MANY);
    let today = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    let (before, mut after) = (known(), BTreeMap::new());
    let (mut met, mut others) = (0, Vec::new());
    let files = importing::files().into_iter().filter(|(name, _)| root.join(name).is_file());
    for (name, bytes) in files {
        let Some(document) = import(&[("file", &bytes)]).document else { continue };
        let Ok(version) = publish(document) else { continue };
        let case = prove::case(&version, &Json::Null, &[], false, (count, 1, today));
        let respondents = case[0]["respondents"].as_array().expect("respondents");
        met += respondents.len();
        let word = digest(respondents);
        let mut words =
            before.get(&name).cloned().unwrap_or_else(|| ["-".to_owned(), "-".to_owned()]);
        // Of a long run it may not be known yet.
        if words[column] != word && (column == 0 || words[column] != "-") {
            others.push(name.clone());
        }
        words[column] = word;
        after.insert(name, words);
    }
    let gone: Vec<&String> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    println!("{} files, {count} respondents each, {met} that came to the end", after.len());
    if std::env::var_os("SONDAGE_BLESS").is_some() {
        let lines = after.iter().map(|(name, [few, many])| format!("{name} {few} {many}\n"));
        std::fs::write(FILE, lines.collect::<String>()).expect("written");
        return;
    }
    assert!(gone.is_empty(), "cannot be published any more: {gone:?}");
    assert!(others.is_empty(), "asked something else: {others:?}");
}
