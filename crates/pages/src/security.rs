//! What stands around every page: where a form may come from, what a browser
//! may load, and what an error looks like.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::Data;
use actix_web::{Handler, HttpRequest, HttpResponse, ResponseError};
use fielding::error::{Error, Problem, Way};
use fielding::store::Id;
use futures_util::FutureExt as _;
use futures_util::future::Map;
use locale::problem_text;
use serde::Serialize;

use super::render::{page, redirect};
use super::session::{SignedIn, StaffLayout};
use super::visitor::{VisitorLayout, language_of};
use crate::bar::Place;
use crate::outcome::Instead;
use crate::site::Site;

/// Strict by default: our own styles, scripts and images, nothing inline,
/// nobody may frame us, no address leaks to other sites.
pub fn headers(secure: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; \
             media-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add(("Permissions-Policy", "camera=(), geolocation=(self), microphone=()"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"));
    if secure {
        headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"))
    } else {
        headers
    }
}

/// Lets a changing request through only when the browser says that it comes
/// from one of our own pages. A mail program's one-click unsubscribe (RFC 8058)
/// comes from nowhere and carries a secret of its own.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || request.path().starts_with("/stop/") || is_own(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let refused = Told(Error::Forbidden).error_response();
    Ok(request.into_response(refused))
}

fn is_own(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (value("sec-fetch-site"), value("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        // Privacy settings make some browsers send "null"; the form's own token decides then.
        (None, None | Some("null")) => true,
        (None, Some(origin)) => {
            let host = value("host").unwrap_or_default();
            origin.split_once("://").is_some_and(|(_, own)| own == host)
        }
    }
}

/// What an error leaves for [`error_pages`] to show.
#[derive(Clone)]
struct Shown {
    status: u16,
    key: String,
    problems: Vec<Problem>,
    number: String,
    way: Way,
}

/// An error as it is answered.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Told(#[from] Error);

impl ResponseError for Told {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.presentation().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, key) = self.0.presentation();
        let mut number = String::new();
        if status >= 500 {
            fielding::keys::random_token()[..8].clone_into(&mut number);
            tracing::error!(number, error = %self.0, "request failed");
        }
        let problems = match &self.0 {
            Error::Invalid(problems) | Error::Refused(problems) => problems.clone(),
            _ => Vec::new(),
        };
        let mut response = HttpResponse::build(self.status_code());
        if matches!(self.0, Error::Busy | Error::Stopping) {
            response.insert_header((header::RETRY_AFTER, "2"));
        }
        let mut response = response.finish();
        let way = self.0.way();
        response.extensions_mut().insert(Shown { status, key, problems, number, way });
        response
    }
}

/// A handler whose errors are answered as [`Told`] says.
#[derive(Clone)]
pub struct Telling<H>(pub H);

impl<H, Arguments> Handler<Arguments> for Telling<H>
where
    H: Handler<Arguments>,
    H::Output: Outcome,
{
    type Output = Result<HttpResponse, Told>;
    type Future = Map<H::Future, fn(H::Output) -> Self::Output>;

    fn call(&self, arguments: Arguments) -> Self::Future {
        self.0.call(arguments).map(Outcome::told)
    }
}

/// What handlers give.
pub trait Outcome {
    /// Them as they are answered.
    fn told(self) -> Result<HttpResponse, Told>;
}

impl Outcome for Result<HttpResponse, Error> {
    fn told(self) -> Result<HttpResponse, Told> {
        self.map_err(Told::from)
    }
}

impl Outcome for Result<HttpResponse, Instead> {
    fn told(self) -> Result<HttpResponse, Told> {
        match self {
            Ok(answer) | Err(Instead::Answer(answer)) => Ok(answer),
            Err(Instead::Error(error)) => Err(Told::from(error)),
        }
    }
}

impl Outcome for HttpResponse {
    fn told(self) -> Result<HttpResponse, Told> {
        Ok(self)
    }
}

