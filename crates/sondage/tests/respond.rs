//! The respondent's pages over real HTTP, without JavaScript; what is posted by
//! hand; links that are wrong.

mod support;

use sondage::browser::{Browser, path_of, read_form};
use support::{Service, WHOLE, pair};

/// Begins an interview and gives the browser at its first question.
fn begin(service: &Service, person: usize) -> Browser {
    let mut browser = service.browser();
    let welcome = browser.get(&format!("/r/{}", service.links[person])).expect("answers");
    assert_eq!(welcome.status, 200);
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    let (at, _) = browser.submit(&form.action, &form.hidden).expect("answers");
    assert_eq!(path_of(&at), "/answer/page/consent");
    browser
}

/// Fills the page one is at; returns where that leads and what it shows.
fn fill(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) -> (String, String) {
    let path = format!("/answer/page/{page}");
    let shown = browser.get(&path).expect("answers");
    let form =
        read_form(&shown.body, &path).unwrap_or_else(|| panic!("{path}: HTTP {}", shown.status));
    let mut filled = form.hidden.clone();
    filled.extend(fields.iter().map(|(name, value)| pair(name, value)));
    let (at, answer) = browser.submit(&path, &filled).expect("answers");
    (path_of(&at).to_owned(), answer.body)
}

#[test]
fn from_the_link_to_the_thanks() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    for (page, fields) in WHOLE {
        let (at, _) = fill(&mut browser, page, fields);
        assert_ne!(at, format!("/answer/page/{page}"), "{page} is accepted");
    }
    let last = browser.get("/answer/end").expect("answers");
    let form = read_form(&last.body, "/answer/end").expect("a button");
    let (at, thanks) = browser.submit(&form.action, &form.hidden).expect("answers");
    assert_eq!(path_of(&at), "/answer/done");
    assert!(thanks.body.contains("Cảm ơn"), "{}", thanks.body);
    // The day is told to who has just submitted, though an anonymous study stores none.
    let today = (chrono::Utc::now() + chrono::TimeDelta::hours(7)).format("%d/%m/%Y");
    assert!(thanks.body.contains(&format!(" ngày {today}. ")), "{}", thanks.body);
    // The link is for one person once.
    let again = service.browser().get(&format!("/r/{}", service.links[0])).expect("answers");
    assert!(again.body.contains("đã được gửi"));
    assert!(again.body.contains("Mỗi đường liên kết chỉ dành cho một người"), "{}", again.body);
    assert!(!again.body.contains("gửi ngày"), "of a day that nobody knows: {}", again.body);
    // Sending the last form again changes nothing.
    let (at, _) = browser.submit(&form.action, &form.hidden).expect("answers");
    assert_eq!(path_of(&at), "/answer/done");
}

#[test]
fn opening_a_link_changes_nothing() {
    let service = Service::start();
    for _ in 0..5 {
        assert_eq!(
            service.browser().get(&format!("/r/{}", service.links[0])).expect("answers").status,
            200
        );
    }
    let case = service.cases[0];
    let events = service
        .app
        .store
        .read_now(|connection| fielding::store::contacts::events_of(connection, case))
        .expect("read");
    assert!(events.is_empty());
}

#[test]
fn what_is_wrong_is_told_and_kept() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    for (page, fields) in &WHOLE[..6] {
        fill(&mut browser, page, fields);
    }
    let (at, body) = fill(&mut browser, "age", &[("age", "17")]);
    assert_eq!(at, "/answer/page/age");
    assert!(body.contains("<title>Lỗi: "), "the title says so");
    assert!(body.contains("href=\"#age\""), "the summary leads to the field");
    assert!(body.contains("value=\"17\""), "what was typed is kept");
    let (_, body) = fill(&mut browser, "age", &[("age", "1.234")]);
    assert!(body.contains("1234") && body.contains("1.234"), "an ambiguous number is asked back");
}

