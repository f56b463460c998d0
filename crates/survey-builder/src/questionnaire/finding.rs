//! What is wrong or doubtful in a document, one by one, each with its place.

use crate::problem::Problem;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look.
    Warning,
    /// Cannot be published.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The name of the section, page, question or list.
    pub place: String,
    /// Stable code: the text's key is `problem-CODE`.
    pub code: String,
    /// Named arguments of the text.
    pub arguments: Vec<(String, String)>,
    /// The English text.
    pub english: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.place, self.english)
    }
}

pub(super) struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn add(
        &mut self,
        severity: Severity,
        place: &str,
        code: &str,
        arguments: &[(&str, &str)],
        english: String,
    ) {
        self.0.push(Finding {
            severity,
            place: place.to_owned(),
            code: code.to_owned(),
            arguments: arguments
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            english,
        });
    }

    pub fn error(&mut self, place: &str, code: &str, arguments: &[(&str, &str)], english: String) {
        self.add(Severity::Error, place, code, arguments, english);
    }

    pub fn warn(&mut self, place: &str, code: &str, arguments: &[(&str, &str)], english: String) {
        self.add(Severity::Warning, place, code, arguments, english);
    }
}

impl From<Finding> for Problem {
    fn from(finding: Finding) -> Self {
        let told = Self::new(&finding.code, &finding.place);
        finding.arguments.iter().fold(told, |told, (name, value)| told.with(name, value))
    }
}
