//! Any questionnaire: the format is recognised from the content.
//!
//! ```text
//! import(files) → recognize → that format's reader → Draft → settle → Document
//! ```
//!
//! A reader puts what it finds into a draft (see `draft`); conditions wait
//! there until every name is known. What cannot be carried over stays in the
//! document as a remark and is told with its place. What is missing and can be
//! settled is settled at the end (see `fallback`).

pub(crate) mod fallback;
mod format;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;
use survey_builder::problem::{Argument, Problem, first_places};
pub use survey_builder::problem::{Finding, Severity};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::review::review;

use crate::draft::{Broken, Read, refusal, refused};
use crate::xlsform;
use format::{Content, decode, recognize};
pub use format::{ENDINGS, Format};

/// What reading a questionnaire gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format that was recognised.
    pub format: Option<Format>,
    /// The questionnaire, a draft to be reviewed and published, unless it was
    /// refused.
    pub document: Option<Document>,
    /// Everything to be told; with an error among them there is no document.
    pub problems: Vec<Finding>,
}

impl Reading {
    fn of(format: Format, language: Option<&str>, read: Read) -> Self {
        match read {
            Ok((mut document, mut problems)) => {
                // Our own documents are as their authors want them.
                if format != Format::Document {
                    problems.extend(fallback::fall_back(&mut document, language));
                }
                let problems = gathered(problems);
                Self { format: Some(format), document: Some(document), problems }
            }
            Err(problems) => Self { format: Some(format), document: None, problems },
        }
    }

    fn nothing(problems: Vec<Finding>) -> Self {
        Self { format: None, document: None, problems }
    }

    /// What must be put right before the questionnaire can be published; what was
    /// refused has told why already.
    pub fn obstacles(&self) -> Vec<Finding> {
        let mut found = self.document.as_ref().map(review).unwrap_or_default();
        found.retain(|finding| finding.severity == Severity::Error);
        found
    }
}

/// The problems, with one for all remarks of one cause; it shows the first.
fn gathered(problems: Vec<Finding>) -> Vec<Finding> {
    let mut found: Vec<(Finding, Vec<Argument>)> = Vec::new();
    let mut remarks: HashMap<String, usize> = HashMap::new();
    for finding in problems {
        let place = finding.problem.place.clone();
        if finding.problem.code != "import_remark" {
            found.push((finding, vec![place]));
            continue;
        }
        match remarks.entry(format!("{:?}", finding.problem.argument("role"))) {
            Entry::Occupied(known) => found[*known.get()].1.push(place),
            Entry::Vacant(new) => {
                new.insert(found.len());
                found.push((finding, vec![place]));
            }
        }
    }
    let one = |(mut finding, places): (Finding, Vec<Argument>)| {
        if places.len() > 1 {
            let all: Option<Vec<&str>> = places.iter().map(Argument::as_text).collect();
            // Places that are said in words are not joined: the first is named.
            if let Some(all) = all {
                finding.problem = finding.problem.at(first_places(all));
            }
            finding.problem = finding.problem.with("count", places.len());
            "import_remarks".clone_into(&mut finding.problem.code);
        }
        finding
    };
    found.into_iter().map(one).collect()
}

/// Reads a questionnaire from a file of any system known here, or from the
/// sheets of a form as CSV files (`survey.csv`, `choices.csv`, `settings.csv`;
/// other files are left aside then). Each file is its name and its bytes. The
/// language of texts that name none is the one that they are in.
pub fn import(files: &[(&str, &[u8])]) -> Reading {
    import_in(files, None)
}

/// As [`import`], where somebody says the language (its code) of texts that name
/// none.
pub fn import_in(files: &[(&str, &[u8])], language: Option<&str>) -> Reading {
    let sheet = |name: &str| {
        let own = |file: &str| file.to_lowercase().ends_with(&format!("{name}.csv"));
        files.iter().find(|(file, _)| own(file)).map(|(_, bytes)| *bytes)
    };
    match (files, sheet("survey")) {
        ([(_, bytes)], _) => import_one(bytes, language),
        ([], _) => Reading::nothing(refusal(Problem::new("import_no_file", ""))),
        (_, Some(survey)) => {
            let form = xlsform::import_csv(survey, sheet("choices"), sheet("settings"));
            Reading::of(Format::Xlsform, language, of_form(form))
        }
        (_, None) => Reading::nothing(refusal(Problem::new("import_which_file", ""))),
    }
}

