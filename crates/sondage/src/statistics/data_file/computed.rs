//! Columns that are computed from others, and conditions on rows, in the expression language of
//! questionnaires.

use std::borrow::Cow;

use analysis::Problem;
use analysis::dataset::VariableKind;
use analysis::dataset::missing::number_in;
use survey_builder::questionnaire::answer::{Answer, State, Value};
use survey_builder::questionnaire::expression::{
    self, Detail, Environment, Expected, Expression, Scope, Symbol, Type, compile, evaluate,
    is_true, print_number,
};

use super::{Column, DataFile, Dictionary, Known, no_column};

/// The columns by which an expression is read, each known by its place, with their kinds.
pub(super) struct Names<'a> {
    pub(super) names: &'a [String],
    pub(super) kinds: Vec<&'a VariableKind>,
}

impl Names<'_> {
    /// Reads an expression whose names are columns.
    pub(super) fn compiled(
        &self,
        place: &str,
        text: &str,
        expected: Expected,
    ) -> Result<Expression, Vec<Problem>> {
        let told = |problem: &expression::Problem| match &problem.detail {
            // A data file has columns and no questions.
            Detail::UnknownName { name, .. } => no_column(&format!("{place}: {name}"), self.names),
            _ => problem.told(place, text),
        };
        compile(text, self, Some(expected)).map_err(|problems| problems.iter().map(told).collect())
    }
}

impl Scope for Names<'_> {
    fn question(&self, name: &str) -> Option<Symbol> {
        let place = self.names.iter().position(|own| own == name)?;
        let kind = match self.kinds[place] {
            VariableKind::Number | VariableKind::Scale { .. } => Type::Number,
            VariableKind::Date => Type::Date,
            VariableKind::Choice | VariableKind::Set | VariableKind::Text => Type::Text,
        };
        Some(Symbol { id: place.to_string(), kind })
    }

    fn options(&self, _list: &str) -> Option<&[String]> {
        None
    }

    fn names(&self) -> Vec<String> {
        self.names.to_vec()
    }
}

/// The answers of one row.
struct Row<'a> {
    columns: &'a [(String, Read<'a>)],
    row: usize,
}

/// A column as answers: one for each level, the first where there is none.
struct Read<'a> {
    answers: Vec<Answer>,
    codes: &'a [u32],
}

impl Environment for Row<'_> {
    fn answer(&self, reference: &str) -> Cow<'_, Answer> {
        let column = self.columns.iter().find(|(own, _)| own == reference);
        match column {
            Some((_, column)) => Cow::Borrowed(&column.answers[column.codes[self.row] as usize]),
            None => Cow::Owned(Answer::Missing(State::NotAsked)),
        }
    }
}

impl Column {
    /// As answers of the kind that it has.
    fn read(&self) -> Read<'_> {
        let answers = self.levels.iter().map(|level| answer_of(&self.variable.kind, level));
        let none = Answer::Missing(State::Skipped);
        Read { answers: std::iter::once(none).chain(answers).collect(), codes: &self.codes }
    }
}

/// A value as an answer of the kind that its column has.
pub(super) fn answer_of(kind: &VariableKind, text: &str) -> Answer {
    let value = match kind {
        VariableKind::Number | VariableKind::Scale { .. } => number_in(text).map(Value::Number),
        VariableKind::Date => text.parse().ok().map(Value::Date),
        VariableKind::Choice | VariableKind::Set | VariableKind::Text => {
            Some(Value::Text(text.to_owned()))
        }
    };
    value.map_or(Answer::Missing(State::Skipped), Answer::Value)
}

/// A value as it would be written in the data; none where it is missing.
pub(super) fn written(value: Value) -> String {
    match value {
        Value::Bool(yes) => u8::from(yes).to_string(),
        Value::Number(number) => print_number(number),
        Value::Text(text) | Value::Option(text) => text,
        Value::Date(day) => day.to_string(),
        Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
        // No expression of single values makes one.
        Value::Set(_) | Value::List(_) => String::new(),
    }
}

impl DataFile {
    /// Reads an expression whose names are columns.
    fn compiled(
        &self,
        place: &str,
        text: &str,
        expected: Expected,
    ) -> Result<Expression, Vec<Problem>> {
        let kinds = self.columns.iter().map(|column| &column.variable.kind).collect();
        Names { names: &self.names, kinds }.compiled(place, text, expected)
    }

    /// The values of an expression, one a row.
    fn values<T>(&self, expression: &Expression, each: impl FnMut(Option<Value>) -> T) -> Vec<T> {
        let columns: Vec<(String, Read<'_>)> = (expression.references().into_iter())
            .filter_map(|reference| {
                let column = self.columns.get(reference.parse::<usize>().ok()?)?;
                column.asked.set(true);
                Some((reference.to_owned(), column.read()))
            })
            .collect();
        let value = |row| evaluate(expression, &Row { columns: &columns, row });
        (0..self.rows).map(value).map(each).collect()
    }

    /// Whether a condition holds for each row; where it is missing it does not.
    ///
    /// # Errors
    /// A condition that cannot be read, or names columns that are not there.
    pub fn holds(&self, condition: &str) -> Result<Vec<bool>, Vec<Problem>> {
        let expression = self.compiled("--where", condition, Expected::Condition)?;
        Ok(self.values(&expression, |value| is_true(value.as_ref())))
    }

    /// Computes columns from those that are there, each from those before it too.
    pub(super) fn compute(&mut self, columns: Vec<Known>) -> analysis::Result<()> {
        let mut problems = Vec::new();
        for known in columns {
            let text = known.variable.computed.clone().unwrap_or_default();
            match self.compiled(&known.variable.name, &text, Expected::Single) {
                Ok(expression) => self.add_computed(known, &expression),
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(analysis::Error::Invalid(problems)) }
    }

    fn add_computed(&mut self, known: Known, expression: &Expression) {
        let (mut own, missing) = (Dictionary::default(), known.variable.missing.clone());
        let codes = self.values(expression, |value| {
            value.map_or(0, |value| own.code(&written(value), &missing))
        });
        self.names.push(known.variable.name.clone());
        self.columns.push(Column::new(known, codes, own));
    }
}
