//! A dry run: simulated respondents answer a version by chance, through the
//! same checks as people, before anybody is asked.
//!
//! They answer without sense, so shares mean nothing; what they show is where
//! nobody gets to, what is refused again and again, and how long it gets.

mod fill;
mod respondent;
pub mod simulation;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::NaiveDate;
use rayon::prelude::*;
use serde::Serialize;

use self::respondent::{End, Respondent, Way};
use super::answer::{Answers, ItemId};
use super::document::Ending;
use super::version::Version;

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

/// Lets `respondents` answer a version. The same seed gives the same run, however
/// many cores work on it; `today` is the day they begin.
pub fn dry_run(version: &Version, respondents: u32, seed: u64, today: NaiveDate) -> DryRun {
    dry_run_telling(version, respondents, seed, today, &|_| ())
}

/// As [`dry_run`]; `tell` hears after each respondent how many are done.
pub fn dry_run_telling(
    version: &Version,
    respondents: u32,
    seed: u64,
    today: NaiveDate,
    tell: &(dyn Fn(u32) + Sync),
) -> DryRun {
    run(version, respondents, (seed, today), None, tell)
}

/// The answers of one simulated respondent: the same as those of the respondent with
/// that seed in a [`dry_run`].
pub fn answers_of(version: &Version, seed: u64, today: NaiveDate) -> Answers {
    let mut found = Found::default();
    let mut respondent = Respondent::new(version, (seed, today), None, &mut found);
    respondent.walk();
    respondent.into_answers()
}

/// What respondents found so far, by identity: names are looked up at the end.
#[derive(Default)]
struct Found<'v> {
    /// Ends and checks, as they are told.
    run: DryRun,
    /// Questions that somebody was asked.
    asked: HashSet<ItemId>,
    /// Questions with the codes that somebody was offered.
    offered: HashSet<(ItemId, &'v str)>,
    /// Answers sent in, by item.
    answers: HashMap<ItemId, u32>,
    /// How many questions each was asked who finished.
    lengths: Vec<u32>,
}

impl<'v> Found<'v> {
    /// One respondent more.
    fn respond(&mut self, version: &'v Version, begin: (u64, NaiveDate), way: Option<Way>) {
        let mut respondent = Respondent::new(version, begin, way, self);
        let (end, failed) = respondent.walk();
        let asked = respondent.asked;
        let length = u32::try_from(asked.len()).unwrap_or(u32::MAX);
        self.asked.extend(asked);
        for name in failed {
            *self.run.failed_checks.entry(name).or_default() += 1;
        }
        match end {
            End::Finished => {
                self.run.finished += 1;
                self.lengths.push(length);
            }
            End::Early(Ending::Refused) => self.run.refused += 1,
            End::Early(Ending::ScreenedOut) => self.run.screened_out += 1,
            End::Stuck(page) => *self.run.stuck.entry(page).or_default() += 1,
        }
    }

    /// What others found as well.
    fn with(mut self, other: Self) -> Self {
        let DryRun { finished, refused, screened_out, stuck, rejections, failed_checks, .. } =
            other.run;
        self.run.finished += finished;
        self.run.refused += refused;
        self.run.screened_out += screened_out;
        add(&mut self.run.stuck, stuck);
        add(&mut self.run.failed_checks, failed_checks);
        for (item, codes) in rejections {
            add(self.run.rejections.entry(item).or_default(), codes);
        }
        self.asked.extend(other.asked);
        self.offered.extend(other.offered);
        for (item, count) in other.answers {
            *self.answers.entry(item).or_default() += count;
        }
        self.lengths.extend(other.lengths);
        self
    }

    /// All of it under the names of questions.
    fn named(mut self, version: &Version) -> DryRun {
        let mut run = self.run;
        let document = &version.document;
        for question in document.questions().filter(|question| question.kind.takes_answer()) {
            for item in question.items() {
                if let Some(count) = self.answers.get(&item.id) {
                    run.answers.insert(item.name.to_string(), *count);
                }
            }
            if !self.asked.contains(&question.id) {
                run.never_asked.push(question.name.clone());
                continue;
            }
            // Of a list that is searched, a few options are tried only.
            let shown = version.searched(&question.kind).is_none();
            let list = question.kind.list().filter(|_| shown).and_then(|list| version.list(list));
            for option in list.into_iter().flat_map(|list| &list.options) {
                if !self.offered.contains(&(question.id, option.code.as_str())) {
                    run.never_offered.push((question.name.clone(), option.code.clone()));
                }
            }
        }
        self.lengths.sort_unstable();
        if let Some(last) = self.lengths.len().checked_sub(1) {
            run.lengths = [0, 1, 2, 3, 4].map(|quarter| self.lengths[last * quarter / 4]);
        }
        run
    }
}

