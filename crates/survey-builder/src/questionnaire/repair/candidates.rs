//! What might mend an error: the change that loses least comes first.

use std::collections::BTreeSet;

use super::Change;
use crate::problem::{Argument, Problem};
use crate::questionnaire::document::{Document, Kind, Members, Question};
use crate::questionnaire::expression::texts_in;

/// The changes that might mend an error, in the order in which they are tried.
pub(super) fn of(document: &Document, error: &Problem) -> Vec<Change> {
    let place = error.place.as_text().unwrap_or_default().to_owned();
    let said = |name: &str| said(error, name);
    let question = || document.questions().find(|one| one.name == place);
    match error.code.as_str() {
        "forward-reference" => {
            let expression = said("expression");
            let row = question()
                .map(|one| one.kind.rows())
                .filter(|rows| rows.iter().any(|row| row.relevant.as_ref() == Some(&expression)));
            let row = row.map(|_| Change::MoveRow {
                question: place.clone(),
                expression: expression.clone(),
            });
            let moved = moved(document, &place, &expression);
            let kept = row.into_iter().chain(moved);
            kept.chain(condition(document, &place, &expression)).collect()
        }
        code if code.starts_with("expression-") => condition(document, &place, &said("expression")),
        "check-rosters" => {
            let checks = document.checks.iter().filter(|one| one.name == place);
            checks
                .map(|one| Change::Condition {
                    place: place.clone(),
                    expression: one.expression.clone(),
                })
                .collect()
        }
        "duplicate-name" => {
            let before = said("name");
            vec![Change::Rename { after: super::rename::free(document, &before), before }]
        }
        "unnamed" => {
            let after = super::rename::free(document, "part");
            vec![Change::Rename { before: String::new(), after }]
        }
        "duplicate-identity" => vec![Change::Identity { identity: said("identity") }],
        "empty-range" | "empty-scale" => {
            vec![
                Change::Bounds { question: place.clone() },
                Change::DropQuestion { question: place },
            ]
        }
        "empty-page" => vec![Change::DropPage { page: place }],
        "unknown-roster" | "roster-in-itself" => vec![Change::Once { section: place }],
        "roster-question" | "roster-text" | "roster-others" => {
            vec![Change::Added { roster: place }]
        }
        "not-fielded" => not_fielded(document, &place, question()),
        "unknown-piped-name" => {
            vec![Change::Insertion { place, name: said("name"), form: None }]
        }
        "unknown-form" | "bad-form-case" | "form-without-other" | "unfit-form" => {
            vec![Change::Insertion { place, name: said("name"), form: Some(said("form")) }]
        }
        "empty-battery" | "empty-grid" => vec![Change::DropQuestion { question: place }],
        code if code.starts_with("choice-set-") || code.starts_with("selection-") => {
            vec![Change::DropQuestion { question: place }]
        }
        _ => of_texts_and_lists(document, error, place),
    }
}

/// The same of what texts and lists lack.
fn of_texts_and_lists(document: &Document, error: &Problem, place: String) -> Vec<Change> {
    let said = |name: &str| said(error, name);
    match error.code.as_str() {
        "untranslated" => {
            let named = said("language");
            let known = document.languages.iter().filter(|one| one.name == named);
            known
                .map(|one| Change::Text { place: place.clone(), language: one.code.clone() })
                .collect()
        }
        "default-language" => {
            let first = document.languages.first();
            first.map(|one| Change::Language { code: one.code.clone() }).into_iter().collect()
        }
        "empty-list" => {
            let mut found = vec![Change::DropList { list: place.clone() }];
            found.extend(options(document, &place));
            let users = document.questions().filter(|one| one.kind.lists().contains(&&*place));
            found.extend(users.flat_map(|one| without_list(&one.name, &place)));
            found
        }
        "unknown-list" => {
            let list = said("list");
            let given = options(document, &list);
            given.into_iter().chain(without_list(&place, &list)).collect()
        }
        "duplicate-code" => {
            let before = said("code");
            let after = free_code(document, &place, &before);
            vec![Change::Code { list: place, before, after }]
        }
        _ => Vec::new(),
    }
}

