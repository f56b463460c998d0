//! Word: a questionnaire as researchers write it, read by its looks.
//!
//! ```text
//! read(bytes) → parts → lines and tables → outline → document
//! ```
//!
//! Numbered lines become questions, marked ones options, tables with a scale
//! across batteries, loud lines sections. What a sentence says of where to go on
//! becomes a condition where it is certain what it means. Every line is counted
//! (see [`body`]): one that found no place is kept as a remark and told.

mod blank;
mod body;
mod build;
mod cells;
mod follow;
mod languages;
mod mark;
mod numbered;
mod numbering;
mod offered;
mod outline;
mod parts;
mod phrases;
mod route;
mod sort;
mod table;

use crate::draft::{Read, refused};
use outline::Entry;

/// Reads a file.
pub(crate) fn read(bytes: &[u8]) -> Read {
    let parts = parts::unpacked(bytes)?;
    let body = body::read(&parts)?;
    let outline = sort::sort(&body.pieces);
    if !outline.entries.iter().any(|entry| matches!(entry, Entry::Question(_))) {
        return Err(refused("phrase-a-text-without-questions"));
    }
    Ok(build::build(&outline, &body))
}
