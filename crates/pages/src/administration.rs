//! Units and the people in them: the tree, a unit, a person. Each is there for whoever
//! looks after it; others are told that there is no such thing.

mod confirm;
mod consequences;
mod person;
mod unit;

use std::collections::HashMap;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing};
use fielding::messages::account_mail::rights;
use fielding::rules::access::{Action, Role};
use fielding::rules::states::AuditAction;
use fielding::store::people::Unit;
use fielding::store::{Connection, Id, Instant, audit, people, sessions};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::form::read_short_form;
use super::render::redirect;
use super::session::SignedIn;
use crate::site::Site;

pub use self::confirm::{
    ask_disable, ask_enable, ask_factor, ask_role, ask_withdraw, disable, enable, remove_factor,
    set_role, withdraw,
};
pub use self::person::show as show_person;
pub use self::unit::{add_unit, invite, invite_again, rename, show as show_unit};

/// How deep the tree is drawn; what is deeper stands at that depth.
const DEPTH: usize = 6;

/// A unit in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TreeLine {
    id: String,
    name: String,
    /// How many people have a role in it.
    people: i64,
    depth: usize,
    /// Whether its page is shown.
    present: bool,
}

/// A role that may be given, and what it lets somebody do.
#[derive(Clone, Debug, Serialize)]
struct RoleLine {
    role: &'static str,
    rights: String,
}

/// Every role, with what it may do.
fn role_lines(language: &str) -> Vec<RoleLine> {
    let line = |role: &Role| RoleLine { role: role.word(), rights: rights(language, *role) };
    Role::ALL.iter().map(line).collect()
}

/// The tree of the units that somebody looks after, each below the one above it.
fn tree(units: &[Unit], own: &[Id], counts: &[(Id, i64)], present: Option<Id>) -> Vec<TreeLine> {
    let mut lines = Vec::new();
    // Those whose unit above is another's begin a tree of their own.
    let starts = |unit: &&Unit| !unit.parent_id.is_some_and(|above| own.contains(&above));
    let mut open: Vec<(&Unit, usize)> = units
        .iter()
        .filter(|unit| own.contains(&unit.id))
        .filter(starts)
        .map(|unit| (unit, 0))
        .rev()
        .collect();
    while let Some((unit, depth)) = open.pop() {
        let count = counts.iter().find(|(of, _)| *of == unit.id).map_or(0, |(_, count)| *count);
        lines.push(TreeLine {
            id: unit.id.to_string(),
            name: unit.name.clone(),
            people: count,
            depth,
            present: present == Some(unit.id),
        });
        let below = units.iter().filter(|one| one.parent_id == Some(unit.id)).rev();
        open.extend(below.map(|one| (one, (depth + 1).min(DEPTH))));
    }
    lines
}

/// `GET /administration`: the first unit that one looks after.
pub async fn start(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = administrator(&app, &request).await?;
    let first = app
        .store
        .read(move |connection| {
            let own = signed_in.administered(connection)?;
            let units = people::all_units(connection)?;
            Ok(tree(&units, &own, &[], None).into_iter().next())
        })
        .await?;
    let first = first.ok_or(Error::NotFound(Missing::Unit))?;
    Ok(redirect(&format!("/administration/units/{}", first.id)))
}

/// Somebody who looks after people anywhere.
async fn administrator(app: &Site, request: &HttpRequest) -> Result<SignedIn, Error> {
    let signed_in = SignedIn::require(app, request).await?;
    if signed_in.may_somewhere(Action::Administer) { Ok(signed_in) } else { Err(Error::Forbidden) }
}

/// A form that somebody sends who looks after people anywhere.
async fn sent(
    app: &Site,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(SignedIn, Posted), Error> {
    let signed_in = administrator(app, request).await?;
    let form = read_short_form(app, payload).await?;
    signed_in.require_token(app, &form)?;
    Ok((signed_in, form))
}

/// A unit, if somebody looks after it.
pub(crate) fn own_unit(
    connection: &mut Connection,
    who: &SignedIn,
    id: &str,
) -> Result<Unit, Error> {
    let missing = || Error::NotFound(Missing::Unit);
    let id = Id::parse(id).ok_or_else(missing)?;
    if !who.may_in(connection, id, Action::Administer)? {
        return Err(missing());
    }
    people::unit(connection, id)?.ok_or_else(missing)
}

/// When each of the users was last here: the hour in which a session of theirs was
/// used, or their last sign-in, where no session is left.
fn last_seen(connection: &mut Connection, users: &[Id]) -> Result<HashMap<Id, Instant>, Error> {
    let mut seen = HashMap::new();
    let mut all = audit::last_of(connection, users, AuditAction::SignedIn)?;
    all.extend(sessions::last_seen(connection, users)?);
    for (user, at) in all {
        let last = seen.entry(user).or_insert(at);
        *last = at.max(*last);
    }
    Ok(seen)
}

/// The name of a unit among those that were read.
fn name_of(units: &[Unit], id: Id) -> String {
    units.iter().find(|unit| unit.id == id).map_or_else(String::new, |unit| unit.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_below_the_one_above_them() {
        let unit = |name: &str, above: Option<&Unit>| Unit {
            id: Id::random(),
            parent_id: above.map(|unit| unit.id),
            name: name.to_owned(),
            created_at: Instant(0),
        };
        let root = unit("Viện", None);
        let survey = unit("Phòng Khảo sát", Some(&root));
        let method = unit("Phòng Phương pháp", Some(&root));
        let team = unit("Tổ Bắc", Some(&survey));
        let all = [survey.clone(), method.clone(), team.clone(), root.clone()];
        let ids = |units: &[&Unit]| units.iter().map(|unit| unit.id).collect::<Vec<_>>();
        let shown = |own: &[Id]| {
            let lines = tree(&all, own, &[(team.id, 3)], Some(team.id));
            lines.into_iter().map(|line| (line.name, line.depth, line.people)).collect::<Vec<_>>()
        };
        let line = |name: &str, depth, people| (name.to_owned(), depth, people);
        assert_eq!(
            shown(&ids(&[&root, &survey, &method, &team])),
            [
                line("Viện", 0, 0),
                line("Phòng Khảo sát", 1, 0),
                line("Tổ Bắc", 2, 3),
                line("Phòng Phương pháp", 1, 0)
            ]
        );
        // Who looks after a part of it begins there.
        assert_eq!(
            shown(&ids(&[&survey, &team])),
            [line("Phòng Khảo sát", 0, 0), line("Tổ Bắc", 1, 3)]
        );
    }
}
