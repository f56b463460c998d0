//! Who may see and do what: every route as every role and as nobody; forms from
//! elsewhere; sign-in.

mod support;

use fielding::rules::access::{Action, Role};
use fielding::rules::states::LinkPurpose;
use fielding::store::people::{self, Unit};
use fielding::store::{Id, Scope};
use pages::{ADDRESSES, Address, FILES, Who};
use support::{Service, multipart, pair, token_of};

/// Every door and every file behind one, with who it is for.
fn doors() -> Vec<(&'static str, &'static str, Who)> {
    let doors = ADDRESSES.iter().map(|door| (door.method, door.path, door.who));
    let files = FILES.iter().map(|(path, action)| ("GET", *path, Who::May(*action)));
    doors.filter(|(_, _, who)| *who != Who::ByFile).chain(files).collect()
}

#[test]
fn every_route_as_every_role_and_as_nobody() {
    let service = Service::start();
    let elsewhere = Unit {
        id: Id::rising(),
        parent_id: Some(service.unit),
        name: "Khoa khác".to_owned(),
        created_at: service.app.clock.now(),
    };
    let below = elsewhere.id;
    service
        .app
        .store
        .write_now(Scope::Everything, move |connection| people::insert_unit(connection, &elsewhere))
        .expect("made");
    let person = service
        .app
        .store
        .read_now(|connection| people::find_by_email(connection, "owner@example.org"))
        .expect("read")
        .expect("the owner")
        .id;
    let mut checked = 0;
    for (method, address, who) in doors() {
        let path = address
            .replace("{id}", &service.study.to_string())
            .replace("{unit}", &service.unit.to_string())
            .replace("{person}", &person.to_string())
            .replace("{starter}", "households.csv")
            .replace("{block}", &fielding::rules::shipped::all()[0].id.to_string())
            .replace("{name}", "picture.png");
        let may = |role: Role| match who {
            Who::SignedIn => true,
            Who::May(action) => role.may(action),
            Who::Anyone | Who::Respondent | Who::ByFile => false,
        };
        if matches!(who, Who::Anyone | Who::Respondent) || path == "/sign-out" {
            // Those answer without a role; what they show is tested beside them.
            let status = request(&mut service.browser(), method, &path, "");
            assert!(status < 500 && status != 405, "nobody, {method} {address}: {status}");
            continue;
        }
        // Nobody: sent to sign in, or refused.
        let mut nobody = service.browser();
        let status = request(&mut nobody, method, &path, "");
        assert!(matches!(status, 303 | 401), "nobody, {method} {address}: {status}");
        for role in Role::ALL.iter().copied() {
            let mut browser = service.signed_in(role, service.unit);
            let token = token_of(&browser.get("/studies").expect("answers").body);
            let status = request(&mut browser, method, &path, &token);
            if may(role) {
                assert!(
                    matches!(status, 200 | 204 | 303 | 409 | 422)
                        // What is not there is not there for those who may see it.
                        || (status == 404
                            && ["{name}", "{invitation}", "{trial}", "{block}", "{use}", "/example/", "{hash}", "/frame", "/sample"]
                                .iter()
                                .any(|part| address.contains(part))),
                    "{role:?}, {method} {address}: {status}"
                );
            } else {
                assert_eq!(status, 403, "{role:?}, {method} {address}");
            }
            checked += 1;
            // The same role in a unit below has no right above it, and does not
            // even learn that the study exists.
            if ["{id}", "{unit}", "{person}"].iter().any(|part| address.contains(part)) {
                let mut outsider = service.signed_in(role, below);
                let token = token_of(&outsider.get("/studies").expect("answers").body);
                let status = request(&mut outsider, method, &path, &token);
                // Who looks after nobody anywhere is told that; a form without a role that
                // it names none.
                let expected = match who {
                    Who::May(Action::Administer) if !may(role) && !address.contains("{id}") => 403,
                    _ if address.ends_with("{person}/role") => 422,
                    _ => 404,
                };
                assert_eq!(status, expected, "{role:?} below, {method} {address}");
            }
        }
    }
    println!("access: {checked} passed, 0 failed");
    assert!(checked >= 150, "{checked}");
}

