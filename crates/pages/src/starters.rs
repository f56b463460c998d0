//! Lists and questionnaires to try with, which are in the program: made up, small, and ours. Pages on
//! which a file is sent offer them, to use at once or to download and look at.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Missing, Problem};
use fielding::files::questionnaire::{Target, read, write};
use serde::Serialize;

use crate::session::SignedIn;
use crate::site::Site;

/// A list or questionnaire to try with.
#[derive(Debug, Clone, Copy)]
pub struct Starter {
    /// Its name, which forms send; its texts are named by it.
    pub name: &'static str,
    /// The file that is downloaded.
    pub file: &'static str,
    /// What it is made of: names and contents.
    pub parts: &'static [(&'static str, &'static [u8])],
}

/// Lists of a population.
pub const LISTS: [Starter; 2] = [
    Starter {
        name: "households",
        file: "households.csv",
        parts: &[("households.csv", include_bytes!("../../../fixtures/frames/households.csv"))],
    },
    Starter {
        name: "staff",
        file: "staff.csv",
        parts: &[("staff.csv", include_bytes!("../../../fixtures/frames/staff.csv"))],
    },
];

/// Questionnaires, in Vietnamese and English.
pub const QUESTIONNAIRES: [Starter; 2] = [
    Starter {
        name: "ward-services",
        file: "ward-services.xlsx",
        parts: &[
            (
                "survey.csv",
                include_bytes!("../../../fixtures/questionnaires/ward-services/survey.csv"),
            ),
            (
                "choices.csv",
                include_bytes!("../../../fixtures/questionnaires/ward-services/choices.csv"),
            ),
            (
                "settings.csv",
                include_bytes!("../../../fixtures/questionnaires/ward-services/settings.csv"),
            ),
        ],
    },
    Starter {
        name: "household",
        file: "household.xlsx",
        parts: &[(
            "household.json",
            include_bytes!("../../../fixtures/questionnaires/household.json"),
        )],
    },
];

/// One of several by the name that a form sends.
///
/// # Errors
///
/// A name that none has.
pub fn named<'a>(all: &'a [Starter], name: &str, field: &str) -> Result<&'a Starter, Problem> {
    let found = all.iter().find(|starter| starter.name == name);
    found.ok_or_else(|| Problem::new("no-file", field))
}

/// A starter on a page.
#[derive(Debug, Serialize)]
pub struct StarterLine {
    name: &'static str,
    file: &'static str,
    /// What it is.
    title: String,
}

/// The lines of several, in a language.
pub fn lines(all: &[Starter], language: &str) -> Vec<StarterLine> {
    let line = |starter: &Starter| StarterLine {
        name: starter.name,
        file: starter.file,
        title: locale::text(language, &format!("starter-{}", starter.name), &[]),
    };
    all.iter().map(line).collect()
}

/// `GET /starters/{starter}`: a list as it is, a questionnaire as a workbook.
pub async fn download(
    app: Data<Site>,
    request: HttpRequest,
    file: Path<String>,
) -> Result<HttpResponse, Error> {
    SignedIn::require(&app, &request).await?;
    let of = |all: &[Starter]| all.iter().find(|starter| starter.file == *file).copied();
    let (kind, bytes) = if let Some(list) = of(&LISTS) {
        let bytes = list.parts.first().map_or(&[][..], |part| part.1);
        ("text/csv; charset=utf-8", bytes.to_vec())
    } else {
        let questionnaire = of(&QUESTIONNAIRES).ok_or(Error::NotFound(Missing::File))?;
        let written = app.looks.look(move || {
            let document = read(questionnaire.parts).document().map_err(Error::Invalid)?;
            Ok::<_, Error>(write(&document, Target::Xlsform)?.0)
        });
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", written.await??)
    };
    let disposition = format!("attachment; filename=\"{file}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header(("content-disposition", disposition));
    Ok(response.body(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fielding::acts::study::publish_document;

    /// What is offered can be published as it is and downloaded, and has its text.
    #[test]
    fn what_is_offered_can_be_used() {
        for starter in QUESTIONNAIRES {
            let document = read(starter.parts).document().expect("a questionnaire");
            assert_eq!(document.languages.len(), 2, "{}", starter.name);
            let (workbook, _) = write(&document, Target::Xlsform).expect("a workbook");
            assert!(read(&[(starter.file, &workbook)]).document.is_some(), "{}", starter.name);
            publish_document(document).expect("it can be asked");
        }
        for language in ["en", "vi"] {
            let all = lines(&LISTS, language).into_iter().chain(lines(&QUESTIONNAIRES, language));
            all.for_each(|line| assert!(!line.title.is_empty(), "{}", line.name));
        }
        assert!(named(&LISTS, "nobody", "starter").is_err());
    }
}