/// Turns what an error left into a page in the reader's language: for who is
/// signed in with the navigation of their pages.
pub async fn error_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(shown) = response.response().extensions().get::<Shown>().cloned() else {
        return Ok(response);
    };
    let (request, bare) = response.into_parts();
    if shown.status == 401 && request.method() == Method::GET {
        return Ok(ServiceResponse::new(request, redirect("/sign-in")));
    }
    if shown.way == Way::SecondFactor && request.method() == Method::GET {
        return Ok(ServiceResponse::new(request, redirect("/account/second-factor")));
    }
    let mut page = error_page(&shown, &request).await?;
    for (name, value) in bare.headers() {
        page.headers_mut().insert(name.clone(), value.clone());
    }
    Ok(ServiceResponse::new(request, page))
}

/// The addresses of who answers: whoever is signed in as well sees them as
/// everybody does.
const OF_RESPONDENTS: [&str; 5] = ["/answer", "/r/", "/code", "/stop/", "/sign-in"];

async fn error_page(shown: &Shown, request: &HttpRequest) -> Result<HttpResponse, Told> {
    let path = request.path();
    let answers = OF_RESPONDENTS.iter().any(|start| path.starts_with(start));
    // A database that does not answer is no reason to show no page.
    let signed_in = match request.app_data::<Data<Site>>() {
        Some(app) if !answers => {
            SignedIn::find(app, request).await.ok().flatten().map(|found| (app, found))
        }
        _ => None,
    };
    let status = StatusCode::from_u16(shown.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = |language: &str| ErrorPart {
        key: shown.key.clone(),
        problems: shown.problems.iter().map(|problem| problem_text(problem, language)).collect(),
        number: shown.number.clone(),
        way: way_on(shown.way, path, signed_in.is_some()),
    };
    Ok(match &signed_in {
        Some((app, found)) => {
            let language = found.language(request);
            let shown = StaffErrorPage {
                layout: found.layout(app, Place::Elsewhere),
                error: error(language),
            };
            page(status, "studies/error.html", language, &shown)?
        }
        None => {
            let language = language_of(request, None);
            let layout = VisitorLayout::plain(language);
            page(status, "error.html", language, &ErrorPage { layout, error: error(language) })?
        }
    })
}

/// An error for who answers or is not signed in.
#[derive(Serialize)]
struct ErrorPage {
    #[serde(flatten)]
    layout: VisitorLayout,
    #[serde(flatten)]
    error: ErrorPart,
}

/// An error for those who work here.
#[derive(Serialize)]
struct StaffErrorPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    error: ErrorPart,
}

/// What an error says: `error-body.html`.
#[derive(Serialize)]
struct ErrorPart {
    /// Under which its texts are.
    key: String,
    problems: Vec<String>,
    /// Under which the log has it; empty where there is nothing to look up.
    number: String,
    /// Where one goes on: the address, and the key of what the link says.
    way: (String, &'static str),
}

/// Where one goes on: the address, and the key of what the link says.
fn way_on(way: Way, path: &str, signed_in: bool) -> (String, &'static str) {
    let study = path.strip_prefix("/studies/").and_then(|rest| rest.split('/').next());
    let study = study.and_then(Id::parse).map(|id| format!("/studies/{id}"));
    let start = if signed_in { ("/studies", "way-studies") } else { ("/code", "way-code") };
    match (way, study) {
        (Way::Interview, _) => ("/answer".to_owned(), "way-interview"),
        (Way::SignIn, _) => ("/sign-in".to_owned(), "way-sign-in"),
        (Way::SecondFactor, _) => ("/account/second-factor".to_owned(), "way-second-factor"),
        (Way::Study, Some(study)) => (study, "way-study"),
        (Way::Sample, Some(study)) => (format!("{study}/sample"), "way-sample"),
        (Way::Invitations, Some(study)) => (format!("{study}/invitations"), "way-invitations"),
        _ => (start.0.to_owned(), start.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn errors_show_their_examples() {
        let error = |way, problems: &[&str]| ErrorPart {
            key: "error-invalid".to_owned(),
            problems: problems.iter().map(|one| (*one).to_owned()).collect(),
            number: if problems.is_empty() { "abc".to_owned() } else { String::new() },
            way: way_on(way, "/studies/none", true),
        };
        let errors = || [error(Way::Start, &[]), error(Way::SignIn, &["…"])];
        shows("error.html", |language| {
            errors().map(|error| ErrorPage { layout: VisitorLayout::plain(language), error }).into()
        });
        shows("studies/error.html", |language| {
            let layout = || StaffLayout::example(language);
            errors().map(|error| StaffErrorPage { layout: layout(), error }).into()
        });
    }
}
