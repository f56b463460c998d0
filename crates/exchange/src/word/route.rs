//! Sentences that say where to go on: "If no, go to Q12", "Nếu không, chuyển sang
//! câu 12", "→ C5", "Ask if Q3 = 1".

/// Where a sentence leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The question of that printed number.
    Question(String),
    /// The part of that number or letter.
    Part(String),
    End,
}

/// What a sentence says of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// The question, where the sentence names one.
    pub question: Option<String>,
    /// The answer in its words or codes.
    pub answer: String,
}

/// A sentence of routing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// None: always.
    pub when: Option<When>,
    /// None: the question that the sentence stands before is asked then only.
    pub to: Option<Target>,
}

const ARROWS: [&str; 11] = ["→", "->", "=>", "⇒", "➔", "➜", "➡", "►", "▶", ">>", "⟶"];

const GOING: [&str; 17] = [
    "chuyển sang",
    "chuyển đến",
    "chuyển tới",
    "chuyển qua",
    "chuyển xuống",
    "chuyển câu",
    "chuyển phần",
    "nhảy đến",
    "bỏ qua đến",
    "đến câu",
    "sang câu",
    "kết thúc",
    "go to",
    "goto",
    "skip to",
    "jump to",
    "end of",
];

const LEAD: [&str; 6] = ["nếu như", "nếu", "trường hợp", "if", "when", "khi"];

const FILTERS: [&str; 10] = [
    "chỉ hỏi nếu",
    "chỉ hỏi khi",
    "hỏi nếu",
    "hỏi khi",
    "trả lời nếu",
    "ask only if",
    "only ask if",
    "ask if",
    "only if",
    "answer if",
];

/// Whether a line is nothing but a sentence of routing.
pub(super) fn is_sentence(text: &str) -> bool {
    let text = bare(text);
    let conditional = after_one(text, &LEAD).is_some()
        || FILTERS.iter().any(|filter| after_one(text, &[filter]).is_some())
        || named(text).0.is_some();
    !text.ends_with('?') && (conditional || starts_so(text)) && read(text).is_some()
}

fn starts_so(text: &str) -> bool {
    let lower = text.to_lowercase();
    ARROWS.iter().chain(&GOING).any(|word| lower.starts_with(word))
}

/// Whether it says of whom something is asked.
pub(super) fn is_filter(text: &str) -> bool {
    read(bare(text)).is_some_and(|route| route.to.is_none())
}

/// A text without the direction at its end, and that.
pub(super) fn behind(text: &str) -> (String, Option<String>) {
    let whole = text.trim();
    if let Some(inner) = whole.strip_suffix([')', ']'])
        && let Some(place) = inner.rfind(['(', '['])
    {
        let said = &inner[place + 1..];
        if leads(said) && !whole[..place].trim().is_empty() {
            return (whole[..place].trim().to_owned(), Some(said.trim().to_owned()));
        }
    }
    if let Some(lower) = in_small(whole) {
        let places = ARROWS.iter().chain(&GOING).filter_map(|word| lower.find(word));
        if let Some(place) = places.min()
            && place > 0
            && leads(&whole[place..])
        {
            let head = whole[..place].trim_end_matches([' ', '\t', ',', ';', '-', '(', '.', '…']);
            return (head.to_owned(), Some(whole[place..].trim().to_owned()));
        }
    }
    (whole.to_owned(), None)
}

/// Whether a text is a direction to somewhere.
fn leads(text: &str) -> bool {
    let text = text.trim();
    starts_so(text) && read(text).is_some_and(|route| route.to.is_some() && route.when.is_none())
}

/// A text in small letters, where each stays as long as it was: then places in it are
/// places in the text.
fn in_small(text: &str) -> Option<String> {
    let mut small = String::with_capacity(text.len());
    for sign in text.chars() {
        let before = small.len();
        small.extend(sign.to_lowercase());
        if small.len() - before != sign.len_utf8() {
            return None;
        }
    }
    Some(small)
}

fn bare(text: &str) -> &str {
    text.trim().trim_matches(['(', ')', '[', ']', '*', '"', ' ', '.', '“', '”'])
}

