//! First-run set-up, sign-in and sign-out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use fielding::acts::people as acts;
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::keys::{normalise_code, same};
use fielding::messages::mail::is_address;
use fielding::rules::passwords::is_common;
use fielding::rules::second_factor::Requirement;
use fielding::store::people::{self as store, User};
use fielding::store::{Id, Scope};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::form::{FieldProblem, as_sent, field, field_problems, read_short_form};
use super::limits::{self, Try};
use super::outcome::status;
use super::render::{add_cookie, page, redirect};
use super::session::{self, START, SignedIn, visitor_language};
use super::visitor::{VisitorLayout, remember};
use crate::site::Site;

/// The fewest characters of a password (NIST SP 800-63B-4: length, no rules).
pub(super) const PASSWORD_MINIMUM: usize = 12;

/// What the first page of a new service shows.
#[derive(Serialize)]
struct SetupPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    form: SetupForm,
    /// The fewest characters of a password.
    minimum: usize,
    problems: Vec<FieldProblem>,
}

/// What was typed there; a password and a code are typed again.
#[derive(Serialize)]
struct SetupForm {
    organisation: String,
    name: String,
    email: String,
}

/// What the page shows that asks for address and password.
#[derive(Serialize)]
struct SignInPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    email: String,
    /// Whether they were wrong.
    failed: bool,
    /// Whether the password has just been changed.
    changed: bool,
    /// Whether an account has just been made.
    joined: bool,
}

/// What the page shows that a link for signing in leads to.
#[derive(Serialize)]
struct SignInLinkPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    link: String,
}

/// `GET /`: to work, to set-up, or to the code page.
pub async fn home(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    if app.store.read(store::is_empty).await? {
        return Ok(redirect("/setup"));
    }
    let signed_in = SignedIn::find(&app, &request).await?.is_some();
    Ok(redirect(if signed_in { START } else { "/code" }))
}

/// The code that set-up asks for, shown where the program runs: only who
/// started it may set it up.
pub fn setup_code(app: &App) -> String {
    app.keys.code(Id(uuid::Uuid::nil()))
}

/// `GET /setup`
pub async fn ask_setup(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    if !app.store.read(store::is_empty).await? {
        return Ok(redirect("/sign-in"));
    }
    setup_page(visitor_language(&request), &Posted::new(), &[])
}

fn setup_page(
    language: &'static str,
    form: &Posted,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let form = SetupForm {
        organisation: field(form, "organisation"),
        name: field(form, "name"),
        email: field(form, "email"),
    };
    let shown = SetupPage {
        layout: VisitorLayout {
            organisation: form.organisation.clone(),
            ..VisitorLayout::plain(language)
        },
        form,
        minimum: PASSWORD_MINIMUM,
        problems: field_problems(problems, language),
    };
    page(status(problems), "people/setup.html", language, &shown)
}

/// `POST /setup`: the first unit and its owner.
pub async fn set_up(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let language = visitor_language(&request);
    let form = read_short_form(&app, payload).await?;
    let attempt = Try::by_visitor(&app, &request, limits::SETUPS).await?;
    let mut problems = Vec::new();
    if same(&normalise_code(&field(&form, "code")), &setup_code(&app)) {
        attempt.succeeded(&app).await?;
    } else {
        problems.push(Problem::new("setup-code", "code"));
    }
    for name in ["organisation", "name"] {
        if field(&form, name).is_empty() {
            problems.push(Problem::new("required", name));
        }
    }
    let email = field(&form, "email").to_lowercase();
    if !is_address(&email) {
        problems.push(Problem::new("email", "email"));
    }
    let password = as_sent(&form, "password").to_owned();
    let about = [&*email, &field(&form, "name"), &field(&form, "organisation")];
    problems.extend(password_problems(&password, &about));
    if !problems.is_empty() {
        return setup_page(language, &form, &problems);
    }
    let hash = hash_password(password).await?;
    let (organisation, name) = (field(&form, "organisation"), field(&form, "name"));
    let now = app.clock.now();
    let user = User {
        id: Id::rising(),
        email,
        name,
        password_hash: Some(hash),
        language: language.to_owned(),
        disabled: false,
        created_at: now,
    };
    let id = user.id;
    app.store
        .write(Scope::Everything, move |connection| acts::set_up(connection, &organisation, &user))
        .await?;
    // Whoever sets up the program begins: a second factor is asked for at the next sign-in.
    session::enter(&session::open(&app, &request, id, Requirement::Off).await?)
}

/// What is wrong with a new password of somebody of whom `about` is known.
pub(super) fn password_problems(password: &str, about: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if password.chars().count() < PASSWORD_MINIMUM {
        problems.push(Problem::new("password-short", "password").with("min", PASSWORD_MINIMUM));
    }
    if is_common(password, about) {
        problems.push(Problem::new("password-common", "password"));
    }
    problems
}

/// Hashes a password with argon2id and a salt of its own.
pub async fn hash_password(password: String) -> Result<String, Error> {
    actix_web::web::block(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Damaged { what: "password", reason: error.to_string() })
    })
    .await
    .map_err(|_| Error::WriterStopped)?
}

