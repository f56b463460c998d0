//! The functions that authors may call, with how many arguments each takes.

use super::tree::Operation;

/// A function's entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub name: &'static str,
    pub shape: Shape,
    pub least: usize,
    /// `None`: any number.
    pub most: Option<usize>,
}

/// How a function's arguments are checked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Arguments of these types (the last repeats) give a value of that type.
    Plain(Operation, &'static [Plain], Plain),
    /// Asks for the state of one question.
    State(Operation),
    /// Arguments of one ordered type, or lists of it.
    Least(Operation),
    /// Numbers, or lists of them.
    Numbers(Operation),
    /// Booleans in a list.
    Truths(Operation),
    If,
    Coalesce,
    Between,
    Selected,
    CountSelected,
    SelectedAt,
    ToNumber,
    ToText,
    ToDate,
    ToTime,
    Count,
    CountAnswered,
    Matches,
    /// A separator, then texts or lists of them.
    Join,
    /// A list and a place in it, from 1.
    ItemAt,
    Label,
    Attribute,
    Code,
}

/// The types without a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Bool,
    Number,
    Text,
    Date,
    Time,
}

use Plain::{Bool, Date, Number, Text, Time};

const fn function(name: &'static str, shape: Shape, least: usize, most: usize) -> Function {
    Function { name, shape, least, most: Some(most) }
}

const fn many(name: &'static str, shape: Shape) -> Function {
    Function { name, shape, least: 1, most: None }
}

const fn plain(
    name: &'static str,
    operation: Operation,
    arguments: &'static [Plain],
    result: Plain,
) -> Function {
    let count = arguments.len();
    function(name, Shape::Plain(operation, arguments, result), count, count)
}

const fn state(name: &'static str, operation: Operation) -> Function {
    function(name, Shape::State(operation), 1, 1)
}

const FUNCTIONS: &[Function] = &[
    state("answered", Operation::Answered),
    state("skipped", Operation::Skipped),
    state("refused", Operation::Refused),
    state("dont_know", Operation::DontKnow),
    state("not_applicable", Operation::NotApplicable),
    state("asked", Operation::Asked),
    many("coalesce", Shape::Coalesce),
    function("if", Shape::If, 3, 3),
    function("between", Shape::Between, 3, 3),
    function("selected", Shape::Selected, 2, 2),
    function("count_selected", Shape::CountSelected, 1, 1),
    function("selected_at", Shape::SelectedAt, 2, 2),
    function("number", Shape::ToNumber, 1, 1),
    function("text", Shape::ToText, 1, 1),
    function("round", Shape::Plain(Operation::Round, &[Number], Number), 1, 2),
    plain("floor", Operation::Floor, &[Number], Number),
    plain("ceil", Operation::Ceil, &[Number], Number),
    plain("abs", Operation::Abs, &[Number], Number),
    plain("sqrt", Operation::Sqrt, &[Number], Number),
    plain("pow", Operation::Pow, &[Number, Number], Number),
    plain("ln", Operation::Ln, &[Number], Number),
    plain("log10", Operation::Log10, &[Number], Number),
    plain("exp", Operation::Exp, &[Number], Number),
    plain("sin", Operation::Sin, &[Number], Number),
    plain("cos", Operation::Cos, &[Number], Number),
    plain("tan", Operation::Tan, &[Number], Number),
    plain("asin", Operation::Asin, &[Number], Number),
    plain("acos", Operation::Acos, &[Number], Number),
    plain("atan", Operation::Atan, &[Number], Number),
    plain("atan2", Operation::Atan2, &[Number, Number], Number),
    many("min", Shape::Least(Operation::Min)),
    many("max", Shape::Least(Operation::Max)),
    many("sum", Shape::Numbers(Operation::Sum)),
    many("mean", Shape::Numbers(Operation::Mean)),
    function("count", Shape::Count, 1, 1),
    many("count_answered", Shape::CountAnswered),
    function("all", Shape::Truths(Operation::All), 1, 1),
    function("any", Shape::Truths(Operation::Any), 1, 1),
    plain("position", Operation::Position, &[], Number),
    plain("length", Operation::Length, &[Text], Number),
    plain("contains", Operation::Contains, &[Text, Text], Bool),
    plain("starts_with", Operation::StartsWith, &[Text, Text], Bool),
    plain("ends_with", Operation::EndsWith, &[Text, Text], Bool),
    plain("upper", Operation::Upper, &[Text], Text),
    plain("lower", Operation::Lower, &[Text], Text),
    plain("trim", Operation::Trim, &[Text], Text),
    many("concat", Shape::Plain(Operation::Concat, &[Text], Text)),
    plain("substring", Operation::Substring, &[Text, Number, Number], Text),
    plain("substring_before", Operation::SubstringBefore, &[Text, Text], Text),
    plain("substring_after", Operation::SubstringAfter, &[Text, Text], Text),
    plain("translate", Operation::Translate, &[Text, Text, Text], Text),
    plain("normalize_space", Operation::NormalizeSpace, &[Text], Text),
    Function { name: "join", shape: Shape::Join, least: 2, most: None },
    function("item_at", Shape::ItemAt, 2, 2),
    plain("distance", Operation::Distance, &[Text], Number),
    plain("area", Operation::Area, &[Text], Number),
    plain("geofence", Operation::Geofence, &[Text, Text], Bool),
    plain("minutes", Operation::Minutes, &[Time], Number),
    function("matches", Shape::Matches, 2, 2),
    function("date", Shape::ToDate, 1, 1),
    function("time", Shape::ToTime, 1, 1),
    plain("year", Operation::Year, &[Date], Number),
    plain("month", Operation::Month, &[Date], Number),
    plain("day", Operation::Day, &[Date], Number),
    plain("weekday", Operation::Weekday, &[Date], Number),
    plain("days_between", Operation::DaysBetween, &[Date, Date], Number),
    plain("months_between", Operation::MonthsBetween, &[Date, Date], Number),
    plain("years_between", Operation::YearsBetween, &[Date, Date], Number),
    plain("add_days", Operation::AddDays, &[Date, Number], Date),
    plain("format_date", Operation::FormatDate, &[Date, Text], Text),
    plain("today", Operation::Today, &[], Date),
    // As XLSForm; drawn once a response, so that the language stays total and repeatable.
    plain("random", Operation::Random, &[], Number),
    function("label", Shape::Label, 1, 1),
    function("attribute", Shape::Attribute, 2, 2),
    function("code", Shape::Code, 1, 1),
];

/// The function of that name (with `_`, not `-`).
pub(super) fn find(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|function| function.name == name).copied()
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}
