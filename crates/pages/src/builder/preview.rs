//! The page of a question as its respondents will see it: the very template and the
//! very engine. What is answered there is stored nowhere; it goes with the form from
//! page to page, and below the page stands why each question is asked or not.

mod trial;
mod why;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use fielding::acts::interview::Interview;
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;
use fielding::store::responses::Pending;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::document::{Document, Question};
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::piping::{capitalised, form_of_address};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use self::trial::{Trial, Walked};
use self::why::{WhyView, why_view};
use super::{Seen, framing, seen};
use crate::form::{as_sent, asked, off_thread};
use crate::render::page;
use crate::respond::shown::QuestionPage;
use crate::respond::{example_view, page_view, section_progress};
use crate::session::SignedIn;
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor};
use crate::visitor::VisitorLayout;

/// The page with what goes along with it.
#[derive(Serialize)]
struct PreviewPage {
    #[serde(flatten)]
    question: QuestionPage,
    /// Whether nothing was answered yet.
    fresh: bool,
    /// The questionnaire, so that answers are not taken for those of another.
    document: String,
    /// The stop that is shown.
    at: String,
    /// The question that was chosen, and the language shown.
    item: String,
    shown: String,
    /// What was answered on other pages: the names and values of fields.
    carried: Vec<(String, String)>,
    why: WhyView,
}

/// What is to be shown.
struct Shown {
    trial: Trial,
    answers: Answers,
    path: Path,
    stop: Stop,
    /// What was wrong with what was sent.
    pending: Option<Pending>,
    /// Whether that was the last page.
    at_end: bool,
    language: String,
    item: Uuid,
}

/// `GET /studies/{id}/builder/preview?item=…&shown=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let item = asked(&request, "item").and_then(|item| Uuid::try_parse(item).ok());
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let document = seen.document();
    let language = shown_in(document, asked(&request, "shown").unwrap_or_default());
    // Without an item it is the first that is shown.
    let question = document.questions().find(|question| item.is_none_or(|it| question.id == it));
    let question = question.ok_or(Error::NotFound(Missing::Question))?;
    let today = study.today(app.clock.now());
    let (trial, walked) = walked(&seen, Trial::default(), today).await?;
    let (answers, path) = (walked.answers, walked.path);
    let stop = stop_of(&seen.version, &path, question)?;
    let item = question.id;
    let shown = Shown { trial, answers, path, stop, pending: None, at_end: false, language, item };
    preview(&app, &request, (&signed_in, &study), &seen, (shown, true, today))
}

/// `POST /studies/{id}/builder/preview`: goes on with what was answered, or shows a
/// question, or why, as things stand. Nothing is stored.
pub async fn go_on(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let version = &seen.version;
    let language = shown_in(seen.document(), as_sent(&form, "trial.shown"));
    let today = study.today(app.clock.now());
    let (trial, walked) = walked(&seen, Trial::of_form(&form), today).await?;
    let Walked { checked, answers, path } = walked;
    let item = Uuid::try_parse(as_sent(&form, "trial.item")).ok();
    let mut questions = seen.document().questions();
    let question = questions.find(|question| item.is_none_or(|item| question.id == item));
    let here = trial.at.and_then(|at| {
        let on_path = path.stops.iter().find(|stop| stop.id(version) == Some(at));
        on_path.cloned().or_else(|| {
            let index =
                (0..version.pages().len()).find(|index| Stop::page(*index).id(version) == Some(at));
            index.map(Stop::page)
        })
    });
    let chosen = || match question {
        Some(question) => stop_of(version, &path, question),
        None => Err(Error::NotFound(Missing::Question)),
    };
    let (mut pending, mut at_end) = (None, false);
    let stop = match (as_sent(&form, "trial.then"), here) {
        ("show", _) | (_, None) => chosen()?,
        ("why", Some(here)) => here,
        (_, Some(here)) => {
            pending = checked.filter(|checked| !checked.mistakes.is_empty()).map(|checked| {
                let posted = trial.own().cloned().unwrap_or_default();
                Pending { posted, mistakes: checked.mistakes, ..Pending::default() }
            });
            match trial::next(&path, &here).filter(|_| pending.is_none()) {
                Some(next) => next,
                None => {
                    at_end = pending.is_none();
                    here
                }
            }
        }
    };
    let item = question.map(|question| question.id).or(item).unwrap_or_default();
    let shown = Shown { trial, answers, path, stop, pending, at_end, language, item };
    preview(&app, &request, (&signed_in, &study), &seen, (shown, false, today))
}

/// Walks through a trial, off the threads that answer respondents.
async fn walked(seen: &Seen, trial: Trial, today: NaiveDate) -> Result<(Trial, Walked), Error> {
    let version = Arc::clone(&seen.version);
    off_thread(move || {
        let walked = trial.walk(&version, today);
        (trial, walked)
    })
    .await
}

/// The language in which the texts are shown: the one wished for, else the first.
fn shown_in(document: &Document, wished: &str) -> String {
    let language = document.languages.iter().find(|one| one.code == wished);
    language.map_or(&document.default_language, |one| &one.code).clone()
}

/// Where a question is shown: at its stop on the path, or by its page alone.
fn stop_of(version: &Version, path: &Path, question: &Question) -> Result<Stop, Error> {
    let has = |index: &usize| {
        let page = version.page(*index);
        page.is_some_and(|page| page.questions.iter().any(|one| one.id == question.id))
    };
    let index = match version.place(question.id) {
        Some(place) => Some(place.page),
        // Notes have no item of their own.
        None => (0..version.pages().len()).find(has),
    };
    let index = index.ok_or(Error::NotFound(Missing::Question))?;
    let on_path = path.stops.iter().find(|stop| stop.page_index() == Some(index));
    Ok(on_path.cloned().unwrap_or_else(|| Stop::page(index)))
}

