//! A draft is tried by whoever has its link: on the pages of respondents, apart from
//! every answer, and until the draft is published or the link ends.

#[path = "support/builder.rs"]
mod drafts;
mod support;

use drafts::{change, value};
use fielding::acts::{study, trials as acts};
use fielding::rules::access::Role;
use fielding::rules::states::Privacy;
use fielding::store::{Id, Instant, Scope, people, responses, trials};
use sondage::browser::{Answer, Browser, read_form};
use support::{PICTURE, Service, multipart, pair, token_of};
use survey_builder::questionnaire::document::Document;

/// A form of a page of the builder.
fn tell(browser: &mut Browser, address: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(address).expect("answers").body;
    let mut all = vec![pair("token", &token_of(&page))];
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(address, &all).expect("answers")
}

const LINES: &str = "1. Do you work?\na) Yes\nb) No\n2. How many hours a week?\n";

/// A study whose draft has two questions, and is not published.
fn drafted(owner: &mut Browser) -> String {
    let study = drafts::begun(owner);
    assert_eq!(change(owner, &study, &[("do", "paste"), ("lines", LINES)]).status, 303);
    study
}

/// Makes a link; the path of its address.
fn link(owner: &mut Browser, study: &str) -> String {
    let here = format!("{study}/builder/trials");
    assert_eq!(tell(owner, &here, &[("do", "make")]).status, 303);
    let page = owner.get(&here).expect("answers").body;
    let (_, rest) = page.split_once("/try/").unwrap_or_else(|| panic!("no link: {page}"));
    let token: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    format!("/try/{token}")
}

/// Follows an answer to the page that it leads to: its address and what is on it.
fn followed(browser: &mut Browser, mut answer: Answer) -> (String, Answer) {
    let mut address = String::new();
    while answer.status == 303 {
        address = answer.location.clone().expect("a way");
        answer = browser.get(&address).expect("answers");
    }
    (address, answer)
}

/// Begins a test.
fn begun(browser: &mut Browser, link: &str) -> (String, Answer) {
    let answer = browser.post(&format!("{link}/start"), &[]).expect("answers");
    followed(browser, answer)
}

/// Sends a page of a test with an answer to its question.
fn answered(browser: &mut Browser, at: &str, page: &str, answer: &str) -> (String, Answer) {
    let mut fields =
        page.split("<input").skip(1).filter(|field| !field.contains("type=\"hidden\""));
    let own = fields.find_map(|field| field.split("name=\"").nth(1)).expect("a field");
    let name = own.split('"').next().unwrap_or_default();
    let fields = [
        pair("token", &value(page, "token")),
        pair("sequence", &value(page, "sequence")),
        pair(name, answer),
    ];
    let answer = browser.post(at, &fields).expect("answers");
    followed(browser, answer)
}

