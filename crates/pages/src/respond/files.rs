//! Files on question pages: what is sent in, what is shown again, and what the
//! questionnaire shows itself.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::interview::Interview;
use fielding::error::{Error, Missing};
use fielding::files::upload::{Refused, Sort, accept};
use fielding::store::Id;
use fielding::store::files::{self, FileRow};
use survey_builder::questionnaire::answer::{Answer, Value};
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::validate::Posted;

use super::from_cookie;
use crate::form::{Upload, without_nul};
use crate::looks::Looks;
use crate::media::content;
use crate::render::megabytes;
use crate::site::Site;

/// Puts the names under which files are kept into a form, or what is wrong with
/// them, and gives the new ones. What a browser says about files is not
/// believed: a question without a new file keeps the one that is stored.
pub async fn take(
    looks: &Looks,
    interview: &Interview,
    stop: &Stop,
    mut form: Posted,
    uploads: Vec<Upload>,
) -> Result<(Posted, Vec<FileRow>), Error> {
    if uploads.is_empty() {
        let kept = take_now(interview, stop, &mut form, uploads);
        return Ok((form, kept));
    }
    let (interview, stop) = (interview.clone(), stop.clone());
    let look = move || {
        let kept = take_now(&interview, &stop, &mut form, uploads);
        (form, kept)
    };
    looks.look(look).await
}

fn take_now(
    interview: &Interview,
    stop: &Stop,
    form: &mut Posted,
    uploads: Vec<Upload>,
) -> Vec<FileRow> {
    let mut taken = Vec::new();
    let Some(response) = interview.response.as_ref().map(|response| response.id) else {
        return taken;
    };
    let mut uploads = uploads;
    let page = stop.page_index().and_then(|index| interview.version.page(index));
    for question in page.map_or(&[][..], |page| &page.questions) {
        let Some(rule) = question.kind.file_rule() else { continue };
        let name = &question.name;
        let (fault, removed) = (format!("{name}.fault"), format!("{name}.remove"));
        form.remove(name);
        form.remove(&fault);
        let removes = form.remove(&removed).is_some();
        let new = uploads.iter().position(|upload| upload.field == *name);
        match new.map(|place| accept(&rule, uploads.swap_remove(place).bytes)) {
            Some(Ok((sort, bytes))) => {
                let ending = sort.ending.to_owned();
                let file = FileRow { id: Id::random(), response_id: response, ending, bytes };
                form.insert(name.clone(), vec![file.name()]);
                taken.push(file);
            }
            Some(Err(refused)) => {
                form.insert(fault, fault_of(&refused));
            }
            None if removes => {}
            None => {
                let stored = interview.progress.answers.get(stop.key(question.id));
                if let Some(Value::Text(kept)) = stored.and_then(Answer::value) {
                    form.insert(name.clone(), vec![kept.clone()]);
                }
            }
        }
    }
    taken
}

/// Why a file is not taken, as the check of the page reads it.
fn fault_of(refused: &Refused) -> Vec<String> {
    match refused {
        Refused::Empty => vec!["file_empty".to_owned()],
        Refused::Broken => vec!["file_broken".to_owned()],
        Refused::TooLarge { most } => {
            vec!["file_size".to_owned(), "max".to_owned(), megabytes(*most)]
        }
        Refused::WrongKind { endings } => {
            vec!["file_kind".to_owned(), "endings".to_owned(), endings.clone()]
        }
    }
}

/// `GET /answer/file/{name}`: a file that this very person sent.
pub async fn own(
    app: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
) -> Result<HttpResponse, Error> {
    let interview = from_cookie(&app, &request).await?.ok_or(Error::NotFound(Missing::File))?;
    let response = interview.response.ok_or(Error::NotFound(Missing::File))?;
    let (keys, sealed) = (app.keys.clone(), response.sealed.is_some());
    let name = without_nul(name.into_inner());
    let found = app
        .store
        .read(move |connection| files::find(connection, &keys, response.id, &name, sealed))
        .await?;
    let file = found.ok_or(Error::NotFound(Missing::File))?;
    let sort = Sort::named(&file.ending).ok_or(Error::NotFound(Missing::File))?;
    Ok(content(sort.media_type, file.bytes, "private, no-store"))
}

/// `GET /answer/media/{name}`: a picture, sound or film of this person's
/// questionnaire.
pub async fn media(
    app: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
) -> Result<HttpResponse, Error> {
    let interview = from_cookie(&app, &request).await?.ok_or(Error::NotFound(Missing::File))?;
    shown(&app, interview.study.id, name.into_inner()).await
}

/// A file that the questionnaire of a study shows.
pub(crate) async fn shown(app: &Site, study: Id, name: String) -> Result<HttpResponse, Error> {
    let name = without_nul(name);
    let found =
        app.store.read(move |connection| files::find_media(connection, study, &name)).await?;
    let media = found.ok_or(Error::NotFound(Missing::File))?;
    Ok(content(&media.media_type, media.bytes, "private, max-age=3600"))
}
