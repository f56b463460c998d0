//! Which system a file comes from, told by its content; names are not trusted.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::survey_solutions::is_document;

/// The systems whose questionnaires are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A document of our own.
    Document,
    /// The spreadsheet form of ODK, Kobo and others.
    Xlsform,
    /// `LimeSurvey`: a structure (`.lss`), the archive that holds one (`.lsa`),
    /// or the tab-separated form.
    Limesurvey,
    /// The form that ODK's programs fill in (`.xml`).
    Xform,
    /// A `SurveyJS` model.
    Surveyjs,
    /// A schema of the ONS questionnaire runner.
    Ons,
    /// A Qualtrics survey (`.qsf`).
    Qualtrics,
    /// A `REDCap` data dictionary.
    Redcap,
    /// A `CSPro` dictionary (`.dcf`).
    Cspro,
    /// A text of Word (`.docx`).
    Word,
    /// A questionnaire of Survey Solutions: the archive of Designer or Headquarters
    /// (`.zip`), or its document alone.
    SurveySolutions,
}

impl Format {
    /// Its name in reports: `xlsform`, `limesurvey`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Xlsform => "xlsform",
            Self::Xform => "xform",
            Self::Limesurvey => "limesurvey",
            Self::Surveyjs => "surveyjs",
            Self::Ons => "ons",
            Self::Qualtrics => "qualtrics",
            Self::Redcap => "redcap",
            Self::Cspro => "cspro",
            Self::Word => "word",
            Self::SurveySolutions => "survey_solutions",
        }
    }
}

/// The endings that files of these systems have. They decide nothing: what a file is,
/// its content tells.
pub const ENDINGS: [&str; 18] = [
    "json", "xlsx", "xlsm", "xls", "ods", "csv", "md", "xml", "lss", "lsa", "lsg", "lsq", "txt",
    "tsv", "qsf", "dcf", "docx", "zip",
];

/// The content of a file, as far as it had to be opened to know what it is.
pub(super) enum Content<'b> {
    /// A workbook with the sheets of a form.
    Workbook,
    /// A text of Word.
    Word,
    /// A `LimeSurvey` structure, also inside an archive.
    Structure,
    /// An archive of Survey Solutions.
    Package,
    /// A JSON object of that format.
    Json(Format, Value),
    /// Markup of that format.
    Markup(Format, Cow<'b, str>),
    /// Lines of that format.
    Lines(Format, Cow<'b, str>),
    /// Tables in Markdown that are the sheets of a form.
    Markdown(Cow<'b, str>),
    /// Something else: what it is, and what to do instead.
    Other(&'static str),
}

/// The most bytes that the files of an archive may unpack to.
const UNPACKED_LIMIT: u64 = 256 << 20;

/// Looks what a file is.
pub(super) fn recognize(bytes: &[u8]) -> Content<'_> {
    if bytes.starts_with(b"PK\x03\x04") {
        return archive(bytes);
    }
    // The container of older office files.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return older(bytes);
    }
    if bytes.starts_with(b"%PDF") {
        return Content::Other("phrase-a-pdf");
    }
    let text = decode(bytes);
    let start = text.trim_start();
    match start.chars().next() {
        None => Content::Other("phrase-an-empty-file"),
        Some('<') if is_xform(start) => Content::Markup(Format::Xform, text),
        Some('<') => markup(start),
        Some('{') => json(&text),
        Some('|') => Content::Markdown(text),
        Some('[') if start.to_lowercase().starts_with("[dictionary]") => {
            Content::Lines(Format::Cspro, text)
        }
        Some(_) => delimited(text),
    }
}

/// A text of the Word before 2007 has a stream of its own in that container.
fn older(bytes: &[u8]) -> Content<'static> {
    let opened = cfb::CompoundFile::open(Cursor::new(bytes));
    let is_text = opened.is_ok_and(|container| container.is_stream("WordDocument"));
    if is_text { Content::Other("phrase-an-older-word-file") } else { Content::Workbook }
}

