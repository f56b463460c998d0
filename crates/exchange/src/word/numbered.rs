//! Whether a plain number is that of a question or of an option: by how the file
//! numbers its questions, and by what was counted so far.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Line, Piece};
use super::mark::{Mark, mark};

/// How far the next number is looked for.
const AHEAD: usize = 40;

/// How questions are numbered, and what was counted so far.
pub(super) struct Numbered {
    /// Questions have marks that nothing else has: a plain number is an option.
    is_marked: bool,
    /// Questions have numbers in parts, such as `2.1`: a plain one is a part.
    is_in_parts: bool,
    /// The lists of Word that number questions.
    lists: BTreeSet<(String, usize)>,
    /// The plain number of each line that has one.
    numbers: Vec<Option<u32>>,
    last_question: u32,
    last_option: u32,
    is_bold: Option<bool>,
}

/// The lines of a list of Word: their places and numbers.
type Members = Vec<(usize, Option<u32>)>;

impl Numbered {
    /// Looks through a file.
    pub(super) fn of(pieces: &[Piece]) -> Self {
        let (mut marked, mut in_parts) = (0, 0);
        let mut numbers = Vec::with_capacity(pieces.len());
        let mut lists: BTreeMap<(String, usize), Members> = BTreeMap::new();
        for (at, piece) in pieces.iter().enumerate() {
            let mut number = None;
            if let Piece::Line(line) = piece {
                match mark(&line.seen()) {
                    Some((Mark::Question(_), _)) => marked += 1,
                    Some((Mark::Number(text), _)) => {
                        in_parts += usize::from(text.contains('.'));
                        number = text.parse().ok();
                    }
                    _ => {}
                }
                if let Some(listed) = &line.listed {
                    lists.entry(listed.list.clone()).or_default().push((at, number));
                }
            }
            numbers.push(number);
        }
        let asking = lists.iter().filter(|((list, level), members)| {
            let above = *level > 0 && lists.contains_key(&(list.clone(), 0));
            !above && is_interleaved(members)
        });
        let mut asking: BTreeSet<(String, usize)> = asking.map(|(key, _)| key.clone()).collect();
        // Questions without options stand one below the other: the first list is theirs.
        if asking.is_empty() && marked < 2 {
            let counted =
                lists.iter().filter(|(_, members)| members.iter().all(|it| it.1.is_some()));
            let first = counted.min_by_key(|(_, members)| members.first().map(|it| it.0));
            asking.extend(first.map(|(key, _)| key.clone()));
        }
        Self {
            is_marked: marked > 1,
            is_in_parts: in_parts > 1,
            lists: asking,
            numbers,
            last_question: 0,
            last_option: 0,
            is_bold: None,
        }
    }

    /// Whether the number of a line is that of a question.
    pub(super) fn asks(&self, at: usize, line: &Line, number: &str, is_open: bool) -> bool {
        if number.contains('.') {
            return true;
        }
        if let Some(listed) = &line.listed {
            return self.lists.contains(&listed.list);
        }
        let own: u32 = number.parse().unwrap_or(0);
        if self.is_marked || self.is_in_parts {
            return false;
        }
        let is_next = own == self.last_question + 1;
        let is_option = is_open && own == self.last_option + 1;
        let looks_alike = self.is_bold.is_none_or(|bold| bold == line.begins_bold);
        let asks = line.text.ends_with(['?', ':', '_', '…', '.']);
        match (is_next, is_option) {
            (true, false) => looks_alike || !is_open || self.last_option == 0,
            (false, true) => false,
            (true, true) if !looks_alike => false,
            // Bold questions have options that are not.
            (true, true) if self.is_bold == Some(true) => true,
            (true, true) => {
                let next = self.numbers.iter().skip(at + 1).take(AHEAD).flatten().next();
                next.is_none_or(|next| *next != own) && asks
            }
            (false, false) => !is_open || own > self.last_question && looks_alike && asks,
        }
    }

    /// Whether a number would be that of the next question.
    pub(super) fn is_next(&self, number: &str) -> bool {
        !self.is_marked && number.parse() == Ok(self.last_question + 1)
    }

    /// Whether a number is that of a part whose questions are `1.1`, `1.2`, …
    pub(super) fn is_part(&self, number: &str) -> bool {
        self.is_in_parts && !number.contains('.')
    }

    /// A question begins.
    pub(super) fn opened(&mut self, number: Option<&str>, line: &Line) {
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            self.last_question = number;
            self.is_bold = self.is_bold.or(Some(line.begins_bold));
        }
        self.last_option = 0;
    }

    /// An option was read.
    pub(super) fn offered(&mut self, code: Option<&str>) {
        if let Some(code) = code.and_then(|code| code.parse().ok()) {
            self.last_option = code;
        }
    }

    /// A question ends.
    pub(super) fn closed(&mut self) {
        self.last_option = 0;
    }

    /// A part begins: its questions may be numbered from one again.
    pub(super) fn part(&mut self) {
        let counts = |number: &u32| *number == self.last_question + 1;
        if !self.numbers.iter().flatten().any(counts) {
            self.last_question = 0;
        }
    }
}

/// Whether between the lines of a list others stand more often than not, and its
/// numbers never begin again: so questions are numbered, not options.
fn is_interleaved(members: &Members) -> bool {
    let pairs = || members.windows(2);
    let apart = pairs().filter(|pair| pair[1].0 > pair[0].0 + 1).count();
    let goes_on = pairs().all(|pair| pair[1].1 > pair[0].1);
    let counted = members.iter().all(|(_, number)| number.is_some());
    members.len() > 1 && counted && goes_on && apart * 2 >= members.len() - 1
}
