//! The page of a study's sample.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::frame::place_doubt;
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::frame_report::Report;
use fielding::rules::road::Stage;
use fielding::store::frames::{self, FrameRow};
use fielding::store::samples::{self, SampleRow};
use fielding::store::studies::Study;
use serde::Serialize;

use super::view::{View, areas_after, view};
use crate::bar::Place;
use crate::form::FieldProblem;
use crate::outcome::status;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::starters::{LISTS, StarterLine, lines};
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead, labelled, problem_texts};

/// Strata, domains and areas that a page lists.
pub const LISTED: usize = 50;

/// A frame in the list of those that were read.
#[derive(Serialize)]
struct FrameLine {
    name: String,
    read_on: String,
    as_of: Option<String>,
    units: i64,
    hash: String,
    state: &'static str,
}

impl FrameLine {
    fn of(study: &Study, row: &FrameRow) -> Self {
        Self {
            name: row.name.clone(),
            read_on: locale::date(study.today(row.read_at)),
            as_of: row.as_of.map(locale::date),
            units: row.units,
            hash: row.hash.chars().take(12).collect(),
            state: row.state.word(),
        }
    }
}

/// `GET /studies/{id}/sample`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    sample_page(&app, &request, &signed_in, &study, &[]).await
}

/// Fields of the page that may be wrong, and the keys of their labels.
const LABELS: [(&str, &str); 6] = [
    ("frame", "sample-frame-file"),
    ("as_of", "frame-as-of"),
    ("upto", "release-upto"),
    ("unit", "substitution-unit"),
    ("area", "areas-assign-to"),
    ("person", "areas-assign-to"),
];

/// What the sample's page reads in one go.
struct State {
    frames: Vec<FrameRow>,
    waiting: Option<FrameRow>,
    sample: Option<(SampleRow, FrameRow)>,
    drawn: Option<View>,
    may: Vec<&'static str>,
}

/// The page, with what is wrong.
pub async fn sample_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (who, unit, study_id) = (signed_in.clone(), study.unit_id, study.id);
    let skip = areas_after(request);
    let state = app
        .store
        .read(move |connection| {
            let sample = samples::with_frame(connection, study_id)?;
            let drawn = match &sample {
                Some((sample, _)) => Some(view(connection, &who, sample, unit, skip)?),
                None => None,
            };
            let mut may = Vec::new();
            for (name, action) in [
                ("design", Action::Design),
                ("field", Action::Field),
                ("units", Action::DownloadUnits),
            ] {
                if who.may_in(connection, unit, action)? {
                    may.push(name);
                }
            }
            Ok(State {
                frames: frames::of_study(connection, study_id)?,
                waiting: frames::waiting(connection, study_id)?,
                sample,
                drawn,
                may,
            })
        })
        .await?;
    let drawn = state.sample.as_ref().zip(state.drawn).map(|((sample, frame), drawn)| DrawnPart {
        frame: FrameLine::of(study, frame),
        frame_hash: frame.hash.clone(),
        plan_hash: sample.plan_hash.clone(),
        seed: sample.seed.clone(),
        drawn_on: locale::date(study.today(sample.drawn_at)),
        drawn,
    });
    let shown = SamplePage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Sample)).await?,
        study: StudyHead::of(study),
        problems: labelled(problems, &LABELS, language),
        may: state.may,
        frames: state.frames.iter().map(|row| FrameLine::of(study, row)).collect(),
        waiting: state.waiting.as_ref().map(|row| WaitingPart::of(study, row, language)),
        drawn,
        starters: lines(&LISTS, language),
    };
    page(status(problems), "studies/sample.html", language, &shown)
}

/// The page of the sample.
#[derive(Serialize)]
struct SamplePage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Listed<FieldProblem>,
    /// What the reader may do.
    may: Vec<&'static str>,
    /// Every frame that was read.
    frames: Vec<FrameLine>,
    waiting: Option<WaitingPart>,
    drawn: Option<DrawnPart>,
    /// Lists to try with.
    starters: Vec<StarterLine>,
}

/// A sample that was drawn.
#[derive(Serialize)]
struct DrawnPart {
    frame: FrameLine,
    frame_hash: String,
    plan_hash: String,
    seed: String,
    drawn_on: String,
    #[serde(flatten)]
    drawn: View,
}

/// A frame that waits and what was found in it.
#[derive(Serialize)]
struct WaitingPart {
    #[serde(flatten)]
    frame: FrameLine,
    encoding: String,
    full_hash: String,
    /// The sheet and the row that it was read from, where that was a choice.
    read_from: String,
    report: Option<ReportPart>,
}

