//! Home: what waits for whoever has signed in, by date, and nothing else.

mod support;

use fielding::App;
use fielding::acts::membership::{NewPerson, invite};
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::states::MessageState;
use fielding::store::{DatabaseUrl, Instant, Scope, Store, outbox, people};
use sondage::browser::Browser;
use support::{Service, pair, token_of};

fn home(browser: &mut Browser) -> String {
    let answer = browser.get("/home").expect("answers");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// The number at Home in the bar of another page.
fn in_bar(browser: &mut Browser) -> Option<usize> {
    let page = browser.get("/studies").expect("answers").body;
    let number = page.split("<span class=\"number\">").nth(1)?.split('<').next()?;
    Some(number.parse().expect("a number"))
}

/// The headings of what waits, in their order.
fn things(page: &str) -> Vec<String> {
    let list = page.split("<ul class=\"lines waiting\">").nth(1).unwrap_or_default();
    let list = list.split("</ul>").next().unwrap_or_default();
    let heading = |line: &str| {
        let grow = line.split("<div class=\"grow\">").nth(1).expect("a heading");
        let text = grow.split("<br>").next().expect("a heading");
        let plain = text.split('>').nth(1).and_then(|rest| rest.split('<').next());
        plain.expect("a text").to_owned()
    };
    list.split("<li").skip(1).map(heading).collect()
}

#[test]
fn an_empty_installation_says_what_a_study_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("test.sqlite")));
    let app = App::new(store.expect("opens"), Keys::random(), "http://127.0.0.1:1");
    let (base, _server) = support::serve_app(&app);
    let mut owner = Browser::new(&base);
    let code = pages::people::setup_code(&app);
    let fields = [
        ("code", code.as_str()),
        ("organisation", "Viện Nghiên cứu"),
        ("name", "Lan"),
        ("email", "lan@example.org"),
        ("password", "một mật khẩu đủ dài"),
    ];
    let done = owner.post("/setup", &fields.map(|(name, value)| pair(name, value)));
    assert_eq!(done.expect("answers").location.as_deref(), Some("/home"));
    assert_eq!(owner.get("/").expect("answers").location.as_deref(), Some("/home"));
    let page = home(&mut owner);
    assert_eq!(page.matches("<li><b>").count(), 4, "four steps: {page}");
    assert!(page.contains("<a class=\"go\" href=\"/studies/new\">"), "one action: {page}");
    assert_eq!(in_bar(&mut owner), None, "nothing waits");
}

#[test]
fn steps_wait_for_who_may_take_them() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    let mut designer = service.signed_in(Role::Designer, service.unit);
    let page = home(&mut owner);
    assert_eq!(things(&page), ["Send the invitations"]);
    let link = format!("href=\"/studies/{}/invitations\"", service.study);
    assert!(page.contains(&link) && page.contains("Đi lại"), "{page}");
    assert_eq!(in_bar(&mut owner), Some(1));
    for other in [&mut viewer, &mut designer] {
        let page = home(other);
        assert!(page.contains("Nothing waits for you."), "{page}");
        assert!(page.contains("<a class=\"go\" href=\"/studies\">"), "one action: {page}");
        assert_eq!(in_bar(other), None);
    }
    prepare::invite(&service.app, None, service.study).expect("queued");
    assert_eq!(in_bar(&mut owner), Some(1), "counted within the last minute");
    assert!(things(&home(&mut owner)).is_empty(), "Home counts anew");
    assert_eq!(in_bar(&mut owner), None, "and so does the bar from then on");
    // Two days later a reminder may go out; a minute is enough for the bar.
    let later = service.app.clock.now().plus_seconds(2 * 86_400 + 60);
    service.app.clock.set(later);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    assert_eq!(in_bar(&mut owner), Some(1));
    assert_eq!(things(&home(&mut owner)), ["Send a reminder"]);
}

#[test]
fn letters_that_failed_and_people_who_have_not_come_wait() {
    let service = Service::start();
    let app = &service.app;
    prepare::invite(app, None, service.study).expect("queued");
    let (now, unit) = (app.clock.now(), service.unit);
    app.store
        .write_now(Scope::Everything, move |connection| {
            for message in outbox::claim(connection, now, 2)? {
                let (id, state) = (message.id, MessageState::Failed);
                outbox::record_attempt(connection, id, state, now, 1, "550 no such user")?;
            }
            let owner = people::find_by_email(connection, "owner@example.org")?.expect("the owner");
            let new = NewPerson {
                unit,
                email: "hoa@example.org".to_owned(),
                name: "Hoa".to_owned(),
                role: Role::Viewer,
                language: "vi".to_owned(),
            };
            let earlier = now.plus_seconds(-3 * 86_400);
            invite(connection, earlier, owner.id, &new, true).map(drop)
        })
        .expect("written");
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let page = home(&mut owner);
    assert_eq!(
        things(&page),
        ["1 invitation has not been accepted yet", "2 letters could not be sent"],
        "the oldest first"
    );
    assert!(page.contains(&format!("/administration/units/{unit}#waiting")), "{page}");
    assert!(page.contains(&format!("/studies/{}/field", service.study)), "{page}");
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    assert_eq!(things(&home(&mut manager)), ["2 letters could not be sent"]);
    // What one does oneself is counted at once.
    let unit_page = owner.get(&format!("/administration/units/{unit}")).expect("answers").body;
    let token = token_of(&unit_page);
    assert_eq!(in_bar(&mut owner), Some(2));
    let form = sondage::browser::read_form(&unit_page, "/administration/invitations/");
    let withdrawal = form.expect("a form").action.replace("/letter", "/withdrawal");
    owner.post(&withdrawal, &[pair("token", &token)]).expect("answers");
    assert_eq!(in_bar(&mut owner), Some(1));
}

