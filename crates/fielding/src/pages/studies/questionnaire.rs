//! The questionnaire on paper: every question with its codes and skips, for
//! reading, reviewing and printing.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, Kind, Question, Required, Text};
use survey_builder::questionnaire::review::{Severity, review};

use crate::app::App;
use crate::error::{Error, Problem};
use crate::pages::problem_text;
use crate::pages::render::page;
use crate::pages::respond::kind_name;
use crate::pages::session::SignedIn;
use crate::rules::access::Action;
use crate::store::studies;

#[derive(Serialize)]
struct SectionView {
    title: String,
    relevant: String,
    questions: Vec<QuestionView>,
}

#[derive(Serialize)]
struct QuestionView {
    name: String,
    number: String,
    kind: &'static str,
    wording: String,
    hint: String,
    relevant: String,
    required: bool,
    constraints: Vec<String>,
    options: Vec<(String, String)>,
    rows: Vec<(String, String)>,
}

/// `GET /studies/{id}/questionnaire?in=vi`
pub async fn show(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    let in_query = app.get_ref().clone();
    let study_id = study.id;
    let version = app
        .store
        .read(move |connection| {
            let version = studies::current_version(connection, study_id)?
                .ok_or(Error::NotFound("published questionnaire"))?;
            in_query.version(connection, version)
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
    context.insert("sections", &sections(document, shown));
    context.insert("notes", &notes(document, language));
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

fn sections(document: &Document, language: &str) -> Vec<SectionView> {
    let text = |text: &Text| text.get(language, &document.default_language).to_owned();
    document
        .all_sections()
        .into_iter()
        .map(|section| SectionView {
            title: text(&section.title),
            relevant: section.relevant.clone().unwrap_or_default(),
            questions: section
                .own_pages()
                .flat_map(|page| page.questions.iter().map(move |question| (page, question)))
                .map(|(page, question)| {
                    let conditions: Vec<String> =
                        page.relevant.iter().chain(&question.relevant).cloned().collect();
                    question_view(document, question, conditions.join(" and "), &text)
                })
                .collect(),
        })
        .collect()
}

fn question_view(
    document: &Document,
    question: &Question,
    relevant: String,
    text: &dyn Fn(&Text) -> String,
) -> QuestionView {
    let options = question
        .kind
        .list()
        .and_then(|list| document.list(list))
        .map(|list| {
            list.options.iter().map(|option| (option.code.clone(), text(&option.label))).collect()
        })
        .unwrap_or_default();
    let rows = match &question.kind {
        Kind::Battery(battery) => {
            battery.rows.iter().map(|row| (row.name.clone(), text(&row.wording))).collect()
        }
        _ => Vec::new(),
    };
    let kind = if question.kind.is_silent() { "computed" } else { kind_name(&question.kind) };
    QuestionView {
        name: question.name.clone(),
        number: question.number.clone().unwrap_or_default(),
        kind,
        wording: match &question.kind {
            Kind::Computed(computed) => computed.expression.clone(),
            // One of the options below, by chance.
            Kind::Arm(arm) => format!("random({})", arm.list),
            _ => text(&question.wording),
        },
        hint: text(&question.hint),
        relevant,
        required: question.required == Required::Hard,
        constraints: question
            .constraints
            .iter()
            .map(|constraint| constraint.expression.clone())
            .collect(),
        options,
        rows,
    }
}
