//! Several questions at once: wherever they go they keep their order, nothing else moves
//! or is lost, and all of it can be taken back.

use std::collections::BTreeSet;

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Document, Kind};
use survey_builder::questionnaire::operation::compose::{
    Target, move_several, remove_several, same_options,
};
use survey_builder::questionnaire::operation::{Draft, Operation, perform};

const SAMPLES: [&str; 2] = [
    include_str!("../../../fixtures/questionnaires/household.json"),
    include_str!("../../../fixtures/questionnaires/all-kinds.json"),
];

fn sample(which: usize) -> Document {
    serde_json::from_str(SAMPLES[which]).expect("a document")
}

fn questions(document: &Document) -> Vec<ItemId> {
    document.questions().map(|question| question.id).collect()
}

/// Does all of it, and sees that all of it can be taken back.
fn done(document: &Document, wishes: &[Operation]) -> Document {
    let mut draft = Draft::of(document.clone());
    let outcome = perform(&mut draft, wishes, &[]);
    assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
    let mut back = draft.clone();
    for inverse in &outcome.inverses {
        inverse.apply(&mut back).expect("it is taken back");
    }
    assert!(back.document == *document, "taken back it is another document");
    draft.document
}

fn some(all: &[ItemId], chance: &mut ChaCha12Rng) -> BTreeSet<ItemId> {
    let how_many = chance.random_range(1..=all.len().div_ceil(3));
    all.sample(chance, how_many).copied().collect()
}

#[test]
fn several_move_in_their_order_and_nothing_else_does() {
    let mut chance = ChaCha12Rng::seed_from_u64(7);
    let mut moved = 0;
    for round in 0..400 {
        let document = sample(round % 2);
        let all = questions(&document);
        let items = some(&all, &mut chance);
        let sections = document.all_sections();
        let target = match round % 3 {
            0 => Target::First,
            1 => Target::Into(sections.choose(&mut chance).expect("a section").id),
            _ => Target::After(*all.choose(&mut chance).expect("a question")),
        };
        let Some(wishes) = move_several(&document, &items, target) else {
            // Only what has no page of its own has no place there, or the target moves.
            let among = matches!(target, Target::After(question) if items.contains(&question));
            let parted = document.pages().any(|(_, page)| {
                let meant = page.questions.iter().filter(|one| items.contains(&one.id)).count();
                meant > 0 && meant < page.questions.len()
            });
            assert!(among || parted);
            continue;
        };
        moved += 1;
        let after = questions(&done(&document, &wishes));
        let of = |all: &[ItemId], meant: bool| -> Vec<ItemId> {
            all.iter().filter(|id| items.contains(id) == meant).copied().collect()
        };
        assert_eq!(of(&after, false), of(&all, false), "others keep their order");
        let mut chosen = of(&after, true);
        if let Target::After(question) = target {
            let at = |id: &ItemId| after.iter().position(|one| one == id).expect("it is there");
            assert!(chosen.iter().all(|id| at(id) > at(&question)));
            // What leaves others behind goes onto the page, before whole pages.
            chosen.sort_unstable();
            let mut before = of(&all, true);
            before.sort_unstable();
            assert_eq!(chosen, before);
        } else {
            assert_eq!(chosen, of(&all, true), "they keep theirs");
        }
        if target == Target::First {
            assert!(after.starts_with(&chosen));
        }
    }
    assert!(moved > 100, "{moved} of 400");
}

#[test]
fn several_go_at_once_with_the_pages_that_would_be_empty() {
    let mut chance = ChaCha12Rng::seed_from_u64(8);
    for round in 0..100 {
        let document = sample(round % 2);
        let all = questions(&document);
        let items = some(&all, &mut chance);
        let left = done(&document, &remove_several(&document, &items));
        let kept: Vec<ItemId> = all.into_iter().filter(|id| !items.contains(id)).collect();
        assert_eq!(questions(&left), kept);
        assert!(left.pages().all(|(_, page)| !page.questions.is_empty()));
    }
}

#[test]
fn several_get_the_options_of_another() {
    let document = sample(1);
    let by = |kind: &str| {
        let mut found = document.questions().filter(|one| one.kind.name() == kind);
        found.next().expect("one of that kind").id
    };
    let (single, number) = (by("single"), by("integer"));
    let (multiple, battery) = (by("multiple"), by("battery"));
    let items = BTreeSet::from([number, multiple, battery, single]);
    let wishes = same_options(&document, &items, single).expect("it has options");
    let after = done(&document, &wishes);
    let kind = |id| &after.questions().find(|one| one.id == id).expect("there").kind;
    let list = kind(single).list();
    assert!(list.is_some());
    for id in [number, multiple, battery] {
        assert_eq!(kind(id).list(), list);
    }
    assert_eq!(kind(number).name(), "single");
    assert_eq!(kind(multiple).name(), "multiple");
    let rows = document.questions().find(|one| one.id == battery).map(|one| one.kind.rows());
    assert_eq!(Some(kind(battery).rows()), rows);
    // What has no options of its own lends none; a battery lends what its rows share.
    assert!(same_options(&document, &items, number).is_none());
    let lent = same_options(&document, &BTreeSet::from([number]), battery).expect("its columns");
    let after = done(&document, &lent);
    let number = after.questions().find(|one| one.id == number).expect("there");
    assert!(matches!(number.kind, Kind::Single(_)));
}
