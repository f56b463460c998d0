//! The respondent's pages: welcome, questions, end. They work without
//! JavaScript; GET never changes anything, because mail scanners open links;
//! every POST ends in a redirect, errors too, so Back never asks to resend.

pub mod files;
pub mod members;
pub mod options;
pub(crate) mod shown;
mod skips;
mod view;

use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDateTime;
use fielding::acts::interview::{self, Interview, Saved, Standing};
use fielding::app::App;
use fielding::error::{Error, Missing};
use fielding::keys::LINK_LENGTH;
use fielding::store::responses::Pending;
use survey_builder::questionnaire::document::{Document, Ending};
use survey_builder::questionnaire::path::{self, Met, Stop};
use survey_builder::questionnaire::piping::{capitalised, form_of_address};
use survey_builder::questionnaire::preload::link_parameters;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::validate::Posted;

use self::shown::{
    CodePage, EndPage, MEDIA_FOLDER, MessagePage, QuestionPage, ResumePage, SavedPage, SubmitPage,
    WelcomePage,
};
use super::form::{self, as_sent, asked, read_either, read_short_form};
use super::limits::{self, Try};
use super::outcome::Instead;
use super::render::{add_cookie, in_address, page, redirect};
use super::visitor::{
    BASE, COOKIE, TrialNotice, VisitorLayout, cookie, language_links, language_of, remember,
};
use crate::site::Site;

pub use view::{PageView, example_view, kind_name, page_view, section_progress};

const FIRST_PAGE: &str = "/answer";
/// In the address of a page: whom it is about. No questionnaire can name a
/// parameter of its links so.
const OF_CASE: &str = "of-case";

async fn load(app: &App, link: &str) -> Result<Option<Interview>, Error> {
    let (in_query, link) = (app.clone(), link.to_owned());
    app.store.read(move |connection| Interview::load(&in_query, connection, &link)).await
}

/// The interview of an access code, typed or in the place of a link. Codes are
/// short enough to be guessed, so that wrong ones are limited; links are not.
async fn load_by_code(
    app: &Site,
    request: &HttpRequest,
    code: &str,
) -> Result<Option<Interview>, Error> {
    let attempt = Try::by_visitor(app, request, limits::CODES).await?;
    let (in_query, code) = (app.clone(), code.to_owned());
    let found = app
        .store
        .read(move |connection| Interview::load_by_code(&in_query, connection, &code))
        .await?;
    if found.is_some() {
        attempt.succeeded(app).await?;
    }
    Ok(found)
}

async fn from_cookie(app: &App, request: &HttpRequest) -> Result<Option<Interview>, Error> {
    match request.cookie(COOKIE) {
        Some(cookie) => load(app, cookie.value()).await,
        None => Ok(None),
    }
}

/// The interview of this browser, or what is answered instead: a page whose
/// address is about somebody else shows nothing of this person's. Forms say
/// themselves whose they are.
async fn held(app: &App, request: &HttpRequest) -> Result<Interview, Instead> {
    let Some(interview) = from_cookie(app, request).await? else {
        return Err(redirect("/code").into());
    };
    let mark = app.keys.case_mark(interview.case.id);
    let about = asked(request, OF_CASE);
    if request.method() != Method::POST && about.is_some_and(|about| about != mark) {
        let language = language_of(request, None);
        // In another language, too, the page stays about whom it was about.
        let about: String = about.unwrap_or_default().chars().take(16).collect();
        let about = format!("?{OF_CASE}={}", in_address(&about));
        let layout = VisitorLayout { about, ..VisitorLayout::plain(language) };
        let shown = message_page(StatusCode::CONFLICT, layout, "other-person", language)?;
        return Err(shown.into());
    }
    Ok(interview)
}

/// An address of a page of this person's, with the sign that it is about them.
fn own_address(app: &App, interview: &Interview, address: &str) -> String {
    format!("{address}?{OF_CASE}={}", app.keys.case_mark(interview.case.id))
}

