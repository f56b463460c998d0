//! How an inserted answer is written: what stands behind `|` in `${name|form}`.

use chrono::{Datelike, NaiveDate};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralOperands, PluralRules, PluralRulesOptions};

use super::super::answer::Value;
use super::super::expression::Type;

/// How an inserted answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form<'t> {
    /// `number`, `number:2`: grouped as the language writes it, with that many
    /// decimals.
    Number(Option<u8>),
    /// `date:long`: the month in words.
    LongDate,
    /// `date:month`: month and year.
    Month,
    /// `date:year`.
    Year,
    /// `and`: several as a list that ends in "and".
    And,
    /// `or`: several as a list that ends in "or".
    Or,
    /// `count`: how many.
    Count,
    /// `plural:one=# child;other=# children`: a text by the number, `#` being the
    /// number. The keys are numbers (`0`) or the language's categories: zero,
    /// one, two, few, many, other (Unicode CLDR).
    Plural(Vec<Case<'t>>),
    /// `choose:m=him;f=her;other=them`: a text by the code of an option.
    Choose(Vec<Case<'t>>),
    /// `upper`, `lower`: in capitals, in small letters.
    Upper,
    /// See [`Form::Upper`].
    Lower,
    /// `capital`: the first letter large.
    Capital,
}

/// A key and its text.
pub type Case<'t> = (&'t str, &'t str);

/// What is wrong with a form, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no such form.
    Unknown,
    /// A case has no `=`, or a key is neither a number nor a category.
    BadCase,
    /// There is no text for what is left over.
    NoOther,
}

const CATEGORIES: [(&str, PluralCategory); 6] = [
    ("zero", PluralCategory::Zero),
    ("one", PluralCategory::One),
    ("two", PluralCategory::Two),
    ("few", PluralCategory::Few),
    ("many", PluralCategory::Many),
    ("other", PluralCategory::Other),
];

impl<'t> Form<'t> {
    /// Reads a form.
    pub fn parse(written: &'t str) -> Result<Self, Fault> {
        let (name, argument) = match written.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument)),
            None => (written.trim(), None),
        };
        Ok(match (name, argument.map(str::trim)) {
            ("number", None) => Self::Number(None),
            ("number", Some(digits)) => match digits.parse() {
                Ok(digits @ 0..=9) => Self::Number(Some(digits)),
                _ => return Err(Fault::Unknown),
            },
            ("date", Some("long")) => Self::LongDate,
            ("date", Some("month")) => Self::Month,
            ("date", Some("year")) => Self::Year,
            ("and", None) => Self::And,
            ("or", None) => Self::Or,
            ("count", None) => Self::Count,
            ("upper", None) => Self::Upper,
            ("lower", None) => Self::Lower,
            ("capital", None) => Self::Capital,
            ("plural", Some(_)) => {
                let cases = cases(argument.unwrap_or_default())?;
                let known = |key: &str| {
                    key.parse::<u32>().is_ok() || CATEGORIES.iter().any(|(name, _)| *name == key)
                };
                if cases.iter().any(|(key, _)| !known(key)) {
                    return Err(Fault::BadCase);
                }
                Self::Plural(cases)
            }
            ("choose", Some(_)) => Self::Choose(cases(argument.unwrap_or_default())?),
            _ => return Err(Fault::Unknown),
        })
    }

    /// Whether answers of that type can be written so.
    pub fn fits(&self, kind: &Type) -> bool {
        let several = matches!(kind, Type::Set(_) | Type::List(_));
        match self {
            Self::Number(_) => *kind == Type::Number,
            Self::LongDate | Self::Month | Self::Year => *kind == Type::Date,
            Self::And | Self::Or | Self::Count => several,
            Self::Plural(_) => several || *kind == Type::Number,
            Self::Choose(_) => matches!(kind, Type::Option(_) | Type::Text | Type::Number),
            Self::Upper | Self::Lower | Self::Capital => {
                !matches!(kind, Type::Number | Type::Date | Type::Time)
            }
        }
    }

    /// A value written so; `plain` writes one value as it is without a form.
    /// `None` where the value is of another sort.
    pub(super) fn write(
        &self,
        value: &Value,
        language: &str,
        plain: &dyn Fn(&Value) -> String,
    ) -> Option<String> {
        Some(match (self, value) {
            (Self::Number(decimals), Value::Number(number)) => {
                grouped(*number, *decimals, language)
            }
            (Self::LongDate, Value::Date(day)) => long_date(*day, language),
            (Self::Month, Value::Date(day)) => month(*day, language),
            (Self::Year, Value::Date(day)) => day.year().to_string(),
            (Self::And | Self::Or, _) => {
                let parts: Vec<String> = several(value)?.iter().map(plain).collect();
                listed(&parts, *self == Self::And, language)
            }
            (Self::Count, _) => several(value)?.len().to_string(),
            (Self::Plural(cases), _) => {
                let number = match value {
                    Value::Number(number) => *number,
                    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
                    _ => several(value)?.len() as f64,
                };
                let shown = grouped(number, None, language);
                plural(cases, number, language)?.replace('#', &shown)
            }
            (Self::Choose(cases), _) => {
                let code = match value {
                    Value::Option(code) | Value::Text(code) => code.clone(),
                    Value::Number(_) => plain(value),
                    _ => return None,
                };
                let named = |wanted: &str| cases.iter().find(|(key, _)| *key == wanted);
                named(&code).or_else(|| named("other"))?.1.to_owned()
            }
            (Self::Upper, _) => plain(value).to_uppercase(),
            (Self::Lower, _) => plain(value).to_lowercase(),
            (Self::Capital, _) => capitalised(&plain(value)),
            _ => return None,
        })
    }

    /// What stands where there is no answer: the last resort of a choice.
    pub(super) fn without_answer(&self) -> Option<&'t str> {
        match self {
            Self::Choose(cases) => cases.iter().find(|(key, _)| *key == "other").map(|case| case.1),
            _ => None,
        }
    }
}

