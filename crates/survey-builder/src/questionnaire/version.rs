//! Publishing: a document becomes a version that never changes.
//!
//! A version is the document, the hash of its content and everything worked
//! out from it once: where each item stands, and every expression compiled.
//! Responses name the version they answer; rendering a page needs no query and
//! no parsing.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::answer::ItemId;
use super::document::{Document, Kind, Page, Question, Section};
use super::expression::{Expected, Expression, Scope, Symbol, Type, compile};
use super::review::{Finding, Severity, review};

/// A published questionnaire. Make one with [`publish`].
#[derive(Clone, Debug)]
pub struct Version {
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    pub hash: String,
    /// What was published.
    pub document: Document,
    pages: Vec<CompiledPage>,
    names: Names,
    places: HashMap<ItemId, Place>,
}

/// Where an item stands in the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Version::pages`].
    pub page: usize,
    /// Index of the question on its page.
    pub question: usize,
    /// Index of the row, for a row of a battery.
    pub row: Option<usize>,
}

/// A page with its compiled conditions.
#[derive(Clone, Debug)]
pub struct CompiledPage {
    /// Index of its section in the document.
    pub section: usize,
    /// Index of the page in its section.
    pub page: usize,
    /// All must be true: the section's and the page's.
    pub relevant: Vec<Expression>,
    /// Its questions, in order.
    pub questions: Vec<CompiledQuestion>,
}

/// A question's compiled expressions.
#[derive(Clone, Debug, Default)]
pub struct CompiledQuestion {
    /// When it is on the path.
    pub relevant: Option<Expression>,
    /// In the order of the document's constraints.
    pub constraints: Vec<Expression>,
    /// Which options are offered.
    pub filter: Option<Expression>,
    /// How it is worked out.
    pub calculation: Option<Expression>,
}

/// What names mean in a document: the scope of its expressions.
#[derive(Clone, Debug, Default)]
pub struct Names {
    symbols: BTreeMap<String, Symbol>,
    codes: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// The names of everything in the document that takes an answer, with the
    /// types of those whose type does not depend on an expression.
    pub fn of(document: &Document) -> Self {
        let codes = document
            .lists
            .iter()
            .map(|list| {
                let codes = list.options.iter().map(|option| option.code.clone()).collect();
                (list.name.clone(), codes)
            })
            .collect();
        let mut names = Self { symbols: BTreeMap::new(), codes };
        for question in document.questions() {
            if let Some(kind) = answer_type(&question.kind) {
                for (id, name, _) in question.answered_items() {
                    names.add(name, id, kind.clone());
                }
            }
        }
        names
    }

    /// Adds a name whose type has become known.
    pub fn add(&mut self, name: &str, id: ItemId, kind: Type) {
        self.symbols.insert(name.to_owned(), Symbol { id: reference(id), kind });
    }

    /// The type of a name.
    pub fn kind(&self, name: &str) -> Option<&Type> {
        self.symbols.get(name).map(|symbol| &symbol.kind)
    }
}

/// An item's identity as expressions store it.
pub fn reference(id: ItemId) -> String {
    id.as_simple().to_string()
}

/// The type of an answer, when the kind alone decides it.
pub fn answer_type(kind: &Kind) -> Option<Type> {
    Some(match kind {
        Kind::Single(choice) | Kind::Consent(choice) => Type::Option(choice.list.clone()),
        Kind::Multiple(multiple) => Type::Set(multiple.choice.list.clone()),
        Kind::Battery(battery) => Type::Option(battery.list.clone()),
        Kind::Scale(_) | Kind::Integer(_) | Kind::Decimal(_) => Type::Number,
        Kind::ShortText(_) | Kind::LongText(_) => Type::Text,
        Kind::Date(_) => Type::Date,
        Kind::Note => return None,
        Kind::Computed(computed) => Type::Option(computed.list.clone()?),
    })
}

/// Names as seen where there is a value being checked or an option being
/// filtered.
pub struct WithSelf<'a> {
    /// The names.
    pub names: &'a Names,
    /// The type of `.`.
    pub kind: Option<Type>,
}

impl Scope for WithSelf<'_> {
    fn question(&self, name: &str) -> Option<Symbol> {
        self.names.symbols.get(name).cloned()
    }

    fn options(&self, list: &str) -> Option<&[String]> {
        self.names.codes.get(list).map(Vec::as_slice)
    }

    fn self_type(&self) -> Option<Type> {
        self.kind.clone()
    }

    fn names(&self) -> Vec<String> {
        self.names.symbols.keys().cloned().collect()
    }
}

/// Publishes a document: checks it and compiles it.
///
/// # Errors
///
/// Every finding of the review, when one of them is an error.
pub fn publish(document: Document) -> Result<Version, Vec<Finding>> {
    let findings = review(&document);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    Ok(compile_version(document).0)
}

/// Compiles every expression of a document. What cannot be compiled is left
/// out of the version and told as a finding; [`publish`] lets none through.
pub(super) fn compile_version(document: Document) -> (Version, Vec<Finding>) {
    let mut compiler =
        Compiler { names: Names::of(&document), findings: Vec::new(), place: String::new() };
    let mut pages = Vec::new();
    let mut places = HashMap::new();
    for (section_index, section) in document.sections.iter().enumerate() {
        for (page_index, page) in section.pages.iter().enumerate() {
            let compiled = compiler.page(section, page, section_index, page_index);
            for (question_index, question) in page.questions.iter().enumerate() {
                let place = Place { page: pages.len(), question: question_index, row: None };
                places.insert(question.id, place);
                if let Kind::Battery(battery) = &question.kind {
                    for (row_index, row) in battery.rows.iter().enumerate() {
                        places.insert(row.id, Place { row: Some(row_index), ..place });
                    }
                }
            }
            pages.push(compiled);
        }
    }
    let Compiler { names, findings, .. } = compiler;
    (Version { hash: content_hash(&document), document, pages, names, places }, findings)
}

