//! What stands at the beginning of a line and says what the line is: the number
//! of a question, the code or box of an option.

/// What a line begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The number of a question that cannot be anything else: `Câu 5.`, `Q5`, `C1a.`
    Question(String),
    /// A number: of a question, an option, a part.
    Number(String),
    /// A letter: of an option, a row, a part.
    Letter(String),
    /// A box or dot before an option.
    Box(char),
}

/// Boxes that are ticked one of; squares may be ticked several of.
const BOXES: [char; 16] =
    ['□', '☐', '❑', '❏', '▢', '◻', '☑', '○', '◯', '⚪', '●', '•', '·', '▪', '◦', '❍'];

const CIRCLES: [char; 4] = ['○', '◯', '⚪', '❍'];
const SQUARES: [char; 7] = ['□', '☐', '❑', '❏', '▢', '◻', '☑'];

/// Whether a sign is a box to tick.
pub(super) fn is_box(sign: char) -> bool {
    CIRCLES.contains(&sign) || SQUARES.contains(&sign)
}

/// Whether a box is square.
pub(super) fn is_square(sign: char) -> bool {
    SQUARES.contains(&sign)
}

/// Whether a box is round.
pub(super) fn is_circle(sign: char) -> bool {
    CIRCLES.contains(&sign)
}

/// The words that come before the number of a question.
const QUESTION_WORDS: [&str; 5] = ["câu hỏi", "câu", "question", "ques", "hỏi"];

/// The mark at the beginning of a text, and what follows it.
pub(super) fn mark(text: &str) -> Option<(Mark, &str)> {
    let text = text.trim_start();
    question(text).or_else(|| boxed(text)).or_else(|| in_brackets(text)).or_else(|| plain(text))
}

fn question(text: &str) -> Option<(Mark, &str)> {
    for word in QUESTION_WORDS {
        let Some(after) = after_word(text, word) else { continue };
        let after = after.trim_start_matches([' ', '.', '\u{a0}']);
        if let Some((number, rest)) = numeral(after).or_else(|| lettered(after)) {
            return Some((Mark::Question(number.to_owned()), behind(rest)?));
        }
    }
    let (number, rest) = lettered(text)?;
    Some((Mark::Question(number.to_owned()), behind(rest)?))
}

/// `C1`, `Q5a`, `HH12`, `A1.2` at the beginning, and what follows it.
fn lettered(text: &str) -> Option<(&str, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let joined = text[letters..].strip_prefix(['.', '_']).unwrap_or(&text[letters..]);
    let (_, rest) = numeral(joined)?;
    Some(text.split_at(text.len() - rest.len()))
}

/// What follows a word, in small or capital letters.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    let same = |known: char| rest.next().is_some_and(|next| next.to_lowercase().eq([known]));
    let begins = word.chars().all(same);
    begins.then_some(rest.as_str())
}

/// A number as `5`, `5a`, `1.2.3` at the beginning, and what follows it.
fn numeral(text: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(text);
    if !(1..=4).contains(&end) {
        return None;
    }
    while let Some(inner) = text[end..].strip_prefix(['.', '_'])
        && (1..=3).contains(&digits(inner))
    {
        end += 1 + digits(inner);
    }
    let mut letters = text[end..].chars();
    if let (Some(letter), next) = (letters.next(), letters.next())
        && letter.is_ascii_lowercase()
        && next.is_none_or(|next| !next.is_alphanumeric())
    {
        end += 1;
    }
    Some(text.split_at(end))
}

/// What follows the sign behind the number of a question.
fn behind(rest: &str) -> Option<&str> {
    if rest.is_empty() {
        return Some(rest);
    }
    let after = rest.trim_start_matches(['.', ':', ')', '/', '\u{a0}']);
    let spaced = rest.starts_with([' ', '\t', '(', '-', '–']);
    (spaced || after.len() < rest.len()).then(|| after.trim_start_matches([' ', '\t', '-', '–']))
}

fn boxed(text: &str) -> Option<(Mark, &str)> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    if BOXES.contains(&first) {
        return Some((Mark::Box(first), rest.trim_start()));
    }
    for (pair, sign) in [("[ ]", '□'), ("[]", '□'), ("( )", '○'), ("|_|", '□'), ("[_]", '□')]
    {
        if let Some(rest) = text.strip_prefix(pair) {
            return Some((Mark::Box(sign), rest.trim_start()));
        }
    }
    // A dash, a star or the letter that stands for a round mark.
    let is_dash = matches!(first, '-' | '–' | '*' | '+' | 'o' | '➢' | '✓' | '►');
    (is_dash && rest.starts_with([' ', '\t'])).then(|| (Mark::Box('•'), rest.trim_start()))
}

/// `(1)`, `[a]`.
fn in_brackets(text: &str) -> Option<(Mark, &str)> {
    let (inner, rest) = text
        .strip_prefix('(')
        .and_then(|inner| inner.split_once(')'))
        .or_else(|| text.strip_prefix('[').and_then(|inner| inner.split_once(']')))?;
    Some((number_or_letter(inner)?, rest.trim_start()))
}