fn import_one(bytes: &[u8], language: Option<&str>) -> Reading {
    let reading = |format, read| Reading::of(format, language, read);
    match recognize(bytes) {
        Content::Workbook => reading(Format::Xlsform, of_form(xlsform::import_workbook(bytes))),
        Content::Word => reading(Format::Word, crate::word::read(bytes)),
        Content::Package => {
            reading(Format::SurveySolutions, crate::survey_solutions::read_archive(bytes))
        }
        Content::Structure => reading(Format::Limesurvey, crate::limesurvey::read_structure(bytes)),
        Content::Json(format, value) => reading(format, read_json(format, &value, bytes)),
        Content::Markup(format, text) => reading(format, crate::xform::read(text.trim_start())),
        Content::Lines(format, text) => reading(format, read_lines(format, &text, bytes)),
        Content::Markdown(text) => {
            let form = xlsform::import_lines(markdown_lines(&text));
            reading(Format::Xlsform, of_form(form))
        }
        Content::Other(what) => Reading::nothing(refused(what)),
    }
}

fn read_json(format: Format, value: &Value, bytes: &[u8]) -> Read {
    match format {
        Format::Surveyjs => crate::surveyjs::read(value),
        Format::Ons => crate::ons::read(value),
        Format::SurveySolutions => crate::survey_solutions::read(value),
        Format::Qualtrics => crate::qualtrics::read(value),
        Format::Xlsform => of_form(xlsform::import_json(value)),
        _ if value.is_null() => {
            // Why it is no JSON at all, before whose it might have been.
            match serde_json::from_str::<Value>(&decode(bytes)) {
                Err(error) => Err(Broken::from(error).into()),
                Ok(_) => Err(refused("phrase-json-of-no-known-system")),
            }
        }
        _ => match serde_json::from_str(&decode(bytes)) {
            Ok(document) => Ok((document, Vec::new())),
            Err(error) => Err(refusal(Broken::from(error).problem("document_json"))),
        },
    }
}

fn read_lines(format: Format, text: &str, bytes: &[u8]) -> Read {
    match format {
        Format::Limesurvey => crate::limesurvey::read_table(text),
        Format::Redcap => crate::redcap::read(text),
        Format::Cspro => crate::cspro::read(text),
        _ => of_form(xlsform::import_single_csv(bytes)),
    }
}

/// The rows of Markdown tables with the numbers of their lines.
fn markdown_lines(text: &str) -> Vec<(u32, Vec<String>)> {
    let rule = |cell: &String| cell.chars().all(|next| matches!(next, '-' | ':' | ' '));
    (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| {
            let inner = line.trim().strip_prefix('|')?;
            let inner = inner.strip_suffix('|').unwrap_or(inner);
            let cells = cells_of(inner);
            let is_rule = cells.iter().all(rule) && cells.iter().any(|cell| cell.contains('-'));
            (!is_rule).then_some((number, cells))
        })
        .collect()
}

/// The cells of a line; `\|` is a bar in a cell.
fn cells_of(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(next) = characters.next() {
        match (next, characters.peek()) {
            ('\\', Some('|')) => {
                characters.next();
                cells.iter_mut().last().unwrap_or(&mut String::new()).push('|');
            }
            ('|', _) => cells.push(String::new()),
            _ => cells.iter_mut().last().unwrap_or(&mut String::new()).push(next),
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// What a form gave, as every reader says it.
pub(crate) fn of_form(form: Result<xlsform::Imported, Vec<xlsform::Problem>>) -> Read {
    let told =
        |problems: Vec<xlsform::Problem>| problems.iter().map(Finding::from).collect::<Vec<_>>();
    match form {
        Ok(form) => Ok((form.document, [told(form.warnings), form.settled].concat())),
        Err(problems) => Err(told(problems)),
    }
}
