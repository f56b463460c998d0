//! What an import tells: what it refused, changed or left to the author.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Carried over; worth knowing.
    Note,
    /// Not carried over whole: the author must look.
    Warning,
    /// The questionnaire is refused.
    Error,
}

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// Where: `survey!12, relevant`, a question's name, a line.
    pub place: String,
    /// The stable code, such as `import_condition`.
    pub code: String,
    /// The named arguments of the sentence.
    pub arguments: Vec<(String, String)>,
    /// The sentence in English, with what to do.
    pub english: String,
}

impl Problem {
    /// A problem without arguments yet.
    pub fn new(severity: Severity, place: &str, code: &str, english: impl Into<String>) -> Self {
        Self {
            severity,
            place: place.to_owned(),
            code: code.to_owned(),
            arguments: Vec::new(),
            english: english.into(),
        }
    }

    /// The same with an argument more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.arguments.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(formatter, "{}: ", self.place)?;
        }
        formatter.write_str(&self.english)
    }
}

/// The file is of that format but cannot be read: one error.
pub(crate) fn unreadable(place: &str, reason: &str) -> Vec<Problem> {
    let english = format!("the file cannot be read ({reason}); export it again from its system");
    vec![Problem::new(Severity::Error, place, "import_unreadable", english).with("reason", reason)]
}

/// The file is no questionnaire: one error that says what it is.
pub(crate) fn refused(what: &str, remedy: &str) -> Vec<Problem> {
    let english = format!("this is {what}, not a questionnaire; {remedy}");
    vec![Problem::new(Severity::Error, "", "import_no_questionnaire", english).with("what", what)]
}
