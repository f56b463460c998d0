//! The house rules, one test each. A rule that fails names file and line.
//!
//! An exception stands in a list beside its rule, with its reason; the lists
//! are meant to stay short.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use tidy::{
    Breach, breach, code_only, files, functions, has_word, locale, none, prose, read, root, sources,
};

fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .expect("crates")
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn sql_stands_in_the_store_only() {
    // Where diesel's error type is named: it is one of the crate's errors.
    let result_only = ["crates/fielding/src/error.rs"];
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        if file.starts_with("crates/fielding/src/store") {
            continue;
        }
        for (number, line) in (1..).zip(code_only(&text).lines()) {
            let rest = if result_only.contains(&file.as_str()) {
                line.replace("diesel::result::", "")
            } else {
                line.to_owned()
            };
            if has_word(&rest, "diesel") || has_word(&rest, "sql_query") {
                breaches.push(breach(&file, number, "diesel outside crates/fielding/src/store"));
            }
        }
    }
    none(&breaches);
}

#[test]
fn nothing_is_called_utils() {
    let vague = ["utils", "util", "helpers", "helper", "common", "misc"];
    let mut breaches = Vec::new();
    for folder in ["crates", "web"] {
        for (file, _) in files(folder, &[".rs", ".js", ".mjs", ".css", ".html", ".ftl"]) {
            let mut parts = file.split('/').map(|part| part.split('.').next().unwrap_or(part));
            if parts.any(|part| vague.contains(&part)) {
                breaches.push(breach(&file, 0, "name the thing"));
            }
        }
        for (file, text) in files(folder, &[".rs"]) {
            for (number, line) in (1..).zip(code_only(&text).lines()) {
                if vague.iter().any(|name| has_word(line, &format!("mod {name}"))) {
                    breaches.push(breach(&file, number, "name the thing"));
                }
            }
        }
    }
    none(&breaches);
}

#[test]
fn modules_are_files_with_names() {
    let breaches: Vec<Breach> = sources()
        .into_iter()
        .filter(|(file, _)| file.ends_with("/mod.rs"))
        .map(|(file, _)| breach(&file, 0, "use name.rs beside name/"))
        .collect();
    none(&breaches);
}

/// Crates that get bytes, time and seeds from their callers.
const PURE: [&str; 3] = ["survey-builder", "analysis", "exchange"];

#[test]
fn pure_crates_touch_nothing() {
    let forbidden = [
        "Utc::now",
        "Local::now",
        "SystemTime",
        "Instant::now",
        "rand::rng()",
        "thread_rng",
        "from_os_rng",
        "SysRng",
        "OsRng",
        "now_v7",
        "new_v4",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "File::open",
        "File::create",
        "actix_web",
        "actix_multipart",
        "tokio",
        "diesel",
    ];
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        if !PURE.iter().any(|name| file.starts_with(&format!("crates/{name}/"))) {
            continue;
        }
        for (number, line) in (1..).zip(code_only(&text).lines()) {
            for word in forbidden {
                if has_word(line, word) {
                    breaches.push(breach(&file, number, format!("{word} in a pure crate")));
                }
            }
        }
    }
    none(&breaches);
}

#[test]
fn one_clock_says_what_time_it_is() {
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        let is_program = file.contains("/src/") && file != "crates/fielding/src/clock.rs";
        if !is_program || file.starts_with("crates/tidy/") {
            continue;
        }
        for (number, line) in (1..).zip(code_only(&text).lines()) {
            let asks = ["Utc::now", "Local::now", "Instant::now", "SystemTime::now"];
            if asks.iter().any(|word| has_word(line, word)) {
                breaches.push(breach(&file, number, "only the clock asks what time it is"));
            }
        }
    }
    none(&breaches);
}

