//! How whoever asks appears: the colour and the logo of a study on its respondents' pages,
//! in letters and in the report; what a unit has is where its new studies begin.

mod support;

use chrono::NaiveDate;
use fielding::jobs::send_mail::{MailSettings, send_due};
use fielding::messages::mail::{Carrier, MailTarget};
use fielding::rules::access::Role;
use fielding::rules::states::{Mode, ResponseState};
use fielding::store::people::Unit;
use fielding::store::responses::{self, ResponseRow};
use fielding::store::{Id, Json, Scope, logos, people, rounds, studies};
use sondage::browser::{Answer, Browser};
use support::{PICTURE, Service, pair, send_parts, token_of};
use survey_builder::questionnaire::answer::{Answer as Said, Answers, Value};

/// Sends the form of a page as it stands, but for some fields and a picture.
fn set(browser: &mut Browser, page: &str, fields: &[(&str, &str)], logo: Option<&[u8]>) -> Answer {
    let shown = browser.get(page).expect("answers").body;
    let seen = shown.split("name=\"seen\" value=\"").nth(1).expect("a stamp");
    let seen = seen.split('"').next().expect("a stamp").to_owned();
    set_seen(browser, page, &seen, fields, logo)
}

fn set_seen(
    browser: &mut Browser,
    page: &str,
    seen: &str,
    fields: &[(&str, &str)],
    logo: Option<&[u8]>,
) -> Answer {
    let mut all = vec![("seen", seen)];
    all.extend_from_slice(fields);
    let files: Vec<(&str, &str, &[u8])> =
        logo.iter().map(|bytes| ("logo", "logo.png", *bytes)).collect();
    send_parts(browser, page, &all, &files)
}

fn page_of(service: &Service, link: &str) -> String {
    let mut browser = service.browser();
    browser.get(&format!("/r/{link}")).expect("answers").body
}

#[test]
fn a_study_has_its_colour_and_its_logo() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let page = format!("/studies/{}/appearance", service.study);
    let before = page_of(&service, &service.links[0]);
    assert!(!before.contains("/colour/") && !before.contains("class=\"logo\""), "{before}");

    // All that is wrong is told at once, and nothing is kept.
    let wrong = set(&mut owner, &page, &[("accent", "#e0a030")], Some(PICTURE));
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("#946920"), "the nearest that can be read: {}", wrong.body);
    assert!(wrong.body.contains("write it for whoever does not see the logo"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"#e0a030\""), "what was typed stays: {}", wrong.body);
    let large = vec![0x89; 120 * 1024];
    for (accent, logo, told) in [
        ("red", None, "is not a colour"),
        (
            "",
            Some(&b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"[..]),
            "is not a picture",
        ),
        ("", Some(&large), "has more than 100 kB"),
    ] {
        let wrong = set(&mut owner, &page, &[("accent", accent), ("alt_vi", "Viện")], logo);
        assert_eq!(wrong.status, 422, "{told}");
        assert!(wrong.body.contains(told), "{told}: {}", wrong.body);
    }
    assert_eq!(page_of(&service, &service.links[0]), before);

    let fields = [("accent", "#946920"), ("alt_vi", "Sở <Y tế>"), ("alt_en", "")];
    let done = set(&mut owner, &page, &fields, Some(PICTURE));
    assert_eq!((done.status, done.location.as_deref()), (303, Some(&*page)), "{}", done.body);
    let shown = page_of(&service, &service.links[0]);
    assert!(shown.contains("href=\"/colour/946920.css\""), "{shown}");
    assert!(shown.contains("alt=\"Sở &lt;Y tế&gt;\""), "{shown}");
    let paper = owner.get(&format!("/studies/{}/questionnaire", service.study)).expect("answers");
    let head = paper.body.split("asked-by").nth(1).expect("who asks");
    assert!(
        head.split("</p>").next().is_some_and(|head| head.contains("class=\"logo\"")),
        "{head}"
    );
    let logo = shown.split("class=\"logo\" src=\"").nth(1).expect("a logo");
    let logo = logo.split('"').next().expect("its address");
    let mut anyone = service.browser();
    let mut picture = ureq::get(format!("{}{logo}", service.base)).call().expect("answers");
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.body_mut().read_to_vec().expect("read").starts_with(b"\x89PNG"));
    let (folder, hash) = logo.rsplit_once('/').expect("a hash");
    let another = format!("{folder}/{}", "0".repeat(hash.len()));
    assert_eq!(anyone.get(&another).expect("answers").status, 404);
    let style = anyone.get("/colour/946920.css").expect("answers").body;
    assert!(style.contains("--brand: #946920;") && style.contains("dark"), "{style}");
    for none in ["/colour/946920", "/colour/red.css", "/colour/8d651.css", "/colour/%2e.css"] {
        assert_eq!(anyone.get(none).expect("answers").status, 404, "{none}");
    }

    // What somebody else set since is not written over unseen.
    let late = set_seen(&mut owner, &page, "--", &[("accent", "#0b5a66")], None);
    assert_eq!(late.status, 422, "{}", late.body);
    // The logo goes, the colour stays.
    let fields = [("accent", "#946920"), ("logo_goes", "yes")];
    assert_eq!(set(&mut owner, &page, &fields, None).status, 303);
    let shown = page_of(&service, &service.links[0]);
    assert!(shown.contains("/colour/946920.css") && !shown.contains("class=\"logo\""), "{shown}");
    assert_eq!(anyone.get(logo).expect("answers").status, 404, "its picture is gone");
    let record = owner.get(&format!("/studies/{}/record", service.study)).expect("answers").body;
    assert!(record.contains("Logo or colour changed") && record.contains("#946920"), "{record}");

    // Who may not design sees nothing of it, nor changes it.
    let mut analyst = service.signed_in(Role::Analyst, service.unit);
    assert_eq!(analyst.get(&page).expect("answers").status, 403);
    let token = token_of(&analyst.get("/home").expect("answers").body);
    let sent = analyst.post(&page, &[pair("token", &token), pair("accent", "")]).expect("answers");
    assert_eq!(sent.status, 403);
}

