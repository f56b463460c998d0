//! What the panel's fields say: properties and the settings of kinds as people type
//! them, and back.

use std::collections::BTreeMap;

use fielding::error::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use survey_builder::questionnaire::document::{
    DatePart, Document, Kind, MultipleChoice, NumberRange, Question, Shown, Text, TextFormat,
    TextRole,
};
use survey_builder::questionnaire::operation::Property;
use uuid::Uuid;

use super::said::Said;
use crate::form::{number_to_type, typed_number};

/// A field of the panel. What it said when the page was made goes with the form, so
/// that what others write meanwhile is not taken for this author's change.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// The name it is sent under.
    pub name: String,
    /// The name under which goes what it said.
    pub was: String,
    /// The key of its label.
    pub label: String,
    /// `text`, `lines`, `check`, `choice` or `checks`.
    pub control: &'static str,
    /// What it says.
    pub value: String,
    /// What may be chosen: value, key of its words, whether it is chosen.
    pub choices: Vec<(String, String, bool)>,
    /// The language of its text: code and name; empty where it has none.
    pub language: (String, String),
    /// Whether it is an expression.
    pub formula: bool,
    /// What it says in words, where it is a condition.
    pub said: Vec<Said>,
}

impl Field {
    fn plain(item: Uuid, name: &str, control: &'static str, value: String) -> Self {
        Self {
            name: format!("p.{item}.{name}"),
            was: format!("q.{item}.{name}"),
            label: format!("builder-{}", name.replace('_', "-")),
            control,
            value,
            choices: Vec::new(),
            language: (String::new(), String::new()),
            formula: matches!(name, "default" | "expression"),
            said: Vec::new(),
        }
    }

    fn choice(item: Uuid, name: &str, value: String, words: &[&str]) -> Self {
        let choices = words.iter().map(|word| {
            let key = format!("{}-{}", name, if word.is_empty() { "none" } else { word });
            ((*word).to_owned(), format!("builder-{}", key.replace('_', "-")), *word == value)
        });
        Self { choices: choices.collect(), ..Self::plain(item, name, "choice", value) }
    }

    fn checks(item: Uuid, name: &str, value: &str, words: &[&str]) -> Self {
        let chosen: Vec<&str> = value.split(' ').collect();
        let choices = words.iter().map(|word| {
            let key = format!("builder-{name}-{word}").replace('_', "-");
            ((*word).to_owned(), key, chosen.contains(word))
        });
        Self { choices: choices.collect(), ..Self::plain(item, name, "checks", value.to_owned()) }
    }

    /// A setting of a kind instead of a property.
    fn setting(item: Uuid, mut self_: Self, name: &str) -> Self {
        self_.name = format!("s.{item}.{name}");
        self_.was = format!("r.{item}.{name}");
        self_.formula = matches!(name, "filter" | "total" | "expression");
        self_
    }

    /// A text in one language.
    pub fn text(item: Uuid, role: TextRole, text: &Text, language: (&str, &str)) -> Self {
        let word = word_of(&role);
        let (code, name) = language;
        let long = matches!(role, TextRole::Wording | TextRole::Instruction | TextRole::Message);
        Self {
            name: format!("t.{item}.{word}.{code}"),
            was: format!("w.{item}.{word}.{code}"),
            label: format!("builder-text-{}", word.replace('_', "-")),
            control: if long { "lines" } else { "text" },
            value: text.0.get(code).cloned().unwrap_or_default(),
            choices: Vec::new(),
            language: (code.to_owned(), name.to_owned()),
            formula: false,
            said: Vec::new(),
        }
    }
}

