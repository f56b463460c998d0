//! Secrets and what is made from them: links, codes, sessions, form tokens,
//! sealed contact details.
//!
//! Two keys, each in a file of its own beside the database, never in it. The
//! *service* key makes and looks up tokens; the *contact* key seals names and
//! addresses, so a copy of the database alone tells nobody who was asked.
//! A token is never stored: only its keyed hash is, so looking one up takes the
//! same time whatever was guessed.

use std::fmt::Write as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::Rng as _;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::Error;
use crate::store::Id;

/// 32 signs without 0, O, 1 and I, which are mistaken for one another on paper.
const CODE_SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Signs in an access code: 12 × 5 bits.
const CODE_LENGTH: usize = 12;
/// Signs in a link: 26 × 5 = 130 bits.
pub const LINK_LENGTH: usize = 26;
/// Signs in what an address says of whom it is about: 8 × 5 bits.
const MARK_LENGTH: usize = 8;
const NONCE_LENGTH: usize = 24;

/// The two keys.
#[derive(Clone)]
pub struct Keys {
    service: [u8; 32],
    contact: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys(…)")
    }
}

/// Fills an array with the operating system's randomness.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

impl Keys {
    /// Reads `service.key` and `contact.key` in `folder`, making what is missing.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self {
            service: open_key(&folder.join("service.key"))?,
            contact: open_key(&folder.join("contact.key"))?,
        })
    }

    /// Whether both key files are there.
    pub fn exist(folder: &Path) -> bool {
        ["service.key", "contact.key"].iter().all(|file| folder.join(file).exists())
    }

    /// New keys that are kept nowhere, for tests.
    pub fn random() -> Self {
        Self { service: random_bytes(), contact: random_bytes() }
    }

    fn mac(&self, purpose: &str, subject: &[u8]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.service)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(subject);
        mac.finalize().into_bytes().into()
    }

    /// The secret in a case's link. The same each time, so a reminder carries
    /// the link of the invitation though no link is stored.
    pub fn link(&self, case: Id) -> String {
        signs(&self.mac("link", case.0.as_bytes()), LINK_LENGTH)
    }

    /// A case's 12-sign access code.
    pub fn code(&self, case: Id) -> String {
        signs(&self.mac("code", case.0.as_bytes()), CODE_LENGTH)
    }

    /// The secret in the link by which a draft is tried: whoever may make one can
    /// read it again, though it is stored nowhere.
    pub fn trial_link(&self, link: Id) -> String {
        signs(&self.mac("trial-link", link.0.as_bytes()), LINK_LENGTH)
    }

    /// The secret in the addresses of a test's pages.
    pub fn trial(&self, trial: Id) -> String {
        signs(&self.mac("trial", trial.0.as_bytes()), LINK_LENGTH)
    }

    /// The secret in a case's link to stop mail; it can do nothing else.
    pub fn unsubscribe_token(&self, case: Id) -> String {
        format!("{case}.{}", signs(&self.mac("unsubscribe", case.0.as_bytes()), LINK_LENGTH))
    }

    /// The Message-ID of a message of the outbox: the same however often it is
    /// sent, and nobody else's.
    pub fn message_id(&self, message: Id, domain: &str) -> String {
        let secret = signs(&self.mac("message", message.0.as_bytes()), LINK_LENGTH);
        format!("<{}@{domain}>", secret.to_lowercase())
    }

    /// The case of an unsubscribe link, if its secret is right.
    pub fn unsubscribe_case(&self, token: &str) -> Option<Id> {
        let case = Id::parse(token.split('.').next()?)?;
        same(&self.unsubscribe_token(case), token).then_some(case)
    }

    /// What a respondent's form carries to say whose it is; it can do nothing else
    /// than send forms of that case.
    pub fn case_token(&self, case: Id) -> String {
        format!("{case}.{}", signs(&self.mac("form-case", case.0.as_bytes()), LINK_LENGTH))
    }

    /// The case of a respondent's form, if its token is right.
    pub fn case_of_token(&self, token: &str) -> Option<Id> {
        let case = Id::parse(token.split('.').next()?)?;
        same(&self.case_token(case), token).then_some(case)
    }

    /// What the addresses of a respondent's pages carry to say whom they are about; it
    /// opens nothing and leads to nobody without the key.
    pub fn case_mark(&self, case: Id) -> String {
        signs(&self.mac("page-case", case.0.as_bytes()), MARK_LENGTH)
    }

    /// What is stored in place of a token.
    pub fn lookup(&self, token: &str) -> Vec<u8> {
        self.mac("lookup", token.as_bytes()).to_vec()
    }

    /// A token that a form must send back, bound to a session or response.
    pub fn form_token(&self, subject: &[u8]) -> String {
        signs(&self.mac("form", subject), LINK_LENGTH)
    }

    /// The code on the thank-you page: proves completion, leads nowhere.
    pub fn confirmation(&self, case: Id) -> String {
        signs(&self.mac("confirmation", case.0.as_bytes()), 8)
    }

    /// Seals a contact record for one case.
    pub fn seal(&self, case: Id, contact: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_as(case.0.as_bytes(), contact)
    }

    /// Opens a contact record; it opens only under the case it was sealed for.
    pub fn unseal(&self, case: Id, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.unseal_as(case.0.as_bytes(), sealed)
    }

    /// Seals a part of a frame's rows.
    pub fn seal_part(&self, frame: Id, sequence: i64, rows: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_as(&part_place(frame, sequence), rows)
    }

    /// Opens a part of a frame's rows; it opens only in its own place.
    pub fn unseal_part(&self, frame: Id, sequence: i64, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.unseal_as(&part_place(frame, sequence), sealed)
    }

    /// Seals the secret of somebody's second factor.
    pub fn seal_factor(&self, user: Id, secret: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_as(&factor_place(user), secret)
    }

    /// Opens it; it opens for that person alone.
    pub fn unseal_factor(&self, user: Id, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.unseal_as(&factor_place(user), sealed)
    }

    /// Seals what is stored of an open interview: a revision, or what is known of
    /// it beside its answers. `place` is sealed in with it.
    pub fn seal_open(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal_as(place, plain)
    }

    /// Opens what [`Keys::seal_open`] sealed, in its own place.
    pub fn unseal_open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.unseal_as(place, sealed)
    }

    /// What stands for a case where nothing may lead to it without the key: one
    /// mark a purpose.
    pub fn mark(&self, purpose: Mark, case: Id) -> Vec<u8> {
        let purpose = match purpose {
            Mark::Link => "mark-link",
            Mark::Ended => "mark-ended",
        };
        self.mac(purpose, case.0.as_bytes()).to_vec()
    }

    /// Seals the identity of a case's response under the token of its link.
    pub fn seal_link(&self, case: Id, response: Id) -> Result<Vec<u8>, Error> {
        let (key, mark) =
            (self.mac("link-key", self.link(case).as_bytes()), self.mark(Mark::Link, case));
        seal_with(&key, &mark, response.0.as_bytes())
    }

    /// The response's identity again.
    pub fn unseal_link(&self, case: Id, sealed: &[u8]) -> Result<Id, Error> {
        let (key, mark) =
            (self.mac("link-key", self.link(case).as_bytes()), self.mark(Mark::Link, case));
        let plain = unseal_with(&key, &mark, sealed)?;
        uuid::Uuid::from_slice(&plain).map(Id).map_err(|_| damaged())
    }

    /// Seals what ended for the batch with that salt; without the salt, which is
    /// deleted with the batch, it can never be opened again.
    pub fn seal_pooled(&self, salt: &[u8], id: Id, plain: &[u8]) -> Result<Vec<u8>, Error> {
        seal_with(&self.mac("batch", salt), id.0.as_bytes(), plain)
    }

    /// Opens what [`Keys::seal_pooled`] sealed.
    pub fn unseal_pooled(&self, salt: &[u8], id: Id, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        unseal_with(&self.mac("batch", salt), id.0.as_bytes(), sealed)
    }

    fn seal_as(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        seal_with(&self.contact, place, plain)
    }

    fn unseal_as(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        unseal_with(&self.contact, place, sealed)
    }
}

