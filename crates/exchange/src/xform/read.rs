//! `XForms` as ODK's programs, Kobo and Collect keep them, read as the rows of
//! the form that they were made from.
//!
//! ```text
//! read(text) → texts, lists, binds, body → rows → the reader of forms
//! ```
//!
//! Names, conditions and options mean there what they mean in an XLSForm, so
//! the rows go to its reader; paths become `${name}`. Places are told by the
//! number of the row. Elements and attributes count what was asked of them.

mod control;
mod element;
mod lists;
mod paths;
mod rows;
mod texts;

use std::collections::BTreeMap;

use roxmltree::{Document, ParsingOptions};
use survey_builder::problem::phrase;

use self::element::Element;
use self::rows::Reader;
use crate::account::{self, Left};
use crate::draft::{Broken, Read, refused};
use crate::xlsform;

/// The most elements and texts that a form may have.
const NODE_LIMIT: u32 = 2_000_000;

/// The most elements that stand in each other: parts are read by functions that
/// call themselves.
const DEPTH_LIMIT: u32 = 100;

/// A row by the headings of its cells.
pub(super) type Row = BTreeMap<String, String>;

/// Reads a form.
pub(crate) fn read(text: &str) -> Read {
    let options = ParsingOptions { nodes_limit: NODE_LIMIT, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(Broken::from)?;
    if !is_shallow(&document) {
        let reason = phrase("phrase-nested-deeper-than").with("limit", DEPTH_LIMIT);
        return Err(Broken::from(reason).into());
    }
    let ledger = element::Ledger::default();
    let root = Element::new(document.root_element(), &ledger);
    let reader = Reader::of(root).ok_or_else(|| Broken::from(phrase("phrase-no-instance")))?;
    let sheets = reader.sheets();
    if sheets.survey.is_empty() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    let mut left = sheets.left;
    left.extend(root.left());
    let grids = [
        ("survey", Some(grid(&sheets.survey))),
        ("choices", Some(grid(&sheets.choices))),
        ("settings", Some(grid(&[sheets.settings]))),
    ];
    let form = xlsform::import_grids(grids.into_iter().collect());
    let (mut document, mut problems) = crate::questionnaire::of_form(form)?;
    let (remarks, told) = account::remarks_and_notes(&left, &LOOKS);
    document.remarks.extend(remarks);
    problems.extend(told);
    Ok((document, problems))
}

/// How a form is sent and shown.
const LOOKS: [&str; 7] = [
    "model.xforms-version",
    "data.xmlns",
    "body.class",
    "submission.",
    "data.prefix",
    "data.delimiter",
    "meta.",
];

/// Whether no element is nested too deep.
fn is_shallow(document: &Document<'_>) -> bool {
    let mut depth = 0_u32;
    let mut node = document.root();
    loop {
        // Down, then beside, then up and beside.
        if let Some(inner) = node.first_child() {
            depth += 1;
            node = inner;
        } else {
            loop {
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                match node.parent() {
                    Some(around) => node = around,
                    None => return true,
                }
                depth = depth.saturating_sub(1);
            }
        }
        if depth > DEPTH_LIMIT {
            return false;
        }
    }
}

/// Rows under their headings, the number of the first row being 2.
fn grid(rows: &[Row]) -> xlsform::Grid {
    let mut headings: Vec<String> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for heading in rows.iter().flat_map(Row::keys) {
        places.entry(heading).or_insert_with(|| {
            headings.push(heading.clone());
            headings.len() - 1
        });
    }
    let cells = |row: &Row| {
        let mut cells = vec![String::new(); headings.len()];
        for (heading, cell) in row {
            cells[places[heading.as_str()]].clone_from(cell);
        }
        cells
    };
    let rows = (2..).zip(rows.iter().map(cells));
    std::iter::once((1, headings.clone())).chain(rows).collect()
}

/// A part of a form that is not carried over.
fn left(property: &str, place: &str, value: &str) -> Left {
    Left { property: property.to_owned(), place: place.to_owned(), value: value.to_owned() }
}
