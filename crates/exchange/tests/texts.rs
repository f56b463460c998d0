//! The texts of every language in other programs: `SurveyJS` and the engine of ODK Web
//! Forms load what is written for them and show, language by language, the wording and
//! hint of each question and the label of each option. They must be those of the
//! document, or where a language lacks one those that are shown instead.
//!
//! Both run in Node; `npm ci` in `tests/engines` brings them. Without them the test says
//! that it was skipped; with `CI` set that fails.

mod importing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use exchange::questionnaire::Finding;
use exchange::{surveyjs, xform};
use serde_json::{Value as Json, json};
use survey_builder::questionnaire::document::{Document, Kind, Question, Text};
use survey_builder::questionnaire::piping::parts;

/// The texts of a document in one language: by question and part.
type Texts = BTreeMap<(String, String), String>;

/// Texts that show names in braces, which `SurveyJS` takes for what is to be inserted.
const KNOWN: [&str; 2] = [
    "limesurvey-demosurveys/ls205_em_tailoring.lss report wording",
    "limesurvey-demosurveys/ls205_sample_survey_english.lss tSummary1 wording",
];

/// What a question says in a language; options by their codes.
fn said_by(document: &Document, question: &Question, language: &str) -> Texts {
    let of = |text: &Text| text.get(language, &document.default_language).to_owned();
    let mut found = Texts::new();
    let mut tell = |part: &str, text: &Text| {
        if !text.is_empty() {
            found.insert((question.name.clone(), part.to_owned()), of(text));
        }
    };
    tell("wording", &question.wording);
    tell("hint", &question.hint);
    let own = match &question.kind {
        Kind::Single(_) | Kind::Multiple(_) => {
            question.kind.choice().and_then(|choice| document.list(&choice.list))
        }
        _ => None,
    };
    for option in own.into_iter().flat_map(|list| &list.options) {
        tell(&option.code, &option.label);
    }
    found
}

/// A text as engines and we compare it: white space is one space, marks are none.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    for (entity, sign) in entities {
        text = text.replace(entity, sign);
    }
    let mut bare = String::new();
    let mut inside = false;
    for sign in text.chars() {
        match sign {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                bare.push(' ');
            }
            _ if inside => {}
            other => bare.push(other),
        }
    }
    // Marks that only some of them read.
    bare.retain(|sign| !matches!(sign, '*' | '_' | '#' | '\\' | '`'));
    bare.split_whitespace().collect::<String>()
}

/// Whether a program shows a text, whatever it inserts.
fn shows(shown: &str, text: &str) -> bool {
    let shown = plain(shown);
    let mut rest = shown.as_str();
    for words in parts(text).into_iter().filter_map(Result::err) {
        let words = plain(words);
        match rest.find(&words) {
            Some(place) => rest = &rest[place + words.len()..],
            None => return false,
        }
    }
    // What inserts nothing is there and nothing else.
    parts(text).iter().any(Result::is_ok) || shown == plain(text)
}

/// Runs a script over the documents as they are written; what differs.
fn compared(
    script: &str,
    write: impl Fn(&Document) -> (Json, Vec<Finding>),
) -> Option<(String, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
    let there = folder.join("node_modules/survey-core").is_dir();
    if !there || Command::new("node").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "npm ci in {}", folder.display());
        println!("skipped: npm ci in {}", folder.display());
        return None;
    }
    let documents = importing::documents();
    let codes = |document: &Document| -> Vec<String> {
        document.languages.iter().map(|language| language.code.clone()).collect()
    };
    let (mut cases, mut told) = (Vec::new(), Vec::new());
    for (file, document) in &documents {
        let (form, lost) = write(document);
        cases.push(json!({ "file": file, "languages": codes(document), "form": form }));
        told.push(importing::places(document, &lost));
    }
    let place = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(place.path(), serde_json::to_vec(&cases).expect("json")).expect("written");
    let output = Command::new("node").arg(folder.join(script)).arg(place.path()).output();
    let output = output.expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut texts, mut several, mut differing) = (0, 0, Vec::new());
    let mut languages = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|it| it.starts_with('{')) {
        let line: Json = serde_json::from_str(line).expect("json");
        let form = usize::try_from(line["form"].as_u64().expect("a form")).expect("small");
        let language = line["language"].as_str().expect("a language");
        let (file, document) = &documents[form];
        let mut shown: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for one in line["texts"].as_array().expect("texts") {
            let at = |place: usize| one[place].as_str().unwrap_or_default().to_owned();
            shown.entry((at(0), at(1))).or_default().push(at(2));
        }
        languages.insert(language.to_owned());
        // What nobody is asked has no words there; what is told as lost is not looked for.
        let is_shown = |one: &&Question| !one.kind.is_silent() && !told[form].contains(&one.name);
        for question in document.questions().filter(is_shown) {
            for (part, text) in said_by(document, question, language) {
                // What the form has no place for is told when it is written.
                let Some(found) = shown.get(&part) else { continue };
                texts += 1;
                several += usize::from(document.languages.len() > 1);
                let place = format!("{file} {} {}", part.0, part.1);
                if KNOWN.contains(&place.as_str()) {
                    continue;
                }
                if !found.iter().any(|found| shows(found, &text)) {
                    differing.push(format!("{file} {language} {part:?}: {found:?}, not {text:?}"));
                }
            }
        }
    }
    let count = documents.iter().filter(|(_, document)| document.languages.len() > 1).count();
    let counts = format!(
        "{} documents, {count} of them in several languages, {} languages: {texts} texts, \
         {several} of them in several languages, {} differ",
        documents.len(),
        languages.len(),
        differing.len()
    );
    Some((counts, differing))
}

#[test]
fn surveyjs_shows_each_language_its_texts() {
    let Some((counts, differing)) = compared("texts_surveyjs.mjs", surveyjs::export) else {
        return;
    };
    println!("SurveyJS: {counts}");
    assert!(differing.is_empty(), "{counts}\n{}", differing.join("\n"));
}

#[test]
fn odk_web_forms_shows_each_language_its_texts() {
    let Some((counts, differing)) = compared("texts_odk.mjs", |document| {
        let (form, lost) = xform::export(document);
        (json!(form), lost)
    }) else {
        return;
    };
    println!("ODK Web Forms: {counts}");
    assert!(differing.is_empty(), "{counts}\n{}", differing.join("\n"));
}
