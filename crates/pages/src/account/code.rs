//! The second half of a sign-in: the code of the second factor, after the password or
//! the link.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::second_factor as acts;
use fielding::error::Error;
use fielding::keys::random_token;
use fielding::rules::states::SessionStage;
use fielding::store::Scope;
use fielding::store::people::User;
use serde::Serialize;

use crate::form::{field, read_short_form};
use crate::limits::{self, Try};
use crate::render::{page, redirect};
use crate::session::{self, token_of, visitor_language};
use crate::site::Site;
use crate::visitor::{VisitorLayout, remember};

/// The page that asks for the code.
#[derive(Serialize)]
struct CodePage {
    #[serde(flatten)]
    layout: VisitorLayout,
    /// Whose account it is.
    email: String,
    /// Whether what was typed was wrong.
    failed: bool,
}

/// Whose sign-in waits in this browser, and its token.
async fn who_waits(app: &Site, request: &HttpRequest) -> Result<Option<(User, String)>, Error> {
    let Some(token) = token_of(request) else { return Ok(None) };
    let (keys, now, in_query) = (app.keys.clone(), app.clock.now(), token.clone());
    let user = app
        .store
        .read(move |connection| acts::who_waits(connection, &keys, now, &in_query))
        .await?;
    Ok(user.map(|user| (user, token)))
}

/// `GET /sign-in/code`
pub async fn ask(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    match who_waits(&app, &request).await? {
        Some((user, _)) => code_page(&app, &request, &user, false),
        None => Ok(redirect("/sign-in")),
    }
}

fn code_page(
    app: &Site,
    request: &HttpRequest,
    user: &User,
    failed: bool,
) -> Result<HttpResponse, Error> {
    let language = visitor_language(request);
    let shown =
        CodePage { layout: VisitorLayout::plain(language), email: user.email.clone(), failed };
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let response = page(status, "account/code.html", language, &shown)?;
    remember(app, request, language, None, response)
}

/// `POST /sign-in/code`
pub async fn pass(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let form = read_short_form(&app, payload).await?;
    let Some((user, token)) = who_waits(&app, &request).await? else {
        return Ok(redirect("/sign-in"));
    };
    let by_visitor = Try::by_visitor(&app, &request, limits::FACTORS).await?;
    let at_account = Try::at(&app, &user.id.to_string(), limits::FACTORS_OF_ONE).await?;
    let (keys, now, typed) = (app.keys.clone(), app.clock.now(), field(&form, "code"));
    let new = random_token();
    let in_write = new.clone();
    let right = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::pass(connection, &keys, now, (&token, &in_write), &typed)
        })
        .await?;
    if !right {
        return code_page(&app, &request, &user, true);
    }
    by_visitor.succeeded(&app).await?;
    at_account.succeeded(&app).await?;
    session::enter(&(session::cookie(&app, new), SessionStage::Whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_code_is_asked_for() {
        shows("account/code.html", |language| {
            [false, true]
                .map(|failed| CodePage {
                    layout: VisitorLayout::plain(language),
                    email: "lan@example.org".to_owned(),
                    failed,
                })
                .into()
        });
    }
}
