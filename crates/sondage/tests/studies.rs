//! The pages of the people who work here: a study from upload to download, and
//! what wrong files lead to: every problem at once, nothing stored.

mod support;

use fielding::acts::release::release_factor;
use fielding::rules::access::Role;
use fielding::store::{Scope, cases, outcomes, people, rounds};
use sondage::browser::{Answer, Browser, read_form};
use support::{Service, pair, send_parts as post, token_of};
use survey_builder::sampling::{Frame, Replay, Sample, replay};

const SHEETS: [(&str, &str); 3] =
    [("survey", "survey.csv"), ("choices", "choices.csv"), ("settings", "settings.csv")];

fn sample_file(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../fixtures/questionnaires/ward-services/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).expect("the fixture")
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

/// What the columns of [`frame`] are.
const ROLES: [(&str, &str); 6] = [
    ("id", "unit"),
    ("area", "stratum"),
    ("ward", "cluster"),
    ("name", "name"),
    ("email", "email"),
    ("language", "language"),
];

/// Two stages, four wards and ten people in each.
const PLAN: [(&str, &str); 9] = [
    ("s1_units", "clusters"),
    ("s1_method", "systematic_pps"),
    ("s1_total", "4"),
    ("s1_share", "proportional"),
    ("s1_minimum", "2"),
    ("s2_units", "units"),
    ("s2_method", "systematic"),
    ("s2_count", "10"),
    ("response", "50"),
];

fn send_frame(owner: &mut Browser, study: &str, name: &str, bytes: &[u8]) -> Answer {
    post(owner, &format!("{study}/frame"), &[], &[("frame", name, bytes)])
}

fn name_columns(owner: &mut Browser, study: &str, roles: &[(&str, &str)]) -> Answer {
    let mut fields = Vec::new();
    for (column, role) in roles {
        fields.extend([("column", *column), ("role", *role)]);
    }
    post(owner, &format!("{study}/frame/columns"), &fields, &[])
}

/// Sends an urlencoded form with its token.
fn submit(owner: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = token_of(&owner.get("/studies").expect("answers").body);
    let mut pairs = vec![pair("token", &token)];
    pairs.extend(fields.iter().map(|(name, value)| pair(name, value)));
    owner.post(path, &pairs).expect("answers")
}

/// Opens a page of consequences and does what it says, with the number typed that
/// it asks for; or what it answers instead.
fn confirm(owner: &mut Browser, page: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = owner.get(page).expect("answers");
    let Some(form) = read_form(&shown.body, "/studies/").filter(|_| shown.status == 200) else {
        return shown;
    };
    let mut pairs = form.hidden;
    let asked = shown.body.split("type the number ").nth(1);
    if let Some(asked) = asked.and_then(|rest| rest.split('<').next()) {
        pairs.push(pair("typed", asked));
    }
    pairs.extend(fields.iter().map(|(name, value)| pair(name, value)));
    owner.post(&form.action, &pairs).expect("answers")
}

/// Draws a study's sample by its plan.
fn draw(owner: &mut Browser, study: &str, seed: &str) -> Answer {
    confirm(owner, &format!("{study}/sample/draw"), &[("seed", seed)])
}

fn with<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect()
}

/// From a frame's file to the plan.
fn plan_sample(owner: &mut Browser, study: &str) {
    let sent = send_frame(owner, study, "frame.csv", &good_frame());
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = owner.get(&format!("{study}/frame")).expect("answers").body;
    assert!(page.contains("value=\"stratum\" selected"), "the columns are guessed: {page}");
    let named = name_columns(owner, study, &ROLES);
    assert_eq!(named.status, 303, "{}", named.body);
    let planned = submit(owner, &format!("{study}/sample/plan"), &PLAN);
    assert_eq!(planned.status, 303, "{}", planned.body);
}

