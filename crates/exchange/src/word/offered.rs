//! Options as lines hold them: behind marks, before codes at the right, several
//! in one line; and rows of numbers that are a scale.

use super::blank::without_blanks;
use super::mark::{Mark, begins, is_circle, is_square, mark};
use super::outline::{Offered, Sign};
use super::route;

/// The options in a text, each with its label as it is written.
pub(super) fn offered(text: &str) -> Vec<(Offered, String)> {
    let places = begins(text);
    if places.len() < 2 {
        return vec![one(text)];
    }
    let before = text[..places[0]].trim();
    let ends = places.iter().skip(1).copied().chain([text.len()]);
    let mut found: Vec<(Offered, String)> = Vec::new();
    if !before.is_empty() {
        found.push(one(before));
    }
    found.extend(places.iter().zip(ends).map(|(from, to)| one(&text[*from..to])));
    found
}

fn one(text: &str) -> (Offered, String) {
    let mut option = Offered::default();
    let mut rest = text.trim();
    for _ in 0..2 {
        match mark(rest) {
            Some((Mark::Box(sign), after)) => {
                option.sign = Some(if is_square(sign) {
                    Sign::Square
                } else if is_circle(sign) {
                    Sign::Circle
                } else {
                    Sign::Other
                });
                rest = after;
            }
            Some((Mark::Number(code), after)) if option.code.is_none() => {
                option.code = Some(code);
                rest = after;
            }
            Some((Mark::Letter(code), after)) if option.code.is_none() => {
                option.code = Some(code.to_lowercase());
                rest = after;
            }
            _ => break,
        }
    }
    let is_marked = rest.len() < text.trim().len();
    let (rest, route) = route::behind(rest);
    option.route = route;
    let mut label = rest.trim().to_owned();
    if let Some((before, code)) = right_code(&label) {
        let (before, code) = (before.to_owned(), code.to_owned());
        option.code.get_or_insert(code);
        label = before;
    }
    if option.code.is_some() || is_marked {
        option.sign.get_or_insert(Sign::Other);
    }
    let (words, blanks) = without_blanks(&label.replace('\t', " "));
    option.has_blank = !blanks.is_empty();
    let words = words.trim_end_matches(is_box_behind).trim_end_matches([';', ',']);
    let words = if option.has_blank { words.trim_end_matches([':', ' ']) } else { words };
    (option, words.trim().to_owned())
}

fn is_box_behind(sign: char) -> bool {
    super::mark::is_box(sign) || sign.is_whitespace()
}

/// What stands before a code at the right end of a line, and the code: behind a
/// tab, dots, wide space, or in brackets.
pub(super) fn right_code(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_end();
    if let Some(inner) = text.strip_suffix([')', ']'])
        && let Some(place) = inner.rfind(['(', '['])
        && is_code(&inner[place + 1..])
        && !text[..place].trim().is_empty()
    {
        return Some((text[..place].trim(), &inner[place + 1..]));
    }
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, code) = text.split_at(text.len() - digits);
    let gap = before.trim_end_matches(['.', '…', '_', ' ', '\t', '\u{a0}']);
    let between = &before[gap.len()..];
    let dots = between.matches('.').count() > 2;
    let wide = dots || ["\t", "…", "__", "   "].iter().any(|sign| between.contains(sign));
    (is_code(code) && wide && !gap.trim().is_empty()).then(|| (gap.trim(), code))
}

fn is_code(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|next| next.is_ascii_digit())
}

/// Points in a row, and what stands before and behind them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scale {
    pub from: i32,
    pub to: i32,
    pub low: String,
    pub high: String,
}

/// A line that is a row of points: four numbers at least that follow each other
/// and nothing between them.
pub(super) fn scale(text: &str) -> Option<Scale> {
    let is_sign = |next: char| super::mark::is_box(next) || next.is_whitespace() || next == '|';
    let words: Vec<&str> = text.split(is_sign).filter(|word| !word.is_empty()).collect();
    let numbers: Vec<Option<i32>> = words.iter().map(|word| point(word)).collect();
    let start = numbers.iter().position(|number| matches!(number, Some(0 | 1)))?;
    let first = numbers[start]?;
    let length = numbers[start..]
        .iter()
        .zip(first..)
        .take_while(|(number, expected)| **number == Some(*expected))
        .count();
    let to = first + i32::try_from(length).ok()? - 1;
    let rest = &words[start + length..];
    let is_row = length > 3 && rest.iter().all(|word| point(word).is_none());
    is_row.then(|| Scale { from: first, to, low: words[..start].join(" "), high: rest.join(" ") })
}

fn point(word: &str) -> Option<i32> {
    let digits = word.trim_matches(['(', ')', '[', ']']);
    let short =
        digits.len() < 3 && !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    short.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_they_are_written() {
        for (text, options) in [
            ("□ Nam   □ Nữ", &[(None, "Nam"), (None, "Nữ")][..]),
            ("1. Có\t2. Không", &[(Some("1"), "Có"), (Some("2"), "Không")]),
            ("Male\t1", &[(Some("1"), "Male")]),
            ("Nữ ............ 2", &[(Some("2"), "Nữ")]),
            ("Good (4)", &[(Some("4"), "Good")]),
            ("c) Other (specify): ______", &[(Some("c"), "Other (specify)")]),
            ("3. Không → C7", &[(Some("3"), "Không")]),
            ("○ From 2 to 5 years", &[(None, "From 2 to 5 years")]),
            ("2020", &[(None, "2020")]),
        ] {
            let found = offered(text);
            let found: Vec<(Option<&str>, &str)> = found
                .iter()
                .map(|(option, label)| (option.code.as_deref(), label.as_str()))
                .collect();
            assert_eq!(found, options, "{text}");
        }
    }

    #[test]
    fn rows_of_points_are_scales() {
        let points = scale("Rất tệ 1 2 3 4 5 Rất tốt").expect("a scale");
        assert_eq!((points.from, points.to), (1, 5));
        assert_eq!((points.low.as_str(), points.high.as_str()), ("Rất tệ", "Rất tốt"));
        assert_eq!(scale("0\t1\t2\t3\t4").map(|it| (it.from, it.to)), Some((0, 4)));
        assert_eq!(scale("1. Nam 2. Nữ"), None);
        assert_eq!(scale("1 2 3"), None);
    }
}
