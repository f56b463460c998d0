//! Drawing a sample from an uploaded frame.

use actix_multipart::Multipart;
use actix_web::web::{Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::frame::Columns;
use survey_builder::sampling::plan::{
    Allocation, Amount, Method, Plan, Share, SizeMeasure, Stage, StageUnits,
};
use survey_builder::sampling::random::Seed;

use super::{field, study_page};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::keys::random_bytes;
use crate::pages::form::{Upload, read_uploads};
use crate::pages::render::redirect;
use crate::pages::session::SignedIn;
use crate::rules::access::Action;
use crate::study::{ContactColumns, DrawOrder, draw_sample, store_sample};

/// Two stages: clusters with probability proportional to their number of
/// units, spread over the strata in proportion, at least two in each so that
/// a variance can be estimated; then `units` in each, systematically.
pub fn two_stage_plan(clusters: u32, units: u32) -> Plan {
    let allocation =
        Allocation { total: clusters, share: Share::Proportional, minimum: 2, capped: false };
    Plan::of(vec![
        Stage::new(
            StageUnits::Clusters,
            Method::SystematicPps(SizeMeasure::UnitCount),
            Amount::Allocated(allocation),
        ),
        Stage::new(
            StageUnits::Units,
            Method::Systematic,
            Amount::Each { count: units, all_if_fewer: true },
        ),
    ])
}

/// `POST /studies/{id}/sample`
pub async fn draw(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let (form, uploads) = read_uploads(form).await?;
    let signed_in = SignedIn::require_form(&app, &request, &form).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let drawn = match order(&form, uploads) {
        Ok(order) => block(move || draw_sample(&order)).await.map_err(|_| Error::WriterStopped)?,
        Err(problems) => Err(problems),
    };
    let (keys, user, study_id) = (app.keys.clone(), signed_in.user.id, study.id);
    let stored = match drawn {
        Ok(drawn) => {
            app.store
                .write(move |connection| {
                    store_sample(connection, &keys, Some(user), study_id, &drawn)
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    match stored {
        Ok(_) => Ok(redirect(&format!("/studies/{study_id}"))),
        Err(Error::Invalid(problems)) => {
            study_page(&app, &request, &signed_in, study, &problems).await
        }
        Err(error) => Err(error),
    }
}

fn order(form: &Posted, uploads: Vec<Upload>) -> Result<DrawOrder, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut number = |name: &str| -> u32 {
        match field(form, name).parse() {
            Ok(number) if number > 0 => number,
            _ => {
                problems.push(Problem::new("whole-number", name, "must be a whole number above 0"));
                0
            }
        }
    };
    let (clusters, units) = (number("clusters"), number("units"));
    let seed = match field(form, "seed").as_str() {
        "" => u64::from_le_bytes(random_bytes()),
        typed => typed.parse().unwrap_or_else(|_| {
            problems.push(Problem::new("whole-number", "seed", "must be a whole number"));
            0
        }),
    };
    let Some(frame) = uploads.into_iter().find(|upload| upload.field == "frame") else {
        problems.push(Problem::new("no-file", "frame", "choose a file"));
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let stratum = field(form, "stratum");
    Ok(DrawOrder {
        frame_name: frame.name,
        frame: frame.bytes,
        columns: Columns {
            unit: field(form, "id"),
            strata: if stratum.is_empty() { Vec::new() } else { vec![stratum] },
            cluster: Some(field(form, "cluster")).filter(|cluster| !cluster.is_empty()),
            ..Columns::default()
        },
        contacts: ContactColumns {
            name: field(form, "name_column"),
            email: field(form, "email"),
            phone: String::new(),
            language: field(form, "language_column"),
        },
        plan: two_stage_plan(clusters, units),
        seed: Seed(seed),
    })
}
