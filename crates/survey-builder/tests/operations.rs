//! What authors do to drafts: every operation can be taken back exactly, whatever two
//! authors do at once ends alike for everybody, and nobody's words are lost.

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, ListOption, NumberRange, Page, Question, Required, Row, Section,
    Slot, Text,
};
use survey_builder::questionnaire::operation::{
    Draft, Edit, Node, Operation, Outcome, Place, Property, Refusal, Step, next_redo, next_undo,
    perform, rename, restore, rewind, take_back,
};
use uuid::Uuid;

const SAMPLES: [&str; 2] = [
    include_str!("../../../fixtures/questionnaires/household.json"),
    include_str!("../../../fixtures/questionnaires/all-kinds.json"),
];

fn sample(which: usize) -> Draft {
    Draft::of(serde_json::from_str(SAMPLES[which]).expect("a document"))
}

/// One who invents operations; identities and words are never used twice.
struct Author {
    id: Uuid,
    chance: ChaCha12Rng,
}

impl Author {
    fn new(seed: u64) -> Self {
        let mut chance = ChaCha12Rng::seed_from_u64(seed);
        Self { id: Uuid::from_u128(chance.random()), chance }
    }

    fn identity(&mut self) -> ItemId {
        Uuid::from_u128(self.chance.random())
    }

    fn word(&mut self) -> String {
        format!("w{:x}", self.chance.random::<u64>())
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.chance).cloned()
    }

    fn wish(&mut self, draft: &Draft) -> Option<Operation> {
        match self.chance.random_range(0..10) {
            0 | 1 => self.insert(draft),
            2 => {
                let item = self.pick(&draft.document.identities())?;
                Some(Operation::Remove { item, from: draft.document.part(item)?.1 })
            }
            3 | 4 => self.shift(draft),
            5 => self.set(draft),
            _ => self.write(draft),
        }
    }

    fn insert(&mut self, draft: &Draft) -> Option<Operation> {
        let (id, name) = (self.identity(), self.word());
        let text = Text::new("vi", &self.word());
        let document = &draft.document;
        let near = self.pick(&document.identities())?;
        let (node, at) = document.part(near)?;
        let new = match node {
            Node::Section(_) => {
                Node::Section(Box::new(Section::new(id, &name, Vec::<Block>::new())))
            }
            Node::Page(_) => Node::Page(Box::new(Page::new(id, &name, Vec::new()))),
            Node::Question(_) => {
                let kind = Kind::Integer(NumberRange::default());
                Node::Question(Box::new(Question::new(id, &name, text, kind)))
            }
            Node::Row(_) => Node::Row(Box::new(Row { id, name, wording: text, relevant: None })),
            Node::Option(_) => Node::Option(Box::new(ListOption::new(id, &name, text))),
            Node::List(_) | Node::Roster(_) | Node::Check(_) => return None,
        };
        Some(Operation::Insert { node: new, at: Place::after(at.parent, near) })
    }

    fn shift(&mut self, draft: &Draft) -> Option<Operation> {
        let all = draft.document.identities();
        let (item, near) = (self.pick(&all)?, self.pick(&all)?);
        let ((node, from), (other, at)) = (draft.document.part(item)?, draft.document.part(near)?);
        let alike = std::mem::discriminant(&node) == std::mem::discriminant(&other);
        let to = match (&node, &other) {
            _ if alike => Place::after(at.parent, near),
            // Into it rather than beside it.
            (Node::Page(_) | Node::Section(_), Node::Section(_))
            | (Node::Question(_), Node::Page(_))
            | (Node::Option(_), Node::List(_)) => Place::first(near),
            _ => return None,
        };
        Some(Operation::Move { item, from, to })
    }

    fn set(&mut self, draft: &Draft) -> Option<Operation> {
        let questions: Vec<&Question> = draft.document.questions().collect();
        let question = self.pick(&questions)?;
        let (was, now) = match self.chance.random_range(0..3) {
            0 => (
                Property::Relevant(question.relevant.clone()),
                Property::Relevant(Some(self.word())),
            ),
            1 => (Property::Required(question.required), Property::Required(Required::Hard)),
            _ => {
                let list = draft.document.lists.first()?.name.clone();
                let other = self.pick(&questions)?.kind.clone();
                let single = Kind::Single(Choice::of(&list));
                let kind = self.pick(&[single, other])?;
                (Property::Kind(Box::new(question.kind.clone())), Property::Kind(Box::new(kind)))
            }
        };
        Some(Operation::Set { item: question.id, was, now })
    }

    fn write(&mut self, draft: &Draft) -> Option<Operation> {
        let texts = texts_of(draft);
        let ((item, role), text) = self.pick(&texts)?;
        let was = text.0.get("vi").cloned().unwrap_or_default();
        let mut words: Vec<String> = was.split(' ').map(str::to_owned).collect();
        let at = self.chance.random_range(0..=words.len());
        if at < words.len() && self.chance.random_bool(0.6) {
            words[at] = self.word();
        } else {
            words.insert(at, self.word());
        }
        if self.chance.random_ratio(1, 10) {
            let (language, now) = ("en".to_owned(), was);
            return Some(Operation::Confirm { item, role, language, was: self.word(), now });
        }
        let (language, now) = ("vi".to_owned(), words.join(" ").trim().to_owned());
        Some(Operation::Write { item, role, language, was, now })
    }
}

