//! What a Word file says, as lines and tables in reading order.
//!
//! Every line is entered into a ledger; who carries its words over takes it
//! there. What was never taken is told at the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::numbering::{Listed, Numbering, plain_mark};
use super::parts::{Parts, attribute, child, is_on, parsed, value};
use crate::account::Left;
use crate::draft::Broken;

/// How deep parts may stand within each other; what is deeper is one line.
const DEEPEST: usize = 64;

/// What the heading of a column is called that says nothing of its rows.
pub(super) const HEADING: &str = "table heading";

/// A line of text.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Its entry in the ledger.
    pub entry: usize,
    /// Its words, with tabs.
    pub text: String,
    /// Whether all of it is bold.
    pub is_bold: bool,
    /// Whether its first letter or digit is.
    pub begins_bold: bool,
    /// Whether all of it is italic.
    pub is_italic: bool,
    /// The level of a heading, from 1; 0 is the title.
    pub heading: Option<u8>,
    /// What Word puts before it.
    pub listed: Option<Listed>,
}

impl Line {
    /// Its words behind what Word puts before them, as a reader sees both.
    pub(super) fn seen(&self) -> String {
        match &self.listed {
            Some(listed) => format!("{} {}", listed.label, self.text).trim().to_owned(),
            None => self.text.trim().to_owned(),
        }
    }
}

/// A table: rows of cells, of which a wide one stands in its first column only.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub rows: Vec<Vec<Vec<Line>>>,
}

/// A line or a table.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Line(Line),
    Table(Table),
}

/// Every line of a file, and whether its words were carried over.
#[derive(Default)]
pub(super) struct Ledger {
    entries: Vec<(usize, String)>,
    taken: RefCell<Vec<bool>>,
}

impl Ledger {
    fn enter(&mut self, paragraph: usize, text: &str) -> usize {
        self.entries.push((paragraph, text.trim().to_owned()));
        self.taken.borrow_mut().push(false);
        self.entries.len() - 1
    }

    /// The words of an entry are carried over, or kept.
    pub(super) fn take(&self, entry: usize) {
        if let Some(taken) = self.taken.borrow_mut().get_mut(entry) {
            *taken = true;
        }
    }

    /// How many lines there are that say something.
    pub(super) fn count(&self) -> usize {
        self.entries.iter().filter(|(_, text)| !text.is_empty()).count()
    }

    /// The lines that nobody took; of those of the layout, that they are.
    pub(super) fn left(&self, layout: &BTreeSet<usize>) -> Vec<Left> {
        let taken = self.taken.borrow();
        let entries = self.entries.iter().zip(taken.iter()).enumerate();
        entries
            .filter(|(_, ((_, text), taken))| !**taken && text.chars().any(char::is_alphanumeric))
            .map(|(entry, ((number, text), _))| Left {
                property: if layout.contains(&entry) { HEADING } else { "paragraph" }.to_owned(),
                place: format!("¶{number}"),
                value: text.clone(),
            })
            .collect()
    }
}

/// What a file says.
pub(super) struct Body {
    pub pieces: Vec<Piece>,
    pub ledger: Ledger,
    /// What is no line of the text: pictures, comments, what was crossed out.
    pub left: Vec<Left>,
}

/// Reads the parts; the fault says why they cannot be.
pub(super) fn read(parts: &Parts) -> Result<Body, Broken> {
    let mut reader = Reader {
        numbering: Numbering::read(&parts.numbering)?,
        styles: styles(&parts.styles)?,
        paragraphs: 0,
        ledger: Ledger::default(),
        left: Vec::new(),
        boxes: Vec::new(),
    };
    let document = parsed(&parts.document)?;
    let mut pieces = Vec::new();
    if let Some(body) = document.descendants().find(|node| node.tag_name().name() == "body") {
        reader.pieces(body, 0, &mut pieces);
    }
    for (kind, content) in &parts.around {
        let document = parsed(content)?;
        let said = words(document.root());
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        reader.left.extend(lines.map(|line| Left {
            property: kind.clone(),
            place: String::new(),
            value: line.to_owned(),
        }));
    }
    Ok(Body { pieces, ledger: reader.ledger, left: reader.left })
}

