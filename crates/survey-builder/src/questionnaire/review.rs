//! Review: everything that is wrong or doubtful in a document, at once, each
//! with its place.
//!
//! Errors block publishing; warnings do not.

mod experiment;
mod insertions;
mod wording;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::answer::ItemId;
use super::compile::compile_version;
use super::document::{
    Cell, Document, Grid, Hidden, Kind, Members, Need, NumberRange, Question, Role, Roster,
    Section, Source, Text, Worded,
};
use super::expression::{Expression, Node, Type};
use super::finding::{Finding, Findings};
use super::names::reference;
use super::preload::is_lost_in_roster;
use super::search::index::{MOST_OPTIONS, searched};
use super::version::{CompiledQuestion, Version};
use crate::problem::{Problem, first_places, phrase};
use experiment::{check_choice_set, check_selection};
use insertions::check_insertions;

/// Reviews a document.
pub fn review(document: &Document) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    check_languages(document, &mut findings);
    check_names(document, &mut findings);
    check_lists(document, &mut findings);
    for question in document.questions() {
        check_question(document, question, &mut findings);
    }
    check_fielded(document, &mut findings);
    check_flow(document, &mut findings);
    check_rosters(document, &mut findings);
    wording::check_wording(document, &mut findings);
    let (version, expression_findings) = compile_version(document.clone());
    findings.0.extend(expression_findings);
    check_order(&version, &mut findings);
    findings.0
}

fn check_languages(document: &Document, findings: &mut Findings) {
    let known = |code: &str| document.languages.iter().any(|language| language.code == code);
    if !known(&document.default_language) {
        let language = document.default_language.as_str();
        findings.error(Problem::new("default-language", &document.name).with("language", language));
    }
    let mut document = document.clone();
    let (languages, default) = (document.languages.clone(), document.default_language.clone());
    let strict = document.needs_all_languages;
    let mut lacking: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut inserted = Vec::new();
    document.each_text(|Worded { place, need, text, .. }| {
        match need {
            Need::Heading if text.is_empty() => {
                findings.warn(Problem::new("no-heading", place));
                return;
            }
            Need::Free => return,
            Need::WhereSaid if text.is_empty() => return,
            Need::Always | Need::Heading | Need::WhereSaid => {}
        }
        for language in languages.iter().filter(|language| !text.is_in(&language.code)) {
            // The text that is shown first is shown here too.
            if language.code != default && !strict && text.is_in(&default) {
                lacking.entry(&language.name).or_default().push(place.to_owned());
                continue;
            }
            findings.error(Problem::new("untranslated", place).with("language", &language.name));
        }
        inserted.push((place.to_owned(), text.clone()));
    });
    for (place, text) in inserted {
        check_insertions(&document, &place, &text, findings);
    }
    let name = languages.iter().find(|one| one.code == default).map_or("", |one| &one.name);
    for (language, places) in lacking {
        let problem =
            Problem::new("untranslated-some", first_places(places.iter().map(String::as_str)));
        let problem = problem.with("language", language).with("default", name);
        findings.warn(problem.with("count", places.len()));
    }
}

