//! Who is asking: sessions of the people who work here.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::account::{SEEN_SECONDS, see_session};
use fielding::acts::people::{self as acts, Entrance};
use fielding::app::App;
use fielding::error::{Error, Missing};
use fielding::keys::{random_token, same};
use fielding::rules::access::{Action, Role};
use fielding::rules::account::device_of;
use fielding::rules::second_factor::Requirement;
use fielding::rules::states::SessionStage;
use fielding::store::people::{self, User};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Scope, sessions};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::bar::{Bar, Place, Standing};
use super::form::as_sent;
use super::home::waiting_for;
use super::render::{add_cookie, redirect};
use super::visitor::{LanguageLink, language_of, other_languages};
use crate::site::Site;

const COOKIE: &str = "session";
/// Where whoever has signed in begins.
pub const START: &str = "/home";

/// What stands around a page for those who work here: `studies/layout.html`.
#[derive(Serialize)]
pub struct StaffLayout {
    /// The name of who is signed in.
    pub user: String,
    /// Whether they look after people and units.
    pub may_administer: bool,
    /// How many things wait for them.
    pub things_waiting: usize,
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
        Self {
            user: "Lan".to_owned(),
            may_administer: true,
            things_waiting: 3,
            token: "abc".to_owned(),
            languages,
            bar: Bar::example(),
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// Their roles: unit and role.
    pub roles: Vec<(Id, Role)>,
    /// The session by which they are here.
    pub session: Id,
    /// Whether a second factor must be set up before anything else.
    pub must_set_up: bool,
    /// How many things wait for them.
    waiting: usize,
    token: String,
}

impl SignedIn {
    /// The user of a request, if signed in: also one who must set up a second factor
    /// before anything else. That somebody was here is noted once an hour.
    pub async fn find(app: &App, request: &HttpRequest) -> Result<Option<Self>, Error> {
        let Some(token) = token_of(request) else { return Ok(None) };
        let hash = app.keys.lookup(&token);
        let now = app.clock.now();
        let found = app
            .store
            .read(move |connection| {
                let Some((session, user)) = sessions::find(connection, &hash, now)? else {
                    return Ok(None);
                };
                let roles = people::roles_of(connection, user.id)?;
                Ok(Some((session, user, roles)))
            })
            .await?;
        let Some((session, user, roles)) = found else { return Ok(None) };
        if session.stage == SessionStage::Code {
            return Ok(None);
        }
        if now >= session.seen_at.plus_seconds(SEEN_SECONDS) {
            let write = move |connection: &mut Connection| see_session(connection, now, session.id);
            // That a note was not taken is no reason to show no page.
            if let Err(error) = app.store.write(Scope::Everything, write).await {
                tracing::warn!(%error, "it was not noted that a session is in use");
            }
        }
        let must_set_up = session.stage == SessionStage::Setup;
        let session = session.id;
        let mut found = Self { user, roles, session, must_set_up, waiting: 0, token };
        found.count_waiting(app).await?;
        Ok(Some(found))
    }

    /// Counts what waits for this person, unless that was done within the last minute.
    async fn count_waiting(&mut self, app: &App) -> Result<(), Error> {
        let now = app.clock.now();
        if self.must_set_up {
            return Ok(());
        }
        if let Some(count) = app.waiting(self.user.id, now) {
            self.waiting = count;
            return Ok(());
        }
        let (in_query, who) = (app.clone(), self.clone());
        let count = move |connection: &mut Connection| {
            waiting_for(&in_query, connection, &who, now).map(|things| things.len())
        };
        let count = app.store.read(count).await?;
        self.now_waiting(app, count);
        Ok(())
    }

    /// Says how many things wait for this person.
    pub fn now_waiting(&mut self, app: &App, count: usize) {
        self.waiting = count;
        app.hold_waiting(self.user.id, Some((app.clock.now(), count)));
    }

    /// The user of a request, or "sign in first", or "set up a second factor first".
    pub async fn require(app: &App, request: &HttpRequest) -> Result<Self, Error> {
        let signed_in = Self::require_account(app, request).await?;
        if signed_in.must_set_up { Err(Error::FactorNeeded) } else { Ok(signed_in) }
    }

