//! The plan: written in a form or as text, looked at before anything is drawn,
//! and drawn by.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload, block};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::Plan;
use survey_builder::sampling::check::StratumPreview;
use survey_builder::sampling::expectation::{Assumptions, Expectation, Expected, expect};
use survey_builder::sampling::random::Seed;

use super::frame::waiting;
use super::{LISTED, plan_fields, plan_form, sample_page};
use crate::acts::draw::{FrameOf, draw_from, store_sample, two_stage_plan};
use crate::acts::frame::{Rows, keep_plan, load, told};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::keys::random_bytes;
use crate::pages::render::{page, redirect};
use crate::pages::session::SignedIn;
use crate::pages::studies::{field, insert_problems, insert_study, sent};
use crate::plan_file::{self, PlanFile};
use crate::rules::access::Action;
use crate::rules::roles::Roles;
use crate::store::Scope;
use crate::store::frames::FrameRow;
use crate::store::studies::Study;

/// Clusters and units of the plan that is proposed first.
const PROPOSED: (u32, u32) = (15, 20);

/// A row of what is expected.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    expected: &'a Expected,
    workload: Option<f64>,
    drawn: Option<&'a StratumPreview>,
}

impl<'a> Line<'a> {
    fn of(expected: &'a Expected, drawn: Option<&'a StratumPreview>) -> Self {
        Self { expected, workload: expected.workload(), drawn }
    }
}

/// A frame whose columns are named, with its plan.
struct Planning {
    row: FrameRow,
    roles: Roles,
    plan: Plan,
    assumptions: Assumptions,
}

impl Planning {
    async fn of(app: &App, study: &Study) -> Result<Self, Error> {
        let row = waiting(app, study.id).await?;
        let roles = row.roles.clone().into_inner().ok_or(Error::NotFound("frame"))?;
        let (plan, assumptions) = if row.plan.is_empty() {
            (proposed(&roles), Assumptions::default())
        } else {
            let read = plan_file::read(&row.plan, false)
                .map_err(|problems| Error::Invalid(told(&problems)))?;
            (read.plan, read.assumptions)
        };
        Ok(Self { row, roles, plan, assumptions })
    }

    /// What is expected of the plan; reads the frame if it is not held.
    async fn expected(&self, app: &App) -> Result<Expectation, Error> {
        let columns = self.assumptions.columns(self.plan.columns(&self.roles.columns));
        let (app, row) = (app.clone(), self.row.clone());
        let (plan, assumptions) = (self.plan.clone(), self.assumptions.clone());
        block(move || {
            let frame = load(&app, &row, &columns)?;
            expect(&frame, &plan, &assumptions).map_err(|found| Error::Invalid(told(&found)))
        })
        .await
        .map_err(|_| Error::WriterStopped)?
    }
}

/// The plan that is proposed while none is written: the usual two stages where
/// there are clusters, otherwise people from a list.
fn proposed(roles: &Roles) -> Plan {
    let (clusters, units) = PROPOSED;
    let mut plan = two_stage_plan(clusters, units);
    if roles.columns.cluster.is_none() {
        let form = Posted::from([
            ("s1_units".to_owned(), vec!["units".to_owned()]),
            ("s1_method".to_owned(), vec!["systematic".to_owned()]),
            ("s1_total".to_owned(), vec![(clusters * units).to_string()]),
        ]);
        if let Ok((simple, _)) = plan_form::read(&form, roles) {
            plan = simple;
        }
    }
    plan
}

/// `GET /studies/{id}/sample/plan`
pub async fn show(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    plan_page(&app, &request, &signed_in, &study, &planning, None).await
}

/// What was sent and is shown again with what is wrong with it.
struct Refused {
    form: Posted,
    problems: Vec<Problem>,
}

async fn plan_page(
    app: &Data<App>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    planning: &Planning,
    refused: Option<Refused>,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let mut context = signed_in.context(app);
    insert_study(&mut context, study);
    let Planning { row, roles, plan, assumptions } = planning;
    let written = plan_file::write(plan, assumptions);
    let (mut form, mut problems) = (plan_form::shown(plan, assumptions), Vec::new());
    let mut text = written;
    if let Some(refused) = refused {
        problems = refused.problems;
        if refused.form.contains_key("text") {
            text = field(&refused.form, "text");
        } else {
            form = refused.form;
        }
    } else {
        match planning.expected(app).await {
            Ok(found) => insert_expected(&mut context, &found),
            Err(Error::Invalid(found)) => problems = found,
            Err(error) => return Err(error),
        }
    }
    insert_problems(&mut context, &problems, language);
    context.insert("text", &text);
    context.insert("says_all", &plan_form::says_all(plan, assumptions, roles));
    let strata: Vec<&str> = row
        .report
        .iter()
        .flat_map(|report| &report.strata)
        .take(LISTED)
        .map(|row| row.stratum.as_str())
        .collect();
    context.insert("groups", &plan_fields::groups(&form, roles, &strata, language));
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "studies/plan.html", language, context)
}