fn check_names(document: &Document, findings: &mut Findings) {
    let mut seen: BTreeMap<(&str, Cow<'_, str>), usize> = BTreeMap::new();
    let mut identities: BTreeMap<ItemId, usize> = BTreeMap::new();
    let mut note = |role, name, id| {
        *seen.entry((role, name)).or_default() += 1;
        *identities.entry(id).or_default() += 1;
    };
    for section in document.all_sections() {
        note("section", Cow::from(&section.name), section.id);
    }
    for (_, page) in document.pages() {
        note("page", Cow::from(&page.name), page.id);
    }
    for question in document.questions() {
        // Also what has rows and no answer of its own: two things of one name
        // would confuse people.
        note("question", Cow::from(&question.name), question.id);
        for item in question.items().into_iter().filter(|item| item.id != question.id) {
            note("question", item.name, item.id);
        }
    }
    for list in &document.lists {
        note("list", Cow::from(&list.name), list.id);
    }
    for roster in &document.rosters {
        note("roster", Cow::from(&roster.name), roster.id);
    }
    for check in &document.checks {
        note("check", Cow::from(&check.name), check.id);
    }
    for ((_, name), count) in seen {
        let name: &str = &name;
        if name.is_empty() {
            findings.error(Problem::new("unnamed", ""));
        } else if count > 1 {
            findings.error(Problem::new("duplicate-name", name).with("name", name));
        }
    }
    if let Some((identity, _)) = identities.iter().find(|(_, count)| **count > 1) {
        findings.error(
            Problem::new("duplicate-identity", &document.name)
                .with("identity", identity.to_string()),
        );
    }
}

fn check_lists(document: &Document, findings: &mut Findings) {
    for list in &document.lists {
        if list.options.is_empty() {
            findings.error(Problem::new("empty-list", &list.name));
        }
        let mut codes = BTreeSet::new();
        for option in &list.options {
            if !codes.insert(&option.code) {
                findings
                    .error(Problem::new("duplicate-code", &list.name).with("code", &option.code));
            }
        }
    }
}

fn check_question(document: &Document, question: &Question, findings: &mut Findings) {
    let place = &question.name;
    let lists = question.kind.lists().into_iter();
    for list in lists.filter(|list| document.list(list).is_none()) {
        findings.error(Problem::new("unknown-list", place).with("list", list));
    }
    match &question.kind {
        Kind::Battery(battery) if battery.rows.is_empty() => {
            findings.error(Problem::new("empty-battery", place));
        }
        Kind::Grid(grid) => check_grid(place, grid, findings),
        Kind::Battery(battery) if battery.rows.len() > 6 => {
            findings.warn(Problem::new("long-battery", place).with("rows", battery.rows.len()));
        }
        Kind::ItemCount(choice) if choice.filter.is_none() => {
            findings.warn(Problem::new("item-count-alone", place));
        }
        Kind::ChoiceSet(set) => check_choice_set(document, place, set, findings),
        Kind::Hidden(Hidden { source: Source::Outside(name), .. }) => {
            findings.warn(Problem::new("outside-value", place).with("name", name));
        }
        Kind::Hidden(Hidden { source: Source::Default, .. }) if question.default.is_none() => {
            findings.warn(Problem::new("no-value", place));
        }
        Kind::Selection(selection) => check_selection(document, question, selection, findings),
        Kind::Scale(scale) if scale.from >= scale.to => {
            findings.error(Problem::new("empty-scale", place));
        }
        Kind::Integer(range) | Kind::Decimal(range) if matches!((range.minimum, range.maximum), (Some(low), Some(high)) if low > high) =>
        {
            findings.error(Problem::new("empty-range", place));
        }
        _ => {}
    }
}

/// A grid needs cells, and each of its columns bounds with something between them.
fn check_grid(place: &str, grid: &Grid, findings: &mut Findings) {
    if grid.rows.is_empty() || grid.columns.is_empty() {
        findings.error(Problem::new("empty-grid", place));
    }
    let is_empty = |range: &NumberRange| matches!((range.minimum, range.maximum), (Some(low), Some(high)) if low > high);
    for column in &grid.columns {
        if let Cell::Integer(range) | Cell::Decimal(range) = &column.cell
            && is_empty(range)
        {
            findings.error(Problem::new("empty-range", place));
        }
    }
}

/// What a document can hold and the pages cannot ask yet: it is read, kept and
/// exported, but not published, lest it be asked wrongly.
fn check_fielded(document: &Document, findings: &mut Findings) {
    let mut unfit = |place: &str, feature: &'static str| {
        findings.error(Problem::new("not-fielded", place).with("feature", phrase(feature)));
    };
    for question in document.questions() {
        if let Some(feature) = unfielded(document, question) {
            unfit(&question.name, feature);
        }
    }
    let repeated = document.all_sections().into_iter().filter(|section| section.each.is_some());
    let inside = repeated.flat_map(Section::with_inner).flat_map(Section::own_pages);
    for question in inside.flat_map(|page| &page.questions) {
        if is_lost_in_roster(question) {
            unfit(&question.name, "phrase-value-from-outside-in-a-roster");
        }
    }
}

