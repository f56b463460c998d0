//! The draft as text: read, edited, looked at as changes, and taken as operations on the
//! draft that its author saw.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::written::{
    Fault, Written, compare, notation, overlay, print, read,
};

use super::edits::name_of;
use super::whole::{Changes, MOST_SIGNS, NotTaken, Read, as_seen, take};
use super::{Strip, seen, told};
use crate::bar::Place;
use crate::form::{as_sent, asked, off_thread};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// The page of the text.
#[derive(Serialize)]
struct TextPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<String>,
    refused: Vec<(String, String)>,
    /// How many changes were taken just now.
    done: Option<usize>,
    /// The languages of the questionnaire: code, name, whether the text is in it.
    spoken: Vec<(String, String, bool)>,
    /// The language of the text.
    shown_in: String,
    /// The last edit that whoever typed had seen.
    typed_at: i64,
    /// The text.
    text: String,
    /// The lines that it needs to be shown.
    rows: usize,
    /// Words that may stand for kinds.
    kinds: Vec<&'static str>,
    /// What the text would change, if that was asked.
    changes: Option<Changes>,
}

/// What somebody typed, and what came of it.
#[derive(Default)]
struct Typed {
    /// The text; absent where the draft is shown as it is.
    text: Option<String>,
    /// The last edit that they had seen.
    at: i64,
    /// The language of the text.
    shown_in: String,
    problems: Vec<Problem>,
    changes: Option<Changes>,
    /// Operations that could not be done.
    refused: Vec<(String, String)>,
}

/// `GET /studies/{id}/builder/text?in=vi`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let shown_in = asked(&request, "in").unwrap_or_default().to_owned();
    let typed = Typed { shown_in, ..Typed::default() };
    text_page(&app, &request, (&signed_in, &study), typed).await
}

/// The language that is asked for, else the questionnaire's first.
fn language_of(document: &Document, asked: &str) -> String {
    let known = document.languages.iter().any(|one| one.code == asked);
    if known { asked.to_owned() } else { document.default_language.clone() }
}

async fn text_page(
    app: &Data<Site>,
    request: &HttpRequest,
    (signed_in, study): (&SignedIn, &Study),
    typed: Typed,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let sent = asked(request, "sent").and_then(fielding::store::Id::parse);
    let seen = seen(app, study, signed_in.user.id, sent).await?;
    let document = seen.document();
    let shown_in = language_of(document, &typed.shown_in);
    let (text, typed_at) = match typed.text {
        Some(text) => (text, typed.at),
        None => {
            let text = print(&Written::of(document, std::slice::from_ref(&shown_in)), language);
            (text, seen.stored.number)
        }
    };
    let spoken = document.languages.iter();
    let shown = TextPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "text"),
        problems: Listed::of(&typed.problems, language),
        refused: told(&seen.refused, language).into_iter().chain(typed.refused).collect(),
        done: asked(request, "done").and_then(|done| done.parse().ok()),
        spoken: spoken
            .map(|one| (one.code.clone(), one.name.clone(), one.code == shown_in))
            .collect(),
        shown_in,
        typed_at,
        rows: text.lines().count().clamp(12, 40),
        text,
        kinds: notation::kinds(language),
        changes: typed.changes,
    };
    let status = if shown.refused.is_empty() {
        status(&typed.problems)
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page(status, "builder/text.html", language, &shown)
}

/// Reads a text over the draft that its author saw.
///
/// # Errors
///
/// Everything that is wrong in it.
fn read_over(base: Document, text: &str, shown_in: &str) -> Result<Read, Vec<Problem>> {
    if text.len() > MOST_SIGNS {
        return Err(vec![Problem::new("written-long", "").with("most", MOST_SIGNS / 1_000_000)]);
    }
    let placed = |fault: Fault| {
        let place = phrase("phrase-line-sign").with("line", fault.at.line);
        fault.problem.at(place.with("sign", fault.at.column))
    };
    let (written, mut faults) = read(text, shown_in);
    // Also what is wrong between the lines, as far as they could be read.
    let laid = overlay(&base, &written, &mut || fielding::store::Id::rising().0);
    match laid {
        Ok(after) if faults.is_empty() => {
            Read::of(base, after).ok_or_else(|| vec![Problem::new("written-not-made", "")])
        }
        Ok(_) => Err(faults.into_iter().map(placed).collect()),
        Err(more) => {
            faults.extend(more);
            faults.sort_by_key(|fault| fault.at);
            Err(faults.into_iter().map(placed).collect())
        }
    }
}

