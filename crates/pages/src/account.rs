//! One's own account: how one is called, the password, and where one is signed in.

pub mod code;
pub mod second_factor;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::account as acts;
use fielding::error::{Error, Problem};
use fielding::store::sessions::Session;
use fielding::store::{Id, Instant, Scope, Zone, second_factors, sessions};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::bar::Place;
use super::form::{FieldProblem, as_sent, field, field_problems, read_short_form};
use super::limits::{self, Try};
use super::outcome::{on_or_again, status};
use super::people::{PASSWORD_MINIMUM, hash_password, password_problems, verify_password};
use super::render::{page, redirect};
use super::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// One's own page.
#[derive(Serialize)]
struct AccountPage {
    #[serde(flatten)]
    layout: StaffLayout,
    email: String,
    form: AccountForm,
    /// The languages that pages speak: code and name.
    speaks: Vec<(String, String)>,
    /// The fewest characters of a password.
    minimum: usize,
    /// Whether there is a password already.
    has_password: bool,
    /// Since when there is a second factor, if there is one.
    factor_since: Option<String>,
    codes_left: i64,
    sessions: Vec<SessionLine>,
    /// What was done, under which its text is; empty where nothing was.
    done: String,
    problems: Vec<FieldProblem>,
}

/// What may be changed, as it was typed.
#[derive(Serialize)]
struct AccountForm {
    name: String,
    language: String,
}

/// A place where somebody is signed in.
#[derive(Serialize)]
struct SessionLine {
    id: String,
    /// The device; empty where nothing is known.
    device: String,
    began: String,
    seen: String,
    /// Whether it is the one that shows this page.
    present: bool,
}

/// A moment to the hour, as pages of people tell it: 31/12/2026, 14:00.
pub fn hour_of(at: Instant) -> String {
    let zone = Zone::default();
    let day = locale::date(at.day_in(zone));
    let hour = at.in_zone(zone).map(|at| at.format("%H:00").to_string());
    hour.map_or_else(|| day.clone(), |hour| format!("{day}, {hour}"))
}

/// What was done before this page is shown, from its address; only words that have a
/// text.
pub fn done_of(request: &HttpRequest, known: &[&str]) -> String {
    let asked = crate::form::asked(request, "done").unwrap_or_default();
    known.iter().find(|word| **word == asked).map_or_else(String::new, |word| (*word).to_owned())
}

/// What may have been done on one's own page.
const DONE: [&str; 4] = ["saved", "password", "sessions", "factor-removed"];

/// `GET /account`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require_account(&app, &request).await?;
    let form = AccountForm {
        name: signed_in.user.name.clone(),
        language: signed_in.user.language.clone(),
    };
    account_page(&app, &request, &signed_in, form, &[]).await
}

async fn account_page(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    form: AccountForm,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let (user, now) = (signed_in.user.id, app.clock.now());
    let (factor, codes_left, open) = app
        .store
        .read(move |connection| {
            let factor = second_factors::find(connection, user)?;
            let left = second_factors::codes_left(connection, user)?;
            Ok((factor, left, sessions::of_user(connection, user, now)?))
        })
        .await?;
    let language = signed_in.language(request);
    let shown = AccountPage {
        layout: signed_in.layout(app, Place::Account),
        email: signed_in.user.email.clone(),
        form,
        speaks: speaks(),
        minimum: PASSWORD_MINIMUM,
        has_password: signed_in.user.password_hash.is_some(),
        factor_since: factor.map(|factor| locale::date(factor.since.day_in(Zone::default()))),
        codes_left,
        sessions: open.iter().map(|one| session_line(one, signed_in.session)).collect(),
        done: done_of(request, &DONE),
        problems: field_problems(problems, language),
    };
    page(status(problems), "account/account.html", language, &shown)
}

/// The program's languages: code and name.
pub fn speaks() -> Vec<(String, String)> {
    locale::LANGUAGES.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect()
}

fn session_line(session: &Session, present: Id) -> SessionLine {
    SessionLine {
        id: session.id.to_string(),
        device: session.device.clone(),
        began: hour_of(session.created_at),
        seen: hour_of(session.seen_at),
        present: session.id == present,
    }
}

