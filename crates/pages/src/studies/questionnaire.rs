//! The questionnaire on paper: every question with its codes and skips, for
//! reading, reviewing and printing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies;
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::review::review;

use super::about::{Admitted, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::paper::{AskedBy, SectionView, language_of, paper};
use crate::render::page;
use crate::session::StaffLayout;

/// The questionnaire on paper, with what was found in it.
#[derive(Serialize)]
struct QuestionnairePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    title: String,
    /// The language of the questionnaire's texts.
    shown: String,
    /// Its languages: code and name.
    document_languages: Vec<(String, String)>,
    sections: Vec<SectionView>,
    asked_by: Option<AskedBy>,
    /// The language in which the paper speaks.
    paper_language: String,
    /// What is worth a look.
    notes: Vec<String>,
    /// What was noted when it was read in.
    import_notes: Vec<String>,
}

/// `GET /studies/{id}/questionnaire?in=vi`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
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
    let languages = document.languages.iter();
    let page_shown = QuestionnairePage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(&study),
        title: document.title.get(shown, &document.default_language).to_owned(),
        shown: shown.to_owned(),
        document_languages: languages.map(|one| (one.code.clone(), one.name.clone())).collect(),
        sections: paper(&version, shown, language),
        asked_by: Some(AskedBy::of(&study, shown)),
        paper_language: language_of(shown, language).to_owned(),
        notes: notes(document, language),
        import_notes: told.iter().map(|note| problem_text(note, language)).collect(),
    };
    page(StatusCode::OK, "studies/questionnaire.html", language, &page_shown)
}

/// What the review found worth a look, in the reader's language.
fn notes(document: &Document, language: &str) -> Vec<String> {
    review(document)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| problem_text(&Problem::from(finding), language))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;
    use survey_builder::questionnaire::publish::publish;

    #[test]
    fn the_questionnaire_shows_its_examples() {
        let document = include_str!("../../../../fixtures/questionnaires/household.json");
        let document: Document = serde_json::from_str(document).expect("a document");
        let version = publish(document).expect("publishes");
        shows("studies/questionnaire.html", |language| {
            let of = |said: &[&str]| {
                let said: Vec<String> = said.iter().map(|one| (*one).to_owned()).collect();
                QuestionnairePage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::example(),
                    title: "Hộ".to_owned(),
                    shown: "vi".to_owned(),
                    document_languages: ["vi", "en"]
                        .map(|one| (one.to_owned(), one.to_owned()))
                        .into(),
                    sections: paper(&version, "vi", language),
                    asked_by: Some(AskedBy::example()),
                    paper_language: language_of("vi", language).to_owned(),
                    notes: said.clone(),
                    import_notes: said,
                }
            };
            vec![of(&[]), of(&["…"; 8])]
        });
    }
}
