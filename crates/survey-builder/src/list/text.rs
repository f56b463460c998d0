//! Text as it is compared: one form for what looks the same.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Signs without width that copying leaves in cells: zero-width space, word
/// joiner, byte order mark, marks of direction.
fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{200e}' | '\u{200f}')
}

/// A cell's text in NFC (Unicode UAX 15), without signs of no width, every run
/// of white space one plain space, none at its ends.
pub fn tidied(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || is_unseen(sign));
    if is_tidy(text) {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for sign in text.chars().filter(|sign| !is_unseen(*sign)).nfc() {
        if !sign.is_whitespace() {
            folded.push(sign);
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    Cow::Owned(folded)
}

fn is_tidy(text: &str) -> bool {
    if text.is_ascii() {
        let mut before = b'x';
        return text.bytes().all(|byte| {
            let fine = byte > b' ' || byte == b' ' && before != b' ';
            before = byte;
            fine
        });
    }
    let mut before = 'x';
    let plain = text.chars().all(|sign| {
        let fine =
            if sign == ' ' { before != ' ' } else { !sign.is_whitespace() && !is_unseen(sign) };
        before = sign;
        fine
    });
    plain && is_nfc_quick(text.chars()) == IsNormalized::Yes
}

/// [`tidied`] of bytes; nothing if they are not UTF-8.
pub fn tidied_bytes(cell: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(cell).ok().map(tidied)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        for text in [
            "Hà Nội",
            " Ha\u{300} No\u{302}\u{323}i ",
            "Hà  Nội",
            "Hà\u{a0}Nội",
            "Hà\u{200b} Nội\u{feff}",
            "\u{feff}Hà\t\nNội",
            "Hà\u{a0} Nội",
        ] {
            assert_eq!(tidied(text), "Hà Nội", "{text:?}");
        }
        assert!(matches!(tidied("  Hà Nội "), Cow::Borrowed("Hà Nội")));
        assert_eq!(tidied("HÀ NỘI"), "HÀ NỘI", "case is kept");
        assert_eq!(tidied(" \u{200b} "), "");
        assert_eq!(tidied_bytes(b"\xff"), None);
    }

    proptest! {
        #[test]
        fn tidied_text_stays_as_it_is(text in "\\PC{0,20}[ \u{a0}\u{200b}a\u{300}]{0,6}\\PC{0,8}") {
            let once = tidied(&text).into_owned();
            prop_assert_eq!(tidied(&once), once.as_str());
        }
    }
}
