//! The draft as text: read, edited, looked at as changes, and taken as operations on the
//! draft that its author saw.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::drafts;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::problem::phrase;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::{Draft, Operation, between, rewind};
use survey_builder::questionnaire::written::{
    Compared, Fault, Written, compare, notation, overlay, print, read,
};

use super::differences::Differences;
use super::edits::{name_of, send};
use super::{Seen, Strip, seen, told};
use crate::bar::Place;
use crate::form::{as_sent, asked, off_thread};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// The most bytes of a text: ten times what a thousand questions take.
const MOST_SIGNS: usize = 2_000_000;
/// Lines of a comparison that are shown.
const SHOWN: usize = 400;

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

/// What a text would change.
#[derive(Serialize)]
struct Changes {
    added: usize,
    removed: usize,
    moved: usize,
    worded: usize,
    set: usize,
    /// What that means for answers.
    #[serde(flatten)]
    differences: Differences,
    lines: Vec<ChangedLine>,
    /// Whether more lines changed than are shown.
    more: bool,
}

/// A line of the comparison.
#[derive(Serialize)]
struct ChangedLine {
    /// `gone`, `new`, `same`, or `left` for lines that are left out.
    what: &'static str,
    line: String,
}

impl Changes {
    fn of(before: &Document, (after, wishes): (Document, &[Operation]), how: (&str, &str)) -> Self {
        let count = |is: fn(&Operation) -> bool| wishes.iter().filter(|one| is(one)).count();
        let (language, shown_in) = how;
        let text =
            |document: &Document| print(&Written::of(document, &[shown_in.to_owned()]), language);
        let mut lines = compare(&text(before), &text(&after));
        let more = lines.len() > SHOWN;
        lines.truncate(SHOWN);
        let (version, _) = compile_version(after);
        Self {
            added: count(|one| matches!(one, Operation::Insert { .. })),
            removed: count(|one| matches!(one, Operation::Remove { .. })),
            moved: count(|one| matches!(one, Operation::Move { .. })),
            worded: count(|one| matches!(one, Operation::Write { .. })),
            set: count(|one| matches!(one, Operation::Set { .. })),
            differences: Differences::between(
                before.clone(),
                (&version.document, &version),
                language,
            ),
            lines: lines.into_iter().map(ChangedLine::of).collect(),
            more,
        }
    }
}

impl ChangedLine {
    fn of(line: Compared) -> Self {
        let (what, line) = match line {
            Compared::Gone(line) => ("gone", line),
            Compared::New(line) => ("new", line),
            Compared::Same(line) => ("same", line),
            Compared::Left => ("left", String::new()),
        };
        Self { what, line }
    }
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

/// What a text makes of the draft that it was printed from.
struct Read {
    base: Document,
    after: Document,
    wishes: Vec<Operation>,
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
            let wishes = between(&base, &after);
            if makes(&base, &wishes, &after) {
                Ok(Read { base, after, wishes })
            } else {
                // Half of what was written is worse than nothing.
                Err(vec![Problem::new("written-not-made", "")])
            }
        }
        Ok(_) => Err(faults.into_iter().map(placed).collect()),
        Err(more) => {
            faults.extend(more);
            faults.sort_by_key(|fault| fault.at);
            Err(faults.into_iter().map(placed).collect())
        }
    }
}

/// Whether operations make of a document what was written, and nothing else.
fn makes(base: &Document, wishes: &[Operation], written: &Document) -> bool {
    let mut draft = Draft::of(base.clone());
    let all = wishes.iter().all(|wish| wish.apply(&mut draft).is_ok());
    all && draft.document == *written
}

/// The draft as it was at an earlier edit.
async fn as_seen(app: &Data<Site>, seen: &Seen, at: i64) -> Result<Document, Error> {
    let mut draft = seen.stored.draft.clone();
    if at >= seen.stored.number {
        return Ok(draft.document);
    }
    let questionnaire = seen.stored.questionnaire;
    let since = app
        .store
        .read(move |connection| drafts::edits_after(connection, questionnaire, at))
        .await?;
    rewind(&mut draft, &since).map_err(|_| Error::NotFound(Missing::Questionnaire))?;
    Ok(draft.document)
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
        let Read { base, after, wishes } = found;
        let changes =
            off_thread(move || Changes::of(&base, (after, &wishes), (language, &shown_in)));
        typed.changes = Some(changes.await?);
        return text_page(&app, &request, (&signed_in, &study), typed).await;
    }
    let (count, sent_as) = (found.wishes.len(), name_of(&form));
    match send(&app, &study, author, (sent_as, at), found.wishes).await {
        // Nothing of it could be done: the text is given back.
        Ok(edited) if count > 0 && edited.refused.len() == count => {
            typed.refused = told(&edited.refused, language);
            text_page(&app, &request, (&signed_in, &study), typed).await
        }
        Ok(edited) => {
            let done = count - edited.refused.len();
            let id = study.id;
            Ok(redirect(&format!(
                "/studies/{id}/builder/text?in={shown_in}&done={done}&sent={sent_as}"
            )))
        }
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            text_page(&app, &request, (&signed_in, &study), typed).await
        }
        Err(error) => Err(error),
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
            let line = |what| ChangedLine { what, line: "…".to_owned() };
            let changes = Changes {
                added: 1,
                removed: 2,
                moved: 1,
                worded: 3,
                set: 1,
                differences: Differences::example(),
                lines: ["gone", "new", "same", "left"].map(line).into(),
                more: true,
            };
            let none = Changes {
                added: 0,
                removed: 0,
                moved: 0,
                worded: 0,
                set: 0,
                differences: Differences::default(),
                lines: Vec::new(),
                more: false,
            };
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
