//! Tables with intervals, their chart, and what can be downloaded.

mod view;

use std::io::Read as _;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use fielding::error::Error;
use fielding::results::{Results, results};
use fielding::rules::access::Action;
use fielding::store::studies::Study;
use futures_util::Stream;

use self::view::{ResultsPart, TablesPage};
use super::about::StudyHead;
use crate::downloads::{self, Content};
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

/// `GET /studies/{id}/tables?question=NAME`: one question in full, links to
/// the others; first the key outcome.
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    let language = signed_in.language(&request);
    let asked = request.query_string().strip_prefix("question=").unwrap_or_default().to_owned();
    let (results, refused) = match compute(&app, &study, language).await {
        Ok(found) => (found.map(|found| ResultsPart::of(&found, &asked, language)), Vec::new()),
        // The data do not allow any table: say why, keep the page.
        Err(Error::Refused(problems)) => (None, view::refusal(&problems, language)),
        Err(error) => return Err(error),
    };
    let shown = TablesPage {
        layout: signed_in.layout(&app),
        study: StudyHead::of(&study),
        refused,
        results,
    };
    page(StatusCode::OK, "studies/tables.html", language, &shown)
}

/// `GET /studies/{id}/downloads/{file}`
pub async fn download(
    app: Data<Site>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (id, file) = path.into_inner();
    let signed_in = SignedIn::require(&app, &request).await?;
    let of_respondents = downloads::File::named(&file).is_some_and(|file| file.is_of_respondents());
    let action = if of_respondents { Action::DownloadResponses } else { Action::Download };
    let study = signed_in.study(&app, &id, action).await?;
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
            "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
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
