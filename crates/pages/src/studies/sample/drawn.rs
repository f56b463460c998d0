//! A drawn sample: its record, its map, its release, its substitutes, and who
//! works in its areas.

use std::fmt::Write as _;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::{draw, release as acts};
use fielding::error::{Error, Missing};
use fielding::files::units::{Kept, write_units};
use fielding::rules::access::Action;
use fielding::store::samples::{self, AreaRow};
use fielding::store::{Id, Scope};
use survey_builder::markup::escaped;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::Sample;

use super::page::sample_page;
use crate::form::{self, field};
use crate::outcome::on_or_again;
use crate::session::SignedIn;
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor};
use crate::studies::confirm::{self, Step};

/// Points on a map.
const POINTS: i64 = 5_000;

/// `GET /studies/{id}/sample/{file}`: the manifest, the units, the map.
pub async fn download(door: StudyDoor) -> Result<HttpResponse, Error> {
    let file = door.named("file");
    let action = match file.as_str() {
        "map.svg" => Action::View,
        "units.csv" | "routes.csv" => Action::DownloadUnits,
        "manifest.json" => Action::Design,
        _ => return Err(Error::NotFound(Missing::Page)),
    };
    let Admitted { app, request, signed_in, study } = door.admit(action).await?;
    let language = signed_in.language(&request);
    let asked = file.clone();
    let content = app
        .store
        .read(move |connection| {
            let sample =
                samples::of_study(connection, study.id)?.ok_or(Error::NotFound(Missing::Sample))?;
            match asked.as_str() {
                "map.svg" => {
                    let areas = samples::areas_of(connection, sample.id, 0, POINTS)?;
                    Ok(map(&areas, language).into_bytes())
                }
                "manifest.json" => record_json(&samples::record(connection, &sample)?),
                "routes.csv" => routes_csv(&samples::record(connection, &sample)?),
                _ => units_csv(&samples::record(connection, &sample)?),
            }
        })
        .await?;
    Ok(match file.as_str() {
        "map.svg" => HttpResponse::Ok().content_type("image/svg+xml").body(content),
        "manifest.json" => attached(&file, "application/json").body(content),
        _ => attached(&file, "text/csv; charset=utf-8").body(content),
    })
}

fn attached(file: &str, kind: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header(("content-disposition", format!("attachment; filename=\"{file}\"")));
    response
}

/// The record of a sample, with what was decided since it was drawn.
fn record_json(sample: &Sample) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(sample)
        .map_err(|error| Error::Damaged { what: "sample", reason: error.to_string() })
}

/// The units of a sample as a table.
fn units_csv(sample: &Sample) -> Result<Vec<u8>, Error> {
    let damaged = |reason: String| Error::Damaged { what: "sample", reason };
    let mut written = Vec::new();
    write_units(sample, &Kept::default(), &mut written)
        .map_err(|error| damaged(error.to_string()))?;
    Ok(written)
}

/// Two random routes through each area.
fn routes_csv(sample: &Sample) -> Result<Vec<u8>, Error> {
    let damaged = |reason: String| Error::Damaged { what: "sample", reason };
    let mut written = Vec::new();
    draw::write_routes(sample, 2, None, None, &mut written)
        .map_err(|error| damaged(error.to_string()))?;
    Ok(written)
}

