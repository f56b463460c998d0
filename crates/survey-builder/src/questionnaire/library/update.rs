//! What became of a block in a draft, and what a newer version of it would change there.
//!
//! Three are compared: the block as it was put in, the draft as it is, the block as it is
//! now. What the block changed is offered; where the draft was changed there too, both
//! are shown and the draft's stays until somebody takes the other.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::super::answer::ItemId;
use super::super::document::{Document, Slot, Text, TextRole};
use super::super::operation::{Node, Operation, Part, Place, Property};
use super::Block;
use super::fit::{fit, identity_in};

/// What a newer version changes at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// A text, in a language.
    Text(TextRole, String),
    /// Something else that is set, by its word.
    Set(&'static str),
    /// A part more.
    Added,
    /// A part less.
    Removed,
    /// The order of what is in it.
    Order,
}

/// One change that a newer version offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The part of the draft; of something new, the new part.
    pub item: ItemId,
    /// What changes.
    pub what: Changed,
    /// What the block said when it was put in; empty where that is not words.
    pub base: String,
    /// What the draft says.
    pub here: String,
    /// What the block says now.
    pub there: String,
    /// Whether the draft was changed there by its authors.
    pub local: bool,
    /// What takes it.
    pub operations: Vec<Operation>,
}

impl Change {
    /// Its own name among those of one update.
    pub fn key(&self) -> String {
        let what = match &self.what {
            Changed::Text(role, language) => format!("text.{role:?}.{language}"),
            Changed::Set(word) => (*word).to_owned(),
            Changed::Added => "added".to_owned(),
            Changed::Removed => "removed".to_owned(),
            Changed::Order => "order".to_owned(),
        };
        format!("{}.{what}", self.item)
    }
}

/// What a newer version of a block would change in a draft.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// The changes, in the order of the block.
    pub changes: Vec<Change>,
    /// Lists and rosters that are new: they come along with any change that is taken.
    pub needed: Vec<Operation>,
    /// The block as it was put in and as it is now, called as in the draft.
    pub base: Document,
    /// The newer one.
    pub there: Document,
}

/// The parts of a draft that are of a block which was put in; none where all of it was
/// taken out again.
pub fn held(block: &Block, insertion: Uuid, draft: &Document) -> Vec<ItemId> {
    let own: BTreeSet<ItemId> =
        block.own().into_iter().map(|id| identity_in(insertion, id)).collect();
    let questions: BTreeSet<ItemId> =
        block.document.questions().map(|one| identity_in(insertion, one.id)).collect();
    let there: Vec<ItemId> = draft.identities();
    // Lists that are left without a question are no block.
    if !there.iter().any(|id| questions.contains(id)) && !questions.is_empty() {
        return Vec::new();
    }
    there.into_iter().filter(|id| own.contains(id)).collect()
}

/// Works out what a newer version of a block changes in a draft into which an older one
/// was put.
pub fn update(before: &Block, after: &Block, insertion: Uuid, draft: &Document) -> Update {
    let base = fit(before, insertion, draft).document;
    let there = fit(after, insertion, draft).document;
    let skipped: BTreeSet<ItemId> = [before, after]
        .into_iter()
        .flat_map(|block| block.holder().into_iter().chain([block.document.id]))
        .map(|id| identity_in(insertion, id))
        .collect();
    let compared = Compared {
        skipped,
        draft,
        parts: [parts(&base), parts(draft), parts(&there)],
        texts: [texts(&base), texts(draft), texts(&there)],
    };
    let mut changes = Vec::new();
    let mut needed = Vec::new();
    for (place, part) in there.parts() {
        if compared.skipped.contains(&part.id()) {
            continue;
        }
        compared.part(part.id(), &mut changes);
        compared.added(&there, (place, part), &mut changes, &mut needed);
    }
    compared.removed(&base, &mut changes);
    compared.orders(&base, &there, &mut changes);
    Update { changes, needed, base, there }
}

