//! Reading forms: every field with all its values, limited in size, in time and in
//! what all of them hold together.

use std::io::Write as _;
use std::sync::Arc;

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::web::{Payload, block};
use fielding::error::{Error, Problem};
use futures_util::StreamExt as _;
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::expression::print_number;
use survey_builder::questionnaire::validate::{Number, Posted, read_number};

use crate::bodies::Place;
use crate::site::Site;

/// The most bytes a form may have: 40 long answers.
const LIMIT: usize = 512 * 1024;

/// The most bytes of a form that anybody may send: a few short fields.
const SHORT: usize = 16 * 1024;

/// Reads `application/x-www-form-urlencoded`.
pub async fn read_form(app: &Site, payload: Payload) -> Result<Posted, Error> {
    read_pairs(app, payload, LIMIT).await
}

/// As [`read_form`], where nobody knows yet who sends it.
pub async fn read_short_form(app: &Site, payload: Payload) -> Result<Posted, Error> {
    read_pairs(app, payload, SHORT).await
}

async fn read_pairs(app: &Site, mut payload: Payload, limit: usize) -> Result<Posted, Error> {
    let mut arrival = app.bodies.begin();
    let mut body = Vec::new();
    while let Some(chunk) = arrival.next(payload.next()).await? {
        let chunk = chunk.map_err(|_| Error::invalid("form-broken", ""))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::invalid("form-too-large", ""));
        }
        arrival.hold(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(parse(&body))
}

/// An uploaded file.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The form's field.
    pub field: String,
    /// The file's name as the browser sent it; a label only.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The room that it takes, as long as it is there.
    pub place: Place,
}

/// The most bytes an upload may have in all: a questionnaire with its pictures.
const UPLOAD_LIMIT: usize = 256 * 1024 * 1024;

/// The most bytes of a page with files: three of the largest.
const PAGE_LIMIT: usize = 32 * 1024 * 1024;

/// Reads a form of either sort: a page that asks for files sends parts, others
/// send pairs.
pub async fn read_either(
    app: &Site,
    request: &HttpRequest,
    payload: Payload,
) -> Result<(Posted, Vec<Upload>), Error> {
    let media_type = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let form = Multipart::new(request.headers(), payload.into_inner());
        return read_parts(app, form, PAGE_LIMIT).await;
    }
    Ok((read_form(app, payload).await?, Vec::new()))
}

/// An uploaded file that is too large to be held: on disk, without a name.
#[derive(Debug)]
pub struct Spooled {
    /// The form's field.
    pub field: String,
    /// The file's name as the browser sent it; a label only.
    pub name: String,
    /// Its content; gone when the program ends, however it ends.
    pub file: std::fs::File,
}

impl Spooled {
    /// A file that nobody sent.
    ///
    /// # Errors
    ///
    /// A disk that is full.
    pub fn of_bytes(field: &str, name: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let written = tempfile::tempfile().and_then(|file| write_on(file, bytes));
        let file = written.map_err(|_| Problem::new("form-broken", field))?;
        Ok(Self { field: field.to_owned(), name: name.to_owned(), file })
    }
}

/// The most bytes of a frame: some twenty million rows.
const FRAME_LIMIT: usize = 2 * 1024 * 1024 * 1024;

/// What a part of a form says of itself: its field, and its file's name.
fn heading(part: &Field) -> (String, Option<String>) {
    let disposition = part.content_disposition();
    let field = disposition.and_then(|said| said.get_name()).unwrap_or_default().to_owned();
    let name = disposition.and_then(|said| said.get_filename());
    (field, name.map(|name| without_nul(name.to_owned())))
}

/// Reads `multipart/form-data` with files put on disk as they come. Empty file
/// fields are left out.
pub async fn read_spooled(
    app: &Site,
    mut form: Multipart,
) -> Result<(Posted, Vec<Spooled>), Error> {
    let broken = |_| Error::invalid("form-broken", "");
    let full = |error: std::io::Error| Error::Folder {
        folder: std::env::temp_dir(),
        reason: error.to_string(),
    };
    let mut arrival = app.bodies.begin();
    let (mut posted, mut files) = (Posted::new(), Vec::new());
    let (mut total, mut held) = (0, 0);
    while let Some(part) = arrival.next(form.next()).await? {
        let mut part = part.map_err(broken)?;
        let (field, name) = heading(&part);
        let mut file = match &name {
            Some(name) if !name.is_empty() => Some(tempfile::tempfile().map_err(full)?),
            _ => None,
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = arrival.next(part.next()).await? {
            let chunk = chunk.map_err(broken)?;
            arrival.came(chunk.len());
            total += chunk.len();
            held += if file.is_some() { 0 } else { chunk.len() };
            if total > FRAME_LIMIT || held > LIMIT {
                return Err(Error::invalid("form-too-large", &field));
            }
            if let Some(spool) = file.take() {
                // Disks are slow: not on a thread that answers respondents.
                let written = off_thread(move || write_on(spool, &chunk)).await?;
                file = Some(written.map_err(full)?);
            } else {
                arrival.hold(chunk.len())?;
                bytes.extend_from_slice(&chunk);
            }
        }
        match (name, file) {
            (Some(name), Some(file)) => files.push(Spooled { field, name, file }),
            (Some(_), None) => {}
            (None, _) => add_value(&mut posted, field, &bytes),
        }
    }
    Ok((posted, files))
}

fn write_on(mut file: std::fs::File, chunk: &[u8]) -> std::io::Result<std::fs::File> {
    file.write_all(chunk)?;
    Ok(file)
}

/// Stores something large, away from the threads that answer respondents; what was
/// begun is waited for. Files that strangers to the program wrote go by
/// [`crate::looks::Looks`] instead.
pub async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    block(work).await.map_err(|_| Error::WriterStopped)
}

