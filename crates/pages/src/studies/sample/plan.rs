//! The plan: written in a form or as text, looked at before anything is drawn,
//! and drawn by.

use actix_web::web::{Data, Path, Payload, block};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::draw::{FrameSource, draw_from, two_stage_plan};
use fielding::acts::frame::{Rows, as_problems, keep_plan, load};
use fielding::app::App;
use fielding::error::{Error, Missing, Problem};
use fielding::files::plan::{self as plan_file, PlanFile};
use fielding::files::roles::Roles;
use fielding::jobs::prepare::store_sample;
use fielding::keys::random_bytes;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::Scope;
use fielding::store::frames::FrameRow;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::Plan;
use survey_builder::sampling::check::StratumPreview;
use survey_builder::sampling::expectation::{Assumptions, Expectation, Expected, expect};
use survey_builder::sampling::frame::hash_of_text;
use survey_builder::sampling::random::Seed;

use super::frame::waiting;
use super::page::{LISTED, sample_page};
use super::{plan_fields, plan_form};
use crate::bar::Place;
use crate::form::{field, off_thread};
use crate::outcome::{on_or_again, status};
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{StudyHead, problem_texts, sent};
use crate::studies::confirm::{Again, Asked, Consequences, Typed};
use crate::wording::{count_text, plan_text, say_count};

/// Clusters and units of the plan that is proposed first.
const PROPOSED: (u32, u32) = (15, 20);

/// A row of what is expected.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    expected: Expected,
    workload: Option<f64>,
    drawn: Option<StratumPreview>,
}

impl Line {
    fn of(expected: &Expected, drawn: Option<&StratumPreview>) -> Self {
        Self { workload: expected.workload(), expected: expected.clone(), drawn: drawn.cloned() }
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
        let roles = row.roles.clone().into_inner().ok_or(Error::NotFound(Missing::Frame))?;
        let (plan, assumptions) = if row.plan.is_empty() {
            (proposed(&roles), Assumptions::default())
        } else {
            let read = plan_file::read(&row.plan, false)
                .map_err(|problems| Error::Invalid(as_problems(&problems)))?;
            (read.plan, read.assumptions)
        };
        Ok(Self { row, roles, plan, assumptions })
    }

    /// What tells this frame, what its columns are and this plan from any other: it
    /// travels with the forms, so that only what was on the screen is drawn by.
    fn stamp(&self) -> String {
        let roles = serde_json::to_string(&self.roles).unwrap_or_default();
        let text = format!("{}\n{roles}\n{}", self.row.hash, self.written());
        let digest = hash_of_text(&text);
        digest.chars().take(16).collect()
    }

    /// The plan as text.
    fn written(&self) -> String {
        plan_file::write(&self.plan, &self.assumptions)
    }

    /// The plan's hash, as the record of a draw by it will say.
    fn plan_hash(&self) -> String {
        self.plan.hash(&self.plan.columns(&self.roles.columns))
    }

    /// Whether the fields of a form say something else than those that were shown.
    fn fields_changed(&self, form: &Posted) -> bool {
        let shown = plan_form::shown(&self.plan, &self.assumptions);
        form.contains_key("s1_units")
            && plan_form::read(form, &self.roles) != plan_form::read(&shown, &self.roles)
    }

    /// Whether the text of a form is another than the one that was shown.
    fn text_changed(&self, form: &Posted) -> bool {
        let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        form.contains_key("text") && plain(&field(form, "text")) != plain(&self.written())
    }

