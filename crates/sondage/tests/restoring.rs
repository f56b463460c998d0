//! States of a draft get names, are compared with one another and with versions, and the
//! draft is brought back to one, as an edit that can be undone.

mod support;

use fielding::acts::draft::{Sent, edit_draft};
use fielding::rules::access::Role;
use fielding::store::{Id, Scope, drafts, people};
use sondage::browser::{Answer, Browser};
use support::{Service, pair, token_of};
use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::operation::Operation;

/// The value of a field of a page.
fn value(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A form of the page, over what it showed.
fn tell(browser: &mut Browser, address: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(address).expect("answers").body;
    let mut all = vec![pair("token", &token_of(&page)), pair("seen", &value(&page, "seen"))];
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(address, &all).expect("answers")
}

/// The draft as it is.
fn draft(service: &Service) -> (i64, Document) {
    let study = service.study;
    let stored = service.app.store.read_now(move |connection| drafts::of_study(connection, study));
    let stored = stored.expect("read").expect("a draft");
    (stored.number, stored.draft.document)
}

/// Writes the wording of a question of the draft.
fn write(service: &Service, which: usize, now: &str) -> i64 {
    let (number, document) = draft(service);
    let question = document.questions().nth(which).expect("a question");
    let language = document.default_language.clone();
    let wish = Operation::Write {
        item: question.id,
        role: TextRole::Wording,
        was: question.wording.get(&language, &language).to_owned(),
        language,
        now: now.to_owned(),
    };
    let (study, at) = (service.study, service.app.clock.now());
    let sent = Sent { sent_as: Id::random(), seen: number, wishes: vec![wish] };
    let done = service.app.store.write_now(Scope::Study(study), move |connection| {
        let owner = people::find_by_email(connection, "owner@example.org")?.expect("the owner");
        edit_draft(connection, at, owner.id, study, &sent)
    });
    done.expect("edited").number
}

fn wording(service: &Service, which: usize) -> String {
    let (_, document) = draft(service);
    let question = document.questions().nth(which).expect("a question");
    question.wording.get(&document.default_language, "").to_owned()
}

/// The first name that a page calls something to compare by.
fn key(page: &str, kind: &str) -> String {
    let (_, rest) = page.split_once(&format!("from={kind}-")).expect("one");
    format!("{kind}-{}", rest.split('&').next().unwrap_or_default())
}

#[test]
fn a_draft_is_named_compared_and_brought_back() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let here = format!("/studies/{}/builder/versions", service.study);
    let first = wording(&service, 0);
    for (name, told) in [("", ""), ("  ", ""), (&*"x".repeat(81), "80 characters at most")] {
        let refused = tell(&mut owner, &here, &[("do", "name"), ("name", name)]);
        assert_eq!(refused.status, 422, "{name}: {}", refused.body);
        assert!(refused.body.contains(told), "{}", refused.body);
    }
    let minister = [("do", "name"), ("name", "For the minister")];
    assert_eq!(tell(&mut owner, &here, &minister).status, 303);
    let twice = tell(&mut owner, &here, &minister);
    assert!(twice.status == 422 && twice.body.contains("Another state has this name"));
    // What is named is what was seen, whatever was written since.
    let page = owner.get(&here).expect("answers").body;
    let seen = value(&page, "seen");
    write(&service, 0, "Something new?");
    let fields = [
        pair("token", &token_of(&page)),
        pair("seen", &seen),
        pair("do", "name"),
        pair("name", "Seen before"),
    ];
    assert_eq!(owner.post(&here, &fields).expect("answers").status, 303);
    write(&service, 1, "Also new?");
    let page = owner.get(&here).expect("answers").body;
    assert!(page.contains("For the minister") && page.contains("2 edits since"), "{page}");
    // Compared with the draft, and with the version.
    let state = key(&page, "state");
    let compared = owner.get(&format!("{here}?from={state}&to=now")).expect("answers").body;
    for words in ["Something new?", "Also new?", &*first, "Bring the draft back"] {
        assert!(compared.contains(words), "{words}: {compared}");
    }
    let version = key(&page, "version");
    let same = owner.get(&format!("{here}?from={version}&to={state}")).expect("answers").body;
    assert!(same.contains("They are the same") && !same.contains("Bring the draft"), "{same}");
    for nonsense in ["state-x", "version-0190", "x", "state-00000000000000000000000000000000"] {
        let page = owner.get(&format!("{here}?from={nonsense}&to=now")).expect("answers");
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("What is different"), "{nonsense}");
    }

    // Brought back; sent twice it is done once.
    let (before, _) = draft(&service);
    let form = [
        pair("token", &token_of(&compared)),
        pair("do", "restore"),
        pair("goal", &state),
        pair("seen", &value(&compared, "seen")),
        pair("sent_as", &value(&compared, "sent_as")),
    ];
    for _ in 0..2 {
        assert_eq!(owner.post(&here, &form).expect("answers").status, 303);
    }
    assert_eq!((draft(&service).0, wording(&service, 0)), (before + 1, first.clone()));
    assert_ne!(wording(&service, 1), "Also new?");
    // It is an edit: in the history, in the record, undone and done again.
    let log = owner.get(&format!("/studies/{}/record", service.study)).expect("answers").body;
    for entry in ["State of the draft named", "Draft brought back"] {
        assert!(log.contains(entry), "{entry}: {log}");
    }
    let builder = format!("/studies/{}/builder", service.study);
    let undo = |owner: &mut Browser, wish: &str| {
        let page = owner.get(&builder).expect("answers").body;
        let sent_as = value(&page, "sent_as");
        let fields = [pair("token", &token_of(&page)), pair("sent_as", &sent_as), pair("do", wish)];
        assert_eq!(owner.post(&builder, &fields).expect("answers").status, 303);
    };
    undo(&mut owner, "undo");
    assert_eq!([wording(&service, 0), wording(&service, 1)], ["Something new?", "Also new?"]);
    undo(&mut owner, "redo");
    assert_eq!(wording(&service, 0), first);
    // To the version too, and the name goes.
    write(&service, 0, "Once more?");
    let fields = [("do", "restore"), ("goal", &*version), ("sent_as", &*Id::random().to_string())];
    assert_eq!(tell(&mut owner, &here, &fields).status, 303);
    assert_eq!(wording(&service, 0), first);
    let forget = [("do", "forget"), ("goal", &*state)];
    assert_eq!(tell(&mut owner, &here, &forget).status, 303);
    let page = owner.get(&here).expect("answers").body;
    assert!(!page.contains("Seen before") && page.contains("For the minister"), "{page}");
    let mut analyst = service.signed_in(Role::Analyst, service.unit);
    assert_eq!(analyst.get(&here).expect("answers").status, 403);
}