/// The interview of this browser while it may be answered; otherwise what is
/// answered instead.
async fn in_progress(app: &App, request: &HttpRequest) -> Result<Interview, Instead> {
    let interview = held(app, request).await?;
    if interview.standing() == Standing::Open {
        return Ok(interview);
    }
    Err(redirect(&own_address(app, &interview, FIRST_PAGE)).into())
}

/// Whose form was sent: the form says so itself, because two people may use one
/// browser, whose cookie names the one who came last.
enum Sender {
    /// The person whose link this browser holds.
    Own(Interview),
    /// Somebody whose link it does not hold (any more).
    Other(Interview),
    /// The form names nobody.
    Unknown,
}

/// Whose form it is; `held` is the interview of this browser's link, where it was
/// read already: the act that stores looks whether it is still so.
async fn sender(
    app: &App,
    request: &HttpRequest,
    form: &Posted,
    held: Option<&Interview>,
) -> Result<Sender, Error> {
    let Some(case) = app.keys.case_of_token(as_sent(form, "token")) else {
        return Ok(Sender::Unknown);
    };
    if let Some(held) = held.filter(|held| held.case.id == case) {
        return Ok(Sender::Own(held.clone()));
    }
    let in_query = app.clone();
    let found =
        app.store.read(move |connection| Interview::load_case(&in_query, connection, case)).await?;
    let Some(interview) = found else { return Ok(Sender::Unknown) };
    let held = request.cookie(COOKIE).map(|cookie| app.keys.lookup(cookie.value()));
    let own = held.is_some_and(|held| held == interview.case.link_hash);
    Ok(if own { Sender::Own(interview) } else { Sender::Other(interview) })
}

/// Says that this browser does not hold the link of the form's person: it keeps
/// no cookies, or somebody else opened theirs since.
fn not_here(
    app: &App,
    request: &HttpRequest,
    interview: &Interview,
    message: &'static str,
) -> Result<HttpResponse, Error> {
    let language = language_of(request, Some(&interview.case.language));
    let blocked = request.cookie(COOKIE).is_none();
    let message = if blocked { "no-cookies" } else { message };
    message_page(StatusCode::CONFLICT, layout(app, interview, language), message, language)
}

/// A page that says something.
pub(crate) fn message_page(
    status: StatusCode,
    layout: VisitorLayout,
    message: &'static str,
    language: &str,
) -> Result<HttpResponse, Error> {
    page(status, "respond/message.html", language, &MessagePage { layout, message })
}

/// Where the pages of an interview are and what their forms carry: those of a
/// respondent, or of a test of a draft.
pub(crate) struct Pages {
    /// What their addresses begin with.
    pub base: String,
    /// What their addresses say of whom they are about.
    pub about: String,
    /// Whose forms they are.
    pub token: String,
    /// Said on each, where it is a test.
    pub trial: Option<TrialNotice>,
}

impl Pages {
    /// Of a respondent.
    fn of(app: &App, interview: &Interview) -> Self {
        Self {
            base: BASE.to_owned(),
            about: own_address(app, interview, ""),
            token: app.keys.case_token(interview.case.id),
            trial: None,
        }
    }

    /// The address of a stop, or of the end after the last.
    pub fn after(&self, interview: &Interview, stop: Option<&Stop>) -> String {
        let address = match stop {
            Some(stop) => self.address(interview, stop),
            None => format!("{}/end", self.base),
        };
        address + &self.about
    }

    /// The address of a stop: its name and the codes of the members it is about.
    pub fn address(&self, interview: &Interview, stop: &Stop) -> String {
        let kind = match stop.met {
            Met::Page(_) => "page",
            Met::Members(_) => "members",
        };
        let mut address = format!("{}/{kind}/{}", self.base, stop.name(&interview.version));
        for member in stop.within.iter() {
            address.push('/');
            address.push_str(&in_address(&member.code));
        }
        address
    }
}

