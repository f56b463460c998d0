//! What tests of the builder have in common: a study whose questionnaire is to be written,
//! and forms with what they need besides.

use sondage::browser::{Answer, Browser};

use super::support::{multipart, pair, token_of};

/// The value of a field of a page.
pub fn value(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A form of the builder with what it needs besides.
pub fn change(browser: &mut Browser, study: &str, fields: &[(&str, &str)]) -> Answer {
    let address = format!("{study}/builder");
    let page = browser.get(&address).expect("answers").body;
    sent(browser, study, (&page, &value(&page, "sent_as")), fields)
}

pub fn sent(
    browser: &mut Browser,
    study: &str,
    (page, sent_as): (&str, &str),
    fields: &[(&str, &str)],
) -> Answer {
    let mut all = vec![pair("token", &token_of(page)), pair("sent_as", sent_as)];
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(&format!("{study}/builder"), &all).expect("answers")
}

/// A study whose questionnaire is to be written.
pub fn begun(browser: &mut Browser) -> String {
    let page = browser.get("/studies/new").expect("answers").body;
    let parts = [
        ("token", token_of(&page)),
        ("name", "Việc làm".to_owned()),
        ("organisation", "Viện".to_owned()),
        ("phone", "024 1234".to_owned()),
        ("privacy", "anonymous".to_owned()),
        ("source", "here".to_owned()),
    ];
    let parts: Vec<(&str, &str)> =
        parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (media_type, body) = multipart(&parts, &[]);
    let answer = browser.post_body("/studies", &media_type, &body).expect("answers");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let way = answer.location.expect("a way");
    way.split("/builder").next().expect("a study").to_owned()
}
