//! A forgotten password: an address is asked for, a link is sent to it, a new
//! password is typed. What is answered is the same whether or not there is an
//! account.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::people as acts;
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::messages::mail::is_address;
use fielding::rules::states::{AccountLetterKind, LinkPurpose};
use fielding::store::Scope;
use fielding::store::account_letters::{self, AccountLetter};
use fielding::store::people::{self as store, User};
use serde::Serialize;

use super::form::{FieldProblem, as_sent, field, field_problems, read_short_form};
use super::limits::{self, Try};
use super::outcome::status;
use super::people::{PASSWORD_MINIMUM, hash_password, password_problems};
use super::render::{page, redirect};
use super::session::visitor_language;
use super::visitor::{VisitorLayout, remember};
use crate::site::Site;

/// What the page shows that asks for an address.
#[derive(Serialize)]
struct AskPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    email: String,
    /// Whether an address was given.
    sent: bool,
    /// Whether letters leave at all.
    relay: bool,
    /// How long a link works.
    minutes: i64,
    problems: Vec<FieldProblem>,
}

/// What the page shows that asks for a new password.
#[derive(Serialize)]
struct NewPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    link: String,
    /// Whose link it is; nobody's when it does not work (any more).
    email: Option<String>,
    /// The fewest characters.
    minimum: usize,
    problems: Vec<FieldProblem>,
}

/// `GET /password`, and with `?sent` once an address was given.
pub async fn ask(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let sent = request.query_string().split('&').any(|part| part == "sent");
    ask_page(&app, &request, "", sent, &[])
}

fn ask_page(
    app: &Site,
    request: &HttpRequest,
    email: &str,
    sent: bool,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = visitor_language(request);
    let shown = AskPage {
        layout: VisitorLayout::plain(language),
        email: email.to_owned(),
        sent,
        relay: app.sender.is_some(),
        minutes: acts::PASSWORD_LINK_SECONDS / 60,
        problems: field_problems(problems, language),
    };
    let response = page(status(problems), "people/password.html", language, &shown)?;
    remember(app, request, language, None, response)
}

/// `POST /password`: queues the letter. Whether there is an account is looked at
/// when it is sent.
pub async fn send(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    Try::by_visitor(&app, &request, limits::LETTERS).await?;
    let form = read_short_form(&app, payload).await?;
    let email = field(&form, "email").to_lowercase();
    if app.sender.is_none() {
        return ask_page(&app, &request, &email, false, &[]);
    }
    if !is_address(&email) {
        let problem = Problem::new("email", "email");
        return ask_page(&app, &request, &email, false, &[problem]);
    }
    Try::at(&app, &email, limits::LETTERS_TO_ONE).await?;
    let now = app.clock.now();
    let letter = AccountLetter::new(&email, AccountLetterKind::Password, now);
    app.store
        .write(Scope::Everything, move |connection| account_letters::queue(connection, &letter))
        .await?;
    Ok(redirect("/password?sent"))
}

/// Whose link that is, while it works.
async fn user_of(app: &App, token: &str) -> Result<Option<User>, Error> {
    let (hash, now) = (app.keys.lookup(token), app.clock.now());
    app.store
        .read(move |connection| store::user_of_link(connection, &hash, LinkPurpose::Password, now))
        .await
}

/// `GET /password/{token}`: opening it does not use it up.
pub async fn ask_new(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let user = user_of(&app, &token).await?;
    new_page(&app, &request, &token, user.as_ref(), &[])
}

fn new_page(
    app: &Site,
    request: &HttpRequest,
    token: &str,
    user: Option<&User>,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = visitor_language(request);
    let shown = NewPage {
        layout: VisitorLayout::plain(language),
        link: token.to_owned(),
        email: user.map(|user| user.email.clone()),
        minimum: PASSWORD_MINIMUM,
        problems: field_problems(problems, language),
    };
    let status = user.map_or(StatusCode::NOT_FOUND, |_| status(problems));
    let response = page(status, "people/new-password.html", language, &shown)?;
    remember(app, request, language, None, response)
}

/// `POST /password/{token}`
pub async fn set(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let attempt = Try::by_visitor(&app, &request, limits::PASSWORD_LINKS).await?;
    let form = read_short_form(&app, payload).await?;
    let Some(user) = user_of(&app, &token).await? else {
        return new_page(&app, &request, &token, None, &[]);
    };
    attempt.succeeded(&app).await?;
    let password = as_sent(&form, "password").to_owned();
    let problems = password_problems(&password, &[&user.email, &user.name]);
    if !problems.is_empty() {
        return new_page(&app, &request, &token, Some(&user), &problems);
    }
    let hash = hash_password(password).await?;
    let (keys, now, link) = (app.keys.clone(), app.clock.now(), token.clone());
    let set = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::set_password_by_link(connection, &keys, now, &link, &hash)
        })
        .await?;
    if set {
        Ok(redirect("/sign-in?changed"))
    } else {
        // Somebody else, or another tab, used it first.
        new_page(&app, &request, &token, None, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn pages_show_their_examples() {
        shows("people/password.html", |language| {
            let problem = [Problem::new("email", "email")];
            [
                (false, false, &[][..]),
                (true, false, &[]),
                (true, true, &[]),
                (true, false, &problem),
            ]
            .map(|(relay, sent, problems)| AskPage {
                layout: VisitorLayout::plain(language),
                email: "a@example.org".to_owned(),
                sent,
                relay,
                minutes: 60,
                problems: field_problems(problems, language),
            })
            .into()
        });
        shows("people/new-password.html", |language| {
            let short = password_problems("ngắn", &[]);
            [(None, &[][..]), (Some("a@example.org"), &[]), (Some("a@example.org"), &short)]
                .map(|(email, problems)| NewPage {
                    layout: VisitorLayout::plain(language),
                    link: "abc".to_owned(),
                    email: email.map(str::to_owned),
                    minimum: PASSWORD_MINIMUM,
                    problems: field_problems(problems, language),
                })
                .into()
        });
    }
}
