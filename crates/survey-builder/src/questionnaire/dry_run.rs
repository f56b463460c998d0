//! A dry run: simulated respondents answer a version by chance, through the
//! same checks as people, before anybody is asked.
//!
//! They answer without sense, so shares mean nothing; what they show is where
//! nobody gets to, what is refused again and again, and how long it gets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use serde::Serialize;

use super::answer::{Answer, Answers, Value};
use super::change_members::{MembersChange, change_members};
use super::document::{
    Choice, DateRange, Ending, Grid, Item, Kind, ListOption, NumberRange, Question, Required,
    Shape, TextFormat, factor_of,
};
use super::edit::failed_checks;
use super::expression::{Type, print_number};
use super::order::{drawn_answers, is_offered, offered_codes, offered_for};
use super::path::{Member, Met, Path, Standpoint, Stop};
use super::routing::{route, total_value};
use super::search::index::searched;
use super::validate::{Posted, check_page};
use super::version::Version;

/// The name of a file that nobody sent.
const SIMULATED_FILE: &str = "00000000-0000-4000-8000-000000000000.jpg";
/// How often one respondent tries one page before giving up.
const TRIES: u32 = 50;

/// What simulated respondents found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DryRun {
    /// How many tried.
    pub respondents: u32,
    /// How many came to the end.
    pub finished: u32,
    /// How many ended early because they refused.
    pub refused: u32,
    /// How many ended early because they are not in the population.
    pub screened_out: u32,
    /// How many gave up, by the page they could not get past.
    pub stuck: BTreeMap<String, u32>,
    /// Questions that nobody was asked, in order.
    pub never_asked: Vec<String>,
    /// Options that nobody was offered: question, code.
    pub never_offered: Vec<(String, String)>,
    /// Answers sent in, by item.
    pub answers: BTreeMap<String, u32>,
    /// Answers refused, by item and then by the code of the refusal.
    pub rejections: BTreeMap<String, BTreeMap<String, u32>>,
    /// Of those who finished: for how many an edit check did not hold, by its name.
    pub failed_checks: BTreeMap<String, u32>,
    /// Questions asked of those who finished: the least, the quartiles, the most.
    pub lengths: [u32; 5],
}

impl DryRun {
    /// The share of an item's answers that were refused, from 0 to 1.
    pub fn rejection_rate(&self, item: &str) -> f64 {
        let rejected: u32 = self.rejections.get(item).map_or(0, |codes| codes.values().sum());
        let given = self.answers.get(item).copied().unwrap_or(0);
        if given == 0 { 0.0 } else { f64::from(rejected) / f64::from(given) }
    }
}

/// Lets `respondents` answer a version. The same seed gives the same run;
/// `today` is the day they begin.
pub fn dry_run(version: &Version, respondents: u32, seed: u64, today: NaiveDate) -> DryRun {
    let mut run = DryRun { respondents, ..DryRun::default() };
    let mut asked = BTreeSet::new();
    let mut offered = BTreeSet::new();
    let mut lengths = Vec::new();
    for number in 0..respondents {
        let seed = seed.wrapping_add(u64::from(number));
        let mut respondent = Respondent {
            version,
            today,
            seed,
            random: ChaCha12Rng::seed_from_u64(seed),
            answers: drawn_answers(version, &Answers::default(), today, seed),
            asked: BTreeSet::new(),
            offered: &mut offered,
            run: &mut run,
        };
        let end = respondent.walk();
        let failed = respondent.failed_checks(&end);
        let length = u32::try_from(respondent.asked.len()).unwrap_or(u32::MAX);
        asked.append(&mut respondent.asked);
        for name in failed {
            *run.failed_checks.entry(name).or_default() += 1;
        }
        match end {
            End::Finished => {
                run.finished += 1;
                lengths.push(length);
            }
            End::Early(Ending::Refused) => run.refused += 1,
            End::Early(Ending::ScreenedOut) => run.screened_out += 1,
            End::Stuck(page) => *run.stuck.entry(page).or_default() += 1,
        }
    }
    let document = &version.document;
    for question in document.questions().filter(|question| question.kind.takes_answer()) {
        if !asked.contains(&question.name) {
            run.never_asked.push(question.name.clone());
            continue;
        }
        // Of a list that is searched, a few options are tried only.
        let shown = searched(document, &question.kind).is_none();
        let list = question.kind.list().filter(|_| shown).and_then(|list| document.list(list));
        for option in list.into_iter().flat_map(|list| &list.options) {
            if !offered.contains(&(question.name.clone(), option.code.clone())) {
                run.never_offered.push((question.name.clone(), option.code.clone()));
            }
        }
    }
    lengths.sort_unstable();
    if let Some(last) = lengths.len().checked_sub(1) {
        run.lengths = [0, 1, 2, 3, 4].map(|quarter| lengths[last * quarter / 4]);
    }
    run
}

