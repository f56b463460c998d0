//! From one state of a document to another, as operations: what a whole that was written
//! elsewhere changes, so that it can be taken back, merged and told like any other edit.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::answer::ItemId;
use super::super::document::{
    Block, Document, EditCheck, Kind, ListOption, Page, Question, Roster, Row, Section, Slot, Text,
};
use super::node::rows_mut;
use super::{Draft, Node, Operation, Part, Place, Property};

/// What makes of a document another one. Parts are the same that have the same identity;
/// as few are moved as can be. Remarks and the identity of the document itself are not
/// among what operations can say.
pub fn between(before: &Document, after: &Document) -> Vec<Operation> {
    let mut way = Way { draft: Draft::of(before.clone()), done: Vec::new() };
    let after = &Draft::of(after.clone()).document;
    way.document(after);
    way.kinds(after, true);
    way.places(after);
    way.removals(after);
    way.kinds(after, false);
    way.properties(after);
    way.texts(after);
    way.done
}

/// The parts of one sort in one parent.
type Group = (ItemId, u8);

/// The way so far: what was done, and what it has made.
struct Way {
    draft: Draft,
    done: Vec<Operation>,
}

impl Way {
    /// Does a step; what does not fit is no step of the way.
    fn go(&mut self, operation: Operation) {
        if operation.apply(&mut self.draft).is_ok() {
            self.done.push(operation);
        }
    }

    fn set(&mut self, item: ItemId, was: Property, now: Property) {
        if !was.agrees(&now, item) {
            self.go(Operation::Set { item, was, now });
        }
    }

    fn document(&mut self, after: &Document) {
        let (id, before) = (self.draft.document.id, self.draft.document.clone());
        self.set(id, Property::Name(before.name), Property::Name(after.name.clone()));
        let languages = Property::Languages(after.languages.clone());
        self.set(id, Property::Languages(before.languages), languages);
        let first = Property::DefaultLanguage(after.default_language.clone());
        self.set(id, Property::DefaultLanguage(before.default_language), first);
        let all = Property::NeedsAllLanguages(after.needs_all_languages);
        self.set(id, Property::NeedsAllLanguages(before.needs_all_languages), all);
    }

    /// Sets kinds: before rows get their places only those that rows are put into, the
    /// others when rows that moved elsewhere are gone.
    fn kinds(&mut self, after: &Document, only_with_rows: bool) {
        let there: HashSet<ItemId> = self.draft.document.identities().into_iter().collect();
        let before: HashMap<ItemId, Kind> =
            self.draft.document.questions().map(|one| (one.id, one.kind.clone())).collect();
        for question in after.questions() {
            let Some(was) = before.get(&question.id) else { continue };
            let mut now = question.kind.clone();
            let has_rows = rows_mut(&mut was.clone()).is_some();
            let gets_rows = match rows_mut(&mut now) {
                Some(rows) if !has_rows => {
                    rows.retain(|row| !there.contains(&row.id));
                    true
                }
                _ => false,
            };
            if gets_rows == only_with_rows {
                let (was, now) = (was.clone(), now);
                self.set(question.id, Property::Kind(was.into()), Property::Kind(now.into()));
            }
        }
    }

