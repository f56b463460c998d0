//! A draft as anybody tries it who has its link: the very pages of respondents, and the
//! very engine. Whose test it is, the address says; the browser keeps nothing, and
//! opening an address changes nothing.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::interview::{self, Form, RETRIES, Saved, Step, Taken, Then};
use fielding::acts::trials::{self as acts, Trial, TrialStart};
use fielding::error::{Error, Missing};
use fielding::rules::states::{ResponseState, TrialState};
use fielding::store::Scope;
use fielding::store::drafts;
use fielding::store::studies::Study;
use fielding::store::trials::TrialLink;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::preload::link_parameters;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::validate::Posted;

use crate::form::{off_thread, read_either, read_form, read_short_form};
use crate::limits::{self, Try};
use crate::outcome::Instead;
use crate::render::{page, redirect};
use crate::respond::members::{change_of, list_page, members_stop};
use crate::respond::shown::WelcomePage;
use crate::respond::{
    Pages, files, layout_of, link_values, message_page, options, question_page_of, stop_at,
    submit_page,
};
use crate::site::Site;
use crate::visitor::{TrialNotice, VisitorLayout, language_links, language_of, remember};

/// A test of this address, with its pages.
struct Held {
    trial: Trial,
    pages: Pages,
    language: &'static str,
}

/// Keeps search engines away: a draft is nobody's to find.
fn unlisted(mut answer: HttpResponse) -> HttpResponse {
    let value = header::HeaderValue::from_static("noindex, nofollow");
    answer.headers_mut().insert(header::HeaderName::from_static("x-robots-tag"), value);
    answer
}

/// Where a draft is tried by a link.
pub fn address_of_link(app: &Site, link: &TrialLink) -> String {
    format!("/try/{}", app.keys.trial_link(link.id))
}

fn notice(changed: bool, again: String) -> TrialNotice {
    TrialNotice { changed, again }
}

/// Says that a link does not work (any more). Whoever tries many waits.
async fn none(app: &Site, request: &HttpRequest) -> Result<HttpResponse, Error> {
    Try::by_visitor(app, request, limits::TRIAL_LINKS).await?;
    let language = language_of(request, None);
    let layout = VisitorLayout::plain(language);
    let answer = message_page(StatusCode::NOT_FOUND, layout, "trial-none", language)?;
    Ok(unlisted(remember(app, request, language, None, answer)?))
}

/// The language of a test: the one that was chosen or that the browser asks for, where
/// the questionnaire speaks it.
fn spoken(request: &HttpRequest, document: &Document) -> &'static str {
    let wished = language_of(request, None);
    let speaks = document.languages.iter().any(|one| one.code == wished);
    if speaks { wished } else { locale::known(&document.default_language) }
}

/// The link of an address, its study, and the draft with its number, while it works.
async fn behind(
    app: &Site,
    token: &str,
) -> Result<Option<(TrialLink, Study, i64, Document)>, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), token.to_owned());
    app.store
        .read(move |connection| {
            let found = acts::standing_link(connection, &keys, now, &token)?;
            let Some((link, study)) = found else { return Ok(None) };
            let stored = drafts::of_study(connection, study.id)?;
            Ok(stored.map(|stored| (link, study, stored.number, stored.draft.document)))
        })
        .await
}

