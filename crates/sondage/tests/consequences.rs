//! What writes to people or cannot be undone has a page of its own: it counts
//! what the act will do, and nothing is done on a number that nobody saw.

mod support;

use diesel::prelude::*;
use fielding::rules::access::Role;
use fielding::rules::states::CaseStatus;
use fielding::store::schema::cases;
use fielding::store::{Connection, Id, Scope, outbox};
use sondage::browser::{Answer, Browser, Form, read_form};
use support::{Service, form_of, multipart, pair, send_frame, send_plan, token_of};

/// Sends the form of a page with what was typed.
fn send(browser: &mut Browser, form: &Form, typed: &str) -> Answer {
    let mut pairs = form.hidden.clone();
    pairs.push(pair("typed", typed));
    browser.post(&form.action, &pairs).expect("answers")
}

fn queued(service: &Service) -> i64 {
    let study = service.study;
    service.app.store.read_now(|connection| outbox::queued_count(connection, study)).expect("read")
}

/// Gives a case another status.
fn set_case(service: &Service, case: Id, status: CaseStatus) {
    let set = move |connection: &mut Connection| {
        let case = cases::table.find(case);
        diesel::update(case).set(cases::status.eq(status)).execute(connection)?;
        Ok(())
    };
    service.app.store.write_now(Scope::Study(service.study), set).expect("set");
}

fn begin(service: &Service, place: usize) {
    let mut person = service.browser();
    let page = person.get(&format!("/r/{}", service.links[place])).expect("answers");
    let form = read_form(&page.body, "/answer/start").expect("a form");
    assert_eq!(person.post(&form.action, &form.hidden).expect("answers").status, 303);
}

#[test]
fn letters_are_shown_and_counted_before_they_are_sent() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    let page = manager.get(&format!("{study}/invitations")).expect("answers");
    assert_eq!(page.status, 200, "{}", page.body);
    for expected in [
        "<h1>Send 20 invitations</h1>",
        "20 cases (Tiếng Việt 20)",
        "Kính gửi [họ và tên],",
        "This cannot be undone.",
        "http://127.0.0.1:1/r/…",
        "No mail relay is set",
    ] {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    assert!(!page.body.contains("Người ") && !page.body.contains("@example.org,"), "nobody's name");
    assert_eq!(queued(&service), 0, "looking sends nothing");
    let seen = form_of(&page);
    // One more is open meanwhile: nobody saw that number.
    let (first, second) = (service.cases[0], service.cases[1]);
    set_case(&service, first, CaseStatus::Refused);
    let page = manager.get(&format!("{study}/invitations")).expect("answers");
    assert!(page.body.contains("<h1>Send 19 invitations</h1>"), "{}", page.body);
    let fewer = form_of(&page);
    set_case(&service, first, CaseStatus::Open);
    let changed = send(&mut manager, &fewer, "");
    assert_eq!(changed.status, 409);
    assert!(changed.body.contains("Something has changed"), "{}", changed.body);
    assert!(changed.body.contains("<h1>Send 20 invitations</h1>"), "{}", changed.body);
    assert_eq!(queued(&service), 0, "nothing is sent on a number nobody saw");
    // A form that says of no number is one, too.
    let token = token_of(&changed.body);
    let blind = manager.post(&format!("{study}/invitations"), &[pair("token", &token)]);
    assert_eq!(blind.expect("answers").status, 200, "the page is shown");
    assert_eq!(queued(&service), 0);
    // Somebody does not take part after all: the others were seen.
    set_case(&service, second, CaseStatus::Refused);
    assert_eq!(send(&mut manager, &seen, "").status, 303);
    assert_eq!(queued(&service), 19, "no more than were shown");
    let again = manager.get(&format!("{study}/invitations")).expect("answers");
    assert!(again.body.contains("Every open case has been invited"), "{}", again.body);
    assert!(read_form(&again.body, "/studies/").is_none(), "nothing to press");
    let soon = manager.get(&format!("{study}/reminders")).expect("answers");
    assert_eq!(soon.status, 422, "a reminder waits for the study's gap");
    service.app.clock.set(service.app.clock.now().plus_seconds(3 * 86_400));
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    let page = manager.get(&format!("{study}/reminders")).expect("answers");
    assert!(page.body.contains("Send 19 reminders (reminder 1)"), "{}", page.body);
    assert!(page.body.contains("nobody can see who they are"), "an anonymous study");
    assert_eq!(send(&mut manager, &form_of(&page), "").status, 303);
    assert_eq!(queued(&service), 38);
}

#[test]
fn a_survey_is_closed_by_its_name_and_by_what_was_seen() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    begin(&service, 0);
    let page = manager.get(&format!("{study}/closure")).expect("answers");
    assert!(page.body.contains("1 interview in progress ends"), "{}", page.body);
    let seen = form_of(&page);
    begin(&service, 1);
    let changed = send(&mut manager, &seen, "đi lại");
    assert_eq!(changed.status, 409);
    assert!(changed.body.contains("2 interviews in progress end"), "{}", changed.body);
    assert!(changed.body.contains("value=\"đi lại\""), "what was typed is kept");
    let seen = form_of(&changed);
    for typed in ["", "Đi"] {
        let wrong = send(&mut manager, &seen, typed);
        assert_eq!(wrong.status, 422, "{typed}");
        assert!(wrong.body.contains("href=\"#typed\""), "{}", wrong.body);
    }
    let shown = manager.get(&study).expect("answers").body;
    assert!(shown.contains("data-status=\"open\""), "still open");
    let closed = send(&mut manager, &seen, "đi lại ");
    assert_eq!(closed.status, 303, "{}", closed.body);
    let shown = manager.get(&study).expect("answers").body;
    assert!(shown.contains("data-status=\"closed\""), "{shown}");
    let again = manager.get(&format!("{study}/closure")).expect("answers");
    assert_eq!(again.status, 409, "it is closed already");
}

