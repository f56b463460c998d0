//! Home: what waits for whoever has signed in, the oldest first, and nothing else.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Days, NaiveDate};
use fielding::app::App;
use fielding::error::Error;
use fielding::rules::access::{Action, Role};
use fielding::rules::states::{Example, StudyStatus};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Instant, Zone, comments, invited, outbox, people, rounds};
use serde::Serialize;

use super::bar::{Place, Standing};
use super::render::page;
use super::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Studies that are looked through: those that are not closed, the newest.
const STUDIES: i64 = 50;
/// A backup older than this is worth a word.
const BACKUP_DAYS: i64 = 7;

/// The page.
#[derive(Serialize)]
struct HomePage {
    #[serde(flatten)]
    layout: StaffLayout,
    today: String,
    things: Vec<ThingLine>,
    may_design: bool,
    /// Whether there is any study that the reader may see; the example is none.
    any_study: bool,
    /// The address of the example study, where it is there.
    example: Option<String>,
}

/// Something that waits, as it is shown.
#[derive(Serialize)]
struct ThingLine {
    mark: &'static str,
    /// The key of what it is, and its number.
    key: String,
    count: i64,
    /// What it is about.
    about: String,
    address: String,
    since: String,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    mark: &'static str,
    key: String,
    count: i64,
    about: String,
    address: String,
    /// Since when.
    since: NaiveDate,
}

/// Everything that waits for somebody, what has waited longest first.
pub fn waiting_for(
    app: &App,
    connection: &mut Connection,
    who: &SignedIn,
    now: Instant,
) -> Result<Vec<Thing>, Error> {
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let units = people::units_below(connection, &tops)?;
    let mut things = Vec::new();
    for study in studies::unfinished(connection, &units, STUDIES)? {
        // What is tried with the example waits for nobody.
        if study.example == Example::No {
            of_study(app, connection, who, &study, now, &mut things)?;
        }
    }
    of_people(connection, who, now, &mut things)?;
    things.extend(of_backup(app, connection, who, now)?);
    things.sort_by(|one, other| (one.since, &one.about).cmp(&(other.since, &other.about)));
    Ok(things)
}

/// The next step of a study, comments on its draft, and letters of its that could not
/// be sent, where whoever reads may do something about them.
fn of_study(
    app: &App,
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
    now: Instant,
    things: &mut Vec<Thing>,
) -> Result<(), Error> {
    let standing = Standing::read(app, connection, who, study, now)?;
    let begun = match rounds::current(connection, study.id)?.opened_on {
        Some(day) => day,
        None => study.today(study.created_at),
    };
    let written = standing.facts.written_on;
    let address = format!("/studies/{}", study.id);
    if let Some(next) = standing.next(study) {
        let since = match next.step {
            "remind" => written.and_then(|day| day.checked_add_days(gap(study))),
            "resend" => written,
            "close" => study.closes_on.filter(|last| *last < study.today(now)),
            _ => None,
        };
        things.push(Thing {
            mark: if matches!(next.step, "send-media" | "resend") { "blocked" } else { "now" },
            key: format!("next-{}", next.step),
            count: 0,
            about: study.name.clone(),
            address: next.address,
            since: since.unwrap_or(begun),
        });
    }
    if standing.may.0 {
        things.extend(of_review(connection, study)?);
    }
    if study.status == StudyStatus::Open && standing.may.1 {
        let failed = outbox::problems(connection, study.id)?;
        let failed: i64 = failed.iter().map(|(_, count)| count).sum();
        if failed > 0 {
            things.push(Thing {
                mark: "warn",
                key: "home-letters-failed".to_owned(),
                count: failed,
                about: study.name.clone(),
                address: format!("{address}/field"),
                since: written.unwrap_or(begun),
            });
        }
    }
    Ok(())
}

/// Comments on the draft that nobody has settled yet.
fn of_review(connection: &mut Connection, study: &Study) -> Result<Option<Thing>, Error> {
    let (open, first) = comments::open_of(connection, study.id)?;
    Ok(first.map(|first| Thing {
        mark: "later",
        key: "home-comments".to_owned(),
        count: open,
        about: study.name.clone(),
        address: format!("/studies/{}/builder/review", study.id),
        since: study.today(first),
    }))
}

fn gap(study: &Study) -> Days {
    Days::new(u64::try_from(study.gap_days).unwrap_or_default())
}

