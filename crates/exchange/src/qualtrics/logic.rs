//! Logic: sets of expressions, joined by `And` before `Or`.

use survey_builder::problem::{Phrase, phrase};

use super::names::{Known, Names, Sort};
use super::survey::{entries, string};
use super::text::field_name;
use crate::account::Json;
use crate::draft::text::number;
use crate::formula::{Formula, Operator};

/// Reads the logic of a question, a choice or a branch; `None` if it is empty.
pub(super) fn read(logic: &Json, names: &Names) -> Option<Result<Formula, Phrase>> {
    let mut sets = Vec::new();
    for (_, set) in entries(logic).into_iter().filter(|(_, set)| set.is_object()) {
        let mut terms = Vec::new();
        for (_, expression) in entries(set).into_iter().filter(|(_, part)| part.is_object()) {
            if super::survey::is_on(expression, "_HiddenExpression") {
                continue;
            }
            let joined = match string(expression, "Conjuction").as_str() {
                "" => string(expression, "Conjunction"),
                word => word.to_owned(),
            };
            match term(expression, names) {
                Ok(formula) => terms.push((joined.eq_ignore_ascii_case("or"), formula)),
                Err(reason) => return Some(Err(reason)),
            }
        }
        let is_or = matches!(string(set, "Type").as_str(), "OrIf" | "ElseIf");
        if let Some(formula) = joined(terms) {
            sets.push((is_or, formula));
        }
    }
    joined(sets).map(Ok)
}

/// Joins terms, `And` before `Or`; each says whether `Or` stands before it.
fn joined(terms: Vec<(bool, Formula)>) -> Option<Formula> {
    let mut alternatives: Vec<Vec<Formula>> = Vec::new();
    for (is_or, formula) in terms {
        match alternatives.last_mut() {
            Some(last) if !is_or => last.push(formula),
            _ => alternatives.push(vec![formula]),
        }
    }
    Formula::any(alternatives.into_iter().filter_map(Formula::all))
}

/// What logic says in words.
pub(super) fn described(logic: &Json) -> String {
    let mut said = Vec::new();
    for (_, set) in entries(logic).into_iter().filter(|(_, set)| set.is_object()) {
        for (_, expression) in entries(set).into_iter().filter(|(_, part)| part.is_object()) {
            let description = string(expression, "Description");
            // The sentence says what these say.
            let parts = ["LogicType", "LeftOperand", "Operator", "RightOperand"];
            let parts = parts.map(|part| string(expression, part));
            let words = if description.is_empty() {
                parts[1..].join(" ")
            } else {
                crate::draft::text::without_markup(&description)
            };
            said.push(words.trim().to_owned());
        }
    }
    said.join(" ")
}

fn term(expression: &Json, names: &Names) -> Result<Formula, Phrase> {
    let left = string(expression, "LeftOperand");
    let operator = string(expression, "Operator");
    let right = string(expression, "RightOperand");
    match string(expression, "LogicType").as_str() {
        "Question" => {
            let locator =
                if left.starts_with("q://") { left } else { string(expression, "ChoiceLocator") };
            test(&locator, &operator, &right, names)
        }
        "EmbeddedField" => {
            let name = names
                .fields
                .get(&field_name(&left))
                .ok_or_else(|| phrase("phrase-no-field-is-called").with("name", &left))?;
            compared(Formula::question(name), &operator, &right)
        }
        "PanelData" => {
            let field = format!("m://{}", super::text::participant(&left));
            let name = names
                .fields
                .get(&field)
                .ok_or_else(|| phrase("phrase-no-field-is-called").with("name", &left))?;
            compared(Formula::question(name), &operator, &right)
        }
        "BooleanValue" => {
            let truth = if left.eq_ignore_ascii_case("true") { "true" } else { "false" };
            Ok(Formula::call(truth, Vec::new()))
        }
        "" if left.starts_with("q://") => test(&left, &operator, &right, names),
        other => Err(phrase("phrase-logic-by").with("what", other)),
    }
}

/// A locator, split into its parts.
struct Locator<'l> {
    selector: &'l str,
    arguments: Vec<&'l str>,
    /// The column of a question side by side.
    column: Option<String>,
}