/// What stands around every page of an interview.
fn layout(app: &App, interview: &Interview, language: &str) -> VisitorLayout {
    layout_of(&Pages::of(app, interview), interview, language)
}

pub(crate) fn layout_of(pages: &Pages, interview: &Interview, language: &str) -> VisitorLayout {
    let document = &interview.version.document;
    let you = form_of_address(document, language);
    VisitorLayout {
        capital_you: capitalised(&you),
        you,
        title: document.title.get(language, &document.default_language).to_owned(),
        closes_on: interview.study.closes_on.map(locale::date),
        languages: language_links(document, language),
        about: pages.about.clone(),
        link_values: Vec::new(),
        base: pages.base.clone(),
        trial: pages.trial.clone(),
        ..VisitorLayout::plain(language)
    }
    .worn_by(&interview.study, language)
}

/// `GET /r/{link}`: the invitation's link.
pub async fn open_link(
    app: Data<Site>,
    request: HttpRequest,
    link: Path<String>,
) -> Result<HttpResponse, Error> {
    let found = if link.len() == LINK_LENGTH {
        load(&app, &link).await?
    } else {
        load_by_code(&app, &request, &link).await?
    };
    let Some(interview) = found else { return unknown_link(&request) };
    let language = language_of(&request, Some(&interview.case.language));
    let response = front(&app, &request, &interview, language)?;
    let link = app.keys.link(interview.case.id);
    remember(&app, &request, language, Some(&link), response)
}

/// `GET /answer`: the same page for who came by code or comes back.
pub async fn open(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = held(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let response = front(&app, &request, &interview, language)?;
    Ok(remember(&app, &request, language, None, response)?)
}

fn unknown_link(request: &HttpRequest) -> Result<HttpResponse, Error> {
    let language = language_of(request, None);
    let layout = VisitorLayout::plain(language);
    message_page(StatusCode::NOT_FOUND, layout, "link-unknown", language)
}

/// The parameters of the address that the questionnaire takes over: they go
/// with the form, because opening a link stores nothing.
pub(crate) fn link_values(document: &Document, query: &str) -> Vec<(String, String)> {
    let mut given = form::parse(query.as_bytes());
    link_parameters(document)
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), given.remove(name)?.into_iter().next()?)))
        .collect()
}

/// Welcome, welcome back, or why there is nothing to answer.
fn front(
    app: &App,
    request: &HttpRequest,
    interview: &Interview,
    language: &str,
) -> Result<HttpResponse, Error> {
    let layout = layout(app, interview, language);
    match interview.standing() {
        Standing::New => {
            let document = &interview.version.document;
            let link_values = link_values(document, request.query_string());
            let shown = WelcomePage {
                layout: VisitorLayout { link_values, ..layout },
                questions: document.question_count(),
                minutes: estimated_minutes(document, language).ceil(),
                token: app.keys.case_token(interview.case.id),
            };
            page(StatusCode::OK, "respond/welcome.html", language, &shown)
        }
        Standing::Open => {
            let (done, sections) = interview.sections_done(interview.path());
            let shown = ResumePage { layout, done, sections };
            page(StatusCode::OK, "respond/resume.html", language, &shown)
        }
        standing => end_page(app, interview, standing, None, language),
    }
}

/// Day and time of a submission, in the cookie of who submitted.
const SUBMITTED: &str = "%Y-%m-%dT%H:%M";

fn end_page(
    app: &App,
    interview: &Interview,
    standing: Standing,
    submitted_at: Option<NaiveDateTime>,
    language: &str,
) -> Result<HttpResponse, Error> {
    // Of an anonymous study no day is stored; whoever has just submitted knows theirs.
    let day = interview.case.ended_on.or_else(|| submitted_at.map(|at| at.date()));
    let shown = EndPage {
        layout: layout(app, interview, language),
        message: match standing {
            Standing::Done if interview.is_screened_out() => "screened",
            Standing::Done if submitted_at.is_some() => "thanks",
            Standing::Done => "already",
            Standing::Refused => "refused",
            _ => "closed",
        },
        date: day.map(locale::date).unwrap_or_default(),
        code: app.keys.confirmation(interview.case.id),
        time: submitted_at.map_or_else(String::new, |at| at.format("%H:%M").to_string()),
    };
    page(StatusCode::OK, "respond/end.html", language, &shown)
}

