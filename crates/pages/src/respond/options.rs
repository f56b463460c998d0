//! Options while a page is filled in, for the script: those of a long list that
//! fit what is typed, and those that depend on an answer of the same page.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::interview::Interview;
use fielding::acts::media::own_name;
use fielding::error::{Error, Missing};
use serde::Serialize;
use survey_builder::questionnaire::order::offered_codes;
use survey_builder::questionnaire::path::{Standpoint, Stop};
use survey_builder::questionnaire::piping::fill;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::search::index::searched;
use survey_builder::questionnaire::search::search;
use survey_builder::questionnaire::validate::{Posted, check_page};
use survey_builder::questionnaire::version::Version;

use super::view::MOST_FOUND;
use super::{in_progress, language_of, stop_at};
use crate::form::{as_sent, read_form};
use crate::outcome::Instead;
use crate::render::in_address;
use crate::site::Site;

#[derive(Serialize)]
struct Answered {
    options: Vec<OptionAnswer>,
    /// Whether more fit than are listed.
    more: bool,
}

#[derive(Serialize)]
struct OptionAnswer {
    code: String,
    label: String,
    exclusive: bool,
    /// A reason for having no value.
    apart: bool,
    /// The file of its picture; empty where it has none.
    image: String,
}

/// `POST /answer/options/{page}/{member}/…`: the page's form as it stands, with
/// `of`, the question, and `find`, what is typed. Changes nothing.
pub async fn find(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let interview = match in_progress(&app, &request).await {
        Ok(interview) => interview,
        // A script asks: another page is no answer for it.
        Err(Instead::Answer(_)) => return Err(Error::NotFound(Missing::Page)),
        Err(Instead::Error(error)) => return Err(error),
    };
    let language = language_of(&request, Some(&interview.case.language));
    let stop = stop_at(&interview, interview.path(), &request)?;
    let stop = stop.ok_or(Error::NotFound(Missing::Page))?;
    let form = read_form(&app, payload).await?;
    found(&interview, &stop, form, language)
}

/// The options that a form asks for.
pub(crate) fn found(
    interview: &Interview,
    stop: &Stop,
    mut form: Posted,
    language: &str,
) -> Result<HttpResponse, Error> {
    let (of, typed) = (as_sent(&form, "of").to_owned(), as_sent(&form, "find").to_owned());
    // What is being looked for is no answer yet.
    form.remove(&format!("{of}.text"));
    let version: &Version = &interview.version;
    let today = interview.began_on();
    let (page, seed) = (stop.page_index(), interview.seed());
    let question = page.and_then(|index| version.page(index)).and_then(|page| {
        page.questions.iter().find(|question| question.name == of && question.kind.takes_answer())
    });
    let question = question.ok_or(Error::NotFound(Missing::Question))?;
    let mut answers = interview.progress.answers.clone();
    if let Some(checked) = check_page(version, stop, &answers, &form, today, seed) {
        answers.apply(&checked.answers);
    }
    let path = route(version, &answers, today);
    let at = Standpoint { version, path: &path, within: &stop.within, today };
    let list = question.kind.list().unwrap_or_default();
    let (found, more) = if searched(&version.document, &question.kind).is_some() {
        let found = search(&at, question, &typed, MOST_FOUND);
        (found.options, found.more)
    } else {
        let codes = offered_codes(&at, question, seed);
        (codes.iter().filter_map(|code| version.option(list, code)).collect(), false)
    };
    let fallback = &version.document.default_language;
    let options = found.into_iter().map(|option| OptionAnswer {
        code: option.code.clone(),
        label: fill(option.label.get(language, fallback), version, &path, &stop.within, language),
        exclusive: option.exclusive || option.missing.is_some(),
        apart: option.missing.is_some(),
        image: option.image.as_deref().map(|name| in_address(own_name(name))).unwrap_or_default(),
    });
    let answered = Answered { options: options.collect(), more };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answered))
}