#[test]
fn from_an_upload_to_the_downloads() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("25 questions"), "the questionnaire is there");
    assert!(page.contains("Send the list of people"), "the next step: {page}");
    let paper = owner.get(&format!("{study}/questionnaire?in=vi")).expect("answers").body;
    assert!(paper.contains("Thái độ của cán bộ tiếp nhận"));
    plan_sample(&mut owner, &study);
    let plan = owner.get(&format!("{study}/sample/plan")).expect("answers").body;
    for expected in ["<b>40</b>", "<b>20</b>", "±", "total = 4"] {
        assert!(plan.contains(expected), "{expected}: {plan}");
    }
    let drawn = draw(&mut owner, &study, "5");
    assert_eq!(drawn.status, 303, "{}", drawn.body);
    let page = owner.get(&format!("{study}/sample")).expect("answers").body;
    assert!(page.contains("deleted") && page.contains("replay"), "{page}");
    let again = draw(&mut owner, &study, "5");
    assert_eq!(again.status, 404, "the frame is gone");
    let again = send_frame(&mut owner, &study, "frame.csv", &good_frame());
    assert_eq!(again.status, 409, "a sample is drawn once");
    replays(&mut owner, &study);
    let margins = post(
        &mut owner,
        &format!("{study}/margins"),
        &[],
        &[("margins", "margins.csv", &sample_file("margins.csv"))],
    );
    assert_eq!(margins.status, 303, "{}", margins.body);
    assert_eq!(confirm(&mut owner, &format!("{study}/opening"), &[]).status, 303);
    for (action, status) in [("invitations", 303), ("reminders", 422)] {
        let done = confirm(&mut owner, &format!("{study}/{action}"), &[]);
        assert_eq!(done.status, status, "{action}: nobody hears twice within two days");
    }
    let later = service.app.clock.now().plus_seconds(2 * 86_400);
    service.app.clock.set(later);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let reminded = confirm(&mut owner, &format!("{study}/reminders"), &[]);
    assert_eq!(reminded.status, 303, "{}", reminded.body);
    let page = owner.get(&format!("{study}/field")).expect("answers").body;
    assert!(page.contains("Reminder 1") && page.contains(": 40"), "40 invitations wait");
    // Without interviews there is nothing to download, and that is said.
    assert_eq!(owner.get(&format!("{study}/downloads/tables.csv")).expect("answers").status, 409);
    assert_eq!(owner.get(&format!("{study}/downloads/nothing.exe")).expect("answers").status, 404);
    let tables = owner.get(&format!("{study}/tables")).expect("answers");
    assert!(tables.body.contains("There are no interviews yet"));
}

/// What is in the program to try with is offered where files are sent, downloaded, and used at once.
#[test]
fn lists_and_questionnaires_to_try_with_are_in_the_program() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let offered = owner.get("/studies/new").expect("answers").body;
    for name in ["ward-services", "household"] {
        let file = format!("/starters/{name}.xlsx");
        assert!(offered.contains(&format!("href=\"{file}\"")), "{name} is not offered");
        let fields = [&STUDY[..], &[("source", "starter"), ("starter", name)]].concat();
        let made = post(&mut owner, "/studies", &fields, &[]);
        let study = made.location.unwrap_or_else(|| panic!("HTTP {}: {}", made.status, made.body));
        assert_eq!(owner.get(&format!("{study}/questionnaire")).expect("answers").status, 200);
        let page = owner.get(&format!("{study}/sample")).expect("answers").body;
        for list in ["households", "staff"] {
            assert!(page.contains(&format!("href=\"/starters/{list}.csv\"")), "{list}");
            let rows = owner.get(&format!("/starters/{list}.csv")).expect("answers").body;
            let taken = post(&mut owner, &format!("{study}/frame"), &[("starter", list)], &[]);
            let place = taken.location.unwrap_or_else(|| panic!("HTTP {}", taken.status));
            let columns = owner.get(&place).expect("answers").body;
            let header = rows.lines().next().expect("a header");
            for column in header.split(',') {
                assert!(columns.contains(&format!("value=\"{column}\"")), "{list}: {column}");
            }
        }
    }
    let unknown = [&STUDY[..], &[("source", "starter"), ("starter", "nothing")]].concat();
    assert_eq!(post(&mut owner, "/studies", &unknown, &[]).status, 422);
    assert_eq!(owner.get("/starters/nothing.csv").expect("answers").status, 404);
    let mut nobody = service.browser();
    assert_ne!(nobody.get("/starters/staff.csv").expect("answers").status, 200);
}

