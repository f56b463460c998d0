//! Finding words in the texts of a questionnaire and putting others in their place.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

/// What is looked for, and what takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replacement {
    /// The words that are looked for; in whichever way their marks are written.
    pub find: String,
    /// What takes their place.
    pub by: String,
    /// Whether large and small letters differ.
    pub same_case: bool,
    /// Whether only whole words are found.
    pub whole_words: bool,
}

impl Replacement {
    /// A text with everything replaced, and how often; `None` where there is nothing to
    /// replace. Names of answers that are inserted, `${name}`, stay as they are.
    pub fn replaced(&self, text: &str) -> Option<(String, usize)> {
        let text: Vec<char> = text.nfc().collect();
        let wanted: Vec<char> = self.find.nfc().map(|sign| self.folded(sign)).collect();
        if wanted.is_empty() {
            return None;
        }
        let kept = insertions(&text);
        let (mut made, mut count, mut at) = (String::new(), 0, 0);
        while at < text.len() {
            let range = at..at + wanted.len();
            if self.is_match(&text, &wanted, &range) && !kept.iter().any(|one| meet(one, &range)) {
                made.push_str(&self.by);
                count += 1;
                at = range.end;
            } else {
                made.push(text[at]);
                at += 1;
            }
        }
        (count > 0).then_some((made, count))
    }

    fn folded(&self, sign: char) -> char {
        let mut small = sign.to_lowercase();
        match (small.next(), small.next()) {
            (Some(one), None) if !self.same_case => one,
            _ => sign,
        }
    }

    fn is_match(&self, text: &[char], wanted: &[char], range: &Range<usize>) -> bool {
        let Some(here) = text.get(range.clone()) else { return false };
        let same = here.iter().zip(wanted).all(|(sign, wanted)| self.folded(*sign) == *wanted);
        let letter = |place: Option<usize>| {
            place.and_then(|place| text.get(place)).is_some_and(|sign| sign.is_alphanumeric())
        };
        let alone = || !letter(range.start.checked_sub(1)) && !letter(Some(range.end));
        same && (!self.whole_words || alone())
    }
}

fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Where answers are inserted.
fn insertions(text: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 1 < text.len() {
        let end = text[at..].iter().position(|sign| *sign == '}').map(|end| at + end + 1);
        match end {
            Some(end) if text[at] == '$' && text[at + 1] == '{' => {
                found.push(at..end);
                at = end;
            }
            Some(_) => at += 1,
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(find: &str, by: &str, text: &str) -> Option<(String, usize)> {
        let (find, by) = (find.to_owned(), by.to_owned());
        Replacement { find, by, ..Replacement::default() }.replaced(text)
    }

    #[test]
    fn words_are_replaced_however_they_are_written() {
        let told = |text: &str, count| Some((text.to_owned(), count));
        assert_eq!(
            replaced("ông/bà", "anh/chị", "Ông/Bà và ÔNG/BÀ"),
            told("anh/chị và anh/chị", 2)
        );
        // Marks that stand apart are the same letters.
        assert_eq!(replaced("o\u{302}ng", "anh", "Ông"), told("anh", 1));
        assert_eq!(
            replaced("aa", "a", "aaaa"),
            told("aa", 2),
            "nothing is found in what was put in"
        );
        assert_eq!(replaced("x", "y", "abc"), None);
        assert_eq!(replaced("", "y", "abc"), None);
        assert_eq!(replaced("a", "", "banana"), told("bnn", 3));
        assert_eq!(replaced("abcd", "y", "abc"), None);
    }

    #[test]
    fn inserted_answers_stay() {
        let told = |text: &str, count| Some((text.to_owned(), count));
        assert_eq!(replaced("age", "năm", "${age} age"), told("${age} năm", 1));
        assert_eq!(replaced("${", "x", "${age}"), None);
        assert_eq!(replaced("age", "x", "${age"), told("${x", 1), "it is not closed");
    }

    #[test]
    fn case_and_whole_words_are_kept_apart_where_asked() {
        let asked = Replacement {
            find: "Nam".to_owned(),
            by: "Nam giới".to_owned(),
            same_case: true,
            whole_words: true,
        };
        let text = "Nam, nam, Nams, (Nam)";
        let wanted = "Nam giới, nam, Nams, (Nam giới)";
        assert_eq!(asked.replaced(text), Some((wanted.to_owned(), 2)));
    }
}
