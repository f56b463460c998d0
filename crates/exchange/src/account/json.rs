//! A value in JSON that counts what was read of it.
//!
//! A text, number or truth is read when it is handed out as one; an object or a
//! list when its parts are, so that a property which nobody knows is found
//! wherever it is. Clones share one account.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::Left;
use crate::draft::text::beside_words;

/// What an object is called by, in the order in which they are looked for.
const NAMES: [&str; 9] = [
    "name",
    "QuestionID",
    "FlowID",
    "id",
    "ID",
    "PrimaryAttribute",
    "StataExportCaption",
    "VariableName",
    "Name",
];

/// A value in JSON.
#[derive(Clone, Debug)]
pub(crate) struct Json(Arc<Node>);

#[derive(Debug)]
struct Node {
    part: Part,
    handed_out: AtomicBool,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Part {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    String(String),
    Array(Vec<Json>),
    Object(Object),
}

/// The properties of an object in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Object {
    entries: Vec<(String, Json)>,
    places: HashMap<String, usize>,
}

/// What stands for a value that is not there.
static NOTHING: LazyLock<Json> = LazyLock::new(|| Json::new(Part::Null));

impl Object {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Json> {
        self.entries.iter().map(|(_, value)| value)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    fn get(&self, key: &str) -> Option<&Json> {
        self.places.get(key).map(|place| &self.entries[*place].1)
    }

    fn put(&mut self, key: String, value: Json) {
        match self.places.get(&key) {
            Some(place) => self.entries[*place].1 = value,
            None => {
                self.places.insert(key.clone(), self.entries.len());
                self.entries.push((key, value));
            }
        }
    }
}

impl<'o> IntoIterator for &'o Object {
    type Item = (&'o String, &'o Json);
    type IntoIter = Box<dyn Iterator<Item = Self::Item> + 'o>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl Json {
    fn new(part: Part) -> Self {
        Self(Arc::new(Node { part, handed_out: AtomicBool::new(false) }))
    }

    /// A text that no file has.
    pub(crate) fn text(text: &str) -> Self {
        Self::new(Part::String(text.to_owned()))
    }

    /// What it is; a text, number or truth is handed out so.
    pub(crate) fn part(&self) -> &Part {
        if !matches!(self.0.part, Part::Array(_) | Part::Object(_)) {
            self.count();
        }
        &self.0.part
    }

    /// A value that is not there.
    pub(crate) fn nothing() -> &'static Self {
        &NOTHING
    }

    fn count(&self) {
        self.0.handed_out.store(true, Ordering::Relaxed);
    }

    fn is_handed_out(&self) -> bool {
        self.0.handed_out.load(Ordering::Relaxed)
    }

    /// A property of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The same; nothing where there is none.
    pub(crate) fn at(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(Self::nothing())
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        if let Part::Object(parts) = &self.0.part { Some(parts) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&Vec<Self>> {
        if let Part::Array(parts) = &self.0.part { Some(parts) } else { None }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        let Part::String(text) = &self.0.part else { return None };
        self.count();
        Some(text)
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        let Part::Bool(truth) = self.0.part else { return None };
        self.count();
        Some(truth)
    }

    fn number<T>(&self, of: impl Fn(&serde_json::Number) -> Option<T>) -> Option<T> {
        let Part::Number(number) = &self.0.part else { return None };
        let found = of(number);
        if found.is_some() {
            self.count();
        }
        found
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        self.number(serde_json::Number::as_f64)
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        self.number(serde_json::Number::as_i64)
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        self.number(serde_json::Number::as_u64)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.0.part, Part::Null)
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self.0.part, Part::Object(_))
    }

    pub(crate) fn is_array(&self) -> bool {
        matches!(self.0.part, Part::Array(_))
    }

    pub(crate) fn is_string(&self) -> bool {
        matches!(self.0.part, Part::String(_))
    }

    /// Whether a property is written as false.
    pub(crate) fn is_off(&self, key: &str) -> bool {
        self.get(key).and_then(Self::as_bool) == Some(false)
    }

    /// The object with another property; the others share their account.
    pub(crate) fn with(&self, key: &str, value: Self) -> Self {
        let mut parts = Object::default();
        for (own, part) in self.as_object().into_iter().flatten() {
            parts.put(own.clone(), part.clone());
        }
        parts.put(key.to_owned(), value);
        Self::new(Part::Object(parts))
    }

    /// A copy with an account of its own, to look through: nothing is carried
    /// over so.
    pub(crate) fn looked_through(&self) -> Self {
        Self::from(&self.value())
    }

    /// All of it as it is written, to show it beside what was made of it: nothing
    /// is carried over so.
    pub(crate) fn original(&self) -> String {
        self.value().to_string()
    }