/// What a mark of a case is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The way to its open interview.
    Link,
    /// That it has ended.
    Ended,
}

fn seal_with(key: &[u8; 32], place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE_LENGTH] = random_bytes();
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let sealed = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: place })
        .map_err(|_| Error::Damaged { what: "record", reason: "cannot be sealed".to_owned() })?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unseal_with(key: &[u8; 32], place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LENGTH).ok_or_else(damaged)?;
    let nonce: [u8; NONCE_LENGTH] = nonce.try_into().map_err(|_| damaged())?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key));
    let payload = Payload { msg: sealed, aad: place };
    cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| damaged())
}

fn damaged() -> Error {
    let reason = "sealed under another key, or altered".to_owned();
    Error::Damaged { what: "sealed record", reason }
}

/// The place of a part, which is sealed in with it.
fn part_place(frame: Id, sequence: i64) -> Vec<u8> {
    [frame.0.as_bytes().as_slice(), &sequence.to_be_bytes()].concat()
}

/// The place of a second factor's secret, which is sealed in with it.
fn factor_place(user: Id) -> Vec<u8> {
    [b"second-factor".as_slice(), user.0.as_bytes()].concat()
}

/// A code of so many signs that nobody can guess.
pub fn random_code(length: usize) -> String {
    signs(&random_bytes::<32>(), length)
}

