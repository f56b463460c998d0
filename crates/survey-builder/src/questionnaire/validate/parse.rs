//! From typed text to answers.

use chrono::{Datelike as _, NaiveDate};
use unicode_normalization::UnicodeNormalization as _;

use super::super::answer::{Answer, State, Value};
use super::super::document::{
    DatePart, DateRange, Item, Kind, ListOption, MultipleChoice, NumberRange, Question, Scale,
    Text, TextFormat, TextRule,
};
use super::super::expression::print_number;
use super::super::version::Version;
use super::place::parse_places;
use super::{Posted, TEXT_LIMIT};

/// What is wrong with what was typed: the code of the message and its words.
pub(super) struct Fault {
    pub code: &'static str,
    pub arguments: Vec<(String, String)>,
    pub message: Option<Text>,
}

impl Fault {
    pub fn new(code: &'static str) -> Self {
        Self { code, arguments: Vec::new(), message: None }
    }

    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.arguments.push((name.to_owned(), value.to_string()));
        self
    }
}

/// An answer, a blank, or what is wrong.
pub(super) type Parsed = Result<Option<Answer>, Fault>;

/// The answer to one item in what a form sent.
pub(super) fn parse(
    version: &Version,
    question: &Question,
    item: &Item<'_>,
    posted: &Posted,
    offered: &[String],
) -> Parsed {
    let name: &str = &item.name;
    if let Some(state) = posted.get(&format!("{name}.state")).and_then(|values| values.first()) {
        return match State::from_name(state) {
            Some(state) if question.offers.contains(&state) => Ok(Some(Answer::Missing(state))),
            _ => Err(Fault::new("unknown_option")),
        };
    }
    let values: Vec<String> = posted
        .get(name)
        .map(|values| {
            values.iter().map(|value| value.trim().nfc().collect::<String>()).collect::<Vec<_>>()
        })
        .unwrap_or_default()
        .into_iter()
        .filter(|value| !value.is_empty())
        .collect();
    let kind = item.kind_in(question);
    if let Some(fault) = posted.get(&format!("{name}.fault")) {
        return Err(refused_file(fault));
    }
    let values = with_other(question, item, posted, values);
    let Some(first) = values.first() else { return Ok(None) };
    match &*kind {
        Kind::Single(_)
        | Kind::Consent(_)
        | Kind::Battery(_)
        | Kind::BestWorst(_)
        | Kind::ChoiceSet(_) => parse_single(version, &kind, &values, offered),
        Kind::ItemCount(_) => parse_count(first, offered.len()),
        Kind::Multiple(multiple) => parse_multiple(version, question, multiple, &values, offered),
        Kind::Ranking(ranking) => parse_ranking(ranking, &values, offered),
        Kind::Scale(scale) => parse_point(first, scale),
        Kind::Integer(range) => parse_number(first, range, true),
        Kind::Decimal(range) | Kind::Duration(range) => parse_number(first, range, false),
        Kind::ShortText(rule) | Kind::LongText(rule) => parse_text(first, rule),
        Kind::Date(range) => parse_date(first, range),
        Kind::Time => match time(first) {
            Some(minutes) => Ok(Some(Answer::Value(Value::Time(minutes)))),
            None => Err(Fault::new("time")),
        },
        Kind::DateTime => parse_moment(first),
        Kind::File(_) | Kind::Signature if is_file_name(first) => {
            Ok(Some(Answer::Value(Value::Text(first.clone()))))
        }
        Kind::File(_) | Kind::Signature => Err(Fault::new("file_broken")),
        Kind::Geo(geo) => parse_places(first, geo.shape),
        Kind::Acknowledge if first == "yes" => Ok(Some(Answer::Value(Value::Bool(true)))),
        Kind::Acknowledge => Err(Fault::new("unknown_option")),
        // Not asked.
        _ => Ok(None),
    }
}

