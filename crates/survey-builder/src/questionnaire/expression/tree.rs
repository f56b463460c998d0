//! The typed tree that both evaluators read, and its compact JSON.
//!
//! As JSON a number or a boolean stands for itself; everything else is an
//! array that starts with a word:
//!
//! | JSON | meaning |
//! |---|---|
//! | `18`, `true` | a constant |
//! | `["text", "bus"]`, `["option", "f"]`, `["date", "2026-11-23"]`, `["time", "18:30"]` | a constant |
//! | `["q", "reference"]`, `["list", "reference"]` | an answer, the answers of every instance |
//! | `["roster", "reference"]`, `["."]` | a roster, the value being checked |
//! | `["label", "list", x]`, `["attribute", "list", x, name]`, `["selected_at", "list", x, i]` | a function that needs the list of its argument |
//! | `["matches", program, x]` | a pattern compiled to a small program |
//! | `[operation, x, …]` | any other operation or function |

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::super::answer::Value;
use super::pattern::Program;
use super::{calendar, text};

/// The deepest tree that is accepted: JSON readers stop at 128 levels, and the
/// tree is stored inside other things.
pub(super) const DEPTH_LIMIT: usize = 100;

/// One node of a typed tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Json", try_from = "Json")]
pub enum Node {
    /// A value written in the expression.
    Constant(Value),
    /// The answer stored under this reference.
    Question(String),
    /// The answers of every instance of a roster, a list.
    Instances(String),
    /// A roster, of which only the instances are counted.
    Roster(String),
    /// The value being checked.
    SelfValue,
    /// An operator or a function.
    Call(Operation, Vec<Node>),
    /// A function that needs to know the list of its first argument.
    CallOfList(Operation, String, Vec<Node>),
    /// Whether a text matches a pattern.
    Matches(Program, Box<Node>),
}

macro_rules! operations {
    ($($variant:ident $name:literal),+ $(,)?) => {
        /// The operators and functions of a tree.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the reference README describes each by its name")]
        pub enum Operation { $($variant),+ }

        impl Operation {
            /// The word in the tree.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The operation of that word.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

operations! {
    Or "or", And "and", Not "not",
    Equal "=", NotEqual "!=", Less "<", LessOrEqual "<=", Greater ">", GreaterOrEqual ">=",
    In "in", Add "+", Negate "neg", Multiply "*", Divide "/", Remainder "mod",
    Answered "answered", Skipped "skipped", Refused "refused", DontKnow "dont_know",
    NotApplicable "not_applicable", Asked "asked",
    If "if", Coalesce "coalesce", Between "between",
    Selected "selected", CountSelected "count_selected", SelectedAt "selected_at",
    Number "number", ToText "to_text", Label "label", Attribute "attribute",
    Code "code",
    Round "round", Floor "floor", Ceil "ceil", Abs "abs", Sqrt "sqrt", Pow "pow",
    Ln "ln", Log10 "log10", Exp "exp",
    Sin "sin", Cos "cos", Tan "tan", Asin "asin", Acos "acos", Atan "atan", Atan2 "atan2",
    Min "min", Max "max", Sum "sum", Mean "mean", Count "count",
    CountAnswered "count_answered", All "all", Any "any", Position "position",
    Length "length", Contains "contains", StartsWith "starts_with", EndsWith "ends_with",
    Upper "upper", Lower "lower", Trim "trim", Concat "concat", Substring "substring",
    SubstringBefore "substring_before", SubstringAfter "substring_after",
    Translate "translate", NormalizeSpace "normalize_space", Join "join", ItemAt "item_at",
    Distance "distance", Area "area", Geofence "geofence", Minutes "minutes", FormatDate "format_date",
    ToDate "to_date", ToTime "to_time", Year "year", Month "month", Day "day",
    Weekday "weekday", DaysBetween "days_between", MonthsBetween "months_between",
    YearsBetween "years_between", AddDays "add_days", Today "today", Random "random",
}

impl Node {
    /// Calls `visit` with this node and every node below it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Call(_, arguments) | Self::CallOfList(_, _, arguments) => {
                for argument in arguments {
                    argument.each(visit);
                }
            }
            Self::Matches(_, argument) => argument.each(visit),
            Self::Constant(_)
            | Self::Question(_)
            | Self::Instances(_)
            | Self::Roster(_)
            | Self::SelfValue => {}
        }
    }
}

