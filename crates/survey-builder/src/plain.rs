//! Text without what spellings differ in.

use unicode_normalization::UnicodeNormalization as _;

/// Small letters without accents, words parted by single spaces: `Đường
/// Trần-Phú` is `duong tran phu`.
pub fn plain(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let letters = text
        .nfd()
        .filter(|letter| !('\u{300}'..='\u{36f}').contains(letter))
        .flat_map(char::to_lowercase);
    for letter in letters {
        match letter {
            'đ' => bare.push('d'),
            letter if letter.is_alphanumeric() => bare.push(letter),
            _ if bare.is_empty() || bare.ends_with(' ') => {}
            _ => bare.push(' '),
        }
    }
    bare.truncate(bare.trim_end().len());
    bare
}
