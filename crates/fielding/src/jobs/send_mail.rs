//! Empties the outbox: claims what is due, sends it, records what became of it.
//!
//! Per recipient domain only so many messages leave in any minute; a refused one
//! is not tried again; a deferred one is, with growing pauses. One that cannot be
//! written is kept back with its reason, and the others go.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use survey_builder::questionnaire::piping::form_of_address;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::version::Version;

use super::send_account_mail::send_account_letters;
use crate::acts::invitations::{self, Attempt};
use crate::app::App;
use crate::contact::ContactDetails;
use crate::error::{Error, Missing};
use crate::messages::mail::{Carrier, Composed, Delivery, Letter, compose};
use crate::rules::disposition::Event;
use crate::rules::states::{Example, MessageKind, MessageState};
use crate::store::cases;
use crate::store::outbox::{self, Message};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, Scope, attempts, contacts, suppressions};

/// Messages claimed at once.
const BATCH: i64 = 256;
/// Messages under way at once.
const AT_ONCE: usize = 64;
/// Tries before a deferred message is given up: about a day with the pauses.
const TRIES: i64 = 10;
/// The first pause; each further one doubles, up to four hours.
const PAUSE_SECONDS: i64 = 60;
/// After this long, a claimed message belongs to a program that died.
const ABANDONED_SECONDS: i64 = 600;

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The sender: `Name <address>`.
    pub sender: String,
    /// Messages a minute to one domain.
    pub domain_per_minute: i64,
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Handed over.
    pub sent: usize,
    /// Refused for good.
    pub refused: usize,
    /// To be tried again.
    pub later: usize,
    /// May or may not have gone out.
    pub unsure: usize,
}

impl Round {
    /// Everything that was claimed.
    pub fn total(&self) -> usize {
        self.sent + self.refused + self.later + self.unsure
    }

    fn count(&mut self, delivery: &Delivery) {
        match delivery {
            Delivery::Sent | Delivery::Needless => self.sent += 1,
            Delivery::Refused(_) | Delivery::Withheld(_) => self.refused += 1,
            Delivery::Later(_) | Delivery::Waits => self.later += 1,
            Delivery::Unsure(_) => self.unsure += 1,
        }
    }
}

/// Sends until told to stop. `idle` is the pause when nothing is due.
pub async fn run(app: App, carrier: Carrier, settings: MailSettings, idle: Duration) {
    if let Err(error) = app.store.write(Scope::Everything, outbox::mark_unsure_at_start).await {
        tracing::error!(%error, "what was under way at the last stop could not be marked");
    }
    loop {
        if let Err(error) = send_account_letters(&app, &carrier, &settings.sender).await {
            tracing::error!(%error, "letters to accounts could not be sent");
        }
        match send_due(&app, &carrier, &settings).await {
            Ok(round) if round.total() > 0 => {}
            Ok(_) => tokio::time::sleep(idle).await,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be worked");
                tokio::time::sleep(idle.max(Duration::from_secs(5))).await;
            }
        }
    }
}

/// Sends what is due now, one batch.
pub async fn send_due(
    app: &App,
    carrier: &Carrier,
    settings: &MailSettings,
) -> Result<Round, Error> {
    let now = app.clock.now();
    let claimed = app
        .store
        .write(Scope::Everything, move |connection| {
            outbox::mark_unsure(connection, now.plus_seconds(-ABANDONED_SECONDS))?;
            outbox::claim(connection, now, BATCH)
        })
        .await?;
    let mut letters = Letters::default();
    let mut prepared = Vec::with_capacity(claimed.len());
    for message in claimed {
        let ready = match prepare(app, settings, &mut letters, message.clone()).await {
            Ok(ready) => ready,
            // What is wrong with one message is no reason to keep the others.
            Err(error @ (Error::NotFound(_) | Error::Damaged { .. })) => {
                let letter = Err(Delivery::Withheld(error.to_string()));
                Ready { message, domain: Vec::new(), letter }
            }
            Err(error) => return Err(error),
        };
        prepared.push(ready);
    }
    wait_for_places(app, settings, &mut prepared).await?;
    let sending = stream::iter(prepared.into_iter().map(|ready| async move {
        match ready.letter {
            Ok(letter) => (ready.message, carrier.send(&letter).await),
            Err(delivery) => (ready.message, delivery),
        }
    }));
    // What came of those that are through is written down with one wait for the
    // disk a study, while others are under way.
    let mut settling = pin!(sending.buffer_unordered(AT_ONCE).ready_chunks(AT_ONCE));
    let (mut round, mut written) = (Round::default(), Ok(()));
    while let Some(through) = settling.next().await {
        for (_, delivery) in &through {
            round.count(delivery);
        }
        // One that cannot be written is no reason to drop those under way.
        written = written.and(record(app, through).await);
    }
    written.map(|()| round)
}

