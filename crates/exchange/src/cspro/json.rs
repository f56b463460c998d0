//! Dictionaries in JSON (version 8).

use crate::account::{Json, Part};

use super::dictionary::{Dictionary, Item, Labels, Level, Occurrences, Record, Value, ValueSet};

/// Reads a dictionary.
pub(super) fn read(json: &serde_json::Value) -> Dictionary {
    let json = &Json::from(json);
    let languages: Vec<(String, String)> =
        list(json, "languages").map(|one| (string(one, "name"), string(one, "label"))).collect();
    let reader = Reader { languages };
    let levels = list(json, "levels").map(|level| reader.level(level)).collect();
    let relations = list(json, "relations").map(|relation| {
        let links: Vec<String> = list(relation, "links")
            .map(|link| {
                ["primaryLink", "secondary", "secondaryLink"].map(|key| string(link, key)).join(" ")
            })
            .collect();
        let (name, primary) = (string(relation, "name"), string(relation, "primary"));
        format!("{name}: {primary} → {}", links.join("; "))
    });
    Dictionary {
        name: string(json, "name"),
        labels: reader.labels(json),
        levels,
        relations: relations.collect(),
        left: json.left(),
        languages: reader.languages,
    }
}

struct Reader {
    languages: Vec<(String, String)>,
}

impl Reader {
    fn level(&self, level: &Json) -> Level {
        let ids = level.at("ids");
        let ids =
            if ids.is_array() { ids.as_array() } else { ids.get("items").and_then(Json::as_array) };
        Level {
            name: string(level, "name"),
            labels: self.labels(level),
            note: string(level, "note"),
            ids: ids.into_iter().flatten().map(|item| self.item(item)).collect(),
            records: list(level, "records").map(|record| self.record(record)).collect(),
        }
    }

    fn record(&self, record: &Json) -> Record {
        let occurrences = record.at("occurrences");
        Record {
            name: string(record, "name"),
            labels: self.labels(record),
            note: string(record, "note"),
            is_required: is_true(occurrences, "required") || is_true(record, "required"),
            occurrences: self.occurrences(record),
            items: list(record, "items").map(|item| self.item(item)).collect(),
        }
    }

    fn occurrences(&self, of: &Json) -> Occurrences {
        let occurrences = of.at("occurrences");
        let maximum = if occurrences.is_object() {
            number(occurrences, "maximum")
        } else {
            number(of, "occurrences")
        };
        let labels = (1..).zip(list(occurrences, "labels")).map(|(place, label)| {
            let own = number(label, "occurrence");
            (if own == 0 { place } else { own }, self.labels(label))
        });
        Occurrences { maximum, labels: labels.collect() }
    }

    fn item(&self, item: &Json) -> Item {
        let capture = item.at("capture");
        let content = match string(item, "contentType") {
            content if content.is_empty() => string(item, "type"),
            content => content,
        };
        Item {
            name: string(item, "name"),
            labels: self.labels(item),
            note: string(item, "note"),
            content: content.to_lowercase(),
            length: number(item, "length"),
            start: number(item, "start"),
            decimals: number(item, "decimals"),
            has_decimal_mark: is_true(item, "decimalMark"),
            is_subitem: is_true(item, "subitem"),
            occurrences: self.occurrences(item),
            capture: match capture.as_str() {
                Some(kind) => kind.to_lowercase(),
                None => string(capture, "type").to_lowercase(),
            },
            date_format: string(capture, "format"),
            sets: list(item, "valueSets").map(|set| self.set(set, item)).collect(),
        }
    }

    fn set(&self, set: &Json, item: &Json) -> ValueSet {
        // What only repeats the item says nothing more.
        if set.get("labels") == item.get("labels") {
            set.at("labels").hand_out();
        }
        let values = list(set, "values").map(|value| Value {
            labels: self.labels(value),
            pairs: list(value, "pairs")
                .filter_map(|pair| match pair.get("range").and_then(Json::as_array) {
                    Some(range) => {
                        let mut ends = range.iter().map(written);
                        Some((ends.next()?, ends.next()))
                    }
                    None => Some((written(pair.get("value")?), None)),
                })
                .collect(),
            special: string(value, "special").to_uppercase(),
            image: string(value, "image"),
        });
        ValueSet { name: string(set, "name"), link: string(set, "link"), values: values.collect() }
    }

    /// The labels in the order of the languages.
    fn labels(&self, of: &Json) -> Labels {
        let mut labels = Labels::new();
        for (place, label) in list(of, "labels").enumerate() {
            let language = string(label, "language");
            let known = self.languages.iter().position(|(code, _)| *code == language);
            let place = known.unwrap_or(place);
            if labels.len() <= place {
                labels.resize(place + 1, String::new());
            }
            labels[place] = string(label, "text");
        }
        if labels.is_empty() {
            labels.push(string(of, "label"));
        }
        labels
    }
}

fn list<'j>(json: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> + use<'j> {
    json.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn string(json: &Json, key: &str) -> String {
    json.get(key).map(written).unwrap_or_default()
}

fn written(json: &Json) -> String {
    match json.part() {
        Part::String(text) => text.clone(),
        Part::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn number(json: &Json, key: &str) -> u32 {
    let number = json.get(key).and_then(Json::as_u64).unwrap_or(0);
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn is_true(json: &Json, key: &str) -> bool {
    json.get(key).and_then(Json::as_bool).unwrap_or(false)
}
