//! Units, people and accounts over HTTP: invited by a letter, given roles, disabled;
//! one's own page and its sessions.

mod support;

use fielding::rules::access::Role;
use fielding::rules::second_factor::Requirement;
use fielding::store::{Id, sessions};
use sondage::browser::{Browser, read_form};
use support::office::{Office, PASSWORD, invite, link, send, sign_in};
use support::{Service, pair, token_of};

#[test]
fn somebody_is_invited_by_a_letter_and_joins() {
    let office = Office::start(Requirement::Off);
    let (mut owner, unit) = (office.owner(), office.unit_page());
    assert_eq!(owner.visit("/administration").expect("answers").0, unit);
    for (fields, wrong) in [
        ([("name", ""), ("email", "hoa@example.org"), ("role", "viewer")], "#name"),
        ([("name", "Hoa"), ("email", "no address"), ("role", "viewer")], "#email"),
        ([("name", "Hoa"), ("email", "hoa@example.org"), ("role", "emperor")], "#role"),
    ] {
        let answer = send(&mut owner, &format!("{unit}/invitations"), &fields);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&format!("href=\"{wrong}\"")), "{wrong}: {}", answer.body);
        assert!(office.letters().is_empty(), "nothing is sent");
    }
    let answer = invite(&mut owner, &unit, "Hoa@Example.org", "analyst");
    assert_eq!(answer.location.as_deref(), Some(format!("{unit}?done=invited").as_str()));
    let page = owner.get(&unit).expect("answers").body;
    assert!(page.contains("The letter has not been sent yet"), "{page}");
    let again = invite(&mut owner, &unit, "hoa@example.org", "viewer");
    assert!(again.body.contains("an invitation to this address is waiting"), "{}", again.body);
    let letter = office.letters().remove(0);
    for said in ["To: Hoa", "analyst", "download responses, never with a name", "for 7 days"] {
        assert!(letter.to_lowercase().contains(&said.to_lowercase()), "{said}: {letter}");
    }
    let page = owner.get(&unit).expect("answers").body;
    assert!(page.contains("The letter was sent on"), "{page}");
    let (link, mut guest) = (link(&letter), office.service.browser());
    for _ in 0..2 {
        let page = guest.get(&link).expect("answers");
        assert_eq!(page.status, 200, "a scanner may look");
        assert!(page.body.contains("you are invited to Nhóm as Analyst"), "{}", page.body);
    }
    assert_eq!(send(&mut guest, &link, &[("password", "ngắn")]).status, 422);
    assert_eq!(send(&mut guest, &link, &[("password", "passwordpassword")]).status, 422);
    let joined = send(&mut guest, &link, &[("password", PASSWORD)]);
    assert_eq!(joined.location.as_deref(), Some("/sign-in?joined"), "{}", joined.body);
    assert_eq!(send(&mut guest, &link, &[("password", PASSWORD)]).status, 404, "once");
    let entered = sign_in(&mut guest, "hoa@example.org", PASSWORD);
    assert_eq!(entered.location.as_deref(), Some("/home"));
    assert_eq!(guest.get(&unit).expect("answers").status, 403, "an analyst invites nobody");
    let page = owner.get(&unit).expect("answers").body;
    assert!(!page.contains("Waiting invitations"), "{page}");
    let hoa = office.id_of("hoa@example.org");
    assert!(page.contains(&format!("/administration/people/{hoa}")), "{page}");
    // Who works here already has the role at once, in another unit.
    let below = send(&mut owner, &format!("{unit}/units"), &[("name", "Phòng Khảo sát")]);
    let below = below.location.expect("added");
    let below = below.split('?').next().unwrap_or_default().to_owned();
    let answer = invite(&mut owner, &below, "hoa@example.org", "field_manager");
    assert_eq!(answer.location, Some(format!("{below}?done=granted")));
    assert!(office.letters().is_empty(), "without a letter");
    let page = owner.get(&below).expect("answers").body;
    assert!(page.contains("from Nhóm"), "what reaches down says from where: {page}");
}

