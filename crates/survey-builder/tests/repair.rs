//! The least repair: what it changes, that nothing of it can be left out, and what it
//! leaves alone.

use serde_json::{Value, json};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::repair::{Repaired, repair};

fn id(number: u32) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

fn question(number: u32, name: &str, more: &Value) -> Value {
    let mut whole = json!({
        "id": id(number), "name": name, "wording": {"en": name}, "kind": {"type": "short_text"},
    });
    for (key, value) in more.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    whole
}

/// A document of one page a question, in one section, with what else is given.
fn document(questions: &[Value], more: &Value) -> Document {
    let pages: Vec<Value> = (500..)
        .zip(questions)
        .map(|(number, question)| {
            json!({"page": {"id": id(number), "name": format!("p{number}"), "questions": [question]}})
        })
        .collect();
    let mut whole = json!({
        "id": id(900), "name": "form", "title": {"en": "Form"}, "default_language": "en",
        "languages": [{"code": "en", "name": "English"}],
        "sections": [{"id": id(901), "name": "s", "blocks": pages}],
    });
    for (key, value) in more.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).expect("a document")
}

/// The repair of a document that it makes publishable.
fn whole(document: &Document) -> Repaired {
    assert!(publish(document.clone()).is_err(), "it has something to repair");
    let found = repair(document);
    assert!(found.left.is_empty(), "{:?}", found.left);
    publish(found.document.clone()).unwrap_or_else(|problems| panic!("{problems:?}"));
    found
}

fn told(found: &Repaired) -> Vec<String> {
    found.changes.iter().map(|one| format!("{} {}", one.code, one.place)).collect()
}

#[test]
fn what_can_be_published_stays_as_it_is() {
    let document = document(&[question(1, "a", &json!({}))], &json!({}));
    let found = repair(&document);
    assert!(found.changes.is_empty() && found.left.is_empty());
    assert_eq!(found.document, document);
}

#[test]
fn a_condition_that_cannot_be_compiled_goes_and_nothing_else() {
    let questions = [
        question(1, "a", &json!({})),
        question(2, "b", &json!({"relevant": "gone = 'x'", "hint": {"en": "h"}})),
        question(3, "c", &json!({"relevant": "a = 'x'"})),
        question(
            4,
            "d",
            &json!({"constraints": [
                {"expression": "d > ", "message": {"en": "m"}},
                {"expression": "length(.) > 2", "message": {"en": "m"}},
            ]}),
        ),
        question(5, "e", &json!({"relevant": "f = 'x'"})),
        question(6, "f", &json!({})),
    ];
    let found = whole(&document(&questions, &json!({})));
    assert_eq!(told(&found), ["repair-condition b", "repair-condition d", "repair-move e"]);
    let before = found.changes[0].argument("before").map(ToString::to_string);
    assert_eq!(before.as_deref(), Some("gone = 'x'"));
    let all: Vec<_> = found.document.questions().collect();
    // Nothing is lost of what only stood too early.
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "f", "e"]);
    assert_eq!(all[5].relevant.as_deref(), Some("f = 'x'"));
    assert_eq!(all[1].hint.get("en", ""), "h");
    assert_eq!(all[2].relevant.as_deref(), Some("a = 'x'"));
    assert_eq!(all[3].constraints.len(), 1);
}

#[test]
fn one_change_may_mend_much() {
    // All three conditions need the list: it is given, and none of them goes.
    let choice = json!({"kind": {"type": "single", "list": "yesno"}});
    let questions = [
        question(1, "a", &choice),
        question(2, "b", &json!({"relevant": "a = 'yes'"})),
        question(3, "c", &json!({"relevant": "a = 'no'"})),
    ];
    let found = whole(&document(&questions, &json!({})));
    assert_eq!(told(&found), ["repair-options yesno"]);
    let codes: Vec<&str> =
        found.document.lists[0].options.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["no", "yes"]);
    // Where nothing says what the options were, the question is asked as a text.
    let found = whole(&document(&[question(1, "a", &choice)], &json!({})));
    assert_eq!(told(&found), ["repair-kind a"]);
}

