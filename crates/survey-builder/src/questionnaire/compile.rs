//! Compiling: every expression of a document is read and checked once, and
//! where each item stands is worked out.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answer::ItemId;
use super::document::{Block, Document, Kind, Members, Page, Question, Section, Source};
use super::expression::{Detail, Expected, Expression, Node, Type, compile};
use super::finding::{Finding, Findings};
use super::names::{Names, WithSelf, reference};
use super::search::index::Indices;
use super::version::{
    CompiledCheck, CompiledPage, CompiledQuestion, CompiledRoster, CompiledSection,
    CompiledSelection, Place, Version,
};
use crate::problem::Problem;

/// Compiles every expression of a document that may be a draft still. What
/// cannot be compiled is left out of the version and told as a finding;
/// [`publish`] lets none through.
pub fn compile_version(document: Document) -> (Version, Vec<Finding>) {
    let mut compiler = Compiler {
        names: Names::of(&document),
        findings: Findings(Vec::new()),
        pages: Vec::new(),
        sections: HashMap::new(),
        rosters: HashMap::new(),
        worked_out: document
            .questions()
            .filter(|question| is_worked_out(&question.kind))
            .map(|question| reference(question.id))
            .collect(),
        worked_out_before: HashSet::new(),
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
    let mut lists: HashMap<String, usize> = HashMap::new();
    for (place, list) in document.lists.iter().enumerate() {
        lists.entry(list.name.clone()).or_insert(place);
    }
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
        lists,
        options,
        checks,
        indices,
        draws,
    };
    (version, findings.0)
}

