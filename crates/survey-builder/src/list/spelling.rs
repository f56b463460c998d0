//! Names of one column that differ only in how they are spelled.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::plain::plain;
use crate::problem::{Phrase, phrase};

/// Spellings that are read as one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merged {
    /// The column.
    pub column: String,
    /// The name that is kept.
    pub name: String,
    /// The spellings that are read as that name.
    pub spellings: Vec<String>,
}

/// Words of Vietnamese places and their usual abbreviations.
const ABBREVIATED: [(&str, &str); 8] = [
    ("tp", "thanh pho"),
    ("tx", "thi xa"),
    ("tt", "thi tran"),
    ("q", "quan"),
    ("h", "huyen"),
    ("p", "phuong"),
    ("x", "xa"),
    ("d", "duong"),
];

/// A text by which two spellings of one name or address are the same: small
/// letters without accents, single spaces, usual abbreviations written out.
pub fn written_out(text: &str) -> String {
    let bare = plain(text);
    let words = bare.split(' ').map(|word| {
        let known = ABBREVIATED.iter().find(|(short, _)| *short == word);
        known.map_or(word, |(_, long)| long)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A name and the other spellings that are read as it.
pub type Spellings = (String, Vec<String>);

/// Spellings that are read as the one that came first, while cells come in.
#[derive(Clone, Debug, Default)]
pub struct Merging {
    /// The first spelling, by what all spellings of a name share.
    first: HashMap<String, String>,
    /// What each spelling is read as.
    known: HashMap<String, String>,
}

impl Merging {
    /// What a tidied text is read as.
    pub fn read(&mut self, text: &str) -> &str {
        if !self.known.contains_key(text) {
            let first = self.first.entry(key(text)).or_insert_with(|| text.to_owned());
            self.known.insert(text.to_owned(), first.clone());
        }
        &self.known[text]
    }

    /// The names that have several spellings, each with the others.
    pub fn merged(&self) -> Vec<Spellings> {
        let mut found: HashMap<&str, Vec<String>> = HashMap::new();
        for (text, name) in self.known.iter().filter(|(text, name)| text != name) {
            found.entry(name).or_default().push(text.clone());
        }
        let mut found: Vec<Spellings> =
            found.into_iter().map(|(name, others)| (name.to_owned(), others)).collect();
        for (_, others) in &mut found {
            others.sort();
        }
        found.sort();
        found
    }
}

/// What spellings of one name share. A name of one word may be a code, so its
/// letters are no abbreviations; names without letters or digits differ by
/// what they are.
fn key(name: &str) -> String {
    let bare = plain(name);
    if bare.is_empty() {
        return name.to_owned();
    }
    if bare.contains(' ') { written_out(name) } else { bare }
}

/// Names that differ only in spelling, as indices: of each group the most
/// frequent first, of equally many the one that came first. In the order of
/// their first names.
pub fn groups(names: &[String], counts: &[u64]) -> Vec<Vec<usize>> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(names.len());
    let mut all: Vec<Vec<usize>> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let place = *places.entry(key(name)).or_insert(all.len());
        match all.get_mut(place) {
            Some(group) => group.push(index),
            None => all.push(vec![index]),
        }
    }
    all.retain(|group| group.len() > 1);
    let count = |index: &usize| counts.get(*index).copied().unwrap_or(0);
    for group in &mut all {
        group.sort_by_key(|index| std::cmp::Reverse(count(index)));
    }
    all
}

/// What these spellings differ in, in words.
pub fn difference(names: &[&str]) -> Phrase {
    let one = |form: fn(&str) -> String| {
        let mut forms = names.iter().map(|name| form(name));
        let first = forms.next();
        forms.all(|form| Some(&form) == first.as_ref())
    };
    if one(str::to_lowercase) {
        phrase("phrase-differ-in-case")
    } else if one(without_accents) {
        phrase("phrase-differ-in-accents")
    } else {
        phrase("phrase-differ-in-spelling")
    }
}

fn without_accents(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let bare = name.nfd().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter));
    bare.map(|letter| if matches!(letter, 'đ' | 'Đ') { 'd' } else { letter })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(names: &[&str], counts: &[u64]) -> Vec<Vec<String>> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let group = |group: Vec<usize>| group.into_iter().map(|at| names[at].clone()).collect();
        groups(&names, counts).into_iter().map(group).collect()
    }

    #[test]
    fn the_commonest_spelling_stands_first() {
        let found = grouped(&["Ha Noi", "Huế", "Hà Nội", "HÀ NỘI"], &[1, 20, 18, 1]);
        assert_eq!(found, [["Hà Nội", "Ha Noi", "HÀ NỘI"]]);
        let found = grouped(&["P. 2", "Phường 2", "Phường 12"], &[1, 1, 1]);
        assert_eq!(found, [["P. 2", "Phường 2"]]);
    }

    #[test]
    fn spellings_are_read_as_the_first() {
        let mut merging = Merging::default();
        let read: Vec<String> = ["Đông", "đông", "Tây", "Đông", "dong", "1", "01"]
            .map(|text| merging.read(text).to_owned())
            .into();
        assert_eq!(read, ["Đông", "Đông", "Tây", "Đông", "Đông", "1", "01"]);
        let others = vec!["dong".to_owned(), "đông".to_owned()];
        assert_eq!(merging.merged(), [("Đông".to_owned(), others)]);
    }

    #[test]
    fn codes_and_signs_are_no_spellings() {
        assert!(grouped(&["X", "Xa", "A", "B", "1", "01", "+", "-"], &[]).is_empty());
    }

    #[test]
    fn what_differs_is_said() {
        let key = |names: &[&str]| difference(names).phrase;
        assert_eq!(key(&["Huế", "HUẾ"]), "phrase-differ-in-case");
        assert_eq!(key(&["Đà Nẵng", "da nang"]), "phrase-differ-in-accents");
        assert_eq!(key(&["Hòa Bình", "Hoà Bình"]), "phrase-differ-in-accents");
        assert_eq!(key(&["P. 2", "Phường 2"]), "phrase-differ-in-spelling");
    }
}