fn request(browser: &mut sondage::browser::Browser, method: &str, path: &str, token: &str) -> u16 {
    let multipart_form = path == "/studies"
        || path.ends_with("/frame")
        || path.ends_with("/frame/columns")
        || path.ends_with("/margins")
        || path.ends_with("/appearance")
        || path.ends_with("/media");
    let answer = match method {
        "GET" => browser.get(path),
        _ if multipart_form => {
            let (media_type, body) = multipart(&[("token", token)], &[]);
            browser.post_body(path, &media_type, &body)
        }
        _ => browser.post(path, &[pair("token", token)]),
    };
    answer.expect("answers").status
}

#[test]
fn every_address_in_the_table_answers() {
    let service = Service::start();
    for Address { method, path: address, .. } in ADDRESSES {
        let path = address
            .replace("{stop:.+}", "work")
            .replace("{id}", &service.study.to_string())
            .replace("{unit}", &service.unit.to_string())
            .replace("{person}", &Id::random().to_string())
            .replace("{invitation}", &Id::random().to_string())
            .replace("{link}", &service.links[0])
            .replace("{file}", "tables.csv")
            .replace("{starter}", "household.xlsx")
            .replace("{hash}", "00000000")
            .replace("{name}", "work")
            .replace("{token}", "x");
        let mut browser = service.browser();
        let status = request(&mut browser, method, &path, "");
        assert_ne!(status, 405, "{method} {address}");
        assert!(status < 500, "{method} {address}: {status}");
    }
}

#[test]
fn a_form_without_its_token_changes_nothing() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let closure = format!("/studies/{}/closure", service.study);
    for token in ["", "x", &service.app.keys.form_token(b"another session")] {
        assert_eq!(owner.post(&closure, &[pair("token", token)]).expect("answers").status, 403);
    }
    let page = owner.get(&format!("/studies/{}", service.study)).expect("answers");
    assert!(page.body.contains("data-status=\"open\""), "still open");
}

#[test]
fn a_form_from_another_site_is_refused() {
    let service = Service::start();
    let agent = service.browser().agent();
    for (name, value, expected) in [
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Sec-Fetch-Site", "same-site", 403),
        ("Origin", "https://evil.example", 403),
        ("Sec-Fetch-Site", "same-origin", 303),
    ] {
        let answer = agent
            .post(format!("{}/code", service.base))
            .header(name, value)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send("code=AAAA")
            .expect("answers");
        assert_eq!(answer.status().as_u16(), expected, "{name}: {value}");
    }
}

#[test]
fn every_page_carries_the_policy() {
    let service = Service::start();
    let agent = service.browser().agent();
    for path in ["/code", "/sign-in", &format!("/r/{}", service.links[0]), "/nowhere"] {
        let answer = agent.get(format!("{}{path}", service.base)).call().expect("answers");
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(!header("cache-control").contains("public"), "{path}");
    }
}

#[test]
fn sign_in_takes_the_right_password_and_tires_of_wrong_ones() {
    let service = Service::start();
    let hash =
        actix_web::rt::System::new().block_on(pages_hash("một mật khẩu dài")).expect("hashed");
    let mut user = support::user("hoa@example.org");
    user.password_hash = Some(hash);
    let (id, unit) = (user.id, service.unit);
    service
        .app
        .store
        .write_now(Scope::Everything, move |connection| {
            people::insert_user(connection, &user)?;
            people::grant(connection, id, unit, Role::Viewer)
        })
        .expect("made");
    let attempt = |email: &str, password: &str| {
        let mut browser = service.browser();
        let answer = browser
            .post("/sign-in", &[pair("email", email), pair("password", password)])
            .expect("answers");
        (answer.status, answer.location)
    };
    assert_eq!(attempt("hoa@example.org", "wrong").0, 422);
    assert_eq!(attempt("nobody@example.org", "wrong").0, 422);
    assert_eq!(attempt("Hoa@Example.org", "một mật khẩu dài"), (303, Some("/home".to_owned())));
    let mut last = 0;
    for _ in 0..12 {
        last = attempt("hoa@example.org", "wrong").0;
    }
    assert_eq!(last, 429, "too many tries wait");
}

async fn pages_hash(password: &str) -> Result<String, fielding::Error> {
    pages::people::hash_password(password.to_owned()).await
}

