//! Opening, closing and deleting a study; invitations and reminders.

use actix_web::HttpResponse;
use fielding::error::Error;

use super::about::StudyDoor;
use super::confirm::{self, Step};

/// A step of the fieldwork: the page that says what it will do, and its form.
macro_rules! step {
    ($(#[$of_page:meta])* $page:ident, $(#[$of_form:meta])* $form:ident: $step:expr) => {
        $(#[$of_page])*
        pub async fn $page(door: StudyDoor) -> Result<HttpResponse, Error> {
            confirm::ask(door, $step).await
        }

        $(#[$of_form])*
        pub async fn $form(door: StudyDoor) -> Result<HttpResponse, Error> {
            confirm::carry_out(door, |_| Ok($step), $step.right()).await
        }
    };
}

step! {
    /// `GET /studies/{id}/opening`
    ask_open,
    /// `POST /studies/{id}/opening`
    open: Step::Open
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
step! {
    /// `GET /studies/{id}/deletion`
    ask_delete,
    /// `POST /studies/{id}/deletion`: with everything that belongs to it.
    delete: Step::Delete
}
