//! XLIFF 1.2 and 2.0: <https://docs.oasis-open.org/xliff/v1.2/os/xliff-core.html>,
//! <https://docs.oasis-open.org/xliff/xliff-core/v2.0/xliff-core-v2.0.html>.

use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};
use survey_builder::markup::escaped;
use survey_builder::problem::Problem;

use super::{Texts, Unit};

/// The most elements that a file may have.
const MOST_NODES: u32 = 1_000_000;
/// What the note that says what a translation was is told by.
const BEFORE: &str = "before";

/// Version 1.2. What the translation was stands in `alt-trans`.
pub fn write_12(texts: &Texts) -> String {
    let mut file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <xliff version=\"1.2\" xmlns=\"urn:oasis:names:tc:xliff:document:1.2\">\n\
         <file original=\"{}\" source-language=\"{}\" target-language=\"{}\" \
         datatype=\"plaintext\">\n<body>\n",
        escaped(&texts.name),
        escaped(&texts.source),
        escaped(&texts.target)
    );
    for unit in &texts.units {
        let _ = write!(
            file,
            "<trans-unit id=\"{}\" xml:space=\"preserve\">\n<source>{}</source>\n",
            escaped(&unit.id),
            escaped(&unit.source)
        );
        if !unit.target.is_empty() {
            let state = if unit.outdated { "needs-review-translation" } else { "translated" };
            let _ = writeln!(file, "<target state=\"{state}\">{}</target>", escaped(&unit.target));
        }
        if !unit.note.is_empty() {
            let _ = writeln!(file, "<note>{}</note>", escaped(&unit.note));
        }
        if !unit.before.is_empty() {
            let _ = writeln!(
                file,
                "<alt-trans alttranstype=\"previous-version\"><target>{}</target></alt-trans>",
                escaped(&unit.before)
            );
        }
        file.push_str("</trans-unit>\n");
    }
    file + "</body>\n</file>\n</xliff>\n"
}

/// Version 2.0. What the translation was stands in a note.
pub fn write_20(texts: &Texts) -> String {
    let mut file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <xliff version=\"2.0\" xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" \
         srcLang=\"{}\" trgLang=\"{}\">\n<file id=\"f1\" original=\"{}\">\n",
        escaped(&texts.source),
        escaped(&texts.target),
        escaped(&texts.name)
    );
    for unit in &texts.units {
        let _ = writeln!(file, "<unit id=\"{}\" xml:space=\"preserve\">", escaped(&unit.id));
        if !unit.note.is_empty() || !unit.before.is_empty() {
            file.push_str("<notes>");
            if !unit.note.is_empty() {
                let _ = write!(file, "<note>{}</note>", escaped(&unit.note));
            }
            if !unit.before.is_empty() {
                let before = escaped(&unit.before);
                let _ = write!(file, "<note category=\"{BEFORE}\">{before}</note>");
            }
            file.push_str("</notes>\n");
        }
        let state = match (unit.target.is_empty(), unit.outdated) {
            (false, false) => "translated",
            _ => "initial",
        };
        let _ =
            write!(file, "<segment state=\"{state}\"><source>{}</source>", escaped(&unit.source));
        if !unit.target.is_empty() {
            let _ = write!(file, "<target>{}</target>", escaped(&unit.target));
        }
        file.push_str("</segment>\n</unit>\n");
    }
    file + "</file>\n</xliff>\n"
}

