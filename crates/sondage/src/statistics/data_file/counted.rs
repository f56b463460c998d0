//! How codebook and data fit together: missing codes and labels that no row has, values without a label, and
//! how many rows each missing code took.

use analysis::dataset::{Measure, VariableKind};
use survey_builder::list::spelling::groups;
use survey_builder::problem::{Argument, Phrase, phrase};

use super::levels::Places;
use super::{Column, DataFile};

/// The most places that are named of one kind.
const MOST_NAMED: usize = 5;

impl DataFile {
    /// What a reader of figures must know of the columns that they are from.
    pub fn notes(&self) -> Vec<Phrase> {
        let mut notes = Vec::new();
        if !self.unmet.is_empty() {
            notes.push(phrase("phrase-note-unmet-codes").with("codes", self.unmet.join(", ")));
        }
        let asked = || self.names.iter().zip(&self.columns).filter(|(_, own)| own.asked.get());
        let with_comma: Vec<String> = asked()
            .map(|(name, _)| name.clone())
            .filter(|name| self.commas.contains(name))
            .collect();
        if let Some(first) = listed(&with_comma) {
            notes.push(phrase("phrase-note-decimal-comma").with("first", first));
        }
        for (name, merged) in
            self.merged.iter().filter(|(name, _)| asked().any(|(own, _)| own == name))
        {
            let said =
                merged.iter().map(|(name, others)| format!("{} → {name}", others.join(", ")));
            if let Some(first) = listed(&said.collect::<Vec<_>>()) {
                notes.push(
                    phrase("phrase-note-spellings-merged")
                        .with("column", name.as_str())
                        .with("first", first),
                );
            }
        }
        for (name, own) in asked() {
            if let Some(first) = listed(&own.spellings()) {
                notes.push(
                    phrase("phrase-note-spellings")
                        .with("column", name.as_str())
                        .with("first", first),
                );
            }
        }
        let took = |(name, column): (&String, &Column)| -> Vec<String> {
            let took = column.none.iter().map(|(value, rows)| format!("{name} {value} ({rows})"));
            took.collect()
        };
        if let Some(first) = listed(&asked().flat_map(took).collect::<Vec<_>>()) {
            notes.push(phrase("phrase-note-missing-rows").with("first", first));
        }
        let unused: Vec<String> = asked().flat_map(|(name, own)| self.unused(name, own)).collect();
        if let Some(first) = listed(&unused) {
            notes.push(phrase("phrase-note-labels-unmet").with("first", first));
        }
        let bare: Vec<String> = asked().flat_map(|(name, own)| self.bare(name, own)).collect();
        if let Some(first) = listed(&bare) {
            notes.push(phrase("phrase-note-without-label").with("first", first));
        }
        notes
    }

    /// Labels of a column that no row has.
    fn unused(&self, name: &str, column: &Column) -> Vec<String> {
        let met = Places::of(column.levels.iter().map(String::as_str));
        let declared = column.declared(&self.language).into_iter();
        let unmet = declared.filter(|(value, _)| met.find(value).is_none());
        let named = |(value, label): (String, String)| {
            if label == value {
                format!("{name} {value}")
            } else {
                format!("{name} {value} ({label})")
            }
        };
        unmet.map(named).collect()
    }

    /// Values of a column with labels that have none. On a scale only some need one.
    fn bare(&self, name: &str, column: &Column) -> Vec<String> {
        let declared = column.declared(&self.language);
        if declared.is_empty() || column.variable.measure == Measure::Scale {
            return Vec::new();
        }
        let known = Places::of(declared.iter().map(|(value, _)| value.as_str()));
        let bare = column.levels.iter().filter(|value| known.find(value).is_none());
        bare.map(|value| format!("{name} {value}")).collect()
    }
}

/// The most different values of a column that are looked through for spellings.
const MOST_SPELLINGS: usize = 2_000;

impl Column {
    /// Values that differ only in how they are spelled, where nobody said which there are.
    fn spellings(&self) -> Vec<String> {
        let said = self.labels.is_some() || !self.variable.levels.is_empty();
        if said || self.levels.len() > MOST_SPELLINGS || self.variable.kind != VariableKind::Text {
            return Vec::new();
        }
        let mut rows = vec![0; self.levels.len()];
        for code in self.codes.iter().filter(|code| **code != 0) {
            rows[*code as usize - 1] += 1;
        }
        let named = |group: Vec<usize>| {
            let names: Vec<&str> = group.iter().map(|at| self.levels[*at].as_str()).collect();
            names.join(" / ")
        };
        groups(&self.levels, &rows).into_iter().map(named).collect()
    }
}

/// The first of several places, and how many more there are; none of none.
fn listed(places: &[String]) -> Option<Argument> {
    let first = places.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match places.len().checked_sub(MOST_NAMED) {
        _ if places.is_empty() => None,
        Some(more) if more > 0 => {
            let said = phrase("phrase-note-and-more").with("first", first);
            Some(said.with("more", more.to_string()).into())
        }
        _ => Some(first.into()),
    }
}
