//! The pages around a study: its stages, the next step, its settings, its record.

mod support;

use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser};
use support::{Service, pair, token_of};

/// The stamp of the settings that a page shows.
fn seen(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").expect("a stamp");
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn settings(browser: &mut Browser, study: &str, changed: &[(&str, &str)]) -> Answer {
    let page = browser.get(&format!("{study}/settings")).expect("answers").body;
    settings_seen(browser, study, (&page, &seen(&page)), changed)
}

fn settings_seen(
    browser: &mut Browser,
    study: &str,
    (page, seen): (&str, &str),
    changed: &[(&str, &str)],
) -> Answer {
    let address = format!("{study}/settings");
    let token = token_of(page);
    let mut fields = vec![
        pair("token", &token),
        pair("seen", seen),
        pair("name", "Đi lại 2026"),
        pair("organisation", "Sở Giao thông"),
        pair("phone", "024 1234"),
        pair("closes_on", ""),
        pair("gap_days", "2"),
    ];
    for (name, value) in changed {
        fields.retain(|(own, _)| own != name);
        fields.push(pair(name, value));
    }
    browser.post(&address, &fields).expect("answers")
}

#[test]
fn settings_change_what_may_change_and_leave_what_was() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let changed =
        [("name", "Đi lại 2027"), ("closes_on", "31/12/2099"), ("population", "Người 18+")];
    assert_eq!(settings(&mut owner, &study, &changed).status, 303);
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("Đi lại 2027") && page.contains("31/12/2099"), "{page}");
    let log = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(log.contains("Settings changed") && log.contains("– → 31/12/2099"), "{log}");
    let report = owner.get(&format!("{study}/report")).expect("answers").body;
    assert!(report.contains("Người 18+"), "what was stated is in the report: {report}");
    // What is wrong is told all at once, at its fields, and nothing is kept.
    let wrong = [("name", " "), ("closes_on", "01/01/2020"), ("gap_days", "91")];
    let answer = settings(&mut owner, &study, &wrong);
    assert_eq!(answer.status, 422, "{}", answer.body);
    for expected in ["fill this in", "this day is past", "from 0 to 90 days", "aria-invalid"] {
        assert!(answer.body.contains(expected), "{expected}: {}", answer.body);
    }
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("Đi lại 2027") && page.contains("31/12/2099"), "{page}");
    let both = [("closes_on", "31-12"), ("gap_days", "two")];
    let answer = settings(&mut owner, &study, &both);
    assert!(answer.status == 422 && answer.body.contains("value=\"two\""), "{}", answer.body);
}

/// Two tabs: the one that is older overwrites nothing without having seen it.
#[test]
fn settings_that_changed_since_they_were_seen_are_not_overwritten() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let old = owner.get(&format!("{study}/settings")).expect("answers").body;
    let first = settings(&mut owner, &study, &[("phone", "1900 1111")]);
    assert_eq!(first.status, 303, "{}", first.body);
    let stale = (old.as_str(), seen(&old));
    let late = [("phone", "1900 2222")];
    let answer = settings_seen(&mut owner, &study, (stale.0, &stale.1), &late);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("somebody has changed these settings"), "{}", answer.body);
    assert!(answer.body.contains("1900 2222"), "what was typed is kept: {}", answer.body);
    let page = owner.get(&format!("{study}/settings")).expect("answers").body;
    assert!(page.contains("1900 1111"), "{page}");
    // Seen by now, it is done.
    let again = settings_seen(&mut owner, &study, (&answer.body, &seen(&answer.body)), &late);
    assert_eq!(again.status, 303, "{}", again.body);
}

#[test]
fn each_page_of_a_study_says_where_it_stands_and_who_may_act_is_told_what_is_next() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    for page in ["", "/design", "/sample", "/field", "/tables", "/report", "/record"] {
        let shown = manager.get(&format!("{study}{page}")).expect("answers");
        assert_eq!(shown.status, 200, "{page}");
        assert_eq!(
            shown.body.matches("aria-current=\"page\"").count(),
            1,
            "{page}: {}",
            shown.body
        );
        assert!(shown.body.contains("Send the invitations"), "{page}: {}", shown.body);
        assert!(!shown.body.contains("/settings"), "a field manager changes no settings: {page}");
    }
    // Who only looks is told where it stands, and nothing to do.
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    let shown = viewer.get(&study).expect("answers").body;
    assert!(!shown.contains("Send the invitations") && shown.contains("Fieldwork"), "{shown}");
}