/// Reads a sentence; none where it is not certainly one of routing.
pub(super) fn read(text: &str) -> Option<Route> {
    let text = bare(text);
    let lower = in_small(text).filter(|lower| lower.len() <= 300)?;
    if let Some(filter) = FILTERS.iter().find(|filter| lower.starts_with(**filter)) {
        let when = when(&text[filter.len()..])?;
        return Some(Route { when: Some(when), to: None });
    }
    let found = ARROWS.iter().chain(&GOING).filter_map(|word| Some((lower.find(word)?, *word)));
    let (place, word) = found.min_by_key(|(place, word)| (*place, usize::MAX - word.len()))?;
    let (before, after) = (&text[..place], &text[place..]);
    let after_word =
        if word == "kết thúc" || word == "end of" { after } else { &after[word.len()..] };
    let (aim, condition) = split_condition(after_word);
    let to = target(aim)?;
    let condition = condition.or_else(|| (!before.trim().is_empty()).then_some(before));
    let when = match condition {
        Some(condition) => Some(when(condition)?),
        None => None,
    };
    Some(Route { when, to: Some(to) })
}

/// A target with the condition behind it: `Q12 if no`.
fn split_condition(text: &str) -> (&str, Option<&str>) {
    if let Some(lower) = in_small(text) {
        for word in [" nếu ", " if "] {
            if let Some(place) = lower.find(word) {
                return (&text[..place], Some(&text[place + word.len()..]));
            }
        }
    }
    (text, None)
}

/// What follows one of the words at the beginning, if one does.
fn after_one<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let text = text.trim_start();
    let lower = in_small(text)?;
    words.iter().find_map(|word| {
        let rest = lower.strip_prefix(word)?;
        let ends = rest.is_empty()
            || !word.ends_with(char::is_alphabetic)
            || !rest.starts_with(char::is_alphabetic);
        ends.then(|| &text[word.len()..])
    })
}

fn target(text: &str) -> Option<Target> {
    const FILLING: [&str; 19] = [
        "chuyển",
        "sang",
        "đến",
        "tới",
        "qua",
        "xuống",
        "câu hỏi",
        "câu",
        "question",
        "questions",
        "go",
        "skip",
        "to",
        "trả lời",
        "tiếp",
        "→",
        "->",
        "=>",
        "the",
    ];
    const PARTS: [&str; 5] = ["phần", "mục", "section", "part", "module"];
    const ENDS: [&str; 10] =
        ["kết thúc", "dừng", "cuối", "hết", "end", "stop", "terminate", "close", "thank", "cảm ơn"];
    let mut rest = text.trim();
    while let Some(after) = after_one(rest, &FILLING) {
        rest = after;
    }
    if after_one(rest, &ENDS).is_some() {
        return Some(Target::End);
    }
    let (is_part, rest) = match after_one(rest, &PARTS) {
        Some(after) => (true, after.trim_start()),
        None => (false, rest.trim_start()),
    };
    let inside = |next: &char| next.is_ascii_alphanumeric() || matches!(next, '.' | '_');
    let token: String = rest.chars().take_while(inside).collect();
    let behind = rest[token.len()..].trim_start();
    let token = token.trim_end_matches(['.', '_']);
    let has_digit = token.bytes().any(|next| next.is_ascii_digit());
    if token.is_empty() || token.len() > 8 || behind.chars().count() > 40 {
        None
    } else if is_part {
        Some(Target::Part(token.to_uppercase()))
    } else {
        has_digit.then(|| Target::Question(token.to_uppercase()))
    }
}