/// Who writes beside an option and chooses none means that option.
fn with_other(
    question: &Question,
    item: &Item<'_>,
    posted: &Posted,
    values: Vec<String>,
) -> Vec<String> {
    let other = question.kind.choice().and_then(|choice| choice.other.as_ref());
    let Some(other) = other.filter(|_| values.is_empty() && !item.is_other) else { return values };
    let written = posted
        .get(&other.name)
        .is_some_and(|texts| texts.iter().any(|text| !text.trim().is_empty()));
    if written { vec![other.option.clone()] } else { values }
}

fn options<'a>(version: &'a Version, kind: &Kind) -> &'a [ListOption] {
    kind.list().map_or(&[], |list| options_of(version, list))
}

fn options_of<'a>(version: &'a Version, list: &str) -> &'a [ListOption] {
    version.list(list).map_or(&[], |list| list.options.as_slice())
}

fn parse_single(version: &Version, kind: &Kind, values: &[String], offered: &[String]) -> Parsed {
    let [code] = values else { return Err(Fault::new("choose_one")) };
    if !offered.contains(code) {
        return Err(Fault::new("unknown_option"));
    }
    let missing = options(version, kind)
        .iter()
        .find(|option| option.code == *code)
        .and_then(|option| option.missing);
    Ok(Some(match missing {
        Some(state) => Answer::Missing(state),
        None => Answer::Value(Value::Option(code.clone())),
    }))
}

/// How many of those shown apply.
fn parse_count(typed: &str, shown: usize) -> Parsed {
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let most = shown as f64;
    let range = NumberRange { minimum: Some(0.0), maximum: Some(most), ..NumberRange::default() };
    parse_number(typed, &range, true)
}

fn parse_multiple(
    version: &Version,
    question: &Question,
    multiple: &MultipleChoice,
    values: &[String],
    offered: &[String],
) -> Parsed {
    if values.iter().any(|value| !offered.contains(value)) {
        return Err(Fault::new("unknown_option"));
    }
    // List order, each once, whatever order the form sent.
    let list = options_of(version, &multiple.choice.list);
    let chosen: Vec<&ListOption> =
        list.iter().filter(|option| values.contains(&option.code)).collect();
    if let [only] = chosen.as_slice()
        && let Some(state) = only.missing
    {
        return Ok(Some(Answer::Missing(state)));
    }
    if chosen.len() > 1
        && let Some(alone) =
            chosen.iter().find(|option| option.exclusive || option.missing.is_some())
    {
        let label = alone.label.get("", &version.document.default_language);
        // A constraint that says the same has a better message; see below.
        let said = question
            .constraints
            .iter()
            .find(|constraint| constraint.expression.contains(&format!("'{}'", alone.code)))
            .map(|constraint| constraint.message.clone());
        return Err(Fault { message: said, ..Fault::new("exclusive").with("option", label) });
    }
    let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    if let Some(most) = multiple.at_most.filter(|most| count > *most) {
        return Err(Fault::new("too_many").with("max", most).with("n", count));
    }
    if let Some(least) = multiple.at_least.filter(|least| count < *least) {
        return Err(Fault::new("too_few").with("min", least).with("n", count));
    }
    let codes = chosen.into_iter().map(|option| option.code.clone()).collect();
    Ok(Some(Answer::Value(Value::Set(codes))))
}

/// The options in the order in which they were sent: the best first.
fn parse_ranking(ranking: &MultipleChoice, values: &[String], offered: &[String]) -> Parsed {
    if values.iter().any(|value| !offered.contains(value)) {
        return Err(Fault::new("unknown_option"));
    }
    let twice = values.iter().enumerate().find(|(place, value)| values[..*place].contains(value));
    if twice.is_some() {
        return Err(Fault::new("ranking_twice"));
    }
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    if let Some(most) = ranking.at_most.filter(|most| count > *most) {
        return Err(Fault::new("too_many").with("max", most).with("n", count));
    }
    if let Some(least) = ranking.at_least.filter(|least| count < *least) {
        return Err(Fault::new("too_few").with("min", least).with("n", count));
    }
    let order = values.iter().map(|code| Some(Value::Option(code.clone()))).collect();
    Ok(Some(Answer::Value(Value::List(order))))
}

