//! The second factor of a sign-in: a code of six digits that changes every thirty
//! seconds (RFC 6238), recovery codes for who has lost the device, and who must have
//! one.

use chrono::NaiveDate;
use totp_rs::{Builder, Secret, Totp};

use super::access::{Action, Role};
use crate::error::Error;
use crate::keys::{LINK_LENGTH, normalise_code};

/// Bytes of a secret (RFC 4226, section 4, recommends 160 bits).
pub const SECRET_LENGTH: usize = 20;
/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;
/// Signs of a recovery code: 12 × 5 bits.
pub const RECOVERY_LENGTH: usize = 12;
/// Digits of a code.
const DIGITS: usize = 6;
/// The name under which an application lists it.
const ISSUER: &str = "Sondage";

/// Whether who may see contacts must have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Requirement {
    /// Nobody must: for a rehearsal.
    #[default]
    Off,
    /// Everybody whose role shows contacts.
    On,
    /// The same from this day on.
    From(NaiveDate),
}

impl Requirement {
    /// Reads `on`, `off`, or the day from which it holds, as `2027-01-31` or `31/01/2027`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "on" => Some(Self::On),
            "off" => Some(Self::Off),
            day => day.parse().ok().or_else(|| locale::read_date(day)).map(Self::From),
        }
    }

    /// Whether somebody with these roles must have one on a day.
    pub fn holds(self, roles: impl IntoIterator<Item = Role>, today: NaiveDate) -> bool {
        let begun = match self {
            Self::Off => false,
            Self::On => true,
            Self::From(day) => today >= day,
        };
        begun && roles.into_iter().any(shows_contacts)
    }
}

/// Whether a role shows who was drawn: names, addresses, or what leads to them.
pub fn shows_contacts(role: Role) -> bool {
    role.may(Action::DownloadUnits) || role.may(Action::WorkCases)
}

fn totp(secret: &[u8]) -> Result<Totp, Error> {
    let built = Builder::new().with_secret(secret.to_vec()).build();
    built.map_err(|error| Error::Damaged { what: "second factor", reason: error.to_string() })
}

/// The step whose code was typed, if it is the present one or one of its neighbours:
/// clocks differ. `seconds` is the time since 1970. What was used before is for the
/// caller to refuse: a step that is not above the last one.
///
/// # Errors
///
/// A secret that is too short.
pub fn matching_step(secret: &[u8], typed: &str, seconds: u64) -> Result<Option<i64>, Error> {
    let digits: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    let step = totp(secret)?.check(&digits, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The code of a moment, as an application shows it.
///
/// # Errors
///
/// As [`matching_step`].
pub fn code_at(secret: &[u8], seconds: u64) -> Result<String, Error> {
    Ok(totp(secret)?.generate(seconds).to_string())
}

/// Whether what was typed may be a code of an application: else it is looked for
/// among the recovery codes.
pub fn is_code(typed: &str) -> bool {
    let signs: Vec<char> = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    signs.len() == DIGITS && signs.iter().all(char::is_ascii_digit)
}

/// The secret as it is typed into an application that has no camera: base 32, in
/// groups of four.
pub fn typed_secret(secret: &[u8]) -> String {
    crate::keys::group_code(&base_32(secret))
}

fn base_32(secret: &[u8]) -> String {
    Secret::new(secret.into()).to_base32()
}

/// What an application reads from the picture: the form of Google's `otpauth`.
pub fn address_of_secret(secret: &[u8], email: &str) -> String {
    let account: String = email.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    });
    format!("otpauth://totp/{ISSUER}:{account}?secret={}&issuer={ISSUER}", base_32(secret))
}

/// What of a recovery code is looked up: bound to whose it is.
pub fn recovery_subject(user: crate::store::Id, typed: &str) -> String {
    let mut code = normalise_code(typed);
    code.truncate(LINK_LENGTH);
    format!("recovery|{user}|{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B, for SHA-1.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // The standard gives eight digits; the last six are those of a six-digit code.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, seconds).expect("a code"), code, "{seconds}");
            let step = i64::try_from(seconds / 30).expect("small");
            assert_eq!(matching_step(SECRET, code, seconds).expect("checked"), Some(step));
            let spaced = format!(" {} {}", &code[..3], &code[3..]);
            assert_eq!(matching_step(SECRET, &spaced, seconds).expect("checked"), Some(step));
        }
        assert!(code_at(b"short", 59).is_err());
    }

    #[test]
    fn a_clock_may_be_one_step_apart_and_no_more() {
        let (now, code) = (1_234_567_890, "005924");
        let step = Some(41_152_263);
        for (apart, found) in [(-60, None), (-30, step), (0, step), (30, step), (60, None)] {
            let seconds = u64::try_from(now + apart).expect("later than 1970");
            assert_eq!(matching_step(SECRET, code, seconds).expect("checked"), found, "{apart}");
        }
    }

    #[test]
    fn the_picture_says_what_applications_read() {
        let address = address_of_secret(SECRET, "an+1@example.org");
        assert_eq!(
            address,
            "otpauth://totp/Sondage:an%2B1%40example.org?\
             secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sondage"
        );
        assert_eq!(typed_secret(SECRET), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn who_sees_contacts_must_from_the_day_that_is_set() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let (before, on) = (day("2027-01-30"), day("2027-01-31"));
        assert_eq!(Requirement::parse("2027-01-31"), Some(Requirement::From(on)));
        assert_eq!(Requirement::parse("31/01/2027"), Some(Requirement::From(on)));
        assert_eq!(Requirement::parse("on"), Some(Requirement::On));
        assert_eq!(Requirement::parse("off"), Some(Requirement::Off));
        assert_eq!(Requirement::parse("soon"), None);
        for (role, shown) in [
            (Role::Owner, true),
            (Role::Designer, true),
            (Role::FieldManager, true),
            (Role::Analyst, false),
            (Role::Viewer, false),
        ] {
            assert!(!Requirement::Off.holds([role], on), "{role}");
            assert_eq!(Requirement::On.holds([role], before), shown, "{role}");
            assert!(!Requirement::From(on).holds([role], before), "{role}");
            assert_eq!(Requirement::From(on).holds([role], on), shown, "{role}");
        }
        assert!(Requirement::On.holds([Role::Viewer, Role::FieldManager], on), "any of them");
    }

    #[test]
    fn six_digits_are_a_code_and_anything_else_a_recovery_code() {
        assert!(is_code("123456") && is_code(" 123 456 "));
        assert!(!is_code("12345") && !is_code("ABCD EFGH JKLM") && !is_code("１２３４５６"));
    }
}