    /// Puts in what is new and moves what stands elsewhere, outer before inner: so nothing
    /// is ever moved into itself.
    fn places(&mut self, after: &Document) {
        let mut groups: Vec<((ItemId, u8), Vec<Part<'_>>)> = Vec::new();
        let mut index: HashMap<(ItemId, u8), usize> = HashMap::new();
        for (place, part) in after.parts() {
            let key = (place.parent, sort(part));
            let at = *index.entry(key).or_insert_with(|| {
                groups.push((key, Vec::new()));
                groups.len() - 1
            });
            groups[at].1.push(part);
        }
        let (all, here) = self.standing();
        for (key, parts) in groups {
            let ids: Vec<ItemId> = parts.iter().map(Part::id).collect();
            // What is new all through comes with what it stands in.
            let comes = !all.contains(&key.0) && !ids.iter().any(|id| all.contains(id));
            if !comes && here.get(&key) != Some(&ids) {
                self.group(key, &parts);
            }
        }
    }

    /// Everything that is there, and the parts of each sort in each parent in their order.
    fn standing(&self) -> (HashSet<ItemId>, HashMap<Group, Vec<ItemId>>) {
        let document = &self.draft.document;
        let mut here: HashMap<Group, Vec<ItemId>> = HashMap::new();
        for (place, part) in document.parts() {
            here.entry((place.parent, sort(part))).or_default().push(part.id());
        }
        let all = document.identities().into_iter().chain([document.id]);
        (all.collect(), here)
    }

    /// The parts of one sort in one parent.
    fn group(&mut self, key: (ItemId, u8), parts: &[Part<'_>]) {
        let all: HashSet<ItemId> = self.draft.document.identities().into_iter().collect();
        let here: HashMap<ItemId, usize> = self
            .draft
            .document
            .parts()
            .into_iter()
            .filter(|(place, part)| (place.parent, sort(*part)) == key)
            .enumerate()
            .map(|(at, (_, part))| (part.id(), at))
            .collect();
        let old: Vec<(ItemId, usize)> =
            parts.iter().filter_map(|part| Some((part.id(), *here.get(&part.id())?))).collect();
        let stay = in_order(&old);
        let mut last = None;
        for part in parts {
            let (id, to) = (part.id(), Place { parent: key.0, after: last });
            last = Some(id);
            if stay.contains(&id) {
                continue;
            }
            if all.contains(&id) {
                if let Some(from) = self.draft.document.place(id) {
                    self.go(Operation::Move { item: id, from, to });
                }
            } else {
                let node = without(part.to_node(), &all);
                self.go(Operation::Insert { node, at: to });
            }
        }
    }

    /// Takes away what is there no more; what is in it goes with it.
    fn removals(&mut self, after: &Document) {
        let stay: HashSet<ItemId> = after.identities().into_iter().collect();
        let silent: HashSet<ItemId> = after
            .questions()
            .filter(|question| !matches!(question.kind, Kind::Battery(_) | Kind::Grid(_)))
            .map(|question| question.id)
            .collect();
        loop {
            // The outermost first. Rows of a kind that has none go with the old kind.
            let parts = self.draft.document.parts();
            let gone = parts.iter().find(|(place, part)| {
                !stay.contains(&part.id()) && !silent.contains(&place.parent)
            });
            let Some((from, part)) = gone else { break };
            let (item, from, before) = (part.id(), *from, self.done.len());
            self.go(Operation::Remove { item, from });
            if self.done.len() == before {
                break;
            }
        }
    }

    fn properties(&mut self, after: &Document) {
        let before: HashMap<ItemId, Node> = self
            .draft
            .document
            .parts()
            .into_iter()
            .map(|(_, part)| (part.id(), shallow(part)))
            .collect();
        for (_, part) in after.parts() {
            let Some(was) = before.get(&part.id()) else { continue };
            let pairs = properties_of(was.as_part()).into_iter().zip(properties_of(part));
            for (was, now) in pairs {
                self.set(part.id(), was, now);
            }
        }
    }

    fn texts(&mut self, after: &Document) {
        let before = texts_of(&self.draft.document);
        let nothing = Text::default();
        for ((item, role), now) in texts_of(after) {
            let was = before.get(&(item, role)).unwrap_or(&nothing);
            let languages: std::collections::BTreeSet<&String> =
                was.0.keys().chain(now.0.keys()).collect();
            for language in languages {
                let of = |text: &Text| text.0.get(language).cloned().unwrap_or_default();
                let (was, now, language) = (of(was), of(&now), language.clone());
                if was != now {
                    self.go(Operation::Write { item, role, language, was, now });
                }
            }
        }
    }
}

/// Every text, by where it stands.
fn texts_of(document: &Document) -> BTreeMap<Slot, Text> {
    let mut texts = BTreeMap::new();
    document.clone().each_text(|worded| {
        if let Some(slot) = worded.slot {
            texts.insert(slot, worded.text.clone());
        }
    });
    texts
}

/// The row of others that a part stands in: pages and sections stand among each other.
fn sort(part: Part<'_>) -> u8 {
    match part {
        Part::Section(_) | Part::Page(_) => 0,
        Part::Question(_) => 1,
        Part::Row(_) => 2,
        Part::List(_) => 3,
        Part::Option(_) => 4,
        Part::Roster(_) => 5,
        Part::Check(_) => 6,
    }
}

/// Those that can stay while the others move past them: the longest row of them that is
/// in order. `old` are identities in their new order, each with its old place.
fn in_order(old: &[(ItemId, usize)]) -> HashSet<ItemId> {
    // Of each length the row that ends earliest; where each element's row came from.
    let (mut ends, mut from): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (at, (_, place)) in old.iter().enumerate() {
        let length = ends.partition_point(|end| old[*end].1 < *place);
        from.push(length.checked_sub(1).map(|before| ends[before]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let (mut stay, mut at) = (HashSet::new(), ends.last().copied());
    while let Some(here) = at {
        stay.insert(old[here].0);
        at = from[here];
    }
    stay
}

/// A part without what is in the draft already: that moves into it.
fn without(mut node: Node, there: &HashSet<ItemId>) -> Node {
    match &mut node {
        Node::Section(section) => strip(section, there),
        Node::Page(page) => strip_page(page, there),
        Node::Question(question) => strip_question(question, there),
        Node::List(list) => list.options.retain(|one| !there.contains(&one.id)),
        Node::Row(_) | Node::Option(_) | Node::Roster(_) | Node::Check(_) => {}
    }
    node
}

fn strip(section: &mut Section, there: &HashSet<ItemId>) {
    section.blocks.retain_mut(|block| match block {
        Block::Page(page) => {
            strip_page(page, there);
            !there.contains(&page.id)
        }
        Block::Section(inner) => {
            strip(inner, there);
            !there.contains(&inner.id)
        }
    });
}

fn strip_page(page: &mut Page, there: &HashSet<ItemId>) {
    page.questions.retain_mut(|question| {
        strip_question(question, there);
        !there.contains(&question.id)
    });
}

fn strip_question(question: &mut Question, there: &HashSet<ItemId>) {
    if let Some(rows) = rows_mut(&mut question.kind) {
        rows.retain(|row| !there.contains(&row.id));
    }
}

/// A part alone, without what is in it.
fn shallow(part: Part<'_>) -> Node {
    match part {
        Part::Section(one) => {
            let blocks = Vec::new();
            let Section { id, name, title, relevant, each, shuffled, anchored, .. } = one;
            Node::Section(Box::new(Section {
                id: *id,
                name: name.clone(),
                title: title.clone(),
                relevant: relevant.clone(),
                each: each.clone(),
                shuffled: *shuffled,
                anchored: *anchored,
                blocks,
            }))
        }
        Part::Page(one) => Node::Page(Box::new(Page {
            id: one.id,
            name: one.name.clone(),
            relevant: one.relevant.clone(),
            shuffled: one.shuffled,
            anchored: one.anchored,
            questions: Vec::new(),
        })),
        other => other.to_node(),
    }
}

/// What is set for a part, always in the same order; kinds have their own turn.
fn properties_of(part: Part<'_>) -> Vec<Property> {
    match part {
        Part::Section(Section { name, relevant, each, shuffled, anchored, .. }) => vec![
            Property::Name(name.clone()),
            Property::Relevant(relevant.clone()),
            Property::Each(each.clone()),
            Property::Shuffled(*shuffled),
            Property::Anchored(*anchored),
        ],
        Part::Page(Page { name, relevant, shuffled, anchored, .. }) => vec![
            Property::Name(name.clone()),
            Property::Relevant(relevant.clone()),
            Property::Shuffled(*shuffled),
            Property::Anchored(*anchored),
        ],
        Part::Question(question) => of_question(question),
        Part::Row(Row { name, relevant, .. }) => {
            vec![Property::Name(name.clone()), Property::Relevant(relevant.clone())]
        }
        Part::List(list) => vec![Property::Name(list.name.clone())],
        Part::Option(option) => of_option(option),
        Part::Roster(Roster { name, members, .. }) => {
            vec![Property::Name(name.clone()), Property::Members(Box::new(members.clone()))]
        }
        Part::Check(EditCheck { name, expression, .. }) => {
            vec![Property::Name(name.clone()), Property::Expression(expression.clone())]
        }
    }
}

fn of_question(question: &Question) -> Vec<Property> {
    vec![
        Property::Name(question.name.clone()),
        Property::Number(question.number.clone()),
        Property::Required(question.required),
        Property::RequiredWhen(question.required_when.clone()),
        Property::Default(question.default.clone()),
        Property::ReadOnly(question.read_only),
        Property::Relevant(question.relevant.clone()),
        Property::Constraints(question.constraints.clone()),
        Property::Offers(question.offers.clone()),
        Property::Roles(question.roles.clone()),
        Property::Modes(question.modes.clone()),
        Property::Media(question.media.clone()),
        Property::Anchored(question.anchored),
        Property::Appearance(question.appearance.clone()),
    ]
}

fn of_option(option: &ListOption) -> Vec<Property> {
    vec![
        Property::Code(option.code.clone()),
        Property::Missing(option.missing),
        Property::Exclusive(option.exclusive),
        Property::Anchored(option.anchored),
        Property::Ends(option.ends),
        Property::Image(option.image.clone()),
        Property::Attributes(option.attributes.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> ItemId {
        ItemId::from_u128(number)
    }

    #[test]
    fn as_few_move_as_can_be() {
        let old = [(id(2), 1), (id(3), 2), (id(1), 0), (id(4), 3)];
        assert_eq!(in_order(&old), HashSet::from([id(2), id(3), id(4)]));
        assert!(in_order(&[]).is_empty());
    }
}