/// The value of the first option of a page.
fn first_option(page: &str) -> String {
    let radio = page.split("type=\"radio\"").nth(1).expect("an option");
    let (_, rest) = radio.split_once("value=\"").expect("a value");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// The study of an address.
fn id_of(study: &str) -> Id {
    Id::parse(study.trim_start_matches("/studies/")).expect("an identity")
}

#[test]
fn a_draft_is_tried_and_the_team_sees_the_path() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = drafted(&mut owner);
    let here = format!("{study}/builder/trials");
    let empty = owner.get(&here).expect("answers").body;
    assert!(empty.contains("No link works now") && !empty.contains("/try/"), "{empty}");
    let link = link(&mut owner, &study);
    let mut tester = service.browser();
    let welcome = tester.get(&format!("{link}?language=en")).expect("answers").body;
    assert!(welcome.contains("This is a test") && welcome.contains("noindex"), "{welcome}");
    assert!(!welcome.contains("/studies/") && !welcome.contains("not-me"), "{welcome}");
    // Opening it began nothing.
    let id = id_of(&study);
    let count = |service: &Service| {
        service.app.store.read_now(move |connection| trials::count(connection, id)).expect("read")
    };
    assert_eq!(count(&service), 0);
    let (at, first) = begun(&mut tester, &link);
    assert_eq!((first.status, count(&service)), (200, 1));
    assert!(first.body.contains("Do you work?") && first.body.contains("This is a test"));
    assert!(!first.body.contains("name=\"later\""), "{}", first.body);
    // What is blank is asked for once more, as of respondents.
    let (again, blank) = {
        let fields = [
            pair("token", &value(&first.body, "token")),
            pair("sequence", &value(&first.body, "sequence")),
        ];
        let answer = tester.post(&at, &fields).expect("answers");
        followed(&mut tester, answer)
    };
    assert_eq!(again, at, "{}", blank.body);
    let option = first_option(&blank.body);
    let (at, second) = answered(&mut tester, &at, &blank.body, &option);
    assert!(second.body.contains("How many hours a week?"), "{}", second.body);
    // The draft is changed in mid-test: one goes on with what one began with, and is told.
    assert_eq!(
        change(&mut owner, &study, &[("do", "paste"), ("lines", "3. Where?\n")]).status,
        303
    );
    let told = tester.get(&at).expect("answers").body;
    assert!(told.contains("was changed after you began"), "{told}");
    let (at, end) = answered(&mut tester, &at, &told, "40");
    assert!(at.ends_with("/end") && end.body.contains("This is a test"), "{at}: {}", end.body);
    let sent = tester.post(&at, &[]).expect("answers");
    let (_, done) = followed(&mut tester, sent);
    assert!(done.body.contains("The test is finished"), "{}", done.body);
    // Nothing can be changed any more.
    let (_, after) = answered(&mut tester, &at.replace("/end", "/page/x"), &told, "41");
    assert!(after.body.contains("The test is finished"), "{}", after.body);

    // The team looks at it with the path.
    let page = owner.get(&here).expect("answers").body;
    assert!(page.contains("One test") && page.contains("finished"), "{page}");
    assert!(page.contains("the draft was changed since"), "{page}");
    let (_, rest) = page.split_once(&format!("{here}/")).expect("the test");
    let one = format!("{here}/{}", rest.split('"').next().unwrap_or_default());
    let path = owner.get(&one).expect("answers").body;
    for words in ["Do you work?", "<b>Yes</b>", "How many hours a week?", "<b>40</b>"] {
        assert!(path.contains(words), "{words}: {path}");
    }
    assert!(path.contains("something was left blank"), "{path}");
    // It is no answer.
    let kept = service.app.store.read_now(move |connection| {
        Ok((
            responses::interview_count(connection, id)?,
            responses::interviews(connection, id)?.len(),
        ))
    });
    assert_eq!(kept.expect("read"), (0, 0));
    let log = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(log.contains("Link for testing the draft made"), "{log}");
    // Other studies and other people have no way to it.
    let other = one.replace(&study, &format!("/studies/{}", service.study));
    assert_eq!(owner.get(&other).expect("answers").status, 404);
    let mut analyst = service.signed_in(Role::Analyst, service.unit);
    assert_eq!(analyst.get(&one).expect("answers").status, 403);
}

#[test]
fn what_was_tried_goes_when_the_draft_is_published() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = drafted(&mut owner);
    let link = link(&mut owner, &study);
    let mut tester = service.browser();
    let (at, first) = begun(&mut tester, &link);
    answered(&mut tester, &at, &first.body, &first_option(&first.body));
    let address = format!("{study}/builder/publication");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("One test of the draft is deleted"), "{page}");
    let fields = [("seen", value(&page, "seen"))];
    assert_eq!(tell(&mut owner, &address, &[("seen", &*fields[0].1)]).status, 303);
    let id = id_of(&study);
    let left = service.app.store.read_now(move |connection| {
        Ok((
            trials::count(connection, id)?,
            trials::link_of(connection, id)?.is_some(),
            (0..9)
                .filter(|number| {
                    trials::document(connection, id, *number).is_ok_and(|found| found.is_some())
                })
                .count(),
        ))
    });
    assert_eq!(left.expect("read"), (0, false, 0));
    for address in [at.as_str(), link.as_str()] {
        let gone = tester.get(&format!("{address}?language=en")).expect("answers");
        assert_eq!(gone.status, 404);
        assert!(gone.body.contains("This test link does not work"), "{}", gone.body);
    }
}