fn texts_of(draft: &Draft) -> Vec<(Slot, Text)> {
    let mut texts = Vec::new();
    draft.document.clone().each_text(|worded| {
        texts.extend(worded.slot.map(|slot| (slot, worded.text.clone())));
    });
    texts
}

/// The words of a text that was written here.
fn new_words(operation: &Operation) -> Vec<String> {
    let Operation::Write { was, now, .. } = operation else { return Vec::new() };
    now.split(' ')
        .filter(|word| !was.split(' ').any(|old| old == *word))
        .map(str::to_owned)
        .collect()
}

fn says(draft: &Draft, word: &str) -> bool {
    serde_json::to_string(draft).expect("JSON").contains(word)
}

/// The order of all edits, as a server keeps it.
struct Log {
    first: Draft,
    draft: Draft,
    edits: Vec<Edit>,
}

impl Log {
    fn new(draft: Draft) -> Self {
        Self { first: draft.clone(), draft, edits: Vec::new() }
    }

    fn keep(&mut self, author: Uuid, step: Step, outcome: &Outcome) {
        if outcome.operations.is_empty() {
            return;
        }
        self.edits.push(Edit {
            number: i64::try_from(self.edits.len()).expect("a number") + 1,
            author,
            step,
            operations: outcome.operations.clone(),
            inverses: outcome.inverses.clone(),
        });
    }

    fn take(&mut self, author: Uuid, wishes: &[Operation], seen: usize) -> Outcome {
        let outcome = perform(&mut self.draft, wishes, &self.edits[seen..]);
        self.keep(author, Step::Change, &outcome);
        outcome
    }

    fn own(&self, author: Uuid) -> Vec<(i64, Step)> {
        let own = self.edits.iter().filter(|edit| edit.author == author);
        own.map(|edit| (edit.number, edit.step)).collect()
    }

    fn back(&mut self, number: i64, step: impl Fn(i64) -> Step) -> Outcome {
        let at = usize::try_from(number).expect("a number");
        let edit = self.edits[at - 1].clone();
        let outcome = take_back(&mut self.draft, &edit, &self.edits[at..]);
        self.keep(edit.author, step(number), &outcome);
        outcome
    }

    /// What everybody has who replays the edits.
    fn replayed(&self, edits: usize) -> Draft {
        let mut draft = self.first.clone();
        for operation in self.edits[..edits].iter().flat_map(|edit| &edit.operations) {
            operation.apply(&mut draft).expect("it was done before");
        }
        draft
    }
}