    /// The user of a request about the own account, which is there for who must set up
    /// a second factor as well.
    pub async fn require_account(app: &App, request: &HttpRequest) -> Result<Self, Error> {
        Self::find(app, request).await?.ok_or(Error::Unauthorised)
    }

    /// The user of a form about the own account, whose token must belong to this
    /// session.
    pub async fn require_form(
        app: &App,
        request: &HttpRequest,
        form: &Posted,
    ) -> Result<Self, Error> {
        let signed_in = Self::require_account(app, request).await?;
        signed_in.require_token(app, form)?;
        Ok(signed_in)
    }

    /// Refuses a form whose token does not belong to this session.
    pub fn require_token(&self, app: &App, form: &Posted) -> Result<(), Error> {
        if same(as_sent(form, "token"), &self.form_token(app)) {
            // What is done may end a wait.
            app.hold_waiting(self.user.id, None);
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

    /// The unit in which what this person makes is put.
    pub fn designs_in(&self) -> Option<Id> {
        let designs = self.roles.iter().find(|(_, role)| role.may(Action::Design));
        designs.map(|(unit, _)| *unit)
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

    /// The units whose people this person looks after: those with a role that may, and
    /// all below them.
    pub fn administered(&self, connection: &mut Connection) -> Result<Vec<Id>, Error> {
        let may = self.roles.iter().filter(|(_, role)| role.may(Action::Administer));
        let tops: Vec<Id> = may.map(|(unit, _)| *unit).collect();
        people::units_below(connection, &tops)
    }

    /// A study, if the user may do that with it. One that the user may not even
    /// see is not found.
    pub async fn study(&self, app: &App, id: &str, action: Action) -> Result<Study, Error> {
        let id = Id::parse(id).ok_or(Error::NotFound(Missing::Study))?;
        let signed_in = self.clone();
        app.store
            .read(move |connection| {
                let study = studies::require(connection, id)?;
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
            may_administer: self.may_somewhere(Action::Administer),
            things_waiting: self.waiting,
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

/// The token that a request carries.
pub fn token_of(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned())
}

/// A session that was opened: its cookie, and what it still waits for.
pub type Opened = (Cookie<'static>, SessionStage);

/// The device that a request comes from, in plain words.
fn device(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT);
    device_of(agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default())
}

/// Opens a session for somebody who has shown who they are.
pub async fn open(
    app: &Site,
    request: &HttpRequest,
    user: Id,
    requirement: Requirement,
) -> Result<Opened, Error> {
    let (token, device) = (random_token(), device(request));
    let (keys, now, in_write) = (app.keys.clone(), app.clock.now(), token.clone());
    let stage = app
        .store
        .write(Scope::Everything, move |connection| {
            let entrance = Entrance { token: &in_write, device: &device, requirement };
            acts::open_session(connection, &keys, now, user, &entrance)
        })
        .await?;
    Ok((cookie(app, token), stage))
}

/// Opens a session by a one-time link, which that uses up; `None` where it is
/// none, or none any more.
pub async fn open_by_link(
    app: &Site,
    request: &HttpRequest,
    link: &str,
) -> Result<Option<Opened>, Error> {
    let (token, device) = (random_token(), device(request));
    let (keys, now, in_write) = (app.keys.clone(), app.clock.now(), token.clone());
    let (link, requirement) = (link.to_owned(), app.second_factor);
    let opened = app
        .store
        .write(Scope::Everything, move |connection| {
            let entrance = Entrance { token: &in_write, device: &device, requirement };
            acts::use_sign_in_link(connection, &keys, now, &link, &entrance)
        })
        .await?;
    Ok(opened.map(|stage| (cookie(app, token), stage)))
}

/// Answers who has signed in: on to work, or to what the session waits for.
pub fn enter((cookie, stage): &Opened) -> Result<HttpResponse, Error> {
    let mut response = redirect(match stage {
        SessionStage::Whole => START,
        SessionStage::Code => "/sign-in/code",
        SessionStage::Setup => "/account/second-factor",
    });
    add_cookie(&mut response, cookie)?;
    Ok(response)
}

/// The cookie that carries a session.
pub fn cookie(app: &Site, token: String) -> Cookie<'static> {
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