#[test]
fn a_damaged_questionnaire_is_told_with_its_places_and_nothing_is_stored() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let before = owner.get("/studies").expect("answers").body;
    let survey = "type,name,label::English (en),relevant\nselect_one none,z,Question,\ntext,a,First,\ntext,a,Again,\nwhatever,b,What,\ntext,c,Cond,${zz} = '1'\nbegin_group,g,G,\n";
    for (file, bytes, expected) in [
        ("form.xlsx", b"this is no workbook".as_slice(), "a file of no known system"),
        ("survey.csv", survey.as_bytes(), "survey!"),
        ("form.json", b"{\"id\": 3}", "JSON of no known system"),
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

/// Anyone with the frame and the manifest gets the same sample.
fn replays(owner: &mut Browser, study: &str) {
    let manifest = owner.get(&format!("{study}/sample/manifest.json")).expect("answers").body;
    let recorded: Sample = serde_json::from_str(&manifest).expect("a manifest");
    let read = Frame::read(good_frame().as_slice(), &recorded.columns).expect("a frame");
    assert_eq!(replay(&recorded, &read), Replay::Identical);
    let units = owner.get(&format!("{study}/sample/units.csv")).expect("answers").body;
    assert_eq!(units.lines().count(), 41);
    assert!(!units.contains("example.org"), "no contact leaves");
}

#[test]
fn a_bad_frame_is_told_with_its_rows_and_nothing_is_drawn() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    let bad = "p1,north,w1,A,a@example.org,vi\np1,north,w1,B,b@example.org,vi\np3,,w1,C,c@example.org,vi\np4,south,,D,d@example.org,vi\n";
    assert_eq!(send_frame(&mut owner, &study, "frame.csv", &frame(bad)).status, 303);
    let answer = name_columns(&mut owner, &study, &ROLES);
    assert_eq!(answer.status, 422);
    for expected in ["row 3", "row 4", "row 5"] {
        assert!(answer.body.contains(expected), "{expected}: {}", answer.body);
    }
    // An empty file, a workbook that is none, no file, a day that is none.
    assert_eq!(send_frame(&mut owner, &study, "frame.csv", b"").status, 422);
    assert_eq!(send_frame(&mut owner, &study, "frame.xlsx", b"no workbook").status, 422);
    assert_eq!(post(&mut owner, &format!("{study}/frame"), &[], &[]).status, 422);
    let good = good_frame();
    let files = [("frame", "frame.csv", good.as_slice())];
    let answer = post(&mut owner, &format!("{study}/frame"), &[("as_of", "soon")], &files);
    assert_eq!(answer.status, 422);
    plan_sample(&mut owner, &study);
    // No ids, a column that is not there, an address beside answers.
    for roles in [with(&ROLES, "id", "ignored"), with(&ROLES, "area", "unit")] {
        assert_eq!(name_columns(&mut owner, &study, &roles).status, 422, "{roles:?}");
    }
    assert_eq!(name_columns(&mut owner, &study, &[("nothing", "unit")]).status, 422);
    let kept = [
        ("column", "id"),
        ("role", "unit"),
        ("column", "email"),
        ("role", "email"),
        ("kept", "email"),
    ];
    let answer = post(&mut owner, &format!("{study}/frame/columns"), &kept, &[]);
    assert!(
        answer.status == 422 && answer.body.contains("never stored with answers"),
        "{}",
        answer.body
    );
    // A plan that cannot be read is not kept; one that cannot be drawn says why.
    let plan = format!("{study}/sample/plan");
    assert_eq!(submit(&mut owner, &plan, &with(&PLAN, "s1_total", "x")).status, 422);
    assert_eq!(submit(&mut owner, &plan, &[("text", "stages = 3")]).status, 422);
    assert_eq!(submit(&mut owner, &plan, &with(&PLAN, "s1_total", "400")).status, 303);
    let page = owner.get(&plan).expect("answers");
    assert!(page.status == 422 && page.body.contains("400"), "{}", page.body);
    assert_eq!(draw(&mut owner, &study, "1").status, 422);
    assert_eq!(submit(&mut owner, &plan, &PLAN).status, 303);
    assert_eq!(draw(&mut owner, &study, "x").status, 422);
    // So few in a place that an anonymous answer could point at somebody.
    assert_eq!(submit(&mut owner, &plan, &with(&PLAN, "s2_count", "2")).status, 303);
    let few = draw(&mut owner, &study, "");
    assert_eq!(few.status, 422);
    assert!(few.body.contains("anonymous"), "{}", few.body);
    let page = owner.get(&study).expect("answers").body;
    assert!(page.contains("nobody drawn yet"), "nothing was stored: {page}");
    assert_eq!(confirm(&mut owner, &format!("{study}/frame/removal"), &[]).status, 303);
    assert_eq!(owner.get(&plan).expect("answers").status, 404, "the frame is gone");
}

