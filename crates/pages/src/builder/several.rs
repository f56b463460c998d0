//! Several questions of the outline at once: ticked, then moved, taken away, or given the
//! options of another.

use std::collections::BTreeSet;

use fielding::error::Problem;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::Operation;
use survey_builder::questionnaire::operation::compose::{
    Target, move_several, remove_several, same_options,
};
use survey_builder::questionnaire::validate::Posted;
use uuid::Uuid;

use crate::form::field;

/// What is ticked, and what was typed beside it.
#[derive(Clone, Debug, Default)]
pub struct Several {
    /// The questions.
    pub items: BTreeSet<Uuid>,
    after: String,
    like: String,
}

/// The panel of what is to be done with what is ticked.
#[derive(Serialize)]
pub struct SeveralPanel {
    ticked: usize,
    after: String,
    like: String,
}

impl Several {
    /// What a form says.
    pub fn of(form: &Posted) -> Self {
        let items = form.get("items").into_iter().flatten();
        Self {
            items: items.filter_map(|item| Uuid::try_parse(item).ok()).collect(),
            after: field(form, "after"),
            like: field(form, "like"),
        }
    }

    /// From one question to another, whichever comes first; one alone where the other is
    /// not there.
    pub fn between(document: &Document, from: Option<Uuid>, to: Option<Uuid>) -> Self {
        let all: Vec<Uuid> = document.questions().map(|question| question.id).collect();
        let at = |id: Option<Uuid>| all.iter().position(|one| Some(*one) == id);
        let ends = [at(from), at(to)].into_iter().flatten();
        let items = match (ends.clone().min(), ends.max()) {
            (Some(first), Some(last)) => all[first..=last].iter().copied().collect(),
            _ => BTreeSet::new(),
        };
        Self { items, ..Self::default() }
    }

    /// What the page shows of it.
    pub fn panel(&self) -> SeveralPanel {
        let Self { items, after, like } = self;
        SeveralPanel { ticked: items.len(), after: after.clone(), like: like.clone() }
    }

    /// The first of them in the order of the document.
    pub fn first(&self, document: &Document) -> Option<Uuid> {
        document.questions().map(|question| question.id).find(|id| self.items.contains(id))
    }

    /// What a button asks for, as operations.
    pub fn asked(&self, doing: &str, document: &Document) -> Result<Vec<Operation>, Problem> {
        let there = document.questions().any(|question| self.items.contains(&question.id));
        match doing {
            _ if !there => Err(Problem::new("edit_nothing_ticked", "")),
            "several-remove" => Ok(remove_several(document, &self.items)),
            "several-options" => {
                let source = numbered(document, &self.like).ok_or_else(|| {
                    Problem::new("edit_no_such_number", "like").with("number", &*self.like)
                })?;
                same_options(document, &self.items, source).ok_or_else(|| {
                    Problem::new("edit_no_options", "like").with("number", &*self.like)
                })
            }
            _ => moved(document, &self.items, &self.after),
        }
    }
}

/// Questions moved to where was typed: after the question of that number or name, to the
/// beginning by `0`; a script names a question or a section by its identity.
pub fn moved(
    document: &Document,
    items: &BTreeSet<Uuid>,
    typed: &str,
) -> Result<Vec<Operation>, Problem> {
    let section = |id: &Uuid| document.all_sections().iter().any(|section| section.id == *id);
    let target = match (numbered(document, typed), Uuid::try_parse(typed)) {
        (Some(question), _) => Target::After(question),
        (None, Ok(id)) if section(&id) => Target::Into(id),
        (None, _) if typed == "0" => Target::First,
        _ => return Err(Problem::new("edit_no_such_number", "after").with("number", typed)),
    };
    match target {
        Target::After(question) if items.contains(&question) => {
            Err(Problem::new("edit_target_moves", "after").with("number", typed))
        }
        _ => move_several(document, items, target)
            .ok_or_else(|| Problem::new("edit_shares_its_page", "after")),
    }
}

/// The question of that number, of that name, or of that identity.
fn numbered(document: &Document, typed: &str) -> Option<Uuid> {
    let labels = crate::paper::labels(document);
    let identity = Uuid::try_parse(typed).ok();
    let mut questions = document.questions();
    let is = |name: &str| labels.get(name).is_some_and(|label| label == typed) || name == typed;
    questions
        .find(|question| is(&question.name) || Some(question.id) == identity)
        .map(|question| question.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    #[test]
    fn what_cannot_be_done_says_why_and_keeps_what_was_ticked() {
        let document = document();
        let all: Vec<Uuid> = document.questions().map(|question| question.id).collect();
        let of = |items: &[Uuid], after: &str, like: &str| Several {
            items: items.iter().copied().collect(),
            after: after.to_owned(),
            like: like.to_owned(),
        };
        let code = |several: &Several, doing| {
            several.asked(doing, &document).expect_err("it cannot be done").code
        };
        assert_eq!(code(&of(&[], "0", ""), "several-move"), "edit_nothing_ticked");
        assert_eq!(code(&of(&[Uuid::nil()], "0", ""), "several-remove"), "edit_nothing_ticked");
        assert_eq!(code(&of(&all[..1], "99999", ""), "several-move"), "edit_no_such_number");
        assert_eq!(code(&of(&all[..1], "", ""), "several-move"), "edit_no_such_number");
        let own = all[0].to_string();
        assert_eq!(code(&of(&all[..1], &own, ""), "several-move"), "edit_target_moves");
        assert_eq!(code(&of(&all[..1], "", "99999"), "several-options"), "edit_no_such_number");
        let number = document.questions().find(|one| one.kind.name() == "integer");
        let number = number.expect("a number").name.clone();
        assert_eq!(code(&of(&all[..1], "", &number), "several-options"), "edit_no_options");
    }

    #[test]
    fn a_range_is_the_same_from_both_ends() {
        let document = document();
        let all: Vec<Uuid> = document.questions().map(|question| question.id).collect();
        let forth = Several::between(&document, Some(all[1]), Some(all[4]));
        let back = Several::between(&document, Some(all[4]), Some(all[1]));
        assert_eq!(forth.items, all[1..=4].iter().copied().collect());
        assert_eq!(forth.items, back.items);
        let one = Several::between(&document, Some(all[2]), Some(Uuid::nil()));
        assert_eq!(one.items, BTreeSet::from([all[2]]));
        assert!(Several::between(&document, None, None).items.is_empty());
        assert_eq!(forth.first(&document), Some(all[1]));
    }
}
