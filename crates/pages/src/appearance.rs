//! How whoever asks appears to respondents: one accent colour and a logo, of a unit or a
//! study. No other style is taken.

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::appearance::{LARGEST_LOGO, LogoWish, Owner, change_appearance, read_logo};
use fielding::error::{Error, Missing, Problem};
use fielding::files::upload::media_types;
use fielding::rules::access::Action;
use fielding::rules::appearance::Appearance;
use fielding::rules::colour::{Colour, style};
use fielding::store::studies::Study;
use fielding::store::{Connection, Id, Scope, logos};
use serde::Serialize;
use survey_builder::questionnaire::document::{MediaKind, Text};
use survey_builder::questionnaire::validate::Posted;

use crate::administration::own_unit;
use crate::bar::Place;
use crate::form::{FieldProblem, Upload, field, read_uploads};
use crate::media::content;
use crate::outcome::{on_or_again, status};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, field_errors, labelled};
use crate::visitor::logo_address;

/// What an address names stays the same for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The page on which it is set.
#[derive(Serialize)]
struct AppearancePage {
    #[serde(flatten)]
    layout: StaffLayout,
    /// The study or unit.
    name: String,
    /// Where the form goes.
    address: String,
    /// Where one came from.
    back: String,
    /// Whether it is a unit's.
    of_unit: bool,
    accent: String,
    /// What the logo says, by language: code, name of the language, words.
    words: Vec<(&'static str, &'static str, String)>,
    /// The address of the logo; empty where there is none.
    logo: String,
    /// The most kilobytes of one.
    most: u64,
    accept: String,
    /// The stamp of what is there now.
    seen: String,
    problems: Listed<FieldProblem>,
    errors: BTreeMap<&'static str, String>,
}

/// Fields that may be wrong, and the keys of their labels.
const LABELS: [(&str, &str); 4] = [
    ("accent", "appearance-accent"),
    ("logo", "appearance-logo"),
    ("alt_vi", "appearance-words"),
    ("alt_en", "appearance-words"),
];

/// `GET /colour/{digits}.css`: what gives pages an accent.
pub async fn colour(name: Path<String>) -> Result<HttpResponse, Error> {
    let digits = name.strip_suffix(".css").filter(|digits| digits.len() == 6);
    let accent = digits.and_then(Colour::parse).ok_or(Error::NotFound(Missing::Page))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .body(style(accent)))
}

/// `GET /logo/{owner}/{hash}`
pub async fn logo(app: Data<Site>, named: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let (owner, hash) = named.into_inner();
    let missing = || Error::NotFound(Missing::File);
    let owner = Id::parse(&owner).ok_or_else(missing)?;
    let found = app.store.read(move |connection| logos::find(connection, owner)).await?;
    let row = found.filter(|row| row.hash == hash).ok_or_else(missing)?;
    Ok(content(&row.media_type, row.bytes, FOR_EVER))
}

/// Whose appearance the page is about, and the page beside it.
struct About {
    owner: Owner,
    name: String,
    address: String,
    back: String,
}

impl About {
    fn study(study: &Study) -> Self {
        let back = format!("/studies/{}/settings", study.id);
        Self {
            owner: Owner::Study(study.id),
            name: study.name.clone(),
            address: format!("/studies/{}/appearance", study.id),
            back,
        }
    }

    /// A unit, if somebody looks after it.
    fn unit(connection: &mut Connection, who: &SignedIn, id: &str) -> Result<Self, Error> {
        let unit = own_unit(connection, who, id)?;
        let back = format!("/administration/units/{}", unit.id);
        Ok(Self {
            owner: Owner::Unit(unit.id),
            name: unit.name,
            address: format!("{back}/appearance"),
            back,
        })
    }

    /// The page with what is set, or with what was sent and is wrong.
    async fn page(
        &self,
        app: &Data<Site>,
        language: &'static str,
        layout: StaffLayout,
        (form, problems): (Option<&Posted>, &[Problem]),
    ) -> Result<HttpResponse, Error> {
        let owner = self.owner;
        let known = app.store.read(move |connection| owner.appearance(connection)).await?;
        let set = Appearance { accent: mark(&known.accent), ..known.clone() };
        let said = |code: &str| match form {
            Some(form) => field(form, &format!("alt_{code}")),
            None => {
                set.logo.as_ref().and_then(|logo| logo.alt.0.get(code).cloned()).unwrap_or_default()
            }
        };
        let shown = AppearancePage {
            layout,
            name: self.name.clone(),
            address: self.address.clone(),
            back: self.back.clone(),
            of_unit: matches!(owner, Owner::Unit(_)),
            accent: form.map_or_else(|| set.accent.clone(), |form| field(form, "accent")),
            words: locale::LANGUAGES.map(|(code, name)| (code, name, said(code))).to_vec(),
            logo: set
                .logo
                .as_ref()
                .map(|logo| logo_address(owner.id(), &logo.hash))
                .unwrap_or_default(),
            most: LARGEST_LOGO / 1024,
            accept: media_types(MediaKind::Image),
            seen: known.stamp(),
            problems: labelled(problems, &LABELS, language),
            errors: field_errors(problems, &LABELS, language),
        };
        page(status(problems), "appearance.html", language, &shown)
    }

