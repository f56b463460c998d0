//! Simulated respondents: answers that keep to the path, for comparing what
//! two programs make of the same questionnaire.
//!
//! Only questions outside rosters are answered. Values are drawn around the
//! constants that conditions compare with, so that both sides of each happen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State, Value};
use survey_builder::questionnaire::document::{Item, Kind, NumberRange, Question};
use survey_builder::questionnaire::expression::{Expression, Node, Operation};
use survey_builder::questionnaire::order::is_offered;
use survey_builder::questionnaire::routing::{Path, Standpoint, default_value, route};
use survey_builder::questionnaire::version::{Version, reference};

/// What one respondent answered, and what came of it.
pub struct Respondent {
    /// What was given, by item: a flagged option as its code.
    pub values: BTreeMap<String, Value>,
    /// The same as routing reads it.
    #[allow(dead_code, reason = "not every test routes again")]
    pub answers: Answers,
    /// Where it led.
    pub path: Path,
}

/// The day on which all answer.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// What conditions compare with.
#[derive(Default)]
struct Constants {
    numbers: Vec<f64>,
    texts: Vec<String>,
    days: Vec<NaiveDate>,
}

impl Constants {
    fn of(version: &Version) -> Self {
        let mut constants = Self {
            numbers: vec![0.0, 1.0, 2.0, 5.0, 20.0, 70.0],
            texts: vec!["abc".to_owned(), "12".to_owned()],
            days: vec![today(), NaiveDate::from_ymd_opt(1990, 6, 15).expect("a day")],
        };
        for page in version.pages() {
            page.relevant.iter().for_each(|one| constants.read(one));
            for question in &page.questions {
                let all = question.relevant.iter().chain(&question.constraints);
                all.chain(&question.calculation).for_each(|one| constants.read(one));
            }
        }
        constants
    }

    fn read(&mut self, expression: &Expression) {
        expression.tree.each(&mut |node| match node {
            Node::Constant(Value::Number(number)) => {
                self.numbers.extend([*number, number - 1.0, number + 1.0]);
            }
            Node::Constant(Value::Text(text)) if !text.is_empty() => self.texts.push(text.clone()),
            Node::Constant(Value::Date(day)) => {
                let before = day.checked_sub_days(Days::new(1));
                let after = day.checked_add_days(Days::new(1));
                self.days.extend([Some(*day), before, after].into_iter().flatten());
            }
            _ => {}
        });
    }
}

/// One respondent, the same for the same seed.
pub fn respondent(version: &Version, seed: u64) -> Respondent {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let constants = Constants::of(version);
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut decided: BTreeSet<ItemId> = BTreeSet::new();
    let mut answers = Answers::default();
    loop {
        let path = route(version, &answers, today());
        let Some((question, item)) = next(version, &path, &decided) else { break };
        decided.insert(item.id);
        let at = Standpoint { version, path: &path, within: &[], today: today() };
        let Some(value) = drawn(&at, question, &item, &constants, &mut random) else {
            if question.kind.takes_answer() {
                answers.set(item.id, Answer::Missing(State::Skipped));
            }
            continue;
        };
        answers.set(item.id, as_answer(version, question, &item, &value));
        values.insert(item.name.to_string(), value);
    }
    // What a later answer took off the path was not given.
    for _ in 0..20 {
        let path = route(version, &answers, today());
        let off: Vec<(ItemId, String)> = version
            .document
            .questions()
            .flat_map(Question::items)
            .filter(|item| answers.get(item.id).is_some() && !path.asks_item(item.id))
            .map(|item| (item.id, item.name.to_string()))
            .collect();
        if off.is_empty() {
            break;
        }
        for (id, name) in off {
            answers.0.remove(&id);
            values.remove(&name);
        }
    }
    let path = route(version, &answers, today());
    Respondent { values, answers, path }
}

/// The next item on the path that nothing was decided about.
fn next<'v>(
    version: &'v Version,
    path: &Path,
    decided: &BTreeSet<ItemId>,
) -> Option<(&'v Question, Item<'v>)> {
    let outside = |question: &&Question| {
        let first = question.items().first().map(|item| item.id);
        first.is_some_and(|item| version.rosters_around(item).is_empty())
    };
    let asked = |question: &&Question| path.asks(question.id);
    let mut all = version.document.questions().filter(outside).filter(asked);
    all.find_map(|question| {
        let free = |item: &Item<'_>| path.asks_item(item.id) && !decided.contains(&item.id);
        question.items().into_iter().find(free).map(|item| (question, item))
    })
}

