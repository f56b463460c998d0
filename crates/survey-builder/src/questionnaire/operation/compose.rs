//! What an author asks for in one breath, as operations: a question with its page and
//! its options, a step up or down, a copy.

use std::collections::HashSet;

use super::super::answer::ItemId;
use super::super::document::{
    Document, Kind, ListOption, OptionList, Page, Question, Section, Text,
};
use super::super::paste::{Pasted, PastedOption};
use super::{Node, Operation, Part, Place};

mod several;

pub use several::{Target, move_several, remove_several, same_options};

/// Every name in a document: no two things that expressions could mean share one.
fn names(document: &Document) -> HashSet<String> {
    let mut found: HashSet<String> = HashSet::new();
    for (_, part) in document.parts() {
        match part {
            Part::Section(one) => found.insert(one.name.clone()),
            Part::Page(one) => found.insert(one.name.clone()),
            Part::Question(one) => {
                found.extend(one.items().into_iter().map(|item| item.name.into_owned()));
                found.insert(one.name.clone())
            }
            Part::Row(one) => found.insert(one.name.clone()),
            Part::List(one) => found.insert(one.name.clone()),
            Part::Roster(one) => found.insert(one.name.clone()),
            Part::Check(one) => found.insert(one.name.clone()),
            Part::Option(_) => false,
        };
    }
    found
}

/// Names that are not in use, one after the other: `q12`, `q13`, …
pub(in super::super) struct Fresh<'a> {
    used: HashSet<String>,
    identity: &'a mut dyn FnMut() -> ItemId,
}

impl<'a> Fresh<'a> {
    pub(in super::super) fn of(
        document: &Document,
        identity: &'a mut dyn FnMut() -> ItemId,
    ) -> Self {
        Self { used: names(document), identity }
    }

    /// `stem` followed by the first number from `from` on that nobody uses.
    pub(in super::super) fn numbered(&mut self, stem: &str, from: usize) -> String {
        let free = (from..).map(|number| format!("{stem}{number}"));
        let name = free.into_iter().find(|name| !self.used.contains(name)).unwrap_or_default();
        self.used.insert(name.clone());
        name
    }

    /// Says that a name is in use.
    pub(in super::super) fn uses(&mut self, name: &str) {
        self.used.insert(name.to_owned());
    }

    pub(in super::super) fn id(&mut self) -> ItemId {
        (self.identity)()
    }
}

/// An empty questionnaire: one section with nothing in it yet.
pub fn blank(
    title: &str,
    language: (&str, &str),
    identity: &mut dyn FnMut() -> ItemId,
) -> Document {
    let (code, name) = language;
    let section = Section::new(identity(), "s1", Vec::new());
    Document {
        id: identity(),
        name: "questionnaire".to_owned(),
        title: Text::new(code, title),
        languages: vec![super::super::document::Language {
            code: code.to_owned(),
            name: name.to_owned(),
        }],
        default_language: code.to_owned(),
        sections: vec![section],
        ..Document::default()
    }
}

/// Where a page goes that comes after a part: beside its page, or at the end of its
/// section; at the end of everything where the part is neither.
pub(in super::super) fn page_place(document: &Document, after: ItemId) -> Option<Place> {
    let parts = document.parts();
    let find = |id| parts.iter().find(|(_, part)| part.id() == id);
    let mut at = find(after);
    while let Some((place, part)) = at {
        match part {
            Part::Page(_) => return Some(Place::after(place.parent, part.id())),
            Part::Section(section) => return Some(end_of(section)),
            _ => at = find(place.parent),
        }
    }
    document.all_sections().last().map(|section| end_of(section))
}

fn end_of(section: &Section) -> Place {
    let last = section.blocks.last().map(|block| match block {
        super::super::document::Block::Page(page) => page.id,
        super::super::document::Block::Section(inner) => inner.id,
    });
    Place { parent: section.id, after: last }
}

/// Options as they were pasted, with codes for those that have none: the first whole
/// numbers that nobody uses.
pub fn options(
    list: Option<&OptionList>,
    pasted: &[PastedOption],
    language: &str,
    identity: &mut dyn FnMut() -> ItemId,
) -> Vec<ListOption> {
    let old = list.map_or(&[][..], |list| &list.options);
    let mut used: HashSet<String> = old.iter().map(|option| option.code.clone()).collect();
    let given: HashSet<&str> = pasted.iter().filter_map(|one| one.code.as_deref()).collect();
    let mut next = 1_u32;
    let mut made = Vec::new();
    for one in pasted {
        let own = one.code.clone().filter(|code| !used.contains(code));
        let code = own.unwrap_or_else(|| {
            while used.contains(&next.to_string()) || given.contains(next.to_string().as_str()) {
                next += 1;
            }
            next.to_string()
        });
        used.insert(code.clone());
        made.push(ListOption::new(identity(), &code, Text::new(language, &one.label)));
    }
    made
}