#[test]
fn every_operation_is_taken_back_exactly() {
    let mut kinds = std::collections::BTreeMap::new();
    for seed in 0..60 {
        let mut draft = sample(usize::try_from(seed % 2).expect("small"));
        let mut author = Author::new(seed);
        for _ in 0..40 {
            let Some(wish) = author.wish(&draft) else { continue };
            let before = draft.clone();
            match wish.apply(&mut draft) {
                Ok(inverse) => {
                    let after = draft.clone();
                    let again = inverse.apply(&mut draft).expect("it can be taken back");
                    assert!(draft == before, "{wish:?}");
                    again.apply(&mut draft).expect("and done again");
                    assert!(draft == after, "{wish:?}");
                    let word = serde_json::to_value(&wish).expect("JSON")["do"].to_string();
                    *kinds.entry(word).or_insert(0) += 1;
                }
                Err(_) => assert!(draft == before, "refused whole: {wish:?}"),
            }
        }
    }
    println!("{kinds:?}");
    assert!(kinds.len() == 6 && kinds.values().all(|count| *count > 50), "{kinds:?}");
}

#[test]
fn three_authors_at_once_end_alike_and_lose_no_words() {
    let (mut disputes, mut refusals, mut merged) = (0, 0, 0);
    for round in 0..1_000_u64 {
        let mut log = Log::new(sample(usize::try_from(round % 2).expect("small")));
        let author = |which| (Author::new(round * 3 + which), 0, log.first.clone());
        let mut authors: Vec<(Author, usize, Draft)> = (0..3).map(author).collect();
        for _ in 0..6 {
            for (author, seen, known) in &mut authors {
                // Each works on what it has seen, some of it on its own wishes.
                let mut view = known.clone();
                let mut wishes = Vec::new();
                for _ in 0..author.chance.random_range(1..4) {
                    let Some(wish) = author.wish(&view) else { continue };
                    if wish.apply(&mut view).is_ok() {
                        wishes.push(wish);
                    }
                }
                let late = log.edits.len() > *seen;
                let outcome = log.take(author.id, &wishes, *seen);
                for (wish, word) in wishes
                    .iter()
                    .flat_map(|wish| new_words(wish).into_iter().map(move |word| (wish, word)))
                {
                    let refused = outcome.refused.iter().any(|(one, _)| one == wish);
                    // What the same author wrote over it in the same breath is its own.
                    let own = wishes.iter().any(|one| {
                        matches!(one, Operation::Write { was, now, .. }
                            if was.contains(&word) && !now.contains(&word))
                            || matches!(one, Operation::Remove { .. })
                            || matches!(one, Operation::Set { now: Property::Kind(_), .. })
                    });
                    assert!(
                        refused || own || says(&log.draft, &word),
                        "{word} of {wish:?} is lost"
                    );
                    merged += usize::from(late && !refused);
                }
                refusals += outcome.refused.len();
                if author.chance.random_bool(0.5) {
                    let news = log.edits[*seen..].iter().flat_map(|edit| &edit.operations);
                    for operation in news {
                        operation.apply(known).expect("it was done before");
                    }
                    *seen = log.edits.len();
                }
            }
        }
        disputes += log.draft.conflicts.len();
        assert!(log.replayed(log.edits.len()) == log.draft, "round {round}");
    }
    println!("{disputes} disputes, {refusals} refusals, {merged} texts on top of others' edits");
    assert!(disputes > 20 && refusals > 200 && merged > 1_000);
}

#[test]
fn everything_is_undone_and_done_again() {
    for seed in 0..40 {
        let mut log = Log::new(sample(usize::try_from(seed % 2).expect("small")));
        let mut author = Author::new(seed);
        for _ in 0..25 {
            if let Some(wish) = author.wish(&log.draft) {
                let seen = log.edits.len();
                log.take(author.id, &[wish], seen);
            }
        }
        let written = log.draft.clone();
        while let Some(number) = next_undo(&log.own(author.id)) {
            let outcome = log.back(number, Step::Undo);
            assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        }
        assert!(log.draft == log.first, "seed {seed}");
        while let Some(number) = next_redo(&log.own(author.id)) {
            let outcome = log.back(number, Step::Redo);
            assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        }
        assert!(log.draft == written, "seed {seed}");
        assert!(log.replayed(log.edits.len()) == log.draft);
    }
}

