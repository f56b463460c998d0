//! The link of an invitation: whoever opens it chooses a password and works here.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::membership;
use fielding::error::{Error, Problem};
use fielding::messages::account_mail::rights;
use fielding::store::invited::Invited;
use fielding::store::{Scope, people};
use serde::Serialize;

use super::form::{FieldProblem, as_sent, field_problems, read_short_form};
use super::limits::{self, Try};
use super::outcome::status;
use super::people::{PASSWORD_MINIMUM, hash_password, password_problems};
use super::render::{page, redirect};
use super::visitor::{VisitorLayout, language_of, remember};
use crate::site::Site;

/// The page behind the link.
#[derive(Serialize)]
struct JoinPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    link: String,
    /// What it invites to; nothing when it does not work (any more).
    invitation: Option<Invitation>,
    /// The fewest characters of a password.
    minimum: usize,
    problems: Vec<FieldProblem>,
}

#[derive(Serialize)]
struct Invitation {
    name: String,
    email: String,
    unit: String,
    role: &'static str,
    rights: String,
}

/// The invitation behind a link and the name of its unit, while it works.
async fn behind(app: &Site, token: &str) -> Result<Option<(Invited, String)>, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), token.to_owned());
    app.store
        .read(move |connection| {
            let found = membership::standing_invitation(connection, &keys, now, &token)?;
            let Some(invited) = found else { return Ok(None) };
            let unit = people::unit(connection, invited.unit_id)?;
            Ok(unit.map(|unit| (invited, unit.name)))
        })
        .await
}

/// `GET /join/{token}`: opening it does not use it up.
pub async fn ask(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let found = behind(&app, &token).await?;
    join_page(&app, &request, &token, found, &[])
}

fn join_page(
    app: &Site,
    request: &HttpRequest,
    token: &str,
    found: Option<(Invited, String)>,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = language_of(request, found.as_ref().map(|(one, _)| one.language.as_str()));
    let status = if found.is_some() { status(problems) } else { StatusCode::NOT_FOUND };
    let shown = JoinPage {
        layout: VisitorLayout::plain(language),
        link: token.to_owned(),
        invitation: found.map(|(invited, unit)| Invitation {
            name: invited.name,
            email: invited.email,
            unit,
            role: invited.role.word(),
            rights: rights(language, invited.role),
        }),
        minimum: PASSWORD_MINIMUM,
        problems: field_problems(problems, language),
    };
    let response = page(status, "people/join.html", language, &shown)?;
    remember(app, request, language, None, response)
}

/// `POST /join/{token}`
pub async fn join(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let attempt = Try::by_visitor(&app, &request, limits::JOIN_LINKS).await?;
    let form = read_short_form(&app, payload).await?;
    let Some((invited, unit)) = behind(&app, &token).await? else {
        return join_page(&app, &request, &token, None, &[]);
    };
    attempt.succeeded(&app).await?;
    let password = as_sent(&form, "password").to_owned();
    let problems = password_problems(&password, &[&invited.email, &invited.name, &unit]);
    if !problems.is_empty() {
        return join_page(&app, &request, &token, Some((invited, unit)), &problems);
    }
    let hash = hash_password(password).await?;
    let (keys, now, link) = (app.keys.clone(), app.clock.now(), token.clone());
    let joined = app
        .store
        .write(Scope::Everything, move |connection| {
            membership::join(connection, &keys, now, &link, &hash)
        })
        .await?;
    if joined.is_some() {
        Ok(redirect("/sign-in?joined"))
    } else {
        // Somebody else, or another tab, used it first.
        join_page(&app, &request, &token, None, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn an_invitation_shows_its_examples() {
        shows("people/join.html", |language| {
            let of = |works: bool, problems: &[Problem]| JoinPage {
                layout: VisitorLayout::plain(language),
                link: "abc".to_owned(),
                invitation: works.then(|| Invitation {
                    name: "Hoa".to_owned(),
                    email: "hoa@example.org".to_owned(),
                    unit: "Phòng Khảo sát".to_owned(),
                    role: "analyst",
                    rights: "…".to_owned(),
                }),
                minimum: PASSWORD_MINIMUM,
                problems: field_problems(problems, language),
            };
            vec![of(false, &[]), of(true, &[]), of(true, &password_problems("ngắn", &[]))]
        });
    }
}
