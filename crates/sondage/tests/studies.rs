//! The pages of the people who work here: a study from upload to download, and
//! what wrong files lead to: every problem at once, nothing stored.

mod support;

use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser};
use support::{Service, multipart, pair, token_of};

const SHEETS: [(&str, &str); 3] =
    [("survey", "survey.csv"), ("choices", "choices.csv"), ("settings", "settings.csv")];

fn sample_file(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../fixtures/questionnaires/ward-services/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).expect("the fixture")
}

fn post(
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) -> Answer {
    let token = token_of(&browser.get("/studies").expect("answers").body);
    let mut all = vec![("token", token.as_str())];
    all.extend_from_slice(fields);
    let (media_type, body) = multipart(&all, files);
    browser.post_body(path, &media_type, &body).expect("answers")
}

const STUDY: [(&str, &str); 3] = [("name", "Phường"), ("organisation", "Nhóm"), ("phone", "1900")];

fn make(browser: &mut Browser) -> String {
    let sheets: Vec<Vec<u8>> = SHEETS.iter().map(|(_, file)| sample_file(file)).collect();
    let files: Vec<(&str, &str, &[u8])> = SHEETS
        .iter()
        .zip(&sheets)
        .map(|((_, file), bytes)| ("questionnaire", *file, bytes.as_slice()))
        .collect();
    let made = post(browser, "/studies", &STUDY, &files);
    made.location.unwrap_or_else(|| panic!("HTTP {}: {}", made.status, made.body))
}

fn frame(rows: &str) -> Vec<u8> {
    format!("id,area,ward,name,email,language\n{rows}").into_bytes()
}

fn good_frame() -> Vec<u8> {
    support::frame(200).into_bytes()
}

const DRAW: [(&str, &str); 9] = [
    ("id", "id"),
    ("stratum", "area"),
    ("cluster", "ward"),
    ("email", "email"),
    ("name_column", "name"),
    ("language_column", "language"),
    ("clusters", "4"),
    ("units", "10"),
    ("seed", "5"),
];

#[test]
fn from_an_upload_to_the_downloads() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("25 questions"), "the questionnaire is there");
    let paper = owner.get(&format!("{study}/questionnaire?in=vi")).expect("answers").body;
    assert!(paper.contains("Thái độ của cán bộ tiếp nhận"));
    let drawn = post(
        &mut owner,
        &format!("{study}/sample"),
        &DRAW,
        &[("frame", "frame.csv", &good_frame())],
    );
    assert_eq!(drawn.status, 303, "{}", drawn.body);
    let again = post(
        &mut owner,
        &format!("{study}/sample"),
        &DRAW,
        &[("frame", "frame.csv", &good_frame())],
    );
    assert_eq!(again.status, 409, "a sample is drawn once");
    let margins = post(
        &mut owner,
        &format!("{study}/margins"),
        &[],
        &[("margins", "margins.csv", &sample_file("margins.csv"))],
    );
    assert_eq!(margins.status, 303, "{}", margins.body);
    let token = token_of(&owner.get("/studies").expect("answers").body);
    for action in ["opening", "invitations", "reminders"] {
        let done =
            owner.post(&format!("{study}/{action}"), &[pair("token", &token)]).expect("answers");
        assert_eq!(done.status, 303, "{action}");
    }
    let page = owner.get(&study).expect("answers").body;
    assert!(
        page.contains("Reminders (reminder-1)") && page.contains(": 40"),
        "40 invitations wait"
    );
    // Without interviews there is nothing to download, and that is said.
    assert_eq!(owner.get(&format!("{study}/downloads/tables.csv")).expect("answers").status, 409);
    assert_eq!(owner.get(&format!("{study}/downloads/nothing.exe")).expect("answers").status, 404);
    let tables = owner.get(&format!("{study}/tables")).expect("answers");
    assert!(tables.body.contains("There are no interviews yet"));
}

#[test]
fn a_damaged_questionnaire_is_told_with_its_places_and_nothing_is_stored() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let before = owner.get("/studies").expect("answers").body;
    let survey = "type,name,label::English (en),relevant\nselect_one none,z,Question,\ntext,a,First,\ntext,a,Again,\nwhatever,b,What,\ntext,c,Cond,${zz} = '1'\nbegin_group,g,G,\n";
    for (file, bytes, expected) in [
        ("form.xlsx", b"this is no workbook".as_slice(), "no file of a known system"),
        ("survey.csv", survey.as_bytes(), "survey!"),
        ("form.json", b"{\"id\": 3}", "is not a questionnaire document"),
        ("survey.csv", b"type,name\n\xff\xfe,a\n", "UTF-8"),
        ("survey.csv", b"", "an empty file"),
    ] {
        let answer = post(&mut owner, "/studies", &STUDY, &[("questionnaire", file, bytes)]);
        assert_eq!(answer.status, 422, "{file}");
        assert!(answer.body.contains(expected), "{file}: {}", answer.body);
        assert!(answer.body.contains("value=\"Phường\""), "what was typed is kept");
    }
    let answer =
        post(&mut owner, "/studies", &STUDY, &[("questionnaire", "survey.csv", survey.as_bytes())]);
    for expected in ["survey!2", "survey!4", "survey!5", "survey!6", "survey!7"] {
        assert!(answer.body.contains(expected), "all at once, {expected}: {}", answer.body);
    }
    assert_eq!(owner.get("/studies").expect("answers").body, before, "nothing was stored");
    let answer = post(&mut owner, "/studies", &[], &[]);
    assert_eq!(answer.status, 422, "an empty form");
}