/// Whether a text is the name under which a file that was sent in is kept: an
/// identity made by the program and an ending. What a person called the file is
/// kept nowhere.
pub fn is_file_name(text: &str) -> bool {
    let ending_is_plain = |ending: &str| {
        !ending.is_empty() && ending.bytes().all(|sign| sign.is_ascii_alphanumeric())
    };
    text.split_once('.').is_some_and(|(identity, ending)| {
        uuid::Uuid::try_parse(identity).is_ok_and(|id| id.to_string() == identity)
            && ending_is_plain(ending)
    })
}

/// What whoever looked into a file found wrong: the code and the arguments of
/// its message, one after the other.
fn refused_file(fault: &[String]) -> Fault {
    let mut parts = fault.iter();
    let known = ["file_kind", "file_size", "file_empty"];
    let code = parts.next().and_then(|code| known.into_iter().find(|known| known == code));
    let mut refused = Fault::new(code.unwrap_or("file_broken"));
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        refused = refused.with(name, value);
    }
    refused
}

/// A point of a scale.
fn parse_point(typed: &str, scale: &Scale) -> Parsed {
    let range = NumberRange {
        minimum: Some(f64::from(scale.from)),
        maximum: Some(f64::from(scale.to)),
        ..NumberRange::default()
    };
    let answer = parse_number(typed, &range, true)?;
    match answer.as_ref().and_then(Answer::value) {
        Some(Value::Number(point))
            if (point - f64::from(scale.from)) % f64::from(scale.step.max(1)) != 0.0 =>
        {
            Err(Fault::new("unknown_option"))
        }
        _ => Ok(answer),
    }
}

/// Minutes since midnight: `18:30`, `18h30`, `18.30`, with seconds or without.
fn time(typed: &str) -> Option<u16> {
    let lower = typed.trim().to_lowercase();
    let mut parts = lower.split([':', 'h', '.', 'g']).map(str::trim);
    let hour: u16 = parts.next()?.parse().ok()?;
    let minute: u16 = match parts.next() {
        None | Some("") => 0,
        Some(minute) => minute.parse().ok()?,
    };
    let seconds = parts.next().is_none_or(|seconds| seconds.parse::<u16>().is_ok_and(|s| s < 60));
    (hour < 24 && minute < 60 && seconds && parts.next().is_none()).then(|| hour * 60 + minute)
}

/// A day and a time, stored as `2026-11-23T14:05`.
fn parse_moment(typed: &str) -> Parsed {
    let (day, clock) = typed.split_once(['T', ' ']).ok_or_else(|| Fault::new("date_time"))?;
    let minutes = time(clock).ok_or_else(|| Fault::new("date_time"))?;
    match parse_date(day, &DateRange::default()) {
        Ok(Some(Answer::Value(Value::Date(day)))) => {
            let text = format!("{day}T{:02}:{:02}", minutes / 60, minutes % 60);
            Ok(Some(Answer::Value(Value::Text(text))))
        }
        _ => Err(Fault::new("date_time")),
    }
}

fn parse_text(typed: &str, rule: &TextRule) -> Parsed {
    let limit = rule.at_most.map_or(TEXT_LIMIT, |limit| limit as usize).min(TEXT_LIMIT);
    // Browsers send line ends as two characters.
    let text = typed.replace("\r\n", "\n");
    let characters = text.chars().count();
    if characters > limit {
        return Err(Fault::new("text_too_long").with("max", limit).with("n", characters));
    }
    let code = match rule.format {
        TextFormat::Email if !looks_like_email(&text) => "email",
        TextFormat::Phone if !looks_like_phone(&text) => "phone",
        TextFormat::Url if !["http://", "https://"].iter().any(|start| text.starts_with(start)) => {
            "url"
        }
        TextFormat::Digits if !text.bytes().all(|byte| byte.is_ascii_digit()) => "digits",
        _ => return Ok(Some(Answer::Value(Value::Text(text)))),
    };
    Err(Fault::new(code).with("typed", text))
}

