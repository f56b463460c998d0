//! Items: what holds one answer each. Everything that reads answers goes over
//! items and need not know the kinds of question.

use std::borrow::Cow;

use uuid::Uuid;

use super::super::answer::ItemId;
use super::super::expression::Type;
use super::{Column, Kind, Question, Row, Text, TextRule};

/// What holds one answer: a question, a row, a cell of a grid, the text beside
/// "other".
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// Its identity; in a roster, each member has an answer of its own to it.
    pub id: ItemId,
    /// Its name in data and expressions.
    pub name: Cow<'a, str>,
    /// What is asked.
    pub wording: &'a Text,
    /// The column, for a cell of a grid.
    pub column: Option<&'a Column>,
    /// The row, for a row of a battery and a cell of a grid.
    pub row: Option<&'a Row>,
    /// Whether it is the text beside "other".
    pub is_other: bool,
    /// The type of its answers, where the kind alone decides it.
    pub kind: Option<Type>,
}

impl<'a> Item<'a> {
    fn plain(id: ItemId, name: &'a str, wording: &'a Text, kind: Option<Type>) -> Self {
        let name = Cow::Borrowed(name);
        Self { id, name, wording, column: None, row: None, is_other: false, kind }
    }

    /// What sort of answer it takes: its question's, its column's, or a text
    /// beside an option.
    pub fn kind_in(&self, question: &'a Question) -> Cow<'a, Kind> {
        match self.column {
            _ if self.is_other => Cow::Owned(Kind::ShortText(TextRule::default())),
            Some(column) => Cow::Owned(column.cell.kind()),
            None => Cow::Borrowed(&question.kind),
        }
    }

    /// The list its answers are codes of.
    pub fn list(&self) -> Option<&str> {
        match self.kind.as_ref()? {
            Type::Option(list) | Type::Set(list) => Some(list),
            Type::List(kind) => match kind.as_ref() {
                Type::Option(list) => Some(list),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The namespace of the identities of cells.
const CELL_NAMESPACE: Uuid = Uuid::from_u128(0x5a0d_a6e0_0002_4c5e_9a3e_7b1f_2d4c_6e88);

/// The identity that two identities make together: a cell's from its row and
/// its column, a member's answer from its item and the member.
pub fn joint_identity(one: Uuid, other: Uuid) -> ItemId {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(one.as_bytes());
    bytes[16..].copy_from_slice(other.as_bytes());
    Uuid::new_v5(&CELL_NAMESPACE, &bytes)
}

/// The identity of the factor by which the weight of a household is multiplied
/// for the member who was chosen.
pub fn factor_of(selection: ItemId) -> ItemId {
    joint_identity(selection, Uuid::new_v5(&CELL_NAMESPACE, b"factor"))
}

/// The identity of one of the choices that a choice set asks for.
pub fn task_identity(question: ItemId, task: u32) -> ItemId {
    joint_identity(question, Uuid::new_v5(&CELL_NAMESPACE, format!("task {task}").as_bytes()))
}

/// The identity of the reason that was given for an answer which a soft
/// constraint doubts.
pub fn reason_of(item: ItemId) -> ItemId {
    joint_identity(item, Uuid::new_v5(&CELL_NAMESPACE, b"reason"))
}

impl Question {
    /// What holds its answers, in order: the question itself or its rows,
    /// cells or parts, and the text beside "other".
    pub fn items(&self) -> Vec<Item<'_>> {
        let own = |kind| vec![Item::plain(self.id, &self.name, &self.wording, kind)];
        match &self.kind {
            Kind::Note => Vec::new(),
            Kind::Battery(battery) => battery
                .rows
                .iter()
                .map(|row| {
                    let kind = Some(Type::Option(battery.list.clone()));
                    Item { row: Some(row), ..Item::plain(row.id, &row.name, &row.wording, kind) }
                })
                .collect(),
            Kind::Grid(grid) => grid.rows.iter().flat_map(|row| grid.cells(row)).collect(),
            Kind::BestWorst(pair) => [("best", &pair.best), ("worst", &pair.worst)]
                .into_iter()
                .map(|(part, wording)| Item {
                    name: Cow::Owned(format!("{}_{part}", self.name)),
                    ..Item::plain(
                        joint_identity(self.id, Uuid::new_v5(&CELL_NAMESPACE, part.as_bytes())),
                        "",
                        wording,
                        Some(Type::Option(pair.list.clone())),
                    )
                })
                .collect(),
            Kind::Selection(_) => {
                let mut items = own(Some(Type::Text));
                items.push(Item {
                    name: Cow::Owned(format!("{}_factor", self.name)),
                    ..Item::plain(factor_of(self.id), "", &self.wording, Some(Type::Number))
                });
                items
            }
            Kind::ChoiceSet(set) => (1..=set.tasks)
                .map(|task| Item {
                    name: Cow::Owned(format!("{}_{task}", self.name)),
                    ..Item::plain(
                        task_identity(self.id, task),
                        "",
                        &self.wording,
                        Some(Type::Option(set.list.clone())),
                    )
                })
                .collect(),
            kind => {
                let mut items = own(kind.answer_type());
                if let Some(other) = kind.choice().and_then(|choice| choice.other.as_ref()) {
                    let text = Some(Type::Text);
                    items.push(Item {
                        is_other: true,
                        ..Item::plain(other.id, &other.name, &other.wording, text)
                    });
                }
                items
            }
        }
    }
}
