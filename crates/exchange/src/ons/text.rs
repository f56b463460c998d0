//! Texts: plain ones, and those with placeholders.

use survey_builder::questionnaire::document::Text;

use super::{Reader, list, string};
use crate::account::{Json, Part};
use crate::draft::text::without_markup;

/// Transforms that insert what they are given, however they write it.
const PLAIN: [&str; 12] = [
    "concatenate_list",
    "email_link",
    "first_non_empty_item",
    "format_currency",
    "format_date",
    "format_list",
    "format_number",
    "format_percentage",
    "format_possessive",
    "format_unit",
    "format_year",
    "telephone_number_link",
];

impl Reader {
    /// A text in the schema's language, empty if there is none.
    pub(super) fn text(&mut self, value: Option<&Json>) -> Text {
        let words = self.words_of(value);
        self.draft.text(&words)
    }

    fn words_of(&mut self, value: Option<&Json>) -> String {
        let text = value.unwrap_or(Json::nothing());
        match text.part() {
            Part::String(words) => without_markup(words),
            Part::Object(_) => {
                let plural = text.get("text_plural").map(|plural| {
                    let forms = plural.at("forms");
                    self.draft.remark(None, "text_plural", &text.to_string());
                    string(forms, "other").to_owned()
                });
                let written = plural.unwrap_or_else(|| string(text, "text").to_owned());
                let mut words = without_markup(&written);
                for placeholder in list(text, "placeholders") {
                    let name = format!("{{{}}}", string(placeholder, "placeholder"));
                    let inserted = self.inserted(placeholder);
                    words = words.replace(&name, &inserted);
                }
                words
            }
            // Where a title differs by condition, the first is as good as any.
            Part::Array(variants) => {
                let first = variants.first().and_then(|one| one.get("value")).cloned();
                if variants.len() > 1 {
                    let original = text.to_string();
                    self.draft.remark(None, "titles", &original);
                }
                self.words_of(first.as_ref())
            }
            _ => String::new(),
        }
    }

    /// What stands in the place of a placeholder.
    fn inserted(&self, placeholder: &Json) -> String {
        let mut found = Vec::new();
        let mut delimiter = " ".to_owned();
        if let Some(value) = placeholder.get("value") {
            self.sources(value, &mut found);
        }
        for transform in list(placeholder, "transforms") {
            let arguments = transform.at("arguments");
            // One that works something out is left to be told.
            let name = transform.at("transform");
            if PLAIN.contains(&name.looked_through().as_str().unwrap_or_default()) {
                name.hand_out();
            } else {
                self.sources(arguments, &mut found);
                continue;
            }
            if string(transform, "transform") == "concatenate_list"
                && let Some(own) = arguments.get("delimiter").and_then(Json::as_str)
            {
                own.clone_into(&mut delimiter);
            }
            if string(transform, "transform") == "first_non_empty_item" {
                found.truncate(1);
            }
            self.sources(arguments, &mut found);
            if string(transform, "transform") == "telephone_number_link" {
                found.push(string(arguments, "telephone_number").to_owned());
            }
            if string(transform, "transform") == "email_link" {
                found.push(string(arguments, "email_address").to_owned());
            }
        }
        if found.is_empty() {
            format!("[{}]", string(placeholder, "placeholder"))
        } else {
            found.join(&delimiter)
        }
    }

    fn sources(&self, value: &Json, found: &mut Vec<String>) {
        match (value.as_array(), value.as_object()) {
            (Some(parts), _) => parts.iter().for_each(|part| self.sources(part, found)),
            (_, Some(parts)) => {
                let identifier = string(value, "identifier");
                let name = match string(value, "source") {
                    "answers" => self.names.inserted(identifier).map(str::to_owned),
                    "calculated_summary" | "grand_calculated_summary" => {
                        Some(self.names.summary(identifier))
                    }
                    "metadata" | "supplementary_data" | "response_metadata" => {
                        self.names.known(value).map(str::to_owned)
                    }
                    "" => {
                        parts.values().for_each(|part| self.sources(part, found));
                        None
                    }
                    _ => None,
                };
                found.extend(name.map(|name| format!("${{{name}}}")));
            }
            _ => {}
        }
    }

    /// Paragraphs and lists.
    pub(super) fn contents(&mut self, owner: &Json) -> Text {
        let mut lines = Vec::new();
        let owned = match owner.part() {
            Part::String(_) => vec![owner.clone()],
            Part::Array(parts) => parts.clone(),
            _ => list(owner, "contents").cloned().collect(),
        };
        for part in owned {
            match part.part() {
                Part::String(_) => lines.push(self.words_of(Some(&part))),
                _ => {
                    for key in ["title", "description", "guidance", "definition"] {
                        lines.push(self.words_of(part.get(key)));
                    }
                    for item in list(&part, "list").cloned().collect::<Vec<_>>() {
                        let words = self.words_of(Some(&item));
                        lines.push(format!("– {words}"));
                    }
                }
            }
        }
        lines.retain(|line| !line.is_empty());
        self.draft.text(&lines.join("\n"))
    }
}