    /// Keeps what was sent.
    async fn change(
        &self,
        app: &Data<Site>,
        who: &SignedIn,
        form: &Posted,
        uploads: Vec<Upload>,
    ) -> Result<(), Error> {
        let sent = uploads.into_iter().find(|upload| upload.field == "logo");
        let wish = match sent {
            Some(upload) => {
                let read = app.looks.look(move || read_logo(upload.bytes)).await?;
                LogoWish::New(read.map_err(|problem| Error::Invalid(vec![problem]))?)
            }
            None if field(form, "logo_goes") == "yes" => LogoWish::Goes,
            None => LogoWish::Stays,
        };
        let words = locale::LANGUAGES.iter().filter_map(|(code, _)| {
            let words = field(form, &format!("alt_{code}"));
            (!words.is_empty()).then(|| ((*code).to_owned(), words))
        });
        let (alt, seen, accent) =
            (Text(words.collect()), field(form, "seen"), field(form, "accent"));
        let (owner, now, user) = (self.owner, app.clock.now(), who.user.id);
        let scope = match owner {
            Owner::Study(id) => Scope::Study(id),
            Owner::Unit(_) => Scope::Everything,
        };
        app.store
            .write(scope, move |connection| {
                change_appearance(connection, now, Some(user), owner, (&seen, &accent, &alt, &wish))
            })
            .await
    }
}

/// A colour as it is typed.
fn mark(digits: &str) -> String {
    if digits.is_empty() { String::new() } else { format!("#{digits}") }
}

/// `GET /studies/{id}/appearance`
pub async fn of_study(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let layout = signed_in.study_layout(&app, &study, Place::Settings).await?;
    About::study(&study).page(&app, signed_in.language(&request), layout, (None, &[])).await
}

/// `POST /studies/{id}/appearance`
pub async fn change_of_study(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, uploads) =
        door.admit_files(Action::Design).await?;
    let about = About::study(&study);
    let changed = about.change(&app, &signed_in, &form, uploads).await;
    on_or_again(
        changed,
        |()| about.address.clone(),
        async |problems| {
            let layout = signed_in.study_layout(&app, &study, Place::Settings).await?;
            about.page(&app, signed_in.language(&request), layout, (Some(&form), &problems)).await
        },
    )
    .await
}

/// A unit, where somebody comes who looks after it.
async fn unit_for(
    app: &Data<Site>,
    request: &HttpRequest,
    unit: String,
) -> Result<(SignedIn, About), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    if !signed_in.may_somewhere(Action::Administer) {
        return Err(Error::Forbidden);
    }
    let who = signed_in.clone();
    let about = app.store.read(move |connection| About::unit(connection, &who, &unit)).await?;
    Ok((signed_in, about))
}

/// `GET /administration/units/{unit}/appearance`
pub async fn of_unit(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
) -> Result<HttpResponse, Error> {
    let (signed_in, about) = unit_for(&app, &request, unit.into_inner()).await?;
    let layout = signed_in.layout(&app, Place::Administration);
    about.page(&app, signed_in.language(&request), layout, (None, &[])).await
}

/// `POST /administration/units/{unit}/appearance`
pub async fn change_of_unit(
    app: Data<Site>,
    request: HttpRequest,
    unit: Path<String>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let (signed_in, about) = unit_for(&app, &request, unit.into_inner()).await?;
    let (form, uploads) = read_uploads(&app, form).await?;
    signed_in.require_token(&app, &form)?;
    let changed = about.change(&app, &signed_in, &form, uploads).await;
    on_or_again(
        changed,
        |()| about.address.clone(),
        async |problems| {
            let layout = signed_in.layout(&app, Place::Administration);
            about.page(&app, signed_in.language(&request), layout, (Some(&form), &problems)).await
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_page_shows_its_examples() {
        shows("appearance.html", |language| {
            let of = |of_unit: bool, problems: &[Problem]| AppearancePage {
                layout: StaffLayout::example(language),
                name: "Sở Giao thông".to_owned(),
                address: "/studies/0190/appearance".to_owned(),
                back: "/studies/0190/settings".to_owned(),
                of_unit,
                accent: if of_unit { String::new() } else { "#0b5a66".to_owned() },
                words: locale::LANGUAGES.map(|(code, name)| (code, name, String::new())).to_vec(),
                logo: if of_unit { String::new() } else { "/logo/0190/ab".to_owned() },
                most: 100,
                accept: "image/png".to_owned(),
                seen: "--".to_owned(),
                problems: labelled(problems, &LABELS, language),
                errors: field_errors(problems, &LABELS, language),
            };
            let wrong = [
                Problem::new("colour-contrast", "accent")
                    .with("least", 4.5)
                    .with("nearest", "#777"),
                Problem::new("logo-words", "alt_vi"),
            ];
            vec![of(false, &[]), of(true, &[]), of(false, &wrong)]
        });
    }
}