/// Reads `multipart/form-data`: fields and files. Empty file fields are left out.
pub async fn read_uploads(app: &Site, form: Multipart) -> Result<(Posted, Vec<Upload>), Error> {
    read_parts(app, form, UPLOAD_LIMIT).await
}

async fn read_parts(
    app: &Site,
    mut form: Multipart,
    limit: usize,
) -> Result<(Posted, Vec<Upload>), Error> {
    let broken = |_| Error::invalid("form-broken", "");
    let mut arrival = app.bodies.begin();
    let (mut posted, mut sent, mut total) = (Posted::new(), Vec::new(), 0);
    while let Some(part) = arrival.next(form.next()).await? {
        let mut part = part.map_err(broken)?;
        let (field, name) = heading(&part);
        let mut bytes = Vec::new();
        while let Some(chunk) = arrival.next(part.next()).await? {
            let chunk = chunk.map_err(broken)?;
            arrival.came(chunk.len());
            total += chunk.len();
            if total > limit {
                return Err(Error::invalid("form-too-large", &field));
            }
            arrival.hold(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        match name {
            Some(name) if !name.is_empty() => sent.push((field, name, bytes)),
            Some(_) => {}
            None => add_value(&mut posted, field, &bytes),
        }
    }
    let place = arrival.whole();
    let uploads = sent.into_iter().map(|(field, name, bytes)| {
        let place = Arc::clone(&place);
        Upload { field, name, bytes, place }
    });
    Ok((posted, uploads.collect()))
}

fn add_value(posted: &mut Posted, field: String, bytes: &[u8]) {
    let value = without_nul(String::from_utf8_lossy(bytes).into_owned());
    posted.entry(without_nul(field)).or_default().push(value);
}

/// Text without the sign that is no part of any: `PostgreSQL` takes none with it.
pub fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// What is wrong in a form, and the field it is about.
#[derive(Serialize)]
pub struct FieldProblem {
    /// The name of the field.
    pub field: String,
    /// What is wrong, in the reader's language.
    pub text: String,
}

/// Problems of a form, each with its field.
pub fn field_problems(problems: &[Problem], language: &str) -> Vec<FieldProblem> {
    let shown = problems.iter().map(|problem| FieldProblem {
        field: problem.place.as_text().unwrap_or_default().to_owned(),
        text: problem_text(&problem.clone().at(""), language),
    });
    shown.collect()
}

/// The first value of a field as it was sent; empty where there is none.
pub fn as_sent<'a>(form: &'a Posted, name: &str) -> &'a str {
    form.get(name).and_then(|values| values.first()).map_or("", String::as_str)
}

/// The same without the space around it.
pub fn field(form: &Posted, name: &str) -> String {
    as_sent(form, name).trim().to_owned()
}

/// Reads a number as people type it, with a comma or a point. What could be a thousand
/// as well as one and a bit is asked back, never guessed.
///
/// # Errors
///
/// What it is instead, at that place.
pub fn typed_number(typed: &str, place: &str) -> Result<f64, Problem> {
    match read_number(typed) {
        Number::Is(number) => Ok(number),
        Number::Ambiguous { grouped, .. } => Err(Problem::new("number-ambiguous", place)
            .with("typed", typed)
            .with("whole", print_number(grouped))
            .with("decimal", format!("{typed}0"))),
        Number::Not => Err(Problem::new("number-typed", place)),
    }
}

/// A number as it stands in a field: [`typed_number`] reads the same.
pub fn number_to_type(number: f64) -> String {
    let plain = number.to_string();
    let is_ambiguous = matches!(read_number(&plain), Number::Ambiguous { .. });
    if is_ambiguous { plain + "0" } else { plain }
}

/// The same with the language's decimal mark; what people typed otherwise stays.
pub fn in_marks_of(language: &str, typed: &str) -> String {
    let is_plain = typed.parse::<f64>().is_ok() && matches!(read_number(typed), Number::Is(_));
    if language == "vi" && is_plain { typed.replace('.', ",") } else { typed.to_owned() }
}

/// What an address asks for by a name, as it is written there.
pub fn asked<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut pairs = request.query_string().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The pairs of a form or of an address.
pub fn parse(body: &[u8]) -> Posted {
    let mut posted = Posted::new();
    for (name, value) in form_urlencoded::parse(body) {
        let value = without_nul(value.into_owned());
        posted.entry(without_nul(name.into_owned())).or_default().push(value);
    }
    posted
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_is_asked_for_is_found_by_its_whole_name() {
        let request =
            TestRequest::with_uri("/gallery?apart=1&part=2&part=3&parts").to_http_request();
        assert_eq!(asked(&request, "part"), Some("2"));
        assert_eq!(asked(&request, "parts"), None);
    }

    #[test]
    fn fields_keep_all_their_values() {
        let posted = parse("uses=bus&uses=car&name=H%C3%B2a+B&odd=%zz&=".as_bytes());
        assert_eq!(posted["uses"], ["bus", "car"]);
        assert_eq!(posted["name"], ["Hòa B"]);
        assert_eq!(posted["odd"], ["%zz"]);
        assert_eq!(parse(b"na%00me=H%00oa")["name"], ["Hoa"]);
    }
}
