//! `LimeSurvey`: a survey as its structure (`.lss`, also inside the archive
//! `.lsa`) or as its tab-separated table.
//!
//! ```text
//! read_structure(bytes) ┐
//! read_table(text)      ┴→ Survey → names of everything → groups → questions → conditions
//! ```
//!
//! A group becomes a section; what it says before its questions a note. What a
//! text works out in braces becomes a computed value that the text inserts.

mod attribute;
mod build;
mod condition;
mod expression;
mod kind;
mod model;
mod order;
mod question;
mod structure;
mod table;
mod text;
mod variables;

use crate::draft::{Read, refused};
use model::Survey;

/// Reads a structure, or the archive that holds one.
pub(crate) fn read_structure(bytes: &[u8]) -> Read {
    let content = structure::unpacked(bytes)?;
    let survey = structure::read(&content)?;
    made(&survey)
}

/// Reads a table.
pub(crate) fn read_table(text: &str) -> Read {
    let survey = table::read(text)?;
    made(&survey)
}

fn made(survey: &Survey) -> Read {
    if survey.questions().next().is_none() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    Ok(build::build(survey))
}
