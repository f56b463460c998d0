//! Codes that had to change, because here a code stands for one option of its
//! list. What reads the old code reads what it became, and what stands under an
//! option by its code follows it.

use std::collections::BTreeMap;

use survey_builder::questionnaire::document::{Document, ListOption};

use super::{Pending, Slot};
use crate::formula::{Formula, Operator};

/// The codes of each list that stood for several options, each with all that it
/// became: itself first.
#[derive(Default)]
pub(crate) struct Renamed {
    codes: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Renamed {
    /// Another option of a list with that code got another one.
    pub(crate) fn add(&mut self, list: &str, code: &str, other: &str) {
        let of_list = self.codes.entry(list.to_owned()).or_default();
        let all = of_list.entry(code.to_owned()).or_insert_with(|| vec![code.to_owned()]);
        all.push(other.to_owned());
    }

    /// Lets formulas and the options below others follow.
    pub(super) fn follow(&self, document: &mut Document, pending: &mut [Pending]) {
        if self.codes.is_empty() {
            return;
        }
        let (mut lists, mut own_lists) = (BTreeMap::new(), BTreeMap::new());
        for question in document.questions() {
            if let Some(choice) = question.kind.choice() {
                lists.insert(question.name.clone(), choice.list.clone());
                own_lists.insert(question.id, choice.list.clone());
            }
        }
        // The list of the question that a formula belongs to.
        let own_list = |one: &Pending| own_lists.get(&one.slot.item()?).cloned();
        let mut columns: BTreeMap<(String, String), String> = BTreeMap::new();
        for one in pending.iter() {
            let Some(own) = own_list(one).filter(|_| matches!(one.slot, Slot::Filter(_))) else {
                continue;
            };
            one.formula.each(&mut |part| {
                if let Some((column, question)) = below(part)
                    && let Some(above) =
                        lists.get(question).filter(|list| self.codes.contains_key(*list))
                {
                    columns.insert((own.clone(), column.to_owned()), above.clone());
                }
            });
        }
        for ((list, column), above) in &columns {
            self.follow_in(document, list, column, above);
        }
        for one in pending.iter_mut() {
            let own = own_list(one);
            let of = |part: &Formula| match part {
                Formula::Question(name) => lists.get(name),
                Formula::SelfValue => own.as_ref(),
                Formula::Column(name) if name == "name" => own.as_ref(),
                Formula::Column(name) => {
                    columns.get(&(own.clone().unwrap_or_default(), name.clone()))
                }
                _ => None,
            };
            let became = |part: &Formula, code: &Formula| {
                let Formula::Text(code) = code else { return None };
                self.codes.get(of(part)?)?.get(code).cloned()
            };
            let formula = std::mem::replace(&mut one.formula, Formula::SelfValue);
            one.formula = formula.replaced(&mut |part| each_of(part, &became));
        }
    }

    /// Options that stand under others by a column follow these: under the one
    /// with which they agree in every column that both have.
    fn follow_in(&self, document: &mut Document, list: &str, column: &str, above: &str) {
        let (Some(codes), Some(over)) = (self.codes.get(above), document.list(above).cloned())
        else {
            return;
        };
        let below = document.lists.iter_mut().find(|one| one.name == list);
        for option in below.into_iter().flat_map(|list| &mut list.options) {
            let Some(all) = option.attributes.get(column).and_then(|code| codes.get(code)) else {
                continue;
            };
            let agrees = |other: &&ListOption| {
                let shared = |(name, value): (&String, &String)| {
                    name == column || option.attributes.get(name).is_none_or(|own| own == value)
                };
                all.contains(&other.code) && other.attributes.iter().all(shared)
            };
            let mut agreeing = over.options.iter().filter(agrees);
            if let (Some(one), None) = (agreeing.next(), agreeing.next()) {
                option.attributes.insert(column.to_owned(), one.code.clone());
            }
        }
    }
}

/// The column by which options stand under what was chosen.
fn below(part: &Formula) -> Option<(&str, &str)> {
    let Formula::Binary(Operator::Equal, left, right) = part else { return None };
    match (&**left, &**right) {
        (Formula::Column(column), Formula::Question(question))
        | (Formula::Question(question), Formula::Column(column)) => Some((column, question)),
        _ => None,
    }
}

/// A test of a code as one of all that it became.
fn each_of(part: Formula, became: &impl Fn(&Formula, &Formula) -> Option<Vec<String>>) -> Formula {
    match part {
        Formula::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
            let (value, all) = match (became(&left, &right), became(&right, &left)) {
                (Some(all), _) => (&left, all),
                (None, Some(all)) => (&right, all),
                (None, None) => return Formula::Binary(operator, left, right),
            };
            let value = (**value).clone();
            let tests = all
                .into_iter()
                .map(|code| Formula::binary(operator, value.clone(), Formula::Text(code)));
            let joined =
                if operator == Operator::Equal { Formula::any(tests) } else { Formula::all(tests) };
            joined.unwrap_or(Formula::Binary(operator, left, right))
        }
        Formula::Call(name, parts) if matches!(name.as_str(), "selected" | "holds") => {
            let all = match parts.as_slice() {
                [value, code] => became(value, code),
                _ => None,
            };
            let value = parts.first().cloned();
            match (all, value) {
                (Some(all), Some(value)) => {
                    let tests = all
                        .into_iter()
                        .map(|code| Formula::call(&name, vec![value.clone(), Formula::Text(code)]));
                    Formula::any(tests).unwrap_or(Formula::Call(name, parts))
                }
                _ => Formula::Call(name, parts),
            }
        }
        other => other,
    }
}