#[test]
fn replicates_are_released_whole_and_weights_follow() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    plan_sample(&mut owner, &study);
    let mut plan = PLAN.to_vec();
    plan.extend([("replicates", "5"), ("reserve", "1"), ("substitution", "1")]);
    assert_eq!(submit(&mut owner, &format!("{study}/sample/plan"), &plan).status, 303);
    assert_eq!(draw(&mut owner, &study, "7").status, 303);
    let id =
        fielding::store::Id::parse(study.rsplit('/').next().unwrap_or_default()).expect("an id");
    let counts = |service: &Service| {
        let count = |connection: &mut _| {
            let round = rounds::current(connection, id)?.id;
            outcomes::counts_of(connection, round)
        };
        let rows = service.app.store.read_now(count).expect("read");
        rows.iter().map(|(_, _, cases)| cases).sum::<i64>()
    };
    assert_eq!(counts(&service), 0, "all wait");
    let factor = |service: &Service| {
        service.app.store.read_now(|connection| release_factor(connection, id)).expect("read")
    };
    let release = format!("{study}/sample/release");
    assert_eq!(confirm(&mut owner, &format!("{release}?upto=6"), &[]).status, 422);
    assert_eq!(confirm(&mut owner, &format!("{release}?upto=2"), &[]).status, 303);
    assert_eq!((counts(&service), factor(&service)), (16, 2.5));
    assert_eq!(
        confirm(&mut owner, &format!("{release}?upto=2"), &[]).status,
        422,
        "once and for all"
    );
    assert_eq!(confirm(&mut owner, &format!("{release}?upto=4"), &[]).status, 303);
    assert_eq!((counts(&service), factor(&service)), (32, 1.25));
    // Somebody of the reserve takes the place of one of the first replicate.
    let manifest = owner.get(&format!("{study}/sample/manifest.json")).expect("answers").body;
    let sample: Sample = serde_json::from_str(&manifest).expect("a manifest");
    let first = sample.units.iter().find(|unit| unit.replicate == Some(1)).expect("one");
    let replace = format!("{study}/sample/substitution");
    assert_eq!(submit(&mut owner, &replace, &[("unit", &first.unit), ("reason", "")]).status, 422);
    let fields = [("unit", first.unit.as_str()), ("reason", "moved away")];
    assert_eq!(submit(&mut owner, &replace, &fields).status, 303);
    assert_eq!(submit(&mut owner, &replace, &fields).status, 422, "only once");
    assert_eq!(counts(&service), 33);
    let page = owner.get(&format!("{study}/sample")).expect("answers").body;
    assert!(page.contains("moved away") && page.contains("reserve"), "{page}");
}

#[test]
fn areas_are_given_to_people() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    plan_sample(&mut owner, &study);
    assert_eq!(draw(&mut owner, &study, "5").status, 303);
    let page = owner.get(&format!("{study}/sample")).expect("answers").body;
    let person = page.split("<option value=\"").nth(2).and_then(|rest| rest.split('"').next());
    let person = person.expect("somebody works here");
    let assign = format!("{study}/sample/assignment");
    for (area, who, status) in
        [("0", person, 303), ("3", person, 303), ("0", "", 303), ("9", person, 404), ("x", "", 404)]
    {
        let answer = submit(&mut owner, &assign, &[("area", area), ("person", who)]);
        assert_eq!(answer.status, status, "{area}: {}", answer.body);
    }
    assert_eq!(submit(&mut owner, &assign, &[("person", person)]).status, 422, "no area");
    let nobody = submit(&mut owner, &assign, &[("area", "1"), ("person", "someone")]);
    assert_eq!(nobody.status, 422);
    let page = owner.get(&format!("{study}/sample")).expect("answers").body;
    assert!(page.contains("<td class=\"n\">3</td><td class=\"n\">30</td>"), "{page}");
    // Only to those whose role may work cases; and what was given is on record.
    let analyst = support::user("analyst@example.org");
    let (id, unit) = (analyst.id, service.unit);
    service
        .app
        .store
        .write_now(Scope::Everything, move |connection| {
            people::insert_user(connection, &analyst)?;
            people::grant(connection, id, unit, Role::Analyst)
        })
        .expect("made");
    let id = id.to_string();
    let refused = submit(&mut owner, &assign, &[("area", "1"), ("person", &id)]);
    assert_eq!(refused.status, 422, "an analyst works no cases");
    let log = owner.get(&format!("{study}/record")).expect("answers").body;
    assert_eq!(log.matches("Areas assigned<br><small class=\"muted\">1").count(), 3, "{log}");
    let map = owner.get(&format!("{study}/sample/map.svg")).expect("answers");
    assert!(map.status == 200 && map.body.starts_with("<svg"), "{}", map.body);
}

