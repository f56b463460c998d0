//! A forgotten password: a letter, a link that works once, a new password.

mod support;

use fielding::App;
use fielding::acts::people::make_password_link;
use fielding::jobs::send_account_mail::send_account_letters;
use fielding::messages::mail::{Carrier, MailTarget};
use fielding::rules::access::{Action, Role};
use fielding::store::{Scope, people};
use sondage::browser::Browser;
use support::{Server, Service, pair};

const SENDER: &str = "Nhóm <survey@example.org>";

/// A service that can send letters, into a folder.
struct Post {
    service: Service,
    app: App,
    folder: tempfile::TempDir,
    _server: Server,
}

impl Post {
    fn start() -> Self {
        let mut service = Service::start();
        let app = service.app.clone().with_sender(SENDER);
        let (base, server) = support::serve_app(&app);
        service.base = base;
        let folder = tempfile::tempdir().expect("a folder");
        Self { service, app, folder, _server: server }
    }

    /// Somebody who is signed in, and the address of the account.
    fn somebody(&self) -> (Browser, String) {
        let (service, unit) = (&self.service, self.service.unit);
        let browser = service.signed_in(Role::Viewer, unit);
        let all = service
            .app
            .store
            .read_now(|connection| people::with_right(connection, unit, Action::View))
            .expect("read");
        let viewer = all.into_iter().find(|user| user.email.starts_with("viewer-"));
        (browser, viewer.expect("the viewer").email)
    }

    /// What asking for a letter answers: status, where to, the page, the next page.
    fn ask(&self, email: &str) -> (u16, Option<String>, String, String) {
        let mut browser = self.service.browser();
        let answer = browser.post("/password", &[pair("email", email)]).expect("answers");
        let page = browser.get("/password?sent").expect("answers").body;
        (answer.status, answer.location, answer.body, page)
    }

    /// Works the queue once. Gives how many were looked at.
    fn send(&self) -> usize {
        let target = MailTarget::Folder(self.folder.path().to_path_buf());
        actix_web::rt::System::new().block_on(async {
            let carrier = Carrier::new(&target).expect("a way out");
            send_account_letters(&self.app, &carrier, SENDER).await.expect("works")
        })
    }

    fn letters(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(entry.expect("an entry").path()).expect("a letter")
        };
        entries.map(read).collect()
    }

    /// The addresses of the links that were sent.
    fn links(&self) -> Vec<String> {
        let link = |letter: &String| {
            let plain = letter.replace("=\r\n", "").replace("=\n", "");
            let token = plain.split("/password/").nth(1).expect("a link").chars();
            let token: String = token.take_while(char::is_ascii_alphanumeric).collect();
            format!("/password/{token}")
        };
        self.letters().iter().map(link).collect()
    }
}

fn set(browser: &mut Browser, link: &str, password: &str) -> sondage::browser::Answer {
    browser.post(link, &[pair("password", password)]).expect("answers")
}

#[test]
fn the_answer_is_the_same_whether_or_not_there_is_an_account() {
    let post = Post::start();
    let (_, email) = post.somebody();
    let known = post.ask(&email.to_uppercase());
    assert_eq!(known, post.ask("stranger@example.org"));
    assert_eq!(known.1.as_deref(), Some("/password?sent"));
    assert_eq!(post.ask("no address").0, 422);
    assert_eq!(post.send(), 2, "both are looked at, here and not before");
    let letters = post.letters();
    assert_eq!(letters.len(), 1, "who has no account hears nothing");
    assert!(letters[0].contains("Subject: New password for http://127.0.0.1:1"), "{}", letters[0]);
    assert!(letters[0].contains("text/plain") && letters[0].contains("text/html"));
    // Three letters to one address in a while, whether or not it has an account.
    for address in [&*email, "stranger@example.org"] {
        let statuses: Vec<u16> = (0..3).map(|_| post.ask(address).0).collect();
        assert_eq!(statuses, [303, 303, 429], "{address}");
    }
}

#[test]
fn a_link_sets_a_password_once_and_ends_every_session() {
    let post = Post::start();
    let (mut known, email) = post.somebody();
    post.ask(&email);
    post.send();
    let first = post.links().remove(0);
    post.ask(&email);
    post.send();
    let second = post.links().into_iter().find(|link| *link != first).expect("another");
    let mut browser = post.service.browser();
    assert_eq!(browser.get(&first).expect("answers").status, 404, "a newer one took its place");
    for _ in 0..2 {
        assert_eq!(browser.get(&second).expect("answers").status, 200, "a scanner may look");
    }
    let as_sign_in = second.replace("/password/", "/sign-in/");
    assert_eq!(browser.post(&as_sign_in, &[]).expect("answers").status, 422, "it signs nobody in");
    assert_eq!(set(&mut browser, &second, "ngắn").status, 422);
    assert_eq!(set(&mut browser, &second, "passwordpassword").status, 422, "one that is guessed");
    assert_eq!(known.get("/studies").expect("answers").status, 200, "signed in until then");
    let done = set(&mut browser, &second, "một mật khẩu mới tinh");
    assert_eq!(done.location.as_deref(), Some("/sign-in?changed"), "{}", done.body);
    assert_eq!(known.get("/studies").expect("answers").status, 303, "every session has ended");
    assert_eq!(set(&mut browser, &second, "một mật khẩu khác nữa").status, 404, "once");
    let fields = [pair("email", &email), pair("password", "một mật khẩu mới tinh")];
    assert_eq!(browser.post("/sign-in", &fields).expect("answers").status, 303);
}

#[test]
fn a_link_works_for_half_an_hour_and_not_for_who_is_disabled() {
    let post = Post::start();
    let (_, email) = post.somebody();
    let app = &post.service.app;
    let now = app.clock.now();
    let (keys, token) = (app.keys.clone(), fielding::keys::random_token());
    let link = format!("/password/{token}");
    let made = app
        .store
        .write_now(Scope::Everything, move |connection| {
            make_password_link(connection, &keys, now, &email, &token)
        })
        .expect("written");
    assert!(made.is_some());
    let mut browser = post.service.browser();
    app.clock.set(now.plus_seconds(29 * 60));
    assert_eq!(browser.get(&link).expect("answers").status, 200);
    app.clock.set(now.plus_seconds(31 * 60));
    assert_eq!(browser.get(&link).expect("answers").status, 404);
    assert_eq!(set(&mut browser, &link, "một mật khẩu mới tinh").status, 404);
    let mut gone = support::user("gone@example.org");
    gone.disabled = true;
    app.store
        .write_now(Scope::Everything, move |connection| people::insert_user(connection, &gone))
        .expect("made");
    post.ask("gone@example.org");
    assert_eq!(post.send(), 1);
    assert!(post.letters().is_empty(), "nothing for who may not sign in");
}

#[test]
fn without_a_way_out_for_mail_the_page_says_whom_to_ask() {
    let service = Service::start();
    let page = service.browser().get("/password").expect("answers").body;
    assert!(page.contains("quản trị viên"), "{page}");
    let posted = service.browser().post("/password", &[pair("email", "a@example.org")]);
    assert!(posted.expect("answers").body.contains("quản trị viên"));
}
