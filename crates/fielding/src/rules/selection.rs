//! Who of a household is asked: decided once, when all that stands before it has
//! been answered, by the number that was fixed with the sample.

use chrono::{Datelike as _, NaiveDate};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::document::{
    Kind, Question, Selection, SelectionRule, factor_of,
};
use survey_builder::questionnaire::expression::Expression;
use survey_builder::questionnaire::path::{Member, Path, Standpoint, Stop};
use survey_builder::questionnaire::version::{CompiledSelection, Version};
use survey_builder::sampling::within_household::{self, Locked, Rule};

/// The code of the member who is the first to answer.
const INFORMANT: &str = "1";

/// The sampling rule of that name.
pub fn rule(rule: SelectionRule) -> Rule {
    match rule {
        SelectionRule::KishGrid => Rule::KishGrid,
        SelectionRule::NextBirthday => Rule::NextBirthday,
        SelectionRule::LastBirthday => Rule::LastBirthday,
        SelectionRule::FullRoster => Rule::FullRoster,
        SelectionRule::Rizzo => Rule::Rizzo,
    }
}

/// Whether a version chooses among members of a household at all.
pub fn chooses(version: &Version) -> bool {
    version.document.questions().any(|question| matches!(question.kind, Kind::Selection(_)))
}

/// Who is chosen now: the answers to store. `number` is the case's own;
/// `accepted` says which stops are done. What is decided stays so.
pub fn decide(
    version: &Version,
    path: &Path,
    today: NaiveDate,
    number: impl Fn(Rule) -> Locked,
    accepted: impl Fn(&Stop) -> bool,
) -> Answers {
    let mut decided = Answers::default();
    for (index, _) in version.pages().iter().enumerate() {
        let Some(page) = version.page(index) else { continue };
        for question in &page.questions {
            let Kind::Selection(selection) = &question.kind else { continue };
            let known = path.answers.get(question.id).is_some_and(|it| it.value().is_some());
            if known || !path.asks(question.id) {
                continue;
            }
            let at_or_after = |stop: &Stop| stop.page_index().is_some_and(|page| page >= index);
            let here = path.stops.iter().position(|stop| stop.page_index() == Some(index));
            let here = here.or_else(|| path.stops.iter().position(at_or_after));
            let before = &path.stops[..here.unwrap_or(path.stops.len())];
            if before.iter().all(&accepted) {
                let locked = number(rule(selection.rule));
                decided.apply(&choose(version, path, today, question, selection, locked));
            }
        }
    }
    decided
}

fn choose(
    version: &Version,
    path: &Path,
    today: NaiveDate,
    question: &Question,
    selection: &Selection,
    locked: Locked,
) -> Answers {
    let mut chosen = Answers::default();
    let compiled = version.compiled(question.id).map(|compiled| &compiled.selection);
    let roster = version.document.roster(&selection.roster);
    let members = roster.and_then(|roster| path.rosters.get(&roster.id));
    let (Some(compiled), Some(members)) = (compiled, members) else { return chosen };
    let inside = members.iter().map(|member| {
        let within = std::slice::from_ref(member);
        (member, Standpoint { version, path, within, today })
    });
    let may = |(_, at): &(&Member, Standpoint<'_>)| {
        compiled.eligible.as_ref().is_none_or(|eligible| at.holds(eligible))
    };
    let (eligible, people): (Vec<&Member>, Vec<within_household::Member>) =
        inside.filter(may).map(|(member, at)| (member, person(&at, compiled))).unzip();
    let informant = eligible.iter().position(|member| member.code == INFORMANT);
    // Where the one who answers may not be asked, or a birthday is not known, any
    // of them is as likely as the others.
    let any = Locked { rule: Rule::FullRoster, ..locked };
    let locked = match (locked.rule, informant) {
        (Rule::Rizzo, None) => any,
        _ => locked,
    };
    let informant = informant.unwrap_or(0);
    let found =
        locked.choose(&people, informant, today).or_else(|_| any.choose(&people, informant, today));
    if let Ok(found) = found {
        let code = eligible[found.member].code.clone();
        chosen.set(question.id, Answer::Value(Value::Text(code)));
        let factor = Answer::Value(Value::Number(found.factor));
        chosen.set(factor_of(question.id), factor);
    }
    chosen
}