/// Whether a value changes with answers to other questions.
fn is_worked_out(kind: &Kind) -> bool {
    matches!(kind, Kind::Computed(_) | Kind::Hidden(_) | Kind::Selection(_))
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
    findings: Findings,
    pages: Vec<CompiledPage>,
    sections: HashMap<ItemId, CompiledSection>,
    rosters: HashMap<ItemId, CompiledRoster>,
    /// What is worked out from answers, as expressions name it.
    worked_out: HashSet<String>,
    /// The names of what is worked out by expressions that were met so far.
    worked_out_before: HashSet<String>,
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
            self.condition(each.filter.as_deref()?, None)
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
                    let questions: Vec<CompiledQuestion> =
                        page.questions.iter().map(|question| self.question(question)).collect();
                    let (trail, rosters) = (trail.clone(), rosters.clone());
                    let reads_itself = self.reads_itself(page, &relevant, &questions);
                    self.pages.push(CompiledPage {
                        trail,
                        reads_itself: reads_itself || !rosters.is_empty(),
                        rosters,
                        relevant,
                        questions,
                    });
                }
            }
            trail.pop();
        }
        self.inside = outside;
    }

    /// Whether an answer on a page may change what is asked on it: an expression of
    /// the page reads one of its items, or what is worked out from others, or an
    /// option ends the interview.
    fn reads_itself(
        &self,
        page: &Page,
        relevant: &[Expression],
        questions: &[CompiledQuestion],
    ) -> bool {
        let document = self.document;
        let ends = |question: &Question| {
            let list = question.kind.list().and_then(|list| document.list(list));
            list.is_some_and(|list| list.options.iter().any(|option| option.ends.is_some()))
        };
        let own = page.questions.iter().flat_map(|question| {
            let items = question.items().into_iter().map(|item| reference(item.id));
            items.chain([reference(question.id)]).collect::<Vec<_>>()
        });
        let own: HashSet<String> = own.collect();
        let changes = |read: &str| own.contains(read) || self.worked_out.contains(read);
        let expressions = questions.iter().flat_map(CompiledQuestion::expressions);
        page.questions.iter().any(ends)
            || relevant.iter().chain(expressions).any(|expression| {
                expression.reads_members() || expression.references().into_iter().any(changes)
            })
    }

    /// Compiles a roster where a section first asks about its members.
    fn roster(&mut self, name: &str) -> Option<ItemId> {
        let roster = self.document.roster(name)?;
        if !self.rosters.contains_key(&roster.id) {
            name.clone_into(&mut self.place);
            let count = match &roster.members {
                Members::Count { expression, .. } => {
                    self.expression(expression, None, Expected::Value(Type::Number))
                }
                _ => None,
            };
            self.rosters.insert(roster.id, CompiledRoster { count });
        }
        Some(roster.id)
    }

    fn relevance(&mut self, place: &str, text: Option<&str>) -> Option<Expression> {
        place.clone_into(&mut self.place);
        self.condition(text?, None)
    }

    fn question(&mut self, question: &Question) -> CompiledQuestion {
        self.place.clone_from(&question.name);
        // A constraint of a battery is about each of its rows.
        let kind = question.items().into_iter().next().and_then(|item| item.kind);
        let relevant = question.relevant.as_ref().and_then(|text| self.condition(text, None));
        let filter = question.kind.choice().and_then(|choice| {
            let candidate = Some(Type::Option(choice.list.clone()));
            choice.filter.as_ref().and_then(|text| self.condition(text, candidate))
        });
        let required_when =
            question.required_when.as_ref().and_then(|text| self.condition(text, None));
        let constraints = question
            .constraints
            .iter()
            .filter_map(|constraint| self.condition(&constraint.expression, kind.clone()))
            .collect();
        let calculation = match &question.kind {
            Kind::Computed(computed) => {
                let expected = computed
                    .list
                    .as_ref()
                    .map_or(Expected::Single, |list| Expected::Value(Type::Option(list.clone())));
                let compiled = self.expression(&computed.expression, None, expected);
                self.worked_out_before.insert(question.name.clone());
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
            Kind::Grid(grid) => grid
                .total
                .as_ref()
                .and_then(|text| self.expression(text, None, Expected::Value(Type::Number))),
            _ => None,
        };
        let asked = question.items();
        let by_row = asked.iter().any(|item| item.row.is_some_and(|row| row.relevant.is_some()));
        let item_relevant = if by_row {
            let conditions = asked.iter().map(|item| {
                let text = item.row.and_then(|row| row.relevant.as_ref())?;
                self.condition(text, None)
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
        let mut value = |text: &Option<String>, kind: Type| {
            let text = text.as_ref()?;
            self.expression(text, None, Expected::Value(kind))
        };
        CompiledSelection {
            eligible: value(&selection.eligible, Type::Bool),
            man: value(&selection.man, Type::Bool),
            age: value(&selection.age, Type::Number),
            birthday: value(&selection.birthday, Type::Date),
        }
    }

    /// Compiles the edit checks; what one reads of members must be of the same.
    fn checks(&mut self, places: &HashMap<ItemId, Place>) -> Vec<CompiledCheck> {
        let document = self.document;
        let mut checks = Vec::new();
        for (index, check) in document.checks.iter().enumerate() {
            check.name.clone_into(&mut self.place);
            let Some(expression) = self.condition(&check.expression, None) else {
                continue;
            };
            let around = |item: ItemId| {
                let page = places.get(&item).and_then(|place| self.pages.get(place.page));
                page.map_or_else(Vec::new, |page| page.rosters.clone())
            };
            match rosters_read(&expression, around) {
                Ok(rosters) => checks.push(CompiledCheck { index, expression, rosters }),
                Err(()) => self.findings.error(Problem::new("check-rosters", &check.name)),
            }
        }
        checks
    }

    fn default(&mut self, text: Option<&str>, kind: Option<&Type>) -> Option<Expression> {
        let expected = Expected::Value(kind?.clone());
        self.expression(text?, None, expected)
    }

    fn condition(&mut self, text: &str, own: Option<Type>) -> Option<Expression> {
        self.expression(text, own, Expected::Condition)
    }

    fn expression(
        &mut self,
        text: &str,
        own: Option<Type>,
        expected: Expected,
    ) -> Option<Expression> {
        let scope = WithSelf { names: &self.names, kind: own };
        match compile(text, &scope, Some(expected)) {
            Ok(expression) => Some(expression),
            Err(problems) => {
                for problem in problems {
                    let told = match &problem.detail {
                        Detail::UnknownName { name, .. } if self.is_worked_out_later(name) => {
                            Problem::new("forward-reference", &self.place).with("expression", text)
                        }
                        _ => problem.told(&self.place, text),
                    };
                    self.findings.error(told);
                }
                None
            }
        }
    }

    /// Whether a name is of something that is worked out further down: it is known only
    /// from there on, as its type is that of its expression.
    fn is_worked_out_later(&self, name: &str) -> bool {
        let is_it = |one: &Question| one.name == name && matches!(one.kind, Kind::Computed(_));
        !self.worked_out_before.contains(name) && self.document.questions().any(is_it)
    }
}

/// The rosters around what an expression reads of one member: the longest
/// chain, or the names' items that no one chain holds together.
fn rosters_read(
    expression: &Expression,
    around: impl Fn(ItemId) -> Vec<ItemId>,
) -> Result<Vec<ItemId>, ()> {
    let mut longest: Vec<ItemId> = Vec::new();
    let mut together = true;
    expression.tree.each(&mut |node| {
        let Node::Question(id) = node else { return };
        let chain = Uuid::try_parse(id).map(&around).unwrap_or_default();
        let shared = chain.len().min(longest.len());
        together &= chain[..shared] == longest[..shared];
        if chain.len() > longest.len() {
            longest = chain;
        }
    });
    if together { Ok(longest) } else { Err(()) }
}
