//! Units, people and accounts over HTTP: invited by a letter, given roles, disabled;
//! one's own page; the second factor at sign-in.

mod support;

use fielding::App;
use fielding::jobs::send_account_mail::send_account_letters;
use fielding::messages::mail::{Carrier, MailTarget};
use fielding::rules::access::Role;
use fielding::rules::second_factor::{Requirement, code_at};
use fielding::store::{Id, people, sessions};
use sondage::browser::{Answer, Browser, read_form};
use support::{Server, Service, pair, token_of};

const SENDER: &str = "Nhóm <survey@example.org>";
const PASSWORD: &str = "một mật khẩu đủ dài";

/// A service that sends letters into a folder, with a rule about second factors.
struct Office {
    service: Service,
    app: App,
    folder: tempfile::TempDir,
    _server: Server,
}

impl Office {
    fn start(requirement: Requirement) -> Self {
        let mut service = Service::start();
        let app = service.app.clone().with_sender(SENDER).with_second_factor(requirement);
        let (base, server) = support::serve_app(&app);
        service.base = base;
        let folder = tempfile::tempdir().expect("a folder");
        Self { service, app, folder, _server: server }
    }

    fn owner(&self) -> Browser {
        self.service.signed_in(Role::Owner, self.service.unit)
    }

    fn unit_page(&self) -> String {
        format!("/administration/units/{}", self.service.unit)
    }

    /// Sends the letters that wait; gives them all, decoded as far as links need it.
    fn letters(&self) -> Vec<String> {
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
    fn id_of(&self, email: &str) -> Id {
        let email = email.to_owned();
        let found =
            self.app.store.read_now(move |connection| people::find_by_email(connection, &email));
        found.expect("read").expect("somebody").id
    }

    /// Invites somebody and accepts with [`PASSWORD`].
    fn joined(&self, owner: &mut Browser, email: &str, role: Role) -> Id {
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
fn link(letter: &str) -> String {
    let token = letter.split("/join/").nth(1).unwrap_or_else(|| panic!("no link: {letter}"));
    let token: String = token.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("/join/{token}")
}

/// Sends a form with the token of the browser's session, if it has one.
fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get("/account").expect("answers").body;
    let mut all = vec![pair("token", &token_of(&page))];
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(path, &all).expect("answers")
}

fn invite(owner: &mut Browser, unit: &str, email: &str, role: &str) -> Answer {
    let name = email.split('@').next().unwrap_or_default();
    let fields = [("name", name), ("email", email), ("role", role), ("language", "en")];
    send(owner, &format!("{unit}/invitations"), &fields)
}

fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let fields = [pair("email", email), pair("password", password)];
    browser.post("/sign-in", &fields).expect("answers")
}

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
    let set = [("unit", unit.as_str()), ("role", "designer")];
    let done = send(&mut owner, &format!("{person}/role"), &set);
    assert_eq!(done.location, Some(format!("{person}?done=role-set")), "{}", done.body);
    assert_eq!(guest.get("/studies/new").expect("answers").status, 200, "at once");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("already has exactly this role"), "{page}");
    let end = [("unit", unit.as_str()), ("role", "none")];
    let page = owner.get(&format!("{person}/role?unit={unit}&role=none")).expect("answers").body;
    assert!(page.contains("May no longer: see studies"), "{page}");
    assert_eq!(send(&mut owner, &format!("{person}/role"), &end).status, 303);
    assert_eq!(guest.get("/studies/new").expect("answers").status, 403);
    let page = owner.get(&person).expect("answers").body;
    assert!(page.contains("no role in your units"), "{page}");
    assert_eq!(send(&mut owner, &format!("{person}/role"), &end).status, 404, "it has ended");
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
    let end = [("unit", unit.as_str()), ("role", "none")];
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

/// The secret that a page offers, as bytes.
fn offered(page: &str) -> Vec<u8> {
    let typed = page.split("<code>").nth(1).and_then(|rest| rest.split('<').next());
    let typed = typed.unwrap_or_else(|| panic!("no secret: {page}"));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for sign in typed.bytes().filter(|sign| *sign != b' ') {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            _ => sign - b'2' + 26,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 255).expect("a byte"));
        }
    }
    bytes
}

