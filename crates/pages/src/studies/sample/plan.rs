//! The plan: written in a form or as text, and looked at before anything is drawn.

use actix_web::web::{Data, block};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::draw::two_stage_plan;
use fielding::acts::frame::{as_problems, keep_plan, load};
use fielding::app::App;
use fielding::error::{Error, Missing, Problem};
use fielding::files::plan::{self as plan_file, PlanFile};
use fielding::files::roles::Roles;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::Scope;
use fielding::store::frames::FrameRow;
use fielding::store::studies::Study;
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::Plan;
use survey_builder::sampling::coordination::Common;
use survey_builder::sampling::expectation::{Assumptions, Expectation, expect};
use survey_builder::sampling::frame::hash_of_text;
use survey_builder::sampling::random::Seed;

use super::beside::Beside;
use super::frame::waiting;
use super::page::LISTED;
use super::plan_fields::{Around, Group};
use super::plan_form::faults::field_of;
use super::plan_view::{ExpectedPart, Told, told};
use super::{plan_fields, plan_form};
use crate::bar::Place;
use crate::form::field;
use crate::outcome::{on_or_again, status};
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// Clusters and units of the plan that is proposed first.
const PROPOSED: (u32, u32) = (15, 20);

/// A frame whose columns are named, with its plan.
pub struct Planning {
    /// The frame.
    pub row: FrameRow,
    /// What its columns are.
    pub roles: Roles,
    /// The plan.
    pub plan: Plan,
    assumptions: Assumptions,
    /// Earlier samples.
    pub beside: Beside,
}

impl Planning {
    /// Of the frame of a study that waits.
    pub async fn of(app: &App, signed_in: &SignedIn, study: &Study) -> Result<Self, Error> {
        let row = waiting(app, study.id).await?;
        let roles = row.roles.clone().into_inner().ok_or(Error::NotFound(Missing::Frame))?;
        let (plan, assumptions) = if row.plan.is_empty() {
            (proposed(&roles), Assumptions::default())
        } else {
            let read = plan_file::read(&row.plan, false)
                .map_err(|problems| Error::Invalid(as_problems(&problems)))?;
            (read.plan, read.assumptions)
        };
        let beside = Beside::of(app, signed_in, study, &plan).await?;
        Ok(Self { row, roles, plan, assumptions, beside })
    }

    /// What tells this frame, what its columns are and this plan from any other: it
    /// travels with the forms, so that only what was on the screen is drawn by.
    pub fn stamp(&self) -> String {
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
    pub async fn expected(&self, app: &App) -> Result<Outlook, Error> {
        let columns = self.assumptions.columns(self.plan.columns(&self.roles.columns));
        let (app, row, beside) = (app.clone(), self.row.clone(), self.beside.clone());
        let (plan, assumptions) = (self.plan.clone(), self.assumptions.clone());
        block(move || {
            let frame = load(&app, &row, &columns)?;
            let invalid = |found: Vec<_>| Error::Invalid(as_problems(&found));
            // What is expected is the same from every seed.
            let coordinated = beside.coordinate(&frame, &plan, Seed(0)).map_err(invalid)?;
            let expectation =
                expect(coordinated.frame(&frame), &plan, &assumptions).map_err(invalid)?;
            Ok(Outlook {
                expectation,
                common: coordinated.common,
                notes: as_problems(&coordinated.notes),
            })
        })
        .await
        .map_err(|_| Error::WriterStopped)?
    }
}

/// What a plan is expected to give, and to share with earlier samples.
pub struct Outlook {
    /// Cases, completes, margins, cost.
    pub expectation: Expectation,
    /// What is expected in common with each earlier sample that is kept or avoided.
    pub common: Vec<Common>,
    /// What is worth a look.
    pub notes: Vec<Problem>,
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
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let planning = Planning::of(&app, &signed_in, &study).await?;
    plan_page(&app, &request, &signed_in, &study, &planning, None).await
}

/// What was sent and is shown again with what is wrong with it.
pub struct Refused {
    form: Posted,
    problems: Vec<Problem>,
}

/// The page of a plan, with what was sent and is wrong.
pub async fn plan_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    planning: &Planning,
    refused: Option<Refused>,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let Planning { row, roles, plan, assumptions, beside } = planning;
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
            Ok(found) => expected = Some(ExpectedPart::of(&found, beside, language)),
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
    let faults: Vec<(String, String)> = problems
        .iter()
        .filter_map(|one| {
            let field = field_of(one, &form)?;
            // What stands at its field need not name it.
            let own = one.place.as_text() == Some(field.as_str());
            let at_field = if own { one.clone().at("") } else { one.clone() };
            Some((field, problem_text(&at_field, language)))
        })
        .collect();
    let around = Around { roles, strata: &strata, earlier: &beside.lines(), faults: &faults };
    let groups = plan_fields::groups(&form, &around, language);
    let short = |hash: &str| hash.chars().take(12).collect();
    let shown = PlanPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Sample)).await?,
        study: StudyHead::of(study),
        problems: told(&problems, &form, &groups, language),
        expected,
        text,
        seen: planning.stamp(),
        frame_name: row.name.clone(),
        frame_hash: short(&row.hash),
        plan_hash: short(&planning.plan_hash()),
        says_all: plan_form::says_all(plan, assumptions, roles),
        groups,
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
    problems: Listed<Told>,
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
    groups: Vec<Group>,
}

/// `POST /studies/{id}/sample/plan`: keeps a plan, written in the form or as
/// text, if it can be read; whether it can be drawn, the page then says.
pub async fn set(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let planning = Planning::of(&app, &signed_in, &study).await?;
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

#[cfg(test)]
mod tests {
    use super::super::plan_fields::EarlierLine;
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_plan_shows_its_examples() {
        let roles = Roles::guess(&["id", "area", "ward", "lat", "lon"]);
        shows("studies/plan.html", |language| {
            let of = |expected, problems: &[&str]| {
                let form = plan_form::shown(&proposed(&roles), &Assumptions::default());
                let fault = |field: &str| (field.to_owned(), "…".to_owned());
                let earlier = [true, false].map(|numbered| EarlierLine {
                    name: format!("poll {numbered}"),
                    study: "poll".to_owned(),
                    day: "01/06/2026".to_owned(),
                    numbered,
                });
                let around = Around {
                    roles: &roles,
                    strata: &["Ba Đình"],
                    earlier: &earlier,
                    faults: &["s1_method", "s2_strata", "s1_serpentine", "s1_total"].map(fault),
                };
                PlanPage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::bare(),
                    problems: problems
                        .iter()
                        .map(|one| match one.split_once(' ') {
                            Some((field, text)) => {
                                Told::Of { field: field.to_owned(), text: text.to_owned() }
                            }
                            None => Told::Plain((*one).to_owned()),
                        })
                        .collect::<Vec<_>>()
                        .into(),
                    expected,
                    text: String::new(),
                    seen: "abc".to_owned(),
                    frame_name: "frame.csv".to_owned(),
                    frame_hash: "abc".to_owned(),
                    plan_hash: "def".to_owned(),
                    says_all: problems.is_empty(),
                    groups: plan_fields::groups(&form, &around, language),
                }
            };
            vec![of(None, &["…", "s1_total …"]), of(Some(ExpectedPart::example()), &[])]
        });
    }
}
