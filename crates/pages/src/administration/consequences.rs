//! What the pages say that come before something touches what other people may do.

use fielding::rules::access::{Action, Role};
use fielding::store::Id;
use fielding::store::invited::Invited;

use super::confirm::{Figures, Step};
use super::name_of;
use super::person::Person;
use crate::studies::confirm::Consequences;
use crate::wording::{count_text, say_count};

/// The rights that one role has and the other has not, in words.
fn more(language: &str, role: Option<Role>, than: Option<Role>) -> Vec<String> {
    let has = |role: Option<Role>, action| role.is_some_and(|role| role.may(action));
    let gained = Action::ALL.iter().filter(|action| has(role, **action) && !has(than, **action));
    gained.map(|action| locale::text(language, &format!("right-{}", action.word()), &[])).collect()
}

/// A role in a form; that there is none has a word as well.
pub(super) fn word_of(role: Option<Role>) -> &'static str {
    role.map_or("none", Role::word)
}

/// The address of a step about a person.
fn of_person(person: &Person, word: &str) -> (String, String) {
    let page = format!("/administration/people/{}", person.user.id);
    (format!("{page}/{word}"), page)
}

/// A role given, changed or ended.
pub(super) fn role_step(
    person: &Person,
    unit: Id,
    (figures, role): (Figures, Option<Role>),
    language: &str,
) -> Consequences {
    let say = |key: &str, values: &[(&str, &str)]| locale::text(language, key, values);
    let called = |role: Role| say(&format!("person-role-{role}"), &[]);
    let unit_name = name_of(&person.units, unit);
    let (name, before) = (person.user.name.as_str(), figures.before);
    let values = [("name", name), ("unit", &unit_name)];
    let title = match role {
        Some(role) => say("step-role-set", &[values[0], values[1], ("role", &called(role))]),
        None => say("step-role-end", &values),
    };
    let (action, back) = of_person(person, "role");
    let mut step = Consequences::new(title, action, back);
    let none = || say("step-role-none", &[]);
    step.facts = vec![
        (say("step-person", &[]), format!("{name} ({})", person.user.email)),
        (say("step-unit", &[]), unit_name.clone()),
        (say("step-before", &[]), before.map_or_else(none, called)),
        (say("step-after", &[]), role.map_or_else(none, called)),
        (say("step-studies", &[]), count_text(language, figures.studies)),
    ];
    let gained = more(language, role, before);
    let lost = more(language, before, role);
    for (key, list) in [("step-gains", &gained), ("step-loses", &lost)] {
        if !list.is_empty() {
            step.happens.push(say(key, &[("rights", &list.join("; "))]));
        }
    }
    step.happens.push(say("step-role-at-once", &[]));
    step.stays = vec![say("step-role-elsewhere", &[]), say("step-log-stays", &[])];
    step.undo = say("step-role-undo", &[]);
    if before == role {
        step.nothing = Some(say("step-role-same", &values));
    }
    step.hidden = vec![
        ("unit", unit.to_string()),
        ("role", word_of(role).to_owned()),
        ("seen", word_of(before).to_owned()),
    ];
    step
}

/// What is done to an account as a whole.
pub(super) fn account_step(
    step: &Step,
    person: &Person,
    figures: Figures,
    language: &str,
) -> Consequences {
    let say = |key: &str, values: &[(&str, &str)]| locale::text(language, key, values);
    let (name, word) = (person.user.name.as_str(), step.word());
    let (action, back) = of_person(person, word);
    let title = say(&format!("step-{word}"), &[("name", name)]);
    let mut shown = Consequences::new(title, action, back);
    shown.facts = vec![(say("step-person", &[]), format!("{name} ({})", person.user.email))];
    let ends = say_count(language, "step-sessions-end", figures.sessions, &[]);
    match step {
        Step::Disable => {
            shown.happens = vec![ends, say("step-disabling-happens", &[])];
            shown.stays = vec![say("step-disabling-stays", &[]), say("step-log-stays", &[])];
        }
        Step::RemoveFactor => {
            shown.happens = vec![
                ends,
                say("step-factor-codes", &[]),
                say("step-factor-letter", &[("email", &person.user.email)]),
            ];
            shown.stays = vec![say("step-factor-stays", &[])];
        }
        _ => shown.happens = vec![say("step-enabling-happens", &[])],
    }
    shown.undo = say(&format!("step-{word}-undo"), &[]);
    let done = match step {
        Step::Disable => person.user.disabled,
        Step::Enable => !person.user.disabled,
        _ => false,
    };
    if done {
        shown.nothing = Some(say(&format!("step-{word}-done"), &[("name", name)]));
    }
    shown
}

/// An invitation taken back.
pub(super) fn withdrawal(row: &Invited, unit: &str, language: &str) -> Consequences {
    let say = |key: &str, values: &[(&str, &str)]| locale::text(language, key, values);
    let title = say("step-withdrawal", &[("name", &row.name)]);
    let action = format!("/administration/invitations/{}/withdrawal", row.id);
    let mut step =
        Consequences::new(title, action, format!("/administration/units/{}", row.unit_id));
    step.facts = vec![
        (say("step-person", &[]), format!("{} ({})", row.name, row.email)),
        (say("step-unit", &[]), unit.to_owned()),
        (say("step-after", &[]), say(&format!("person-role-{}", row.role), &[])),
    ];
    step.happens = vec![say("step-withdrawal-happens", &[])];
    step.stays = vec![say("step-withdrawal-stays", &[])];
    step.undo = say("step-withdrawal-undo", &[]);
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gained_and_lost_is_what_the_rules_say() {
        let (viewer, manager) = (Some(Role::Viewer), Some(Role::FieldManager));
        assert_eq!(more("en", manager, viewer).len(), 4);
        assert_eq!(more("en", viewer, manager), Vec::<String>::new());
        assert_eq!(more("en", None, viewer), Vec::<String>::new());
        assert_eq!(more("en", viewer, None).len(), 1);
    }
}
