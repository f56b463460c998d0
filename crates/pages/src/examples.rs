//! Pages by their examples: every template is shown in every language, and names
//! nothing that its page does not have.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::render::{parameters, render, source};

/// Shows a template with the examples of its page.
#[track_caller]
pub fn shows<P: Serialize>(template: &str, examples: impl Fn(&'static str) -> Vec<P>) {
    let names = Names::of(template);
    for (language, _) in locale::LANGUAGES {
        let examples = examples(language);
        assert!(!examples.is_empty(), "{template}: no example");
        for (number, page) in (1..).zip(&examples) {
            let place = format!("{template}, example {number} in {language}");
            let shown = render(template, language, page);
            let shown = shown.unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(shown.trim_end().ends_with("</html>"), "{place}: {shown}");
            let whole = serde_json::to_value(page).expect("a page");
            is_text_throughout(template, language, &whole, &place);
            let fields = whole.as_object().expect("fields");
            let lacks: Vec<&String> = names
                .used
                .difference(&names.own)
                .filter(|name| *name != "language" && !fields.contains_key(*name))
                .collect();
            assert!(lacks.is_empty(), "{place}: the page has no {lacks:?}");
        }
    }
}

/// Signs that mean something in HTML and nothing to anybody else.
const SIGNS: &str = "<x-sign>&\"'";

/// What anybody typed is text wherever it is shown, through components as well: each
/// text of the page in turn is given signs of HTML, which come out as such, and once.
#[track_caller]
fn is_text_throughout(template: &str, language: &'static str, page: &Value, place: &str) {
    let mut texts = Vec::new();
    texts_of(page, String::new(), &mut texts);
    for pointer in texts {
        // Our own style, and components that were shown already.
        if pointer.ends_with("/style") || pointer.ends_with("/shown") {
            continue;
        }
        let mut bent = page.clone();
        let Some(Value::String(text)) = bent.pointer_mut(&pointer) else { continue };
        text.push_str(SIGNS);
        // Some texts are part of a key, of which there is no such.
        let Ok(shown) = render(template, language, &bent) else { continue };
        assert!(!shown.contains("<x-sign>"), "{place}: {pointer} is not escaped");
        assert!(!shown.contains("&amp;lt;x-sign"), "{place}: {pointer} is escaped twice");
    }
}

/// The places of all texts in a value.
fn texts_of(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(pointer),
        Value::Array(all) => {
            for (place, one) in all.iter().enumerate() {
                texts_of(one, format!("{pointer}/{place}"), found);
            }
        }
        Value::Object(all) => {
            for (name, one) in all {
                texts_of(one, format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// The components that a file defines, each with the names that it uses and is not
/// given.
pub fn component_names(file: &str) -> Vec<(String, Vec<String>)> {
    let text = source(file);
    let parts = text.split("{% component ").skip(1);
    let of = |part: &str| {
        let (name, rest) = part.split_once('(').expect("parameters");
        let (_, rest) = rest.split_once("%}").expect("an end");
        let (inner, _) = rest.split_once("endcomponent").expect("an end");
        let mut names = Names::default();
        names.read_text(inner.trim_end_matches(['{', '%', '-', ' ', '\n']));
        let mut given = parameters(name);
        given.push("body".to_owned());
        let lacks = names.used.difference(&names.own).filter(|name| !given.contains(name));
        (name.to_owned(), lacks.cloned().collect())
    };
    parts.map(of).collect()
}

/// What a template, its layout and what it includes name.
#[derive(Default)]
struct Names {
    used: BTreeSet<String>,
    /// Made within: by `for` and `set`.
    own: BTreeSet<String>,
}

impl Names {
    fn of(template: &str) -> Self {
        let mut names = Self::default();
        names.read(template);
        names
    }

    fn read(&mut self, template: &str) {
        let text = source(template);
        assert!(!text.is_empty(), "no template {template}");
        self.read_text(&text);
    }

    fn read_text(&mut self, text: &str) {
        let comments = text.split("{#").map(|part| part.split_once("#}").map_or(part, |two| two.1));
        let text: String = comments.collect();
        for (open, close) in [("{{", "}}"), ("{%", "%}")] {
            for part in text.split(open).skip(1) {
                let (tag, _) = part.split_once(close).expect("an end");
                // Of a component that is called, only what it is given.
                let tag = tag.trim_matches('-').trim_start();
                let tag = match tag.strip_prefix('<') {
                    Some(call) => call.trim_start_matches('/').trim_start_matches(is_of_name),
                    None => tag,
                };
                let quoted: Vec<&str> = tag.split('"').collect();
                if matches!(quoted[0].trim(), "extends" | "include") {
                    self.read(quoted[1]);
                    continue;
                }
                let code: Vec<&str> = quoted.into_iter().step_by(2).collect();
                self.read_tag(&code.join("''"));
            }
        }
    }

    fn read_tag(&mut self, tag: &str) {
        const WORDS: [&str; 16] = [
            "if", "elif", "else", "endif", "for", "endfor", "in", "not", "and", "or", "block",
            "endblock", "true", "false", "loop", "none",
        ];
        let mut rest = tag;
        let (mut before, mut word_before) = (' ', "");
        while let Some(start) = rest.find(|sign: char| sign.is_ascii_alphabetic() || sign == '_') {
            let between = rest[..start].trim_end();
            before = between.chars().next_back().unwrap_or(before);
            let end =
                rest[start..].find(|sign| !is_of_name(sign)).map_or(rest.len(), |at| start + at);
            let (word, after) = (&rest[start..end], rest[end..].trim_start());
            let is_argument = after.starts_with('=') && !after.starts_with("==");
            let glued = rest[..start].chars().next_back().is_some_and(|sign| sign.is_ascii_digit());
            match word_before {
                "for" | "set" | "set_global" => {
                    self.own.insert(word.to_owned());
                }
                // The name of a test, of a block.
                "is" | "block" | "endblock" => {}
                _ if matches!(before, '.' | '|') && !between.is_empty() => {}
                _ if glued || is_argument || after.starts_with('(') || WORDS.contains(&word) => {}
                _ if matches!(word, "is" | "set" | "set_global") => {}
                _ => {
                    self.used.insert(word.to_owned());
                }
            }
            // `is not number` is a test as well.
            word_before = if word == "not" && word_before == "is" { "is" } else { word };
            before = ' ';
            rest = &rest[end..];
        }
    }
}

fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || sign == '_'
}

#[test]
fn names_are_those_that_a_page_must_have() {
    let mut names = Names::default();
    for tag in [
        r"if problems and not page.done or is_last ",
        r" t(key='' ~ status, n=problems | length(by=width)) ",
        r"for one in rows ",
        r"set units = frame_units | number ",
        r" one.label if rate is not number ",
        r"if kind in ['', ''] and count == 3 ",
        r"block title ",
    ] {
        names.read_tag(tag);
    }
    let used: Vec<&str> = names.used.difference(&names.own).map(String::as_str).collect();
    let wanted = [
        "count",
        "frame_units",
        "is_last",
        "kind",
        "page",
        "problems",
        "rate",
        "rows",
        "status",
        "width",
    ];
    assert_eq!(used, wanted);
}