/// What a paragraph style means.
#[derive(Clone, Debug, Default)]
struct Style {
    heading: Option<u8>,
    is_bold: bool,
    is_italic: bool,
    list: Option<(String, usize)>,
    based_on: Option<String>,
}

fn styles(content: &str) -> Result<BTreeMap<String, Style>, Broken> {
    if content.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let document = parsed(content)?;
    let nodes = document.root_element().children();
    let nodes = nodes.filter(|node| node.tag_name().name() == "style");
    let styles = nodes.filter_map(|node| {
        let name = value(node, "name").unwrap_or_default().to_lowercase();
        let level = name.strip_prefix("heading ").and_then(|level| level.parse().ok());
        let runs = child(node, "rPr");
        let on = |name| runs.and_then(|runs| is_on(runs, name)).unwrap_or_default();
        let style = Style {
            heading: if name == "title" { Some(0) } else { level },
            is_bold: on("b"),
            is_italic: on("i"),
            list: child(node, "pPr").and_then(list),
            based_on: value(node, "basedOn").map(str::to_owned),
        };
        Some((attribute(node, "styleId")?.to_owned(), style))
    });
    Ok(styles.collect())
}

/// The list and level that properties of a paragraph name.
fn list(properties: Node<'_, '_>) -> Option<(String, usize)> {
    let own = child(properties, "numPr")?;
    let level = value(own, "ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
    Some((value(own, "numId")?.to_owned(), level))
}

/// The words of everything in a node, at any depth, a line a paragraph.
fn words(node: Node<'_, '_>) -> String {
    let said = node.descendants().filter_map(|one| match one.tag_name().name() {
        "t" | "delText" => one.text(),
        "p" => Some("\n"),
        _ => None,
    });
    said.collect()
}

struct Reader<'x> {
    numbering: Numbering,
    styles: BTreeMap<String, Style>,
    paragraphs: usize,
    ledger: Ledger,
    left: Vec<Left>,
    /// Boxes with text that float over the paragraph that is read.
    boxes: Vec<Node<'x, 'x>>,
}

/// The text of a paragraph while it is read.
#[derive(Default)]
struct Runs {
    text: String,
    letters: [usize; 3],
    begins_bold: Option<bool>,
}

impl Runs {
    fn push(&mut self, text: &str, is_bold: bool, is_italic: bool) {
        self.text.push_str(text);
        let letters = text.chars().filter(|next| next.is_alphanumeric()).count();
        if letters > 0 {
            self.begins_bold.get_or_insert(is_bold);
        }
        for (sum, counts) in self.letters.iter_mut().zip([true, is_bold, is_italic]) {
            *sum += if counts { letters } else { 0 };
        }
    }

    fn all(&self, which: usize) -> bool {
        self.letters[0] > 0 && self.letters[which] == self.letters[0]
    }
}

impl<'x> Reader<'x> {
    fn pieces(&mut self, node: Node<'x, 'x>, depth: usize, pieces: &mut Vec<Piece>) {
        if depth > DEEPEST {
            let entry = self.ledger.enter(self.paragraphs, &words(node));
            let text = self.ledger.entries[entry].1.clone();
            pieces.push(Piece::Line(Line { entry, text, ..Line::default() }));
            return;
        }
        for child in node.children() {
            match child.tag_name().name() {
                "p" => {
                    let lines = self.paragraph(child);
                    pieces.extend(lines.into_iter().map(Piece::Line));
                    for floating in std::mem::take(&mut self.boxes) {
                        self.pieces(floating, depth + 1, pieces);
                    }
                }
                "tbl" => {
                    let table = self.table(child, depth + 1);
                    pieces.push(Piece::Table(table));
                }
                "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag" => {
                    self.pieces(child, depth + 1, pieces);
                }
                "sdtPr" => self.control(child),
                "AlternateContent" => {
                    if let Some(first) = child.first_element_child() {
                        self.pieces(first, depth + 1, pieces);
                    }
                }
                "del" | "moveFrom" => self.crossed_out(child),
                _ => {}
            }
        }
    }

