//! What is wrong or doubtful in a document, one by one. Errors block
//! publishing; warnings do not.

pub use crate::problem::{Finding, Severity};

use crate::problem::Problem;

pub(super) struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn error(&mut self, problem: Problem) {
        self.0.push(Finding { severity: Severity::Error, problem });
    }

    /// The same, unless it was the last that was found.
    pub fn error_once(&mut self, problem: Problem) {
        if self.0.last().is_none_or(|last| last.problem != problem) {
            self.error(problem);
        }
    }

    pub fn warn(&mut self, problem: Problem) {
        self.0.push(Finding { severity: Severity::Warning, problem });
    }
}
