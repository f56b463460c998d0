//! Who did what to a draft, newest first.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::rules::states::EditStep;
use fielding::store::drafts::{self, EditRow};
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::{Node, Operation, Part, Property};
use survey_builder::questionnaire::words::{Piece, difference};
use uuid::Uuid;

use super::said::{Said, Speaker};
use super::{Strip, seen};
use crate::bar::Place;
use crate::form::asked;
use crate::render::page;
use crate::session::StaffLayout;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// Edits on one page.
const PAGE: i64 = 50;

/// Changes of one edit that are shown; what is pasted may have thousands.
const SHOWN: usize = 12;

/// The page of what was done.
#[derive(Serialize)]
struct HistoryPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    edits: Vec<Line>,
    /// The edit before which the next page begins.
    more: Option<i64>,
}

/// One edit.
#[derive(Serialize)]
struct Line {
    number: i64,
    day: String,
    time: String,
    author: String,
    /// `change`, `undo` or `redo`.
    step: &'static str,
    changes: Vec<Change>,
    /// How many more there are.
    rest: usize,
}

/// One thing that was done.
#[derive(Serialize)]
struct Change {
    /// The key of what was done.
    key: String,
    /// What it was done to.
    called: String,
    /// The identity, where it is still there.
    item: String,
    /// How a text changed.
    words: Vec<Piece>,
    /// What a condition said and says.
    conditions: Option<(Vec<Said>, Vec<Said>)>,
}

/// `GET /studies/{id}/builder/history`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let language = signed_in.language(&request);
    let before = asked(&request, "before").and_then(|number| number.parse().ok());
    let before: i64 = before.unwrap_or(i64::MAX);
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let questionnaire = seen.stored.questionnaire;
    let rows = app
        .store
        .read(move |connection| drafts::history(connection, questionnaire, before, PAGE))
        .await?;
    let full = rows.len() == usize::try_from(PAGE).unwrap_or(0);
    let more = rows.last().map(|(row, _)| row.number).filter(|number| full && *number > 1);
    let speaker = Speaker::new(&seen.version, language).in_full();
    let line =
        |(row, author): &(EditRow, String)| line(row, author, &study, (seen.document(), &speaker));
    let shown = HistoryPage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(&study),
        strip: Strip::of(&seen, "history"),
        edits: rows.iter().map(line).collect(),
        more,
    };
    page(StatusCode::OK, "builder/history.html", language, &shown)
}

fn line(
    row: &EditRow,
    author: &str,
    study: &Study,
    (document, speaker): (&Document, &Speaker<'_>),
) -> Line {
    let at = row.made_at.in_zone(study.time_zone);
    let changes: Vec<Change> =
        row.operations.iter().map(|operation| change(operation, document, speaker)).collect();
    Line {
        number: row.number,
        day: locale::date(study.today(row.made_at)),
        time: at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default(),
        author: author.to_owned(),
        step: match row.step {
            EditStep::Change => "change",
            EditStep::Undo => "undo",
            EditStep::Redo => "redo",
        },
        rest: changes.len().saturating_sub(SHOWN),
        changes: changes.into_iter().take(SHOWN).collect(),
    }
}

fn change(operation: &Operation, document: &Document, speaker: &Speaker<'_>) -> Change {
    let parts = document.parts();
    let own = |id: Uuid| parts.iter().find(|(_, part)| part.id() == id).map(|(_, part)| *part);
    let item = operation.item();
    let whole = (item == document.id).then(|| {
        let shown = document.default_language.as_str();
        document.title.get(shown, shown).to_owned()
    });
    let called = whole.or_else(|| own(item).map(|part| called(part, document)));
    let there = called.is_some();
    let (key, called, words) = match operation {
        Operation::Insert { node, .. } => {
            ("edit-did-insert", self::called(node_part(node), document), Vec::new())
        }
        Operation::Remove { .. } => ("edit-did-remove", called.unwrap_or_default(), Vec::new()),
        Operation::Move { .. } => ("edit-did-move", called.unwrap_or_default(), Vec::new()),
        Operation::Write { was, now, .. } => {
            ("edit-did-write", called.unwrap_or_default(), difference(was, now))
        }
        Operation::Confirm { .. } => ("edit-did-confirm", called.unwrap_or_default(), Vec::new()),
        Operation::Set { was: Property::Relevant(_), .. } => {
            ("edit-did-relevant", called.unwrap_or_default(), Vec::new())
        }
        Operation::Set { was: Property::RequiredWhen(_), .. } => {
            ("edit-did-required-when", called.unwrap_or_default(), Vec::new())
        }
        Operation::Set { .. } => ("edit-did-set", called.unwrap_or_default(), Vec::new()),
        Operation::Dispute(conflict) => {
            let words = difference(&conflict.first, &conflict.second);
            ("edit-did-dispute", called.unwrap_or_default(), words)
        }
        Operation::Settle(_) => ("edit-did-settle", called.unwrap_or_default(), Vec::new()),
    };
    let item = if there { item.to_string() } else { String::new() };
    let conditions = match operation {
        Operation::Set {
            was: Property::Relevant(was) | Property::RequiredWhen(was),
            now: Property::Relevant(now) | Property::RequiredWhen(now),
            ..
        } => Some((speaker.optional(was.as_ref()), speaker.optional(now.as_ref()))),
        _ => None,
    };
    Change { key: key.to_owned(), called, item, words, conditions }
}

fn node_part(node: &Node) -> Part<'_> {
    match node.as_part() {
        // A new page is told by the question on it.
        Part::Page(page) => page.questions.first().map_or(Part::Page(page), Part::Question),
        part => part,
    }
}

