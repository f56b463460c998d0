//! The draft as a table: copied to a spreadsheet and back, edited where it stands, looked at
//! as changes, and taken as operations on the draft that its author saw.
//!
//! The page holds the table once, as tab-separated cells in a field; the script makes the
//! cells that are seen of it, so that the page weighs what the draft weighs.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, Required};
use survey_builder::questionnaire::written::sheet::{self, words};
use survey_builder::questionnaire::written::{At, Column, Written, notation};

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

/// The page of the table.
#[derive(Serialize)]
struct SheetPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<String>,
    /// The cells that the problems are about: `12:3`, the row and the column.
    wrong: String,
    refused: Vec<(String, String)>,
    /// How many changes were taken just now.
    done: Option<usize>,
    /// The last edit that whoever typed had seen.
    typed_at: i64,
    /// The table.
    text: String,
    /// Its headings, in the language of the page.
    headings: Vec<String>,
    /// What may stand in cells of some columns.
    choices: Vec<Choices>,
    /// What the table would change, if that was asked.
    changes: Option<Changes>,
}

/// What may stand in the cells of a column.
#[derive(Serialize)]
struct Choices {
    /// The name of the column in documents.
    column: &'static str,
    /// What it is called in both languages: `kind|loại`.
    headings: String,
    words: Vec<String>,
}

impl Choices {
    fn of(column: &'static str, heading: &Column, words: Vec<String>) -> Self {
        let [english, vietnamese] = ["en", "vi"].map(|page| words::heading(heading, page));
        Self { column, headings: format!("{english}|{vietnamese}"), words }
    }

    fn all(language: &str) -> Vec<Self> {
        let required = [Required::Hard, Required::Soft, Required::No]
            .map(|one| notation::required_word(one, language).to_owned());
        let states = words::states(language).into_iter().map(str::to_owned);
        vec![
            Self::of("code", &Column::Code, Vec::new()),
            Self::of("kind", &Column::Kind, words::kinds(language)),
            Self::of("list", &Column::List, Vec::new()),
            Self::of("required", &Column::Required, required.into()),
            Self::of("missing", &Column::Missing, states.collect()),
        ]
    }
}

/// What somebody typed, and what came of it.
#[derive(Default)]
struct Typed {
    /// The table; absent where the draft is shown as it is.
    text: Option<String>,
    /// The last edit that they had seen.
    at: i64,
    problems: Vec<Problem>,
    /// The cells that they are about.
    wrong: Vec<At>,
    changes: Option<Changes>,
    /// Operations that could not be done.
    refused: Vec<(String, String)>,
}

/// `GET /studies/{id}/builder/sheet`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    sheet_page(&app, &request, (&signed_in, &study), Typed::default()).await
}

async fn sheet_page(
    app: &Data<Site>,
    request: &HttpRequest,
    (signed_in, study): (&SignedIn, &Study),
    typed: Typed,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let sent = asked(request, "sent").and_then(fielding::store::Id::parse);
    let seen = seen(app, study, signed_in.user.id, sent).await?;
    let written = Written::as_sheet(seen.document());
    let (text, typed_at) = match typed.text {
        Some(text) => (text, typed.at),
        None => (sheet::print(&written, language), seen.stored.number),
    };
    let wrong: Vec<String> =
        typed.wrong.iter().map(|at| format!("{}:{}", at.line, at.column)).collect();
    let shown = SheetPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "sheet"),
        problems: Listed::of(&typed.problems, language),
        wrong: wrong.join(" "),
        refused: told(&seen.refused, language).into_iter().chain(typed.refused).collect(),
        done: asked(request, "done").and_then(|done| done.parse().ok()),
        typed_at,
        text,
        headings: sheet::headings(&written, language),
        choices: Choices::all(language),
        changes: typed.changes,
    };
    let status = if shown.refused.is_empty() {
        status(&typed.problems)
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page(status, "builder/sheet.html", language, &shown)
}

