//! `GET /gallery`: every kind of question as respondents see it, from the
//! documents that the tests ask as well, and the components of staff pages. For
//! those who work here.

mod components;

use std::sync::{Arc, LazyLock};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use fielding::acts::interview::Interview;
use fielding::error::{Error, Missing};
use fielding::store::Zone;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::version::Version;

use self::components::ComponentsPage;
use super::form::asked;
use super::render::page;
use super::respond::{PageView, example_view};
use super::session::SignedIn;
use super::visitor::{VisitorLayout, language_of};
use crate::bar::Place;
use crate::site::Site;

/// The documents with the examples.
const EXAMPLES: [&str; 3] = [
    include_str!("../../../fixtures/questionnaires/all-kinds.json"),
    include_str!("../../../fixtures/questionnaires/more-kinds.json"),
    include_str!("../../../fixtures/questionnaires/devices.json"),
];

static VERSIONS: LazyLock<Vec<Arc<Version>>> = LazyLock::new(|| {
    let read = |json: &&str| serde_json::from_str::<Document>(json).ok().map(publish);
    EXAMPLES.iter().filter_map(read).flatten().map(Arc::new).collect()
});

/// A part of the gallery.
#[derive(Serialize)]
struct GalleryPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    part: Part,
    /// Its number, and those that there are.
    number: usize,
    parts: Vec<usize>,
    media_folder: &'static str,
}

/// A page of an example document.
#[derive(Serialize)]
struct Example {
    /// What is asked on it.
    kinds: Vec<&'static str>,
    page: PageView,
}

/// The examples of one document, in a form of their own: names are unique there.
#[derive(Serialize)]
struct Part {
    title: String,
    examples: Vec<Example>,
}

/// `GET /gallery?part=N`: one document a page, and after them the components.
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let number = asked(&request, "part").and_then(|number| number.parse().ok()).unwrap_or(1);
    if number == VERSIONS.len() + 1 {
        // A page of staff, in their language.
        let (layout, language) =
            (signed_in.layout(&app, Place::Elsewhere), signed_in.language(&request));
        let components = components::shown(language)?;
        let shown = ComponentsPage { layout, number, parts: parts(), components };
        return page(StatusCode::OK, "gallery/components.html", language, &shown);
    }
    let language = language_of(&request, None);
    let version = number.checked_sub(1).and_then(|place| VERSIONS.get(place));
    let version = version.ok_or(Error::NotFound(Missing::Page))?;
    let shown = gallery_page(number, version, app.clock.now().day_in(Zone::default()), language);
    page(StatusCode::OK, "gallery/questions.html", language, &shown)
}

/// The numbers of the parts.
fn parts() -> Vec<usize> {
    (1..=VERSIONS.len() + 1).collect()
}

fn gallery_page(
    number: usize,
    version: &Arc<Version>,
    today: NaiveDate,
    language: &str,
) -> GalleryPage {
    let link_values = vec![("part".to_owned(), number.to_string())];
    GalleryPage {
        layout: VisitorLayout { link_values, ..VisitorLayout::plain(language) },
        part: part(version, today, language),
        number,
        parts: parts(),
        media_folder: "/gallery/media/",
    }
}

fn part(version: &Arc<Version>, today: NaiveDate, language: &str) -> Part {
    let interview = Interview::example(Arc::clone(version), today);
    let path = interview.path();
    let document = &version.document;
    let pages = document.pages().enumerate().filter(|(index, _)| {
        version.pages().get(*index).is_some_and(|page| page.rosters.is_empty())
    });
    let examples = pages
        .filter(|(_, (_, page))| page.questions.iter().any(|one| !one.kind.is_silent()))
        .map(|(index, (_, page))| {
            let stop = Stop::page(index);
            let shown = page.questions.iter().filter(|question| !question.kind.is_silent());
            Example {
                kinds: shown.map(|question| question.kind.name()).collect(),
                page: example_view(&interview, path, &stop, language),
            }
        })
        .collect();
    Part { title: document.title.get(language, &document.default_language).to_owned(), examples }
}

/// `GET /gallery/media/{name}`: what stands for a picture there.
pub async fn media(
    app: Data<Site>,
    request: HttpRequest,
    _name: Path<String>,
) -> Result<HttpResponse, Error> {
    SignedIn::require(&app, &request).await?;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 120\" width=\"160\" \
               height=\"120\"><rect width=\"160\" height=\"120\" fill=\"#dfe5ec\"/>\
               <circle cx=\"52\" cy=\"44\" r=\"14\" fill=\"#8a97a6\"/>\
               <path d=\"M12 108 64 62 92 86 116 64 148 108z\" fill=\"#8a97a6\"/></svg>";
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(svg))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn every_part_is_shown() {
        assert_eq!(VERSIONS.len(), EXAMPLES.len());
        let today = NaiveDate::from_ymd_opt(2026, 9, 2).expect("a day");
        shows("gallery/questions.html", |language| {
            let parts = (1..).zip(&*VERSIONS);
            parts.map(|(number, version)| gallery_page(number, version, today, language)).collect()
        });
    }
}
