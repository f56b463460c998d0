//! Mail: who a case is, what a message says, and how it leaves.
//!
//! A message says the same in plain text and in HTML (no tracking, no pictures),
//! carries a personal link and code, and can be stopped with one click (RFC
//! 8058). Its Message-ID belongs to its row in the outbox: whatever is sent a
//! second time is known for the same message.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart};
use lettre::transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use locale::text;
use survey_builder::markup::escaped;
use uuid::Uuid;

use crate::app::App;
use crate::contact::ContactDetails;
use crate::error::Error;
use crate::keys::group_code;
use crate::private;
use crate::rules::colour::Colour;
use crate::rules::states::MessageKind;
use crate::store::Id;

/// Connections to the relay: each carries about 20 messages a second.
const POOL: u32 = 64;
/// How long a relay may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailTarget {
    /// A file a message, in this folder.
    Folder(PathBuf),
    /// A relay: `smtp://host:25`, `smtps://user:password@host`.
    Relay(String),
}

/// What carries messages away.
#[derive(Clone)]
pub enum Carrier {
    /// Into a folder, a file each, for its owner alone.
    Folder(PathBuf),
    /// To a relay.
    Relay(AsyncSmtpTransport<Tokio1Executor>),
}

/// How one attempt to send went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Taken over by the relay.
    Sent,
    /// Refused for good.
    Refused(String),
    /// Not now; try later.
    Later(String),
    /// Not sent, and not because of the relay: no address, or no wish for mail.
    Withheld(String),
    /// Not sent, because the person has ended the interview since: in an anonymous
    /// study that must not show.
    Needless,
    /// Not tried yet: its domain has had enough for this minute.
    Waits,
    /// The connection broke while the message was under way: it may have been
    /// taken over, so it is not sent again.
    Unsure(String),
}

/// A message as it leaves, whole.
#[derive(Clone, Debug)]
pub struct Composed {
    envelope: Envelope,
    bytes: Vec<u8>,
}

impl Composed {
    /// The message as it is sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Carrier {
    /// Opens the way out. Must run on the runtime that will send: the pool of
    /// connections looks after itself there.
    pub fn new(target: &MailTarget) -> Result<Self, Error> {
        check_target(target)?;
        Ok(match target {
            MailTarget::Folder(folder) => Self::Folder(folder.clone()),
            MailTarget::Relay(url) => Self::Relay(
                relay(url)?
                    .timeout(Some(PATIENCE))
                    .pool_config(PoolConfig::new().max_size(POOL))
                    .build(),
            ),
        })
    }

    /// Sends one message.
    pub async fn send(&self, message: &Composed) -> Delivery {
        match self {
            Self::Folder(folder) => {
                let file = folder.join(format!("{}.eml", Uuid::new_v4()));
                let bytes = message.bytes.clone();
                let write = move || private::create(&file)?.write_all(&bytes);
                match tokio::task::spawn_blocking(write).await {
                    Ok(Ok(())) => Delivery::Sent,
                    Ok(Err(error)) => Delivery::Later(error.to_string()),
                    Err(stopped) => Delivery::Later(stopped.to_string()),
                }
            }
            Self::Relay(relay) => match relay.send_raw(&message.envelope, &message.bytes).await {
                Ok(_) => Delivery::Sent,
                Err(error) => classify(&error),
            },
        }
    }

    /// Whether a relay answers now; a folder always does.
    pub async fn answers(&self) -> Result<bool, Error> {
        match self {
            Self::Folder(_) => Ok(true),
            Self::Relay(relay) => {
                relay.test_connection().await.map_err(|error| Error::Mail(error.to_string()))
            }
        }
    }
}

fn relay(url: &str) -> Result<AsyncSmtpTransportBuilder, Error> {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(|error| Error::Mail(error.to_string()))
}

/// Tells what is wrong with where mail goes before anything is opened, and
/// makes the folder.
pub fn check_target(target: &MailTarget) -> Result<(), Error> {
    match target {
        MailTarget::Folder(folder) => private::create_folder(folder)
            .map_err(|error| Error::Folder { folder: folder.clone(), reason: error.to_string() }),
        MailTarget::Relay(url) => relay(url).map(drop),
    }
}

