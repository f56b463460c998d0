//! Before a draft becomes a version: what is wrong, what is different, and what that
//! does to answers that are there already.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::draft::{publish_draft, publishing_problems};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::rules::states::{StudyStatus, Verdict};
use fielding::store::sign_offs::{self, SignOff};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Scope, comments, responses, trials};
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, Language};
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::translation::SignedTexts;

use super::differences::Differences;
use super::said::Speaker;
use super::translation::Signed;
use super::{Seen, Strip, seen};
use crate::bar::Place;
use crate::form::field;
use crate::outcome::{on_or_again, status};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead, problem_texts};

/// Changes that are listed.
const LISTED: usize = 200;

/// The page of what publishing means.
#[derive(Serialize)]
struct PublicationPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    /// What went wrong when it was tried.
    problems: Listed<String>,
    /// What keeps it from being published: the words, and the part to choose.
    errors: Vec<(String, String)>,
    /// What is worth a look.
    warnings: Vec<(String, String)>,
    /// What stands against it that is not in the questionnaire itself.
    obstacles: Vec<String>,
    /// Whether it asks who somebody is, so that a reason is wanted.
    asks_reason: bool,
    reason: String,
    review: ReviewState,
    /// Languages that are translated into: name, code, who stands for them.
    translations: Vec<(String, String, Option<Signed>)>,
    #[serde(flatten)]
    differences: Differences,
    /// The number that the version will have.
    next: i64,
    /// Interviews that were given.
    interviews: i64,
    /// Whether it can be published.
    ready: bool,
    /// Whether answers are being taken.
    open: bool,
    /// Tests of the draft, which go.
    trials: i64,
}

/// Where the review by experts stands.
#[derive(Default, Serialize)]
struct ReviewState {
    /// Comments that nobody has settled.
    open: i64,
    /// Those of them that say something must change.
    demands: i64,
    /// The names of experts who may comment, and what each thinks of the whole.
    experts: Vec<(String, Verdict)>,
}

impl ReviewState {
    fn read(connection: &mut Connection, study: Id) -> Result<Self, Error> {
        let experts = comments::experts_of(connection, study)?;
        Ok(Self {
            open: comments::open_of(connection, study)?.0,
            demands: comments::demands_of(connection, study)?,
            experts: experts
                .into_iter()
                .filter(comments::Expert::owes_verdict)
                .map(|expert| (expert.name, expert.verdict))
                .collect(),
        })
    }
}

/// `GET /studies/{id}/builder/publication`
pub async fn ask(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    publication_page(&app, &request, &signed_in, &study, (&[], String::new())).await
}

async fn publication_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (problems, reason): (&[Problem], String),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let (of, stored, given) = (study.clone(), seen.stored.clone(), reason.clone());
    let (obstacles, published, interviews, review, tried, signed) = app
        .store
        .read(move |connection| {
            let obstacles = publishing_problems(connection, &of, &stored, &given)?;
            let version = match studies::current_version(connection, of.id)? {
                Some(version) => studies::version(connection, version)?,
                None => None,
            };
            let interviews = responses::interview_count(connection, of.id)?;
            let review = ReviewState::read(connection, of.id)?;
            let tried = trials::count(connection, of.id)?;
            let published = version.map(|row| row.document.into_inner());
            let signed = sign_offs::of_study(connection, of.id)?;
            Ok((obstacles, published, interviews, review, tried, signed))
        })
        .await?;
    let differences = published
        .map(|before| Differences::between(before, (seen.document(), &seen.version), language))
        .unwrap_or_default();
    let errors = listed(&seen, Severity::Error, language);
    let asks = obstacles.iter().any(|problem| problem.code == "anonymous-asks-identity");
    let shown = PublicationPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "publication"),
        problems: Listed::of(problems, language),
        warnings: listed(&seen, Severity::Warning, language),
        ready: errors.is_empty()
            && obstacles.iter().all(|problem| problem.code == "anonymous-asks-identity")
            && study.status != StudyStatus::Closed
            && seen.published.is_none_or(|(_, changed)| changed),
        asks_reason: asks || !reason.is_empty(),
        reason,
        obstacles: problem_texts(&obstacles, language),
        review,
        translations: translations(seen.document(), &signed, study),
        errors,
        differences,
        next: seen.published.map_or(1, |(number, _)| number + 1),
        interviews,
        open: study.status == StudyStatus::Open,
        trials: tried,
    };
    page(status(problems), "builder/publication.html", language, &shown)
}

