//! The options of choice questions: their own, those of categories, and those of linked
//! questions, which are the members of a roster.

use std::collections::BTreeMap;

use survey_builder::problem::phrase;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Choice, Kind, ListOption, Members, MultipleChoice, Question, Shown, Text, TextRule,
};

use super::names::{Rows, code, digits, is_on};
use super::texts::Key;
use super::{Reader, sort_of, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::{Formula, Operator};

/// The column that holds the code of the option above.
const ABOVE: &str = "parent";

/// The code and the words of an option, in either shape.
pub(super) fn written(option: &Json) -> (String, String) {
    let [value, number] = ["AnswerValue", "AnswerCode"].map(|key| code(option.at(key)));
    let own = code(option.at("Code"));
    let found = [value, number, own].into_iter().find(|code| !code.is_empty());
    let words = ["AnswerText", "Text"].map(|key| string(option, key));
    let words = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    (found.unwrap_or_default(), words.to_owned())
}

/// The code of the option above.
fn above(option: &Json) -> String {
    let [value, number] = ["ParentValue", "ParentCode"].map(|key| code(option.at(key)));
    if value.is_empty() { number } else { value }
}

/// An option with the code of the one above.
fn option_under(code: &str, label: Text, above: &str) -> ListOption {
    let mut option = ListOption::new(ItemId::nil(), code, label);
    if !above.is_empty() {
        option.attributes = BTreeMap::from([(ABOVE.to_owned(), above.to_owned())]);
    }
    option
}

impl Reader<'_> {
    /// Remembers the names of reusable categories.
    pub(super) fn categories_of(&mut self, document: &Json) {
        for one in document.at("Categories").as_array().into_iter().flatten() {
            let (id, name) = (digits(string(one, "Id")), string(one, "Name").to_owned());
            string(one, "FileName");
            self.categories.insert(id, name);
        }
    }

    pub(super) fn choice(&mut self, value: &Json, name: &str) -> Kind {
        let keys = ["LinkedToRosterId", "LinkedTo"];
        let linked = self.names.named(value, keys).cloned();
        let linked =
            linked.or_else(|| self.names.named(value, ["LinkedToQuestionId", "LinkedTo"]).cloned());
        let list = match linked {
            Some(target) => self.linked(value, name, target.rows.as_ref(), target.roster.as_ref()),
            None => self.own_list(value, name),
        };
        let Some(list) = list else { return Kind::ShortText(TextRule::default()) };
        self.lists.insert(name.to_owned(), list.clone());
        let mut choice = Choice::of(&list);
        if is_on(value, "IsFilteredCombobox") || string(value, "DisplayMode") == "Combobox" {
            choice.shown = Shown::Search;
        }
        if sort_of(value) == "SingleQuestion" {
            return Kind::Single(choice);
        }
        if is_on(value, "YesNoView") || string(value, "DisplayMode") == "YesNo" {
            let id = self.draft.id("question", name);
            self.draft.kept(Some(id), name, "YesNoView", "true");
        }
        let most = value.at("MaxAllowedAnswers").as_u64();
        let at_most = most.and_then(|most| u32::try_from(most).ok());
        Kind::Multiple(MultipleChoice { choice, at_least: None, at_most })
    }

    /// The list of a question's own options or of its categories; nothing where these
    /// are not in the file.
    fn own_list(&mut self, value: &Json, name: &str) -> Option<String> {
        let categories = digits(string(value, "CategoriesId"));
        if !categories.is_empty() {
            return self.of_categories(&categories, name);
        }
        let mut options = Vec::new();
        for option in value.at("Answers").as_array().into_iter().flatten() {
            let (code, words) = written(option);
            let above = above(option);
            let index = if above.is_empty() { code.clone() } else { format!("{code}${above}") };
            let label = self.text(&words, value, "OptionTitle", &index);
            options.push(option_under(&code, label, &above));
        }
        if options.is_empty() {
            let id = self.draft.id("question", name);
            self.draft.kept(Some(id), name, "choices", "");
            return None;
        }
        Some(self.draft.list_of(name, options))
    }

    fn of_categories(&mut self, id: &str, name: &str) -> Option<String> {
        let package = self.package;
        let called = self.categories.get(id).cloned().unwrap_or_default();
        let Some(rows) = package.categories.get(id).filter(|rows| !rows.is_empty()) else {
            let item = self.draft.id("question", name);
            self.draft.kept(Some(item), name, "choices", &called);
            return None;
        };
        let mut options = Vec::new();
        for row in rows {
            let index = match row.parent.as_str() {
                "" => row.code.clone(),
                above => format!("{}${above}", row.code),
            };
            let key = |entity, kind| Key { entity, variable: "", kind, index: &index };
            // In workbooks they go by the name of the sheet, without a sort.
            let plain = |words: &str| crate::draft::text::without_markup(words);
            let mut label = self.texts.text(&row.text, key(&called, ""), plain);
            let more = self.texts.text(&row.text, key(id, "Categories"), plain);
            for (code, words) in more.0 {
                label.0.entry(code).or_insert(words);
            }
            let mut option = option_under(&row.code, label, &row.parent);
            if !row.more.is_empty() {
                option.attributes.insert("more".to_owned(), row.more.clone());
            }
            options.push(option);
        }
        let wanted = if called.is_empty() { name } else { &called };
        Some(self.draft.list_of(wanted, options))
    }

    /// The list of a question whose options are the members of a roster: its fixed
    /// titles, or what was chosen.
    fn linked(
        &mut self,
        value: &Json,
        name: &str,
        rows: Option<&Rows>,
        roster: Option<&String>,
    ) -> Option<String> {
        let id = self.draft.id("question", name);
        let found = match rows {
            Some(Rows::Chosen(question)) => self.lists.get(question).cloned(),
            Some(Rows::Fixed(_)) => {
                let own = self.draft.document.rosters.iter().find(|one| Some(&one.name) == roster);
                let members = own.map(|own| own.members.clone());
                match members {
                    Some(Members::Fixed { members }) => {
                        let options = members
                            .into_iter()
                            .map(|one| ListOption::new(ItemId::nil(), &one.code, one.label));
                        Some(self.draft.list_of(name, options.collect()))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let filter = string(value, "LinkedFilterExpression").to_owned();
        if !filter.trim().is_empty() {
            self.draft.kept(Some(id), name, "LinkedFilterExpression", &filter);
        }
        if found.is_none() {
            let target = roster.cloned().unwrap_or_default();
            self.draft.kept(Some(id), name, "linked", &target);
        }
        found
    }

    /// Which options are offered: by the option above, by a condition, by what was
    /// chosen where they are linked.
    pub(super) fn filter(&mut self, value: &Json, question: &Question, name: &str) {
        let slot = Slot::Filter(question.id);
        let mut parts = Vec::new();
        let mut originals = Vec::new();
        let from = ["CascadeFromQuestionId", "CascadeFromQuestion"];
        if let Some(above) = self.names.named(value, from).map(|one| one.name.clone()) {
            let column = Formula::Column(ABOVE.to_owned());
            parts.push(Formula::binary(Operator::Equal, column, Formula::question(&above)));
            originals.push(above);
        }
        let linked = self.names.named(value, ["LinkedToRosterId", "LinkedTo"]);
        let linked = linked.or_else(|| self.names.named(value, ["LinkedToQuestionId", "LinkedTo"]));
        let is_linked = linked.is_some();
        if let Some(Rows::Chosen(of)) = linked.and_then(|one| one.rows.clone()) {
            let own = Formula::Column("name".to_owned());
            parts.push(Formula::call("selected", vec![Formula::question(&of), own]));
            originals.push(of);
        }
        let properties = value.at("Properties");
        let sources = [
            string(properties, "OptionsFilterExpression"),
            string(value, "OptionsFilterExpression"),
            string(value, "FilterExpression"),
        ];
        let source = sources.into_iter().find(|source| !source.trim().is_empty());
        if let Some(source) = source {
            // A filter of members is about them, not about options.
            let formula = if is_linked {
                Err(phrase("phrase-no-counterpart").with("what", "@current"))
            } else {
                self.formula(source, None)
            };
            match formula {
                Ok(formula) => {
                    parts.push(formula);
                    originals.push(source.to_owned());
                }
                Err(reason) => {
                    self.draft.condition_lost(Some(question.id), "filter", source, name, reason);
                }
            }
        }
        if let Some(formula) = Formula::all(parts) {
            self.draft.later(slot, Ok(formula), &originals.join(" && "), name);
        }
    }
}
