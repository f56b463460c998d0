//! The pictures, sounds and films that a questionnaire shows.

use actix_web::HttpResponse;
use fielding::acts::media::{add_media, read_media};
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;
use fielding::store::{Scope, files};

use super::about::{Admitted, StudyDoor};
use super::confirm::{self, Step};
use super::design::design_page;
use crate::media::content;
use crate::outcome::on_or_again;

/// `POST /studies/{id}/media`: one or more files, under the names they have.
pub async fn add(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, _, uploads) =
        door.admit_files(Action::Design).await?;
    let study_id = study.id;
    let sent = uploads.into_iter().filter(|upload| upload.field == "media");
    let sent: Vec<(String, Vec<u8>)> = sent.map(|upload| (upload.name, upload.bytes)).collect();
    let added = match app.looks.look(move || read_media(study_id, sent)).await? {
        Ok(rows) => {
            let (user, now) = (signed_in.user.id, app.clock.now());
            app.store
                .write(Scope::Study(study_id), move |connection| {
                    add_media(connection, now, Some(user), study_id, &rows)
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let way = |()| format!("/studies/{study_id}/design#media");
    on_or_again(added, way, async |problems| {
        design_page(&app, &request, &signed_in, &study, &problems).await
    })
    .await
}

/// `GET /studies/{id}/media/{name}`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let name = door.named("name");
    let Admitted { app, study, .. } = door.admit(Action::View).await?;
    let study = study.id;
    let found =
        app.store.read(move |connection| files::find_media(connection, study, &name)).await?;
    let media = found.ok_or(Error::NotFound(Missing::File))?;
    Ok(content(&media.media_type, media.bytes, "private, no-store"))
}

/// `GET /studies/{id}/media/{name}/removal`
pub async fn ask_remove(door: StudyDoor) -> Result<HttpResponse, Error> {
    let name = door.named("name");
    confirm::ask(door, Step::RemoveMedia(name)).await
}

/// `POST /studies/{id}/media/{name}/removal`: not while respondents look at it.
pub async fn remove(door: StudyDoor) -> Result<HttpResponse, Error> {
    let name = door.named("name");
    confirm::carry_out(door, |_| Ok(Step::RemoveMedia(name)), Action::Design).await
}
