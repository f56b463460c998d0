//! What names mean in the expressions of a document.

use std::collections::BTreeMap;

use super::answer::ItemId;
use super::document::{Block, Document, Question, Section};
use super::expression::{Scope, Symbol, Type};

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
