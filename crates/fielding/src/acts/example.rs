//! The example study is made, and has been filled.

use survey_builder::questionnaire::document::Document;

use super::margins::set_margins;
use super::study::{NewStudy, create_study};
use crate::error::Error;
use crate::rules::margins::MarginShare;
use crate::rules::states::Example;
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant};

/// Makes the example study of a unit, published and with its margins, for a job to
/// fill; where the unit has one it stays the only one.
///
/// # Errors
///
/// As [`create_study`] and [`set_margins`].
pub fn make_example(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    new: &NewStudy,
    (document, margins): (&Document, &[MarginShare]),
) -> Result<Study, Error> {
    if let Some(known) = studies::example_of(connection, new.unit_id)? {
        return Ok(known);
    }
    let study = create_study(connection, now, user, new, document)?;
    set_margins(connection, now, user, study.id, margins)?;
    studies::set_example(connection, study.id, Example::Filling)?;
    Ok(Study { example: Example::Filling, ..study })
}

/// Everybody has answered who will.
pub fn end_example(connection: &mut Connection, study: Id) -> Result<(), Error> {
    if studies::require(connection, study)?.example == Example::Filling {
        studies::set_example(connection, study, Example::Filled)?;
    }
    Ok(())
}