    /// What is expected of the plan; reads the frame if it is not held.
    async fn expected(&self, app: &App) -> Result<Expectation, Error> {
        let columns = self.assumptions.columns(self.plan.columns(&self.roles.columns));
        let (app, row) = (app.clone(), self.row.clone());
        let (plan, assumptions) = (self.plan.clone(), self.assumptions.clone());
        block(move || {
            let frame = load(&app, &row, &columns)?;
            expect(&frame, &plan, &assumptions).map_err(|found| Error::Invalid(as_problems(&found)))
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
    app: Data<Site>,
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
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    planning: &Planning,
    refused: Option<Refused>,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let Planning { row, roles, plan, assumptions } = planning;
    let (mut form, mut problems) = (plan_form::shown(plan, assumptions), Vec::new());
    let (mut text, mut expected) = (planning.written(), None);
    if let Some(refused) = refused {
        problems = refused.problems;
        if refused.form.contains_key("text") {
            text = field(&refused.form, "text");
        }
        if refused.form.contains_key("s1_units") {
            form = refused.form;
        }
    } else {
        match planning.expected(app).await {
            Ok(found) => expected = Some(ExpectedPart::of(&found)),
            Err(Error::Invalid(found)) => problems = found,
            Err(error) => return Err(error),
        }
    }
    let strata: Vec<&str> = row
        .report
        .iter()
        .flat_map(|report| &report.strata)
        .take(LISTED)
        .map(|row| row.stratum.as_str())
        .collect();
    let short = |hash: &str| hash.chars().take(12).collect();
    let shown = PlanPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Sample)).await?,
        study: StudyHead::of(study),
        problems: problem_texts(&problems, language),
        expected,
        text,
        seen: planning.stamp(),
        frame_name: row.name.clone(),
        frame_hash: short(&row.hash),
        plan_hash: short(&planning.plan_hash()),
        says_all: plan_form::says_all(plan, assumptions, roles),
        groups: plan_fields::groups(&form, roles, &strata, language),
    };
    page(status(&problems), "studies/plan.html", language, &shown)
}

/// The page of a plan.
#[derive(Serialize)]
struct PlanPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Vec<String>,
    /// What is expected of the plan, where it can be drawn.
    expected: Option<ExpectedPart>,
    /// The plan as text.
    text: String,
    /// What tells this plan from any other.
    seen: String,
    frame_name: String,
    frame_hash: String,
    plan_hash: String,
    /// Whether the fields say all that the plan says.
    says_all: bool,
    groups: Vec<plan_fields::Group>,
}

/// What is expected of a plan, as far as the page lists it.
#[derive(Serialize)]
struct ExpectedPart {
    all: Line,
    strata: Vec<Line>,
    more_strata: usize,
    domains: Vec<Line>,
    more_domains: usize,
}

impl ExpectedPart {
    fn of(found: &Expectation) -> Self {
        let strata = found.strata.iter().zip(&found.drawn).take(LISTED);
        let domains = found.domains.iter().take(LISTED);
        Self {
            all: Line::of(&found.all, None),
            strata: strata.map(|(expected, drawn)| Line::of(expected, Some(drawn))).collect(),
            more_strata: found.strata.len().saturating_sub(LISTED),
            domains: domains.map(|expected| Line::of(expected, None)).collect(),
            more_domains: found.domains.len().saturating_sub(LISTED),
        }
    }
}

