//! The builder: the draft of a questionnaire, written in the browser.
//!
//! Every page is the draft as it is; every form is a few typed operations on what its
//! author saw ([`edits`]). All of it works without JavaScript; a script saves while
//! one types.

mod condition;
mod differences;
pub mod edits;
pub mod events;
mod fields;
pub mod history;
pub mod library;
pub mod map;
pub(crate) mod outline;
mod panel;
pub mod preview;
pub mod publication;
pub mod replace;
pub mod review;
pub(crate) mod said;
mod several;
pub mod sheet;
pub mod simulated;
pub mod text;
pub mod translation;
pub mod trials;
pub mod versions;
mod whole;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::Id;
use fielding::store::draft_authors::{Chosen, Present, present};
use fielding::store::drafts::{self, StoredDraft};
use fielding::store::studies::{self, Study};
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::finding::{Finding, Severity};
use survey_builder::questionnaire::operation::{Operation, Refusal, next_redo, next_undo};
use survey_builder::questionnaire::review::{estimated_minutes, review};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use self::condition::Editor;
use self::outline::OutlineSection;
use self::panel::Panel;
use self::several::{Several, SeveralPanel};
use super::studies::about::{Admitted, Listed, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::form::{FieldProblem, asked, off_thread};
use crate::outcome::status;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Fields of the outline's page that something can be wrong with.
const FIELDS: [&str; 5] = ["after", "kind", "like", "lines", "wording"];

/// A draft as one of its authors sees it.
pub struct Seen {
    /// The draft, with its number.
    pub stored: StoredDraft,
    /// It, compiled as far as it can be.
    pub version: Arc<Version>,
    /// What is wrong or doubtful in it.
    pub findings: Vec<Finding>,
    /// The number of the published version, and whether the draft differs from it.
    pub published: Option<(i64, bool)>,
    /// Whether the author can take something back, or do it again.
    pub back: (bool, bool),
    /// What could not be done of what was sent last, and why.
    pub refused: Vec<(Operation, Refusal)>,
    /// Who sees it.
    pub author: Id,
    /// Who else has it open.
    pub others: Vec<Present>,
}

impl Seen {
    /// The document.
    pub fn document(&self) -> &Document {
        &self.stored.draft.document
    }
}

/// Reads a draft; `sent` is the name of the edit whose outcome is to be told.
pub async fn seen(
    app: &Data<Site>,
    study: &Study,
    author: Id,
    sent: Option<Id>,
) -> Result<Seen, Error> {
    let (id, now) = (study.id, app.clock.now());
    let (stored, published, own, refused, others) = app
        .store
        .read(move |connection| {
            let missing = Error::NotFound(Missing::Questionnaire);
            let stored = drafts::of_study(connection, id)?.ok_or(missing)?;
            let published = match studies::current_version(connection, id)? {
                Some(version) => studies::version(connection, version)?,
                None => None,
            };
            let own = drafts::own_steps(connection, stored.questionnaire, author)?;
            let refused = match sent {
                Some(sent) => drafts::sent(connection, stored.questionnaire, sent)?,
                None => None,
            };
            let refused = refused.map(|edit| edit.refused.into_inner()).unwrap_or_default();
            let mut others = present(connection, id, now)?;
            others.retain(|one| one.user != author);
            Ok((stored, published, own, refused, others))
        })
        .await?;
    off_thread(move || {
        let document = stored.draft.document.clone();
        let findings = review(&document);
        let published = published.map(|row| (row.number, *row.document != document));
        let (version, _) = compile_version(document);
        let back = (next_undo(&own).is_some(), next_redo(&own).is_some());
        Seen {
            stored,
            version: Arc::new(version),
            findings,
            published,
            back,
            refused,
            author,
            others,
        }
    })
    .await
}

/// What stands above every page of the builder.
#[derive(Serialize)]
struct Strip {
    /// Which of its pages it is.
    tab: &'static str,
    /// The number of the last edit that the page shows.
    seen: i64,
    /// The number of the published version.
    version: Option<i64>,
    /// Whether the draft differs from it.
    changed: bool,
    /// What keeps it from being published, in numbers.
    errors: usize,
    warnings: usize,
    conflicts: usize,
    undo: bool,
    redo: bool,
    /// Names for the next edit and the one after an undo: sent twice, done once.
    sent_as: String,
    /// Who sees it, who else has the draft open, and where they are as one word.
    author: String,
    others: Vec<Other>,
    here: String,
}

/// Somebody else who has the draft open.
#[derive(Serialize)]
struct Other {
    name: String,
    /// The number and the identity of the question that they have chosen; empty where
    /// they have chosen none.
    number: String,
    item: String,
}

impl Other {
    fn of(seen: &Seen) -> Vec<Self> {
        if seen.others.is_empty() {
            return Vec::new();
        }
        let labels = crate::paper::labels(seen.document());
        let at = |item: Id| seen.document().questions().find(|question| question.id == item.0);
        let other = |one: &Present| {
            let question = one.item.and_then(at);
            let number = question.and_then(|question| labels.get(&question.name));
            Self {
                name: one.name.clone(),
                number: number.cloned().unwrap_or_default(),
                item: question.map(|question| question.id.to_string()).unwrap_or_default(),
            }
        };
        seen.others.iter().map(other).collect()
    }
}

impl Strip {
    fn of(seen: &Seen, tab: &'static str) -> Self {
        let of = |severity| {
            let found = seen.findings.iter().filter(|finding| finding.severity == severity);
            found.count()
        };
        Self {
            tab,
            seen: seen.stored.number,
            version: seen.published.map(|(number, _)| number),
            changed: seen.published.is_none_or(|(_, changed)| changed),
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            conflicts: seen.stored.draft.conflicts.len(),
            undo: seen.back.0,
            redo: seen.back.1,
            sent_as: Id::random().to_string(),
            author: seen.author.to_string(),
            others: Other::of(seen),
            here: events::whereabouts(&seen.others),
        }
    }
}

#[cfg(test)]
impl Strip {
    fn example(tab: &'static str) -> Self {
        Self {
            tab,
            seen: 12,
            version: Some(1),
            changed: true,
            errors: 1,
            warnings: 2,
            conflicts: 1,
            undo: true,
            redo: true,
            sent_as: "0190".to_owned(),
            author: "0190".to_owned(),
            others: vec![
                Other {
                    name: "Lê Thị Lan".to_owned(),
                    number: "3".to_owned(),
                    item: "0190".to_owned(),
                },
                Other { name: "Minh".to_owned(), number: String::new(), item: String::new() },
            ],
            here: "0190@0190".to_owned(),
        }
    }
}

/// The outline with the panel of what is chosen and its preview.
#[derive(Serialize)]
struct OutlinePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<FieldProblem>,
    /// What could not be done of what was sent last, with its words.
    refused: Vec<(String, String)>,
    /// The identity of the questionnaire, and of what is chosen (empty where nothing is).
    document: String,
    chosen: String,
    questions: usize,
    minutes: f64,
    sections: Vec<OutlineSection>,
    panel: Option<Panel>,
    /// A condition of it, if that is being changed.
    editor: Option<Editor>,
    /// What may be done with several questions, where they are being ticked.
    several: Option<SeveralPanel>,
    /// What is to be added after what is chosen, if anything.
    adding: Option<panel::Adding>,
    /// The languages of the questionnaire: code, name, whether the preview is in it.
    spoken: Vec<(String, String, bool)>,
    /// The address of the preview; empty where there is nothing to show.
    preview: String,
}

