//! The page of a study's report: what it says of how the study was made, what nobody
//! has stated yet, and the file.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::{responses, studies};
use serde::Serialize;

use super::about::{Admitted, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::render::page;
use crate::report::method_facts;
use crate::session::StaffLayout;

/// The page of the report.
#[derive(Serialize)]
struct ReportPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    /// Whether the reader may have the file.
    may_download: bool,
    /// Whether there is anything to report.
    answered: bool,
    /// What is stated: label and value.
    stated: Vec<(String, String)>,
    /// What nobody has stated.
    unstated: Vec<String>,
}

/// `GET /studies/{id}/report`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    let language = signed_in.language(&request);
    let (in_query, who, of) = (app.get_ref().clone(), signed_in.clone(), study.clone());
    let (facts, answered, may_download) = app
        .store
        .read(move |connection| {
            let languages = match studies::current_version(connection, of.id)? {
                Some(id) => {
                    let version = in_query.version(connection, id)?;
                    version.document.languages.iter().map(|one| one.code.clone()).collect()
                }
                None => Vec::new(),
            };
            let facts = method_facts(connection, &of, &languages, language)?;
            let answered = responses::interview_count(connection, of.id)? > 0;
            Ok((facts, answered, who.may_in(connection, of.unit_id, Action::Download)?))
        })
        .await?;
    let (mut stated, mut unstated) = (Vec::new(), Vec::new());
    for (label, value) in facts {
        match value {
            Some(value) => stated.push((label, value)),
            None => unstated.push(label),
        }
    }
    let shown = ReportPage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Report)).await?,
        study: StudyHead::of(&study),
        may_download,
        answered,
        stated,
        unstated,
    };
    page(StatusCode::OK, "studies/report-page.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_page_of_the_report_shows_its_examples() {
        shows("studies/report-page.html", |language| {
            let of = |answered: bool| ReportPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                may_download: answered,
                answered,
                stated: vec![("Ngôn ngữ".to_owned(), "Tiếng Việt".to_owned())],
                unstated: if answered { vec!["Tổng thể".to_owned()] } else { Vec::new() },
            };
            vec![of(true), of(false)]
        });
    }
}