fn classify(error: &smtp::Error) -> Delivery {
    let reason = without_addresses(&error.to_string());
    if error.is_permanent() {
        Delivery::Refused(reason)
    } else if error.is_transient() || error.is_client() || is_connection(error) {
        Delivery::Later(reason)
    } else {
        Delivery::Unsure(reason)
    }
}

/// What a relay says, without whom it says it of: the reason is kept and shown.
fn without_addresses(said: &str) -> String {
    let word = |word| if str::contains(word, '@') { "…" } else { word };
    said.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Whether no connection could be made at all: then nothing was handed over.
fn is_connection(error: &smtp::Error) -> bool {
    error.to_string().to_lowercase().contains("connection error")
}

macro_rules! text_header {
    ($type:ident, $name:literal) => {
        #[derive(Clone)]
        struct $type(String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(value.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header!(ListUnsubscribe, "List-Unsubscribe");
text_header!(ListUnsubscribePost, "List-Unsubscribe-Post");
text_header!(AutoSubmitted, "Auto-Submitted");

/// What a message needs besides the person.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is.
    pub kind: MessageKind,
    /// Language.
    pub language: String,
    /// The study's title.
    pub title: String,
    /// Who runs it.
    pub organisation: String,
    /// Where to ask.
    pub phone: String,
    /// The accent colour, six digits; empty where there is none.
    pub accent: String,
    /// The address form (`Ông/Bà`, `you`).
    pub address_form: String,
    /// Whether answers stay apart from the name.
    pub apart: bool,
    /// Estimated minutes.
    pub minutes: u32,
    /// The sender: `Name <address>`.
    pub sender: String,
}

/// The words of a message, the same as text and as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// Its paragraphs; a line may be an address.
    pub paragraphs: Vec<String>,
}

/// What stands in one person's letter alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// The name.
    pub name: String,
    /// The address of the interview.
    pub link: String,
    /// The code, for those who type.
    pub code: String,
    /// The address that stops mail.
    pub stop: String,
}

impl Personal {
    fn of(app: &App, case: Id, name: &str) -> Self {
        let address = &app.public_address;
        Self {
            name: name.to_owned(),
            link: format!("{address}/r/{}", app.keys.link(case)),
            code: group_code(&app.keys.code(case)),
            stop: format!("{address}/stop/{}", app.keys.unsubscribe_token(case)),
        }
    }

    /// Signs that stand for nobody's: to show what a letter says.
    pub fn nobody(app: &App, language: &str) -> Self {
        let (address, say) = (&app.public_address, |key: &str| text(language, key, &[]));
        Self {
            name: say("mail-any-name"),
            link: format!("{address}/r/…"),
            code: say("mail-any-code"),
            stop: format!("{address}/stop/…"),
        }
    }
}

/// Whether mail can be sent to it.
pub fn is_address(email: &str) -> bool {
    email.parse::<lettre::Address>().is_ok()
}

/// What a letter says to one person.
pub fn words(app: &App, letter: &Letter, to: &Personal) -> Words {
    let base =
        if letter.kind == MessageKind::Invitation { "mail-invitation" } else { "mail-reminder" };
    let entrance = format!("{}/code", app.public_address);
    let promise = if letter.apart { line(letter, "mail-apart", &[]) } else { String::new() };
    let paragraphs = vec![
        line(letter, "mail-greeting", &[("name", &to.name)]),
        format!("{} {promise}", line(letter, &format!("{base}-body"), &[])).trim().to_owned(),
        format!("{}\n{}", line(letter, "mail-link", &[]), to.link),
        line(letter, "mail-code", &[("address", &entrance), ("code", &to.code)]),
        line(letter, "mail-phone", &[]),
        letter.organisation.clone(),
        line(letter, "mail-unsubscribe", &[("link", &to.stop)]),
    ];
    Words { subject: line(letter, &format!("{base}-subject"), &[]), paragraphs }
}

/// Writes the message of a case. `message` is its row in the outbox.
pub fn compose(
    app: &App,
    letter: &Letter,
    message: Id,
    case: Id,
    to: &ContactDetails,
) -> Result<Composed, Error> {
    let sender = mailbox(&letter.sender)?;
    let personal = Personal::of(app, case, &to.name);
    let words = words(app, letter, &personal);
    let identity = app.keys.message_id(message, sender.email.domain());
    let builder = Message::builder()
        .from(sender)
        .to(addressed(&to.name, &to.email)?)
        .message_id(Some(identity))
        .header(ListUnsubscribe(format!("<{}>", personal.stop)))
        .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    finished(builder, &words, (&letter.language, &letter.accent))
}

/// The sender as mail has it.
pub(super) fn mailbox(sender: &str) -> Result<Mailbox, Error> {
    sender.parse().map_err(|_| Error::Mail(format!("the sender \"{sender}\" is not an address")))
}

/// Whom a message goes to.
pub(super) fn addressed(name: &str, email: &str) -> Result<Mailbox, Error> {
    let address: lettre::Address =
        email.trim().parse().map_err(|_| Error::Mail("the address is not valid".to_owned()))?;
    on_one_line(name, "the name")?;
    Ok(Mailbox::new(Some(name.to_owned()).filter(|name| !name.is_empty()), address))
}

fn on_one_line(text: &str, what: &str) -> Result<(), Error> {
    if text.chars().any(char::is_control) {
        return Err(Error::Mail(format!("{what} holds a line break or another control sign")));
    }
    Ok(())
}

/// A message with its words, as text and as a page.
pub(super) fn finished(
    builder: MessageBuilder,
    words: &Words,
    (language, accent): (&str, &str),
) -> Result<Composed, Error> {
    on_one_line(&words.subject, "the subject")?;
    let built = builder
        .subject(&words.subject)
        .header(AutoSubmitted("auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(
            words.paragraphs.join("\n\n"),
            html((language, accent), words),
        ))
        .map_err(|error| Error::Mail(error.to_string()))?;
    Ok(Composed { envelope: built.envelope().clone(), bytes: built.formatted() })
}

/// The same words as a page: paragraphs and links, nothing that is fetched. An accent
/// colour stands above the words and in the links.
fn html((language, accent): (&str, &str), words: &Words) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body>\n",
        escaped(language),
        escaped(&words.subject)
    );
    let (mut bar, mut link) = (String::new(), String::new());
    if Colour::parse(accent).is_some() {
        bar = format!("<div style=\"border-top: 4px solid #{accent}\"></div>\n");
        link = format!(" style=\"color: #{accent}\"");
    }
    page.push_str(&bar);
    for paragraph in &words.paragraphs {
        let lines: Vec<String> = paragraph.lines().map(|line| with_links(line, &link)).collect();
        page.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
    }
    page + "</body></html>\n"
}

