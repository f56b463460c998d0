//! `import --prove`: simulated respondents answer what was read, here and in the engines
//! of other programs that are on the machine, and each question that is asked in one and
//! not in the other is listed.
//!
//! No engine comes with the program. `--engines` (or `SONDAGE_ENGINES`) names a folder
//! whose `node_modules` holds `@getodk/xforms-engine` with `jsdom`, or `survey-core`, or
//! both; they run in the `node` that is found in the path. `--javarosa` (or
//! `SONDAGE_ODK_VALIDATE`) names ODK Validate's archive, which runs in `java`.

use std::path::Path;

use chrono::NaiveDate;
use exchange::prove::compared::{Compared, compare};
use exchange::prove::engines::{ENGINES, Engine, Format};
use exchange::{prove, surveyjs, xform};
use fielding::Error;
use fielding::acts::study;
use serde::Serialize;
use serde_json::json;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::dry_run::{DryRun, dry_run};
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::version::Version;

use super::engine::{self, Bounds, Places, Stopped};
use crate::terminal::Failure;

/// How many respondents answer.
const RESPONDENTS: u32 = 1_000;

/// From what chance starts: the same file is proved by the same answers.
const SEED: u64 = 1;

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Proof {
    /// What respondents met here.
    pub run: DryRun,
    /// How long a respondent takes, in minutes.
    pub minutes: f64,
    /// What each engine that is there made of the same answers.
    pub engines: Vec<Proved>,
    #[serde(skip)]
    pub version: Version,
}

/// What one engine made of the answers.
#[derive(Debug, Serialize)]
pub(super) struct Proved {
    /// Its name.
    pub engine: &'static str,
    /// Whether it was given the file itself, not one that was written of what was read.
    pub original: bool,
    /// Where it differs; nothing where it was stopped.
    #[serde(flatten)]
    pub compared: Compared,
    /// Why it did not come to an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// Proves what was read of a file. `format` is that of the file.
///
/// # Errors
///
/// A questionnaire that cannot be published; a file that cannot be read again.
pub(super) fn prove(
    document: Document,
    (file, format): (&Path, &str),
    places: Places<'_>,
    bounds: Bounds,
    today: NaiveDate,
) -> Result<Proof, Failure> {
    let minutes = estimated_minutes(&document, &document.default_language);
    let version = study::publish_document(document).map_err(Error::Invalid)?;
    let run = dry_run(&version, RESPONDENTS, SEED, today);
    let mut proved = Vec::new();
    for engine in ENGINES {
        if let Some(from) = places.of(&engine) {
            proved.push(asked(&version, &engine, (file, format), (&from, bounds), today)?);
        }
    }
    Ok(Proof { run, minutes, engines: proved, version })
}

fn asked(
    version: &Version,
    engine: &Engine,
    (file, format): (&Path, &str),
    (from, bounds): (&Path, Bounds),
    today: NaiveDate,
) -> Result<Proved, Failure> {
    let failed = |reason: String| Failure::File { file: file.display().to_string(), reason };
    let document = &version.document;
    let own = match engine.format {
        Format::XForm => "xform",
        Format::SurveyJs => "surveyjs",
    };
    let original = format == own;
    let read = || std::fs::read(file).map_err(|error| failed(error.to_string()));
    let (form, lost) = match (engine.format, original) {
        (Format::XForm, true) => (json!(String::from_utf8_lossy(&read()?)), Vec::new()),
        (Format::SurveyJs, true) => {
            let model = serde_json::from_slice(&read()?);
            (model.map_err(|error| failed(error.to_string()))?, Vec::new())
        }
        (Format::XForm, false) => {
            let (form, lost) = xform::export(document);
            (json!(form), lost)
        }
        (Format::SurveyJs, false) => surveyjs::export(document),
    };
    let case = prove::case(version, &form, &lost, original, (RESPONDENTS, SEED, today));
    let compared = engine::run(engine, from, &case, bounds).and_then(|printed| {
        let cases = case.as_array().map_or(&[][..], Vec::as_slice);
        let mut all =
            compare(cases, &printed).map_err(|error| Stopped::Failed(error.to_string()))?;
        let own = all.pop().unwrap_or_default();
        own.unread.clone().map_or(Ok(own), |why| Err(Stopped::Unread(why)))
    });
    let (compared, stopped) = match compared {
        Ok(compared) => (compared, None),
        Err(stopped) => (Compared::default(), Some(stopped)),
    };
    Ok(Proved { engine: engine.name, original, compared, stopped })
}

/// The proof in words.
pub(super) fn told(proof: &Proof, has_engines: bool, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let mut lines = vec![super::told(&proof.version, &proof.run, proof.minutes, language)];
    if proof.engines.is_empty() {
        let key = if has_engines { "cli-prove-empty" } else { "cli-prove-none" };
        lines.push(say(key, &[]));
    }
    for own in &proof.engines {
        let number = |count: u64| locale::number(language, as_number(count), 0);
        if let Some(why) = &own.stopped {
            let (key, what) = match why {
                Stopped::Seconds(seconds) => ("cli-prove-seconds", number(*seconds)),
                Stopped::Megabytes(most) => ("cli-prove-megabytes", number(*most)),
                Stopped::Failed(why) => ("cli-prove-failed", first_signs(why)),
                Stopped::Unread(why) => ("cli-prove-unread", first_signs(why)),
            };
            lines.push(say(key, &[("engine", own.engine), ("what", &what)]));
            continue;
        }
        let one = &own.compared;
        let (respondents, questions) = (number(one.respondents), number(one.questions));
        let found = number(one.found.len() as u64);
        let arguments = [
            ("engine", own.engine),
            ("respondents", respondents.as_str()),
            ("questions", questions.as_str()),
            ("found", found.as_str()),
        ];
        let key = if own.original { "cli-prove-original" } else { "cli-prove-written" };
        lines.push(say(key, &arguments));
        for differing in &one.found {
            for (key, count) in [
                ("cli-prove-here", differing.here),
                ("cli-prove-there", differing.there),
                ("cli-prove-value", differing.value),
                ("cli-prove-other", differing.other),
            ] {
                if count > 0 {
                    let how = first_signs(&differing.how);
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

fn first_signs(text: &str) -> String {
    text.chars().take(200).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn as_number(count: u64) -> f64 {
    count as f64
}
