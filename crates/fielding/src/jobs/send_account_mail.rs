//! Sends the letters to accounts: the link that sets a new password, the link of an
//! invitation, the word that a second factor was taken away.
//! Only here is looked whether an address has an account, so that whoever asks
//! learns nothing by the answer or by its time.

use crate::acts::membership::{self, make_invitation_link};
use crate::acts::people as acts;
use crate::app::App;
use crate::error::Error;
use crate::keys::random_token;
use crate::messages::account_mail::{factor_removed_letter, invitation_letter, password_letter};
use crate::messages::mail::{Carrier, Composed, Delivery};
use crate::rules::states::AccountLetterKind;
use crate::store::account_letters::{self, AccountLetter};
use crate::store::{Id, Scope, people};

/// Letters taken at once.
const BATCH: i64 = 16;
/// The pause before a letter that was put off is tried again.
const PAUSE_SECONDS: i64 = 60;
/// How long a letter that is not about a password is tried.
const WORTH_SECONDS: i64 = 86_400;

/// Sends what is due. Returns how many letters were taken out of the queue.
///
/// # Errors
///
/// What the database says.
pub async fn send_account_letters(
    app: &App,
    carrier: &Carrier,
    sender: &str,
) -> Result<usize, Error> {
    let now = app.clock.now();
    let due = app.store.read(move |connection| account_letters::any_due(connection, now)).await?;
    if !due {
        return Ok(0);
    }
    let taken = app
        .store
        .write(Scope::Everything, move |connection| account_letters::take(connection, now, BATCH))
        .await?;
    let count = taken.len();
    for letter in taken {
        send(app, carrier, sender, letter).await?;
    }
    Ok(count)
}

/// What is to be sent, and of which invitation it is the letter.
struct Written {
    letter: Composed,
    invitation: Option<Id>,
    /// How long it is worth trying.
    worth_seconds: i64,
}

async fn send(
    app: &App,
    carrier: &Carrier,
    sender: &str,
    letter: AccountLetter,
) -> Result<(), Error> {
    let (now, kind) = (app.clock.now(), letter.kind);
    let written = match kind {
        AccountLetterKind::Password => password(app, sender, &letter.email).await?,
        AccountLetterKind::Invitation => invitation(app, sender, &letter.email).await?,
        AccountLetterKind::FactorRemoved => factor_removed(app, sender, &letter.email).await?,
    };
    let Some(written) = written else { return Ok(()) };
    match carrier.send(&written.letter).await {
        Delivery::Later(reason) | Delivery::Unsure(reason)
            if now < letter.asked_at.plus_seconds(written.worth_seconds) =>
        {
            tracing::warn!(reason, "a letter to an account is tried again");
            let again = AccountLetter {
                id: Id::rising(),
                due_at: now.plus_seconds(PAUSE_SECONDS),
                ..letter
            };
            app.store
                .write(Scope::Everything, move |connection| {
                    account_letters::queue(connection, &again)
                })
                .await
        }
        Delivery::Refused(reason) | Delivery::Later(reason) | Delivery::Unsure(reason) => {
            tracing::warn!(reason, "a letter to an account was not sent");
            note(app, &written, Some(reason)).await
        }
        _ => note(app, &written, None).await,
    }
}

/// Notes what came of the letter of an invitation, for who waits for it.
async fn note(app: &App, written: &Written, problem: Option<String>) -> Result<(), Error> {
    let (Some(id), now) = (written.invitation, app.clock.now()) else { return Ok(()) };
    app.store
        .write(Scope::Everything, move |connection| {
            membership::note_letter(connection, now, id, problem.as_deref())
        })
        .await
}

/// A letter that cannot be written is no reason to keep the others.
fn written(composed: Result<Composed, Error>, of: Id) -> Option<Composed> {
    match composed {
        Ok(composed) => Some(composed),
        Err(error) => {
            tracing::error!(%error, id = %of, "a letter to an account cannot be written");
            None
        }
    }
}

async fn password(app: &App, sender: &str, email: &str) -> Result<Option<Written>, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), random_token());
    let (email, in_write) = (email.to_owned(), token.clone());
    let user = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::make_password_link(connection, &keys, now, &email, &in_write)
        })
        .await?;
    let Some(user) = user else { return Ok(None) };
    let letter = written(password_letter(app, sender, &user, &token), user.id);
    let worth_seconds = acts::PASSWORD_LINK_SECONDS;
    Ok(letter.map(|letter| Written { letter, invitation: None, worth_seconds }))
}

async fn invitation(app: &App, sender: &str, email: &str) -> Result<Option<Written>, Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), random_token());
    let (email, in_write) = (email.to_owned(), token.clone());
    let found = app
        .store
        .write(Scope::Everything, move |connection| {
            let invited = make_invitation_link(connection, &keys, now, &email, &in_write)?;
            let Some(invited) = invited else { return Ok(None) };
            let by = people::find(connection, invited.invited_by)?.map(|user| user.name);
            let unit = people::unit(connection, invited.unit_id)?.map(|unit| unit.name);
            Ok(by.zip(unit).map(|(by, unit)| (invited, by, unit)))
        })
        .await?;
    let Some((invited, by, unit)) = found else { return Ok(None) };
    let letter = invitation_letter(app, sender, &invited, (&by, &unit, &token));
    let letter = written(letter, invited.id);
    let of = Some(invited.id);
    Ok(letter.map(|letter| Written { letter, invitation: of, worth_seconds: WORTH_SECONDS }))
}

async fn factor_removed(app: &App, sender: &str, email: &str) -> Result<Option<Written>, Error> {
    let email = email.to_owned();
    let found = app.store.read(move |connection| people::find_by_email(connection, &email)).await?;
    let Some(user) = found else { return Ok(None) };
    let letter = written(factor_removed_letter(app, sender, &user), user.id);
    let worth_seconds = WORTH_SECONDS;
    Ok(letter.map(|letter| Written { letter, invitation: None, worth_seconds }))
}
