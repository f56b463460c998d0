//! Experts outside the team read a draft by a link of their own: they comment, are
//! answered, and say what they think of the whole, and see nothing else.

mod support;

use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser, read_form};
use support::{Service, pair, token_of};

/// A form of the team's page.
fn tell(browser: &mut Browser, service: &Service, fields: &[(&str, &str)]) -> Answer {
    let here = format!("/studies/{}/builder/review", service.study);
    let token = token_of(&browser.get(&here).expect("answers").body);
    let mut pairs = vec![pair("token", &token)];
    pairs.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(&format!("{here}?section=0"), &pairs).expect("answers")
}

/// The address of a link that a page shows.
fn link_on(page: &str) -> String {
    let rest = page.split("/review/").find(|part| part.starts_with(|c: char| c.is_alphanumeric()));
    let rest = rest.unwrap_or_else(|| panic!("no link: {page}"));
    let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("/review/{token}")
}

fn ask(owner: &mut Browser, service: &Service, reads_only: &str) -> String {
    let fields = [
        ("do", "ask"),
        ("name", "Phạm Thu Hương"),
        ("until", "31/12/2199"),
        ("reads_only", reads_only),
    ];
    let made = tell(owner, service, &fields);
    assert_eq!(made.status, 200, "{}", made.body);
    let shown = made.body.split("id=\"link\"").nth(1).expect("the link").to_owned();
    link_on(&shown)
}

/// A form behind an expert's link.
fn say(expert: &mut Browser, link: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs: Vec<_> = fields.iter().map(|(name, value)| pair(name, value)).collect();
    expert.post(&format!("{link}?section=0"), &pairs).expect("answers")
}

/// The first value of a hidden field.
fn value(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split(&start).nth(1).unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn an_expert_comments_is_answered_and_judges() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let link = ask(&mut owner, &service, "");
    let mut expert = service.browser();
    let page = expert.get(&format!("{link}?language=en")).expect("answers").body;
    assert!(page.contains("Review of the questionnaire"), "{page}");
    assert!(!page.contains("/studies/") && !page.contains("north"), "nothing of the study: {page}");
    let item = value(&page, "item");
    let said =
        [("do", "comment"), ("item", &*item), ("weight", "must-change"), ("body", "Quá dài.")];
    assert_eq!(say(&mut expert, &link, &said).status, 303);
    let empty = [("do", "comment"), ("item", &*item), ("body", "  ")];
    let refused = say(&mut expert, &link, &empty);
    assert_eq!(refused.status, 422, "{}", refused.body);

    // The team reads it, answers, and settles it.
    let here = format!("/studies/{}/builder/review", service.study);
    let page = owner.get(&here).expect("answers").body;
    assert!(page.contains("Quá dài.") && page.contains("One comment is not resolved"), "{page}");
    assert!(page.contains("outside the team") && page.contains("This must change"), "{page}");
    // It waits on Home, and is said where the draft would be published.
    let home = owner.get("/home").expect("answers").body;
    assert!(
        home.contains("1 comment on the questionnaire waits") && home.contains(&here),
        "{home}"
    );
    let publication = format!("/studies/{}/builder/publication", service.study);
    let before = owner.get(&publication).expect("answers").body;
    assert!(before.contains("One of them says that something must change"), "{before}");
    assert!(before.contains("Phạm Thu Hương</b>: No verdict yet"), "{before}");
    let comment = value(&page, "comment");
    let answer =
        [("do", "comment"), ("root", &*comment), ("item", &*item), ("body", "Đã rút ngắn.")];
    assert_eq!(tell(&mut owner, &service, &answer).status, 303);
    let page = expert.get(&link).expect("answers").body;
    assert!(page.contains("Đã rút ngắn."), "{page}");
    // What was answered stays.
    let remove = [("do", "remove"), ("comment", &*comment)];
    assert_eq!(say(&mut expert, &link, &remove).status, 422);
    assert_eq!(
        tell(&mut owner, &service, &[("do", "resolve"), ("comment", &*comment)]).status,
        303
    );
    assert!(owner.get(&here).expect("answers").body.contains("No comment waits."));

    let verdict = [("do", "verdict"), ("verdict", "good-after-changes")];
    assert_eq!(say(&mut expert, &link, &verdict).status, 303);
    let page = owner.get(&here).expect("answers").body;
    assert!(page.contains("Good after the changes"), "{page}");
    let record = format!("/studies/{}/record", service.study);
    let record = owner.get(&record).expect("answers").body;
    for entry in ["Expert asked", "Comment written", "Comment resolved", "Verdict given"] {
        assert!(record.contains(entry), "{entry}: {record}");
    }
}

