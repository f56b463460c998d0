//! What other programs make of the forms that are written: `SurveyJS` and the
//! engine of ODK Web Forms load every one, are given the answers of simulated
//! respondents, and must show the same questions and work out the same values
//! as routing does.
//!
//! Both run in Node; `npm ci` in `tests/engines` brings them. Without it the
//! tests say that they were skipped; with `CI` set that fails.

mod answering;
mod importing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use answering::Depth;
use exchange::prove::written;
use exchange::questionnaire::Finding;
use exchange::{surveyjs, xform, xlsform};
use serde_json::{Value as Json, json};
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{Document, Kind};
use survey_builder::questionnaire::order::arms_of;
use survey_builder::questionnaire::version::Version;

/// How many respondents answer each form.
const RESPONDENTS: u64 = 8;

/// Where the programs are, or `None` if they were not brought.
fn engines(package: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
    let there = folder.join("node_modules").join(package).is_dir();
    let node = Command::new("node").arg("--version").output().is_ok();
    if there && node {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "npm ci in {}", folder.display());
    println!("skipped: {package} is not there; npm ci in {}", folder.display());
    None
}

fn case(file: &str, document: &Document, form: &Json, lost: &[Finding]) -> Json {
    let mut lost = importing::places(document, lost);
    // What reads a value that could not be written is left out with it.
    let (version, _) = compile_version(document.clone());
    let values = document.questions().filter(|one| matches!(one.kind, Kind::Computed(_)));
    let values = values.map(|one| one.name.clone()).filter(|name| lost.contains(name)).collect();
    lost.extend(answering::ahead(&version, &values));
    case_without(file, document, form, lost)
}

/// The same, with the names of what is not compared.
fn case_without(file: &str, document: &Document, form: &Json, mut lost: BTreeSet<String>) -> Json {
    let (version, _) = compile_version(document.clone());
    let respondents: Vec<Json> = (0..RESPONDENTS)
        .map(|seed| answering::respondent(&version, seed, Depth::Members))
        .filter(|one| one.path.ending.is_none())
        .map(|one| filled_in(&version, &one))
        .collect();
    lost.extend(answering::ahead(&version, &BTreeSet::new()));
    let questions: Vec<Json> = version
        .document
        .questions()
        .map(|question| {
            let first = question.items().first().map_or(question.id, |item| item.id);
            let around = version.rosters_around(first).iter();
            let names: Vec<&str> = around
                .filter_map(|id| version.document.rosters.iter().find(|one| one.id == *id))
                .map(|roster| roster.name.as_str())
                .collect();
            json!({ "name": question.name, "kind": question.kind.name(), "rosters": names })
        })
        .collect();
    json!({
        "file": file,
        "form": form,
        "questions": questions,
        "lost": lost,
        "today": answering::today().to_string(),
        "respondents": respondents,
    })
}

/// What one respondent gave and what came of it.
fn filled_in(version: &Version, one: &answering::Respondent) -> Json {
    let values: Vec<Json> = one
        .given
        .iter()
        .map(|given| json!([given.name, written(&given.value), given.places]))
        .collect();
    let all = |values: BTreeMap<String, Value>| -> serde_json::Map<String, Json> {
        values.iter().map(|(name, value)| (name.clone(), written(value))).collect()
    };
    json!({
        "values": values,
        "asked": answering::asked(version, &one.path),
        "computed": all(answering::computed(version, &one.path)),
        "members": answering::members(version, &one.path),
        "chances": all(drawn_there(version, one)),
    })
}

/// What chance decided, as forms have it: an arm is a number between 0 and 1.
fn drawn_there(version: &Version, one: &answering::Respondent) -> BTreeMap<String, Value> {
    let chances = answering::chances(version, one).into_iter();
    chances
        .map(|(name, value)| {
            let question = version.document.questions().find(|question| question.name == name);
            let arms = question.map_or_else(Vec::new, |question| arms_of(version, question));
            match &value {
                Value::Option(code) if !arms.is_empty() => {
                    let place = arms.iter().position(|arm| arm == code).unwrap_or_default();
                    #[expect(clippy::cast_precision_loss, reason = "a handful of arms")]
                    let middle = (place as f64 + 0.5) / arms.len() as f64;
                    (format!("{name}_drawn"), Value::Number(middle))
                }
                _ => (name, value),
            }
        })
        .collect()
}

/// Runs a script over the cases: a line each disagreement, the last the counts.
fn run(folder: &Path, script: &str, part: &str, cases: &[Json]) {
    let place = std::env::temp_dir().join(format!(
        "sondage-{}-{}.json",
        part.replace(' ', "-"),
        std::process::id()
    ));
    std::fs::write(&place, serde_json::to_vec(cases).expect("json")).expect("written");
    let output =
        Command::new("node").arg(folder.join(script)).arg(&place).output().expect("node runs");
    std::fs::remove_file(&place).expect("removed");
    let said = String::from_utf8_lossy(&output.stdout);
    let told = said.lines().filter(|line| line.starts_with("known: "));
    told.chain(said.lines().last()).for_each(|line| println!("{line}"));
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    if std::env::var_os("SONDAGE_REFERENCE").is_some() {
        let known = said.lines().filter_map(|line| line.strip_prefix("known: "));
        let known: Vec<String> = known.map(|line| format!("- Known: {line}.\n")).collect();
        let counts = said.lines().last().unwrap_or_default();
        importing::documented(part, &format!("{counts}.\n\n{}", known.concat()));
    }
}

