//! The `XForm` that ODK's programs fill in, from the rows of a form.
//!
//! ```text
//! document → rows (see `xlsform::form`) → tree → instance, binds, body
//! ```
//!
//! The form is self-contained but for media: option lists are secondary
//! instances, texts stand in every language, repeats have a template.

mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use survey_builder::markup::escaped;
use survey_builder::problem::Finding;
use survey_builder::questionnaire::document::{Document, Text};

use crate::draft::bare::bare;
use crate::draft::version_of;
use crate::formula::write::fit_code;
use crate::reread;
use crate::xlsform::form::{Line, lines};

pub(crate) use self::read::read;

/// Writes a document as an `XForm`, with what has no place in it and what is another
/// when it is read again.
pub fn export(document: &Document) -> (String, Vec<Finding>) {
    let (document, mut problems) = bare(document);
    let document = document.as_ref();
    let (lines, lost) = lines(document);
    problems.extend(lost);
    let mut rest = lines.as_slice();
    let nodes = nodes(&mut rest);
    let mut writer = Writer {
        document,
        paths: BTreeMap::new(),
        repeated: BTreeSet::new(),
        repeats: BTreeSet::new(),
        binds: String::new(),
        body: String::new(),
        texts: Vec::new(),
    };
    writer.find_paths(&nodes, "/data", false);
    let mut instance = String::new();
    empty_answers(&nodes, &mut instance, Copy::Both);
    writer.nodes(&nodes, "/data");
    let written = writer.finish(&instance);
    problems.extend(reread::what_changed(document, read(&written), &problems));
    (written, problems)
}

/// A row, or a group of rows.
enum Node<'l> {
    Question(&'l Line),
    Group { line: &'l Line, repeat: bool, inner: Vec<Node<'l>> },
}

/// Which copies of a repeat without a count stand where: outside of others the
/// template and a first one, within others what the one around is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copy {
    Both,
    Template,
    Plain,
}

fn nodes<'l>(rest: &mut &'l [Line]) -> Vec<Node<'l>> {
    let mut found = Vec::new();
    while let Some((line, after)) = rest.split_first() {
        *rest = after;
        if line.kind.starts_with("end_") {
            break;
        }
        if line.kind.starts_with("begin_") {
            let repeat = line.kind == "begin_repeat";
            found.push(Node::Group { line, repeat, inner: nodes(rest) });
        } else {
            found.push(Node::Question(line));
        }
    }
    found
}