fn person(at: &Standpoint<'_>, compiled: &CompiledSelection) -> within_household::Member {
    let value = |expression: &Option<Expression>| at.value(expression.as_ref()?);
    let age = match value(&compiled.age) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an age")]
        Some(Value::Number(age)) => age.clamp(0.0, 200.0) as u16,
        _ => 0,
    };
    let birthday = match value(&compiled.birthday) {
        Some(Value::Date(day)) => Some((day.month(), day.day())),
        _ => None,
    };
    within_household::Member {
        name: String::new(),
        man: value(&compiled.man) == Some(Value::Bool(true)),
        age,
        birthday,
    }
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::change_members::{MembersChange, change_members};
    use survey_builder::questionnaire::publish::publish;
    use survey_builder::questionnaire::routing::route;
    use survey_builder::sampling::Seed;

    use super::*;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

    /// A household of three adults and a child: a woman of 50, a man of 30, one of
    /// 60, and a boy of 9.
    fn household() -> (Version, Answers) {
        let json = include_str!("../../../../fixtures/questionnaires/household.json");
        let version = publish(serde_json::from_str(json).expect("a document")).expect("a version");
        let mut answers = Answers::default();
        let id = |name: &str| version.item_named(name).expect("an item").0;
        let option = |code: &str| Answer::Value(Value::Option(code.to_owned()));
        answers.set(id("consent"), option("1"));
        for _ in 0..3 {
            let path = route(&version, &answers, TODAY);
            let list = path.stops.iter().find(|stop| stop.page_index().is_none()).expect("a list");
            let more = change_members(&version, list, &answers, &MembersChange::Add);
            answers.apply(&more.expect("one more"));
        }
        let people = [("1", 50.0, "f"), ("2", 30.0, "m"), ("3", 60.0, "m"), ("4", 9.0, "m")];
        for (code, age, sex) in people {
            let path = route(&version, &answers, TODAY);
            let about = |stop: &&Stop| stop.within.first().is_some_and(|one| one.code == code);
            let stop = path.stops.iter().find(about).expect("a page");
            answers.set(stop.key(id("age")), Answer::Value(Value::Number(age)));
            answers.set(stop.key(id("sex")), option(sex));
        }
        (version, answers)
    }

    fn decided(version: &Version, answers: &Answers, number: f64) -> Answers {
        let path = route(version, answers, TODAY);
        decide(version, &path, TODAY, |rule| Locked { rule, number }, |_| true)
    }

    #[test]
    fn one_adult_is_chosen_by_the_grid_and_counts_for_all() {
        let (version, answers) = household();
        let (person, question) = version.item_named("asked_person").expect("an item");
        // Men from the eldest, then women: 3, 2, 1. The child is not eligible.
        for (number, code) in [(0.01, "3"), (0.99, "1")] {
            let chosen = decided(&version, &answers, number);
            assert_eq!(
                chosen.get(person).and_then(Answer::value),
                Some(&Value::Text(code.to_owned())),
                "{number}"
            );
            let factor = chosen.get(factor_of(question.id)).and_then(Answer::value);
            assert_eq!(factor, Some(&Value::Number(3.0)));
        }
    }

    #[test]
    fn it_is_decided_once_all_before_is_answered_and_stays() {
        let (version, mut answers) = household();
        let path = route(&version, &answers, TODAY);
        let locked = |rule| Locked::of(rule, Seed(5), "h1");
        let list_open = |stop: &Stop| stop.page_index().is_some();
        assert!(decide(&version, &path, TODAY, locked, list_open).0.is_empty(), "too early");
        let chosen = decide(&version, &path, TODAY, locked, |_| true);
        assert_eq!(chosen, decide(&version, &path, TODAY, locked, |_| true), "locked");
        answers.apply(&chosen);
        let path = route(&version, &answers, TODAY);
        assert!(decide(&version, &path, TODAY, locked, |_| true).0.is_empty(), "decided");
    }

    #[test]
    fn every_adult_has_the_chance_that_the_factor_says() {
        let (version, answers) = household();
        let (person, question) = version.item_named("asked_person").expect("an item");
        let mut sums = std::collections::BTreeMap::new();
        for step in 0..12_u32 {
            let chosen = decided(&version, &answers, (f64::from(step) + 0.5) / 12.0);
            let Some(Value::Text(code)) = chosen.get(person).and_then(Answer::value) else {
                panic!("somebody")
            };
            let Some(Value::Number(factor)) =
                chosen.get(factor_of(question.id)).and_then(Answer::value)
            else {
                panic!("a factor")
            };
            *sums.entry(code.clone()).or_insert(0.0) += factor / 12.0;
        }
        // Horvitz and Thompson: each stands for itself.
        assert_eq!(sums.len(), 3);
        assert!(sums.values().all(|sum| (sum - 1.0_f64).abs() < 1e-12), "{sums:?}");
    }
}
