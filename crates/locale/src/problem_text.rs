//! Problems in the reader's language: where, what, and what to do.

use fluent_bundle::FluentValue;
use survey_builder::problem::{Argument, Problem};

/// A problem's sentence, after its place. A code without a sentence gives its
/// key; a test makes sure that each has one.
pub fn problem_text(problem: &Problem, language: &str) -> String {
    let text = text(language, &problem.key(), &problem.arguments);
    if problem.place.is_empty() {
        text
    } else {
        format!("{}: {text}", argument_text(&problem.place, language))
    }
}

/// An argument as the language writes it.
pub fn argument_text(argument: &Argument, language: &str) -> String {
    match argument {
        Argument::Number(number) => {
            // As many decimals as it has.
            let plain = number.to_string();
            let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            crate::number(language, *number, decimals)
        }
        Argument::Phrase(phrase) => text(language, &phrase.phrase, &phrase.arguments),
        Argument::Text(text) => text.clone(),
    }
}

fn text(language: &str, key: &str, arguments: &[(String, Argument)]) -> String {
    let value = |(name, argument)| (String::as_str(name), value(argument, language));
    let values = arguments.iter().map(|(name, argument)| value((name, argument))).collect();
    crate::format(language, key, values).unwrap_or_else(|| key.to_owned())
}

/// An argument in a sentence: small whole numbers decide the plural as well, and are
/// written alike in every language.
fn value(argument: &Argument, language: &str) -> FluentValue<'static> {
    match argument {
        Argument::Number(number) if number.fract() == 0.0 && number.abs() < 1_000.0 => {
            FluentValue::from(*number)
        }
        other => FluentValue::from(argument_text(other, language)),
    }
}

#[cfg(test)]
mod tests {
    use survey_builder::problem::phrase;

    use super::*;

    #[test]
    fn arguments_are_said_in_the_readers_language() {
        let said = |argument: Argument| argument_text(&argument, "vi");
        let bounds = phrase("phrase-from-1-to-those-of-the-plan").with("most", 1_500_u32);
        assert_eq!(said(bounds.into()), "từ 1 đến 1.500 theo kế hoạch");
        assert_eq!(said(0.25.into()), "0,25");
        assert_eq!(said("from 1 to 5".into()), "from 1 to 5", "a name is a name");
    }

    #[test]
    fn one_is_one() {
        let told = |count: usize| {
            problem_text(&Problem::new("draft_conflicts", "").with("count", count), "en")
        };
        assert!(told(1).starts_with("one text has"), "{}", told(1));
        assert!(told(2).starts_with("2 texts have"), "{}", told(2));
        assert!(told(1_200).starts_with("1,200 texts have"), "{}", told(1_200));
    }

    #[test]
    fn the_place_stands_before_the_sentence() {
        let problem = Problem::new("margin-sum", "age").with("sum", 0.5);
        let told = problem_text(&problem, "vi");
        assert!(told.starts_with("age: ") && told.contains("0,5"), "{told}");
    }
}
