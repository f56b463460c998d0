//! Blocks: what is cut out of one questionnaire stands whole in another, undone it is
//! gone, and a block that changed never overwrites what was changed beside it unseen.

use std::collections::BTreeSet;

use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::difference::Difference;
use survey_builder::questionnaire::document::{Document, Text, TextRole};
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::library::{
    Block, Changed, Shape, cut, held, insert, original, update,
};
use survey_builder::questionnaire::operation::{Draft, Operation, perform};
use survey_builder::questionnaire::review::review;
use uuid::Uuid;

const SAMPLES: [&str; 4] = [
    include_str!("../../../fixtures/questionnaires/household.json"),
    include_str!("../../../fixtures/questionnaires/all-kinds.json"),
    include_str!("../../../fixtures/questionnaires/more-kinds.json"),
    include_str!("../../../fixtures/questionnaires/devices.json"),
];

fn samples() -> Vec<Document> {
    SAMPLES.iter().map(|json| serde_json::from_str(json).expect("a document")).collect()
}

fn errors(document: &Document) -> Vec<String> {
    let all = review(document).into_iter();
    all.filter(|one| one.severity == Severity::Error)
        .map(|one| format!("{:?}", one.problem))
        .collect()
}

/// Every section, page and question of a document that can be cut out.
fn selections(document: &Document) -> Vec<Uuid> {
    let sections = document.all_sections().into_iter().map(|one| one.id);
    let pages = document.pages().map(|(_, page)| page.id);
    let all: Vec<Uuid> =
        sections.chain(pages).chain(document.questions().map(|one| one.id)).collect();
    all
}

fn put(block: &Block, insertion: u128, into: &Document) -> (Document, Vec<Operation>) {
    let insertion = Uuid::from_u128(insertion);
    let inserted = insert(block, insertion, into, into.id).expect("it is not empty");
    let mut draft = Draft::of(into.clone());
    let outcome = perform(&mut draft, &inserted.wishes, &[]);
    assert_eq!(outcome.refused, Vec::new());
    (draft.document, outcome.inverses)
}

/// Whatever is cut out of whichever questionnaire is put into every other, also into its
/// own: no name is there twice, nothing that was right becomes wrong, and what takes it
/// back leaves the draft as it was.
#[test]
fn everything_that_can_be_cut_stands_in_every_other() {
    let samples = samples();
    let mut played = 0;
    for source in &samples {
        for item in selections(source) {
            let cut = cut(source, item).expect("it can be selected");
            let outside = cut.block.outside();
            for target in &samples {
                let before = Draft::of(target.clone()).document;
                let (after, inverses) = put(&cut.block, 7, &before);
                let kept: BTreeSet<Uuid> =
                    held(&cut.block, Uuid::from_u128(7), &after).into_iter().collect();
                assert_eq!(kept.len(), cut.block.own().len(), "all of it is there");
                if outside.is_empty() && cut.around.is_empty() {
                    let known = errors(&before);
                    let new: Vec<String> =
                        errors(&after).into_iter().filter(|one| !known.contains(one)).collect();
                    assert_eq!(new, Vec::<String>::new(), "{} {item}", source.name);
                }
                let mut draft = Draft::of(after);
                for inverse in &inverses {
                    inverse.apply(&mut draft).expect("it can be taken back");
                }
                assert_eq!(draft.document, before);
                played += 1;
            }
        }
    }
    assert!(played > 300, "{played} insertions");
}

/// Twice the same block: each has names of its own, and reads its own answers.
#[test]
fn a_block_that_is_there_twice_reads_itself() {
    let source = &samples()[0];
    let block = cut(source, source.sections[1].id).expect("a section").block;
    let (once, _) = put(&block, 1, source);
    let (twice, _) = put(&block, 2, &once);
    let names: Vec<String> = twice.questions().map(|one| one.name.clone()).collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(names.len(), distinct.len(), "{names:?}");
    let (version, _) = compile_version(twice.clone());
    assert_eq!(version.document.questions().count(), names.len());
    // Rewritten conditions name what is in the same copy.
    let copy = cut(&twice, twice.sections.last().expect("it").id).expect("a section").block;
    assert_eq!(copy.outside(), block.outside());
}

#[test]
fn what_is_outside_is_told_and_stays() {
    let source = &samples()[0];
    let asked = source.questions().find(|one| one.relevant.is_some()).expect("a condition");
    let block = cut(source, asked.id).expect("a question").block;
    let condition = asked.relevant.clone().expect("it has one");
    let outside = block.outside();
    assert!(!outside.is_empty(), "{condition}");
    let empty = Document {
        sections: vec![],
        lists: vec![],
        rosters: vec![],
        checks: vec![],
        ..source.clone()
    };
    let told = insert(&block, Uuid::from_u128(3), &empty, empty.id).expect("it is not empty");
    assert!(told.outside.iter().all(|(_, is_there)| !is_there));
    let own = insert(&block, Uuid::from_u128(3), source, source.id).expect("it is not empty");
    assert!(own.outside.iter().all(|(_, is_there)| *is_there));
    let (after, _) = put(&block, 3, source);
    let copies =
        after.questions().filter(|one| one.relevant.as_deref() == Some(&condition)).count();
    assert!(copies >= 2, "the condition came along as it was");
}

