//! The second factor over HTTP: set up, asked for at sign-in, replaced, taken away.

mod support;

use fielding::rules::access::Role;
use fielding::rules::second_factor::Requirement;
use sondage::browser::{Browser, read_form};
use support::office::{Office, PASSWORD, send, sign_in};
use support::pair;

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
