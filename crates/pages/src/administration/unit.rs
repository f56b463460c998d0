//! A unit: who works in it as what, who was invited, and the units below it.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::membership::{self, Asked, INVITATION_SECONDS, NewPerson};
use fielding::acts::units;
use fielding::error::{Error, Missing, Problem};
use fielding::keys::random_token;
use fielding::messages::account_mail::rights;
use fielding::rules::access::Role;
use fielding::rules::states::AuditAction;
use fielding::store::invited::{self, Invited};
use fielding::store::people::{self, Unit, User};
use fielding::store::{Connection, Id, Instant, Scope, Zone, audit, second_factors};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::{RoleLine, TreeLine, last_seen, name_of, own_unit, role_lines, sent, tree};
use crate::account::{done_of, hour_of, speaks};
use crate::bar::Place;
use crate::form::{FieldProblem, field, field_problems};
use crate::outcome::{on_or_again, status};
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::record::EntryLine;

/// What may have been done before the page is shown.
const DONE: [&str; 8] =
    ["added", "renamed", "invited", "granted", "again", "withdrawn", "role-ended", "role-set"];

/// Entries about a unit that are looked at …
const LOOKED_AT: i64 = 500;
/// … and deletions that its page lists.
const DELETED: usize = 20;

/// The page of a unit.
#[derive(Serialize)]
struct UnitPage {
    #[serde(flatten)]
    layout: StaffLayout,
    tree: Vec<TreeLine>,
    id: String,
    name: String,
    /// The unit above, where it is somebody's to see.
    above: Option<String>,
    people: Vec<PersonLine>,
    waiting: Vec<WaitingLine>,
    /// Studies of the unit that were deleted.
    deleted: Vec<EntryLine>,
    roles: Vec<RoleLine>,
    speaks: Vec<(String, String)>,
    /// Whether letters leave at all; else the link is shown.
    relay: bool,
    /// How many days a link works.
    days: i64,
    form: InviteForm,
    /// What was typed as a new name, or as the name of a new unit.
    names: NameForms,
    done: String,
    problems: Vec<FieldProblem>,
}

/// Somebody who has a role in the unit or above it.
#[derive(Serialize)]
struct PersonLine {
    /// Where their page is; empty where it is not for whoever reads.
    id: String,
    name: String,
    email: String,
    role: &'static str,
    rights: String,
    /// The unit above from which the role reaches here; empty where it is held here.
    from: String,
    disabled: bool,
    /// Whether there is a second factor, and whether there should be.
    factor: &'static str,
    /// When they were last here; empty where nothing is known.
    seen: String,
}

/// Somebody who was invited and has not come.
#[derive(Serialize)]
struct WaitingLine {
    id: String,
    name: String,
    email: String,
    role: &'static str,
    /// How the letter stands, under which its text is: sent, waits, failed, expired.
    state: &'static str,
    /// The day that belongs to that.
    day: String,
    problem: String,
}

#[derive(Serialize)]
struct InviteForm {
    name: String,
    email: String,
    role: String,
    language: String,
}

#[derive(Default, Serialize)]
struct NameForms {
    rename: String,
    below: String,
}

/// The page that shows the link of an invitation where no letters leave.
#[derive(Serialize)]
struct LinkPage {
    #[serde(flatten)]
    layout: StaffLayout,
    unit: String,
    unit_name: String,
    email: String,
    link: String,
    days: i64,
}

/// What is read for the page of a unit.
struct Read {
    unit: Unit,
    units: Vec<Unit>,
    own: Vec<Id>,
    counts: Vec<(Id, i64)>,
    people: Vec<(User, Id, Role)>,
    waiting: Vec<Invited>,
    with_factor: Vec<Id>,
    seen: HashMap<Id, Instant>,
    /// The unit and those above it.
    chain: Vec<Id>,
    /// What was deleted of its studies.
    deleted: Vec<audit::Entry>,
}

/// The latest deletions of studies of a unit.
fn deleted_in(connection: &mut Connection, unit: Id) -> Result<Vec<audit::Entry>, Error> {
    let mut entries = audit::about(connection, &unit.to_string(), LOOKED_AT)?;
    entries.retain(|entry| entry.action == AuditAction::StudyDeleted);
    entries.truncate(DELETED);
    Ok(entries)
}