/// One `@` with something on both sides and a point after it. Whether an
/// address exists, only a letter can tell.
fn looks_like_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((name, host)) => {
            let spaced = text.chars().any(char::is_whitespace);
            let dotted =
                host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
            !name.is_empty() && !spaced && dotted && !host.contains('@')
        }
        None => false,
    }
}

/// 6 to 15 digits (ITU-T E.164 allows 15) with the signs people put between.
fn looks_like_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let usual = |sign: char| sign.is_ascii_digit() || " +-.()/".contains(sign);
    (6..=15).contains(&digits) && text.chars().all(usual)
}

fn parse_number(typed: &str, range: &NumberRange, whole: bool) -> Parsed {
    let number = match read_number(typed) {
        Number::Is(number) => number,
        Number::Ambiguous { grouped, decimal } => {
            return Err(Fault::new("number_ambiguous")
                .with("typed", typed)
                .with("whole", print_number(grouped))
                .with("decimal", print_number(decimal)));
        }
        Number::Not => return Err(Fault::new("number").with("typed", typed)),
    };
    if whole && number.fract() != 0.0 {
        return Err(Fault::new("whole_number").with("typed", typed));
    }
    if let Some(decimals) = range.decimals
        && print_number(number)
            .split_once('.')
            .is_some_and(|(_, typed)| typed.len() > usize::from(decimals))
    {
        return Err(Fault::new("decimals").with("max", decimals).with("typed", typed));
    }
    let below = range.minimum.is_some_and(|minimum| number < minimum);
    let above = range.maximum.is_some_and(|maximum| number > maximum);
    if below || above {
        let bound = |bound: Option<f64>| bound.map(print_number).unwrap_or_default();
        let code = match (range.minimum, range.maximum) {
            (Some(_), Some(_)) => "number_range",
            (Some(_), None) => "number_minimum",
            _ => "number_maximum",
        };
        return Err(Fault::new(code)
            .with("min", bound(range.minimum))
            .with("max", bound(range.maximum)));
    }
    Ok(Some(Answer::Value(Value::Number(number))))
}

/// What a typed number may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Just this.
    Is(f64),
    /// `1.234` is a thousand in Vietnamese and one-and-a-bit in English.
    Ambiguous {
        /// Read with a thousands separator.
        grouped: f64,
        /// Read with a decimal separator.
        decimal: f64,
    },
    /// Nothing.
    Not,
}

/// Reads a number typed with a comma or a point. What could be a thousands
/// separator as well as a decimal one is asked back, never guessed.
pub fn read_number(typed: &str) -> Number {
    let bare: String = typed
        .nfkc()
        .filter(|sign| !sign.is_whitespace())
        .map(|sign| if sign == '\u{2212}' { '-' } else { sign })
        .collect();
    let (negative, digits) = match bare.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let sign = if negative { -1.0 } else { 1.0 };
    let groups: Vec<&str> = digits.split(['.', ',']).collect();
    let all_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    if !all_digits || groups[0].is_empty() || digits.len() > 40 {
        return Number::Not;
    }
    let separators: Vec<char> = digits.chars().filter(|sign| matches!(sign, '.' | ',')).collect();
    let joined = |parts: &[&str], fraction: Option<&str>| -> f64 {
        let text = match fraction {
            Some(fraction) => format!("{}.{fraction}", parts.concat()),
            None => parts.concat(),
        };
        sign * text.parse::<f64>().unwrap_or(f64::NAN)
    };
    let grouped = |parts: &[&str]| {
        parts[0].len() <= 3 && parts[0] != "0" && parts[1..].iter().all(|part| part.len() == 3)
    };
    let read = match separators.as_slice() {
        [] => Number::Is(joined(&groups, None)),
        [_] if groups[1].is_empty() => Number::Not,
        [_] if grouped(&groups) => Number::Ambiguous {
            grouped: joined(&groups, None),
            decimal: joined(&groups[..1], Some(groups[1])),
        },
        [_] => Number::Is(joined(&groups[..1], Some(groups[1]))),
        [first, rest @ ..] => {
            let (last, middle) = rest.split_last().unwrap_or((first, &[]));
            let whole = &groups[..groups.len() - 1];
            let same = middle.iter().all(|separator| separator == first);
            if same && last == first && grouped(&groups) {
                Number::Is(joined(&groups, None))
            } else if same && last != first && grouped(whole) {
                Number::Is(joined(whole, groups.last().copied().filter(|part| !part.is_empty())))
            } else {
                Number::Not
            }
        }
    };
    match read {
        Number::Is(number) if !number.is_finite() => Number::Not,
        other => other,
    }
}