/// The languages that a draft is translated into, and who stands for each.
fn translations(
    document: &Document,
    signed: &[(SignOff, String)],
    study: &Study,
) -> Vec<(String, String, Option<Signed>)> {
    let others = document.languages.iter().filter(|one| one.code != document.default_language);
    let of = |one: &Language| {
        let found = signed.iter().find(|(row, _)| row.language == one.code)?;
        Some(Signed::of(found, &SignedTexts::of(document, &one.code), study))
    };
    others.map(|one| (one.name.clone(), one.code.clone(), of(one))).collect()
}

/// Findings of a severity, each with the part that mends it.
fn listed(seen: &Seen, severity: Severity, language: &str) -> Vec<(String, String)> {
    let labels = crate::paper::labels(seen.document());
    let speaker = Speaker::new(&seen.version, language);
    let say = |problem: &Problem, place: &str| {
        let problem = &speaker.in_words(problem);
        let own = problem_text(&problem.clone().at(""), language);
        match labels.get(place) {
            Some(number) => {
                let question = locale::text(language, "builder-question", &[("number", number)]);
                format!("{question}: {own}")
            }
            // What is about the whole names nothing.
            None if place == seen.document().name => own,
            None => problem_text(problem, language),
        }
    };
    let found = seen.findings.iter().filter(|finding| finding.severity == severity);
    found
        .take(LISTED)
        .map(|finding| {
            let place = finding.problem.place.as_text().unwrap_or_default();
            let item = part_called(seen.document(), place).unwrap_or_default();
            (say(&finding.problem, place), item)
        })
        .collect()
}

/// The identity of the question, section or page of that name; for a row its question.
fn part_called(document: &Document, name: &str) -> Option<String> {
    let name = name.split([',', ' ']).next().unwrap_or(name);
    let mut questions = document.questions();
    let has = |question: &&survey_builder::questionnaire::document::Question| {
        question.name == name
            || question.kind.rows().iter().any(|row| row.name == name)
            || question.kind.lists().contains(&name)
    };
    let id = questions.find(has).map(|question| question.id);
    let id = id.or_else(|| {
        let sections = document.all_sections();
        sections.iter().find(|section| section.name == name).map(|section| section.id)
    });
    let id = id
        .or_else(|| document.pages().find(|(_, page)| page.name == name).map(|(_, page)| page.id));
    id.or_else(|| (document.name == name).then_some(document.id)).map(|id| id.to_string())
}

/// `POST /studies/{id}/builder/publication`
pub async fn publish(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let seen = field(&form, "seen").parse().unwrap_or(-1);
    let reason = field(&form, "privacy_reason");
    let (now, user, study_id, given) =
        (app.clock.now(), signed_in.user.id, study.id, reason.clone());
    let done = app
        .store
        .write(Scope::Study(study_id), move |connection| {
            publish_draft(connection, now, Some(user), study_id, (seen, &given))
        })
        .await;
    let way = |_| format!("/studies/{study_id}/design");
    on_or_again(done, way, async |problems| {
        publication_page(&app, &request, &signed_in, &study, (&problems, reason)).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_page_of_publishing_shows_its_examples() {
        shows("builder/publication.html", |language| {
            let full = |ready, open| PublicationPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("publication"),
                problems: vec!["…".to_owned()].into(),
                errors: vec![("…".to_owned(), "0190".to_owned())],
                warnings: vec![("…".to_owned(), String::new())],
                obstacles: vec!["…".to_owned()],
                asks_reason: true,
                reason: "…".to_owned(),
                review: ReviewState {
                    open: 2,
                    demands: 1,
                    experts: vec![
                        ("Phạm Thu Hương".to_owned(), Verdict::None),
                        ("Trần Văn Nam".to_owned(), Verdict::GoodAfterChanges),
                        ("Lê Thị Lan".to_owned(), Verdict::NotYet),
                        ("Hoàng Minh".to_owned(), Verdict::Good),
                    ],
                },
                translations: vec![
                    ("English".to_owned(), "en".to_owned(), Some(Signed::example(0))),
                    ("Français".to_owned(), "fr".to_owned(), Some(Signed::example(2))),
                    ("Khmer".to_owned(), "km".to_owned(), None),
                ],
                differences: Differences::example(),
                next: 2,
                interviews: 12,
                ready,
                open,
                trials: 3,
            };
            let bare = PublicationPage {
                problems: Listed::default(),
                errors: Vec::new(),
                warnings: Vec::new(),
                obstacles: Vec::new(),
                asks_reason: false,
                review: ReviewState::default(),
                translations: Vec::new(),
                differences: Differences::default(),
                next: 1,
                interviews: 0,
                trials: 0,
                ..full(true, false)
            };
            vec![full(false, true), full(true, true), bare]
        });
    }
}
