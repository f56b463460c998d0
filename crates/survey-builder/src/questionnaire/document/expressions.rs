//! Every expression of a part of a document, one after the other: what reads or
//! follows names need not know where expressions stand.

use super::{Block, Kind, Question, Section, Selection};

impl Kind {
    /// Visits the expressions of a kind, with those of its rows, to look at or to change.
    pub fn each_expression(&mut self, visit: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Battery(battery) => {
                battery.rows.iter_mut().filter_map(|row| row.relevant.as_mut()).for_each(visit);
            }
            Self::Grid(grid) => {
                grid.total.iter_mut().for_each(&mut *visit);
                grid.rows.iter_mut().filter_map(|row| row.relevant.as_mut()).for_each(visit);
            }
            Self::Computed(computed) => visit(&mut computed.expression),
            Self::Selection(selection) => {
                let Selection { eligible, man, age, birthday, .. } = selection;
                [eligible, man, age, birthday].into_iter().flatten().for_each(visit);
            }
            kind => {
                let filter = kind.choice_mut().and_then(|choice| choice.filter.as_mut());
                filter.into_iter().for_each(visit);
            }
        }
    }
}

impl Question {
    /// Visits its expressions, to look at or to change.
    pub fn each_expression(&mut self, visit: &mut dyn FnMut(&mut String)) {
        let Self { relevant, required_when, default, constraints, kind, .. } = self;
        [relevant, required_when, default].into_iter().flatten().for_each(&mut *visit);
        for constraint in constraints {
            visit(&mut constraint.expression);
        }
        kind.each_expression(visit);
    }
}

impl Section {
    /// Visits its expressions and those of everything in it, to look at or to change.
    pub fn each_expression(&mut self, visit: &mut dyn FnMut(&mut String)) {
        self.relevant.iter_mut().for_each(&mut *visit);
        self.each.iter_mut().filter_map(|each| each.filter.as_mut()).for_each(&mut *visit);
        for block in &mut self.blocks {
            match block {
                Block::Section(inner) => inner.each_expression(visit),
                Block::Page(page) => {
                    page.relevant.iter_mut().for_each(&mut *visit);
                    for question in &mut page.questions {
                        question.each_expression(visit);
                    }
                }
            }
        }
    }
}
