//! The numbers and marks that Word puts before the paragraphs of lists: they are
//! in no text, only counted.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::parts::{attribute, parsed, value};
use crate::draft::Broken;

/// Levels that a list can have.
const LEVELS: usize = 9;

/// What Word writes before a paragraph of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// The pattern of the list and the level in it: lists that begin again share one.
    pub list: (String, usize),
    /// The number or mark: `Q3.`, `a)`, `•`.
    pub label: String,
}

#[derive(Clone, Debug)]
struct Level {
    start: u32,
    format: String,
    pattern: String,
}

/// The lists of a file and how far each is counted.
#[derive(Default)]
pub(super) struct Numbering {
    patterns: BTreeMap<String, Vec<Level>>,
    /// The pattern of each list, and the levels that it starts anew.
    lists: BTreeMap<String, (String, BTreeMap<usize, u32>)>,
    counted: BTreeMap<String, [Option<u32>; LEVELS]>,
    begun: BTreeSet<String>,
}

impl Numbering {
    /// Reads the part that says how lists are numbered; an empty one has none.
    pub(super) fn read(content: &str) -> Result<Self, Broken> {
        let mut numbering = Self::default();
        if content.trim().is_empty() {
            return Ok(numbering);
        }
        let document = parsed(content)?;
        for node in document.root_element().children() {
            match node.tag_name().name() {
                "abstractNum" => {
                    let levels = node.children().filter(|one| one.tag_name().name() == "lvl");
                    let levels = levels.take(LEVELS).map(level).collect();
                    let id = attribute(node, "abstractNumId").unwrap_or_default();
                    numbering.patterns.insert(id.to_owned(), levels);
                }
                "num" => {
                    let id = attribute(node, "numId").unwrap_or_default();
                    let pattern = value(node, "abstractNumId").unwrap_or_default();
                    let starts = node.children().filter_map(|one| {
                        let level = attribute(one, "ilvl")?.parse().ok()?;
                        Some((level, value(one, "startOverride")?.parse().ok()?))
                    });
                    let list = (pattern.to_owned(), starts.collect());
                    numbering.lists.insert(id.to_owned(), list);
                }
                _ => {}
            }
        }
        Ok(numbering)
    }

    /// Counts one paragraph more of a list; what stands before it.
    pub(super) fn next(&mut self, list: &str, level: usize) -> Option<Listed> {
        let (pattern, starts) = self.lists.get(list)?;
        let levels = self.patterns.get(pattern)?;
        let own = levels.get(level)?;
        let counted = self.counted.entry(pattern.clone()).or_default();
        if self.begun.insert(list.to_owned()) {
            for (level, start) in starts {
                if let Some(count) = counted.get_mut(*level) {
                    *count = start.checked_sub(1);
                }
            }
        }
        let first = own.start.checked_sub(1);
        let count = counted.get_mut(level)?;
        *count = Some(count.or(first).map_or(0, |count| count.saturating_add(1)));
        counted[level + 1..].fill(None);
        let mut label = own.pattern.clone();
        if own.format == "bullet" {
            label = label.chars().map(plain_mark).collect();
        } else {
            for (place, level) in levels.iter().enumerate() {
                let number = counted[place].unwrap_or(level.start);
                let written = formatted(number, &level.format);
                label = label.replace(&format!("%{}", place + 1), &written);
            }
        }
        Some(Listed { list: (pattern.clone(), level), label })
    }
}

fn level(node: Node<'_, '_>) -> Level {
    let said = |name| value(node, name).map(str::to_owned);
    Level {
        start: said("start").and_then(|start| start.parse().ok()).unwrap_or(1),
        format: said("numFmt").unwrap_or_default(),
        pattern: said("lvlText").unwrap_or_default(),
    }
}

/// The mark that a letter of a font of signs looks like.
pub(super) fn plain_mark(letter: char) -> char {
    match letter {
        '\u{f06f}' | '\u{f071}' | '\u{f072}' | '\u{f0a8}' | '\u{f0fe}' | '\u{f0a3}' => '□',
        '\u{f0a1}' | '\u{f06d}' | '\u{f099}' => '○',
        '\u{f0e0}' | '\u{f0e8}' | '\u{f0f0}' | '\u{f0ae}' => '→',
        '\u{f000}'..='\u{f0ff}' => '•',
        other => other,
    }
}

fn formatted(number: u32, format: &str) -> String {
    match format {
        "lowerLetter" => letters(number),
        "upperLetter" => letters(number).to_uppercase(),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "none" => String::new(),
        _ => number.to_string(),
    }
}

/// `a` to `z`, then `aa`, `bb`, …
fn letters(number: u32) -> String {
    let Some(place) = number.checked_sub(1) else { return number.to_string() };
    let letter = char::from_u32(u32::from('a') + place % 26).unwrap_or('a');
    let times = usize::try_from(place / 26 + 1).unwrap_or(1).min(20);
    letter.to_string().repeat(times)
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut left = number.min(3_999);
    let mut written = String::new();
    for (worth, sign) in SIGNS {
        while left >= worth {
            written.push_str(sign);
            left -= worth;
        }
    }
    written
}
