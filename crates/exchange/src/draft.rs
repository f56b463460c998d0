//! A document while it is built from another system's file.
//!
//! Questions come first, in order; what they ask about each other (conditions,
//! calculations, filters) waits until all names are known and is settled at
//! the end (see [`settle`]). What cannot be carried over stays in the
//! document as a remark, in the words of its source.

pub(crate) mod bare;
mod broken;
mod early;
mod entity;
mod known;
pub(crate) mod language;
mod names;
mod order;
mod problem;
pub(crate) mod renamed;
pub(crate) mod settle;
mod siblings;
mod silent;
pub(crate) mod text;
pub(crate) mod unused;
mod ways;
pub(crate) mod words;

use std::collections::BTreeMap;

use survey_builder::problem::{Argument, Finding, Phrase, Problem, Severity};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Kind, Language, ListOption, OptionList, Page, Question, Remark, Required, Row,
    Section, Text, ValueKind, identity_of,
};

pub(crate) use self::broken::Broken;
use self::names::Names;
pub(crate) use self::problem::{refusal, refused, role_in_words};
use self::renamed::Renamed;
use crate::formula::Formula;
use crate::questionnaire::fallback::UNNAMED;

/// What a reader gives: the document with what is to be told about it, or why
/// it is refused.
pub(crate) type Read = Result<(Document, Vec<Finding>), Vec<Finding>>;

/// What the remark is called that keeps the version of a form.
const VERSION: &str = "version";

/// The version that the author of a form gave it, where its document keeps one.
pub(crate) fn version_of(document: &Document) -> Option<&str> {
    let own = |one: &&Remark| one.item.is_none() && one.role == VERSION;
    document.remarks.iter().find(own).map(|one| one.original.as_str())
}

/// Where a formula goes.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    Section(ItemId),
    /// For which members a section is asked.
    Each(ItemId),
    Page(ItemId),
    Question(ItemId),
    Row(ItemId),
    Constraint {
        question: ItemId,
        message: Text,
        soft: bool,
    },
    Filter(ItemId),
    Calculation(ItemId),
    Default(ItemId),
    Required(ItemId, Required),
    Count(ItemId),
    Total(ItemId),
    Check {
        name: String,
        message: Text,
    },
}

impl Slot {
    pub(crate) fn item(&self) -> Option<ItemId> {
        match self {
            Self::Section(id)
            | Self::Each(id)
            | Self::Page(id)
            | Self::Question(id)
            | Self::Row(id)
            | Self::Filter(id)
            | Self::Calculation(id)
            | Self::Default(id)
            | Self::Required(id, _)
            | Self::Count(id)
            | Self::Total(id)
            | Self::Constraint { question: id, .. } => Some(*id),
            Self::Check { .. } => None,
        }
    }

    pub(crate) fn role(&self) -> &'static str {
        match self {
            Self::Section(_) | Self::Page(_) | Self::Question(_) | Self::Row(_) => "relevant",
            Self::Constraint { .. } => "constraint",
            Self::Filter(_) | Self::Each(_) => "filter",
            Self::Calculation(_) => "calculation",
            Self::Default(_) => "default",
            Self::Required(..) => "required",
            Self::Count(_) => "count",
            Self::Total(_) => "total",
            Self::Check { .. } => "check",
        }
    }
}

/// A formula that waits for all names.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub slot: Slot,
    pub formula: Formula,
    pub original: String,
    pub place: Argument,
}

/// The document so far.
pub(crate) struct Draft {
    pub form: String,
    pub document: Document,
    pub problems: Vec<Finding>,
    pub pending: Vec<Pending>,
    names: Names,
    section_names: Names,
    page_names: Names,
    list_names: Names,
    lists: BTreeMap<String, String>,
    /// Codes that had to change.
    pub renamed: Renamed,
    /// Names that had to change, as they were and as they are.
    names_changed: Vec<(String, String)>,
    /// Whether the program that it comes from looks again at all conditions whenever an
    /// answer changes, also at those above it.
    pub reconsiders: bool,
}

impl Draft {
    pub(crate) fn new(form: &str, title: Text, languages: Vec<Language>) -> Self {
        let form = if form.trim().is_empty() { "form" } else { form };
        let default_language =
            languages.first().map_or_else(|| UNNAMED.to_owned(), |first| first.code.clone());
        let languages = if languages.is_empty() {
            vec![Language { code: default_language.clone(), name: "default".to_owned() }]
        } else {
            languages
        };
        Self {
            form: form.to_owned(),
            document: Document {
                id: identity_of(form, "document", ""),
                name: form.to_owned(),
                title,
                languages,
                default_language,
                needs_all_languages: false,
                address_form: Text::default(),
                lists: Vec::new(),
                rosters: Vec::new(),
                sections: Vec::new(),
                checks: Vec::new(),
                remarks: Vec::new(),
            },
            problems: Vec::new(),
            pending: Vec::new(),
            names: Names::default(),
            section_names: Names::default(),
            page_names: Names::default(),
            list_names: Names::default(),
            lists: BTreeMap::new(),
            renamed: Renamed::default(),
            names_changed: Vec::new(),
            reconsiders: false,
        }
    }