/// What of a question pages cannot ask: the key of its name.
fn unfielded(document: &Document, question: &Question) -> Option<&'static str> {
    let kind = &question.kind;
    // What cannot be searched is shown whole.
    let long = searched(document, kind).is_none()
        && kind.choice().is_some_and(|choice| {
            let options = document.list(&choice.list).map_or(0, |list| list.options.len());
            options > MOST_OPTIONS
        });
    long.then_some("phrase-list-too-long-to-show")
}

fn check_flow(document: &Document, findings: &mut Findings) {
    if !document.questions().any(|question| question.kind.takes_answer()) {
        findings.error(Problem::new("no-questions", &document.name));
    }
    for (_, page) in document.pages() {
        if page.questions.is_empty() {
            findings.error(Problem::new("empty-page", &page.name));
        }
    }
    let consents = document.questions().any(|question| {
        matches!(question.kind, Kind::Consent(_)) || question.has_role(Role::Consent)
    });
    if !consents {
        findings.warn(Problem::new("no-consent", &document.name));
    }
}

/// What sections ask about must be there, and its members known.
fn check_rosters(document: &Document, findings: &mut Findings) {
    for section in document.all_sections() {
        let Some(each) = &section.each else { continue };
        if document.roster(&each.roster).is_none() {
            findings
                .error(Problem::new("unknown-roster", &section.name).with("name", &each.roster));
        }
        let twice = section
            .with_inner()
            .into_iter()
            .skip(1)
            .find(|inner| inner.each.as_ref().is_some_and(|inner| inner.roster == each.roster));
        if let Some(inner) = twice {
            findings
                .error(Problem::new("roster-in-itself", &inner.name).with("name", &each.roster));
        }
    }
    for roster in &document.rosters {
        check_members(document, roster, findings);
    }
}

/// What the members of a roster come from must be there and fit.
fn check_members(document: &Document, roster: &Roster, findings: &mut Findings) {
    let asked = |named: &str| document.questions().find(|question| question.name == *named);
    match &roster.members {
        Members::Chosen { question: named }
            if asked(named).is_none_or(|it| {
                it.kind.choice().is_none() || matches!(it.kind, Kind::ItemCount(_))
            }) =>
        {
            findings.error(Problem::new("roster-question", &roster.name).with("name", named));
        }
        Members::Listed { question: named }
            if asked(named).is_none_or(|it| it.kind.answer_type() != Some(Type::Text)) =>
        {
            findings.error(Problem::new("roster-text", &roster.name).with("name", named));
        }
        Members::Others { roster: whole, .. } => {
            let each = |section: &Section, of: &str| {
                section.each.as_ref().is_some_and(|each| each.roster == of)
            };
            let inside = |outer: &&Section| {
                each(outer, whole) && outer.with_inner().iter().any(|it| each(it, &roster.name))
            };
            let uses = document.all_sections().into_iter().filter(|it| each(it, &roster.name));
            let within = document.all_sections().into_iter().filter(inside);
            if document.roster(whole).is_none() || uses.count() > 0 && within.count() == 0 {
                findings.error(Problem::new("roster-others", &roster.name).with("name", whole));
            }
        }
        _ => {}
    }
}

/// Where something stands: its page, its question there, its item in that.
type Position = (usize, usize, usize);

