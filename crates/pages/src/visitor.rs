//! Who is not signed in: the language of what they see, what their browser keeps,
//! and what stands around a page that is about no study.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::Error;
use fielding::store::Id;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;

use super::form::asked;
use super::render::add_cookie;
use super::site::Site;

/// Holds the secret of the link, so that no other address has to.
pub const COOKIE: &str = "interview";
/// What the addresses of respondents' pages begin with.
pub const BASE: &str = "/answer";
/// Holds the chosen language.
const LANGUAGE_COOKIE: &str = "language";

/// The language of a page: the one just chosen, the one chosen before, the
/// case's, the browser's.
pub fn language_of(request: &HttpRequest, case_language: Option<&str>) -> &'static str {
    let chosen = asked(request, "language")
        .map(str::to_owned)
        .or_else(|| request.cookie(LANGUAGE_COOKIE).map(|cookie| cookie.value().to_owned()));
    match (chosen, case_language) {
        (Some(chosen), _) => locale::known(&chosen),
        (None, Some(language)) => locale::known(language),
        (None, None) => request
            .headers()
            .get("accept-language")
            .and_then(|value| value.to_str().ok())
            .map_or(locale::LANGUAGES[0].0, locale::from_header),
    }
}

/// A cookie that no script reads.
pub fn cookie(app: &Site, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.secure)
        .finish()
}

/// Keeps the chosen language and the link's secret in the browser.
pub fn remember(
    app: &Site,
    request: &HttpRequest,
    language: &str,
    secret: Option<&str>,
    mut response: HttpResponse,
) -> Result<HttpResponse, Error> {
    if request.query_string().contains("language=") {
        let mut chosen = cookie(app, LANGUAGE_COOKIE, language.to_owned());
        chosen.make_permanent();
        add_cookie(&mut response, &chosen)?;
    }
    if let Some(secret) = secret {
        add_cookie(&mut response, &cookie(app, COOKIE, secret.to_owned()))?;
    }
    Ok(response)
}

/// A link that shows the same page in another language.
#[derive(Serialize)]
pub struct LanguageLink {
    code: String,
    name: String,
}

/// The program's languages but one.
pub fn other_languages(current: &str) -> Vec<LanguageLink> {
    let others = locale::LANGUAGES.iter().filter(|(code, _)| *code != current);
    let link = |(code, name): &(&str, &str)| LanguageLink {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
    };
    others.map(link).collect()
}

/// The questionnaire's languages that the program speaks too, but the current.
pub fn language_links(document: &Document, current: &str) -> Vec<LanguageLink> {
    let mut links = other_languages(current);
    links.retain(|link| document.languages.iter().any(|language| language.code == link.code));
    links
}

/// What stands around a page for who answers or is not signed in:
/// `respond/layout.html`.
#[derive(Serialize)]
pub struct VisitorLayout {
    /// How the page addresses its reader.
    pub you: String,
    /// The same at the beginning of a sentence.
    #[serde(rename = "You")]
    pub capital_you: String,
    /// The title of the questionnaire, or the program's name.
    pub title: String,
    /// Who asks; empty where nobody does yet.
    pub organisation: String,
    /// Where help is had; empty where there is none.
    pub phone: String,
    /// The accent colour of whoever asks, six digits; empty for the program's own.
    pub accent: String,
    /// The logo of whoever asks.
    pub logo: Option<LogoShown>,
    /// The last day, as it is shown.
    pub closes_on: Option<String>,
    /// The same page in other languages.
    pub languages: Vec<LanguageLink>,
    /// What says in an address whom the page is about, `?of-case=…`; empty where it
    /// is about nobody.
    pub about: String,
    /// What an address keeps in another language: names and values.
    pub link_values: Vec<(String, String)>,
    /// What the addresses of an interview's pages begin with.
    pub base: String,
    /// Said on every page where it is a test of a draft.
    pub trial: Option<TrialNotice>,
}

/// The address of a logo's picture.
pub fn logo_address(owner: Id, hash: &str) -> String {
    format!("/logo/{owner}/{hash}")
}

/// A logo on a page.
#[derive(Clone, Debug, Serialize)]
pub struct LogoShown {
    /// Where its picture is.
    pub address: String,
    /// What it says.
    pub alt: String,
}

impl LogoShown {
    /// That of a study.
    pub fn of(study: &Study, language: &str) -> Option<Self> {
        let logo = study.appearance.logo.as_ref()?;
        let first = locale::LANGUAGES[0].0;
        let alt = logo.alt.get(language, first);
        // Said in one language, it is better than nothing in another.
        let any = || logo.alt.0.values().map(String::as_str).next().unwrap_or_default();
        let alt = if alt.is_empty() { any() } else { alt };
        Some(Self { address: logo_address(study.id, &logo.hash), alt: alt.to_owned() })
    }
}

/// What somebody is told on every page who tries a draft.
#[derive(Clone, Serialize)]
pub struct TrialNotice {
    /// Whether the draft was changed since they began.
    pub changed: bool,
    /// Where they begin again; empty where they have not begun.
    pub again: String,
}

impl VisitorLayout {
    /// The same with the appearance of whoever asks in a study.
    #[must_use]
    pub fn worn_by(self, study: &Study, language: &str) -> Self {
        Self {
            organisation: study.organisation.clone(),
            phone: study.phone.clone(),
            accent: study.appearance.accent.clone(),
            logo: LogoShown::of(study, language),
            ..self
        }
    }

    /// Around a page that is about no study.
    pub fn plain(language: &str) -> Self {
        let (you, capital_you) =
            if language == "vi" { ("quý vị", "Quý vị") } else { ("you", "You") };
        Self {
            you: you.to_owned(),
            capital_you: capital_you.to_owned(),
            title: "Sondage".to_owned(),
            organisation: String::new(),
            phone: String::new(),
            accent: String::new(),
            logo: None,
            closes_on: None,
            languages: other_languages(language),
            about: String::new(),
            link_values: Vec::new(),
            base: BASE.to_owned(),
            trial: None,
        }
    }
}
