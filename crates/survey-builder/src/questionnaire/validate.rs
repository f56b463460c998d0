//! Checking what was posted: from typed text to answers, all problems at once.
//!
//! A page is checked in document order against the answers that came before
//! and those on the page itself, so that a question skipped *on* the page is
//! not asked for. Valid answers are kept even when others on the page are not.

mod parse;
mod place;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use self::parse::{Fault, Parsed, parse};
pub use self::parse::{Number, is_file_name, read_number};
use super::answer::{Answer, Answers, ItemId, State, Value};
use super::document::{Grid, Item, Kind, Question, Required, Text, reason_of};
use super::expression::{evaluate, is_met, print_number};
use super::order::{is_offered, offered_codes, offered_for};
use super::path::{Evaluation, Path, Standpoint, Stop};
use super::routing::{asks_item, default_value, route, total_value};
use super::search::search;
use super::version::{CompiledQuestion, Version};

/// What a form sent: every value of every field.
pub type Posted = BTreeMap<String, Vec<String>>;

/// The most characters a text answer may have.
pub const TEXT_LIMIT: usize = 10_000;

/// What was wrong with one item.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mistake {
    /// The question or battery row.
    pub item: ItemId,
    /// Stable code of the message: `choose_one`, `number_range`, …
    pub code: String,
    /// Named arguments of the message.
    pub arguments: Vec<(String, String)>,
    /// The author's own message, for a constraint that has one.
    pub message: Option<Text>,
}

/// A checked page.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Valid answers, and `skipped` for what was left blank.
    pub answers: Answers,
    /// What must be put right.
    pub mistakes: Vec<Mistake>,
    /// What was left blank and is asked for once more.
    pub blanks: Vec<ItemId>,
    /// What may be wrong: accepted when it is sent a second time.
    pub doubts: Vec<Mistake>,
}

/// Checks the fields of the page at a stop.
///
/// `seed` is the respondent's; `today` the day the response began. Returns
/// `None` when the stop is no page or not on the path. In a roster the answers
/// stand under the key of the stop's member, the mistakes under the item alone.
pub fn check_page(
    version: &Version,
    stop: &Stop,
    before: &Answers,
    posted: &Posted,
    today: NaiveDate,
    seed: u64,
) -> Option<Checked> {
    let path = route(version, before, today);
    check_page_on(version, stop, (before, &path), posted, today, seed)
}

/// As [`check_page`], where the path of the answers before is known.
pub fn check_page_on(
    version: &Version,
    stop: &Stop,
    (before, path): (&Answers, &Path),
    posted: &Posted,
    today: NaiveDate,
    seed: u64,
) -> Option<Checked> {
    if !path.stops.contains(stop) {
        return None;
    }
    let mut path = path.clone();
    let again = |path: &mut Path, newer: &Answers| {
        let mut answers = before.clone();
        answers.apply(newer);
        *path = route(version, &answers, today);
    };
    check_page_and(version, stop, (before, &mut path), posted, (today, seed), again)
}

/// Checks a page on the path that is given, which gets its answers. `again` works
/// the path out anew with answers of the page.
pub(super) fn check_page_and(
    version: &Version,
    stop: &Stop,
    (before, path): (&Answers, &mut Path),
    posted: &Posted,
    (today, seed): (NaiveDate, u64),
    again: impl Fn(&mut Path, &Answers),
) -> Option<Checked> {
    let index = stop.page_index()?;
    let mut checked = Checked::default();
    let compiled = version.pages().get(index)?;
    let mut is_first = true;
    for (question, expressions) in version.page(index)?.questions.iter().zip(&compiled.questions) {
        if !question.kind.takes_answer() {
            continue;
        }
        // What no answer of this page can change is not worked out again for each.
        if compiled.reads_itself && !is_first {
            again(path, &checked.answers);
        }
        is_first = false;
        let at = Standpoint { version, path, within: &stop.within, today };
        let mut check = Check {
            version,
            question,
            expressions,
            posted,
            today,
            stop,
            offered: match version.searched(&question.kind) {
                // Nobody was shown the whole list.
                Some(_) => chosen_and_offered(&at, question, posted),
                None => offered_codes(&at, question, seed),
            },
            asked: path.asks(stop.key(question.id)),
            path: std::mem::take(path),
            before,
            checked: &mut checked,
        };
        for (place, item) in question.items().iter().enumerate() {
            check.item(place, item);
        }
        check.whole();
        check.total();
        *path = check.path;
    }
    Some(checked)
}

/// The codes posted for a searched question that may be chosen.
fn chosen_and_offered(at: &Standpoint<'_>, question: &Question, posted: &Posted) -> Vec<String> {
    let list = question.kind.list().unwrap_or_default();
    let codes = posted.get(&question.name).into_iter().flatten();
    codes
        .filter(|code| at.version.option(list, code).is_some() && is_offered(at, question, code))
        .cloned()
        .collect()
}

