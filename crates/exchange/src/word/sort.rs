//! Sorts lines and tables: which are headings, questions, options, hints.
//!
//! A line says what it is by its mark; where a plain number could be that of a
//! question or of an option, what was counted so far decides, then the look of
//! the lines (see [`Numbered`]).

use std::collections::BTreeSet;

use super::blank::{apart_from_unit, is_blank_only, without_blanks};
use super::body::{Line, Piece};
use super::languages::{Languages, language};
use super::mark::{Mark, begins, is_box, mark};
use super::numbered::Numbered;
use super::offered::{offered, right_code, scale};
use super::outline::{Asked, Entry, Offered, Words};
use super::phrases::{begins_a_part, closes, instructs, is_for_interviewer};
use super::route;

/// The longest line that can be an option without a mark.
const SHORT: usize = 70;

/// The outline of a file.
pub(super) struct Outline {
    pub title: Words,
    pub entries: Vec<Entry>,
    pub languages: Languages,
    /// Lines that only head the columns of a table.
    pub layout: BTreeSet<usize>,
}

/// Sorts the pieces of a file.
pub(super) fn sort(pieces: &[Piece]) -> Outline {
    let languages = Languages::of(pieces);
    let mut sorter = Sorter {
        numbered: Numbered::of(pieces),
        languages,
        title: Words::default(),
        entries: Vec::new(),
        question: None,
        waiting: Vec::new(),
        routes: Vec::new(),
        options_follow: false,
        layout: BTreeSet::new(),
    };
    for (at, piece) in pieces.iter().enumerate() {
        sorter.options_follow = pieces.get(at + 1).is_some_and(begins_options);
        match piece {
            Piece::Line(line) => sorter.line(at, line),
            Piece::Table(table) => sorter.table(at, table),
        }
    }
    sorter.close();
    let routes = std::mem::take(&mut sorter.routes);
    sorter.entries.extend(routes.into_iter().map(Entry::Note));
    let Sorter { title, entries, layout, .. } = sorter;
    Outline { title, entries, languages, layout }
}

pub(super) struct Sorter {
    pub numbered: Numbered,
    pub languages: Languages,
    title: Words,
    entries: Vec<Entry>,
    /// The question whose lines are read.
    pub question: Option<Asked>,
    /// Lines without a mark under it: more of its wording, or its options.
    waiting: Vec<Line>,
    /// Sentences of routing that stand before a question.
    routes: Vec<Words>,
    /// Whether the next line begins options.
    options_follow: bool,
    pub layout: BTreeSet<usize>,
}

/// Whether a piece is the first of some options.
fn begins_options(piece: &Piece) -> bool {
    let Piece::Line(line) = piece else { return false };
    let seen = line.seen();
    match mark(&seen) {
        Some((Mark::Box(sign), _)) => is_box(sign),
        Some((Mark::Letter(letter), _)) => letter == "a",
        _ => false,
    }
}

impl Sorter {
    /// A text in its languages.
    pub(super) fn words(&self, text: &str, entry: usize) -> Words {
        let mut words = Words { pieces: Vec::new(), entries: vec![entry] };
        for (language, text) in self.languages.apart(text) {
            if !text.trim().is_empty() {
                words.pieces.push((language, text.trim().to_owned()));
            }
        }
        words
    }

    /// Puts one line more in its place.
    pub(super) fn line(&mut self, at: usize, line: &Line) {
        let seen = line.seen();
        if seen.is_empty() {
            return;
        }
        if is_blank_only(&line.text) && line.listed.is_none() {
            self.blank(line);
        } else if let Some(points) = self.question.as_ref().and_then(|_| scale(&seen)) {
            self.flush();
            let low = self.words(&points.low, line.entry);
            let high = self.words(&points.high, line.entry);
            let points = super::outline::Points { from: points.from, to: points.to, low, high };
            if let Some(question) = &mut self.question {
                question.scale = Some(points);
            }
        } else if self.is_closing(&seen) {
            self.close();
            let words = self.words(&seen, line.entry);
            self.entries.push(Entry::Note(words));
        } else if self.is_title(line, &seen) {
            let words = self.words(&seen, line.entry);
            self.title.append(words);
        } else if self.is_heading(line, &seen) {
            self.heading(line, &seen);
        } else {
            self.marked(at, line, &seen);
        }
    }