/// Keeps back, for a minute, what is over a domain's limit.
async fn wait_for_places(
    app: &App,
    settings: &MailSettings,
    prepared: &mut [Ready],
) -> Result<(), Error> {
    let most = settings.domain_per_minute;
    if most <= 0 {
        return Ok(());
    }
    let written = || prepared.iter().filter(|ready| ready.letter.is_ok());
    let domains: Vec<Vec<u8>> = written().map(|ready| ready.domain.clone()).collect();
    let now = app.clock.now();
    let places = app
        .store
        .write(Scope::Everything, move |connection| {
            let take = |domain: &Vec<u8>| attempts::take_place(connection, domain, now, most);
            domains.iter().map(take).collect::<Result<Vec<bool>, Error>>()
        })
        .await?;
    let written = prepared.iter_mut().filter(|ready| ready.letter.is_ok());
    for (ready, _) in written.zip(places).filter(|(_, place)| !place) {
        ready.letter = Err(Delivery::Waits);
    }
    Ok(())
}

/// Writes down what came of messages, one transaction a study.
async fn record(app: &App, through: Vec<(Message, Delivery)>) -> Result<(), Error> {
    let now = app.clock.now();
    let mut by_study: HashMap<Id, Vec<Attempt>> = HashMap::new();
    for (message, delivery) in through {
        by_study.entry(message.study_id).or_default().push(attempt_of(now, message, &delivery));
    }
    let mut written = Ok(());
    for (study, of_study) in by_study {
        let keys = app.keys.clone();
        let of_study = app
            .store
            .write(Scope::Study(study), move |connection| {
                of_study.iter().try_for_each(|attempt| {
                    invitations::record_attempt(connection, &keys, now, attempt)
                })
            })
            .await;
        written = written.and(of_study);
    }
    written
}

struct Ready {
    message: Message,
    /// The keyed hash of the domain it goes to.
    domain: Vec<u8>,
    letter: Result<Composed, Delivery>,
}

type Letters = HashMap<Id, (Study, Arc<Version>)>;

async fn prepare(
    app: &App,
    settings: &MailSettings,
    letters: &mut Letters,
    message: Message,
) -> Result<Ready, Error> {
    let (in_query, case_id, study_id) = (app.clone(), message.case_id, message.study_id);
    let known = letters.get(&study_id).cloned();
    let asked = message.clone();
    let (case, study, details, unreadable, suppressed, needless) = app
        .store
        .read(move |connection| {
            let case = cases::find(connection, case_id)?.ok_or(Error::NotFound(Missing::Case))?;
            let study = match known {
                Some(known) => known,
                None => study_of(&in_query, connection, study_id)?,
            };
            // A contact that cannot be opened keeps its own letter back, no other.
            let opened = contacts::details_of(connection, case_id)?
                .map(|sealed| ContactDetails::open(&in_query.keys, case_id, &sealed))
                .transpose();
            let (details, unreadable) = match opened {
                Ok(details) => (details.unwrap_or_default(), None),
                Err(error) => (ContactDetails::default(), Some(error.to_string())),
            };
            let hash = details.suppression_hash(&in_query.keys);
            let suppressed = suppressions::contains(connection, &hash)?;
            let needless = invitations::is_needless(connection, &in_query.keys, &asked, &study.0)?;
            Ok((case, study, details, unreadable, suppressed, needless))
        })
        .await?;
    letters.insert(study_id, study.clone());
    let letter = if needless {
        Err(Delivery::Needless)
    } else if study.0.example != Example::No {
        // Its people are invented: no letter leaves, and it is counted as one that did.
        Err(Delivery::Sent)
    } else if let Some(reason) = unreadable {
        Err(Delivery::Withheld(reason))
    } else if details.email.is_empty() {
        Err(Delivery::Withheld("no address".to_owned()))
    } else if suppressed {
        Err(Delivery::Withheld("asked for no more mail".to_owned()))
    } else {
        let (study, version) = &study;
        let letter = letter_of(&settings.sender, message.kind, &case.language, study, version);
        write(app, &letter, message.id, case_id, &details)
    };
    let domain = app.keys.lookup(&format!("mail|{}", details.domain().to_lowercase()));
    Ok(Ready { message, domain, letter })
}