/// `one=…;other=…`; the last resort must be there.
fn cases(written: &str) -> Result<Vec<Case<'_>>, Fault> {
    let cases: Option<Vec<Case<'_>>> = written
        .split(';')
        .map(|case| case.split_once('=').map(|(key, text)| (key.trim(), text)))
        .collect();
    let cases = cases.ok_or(Fault::BadCase)?;
    let closed = cases.iter().any(|(key, _)| *key == "other");
    if closed { Ok(cases) } else { Err(Fault::NoOther) }
}

/// The values of what holds several.
fn several(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Set(codes) => Some(codes.iter().cloned().map(Value::Option).collect()),
        Value::List(values) => Some(values.iter().flatten().cloned().collect()),
        _ => None,
    }
}

fn locale(language: &str) -> Locale {
    language.parse().unwrap_or(Locale::UNKNOWN)
}

/// A number in the language's signs: `1.234.567,5`.
fn grouped(number: f64, decimals: Option<u8>, language: &str) -> String {
    let plain = match decimals {
        Some(decimals) => format!("{number:.0$}", usize::from(decimals)),
        None => super::print_number(number),
    };
    let formatter =
        DecimalFormatter::try_new((&locale(language)).into(), DecimalFormatterOptions::default());
    match (plain.parse::<Decimal>(), formatter) {
        (Ok(decimal), Ok(formatter)) => formatter.format(&decimal).to_string(),
        _ => plain,
    }
}

fn plural<'t>(cases: &[Case<'t>], number: f64, language: &str) -> Option<&'t str> {
    let plain = super::print_number(number);
    let named = |wanted: &str| cases.iter().find(|(key, _)| *key == wanted).map(|case| case.1);
    let rules =
        PluralRules::try_new((&locale(language)).into(), PluralRulesOptions::default()).ok();
    let category = rules.and_then(|rules| {
        let decimal: Decimal = plain.parse().ok()?;
        let category = rules.category_for(PluralOperands::from(&decimal));
        CATEGORIES.iter().find(|(_, known)| *known == category).map(|(name, _)| *name)
    });
    named(&plain).or_else(|| named(category?)).or_else(|| named("other"))
}

