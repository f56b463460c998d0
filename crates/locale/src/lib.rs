//! Languages: texts (Fluent files), numbers, days, the order of words, and
//! problems in sentences.

mod problem_text;

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::Locale;

pub use fluent_bundle::FluentValue;
pub use problem_text::{argument_text, problem_text};

/// The languages of the program's own texts, the first the default.
pub const LANGUAGES: [(&str, &str); 2] = [("vi", "Tiếng Việt"), ("en", "English")];

macro_rules! locale_file {
    ($language:literal, $area:literal) => {
        include_str!(concat!("../../../web/locales/", $language, "/", $area, ".ftl"))
    };
}

const FILES: [(&str, [&str; 10]); 2] = [
    (
        "vi",
        [
            locale_file!("vi", "respond"),
            locale_file!("vi", "staff"),
            locale_file!("vi", "builder"),
            locale_file!("vi", "people"),
            locale_file!("vi", "problems"),
            locale_file!("vi", "statistics"),
            locale_file!("vi", "phrases"),
            locale_file!("vi", "sampling"),
            locale_file!("vi", "paper"),
            locale_file!("vi", "cli"),
        ],
    ),
    (
        "en",
        [
            locale_file!("en", "respond"),
            locale_file!("en", "staff"),
            locale_file!("en", "builder"),
            locale_file!("en", "people"),
            locale_file!("en", "problems"),
            locale_file!("en", "statistics"),
            locale_file!("en", "phrases"),
            locale_file!("en", "sampling"),
            locale_file!("en", "paper"),
            locale_file!("en", "cli"),
        ],
    ),
];

static BUNDLES: LazyLock<HashMap<&'static str, FluentBundle<FluentResource>>> =
    LazyLock::new(|| {
        FILES.iter().map(|(language, files)| (*language, bundle(language, files))).collect()
    });

