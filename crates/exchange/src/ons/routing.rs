//! Routing rules as conditions: a jump forward is a condition of every block
//! that it passes over.

use survey_builder::questionnaire::document::Block;

use super::{Reader, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::Formula;

/// A block of the schema and what became of it.
pub(super) struct Placed {
    pub id: String,
    pub group: String,
    /// Its first block here, and the one after its last.
    pub first: usize,
    pub end: usize,
    /// Each leaves it out.
    pub skips: Vec<Formula>,
    pub rules: Vec<Json>,
}

impl Reader {
    /// Puts each block under what its own conditions and the jumps before it
    /// say.
    pub(super) fn route(&mut self, placed: &[Placed], blocks: &[Block]) {
        let mut left_out: Vec<Vec<Formula>> = placed.iter().map(|one| one.skips.clone()).collect();
        for (from, one) in placed.iter().enumerate() {
            let on_path = asked(blocks, one).or_else(|| {
                // A page of words is passed when nothing leaves it out.
                Formula::any(left_out[from].clone()).map(Formula::negated)
            });
            let mut earlier: Vec<Formula> = Vec::new();
            for rule in &one.rules {
                let condition = match rule.get("when").map(|when| self.formula(when)) {
                    Some(Err(reason)) => {
                        let original = rule.original();
                        self.draft.condition_lost(None, "routing", &original, &one.id, reason);
                        continue;
                    }
                    Some(Ok(formula)) => Some(formula),
                    None => None,
                };
                let Some(to) = self.target(rule, placed, from) else { continue };
                let not_before = earlier.iter().cloned().map(Formula::negated);
                let taken = Formula::all(
                    on_path.clone().into_iter().chain(not_before).chain(condition.clone()),
                );
                let taken = taken.unwrap_or_else(|| Formula::call("true", vec![]));
                for passed in left_out.iter_mut().take(to).skip(from + 1) {
                    passed.push(taken.clone());
                }
                match condition {
                    Some(condition) => earlier.push(condition),
                    None => break,
                }
            }
        }
        for (one, left_out) in placed.iter().zip(left_out) {
            let parts = left_out.into_iter().map(Formula::negated);
            let Some(formula) = Formula::all(parts) else { continue };
            let original = one.rules.iter().map(Json::original).collect::<Vec<_>>().join("; ");
            let original = if original.is_empty() { "skipped by routing" } else { &original };
            for block in blocks.get(one.first..one.end).unwrap_or_default() {
                let slot = match block {
                    Block::Page(page) => Slot::Page(page.id),
                    Block::Section(section) => Slot::Section(section.id),
                };
                self.draft.later(slot, Ok(formula.clone()), original, &one.id);
            }
        }
    }

    /// The place of the block that a rule leads to.
    fn target(&mut self, rule: &Json, placed: &[Placed], from: usize) -> Option<usize> {
        let (block, group) = (string(rule, "block"), string(rule, "group"));
        let found = if !block.is_empty() {
            placed.iter().position(|one| one.id == block)
        } else if !group.is_empty() {
            placed.iter().position(|one| one.group == group)
        } else {
            // The end of the section, which some rules name.
            let _ = string(rule, "section");
            Some(placed.len())
        };
        match found {
            Some(to) if to > from => Some(to),
            _ => {
                let place = placed.get(from).map_or("", |one| one.id.as_str());
                self.draft.kept(None, place, "routing", &rule.to_string());
                None
            }
        }
    }
}

/// Whether one of a block's questions is on the path.
fn asked(blocks: &[Block], placed: &Placed) -> Option<Formula> {
    let pages = blocks.get(placed.first..placed.end).unwrap_or_default().iter();
    let questions = pages
        .filter_map(|block| match block {
            Block::Page(page) => Some(&page.questions),
            Block::Section(_) => None,
        })
        .flatten()
        .filter(|question| question.kind.takes_answer());
    let names = questions.filter_map(|question| Some(question.items().first()?.name.to_string()));
    Formula::any(names.map(|name| Formula::call("asked", vec![Formula::Question(name)])))
}
