//! The words that written files need, in the reader's language.
//!
//! Callers look them up in their locale files; nothing here is in a language
//! of its own. [`Words::english`] serves tests and command lines.

/// Words of tables and codebooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Name of the sheet of contents.
    pub contents: String,
    /// Name of the sheet of tables.
    pub tables: String,
    /// Heading of the column of answers.
    pub answer: String,
    /// What precedes the base in words.
    pub base: String,
    /// The base where the caller has no words for it.
    pub base_default: String,
    /// The number of people asked and answering.
    pub unweighted: String,
    /// The size of a simple random sample with the same precision.
    pub effective: String,
    /// What the rows under the figures are, such as `95% interval`.
    pub interval: String,
    /// What a row of means is.
    pub mean: String,
    /// What stands for a figure that is not shown.
    pub hidden: String,
    /// What the star means.
    pub note_review: String,
    /// What the sign of a hidden figure means.
    pub note_hidden: String,
    /// What the dagger means: the rest to 100 % is imprecise.
    pub note_complement: String,
    /// Heading of a list of notes.
    pub notes: String,
    /// The sign between whole and fraction in figures that are written as text.
    pub decimal_sign: char,
}

impl Words {
    /// English words.
    pub fn english() -> Self {
        let word = str::to_owned;
        Self {
            contents: word("Contents"),
            tables: word("Tables"),
            answer: word("Answer"),
            base: word("Base"),
            base_default: word("those who were asked this question and answered it"),
            unweighted: word("Unweighted n"),
            effective: word("Effective n"),
            interval: word("95% interval"),
            mean: word("Mean"),
            hidden: word("–"),
            note_review: word("* to be reviewed before publication"),
            note_hidden: word("– not reliable enough to publish, or might expose a person"),
            note_complement: word("† the share of all others is imprecise"),
            notes: word("Notes"),
            decimal_sign: '.',
        }
    }
}