    pub(crate) fn id(&self, role: &str, name: &str) -> ItemId {
        identity_of(&self.form, role, name)
    }

    /// A text in the default language.
    pub(crate) fn text(&self, text: &str) -> Text {
        let text = text.trim();
        if text.is_empty() {
            Text::default()
        } else {
            Text::new(&self.document.default_language, text)
        }
    }

    /// A name for an item that takes answers: fit for expressions, not used yet.
    pub(crate) fn name(&mut self, wanted: &str) -> String {
        let name = self.names.give(&fit_name(wanted, "q"));
        if name != wanted.trim() {
            self.names_changed.push((wanted.trim().to_owned(), name.clone()));
        }
        name
    }

    /// A name for an item that its file does not have.
    pub(crate) fn name_of_ours(&mut self, wanted: &str) -> String {
        self.names.give(&fit_name(wanted, "q"))
    }

    /// Tells the names that had to change, all at once; what reads them follows.
    pub(crate) fn tell_renamed(&mut self) {
        let changed = std::mem::take(&mut self.names_changed);
        let Some((before, after)) = changed.first() else { return };
        let problem = Problem::new("import_renamed", after)
            .with("count", changed.len())
            .with("before", before)
            .with("after", after);
        self.note(problem);
        for (before, after) in changed {
            let item = Some(self.id("question", &after));
            self.remark(item, "name", &format!("{before} → {after}"));
        }
    }

    /// A question under a new name.
    pub(crate) fn question(&mut self, wanted: &str, wording: Text, kind: Kind) -> Question {
        let name = self.name(wanted);
        let mut question = Question::new(self.id("question", &name), &name, wording, kind);
        self.reserve_parts(&mut question);
        question
    }

    /// Keeps the names that a question makes for its parts: the cells of a
    /// grid, the best and the worst. A column whose cells would be called as
    /// something else is, gets another name.
    fn reserve_parts(&mut self, question: &mut Question) {
        if let Kind::Grid(grid) = &mut question.kind
            && grid.columns.len() > 1
        {
            for column in &mut grid.columns {
                let wanted = column.name.clone();
                let mut number = 2;
                let cell = |row: &Row, column: &str| format!("{}_{column}", row.name);
                while grid.rows.iter().any(|row| self.names.contains(&cell(row, &column.name))) {
                    column.name = format!("{wanted}_{number}");
                    number += 1;
                }
                self.names.keep(grid.rows.iter().map(|row| cell(row, &column.name)));
            }
        }
        if let Kind::BestWorst(_) = question.kind {
            self.names.keep(question.items().into_iter().map(|item| item.name.into_owned()));
        }
    }

    /// A page under a new name.
    pub(crate) fn page(&mut self, wanted: &str, questions: Vec<Question>) -> Page {
        let name = self.page_names.give(&fit_name(wanted, "page"));
        Page::new(self.id("page", &name), &name, questions)
    }

    /// A page for each question; notes and silent ones go with a neighbour.
    pub(crate) fn pages(&mut self, questions: Vec<Question>) -> Vec<Block> {
        let mut blocks: Vec<Page> = Vec::new();
        let mut waiting: Vec<Question> = Vec::new();
        for question in questions {
            let silent = question.kind.is_silent();
            if silent
                && waiting.is_empty()
                && let Some(page) = blocks.last_mut()
            {
                page.questions.push(question);
            } else if silent || matches!(question.kind, Kind::Note) {
                waiting.push(question);
            } else {
                let name = question.name.clone();
                waiting.push(question);
                let page = self.page(&name, std::mem::take(&mut waiting));
                blocks.push(page);
            }
        }
        if let Some(first) = waiting.first() {
            let name = first.name.clone();
            let page = self.page(&name, waiting);
            blocks.push(page);
        }
        blocks.into_iter().map(Block::Page).collect()
    }

    /// A section under a new name.
    pub(crate) fn section(&mut self, wanted: &str, title: Text, blocks: Vec<Block>) -> Section {
        let name = self.section_names.give(&fit_name(wanted, "section"));
        let mut section = Section::new(self.id("section", &name), &name, blocks);
        section.title = title;
        section
    }

    /// Whether there is a list of that name.
    pub(crate) fn has_list(&self, name: &str) -> bool {
        self.list_names.contains(name)
    }

    /// Takes a list over under the name it has.
    pub(crate) fn keep_list(&mut self, list: OptionList) {
        self.list_names.keep([list.name.clone()]);
        self.document.lists.push(list);
    }

    /// The name of a list with these options; an equal list is not made twice.
    pub(crate) fn list(&mut self, wanted: &str, options: Vec<(String, Text)>) -> String {
        let options = options
            .into_iter()
            .map(|(code, label)| ListOption::new(ItemId::nil(), &code, label))
            .collect();
        self.list_of(wanted, options)
    }