enum End {
    Finished,
    Early(Ending),
    Stuck(String),
}

struct Respondent<'a> {
    version: &'a Version,
    today: NaiveDate,
    seed: u64,
    random: ChaCha12Rng,
    answers: Answers,
    asked: BTreeSet<String>,
    offered: &'a mut BTreeSet<(String, String)>,
    run: &'a mut DryRun,
}

impl Respondent<'_> {
    fn walk(&mut self) -> End {
        let mut done: Option<Stop> = None;
        loop {
            let path = route(self.version, &self.answers, self.today);
            let next = match &done {
                None => path.stops.first(),
                Some(stop) => path.next_after(stop),
            };
            let Some(stop) = next else {
                return path.ending.map_or(End::Finished, End::Early);
            };
            // One more member now and then; its pages come before the list.
            if matches!(stop.met, Met::Members(_)) && self.once_in(3) {
                let before = path.before(stop).cloned();
                let change = MembersChange::Add;
                if let Some(more) = change_members(self.version, stop, &self.answers, &change) {
                    self.answers.apply(&more);
                    done = before;
                    continue;
                }
            }
            if let Some(index) = stop.page_index() {
                self.choose_members(&path, index);
            }
            if stop.page_index().is_some() && !(0..TRIES).any(|_| self.answer(stop)) {
                return End::Stuck(stop.name(self.version).to_owned());
            }
            done = Some(stop.clone());
        }
    }

    /// The edit checks that do not hold at the end.
    fn failed_checks(&self, end: &End) -> BTreeSet<String> {
        if !matches!(end, End::Finished) {
            return BTreeSet::new();
        }
        let path = route(self.version, &self.answers, self.today);
        let failed = failed_checks(self.version, &path, self.today).into_iter();
        failed.map(|failed| failed.name.into_owned()).collect()
    }

    /// Chooses who of each household is asked, where that is decided by now: each
    /// with the same chance, whatever the rule.
    fn choose_members(&mut self, path: &Path, reached: usize) {
        let pages = self.version.pages().len().min(reached + 1);
        let questions = (0..pages).filter_map(|index| self.version.page(index));
        for question in questions.flat_map(|page| &page.questions) {
            let Kind::Selection(selection) = &question.kind else { continue };
            if self.answers.get(question.id).is_some() || !path.asks(question.id) {
                continue;
            }
            let roster = self.version.document.roster(&selection.roster);
            let members = roster.and_then(|roster| path.rosters.get(&roster.id));
            let eligible = self.version.compiled(question.id);
            let eligible = eligible.and_then(|compiled| compiled.selection.eligible.as_ref());
            let (version, today) = (self.version, self.today);
            let may = |member: &&Member| {
                let within = std::slice::from_ref(*member);
                let at = Standpoint { version, path, within, today };
                eligible.is_none_or(|condition| at.holds(condition))
            };
            let able: Vec<&Member> = members.into_iter().flatten().filter(may).collect();
            if able.is_empty() {
                continue;
            }
            let code = able[self.below(able.len())].code.clone();
            self.answers.set(question.id, Answer::Value(Value::Text(code)));
            #[expect(clippy::cast_precision_loss, reason = "a household is small")]
            let factor = Answer::Value(Value::Number(able.len() as f64));
            self.answers.set(factor_of(question.id), factor);
        }
    }

    /// Fills in a page and sends it in; whether it was taken.
    fn answer(&mut self, stop: &Stop) -> bool {
        let (version, today) = (self.version, self.today);
        let page = stop.page_index().and_then(|index| version.page(index));
        let Some(page) = page else { return false };
        let mut posted = Posted::new();
        for question in page.questions.iter().filter(|question| question.kind.takes_answer()) {
            // What is asked may hang on what was just filled in.
            let so_far = check_page(version, stop, &self.answers, &posted, today, self.seed);
            let mut answers = self.answers.clone();
            if let Some(checked) = so_far {
                answers.apply(&checked.answers);
            }
            let path = route(version, &answers, today);
            if !path.asks(stop.key(question.id)) {
                continue;
            }
            self.asked.insert(question.name.clone());
            let at = Standpoint { version, path: &path, within: &stop.within, today };
            let codes = match searched(&version.document, &question.kind) {
                Some(choice) => self.found(&at, question, choice),
                None => offered_codes(&at, question, self.seed),
            };
            self.offered.extend(codes.iter().map(|code| (question.name.clone(), code.clone())));
            for item in question.items().iter().filter(|item| path.asks_item(stop.key(item.id))) {
                self.fill(question, item, &codes, &mut posted);
            }
            if let Kind::Grid(grid) = &question.kind
                && let Some(total) = total_value(&at, question.id)
            {
                share_out(grid, total, &mut posted);
            }
        }
        let checked = check_page(version, stop, &self.answers, &posted, today, self.seed);
        let Some(checked) = checked else { return false };
        for mistake in &checked.mistakes {
            let items = page.questions.iter().flat_map(Question::items);
            let name = items
                .filter(|item| item.id == mistake.item)
                .map(|item| item.name.into_owned())
                .next()
                .unwrap_or_default();
            let of_item = self.run.rejections.entry(name).or_default();
            *of_item.entry(mistake.code.clone()).or_default() += 1;
        }
        if checked.mistakes.is_empty() {
            self.answers.apply(&checked.answers);
            self.answers.apply(&drawn_answers(version, &self.answers, today, self.seed));
        }
        checked.mistakes.is_empty()
    }

    /// Some options of a list too long to go through for every respondent:
    /// those that a few tries find; failing that, the first after a place drawn
    /// by chance.
    fn found(&mut self, at: &Standpoint<'_>, question: &Question, choice: &Choice) -> Vec<String> {
        let list = self.version.document.list(&choice.list);
        let options = list.map_or(&[][..], |list| &list.options);
        if options.is_empty() {
            return Vec::new();
        }
        let mut codes: Vec<String> = Vec::new();
        for _ in 0..20 {
            let option = &options[self.below(options.len())];
            if !codes.contains(&option.code) && is_offered(at, question, &option.code) {
                codes.push(option.code.clone());
            }
        }
        if codes.is_empty() {
            let (before, after) = options.split_at(self.below(options.len()));
            let mut turned = after.iter().chain(before);
            let found = turned.find(|option| is_offered(at, question, &option.code));
            codes.extend(found.map(|option| option.code.clone()));
        }
        codes
    }

    /// A number from 0 to below `count`.
    fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.random.next_u64()) * count as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// Fills in one item, or leaves it blank now and then where that is allowed.
    fn fill(
        &mut self,
        question: &Question,
        item: &Item<'_>,
        codes: &[String],
        posted: &mut Posted,
    ) {
        let hard = question.required == Required::Hard || matches!(question.kind, Kind::Consent(_));
        if !hard && self.once_in(20) {
            return;
        }
        if !question.offers.is_empty() && self.once_in(20) {
            let state = question.offers[self.below(question.offers.len())];
            posted.insert(format!("{}.state", item.name), vec![state.name().to_owned()]);
            return;
        }
        let codes = offered_for(self.version, question, item, codes);
        let values = self.values(question, &item.kind_in(question), &codes);
        if !values.is_empty() {
            *self.run.answers.entry(item.name.to_string()).or_default() += 1;
            posted.insert(item.name.to_string(), values);
        }
    }

    fn values(&mut self, question: &Question, kind: &Kind, codes: &[String]) -> Vec<String> {
        match kind {
            Kind::Single(_)
            | Kind::Consent(_)
            | Kind::Battery(_)
            | Kind::BestWorst(_)
            | Kind::ChoiceSet(_) => {
                if codes.is_empty() {
                    return Vec::new();
                }
                let chosen = &codes[self.below(codes.len())];
                // Most people stay: an end is taken one time in ten.
                if self.ends(question, chosen) && !self.once_in(10) {
                    let stays = codes.iter().find(|code| !self.ends(question, code));
                    return vec![stays.unwrap_or(chosen).clone()];
                }
                vec![chosen.clone()]
            }
            Kind::Multiple(multiple) => {
                let least = multiple.at_least.unwrap_or(1) as usize;
                let most = multiple.at_most.map_or(codes.len(), |most| most as usize);
                let count = least + self.below(most.saturating_sub(least) + 1);
                let (mut left, alone): (Vec<String>, Vec<String>) =
                    codes.iter().cloned().partition(|code| !self.stands_alone(question, code));
                if !alone.is_empty() && (left.is_empty() || self.once_in(8)) {
                    return vec![alone[self.below(alone.len())].clone()];
                }
                let chosen = (0..count.min(left.len())).map(|_| {
                    let place = self.below(left.len());
                    left.swap_remove(place)
                });
                chosen.collect()
            }
            Kind::Ranking(ranking) => {
                let most = ranking.at_most.map_or(codes.len(), |most| most as usize);
                let mut left = codes.to_vec();
                (0..most.min(left.len()))
                    .map(|_| {
                        let place = self.below(left.len());
                        left.swap_remove(place)
                    })
                    .collect()
            }
            Kind::ItemCount(_) => vec![self.below(codes.len() + 1).to_string()],
            Kind::Scale(scale) => {
                let step = i64::from(scale.step.max(1));
                let steps = (i64::from(scale.to) - i64::from(scale.from)) / step;
                let place = self.below(usize::try_from(steps + 1).unwrap_or(1));
                let moved = i64::try_from(place).unwrap_or(0) * step;
                vec![(i64::from(scale.from) + moved).to_string()]
            }
            Kind::Time => vec![format!("{:02}:{:02}", self.below(24), self.below(60))],
            Kind::DateTime => {
                let day = self.day(&DateRange::default());
                vec![format!("{day}T{:02}:{:02}", self.below(24), self.below(60))]
            }
            Kind::Acknowledge => vec!["yes".to_owned()],
            Kind::File(_) | Kind::Signature => vec![SIMULATED_FILE.to_owned()],
            Kind::Geo(geo) => vec![self.places(geo.shape)],
            Kind::Integer(range) => vec![print_number(self.number(range).round())],
            Kind::Decimal(range) | Kind::Duration(range) => {
                vec![print_number((self.number(range) * 100.0).round() / 100.0)]
            }
            Kind::ShortText(rule) | Kind::LongText(rule) => {
                let number = self.below(1_000_000);
                vec![match rule.format {
                    TextFormat::Any | TextFormat::Barcode => format!("text {number}"),
                    TextFormat::Email => format!("name{number}@example.com"),
                    TextFormat::Phone => format!("0900{number:06}"),
                    TextFormat::Url => format!("https://example.com/{number}"),
                    TextFormat::Digits => number.to_string(),
                }]
            }
            Kind::Date(range) => vec![self.day(range).format("%Y-%m-%d").to_string()],
            _ => Vec::new(),
        }
    }

    /// Places somewhere north and east.
    fn places(&mut self, shape: Shape) -> String {
        let count = match shape {
            Shape::Point => 1,
            Shape::Trace => 2,
            Shape::Area => 3,
        };
        let point = |_| format!("{}.5 {}.5", self.below(90), self.below(180));
        (0..count).map(point).collect::<Vec<_>>().join("; ")
    }

    fn option(&self, question: &Question, code: &str) -> Option<&ListOption> {
        self.version.option(question.kind.list()?, code)
    }

    fn ends(&self, question: &Question, code: &str) -> bool {
        self.option(question, code).is_some_and(|option| option.ends.is_some())
    }

    fn stands_alone(&self, question: &Question, code: &str) -> bool {
        self.option(question, code)
            .is_some_and(|option| option.exclusive || option.missing.is_some())
    }

    /// A number within the bounds; where one is open, within 100 of the other.
    fn number(&mut self, range: &NumberRange) -> f64 {
        let low = range.minimum.unwrap_or_else(|| range.maximum.map_or(0.0, |most| most - 100.0));
        let high = range.maximum.unwrap_or(low + 100.0);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.random.next_u64() >> 11) as f64 * 2.0_f64.powi(-53);
        low + share * (high - low)
    }

    /// A day within the bounds; where one is open, within ten years of the other.
    fn day(&mut self, range: &DateRange) -> NaiveDate {
        let bound = |text: &Option<String>| {
            text.as_ref().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        };
        let span = Days::new(3_650);
        let last = bound(&range.maximum).unwrap_or_else(|| {
            bound(&range.minimum)
                .and_then(|first| first.checked_add_days(span))
                .unwrap_or(self.today)
        });
        let first =
            bound(&range.minimum).or_else(|| last.checked_sub_days(span)).unwrap_or(last).min(last);
        let days = usize::try_from((last - first).num_days()).unwrap_or(0);
        let moved = Days::new(self.below(days + 1) as u64);
        first.checked_add_days(moved).unwrap_or(first)
    }
}

