//! What a newer version of a block would change in the draft that has an older one: side
//! by side, and taken by choice.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::library::{Taken, offered, take_update};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use fielding::store::{Id, Scope, blocks};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::{Document, Kind};
use survey_builder::questionnaire::library::{Change, Changed, Update, update};
use survey_builder::questionnaire::operation::Part;
use uuid::Uuid;

use super::super::outline::kind_in_short;
use super::super::said::{Said, Speaker};
use super::{Seen, Strip, is_over, name_of, seen};
use crate::bar::Place;
use crate::form::{FieldProblem, field, field_problems, off_thread};
use crate::outcome::status;
use crate::paper;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// The page of what a newer version changes.
#[derive(Serialize)]
struct UpdatePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<FieldProblem>,
    /// The use, and the block with its name.
    used: String,
    block: String,
    block_name: String,
    /// The version that the draft has, and the newest.
    number: i64,
    newest: i64,
    changes: Vec<Line>,
    /// How many of them were changed in the draft too.
    local: usize,
}

/// One change, in three columns.
#[derive(Serialize)]
struct Line {
    key: String,
    /// The question, option or section.
    place: String,
    what: String,
    base: Vec<Said>,
    here: Vec<Said>,
    there: Vec<Said>,
    local: bool,
}

/// `GET /studies/{id}/builder/library/{use}`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let used = Id::parse(&door.named("use"));
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let used = used.ok_or(Error::NotFound(Missing::Block))?;
    update_page(&app, &request, &signed_in, &study, (used, &[])).await
}

async fn update_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (used, problems): (Id, &[Problem]),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let id = study.id;
    let (row, before, after) = app
        .store
        .read(move |connection| {
            let row = blocks::use_of(connection, id, used)?;
            let row = row.ok_or(Error::NotFound(Missing::Block))?;
            let before = offered(connection, row.block_id, Some(row.number))?;
            let after = offered(connection, row.block_id, None)?;
            Ok((row, before, after))
        })
        .await?;
    let block_name = name_of(row.block_id, &after.name, &after.block, language);
    let newest = after.number;
    let (changes, seen) = off_thread(move || {
        let found = update(&before.block, &after.block, used.0, seen.document());
        (lines(&seen, found, language), seen)
    })
    .await?;
    let shown = UpdatePage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "library"),
        problems: field_problems(problems, language).into(),
        used: used.to_string(),
        block: row.block_id.to_string(),
        block_name,
        number: row.number,
        newest,
        local: changes.iter().filter(|line| line.local).count(),
        changes,
    };
    page(status(problems), "builder/library-update.html", language, &shown)
}

/// The changes in words.
fn lines(seen: &Seen, found: Update, language: &str) -> Vec<Line> {
    let Update { changes, base, there, .. } = found;
    let (base, _) = compile_version(base);
    let (there, _) = compile_version(there);
    let said = [
        Speaker::new(&base, language),
        Speaker::new(&seen.version, language),
        Speaker::new(&there, language),
    ];
    let documents = [&base.document, seen.document(), &there.document];
    let line = |change: Change| {
        let shown = |which: usize, text: &str| {
            let kind = match &change.what {
                Changed::Set("kind") => kind_of(documents[which], change.item)
                    .map(|kind| kind_in_short(documents[which], kind, language)),
                _ => None,
            };
            match (&change.what, kind) {
                (_, Some(kind)) => vec![Said::words(kind)],
                (Changed::Set("relevant" | "required-when" | "expression"), _)
                    if !text.is_empty() =>
                {
                    said[which].optional(Some(&text.to_owned()))
                }
                _ if text.is_empty() => Vec::new(),
                _ => vec![Said::words(text)],
            }
        };
        Line {
            key: change.key(),
            place: place_of(seen.document(), &there.document, change.item, language),
            what: what_of(&change.what, seen.document(), language),
            base: shown(0, &change.base),
            here: shown(1, &change.here),
            there: shown(2, &change.there),
            local: change.local,
        }
    };
    changes.into_iter().map(line).collect()
}

fn kind_of(document: &Document, item: Uuid) -> Option<&Kind> {
    document.questions().find(|one| one.id == item).map(|one| &one.kind)
}

/// What changes, in words; a text with its language.
fn what_of(what: &Changed, draft: &Document, language: &str) -> String {
    match what {
        Changed::Text(role, code) => {
            let spoken = draft.languages.iter().find(|one| one.code == *code);
            let spoken = spoken.map_or(code.as_str(), |one| &one.name);
            let role = format!("{role:?}").to_lowercase();
            let role = locale::text(language, &format!("library-text-{role}"), &[]);
            locale::text(language, "library-text-in", &[("what", &role), ("language", spoken)])
        }
        Changed::Set(word) => locale::text(language, &format!("library-set-{word}"), &[]),
        Changed::Added => locale::text(language, "library-change-added", &[]),
        Changed::Removed => locale::text(language, "library-change-removed", &[]),
        Changed::Order => locale::text(language, "library-change-order", &[]),
    }
}