/// A token that nobody can guess: 130 random bits.
pub fn random_token() -> String {
    signs(&random_bytes::<32>(), LINK_LENGTH)
}

/// Whether two secrets are equal, in time that does not tell how far they agree.
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The code as a person may type it (spaces, dashes, small letters) in the form
/// it was made in.
pub fn normalise_code(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| sign.to_ascii_uppercase())
        .collect()
}

/// The code in groups of four, as it is printed.
pub fn group_code(code: &str) -> String {
    let mut grouped = String::with_capacity(code.len() + code.len() / 4);
    for (position, sign) in code.chars().enumerate() {
        if position > 0 && position % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(sign);
    }
    grouped
}

/// The first `length` groups of 5 bits, as signs.
fn signs(bytes: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    let (mut held, mut bits) = (0_u32, 0);
    let mut bytes = bytes.iter();
    while text.len() < length {
        if bits < 5 {
            held = (held << 8) | u32::from(bytes.next().copied().unwrap_or_default());
            bits += 8;
        }
        bits -= 5;
        text.push(char::from(CODE_SIGNS[(held >> bits) as usize & 31]));
        held &= (1 << bits) - 1;
    }
    text
}

fn open_key(file: &Path) -> Result<[u8; 32], Error> {
    let refused = |reason: String| Error::Keys { file: file.to_path_buf(), reason };
    match std::fs::read_to_string(file) {
        Ok(text) => read_hex(text.trim()).ok_or_else(|| {
            refused("must hold 64 hexadecimal digits; restore it from a backup".to_owned())
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: [u8; 32] = random_bytes();
            write_private(file, &write_hex(&key)).map_err(|error| refused(error.to_string()))?;
            Ok(key)
        }
        Err(error) => Err(refused(error.to_string())),
    }
}

fn write_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut handle = crate::private::create(file)?;
    handle.write_all(text.as_bytes())?;
    handle.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_twelve_signs_and_can_be_typed_loosely() {
        let keys = Keys::random();
        let code = keys.code(Id::rising());
        assert_eq!(code.len(), 12);
        assert!(code.bytes().all(|sign| CODE_SIGNS.contains(&sign)));
        let typed = format!(" {}-", group_code(&code).to_lowercase());
        assert_eq!(normalise_code(&typed), code);
    }

    #[test]
    fn a_contact_opens_only_for_its_case_and_whole() {
        let keys = Keys::random();
        let (case, other) = (Id::rising(), Id::rising());
        let mut sealed = keys.seal(case, "Lan".as_bytes()).expect("seals");
        assert_eq!(keys.unseal(case, &sealed).expect("opens"), "Lan".as_bytes());
        assert!(keys.unseal(other, &sealed).is_err());
        *sealed.last_mut().expect("not empty") ^= 1;
        assert!(keys.unseal(case, &sealed).is_err());
        assert!(keys.unseal(case, &[1, 2, 3]).is_err());
    }

    #[test]
    fn an_altered_unsubscribe_link_leads_nowhere() {
        let keys = Keys::random();
        let case = Id::rising();
        let token = keys.unsubscribe_token(case);
        assert_eq!(keys.unsubscribe_case(&token), Some(case));
        let other = format!("{}.{}", Id::rising(), token.split('.').nth(1).expect("a secret"));
        assert_eq!(keys.unsubscribe_case(&other), None);
        assert_eq!(keys.unsubscribe_case("x"), None);
    }
}