/// Numbers of every column that add up to the total.
fn share_out(grid: &Grid, total: f64, posted: &mut Posted) {
    for column in 0..grid.columns.len() {
        let mut left = total;
        for (place, row) in grid.rows.iter().enumerate() {
            let Some(cell) = grid.cells(row).nth(column) else { continue };
            if cell.kind != Some(Type::Number) {
                continue;
            }
            let last = place + 1 == grid.rows.len();
            let part = if last { left } else { (left / 2.0).floor() };
            left -= part;
            posted.insert(cell.name.into_owned(), vec![print_number(part)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questionnaire::document::Document;
    use crate::questionnaire::publish::publish;

    /// Pages whose answers change nothing on them are checked on one path; asking
    /// after each answer how the path goes on must give the same.
    #[test]
    fn a_page_that_does_not_read_itself_needs_one_path() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");
        let (mut free, mut pages) = (0, 0);
        for (name, text) in [
            ("all-kinds", include_str!("../../../../fixtures/questionnaires/all-kinds.json")),
            ("devices", include_str!("../../../../fixtures/questionnaires/devices.json")),
            ("household", include_str!("../../../../fixtures/questionnaires/household.json")),
            ("more-kinds", include_str!("../../../../fixtures/questionnaires/more-kinds.json")),
        ] {
            let document: Document = serde_json::from_str(text).expect("a document");
            let version = publish(document).expect("published");
            free += version.pages.iter().filter(|page| !page.reads_itself).count();
            pages += version.pages.len();
            let mut careful = version.clone();
            careful.pages.iter_mut().for_each(|page| page.reads_itself = true);
            for seed in [1, 1_000] {
                let (one, all) =
                    (dry_run(&version, 25, seed, today), dry_run(&careful, 25, seed, today));
                assert_eq!(one, all, "{name}, {seed}");
            }
        }
        assert!(free * 4 > pages, "only {free} of {pages} pages go by one path");
    }
}