#[test]
fn a_link_ends_and_gives_way_to_another() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = drafted(&mut owner);
    let here = format!("{study}/builder/trials");
    let first = link(&mut owner, &study);
    let mut tester = service.browser();
    let (at, page) = begun(&mut tester, &first);
    let second = link(&mut owner, &study);
    assert_ne!(first, second);
    // Who has begun by the link before goes no further, and what they did stays.
    let post = tester.post(&at, &[pair("token", &value(&page.body, "token"))]).expect("answers");
    assert_eq!(post.status, 404, "{}", post.body);
    assert_eq!(tester.post(&format!("{first}/start"), &[]).expect("answers").status, 404);
    let (_, page) = begun(&mut tester, &second);
    assert_eq!(page.status, 200);
    let shown = owner.get(&here).expect("answers").body;
    assert!(shown.contains("2 tests"), "{shown}");
    assert_eq!(tell(&mut owner, &here, &[("do", "end")]).status, 303);
    assert_eq!(tester.get(&second).expect("answers").status, 404);
    // One test is deleted, then all; of another study none.
    let (_, rest) = shown.split_once(&format!("{here}/")).expect("a test");
    let trial = rest.split('"').next().unwrap_or_default().to_owned();
    let elsewhere = format!("/studies/{}/builder/trials", service.study);
    let remove = [("do", "remove"), ("trial", &*trial)];
    assert_eq!(tell(&mut owner, &elsewhere, &remove).status, 303);
    assert!(owner.get(&here).expect("answers").body.contains("2 tests"));
    assert_eq!(tell(&mut owner, &here, &remove).status, 303);
    assert!(owner.get(&here).expect("answers").body.contains("One test"));
    assert_eq!(tell(&mut owner, &here, &[("do", "remove-all")]).status, 303);
    let shown = owner.get(&here).expect("answers").body;
    assert!(shown.contains("Nobody has tried this draft yet"), "{shown}");
    let log = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(log.contains("Tests of the draft deleted"), "{log}");
    // Nonsense finds nothing and breaks nothing.
    for address in ["/try/x", "/try/%00", "/trial/x/next", "/trial/%00/page/a", "/trial/x/done"] {
        assert_eq!(tester.get(address).expect("answers").status, 404, "{address}");
    }
}

#[test]
fn tests_are_few_and_not_old() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = drafted(&mut owner);
    let link = link(&mut owner, &study);
    let mut tester = service.browser();
    begun(&mut tester, &link);
    let id = id_of(&study);
    let copies = service.app.store.write_now(Scope::Study(id), move |connection| {
        let row = trials::of_study(connection, id)?.remove(0);
        for _ in 1..fielding::acts::trials::MOST {
            let own = Id::random();
            let token_hash = own.0.as_bytes().to_vec();
            trials::insert(connection, &trials::TrialRow { id: own, token_hash, ..row.clone() })?;
        }
        Ok(())
    });
    copies.expect("stored");
    let full = tester.post(&format!("{link}/start"), &[]).expect("answers");
    assert_eq!(full.status, 409);
    let shown = owner.get(&format!("{study}/builder/trials")).expect("answers").body;
    assert!(shown.contains("no more can begin"), "{shown}");
    // What is older than a month goes by itself.
    let month = 31 * 24 * 60 * 60;
    let later = service.app.clock.now().plus_seconds(month);
    let old = service.app.store.write_now(Scope::Study(id), move |connection| {
        assert_eq!(trials::with_older(connection, later)?, [id]);
        assert!(trials::with_older(connection, Instant(0))?.is_empty());
        fielding::acts::trials::remove_old_trials(connection, later, id)?;
        trials::count(connection, id)
    });
    assert_eq!(old.expect("removed"), 0);
    // Somebody who begins again and again waits.
    let statuses: Vec<u16> = (0..70)
        .map(|_| tester.post(&format!("{link}/start"), &[]).expect("answers").status)
        .collect();
    assert!(statuses.contains(&303) && statuses.last() == Some(&429), "{statuses:?}");
}

