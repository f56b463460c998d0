//! Authors of one draft hear of one another at once: a stream of events that says when
//! a draft has another edit, and when somebody comes, goes or chooses something else.
//!
//! Nothing is sent but that there is news: a page asks for itself anew. So a stream that
//! broke off loses nothing, and what is to be seen is decided in one place. One task a
//! draft looks into the database for all who listen on this node; edits that were made
//! on another node are found in the same way.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue,
};
use actix_web::rt::{spawn, time};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use fielding::App;
use fielding::acts::draft_authors::be_present;
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;
use fielding::store::draft_authors::{Chosen, Present, is_news, present};
use fielding::store::{Connection, Id, Scope, drafts};
use futures_util::future::select_all;
use futures_util::stream::unfold;
use tokio::sync::{oneshot, watch};

use crate::session::SignedIn;
use crate::site::Site;

/// Between two looks at a draft that somebody listens to.
const LOOK: Duration = Duration::from_millis(300);

/// Between two signs of life, by which a stream that nobody reads any more is found, and
/// after which it is asked again whether its listener may still listen.
const BEAT: Duration = Duration::from_secs(10);

/// Streams of one person on this node: several browsers, each with one, and those of
/// pages that were left within the last [`BEAT`]. With one more the oldest ends.
const MOST_OF_ONE: usize = 16;

/// Streams of all on this node.
const MOST: usize = 1_000;

/// Drafts that one stream tells of.
const MOST_DRAFTS: usize = 20;

/// Proxies are told not to wait until they have more.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What there is to know of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
struct News {
    /// The number of the last edit.
    number: i64,
    /// Who has it open.
    present: Vec<Present>,
}

/// What is listened to on this node, shared by all requests.
#[derive(Clone, Default)]
pub struct Listening(Arc<Mutex<Listened>>);

#[derive(Default)]
struct Listened {
    drafts: HashMap<Id, watch::Receiver<Option<News>>>,
    /// What ends each stream of a person, the oldest first.
    streams: HashMap<Id, VecDeque<(u64, oneshot::Sender<()>)>>,
    /// How many streams there have been.
    begun: u64,
}

impl Listening {
    fn lock(&self) -> MutexGuard<'_, Listened> {
        // A thread that panicked while it held the lists has left them whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The news of a draft, looked for as long as somebody listens.
    fn to(&self, app: &App, study: Id) -> watch::Receiver<Option<News>> {
        let mut listened = self.lock();
        // One whose task has ended with its thread is begun anew.
        let alive = |news: &&watch::Receiver<_>| news.has_changed().is_ok();
        if let Some(news) = listened.drafts.get(&study).filter(alive) {
            return news.clone();
        }
        let (sender, news) = watch::channel(None);
        listened.drafts.insert(study, news.clone());
        spawn(self.clone().look(app.clone(), study, sender));
        news
    }

    async fn look(self, app: App, study: Id, sender: watch::Sender<Option<News>>) {
        loop {
            let now = app.clock.now();
            let read = move |connection: &mut Connection| {
                let Some(number) = drafts::number(connection, study)? else { return Ok(None) };
                Ok(Some(News { number, present: present(connection, study, now)? }))
            };
            match app.store.read(read).await {
                Ok(news) => {
                    sender.send_if_modified(|before| {
                        let other = *before != news;
                        *before = news;
                        other
                    });
                }
                Err(error) => tracing::warn!(%error, "a draft was not looked at for its authors"),
            }
            {
                // Nobody begins to listen meanwhile. One receiver is the list's own.
                let mut listened = self.lock();
                if sender.receiver_count() <= 1 {
                    listened.drafts.remove(&study);
                    return;
                }
            }
            time::sleep(LOOK).await;
        }
    }

    /// A place for one more stream of a person, given back when it is dropped, with what
    /// tells that the stream is to end.
    fn place(&self, user: Id) -> Option<(Place, oneshot::Receiver<()>)> {
        let mut listened = self.lock();
        if listened.streams.values().map(VecDeque::len).sum::<usize>() >= MOST {
            return None;
        }
        listened.begun += 1;
        let (number, (end, ended)) = (listened.begun, oneshot::channel());
        let own = listened.streams.entry(user).or_default();
        if own.len() >= MOST_OF_ONE {
            // Dropped, it tells the oldest that it is to end.
            own.pop_front();
        }
        own.push_back((number, end));
        Some((Place { of: self.clone(), user, number }, ended))
    }
}

struct Place {
    of: Listening,
    user: Id,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut listened = self.of.lock();
        if let Some(own) = listened.streams.get_mut(&self.user) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                listened.streams.remove(&self.user);
            }
        }
    }
}

