//! What other programs make of the forms that are written: `SurveyJS` and the
//! engine of ODK Web Forms load every one, are given the answers of simulated
//! respondents, and must show the same questions and work out the same values
//! as routing does.
//!
//! They run in Node; `npm ci` in `tests/engines` brings them. `JavaRosa`, the engine of
//! ODK Collect, runs in Java from the archive that `SONDAGE_ODK_VALIDATE` names. Without
//! them the tests say that they were skipped; with `CI` set that fails.

mod answering;
mod importing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use answering::Depth;
use exchange::prove::compared::{Compared, compare};
use exchange::prove::engines::{Engine, JAVAROSA, Runtime, SURVEYJS, WEB_FORMS};
use exchange::prove::written;
use exchange::questionnaire::Finding;
use exchange::{surveyjs, xform, xlsform};
use serde_json::{Value as Json, json};
use survey_builder::problem::{Argument, phrase};
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{Document, Kind};
use survey_builder::questionnaire::order::arms_of;
use survey_builder::questionnaire::version::Version;

/// How many respondents answer each form.
const RESPONDENTS: u64 = 8;

/// What an engine starts from, or `None` if it was not brought.
fn place_of(engine: &Engine) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
    let (from, brought) = match engine.runtime {
        Runtime::Node { package } => {
            let packages = folder.join("node_modules");
            let there = packages.join(package).is_dir();
            let node = Command::new("node").arg("--version").output().is_ok();
            ((there && node).then_some(packages), format!("npm ci in {}", folder.display()))
        }
        Runtime::Java => {
            let archive = std::env::var_os("SONDAGE_ODK_VALIDATE").map(PathBuf::from);
            let java = Command::new("java").arg("--version").output().is_ok();
            let archive = archive.filter(|path| java && path.is_file());
            (archive, "SONDAGE_ODK_VALIDATE must name its archive".to_owned())
        }
    };
    if from.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{}: {brought}", engine.name);
        println!("skipped: {} is not there; {brought}", engine.name);
    }
    from
}

