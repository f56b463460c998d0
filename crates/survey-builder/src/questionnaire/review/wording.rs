//! Wording: what makes people misunderstand or lean, told for each language.
//!
//! The rules are those that a program can check without understanding: two
//! questions in one, two negations, leading openings, absolute words, long
//! sentences (Graesser and others 2006 on QUAID; Tourangeau, Rips and Rasinski
//! 2000, chapter 2), scales that lean to one side, ranges that overlap or leave
//! a gap, abbreviations nobody explained, and no way out of a question that
//! must be answered. Each is a warning: the author knows better.
//!
//! Vietnamese writes syllables apart, so its words are counted otherwise, and
//! its questions end in "không" or "chưa", which then deny nothing.

use std::collections::BTreeSet;

use super::super::finding::Findings;
use crate::problem::Problem;
use crate::questionnaire::document::{
    Document, Kind, ListOption, OptionList, Question, Required, Text,
};

/// Reads all words of a document.
pub(super) fn check_wording(document: &Document, findings: &mut Findings) {
    let mut explained = BTreeSet::new();
    let mut forced = Vec::new();
    for question in document.questions().filter(|question| !question.kind.is_silent()) {
        let rows = question.items().into_iter().filter(|item| item.row.is_some());
        let texts: Vec<&Text> =
            [&question.wording].into_iter().chain(rows.map(|item| item.wording)).collect();
        for language in &document.languages {
            let Some(rules) = Rules::of(&language.code) else { continue };
            for text in texts.iter().filter_map(|text| text.0.get(&language.code)) {
                // What is only read asks nothing.
                let asks = question.kind != Kind::Note;
                let told = if asks { rules.read(text) } else { Vec::new() };
                for (code, what) in told {
                    let problem = Problem::new(code, &question.name);
                    findings.warn(problem.with("language", &language.name).with("what", what));
                }
                for short in unexplained(text, &mut explained) {
                    findings.warn(
                        Problem::new("abbreviation", &question.name)
                            .with("language", &language.name)
                            .with("what", short),
                    );
                }
            }
        }
        if has_no_way_out(document, question) {
            forced.push(question.name.as_str());
        }
    }
    tell_no_way_out(document, &forced, findings);
    for list in &document.lists {
        for language in &document.languages {
            check_scale(document, list, &language.code, findings);
        }
        check_ranges(list, &document.default_language, findings);
    }
}

/// The words of one language that the rules look for; small letters.
struct Rules {
    negations: &'static [&'static str],
    /// What ends a question and denies nothing.
    closings: &'static [&'static str],
    leading: &'static [&'static str],
    absolute: &'static [&'static str],
    joined: &'static [&'static str],
    /// The most words of a sentence that is understood at once.
    most_words: usize,
    positive: &'static [&'static str],
    negative: &'static [&'static str],
}

const ENGLISH: Rules = Rules {
    negations: &[
        "not",
        "never",
        "no",
        "without",
        "cannot",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "aren't",
        "wasn't",
        "won't",
        "wouldn't",
        "shouldn't",
        "can't",
        "unless",
    ],
    closings: &["or not"],
    leading: &[
        "don't you",
        "wouldn't you",
        "isn't it",
        "shouldn't",
        "do you agree that",
        "would you agree that",
        "as you know",
        "everyone knows",
        "most people",
        "surely",
        "of course",
    ],
    absolute: &[
        "always",
        "never",
        "everyone",
        "everybody",
        "nobody",
        "no one",
        "totally",
        "completely",
        "absolutely",
    ],
    joined: &["and/or"],
    most_words: 25,
    positive: &[
        "agree",
        "satisfied",
        "good",
        "excellent",
        "likely",
        "support",
        "favour",
        "favor",
        "important",
        "trust",
        "safe",
        "easy",
        "better",
        "useful",
    ],
    negative: &[
        "disagree",
        "dissatisfied",
        "unsatisfied",
        "bad",
        "poor",
        "unlikely",
        "oppose",
        "against",
        "unimportant",
        "distrust",
        "unsafe",
        "difficult",
        "worse",
        "useless",
    ],
};

