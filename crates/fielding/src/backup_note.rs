//! When a backup of the data folder was made last: a note beside the data, written by
//! whoever makes one, so that the program can say when it is long ago.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

/// The file in the data folder.
const NAME: &str = "last-backup";

/// Where the note is.
pub fn place(data: &Path) -> PathBuf {
    data.join(NAME)
}

/// When a backup of this data folder was made last; nothing where none was, or the
/// note cannot be read.
pub fn last(data: &Path) -> Option<DateTime<Utc>> {
    let text = std::fs::read_to_string(place(data)).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_is_a_moment_or_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(last(folder.path()), None);
        std::fs::write(place(folder.path()), "2026-12-01T08:00:00Z\n").expect("written");
        let at = last(folder.path()).expect("a moment");
        assert_eq!(at.to_rfc3339(), "2026-12-01T08:00:00+00:00");
        std::fs::write(place(folder.path()), "yesterday").expect("written");
        assert_eq!(last(folder.path()), None);
    }
}
