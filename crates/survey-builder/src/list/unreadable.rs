//! Why a data file cannot be read: in words of ours, with the place, and as its reader
//! said it, for the log.

use std::fmt;
use std::io::ErrorKind;

use crate::problem::{Argument, Phrase, phrase};

/// What keeps a data file from being read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// What people are told.
    reason: Phrase,
    /// Where it was met: a byte, a column, a sheet.
    place: Option<Phrase>,
    /// The same in English, exactly, for those who look into the file.
    detail: String,
}

impl Unreadable {
    /// For this reason; the detail is for the log.
    pub fn new(reason: Phrase, detail: impl fmt::Display) -> Self {
        Self { reason, place: None, detail: detail.to_string() }
    }

    /// What contradicts itself.
    pub fn damaged(detail: impl fmt::Display) -> Self {
        Self::new(phrase("phrase-file-is-damaged"), detail)
    }

    /// What ends before it should.
    pub fn cut(detail: impl fmt::Display) -> Self {
        Self::new(phrase("phrase-file-ends-early"), detail)
    }

    /// What it needs is not read here.
    pub fn not_read_here(detail: impl fmt::Display) -> Self {
        Self::new(phrase("phrase-file-not-read-here"), detail)
    }

    /// The same at this byte of the file.
    #[must_use]
    pub fn at_byte(self, byte: u64) -> Self {
        let detail = format!("byte {byte}: {}", self.detail);
        Self { detail, ..self.at(phrase("phrase-byte").with("byte", byte)) }
    }

    /// The same at this place.
    #[must_use]
    pub fn at(self, place: Phrase) -> Self {
        Self { place: Some(place), ..self }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}

impl std::error::Error for Unreadable {}

impl From<Unreadable> for Argument {
    fn from(told: Unreadable) -> Self {
        match told.place {
            Some(place) => {
                let said = phrase("phrase-reason-at").with("reason", told.reason);
                said.with("place", place).into()
            }
            None => told.reason.into(),
        }
    }
}

impl From<Unreadable> for std::io::Error {
    /// For what reads rows through a pipe: it is found there again.
    fn from(told: Unreadable) -> Self {
        Self::other(told)
    }
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        let told = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        if let Some(told) = told {
            return told.clone();
        }
        let reason = match error.kind() {
            ErrorKind::NotFound => phrase("phrase-file-is-not-there"),
            ErrorKind::PermissionDenied => phrase("phrase-file-may-not-be-read"),
            ErrorKind::UnexpectedEof => phrase("phrase-file-ends-early"),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => phrase("phrase-disk-is-full"),
            ErrorKind::InvalidData | ErrorKind::InvalidInput => phrase("phrase-file-is-damaged"),
            ErrorKind::IsADirectory => phrase("phrase-file-is-a-folder"),
            _ => match error.raw_os_error() {
                Some(number) => {
                    phrase("phrase-file-system-error").with("number", f64::from(number))
                }
                None => phrase("phrase-file-is-damaged"),
            },
        };
        Self::new(reason, error)
    }
}

impl From<csv::Error> for Unreadable {
    fn from(error: csv::Error) -> Self {
        let detail = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            csv::ErrorKind::Utf8 { pos, .. } => {
                let told = Self::new(phrase("phrase-text-is-not-utf-8"), detail);
                match pos {
                    Some(place) => told.at(phrase("phrase-line").with("line", place.line())),
                    None => told,
                }
            }
            _ => Self::damaged(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_comes_through_a_pipe_as_it_was() {
        let told = Unreadable::cut("the file ends within the header").at_byte(4);
        let piped = Unreadable::from(csv::Error::from(std::io::Error::from(told.clone())));
        assert_eq!(piped, told);
        assert_eq!(piped.to_string(), "byte 4: the file ends within the header");
        let said = phrase("phrase-reason-at").with("reason", phrase("phrase-file-ends-early"));
        let said = said.with("place", phrase("phrase-byte").with("byte", 4_u64));
        assert_eq!(Argument::from(piped), Argument::from(said));
    }

    #[test]
    fn what_the_system_says_has_words_of_ours() {
        let of = |number| Unreadable::from(std::io::Error::from_raw_os_error(number)).reason.phrase;
        assert_eq!(of(2), "phrase-file-is-not-there");
        assert_eq!(of(13), "phrase-file-may-not-be-read");
        assert_eq!(of(28), "phrase-disk-is-full");
        assert_eq!(of(5), "phrase-file-system-error");
    }
}
