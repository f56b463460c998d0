//! What experts and members say about the draft, and who was asked to read it.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Days, NaiveDate};
use fielding::acts::comments::{self as acts, Author};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::comments::{Comment, Expert};
use fielding::store::studies::Study;
use fielding::store::{Id, Scope};
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::validate::Posted;

use super::{Strip, seen};
use crate::bar::Place;
use crate::form::{FieldProblem, asked, field, field_problems};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::review::view::{Reader, ReviewView, review_view, said_of_all};
use crate::review::{Read, Wish};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// Days that a link works, where nothing else is said.
const DAYS: u64 = 14;

/// The page of the review.
#[derive(Serialize)]
struct ReviewPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Vec<FieldProblem>,
    view: ReviewView,
    experts: Vec<ExpertLine>,
    /// The address of a link that was made just now: it is shown this once.
    link: String,
    form: AskForm,
}

/// The form that asks an expert.
#[derive(Serialize)]
struct AskForm {
    name: String,
    until: String,
    reads_only: bool,
}

/// An expert who was asked.
#[derive(Serialize)]
struct ExpertLine {
    id: String,
    name: String,
    may_comment: bool,
    verdict: &'static str,
    verdict_on: String,
    comments: usize,
    until: String,
    /// Whether the link works.
    works: bool,
}

impl ExpertLine {
    fn of(expert: &Expert, said: &[(Comment, String)], study: &Study, today: NaiveDate) -> Self {
        let given = expert.verdict_at.map(|at| locale::date(at.day_in(study.time_zone)));
        Self {
            id: expert.id.to_string(),
            name: expert.name.clone(),
            may_comment: expert.may_comment,
            verdict: expert.verdict.word(),
            verdict_on: given.unwrap_or_default(),
            comments: said.iter().filter(|(one, _)| one.expert_id == Some(expert.id)).count(),
            until: locale::date(expert.until),
            works: expert.ended_at.is_none() && expert.until >= today,
        }
    }
}

/// The last day of a link, where nothing else is said.
fn usual_end(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(DAYS)).unwrap_or(today)
}

/// `GET /studies/{id}/builder/review?section=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    review_page(&app, &request, &signed_in, &study, (&Posted::new(), &[], String::new())).await
}

async fn review_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (form, problems, link): (&Posted, &[Problem], String),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let id = study.id;
    let read = app.store.read(move |connection| Read::of(connection, id)).await?;
    let (said, experts) = read.map(|read| (read.comments, read.experts)).unwrap_or_default();
    let section = asked(request, "section").and_then(|section| section.parse().ok());
    let shown_in = shown_in(seen.document(), language);
    let reader =
        Reader { expert: None, user: Some(signed_in.user.id), language, zone: study.time_zone };
    let today = study.today(app.clock.now());
    let typed = field(form, "until");
    let shown = ReviewPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "review"),
        problems: field_problems(problems, language),
        view: review_view(&seen.version, &said, (section.unwrap_or(0), shown_in), &reader),
        experts: experts.iter().map(|one| ExpertLine::of(one, &said, study, today)).collect(),
        link,
        form: AskForm {
            name: field(form, "name"),
            until: if typed.is_empty() { locale::date(usual_end(today)) } else { typed },
            reads_only: field(form, "reads_only") == "yes",
        },
    };
    page(status(problems), "builder/review.html", language, &shown)
}

/// The review as it is printed, as an annex to a report.
#[derive(Serialize)]
struct RecordPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    today: String,
    experts: Vec<ExpertLine>,
    parts: Vec<ReviewView>,
}

/// `GET /studies/{id}/builder/review/record`
pub async fn record(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let language = signed_in.language(&request);
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let id = study.id;
    let read = app.store.read(move |connection| Read::of(connection, id)).await?;
    let (said, experts) = read.map(|read| (read.comments, read.experts)).unwrap_or_default();
    let reader = Reader { expert: None, user: None, language, zone: study.time_zone };
    let today = study.today(app.clock.now());
    let shown_in = shown_in(seen.document(), language);
    let shown = RecordPage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(&study),
        today: locale::date(today),
        experts: experts.iter().map(|one| ExpertLine::of(one, &said, &study, today)).collect(),
        parts: said_of_all(&seen.version, &said, shown_in, &reader),
    };
    page(StatusCode::OK, "builder/record.html", language, &shown)
}

/// The language in which texts are shown to whoever reads in that language.
fn shown_in<'a>(document: &'a Document, language: &'a str) -> &'a str {
    let known = document.languages.iter().any(|one| one.code == language);
    if known { language } else { &document.default_language }
}

