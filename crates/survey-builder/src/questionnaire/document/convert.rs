//! Another kind for a question, with what still fits of the one that it had.

use super::{
    Battery, Choice, Computed, DateRange, FileRule, Geo, Grid, Hidden, Kind, MultipleChoice,
    NumberRange, Row, Scale, TextRule,
};

/// The kinds that anybody may give a question, in the order in which they are offered;
/// the others need more than a name to mean anything.
pub const OFFERED: [&str; 20] = [
    "single",
    "multiple",
    "ranking",
    "battery",
    "scale",
    "integer",
    "decimal",
    "duration",
    "short_text",
    "long_text",
    "date",
    "time",
    "date_time",
    "acknowledge",
    "file",
    "signature",
    "geo",
    "note",
    "consent",
    "computed",
];

impl Kind {
    /// The kind of that name, with the options, rows, limits and expressions of this
    /// one that mean the same there; `list` is the name of the list that it chooses
    /// from where this one has none. `None` where the name is not among [`OFFERED`].
    pub fn converted(&self, name: &str, list: &str) -> Option<Self> {
        if name == self.name() {
            return Some(self.clone());
        }
        let choice = || {
            let own = self.list().unwrap_or(list);
            self.choice().cloned().unwrap_or_else(|| Choice::of(own))
        };
        let several = || match self {
            Self::Multiple(several) | Self::Ranking(several) => several.clone(),
            _ => MultipleChoice { choice: choice(), ..MultipleChoice::default() },
        };
        Some(match name {
            "single" => Self::Single(choice()),
            "consent" => Self::Consent(choice()),
            "multiple" => Self::Multiple(several()),
            "ranking" => Self::Ranking(several()),
            "battery" => Self::Battery(Battery {
                list: self.list().unwrap_or(list).to_owned(),
                rows: self.rows().to_vec(),
                shuffled: false,
            }),
            "grid" => Self::Grid(Grid { rows: self.rows().to_vec(), ..Grid::default() }),
            "scale" => Self::Scale(Scale::default()),
            "integer" => Self::Integer(self.range()),
            "decimal" => Self::Decimal(self.range()),
            "duration" => Self::Duration(self.range()),
            "short_text" => Self::ShortText(self.rule()),
            "long_text" => Self::LongText(self.rule()),
            "date" => Self::Date(DateRange::default()),
            "time" => Self::Time,
            "date_time" => Self::DateTime,
            "acknowledge" => Self::Acknowledge,
            "file" => Self::File(FileRule::default()),
            "signature" => Self::Signature,
            "geo" => Self::Geo(Geo::default()),
            "note" => Self::Note,
            "computed" => Self::Computed(Computed { expression: String::new(), list: None }),
            _ => return None,
        })
    }

    /// Whether its answers are options of a list.
    pub fn chooses(&self) -> bool {
        self.list().is_some()
    }

    /// Its rows; none where it has no rows.
    pub fn rows(&self) -> &[Row] {
        match self {
            Self::Battery(battery) => &battery.rows,
            Self::Grid(grid) => &grid.rows,
            _ => &[],
        }
    }

    fn range(&self) -> NumberRange {
        match self {
            Self::Integer(range) | Self::Decimal(range) | Self::Duration(range) => range.clone(),
            _ => NumberRange::default(),
        }
    }

    fn rule(&self) -> TextRule {
        match self {
            Self::ShortText(rule) | Self::LongText(rule) => rule.clone(),
            _ => TextRule::default(),
        }
    }

    /// The kind of hidden value that comes from a column of the list of people.
    pub fn from_list(column: &str) -> Self {
        let source = super::Source::Frame(column.to_owned());
        Self::Hidden(Hidden { value: super::ValueKind::default(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_kind_is_made_of_every_other() {
        for first in OFFERED {
            let first = Kind::Note.converted(first, "list").expect("it is offered");
            for second in OFFERED {
                let made = first.converted(second, "list").expect("it is offered");
                assert_eq!(made.name(), second);
            }
        }
        assert!(Kind::Note.converted("choice_set", "list").is_none());
    }

    #[test]
    fn what_fits_stays() {
        let mut choice = Choice::of("colours");
        choice.shuffled = true;
        let several = MultipleChoice { choice, at_least: None, at_most: Some(3) };
        let single = Kind::Multiple(several.clone()).converted("single", "new").expect("a kind");
        assert_eq!(single, Kind::Single(several.choice.clone()));
        let ranking = Kind::Multiple(several.clone()).converted("ranking", "new").expect("a kind");
        assert_eq!(ranking, Kind::Ranking(several));
        let number = NumberRange { minimum: Some(1.0), ..NumberRange::default() };
        let decimal = Kind::Integer(number.clone()).converted("decimal", "new").expect("a kind");
        assert_eq!(decimal, Kind::Decimal(number));
    }
}
