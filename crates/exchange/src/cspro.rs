//! `CSPro`: a data dictionary (`.dcf`), as lines until version 7 and as JSON
//! since version 8.
//!
//! ```text
//! read(text) → lines or JSON → Dictionary → levels → records → items
//! ```
//!
//! A record becomes a section; one that occurs several times, and a level
//! below the first, is asked for each member of a roster. A dictionary knows
//! no conditions: those are in the logic of its application.

mod build;
mod dictionary;
mod item;
mod json;
mod lines;

use crate::draft::{Broken, Read, refused};

/// Reads a dictionary.
pub(crate) fn read(text: &str) -> Read {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut dictionary = if text.starts_with('{') {
        let value = serde_json::from_str(text).map_err(Broken::from)?;
        json::read(&value)
    } else {
        lines::read(text)
    };
    dictionary.follow_links();
    if dictionary.items().next().is_none() {
        return Err(refused("phrase-a-dictionary-without-fields"));
    }
    Ok(build::build(&dictionary))
}