/// Where others are, as one word to compare: what a page shows and what is told of.
pub fn whereabouts(others: &[Present]) -> String {
    let at = |one: &Present| {
        let item = one.item.map(|item| item.to_string()).unwrap_or_default();
        format!("{}@{item}", one.user)
    };
    others.iter().map(at).collect::<Vec<_>>().join(" ")
}

/// Puts down that somebody has a draft open. That this was not taken is no reason to
/// show no page.
pub async fn be_at(app: &App, author: Id, study: Id, chosen: Chosen) {
    let now = app.clock.now();
    let news = move |connection: &mut Connection| is_news(connection, now, (study, author), chosen);
    let put = move |connection: &mut Connection| be_present(connection, now, author, study, chosen);
    let done = match app.store.read(news).await {
        Ok(true) => app.store.write(Scope::Study(study), put).await,
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "it was not noted that a draft is open");
    }
}

/// `GET /builder/events?study=…`: news of each draft that is named, as server-sent
/// events. One stream serves all pages of a browser, which may hold six connections.
pub async fn listen(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    if !signed_in.may_somewhere(Action::Design) {
        return Err(Error::Forbidden);
    }
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let asked: Vec<_> = query.filter(|(name, _)| name == "study").map(|(_, id)| id).collect();
    if asked.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let mut drafts = Vec::new();
    for id in asked.iter().take(MOST_DRAFTS) {
        if let Ok(study) = signed_in.study(&app, id, Action::Design).await {
            drafts.push(Followed {
                study: study.id,
                news: app.listening.to(&app, study.id),
                told: None,
            });
        }
    }
    if drafts.is_empty() {
        return Err(Error::NotFound(Missing::Study));
    }
    let Some((place, ended)) = app.listening.place(signed_in.user.id) else {
        return Err(Error::TooMany);
    };
    let beat = time::interval(BEAT);
    let user = signed_in.user.id;
    let listener = Listener { app, request, user, drafts, beat, ended, _place: place };
    let told = unfold(listener, |mut listener| async move {
        let said = listener.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(said)), listener))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/event-stream")))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        // What is packed would be held back until there is enough of it.
        .insert_header((CONTENT_ENCODING, HeaderValue::from_static("identity")))
        .insert_header((BUFFERING, HeaderValue::from_static("no")))
        .streaming(told))
}

/// A draft that a stream tells of.
struct Followed {
    study: Id,
    news: watch::Receiver<Option<News>>,
    /// The last edit and where others are, as it was told last.
    told: Option<(i64, String)>,
}

impl Followed {
    /// What was not told yet.
    fn untold(&mut self, user: Id) -> Option<String> {
        let news = self.news.borrow_and_update().clone()?;
        let mut others = news.present;
        others.retain(|one| one.user != user);
        let now = (news.number, whereabouts(&others));
        if self.told.as_ref() == Some(&now) {
            return None;
        }
        let data = serde_json::json!({
            "study": self.study.to_string(),
            "number": now.0,
            "here": now.1,
        });
        let said = format!("id: {}\nevent: draft\ndata: {data}\n\n", now.0);
        self.told = Some(now);
        Some(said)
    }
}

/// Somebody who listens.
struct Listener {
    app: Data<Site>,
    request: HttpRequest,
    user: Id,
    drafts: Vec<Followed>,
    beat: time::Interval,
    ended: oneshot::Receiver<()>,
    _place: Place,
}

impl Listener {
    /// What is said next; `None` where the stream ends.
    async fn next(&mut self) -> Option<String> {
        loop {
            let user = self.user;
            let said: String =
                self.drafts.iter_mut().filter_map(|draft| draft.untold(user)).collect();
            if !said.is_empty() {
                return Some(said);
            }
            let Self { app, request, drafts, beat, ended, .. } = self;
            let news = drafts.iter_mut().map(|draft| Box::pin(draft.news.changed()));
            let beats = tokio::select! {
                (changed, _, _) = select_all(news) => { changed.ok()?; false }
                () = app.stopping.begun() => return None,
                _ = ended => return None,
                _ = beat.tick() => true,
            };
            if beats {
                let studies: Vec<Id> = drafts.iter().map(|draft| draft.study).collect();
                still_here(app, request, &studies).await.ok()?;
                return Some(": still here\n\n".to_owned());
            }
        }
    }
}

/// Whether a listener is still signed in and may still see the drafts; puts down that
/// they are there.
async fn still_here(app: &Site, request: &HttpRequest, studies: &[Id]) -> Result<(), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    for study in studies {
        signed_in.study(app, &study.to_string(), Action::Design).await?;
        be_at(app, signed_in.user.id, *study, Chosen::AsBefore).await;
    }
    Ok(())
}
