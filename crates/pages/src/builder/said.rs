//! Conditions as the pages of the builder say them: questions by number or words,
//! options by label, never by code; and as it is written what has no plain words.

use std::collections::HashMap;

use locale::FluentValue;
use serde::Serialize;
use survey_builder::problem::Problem;
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::document::{Kind, Text};
use survey_builder::questionnaire::expression::spoken::{
    How, Leaf, Operand, Spoken, Subject, Test,
};
use survey_builder::questionnaire::expression::{Expected, Type, compile, print_number};
use survey_builder::questionnaire::names::{WithSelf, reference};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use crate::paper;
use crate::paper::condition::Named;

/// Signs of a wording that stand for a question in a sentence.
const SHORT: usize = 44;

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The words, with the spaces around them.
    pub text: String,
    /// Whether it is an expression as it is written.
    pub code: bool,
}

impl Said {
    /// Words.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: false }
    }

    fn code(text: &str) -> Self {
        Self { text: text.to_owned(), code: true }
    }
}

/// The pieces in a row, without marks.
pub fn plain(pieces: &[Said]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Says the conditions of a version to who reads a page.
pub struct Speaker<'a> {
    version: &'a Version,
    language: &'a str,
    /// The language of the questionnaire's texts.
    shown: &'a str,
    names: HashMap<String, Named>,
    /// What is asked, for those who do not see its number beside it.
    wordings: Option<HashMap<String, String>>,
}

impl<'a> Speaker<'a> {
    /// Says the conditions of a version; questions are called by number.
    pub fn new(version: &'a Version, language: &'a str) -> Self {
        let document = &version.document;
        let known = document.languages.iter().any(|one| one.code == language);
        let shown = if known { language } else { document.default_language.as_str() };
        let labels = paper::labels(document);
        let mut names = paper::names(version, &labels, language, shown);
        // What has no number is called by its words, not by its name in data.
        for question in document.questions().filter(|one| !labels.contains_key(&one.name)) {
            let wording = short(question.wording.get(shown, &document.default_language));
            if let Some(named) =
                names.get_mut(&reference(question.id)).filter(|_| !wording.is_empty())
            {
                named.words = locale::text(language, "say-quoted", &[("words", &wording)]);
            }
        }
        Self { version, language, shown, names, wordings: None }
    }

    /// The same with what is asked beside the numbers.
    #[must_use]
    pub fn in_full(mut self) -> Self {
        let document = &self.version.document;
        let questions = document.questions().filter(|one| one.items().len() == 1);
        let wording = |text: &Text| short(text.get(self.shown, &document.default_language));
        let wordings = questions
            .map(|one| (reference(one.id), wording(&one.wording)))
            .filter(|(_, words)| !words.is_empty());
        self.wordings = Some(wordings.collect());
        self
    }

    /// The language in which the questionnaire's texts are shown.
    pub fn shown(&self) -> &str {
        self.shown
    }

    /// The beginning of a text of the questionnaire.
    pub fn text_of(&self, text: &Text) -> String {
        short(text.get(self.shown, &self.version.document.default_language))
    }

    /// A condition as it is written. `own` is the type of the value being checked.
    pub fn condition(&self, text: &str, own: Option<Type>) -> Vec<Said> {
        let list = own.as_ref().and_then(list_of).map(str::to_owned);
        let scope = WithSelf { names: self.version.names(), kind: own };
        match compile(text, &scope, Some(Expected::Condition)) {
            Ok(expression) => self.spoken(&expression.spoken(), list.as_deref()),
            Err(_) => vec![Said::code(text)],
        }
    }

    /// A condition that may not be there.
    pub fn optional(&self, text: Option<&String>) -> Vec<Said> {
        text.map(|text| self.condition(text, None)).unwrap_or_default()
    }

