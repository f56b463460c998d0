//! What ARCHITECTURE says is there is there: what always holds is held by tests, of which
//! each statement names those that would fail; the road and the walks lead to functions
//! and files.

use std::path::{Path, PathBuf};

use tidy::{breach, none, read, root};

const FILE: &str = "docs/ARCHITECTURE.md";

/// The statements under the heading: the first line's number, and the text up to the
/// next.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let lines = (1..).zip(text.lines()).skip_while(|(_, line)| *line != "## What always holds");
    for (number, line) in lines.skip(1).take_while(|(_, line)| !line.starts_with("## ")) {
        if line.starts_with("**") {
            found.push((number, String::new()));
        }
        if let Some((_, statement)) = found.last_mut() {
            statement.push_str(line);
            statement.push('\n');
        }
    }
    found
}

/// Whether a file has a test of that name.
fn has_test(file: &str, name: &str) -> bool {
    let path = root().join(file);
    let text = if path.is_file() { read(&path) } else { String::new() };
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        line.trim_start().starts_with(&format!("fn {name}("))
            || line.trim_start().starts_with(&format!("async fn {name}("))
    };
    lines.iter().enumerate().any(|(place, line)| {
        let before = &lines[place.saturating_sub(3)..place];
        begins(line) && before.iter().any(|line| line.contains("test]"))
    })
}

#[test]
fn every_statement_names_its_tests() {
    let text = read(&root().join(FILE));
    let all = statements(&text);
    assert!(all.len() > 15, "only {} statements", all.len());
    let mut breaches = Vec::new();
    for (number, statement) in all {
        let Some(held) = statement.lines().find_map(|line| line.strip_prefix("Held by ")) else {
            breaches.push(breach(FILE, number, "by which test is it held?"));
            continue;
        };
        let mut names = Vec::new();
        let mut checked = 0;
        for word in held.split('`').skip(1).step_by(2) {
            if !word.contains('/') {
                names.push(word);
                continue;
            }
            for name in names.drain(..) {
                checked += 1;
                if !has_test(word, name) {
                    breaches.push(breach(FILE, number, format!("no test {name} in {word}")));
                }
            }
        }
        if checked == 0 || !names.is_empty() {
            breaches.push(breach(FILE, number, "tests come first, then their file in brackets"));
        }
    }
    none(&breaches);
}

/// The rows of a table under a heading, each with its line's number.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<(usize, Vec<&'a str>)> {
    let lines = (1..).zip(text.lines()).skip_while(|(_, line)| *line != heading);
    let section = lines.skip(1).take_while(|(_, line)| !line.starts_with("## "));
    let table = section.filter(|(_, line)| line.starts_with("| ")).skip(1);
    let cells = |line: &'a str| line.trim_matches('|').split(" | ").map(str::trim).collect();
    table.map(|(number, line)| (number, cells(line))).collect()
}

/// What a text has in `code`.
fn in_code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The files that a cell names: by their whole paths, or from a folder around one that it
/// named before or in `fielding`.
fn named_files(cell: &str) -> Result<Vec<PathBuf>, String> {
    let mut found: Vec<PathBuf> = Vec::new();
    let is_file = |name: &&str| name.contains('/') || Path::new(name).extension().is_some();
    for name in in_code(cell).filter(is_file) {
        let around = found.iter().rev().flat_map(|path| path.ancestors().skip(1));
        let folders = around.map(Path::to_path_buf).chain([root().join("crates/fielding/src")]);
        let mut paths = [root()].into_iter().chain(folders).map(|folder| folder.join(name));
        let path = paths.find(|path| path.exists());
        found.push(path.ok_or_else(|| format!("there is no {name}"))?);
    }
    Ok(found)
}

/// The text of a file, or of all files of a folder.
fn text_of(path: &Path) -> String {
    if path.is_file() {
        return read(path);
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| text_of(&entry.path())).collect()
}

/// Each arrow of the road is a function in a file that it names.
#[test]
fn every_arrow_of_the_road_is_a_function() {
    let text = read(&root().join(FILE));
    let road = rows(&text, "## The road of the data");
    assert!(road.len() > 40, "only {} arrows", road.len());
    let mut breaches = Vec::new();
    for (number, cells) in road {
        let [_, functions, files] = cells[..] else {
            breaches.push(breach(FILE, number, "an arrow, its function, its file"));
            continue;
        };
        let code: String = match named_files(files) {
            Ok(files) => files.iter().map(|file| text_of(file)).collect(),
            Err(what) => {
                breaches.push(breach(FILE, number, what));
                continue;
            }
        };
        for function in in_code(functions) {
            let name = function.rsplit("::").next().unwrap_or(function);
            let there = [format!("fn {name}("), format!("fn {name}<")];
            if !there.iter().any(|head| code.contains(head)) {
                breaches.push(breach(FILE, number, format!("no function {function} there")));
            }
        }
    }
    none(&breaches);
}

/// The most files of a walk.
const MOST: usize = 5;

/// Each walk names files that are there, and no more than somebody can hold in mind.
#[test]
fn every_walk_leads_to_few_files() {
    let text = read(&root().join(FILE));
    let walks = rows(&text, "## Where to go for what");
    assert!(walks.len() >= 6, "only {} walks", walks.len());
    let mut breaches = Vec::new();
    for (number, cells) in walks {
        let [_, way] = cells[..] else {
            breaches.push(breach(FILE, number, "a walk and its files"));
            continue;
        };
        match named_files(way) {
            Ok(files) if files.is_empty() || files.len() > MOST => {
                breaches.push(breach(FILE, number, format!("{} files", files.len())));
            }
            Ok(_) => {}
            Err(what) => breaches.push(breach(FILE, number, what)),
        }
    }
    none(&breaches);
}