/// SHA-256 of the document's JSON. Serde writes fields in the order of their
/// declaration and maps in the order of their keys, so equal documents give
/// equal bytes.
fn content_hash(document: &Document) -> String {
    let json = serde_json::to_vec(document).unwrap_or_default();
    Sha256::digest(&json).iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Compiler {
    names: Names,
    findings: Vec<Finding>,
    place: String,
}

impl Compiler {
    fn page(
        &mut self,
        section: &Section,
        page: &Page,
        section_index: usize,
        page_index: usize,
    ) -> CompiledPage {
        let mut relevant = Vec::new();
        for (name, text) in [(&section.name, &section.relevant), (&page.name, &page.relevant)] {
            self.place.clone_from(name);
            relevant.extend(text.as_ref().and_then(|text| self.condition(text, "relevant", None)));
        }
        let questions = page.questions.iter().map(|question| self.question(question)).collect();
        CompiledPage { section: section_index, page: page_index, relevant, questions }
    }

    fn question(&mut self, question: &Question) -> CompiledQuestion {
        self.place.clone_from(&question.name);
        let kind = answer_type(&question.kind);
        let relevant =
            question.relevant.as_ref().and_then(|text| self.condition(text, "relevant", None));
        let filter = match &question.kind {
            Kind::Single(choice) | Kind::Consent(choice) => Some(choice),
            Kind::Multiple(multiple) => Some(&multiple.choice),
            _ => None,
        }
        .and_then(|choice| {
            let candidate = Some(Type::Option(choice.list.clone()));
            choice.filter.as_ref().and_then(|text| self.condition(text, "filter", candidate))
        });
        let constraints = question
            .constraints
            .iter()
            .filter_map(|constraint| {
                self.condition(&constraint.expression, "constraint", kind.clone())
            })
            .collect();
        let calculation = match &question.kind {
            Kind::Computed(computed) => {
                let expected = computed
                    .list
                    .as_ref()
                    .map_or(Expected::Single, |list| Expected::Value(Type::Option(list.clone())));
                let compiled = self.expression(&computed.expression, "calculation", None, expected);
                if let Some(compiled) = &compiled {
                    self.names.add(&question.name, question.id, compiled.kind.clone());
                }
                compiled
            }
            _ => None,
        };
        CompiledQuestion { relevant, constraints, filter, calculation }
    }

    fn condition(&mut self, text: &str, role: &str, own: Option<Type>) -> Option<Expression> {
        self.expression(text, role, own, Expected::Condition)
    }

    fn expression(
        &mut self,
        text: &str,
        role: &str,
        own: Option<Type>,
        expected: Expected,
    ) -> Option<Expression> {
        let scope = WithSelf { names: &self.names, kind: own };
        match compile(text, &scope, Some(expected)) {
            Ok(expression) => Some(expression),
            Err(problems) => {
                let found = problems.iter().map(|problem| Finding {
                    severity: Severity::Error,
                    place: self.place.clone(),
                    code: problem.code().replace('_', "-"),
                    arguments: [
                        ("role".to_owned(), role.to_owned()),
                        ("expression".to_owned(), text.to_owned()),
                    ]
                    .into_iter()
                    .chain(
                        problem
                            .arguments()
                            .into_iter()
                            .map(|(name, value)| (name.to_owned(), value)),
                    )
                    .collect(),
                    english: format!("{role} \"{text}\": {problem}"),
                });
                self.findings.extend(found);
                None
            }
        }
    }
}

impl Version {
    /// The pages, in order.
    pub fn pages(&self) -> &[CompiledPage] {
        &self.pages
    }

    /// What names mean.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The page at an index of [`Version::pages`], as written.
    pub fn page(&self, index: usize) -> Option<&Page> {
        let compiled = self.pages.get(index)?;
        self.document.sections.get(compiled.section)?.pages.get(compiled.page)
    }

    /// The section of a page.
    pub fn section_of(&self, page: usize) -> Option<&Section> {
        self.document.sections.get(self.pages.get(page)?.section)
    }

    /// The index of the page of that name.
    pub fn page_named(&self, name: &str) -> Option<usize> {
        (0..self.pages.len()).find(|index| self.page(*index).is_some_and(|page| page.name == name))
    }

    /// Where an item stands.
    pub fn place(&self, item: ItemId) -> Option<Place> {
        self.places.get(&item).copied()
    }

    /// The question that an item is, or is a row of.
    pub fn question(&self, item: ItemId) -> Option<&Question> {
        let place = self.place(item)?;
        self.page(place.page)?.questions.get(place.question)
    }

    /// The question of that name, or the one with a row of that name.
    pub fn item_named(&self, name: &str) -> Option<(ItemId, &Question)> {
        self.document.questions().find_map(|question| {
            question
                .answered_items()
                .into_iter()
                .find(|(_, item_name, _)| *item_name == name)
                .map(|(id, _, _)| (id, question))
        })
    }

    /// The type of an item's answers.
    pub fn answer_type(&self, name: &str) -> Option<&Type> {
        self.names.kind(name)
    }
}