/// The names under a heading such as `[dependencies]` of a crate's manifest.
fn dependencies(name: &str, heading: &str) -> Vec<(usize, String)> {
    let text = read(&root().join(format!("crates/{name}/Cargo.toml")));
    (1..)
        .zip(text.lines())
        .skip_while(|(_, line)| *line != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
        .filter_map(|(number, line)| {
            let end = line.find(['.', ' ', '='])?;
            Some((number, line[..end].to_owned()))
        })
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = [
        ("survey-builder", &[] as &[&str]),
        ("analysis", &["survey-builder"]),
        ("exchange", &["survey-builder", "analysis"]),
        ("locale", &["survey-builder"]),
        ("fielding", &["survey-builder", "analysis", "exchange", "locale"]),
        ("pages", &["survey-builder", "analysis", "exchange", "locale", "fielding"]),
        ("sondage", &["survey-builder", "analysis", "exchange", "locale", "fielding", "pages"]),
        ("tidy", &[]),
    ]
    .into();
    let kept_out = ["actix-web", "actix-multipart", "diesel", "tokio", "lettre", "tera"];
    let ours = crates();
    let mut breaches = Vec::new();
    for name in &ours {
        let file = format!("crates/{name}/Cargo.toml");
        let Some(may) = allowed.get(name.as_str()) else {
            breaches.push(breach(&file, 0, "a crate that this test does not know"));
            continue;
        };
        for heading in ["[dependencies]", "[dev-dependencies]"] {
            for (line, dependency) in dependencies(name, heading) {
                if ours.contains(&dependency) && !may.contains(&dependency.as_str()) {
                    breaches.push(breach(&file, line, format!("{name} must not use {dependency}")));
                }
                if heading == "[dependencies]"
                    && PURE.contains(&name.as_str())
                    && kept_out.contains(&dependency.as_str())
                {
                    breaches.push(breach(&file, line, format!("{dependency} in a pure crate")));
                }
            }
        }
    }
    none(&breaches);
}

/// What cargo itself says that a crate depends on: all of it, or what its own
/// manifest names.
fn cargo_tree(name: &str, depth: &str) -> Vec<String> {
    let listed = cargo(&[
        "tree",
        "--package",
        name,
        "--depth",
        depth,
        "--edges",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--locked",
        "--offline",
    ]);
    let names = listed.lines().filter_map(|line| line.split(' ').next());
    names.filter(|one| !one.is_empty() && *one != name).map(str::to_owned).collect()
}

/// The service knows no HTTP and no templates, pages know no SQL.
#[test]
fn what_is_kept_out_of_a_crate_stays_out() {
    let whole = "255";
    let kept_out: [(&str, &str, &[&str]); 3] = [
        ("locale", whole, &["actix-web", "diesel", "tera", "tokio", "lettre"]),
        ("fielding", whole, &["actix-web", "actix-multipart", "actix-rt", "actix-http", "tera"]),
        // The service's own SQL is below it.
        ("pages", "1", &["diesel", "diesel_migrations", "libsqlite3-sys", "pq-sys"]),
    ];
    let mut breaches = Vec::new();
    for (name, depth, strangers) in kept_out {
        let found = cargo_tree(name, depth);
        assert!(found.len() > 5, "{name}: {found:?}");
        for stranger in strangers {
            if found.iter().any(|one| one == stranger) {
                let file = format!("crates/{name}/Cargo.toml");
                breaches.push(breach(&file, 0, format!("{stranger} is among what it depends on")));
            }
        }
    }
    none(&breaches);
}

/// Dependencies that no code names: crate, dependency, reason.
const UNNAMED: [(&str, &str, &str); 2] = [
    ("fielding", "libsqlite3-sys", "named for its feature: SQLite is built in"),
    ("fielding", "pq-sys", "named for its feature: the PostgreSQL client is built in"),
];

#[test]
fn dependencies_are_used() {
    let texts = files("crates", &[".rs"]);
    let mut breaches = Vec::new();
    for name in crates() {
        for heading in ["[dependencies]", "[dev-dependencies]"] {
            for (line, dependency) in dependencies(&name, heading) {
                let word = dependency.replace('-', "_");
                let used = texts
                    .iter()
                    .filter(|(file, _)| file.starts_with(&format!("crates/{name}/")))
                    .any(|(_, text)| code_only(text).lines().any(|line| has_word(line, &word)));
                let excepted = UNNAMED
                    .iter()
                    .any(|(crate_name, unused, _)| *crate_name == name && *unused == dependency);
                if !used && !excepted {
                    let file = format!("crates/{name}/Cargo.toml");
                    breaches.push(breach(&file, line, format!("{dependency} is not used")));
                }
            }
        }
    }
    none(&breaches);
}

#[test]
fn languages_have_the_same_texts() {
    let mut breaches = Vec::new();
    for (one, other) in [("en", "vi"), ("vi", "en")] {
        let others: BTreeMap<String, BTreeMap<String, usize>> = locale(other).into_iter().collect();
        for (file, keys) in locale(one) {
            let counterpart =
                file.replace(&format!("locales/{one}/"), &format!("locales/{other}/"));
            let Some(known) = others.get(&counterpart) else {
                breaches.push(breach(&file, 0, format!("there is no {counterpart}")));
                continue;
            };
            for (key, line) in keys.iter().filter(|(key, _)| !known.contains_key(*key)) {
                breaches.push(breach(&file, *line, format!("{key} is not in {counterpart}")));
            }
        }
    }
    none(&breaches);
}

/// Of two texts with one key, the later file's would silently take the place of
/// the other's.
#[test]
fn texts_have_keys_of_their_own() {
    let mut breaches = Vec::new();
    for language in ["en", "vi"] {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (file, _) in locale(language) {
            let text = fs::read_to_string(root().join(&file)).unwrap_or_default();
            for (number, line) in (1..).zip(text.lines()) {
                let is_key = line.starts_with(|sign: char| sign.is_ascii_alphabetic());
                let Some((key, _)) = line.split_once('=').filter(|_| is_key) else { continue };
                let key = key.trim().to_owned();
                if let Some(first) = seen.insert(key.clone(), file.clone()) {
                    breaches.push(breach(&file, number, format!("{key} is in {first} already")));
                }
            }
        }
    }
    none(&breaches);
}

fn all_keys(language: &str) -> BTreeSet<String> {
    locale(language).into_iter().flat_map(|(_, keys)| keys.into_keys()).collect()
}

#[test]
fn templates_use_texts_that_exist() {
    let known = ["en", "vi"].map(|language| (language, all_keys(language)));
    let mut breaches = Vec::new();
    let mut texts = files("web/templates", &[".html"]);
    texts.extend(files("web/components", &[".html"]));
    for (file, text) in texts {
        for (number, line) in (1..).zip(text.lines()) {
            for (at, start) in line.match_indices("t(key=\"") {
                let Some((key, rest)) = line[at + start.len()..].split_once('"') else { continue };
                let is_prefix = rest.trim_start().starts_with('~');
                for (language, keys) in &known {
                    let there = if is_prefix {
                        keys.iter().any(|known| known.starts_with(key))
                    } else {
                        keys.contains(key)
                    };
                    if !there {
                        breaches.push(breach(&file, number, format!("no {language} text {key}")));
                    }
                }
            }
        }
    }
    none(&breaches);
}

/// A page is a struct whose fields its template names: nothing else is put in, and
/// examples of it are shown in every language.
#[test]
fn templates_are_filled_by_structs_with_examples() {
    let mut breaches = Vec::new();
    let pages: Vec<(String, String)> =
        sources().into_iter().filter(|(file, _)| file.starts_with("crates/pages/")).collect();
    for (file, text) in &pages {
        for (number, line) in (1..).zip(code_only(text).lines()) {
            if file != "crates/pages/src/render.rs" && has_word(line, "Context") {
                breaches.push(breach(file, number, "give the template a struct"));
            }
        }
    }
    let templates = files("web/templates", &[".html"]);
    for (file, _) in &templates {
        let name = file.trim_start_matches("web/templates/");
        let named = |how: &str| {
            templates.iter().any(|(_, text)| text.contains(&format!("{{% {how} \"{name}\"")))
        };
        let is_part = named("extends") || named("include");
        let is_shown = pages.iter().any(|(_, text)| text.contains(&format!("shows(\"{name}\"")));
        if !is_part && !is_shown {
            breaches.push(breach(file, 0, "no example of it is shown in a test"));
        }
    }
    none(&breaches);
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'))
        .map(|sign| if sign == ' ' { '-' } else { sign })
        .collect()
}

fn pages() -> Vec<(String, String)> {
    let mut pages = files("docs", &[".md"]);
    pages.extend(files("crates", &["README.md"]));
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "migrations/README.md"] {
        pages.push((name.to_owned(), read(&root().join(name))));
    }
    pages
}

