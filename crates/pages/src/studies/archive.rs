//! A study is put out of the way, and brought back.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::deletion::{archive_study, restore_study};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::{Connection, Id, Instant, Scope};

use super::about::sent;
use crate::render::redirect;
use crate::site::Site;

/// `POST /studies/{id}/archive`
pub async fn archive(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    change(&app, &request, &id, form, archive_study).await
}

/// `POST /studies/{id}/restoration`
pub async fn restore(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    change(&app, &request, &id, form, restore_study).await
}

/// One of the two.
type Act = fn(&mut Connection, Instant, Option<Id>, Id) -> Result<(), Error>;

/// Does it; the overview says what was done and how to take it back.
async fn change(
    app: &Data<Site>,
    request: &HttpRequest,
    id: &str,
    form: Payload,
    act: Act,
) -> Result<HttpResponse, Error> {
    let (_, signed_in, study) = sent(app, request, id, form, Action::Design).await?;
    let (now, user, id) = (app.clock.now(), signed_in.user.id, study.id);
    app.store
        .write(Scope::Study(id), move |connection| act(connection, now, Some(user), id))
        .await?;
    Ok(redirect(&format!("/studies/{id}")))
}