/// `POST /answer/start`
pub async fn start(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let interview = match sender(&app, &request, &form, None).await? {
        Sender::Own(interview) => interview,
        Sender::Other(interview) => return not_here(&app, &request, &interview, "other-person"),
        Sender::Unknown => return Ok(redirect(FIRST_PAGE)),
    };
    let language = language_of(&request, Some(&interview.case.language));
    let parameters = link_parameters(&interview.version.document);
    let said = |name: &&str| {
        let value = form.get(&format!("link.{name}")).and_then(|values| values.first())?;
        Some(((*name).to_owned(), value.clone()))
    };
    let link = parameters.iter().filter_map(said).collect();
    interview::begin(&app, &interview, language, link).await?;
    Ok(redirect(&own_address(&app, &interview, "/answer/next")))
}

/// `GET /answer/next`: wherever this person left off.
pub async fn next(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let path = interview.path();
    Ok(redirect(&address_after(&app, &interview, interview.first_open_stop(path))))
}

/// `GET /answer/first`: from the first page, to look through everything.
pub async fn review(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = held(&app, &request).await?;
    Ok(redirect(&address_after(&app, &interview, interview.path().stops.first())))
}

fn address_after(app: &App, interview: &Interview, stop: Option<&Stop>) -> String {
    Pages::of(app, interview).after(interview, stop)
}

/// The parts of a stop's address: its name and the codes of its members. The
/// router leaves `%`, `+` and `/` as they were escaped (an extractor would not),
/// so that a slash in a code ends no part.
fn parts_of(request: &HttpRequest) -> Vec<String> {
    let parts = request.match_info().query("stop").split('/');
    parts
        .map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect()
}

/// The stop on the path that an address means: `page/NAME/CODE/…`. `None` when
/// it is off this person's path.
pub(crate) fn stop_at(
    interview: &Interview,
    path: &path::Path,
    request: &HttpRequest,
) -> Result<Option<Stop>, Error> {
    let mut parts = parts_of(request).into_iter();
    let name = &*parts.next().unwrap_or_default();
    let known = interview.version.page_named(name).is_some()
        || interview.version.document.roster(name).is_some();
    if !known {
        return Err(Error::NotFound(Missing::Page));
    }
    let codes: Vec<String> = parts.collect();
    let found = path.stops.iter().find(|stop| {
        stop.name(&interview.version) == name
            && stop
                .within
                .iter()
                .map(|member| member.code.as_str())
                .eq(codes.iter().map(String::as_str))
    });
    Ok(found.cloned())
}

/// `GET /answer/page/{name}/{member}/…`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let stop = stop_at(&interview, interview.path(), &request)?;
    let Some(stop) = stop.filter(|stop| stop.page_index().is_some()) else {
        return Ok(off_path(&app, &interview, language)?);
    };
    let pending = interview.pending(&stop);
    let response = question_page(&app, &interview, &stop, pending, false, language)?;
    Ok(remember(&app, &request, language, None, response)?)
}

fn question_page(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    pending: Option<&Pending>,
    expired: bool,
    language: &str,
) -> Result<HttpResponse, Error> {
    question_page_of(&Pages::of(app, interview), interview, stop, (pending, expired), language)
}

