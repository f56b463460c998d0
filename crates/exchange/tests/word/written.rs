//! Writes a Word file from a readable text: one paragraph per line.
//!
//! `= Title`, `# Heading`, `## Heading` have styles; `<b>` and `<i>` mark bold and
//! italic; `⇥` is a tab. `@list q = Q%1. decimal` declares a list of Word, `[q] text`
//! is a paragraph of it, `[q!] text` one with which it begins again. Lines that begin
//! with a bar are the rows of a table, `¶` parts the paragraphs of a cell. What follows
//! `== key` is not written: it says what must be read.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

const NAMESPACE: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

struct List {
    label: String,
    format: String,
    /// The numbers of its instances: another one each time it begins again.
    instances: Vec<u32>,
}

struct Writer {
    lists: BTreeMap<String, List>,
    next: u32,
}

/// Text with marks of bold and italic as runs.
fn runs(text: &str) -> String {
    let (mut is_bold, mut is_italic) = (false, false);
    let mut made = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let marks = ["<b>", "</b>", "<i>", "</i>"];
        let next = marks.iter().filter_map(|mark| Some((rest.find(mark)?, *mark))).min();
        let (end, mark) = next.unwrap_or((rest.len(), ""));
        let words = &rest[..end];
        if !words.is_empty() {
            let look = [(is_bold, "<w:b/>"), (is_italic, "<w:i/>")];
            let look: String = look.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
            let parts: Vec<String> = words
                .split('⇥')
                .map(|part| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(part)))
                .collect();
            made += &format!("<w:r><w:rPr>{look}</w:rPr>{}</w:r>", parts.join("<w:tab/>"));
        }
        match mark {
            "<b>" => is_bold = true,
            "</b>" => is_bold = false,
            "<i>" => is_italic = true,
            "</i>" => is_italic = false,
            _ => {}
        }
        rest = &rest[end + mark.len()..];
    }
    made
}

fn styled(style: &str, text: &str) -> String {
    let style = format!("<w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
    format!("<w:p>{style}{}</w:p>", runs(text.trim()))
}

impl Writer {
    fn paragraph(&mut self, line: &str) -> String {
        for (mark, style) in [("= ", "Title"), ("# ", "Heading1"), ("## ", "Heading2")] {
            if let Some(text) = line.strip_prefix(mark) {
                return styled(style, text);
            }
        }
        let listed = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
        let Some((name, text)) = listed else { return format!("<w:p>{}</w:p>", runs(line)) };
        let again = name.ends_with('!');
        let Some(list) = self.lists.get_mut(name.trim_end_matches('!')) else {
            return format!("<w:p>{}</w:p>", runs(line));
        };
        if again || list.instances.is_empty() {
            self.next += 1;
            list.instances.push(self.next);
        }
        let number = list.instances.last().copied().unwrap_or_default();
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{number}\"/></w:numPr>\
             </w:pPr>{}</w:p>",
            runs(text)
        )
    }

    fn table(&mut self, rows: &[&str]) -> String {
        let mut made = "<w:tbl>".to_owned();
        for row in rows {
            made += "<w:tr>";
            for cell in cells(row) {
                made += "<w:tc>";
                for paragraph in cell.split('¶') {
                    made += &self.paragraph(paragraph.trim());
                }
                made += "</w:tc>";
            }
            made += "</w:tr>";
        }
        made + "</w:tbl>"
    }

    fn numbering(&self) -> String {
        let mut made = String::new();
        for (place, list) in self.lists.values().enumerate() {
            made += &format!(
                "<w:abstractNum w:abstractNumId=\"{place}\"><w:lvl w:ilvl=\"0\"><w:start \
                 w:val=\"1\"/><w:numFmt w:val=\"{}\"/><w:lvlText w:val=\"{}\"/></w:lvl>\
                 </w:abstractNum>",
                list.format, list.label
            );
        }
        for (place, list) in self.lists.values().enumerate() {
            for number in &list.instances {
                made += &format!(
                    "<w:num w:numId=\"{number}\"><w:abstractNumId w:val=\"{place}\"/>\
                     <w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/></w:lvlOverride>\
                     </w:num>"
                );
            }
        }
        format!("<w:numbering {NAMESPACE}>{made}</w:numbering>")
    }
}

/// The cells of a row: bars with space on both sides part them.
fn cells(row: &str) -> Vec<String> {
    let signs: Vec<char> = row.trim().chars().collect();
    let mut cells = vec![String::new()];
    for (place, sign) in signs.iter().enumerate() {
        let free = |at: Option<usize>| at.and_then(|at| signs.get(at)).is_none_or(|it| *it == ' ');
        if *sign == '|' && free(place.checked_sub(1)) && free(Some(place + 1)) {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(*sign);
        }
    }
    let inner = 1..cells.len().saturating_sub(1);
    cells[inner].iter().map(|cell| cell.trim().to_owned()).collect()
}

/// An archive of parts by their names.
pub fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // What a file is, `OpenDocument` says without compression.
        let method = match *name {
            "mimetype" => zip::CompressionMethod::Stored,
            _ => zip::CompressionMethod::Deflated,
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        made.start_file(*name, options).expect("begun");
        made.write_all(content.as_bytes()).expect("written");
    }
    made.finish().expect("an archive").into_inner()
}

/// A file with this body and these lists.
pub fn file(body: &str, numbering: &str) -> Vec<u8> {
    let styles = ["Title:title", "Heading1:heading 1", "Heading2:heading 2"].map(|style| {
        let (id, name) = style.split_once(':').expect("two names");
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/></w:style>"
        )
    });
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
         <Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>\
         <Override PartName=\"/word/numbering.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml\"/>\
         </Types>";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relations = |targets: &[(&str, &str)]| {
        let each = targets.iter().enumerate().map(|(place, (kind, target))| {
            format!("<Relationship Id=\"r{place}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
        });
        format!("<Relationships xmlns=\"{package}\">{}</Relationships>", each.collect::<String>())
    };
    packed(&[
        ("[Content_Types].xml", types),
        ("_rels/.rels", &relations(&[("officeDocument", "word/document.xml")])),
        (
            "word/_rels/document.xml.rels",
            &relations(&[("styles", "styles.xml"), ("numbering", "numbering.xml")]),
        ),
        (
            "word/document.xml",
            &format!("<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>"),
        ),
        ("word/styles.xml", &format!("<w:styles {NAMESPACE}>{}</w:styles>", styles.concat())),
        ("word/numbering.xml", numbering),
    ])
}

/// The file of a text.
pub fn docx(text: &str) -> Vec<u8> {
    let mut writer = Writer { lists: BTreeMap::new(), next: 0 };
    let written = text.split("== key").next().unwrap_or_default();
    let mut body = String::new();
    let mut rows: Vec<&str> = Vec::new();
    for line in written.lines().chain([""]) {
        let is_row = line.starts_with('|') && line.ends_with('|');
        if is_row {
            rows.push(line);
            continue;
        }
        if !rows.is_empty() {
            body += &writer.table(&std::mem::take(&mut rows));
        }
        if let Some(list) = line.strip_prefix("@list ") {
            let (name, rest) = list.split_once(" = ").expect("a list");
            let (label, format) = rest.rsplit_once(' ').expect("a label and a format");
            let (label, format) = (label.to_owned(), format.to_owned());
            writer.lists.insert(name.to_owned(), List { label, format, instances: Vec::new() });
        } else {
            body += &writer.paragraph(line);
        }
    }
    file(&body, &writer.numbering())
}