    fn crossed_out(&mut self, node: Node<'_, '_>) {
        let value = words(node).trim().to_owned();
        if !value.is_empty() {
            let (property, place) = ("deleted text".to_owned(), format!("¶{}", self.paragraphs));
            self.left.push(Left { property, place, value });
        }
    }

    fn paragraph(&mut self, node: Node<'x, 'x>) -> Vec<Line> {
        self.paragraphs += 1;
        let properties = child(node, "pPr");
        let style = self.style(properties);
        let list = properties.and_then(list).or(style.list);
        let listed = list.and_then(|(list, level)| self.numbering.next(&list, level));
        let mut runs = Runs::default();
        self.runs(node, (style.is_bold, style.is_italic), 0, &mut runs);
        let (is_bold, is_italic) = (runs.all(1), runs.all(2));
        let begins_bold = runs.begins_bold.unwrap_or_default();
        let mut lines = Vec::new();
        let mut listed = listed.filter(|_| !runs.text.trim().is_empty());
        for text in runs.text.split('\n') {
            let entry = self.ledger.enter(self.paragraphs, text);
            let (text, listed) = (text.trim().to_owned(), listed.take());
            lines.push(Line {
                entry,
                text,
                is_bold,
                begins_bold,
                is_italic,
                heading: style.heading,
                listed,
            });
        }
        lines
    }

    /// What the style of a paragraph means, with what it is based on.
    fn style(&self, properties: Option<Node<'_, '_>>) -> Style {
        let own = properties.and_then(|one| value(one, "pStyle"));
        let mut name = own.map(str::to_owned);
        let mut whole = Style::default();
        for _ in 0..8 {
            let Some(style) = name.as_ref().and_then(|name| self.styles.get(name)) else { break };
            whole.heading = whole.heading.or(style.heading);
            whole.is_bold |= style.is_bold;
            whole.is_italic |= style.is_italic;
            whole.list = whole.list.or_else(|| style.list.clone());
            name.clone_from(&style.based_on);
        }
        whole
    }

    fn runs(&mut self, node: Node<'x, 'x>, look: (bool, bool), depth: usize, runs: &mut Runs) {
        if depth > DEEPEST {
            runs.push(&words(node), look.0, look.1);
            return;
        }
        let mut look = look;
        for child in node.children() {
            match child.tag_name().name() {
                "rPr" => {
                    look.0 = is_on(child, "b").unwrap_or(look.0);
                    look.1 = is_on(child, "i").unwrap_or(look.1);
                }
                "t" => runs.push(child.text().unwrap_or_default(), look.0, look.1),
                "tab" | "ptab" => runs.text.push('\t'),
                "br" | "cr" => runs.text.push('\n'),
                "noBreakHyphen" => runs.text.push('-'),
                "sym" => runs.text.extend(sign(child)),
                "fldChar" if child.descendants().any(|one| one.tag_name().name() == "checkBox") => {
                    runs.text.push('□');
                }
                "sdtPr" | "fldChar" => self.control(child),
                "pPr" | "instrText" | "delText" | "softHyphen" => {}
                "del" | "moveFrom" => self.crossed_out(child),
                "drawing" | "pict" | "object" => self.picture(child),
                "AlternateContent" => {
                    if let Some(first) = child.first_element_child() {
                        self.runs(first, look, depth + 1, runs);
                    }
                }
                _ if child.is_element() => {
                    let tooltip = attribute(child, "tooltip").unwrap_or_default();
                    self.beside("tooltip", tooltip);
                    self.runs(child, look, depth + 1, runs);
                }
                _ => {}
            }
        }
    }