#[test]
fn a_sign_in_link_works_once_and_opening_it_does_not_use_it() {
    let service = Service::start();
    let user = support::user("minh@example.org");
    let token = fielding::keys::random_token();
    let (id, unit, hash) = (user.id, service.unit, service.app.keys.lookup(&token));
    let now = service.app.clock.now();
    service
        .app
        .store
        .write_now(Scope::Everything, move |connection| {
            people::insert_user(connection, &user)?;
            people::grant(connection, id, unit, Role::Viewer)?;
            people::insert_link(connection, &hash, id, LinkPurpose::SignIn, now.plus_seconds(60))
        })
        .expect("made");
    let link = format!("/sign-in/{token}");
    for _ in 0..3 {
        assert_eq!(
            service.browser().get(&link).expect("answers").status,
            200,
            "a scanner may look"
        );
    }
    let mut browser = service.browser();
    assert_eq!(browser.post(&link, &[]).expect("answers").location.as_deref(), Some("/home"));
    assert_eq!(service.browser().post(&link, &[]).expect("answers").status, 422, "used up");
    let out = token_of(&browser.get("/studies").expect("answers").body);
    browser.post("/sign-out", &[pair("token", &out)]).expect("answers");
    assert_eq!(browser.get("/studies").expect("answers").status, 303, "signed out");
}

#[test]
fn an_error_says_why_and_keeps_the_pages_of_who_is_signed_in() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    for (path, status, reason, next) in [
        (
            format!("{study}/downloads/tables.csv"),
            409,
            "There are no interviews yet",
            study.clone(),
        ),
        (
            format!("{study}/downloads/files.zip"),
            409,
            "No respondent has sent a file",
            study.clone(),
        ),
        (
            format!("{study}/reminders"),
            409,
            "Nobody has been invited yet",
            format!("{study}/invitations"),
        ),
        (
            format!("{study}/sample/plan"),
            404,
            "There is no sampling frame",
            format!("{study}/sample"),
        ),
        (format!("{study}/downloads/none.csv"), 404, "File not found", study.clone()),
        (format!("/studies/{}", Id::random()), 404, "Study not found", "/studies".to_owned()),
        ("/nowhere".to_owned(), 404, "Page not found", "/studies".to_owned()),
    ] {
        let answer = owner.get(&path).expect("answers");
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains(reason), "{path}: {}", answer.body);
        assert!(answer.body.contains("/sign-out"), "the navigation stays: {}", answer.body);
        let link = format!("<a class=\"go\" href=\"{next}\">");
        assert!(answer.body.contains(&link), "{path}, {link}: {}", answer.body);
    }
    let token = token_of(&owner.get("/studies").expect("answers").body);
    let vietnamese = [pair("token", &token), pair("language", "vi")];
    owner.post("/language", &vietnamese).expect("answers");
    let answer = owner.get(&format!("{study}/downloads/tables.csv")).expect("answers");
    assert!(answer.body.contains("<html lang=\"vi\">"), "{}", answer.body);
    assert!(answer.body.contains("Chưa có phiếu trả lời"), "{}", answer.body);
    // Who is not signed in reads it in the browser's language.
    let nobody = service.browser().agent();
    let url = format!("{}/nowhere", service.base);
    for (language, expected) in [("en-GB", "<html lang=\"en\">"), ("vi-VN", "<html lang=\"vi\">")] {
        let answer = nobody.get(&url).header("Accept-Language", language).call();
        let body = answer.expect("answers").body_mut().read_to_string().expect("a page");
        assert!(body.contains(expected) && body.contains("href=\"/code\""), "{body}");
        assert!(!body.contains("/sign-out"), "{body}");
    }
}

#[test]
fn the_start_page_leads_to_sign_in() {
    let service = Service::start();
    let (at, page) = service.browser().visit("/").expect("answers");
    assert_eq!(at, "/code");
    assert!(page.body.contains("href=\"/sign-in\""), "{}", page.body);
    let page = service.browser().get("/sign-in").expect("answers").body;
    assert!(page.contains("href=\"/password\""), "{page}");
}

#[test]
fn head_is_get_without_a_body() {
    use std::io::{Read as _, Write as _};
    let service = Service::start();
    let host = service.base.trim_start_matches("http://");
    for path in ["/health", "/sign-in", &format!("/r/{}", service.links[0])] {
        let mut stream = std::net::TcpStream::connect(host).expect("connects");
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 ") && body.is_empty(), "{path}: {answer}");
    }
}