/// The condition of a sentence; none where it is more than one answer to one
/// question.
fn when(text: &str) -> Option<When> {
    const ANSWERED: [&str; 23] = [
        "người trả lời",
        "đối tượng",
        "ông/bà",
        "anh/chị",
        "respondent",
        "you",
        "trả lời là",
        "trả lời",
        "câu trả lời là",
        "chọn đáp án",
        "chọn phương án",
        "chọn",
        "đáp án",
        "phương án",
        "mã số",
        "mã",
        "là",
        "the answer is",
        "answered",
        "answers",
        "answer is",
        "coded",
        "code",
    ];
    let mut rest = text.trim().trim_matches(['(', ')', '[', ']', ',', ':', ' ']);
    while let Some(after) = after_one(rest, &LEAD) {
        rest = after;
    }
    for end in ["thì", "then", "please", "xin", "vui lòng"] {
        let cut = rest.trim_end_matches([',', ' ', ':', ';']);
        rest = cut.strip_suffix(end).unwrap_or(cut);
    }
    let (question, mut rest) = named(rest.trim_matches([',', ' ', ':', ';', '-', '–']));
    let mut before = usize::MAX;
    while rest.len() < before {
        before = rest.len();
        rest = after_one(rest, &ANSWERED).unwrap_or(rest).trim_start();
        rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        if let Some(after) = after_one(rest, &["is"]) {
            rest = after;
        }
    }
    let answer = rest.trim().trim_matches(['"', '\'', '“', '”', '‘', '’', '«', '»', '.', ',', ' ']);
    let compares = answer.contains(['<', '>', '≠', '=', '≥', '≤', '!']);
    (!answer.is_empty() && !compares && answer.chars().count() <= 80)
        .then(|| When { question, answer: answer.to_owned() })
}

/// The question that a condition names first, and what follows.
fn named(text: &str) -> (Option<String>, &str) {
    let spelled =
        after_one(text, &["ở câu hỏi", "ở câu", "câu hỏi", "câu", "at question", "question"]);
    let rest = spelled.unwrap_or(text).trim_start();
    let token: String = rest
        .chars()
        .take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_'))
        .collect();
    let letters = token.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = token.bytes().any(|next| next.is_ascii_digit());
    let after = &rest[token.len()..];
    let fits = digits && (spelled.is_some() || (1..=3).contains(&letters));
    if fits && !after.trim().is_empty() {
        (Some(token.to_uppercase()), after)
    } else {
        (None, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_say_who_goes_where() {
        let question = |number: &str| Some(Target::Question(number.to_owned()));
        for (text, of, answer, to) in [
            ("Nếu không, chuyển sang câu 12", None, Some("không"), question("12")),
            ("If No, go to Q12.", None, Some("No"), question("Q12")),
            ("(Nếu C5 = 2 → C9)", Some("C5"), Some("2"), question("C9")),
            ("If code 2, skip to Section C", None, Some("2"), Some(Target::Part("C".to_owned()))),
            ("→ C5", None, None, question("C5")),
            ("Skip to Q9 if Yes", None, Some("Yes"), question("Q9")),
            ("Nếu trả lời “Không” thì kết thúc phỏng vấn", None, Some("Không"), Some(Target::End)),
            ("Chỉ hỏi nếu câu 3 chọn Có", Some("3"), Some("Có"), None),
            ("[Ask if Q3 = 1]", Some("Q3"), Some("1"), None),
        ] {
            let route = read(text).unwrap_or_else(|| panic!("{text}"));
            let when = route.when.as_ref();
            assert_eq!(when.and_then(|when| when.question.as_deref()), of, "{text}");
            assert_eq!(when.map(|when| when.answer.as_str()), answer, "{text}");
            assert_eq!(route.to, to, "{text}");
            assert!(is_sentence(text), "{text}");
        }
        for text in [
            "If yes, how many?",
            "Ông/Bà có đi đến Hà Nội không?",
            "How often do you go to the market?",
            "Nếu tuổi < 18, chuyển câu 3",
        ] {
            assert!(!is_sentence(text), "{text}");
        }
    }

    /// Letters that are longer or shorter in small move all places behind them.
    #[test]
    fn letters_that_change_their_length_cut_nothing_in_two() {
        for text in ["ẞ→ C5 İ", "ẞ go to Q3 İ", "If ẞ then go to Q3 if İ", "Nếu ẞİ → C5"]
        {
            assert_eq!(read(text), None, "{text}");
            assert_eq!(behind(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn directions_are_cut_from_options() {
        for (text, head, route) in [
            ("Không → C5", "Không", Some("→ C5")),
            ("No (go to Q9)", "No", Some("go to Q9")),
            ("Không (chuyển câu 7)", "Không", Some("chuyển câu 7")),
            ("No  SKIP TO Q7", "No", Some("SKIP TO Q7")),
            ("I go to the market", "I go to the market", None),
        ] {
            assert_eq!(behind(text), (head.to_owned(), route.map(str::to_owned)), "{text}");
        }
    }
}
