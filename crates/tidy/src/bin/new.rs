//! Writes the pieces of a new page or a new act, each where ARCHITECTURE says that it
//! goes, so that whoever adds one begins with something that builds and passes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use tidy::{read, root};

const USAGE: &str =
    "usage: new page NAME | new act NAME    (NAME as a Rust module, such as field_diary)";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [what, name] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let pieces = match (what.as_str(), Name::of(name)) {
        ("page", Some(name)) => page(name),
        ("act", Some(name)) => act(name),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match pieces.and_then(Pieces::write) {
        Ok(written) => {
            for path in written {
                println!("{path}");
            }
            println!(
                "The texts in web/locales are its name: write what it says, in each language."
            );
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}; nothing is written");
            ExitCode::FAILURE
        }
    }
}

/// A name as modules, addresses, types and people write it.
struct Name {
    snake: String,
    kebab: String,
    camel: String,
    words: String,
}

impl Name {
    fn of(snake: &str) -> Option<Self> {
        let fits = snake.starts_with(|sign: char| sign.is_ascii_lowercase())
            && snake
                .chars()
                .all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_');
        let words = snake.replace('_', " ");
        let capital = |word: &str| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        };
        fits.then(|| Self {
            snake: snake.to_owned(),
            kebab: snake.replace('_', "-"),
            camel: snake.split('_').map(capital).collect(),
            words: capital(&words),
        })
    }

    /// A text with the name in its places.
    fn fill(&self, text: &str) -> String {
        text.replace("{snake}", &self.snake)
            .replace("{kebab}", &self.kebab)
            .replace("{camel}", &self.camel)
            .replace("{words}", &self.words)
    }
}

/// Files to be made and files to be changed; all of them, or none.
struct Pieces {
    name: Name,
    files: Vec<(String, String)>,
}

impl Pieces {
    fn of(name: Name) -> Self {
        Self { name, files: Vec::new() }
    }

    /// A file that is not there yet.
    fn make(&mut self, path: &str, text: &str) -> Result<(), String> {
        let path = self.name.fill(path);
        if on_disk(&path).exists() {
            return Err(format!("{path} is there already"));
        }
        self.files.push((path, self.name.fill(text)));
        Ok(())
    }

    /// Lines into a file: before the first that `here` finds.
    fn add(
        &mut self,
        path: &str,
        text: &str,
        here: impl FnMut(&str) -> bool,
    ) -> Result<(), String> {
        let known = self.files.iter().position(|(own, _)| own == path);
        let old = known.map_or_else(|| read(&on_disk(path)), |place| self.files.remove(place).1);
        // The end is a place too.
        let place = old.lines().chain([""]).position(here);
        let place = place.ok_or_else(|| format!("{path} has no place for it"))?;
        let mut lines: Vec<&str> = old.lines().collect();
        let text = self.name.fill(text);
        lines.splice(place..place, text.lines());
        self.files.push((path.to_owned(), lines.join("\n") + "\n"));
        Ok(())
    }

    /// The module, before the first of those declared whose name comes later.
    fn add_module(&mut self, path: &str) -> Result<(), String> {
        let (own, name) = (self.name.fill("pub mod {snake};"), self.name.snake.clone());
        let mut declared = false;
        self.add(path, &own, |line| comes_behind(line, &name, &mut declared))
    }

    /// A text in every language, at the end of the file.
    fn say(&mut self, key: &str) -> Result<(), String> {
        for language in ["en", "vi"] {
            let path = format!("web/locales/{language}/staff.ftl");
            let old = read(&on_disk(&path));
            let key = self.name.fill(key);
            if tidy::keys(&old).contains_key(&key) {
                return Err(format!("{path} has {key} already"));
            }
            self.files.push((path, format!("{old}{key} = {}\n", self.name.words)));
        }
        Ok(())
    }

    fn write(self) -> Result<Vec<String>, String> {
        let mut written = Vec::new();
        for (path, text) in self.files {
            let file = on_disk(&path);
            let folder = file.parent().map_or_else(root, PathBuf::from);
            fs::create_dir_all(&folder)
                .and_then(|()| fs::write(&file, text))
                .map_err(|error| format!("{path}: {error}"))?;
            written.push(path);
        }
        Ok(written)
    }
}

/// The module that a line declares, to be seen by others or not.
fn module_of(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';')
}

/// Whether a line is the first behind a module of this name: the format orders
/// modules by their names, whoever may see them.
fn comes_behind(line: &str, name: &str, declared: &mut bool) -> bool {
    let module = module_of(line);
    *declared |= module.is_some();
    *declared && module.is_none_or(|module| module > name)
}

fn on_disk(path: &str) -> PathBuf {
    root().join(path)
}

