//! A study is put out of the way and comes back, or is deleted, and then nothing of it
//! is left: on no page, behind no link, in no byte of the file.

mod support;

use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser, read_form};
use support::{Service, pair, token_of};

fn press(browser: &mut Browser, path: &str) -> Answer {
    let token = token_of(&browser.get("/studies").expect("answers").body);
    browser.post(path, &[pair("token", &token)]).expect("answers")
}

fn close(service: &Service) {
    let (app, study) = (service.app.clone(), service.study);
    fielding::jobs::prepare::close(&app, None, study).expect("closed");
}

/// The page of the deletion with something typed.
fn delete(browser: &mut Browser, study: &str, typed: &str) -> Answer {
    let path = format!("{study}/deletion");
    let page = browser.get(&path).expect("answers");
    let mut fields = read_form(&page.body, &path).expect("a form").hidden;
    fields.push(pair("typed", typed));
    browser.post(&path, &fields).expect("answers")
}

/// How often some words are in the database's file and its journal.
fn in_file(service: &Service, words: &str) -> usize {
    let mut bytes = std::fs::read(service.file()).expect("the file");
    bytes.extend(std::fs::read(service.file().with_extension("sqlite-wal")).unwrap_or_default());
    bytes.windows(words.len()).filter(|part| *part == words.as_bytes()).count()
}

#[test]
fn an_archived_study_is_out_of_the_way_and_comes_back() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let archive = format!("{study}/archive");
    assert_eq!(press(&mut owner, &archive).status, 409, "it takes answers");
    let page = owner.get(&format!("{study}/settings")).expect("answers").body;
    assert!(page.contains("Close it first") && !page.contains(&archive), "{page}");

    close(&service);
    assert_eq!(press(&mut owner, &archive).status, 303);
    let link = format!("href=\"{study}\"");
    let list = owner.get("/studies").expect("answers").body;
    assert!(!list.contains(&link) && list.contains("1 archived study"), "{list}");
    assert!(owner.get("/studies?archived").expect("answers").body.contains(&link));
    assert!(owner.get("/search?q=lai").expect("answers").body.contains(&link), "still found");
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("This study is archived"), "{page}");

    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    assert_eq!(press(&mut viewer, &format!("{study}/restoration")).status, 403);
    assert_eq!(press(&mut owner, &format!("{study}/restoration")).status, 303);
    assert!(owner.get("/studies").expect("answers").body.contains(&link));
    let record = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(record.contains("Study archived") && record.contains("brought back"), "{record}");
}

#[test]
fn nothing_is_left_of_a_deleted_study() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let answered = service.links.iter().take(6);
    for link in answered {
        let mut person = service.browser();
        let page = person.get(&format!("/r/{link}")).expect("answers").body;
        let form = read_form(&page, "/answer/start").expect("a form");
        assert_eq!(person.post(&form.action, &form.hidden).expect("answers").status, 303);
    }
    assert_eq!(owner.get(&format!("{study}/deletion")).expect("answers").status, 409);
    close(&service);
    let page = owner.get(&format!("{study}/deletion")).expect("answers").body;
    assert!(page.contains("<dd>20</dd>"), "cases are counted: {page}");
    let mut designer = service.signed_in(Role::Designer, service.unit);
    assert_eq!(designer.get(&format!("{study}/deletion")).expect("answers").status, 403);

    let document = support::document();
    let wording = document.questions().next().expect("a question").wording.get("vi", "vi");
    let kept = ["north-1", "frame.csv", wording];
    assert!(kept.iter().all(|words| in_file(&service, words) > 0), "they are there");
    let refused = delete(&mut owner, &study, "Việc khác");
    assert_eq!(refused.status, 422, "{}", refused.body);
    let done = delete(&mut owner, &study, "đi lại");
    assert_eq!(done.location.as_deref(), Some("/studies?deleted"), "{}", done.body);
    let list = owner.get("/studies?deleted").expect("answers").body;
    assert!(list.contains("The study was deleted.") && !list.contains(&study), "{list}");
    for page in ["", "/settings", "/record", "/field", "/deletion", "/builder"] {
        let status = owner.get(&format!("{study}{page}")).expect("answers").status;
        assert_eq!(status, 404, "{page}");
    }
    let mut person = service.browser();
    let gone = person.get(&format!("/r/{}", service.links[0])).expect("answers");
    assert_eq!(gone.status, 404, "{}", gone.body);
    let unit = format!("/administration/units/{}", service.unit);
    let page = owner.get(&unit).expect("answers").body;
    assert!(page.contains("Deleted studies") && page.contains("Đi lại"), "who and when: {page}");

    // Nor in the file and its journal: of the questionnaire, the plan and the people.
    for words in kept {
        assert_eq!(in_file(&service, words), 0, "{words}");
    }
}
