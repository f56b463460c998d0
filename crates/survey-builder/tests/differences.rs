//! Differences between documents: what a change means for data that are there.

use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::difference::{Difference, Weight};
use survey_builder::questionnaire::document::{
    Block, Cell, Column, Document, Grid, Kind, ListOption, NumberRange, Question, Row, Text,
    TextRule, identity_of,
};

fn document() -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("a document")
}

/// What a change of the document is found to be.
fn found(change: impl FnOnce(&mut Document)) -> Vec<(Weight, String, String)> {
    let (before, mut after) = (document(), document());
    change(&mut after);
    Difference::between(&before, &after)
        .changes
        .into_iter()
        .map(|change| (change.weight, change.place, change.what.name().to_owned()))
        .collect()
}

fn only(weight: Weight, place: &str, what: &str) -> Vec<(Weight, String, String)> {
    vec![(weight, place.to_owned(), what.to_owned())]
}

fn with_question(document: &mut Document, name: &str, change: impl FnOnce(&mut Question)) {
    change(document.question_mut(name).expect("a question of that name"));
}

#[test]
fn nothing_changed_is_no_change() {
    let difference = Difference::between(&document(), &document());
    assert_eq!(difference.changes, []);
    assert_eq!(difference.weight(), None);
    let items: usize = document().questions().map(|question| question.items().len()).sum();
    assert_eq!(difference.mapping.len(), items, "every item is mapped to itself");
    assert!(difference.mapping.iter().all(|mapping| mapping.before == mapping.after));
}

#[test]
fn words_and_names_are_cosmetic() {
    let wording = found(|document| {
        with_question(document, "hours", |question| question.wording = Text::new("en", "Hours?"));
    });
    assert_eq!(wording, only(Weight::Cosmetic, "hours", "wording"));
    let (before, mut after) = (document(), document());
    with_question(&mut after, "hours", |question| "hours_worked".clone_into(&mut question.name));
    let difference = Difference::between(&before, &after);
    assert_eq!(difference.weight(), Some(Weight::Cosmetic));
    let renamed: Vec<_> =
        difference.mapping.iter().filter(|mapping| mapping.before != mapping.after).collect();
    assert_eq!(renamed.len(), 1);
    assert_eq!((renamed[0].before.as_str(), renamed[0].after.as_str()), ("hours", "hours_worked"));
}

#[test]
fn more_questions_options_and_other_conditions_are_compatible() {
    let added = found(|document| {
        let kind = Kind::ShortText(TextRule::default());
        let new = Question::new(identity_of("x", "question", "why"), "why", Text::default(), kind);
        document.pages_mut()[0].questions.push(new);
    });
    assert_eq!(added, only(Weight::Compatible, "why", "question_added"));
    let option = found(|document| {
        let list = &mut document.lists[0];
        let id = identity_of("x", "option", "new");
        list.options.push(ListOption::new(id, "new", Text::default()));
    });
    assert_eq!((option[0].0, option[0].2.as_str()), (Weight::Compatible, "option_added"));
    let condition = found(|document| {
        with_question(document, "hours", |question| question.relevant = None);
    });
    assert_eq!(condition, only(Weight::Compatible, "hours", "relevant"));
}

#[test]
fn what_ends_a_series_is_breaking() {
    let removed = found(|document| {
        for page in document.pages_mut() {
            page.questions.retain(|question| question.name != "hours");
        }
    });
    assert_eq!(removed, only(Weight::Breaking, "hours", "question_removed"));
    let kind = found(|document| {
        with_question(document, "hours", |question| {
            question.kind = Kind::ShortText(TextRule::default());
        });
    });
    let gravest = kind.iter().map(|(weight, ..)| *weight).max();
    assert_eq!(gravest, Some(Weight::Breaking), "{kind:?}");
    let option = found(|document| {
        document.lists[0].options.pop();
    });
    assert_eq!((option[0].0, option[0].2.as_str()), (Weight::Breaking, "option_removed"));
    let missing = found(|document| {
        document.lists[0].options[0].missing = Some(State::DontKnow);
    });
    assert_eq!((missing[0].0, missing[0].2.as_str()), (Weight::Breaking, "option_missing"));
}

#[test]
fn words_of_rows_and_ends_are_cosmetic_and_nothing_more() {
    let row = found(|document| {
        let Kind::Battery(battery) = &mut document.question_mut("opinions").expect("it").kind
        else {
            panic!("a battery");
        };
        battery.rows[0].wording = Text::new("en", "Said otherwise");
    });
    assert_eq!(row, only(Weight::Cosmetic, "safe", "wording"));
    let end = found(|document| {
        let Kind::Scale(scale) = &mut document.question_mut("score").expect("it").kind else {
            panic!("a scale");
        };
        scale.low = Text::new("en", "Worst");
    });
    assert_eq!(end, only(Weight::Cosmetic, "score", "low"));
}

#[test]
fn answers_of_another_type_list_or_unit_are_breaking() {
    let list = found(|document| {
        let other = document.lists.iter().map(|list| list.name.clone()).next_back().expect("one");
        with_question(document, "works", |question| {
            question.kind.choice_mut().expect("a choice").list = other;
        });
    });
    assert_eq!(list, only(Weight::Breaking, "works", "answers"));
    let points = found(|document| {
        let Kind::Scale(scale) = &mut document.question_mut("score").expect("it").kind else {
            panic!("a scale");
        };
        scale.to = 7;
    });
    assert_eq!(points, only(Weight::Breaking, "score", "scale"));
    let cell = |cell| {
        let column = Column {
            id: identity_of("x", "column", "c"),
            name: "c".to_owned(),
            label: Text::default(),
            cell,
        };
        let row = Row {
            id: identity_of("x", "row", "r"),
            name: "r".to_owned(),
            wording: Text::new("en", "How many?"),
            relevant: None,
        };
        let grid = Grid { rows: vec![row], columns: vec![column], ..Grid::default() };
        let id = identity_of("x", "question", "grid");
        let mut document = document();
        document.pages_mut()[0].questions.push(Question::new(
            id,
            "grid",
            Text::default(),
            Kind::Grid(grid),
        ));
        document
    };
    let (before, after) =
        (cell(Cell::Integer(NumberRange::default())), cell(Cell::Text(TextRule::default())));
    assert_eq!(Difference::between(&before, &after).weight(), Some(Weight::Breaking));
}

#[test]
fn a_renamed_code_is_in_the_mapping() {
    let (before, mut after) = (document(), document());
    let question = before.questions().find(|question| question.name == "works").expect("works");
    let list = question.kind.list().expect("a list").to_owned();
    let changed = after.lists.iter_mut().find(|known| known.name == list).expect("the list");
    let old = std::mem::replace(&mut changed.options[0].code, "renamed".to_owned());
    let difference = Difference::between(&before, &after);
    let mapping =
        difference.mapping.iter().find(|mapping| mapping.after == "works").expect("mapped");
    assert_eq!(mapping.codes.get(&old).map(String::as_str), Some("renamed"));
    assert_eq!(difference.weight(), Some(Weight::Compatible));
}

#[test]
fn pages_that_move_into_a_section_of_their_own_change_nothing() {
    let (before, mut after) = (document(), document());
    let section = &mut after.sections[1];
    let blocks = std::mem::take(&mut section.blocks);
    let id = identity_of("x", "section", "inner");
    let inner = survey_builder::questionnaire::document::Section::new(id, "inner", blocks);
    section.blocks.push(Block::Section(inner));
    assert_eq!(Difference::between(&before, &after).changes, []);
}