/// Reads a table over the draft that its author saw.
///
/// # Errors
///
/// Everything that is wrong in it, and the cells that it is about.
fn read_over(base: Document, text: &str) -> Result<Read, (Vec<Problem>, Vec<At>)> {
    if text.len() > MOST_SIGNS {
        let problem = Problem::new("sheet-long", "").with("most", MOST_SIGNS / 1_000_000);
        return Err((vec![problem], Vec::new()));
    }
    match sheet::lay(&base, text, &mut || fielding::store::Id::rising().0) {
        Ok(after) => Read::of(base, after)
            .ok_or_else(|| (vec![Problem::new("sheet-not-made", "")], Vec::new())),
        Err(faults) => Err(faults.into_iter().map(|fault| (fault.problem, fault.at)).unzip()),
    }
}

/// `POST /studies/{id}/builder/sheet`: shows what a table changes, or takes it.
pub async fn send_in(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, _) =
        door.admit_files(Action::Design).await?;
    let language = signed_in.language(&request);
    let author = signed_in.user.id;
    let seen = seen(&app, &study, author, None).await?;
    let number = seen.stored.number;
    let at = as_sent(&form, "typed_at").parse().unwrap_or(number).clamp(0, number);
    let text = as_sent(&form, "text").replace("\r\n", "\n");
    let base = as_seen(&app, &seen, at).await?;
    let mut typed = Typed { text: Some(text.clone()), at, ..Typed::default() };
    let found = match off_thread(move || read_over(base, &text)).await? {
        Ok(found) => found,
        Err((problems, wrong)) => {
            (typed.problems, typed.wrong) = (problems, wrong);
            return sheet_page(&app, &request, (&signed_in, &study), typed).await;
        }
    };
    if as_sent(&form, "do") != "apply" {
        let changes = off_thread(move || {
            let [before, after] = [&found.base, &found.after].map(Written::as_sheet);
            let lines = sheet::changed(&before, &after, language);
            Changes::of(found, lines, language)
        });
        typed.changes = Some(changes.await?);
        return sheet_page(&app, &request, (&signed_in, &study), typed).await;
    }
    let sent_as = name_of(&form);
    match take(&app, &study, (author, language), (sent_as, at), found.wishes).await? {
        Ok(done) => {
            let id = study.id;
            Ok(redirect(&format!("/studies/{id}/builder/sheet?done={done}&sent={sent_as}")))
        }
        Err(NotTaken { problems, refused }) => {
            (typed.problems, typed.refused) = (problems, refused);
            sheet_page(&app, &request, (&signed_in, &study), typed).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::tests::seen_example;
    use crate::examples::shows;

    #[test]
    fn the_sheet_shows_its_examples() {
        shows("builder/sheet.html", |language| {
            let of = |changes: Option<Changes>| SheetPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("sheet"),
                problems: vec!["…".to_owned()].into(),
                wrong: "2:3".to_owned(),
                refused: vec![("…".to_owned(), "…".to_owned())],
                done: Some(2),
                typed_at: 12,
                text: "code\tkind\ns1\tsection\n".to_owned(),
                headings: vec!["…".to_owned()],
                choices: Choices::all(language),
                changes,
            };
            vec![
                of(None),
                of(Some(Changes::example())),
                SheetPage { done: Some(0), ..of(Some(Changes::none())) },
            ]
        });
    }

    #[test]
    fn a_table_is_read_over_the_draft_that_was_seen() {
        let seen = seen_example();
        let base = seen.document().clone();
        let text = sheet::print(&Written::as_sheet(&base), "vi");
        let Ok(same) = read_over(base.clone(), &text) else { panic!("it is read") };
        assert!(same.wishes.is_empty() && same.after == base);
        let problems = |text: &str| read_over(base.clone(), text).err().expect("problems");
        let (long, _) = problems(&"a".repeat(MOST_SIGNS + 1));
        assert_eq!(long[0].code, "sheet-long");
        let rows = text.split("\n\n").next().map_or(0, |parts| parts.lines().count());
        let (told, wrong) = problems(&text.replacen("\n\n", "\nx\tgì đó\tx\n\n", 1));
        let said = locale::problem_text(&told[0], "vi");
        assert!(said.starts_with(&format!("Dòng {}, cột loại", rows + 1)), "{said}");
        assert_eq!(wrong, [At { line: rows + 1, column: 2 }]);
    }
}