/// Reads `2/9/1985`, `02-09-1985` (day first) or `1985-09-02`.
fn parse_date(typed: &str, range: &DateRange) -> Parsed {
    let parts: Vec<&str> =
        typed.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let day = match (numbers.as_slice(), parts.first().map_or(0, |part| part.len())) {
        ([year, month, day], 4) => {
            NaiveDate::from_ymd_opt(i32::try_from(*year).unwrap_or(0), *month, *day)
        }
        ([day, month, year], 1 | 2) if *year >= 1000 => {
            NaiveDate::from_ymd_opt(i32::try_from(*year).unwrap_or(0), *month, *day)
        }
        _ => None,
    };
    let day = day.filter(|_| parts.len() == 3);
    // The rest of a date that is asked in part is its first month and day.
    let first_of = |year: u32, month: u32| {
        let year = i32::try_from(year).ok().filter(|year| (1000..=9999).contains(year))?;
        NaiveDate::from_ymd_opt(year, month, 1)
    };
    let day = match (range.precision, numbers.as_slice()) {
        (DatePart::Day, _) => day,
        (DatePart::Month, [one, other]) if parts.len() == 2 => {
            first_of(*other, *one).or_else(|| first_of(*one, *other))
        }
        (DatePart::Year, [year]) if parts.len() == 1 => first_of(*year, 1),
        (DatePart::Month, _) => day.and_then(|day| day.with_day(1)),
        (DatePart::Year, _) => day.and_then(|day| day.with_ordinal(1)),
    };
    let code = match range.precision {
        DatePart::Day => "date",
        DatePart::Month => "month",
        DatePart::Year => "year",
    };
    let Some(day) = day else { return Err(Fault::new(code)) };
    let bound = |text: &Option<String>| {
        text.as_ref().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
    };
    let (minimum, maximum) = (bound(&range.minimum), bound(&range.maximum));
    if minimum.is_some_and(|minimum| day < minimum) || maximum.is_some_and(|maximum| day > maximum)
    {
        let shown = |day: Option<NaiveDate>| {
            day.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default()
        };
        return Err(Fault::new("date_range")
            .with("min", shown(minimum))
            .with("max", shown(maximum)));
    }
    Ok(Some(Answer::Value(Value::Date(day))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_could_be_two_is_asked_back() {
        assert_eq!(read_number("2,5"), Number::Is(2.5));
        assert_eq!(read_number("2.5"), Number::Is(2.5));
        assert_eq!(read_number(" 12 "), Number::Is(12.0));
        assert_eq!(read_number("1.234"), Number::Ambiguous { grouped: 1234.0, decimal: 1.234 });
        assert_eq!(read_number("1,234"), Number::Ambiguous { grouped: 1234.0, decimal: 1.234 });
        assert_eq!(read_number("0.234"), Number::Is(0.234));
        assert_eq!(read_number("1234.567"), Number::Is(1234.567));
        assert_eq!(read_number("1.234.567"), Number::Is(1_234_567.0));
        assert_eq!(read_number("1.234.567,8"), Number::Is(1_234_567.8));
        assert_eq!(read_number("1 234 567"), Number::Is(1_234_567.0));
        assert_eq!(read_number("−3"), Number::Is(-3.0));
        assert_eq!(read_number("１２"), Number::Is(12.0));
        for not in ["", "x", "1.2.3", "1,2,3.4", "5.", ".5", "--1", "1e3", "1.23.456"] {
            assert_eq!(read_number(not), Number::Not, "{not}");
        }
    }
}
