//! Lines of a condition as a form has them: what is typed and not whole yet, and back.

use fielding::error::Problem;
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::expression::Type;
use survey_builder::questionnaire::expression::chosen::{Lines, comparisons};
use survey_builder::questionnaire::expression::spoken::{How, Operand, Subject, Test};
use survey_builder::questionnaire::validate::{Number, Posted, read_number};
use survey_builder::questionnaire::version::Version;

use super::super::edits::plain_lines;
use super::super::said::{list_of, number_written, time_written};
use super::place::Candidate;
use crate::form::as_sent;

/// The most lines of a condition; more is written as an expression.
pub const MOST: usize = 40;

/// A condition as it is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed {
    /// Whether it is written as an expression.
    pub written: bool,
    /// Whether all parts must hold, or one is enough.
    pub all: bool,
    /// The lines, group by group; a line alone is a group of one.
    pub parts: Vec<Vec<Line>>,
    /// The expression.
    pub text: String,
}

/// A line as it is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The reference of the question; empty where none is chosen.
    pub question: String,
    /// The comparison, as forms name it; empty where none is chosen.
    pub how: String,
    /// What it is compared with.
    pub values: Vec<String>,
    /// The upper end of a range.
    pub upper: String,
}

/// A comparison as forms name it: how many options were chosen begins with `count-`.
pub fn how_word(how: How, counted: bool) -> String {
    if counted { format!("count-{}", how.name()) } else { how.name().to_owned() }
}

/// The comparison of that word, and whether options are counted.
pub fn how_of(word: &str) -> Option<(How, bool)> {
    match word.strip_prefix("count-") {
        Some(word) => How::from_name(word).map(|how| (how, true)),
        None => How::from_name(word).map(|how| (how, false)),
    }
}

/// The comparisons that fit a type: words of forms.
pub fn fitting(kind: &Type) -> Vec<String> {
    let own = comparisons(kind, false).iter().map(|how| how_word(*how, false));
    own.chain(comparisons(kind, true).iter().map(|how| how_word(*how, true))).collect()
}

impl Typed {
    /// What a form says.
    pub fn of_form(form: &Posted) -> Self {
        let mut parts = Vec::new();
        let count = |name: &str| as_sent(form, name).parse::<usize>().unwrap_or(0).min(MOST);
        for part in 0..count("parts") {
            let mut lines = Vec::new();
            for line in 0..count(&format!("lines.{part}")) {
                let own = |field: &str| format!("l.{part}.{line}.{field}");
                lines.push(Line {
                    question: as_sent(form, &own("q")).to_owned(),
                    how: as_sent(form, &own("h")).to_owned(),
                    values: form.get(&own("v")).cloned().unwrap_or_default(),
                    upper: as_sent(form, &own("w")).to_owned(),
                });
            }
            if !lines.is_empty() {
                parts.push(lines);
            }
        }
        Self {
            written: as_sent(form, "by") == "text",
            all: as_sent(form, "join") != "any",
            parts,
            text: plain_lines(as_sent(form, "text")).trim().to_owned(),
        }
    }

    /// How lines are typed.
    pub fn of_lines(lines: &Lines, candidates: &[Candidate], language: &str) -> Self {
        let typed = |test: &Test| {
            let question = test.of.reference().unwrap_or_default().to_owned();
            let found = candidates.iter().find(|one| one.reference == question);
            let one = found.is_some_and(|it| matches!(it.kind, Type::Option(_)));
            let how = match test.how {
                // Of one answer it is the same.
                How::Includes if one => How::Is,
                How::Excludes if one => How::IsNot,
                how => how,
            };
            let mut values: Vec<String> =
                test.with.iter().map(|operand| operand_typed(operand, language)).collect();
            let upper = match how {
                How::Between => values.pop().unwrap_or_default(),
                _ => String::new(),
            };
            let how = how_word(how, matches!(test.of, Subject::Count(_)));
            Line { question, how, values, upper }
        };
        let parts = lines.parts.iter().map(|part| part.iter().map(typed).collect());
        Self { all: lines.all, parts: parts.collect(), ..Self::default() }
    }

