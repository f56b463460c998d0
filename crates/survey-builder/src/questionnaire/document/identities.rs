//! Every identity of a document, and every name by which its parts mean each other's
//! lists and rosters: what gives copies new identities and names need not know where
//! they stand.

use super::super::answer::ItemId;
use super::{Block, Cell, Document, Kind, Members, Section};

impl Kind {
    /// Visits the names of the lists that it reads, to look at or to change.
    pub fn each_list(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Battery(battery) => visit(&mut battery.list),
            Self::BestWorst(pair) => visit(&mut pair.list),
            Self::Arm(arm) => visit(&mut arm.list),
            Self::Computed(computed) => computed.list.iter_mut().for_each(visit),
            Self::ChoiceSet(set) => {
                visit(&mut set.list);
                set.attributes.iter_mut().for_each(|one| visit(&mut one.list));
            }
            Self::Grid(grid) => {
                for column in &mut grid.columns {
                    if let Cell::Single { list } | Cell::Multiple { list } = &mut column.cell {
                        visit(list);
                    }
                }
            }
            kind => {
                if let Some(choice) = kind.choice_mut() {
                    visit(&mut choice.list);
                }
            }
        }
    }

    /// Visits the identities of what it is made of.
    fn each_identity(&mut self, visit: &mut dyn FnMut(&mut ItemId)) {
        match self {
            Self::Battery(battery) => battery.rows.iter_mut().for_each(|row| visit(&mut row.id)),
            Self::Grid(grid) => {
                grid.rows.iter_mut().for_each(|row| visit(&mut row.id));
                grid.columns.iter_mut().for_each(|column| visit(&mut column.id));
            }
            Self::ChoiceSet(set) => set.attributes.iter_mut().for_each(|one| visit(&mut one.id)),
            kind => {
                let other = kind.choice_mut().and_then(|choice| choice.other.as_mut());
                if let Some(other) = other {
                    visit(&mut other.id);
                }
            }
        }
    }
}

impl Section {
    fn each_identity(&mut self, visit: &mut dyn FnMut(&mut ItemId)) {
        visit(&mut self.id);
        for block in &mut self.blocks {
            match block {
                Block::Section(inner) => inner.each_identity(visit),
                Block::Page(page) => {
                    visit(&mut page.id);
                    for question in &mut page.questions {
                        visit(&mut question.id);
                        question.kind.each_identity(visit);
                    }
                }
            }
        }
    }
}

impl Document {
    /// Visits every identity in it, its own first, to look at or to change.
    pub fn each_identity(&mut self, visit: &mut dyn FnMut(&mut ItemId)) {
        visit(&mut self.id);
        for list in &mut self.lists {
            visit(&mut list.id);
            list.options.iter_mut().for_each(|option| visit(&mut option.id));
        }
        for roster in &mut self.rosters {
            visit(&mut roster.id);
            if let Members::Fixed { members } = &mut roster.members {
                for member in members {
                    visit(&mut member.id);
                }
            }
        }
        self.sections.iter_mut().for_each(|section| section.each_identity(visit));
        self.checks.iter_mut().for_each(|check| visit(&mut check.id));
        self.remarks.iter_mut().filter_map(|remark| remark.item.as_mut()).for_each(visit);
    }
}
