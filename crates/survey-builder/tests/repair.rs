//! The least repair: what it changes, that nothing of it can be left out, and what it
//! leaves alone.

use serde_json::{Value, json};
use survey_builder::questionnaire::document::{Cell, Document, Kind};
use survey_builder::questionnaire::finding::Severity;
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

fn row(number: u32, name: &str, more: &Value) -> Value {
    let mut whole = json!({"id": id(number), "name": name, "wording": {"en": name}});
    for (key, value) in more.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    whole
}

fn column(number: u32, name: &str, cell: &Value) -> Value {
    json!({"id": id(number), "name": name, "label": {"en": name}, "cell": cell})
}

fn grid(rows: &[Value], columns: &[Value]) -> Value {
    json!({"kind": {"type": "grid", "rows": rows, "columns": columns}})
}

fn kind<'d>(found: &'d Repaired, name: &str) -> &'d Kind {
    &found.document.questions().find(|one| one.name == name).expect("the question").kind
}

fn number() -> Value {
    json!({"type": "integer"})
}

#[test]
fn rows_and_columns_get_the_texts_that_they_lack() {
    let rows = [row(10, "r", &json!({"wording": {}})), row(11, "s", &json!({"wording": {}}))];
    let mut columns = [column(20, "c", &number()), column(21, "d", &number())];
    columns[1]["label"] = json!({});
    let found = whole(&document(&[question(1, "a", &grid(&rows, &columns))], &json!({})));
    assert_eq!(told(&found), ["repair-text a"]);
    // All that is written is shown, not the first of it.
    let after = found.changes[0].argument("after").map(ToString::to_string);
    assert_eq!(after.as_deref(), Some("r; s; d"));
}

#[test]
fn rows_that_are_there_twice_are_renamed_with_their_cells() {
    let rows = [row(10, "r", &json!({})), row(11, "s", &json!({})), row(12, "r", &json!({}))];
    let columns = [column(20, "c", &number()), column(21, "d", &number())];
    let questions = [
        question(1, "a", &grid(&rows, &columns)),
        question(2, "b", &json!({"relevant": "r_c > 1", "wording": {"en": "${r_d}"}})),
    ];
    let found = whole(&document(&questions, &json!({})));
    assert_eq!(told(&found), ["repair-name r_2"]);
    let names: Vec<&str> = kind(&found, "a").rows().iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["r", "s", "r_2"]);
    let last = found.document.questions().last().expect("the second");
    assert_eq!(last.relevant.as_deref(), Some("r_c > 1"));
}

#[test]
fn columns_that_are_there_twice_are_renamed() {
    let rows = [row(10, "r", &json!({})), row(11, "s", &json!({}))];
    let columns = [column(20, "c", &number()), column(21, "c", &number())];
    let found = whole(&document(&[question(1, "a", &grid(&rows, &columns))], &json!({})));
    assert_eq!(told(&found), ["repair-name c_2"]);
    let items = found.document.questions().next().expect("the grid").items();
    let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
    assert_eq!(names, ["r_c", "r_c_2", "s_c", "s_c_2"]);
}

#[test]
fn a_cell_called_as_a_question_is_renamed_and_followed() {
    let rows = [row(10, "r", &json!({})), row(11, "s", &json!({}))];
    let columns = [column(20, "c", &number()), column(21, "d", &number())];
    let check = json!([{
        "id": id(800), "name": "k", "expression": "r_d < 9", "message": {"en": "m"},
    }]);
    let questions = [
        question(1, "r_c", &json!({"kind": number()})),
        question(2, "a", &grid(&rows, &columns)),
        question(3, "b", &json!({"relevant": "r_c > 1 and r_d > 1 and s_c > 2"})),
        question(4, "e", &json!({"wording": {"en": "Of ${r_d}?"}})),
    ];
    let found = whole(&document(&questions, &json!({"checks": check})));
    assert_eq!(told(&found), ["repair-name r_2"]);
    let all: Vec<_> = found.document.questions().collect();
    assert_eq!(all[2].relevant.as_deref(), Some("r_c > 1 and r_2_d > 1 and s_c > 2"));
    assert_eq!(all[3].wording.get("en", ""), "Of ${r_2_d}?");
    assert_eq!(found.document.checks[0].expression, "r_2_d < 9");
    // A question that is called as a cell before it is renamed itself.
    let questions = [questions[1].clone(), questions[0].clone()];
    let found = whole(&document(&questions, &json!({})));
    assert_eq!(told(&found), ["repair-name r_c_2"]);
    assert_eq!(found.document.questions().last().expect("it").name, "r_c_2");
}

#[test]
fn what_inserts_a_renamed_row_follows_in_rows_too() {
    let list = json!([{"id": id(700), "name": "l", "options": [
        {"id": id(701), "code": "1", "label": {"en": "One"}},
    ]}]);
    let section = |number: u32, name: &str| {
        let rows = [
            row(number + 3, "x", &json!({})),
            row(number + 4, &format!("{name}_y"), &json!({"wording": {"en": "After ${x}"}})),
        ];
        json!({"id": id(number), "name": name, "blocks": [{"page": {
            "id": id(number + 1), "name": format!("{name}1"), "questions": [
                question(number + 2, &format!("{name}_b"), &json!({
                    "kind": {"type": "battery", "list": "l", "rows": rows},
                })),
            ],
        }}]})
    };
    let sections = json!([section(10, "one"), section(20, "two")]);
    let found = whole(&document(&[], &json!({"sections": sections, "lists": list})));
    assert_eq!(told(&found), ["repair-name x_2"]);
    assert_eq!(kind(&found, "one_b").rows()[1].wording.get("en", ""), "After ${x}");
    assert_eq!(kind(&found, "two_b").rows()[1].wording.get("en", ""), "After ${x_2}");
}