/// `GET /studies/{id}/builder`: `item` is what is chosen.
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    outline_page(&app, &request, &signed_in, &study, Told::default()).await
}

/// What an outline tells besides.
#[derive(Default)]
struct Told {
    /// What is wrong with what was sent.
    problems: Vec<Problem>,
    /// What could not be done of it.
    refused: Vec<(Operation, Refusal)>,
    /// The condition that is being changed.
    editor: Option<Editor>,
    /// The questions that are ticked.
    several: Option<Several>,
    /// What was to be added, after which part.
    added: Option<(panel::Typed, Option<Uuid>)>,
}

/// The outline, with what is wrong or could not be done.
async fn outline_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    Told { problems, refused, editor, several, added }: Told,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let sent = asked(request, "sent").and_then(Id::parse);
    let mut seen = seen(app, study, signed_in.user.id, sent).await?;
    seen.refused.extend(refused);
    let chosen = asked(request, "item").and_then(|item| Uuid::try_parse(item).ok());
    let editor = editor
        .or_else(|| condition::editor(&seen, chosen?, asked(request, "condition")?, language));
    let chosen = editor.as_ref().and_then(Editor::owner).or(chosen);
    let editor = match editor {
        Some(editor) => {
            let (simulations, today) = (app.simulations.clone(), study.today(app.clock.now()));
            let told = (Arc::clone(&seen.version), language);
            Some(off_thread(move || editor.with_effect(told, &simulations, today)).await?)
        }
        None => None,
    };
    let at = Chosen::At(chosen.map(Id));
    events::be_at(app, signed_in.user.id, study.id, at).await;
    let added = added.or_else(|| {
        asked(request, "add")?;
        Some((panel::Typed::default(), chosen))
    });
    let shown_in = asked(request, "shown").unwrap_or_default();
    let document = seen.document();
    let shown_in = document.languages.iter().find(|one| one.code == shown_in);
    let shown_in = shown_in.map_or(document.default_language.as_str(), |one| &one.code);
    let several = several.or_else(|| ticked(request, document, chosen));
    let panel = panel::panel(&seen, chosen, language);
    let item = panel.as_ref().and_then(|panel| panel.previewed());
    let preview = item
        .map(|item| format!("/studies/{}/builder/preview?item={item}&shown={shown_in}", study.id));
    let spoken = |one: &survey_builder::questionnaire::document::Language| {
        (one.code.clone(), one.name.clone(), one.code == shown_in)
    };
    let shown = OutlinePage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "outline"),
        problems: problems.iter().map(|one| in_field(one, language)).collect::<Vec<_>>().into(),
        refused: told(&seen.refused, language),
        document: document.id.to_string(),
        chosen: chosen.map(|chosen| chosen.to_string()).unwrap_or_default(),
        questions: document.question_count(),
        minutes: estimated_minutes(document, shown_in).ceil(),
        sections: outline::outline(&seen, (chosen, several.as_ref()), language),
        several: several.as_ref().map(Several::panel),
        adding: added.map(|(typed, after)| panel::adding(&seen, after, typed)),
        spoken: document.languages.iter().map(spoken).collect(),
        preview: preview.unwrap_or_default(),
        panel,
        editor,
    };
    let status = match &shown.editor {
        Some(editor) => condition::status(editor),
        None => status(&problems),
    };
    let mut answer = page(status, "builder/outline.html", language, &shown)?;
    framing(&mut answer, "frame-src 'self'; frame-ancestors 'none'");
    Ok(answer)
}

