//! Every text in two languages beside each other.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::operation::{Operation, Refusal};
use survey_builder::questionnaire::piping::parts;

use super::edits::{name_of, send, texts};
use super::fields::Field;
use super::{Strip, seen, told};
use crate::bar::Place;
use crate::form::{as_sent, asked};
use crate::outcome::status;
use crate::paper;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// The page of two languages.
#[derive(Serialize)]
struct TranslationPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    refused: Vec<(String, String)>,
    /// The identity of the questionnaire.
    document: String,
    /// The language that is translated: its name.
    source: String,
    /// The languages that it may be translated into: code, name, whether it is the one.
    targets: Vec<(String, String, bool)>,
    /// The code of the one.
    target: String,
    texts: Vec<Line>,
    missing: usize,
    doubtful: usize,
}

/// A text.
#[derive(Serialize)]
struct Line {
    /// What stands before its question.
    number: String,
    /// What it is.
    label: String,
    source: String,
    field: Field,
    /// `missing`, `insertions` or empty.
    mark: &'static str,
}

/// `GET /studies/{id}/builder/translation?to=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let to = asked(&request, "to").unwrap_or_default().to_owned();
    translation_page(&app, &request, &signed_in, &study, (&to, Vec::new())).await
}

async fn translation_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (to, refused): (&str, Vec<(Operation, Refusal)>),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let document = seen.document();
    let default = document.default_language.clone();
    let others = || document.languages.iter().filter(|one| one.code != default);
    let target = others().find(|one| one.code == to).or_else(|| others().next());
    let pair = target.map(|one| (one.code.clone(), one.name.clone()));
    let source = document.languages.iter().find(|one| one.code == default);
    let lines = pair.as_ref().map(|pair| lines(document, pair, language)).unwrap_or_default();
    let of = |mark| lines.iter().filter(|line| line.mark == mark).count();
    let code = pair.map(|(code, _)| code).unwrap_or_default();
    let problems: Vec<_> = refused.iter().map(|_| fielding::error::Problem::default()).collect();
    let shown = TranslationPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "translation"),
        refused: told(&refused, language),
        document: document.id.to_string(),
        source: source.map(|one| one.name.clone()).unwrap_or_default(),
        targets: others()
            .map(|one| (one.code.clone(), one.name.clone(), one.code == code))
            .collect(),
        target: code,
        missing: of("missing"),
        doubtful: of("insertions"),
        texts: lines,
    };
    page(status(&problems), "builder/translation.html", language, &shown)
}

/// Every text that says something in the first language, or in the other.
fn lines(document: &Document, target: &(String, String), language: &str) -> Vec<Line> {
    let places = places(document);
    let default = document.default_language.clone();
    let mut found = Vec::new();
    document.clone().each_text(|worded| {
        let Some((item, role)) = worded.slot else { return };
        let (code, name) = target;
        let source = worded.text.0.get(&default).cloned().unwrap_or_default();
        let field = Field::text(item, role, worded.text, (code, name));
        if source.trim().is_empty() && field.value.trim().is_empty() {
            return;
        }
        let mark = if field.value.trim().is_empty() {
            "missing"
        } else if insertions(&source) != insertions(&field.value) {
            "insertions"
        } else {
            ""
        };
        let (order, number) = places.get(worded.place).cloned().unwrap_or_default();
        let label = locale::text(language, &field.label, &[]);
        let of_list = role == TextRole::Label;
        found.push(((order, of_list), Line { number, label, source, field, mark }));
    });
    // Options come after the question that offers them.
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, line)| line).collect()
}

/// Where texts are read: by the name of a question or of a list, its place in the
/// questionnaire and what stands before it. Names that lists and questions share are
/// the question's.
fn places(document: &Document) -> HashMap<String, (usize, String)> {
    let labels = paper::labels(document);
    let mut places: HashMap<String, (usize, String)> = HashMap::new();
    for (section, page) in document.pages() {
        for question in &page.questions {
            let at = places.len() + 1;
            let label = labels.get(&question.name).cloned().unwrap_or_default();
            places.entry(section.name.clone()).or_insert_with(|| (at, String::new()));
            for list in question.kind.lists() {
                places.entry(list.to_owned()).or_insert_with(|| (at, label.clone()));
            }
            places.insert(question.name.clone(), (at, label));
        }
    }
    places
}

/// The names that a text inserts, in order of the alphabet.
fn insertions(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        parts(text).into_iter().filter_map(Result::ok).map(|one| one.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `POST /studies/{id}/builder/translation`
pub async fn save(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let to = as_sent(&form, "to").to_owned();
    let wishes = texts(&form);
    let number = seen(&app, &study, signed_in.user.id, None).await?.stored.number;
    let edited = send(&app, &study, signed_in.user.id, (name_of(&form), number), wishes).await?;
    if edited.refused.is_empty() {
        let known: String = to.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        return Ok(redirect(&format!("/studies/{}/builder/translation?to={known}", study.id)));
    }
    translation_page(&app, &request, &signed_in, &study, (&to, edited.refused)).await
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::document::Text;

    use super::*;
    use crate::examples::shows;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    #[test]
    fn the_page_of_two_languages_shows_its_examples() {
        shows("builder/translation.html", |language| {
            let target = ("en".to_owned(), "English".to_owned());
            let of = |texts: Vec<Line>| TranslationPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("translation"),
                refused: vec![("…".to_owned(), "…".to_owned())],
                document: "0190".to_owned(),
                source: "Tiếng Việt".to_owned(),
                targets: vec![("en".to_owned(), "English".to_owned(), true)],
                target: "en".to_owned(),
                missing: 1,
                doubtful: 1,
                texts,
            };
            let none =
                TranslationPage { targets: Vec::new(), refused: Vec::new(), ..of(Vec::new()) };
            vec![of(lines(&document(), &target, language)), none]
        });
    }

    #[test]
    fn what_lacks_or_inserts_something_else_is_marked() {
        let mut document = document();
        let first = document.questions().next().expect("one").id;
        document.change_text((first, TextRole::Wording), |text| {
            *text = Text::new("vi", "Chào ${age}");
            text.0.insert("en".to_owned(), "Hello".to_owned());
        });
        document.change_text((document.id, TextRole::Title), |text| {
            text.0.remove("en");
        });
        let lines = lines(&document, &("en".to_owned(), "English".to_owned()), "en");
        let marks: Vec<&str> =
            lines.iter().map(|line| line.mark).filter(|mark| !mark.is_empty()).collect();
        assert_eq!(marks, ["missing", "insertions"]);
    }
}