#[test]
fn files_of_a_sample_run_no_formulas_and_are_for_who_fields_it() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    let rows = support::frame(200).replace("north,", "=cmd|' /C calc'!A0,").replace("p7,", "+7x,");
    let sent = send_frame(&mut owner, &study, "frame.csv", rows.as_bytes());
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(name_columns(&mut owner, &study, &ROLES).status, 303);
    assert_eq!(submit(&mut owner, &format!("{study}/sample/plan"), &PLAN).status, 303);
    assert_eq!(draw(&mut owner, &study, "5").status, 303);
    let mut manager = service.signed_in(Role::FieldManager, service.unit);
    let page = manager.get(&format!("{study}/sample")).expect("answers").body;
    for file in ["units.csv", "routes.csv"] {
        assert!(page.contains(&format!("/sample/{file}\"")), "offered to who may have it: {page}");
        let content = manager.get(&format!("{study}/sample/{file}")).expect("answers").body;
        let cells: Vec<&str> = content.lines().flat_map(|line| line.split(',')).collect();
        assert!(cells.iter().any(|cell| cell.starts_with("'=cmd")), "{file}: {content}");
        let runs = |cell: &&&str| cell.starts_with(['=', '+', '-', '@']);
        let running: Vec<_> =
            cells.iter().filter(runs).filter(|cell| cell.parse::<f64>().is_err()).collect();
        assert!(running.is_empty(), "{file}: {running:?}");
    }
    assert!(!page.contains("/sample/manifest.json"), "who may not have it is not offered it");
    let mut analyst = service.signed_in(Role::Analyst, service.unit);
    let page = analyst.get(&format!("{study}/sample")).expect("answers").body;
    assert!(!page.contains("/sample/units.csv\""), "{page}");
    assert_eq!(analyst.get(&format!("{study}/sample/units.csv")).expect("answers").status, 403);
}

#[test]
fn margins_must_fit_the_questionnaire() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = make(&mut owner);
    for (csv, expected) in [
        ("a,b\n1,2\n", "variable, code and share"),
        ("variable,code,share\nsex,1,0.4\nsex,2,0.4\n", "add up"),
        ("variable,code,share\nsex,1,x\n", "from 0 to 1"),
        ("variable,code,share\nsex,7,1\n", "there is no question with this name"),
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
    let code = pages::people::setup_code(&app);
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
    assert_eq!(done.location.as_deref(), Some("/home"));
    assert!(
        browser.get("/studies").expect("answers").body.contains("/studies/new"),
        "the first page invites to begin"
    );
    let again =
        Browser::new(&base).post("/setup", &form(&code, "một mật khẩu dài")).expect("answers");
    assert_eq!(again.status, 409);
}

/// Hidden questions: of the frame, of the link, of the interview.
const HIDDEN: &str = "type,name,label::English (en),label::Tiếng Việt (vi),relevant,x_source\n\
    hidden,ward,,,,frame ward\n\
    hidden,channel,,,,link src\n\
    hidden,nothing,,,,link nothing\n\
    acknowledge,agree,Take part?,Tham gia?,,\n\
    note,north,You live in ${ward}; you came by ${channel}.,Bạn ở ${ward} (${channel}).,${ward} = 'north-0',\n\
    text,more,Anything?,Gì nữa?,${nothing} = 'x',\n\
    text,said,What do you say?,Bạn nói gì?,,\n";