const VIETNAMESE: Rules = Rules {
    negations: &["không", "chưa", "chẳng", "đừng", "chớ"],
    closings: &["hay không", "hay chưa", "không", "chưa"],
    leading: &[
        "đúng không",
        "phải không",
        "chẳng phải",
        "như đã biết",
        "ai cũng biết",
        "chắc hẳn",
        "đa số mọi người",
        "hầu hết mọi người",
        "tất nhiên",
    ],
    absolute: &[
        "luôn luôn",
        "không bao giờ",
        "mọi người đều",
        "tất cả mọi người",
        "hoàn toàn",
        "tuyệt đối",
        "không ai",
    ],
    joined: &["và/hoặc"],
    most_words: 40,
    positive: &[
        "đồng ý",
        "hài lòng",
        "tốt",
        "ủng hộ",
        "tin tưởng",
        "quan trọng",
        "an toàn",
        "dễ",
        "hữu ích",
    ],
    negative: &["phản đối", "kém", "xấu", "tệ", "khó"],
};

/// What turns a label round besides a negation: "little trust", "ít tin tưởng".
const SOFTENED: [&str; 6] = ["nor", "neither", "little", "hardly", "ít", "hiếm"];

impl Rules {
    fn of(language: &str) -> Option<&'static Self> {
        match language.split('-').next() {
            Some("en") => Some(&ENGLISH),
            Some("vi") => Some(&VIETNAMESE),
            _ => None,
        }
    }

    /// What is worth a look in a text: the code, what it says in English, and
    /// the words it is about.
    fn read(&self, text: &str) -> Vec<(&'static str, String)> {
        let text = without_insertions(text);
        let lower = text.to_lowercase().replace('’', "'");
        let mut told = Vec::new();
        let asked = lower.matches('?').count();
        if asked > 1 {
            told.push(("two-questions", text.trim().to_owned()));
        }
        if let Some(joined) = self.joined.iter().find(|joined| lower.contains(**joined)) {
            told.push(("and-or", (*joined).to_owned()));
        }
        if let Some(words) = self.leading.iter().find(|words| has_words(&lower, words)) {
            told.push(("leading", (*words).to_owned()));
        }
        if let Some(words) = self.absolute.iter().find(|words| has_words(&lower, words)) {
            told.push(("absolute", (*words).to_owned()));
        }
        for sentence in lower.split_inclusive(['.', '?', '!', ';', ':', '\n']) {
            let words = words_of(sentence);
            if words.len() > self.most_words {
                let start = words[..6].join(" ") + " …";
                told.push(("long-sentence", start));
            }
            if self.denials(sentence) > 1 {
                let sentence = sentence.trim().to_owned();
                told.push(("double-negation", sentence));
            }
        }
        told
    }

    /// How often a sentence denies.
    fn denials(&self, sentence: &str) -> usize {
        let mut words = words_of(sentence);
        if sentence.trim_end().ends_with('?') {
            let closing = self.closings.iter().map(|closing| words_of(closing));
            if let Some(closing) = closing.into_iter().find(|closing| words.ends_with(closing)) {
                words.truncate(words.len() - closing.len());
            }
        }
        words.iter().filter(|word| self.negations.contains(*word)).count()
    }

    /// Which way a label of a scale points: 1, -1, or 0 for neither or both.
    fn direction(&self, label: &str) -> i32 {
        let lower = label.to_lowercase();
        let words = words_of(&lower);
        let mut ways = BTreeSet::new();
        for (stems, way) in [(self.positive, 1), (self.negative, -1)] {
            for stem in stems.iter().map(|stem| words_of(stem)) {
                for place in places_of(&words, &stem) {
                    let before = &words[place.saturating_sub(3)..place];
                    let denied = before
                        .iter()
                        .any(|word| self.negations.contains(word) || SOFTENED.contains(word));
                    ways.insert(if denied { -way } else { way });
                }
            }
        }
        ways.into_iter().sum()
    }
}

/// A text without what is inserted into it.
fn without_insertions(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    plain + rest
}

fn words_of(text: &str) -> Vec<&str> {
    let sign = |letter: char| !(letter.is_alphanumeric() || letter == '\'' || letter == '/');
    text.split(sign).filter(|word| !word.is_empty()).collect()
}

/// Where some words stand among others.
fn places_of(words: &[&str], wanted: &[&str]) -> Vec<usize> {
    let windows = words.windows(wanted.len().max(1)).enumerate();
    windows.filter(|(_, window)| *window == wanted).map(|(place, _)| place).collect()
}

