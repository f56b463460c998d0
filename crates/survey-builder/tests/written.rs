//! Drafts as text: what is printed is read back to the last sign, and whatever is edited
//! in the text becomes operations that make exactly what it says.

#[path = "written/sheet.rs"]
mod sheet;

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Document, Kind, Required, Text};
use survey_builder::questionnaire::operation::{Draft, Edit, Operation, Step, between, perform};
use survey_builder::questionnaire::written::{Fault, Written, overlay, print, read};
use uuid::Uuid;

/// Every questionnaire and block of the fixtures.
fn documents() -> Vec<(String, Document)> {
    let mut found = Vec::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let mut folders =
        vec![format!("{root}/questionnaires").into(), format!("{root}/library").into()];
    while let Some(folder) = folders.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                let text = std::fs::read_to_string(&path).expect("a file");
                if let Ok(document) = serde_json::from_str::<Document>(&text) {
                    found.push((path.display().to_string(), Draft::of(document).document));
                }
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn languages(document: &Document) -> Vec<String> {
    document.languages.iter().map(|one| one.code.clone()).collect()
}

struct Chance(ChaCha12Rng);

impl Chance {
    fn of(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    fn id(&mut self) -> ItemId {
        Uuid::from_u128(self.0.random())
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.0).cloned()
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }
}

fn printed(document: &Document, language: &str, words: &str) -> String {
    print(&Written::of(document, &[language.to_owned()]), words)
}

/// The document that a text makes of the one that it was printed from.
fn made(base: &Document, text: &str, language: &str) -> Result<Document, Vec<Fault>> {
    let (written, faults) = read(text, language);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut chance = Chance::of(text.len() as u64);
    overlay(base, &written, &mut || chance.id())
}

/// Operations make exactly the document, and can be taken back.
#[track_caller]
fn arrives(before: &Document, after: &Document, what: &str) -> Vec<Operation> {
    let wishes = between(before, after);
    let mut draft = Draft::of(before.clone());
    let outcome = perform(&mut draft, &wishes, &[]);
    assert!(outcome.refused.is_empty(), "{what}: {:?}", outcome.refused);
    assert_eq!(draft.document, *after, "{what}");
    for inverse in &outcome.inverses {
        inverse.apply(&mut draft).expect("it is taken back");
    }
    assert_eq!(draft.document, *before, "{what}");
    wishes
}

#[test]
fn what_is_printed_is_read_back_to_the_last_sign() {
    let documents = documents();
    assert!(documents.len() >= 18, "{}", documents.len());
    for (name, document) in &documents {
        for language in languages(document) {
            for words in ["vi", "en"] {
                let text = printed(document, &language, words);
                let back = made(document, &text, &language)
                    .unwrap_or_else(|faults| panic!("{name}, {language}: {faults:?}\n{text}"));
                assert_eq!(back, *document, "{name}, {language}");
                assert!(between(document, &back).is_empty(), "{name}, {language}");
            }
        }
    }
}

/// Texts that look like everything else that a line can be.
const STRANGE: [&str; 14] = [
    "# no heading",
    "--- no page",
    "- [1] no option",
    "* no row",
    "@ no list",
    "| no more",
    "~ nothing",
    "\\ a stroke",
    "hint: no hint",
    "Hiện khi: không",
    "[a] b",
    "= no title",
    "one\n\ntwo\n# three",
    "  spaces \n\n - in front ",
];

#[test]
fn texts_that_look_like_something_else_stay_texts() {
    for (number, (name, document)) in documents().into_iter().enumerate() {
        let mut chance = Chance::of(number as u64);
        let mut bent = document.clone();
        bent.each_text(|worded| {
            for said in worded.text.0.values_mut() {
                let strange = chance.pick(&STRANGE).expect("one of them");
                *said = if chance.below(2) == 0 {
                    strange.to_owned()
                } else {
                    format!("{said}\n{strange}")
                };
            }
        });
        for language in languages(&bent) {
            let text = printed(&bent, &language, "vi");
            let back = made(&bent, &text, &language);
            let back = back.unwrap_or_else(|faults| panic!("{name}: {faults:?}\n{text}"));
            assert_eq!(back, bent, "{name}, {language}");
        }
    }
}

/// A document with some parts taken elsewhere, away, or called otherwise.
fn shaken(document: &Document, chance: &mut Chance) -> Document {
    let mut draft = Draft::of(document.clone());
    for _ in 0..=chance.below(12) {
        let all = draft.document.identities();
        let Some((item, near)) = chance.pick(&all).zip(chance.pick(&all)) else { break };
        let Some(((_, from), (_, at))) = draft.document.part(item).zip(draft.document.part(near))
        else {
            continue;
        };
        let place =
            |after| survey_builder::questionnaire::operation::Place { parent: at.parent, after };
        let wish = match chance.below(4) {
            0 => Operation::Remove { item, from },
            1 => Operation::Move { item, from, to: place(None) },
            2 => Operation::Move { item, from, to: place(Some(near)) },
            _ => Operation::Move {
                item,
                from,
                to: survey_builder::questionnaire::operation::Place { parent: near, after: None },
            },
        };
        perform(&mut draft, &[wish], &[]);
    }
    let kinds: Vec<Kind> = document.questions().map(|one| one.kind.clone()).collect();
    let mut document = draft.document;
    for page in document.pages_mut() {
        for question in &mut page.questions {
            match chance.below(12) {
                0 => question.required = Required::Hard,
                1 => question.relevant = Some("1 = 1".to_owned()),
                2 => question.wording = Text::new("vi", "khác"),
                3 => {
                    let other = chance.pick(&kinds).expect("a kind");
                    let name = question.kind.converted(other.name(), "list");
                    if let Some(kind) = name {
                        question.kind = kind;
                    }
                }
                _ => {}
            }
        }
    }
    document
}

#[test]
fn any_document_is_reached_from_any_other_by_operations() {
    let mut whole = 0;
    for (name, document) in documents() {
        for seed in 0..40 {
            let mut chance = Chance::of(seed);
            let one = shaken(&document, &mut chance);
            let other = shaken(&document, &mut chance);
            arrives(&one, &other, &format!("{name}, {seed}"));
            let text = printed(&other, &other.default_language, "en");
            match made(&other, &text, &other.default_language) {
                Ok(back) => {
                    assert_eq!(back, other, "{name}, {seed}");
                    whole += 1;
                }
                // An option that came into a list which has its code already.
                Err(faults) => {
                    let twice = |fault: &Fault| fault.problem.code == "written-code-twice";
                    assert!(faults.iter().all(twice), "{name}, {seed}: {faults:?}");
                }
            }
        }
    }
    assert!(whole > 500, "{whole}");
}

/// A text in which somebody has worked.
fn edited(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=chance.below(5) {
        let (at, to) = (chance.below(lines.len()), chance.below(lines.len()));
        match chance.below(9) {
            0 => drop(lines.remove(at)),
            1 => lines.swap(at, to),
            2 => lines[at].push_str(" thêm"),
            3 => lines[at] = lines[at].replacen('[', "[new_", 1),
            4 => lines.insert(at, "[] số nguyên, bắt buộc trả lời\nBao nhiêu?".to_owned()),
            5 => lines.insert(at, "- Phương án mới".to_owned()),
            6 => {
                lines.insert(at, "[] choose several\nWhich?\n- one\n- two\n- [9] three".to_owned());
            }
            7 => lines.insert(at, "# Phần mới\n---".to_owned()),
            _ => {
                let part: Vec<String> = lines[at..(at + 6).min(lines.len())].to_vec();
                lines.drain(at..(at + 6).min(lines.len()));
                let to = to.min(lines.len());
                lines.splice(to..to, part);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

#[test]
fn what_is_edited_becomes_operations_that_make_what_the_text_says() {
    let (mut taken, mut refused) = (0, 0);
    for (name, document) in documents() {
        let language = document.default_language.clone();
        let text = printed(&document, &language, "vi");
        for seed in 0..120 {
            let mut chance = Chance::of(seed);
            let text = edited(&text, &mut chance);
            let Ok(after) = made(&document, &text, &language) else {
                refused += 1;
                continue;
            };
            taken += 1;
            let what = format!("{name}, {seed}");
            arrives(&document, &after, &what);
            // The other languages stay for whatever stayed.
            let again = printed(&after, &language, "vi");
            let back = made(&after, &again, &language);
            assert_eq!(back.as_ref(), Ok(&after), "{what}\n{again}");
        }
    }
    assert!(taken > 500 && refused > 100, "{taken} taken, {refused} refused");
}

fn household() -> Document {
    let (_, document) = documents()
        .into_iter()
        .find(|(name, _)| name.ends_with("household.json"))
        .expect("a fixture");
    document
}

fn small() -> (Document, String) {
    let text = "= Khảo sát\n# [s] Phần một\n[age] số nguyên\nBao nhiêu tuổi?\n\
        [sex] chọn một\nGiới tính?\n- [1] Nam\n- [2] Nữ\n[older] giá trị tính từ câu trả lời\n\
        tính bằng: age >= 60 and sex = '1'\n[last] văn bản ngắn\nVì sao ${age}?\nhiện khi: age > 3\n";
    let mut base = household();
    base.sections.clear();
    base.lists.clear();
    base.rosters.clear();
    base.checks.clear();
    base.remarks.clear();
    let document = made(&base, text, "vi").expect("a document");
    let text = printed(&document, "vi", "vi");
    (document, text)
}

#[test]
fn a_text_makes_a_questionnaire() {
    let (document, text) = small();
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["age", "sex", "older", "last"]);
    let codes: Vec<&str> = document.lists[0].options.iter().map(|one| one.code.as_str()).collect();
    assert_eq!((document.lists[0].name.as_str(), codes.as_slice()), ("sex", ["1", "2"].as_slice()));
    assert!(text.contains("[sex] chọn một @[sex]\nGiới tính?\n- [1] Nam\n"), "{text}");
    assert!(text.contains("hiện khi: age > 3\n"), "{text}");
}

#[test]
fn a_new_code_is_followed_everywhere() {
    let (document, text) = small();
    let text = text.replace("[age]", "[tuoi]");
    let after = made(&document, &text, "vi").expect("a document");
    let age = |document: &Document, name: &str| {
        document.questions().find(|one| one.name == name).map(|one| one.id)
    };
    assert_eq!(age(&document, "age"), age(&after, "tuoi"));
    let now = printed(&after, "vi", "vi");
    assert!(now.contains("tuoi >= 60 and") && now.contains("hiện khi: tuoi > 3"), "{now}");
    assert!(now.contains("Vì sao ${tuoi}?"), "{now}");
    let wishes = arrives(&document, &after, "renamed");
    assert!(
        wishes
            .iter()
            .all(|one| !matches!(one, Operation::Insert { .. } | Operation::Remove { .. }))
    );
}

#[test]
fn a_question_that_is_cut_and_pasted_moves() {
    let (document, text) = small();
    let part = "[age] số nguyên\nBao nhiêu tuổi?\n";
    assert!(text.contains(part), "{text}");
    let text = format!("{}\n# [s2] Phần hai\n--- [p9]\n{part}", text.replace(part, ""));
    let after = made(&document, &text, "vi").expect("a document");
    let wishes = arrives(&document, &after, "moved");
    let moves = wishes.iter().filter(|one| matches!(one, Operation::Move { .. })).count();
    assert_eq!((moves, wishes.len()), (1, 2), "{wishes:?}");
}

#[test]
fn what_others_wrote_meanwhile_stays() {
    let (document, text) = small();
    let mut draft = Draft::of(document.clone());
    let last = document.questions().last().expect("a question");
    let other = Operation::Write {
        item: last.id,
        role: survey_builder::questionnaire::document::TextRole::Wording,
        language: "vi".to_owned(),
        was: "Vì sao ${age}?".to_owned(),
        now: "Vì sao ${age}? Xin nói rõ.".to_owned(),
    };
    let outcome = perform(&mut draft, &[other], &[]);
    let edit = Edit {
        number: 1,
        author: Uuid::from_u128(1),
        step: Step::Change,
        operations: outcome.operations,
        inverses: outcome.inverses,
    };
    let text =
        text.replace("Vì sao ${age}?", "Thưa bạn, vì sao ${age}?").replace("Nam", "Nam giới");
    let after = made(&document, &text, "vi").expect("a document");
    let outcome = perform(&mut draft, &between(&document, &after), &[edit]);
    assert!(outcome.refused.is_empty() && draft.conflicts.is_empty());
    let now = printed(&draft.document, "vi", "vi");
    assert!(
        now.contains("Thưa bạn, vì sao ${age}? Xin nói rõ.") && now.contains("Nam giới"),
        "{now}"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let (document, _) = small();
    let text = "# [s] A\n[age] số nguyen\n- [1] no\nsomething\n[age] whole number\n\
        [x] single @[none]\n### too deep\n* row\n@ []\n[y z] date\n[open";
    let told = |faults: Vec<Fault>| -> Vec<(usize, usize, String)> {
        let one = |fault: Fault| (fault.at.line, fault.at.column, fault.problem.code);
        faults.into_iter().map(one).collect()
    };
    let (written, faults) = read(text, "vi");
    let expected = [
        (2, 7, "written-kind"),
        (4, 1, "written-not-read"),
        (9, 1, "written-list-code"),
        (11, 1, "written-bracket"),
    ];
    let found = told(faults);
    let found: Vec<(usize, usize, &str)> =
        found.iter().map(|(line, column, code)| (*line, *column, code.as_str())).collect();
    assert_eq!(found, expected);
    let mut chance = Chance::of(1);
    let faults = overlay(&document, &written, &mut || chance.id()).expect_err("faults");
    let codes: Vec<String> =
        told(faults).into_iter().map(|(line, _, code)| format!("{line} {code}")).collect();
    assert_eq!(
        codes,
        [
            "5 written-code-twice",
            "6 written-no-list",
            "7 written-depth",
            "8 written-no-question",
            "10 written-code"
        ]
    );
}
