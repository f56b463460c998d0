//! The notation of the text view: its signs and its words.
//!
//! ```text
//! = Title of the questionnaire
//! # [housing] A section; ## a section in it; "## /" ends that and goes on around it
//! shown if: consent = 1
//! --- [p1]                              a page
//! [age] whole number, must be answered, number 3
//! How old are you?                      the wording, on as many lines as it has
//! hint: In whole years
//! | and a second line of the text before
//! for interviewers: Do not read this out
//! shown if: adult = 1
//! ~ limits, picture                     what is set elsewhere; it stays whatever is here
//! [sex] choose one @[sexes]
//! - [1] Male                            an option
//! [trust] one choice per row @[agree]
//! * [trust_a] Neighbours                a row
//! [older] worked out from answers
//! calculated as: age >= 60
//! @ [agree]                             a list that several questions use
//! - [1] Agree
//! \# a line of a text that begins like something else
//! ```
//!
//! What is in square brackets is a code: by it a part is found again. Words may be in
//! either language, whatever the page is in; empty lines mean nothing. In codes `]` and
//! `\` stand after a `\`.

use super::super::document::Required;

/// A word of the notation in English and in Vietnamese.
pub(super) type Words = (&'static str, &'static str);

/// Each kind with its words; the first of the document's own names.
const KINDS: [(&str, Words); 27] = [
    ("single", ("choose one", "chọn một")),
    ("multiple", ("choose several", "chọn nhiều")),
    ("ranking", ("put in order", "xếp thứ tự")),
    ("best_worst", ("best and worst", "tốt nhất và kém nhất")),
    ("item_count", ("count of items", "đếm số mục")),
    ("choice_set", ("choice experiment", "thí nghiệm lựa chọn")),
    ("battery", ("one choice per row", "câu hỏi dạng bảng")),
    ("grid", ("grid with several columns", "bảng nhiều cột")),
    ("scale", ("scale with numbers", "thang điểm")),
    ("integer", ("whole number", "số nguyên")),
    ("decimal", ("number with decimals", "số thập phân")),
    ("duration", ("length of time", "khoảng thời gian")),
    ("short_text", ("short text", "văn bản ngắn")),
    ("long_text", ("long text", "văn bản dài")),
    ("date", ("date", "ngày tháng")),
    ("time", ("time of day", "giờ")),
    ("date_time", ("date and time", "ngày và giờ")),
    ("file", ("file", "tệp")),
    ("signature", ("signature", "chữ ký")),
    ("geo", ("place on a map", "vị trí trên bản đồ")),
    ("acknowledge", ("box to tick", "ô đánh dấu")),
    ("note", ("text to read", "đoạn để đọc")),
    ("consent", ("consent", "chấp thuận tham gia")),
    ("hidden", ("value known beforehand", "giá trị có sẵn")),
    ("arm", ("random group", "nhóm ngẫu nhiên")),
    ("computed", ("worked out from answers", "giá trị tính từ câu trả lời")),
    ("selection", ("who of the household", "chọn người trong hộ")),
];

/// What may stand on a line of its own under a part, before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Hint,
    Instruction,
    Relevant,
    Calculation,
}

const DETAILS: [(Detail, Words); 4] = [
    (Detail::Hint, ("hint", "hướng dẫn")),
    (Detail::Instruction, ("for interviewers", "cho điều tra viên")),
    (Detail::Relevant, ("shown if", "hiện khi")),
    (Detail::Calculation, ("calculated as", "tính bằng")),
];

const REQUIRED: [(Required, Words); 3] = [
    (Required::No, ("may be left blank", "được để trống")),
    (Required::Soft, ("asked once more", "hỏi lại một lần")),
    (Required::Hard, ("must be answered", "bắt buộc trả lời")),
];

/// Before the printed number.
pub(super) const NUMBER: Words = ("number", "số");

/// A word in the language of the page.
pub fn word(words: Words, language: &str) -> &'static str {
    if language == "vi" { words.1 } else { words.0 }
}

pub(super) fn is(words: Words, said: &str) -> bool {
    let said = said.to_lowercase();
    said == words.0 || said == words.1
}

/// The words of every kind of question, in the language of the page.
pub fn kinds(language: &str) -> Vec<&'static str> {
    KINDS.iter().map(|(_, words)| word(*words, language)).collect()
}

/// The word of a kind.
pub fn kind_word(kind: &str, language: &str) -> &'static str {
    let found = KINDS.iter().find(|(name, _)| *name == kind);
    found.map_or("", |(_, words)| word(*words, language))
}

/// The kind that a word means, also by the name in documents.
pub fn kind_of(said: &str) -> Option<&'static str> {
    let said = said.trim();
    let means = |(name, words): &&(&str, Words)| is(*words, said) || said == *name;
    KINDS.iter().find(means).map(|(name, _)| *name)
}

/// The word for what happens when a question is left blank.
pub fn required_word(required: Required, language: &str) -> &'static str {
    let found = REQUIRED.iter().find(|(one, _)| *one == required);
    found.map_or("", |(_, words)| word(*words, language))
}

/// What that word means.
pub fn required_of(said: &str) -> Option<Required> {
    REQUIRED.iter().find(|(_, words)| is(*words, said.trim())).map(|(one, _)| *one)
}

pub(super) fn detail_word(detail: Detail, language: &str) -> &'static str {
    let found = DETAILS.iter().find(|(one, _)| *one == detail);
    found.map_or("", |(_, words)| word(*words, language))
}

/// A line that begins with the word of a detail and a colon, and what comes after.
pub(super) fn detail_of(line: &str) -> Option<(Detail, &str)> {
    let (before, after) = line.split_once(':')?;
    let found = DETAILS.iter().find(|(_, words)| is(*words, before.trim()))?;
    Some((found.0, after.trim()))
}

/// A code in its brackets.
pub(super) fn bracketed(code: &str) -> String {
    let mut written = String::from("[");
    for sign in code.chars() {
        if matches!(sign, ']' | '\\') {
            written.push('\\');
        }
        written.push(sign);
    }
    written.push(']');
    written
}

/// A code at the beginning of a line, and what comes after it. `None` where the line does
/// not begin with a bracket; an error where the bracket has no end.
pub(super) fn code(line: &str) -> Option<Result<(String, &str), ()>> {
    let rest = line.strip_prefix('[')?;
    let (mut found, mut escaped) = (String::new(), false);
    for (at, sign) in rest.char_indices() {
        match sign {
            _ if escaped => {
                found.push(sign);
                escaped = false;
            }
            '\\' => escaped = true,
            ']' => return Some(Ok((found.trim().to_owned(), rest[at + 1..].trim_start()))),
            _ => found.push(sign),
        }
    }
    Some(Err(()))
}

/// Whether a line of a text would be read as something else.
pub(super) fn is_marked(line: &str) -> bool {
    line.is_empty()
        || line.starts_with(['=', '#', '[', '-', '*', '@', '|', '~', '\\'])
        || detail_of(line).is_some()
}