    fn marked(&mut self, at: usize, line: &Line, seen: &str) {
        match mark(seen) {
            Some((Mark::Question(number), rest)) => self.open(Some(number), rest, line),
            Some((Mark::Number(number), rest)) => {
                let is_open = self.question.is_some();
                if self.numbered.asks(at, line, &number, is_open) {
                    self.open(Some(number), rest, line);
                } else {
                    self.options(seen, line);
                }
            }
            Some((Mark::Letter(_) | Mark::Box(_), _)) if self.question.is_some() => {
                self.options(seen, line);
            }
            _ => self.plain(line, seen),
        }
    }

    /// Whether a line thanks for answers that were asked before it: something to read
    /// of its own, however it is printed.
    fn is_closing(&self, seen: &str) -> bool {
        let is_asked = |entry: &Entry| matches!(entry, Entry::Question(_));
        let answered = self.question.is_some() || self.entries.iter().any(is_asked);
        let is_sentence = without_blanks(seen).1.is_empty() && !seen.ends_with('?');
        answered && is_sentence && closes(seen) && !route::is_sentence(seen)
    }

    fn is_title(&self, line: &Line, seen: &str) -> bool {
        if line.heading == Some(0) {
            return true;
        }
        let begins = self.entries.is_empty() && self.question.is_none() && self.routes.is_empty();
        let shows =
            line.is_bold || is_loud(seen) || line.heading.is_some() && self.title.is_empty();
        begins
            && shows
            && !begins_a_part(seen)
            && mark(seen).is_none()
            && !is_roman(seen)
            && !seen.ends_with('?')
    }

    fn is_heading(&self, line: &Line, seen: &str) -> bool {
        let mark = mark(seen);
        if matches!(mark, Some((Mark::Question(_) | Mark::Box(_), _))) {
            return false;
        }
        if line.heading.is_some_and(|level| level > 0) {
            return !seen.ends_with('?');
        }
        let rest = mark.as_ref().map_or(seen, |(_, rest)| rest);
        let short = seen.chars().count() < 120 && !seen.ends_with(['?', ';']);
        let silent = without_blanks(seen).1.is_empty() && begins(seen).is_empty();
        if !(short && silent) || right_code(seen).is_some() {
            return false;
        }
        let stands_out = line.is_bold || is_loud(rest);
        if begins_a_part(seen) && (stands_out || mark.is_none()) || is_roman(seen) && stands_out {
            return true;
        }
        match mark {
            // A letter or number of a part: louder than options are.
            Some((Mark::Letter(letter), _)) => letter.chars().all(char::is_uppercase) && stands_out,
            Some((Mark::Number(number), _)) => {
                is_loud(rest) && line.is_bold && !self.numbered.is_next(&number)
                    || self.numbered.is_part(&number) && line.is_bold
            }
            Some(_) => false,
            None => {
                let answered = self.question.as_ref().is_none_or(Asked::has_answers);
                let route = route::is_sentence(seen);
                stands_out && answered && !route && !seen.ends_with(':') && !is_bracketed(seen)
            }
        }
    }

    fn heading(&mut self, line: &Line, seen: &str) {
        self.close();
        let words = self.words(seen, line.entry);
        // The same heading in the other language.
        if let Some(Entry::Heading(before)) = self.entries.last_mut()
            && let [(Some(one), _)] = before.pieces[..]
            && let [(Some(other), _)] = words.pieces[..]
            && one != other
        {
            before.append(words);
            return;
        }
        self.numbered.part();
        self.entries.push(Entry::Heading(words));
    }

    /// Opens a question with the words behind its number.
    pub(super) fn open(&mut self, number: Option<String>, rest: &str, line: &Line) {
        self.close();
        let mut asked =
            Asked { number, routes: std::mem::take(&mut self.routes), ..Asked::default() };
        self.numbered.opened(asked.number.as_deref(), line);
        let (rest, routed) = route::behind(rest);
        if let Some(routed) = routed {
            asked.routes.push(Words::of(&routed, line.entry));
        }
        let places = begins(&rest);
        let has_options = places.first().is_some_and(|first| *first > 0)
            && offered(&rest[places[0]..]).iter().all(|one| !one.1.is_empty());
        let (head, tail) = rest.split_at(if has_options { places[0] } else { rest.len() });
        let apart = apart_from_unit(head).filter(|(words, _)| !has_options && !words.is_empty());
        let (words, blanks) = without_blanks(head);
        let (head, unit) = apart.unwrap_or((words, String::new()));
        let (head, hint) = apart_from_hint(&head);
        asked.wording = self.words(head, line.entry);
        asked.unit = self.words(&unit, line.entry);
        asked.blanks = blanks;
        self.question = Some(asked);
        if let Some(hint) = hint {
            self.hint(hint, line.entry);
        }
        if has_options {
            self.options(tail, line);
        }
    }

