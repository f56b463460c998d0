//! Every text of a document, one after the other: what looks at texts, moves them
//! between languages or fills them in need not know where they stand.

use super::super::answer::ItemId;
use super::{Block, Cell, Document, Grid, Kind, Members, NumberRange, Question, Section, Text};

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
    /// The text.
    pub text: &'a mut Text,
}

impl Document {
    /// Visits every text that people read, to look at or to change.
    pub fn each_text(&mut self, mut visit: impl FnMut(Worded<'_>)) {
        let visit: &mut dyn FnMut(Worded<'_>) = &mut visit;
        let own = |text, need, name| Worded { place: name, item: None, name, need, text };
        visit(own(&mut self.title, Need::Always, &self.name));
        visit(own(&mut self.address_form, Need::Free, &self.name));
        for list in &mut self.lists {
            for option in &mut list.options {
                let (place, item, name) = (&list.name, Some(option.id), &option.code);
                visit(Worded { place, item, name, need: Need::Always, text: &mut option.label });
            }
        }
        for roster in &mut self.rosters {
            let (place, item) = (&roster.name, Some(roster.id));
            let mut say = |text, need, name| visit(Worded { place, item, name, need, text });
            say(&mut roster.label, Need::WhereSaid, place);
            match &mut roster.members {
                Members::Fixed { members } => {
                    for member in members {
                        say(&mut member.label, Need::Always, &member.code);
                    }
                }
                Members::Added { wording, primary, .. } => {
                    say(wording, Need::WhereSaid, place);
                    say(primary, Need::WhereSaid, place);
                }
                Members::Count { .. }
                | Members::Chosen { .. }
                | Members::Listed { .. }
                | Members::Others { .. } => {}
            }
        }
        self.sections.iter_mut().for_each(|section| titles(section, visit));
        for page in self.pages_mut() {
            page.questions.iter_mut().for_each(|question| of_question(question, visit));
        }
        for check in &mut self.checks {
            let (place, item) = (&check.name, Some(check.id));
            let text = &mut check.message;
            visit(Worded { place, item, name: place, need: Need::Always, text });
        }
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
    visit(Worded { place, item, name: place, need: Need::WhereSaid, text: &mut section.title });
    for block in &mut section.blocks {
        if let Block::Section(inner) = block {
            titles(inner, visit);
        }
    }
}

fn of_question(question: &mut Question, visit: &mut dyn FnMut(Worded<'_>)) {
    let (place, item) = (&question.name, Some(question.id));
    let mut say = |text, need, name| visit(Worded { place, item, name, need, text });
    let wording = match &question.kind {
        kind if kind.is_silent() => Need::WhereSaid,
        Kind::Battery(_) | Kind::Grid(_) => Need::Heading,
        _ => Need::Always,
    };
    say(&mut question.wording, wording, place);
    say(&mut question.hint, Need::WhereSaid, place);
    say(&mut question.instruction, Need::WhereSaid, place);
    for constraint in &mut question.constraints {
        say(&mut constraint.message, Need::WhereSaid, place);
    }
    for media in &mut question.media {
        say(&mut media.file, Need::Free, place);
    }
    match &mut question.kind {
        Kind::Battery(battery) => {
            for row in &mut battery.rows {
                say(&mut row.wording, Need::Always, &row.name);
            }
        }
        Kind::Grid(grid) => {
            let headed = headings(grid);
            for row in &mut grid.rows {
                say(&mut row.wording, Need::Always, &row.name);
            }
            for column in &mut grid.columns {
                say(&mut column.label, headed, &column.name);
                if let Cell::Integer(range) | Cell::Decimal(range) = &mut column.cell {
                    say(&mut range.unit, Need::Free, place);
                }
            }
        }
        Kind::BestWorst(pair) => {
            say(&mut pair.best, Need::Always, place);
            say(&mut pair.worst, Need::Always, place);
        }
        Kind::ChoiceSet(set) => {
            for attribute in &mut set.attributes {
                say(&mut attribute.label, Need::Always, &attribute.name);
            }
        }
        Kind::Scale(scale) => {
            say(&mut scale.low, Need::WhereSaid, place);
            say(&mut scale.high, Need::WhereSaid, place);
        }
        Kind::Integer(NumberRange { unit, .. })
        | Kind::Decimal(NumberRange { unit, .. })
        | Kind::Duration(NumberRange { unit, .. }) => say(unit, Need::WhereSaid, place),
        kind => {
            let other = kind.choice_mut().and_then(|choice| choice.other.as_mut());
            if let Some(other) = other {
                say(&mut other.wording, Need::WhereSaid, &other.name);
            }
        }
    }
}