/// Questions that come after a part, each on a page of its own, with the lists that
/// they choose from. `kind` is the kind of those that do not say theirs by their
/// options: with options the first kind that chooses. Gives the last question too.
pub fn questions(
    document: &Document,
    after: ItemId,
    pasted: &[Pasted],
    kind: &str,
    identity: &mut dyn FnMut() -> ItemId,
) -> Option<(Vec<Operation>, ItemId)> {
    let language = document.default_language.clone();
    let mut fresh = Fresh::of(document, identity);
    let numbered = document.questions().any(|question| question.number.is_some());
    let mut at = page_place(document, after)?;
    let mut list_after = document.lists.last().map(|list| list.id);
    let (mut wishes, mut last) = (Vec::new(), None);
    let from = document.questions().count() + 1;
    for one in pasted {
        let name = fresh.numbered("q", from);
        let kind = match Kind::Note.converted(kind, &name)? {
            kind if one.options.is_empty() || kind.chooses() => kind,
            _ => Kind::Note.converted("single", &name)?,
        };
        if kind.chooses() {
            let list_name = kind.list().unwrap_or(&name).to_owned();
            let id = fresh.id();
            let options = options(None, &one.options, &language, fresh.identity);
            let list = OptionList { id, name: list_name, options };
            let place = Place { parent: document.id, after: list_after };
            list_after = Some(id);
            wishes.push(Operation::Insert { node: Node::List(Box::new(list)), at: place });
        }
        let (question_id, page_id) = (fresh.id(), fresh.id());
        let wording = if one.wording.is_empty() {
            Text::default()
        } else {
            Text::new(&language, &one.wording)
        };
        let mut question = Question::new(question_id, &name, wording, kind);
        question.number = one.number.clone().filter(|_| numbered);
        let page_name = fresh.numbered("p", from);
        let page = Page::new(page_id, &page_name, vec![question]);
        wishes.push(Operation::Insert { node: Node::Page(Box::new(page)), at });
        at = Place::after(at.parent, page_id);
        last = Some(question_id);
    }
    last.map(|last| (wishes, last))
}

/// Where a section goes that comes after a part: after the outermost section around it;
/// at the end of everything where the part is in none.
pub(in super::super) fn section_place(document: &Document, after: ItemId) -> Place {
    let parts = document.parts();
    let mut outer = None;
    let mut at = Some(after);
    while let Some(id) = at {
        let found = parts.iter().find(|(_, part)| part.id() == id);
        if let Some((place, Part::Section(_))) = found
            && place.parent == document.id
        {
            outer = Some(id);
        }
        at = found.map(|(place, _)| place.parent);
    }
    let outer = outer.or_else(|| document.sections.last().map(|section| section.id));
    Place { parent: document.id, after: outer }
}

/// A section at the end, or after the section that a part stands in.
pub fn section(
    document: &Document,
    after: ItemId,
    title: &str,
    identity: &mut dyn FnMut() -> ItemId,
) -> (Operation, ItemId) {
    let at = section_place(document, after);
    let mut fresh = Fresh::of(document, identity);
    let (id, name) = (fresh.id(), fresh.numbered("s", document.sections.len() + 1));
    let mut made = Section::new(id, &name, Vec::new());
    if !title.is_empty() {
        made.title = Text::new(&document.default_language, title);
    }
    (Operation::Insert { node: Node::Section(Box::new(made)), at }, id)
}

/// What moves when a part is moved: a question that is alone on its page moves with it.
pub(in super::super) fn moved(document: &Document, item: ItemId) -> ItemId {
    let Some(place) = document.place(item) else { return item };
    let alone =
        document.pages().any(|(_, page)| page.id == place.parent && page.questions.len() == 1);
    if alone { place.parent } else { item }
}

