//! What a Word file says once its lines are sorted: headings, notes, questions
//! with what answers them.

use super::blank::Blank;

/// Words with the entries of the ledger that they come from. In a file of two
/// languages those of each stand side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Pieces in the order of the file, with the code of their language where it
    /// is certain.
    pub pieces: Vec<(Option<&'static str>, String)>,
    pub entries: Vec<usize>,
}

impl Words {
    /// Words of one line.
    pub(super) fn of(text: &str, entry: usize) -> Self {
        let mut words = Self::default();
        words.add(None, text, entry);
        words
    }

    /// Adds what another line says.
    pub(super) fn add(&mut self, language: Option<&'static str>, text: &str, entry: usize) {
        if !text.trim().is_empty() {
            self.pieces.push((language, text.trim().to_owned()));
        }
        self.entries.push(entry);
    }

    /// Adds other words behind these.
    pub(super) fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        self.entries.extend(other.entries);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// All of it, whatever the language.
    pub(super) fn whole(&self) -> String {
        let texts: Vec<&str> = self.pieces.iter().map(|(_, text)| text.as_str()).collect();
        texts.join(" ")
    }

    /// The first piece.
    pub(super) fn first(&self) -> &str {
        self.pieces.first().map_or("", |(_, text)| text)
    }
}

/// Something in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// The title of a section.
    Heading(Words),
    /// Something to read.
    Note(Words),
    /// Something asked.
    Question(Box<Asked>),
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// As it is printed: `C1`, `5`; none where nothing is.
    pub number: Option<String>,
    pub wording: Words,
    /// What stands in brackets or italics.
    pub hint: Words,
    /// What only the interviewer reads.
    pub instruction: Words,
    pub options: Vec<Offered>,
    /// Where answers are written.
    pub blanks: Vec<Blank>,
    /// What stands behind the blank of a number: `kg`.
    pub unit: Words,
    /// A row of numbers between two ends, with what the ends mean.
    pub scale: Option<Points>,
    pub table: Option<Rows>,
    /// Sentences that say where to go on, or of whom this is asked.
    pub routes: Vec<Words>,
}

impl Asked {
    /// Whether something says how it is answered.
    pub(super) fn has_answers(&self) -> bool {
        !self.options.is_empty()
            || !self.blanks.is_empty()
            || self.scale.is_some()
            || self.table.is_some()
    }
}

/// An option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offered {
    /// Its code, where one is printed.
    pub code: Option<String>,
    pub label: Words,
    /// Whether there is a place to write beside it.
    pub has_blank: bool,
    /// What stands before it.
    pub sign: Option<Sign>,
    /// Where to go on when it is chosen, as it is written.
    pub route: Option<String>,
}

/// What stands before an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Square,
    Circle,
    /// A code, a dot, a dash.
    Other,
}

/// The points of a scale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Points {
    pub from: i32,
    pub to: i32,
    pub low: Words,
    pub high: Words,
}

/// What a table asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rows {
    /// Each row with its printed number.
    pub rows: Vec<(Option<String>, Words)>,
    pub columns: Columns,
}

/// What the columns of a table are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Columns {
    /// The options that every row is answered with.
    Scale(Vec<Offered>),
    /// Boxes to write into, each with what is written there.
    Boxes(Vec<(Words, Option<Blank>)>),
}
