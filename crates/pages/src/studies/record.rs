//! What was done with a study, by whom and when.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::{Zone, audit};
use serde::Serialize;

use super::about::{Admitted, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::render::page;
use crate::session::StaffLayout;
use crate::wording::count_text;

/// Entries that the page lists.
const LISTED: i64 = 500;

/// The page of the record.
#[derive(Serialize)]
struct RecordPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    entries: Vec<EntryLine>,
    /// Whether there are older ones that are not listed.
    more: bool,
}

/// Something that was done.
#[derive(Serialize)]
pub struct EntryLine {
    day: String,
    /// Who did it; empty where the program did.
    who: String,
    what: String,
    detail: String,
}

impl EntryLine {
    /// Of entries of the audit, with days as they are in a time zone.
    pub fn all(zone: Zone, entries: &[audit::Entry], language: &str) -> Vec<Self> {
        let line = |entry: &audit::Entry| Self {
            day: locale::date(entry.at.day_in(zone)),
            who: entry.who.clone().unwrap_or_default(),
            what: locale::text(language, &format!("audit-{}", entry.action), &[]),
            detail: match entry.detail.parse() {
                Ok(count) => count_text(language, count),
                Err(_) => entry.detail.clone(),
            },
        };
        entries.iter().map(line).collect()
    }

    /// As an example.
    #[cfg(test)]
    pub fn example() -> Self {
        Self {
            day: "02/09/2026".to_owned(),
            who: "Nguyễn Thị Ánh".to_owned(),
            what: "Mở khảo sát".to_owned(),
            detail: "v1".to_owned(),
        }
    }
}

/// `GET /studies/{id}/record`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    let subject = study.id.to_string();
    let mut entries =
        app.store.read(move |connection| audit::about(connection, &subject, LISTED + 1)).await?;
    let listed = usize::try_from(LISTED).unwrap_or(usize::MAX);
    let more = entries.len() > listed;
    entries.truncate(listed);
    let language = signed_in.language(&request);
    let shown = RecordPage {
        layout: signed_in.study_layout(&app, &study, Place::Record).await?,
        study: StudyHead::of(&study),
        entries: EntryLine::all(study.time_zone, &entries, language),
        more,
    };
    page(StatusCode::OK, "studies/record.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_record_shows_its_examples() {
        shows("studies/record.html", |language| {
            let of = |entries: Vec<EntryLine>| RecordPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                more: !entries.is_empty(),
                entries,
            };
            vec![of(Vec::new()), of(vec![EntryLine::example()])]
        });
    }
}