/// A study whose draft is a document, with a link to try it.
fn trying(service: &Service, json: &str) -> (Id, String) {
    let document: Document = serde_json::from_str(json).expect("a document");
    let (keys, now, unit) = (service.app.keys.clone(), service.app.clock.now(), service.unit);
    let made = service.app.store.write_now(Scope::Everything, move |connection| {
        let new = support::new_study(unit, "Thử", Privacy::Anonymous);
        let owner = people::find_by_email(connection, "owner@example.org")?.expect("the owner");
        let study = study::begin_study(connection, now, None, &new, &document)?.id;
        acts::make_trial_link(connection, &keys, now, owner.id, study)?;
        Ok((study, keys.trial_link(trials::link_of(connection, study)?.expect("made").id)))
    });
    let (study, token) = made.expect("made");
    (study, format!("/try/{token}"))
}

/// What is typed where a page asks for a text, each twice (a doubt asks once) until it is
/// taken.
const TYPED: [&str; 8] =
    ["3", "01/02/1990", "08:30", "lan@example.org", "1", "Lan", "0912345678", "10.7769, 106.7009"];

/// What a page is filled in with.
struct Filled {
    action: String,
    fields: Vec<(String, String)>,
    /// The names of the fields that take files.
    files: Vec<String>,
}

impl Filled {
    /// Sends it, with a picture wherever a file is asked for.
    fn send(&self, browser: &mut Browser) -> Answer {
        if self.files.is_empty() {
            return browser.post(&self.action, &self.fields).expect("answers");
        }
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let files: Vec<(&str, &str, &[u8])> =
            self.files.iter().map(|name| (name.as_str(), "bill.png", PICTURE)).collect();
        let (kind, body) = multipart(&fields, &files);
        browser.post_body(&self.action, &kind, &body).expect("answers")
    }
}

/// Fills a page in somehow; `times` is how often it was shown already.
fn filled(page: &str, times: usize) -> Filled {
    let form = read_form(page, "/trial/").unwrap_or_else(|| panic!("no form: {page}"));
    let (mut fields, mut files) = (form.hidden, Vec::new());
    for field in form.fields {
        let value = match field.kind.as_str() {
            "radio" | "checkbox" => field.values.first().cloned().unwrap_or_default(),
            "file" => {
                files.push(field.name);
                continue;
            }
            // A way of several points, or words: may be left out.
            "textarea" => String::new(),
            _ => TYPED[times / 2 % TYPED.len()].to_owned(),
        };
        fields.push((field.name, value));
    }
    // Lists that fold out: the first option, of places in a row one after the other.
    for list in page.split("<select").skip(1) {
        let list = list.split("</select>").next().unwrap_or_default();
        let name = list.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
        let Some(name) = name else { continue };
        let before = fields.iter().filter(|(one, _)| one == name).count();
        let values = list.split("<option value=\"").skip(1);
        let mut values = values.filter_map(|rest| rest.split('"').next());
        let value = values.by_ref().filter(|value| !value.is_empty()).nth(before);
        fields.extend(value.map(|value| pair(name, value)));
    }
    Filled { action: form.action, fields, files }
}

