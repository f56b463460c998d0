//! The words of what people read: those of the glossary, without a raised voice.

use tidy::{breach, files, has_word, none, prose, read, root};

/// A row of the glossary's list of words that are not used.
struct Avoided {
    language: String,
    word: String,
    instead: String,
    /// Longer phrases in which the word is right.
    right_in: Vec<String>,
}

/// The rows of the section of `docs/GLOSSARY.md` that a test can judge by.
fn avoided_words() -> Vec<Avoided> {
    let glossary = read(&root().join("docs/GLOSSARY.md"));
    let (_, section) = glossary.split_once("## Words not to use").expect("the section");
    section
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> =
                line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let [language @ ("vi" | "en"), word, instead, right_in] = cells[..] else {
                return None;
            };
            let phrase = |part: &str| part.split(':').next().unwrap_or(part).trim().to_lowercase();
            Some(Avoided {
                language: language.to_owned(),
                word: word.to_lowercase(),
                instead: instead.to_owned(),
                right_in: right_in.split(';').map(phrase).filter(|part| !part.is_empty()).collect(),
            })
        })
        .collect()
}

/// The words of a line without its key, what is in `code`, the names of what is
/// inserted, and the targets of links.
fn words_of(line: &str) -> String {
    let line = line
        .split_once(" = ")
        .filter(|(key, _)| {
            key.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'))
        })
        .map_or(line, |(_, text)| text);
    let mut kept = String::new();
    for (place, part) in line.split('`').enumerate() {
        kept.push_str(if place % 2 == 0 { part } else { " " });
    }
    let mut words = String::new();
    let mut depth = 0_usize;
    for (at, sign) in kept.char_indices() {
        let of_link = kept[..at].ends_with(']') && sign == '(';
        match sign {
            '(' if of_link => depth += 1,
            ')' if depth > 0 => depth -= 1,
            '$' => words.push_str("$_"),
            _ if depth == 0 => words.push(sign),
            _ => {}
        }
    }
    words.to_lowercase()
}

#[test]
fn texts_use_the_words_of_the_glossary() {
    let avoided = avoided_words();
    assert!(avoided.len() > 50, "{} words", avoided.len());
    let mut breaches = Vec::new();
    for language in ["vi", "en"] {
        let mut texts: Vec<(String, usize, String)> = Vec::new();
        for (file, text) in files(&format!("web/locales/{language}"), &[".ftl"]) {
            let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'));
            texts.extend(lines.map(|(number, line)| (file.clone(), number, words_of(line))));
        }
        for (file, text) in files(&format!("docs/guide/{language}"), &[".md"]) {
            let lines = prose(&text).into_iter();
            texts.extend(lines.map(|(number, line)| (file.clone(), number, words_of(line))));
        }
        for (file, number, text) in &texts {
            for Avoided { word, instead, right_in, .. } in
                avoided.iter().filter(|avoided| avoided.language == language)
            {
                let rest =
                    right_in.iter().fold(text.clone(), |rest, phrase| rest.replace(phrase, ""));
                if has_word(&rest, word) {
                    breaches.push(breach(file, *number, format!("“{word}”: write “{instead}”")));
                }
            }
        }
    }
    none(&breaches);
}

/// Nobody is shouted at, and nothing is said with enthusiasm.
#[test]
fn texts_have_no_exclamation_marks() {
    let mut breaches = Vec::new();
    for (file, text) in files("web/locales", &[".ftl"]) {
        for (number, line) in (1..).zip(text.lines()) {
            if words_of(line).contains('!') && !line.starts_with('#') {
                breaches.push(breach(&file, number, "an exclamation mark"));
            }
        }
    }
    none(&breaches);
}
