//! The questionnaire on paper: every question with its codes and skips, for
//! reading, reviewing and printing.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::store::studies;
use locale::problem_text;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::review::review;

use crate::paper::{language_of, paper};
use crate::render::context_page as page;
use crate::session::SignedIn;
use crate::site::Site;

/// `GET /studies/{id}/questionnaire?in=vi`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    let in_query = app.get_ref().clone();
    let study_id = study.id;
    let (version, told) = app
        .store
        .read(move |connection| {
            let version = studies::current_version(connection, study_id)?
                .ok_or(Error::NotFound(Missing::Questionnaire))?;
            let told = studies::import_notes(connection, study_id)?;
            Ok((in_query.version(connection, version)?, told))
        })
        .await?;
    let document = &version.document;
    let language = signed_in.language(&request);
    let shown = request.query_string().strip_prefix("in=").unwrap_or(language);
    let shown = document
        .languages
        .iter()
        .map(|language| language.code.as_str())
        .find(|code| *code == shown)
        .unwrap_or(&document.default_language);
    let mut context = signed_in.context(&app);
    super::insert_study(&mut context, &study);
    context.insert("title", document.title.get(shown, &document.default_language));
    context.insert("shown", shown);
    context.insert(
        "document_languages",
        &document
            .languages
            .iter()
            .map(|language| (&language.code, &language.name))
            .collect::<Vec<_>>(),
    );
    context.insert("sections", &paper(&version, shown, language));
    context.insert("paper_language", language_of(shown, language));
    context.insert("notes", &notes(document, language));
    let told: Vec<String> = told.iter().map(|note| problem_text(note, language)).collect();
    context.insert("import_notes", &told);
    page(StatusCode::OK, "studies/questionnaire.html", language, context)
}

/// What the review found worth a look, in the reader's language.
fn notes(document: &Document, language: &str) -> Vec<String> {
    review(document)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| problem_text(&Problem::from(finding), language))
        .collect()
}
