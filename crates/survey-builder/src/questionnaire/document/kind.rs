//! The sorts of question, each with what decides its answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::ItemId;
use super::super::expression::Type;
use super::{Arm, BestWorst, ChoiceSet, Item, Selection, Text, is_false, joint_identity};

/// The sorts of question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// One option of a list.
    Single(Choice),
    /// Any number of options of a list.
    Multiple(MultipleChoice),
    /// Options of a list put in order, the first first.
    Ranking(MultipleChoice),
    /// The best and the worst of a list.
    BestWorst(BestWorst),
    /// How many of a list apply, without saying which: with a filter that shows
    /// one arm of a split ballot an option more, a list experiment (Blair and
    /// Imai, 2012).
    ItemCount(Choice),
    /// Alternatives made up by chance, to choose between several times: a conjoint
    /// experiment (Hainmueller, Hopkins and Yamamoto, 2014).
    ChoiceSet(ChoiceSet),
    /// Several rows answered from one list, shown item by item.
    Battery(Battery),
    /// Several rows, each answered in one or more columns.
    Grid(Grid),
    /// A whole number between two labelled ends.
    Scale(Scale),
    /// A whole number.
    Integer(NumberRange),
    /// A number.
    Decimal(NumberRange),
    /// A length of time in minutes, asked in hours and minutes.
    Duration(NumberRange),
    /// One line.
    ShortText(TextRule),
    /// Several lines.
    LongText(TextRule),
    /// A day, a month or a year.
    Date(DateRange),
    /// A time of day, to the minute.
    Time,
    /// A day and a time; as data a text `2026-01-31T18:30`.
    DateTime,
    /// A file that is sent in.
    File(FileRule),
    /// A signature, drawn or sent as a picture.
    Signature,
    /// A place or a line of places; as data a text of latitudes and longitudes.
    Geo(Geo),
    /// One box that is ticked: something was read or done.
    Acknowledge,
    /// Something to read.
    Note,
    /// Whether the person takes part: a single choice that must be made.
    Consent(Choice),
    /// A value that comes from outside the interview; never shown.
    Hidden(Hidden),
    /// One option drawn by chance for each respondent; never shown.
    Arm(Arm),
    /// A value worked out from other answers; never shown.
    Computed(Computed),
    /// Which member of a roster is asked from here on; never shown itself.
    Selection(Selection),
}

impl Kind {
    /// Whether a respondent answers it.
    pub fn takes_answer(&self) -> bool {
        !self.is_silent() && !matches!(self, Self::Note)
    }

    /// Whether it is never shown.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Computed(_) | Self::Hidden(_) | Self::Arm(_) | Self::Selection(_))
    }

    /// What may be sent in as its answer, where that is a file.
    pub fn file_rule(&self) -> Option<FileRule> {
        match self {
            Self::File(rule) => Some(rule.clone()),
            Self::Signature => Some(FileRule { media: MediaKind::Drawing, at_most: None }),
            _ => None,
        }
    }

    /// The name of the list it chooses from. A grid has one a column.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::Battery(battery) => Some(&battery.list),
            Self::BestWorst(pair) => Some(&pair.list),
            Self::ChoiceSet(set) => Some(&set.list),
            Self::Computed(computed) => computed.list.as_deref(),
            Self::Arm(arm) => Some(&arm.list),
            _ => self.choice().map(|choice| choice.list.as_str()),
        }
    }

    /// The names of all lists it reads.
    pub fn lists(&self) -> Vec<&str> {
        let more: Vec<&str> = match self {
            Self::ChoiceSet(set) => set.attributes.iter().map(|it| it.list.as_str()).collect(),
            Self::Grid(grid) => {
                let cells = grid.columns.iter().filter_map(|column| match &column.cell {
                    Cell::Single { list } | Cell::Multiple { list } => Some(list.as_str()),
                    _ => None,
                });
                cells.collect()
            }
            _ => Vec::new(),
        };
        self.list().into_iter().chain(more).collect()
    }

    /// Which options are shown and how, where there is one list of them.
    pub fn choice(&self) -> Option<&Choice> {
        match self {
            Self::Single(choice) | Self::Consent(choice) | Self::ItemCount(choice) => Some(choice),
            Self::Multiple(multiple) | Self::Ranking(multiple) => Some(&multiple.choice),
            _ => None,
        }
    }

    /// The same, to change.
    pub fn choice_mut(&mut self) -> Option<&mut Choice> {
        match self {
            Self::Single(choice) | Self::Consent(choice) | Self::ItemCount(choice) => Some(choice),
            Self::Multiple(multiple) | Self::Ranking(multiple) => Some(&mut multiple.choice),
            _ => None,
        }
    }

    /// The type of its answers, when the kind alone decides it. What has rows
    /// has none itself.
    pub fn answer_type(&self) -> Option<Type> {
        Some(match self {
            Self::Single(choice) | Self::Consent(choice) => Type::Option(choice.list.clone()),
            Self::Multiple(multiple) => Type::Set(multiple.choice.list.clone()),
            Self::Ranking(ranking) => {
                Type::List(Box::new(Type::Option(ranking.choice.list.clone())))
            }
            Self::Scale(_)
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Duration(_)
            | Self::ItemCount(_) => Type::Number,
            Self::ShortText(_)
            | Self::LongText(_)
            | Self::DateTime
            | Self::File(_)
            | Self::Signature
            | Self::Selection(_)
            | Self::Geo(_) => Type::Text,
            Self::Date(_) => Type::Date,
            Self::Time => Type::Time,
            Self::Acknowledge => Type::Bool,
            Self::Hidden(hidden) => match hidden.value {
                ValueKind::Text => Type::Text,
                ValueKind::Number => Type::Number,
                ValueKind::Date => Type::Date,
            },
            Self::Arm(arm) => Type::Option(arm.list.clone()),
            Self::Computed(computed) => Type::Option(computed.list.clone()?),
            Self::Note
            | Self::Battery(_)
            | Self::Grid(_)
            | Self::BestWorst(_)
            | Self::ChoiceSet(_) => return None,
        })
    }

    /// The name in documents and reports: `single`, `short_text`, …
    pub fn name(&self) -> &'static str {
        match self {
            Self::Single(_) => "single",
            Self::Multiple(_) => "multiple",
            Self::Ranking(_) => "ranking",
            Self::BestWorst(_) => "best_worst",
            Self::ItemCount(_) => "item_count",
            Self::ChoiceSet(_) => "choice_set",
            Self::Battery(_) => "battery",
            Self::Grid(_) => "grid",
            Self::Scale(_) => "scale",
            Self::Integer(_) => "integer",
            Self::Decimal(_) => "decimal",
            Self::Duration(_) => "duration",
            Self::ShortText(_) => "short_text",
            Self::LongText(_) => "long_text",
            Self::Date(_) => "date",
            Self::Time => "time",
            Self::DateTime => "date_time",
            Self::File(_) => "file",
            Self::Signature => "signature",
            Self::Geo(_) => "geo",
            Self::Acknowledge => "acknowledge",
            Self::Note => "note",
            Self::Consent(_) => "consent",
            Self::Hidden(_) => "hidden",
            Self::Arm(_) => "arm",
            Self::Computed(_) => "computed",
            Self::Selection(_) => "selection",
        }
    }
}