    /// The same with options that say more; their identities are made here.
    pub(crate) fn list_of(&mut self, wanted: &str, mut options: Vec<ListOption>) -> String {
        let mut codes = Names::default();
        let mut changed = Vec::new();
        for option in &mut options {
            if option.code.is_empty() {
                "_".clone_into(&mut option.code);
            }
            let code = codes.give(&option.code);
            let before = std::mem::replace(&mut option.code, code);
            if before != option.code {
                changed.push((before, option.code.clone()));
            }
            option.id = ItemId::nil();
        }
        let key = format!("{options:?}");
        if let Some(name) = self.lists.get(&key) {
            return name.clone();
        }
        let name = self.list_names.give(&fit_name(wanted, "list"));
        for (before, after) in changed {
            self.renamed.add(&name, &before, &after);
            let problem = Problem::new("import_code_renamed", &name);
            self.note(problem.with("before", before).with("after", after));
        }
        for option in &mut options {
            option.id = self.id("option", &format!("{name}\u{1f}{}", option.code));
        }
        let id = self.id("list", &name);
        self.document.lists.push(OptionList { id, name: name.clone(), options });
        self.lists.insert(key, name.clone());
        name
    }

    /// A formula to settle at the end; what could not even be read is told now.
    pub(crate) fn later(
        &mut self,
        slot: Slot,
        formula: Result<Formula, Phrase>,
        original: &str,
        place: impl Into<Argument>,
    ) {
        let (original, place) = (original.to_owned(), place.into());
        match formula {
            Ok(formula) => self.pending.push(Pending { slot, formula, original, place }),
            Err(reason) => {
                self.condition_lost(slot.item(), slot.role(), &original, place, reason);
            }
        }
    }

    /// One more condition of a question.
    pub(crate) fn also(
        &mut self,
        id: ItemId,
        formula: &Formula,
        original: &str,
        place: impl Into<Argument>,
    ) {
        let own = self
            .pending
            .iter_mut()
            .find(|pending| matches!(&pending.slot, Slot::Question(question) if *question == id));
        if let Some(own) = own {
            let both = Formula::all([own.formula.clone(), formula.clone()]);
            own.formula = both.unwrap_or_else(|| formula.clone());
            return;
        }
        self.later(Slot::Question(id), Ok(formula.clone()), original, place);
    }

    /// A formula that has no counterpart: kept as a remark, and told.
    pub(crate) fn condition_lost(
        &mut self,
        item: Option<ItemId>,
        role: &str,
        original: &str,
        place: impl Into<Argument>,
        reason: impl Into<Argument>,
    ) {
        self.remark(item, role, original);
        self.warn(
            Problem::new("import_formula", place)
                .with("role", role_in_words(role))
                .with("original", original)
                .with("reason", reason),
        );
    }

    /// Keeps what has no place in a document.
    pub(crate) fn remark(&mut self, item: Option<ItemId>, role: &str, original: &str) {
        let (role, original) = (role.to_owned(), original.to_owned());
        self.document.remarks.push(Remark { item, role, original });
    }

    /// Keeps the version that its author gave a form: a document has none of its own.
    /// It goes with the form when that is written again.
    pub(crate) fn keep_version(&mut self, version: &str) {
        if !version.trim().is_empty() {
            self.remark(None, VERSION, version.trim());
        }
    }

    /// Keeps and tells what a text with markup has beside its words: pictures, sounds and
    /// films, where links lead, scripts.
    pub(crate) fn beside_words(&mut self, written: &str, place: &str) {
        for (role, original) in text::beside_words(written) {
            self.kept(None, place, role, &original);
        }
    }

    /// Keeps what has no place in a document, and tells it.
    pub(crate) fn kept(
        &mut self,
        item: Option<ItemId>,
        place: impl Into<Argument>,
        role: &str,
        original: &str,
    ) {
        self.remark(item, role, original);
        self.note(
            Problem::new("import_remark", place)
                .with("role", role_in_words(role))
                .with("original", original),
        );
    }

    /// Not carried over whole: the author must look.
    pub(crate) fn warn(&mut self, problem: Problem) {
        self.problems.push(Finding { severity: Severity::Warning, problem });
    }

    /// Carried over; worth knowing.
    pub(crate) fn note(&mut self, problem: Problem) {
        self.problems.push(Finding { severity: Severity::Note, problem });
    }
}

/// What a question's answers are once it is hidden; `None` where they are more
/// than one value.
pub(crate) fn hidden_value(kind: &Kind) -> Option<ValueKind> {
    match kind {
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Scale(_) => Some(ValueKind::Number),
        Kind::Date(_) => Some(ValueKind::Date),
        Kind::Single(_) | Kind::ShortText(_) | Kind::LongText(_) => Some(ValueKind::Text),
        _ => None,
    }
}

/// A name made of letters, digits and `_`.
pub(crate) fn fit_name(wanted: &str, or_else: &str) -> String {
    let mut name: String = wanted
        .trim()
        .chars()
        .take(120)
        .map(|next| if next.is_alphanumeric() || "_-.".contains(next) { next } else { '_' })
        .collect();
    if name.trim_matches('_').is_empty() {
        or_else.clone_into(&mut name);
    }
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        name.insert_str(0, &format!("{or_else}_"));
    }
    name
}