#[test]
fn an_invitation_is_sent_again_and_withdrawn() {
    let office = Office::start(Requirement::Off);
    let (mut owner, unit) = (office.owner(), office.unit_page());
    invite(&mut owner, &unit, "hoa@example.org", "viewer");
    let first = link(&office.letters().remove(0));
    let page = owner.get(&unit).expect("answers").body;
    let form = read_form(&page, "/administration/invitations/").expect("a form");
    let again = send(&mut owner, &form.action, &[]);
    assert_eq!(again.location, Some(format!("{unit}?done=again")));
    let second = link(&office.letters().remove(0));
    let mut guest = office.service.browser();
    assert_eq!(guest.get(&first).expect("answers").status, 404, "a newer one took its place");
    assert_eq!(guest.get(&second).expect("answers").status, 200);
    let withdrawal = form.action.replace("/letter", "/withdrawal");
    let page = owner.get(&withdrawal).expect("answers");
    assert!(page.body.contains("Withdraw the invitation of hoa"), "{}", page.body);
    assert_eq!(guest.get(&second).expect("answers").status, 200, "looking changes nothing");
    assert_eq!(send(&mut owner, &withdrawal, &[]).location, Some(format!("{unit}?done=withdrawn")));
    assert_eq!(send(&mut guest, &second, &[("password", PASSWORD)]).status, 404);
    assert_eq!(send(&mut owner, &withdrawal, &[]).status, 404, "it is gone");
}

#[test]
fn without_mail_the_link_is_shown_once() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let unit = format!("/administration/units/{}", service.unit);
    let answer = invite(&mut owner, &unit, "hoa@example.org", "viewer");
    assert_eq!(answer.status, 200);
    let link = link(&answer.body);
    assert!(!owner.get(&unit).expect("answers").body.contains("/join/"), "only then");
    let mut guest = service.browser();
    let joined = send(&mut guest, &link, &[("password", PASSWORD)]);
    assert_eq!(joined.status, 303, "{}", joined.body);
    assert_eq!(sign_in(&mut guest, "hoa@example.org", PASSWORD).status, 303);
}

#[test]
fn a_role_is_changed_on_a_page_that_says_what_changes() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    let hoa = office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let mut guest = office.service.browser();
    sign_in(&mut guest, "hoa@example.org", PASSWORD);
    let person = format!("/administration/people/{hoa}");
    let page = owner.get(&person).expect("answers").body;
    assert!(page.contains("see studies, counts and tables"), "rights in words: {page}");
    let unit = office.service.unit.to_string();
    let address = format!("{person}/role?unit={unit}&role=designer");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Make hoa Designer in Nhóm"), "{page}");
    assert!(page.contains("From now on may: create studies"), "{page}");
    assert_eq!(guest.get("/studies/new").expect("answers").status, 403, "looking changes nothing");
    let set = [("unit", unit.as_str()), ("role", "designer"), ("seen", "viewer")];
    let unseen = send(&mut owner, &format!("{person}/role"), &set[..2]);
    assert_eq!(unseen.status, 200, "the page is shown first");
    let other = [set[0], set[1], ("seen", "analyst")];
    let other = send(&mut owner, &format!("{person}/role"), &other);
    assert_eq!(other.status, 409, "another role than was seen");
    assert_eq!(guest.get("/studies/new").expect("answers").status, 403, "nothing was done");
    let done = send(&mut owner, &format!("{person}/role"), &set);
    assert_eq!(done.location, Some(format!("{person}?done=role-set")), "{}", done.body);
    assert_eq!(guest.get("/studies/new").expect("answers").status, 200, "at once");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("already has exactly this role"), "{page}");
    let end = [("unit", unit.as_str()), ("role", "none"), ("seen", "designer")];
    let page = owner.get(&format!("{person}/role?unit={unit}&role=none")).expect("answers").body;
    assert!(page.contains("May no longer: see studies"), "{page}");
    assert_eq!(send(&mut owner, &format!("{person}/role"), &end).status, 303);
    assert_eq!(guest.get("/studies/new").expect("answers").status, 403);
    let page = owner.get(&person).expect("answers").body;
    assert!(page.contains("no role in your units"), "{page}");
    let again = send(&mut owner, &format!("{person}/role"), &end);
    assert_eq!(again.status, 409, "it has ended: {}", again.body);
}