/// `POST /studies/{id}/builder/text`: shows what a text changes, or takes it.
pub async fn send_in(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, _) =
        door.admit_files(Action::Design).await?;
    let language = signed_in.language(&request);
    let author = signed_in.user.id;
    let seen = seen(&app, &study, author, None).await?;
    let number = seen.stored.number;
    let at = as_sent(&form, "typed_at").parse().unwrap_or(number).clamp(0, number);
    let text = as_sent(&form, "text").replace("\r\n", "\n");
    let shown_in = language_of(seen.document(), as_sent(&form, "in"));
    let base = as_seen(&app, &seen, at).await?;
    let mut typed =
        Typed { text: Some(text.clone()), at, shown_in: shown_in.clone(), ..Typed::default() };
    let told_in = shown_in.clone();
    let found = off_thread(move || read_over(base, &text, &told_in)).await?;
    let found = match found {
        Ok(found) => found,
        Err(problems) => {
            typed.problems = problems;
            return text_page(&app, &request, (&signed_in, &study), typed).await;
        }
    };
    if as_sent(&form, "do") != "apply" {
        let changes = off_thread(move || {
            let text = |document: &Document| {
                print(&Written::of(document, std::slice::from_ref(&shown_in)), language)
            };
            let lines = compare(&text(&found.base), &text(&found.after));
            Changes::of(found, lines, language)
        });
        typed.changes = Some(changes.await?);
        return text_page(&app, &request, (&signed_in, &study), typed).await;
    }
    let sent_as = name_of(&form);
    match take(&app, &study, (author, language), (sent_as, at), found.wishes).await? {
        Ok(done) => {
            let id = study.id;
            Ok(redirect(&format!(
                "/studies/{id}/builder/text?in={shown_in}&done={done}&sent={sent_as}"
            )))
        }
        Err(NotTaken { problems, refused }) => {
            (typed.problems, typed.refused) = (problems, refused);
            text_page(&app, &request, (&signed_in, &study), typed).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::tests::seen_example;
    use crate::examples::shows;

    #[test]
    fn the_text_shows_its_examples() {
        shows("builder/text.html", |language| {
            let of = |changes: Option<Changes>| TextPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("text"),
                problems: vec!["…".to_owned()].into(),
                refused: vec![("…".to_owned(), "…".to_owned())],
                done: Some(2),
                spoken: vec![("vi".to_owned(), "Tiếng Việt".to_owned(), true)],
                shown_in: "vi".to_owned(),
                typed_at: 12,
                text: "# [s1] Phần 1\n".to_owned(),
                rows: 12,
                kinds: notation::kinds(language),
                changes,
            };
            let (changes, none) = (Changes::example(), Changes::none());
            vec![of(None), of(Some(changes)), TextPage { done: Some(0), ..of(Some(none)) }]
        });
    }

    #[test]
    fn a_text_is_read_over_the_draft_that_was_seen() {
        let seen = seen_example();
        let base = seen.document().clone();
        let text = print(&Written::of(&base, &["vi".to_owned()]), "vi");
        let same = read_over(base.clone(), &text, "vi").expect("it is read");
        assert!(same.wishes.is_empty() && same.after == base);
        let long = "a".repeat(MOST_SIGNS + 1);
        let problems = read_over(base.clone(), &long, "vi").err().expect("problems");
        assert_eq!(problems[0].code, "written-long");
        let other = format!("{text}\nkhông hiểu được");
        let problems = read_over(base, &other, "vi").err().expect("problems");
        let said = locale::problem_text(&problems[0], "vi");
        assert!(said.starts_with("Dòng ") && said.contains("không hiểu được"), "{said}");
    }
}
