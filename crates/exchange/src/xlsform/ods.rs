//! A look into `OpenDocument` sheets before they are read.
//!
//! A cell or a row may say that it stands there many times over; the reader
//! makes them all. A workbook that would have more cells than any form is
//! refused first.

use std::io::{Cursor, Read as _};

use roxmltree::{Document, Node};
use survey_builder::problem::{Argument, phrase};

/// The most cells with something in them.
const MOST_CELLS: u64 = 20_000_000;

/// The most bytes of the part that holds the sheets.
const MOST_BYTES: u64 = 64 << 20;

/// What a library says of a damaged file nobody but its makers would understand.
fn damaged() -> Argument {
    phrase("phrase-file-is-damaged").into()
}

/// Whether the sheets can be read; otherwise why not, in words.
pub(super) fn look_through(bytes: &[u8]) -> Result<(), Argument> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let Ok(part) = archive.by_name("content.xml") else { return Ok(()) };
    let mut content = String::new();
    part.take(MOST_BYTES).read_to_string(&mut content).map_err(|_| damaged())?;
    let document = Document::parse(&content).map_err(|_| damaged())?;
    let mut all = 0_u64;
    for row in document.descendants().filter(|node| node.tag_name().name() == "table-row") {
        let filled = |cell: &Node<'_, '_>| cell.has_children() || cell.has_attribute("value");
        let cells = row.children().filter(Node::is_element).filter(filled);
        let cells = cells.map(|cell| times(cell, "number-columns-repeated"));
        let cells = cells.fold(0, u64::saturating_add);
        all = all.saturating_add(cells.saturating_mul(times(row, "number-rows-repeated")));
    }
    if all > MOST_CELLS { Err(phrase("phrase-more-cells-than-any-form").into()) } else { Ok(()) }
}

fn times(node: Node<'_, '_>, name: &str) -> u64 {
    let said = node.attributes().find(|attribute| attribute.name() == name);
    said.and_then(|attribute| attribute.value().parse().ok()).unwrap_or(1)
}
