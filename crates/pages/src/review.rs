//! A draft as an expert outside the team reads it, behind a link of one's own: each
//! question with what is said about it, and what one thinks of the whole.

pub mod view;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::comments::{self as acts, Author, NewComment};
use fielding::error::{Error, Problem};
use fielding::rules::states::{CommentWeight, Verdict};
use fielding::store::comments::{self, Comment, Expert};
use fielding::store::drafts;
use fielding::store::studies::Study;
use fielding::store::{Connection, Id, Scope};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::validate::Posted;

use self::view::{Reader, ReviewView, review_view};
use crate::form::{as_sent, asked, field, off_thread, read_short_form};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::site::Site;
use crate::studies::about::Listed;
use crate::visitor::{VisitorLayout, language_of, remember};

/// The page behind an expert's link.
#[derive(Serialize)]
struct ReviewPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    /// Where its forms go.
    here: String,
    /// Nothing where the link does not work (any more).
    review: Option<Reviewing>,
    problems: Listed<String>,
}

/// What an expert reads.
#[derive(Serialize)]
struct Reviewing {
    name: String,
    may_comment: bool,
    /// The last day of the link.
    until: String,
    questions: usize,
    minutes: f64,
    /// The languages of the questionnaire: code, name, whether it is shown.
    spoken: Vec<(String, String, bool)>,
    view: ReviewView,
    verdict: &'static str,
    /// When it was given; empty where it was not.
    verdict_on: String,
    /// One's own comments that must change something and are not settled.
    must_change: usize,
}

/// What is read of a review in one go.
pub struct Read {
    /// The draft.
    pub document: Document,
    /// Comments with the names of who wrote them.
    pub comments: Vec<(Comment, String)>,
    /// The experts.
    pub experts: Vec<Expert>,
}

impl Read {
    /// Reads the draft of a study and what is said about it.
    pub fn of(connection: &mut Connection, study: Id) -> Result<Option<Self>, Error> {
        let Some(stored) = drafts::of_study(connection, study)? else { return Ok(None) };
        Ok(Some(Self {
            document: stored.draft.document,
            comments: comments::of_study(connection, study)?,
            experts: comments::experts_of(connection, study)?,
        }))
    }
}

/// The expert behind a link, the study and its review, while the link works.
async fn behind(app: &Site, token: &str) -> Result<Option<(Expert, Study, Read)>, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), token.to_owned());
    app.store
        .read(move |connection| {
            let found = acts::standing(connection, &keys, now, &token)?;
            let Some((expert, study)) = found else { return Ok(None) };
            let read = Read::of(connection, study.id)?;
            Ok(read.map(|read| (expert, study, read)))
        })
        .await
}

/// `GET /review/{token}`: `section` is the part that is shown, `in` the language.
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    review_page(&app, &request, &token, &[]).await
}

async fn review_page(
    app: &Site,
    request: &HttpRequest,
    token: &str,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = language_of(request, None);
    let here = format!("/review/{token}");
    let Some((expert, study, read)) = behind(app, token).await? else {
        let shown = ReviewPage {
            layout: VisitorLayout::plain(language),
            here,
            review: None,
            problems: Listed::default(),
        };
        return page(StatusCode::NOT_FOUND, "review/expert.html", language, &shown);
    };
    let (section, shown_in) = (
        asked(request, "section").and_then(|section| section.parse().ok()).unwrap_or(0),
        asked(request, "in").unwrap_or(language).to_owned(),
    );
    let zone = study.time_zone;
    let reader = Reader { expert: Some(expert.id), user: None, language, zone };
    let review = off_thread(move || {
        let document = read.document.clone();
        let known = document.languages.iter().find(|one| one.code == shown_in);
        let shown_in =
            known.map_or(document.default_language.as_str(), |one| one.code.as_str()).to_owned();
        let (version, _) = compile_version(document);
        let own = |comment: &Comment| {
            comment.expert_id == Some(expert.id)
                && comment.weight == CommentWeight::MustChange
                && comment.resolved_at.is_none()
        };
        let languages = version.document.languages.iter();
        Reviewing {
            name: expert.name.clone(),
            may_comment: expert.may_comment,
            until: locale::date(expert.until),
            questions: version.document.question_count(),
            minutes: estimated_minutes(&version.document, &shown_in).ceil(),
            spoken: languages
                .map(|one| (one.code.clone(), one.name.clone(), one.code == shown_in))
                .collect(),
            verdict: expert.verdict.word(),
            verdict_on: expert
                .verdict_at
                .map(|at| locale::date(at.day_in(zone)))
                .unwrap_or_default(),
            must_change: read.comments.iter().filter(|(comment, _)| own(comment)).count(),
            view: review_view(&version, &read.comments, (section, &shown_in), &reader),
        }
    })
    .await?;
    let document_title = study.title.get(&review.view.shown_in, &review.view.shown_in).to_owned();
    let link_values = vec![("section".to_owned(), section.to_string())];
    let shown = ReviewPage {
        layout: VisitorLayout {
            title: if document_title.is_empty() { study.name.clone() } else { document_title },
            organisation: study.organisation.clone(),
            link_values,
            ..VisitorLayout::plain(language)
        },
        here,
        review: Some(review),
        problems: Listed::of(problems, language),
    };
    let answer = page(status(problems), "review/expert.html", language, &shown)?;
    remember(app, request, language, None, answer)
}

