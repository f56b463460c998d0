//! Edit checks: what must hold between answers, looked at once they are there.
//!
//! A check never stops an interview. It marks what somebody should look at
//! (Granquist and Kovar 1997 call it selective editing), and can be run again
//! over what is stored, with the version that was answered or a later one.

use super::expression::{Expression, Node, is_met};
use super::member::Within;
use super::routing::{Path, Standpoint};
use super::version::Version;
use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::ItemId;
use super::document::EditCheck;

/// An edit check that can be run.
#[derive(Clone, Debug)]
pub struct CompiledCheck {
    /// Its place in the document's checks.
    pub index: usize,
    /// What must hold; missing counts as met.
    pub expression: Expression,
    /// The rosters of whose members it is about, the outermost first.
    pub rosters: Vec<ItemId>,
}

/// A check that does not hold.
#[derive(Clone, Debug)]
pub struct FailedCheck<'a> {
    /// The check.
    pub check: &'a EditCheck,
    /// The members it is about; none outside rosters.
    pub within: Within,
}

/// The rosters around what an expression reads of one member: the longest
/// chain, or the names' items that no one chain holds together.
pub(super) fn rosters_read(
    expression: &Expression,
    around: impl Fn(ItemId) -> Vec<ItemId>,
) -> Result<Vec<ItemId>, ()> {
    let mut longest: Vec<ItemId> = Vec::new();
    let mut together = true;
    expression.tree.each(&mut |node| {
        let Node::Question(id) = node else { return };
        let chain = Uuid::try_parse(id).map(&around).unwrap_or_default();
        let shared = chain.len().min(longest.len());
        together &= chain[..shared] == longest[..shared];
        if chain.len() > longest.len() {
            longest = chain;
        }
    });
    if together { Ok(longest) } else { Err(()) }
}

/// The checks that do not hold on a path, in the document's order.
pub fn failed_checks<'a>(
    version: &'a Version,
    path: &Path,
    today: NaiveDate,
) -> Vec<FailedCheck<'a>> {
    let mut failed = Vec::new();
    for compiled in version.checks() {
        let Some(check) = version.document.checks.get(compiled.index) else { continue };
        for within in path.members_of(&compiled.rosters) {
            let at = Standpoint { version, path, within: &within, today };
            if !is_met(at.value(&compiled.expression).as_ref()) {
                failed.push(FailedCheck { check, within });
            }
        }
    }
    failed
}