#[test]
fn conditions_of_rows_are_mended_by_their_order_or_go() {
    let rows = [
        row(10, "r", &json!({"relevant": "s_c > 1"})),
        row(11, "s", &json!({})),
        row(12, "t", &json!({"relevant": "gone > 1"})),
        row(13, "u", &json!({"relevant": "r_d > 1"})),
    ];
    let columns = [column(20, "c", &number()), column(21, "d", &number())];
    let found = whole(&document(&[question(1, "a", &grid(&rows, &columns))], &json!({})));
    // The row is named that loses its condition, not only its question.
    assert_eq!(told(&found), ["repair-condition t", "repair-row r"]);
    let rows = kind(&found, "a").rows();
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["s", "r", "t", "u"]);
    let kept: Vec<Option<&str>> = rows.iter().map(|row| row.relevant.as_deref()).collect();
    assert_eq!(kept, [None, Some("s_c > 1"), None, Some("r_d > 1")]);
}

#[test]
fn rows_whose_list_is_not_there_are_kept() {
    let rows = [row(10, "r", &json!({})), row(11, "s", &json!({}))];
    let battery = json!({"kind": {"type": "battery", "list": "l", "rows": rows}});
    // Conditions on its rows say what the options were.
    let asked = question(2, "b", &json!({"relevant": "r = 'often'"}));
    let found = whole(&document(&[question(1, "a", &battery), asked], &json!({})));
    assert_eq!(told(&found), ["repair-options l"]);
    // Where nothing does, each row is asked as a text under its name.
    let found = whole(&document(&[question(1, "a", &battery)], &json!({})));
    assert_eq!(told(&found), ["repair-kind a"]);
    let items = found.document.questions().next().expect("it").items();
    let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
    assert_eq!(names, ["r", "s"]);
    // Of a grid only the columns that offer it.
    let cell = json!({"type": "single", "list": "l"});
    let columns = [column(20, "c", &cell), column(21, "d", &number())];
    let found = whole(&document(&[question(1, "a", &grid(&rows, &columns))], &json!({})));
    assert_eq!(told(&found), ["repair-kind a"]);
    let Kind::Grid(grid) = kind(&found, "a") else { panic!("a grid") };
    assert!(matches!(grid.columns[0].cell, Cell::Text(_)), "{:?}", grid.columns[0].cell);
    assert!(matches!(grid.columns[1].cell, Cell::Integer(_)), "{:?}", grid.columns[1].cell);
}

#[test]
fn bounds_and_identities_in_grids_are_mended() {
    let rows = [row(10, "r", &json!({})), row(10, "s", &json!({}))];
    let bounds = json!({"type": "integer", "minimum": 9, "maximum": 2});
    let columns = [column(20, "c", &number()), column(20, "d", &bounds)];
    let found = whole(&document(&[question(1, "a", &grid(&rows, &columns))], &json!({})));
    let mut all = told(&found);
    all.sort();
    assert_eq!(all, ["repair-bounds a", "repair-identity d, s"]);
    let Kind::Grid(grid) = kind(&found, "a") else { panic!("a grid") };
    let Cell::Integer(range) = &grid.columns[1].cell else { panic!("a number") };
    assert_eq!((range.minimum, range.maximum), (Some(2.0), Some(9.0)));
}

#[test]
fn a_grid_without_cells_asks_nothing_and_goes() {
    let columns = [column(20, "c", &number())];
    let questions = [question(1, "a", &grid(&[], &columns)), question(2, "b", &json!({}))];
    let found = whole(&document(&questions, &json!({})));
    assert_eq!(told(&found), ["repair-question a"]);
}

/// The codes of what is against publishing.
fn errors(document: &Document) -> Vec<String> {
    let found = publish(document.clone()).expect_err("something is against it");
    let errors = found.into_iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.problem.code).collect()
}

/// What is worked out further down is there, only not yet: it is not told as unknown.
#[test]
fn what_reads_a_later_calculation_is_asked_behind_it() {
    let questions = [
        question(1, "a", &json!({"relevant": "age > 12"})),
        question(2, "born", &json!({"kind": number()})),
        question(3, "age", &json!({"kind": {"type": "computed", "expression": "2026 - born"}})),
    ];
    let document = document(&questions, &json!({}));
    assert_eq!(errors(&document), ["forward-reference"]);
    let found = whole(&document);
    assert_eq!(told(&found), ["repair-move a"]);
    let names: Vec<&str> = found.document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["born", "age", "a"]);
}

/// The condition of a row of three cells is told once, as it is there once.
#[test]
fn the_condition_of_a_row_is_told_once() {
    let rows = [row(10, "r", &json!({"relevant": "late > 1"}))];
    let columns = ["c", "d", "e"].map(|name| column(name.as_bytes()[0].into(), name, &number()));
    let late = question(2, "late", &json!({"kind": number()}));
    let document = document(&[question(1, "a", &grid(&rows, &columns)), late], &json!({}));
    assert_eq!(errors(&document), ["forward-reference"]);
    assert_eq!(told(&whole(&document)), ["repair-move a"]);
}
