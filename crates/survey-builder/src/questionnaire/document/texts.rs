//! Every text of a document, one after the other: what looks at texts, moves them
//! between languages or fills them in need not know where they stand.

use serde::{Deserialize, Serialize};

use super::super::answer::ItemId;
use super::{Block, Cell, Document, Grid, Kind, Members, NumberRange, Question, Section, Text};

/// What a text is to what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRole {
    /// The title of the questionnaire or a section.
    Title,
    /// How a respondent is addressed.
    AddressForm,
    /// What an option, a column, a member or an attribute is called.
    Label,
    /// What is asked.
    Wording,
    /// Help under it.
    Hint,
    /// Help that only interviewers see.
    Instruction,
    /// What is said when a check does not hold.
    Message,
    /// The unit of a number.
    Unit,
    /// What the lowest point of a scale means.
    Low,
    /// What the highest point means.
    High,
    /// What the best is called.
    Best,
    /// What the worst is called.
    Worst,
    /// What the member who answers is called.
    Primary,
}

/// Where a text stands: its owner, and what it is to it.
pub type Slot = (ItemId, TextRole);

/// Whether a text must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing can be asked or shown without it.
    Always,
    /// What stands below it says enough: a heading over rows or choices.
    Heading,
    /// Only in all languages or in none.
    WhereSaid,
    /// In those languages in which somebody wrote it.
    Free,
}

/// One text, and what it belongs to.
pub struct Worded<'a> {
    /// The name of the question, list, roster, section or check.
    pub place: &'a str,
    /// What it belongs to; the document's own texts belong to nothing.
    pub item: Option<ItemId>,
    /// The name or code that may stand for it.
    pub name: &'a str,
    /// Whether it must be there.
    pub need: Need,
    /// Where it stands; what is said when a constraint does not hold, and the
    /// names of files, belong to no item of their own.
    pub slot: Option<Slot>,
    /// The text.
    pub text: &'a mut Text,
}

