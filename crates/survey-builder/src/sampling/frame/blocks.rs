//! Fingerprints of a frame's rows, block by block: enough to say where another
//! frame begins to differ, and small however long the frame is.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The most blocks that are kept; then two become one.
const MOST: usize = 512;
/// Bytes kept of a fingerprint.
const KEPT: usize = 8;
/// Rows of the smallest block: a fingerprint each would cost more than reading.
const LEAF: u64 = 16;

/// Fingerprints of consecutive blocks of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// How many rows there are, the header not counted.
    pub rows: u64,
    /// How many rows a block has, 16 times a power of two; the last may have fewer.
    pub size: u64,
    /// The first bytes of SHA-256 in hexadecimal, a block each.
    pub fingerprints: Vec<String>,
}

/// Rows, from 1 for the first after the header, both ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// Fingerprints while rows come in.
#[derive(Clone, Debug)]
pub(super) struct Fingerprints {
    rows: u64,
    /// How many of the smallest blocks a block has.
    leaves: u64,
    done: Vec<[u8; KEPT]>,
    /// Of the smallest blocks since the last whole one, in pairs of pairs.
    open: Vec<[u8; KEPT]>,
    /// Of the rows since the last of the smallest blocks.
    leaf: Sha256,
}

impl Fingerprints {
    pub(super) fn new() -> Self {
        Self { rows: 0, leaves: 1, done: Vec::new(), open: Vec::new(), leaf: Sha256::new() }
    }

    /// Adds a row. Lengths keep cells apart.
    pub(super) fn row<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>) {
        for cell in cells {
            self.leaf.update((cell.len() as u64).to_le_bytes());
            self.leaf.update(cell);
        }
        // No cell is as long: this ends a row.
        self.leaf.update(u64::MAX.to_le_bytes());
        self.rows += 1;
        if self.rows.is_multiple_of(LEAF) {
            let leaf = kept(&self.leaf.finalize_reset());
            self.add(leaf, self.rows / LEAF);
        }
    }

    /// Adds a smallest block, the `number`th. Blocks are trees of pairs, so that a
    /// block of another size can be made from those that are kept.
    fn add(&mut self, leaf: [u8; KEPT], number: u64) {
        let (mut fingerprint, mut number, mut leaves) = (leaf, number, 1);
        while leaves < self.leaves && number.is_multiple_of(2) {
            let Some(left) = self.open.pop() else { break };
            fingerprint = pair(left, fingerprint);
            number /= 2;
            leaves *= 2;
        }
        if leaves < self.leaves {
            self.open.push(fingerprint);
            return;
        }
        self.done.push(fingerprint);
        if self.done.len() == MOST {
            self.done = paired(&self.done);
            self.leaves *= 2;
        }
    }

    pub(super) fn finish(mut self) -> Blocks {
        if !self.rows.is_multiple_of(LEAF) {
            self.open.push(kept(&self.leaf.finalize_reset()));
        }
        // What is left over is one block more.
        if let Some(last) = self.open.into_iter().rev().reduce(|right, left| pair(left, right)) {
            self.done.push(last);
        }
        let fingerprints = self.done.iter().map(|bytes| super::hex(bytes)).collect();
        Blocks { rows: self.rows, size: self.leaves * LEAF, fingerprints }
    }
}

impl Blocks {
    /// The first rows in which another frame is not the same; `None` where all are
    /// the same.
    pub fn first_difference(&self, other: &Self) -> Option<Rows> {
        let rows = self.rows.max(other.rows);
        // A manifest can hold anything: blocks that were not made here tell nothing.
        if !(self.is_sound() && other.is_sound()) {
            return Some(Rows { first: 1, last: rows });
        }
        let size = self.size.max(other.size);
        let (own, theirs) = (self.of_size(size), other.of_size(size));
        let longest = own.len().max(theirs.len());
        let block = (0..longest).find(|block| own.get(*block) != theirs.get(*block));
        let first = match block {
            Some(block) => block as u64 * size + 1,
            None if self.rows == other.rows => return None,
            None => self.rows.min(other.rows) + 1,
        };
        Some(Rows { first, last: rows.min(((first - 1) / size + 1).saturating_mul(size)) })
    }

    fn is_sound(&self) -> bool {
        let leaves = self.size / LEAF;
        self.size.is_multiple_of(LEAF)
            && leaves.is_power_of_two()
            && self.fingerprints.len() as u64 == self.rows.div_ceil(self.size)
    }

