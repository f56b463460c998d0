//! The tree of units: which there are, how they are called, and who may do anything
//! about the people of one.

use crate::error::{Error, Missing};
use crate::rules::access::{Action, Role};
use crate::rules::account::name_problem;
use crate::rules::states::AuditAction;
use crate::store::people::{self, Unit};
use crate::store::{Connection, Id, Instant, audit};

/// The role by which somebody looks after the people of a unit: held in it or above.
///
/// # Errors
///
/// [`Error::Forbidden`] for everybody else, also for who has been disabled or lost the
/// role meanwhile.
pub(super) fn authority(connection: &mut Connection, by: Id, unit: Id) -> Result<Role, Error> {
    let acting = people::find(connection, by)?.filter(|user| !user.disabled);
    if acting.is_none() {
        return Err(Error::Forbidden);
    }
    let chain = people::unit_with_ancestors(connection, unit)?;
    let roles = people::roles_of(connection, by)?;
    let held = roles.into_iter().filter(|(unit, _)| chain.contains(unit));
    let carries = held.map(|(_, role)| role).find(|role| role.may(Action::Administer));
    carries.ok_or(Error::Forbidden)
}

fn existing(connection: &mut Connection, unit: Id) -> Result<Unit, Error> {
    people::unit(connection, unit)?.ok_or(Error::NotFound(Missing::Unit))
}

/// Two units of one name below the same one cannot be told apart.
fn problem_of(
    connection: &mut Connection,
    above: Option<Id>,
    name: &str,
    own: Option<Id>,
) -> Result<(), Error> {
    if let Some(problem) = name_problem(name, "name") {
        return Err(Error::Invalid(vec![problem]));
    }
    let alike = |unit: &Unit| {
        unit.parent_id == above
            && Some(unit.id) != own
            && unit.name.to_lowercase() == name.to_lowercase()
    };
    if people::all_units(connection)?.iter().any(alike) {
        return Err(Error::invalid("unit-exists", "name"));
    }
    Ok(())
}

/// Adds a unit below another. Returns it.
///
/// # Errors
///
/// A name that is empty, too long or taken beside it; no authority over the unit above.
pub fn add_unit(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    above: Id,
    name: &str,
) -> Result<Id, Error> {
    existing(connection, above)?;
    authority(connection, by, above)?;
    let name = name.trim();
    problem_of(connection, Some(above), name, None)?;
    let (id, name) = (Id::rising(), name.to_owned());
    let unit = Unit { id, parent_id: Some(above), name, created_at: now };
    people::insert_unit(connection, &unit)?;
    let (action, subject) = (AuditAction::UnitAdded, id.to_string());
    audit::record(connection, now, Some(by), action, &subject, &unit.name)?;
    Ok(id)
}

/// Gives a unit another name. Nothing is written where it is the same.
///
/// # Errors
///
/// As [`add_unit`].
pub fn rename_unit(
    connection: &mut Connection,
    now: Instant,
    by: Id,
    unit: Id,
    name: &str,
) -> Result<(), Error> {
    let row = existing(connection, unit)?;
    authority(connection, by, unit)?;
    let name = name.trim();
    if row.name == name {
        return Ok(());
    }
    problem_of(connection, row.parent_id, name, Some(unit))?;
    people::rename_unit(connection, unit, name)?;
    let told = format!("{} → {name}", row.name);
    audit::record(connection, now, Some(by), AuditAction::UnitRenamed, &unit.to_string(), &told)
}
