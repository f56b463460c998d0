//! `import --repair`: what would be changed so that a questionnaire can be published,
//! shown first and written only where a place for it is given.

use fielding::Problem;
use fielding::files::questionnaire::{self as questionnaire_file, Target};
use locale::problem_text;
use serde_json::json;
use survey_builder::questionnaire::repair::Repaired;

use super::tell_warnings;
use crate::output::Output;
use crate::terminal::{Failure, print_line};

/// The changes in words, each with its place, and what is left.
pub(super) fn told(repaired: &Repaired, language: &str) -> String {
    let say = |key: &str, n: usize| locale::text(language, key, &[("n", &n.to_string())]);
    let mut lines = vec![match (repaired.changes.len(), repaired.left.is_empty()) {
        (0, true) => say("cli-repair-none", 0),
        (count, true) => say("cli-repair", count),
        (0, false) => say("cli-repair-cannot", 0),
        (count, false) => say("cli-repair-some", count),
    }];
    let left = repaired.left.iter().map(|one| Problem::from(one.clone()));
    for problem in repaired.changes.iter().cloned().chain(left) {
        let text = problem_text(&problem, language);
        lines.push(locale::text(language, "cli-import-obstacle", &[("text", &text)]));
    }
    lines.join("\n")
}

/// The same for programs.
pub(super) fn report(repaired: &Repaired) -> serde_json::Value {
    let problem = |problem: &Problem| {
        json!({
            "place": problem.place,
            "code": problem.code,
            "before": problem.argument("before"),
            "after": problem.argument("after"),
            "message": problem_text(&problem.clone().at(""), "en"),
        })
    };
    let left = repaired.left.iter().map(|one| problem(&one.problem));
    json!({
        "publishable": repaired.left.is_empty(),
        "changes": repaired.changes.iter().map(problem).collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
    })
}

/// Writes the repaired questionnaire in the format that its name has.
pub(super) fn write(repaired: &Repaired, output: &Output, language: &str) -> Result<(), Failure> {
    let target = Target::of_file(output.path())?;
    let (bytes, lost) = questionnaire_file::write(&repaired.document, target)?;
    tell_warnings(lost.into_iter(), language);
    output.write_bytes(&bytes)?;
    let file = output.path().display().to_string();
    print_line(&locale::text(language, "cli-repair-written", &[("file", &file)]));
    Ok(())
}