    fn hint(&mut self, hint: &str, entry: usize) {
        if route::is_sentence(hint) {
            if let Some(question) = &mut self.question {
                question.routes.push(Words::of(hint, entry));
            }
            return;
        }
        let words = self.words(hint, entry);
        let Some(question) = &mut self.question else { return };
        let for_interviewer = is_for_interviewer(hint);
        let place = if for_interviewer { &mut question.instruction } else { &mut question.hint };
        place.append(words);
    }

    /// The options that a line holds, one or several.
    fn options(&mut self, text: &str, line: &Line) {
        self.flush();
        // Codes at the right say nothing of how the next line is numbered.
        let is_counted = begins(text).len() > 1 || matches!(mark(text), Some((Mark::Number(_), _)));
        for (option, label) in offered(text) {
            let label = self.words(&label, line.entry);
            if is_counted {
                self.numbered.offered(option.code.as_deref());
            }
            if let Some(question) = &mut self.question {
                question.options.push(Offered { label, ..option });
            }
        }
    }

    fn blank(&mut self, line: &Line) {
        self.flush();
        let (_, blanks) = without_blanks(&line.text);
        if let Some(question) = &mut self.question {
            question.blanks.extend(blanks);
        }
    }

    fn plain(&mut self, line: &Line, seen: &str) {
        if route::is_sentence(seen) {
            let words = Words::of(seen, line.entry);
            match &mut self.question {
                Some(question) if !route::is_filter(seen) => question.routes.push(words),
                Some(question) if !question.has_answers() => question.routes.push(words),
                _ => self.routes.push(words),
            }
            return;
        }
        if self.question.is_none() {
            self.outside(line, seen);
            return;
        }
        if self.translates(line, seen) {
            return;
        }
        if is_bracketed(seen) || line.is_italic || is_for_interviewer(seen) && instructs(seen) {
            let inner = seen.trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
            let inner = if is_bracketed(seen) { inner } else { seen };
            self.flush();
            self.hint(inner, line.entry);
            return;
        }
        let marked = |one: &Asked| one.options.last().map(|option| option.sign.is_some());
        let has_options = self.question.as_ref().and_then(marked);
        let has_answers = self.question.as_ref().is_some_and(Asked::has_answers);
        let is_coded = right_code(&route::behind(seen).0).is_some();
        if is_coded || begins(seen).len() > 1 {
            self.options(seen, line);
        } else if !without_blanks(seen).1.is_empty() {
            self.with_blank(line, seen, has_options);
        } else if seen.ends_with('?') && (has_answers || self.waiting.len() > 1) {
            self.open(None, seen, line);
        } else if has_answers {
            self.close();
            self.outside(line, seen);
        } else {
            self.waiting.push(line.clone());
        }
    }

    /// Words with a blank under a question.
    fn with_blank(&mut self, line: &Line, seen: &str, has_options: Option<bool>) {
        match has_options {
            // Under options with marks one without is something else.
            Some(true) if seen.contains(':') && !is_other(seen) => {
                self.close();
                self.outside(line, seen);
                return;
            }
            Some(_) => {
                self.options(seen, line);
                return;
            }
            None => {}
        }
        self.flush();
        let (words, blanks) = without_blanks(seen);
        let is_first = self.question.as_ref().is_some_and(|question| question.blanks.is_empty());
        let apart = apart_from_unit(seen).filter(|_| is_first);
        let (words, unit) = apart.unwrap_or((words, String::new()));
        let [words, unit] = [words, unit].map(|text| self.words(&text, line.entry));
        if let Some(question) = &mut self.question {
            question.blanks.extend(blanks);
            question.hint.append(words);
            question.unit.append(unit);
        }
    }

    /// A line that belongs to no question.
    fn outside(&mut self, line: &Line, seen: &str) {
        let (_, blanks) = without_blanks(seen);
        let asks = seen.ends_with('?') || !blanks.is_empty() && seen.contains(':');
        if (asks || self.options_follow) && mark(seen).is_none() {
            for field in fields(seen) {
                self.open(None, field, line);
            }
            return;
        }
        let words = self.words(seen, line.entry);
        match self.entries.last_mut() {
            Some(Entry::Note(before)) => before.append(words),
            _ => self.entries.push(Entry::Note(words)),
        }
    }