/// A text under its identity, with the file beside it.
type Said = (String, Text, Option<(&'static str, Text)>);

struct Writer<'d> {
    document: &'d Document,
    /// Where each name stands.
    paths: BTreeMap<String, String>,
    /// The names that stand in repeats.
    repeated: BTreeSet<String>,
    /// The paths of the repeats.
    repeats: BTreeSet<String>,
    binds: String,
    body: String,
    /// Texts by their identity: the words, and the file beside them.
    texts: Vec<Said>,
}

impl Writer<'_> {
    fn find_paths(&mut self, nodes: &[Node<'_>], around: &str, repeated: bool) {
        for node in nodes {
            match node {
                Node::Question(line) => {
                    let path = format!("{around}/{}", line.name);
                    self.paths.insert(line.name.clone(), path);
                    if repeated {
                        self.repeated.insert(line.name.clone());
                    }
                }
                Node::Group { line, repeat, inner } => {
                    let path = format!("{around}/{}", line.name);
                    self.paths.insert(line.name.clone(), path.clone());
                    if *repeat {
                        self.repeats.insert(path.clone());
                    }
                    self.find_paths(inner, &path, repeated || *repeat);
                }
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node<'_>], around: &str) {
        for node in nodes {
            match node {
                Node::Question(line) => self.question(line, &format!("{around}/{}", line.name)),
                Node::Group { line, repeat, inner } => {
                    let path = format!("{around}/{}", line.name);
                    self.bind(line, &path, None);
                    let looks = looks(line.cell("appearance"));
                    let before = std::mem::take(&mut self.body);
                    let _ = write!(self.body, "<group ref=\"{path}\"{looks}>");
                    let label = self.label(line, &path);
                    self.body.push_str(&label);
                    if *repeat {
                        let count = line.cell("repeat_count");
                        let count =
                            if count.is_empty() { String::new() } else { self.count(line, &path) };
                        let _ = write!(self.body, "<repeat nodeset=\"{path}\"{count}>");
                    }
                    let empty = self.body.len();
                    self.nodes(inner, &path);
                    // A group in which nothing is shown is no group there; what
                    // repeats must be said to repeat.
                    if self.body.len() == empty && !*repeat {
                        self.body = before;
                        continue;
                    }
                    self.body.push_str(if *repeat { "</repeat></group>" } else { "</group>" });
                    self.body.insert_str(0, &before);
                }
            }
        }
    }

    /// How often a repeat stands: `JavaRosa` wants a place, not an expression, so
    /// the count is worked out beside it.
    fn count(&mut self, line: &Line, path: &str) -> String {
        let place = format!("{path}_count");
        let formula = self.placed(line.cell("repeat_count"), &place, "");
        let _ = write!(
            self.binds,
            "<bind nodeset=\"{place}\" type=\"string\" readonly=\"true()\" calculate=\"{}\"/>",
            escaped(&formula)
        );
        let place = self.way(&place, path, "");
        format!(" jr:count=\"{place}\" jr:noAddRemove=\"true()\"")
    }

    fn question(&mut self, line: &Line, path: &str) {
        let (kind, list) = line.kind.split_once(' ').unwrap_or((&line.kind, ""));
        self.bind(line, path, Some(kind));
        let (label, looks) = (self.label(line, path), looks(line.cell("appearance")));
        let plain = |element: &str, more: &str| {
            format!("<{element} ref=\"{path}\"{looks}{more}>{label}</{element}>")
        };
        let control = match kind {
            "select_one" | "select_multiple" | "rank" => {
                let element = match kind {
                    "select_one" => "select1",
                    "select_multiple" => "select",
                    _ => "odk:rank",
                };
                let items = self.items(line, path, list);
                format!("<{element} ref=\"{path}\"{looks}>{label}{items}</{element}>")
            }
            "image" => plain("upload", " mediatype=\"image/*\""),
            "audio" => plain("upload", " mediatype=\"audio/*\""),
            "video" => plain("upload", " mediatype=\"video/*\""),
            "file" => plain("upload", " mediatype=\"application/*\""),
            "acknowledge" => plain("trigger", ""),
            "range" => {
                let mut parameters = String::new();
                let cell = line.cell("parameters");
                for (name, value) in cell.split_whitespace().filter_map(|part| part.split_once('='))
                {
                    let _ = write!(parameters, " {name}=\"{value}\"");
                }
                plain("range", &parameters)
            }
            "calculate" | "hidden" | "start" | "end" | "today" | "deviceid" | "username"
            | "phonenumber" | "email" | "simserial" | "subscriberid" | "audit"
            | "start-geopoint" | "background-audio" => String::new(),
            _ => plain("input", ""),
        };
        self.body.push_str(&control);
    }

    /// The options of a list, those that the filter lets through.
    fn items(&self, line: &Line, path: &str, list: &str) -> String {
        let filter = line.cell("choice_filter");
        let mut nodeset = format!("instance('{list}')/root/item");
        if !filter.is_empty() {
            let _ = write!(nodeset, "[{}]", self.placed(filter, path, "current()/"));
        }
        if line.cell("parameters").contains("randomize=true") {
            nodeset = format!("randomize({nodeset})");
        }
        format!(
            "<itemset nodeset=\"{}\"><value ref=\"name\"/><label ref=\"jr:itext(itextId)\"/></itemset>",
            escaped(&nodeset)
        )
    }

    fn label(&mut self, line: &Line, path: &str) -> String {
        let mut out = String::new();
        let file = ["image", "audio", "video"].into_iter().find_map(|kind| {
            let column = format!("media::{kind}");
            line.words(&column).map(|files| (kind, files.clone()))
        });
        let words = line.words("label").cloned().unwrap_or_default();
        if !words.is_empty() || file.is_some() {
            self.texts.push((format!("{path}:label"), words, file));
            let _ = write!(out, "<label ref=\"jr:itext('{path}:label')\"/>");
        }
        if let Some(hint) = line.words("hint") {
            self.texts.push((format!("{path}:hint"), hint.clone(), None));
            let _ = write!(out, "<hint ref=\"jr:itext('{path}:hint')\"/>");
        }
        out
    }

    fn bind(&mut self, line: &Line, path: &str, kind: Option<&str>) {
        let mut attributes = String::new();
        let mut put = |name: &str, value: &str| {
            let _ = write!(attributes, " {name}=\"{}\"", escaped(value));
        };
        if let Some(kind) = kind {
            put("type", bind_type(kind, line));
        }
        for (attribute, column) in
            [("relevant", "relevant"), ("constraint", "constraint"), ("calculate", "calculation")]
        {
            let cell = line.cell(column);
            if !cell.is_empty() {
                put(attribute, &self.placed(cell, path, ""));
            }
        }
        match line.cell("required") {
            "" => {}
            "no" => put("required", "false()"),
            "yes" => put("required", "true()"),
            condition => put("required", &self.placed(condition, path, "")),
        }
        if line.cell("readonly") == "yes" || kind == Some("note") {
            put("readonly", "true()");
        }
        match kind {
            Some("start" | "end") => {
                put("jr:preload", "timestamp");
                put("jr:preloadParams", &line.kind);
            }
            Some("today") => {
                put("jr:preload", "date");
                put("jr:preloadParams", "today");
            }
            Some(
                property @ ("deviceid" | "username" | "phonenumber" | "email" | "simserial"
                | "subscriberid"),
            ) => {
                put("jr:preload", "property");
                put("jr:preloadParams", property);
            }
            _ => {}
        }
        if let Some(message) = line.words("constraint_message") {
            let id = format!("{path}:constraint");
            put("jr:constraintMsg", &format!("jr:itext('{id}')"));
            self.texts.push((id, message.clone(), None));
        }
        let default = line.cell("default");
        let set = is_worked_out(default).then(|| {
            format!(
                "<setvalue event=\"odk-instance-first-load\" ref=\"{path}\" value=\"{}\"/>",
                escaped(&self.placed(default, path, ""))
            )
        });
        if kind.is_some() || !attributes.is_empty() {
            let _ = write!(self.binds, "<bind nodeset=\"{path}\"{attributes}/>");
        }
        self.binds.push_str(&set.unwrap_or_default());
    }

    /// A formula with paths in the place of names, read from the element at
    /// `from`; `current` leads there from where the formula is worked out.
    fn placed(&self, formula: &str, from: &str, current: &str) -> String {
        let mut parts = formula.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let path = self.paths.get(name.trim()).map_or(name, String::as_str);
            // `indexed-repeat` counts from the form's root.
            let indexed = whole.rfind("indexed-repeat(").is_some_and(|start| {
                let open = whole[start..].matches('(').count();
                open > whole[start..].matches(')').count()
            });
            let path = if indexed { path.to_owned() } else { self.way(path, from, current) };
            // In quotes it is the place itself, elsewhere spaces keep it apart.
            let quoted = whole.ends_with('\'');
            let _ = if quoted {
                write!(whole, "{path}{rest}")
            } else {
                write!(whole, " {path} {rest}")
            };
        }
        whole
    }

    /// The path to an element as it is read from another: from the root, or,
    /// where both stand in one repeat, from there, so that it is the answer of
    /// the same member.
    fn way(&self, to: &str, from: &str, current: &str) -> String {
        let holds = |repeat: &str, path: &str| {
            path.strip_prefix(repeat).is_some_and(|rest| rest.starts_with('/'))
        };
        let shared = self.repeats.iter().filter(|one| holds(one, to) && holds(one, from));
        let Some(repeat) = shared.max_by_key(|one| one.len()) else { return to.to_owned() };
        let ups = from[repeat.len()..].matches('/').count();
        format!("{current}{}{}", vec![".."; ups].join("/"), &to[repeat.len()..])
    }

    /// A text with what it inserts. Options stand outside all repeats: which
    /// answer they would insert, nobody knows.
    fn output(&self, words: &str, from: Option<&str>) -> String {
        let mut parts = words.split("${");
        let mut whole = escaped(parts.next().unwrap_or_default());
        for part in parts {
            match part.split_once('}') {
                Some((name, rest)) if from.is_none() && self.repeated.contains(name.trim()) => {
                    let _ = write!(whole, "…{}", escaped(rest));
                }
                Some((name, rest)) if self.paths.contains_key(name.trim()) => {
                    let path = self.way(&self.paths[name.trim()], from.unwrap_or_default(), "");
                    let _ = write!(whole, "<output value=\"{path}\"/>{}", escaped(rest));
                }
                _ => {
                    let _ = write!(whole, "${{{}", escaped(part));
                }
            }
        }
        whole
    }

    fn translations(&self) -> String {
        let mut out = String::from("<itext>");
        let default = &self.document.default_language;
        for language in &self.document.languages {
            let own = language.code == *default;
            let name = if language.code == "und" {
                "default".to_owned()
            } else {
                format!("{} ({})", language.name, language.code)
            };
            let marked = if own { " default=\"true()\"" } else { "" };
            let _ = write!(out, "<translation lang=\"{}\"{marked}>", escaped(&name));
            let mut text = |id: &str, words: &Text, file: Option<&(&'static str, Text)>| {
                let from =
                    id.starts_with('/').then(|| id.rsplit_once(':').map_or(id, |(path, _)| path));
                let said = self.output(words.get(&language.code, default), from);
                let _ = write!(out, "<text id=\"{}\"><value>{said}</value>", escaped(id));
                if let Some((kind, files)) = file {
                    let folder = match *kind {
                        "image" => "images",
                        kind => kind,
                    };
                    let name = escaped(files.get(&language.code, default));
                    let _ = write!(out, "<value form=\"{kind}\">jr://{folder}/{name}</value>");
                }
                out.push_str("</text>");
            };
            for (id, words, file) in &self.texts {
                text(id, words, file.as_ref());
            }
            for list in &self.document.lists {
                for (place, option) in list.options.iter().enumerate() {
                    let image =
                        option.image.as_ref().map(|file| ("image", Text::new(default, file)));
                    let code = Text::new(default, &option.code);
                    let label = if option.label.is_empty() { &code } else { &option.label };
                    text(&format!("{}-{place}", list.name), label, image.as_ref());
                }
            }
            out.push_str("</translation>");
        }
        out.push_str("</itext>");
        out
    }

    fn lists(&self) -> String {
        let mut out = String::new();
        for list in &self.document.lists {
            let _ = write!(out, "<instance id=\"{}\"><root>", escaped(&list.name));
            for (place, option) in list.options.iter().enumerate() {
                let _ = write!(
                    out,
                    "<item><itextId>{}-{place}</itextId><name>{}</name>",
                    escaped(&list.name),
                    escaped(&fit_code(&option.code))
                );
                for (column, cell) in &option.attributes {
                    let _ = write!(out, "<{column}>{}</{column}>", escaped(cell));
                }
                out.push_str("</item>");
            }
            out.push_str("</root></instance>");
        }
        out
    }

    fn finish(&self, instance: &str) -> String {
        let document = self.document;
        let default = &document.default_language;
        let title = escaped(document.title.get(default, default));
        let id = escaped(&document.name);
        let version = version_of(document)
            .map_or_else(String::new, |version| format!(" version=\"{}\"", escaped(version)));
        let (itext, lists, binds, body) =
            (self.translations(), self.lists(), &self.binds, &self.body);
        format!(
            "<?xml version=\"1.0\"?>\n\
             <h:html xmlns=\"http://www.w3.org/2002/xforms\" \
             xmlns:h=\"http://www.w3.org/1999/xhtml\" \
             xmlns:ev=\"http://www.w3.org/2001/xml-events\" \
             xmlns:jr=\"http://openrosa.org/javarosa\" \
             xmlns:orx=\"http://openrosa.org/xforms\" \
             xmlns:odk=\"http://www.opendatakit.org/xforms\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\
             <h:head><h:title>{title}</h:title><model odk:xforms-version=\"1.0.0\">{itext}\
             <instance><data id=\"{id}\"{version} xmlns=\"http://www.w3.org/2002/xforms\">{instance}\
             <orx:meta><orx:instanceID/></orx:meta></data></instance>{lists}{binds}\
             <bind nodeset=\"/data/orx:meta/orx:instanceID\" type=\"string\" jr:preload=\"uid\" \
             readonly=\"true()\"/></model></h:head><h:body>{body}</h:body></h:html>\n"
        )
    }
}

/// The empty answers, as elements. A repeat stands there as a template and
/// once; one with a count beside the place that holds it, and not once: Collect
/// shows what stands there even where the count is zero.
fn empty_answers(nodes: &[Node<'_>], out: &mut String, copy: Copy) {
    for node in nodes {
        match node {
            Node::Question(line) => {
                let default = line.cell("default");
                let default = if is_worked_out(default) { "" } else { default };
                let name = &line.name;
                if default.is_empty() {
                    let _ = write!(out, "<{name}/>");
                } else {
                    let _ = write!(out, "<{name}>{}</{name}>", escaped(default));
                }
            }
            Node::Group { line, repeat, inner } => {
                let name = &line.name;
                let counted = *repeat && !line.cell("repeat_count").is_empty();
                if counted {
                    let _ = write!(out, "<{name}_count/>");
                }
                if *repeat && copy != Copy::Plain {
                    let _ = write!(out, "<{name} jr:template=\"\">");
                    empty_answers(inner, out, Copy::Template);
                    let _ = write!(out, "</{name}>");
                }
                if !*repeat || (copy != Copy::Template && !counted) {
                    let _ = write!(out, "<{name}>");
                    empty_answers(inner, out, if *repeat { Copy::Plain } else { copy });
                    let _ = write!(out, "</{name}>");
                }
            }
        }
    }
}

fn looks(appearance: &str) -> String {
    if appearance.is_empty() {
        String::new()
    } else {
        format!(" appearance=\"{}\"", escaped(appearance))
    }
}

/// Whether a default is a formula.
fn is_worked_out(default: &str) -> bool {
    default.contains("${") || (default.contains('(') && default.ends_with(')'))
}

fn bind_type(kind: &str, line: &Line) -> &'static str {
    match kind {
        "integer" => "int",
        "decimal" => "decimal",
        "range" => {
            let whole = !line.cell("parameters").contains('.');
            if whole { "int" } else { "decimal" }
        }
        "date" | "today" => "date",
        "time" => "time",
        "dateTime" | "start" | "end" => "dateTime",
        "image" | "audio" | "video" | "file" | "audit" | "background-audio" => "binary",
        "geopoint" | "start-geopoint" => "geopoint",
        "geotrace" => "geotrace",
        "geoshape" => "geoshape",
        "barcode" => "barcode",
        "rank" => "odk:rank",
        _ => "string",
    }
}