/// What decides whether or how an item is asked must stand before it.
fn check_order(version: &Version, findings: &mut Findings) {
    let mut position: HashMap<String, Position> = HashMap::new();
    let kept = kept_by_interview(&version.document);
    for (page_index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(page_index) else { continue };
        for (index, question) in page.questions.iter().enumerate().take(compiled.questions.len()) {
            for (place, item) in question.items().iter().enumerate() {
                position.insert(reference(item.id), (page_index, index, place));
            }
        }
    }
    let mut check = |place: &str, expression: &Expression, at: Position| {
        if let Some(name) = read_from_outside(version, expression, at.0) {
            findings.warn(
                Problem::new("outside-roster", place)
                    .with("name", &name)
                    .with("expression", &expression.text),
            );
        }
        for read in expression.references() {
            if kept.contains(read) {
                findings.error(
                    Problem::new("not-fielded", place)
                        .with("feature", phrase("phrase-value-the-interview-keeps")),
                );
            }
            if position.get(read).is_some_and(|read_at| *read_at >= at) {
                // The condition of a row is that of each of its cells.
                findings.error_once(
                    Problem::new("forward-reference", place).with("expression", &expression.text),
                );
            }
        }
    };
    for (page_index, compiled) in version.pages().iter().enumerate() {
        let Some(page) = version.page(page_index) else { continue };
        for expression in &compiled.relevant {
            check(&page.name, expression, (page_index, 0, 0));
        }
        let section = version.section_of(page_index);
        let first =
            section.is_some_and(|it| it.own_pages().next().is_some_and(|own| own.id == page.id));
        if let Some(section) = section.filter(|_| first) {
            let filter = version.section(section.id).and_then(|compiled| compiled.filter.as_ref());
            let each = section.each.as_ref().and_then(|each| version.document.roster(&each.roster));
            let count = each.and_then(|it| version.roster(it.id)).and_then(|it| it.count.as_ref());
            for expression in [filter, count].into_iter().flatten() {
                check(&section.name, expression, (page_index, 0, 0));
            }
        }
        for (index, (question, compiled)) in
            page.questions.iter().zip(&compiled.questions).enumerate()
        {
            check_order_in(&question.name, compiled, (page_index, index), &mut check);
        }
    }
}

/// What the expressions of a question may read: what stands before it; those of
/// a row also the rows before; what is looked at when all answers are there,
/// all of them.
fn check_order_in(
    place: &str,
    compiled: &CompiledQuestion,
    (page, index): (usize, usize),
    check: &mut impl FnMut(&str, &Expression, Position),
) {
    for expression in [
        &compiled.relevant,
        &compiled.required_when,
        &compiled.filter,
        &compiled.calculation,
        &compiled.default,
        &compiled.total,
    ]
    .into_iter()
    .flatten()
    {
        check(place, expression, (page, index, 0));
    }
    for expression in &compiled.constraints {
        let whole = compiled.is_about_whole(expression);
        check(place, expression, (page, index, if whole { usize::MAX } else { 0 }));
    }
    for (row, expression) in compiled.item_relevant.iter().enumerate() {
        if let Some(expression) = expression {
            check(place, expression, (page, index, row));
        }
    }
}

/// The name of something that an expression on a page reads from outside the
/// roster it is asked in.
fn read_from_outside(version: &Version, expression: &Expression, page: usize) -> Option<String> {
    let around = &version.pages().get(page)?.rosters;
    let mut outside = None;
    expression.tree.each(&mut |node| {
        let Node::Question(read) = node else { return };
        let Ok(item) = Uuid::try_parse(read) else { return };
        if !around.starts_with(version.rosters_around(item)) {
            outside = Some(item);
        }
    });
    let item = outside?;
    let question = version.question(item)?;
    let named = question.items().into_iter().find(|one| one.id == item);
    Some(named.map_or_else(|| question.name.clone(), |one| one.name.into_owned()))
}

/// References to what the interview keeps itself: no answer has it.
fn kept_by_interview(document: &Document) -> BTreeSet<String> {
    document
        .questions()
        .filter(|question| matches!(&question.kind, Kind::Hidden(one) if !one.can_be_read()))
        .map(|question| reference(question.id))
        .collect()
}

/// How long a respondent takes, in minutes: reading at 200 words a minute and
/// 6 seconds to answer an item (the middle of the 5 to 8 in common use).
pub fn estimated_minutes(document: &Document, language: &str) -> f64 {
    let words =
        |text: &Text| text.get(language, &document.default_language).split_whitespace().count();
    let (mut read, mut answered) = (0, 0);
    for question in document.questions().filter(|question| !question.kind.is_silent()) {
        read += words(&question.wording) + words(&question.hint);
        for item in question.items() {
            answered += 1;
            if item.row.is_some() {
                read += words(item.wording);
            }
        }
        if let Some(list) = question.kind.list().and_then(|list| document.list(list)) {
            read += list.options.iter().map(|option| words(&option.label)).sum::<usize>();
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand words")]
    let minutes = read as f64 / 200.0 + f64::from(answered) * 6.0 / 60.0;
    minutes
}