impl Document {
    /// Visits every text that people read, to look at or to change.
    pub fn each_text(&mut self, mut visit: impl FnMut(Worded<'_>)) {
        let visit: &mut dyn FnMut(Worded<'_>) = &mut visit;
        let (id, name) = (self.id, self.name.as_str());
        let own = |text, need, role| Worded {
            place: name,
            item: None,
            name,
            need,
            slot: Some((id, role)),
            text,
        };
        visit(own(&mut self.title, Need::Always, TextRole::Title));
        visit(own(&mut self.address_form, Need::Free, TextRole::AddressForm));
        for list in &mut self.lists {
            for option in &mut list.options {
                let (place, item, name) = (&list.name, Some(option.id), &option.code);
                let slot = Some((option.id, TextRole::Label));
                let need = Need::Always;
                visit(Worded { place, item, name, need, slot, text: &mut option.label });
            }
        }
        for roster in &mut self.rosters {
            let (place, id, item) = (&roster.name, roster.id, Some(roster.id));
            let slot = Some((id, TextRole::Label));
            let (need, text) = (Need::WhereSaid, &mut roster.label);
            visit(Worded { place, item, name: place, need, slot, text });
            of_members(&mut roster.members, (place, id), visit);
        }
        self.sections.iter_mut().for_each(|section| titles(section, visit));
        for page in self.pages_mut() {
            page.questions.iter_mut().for_each(|question| of_question(question, visit));
        }
        for check in &mut self.checks {
            let (place, item) = (&check.name, Some(check.id));
            let slot = Some((check.id, TextRole::Message));
            let text = &mut check.message;
            visit(Worded { place, item, name: place, need: Need::Always, slot, text });
        }
    }

    /// Lets a text be changed where it stands; `None` where there is no such place.
    pub fn change_text<R>(&mut self, slot: Slot, change: impl FnOnce(&mut Text) -> R) -> Option<R> {
        let (mut change, mut done) = (Some(change), None);
        self.each_text(|worded| {
            if worded.slot == Some(slot)
                && let Some(change) = change.take()
            {
                done = Some(change(worded.text));
            }
        });
        done
    }
}

/// Whether the columns of a grid must be called something: one needs no heading,
/// and options say by themselves what is asked.
fn headings(grid: &Grid) -> Need {
    let by_options = |cell: &Cell| matches!(cell, Cell::Single { .. } | Cell::Multiple { .. });
    match grid.columns.as_slice() {
        [] | [_] => Need::WhereSaid,
        columns if columns.iter().all(|column| by_options(&column.cell)) => Need::Heading,
        _ => Need::Always,
    }
}

fn titles(section: &mut Section, visit: &mut dyn FnMut(Worded<'_>)) {
    let (place, item) = (&section.name, Some(section.id));
    let (need, slot) = (Need::WhereSaid, Some((section.id, TextRole::Title)));
    visit(Worded { place, item, name: place, need, slot, text: &mut section.title });
    for block in &mut section.blocks {
        if let Block::Section(inner) = block {
            titles(inner, visit);
        }
    }
}

fn of_members(
    members: &mut Members,
    (place, id): (&str, ItemId),
    visit: &mut dyn FnMut(Worded<'_>),
) {
    let mut say = |text, need, (owner, role), name| {
        let slot = Some((owner, role));
        visit(Worded { place, item: Some(id), name, need, slot, text });
    };
    match members {
        Members::Fixed { members } => {
            for member in members {
                let slot = (member.id, TextRole::Label);
                say(&mut member.label, Need::Always, slot, &member.code);
            }
        }
        Members::Added { wording, primary, .. } => {
            say(wording, Need::WhereSaid, (id, TextRole::Wording), place);
            say(primary, Need::WhereSaid, (id, TextRole::Primary), place);
        }
        Members::Count { .. }
        | Members::Chosen { .. }
        | Members::Listed { .. }
        | Members::Others { .. } => {}
    }
}

fn of_question(question: &mut Question, visit: &mut dyn FnMut(Worded<'_>)) {
    let (place, id) = (&question.name, question.id);
    let mut say = |text, need, role: Option<TextRole>| {
        let slot = role.map(|role| (id, role));
        visit(Worded { place, item: Some(id), name: place, need, slot, text });
    };
    let wording = match &question.kind {
        kind if kind.is_silent() => Need::WhereSaid,
        Kind::Battery(_) | Kind::Grid(_) => Need::Heading,
        _ => Need::Always,
    };
    say(&mut question.wording, wording, Some(TextRole::Wording));
    say(&mut question.hint, Need::WhereSaid, Some(TextRole::Hint));
    say(&mut question.instruction, Need::WhereSaid, Some(TextRole::Instruction));
    for constraint in &mut question.constraints {
        say(&mut constraint.message, Need::WhereSaid, None);
    }
    for media in &mut question.media {
        say(&mut media.file, Need::Free, None);
    }
    of_kind(&mut question.kind, (place, id), visit);
}

fn of_kind(kind: &mut Kind, (place, id): (&str, ItemId), visit: &mut dyn FnMut(Worded<'_>)) {
    let mut say = |text, need, (owner, role), name| {
        let slot = Some((owner, role));
        visit(Worded { place, item: Some(id), name, need, slot, text });
    };
    match kind {
        Kind::Battery(battery) => {
            for row in &mut battery.rows {
                say(&mut row.wording, Need::Always, (row.id, TextRole::Wording), &row.name);
            }
        }
        Kind::Grid(grid) => {
            let headed = headings(grid);
            for row in &mut grid.rows {
                say(&mut row.wording, Need::Always, (row.id, TextRole::Wording), &row.name);
            }
            for column in &mut grid.columns {
                say(&mut column.label, headed, (column.id, TextRole::Label), &column.name);
                if let Cell::Integer(range) | Cell::Decimal(range) = &mut column.cell {
                    say(&mut range.unit, Need::Free, (column.id, TextRole::Unit), place);
                }
            }
        }
        Kind::BestWorst(pair) => {
            say(&mut pair.best, Need::Always, (id, TextRole::Best), place);
            say(&mut pair.worst, Need::Always, (id, TextRole::Worst), place);
        }
        Kind::ChoiceSet(set) => {
            for attribute in &mut set.attributes {
                let slot = (attribute.id, TextRole::Label);
                say(&mut attribute.label, Need::Always, slot, &attribute.name);
            }
        }
        Kind::Scale(scale) => {
            say(&mut scale.low, Need::WhereSaid, (id, TextRole::Low), place);
            say(&mut scale.high, Need::WhereSaid, (id, TextRole::High), place);
        }
        Kind::Integer(NumberRange { unit, .. })
        | Kind::Decimal(NumberRange { unit, .. })
        | Kind::Duration(NumberRange { unit, .. }) => {
            say(unit, Need::WhereSaid, (id, TextRole::Unit), place);
        }
        kind => {
            let other = kind.choice_mut().and_then(|choice| choice.other.as_mut());
            if let Some(other) = other {
                let slot = (other.id, TextRole::Wording);
                say(&mut other.wording, Need::WhereSaid, slot, &other.name);
            }
        }
    }
}

impl Kind {
    /// Visits the texts of a question of this kind that are not the question's own.
    pub fn each_text(&mut self, question: ItemId, mut visit: impl FnMut(Worded<'_>)) {
        of_kind(self, ("", question), &mut visit);
    }
}

impl Members {
    /// Visits the texts of the members of a roster.
    pub fn each_text(&mut self, roster: ItemId, mut visit: impl FnMut(Worded<'_>)) {
        of_members(self, ("", roster), &mut visit);
    }
}