/// A step up or down in the outline: past its neighbour, or into the next parent of
/// the same sort. `None` at the very end.
pub fn step(document: &Document, item: ItemId, up: bool) -> Option<Operation> {
    let item = moved(document, item);
    let parts = document.parts();
    let (from, part) = *parts.iter().find(|(_, part)| part.id() == item)?;
    let beside: Vec<ItemId> = parts
        .iter()
        .filter(|(place, other)| place.parent == from.parent && alike(*other, part))
        .map(|(_, other)| other.id())
        .collect();
    let at = beside.iter().position(|id| *id == item)?;
    let before = |at: usize| at.checked_sub(1).map(|at| beside[at]);
    let to = if up && at > 0 {
        Place { parent: from.parent, after: before(at - 1) }
    } else if !up && at + 1 < beside.len() {
        Place::after(from.parent, beside[at + 1])
    } else {
        beyond(document, from.parent, part, up)?
    };
    Some(Operation::Move { item, from, to })
}

/// A section a step deeper, to the end of the section before it, or a step out, to after
/// the section that it is in. `None` where there is no such section, or for what is none.
pub fn nest(document: &Document, item: ItemId, deeper: bool) -> Option<Operation> {
    let parts = document.parts();
    let find = |id| parts.iter().find(|(_, part)| part.id() == id);
    let (from, Part::Section(_)) = *find(item)? else { return None };
    let to = if deeper {
        let beside = parts.iter().filter(|(place, _)| place.parent == from.parent);
        let before = beside.take_while(|(_, part)| part.id() != item).filter_map(|(_, part)| {
            if let Part::Section(section) = part { Some(end_of(section)) } else { None }
        });
        before.last()?
    } else {
        let (place, Part::Section(outer)) = find(from.parent)? else { return None };
        Place::after(place.parent, outer.id)
    };
    Some(Operation::Move { item, from, to })
}

/// Whether two parts may stand beside each other.
fn alike(one: Part<'_>, other: Part<'_>) -> bool {
    let block = |part| matches!(part, Part::Page(_) | Part::Section(_));
    (block(one) && block(other)) || std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// The end of the parent before, or the beginning of the one after.
fn beyond(document: &Document, parent: ItemId, part: Part<'_>, up: bool) -> Option<Place> {
    let parents: Vec<(ItemId, Option<ItemId>)> = match part {
        Part::Page(_) => {
            let sections = document.all_sections().into_iter();
            sections.map(|section| (section.id, end_of(section).after)).collect()
        }
        Part::Question(_) => {
            let pages = document.pages();
            pages.map(|(_, page)| (page.id, page.questions.last().map(|one| one.id))).collect()
        }
        _ => return None,
    };
    let at = parents.iter().position(|(id, _)| *id == parent)?;
    let next = if up { at.checked_sub(1)? } else { at + 1 };
    let (parent, last) = *parents.get(next)?;
    Some(Place { parent, after: if up { last } else { None } })
}

/// What goes when a part is taken away: its page with it where it is alone there.
pub fn remove(document: &Document, item: ItemId) -> Option<Operation> {
    let item = moved(document, item);
    Some(Operation::Remove { item, from: document.place(item)? })
}

/// A copy of a question on a page of its own after it, choosing from the same list.
pub fn copy(
    document: &Document,
    item: ItemId,
    identity: &mut dyn FnMut() -> ItemId,
) -> Option<(Operation, ItemId)> {
    let question = document.questions().find(|question| question.id == item)?;
    let mut fresh = Fresh::of(document, identity);
    let mut copied = question.clone();
    copied.id = fresh.id();
    let stem = format!("{}_", question.name);
    copied.name = fresh.numbered(&stem, 2);
    copied.number = None;
    renew(&mut copied.kind, &mut fresh);
    let at = page_place(document, item)?;
    let page_name = fresh.numbered("p", document.questions().count() + 1);
    let id = copied.id;
    let page = Page::new(fresh.id(), &page_name, vec![copied]);
    Some((Operation::Insert { node: Node::Page(Box::new(page)), at }, id))
}

/// New identities and names for what a kind is made of.
fn renew(kind: &mut Kind, fresh: &mut Fresh<'_>) {
    if let Some(rows) = super::node::rows_mut(kind) {
        for row in rows {
            row.id = fresh.id();
            row.name = fresh.numbered(&format!("{}_", row.name), 2);
        }
    }
    match kind {
        Kind::Grid(grid) => grid.columns.iter_mut().for_each(|column| column.id = fresh.id()),
        Kind::ChoiceSet(set) => set.attributes.iter_mut().for_each(|one| one.id = fresh.id()),
        kind => {
            if let Some(other) = kind.choice_mut().and_then(|choice| choice.other.as_mut()) {
                other.id = fresh.id();
                other.name = fresh.numbered(&format!("{}_", other.name), 2);
            }
        }
    }
}