#[test]
fn an_undo_takes_nothing_of_others_away() {
    let mut refused = 0;
    for seed in 0..300 {
        let mut log = Log::new(sample(usize::try_from(seed % 2).expect("small")));
        let (mut one, mut other) = (Author::new(seed), Author::new(seed + 10_000));
        let mut theirs: Vec<String> = Vec::new();
        for turn in 0..20 {
            let author = if turn % 2 == 0 { &mut one } else { &mut other };
            let Some(wish) = author.wish(&log.draft) else { continue };
            // Taking something away or another kind takes texts away knowingly.
            if matches!(wish, Operation::Remove { .. } | Operation::Set { .. }) {
                continue;
            }
            let (seen, id) = (log.edits.len(), author.id);
            if turn % 2 == 1 {
                theirs.extend(new_words(&wish));
            }
            log.take(id, &[wish], seen);
        }
        theirs.retain(|word| says(&log.draft, word));
        while let Some(number) = next_undo(&log.own(one.id)) {
            let before = log.edits.len();
            refused += log.back(number, Step::Undo).refused.len();
            for word in &theirs {
                assert!(says(&log.draft, word), "{word} went with the undo, seed {seed}");
            }
            if log.edits.len() == before {
                break;
            }
        }
        assert!(log.replayed(log.edits.len()) == log.draft);
    }
    println!("{refused} undos refused");
    assert!(refused > 10);
}

/// However many edits several made: going back is exact, bringing back is the same, can
/// itself be taken back, and leaves what others write after it was decided.
#[test]
fn a_draft_is_brought_back_to_any_state() {
    let mut refusals = 0;
    for seed in 0..120 {
        let mut draft = sample(usize::try_from(seed % 2).expect("small"));
        let mut authors = [Author::new(seed), Author::new(seed + 10_000)];
        let (mut states, mut edits) = (vec![draft.clone()], Vec::new());
        for number in 1..=20 {
            let author = &mut authors[usize::from(number % 3 == 0)];
            let wishes: Vec<Operation> = (0..3).filter_map(|_| author.wish(&draft)).collect();
            let id = author.id;
            let done = perform(&mut draft, &wishes, &[]);
            let Outcome { operations, inverses, .. } = done;
            edits.push(Edit { number, author: id, step: Step::Change, operations, inverses });
            states.push(draft.clone());
        }
        for to in [0, 7, 19, 20] {
            let mut back = draft.clone();
            rewind(&mut back, &edits[to..]).expect("goes back");
            assert_eq!(back, states[to], "seed {seed}, to {to}");
            let mut brought = draft.clone();
            let outcome = restore(&mut brought, &edits[to..], &[]);
            assert!(outcome.refused.is_empty(), "seed {seed}, to {to}: {:?}", outcome.refused);
            assert_eq!(brought, states[to], "seed {seed}, to {to}");
            for inverse in &outcome.inverses {
                inverse.apply(&mut brought).expect("taken back");
            }
            assert_eq!(brought, draft, "seed {seed}, to {to}");
        }
        // Somebody writes on after the other saw edit 20.
        let [first, second] = &mut authors;
        let wishes: Vec<Operation> = (0..4).filter_map(|_| second.wish(&draft)).collect();
        let done = perform(&mut draft, &wishes, &[]);
        let new: Vec<String> =
            done.operations.iter().flat_map(new_words).filter(|word| says(&draft, word)).collect();
        let Outcome { operations, inverses, .. } = done;
        let later =
            Edit { number: 21, author: second.id, step: Step::Change, operations, inverses };
        let outcome = restore(&mut draft, &edits[5..], std::slice::from_ref(&later));
        refusals += outcome.refused.len();
        let _ = first;
        for word in new {
            assert!(says(&draft, &word), "seed {seed}: {word} is lost");
        }
    }
    assert!(refusals > 10, "they meet: {refusals}");
}

