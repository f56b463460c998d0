//! A text in the notation, as lines; everything that cannot be read is told at once.

use super::super::document::TextRole;
use super::notation::{self, Detail, NUMBER, code, detail_of, kind_of, required_of};
use super::{At, Fault, Line, Says, Sort, Written, one_line, plain};
use crate::problem::Problem;

/// Reads a text whose texts are in that language. What is wrong is told with its line and
/// sign; the rest is read all the same.
pub fn read(text: &str, language: &str) -> (Written, Vec<Fault>) {
    let mut reading =
        Reading { language, lines: Vec::new(), faults: Vec::new(), last: Said::Nothing };
    for (number, raw) in text.split('\n').enumerate() {
        let line = plain(raw);
        let indent = raw.chars().take_while(|sign| sign.is_whitespace()).count();
        if !line.is_empty() {
            reading.line(At { line: number + 1, column: indent + 1 }, &line);
        }
    }
    let Reading { mut lines, faults, .. } = reading;
    for line in &mut lines {
        line.texts.values_mut().for_each(|said| *said = plain(said));
        line.texts.retain(|_, said| !said.is_empty());
        line.relevant = one_line(&line.relevant);
        line.calculation = one_line(&line.calculation);
    }
    let languages = vec![language.to_owned()];
    (Written { says: Says::text(&languages), languages, lines }, faults)
}

/// What a line that goes on goes on with.
#[derive(Clone, Copy)]
enum Said {
    Nothing,
    Text(TextRole),
    Relevant,
    Calculation,
}

struct Reading<'a> {
    language: &'a str,
    lines: Vec<Line>,
    faults: Vec<Fault>,
    last: Said,
}