/// What somebody writes after the other saw the page stays, and is told.
#[test]
fn what_others_write_meanwhile_stays() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let here = format!("/studies/{}/builder/versions", service.study);
    let (first, second) = (wording(&service, 0), wording(&service, 1));
    assert_eq!(tell(&mut owner, &here, &[("do", "name"), ("name", "Before")]).status, 303);
    write(&service, 0, "Seen and taken back?");
    write(&service, 2, "Theirs at first?");
    let page = owner.get(&here).expect("answers").body;
    let state = key(&page, "state");
    let compared = owner.get(&format!("{here}?from={state}&to=now")).expect("answers").body;
    // Meanwhile: a question that was not touched before, and one that was.
    write(&service, 1, "Written meanwhile?");
    write(&service, 2, "Quite other words of theirs!");
    let form = [
        pair("token", &token_of(&compared)),
        pair("do", "restore"),
        pair("goal", &state),
        pair("seen", &value(&compared, "seen")),
        pair("sent_as", &value(&compared, "sent_as")),
    ];
    let done = owner.post(&here, &form).expect("answers");
    assert_eq!(done.status, 303);
    assert_eq!(wording(&service, 0), first);
    assert_eq!(wording(&service, 1), "Written meanwhile?");
    assert_ne!(wording(&service, 1), second);
    assert_eq!(wording(&service, 2), "Quite other words of theirs!");
    let told = owner.get(&done.location.expect("a way")).expect("answers").body;
    assert!(told.contains("their version is kept"), "{told}");
}