#[test]
fn a_questionnaire_takes_values_of_the_frame_and_of_the_link() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let files = [("questionnaire", "survey.csv", HIDDEN.as_bytes())];
    let made = post(&mut owner, "/studies", &STUDY, &files);
    let study = made.location.unwrap_or_else(|| panic!("HTTP {}: {}", made.status, made.body));
    assert_eq!(send_frame(&mut owner, &study, "frame.csv", &good_frame()).status, 303);
    let mut fields: Vec<(&str, &str)> =
        ROLES.iter().flat_map(|(column, role)| [("column", *column), ("role", *role)]).collect();
    fields.push(("kept", "ward"));
    let named = post(&mut owner, &format!("{study}/frame/columns"), &fields, &[]);
    assert_eq!(named.status, 303, "{}", named.body);
    assert_eq!(submit(&mut owner, &format!("{study}/sample/plan"), &PLAN).status, 303);
    assert_eq!(draw(&mut owner, &study, "5").status, 303);
    assert_eq!(confirm(&mut owner, &format!("{study}/opening"), &[]).status, 303);
    let id = fielding::store::Id::parse(study.rsplit('/').next().unwrap_or_default());
    let id = id.expect("an id");
    let people = service.app.store.read_now(|connection| cases::page(connection, id, 0, 100));
    let (mut shown, mut hidden) = (0, 0);
    for case in people.expect("cases").iter().filter(|case| case.number % 10 == 1) {
        let mut person = service.browser();
        let link = service.app.keys.link(case.id);
        let welcome = person.get(&format!("/r/{link}?src=a%26b%3C&other=1")).expect("answers");
        assert!(
            welcome.body.contains("name=\"link.src\" value=\"a&amp;b&lt;\""),
            "{}",
            welcome.body
        );
        assert!(welcome.body.contains("src=a%26b%3C\""), "the other language keeps it");
        let form = read_form(&welcome.body, "/answer/start").expect("a form");
        let (_, page) = person.submit(&form.action, &form.hidden).expect("answers");
        let path = "/answer/page/agree";
        let form = read_form(&page.body, path).expect("a page");
        let mut agreed = form.hidden.clone();
        agreed.push(pair("agree", "yes"));
        let (_, page) = person.submit(path, &agreed).expect("answers");
        if page.body.contains("Bạn ở north-0 (a&amp;b&lt;).") {
            shown += 1;
        } else {
            assert!(!page.body.contains("Bạn ở"), "{}", page.body);
            hidden += 1;
        }
        assert!(!page.body.contains("Gì nữa?"), "what is not said has no value");
    }
    assert_eq!((shown, hidden), (1, 3));
}

#[test]
fn a_column_that_is_used_must_be_kept_and_must_not_point_at_anybody() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let takes_id = HIDDEN.replace("frame ward", "frame id");
    let files = [("questionnaire", "survey.csv", takes_id.as_bytes())];
    let study = post(&mut owner, "/studies", &STUDY, &files).location.expect("made");
    plan_sample(&mut owner, &study);
    let lacking = draw(&mut owner, &study, "");
    assert!(lacking.status == 422 && lacking.body.contains("“id”"), "{}", lacking.body);
    let mut fields: Vec<(&str, &str)> =
        ROLES.iter().flat_map(|(column, role)| [("column", *column), ("role", *role)]).collect();
    fields.push(("kept", "id"));
    assert_eq!(post(&mut owner, &format!("{study}/frame/columns"), &fields, &[]).status, 303);
    let pointing = draw(&mut owner, &study, "");
    assert!(pointing.status == 422 && pointing.body.contains("anonymous"), "{}", pointing.body);
}

#[test]
fn components_are_shown_in_the_language_of_who_is_signed_in() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    // What a respondent chose in this browser is not what its owner reads.
    owner.set_cookie("language", "vi");
    let page = owner.get("/gallery?part=4").expect("answers");
    assert!(page.body.contains("<html lang=\"en\">"), "{}", page.body);
    let token = token_of(&page.body);
    let fields = [pair("token", &token), pair("language", "vi"), pair("back", "/gallery?part=4")];
    let changed = owner.post("/language", &fields).expect("answers");
    assert_eq!(changed.location.as_deref(), Some("/gallery?part=4"));
    let page = owner.get("/gallery?part=4").expect("answers");
    assert!(page.body.contains("<html lang=\"vi\">"), "{}", page.body);
    for elsewhere in ["//example.org", "https://example.org/studies", ""] {
        let fields = [pair("token", &token), pair("language", "vi"), pair("back", elsewhere)];
        let back = owner.post("/language", &fields).expect("answers");
        assert_eq!(back.location.as_deref(), Some("/home"), "{elsewhere}");
    }
}