/// What is wrong with a link that stands in `file`, if anything.
fn wrong_link(file: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let here = root().join(file);
    let there: PathBuf = match path {
        "" => here,
        path => here.parent().unwrap_or(&here).join(path),
    };
    if !there.exists() {
        return Some(format!("{target} is not there"));
    }
    if fragment.is_empty() || there.extension().is_none_or(|ending| ending != "md") {
        return None;
    }
    let text = read(&there);
    let found =
        prose(&text).iter().any(|(_, line)| line.starts_with('#') && anchor(line) == fragment);
    (!found).then(|| format!("{target}: no such heading"))
}

#[test]
fn links_lead_somewhere() {
    let mut breaches = Vec::new();
    for (file, text) in pages() {
        for (number, line) in prose(&text) {
            for (at, _) in line.match_indices("](") {
                let target = line[at + 2..].split([')', ' ']).next().unwrap_or_default();
                if let Some(what) = wrong_link(&file, target) {
                    breaches.push(breach(&file, number, what));
                }
            }
        }
    }
    none(&breaches);
}

#[test]
fn every_setting_is_documented() {
    let arguments = "crates/sondage/src/arguments.rs";
    let pages = ["README.md", "docs/guide/en/administration.md", "docs/guide/vi/administration.md"]
        .map(|page| (page, read(&root().join(page))));
    let mut breaches = Vec::new();
    for (number, line) in (1..).zip(read(&root().join(arguments)).lines()) {
        let Some(variable) = line.split("env = \"").nth(1).and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        for (page, text) in &pages {
            if !text.contains(&format!("`{variable}`")) {
                breaches.push(breach(arguments, number, format!("{variable} is not in {page}")));
            }
        }
    }
    none(&breaches);
}