fn with_links(line: &str, look: &str) -> String {
    line.split(' ')
        .map(|word| {
            if !word.starts_with("https://") && !word.starts_with("http://") {
                return escaped(word);
            }
            let end = word.trim_end_matches(['.', ',', ';', ':', ')']).len();
            let (address, after) = (escaped(&word[..end]), escaped(&word[end..]));
            format!("<a{look} href=\"{address}\">{address}</a>{after}")
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn line(letter: &Letter, key: &str, more: &[(&str, &str)]) -> String {
    let minutes = letter.minutes.to_string();
    let mut arguments = vec![
        ("you", letter.address_form.as_str()),
        ("title", &letter.title),
        ("org", &letter.organisation),
        ("phone", &letter.phone),
        ("min", &minutes),
    ];
    arguments.extend_from_slice(more);
    text(&letter.language, key, &arguments)
}

/// Reads where mail goes: a folder, or an `smtp://` or `smtps://` address.
pub fn parse_target(text: &str) -> Result<MailTarget, Error> {
    if text.starts_with("smtp://") || text.starts_with("smtps://") {
        return Ok(MailTarget::Relay(text.to_owned()));
    }
    if text.contains("://") {
        return Err(Error::Mail(format!(
            "unknown mail address \"{}\": use a folder, smtp://HOST:PORT or smtps://USER:PASSWORD@HOST",
            text.split("://").next().unwrap_or_default()
        )));
    }
    Ok(MailTarget::Folder(Path::new(text).to_path_buf()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_nobody() {
        let said = "permanent error (550): 5.1.1 <lan@example.org>: Recipient address rejected";
        let kept = without_addresses(said);
        assert_eq!(kept, "permanent error (550): 5.1.1 … Recipient address rejected");
        assert_eq!(without_addresses("connection timed out"), "connection timed out");
    }
}