fn case(file: &str, document: &Document, form: &Json, lost: &[Finding]) -> Json {
    // What only words are lost of is asked all the same.
    let hint = Argument::from(phrase("phrase-role-hint"));
    let is_asked = |one: &&Finding| one.problem.argument("what") == Some(&hint);
    let lost: Vec<Finding> = lost.iter().filter(|one| !is_asked(one)).cloned().collect();
    let mut lost = importing::places(document, &lost);
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

/// Runs an engine over the cases and compares: prints a line each known difference, and the counts. There
/// is no other difference.
fn run(engine: &Engine, from: &Path, part: &str, cases: &[Json]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in engine.beside.iter().chain([&engine.script]) {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let place = folder.path().join("cases.json");
    std::fs::write(&place, serde_json::to_vec(cases).expect("json")).expect("written");
    let mut command = match engine.runtime {
        Runtime::Node { .. } => {
            std::os::unix::fs::symlink(from, folder.path().join("node_modules")).expect("linked");
            Command::new("node")
        }
        Runtime::Java => {
            let mut command = Command::new("java");
            command.arg("-cp").arg(from);
            command
        }
    };
    let command = command.arg(folder.path().join(engine.script.0)).arg(&place);
    let output = command.output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = compare(cases, &said).expect("lines");
    let (mut known, mut other, mut forms) = (Vec::new(), Vec::new(), 0);
    for (case, own) in cases.iter().zip(&found) {
        let file = case["file"].as_str().expect("a name");
        if let Some(why) = &own.unread {
            known.push(format!("{file}: the engine does not run it: {why}"));
            continue;
        }
        forms += usize::from(own.found.iter().all(|one| one.question != "the form"));
        for one in &own.found {
            let place = format!("{file} {}", one.question);
            let why = KNOWN.iter().find(|(name, it, _)| *name == engine.name && *it == place);
            match why {
                Some((_, _, why)) => known.push(format!("{place}: {why}")),
                None => other.push(format!("{place}: {}", one.how)),
            }
        }
    }
    let sum = |count: fn(&Compared) -> u64| found.iter().map(count).sum::<u64>();
    let counts = format!(
        "{}: {forms} forms, {} respondents, {} questions shown or not, {} values, {} disagreements",
        engine.name,
        sum(|own| own.respondents),
        sum(|own| own.questions),
        sum(|own| own.values),
        other.len()
    );
    for line in &known {
        println!("known: {line}");
    }
    println!("{counts}");
    let engine_said = String::from_utf8_lossy(&output.stderr);
    assert!(other.is_empty(), "{}\n{counts}\n{engine_said}", other.join("\n"));
    if std::env::var_os("SONDAGE_REFERENCE").is_some() {
        let known: Vec<String> = known.iter().map(|line| format!("- Known: {line}.\n")).collect();
        importing::documented(part, &format!("{counts}.\n\n{}", known.concat()));
    }
}

/// Differences that are known, by engine, file and question, each with who is right.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "ODK Web Forms",
        "limesurvey-demosurveys/ls205_em_tailoring.lss message2_insert_2",
        "the engine writes the decimal 1 as 1.0 into texts; XPath 1.0, 4.2, writes 1",
    ),
    (
        "ODK Web Forms",
        "limesurvey-demosurveys/ls205_sample_survey_english.lss message2_insert_2",
        "the engine writes the decimal 1 as 1.0 into texts; XPath 1.0, 4.2, writes 1",
    ),
    (
        "ODK Web Forms",
        "redcapr/decimal-comma-and-dot__dictionary.csv bmi",
        "a number divided by 0 is Infinity in XPath and missing here",
    ),
    (
        "JavaRosa",
        "household.json person_km",
        "a sum over nothing is 0 in XPath 1.0, 4.4, and missing here",
    ),
    ("JavaRosa", "household.json person_note", "it is asked where a sum over nothing is 0"),
    (
        "JavaRosa",
        "household.json km_all",
        "a sum over nothing is 0 in XPath 1.0, 4.4, and missing here",
    ),
    (
        "JavaRosa",
        "limesurvey-demosurveys/ls205_em_tailoring.lss math_insert_22",
        "a blank number is NaN in texts there",
    ),
    (
        "JavaRosa",
        "limesurvey-demosurveys/ls205_sample_survey_english.lss math_insert_22",
        "a blank number is NaN in texts there",
    ),
    (
        "JavaRosa",
        "redcapr/decimal-comma-and-dot__dictionary.csv bmi",
        "a number divided by 0 is Infinity in XPath and missing here",
    ),
    (
        "SurveyJS",
        "conjoint/Sample_form_-_Conjoint_Analysis.xlsx resp_id",
        "the engine leaves values blank in panels that a count adds, until what they read changes",
    ),
];

#[test]
fn surveyjs_shows_the_same_questions() {
    let Some(from) = place_of(&SURVEYJS) else { return };
    let cases: Vec<Json> = importing::documents()
        .iter()
        .map(|(file, document)| {
            let (model, lost) = surveyjs::export(document);
            case(file, document, &model, &lost)
        })
        .collect();
    run(&SURVEYJS, &from, "SurveyJS", &cases);
}

#[test]
fn javarosa_shows_the_same_questions() {
    let Some(from) = place_of(&JAVAROSA) else { return };
    run(&JAVAROSA, &from, "JavaRosa", &written_xforms());
}

/// Every document as an `XForm`, with respondents.
fn written_xforms() -> Vec<Json> {
    let written = |(file, document): &(String, Document)| {
        let (form, lost) = xform::export(document);
        case(file, document, &json!(form), &lost)
    };
    importing::documents().iter().map(written).collect()
}

#[test]
fn odk_web_forms_shows_the_same_questions() {
    let Some(from) = place_of(&WEB_FORMS) else { return };
    run(&WEB_FORMS, &from, "ODK Web Forms", &written_xforms());
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
    let Some(from) = place_of(&WEB_FORMS) else { return };
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
    run(&WEB_FORMS, &from, "pyxform in ODK Web Forms", &cases);
}

/// The workbooks that are written, as pyxform makes forms of them.
#[test]
fn workbooks_ask_the_same_through_pyxform() {
    let Some(from) = place_of(&WEB_FORMS) else { return };
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
    run(&WEB_FORMS, &from, "workbooks in ODK Web Forms", &cases);
}