/// A file with a mistake still gives the texts that are right; a test fails on
/// any mistake before it can be released.
fn bundle(language: &str, files: &[&str]) -> FluentBundle<FluentResource> {
    let identifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // Marks around inserted values would show up in mail subjects and titles.
    bundle.set_use_isolating(false);
    for file in files {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// Named arguments of a text.
pub type Arguments<'a> = [(&'a str, &'a str)];

/// The text of that key, or the key itself when there is none (a test makes
/// sure that there is).
pub fn text(language: &str, key: &str, arguments: &Arguments<'_>) -> String {
    let values: Vec<(&str, FluentValue<'_>)> =
        arguments.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
    format(language, key, values).unwrap_or_else(|| key.to_owned())
}

/// As [`text`], with one number that decides the plural.
pub fn counted(language: &str, key: &str, count: usize, arguments: &Arguments<'_>) -> String {
    let mut values: Vec<(&str, FluentValue<'_>)> =
        arguments.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
    values.push(("n", FluentValue::from(count)));
    format(language, key, values).unwrap_or_else(|| key.to_owned())
}

/// The text of that key with values of any kind, if there is one.
pub fn format(language: &str, key: &str, values: Vec<(&str, FluentValue<'_>)>) -> Option<String> {
    let bundle = BUNDLES.get(known(language))?;
    let message = bundle.get_message(key)?;
    let arguments: FluentArgs<'_> = values.into_iter().collect();
    let mut problems = Vec::new();
    let text = bundle.format_pattern(message.value()?, Some(&arguments), &mut problems);
    Some(text.into_owned())
}

/// Whether there is such a key.
pub fn has(language: &str, key: &str) -> bool {
    BUNDLES.get(known(language)).is_some_and(|bundle| bundle.has_message(key))
}

/// The language if it is one of ours, else the default.
pub fn known(language: &str) -> &'static str {
    LANGUAGES.iter().map(|(code, _)| *code).find(|code| *code == language).unwrap_or(LANGUAGES[0].0)
}

/// Whether a text is the code of a language, ours or another: `vi`, `pt-BR`.
pub fn is_code(text: &str) -> bool {
    let primary = text.split('-').next().unwrap_or_default();
    (2..=3).contains(&primary.len()) && text.parse::<Locale>().is_ok()
}

/// The first of our languages that a browser asks for.
pub fn from_header(accept_language: &str) -> &'static str {
    accept_language
        .split(',')
        .filter_map(|part| part.split(['-', ';']).next())
        .map(str::trim)
        .find_map(|asked| LANGUAGES.iter().map(|(code, _)| *code).find(|code| *code == asked))
        .unwrap_or(LANGUAGES[0].0)
}

struct Formats {
    decimal: DecimalFormatter,
    collator: CollatorBorrowed<'static>,
}

thread_local! {
    /// ICU's formatters cannot be shared between threads; each makes its own once.
    static FORMATS: HashMap<&'static str, Option<Formats>> =
        LANGUAGES.iter().map(|(language, _)| (*language, formats(language))).collect();
}

fn formats(language: &str) -> Option<Formats> {
    let locale = language.parse::<Locale>().ok()?;
    Some(Formats {
        decimal: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default())
            .ok()?,
        collator: Collator::try_new((&locale).into(), CollatorOptions::default()).ok()?,
    })
}

/// A number with that many decimals, in the language's signs: `1.234,5`.
pub fn number(language: &str, value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let formatted = plain.parse::<Decimal>().ok().and_then(|decimal| {
        FORMATS.with(|formats| {
            let formats = formats.get(known(language))?.as_ref()?;
            Some(formats.decimal.format(&decimal).to_string())
        })
    });
    formatted.unwrap_or(plain)
}

/// A share as a percentage: `45,2%`.
pub fn percent(language: &str, share: f64, decimals: usize) -> String {
    format!("{}%", number(language, share * 100.0, decimals))
}

/// A day with two digits each, day first in Vietnamese and in English:
/// `02/09/2026`. ICU's short form drops the zeros.
pub fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// Reads a day as it is shown, `02/09/2026`, or as files write it, `2026-09-02`.
pub fn read_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    ["%d/%m/%Y", "%Y-%m-%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        // A year of two figures is none.
        .filter(|day| (1900..2200).contains(&chrono::Datelike::year(day)))
}

/// Sorts by a text in the language's order: An, Ánh, Ăn, Ân.
pub fn sort_by_text<T>(language: &str, items: &mut [T], key: impl Fn(&T) -> &str) {
    FORMATS.with(|formats| match formats.get(known(language)).and_then(Option::as_ref) {
        Some(formats) => {
            items.sort_by(|left, right| formats.collator.compare(key(left), key(right)));
        }
        None => items.sort_by(|left, right| key(left).cmp(key(right))),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_languages_are_told_from_their_names() {
        assert!(["vi", "en", "pt-BR", "kab"].iter().all(|code| is_code(code)));
        assert!(
            ["", "vietnamese", "english", "Tiếng Việt", "v", "en_"].iter().all(|it| !is_code(it))
        );
    }

    #[test]
    fn numbers_and_days_are_written_as_people_write_them() {
        assert_eq!(number("vi", 1_234_567.8, 1), "1.234.567,8");
        assert_eq!(number("en", 1_234_567.8, 1), "1,234,567.8");
        assert_eq!(percent("vi", 0.452, 1), "45,2%");
        assert_eq!(date(NaiveDate::from_ymd_opt(2026, 9, 2).expect("a day")), "02/09/2026");
    }

    #[test]
    fn words_sort_in_vietnamese_order() {
        let mut words = vec!["Ân", "Ăn", "An", "Ánh", "Đà", "Dak"];
        sort_by_text("vi", &mut words, |word| word);
        assert_eq!(words, ["An", "Ánh", "Ăn", "Ân", "Dak", "Đà"]);
    }

    #[test]
    fn every_file_is_right() {
        for (language, files) in FILES {
            for file in files {
                let read = FluentResource::try_new(file.to_owned());
                assert!(read.is_ok(), "{language}: {:?}", read.err().map(|(_, problems)| problems));
            }
        }
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |file: &str| -> Vec<String> {
            let mut keys: Vec<String> = file
                .lines()
                .filter(|line| line.starts_with(|sign: char| sign.is_ascii_lowercase()))
                .filter_map(|line| Some(line.split_once(" =")?.0.trim().to_owned()))
                .collect();
            keys.sort();
            keys
        };
        let [(_, vietnamese), (_, english)] = FILES;
        for (left, right) in vietnamese.iter().zip(english) {
            assert_eq!(keys(left), keys(right));
            let mut unique = keys(left);
            unique.dedup();
            assert_eq!(unique, keys(left), "a key stands twice");
        }
    }
}
