//! The second factor of one's own account: set up by a picture and a right code,
//! recovery codes that are shown once, and its end.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::second_factor as acts;
use fielding::error::{Error, Problem};
use fielding::keys::{group_code, random_bytes};
use fielding::rules::second_factor::{SECRET_LENGTH, address_of_secret, typed_secret};
use fielding::store::{Scope, Zone, second_factors};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::sent;
use crate::bar::Place;
use crate::form::{FieldProblem, field, field_problems};
use crate::limits::{self, Try};
use crate::outcome::{on_or_again, status};
use crate::qr;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Where a second factor is set up, or stands.
#[derive(Serialize)]
struct FactorPage {
    #[serde(flatten)]
    layout: StaffLayout,
    /// Whether nothing else is shown before one is set up.
    must: bool,
    /// Since when there is one, if there is.
    since: Option<String>,
    codes_left: i64,
    /// What is needed to set one up, where there is none.
    offer: Option<Offer>,
    problems: Vec<FieldProblem>,
}

/// A secret that is offered and not stored before a right code has been typed.
#[derive(Serialize)]
struct Offer {
    /// The same sealed: it travels with the form.
    sealed: String,
    /// As it is typed.
    typed: String,
    /// The picture: its side, and the path of its dark squares.
    side: i32,
    squares: String,
}

/// The page that shows recovery codes, once.
#[derive(Serialize)]
struct CodesPage {
    #[serde(flatten)]
    layout: StaffLayout,
    codes: Vec<String>,
    /// Whether the second factor has just been turned on.
    fresh: bool,
}

impl Offer {
    fn of(app: &Site, signed_in: &SignedIn, secret: &[u8]) -> Result<Self, Error> {
        let sealed = app.keys.seal_factor(signed_in.user.id, secret)?;
        let (side, squares) = qr::picture(&address_of_secret(secret, &signed_in.user.email))?;
        Ok(Self { sealed: hex(&sealed), typed: typed_secret(secret), side, squares })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// The bytes of what [`hex`] wrote.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = |place: usize| u8::from_str_radix(text.get(place..place + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(digits).collect()
}

/// `GET /account/second-factor`: each time another secret; nothing is stored.
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require_account(&app, &request).await?;
    factor_page(&app, &request, &signed_in, None, &[]).await
}

async fn factor_page(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    secret: Option<Vec<u8>>,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let user = signed_in.user.id;
    let (factor, codes_left) = app
        .store
        .read(move |connection| {
            let factor = second_factors::find(connection, user)?;
            Ok((factor, second_factors::codes_left(connection, user)?))
        })
        .await?;
    let language = signed_in.language(request);
    let shown = FactorPage {
        layout: signed_in.layout(app, Place::Account),
        must: signed_in.must_set_up,
        offer: match factor {
            Some(_) => None,
            None => {
                let secret = secret.unwrap_or_else(new_secret);
                Some(Offer::of(app, signed_in, &secret)?)
            }
        },
        since: factor.map(|factor| locale::date(factor.since.day_in(Zone::default()))),
        codes_left,
        problems: field_problems(problems, language),
    };
    page(status(problems), "account/second-factor.html", language, &shown)
}

/// The secret that travelled with a form; another where it was altered.
fn secret_of(app: &Site, signed_in: &SignedIn, form: &Posted) -> Vec<u8> {
    let sealed = unhex(&field(form, "sealed"));
    let secret = sealed.and_then(|sealed| app.keys.unseal_factor(signed_in.user.id, &sealed).ok());
    secret.unwrap_or_else(new_secret)
}

fn new_secret() -> Vec<u8> {
    random_bytes::<SECRET_LENGTH>().to_vec()
}

