//! Labels of values: a record of the labels (3) and one of the variables that
//! have them (4).

use std::io::Read;
use std::sync::Arc;

use encoding_rs::Encoding;
use survey_builder::list::Unreadable;

use super::dictionary::code;
use super::source::{Order, Source};
use super::text::text;
use super::{Kind, Variable, at};

/// Labels and where they belong.
pub(super) struct Set {
    labels: Vec<([u8; 8], Vec<u8>)>,
    /// Parts of a row, counted from 1, and where each is named.
    variables: Vec<(u64, i32)>,
}

/// Reads both records; the kind of the first is read.
pub(super) fn read<R: Read>(source: &mut Source<R>) -> Result<Set, Unreadable> {
    let count = source.count("the number of labels")?;
    let mut labels = Vec::new();
    for _ in 0..count {
        let value = source.array("a labelled value")?;
        let [length] = source.array("the length of a label")?;
        // The length and the label fill eights.
        let padded = (u64::from(length) + 1).next_multiple_of(8) - 1;
        let mut label = source.bytes(padded, "a label")?;
        label.truncate(usize::from(length));
        labels.push((value, label));
    }
    let begin = source.offset;
    let next = source.int("the variables of labels")?;
    if next != 4 {
        return Err(at(begin, format!("labels are followed by {next}, not by their variables")));
    }
    let count = source.count("the number of variables of labels")?;
    let mut variables = Vec::new();
    for _ in 0..count {
        variables.push((source.offset, source.int("the variables of labels")?));
    }
    Ok(Set { labels, variables })
}

/// Gives variables their labels; `by_slot` has the variable of each part of a row.
pub(super) fn give(
    variables: &mut [Variable],
    by_slot: &[Option<usize>],
    sets: &[Set],
    order: Order,
    encoding: &'static Encoding,
) -> Result<(), Unreadable> {
    for set in sets {
        // Decoded once for numbers and once for texts, whoever has them.
        let mut shared = [None, None];
        for (offset, index) in &set.variables {
            let slot = usize::try_from(*index).ok().and_then(|index| index.checked_sub(1));
            let place = slot.and_then(|slot| by_slot.get(slot).copied().flatten());
            let wrong = || at(*offset, format!("labels are for variable {index}: there is none"));
            let variable = &mut variables[place.ok_or_else(wrong)?];
            let kind = variable.kind;
            let own = &mut shared[usize::from(kind == Kind::Number)];
            let labels = own.get_or_insert_with(|| {
                let pair = |(value, label): &([u8; 8], Vec<u8>)| {
                    (code(*value, kind, order, encoding), text(label, encoding).into_owned())
                };
                Arc::new(set.labels.iter().map(pair).collect::<Vec<_>>())
            });
            variable.labels = Arc::clone(labels);
        }
    }
    Ok(())
}
