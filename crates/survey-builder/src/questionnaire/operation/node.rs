//! What can be put somewhere: parts of a document that have an identity and a place
//! among others of their sort.

use serde::{Deserialize, Serialize};

use super::super::answer::ItemId;
use super::super::document::{
    Block, Document, EditCheck, Kind, ListOption, OptionList, Page, Question, Roster, Row, Section,
};
use super::Refusal;

/// A part of a document with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "part", rename_all = "snake_case")]
pub enum Node {
    /// A section.
    Section(Box<Section>),
    /// A page.
    Page(Box<Page>),
    /// A question.
    Question(Box<Question>),
    /// A row of a battery or a grid.
    Row(Box<Row>),
    /// A list of options.
    List(Box<OptionList>),
    /// An option.
    Option(Box<ListOption>),
    /// A roster.
    Roster(Box<Roster>),
    /// A check between answers.
    Check(Box<EditCheck>),
}

/// A place among others of the same sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What it stands in; the document for its sections, lists, rosters and checks.
    pub parent: ItemId,
    /// What stands right before it; absent means it is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemId>,
}

impl Place {
    /// The first place.
    pub fn first(parent: ItemId) -> Self {
        Self { parent, after: None }
    }

    /// The place after something.
    pub fn after(parent: ItemId, item: ItemId) -> Self {
        Self { parent, after: Some(item) }
    }
}

/// What has an identity of its own.
trait Identified {
    fn identity(&self) -> ItemId;
}

macro_rules! identified {
    ($($kind:ty),+) => { $(impl Identified for $kind {
        fn identity(&self) -> ItemId { self.id }
    })+ };
}

identified!(Section, Question, Row, OptionList, ListOption, Roster, EditCheck);

impl Identified for Block {
    fn identity(&self) -> ItemId {
        match self {
            Self::Page(page) => page.id,
            Self::Section(section) => section.id,
        }
    }
}

/// Takes something out of its row of others, with what stood before it.
fn take_from<T: Identified>(items: &mut Vec<T>, item: ItemId) -> Option<(T, Option<ItemId>)> {
    let at = items.iter().position(|one| one.identity() == item)?;
    let before = at.checked_sub(1).map(|at| items[at].identity());
    Some((items.remove(at), before))
}

/// Puts something into a row of others.
fn put_into<T: Identified>(
    items: &mut Vec<T>,
    new: T,
    after: Option<ItemId>,
) -> Result<(), Refusal> {
    let at = match after {
        None => 0,
        Some(after) => {
            let before = items.iter().position(|one| one.identity() == after);
            before.ok_or(Refusal::Gone)? + 1
        }
    };
    items.insert(at, new);
    Ok(())
}

/// The rows of a question, where its kind has some.
pub fn rows_mut(kind: &mut Kind) -> Option<&mut Vec<Row>> {
    match kind {
        Kind::Battery(battery) => Some(&mut battery.rows),
        Kind::Grid(grid) => Some(&mut grid.rows),
        _ => None,
    }
}

/// The blocks of a section anywhere within these.
fn blocks_of(sections: &mut [Section], id: ItemId) -> Option<&mut Vec<Block>> {
    for section in sections {
        if section.id == id {
            return Some(&mut section.blocks);
        }
        for block in &mut section.blocks {
            if let Block::Section(inner) = block
                && let Some(found) = blocks_of(std::slice::from_mut(inner), id)
            {
                return Some(found);
            }
        }
    }
    None
}

/// Takes a block out of a section or one within it.
fn take_block(section: &mut Section, item: ItemId) -> Option<(Block, Place)> {
    if let Some((block, after)) = take_from(&mut section.blocks, item) {
        return Some((block, Place { parent: section.id, after }));
    }
    section.blocks.iter_mut().find_map(|block| match block {
        Block::Section(inner) => take_block(inner, item),
        Block::Page(_) => None,
    })
}