/// One question while its items are checked.
struct Check<'a> {
    version: &'a Version,
    question: &'a Question,
    expressions: &'a CompiledQuestion,
    posted: &'a Posted,
    today: NaiveDate,
    offered: Vec<String>,
    asked: bool,
    stop: &'a Stop,
    /// The answers as they count, with those of this question so far.
    path: Path,
    /// The answers as they were stored.
    before: &'a Answers,
    checked: &'a mut Checked,
}

impl Check<'_> {
    fn at(&self) -> Standpoint<'_> {
        let Self { version, path, stop, today, .. } = self;
        Standpoint { version, path, within: &stop.within, today: *today }
    }

    /// An answer that counts from here on.
    fn keep(&mut self, item: ItemId, answer: &Answer) {
        let key = self.stop.key(item);
        self.checked.answers.set(key, answer.clone());
        self.path.answers.set(key, answer.clone());
    }

    /// Checks one item, and keeps its answer where it has a new one.
    fn item(&mut self, place: usize, item: &Item<'_>) {
        let question = self.question;
        let asked = self.asked && asks_item(&self.at(), question, self.expressions, place);
        let parsed = if question.read_only {
            Ok(default_value(&self.at(), question.id).map(Answer::Value))
        } else {
            self.parse(item).and_then(|answer| self.differs_from_best(place, answer))
        };
        let parsed = match parsed {
            Ok(Some(Answer::Value(value))) if !item.is_other => self.constrained(item, value),
            other => other,
        };
        match parsed {
            Ok(Some(answer)) => {
                // The text beside an option that is not chosen says nothing.
                if !item.is_other || asked {
                    self.keep(item.id, &answer);
                }
            }
            // Skipped on the page: what was there before stays, and reads as missing.
            Ok(None) | Err(_) if !asked => {}
            Ok(None) => {
                let blank = Answer::Missing(State::Skipped);
                self.keep(item.id, &blank);
                let condition = self.expressions.required_when.as_ref();
                let needed = condition.is_none_or(|condition| self.at().holds(condition));
                if !question.read_only {
                    blank_item(question, item, needed, self.checked);
                }
            }
            Err(fault) => {
                self.checked.mistakes.push(Mistake {
                    item: item.id,
                    code: fault.code.to_owned(),
                    message: fault.message.or_else(|| own_message(question, fault.code)),
                    arguments: fault.arguments,
                });
            }
        }
    }

    /// The answer in what was posted. A text typed to find an option of a
    /// searched list means the one that it finds.
    fn parse(&self, item: &Item<'_>) -> Parsed {
        let Self { version, question, posted, .. } = *self;
        let typed = typed_to_find(posted, &item.name);
        if version.searched(&question.kind).is_none() || item.is_other || typed.is_empty() {
            let offered = offered_for(version, question, item, &self.offered);
            return parse(version, question, item, posted, &offered);
        }
        let found = search(&self.at(), question, typed, 1);
        let [option] = found.options.as_slice() else {
            return Err(Fault::new("search_none").with("typed", typed));
        };
        if !found.sure {
            return Err(Fault::new("search_many").with("typed", typed));
        }
        let mut posted = posted.clone();
        let chosen = posted.entry(item.name.to_string()).or_default();
        if matches!(question.kind, Kind::Single(_)) {
            chosen.clear();
        }
        chosen.push(option.code.clone());
        let mut offered = self.offered.clone();
        offered.push(option.code.clone());
        parse(version, question, item, &posted, &offered)
    }

    /// A value that meets every constraint on single answers.
    fn constrained(&mut self, item: &Item<'_>, value: Value) -> Parsed {
        self.met(item.id, &item.name, Some(&value))?;
        Ok(Some(Answer::Value(value)))
    }

    /// What must hold between the answers of a question, once all are there; it
    /// is told at the first that is asked.
    fn whole(&mut self) {
        let items = self.question.items();
        let asked = |item: &&Item<'_>| self.path.asks_item(self.stop.key(item.id));
        let Some(first) = items.iter().find(asked).filter(|_| self.asked) else { return };
        if let Err(fault) = self.met(first.id, &first.name, None) {
            self.checked.mistakes.push(Mistake {
                item: first.id,
                code: fault.code.to_owned(),
                arguments: fault.arguments,
                message: fault.message,
            });
        }
    }

    /// Whether every constraint is met that is about this value, or without one
    /// about all answers of the question. A soft one that is not met is a doubt
    /// only, which may be answered with a reason.
    fn met(&mut self, item: ItemId, name: &str, value: Option<&Value>) -> Result<(), Fault> {
        let environment = Evaluation { own: value, ..self.at().evaluation() };
        let broken: Vec<_> = self
            .expressions
            .constraints
            .iter()
            .zip(&self.question.constraints)
            .filter(|(expression, _)| {
                self.expressions.is_about_whole(expression) == value.is_none()
            })
            .filter(|(expression, _)| !is_met(evaluate(expression, &environment).as_ref()))
            .map(|(_, constraint)| constraint)
            .collect();
        let message = |text: &Text| Some(text.clone()).filter(|text| !text.is_empty());
        if let Some(hard) = broken.iter().find(|constraint| !constraint.soft) {
            return Err(Fault { message: message(&hard.message), ..Fault::new("constraint") });
        }
        let doubted = broken.first().copied();
        if value.is_some() || doubted.is_some() {
            self.reason(item, name, doubted.is_some());
        }
        if let Some(soft) = doubted {
            self.checked.doubts.push(Mistake {
                item,
                code: "doubt".to_owned(),
                arguments: Vec::new(),
                message: message(&soft.message),
            });
        }
        Ok(())
    }

    /// Keeps the reason for an answer that is doubted; one given for an answer
    /// that is doubted no more is withdrawn.
    fn reason(&mut self, item: ItemId, name: &str, doubted: bool) {
        if !self.question.may_be_doubted() {
            return;
        }
        let key = self.stop.key(reason_of(item));
        let given = self.posted.get(&format!("{name}.reason"));
        let given = given.and_then(|texts| texts.first()).map_or("", |text| text.trim());
        let given: String = given.nfc().take(TEXT_LIMIT).collect();
        if doubted && !given.is_empty() {
            self.checked.answers.set(key, Answer::Value(Value::Text(given)));
        } else if self.before.get(key).is_some_and(|before| before.value().is_some()) {
            self.checked.answers.set(key, Answer::Missing(State::NotAsked));
        }
    }

    /// The worst of a list cannot be the best of it.
    fn differs_from_best(&self, place: usize, answer: Option<Answer>) -> Parsed {
        let best = self.expressions.items.first().and_then(|best| self.at().answer(*best));
        let same = place == 1
            && matches!(self.question.kind, Kind::BestWorst(_))
            && answer.is_some()
            && answer.as_ref() == best;
        if same { Err(Fault::new("best_worst_same")) } else { Ok(answer) }
    }

    /// The numbers of every column of a grid add up, where they must.
    fn total(&mut self) {
        let Kind::Grid(grid) = &self.question.kind else { return };
        let Some(total) = total_value(&self.at(), self.question.id) else { return };
        for (item, sum) in sums(grid, &self.path.answers, self.stop) {
            // Half of the last place that people type.
            if (sum - total).abs() > 1e-6 * total.abs().max(1.0) {
                self.checked.mistakes.push(Mistake {
                    item,
                    code: "total".to_owned(),
                    arguments: vec![
                        ("total".to_owned(), print_number(total)),
                        ("sum".to_owned(), print_number(sum)),
                    ],
                    message: None,
                });
            }
        }
    }
}