/// The sheet and the row that a frame was read from, in words.
fn read_from(row: &FrameRow, language: &str) -> String {
    let reading = row.roles.clone().into_inner().map(|roles| roles.columns.reading);
    let reading = reading.unwrap_or_default();
    let sheet = reading.sheet.as_deref().map(|sheet| ("frame-read-sheet", "sheet", sheet));
    let number = reading.header_row.map(|row| row.to_string());
    let number = number.as_deref().map(|row| ("frame-read-row", "row", row));
    let said = sheet.into_iter().chain(number);
    let said = said.map(|(key, name, value)| locale::text(language, key, &[(name, value)]));
    said.collect::<Vec<_>>().join(", ")
}

/// What was found in a frame, as far as the page lists it.
#[derive(Serialize)]
struct ReportPart {
    #[serde(flatten)]
    report: Report,
    /// Strata that are not listed.
    more_strata: u64,
    /// Doubtful places in words.
    place_doubts: Vec<String>,
    /// What is worth a look, in words.
    notes_told: Vec<String>,
    /// Whether anything is known of how many there are.
    has_known: bool,
}

impl WaitingPart {
    fn of(study: &Study, row: &FrameRow, language: &str) -> Self {
        let report = row.report.clone().into_inner().map(|mut report| {
            report.strata.truncate(LISTED);
            let doubts = report.places.iter().flat_map(|places| &places.doubts).take(LISTED);
            ReportPart {
                more_strata: report.strata_count.saturating_sub(report.strata.len() as u64),
                place_doubts: doubts.map(|doubt| place_doubt(doubt, language)).collect(),
                notes_told: problem_texts(&report.notes, language),
                has_known: report.strata.iter().any(|row| row.known.is_some()),
                report,
            }
        });
        Self {
            frame: FrameLine::of(study, row),
            encoding: row.encoding.clone(),
            full_hash: row.hash.clone(),
            read_from: read_from(row, language),
            report,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;
    use fielding::rules::frame_report::{StratumReport, TwinReport};
    use fielding::rules::states::FrameState;
    use survey_builder::sampling::frame::places::PlaceReport;

    fn wrong(times: usize) -> Vec<Problem> {
        vec![Problem::new("no-file", "frame"); times]
    }

    #[test]
    fn the_sample_shows_its_examples() {
        let line = || FrameLine {
            name: "frame.csv".to_owned(),
            read_on: "02/09/2026".to_owned(),
            as_of: Some("01/07/2026".to_owned()),
            units: 10_000,
            hash: "abc".to_owned(),
            state: FrameState::Kept.word(),
        };
        let stratum = |name: &str, known| StratumReport {
            stratum: name.to_owned(),
            units: 9,
            clusters: 3,
            size: 9.0,
            known,
            share: known.map(|known| 9.0 / known),
        };
        let report = |places: Option<PlaceReport>| ReportPart {
            more_strata: 3,
            place_doubts: vec!["…".to_owned()],
            notes_told: vec!["…".to_owned()],
            has_known: places.is_some(),
            report: Report {
                units: 10_000,
                clusters: 40,
                strata_count: 5,
                strata: vec![stratum("Ba Đình", Some(9.0)), stratum("", None)],
                twins: vec![TwinReport { row: 7, first: 3, columns: "phone".to_owned() }],
                twin_count: 1,
                places,
                notes: Vec::new(),
            },
        };
        let waiting = |report: Option<ReportPart>| WaitingPart {
            frame: line(),
            encoding: "utf8".to_owned(),
            full_hash: "abcdef".to_owned(),
            read_from: "sheet 2, row 3".to_owned(),
            report,
        };
        shows("studies/sample.html", |language| {
            let of = |study, waiting, drawn, may: &[&'static str]| SamplePage {
                layout: StaffLayout::example(language),
                study,
                problems: labelled(&wrong(may.len()), &LABELS, language),
                may: may.to_vec(),
                frames: [FrameState::Kept, FrameState::LetGo]
                    .iter()
                    .map(|state| FrameLine { state: state.word(), ..line() })
                    .collect(),
                waiting,
                drawn,
                starters: lines(&LISTS, language),
            };
            let drawn = |drawn| DrawnPart {
                frame: line(),
                frame_hash: "abc".to_owned(),
                plan_hash: "def".to_owned(),
                seed: "7".to_owned(),
                drawn_on: "02/09/2026".to_owned(),
                drawn,
            };
            let all = ["design", "field", "units"];
            vec![
                of(StudyHead::bare(), None, None, &[]),
                of(StudyHead::bare(), None, None, &all),
                of(StudyHead::bare(), Some(waiting(None)), None, &all),
                of(StudyHead::bare(), Some(waiting(Some(report(None)))), None, &[]),
                of(
                    StudyHead::bare(),
                    Some(waiting(Some(report(Some(PlaceReport::default()))))),
                    None,
                    &all,
                ),
                of(StudyHead::example(), None, Some(drawn(View::example())), &all),
                of(StudyHead::example(), None, Some(drawn(View::bare())), &[]),
            ]
        });
    }
}