/// What a form about comments asks for.
pub enum Wish {
    /// A comment, or an answer.
    Write(NewComment),
    /// One's own comment is deleted.
    Remove(Id),
    /// A comment is settled, or opened again.
    Settle(Id, bool),
    /// What one thinks of the whole.
    Verdict(Verdict),
}

impl Wish {
    /// What a form says; `None` where it says nothing that is known.
    pub fn of(form: &Posted) -> Option<Self> {
        let id = |name: &str| Id::parse(&field(form, name));
        Some(match field(form, "do").as_str() {
            "comment" => Self::Write(NewComment {
                item: id("item")?,
                root: id("root"),
                weight: CommentWeight::from_word(&field(form, "weight"))
                    .unwrap_or(CommentWeight::Remark),
                body: as_sent(form, "body").to_owned(),
            }),
            "remove" => Self::Remove(id("comment")?),
            "resolve" => Self::Settle(id("comment")?, true),
            "reopen" => Self::Settle(id("comment")?, false),
            "verdict" => Self::Verdict(Verdict::from_word(&field(form, "verdict"))?),
            _ => return None,
        })
    }

    /// The question that it is about, as an anchor of the page.
    fn anchor(&self) -> String {
        match self {
            Self::Write(new) => format!("#about-{}", new.item),
            Self::Remove(_) | Self::Settle(..) => String::new(),
            Self::Verdict(_) => "#verdict".to_owned(),
        }
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// As the acts of `fielding::acts::comments`.
    pub async fn carry_out(self, app: &Site, study: Id, author: Author) -> Result<(), Error> {
        let (keys, now) = (app.keys.clone(), app.clock.now());
        app.store
            .write(Scope::Study(study), move |connection| {
                let by = (study, &author);
                match &self {
                    Self::Write(new) => {
                        acts::write_comment(connection, &keys, now, by, new).map(drop)
                    }
                    Self::Remove(id) => acts::remove_comment(connection, &keys, now, by, *id),
                    Self::Settle(id, resolved) => {
                        acts::settle_comment(connection, &keys, now, by, (*id, *resolved))
                    }
                    Self::Verdict(verdict) => match &author {
                        Author::Expert(token) => {
                            acts::give_verdict(connection, &keys, now, (study, token), *verdict)
                        }
                        Author::Member(_) => Err(Error::Forbidden),
                    },
                }
            })
            .await
    }
}

/// `POST /review/{token}`: the link is who one is; a page of another site has it not.
pub async fn send(
    app: Data<Site>,
    request: HttpRequest,
    token: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let (keys, now, link) = (app.keys.clone(), app.clock.now(), token.clone());
    let found =
        app.store.read(move |connection| acts::standing(connection, &keys, now, &link)).await?;
    let (Some((_, study)), Some(wish)) = (found, Wish::of(&form)) else {
        return review_page(&app, &request, &token, &[]).await;
    };
    let anchor = wish.anchor();
    match wish.carry_out(&app, study.id, Author::Expert(token.clone())).await {
        Ok(()) => {
            let query = match request.query_string() {
                "" => String::new(),
                query => format!("?{query}"),
            };
            Ok(redirect(&format!("/review/{token}{query}{anchor}")))
        }
        Err(Error::Invalid(problems)) => review_page(&app, &request, &token, &problems).await,
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_review_shows_its_examples() {
        shows("review/expert.html", |language| {
            let of = |review: Option<Reviewing>, problems: &[&str]| ReviewPage {
                layout: VisitorLayout::plain(language),
                here: "/review/abc".to_owned(),
                review,
                problems: problems.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>().into(),
            };
            let reviewing = |may_comment: bool, verdict: Verdict| Reviewing {
                name: "Phạm Thu Hương".to_owned(),
                may_comment,
                until: "15/12/2026".to_owned(),
                questions: 25,
                minutes: 12.0,
                spoken: vec![("vi".to_owned(), "Tiếng Việt".to_owned(), true)],
                view: ReviewView::example(),
                verdict: verdict.word(),
                verdict_on: "11/12/2026".to_owned(),
                must_change: 2,
            };
            vec![
                of(None, &[]),
                of(Some(reviewing(true, Verdict::None)), &[]),
                of(Some(reviewing(true, Verdict::GoodAfterChanges)), &["…"]),
                of(Some(reviewing(false, Verdict::None)), &[]),
            ]
        });
    }
}