    /// The lines, or everything that is not whole in them, each with its place.
    pub fn lines(
        &self,
        candidates: &[Candidate],
        (version, language): (&Version, &str),
    ) -> Result<Lines, Vec<(usize, usize, Problem)>> {
        let mut problems = Vec::new();
        let mut parts = Vec::new();
        for (part, typed) in self.parts.iter().enumerate() {
            let mut lines = Vec::new();
            for (line, one) in typed.iter().enumerate() {
                match test(one, candidates, (version, language)) {
                    Ok(test) => lines.push(test),
                    Err(problem) => problems.push((part, line, problem)),
                }
            }
            parts.push(lines);
        }
        if problems.is_empty() { Ok(Lines { all: self.all, parts }) } else { Err(problems) }
    }
}

/// What a line says; a line in which nothing is chosen is not whole either.
fn test(
    line: &Line,
    candidates: &[Candidate],
    (version, language): (&Version, &str),
) -> Result<Test, Problem> {
    let Some(question) = candidates.iter().find(|one| one.reference == line.question) else {
        return Err(Problem::new("condition-no-question", ""));
    };
    let fits = fitting(&question.kind);
    let chosen = how_of(&line.how).filter(|_| fits.contains(&line.how));
    let Some((how, counted)) = chosen else {
        return Err(Problem::new("condition-no-comparison", ""));
    };
    let reference = question.reference.clone();
    let of = if counted { Subject::Count(reference) } else { Subject::Answer(reference) };
    let kind = if counted { &Type::Number } else { &question.kind };
    let (least, _) = how.operands();
    let mut typed: Vec<&str> = match how.operands() {
        (0, 0) => Vec::new(),
        (1, 1) => line.values.first().map(String::as_str).into_iter().collect(),
        (2, 2) => line
            .values
            .first()
            .map(String::as_str)
            .into_iter()
            .chain([line.upper.as_str()])
            .collect(),
        _ => line.values.iter().map(String::as_str).collect(),
    };
    typed.retain(|value| !value.trim().is_empty());
    if typed.len() < least {
        return Err(Problem::new("condition-no-value", ""));
    }
    let mut with = Vec::new();
    for value in typed {
        let read = value_typed(value, kind, (version, language));
        let wrong = || Problem::new("condition-value", "").with("value", value);
        with.push(Operand::Value(read.ok_or_else(wrong)?));
    }
    Ok(Test { of, how, with })
}

/// A value as it is typed for answers of a type; options by code or by label.
fn value_typed(typed: &str, kind: &Type, (version, language): (&Version, &str)) -> Option<Value> {
    let typed = typed.trim();
    match kind {
        Type::Number => match read_number(typed) {
            Number::Is(number) => Some(Value::Number(number)),
            // As the language of the page writes it; what it became is said below it.
            Number::Ambiguous { grouped, decimal } => {
                let sign = if language == "vi" { ',' } else { '.' };
                Some(Value::Number(if typed.contains(sign) { decimal } else { grouped }))
            }
            Number::Not => None,
        },
        Type::Date => locale::read_date(typed).map(Value::Date),
        Type::Time => {
            let (hour, minute) = typed.split_once([':', 'h'])?;
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            (hour < 24 && minute < 60).then_some(Value::Time(hour * 60 + minute))
        }
        Type::Text => Some(Value::Text(typed.to_owned())),
        Type::Option(_) | Type::Set(_) => {
            let list = version.list(list_of(kind)?)?;
            let called = |label: &str| label.trim().to_lowercase() == typed.to_lowercase();
            let by_code = list.options.iter().find(|option| option.code == typed);
            let by_label =
                || list.options.iter().find(|one| one.label.0.values().any(|label| called(label)));
            by_code.or_else(by_label).map(|option| Value::Option(option.code.clone()))
        }
        Type::Bool | Type::List(_) => None,
    }
}

fn operand_typed(operand: &Operand, language: &str) -> String {
    match operand {
        Operand::Value(Value::Number(number)) => number_written(*number, language),
        Operand::Value(Value::Text(text) | Value::Option(text)) => text.clone(),
        Operand::Value(Value::Date(day)) => locale::date(*day),
        Operand::Value(Value::Time(minute)) => time_written(*minute),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_has_its_words() {
        let list = || "list".to_owned();
        let kinds = [
            Type::Bool,
            Type::Number,
            Type::Text,
            Type::Date,
            Type::Time,
            Type::Option(list()),
            Type::Set(list()),
        ];
        for word in kinds.iter().flat_map(fitting) {
            let (how, counted) = how_of(&word).expect("a comparison");
            assert_eq!(how_word(how, counted), word);
            for language in ["en", "vi"] {
                assert!(locale::has(language, &format!("how-{word}")), "{word} in {language}");
            }
        }
        assert_eq!(how_of("colour"), None);
    }
}