/// Reads one test of a question: `q://QID1/SelectableChoice/2` is `Selected`.
pub(super) fn test(
    locator: &str,
    operator: &str,
    right: &str,
    names: &Names,
) -> Result<Formula, Phrase> {
    let rest = locator
        .strip_prefix("q://")
        .ok_or_else(|| phrase("phrase-logic-by").with("what", locator))?;
    let mut words = rest.split('/').filter(|word| !word.is_empty());
    let written = words.next().unwrap_or_default().replace("%23", "#");
    // In a loop the number of the round stands before the question's.
    let id = match written.split_once('_') {
        Some((round, id)) if round.parse::<u32>().is_ok() => id.to_owned(),
        _ => written,
    };
    let (id, column) = match id.split_once('#') {
        Some((id, column)) => (id.to_owned(), Some(column.to_owned())),
        None => (id, None),
    };
    let known = names
        .questions
        .get(&id)
        .ok_or_else(|| phrase("phrase-no-question-is-called").with("name", &id))?;
    let selector = words.next().unwrap_or_default();
    let locator = Locator { selector, arguments: words.collect(), column };
    match operator {
        "Selected" => selected(&locator, known),
        "NotSelected" => Ok(selected(&locator, known)?.negated()),
        "Displayed" | "NotDisplayed" => {
            // A choice without a condition is shown whenever its question is.
            if locator.arguments.iter().any(|choice| known.conditional.contains(*choice)) {
                return Err(phrase("phrase-whether-it-was-displayed"));
            }
            let name = match (known.sort, known.rows.values().next()) {
                (Sort::Nothing, _) => return Err(phrase("phrase-whether-it-was-displayed")),
                (Sort::Columns, Some(row)) => {
                    format!("{row}_{}", locator.column.as_deref().unwrap_or("1"))
                }
                (Sort::Cells, Some(row)) if known.answers.len() > 1 => {
                    let first = known.answers.values().next();
                    format!("{row}_{}", first.map_or("", String::as_str))
                }
                (_, Some(row)) => row.clone(),
                _ => known.name.clone(),
            };
            let asked = Formula::call("asked", vec![Formula::Question(name)]);
            Ok(if operator == "Displayed" { asked } else { asked.negated() })
        }
        _ if known.sort == Sort::Ranking && locator.selector == "ChoiceNumericEntryValue" => {
            ranked(&locator, known, operator, right)
        }
        _ => compared(value(&locator, known)?, operator, right),
    }
}

/// A test of the place that a choice was ranked at, from 1.
fn ranked(
    locator: &Locator<'_>,
    known: &Known,
    operator: &str,
    right: &str,
) -> Result<Formula, Phrase> {
    let choice = locator.arguments.last().copied().unwrap_or_default();
    let unknown = || phrase("phrase-no-choice-is-called").with("name", choice);
    let code = known.codes.get(choice).ok_or_else(unknown)?;
    let rank = number(right.trim());
    let stands_at = |fits: &dyn Fn(f64, f64) -> bool| {
        let places = (1..=u32::try_from(known.codes.len()).unwrap_or(0)).map(f64::from);
        let fitting = places.filter(|place| rank.is_none_or(|rank| fits(*place, rank)));
        let tests = fitting.map(|place| at_place(known, place, code));
        Formula::any(tests).unwrap_or_else(|| Formula::call("false", Vec::new()))
    };
    let same = |place: f64, rank: f64| (place - rank).abs() < 0.5;
    match (operator, rank) {
        ("Empty", _) => Ok(stands_at(&|_, _| true).negated()),
        ("NotEmpty", _) => Ok(stands_at(&|_, _| true)),
        (_, None) => Err(phrase("phrase-no-number").with("text", right)),
        ("EqualTo" | "Is", _) => Ok(stands_at(&same)),
        ("NotEqualTo" | "IsNot", _) => Ok(stands_at(&same).negated()),
        ("GreaterThan", _) => Ok(stands_at(&|place, rank| place > rank)),
        ("GreaterThanOrEqual", _) => Ok(stands_at(&|place, rank| place >= rank)),
        ("LessThan", _) => Ok(stands_at(&|place, rank| place < rank)),
        ("LessThanOrEqual", _) => Ok(stands_at(&|place, rank| place <= rank)),
        (other, _) => Err(phrase("phrase-comparing-by").with("sign", other)),
    }
}

/// Whether a choice stands at a place of a ranking, from 1.
fn at_place(known: &Known, place: f64, code: &str) -> Formula {
    let place = Formula::Number(place - 1.0);
    let chosen = Formula::call("selected-at", vec![Formula::question(&known.name), place]);
    Formula::binary(Operator::Equal, chosen, Formula::text(code))
}

