//! Opening and closing a study; invitations and reminders.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{sent, study_page};
use crate::app::App;
use crate::error::Error;
use crate::pages::render::redirect;
use crate::rules::access::Action;
use crate::store::{Connection, Id};
use crate::study;

/// `POST /studies/{id}/opening`
pub async fn open(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, study::open_study).await
}

/// `POST /studies/{id}/closure`
pub async fn close(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, study::close_study).await
}

/// `POST /studies/{id}/invitations`: one to every open case that has had none.
pub async fn invite(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, study::invite).await
}

/// `POST /studies/{id}/reminders`: the next reminder to who has not finished.
pub async fn remind(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, study::remind).await
}

/// `POST /studies/{id}/resending`: once more what may have gone out.
pub async fn resend(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    act(app, request, id, form, study::send_doubtful_again).await
}

async fn act(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
    action: fn(&mut Connection, Option<Id>, Id) -> Result<usize, Error>,
) -> Result<HttpResponse, Error> {
    let (_, signed_in, study) = sent(&app, &request, &id, form, Action::Field).await?;
    let (study_id, user) = (study.id, signed_in.user.id);
    match app.store.write(move |connection| action(connection, Some(user), study_id)).await {
        Ok(_) => Ok(redirect(&format!("/studies/{study_id}#fieldwork"))),
        Err(Error::Invalid(problems)) => {
            study_page(&app, &request, &signed_in, study, &problems).await
        }
        Err(error) => Err(error),
    }
}
