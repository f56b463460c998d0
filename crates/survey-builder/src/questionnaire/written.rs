//! A draft as plain text, and as a table.
//!
//! It is lines in the order of the questionnaire, a section, page, question, row or option
//! each, printed and read in a small [`notation`] ([`Written::of`]) or as the rows of a
//! [`sheet`] ([`Written::as_sheet`]). What was changed in them is laid over the document
//! that they were made of ([`overlay`]): parts are found again by their codes, what is not
//! said stays ([`Says`]), and the difference becomes operations
//! ([`between`](super::operation::between)).

mod kept;
pub mod notation;
mod overlay;
mod print;
mod read;
mod says;
pub mod sheet;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::answer::{ItemId, State};
use super::document::{
    Block, Constraint, Document, Kind, OptionList, Question, Required, Section, Text, TextRole,
};
use crate::problem::Problem;

pub use kept::Kept;
pub use overlay::overlay;
pub use print::print;
pub use read::read;
pub use says::{Column, Says};

/// Where something was written: the line and the sign in it, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line.
    pub line: usize,
    /// The sign.
    pub column: usize,
}

/// Something wrong with what was written, and where. The problem has no place of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// What.
    pub problem: Problem,
}

impl Fault {
    fn new(at: At, problem: Problem) -> Self {
        Self { at, problem }
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The title of the questionnaire.
    Title,
    /// A section, so many deep, from 1.
    Section(usize),
    /// The end of a section of that depth, where a page of the section around follows.
    End(usize),
    /// A page.
    Page,
    /// A question.
    Question,
    /// A row of the question before.
    Row,
    /// An option of the question or list before.
    Option,
    /// A list of options that several questions use, or none.
    List,
}

/// One line with what it says. What its sort does not have is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where it is.
    pub at: At,
    /// What it is.
    pub sort: Sort,
    /// Its code: the name in data, or the code of an option. Empty where it has none yet.
    pub code: String,
    /// Its texts by role and language, without empty ones.
    pub texts: BTreeMap<(TextRole, String), String>,
    /// The kind of a question, as documents name it.
    pub kind: String,
    /// The list that a question chooses from.
    pub list: String,
    /// The part that it was made of; nothing where it was read.
    pub item: Option<ItemId>,
    /// The printed number.
    pub number: String,
    /// What happens when it is left blank.
    pub required: Required,
    /// When it is on the path.
    pub relevant: String,
    /// How a value is worked out.
    pub calculation: String,
    /// What an answer must satisfy; several conditions on a line each.
    pub constraint: String,
    /// The ways not to answer that a question offers; the reason for which an option counts
    /// as no answer.
    pub missing: Vec<State>,
    /// What else is set there: said, and never changed here.
    pub kept: Vec<Kept>,
}

impl Line {
    /// A line that says nothing yet.
    pub fn new(at: At, sort: Sort) -> Self {
        Self {
            at,
            sort,
            code: String::new(),
            texts: BTreeMap::new(),
            kind: String::new(),
            list: String::new(),
            number: String::new(),
            required: Required::default(),
            relevant: String::new(),
            calculation: String::new(),
            item: None,
            constraint: String::new(),
            missing: Vec::new(),
            kept: Vec::new(),
        }
    }

    fn of(sort: Sort, item: ItemId, code: &str) -> Self {
        Self { code: code.to_owned(), item: Some(item), ..Self::new(At::default(), sort) }
    }

    /// What it says in that language.
    pub fn text(&self, role: TextRole, language: &str) -> &str {
        self.texts.get(&(role, language.to_owned())).map_or("", String::as_str)
    }

    /// The role of its main text.
    pub fn role(&self) -> TextRole {
        match self.sort {
            Sort::Title | Sort::Section(_) => TextRole::Title,
            Sort::Option => TextRole::Label,
            _ => TextRole::Wording,
        }
    }