/// `GET /try/{link}`: the welcome.
pub async fn open(
    app: Data<Site>,
    request: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, Error> {
    let Some((link, study, _, document)) = behind(&app, &link).await? else {
        return none(&app, &request).await;
    };
    let language = spoken(&request, &document);
    let pages = Pages {
        base: address_of_link(&app, &link),
        about: String::new(),
        token: String::new(),
        trial: Some(notice(false, String::new())),
    };
    let shown = WelcomePage {
        questions: document.question_count(),
        minutes: estimated_minutes(&document, language).ceil(),
        token: String::new(),
        layout: VisitorLayout {
            title: document.title.get(language, &document.default_language).to_owned(),
            languages: language_links(&document, language),
            link_values: link_values(&document, request.query_string()),
            base: pages.base,
            trial: pages.trial,
            ..VisitorLayout::plain(language)
        }
        .worn_by(&study, language),
    };
    let answer = page(StatusCode::OK, "respond/welcome.html", language, &shown)?;
    Ok(unlisted(remember(&app, &request, language, None, answer)?))
}

/// `POST /try/{link}/start`: begins a test of the draft as it is now.
pub async fn start(
    app: Data<Site>,
    request: HttpRequest,
    link: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    for _ in 0..=RETRIES {
        let Some((_, study, number, document)) = behind(&app, &link).await? else {
            return none(&app, &request).await;
        };
        // Whoever has the link may begin often, not without end.
        Try::by_visitor(&app, &request, limits::TRIALS).await?;
        let language = spoken(&request, &document);
        let (token, today) = (link.clone(), study.today(app.clock.now()));
        let said = |name: &&str| {
            let value = form.get(&format!("link.{name}")).and_then(|values| values.first())?;
            Some(((*name).to_owned(), value.clone()))
        };
        let told = link_parameters(&document).iter().filter_map(said).collect();
        let begun = off_thread(move || {
            let (version, _) = compile_version(document);
            TrialStart::of(token, (number, &version), language, told, today)
        })
        .await?;
        let (keys, now) = (app.keys.clone(), app.clock.now());
        let trial = app
            .store
            .write(Scope::Study(study.id), move |connection| {
                acts::begin_trial(connection, &keys, now, &begun)
            })
            .await;
        match trial {
            Ok(Some(trial)) => {
                let address = format!("/trial/{}/next", app.keys.trial(trial));
                return Ok(unlisted(redirect(&address)));
            }
            // Somebody wrote in the draft meanwhile.
            Ok(None) => {}
            Err(Error::Invalid(_)) => {
                let layout = VisitorLayout::plain(language);
                let status = StatusCode::CONFLICT;
                return Ok(unlisted(message_page(status, layout, "trial-full", language)?));
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Busy)
}

/// The test of an address.
async fn held(app: &Site, request: &HttpRequest) -> Result<Held, Instead> {
    let token = request.match_info().query("trial").to_owned();
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let (in_query, of) = (keys.clone(), token.clone());
    let found = app
        .store
        .read(move |connection| acts::standing_trial(connection, &in_query, now, &of))
        .await?;
    let Some((trial, link)) = found else { return Err(none(app, request).await?.into()) };
    let language = language_of(request, Some(&trial.row.language));
    let pages = Pages {
        base: format!("/trial/{token}"),
        about: String::new(),
        token: token.clone(),
        trial: Some(notice(trial.changed, address_of_link(app, &link))),
    };
    Ok(Held { trial, pages, language })
}

/// The same while it goes on; else how it ended.
async fn going_on(app: &Site, request: &HttpRequest) -> Result<Held, Instead> {
    let held = held(app, request).await?;
    if held.trial.row.state == TrialState::Open {
        return Ok(held);
    }
    Err(redirect(&format!("{}/done", held.pages.base)).into())
}

impl Held {
    /// Says something around a page of the test.
    fn says(&self, status: StatusCode, message: &'static str) -> Result<HttpResponse, Error> {
        let layout = layout_of(&self.pages, &self.trial.interview, self.language);
        Ok(unlisted(message_page(status, layout, message, self.language)?))
    }

    /// The page that an address means, if it is on the path.
    fn page(&self, request: &HttpRequest) -> Result<Option<Stop>, Error> {
        let interview = &self.trial.interview;
        let stop = stop_at(interview, interview.path(), request)?;
        Ok(stop.filter(|stop| stop.page_index().is_some()))
    }

    fn off_path(&self) -> Result<HttpResponse, Error> {
        self.says(StatusCode::CONFLICT, "off-path")
    }

    fn way(&self, stop: Option<&Stop>) -> HttpResponse {
        unlisted(redirect(&self.pages.after(&self.trial.interview, stop)))
    }

    fn done(&self) -> HttpResponse {
        unlisted(redirect(&format!("{}/done", self.pages.base)))
    }
}

/// `GET /trial/{trial}/next`: wherever it was left off.
pub async fn next(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = going_on(&app, &request).await?;
    let interview = &held.trial.interview;
    Ok(held.way(interview.first_open_stop(interview.path())))
}

/// `GET /trial/{trial}/page/{stop}`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = going_on(&app, &request).await?;
    let interview = &held.trial.interview;
    let Some(stop) = held.page(&request)? else { return Ok(held.off_path()?) };
    let pending = (interview.pending(&stop), false);
    let answer = question_page_of(&held.pages, interview, &stop, pending, held.language)?;
    Ok(unlisted(remember(&app, &request, held.language, None, answer)?))
}

/// Stores what was worked out. `None` where the test was saved by another tab meanwhile.
async fn take(app: &Site, held: &Held, step: Option<Step>) -> Result<Option<Taken>, Error> {
    let Some(step) = step else { return Ok(Some(Taken::Stored)) };
    let (keys, now, trial) = (app.keys.clone(), app.clock.now(), held.trial.row.id);
    let scope = Scope::Person { study: held.trial.row.study_id, case: trial };
    let taken = app
        .store
        .write(scope, move |connection| {
            acts::take_trial_step(connection, &keys, now, (trial, &step))
        })
        .await?;
    Ok((taken != Taken::Stale).then_some(taken))
}

/// Where one goes after a page.
fn after(held: &Held, stop: &Stop, (taken, saved): (Taken, Saved)) -> Result<HttpResponse, Error> {
    if taken == Taken::NotOpen {
        return Ok(held.done());
    }
    Ok(match saved {
        Saved::NotOpen | Saved::Ended(_) => held.done(),
        Saved::OffPath => held.off_path()?,
        Saved::Again => held.way(Some(stop)),
        Saved::Next(next) => held.way(Some(&next)),
        Saved::AtEnd => held.way(None),
    })
}

/// `POST /trial/{trial}/page/{stop}`
pub async fn save(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Instead> {
    let mut held = going_on(&app, &request).await?;
    let (mut form, uploads) = read_either(&app, &request, payload).await?;
    let sequence = form.get("sequence").and_then(|values| values.first()?.parse().ok());
    for own in ["token", "sequence", "later"] {
        form.remove(own);
    }
    let Some(stop) = held.page(&request)? else { return Ok(held.off_path()?) };
    // A file is looked into as a respondent's would be; its content is not kept.
    let (posted, _) = files::take(&app.looks, &held.trial.interview, &stop, form, uploads).await?;
    let sent = Form { posted, sequence: sequence.unwrap_or(0), files: Vec::new() };
    for _ in 0..=RETRIES {
        let Some(stop) = held.page(&request)? else { return Ok(held.off_path()?) };
        let interview = &held.trial.interview;
        let (step, saved) = interview::page_step(&app, interview, &stop, &sent).await?;
        if let Some(taken) = take(&app, &held, step).await? {
            return Ok(after(&held, &stop, (taken, saved))?);
        }
        held = going_on(&app, &request).await?;
    }
    Err(Error::Busy.into())
}

/// `GET /trial/{trial}/members/{stop}`
pub async fn show_members(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = going_on(&app, &request).await?;
    let interview = &held.trial.interview;
    let Some(stop) = members_stop(interview, &request)? else { return Ok(held.off_path()?) };
    let answer = list_page(&held.pages, interview, &stop, held.language)?;
    Ok(unlisted(remember(&app, &request, held.language, None, answer)?))
}

/// `POST /trial/{trial}/members/{stop}`
pub async fn save_members(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Instead> {
    let mut held = going_on(&app, &request).await?;
    let form: Posted = read_form(&app, payload).await?;
    let change = change_of(&form);
    for _ in 0..=RETRIES {
        let interview = &held.trial.interview;
        let Some(stop) = members_stop(interview, &request)? else { return Ok(held.off_path()?) };
        let (step, saved) =
            interview::members_step(&app, interview, &stop, change.as_ref()).await?;
        if let Some(taken) = take(&app, &held, step).await? {
            return Ok(after(&held, &stop, (taken, saved))?);
        }
        held = going_on(&app, &request).await?;
    }
    Err(Error::Busy.into())
}

/// `POST /trial/{trial}/options/{stop}`: for the script. Changes nothing.
pub async fn find(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let held = match going_on(&app, &request).await {
        Ok(held) => held,
        // A script asks: another page is no answer for it.
        Err(Instead::Answer(_)) => return Err(Error::NotFound(Missing::Page)),
        Err(Instead::Error(error)) => return Err(error),
    };
    let interview = &held.trial.interview;
    let stop = stop_at(interview, interview.path(), &request)?;
    let stop = stop.ok_or(Error::NotFound(Missing::Page))?;
    let form = read_form(&app, payload).await?;
    options::found(interview, &stop, form, held.language).map(unlisted)
}

/// `GET /trial/{trial}/media/{name}`: what the questionnaire shows.
pub async fn media(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = held(&app, &request).await?;
    let name = request.match_info().query("name");
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    Ok(unlisted(files::shown(&app, held.trial.row.study_id, name).await?))
}

/// `GET /trial/{trial}/end`: the last page, with the button that submits.
pub async fn show_end(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = going_on(&app, &request).await?;
    let answer = submit_page(&held.pages, &held.trial.interview, held.language)?;
    Ok(unlisted(remember(&app, &request, held.language, None, answer)?))
}

/// `POST /trial/{trial}/end`
pub async fn submit(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Instead> {
    read_short_form(&app, payload).await?;
    for _ in 0..=RETRIES {
        let held = going_on(&app, &request).await?;
        let interview = &held.trial.interview;
        if let Some(open) = interview.first_open_stop(interview.path()) {
            return Ok(held.way(Some(open)));
        }
        let answers = interview.progress.answers.clone();
        let end = Then::End { state: ResponseState::Complete, answers };
        let step = Step::of(interview).map(|step| Step { then: end, ..step });
        if take(&app, &held, step).await?.is_some() {
            return Ok(held.done());
        }
    }
    Err(Error::Busy.into())
}

/// `GET /trial/{trial}/done`: how it ended.
pub async fn done(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let held = held(&app, &request).await?;
    let message = match held.trial.row.state {
        TrialState::Open => {
            let interview = &held.trial.interview;
            return Ok(held.way(interview.first_open_stop(interview.path())));
        }
        TrialState::Complete => "trial-complete",
        TrialState::ScreenedOut => "trial-screened",
        TrialState::Refused => "trial-refused",
    };
    let answer = held.says(StatusCode::OK, message)?;
    Ok(remember(&app, &request, held.language, None, answer)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use survey_builder::questionnaire::document::Language;

    #[test]
    fn a_test_is_in_a_language_that_the_questionnaire_speaks() {
        let code = |code: &str| Language { code: code.to_owned(), name: code.to_owned() };
        let document = Document {
            default_language: "vi".to_owned(),
            languages: vec![code("vi")],
            ..Document::default()
        };
        let of = |uri: &str, document: &Document| {
            let request = actix_web::test::TestRequest::with_uri(uri).to_http_request();
            spoken(&request, document)
        };
        assert_eq!(of("/?language=en", &document), "vi");
        let both = Document { languages: vec![code("vi"), code("en")], ..document };
        assert_eq!(of("/?language=en", &both), "en");
        assert_eq!(of("/?language=vi", &both), "vi");
    }
}