    fn value(&self) -> Value {
        match &self.0.part {
            Part::Null => Value::Null,
            Part::Bool(truth) => Value::Bool(*truth),
            Part::Number(number) => Value::Number(number.clone()),
            Part::String(text) => Value::String(text.clone()),
            Part::Array(parts) => parts.iter().map(Self::value).collect(),
            Part::Object(parts) => {
                parts.iter().map(|(key, part)| (key.clone(), part.value())).collect()
            }
        }
    }

    /// All of it is kept or carried over.
    pub(crate) fn hand_out(&self) {
        self.count();
        match &self.0.part {
            Part::Array(parts) => parts.iter().for_each(Self::hand_out),
            Part::Object(parts) => parts.values().for_each(Self::hand_out),
            _ => {}
        }
    }

    /// Whether something in it was handed out.
    fn is_read(&self) -> bool {
        match &self.0.part {
            Part::Array(parts) => parts.iter().any(Self::is_read),
            Part::Object(parts) => parts.values().any(Self::is_read),
            _ => self.is_handed_out(),
        }
    }

    /// Whether it says nothing.
    fn is_blank(&self) -> bool {
        match &self.0.part {
            Part::Null => true,
            Part::String(text) => text.trim().is_empty(),
            Part::Array(parts) => parts.iter().all(Self::is_blank),
            Part::Object(parts) => parts.values().all(Self::is_blank),
            Part::Bool(_) | Part::Number(_) => false,
        }
    }

    /// What texts with markup have beside their words, which readers leave out.
    pub(crate) fn beside_words(&self) -> Vec<Left> {
        let mut found = Vec::new();
        let mut waiting = vec![(self, String::new())];
        while let Some((value, around)) = waiting.pop() {
            match &value.0.part {
                Part::String(text) => {
                    found.extend(beside_words(text).into_iter().map(|(role, value)| Left {
                        property: role.to_owned(),
                        place: around.clone(),
                        value,
                    }));
                }
                Part::Array(parts) => {
                    waiting.extend(parts.iter().rev().map(|part| (part, around.clone())));
                }
                Part::Object(parts) => {
                    let own = value.called().unwrap_or(around);
                    let parts: Vec<&Self> = parts.values().collect();
                    waiting.extend(parts.into_iter().rev().map(|part| (part, own.clone())));
                }
                _ => {}
            }
        }
        found
    }

    /// What no reader asked for, in the order of the file: of what nothing was
    /// read the whole, else the parts that were not.
    pub(crate) fn left(&self) -> Vec<Left> {
        let mut found = Vec::new();
        self.find_left("", "", &mut found);
        found
    }

    fn find_left(&self, property: &str, place: &str, found: &mut Vec<Left>) {
        if self.is_handed_out() || self.is_blank() {
            return;
        }
        if !property.is_empty() && !self.is_read() {
            let value = match &self.0.part {
                Part::String(text) => text.clone(),
                _ => self.original(),
            };
            let (property, place) = (property.to_owned(), place.to_owned());
            found.push(Left { property, place, value });
            return;
        }
        match &self.0.part {
            Part::Array(parts) => {
                for part in parts {
                    part.find_left(property, place, found);
                }
            }
            Part::Object(parts) => {
                let own = self.called();
                for (key, part) in parts {
                    match &own {
                        Some(own) => part.find_left(key, own, found),
                        None if property.is_empty() => part.find_left(key, place, found),
                        // Numbers of parts make one property of many.
                        None if key.parse::<u64>().is_ok() => {
                            part.find_left(property, place, found);
                        }
                        None => part.find_left(&format!("{property}.{key}"), place, found),
                    }
                }
            }
            _ => {}
        }
    }

    /// What an object is called by, without counting.
    fn called(&self) -> Option<String> {
        let parts = self.as_object()?;
        let named = NAMES.iter().filter_map(|key| parts.get(key));
        named
            .filter_map(|name| match &name.0.part {
                Part::String(text) => Some(text.clone()),
                Part::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .find(|name| !name.trim().is_empty())
    }
}

impl fmt::Display for Json {
    /// All of it in JSON: whoever asks for it keeps it whole.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hand_out();
        write!(formatter, "{}", self.value())
    }
}

impl PartialEq for Json {
    /// To compare is not to carry over.
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self::new(match value {
            Value::Null => Part::Null,
            Value::Bool(truth) => Part::Bool(*truth),
            Value::Number(number) => Part::Number(number.clone()),
            Value::String(text) => Part::String(text.clone()),
            Value::Array(parts) => Part::Array(parts.iter().map(Self::from).collect()),
            Value::Object(parts) => {
                let mut object = Object::default();
                for (key, part) in parts {
                    object.put(key.clone(), Self::from(part));
                }
                Part::Object(object)
            }
        })
    }
}
