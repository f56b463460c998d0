//! What can be read of templates and styles: lines that fit on a screen, one thing
//! on each.

use tidy::{breach, files, none};

#[test]
fn styles_have_one_declaration_a_line() {
    let mut breaches = Vec::new();
    for (file, text) in files("web", &[".css"]) {
        let mut in_comment = false;
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > 100 {
                breaches.push(breach(&file, number, "more than 100 signs in a line"));
            }
            in_comment = in_comment || line.contains("/*");
            if in_comment {
                in_comment = !line.contains("*/");
                continue;
            }
            let line = line.trim();
            let at_end = |sign: char| line.find(sign).is_none_or(|at| at + 1 == line.len());
            if !at_end('{') || !at_end(';') || (line.contains('}') && line != "}") {
                breaches.push(breach(&file, number, "one declaration a line, one block a rule"));
            }
        }
    }
    none(&breaches);
}
