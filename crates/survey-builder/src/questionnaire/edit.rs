//! Edit checks: what must hold between answers, looked at once they are there;
//! and answers that were kept although a soft constraint doubts them.
//!
//! A check never stops an interview. It marks what somebody should look at
//! (Granquist and Kovar 1997 call it selective editing), and can be run again
//! over what is stored, with the version that was answered or a later one.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::answer::{Answer, ItemId};
use super::document::{Question, Text, reason_of};
use super::expression::{evaluate, is_met};
use super::path::{Evaluation, Path, Standpoint, Within, key};
use super::version::{CompiledQuestion, Version};

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
    let items = question.items().into_iter().filter(|item| !item.is_other);
    for (place, item) in items.enumerate() {
        let own = key(item.id, at.within);
        let Some(value) = at.path.answers.get(own).and_then(Answer::value) else { continue };
        let environment = Evaluation { own: Some(value), ..at.evaluation() };
        let constraints = expressions.constraints.iter().zip(&question.constraints);
        let broken = constraints
            .filter(|(_, constraint)| constraint.soft)
            .filter(|(expression, _)| place == 0 || !expressions.is_about_whole(expression))
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