    /// A problem with the condition that it is about in words, where all of that can be
    /// said.
    pub fn in_words(&self, problem: &Problem) -> Problem {
        let mut problem = problem.clone();
        for (name, argument) in &mut problem.arguments {
            if name == "expression"
                && let Some(text) = argument.as_text()
            {
                let pieces = self.condition(text, None);
                if pieces.iter().all(|piece| !piece.code) {
                    *argument = plain(&pieces).into();
                }
            }
        }
        problem
    }

    /// A condition in parts. `own` is the list of the value being checked.
    pub fn spoken(&self, spoken: &Spoken, own: Option<&str>) -> Vec<Said> {
        let mut pieces: Vec<Said> = Vec::new();
        self.say(spoken, own, false, &mut pieces);
        let mut joined: Vec<Said> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match joined.last_mut() {
                Some(last) if !last.code && !piece.code => last.text.push_str(&piece.text),
                _ => joined.push(piece),
            }
        }
        joined
    }

    fn say(&self, spoken: &Spoken, own: Option<&str>, inside: bool, pieces: &mut Vec<Said>) {
        let (parts, word) = match spoken {
            Spoken::Leaf(leaf) => return pieces.push(self.leaf(leaf, own)),
            Spoken::All(parts) => (parts, "say-and"),
            Spoken::Any(parts) => (parts, "say-or"),
        };
        let word = format!(" {} ", self.text(word, &[]));
        if inside {
            pieces.push(Said::words("("));
        }
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                pieces.push(Said::words(word.as_str()));
            }
            self.say(part, own, true, pieces);
        }
        if inside {
            pieces.push(Said::words(")"));
        }
    }

    /// A part that has no parts.
    pub fn leaf(&self, leaf: &Leaf, own: Option<&str>) -> Said {
        match &leaf.test {
            Some(test) => Said::words(self.test(test, own)),
            None => Said::code(&leaf.text),
        }
    }

    fn test(&self, test: &Test, own: Option<&str>) -> String {
        let subject = match &test.of {
            Subject::Answer(reference) => self.name(reference),
            Subject::Count(reference) => {
                self.text("say-count-selected", &[("a", &self.name(reference))])
            }
            Subject::Own => self.text("say-self", &[]),
        };
        let list = match &test.of {
            Subject::Answer(reference) => self.list(reference),
            Subject::Own => own,
            Subject::Count(_) => None,
        };
        let with: Vec<String> = test.with.iter().map(|one| self.operand(one, list)).collect();
        let values = match test.how {
            How::OneOf | How::NoneOf => vec![subject, with.join(", ")],
            _ => std::iter::once(subject).chain(with).collect(),
        };
        let mut arguments = Vec::new();
        for (name, value) in ["a", "b", "c"].into_iter().zip(values) {
            arguments.push((name, FluentValue::from(value)));
        }
        let key = self.key(test);
        locale::format(self.language, key, arguments).unwrap_or_else(|| key.to_owned())
    }

    /// The key of what a test is said as.
    fn key(&self, test: &Test) -> &'static str {
        let question = test.of.reference().and_then(|reference| self.question_kind(reference));
        let day = match &test.of {
            Subject::Answer(reference) => self.answers(reference) == Some(&Type::Date),
            _ => false,
        };
        let ticked = matches!(question, Some(Kind::Acknowledge));
        let several = !matches!(&test.of, Subject::Answer(it) if self.is_one(it));
        match test.how {
            How::OneOf => "say-in",
            How::NoneOf => "say-no-in",
            How::Includes if several => "say-selected",
            // Of one answer that is the same.
            How::Is | How::Includes => "say-equal",
            How::Excludes if several => "say-no-selected",
            How::IsNot | How::Excludes => "say-not-equal",
            How::Less if day => "say-day-less",
            How::Less => "say-less",
            How::AtMost if day => "say-day-at-most",
            How::AtMost => "say-at-most",
            How::More if day => "say-day-greater",
            How::More => "say-greater",
            How::AtLeast if day => "say-day-at-least",
            How::AtLeast => "say-at-least",
            How::Between => "say-between",
            How::Contains => "say-contains",
            How::StartsWith => "say-starts-with",
            How::EndsWith => "say-ends-with",
            How::Yes if ticked => "say-ticked",
            How::Yes => "say-holds",
            How::No if ticked => "say-not-ticked",
            How::No => "say-holds-not",
            How::Answered => "say-answered",
            How::NotAnswered => "say-no-answered",
            How::Skipped => "say-skipped",
            How::Refused => "say-refused",
            How::DontKnow => "say-dont-know",
            How::NotApplicable => "say-not-applicable",
            How::Asked => "say-asked",
            How::NotAsked => "say-no-asked",
        }
    }

    /// What a question is called in a sentence.
    pub fn name(&self, reference: &str) -> String {
        let words = self.names.get(reference).map_or(reference, |named| named.words.as_str());
        match self.wordings.as_ref().and_then(|wordings| wordings.get(reference)) {
            Some(wording) => format!("{words} ({wording})"),
            None => words.to_owned(),
        }
    }

    fn list(&self, reference: &str) -> Option<&str> {
        self.names.get(reference)?.list.as_deref()
    }

    fn answers(&self, reference: &str) -> Option<&Type> {
        let item = Uuid::try_parse(reference).ok()?;
        let question = self.version.question(item)?;
        let named = question.items().into_iter().find(|one| one.id == item);
        let name = named.map_or_else(|| question.name.clone(), |one| one.name.into_owned());
        self.version.answer_type(&name)
    }

    fn is_one(&self, reference: &str) -> bool {
        matches!(self.answers(reference), Some(Type::Option(_)))
    }

    fn question_kind(&self, reference: &str) -> Option<&Kind> {
        let item = Uuid::try_parse(reference).ok()?;
        self.version.question(item).map(|question| &question.kind)
    }

    fn operand(&self, operand: &Operand, list: Option<&str>) -> String {
        match operand {
            Operand::Answer(reference) => self.name(reference),
            Operand::Today => self.text("say-today", &[]),
            Operand::Value(value) => self.value(value, list),
        }
    }

    fn value(&self, value: &Value, list: Option<&str>) -> String {
        let quoted = |words: &str| self.text("say-quoted", &[("words", words)]);
        match value {
            Value::Bool(true) => self.text("say-true", &[]),
            Value::Bool(false) => self.text("say-false", &[]),
            Value::Number(number) => number_written(*number, self.language),
            Value::Text(text) => quoted(text),
            Value::Date(day) => locale::date(*day),
            Value::Time(minute) => time_written(*minute),
            Value::Option(code) => quoted(&self.label(list, code)),
            Value::Set(codes) => {
                let labels = codes.iter().map(|code| quoted(&self.label(list, code)));
                labels.collect::<Vec<_>>().join(", ")
            }
            Value::List(_) => String::new(),
        }
    }

    /// The label of an option; its code only where it has none.
    pub fn label(&self, list: Option<&str>, code: &str) -> String {
        let option = list.and_then(|list| self.version.option(list, code));
        let fallback = &self.version.document.default_language;
        match option.map(|option| option.label.get(self.shown, fallback)) {
            Some(label) if !label.trim().is_empty() => label.to_owned(),
            _ => code.to_owned(),
        }
    }

    fn text(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        locale::text(self.language, key, arguments)
    }
}

