//! A service that sends letters into a folder, with people who are invited and sign in.

use fielding::App;
use fielding::jobs::send_account_mail::send_account_letters;
use fielding::messages::mail::{Carrier, MailTarget};
use fielding::rules::access::Role;
use fielding::rules::second_factor::{Requirement, code_at};
use fielding::store::{Id, people};
use sondage::browser::{Answer, Browser};

use super::{Server, Service, pair, serve_app, token_of};

pub const SENDER: &str = "Nhóm <survey@example.org>";
pub const PASSWORD: &str = "một mật khẩu đủ dài";

/// A service that sends letters into a folder, with a rule about second factors.
pub struct Office {
    pub service: Service,
    pub app: App,
    folder: tempfile::TempDir,
    _server: Server,
}

impl Office {
    pub fn start(requirement: Requirement) -> Self {
        let mut service = Service::start();
        let app = service.app.clone().with_sender(SENDER).with_second_factor(requirement);
        let (base, server) = serve_app(&app);
        service.base = base;
        let folder = tempfile::tempdir().expect("a folder");
        Self { service, app, folder, _server: server }
    }

    pub fn owner(&self) -> Browser {
        self.service.signed_in(Role::Owner, self.service.unit)
    }

    pub fn unit_page(&self) -> String {
        format!("/administration/units/{}", self.service.unit)
    }

    /// Sends the letters that wait; gives them all, decoded as far as links need it.
    pub fn letters(&self) -> Vec<String> {
        let target = MailTarget::Folder(self.folder.path().to_path_buf());
        actix_web::rt::System::new().block_on(async {
            let carrier = Carrier::new(&target).expect("a way out");
            send_account_letters(&self.app, &carrier, SENDER).await.expect("works");
        });
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.expect("an entry").path();
            let letter = std::fs::read_to_string(&path).expect("a letter");
            std::fs::remove_file(path).expect("removed");
            letter.replace("=\r\n", "").replace("=\n", "")
        };
        entries.map(read).collect()
    }

    /// The identity of whoever has an address.
    pub fn id_of(&self, email: &str) -> Id {
        let email = email.to_owned();
        let found =
            self.app.store.read_now(move |connection| people::find_by_email(connection, &email));
        found.expect("read").expect("somebody").id
    }

    /// Invites somebody and accepts with [`PASSWORD`].
    pub fn joined(&self, owner: &mut Browser, email: &str, role: Role) -> Id {
        let answer = invite(owner, &self.unit_page(), email, role.word());
        assert_eq!(answer.status, 303, "{}", answer.body);
        let letter = self.letters().remove(0);
        let mut browser = self.service.browser();
        let joined = send(&mut browser, &link(&letter), &[("password", PASSWORD)]);
        assert_eq!(joined.location.as_deref(), Some("/sign-in?joined"), "{}", joined.body);
        self.id_of(email)
    }
}

/// The address of the link in the letter of an invitation.
pub fn link(letter: &str) -> String {
    let token = letter.split("/join/").nth(1).unwrap_or_else(|| panic!("no link: {letter}"));
    let token: String = token.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("/join/{token}")
}

/// Sends a form with the token of the browser's session, if it has one.
pub fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get("/account").expect("answers").body;
    let mut all = vec![pair("token", &token_of(&page))];
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(path, &all).expect("answers")
}

pub fn invite(owner: &mut Browser, unit: &str, email: &str, role: &str) -> Answer {
    let name = email.split('@').next().unwrap_or_default();
    let fields = [("name", name), ("email", email), ("role", role), ("language", "en")];
    send(owner, &format!("{unit}/invitations"), &fields)
}

pub fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let fields = [pair("email", email), pair("password", password)];
    browser.post("/sign-in", &fields).expect("answers")
}

impl Office {
    /// The code that an application shows so many steps from now.
    pub fn code(&self, secret: &[u8], steps: i64) -> String {
        let at = self.app.clock.now().plus_seconds(30 * steps);
        code_at(secret, u64::try_from(at.0 / 1_000_000).expect("late enough")).expect("a code")
    }

    /// Lets the clock go on by steps.
    pub fn wait(&self, steps: i64) {
        self.app.clock.set(self.app.clock.now().plus_seconds(30 * steps));
    }
}