/// What is wrong, with the field of the outline's page that it is about; of anything else
/// the place is said.
fn in_field(problem: &Problem, language: &str) -> FieldProblem {
    let place = problem.place.as_text().unwrap_or_default();
    let field = FIELDS.iter().find(|field| **field == place).copied().unwrap_or_default();
    let told = if field.is_empty() { problem.clone() } else { problem.clone().at("") };
    let field = if field == "wording" { "new-wording" } else { field };
    FieldProblem { field: field.to_owned(), text: problem_text(&told, language) }
}

/// Which questions an address ticks: from one to another, or the chosen one; `None` where
/// questions are not ticked but chosen.
fn ticked(request: &HttpRequest, document: &Document, chosen: Option<Uuid>) -> Option<Several> {
    asked(request, "several")?;
    let end = |name| asked(request, name).and_then(|item| Uuid::try_parse(item).ok());
    Some(Several::between(document, end("from").or(chosen), end("to").or(chosen)))
}

/// Lets a page show one of our own in a frame, or be shown in one of our own.
fn framing(answer: &mut HttpResponse, rule: &str) {
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; \
         media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; {rule}"
    );
    if let Ok(policy) = header::HeaderValue::from_str(&policy) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// What could not be done: why, and the words that were in it.
fn told(refused: &[(Operation, Refusal)], language: &str) -> Vec<(String, String)> {
    let words = |operation: &Operation| match operation {
        Operation::Write { now, .. } => now.clone(),
        _ => String::new(),
    };
    refused
        .iter()
        .map(|(operation, refusal)| {
            let key = refusal.code().replace('_', "-");
            (locale::text(language, &key, &[]), words(operation))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    pub(super) fn seen_example() -> Seen {
        let json = include_str!("../../../fixtures/questionnaires/all-kinds.json");
        seen_of(serde_json::from_str(json).expect("a document"))
    }

    pub(super) fn seen_of(document: Document) -> Seen {
        let (version, _) = compile_version(document.clone());
        let draft = survey_builder::questionnaire::operation::Draft::of(document);
        let questionnaire = Id::random();
        let first = draft.document.questions().next().map(|one| one.id).unwrap_or_default();
        Seen {
            findings: review(&draft.document),
            stored: StoredDraft { questionnaire, number: 3, kept: 0, draft },
            version: Arc::new(version),
            published: Some((1, true)),
            back: (true, false),
            refused: Vec::new(),
            author: Id::random(),
            others: vec![Present {
                user: Id::random(),
                name: "Lan".to_owned(),
                item: Some(Id(first)),
            }],
        }
    }

    #[test]
    fn the_outline_shows_its_examples() {
        let seen = seen_example();
        shows("builder/outline.html", |language| {
            let of = |chosen: Option<Uuid>| {
                let panel = panel::panel(&seen, chosen, language);
                OutlinePage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::bare(),
                    strip: Strip::example("outline"),
                    problems: vec![in_field(&Problem::new("edit_no_wording", "wording"), language)]
                        .into(),
                    refused: vec![("…".to_owned(), "…".to_owned())],
                    document: seen.document().id.to_string(),
                    chosen: chosen.map(|chosen| chosen.to_string()).unwrap_or_default(),
                    questions: 10,
                    minutes: 5.0,
                    sections: outline::outline(&seen, (chosen, None), language),
                    several: None,
                    adding: Some(panel::adding(&seen, chosen, panel::Typed::default())),
                    spoken: vec![("vi".to_owned(), "Tiếng Việt".to_owned(), true)],
                    preview: "/studies/1/builder/preview?item=2".to_owned(),
                    panel,
                    editor: None,
                }
            };
            let document = seen.document();
            // One with options, one with rows, and what is no question.
            let kinds = ["multiple", "battery"];
            let asked = document.questions().filter(|one| kinds.contains(&one.kind.name()));
            let mut examples: Vec<OutlinePage> = asked.map(|one| of(Some(one.id))).collect();
            let section = document.sections.first().map(|section| section.id);
            examples.extend([of(section), of(Some(document.id))]);
            let bare = OutlinePage {
                problems: Listed::default(),
                refused: Vec::new(),
                adding: None,
                panel: None,
                preview: String::new(),
                strip: Strip {
                    version: None,
                    undo: false,
                    redo: false,
                    others: Vec::new(),
                    ..Strip::example("outline")
                },
                ..of(None)
            };
            examples.push(bare);
            let first = document.questions().next().map(|question| question.id);
            let several = Several::between(document, first, first);
            examples.push(OutlinePage {
                sections: outline::outline(&seen, (None, Some(&several)), language),
                several: Some(several.panel()),
                ..of(None)
            });
            for editor in Editor::examples(&seen, language) {
                examples.push(OutlinePage { editor: Some(editor), adding: None, ..of(None) });
            }
            examples
        });
    }
}
