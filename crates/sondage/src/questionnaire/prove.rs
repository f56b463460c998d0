//! `import --prove`: simulated respondents answer what was read, here and in the engines
//! of other programs that are on the machine, and each question that is asked in one and
//! not in the other is listed.
//!
//! No engine comes with the program. `--engines` (or `SONDAGE_ENGINES`) names a folder
//! whose `node_modules` holds `@getodk/xforms-engine` with `jsdom`, or `survey-core`, or
//! both; they run in the `node` that is found in the path.

use std::path::Path;
use std::process::Command;

use chrono::NaiveDate;
use exchange::{prove, surveyjs, xform};
use fielding::Error;
use fielding::acts::study;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::dry_run::{DryRun, dry_run};
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::version::Version;

use crate::terminal::Failure;

/// How many respondents answer.
const RESPONDENTS: u32 = 1_000;

/// From what chance starts: the same file is proved by the same answers.
const SEED: u64 = 1;

/// The scripts that give an engine its answers, with what they share.
const SHARED: (&str, &str) =
    ("compare.mjs", include_str!("../../../exchange/tests/engines/compare.mjs"));
const ENGINES: [Engine; 2] = [
    Engine {
        name: "ODK Web Forms",
        package: "@getodk/xforms-engine",
        format: "xform",
        script: ("odk.mjs", include_str!("../../../exchange/tests/engines/odk.mjs")),
    },
    Engine {
        name: "SurveyJS",
        package: "survey-core",
        format: "surveyjs",
        script: ("surveyjs.mjs", include_str!("../../../exchange/tests/engines/surveyjs.mjs")),
    },
];

/// A program that fills in forms.
struct Engine {
    name: &'static str,
    /// The folder of its package in `node_modules`.
    package: &'static str,
    /// The format that it reads.
    format: &'static str,
    script: (&'static str, &'static str),
}

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Proof {
    /// What respondents met here.
    pub run: DryRun,
    /// How long a respondent takes, in minutes.
    pub minutes: f64,
    /// What each engine that is there made of the same answers.
    pub engines: Vec<Compared>,
    #[serde(skip)]
    pub version: Version,
}

/// What one engine made of the answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Compared {
    /// Its name.
    #[serde(default)]
    pub engine: String,
    /// Whether it was given the file itself, not one that was written of what was read.
    #[serde(default)]
    pub original: bool,
    /// How many respondents filled it in.
    pub respondents: u64,
    /// How many questions were compared, over all respondents.
    pub questions: u64,
    /// How many values.
    pub values: u64,
    /// The questions in which the two differ.
    pub found: Vec<Differing>,
}

/// A question in which the two differ: for how many respondents, members counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Differing {
    /// Its name.
    pub question: String,
    /// Asked here only.
    pub here: u64,
    /// Asked there only.
    pub there: u64,
    /// Worked out otherwise.
    pub value: u64,
    /// Refused there, or not there.
    pub other: u64,
    /// The first of them.
    #[serde(default)]
    pub how: Option<String>,
}

/// Proves what was read of a file. `format` is that of the file, `engines` the folder of
/// the engines.
///
/// # Errors
///
/// A questionnaire that cannot be published; an engine that cannot be run.
pub(super) fn prove(
    document: Document,
    (file, format): (&Path, &str),
    engines: Option<&Path>,
    today: NaiveDate,
) -> Result<Proof, Failure> {
    let minutes = estimated_minutes(&document, &document.default_language);
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let run = dry_run(&version, RESPONDENTS, SEED, today);
    let mut compared = Vec::new();
    for engine in ENGINES {
        let Some(folder) = engines.map(|folder| folder.join("node_modules")) else { break };
        if folder.join(engine.package).is_dir() {
            compared.push(compare(&version, &engine, (file, format), &folder, today)?);
        }
    }
    Ok(Proof { run, minutes, engines: compared, version })
}

fn compare(
    version: &Version,
    engine: &Engine,
    (file, format): (&Path, &str),
    packages: &Path,
    today: NaiveDate,
) -> Result<Compared, Failure> {
    let failed = |reason: String| Failure::File { file: engine.name.to_owned(), reason };
    let document = &version.document;
    let original = format == engine.format;
    let (form, lost) = match (engine.format, original) {
        ("xform", true) => {
            let text = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
            (json!(String::from_utf8_lossy(&text)), Vec::new())
        }
        (_, true) => {
            let text = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
            let model = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
            (model, Vec::new())
        }
        ("xform", false) => {
            let (form, lost) = xform::export(document);
            (json!(form), lost)
        }
        _ => surveyjs::export(document),
    };
    let case = prove::case(version, &form, &lost, original, (RESPONDENTS, SEED, today));
    let found = run(engine, &case, packages).map_err(failed)?;
    let mut compared: Compared =
        serde_json::from_str(&found).map_err(|error| failed(error.to_string()))?;
    engine.name.clone_into(&mut compared.engine);
    compared.original = original;
    Ok(compared)
}

/// Runs an engine over a case; the last line that it prints, or why it did not.
fn run(engine: &Engine, case: &Json, packages: &Path) -> Result<String, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let folder = tempfile::tempdir().map_err(|error| said(&error))?;
    let packages = packages.canonicalize().map_err(|error| said(&error))?;
    linked(&packages, &folder.path().join("node_modules")).map_err(|error| said(&error))?;
    for (name, text) in [SHARED, engine.script] {
        std::fs::write(folder.path().join(name), text).map_err(|error| said(&error))?;
    }
    let asked = folder.path().join("case.json");
    let bytes = serde_json::to_vec(case).map_err(|error| said(&error))?;
    std::fs::write(&asked, bytes).map_err(|error| said(&error))?;
    let script = folder.path().join(engine.script.0);
    let output = Command::new("node").arg(script).arg(&asked).arg("--json").output();
    let output = output.map_err(|error| format!("node: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let mut lines = why.lines().filter(|line| line.contains("Error"));
        return Err(lines.next().unwrap_or("it did not end well").to_owned());
    }
    Ok(printed.lines().last().unwrap_or_default().to_owned())
}

#[cfg(unix)]
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}

/// The proof in words.
pub(super) fn told(proof: &Proof, has_engines: bool, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let mut lines = vec![super::told(&proof.version, &proof.run, proof.minutes, language)];
    if proof.engines.is_empty() {
        let key = if has_engines { "cli-prove-empty" } else { "cli-prove-none" };
        lines.push(say(key, &[]));
    }
    for one in &proof.engines {
        let number = |count: u64| locale::number(language, as_number(count), 0);
        let (respondents, questions) = (number(one.respondents), number(one.questions));
        let found = number(one.found.len() as u64);
        let arguments = [
            ("engine", one.engine.as_str()),
            ("respondents", respondents.as_str()),
            ("questions", questions.as_str()),
            ("found", found.as_str()),
        ];
        let key = if one.original { "cli-prove-original" } else { "cli-prove-written" };
        lines.push(say(key, &arguments));
        for differing in &one.found {
            for (key, count) in [
                ("cli-prove-here", differing.here),
                ("cli-prove-there", differing.there),
                ("cli-prove-value", differing.value),
                ("cli-prove-other", differing.other),
            ] {
                if count > 0 {
                    let how = differing.how.as_deref().unwrap_or_default();
                    let how: String = how.chars().take(200).collect();
                    let count = number(count);
                    let question = differing.question.as_str();
                    let arguments = [("question", question), ("n", count.as_str()), ("how", &how)];
                    lines.push(say(key, &arguments));
                }
            }
        }
    }
    lines.join("\n")
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn as_number(count: u64) -> f64 {
    count as f64
}
