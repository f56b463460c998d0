//! The population shares of a study.

use crate::error::{Error, Problem};
use crate::rules::margins::MarginShare;
use crate::rules::states::AuditAction;
use crate::store::{Connection, Id, Instant, audit, studies};

/// Keeps margins after checking them against the questionnaire; none take those
/// that were there back.
pub fn set_margins(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    margins: &[MarginShare],
) -> Result<(), Error> {
    let document = studies::published(connection, study)?;
    let mut problems = Vec::new();
    for margin in margins {
        let list = document
            .questions()
            .find(|question| question.name == margin.variable)
            .and_then(|question| question.kind.list())
            .and_then(|list| document.list(list));
        let known = list.is_some_and(|list| {
            list.options.iter().any(|option| option.code == margin.code && option.missing.is_none())
        });
        if !known {
            problems
                .push(Problem::new("margin-unknown", &margin.variable).with("code", &margin.code));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    studies::set_margins(connection, study, margins.to_vec())?;
    audit::record(connection, now, user, AuditAction::MarginsSet, &study.to_string(), "")
}
