//! Letters to those who work here: about their password, an invitation, their second
//! factor. Nothing in them stops mail: each is sent because somebody asked for it.

use lettre::Message;
use locale::text;

use super::mail::{Composed, Words, addressed, finished, mailbox};
use crate::acts::membership::INVITATION_SECONDS;
use crate::acts::people::PASSWORD_LINK_SECONDS;
use crate::app::App;
use crate::error::Error;
use crate::rules::access::{Action, Role};
use crate::store::Id;
use crate::store::invited::Invited;
use crate::store::people::User;

/// What a role may do, right by right, as the rules have it.
pub fn rights(language: &str, role: Role) -> String {
    let held = Action::ALL.iter().filter(|action| role.may(**action));
    let texts = held.map(|action| text(language, &format!("right-{}", action.word()), &[]));
    texts.collect::<Vec<_>>().join("; ")
}

/// A letter to a name and an address.
fn letter(
    app: &App,
    sender: &str,
    (name, email): (&str, &str),
    (language, words): (&str, &Words),
) -> Result<Composed, Error> {
    let sender = mailbox(sender)?;
    let identity = app.keys.message_id(Id::random(), sender.email.domain());
    let builder =
        Message::builder().from(sender).to(addressed(name, email)?).message_id(Some(identity));
    finished(builder, words, (language, ""))
}

/// Writes the letter with the link that sets a new password.
///
/// # Errors
///
/// A sender or an address that is not valid.
pub fn password_letter(
    app: &App,
    sender: &str,
    user: &User,
    token: &str,
) -> Result<Composed, Error> {
    let (language, address) = (user.language.as_str(), &*app.public_address);
    let minutes = (PASSWORD_LINK_SECONDS / 60).to_string();
    let say = |key: &str, more: &[(&str, &str)]| text(language, key, more);
    let words = Words {
        subject: say("mail-password-subject", &[("address", address)]),
        paragraphs: vec![
            say("mail-greeting", &[("name", &user.name)]),
            say("mail-password-body", &[("address", address)]),
            format!("{}\n{address}/password/{token}", say("mail-password-link", &[])),
            say("mail-password-valid", &[("min", &minutes)]),
            say("mail-password-ignore", &[]),
        ],
    };
    letter(app, sender, (&user.name, &user.email), (language, &words))
}

/// Writes the letter that invites somebody to work here. `by` is who invites, `unit`
/// where.
///
/// # Errors
///
/// A sender or an address that is not valid.
pub fn invitation_letter(
    app: &App,
    sender: &str,
    invited: &Invited,
    (by, unit, token): (&str, &str, &str),
) -> Result<Composed, Error> {
    let (language, address) = (invited.language.as_str(), &*app.public_address);
    let days = (INVITATION_SECONDS / 86_400).to_string();
    let say = |key: &str, more: &[(&str, &str)]| text(language, key, more);
    let role = say(&format!("person-role-{}", invited.role), &[]);
    let rights = rights(language, invited.role);
    let body = [("by", by), ("unit", unit), ("address", address), ("role", &role)];
    let words = Words {
        subject: say("mail-join-subject", &[("unit", unit)]),
        paragraphs: vec![
            say("mail-greeting", &[("name", &invited.name)]),
            say("mail-join-body", &body),
            say("mail-join-role", &[("role", &role), ("rights", &rights)]),
            format!("{}\n{address}/join/{token}", say("mail-join-link", &[])),
            say("mail-join-valid", &[("days", &days)]),
            say("mail-join-ignore", &[]),
        ],
    };
    letter(app, sender, (&invited.name, &invited.email), (language, &words))
}

/// Writes the letter that tells somebody that the second factor was taken away.
///
/// # Errors
///
/// A sender or an address that is not valid.
pub fn factor_removed_letter(app: &App, sender: &str, user: &User) -> Result<Composed, Error> {
    let (language, address) = (user.language.as_str(), &*app.public_address);
    let say = |key: &str, more: &[(&str, &str)]| text(language, key, more);
    let words = Words {
        subject: say("mail-factor-removed-subject", &[("address", address)]),
        paragraphs: vec![
            say("mail-greeting", &[("name", &user.name)]),
            say("mail-factor-removed-body", &[("address", address)]),
            say("mail-factor-removed-next", &[]),
            say("mail-factor-removed-alarm", &[]),
        ],
    };
    letter(app, sender, (&user.name, &user.email), (language, &words))
}
