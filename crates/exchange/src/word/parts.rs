//! The parts of a Word file that hold text, unpacked within limits.

use std::io::{Cursor, Read as _};

use roxmltree::{Document, Node, ParsingOptions};

use crate::draft::Broken;

/// The most bytes of one part.
const MOST_BYTES: u64 = 64 << 20;

/// The most elements and texts of one part: some thousand pages.
const MOST_NODES: u32 = 2_000_000;

/// The parts, as the markup that they are.
pub(super) struct Parts {
    /// What is written.
    pub document: String,
    /// How lists are numbered; may be empty.
    pub numbering: String,
    /// What styles mean; may be empty.
    pub styles: String,
    /// What stands around the text, by what it is: `comments`, `footnotes`, …
    pub around: Vec<(String, String)>,
}

/// Unpacks the parts; the fault says why they cannot be.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Parts, Broken> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let names: Vec<String> = (0..archive.len())
        .filter_map(|place| Some(archive.by_index_raw(place).ok()?.name().ok()?.into_owned()))
        .collect();
    let mut parts = Parts {
        document: String::new(),
        numbering: String::new(),
        styles: String::new(),
        around: Vec::new(),
    };
    for name in names {
        let Some(part) = name.strip_prefix("word/").and_then(|rest| rest.strip_suffix(".xml"))
        else {
            continue;
        };
        // Of diagrams and charts the folder says what they are.
        let kind = part.split_once('/').map_or(part, |(folder, _)| folder);
        let kind = kind.trim_end_matches(|next: char| next.is_ascii_digit());
        let file = archive.by_name(&name)?;
        let mut content = String::new();
        file.take(MOST_BYTES).read_to_string(&mut content)?;
        match kind {
            "document" => parts.document = content,
            "numbering" => parts.numbering = content,
            "styles" => parts.styles = content,
            "settings" | "webSettings" | "fontTable" | "theme" => {}
            _ => parts.around.push((kind.to_owned(), content)),
        }
    }
    Ok(parts)
}

/// A part as a tree; the fault says why it is none.
pub(super) fn parsed(content: &str) -> Result<Document<'_>, Broken> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Ok(Document::parse_with_options(content, options)?)
}

/// The first child element of that name, whatever its namespace.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The attribute of that name, whatever its namespace.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|one| one.name() == name).map(|one| one.value())
}

/// The `val` of the first child of that name.
pub(super) fn value<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    attribute(child(node, name)?, "val")
}

/// Whether a property is switched on: it is there and does not say no.
pub(super) fn is_on(properties: Node<'_, '_>, name: &str) -> Option<bool> {
    let found = child(properties, name)?;
    Some(!matches!(attribute(found, "val"), Some("0" | "false" | "off" | "none")))
}
