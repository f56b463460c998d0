//! `SQLite`'s journal: what lies side by side in it, and what its transactions
//! changed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use super::ids::{Ids, Known, LENGTH, Pair};

/// How often identities lie in a page.
type Counts<'a> = HashMap<&'a [u8], usize>;

/// Cases whose identity is followed at once by that of a response.
pub fn by_bytes(bytes: &[u8], known: &Known) -> BTreeSet<Pair> {
    let beside = bytes.windows(2 * LENGTH).filter_map(|bytes| {
        let (case, response) = bytes.split_at(LENGTH);
        (known.cases.contains(case) && known.responses.contains(response))
            .then(|| (case.to_vec(), response.to_vec()))
    });
    beside.collect()
}

/// How often each identity lies in a page.
fn counted<'a>(page: &'a [u8], ids: &'a Ids) -> Counts<'a> {
    let mut counts = HashMap::new();
    for bytes in ids.in_bytes(page) {
        *counts.entry(bytes).or_default() += 1;
    }
    counts
}

/// What is more or less often in one page than it was.
fn changed<K: Eq + Hash + Copy>(now: &HashMap<K, usize>, before: &HashMap<K, usize>) -> Vec<K> {
    let keys: HashSet<K> = now.keys().chain(before.keys()).copied().collect();
    keys.into_iter().filter(|key| now.get(key) != before.get(key)).collect()
}

/// The one identity of a set that has one.
fn only<'a>(ids: &HashSet<&'a [u8]>) -> Option<&'a [u8]> {
    ids.iter().next().copied().filter(|_| ids.len() == 1)
}

/// The journal's transactions, page by page (SQLite's file format, section 4).
pub fn by_transaction(journal: &[u8], known: &Known) -> BTreeSet<Pair> {
    const HEAD: usize = 32;
    const FRAME: usize = 24;
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(journal.get(at..at + 4)?.try_into().ok()?))
    };
    let Some(size) = word(8).and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0)
    else {
        return BTreeSet::new();
    };
    let mut pages: HashMap<u32, (Counts<'_>, Counts<'_>)> = HashMap::new();
    let (mut new_responses, mut new_cases) = (HashSet::new(), HashSet::new());
    let (mut found, mut at) = (BTreeSet::new(), HEAD);
    while let (Some(page), Some(commit), Some(bytes)) =
        (word(at), word(at + 4), journal.get(at + FRAME..at + FRAME + size))
    {
        let now = (counted(bytes, &known.responses), counted(bytes, &known.cases));
        if let Some(before) = pages.get(&page) {
            new_responses.extend(changed(&now.0, &before.0));
            new_cases.extend(changed(&now.1, &before.1));
        }
        pages.insert(page, now);
        if commit > 0 {
            let (responses, cases) = (only(&new_responses), only(&new_cases));
            if let Some((response, case)) = responses.zip(cases) {
                found.insert((case.to_vec(), response.to_vec()));
            }
            new_responses.clear();
            new_cases.clear();
        }
        at += FRAME + size;
    }
    found
}