impl Read {
    fn of(connection: &mut Connection, who: &SignedIn, id: &str) -> Result<Self, Error> {
        let unit = own_unit(connection, who, id)?;
        let chain = people::unit_with_ancestors(connection, unit.id)?;
        let found = people::of_units(connection, &chain)?;
        let ids: Vec<Id> = found.iter().map(|(user, ..)| user.id).collect();
        Ok(Self {
            units: people::all_units(connection)?,
            own: who.administered(connection)?,
            counts: people::counts_by_unit(connection)?,
            waiting: invited::of_units(connection, &[unit.id])?,
            with_factor: second_factors::who_has_one(connection, &ids)?,
            seen: last_seen(connection, &ids)?,
            deleted: deleted_in(connection, unit.id)?,
            people: found,
            chain,
            unit,
        })
    }

    fn people(&self, app: &Site, language: &str) -> Vec<PersonLine> {
        let today = app.clock.now().day_in(Zone::default());
        let line = |(user, held_in, role): &(User, Id, Role)| PersonLine {
            id: if self.own.contains(held_in) { user.id.to_string() } else { String::new() },
            name: user.name.clone(),
            email: user.email.clone(),
            role: role.word(),
            rights: rights(language, *role),
            from: if *held_in == self.unit.id {
                String::new()
            } else {
                name_of(&self.units, *held_in)
            },
            disabled: user.disabled,
            factor: if self.with_factor.contains(&user.id) {
                "on"
            } else if app.second_factor.holds([*role], today) {
                "missing"
            } else {
                "off"
            },
            seen: self.seen.get(&user.id).map(|at| hour_of(*at)).unwrap_or_default(),
        };
        // Those of this unit before those of the one above it.
        let mut all: Vec<&(User, Id, Role)> = self.people.iter().collect();
        all.sort_by_key(|(_, unit, _)| self.chain.iter().position(|one| one == unit));
        all.into_iter().map(line).collect()
    }

    fn waiting(&self, now: Instant) -> Vec<WaitingLine> {
        let day = |at: Instant| locale::date(at.day_in(Zone::default()));
        let line = |one: &Invited| {
            let expired = one.expires_at.filter(|at| *at < now);
            let (state, on) = match (one.sent_at, expired) {
                _ if !one.problem.is_empty() => ("failed", one.invited_at),
                (_, Some(at)) => ("expired", at),
                (Some(at), None) => ("sent", at),
                (None, None) => ("waits", one.invited_at),
            };
            WaitingLine {
                id: one.id.to_string(),
                name: one.name.clone(),
                email: one.email.clone(),
                role: one.role.word(),
                state,
                day: day(on),
                problem: one.problem.clone(),
            }
        };
        self.waiting.iter().map(line).collect()
    }
}

/// `GET /administration/units/{unit}`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = super::administrator(&app, &request).await?;
    unit_page(&app, &request, &signed_in, &unit, (&Posted::new(), "", &[])).await
}

/// The page, with what was typed in the form named `place`, where that was wrong.
async fn unit_page(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    unit: &str,
    (form, place, problems): (&Posted, &str, &[Problem]),
) -> Result<HttpResponse, Error> {
    let (who, id) = (signed_in.clone(), unit.to_owned());
    let read = app.store.read(move |connection| Read::of(connection, &who, &id)).await?;
    let language = signed_in.language(request);
    // Three forms of one page have a name: each problem leads to its own.
    let mut told = field_problems(problems, language);
    for one in &mut told {
        if one.field == "name" && place != "invite" {
            place.clone_into(&mut one.field);
        }
    }
    let typed = |of: &str| if place == of { field(form, "name") } else { String::new() };
    let asked = |name: &str, plain: &str| {
        let typed = if place == "invite" { field(form, name) } else { String::new() };
        if typed.is_empty() { plain.to_owned() } else { typed }
    };
    let above = read.unit.parent_id.map(|above| name_of(&read.units, above));
    let rename = if place == "rename" { typed("rename") } else { read.unit.name.clone() };
    let shown = UnitPage {
        layout: signed_in.layout(app, Place::Administration),
        tree: tree(&read.units, &read.own, &read.counts, Some(read.unit.id)),
        id: read.unit.id.to_string(),
        name: read.unit.name.clone(),
        above,
        people: read.people(app, language),
        waiting: read.waiting(app.clock.now()),
        deleted: EntryLine::all(Zone::default(), &read.deleted, language),
        roles: role_lines(language),
        speaks: speaks(),
        relay: app.sender.is_some(),
        days: INVITATION_SECONDS / 86_400,
        form: InviteForm {
            name: asked("name", ""),
            email: asked("email", ""),
            role: asked("role", Role::Viewer.word()),
            language: asked("language", language),
        },
        names: NameForms { rename, below: typed("below") },
        done: done_of(request, &DONE),
        problems: told,
    };
    page(status(problems), "administration/unit.html", language, &shown)
}

