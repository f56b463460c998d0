//! A study's sample, from the frame to those who work in its areas: the frame is
//! taken in, its columns are named, a plan is written and looked at, the sample
//! is drawn and released.

mod drawn;
mod frame;
mod plan;
mod plan_fields;
mod plan_form;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::frame::place_doubt;
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::store::frames::{self, FrameRow};
use fielding::store::samples::{self, SampleRow};
use fielding::store::studies::Study;
use serde::Serialize;
use tera::Context;

use super::{insert_problems, insert_study};
use crate::render::context_page as page;
use crate::session::SignedIn;
use crate::site::Site;

pub use drawn::{ask_release, assign, download, release, replace};
pub use frame::{ask_remove, name_columns, remove, show_columns, take};
pub use plan::{ask_draw, draw, set as set_plan, show as show_plan};

/// Strata, domains and areas that a page lists.
const LISTED: usize = 50;

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
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    sample_page(&app, &request, &signed_in, &study, &[]).await
}

/// What the sample's page reads in one go.
struct State {
    frames: Vec<FrameRow>,
    waiting: Option<FrameRow>,
    sample: Option<(SampleRow, FrameRow)>,
    drawn: Option<drawn::View>,
    may: Vec<&'static str>,
}

pub(super) async fn sample_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (who, unit, study_id) = (signed_in.clone(), study.unit_id, study.id);
    let skip = drawn::areas_after(request);
    let state = app
        .store
        .read(move |connection| {
            let sample = samples::with_frame(connection, study_id)?;
            let drawn = match &sample {
                Some((sample, _)) => Some(drawn::view(connection, sample, unit, skip)?),
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
    let mut context = signed_in.context(app);
    insert_problems(&mut context, problems, language);
    insert_study(&mut context, study);
    context.insert("may", &state.may);
    let lines: Vec<FrameLine> = state.frames.iter().map(|row| FrameLine::of(study, row)).collect();
    context.insert("frames", &lines);
    if let Some(row) = &state.waiting {
        insert_waiting(&mut context, study, row, language);
    }
    if let (Some((sample, frame)), Some(view)) = (&state.sample, &state.drawn) {
        context.insert("frame", &FrameLine::of(study, frame));
        context.insert("plan_hash", &sample.plan_hash);
        context.insert("frame_hash", &frame.hash);
        context.insert("seed", &sample.seed);
        context.insert("drawn_on", &locale::date(study.today(sample.drawn_at)));
        context.insert("drawn", view);
    }
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "studies/sample.html", language, context)
}

/// A frame that waits and what was found in it.
fn insert_waiting(context: &mut Context, study: &Study, row: &FrameRow, language: &str) {
    context.insert("waiting", &FrameLine::of(study, row));
    context.insert("encoding", &row.encoding);
    context.insert("full_hash", &row.hash);
    if let Some(mut report) = row.report.clone().into_inner() {
        report.strata.truncate(LISTED);
        let more = report.strata_count.saturating_sub(report.strata.len() as u64);
        context.insert("more_strata", &more);
        context.insert("report", &report);
        if let Some(places) = &report.places {
            let doubts = places.doubts.iter().take(LISTED);
            let said: Vec<String> = doubts.map(|doubt| place_doubt(doubt, language)).collect();
            context.insert("place_doubts", &said);
        }
        context.insert("has_known", &report.strata.iter().any(|row| row.known.is_some()));
    }
    context.insert("planned", &!row.plan.is_empty());
}