/// `POST /studies/{id}/sample/plan`: keeps a plan, written in the form or as
/// text, if it can be read; whether it can be drawn, the page then says.
pub async fn set(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (form, signed_in, study) = sent(&app, &request, &id, payload, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    let by = match field(&form, "by").as_str() {
        "draw" => By::Draw,
        "text" => By::Text,
        "fields" => By::Fields,
        // A form with the text alone.
        _ if form.contains_key("text") && !form.contains_key("s1_units") => By::Text,
        _ => By::Fields,
    };
    if let Some(problem) = stale(&planning, &form, by) {
        let refused = Refused { form, problems: vec![problem] };
        return plan_page(&app, &request, &signed_in, &study, &planning, Some(refused)).await;
    }
    let read = match by {
        By::Draw => return Ok(redirect(&format!("/studies/{}/sample/draw", study.id))),
        By::Text => plan_file::read(&field(&form, "text"), false)
            .map_err(|problems| as_problems(&problems))
            .map(|PlanFile { plan, assumptions, .. }| (plan, assumptions)),
        By::Fields => plan_form::read(&form, &planning.roles),
    };
    let kept = match read {
        Ok((plan, assumptions)) => {
            let text = plan_file::write(&plan, &assumptions);
            let frame = planning.row.id;
            let (now, user, study) = (app.clock.now(), Some(signed_in.user.id), study.id);
            app.store
                .write(Scope::Study(study), move |connection| {
                    keep_plan(connection, now, user, study, frame, &text)
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let way = |()| format!("/studies/{}/sample/plan", study.id);
    on_or_again(kept, way, async |problems| {
        let refused = Refused { form, problems };
        plan_page(&app, &request, &signed_in, &study, &planning, Some(refused)).await
    })
    .await
}

/// By which of its buttons the plan's form was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// What the fields say is kept.
    Fields,
    /// What the text says is kept.
    Text,
    /// What is kept is drawn by.
    Draw,
}

/// What of a form would be lost, or was not on the screen, if its button did what
/// it says.
fn stale(planning: &Planning, form: &Posted, by: By) -> Option<Problem> {
    let seen = field(form, "seen");
    let (fields, text) = (planning.fields_changed(form), planning.text_changed(form));
    let code = match by {
        _ if !seen.is_empty() && seen != planning.stamp() => "plan-other",
        By::Draw if seen.is_empty() => "plan-other",
        By::Draw if fields || text => "plan-changed",
        By::Fields if text && form.contains_key("s1_units") => "plan-text-changed",
        By::Text if fields => "plan-fields-changed",
        _ => return None,
    };
    Some(Problem::new(code, ""))
}

/// `GET /studies/{id}/sample/draw`: what the draw will do.
pub async fn ask_draw(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    match planning.expected(&app).await {
        Ok(found) => {
            let (typed, again) = (Posted::new(), Again::default());
            let page = draw_consequences(&signed_in, &request, &study, &planning, &found, &typed);
            page.page(&app, &request, &signed_in, &study, (Place::Stage(Stage::Sample), &again))
                .await
        }
        Err(Error::Invalid(_)) => {
            plan_page(&app, &request, &signed_in, &study, &planning, None).await
        }
        Err(error) => Err(error),
    }
}

/// How many cases are expected, as a whole number, and whether that is only about.
fn cases_expected(found: &Expectation) -> (i64, bool) {
    #[expect(clippy::cast_possible_truncation, reason = "a sample is far below 2^63")]
    let whole = found.all.cases.round() as i64;
    (whole, (found.all.cases - found.all.cases.round()).abs() > 1e-6)
}

fn draw_consequences(
    signed_in: &SignedIn,
    request: &HttpRequest,
    study: &Study,
    planning: &Planning,
    found: &Expectation,
    form: &Posted,
) -> Consequences {
    let language = signed_in.language(request);
    let say = |key: &str| locale::text(language, key, &[]);
    let row = &planning.row;
    let (cases, about) = cases_expected(found);
    let key = if about { "confirm-draw-about" } else { "confirm-draw-title" };
    let sample = format!("/studies/{}/sample", study.id);
    let title = say_count(language, key, cases, &[]);
    let mut page = Consequences::new(title, sample.clone(), format!("{sample}/plan"));
    let rows = count_text(language, row.units);
    let mut from =
        format!("{} ({})", row.name, locale::text(language, "frame-rows", &[("n", &rows)]));
    if let Some(day) = row.as_of {
        let day = locale::date(day);
        from = format!("{from}, {}", locale::text(language, "frame-as-of-day", &[("day", &day)]));
    }
    let strata = found.strata.iter().take(LISTED).filter(|one| !one.name.is_empty());
    let strata: Vec<String> = strata
        .map(|one| format!("{} {}", one.name, locale::number(language, one.cases, 0)))
        .collect();
    page.facts = vec![
        (say("sample-frame"), from),
        (say("sample-plan"), plan_text(&planning.plan, language)),
    ];
    if !strata.is_empty() {
        page.facts.push((say("confirm-draw-strata"), strata.join(", ")));
    }
    let completes = locale::number(language, found.all.completes, 0);
    let margin = found.all.margin.map(|margin| locale::percent(language, margin, 1));
    let expected = match margin {
        Some(margin) => locale::text(
            language,
            "confirm-draw-expected",
            &[("completes", &completes), ("margin", &margin)],
        ),
        None => completes,
    };
    page.facts.push((say("plan-expected"), expected));
    page.happens = vec![
        say("confirm-draw-cases"),
        say("confirm-draw-record"),
        say_count(language, "confirm-draw-erased", row.units, &[]),
    ];
    page.stays.push(say("confirm-nobody-written"));
    page.undo = say("confirm-draw-undo");
    page.hidden.push(("counted", planning.stamp()));
    page.ask(Asked {
        name: "seed",
        label: say("sample-seed"),
        hint: say("sample-seed-hint"),
        number: true,
        value: field(form, "seed"),
    });
    page.ask_for(&Typed::Number(cases), &field(form, "typed"), language);
    page
}

/// `POST /studies/{id}/sample`: draws by the plan that was on the screen and lets
/// the frame go.
pub async fn draw(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (form, signed_in, study) = sent(&app, &request, &id, payload, Action::Design).await?;
    let planning = Planning::of(&app, &study).await?;
    let found = match planning.expected(&app).await {
        Ok(found) => found,
        Err(Error::Invalid(_)) => {
            return plan_page(&app, &request, &signed_in, &study, &planning, None).await;
        }
        Err(error) => return Err(error),
    };
    let counted = field(&form, "counted");
    let seed = match (counted == planning.stamp(), read_seed(&form)) {
        (true, Ok(seed)) if typed_right(&found, &form).is_ok() => seed,
        (stands, seed) => {
            let wrong = seed.err().into_iter().chain(typed_right(&found, &form).err());
            let problems = wrong.filter(|_| stands).collect();
            let again = Again { changed: !stands && !counted.is_empty(), problems };
            let page = draw_consequences(&signed_in, &request, &study, &planning, &found, &form);
            let place = Place::Stage(Stage::Sample);
            return page.page(&app, &request, &signed_in, &study, (place, &again)).await;
        }
    };
    let drawn = draw_now(&app, planning, seed).await;
    let (user, study_id) = (signed_in.user.id, study.id);
    let stored = match drawn {
        Ok(drawn) => {
            let in_work = app.get_ref().clone();
            off_thread(move || store_sample(&in_work, Some(user), study_id, drawn)).await?
        }
        Err(error) => Err(error),
    };
    let way = |_| {
        app.drop_frame();
        format!("/studies/{study_id}/sample")
    };
    on_or_again(stored, way, async |problems| {
        sample_page(&app, &request, &signed_in, &study, &problems).await
    })
    .await
}

fn typed_right(found: &Expectation, form: &Posted) -> Result<(), Problem> {
    Typed::Number(cases_expected(found).0).check(&field(form, "typed"))
}

async fn draw_now(
    app: &App,
    planning: Planning,
    seed: Seed,
) -> Result<fielding::acts::draw::Drawn, Error> {
    let app = app.clone();
    block(move || {
        let Planning { row, roles, plan, .. } = planning;
        let frame = load(&app, &row, &plan.columns(&roles.columns))?;
        let separator = row.mark();
        let rows = (Rows::of(&app, row.id), separator);
        draw_from(FrameSource::Waiting(row.id), &frame, &roles, &plan, seed, rows)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_plan_shows_its_examples() {
        let roles = Roles::guess(&["id", "area", "ward", "lat", "lon"]);
        let line = |drawn: bool| Line {
            expected: Expected { margin: drawn.then_some(0.05), cost: 3.0, ..Expected::default() },
            workload: drawn.then_some(2.0),
            drawn: Some(StratumPreview {
                stratum: String::new(),
                units: 10,
                clusters: 2,
                drawn: 1,
                one_more: 0.0,
                certain: 0,
                expected_units: 3.0,
            }),
        };
        shows("studies/plan.html", |language| {
            let of = |expected, problems: &[&str]| {
                let form = plan_form::shown(&proposed(&roles), &Assumptions::default());
                PlanPage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::bare(),
                    problems: problems.iter().map(|one| (*one).to_owned()).collect(),
                    expected,
                    text: String::new(),
                    seen: "abc".to_owned(),
                    frame_name: "frame.csv".to_owned(),
                    frame_hash: "abc".to_owned(),
                    plan_hash: "def".to_owned(),
                    says_all: problems.is_empty(),
                    groups: plan_fields::groups(&form, &roles, &["Ba Đình"], language),
                }
            };
            let expected = ExpectedPart {
                all: line(true),
                strata: vec![line(true), line(false)],
                more_strata: 3,
                domains: vec![line(true), line(false)],
                more_domains: 2,
            };
            vec![of(None, &["…"]), of(Some(expected), &[])]
        });
    }
}