/// Whether a password is the one that was hashed.
pub(super) async fn verify_password(password: String, hash: String) -> Result<bool, Error> {
    actix_web::web::block(move || {
        let parsed = PasswordHash::new(&hash)
            .map_err(|error| Error::Damaged { what: "password", reason: error.to_string() })?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
    .map_err(|_| Error::WriterStopped)?
}

/// `GET /sign-in`
pub async fn ask_sign_in(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    if app.store.read(store::is_empty).await? {
        return Ok(redirect("/setup"));
    }
    let language = visitor_language(&request);
    let asked = request.query_string().split('&').collect::<Vec<_>>();
    let news = (asked.contains(&"changed"), asked.contains(&"joined"));
    let response = sign_in_page(language, "", false, news)?;
    remember(&app, &request, language, None, response)
}

fn sign_in_page(
    language: &'static str,
    email: &str,
    failed: bool,
    (changed, joined): (bool, bool),
) -> Result<HttpResponse, Error> {
    let shown = SignInPage {
        layout: VisitorLayout::plain(language),
        email: email.to_owned(),
        failed,
        changed,
        joined,
    };
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, "people/sign-in.html", language, &shown)
}

/// `POST /sign-in`
pub async fn sign_in(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let email = field(&form, "email").to_lowercase();
    let by_visitor = Try::by_visitor(&app, &request, limits::PASSWORDS).await?;
    let at_account = Try::at(&app, &email, limits::ACCOUNTS).await?;
    let looked_up = email.clone();
    let user =
        app.store.read(move |connection| store::find_by_email(connection, &looked_up)).await?;
    let password = as_sent(&form, "password").to_owned();
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    // An unknown address takes as long as a wrong password.
    let known = hash.is_some();
    let right = match hash {
        Some(hash) => verify_password(password, hash).await?,
        None => {
            hash_password(password).await?;
            false
        }
    };
    match user.filter(|user| known && right && !user.disabled) {
        Some(user) => {
            by_visitor.succeeded(&app).await?;
            at_account.succeeded(&app).await?;
            let requirement = app.second_factor;
            session::enter(&session::open(&app, &request, user.id, requirement).await?)
        }
        None => sign_in_page(visitor_language(&request), &email, true, (false, false)),
    }
}

/// `GET /sign-in/{token}`: shows a button; the link is used up by pressing it,
/// not by a scanner that opens it.
pub async fn ask_sign_in_link(
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let language = visitor_language(&request);
    let shown = SignInLinkPage { layout: VisitorLayout::plain(language), link: token.into_inner() };
    page(StatusCode::OK, "people/sign-in-link.html", language, &shown)
}

/// `POST /sign-in/{token}`
pub async fn sign_in_link(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let attempt = Try::by_visitor(&app, &request, limits::SIGN_IN_LINKS).await?;
    match session::open_by_link(&app, &request, &token).await? {
        Some(opened) => {
            attempt.succeeded(&app).await?;
            session::enter(&opened)
        }
        None => sign_in_page(visitor_language(&request), "", true, (false, false)),
    }
}

/// `POST /sign-out`
pub async fn sign_out(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let signed_in = SignedIn::require_form(&app, &request, &form).await?;
    let mut response = redirect("/sign-in");
    add_cookie(&mut response, &session::close(&app, &signed_in).await?)?;
    Ok(response)
}

/// `POST /language`: the language of the pages this person works in.
pub async fn set_language(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let signed_in = SignedIn::require_form(&app, &request, &form).await?;
    let language = locale::known(&field(&form, "language"));
    let user = signed_in.user.id;
    app.store
        .write(Scope::Everything, move |connection| store::set_language(connection, user, language))
        .await?;
    let back = field(&form, "back");
    // Only an address of our own, never another site's.
    let places = ["/studies", "/home", "/gallery", "/administration", "/account"];
    let own = places.iter().any(|start| back.starts_with(start));
    let back = if own { back } else { START.to_owned() };
    Ok(redirect(&back))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn pages_show_their_examples() {
        let layout = VisitorLayout::plain;
        shows("people/setup.html", |language| {
            let form = |text: &str| SetupForm {
                organisation: text.to_owned(),
                name: text.to_owned(),
                email: text.to_owned(),
            };
            let wrong = ["code", "organisation", "name", "email", "password"]
                .map(|field| Problem::new("required", field));
            [("", &[][..]), ("Sở Y tế", &wrong)]
                .map(|(typed, problems)| SetupPage {
                    layout: layout(language),
                    form: form(typed),
                    minimum: PASSWORD_MINIMUM,
                    problems: field_problems(problems, language),
                })
                .into()
        });
        shows("people/sign-in.html", |language| {
            [("", false, false), ("a@example.org", true, false), ("", false, true)]
                .map(|(email, failed, changed)| SignInPage {
                    layout: layout(language),
                    email: email.to_owned(),
                    failed,
                    changed,
                    joined: !changed && !failed,
                })
                .into()
        });
        shows("people/sign-in-link.html", |language| {
            vec![SignInLinkPage { layout: layout(language), link: "abc".to_owned() }]
        });
    }
}