/// The texts of parts, with where they stand and what they belong to.
type Texts = BTreeMap<ItemId, Vec<(Slot, ItemId, Text)>>;

type Parts<'a> = BTreeMap<ItemId, (Place, Part<'a>)>;

fn parts(document: &Document) -> Parts<'_> {
    document.parts().into_iter().map(|(place, part)| (part.id(), (place, part))).collect()
}

fn texts(document: &Document) -> Texts {
    let mut found: Texts = BTreeMap::new();
    document.clone().each_text(|worded| {
        if let (Some(slot), Some(item)) = (worded.slot, worded.item) {
            found.entry(item).or_default().push((slot, item, worded.text.clone()));
        }
    });
    found
}

/// The base, the draft, and the newer version.
struct Compared<'a> {
    /// What holds the block and is not of it.
    skipped: BTreeSet<ItemId>,
    draft: &'a Document,
    parts: [Parts<'a>; 3],
    texts: [Texts; 3],
}

impl Compared<'_> {
    /// What changes in a part that all three have.
    fn part(&self, id: ItemId, changes: &mut Vec<Change>) {
        let [Some((_, base)), Some((_, here)), Some((_, there))] =
            self.parts.each_ref().map(|parts| parts.get(&id).copied())
        else {
            return;
        };
        self.words(id, changes);
        let (base, here, there) = (properties(base), properties(here), properties(there));
        for ((base, here), there) in base.into_iter().zip(here).zip(there) {
            let (word, was, now) = (base.0, here.1, there.1);
            if base.1.agrees(&now, id) || was.agrees(&now, id) {
                continue;
            }
            changes.push(Change {
                item: id,
                what: Changed::Set(word),
                base: shown(&base.1),
                here: shown(&was),
                there: shown(&now),
                local: !base.1.agrees(&was, id),
                operations: vec![Operation::Set { item: id, was, now }],
            });
        }
    }

    /// The texts of a part, those of its columns and boxes with it.
    fn words(&self, id: ItemId, changes: &mut Vec<Change>) {
        let [base, here, there] = self.texts.each_ref().map(|texts| texts.get(&id));
        let all = |texts: Option<&Vec<(Slot, ItemId, Text)>>, slot: Slot| {
            texts.into_iter().flatten().find(|one| one.0 == slot).map(|one| one.2.clone())
        };
        for (slot, item, now) in there.into_iter().flatten() {
            let Some(was) = all(here, *slot) else { continue };
            let base = all(base, *slot).unwrap_or_default();
            let languages: BTreeSet<&String> = base.0.keys().chain(now.0.keys()).collect();
            for language in languages {
                let said = |text: &Text| text.0.get(language).cloned().unwrap_or_default();
                let (base, here, there) = (said(&base), said(&was), said(now));
                if base == there || here == there {
                    continue;
                }
                let (role, language) = (slot.1, language.clone());
                let (local, what) = (here != base, Changed::Text(role, language.clone()));
                let (was, now) = (here.clone(), there.clone());
                let operation = Operation::Write { item: slot.0, role, language, was, now };
                let operations = vec![operation];
                let item = if slot.0 == *item { *item } else { slot.0 };
                changes.push(Change { item, what, base, here, there, local, operations });
            }
        }
    }

    /// A part that only the newer version has; what is in it comes with it.
    fn added(
        &self,
        document: &Document,
        (place, part): (Place, Part<'_>),
        changes: &mut Vec<Change>,
        needed: &mut Vec<Operation>,
    ) {
        let [base, draft, there] = &self.parts;
        let id = part.id();
        let known = |id: ItemId| base.contains_key(&id) || draft.contains_key(&id);
        let top = place.parent == document.id || self.skipped.contains(&place.parent);
        if known(id) || !(top || known(place.parent)) {
            return;
        }
        let node = part.to_node();
        if place.parent == document.id && !matches!(part, Part::Section(_)) {
            let last = match part {
                Part::List(_) => self.draft.lists.last().map(|one| one.id),
                Part::Roster(_) => self.draft.rosters.last().map(|one| one.id),
                _ => self.draft.checks.last().map(|one| one.id),
            };
            let at = Place { parent: self.draft.id, after: last };
            needed.push(Operation::Insert { node, at });
            return;
        }
        // After what stands before it in the block, as far as the draft has that.
        let mut before = place.after;
        while let Some(one) = before {
            if draft.contains_key(&one) || changes.iter().any(|change| change.item == one) {
                break;
            }
            before = there.get(&one).and_then(|(place, _)| place.after);
        }
        let parent = if draft.contains_key(&place.parent) {
            Some(place.parent)
        } else {
            // The section that only holds the block is whatever section holds it here.
            let beside = there.values().filter(|(at, _)| at.parent == place.parent);
            beside.filter_map(|(_, part)| draft.get(&part.id())).map(|(at, _)| at.parent).next()
        };
        // Taken out with all that it was in: there is no place for it any more.
        let Some(parent) = parent else { return };
        let at = Place { parent, after: before };
        let there = self.label(&node);
        changes.push(Change {
            item: id,
            what: Changed::Added,
            base: String::new(),
            here: String::new(),
            there,
            local: false,
            operations: vec![Operation::Insert { node, at }],
        });
    }

    /// Parts that the newer version has no more.
    fn removed(&self, document: &Document, changes: &mut Vec<Change>) {
        let [base, draft, there] = &self.parts;
        for (place, part) in document.parts() {
            let id = part.id();
            let Some((from, here)) = draft.get(&id) else { continue };
            let with_parent = base.contains_key(&place.parent)
                && !there.contains_key(&place.parent)
                && !self.skipped.contains(&place.parent);
            // A list that something else may use by now stays.
            let stays = matches!(part, Part::List(_) | Part::Roster(_));
            if there.contains_key(&id) || self.skipped.contains(&id) || with_parent || stays {
                continue;
            }
            let node = here.to_node();
            changes.push(Change {
                item: id,
                what: Changed::Removed,
                base: self.label(&part.to_node()),
                here: self.label(&node),
                there: String::new(),
                local: bare(node) != bare(part.to_node()),
                operations: vec![Operation::Remove { item: id, from: *from }],
            });
        }
    }

    /// Parents whose parts stand in another order than they did.
    fn orders(&self, base: &Document, there: &Document, changes: &mut Vec<Change>) {
        let parents: BTreeSet<ItemId> =
            there.parts().into_iter().map(|(place, _)| place.parent).collect();
        for parent in parents.into_iter().filter(|parent| *parent != there.id) {
            let rows = [order(base, parent), order(self.draft, parent), order(there, parent)];
            let common = |id: &ItemId| rows.iter().all(|row| row.contains(id));
            let [base, here, there] =
                rows.each_ref().map(|row| row.iter().copied().filter(common).collect::<Vec<_>>());
            if base == there || here == there {
                continue;
            }
            let moves = there.windows(2).map(|pair| Operation::Move {
                item: pair[1],
                from: self.draft.place(pair[1]).unwrap_or_default(),
                to: Place::after(parent, pair[0]),
            });
            let listed = |ids: &[ItemId], of: &Parts<'_>| {
                let nodes = ids.iter().filter_map(|id| of.get(id));
                let labels: Vec<String> =
                    nodes.map(|(_, part)| self.label(&part.to_node())).collect();
                labels.join(" · ")
            };
            changes.push(Change {
                item: parent,
                what: Changed::Order,
                base: listed(&base, &self.parts[0]),
                here: listed(&here, &self.parts[1]),
                there: listed(&there, &self.parts[2]),
                local: base != here,
                operations: moves.collect(),
            });
        }
    }

    /// What a part is called by whoever reads the draft.
    fn label(&self, node: &Node) -> String {
        let language = self.draft.default_language.as_str();
        let said = |text: &Text, name: &str| match text.get(language, language) {
            "" => name.to_owned(),
            said => said.to_owned(),
        };
        match node {
            Node::Section(one) => said(&one.title, &one.name),
            Node::Page(one) => {
                let words = one.questions.iter().map(|one| said(&one.wording, &one.name));
                words.collect::<Vec<_>>().join(" · ")
            }
            Node::Question(one) => said(&one.wording, &one.name),
            Node::Row(one) => said(&one.wording, &one.name),
            Node::List(one) => one.name.clone(),
            Node::Option(one) => said(&one.label, &one.code),
            Node::Roster(one) => said(&one.label, &one.name),
            Node::Check(one) => said(&one.message, &one.name),
        }
    }
}

