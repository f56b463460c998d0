//! What can be read of templates and styles: lines that fit on a screen, one thing
//! on each.

use tidy::{breach, files, none};

#[test]
fn lines_of_templates_fit_on_a_screen() {
    let mut breaches = Vec::new();
    for (file, text) in files("web", &[".html"]) {
        for (number, line) in (1..).zip(text.lines()) {
            if line.chars().count() > 160 {
                breaches.push(breach(&file, number, "more than 160 signs in a line"));
            }
        }
    }
    none(&breaches);
}

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

/// Components that are a style alone, each with the reason.
const STYLES_ALONE: [(&str, &str); 4] = [
    ("button", "a class of links and buttons"),
    ("chart", "the page of tables draws the only one"),
    ("choices", "what the controls of a question look like"),
    ("data-table", "what any table looks like"),
];

/// Components without examples of their own, and where they are shown.
const SHOWN_ELSEWHERE: [(&str, &str); 2] = [
    ("paper", "every questionnaire has its page"),
    ("question", "the gallery shows documents with every kind"),
];

#[test]
fn components_have_templates_and_examples() {
    let all = files("web/components", &[".html", ".css", ".js", ".json"]);
    let mut folders = std::collections::BTreeMap::new();
    for (file, _) in &all {
        let mut parts = file.split('/').skip(2);
        let (Some(folder), Some(name)) = (parts.next(), parts.next()) else { continue };
        folders.entry(folder).or_insert_with(Vec::new).push(name);
    }
    let mut breaches = Vec::new();
    for (folder, names) in folders {
        let place = format!("web/components/{folder}");
        let is_style = STYLES_ALONE.iter().any(|(name, _)| *name == folder);
        if is_style == names.contains(&"template.html") {
            breaches.push(breach(&place, 0, "a template, or a reason why there is none"));
        }
        let is_shown = is_style || SHOWN_ELSEWHERE.iter().any(|(name, _)| *name == folder);
        if is_shown == names.contains(&"examples.json") {
            breaches.push(breach(&place, 0, "examples, or a reason why there are none"));
        }
    }
    none(&breaches);
}
