//! The words of a sheet: its headings, and what a row is. Like those of the notation they
//! are in both languages and read in both.

use super::super::super::answer::State;
use super::super::notation::{self, Words, is, word};
use super::super::{Column, Sort};

/// What a heading is called; a text has its language behind it in brackets.
fn words(column: &Column) -> (Words, Option<&str>) {
    match column {
        Column::Code => (("code", "mã"), None),
        Column::Kind => (("kind", "loại"), None),
        Column::Text(language) => (("text", "nội dung"), Some(language)),
        Column::Hint(language) => (("hint", "hướng dẫn"), Some(language)),
        Column::List => (("list", "danh sách"), None),
        Column::Relevant => (("shown if", "hiện khi"), None),
        Column::Required => (("if left blank", "khi để trống"), None),
        Column::Constraint => (("limit", "giới hạn"), None),
        Column::Message(language) => (("message", "thông báo"), Some(language)),
        Column::Missing => (("no answer", "không trả lời"), None),
        Column::Calculation => (("calculated as", "tính bằng"), None),
        Column::Instruction(language) => {
            (("for interviewers", "cho điều tra viên"), Some(language))
        }
        Column::Number => (("number", "số"), None),
        Column::Kept => (("also set", "thiết lập khác"), None),
    }
}

/// A heading.
pub fn heading(column: &Column, page: &str) -> String {
    let (words, language) = words(column);
    match language {
        Some(language) => format!("{} ({language})", word(words, page)),
        None => word(words, page).to_owned(),
    }
}

/// The column of a heading in either language; its language need not be one of the draft.
pub(super) fn column_of(said: &str) -> Option<Column> {
    let said = said.trim();
    let (name, language) = match said.strip_suffix(')').and_then(|said| said.rsplit_once('(')) {
        Some((name, language)) => (name.trim(), language.trim().to_owned()),
        None => (said, String::new()),
    };
    let texts = [Column::Text, Column::Hint, Column::Message, Column::Instruction];
    let found = texts.map(|of| of(language.clone())).into_iter().chain([
        Column::Code,
        Column::Kind,
        Column::List,
        Column::Relevant,
        Column::Required,
        Column::Constraint,
        Column::Missing,
        Column::Calculation,
        Column::Number,
        Column::Kept,
    ]);
    found
        .filter(|column| is(words(column).0, name))
        .find(|column| words(column).1.map_or(language.is_empty(), |language| !language.is_empty()))
}

const TITLE: Words = ("title", "tiêu đề");
const SECTION: Words = ("section", "phần");
const LEVEL: Words = ("section level", "phần cấp");
const END: Words = ("end of level", "hết cấp");
const PAGE: Words = ("page", "trang");
const ROW: Words = ("row", "dòng");

/// What a row is, and the kind of a question.
pub(super) fn sort_of(said: &str) -> Option<(Sort, &'static str)> {
    let said = said.trim();
    let depth = |words: Words| {
        let (name, depth) = said.rsplit_once(' ')?;
        depth.parse::<usize>().ok().filter(|depth| is(words, name) && (1..100).contains(depth))
    };
    let alone =
        [(TITLE, Sort::Title), (SECTION, Sort::Section(1)), (PAGE, Sort::Page), (ROW, Sort::Row)];
    let found = alone.into_iter().find(|(words, _)| is(*words, said)).map(|(_, sort)| sort);
    let sort =
        found.or_else(|| depth(LEVEL).map(Sort::Section)).or_else(|| depth(END).map(Sort::End));
    match sort {
        Some(sort) => Some((sort, "")),
        None => notation::kind_of(said).map(|kind| (Sort::Question, kind)),
    }
}

/// The word for what a row is.
pub(super) fn sort_word(sort: Sort, kind: &str, page: &str) -> String {
    match sort {
        Sort::Title => word(TITLE, page).to_owned(),
        Sort::Section(1) => word(SECTION, page).to_owned(),
        Sort::Section(depth) => format!("{} {depth}", word(LEVEL, page)),
        Sort::End(depth) => format!("{} {depth}", word(END, page)),
        Sort::Page => word(PAGE, page).to_owned(),
        Sort::Row => word(ROW, page).to_owned(),
        Sort::Question => notation::kind_word(kind, page).to_owned(),
        Sort::Option | Sort::List => String::new(),
    }
}

/// What the cell *kind* can say, in the language of the page: what is not a question, then
/// the kinds.
pub fn kinds(page: &str) -> Vec<String> {
    let sorts = [Sort::Section(1), Sort::Section(2), Sort::End(2), Sort::Page, Sort::Row];
    let mut all: Vec<String> = sorts.into_iter().map(|sort| sort_word(sort, "", page)).collect();
    all.extend(notation::kinds(page).into_iter().map(str::to_owned));
    all
}

const STATES: [(State, Words); 3] = [
    (State::DontKnow, ("don’t know", "không biết")),
    (State::Refused, ("prefer not to say", "không muốn trả lời")),
    (State::NotApplicable, ("does not apply", "không áp dụng")),
];

/// The ways not to answer, in the language of the page.
pub fn states(page: &str) -> Vec<&'static str> {
    STATES.iter().map(|(state, _)| state_word(*state, page)).collect()
}

pub(super) fn state_word(state: State, page: &str) -> &'static str {
    let found = STATES.iter().find(|(one, _)| *one == state);
    found.map_or(state.name(), |(_, words)| word(*words, page))
}

/// What such a word means, also with a straight apostrophe or by the name in data.
pub(super) fn state_of(said: &str) -> Option<State> {
    let said = said.trim().replace('\'', "’");
    let found = STATES.iter().find(|(_, words)| is(*words, &said)).map(|(state, _)| *state);
    found.or_else(|| State::from_name(&said).filter(|state| *state != State::Answered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_kinds_are_read_in_both_languages() {
        let of = |language: &str| language.to_owned();
        for column in [
            Column::Code,
            Column::Text(of("vi")),
            Column::Message(of("pt-BR")),
            Column::Kept,
            Column::Number,
        ] {
            for page in ["en", "vi"] {
                assert_eq!(column_of(&heading(&column, page)), Some(column.clone()));
            }
        }
        assert_eq!(column_of("text"), None);
        assert_eq!(column_of("code (vi)"), None);
        for page in ["en", "vi"] {
            for kind in kinds(page) {
                let (sort, name) = sort_of(&kind).expect("it is read");
                assert_eq!(sort_word(sort, name, page), kind);
            }
            for state in states(page) {
                assert_eq!(state_of(state).map(|state| state_word(state, page)), Some(state));
            }
        }
        assert_eq!(sort_of("section level x"), None);
    }
}