    /// Whether a line says in the other language what the line before said.
    fn translates(&mut self, line: &Line, seen: &str) -> bool {
        let Some(code) = language(seen).filter(|_| self.languages.is_two) else { return false };
        let inner = if is_bracketed(seen) { &seen[1..seen.len() - 1] } else { seen };
        let Some(question) = &mut self.question else { return false };
        let fits = |words: &Words| {
            words.pieces.len() == 1
                && words.pieces[0].0.or_else(|| language(&words.pieces[0].1)) != Some(code)
        };
        let other = Some(if code == "vi" { "en" } else { "vi" });
        let add = |target: &mut Words, text: &str| {
            target.pieces[0].0 = other;
            target.add(Some(code), text, line.entry);
        };
        if let Some(option) = question.options.last_mut() {
            let fits = fits(&option.label);
            if fits {
                add(&mut option.label, &without_blanks(inner).0);
            }
            return fits;
        }
        let (head, hint) = apart_from_hint(inner);
        if question.has_answers() {
            return false;
        }
        if fits(&question.wording) {
            add(&mut question.wording, &without_blanks(head).0);
            match hint {
                Some(hint) if fits(&question.hint) => add(&mut question.hint, hint),
                Some(hint) => question.hint.add(Some(code), hint, line.entry),
                None => {}
            }
            return true;
        }
        let fits = fits(&question.hint);
        if fits {
            add(&mut question.hint, inner);
        }
        fits
    }

    /// What waited under the question is more of its wording.
    pub(super) fn flush(&mut self) {
        for line in std::mem::take(&mut self.waiting) {
            let seen = line.seen();
            let words = self.words(&seen, line.entry);
            if let Some(question) = &mut self.question {
                question.wording.append(words);
            }
        }
    }

    /// Ends the question that is read.
    pub(super) fn close(&mut self) {
        let are_options = self.waiting.len() > 1
            && self.question.as_ref().is_some_and(|question| !question.has_answers())
            && self.waiting.iter().all(|line| {
                let text = line.seen();
                text.chars().count() <= SHORT && !text.ends_with(['.', '?', ':'])
            });
        if are_options {
            for line in std::mem::take(&mut self.waiting) {
                let seen = line.seen();
                for (option, label) in offered(&seen) {
                    let label = self.words(&label, line.entry);
                    if let Some(question) = &mut self.question {
                        question.options.push(Offered { label, ..option });
                    }
                }
            }
        }
        self.flush();
        self.numbered.closed();
        if let Some(question) = self.question.take() {
            self.entries.push(Entry::Question(Box::new(question)));
        }
    }

    /// Keeps what was last said outside of questions as the wording of one.
    pub(super) fn last_note(&mut self) -> Option<Words> {
        match self.entries.pop() {
            Some(Entry::Note(words)) => Some(words),
            Some(other) => {
                self.entries.push(other);
                None
            }
            None => None,
        }
    }
}

/// Whether it is the option for what no other option says.
fn is_other(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.starts_with("khác") || lower.starts_with("other")
}

/// A line with several labels, each before its blank, part by part.
fn fields(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut inside) = (0, false);
    for (place, sign) in text.char_indices() {
        if matches!(sign, '.' | '_' | '…') {
            inside |= text[place..].starts_with("...") || text[place..].starts_with(['_', '…']);
        } else if inside && sign.is_alphabetic() {
            found.push(text[start..place].trim());
            (start, inside) = (place, false);
        }
    }
    found.push(text[start..].trim());
    if found.iter().all(|part| part.contains(':')) { found } else { vec![text] }
}

/// Whether all letters are capitals, of some words.
fn is_loud(text: &str) -> bool {
    let letters = || text.chars().filter(|next| next.is_alphabetic());
    letters().count() > 5 && letters().all(|next| !next.is_lowercase())
}

/// Whether a line begins with a Roman number as that of a part.
fn is_roman(text: &str) -> bool {
    let Some((number, rest)) = text.split_once(['.', ')', '-', ':']) else { return false };
    let number = number.trim();
    (1..=5).contains(&number.len())
        && number.bytes().all(|next| b"IVX".contains(&next))
        && rest.starts_with([' ', '\t'])
}

/// Whether all of it is in brackets.
fn is_bracketed(text: &str) -> bool {
    let pair = |open, close| {
        text.starts_with(open)
            && text.ends_with(close)
            && text.matches(open).count() == 1
            && text.matches(close).count() == 1
    };
    pair('(', ')') || pair('[', ']')
}

/// A text without the bracket at its end that says how to answer, and that.
fn apart_from_hint(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        let Some((head, inner)) =
            text.strip_suffix(close).and_then(|inner| inner.rsplit_once(open))
        else {
            continue;
        };
        if !head.trim().is_empty() && (open == '[' || instructs(inner)) {
            return (head.trim(), Some(inner.trim()));
        }
    }
    (text, None)
}