/// `POST /account/second-factor`: on, where the code is right.
pub async fn set_up(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let attempt = tried(&app, &signed_in).await?;
    let (user, secret) = (signed_in.user.id, secret_of(&app, &signed_in, &form));
    let (keys, now, typed) = (app.keys.clone(), app.clock.now(), field(&form, "code"));
    let codes = acts::new_recovery_codes();
    let (in_write, kept) = (secret.clone(), codes.clone());
    let done = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::set_up(connection, &keys, now, (user, &in_write), (&typed, &kept))
        })
        .await;
    match done {
        Ok(()) => {
            attempt.succeeded(&app).await?;
            codes_page(&app, &request, &signed_in, &codes, true)
        }
        Err(Error::Invalid(problems)) => {
            factor_page(&app, &request, &signed_in, Some(secret), &problems).await
        }
        Err(error) => Err(error),
    }
}

async fn tried(app: &Site, signed_in: &SignedIn) -> Result<Try, Error> {
    Try::at(app, &signed_in.user.id.to_string(), limits::FACTORS_OF_ONE).await
}

fn codes_page(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    codes: &[String],
    fresh: bool,
) -> Result<HttpResponse, Error> {
    let shown = CodesPage {
        layout: signed_in.layout(app, Place::Account),
        codes: codes.iter().map(|code| group_code(code)).collect(),
        fresh,
    };
    page(StatusCode::OK, "account/codes.html", signed_in.language(request), &shown)
}

/// `POST /account/second-factor/codes`: new recovery codes, where a code is right.
pub async fn renew_codes(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let attempt = tried(&app, &signed_in).await?;
    let (keys, now, user) = (app.keys.clone(), app.clock.now(), signed_in.user.id);
    let (typed, codes) = (field(&form, "code"), acts::new_recovery_codes());
    let kept = codes.clone();
    let done = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::renew_codes(connection, &keys, now, user, (&typed, &kept))
        })
        .await;
    match done {
        Ok(()) => {
            attempt.succeeded(&app).await?;
            codes_page(&app, &request, &signed_in, &codes, false)
        }
        Err(Error::Invalid(problems)) => {
            factor_page(&app, &request, &signed_in, None, &problems).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /account/second-factor/removal`: off, where a code is right.
pub async fn remove(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(&app, &request, payload).await?;
    let attempt = tried(&app, &signed_in).await?;
    let (keys, now, user) = (app.keys.clone(), app.clock.now(), signed_in.user.id);
    let (typed, requirement) = (field(&form, "code"), app.second_factor);
    let done = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::remove_own(connection, &keys, now, user, (&typed, requirement))
        })
        .await;
    if done.is_ok() {
        attempt.succeeded(&app).await?;
    }
    on_or_again(
        done,
        |()| "/account?done=factor-removed".to_owned(),
        async |problems| factor_page(&app, &request, &signed_in, None, &problems).await,
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_second_factor_shows_its_examples() {
        shows("account/second-factor.html", |language| {
            let of = |must, since: Option<&str>, problems: &[Problem]| FactorPage {
                layout: StaffLayout::example(language),
                must,
                since: since.map(str::to_owned),
                codes_left: 10,
                offer: since.is_none().then(|| Offer {
                    sealed: "00ff".to_owned(),
                    typed: "GEZD GNBV".to_owned(),
                    side: 37,
                    squares: "M4 4h1v1h-1z".to_owned(),
                }),
                problems: field_problems(problems, language),
            };
            let wrong = [Problem::new("factor-code", "code")];
            let on = Some("30/11/2026");
            vec![
                of(true, None, &[]),
                of(false, None, &wrong),
                of(false, on, &[]),
                of(false, on, &wrong),
            ]
        });
        shows("account/codes.html", |language| {
            [true, false]
                .map(|fresh| CodesPage {
                    layout: StaffLayout::example(language),
                    codes: vec!["ABCD EFGH JKLM".to_owned(); 10],
                    fresh,
                })
                .into()
        });
    }

    #[test]
    fn bytes_come_back_from_a_form() {
        assert_eq!(unhex(&hex(&[0, 127, 255])), Some(vec![0, 127, 255]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(unhex("aé"), None);
    }
}