/// `1.`, `1.2.`, `a)`, `A.`, and a number before a tab.
fn plain(text: &str) -> Option<(Mark, &str)> {
    let end = text.find(['.', ')', '/', ':', '\t', '-', ' '])?;
    if let Some((number, rest)) = numeral(text) {
        let after = rest.trim_start_matches(['.', ')', '/', ':']);
        let is_marked = after.len() < rest.len() || rest.starts_with('\t');
        let is_spaced = after.starts_with([' ', '\t', '\u{a0}']) || after.is_empty();
        // `1.Nam` is written too, `1.5 kg` is not a number of something.
        let fits = is_spaced || after.starts_with(char::is_alphabetic);
        let dashed = rest
            .trim_start()
            .strip_prefix(['-', '–'])
            .filter(|it| it.trim_start().starts_with(char::is_alphabetic) && it.starts_with(' '));
        if let Some(rest) = dashed {
            return Some((Mark::Number(number.to_owned()), rest.trim_start()));
        }
        return (is_marked && fits).then(|| (Mark::Number(number.to_owned()), after.trim_start()));
    }
    let (inner, rest) = text.split_at(end);
    let rest = rest.strip_prefix(['.', ')', '/', ':'])?;
    let spaced = rest.is_empty() || rest.starts_with([' ', '\t', '\u{a0}']);
    let mark = number_or_letter(inner).filter(|_| spaced)?;
    Some((mark, rest.trim_start()))
}

fn number_or_letter(inner: &str) -> Option<Mark> {
    let inner = inner.trim();
    let is_number = (1..=3).contains(&inner.len()) && inner.bytes().all(|it| it.is_ascii_digit());
    let is_letter = inner.len() == 1 && inner.bytes().all(|it| it.is_ascii_alphabetic());
    if is_number {
        Some(Mark::Number(inner.to_owned()))
    } else {
        is_letter.then(|| Mark::Letter(inner.to_owned()))
    }
}

/// Where the options begin that stand in one line, one behind the other: boxes,
/// or codes that follow each other (`1. Nam  2. Nữ`). Two at least.
pub(super) fn begins(text: &str) -> Vec<usize> {
    let boxes: Vec<usize> =
        text.char_indices().filter(|(_, sign)| is_box(*sign)).map(|(place, _)| place).collect();
    if boxes.len() > 1 || boxes.first().is_some_and(|first| *first > 0) {
        return boxes;
    }
    let mut found: Vec<(usize, u32)> = Vec::new();
    let mut before = ' ';
    for (place, sign) in text.char_indices() {
        let starts = before.is_whitespace() || matches!(before, ':' | '?' | ';' | ',');
        before = sign;
        if !starts || !sign.is_ascii_alphanumeric() {
            continue;
        }
        let order = match plain(&text[place..]) {
            Some((Mark::Number(number), _)) => number.parse().ok(),
            Some((Mark::Letter(letter), _)) => {
                let letter = letter.to_ascii_lowercase().bytes().next();
                letter.map(|letter| u32::from(letter - b'a') + 1)
            }
            _ => None,
        };
        let Some(order) = order else { continue };
        match found.last() {
            Some((_, last)) if order == last + 1 => found.push((place, order)),
            Some(_) if order > 1 => {}
            _ if order <= 1 => found = vec![(place, order)],
            _ => {}
        }
    }
    let places: Vec<usize> = found.into_iter().map(|(place, _)| place).collect();
    if places.len() > 1 { places } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_what_they_are() {
        let question = |number: &str| Mark::Question(number.to_owned());
        let number = |number: &str| Mark::Number(number.to_owned());
        let letter = |letter: &str| Mark::Letter(letter.to_owned());
        for (text, expected) in [
            ("Câu 5. Tuổi?", Some((question("5"), "Tuổi?"))),
            ("CÂU HỎI 12a: X", Some((question("12a"), "X"))),
            ("Câu A1. Tuổi?", Some((question("A1"), "Tuổi?"))),
            ("Question HH2: Roof", Some((question("HH2"), "Roof"))),
            ("Câu hỏi của A1", None),
            ("Q7 - Why?", Some((question("Q7"), "Why?"))),
            ("HH12.1\tRoof", Some((question("HH12.1"), "Roof"))),
            ("C1.Giới tính", Some((question("C1"), "Giới tính"))),
            ("1. Nam", Some((number("1"), "Nam"))),
            ("1.2. Nghề", Some((number("1.2"), "Nghề"))),
            ("(2) Nữ", Some((number("2"), "Nữ"))),
            ("3 - Hài lòng", Some((number("3"), "Hài lòng"))),
            ("a) Yes", Some((letter("a"), "Yes"))),
            ("B. Tốt", Some((letter("B"), "Tốt"))),
            ("□ Có", Some((Mark::Box('□'), "Có"))),
            ("[ ] No", Some((Mark::Box('□'), "No"))),
            ("- Tốt", Some((Mark::Box('•'), "Tốt"))),
            ("1.5 kg", None),
            ("2 triệu đồng", None),
            ("18 - 29", None),
            ("A lot", None),
            ("Nam", None),
            ("COVID19 came", None),
            ("", None),
        ] {
            assert_eq!(mark(text), expected, "{text}");
        }
    }

    #[test]
    fn options_in_one_line_are_found() {
        for (text, expected) in [
            ("□ Nam   □ Nữ", &["□ Nam   ", "□ Nữ"][..]),
            ("1. Nam\t2. Nữ", &["1. Nam\t", "2. Nữ"]),
            ("a) yes b) no", &["a) yes ", "b) no"]),
            ("Have you 2 or more?", &[]),
            ("1. Nam", &[]),
        ] {
            let places = begins(text);
            let ends = places.iter().skip(1).copied().chain([text.len()]);
            let parts: Vec<&str> =
                places.iter().zip(ends).map(|(from, to)| &text[*from..to]).collect();
            assert_eq!(parts, expected, "{text}");
        }
    }
}
