//! Dictionaries as lines (until version 7): sections in brackets, `key=value`.

use crate::account::Left;

use super::dictionary::{Dictionary, Item, Labels, Level, Record, Value, ValueSet};

/// What the lines that follow belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Dictionary,
    Languages,
    Level,
    Record,
    Item,
    Set,
    Value,
    Relation,
}

/// Reads a dictionary.
pub(super) fn read(text: &str) -> Dictionary {
    let mut reader = Reader {
        dictionary: Dictionary::default(),
        at: At::Dictionary,
        in_ids: false,
        relation: Vec::new(),
    };
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let trimmed = line.trim();
        if let Some(section) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            reader.section(&section.to_lowercase());
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim().to_lowercase(), value.trim_end());
            if !reader.line(&key, value) && !value.trim().is_empty() {
                let (place, value) = (reader.place(), value.trim().to_owned());
                reader.dictionary.left.push(Left { property: key, place, value });
            }
        } else if !trimmed.is_empty() {
            let (property, place) = ("line".to_owned(), reader.place());
            reader.dictionary.left.push(Left { property, place, value: trimmed.to_owned() });
        }
    }
    reader.relation_ends();
    reader.dictionary
}

struct Reader {
    dictionary: Dictionary,
    at: At,
    /// Whether items are those that identify a case.
    in_ids: bool,
    relation: Vec<String>,
}

impl Reader {
    fn section(&mut self, section: &str) {
        self.relation_ends();
        let dictionary = &mut self.dictionary;
        self.at = match section {
            "languages" => At::Languages,
            "level" => {
                dictionary.levels.push(Level::default());
                At::Level
            }
            "iditems" => {
                self.in_ids = true;
                At::Level
            }
            "record" => {
                self.in_ids = false;
                if dictionary.levels.is_empty() {
                    dictionary.levels.push(Level::default());
                }
                if let Some(level) = dictionary.levels.last_mut() {
                    level.records.push(Record::default());
                }
                At::Record
            }
            "item" => {
                self.new_item();
                At::Item
            }
            "valueset" => {
                if let Some(item) = self.item() {
                    item.sets.push(ValueSet::default());
                }
                At::Set
            }
            "relation" => At::Relation,
            _ => At::Dictionary,
        };
    }

    fn new_item(&mut self) {
        let levels = &mut self.dictionary.levels;
        if levels.is_empty() {
            levels.push(Level::default());
        }
        let Some(level) = levels.last_mut() else { return };
        if self.in_ids {
            level.ids.push(Item::default());
            return;
        }
        if level.records.is_empty() {
            level.records.push(Record::default());
        }
        if let Some(record) = level.records.last_mut() {
            record.items.push(Item::default());
        }
    }

    fn item(&mut self) -> Option<&mut Item> {
        let level = self.dictionary.levels.last_mut()?;
        if self.in_ids { level.ids.last_mut() } else { level.records.last_mut()?.items.last_mut() }
    }

    /// What the lines belong to, by its name.
    fn place(&mut self) -> String {
        let of_item = matches!(self.at, At::Item | At::Set | At::Value);
        if let Some(item) = self.item().filter(|_| of_item) {
            return item.name.clone();
        }
        let level = self.dictionary.levels.last().filter(|_| self.at != At::Dictionary);
        let record = level.and_then(|level| level.records.last()).filter(|_| self.at == At::Record);
        let name = record.map(|one| &one.name).or(level.map(|one| &one.name));
        name.cloned().unwrap_or_default()
    }

    /// Puts a line where it belongs; whether it has a place there.
    fn line(&mut self, key: &str, value: &str) -> bool {
        match self.at {
            At::Dictionary => match key {
                "label" if self.dictionary.labels.is_empty() => {
                    self.dictionary.labels = labels(value);
                }
                "name" if self.dictionary.name.is_empty() => {
                    value.clone_into(&mut self.dictionary.name);
                }
                _ => return false,
            },
            At::Languages => {
                let language = (key.to_owned(), value.trim().to_owned());
                self.dictionary.languages.push(language);
            }
            At::Level => {
                let Some(level) = self.dictionary.levels.last_mut() else { return false };
                match key {
                    "label" => level.labels = labels(value),
                    "name" => value.trim().clone_into(&mut level.name),
                    "note" => note(&mut level.note, value),
                    _ => return false,
                }
            }
            At::Record => return self.record_line(key, value),
            At::Item => return self.item_line(key, value),
            At::Set | At::Value => return self.value_line(key, value),
            At::Relation => self.relation.push(format!("{key} {}", value.trim())),
        }
        true
    }

    fn record_line(&mut self, key: &str, value: &str) -> bool {
        let level = self.dictionary.levels.last_mut();
        let Some(record) = level.and_then(|level| level.records.last_mut()) else { return false };
        match key {
            "label" => record.labels = labels(value),
            "name" => value.trim().clone_into(&mut record.name),
            "note" => note(&mut record.note, value),
            "required" => record.is_required = is_yes(value),
            "maxrecords" => record.occurrences.maximum = number(value),
            "occurrencelabel" | "occurencelabel" => {
                return put(&mut record.occurrences.labels, occurrence(value));
            }
            _ => return false,
        }
        true
    }

