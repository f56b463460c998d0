//! Defaults and constraints that name what is asked later.
//!
//! A default is worked out when its question comes up, and has nothing from later answers
//! in any program: it is left out. A constraint that names a later answer, or a total that
//! is worked out from one, can be looked at when the last of these is given: it goes to
//! that question, and where it cannot, it becomes an edit check. Each is told, and kept.

use survey_builder::problem::{Problem, first_places};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Constraint, EditCheck, Kind, Question, Remark};

use super::Draft;
use super::known::{Order, Part};
use super::order::words;
use crate::formula::translate::reference;

/// How often the expression of a value is put in the place of its name.
const MOST_VALUES: usize = 50;

/// The longest expression that is made so, in bytes.
const LONGEST: usize = 20_000;

/// Settles both, and tells how many.
pub(super) fn settle_early(draft: &mut Draft) {
    let (defaults, constraints) = {
        let order = Order::of(&draft.document);
        let questions = || {
            let all = order.all.iter().enumerate();
            all.filter_map(|(place, part)| Some((place, part.question()?)))
        };
        let late = |place: usize, text: &str| {
            words(text).into_iter().any(|name| order.place_of(name).is_some_and(|at| at > place))
        };
        let defaults: Vec<ItemId> = questions()
            .filter(|(place, one)| one.default.as_ref().is_some_and(|text| late(*place, text)))
            .map(|(_, one)| one.id)
            .collect();
        let mut constraints = Vec::new();
        for (place, question) in questions() {
            for (number, one) in question.constraints.iter().enumerate() {
                if late(place, &one.expression) {
                    let goes = goes_to(&order, place, &one.expression);
                    constraints.push(Late { id: question.id, number, goes });
                }
            }
        }
        (defaults, constraints)
    };
    without_defaults(draft, &defaults);
    move_constraints(draft, constraints);
}

/// A constraint that names a later answer: the question it stands at, its number there,
/// and where it goes with what it says there.
struct Late {
    id: ItemId,
    number: usize,
    goes: Option<(ItemId, String)>,
}

/// The last question that a constraint needs, and the constraint as it is said there.
fn goes_to(order: &Order<'_>, place: usize, expression: &str) -> Option<(ItemId, String)> {
    let own = order.all[place].question()?;
    let mut said = about_name(expression, &own.name);
    let mut last = place;
    for _ in 0..MOST_VALUES {
        let names: Vec<String> = words(&said).into_iter().map(str::to_owned).collect();
        let read = names.iter().filter_map(|name| Some((name, order.place_of(name)?)));
        let later: Vec<(&String, usize)> = read.filter(|(_, at)| *at > place).collect();
        let worked_out = later.iter().find_map(|(name, at)| {
            let question = order.all[*at].question()?;
            match &question.kind {
                Kind::Computed(computed) if computed.list.is_none() => {
                    Some((*name, format!("({})", computed.expression)))
                }
                _ => None,
            }
        });
        let Some((name, inner)) = worked_out else {
            last = later.iter().map(|(_, at)| *at).max().unwrap_or(place);
            break;
        };
        said = with_name(&said, name, &inner);
        if said.len() > LONGEST {
            return None;
        }
    }
    let (here, there) = (&order.all[place], &order.all[last]);
    let target = there.question().filter(|_| last > place)?;
    let alone = target.kind.takes_answer() && is_one(target);
    let together = members_of(here) == members_of(there) && !here.shuffled && !there.shuffled;
    (alone && together).then(|| (target.id, with_name(&said, &target.name, ".")))
}

/// The sections whose members are asked.
fn members_of<'p>(part: &'p Part<'_>) -> &'p [usize] {
    &part.way[..part.members]
}

/// Whether a question has one answer, its own.
fn is_one(question: &Question) -> bool {
    let items = question.items();
    items.len() == 1 && items[0].id == question.id
}

fn without_defaults(draft: &mut Draft, defaults: &[ItemId]) {
    let mut names = Vec::new();
    let mut remarks = Vec::new();
    for page in draft.document.pages_mut() {
        for question in page.questions.iter_mut().filter(|one| defaults.contains(&one.id)) {
            if let Some(original) = question.default.take() {
                remarks.push(Remark {
                    item: Some(question.id),
                    role: "default".to_owned(),
                    original,
                });
                names.push(question.name.clone());
            }
        }
    }
    draft.document.remarks.extend(remarks);
    if !names.is_empty() {
        let places = first_places(names.iter().map(String::as_str));
        draft.note(Problem::new("import_default_too_early", places).with("count", names.len()));
    }
}

