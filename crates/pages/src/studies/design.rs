//! The page of what a study asks: the questionnaire in figures, its pictures and sounds.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::media::missing_media;
use fielding::error::{Error, Problem};
use fielding::files::upload;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::files;
use fielding::store::studies::{self, Study};
use serde::Serialize;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::version::Version;

use super::about::{Admitted, Listed, StudyDoor, StudyHead, labelled};
use crate::bar::Place;
use crate::form::FieldProblem;
use crate::outcome::status;
use crate::render::{megabytes, page};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// The page of what is asked.
#[derive(Serialize)]
struct DesignPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Listed<FieldProblem>,
    may_design: bool,
    questionnaire: Option<Asked>,
    /// What the questionnaire shows: name and size.
    media: Vec<(String, String)>,
    /// Names of what it shows and what is not there.
    missing: Vec<String>,
    media_endings: String,
}

/// What is asked, in figures.
#[derive(Serialize)]
struct Asked {
    title: String,
    questions: usize,
    /// The languages, in their own words.
    spoken: Vec<String>,
    minutes: f64,
    number: i64,
    published_on: String,
    version_hash: String,
}

/// The field of the page that may be wrong, and the key of its label.
const LABELS: [(&str, &str); 1] = [("media", "media-files")];

/// `GET /studies/{id}/design`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    design_page(&app, &request, &signed_in, &study, &[]).await
}

/// The page, with what is wrong.
pub async fn design_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (in_query, who, of) = (app.get_ref().clone(), signed_in.clone(), study.clone());
    let (version, media, missing, may_design) = app
        .store
        .read(move |connection| {
            let version = match studies::current_version(connection, of.id)? {
                Some(id) => {
                    let row = studies::version(connection, id)?;
                    row.map(|row| Ok::<_, Error>((in_query.version(connection, id)?, row)))
                        .transpose()?
                }
                None => None,
            };
            let missing = match &version {
                Some((version, _)) => missing_media(connection, of.id, &version.document)?,
                None => Vec::new(),
            };
            let media = files::media_of(connection, of.id)?;
            let may_design = who.may_in(connection, of.unit_id, Action::Design)?;
            Ok((version, media, missing, may_design))
        })
        .await?;
    let media = media
        .iter()
        .map(|(name, _, size)| (name.clone(), megabytes(u64::try_from(*size).unwrap_or(0))));
    let asked = version.as_ref().map(|(version, row)| Asked::of(version, row, study, language));
    let shown = DesignPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        problems: labelled(problems, &LABELS, language),
        may_design,
        questionnaire: asked,
        media: media.collect(),
        missing,
        media_endings: upload::endings_shown(),
    };
    page(status(problems), "studies/design.html", language, &shown)
}

impl Asked {
    fn of(
        version: &Arc<Version>,
        row: &studies::VersionRow,
        study: &Study,
        language: &str,
    ) -> Self {
        let document = &version.document;
        Self {
            title: document.title.get(language, &document.default_language).to_owned(),
            questions: document.question_count(),
            spoken: document.languages.iter().map(|one| one.name.clone()).collect(),
            minutes: estimated_minutes(document, language).ceil(),
            number: row.number,
            published_on: locale::date(study.today(row.published_at)),
            version_hash: version.hash[..12].to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_page_of_what_is_asked_shows_its_examples() {
        shows("studies/design.html", |language| {
            let full = |media: Vec<(String, String)>| DesignPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                problems: labelled(&[Problem::new("no-file", "media")], &LABELS, language),
                may_design: true,
                questionnaire: Some(Asked {
                    title: "Đi lại".to_owned(),
                    questions: 12,
                    spoken: vec!["Tiếng Việt".to_owned(), "English".to_owned()],
                    minutes: 5.0,
                    number: 1,
                    published_on: "02/09/2026".to_owned(),
                    version_hash: "abc".to_owned(),
                }),
                media,
                missing: vec!["c.png".to_owned()],
                media_endings: upload::endings_shown(),
            };
            let empty = DesignPage {
                study: StudyHead::example(),
                problems: Listed::default(),
                may_design: false,
                questionnaire: None,
                missing: Vec::new(),
                ..full(Vec::new())
            };
            vec![full(vec![("a b.png".to_owned(), "10 kB".to_owned())]), full(Vec::new()), empty]
        });
    }
}
