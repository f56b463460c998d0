//! Checks that hold rows against each other.

use std::collections::HashMap;

use survey_builder::problem::phrase;

use super::{Check, Checked, rows_of};
use crate::distribution::normal_quantile;
use crate::problem::{Fault, numbered_item};
use crate::{Error, Result};

/// How sure one must be that chance alone would match nobody of a stratum so well.
const CHANCE: f64 = 0.01;
/// Rows that agree in a block are compared one by one up to so many.
const BLOCK_LIMIT: usize = 2_000;

/// The greatest share of items that a row answers as some other row of its stratum does (Kuriakose
/// and Robbins, 2016, "Don't get duped: fraud through duplication in public opinion surveys").
///
/// `items`: one level a row and item, 0 for no answer; two rows without an answer do not match in it.
/// `strata`: a code a row, rows of different strata are not compared. `share`: from there on a match
/// is looked for and may be flagged, such as 0.85.
///
/// People of one place are alike, and batteries make everybody alike, so a high match alone says
/// little (Simmons, Mercer, Schwarzer and Kennedy, 2016, "Evaluating a new proposal for detecting data
/// falsification in surveys"). The threshold of a stratum is therefore the larger of `share` and of
/// what two rows would match by chance, were items independent: the mean over items of Σ p², plus so
/// many standard deviations that the best of all its other rows exceeds it with probability 0.01.
/// Values below `share` are not looked for and stand as NaN.
///
/// Rows that agree in `share` of k items agree wholly in at least one of ⌊(1 − share) k⌋ + 1 blocks of
/// items, so only rows that share a block are compared. Of more than 2,000 rows that share a block
/// each is compared with the 2,000 before it.
///
/// # Errors
/// Columns of different lengths, none at all, a share that is not above 0 and at most 1.
pub fn percent_match(items: &[&[u16]], strata: &[u32], share: f64) -> Result<Checked> {
    let rows = strata.len();
    let mut problems = Vec::new();
    if items.is_empty() {
        problems.push(Fault::DataTooFew { found: 0, least: 1 }.at(phrase("phrase-input-items")));
    }
    for (place, item) in items.iter().enumerate().filter(|(_, item)| item.len() != rows) {
        problems.push(Fault::DataLength { found: item.len(), rows }.at(numbered_item(place)));
    }
    if !(share > 0.0 && share <= 1.0) {
        problems.push(
            Fault::range(share, phrase("phrase-above-0-and-at-most-1"))
                .at(phrase("phrase-input-share")),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let mut members: HashMap<u32, Vec<usize>> = HashMap::new();
    for (row, stratum) in strata.iter().enumerate() {
        members.entry(*stratum).or_default().push(row);
    }
    let (mut values, mut thresholds) = (vec![f64::NAN; rows], vec![share; rows]);
    for members in members.values() {
        let threshold = share.max(by_chance(items, members));
        for row in members {
            thresholds[*row] = threshold;
        }
        match_within(items, members, share, &mut values);
    }
    Ok(Checked { check: Check::PercentMatch, values, thresholds })
}

/// What the best of a row's matches would hardly exceed by chance; infinite where even a whole match
/// says nothing.
fn by_chance(items: &[&[u16]], members: &[usize]) -> f64 {
    if members.len() < 2 {
        return f64::INFINITY;
    }
    let (mut mean, mut variance) = (0.0, 0.0);
    for item in items {
        let mut counts: HashMap<u16, f64> = HashMap::new();
        for row in members.iter().filter(|row| item[**row] != 0) {
            *counts.entry(item[*row]).or_default() += 1.0;
        }
        let size = members.len() as f64;
        let agree: f64 = counts.values().map(|count| (count / size).powi(2)).sum();
        mean += agree;
        variance += agree * (1.0 - agree);
    }
    let count = items.len() as f64;
    let others = (members.len() - 1) as f64;
    let z = -normal_quantile(CHANCE / others);
    let threshold = mean / count + z * variance.sqrt() / count;
    if threshold < 1.0 { threshold } else { f64::INFINITY }
}

/// Fills in the best match of each member that reaches `share`.
fn match_within(items: &[&[u16]], members: &[usize], share: f64, values: &mut [f64]) {
    let count = items.len();
    // The most items in which two rows may differ.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the count")]
    let apart = ((1.0 - share) * count as f64 + 1e-9).floor() as usize;
    let blocks = (apart + 1).min(count);
    for block in 0..blocks {
        let (from, to) = (block * count / blocks, (block + 1) * count / blocks);
        let mut alike: HashMap<Vec<u16>, Vec<usize>> = HashMap::new();
        for &row in members {
            let key: Vec<u16> = items[from..to].iter().map(|item| item[row]).collect();
            // A blank matches nobody, so this block tells nothing about the row.
            if !key.contains(&0) {
                alike.entry(key).or_default().push(row);
            }
        }
        for group in alike.values() {
            for (place, &row) in group.iter().enumerate() {
                for &other in &group[place.saturating_sub(BLOCK_LIMIT)..place] {
                    let same =
                        items.iter().filter(|item| item[row] == item[other] && item[row] != 0);
                    let matched = same.count() as f64 / count as f64;
                    if matched >= share {
                        values[row] = values[row].max(matched);
                        values[other] = values[other].max(matched);
                    }
                }
            }
        }
    }
}

/// How many rows have the same contact, which is in a form that can be compared; an empty one is
/// nobody's. Two or more are flagged.
pub fn duplicate_contacts<'a>(contacts: impl Iterator<Item = &'a str> + Clone) -> Checked {
    let mut counts: HashMap<&str, f64> = HashMap::new();
    for contact in contacts.clone().filter(|contact| !contact.is_empty()) {
        *counts.entry(contact).or_default() += 1.0;
    }
    let values = contacts.map(|contact| counts.get(contact).copied().unwrap_or(f64::NAN)).collect();
    Checked::with_one_threshold(Check::DuplicateContact, values, 2.0)
}

/// As [`percent_match`] for numbers, NaN for no answer.
///
/// # Errors
/// As [`percent_match`], and more than 65,535 different answers to an item.
pub fn percent_match_of_numbers(items: &[&[f64]], strata: &[u32], share: f64) -> Result<Checked> {
    rows_of(items)?;
    let mut coded = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let mut levels: HashMap<u64, u16> = HashMap::new();
        let mut codes = Vec::with_capacity(item.len());
        for value in *item {
            if value.is_nan() {
                codes.push(0);
                continue;
            }
            let next = u16::try_from(levels.len() + 1).map_err(|_| {
                Fault::DataTooMany { most: u64::from(u16::MAX) }
                    .refused(phrase("phrase-input-item-answers").with("item", numbered_item(place)))
            })?;
            codes.push(*levels.entry(value.to_bits()).or_insert(next));
        }
        coded.push(codes);
    }
    let columns: Vec<&[u16]> = coded.iter().map(Vec::as_slice).collect();
    percent_match(&columns, strata, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers without a pattern.
    fn answer(row: usize, item: usize) -> u16 {
        let place = (row * 1_000 + item) as u64;
        let mixed = place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        u16::try_from((mixed >> 40) % 7).unwrap_or(0) + 1
    }

    #[test]
    fn a_copied_interview_is_found_in_its_own_stratum_only() {
        let (rows, count) = (400, 40);
        let mut items: Vec<Vec<u16>> =
            (0..count).map(|item| (0..rows).map(|row| answer(row, item)).collect()).collect();
        let strata: Vec<u32> = (0..rows).map(|row| u32::from(row >= 200)).collect();
        for item in &mut items {
            item[17] = item[3];
            item[350] = item[5];
        }
        // Four of forty differ: a match of 0.9.
        for item in &mut items[..4] {
            item[17] = item[3] % 7 + 1;
        }
        let columns: Vec<&[u16]> = items.iter().map(Vec::as_slice).collect();
        let checked = percent_match(&columns, &strata, 0.85).expect("checked");
        let flagged: Vec<(usize, f64)> =
            checked.flags().map(|flag| (flag.row, flag.value)).collect();
        assert_eq!(flagged, [(3, 0.9), (17, 0.9)]);
        // Blocks find what comparing every pair finds.
        for row in 0..rows {
            let best = (0..rows)
                .filter(|other| *other != row && strata[*other] == strata[row])
                .map(|other| {
                    columns.iter().filter(|item| item[row] == item[other]).count() as f64 / 40.0
                })
                .fold(0.0, f64::max);
            let found = checked.values[row];
            assert!(if best >= 0.85 { found == best } else { found.is_nan() }, "{row}");
        }
    }

    #[test]
    fn where_all_are_alike_nobody_is_flagged() {
        let item = vec![1_u16; 50];
        let columns: Vec<&[u16]> = (0..20).map(|_| item.as_slice()).collect();
        let checked = percent_match(&columns, &[1; 50], 0.85).expect("checked");
        assert_eq!((checked.values[0], checked.thresholds[0]), (1.0, f64::INFINITY));
        assert_eq!(checked.flags().count(), 0);
        let mixed: Vec<u16> = (0..50).map(|row| if row % 10 == 0 { 2 } else { 1 }).collect();
        let columns: Vec<&[u16]> = (0..20).map(|_| mixed.as_slice()).collect();
        let checked = percent_match(&columns, &[1; 50], 0.85).expect("checked");
        assert_eq!(checked.flags().count(), 0);
        assert!(percent_match(&[], &[1], 0.85).is_err());
        assert!(percent_match(&columns, &[1; 50], 0.0).is_err());
        assert!(percent_match(&columns, &[1; 3], 0.5).is_err());
    }

    #[test]
    fn blanks_match_nobody() {
        let item: &[f64] = &[f64::NAN, f64::NAN, 1.0];
        let checked = percent_match_of_numbers(&[item; 6], &[1; 3], 0.5).expect("checked");
        assert!(checked.values.iter().all(|value| value.is_nan()));
    }

    #[test]
    fn contacts_that_stand_twice() {
        let checked = duplicate_contacts(["a", "", "b", "a", ""].into_iter());
        let flagged: Vec<usize> = checked.flags().map(|flag| flag.row).collect();
        assert_eq!((flagged, checked.assessed()), (vec![0, 3], 3));
    }
}