fn questions(draft: &Draft) -> Vec<ItemId> {
    draft.document.questions().map(|question| question.id).collect()
}

fn page_of(document: &Document, question: ItemId) -> ItemId {
    document.part(question).expect("it is there").1.parent
}

#[test]
fn what_is_gone_gives_its_words_back() {
    let mut log = Log::new(sample(0));
    let (one, other) = (Author::new(1), Author::new(2));
    let question = questions(&log.draft)[0];
    let page = page_of(&log.draft.document, question);
    log.take(one.id, &[Operation::Remove { item: page, from: Place::default() }], 0);
    let was = sample(0).document.questions().next().expect("one").wording.0["vi"].clone();
    let wish = Operation::Write {
        item: question,
        role: survey_builder::questionnaire::document::TextRole::Wording,
        language: "vi".to_owned(),
        was,
        now: "lời mới".to_owned(),
    };
    let outcome = log.take(other.id, std::slice::from_ref(&wish), 0);
    assert_eq!(outcome.refused, [(wish, Refusal::Gone)]);
    // Both take the same away: it is gone, and nobody is told off.
    let again = log.take(other.id, &[Operation::Remove { item: page, from: Place::default() }], 0);
    assert!(again.is_nothing());
}

#[test]
fn a_section_never_stands_within_itself() {
    let mut log = Log::new(sample(0));
    let (one, other) = (Author::new(1), Author::new(2));
    let ids: Vec<ItemId> = log.draft.document.sections.iter().map(|section| section.id).collect();
    let into =
        |item, parent| Operation::Move { item, from: Place::default(), to: Place::first(parent) };
    assert!(log.take(one.id, &[into(ids[0], ids[1])], 0).refused.is_empty());
    let outcome = log.take(other.id, &[into(ids[1], ids[0])], 0);
    assert_eq!(outcome.refused[0].1, Refusal::WithinItself);
    assert!(log.replayed(1) == log.draft);
}

#[test]
fn another_kind_keeps_what_still_fits() {
    let mut draft = sample(1);
    let battery = draft.document.questions().find(|one| matches!(one.kind, Kind::Battery(_)));
    let battery = battery.expect("a battery").clone();
    let Kind::Battery(before) = &battery.kind else { panic!("a battery") };
    let grid = Kind::Grid(survey_builder::questionnaire::document::Grid::default());
    let set = Operation::Set {
        item: battery.id,
        was: Property::Kind(Box::new(battery.kind.clone())),
        now: Property::Kind(Box::new(grid)),
    };
    set.apply(&mut draft).expect("another kind");
    let now = draft.document.questions().find(|one| one.id == battery.id).expect("it is there");
    let Kind::Grid(grid) = &now.kind else { panic!("a grid") };
    assert_eq!(grid.rows, before.rows);
}

mod compose {
    use survey_builder::questionnaire::operation::compose;
    use survey_builder::questionnaire::paste;
    use survey_builder::questionnaire::review::review;

    use super::*;

    fn identities() -> impl FnMut() -> ItemId {
        let mut next = 0_u128;
        move || {
            next += 1;
            Uuid::from_u128(0x1000 + next)
        }
    }

    fn done(draft: &mut Draft, wishes: &[Operation]) {
        for wish in wishes {
            wish.apply(draft).expect("it can be done");
        }
    }

