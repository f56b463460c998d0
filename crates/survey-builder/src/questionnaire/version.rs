//! Publishing: a document becomes a version that never changes.
//!
//! A version is the document, the hash of its content and everything worked
//! out from it once: where each item stands, and every expression compiled.
//! Responses name the version they answer; rendering a page needs no query and
//! no parsing.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::answer::ItemId;
use super::document::{
    Block, Document, Kind, ListOption, Members, Page, Question, Section, Source,
};
use super::edit::{CompiledCheck, rosters_read};
use super::expression::{Expected, Expression, Scope, Symbol, Type, compile};
use super::review::{Finding, Severity, review};
use super::search::Indices;

/// A published questionnaire. Make one with [`publish`].
#[derive(Clone, Debug)]
pub struct Version {
    /// SHA-256 of the document's canonical JSON, in hexadecimal.
    pub hash: String,
    /// What was published.
    pub document: Document,
    pages: Vec<CompiledPage>,
    sections: HashMap<ItemId, CompiledSection>,
    rosters: HashMap<ItemId, CompiledRoster>,
    names: Names,
    places: HashMap<ItemId, Place>,
    /// By list, where in it the option of each code stands.
    options: HashMap<String, HashMap<String, usize>>,
    checks: Vec<CompiledCheck>,
    indices: Indices,
    draws: bool,
}

/// Where an item stands in the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Version::pages`].
    pub page: usize,
    /// Index of the question on its page.
    pub question: usize,
}

/// A page with its compiled conditions.
#[derive(Clone, Debug)]
pub struct CompiledPage {
    /// Where it stands: the index of the section in the document, of the block
    /// in that section, and so on down to the page.
    pub trail: Vec<usize>,
    /// The rosters for whose members it is asked, the outermost first.
    pub rosters: Vec<ItemId>,
    /// All must be true: those of the sections around it and its own.
    pub relevant: Vec<Expression>,
    /// Its questions, in order.
    pub questions: Vec<CompiledQuestion>,
}

impl CompiledPage {
    /// The index in the document of the outermost section around it.
    pub fn part(&self) -> usize {
        self.trail.first().copied().unwrap_or_default()
    }
}

/// A section's compiled conditions.
#[derive(Clone, Debug, Default)]
pub struct CompiledSection {
    /// All must be true: those of the sections around it and its own.
    pub relevant: Vec<Expression>,
    /// For which members it is asked.
    pub filter: Option<Expression>,
}

/// A roster's compiled expressions.
#[derive(Clone, Debug, Default)]
pub struct CompiledRoster {
    /// How many members it has, where an expression says so.
    pub count: Option<Expression>,
}

/// A question's items and compiled expressions.
#[derive(Clone, Debug, Default)]
pub struct CompiledQuestion {
    /// What holds its answers, in order.
    pub items: Vec<ItemId>,
    /// When it is on the path.
    pub relevant: Option<Expression>,
    /// When it must be answered.
    pub required_when: Option<Expression>,
    /// In the order of the document's constraints.
    pub constraints: Vec<Expression>,
    /// Which options are offered.
    pub filter: Option<Expression>,
    /// How it is worked out.
    pub calculation: Option<Expression>,
    /// Whether chance decides it: then it is drawn once and stored.
    pub is_drawn: bool,
    /// What stands in its box before anything is answered.
    pub default: Option<Expression>,
    /// What the numbers of every column of a grid must add up to.
    pub total: Option<Expression>,
    /// When each of `items` is asked, where a row says so; empty when none does.
    pub item_relevant: Vec<Option<Expression>>,
    /// The option that opens the text beside it; the text is the last item.
    pub other: Option<String>,
    /// What decides who of a household is asked.
    pub selection: CompiledSelection,
}

/// What is known of each member of a household who may be asked, from inside the
/// member.
#[derive(Clone, Debug, Default)]
pub struct CompiledSelection {
    /// Whether the member may be asked.
    pub eligible: Option<Expression>,
    /// Whether it is a man.
    pub man: Option<Expression>,
    /// Its age in years.
    pub age: Option<Expression>,
    /// Its birthday.
    pub birthday: Option<Expression>,
}