impl Document {
    /// Takes a part out, with the place that it had.
    pub(super) fn take(&mut self, item: ItemId) -> Option<(Node, Place)> {
        let root = self.id;
        let at = |after| Place { parent: root, after };
        if let Some((section, after)) = take_from(&mut self.sections, item) {
            return Some((Node::Section(Box::new(section)), at(after)));
        }
        if let Some((list, after)) = take_from(&mut self.lists, item) {
            return Some((Node::List(Box::new(list)), at(after)));
        }
        if let Some((roster, after)) = take_from(&mut self.rosters, item) {
            return Some((Node::Roster(Box::new(roster)), at(after)));
        }
        if let Some((check, after)) = take_from(&mut self.checks, item) {
            return Some((Node::Check(Box::new(check)), at(after)));
        }
        for list in &mut self.lists {
            if let Some((option, after)) = take_from(&mut list.options, item) {
                return Some((Node::Option(Box::new(option)), Place { parent: list.id, after }));
            }
        }
        if let Some((block, place)) =
            self.sections.iter_mut().find_map(|section| take_block(section, item))
        {
            let node = match block {
                Block::Page(page) => Node::Page(Box::new(page)),
                Block::Section(section) => Node::Section(Box::new(section)),
            };
            return Some((node, place));
        }
        for page in self.pages_mut() {
            if let Some((question, after)) = take_from(&mut page.questions, item) {
                let place = Place { parent: page.id, after };
                return Some((Node::Question(Box::new(question)), place));
            }
            for question in &mut page.questions {
                let id = question.id;
                let rows = rows_mut(&mut question.kind);
                if let Some((row, after)) = rows.and_then(|rows| take_from(rows, item)) {
                    return Some((Node::Row(Box::new(row)), Place { parent: id, after }));
                }
            }
        }
        None
    }

    /// Puts a part in.
    ///
    /// # Errors
    ///
    /// A parent or a neighbour that is not there, or a parent that takes no such part.
    pub(super) fn put(&mut self, node: Node, at: Place) -> Result<(), Refusal> {
        let (root, after) = (at.parent == self.id, at.after);
        match node {
            Node::Section(section) if root => put_into(&mut self.sections, *section, after),
            Node::Section(section) => {
                let blocks = blocks_of(&mut self.sections, at.parent).ok_or(Refusal::Gone)?;
                put_into(blocks, Block::Section(*section), after)
            }
            Node::Page(page) => {
                let blocks = blocks_of(&mut self.sections, at.parent).ok_or(Refusal::Gone)?;
                put_into(blocks, Block::Page(*page), after)
            }
            Node::Question(question) => {
                let mut pages = self.pages_mut();
                let page = pages.iter_mut().find(|page| page.id == at.parent);
                put_into(&mut page.ok_or(Refusal::Gone)?.questions, *question, after)
            }
            Node::Row(row) => {
                let pages = self.pages_mut();
                let mut questions = pages.into_iter().flat_map(|page| &mut page.questions);
                let question = questions.find(|question| question.id == at.parent);
                let kind = &mut question.ok_or(Refusal::Gone)?.kind;
                put_into(rows_mut(kind).ok_or(Refusal::DoesNotFit)?, *row, after)
            }
            Node::Option(option) => {
                let list = self.lists.iter_mut().find(|list| list.id == at.parent);
                put_into(&mut list.ok_or(Refusal::Gone)?.options, *option, after)
            }
            Node::List(list) if root => put_into(&mut self.lists, *list, after),
            Node::Roster(roster) if root => put_into(&mut self.rosters, *roster, after),
            Node::Check(check) if root => put_into(&mut self.checks, *check, after),
            Node::List(_) | Node::Roster(_) | Node::Check(_) => Err(Refusal::DoesNotFit),
        }
    }

    /// Every part with its place, in order, what a part contains after it.
    pub fn parts(&self) -> Vec<(Place, Part<'_>)> {
        let mut found = Vec::new();
        in_order(self.id, self.sections.iter().map(Part::Section), &mut found);
        in_order(self.id, self.lists.iter().map(Part::List), &mut found);
        in_order(self.id, self.rosters.iter().map(Part::Roster), &mut found);
        in_order(self.id, self.checks.iter().map(Part::Check), &mut found);
        found
    }

    /// The place that a part has.
    pub fn place(&self, item: ItemId) -> Option<Place> {
        self.parts().into_iter().find(|(_, part)| part.id() == item).map(|(place, _)| place)
    }