#[test]
fn who_is_disabled_is_out_at_once() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    let hoa = office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let mut guest = office.service.browser();
    sign_in(&mut guest, "hoa@example.org", PASSWORD);
    let person = format!("/administration/people/{hoa}");
    let page = owner.get(&format!("{person}/disabling")).expect("answers").body;
    assert!(page.contains("1 open session ends at once"), "{page}");
    assert_eq!(guest.get("/studies").expect("answers").status, 200, "looking changes nothing");
    let done = send(&mut owner, &format!("{person}/disabling"), &[]);
    assert_eq!(done.location, Some(format!("{person}?done=disabled")), "{}", done.body);
    assert_eq!(guest.get("/studies").expect("answers").status, 303, "signed out");
    assert_eq!(sign_in(&mut guest, "hoa@example.org", PASSWORD).status, 422);
    let again = invite(&mut owner, &office.unit_page(), "hoa@example.org", "viewer");
    assert!(again.body.contains("already has a role"), "{}", again.body);
    assert_eq!(send(&mut owner, &format!("{person}/enabling"), &[]).status, 303);
    assert_eq!(sign_in(&mut guest, "hoa@example.org", PASSWORD).status, 303);
    // Oneself, and the last owner.
    let own = owner.get("/administration").expect("answers").location.expect("a unit");
    let unit = owner.get(&own).expect("answers").body;
    assert!(unit.contains("owner@example.org"), "{unit}");
    let first = office.id_of("owner@example.org");
    let gone = send(&mut owner, &format!("/administration/people/{first}/disabling"), &[]);
    assert_eq!(gone.status, 303, "another owner");
    let mut emails = unit.split("<small>owner-").skip(1);
    let email = emails.next().and_then(|rest| rest.split('<').next()).expect("oneself");
    let me = office.id_of(&format!("owner-{email}"));
    let oneself = send(&mut owner, &format!("/administration/people/{me}/disabling"), &[]);
    assert_eq!(oneself.status, 422);
    assert!(oneself.body.contains("you cannot stop yourself"), "{}", oneself.body);
    let unit = office.service.unit.to_string();
    let end = [("unit", unit.as_str()), ("role", "none"), ("seen", "owner")];
    let last = send(&mut owner, &format!("/administration/people/{me}/role"), &end);
    assert_eq!(last.status, 422);
    assert!(last.body.contains("the last owner"), "{}", last.body);
}

#[test]
fn units_are_added_and_renamed_and_end_where_one_s_own_end() {
    let office = Office::start(Requirement::Off);
    let (mut owner, unit) = (office.owner(), office.unit_page());
    for (form, field) in [("units", "#below"), ("name", "#rename")] {
        let empty = send(&mut owner, &format!("{unit}/{form}"), &[("name", " ")]);
        assert_eq!(empty.status, 422);
        assert!(empty.body.contains(&format!("href=\"{field}\"")), "{}", empty.body);
    }
    let added = send(&mut owner, &format!("{unit}/units"), &[("name", "Phòng Khảo sát")]);
    let below = added.location.expect("added").replace("?done=added", "");
    let twice = send(&mut owner, &format!("{unit}/units"), &[("name", "phòng khảo sát")]);
    assert!(twice.body.contains("already a unit with this name"), "{}", twice.body);
    let renamed = send(&mut owner, &format!("{below}/name"), &[("name", "Phòng Phương pháp")]);
    assert_eq!(renamed.location, Some(format!("{below}?done=renamed")));
    let page = owner.get(&below).expect("answers").body;
    assert!(page.contains("Part of Nhóm"), "{page}");
    // Who looks after the unit below sees those above it, and nothing of theirs.
    let id = Id::parse(below.rsplit('/').next().unwrap_or_default()).expect("an identity");
    let mut chief = office.service.signed_in(Role::Owner, id);
    assert_eq!(chief.visit("/administration").expect("answers").0, below);
    assert_eq!(chief.get(&unit).expect("answers").status, 404);
    let page = chief.get(&below).expect("answers").body;
    assert!(page.contains("from Nhóm"), "{page}");
    assert_eq!(page.matches("/administration/people/").count(), 1, "oneself alone: {page}");
    let first = office.id_of("owner@example.org");
    let above = chief.get(&format!("/administration/people/{first}")).expect("answers");
    assert_eq!(above.status, 404);
}