/// Invitations of people that nobody has accepted yet, by unit.
fn of_people(
    connection: &mut Connection,
    who: &SignedIn,
    now: Instant,
    things: &mut Vec<Thing>,
) -> Result<(), Error> {
    if !who.may_somewhere(Action::Administer) {
        return Ok(());
    }
    let own = who.administered(connection)?;
    let names = people::all_units(connection)?;
    let mut by_unit: BTreeMap<Id, Vec<invited::Invited>> = BTreeMap::new();
    for one in invited::of_units(connection, &own)? {
        by_unit.entry(one.unit_id).or_default().push(one);
    }
    for (unit, waiting) in by_unit {
        let failed = |one: &invited::Invited| {
            !one.problem.is_empty() || one.expires_at.is_some_and(|at| at < now)
        };
        let first = waiting.iter().map(|one| one.invited_at).min().unwrap_or(now);
        let name = names.iter().find(|one| one.id == unit).map(|one| one.name.clone());
        things.push(Thing {
            mark: if waiting.iter().any(failed) { "warn" } else { "later" },
            key: "home-invitations".to_owned(),
            count: i64::try_from(waiting.len()).unwrap_or(i64::MAX),
            about: name.unwrap_or_default(),
            address: format!("/administration/units/{unit}#waiting"),
            since: first.day_in(Zone::default()),
        });
    }
    Ok(())
}

/// A backup that is older than a week, or none a week after set-up, for the owner of
/// the whole.
fn of_backup(
    app: &App,
    connection: &mut Connection,
    who: &SignedIn,
    now: Instant,
) -> Result<Option<Thing>, Error> {
    let Some(data) = &app.data else { return Ok(None) };
    let Some(root) = people::root_unit(connection)? else { return Ok(None) };
    if !who.roles.contains(&(root.id, Role::Owner)) {
        return Ok(None);
    }
    let last = fielding::backup_note::last(data);
    let since = last.map_or(root.created_at, |at| Instant(at.timestamp_micros()));
    if now < since.plus_seconds(BACKUP_DAYS * 86_400) {
        return Ok(None);
    }
    let key = if last.is_some() { "home-backup-old" } else { "home-backup-none" };
    Ok(Some(Thing {
        mark: "warn",
        key: key.to_owned(),
        count: 0,
        about: String::new(),
        address: "/home#backup".to_owned(),
        since: since.day_in(Zone::default()),
    }))
}

/// `GET /home`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let mut signed_in = SignedIn::require(&app, &request).await?;
    let (in_query, who, now) = (app.get_ref().clone(), signed_in.clone(), app.clock.now());
    let (things, any_study, example) = app
        .store
        .read(move |connection| {
            let things = waiting_for(&in_query, connection, &who, now)?;
            let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
            let units = people::units_below(connection, &tops)?;
            let two = studies::of_units(connection, &units, false, None, 2)?;
            let any = two.iter().any(|study| study.example == Example::No);
            let example = two.iter().find(|study| study.example != Example::No);
            Ok((things, any, example.map(|study| format!("/studies/{}", study.id))))
        })
        .await?;
    signed_in.now_waiting(&app, things.len());
    let line = |thing: Thing| ThingLine {
        mark: thing.mark,
        key: thing.key,
        count: thing.count,
        about: thing.about,
        address: thing.address,
        since: locale::date(thing.since),
    };
    let shown = HomePage {
        layout: signed_in.layout(&app, Place::Home),
        today: locale::date(now.day_in(Zone::default())),
        things: things.into_iter().map(line).collect(),
        may_design: signed_in.may_somewhere(Action::Design),
        any_study,
        example,
    };
    page(StatusCode::OK, "home.html", signed_in.language(&request), &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn home_shows_its_examples() {
        shows("home.html", |language| {
            let thing = |key: &str, mark, count| ThingLine {
                mark,
                key: key.to_owned(),
                count,
                about: if key.contains("backup") { String::new() } else { "Đi lại".to_owned() },
                address: "/studies/0190".to_owned(),
                since: "30/11/2026".to_owned(),
            };
            let of = |things: Vec<ThingLine>, may_design, any_study| HomePage {
                example: None,
                layout: StaffLayout::example(language),
                today: "01/12/2026".to_owned(),
                things,
                may_design,
                any_study,
            };
            let all = vec![
                thing("next-invite", "now", 0),
                thing("next-resend", "blocked", 0),
                thing("home-letters-failed", "warn", 3),
                thing("home-invitations", "later", 1),
                thing("home-comments", "later", 2),
                thing("home-backup-old", "warn", 0),
                thing("home-backup-none", "warn", 0),
            ];
            vec![
                of(all, true, true),
                of(Vec::new(), true, true),
                of(Vec::new(), false, true),
                of(Vec::new(), true, false),
                HomePage {
                    example: Some("/studies/0190".to_owned()),
                    ..of(Vec::new(), true, false)
                },
                of(Vec::new(), false, false),
            ]
        });
    }
}