#[test]
fn a_page_posted_by_hand_is_checked_like_any_other() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    fill(&mut browser, "consent", &[("consent", "1")]);
    let shown = browser.get("/answer/page/work").expect("answers");
    let form = read_form(&shown.body, "/answer/page/work").expect("a form");
    let mut post = |path: &str, fields: &[(&str, &str)]| {
        let mut filled = form.hidden.clone();
        filled.extend(fields.iter().map(|(name, value)| pair(name, value)));
        browser.post(path, &filled).expect("answers")
    };
    let off_path = post("/answer/page/most", &[("most", "bus")]);
    assert_eq!(off_path.status, 409, "a question off the path");
    assert!(off_path.body.contains("/answer/next"));
    assert_eq!(post("/answer/page/work", &[("age", "40")]).status, 409, "a field of another page");
    assert_eq!(post("/answer/page/nothing", &[]).status, 404);
    let unknown = post("/answer/page/work", &[("works", "maybe")]);
    assert_eq!(
        unknown.location.as_deref().map(path_of),
        Some("/answer/page/work"),
        "an option that is not offered"
    );
    let large = "x".repeat(600_000);
    assert_eq!(post("/answer/page/work", &[("works", &large)]).status, 422, "too large a form");
}

#[test]
fn a_form_from_another_time_is_shown_again_with_what_was_typed() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    fill(&mut browser, "consent", &[("consent", "1")]);
    let stale =
        [pair("token", "OLD"), pair("sequence", "1"), pair("works", "yes"), pair("hours", "38")];
    let answer = browser.post("/answer/page/work", &stale).expect("answers");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("value=\"38\""));
    let again = browser.get("/answer/page/work").expect("answers");
    assert!(!again.body.contains("value=\"38\""), "nothing was stored");
}

#[test]
fn another_device_finds_the_answers() {
    let service = Service::start();
    let mut first = begin(&service, 0);
    fill(&mut first, "consent", &[("consent", "1")]);
    fill(&mut first, "work", &[("works", "yes"), ("hours", "37,5")]);
    // By the link.
    let mut second = service.browser();
    let welcome = second.get(&format!("/r/{}", service.links[0])).expect("answers");
    assert!(welcome.body.contains("/answer/next"), "welcome back");
    let (at, _) = second.visit("/answer/next").expect("answers");
    assert_eq!(path_of(&at), "/answer/page/uses");
    assert!(second.get("/answer/page/work").expect("answers").body.contains("value=\"37,5\""));
    // By the code, however it is typed.
    let code = service.app.keys.code(service.cases[0]);
    let typed = format!("{} {}-{}", &code[..4].to_lowercase(), &code[4..8], &code[8..]);
    let mut third = service.browser();
    let (at, _) = third.submit("/code", &[pair("code", &typed)]).expect("answers");
    assert_eq!(path_of(&at), "/answer");
    assert!(third.get("/answer/page/work").expect("answers").body.contains("value=\"37,5\""));
}

#[test]
fn a_wrong_link_or_code_leads_nowhere() {
    let service = Service::start();
    let link = &service.links[0];
    let altered = format!("{}{}", &link[..25], if link.ends_with('A') { 'B' } else { 'A' });
    for wrong in [altered.as_str(), "x", "../../etc/passwd", "%00"] {
        let answer =
            service.browser().get(&format!("/r/{}", support::escaped(wrong))).expect("answers");
        assert!(matches!(answer.status, 400 | 404), "{wrong}: {}", answer.status);
    }
    let mut browser = service.browser();
    let (at, page) = browser.submit("/code", &[pair("code", "AAAA AAAA AAAA")]).expect("answers");
    assert_eq!(at, "/code?unknown");
    assert!(page.body.contains("Không tìm thấy mã này"));
    let mut last = 0;
    for _ in 0..310 {
        last = service
            .browser()
            .post("/code", &[pair("code", "AAAA AAAA AAAB")])
            .expect("answers")
            .status;
    }
    assert_eq!(last, 429, "guessing is limited");
}