fn archive(bytes: &[u8]) -> Content<'static> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return Content::Workbook;
    };
    let sizes = (0..archive.len()).filter_map(|at| Some(archive.by_index_raw(at).ok()?.size()));
    if sizes.fold(0, u64::saturating_add) > UNPACKED_LIMIT {
        return Content::Other("phrase-an-archive-too-large");
    }
    let has = |test: fn(&str) -> bool| archive.file_names().flatten().any(|name| test(&name));
    // The first entry of an `OpenDocument` file says what it is.
    let is_open_text = bytes
        .get(30..120)
        .is_some_and(|head| String::from_utf8_lossy(head).contains("vnd.oasis.opendocument.text"));
    if is_open_text {
        Content::Other("phrase-an-opendocument-text")
    } else if has(|name| name.starts_with("word/")) {
        Content::Word
    } else if has(|name| name.starts_with("xl/") || name == "content.xml") {
        Content::Workbook
    } else if has(|name| {
        Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("lss"))
    }) {
        Content::Structure
    } else if has(is_document) {
        Content::Package
    } else {
        Content::Other("phrase-an-archive-of-other-files")
    }
}

/// Whether markup is a form of ODK's programs.
fn is_xform(text: &str) -> bool {
    let head: String = text.chars().take(4_000).collect();
    head.contains("http://www.w3.org/2002/xforms") && !head.contains("<LimeSurveyDocType")
}

fn markup(text: &str) -> Content<'static> {
    let head: String = text.chars().take(4_000).collect();
    if head.contains("<LimeSurveyDocType") {
        Content::Structure
    } else if head.contains("<ODM") {
        Content::Other("phrase-a-redcap-project")
    } else if head.contains("<codeBook") || head.contains("ddi:") {
        Content::Other("phrase-a-ddi-codebook")
    } else if head.to_lowercase().contains("<html") {
        Content::Other("phrase-a-web-page")
    } else {
        Content::Other("phrase-xml-of-no-known-system")
    }
}

fn json(text: &str) -> Content<'static> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        // Told by whoever reads documents: that reader says where it breaks.
        return Content::Json(Format::Document, Value::Null);
    };
    let has = |key: &str| value.get(key).is_some();
    let is_list = |key: &str| value.get(key).is_some_and(Value::is_array);
    let format = if is_list("Children") || has("CoverPage") {
        Format::SurveySolutions
    } else if has("SurveyElements") {
        Format::Qualtrics
    } else if has("default_language") && is_list("sections") {
        Format::Document
    } else if is_list("survey") {
        Format::Xlsform
    } else if has("$schema") && (has("definitions") || has("properties")) {
        return Content::Other("phrase-a-json-schema");
    } else if is_list("levels") && (has("software") || has("fileType")) {
        Format::Cspro
    } else if is_list("sections") || is_list("groups") {
        Format::Ons
    } else if is_list("pages") || is_list("elements") || is_list("questions") {
        Format::Surveyjs
    } else if has("default_language") || has("lists") {
        Format::Document
    } else {
        return Content::Other("phrase-json-of-no-known-system");
    };
    if format == Format::Cspro {
        return Content::Lines(format, Cow::Owned(text.to_owned()));
    }
    Content::Json(format, value)
}

fn delimited(text: Cow<'_, str>) -> Content<'_> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let cells = |by: u8| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(by)
            .from_reader(first.as_bytes());
        let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
        record.iter().map(|cell| cell.trim().to_lowercase()).collect()
    };
    let tabs = cells(b'\t');
    let holds = |cells: &[String], name: &str| cells.iter().any(|cell| cell == name);
    if holds(&tabs, "class") && holds(&tabs, "name") {
        return Content::Lines(Format::Limesurvey, text);
    }
    let [commas, semicolons] = [cells(b','), cells(b';')];
    for cells in [&commas, &semicolons] {
        let named = |one: &str, other: &str| holds(cells, one) || holds(cells, other);
        let labelled = named("field label", "field_label");
        let typed = named("field type", "field_type");
        if named("variable / field name", "field_name") && typed && labelled {
            return Content::Lines(Format::Redcap, text);
        }
    }
    let sheets = ["survey", "choices", "settings", "external_choices"];
    for cells in [&commas, &semicolons, &tabs] {
        let of_sheets = cells.first().is_some_and(|first| sheets.contains(&first.as_str()));
        if of_sheets || holds(cells, "type") || holds(cells, "command") {
            return Content::Lines(Format::Xlsform, text);
        }
    }
    if commas.len() > 1 || semicolons.len() > 1 || tabs.len() > 1 {
        return Content::Other("phrase-a-table-of-something-else");
    }
    Content::Other("phrase-no-file-of-a-known-system")
}

/// The text of a file: UTF-8, UTF-16 with its mark, else the usual encoding of
/// older Windows files.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let (encoding, skipped) =
        encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let body = &bytes[skipped..];
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => text,
        None => encoding_rs::WINDOWS_1252.decode_without_bom_handling(body).0,
    }
}
