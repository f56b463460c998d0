//! Passwords that are guessed first: the common ones, in English and Vietnamese,
//! and what people make of them to reach a length.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Common passwords, a line each: chosen for this program from what leaks again
/// and again, without accents, in small letters.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Whether a password is among those guessed first: a common one, one made longer
/// with figures and signs or written several times, a run of neighbours, or hardly
/// more than `about` says (the address, the name, the organisation).
pub fn is_common(password: &str, about: &[&str]) -> bool {
    let small = password.to_lowercase();
    let letters: String = small.chars().filter(|sign| sign.is_alphanumeric()).collect();
    let bare = small.trim_matches(|sign: char| !sign.is_alphabetic());
    if letters.chars().collect::<HashSet<_>>().len() < 4 || is_run(&letters) {
        return true;
    }
    let known = |word: &str| !word.is_empty() && COMMON.contains(word);
    if known(&small) || known(&letters) || known(bare) || known(once(&letters)) {
        return true;
    }
    let about: Vec<String> = about.iter().map(|text| text.to_lowercase()).collect();
    about
        .iter()
        .flat_map(|text| [text.as_str(), text.split('@').next().unwrap_or_default()])
        .filter(|text| text.chars().count() > 3)
        .any(|text| small.contains(text) && small.chars().count() < text.chars().count() + 6)
}

/// Each sign follows the one before it, up or down: `abcdefgh`, `87654321`.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|sign| i64::from(u32::from(sign))).collect();
    let steps: Vec<i64> = codes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let neighbours = steps.iter().filter(|step| step.abs() <= 1).count();
    steps.len() > 3 && neighbours * 10 >= steps.len() * 8
}

/// What is written several times in a row, once: `hanoihanoi` gives `hanoi`.
fn once(text: &str) -> &str {
    let length = text.len();
    (1..=length / 2)
        .filter(|part| length.is_multiple_of(*part) && text.is_char_boundary(*part))
        .map(|part| &text[..part])
        .find(|part| part.repeat(length / part.len()) == text)
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_known() {
        for password in [
            "password1234",
            "Password123!",
            "matkhau123456",
            "MatKhau@2026",
            "anhyeuem12345",
            "hanoihanoihanoi",
            "123456789012",
            "abcdefghijkl",
            "987654321098",
            "qwertyuiop123",
            "aaaaaaaaaaaa",
            "1212121212121",
        ] {
            assert!(is_common(password, &[]), "{password}");
        }
        assert!(is_common("lan@example.org1", &["lan@example.org"]));
        assert!(is_common("nguyenvanan99", &["nguyenvanan@example.org"]));
    }

    #[test]
    fn others_are_let_through() {
        for password in [
            "chiều nay mưa ở phố cổ",
            "correct horse battery",
            "k7#pVw2!xQz9",
            "tre xanh 1954 gió mát",
            "con mèo ăn ba con cá",
        ] {
            assert!(!is_common(password, &["lan@example.org", "Nhóm nghiên cứu"]), "{password}");
        }
    }

    #[test]
    fn the_list_is_a_list() {
        assert_eq!(COMMON.len(), 1_000);
        assert!(COMMON.iter().all(|word| *word == word.to_lowercase() && word.trim() == *word));
    }
}