/// The parts of a parent in their order.
fn order(document: &Document, parent: ItemId) -> Vec<ItemId> {
    let parts = document.parts();
    parts.iter().filter(|(place, _)| place.parent == parent).map(|(_, part)| part.id()).collect()
}

/// A part without what drafts give it themselves: its printed number.
fn bare(node: Node) -> Node {
    match node {
        Node::Question(mut one) => {
            one.number = None;
            Node::Question(one)
        }
        Node::Page(mut one) => {
            one.questions.iter_mut().for_each(|question| question.number = None);
            Node::Page(one)
        }
        other => other,
    }
}

/// What is set for a part and may change with a block: not its name or number, which
/// are the draft's.
fn properties(part: Part<'_>) -> Vec<(&'static str, Property)> {
    match part {
        Part::Section(one) => vec![
            ("relevant", Property::Relevant(one.relevant.clone())),
            ("each", Property::Each(one.each.clone())),
            ("shuffled", Property::Shuffled(one.shuffled)),
            ("anchored", Property::Anchored(one.anchored)),
        ],
        Part::Page(one) => vec![
            ("relevant", Property::Relevant(one.relevant.clone())),
            ("shuffled", Property::Shuffled(one.shuffled)),
            ("anchored", Property::Anchored(one.anchored)),
        ],
        Part::Question(one) => vec![
            ("kind", Property::Kind(Box::new(one.kind.clone()))),
            ("required", Property::Required(one.required)),
            ("required-when", Property::RequiredWhen(one.required_when.clone())),
            ("default", Property::Default(one.default.clone())),
            ("read-only", Property::ReadOnly(one.read_only)),
            ("relevant", Property::Relevant(one.relevant.clone())),
            ("constraints", Property::Constraints(one.constraints.clone())),
            ("offers", Property::Offers(one.offers.clone())),
            ("roles", Property::Roles(one.roles.clone())),
            ("modes", Property::Modes(one.modes.clone())),
            ("media", Property::Media(one.media.clone())),
            ("anchored", Property::Anchored(one.anchored)),
            ("appearance", Property::Appearance(one.appearance.clone())),
        ],
        Part::Row(one) => vec![("relevant", Property::Relevant(one.relevant.clone()))],
        Part::Option(one) => vec![
            ("code", Property::Code(one.code.clone())),
            ("missing", Property::Missing(one.missing)),
            ("exclusive", Property::Exclusive(one.exclusive)),
            ("anchored", Property::Anchored(one.anchored)),
            ("ends", Property::Ends(one.ends)),
            ("image", Property::Image(one.image.clone())),
            ("attributes", Property::Attributes(one.attributes.clone())),
        ],
        Part::Roster(one) => {
            vec![("members", Property::Members(Box::new(one.members.clone())))]
        }
        Part::Check(one) => vec![("expression", Property::Expression(one.expression.clone()))],
        Part::List(_) => Vec::new(),
    }
}

/// What a property says, where that is words.
fn shown(property: &Property) -> String {
    match property {
        Property::Relevant(text)
        | Property::RequiredWhen(text)
        | Property::Default(text)
        | Property::Image(text)
        | Property::Appearance(text) => text.clone().unwrap_or_default(),
        Property::Code(text) | Property::Expression(text) => text.clone(),
        Property::Constraints(all) => {
            let rules: Vec<&str> = all.iter().map(|one| one.expression.as_str()).collect();
            rules.join("; ")
        }
        _ => String::new(),
    }
}
