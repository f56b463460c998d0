//! Mail of the built program: every way of giving a relay, against a relay that
//! holds a real conversation.

#[path = "support/program.rs"]
mod program;
#[path = "support/smtp.rs"]
mod smtp;
mod support;

use std::path::Path;

use fielding::App;
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::store::{DatabaseUrl, Scope, Store, outbox};
use program::Program;
use smtp::{Protection, Relay};
use sondage::browser::read_form;
use support::{Service, make_study, pair, token_of};

/// A data folder with a study whose 20 invitations wait.
fn invited(data: &Path) {
    std::fs::create_dir_all(data).expect("made");
    let store = Store::open(&DatabaseUrl::Sqlite(data.join("sondage.sqlite"))).expect("opens");
    let app = App::new(store, Keys::open(data).expect("keys"), "http://127.0.0.1:1");
    let (_, study) = make_study(&app, 40, 5);
    assert_eq!(prepare::invite(&app, None, study).expect("queued"), 20);
}

#[test]
fn every_way_to_a_relay_is_served_with() {
    for (protection, scheme, query, by_flag) in [
        (Protection::Clear, "smtp", "", true),
        (Protection::Clear, "smtp", "", false),
        (Protection::StartTls, "smtp", "?tls=required", true),
        (Protection::Tls, "smtps", "", false),
    ] {
        let relay = Relay::start(protection);
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        invited(&data);
        let user = if protection == Protection::Clear { "" } else { "lan:secret@" };
        let url = format!("{scheme}://{user}localhost:{}{query}", relay.port);
        let certificate = relay.certificate.display().to_string();
        let trusted = ("SSL_CERT_FILE", certificate.as_str());
        let sender = ["--mail-from", "Nhóm <survey@example.org>"];
        let program = if by_flag {
            Program::serve(&data, &[&["--mail", &url], &sender[..]].concat(), &[trusted])
        } else {
            Program::serve(&data, &sender, &[trusted, ("SONDAGE_MAIL", &url)])
        };
        let taken = relay.wait_for(20);
        assert_eq!(taken.len(), 20, "{url}: {}", program.printed);
        assert!(taken.iter().all(|letter| letter.contains("multipart/alternative")), "{url}");
        assert!(taken.iter().all(|letter| letter.contains(&format!("<{}/stop/", program.address))));
    }
}

#[test]
fn a_relay_that_cannot_be_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().display().to_string();
    for (url, expected) in
        [("pop3://x", "unknown mail address"), ("smtp://", "mail cannot be sent: ")]
    {
        let output = program::run(&["--data", &data, "--listen", "127.0.0.1:0", "--mail", url]);
        let told = program::said(&output);
        assert!(!output.status.success() && told.contains(expected), "{url}: {told}");
    }
}

#[test]
fn what_is_in_doubt_is_told_to_managers_who_may_send_it_again() {
    let service = Service::start();
    let study_id = service.study;
    prepare::invite(&service.app, None, study_id).expect("queued");
    let now = service.app.clock.now();
    service
        .app
        .store
        .write_now(Scope::Study(study_id), move |connection| {
            outbox::claim(connection, now, 3)?;
            outbox::mark_unsure_at_start(connection)
        })
        .expect("in doubt");
    let path = format!("/studies/{study_id}");
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    let field = format!("{path}/field");
    assert!(!viewer.get(&field).expect("answers").body.contains("id=\"doubtful\""));
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    let page = manager.get(&path).expect("answers").body;
    assert!(page.contains("Decide about letters in doubt"), "the next step: {page}");
    let page = manager.get(&field).expect("answers").body;
    assert!(page.contains("3 messages were being sent") && page.contains("Case "), "{page}");
    // A page of its own says how many and shows the letters; nothing is sent on a
    // number nobody saw.
    let resending = format!("{path}/resending");
    let asked = manager.get(&resending).expect("answers").body;
    assert!(asked.contains("Send 3 messages again"), "{asked}");
    let fields = read_form(&asked, &resending).expect("a form").hidden;
    let unseen = [pair("token", &token_of(&asked))];
    assert_eq!(manager.post(&resending, &unseen).expect("answers").status, 200);
    assert_eq!(manager.post(&resending, &fields).expect("answers").status, 303);
    let page = manager.get(&field).expect("answers").body;
    assert!(!page.contains("id=\"doubtful\""), "{page}");
    let page = manager.get(&format!("{path}/record")).expect("answers").body;
    assert!(page.contains("sent again<br><small class=\"muted\">3"), "{page}");
    let token = token_of(&viewer.get(&path).expect("answers").body);
    let answer = viewer.post(&format!("{path}/resending"), &[pair("token", &token)]);
    assert_eq!(answer.expect("answers").status, 403);
}

#[test]
fn work_that_was_started_again_is_told() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let health = |service: &Service| service.browser().get("/health").expect("answers").body;
    assert_eq!(health(&service), "ok\n");
    assert!(!owner.get("/studies").expect("answers").body.contains("Sending of mail failed"));
    let watch = std::sync::Arc::clone(&service.app.watch);
    let times = std::sync::atomic::AtomicU32::new(0);
    actix_web::rt::System::new().block_on(watch.keep_running(
        "mail",
        &service.app.clock,
        std::time::Duration::ZERO,
        || {
            let time = times.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async move { assert!(time > 0, "the first time fails") }
        },
    ));
    assert_eq!(health(&service), "ok\nrestarted: mail 1\n");
    assert!(owner.get("/studies").expect("answers").body.contains("Sending of mail failed once"));
    let mut designer = service.signed_in(Role::Designer, service.unit);
    assert!(!designer.get("/studies").expect("answers").body.contains("Sending of mail failed"));
}