/// What people call a part.
fn called(part: Part<'_>, document: &Document) -> String {
    let shown = document.default_language.as_str();
    let text = match part {
        Part::Section(one) => &one.title,
        Part::Question(one) => &one.wording,
        Part::Row(one) => &one.wording,
        Part::Option(one) => &one.label,
        Part::Roster(one) => &one.label,
        Part::Check(one) => &one.message,
        // What has no words of its own is called by what is in it.
        Part::Page(one) => match one.questions.first() {
            Some(question) => &question.wording,
            None => return one.name.clone(),
        },
        Part::List(one) => {
            let labels = one.options.iter().map(|option| option.label.get(shown, shown));
            return labels.collect::<Vec<_>>().join(", ");
        }
    };
    text.get(shown, shown).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_history_shows_its_examples() {
        shows("builder/history.html", |language| {
            let change = |key: &str, words| Change {
                key: key.to_owned(),
                called: "Ông/Bà…".to_owned(),
                item: "0190".to_owned(),
                words,
                conditions: (key == "edit-did-relevant").then(|| (Vec::new(), Vec::new())),
            };
            let of = |edits, more| HistoryPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("history"),
                edits,
                more,
            };
            let line = Line {
                number: 3,
                day: "02/09/2026".to_owned(),
                time: "14:21".to_owned(),
                author: "Lan".to_owned(),
                step: "undo",
                changes: vec![
                    change("edit-did-write", difference("a b", "a c")),
                    change("edit-did-insert", Vec::new()),
                    change("edit-did-remove", Vec::new()),
                    change("edit-did-move", Vec::new()),
                    change("edit-did-set", Vec::new()),
                    change("edit-did-relevant", Vec::new()),
                    change("edit-did-required-when", Vec::new()),
                    change("edit-did-dispute", Vec::new()),
                    change("edit-did-settle", Vec::new()),
                    change("edit-did-confirm", Vec::new()),
                ],
                rest: 2,
            };
            let plain = Line { step: "change", rest: 0, changes: Vec::new(), ..of_number(4) };
            let again = Line { step: "redo", ..of_number(5) };
            vec![of(vec![line, plain, again], Some(3)), of(Vec::new(), None)]
        });
    }

    fn of_number(number: i64) -> Line {
        Line {
            number,
            day: "02/09/2026".to_owned(),
            time: "14:20".to_owned(),
            author: "Minh".to_owned(),
            step: "change",
            changes: Vec::new(),
            rest: 0,
        }
    }
}