impl Office {
    /// The code that an application shows so many steps from now.
    fn code(&self, secret: &[u8], steps: i64) -> String {
        let at = self.app.clock.now().plus_seconds(30 * steps);
        code_at(secret, u64::try_from(at.0 / 1_000_000).expect("late enough")).expect("a code")
    }

    /// Lets the clock go on by steps.
    fn wait(&self, steps: i64) {
        self.app.clock.set(self.app.clock.now().plus_seconds(30 * steps));
    }
}

/// Sets a second factor up on the account's page. Gives secret and recovery codes.
fn set_up(office: &Office, browser: &mut Browser) -> (Vec<u8>, Vec<String>) {
    let page = browser.get("/account/second-factor").expect("answers").body;
    let form = read_form(&page, "/account/second-factor").expect("a form");
    let sealed = form.hidden.iter().find(|(name, _)| name == "sealed").expect("a secret");
    let secret = offered(&page);
    assert_eq!(secret.len(), 20, "160 bits");
    let wrong = [("sealed", sealed.1.as_str()), ("code", "000000")];
    let answer = send(browser, "/account/second-factor", &wrong);
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(offered(&answer.body), secret, "the same picture");
    let again = read_form(&answer.body, "/account/second-factor").expect("a form");
    let sealed = again.hidden.iter().find(|(name, _)| name == "sealed").expect("a secret");
    let code = office.code(&secret, 0);
    let right = [("sealed", sealed.1.as_str()), ("code", code.as_str())];
    let answer = send(browser, "/account/second-factor", &right);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let codes: Vec<String> = answer
        .body
        .split("<li><code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next().map(str::to_owned))
        .collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

#[test]
fn a_second_factor_is_asked_for_after_the_password() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let mut browser = office.service.browser();
    sign_in(&mut browser, "hoa@example.org", PASSWORD);
    let (secret, codes) = set_up(&office, &mut browser);
    let page = browser.get("/account").expect("answers").body;
    assert!(page.contains("10 recovery codes are left"), "{page}");
    assert!(!page.contains(&codes[0]), "shown once");
    let half = || {
        let mut browser = office.service.browser();
        let answer = sign_in(&mut browser, "hoa@example.org", PASSWORD);
        assert_eq!(answer.location.as_deref(), Some("/sign-in/code"));
        browser
    };
    let code = |browser: &mut Browser, code: &str| {
        browser.post("/sign-in/code", &[pair("code", code)]).expect("answers").status
    };
    let mut new = half();
    assert_eq!(new.get("/studies").expect("answers").status, 303, "half way opens nothing");
    let form = new.post("/studies/new", &[]).expect("answers");
    assert_ne!(form.status, 200);
    let page = new.get("/sign-in/code").expect("answers").body;
    assert!(page.contains("hoa@example.org"), "{page}");
    assert_eq!(code(&mut new, &office.code(&secret, 0)), 422, "the code that set it up is used");
    office.wait(1);
    let before = new.cookie("session").map(str::to_owned);
    assert_eq!(code(&mut new, &office.code(&secret, 0)), 303);
    assert_ne!(new.cookie("session").map(str::to_owned), before, "another token");
    assert_eq!(new.get("/studies").expect("answers").status, 200);
    // Seen on the way, the same code opens nothing to anybody else.
    assert_eq!(code(&mut half(), &office.code(&secret, 0)), 422, "replayed");
    let loosely = codes[0].to_lowercase().replace(' ', "-");
    assert_eq!(code(&mut half(), &loosely), 303, "a recovery code");
    assert_eq!(code(&mut half(), &codes[0]), 422, "works once");
    let page = browser.get("/account").expect("answers").body;
    assert!(page.contains("9 recovery codes are left"), "{page}");
    // Nobody's half is asked nothing.
    let mut nobody = office.service.browser();
    let answer = nobody.get("/sign-in/code").expect("answers");
    assert_eq!(answer.location.as_deref(), Some("/sign-in"));
    // A link to the account is no way round it.
    let link = sondage::serve::make_sign_in_link(&office.app, "hoa@example.org").expect("made");
    let path = link.trim_start_matches(&*office.app.public_address).to_owned();
    let entered = nobody.post(&path, &[]).expect("answers");
    assert_eq!(entered.location.as_deref(), Some("/sign-in/code"));
    // Wrong codes are limited as passwords are.
    let mut guesser = half();
    let statuses: Vec<u16> = (0..12).map(|_| code(&mut guesser, "000000")).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(code(&mut half(), &codes[1]), 429, "whoever guesses, by whatever browser");
}

#[test]
fn who_sees_contacts_sets_one_up_before_anything_else() {
    let office = Office::start(Requirement::On);
    let mut owner = office.owner();
    office.joined(&mut owner, "hoa@example.org", Role::FieldManager);
    office.joined(&mut owner, "an@example.org", Role::Analyst);
    let mut analyst = office.service.browser();
    let answer = sign_in(&mut analyst, "an@example.org", PASSWORD);
    assert_eq!(answer.location.as_deref(), Some("/home"), "an analyst sees no contacts");
    let mut manager = office.service.browser();
    let answer = sign_in(&mut manager, "hoa@example.org", PASSWORD);
    assert_eq!(answer.location.as_deref(), Some("/account/second-factor"));
    for path in ["/studies", "/studies/new", "/gallery"] {
        let answer = manager.get(path).expect("answers");
        assert_eq!(answer.location.as_deref(), Some("/account/second-factor"), "{path}");
    }
    let opening = format!("/studies/{}/opening", office.service.study);
    assert_eq!(send(&mut manager, &opening, &[]).status, 403);
    let page = manager.get("/account/second-factor").expect("answers").body;
    assert!(page.contains("Your role shows names and addresses"), "{page}");
    let (_, codes) = set_up(&office, &mut manager);
    assert_eq!(manager.get("/studies").expect("answers").status, 200);
    // Without the device: an owner takes it away, and is told what that means.
    let hoa = office.id_of("hoa@example.org");
    let address = format!("/administration/people/{hoa}/second-factor");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("This cannot be undone"), "{page}");
    assert_eq!(manager.get("/studies").expect("answers").status, 200, "looking changes nothing");
    assert_eq!(send(&mut owner, &address, &[]).status, 303);
    assert_eq!(manager.get("/studies").expect("answers").location.as_deref(), Some("/sign-in"));
    let letter = office.letters().remove(0);
    assert!(letter.contains("has taken away the second factor"), "{letter}");
    let answer = sign_in(&mut manager, "hoa@example.org", PASSWORD);
    assert_eq!(answer.location.as_deref(), Some("/account/second-factor"), "a new one");
    let (_, new) = set_up(&office, &mut manager);
    assert_ne!(codes, new);
    assert_eq!(send(&mut owner, &address, &[]).status, 303);
    assert_eq!(send(&mut owner, &address, &[]).status, 409, "there is none");
}