/// The options of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// The name of the list.
    pub list: String,
    /// Which options are offered: a condition in which `.` is the option.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether each respondent sees the options in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
    /// How the options are shown.
    #[serde(default, skip_serializing_if = "Shown::is_default")]
    pub shown: Shown,
    /// The box that opens beside the option "other".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherText>,
}

impl Choice {
    /// Every option of a list, as it stands.
    pub fn of(list: &str) -> Self {
        Self { list: list.to_owned(), ..Self::default() }
    }
}

/// How options are shown. All forms hold the same answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// One below the other, all in sight.
    #[default]
    List,
    /// Beside each other.
    Buttons,
    /// Folded into one line.
    Dropdown,
    /// Found by typing a part of the label: for long lists.
    Search,
    /// As pictures.
    Images,
}

impl Shown {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The text beside an option such as "other, please say": an item of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherText {
    /// Its identity.
    pub id: ItemId,
    /// Its name in data and expressions, unique in the document.
    pub name: String,
    /// The code of the option that opens it.
    pub option: String,
    /// What is asked; empty means the option's own label.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub wording: Text,
}

/// The options of a multiple choice and how many may be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MultipleChoice {
    /// The options.
    #[serde(flatten)]
    pub choice: Choice,
    /// The fewest that may be chosen, if any is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// The most that may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// Rows answered from one list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Battery {
    /// The name of the list.
    pub list: String,
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Whether each respondent sees the rows in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
}

/// One row of a battery or a grid. In a battery it is an item with an answer
/// of its own; in a grid it has one answer a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its identity.
    pub id: ItemId,
    /// Its name in data and expressions, unique in the document.
    pub name: String,
    /// What is asked.
    pub wording: Text,
    /// When it is asked; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
}

/// Rows with one or more columns: several choices a row, two scales side by
/// side, numbers that add up, a list of short texts.
///
/// A cell is an item; where there is one column it is called as its row,
/// otherwise `row_column`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grid {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// Whether each respondent sees the rows in an order of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffled: bool,
    /// What the numbers of every column must add up to: an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

impl Grid {
    /// The cells of a row, in the order of the columns.
    pub fn cells<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = Item<'a>> {
        let alone = self.columns.len() == 1;
        self.columns.iter().map(move |column| Item {
            id: joint_identity(row.id, column.id),
            name: if alone {
                row.name.as_str().into()
            } else {
                format!("{}_{}", row.name, column.name).into()
            },
            wording: &row.wording,
            column: Some(column),
            row: Some(row),
            is_other: false,
            kind: column.cell.kind().answer_type(),
        })
    }
}

/// One column of a grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its identity.
    pub id: ItemId,
    /// Its name, unique in the grid.
    pub name: String,
    /// Its heading; may be empty where it is the only one.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub label: Text,
    /// What goes into its cells.
    pub cell: Cell,
}

