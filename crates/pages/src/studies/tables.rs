//! Tables with intervals, their chart, and what can be downloaded.

mod view;

use std::io::Read as _;

use actix_web::http::header;
use actix_web::web::{Data, block};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::results::{Results, results};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, files};
use futures_util::Stream;

use self::view::{FilesPart, ResultsPart, TablesPage};
use super::about::{Admitted, StudyDoor, StudyHead, labelled};
use super::margins::AskedShares;
use crate::bar::Place;
use crate::downloads::{self, Content};
use crate::outcome::status;
use crate::render::page;
use crate::session::SignedIn;
use crate::site::Site;

/// Works the results out on a thread of its own.
async fn compute(
    app: &Data<Site>,
    study: &Study,
    language: &'static str,
) -> Result<Option<Results>, Error> {
    let (app, study) = (app.get_ref().clone(), study.clone());
    block(move || {
        let store = app.store.clone();
        store.read_now(|connection| results(&app, connection, &study, language))
    })
    .await
    .map_err(|_| Error::WriterStopped)?
}

/// The field of the page that may be wrong, and the key of its label.
const LABELS: [(&str, &str); 1] = [("margins", "margins-file")];

/// `GET /studies/{id}/tables?question=NAME`: one question in full, links to
/// the others; first the key outcome.
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    tables_page(&app, &request, &signed_in, &study, (&[], None)).await
}

/// The page, with what is wrong with a file of shares, and what is asked of it.
pub async fn tables_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (problems, shares): (&[Problem], Option<AskedShares>),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let asked = request.query_string().strip_prefix("question=").unwrap_or_default().to_owned();
    let (results, refused) = match compute(app, study, language).await {
        Ok(found) => (found.map(|found| ResultsPart::of(&found, &asked, language)), Vec::new()),
        // The data do not allow any table: say why, keep the page.
        Err(Error::Refused(problems)) => (None, view::refusal(&problems, language)),
        Err(error) => return Err(error),
    };
    let (in_query, who, of) = (app.get_ref().clone(), signed_in.clone(), study.clone());
    let (files, may_design) = app
        .store
        .read(move |connection| {
            let files = files_for(&in_query, connection, &who, &of)?;
            Ok((files, who.may_in(connection, of.unit_id, Action::Design)?))
        })
        .await?;
    let shown = TablesPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Results)).await?,
        study: StudyHead::of(study),
        problems: labelled(problems, &LABELS, language),
        refused,
        results,
        files,
        may_design,
        shares,
    };
    page(status(problems), "studies/tables.html", language, &shown)
}

/// The files that somebody may have.
fn files_for(
    app: &App,
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
) -> Result<FilesPart, Error> {
    let tables = who.may_in(connection, study.unit_id, Action::Download)?;
    if !who.may_in(connection, study.unit_id, Action::DownloadResponses)? {
        return Ok(FilesPart { tables, ..FilesPart::default() });
    }
    let mut part = FilesPart {
        tables,
        responses: true,
        sent: files::any_of_interviews(connection, study.id)?,
        ..FilesPart::default()
    };
    if let Some(version) = studies::current_version(connection, study.id)? {
        let version = app.version(connection, version)?;
        let document = &version.document;
        let sections = document.all_sections();
        let asked = |name: &&String| {
            sections.iter().filter_map(|one| one.each.as_ref()).any(|each| each.roster == **name)
        };
        let soft = document.questions().filter(|question| question.may_be_doubted()).count();
        part.rosters =
            document.rosters.iter().map(|roster| &roster.name).filter(asked).cloned().collect();
        part.checks = document.checks.len() + soft;
    }
    Ok(part)
}

/// `GET /studies/{id}/downloads/{file}`
pub async fn download(door: StudyDoor) -> Result<HttpResponse, Error> {
    let file = door.named("file");
    let of_respondents = downloads::File::named(&file).is_some_and(|file| file.is_of_respondents());
    let action = if of_respondents { Action::DownloadResponses } else { Action::Download };
    let Admitted { app, request, signed_in, study } = door.admit(action).await?;
    let language = signed_in.language(&request);
    let (in_block, wanted, user) = (app.get_ref().clone(), file.clone(), signed_in.user.id);
    let made = block(move || downloads::make(&in_block, &study, &wanted, language, Some(user)))
        .await
        .map_err(|_| Error::WriterStopped)??;
    let disposition = if made.inline { "inline" } else { "attachment" };
    let mut response = HttpResponse::Ok();
    if made.inline {
        // A file that stands alone carries its style within; it may load and run nothing.
        response.insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; \
             frame-ancestors 'none'",
        ));
    }
    response
        .insert_header((header::CONTENT_TYPE, made.media_type))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("{disposition}; filename=\"{file}\""),
        ));
    Ok(match made.content {
        Content::Bytes(bytes) => response.body(bytes),
        Content::Stored(file) => response.streaming(chunks(file)),
    })
}

/// A file on disk, a piece at a time.
fn chunks(file: std::fs::File) -> impl Stream<Item = Result<Bytes, Error>> {
    const PIECE: usize = 256 * 1024;
    futures_util::stream::try_unfold(file, |mut file| async move {
        let read = block(move || {
            let mut piece = Vec::with_capacity(PIECE);
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece);
            read.map(|_| (piece, file))
        });
        let (piece, file) = read
            .await
            .map_err(|_| Error::WriterStopped)?
            .map_err(|error| Error::Render(error.to_string()))?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