/// The word of a value that is written as one.
fn word_of<T: Serialize>(value: &T) -> String {
    let word = serde_json::to_value(value).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The value of a word.
fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

fn words_of<T: Serialize>(values: &[T]) -> String {
    let mut words: Vec<String> = values.iter().map(word_of).collect();
    words.sort();
    words.join(" ")
}

fn yes(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}

/// How many of the fields of a question are wanted often; they come first.
pub const OFTEN: usize = 2;

/// The fields of a question that are no texts and no settings of its kind.
pub fn of_question(question: &Question) -> Vec<Field> {
    let id = question.id;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    vec![
        Field::choice(id, "required", word_of(&question.required), &["no", "soft", "hard"]),
        Field::checks(
            id,
            "offers",
            &words_of(&question.offers),
            &["dont_know", "refused", "not_applicable"],
        ),
        Field::checks(
            id,
            "roles",
            &words_of(&question.roles),
            &["key_outcome", "sensitive", "weighting", "consent", "design_weight", "split_ballot"],
        ),
        Field::checks(
            id,
            "modes",
            &words_of(&question.modes),
            &["web", "phone", "face_to_face", "paper"],
        ),
        Field::plain(id, "number", "text", text(&question.number)),
        Field::plain(id, "name", "text", question.name.clone()),
        Field::plain(id, "default", "text", text(&question.default)),
        Field::plain(id, "read_only", "check", yes(question.read_only)),
        Field::plain(id, "anchored", "check", yes(question.anchored)),
    ]
}

/// The fields of a section or a page.
pub fn of_block((id, name): (Uuid, &str), (shuffled, anchored): (bool, bool)) -> Vec<Field> {
    vec![
        Field::plain(id, "shuffled", "check", yes(shuffled)),
        Field::plain(id, "anchored", "check", yes(anchored)),
        Field::plain(id, "name", "text", name.to_owned()),
    ]
}

/// The fields of the questionnaire itself.
pub fn of_document(document: &Document) -> Vec<Field> {
    let id = document.id;
    let names: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    let mut default = Field::choice(id, "default_language", document.default_language.clone(), &[]);
    default.choices = document
        .languages
        .iter()
        .map(|one| (one.code.clone(), one.name.clone(), one.code == document.default_language))
        .collect();
    vec![
        Field::checks(id, "languages", &names.join(" "), &["vi", "en"]),
        default,
        Field::plain(id, "needs_all_languages", "check", yes(document.needs_all_languages)),
        Field::plain(id, "name", "text", document.name.clone()),
    ]
}

/// The fields of an option besides its label.
pub fn of_option(option: &survey_builder::questionnaire::document::ListOption) -> Vec<Field> {
    let id = option.id;
    let word = |state: &Option<_>| state.as_ref().map(word_of).unwrap_or_default();
    let ends = option.ends.as_ref().map(word_of).unwrap_or_default();
    vec![
        Field::plain(id, "code", "text", option.code.clone()),
        Field::choice(
            id,
            "missing",
            word(&option.missing),
            &["", "dont_know", "refused", "not_applicable"],
        ),
        Field::choice(id, "ends", ends, &["", "refused", "screened_out"]),
        Field::plain(id, "exclusive", "check", yes(option.exclusive)),
        Field::plain(id, "anchored", "check", yes(option.anchored)),
    ]
}

/// The field of the name of a row.
pub fn of_row(row: &survey_builder::questionnaire::document::Row) -> Vec<Field> {
    vec![Field::plain(row.id, "name", "text", row.name.clone())]
}

/// The values of words with spaces between them.
fn listed<T: DeserializeOwned>(value: &str) -> Option<Vec<T>> {
    value.split_whitespace().map(of_word).collect()
}

/// A property as its field says it; `None` where there is no such field.
///
/// # Errors
///
/// What no such property can be.
pub fn property(name: &str, value: &str, document: &Document) -> Option<Result<Property, Problem>> {
    let optional = || Some(value.trim().to_owned()).filter(|text| !text.is_empty());
    let wrong = || Problem::new("edit_value", name).with("value", value);
    let name_of = |text: &str| {
        let text = text.trim();
        if text.is_empty() { Err(wrong()) } else { Ok(text.to_owned()) }
    };
    Some(match name {
        "name" => name_of(value).map(Property::Name),
        "code" => name_of(value).map(Property::Code),
        "number" => Ok(Property::Number(optional())),
        "relevant" => Ok(Property::Relevant(optional())),
        "required_when" => Ok(Property::RequiredWhen(optional())),
        "default" => Ok(Property::Default(optional())),
        "required" => of_word(value).map(Property::Required).ok_or_else(wrong),
        "read_only" => Ok(Property::ReadOnly(value == "yes")),
        "anchored" => Ok(Property::Anchored(value == "yes")),
        "shuffled" => Ok(Property::Shuffled(value == "yes")),
        "exclusive" => Ok(Property::Exclusive(value == "yes")),
        "needs_all_languages" => Ok(Property::NeedsAllLanguages(value == "yes")),
        "offers" => listed(value).map(Property::Offers).ok_or_else(wrong),
        "roles" => listed(value).map(Property::Roles).ok_or_else(wrong),
        "modes" => listed(value).map(Property::Modes).ok_or_else(wrong),
        "missing" if value.is_empty() => Ok(Property::Missing(None)),
        "missing" => of_word(value).map(|state| Property::Missing(Some(state))).ok_or_else(wrong),
        "ends" if value.is_empty() => Ok(Property::Ends(None)),
        "ends" => of_word(value).map(|ending| Property::Ends(Some(ending))).ok_or_else(wrong),
        "default_language" => Ok(Property::DefaultLanguage(value.to_owned())),
        "languages" => languages(value, document).ok_or_else(wrong).map(Property::Languages),
        _ => return None,
    })
}

/// Languages by their codes, in that order, with the names that they call themselves.
fn languages(
    value: &str,
    document: &Document,
) -> Option<Vec<survey_builder::questionnaire::document::Language>> {
    let of = |code: &str| {
        let own = document.languages.iter().find(|one| one.code == code).cloned();
        own.or_else(|| {
            let (code, name) = locale::LANGUAGES.iter().find(|(known, _)| *known == code)?;
            Some(survey_builder::questionnaire::document::Language {
                code: (*code).to_owned(),
                name: (*name).to_owned(),
            })
        })
    };
    let found: Option<Vec<_>> = value.split_whitespace().map(of).collect();
    found.filter(|found| !found.is_empty())
}

fn number(value: Option<f64>) -> String {
    value.map(number_to_type).unwrap_or_default()
}

fn count(value: Option<u32>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The settings of a question's kind.
pub fn settings(item: Uuid, kind: &Kind) -> Vec<Field> {
    let text = |name: &str, value: String| {
        Field::setting(item, Field::plain(item, name, "text", value), name)
    };
    let check =
        |name: &str, is| Field::setting(item, Field::plain(item, name, "check", yes(is)), name);
    let chosen = |name: &str, value: String, words: &[&str]| {
        Field::setting(item, Field::choice(item, name, value, words), name)
    };
    let mut fields = Vec::new();
    if let Kind::Multiple(several) | Kind::Ranking(several) = kind {
        fields.push(text("at_least", count(several.at_least)));
        fields.push(text("at_most", count(several.at_most)));
    }
    if let Some(choice) = kind.choice() {
        fields.push(check("shuffled", choice.shuffled));
        let shown = ["list", "buttons", "dropdown", "search", "images"];
        fields.push(chosen("shown", word_of(&choice.shown), &shown));
        fields.push(text("filter", choice.filter.clone().unwrap_or_default()));
    }
    match kind {
        Kind::Battery(battery) => fields.push(check("shuffled", battery.shuffled)),
        Kind::Grid(grid) => {
            fields.push(check("shuffled", grid.shuffled));
            fields.push(text("total", grid.total.clone().unwrap_or_default()));
        }
        Kind::Scale(scale) => {
            fields.push(text("from", scale.from.to_string()));
            fields.push(text("to", scale.to.to_string()));
            fields.push(text("step", scale.step.to_string()));
            let points = ["numbers", "stars", "slider"];
            fields.push(chosen("points", word_of(&scale.shown), &points));
        }
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => {
            fields.push(text("minimum", number(range.minimum)));
            fields.push(text("maximum", number(range.maximum)));
            if matches!(kind, Kind::Decimal(_)) {
                fields.push(text("decimals", count(range.decimals.map(u32::from))));
            }
        }
        Kind::ShortText(rule) | Kind::LongText(rule) => {
            fields.push(text("longest", count(rule.at_most)));
            let formats = ["any", "email", "phone", "url", "digits", "barcode"];
            fields.push(chosen("format", word_of(&rule.format), &formats));
        }
        Kind::Date(range) => {
            fields.push(text("earliest", range.minimum.clone().unwrap_or_default()));
            fields.push(text("latest", range.maximum.clone().unwrap_or_default()));
            fields.push(chosen("precision", word_of(&range.precision), &["day", "month", "year"]));
        }
        Kind::Computed(computed) => fields.push(text("expression", computed.expression.clone())),
        _ => {}
    }
    fields
}

/// Settings of a kind as the form says them: name and value.
pub type Settings = BTreeMap<String, String>;

/// Puts settings into a kind; those that it does not have are of the kind before.
///
/// # Errors
///
/// Everything that is no number where one is wanted, and the like.
pub fn set(kind: &mut Kind, settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in settings {
        if set_one(kind, name, value.trim()).is_none() {
            let unclear = ["minimum", "maximum"].contains(&name.as_str());
            let asked = typed_number(value, name).err().filter(|_| unclear);
            problems.push(asked.unwrap_or_else(|| {
                Problem::new("edit_value", name.as_str()).with("value", value.as_str())
            }));
        }
    }
    problems
}

fn set_one(kind: &mut Kind, name: &str, value: &str) -> Option<()> {
    let optional = || Some(value.to_owned()).filter(|text| !text.is_empty());
    let whole = || if value.is_empty() { Some(None) } else { value.parse::<u32>().ok().map(Some) };
    let some_day = || if value.is_empty() { Some(None) } else { day(value).map(Some) };
    let real =
        || if value.is_empty() { Some(None) } else { typed_number(value, "").ok().map(Some) };
    if let Some(choice) = kind.choice_mut() {
        match name {
            "shuffled" => choice.shuffled = value == "yes",
            "shown" => choice.shown = of_word::<Shown>(value)?,
            "filter" => choice.filter = optional(),
            _ => {}
        }
    }
    match (kind, name) {
        (Kind::Multiple(several) | Kind::Ranking(several), "at_least" | "at_most") => {
            let MultipleChoice { at_least, at_most, .. } = several;
            *(if name == "at_least" { at_least } else { at_most }) = whole()?;
        }
        (Kind::Battery(battery), "shuffled") => battery.shuffled = value == "yes",
        (Kind::Grid(grid), "shuffled") => grid.shuffled = value == "yes",
        (Kind::Grid(grid), "total") => grid.total = optional(),
        (Kind::Scale(scale), "from") => scale.from = value.parse().ok()?,
        (Kind::Scale(scale), "to") => scale.to = value.parse().ok()?,
        (Kind::Scale(scale), "step") => {
            scale.step = value.parse().ok().filter(|step| *step > 0)?;
        }
        (Kind::Scale(scale), "points") => scale.shown = of_word(value)?,
        (Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range), _) => {
            let NumberRange { minimum, maximum, decimals, .. } = range;
            match name {
                "minimum" => *minimum = real()?,
                "maximum" => *maximum = real()?,
                "decimals" => *decimals = whole()?.map(u8::try_from).transpose().ok()?,
                _ => {}
            }
        }
        (Kind::ShortText(rule) | Kind::LongText(rule), "longest") => rule.at_most = whole()?,
        (Kind::ShortText(rule) | Kind::LongText(rule), "format") => {
            rule.format = of_word::<TextFormat>(value)?;
        }
        (Kind::Date(range), "earliest") => range.minimum = some_day()?,
        (Kind::Date(range), "latest") => range.maximum = some_day()?,
        (Kind::Date(range), "precision") => range.precision = of_word::<DatePart>(value)?,
        (Kind::Computed(computed), "expression") => value.clone_into(&mut computed.expression),
        _ => {}
    }
    Some(())
}

/// A day as it is typed or as documents write it.
fn day(value: &str) -> Option<String> {
    let day = locale::read_date(value).or_else(|| value.parse().ok())?;
    Some(day.to_string())
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::document::OFFERED;

    use super::*;

    #[test]
    fn settings_come_back_as_they_are_shown() {
        for name in OFFERED {
            let kind = Kind::Note.converted(name, "list").expect("it is offered");
            let shown = settings(Uuid::nil(), &kind);
            let sent: Settings = shown
                .iter()
                .map(|field| {
                    let name = field.name.rsplit('.').next().expect("a name");
                    (name.to_owned(), field.value.clone())
                })
                .collect();
            let mut again = kind.clone();
            assert_eq!(set(&mut again, &sent), []);
            assert_eq!(again, kind, "{name}");
        }
    }

    #[test]
    fn what_means_nothing_is_told() {
        let mut kind = Kind::Integer(NumberRange::default());
        let sent = |value: &str| Settings::from([("minimum".to_owned(), value.to_owned())]);
        assert_eq!(set(&mut kind, &sent("1,5")), []);
        assert_eq!(
            kind,
            Kind::Integer(NumberRange { minimum: Some(1.5), ..NumberRange::default() })
        );
        assert_eq!(set(&mut kind, &sent("many")).len(), 1);
        assert_eq!(set(&mut kind, &sent("NaN")).len(), 1);
        let document = Document::default();
        assert!(property("required", "sometimes", &document).expect("a property").is_err());
        assert!(property("name", " ", &document).expect("a property").is_err());
        assert!(property("colour", "red", &document).is_none());
    }
}