#[test]
fn surveyjs_shows_the_same_questions() {
    let Some(folder) = engines("survey-core") else { return };
    let cases: Vec<Json> = importing::documents()
        .iter()
        .map(|(file, document)| {
            let (model, lost) = surveyjs::export(document);
            case(file, document, &model, &lost)
        })
        .collect();
    run(&folder, "surveyjs.mjs", "SurveyJS", &cases);
}

#[test]
fn odk_web_forms_shows_the_same_questions() {
    let Some(folder) = engines("@getodk/xforms-engine") else { return };
    let cases: Vec<Json> = importing::documents()
        .iter()
        .map(|(file, document)| {
            let (form, lost) = xform::export(document);
            case(file, document, &json!(form), &lost)
        })
        .collect();
    run(&folder, "odk.mjs", "ODK Web Forms", &cases);
}

/// What an import kept as a remark, by the names of the questions it was about;
/// remarks about a whole section are about its questions.
fn remarked(document: &Document) -> BTreeSet<String> {
    // What was settled about texts and names changes nothing that is asked.
    let settled = ["translation", "text", "message", "name"];
    let kept = || document.remarks.iter().filter(|one| !settled.contains(&one.role.as_str()));
    let about = |id| kept().any(|remark| remark.item == Some(id));
    let mut names = BTreeSet::new();
    for section in document.all_sections() {
        let whole = about(section.id);
        for inner in section.with_inner() {
            for page in inner.own_pages() {
                let all = whole || about(inner.id) || about(page.id);
                let some = page.questions.iter().filter(|one| all || about(one.id));
                names.extend(some.map(|one| one.name.clone()));
            }
        }
    }
    names
}

/// The forms themselves, as pyxform writes them for ODK's programs, against
/// what became of them here.
#[test]
fn forms_ask_here_what_they_ask_in_odk_web_forms() {
    let Some(folder) = engines("@getodk/xforms-engine") else { return };
    let Some(forms) = importing::pyxform_forms() else { return };
    let forms: Vec<_> = forms
        .into_iter()
        .filter_map(|(name, path, read)| Some((name, path, read.document?)))
        .collect();
    let paths: Vec<_> = forms.iter().map(|(_, path, _)| path.clone()).collect();
    let cases: Vec<Json> = importing::pyxform(&paths)
        .iter()
        .zip(&forms)
        .filter_map(|(theirs, (name, _, document))| {
            let form = theirs.get("form")?;
            // Options in files of their own are not there: what reads such a
            // choice is left out with it.
            let (version, _) = compile_version(document.clone());
            let lost = answering::ahead(&version, &remarked(document));
            let mut case = case_without(name, document, form, lost);
            case["foreign"] = json!(true);
            Some(case)
        })
        .collect();
    run(&folder, "odk.mjs", "pyxform in ODK Web Forms", &cases);
}

/// The workbooks that are written, as pyxform makes forms of them.
#[test]
fn workbooks_ask_the_same_through_pyxform() {
    let Some(folder) = engines("@getodk/xforms-engine") else { return };
    if std::env::var_os("SONDAGE_PYXFORM").is_none() {
        assert!(std::env::var_os("CI").is_none(), "SONDAGE_PYXFORM must be set");
        println!("skipped: SONDAGE_PYXFORM is not set");
        return;
    }
    let written = tempfile::tempdir().expect("a folder");
    let documents = importing::documents();
    let (mut paths, mut told) = (Vec::new(), Vec::new());
    for (place, (_, document)) in documents.iter().enumerate() {
        let (bytes, lost) = xlsform::export_workbook(document).expect("a workbook");
        paths.push(written.path().join(format!("{place}.xlsx")));
        std::fs::write(&paths[place], bytes).expect("written");
        told.push(lost);
    }
    let theirs = importing::pyxform(&paths);
    let refused: Vec<String> = documents
        .iter()
        .zip(&theirs)
        .filter_map(|((file, _), theirs)| Some(format!("{file}: {}", theirs.get("error")?)))
        .collect();
    assert!(refused.is_empty(), "pyxform refuses:\n{}", refused.join("\n"));
    let cases: Vec<Json> = documents
        .iter()
        .zip(theirs.iter().zip(&told))
        .map(|((file, document), (theirs, lost))| case(file, document, &theirs["form"], lost))
        .collect();
    run(&folder, "odk.mjs", "workbooks in ODK Web Forms", &cases);
}