async fn sent(
    app: &Site,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(SignedIn, Posted), Error> {
    let signed_in = SignedIn::require_account(app, request).await?;
    let form = read_short_form(app, payload).await?;
    signed_in.require_token(app, &form)?;
    Ok((signed_in, form))
}

/// `POST /account`: name and language.
pub async fn change(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let language = locale::known(&field(&form, "language"));
    let form = AccountForm { name: field(&form, "name"), language: language.to_owned() };
    let (now, user, name) = (app.clock.now(), signed_in.user.id, form.name.clone());
    let changed = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::change_account(connection, now, user, (&name, language))
        })
        .await;
    on_or_again(
        changed,
        |()| "/account?done=saved".to_owned(),
        async |problems| account_page(&app, &request, &signed_in, form, &problems).await,
    )
    .await
}

/// `POST /account/password`: a new one, where the present one is right.
pub async fn change_password(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let user = &signed_in.user;
    let attempt = Try::at(&app, &user.email, limits::ACCOUNTS).await?;
    let (present, new) = (as_sent(&form, "present"), as_sent(&form, "password").to_owned());
    let right = match &user.password_hash {
        Some(hash) => verify_password(present.to_owned(), hash.clone()).await?,
        // Who came by a link that was printed has none yet.
        None => true,
    };
    let mut problems = password_problems(&new, &[&user.email, &user.name]);
    if right {
        attempt.succeeded(&app).await?;
    } else {
        problems.insert(0, Problem::new("password-wrong", "present"));
    }
    let changed = if problems.is_empty() {
        let hash = hash_password(new).await?;
        let (now, of) = (app.clock.now(), (user.id, signed_in.session));
        let before = user.password_hash.clone();
        app.store
            .write(Scope::Everything, move |connection| {
                acts::change_password(connection, now, of, (before.as_deref(), &hash))
            })
            .await
    } else {
        Err(Error::Invalid(problems))
    };
    on_or_again(
        changed,
        |()| "/account?done=password".to_owned(),
        async |problems| {
            let form = AccountForm { name: user.name.clone(), language: user.language.clone() };
            account_page(&app, &request, &signed_in, form, &problems).await
        },
    )
    .await
}

/// `POST /account/sessions`: ends one, or all but this one.
pub async fn end_sessions(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let (now, user, present) = (app.clock.now(), signed_in.user.id, signed_in.session);
    let one = Id::parse(&field(&form, "session"));
    app.store
        .write(Scope::Everything, move |connection| match one {
            Some(session) => acts::end_session(connection, now, user, session),
            None => acts::end_other_sessions(connection, now, user, present),
        })
        .await?;
    Ok(redirect("/account?done=sessions"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn an_account_shows_its_examples() {
        shows("account/account.html", |language| {
            let line = |present: bool| SessionLine {
                id: "0190".to_owned(),
                device: if present { "Firefox, Windows".to_owned() } else { String::new() },
                began: "31/12/2026, 14:00".to_owned(),
                seen: "31/12/2026, 15:00".to_owned(),
                present,
            };
            let of = |done: &str, problems: &[Problem]| AccountPage {
                layout: StaffLayout::example(language),
                email: "lan@example.org".to_owned(),
                form: AccountForm { name: "Lan".to_owned(), language: language.to_owned() },
                speaks: speaks(),
                minimum: PASSWORD_MINIMUM,
                has_password: problems.is_empty(),
                factor_since: (!done.is_empty()).then(|| "30/11/2026".to_owned()),
                codes_left: 9,
                sessions: vec![line(true), line(false)],
                done: done.to_owned(),
                problems: field_problems(problems, language),
            };
            let wrong =
                ["name", "present", "password"].map(|place| Problem::new("required", place));
            let mut all: Vec<AccountPage> = DONE.iter().map(|word| of(word, &[])).collect();
            all.extend([of("", &[]), of("", &wrong)]);
            all
        });
    }

    #[test]
    fn a_session_is_told_to_the_hour() {
        // 07:20 in London is 14:20 in Vietnam.
        assert_eq!(hour_of(Instant(1_798_701_600_000_000)), "31/12/2026, 14:00");
    }
}
