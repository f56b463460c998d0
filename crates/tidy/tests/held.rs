//! What always holds is held by tests: each statement names those that would fail.

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
