//! A draft as text.

use super::super::document::{Required, TextRole};
use super::notation::{
    Detail, NUMBER, bracketed, detail_word, is_marked, kind_word, required_word, word,
};
use super::{Line, Sort, Written};

/// Writes a draft in the notation, its texts in the first of the languages that it was
/// made with, the words of the notation in the language of the page.
pub fn print(written: &Written, words: &str) -> String {
    let language = written.languages.first().map_or("", String::as_str);
    let mut text = Printed { text: String::new(), language, words };
    for line in &written.lines {
        text.line(line);
    }
    text.text
}

struct Printed<'a> {
    text: String,
    language: &'a str,
    words: &'a str,
}

impl Printed<'_> {
    fn put(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// A beginning with a text after it, whose other lines come below.
    fn said(&mut self, beginning: &str, text: &str) {
        let mut lines = text.split('\n');
        let first = lines.next().unwrap_or_default();
        // A text that begins with a bracket would be read as the code.
        self.put(&format!("{beginning} {first}"));
        for line in lines {
            self.put(&format!("| {line}"));
        }
    }

    fn line(&mut self, line: &Line) {
        let own = line.text(line.role(), self.language).to_owned();
        let code = bracketed(&line.code);
        match line.sort {
            Sort::Title => self.said("=", &own),
            Sort::Section(depth) => {
                self.gap();
                self.said(&format!("{} {code}", "#".repeat(depth)), &own);
            }
            Sort::End(depth) => {
                self.gap();
                self.put(&format!("{} /", "#".repeat(depth)));
            }
            Sort::Page => {
                self.gap();
                self.put(&format!("--- {code}"));
            }
            Sort::Question => {
                self.gap();
                self.question(line, &code, &own);
            }
            Sort::Row => self.said(&format!("* {code}"), &own),
            Sort::Option => self.said(&format!("- {code}"), &own),
            Sort::List => {
                self.gap();
                self.put(&format!("@ {code}"));
            }
        }
        self.details(line);
    }

    fn question(&mut self, line: &Line, code: &str, wording: &str) {
        let mut head = format!("{code} {}", kind_word(&line.kind, self.words));
        if !line.list.is_empty() {
            head.push_str(&format!(" @{}", bracketed(&line.list)));
        }
        if line.required != Required::Soft {
            head.push_str(&format!(", {}", required_word(line.required, self.words)));
        }
        if !line.number.is_empty() {
            head.push_str(&format!(", {} {}", word(NUMBER, self.words), line.number));
        }
        self.put(&head);
        if wording.is_empty() {
            return;
        }
        for said in wording.split('\n') {
            if is_marked(said) {
                self.put(&format!("\\{said}"));
            } else {
                self.put(said);
            }
        }
    }

    fn details(&mut self, line: &Line) {
        let hint = line.text(TextRole::Hint, self.language).to_owned();
        let instruction = line.text(TextRole::Instruction, self.language).to_owned();
        let all = [
            (Detail::Hint, &hint),
            (Detail::Instruction, &instruction),
            (Detail::Relevant, &line.relevant),
            (Detail::Calculation, &line.calculation),
        ];
        for (detail, text) in all {
            if !text.is_empty() {
                self.said(&format!("{}:", detail_word(detail, self.words)), text);
            }
        }
        if !line.kept.is_empty() {
            let kept: Vec<&str> =
                line.kept.iter().map(|kept| word(kept.words(), self.words)).collect();
            self.put(&format!("~ {}", kept.join(", ")));
        }
    }
}