#[test]
fn a_doubled_name_is_renamed_with_its_uses() {
    let section = |number: u32, name: &str, condition: &str| {
        json!({"id": id(number), "name": name, "blocks": [
            {"page": {"id": id(number + 1), "name": format!("{name}1"), "questions": [
                question(number + 2, "age", &json!({"kind": {"type": "integer"}})),
            ]}},
            {"page": {"id": id(number + 3), "name": format!("{name}2"), "questions": [
                question(number + 4, &format!("{name}_more"), &json!({
                    "relevant": condition, "wording": {"en": "At ${age}?"},
                })),
            ]}},
        ]})
    };
    let last = json!({"id": id(40), "name": "last", "blocks": [
        {"page": {"id": id(41), "name": "p", "questions": [
            question(42, "z", &json!({"relevant": "age > 3"})),
        ]}},
    ]});
    let sections = json!([section(10, "one", "age > 1"), section(20, "two", "age > 2"), last]);
    let found = whole(&document(&[], &json!({"sections": sections})));
    assert_eq!(told(&found), ["repair-name age_2"]);
    let all: Vec<_> = found.document.questions().collect();
    assert_eq!(all[1].relevant.as_deref(), Some("age > 1"));
    assert_eq!(all[3].relevant.as_deref(), Some("age_2 > 2"));
    assert_eq!(all[3].wording.get("en", ""), "At ${age_2}?");
    assert_eq!(all[4].relevant.as_deref(), Some("age > 3"));
}

#[test]
fn texts_lists_pages_and_bounds_are_mended() {
    let mut empty = document(
        &[
            question(1, "a", &json!({"wording": {}})),
            question(2, "b", &json!({"kind": {"type": "integer", "minimum": 9, "maximum": 2}})),
            question(3, "c", &json!({"wording": {"en": "How old is ${nobody}?"}})),
            question(4, "c", &json!({})),
        ],
        &json!({
            "lists": [{"id": id(700), "name": "unused", "options": []}],
            "default_language": "fr",
        }),
    );
    let page = json!({"id": id(800), "name": "bare", "questions": []});
    let page = serde_json::from_value(page).expect("a page");
    let block = survey_builder::questionnaire::document::Block::Page(page);
    empty.sections[0].blocks.push(block);
    let found = whole(&empty);
    let mut codes: Vec<&str> = found.changes.iter().map(|one| one.code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "repair-bounds",
            "repair-insertion",
            "repair-language",
            "repair-list",
            "repair-name",
            "repair-page",
            "repair-text",
        ]
    );
    let all: Vec<_> = found.document.questions().collect();
    assert_eq!(all[0].wording.get("en", ""), "a");
    assert_eq!(all[2].wording.get("en", ""), "How old is [nobody]?");
}

/// Whatever is wrong, no change can be left out, and none undoes another.
#[test]
fn nothing_of_a_repair_can_be_left_out() {
    let questions = [
        question(1, "a", &json!({"kind": {"type": "computed", "expression": "gone + 1"}})),
        question(2, "b", &json!({"relevant": "a > 1"})),
        question(3, "c", &json!({"relevant": "later = 'x'"})),
        question(3, "later", &json!({})),
    ];
    let document = document(&questions, &json!({}));
    let found = whole(&document);
    let again = repair(&found.document);
    assert!(again.changes.is_empty(), "{:?}", again.changes);
    println!("{:?}", told(&found));
    assert!(found.changes.len() <= 4, "{:?}", told(&found));
}

#[test]
fn what_asks_nobody_cannot_be_repaired() {
    let note = question(1, "a", &json!({"kind": {"type": "note"}}));
    let found = repair(&document(&[note], &json!({})));
    let left: Vec<&str> = found.left.iter().map(|one| one.problem.code.as_str()).collect();
    assert_eq!(left, ["no-questions"]);
    assert!(found.changes.is_empty());
}
