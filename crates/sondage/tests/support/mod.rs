//! A running service with a small study, for tests over real HTTP.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod office;

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use fielding::App;
use fielding::acts::draw::{self, DrawRequest, two_stage_plan};
use fielding::acts::people::set_up;
use fielding::acts::study::{self, NewStudy};
use fielding::clock::Clock;
use fielding::files::roles::Roles;
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::states::{Privacy, SessionStage};
use fielding::store::people::{self as store_people, User};
use fielding::store::sessions::{self, Session};
use fielding::store::{DatabaseUrl, Id, Instant, Scope, Store, Zone, cases};
use pages::site::Site;
use rust_xlsxwriter::Workbook;
use sondage::browser::{Answer, Browser, Form, encode, read_form};
use survey_builder::questionnaire::document::Document;
use survey_builder::sampling::Seed;

/// The service, stopped when dropped.
pub struct Service {
    pub app: App,
    pub base: String,
    pub study: Id,
    pub unit: Id,
    pub links: Vec<String>,
    pub cases: Vec<Id>,
    _server: Server,
    folder: tempfile::TempDir,
}

pub fn document() -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("a document")
}

/// A page and what is filled in on it.
pub type Page = (&'static str, &'static [(&'static str, &'static str)]);

/// The whole way through [`document`] of somebody without work.
pub const WHOLE: &[Page] = &[
    ("consent", &[("consent", "1")]),
    ("work", &[("works", "no")]),
    ("uses", &[("uses", "bus"), ("uses", "bike")]),
    ("most", &[("most", "bike")]),
    ("opinions", &[("safe", "5"), ("cheap", "98")]),
    ("score", &[("score", "10")]),
    ("age", &[("age", "41")]),
    ("since", &[("since", "2/9/2001")]),
    ("words", &[("idea", "Thêm xe buýt <b>")]),
    ("thanks", &[]),
];

/// 2 areas × 2 wards, everybody spread evenly.
pub fn frame(people: usize) -> String {
    let mut csv = String::from("id,area,ward,name,email,language\n");
    for person in 0..people {
        let area = if person % 2 == 0 { "north" } else { "south" };
        let ward = format!("{area}-{}", (person / 2) % 2);
        csv += &format!("p{person},{area},{ward},Người {person},p{person}@example.org,vi\n");
    }
    csv
}

pub fn user(email: &str) -> User {
    User {
        id: Id::rising(),
        email: email.to_owned(),
        name: email.split('@').next().unwrap_or_default().to_owned(),
        password_hash: None,
        language: "en".to_owned(),
        disabled: false,
        created_at: Clock::system().now(),
    }
}

/// A session that opens everything.
pub fn session(hash: &[u8], user: Id, now: Instant, until: Instant) -> Session {
    Session {
        token_hash: hash.to_vec(),
        id: Id::random(),
        user_id: user,
        created_at: now,
        expires_at: until,
        device: String::new(),
        seen_at: now,
        stage: SessionStage::Whole,
    }
}

impl Service {
    /// Starts with an open anonymous study of 20 cases.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store =
            Store::open(&DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).expect("opens");
        let app = App::new(store, Keys::random(), "http://127.0.0.1:1");
        let (unit, study) = make_study(&app, 40, 5);
        let (base, server) = serve_app(&app);
        let rows =
            app.store.read_now(|connection| cases::page(connection, study, 0, 100)).expect("cases");
        let links = rows.iter().map(|case| app.keys.link(case.id)).collect();
        let cases = rows.iter().map(|case| case.id).collect();
        Self { app, base, study, unit, links, cases, _server: server, folder }
    }

    /// The file of its database.
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("test.sqlite")
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// A browser signed in as somebody with that role in a unit.
    pub fn signed_in(&self, role: Role, unit: Id) -> Browser {
        let mut browser = self.browser();
        browser.set_cookie("session", &session_of(&self.app, role, unit));
        browser
    }
}

/// The token of a session of somebody new with that role in a unit.
pub fn session_of(app: &App, role: Role, unit: Id) -> String {
    let user = user(&format!("{}-{}@example.org", role.word(), Id::random()));
    let token = fielding::keys::random_token();
    let (id, hash, now) = (user.id, app.keys.lookup(&token), app.clock.now());
    app.store
        .write_now(Scope::Everything, move |connection| {
            store_people::insert_user(connection, &user)?;
            store_people::grant(connection, id, unit, role)?;
            sessions::insert(connection, &session(&hash, id, now, now.plus_seconds(86_400)))
        })
        .expect("made");
    token
}

/// A study to be made, without a last day.
pub fn new_study(unit: Id, name: &str, privacy: Privacy) -> NewStudy {
    NewStudy {
        unit_id: unit,
        name: name.to_owned(),
        privacy,
        privacy_reason: String::new(),
        time_zone: Zone::default(),
        organisation: "Nhóm nghiên cứu".to_owned(),
        phone: "1900 0000".to_owned(),
        closes_on: None,
        import_notes: Vec::new(),
    }
}

/// An open anonymous study of four wards with `each` cases, from a frame of
/// `people`. Gives the unit and the study.
pub fn make_study(app: &App, people: usize, each: u32) -> (Id, Id) {
    make_study_on(app, document(), people, each)
}

