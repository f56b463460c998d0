//! Stopping mail: the link in every message, and the one-click request that a
//! mail program sends (RFC 8058). Opening the page changes nothing.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::contact;
use fielding::app::App;
use fielding::contact::ContactDetails;
use fielding::error::{Error, Missing};
use fielding::store::{Id, Scope, cases, contacts};
use serde::Serialize;

use super::render::page;
use super::visitor::{VisitorLayout, language_of};
use crate::site::Site;

/// The page that stops mail.
#[derive(Serialize)]
struct StopPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    /// To which address no more is sent, as far as it is shown.
    contact: String,
    /// The secret of the link.
    link: String,
    /// Whether it is done.
    stopped: bool,
}

struct Target {
    case: cases::CaseRow,
    contact: String,
    hash: Vec<u8>,
}

async fn target(app: &App, token: &str) -> Result<Target, Error> {
    let id: Id = app.keys.unsubscribe_case(token).ok_or(Error::NotFound(Missing::Link))?;
    let keys = app.keys.clone();
    app.store
        .read(move |connection| {
            let case = cases::find(connection, id)?.ok_or(Error::NotFound(Missing::Link))?;
            let sealed =
                contacts::details_of(connection, id)?.ok_or(Error::NotFound(Missing::Link))?;
            let details = ContactDetails::open(&keys, id, &sealed)?;
            let hash = details.suppression_hash(&keys);
            Ok(Target { case, contact: details.masked_email(), hash })
        })
        .await
}

/// `GET /stop/{token}`
pub async fn ask(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let target = target(&app, &token).await?;
    show(&request, &target, &token, false)
}

fn show(
    request: &HttpRequest,
    target: &Target,
    token: &str,
    stopped: bool,
) -> Result<HttpResponse, Error> {
    let language = language_of(request, Some(&target.case.language));
    let shown = StopPage {
        layout: VisitorLayout::plain(language),
        contact: target.contact.clone(),
        link: token.to_owned(),
        stopped,
    };
    page(StatusCode::OK, "respond/stop.html", language, &shown)
}

/// `POST /stop/{token}`
pub async fn stop(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let target = target(&app, &token).await?;
    let (case, hash) = (target.case.clone(), target.hash.clone());
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let scope = Scope::Person { study: case.study_id, case: case.id };
    app.store
        .write(scope, move |connection| {
            contact::unsubscribe(connection, &keys, now, case.id, &hash)
        })
        .await?;
    show(&request, &target, &token, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn stopping_mail_shows_its_examples() {
        shows("respond/stop.html", |language| {
            [false, true]
                .map(|stopped| StopPage {
                    layout: VisitorLayout::plain(language),
                    contact: "h…@example.org".to_owned(),
                    link: "abc".to_owned(),
                    stopped,
                })
                .into()
        });
    }
}