fn move_constraints(draft: &mut Draft, all: Vec<Late>) {
    let mut names = Vec::new();
    // The last of a question first: the numbers of those before stay what they are.
    for one in all.into_iter().rev() {
        let mut found: Option<(String, Constraint)> = None;
        for page in draft.document.pages_mut() {
            if let Some(own) = page.questions.iter_mut().find(|own| own.id == one.id) {
                found = Some((own.name.clone(), own.constraints.remove(one.number)));
                break;
            }
        }
        let Some((name, constraint)) = found else { continue };
        draft.remark(Some(one.id), "constraint", &constraint.expression);
        match one.goes {
            Some((id, expression)) => {
                let mut questions =
                    draft.document.pages_mut().into_iter().flat_map(|page| &mut page.questions);
                if let Some(target) = questions.find(|own| own.id == id) {
                    target.constraints.push(Constraint { expression, ..constraint });
                }
            }
            None => {
                let expression = about_name(&constraint.expression, &name);
                let number = draft.document.checks.len() + 1;
                let check = format!("{name}_check_{number}");
                let id = draft.id("check", &check);
                let message = constraint.message;
                draft.document.checks.push(EditCheck { id, name: check, expression, message });
            }
        }
        names.push(name);
    }
    if !names.is_empty() {
        names.reverse();
        let places = first_places(names.iter().map(String::as_str));
        draft.note(Problem::new("import_constraints_moved", places).with("count", names.len()));
    }
}

/// A constraint that names its question in the place of the answer being given.
fn about_name(expression: &str, name: &str) -> String {
    let is_of_name = |sign: Option<char>| {
        sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '_' || sign == '}')
    };
    let mut made = String::with_capacity(expression.len());
    let mut quote = None;
    let mut before = None;
    let mut signs = expression.chars().peekable();
    while let Some(sign) = signs.next() {
        match quote {
            Some(open) if open == sign => quote = None,
            None if matches!(sign, '\'' | '"') => quote = Some(sign),
            _ => {}
        }
        if quote.is_none()
            && sign == '.'
            && !is_of_name(before)
            && !is_of_name(signs.peek().copied())
        {
            made.push_str(&reference(name));
        } else {
            made.push(sign);
        }
        before = Some(sign);
    }
    made
}

/// An expression with something else in the place of a name.
fn with_name(expression: &str, name: &str, other: &str) -> String {
    let is_of_name = |sign: char| sign.is_alphanumeric() || sign == '_';
    let written = reference(name);
    let mut made = String::with_capacity(expression.len());
    let mut quote = None;
    let mut rest = expression;
    while let Some(sign) = rest.chars().next() {
        let begins = quote.is_none()
            && rest.starts_with(&written)
            && !made.ends_with(|before: char| is_of_name(before) || before == '.')
            && !rest[written.len()..].starts_with(|after: char| is_of_name(after) || after == '(');
        if begins {
            made.push_str(other);
            rest = &rest[written.len()..];
            continue;
        }
        match quote {
            Some(open) if open == sign => quote = None,
            None if matches!(sign, '\'' | '"') => quote = Some(sign),
            _ => {}
        }
        made.push(sign);
        rest = &rest[sign.len_utf8()..];
    }
    made
}

#[cfg(test)]
mod tests {
    use super::{about_name, with_name};

    #[test]
    fn the_answer_and_names_change_places() {
        assert_eq!(about_name("coalesce(. <= total, false)", "a"), "coalesce(a <= total, false)");
        assert_eq!(
            about_name("p.age > 0.5 and . != '. or .'", "a"),
            "p.age > 0.5 and a != '. or .'"
        );
        assert_eq!(
            with_name("a <= total + totals + p.total", "total", "."),
            "a <= . + totals + p.total"
        );
        assert_eq!(with_name("a = 'total' or total(1)", "total", "x"), "a = 'total' or total(1)");
    }
}