fn add(counts: &mut BTreeMap<String, u32>, others: BTreeMap<String, u32>) {
    for (name, count) in others {
        *counts.entry(name).or_default() += count;
    }
}

fn run(
    version: &Version,
    respondents: u32,
    (seed, today): (u64, NaiveDate),
    way: Option<Way>,
    tell: &(dyn Fn(u32) + Sync),
) -> DryRun {
    let done = AtomicU32::new(0);
    let each = (0..respondents).into_par_iter().fold(Found::default, |mut found, number| {
        found.respond(version, (seed.wrapping_add(u64::from(number)), today), way);
        tell(done.fetch_add(1, Ordering::Relaxed) + 1);
        found
    });
    let found = each.reduce(Found::default, Found::with);
    DryRun { respondents, ..found.named(version) }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};

    use super::simulation::simulate;
    use super::*;
    use crate::questionnaire::compile::compile_version;
    use crate::questionnaire::document::{
        Block, Choice, Document, Kind, Language, ListOption, NumberRange, OptionList, Page,
        Question, Section, Text, identity_of,
    };
    use crate::questionnaire::never::never_asked;
    use crate::questionnaire::publish::publish;
    use crate::questionnaire::routing::route;
    use crate::questionnaire::why::{Because, why};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day")
    }

    fn fixtures() -> Vec<(&'static str, Version)> {
        let texts = [
            ("all-kinds", include_str!("../../../../fixtures/questionnaires/all-kinds.json")),
            ("devices", include_str!("../../../../fixtures/questionnaires/devices.json")),
            ("household", include_str!("../../../../fixtures/questionnaires/household.json")),
            ("more-kinds", include_str!("../../../../fixtures/questionnaires/more-kinds.json")),
        ];
        let read = |(name, text)| {
            let document: Document = serde_json::from_str(text).expect("a document");
            (name, publish(document).expect("published"))
        };
        texts.into_iter().map(read).collect()
    }

    /// Pages whose answers change nothing on them are checked on one path; asking
    /// after each answer how the path goes on must give the same.
    #[test]
    fn a_page_that_does_not_read_itself_needs_one_path() {
        let (mut free, mut pages) = (0, 0);
        for (name, version) in fixtures() {
            free += version.pages.iter().filter(|page| !page.reads_itself).count();
            pages += version.pages.len();
            let mut careful = version.clone();
            careful.pages.iter_mut().for_each(|page| page.reads_itself = true);
            for seed in [1, 1_000] {
                let (one, all) =
                    (dry_run(&version, 25, seed, today()), dry_run(&careful, 25, seed, today()));
                assert_eq!(one, all, "{name}, {seed}");
            }
        }
        assert!(free * 4 > pages, "only {free} of {pages} pages go by one path");
    }

    /// A document made by chance: conditions on what came before, on the same page
    /// too, filters, bounds that are missed, ends, shuffled parts.
    fn made(seed: u64) -> Document {
        let mut random = rand_chacha::ChaCha12Rng::seed_from_u64(seed);
        let mut below = |count: usize| {
            let wide = u128::from(random.next_u64()) * count as u128;
            usize::try_from(wide >> 64).expect("small")
        };
        let text = |words: &str| Text::new("en", words);
        let id = |role: &str, name: &str| identity_of("made", role, name);
        let count = 10 + below(40);
        let mut questions: Vec<Question> = Vec::new();
        for number in 0..count {
            let name = format!("q{number}");
            let kind = match below(4) {
                0 => Kind::Integer(NumberRange { minimum: Some(0.0), ..NumberRange::default() }),
                _ => Kind::Single(Choice::of("views")),
            };
            let mut question = Question::new(id("question", &name), &name, text(&name), kind);
            if number > 0 {
                let of = &questions[number - 1 - below(number.min(6))];
                let test = match of.kind {
                    Kind::Integer(_) => format!("{} > {}", of.name, below(80)),
                    _ => format!("{} != 'v{}'", of.name, below(4)),
                };
                match (below(3), &mut question.kind) {
                    (0, _) => question.relevant = Some(test),
                    (1, Kind::Single(choice)) => {
                        choice.filter = Some(format!("{test} or . = 'v1'"));
                    }
                    (1, _) => {
                        question.constraints.push(
                            serde_json::from_value(
                                serde_json::json!({ "expression": format!(". > {}", below(60)) }),
                            )
                            .expect("a constraint"),
                        );
                    }
                    _ => {}
                }
            }
            questions.push(question);
        }
        let mut blocks = Vec::new();
        while !questions.is_empty() {
            let rest = questions.split_off(questions.len().min(1 + below(4)));
            let name = format!("p{}", blocks.len());
            blocks.push(Block::Page(Page::new(id("page", &name), &name, questions)));
            questions = rest;
        }
        let mut sections = Vec::new();
        while !blocks.is_empty() {
            let rest = blocks.split_off(blocks.len().min(1 + below(5)));
            let name = format!("s{}", sections.len());
            sections.push(Section::new(id("section", &name), &name, blocks));
            blocks = rest;
        }
        let options = ["v0", "v1", "v2", "v3"].map(|code| {
            let mut option = ListOption::new(id("option", code), code, text(code));
            option.ends = (code == "v3").then_some(Ending::ScreenedOut);
            option
        });
        Document {
            id: id("document", "made"),
            name: "made".to_owned(),
            title: text("Made"),
            languages: vec![Language { code: "en".to_owned(), name: "English".to_owned() }],
            default_language: "en".to_owned(),
            lists: vec![OptionList {
                id: id("list", "views"),
                name: "views".to_owned(),
                options: options.to_vec(),
            }],
            sections,
            ..Document::default()
        }
    }

    /// Another condition for a part of a document: a test of some question, which may
    /// stand on the same page or later, or none.
    fn another(document: &mut Document, below: &mut impl FnMut(usize) -> usize) -> ItemId {
        let names: Vec<(String, bool)> = document
            .questions()
            .map(|one| (one.name.clone(), matches!(one.kind, Kind::Integer(_))))
            .collect();
        let (name, number) = names[below(names.len())].clone();
        let text = match (below(5), number) {
            (0, _) => None,
            (1, _) => Some(format!("answered({name})")),
            (_, true) => Some(format!("{name} > {}", below(90))),
            (_, false) => Some(format!("{name} in ('v0', 'v{}')", below(4))),
        };
        let section = below(document.sections.len());
        let section = &mut document.sections[section];
        let block = below(section.blocks.len());
        if below(6) == 0 {
            section.relevant = text;
            return section.id;
        }
        let Block::Page(page) = &mut section.blocks[block] else { panic!("a page") };
        if below(6) == 0 {
            page.relevant = text;
            return page.id;
        }
        let question = below(page.questions.len());
        let question = &mut page.questions[question];
        question.relevant = text;
        question.id
    }

    /// Those who answer again after a change are enough: all of them anew give the same.
    #[test]
    fn a_change_is_worked_out_as_if_all_answered_anew() {
        let (mut kept, mut again, mut changes) = (0, 0, 0);
        for seed in 0..40 {
            let mut random = rand_chacha::ChaCha12Rng::seed_from_u64(seed + 7_000);
            let mut below = |count: usize| {
                let wide = u128::from(random.next_u64()) * count as u128;
                usize::try_from(wide >> 64).expect("small")
            };
            let mut document = made(seed);
            let (mut before, _) = compile_version(document.clone());
            let mut simulation = simulate(&before, 30, seed, today());
            for _ in 0..4 {
                let item = another(&mut document, &mut below);
                let (after, _) = compile_version(document.clone());
                let changed = simulation.changed(&before, &after, item);
                let anew = simulate(&after, 30, seed, today());
                for question in document.questions() {
                    let (one, other) = (changed.asked(question.id), anew.asked(question.id));
                    assert_eq!(one, other, "{seed}: {}", question.name);
                }
                kept += 30 - changed.answered();
                again += changed.answered();
                changes += 1;
                (before, simulation) = (after, changed);
            }
        }
        assert!(changes == 160 && kept > 600 && again > 300, "{kept} kept, {again} again");
    }

    /// Questions that cannot be asked are asked of nobody.
    #[test]
    fn what_is_never_asked_is_asked_of_nobody() {
        let mut told = 0;
        for seed in 0..150 {
            let mut random = rand_chacha::ChaCha12Rng::seed_from_u64(seed + 9_000);
            let mut below = |count: usize| {
                let wide = u128::from(random.next_u64()) * count as u128;
                usize::try_from(wide >> 64).expect("small")
            };
            let mut document = made(seed);
            // Tests that must hold together, so that some clash.
            for _ in 0..12 {
                let names: Vec<(String, bool)> = document
                    .questions()
                    .map(|one| (one.name.clone(), matches!(one.kind, Kind::Integer(_))))
                    .collect();
                let mut test = |at: usize| match &names[at] {
                    (name, true) => {
                        let signs = ["<", "<=", ">", ">=", "=", "!="];
                        format!("{name} {} {}", signs[below(6)], below(40))
                    }
                    (name, false) => match below(3) {
                        0 => format!("{name} = 'v{}'", below(3)),
                        1 => format!("{name} != 'v{}'", below(3)),
                        _ => format!("not({name} in ('v0', 'v{}'))", below(3)),
                    },
                };
                let at = names.len() / 2;
                let text = format!("{} and {} and {}", test(at), test(at), test(at / 2));
                let place = at + 1 + below(names.len() - at - 1);
                let name = names[place].0.clone();
                for section in &mut document.sections {
                    for block in &mut section.blocks {
                        let Block::Page(page) = block else { continue };
                        let found = page.questions.iter_mut().find(|one| one.name == name);
                        if let Some(question) = found {
                            question.relevant = Some(text.clone());
                        }
                    }
                }
            }
            let (version, _) = compile_version(document);
            let never = never_asked(&version);
            let simulation = simulate(&version, 60, seed, today());
            for one in &never {
                assert_eq!(simulation.asked(one.question), 0, "{seed}: {:?}", one.because);
            }
            told += never.len();
        }
        assert!(told > 100, "only {told} were told");
    }

    /// Whoever is asked is told what holds, whoever is not what does not, or what else
    /// kept them from it.
    #[test]
    fn why_somebody_is_asked_is_told() {
        let (mut held, mut lacked, mut ended) = (0, 0, 0);
        let mut versions: Vec<Version> = fixtures().into_iter().map(|(_, it)| it).collect();
        versions.extend((0..24).map(|seed| compile_version(made(seed)).0));
        for (number, version) in versions.iter().enumerate() {
            for seed in 0..6 {
                let answers = answers_of(version, seed, today());
                let path = route(version, &answers, today());
                for question in version.document.questions() {
                    let why = why(version, &path, question.id, today()).expect("a question");
                    let outside = version.rosters_around(question.id).is_empty();
                    if outside {
                        assert_eq!(
                            why.asked,
                            path.asks(question.id),
                            "{number}: {}",
                            question.name
                        );
                    }
                    for one in &why.because {
                        match one {
                            Because::Condition { parts, .. } => {
                                assert!(!parts.is_empty());
                                let holds = |part: &(_, Option<bool>)| part.1 == Some(true);
                                let fits = parts.iter().all(|part| holds(part) == why.asked);
                                assert!(fits || !outside, "{number}: {}: {parts:?}", question.name);
                                *(if why.asked { &mut held } else { &mut lacked }) += 1;
                            }
                            Because::Ended(_) => ended += 1,
                            Because::OtherMode | Because::NoMembers => {}
                        }
                    }
                    assert!(why.asked || !why.because.is_empty(), "{number}: {}", question.name);
                }
            }
        }
        assert!(held > 200 && lacked > 200 && ended > 100, "{held}, {lacked}, {ended}");
    }

    /// What is found page by page is what the whole path worked out after every page
    /// finds.
    #[test]
    fn page_by_page_finds_the_same() {
        let whole =
            |version: &Version, seed| run(version, 8, (seed, today()), Some(Way::Whole), &|_| ());
        let mut by_page = 0;
        for (name, version) in fixtures() {
            for seed in [1, 1_000] {
                assert_eq!(dry_run(&version, 8, seed, today()), whole(&version, seed), "{name}");
            }
        }
        for seed in 0..24 {
            let Ok(version) = publish(made(seed)) else { continue };
            by_page += 1;
            assert_eq!(dry_run(&version, 8, seed, today()), whole(&version, seed), "made {seed}");
        }
        assert!(by_page > 16, "only {by_page} were published");
    }
}