    fn say(&mut self, role: TextRole, text: &Text, languages: &[String]) {
        for language in languages {
            let said = text.0.get(language).map(|said| plain(said)).unwrap_or_default();
            if !said.is_empty() {
                self.texts.insert((role, language.clone()), said);
            }
        }
    }
}

/// A draft as lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The codes of the languages whose texts are in it.
    pub languages: Vec<String>,
    /// What its lines say of their parts.
    pub says: Says,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A text as lines hold it: lines without spaces around them, no empty lines at its ends,
/// no control signs.
pub fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let whole: String = text.chars().filter(|sign| !sign.is_control() || *sign == '\n').collect();
    let lines: Vec<&str> = whole.split('\n').map(str::trim).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// An expression as lines hold it: in one.
pub fn one_line(text: &str) -> String {
    let whole = plain(text);
    let parts: Vec<&str> = whole.split('\n').filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn condition(text: Option<&String>) -> String {
    text.map(|text| one_line(text)).unwrap_or_default()
}

/// What answers must satisfy, a condition a line.
fn limits(constraints: &[Constraint]) -> String {
    let lines: Vec<String> = constraints.iter().map(|one| one_line(&one.expression)).collect();
    lines.join("\n")
}

/// What is said where they do not, in the same order.
fn messages(constraints: &[Constraint]) -> Text {
    let mut all = Text::default();
    for (language, said) in constraints.iter().flat_map(|one| &one.message.0) {
        let whole = all.0.entry(language.clone()).or_default();
        if !whole.is_empty() {
            whole.push('\n');
        }
        whole.push_str(said);
    }
    all
}

/// The lists whose options are written under the question that alone uses them.
fn lists_of_one(document: &Document) -> BTreeSet<String> {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    let mut under: BTreeSet<&str> = BTreeSet::new();
    for question in document.questions() {
        for list in question.kind.lists() {
            *uses.entry(list).or_default() += 1;
        }
        if writes_options(&question.kind)
            && let Some(list) = question.kind.list()
        {
            under.insert(list);
        }
    }
    let alone = |list: &&str| uses.get(list) == Some(&1) && document.list(list).is_some();
    under.into_iter().filter(alone).map(str::to_owned).collect()
}

/// Whether the options of a kind can stand under its question.
fn writes_options(kind: &Kind) -> bool {
    kind.choice().is_some() || matches!(kind, Kind::Battery(_) | Kind::BestWorst(_))
}

impl Written {
    /// A document as the lines of a text, with its texts in those languages: options stand
    /// under the question that alone uses them.
    pub fn of(document: &Document, languages: &[String]) -> Self {
        let alone = lists_of_one(document);
        Self::lines_of(
            Writing { languages, alone, document, lines: Vec::new() },
            Says::text(languages),
        )
    }

    /// A document as the rows of a [`sheet`], with its texts in all its languages: every
    /// list stands at the end.
    pub fn as_sheet(document: &Document) -> Self {
        let languages: Vec<String> =
            document.languages.iter().map(|language| language.code.clone()).collect();
        let alone = BTreeSet::new();
        let writing = Writing { languages: &languages, alone, document, lines: Vec::new() };
        let mut written = Self::lines_of(writing, Says::sheet(&languages));
        for line in &mut written.lines {
            line.kept
                .retain(|kept| !matches!(kept, Kept::Constraints | Kept::Offers | Kept::Missing));
        }
        written
    }

    fn lines_of(mut writing: Writing<'_>, says: Says) -> Self {
        let document = writing.document;
        let mut title = Line::of(Sort::Title, document.id, "");
        title.say(TextRole::Title, &document.title, writing.languages);
        title.kept = kept::of_document(document);
        writing.lines.push(title);
        for section in &document.sections {
            writing.section(section, 1);
        }
        for list in &document.lists {
            if !writing.alone.contains(&list.name) {
                writing.lines.push(Line::of(Sort::List, list.id, &list.name));
                writing.options(list);
            }
        }
        let Writing { languages, mut lines, .. } = writing;
        for (at, line) in lines.iter_mut().enumerate() {
            line.at = At { line: at + 1, column: 1 };
        }
        Self { languages: languages.to_vec(), says, lines }
    }
}

struct Writing<'a> {
    languages: &'a [String],
    alone: BTreeSet<String>,
    document: &'a Document,
    lines: Vec<Line>,
}

