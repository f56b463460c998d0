//! Texts: plain ones, and those with placeholders.

use serde_json::Value;
use survey_builder::questionnaire::document::Text;

use super::{Reader, list, string};
use crate::draft::text::without_markup;

impl Reader {
    /// A text in the schema's language, empty if there is none.
    pub(super) fn text(&mut self, value: Option<&Value>) -> Text {
        let words = self.words_of(value);
        self.draft.text(&words)
    }

    fn words_of(&mut self, value: Option<&Value>) -> String {
        match value {
            Some(Value::String(words)) => without_markup(words),
            Some(text @ Value::Object(_)) => {
                let plural = text.get("text_plural").map(|plural| {
                    let forms = plural.get("forms").unwrap_or(&Value::Null);
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
            Some(Value::Array(variants)) => {
                let first = variants.first().and_then(|one| one.get("value")).cloned();
                if variants.len() > 1 {
                    let original = Value::Array(variants.clone()).to_string();
                    self.draft.remark(None, "titles", &original);
                }
                self.words_of(first.as_ref())
            }
            _ => String::new(),
        }
    }

    /// What stands in the place of a placeholder.
    fn inserted(&self, placeholder: &Value) -> String {
        let mut found = Vec::new();
        let mut delimiter = " ".to_owned();
        if let Some(value) = placeholder.get("value") {
            self.sources(value, &mut found);
        }
        for transform in list(placeholder, "transforms") {
            let arguments = transform.get("arguments").unwrap_or(&Value::Null);
            if string(transform, "transform") == "concatenate_list"
                && let Some(own) = arguments.get("delimiter").and_then(Value::as_str)
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

    fn sources(&self, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(parts) => parts.iter().for_each(|part| self.sources(part, found)),
            Value::Object(parts) => {
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
    pub(super) fn contents(&mut self, owner: &Value) -> Text {
        let mut lines = Vec::new();
        let owned = match owner {
            Value::String(_) => vec![serde_json::json!({ "description": owner })],
            Value::Array(parts) => parts.clone(),
            _ => list(owner, "contents").cloned().collect(),
        };
        for part in owned {
            match &part {
                Value::String(_) => lines.push(self.words_of(Some(&part))),
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
