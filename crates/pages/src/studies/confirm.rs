//! What an act will do, on a page of its own before it is done: whom, how many,
//! what cannot be undone, and the letter as it will be sent. What was counted
//! travels with the form; where it is different by then the page is shown again
//! and nothing is done.

mod seen;
mod step;
mod view;
mod writer;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::app::App;
use fielding::error::Error;
use fielding::jobs::prepare;
use fielding::rules::access::Action;
use fielding::store::studies::Study;
use fielding::store::{Id, Scope};
use survey_builder::questionnaire::validate::Posted;

use self::seen::{Rest, Seen, act, version_of};
use self::writer::Writer;
use super::about::{Admitted, StudyDoor};
use super::design::design_page;
use super::field::field_page;
use super::overview::study_page;
use super::sample::page::sample_page;
use crate::form::{field, off_thread};
use crate::render::redirect;
use crate::session::SignedIn;
use crate::site::Site;

pub use self::step::Step;
pub use self::view::{Again, Asked, Consequences, Typed};

/// The page of a step: `GET`.
pub async fn ask(door: StudyDoor, step: Step) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(step.right()).await?;
    let (in_query, now) = (app.get_ref().clone(), app.clock.now());
    let (of, asked) = (study.id, step.clone());
    let seen =
        app.store.read(move |connection| Seen::of(&in_query, connection, now, of, &asked)).await;
    match seen {
        Ok(seen) => {
            show(&app, &request, &signed_in, &study, (&step, &seen, ""), &Again::default()).await
        }
        Err(error) => refused(&app, &request, &signed_in, study, &step, error).await,
    }
}

async fn show(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (step, seen, typed): (&Step, &Seen, &str),
    again: &Again,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (in_query, of) = (app.get_ref().clone(), study.clone());
    let version = match seen {
        Seen::Letters { .. } => {
            Some(app.store.read(move |connection| version_of(&in_query, connection, &of)).await?)
        }
        _ => None,
    };
    let version = version.as_deref();
    let mut written = Writer { app, study, version, language }.write(step, seen);
    if let Some(asked) = Typed::of(step, seen, study) {
        written.ask_for(&asked, typed, language);
    }
    written.page(app, request, signed_in, study, (step.place(), again)).await
}

/// The form of a step: `POST`. It is done if what was counted is as it was.
pub async fn carry_out(
    door: StudyDoor,
    step: impl FnOnce(&Posted) -> Result<Step, Error>,
    right: Action,
) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) = door.admit_form(right).await?;
    let step = step(&form)?;
    let (in_write, now, user) = (app.get_ref().clone(), app.clock.now(), signed_in.user.id);
    let (of, asked) = (study.clone(), step.clone());
    let (counted, typed) = (field(&form, "counted"), field(&form, "typed"));
    let (was_counted, was_typed) = (counted.clone(), typed.clone());
    let done = app
        .store
        .write(Scope::Study(study.id), move |connection| {
            let seen = Seen::of(&in_write, connection, now, of.id, &asked)?;
            let changed = !seen.is_covered_by(&was_counted);
            let asks = Typed::of(&asked, &seen, &of);
            let problem = asks.and_then(|asks| asks.check(&was_typed).err());
            if changed || problem.is_some() || seen.is_empty() {
                return Ok(Err((seen, changed, problem)));
            }
            act(connection, now, Some(user), of.id, (&asked, &seen)).map(Ok)
        })
        .await;
    let done = match done {
        Ok(Ok(rest)) => finish(&app, user, study.id, rest).await.map(|()| None),
        Ok(Err(again)) => Ok(Some(again)),
        Err(error) => Err(error),
    };
    match done {
        Ok(None) => {
            if step == Step::RemoveFrame {
                app.drop_frame();
            }
            Ok(redirect(&match step {
                Step::Delete => "/studies?deleted".to_owned(),
                _ => format!("/studies/{}{}", study.id, step.origin()),
            }))
        }
        Ok(Some((seen, changed, problem))) => {
            // Who never saw a number is not told that it has changed, and one thing
            // at a time: what was typed is judged by a number that was seen.
            let changed = changed && !counted.is_empty();
            let problems = problem.into_iter().filter(|_| !changed && !counted.is_empty());
            let again = Again { changed, problems: problems.collect() };
            show(&app, &request, &signed_in, &study, (&step, &seen, &typed), &again).await
        }
        Err(error) => refused(&app, &request, &signed_in, study, &step, error).await,
    }
}

/// Does the rest; whoever asked for it may have gone meanwhile.
async fn finish(app: &App, user: Id, study: Id, rest: Rest) -> Result<(), Error> {
    let app = app.clone();
    off_thread(move || match rest {
        Rest::Nothing => Ok(()),
        Rest::Queue(begun) => prepare::queue(&app, Some(user), study, begun).map(drop),
        Rest::Close(closing) => prepare::end_all(&app, closing).map(drop),
        Rest::Open(releasing) => prepare::open_released(&app, releasing).map(drop),
        Rest::Delete => prepare::delete_all(&app, study),
    })
    .await?
}

/// What stands in the way, on the page that one came from.
async fn refused(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: Study,
    step: &Step,
    error: Error,
) -> Result<HttpResponse, Error> {
    match error {
        Error::Invalid(problems) if step.is_about_sample() => {
            sample_page(app, request, signed_in, &study, &problems).await
        }
        Error::Invalid(problems) if *step == Step::Open => {
            study_page(app, request, signed_in, study, &problems).await
        }
        Error::Invalid(problems) if matches!(step, Step::RemoveMedia(_)) => {
            design_page(app, request, signed_in, &study, &problems).await
        }
        Error::Invalid(problems) => field_page(app, request, signed_in, &study, &problems).await,
        error => Err(error),
    }
}