fn has_words(text: &str, wanted: &str) -> bool {
    !places_of(&words_of(text), &words_of(wanted)).is_empty()
}

/// Abbreviations of three capitals or more that stand beside no explanation in
/// brackets; each is told once.
fn unexplained(text: &str, known: &mut BTreeSet<String>) -> Vec<String> {
    let shouted = text.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase);
    let text = without_insertions(text);
    let mut found = Vec::new();
    for word in words_of(&text) {
        let letters = word.chars().count();
        let short = (3..=6).contains(&letters) && word.chars().all(char::is_uppercase);
        if !short || shouted || !known.insert(word.to_owned()) {
            continue;
        }
        let explained = text.contains(&format!("({word})")) || text.contains(&format!("{word} ("));
        if !explained {
            found.push(word.to_owned());
        }
    }
    found
}

/// Whether a question must be answered and offers no way not to.
fn has_no_way_out(document: &Document, question: &Question) -> bool {
    let must = question.required == Required::Hard
        && question.kind.takes_answer()
        && !matches!(question.kind, Kind::Consent(_) | Kind::Acknowledge);
    let list = question.kind.list().and_then(|list| document.list(list));
    let mut options = list.into_iter().flat_map(|list| &list.options);
    must && question.offers.is_empty() && !options.any(|option| option.missing.is_some())
}

/// Questions that must be answered without a way not to, told together: there
/// may be many.
fn tell_no_way_out(document: &Document, forced: &[&str], findings: &mut Findings) {
    const NAMED: usize = 5;
    if forced.is_empty() {
        return;
    }
    let more = if forced.len() > NAMED { ", …" } else { "" };
    let names = forced.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ") + more;
    findings.warn(
        Problem::new("no-way-out", &document.name).with("n", forced.len()).with("names", names),
    );
}

/// A scale points as often one way as the other.
fn check_scale(document: &Document, list: &OptionList, language: &str, findings: &mut Findings) {
    let Some(rules) = Rules::of(language) else { return };
    let used = document.questions().any(|question| {
        matches!(question.kind, Kind::Single(_) | Kind::Battery(_))
            && question.kind.list() == Some(&list.name)
    });
    let labels = list.options.iter().filter(|option| option.missing.is_none());
    let ways: Vec<i32> = labels
        .filter_map(|option| option.label.0.get(language))
        .map(|label| rules.direction(label))
        .collect();
    let up = ways.iter().filter(|way| **way > 0).count();
    let down = ways.iter().filter(|way| **way < 0).count();
    // Two labels alone are no scale; most of a scale's labels point somewhere.
    let is_scale = used && ways.len() > 2 && 2 * (up + down) >= ways.len();
    if is_scale && up != down {
        findings
            .warn(Problem::new("unbalanced-scale", &list.name).with("up", up).with("down", down));
    }
}

/// Ranges of numbers among the labels of a list do not overlap and leave no gap.
fn check_ranges(list: &OptionList, language: &str, findings: &mut Findings) {
    let labelled =
        |option: &ListOption| option.label.0.get(language).and_then(|label| range(label));
    let mut ranges: Vec<(u64, u64)> = list.options.iter().filter_map(labelled).collect();
    ranges.sort_unstable();
    for pair in ranges.windows(2) {
        let [(from, to), (next, end)] = [pair[0], pair[1]];
        let code = if next <= to {
            "ranges-overlap"
        } else if next > to + 1 {
            "ranges-gap"
        } else {
            continue;
        };
        let (one, other) = (format!("{from}–{to}"), format!("{next}–{end}"));
        findings.warn(Problem::new(code, &list.name).with("one", one).with("other", other));
    }
}

/// Words before the end of a range that is not in it.
const EXCLUDED: [&str; 6] = [" less than ", " under ", " below ", " dưới ", " chưa đến ", "<"];

