//! Tables with intervals, their chart, and what can be downloaded.

pub mod view;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::downloads;
use crate::error::Error;
use crate::pages::render::page;
use crate::pages::session::SignedIn;
use crate::results::{Results, results};
use crate::rules::access::Action;
use crate::store::studies::Study;

/// Works the results out on a thread of its own.
async fn compute(
    app: &Data<App>,
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
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    let language = signed_in.language(&request);
    let asked = request.query_string().strip_prefix("question=").unwrap_or_default().to_owned();
    let mut context = signed_in.context(&app);
    super::insert_study(&mut context, &study);
    match compute(&app, &study, language).await {
        Ok(Some(results)) => view::insert(&mut context, &results, &asked, language),
        Ok(None) => context.insert("reason", ""),
        // The data do not allow it yet (an empty margin, say): say why, keep the page.
        Err(Error::Analysis(reason)) => context.insert("reason", &reason),
        Err(error) => return Err(error),
    }
    page(StatusCode::OK, "studies/tables.html", language, context)
}

/// `GET /studies/{id}/downloads/{file}`
pub async fn download(
    app: Data<App>,
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
    Ok(response
        .insert_header((header::CONTENT_TYPE, made.media_type))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("{disposition}; filename=\"{file}\"")))
        .body(made.bytes))
}