/// What a form about experts asks for.
enum Asking {
    /// Somebody is asked.
    Ask,
    /// An expert gets a new link.
    Renew(Id),
    /// An expert's link is taken back.
    End(Id),
}

impl Asking {
    fn of(form: &Posted) -> Option<Self> {
        let expert = || Id::parse(&field(form, "expert"));
        Some(match field(form, "do").as_str() {
            "ask" => Self::Ask,
            "renew" => Self::Renew(expert()?),
            "end" => Self::End(expert()?),
            _ => return None,
        })
    }
}

/// `POST /studies/{id}/builder/review`
pub async fn send(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let user = signed_in.user.id;
    let done = if let Some(asking) = Asking::of(&form) {
        about_experts(&app, user, &study, &form, asking).await
    } else if let Some(wish) = Wish::of(&form) {
        wish.carry_out(&app, study.id, Author::Member(user)).await.map(|()| None)
    } else {
        Ok(None)
    };
    match done {
        Ok(None) => {
            let section: usize =
                asked(&request, "section").and_then(|section| section.parse().ok()).unwrap_or(0);
            Ok(redirect(&format!("/studies/{}/builder/review?section={section}", study.id)))
        }
        // The link is in no address and in no journal: it is on this page alone.
        Ok(Some(link)) => {
            let empty = Posted::new();
            review_page(&app, &request, &signed_in, &study, (&empty, &[], link)).await
        }
        Err(Error::Invalid(problems)) => {
            let again = (&form, problems.as_slice(), String::new());
            review_page(&app, &request, &signed_in, &study, again).await
        }
        Err(error) => Err(error),
    }
}

/// Asks an expert, or does something about a link. Gives the link that was made.
async fn about_experts(
    app: &Site,
    user: Id,
    study: &Study,
    form: &Posted,
    asking: Asking,
) -> Result<Option<String>, Error> {
    let (keys, now, id) = (app.keys.clone(), app.clock.now(), study.id);
    let (name, reads_only) = (field(form, "name"), field(form, "reads_only") == "yes");
    let until = match asking {
        Asking::Ask => locale::read_date(&field(form, "until"))
            .ok_or_else(|| Error::invalid("date", "until"))?,
        _ => usual_end(study.today(now)),
    };
    let token = app
        .store
        .write(Scope::Study(id), move |connection| match asking {
            Asking::Ask => {
                let asked = (name.as_str(), !reads_only, until);
                acts::ask_expert(connection, &keys, now, user, id, asked).map(Some)
            }
            Asking::Renew(expert) => {
                acts::renew_link(connection, &keys, now, user, id, (expert, until)).map(Some)
            }
            Asking::End(expert) => {
                acts::end_expert(connection, now, user, id, expert).map(|()| None)
            }
        })
        .await?;
    let address = app.public_address.trim_end_matches('/');
    Ok(token.map(|token| format!("{address}/review/{token}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_review_shows_its_examples() {
        shows("builder/review.html", |language| {
            let line = |verdict: &'static str, works| ExpertLine {
                id: "0192".to_owned(),
                name: "Phạm Thu Hương".to_owned(),
                may_comment: works,
                verdict,
                verdict_on: if verdict == "none" { String::new() } else { "11/12/2026".to_owned() },
                comments: 3,
                until: "15/12/2026".to_owned(),
                works,
            };
            let of = |full: bool, problems: &[Problem]| ReviewPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("review"),
                problems: field_problems(problems, language),
                view: ReviewView::example(),
                experts: if full {
                    vec![line("good", true), line("none", true), line("not-yet", false)]
                } else {
                    Vec::new()
                },
                link: if full { "http://…/review/abc".to_owned() } else { String::new() },
                form: AskForm {
                    name: String::new(),
                    until: "15/12/2026".to_owned(),
                    reads_only: full,
                },
            };
            let wrong = [Problem::new("required", "name"), Problem::new("date", "until")];
            vec![of(false, &[]), of(true, &[]), of(true, &wrong)]
        });
    }

    #[test]
    fn the_record_shows_its_examples() {
        shows("builder/record.html", |language| {
            let line = |verdict: &'static str| ExpertLine {
                id: "0192".to_owned(),
                name: "Phạm Thu Hương".to_owned(),
                may_comment: verdict != "none",
                verdict,
                verdict_on: "11/12/2026".to_owned(),
                comments: 3,
                until: "15/12/2026".to_owned(),
                works: true,
            };
            let of = |experts: Vec<ExpertLine>, parts| RecordPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                today: "02/12/2026".to_owned(),
                experts,
                parts,
            };
            let some = vec![line("good"), line("none"), line("not-yet")];
            vec![of(Vec::new(), Vec::new()), of(some, vec![ReviewView::example()])]
        });
    }
}
