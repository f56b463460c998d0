//! Vietnamese syllables, and text without its accents.

use unicode_normalization::UnicodeNormalization as _;

const ONSETS: [&str; 28] = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh",
    "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
];
/// The last as in names of the highlands.
const CODAS: [&str; 10] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t", "k"];
/// Tones: grave, hook above, tilde, acute, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// Whether a word is built as Vietnamese syllables are: an onset, one to three
/// vowels with at most one tone, a coda.
pub(super) fn is_syllable(word: &str) -> bool {
    let lower = word.to_lowercase();
    let tones = lower.nfd().filter(|letter| TONES.contains(letter)).count();
    if tones > 1 {
        return false;
    }
    // Letters without tones, with the marks that make other letters.
    let letters: String =
        lower.nfd().filter(|letter| !TONES.contains(letter)).collect::<String>().nfc().collect();
    let is_vowel = |letter: char| "aăâeêioôơuưy".contains(letter);
    ONSETS.iter().filter_map(|onset| letters.strip_prefix(onset)).any(|rest| {
        let end = rest.find(|letter| !is_vowel(letter)).unwrap_or(rest.len());
        let vowels = rest[..end].chars().count();
        (1..=3).contains(&vowels) && CODAS.contains(&&rest[end..])
    })
}

pub use crate::list::spelling::written_out as plain;

/// A telephone number by its digits, Vietnam's country code as the leading zero;
/// empty if there are fewer than seven. A spreadsheet drops that zero: nine digits
/// of a mobile number and ten of another have it again.
pub fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = text.trim_start().starts_with('+');
    let national = digits
        .strip_prefix("0084")
        .or_else(|| digits.strip_prefix("84").filter(|rest| abroad || rest.len() >= 9));
    let number = match national {
        Some(rest) => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        None if !abroad && lacks_zero(&digits) => format!("0{digits}"),
        None => digits,
    };
    if number.len() < 7 { String::new() } else { number }
}

/// Numbers of mobiles begin with 03, 05, 07, 08 or 09 and have ten digits, others
/// with 02 and have eleven.
fn lacks_zero(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'3' | b'5' | b'7' | b'8' | b'9', ..] => digits.len() == 9,
        [b'2', ..] => digits.len() == 10,
        _ => false,
    }
}

/// An e-mail address in small letters; empty if it has no one @.
pub fn email(text: &str) -> String {
    let text: String = text.trim().nfc().flat_map(char::to_lowercase).collect();
    if text.matches('@').count() == 1 { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_are_the_same() {
        assert_eq!(plain("Đường  Trần-Phú, P. 5, Q.1"), plain("duong tran phu phuong 5 quan 1"));
        assert_eq!(plain("Nguye\u{302}\u{303}n Thị Ánh"), "nguyen thi anh");
        for text in ["+84 912 345 678", "0084912345678", "84912345678", "0912.345.678", "912345678"]
        {
            assert_eq!(phone(text), "0912345678", "{text}");
        }
        assert_eq!(phone("12"), "");
        assert_eq!(
            (phone("2438251234"), phone("+912345678")),
            ("02438251234".into(), "912345678".into())
        );
        assert_eq!(email(" Lan.Pham@Example.ORG "), "lan.pham@example.org");
        assert_eq!(email("none"), "");
    }

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in ["Nguyễn", "huyện", "Thuỵ", "quốc", "giường", "ương", "Đắk", "ỷ"]
        {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["größe", "ệệệệ", "ngđă", "áé", "élève"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