#[test]
fn refusing_ends_it_and_leaves_nothing() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    let (at, body) = fill(&mut browser, "consent", &[("consent", "2")]);
    assert_eq!(at, "/answer");
    assert!(body.contains("Cảm ơn"));
    assert!(body.contains("đã báo không tham gia. "), "no day is stored: {body}");
    assert_eq!(
        browser.get("/answer/page/work").expect("answers").location.as_deref().map(path_of),
        Some("/answer")
    );
    let study = service.study;
    let count = service
        .app
        .store
        .read_now(|connection| fielding::store::responses::interview_count(connection, study))
        .expect("read");
    assert_eq!(count, 0);
}

#[test]
fn mail_can_be_stopped_by_a_button_and_not_by_looking() {
    let service = Service::start();
    let token = service.app.keys.unsubscribe_token(service.cases[0]);
    let path = format!("/stop/{token}");
    let shown = service.browser().get(&path).expect("answers");
    assert!(shown.body.contains("•••@example.org"), "{}", shown.body);
    let events = || {
        let case = service.cases[0];
        service
            .app
            .store
            .read_now(|connection| fielding::store::contacts::events_of(connection, case))
            .expect("read")
            .len()
    };
    assert_eq!(events(), 0);
    // As a mail program sends it: from nowhere, one field.
    let answer =
        service.browser().post(&path, &[pair("List-Unsubscribe", "One-Click")]).expect("answers");
    assert_eq!(answer.status, 200);
    assert_eq!(events(), 1);
    assert_eq!(service.browser().post(&format!("{path}x"), &[]).expect("answers").status, 404);
}

#[test]
fn the_page_speaks_the_chosen_language() {
    let service = Service::start();
    let mut browser = service.browser();
    let link = format!("/r/{}", service.links[0]);
    assert!(browser.get(&link).expect("answers").body.contains("<html lang=\"vi\">"));
    assert!(
        browser
            .get(&format!("{link}?language=en"))
            .expect("answers")
            .body
            .contains("<html lang=\"en\">")
    );
    assert!(browser.get(&link).expect("answers").body.contains("<html lang=\"en\">"), "remembered");
}

#[test]
fn a_page_about_one_person_shows_nothing_of_another_in_the_same_browser() {
    let service = Service::start();
    let mut browser = begin(&service, 0);
    fill(&mut browser, "consent", &[("consent", "1")]);
    fill(&mut browser, "work", &[("works", "yes"), ("hours", "37,5")]);
    let (own, page) = browser.visit("/answer/first").expect("answers");
    assert!(own.contains("?of-case="), "{own}");
    assert!(page.body.contains("of-case="), "the links of a page say it, too");
    // Somebody else opens their link, begins and answers.
    let welcome = browser.get(&format!("/r/{}", service.links[1])).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    let (theirs, _) = browser.submit(&form.action, &form.hidden).expect("answers");
    fill(&mut browser, "consent", &[("consent", "1")]);
    fill(&mut browser, "work", &[("works", "yes"), ("hours", "12,5")]);
    let mark = own.split("of-case=").nth(1).expect("a mark");
    for path in ["page/work", "next", "first", "end", "done", "saved", "not-me", "page/nothing"] {
        let address = format!("/answer/{path}?of-case={mark}");
        let shown = browser.get(&address).expect("answers");
        assert_eq!(shown.status, 409, "{address}");
        assert!(!shown.body.contains("12,5"), "{address}: {}", shown.body);
        assert!(shown.body.contains("người khác"), "{address}: {}", shown.body);
        // Changing the language changes nothing about whom it is about.
        let other = format!("of-case={mark}&amp;language=en");
        assert!(shown.body.contains(&other), "{address}: {}", shown.body);
    }
    let mark = theirs.split("of-case=").nth(1).expect("a mark");
    let shown = browser.get(&format!("/answer/page/work?of-case={mark}")).expect("answers");
    assert!(shown.status == 200 && shown.body.contains("value=\"12,5\""), "{}", shown.body);
}
