//! What Arrow keeps of its own schema in a Parquet file (`ARROW:schema`): which columns are
//! dictionaries whose values have an order, as R's ordered factors are.
//!
//! The value is base64 of a message of Arrow's streams: a marker, a length, and a table in
//! the form of Flatbuffers, of which the few parts that are asked for are read here. A table
//! has at its place the distance back to its list of fields, and that list the distance of
//! each field from the table, 0 where it is left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The names of the columns that are ordered dictionaries; what cannot be read has none.
pub(super) fn ordered_columns(encoded: &str) -> Vec<String> {
    let Ok(bytes) = STANDARD.decode(encoded.trim()) else { return Vec::new() };
    names(&bytes).unwrap_or_default()
}

/// The places of fields in Arrow's tables.
const MESSAGE_HEADER: usize = 2;
const SCHEMA_FIELDS: usize = 1;
const FIELD_NAME: usize = 0;
const FIELD_DICTIONARY: usize = 4;
const DICTIONARY_ORDERED: usize = 2;

/// A file may claim any number.
const MOST_FIELDS: usize = 100_000;

fn names(bytes: &[u8]) -> Option<Vec<String>> {
    // A marker of four bytes may stand before the length.
    let marked = bytes.starts_with(&[0xff; 4]);
    let message = Bytes(bytes.get(if marked { 8 } else { 4 }..)?);
    let header = message.table(message.at(0)?, MESSAGE_HEADER)?;
    let fields = message.table(header, SCHEMA_FIELDS)?;
    let count = message.number(fields)?.min(MOST_FIELDS);
    let mut found = Vec::new();
    for place in 0..count {
        let field = message.at(fields + 4 + 4 * place)?;
        let Some(dictionary) = message.table(field, FIELD_DICTIONARY) else { continue };
        let ordered = message.field(dictionary, DICTIONARY_ORDERED);
        if ordered.and_then(|at| message.0.get(at)).is_some_and(|byte| *byte != 0) {
            let name = message.table(field, FIELD_NAME)?;
            let length = message.number(name)?;
            let text = message.0.get(name + 4..)?.get(..length)?;
            found.push(std::str::from_utf8(text).ok()?.to_owned());
        }
    }
    Some(found)
}

/// Bytes in the form of Flatbuffers, numbers with the least byte first.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn number(&self, place: usize) -> Option<usize> {
        let (number, _) = self.0.get(place..)?.split_first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    }

    /// What a distance at a place leads to.
    fn at(&self, place: usize) -> Option<usize> {
        place.checked_add(self.number(place)?)
    }

    /// Where a field of a table is; none where it is left out.
    fn field(&self, table: usize, number: usize) -> Option<usize> {
        let (back, _) = self.0.get(table..)?.split_first_chunk::<4>()?;
        let back = isize::try_from(i32::from_le_bytes(*back)).ok()?;
        let list = table.checked_add_signed(back.checked_neg()?)?;
        let short = |place: usize| {
            let (number, _) = self.0.get(place..)?.split_first_chunk::<2>()?;
            Some(usize::from(u16::from_le_bytes(*number)))
        };
        let entry = 4 + 2 * number;
        let distance = if entry < short(list)? { short(list + entry)? } else { 0 };
        (distance > 0).then_some(table + distance)
    }

    /// The table, list or text that a field leads to.
    fn table(&self, table: usize, number: usize) -> Option<usize> {
        self.at(self.field(table, number)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_schema_has_no_columns() {
        for text in ["", "AAAA", "/////wAAAAD/////", "////////////////////////////////////"] {
            assert_eq!(ordered_columns(text), Vec::<String>::new(), "{text}");
        }
    }
}
