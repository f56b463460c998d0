//! Lines that somebody pasted, as questions with their options or as options alone.
//!
//! People keep questionnaires in word processors: a question is a line, usually with
//! a number, and its options are the lines below it, usually with a letter, a number
//! or a bullet. An empty line or another numbered line begins the next question.

/// A question as it was pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// Its number, without the sign after it.
    pub number: Option<String>,
    /// What is asked.
    pub wording: String,
    /// Its options, in order; a code where the line began with one.
    pub options: Vec<PastedOption>,
}

/// An option as it was pasted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastedOption {
    /// Its code, where the line began with a number.
    pub code: Option<String>,
    /// What it says.
    pub label: String,
}

/// The signs that lists are marked by.
const BULLETS: [char; 14] = ['•', '-', '–', '—', '*', '□', '☐', '○', '◯', '▪', '●', '◦', '❑', '·'];

/// What a line begins with, as far as it is a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark<'a> {
    None,
    Bullet,
    /// `1.`, `1)`, `Câu 1:`, `Q1.`
    Number(&'a str),
    /// `a)`, `B.`
    Letter,
}

/// The mark of a line, and what comes after it.
fn marked(line: &str) -> (Mark<'_>, &str) {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix(BULLETS) {
        return (Mark::Bullet, rest.trim_start());
    }
    let worded = ["Câu hỏi ", "Câu ", "Question ", "Q", "C"];
    let bare = worded.iter().find_map(|word| {
        let rest = line.strip_prefix(word)?;
        rest.starts_with(|sign: char| sign.is_ascii_digit()).then_some(rest)
    });
    let numbered = bare.unwrap_or(line);
    let digits = numbered.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(numbered.len());
    let (number, after) = numbered.split_at(digits);
    let ends = |after: &str| after.starts_with(['.', ')', ':', '/', '\t']);
    if !number.is_empty() && number.len() <= 4 && ends(after) {
        let rest = after[1..].trim_start();
        // `3.5 triệu` is no third line.
        if !(after.starts_with('.') && rest.len() + 1 == after.len() && starts_with_digit(rest)) {
            return (Mark::Number(number), rest);
        }
    }
    let mut signs = line.chars();
    if let (Some(letter), Some(sign)) = (signs.next(), signs.next())
        && letter.is_alphabetic()
        && matches!(sign, '.' | ')')
    {
        return (Mark::Letter, signs.as_str().trim_start());
    }
    (Mark::None, line)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_digit())
}

/// An option's line: its code, where it begins with a number or has one in a column of
/// its own, and its label.
fn option(line: &str) -> PastedOption {
    if let Some((code, label)) = line.split_once('\t') {
        let (code, label) = (code.trim(), label.trim());
        if !code.is_empty() && !label.is_empty() && code.len() <= 12 {
            return PastedOption { code: Some(code.to_owned()), label: label.to_owned() };
        }
    }
    match marked(line) {
        (Mark::Number(code), label) if !label.is_empty() => {
            PastedOption { code: Some(code.to_owned()), label: label.to_owned() }
        }
        (_, label) => PastedOption { code: None, label: label.to_owned() },
    }
}

/// Options, one a line.
pub fn options(text: &str) -> Vec<PastedOption> {
    text.lines().filter(|line| !line.trim().is_empty()).map(option).collect()
}

/// Questions with their options. A line is a new question after an empty line, or when
/// it is numbered while the options of the question before are marked otherwise.
pub fn questions(text: &str) -> Vec<Pasted> {
    let mut found: Vec<Pasted> = Vec::new();
    let (mut apart, mut counted_by) = (true, None);
    for line in text.lines() {
        if line.trim().is_empty() {
            apart = true;
            continue;
        }
        let (mark, rest) = marked(line);
        let kind = std::mem::discriminant(&mark);
        let begins = match (&mark, found.last()) {
            (_, None) => true,
            (Mark::Bullet | Mark::Letter, Some(_)) => false,
            // Numbers go on counting questions unless they count its options.
            (Mark::Number(number), Some(last)) => {
                let next = last.number.as_deref().and_then(|number| number.parse::<u32>().ok());
                let follows = next.is_some_and(|next| number.parse() == Ok(next + 1));
                let counts_options = counted_by == Some(kind) && !last.options.is_empty();
                apart || (follows && !counts_options)
            }
            (Mark::None, Some(_)) => apart,
        };
        if begins {
            let number = match mark {
                Mark::Number(number) => Some(number.to_owned()),
                _ => None,
            };
            found.push(Pasted { number, wording: rest.to_owned(), options: Vec::new() });
            counted_by = None;
        } else if let Some(last) = found.last_mut() {
            counted_by = Some(kind);
            last.options.push(option(line));
        }
        apart = false;
    }
    found.retain(|question| !question.wording.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(question: &Pasted) -> Vec<&str> {
        question.options.iter().map(|option| option.label.as_str()).collect()
    }

    #[test]
    fn numbered_questions_with_bullets() {
        let text = "1. Do you work?\n• Yes\n• No\n2. How many hours?\n\nCâu 3: Anything else?";
        let found = questions(text);
        let wordings: Vec<&str> = found.iter().map(|one| one.wording.as_str()).collect();
        assert_eq!(wordings, ["Do you work?", "How many hours?", "Anything else?"]);
        assert_eq!(labels(&found[0]), ["Yes", "No"]);
        assert!(found[1].options.is_empty());
        assert_eq!(found[2].number.as_deref(), Some("3"));
    }

    #[test]
    fn numbers_may_count_options() {
        let text = "Câu 1. Giới tính\n1. Nam\n2. Nữ\n\nCâu 2. Nơi ở\n1. Thành thị\n2. Nông thôn";
        let found = questions(text);
        assert_eq!(found.len(), 2);
        assert_eq!(labels(&found[0]), ["Nam", "Nữ"]);
        assert_eq!(found[0].options[1].code.as_deref(), Some("2"));
        assert_eq!(labels(&found[1]), ["Thành thị", "Nông thôn"]);
    }

    #[test]
    fn letters_and_plain_lines_are_options_too() {
        let found = questions("Which one?\na) Red\nb) Green\n\nAnd why?\nBecause\nNo reason");
        assert_eq!(labels(&found[0]), ["Red", "Green"]);
        assert_eq!(labels(&found[1]), ["Because", "No reason"]);
    }

    #[test]
    fn options_have_codes_where_lines_do() {
        let found = options("1. Yes\n2) No\n99\tDo not know\n3.5 million\n  \nOther");
        let told: Vec<(Option<&str>, &str)> =
            found.iter().map(|one| (one.code.as_deref(), one.label.as_str())).collect();
        let wanted = [
            (Some("1"), "Yes"),
            (Some("2"), "No"),
            (Some("99"), "Do not know"),
            (None, "3.5 million"),
            (None, "Other"),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn nothing_is_no_question() {
        assert!(questions(" \n\n\t").is_empty());
        assert!(options("").is_empty());
    }
}