/// What goes into the cells of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Cell {
    /// One option of a list.
    Single {
        /// The name of the list.
        list: String,
    },
    /// Any number of options of a list.
    Multiple {
        /// The name of the list.
        list: String,
    },
    /// A whole number.
    Integer(NumberRange),
    /// A number.
    Decimal(NumberRange),
    /// One line.
    Text(TextRule),
    /// A day, a month or a year.
    Date(DateRange),
}

impl Cell {
    /// The kind of a question that takes the same answers.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Single { list } => Kind::Single(Choice::of(list)),
            Self::Multiple { list } => Kind::Multiple(MultipleChoice {
                choice: Choice::of(list),
                ..MultipleChoice::default()
            }),
            Self::Integer(range) => Kind::Integer(range.clone()),
            Self::Decimal(range) => Kind::Decimal(range.clone()),
            Self::Text(rule) => Kind::ShortText(rule.clone()),
            Self::Date(range) => Kind::Date(range.clone()),
        }
    }
}

/// A numbered scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scale {
    /// The lowest point, such as 0.
    pub from: i32,
    /// The highest point, such as 10.
    pub to: i32,
    /// From one point to the next.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub step: u32,
    /// What the lowest point means.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub low: Text,
    /// What the highest point means.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub high: Text,
    /// How the points are shown.
    #[serde(default, skip_serializing_if = "Points::is_default")]
    pub shown: Points,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            from: 0,
            to: 10,
            step: 1,
            low: Text::default(),
            high: Text::default(),
            shown: Points::default(),
        }
    }
}

/// How the points of a scale are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Points {
    /// As buttons with their numbers.
    #[default]
    Numbers,
    /// As stars.
    Stars,
    /// As a line to point at.
    Slider,
}

impl Points {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Bounds of a number, both ends in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumberRange {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// How many decimals at the most; absent means any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// The unit shown after the box: `kg`, `%`, `đồng`.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub unit: Text,
}

/// What a text may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextRule {
    /// The most characters; absent means the system's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// What it must look like.
    #[serde(default, skip_serializing_if = "TextFormat::is_default")]
    pub format: TextFormat,
}

/// What a text must look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// Anything.
    #[default]
    Any,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The address of a page.
    Url,
    /// What a scanner reads.
    Barcode,
    /// Digits only: a number that is a name, such as a postcode.
    Digits,
}

impl TextFormat {
    fn is_default(&self) -> bool {
        *self == Self::Any
    }
}

/// Bounds of a day, both ends in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DateRange {
    /// The first day, `2026-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<String>,
    /// How much of it is asked; the rest is its first month and day.
    #[serde(default, skip_serializing_if = "DatePart::is_default")]
    pub precision: DatePart,
}

/// How much of a date is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// All of it.
    #[default]
    Day,
    /// Month and year.
    Month,
    /// The year.
    Year,
}

impl DatePart {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What may be sent in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileRule {
    /// What it must be.
    pub media: MediaKind,
    /// The most bytes; absent means the system's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u64>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A drawing, or notes drawn on a picture.
    Drawing,
    /// A sound.
    Audio,
    /// A film.
    Video,
    /// Anything.
    #[default]
    Any,
}

/// What of the earth is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Geo {
    /// Its shape.
    pub shape: Shape,
}

/// A shape on the earth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A point.
    #[default]
    Point,
    /// A line.
    Trace,
    /// An area.
    Area,
}

/// A value that comes from outside the interview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hidden {
    /// What its values are.
    #[serde(default)]
    pub value: ValueKind,
    /// Where it comes from.
    pub source: Source,
}

impl Hidden {
    /// Whether its value needs nothing from outside: its default, or what the
    /// interview keeps itself.
    pub fn is_known_here(&self) -> bool {
        matches!(self.source, Source::Interview(_) | Source::Default)
    }

    /// Whether the interview keeps the value itself, such as when it began: it
    /// is no answer.
    pub fn is_of_interview(&self) -> bool {
        matches!(self.source, Source::Interview(_))
    }

    /// Whether conditions can read it: of what the interview keeps only the
    /// language, the mode and the day on which it began.
    pub fn can_be_read(&self) -> bool {
        match &self.source {
            Source::Interview(what) => matches!(what.as_str(), "language" | "mode" | "today"),
            _ => true,
        }
    }
}

/// What the values of a hidden question are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Text.
    #[default]
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
}

/// Where a hidden value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The question's default.
    #[default]
    Default,
    /// A column of the frame.
    Frame(String),
    /// A parameter of the link.
    Link(String),
    /// The interview itself: `start`, `end`, `today`, `device`, `interviewer`,
    /// `phone`, `email`, `language`, `mode`, `audit`.
    Interview(String),
    /// A value that another program puts there, into the link: a parameter of that
    /// name.
    Outside(String),
}

/// A value worked out from other answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Computed {
    /// How.
    pub expression: String,
    /// The list its value is a code of, if it is one: then it is tabulated with labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one(number: &u32) -> bool {
    *number == 1
}