    fn item_line(&mut self, key: &str, value: &str) -> bool {
        let Some(item) = self.item() else { return false };
        match key {
            "label" => item.labels = labels(value),
            "name" => value.trim().clone_into(&mut item.name),
            "note" => note(&mut item.note, value),
            "len" => item.length = number(value),
            "start" => item.start = number(value),
            "datatype" => item.content = value.trim().to_lowercase(),
            "itemtype" => item.is_subitem = value.trim().eq_ignore_ascii_case("subitem"),
            "occurrences" => item.occurrences.maximum = number(value),
            "decimal" => item.decimals = number(value),
            "decimalchar" => item.has_decimal_mark = is_yes(value),
            "capturetype" => item.capture = value.trim().to_lowercase(),
            "capturedateformat" => value.trim().clone_into(&mut item.date_format),
            "occurrencelabel" | "occurencelabel" => {
                return put(&mut item.occurrences.labels, occurrence(value));
            }
            _ => return false,
        }
        true
    }

    fn value_line(&mut self, key: &str, value: &str) -> bool {
        let at = self.at;
        let Some(set) = self.item().and_then(|item| item.sets.last_mut()) else { return false };
        match (key, set.values.last_mut()) {
            ("value", _) => {
                set.values.push(read_value(value));
                self.at = At::Value;
            }
            ("name", Some(last)) if at == At::Value => {
                // `NOTAPPL`, in older files `NOTAPPL, Special`.
                let word = value.split([',', ' ']).find(|part| !part.is_empty());
                last.special = word.unwrap_or_default().to_uppercase();
            }
            ("image", Some(last)) => value.trim().clone_into(&mut last.image),
            ("link", _) => value.trim().clone_into(&mut set.link),
            ("name", None) => value.trim().clone_into(&mut set.name),
            _ => return false,
        }
        true
    }

    fn relation_ends(&mut self) {
        if !self.relation.is_empty() {
            let said = std::mem::take(&mut self.relation).join("; ");
            self.dictionary.relations.push(said);
        }
    }
}

/// `1:9 12;Label|Étiquette`, `'A ';Label`.
fn read_value(written: &str) -> Value {
    let place = unquoted(written, ';');
    let (pairs, label) = match place {
        Some(place) => (&written[..place], &written[place + 1..]),
        None => (written, ""),
    };
    let mut value = Value { labels: labels(label), ..Value::default() };
    let mut rest = pairs.trim();
    while !rest.is_empty() {
        let (from, after) = token(rest);
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix(':') {
            let (to, after) = token(after.trim_start());
            value.pairs.push((from, Some(to).filter(|to| !to.is_empty())));
            rest = after.trim_start();
        } else {
            value.pairs.push((from, None));
            rest = after;
        }
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    value
}

/// Where a sign stands outside quotes.
fn unquoted(text: &str, sign: char) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(place, next)| {
        match quote {
            Some(open) if next == open => quote = None,
            None if next == '\'' || next == '"' => quote = Some(next),
            None if next == sign => return Some(place),
            _ => {}
        }
        None
    })
}

/// The first value of a text, quoted or not, and what follows it.
fn token(text: &str) -> (String, &str) {
    let quote = text.chars().next().filter(|first| "'\"".contains(*first));
    if let Some(quote) = quote
        && let Some((inner, after)) = text[1..].split_once(quote)
    {
        return (inner.trim_end().to_owned(), after);
    }
    // One step at least, so that every text ends.
    let end = text
        .char_indices()
        .skip(1)
        .find(|(_, next)| next.is_whitespace() || *next == ':' || *next == ',')
        .map_or(text.len(), |(place, _)| place);
    (text[..end].trim_matches(['\'', '"', ':', ',']).to_owned(), &text[end..])
}

fn labels(written: &str) -> Labels {
    written.split('|').map(|label| label.trim().to_owned()).collect()
}

/// Puts what was read with the others; whether it could be read.
fn put<T>(all: &mut Vec<T>, read: Option<T>) -> bool {
    let is_read = read.is_some();
    all.extend(read);
    is_read
}

/// `1,First|Premier`.
fn occurrence(written: &str) -> Option<(u32, Labels)> {
    let (number, label) = written.split_once([',', ':'])?;
    Some((number.trim().parse().ok()?, labels(label)))
}

fn note(note: &mut String, written: &str) {
    note.push_str(&written.replace("\\r\\n", "\n"));
    note.push(' ');
}

fn number(written: &str) -> u32 {
    written.trim().parse().unwrap_or(0)
}

fn is_yes(written: &str) -> bool {
    written.trim().to_lowercase().starts_with('y')
}
