//! Every act, with the tables it reads and writes, and how it is played. An act
//! that is not here, or that touches what it does not say, fails the tests in
//! `meetings`.

#[path = "acts/account.rs"]
mod account;
#[path = "acts/comments.rs"]
mod comments;
#[path = "acts/deletion.rs"]
mod deletion;
#[path = "acts/library.rs"]
mod library;
#[path = "acts/mail.rs"]
mod mail;
#[path = "acts/membership.rs"]
mod membership;
#[path = "acts/people.rs"]
mod people;
#[path = "acts/respond.rs"]
mod respond;
#[path = "acts/sample.rs"]
mod sample;
#[path = "acts/sign_off.rs"]
mod sign_off;
#[path = "acts/study.rs"]
mod study;
#[path = "acts/trials.rs"]
mod trials;

use std::sync::Arc;

use fielding::Error;
use fielding::acts::interview::{Step, Taken, take_step};
use fielding::store::frames::FrameRow;
use fielding::store::{Connection, Scope};

use super::world::World;

/// What whoever acts is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is done.
    Done,
    /// The answer is saved.
    Saved(&'static str),
    /// Everything was taken back.
    TakenBack,
    /// Nothing was changed: another came first, or it may not be.
    Refused,
}

/// An act that was worked out on how things stood.
pub type Ready = Arc<dyn Fn(&mut Connection) -> Result<Told, Error> + Send + Sync>;

/// What an act leaves in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// An entry.
    Entry,
    /// None, for this reason.
    None(&'static str),
}

/// An act as it is declared.
pub struct Act {
    /// The function, and how it is played.
    pub name: &'static str,
    /// Tables it looks at.
    pub reads: &'static str,
    /// Tables it changes.
    pub writes: &'static str,
    /// What it leaves in the audit.
    pub audit: Audit,
    /// What it may not meet.
    pub scope: fn(&World) -> Scope,
    /// Works it out on how things stand; some of it may be done by that already.
    pub prepare: fn(&World, &mut Connection) -> Result<Ready, Error>,
}

impl Act {
    /// The function that is played.
    pub fn function(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// Whether two acts touch a table that one of them changes.
    pub fn meets(&self, other: &Self) -> bool {
        let touched = |act: &Self| [act.reads, act.writes].join(" ");
        let shares = |changed: &str, all: &str| {
            // The audit is only added to.
            changed.split_whitespace().any(|table| {
                table != "audit_entries" && all.split_whitespace().any(|other| other == table)
            })
        };
        shares(self.writes, &touched(other)) || shares(other.writes, &touched(self))
    }
}

const RESPONDENT: Audit = Audit::None("what respondents do leaves no entry");
const JOB: Audit = Audit::None("the program does it by itself");
const PART: Audit = Audit::None("its last part leaves the entry");

fn everything(_: &World) -> Scope {
    Scope::Everything
}

fn in_field(world: &World) -> Scope {
    Scope::Study(world.field)
}

fn in_draft(world: &World) -> Scope {
    Scope::Study(world.draft)
}

fn in_case(world: &World) -> Scope {
    Scope::Person { study: world.field, case: world.here() }
}

fn in_new_case(world: &World) -> Scope {
    Scope::Person { study: world.field, case: world.new_case() }
}

fn done(act: impl Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static) -> Ready {
    Arc::new(move |connection| act(connection).map(|()| Told::Done))
}

fn nothing() -> Ready {
    Arc::new(|_| Ok(Told::Refused))
}

fn step(world: &World, step: Option<Step>, told: Told) -> Ready {
    let Some(step) = step else { return nothing() };
    let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
    Arc::new(move |connection| {
        let taken = take_step(connection, &keys, now, &step)?;
        Ok(if taken == Taken::Stored { told } else { Told::Refused })
    })
}

fn frame_row(world: &World) -> FrameRow {
    let now = world.app.clock.now();
    FrameRow { hash: "0123456789abcdef".to_owned(), ..FrameRow::new(world.draft, "b", "", 9, now) }
}

/// Every act.
pub fn acts() -> Vec<&'static Act> {
    [
        respond::ACTS,
        mail::ACTS,
        study::ACTS,
        deletion::ACTS,
        comments::ACTS,
        trials::ACTS,
        sign_off::ACTS,
        library::ACTS,
        sample::ACTS,
        people::ACTS,
        membership::ACTS,
        account::ACTS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Functions of `acts` that take a connection and are no acts of their own: they
/// only look, or others are made of them.
pub const NO_ACTS: &[(&str, &str)] = &[
    ("interview::load", "looks"),
    ("interview::load_by_code", "looks"),
    ("interview::load_case", "looks"),
    ("interview::finish", "part of take_step and close_portion"),
    ("contact::answered", "part of take_step and store_start"),
    ("contact::opted_out", "part of take_step"),
    ("pool::move_rest", "part of end_closing"),
    ("invitations::invitations_due", "looks"),
    ("invitations::reminders_due", "looks"),
    ("invitations::doubtful_due", "looks"),
    ("invitations::is_needless", "looks"),
    ("draft::publishing_problems", "looks"),
    ("media::missing_media", "looks"),
    ("appearance::appearance", "looks"),
    ("comments::standing", "looks"),
    ("library::offered", "looks"),
    ("trials::of", "looks"),
    ("trials::standing_link", "looks"),
    ("trials::standing_trial", "looks"),
    ("study::version_to_open", "looks"),
    ("membership::standing_invitation", "looks"),
    ("second_factor::who_waits", "looks"),
    ("release::cases", "looks"),
    ("release::release_due", "looks"),
    ("release::release_factor", "looks"),
];
