//! From data to a page: Tera templates, Fluent texts, embedded assets.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use fielding::error::Error;
use flate2::Compression;
use flate2::write::GzEncoder;
use locale::FluentValue;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

#[derive(RustEmbed)]
#[folder = "../../web/templates"]
#[prefix = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "../../web/components"]
#[prefix = "components/"]
struct Components;

#[derive(RustEmbed)]
#[folder = "../../web/css"]
#[prefix = "css/"]
struct Styles;

#[derive(RustEmbed)]
#[folder = "../../web/js"]
#[prefix = "js/"]
struct Scripts;

/// What the program carries of `web/`, by its path there. (One folder with a filter
/// of paths would build a whole engine of patterns.)
struct Web;

impl Web {
    fn iter() -> impl Iterator<Item = Cow<'static, str>> {
        Templates::iter().chain(Components::iter()).chain(Styles::iter()).chain(Scripts::iter())
    }

    fn get(path: &str) -> Option<EmbeddedFile> {
        Templates::get(path)
            .or_else(|| Components::get(path))
            .or_else(|| Styles::get(path))
            .or_else(|| Scripts::get(path))
    }
}

static TEMPLATES: LazyLock<Result<Tera, String>> = LazyLock::new(load);

fn load() -> Result<Tera, String> {
    let mut tera = Tera::new();
    tera.register_function("t", translate);
    tera.register_function("asset", |arguments: Kwargs, _: &State| -> TeraResult<String> {
        Ok(asset_address(arguments.must_get::<&str>("path")?))
    });
    tera.register_filter(
        "number",
        |value: f64, arguments: Kwargs, state: &State| -> TeraResult<String> {
            let decimals = arguments.get::<usize>("decimals")?.unwrap_or(0);
            Ok(locale::number(&language(state)?, value, decimals))
        },
    );
    tera.register_filter(
        "percent",
        |value: f64, arguments: Kwargs, state: &State| -> TeraResult<String> {
            let decimals = arguments.get::<usize>("decimals")?.unwrap_or(1);
            Ok(locale::percent(&language(state)?, value, decimals))
        },
    );
    tera.register_filter(
        "language_name",
        |code: String, _: Kwargs, _: &State| -> TeraResult<String> {
            let known = locale::LANGUAGES.iter().find(|(known, _)| *known == code);
            Ok(known.map_or(code, |(_, name)| (*name).to_owned()))
        },
    );
    tera.register_filter(
        "in_address",
        |value: String, _: Kwargs, _: &State| -> TeraResult<String> { Ok(in_address(&value)) },
    );
    let files: Vec<(String, String)> = Web::iter()
        .filter(|path| path.ends_with(".html"))
        .filter_map(|path| {
            let file = Web::get(&path)?;
            let name = path.strip_prefix("templates/").unwrap_or(&path).to_owned();
            Some((name, String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    tera.add_raw_templates(files).map_err(|error| describe(&error))?;
    Ok(tera)
}

fn language(state: &State) -> TeraResult<String> {
    Ok(state.get::<String>("language")?.unwrap_or_else(|| locale::LANGUAGES[0].0.to_owned()))
}

/// `t(key="…", name=value…)`: a text in the page's language. `you` and `You`,
/// the address form, come from the page when they are there.
#[expect(clippy::needless_pass_by_value, reason = "the form Tera asks for")]
fn translate(arguments: Kwargs, state: &State) -> TeraResult<String> {
    let key = arguments.must_get::<String>("key")?;
    let mut values: Vec<(&str, FluentValue<'_>)> = Vec::new();
    for name in ["you", "You"] {
        if let Some(form) = state.get::<String>(name)? {
            values.push((name, FluentValue::from(form)));
        }
    }
    for (name, value) in arguments.iter() {
        let Some(name) = name.as_str().filter(|name| *name != "key") else { continue };
        values.push((name, fluent_value(value)));
    }
    let language = language(state)?;
    locale::format(&language, &key, values)
        .ok_or_else(|| tera::Error::message(format!("no text \"{key}\" in {language}")))
}

fn fluent_value(value: &Value) -> FluentValue<'static> {
    if value.is_number()
        && let Some(number) = value.as_f64()
    {
        FluentValue::from(number)
    } else {
        FluentValue::from(value.to_string())
    }
}

fn describe(error: &tera::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

/// A text as it stands in one part of an address.
pub fn in_address(text: &str) -> String {
    const ESCAPED: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(text, ESCAPED).to_string()
}

/// `10 MB`, or `600 kB` below one.
pub fn megabytes(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    if bytes >= MEGABYTE {
        format!("{} MB", bytes / MEGABYTE)
    } else {
        format!("{} kB", (bytes / 1024).max(1))
    }
}

/// Fills a template with a page: its fields are what the template names.
pub fn render(template: &str, language: &str, page: &impl Serialize) -> Result<String, Error> {
    let failed = |error: tera::Error| Error::Render(describe(&error));
    let mut context = Context::from_serialize(page).map_err(failed)?;
    context.insert("language", language);
    let tera = TEMPLATES.as_ref().map_err(|error| Error::Render(error.clone()))?;
    tera.render(template, &context).map_err(failed)
}

/// Fills a component with what it is given. `body` is what stands within it, as a
/// template, which names nothing but components.
pub fn component(
    name: &str,
    language: &str,
    given: &impl Serialize,
    body: Option<&str>,
) -> Result<String, Error> {
    let failed = |error: tera::Error| Error::Render(describe(&error));
    let tera = TEMPLATES.as_ref().map_err(|error| Error::Render(error.clone()))?;
    let body = body.map(|body| tera.render_str(body, &Context::new(), true));
    let body = body.transpose().map_err(failed)?;
    let given = Context::from_serialize(given).map_err(failed)?;
    let mut around = Context::new();
    around.insert("language", language);
    tera.render_component_with_implicits(name, &given, &around, body.as_deref(), true)
        .map_err(failed)
}

/// The folders of components that have examples, and the examples.
pub fn component_examples() -> Vec<(String, String)> {
    let folder = |path: &str| {
        let name = path.strip_prefix("components/")?.strip_suffix("/examples.json")?;
        Some((name.to_owned(), text_of(path)))
    };
    Web::iter().filter_map(|path| folder(&path)).collect()
}

fn text_of(path: &str) -> String {
    let file = Web::get(path);
    file.map_or_else(String::new, |file| String::from_utf8_lossy(&file.data).into_owned())
}

/// What a component may be given.
#[cfg(test)]
pub fn parameters(component: &str) -> Vec<String> {
    let known = TEMPLATES.as_ref().ok().and_then(|tera| tera.get_component_definition(component));
    let parameters = known.as_ref().map_or(&[][..], |known| known.args());
    parameters.iter().map(|parameter| parameter.name().to_owned()).collect()
}

/// Fills a template with a page and answers with it.
pub fn page(
    status: StatusCode,
    template: &str,
    language: &str,
    page: &impl Serialize,
) -> Result<HttpResponse, Error> {
    let html = render(template, language, page)?;
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, language))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html))
}

/// The text of a template.
#[cfg(test)]
pub fn source(template: &str) -> String {
    let own = text_of(&format!("templates/{template}"));
    if own.is_empty() { text_of(template) } else { own }
}

/// Answers with "see there".
pub fn redirect(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

/// Adds a cookie to an answer.
pub fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Error> {
    response.add_cookie(cookie).map_err(|error| Error::Render(error.to_string()))
}

struct Asset {
    body: Vec<u8>,
    /// The body as small as gzip can make it.
    packed: Vec<u8>,
    media_type: &'static str,
}

/// Styles and scripts by the address they are served under, which holds a hash
/// of the content, so browsers keep them for good.
static ASSETS: LazyLock<(HashMap<String, Asset>, HashMap<String, String>)> = LazyLock::new(|| {
    let mut by_address = HashMap::new();
    let mut addresses = HashMap::new();
    let mut add = |path: &str, body: Vec<u8>, media_type: &'static str| {
        let hash = Sha256::digest(&body);
        let address =
            format!("/assets/{:02x}{:02x}{:02x}{:02x}/{path}", hash[0], hash[1], hash[2], hash[3]);
        addresses.insert(path.to_owned(), address.clone());
        let packed = packed(&body);
        by_address.insert(address, Asset { body, packed, media_type });
    };
    let text = |path: &str| Web::get(path).map(|file| file.data.into_owned()).unwrap_or_default();
    // One style for respondents and one for staff, each from small files.
    for (name, files) in STYLES {
        let mut style = Vec::new();
        for file in *files {
            style.extend(minify(&String::from_utf8_lossy(&text(file))).into_bytes());
        }
        add(name, style, "text/css; charset=utf-8");
    }
    for path in Web::iter().filter(|path| path.ends_with(".js")) {
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let script = without_comments(&String::from_utf8_lossy(&text(&path)));
        add(&name, script.into_bytes(), "text/javascript; charset=utf-8");
    }
    (by_address, addresses)
});

/// Gzip at its smallest: done once, so that it may take its time.
fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// What each style is made of, in order.
const STYLES: &[(&str, &[&str])] = &[
    (
        "respond.css",
        &[
            "css/tokens.css",
            "css/base.css",
            "components/button/button.css",
            "components/choices/choices.css",
            "components/error-summary/error-summary.css",
            "css/print.css",
        ],
    ),
    (
        "staff.css",
        &[
            "css/tokens.css",
            "css/base.css",
            "components/button/button.css",
            "components/choices/choices.css",
            "components/error-summary/error-summary.css",
            "components/data-table/data-table.css",
            "components/wide-table/wide-table.css",
            "components/first-rows/first-rows.css",
            "components/facts/facts.css",
            "components/panel/panel.css",
            "components/action-form/action-form.css",
            "components/confirm/confirm.css",
            "components/chart/chart.css",
            "components/paper/paper.css",
            "components/mark/mark.css",
            "components/road/road.css",
            "components/figures/figures.css",
            "css/bar.css",
            "css/staff.css",
            "css/people.css",
            "css/print.css",
        ],
    ),
    (
        "builder.css",
        &[
            "css/builder.css",
            "css/logic.css",
            "css/sheet.css",
            "components/edit-field/edit-field.css",
            "components/words/words.css",
        ],
    ),
];

/// Removes comments, and the spaces and line ends that mean nothing in our own
/// styles, which have one declaration a line.
fn minify(style: &str) -> String {
    let mut bare = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut small = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(selectors) = line.strip_suffix(" {") {
            small.push_str(selectors);
            small.push('{');
        } else if line.ends_with(';')
            && let Some((name, value)) = line.split_once(": ")
        {
            small.push_str(name);
            small.push(':');
            small.push_str(value);
        } else {
            small.push_str(line);
            // A value that goes on in the next line.
            if !line.ends_with(['}', ';', ',', ':']) {
                small.push(' ');
            }
        }
    }
    small
}

