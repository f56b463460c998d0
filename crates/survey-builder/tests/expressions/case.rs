//! Case files: their form, and the questions and answers of a case as a scope
//! and an environment.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use survey_builder::questionnaire::answer::{Answer, State, Value};
use survey_builder::questionnaire::expression::{Environment, Kind, Scope, Symbol, Type};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    pub questions: BTreeMap<String, Question>,
    pub cases: Vec<Case>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    #[serde(rename = "type")]
    pub kind: String,
    pub of: Option<String>,
    pub options: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    pub expression: String,
    #[serde(default)]
    pub answers: BTreeMap<String, Json>,
    #[serde(rename = "self")]
    pub self_value: Option<Json>,
    pub self_type: Option<String>,
    pub today: Option<String>,
    /// `null` is a value here: missing.
    #[serde(default, deserialize_with = "even_null")]
    pub value: Option<Json>,
    pub error: Option<ExpectedProblem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedProblem {
    pub kind: Kind,
    pub at: Option<(usize, usize)>,
}

fn even_null<'d, D: serde::Deserializer<'d>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// What a case's names mean and what was answered.
#[derive(Debug, Default)]
pub struct World {
    pub types: BTreeMap<String, Type>,
    pub lists: BTreeMap<String, Vec<String>>,
    pub answers: BTreeMap<String, Answer>,
    pub self_type: Option<Type>,
    pub self_value: Option<Value>,
    pub today: Option<NaiveDate>,
    /// Whether options have labels.
    pub labelled: bool,
}

impl World {
    pub fn new(questions: &BTreeMap<String, Question>, case: &Case) -> Result<Self, String> {
        let mut world = Self::default();
        for (name, question) in questions {
            let kind = world.kind_of(question)?;
            world.types.insert(name.clone(), kind);
        }
        for (name, json) in &case.answers {
            let kind = world.types.get(name).ok_or_else(|| format!("no question {name}"))?;
            let answer = world.answer(json, kind)?;
            world.answers.insert(name.clone(), answer);
        }
        world.self_type = match &case.self_type {
            None => None,
            Some(name) => Some(match world.types.get(name) {
                Some(kind) => kind.clone(),
                None => plain(name).ok_or_else(|| format!("no type {name}"))?,
            }),
        };
        if let (Some(json), Some(kind)) = (&case.self_value, &world.self_type) {
            world.self_value = world.value(json, kind)?;
        }
        if let Some(today) = &case.today {
            world.today = Some(today.parse().map_err(|_| format!("bad date {today}"))?);
        }
        Ok(world)
    }

    /// Questions with the same options share a list.
    fn kind_of(&mut self, question: &Question) -> Result<Type, String> {
        let Question { kind, of, options } = question;
        match (kind.as_str(), of, options) {
            ("list", Some(of), options) => {
                let member = Question { kind: of.clone(), of: None, options: options.clone() };
                Ok(Type::List(Box::new(self.kind_of(&member)?)))
            }
            ("option" | "set", None, Some(options)) => {
                let list = options.join("|");
                self.lists.insert(list.clone(), options.clone());
                Ok(if kind == "option" { Type::Option(list) } else { Type::Set(list) })
            }
            (kind, None, None) => plain(kind).ok_or_else(|| format!("no type {kind}")),
            _ => Err(format!("a question of an unknown form: {question:?}")),
        }
    }

    fn answer(&self, json: &Json, kind: &Type) -> Result<Answer, String> {
        if let Some(object) = json.as_object() {
            let state = object.get("state").and_then(Json::as_str).and_then(State::from_name);
            return match (state, object.len()) {
                (Some(state), 1) => Ok(Answer::Missing(state)),
                _ => Err(format!("an answer of an unknown form: {json}")),
            };
        }
        Ok(self.value(json, kind)?.map_or(Answer::Missing(State::Skipped), Answer::Value))
    }

    fn value(&self, json: &Json, kind: &Type) -> Result<Option<Value>, String> {
        let bad = || format!("{json} is no {kind}");
        let text = || json.as_str().map(str::to_owned).ok_or_else(bad);
        if json.is_null() {
            return Ok(None);
        }
        Ok(Some(match kind {
            Type::Bool => Value::Bool(json.as_bool().ok_or_else(bad)?),
            Type::Number => Value::Number(json.as_f64().ok_or_else(bad)?),
            Type::Text => Value::Text(text()?),
            Type::Date => Value::Date(text()?.parse().map_err(|_| bad())?),
            Type::Time => {
                let text = text()?;
                let (hour, minute) = text.split_once(':').ok_or_else(bad)?;
                let parse = |part: &str| part.parse::<u16>().map_err(|_| bad());
                Value::Time(parse(hour)? * 60 + parse(minute)?)
            }
            Type::Option(list) => Value::Option(self.code(list, &text()?)?),
            Type::Set(list) => {
                let codes = json.as_array().ok_or_else(bad)?.iter();
                let codes = codes.map(|code| self.code(list, code.as_str().unwrap_or_default()));
                Value::Set(codes.collect::<Result<_, _>>()?)
            }
            Type::List(of) => {
                let values = json.as_array().ok_or_else(bad)?.iter();
                Value::List(values.map(|value| self.value(value, of)).collect::<Result<_, _>>()?)
            }
        }))
    }