fn insert_expected(context: &mut tera::Context, found: &Expectation) {
    let strata: Vec<Line<'_>> = found
        .strata
        .iter()
        .zip(&found.drawn)
        .take(LISTED)
        .map(|(expected, drawn)| Line::of(expected, Some(drawn)))
        .collect();
    let domains: Vec<Line<'_>> =
        found.domains.iter().take(LISTED).map(|expected| Line::of(expected, None)).collect();
    context.insert("more_strata", &found.strata.len().saturating_sub(LISTED));
    context.insert("more_domains", &found.domains.len().saturating_sub(LISTED));
    context.insert("expected_strata", &strata);
    context.insert("expected_domains", &domains);
    context.insert("all", &Line::of(&found.all, None));
}

/// `POST /studies/{id}/sample/plan`: keeps a plan, written in the form or as
/// text, if it can be read; whether it can be drawn, the page then says.
pub async fn set(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (form, signed_in, study) = sent(&app, &request, &id, payload, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    let read = if form.contains_key("text") {
        plan_file::read(&field(&form, "text"), false)
            .map_err(|problems| told(&problems))
            .map(|PlanFile { plan, assumptions, .. }| (plan, assumptions))
    } else {
        plan_form::read(&form, &planning.roles)
    };
    match read {
        Ok((plan, assumptions)) => {
            let text = plan_file::write(&plan, &assumptions);
            let frame = planning.row.id;
            let (now, user, study) = (app.clock.now(), Some(signed_in.user.id), study.id);
            app.store
                .write(Scope::Study(study), move |connection| {
                    keep_plan(connection, now, user, study, frame, &text)
                })
                .await?;
            Ok(redirect(&format!("/studies/{study}/sample/plan")))
        }
        Err(problems) => {
            let refused = Refused { form, problems };
            plan_page(&app, &request, &signed_in, &study, &planning, Some(refused)).await
        }
    }
}

/// `POST /studies/{id}/sample`: draws by the plan and lets the frame go.
pub async fn draw(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (form, signed_in, study) = sent(&app, &request, &id, payload, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    let drawn = match read_seed(&form) {
        Ok(seed) => draw_now(&app, planning, seed).await,
        Err(problem) => Err(Error::Invalid(vec![problem])),
    };
    let (keys, user, study_id) = (app.keys.clone(), signed_in.user.id, study.id);
    let now = app.clock.now();
    let stored = match drawn {
        Ok(drawn) => {
            app.store
                .write(Scope::Study(study_id), move |connection| {
                    store_sample(connection, &keys, now, Some(user), study_id, &drawn)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match stored {
        Ok(_) => {
            app.drop_frame();
            Ok(redirect(&format!("/studies/{study_id}/sample")))
        }
        Err(Error::Invalid(problems)) => {
            sample_page(&app, &request, &signed_in, &study, &problems).await
        }
        Err(error) => Err(error),
    }
}

async fn draw_now(
    app: &App,
    planning: Planning,
    seed: Seed,
) -> Result<crate::acts::draw::Drawn, Error> {
    let app = app.clone();
    block(move || {
        let Planning { row, roles, plan, .. } = planning;
        let frame = load(&app, &row, &plan.columns(&roles.columns))?;
        let separator = row.separator.bytes().next().unwrap_or(b',');
        let rows = (Rows::of(&app, row.id), separator);
        draw_from(FrameOf::Waiting(row.id), &frame, &roles, &plan, seed, rows)
            .map_err(Error::Invalid)
    })
    .await
    .map_err(|_| Error::WriterStopped)?
}

fn read_seed(form: &Posted) -> Result<Seed, Problem> {
    match field(form, "seed").as_str() {
        "" => Ok(Seed(u64::from_le_bytes(random_bytes()))),
        typed => typed.parse().map(Seed).map_err(|_| Problem::new("whole-number", "seed")),
    }
}
