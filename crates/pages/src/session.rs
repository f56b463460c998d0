//! Who is asking: sessions of the people who work here.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use fielding::acts::people as acts;
use fielding::app::App;
use fielding::error::{Error, Missing};
use fielding::keys::{random_token, same};
use fielding::rules::access::{Action, Role};
use fielding::store::people::{self, User};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Scope};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::bar::{Bar, Place, Standing};
use super::form::as_sent;
use super::visitor::{LanguageLink, language_of, other_languages};
use crate::site::Site;

const COOKIE: &str = "session";

/// What stands around a page for those who work here: `studies/layout.html`.
#[derive(Serialize)]
pub struct StaffLayout {
    /// The name of who is signed in.
    pub user: String,
    /// What the forms of this session carry.
    pub token: String,
    /// The languages the page could be in instead.
    pub languages: Vec<LanguageLink>,
    /// The bar beside it.
    pub bar: Bar,
}

#[cfg(test)]
impl StaffLayout {
    /// As an example.
    pub fn example(language: &str) -> Self {
        let languages = other_languages(language);
        Self { user: "Lan".to_owned(), token: "abc".to_owned(), languages, bar: Bar::example() }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// Their roles: unit and role.
    pub roles: Vec<(Id, Role)>,
    token: String,
}

impl SignedIn {
    /// The user of a request, if signed in.
    pub async fn find(app: &App, request: &HttpRequest) -> Result<Option<Self>, Error> {
        let Some(token) = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()) else {
            return Ok(None);
        };
        let hash = app.keys.lookup(&token);
        let now = app.clock.now();
        app.store
            .read(move |connection| {
                let Some(user) = people::session_user(connection, &hash, now)? else {
                    return Ok(None);
                };
                let roles = people::roles_of(connection, user.id)?;
                Ok(Some(Self { user, roles, token }))
            })
            .await
    }

    /// The user of a request, or "sign in first".
    pub async fn require(app: &App, request: &HttpRequest) -> Result<Self, Error> {
        Self::find(app, request).await?.ok_or(Error::Unauthorised)
    }

    /// The user of a form, whose token must belong to this session.
    pub async fn require_form(
        app: &App,
        request: &HttpRequest,
        form: &Posted,
    ) -> Result<Self, Error> {
        let signed_in = Self::require(app, request).await?;
        signed_in.require_token(app, form)?;
        Ok(signed_in)
    }

    /// Refuses a form whose token does not belong to this session.
    pub fn require_token(&self, app: &App, form: &Posted) -> Result<(), Error> {
        if same(as_sent(form, "token"), &self.form_token(app)) {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }

    /// The token that this session's forms carry.
    pub fn form_token(&self, app: &App) -> String {
        app.keys.form_token(self.token.as_bytes())
    }

    /// The language of the pages this user sees.
    pub fn language(&self, request: &HttpRequest) -> &'static str {
        let _ = request;
        locale::known(&self.user.language)
    }

    /// Whether any role anywhere carries that right.
    pub fn may_somewhere(&self, action: Action) -> bool {
        self.roles.iter().any(|(_, role)| role.may(action))
    }

    /// Whether the user may do that in a unit: by a role in it or above it.
    pub fn may_in(
        &self,
        connection: &mut Connection,
        unit: Id,
        action: Action,
    ) -> Result<bool, Error> {
        let chain = people::unit_with_ancestors(connection, unit)?;
        Ok(self.roles.iter().any(|(held_in, role)| chain.contains(held_in) && role.may(action)))
    }

    /// A study, if the user may do that with it. One that the user may not even
    /// see is not found.
    pub async fn study(&self, app: &App, id: &str, action: Action) -> Result<Study, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound(Missing::Study))?;
        let signed_in = self.clone();
        app.store
            .read(move |connection| {
                let study =
                    studies::find(connection, id)?.ok_or(Error::NotFound(Missing::Study))?;
                if !signed_in.may_in(connection, study.unit_id, Action::View)? {
                    return Err(Error::NotFound(Missing::Study));
                }
                if !signed_in.may_in(connection, study.unit_id, action)? {
                    return Err(Error::Forbidden);
                }
                Ok(study)
            })
            .await
    }

    /// What stands around a page of this person's that is about no study.
    pub fn layout(&self, app: &App, place: Place) -> StaffLayout {
        self.beside(app, Bar::plain(place))
    }

    /// What stands around a page of this person's, with the bar beside it.
    pub fn beside(&self, app: &App, bar: Bar) -> StaffLayout {
        StaffLayout {
            user: self.user.name.clone(),
            token: self.form_token(app),
            languages: other_languages(&self.user.language),
            bar,
        }
    }

    /// What stands around a page of a study of this person's.
    pub async fn study_layout(
        &self,
        app: &App,
        study: &Study,
        place: Place,
    ) -> Result<StaffLayout, Error> {
        let (in_query, who, of, now) = (app.clone(), self.clone(), study.clone(), app.clock.now());
        let read = move |connection: &mut Connection| {
            Standing::read(&in_query, connection, &who, &of, now)
        };
        let standing = app.store.read(read).await?;
        Ok(self.beside(app, Bar::of(place, study, &standing)))
    }
}

/// Opens a session and gives the cookie that carries it.
pub async fn open(app: &Site, user: Id) -> Result<Cookie<'static>, Error> {
    let token = random_token();
    let (keys, now, in_write) = (app.keys.clone(), app.clock.now(), token.clone());
    app.store
        .write(Scope::Everything, move |connection| {
            acts::open_session(connection, &keys, now, user, &in_write)
        })
        .await?;
    Ok(cookie(app, token))
}

/// Opens a session by a one-time link, which that uses up; `None` where it is
/// none, or none any more.
pub async fn open_by_link(app: &Site, link: &str) -> Result<Option<Cookie<'static>>, Error> {
    let token = random_token();
    let (keys, now, in_write) = (app.keys.clone(), app.clock.now(), token.clone());
    let link = link.to_owned();
    let opened = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::use_sign_in_link(connection, &keys, now, &link, &in_write)
        })
        .await?;
    Ok(opened.then(|| cookie(app, token)))
}

fn cookie(app: &Site, token: String) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.secure)
        .finish()
}

/// Ends the session of a request.
pub async fn close(app: &App, signed_in: &SignedIn) -> Result<Cookie<'static>, Error> {
    let (keys, now) = (app.keys.clone(), app.clock.now());
    let (user, token) = (signed_in.user.id, signed_in.token.clone());
    app.store
        .write(Scope::Everything, move |connection| {
            acts::close_session(connection, &keys, now, user, &token)
        })
        .await?;
    let mut cookie = Cookie::build(COOKIE, "").path("/").finish();
    cookie.make_removal();
    Ok(cookie)
}

/// The language of a page for somebody who is not signed in.
pub fn visitor_language(request: &HttpRequest) -> &'static str {
    language_of(request, None)
}
