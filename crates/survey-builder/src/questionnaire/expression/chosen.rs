//! A condition as it is put together by choosing: lines of question, comparison and
//! value, all of which or one of which must hold, with one level of groups.
//!
//! What is chosen becomes an expression, and an expression becomes lines where lines
//! can hold all of it; either way it means the same (a test holds them to it).

use super::spoken::{How, Operand, Spoken, Subject, Test};
use super::token::{Token, tokens};
use super::{Type, calendar, number};
use crate::questionnaire::answer::Value;

/// A condition in lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Whether all parts must hold, or one is enough.
    pub all: bool,
    /// The parts: a line alone, or lines that are a group. In a group one is enough
    /// where all parts must hold, and the other way round.
    pub parts: Vec<Vec<Test>>,
}

impl Lines {
    /// The lines that say a condition; `None` where lines cannot say all of it.
    pub fn of(spoken: &Spoken) -> Option<Self> {
        let (all, parts) = match spoken {
            Spoken::All(parts) => (true, parts.as_slice()),
            Spoken::Any(parts) => (false, parts.as_slice()),
            Spoken::Leaf(_) => (true, std::slice::from_ref(spoken)),
        };
        let parts: Option<Vec<Vec<Test>>> = parts
            .iter()
            .map(|part| match part {
                Spoken::Leaf(_) => line(part).map(|line| vec![line]),
                Spoken::All(lines) | Spoken::Any(lines) => lines.iter().map(line).collect(),
            })
            .collect();
        Some(Self { all, parts: parts? })
    }

    /// The expression that says the same; `names` calls a question by its reference.
    /// `None` where something is not called anything, or a line is not whole.
    pub fn written(&self, names: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let (between, inside) = if self.all { (" and ", " or ") } else { (" or ", " and ") };
        let mut parts = Vec::new();
        for part in self.parts.iter().filter(|part| !part.is_empty()) {
            let lines: Option<Vec<String>> =
                part.iter().map(|line| line_written(line, names)).collect();
            let lines = lines?;
            let group = lines.len() > 1;
            let text = lines.join(inside);
            parts.push(if group { format!("({text})") } else { text });
        }
        Some(parts.join(between))
    }
}

/// A test that a line can hold: of an answer, with what is written out.
fn line(part: &Spoken) -> Option<Test> {
    let Spoken::Leaf(leaf) = part else { return None };
    let test = leaf.test.clone()?;
    let written = test.with.iter().all(|one| matches!(one, Operand::Value(_)));
    (written && test.of != Subject::Own).then_some(test)
}

fn line_written(test: &Test, names: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (least, most) = test.how.operands();
    if test.with.len() < least || test.with.len() > most {
        return None;
    }
    let name = name_written(&names(test.of.reference()?)?);
    let of = match test.of {
        Subject::Count(_) => format!("count_selected({name})"),
        _ => name,
    };
    let with: Option<Vec<String>> = test.with.iter().map(operand_written).collect();
    let with = with?.join(", ");
    Some(match test.how {
        How::Is => format!("{of} = {with}"),
        How::IsNot => format!("{of} != {with}"),
        How::OneOf => format!("{of} in ({with})"),
        How::NoneOf => format!("not({of} in ({with}))"),
        How::Includes => format!("selected({of}, {with})"),
        How::Excludes => format!("not(selected({of}, {with}))"),
        How::Less => format!("{of} < {with}"),
        How::AtMost => format!("{of} <= {with}"),
        How::More => format!("{of} > {with}"),
        How::AtLeast => format!("{of} >= {with}"),
        How::Between => format!("between({of}, {with})"),
        How::Contains => format!("contains({of}, {with})"),
        How::StartsWith => format!("starts_with({of}, {with})"),
        How::EndsWith => format!("ends_with({of}, {with})"),
        How::Yes => of,
        How::No => format!("not({of})"),
        How::Answered => format!("answered({of})"),
        How::NotAnswered => format!("not(answered({of}))"),
        How::Skipped => format!("skipped({of})"),
        How::Refused => format!("refused({of})"),
        How::DontKnow => format!("dont_know({of})"),
        How::NotApplicable => format!("not_applicable({of})"),
        How::Asked => format!("asked({of})"),
        How::NotAsked => format!("not(asked({of}))"),
    })
}

fn operand_written(operand: &Operand) -> Option<String> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let Operand::Value(value) = operand else { return None };
    Some(match value {
        Value::Number(value) => number::print(*value),
        Value::Text(text) | Value::Option(text) => quoted(text),
        Value::Date(day) => format!("date({})", quoted(&calendar::print_date(*day))),
        Value::Time(minute) => format!("time({})", quoted(&calendar::print_time(*minute))),
        Value::Bool(flag) => flag.to_string(),
        Value::Set(_) | Value::List(_) => return None,
    })
}

/// A name as it can be read again: in braces where it would not stand alone.
pub fn name_written(name: &str) -> String {
    let alone = tokens(name).is_ok_and(|tokens| {
        matches!(tokens.as_slice(), [(Token::Name(read), _), (Token::End, _)] if read == name)
    });
    if alone { name.to_owned() } else { format!("${{{name}}}") }
}

/// How answers of a type can be compared, the usual first; `counted` for how many
/// options were chosen. Empty where lines cannot.
pub fn comparisons(kind: &Type, counted: bool) -> &'static [How] {
    use How::{
        Answered, AtLeast, AtMost, Between, Contains, DontKnow, EndsWith, Excludes, Includes, Is,
        IsNot, Less, More, No, NoneOf, NotAnswered, OneOf, Refused, StartsWith, Yes,
    };
    match kind {
        Type::Set(_) if counted => &[AtLeast, AtMost, Is],
        _ if counted => &[],
        Type::Option(_) => &[Is, IsNot, OneOf, NoneOf, Answered, NotAnswered, DontKnow, Refused],
        Type::Set(_) => &[Includes, Excludes, Answered, NotAnswered, DontKnow, Refused],
        Type::Number | Type::Date | Type::Time => &[
            Is,
            IsNot,
            AtLeast,
            AtMost,
            More,
            Less,
            Between,
            Answered,
            NotAnswered,
            DontKnow,
            Refused,
        ],
        Type::Text => {
            &[Is, IsNot, Contains, StartsWith, EndsWith, Answered, NotAnswered, DontKnow, Refused]
        }
        Type::Bool => &[Yes, No, Answered, NotAnswered],
        Type::List(_) => &[],
    }
}
