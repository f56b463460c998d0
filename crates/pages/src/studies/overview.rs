//! A study as a whole: the next step, its road, where it stands, what needs attention.

mod view;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::states::AuditAction;
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Instant, audit, outbox, pool, rounds};

use self::view::{Known, OverviewPage};
use super::about::{Admitted, Listed, StudyDoor, StudyHead};
use super::record::EntryLine;
use crate::bar::{Bar, Place, Standing};
use crate::outcome::status;
use crate::render::page;
use crate::session::SignedIn;
use crate::site::Site;

/// Entries of the record that the page shows.
const LATEST: usize = 5;
/// … and among how many they are looked for: that somebody had a file changes nothing.
const LOOKED_AT: i64 = 50;

/// `GET /studies/{id}`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    study_page(&app, &request, &signed_in, study, &[]).await
}

/// The page, with what is wrong.
pub async fn study_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (site, who, of, now) = (app.clone(), signed_in.clone(), study.clone(), app.clock.now());
    let known = app.store.read(move |connection| read(&site, connection, &who, &of, now)).await?;
    let shown = OverviewPage {
        layout: signed_in.beside(app, Bar::of(Place::Overview, &study, &known.standing)),
        study: StudyHead::of(&study),
        problems: Listed::of(problems, language),
        preparing: known.standing.facts.preparing.iter().map(|what| what.word()).collect(),
        period: known.period(&study, language),
        road: known.road(&study, language),
        figures: known.figures(language),
        pooled: known.pooled,
        by_day: known.by_day(now.day_in(study.time_zone), language),
        attention: known.attention(&study, language),
        entries: EntryLine::all(study.time_zone, &known.entries, language),
    };
    page(status(problems), "studies/show.html", language, &shown)
}

/// The latest entries that say how the study went on.
fn latest(connection: &mut Connection, study: &Study) -> Result<Vec<audit::Entry>, Error> {
    let mut entries = audit::about(connection, &study.id.to_string(), LOOKED_AT)?;
    entries.retain(|entry| entry.action != AuditAction::Downloaded);
    entries.truncate(LATEST);
    Ok(entries)
}

/// What the page shows, read in one go.
fn read(
    site: &Site,
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
    now: Instant,
) -> Result<Known, Error> {
    let round = rounds::current(connection, study.id)?;
    let version = match studies::current_version(connection, study.id)? {
        Some(id) => {
            // Its number without its whole document.
            let numbers = studies::version_numbers(connection, study.id)?;
            let number = numbers.last().map_or(0, |(number, _)| *number);
            Some((site.version(connection, id)?, number))
        }
        None => None,
    };
    Ok(Known {
        standing: Standing::read(site, connection, who, study, now)?,
        version,
        pooled: pool::count(connection, round.id)?,
        failed: outbox::problems(connection, study.id)?.iter().map(|(_, count)| count).sum(),
        days: rounds::days(connection, round.id)?,
        round,
        entries: latest(connection, study)?,
    })
}
