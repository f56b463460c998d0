//! The example study: made in one click, marked on its pages, and removed in one.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::deletion::begin_deletion;
use fielding::acts::example::make_example;
use fielding::error::{Error, Missing};
use fielding::example::{document, margins, new_study};
use fielding::jobs::prepare;
use fielding::rules::access::Action;
use fielding::rules::states::Example;
use fielding::store::Scope;

use super::about::{Admitted, StudyDoor};
use crate::form::{off_thread, read_short_form};
use crate::render::redirect;
use crate::session::SignedIn;
use crate::site::Site;

/// `POST /studies/example`: makes the example study in the reader's unit, or leads to the
/// one that is there.
pub async fn make(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let unit = signed_in.designs_in().ok_or(Error::Forbidden)?;
    let form = read_short_form(&app, payload).await?;
    signed_in.require_token(&app, &form)?;
    let new = new_study(unit, &locale::text(signed_in.language(&request), "example-name", &[]));
    let read = off_thread(|| Ok::<_, Vec<_>>((document()?, margins()?))).await?;
    let (document, margins) = read.map_err(Error::Invalid)?;
    let (now, user) = (app.clock.now(), signed_in.user.id);
    let study = app
        .store
        .write(Scope::Everything, move |connection| {
            make_example(connection, now, Some(user), &new, (&document, &margins))
        })
        .await?;
    Ok(redirect(&format!("/studies/{}", study.id)))
}

/// `POST /studies/{id}/example/removal`
pub async fn remove(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, signed_in, study, .. }, _) = door.admit_form(Action::Design).await?;
    if study.example == Example::No {
        return Err(Error::NotFound(Missing::Study));
    }
    let (now, user, id) = (app.clock.now(), signed_in.user.id, study.id);
    app.store
        .write(Scope::Study(id), move |connection| begin_deletion(connection, now, Some(user), id))
        .await?;
    let in_work = app.get_ref().clone();
    off_thread(move || prepare::delete_all(&in_work, id)).await??;
    Ok(redirect("/studies?deleted"))
}
