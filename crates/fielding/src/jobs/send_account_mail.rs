//! Sends the letters that accounts asked for: the link that sets a new password.
//! Only here is looked whether an address has an account, so that whoever asks
//! learns nothing by the answer or by its time.

use crate::acts::people as acts;
use crate::app::App;
use crate::error::Error;
use crate::keys::random_token;
use crate::messages::mail::{Carrier, Delivery, password_letter};
use crate::store::account_letters::{self, AccountLetter};
use crate::store::{Id, Scope};

/// Letters taken at once.
const BATCH: i64 = 16;
/// The pause before a letter that was put off is tried again.
const PAUSE_SECONDS: i64 = 60;

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

async fn send(
    app: &App,
    carrier: &Carrier,
    sender: &str,
    letter: AccountLetter,
) -> Result<(), Error> {
    let (keys, now, token) = (app.keys.clone(), app.clock.now(), random_token());
    let (email, in_write) = (letter.email.clone(), token.clone());
    let user = app
        .store
        .write(Scope::Everything, move |connection| {
            acts::make_password_link(connection, &keys, now, &email, &in_write)
        })
        .await?;
    let Some(user) = user else { return Ok(()) };
    let composed = match password_letter(app, sender, &user, &token) {
        Ok(composed) => composed,
        Err(error) => {
            tracing::error!(%error, user = %user.id, "a letter to an account cannot be written");
            return Ok(());
        }
    };
    match carrier.send(&composed).await {
        Delivery::Later(reason) | Delivery::Unsure(reason)
            if now < letter.asked_at.plus_seconds(acts::PASSWORD_LINK_SECONDS) =>
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
            Ok(())
        }
        _ => Ok(()),
    }
}