/// `POST /administration/units/{unit}/units`: a unit below it.
pub async fn add_unit(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let (now, by, name, above) =
        (app.clock.now(), signed_in.user.id, field(&form, "name"), unit.clone());
    let who = signed_in.clone();
    let added = app
        .store
        .write(Scope::Everything, move |connection| {
            let above = own_unit(connection, &who, &above)?.id;
            units::add_unit(connection, now, by, above, &name)
        })
        .await;
    let way = |id: Id| format!("/administration/units/{id}?done=added");
    on_or_again(added, way, async |problems| {
        unit_page(&app, &request, &signed_in, &unit, (&form, "below", &problems)).await
    })
    .await
}

/// `POST /administration/units/{unit}/name`
pub async fn rename(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let (now, by, name, of) =
        (app.clock.now(), signed_in.user.id, field(&form, "name"), unit.clone());
    let who = signed_in.clone();
    let renamed = app
        .store
        .write(Scope::Everything, move |connection| {
            let of = own_unit(connection, &who, &of)?.id;
            units::rename_unit(connection, now, by, of, &name)
        })
        .await;
    let way = |()| format!("/administration/units/{unit}?done=renamed");
    on_or_again(renamed, way, async |problems| {
        unit_page(&app, &request, &signed_in, &unit, (&form, "rename", &problems)).await
    })
    .await
}

/// Whom a form invites.
fn new_person(unit: Id, form: &Posted) -> Result<NewPerson, Error> {
    let role = Role::from_word(&field(form, "role"));
    Ok(NewPerson {
        unit,
        email: field(form, "email"),
        name: field(form, "name"),
        role: role.ok_or_else(|| Error::invalid("required", "role"))?,
        language: locale::known(&field(form, "language")).to_owned(),
    })
}

/// `POST /administration/units/{unit}/invitations`: a letter, or a link where none
/// leave.
pub async fn invite(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let (now, by, of, by_letter) =
        (app.clock.now(), signed_in.user.id, unit.clone(), app.sender.is_some());
    let (who, typed) = (signed_in.clone(), form.clone());
    let asked = app
        .store
        .write(Scope::Everything, move |connection| {
            let unit = own_unit(connection, &who, &of)?.id;
            membership::invite(connection, now, by, &new_person(unit, &typed)?, by_letter)
        })
        .await;
    match asked {
        Ok(Asked::Invited(id)) if !by_letter => link_page(&app, &request, &signed_in, id).await,
        Ok(asked) => {
            let done = if matches!(asked, Asked::Granted(_)) { "granted" } else { "invited" };
            Ok(redirect(&format!("/administration/units/{unit}?done={done}")))
        }
        Err(Error::Invalid(problems)) => {
            unit_page(&app, &request, &signed_in, &unit, (&form, "invite", &problems)).await
        }
        Err(error) => Err(error),
    }
}

/// The link of an invitation, once, for who gives it to the person.
async fn link_page(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    invitation: Id,
) -> Result<HttpResponse, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), random_token());
    let in_write = token.clone();
    let (invited, unit) = app
        .store
        .write(Scope::Everything, move |connection| {
            let missing = || Error::NotFound(Missing::Invitation);
            let row = invited::find(connection, invitation)?.ok_or_else(missing)?;
            let unit = people::unit(connection, row.unit_id)?.ok_or_else(missing)?;
            let email = &row.email;
            membership::make_invitation_link(connection, &keys, now, email, &in_write)?;
            membership::note_letter(connection, now, invitation, None)?;
            Ok((row, unit))
        })
        .await?;
    let shown = LinkPage {
        layout: signed_in.layout(app, Place::Administration),
        unit: unit.id.to_string(),
        unit_name: unit.name,
        email: invited.email,
        link: format!("{}/join/{token}", app.public_address),
        days: INVITATION_SECONDS / 86_400,
    };
    page(StatusCode::OK, "administration/link.html", signed_in.language(request), &shown)
}