fn changed(block: &Block, change: impl FnOnce(&mut Document)) -> Block {
    let mut block = block.clone();
    change(&mut block.document);
    block
}

/// The block says something new; the draft said something of its own at one place: that
/// is shown as local, everything else can be taken as it is.
#[test]
fn a_newer_block_is_taken_beside_what_was_changed_here() {
    let source = &samples()[1];
    let battery = source.questions().find(|one| one.kind.rows().len() > 1).expect("a battery");
    let block = cut(source, battery.id).expect("a battery").block;
    assert_eq!(block.shape, Shape::Battery);
    let language = source.default_language.clone();
    let newer = changed(&block, |document| {
        let list = &mut document.lists[0];
        list.options[0].label = Text::new(&language, "Khác hẳn");
        let page = document.pages_mut().remove(0);
        page.questions[0].wording = Text::new(&language, "Câu mới");
        page.questions[0].relevant = Some("1 = 1".to_owned());
        if let survey_builder::questionnaire::document::Kind::Battery(battery) =
            &mut page.questions[0].kind
        {
            let mut row = battery.rows[0].clone();
            row.id = Uuid::from_u128(99);
            row.name = "one_more".to_owned();
            battery.rows.push(row);
            battery.rows.remove(1);
        }
    });
    let target = &samples()[0];
    let (mut draft, _) = put(&block, 5, target);
    let insertion = Uuid::from_u128(5);
    assert!(update(&block, &block, insertion, &draft).changes.is_empty());
    // An author wrote the question otherwise here.
    let own = held(&block, insertion, &draft);
    let question = draft.questions().find(|one| own.contains(&one.id)).expect("it").id;
    draft
        .change_text((question, TextRole::Wording), |text| *text = Text::new(&language, "Của tôi"));
    let offered = update(&block, &newer, insertion, &draft);
    let locals: Vec<&Changed> =
        offered.changes.iter().filter(|one| one.local).map(|one| &one.what).collect();
    assert_eq!(locals, [&Changed::Text(TextRole::Wording, language.clone())]);
    let taken: Vec<Operation> = offered
        .changes
        .iter()
        .filter(|one| !one.local)
        .flat_map(|one| one.operations.clone())
        .collect();
    let mut now = Draft::of(draft.clone());
    let wishes: Vec<Operation> = offered.needed.iter().cloned().chain(taken).collect();
    let outcome = perform(&mut now, &wishes, &[]);
    assert_eq!(outcome.refused, Vec::new());
    let left = update(&block, &newer, insertion, &now.document);
    assert!(left.changes.iter().all(|one| one.local), "{:?}", left.changes);
    let held_now = now.document.questions().find(|one| one.id == question).expect("it");
    assert_eq!(held_now.wording.get(&language, ""), "Của tôi");
    assert_eq!(held_now.relevant.as_deref(), Some("1 = 1"));
    assert_eq!(held_now.kind.rows().len(), battery.kind.rows().len());
    // Taken too, nothing is left, and it can be taken back.
    let all: Vec<Operation> = left.changes.iter().flat_map(|one| one.operations.clone()).collect();
    let before = now.clone();
    let outcome = perform(&mut now, &all, &[]);
    assert!(update(&block, &newer, insertion, &now.document).changes.is_empty());
    for inverse in outcome.inverses {
        inverse.apply(&mut now).expect("it can be taken back");
    }
    assert_eq!(now, before);
}

/// A draft that holds a block is where its next version is written: cut out of there it
/// has the identities that it had, so that only what was changed is different.
#[test]
fn a_block_that_was_changed_in_a_draft_is_a_new_version_of_itself() {
    for source in &samples() {
        for section in &source.sections {
            let block = cut(source, section.id).expect("a section").block;
            let (mut draft, _) = put(&block, 11, &samples()[3]);
            let insertion = Uuid::from_u128(11);
            let top = draft.sections.last().expect("it").id;
            let again = cut(&draft, top).expect("it").block;
            let same = original(&again, insertion, &block);
            let found = Difference::between(&block.document, &same.document).changes;
            assert_eq!(found, Vec::new(), "{} {}", source.name, section.name);
            draft.change_text((top, TextRole::Title), |text| *text = Text::new("vi", "Tên mới"));
            let next = original(&cut(&draft, top).expect("it").block, insertion, &block);
            let found = update(&block, &next, insertion, &draft);
            assert!(found.changes.is_empty(), "the draft has it already");
        }
    }
}

/// All of it taken out again: the draft holds it no more.
#[test]
fn a_block_that_was_taken_out_is_not_held() {
    let (source, target) = (&samples()[0], &samples()[3]);
    let block = cut(source, source.sections[0].id).expect("a section").block;
    let (after, inverses) = put(&block, 13, target);
    assert!(!held(&block, Uuid::from_u128(13), &after).is_empty());
    let mut draft = Draft::of(after);
    for inverse in &inverses {
        inverse.apply(&mut draft).expect("it can be taken back");
    }
    assert!(held(&block, Uuid::from_u128(13), &draft.document).is_empty());
}