impl Writing<'_> {
    fn section(&mut self, section: &Section, depth: usize) {
        let mut line = Line::of(Sort::Section(depth), section.id, &section.name);
        line.say(TextRole::Title, &section.title, self.languages);
        line.relevant = condition(section.relevant.as_ref());
        line.kept = kept::of_section(section);
        self.lines.push(line);
        let mut within = false;
        for block in &section.blocks {
            match block {
                Block::Section(inner) => {
                    self.section(inner, depth + 1);
                    within = true;
                }
                Block::Page(page) => {
                    if within {
                        self.lines.push(Line::new(At::default(), Sort::End(depth + 1)));
                        within = false;
                    }
                    let mut line = Line::of(Sort::Page, page.id, &page.name);
                    line.relevant = condition(page.relevant.as_ref());
                    line.kept = kept::of_page(page);
                    self.lines.push(line);
                    page.questions.iter().for_each(|question| self.question(question));
                }
            }
        }
    }

    fn question(&mut self, question: &Question) {
        let mut line = Line::of(Sort::Question, question.id, &question.name);
        line.say(TextRole::Wording, &question.wording, self.languages);
        line.say(TextRole::Hint, &question.hint, self.languages);
        line.say(TextRole::Instruction, &question.instruction, self.languages);
        question.kind.name().clone_into(&mut line.kind);
        question.kind.list().unwrap_or_default().clone_into(&mut line.list);
        line.number = question.number.as_deref().map(one_line).unwrap_or_default();
        line.required = question.required;
        line.relevant = condition(question.relevant.as_ref());
        if let Kind::Computed(computed) = &question.kind {
            line.calculation = one_line(&computed.expression);
        }
        line.constraint = limits(&question.constraints);
        line.say(TextRole::Message, &messages(&question.constraints), self.languages);
        line.missing.clone_from(&question.offers);
        line.kept = kept::of_question(question);
        self.lines.push(line);
        for row in question.kind.rows() {
            let mut line = Line::of(Sort::Row, row.id, &row.name);
            line.say(TextRole::Wording, &row.wording, self.languages);
            line.relevant = condition(row.relevant.as_ref());
            self.lines.push(line);
        }
        let list = question.kind.list().filter(|list| self.alone.contains(*list));
        if let Some(list) = list.and_then(|list| self.document.list(list)) {
            self.options(list);
        }
    }

    fn options(&mut self, list: &OptionList) {
        for option in &list.options {
            let mut line = Line::of(Sort::Option, option.id, &option.code);
            line.say(TextRole::Label, &option.label, self.languages);
            line.missing.extend(option.missing);
            line.kept = kept::of_option(option);
            self.lines.push(line);
        }
    }
}

/// Who makes identities.
type Identity<'a> = &'a mut dyn FnMut() -> ItemId;

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It was there and is not.
    Gone(String),
    /// It is there and was not.
    New(String),
    /// It is there as it was, beside one that is not.
    Same(String),
    /// Lines that stayed and are left out.
    Left,
}

/// The lines in which two texts are different, with two lines around them.
pub fn compare(before: &str, after: &str) -> Vec<Compared> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let steps = similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new);
    let mut found = Vec::new();
    for group in similar::group_diff_ops(steps, 2) {
        if !found.is_empty() {
            found.push(Compared::Left);
        }
        for step in group {
            let same = step.tag() == similar::DiffTag::Equal;
            let (was, now) = (&old[step.old_range()], &new[step.new_range()]);
            let line = |line: &&str| (*line).to_owned();
            if same {
                found.extend(was.iter().map(line).map(Compared::Same));
            } else {
                found.extend(was.iter().map(line).map(Compared::Gone));
                found.extend(now.iter().map(line).map(Compared::New));
            }
        }
    }
    found
}
