//! Batteries: `table-list` groups, and a `label` question over `list-nolabel`
//! ones.

use survey_builder::questionnaire::document::{Battery, Kind, Question, Required, Row as Line};

use super::super::problem::Detail;
use super::super::row::{Asked, From, Item};
use super::super::sheet::Row;
use super::Builder;
use crate::draft::Slot;

fn list_of<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    match item {
        Item::Question(_, Asked::SelectOne(options)) if !options.or_other => match &options.from {
            From::List(list) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

impl<'s> Builder<'s> {
    /// Whether a group is a `table-list` that can be a battery; why not is told
    /// when its questions are made.
    pub(super) fn is_battery(&self, row: &'s Row, items: &[Item<'s>]) -> bool {
        self.has_appearance(row, "table-list") && self.no_battery(items).is_none()
    }

    /// Why a `table-list` group is no battery.
    pub(super) fn no_battery(&self, items: &[Item<'s>]) -> Option<&'static str> {
        let Some(first) = items.first() else { return Some("empty") };
        if items.iter().any(|item| list_of(item).is_none()) {
            return Some("mixed");
        }
        if items.iter().any(|item| list_of(item) != list_of(first)) {
            return Some("lists");
        }
        let conditions = items.iter().any(|item| match item {
            Item::Question(row, _) => ["constraint", "choice_filter"]
                .iter()
                .any(|column| !self.cell(row, column).is_empty()),
            Item::Group(..) => true,
        });
        conditions.then_some("condition")
    }

    /// How many `list-nolabel` questions follow a `label` one that is first.
    pub(super) fn labelled_rows(&self, items: &[Item<'s>]) -> Option<usize> {
        let (first, rest) = items.split_first()?;
        let Item::Question(row, _) = first else { return None };
        let list = list_of(first)?;
        if !self.has_appearance(row, "label") {
            return None;
        }
        let rows = rest
            .iter()
            .take_while(|item| match item {
                Item::Question(row, _) => {
                    list_of(item) == Some(list)
                        && self.has_appearance(row, "list-nolabel")
                        && self.cell(row, "constraint").is_empty()
                        && self.cell(row, "choice_filter").is_empty()
                }
                Item::Group(..) => false,
            })
            .count();
        (rows > 0).then_some(rows)
    }

    /// The battery of a whole group, under the group's condition.
    pub(super) fn battery_group(&mut self, row: &'s Row, items: &[Item<'s>]) -> Question {
        let battery = self.battery(row, items);
        self.condition(row, "relevant", Slot::Question(battery.id));
        battery
    }

    /// A battery of rows; the heading row gives name and wording.
    pub(super) fn battery(&mut self, group: &'s Row, rows: &[Item<'s>]) -> Question {
        let wanted = self.name(group);
        let list = rows.first().and_then(list_of).unwrap_or_default().to_owned();
        let mut lines = Vec::with_capacity(rows.len());
        let mut roles = self.roles(group);
        let mut all_required = true;
        let mut number = self.cell(group, "x_number");
        self.looks_together(group);
        for item in rows {
            let Item::Question(row, _) = item else { continue };
            self.looks_together(row);
            let wording = self.text(row, "label");
            if wording.is_empty() {
                self.add(row, "label", Detail::XlsformLabelMissing);
            }
            for role in self.roles(row) {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            all_required &= super::question::is_yes(self.cell(row, "required"));
            // Rows have the number of the whole; another one is left over.
            if number.is_empty() || self.sheet.peek(row, "x_number") == number {
                number = self.cell(row, "x_number");
            }
            let name = self.draft.name(&self.name(row));
            let line = Line { id: self.draft.id("question", &name), name, wording, relevant: None };
            self.condition(row, "relevant", Slot::Row(line.id));
            lines.push(line);
        }
        let mut wording = self.text(group, "label");
        if !number.is_empty() {
            // The number stands before the wording by itself.
            for text in wording.0.values_mut() {
                if let Some(rest) = text.strip_prefix(&format!("{number}. ")) {
                    *text = rest.to_owned();
                }
            }
        }
        if wording.is_empty() {
            self.add(group, "label", Detail::XlsformLabelMissing);
        }
        let kind = Kind::Battery(Battery { list, rows: lines, shuffled: false });
        let mut battery = self.draft.question(&wanted, wording, kind);
        battery.hint = self.text(group, "hint");
        battery.number = (!number.is_empty()).then(|| number.to_owned());
        battery.roles = roles;
        if all_required {
            battery.required = Required::Hard;
        }
        battery
    }
}