/// A number as it is typed in a language.
pub fn number_written(number: f64, language: &str) -> String {
    let written = print_number(number);
    if language == "vi" { written.replace('.', ",") } else { written }
}

/// A minute of the day as it is typed.
pub fn time_written(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The list that answers of a type are of.
pub fn list_of(kind: &Type) -> Option<&str> {
    match kind {
        Type::Option(list) | Type::Set(list) => Some(list),
        _ => None,
    }
}

/// The beginning of a wording, at the end of a word.
pub fn short(wording: &str) -> String {
    let line: Vec<&str> = wording.split_whitespace().collect();
    let whole = line.join(" ");
    if whole.chars().count() <= SHORT {
        return whole;
    }
    let mut kept = String::new();
    for word in line {
        if kept.chars().count() + word.chars().count() >= SHORT {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    if kept.is_empty() {
        kept = whole.chars().take(SHORT).collect();
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::compile::compile_version;
    use survey_builder::questionnaire::document::Document;

    use super::*;

    fn version(json: &str) -> Version {
        let document: Document = serde_json::from_str(json).expect("a document");
        compile_version(document).0
    }

    #[test]
    fn conditions_are_said_with_labels_in_both_languages() {
        let version = version(include_str!("../../../../fixtures/questionnaires/all-kinds.json"));
        for (text, english, vietnamese) in CASES {
            for (language, wanted) in [("en", english), ("vi", vietnamese)] {
                let pieces = Speaker::new(&version, language).condition(text, None);
                let said: String =
                    pieces
                        .iter()
                        .map(|piece| {
                            if piece.code {
                                format!("`{}`", piece.text)
                            } else {
                                piece.text.clone()
                            }
                        })
                        .collect();
                assert_eq!(said, *wanted, "{text} in {language}");
            }
        }
    }

    const CASES: &[(&str, &str, &str)] = &[
        ("works = 'yes'", "question 1 is “Yes”", "câu 1 là “Có”"),
        (
            "works != 'yes' and (age >= 18 or hours < 2.5)",
            "question 1 is not “Yes” and (question 7 is at least 18 or question 2 is less than 2.5)",
            "câu 1 không phải là “Có” và (câu 7 từ 18 trở lên hoặc câu 2 nhỏ hơn 2,5)",
        ),
        (
            "works in ('yes', 'dk')",
            "question 1 is one of “Yes”, “Do not know”",
            "câu 1 là một trong “Có”, “Không biết”",
        ),
        (
            "not(works in ('yes', 'dk'))",
            "question 1 is not one of “Yes”, “Do not know”",
            "câu 1 không thuộc “Có”, “Không biết”",
        ),
        ("selected(uses, 'bus')", "question 3 includes “Bus”", "câu 3 có chọn “Xe buýt”"),
        ("not(selected(most, 'bus'))", "question 4 is not “Bus”", "câu 4 không phải là “Xe buýt”"),
        (
            "count_selected(uses) > 1",
            "the number of options chosen at question 3 is more than 1",
            "số phương án đã chọn ở câu 3 lớn hơn 1",
        ),
        (
            "since >= date('2026-09-02')",
            "question 8 is on or after 02/09/2026",
            "câu 8 là 02/09/2026 hoặc sau đó",
        ),
        (
            "answered(job) and length(job) > 3",
            "question 9 is answered and `length(job) > 3`",
            "câu 9 đã được trả lời và `length(job) > 3`",
        ),
        (
            "consent = '1'",
            "“Do you agree to take part?” is “I agree”",
            "“Bạn có đồng ý tham gia không?” là “Tôi đồng ý”",
        ),
    ];

    #[test]
    fn what_cannot_be_read_stays_as_it_is() {
        let version = version(include_str!("../../../../fixtures/questionnaires/all-kinds.json"));
        let speaker = Speaker::new(&version, "en");
        assert_eq!(speaker.condition("nobody = (1", None), vec![Said::code("nobody = (1")]);
    }

    #[test]
    fn a_wording_is_cut_between_words() {
        assert_eq!(short("How old  are\nyou?"), "How old are you?");
        let long = "In the last twelve months, how often did you go there?";
        assert_eq!(short(long), "In the last twelve months, how often did you…");
        assert_eq!(short(&"x".repeat(60)), format!("{}…", "x".repeat(SHORT)));
    }
}
