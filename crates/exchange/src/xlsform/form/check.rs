//! Edit checks as rows of a form: a note that is shown when a check does not
//! hold, behind the last question that it reads.
//!
//! The condition itself stands in a column of ours (`x_check`), in our own
//! words, so that the check is a check when the form is read again.

use std::collections::BTreeMap;

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{EditCheck, Text};
use survey_builder::questionnaire::expression::{Expected, Expression, Node};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use super::{Former, Line};
use crate::formula::write::Writer;

/// The checks by the question behind which each stands.
pub(super) fn by_question(version: &Version) -> BTreeMap<ItemId, Vec<EditCheck>> {
    let mut found: BTreeMap<ItemId, Vec<EditCheck>> = BTreeMap::new();
    for check in version.checks() {
        // One that reads no question stands behind none, and is told as lost.
        let last = last_read(version, &check.expression).unwrap_or_default();
        found.entry(last).or_default().push(version.document.checks[check.index].clone());
    }
    found
}

/// The last question that is read, of those in the innermost roster.
fn last_read(version: &Version, expression: &Expression) -> Option<ItemId> {
    let mut last: Option<((usize, usize, usize), ItemId)> = None;
    expression.tree.each(&mut |node| {
        let (Node::Question(read) | Node::Instances(read)) = node else { return };
        let item = Uuid::try_parse(read).ok();
        let place = item.and_then(|item| Some((item, version.place(item)?)));
        let Some((item, place)) = place else { return };
        let Some(question) = version.question(item) else { return };
        let depth = match node {
            Node::Question(_) => version.rosters_around(item).len(),
            _ => 0,
        };
        let own = ((depth, place.page, place.question), question.id);
        if last.is_none_or(|known| known.0 < own.0) {
            last = Some(own);
        }
    });
    last.map(|(_, question)| question)
}

impl Former<'_> {
    /// The rows of the checks that stand behind a question.
    pub(super) fn checks(&mut self, question: ItemId) {
        for check in self.checks.remove(&question).unwrap_or_default() {
            self.check(&check);
        }
    }

    fn check(&mut self, check: &EditCheck) {
        let condition = Expected::Condition;
        let (name, text) = (&check.name, &check.expression);
        let written = self.formula(name, "checks", text, None, condition, Writer::constraint);
        if written.is_empty() {
            return;
        }
        let fails = match written.strip_prefix("not(") {
            Some(inner) if closes_at_end(inner) => inner[..inner.len() - 1].to_owned(),
            _ => format!("not({written})"),
        };
        let message = if check.message.is_empty() {
            let codes = self.document.languages.iter().map(|one| one.code.clone());
            Text(codes.map(|code| (code, name.clone())).collect())
        } else {
            check.message.clone()
        };
        let own = self.group_name(name);
        let mut line = Line::new("note", &own).text("label", &message);
        line.put("relevant", fails);
        line.put("x_check", text.clone());
        self.lines.push(line);
    }
}

/// Whether the parenthesis opened before closes with the last character.
fn closes_at_end(inner: &str) -> bool {
    let mut depth = 1_i32;
    let mut quote = None;
    for (place, next) in inner.char_indices() {
        match (next, quote) {
            (own, Some(open)) if own == open => quote = None,
            ('\'' | '"', None) => quote = Some(next),
            ('(', None) => depth += 1,
            (')', None) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1 == inner.len();
        }
    }
    false
}
