//! Publishing: a document becomes a version that never changes.

use super::compile::compile_version;
use super::document::Document;
use super::finding::{Finding, Severity};
use super::review::review;
use super::version::Version;

/// Publishes a document: checks it and compiles it.
///
/// # Errors
///
/// Every finding of the review, when one of them is an error.
pub fn publish(document: Document) -> Result<Version, Vec<Finding>> {
    let findings = review(&document);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    Ok(compile_version(document).0)
}
