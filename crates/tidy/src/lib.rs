//! Reads the repository for the house rules, which are the tests of this crate.
//!
//! Nothing here is part of the program. The rules are in `tests`, one
//! test a rule; this file holds what several of them need: the tree of files
//! and Rust code without its comments and texts.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The root of the repository: of the checkout that is tested, not of the one that was
/// compiled, where two share a target folder.
pub fn root() -> PathBuf {
    let tested = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    tested.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR"))).join("../..")
}

/// One breach of a rule, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Path from the root.
    pub file: String,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Files of the repository under `folder` with one of these endings: path from
/// the root, and text.
pub fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let skipped = ["target", "node_modules", ".git"];
    let mut found: Vec<(String, String)> = WalkDir::new(root.join(folder))
        .into_iter()
        .filter_entry(|entry| !skipped.iter().any(|name| entry.file_name() == *name))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy();
            endings.iter().any(|ending| name.ends_with(ending))
        })
        .map(|entry| (relative(&root, entry.path()), read(entry.path())))
        .collect();
    found.sort();
    found
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The text of a file.
///
/// # Panics
///
/// A file that cannot be read.
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lines of a Markdown file outside fenced code.
pub fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((number, line));
        }
    }
    lines
}

/// The Rust files under every crate's `src`.
pub fn sources() -> Vec<(String, String)> {
    files("crates", &[".rs"]).into_iter().filter(|(file, _)| file.contains("/src/")).collect()
}

/// A breach of a rule.
pub fn breach(file: &str, line: usize, what: impl Into<String>) -> Breach {
    Breach { file: file.to_owned(), line, what: what.into() }
}

/// Fails with the list of breaches, if there is one.
///
/// # Panics
///
/// If there is one.
#[track_caller]
pub fn none(breaches: &[Breach]) {
    let list: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} breaches:\n{}", list.len(), list.join("\n"));
}

/// Keys of a Fluent file, with their lines.
pub fn keys(text: &str) -> BTreeMap<String, usize> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.starts_with(|sign: char| sign.is_ascii_alphabetic()))
        .filter_map(|(number, line)| Some((line.split_once('=')?.0.trim().to_owned(), number)))
        .collect()
}

/// The files of a language, each with its keys and their lines.
pub fn locale(language: &str) -> Vec<(String, BTreeMap<String, usize>)> {
    files(&format!("web/locales/{language}"), &[".ftl"])
        .into_iter()
        .map(|(file, text)| (file, keys(&text)))
        .collect()
}

/// A function and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`, counted from 1.
    pub line: usize,
    /// Lines from `fn` to its closing brace.
    pub lines: usize,
}

/// Rust code with comments, texts and single characters blanked out; lines and
/// columns stay where they are.
pub fn code_only(source: &str) -> String {
    let signs: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < signs.len() {
        let end = match signs[at] {
            '/' if signs.get(at + 1) == Some(&'/') => line_end(&signs, at),
            '/' if signs.get(at + 1) == Some(&'*') => block_end(&signs, at),
            '"' => text_end(&signs, at),
            'r' if !follows_word(&signs, at) => raw_text_end(&signs, at).unwrap_or(at + 1),
            '\'' => character_end(&signs, at).unwrap_or(at + 1),
            _ => at + 1,
        };
        if end == at + 1 {
            code.push(signs[at]);
        } else {
            code.extend(signs[at..end].iter().map(|sign| if *sign == '\n' { '\n' } else { ' ' }));
        }
        at = end;
    }
    code
}

fn follows_word(signs: &[char], at: usize) -> bool {
    at > 0 && (signs[at - 1].is_alphanumeric() || signs[at - 1] == '_')
}

fn line_end(signs: &[char], at: usize) -> usize {
    signs[at..].iter().position(|sign| *sign == '\n').map_or(signs.len(), |length| at + length)
}

fn block_end(signs: &[char], at: usize) -> usize {
    let (mut depth, mut here) = (0_usize, at);
    while here < signs.len() {
        match (signs[here], signs.get(here + 1)) {
            ('/', Some('*')) => (depth, here) = (depth + 1, here + 2),
            ('*', Some('/')) => {
                (depth, here) = (depth - 1, here + 2);
                if depth == 0 {
                    return here;
                }
            }
            _ => here += 1,
        }
    }
    signs.len()
}

