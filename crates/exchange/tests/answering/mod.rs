//! Simulated respondents: answers that keep to the path, for comparing what
//! two programs make of the same questionnaire.
//!
//! Values are drawn around the constants that conditions compare with, so that
//! both sides of each happen. What is asked of a member of a roster is told as
//! its name and the member's place: `age@2`, `km@2.1` in a roster within.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State, Value};
use survey_builder::questionnaire::change_members::{MembersChange, change_members};
use survey_builder::questionnaire::document::{Item, Kind, NumberRange, Question};
use survey_builder::questionnaire::expression::{Expression, Node};
use survey_builder::questionnaire::order::{drawn_answers, is_offered};
use survey_builder::questionnaire::path::{Member, Met, Path, Standpoint, Stop, Within, key};
use survey_builder::questionnaire::routing::{default_value, route};
use survey_builder::questionnaire::version::Version;

/// One answer, as it was given: a flagged option as its code.
#[derive(Clone, Debug)]
pub struct Given {
    /// Under what identity it is stored.
    pub key: ItemId,
    /// The item's name.
    pub name: String,
    /// The places of the members it is about, from the outermost in.
    #[allow(dead_code, reason = "not every test asks members")]
    pub places: Vec<usize>,
    /// What was given.
    pub value: Value,
}

/// What one respondent answered, and what came of it.
pub struct Respondent {
    /// What was given, in order.
    pub given: Vec<Given>,
    /// The same as routing reads it.
    #[allow(dead_code, reason = "not every test routes again")]
    pub answers: Answers,
    /// Where it led.
    pub path: Path,
}

/// Whose answers are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What is asked once.
    #[allow(dead_code, reason = "not every test leaves members out")]
    Outside,
    /// Members of rosters too; what chance decides is decided.
    #[allow(dead_code, reason = "not every test asks members")]
    Members,
}

/// A name, and the places of the members it is asked of.
pub fn placed(name: &str, within: &[Member]) -> String {
    let places: Vec<String> = within.iter().map(|member| member.place.to_string()).collect();
    if places.is_empty() { name.to_owned() } else { format!("{name}@{}", places.join(".")) }
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
pub fn respondent(version: &Version, seed: u64, depth: Depth) -> Respondent {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let constants = Constants::of(version);
    let mut given: Vec<Given> = Vec::new();
    let mut decided: BTreeSet<ItemId> = BTreeSet::new();
    let mut answers = Answers::default();
    loop {
        if depth == Depth::Members {
            answers.apply(&drawn_answers(version, &answers, today(), seed));
        }
        let path = route(version, &answers, today());
        if depth == Depth::Members
            && let Some(stop) = undecided_list(version, &path, &decided)
        {
            decided.extend(stop.id(version));
            for _ in 0..random.random_range(0..=3) {
                let more = change_members(version, &stop, &answers, &MembersChange::Add);
                answers.apply(&more.unwrap_or_default());
            }
            continue;
        }
        let Some((question, item, within)) = next(version, &path, &decided, depth) else { break };
        let own = key(item.id, &within);
        decided.insert(own);
        let at = Standpoint { version, path: &path, within: &within, today: today() };
        let Some(value) = drawn(&at, question, &item, &constants, &mut random) else {
            if question.kind.takes_answer() {
                answers.set(own, Answer::Missing(State::Skipped));
            }
            continue;
        };
        answers.set(own, as_answer(version, question, &item, &value));
        let places = within.iter().map(|member| member.place).collect();
        given.push(Given { key: own, name: item.name.to_string(), places, value });
    }
    // What a later answer took off the path was not given.
    for _ in 0..20 {
        let path = route(version, &answers, today());
        let off: Vec<ItemId> =
            given.iter().map(|one| one.key).filter(|key| !path.asks_item(*key)).collect();
        if off.is_empty() {
            break;
        }
        given.retain(|one| path.asks_item(one.key));
        for key in off {
            answers.0.remove(&key);
        }
    }
    let path = route(version, &answers, today());
    Respondent { given, answers, path }
}

/// A list of members that nobody looked at yet.
fn undecided_list(version: &Version, path: &Path, decided: &BTreeSet<ItemId>) -> Option<Stop> {
    let lists = path.stops.iter().filter(|stop| matches!(stop.met, Met::Members(_)));
    let mut open = lists.filter(|stop| stop.id(version).is_some_and(|id| !decided.contains(&id)));
    open.next().cloned()
}

/// The next item on the path that nothing was decided about.
fn next<'v>(
    version: &'v Version,
    path: &Path,
    decided: &BTreeSet<ItemId>,
    depth: Depth,
) -> Option<(&'v Question, Item<'v>, Within)> {
    for (index, compiled) in version.pages().iter().enumerate() {
        if depth == Depth::Outside && !compiled.rosters.is_empty() {
            continue;
        }
        let questions = version.page(index).map_or(&[][..], |page| &page.questions);
        for within in path.members_of(&compiled.rosters) {
            let asked = |question: &&Question| path.asks(key(question.id, &within));
            for (place, question) in questions.iter().enumerate().filter(|(_, one)| asked(one)) {
                if compiled.questions[place].is_drawn {
                    continue;
                }
                let free = |item: &Item<'_>| {
                    let own = key(item.id, &within);
                    path.asks_item(own) && !decided.contains(&own)
                };
                if let Some(item) = question.items().into_iter().find(free) {
                    return Some((question, item, within));
                }
            }
        }
    }
    None
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