impl From<Node> for Json {
    fn from(node: Node) -> Self {
        let call = |head: Vec<Json>, arguments: Vec<Node>| {
            Json::Array(head.into_iter().chain(arguments.into_iter().map(Json::from)).collect())
        };
        match node {
            Node::Constant(value) => constant_to_json(&value),
            Node::Question(reference) => json!(["q", reference]),
            Node::Instances(reference) => json!(["list", reference]),
            Node::Roster(reference) => json!(["roster", reference]),
            Node::SelfValue => json!(["."]),
            Node::Call(operation, arguments) => call(vec![json!(operation.name())], arguments),
            Node::CallOfList(operation, list, arguments) => {
                call(vec![json!(operation.name()), json!(list)], arguments)
            }
            Node::Matches(program, argument) => {
                json!(["matches", program.to_json(), Self::from(*argument)])
            }
        }
    }
}

fn constant_to_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => json!(flag),
        // A whole number is written without a fraction, as authors do.
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            json!(*number as i64)
        }
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(["text", text]),
        Value::Option(code) => json!(["option", code]),
        Value::Date(day) => json!(["date", calendar::print_date(*day)]),
        Value::Time(minute) => json!(["time", calendar::print_time(*minute)]),
        Value::Set(codes) => json!(["set", codes]),
        // No literal of a list can be written; an empty sum of lists reads as missing.
        Value::List(_) => Json::Null,
    }
}

impl TryFrom<Json> for Node {
    type Error = String;

    fn try_from(json: Json) -> Result<Self, String> {
        from_json(&json, 0)
    }
}

fn from_json(json: &Json, depth: usize) -> Result<Node, String> {
    if depth > DEPTH_LIMIT {
        return Err("an expression tree is nested too deeply".to_owned());
    }
    let parts = match json {
        Json::Bool(flag) => return Ok(Node::Constant(Value::Bool(*flag))),
        Json::Number(number) => {
            let number = number.as_f64().filter(|number| number.is_finite());
            let number = number.ok_or("an expression tree holds a number out of range")?;
            return Ok(Node::Constant(Value::Number(number)));
        }
        Json::Array(parts) => parts,
        _ => return Err("an expression tree holds something that is no node".to_owned()),
    };
    let word = |place: usize| {
        parts
            .get(place)
            .and_then(Json::as_str)
            .ok_or_else(|| format!("an expression node lacks the text at place {place}"))
    };
    let rest = |from: usize| {
        parts
            .iter()
            .skip(from)
            .map(|part| from_json(part, depth + 1))
            .collect::<Result<Vec<_>, _>>()
    };
    let head = word(0)?;
    let node = match head {
        "text" => Node::Constant(Value::Text(text::normalise(word(1)?))),
        "option" => Node::Constant(Value::Option(word(1)?.to_owned())),
        "date" => Node::Constant(Value::Date(
            calendar::parse_date(word(1)?).ok_or("an expression tree holds a bad date")?,
        )),
        "time" => Node::Constant(Value::Time(
            calendar::parse_time(word(1)?).ok_or("an expression tree holds a bad time")?,
        )),
        "q" => Node::Question(word(1)?.to_owned()),
        "list" => Node::Instances(word(1)?.to_owned()),
        "roster" => Node::Roster(word(1)?.to_owned()),
        "." => Node::SelfValue,
        "label" | "attribute" | "selected_at" => {
            let operation = match head {
                "label" => Operation::Label,
                "attribute" => Operation::Attribute,
                _ => Operation::SelectedAt,
            };
            Node::CallOfList(operation, word(1)?.to_owned(), rest(2)?)
        }
        "matches" => {
            let program = parts.get(1).and_then(Program::from_json);
            let program = program.ok_or("an expression tree holds a bad pattern program")?;
            let argument = parts.get(2).ok_or("matches lacks its text")?;
            Node::Matches(program, Box::new(from_json(argument, depth + 1)?))
        }
        _ => {
            let operation = Operation::from_name(head)
                .ok_or_else(|| format!("an expression tree holds the unknown operation {head}"))?;
            Node::Call(operation, rest(1)?)
        }
    };
    Ok(node)
}