#[test]
fn a_link_reads_alone_is_taken_back_and_opens_nothing_else() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let reads = ask(&mut owner, &service, "yes");
    let mut client = service.browser();
    let page = client.get(&reads).expect("answers").body;
    assert!(!page.contains("<textarea") && !page.contains("name=\"verdict\""), "{page}");
    let here = format!("/studies/{}/builder/review", service.study);
    let team = owner.get(&here).expect("answers").body;
    let item = value(&team, "item");
    let said = [("do", "comment"), ("item", &*item), ("body", "Tôi muốn nói.")];
    assert_eq!(say(&mut client, &reads, &said).status, 403);
    assert_eq!(say(&mut client, &reads, &[("do", "verdict"), ("verdict", "good")]).status, 403);

    // Somebody else's comment is not an expert's to settle or delete.
    let writes = ask(&mut owner, &service, "");
    assert_eq!(tell(&mut owner, &service, &said).status, 303);
    let comment = value(&owner.get(&here).expect("answers").body, "comment");
    for act in ["remove", "resolve"] {
        let answer = say(&mut client, &writes, &[("do", act), ("comment", &*comment)]);
        assert_eq!(answer.status, 403, "{act}");
    }

    // A new link ends the one before; a link that was taken back is nobody's.
    let expert = value(&owner.get(&here).expect("answers").body, "expert");
    let renewed = tell(&mut owner, &service, &[("do", "renew"), ("expert", &*expert)]);
    let shown = renewed.body.split("id=\"link\"").nth(1).expect("the link");
    let new = link_on(shown);
    assert_eq!(client.get(&reads).expect("answers").status, 404);
    assert_eq!(client.get(&new).expect("answers").status, 200);
    assert_eq!(tell(&mut owner, &service, &[("do", "end"), ("expert", &*expert)]).status, 303);
    for path in [new.as_str(), "/review/nothing", "/review/%00"] {
        assert_eq!(client.get(path).expect("answers").status, 404, "{path}");
        assert_eq!(say(&mut client, path, &said).status, 404, "{path}");
    }
    for (name, until) in [("", "31/12/2199"), ("Hoà", "hôm qua"), ("Hoà", "01/01/2020")] {
        let wrong = tell(&mut owner, &service, &[("do", "ask"), ("name", name), ("until", until)]);
        assert_eq!(wrong.status, 422, "{name} {until}");
        assert!(wrong.body.contains("class=\"summary\"") || wrong.body.contains("summary"));
    }
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    assert_eq!(viewer.get(&here).expect("answers").status, 403);
}

#[test]
fn nothing_is_published_before_the_experts_agree_where_the_study_wants_that() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = format!("/studies/{}", service.study);
    let settings = owner.get(&format!("{study}/settings")).expect("answers").body;
    let form = read_form(&settings, &format!("{study}/settings")).expect("a form");
    let mut pairs = form.hidden;
    let typed = [
        ("name", "Đi lại"),
        ("organisation", "Nhóm nghiên cứu"),
        ("phone", "1900"),
        ("gap_days", "2"),
        ("review_required", "yes"),
    ];
    pairs.extend(typed.map(|(name, value)| pair(name, value)));
    assert_eq!(owner.post(&form.action, &pairs).expect("answers").status, 303);
    let kept = owner.get(&format!("{study}/settings?language=en")).expect("answers").body;
    assert!(kept.contains("name=\"review_required\" value=\"yes\" checked"), "{kept}");

    let publication = format!("{study}/builder/publication");
    let publish = |owner: &mut Browser| {
        let token = token_of(&owner.get("/studies").expect("answers").body);
        let pairs = [pair("token", &token), pair("seen", "0")];
        owner.post(&publication, &pairs).expect("answers")
    };
    let refused = publish(&mut owner);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("only what experts have read"), "{}", refused.body);

    let link = ask(&mut owner, &service, "");
    let mut expert = service.browser();
    let page = expert.get(&link).expect("answers").body;
    let item = value(&page, "item");
    let said = [
        ("do", "comment"),
        ("item", &*item),
        ("weight", "must-change"),
        ("body", "Quá dài.\nHai ý."),
    ];
    assert_eq!(say(&mut expert, &link, &said).status, 303);
    let page = owner.get(&publication).expect("answers").body;
    assert!(page.contains("is good: Phạm Thu Hương"), "{page}");
    assert!(page.contains("One comment says that something must change"), "{page}");
    let judged = say(&mut expert, &link, &[("do", "verdict"), ("verdict", "good-after-changes")]);
    assert_eq!(judged.status, 303);
    let refused = publish(&mut owner);
    assert!(!refused.body.contains("is good: Phạm Thu Hương"), "{}", refused.body);
    assert_eq!(refused.status, 422, "a demand is open");

    let review = owner.get(&format!("{study}/builder/review")).expect("answers").body;
    let comment = value(&review, "comment");
    let settled = tell(&mut owner, &service, &[("do", "resolve"), ("comment", &comment)]);
    assert_eq!(settled.status, 303);
    // The record has it all, and no form.
    let record = owner.get(&format!("{study}/builder/review/record")).expect("answers").body;
    for told in ["Phạm Thu Hương", "Good after the changes", "Hai ý.", "Resolved on"] {
        assert!(record.contains(told), "{told}: {record}");
    }
    assert!(!record.contains("<textarea"), "{record}");
    assert_eq!(publish(&mut owner).status, 303, "everybody agrees");
}
