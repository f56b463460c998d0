//! Text: always in NFC, measured in code points, with one idea of a space.
//!
//! Both evaluators share these rules, so that none depends on what a language's
//! own library calls a space.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text in NFC.
pub(super) fn normalise(text: &str) -> String {
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// Whether the character is a space: Unicode's `White_Space`.
pub(super) fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{9}'..='\u{d}'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// The text without spaces at its ends.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}
