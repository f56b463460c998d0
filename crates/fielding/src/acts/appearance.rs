//! The accent colour and the logo of a unit or a study are set.

use sha2::{Digest as _, Sha256};
use survey_builder::questionnaire::document::{FileRule, MediaKind, Text};

use crate::error::{Error, Missing, Problem};
use crate::files::upload::{Refused, accept};
use crate::rules::appearance::{Appearance, Logo};
use crate::rules::colour::{Colour, LEAST_CONTRAST, check_accent};
use crate::rules::states::AuditAction;
use crate::store::logos::{self, LogoRow};
use crate::store::studies;
use crate::store::{Connection, Id, Instant, audit, people};

/// The most bytes of a logo: every respondent loads it.
pub const LARGEST_LOGO: u64 = 100 * 1024;

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A study's.
    Study(Id),
    /// A unit's: studies that are made in it or below it take it over.
    Unit(Id),
}

impl Owner {
    /// The identity of the study or unit.
    pub fn id(self) -> Id {
        match self {
            Self::Study(id) | Self::Unit(id) => id,
        }
    }

    /// How it appears now.
    ///
    /// # Errors
    ///
    /// There is no such study or unit.
    pub fn appearance(self, connection: &mut Connection) -> Result<Appearance, Error> {
        match self {
            Self::Study(id) => Ok(studies::require(connection, id)?.appearance.into_inner()),
            Self::Unit(id) => {
                people::unit(connection, id)?.ok_or(Error::NotFound(Missing::Unit))?;
                people::appearance(connection, id)
            }
        }
    }
}

/// What is to become of the logo.
#[derive(Clone, Debug)]
pub enum LogoWish {
    /// It stays, if there is one.
    Stays,
    /// It goes.
    Goes,
    /// This one takes its place.
    New(Picture),
}

/// A picture that was sent, looked into already.
#[derive(Clone, Debug)]
pub struct Picture {
    media_type: String,
    hash: String,
    bytes: Vec<u8>,
}

/// Looks into a picture that is to be a logo.
///
/// # Errors
///
/// No picture that browsers show, or more than [`LARGEST_LOGO`] bytes.
pub fn read_logo(bytes: Vec<u8>) -> Result<Picture, Problem> {
    let rule = FileRule { media: MediaKind::Image, at_most: Some(LARGEST_LOGO) };
    match accept(&rule, bytes) {
        Ok((sort, bytes)) => {
            let whole = Sha256::digest(&bytes);
            let (first, _) = whole.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
            let hash = format!("{:032x}", u128::from_be_bytes(*first));
            Ok(Picture { media_type: sort.media_type.to_owned(), hash, bytes })
        }
        Err(Refused::TooLarge { most }) => {
            Err(Problem::new("logo-large", "logo").with("most", most / 1024))
        }
        Err(_) => Err(Problem::new("logo-no-picture", "logo")),
    }
}

/// Changes how respondents see who asks. `seen` is the stamp of what was there when the
/// change was thought of.
///
/// # Errors
///
/// A colour that is none or cannot be read (with the nearest that can), a logo without
/// words for whoever does not see it: all at once. What others changed since.
pub fn change_appearance(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    owner: Owner,
    (seen, accent, alt, wish): (&str, &str, &Text, &LogoWish),
) -> Result<(), Error> {
    let before = owner.appearance(connection)?;
    if seen != before.stamp() {
        return Err(Error::invalid("settings-changed-since", ""));
    }
    let mut problems = Vec::new();
    let accent = match (accent.trim(), Colour::parse(accent)) {
        ("", _) => String::new(),
        (_, Some(colour)) => {
            if let Err(nearest) = check_accent(colour) {
                problems.push(
                    Problem::new("colour-contrast", "accent")
                        .with("least", LEAST_CONTRAST)
                        .with("nearest", format!("#{}", nearest.digits())),
                );
            }
            colour.digits()
        }
        (_, None) => {
            problems.push(Problem::new("colour-unread", "accent"));
            String::new()
        }
    };
    let hash = match wish {
        LogoWish::Stays => before.logo.as_ref().map(|logo| logo.hash.clone()),
        LogoWish::Goes => None,
        LogoWish::New(picture) => Some(picture.hash.clone()),
    };
    if hash.is_some() && alt.0.values().all(|text| text.trim().is_empty()) {
        problems.push(Problem::new("logo-words", "alt_vi"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let after = Appearance { accent, logo: hash.map(|hash| Logo { hash, alt: alt.clone() }) };
    if after == before {
        return Ok(());
    }
    match wish {
        LogoWish::Stays => {}
        LogoWish::Goes => logos::remove(connection, owner.id())?,
        LogoWish::New(picture) => logos::put(
            connection,
            &LogoRow {
                owner_id: owner.id(),
                hash: picture.hash.clone(),
                media_type: picture.media_type.clone(),
                bytes: picture.bytes.clone(),
            },
        )?,
    }
    let told = match &after.accent {
        none if none.is_empty() => String::new(),
        accent => format!("#{accent}"),
    };
    match owner {
        Owner::Study(id) => studies::set_appearance(connection, id, &after)?,
        Owner::Unit(id) => people::set_appearance(connection, id, &after)?,
    }
    let subject = owner.id().to_string();
    audit::record(connection, now, user, AuditAction::AppearanceChanged, &subject, &told)
}

/// A new study takes over what its unit has, or the nearest above that has something.
pub(super) fn inherit(connection: &mut Connection, study: Id, unit: Id) -> Result<(), Error> {
    for above in people::unit_with_ancestors(connection, unit)? {
        let found = people::appearance(connection, above)?;
        if found.is_plain() {
            continue;
        }
        if let Some(row) = logos::find(connection, above)? {
            logos::put(connection, &LogoRow { owner_id: study, ..row })?;
        }
        return studies::set_appearance(connection, study, &found);
    }
    Ok(())
}
