//! Who may see a study, and why: each person's role, the unit from which it reaches
//! here, and what it allows.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::messages::account_mail::rights;
use fielding::rules::access::{Action, Role};
use fielding::store::people::{self, Unit, User};
use fielding::store::{Connection, Id};
use serde::Serialize;

use super::about::{Admitted, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::render::page;
use crate::session::StaffLayout;

/// The page of who may see a study.
#[derive(Serialize)]
struct StudyPeoplePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    /// The unit that the study belongs to.
    unit: String,
    /// Where its people are looked after, for who does.
    unit_address: Option<String>,
    people: Vec<StudyPerson>,
}

/// Somebody who may see it, by one of their roles.
#[derive(Serialize)]
struct StudyPerson {
    /// Where their page is, for who looks after them.
    address: Option<String>,
    name: String,
    email: String,
    role: &'static str,
    rights: String,
    /// The unit above in which the role is held; empty where it is the study's own.
    from: String,
    /// Whether it is whoever reads.
    oneself: bool,
}

/// Who may sign in and has a role in the unit of a study or above it, the nearest
/// first.
fn reaching(connection: &mut Connection, unit: Id) -> Result<Vec<(User, Unit, Role)>, Error> {
    let chain = people::unit_with_ancestors(connection, unit)?;
    let units = people::all_units(connection)?;
    let mut found = people::of_units(connection, &chain)?;
    found.retain(|(user, ..)| !user.disabled);
    found.sort_by_key(|(_, held, _)| chain.iter().position(|one| one == held));
    let with_unit = found.into_iter().filter_map(|(user, held, role)| {
        let unit = units.iter().find(|unit| unit.id == held)?.clone();
        Some((user, unit, role))
    });
    Ok(with_unit.collect())
}

/// `GET /studies/{id}/people`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    let (who, of) = (signed_in.clone(), study.unit_id);
    let (found, unit, own) = app
        .store
        .read(move |connection| {
            let unit = people::unit(connection, of)?;
            Ok((reaching(connection, of)?, unit, who.administered(connection)?))
        })
        .await?;
    let language = signed_in.language(&request);
    let line = |(user, held, role): &(User, Unit, Role)| StudyPerson {
        address: own.contains(&held.id).then(|| format!("/administration/people/{}", user.id)),
        name: user.name.clone(),
        email: user.email.clone(),
        role: role.word(),
        rights: rights(language, *role),
        from: if held.id == study.unit_id { String::new() } else { held.name.clone() },
        oneself: user.id == signed_in.user.id,
    };
    let shown = StudyPeoplePage {
        layout: signed_in.study_layout(&app, &study, Place::Settings).await?,
        study: StudyHead::of(&study),
        unit: unit.map(|unit| unit.name).unwrap_or_default(),
        unit_address: own
            .contains(&study.unit_id)
            .then(|| format!("/administration/units/{}", study.unit_id)),
        people: found.iter().map(line).collect(),
    };
    page(StatusCode::OK, "studies/people.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn who_may_see_a_study_shows_its_examples() {
        shows("studies/people.html", |language| {
            let person = |from: &str, oneself: bool| StudyPerson {
                address: oneself.then(|| "/administration/people/0190".to_owned()),
                name: "Lan".to_owned(),
                email: "lan@example.org".to_owned(),
                role: "owner",
                rights: "…".to_owned(),
                from: from.to_owned(),
                oneself,
            };
            let of = |address: Option<&str>, people: Vec<StudyPerson>| StudyPeoplePage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                unit: "Phòng Khảo sát".to_owned(),
                unit_address: address.map(str::to_owned),
                people,
            };
            let address = "/administration/units/0190";
            vec![
                of(None, vec![person("", false)]),
                of(Some(address), vec![person("", true), person("Viện", false)]),
            ]
        });
    }
}