    /// The whole blocks of that size, and what is left over as it stands.
    fn of_size(&self, size: u64) -> Vec<String> {
        let mut blocks: Vec<Option<[u8; KEPT]>> =
            self.fingerprints.iter().map(|text| unhex(text)).collect();
        let mut own = self.size;
        // A last block with fewer rows cannot be paired: it stands as it is.
        while own < size {
            blocks = blocks
                .chunks(2)
                .map(|two| match two {
                    [Some(left), Some(right)] => Some(pair(*left, *right)),
                    [only] => *only,
                    _ => None,
                })
                .collect();
            own *= 2;
        }
        let text = |bytes: Option<[u8; KEPT]>| bytes.map_or_else(String::new, |it| super::hex(&it));
        blocks.into_iter().map(text).collect()
    }
}

fn kept(hash: &[u8]) -> [u8; KEPT] {
    let mut kept = [0; KEPT];
    kept.copy_from_slice(&hash[..KEPT]);
    kept
}

fn pair(left: [u8; KEPT], right: [u8; KEPT]) -> [u8; KEPT] {
    let mut hash = Sha256::new();
    hash.update(left);
    hash.update(right);
    kept(&hash.finalize())
}

fn paired(blocks: &[[u8; KEPT]]) -> Vec<[u8; KEPT]> {
    blocks
        .chunks(2)
        .map(|two| match two {
            [left, right] => pair(*left, *right),
            only => only[0],
        })
        .collect()
}

fn unhex(text: &str) -> Option<[u8; KEPT]> {
    let mut bytes = [0; KEPT];
    if text.len() != 2 * KEPT || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(count: u64, changed: &[u64]) -> Blocks {
        let mut fingerprints = Fingerprints::new();
        for row in 1..=count {
            let text = if changed.contains(&row) { "other".to_owned() } else { row.to_string() };
            fingerprints.row([text.as_bytes(), b"x"].into_iter());
        }
        fingerprints.finish()
    }

    #[test]
    fn the_first_rows_that_differ_are_found() {
        for count in [1, 2, 15, 16, 17, 8_191, 8_192, 8_193, 20_003] {
            let whole = blocks(count, &[]);
            assert!(whole.fingerprints.len() <= MOST);
            assert_eq!(whole.first_difference(&whole), None);
            for row in [1, 2, count / 2, count].into_iter().filter(|row| (1..=count).contains(row))
            {
                let other = blocks(count, &[row, count]);
                let found = whole.first_difference(&other).expect("a difference");
                assert!(
                    found.first <= row && row <= found.last,
                    "{row} of {count}: {found:?} in blocks of {}",
                    whole.size
                );
                assert!(found.last - found.first < whole.size);
            }
        }
    }

    #[test]
    fn rows_that_were_added_or_taken_away_are_found() {
        for (one, other) in [(400, 401), (8_191, 8_193), (9_000, 17_000), (16_384, 16_385)] {
            let found = blocks(one, &[]).first_difference(&blocks(other, &[]));
            let found = found.expect("a difference");
            // The block in which the shorter ends, at the most one block early.
            assert!(found.first <= one + 1 && one < found.last, "{one} {other} {found:?}");
            assert_eq!(
                blocks(other, &[]).first_difference(&blocks(one, &[])),
                Some(found),
                "from either side"
            );
        }
    }

    #[test]
    fn blocks_of_no_sense_leave_all_rows_in_doubt() {
        let own = blocks(40, &[]);
        let one = vec!["x".to_owned()];
        for (rows, size, fingerprints) in [
            (0, 0, Vec::new()),
            (5, 0, one.clone()),
            (5, 24, one.clone()),
            (40, 16, one.clone()),
            (5, u64::MAX, one.clone()),
            (u64::MAX, 1 << 63, vec!["x".to_owned(); 2]),
            (5, 1 << 63, one),
        ] {
            let odd = Blocks { rows, size, fingerprints };
            let found = own.first_difference(&odd);
            assert!(found.is_some_and(|rows| rows.first == 1 && rows.last >= 40), "{odd:?}");
            assert_eq!(odd.first_difference(&own), found, "{odd:?}");
        }
    }

    #[test]
    fn cells_are_kept_apart() {
        let of = |cells: &[&[u8]]| {
            let mut fingerprints = Fingerprints::new();
            fingerprints.row(cells.iter().copied());
            fingerprints.finish()
        };
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
    }
}
