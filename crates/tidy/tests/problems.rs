//! Problems and phrases: what code can say is told in every language.

use std::collections::{BTreeMap, BTreeSet};

use tidy::{breach, files, locale, none, read, root, sources};

/// A text of a language: the names of what it needs.
fn needs(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, text) in files(&format!("web/locales/{language}"), &[".ftl"]) {
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|sign: char| sign.is_ascii_alphabetic()) {
                line.split(['=', ' ']).next().unwrap_or_default().clone_into(&mut key);
                found.entry(key.clone()).or_default();
            }
            let names = line.split('$').skip(1).filter(|_| line.contains('{'));
            let name = |rest: &str| -> String {
                rest.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
            };
            found.entry(key.clone()).or_default().extend(names.map(name));
        }
    }
    found
}

/// A problem or a phrase that some code makes: the key of its text, the names
/// of what is given to it, and where.
struct Made {
    key: String,
    given: BTreeSet<String>,
    file: String,
    line: usize,
}

/// What is made by writing a code or a key out: `Problem::new("code", …)`,
/// `phrase("phrase-key")`, each with what is given to it before the next.
fn made_by_name() -> Vec<Made> {
    const MARKS: [(&str, &str); 6] = [
        ("Problem::new(", "problem-"),
        ("Error::invalid(", "problem-"),
        ("told(", "problem-"),
        ("told.push((", "problem-"),
        ("phrase(", ""),
        ("\"phrase-", "phrase-"),
    ];
    let mut made = Vec::new();
    for (file, text) in sources() {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (mark, prefix) in MARKS {
            for (at, _) in text.match_indices(mark) {
                let rest = &text[at + mark.len()..];
                let literal = if mark.starts_with('"') {
                    rest.split('"').next()
                } else {
                    rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                };
                let is_code = |sign: char| sign.is_ascii_alphanumeric() || "-_".contains(sign);
                let Some(code) =
                    literal.filter(|code| !code.is_empty() && code.chars().all(is_code))
                else {
                    continue;
                };
                let of_word = text[..at].chars().next_back();
                if of_word.is_some_and(|sign| sign.is_alphanumeric() || sign == '_') {
                    continue;
                }
                let key = format!("{prefix}{}", code.replace('_', "-"));
                // To the end of the function: some are given later. What only
                // names the code is given the rest anywhere in the file.
                let until = rest.find("\n}\n").unwrap_or(rest.len());
                let around = if mark.starts_with("told") { text } else { &rest[..until] };
                let given = around
                    .split("with(")
                    .skip(1)
                    .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
                made.push(Made {
                    key,
                    given: given.map(str::to_owned).collect(),
                    file: file.clone(),
                    line: text[..at].lines().count().max(1),
                });
            }
        }
    }
    made
}

/// What is made of an enum: each variant is a code, its fields are given to it.
fn made_of_variants(file: &str, name: &str) -> Vec<Made> {
    let text = read(&root().join(file));
    let (before, after) = text.split_once(&format!("pub enum {name} {{")).expect("the enum");
    let (body, _) = after.split_once("\n}").expect("its end");
    let mut made: Vec<Made> = Vec::new();
    for (number, line) in (before.lines().count()..).zip(body.lines()) {
        let variant = line.strip_prefix("    ").unwrap_or_default();
        let fields = variant.split('{').nth(1).unwrap_or(variant);
        if variant.starts_with(|sign: char| sign.is_ascii_uppercase()) {
            let mut key = "problem".to_owned();
            for sign in variant.chars().take_while(char::is_ascii_alphanumeric) {
                if sign.is_ascii_uppercase() {
                    key.push('-');
                }
                key.push(sign.to_ascii_lowercase());
            }
            made.push(Made { key, given: BTreeSet::new(), file: file.to_owned(), line: number });
        }
        let Some(last) = made.last_mut() else { continue };
        for field in fields.split(',').filter_map(|field| field.split_once(':')) {
            last.given.insert(field.0.trim().to_owned());
        }
    }
    made
}

/// Every problem and every phrase that code makes is told in each language,
/// with nothing in the sentence that was not given.
#[test]
fn problems_and_phrases_have_texts() {
    let mut made = made_by_name();
    made.extend(made_of_variants("crates/survey-builder/src/sampling/problem.rs", "Problem"));
    made.extend(made_of_variants("crates/exchange/src/xlsform/problem.rs", "Detail"));
    made.extend(made_of_variants("crates/analysis/src/problem.rs", "Fault"));
    let expressions = "crates/survey-builder/src/questionnaire/expression/problem.rs";
    made.extend(made_of_variants(expressions, "Detail").into_iter().map(|mut one| {
        one.key = one.key.replacen("problem", "problem-expression", 1);
        one.given.insert("expression".to_owned());
        one
    }));
    assert!(made.len() > 300, "{}", made.len());
    let mut breaches = Vec::new();
    for language in ["en", "vi"] {
        let texts = needs(language);
        for one in &made {
            match texts.get(&one.key) {
                None => {
                    let what = format!("no {language} text {}", one.key);
                    breaches.push(breach(&one.file, one.line, what));
                }
                Some(names) => {
                    for name in names.difference(&one.given) {
                        let what = format!("{language} {} needs {name}", one.key);
                        breaches.push(breach(&one.file, one.line, what));
                    }
                }
            }
        }
    }
    none(&breaches);
}

/// Words for phrases that nothing says any more are taken out.
#[test]
fn phrases_are_said() {
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    let mut breaches = Vec::new();
    for (file, keys) in locale("en") {
        for (key, line) in keys.iter().filter(|(key, _)| key.starts_with("phrase-")) {
            if !code.contains(&format!("\"{key}\"")) {
                breaches.push(breach(&file, *line, format!("nothing says {key}")));
            }
        }
    }
    none(&breaches);
}