/// Reads either version. A text that is cut into sentences is put together again, one
/// of which a sentence is not translated counts as not translated.
///
/// # Errors
///
/// What is no XLIFF, or another version.
pub fn read(text: &str) -> Result<Texts, Problem> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let unreadable = |error: roxmltree::Error| {
        let place = error.pos();
        Problem::new("xliff-unreadable", "").with("row", place.row).with("column", place.col)
    };
    let document = Document::parse_with_options(text, options).map_err(unreadable)?;
    let root = document.root_element();
    if root.tag_name().name() != "xliff" {
        return Err(Problem::new("xliff-other-root", "").with("name", root.tag_name().name()));
    }
    let version = root.attribute("version").unwrap_or_default();
    let files = named(root, "file");
    match version {
        "1.0" | "1.1" | "1.2" => {
            let mut texts = Texts::default();
            for file in files {
                let of = |name: &str| file.attribute(name).unwrap_or_default().to_owned();
                texts.name = of("original");
                texts.source = of("source-language");
                texts.target = of("target-language");
                let units = file.descendants().filter(|node| is(*node, "trans-unit"));
                texts.units.extend(units.map(unit_12));
            }
            Ok(texts)
        }
        "2.0" | "2.1" => {
            let of = |name: &str| root.attribute(name).unwrap_or_default().to_owned();
            let mut texts =
                Texts { source: of("srcLang"), target: of("trgLang"), ..Texts::default() };
            for file in files {
                file.attribute("original").unwrap_or_default().clone_into(&mut texts.name);
                let units = file.descendants().filter(|node| is(*node, "unit"));
                texts.units.extend(units.map(unit_20));
            }
            Ok(texts)
        }
        other => Err(Problem::new("xliff-other-version", "").with("version", other)),
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn named<'a, 'i>(parent: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(move |node| is(*node, name))
}

/// The words within an element, also within the marks that programs put round them.
fn words(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

fn first(parent: Node<'_, '_>, name: &str) -> String {
    parent.children().find(|node| is(*node, name)).map(words).unwrap_or_default()
}

fn unit_12(node: Node<'_, '_>) -> Unit {
    let target = node.children().find(|one| is(*one, "target"));
    let state = target.and_then(|target| target.attribute("state")).unwrap_or_default();
    let source = first(node, "source");
    let said = target.map(words).unwrap_or_default();
    // Programs copy the source where nobody has translated yet.
    let copied = matches!(state, "new" | "needs-translation") && said == source;
    let before = node
        .children()
        .find(|one| {
            is(*one, "alt-trans") && one.attribute("alttranstype") == Some("previous-version")
        })
        .map(|one| first(one, "target"));
    Unit {
        id: node.attribute("id").unwrap_or_default().to_owned(),
        note: first(node, "note"),
        source,
        target: if copied { String::new() } else { said },
        before: before.unwrap_or_default(),
        outdated: state == "needs-review-translation",
    }
}

fn unit_20(node: Node<'_, '_>) -> Unit {
    let (mut source, mut target) = (String::new(), String::new());
    let (mut whole, mut initial) = (true, false);
    for part in node.children() {
        let (is_segment, is_between) = (is(part, "segment"), is(part, "ignorable"));
        if !is_segment && !is_between {
            continue;
        }
        let said = first(part, "source");
        let translated = part.children().find(|one| is(*one, "target")).map(words);
        match translated {
            Some(words) => target.push_str(&words),
            None if is_between => target.push_str(&said),
            None => whole = false,
        }
        initial |= is_segment && matches!(part.attribute("state"), None | Some("initial"));
        source.push_str(&said);
    }
    let copied = initial && target == source;
    let notes = node.children().find(|one| is(*one, "notes"));
    let note = |before: bool| {
        let all = notes.into_iter().flat_map(|notes| named(notes, "note"));
        let mut wanted = all.filter(|one| (one.attribute("category") == Some(BEFORE)) == before);
        wanted.next().map(words).unwrap_or_default()
    };
    Unit {
        id: node.attribute("id").unwrap_or_default().to_owned(),
        note: note(false),
        before: note(true),
        outdated: initial && !target.is_empty(),
        target: if whole && !copied { target } else { String::new() },
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, unguarded, write};
    use super::*;

    fn texts() -> Texts {
        let unit = |id: &str, source: &str, target: &str, outdated: bool| Unit {
            id: id.to_owned(),
            note: "Câu 1 · Lời hỏi".to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            before: target.to_owned(),
            outdated,
        };
        Texts {
            name: "Đời sống & việc làm".to_owned(),
            source: "vi".to_owned(),
            target: "en".to_owned(),
            units: vec![
                unit(
                    "0190-a.wording",
                    "Ông/Bà ${name} <b>bao nhiêu</b> tuổi?\n\"Tròn\"",
                    "",
                    false,
                ),
                unit("0190-b.hint", "  Hai dấu cách ", "Two & spaces", true),
                unit("0190-c.label", "Có", "Yes", false),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for format in [Format::Xliff12, Format::Xliff20] {
            let file = String::from_utf8(write(&texts(), format)).expect("text");
            assert_eq!(read(&file), Ok(texts()), "{file}");
        }
    }

    #[test]
    fn what_programs_make_of_it_is_read() {
        let cut = r#"<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0"
            srcLang="vi" trgLang="en"><file id="f1"><group id="g"><unit id="a.wording">
            <segment state="translated"><source>Một. </source><target>One. </target></segment>
            <ignorable><source> </source></ignorable>
            <segment state="reviewed"><source>Hai.</source>
            <target><mrk id="m" type="term">Two.</mrk></target></segment></unit></group>
            <unit id="b.wording"><segment state="translated"><source>Một.</source>
            <target>One.</target></segment>
            <segment><source>Hai.</source></segment></unit>
            <unit id="c.wording"><segment><source>Ba.</source><target>Ba.</target></segment></unit>
            </file></xliff>"#;
        let read = read(cut).expect("read");
        let said: Vec<&str> = read.units.iter().map(|unit| unit.target.as_str()).collect();
        assert_eq!(said, ["One.  Two.", "", ""]);
        let copied = r#"<xliff version="1.2"><file original="x" source-language="vi"
            target-language="en"><body><group><trans-unit id="a.wording"><source>Một</source>
            <target state="needs-translation">Một</target></trans-unit></group></body></file>
            </xliff>"#;
        assert_eq!(super::read(copied).expect("read").units[0].target, "");
    }

    #[test]
    fn what_is_none_is_told() {
        let code = |text: &str| read(text).expect_err("refused").code;
        assert_eq!(code("id,note"), "xliff-unreadable");
        assert_eq!(code("<html/>"), "xliff-other-root");
        assert_eq!(code("<xliff version=\"3\"/>"), "xliff-other-version");
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aa\">]><xliff version=\"1.2\">&a;</xliff>";
        assert_eq!(code(bomb), "xliff-unreadable");
    }

    #[test]
    fn spreadsheets_run_nothing() {
        let mut texts = texts();
        texts.units[0].source = "=1+1".to_owned();
        let file = String::from_utf8(write(&texts, Format::Csv)).expect("text");
        assert!(file.contains(",'=1+1,"), "{file}");
        assert!(file.starts_with("\u{feff}id,note,source (vi),translation (en),before (en)\r\n"));
        assert_eq!(unguarded("'=1+1"), "=1+1");
        assert_eq!(unguarded("'tis"), "'tis");
    }
}
