//! From responses to rows and columns.
//!
//! A response is routed again through the version it answered, so that what is off its path reads as
//! not asked, whatever is stored. Versions are joined by the identity of items and the codes of
//! options: a changed wording is the same column, an added option one more level.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State, Value};
use survey_builder::questionnaire::document::{
    Document, Kind, Page, Question, Section, Text, ValueKind,
};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;

use crate::dataset::Dataset;
use crate::dataset::codebook::{Codebook, Level, Variable, VariableKind};
use crate::dataset::column::{Column, Values};
use crate::error::{Problem, Result, all_or_nothing};

/// A response as the store has it.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// Identity of the row.
    pub id: &'a str,
    /// Hash of the version that was answered.
    pub version: &'a str,
    /// The stored answers, on the path and off it.
    pub answers: &'a Answers,
    /// The day the response began: what `today()` means in its conditions.
    pub started_on: NaiveDate,
}

/// Builds a dataset from responses to one or more versions, the latest last.
///
/// # Errors
/// No version; a response that names an unknown version; an item that is of one type in one version
/// and of another in the next (a breaking change that needs a mapping).
pub fn assemble<'a>(
    versions: &[Version],
    responses: impl IntoIterator<Item = Response<'a>>,
) -> Result<Dataset> {
    let Some(latest) = versions.last() else {
        return Err(crate::error::invalid("versions", "there is none", "give at least one"));
    };
    let codebook = codebook(versions, latest)?;
    let by_hash: HashMap<&str, &Version> =
        versions.iter().map(|version| (version.hash.as_str(), version)).collect();
    let missing_options = missing_options(versions);
    let mut builders: Vec<Builder> = codebook.variables.iter().map(Builder::new).collect();
    let mut ids = Vec::new();
    let mut problems = Vec::new();
    for (row, response) in responses.into_iter().enumerate() {
        let Some(version) = by_hash.get(response.version) else {
            problems.push(Problem::row(
                "responses",
                row,
                format!("names version {}, which was not given", response.version),
                "give every version that was answered",
            ));
            continue;
        };
        let path = route(version, response.answers, response.started_on);
        for (builder, variable) in builders.iter_mut().zip(&codebook.variables) {
            let answer = variable.item.and_then(|item| path.answers.get(item));
            builder.push(answer, variable, &missing_options);
        }
        ids.push(response.id.to_owned());
    }
    all_or_nothing(problems)?;
    let columns = builders.into_iter().map(Builder::finish).collect();
    Ok(Dataset { ids, columns, codebook })
}

/// Options that mean there is no value, by item and code.
type MissingOptions = HashMap<(ItemId, String), State>;

fn missing_options(versions: &[Version]) -> MissingOptions {
    let mut found = HashMap::new();
    for document in versions.iter().map(|version| &version.document) {
        for item in document.questions().flat_map(Question::items) {
            let list = item.list().and_then(|name| document.list(name));
            for option in list.into_iter().flat_map(|list| &list.options) {
                if let Some(state) = option.missing {
                    found.insert((item.id, option.code.clone()), state);
                }
            }
        }
    }
    found
}

fn codebook(versions: &[Version], latest: &Version) -> Result<Codebook> {
    let mut languages = vec![latest.document.default_language.clone()];
    for language in &latest.document.languages {
        if !languages.contains(&language.code) {
            languages.push(language.code.clone());
        }
    }
    let mut variables: Vec<Variable> = Vec::new();
    let mut problems = Vec::new();
    // The latest version names and orders; earlier ones add what it no longer asks.
    for version in versions.iter().rev() {
        for variable in document_variables(&version.document) {
            let known = variables
                .iter_mut()
                .find(|known| known.item == variable.item && known.place == variable.place);
            let Some(known) = known else {
                variables.push(variable);
                continue;
            };
            if known.kind != variable.kind {
                problems.push(Problem::input(
                    &variable.name,
                    "is of another type in an earlier version",
                    "analyse the versions apart, or recode one of them",
                ));
            }
            for level in variable.levels {
                if !known.levels.iter().any(|own| own.code == level.code) {
                    known.levels.push(level);
                }
            }
        }
    }
    all_or_nothing(problems)?;
    Ok(Codebook {
        title: latest.document.title.clone(),
        languages,
        versions: versions.iter().map(|version| version.hash.clone()).collect(),
        variables,
    })
}