/// The same, on another questionnaire.
pub fn make_study_on(app: &App, document: Document, people: usize, each: u32) -> (Id, Id) {
    let owner = user("owner@example.org");
    let now = app.clock.now();
    let (unit, study) = app
        .store
        .write_now(Scope::Everything, move |connection| {
            let unit = set_up(connection, "Nhóm", &owner)?;
            let new = new_study(unit, "Đi lại", Privacy::Anonymous);
            Ok((unit, study::create_study(connection, now, None, &new, &document)?.id))
        })
        .expect("made");
    let drawn = draw::draw_sample(&DrawRequest {
        frame_name: "frame.csv".to_owned(),
        frame: frame(people).into_bytes(),
        roles: Roles::guess(&["id", "area", "ward", "name", "email", "language"]),
        plan: two_stage_plan(4, each),
        seed: Seed(7),
    })
    .expect("drawn");
    prepare::store_sample(app, None, study, drawn).expect("stored");
    app.store
        .write_now(Scope::Study(study), move |connection| {
            study::open_study(connection, now, None, study)
        })
        .expect("opened");
    (unit, study)
}

/// A form with files, as a browser sends it.
pub fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let boundary = "----sondage-test";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .bytes(),
        );
    }
    for (name, file, bytes) in files {
        body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// Sends a form with files from somebody's session.
pub fn send_parts(
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

/// A picture of one grey dot.
pub const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A workbook of these sheets.
pub fn workbook(sheets: &[(&str, Vec<Vec<String>>)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a name");
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write(row, column, cell).expect("a cell");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// The form token on a staff page.
pub fn token_of(html: &str) -> String {
    html.split("name=\"token\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

/// One field of a form.
pub fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The same, as it stands in an address.
pub fn escaped(text: &str) -> String {
    encode(text)
}

/// The form of a page of a study.
pub fn form_of(page: &Answer) -> Form {
    read_form(&page.body, "/studies/").unwrap_or_else(|| panic!("no form: {}", page.body))
}

/// A study with a frame of `people` and its columns named, made on pages. Gives its
/// address.
pub fn send_frame(browser: &mut Browser, people: usize) -> String {
    let mut post = |path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]| {
        send_parts(browser, path, fields, files)
    };
    let document = serde_json::to_vec(&document()).expect("JSON");
    let fields = [("name", "Phường"), ("organisation", "Nhóm"), ("phone", "1900")];
    let made = post("/studies", &fields, &[("questionnaire", "all.json", &document)]);
    let study = made.location.unwrap_or_else(|| panic!("{}", made.body));
    let frame = frame(people);
    post(&format!("{study}/frame"), &[], &[("frame", "frame.csv", frame.as_bytes())]);
    let roles = ["unit", "stratum", "cluster", "name", "email", "language"];
    let columns = ["id", "area", "ward", "name", "email", "language"].into_iter().zip(roles);
    let columns: Vec<(&str, &str)> =
        columns.flat_map(|(name, role)| [("column", name), ("role", role)]).collect();
    assert_eq!(post(&format!("{study}/frame/columns"), &columns, &[]).status, 303);
    study
}

/// Sends the form of a plan: `count` people of each of the four wards.
pub fn send_plan(owner: &mut Browser, form: &Form, count: &str, by: &str) -> Answer {
    let mut pairs = form.hidden.clone();
    for (name, value) in [
        ("s1_units", "clusters"),
        ("s1_method", "systematic_pps"),
        ("s1_total", "4"),
        ("s1_share", "proportional"),
        ("s1_minimum", "2"),
        ("s2_units", "units"),
        ("s2_method", "systematic"),
        ("s2_count", count),
        ("by", by),
    ] {
        pairs.push(pair(name, value));
    }
    owner.post(&form.action, &pairs).expect("answers")
}

/// A new `PostgreSQL` database where `SONDAGE_TEST_POSTGRESQL` names a server;
/// CI must name one.
pub fn postgresql_database() -> Option<String> {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, PgConnection};
    // Tests of one program run side by side.
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let Ok(server) = std::env::var("SONDAGE_TEST_POSTGRESQL") else {
        assert!(std::env::var_os("CI").is_none(), "CI must set SONDAGE_TEST_POSTGRESQL");
        println!("skipped on PostgreSQL: SONDAGE_TEST_POSTGRESQL is not set");
        return None;
    };
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("sondage_kill_{}_{number}", std::process::id());
    let mut admin = PgConnection::establish(&server).expect("the server answers");
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).expect("drops");
    admin.batch_execute(&format!("CREATE DATABASE {name}")).expect("creates");
    Some(format!("{}/{name}", server.rsplit_once('/').map_or(server.as_str(), |(host, _)| host)))
}

/// A server that stops when dropped.
pub struct Server(actix_web::dev::ServerHandle, Option<JoinHandle<()>>);

impl Drop for Server {
    fn drop(&mut self) {
        actix_web::rt::System::new().block_on(self.0.stop(false));
        if let Some(thread) = self.1.take() {
            // A panic in the server has been reported by the request that met it.
            let _ = thread.join();
        }
    }
}

/// Serves an application on a free port. Gives its address.
pub fn serve_app(app: &App) -> (String, Server) {
    serve_site(Site::new(app.clone()))
}

/// As [`serve_app`].
pub fn serve_site(site: Site) -> (String, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = pages::serve(site, listener, 2).expect("serves");
            sender.send(server.handle()).expect("heard");
            server.await.expect("stops cleanly");
        });
    });
    let handle = receiver.recv().expect("started");
    (base, Server(handle, Some(thread)))
}