#[test]
fn a_day_is_typed_as_it_is_shown() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let form = owner.get("/studies/new").expect("answers").body;
    assert!(form.contains("31/12/2026"), "{form}");
    let document = serde_json::to_vec(&support::document()).expect("JSON");
    let files: [(&str, &str, &[u8]); 1] = [("questionnaire", "all.json", &document)];
    let with = |day| [STUDY.as_slice(), &[("closes_on", day)]].concat();
    let wrong = post(&mut owner, "/studies", &with("31-12"), &files);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("write it as 31/12/2026"), "{}", wrong.body);
    let made = post(&mut owner, "/studies", &with("31/12/2099"), &files);
    let study = made.location.unwrap_or_else(|| panic!("{}", made.body));
    assert!(owner.get(&study).expect("answers").body.contains("31/12/2099"));
    let page = owner.get(&format!("{study}/sample")).expect("answers").body;
    assert!(page.contains("01/07/2026"), "{page}");
    for (day, status) in [("2026", 422), ("01/07/2026", 303)] {
        let frame = good_frame();
        let files: [(&str, &str, &[u8]); 1] = [("frame", "frame.csv", &frame)];
        let sent = post(&mut owner, &format!("{study}/frame"), &[("as_of", day)], &files);
        assert_eq!(sent.status, status, "{day}: {}", sent.body);
    }
    assert!(owner.get(&format!("{study}/sample")).expect("answers").body.contains("01/07/2026"));
}

/// Whoever reads what is wrong knows the labels on the page, not the names in the form,
/// and nothing of the libraries that read files.
#[test]
fn what_is_wrong_is_said_in_the_words_of_the_page() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let says = |page: &Answer, words: &[&str], not: &[&str]| {
        assert_eq!(page.status, 422, "{}", page.body);
        for word in words {
            assert!(page.body.contains(word), "{word}: {}", page.body);
        }
        for word in not {
            assert!(!page.body.contains(word), "{word}: {}", page.body);
        }
    };
    let wrong = [("name", "A"), ("organisation", ""), ("phone", "1"), ("closes_on", "31.2.26")];
    let page =
        post(&mut owner, "/studies", &wrong, &[("questionnaire", "q.xlsx", b"PK\x03\x04no")]);
    let words = [
        "Organisation (shown to respondents): fill this in",
        "Last day for answers: is not a valid date",
        "it is damaged",
        "id=\"organisation-error\"",
    ];
    says(&page, &words, &["closes_on:", "organisation:", "EOCD", "Zip"]);

    let here = [&STUDY[..], &[("source", "here")]].concat();
    let study = post(&mut owner, "/studies", &here, &[]).location.expect("a study");
    let study = study.split("/builder").next().expect("its address").to_owned();
    let frame = format!("{study}/frame");
    let page =
        post(&mut owner, &frame, &[("as_of", "1/13/2026")], &[("frame", "f.csv", b"id\n1\n")]);
    says(&page, &["Population as of: is not a valid date"], &["as_of:"]);
    let page = post(&mut owner, &frame, &[], &[]);
    says(&page, &["Sampling frame file: choose a file"], &["frame: choose"]);
    let page = post(&mut owner, &frame, &[], &[("frame", "f.xlsx", b"PK\x03\x04no")]);
    says(&page, &["the workbook is damaged or not whole"], &["EOCD", "Zip"]);
    // Nothing stands in it: no page asks what its columns are.
    let page = post(&mut owner, &frame, &[], &[("frame", "f.csv", b"\n\n")]);
    says(&page, &["there are no rows"], &[]);
    assert_eq!(owner.get(&frame).expect("answers").status, 404);
    let page = post(&mut owner, &format!("{study}/media"), &[], &[]);
    says(&page, &["Files: choose a file"], &["media:"]);
    let page = post(&mut owner, &format!("{study}/margins"), &[], &[]);
    says(&page, &["Population shares file: choose a file"], &["margins:"]);

    let planned = support::send_frame(&mut owner, 80);
    let page = owner.get(&format!("{planned}/sample/plan")).expect("answers");
    let mut pairs = support::form_of(&page).hidden;
    for (name, value) in [("s1_units", "clusters"), ("s1_total", "x"), ("by", "fields")] {
        pairs.push(pair(name, value));
    }
    let page = owner.post(&format!("{planned}/sample/plan"), &pairs).expect("answers");
    says(&page, &["Total to draw: enter a whole number"], &["s1_total:"]);
}
