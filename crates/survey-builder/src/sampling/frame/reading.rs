//! How a list's file is read, where that is not found out from the file alone.

use serde::{Deserialize, Serialize};

use crate::list::Decimal;
use crate::list::spelling::Merged;

/// The rules by which text is compared and numbers are read.
pub const RULES: u32 = 2;

/// How a list's file is read. A sample's record says what was found, so that it
/// is read in the same way again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The sheet of a workbook; without it the first with more than one row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of the header, from 1; without it the first that is no title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// The decimal mark of numbers; without it each column says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<Decimal>,
    /// Names of strata, clusters and labels that differ only in spelling are one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub merge_spellings: bool,
    /// Spellings that are read as one name: by choice, or as they were merged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Merged>,
    /// The rules of the record; older ones have none: text as it stands, numbers
    /// as programs write them, strata of several columns by their joined names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<u32>,
}

impl Reading {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
