//! What authors do to a draft: small typed operations instead of snapshots.
//!
//! An operation names things by identity, never by position. [`Operation::apply`] is
//! strict: it does exactly what it says or nothing, and gives the operation that takes
//! it back. What somebody wished while others were writing too is first fitted to what
//! they made of the draft ([`perform`]); what no longer can be done is refused with the
//! words that were in it. The order in which the server takes operations is the order
//! for everybody, so all who replay them have the same draft.

mod apply;
mod between;
pub mod compose;
mod node;
mod perform;
mod property;
mod rename;
mod restore;

use serde::{Deserialize, Serialize};

use super::answer::ItemId;
use super::document::{Document, Slot, TextRole};

pub use between::between;
pub(super) use node::rows_mut;
pub use node::{Node, Part, Place};
pub use perform::{Edit, Outcome, Step, next_redo, next_undo, perform, take_back};
pub use property::Property;
pub use rename::rename;
pub(super) use rename::{changed_names, inserted, members};
pub use restore::{restore, rewind};

/// A document that is being written, and what its authors disagree about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The document.
    pub document: Document,
    /// Words that two changed at once, until somebody chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
}

/// Two versions of one text; the first stands in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What the text belongs to.
    pub item: ItemId,
    /// What it is to it.
    pub role: TextRole,
    /// Its language.
    pub language: String,
    /// What both began from.
    pub common: String,
    /// What was there first.
    pub first: String,
    /// What came second and overlaps with it.
    pub second: String,
}

impl Conflict {
    /// Where the text stands.
    pub fn slot(&self) -> Slot {
        (self.item, self.role)
    }
}

/// One thing that is done to a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Operation {
    /// Something new, with all that belongs to it.
    Insert {
        /// What it is.
        node: Node,
        /// Where it goes.
        at: Place,
    },
    /// Something goes, with all that belongs to it.
    Remove {
        /// What goes.
        item: ItemId,
        /// Where it was.
        #[serde(default)]
        from: Place,
    },
    /// Something gets another place.
    Move {
        /// What moves.
        item: ItemId,
        /// Where it was.
        #[serde(default)]
        from: Place,
        /// Where it goes.
        to: Place,
    },
    /// A text is written.
    Write {
        /// What the text belongs to.
        item: ItemId,
        /// What it is to it.
        role: TextRole,
        /// Its language.
        language: String,
        /// What was there; empty where there was nothing.
        was: String,
        /// What is there now; empty takes the text away.
        now: String,
    },
    /// A translation was looked at and fits what the source says: nothing else changes.
    Confirm {
        /// What the text belongs to.
        item: ItemId,
        /// What it is to it.
        role: TextRole,
        /// The language of the translation.
        language: String,
        /// What the source said when it was translated.
        was: String,
        /// What the source says now.
        now: String,
    },
    /// Something other than a text is set.
    Set {
        /// What it is set for.
        item: ItemId,
        /// What was there.
        was: Property,
        /// What is there now.
        now: Property,
    },
    /// Two wrote the same words at once.
    Dispute(Conflict),
    /// Somebody chose between them.
    Settle(Conflict),
}

/// Why something cannot be done (any more).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// What it is about is not there (any more).
    Gone,
    /// Somebody else has changed it since.
    ChangedSince,
    /// It would stand within itself.
    WithinItself,
    /// It is there already.
    Twice,
    /// It cannot stand there, or has no such property.
    DoesNotFit,
}

impl Refusal {
    /// The code of its text.
    pub fn code(self) -> &'static str {
        match self {
            Self::Gone => "edit_gone",
            Self::ChangedSince => "edit_changed_since",
            Self::WithinItself => "edit_within_itself",
            Self::Twice => "edit_twice",
            Self::DoesNotFit => "edit_does_not_fit",
        }
    }
}