    #[test]
    fn pasted_lines_make_a_questionnaire_that_can_be_published() {
        let mut fresh = identities();
        let document = compose::blank("Đi lại", ("vi", "Tiếng Việt"), &mut fresh);
        let mut draft = Draft::of(document);
        let text = "1. Ông/Bà có đi làm không?\na) Có\nb) Không\n2. Ông/Bà bao nhiêu tuổi?\n";
        let pasted = paste::questions(text);
        let after = draft.document.id;
        let made = compose::questions(&draft.document, after, &pasted, "short_text", &mut fresh);
        let (wishes, last) = made.expect("questions");
        done(&mut draft, &wishes);
        let kinds: Vec<&str> = draft.document.questions().map(|one| one.kind.name()).collect();
        assert_eq!(kinds, ["single", "short_text"]);
        assert_eq!(questions(&draft).last(), Some(&last));
        let codes: Vec<&str> =
            draft.document.lists[0].options.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["1", "2"]);
        let errors: Vec<_> = review(&draft.document)
            .into_iter()
            .filter(|finding| finding.severity == survey_builder::problem::Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn steps_go_through_the_whole_outline_and_back() {
        let mut draft = sample(1);
        let first = questions(&draft)[0];
        let before = draft.clone();
        let mut steps = 0;
        while let Some(wish) = compose::step(&draft.document, first, false) {
            done(&mut draft, &[wish]);
            steps += 1;
            assert!(steps < 100, "it never ends");
        }
        assert_eq!(questions(&draft).last(), Some(&first));
        while let Some(wish) = compose::step(&draft.document, first, true) {
            done(&mut draft, &[wish]);
        }
        assert_eq!(questions(&draft), questions(&before));
    }

    #[test]
    fn a_section_goes_into_the_one_before_and_out_again() {
        let mut draft = sample(0);
        let sections: Vec<ItemId> = draft.document.sections.iter().map(|one| one.id).collect();
        assert!(sections.len() > 1);
        assert!(compose::nest(&draft.document, sections[0], true).is_none(), "none is before it");
        assert!(compose::nest(&draft.document, sections[0], false).is_none(), "it is in none");
        assert!(compose::nest(&draft.document, questions(&draft)[0], true).is_none());
        let (order, before) = (questions(&draft), draft.clone());
        let deeper = compose::nest(&draft.document, sections[1], true).expect("one is before it");
        done(&mut draft, &[deeper]);
        assert_eq!(draft.document.sections.len(), sections.len() - 1);
        assert_eq!(questions(&draft), order, "nobody's place in the interview changes");
        let out = compose::nest(&draft.document, sections[1], false).expect("it is in one");
        done(&mut draft, &[out]);
        assert!(draft == before);
    }

    #[test]
    fn a_copy_shares_nothing_but_its_list() {
        let mut fresh = identities();
        let mut draft = sample(1);
        for question in questions(&draft) {
            let (wish, id) = compose::copy(&draft.document, question, &mut fresh).expect("a copy");
            done(&mut draft, &[wish]);
            assert!(questions(&draft).contains(&id));
        }
        let twice: Vec<_> = review(&draft.document)
            .into_iter()
            .filter(|finding| finding.problem.code.contains("twice"))
            .collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn a_new_name_is_followed_everywhere() {
        let errors = |draft: &Draft| {
            let error = survey_builder::problem::Severity::Error;
            review(&draft.document).into_iter().filter(|one| one.severity == error).count()
        };
        for which in 0..2 {
            for question in questions(&sample(which)) {
                let mut draft = sample(which);
                assert_eq!(errors(&draft), 0);
                let wishes = rename(&draft.document, question, "called_otherwise");
                let outcome = perform(&mut draft, &wishes, &[]);
                assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
                assert_eq!(errors(&draft), 0, "{question} in {which}");
                let text = serde_json::to_string(&draft).expect("JSON");
                assert!(text.contains("called_otherwise"));
                for inverse in &outcome.inverses {
                    inverse.apply(&mut draft).expect("it is taken back");
                }
                assert!(draft == sample(which));
            }
        }
        assert!(rename(&sample(0).document, Uuid::nil(), "x").is_empty());
    }
}