/// `a, b and c`.
fn listed(parts: &[String], all: bool, language: &str) -> String {
    let preferences = (&locale(language)).into();
    let options = ListFormatterOptions::default();
    let formatter = if all {
        ListFormatter::try_new_and(preferences, options)
    } else {
        ListFormatter::try_new_or(preferences, options)
    };
    match formatter {
        Ok(formatter) => formatter.format(parts.iter()).to_string(),
        Err(_) => parts.join(", "),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2 September 2026`, `ngày 2 tháng 9 năm 2026`; figures in other languages.
fn long_date(day: NaiveDate, language: &str) -> String {
    match language {
        "vi" => format!("ngày {} {}", day.day(), month(day, language)),
        "en" => format!("{} {}", day.day(), month(day, language)),
        _ => super::short_date(day),
    }
}

fn month(day: NaiveDate, language: &str) -> String {
    match language {
        "vi" => format!("tháng {} năm {}", day.month(), day.year()),
        "en" => format!("{} {}", MONTHS[day.month0() as usize], day.year()),
        _ => format!("{:02}/{}", day.month(), day.year()),
    }
}

/// The text with its first letter large.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: &str, value: &Value, language: &str) -> String {
        let form = Form::parse(form).expect("a form");
        let plain = |value: &Value| match value {
            Value::Option(text) | Value::Text(text) => text.clone(),
            Value::Number(number) => super::super::print_number(*number),
            _ => String::new(),
        };
        form.write(value, language, &plain).expect("it fits")
    }

    #[test]
    fn values_are_written_as_each_language_writes_them() {
        let number = Value::Number(1_234_567.5);
        assert_eq!(written("number", &number, "vi"), "1.234.567,5");
        assert_eq!(written("number:2", &number, "en"), "1,234,567.50");
        let day = Value::Date("2026-09-02".parse().expect("a day"));
        assert_eq!(written("date:long", &day, "vi"), "ngày 2 tháng 9 năm 2026");
        assert_eq!(written("date:long", &day, "en"), "2 September 2026");
        assert_eq!(written("date:month", &day, "vi"), "tháng 9 năm 2026");
        assert_eq!(written("date:year", &day, "fr"), "2026");
        let some = Value::Set(vec!["bus".into(), "car".into(), "bike".into()]);
        assert_eq!(written("and", &some, "vi"), "bus, car và bike");
        assert_eq!(written("or", &some, "vi"), "bus, car hoặc bike");
        assert_eq!(written("and", &some, "en"), "bus, car, and bike");
        assert_eq!(written("count", &some, "en"), "3");
        assert_eq!(written("capital", &Value::Text("ông Lê".into()), "vi"), "Ông Lê");
    }

    #[test]
    fn plurals_follow_the_language() {
        let form = "plural:0=no children;one=# child;other=# children";
        for (number, text) in [(0.0, "no children"), (1.0, "1 child"), (2.0, "2 children")] {
            assert_eq!(written(form, &Value::Number(number), "en"), text);
        }
        // Vietnamese has one form; Russian has three for whole numbers.
        assert_eq!(written("plural:other=# con", &Value::Number(1.0), "vi"), "1 con");
        let form = "plural:one=# год;few=# года;many=# лет;other=# года";
        for (number, text) in [(1.0, "1 год"), (3.0, "3 года"), (5.0, "5 лет"), (21.0, "21 год")]
        {
            assert_eq!(written(form, &Value::Number(number), "ru"), text);
        }
    }

    #[test]
    fn a_text_is_chosen_by_a_code() {
        let form = "choose:m=anh;f=chị;other=quý vị";
        assert_eq!(written(form, &Value::Option("f".into()), "vi"), "chị");
        assert_eq!(written(form, &Value::Option("x".into()), "vi"), "quý vị");
        assert_eq!(Form::parse(form).expect("a form").without_answer(), Some("quý vị"));
    }

    #[test]
    fn forms_that_are_wrong_are_told() {
        for (form, fault) in [
            ("shout", Fault::Unknown),
            ("number:x", Fault::Unknown),
            ("date", Fault::Unknown),
            ("plural:one=a", Fault::NoOther),
            ("plural:single=a;other=b", Fault::BadCase),
            ("choose:a", Fault::BadCase),
        ] {
            assert_eq!(Form::parse(form), Err(fault), "{form}");
        }
    }
}
