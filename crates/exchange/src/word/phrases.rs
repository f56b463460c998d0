//! The words by which questionnaires on paper say what is to be done, in
//! Vietnamese and English.

/// Whether a text holds one of the words; capitals do not matter.
fn holds(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

/// Several options may be ticked.
pub(super) fn allows_several(text: &str) -> bool {
    holds(
        text,
        &[
            "chọn tất cả",
            "nhiều lựa chọn",
            "nhiều phương án",
            "nhiều đáp án",
            "chọn nhiều",
            "nhiều câu trả lời",
            "nhiều ý",
            "đánh dấu tất cả",
            "khoanh tất cả",
            "tất cả các phương án phù hợp",
            "select all",
            "check all",
            "tick all",
            "mark all",
            "circle all",
            "choose all",
            "all that apply",
            "multiple answers",
            "multiple response",
            "more than one",
            "several answers",
            "up to two",
            "up to three",
            "chọn tối đa",
        ],
    )
}

/// Options are put in an order.
pub(super) fn asks_for_order(text: &str) -> bool {
    holds(
        text,
        &["xếp hạng", "xếp thứ tự", "theo thứ tự ưu tiên", "rank the", "rank these", "in order of"],
    )
}

/// The most options that may be ticked, where a text says it.
pub(super) fn at_most(text: &str) -> Option<u32> {
    const NUMBERS: [(&str, u32); 8] = [
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("hai", 2),
        ("ba", 3),
        ("bốn", 4),
        ("năm", 5),
    ];
    let lower = text.to_lowercase();
    let after = ["chọn tối đa", "tối đa", "up to", "at most", "maximum of", "no more than"]
        .iter()
        .find_map(|words| lower.split_once(words).map(|(_, rest)| rest.trim_start().to_owned()))?;
    let word: String = after.chars().take_while(|next| next.is_alphanumeric()).collect();
    let known = NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    word.parse().ok().or(known).filter(|most| (2..100).contains(most))
}

/// It is for the interviewer.
pub(super) fn is_for_interviewer(text: &str) -> bool {
    holds(
        text,
        &[
            "đtv",
            "điều tra viên",
            "pvv",
            "phỏng vấn viên",
            "interviewer",
            "enumerator",
            "read out",
            "do not read",
            "show card",
            "đọc từng",
            "không đọc",
        ],
    )
}

/// It says how to answer.
pub(super) fn instructs(text: &str) -> bool {
    is_for_interviewer(text)
        || allows_several(text)
        || holds(
            text,
            &[
                "chọn",
                "khoanh",
                "đánh dấu",
                "tích",
                "ghi",
                "xin vui lòng",
                "điền",
                "select",
                "circle",
                "tick",
                "mark",
                "choose",
                "please",
                "specify",
                "check",
                "write",
                "enter",
                "answer",
                "one only",
                "in words",
                "1 =",
                "1=",
            ],
        )
}

/// The words of an option that means there is no answer, and which reason it is.
pub(super) fn is_dont_know(label: &str) -> bool {
    is_one_of(
        label,
        &["không biết", "không rõ", "kb", "don't know", "don’t know", "do not know", "dk"],
    )
}

/// The same for a refusal.
pub(super) fn is_refusal(label: &str) -> bool {
    is_one_of(
        label,
        &[
            "từ chối trả lời",
            "không muốn trả lời",
            "không trả lời",
            "từ chối",
            "refused",
            "refuse to answer",
            "prefer not to say",
            "prefer not to answer",
        ],
    )
}

fn is_one_of(label: &str, words: &[&str]) -> bool {
    let label = label.trim().trim_matches(['.', '(', ')', '[', ']']).to_lowercase();
    words.contains(&label.as_str())
}

/// It thanks for the answers, or says that nothing follows.
pub(super) fn closes(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "cảm ơn",
        "cám ơn",
        "trân trọng cảm ơn",
        "chân thành cảm ơn",
        "kết thúc phỏng vấn",
        "kết thúc bảng hỏi",
        "kết thúc phiếu",
        "thank you",
        "thanks for",
        "many thanks",
        "end of the questionnaire",
        "end of the interview",
    ];
    let lower = text.trim_start_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
    let said = ["xin ", "rất ", "chúng tôi "]
        .iter()
        .fold(lower.as_str(), |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    WORDS.iter().any(|word| said.starts_with(word))
}

/// It begins as the heading of a part does.
pub(super) fn begins_a_part(text: &str) -> bool {
    const PARTS: [&str; 7] = ["phần", "mục", "section", "part", "module", "chương", "block"];
    let lower = text.to_lowercase();
    PARTS.iter().any(|part| {
        let Some(rest) = lower.strip_prefix(part) else { return false };
        let mut words = rest.split(|next: char| !next.is_alphanumeric());
        let number = words.find(|word| !word.is_empty()).unwrap_or_default();
        let numbers = ["một", "hai", "ba", "bốn", "năm", "one", "two", "three", "four", "five"];
        rest.starts_with([' ', '\u{a0}'])
            && (number.len() <= 4
                && number.bytes().all(|it| it.is_ascii_digit() || b"ivxabcdefgh".contains(&it))
                || numbers.contains(&number))
    })
}

/// It is the heading of a column that only numbers the rows.
pub(super) fn is_row_number(text: &str) -> bool {
    is_one_of(text, &["", "stt", "tt", "no", "no.", "#", "nr", "mã", "code", "mã số", "số tt"])
}