pub(crate) fn question_page_of(
    pages: &Pages,
    interview: &Interview,
    stop: &Stop,
    (pending, expired): (Option<&Pending>, bool),
    language: &str,
) -> Result<HttpResponse, Error> {
    let path = interview.path();
    let view = page_view(interview, path, stop, pending, language);
    // A test looks into files and keeps none: none can be shown again.
    let view = if pages.trial.is_some() { view.without_kept_files() } else { view };
    let (section, sections) = section_progress(interview, path, stop);
    let shown = QuestionPage {
        layout: layout_of(pages, interview, language),
        address: pages.address(interview, stop),
        section,
        sections,
        page: view,
        expired,
        back: path.before(stop).map(|before| pages.after(interview, Some(before))),
        sequence: interview.progress.sequence,
        token: pages.token.clone(),
        media_folder: format!("{}/{MEDIA_FOLDER}", pages.base),
    };
    page(StatusCode::OK, "respond/page.html", language, &shown)
}

fn off_path(app: &App, interview: &Interview, language: &str) -> Result<HttpResponse, Error> {
    message_page(StatusCode::CONFLICT, layout(app, interview, language), "off-path", language)
}

/// `POST /answer/page/{name}/{member}/…`
pub async fn save(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let stop = stop_at(&interview, interview.path(), &request)?;
    let Some(stop) = stop.filter(|stop| stop.page_index().is_some()) else {
        return Ok(off_path(&app, &interview, language)?);
    };
    let (mut form, uploads) = read_either(&app, &request, payload).await?;
    let (interview, own) = match sender(&app, &request, &form, Some(&interview)).await? {
        Sender::Own(interview) => (interview, true),
        Sender::Other(theirs) => (theirs, false),
        Sender::Unknown => {
            // The form is from another time: show it again with what was typed,
            // store nothing.
            let pending = Pending { posted: form, ..Pending::default() };
            return Ok(question_page(&app, &interview, &stop, Some(&pending), true, language)?);
        }
    };
    let Some(stop) = stop_at(&interview, interview.path(), &request)? else {
        return Ok(off_path(&app, &interview, language)?);
    };
    let sequence = as_sent(&form, "sequence").parse().unwrap_or(0);
    let later = form.contains_key("later");
    for own in ["token", "sequence", "later"] {
        form.remove(own);
    }
    let (posted, files) = files::take(&app.looks, &interview, &stop, form, uploads).await?;
    let form = interview::Form { posted, sequence, files };
    let saved = interview::save_page(&app, interview.clone(), &stop, form).await?;
    if !own {
        // What was typed is the other person's: it is kept with theirs and shown to
        // nobody here.
        let kept = !matches!(saved, Saved::OffPath | Saved::NotOpen);
        let message = if kept { "other-person-saved" } else { "other-person" };
        return Ok(not_here(&app, &request, &interview, message)?);
    }
    Ok(match saved {
        Saved::NotOpen => redirect(&own_address(&app, &interview, FIRST_PAGE)),
        Saved::OffPath => off_path(&app, &interview, language)?,
        Saved::Ended(Ending::Refused | Ending::ScreenedOut) => {
            redirect(&own_address(&app, &interview, FIRST_PAGE))
        }
        _ if later => redirect(&own_address(&app, &interview, "/answer/saved")),
        Saved::Again => redirect(&address_after(&app, &interview, Some(&stop))),
        Saved::Next(next) => redirect(&address_after(&app, &interview, Some(&next))),
        Saved::AtEnd => redirect(&address_after(&app, &interview, None)),
    })
}

/// `GET /answer/end`: the last page, with the button that submits.
pub async fn show_end(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let response = submit_page(&Pages::of(&app, &interview), &interview, language)?;
    Ok(remember(&app, &request, language, None, response)?)
}

pub(crate) fn submit_page(
    pages: &Pages,
    interview: &Interview,
    language: &str,
) -> Result<HttpResponse, Error> {
    let shown = SubmitPage {
        layout: layout_of(pages, interview, language),
        back: pages.after(interview, interview.path().stops.last()),
        token: pages.token.clone(),
    };
    page(StatusCode::OK, "respond/submit.html", language, &shown)
}

