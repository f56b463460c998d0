//! Numbers that a questionnaire takes from the list. How a column writes them is
//! decided over all its cells when a sample is drawn: `3.407` says nothing alone.

use std::collections::BTreeMap;

use survey_builder::list::number::{Decimal, NumberColumn, number};
use survey_builder::questionnaire::validate::{Number, read_number};

use super::frame::as_problems;
use crate::error::{Error, Problem};

/// How the columns that are kept write numbers; those of texts write none.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptNumbers(BTreeMap<String, Result<Option<Decimal>, Vec<Problem>>>);

impl KeptNumbers {
    /// Decides each column by its name.
    pub(super) fn decide<'n>(
        columns: impl IntoIterator<Item = (&'n String, NumberColumn)>,
    ) -> Self {
        let decided = |(name, column): (&String, NumberColumn)| {
            let decided = column.decide(name);
            let problems = as_problems(&decided.problems);
            let how = if problems.is_empty() { Ok(decided.decimal) } else { Err(problems) };
            (name.clone(), how)
        };
        Self(columns.into_iter().map(decided).collect())
    }

    /// The columns of numbers that a questionnaire uses, each with its decimal mark where
    /// a cell depends on it.
    ///
    /// # Errors
    ///
    /// Columns that can be read in two ways, or are written in both.
    pub(super) fn of(&self, used: &[&str]) -> Result<BTreeMap<String, Decimal>, Error> {
        let mut problems = Vec::new();
        let mut marks = BTreeMap::new();
        for name in used {
            match self.0.get(*name) {
                Some(Ok(Some(decimal))) => {
                    marks.insert((*name).to_owned(), *decimal);
                }
                Some(Err(found)) => problems.extend(found.iter().cloned()),
                Some(Ok(None)) | None => {}
            }
        }
        problems.dedup();
        if problems.is_empty() { Ok(marks) } else { Err(Error::Invalid(problems)) }
    }
}

/// A cell of a column of numbers so that it is that number alone, wherever it is read.
pub(super) fn unmistakable(text: &str, decimal: Decimal) -> String {
    let Some(meant) = number(text, decimal) else { return text.to_owned() };
    if read_number(text) == Number::Is(meant) {
        return text.to_owned();
    }
    let plain = meant.to_string();
    match read_number(&plain) {
        Number::Ambiguous { .. } => plain + "0",
        Number::Is(_) | Number::Not => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(cells: &[&str], given: Option<Decimal>) -> KeptNumbers {
        let mut column = NumberColumn::new(given);
        for (row, cell) in (2..).zip(cells) {
            let _ = column.push(row, cell);
        }
        KeptNumbers::decide([(&"size".to_owned(), column)])
    }

    #[test]
    fn a_column_says_how_its_cells_are_meant() {
        for (cells, given, expected) in [
            (&["3.407", "12.5"][..], None, &["3.4070", "12.5"][..]),
            (&["3.407", "12,5"], None, &["3407", "12,5"]),
            (&["3.407"], Some(Decimal::Point), &["3.4070"]),
            (&["3.407"], Some(Decimal::Comma), &["3407"]),
            (&["3.407", "about ten", "1,5"], None, &["3407", "about ten", "1,5"]),
        ] {
            let marks = kept(cells, given).of(&["size"]).expect("decided");
            let cells: Vec<String> =
                cells.iter().map(|cell| unmistakable(cell, marks["size"])).collect();
            assert_eq!(cells, expected);
        }
    }

    #[test]
    fn what_can_be_two_numbers_is_asked_about() {
        for cells in [&["3.407", "5.120"][..], &["1.5", "1,5"]] {
            let kept = kept(cells, None);
            assert!(matches!(kept.of(&["size"]), Err(Error::Invalid(found)) if found.len() == 1));
            // As a text it is what is written there.
            assert!(kept.of(&["ward"]).expect("nothing is asked").is_empty());
        }
        assert!(kept(&["10", "3407"], None).of(&["size"]).expect("plain").is_empty());
    }
}