#[test]
fn a_backup_that_is_a_week_old_waits_for_the_owner_of_the_whole() {
    let mut service = Service::start();
    let folder = tempfile::tempdir().expect("a folder");
    let app = service.app.clone().with_data(folder.path());
    let (base, _server) = support::serve_app(&app);
    service.base = base;
    prepare::invite(&app, None, service.study).expect("queued");
    let now = app.clock.now();
    let at = |days: i64| {
        app.clock.set(now.plus_seconds(days * 86_400 + 60));
        (
            service.signed_in(Role::Owner, service.unit),
            service.signed_in(Role::FieldManager, service.unit),
        )
    };
    let (mut owner, _) = at(1);
    assert!(things(&home(&mut owner)).is_empty(), "it has just begun");
    let (mut owner, mut manager) = at(8);
    assert_eq!(things(&home(&mut owner)), ["There is no backup yet", "Send a reminder"]);
    assert_eq!(things(&home(&mut manager)), ["Send a reminder"]);
    let note = |at: Instant| {
        let zone = fielding::store::Zone::default();
        let moment = at.in_zone(zone).expect("a moment").to_rfc3339();
        std::fs::write(fielding::backup_note::place(folder.path()), moment).expect("written");
    };
    note(app.clock.now());
    assert_eq!(things(&home(&mut owner)), ["Send a reminder"]);
    let (mut owner, _) = at(16);
    let page = home(&mut owner);
    let found = things(&page);
    assert!(found.contains(&"The last backup is more than a week old".to_owned()), "{found:?}");
    assert!(page.contains("<code>sondage backup</code>"), "{page}");
}

#[test]
fn who_may_see_a_study_is_told_with_the_reason() {
    let service = Service::start();
    let (app, root, now) = (&service.app, service.unit, service.app.clock.now());
    let below = app
        .store
        .write_now(Scope::Everything, move |connection| {
            let owner = people::find_by_email(connection, "owner@example.org")?.expect("the owner");
            fielding::acts::units::add_unit(connection, now, owner.id, root, "Phòng Khảo sát")
        })
        .expect("added");
    let study = app
        .store
        .write_now(Scope::Everything, move |connection| {
            let new =
                support::new_study(below, "Nhà ở", fielding::rules::states::Privacy::Anonymous);
            fielding::acts::study::create_study(connection, now, None, &new, &support::document())
        })
        .expect("made")
        .id;
    let mut analyst = service.signed_in(Role::Analyst, below);
    let mut owner = service.signed_in(Role::Owner, root);
    let address = format!("/studies/{study}/people");
    let page = analyst.get(&address).expect("answers").body;
    for said in [
        "The study belongs to Phòng Khảo sát",
        "role in Nhóm, above it",
        "download responses, never with a name",
        "owner@example.org",
        "(you)",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("/administration/"), "no way there for who may not: {page}");
    let own = page.find("<b>Analyst</b>").expect("the analyst");
    assert!(own < page.find("<b>Owner</b>").expect("the owner"), "the nearest first");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("/administration/people/"), "{page}");
    assert!(page.contains(&format!("/administration/units/{below}")), "{page}");
    let settings = owner.get(&format!("/studies/{study}/settings")).expect("answers").body;
    assert!(settings.contains(&address), "{settings}");
    // Who is stopped from signing in sees nothing, and is not listed.
    let first =
        app.store.read_now(|connection| people::find_by_email(connection, "owner@example.org"));
    let (first, me) = (first.expect("read").expect("the owner").id, "owner-");
    let fields = [pair("token", &token_of(&settings))];
    let gone = owner.post(&format!("/administration/people/{first}/disabling"), &fields);
    assert_eq!(gone.expect("answers").status, 303);
    let page = owner.get(&address).expect("answers").body;
    assert!(!page.contains(">owner@example.org") && page.contains(me), "{page}");
}
