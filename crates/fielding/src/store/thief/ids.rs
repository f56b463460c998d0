//! Identities, and where bytes name them.

use std::collections::{BTreeSet, HashSet};

/// Bytes of an identity.
pub const LENGTH: usize = 16;

/// Identities that are looked for.
#[derive(Default)]
pub struct Ids {
    all: HashSet<Vec<u8>>,
    /// Whether one begins with these two bytes: most places can be passed over.
    begins: Vec<bool>,
}

impl FromIterator<Vec<u8>> for Ids {
    fn from_iter<T: IntoIterator<Item = Vec<u8>>>(ids: T) -> Self {
        let mut found = Self { all: ids.into_iter().collect(), begins: vec![false; 1 << 16] };
        for id in &found.all {
            if let [first, second, ..] = id.as_slice() {
                found.begins[usize::from(*first) << 8 | usize::from(*second)] = true;
            }
        }
        found
    }
}

impl Ids {
    /// Every one.
    pub fn iter(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.all.iter()
    }

    /// Whether this is one.
    pub fn contains(&self, id: &[u8]) -> bool {
        let place = |first: u8, second: u8| usize::from(first) << 8 | usize::from(second);
        matches!(*id, [first, second, ..] if self.begins.get(place(first, second)) == Some(&true))
            && self.all.contains(id)
    }

    /// The places that hold one, in order.
    pub fn in_bytes<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        bytes.windows(LENGTH).filter(|id| self.contains(id))
    }

    /// Those that a text writes out, with hyphens or without.
    fn in_text<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Vec<u8>> + 'a {
        let words = text.split(|byte| !byte.is_ascii_hexdigit() && *byte != b'-');
        words
            .filter(|word| matches!(word.len(), 32 | 36))
            .filter_map(|word| uuid::Uuid::try_parse_ascii(word).ok())
            .map(|id| id.as_bytes().to_vec())
            .filter(|id| self.contains(id))
    }

    /// Those that bytes name in one way or the other.
    fn named(&self, bytes: &[u8]) -> BTreeSet<Vec<u8>> {
        self.in_bytes(bytes).map(<[u8]>::to_vec).chain(self.in_text(bytes)).collect()
    }
}

/// A case and a response.
pub type Pair = (Vec<u8>, Vec<u8>);

/// What is looked for of a study.
#[derive(Default)]
pub struct Known {
    /// Its responses, open and ended.
    pub responses: Ids,
    /// Its cases.
    pub cases: Ids,
}

/// Which of them something names.
#[derive(Default)]
pub struct Named {
    responses: BTreeSet<Vec<u8>>,
    cases: BTreeSet<Vec<u8>>,
}

impl Named {
    /// What bytes name.
    pub fn of(bytes: &[u8], known: &Known) -> Self {
        Self { responses: known.responses.named(bytes), cases: known.cases.named(bytes) }
    }

    /// What is named somewhere else too.
    pub fn extend(&mut self, other: Self) {
        self.responses.extend(other.responses);
        self.cases.extend(other.cases);
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.responses.is_empty() && self.cases.is_empty()
    }

    /// Where exactly one of each is named.
    pub fn pair(&self) -> Option<Pair> {
        let (response, case) = (self.responses.first()?, self.cases.first()?);
        let alone = self.responses.len() == 1 && self.cases.len() == 1;
        alone.then(|| (case.clone(), response.clone()))
    }
}
