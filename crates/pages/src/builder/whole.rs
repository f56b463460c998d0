//! A draft that was written as a whole elsewhere, as text or as a table: what it changes in
//! the draft that its author saw, and what that means for answers.

use actix_web::web::Data;
use fielding::error::{Error, Missing, Problem};
use fielding::store::studies::Study;
use fielding::store::{Id, drafts};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::{Draft, Operation, between, rewind};
use survey_builder::questionnaire::written::Compared;

use super::differences::Differences;
use super::edits::send;
use super::{Seen, told};
use crate::site::Site;

/// The most bytes of what is written: ten times what a thousand questions take as text.
pub(super) const MOST_SIGNS: usize = 2_000_000;
/// Lines of a comparison that are shown.
const SHOWN: usize = 400;

/// What it makes of the draft that it was printed from.
pub(super) struct Read {
    pub base: Document,
    pub after: Document,
    pub wishes: Vec<Operation>,
}

impl Read {
    /// With the operations that make the one of the other. `None` where operations cannot:
    /// half of what was written is worse than nothing.
    pub fn of(base: Document, after: Document) -> Option<Self> {
        let wishes = between(&base, &after);
        makes(&base, &wishes, &after).then_some(Self { base, after, wishes })
    }
}

/// What it would change.
#[derive(Serialize)]
pub(super) struct Changes {
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
    pub fn of(read: Read, mut lines: Vec<Compared>, language: &str) -> Self {
        let Read { base, after, wishes } = read;
        let count = |is: fn(&Operation) -> bool| wishes.iter().filter(|one| is(one)).count();
        let more = lines.len() > SHOWN;
        lines.truncate(SHOWN);
        let (version, _) = compile_version(after);
        Self {
            added: count(|one| matches!(one, Operation::Insert { .. })),
            removed: count(|one| matches!(one, Operation::Remove { .. })),
            moved: count(|one| matches!(one, Operation::Move { .. })),
            worded: count(|one| matches!(one, Operation::Write { .. })),
            set: count(|one| matches!(one, Operation::Set { .. })),
            differences: Differences::between(base, (&version.document, &version), language),
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

/// Whether operations make of a document what was written, and nothing else.
fn makes(base: &Document, wishes: &[Operation], written: &Document) -> bool {
    let mut draft = Draft::of(base.clone());
    let all = wishes.iter().all(|wish| wish.apply(&mut draft).is_ok());
    all && draft.document == *written
}

/// Why nothing of what was written was taken.
pub(super) struct NotTaken {
    pub problems: Vec<Problem>,
    /// Operations that could not be done.
    pub refused: Vec<(String, String)>,
}

/// Sends the operations of what was written over the draft that its author saw. Gives how
/// many were done; where none could be, what was written is to be given back.
pub(super) async fn take(
    app: &Data<Site>,
    study: &Study,
    (author, language): (Id, &str),
    name: (Id, i64),
    wishes: Vec<Operation>,
) -> Result<Result<usize, NotTaken>, Error> {
    let count = wishes.len();
    match send(app, study, author, name, wishes).await {
        Ok(edited) if count > 0 && edited.refused.len() == count => {
            let refused = told(&edited.refused, language);
            Ok(Err(NotTaken { problems: Vec::new(), refused }))
        }
        Ok(edited) => Ok(Ok(count - edited.refused.len())),
        Err(Error::Invalid(problems)) => Ok(Err(NotTaken { problems, refused: Vec::new() })),
        Err(error) => Err(error),
    }
}

/// The draft as it was at an earlier edit.
pub(super) async fn as_seen(app: &Data<Site>, seen: &Seen, at: i64) -> Result<Document, Error> {
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

#[cfg(test)]
impl Changes {
    /// For examples of pages.
    pub fn example() -> Self {
        let line = |what| ChangedLine { what, line: "…".to_owned() };
        Self {
            added: 1,
            removed: 2,
            moved: 1,
            worded: 3,
            set: 1,
            differences: Differences::example(),
            lines: ["gone", "new", "same", "left"].map(line).into(),
            more: true,
        }
    }

    /// The same where nothing changes.
    pub fn none() -> Self {
        Self {
            added: 0,
            removed: 0,
            moved: 0,
            worded: 0,
            set: 0,
            differences: Differences::default(),
            lines: Vec::new(),
            more: false,
        }
    }
}