    fn code(&self, list: &str, code: &str) -> Result<String, String> {
        let known = self.lists[list].iter().any(|known| known == code);
        if known { Ok(code.to_owned()) } else { Err(format!("{list} has no option {code}")) }
    }
}

/// The value as the case files write it.
pub fn to_json(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Bool(flag)) => json!(flag),
        Some(Value::Number(number)) => json!(number),
        Some(Value::Text(text) | Value::Option(text)) => json!(text),
        Some(Value::Date(day)) => json!(day.format("%Y-%m-%d").to_string()),
        Some(Value::Time(minute)) => json!(format!("{:02}:{:02}", minute / 60, minute % 60)),
        Some(Value::Set(codes)) => json!(codes),
        Some(Value::List(values)) => values.iter().map(|value| to_json(value.as_ref())).collect(),
    }
}

/// Whether the value found is the one expected.
pub fn same(expected: &Json, found: Option<&Value>) -> Result<(), String> {
    let found = to_json(found);
    let same = match (expected.as_f64(), found.as_f64()) {
        (Some(expected), Some(found)) => {
            (expected - found).abs() <= 1e-12 * expected.abs().max(found.abs())
        }
        _ => *expected == found,
    };
    if same { Ok(()) } else { Err(format!("gives {found}, not {expected}")) }
}

fn plain(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "number" => Type::Number,
        "text" => Type::Text,
        "date" => Type::Date,
        "time" => Type::Time,
        _ => return None,
    })
}

/// Whether two evaluators gave the same: numbers to the last bit.
pub fn same_json(one: &Json, other: &Json) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

impl Scope for World {
    fn question(&self, name: &str) -> Option<Symbol> {
        let kind = self.types.get(name)?.clone();
        // The reference is not the name, so that mixing them up shows.
        Some(Symbol { id: format!("#{name}"), kind })
    }

    fn options(&self, list: &str) -> Option<&[String]> {
        self.lists.get(list).map(Vec::as_slice)
    }

    fn self_type(&self) -> Option<Type> {
        self.self_type.clone()
    }

    fn roster(&self, name: &str) -> Option<String> {
        let members = self.members(name).next().is_some();
        members.then(|| format!("#{name}"))
    }

    fn names(&self) -> Vec<String> {
        self.types.keys().cloned().collect()
    }
}

impl World {
    fn members<'w>(&'w self, roster: &'w str) -> impl Iterator<Item = &'w String> {
        self.types
            .iter()
            .filter(move |(name, kind)| {
                let of = name.rsplit_once('.').map(|(of, _)| of);
                matches!(kind, Type::List(_)) && of == Some(roster)
            })
            .map(|(name, _)| name)
    }
}

const NOT_REACHED: &Answer = &Answer::Missing(State::NotReached);

impl Environment for World {
    fn answer(&self, reference: &str) -> Cow<'_, Answer> {
        let name = reference.strip_prefix('#').expect("a reference, not a name");
        Cow::Borrowed(self.answers.get(name).unwrap_or(NOT_REACHED))
    }

    fn self_value(&self) -> Option<Cow<'_, Value>> {
        self.self_value.as_ref().map(Cow::Borrowed)
    }

    fn today(&self) -> Option<NaiveDate> {
        self.today
    }

    fn random(&self) -> Option<f64> {
        self.labelled.then_some(0.625)
    }

    fn label(&self, list: &str, code: &str) -> Option<String> {
        let known = self.labelled && self.lists.get(list)?.iter().any(|known| known == code);
        known.then(|| format!("Nhãn {code}"))
    }

    fn options(&self, list: &str) -> Option<Cow<'_, [String]>> {
        self.lists.get(list).map(|codes| Cow::Borrowed(codes.as_slice()))
    }

    fn attribute(&self, list: &str, code: &str, name: &str) -> Option<String> {
        let known = self.labelled && self.lists.get(list)?.iter().any(|known| known == code);
        known.then(|| if name == "none" { String::new() } else { format!("{name} {code}") })
    }

    fn roster_size(&self, reference: &str) -> Option<usize> {
        let roster = reference.strip_prefix('#').expect("a reference, not a name");
        self.members(roster)
            .filter_map(|name| match self.answers.get(name)?.value()? {
                Value::List(values) => Some(values.len()),
                _ => None,
            })
            .max()
    }
}
