//! Trying the draft: the link by which anybody does, and the tests that came of it.

pub mod one;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::trials::{self as acts, DAYS, MOST, kept_since};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use fielding::store::trials::{self, TrialLink, TrialRow};
use fielding::store::{Id, Scope};
use serde::Serialize;
use survey_builder::questionnaire::document::Document;

use super::{Strip, seen};
use crate::bar::Place;
use crate::form::field;
use crate::qr;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};
use crate::trial::address_of_link;

/// The page of the link and the tests.
#[derive(Serialize)]
struct TrialsPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    /// Nothing where no link works.
    link: Option<LinkView>,
    tests: Vec<TestLine>,
    /// Days that a test is kept, and tests that are.
    days: u64,
    most: i64,
    /// Whether no other test can begin.
    full: bool,
    /// Whether something comes from a list, which knows nobody who tries.
    asks_list: bool,
}

/// The link as it is given to testers.
#[derive(Serialize)]
struct LinkView {
    address: String,
    until: String,
    /// The side of its QR code, and the path of the dark squares.
    side: i32,
    squares: String,
    /// The languages in which it can be opened: code, name and address.
    spoken: Vec<(String, String, String)>,
}

/// One test.
#[derive(Serialize)]
struct TestLine {
    id: String,
    day: String,
    time: String,
    /// The name of the language.
    language: String,
    state: &'static str,
    /// Pages that were saved.
    pages: i64,
    /// Whether the draft was changed since it began.
    changed: bool,
}

impl LinkView {
    fn of(app: &Site, link: &TrialLink, document: &Document) -> Result<Self, Error> {
        let public = app.public_address.trim_end_matches('/');
        let own = address_of_link(app, link);
        let address = format!("{public}{own}");
        let (side, squares) = qr::picture(&address)?;
        // The program's pages speak these; in others nobody can answer yet.
        let languages = document.languages.iter();
        let known = languages.filter(|one| locale::known(&one.code) == one.code);
        let spoken = known.map(|one| {
            let address = format!("{own}?language={}", one.code);
            (one.code.clone(), one.name.clone(), address)
        });
        let spoken = spoken.collect();
        Ok(Self { address, until: locale::date(link.until), side, squares, spoken })
    }
}

/// The name of a language of a document.
fn named(document: &Document, code: &str) -> String {
    let language = document.languages.iter().find(|one| one.code == code);
    language.map_or(code, |one| one.name.as_str()).to_owned()
}

impl TestLine {
    fn of(
        row: &TrialRow,
        study: &Study,
        (document, newest): (&Document, i64),
        pages: &HashMap<Id, i64>,
    ) -> Self {
        let at = row.began_at.in_zone(study.time_zone);
        Self {
            id: row.id.to_string(),
            day: locale::date(row.began_on),
            time: at.map(|at| at.format("%H:%M:%S").to_string()).unwrap_or_default(),
            language: named(document, &row.language),
            state: row.state.word(),
            pages: pages.get(&row.id).copied().unwrap_or(0),
            changed: row.number != newest,
        }
    }
}

/// `GET /studies/{id}/builder/trials`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    trials_page(&app, &request, &signed_in, &study).await
}

async fn trials_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
) -> Result<HttpResponse, Error> {
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let (id, now) = (study.id, app.clock.now());
    let (link, rows, pages) = app
        .store
        .read(move |connection| {
            let link = trials::link_of(connection, id)?;
            let rows = trials::of_study(connection, id)?;
            Ok((link, rows, trials::saved(connection, id)?))
        })
        .await?;
    let document = seen.document();
    let link = link.filter(|link| study.today(now) <= link.until);
    let pages: HashMap<Id, i64> = pages.into_iter().collect();
    let of = (document, seen.stored.number);
    let kept = rows.iter().filter(|row| row.began_at >= kept_since(now));
    let shown = TrialsPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        link: link.map(|link| LinkView::of(app, &link, document)).transpose()?,
        tests: kept.map(|row| TestLine::of(row, study, of, &pages)).collect(),
        days: DAYS,
        most: MOST,
        full: i64::try_from(rows.len()).unwrap_or(i64::MAX) >= MOST,
        asks_list: !fielding::acts::draft::columns_used(document).is_empty(),
        strip: Strip::of(&seen, "trials"),
    };
    page(StatusCode::OK, "builder/trials.html", signed_in.language(request), &shown)
}

/// `POST /studies/{id}/builder/trials`: makes the link, ends it, or deletes tests.
pub async fn change(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, signed_in, study, .. }, form) = door.admit_form(Action::Design).await?;
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let (user, id) = (signed_in.user.id, study.id);
    let which = Id::parse(&field(&form, "trial"));
    let wish = field(&form, "do");
    app.store
        .write(Scope::Study(id), move |connection| match (wish.as_str(), which) {
            ("make", _) => acts::make_trial_link(connection, &keys, now, user, id),
            ("end", _) => acts::end_trial_link(connection, now, user, id),
            ("remove-all", _) => acts::remove_trials(connection, now, user, id, None),
            ("remove", Some(_)) => acts::remove_trials(connection, now, user, id, which),
            _ => Ok(()),
        })
        .await?;
    Ok(redirect(&format!("/studies/{id}/builder/trials")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn trying_shows_its_examples() {
        shows("builder/trials.html", |language| {
            let line = |state: &'static str, changed| TestLine {
                id: "0192".to_owned(),
                day: "02/12/2026".to_owned(),
                time: "14:05".to_owned(),
                language: "Tiếng Việt".to_owned(),
                state,
                pages: 7,
                changed,
            };
            let of = |link: bool, tests: Vec<TestLine>| TrialsPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("trials"),
                link: link.then(|| LinkView {
                    address: "http://…/try/ABC".to_owned(),
                    until: "01/01/2027".to_owned(),
                    side: 9,
                    squares: "M4 4h1v1h-1z".to_owned(),
                    spoken: vec![("vi".to_owned(), "Tiếng Việt".to_owned(), "/t".to_owned())],
                }),
                full: tests.len() > 1,
                asks_list: link,
                tests,
                days: DAYS,
                most: MOST,
            };
            let all = [("open", false), ("complete", true), ("screened-out", true)];
            let mut all: Vec<TestLine> = all.map(|(state, old)| line(state, old)).into();
            all.push(line("refused", false));
            vec![of(false, Vec::new()), of(true, Vec::new()), of(true, all)]
        });
    }
}