fn page(name: Name) -> Result<Pieces, String> {
    let mut pieces = Pieces::of(name);
    pieces.make("crates/pages/src/studies/{snake}.rs", PAGE)?;
    pieces.make("web/templates/studies/{kebab}.html", TEMPLATE)?;
    pieces.add_module("crates/pages/src/studies.rs")?;
    let door = "    GET \"/studies/{id}/{kebab}\" May(Action::View) => studies::{snake}::show,";
    pieces.add("crates/pages/src/addresses.rs", door, |line| {
        line.contains("GET \"/studies/{id}/downloads/{file}\"")
    })?;
    pieces.say("{kebab}-title")?;
    Ok(pieces)
}

fn act(name: Name) -> Result<Pieces, String> {
    let mut pieces = Pieces::of(name);
    pieces.make("crates/fielding/src/acts/{snake}.rs", ACT)?;
    pieces.add_module("crates/fielding/src/acts.rs")?;
    let states = "crates/fielding/src/rules/states.rs";
    let mut in_actions = false;
    pieces.add(states, "        /// {words}.\n        {camel} = \"{kebab}\",", |line| {
        in_actions |= line.contains("pub enum AuditAction");
        in_actions && line == "    }"
    })?;
    let number = next_migration()?;
    for database in ["sqlite", "postgresql"] {
        let folder = format!("migrations/{database}/{number:04}_{{snake}}");
        pieces.make(&format!("{folder}/up.sql"), UP)?;
    }
    let declared = "crates/fielding/tests/store/acts/study.rs";
    pieces.add(declared, DECLARATION, |line| line == "];")?;
    pieces.say("audit-{kebab}")?;
    Ok(pieces)
}

/// The number after that of the last migration.
fn next_migration() -> Result<u32, String> {
    let folder = on_disk("migrations/sqlite");
    let entries = fs::read_dir(&folder).map_err(|error| format!("migrations: {error}"))?;
    let numbers = entries.filter_map(Result::ok).filter_map(|entry| {
        entry.file_name().to_string_lossy().split('_').next()?.parse::<u32>().ok()
    });
    Ok(numbers.max().unwrap_or(0) + 1)
}

const PAGE: &str = r#"//! {words}.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::rules::access::Action;
use serde::Serialize;

use super::about::{Admitted, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::render::page;
use crate::session::StaffLayout;

/// {words}.
#[derive(Serialize)]
struct {camel}Page {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
}

/// `GET /studies/{id}/{kebab}`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    let language = signed_in.language(&request);
    let layout = signed_in.study_layout(&app, &study, Place::Elsewhere).await?;
    let shown = {camel}Page { layout, study: StudyHead::of(&study) };
    page(StatusCode::OK, "studies/{kebab}.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_page_shows_its_examples() {
        shows("studies/{kebab}.html", |language| {
            let layout = StaffLayout::example(language);
            vec![{camel}Page { layout, study: StudyHead::example() }]
        });
    }
}
"#;

const TEMPLATE: &str = r#"{% extends "studies/layout.html" %}
{% block title %}{{ t(key="{kebab}-title") }} – Sondage{% endblock %}
{% block back %}/studies/{{ id }}/{kebab}{% endblock %}
{% block main %}
<h1>{{ t(key="{kebab}-title") }}</h1>
{% endblock %}
"#;

const ACT: &str = r#"//! {words}.

use crate::error::{Error, Missing};
use crate::rules::states::AuditAction;
use crate::store::{Connection, Id, Instant, audit, studies};

/// {words}: what it decides from is read here, in the transaction that changes it.
///
/// # Errors
/// [`Error::NotFound`] for another study.
pub fn {snake}(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
) -> Result<(), Error> {
    let study = studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
    let subject = study.id.to_string();
    audit::record(connection, now, user, AuditAction::{camel}, &subject, "")
}
"#;

const UP: &str = "INSERT INTO audit_actions (word) VALUES
    ('{kebab}');
";

const DECLARATION: &str = r#"    Act {
        name: "{snake}::{snake}",
        reads: "studies",
        writes: "audit_entries",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.field);
            Ok(done(move |connection| {
                fielding::acts::{snake}::{snake}(connection, now, None, study)
            }))
        },
    },"#;

#[cfg(test)]
mod tests {
    use super::*;

    /// Every module already there would be put where it stands.
    #[test]
    fn a_module_goes_where_the_format_wants_it() {
        for path in ["crates/pages/src/studies.rs", "crates/fielding/src/acts.rs"] {
            let text = read(&on_disk(path));
            let names: Vec<&str> = text.lines().filter_map(module_of).collect();
            assert!(names.len() > 10, "{path}: {names:?}");
            for (place, name) in names.iter().enumerate() {
                let mut declared = false;
                let mut others = text.lines().filter(|line| module_of(line) != Some(name));
                let found = others.find(|line| comes_behind(line, name, &mut declared));
                let next = names.get(place + 1).copied();
                assert_eq!(found.and_then(module_of), next, "{path}: {name}");
            }
        }
    }
}
