//! Edit checks: what must hold between answers, looked at once they are there;
//! and answers that were kept although a soft constraint doubts them.
//!
//! A check never stops an interview. It marks what somebody should look at
//! (Granquist and Kovar 1997 call it selective editing), and can be run again
//! over what is stored, with the version that was answered or a later one.

use std::borrow::Cow;

use chrono::NaiveDate;
use uuid::Uuid;

use super::answer::{Answer, ItemId};
use super::document::{Question, Text, reason_of};
use super::expression::{Expression, Node, evaluate, is_met};
use super::member::{Within, key};
use super::routing::{Evaluation, Path, Standpoint};
use super::version::{CompiledQuestion, Version};

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

/// A check or a soft constraint that does not hold.
#[derive(Clone, Debug)]
pub struct FailedCheck<'a> {
    /// The check's name; of a soft constraint, the name of what was answered.
    pub name: Cow<'a, str>,
    /// What is said about it.
    pub message: &'a Text,
    /// The members it is about; none outside rosters.
    pub within: Within,
    /// What the reason that may have been given for it is stored under.
    pub reason: Option<ItemId>,
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

/// The checks that do not hold on a path, in the document's order; then the
/// soft constraints that do not, in the order of the questions.
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
                let name = Cow::Borrowed(check.name.as_str());
                failed.push(FailedCheck { name, message: &check.message, within, reason: None });
            }
        }
    }
    for (index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(index) else { continue };
        let questions = page.questions.iter().zip(&compiled.questions);
        for (question, expressions) in questions.filter(|(one, _)| one.may_be_doubted()) {
            for within in path.members_of(&compiled.rosters) {
                let at = Standpoint { version, path, within: &within, today };
                doubted(&at, question, expressions, &mut failed);
            }
        }
    }
    failed
}

/// The answers to one question that a soft constraint doubts.
fn doubted<'a>(
    at: &Standpoint<'_>,
    question: &'a Question,
    expressions: &CompiledQuestion,
    failed: &mut Vec<FailedCheck<'a>>,
) {
    for item in question.items().into_iter().filter(|item| !item.is_other) {
        let own = key(item.id, at.within);
        let Some(value) = at.path.answers.get(own).and_then(Answer::value) else { continue };
        let environment = Evaluation { own: Some(value), ..at.evaluation() };
        let constraints = expressions.constraints.iter().zip(&question.constraints);
        let broken = constraints
            .filter(|(_, constraint)| constraint.soft)
            .find(|(expression, _)| !is_met(evaluate(expression, &environment).as_ref()));
        if let Some((_, constraint)) = broken {
            failed.push(FailedCheck {
                name: item.name,
                message: &constraint.message,
                within: at.within.into(),
                reason: Some(key(reason_of(item.id), at.within)),
            });
        }
    }
}
