//! The codebook of a data file, with what speaks for each column being what it is taken for.

use analysis::dataset::missing::number_in;
use analysis::dataset::{Codebook, Level, Variable, VariableKind};
use survey_builder::problem::{Phrase, phrase};
use survey_builder::questionnaire::document::Text;

use super::levels::{Places, sorted};
use super::{Column, DataFile};

/// The most different texts of a column that are taken for its levels.
const MOST_LEVELS: usize = 20;
/// So few different whole numbers may be codes.
const MOST_CODES: usize = 12;

impl DataFile {
    /// What its columns mean. Texts that come again and again are levels.
    pub fn codebook(&self) -> Codebook {
        Codebook {
            variables: self.columns.iter().map(|column| column.with_levels(self.rows)).collect(),
            sets: self.sets.clone(),
            weight: self.weight.clone(),
            ..Codebook::default()
        }
    }

    /// How many rows have a value in a column.
    pub fn answered(&self, column: usize) -> usize {
        self.columns[column].codes.iter().filter(|code| **code != 0).count()
    }

    /// How many rows have each value of a column: levels in order, declared ones without rows among them, then
    /// missing codes.
    pub fn counts(&self, column: usize) -> Vec<(String, usize)> {
        let column = &self.columns[column];
        let mut rows = vec![0; column.levels.len()];
        for code in column.codes.iter().filter(|code| **code != 0) {
            rows[*code as usize - 1] += 1;
        }
        let declared = column.declared(&self.language);
        let ordered = super::levels::in_order(declared, &column.levels);
        let places = Places::of(ordered.iter().map(|(value, _)| value.as_str()));
        let mut counts: Vec<(String, usize)> =
            ordered.iter().map(|(value, _)| (value.clone(), 0)).collect();
        for (value, rows) in column.levels.iter().zip(rows) {
            if let Some(place) = places.find(value) {
                counts[place].1 += rows;
            }
        }
        counts.extend(column.none.iter().cloned());
        let met = Places::of(column.none.iter().map(|(value, _)| value.as_str()));
        let unmet = column.variable.missing.codes.iter().filter(|code| met.find(code).is_none());
        let unmet: Vec<(String, usize)> = unmet.map(|code| (code.clone(), 0)).collect();
        counts.extend(unmet);
        counts
    }

    /// As [`DataFile::notes`], of every column.
    pub fn all_notes(&self) -> Vec<Phrase> {
        self.columns.iter().for_each(|column| column.asked.set(true));
        self.notes()
    }

    /// What speaks for a column being of its kind.
    pub fn evidence(&self, column: usize) -> Phrase {
        let values = self.answered(column);
        let column = &self.columns[column];
        let different = column.levels.len();
        if column.kind_said {
            return phrase("phrase-evidence-said");
        }
        if values == 0 {
            return phrase("phrase-evidence-none");
        }
        let labelled = !column.variable.levels.is_empty();
        let numbers: Vec<f64> = column.levels.iter().filter_map(|it| number_in(it)).collect();
        let is_number = column.variable.kind == VariableKind::Number;
        let whole = numbers.iter().all(|number| number.fract() == 0.0);
        if different == values && values > 1 && !labelled && (whole || !is_number) {
            return phrase("phrase-evidence-names-rows");
        }
        let said = match column.variable.kind {
            VariableKind::Date => phrase("phrase-evidence-days"),
            VariableKind::Number if whole && different <= MOST_CODES && !labelled => {
                phrase("phrase-evidence-codes")
            }
            VariableKind::Number => phrase("phrase-evidence-numbers"),
            _ => phrase("phrase-evidence-texts"),
        };
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let said = said.with("different", different);
        if is_number { said.with("least", least).with("most", most) } else { said }
    }
}

impl Column {
    /// What is said of it, and its few texts as levels where nobody said any.
    fn with_levels(&self, rows: usize) -> Variable {
        let mut variable = self.variable.clone();
        let few = self.levels.len() <= MOST_LEVELS && self.levels.len() * 2 < rows;
        if !self.kind_said
            && few
            && variable.levels.is_empty()
            && variable.kind == VariableKind::Text
        {
            variable.kind = VariableKind::Choice;
            let level = |code: String| Level { code, label: Text::default() };
            variable.levels = sorted(&self.levels).into_iter().map(level).collect();
        }
        variable
    }
}