#[test]
fn the_guide_says_the_same_in_both_languages() {
    let shape = |language: &str| -> BTreeMap<String, Vec<usize>> {
        files(&format!("docs/guide/{language}"), &[".md"])
            .into_iter()
            .map(|(file, text)| {
                let name = file.rsplit('/').next().unwrap_or_default().to_owned();
                let headings = prose(&text)
                    .iter()
                    .filter(|(_, line)| line.starts_with('#'))
                    .map(|(_, line)| line.chars().take_while(|sign| *sign == '#').count())
                    .collect();
                (name, headings)
            })
            .collect()
    };
    assert_eq!(shape("en"), shape("vi"), "pages and levels of headings");
}

/// Functions above the limit, each with its reason.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];
/// Files above the limit, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];

#[test]
fn functions_are_short() {
    let mut breaches = Vec::new();
    for (file, text) in files("crates", &[".rs"]) {
        for function in functions(&code_only(&text)) {
            let excepted = LONG_FUNCTIONS
                .iter()
                .any(|(path, name, _)| *path == file && *name == function.name);
            if function.lines > 100 && !excepted {
                let what = format!("{} has {} lines; split it", function.name, function.lines);
                breaches.push(breach(&file, function.line, what));
            }
        }
    }
    none(&breaches);
}

#[test]
fn files_are_short() {
    let mut breaches = Vec::new();
    let mut texts = files("crates", &[".rs"]);
    texts.extend(files("web", &[".js", ".mjs", ".css"]));
    for (file, text) in texts {
        let lines = text.lines().count();
        if lines > 700 && !LONG_FILES.iter().any(|(path, _)| *path == file) {
            breaches.push(breach(&file, lines, format!("{lines} lines; split it")));
        }
    }
    none(&breaches);
}

