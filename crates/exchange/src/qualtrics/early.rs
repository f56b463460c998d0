//! Logic that reads what is asked later.
//!
//! Logic is decided there when its question comes up, and a question that comes later has
//! no answer then. So its tests give what they give without an answer; which ones they are
//! is told.

use std::collections::HashMap;

use survey_builder::problem::{Problem, first_places};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Block, Section};

use super::flow::Builder;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// Where the questions stand that are asked.
#[derive(Default)]
struct Places {
    of_name: HashMap<String, usize>,
    of_id: HashMap<ItemId, usize>,
    next: usize,
}

impl Places {
    /// Whether everything is asked in this order.
    fn section(&mut self, section: &Section) -> bool {
        self.of_id.insert(section.id, self.next);
        let mut is_in_order = !section.shuffled;
        for block in &section.blocks {
            match block {
                Block::Section(inner) => is_in_order &= self.section(inner),
                Block::Page(page) => {
                    is_in_order &= !page.shuffled;
                    self.of_id.insert(page.id, self.next);
                    for question in &page.questions {
                        self.of_id.insert(question.id, self.next);
                        for item in question.items() {
                            self.of_id.insert(item.id, self.next);
                            if !question.kind.is_silent() {
                                self.of_name.insert(item.name.into_owned(), self.next);
                            }
                        }
                        self.next += 1;
                    }
                }
            }
        }
        is_in_order
    }
}

impl Builder<'_> {
    /// Gives tests of later answers what they give there. Where chance orders what is
    /// asked, nobody knows what is later: the author must say.
    pub(super) fn without_later_answers(&mut self, sections: &[Section]) {
        let mut places = Places::default();
        if !sections.iter().all(|section| places.section(section)) {
            return;
        }
        let mut told = Vec::new();
        let mut remarks = Vec::new();
        for one in &mut self.draft.pending {
            let is_decided = matches!(
                one.slot,
                Slot::Section(_)
                    | Slot::Page(_)
                    | Slot::Question(_)
                    | Slot::Row(_)
                    | Slot::Filter(_)
            );
            let own = one.slot.item().filter(|_| is_decided);
            let Some(own) = own.and_then(|id| places.of_id.get(&id).copied()) else { continue };
            let is_later = |name: &str| places.of_name.get(name).is_some_and(|place| *place > own);
            let formula = std::mem::replace(&mut one.formula, Formula::Number(0.0));
            if reads_any(&formula, &is_later) {
                told.push(one.place.as_text().unwrap_or_default().to_owned());
                remarks.push((one.slot.item(), one.slot.role(), one.original.clone()));
                one.formula = formula.replaced(&mut |part| unanswered(part, &is_later));
            } else {
                one.formula = formula;
            }
        }
        for (item, role, original) in remarks {
            self.draft.remark(item, role, &original);
        }
        if !told.is_empty() {
            let places = first_places(told.iter().map(String::as_str));
            self.draft
                .warn(Problem::new("import_read_too_early", places).with("count", told.len()));
        }
    }
}

fn reads_any(formula: &Formula, is_later: &impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    formula.each(&mut |part| found |= matches!(part, Formula::Question(name) if is_later(name)));
    found
}

/// A test that reads a later answer, as it comes out without one.
fn unanswered(part: Formula, is_later: &impl Fn(&str) -> bool) -> Formula {
    let truth = |holds: bool| Formula::call(if holds { "true" } else { "false" }, Vec::new());
    match &part {
        Formula::Binary(operator, left, right)
            if operator.binding().0 == 4
                && (reads_any(left, is_later) || reads_any(right, is_later)) =>
        {
            let is_blank = |side: &Formula| *side == Formula::text("");
            let asks_for_blank = is_blank(left) || is_blank(right);
            truth(
                matches!(operator, Operator::Equal) == asks_for_blank
                    && matches!(operator, Operator::Equal | Operator::NotEqual),
            )
        }
        Formula::Call(name, arguments)
            if ["selected", "contains", "regex", "asked"].contains(&name.as_str())
                && arguments.iter().any(|one| reads_any(one, is_later)) =>
        {
            truth(false)
        }
        _ => part,
    }
}