/// `18–29`, `18 to 29`, `từ 18 đến 29 tuổi`: the whole numbers of a label that
/// has just two; `5 to less than 10` ends at 9.
fn range(label: &str) -> Option<(u64, u64)> {
    let lower = label.to_lowercase();
    let joined = ["–", "-", " to ", " đến "].iter().any(|sign| lower.contains(sign));
    let mut numbers = Vec::new();
    let mut digits = String::new();
    let signs: Vec<char> = lower.chars().chain([' ']).collect();
    for (place, sign) in signs.iter().enumerate() {
        let thousands = matches!(sign, '.' | ',')
            && !digits.is_empty()
            && signs[place + 1..].iter().take_while(|sign| sign.is_ascii_digit()).count() == 3;
        if sign.is_ascii_digit() {
            digits.push(*sign);
        } else if !thousands && !digits.is_empty() {
            // A decimal fraction is no range of whole numbers.
            if matches!(sign, '.' | ',') && signs.get(place + 1).is_some_and(char::is_ascii_digit) {
                return None;
            }
            numbers.push(digits.parse().ok()?);
            digits.clear();
        }
    }
    match numbers.as_slice() {
        [from, to] if joined && from < to => {
            let excluded = EXCLUDED.iter().any(|words| lower.contains(words));
            Some((*from, to - u64::from(excluded)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(rules: &Rules, text: &str) -> Vec<&'static str> {
        rules.read(text).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn wording_that_misleads_is_told() {
        for (text, expected) in [
            ("How old are you?", &[][..]),
            ("Do you work? Where?", &["two-questions"]),
            ("Do you use buses and/or trains?", &["and-or"]),
            ("Don’t you think that fares are high?", &["leading"]),
            ("Do you always vote?", &["absolute"]),
            ("Should the city not allow shops without a licence?", &["double-negation"]),
            ("Did you vote or not?", &[]),
            ("How is ${name}? ${other}", &[]),
        ] {
            assert_eq!(codes(&ENGLISH, text), expected, "{text}");
        }
        for (text, expected) in [
            ("Ông/Bà có hài lòng không?", &[][..]),
            ("Ông/Bà đã từng đến đây chưa?", &[]),
            ("Ông/Bà không hài lòng không?", &[]),
            ("Ông/Bà có không đồng ý rằng không nên thu phí không?", &["double-negation"]),
            ("Đường phố sạch hơn, đúng không?", &["leading"]),
            ("Ông/Bà đi xe buýt và/hoặc tàu hỏa?", &["and-or"]),
            ("Ông/Bà luôn luôn đi bộ?", &["absolute"]),
        ] {
            assert_eq!(codes(&VIETNAMESE, text), expected, "{text}");
        }
        let long = "one ".repeat(26);
        assert_eq!(codes(&ENGLISH, &long), ["long-sentence"]);
    }

    #[test]
    fn labels_point_somewhere() {
        for (label, way) in [
            ("Strongly agree", 1),
            ("Disagree", -1),
            ("Neither agree nor disagree", 0),
            ("Not satisfied", -1),
            ("Not at all important", -1),
            ("Little trust", -1),
            ("Neutral", 0),
        ] {
            assert_eq!(ENGLISH.direction(label), way, "{label}");
        }
        for (label, way) in [
            ("Rất hài lòng", 1),
            ("Không hài lòng", -1),
            ("Hoàn toàn không đồng ý", -1),
            ("Không đồng ý cũng không phản đối", 0),
            ("Ít tin tưởng", -1),
            ("Bình thường", 0),
        ] {
            assert_eq!(VIETNAMESE.direction(label), way, "{label}");
        }
    }

    #[test]
    fn ranges_are_read_from_labels() {
        for (label, expected) in [
            ("18–29", Some((18, 29))),
            ("18 to 29 years", Some((18, 29))),
            ("Từ 5.000.000 đến 10.000.000 đồng", Some((5_000_000, 10_000_000))),
            ("Từ 5 đến dưới 10 triệu đồng", Some((5, 9))),
            ("5 to less than 10 million", Some((5, 9))),
            ("2026-2025", None),
            ("1.5-2.5", None),
            ("65+", None),
            ("Route 5, house 7", None),
        ] {
            assert_eq!(range(label), expected, "{label}");
        }
    }

    #[test]
    fn abbreviations_are_told_once_unless_explained() {
        let mut known = BTreeSet::new();
        assert_eq!(unexplained("Ông/Bà có thẻ BHYT không?", &mut known), ["BHYT"]);
        assert!(unexplained("Thẻ BHYT ở đâu?", &mut known).is_empty());
        assert!(unexplained("Ủy ban nhân dân (UBND) phường", &mut known).is_empty());
        assert!(unexplained("GIỚI TÍNH", &mut known).is_empty());
    }
}