    /// A copy of a part, with the place that it has.
    pub fn part(&self, item: ItemId) -> Option<(Node, Place)> {
        let (place, part) = self.parts().into_iter().find(|(_, part)| part.id() == item)?;
        Some((part.to_node(), place))
    }

    /// The identities of everything that has a place.
    pub fn identities(&self) -> Vec<ItemId> {
        self.parts().iter().map(|(_, part)| part.id()).collect()
    }
}

/// A part of a document, to look at.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A section.
    Section(&'a Section),
    /// A page.
    Page(&'a Page),
    /// A question.
    Question(&'a Question),
    /// A row of a battery or a grid.
    Row(&'a Row),
    /// A list of options.
    List(&'a OptionList),
    /// An option.
    Option(&'a ListOption),
    /// A roster.
    Roster(&'a Roster),
    /// A check between answers.
    Check(&'a EditCheck),
}

impl Part<'_> {
    /// Its identity.
    pub fn id(&self) -> ItemId {
        match self {
            Self::Section(one) => one.id,
            Self::Page(one) => one.id,
            Self::Question(one) => one.id,
            Self::Row(one) => one.id,
            Self::List(one) => one.id,
            Self::Option(one) => one.id,
            Self::Roster(one) => one.id,
            Self::Check(one) => one.id,
        }
    }

    /// A copy with all that belongs to it.
    pub fn to_node(self) -> Node {
        match self {
            Self::Section(one) => Node::Section(Box::new(one.clone())),
            Self::Page(one) => Node::Page(Box::new(one.clone())),
            Self::Question(one) => Node::Question(Box::new(one.clone())),
            Self::Row(one) => Node::Row(Box::new(one.clone())),
            Self::List(one) => Node::List(Box::new(one.clone())),
            Self::Option(one) => Node::Option(Box::new(one.clone())),
            Self::Roster(one) => Node::Roster(Box::new(one.clone())),
            Self::Check(one) => Node::Check(Box::new(one.clone())),
        }
    }
}

/// Parts of one parent, each with what it contains after it.
fn in_order<'a>(
    parent: ItemId,
    parts: impl Iterator<Item = Part<'a>>,
    found: &mut Vec<(Place, Part<'a>)>,
) {
    let mut after = None;
    for part in parts {
        found.push((Place { parent, after }, part));
        after = Some(part.id());
        within(part, found);
    }
}

fn within<'a>(part: Part<'a>, found: &mut Vec<(Place, Part<'a>)>) {
    match part {
        Part::Section(section) => {
            let blocks = section.blocks.iter().map(|block| match block {
                Block::Page(page) => Part::Page(page),
                Block::Section(inner) => Part::Section(inner),
            });
            in_order(section.id, blocks, found);
        }
        Part::Page(page) => in_order(page.id, page.questions.iter().map(Part::Question), found),
        Part::Question(question) => {
            let rows = match &question.kind {
                Kind::Battery(battery) => battery.rows.as_slice(),
                Kind::Grid(grid) => grid.rows.as_slice(),
                _ => &[],
            };
            in_order(question.id, rows.iter().map(Part::Row), found);
        }
        Part::List(list) => in_order(list.id, list.options.iter().map(Part::Option), found),
        Part::Row(_) | Part::Option(_) | Part::Roster(_) | Part::Check(_) => {}
    }
}

impl Node {
    /// It, to look at.
    pub fn as_part(&self) -> Part<'_> {
        match self {
            Self::Section(one) => Part::Section(one),
            Self::Page(one) => Part::Page(one),
            Self::Question(one) => Part::Question(one),
            Self::Row(one) => Part::Row(one),
            Self::List(one) => Part::List(one),
            Self::Option(one) => Part::Option(one),
            Self::Roster(one) => Part::Roster(one),
            Self::Check(one) => Part::Check(one),
        }
    }

    /// Its identity.
    pub fn id(&self) -> ItemId {
        self.as_part().id()
    }

    /// Its identity and those of everything in it that has a place of its own.
    pub fn identities(&self) -> Vec<ItemId> {
        let mut inner = Vec::new();
        within(self.as_part(), &mut inner);
        std::iter::once(self.id()).chain(inner.iter().map(|(_, part)| part.id())).collect()
    }
}