fn selected(locator: &Locator<'_>, known: &Known) -> Result<Formula, Phrase> {
    let mut arguments = locator.arguments.clone();
    if arguments.first() == Some(&"Group") {
        arguments.remove(0);
    }
    let first = arguments.first().copied().unwrap_or_default();
    let last = arguments.last().copied().unwrap_or_default();
    let unknown = || phrase("phrase-no-choice-is-called").with("name", last);
    let equal = |name: &str, code: &str| {
        Formula::binary(Operator::Equal, Formula::question(name), Formula::text(code))
    };
    let holds = |name: &str, code: &str| {
        Formula::call("selected", vec![Formula::question(name), Formula::text(code)])
    };
    match known.sort {
        Sort::Single => Ok(equal(&known.name, known.codes.get(first).ok_or_else(unknown)?)),
        Sort::Scale => {
            let code = known.codes.get(first).ok_or_else(unknown)?;
            let number = code.parse().map_err(|_| phrase("phrase-no-number").with("text", code))?;
            let name = Formula::question(&known.name);
            Ok(Formula::binary(Operator::Equal, name, Formula::Number(number)))
        }
        // Ranked at all.
        Sort::Ranking => {
            let code = known.codes.get(first).ok_or_else(unknown)?;
            let places = (1..=u32::try_from(known.codes.len()).unwrap_or(0)).map(f64::from);
            let tests = places.map(|place| at_place(known, place, code));
            Formula::any(tests).ok_or_else(unknown)
        }
        Sort::Multiple => Ok(holds(&known.name, known.codes.get(first).ok_or_else(unknown)?)),
        Sort::Rows | Sort::RowsOfMany => {
            let code = known.answers.get(last).ok_or_else(unknown)?;
            let test = |row: &String| {
                if known.sort == Sort::Rows { equal(row, code) } else { holds(row, code) }
            };
            if arguments.len() > 1 {
                return Ok(test(known.rows.get(first).ok_or_else(unknown)?));
            }
            // Chosen in any row.
            Formula::any(known.rows.values().map(test)).ok_or_else(unknown)
        }
        Sort::Columns => {
            let row = known.rows.get(first).ok_or_else(unknown)?;
            let column = locator.column.as_deref().ok_or_else(unknown)?;
            let key = format!("{column}#{last}");
            let code = known.answers.get(&key).map_or(last, String::as_str);
            Ok(equal(&format!("{row}_{column}"), code))
        }
        _ => Err(phrase("phrase-choice-of-a-question-of-this-type")),
    }
}

fn value(locator: &Locator<'_>, known: &Known) -> Result<Formula, Phrase> {
    let first = locator.arguments.first().copied().unwrap_or_default();
    let own = || Formula::question(&known.name);
    let row = || {
        let alone = known.rows.values().next().filter(|_| known.rows.len() == 1);
        known.rows.get(first).or(alone)
    };
    match (locator.selector, known.sort) {
        ("SelectedChoicesCount", Sort::Multiple) => {
            Ok(Formula::call("count-selected", vec![own()]))
        }
        ("SelectedAnswerCount", Sort::RowsOfMany) => {
            let row = row().ok_or_else(|| phrase("phrase-row-that-is-not-there"))?;
            Ok(Formula::call("count-selected", vec![Formula::question(row)]))
        }
        ("ChoiceTextEntryValue", Sort::Single | Sort::Multiple) => match known.others.get(first) {
            Some(other) => Ok(Formula::question(other)),
            None => Ok(own()),
        },
        (_, Sort::Cells) => {
            let row = row().ok_or_else(|| phrase("phrase-row-that-is-not-there"))?;
            let last = locator.arguments.last().copied().unwrap_or_default();
            match known.answers.get(last).filter(|_| known.answers.len() > 1) {
                Some(column) => Ok(Formula::question(&format!("{row}_{column}"))),
                None => Ok(Formula::question(row)),
            }
        }
        (_, Sort::Values | Sort::Rows | Sort::RowsOfMany) => {
            Ok(Formula::question(row().ok_or_else(|| phrase("phrase-row-that-is-not-there"))?))
        }
        (_, Sort::Columns) => {
            let row = row().ok_or_else(|| phrase("phrase-row-that-is-not-there"))?;
            let column = locator
                .column
                .as_deref()
                .ok_or_else(|| phrase("phrase-column-that-is-not-there"))?;
            Ok(Formula::question(&format!("{row}_{column}")))
        }
        (_, Sort::Nothing) => Err(phrase("phrase-about-a-question-without-an-answer")),
        _ => Ok(own()),
    }
}

fn compared(left: Formula, operator: &str, right: &str) -> Result<Formula, Phrase> {
    let right = right.trim();
    if right.contains("${") {
        return Err(phrase("phrase-comparison-with-another-answer"));
    }
    let text = || Formula::text(right);
    let number = || number(right).map_or_else(text, Formula::Number);
    let binary = |operator, right| Ok(Formula::binary(operator, left.clone(), right));
    match operator {
        "EqualTo" | "Is" | "EqualToIgnoreCase" => binary(Operator::Equal, text()),
        "NotEqualTo" | "IsNot" => binary(Operator::NotEqual, text()),
        "GreaterThan" => binary(Operator::Greater, number()),
        "GreaterThanOrEqual" => binary(Operator::GreaterOrEqual, number()),
        "LessThan" => binary(Operator::Less, number()),
        "LessThanOrEqual" => binary(Operator::LessOrEqual, number()),
        "Empty" => Ok(left.blank()),
        "NotEmpty" => binary(Operator::NotEqual, Formula::text("")),
        "Contains" => Ok(Formula::call("contains", vec![left, text()])),
        "DoesNotContain" => Ok(Formula::call("contains", vec![left, text()]).negated()),
        "MatchesRegex" => {
            let pattern = right.trim_matches('/').trim_start_matches('^').trim_end_matches('$');
            Ok(Formula::call("regex", vec![left, Formula::text(pattern)]))
        }
        other => Err(phrase("phrase-comparing-by").with("sign", other)),
    }
}