fn drawn(
    at: &Standpoint<'_>,
    question: &Question,
    item: &Item<'_>,
    constants: &Constants,
    random: &mut ChaCha12Rng,
) -> Option<Value> {
    let kind = item.kind_in(question);
    if let Kind::Hidden(hidden) = &*kind {
        return if hidden.is_of_interview() { None } else { default_value(at, question.id) };
    }
    if random.random_ratio(1, 4) {
        return None;
    }
    let codes: Vec<String> = item
        .list()
        .and_then(|list| at.version.document.list(list))
        .into_iter()
        .flat_map(|list| &list.options)
        .map(|option| option.code.clone())
        .filter(|code| is_offered(at, question, code))
        .collect();
    let number = constants.numbers.choose(random).copied().unwrap_or_default();
    match &*kind {
        Kind::Single(_) | Kind::Consent(_) | Kind::Battery(_) | Kind::BestWorst(_) => {
            codes.choose(random).cloned().map(Value::Option)
        }
        Kind::Multiple(_) => {
            let chosen: Vec<String> =
                codes.into_iter().filter(|_| random.random_ratio(1, 3)).collect();
            (!chosen.is_empty()).then_some(Value::Set(chosen))
        }
        Kind::Scale(scale) => {
            let step = i32::try_from(scale.step).unwrap_or(1).max(1);
            let at = random.random_range(0..=(scale.to - scale.from) / step);
            Some(Value::Number(f64::from(scale.from + at * step)))
        }
        Kind::Integer(range) => Some(Value::Number(within(range, number.round()))),
        Kind::Decimal(range) | Kind::Duration(range) => Some(Value::Number(within(range, number))),
        Kind::ShortText(_) | Kind::LongText(_) => {
            constants.texts.choose(random).cloned().map(Value::Text)
        }
        Kind::Date(_) => constants.days.choose(random).copied().map(Value::Date),
        Kind::Time => Some(Value::Time(random.random_range(0..1_440))),
        Kind::Acknowledge => Some(Value::Bool(true)),
        _ => None,
    }
}

/// The nearest number that is taken.
fn within(range: &NumberRange, number: f64) -> f64 {
    number.min(range.maximum.unwrap_or(f64::MAX)).max(range.minimum.unwrap_or(f64::MIN))
}

/// The questions that read what is asked after them, or of members of a roster,
/// or that chance decides.
///
/// A page is worked out from top to bottom, others work out all at once; members
/// are not simulated, and chance differs.
#[allow(dead_code, reason = "only comparisons with other programs need it")]
pub fn ahead(version: &Version) -> BTreeSet<String> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut place = 0;
    for page in version.pages() {
        for question in &page.questions {
            place += 1;
            for item in &question.items {
                places.insert(reference(*item), place);
                let name = version.question(*item).map(|question| question.name.clone());
                names.insert(reference(*item), name.unwrap_or_default());
            }
        }
    }
    place = 0;
    for (index, page) in version.pages().iter().enumerate() {
        let written = version.page(index).map_or(&[][..], |page| &page.questions);
        for (question, compiled) in written.iter().zip(&page.questions) {
            place += 1;
            let all = page.relevant.iter().chain(&compiled.relevant).chain(&compiled.calculation);
            let mut falls = false;
            for expression in all {
                expression.tree.each(&mut |node| {
                    let later = match node {
                        Node::Question(read) | Node::Instances(read) => {
                            let of_members = matches!(node, Node::Instances(_));
                            let known = places.get(read).is_none_or(|other| *other >= place);
                            let with_it = names.get(read).is_some_and(|name| found.contains(name));
                            known || of_members || with_it
                        }
                        Node::Roster(_) | Node::Call(Operation::Random, _) => true,
                        _ => false,
                    };
                    falls |= later;
                });
            }
            if falls {
                found.insert(question.name.clone());
            }
        }
    }
    found
}

/// A chosen option that stands for having no value is read as that.
fn as_answer(version: &Version, question: &Question, item: &Item<'_>, value: &Value) -> Answer {
    let list = item.list().or(question.kind.list()).and_then(|list| version.document.list(list));
    let state = |code: &String| {
        let mut options = list.into_iter().flat_map(|list| &list.options);
        options.find(|option| option.code == *code).and_then(|option| option.missing)
    };
    let missing = match value {
        Value::Option(code) => state(code),
        Value::Set(codes) => codes.iter().find_map(state),
        _ => None,
    };
    missing.map_or_else(|| Answer::Value(value.clone()), Answer::Missing)
}

/// The names of the questions outside rosters that are asked.
pub fn asked(version: &Version, path: &Path) -> BTreeSet<String> {
    let all = version.pages().iter().enumerate().filter(|(_, page)| page.rosters.is_empty());
    let questions =
        all.filter_map(|(index, _)| version.page(index)).flat_map(|page| &page.questions);
    questions.filter(|one| path.asks(one.id)).map(|one| one.name.clone()).collect()
}

/// The computed values outside rosters, as text; blank where there is none.
#[allow(dead_code, reason = "not every test looks at values")]
pub fn computed(version: &Version, path: &Path) -> BTreeMap<String, Value> {
    let all = version.pages().iter().enumerate().filter(|(_, page)| page.rosters.is_empty());
    let questions =
        all.filter_map(|(index, _)| version.page(index)).flat_map(|page| &page.questions);
    let computed = questions.filter(|one| matches!(one.kind, Kind::Computed(_)));
    computed
        .filter_map(|one| {
            let value = path.answers.get(one.id).and_then(Answer::value)?;
            Some((one.name.clone(), value.clone()))
        })
        .collect()
}