/// Removes the lines of our own scripts that are comments, and indentation: no
/// text of theirs goes over several lines.
fn without_comments(script: &str) -> String {
    let code =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/**");
    script.lines().map(str::trim).filter(code).collect::<Vec<_>>().join("\n")
}

/// The address under which a style or script is served.
pub fn asset_address(path: &str) -> String {
    ASSETS.1.get(path).cloned().unwrap_or_else(|| format!("/assets/missing/{path}"))
}

/// A style as text, for a file that must stand alone.
pub fn style(name: &str) -> String {
    ASSETS
        .0
        .get(&asset_address(name))
        .map(|asset| String::from_utf8_lossy(&asset.body).into_owned())
        .unwrap_or_default()
}

/// Serves a style or script, packed where the browser takes gzip.
pub async fn asset(
    request: actix_web::HttpRequest,
    accepted: Option<web::Header<header::AcceptEncoding>>,
) -> HttpResponse {
    let Some(asset) = ASSETS.0.get(request.path()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.media_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "accept-encoding"));
    let offered = [header::Encoding::gzip(), header::Encoding::identity()];
    match accepted.and_then(|accepted| accepted.negotiate(offered.iter())) {
        Some(encoding) if encoding == offered[0] => {
            response.insert_header(header::ContentEncoding::Gzip).body(asset.packed.as_slice())
        }
        _ => response.body(asset.body.as_slice()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_parses() {
        assert_eq!(TEMPLATES.as_ref().err(), None);
    }

    #[test]
    fn styles_keep_what_they_say() {
        let style = "/* What it\n   is. */\na:hover, b {\n  color: red;\n  font:\n    \"A: b\",\n    \
                     c;\n}\n\n@media print {\n  a {\n    margin: 0 calc(1px + 2px)\n    3px;\n  }\n}\n";
        let small =
            "a:hover, b{color:red;font:\"A: b\",c;}@media print{a{margin: 0 calc(1px + 2px) 3px;}}";
        assert_eq!(minify(style), small);
    }

    #[test]
    fn scripts_keep_their_code() {
        let script = "// What it is.\n\n/** The one. */\nexport const one = 1; // kept\n  two();\n";
        assert_eq!(without_comments(script), "export const one = 1; // kept\ntwo();");
        for path in Web::iter().filter(|path| path.ends_with(".js")) {
            let file = Web::get(&path).expect("listed").data.into_owned();
            let script = String::from_utf8(file).expect("UTF-8");
            let open = |line: &str| line.matches('`').count() % 2 == 1;
            assert!(!script.lines().any(open), "{path}: a text over several lines");
            let block = |line: &str| line.trim_start().starts_with("/*") && !line.contains("*/");
            assert!(!script.lines().any(block), "{path}: a comment over several lines");
        }
    }

    #[test]
    fn every_style_file_is_there() {
        for (_, files) in STYLES {
            for file in *files {
                assert!(Web::get(file).is_some(), "{file}");
            }
        }
    }
}