/// What names mean in a document: the scope of its expressions.
#[derive(Clone, Debug, Default)]
pub struct Names {
    symbols: BTreeMap<String, Symbol>,
    codes: BTreeMap<String, Vec<String>>,
    /// The references of rosters, by name.
    rosters: BTreeMap<String, String>,
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
        let rosters =
            document.rosters.iter().map(|one| (one.name.clone(), reference(one.id))).collect();
        let mut names = Self { symbols: BTreeMap::new(), codes, rosters };
        for section in &document.sections {
            names.section(section, None);
        }
        names
    }

    /// Adds what a section asks. `roster` is the innermost one around it.
    fn section(&mut self, section: &Section, roster: Option<&str>) {
        let roster = section.each.as_ref().map(|each| each.roster.as_str()).or(roster);
        for block in &section.blocks {
            match block {
                Block::Section(inner) => self.section(inner, roster),
                Block::Page(page) => {
                    for item in page.questions.iter().flat_map(Question::items) {
                        let Some(kind) = item.kind.clone() else { continue };
                        if let Some(roster) = roster {
                            // From outside it is a list, one value a member.
                            let all = Type::List(Box::new(kind.clone()));
                            self.add(&format!("{roster}.{}", item.name), item.id, all);
                        }
                        self.add(&item.name, item.id, kind);
                    }
                }
            }
        }
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

    fn roster(&self, name: &str) -> Option<String> {
        self.names.rosters.get(name).cloned()
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

/// Compiles every expression of a document that may be a draft still. What
/// cannot be compiled is left out of the version and told as a finding;
/// [`publish`] lets none through.
pub fn compile_version(document: Document) -> (Version, Vec<Finding>) {
    let mut compiler = Compiler {
        names: Names::of(&document),
        findings: Vec::new(),
        pages: Vec::new(),
        sections: HashMap::new(),
        rosters: HashMap::new(),
        document: &document,
        inside: None,
        place: String::new(),
    };
    for (index, section) in document.sections.iter().enumerate() {
        compiler.section(section, &mut vec![index], &[], &[]);
    }
    let mut places = HashMap::new();
    for (page_index, (_, page)) in document.pages().enumerate() {
        for (question_index, question) in page.questions.iter().enumerate() {
            let place = Place { page: page_index, question: question_index };
            places.insert(question.id, place);
            places.extend(question.items().into_iter().map(|item| (item.id, place)));
        }
    }
    let checks = compiler.checks(&places);
    let Compiler { names, findings, pages, sections, rosters, .. } = compiler;
    let draws = document.all_sections().iter().any(|section| section.shuffled)
        || pages.iter().flat_map(|page| &page.questions).any(|question| question.is_drawn);
    let mut options: HashMap<String, HashMap<String, usize>> = HashMap::new();
    for list in &document.lists {
        let codes = options.entry(list.name.clone()).or_default();
        for (place, option) in list.options.iter().enumerate() {
            codes.entry(option.code.clone()).or_insert(place);
        }
    }
    let (hash, indices) = (content_hash(&document), Indices::of(&document));
    let version = Version {
        hash,
        document,
        pages,
        sections,
        rosters,
        names,
        places,
        options,
        checks,
        indices,
        draws,
    };
    (version, findings)
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

struct Compiler<'a> {
    document: &'a Document,
    names: Names,
    findings: Vec<Finding>,
    pages: Vec<CompiledPage>,
    sections: HashMap<ItemId, CompiledSection>,
    rosters: HashMap<ItemId, CompiledRoster>,
    /// The name of the innermost roster around what is compiled.
    inside: Option<String>,
    place: String,
}

impl Compiler<'_> {
    /// Compiles the pages of a section and of those within it. `trail` is the
    /// section's, `around` the conditions of the sections around it, `rosters`
    /// those it stands in.
    fn section(
        &mut self,
        section: &Section,
        trail: &mut Vec<usize>,
        around: &[Expression],
        rosters: &[ItemId],
    ) {
        let mut relevant = around.to_vec();
        relevant.extend(self.relevance(&section.name, section.relevant.as_deref()));
        let mut rosters = rosters.to_vec();
        let each = section.each.as_ref();
        let filter = each.and_then(|each| {
            rosters.extend(self.roster(&each.roster));
            section.name.clone_into(&mut self.place);
            self.condition(each.filter.as_deref()?, "filter", None)
        });
        let compiled = CompiledSection { relevant: relevant.clone(), filter };
        self.sections.insert(section.id, compiled);
        let outside = self.inside.clone();
        self.inside = each.map(|each| each.roster.clone()).or(self.inside.take());
        for (index, block) in section.blocks.iter().enumerate() {
            trail.push(index);
            match block {
                Block::Section(inner) => self.section(inner, trail, &relevant, &rosters),
                Block::Page(page) => {
                    let mut relevant = relevant.clone();
                    relevant.extend(self.relevance(&page.name, page.relevant.as_deref()));
                    let questions =
                        page.questions.iter().map(|question| self.question(question)).collect();
                    let (trail, rosters) = (trail.clone(), rosters.clone());
                    self.pages.push(CompiledPage { trail, rosters, relevant, questions });
                }
            }
            trail.pop();
        }
        self.inside = outside;
    }

    /// Compiles a roster where a section first asks about its members.
    fn roster(&mut self, name: &str) -> Option<ItemId> {
        let roster = self.document.roster(name)?;
        if !self.rosters.contains_key(&roster.id) {
            name.clone_into(&mut self.place);
            let count = match &roster.members {
                Members::Count { expression, .. } => {
                    self.expression(expression, "count", None, Expected::Value(Type::Number))
                }
                _ => None,
            };
            self.rosters.insert(roster.id, CompiledRoster { count });
        }
        Some(roster.id)
    }

    fn relevance(&mut self, place: &str, text: Option<&str>) -> Option<Expression> {
        place.clone_into(&mut self.place);
        self.condition(text?, "relevant", None)
    }

    fn question(&mut self, question: &Question) -> CompiledQuestion {
        self.place.clone_from(&question.name);
        // A constraint of a battery is about each of its rows.
        let kind = question.items().into_iter().next().and_then(|item| item.kind);
        let relevant =
            question.relevant.as_ref().and_then(|text| self.condition(text, "relevant", None));
        let filter = question.kind.choice().and_then(|choice| {
            let candidate = Some(Type::Option(choice.list.clone()));
            choice.filter.as_ref().and_then(|text| self.condition(text, "filter", candidate))
        });
        let required_when =
            question.required_when.as_ref().and_then(|text| self.condition(text, "required", None));
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
                    if let Some(roster) = &self.inside {
                        let all = Type::List(Box::new(compiled.kind.clone()));
                        self.names.add(&format!("{roster}.{}", question.name), question.id, all);
                    }
                }
                compiled
            }
            // A hidden value that is its default is worked out like any other.
            Kind::Hidden(hidden) if hidden.source == Source::Default => {
                self.default(question.default.as_deref(), kind.as_ref())
            }
            _ => None,
        };
        let default = match &question.kind {
            Kind::Hidden(_) => None,
            _ => self.default(question.default.as_deref(), kind.as_ref()),
        };
        let total = match &question.kind {
            Kind::Grid(grid) => grid.total.as_ref().and_then(|text| {
                self.expression(text, "total", None, Expected::Value(Type::Number))
            }),
            _ => None,
        };
        let asked = question.items();
        let by_row = asked.iter().any(|item| item.row.is_some_and(|row| row.relevant.is_some()));
        let item_relevant = if by_row {
            let conditions = asked.iter().map(|item| {
                let text = item.row.and_then(|row| row.relevant.as_ref())?;
                self.condition(text, "relevant", None)
            });
            conditions.collect()
        } else {
            Vec::new()
        };
        let other = question.kind.choice().and_then(|choice| choice.other.as_ref());
        let selection = self.selection(question);
        CompiledQuestion {
            items: asked.iter().map(|item| item.id).collect(),
            relevant,
            required_when,
            constraints,
            filter,
            is_drawn: matches!(question.kind, Kind::Arm(_))
                || calculation.as_ref().is_some_and(Expression::is_drawn),
            calculation,
            default,
            total,
            item_relevant,
            other: other.map(|other| other.option.clone()),
            selection,
        }
    }

    fn selection(&mut self, question: &Question) -> CompiledSelection {
        let Kind::Selection(selection) = &question.kind else {
            return CompiledSelection::default();
        };
        let mut value = |text: &Option<String>, role: &str, kind: Type| {
            let text = text.as_ref()?;
            self.expression(text, role, None, Expected::Value(kind))
        };
        CompiledSelection {
            eligible: value(&selection.eligible, "eligible", Type::Bool),
            man: value(&selection.man, "man", Type::Bool),
            age: value(&selection.age, "age", Type::Number),
            birthday: value(&selection.birthday, "birthday", Type::Date),
        }
    }

    /// Compiles the edit checks; what one reads of members must be of the same.
    fn checks(&mut self, places: &HashMap<ItemId, Place>) -> Vec<CompiledCheck> {
        let document = self.document;
        let mut checks = Vec::new();
        for (index, check) in document.checks.iter().enumerate() {
            check.name.clone_into(&mut self.place);
            let Some(expression) = self.condition(&check.expression, "check", None) else {
                continue;
            };
            let around = |item: ItemId| {
                let page = places.get(&item).and_then(|place| self.pages.get(place.page));
                page.map_or_else(Vec::new, |page| page.rosters.clone())
            };
            match rosters_read(&expression, around) {
                Ok(rosters) => checks.push(CompiledCheck { index, expression, rosters }),
                Err(()) => self.findings.push(Finding {
                    severity: Severity::Error,
                    place: check.name.clone(),
                    code: "check-rosters".to_owned(),
                    arguments: Vec::new(),
                    english: "it reads members of two rosters, neither of which is in the other"
                        .to_owned(),
                }),
            }
        }
        checks
    }

    fn default(&mut self, text: Option<&str>, kind: Option<&Type>) -> Option<Expression> {
        let expected = Expected::Value(kind?.clone());
        self.expression(text?, "default", None, expected)
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

    /// The compiled conditions of a section.
    pub fn section(&self, id: ItemId) -> Option<&CompiledSection> {
        self.sections.get(&id)
    }

    /// The compiled expressions of a roster that a section asks about.
    pub fn roster(&self, id: ItemId) -> Option<&CompiledRoster> {
        self.rosters.get(&id)
    }

    /// The rosters for whose members an item is asked, the outermost first.
    pub fn rosters_around(&self, item: ItemId) -> &[ItemId] {
        if self.rosters.is_empty() {
            return &[];
        }
        let page = self.place(item).and_then(|place| self.pages.get(place.page));
        page.map_or(&[], |page| &page.rosters)
    }

    /// What must hold between answers.
    pub fn checks(&self) -> &[CompiledCheck] {
        &self.checks
    }

    /// The option of a list with that code.
    pub fn option(&self, list: &str, code: &str) -> Option<&ListOption> {
        let place = self.options.get(list)?.get(code)?;
        self.document.list(list)?.options.get(*place)
    }

    /// What searched lists are found by.
    pub fn indices(&self) -> &Indices {
        &self.indices
    }

    /// Whether chance decides anything in it.
    pub fn draws(&self) -> bool {
        self.draws
    }

    /// The page at an index of [`Version::pages`], as written.
    pub fn page(&self, index: usize) -> Option<&Page> {
        let (last, section) = (self.pages.get(index)?.trail.last()?, self.section_of(index)?);
        match section.blocks.get(*last)? {
            Block::Page(page) => Some(page),
            Block::Section(_) => None,
        }
    }

    /// The section a page stands in.
    pub fn section_of(&self, page: usize) -> Option<&Section> {
        self.sections_around(page).pop()
    }

    /// The sections a page stands in, the outermost first.
    pub fn sections_around(&self, page: usize) -> Vec<&Section> {
        let trail = self.pages.get(page).map_or(&[][..], |page| &page.trail);
        let Some((first, rest)) = trail.split_first() else { return Vec::new() };
        let mut found: Vec<&Section> = self.document.sections.get(*first).into_iter().collect();
        for index in rest {
            let inner = found.last().and_then(|section| section.blocks.get(*index));
            if let Some(Block::Section(inner)) = inner {
                found.push(inner);
            }
        }
        found
    }

    /// The index of the page of that name.
    pub fn page_named(&self, name: &str) -> Option<usize> {
        (0..self.pages.len()).find(|index| self.page(*index).is_some_and(|page| page.name == name))
    }

    /// Where an item stands.
    pub fn place(&self, item: ItemId) -> Option<Place> {
        self.places.get(&item).copied()
    }

    /// The compiled expressions of the question that an item is, or is part of.
    pub fn compiled(&self, item: ItemId) -> Option<&CompiledQuestion> {
        let place = self.place(item)?;
        self.pages.get(place.page)?.questions.get(place.question)
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
                .items()
                .into_iter()
                .find(|item| item.name == name)
                .map(|item| (item.id, question))
        })
    }

    /// The type of an item's answers.
    pub fn answer_type(&self, name: &str) -> Option<&Type> {
        self.names.kind(name)
    }
}
