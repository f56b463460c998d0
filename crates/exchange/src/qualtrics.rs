//! Qualtrics: a survey as its export file (`.qsf`), JSON.
//!
//! ```text
//! read(file) → Survey (elements by their kind) → Names → flow → blocks → questions → logic
//! ```
//!
//! A block becomes a section where the flow first shows it, under the
//! conditions of the branches around it; a looped block is asked for each
//! member of a roster. What a skip leaves out becomes a condition on what it
//! passes over. Fields of embedded data become hidden or computed values.

mod early;
mod field;
mod flow;
mod kind;
mod logic;
mod looks;
mod matrix;
mod names;
mod question;
mod skip;
mod survey;
mod text;

use serde_json::Value;

use crate::account::Json;
use crate::draft::{Read, refused};

/// Reads a survey.
pub(crate) fn read(file: &Value) -> Read {
    let file = &Json::from(file);
    let survey = survey::Survey::of(file);
    if survey.questions.is_empty() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    Ok(flow::build(file, &survey))
}
