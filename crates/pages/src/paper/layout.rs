//! What laying out a paper needs to know everywhere, and how its texts are said.

use std::collections::HashMap;

use survey_builder::questionnaire::document::Text;
use survey_builder::questionnaire::expression::Expression;
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::piping::{Form, Insertion, capitalised, form_of_address, parts};
use survey_builder::questionnaire::version::Version;

use super::condition::Teller;

/// What laying out needs to know everywhere.
pub struct Paper<'a> {
    /// What is laid out.
    pub version: &'a Version,
    /// The language of the questionnaire's texts.
    pub shown: &'a str,
    /// The language of the program's words.
    pub language: &'a str,
    /// Says conditions.
    pub teller: Teller<'a>,
    /// What stands before each question, by its name.
    pub labels: HashMap<String, String>,
}

impl Paper<'_> {
    /// A condition or a calculation in words.
    pub fn tell(&self, expression: &Expression, own: Option<&str>) -> String {
        self.teller.tell(expression, own)
    }

    /// A text of the program's own.
    pub fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        locale::text(self.language, key, arguments)
    }

    /// A text with the questions named whose answers it inserts.
    pub fn text(&self, text: &Text) -> String {
        let raw = text.get(self.shown, &self.version.document.default_language);
        let filled = parts(raw).into_iter().map(|part| match part {
            Ok(insertion) => self.inserted(insertion),
            Err(words) => words.to_owned(),
        });
        filled.collect()
    }

    /// What an interviewer reads where an answer is inserted: the question's
    /// name, or all that may stand there.
    fn inserted(&self, insertion: Insertion<'_>) -> String {
        let name = insertion.name;
        let named = self.version.item_named(name);
        let you = || form_of_address(&self.version.document, self.shown);
        let words = match named.map(|(item, _)| self.teller.name(&reference(item))) {
            None if name == "you" => return you(),
            None if name == "You" => return capitalised(&you()),
            words => format!("[{}]", words.unwrap_or_else(|| name.to_owned())),
        };
        match insertion.form.and_then(|form| Form::parse(form).ok()) {
            Some(Form::Choose(cases)) => {
                let texts: Vec<&str> = cases.iter().map(|(_, text)| *text).collect();
                texts.join("/")
            }
            Some(Form::Plural(cases)) => {
                let other = cases.iter().find(|(key, _)| *key == "other");
                other.map_or("#", |(_, text)| text).replace('#', &words)
            }
            _ => words,
        }
    }
}