/// Rosters with their members, long lists and files: every kind of page can be tried, and
/// is told to the team.
#[test]
fn every_kind_of_page_can_be_tried() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let samples = [
        (include_str!("../../../fixtures/questionnaires/household.json"), 12, "/members/"),
        (include_str!("../../../fixtures/questionnaires/devices.json"), 5, "/page/"),
        (include_str!("../../../fixtures/questionnaires/more-kinds.json"), 6, "/page/"),
    ];
    for (json, least, met) in samples {
        let (study, link) = trying(&service, json);
        let mut tester = service.browser();
        let (mut at, mut page) = begun(&mut tester, &link);
        let mut visited: Vec<String> = Vec::new();
        while !at.contains("/end") && !at.contains("/done") && visited.len() < 120 {
            assert_eq!(page.status, 200, "{at}: {}", page.body);
            assert!(page.body.contains("Đây là bản chạy thử"), "{at}");
            let times = visited.iter().filter(|one| **one == at).count();
            let mut filled = filled(&page.body, times);
            if at.contains("/members/") && times == 0 && page.body.contains("name=\"add\"") {
                filled.fields.push(pair("add", "1"));
            }
            visited.push(at.clone());
            let answer = filled.send(&mut tester);
            assert_eq!(answer.status, 303, "{at}: {}", answer.body);
            (at, page) = followed(&mut tester, answer);
        }
        visited.dedup();
        assert!(visited.len() >= least, "{visited:?}");
        assert!(visited.iter().any(|one| one.contains(met)), "{visited:?}");
        let here = format!("/studies/{study}/builder/trials");
        let shown = owner.get(&here).expect("answers").body;
        let (_, rest) = shown.split_once(&format!("{here}/")).expect("the test");
        let one = format!("{here}/{}", rest.split('"').next().unwrap_or_default());
        let path = owner.get(&one).expect("answers");
        assert_eq!(path.status, 200);
        assert!(path.body.matches("<dt>").count() >= least, "{}", path.body);
        assert!(!path.body.contains("${") && !path.body.contains("Page 0"), "{}", path.body);
    }
}

/// A file that a tester sends is looked into as a respondent's would be, and not kept.
#[test]
fn files_of_testers_are_looked_into_and_not_kept() {
    let service = Service::start();
    let json = include_str!("../../../fixtures/questionnaires/devices.json");
    let (study, link) = trying(&service, json);
    let mut tester = service.browser();
    let (mut at, mut page) = begun(&mut tester, &link);
    for times in 0..20 {
        if page.body.contains("multipart/form-data") {
            break;
        }
        let answer = filled(&page.body, times).send(&mut tester);
        (at, page) = followed(&mut tester, answer);
    }
    let form = read_form(&page.body, "/trial/").expect("a page that takes files");
    let file = form.fields.iter().find(|field| field.kind == "file").expect("a file").name.clone();
    let hidden: Vec<(&str, &str)> =
        form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (kind, body) = multipart(&hidden, &[(&file, "bill.exe", b"MZ nothing that is asked for")]);
    let answer = tester.post_body(&at, &kind, &body).expect("answers");
    let (again, refused) = followed(&mut tester, answer);
    assert_eq!(again, at);
    assert!(refused.body.contains("role=\"alert\""), "{}", refused.body);
    let picture = PICTURE.to_vec();
    let form = read_form(&refused.body, "/trial/").expect("the page");
    let hidden: Vec<(&str, &str)> =
        form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (kind, body) = multipart(&hidden, &[(&file, "bill.png", &picture)]);
    let answer = tester.post_body(&at, &kind, &body).expect("answers");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let shown = tester.get(&at).expect("answers").body;
    assert!(!shown.contains("/answer/file/"), "{shown}");
    let kept = service.app.store.read_now(move |connection| {
        let row = trials::of_study(connection, study)?.remove(0);
        fielding::store::files::of_response(
            connection,
            &fielding::keys::Keys::random(),
            row.id,
            false,
        )
    });
    assert!(kept.expect("read").is_empty());
}