/// The sum of each column in which there is a number, with its first item.
fn sums(grid: &Grid, answers: &Answers, stop: &Stop) -> Vec<(ItemId, f64)> {
    let mut sums: Vec<Option<(ItemId, f64)>> = vec![None; grid.columns.len()];
    for row in &grid.rows {
        for (sum, cell) in sums.iter_mut().zip(grid.cells(row)) {
            if let Some(Value::Number(number)) =
                answers.get(stop.key(cell.id)).and_then(Answer::value)
            {
                sum.get_or_insert((cell.id, 0.0)).1 += number;
            }
        }
    }
    sums.into_iter().flatten().collect()
}

/// Where the only constraint of a question has a message of its own, that is
/// what a broken bound says too: the author knows the question.
fn own_message(question: &Question, code: &str) -> Option<Text> {
    let bounds = ["number_range", "number_minimum", "number_maximum", "too_many", "too_few"];
    match question.constraints.as_slice() {
        [only] if bounds.contains(&code) => {
            Some(only.message.clone()).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

/// The fields of a page's form: anything else posted is not ours.
pub fn field_names(version: &Version, page: usize) -> Vec<String> {
    let Some(page) = version.page(page) else { return Vec::new() };
    page.questions
        .iter()
        .filter(|question| question.kind.takes_answer())
        .flat_map(|question| {
            let mut parts = vec!["", ".state"];
            parts.extend(question.may_be_doubted().then_some(".reason"));
            parts.extend(question.kind.file_rule().map(|_| ".fault"));
            parts.extend(version.searched(&question.kind).map(|_| ".text"));
            let items = question.items().into_iter();
            items.flat_map(move |item| {
                parts.clone().into_iter().map(move |part| format!("{}{part}", item.name))
            })
        })
        .collect()
}

/// What was typed to find an option of a searched list.
pub fn typed_to_find<'a>(posted: &'a Posted, name: &str) -> &'a str {
    let typed = posted.get(&format!("{name}.text")).and_then(|texts| texts.first());
    typed.map_or("", |text| text.trim())
}

fn blank_item(question: &Question, item: &Item<'_>, needed: bool, checked: &mut Checked) {
    let required = match question.kind {
        // What stands beside an option is asked for once, and never insisted on.
        _ if item.is_other => Required::Soft,
        Kind::Consent(_) => Required::Hard,
        _ => question.required,
    };
    let item = item.id;
    match required {
        _ if !needed => {}
        Required::Hard => checked.mistakes.push(Mistake {
            item,
            code: if matches!(question.kind, Kind::Multiple(_)) {
                "choose_some"
            } else {
                "choose_one"
            }
            .to_owned(),
            arguments: Vec::new(),
            message: None,
        }),
        Required::Soft => checked.blanks.push(item),
        Required::No => {}
    }
}
