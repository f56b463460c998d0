//! Places to write an answer: dots, underscores, boxes for digits.

use super::phrases::instructs;

/// What is written into a blank place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// Words.
    Line,
    /// A whole number: boxes for digits, or a unit behind the blank.
    Digits,
    /// A day, or a month or year.
    Date,
}

/// The least signs that make a blank.
const LEAST: usize = 3;

/// A text without its blanks, and the blanks; words behind one stay.
pub(super) fn without_blanks(text: &str) -> (String, Vec<Blank>) {
    let mut words = String::new();
    let mut blanks = Vec::new();
    let signs: Vec<char> = text.chars().collect();
    let (mut place, mut behind) = (0, 0);
    while place < signs.len() {
        let boxes = digit_boxes(&signs[place..]);
        if boxes > 0 {
            blanks.push(Blank::Digits);
            words.push(' ');
            place += boxes;
            behind = place;
            continue;
        }
        let run = signs[place..].iter().take_while(|sign| is_leader(**sign)).count();
        let wide = signs[place..place + run].iter().filter(|sign| **sign == '…').count();
        if run >= LEAST || wide > 0 {
            blanks.push(Blank::Line);
            words.push(' ');
            place += run;
            behind = place;
            continue;
        }
        words.extend(&signs[place..place + run.max(1)]);
        place += run.max(1);
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    // A blank before a unit is a number.
    if blanks == [Blank::Line] && unit(&signs[behind..]).is_some() {
        blanks = vec![Blank::Digits];
    }
    // `____/____/____` is one day.
    let slashes = blanks.len() > 1 && words.matches('/').count() + 1 >= blanks.len();
    if slashes && words.contains('/') {
        let kept = words.replace(" /", "").replace("/ ", "");
        return (kept.trim_end_matches('/').trim().to_owned(), vec![Blank::Date]);
    }
    (words, blanks)
}

/// What stands behind the only blank of a text, where it is one or two words and
/// nothing else: `kg`, `tuổi`, `nghìn đồng`.
fn unit(tail: &[char]) -> Option<String> {
    let tail: String = tail.iter().collect();
    let tail = tail.trim().trim_end_matches(['.', ';']);
    let words: Vec<&str> = tail.split_whitespace().collect();
    let is_word = |word: &&str| {
        word.chars().all(|it| it.is_alphanumeric() || matches!(it, '%' | '/' | '²' | '³'))
            && word.chars().next().is_some_and(|it| !it.is_uppercase() && !it.is_numeric())
    };
    let named = (1..=2).contains(&words.len()) && words.iter().all(is_word) && !instructs(tail);
    named.then(|| words.join(" "))
}

/// The words of a text whose only blank a unit follows, without the unit, and the unit;
/// nothing where there is no such blank, or no words but the unit.
pub(super) fn apart_from_unit(text: &str) -> Option<(String, String)> {
    let (words, blanks) = without_blanks(text);
    if blanks != [Blank::Digits] {
        return None;
    }
    let signs: Vec<char> = text.trim_end_matches(['.', ';', ' ']).chars().collect();
    // The unit is the longest end that is one: the blank before it is none of it.
    let behind = signs.iter().rposition(|sign| is_blank_sign(*sign))? + 1;
    let unit = unit(&signs[behind..])?;
    let head = words.trim_end_matches(['.', ';']).strip_suffix(&unit)?;
    Some((head.trim_end().to_owned(), unit))
}

/// Whether a sign is one that blanks and boxes for digits consist of.
fn is_blank_sign(sign: char) -> bool {
    is_leader(sign) || matches!(sign, '|' | '⎕' | ']') || super::mark::is_square(sign)
}

/// Whether there is nothing but blanks.
pub(super) fn is_blank_only(text: &str) -> bool {
    let (words, blanks) = without_blanks(text);
    !blanks.is_empty() && !words.chars().any(char::is_alphanumeric)
}

fn is_leader(sign: char) -> bool {
    matches!(sign, '.' | '_' | '…' | '‥' | '·')
}

/// How many signs boxes for digits take: `|__|__|`, `[__][__]`, `□□□□`.
fn digit_boxes(signs: &[char]) -> usize {
    match signs.first() {
        Some('|' | '⎕') => {
            let run = signs.iter().take_while(|sign| matches!(sign, '|' | '_' | ' ')).count();
            let bars = signs[..run].iter().filter(|sign| **sign == '|').count();
            let lines = signs[..run].iter().filter(|sign| **sign == '_').count();
            if bars > 1 && lines > 0 { run } else { 0 }
        }
        Some('[') => {
            let run = signs.iter().take_while(|sign| matches!(sign, '[' | ']' | '_')).count();
            let lines = signs[..run].iter().filter(|sign| **sign == '_').count();
            if lines > 1 { run } else { 0 }
        }
        Some(first) if super::mark::is_square(*first) => {
            let run = signs.iter().take_while(|sign| *sign == first).count();
            if run > 1 { run } else { 0 }
        }
        _ => 0,
    }
}

/// Words that ask for a day, and those that ask for a number.
const OF_DAYS: [&str; 9] = [
    "ngày sinh",
    "ngày tháng năm",
    "ngày phỏng vấn",
    "ngày điều tra",
    "date of birth",
    "date of interview",
    "dd/mm",
    "ngày/tháng",
    "interview date",
];
const OF_NUMBERS: [&str; 13] = [
    "bao nhiêu",
    "mấy ",
    "số lượng",
    "số người",
    "số năm",
    "số ngày",
    "năm sinh",
    "how many",
    "how old",
    "number of",
    "year of birth",
    "what year",
    "how much",
];

/// What is written, judged by the blanks and by what is asked.
pub(super) fn written(wording: &str, blanks: &[Blank]) -> Blank {
    let wording = wording.to_lowercase();
    let asks = |words: &[&str]| words.iter().any(|word| wording.contains(word));
    let alone = wording.trim_end_matches([':', ' ']);
    let is_age = ["tuổi", "age", "age in years", "tuổi của anh/chị"].contains(&alone);
    if blanks.contains(&Blank::Date) || asks(&OF_DAYS) {
        Blank::Date
    } else if blanks.len() < 2 && (blanks.contains(&Blank::Digits) || is_age || asks(&OF_NUMBERS)) {
        Blank::Digits
    } else {
        Blank::Line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_taken_out_of_texts() {
        for (text, words, blanks) in [
            ("Họ và tên: ..........", "Họ và tên:", &[Blank::Line][..]),
            ("Tuổi: |__|__| tuổi", "Tuổi: tuổi", &[Blank::Digits]),
            ("Khác (ghi rõ) ____", "Khác (ghi rõ)", &[Blank::Line]),
            ("Ngày: ___/___/_____", "Ngày:", &[Blank::Date]),
            ("Other………", "Other", &[Blank::Line]),
            ("Wait...", "Wait", &[Blank::Line]),
            ("______ hectares", "hectares", &[Blank::Digits]),
            ("Tỉnh: .... Huyện: ....", "Tỉnh: Huyện:", &[Blank::Line, Blank::Line]),
            ("One. Two", "One. Two", &[]),
            // Words that say how to answer are no unit.
            ("____ please specify", "please specify", &[Blank::Line]),
        ] {
            assert_eq!(without_blanks(text), (words.to_owned(), blanks.to_vec()), "{text}");
        }
    }

    #[test]
    fn units_stand_behind_the_blank() {
        for (text, expected) in [
            ("Cân nặng: ____ kg", Some(("Cân nặng:", "kg"))),
            ("Tuổi: |__|__| tuổi", Some(("Tuổi:", "tuổi"))),
            ("Income: ........ nghìn đồng.", Some(("Income:", "nghìn đồng"))),
            ("Yield [__][__] kg/ha", Some(("Yield", "kg/ha"))),
            ("____ %", Some(("", "%"))),
            ("From ____ to ____ kg", None),
            ("Ngày: ___/___/_____", None),
            ("Other: ____ please specify", None),
            ("Khác ____ (kg)", None),
            ("Name: ____", None),
            ("One. Two", None),
        ] {
            let found = apart_from_unit(text);
            let found = found.as_ref().map(|(head, unit)| (head.as_str(), unit.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