#[allow(unused_imports, reason = "only comparisons with other programs need it")]
pub use exchange::prove::ahead;

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

/// Every question on a path with the members it is asked of.
fn met<'v>(version: &'v Version, path: &Path) -> Vec<(&'v Question, Within)> {
    let mut found = Vec::new();
    for (index, compiled) in version.pages().iter().enumerate() {
        let questions = version.page(index).map_or(&[][..], |page| &page.questions);
        for within in path.members_of(&compiled.rosters) {
            found.extend(questions.iter().map(|one| (one, Within::clone(&within))));
        }
    }
    found
}

/// The names of the questions that are asked.
pub fn asked(version: &Version, path: &Path) -> BTreeSet<String> {
    let all = met(version, path).into_iter();
    let asked = all.filter(|(question, within)| path.asks(key(question.id, within)));
    asked.map(|(question, within)| placed(&question.name, &within)).collect()
}

/// The computed values; none where there is none.
#[allow(dead_code, reason = "not every test looks at values")]
pub fn computed(version: &Version, path: &Path) -> BTreeMap<String, Value> {
    let all = met(version, path).into_iter();
    let computed = all.filter(|(question, _)| matches!(question.kind, Kind::Computed(_)));
    computed
        .filter_map(|(question, within)| {
            let value = path.answers.get(key(question.id, &within)).and_then(Answer::value)?;
            Some((placed(&question.name, &within), value.clone()))
        })
        .collect()
}

/// How many members each roster has, by its name and the members around it.
#[allow(dead_code, reason = "not every test asks members")]
pub fn members(version: &Version, path: &Path) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for compiled in version.pages() {
        for depth in 0..compiled.rosters.len() {
            let roster =
                version.document.rosters.iter().find(|one| one.id == compiled.rosters[depth]);
            let name = roster.map_or("", |roster| &roster.name);
            for within in path.members_of(&compiled.rosters[..depth]) {
                let there = path.rosters.get(&key(compiled.rosters[depth], &within));
                found.insert(placed(name, &within), there.map_or(0, Vec::len));
            }
        }
    }
    found
}

/// What chance decided outside rosters, by the question's name.
#[allow(dead_code, reason = "not every test asks members")]
pub fn chances(version: &Version, one: &Respondent) -> BTreeMap<String, Value> {
    let outside = version.pages().iter().enumerate().filter(|(_, page)| page.rosters.is_empty());
    let mut found = BTreeMap::new();
    for (index, compiled) in outside {
        let questions = version.page(index).map_or(&[][..], |page| &page.questions);
        for (question, _) in questions.iter().zip(&compiled.questions).filter(|(_, it)| it.is_drawn)
        {
            let value = one.answers.get(question.id).and_then(Answer::value);
            found.extend(value.map(|value| (question.name.clone(), value.clone())));
        }
    }
    found
}
