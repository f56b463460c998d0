//! Finding words in all texts of a questionnaire and replacing those that are chosen.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::operation::{Operation, Refusal};
use survey_builder::questionnaire::replace::Replacement;
use survey_builder::questionnaire::translation::{TextPlace, Writing, placed_texts, writings};
use survey_builder::questionnaire::validate::Posted;
use survey_builder::questionnaire::words::{Piece, difference};

use super::edits::{name_of, plain_lines, send};
use super::fields::Field;
use super::{Strip, seen, told};
use crate::bar::Place;
use crate::form::{as_sent, parse};
use crate::paper;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// Texts that are listed at once.
const LISTED: usize = 300;

/// The page that finds and replaces.
#[derive(Serialize)]
struct ReplacePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    refused: Vec<(String, String)>,
    /// How many texts were changed just now.
    done: Option<usize>,
    find: String,
    by: String,
    same_case: bool,
    whole_words: bool,
    /// The languages that can be looked through: code, name, whether it is the one.
    spoken: Vec<(String, String, bool)>,
    /// Whether something was looked for.
    looked: bool,
    hits: Vec<Hit>,
    /// How many more there are.
    more: usize,
}

/// A text in which something was found.
#[derive(Serialize)]
struct Hit {
    /// Where it stands, with its language.
    at: String,
    /// What stands before its question.
    number: String,
    /// What it is.
    label: String,
    /// The name of its language.
    language: String,
    /// What it says.
    text: String,
    /// What it would say.
    words: Vec<Piece>,
}

/// What the form asks for: what is replaced, and in which language; all where it is
/// empty.
fn asked_for(form: &Posted) -> (Replacement, String) {
    let replacement = Replacement {
        find: plain_lines(as_sent(form, "find")),
        by: plain_lines(as_sent(form, "by")),
        same_case: form.contains_key("same_case"),
        whole_words: form.contains_key("whole_words"),
    };
    (replacement, as_sent(form, "in").to_owned())
}

/// `GET /studies/{id}/builder/replace?find=…&by=…&in=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let form = parse(request.query_string().as_bytes());
    replace_page(&app, &request, (&signed_in, &study), &form, Vec::new()).await
}

async fn replace_page(
    app: &Data<Site>,
    request: &HttpRequest,
    (signed_in, study): (&SignedIn, &Study),
    form: &Posted,
    refused: Vec<(Operation, Refusal)>,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let (replacement, within) = asked_for(form);
    let document = seen.document();
    let mut hits = hits(document, &replacement, &within, language);
    let more = hits.len().saturating_sub(LISTED);
    hits.truncate(LISTED);
    let spoken = document.languages.iter();
    let shown = ReplacePage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "replace"),
        refused: told(&refused, language),
        done: as_sent(form, "done").parse().ok(),
        looked: !replacement.find.is_empty(),
        find: replacement.find,
        by: replacement.by,
        same_case: replacement.same_case,
        whole_words: replacement.whole_words,
        spoken: spoken
            .map(|one| (one.code.clone(), one.name.clone(), one.code == within))
            .collect(),
        hits,
        more,
    };
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "builder/replace.html", language, &shown)
}

/// Every text in which something is found, in the order in which they are read.
fn hits(document: &Document, replacement: &Replacement, within: &str, language: &str) -> Vec<Hit> {
    if replacement.find.is_empty() {
        return Vec::new();
    }
    let labels = paper::labels(document);
    let mut found = Vec::new();
    for one in placed_texts(document) {
        for spoken in &document.languages {
            let code = spoken.code.as_str();
            let text = one.text.0.get(code).filter(|_| within.is_empty() || within == code);
            let Some(text) = text else { continue };
            let Some((now, _)) = replacement.replaced(text) else { continue };
            // Nothing is taken away whole by accident.
            if now.trim().is_empty() {
                continue;
            }
            let (item, role) = match one.at {
                TextPlace::Slot(slot) => slot,
                TextPlace::Constraint(question, _) => (question, TextRole::Message),
            };
            let field = Field::text(item, role, &one.text, (code, &spoken.name));
            found.push(Hit {
                at: format!("{}.{code}", one.at),
                number: labels.get(&one.read_with).cloned().unwrap_or_default(),
                label: locale::text(language, &field.label, &[]),
                language: spoken.name.clone(),
                words: difference(text, &now),
                text: text.clone(),
            });
        }
    }
    found
}

/// `POST /studies/{id}/builder/replace`: replaces in the texts that are ticked.
pub async fn replace(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let chosen = chosen(&form);
    let wishes = writings(seen.document(), &chosen);
    let by = (name_of(&form), seen.stored.number);
    let edited = send(&app, &study, signed_in.user.id, by, wishes).await?;
    if !edited.refused.is_empty() {
        let about = (&signed_in, &study);
        return replace_page(&app, &request, about, &form, edited.refused).await;
    }
    Ok(redirect(&format!("/studies/{}/builder/replace?done={}", study.id, chosen.len())))
}

/// What is to be written: the words that were on the page, with what was asked for.
fn chosen(form: &Posted) -> Vec<Writing> {
    let (replacement, _) = asked_for(form);
    let ticked: BTreeSet<&str> =
        form.get("take").into_iter().flatten().map(String::as_str).collect();
    ticked
        .into_iter()
        .filter_map(|name| {
            let (at, language) = name.rsplit_once('.')?;
            let at = at.parse().ok()?;
            let was = plain_lines(as_sent(form, &format!("w.{name}")));
            let (now, _) = replacement.replaced(&was)?;
            let now = now.trim().to_owned();
            Some(Writing { at, language: language.to_owned(), was, now })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    #[test]
    fn the_page_that_replaces_shows_its_examples() {
        shows("builder/replace.html", |language| {
            let of = |find: &str, hits: Vec<Hit>| ReplacePage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("replace"),
                refused: Vec::new(),
                done: None,
                find: find.to_owned(),
                by: "đôi khi".to_owned(),
                same_case: true,
                whole_words: false,
                spoken: vec![("vi".to_owned(), "Tiếng Việt".to_owned(), true)],
                looked: !find.is_empty(),
                more: hits.len(),
                hits,
            };
            let asked =
                Replacement { find: "a".to_owned(), by: "b".to_owned(), ..Replacement::default() };
            let some = hits(&document(), &asked, "vi", language);
            let refused = vec![("…".to_owned(), "…".to_owned())];
            vec![
                of("a", some),
                of("zzz", Vec::new()),
                ReplacePage { done: Some(2), refused, ..of("", Vec::new()) },
            ]
        });
    }

    #[test]
    fn what_is_ticked_is_replaced_in_the_words_that_were_seen() {
        let document = document();
        let asked = Replacement {
            find: "bạn".to_owned(),
            by: "anh/chị".to_owned(),
            ..Replacement::default()
        };
        let found = hits(&document, &asked, "vi", "vi");
        assert!(found.len() > 2, "{}", found.len());
        assert!(found.iter().all(|hit| hit.at.rsplit('.').next() == Some("vi")));
        let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        let form = Posted::from([
            one("find", "bạn"),
            one("by", "anh/chị"),
            one("take", &found[0].at),
            one(&format!("w.{}", found[0].at), &found[0].text),
            one(&format!("w.{}", found[1].at), &found[1].text),
        ]);
        let writings = chosen(&form);
        let [only] = writings.as_slice() else { panic!("{writings:?}") };
        assert_eq!(only.was, found[0].text);
        assert!(only.now.contains("anh/chị") && !only.now.to_lowercase().contains("bạn"));
    }
}