/// `POST /answer/end`
pub async fn submit(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let interview = match sender(&app, &request, &form, None).await? {
        Sender::Own(interview) => interview,
        Sender::Other(theirs) => return not_here(&app, &request, &theirs, "other-person"),
        Sender::Unknown => return Ok(redirect("/answer/done")),
    };
    if interview.standing() != Standing::Open {
        return Ok(redirect(&own_address(&app, &interview, "/answer/done")));
    }
    if let Some(open) = interview::submit(&app, &interview).await? {
        return Ok(redirect(&address_after(&app, &interview, Some(&open))));
    }
    let mut response = redirect(&own_address(&app, &interview, "/answer/done"));
    // Shown once on the next page; the study itself keeps the day only.
    let now = app.clock.now().in_zone(interview.study.time_zone);
    let now = now.map_or_else(String::new, |now| now.format(SUBMITTED).to_string());
    let mut at = cookie(&app, "submitted", now);
    at.set_max_age(actix_web::cookie::time::Duration::minutes(10));
    add_cookie(&mut response, &at)?;
    Ok(response)
}

/// `GET /answer/done`
pub async fn done(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = held(&app, &request).await?;
    let standing = interview.standing();
    if matches!(standing, Standing::New | Standing::Open) {
        return Ok(redirect(&own_address(&app, &interview, FIRST_PAGE)));
    }
    let language = language_of(&request, Some(&interview.case.language));
    let at = request.cookie("submitted");
    let at = at.and_then(|at| NaiveDateTime::parse_from_str(at.value(), SUBMITTED).ok());
    let response = end_page(&app, &interview, standing, at, language)?;
    Ok(remember(&app, &request, language, None, response)?)
}

/// `GET /answer/saved`: how to carry on later.
pub async fn saved(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = held(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let shown = SavedPage {
        layout: layout(&app, &interview, language),
        code: fielding::keys::group_code(&app.keys.code(interview.case.id)),
        address: format!("{}/code", app.public_address),
    };
    let response = page(StatusCode::OK, "respond/saved.html", language, &shown)?;
    Ok(remember(&app, &request, language, None, response)?)
}

/// `GET /answer/not-me`
pub async fn not_me(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = held(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let layout = layout(&app, &interview, language);
    let mut response = message_page(StatusCode::OK, layout, "not-me", language)?;
    let mut forgotten = cookie(&app, COOKIE, String::new());
    forgotten.make_removal();
    add_cookie(&mut response, &forgotten)?;
    Ok(response)
}

/// `GET /code`
pub async fn ask_code(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let language = language_of(&request, None);
    let failed = request.query_string().contains("unknown");
    let shown = CodePage { layout: VisitorLayout::plain(language), failed };
    let response = page(StatusCode::OK, "respond/code.html", language, &shown)?;
    remember(&app, &request, language, None, response)
}

/// `POST /code`: a wrong code costs a try; after too many one waits.
pub async fn enter_code(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    match load_by_code(&app, &request, as_sent(&form, "code")).await? {
        Some(interview) => {
            let link = app.keys.link(interview.case.id);
            let mut response = redirect(&own_address(&app, &interview, FIRST_PAGE));
            add_cookie(&mut response, &cookie(&app, COOKIE, link))?;
            Ok(response)
        }
        None => Ok(redirect("/code?unknown")),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpRequest, test, web};

    use super::{in_address, parts_of};

    /// What the handlers make of an address.
    async fn parts(request: HttpRequest) -> String {
        parts_of(&request).join("\n")
    }

    #[actix_web::test]
    async fn any_code_of_a_member_comes_back_from_its_address() {
        let app =
            test::init_service(App::new().route("/answer/page/{stop:.+}", web::get().to(parts)))
                .await;
        let given = ["a/b", "50%", "x+y z", "%41", "%2F", "Đường Lê Lợi", "..", "?q#r"];
        let address = given.map(in_address).join("/");
        let request =
            test::TestRequest::get().uri(&format!("/answer/page/who/{address}")).to_request();
        let body = test::call_and_read_body(&app, request).await;
        assert_eq!(String::from_utf8_lossy(&body), ["who", &given.join("\n")].join("\n"));
    }
}