/// Where a change is: the question, and within it the row or option.
fn place_of(draft: &Document, newer: &Document, item: Uuid, language: &str) -> String {
    let find = |document: &Document| {
        let found = document.parts().into_iter().find(|(_, part)| part.id() == item);
        found.map(|(place, part)| (place.parent, label(document, part, language)))
    };
    let Some((parent, own)) = find(draft).or_else(|| find(newer)) else { return String::new() };
    let beside = draft.questions().find(|one| {
        one.id == parent
            || one
                .kind
                .lists()
                .iter()
                .any(|name| draft.list(name).is_some_and(|list| list.id == parent))
    });
    match beside {
        Some(question) if question.id != item => {
            format!("{} › {own}", question_label(draft, question, language))
        }
        _ => own,
    }
}

fn question_label(
    document: &Document,
    question: &survey_builder::questionnaire::document::Question,
    language: &str,
) -> String {
    match paper::labels(document).get(&question.name) {
        Some(number) => locale::text(language, "builder-question", &[("number", number)]),
        None => question.name.clone(),
    }
}

fn label(document: &Document, part: Part<'_>, language: &str) -> String {
    let shown = document.default_language.as_str();
    let words = |text: &survey_builder::questionnaire::document::Text, name: &str| match text
        .get(language, shown)
    {
        "" => name.to_owned(),
        words => words.to_owned(),
    };
    match part {
        Part::Question(one) => question_label(document, one, language),
        Part::Section(one) => words(&one.title, &one.name),
        Part::Page(one) => one
            .questions
            .first()
            .map_or_else(|| one.name.clone(), |first| question_label(document, first, language)),
        Part::Row(one) => words(&one.wording, &one.name),
        Part::Option(one) => words(&one.label, &one.code),
        Part::List(one) => one.name.clone(),
        Part::Roster(one) => words(&one.label, &one.name),
        Part::Check(one) => words(&one.message, &one.name),
    }
}

/// `POST /studies/{id}/builder/library/{use}`: takes what was chosen.
pub async fn take(door: StudyDoor) -> Result<HttpResponse, Error> {
    let used = Id::parse(&door.named("use"));
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let used = used.ok_or(Error::NotFound(Missing::Block))?;
    if is_over(&study) {
        return Err(Error::Conflict(fielding::error::Clash::StudyClosed));
    }
    let changes: BTreeSet<String> = form.get("take").into_iter().flatten().cloned().collect();
    let taken = Taken {
        used,
        seen: field(&form, "seen").parse().unwrap_or(-1),
        number: field(&form, "number").parse().unwrap_or(0),
        changes,
        sent_as: super::super::edits::name_of(&form),
    };
    let (author, now, id, sent_as) = (signed_in.user.id, app.clock.now(), study.id, taken.sent_as);
    let done = app
        .store
        .write(Scope::Study(id), move |connection| take_update(connection, now, author, id, &taken))
        .await;
    match done {
        // The outline tells what could not be done.
        Ok(_) => Ok(redirect(&format!("/studies/{id}/builder?sent={sent_as}"))),
        Err(Error::Invalid(problems)) => {
            update_page(&app, &request, &signed_in, &study, (used, &problems)).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn what_a_newer_version_changes_shows_its_examples() {
        shows("builder/library-update.html", |language| {
            let line = |local| Line {
                key: "1.text".to_owned(),
                place: "Câu 2".to_owned(),
                what: "…".to_owned(),
                base: vec![Said::words("…")],
                here: vec![Said::words("…")],
                there: Vec::new(),
                local,
            };
            let of = |changes: Vec<Line>, number, problems: &[Problem]| UpdatePage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("library"),
                problems: field_problems(problems, language).into(),
                used: "1".to_owned(),
                block: "2".to_owned(),
                block_name: "Đi lại".to_owned(),
                number,
                newest: 2,
                local: changes.iter().filter(|line| line.local).count(),
                changes,
            };
            let wrong = [Problem::new("draft_changed_since", "")];
            vec![
                of(vec![line(false), line(true)], 1, &wrong),
                of(vec![line(false)], 1, &[]),
                of(Vec::new(), 1, &[]),
                of(Vec::new(), 2, &[]),
            ]
        });
    }
}
