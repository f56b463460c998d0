//! Opening and closing a study; invitations and reminders.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{sent, study_page};
use crate::acts::{invitations, study};
use crate::app::App;
use crate::error::Error;
use crate::keys::Keys;
use crate::pages::render::redirect;
use crate::rules::access::Action;
use crate::store::{Connection, Id, Instant, Scope};

/// `POST /studies/{id}/opening`
pub async fn open(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, |connection, _, now, user, study| {
        study::open_study(connection, now, user, study)
    })
    .await
}

/// `POST /studies/{id}/closure`
pub async fn close(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, |connection, keys, now, user, study| {
        study::close_study(connection, keys, now, user, study).map(drop)
    })
    .await
}

/// `POST /studies/{id}/invitations`: one to every open case that has had none.
pub async fn invite(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, |connection, _, now, user, study| {
        invitations::invite(connection, now, user, study).map(drop)
    })
    .await
}

/// `POST /studies/{id}/reminders`: the next reminder to who has not finished.
pub async fn remind(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, |connection, _, now, user, study| {
        invitations::remind(connection, now, user, study).map(drop)
    })
    .await
}

/// `POST /studies/{id}/resending`: once more what may have gone out.
pub async fn resend(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, |connection, _, now, user, study| {
        invitations::send_doubtful_again(connection, now, user, study).map(drop)
    })
    .await
}

/// An act on a study's fieldwork.
type Act = fn(&mut Connection, &Keys, Instant, Option<Id>, Id) -> Result<(), Error>;

async fn act(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
    action: Act,
) -> Result<HttpResponse, Error> {
    let (_, signed_in, study) = sent(&app, &request, &id, form, Action::Field).await?;
    let (study_id, user) = (study.id, signed_in.user.id);
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let done = app
        .store
        .write(Scope::Study(study_id), move |connection| {
            action(connection, &keys, now, Some(user), study_id)
        })
        .await;
    match done {
        Ok(()) => Ok(redirect(&format!("/studies/{study_id}#fieldwork"))),
        Err(Error::Invalid(problems)) => {
            study_page(&app, &request, &signed_in, study, &problems).await
        }
        Err(error) => Err(error),
    }
}