fn text_end(signs: &[char], at: usize) -> usize {
    let mut here = at + 1;
    while here < signs.len() {
        match signs[here] {
            '\\' => here += 2,
            '"' => return here + 1,
            _ => here += 1,
        }
    }
    signs.len()
}

fn raw_text_end(signs: &[char], at: usize) -> Option<usize> {
    let hashes = signs[at + 1..].iter().take_while(|sign| **sign == '#').count();
    let open = at + 1 + hashes;
    if signs.get(open) != Some(&'"') {
        return None;
    }
    let closes = |from: usize| {
        signs[from] == '"'
            && signs[from + 1..].iter().take_while(|sign| **sign == '#').count() >= hashes
    };
    let end = (open + 1..signs.len()).find(|from| closes(*from));
    Some(end.map_or(signs.len(), |end| end + 1 + hashes))
}

/// `None` for a lifetime.
fn character_end(signs: &[char], at: usize) -> Option<usize> {
    match (signs.get(at + 1)?, signs.get(at + 2)) {
        ('\\', _) => {
            let close = signs[at + 3..].iter().position(|sign| *sign == '\'')?;
            Some(at + 3 + close + 1)
        }
        (_, Some('\'')) => Some(at + 3),
        _ => None,
    }
}

/// Every function with a body in code that [`code_only`] gave.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found: Vec<Function> = Vec::new();
    // Functions whose end is not reached yet: place in `found`, depth outside.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let (mut depth, mut waiting) = (0_usize, None);
    for (number, line) in (1..).zip(code.lines()) {
        if let Some(name) = function_name(line) {
            waiting = Some((name, number));
        }
        for sign in line.chars() {
            match sign {
                '{' => {
                    if let Some((name, line)) = waiting.take() {
                        open.push((found.len(), depth));
                        found.push(Function { name, line, lines: 0 });
                    }
                    depth += 1;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    while let Some((place, outside)) = open.last().copied()
                        && outside == depth
                    {
                        found[place].lines = number - found[place].line + 1;
                        open.pop();
                    }
                }
                // A function without a body: in a trait, or outside Rust.
                ';' if !line.contains('[') => waiting = None,
                _ => {}
            }
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let mut words = line.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'));
    words.by_ref().find(|word| *word == "fn")?;
    // `fn(` is a type, not a function.
    let name = line.split_once("fn ")?.1;
    let name: String =
        name.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Whether `word` stands in a line as a path of its own, not as part of a
/// longer name.
pub fn has_word(line: &str, word: &str) -> bool {
    let is_name = |sign: char| sign.is_alphanumeric() || sign == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(is_name);
        let after = line[at + word.len()..].chars().next().is_some_and(is_name);
        !(before && word.starts_with(is_name) || after && word.ends_with(is_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_blank_and_lines_stay() {
        let source = "let a = \"x // y\"; // fn z {\nlet b = 'c'; /* { \n /* } */ */ let d: &'a str = r#\"{\"#;\n";
        let code = code_only(source);
        assert_eq!(code.lines().count(), source.lines().count());
        assert!(!code.contains('{') && !code.contains('}'), "{code}");
        assert!(code.contains("&'a str"), "{code}");
        assert!(code_only("match x { '\\'' => '{', '\\u{7f}' => 1 }").matches('{').count() == 1);
    }

    #[test]
    fn functions_are_measured() {
        let code = "fn one() {\n    1\n}\ntrait T {\n    fn none();\n}\nfn two(f: fn(u8)) -> [u8; 2] {\n    fn inner() {}\n    [0; 2]\n}\n";
        let found: Vec<(String, usize)> =
            functions(code).into_iter().map(|found| (found.name, found.lines)).collect();
        let expected =
            [("one", 3), ("two", 4), ("inner", 1)].map(|(name, lines)| (name.to_owned(), lines));
        assert_eq!(found, expected);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use diesel::prelude::*;", "diesel"));
        assert!(!has_word("let my_diesel = 1;", "diesel"));
        assert!(has_word("let x = rand::rng();", "rand::rng()"));
    }
}