#[test]
fn one_s_own_page_changes_name_and_password_and_ends_sessions() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    let hoa = office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let [mut here, mut there, mut third] = [(); 3].map(|()| {
        let mut browser = office.service.browser();
        assert_eq!(sign_in(&mut browser, "hoa@example.org", PASSWORD).status, 303);
        browser
    });
    let open = |browser: &mut Browser| browser.get("/studies").expect("answers").status == 200;
    let named = send(&mut here, "/account", &[("name", "Trần Thị Hoa"), ("language", "vi")]);
    assert_eq!(named.location.as_deref(), Some("/account?done=saved"));
    let page = here.get("/account?done=saved").expect("answers").body;
    assert!(page.contains("Đã lưu.") && page.contains("Trần Thị Hoa"), "{page}");
    assert!(!here.get("/account?done=nothing").expect("answers").body.contains("role=\"status\""));
    send(&mut here, "/account", &[("name", "Hoa"), ("language", "en")]);
    // One of the others, by its row.
    let page = here.get("/account").expect("answers").body;
    assert_eq!(page.matches("name=\"session\"").count(), 2, "not this one: {page}");
    let all = office.app.store.read_now(move |connection| {
        sessions::of_user(connection, hoa, fielding::store::Instant(0))
    });
    assert_eq!(all.expect("read").len(), 3);
    let one = page.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.get(..32));
    let ended = send(&mut here, "/account/sessions", &[("session", one.expect("a session"))]);
    assert_eq!(ended.location.as_deref(), Some("/account?done=sessions"));
    assert!(open(&mut here) && (open(&mut there) != open(&mut third)), "one of them");
    assert_eq!(send(&mut here, "/account/sessions", &[]).status, 303);
    assert!(open(&mut here) && !open(&mut there) && !open(&mut third));
    // The password asks for the present one.
    sign_in(&mut there, "hoa@example.org", PASSWORD);
    let new = "một mật khẩu mới tinh";
    for (present, password, wrong) in [
        ("not this", new, "#present"),
        (PASSWORD, "ngắn", "#password"),
        (PASSWORD, "passwordpassword", "#password"),
    ] {
        let fields = [("present", present), ("password", password)];
        let answer = send(&mut here, "/account/password", &fields);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&format!("href=\"{wrong}\"")), "{wrong}: {}", answer.body);
    }
    let changed = send(&mut here, "/account/password", &[("present", PASSWORD), ("password", new)]);
    assert_eq!(changed.location.as_deref(), Some("/account?done=password"), "{}", changed.body);
    assert!(open(&mut here) && !open(&mut there), "every other session has ended");
    assert_eq!(sign_in(&mut there, "hoa@example.org", PASSWORD).status, 422);
    assert_eq!(sign_in(&mut there, "hoa@example.org", new).status, 303);
    // Wrong present passwords are limited as those at sign-in.
    let wrong = [("present", "not this"), ("password", "một mật khẩu khác nữa")];
    let statuses: Vec<u16> =
        (0..12).map(|_| send(&mut here, "/account/password", &wrong).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[test]
fn a_session_says_when_it_was_last_used_to_the_hour() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    let hoa = office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let mut browser = office.service.browser();
    sign_in(&mut browser, "hoa@example.org", PASSWORD);
    let seen = || {
        let all = office.app.store.read_now(move |connection| {
            sessions::of_user(connection, hoa, fielding::store::Instant(0))
        });
        all.expect("read").remove(0).seen_at
    };
    let first = seen();
    office.wait(119);
    browser.get("/studies").expect("answers");
    assert_eq!(seen(), first, "not within the hour");
    office.wait(1);
    browser.get("/studies").expect("answers");
    assert!(seen() >= first.plus_seconds(3600));
    // Signed out, the last sign-in is what is known.
    let page = browser.get("/account").expect("answers").body;
    browser.post("/sign-out", &[pair("token", &token_of(&page))]).expect("answers");
    let mut owner = office.owner();
    let person = owner.get(&format!("/administration/people/{hoa}")).expect("answers").body;
    let day = locale::date(first.day_in(fielding::store::Zone::default()));
    let seen = person.split("Last here").nth(1).and_then(|rest| rest.split("</dd>").next());
    assert!(seen.expect("a fact").contains(&day), "{person}");
}