/// A letter that cannot be written, whatever is wrong with it, is kept back alone.
fn write(
    app: &App,
    letter: &Letter,
    message: Id,
    case: Id,
    details: &ContactDetails,
) -> Result<Composed, Delivery> {
    catch_unwind(AssertUnwindSafe(|| compose(app, letter, message, case, details)))
        .map_err(|_| Delivery::Withheld("the message could not be written".to_owned()))?
        .map_err(|error| Delivery::Withheld(error.to_string()))
}

fn study_of(
    app: &App,
    connection: &mut Connection,
    study: Id,
) -> Result<(Study, Arc<Version>), Error> {
    let found = studies::require(connection, study)?;
    let version = studies::current_version(connection, study)?
        .ok_or(Error::NotFound(Missing::Questionnaire))?;
    Ok((found, app.version(connection, version)?))
}

/// The letter of a study in one language.
pub fn letter_of(
    sender: &str,
    kind: MessageKind,
    language: &str,
    study: &Study,
    version: &Version,
) -> Letter {
    let document = &version.document;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes")]
    let minutes = estimated_minutes(document, language).ceil() as u32;
    Letter {
        kind,
        language: language.to_owned(),
        title: document.title.get(language, &document.default_language).to_owned(),
        organisation: study.organisation.clone(),
        phone: study.phone.clone(),
        accent: study.appearance.accent.clone(),
        address_form: form_of_address(document, language),
        apart: study.is_anonymous(),
        minutes,
        sender: sender.to_owned(),
    }
}

/// What is written down of a message after an attempt.
fn attempt_of(now: Instant, message: Message, delivery: &Delivery) -> Attempt {
    let (state, due_at, problem, event) = match delivery {
        // What was needless looks as if it had been sent: who got none has answered.
        Delivery::Sent | Delivery::Needless => {
            (MessageState::Sent, now, String::new(), Some(Event::Invited))
        }
        Delivery::Refused(reason) => {
            (MessageState::Failed, now, reason.clone(), Some(Event::HardBounce))
        }
        Delivery::Withheld(reason) => (MessageState::Failed, now, reason.clone(), None),
        Delivery::Waits => (MessageState::Queued, now.plus_seconds(60), String::new(), None),
        Delivery::Unsure(reason) => (MessageState::Unsure, now, reason.clone(), None),
        Delivery::Later(reason) if message.attempts >= TRIES => {
            (MessageState::Failed, now, reason.clone(), Some(Event::SoftBounce))
        }
        Delivery::Later(reason) => {
            let doubled =
                PAUSE_SECONDS << message.attempts.clamp(1, 8).unsigned_abs().saturating_sub(1);
            let due = now.plus_seconds(doubled.min(4 * 3600));
            (MessageState::Queued, due, reason.clone(), None)
        }
    };
    // Waiting for its turn is no try.
    let attempts = message.attempts - i64::from(*delivery == Delivery::Waits);
    Attempt { message, state, due_at, attempts, problem, event }
}