#[test]
fn sources_say_why_they_exist() {
    let breaches: Vec<Breach> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| breach(&file, 1, "begin with //! and why this exists"))
        .collect();
    none(&breaches);
}

#[test]
fn nothing_is_left_to_do_in_comments() {
    let marks = ["TODO", "FIXME", "XXX"];
    let mut breaches = Vec::new();
    for (file, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            if marks.iter().any(|mark| has_word(line, mark)) {
                breaches.push(breach(&file, number, "do it, or file an issue"));
            }
        }
    }
    none(&breaches);
}

#[test]
fn migrations_have_the_same_names() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = format!("migrations/{database}/");
        files(&folder, &[".sql"]).into_iter().map(|(file, _)| file.replace(&folder, "")).collect()
    };
    assert_eq!(names("sqlite"), names("postgresql"));
    assert!(!names("sqlite").is_empty());
}

#[test]
fn every_crate_introduces_itself() {
    let breaches: Vec<Breach> = crates()
        .into_iter()
        .map(|name| format!("crates/{name}/README.md"))
        .filter(|file| !root().join(file).is_file())
        .map(|file| breach(&file, 0, "is missing"))
        .collect();
    none(&breaches);
}

/// `println!` fails when nobody reads any more (`| head`); the program prints
/// through `terminal.rs`, which does not mind.
#[test]
fn nothing_prints_but_the_terminal() {
    let mut breaches = Vec::new();
    for (file, text) in files("crates", &[".rs"]) {
        // The tools of this crate are not the program.
        let is_tool = file.starts_with("crates/tidy/src/bin/");
        if !file.contains("/src/") || is_tool || file == "crates/sondage/src/terminal.rs" {
            continue;
        }
        for (line, code) in code_only(&text).lines().enumerate() {
            if ["println!", "eprintln!", "print!(", "dbg!"].iter().any(|word| code.contains(word)) {
                breaches.push(Breach {
                    file: file.clone(),
                    line: line + 1,
                    what: "prints".to_owned(),
                });
            }
        }
    }
    none(&breaches);
}

/// What may come into the program: the licences that `deny.toml` names, from
/// the public registry.
#[test]
fn every_crate_has_a_licence_we_take() {
    let settings = read(&root().join("deny.toml"));
    let allowed: BTreeSet<&str> = settings
        .split_once("allow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(list, _)| list.split('"').skip(1).step_by(2).collect())
        .expect("deny.toml has a list of licences");
    // Only what this machine builds, which is here already; `cargo deny` sees the rest.
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let metadata =
        cargo(&["metadata", "--format-version", "1", "--locked", "--filter-platform", host]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    let breaches: Vec<Breach> = packages
        .iter()
        .filter_map(|package| {
            let licence = package["license"].as_str().unwrap_or("no licence");
            let strange = package["source"].as_str().filter(|source| *source != registry);
            let what = match strange {
                Some(source) => format!("{} comes from {source}", package["name"]),
                None if !takes(licence, &allowed) => format!("{}: {licence}", package["name"]),
                None => return None,
            };
            Some(Breach { file: "Cargo.lock".to_owned(), line: 0, what })
        })
        .collect();
    none(&breaches);
}

fn cargo(arguments: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether an SPDX expression can be met with allowed licences alone: `AND`
/// binds tighter than `OR`, `/` is an old way to write `OR`.
fn takes(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    if let Some(close) = expression.find(')')
        && let Some(open) = expression[..close].rfind('(')
    {
        // The licences of a bracket become one that is allowed or none.
        let inner = takes(&expression[open + 1..close], allowed);
        let word = if inner { allowed.first().copied().unwrap_or_default() } else { "none" };
        let (before, after) = (&expression[..open], &expression[close + 1..]);
        return takes(&format!("{before}{word}{after}"), allowed);
    }
    expression
        .replace('/', " OR ")
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(|licence| allowed.contains(licence.trim())))
}
