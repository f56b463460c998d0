//! A person: what they are in which unit, whether they may sign in, and how.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing};
use fielding::messages::account_mail::rights;
use fielding::rules::access::Role;
use fielding::store::people::{self, Unit, User};
use fielding::store::{Connection, Id, Zone, second_factors};
use serde::Serialize;

use super::{RoleLine, last_seen, name_of, role_lines};
use crate::account::{done_of, hour_of};
use crate::bar::Place;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// What may have been done before the page is shown.
const DONE: [&str; 4] = ["role-set", "disabled", "enabled", "factor-removed"];

/// The page of a person.
#[derive(Serialize)]
struct PersonPage {
    #[serde(flatten)]
    layout: StaffLayout,
    id: String,
    name: String,
    email: String,
    disabled: bool,
    /// Whether it is whoever reads.
    oneself: bool,
    /// Whether whoever reads looks after everything that the person is.
    whole: bool,
    since: String,
    /// When they were last here; empty where nothing is known.
    seen: String,
    /// Since when there is a second factor, if there is one.
    factor_since: Option<String>,
    held: Vec<HeldRole>,
    roles: Vec<RoleLine>,
    /// Units in which they have no role yet: identity and name.
    others: Vec<(String, String)>,
    done: String,
}

/// A role in a unit.
#[derive(Serialize)]
struct HeldRole {
    unit: String,
    unit_name: String,
    role: &'static str,
    rights: String,
}

/// Somebody as those see who look after them.
pub(super) struct Person {
    /// The person.
    pub(super) user: User,
    /// What they are in the units that whoever reads looks after.
    pub(super) held: Vec<(Id, Role)>,
    /// Every unit.
    pub(super) units: Vec<Unit>,
    /// Those that whoever reads looks after.
    pub(super) own: Vec<Id>,
    /// Whether that is all that they are.
    pub(super) whole: bool,
}

impl Person {
    /// Reads one; whoever looks after nothing that they are is told that there is
    /// nobody.
    pub(super) fn of(connection: &mut Connection, who: &SignedIn, id: &str) -> Result<Self, Error> {
        let missing = || Error::NotFound(Missing::User);
        let user = people::find(connection, Id::parse(id).ok_or_else(missing)?)?;
        let user = user.ok_or_else(missing)?;
        let own = who.administered(connection)?;
        let all = people::roles_of(connection, user.id)?;
        let held: Vec<(Id, Role)> =
            all.iter().filter(|(unit, _)| own.contains(unit)).copied().collect();
        let root = people::root_unit(connection)?.map(|root| root.id);
        let of_root = root.is_some_and(|root| own.contains(&root));
        if held.is_empty() && !of_root {
            return Err(missing());
        }
        let whole = held.len() == all.len() && (!all.is_empty() || of_root);
        Ok(Self { user, held, units: people::all_units(connection)?, own, whole })
    }
}

/// `GET /administration/people/{person}`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = super::administrator(&app, &request).await?;
    let (who, id) = (signed_in.clone(), person.into_inner());
    let (person, factor, seen) = app
        .store
        .read(move |connection| {
            let person = Person::of(connection, &who, &id)?;
            let factor = second_factors::find(connection, person.user.id)?;
            let seen = last_seen(connection, &[person.user.id])?.remove(&person.user.id);
            Ok((person, factor, seen))
        })
        .await?;
    let language = signed_in.language(&request);
    let day = |at: fielding::store::Instant| locale::date(at.day_in(Zone::default()));
    let held = |(unit, role): &(Id, Role)| HeldRole {
        unit: unit.to_string(),
        unit_name: name_of(&person.units, *unit),
        role: role.word(),
        rights: rights(language, *role),
    };
    let free = |unit: &&Unit| {
        person.own.contains(&unit.id) && !person.held.iter().any(|(held, _)| *held == unit.id)
    };
    let shown = PersonPage {
        layout: signed_in.layout(&app, Place::Administration),
        id: person.user.id.to_string(),
        disabled: person.user.disabled,
        oneself: person.user.id == signed_in.user.id,
        whole: person.whole,
        since: day(person.user.created_at),
        seen: seen.map(hour_of).unwrap_or_default(),
        factor_since: factor.map(|factor| day(factor.since)),
        held: person.held.iter().map(held).collect(),
        roles: role_lines(language),
        others: person
            .units
            .iter()
            .filter(free)
            .map(|unit| (unit.id.to_string(), unit.name.clone()))
            .collect(),
        done: done_of(&request, &DONE),
        name: person.user.name.clone(),
        email: person.user.email.clone(),
    };
    page(StatusCode::OK, "administration/person.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_person_shows_their_examples() {
        shows("administration/person.html", |language| {
            let of = |full: bool, done: &str| PersonPage {
                layout: StaffLayout::example(language),
                id: "0190".to_owned(),
                name: "Lan".to_owned(),
                email: "lan@example.org".to_owned(),
                disabled: done == "disabled",
                oneself: !full && done.is_empty(),
                whole: full,
                since: "01/12/2026".to_owned(),
                seen: if full { "31/12/2026, 14:00".to_owned() } else { String::new() },
                factor_since: full.then(|| "02/12/2026".to_owned()),
                held: if full {
                    vec![HeldRole {
                        unit: "0190".to_owned(),
                        unit_name: "Viện".to_owned(),
                        role: "owner",
                        rights: "…".to_owned(),
                    }]
                } else {
                    Vec::new()
                },
                roles: role_lines(language),
                others: if full {
                    vec![("0190".to_owned(), "Phòng Khảo sát".to_owned())]
                } else {
                    Vec::new()
                },
                done: done.to_owned(),
            };
            let mut all: Vec<PersonPage> = DONE.iter().map(|word| of(true, word)).collect();
            all.extend([of(true, ""), of(false, ""), of(false, "disabled")]);
            all
        });
    }
}