/// What a question becomes whose list is not known.
fn without_list(question: &str, list: &str) -> [Change; 2] {
    let question = question.to_owned();
    [
        Change::AsText { question: question.clone(), list: list.to_owned() },
        Change::DropQuestion { question },
    ]
}

/// What an error says under a name.
fn said(error: &Problem, name: &str) -> String {
    let found = error.argument(name).and_then(Argument::as_text);
    found.unwrap_or_default().to_owned()
}

/// A question that reads what is asked later is asked behind it, in the same section.
fn moved(document: &Document, place: &str, expression: &str) -> Option<Change> {
    let (names, _) = texts_in(expression);
    let section = document.all_sections().into_iter().find(|section| {
        let mut own = section.own_pages().flat_map(|page| &page.questions);
        own.any(|question| question.name == place)
    })?;
    let mut own = section.own_pages().flat_map(|page| &page.questions);
    let reads = |question: &&Question| {
        question.name != place
            && question.items().iter().any(|item| names.iter().any(|name| item.name == *name))
    };
    let behind = own.by_ref().filter(reads).last()?.name.clone();
    Some(Change::Move { question: place.to_owned(), behind })
}

/// A condition goes; what is worked out by it comes from outside, members are added.
fn condition(document: &Document, place: &str, expression: &str) -> Vec<Change> {
    let of = || place.to_owned();
    let mut found = vec![Change::Condition { place: of(), expression: expression.to_owned() }];
    let worked_out = |one: &Question| matches!(&one.kind, Kind::Computed(computed) if computed.expression == expression);
    if document.questions().any(|one| one.name == place && worked_out(one)) {
        found.push(Change::Outside { question: of() });
        found.push(Change::DropQuestion { question: of() });
    }
    let counted = document.rosters.iter().filter(|roster| {
        matches!(&roster.members, Members::Count { expression: own, .. } if own == expression)
    });
    found.extend(counted.map(|roster| Change::Added { roster: roster.name.clone() }));
    found
}

/// What pages cannot ask: a list to be searched, a condition on what the interview keeps,
/// a value from outside inside a roster.
fn not_fielded(document: &Document, place: &str, question: Option<&Question>) -> Vec<Change> {
    let mut found = Vec::new();
    if question.is_some_and(|one| one.kind.choice().is_some()) {
        found.push(Change::Search { question: place.to_owned() });
    }
    let expressions = super::apply::expressions_at(document, place).into_iter();
    found.extend(
        expressions.map(|expression| Change::Condition { place: place.to_owned(), expression }),
    );
    if question.is_some_and(|one| one.kind.is_silent()) {
        found.push(Change::DropQuestion { question: place.to_owned() });
    }
    found
}

/// Options for a list: the codes that conditions on its questions are compared with.
fn options(document: &Document, list: &str) -> Option<Change> {
    let mut users: BTreeSet<String> = BTreeSet::new();
    for question in document.questions().filter(|one| one.kind.lists().contains(&list)) {
        // The rows and cells that offer it; other columns of a grid offer something else.
        let items = question.items().into_iter().filter(|item| item.list() == Some(list));
        users.extend(items.map(|item| item.name.into_owned()));
        users.insert(question.name.clone());
    }
    let mut codes: Vec<String> = Vec::new();
    for expression in super::apply::all_expressions(document) {
        let (names, texts) = texts_in(&expression);
        if names.iter().any(|name| users.contains(name)) {
            codes.extend(texts.into_iter().filter(|text| !text.is_empty()));
        }
    }
    codes.sort();
    codes.dedup();
    (!codes.is_empty()).then(|| Change::Options { list: list.to_owned(), codes })
}

fn free_code(document: &Document, list: &str, wanted: &str) -> String {
    let taken: BTreeSet<&str> = document
        .list(list)
        .into_iter()
        .flat_map(|list| list.options.iter().map(|option| option.code.as_str()))
        .collect();
    let mut number = 2_u32;
    loop {
        let code = format!("{wanted}_{number}");
        if !taken.contains(code.as_str()) {
            return code;
        }
        number += 1;
    }
}
