//! Look-ups in texts: `instance('list')/root/item[name = ${question}]/label` is
//! the label of what was chosen; another column of it is a value that is worked
//! out before the text.

use survey_builder::questionnaire::document::{Computed, Kind, Text};

use super::super::problem::Detail;
use super::super::sheet::Row;
use super::super::xpath::{self, Fault};
use super::Builder;
use crate::draft::Slot;
use crate::formula::Formula;

const LOOK_UP: &str = "instance(";

impl<'s> Builder<'s> {
    /// A text with insertions in the place of look-ups. One that cannot be read
    /// stays as it is written, and is told.
    pub(super) fn looked_up(&mut self, row: &'s Row, column: &str, text: Text) -> Text {
        let mut text = text;
        for words in text.0.values_mut().filter(|words| words.contains(LOOK_UP)) {
            let mut whole = String::new();
            let mut rest = words.as_str();
            while let Some(place) = rest.find(LOOK_UP) {
                whole.push_str(&rest[..place]);
                rest = &rest[place..];
                let (said, length) = self.look_up(row, column, rest);
                whole.push_str(&said);
                rest = rest.get(length..).unwrap_or_default();
            }
            whole.push_str(rest);
            *words = whole;
        }
        text
    }

    /// What stands for the look-up at the start of a text, and how many bytes of
    /// the text that is.
    fn look_up(&mut self, row: &'s Row, column: &str, text: &str) -> (String, usize) {
        let read = match xpath::parse_first(text) {
            Ok(read) => read,
            Err(fault) => {
                let construct = match fault {
                    Fault::NotCarried(construct) => construct,
                    Fault::Syntax(..) => LOOK_UP.trim_end_matches('(').into(),
                };
                self.draft.remark(None, column, text);
                self.add(row, column, Detail::XlsformXpathNotCarried { construct });
                return (LOOK_UP.to_owned(), LOOK_UP.len());
            }
        };
        // A full stop behind it ends the sentence, and is no part of a column's name.
        let (formula, characters) = match read {
            (Formula::Call(name, mut parts), characters) if matches!(parts.last(), Some(Formula::Text(column)) if column.ends_with('.')) =>
            {
                if let Some(Formula::Text(column)) = parts.last_mut() {
                    column.pop();
                }
                (Formula::Call(name, parts), characters - 1)
            }
            read => read,
        };
        let length = text.chars().take(characters).map(char::len_utf8).sum();
        if let Formula::Call(_, parts) = &formula
            && let [_, Formula::Question(name), Formula::Text(wanted)] = parts.as_slice()
            && wanted == "label"
        {
            return (format!("${{{name}}}"), length);
        }
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let wanted = format!("{}_insert", self.name(row));
        let question = self.draft.question(&wanted, Text::default(), kind);
        let said = format!("${{{}}}", question.name);
        let place = format!("{} {column}", row.number);
        let source = text.get(..length).unwrap_or_default();
        self.draft.later(Slot::Calculation(question.id), Ok(formula), source, &place);
        self.inserted.push(question);
        (said, length)
    }
}
