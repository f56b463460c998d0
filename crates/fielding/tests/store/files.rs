//! Files of respondents and of questionnaires, and even arms, on each database.

use std::collections::BTreeMap;

use fielding::acts::interview::{self, Saved};
use fielding::rules::states::Privacy;
use fielding::store::files::{self, FileRow};
use fielding::store::{Id, Store};
use survey_builder::questionnaire::answer::{Answer, Value};
use survey_builder::questionnaire::document::Document;

use super::story::{Fieldwork, run, set_up_on};
use super::support::on_each;

fn document() -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/devices.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("a document")
}

/// A picture of one point.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// What is answered after the files.
const PAGES: &[(&str, &[(&str, &str)])] = &[
    ("home", &[("home", "10.7769, 106.7009")]),
    ("ward", &[("ward", "w001")]),
    ("visited", &[]),
    ("district", &[("part", "n"), ("district", "bd")]),
    ("animal", &[("animal", "cat")]),
    ("hours", &[("hours", "40")]),
];

fn set_up(store: &Store) -> Fieldwork {
    let shown = ["cat.png", "dog.png", "both.png"].map(|name| (name.to_owned(), GIF.to_vec()));
    set_up_on(store, Privacy::Identified, document(), shown.to_vec())
}

fn file(fieldwork: &Fieldwork, case: usize) -> FileRow {
    let response_id = fieldwork.load(case).response.expect("begun").id;
    FileRow { id: Id::random(), response_id, ending: "gif".to_owned(), bytes: GIF.to_vec() }
}

#[test]
fn files_come_and_go_with_the_answers_that_name_them() {
    on_each(|fresh| run(story(&fresh.store)));
}

async fn story(store: &Store) {
    let fieldwork = set_up(store);
    fieldwork.begin(0).await;
    fieldwork.save_with(0, "consent", &[("consent", "1")], Vec::new()).await;
    let first = file(&fieldwork, 0);
    let name = first.name();
    // Nothing names the second file: it is not kept.
    let sent = vec![first.clone(), file(&fieldwork, 0)];
    let saved = fieldwork.save_with(0, "photo", &[("photo", &name)], sent).await;
    assert!(matches!(saved, Saved::Next(_)), "{saved:?}");
    assert_eq!(fieldwork.count("response_files"), 1);
    let (response, other) = (first.response_id, Id::random());
    let keys = fieldwork.app.keys.clone();
    let (mine, theirs, elsewhere) = store
        .read_now(|connection| {
            let elsewhere = name.replace(".gif", ".png");
            Ok((
                files::find(connection, &keys, response, &name, false)?,
                files::find(connection, &keys, other, &name, false)?,
                files::find(connection, &keys, response, &elsewhere, false)?,
            ))
        })
        .expect("read");
    assert_eq!(mine.map(|file| file.bytes).as_deref(), Some(GIF));
    assert!(theirs.is_none() && elsewhere.is_none());
    // A new one takes its place.
    let second = file(&fieldwork, 0);
    fieldwork.save_with(0, "photo", &[("photo", &second.name())], vec![second.clone()]).await;
    assert_eq!(fieldwork.count("response_files"), 1);
    let signed = file(&fieldwork, 0);
    let name = signed.name();
    fieldwork.save_with(0, "signature", &[("signature", &name)], vec![signed]).await;
    for (page, fields) in PAGES {
        let saved = fieldwork.save_with(0, page, fields, Vec::new()).await;
        assert!(matches!(saved, Saved::Next(_) | Saved::AtEnd), "{page}: {saved:?}");
    }
    assert_eq!(fieldwork.count("response_files"), 2);
    let left = interview::submit(&fieldwork.app, &fieldwork.load(0)).await.expect("submitted");
    assert_eq!(left, None);
    let study = fieldwork.study.id;
    let kept = store.read_now(|connection| files::of_interviews(connection, study)).expect("read");
    let mut names: Vec<_> = kept.into_iter().map(|(_, name)| name).collect();
    names.sort();
    let mut expected = vec![second.name(), name];
    expected.sort();
    assert_eq!(names, expected);
    // Who refuses takes their files along.
    fieldwork.begin(1).await;
    fieldwork.save_with(1, "consent", &[("consent", "1")], Vec::new()).await;
    let third = file(&fieldwork, 1);
    fieldwork.save_with(1, "photo", &[("photo", &third.name())], vec![third.clone()]).await;
    assert_eq!(fieldwork.count("response_files"), 3);
    interview::refuse(&fieldwork.app, &fieldwork.load(1)).await.expect("refused");
    assert_eq!(fieldwork.count("response_files"), 2);
    assert_eq!(fieldwork.count("media"), 3);
}

#[test]
fn arms_are_given_evenly_to_many_at_once() {
    on_each(|fresh| run(arms(&fresh.store)));
}

async fn arms(store: &Store) {
    let fieldwork = set_up(store);
    let at_once = (0..10).map(|case| fieldwork.begin(case));
    futures_util::future::join_all(at_once).await;
    let mut given: BTreeMap<String, u32> = BTreeMap::new();
    for case in 0..10 {
        let interview = fieldwork.load(case);
        let (form, _) = interview.version.item_named("form").expect("the split ballot");
        match interview.progress.answers.get(form) {
            Some(Answer::Value(Value::Option(code))) => {
                *given.entry(code.clone()).or_default() += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(given, BTreeMap::from([("a".to_owned(), 5), ("b".to_owned(), 5)]));
}