fn document_variables(document: &Document) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (section, page) in document.pages() {
        let answers = page.questions.iter().filter(
            |question| !matches!(&question.kind, Kind::Hidden(hidden) if hidden.is_of_interview()),
        );
        for question in answers {
            for item in question.items() {
                let kind = item.kind_in(question).into_owned();
                let Some((kind, levels)) = kind_and_levels(document, &kind) else { continue };
                let part = item.id != question.id;
                let variable = Variable {
                    name: item.name.into_owned(),
                    item: Some(item.id),
                    place: None,
                    question: question.name.clone(),
                    number: question.number.clone(),
                    label: item.wording.clone(),
                    heading: if part { question.wording.clone() } else { Text::default() },
                    kind,
                    levels,
                    unit: unit(question),
                    universe: universe(section, page, question),
                    roles: question.roles.clone(),
                };
                match &question.kind {
                    Kind::Ranking(ranking) if !item.is_other => {
                        let most = ranking.at_most.map_or(usize::MAX, |most| most as usize);
                        let places = variable.levels.len().min(most);
                        variables.extend((1..=places).map(|place| in_place(&variable, place)));
                    }
                    _ => variables.push(variable),
                }
            }
        }
    }
    variables
}

/// A ranking is one variable a place: which option stands there.
fn in_place(ranking: &Variable, place: usize) -> Variable {
    let numbered = |words: &String| format!("{words} – {place}");
    let label = ranking.label.0.iter().map(|(language, words)| (language.clone(), numbered(words)));
    Variable {
        name: format!("{}_{place}", ranking.name),
        place: Some(place),
        label: Text(label.collect()),
        heading: ranking.label.clone(),
        ..ranking.clone()
    }
}

fn unit(question: &Question) -> Text {
    match &question.kind {
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => range.unit.clone(),
        _ => Text::default(),
    }
}

fn universe(section: &Section, page: &Page, question: &Question) -> Vec<String> {
    [&section.relevant, &page.relevant, &question.relevant].into_iter().flatten().cloned().collect()
}

/// The type of a column and its levels; none for what takes no answer and for
/// what is no value: a file.
fn kind_and_levels(document: &Document, kind: &Kind) -> Option<(VariableKind, Vec<Level>)> {
    let from_list = |name: &str| -> Vec<Level> {
        document.list(name).map_or_else(Vec::new, |list| {
            list.options
                .iter()
                .filter(|option| option.missing.is_none())
                .map(|option| Level { code: option.code.clone(), label: option.label.clone() })
                .collect()
        })
    };
    Some(match kind {
        Kind::Note | Kind::Grid(_) | Kind::File(_) | Kind::Signature => return None,
        Kind::Ranking(ranking) => (VariableKind::Choice, from_list(&ranking.choice.list)),
        Kind::BestWorst(pair) => (VariableKind::Choice, from_list(&pair.list)),
        Kind::Arm(arm) => (VariableKind::Choice, from_list(&arm.list)),
        Kind::Acknowledge => {
            let level = Level { code: "true".to_owned(), label: Text::default() };
            (VariableKind::Choice, vec![level])
        }
        Kind::Single(choice) | Kind::Consent(choice) => {
            (VariableKind::Choice, from_list(&choice.list))
        }
        Kind::Battery(battery) => (VariableKind::Choice, from_list(&battery.list)),
        Kind::Multiple(multiple) => (VariableKind::Set, from_list(&multiple.choice.list)),
        Kind::Scale(scale) => {
            let levels = (scale.from..=scale.to)
                .map(|point| Level {
                    code: point.to_string(),
                    label: if point == scale.from && !scale.low.is_empty() {
                        numbered(point, &scale.low)
                    } else if point == scale.to && !scale.high.is_empty() {
                        numbered(point, &scale.high)
                    } else {
                        Text::default()
                    },
                })
                .collect();
            (VariableKind::Scale { from: scale.from, to: scale.to }, levels)
        }
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Duration(_) => {
            (VariableKind::Number, Vec::new())
        }
        Kind::ShortText(_) | Kind::LongText(_) | Kind::Time | Kind::DateTime | Kind::Geo(_) => {
            (VariableKind::Text, Vec::new())
        }
        Kind::Hidden(hidden) => match hidden.value {
            ValueKind::Text => (VariableKind::Text, Vec::new()),
            ValueKind::Number => (VariableKind::Number, Vec::new()),
            ValueKind::Date => (VariableKind::Date, Vec::new()),
        },
        Kind::Date(_) => (VariableKind::Date, Vec::new()),
        Kind::Computed(computed) => match &computed.list {
            Some(list) => (VariableKind::Choice, from_list(list)),
            None => (VariableKind::Number, Vec::new()),
        },
    })
}