fn preview(
    app: &Data<Site>,
    request: &HttpRequest,
    (signed_in, study): (&SignedIn, &Study),
    seen: &Seen,
    (shown, fresh, today): (Shown, bool, NaiveDate),
) -> Result<HttpResponse, Error> {
    let Shown { trial, answers, path, stop, pending, at_end, language, item } = shown;
    let (document, version) = (seen.document(), &seen.version);
    let mut interview = Interview::example(Arc::clone(version), today);
    interview.progress.answers = answers;
    let (section, sections) = section_progress(&interview, &path, &stop);
    // The words of the page itself are the program's: in the language shown where it
    // speaks it.
    let own = locale::known(&language);
    let you = form_of_address(document, &language);
    let layout = VisitorLayout {
        capital_you: capitalised(&you),
        you,
        title: document.title.get(&language, &document.default_language).to_owned(),
        ..VisitorLayout::plain(own)
    }
    .worn_by(study, &language);
    let view = if !fresh && path.stops.contains(&stop) {
        page_view(&interview, &path, &stop, pending.as_ref(), &language)
    } else {
        example_view(&interview, &path, &stop, &language)
    };
    let at = stop.id(version).unwrap_or_default();
    let view = PreviewPage {
        question: QuestionPage {
            layout: VisitorLayout { languages: Vec::new(), ..layout },
            address: format!("/studies/{}/builder/preview", study.id),
            section,
            sections: sections.max(1),
            page: view.without_files(),
            expired: false,
            back: None,
            sequence: 0,
            token: signed_in.form_token(app),
            media_folder: "media/".to_owned(),
        },
        fresh,
        document: document.id.to_string(),
        at: at.to_string(),
        item: item.to_string(),
        shown: language,
        carried: trial.carried(at),
        why: why_view(seen, (&path, &stop, today), at_end, signed_in.language(request)),
    };
    let mut answer = page(StatusCode::OK, "builder/preview.html", own, &view)?;
    framing(&mut answer, "frame-ancestors 'self'");
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::validate::Posted;

    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_preview_shows_its_examples() {
        let seen = super::super::tests::seen_example();
        let version = Arc::clone(&seen.version);
        let today = NaiveDate::from_ymd_opt(2026, 12, 2).expect("a day");
        shows("builder/preview.html", |language| {
            let of = |index: usize, at_end: bool, fresh: bool| {
                let (trial, stop) = (Trial::default(), Stop::page(index));
                let path = trial.walk(&version, today).path;
                let interview = Interview::example(Arc::clone(&version), today);
                PreviewPage {
                    question: QuestionPage {
                        layout: VisitorLayout::plain(language),
                        address: "/studies/1/builder/preview".to_owned(),
                        section: 1,
                        sections: 2,
                        page: example_view(&interview, &path, &stop, language).without_files(),
                        expired: false,
                        back: None,
                        sequence: 0,
                        token: "abc".to_owned(),
                        media_folder: "media/".to_owned(),
                    },
                    fresh,
                    document: "0190".to_owned(),
                    at: "0190".to_owned(),
                    item: "0190".to_owned(),
                    shown: language.to_owned(),
                    carried: vec![("trial.visited".to_owned(), "0190".to_owned())],
                    why: why_view(&seen, (&path, &stop, today), at_end, language),
                }
            };
            vec![of(0, false, true), of(1, true, false)]
        });
    }

    #[test]
    fn what_was_answered_goes_along_and_is_walked_again() {
        let seen = super::super::tests::seen_example();
        let version = &seen.version;
        let today = NaiveDate::from_ymd_opt(2026, 12, 2).expect("a day");
        let question = |name: &str| {
            let found = seen.document().questions().find(|one| one.name == name);
            found.expect("a question")
        };
        let page_of = |name: &str| {
            let place = version.place(question(name).id).expect("a place");
            Stop::page(place.page).id(version).expect("a page").to_string()
        };
        let mut form = Posted::new();
        form.insert("trial.at".to_owned(), vec![page_of("consent")]);
        form.insert("consent".to_owned(), vec!["1".to_owned()]);
        let trial = Trial::of_form(&form);
        let Walked { checked, path, .. } = trial.walk(version, today);
        assert!(checked.expect("it is on the path").mistakes.is_empty());
        assert!(path.ending.is_none() && path.asks(question("works").id));
        // On the next page what was answered before comes as hidden fields.
        let at = Uuid::try_parse(&page_of("works")).expect("an identity");
        let mut form: Posted = Posted::new();
        for (name, value) in trial.carried(at) {
            form.entry(name).or_default().push(value);
        }
        form.insert("trial.at".to_owned(), vec![at.to_string()]);
        form.insert("works".to_owned(), vec!["yes".to_owned()]);
        let path = Trial::of_form(&form).walk(version, today).path;
        assert!(path.asks(question("hours").id));
        form.insert("works".to_owned(), vec!["no".to_owned()]);
        let path = Trial::of_form(&form).walk(version, today).path;
        assert!(!path.asks(question("hours").id));
        // What means nothing is left out.
        for (name, value) in [("trial.at", "x"), ("trial.c.x.y", "z"), ("trial.visited", "…")] {
            let form = Posted::from([(name.to_owned(), vec![value.to_owned()])]);
            let Walked { checked, path, .. } = Trial::of_form(&form).walk(version, today);
            assert!(checked.is_none() && !path.stops.is_empty());
        }
    }
}