/// A frame with a plan, on pages.
fn plan(service: &Service, owner: &mut Browser) -> String {
    let study = send_frame(owner, 200);
    assert_eq!(keep(owner, &study, "10", "fields").status, 303);
    assert!(service.app.sender.is_none());
    study
}

/// Sends the plan's form by one of its buttons.
fn keep(owner: &mut Browser, study: &str, count: &str, by: &str) -> Answer {
    let page = owner.get(&format!("{study}/sample/plan")).expect("answers");
    let form = form_of(&page);
    send_plan(owner, &form, count, by)
}

#[test]
fn a_draw_is_made_by_the_plan_on_the_screen() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = plan(&service, &mut owner);
    let screen = form_of(&owner.get(&format!("{study}/sample/plan")).expect("answers"));
    // Fields that were changed and not saved.
    let changed = send_plan(&mut owner, &screen, "12", "draw");
    assert_eq!(changed.status, 422);
    assert!(changed.body.contains("the form has changed"), "{}", changed.body);
    assert!(changed.body.contains("value=\"12\""), "nothing is lost");
    // Another plan was kept meanwhile.
    let mut colleague = service.signed_in(Role::Owner, service.unit);
    assert_eq!(keep(&mut colleague, &study, "8", "fields").status, 303);
    for by in ["draw", "fields"] {
        let other = send_plan(&mut owner, &screen, "10", by);
        assert_eq!(other.status, 422);
        assert!(other.body.contains("another plan or another frame"), "{}", other.body);
        assert!(other.body.contains("value=\"10\""), "nothing is lost");
    }
    let ready = keep(&mut owner, &study, "8", "draw");
    assert_eq!(ready.location.as_deref(), Some(&*format!("{study}/sample/draw")));
    let page = owner.get(&format!("{study}/sample/draw")).expect("answers");
    for expected in
        ["<h1>Draw 32 cases</h1>", "frame.csv (200 rows)", "All 200 rows", "Nobody is written to"]
    {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    let seen = form_of(&page);
    assert_eq!(send(&mut owner, &seen, "320").status, 422, "the number is typed");
    assert_eq!(keep(&mut colleague, &study, "9", "fields").status, 303);
    let stale = send(&mut owner, &seen, "32");
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("<h1>Draw 36 cases</h1>"), "{}", stale.body);
    let drawn = send(&mut owner, &form_of(&stale), "36");
    assert_eq!(drawn.status, 303, "{}", drawn.body);
    let sample = owner.get(&format!("{study}/sample")).expect("answers").body;
    assert!(sample.contains("36 units"), "{sample}");
}

#[test]
fn a_text_and_fields_that_both_changed_lose_nothing() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = plan(&service, &mut owner);
    let page = owner.get(&format!("{study}/sample/plan")).expect("answers");
    let form = form_of(&page);
    let mut both = form.clone();
    both.hidden.push(pair("text", "stages = 3"));
    for (by, told) in
        [("fields", "the text of the plan has changed too"), ("text", "the form has changed too")]
    {
        let refused = send_plan(&mut owner, &both, "11", by);
        assert_eq!(refused.status, 422, "{by}");
        assert!(refused.body.contains(told), "{by}: {}", refused.body);
        for kept in ["value=\"11\"", "stages = 3"] {
            assert!(refused.body.contains(kept), "{by}, {kept}");
        }
    }
}

#[test]
fn a_frame_is_deleted_by_its_number_of_rows() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = plan(&service, &mut owner);
    let page = owner.get(&format!("{study}/frame/removal")).expect("answers");
    assert!(page.body.contains("All 200 rows are deleted."), "{}", page.body);
    let seen = form_of(&page);
    assert_eq!(send(&mut owner, &seen, "").status, 422);
    assert_eq!(send(&mut owner, &seen, "200").status, 303);
    assert_eq!(owner.get(&format!("{study}/frame/removal")).expect("answers").status, 404);
}

#[test]
fn a_file_is_removed_from_its_page() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = plan(&service, &mut owner);
    let token = token_of(&owner.get("/studies").expect("answers").body);
    let picture =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let (media_type, body) = multipart(&[("token", &token)], &[("media", "a b.png", picture)]);
    let added = owner.post_body(&format!("{study}/media"), &media_type, &body).expect("answers");
    assert_eq!(added.status, 303, "{}", added.body);
    let address = format!("{study}/media/a%20b.png/removal");
    let page = owner.get(&address).expect("answers");
    assert!(page.body.contains("Delete the file a b.png"), "{}", page.body);
    assert!(page.body.contains("does not use it"), "{}", page.body);
    assert_eq!(send(&mut owner, &form_of(&page), "").status, 303);
    assert_eq!(owner.get(&address).expect("answers").status, 404, "gone");
}