    /// What a field to be filled in on the screen offers, and what it is called.
    fn control(&mut self, node: Node<'_, '_>) {
        let said = node.descendants().filter_map(|one| match one.tag_name().name() {
            "listItem" => attribute(one, "displayText").or(attribute(one, "value")),
            "alias" | "listEntry" | "helpText" | "statusText" => attribute(one, "val"),
            _ => None,
        });
        self.beside("field", &said.collect::<Vec<_>>().join(" | "));
    }

    fn beside(&mut self, property: &str, value: &str) {
        if !value.trim().is_empty() {
            let place = format!("¶{}", self.paragraphs);
            self.left.push(Left { property: property.to_owned(), place, value: value.to_owned() });
        }
    }

    /// A picture is told; a box with text is read after its paragraph.
    fn picture(&mut self, node: Node<'x, 'x>) {
        let boxes = node.descendants().filter(|one| one.tag_name().name() == "txbxContent");
        let before = self.boxes.len();
        // A box inside a box is read with the outer one.
        let outer = |one: &Node<'x, 'x>| {
            !one.ancestors().skip(1).take(DEEPEST).any(|it| it.tag_name().name() == "txbxContent")
        };
        self.boxes.extend(boxes.filter(outer));
        let is_box = self.boxes.len() > before;
        let named = node.descendants().find(|one| one.tag_name().name() == "docPr");
        let said = |name| named.and_then(|one| attribute(one, name));
        let value = said("descr").filter(|said| !said.is_empty());
        if !is_box || value.is_some() {
            self.left.push(Left {
                property: "picture".to_owned(),
                place: format!("¶{}", self.paragraphs),
                value: value.or(said("name")).unwrap_or_default().to_owned(),
            });
        }
    }

    fn table(&mut self, node: Node<'x, 'x>, depth: usize) -> Table {
        let mut table = Table::default();
        let mut rows = Vec::new();
        inner(node, "tr", 0, &mut rows);
        for row in rows {
            let mut cells = Vec::new();
            let mut found = Vec::new();
            inner(row, "tc", 0, &mut found);
            for cell in found {
                let mut pieces = Vec::new();
                self.pieces(cell, depth + 1, &mut pieces);
                cells.push(pieces.into_iter().flat_map(lines).collect());
                let width = child(cell, "tcPr").and_then(|one| value(one, "gridSpan"));
                let width = width.and_then(|width| width.parse().ok()).unwrap_or(1_usize);
                cells.extend((1..width.min(64)).map(|_| Vec::new()));
            }
            table.rows.push(cells);
        }
        table
    }
}

/// The rows of a table, or the cells of a row, also where they are wrapped.
fn inner<'x>(node: Node<'x, 'x>, name: &str, depth: usize, found: &mut Vec<Node<'x, 'x>>) {
    for child in node.children() {
        match child.tag_name().name() {
            own if own == name => found.push(child),
            "sdt" | "sdtContent" | "ins" | "customXml" if depth < DEEPEST => {
                inner(child, name, depth + 1, found);
            }
            _ => {}
        }
    }
}

/// A piece as lines: a table in a cell is read cell by cell.
fn lines(piece: Piece) -> Vec<Line> {
    match piece {
        Piece::Line(line) => vec![line],
        Piece::Table(table) => table.rows.into_iter().flatten().flatten().collect(),
    }
}

/// A sign of a font of signs, as the mark that it looks like.
fn sign(node: Node<'_, '_>) -> Option<char> {
    let code = u32::from_str_radix(attribute(node, "char")?, 16).ok()?;
    let code = if code < 0x100 { code + 0xf000 } else { code };
    char::from_u32(code).map(plain_mark)
}
