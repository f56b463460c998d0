//! `REDCap`: a project's data dictionary, one line a field.
//!
//! ```text
//! read(text) → lines → forms → fields (those of one matrix together) → logic
//! ```
//!
//! A form becomes a section, a section header in it a section within.

mod annotation;
mod build;
mod field;
mod logic;
mod table;

use crate::draft::{Read, refused};

/// Reads a dictionary, with the headings of its pages or of its interface.
pub(crate) fn read(text: &str) -> Read {
    let (fields, left) = table::read(text)?;
    if fields.is_empty() {
        return Err(refused("phrase-a-dictionary-without-fields"));
    }
    Ok(build::build(&fields, left))
}
