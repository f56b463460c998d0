//! A study is put out of the way, and brought back.

use actix_web::HttpResponse;
use fielding::acts::deletion::{archive_study, restore_study};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::{Connection, Id, Instant, Scope};

use super::about::{Admitted, StudyDoor};
use crate::render::redirect;

/// `POST /studies/{id}/archive`
pub async fn archive(door: StudyDoor) -> Result<HttpResponse, Error> {
    change(door, archive_study).await
}

/// `POST /studies/{id}/restoration`
pub async fn restore(door: StudyDoor) -> Result<HttpResponse, Error> {
    change(door, restore_study).await
}

/// One of the two.
type Act = fn(&mut Connection, Instant, Option<Id>, Id) -> Result<(), Error>;

/// Does it; the overview says what was done and how to take it back.
async fn change(door: StudyDoor, act: Act) -> Result<HttpResponse, Error> {
    let (Admitted { app, signed_in, study, .. }, _) = door.admit_form(Action::Design).await?;
    let (now, user, id) = (app.clock.now(), signed_in.user.id, study.id);
    app.store
        .write(Scope::Study(id), move |connection| act(connection, now, Some(user), id))
        .await?;
    Ok(redirect(&format!("/studies/{id}")))
}