#[test]
fn letters_and_the_report_have_them_too() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let page = format!("/studies/{}/appearance", service.study);
    let fields = [("accent", "#7a1f5c"), ("alt_en", "Institute")];
    assert_eq!(set(&mut owner, &page, &fields, Some(PICTURE)).status, 303);

    fielding::jobs::prepare::invite(&service.app, None, service.study).expect("queued");
    let folder = tempfile::tempdir().expect("a folder");
    let target = MailTarget::Folder(folder.path().to_path_buf());
    let settings =
        MailSettings { sender: "Viện <vien@example.org>".to_owned(), domain_per_minute: 0 };
    actix_web::rt::System::new().block_on(async {
        let carrier = Carrier::new(&target).expect("a way out");
        send_due(&service.app, &carrier, &settings).await.expect("sent");
    });
    let mut letters = 0;
    for entry in std::fs::read_dir(folder.path()).expect("letters") {
        let letter = std::fs::read_to_string(entry.expect("a file").path()).expect("a letter");
        let letter = letter.replace("=\r\n", "").replace("=3D", "=");
        assert!(letter.contains("border-top: 4px solid #7a1f5c"), "{letter}");
        assert!(!letter.contains("<img") && !letter.contains("/logo/"), "fetches: {letter}");
        letters += 1;
    }
    assert_eq!(letters, 20);

    answered(&service);
    let report = format!("/studies/{}/downloads/report.html", service.study);
    let report = owner.get(&report).expect("answers").body;
    assert!(report.contains("--brand: #7a1f5c;"), "{report}");
    assert!(report.contains("src=\"data:image/png;base64,iVBOR"), "{report}");
    assert!(report.contains("alt=\"Institute\""), "{report}");
}

/// Stores interviews that have ended, as if six people had answered.
fn answered(service: &Service) {
    let (app, study) = (&service.app, service.study);
    let stored = app.store.write_now(Scope::Study(study), {
        let app = app.clone();
        move |connection| {
            let version_id = studies::current_version(connection, study)?.expect("a version");
            let version = app.version(connection, version_id)?;
            let mut questions = version.document.questions();
            let works = questions.find(|question| question.name == "works").expect("there").id;
            let round_id = rounds::current(connection, study)?.id;
            for place in 0..6 {
                let code = if place % 2 == 0 { "yes" } else { "no" };
                let answer = Said::Value(Value::Option(code.to_owned()));
                let row = ResponseRow {
                    id: Id::random(),
                    study_id: study,
                    round_id,
                    version_id,
                    state: ResponseState::Complete,
                    seed: 1,
                    language: String::new(),
                    mode: Mode::Web,
                    began_on: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
                    ended_on: None,
                    stratum: "north".to_owned(),
                    psu: format!("north-{}", place % 2),
                    base_weight: 2.0,
                    answers: Some(Json::new(Answers([(works, answer)].into()))),
                    sealed: None,
                };
                responses::insert_ended(connection, &row)?;
            }
            Ok(())
        }
    });
    stored.expect("stored");
}

#[test]
fn a_new_study_begins_with_what_its_unit_has() {
    let service = Service::start();
    let (root, below) = (service.unit, Id::rising());
    let unit = Unit {
        id: below,
        parent_id: Some(root),
        name: "Phòng Bắc".to_owned(),
        created_at: service.app.clock.now(),
    };
    service
        .app
        .store
        .write_now(Scope::Everything, move |connection| people::insert_unit(connection, &unit))
        .expect("a unit");
    let mut owner = service.signed_in(Role::Owner, root);
    let mut designer = service.signed_in(Role::Designer, below);
    let page = format!("/administration/units/{root}/appearance");
    assert_eq!(designer.get(&page).expect("answers").status, 403);
    let fields = [("accent", "#7a1f5c"), ("alt_vi", "Viện")];
    assert_eq!(set(&mut owner, &page, &fields, Some(PICTURE)).status, 303);

    // Made below the unit, with what that has; what is there already stays as it is.
    let token = token_of(&designer.get("/studies/new").expect("answers").body);
    let made = designer.post("/studies/example", &[pair("token", &token)]).expect("answers");
    let address = made.location.expect("a study");
    let study = address.rsplit('/').next().and_then(Id::parse).expect("a study");
    let read = |study: Id| {
        let found = service.app.store.read_now(move |connection| {
            let of = studies::find(connection, study)?.map(|study| study.appearance.into_inner());
            Ok((of.unwrap_or_default(), logos::find(connection, study)?.map(|row| row.hash)))
        });
        found.expect("read")
    };
    let (appearance, picture) = read(study);
    assert_eq!(appearance.accent, "7a1f5c");
    assert!(picture.is_some() && picture == appearance.logo.map(|logo| logo.hash));
    assert!(read(service.study).0.is_plain());

    // It is the study's own from then on, and goes with it.
    let fields = [("accent", ""), ("logo_goes", "yes")];
    assert_eq!(set(&mut owner, &page, &fields, None).status, 303);
    assert_eq!(read(study).0.accent, "7a1f5c");
    let page = designer.get(&address).expect("answers").body;
    let removal = format!("{address}/example/removal");
    let removed = designer.post(&removal, &[pair("token", &token_of(&page))]).expect("answers");
    assert_eq!(removed.status, 303);
    assert_eq!(read(study).1, None);
}