/// Areas drawn where they lie: a circle each, larger for more cases. North is up
/// and a degree of longitude is as wide as it is in the middle of the map.
fn map(areas: &[(AreaRow, Option<String>)], language: &str) -> String {
    const SIZE: f64 = 640.0;
    const MARGIN: f64 = 24.0;
    let placed: Vec<(&AreaRow, f64, f64)> = areas
        .iter()
        .filter_map(|(area, _)| Some((area, area.latitude?, area.longitude?)))
        .collect();
    let range = |of: fn(&(&AreaRow, f64, f64)) -> f64| {
        placed.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let (south, north) = range(|(_, latitude, _)| *latitude);
    let (west, east) = range(|(_, _, longitude)| *longitude);
    let narrowing = f64::midpoint(south, north).to_radians().cos().abs().max(0.01);
    // Degrees of latitude across the map; a single place gets a hundredth.
    let extent = (north - south).max((east - west) * narrowing).max(0.01);
    let scale = (SIZE - 2.0 * MARGIN) / extent;
    let height = (north - south).max(0.0) * scale + 2.0 * MARGIN;
    let width = (east - west).max(0.0) * narrowing * scale + 2.0 * MARGIN;
    #[expect(clippy::cast_precision_loss, reason = "cases are few")]
    let most = placed.iter().map(|(area, _, _)| area.cases).max().unwrap_or(1).max(1) as f64;
    let title = locale::text(language, "sample-map", &[]);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         role=\"img\"><title>{title}</title>"
    );
    for (area, latitude, longitude) in placed {
        let x = MARGIN + (longitude - west) * narrowing * scale;
        let y = MARGIN + (north - latitude) * scale;
        #[expect(clippy::cast_precision_loss, reason = "cases are few")]
        let radius = 4.0 + 10.0 * (area.cases as f64 / most).sqrt();
        let fill = if area.assignee_id.is_some() { "#0b57d0" } else { "#b3261e" };
        let name = escaped(&[area.stratum.as_str(), area.psu.as_str()].join(" / "));
        // Writing to a text cannot fail.
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{fill}\" \
             fill-opacity=\".7\"><title>{name}: {}</title></circle>",
            area.cases
        );
    }
    svg.push_str("</svg>");
    svg
}

fn release_of(form: &Posted) -> Result<Step, Error> {
    let upto = field(form, "upto").parse().map_err(|_| Error::invalid("whole-number", "upto"))?;
    Ok(Step::Release(upto))
}

/// `GET /studies/{id}/sample/release?upto=3`
pub async fn ask_release(door: StudyDoor) -> Result<HttpResponse, Error> {
    let asked = release_of(&form::parse(door.request().query_string().as_bytes()));
    match asked {
        Ok(step) => confirm::ask(door, step).await,
        Err(error) => {
            let Admitted { app, request, signed_in, study } = door.admit(Action::Field).await?;
            answer(&app, &request, &signed_in, &study, Err(error)).await
        }
    }
}

/// `POST /studies/{id}/sample/release`
pub async fn release(door: StudyDoor) -> Result<HttpResponse, Error> {
    confirm::carry_out(door, release_of, Action::Field).await
}

/// `POST /studies/{id}/sample/substitution`
pub async fn replace(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Field).await?;
    let (user, study_id) = (signed_in.user.id, study.id);
    let (unit, reason) = (field(&form, "unit"), field(&form, "reason"));
    let now = app.clock.now();
    let done = app
        .store
        .write(Scope::Study(study_id), move |connection| {
            acts::replace_unit(connection, now, Some(user), study_id, &unit, &reason).map(drop)
        })
        .await;
    answer(&app, &request, &signed_in, &study, done).await
}

/// `POST /studies/{id}/sample/assignment`: the areas ticked go to one person.
pub async fn assign(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Field).await?;
    let ticked = form.get("area").cloned().unwrap_or_default();
    let to = field(&form, "person");
    let person = if to.is_empty() { None } else { Some(Id::parse(&to)) };
    // The places of areas come from our own page.
    let places = ticked.iter().map(|place| place.parse()).collect::<Result<Vec<i64>, _>>();
    let places = places.map_err(|_| Error::NotFound(Missing::Area))?;
    let (now, user, study_id) = (app.clock.now(), signed_in.user.id, study.id);
    let done = match person {
        Some(None) => Err(Error::invalid("area-person", "person")),
        person => {
            let to = person.flatten();
            app.store
                .write(Scope::Study(study_id), move |connection| {
                    acts::assign_areas(connection, now, Some(user), study_id, to, &places)
                })
                .await
        }
    };
    answer(&app, &request, &signed_in, &study, done).await
}

/// Back to the page, or the page with what was wrong.
async fn answer(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &fielding::store::studies::Study,
    done: Result<(), Error>,
) -> Result<HttpResponse, Error> {
    let way = |()| format!("/studies/{}/sample", study.id);
    on_or_again(done, way, async |problems| {
        sample_page(app, request, signed_in, study, &problems).await
    })
    .await
}