/// A point with what it means, in each language.
fn numbered(point: i32, text: &Text) -> Text {
    Text(
        text.0
            .iter()
            .map(|(language, text)| (language.clone(), format!("{point} – {text}")))
            .collect(),
    )
}

/// A column while it grows.
struct Builder {
    column: Column,
    codes: HashMap<String, u16>,
}

impl Builder {
    fn new(variable: &Variable) -> Self {
        let values = match variable.kind {
            VariableKind::Choice => Values::Coded(Vec::new()),
            VariableKind::Set => Values::Set(vec![Vec::new(); variable.levels.len()]),
            VariableKind::Scale { .. } | VariableKind::Number => Values::Number(Vec::new()),
            VariableKind::Text | VariableKind::Date => Values::Text(Vec::new()),
        };
        let codes =
            variable.levels.iter().zip(1_u16..).map(|(level, code)| (level.code.clone(), code));
        Self { column: Column { values, states: Vec::new() }, codes: codes.collect() }
    }

    /// Adds a row. An item that its version did not have was not asked.
    fn push(&mut self, answer: Option<&Answer>, variable: &Variable, missing: &MissingOptions) {
        let held = answer.map(|answer| of_place(answer, variable.place));
        let answer = held.as_deref();
        let value = answer.and_then(Answer::value);
        let state = match value.and_then(|value| meant_missing(value, variable.item, missing)) {
            Some(state) => state,
            None => answer.map_or(State::NotAsked, Answer::state),
        };
        let value = value.filter(|_| state == State::Answered);
        let stored = match &mut self.column.values {
            Values::Coded(codes) => {
                let code = value.and_then(|value| self.codes.get(&plain(value))).copied();
                codes.push(code.unwrap_or(0));
                code.is_some()
            }
            Values::Number(numbers) => {
                let number = value.and_then(number);
                numbers.push(number.unwrap_or(f64::NAN));
                number.is_some()
            }
            Values::Text(texts) => {
                texts.push(value.map(plain));
                value.is_some()
            }
            Values::Set(options) => {
                let chosen = match value {
                    Some(Value::Set(chosen)) => Some(chosen),
                    _ => None,
                };
                for (option, level) in options.iter_mut().zip(&variable.levels) {
                    let has = chosen.is_some_and(|chosen| chosen.contains(&level.code));
                    option.push(u8::from(has));
                }
                chosen.is_some()
            }
        };
        // A value that the column cannot hold (a code that no version lists) was edited away.
        let lost = state == State::Answered && !stored;
        self.column.states.push(if lost { State::EditedOut } else { state });
    }

    fn finish(self) -> Column {
        self.column
    }
}

/// What stands in a place of a ranking; other answers as they are.
fn of_place(answer: &Answer, place: Option<usize>) -> Cow<'_, Answer> {
    let (Some(place), Answer::Value(Value::List(order))) = (place, answer) else {
        return Cow::Borrowed(answer);
    };
    let value = place.checked_sub(1).and_then(|place| order.get(place)).cloned().flatten();
    Cow::Owned(value.map_or(Answer::Missing(State::Skipped), Answer::Value))
}

/// The state that a chosen option stands for, if it means that there is no value.
fn meant_missing(value: &Value, item: Option<ItemId>, missing: &MissingOptions) -> Option<State> {
    let item = item?;
    let state = |code: &String| missing.get(&(item, code.clone())).copied();
    match value {
        Value::Option(code) => state(code),
        Value::Set(codes) => codes.iter().find_map(state),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Time(minutes) => Some(f64::from(*minutes)),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) | Value::Option(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
        Value::Set(codes) => codes.join(" "),
        Value::List(values) => {
            let parts: Vec<String> =
                values.iter().map(|value| value.as_ref().map_or_else(String::new, plain)).collect();
            parts.join(" ")
        }
    }
}
