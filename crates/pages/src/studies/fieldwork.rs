//! Opening and closing a study; invitations and reminders.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::study;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::Scope;

use super::about::sent;
use super::confirm::{self, Step};
use super::overview::study_page;
use crate::outcome::on_or_again;
use crate::site::Site;

/// `POST /studies/{id}/opening`
pub async fn open(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Payload,
) -> Result<HttpResponse, Error> {
    let (_, signed_in, study) = sent(&app, &request, &id, form, Action::Field).await?;
    let (study_id, user, now) = (study.id, signed_in.user.id, app.clock.now());
    let done = app
        .store
        .write(Scope::Study(study_id), move |connection| {
            study::open_study(connection, now, Some(user), study_id)
        })
        .await;
    let way = |()| format!("/studies/{study_id}");
    on_or_again(done, way, async |problems| {
        study_page(&app, &request, &signed_in, study, &problems).await
    })
    .await
}

/// A step of the fieldwork: the page that says what it will do, and its form.
macro_rules! step {
    ($(#[$of_page:meta])* $page:ident, $(#[$of_form:meta])* $form:ident: $step:expr) => {
        $(#[$of_page])*
        pub async fn $page(
            app: Data<Site>,
            request: HttpRequest,
            id: Path<String>,
        ) -> Result<HttpResponse, Error> {
            confirm::ask(&app, &request, &id, $step).await
        }

        $(#[$of_form])*
        pub async fn $form(
            app: Data<Site>,
            request: HttpRequest,
            id: Path<String>,
            form: Payload,
        ) -> Result<HttpResponse, Error> {
            confirm::carry_out(&app, &request, &id, form, |_| Ok($step), Action::Field).await
        }
    };
}

step! {
    /// `GET /studies/{id}/closure`
    ask_close,
    /// `POST /studies/{id}/closure`
    close: Step::Close
}
step! {
    /// `GET /studies/{id}/invitations`
    ask_invite,
    /// `POST /studies/{id}/invitations`: one to every open case that has had none.
    invite: Step::Invite
}
step! {
    /// `GET /studies/{id}/reminders`
    ask_remind,
    /// `POST /studies/{id}/reminders`: the next reminder to who has not finished.
    remind: Step::Remind
}
step! {
    /// `GET /studies/{id}/resending`
    ask_resend,
    /// `POST /studies/{id}/resending`: once more what may have gone out.
    resend: Step::Resend
}