/// `POST /administration/invitations/{invitation}/letter`: the letter again, or
/// another link.
pub async fn invite_again(
    app: Data<Site>,
    request: HttpRequest,
    invitation: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, _) = sent(&app, &request, payload).await?;
    let missing = || Error::NotFound(Missing::Invitation);
    let id = Id::parse(&invitation).ok_or_else(missing)?;
    let (now, by, by_letter) = (app.clock.now(), signed_in.user.id, app.sender.is_some());
    let who = signed_in.clone();
    let unit = app
        .store
        .write(Scope::Everything, move |connection| {
            let row = invited::find(connection, id)?.ok_or_else(missing)?;
            // Others do not learn that there is one.
            own_unit(connection, &who, &row.unit_id.to_string()).map_err(|_| missing())?;
            membership::invite_again(connection, now, by, id, by_letter)?;
            Ok(row.unit_id)
        })
        .await?;
    if by_letter {
        Ok(redirect(&format!("/administration/units/{unit}?done=again")))
    } else {
        link_page(&app, &request, &signed_in, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    fn person(from: &str, factor: &'static str) -> PersonLine {
        PersonLine {
            id: if from.is_empty() { "0190".to_owned() } else { String::new() },
            name: "Lan".to_owned(),
            email: "lan@example.org".to_owned(),
            role: "owner",
            rights: "…".to_owned(),
            from: from.to_owned(),
            disabled: factor == "off",
            factor,
            seen: if factor == "on" { "31/12/2026, 14:00".to_owned() } else { String::new() },
        }
    }

    fn waiting(state: &'static str) -> WaitingLine {
        WaitingLine {
            id: "0190".to_owned(),
            name: "Hoa".to_owned(),
            email: "hoa@example.org".to_owned(),
            role: "viewer",
            state,
            day: "31/12/2026".to_owned(),
            problem: if state == "failed" { "550 no such user".to_owned() } else { String::new() },
        }
    }

    #[test]
    fn a_unit_shows_its_examples() {
        shows("administration/unit.html", |language| {
            let line = |name: &str, depth, present| TreeLine {
                id: "0190".to_owned(),
                name: name.to_owned(),
                people: 5,
                depth,
                present,
            };
            let of = |full: bool, done: &str, problems: &[Problem]| UnitPage {
                layout: StaffLayout::example(language),
                tree: vec![line("Viện", 0, !full), line("Phòng Khảo sát", 1, full)],
                id: "0190".to_owned(),
                name: "Phòng Khảo sát".to_owned(),
                above: full.then(|| "Viện".to_owned()),
                people: if full {
                    vec![person("", "on"), person("", "off"), person("Viện", "missing")]
                } else {
                    Vec::new()
                },
                waiting: if full {
                    ["sent", "waits", "failed", "expired"].map(waiting).into()
                } else {
                    Vec::new()
                },
                deleted: if full { vec![EntryLine::example()] } else { Vec::new() },
                roles: role_lines(language),
                speaks: speaks(),
                relay: full,
                days: 7,
                form: InviteForm {
                    name: String::new(),
                    email: String::new(),
                    role: "viewer".to_owned(),
                    language: language.to_owned(),
                },
                names: NameForms::default(),
                done: done.to_owned(),
                problems: field_problems(problems, language),
            };
            let wrong = ["name", "email", "role", "rename", "below"]
                .map(|place| Problem::new("required", place));
            let mut all: Vec<UnitPage> = DONE.iter().map(|word| of(true, word, &[])).collect();
            all.extend([of(false, "", &[]), of(true, "", &wrong)]);
            all
        });
        shows("administration/link.html", |language| {
            vec![LinkPage {
                layout: StaffLayout::example(language),
                unit: "0190".to_owned(),
                unit_name: "Viện".to_owned(),
                email: "hoa@example.org".to_owned(),
                link: "https://survey.example.org/join/abc".to_owned(),
                days: 7,
            }]
        });
    }
}
