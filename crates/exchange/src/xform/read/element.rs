//! Elements that count what was asked of them.

use std::cell::RefCell;
use std::collections::HashSet;

use roxmltree::{Node, NodeId};

use super::left;
use crate::account::Left;

/// What was handed out: elements, and attributes by their local names.
#[derive(Default)]
pub(super) struct Ledger {
    elements: RefCell<HashSet<NodeId>>,
    attributes: RefCell<HashSet<(NodeId, String)>>,
}

/// An element with the account of its form.
#[derive(Clone, Copy)]
pub(super) struct Element<'x> {
    node: Node<'x, 'x>,
    ledger: &'x Ledger,
}

impl<'x> Element<'x> {
    pub(super) fn new(node: Node<'x, 'x>, ledger: &'x Ledger) -> Self {
        Self { node, ledger }
    }

    /// Its name without prefix.
    pub(super) fn name(self) -> &'x str {
        self.node.tag_name().name()
    }

    /// An attribute by its name without prefix; empty where there is none.
    /// Whoever asks for it carries it over, or tells that it is not.
    pub(super) fn attribute(self, name: &str) -> &'x str {
        let found = self.node.attributes().find(|one| one.name() == name);
        if found.is_some() {
            let mut taken = self.ledger.attributes.borrow_mut();
            taken.insert((self.node.id(), name.to_owned()));
        }
        found.map_or("", |one| one.value().trim())
    }

    /// Whether it has an attribute; nothing is carried over so.
    pub(super) fn has(self, name: &str) -> bool {
        self.node.attributes().any(|one| one.name() == name)
    }

    /// Its elements. Whoever asks for them reads them.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        self.take();
        let ledger = self.ledger;
        self.node.children().filter(Node::is_element).map(move |node| Self { node, ledger })
    }

    /// The first element within of that name.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|one| one.name() == name)
    }

    /// Texts and elements in it, in order.
    pub(super) fn content(self) -> impl Iterator<Item = Result<&'x str, Self>> {
        self.take();
        let ledger = self.ledger;
        self.node.children().filter(|one| one.is_text() || one.is_element()).map(move |node| {
            match node.text() {
                Some(text) if node.is_text() => Ok(text),
                _ => Err(Self { node, ledger }),
            }
        })
    }

    /// Its own text.
    pub(super) fn text(self) -> String {
        self.take();
        self.node.children().filter_map(|one| one.is_text().then(|| one.text())?).collect()
    }

    /// The texts in it and in all within; nothing is carried over so.
    pub(super) fn all_texts(self) -> impl Iterator<Item = &'x str> {
        self.node.descendants().filter(Node::is_text).filter_map(|one| one.text())
    }

    /// It is read.
    pub(super) fn take(self) {
        self.ledger.elements.borrow_mut().insert(self.node.id());
    }

    /// Its elements repeat what was read elsewhere.
    pub(super) fn take_elements(self) {
        for node in self.node.descendants().filter(Node::is_element) {
            Self { node, ledger: self.ledger }.take();
        }
    }

    /// It as it is written.
    pub(super) fn source(self) -> &'x str {
        let range = self.node.range();
        self.node.document().input_text().get(range).unwrap_or_default()
    }

    /// What nobody asked for: elements as they are written, attributes with their
    /// element.
    pub(super) fn left(self) -> Vec<Left> {
        let (elements, attributes) =
            (self.ledger.elements.borrow(), self.ledger.attributes.borrow());
        let mut found = Vec::new();
        let mut waiting = vec![self.node];
        while let Some(node) = waiting.pop() {
            let name = node.tag_name().name();
            let place = ["ref", "nodeset", "id", "lang"]
                .iter()
                .find_map(|key| node.attribute(*key))
                .map_or("", |place| place.rsplit('/').next().unwrap_or_default());
            if !elements.contains(&node.id()) {
                let element = Self { node, ledger: self.ledger };
                found.push(left(name, place, element.source()));
                continue;
            }
            let own = node.attributes().filter(|one| {
                !one.value().is_empty() && !attributes.contains(&(node.id(), one.name().to_owned()))
            });
            for attribute in own {
                found.push(left(&format!("{name}.{}", attribute.name()), place, attribute.value()));
            }
            let inner: Vec<_> = node.children().filter(Node::is_element).collect();
            waiting.extend(inner.into_iter().rev());
        }
        found
    }
}