impl Reading<'_> {
    fn wrong(&mut self, at: At, problem: Problem) {
        self.faults.push(Fault::new(at, problem));
    }

    fn line(&mut self, at: At, line: &str) {
        let behind = |signs: usize| line[signs..].trim_start();
        if let Some(rest) = line.strip_prefix('\\') {
            return self.wording(at, rest);
        }
        match line.as_bytes()[0] {
            b'=' => self.begin(at, Sort::Title, behind(1), false),
            b'#' => self.section(at, line),
            b'-' if line.starts_with("---") => {
                self.begin(at, Sort::Page, line.trim_start_matches('-').trim_start(), true);
            }
            b'-' => self.begin(at, Sort::Option, behind(1), true),
            b'*' => self.begin(at, Sort::Row, behind(1), true),
            b'@' => self.begin(at, Sort::List, behind(1), true),
            b'[' => self.question(at, line),
            b'|' => self.more(at, behind(1)),
            // What is set elsewhere: said for people, whatever it says.
            b'~' => {}
            _ => match detail_of(line) {
                Some((detail, text)) => self.detail(at, detail, text),
                None => self.wording(at, line),
            },
        }
    }

    /// A line of that sort with its code and its text.
    fn begin(&mut self, at: At, sort: Sort, rest: &str, coded: bool) {
        let mut line = Line::new(at, sort);
        let mut text = rest;
        if coded {
            match code(rest) {
                Some(Ok((code, after))) => {
                    line.code = code;
                    text = after;
                }
                Some(Err(())) => self.wrong(at, Problem::new("written-bracket", "")),
                None => {}
            }
        }
        if matches!(sort, Sort::Page | Sort::List) && !text.is_empty() {
            self.wrong(at, Problem::new("written-not-read", "").with("text", short(text)));
        }
        if sort == Sort::List && line.code.is_empty() {
            self.wrong(at, Problem::new("written-list-code", ""));
        }
        let role = line.role();
        line.texts.insert((role, self.language.to_owned()), text.to_owned());
        self.lines.push(line);
        self.last = Said::Text(role);
    }

    fn section(&mut self, at: At, line: &str) {
        let rest = line.trim_start_matches('#');
        let depth = line.len() - rest.len();
        let rest = rest.trim_start();
        if rest == "/" {
            self.lines.push(Line::new(at, Sort::End(depth)));
            self.last = Said::Nothing;
        } else {
            self.begin(at, Sort::Section(depth), rest, true);
        }
    }

    /// The head of a question: code, kind, list, and what else is in it.
    fn question(&mut self, at: At, whole: &str) {
        let mut line = Line::new(at, Sort::Question);
        let rest = match code(whole) {
            Some(Ok((code, rest))) => {
                line.code = code;
                rest
            }
            _ => {
                self.wrong(at, Problem::new("written-bracket", ""));
                ""
            }
        };
        let column = |part: &str| {
            let before =
                whole.len() - rest.len() + (part.as_ptr() as usize - rest.as_ptr() as usize);
            At { line: at.line, column: at.column + whole[..before].chars().count() }
        };
        let (kind, mut others) = head(rest);
        let (kind, list) = kind.split_once('@').unwrap_or((kind, ""));
        if !list.is_empty() {
            let list = list.trim();
            match code(list) {
                Some(Ok((code, ""))) => line.list = code,
                Some(_) => {
                    self.wrong(column(list), Problem::new("written-bracket", ""));
                }
                None => list.clone_into(&mut line.list),
            }
        }
        let kind = kind.trim();
        match kind_of(kind) {
            Some(found) => found.clone_into(&mut line.kind),
            None if kind.is_empty() => {}
            None => {
                let problem = Problem::new("written-kind", "").with("kind", short(kind));
                self.wrong(column(kind), problem);
            }
        }
        while !others.trim().is_empty() {
            let other = others.trim();
            if let Some(number) = numbered(other) {
                number.clone_into(&mut line.number);
                break;
            }
            let (one, rest) = other.split_once(',').unwrap_or((other, ""));
            match required_of(one) {
                Some(required) => line.required = required,
                None => {
                    let problem =
                        Problem::new("written-setting", "").with("text", short(one.trim()));
                    self.wrong(column(one), problem);
                }
            }
            others = rest;
        }
        self.lines.push(line);
        self.last = Said::Text(TextRole::Wording);
    }

    fn wording(&mut self, at: At, text: &str) {
        let takes = self.lines.last().is_some_and(|line| line.sort == Sort::Question);
        if !takes {
            let problem = Problem::new("written-not-read", "").with("text", short(text));
            return self.wrong(at, problem);
        }
        self.add(Said::Text(TextRole::Wording), text);
        self.last = Said::Text(TextRole::Wording);
    }

    fn more(&mut self, at: At, text: &str) {
        if matches!(self.last, Said::Nothing) || self.lines.is_empty() {
            let problem = Problem::new("written-not-read", "").with("text", short(text));
            return self.wrong(at, problem);
        }
        self.add(self.last, text);
    }

    /// Another line of a text, or the first of one that has none yet.
    fn add(&mut self, said: Said, text: &str) {
        let Some(line) = self.lines.last_mut() else { return };
        let whole = match said {
            Said::Nothing => return,
            Said::Relevant => &mut line.relevant,
            Said::Calculation => &mut line.calculation,
            Said::Text(role) => {
                use std::collections::btree_map::Entry;
                match line.texts.entry((role, self.language.to_owned())) {
                    Entry::Vacant(place) => {
                        place.insert(text.to_owned());
                        return;
                    }
                    Entry::Occupied(place) => place.into_mut(),
                }
            }
        };
        whole.push('\n');
        whole.push_str(text);
    }

    fn detail(&mut self, at: At, detail: Detail, text: &str) {
        let sort = self.lines.last().map(|line| line.sort);
        let fits = match (detail, sort) {
            (Detail::Relevant, Some(Sort::Section(_) | Sort::Page | Sort::Row)) => true,
            (_, sort) => sort == Some(Sort::Question),
        };
        if !fits {
            let problem = Problem::new("written-misplaced", "");
            return self
                .wrong(at, problem.with("text", short(notation::detail_word(detail, "en"))));
        }
        let said = match detail {
            Detail::Hint => Said::Text(TextRole::Hint),
            Detail::Instruction => Said::Text(TextRole::Instruction),
            Detail::Relevant => Said::Relevant,
            Detail::Calculation => Said::Calculation,
        };
        self.add(said, text);
        self.last = said;
    }
}

/// What stands before the first comma that is in no bracket, and after it.
fn head(text: &str) -> (&str, &str) {
    let (mut within, mut escaped) = (false, false);
    for (at, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => within = true,
            ']' => within = false,
            ',' if !within => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, &text[text.len()..])
}

/// The number after its word.
fn numbered(text: &str) -> Option<&str> {
    [NUMBER.0, NUMBER.1].iter().find_map(|word| {
        let rest = text.strip_prefix(word)?;
        (rest.starts_with(' ')).then_some(rest.trim())
    })
}

/// The beginning of what was not understood.
fn short(text: &str) -> String {
    let mut signs = text.chars();
    let short: String = signs.by_ref().take(40).collect();
    if signs.next().is_some() { format!("{short}…") } else { short }
}