#[test]
fn a_bad_frame_is_told_with_its_rows_and_nothing_is_drawn() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    let bad = "p1,north,w1,A,a@example.org,vi\np1,north,w1,B,b@example.org,vi\np3,,w1,C,c@example.org,vi\np4,south,,D,d@example.org,vi\n";
    let answer =
        post(&mut owner, &format!("{study}/sample"), &DRAW, &[("frame", "frame.csv", &frame(bad))]);
    assert_eq!(answer.status, 422);
    for expected in ["row 3", "row 4", "row 5"] {
        assert!(answer.body.contains(expected), "{expected}: {}", answer.body);
    }
    // More than there are, an unknown column, an empty file, no file.
    let with = |name: &'static str, value: &'static str| -> Vec<(&'static str, &'static str)> {
        DRAW.iter()
            .map(|(key, old)| if *key == name { (*key, value) } else { (*key, *old) })
            .collect()
    };
    for fields in [
        with("clusters", "400"),
        with("id", "nothing"),
        with("email", "nothing"),
        with("units", "0"),
        with("seed", "x"),
    ] {
        let answer = post(
            &mut owner,
            &format!("{study}/sample"),
            &fields,
            &[("frame", "frame.csv", &good_frame())],
        );
        assert_eq!(answer.status, 422, "{fields:?}");
    }
    assert_eq!(
        post(&mut owner, &format!("{study}/sample"), &DRAW, &[("frame", "frame.csv", b"")]).status,
        422
    );
    assert_eq!(post(&mut owner, &format!("{study}/sample"), &DRAW, &[]).status, 422);
    // So few in a place that an anonymous answer could point at somebody.
    let few = post(
        &mut owner,
        &format!("{study}/sample"),
        &with("units", "2"),
        &[("frame", "frame.csv", &good_frame())],
    );
    assert_eq!(few.status, 422);
    assert!(few.body.contains("anonymous"), "{}", few.body);
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("No sample has been drawn"), "nothing was stored");
}

#[test]
fn margins_must_fit_the_questionnaire() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    for (csv, expected) in [
        ("a,b\n1,2\n", "variable, code, share"),
        ("variable,code,share\nsex,1,0.4\nsex,2,0.4\n", "add up"),
        ("variable,code,share\nsex,1,x\n", "from 0 to 1"),
        ("variable,code,share\nsex,7,1\n", "no question has this name"),
        ("variable,code,share\n", "no rows"),
    ] {
        let answer = post(
            &mut owner,
            &format!("{study}/margins"),
            &[],
            &[("margins", "m.csv", csv.as_bytes())],
        );
        assert_eq!(answer.status, 422, "{csv}");
        assert!(answer.body.contains(expected), "{csv}: {}", answer.body);
    }
}

#[test]
fn set_up_happens_once_and_needs_its_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = fielding::store::Store::open(&fielding::store::DatabaseUrl::Sqlite(
        folder.path().join("x.sqlite"),
    ))
    .expect("opens");
    let app = fielding::App::new(store, fielding::keys::Keys::random(), "http://127.0.0.1:1");
    let (base, _server) = support::serve_app(&app);
    let mut browser = Browser::new(&base);
    assert_eq!(browser.get("/").expect("answers").location.as_deref(), Some("/setup"));
    let code = fielding::pages::people::setup_code(&app);
    let form = |code: &str, password: &str| {
        vec![
            pair("code", code),
            pair("organisation", "Nhóm nghiên cứu"),
            pair("name", "Lan"),
            pair("email", "lan@example.org"),
            pair("password", password),
        ]
    };
    assert_eq!(
        browser
            .post("/setup", &form("AAAA AAAA AAAA", "một mật khẩu dài"))
            .expect("answers")
            .status,
        422
    );
    assert_eq!(browser.post("/setup", &form(&code, "ngắn")).expect("answers").status, 422);
    let done =
        browser.post("/setup", &form(&code.to_lowercase(), "một mật khẩu dài")).expect("answers");
    assert_eq!(done.location.as_deref(), Some("/studies"));
    assert!(
        browser.get("/studies").expect("answers").body.contains("/studies/new"),
        "the first page invites to begin"
    );
    let again =
        Browser::new(&base).post("/setup", &form(&code, "một mật khẩu dài")).expect("answers");
    assert_eq!(again.status, 409);
}
