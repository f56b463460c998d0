//! What is set for a study: its name, whom respondents can ask, its last day, and what
//! only people know of how it was made.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::settings::{Settings, change_settings};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::statement::Statement;
use fielding::store::Scope;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::about::{Admitted, Listed, StudyDoor, StudyHead, field_errors, labelled};
use crate::bar::Place;
use crate::form::{FieldProblem, field};
use crate::outcome::{on_or_again, status};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// The page of the settings.
#[derive(Serialize)]
struct SettingsPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Listed<FieldProblem>,
    /// What is wrong with each field; empty where nothing is.
    errors: BTreeMap<&'static str, String>,
    form: SettingsForm,
    /// The stamp of what is set now.
    seen: String,
    time_zone: String,
    privacy_reason: String,
    /// Whether whoever reads may delete the study.
    may_delete: bool,
}

/// What the form's fields say.
#[derive(Serialize)]
struct SettingsForm {
    name: String,
    organisation: String,
    phone: String,
    closes_on: String,
    gap_days: String,
    review_required: bool,
    sponsor: String,
    population: String,
    incentives: String,
    quality: String,
}

impl SettingsForm {
    fn of(settings: &Settings) -> Self {
        let statement = &settings.statement;
        Self {
            name: settings.name.clone(),
            organisation: settings.organisation.clone(),
            phone: settings.phone.clone(),
            closes_on: settings.closes_on.map(locale::date).unwrap_or_default(),
            gap_days: settings.gap_days.to_string(),
            review_required: settings.review_required,
            sponsor: statement.sponsor.clone(),
            population: statement.population.clone(),
            incentives: statement.incentives.clone(),
            quality: statement.quality.clone(),
        }
    }

    fn sent(form: &Posted) -> Self {
        Self {
            name: field(form, "name"),
            organisation: field(form, "organisation"),
            phone: field(form, "phone"),
            closes_on: field(form, "closes_on"),
            gap_days: field(form, "gap_days"),
            review_required: field(form, "review_required") == "yes",
            sponsor: field(form, "sponsor"),
            population: field(form, "population"),
            incentives: field(form, "incentives"),
            quality: field(form, "quality"),
        }
    }

    /// What they mean, or what is wrong with those that mean nothing.
    fn read(&self) -> Result<Settings, Vec<Problem>> {
        let mut problems = Vec::new();
        let closes_on = locale::read_date(&self.closes_on);
        if !self.closes_on.is_empty() && closes_on.is_none() {
            problems.push(Problem::new("date", "closes_on"));
        }
        let gap_days = self.gap_days.parse();
        if gap_days.is_err() {
            problems.push(Problem::new("whole-number", "gap_days"));
        }
        let settings = Settings {
            name: self.name.clone(),
            organisation: self.organisation.clone(),
            phone: self.phone.clone(),
            closes_on,
            gap_days: gap_days.unwrap_or_default(),
            review_required: self.review_required,
            statement: Statement {
                sponsor: self.sponsor.clone(),
                population: self.population.clone(),
                incentives: self.incentives.clone(),
                quality: self.quality.clone(),
            },
        };
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}

/// `GET /studies/{id}/settings`
pub async fn ask(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let form = SettingsForm::of(&Settings::of(&study));
    settings_page(&app, &request, &signed_in, &study, (form, &[])).await
}

async fn settings_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (form, problems): (SettingsForm, &[Problem]),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (who, unit) = (signed_in.clone(), study.unit_id);
    let may_delete =
        app.store.read(move |connection| who.may_in(connection, unit, Action::Administer)).await?;
    let shown = SettingsPage {
        layout: signed_in.study_layout(app, study, Place::Settings).await?,
        study: StudyHead::of(study),
        problems: labelled(problems, &LABELS, language),
        errors: field_errors(problems, &LABELS, language),
        form,
        seen: Settings::of(study).stamp(),
        time_zone: study.time_zone.0.name().to_owned(),
        privacy_reason: study.privacy_reason.clone(),
        may_delete,
    };
    page(status(problems), "studies/settings.html", language, &shown)
}

/// Fields that may be wrong, and the keys of their labels.
const LABELS: [(&str, &str); 5] = [
    ("name", "study-name"),
    ("organisation", "study-organisation"),
    ("phone", "study-phone"),
    ("closes_on", "study-closes-on"),
    ("gap_days", "settings-gap"),
];

/// `POST /studies/{id}/settings`
pub async fn change(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let (seen, form) = (field(&form, "seen"), SettingsForm::sent(&form));
    let changed = match form.read() {
        Ok(settings) => {
            let (now, user, id) = (app.clock.now(), signed_in.user.id, study.id);
            app.store
                .write(Scope::Study(id), move |connection| {
                    change_settings(connection, now, Some(user), id, (&seen, &settings))
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let way = |()| format!("/studies/{}/settings", study.id);
    on_or_again(changed, way, async |problems| {
        settings_page(&app, &request, &signed_in, &study, (form, &problems)).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    fn form() -> SettingsForm {
        SettingsForm {
            name: "Đi lại".to_owned(),
            organisation: "Sở Giao thông".to_owned(),
            phone: "024".to_owned(),
            closes_on: "31/12/2026".to_owned(),
            gap_days: "2".to_owned(),
            review_required: true,
            sponsor: String::new(),
            population: "Người từ 18 tuổi".to_owned(),
            incentives: String::new(),
            quality: String::new(),
        }
    }

    #[test]
    fn the_settings_show_their_examples() {
        shows("studies/settings.html", |language| {
            let of = |study, problems: &[Problem]| SettingsPage {
                layout: StaffLayout::example(language),
                study,
                problems: labelled(problems, &LABELS, language),
                errors: field_errors(problems, &LABELS, language),
                form: form(),
                seen: "abc".to_owned(),
                time_zone: "Asia/Ho_Chi_Minh".to_owned(),
                privacy_reason: "…".to_owned(),
                may_delete: problems.is_empty(),
            };
            let wrong = [Problem::new("date", "closes_on"), Problem::new("required", "name")];
            vec![
                of(StudyHead::example(), &[]),
                of(StudyHead::bare(), &[]),
                of(StudyHead::bare(), &wrong),
            ]
        });
    }

    #[test]
    fn what_means_nothing_is_told_all_at_once() {
        let read = form().read().expect("settings");
        assert_eq!(
            (read.gap_days, read.closes_on.map(locale::date).as_deref()),
            (2, Some("31/12/2026"))
        );
        let wrong =
            SettingsForm { closes_on: "31-12".to_owned(), gap_days: "two".to_owned(), ..form() };
        let problems = wrong.read().expect_err("problems");
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["date", "whole-number"]);
    }
}
