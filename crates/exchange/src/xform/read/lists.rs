//! Options: secondary instances, and those that stand in a question.

use std::collections::BTreeMap;

use super::Row;
use super::element::Element;
use super::paths::Paths;
use super::texts::Texts;

/// The secondary instances of a form.
#[derive(Default)]
pub(super) struct Lists<'x> {
    /// Their items by name.
    pub inside: BTreeMap<&'x str, Vec<Element<'x>>>,
    /// The files of others.
    pub files: BTreeMap<&'x str, &'x str>,
}

/// What is chosen from, as an itemset says it.
pub(super) struct Itemset<'x> {
    pub list: String,
    pub filter: String,
    /// Written as parameters of a row.
    pub order: String,
    pub value: &'x str,
    pub label: &'x str,
}

impl<'x> Lists<'x> {
    pub(super) fn of(instances: impl Iterator<Item = Element<'x>>) -> Self {
        let mut lists = Self::default();
        for instance in instances {
            let (id, file) = (instance.attribute("id"), instance.attribute("src"));
            if !file.is_empty() {
                instance.take_elements();
                lists.files.insert(id, file);
                continue;
            }
            let items = instance.children().flat_map(Element::children);
            lists.inside.insert(id, items.collect());
        }
        lists
    }

    /// The rows of a list's options.
    pub(super) fn rows(&self, list: &Itemset<'x>, texts: &Texts<'x>, paths: &Paths) -> Vec<Row> {
        let mut rows = Vec::new();
        for item in self.inside.get(list.list.as_str()).into_iter().flatten() {
            let mut row = Row::from([("list_name".to_owned(), list.list.clone())]);
            for cell in item.children() {
                let text = cell.text().trim().to_owned();
                if cell.name() == list.value {
                    row.insert("name".to_owned(), text);
                } else if list.label == format!("jr:itext({})", cell.name()) {
                    texts.put_id(&text, "label", &mut row, paths, "");
                } else if cell.name() == list.label {
                    let language = texts.default.unwrap_or_default();
                    row.insert(Texts::heading("label", language), text);
                } else {
                    row.insert(cell.name().to_owned(), text);
                }
            }
            rows.push(row);
        }
        rows
    }
}

impl<'x> Itemset<'x> {
    /// Reads `instance('towns')/root/item[region = …]`, also in a random order.
    pub(super) fn of(itemset: Element<'x>, paths: &Paths, from: &str) -> Self {
        let written = itemset.attribute("nodeset");
        let inner = written.strip_prefix("randomize(").and_then(|rest| rest.strip_suffix(')'));
        let (nodeset, order) = match inner {
            None => (written, String::new()),
            Some(inner) => match outside_brackets(inner, ',') {
                Some(comma) => {
                    let seed = paths.named(&inner[comma + 1..], from);
                    (&inner[..comma], format!("randomize=true seed={seed}"))
                }
                None => (inner, "randomize=true".to_owned()),
            },
        };
        let list = nodeset.split(['\'', '"']).nth(1).unwrap_or(nodeset).to_owned();
        let mut filters = Vec::new();
        let mut rest = nodeset;
        while let Some(open) = rest.find('[') {
            let Some(close) = closing(&rest[open..]) else { break };
            filters.push(paths.named(&rest[open + 1..open + close], from));
            rest = &rest[open + close + 1..];
        }
        let part = |name: &str| {
            itemset.child(name).map_or("", |one| {
                one.take();
                one.attribute("ref")
            })
        };
        Self {
            list,
            filter: filters.join(" and "),
            order,
            value: part("value"),
            label: part("label"),
        }
    }
}

/// Where a bracket that opens a text closes.
fn closing(text: &str) -> Option<usize> {
    outside_quotes(text, |_, depth| depth == 0)
}

/// Where a sign stands outside of brackets and quotes.
fn outside_brackets(text: &str, sign: char) -> Option<usize> {
    outside_quotes(text, |own, depth| own == sign && depth == 0)
}

/// The first place outside of quotes at which something holds of the sign there and
/// of how many brackets are open behind it.
fn outside_quotes(text: &str, holds: impl Fn(char, u32) -> bool) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quote = None;
    text.char_indices().find_map(|(place, next)| {
        match (quote, next) {
            (Some(open), own) if own == open => quote = None,
            (None, '\'' | '"') => quote = Some(next),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        (quote.is_none() && holds(next, depth)).then_some(place)
    })
}