#[test]
fn recovery_codes_are_renewed_and_the_factor_is_turned_off_by_a_code() {
    let office = Office::start(Requirement::Off);
    let mut owner = office.owner();
    office.joined(&mut owner, "hoa@example.org", Role::Viewer);
    let mut browser = office.service.browser();
    sign_in(&mut browser, "hoa@example.org", PASSWORD);
    let (secret, codes) = set_up(&office, &mut browser);
    let renew = "/account/second-factor/codes";
    assert_eq!(send(&mut browser, renew, &[("code", "000000")]).status, 422);
    office.wait(1);
    let renewed = send(&mut browser, renew, &[("code", &office.code(&secret, 0))]);
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    assert!(!renewed.body.contains(&codes[0]), "others");
    let removal = "/account/second-factor/removal";
    assert_eq!(send(&mut browser, removal, &[("code", &codes[0])]).status, 422, "replaced");
    let new = renewed.body.split("<li><code>").nth(1).and_then(|rest| rest.split('<').next());
    let off = send(&mut browser, removal, &[("code", new.expect("a code"))]);
    assert_eq!(off.location.as_deref(), Some("/account?done=factor-removed"), "{}", off.body);
    let answer = sign_in(&mut browser, "hoa@example.org", PASSWORD);
    assert_eq!(answer.location.as_deref(), Some("/home"), "the password is enough");
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
