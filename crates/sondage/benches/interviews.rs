//! Completed interviews a second, beside the limit of the machine.
//!
//! The same client fills 20 questions on 4 pages over HTTP, in one run against
//! both: this program (path, checks, audit, tokens, rendered pages), and a bare
//! actix handler that stores each posted page durably by the same group commit
//! and answers with a page of the same size. Prints completes a second, server
//! CPU a complete, page latency, and the ratio; then what packing a page costs.
//!
//! `cargo bench -p sondage --bench interviews`

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and places of a benchmark"
)]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, HttpServer, web};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use fielding::App;
use fielding::acts::people::set_up;
use fielding::acts::study::{self, NewStudy};
use fielding::keys::Keys;
use fielding::rules::disposition::Disposition;
use fielding::rules::states::{CaseStatus, Privacy};
use fielding::store::cases::{self, CaseRow};
use fielding::store::people::User;
use fielding::store::{Connection, DatabaseUrl, Id, Scope, Store, Zone, outcomes, rounds};
use sondage::browser::{Browser, path_of, read_form};
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, Language, ListOption, NumberRange, OptionList, Page, Question,
    Required, Section, Text, TextRule, identity_of,
};

const PAGES: usize = 4;
const QUESTIONS_A_PAGE: usize = 5;
const INTERVIEWS: usize = 1_500;
const AT_ONCE: [usize; 2] = [1, 32];
const CLIENT_TURNS: usize = 3;
/// How often a page is asked for to time its packing.
const PACKED: u32 = 4_000;

fn text(words: &str) -> Text {
    Text::new("en", words)
}

/// 4 pages: a choice, two scales of five, a number, a short text.
fn document() -> Document {
    let id = |role: &str, name: &str| identity_of("bench", role, name);
    let options = (1..=5)
        .map(|code| {
            let label = text(&format!("Answer number {code}"));
            ListOption::new(id("option", &code.to_string()), &code.to_string(), label)
        })
        .collect();
    let pages = (0..PAGES)
        .map(|page| {
            let questions = (0..QUESTIONS_A_PAGE).map(|place| question(page, place)).collect();
            let name = format!("page{page}");
            Block::Page(Page::new(id("page", &page.to_string()), &name, questions))
        })
        .collect();
    Document {
        id: id("document", ""),
        name: "bench".to_owned(),
        title: text("Twenty questions"),
        languages: vec![Language { code: "en".to_owned(), name: "English".to_owned() }],
        default_language: "en".to_owned(),
        lists: vec![OptionList { id: id("list", "five"), name: "five".to_owned(), options }],
        sections: vec![Section::new(id("section", ""), "all", pages)],
        ..Document::default()
    }
}

fn question(page: usize, place: usize) -> Question {
    let name = format!("q{page}{place}");
    let kind = match place {
        3 => Kind::Integer(NumberRange {
            minimum: Some(0.0),
            maximum: Some(100.0),
            ..NumberRange::default()
        }),
        4 => Kind::ShortText(TextRule { at_most: Some(200), ..TextRule::default() }),
        _ => Kind::Single(Choice::of("five")),
    };
    let wording = text(&format!("Question {place} of page {page}: what do you think of it?"));
    let id = identity_of("bench", "question", &name);
    Question {
        required: Required::Hard,
        relevant: (page > 0).then(|| "q00 != '1'".to_owned()),
        ..Question::new(id, &name, wording, kind)
    }
}

fn value(name: &str) -> &'static str {
    match name.as_bytes().last() {
        Some(b'3') => "42",
        Some(b'4') => "A short text of some words",
        _ => "3",
    }
}

/// A data folder with a study of open cases; gives the links.
fn prepare(folder: &std::path::Path, interviews: usize) -> Vec<String> {
    let store = Store::open(&DatabaseUrl::Sqlite(folder.join("bench.sqlite"))).expect("opens");
    let keys = Keys::open(folder).expect("keys");
    let app = App::new(store, keys.clone(), "http://127.0.0.1:1");
    let now = app.clock.now();
    let owner = User {
        id: Id::rising(),
        email: "owner@example.org".to_owned(),
        name: "Owner".to_owned(),
        password_hash: None,
        language: "en".to_owned(),
        disabled: false,
        created_at: now,
    };
    app.store
        .write_now(Scope::Everything, move |connection| {
            let unit = set_up(connection, "Bench", &owner)?;
            let new = NewStudy {
                unit_id: unit,
                name: "Bench".to_owned(),
                privacy: Privacy::Anonymous,
                privacy_reason: String::new(),
                time_zone: Zone::default(),
                organisation: "Bench".to_owned(),
                phone: "0".to_owned(),
                closes_on: None,
                import_notes: Vec::new(),
            };
            let study = study::create_study(connection, now, None, &new, &document())?.id;
            study::open_study(connection, now, None, study)?;
            let round = rounds::current(connection, study)?.id;
            let mut links = Vec::with_capacity(interviews);
            for number in 1..=interviews {
                let id = Id::rising();
                let case = CaseRow {
                    id,
                    study_id: study,
                    round_id: round,
                    sampled_unit_id: None,
                    number: i64::try_from(number).unwrap_or(i64::MAX),
                    stratum: "all".to_owned(),
                    link_hash: keys.lookup(&keys.link(id)),
                    code_hash: keys.lookup(&keys.code(id)),
                    language: "en".to_owned(),
                    status: CaseStatus::Open,
                    disposition: Disposition::NotAttempted,
                    ended_on: None,
                };
                cases::insert(connection, &case, None)?;
                outcomes::add(connection, round, "all", Disposition::NotAttempted, 1)?;
                links.push(keys.link(id));
            }
            Ok(links)
        })
        .expect("prepared")
}

/// The limit: a page posted, stored durably, answered; nothing else.
fn serve_limit(folder: &std::path::Path, port: u16, page: String) {
    let store = Store::open(&DatabaseUrl::Sqlite(folder.join("limit.sqlite"))).expect("opens");
    store
        .write_now(Scope::Everything, |connection| {
            if let Connection::Sqlite(sqlite) = connection {
                sqlite.batch_execute(
                    "CREATE TABLE pages (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
                )?;
            }
            Ok(())
        })
        .expect("made");
    let page = web::Data::new(page);
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            actix_web::App::new()
                .app_data(web::Data::new(store.clone()))
                .app_data(web::Data::clone(&page))
                .route("/{path:.*}", web::get().to(limit_get))
                .route("/{path:.*}", web::post().to(limit_post))
        })
        .workers(2)
        .bind(("127.0.0.1", port))
        .expect("binds")
        .run()
        .await
        .expect("serves");
    });
}

async fn limit_get(page: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.as_str().to_owned())
}

async fn limit_post(store: web::Data<Store>, body: String) -> HttpResponse {
    let stored = store
        .write(Scope::Everything, move |connection| {
            diesel::sql_query("INSERT INTO pages (body) VALUES ($1)")
                .bind::<diesel::sql_types::Text, _>(body.clone())
                .execute(connection)?;
            Ok(())
        })
        .await;
    match stored {
        Ok(()) => HttpResponse::SeeOther().insert_header(("location", "/next")).finish(),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// CPU seconds that a process has used.
fn cpu_seconds(process: u32) -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks =
        |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_A_SECOND
}

struct Measured {
    completes_a_second: f64,
    cpu_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// Runs the client: `at_once` people until `interviews` are done.
fn measure(
    base: &str,
    process: u32,
    at_once: usize,
    interviews: usize,
    interview: &(dyn Fn(&mut Browser, usize, &mut Vec<f64>) + Sync),
) -> Measured {
    let next = AtomicUsize::new(0);
    let latencies: Mutex<Vec<f64>> = Mutex::new(Vec::new());
    let cpu = cpu_seconds(process);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                let agent = Browser::new(base).agent();
                let mut own = Vec::new();
                loop {
                    let person = next.fetch_add(1, Ordering::Relaxed);
                    if person >= interviews {
                        break;
                    }
                    let mut browser = Browser::with_agent(base, agent.clone());
                    interview(&mut browser, person, &mut own);
                }
                latencies.lock().expect("not poisoned").extend(own);
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds(process) - cpu;
    let mut latencies = latencies.into_inner().expect("not poisoned");
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize] * 1e3;
    let completes = interviews as f64;
    Measured {
        completes_a_second: completes / seconds,
        cpu_ms: cpu / completes * 1e3,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
    }
}

fn timed<T>(latencies: &mut Vec<f64>, request: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let answer = request();
    latencies.push(began.elapsed().as_secs_f64());
    answer
}

/// Welcome, start, 4 × (page, save), last page, submit, thanks.
fn real_interview(browser: &mut Browser, link: &str, latencies: &mut Vec<f64>) {
    let welcome = timed(latencies, || browser.get(&format!("/r/{link}"))).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    timed(latencies, || browser.post(&form.action, &form.hidden)).expect("answers");
    for page in 0..PAGES {
        let path = format!("/answer/page/page{page}");
        let shown = timed(latencies, || browser.get(&path)).expect("answers");
        let form = read_form(&shown.body, &path).expect("a form");
        let mut filled = form.hidden.clone();
        filled.extend(
            form.fields.iter().map(|field| (field.name.clone(), value(&field.name).to_owned())),
        );
        let saved = timed(latencies, || browser.post(&path, &filled)).expect("answers");
        assert_eq!(saved.status, 303);
    }
    let last = timed(latencies, || browser.get("/answer/end")).expect("answers");
    let form = read_form(&last.body, "/answer/end").expect("a form");
    let done = timed(latencies, || browser.post(&form.action, &form.hidden)).expect("answers");
    assert_eq!(done.location.as_deref().map(path_of), Some("/answer/done"));
    timed(latencies, || browser.get("/answer/done")).expect("answers");
}

/// The same number of requests, pages and stored bytes, without the program.
fn limit_interview(browser: &mut Browser, latencies: &mut Vec<f64>) {
    let filled: Vec<(String, String)> = (0..QUESTIONS_A_PAGE)
        .map(|place| (format!("q0{place}"), value(&format!("q0{place}")).to_owned()))
        .collect();
    for _ in 0..PAGES + 2 {
        let page = timed(latencies, || browser.get("/page")).expect("answers");
        assert!(read_form(&page.body, "/answer").is_some());
        let saved = timed(latencies, || browser.post("/page", &filled)).expect("answers");
        assert_eq!(saved.status, 303);
    }
    timed(latencies, || browser.get("/done")).expect("answers");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("bound").port()
}

fn wait_for(base: &str, path: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Browser::new(base).get(path).map_or(0, |answer| answer.status) != 200 {
        assert!(Instant::now() < deadline, "{base} did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn median(mut runs: Vec<Measured>) -> Measured {
    runs.sort_by(|left, right| left.completes_a_second.total_cmp(&right.completes_a_second));
    runs.swap_remove(runs.len() / 2)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, first, folder, port, page] = arguments.as_slice()
        && first == "limit"
    {
        let page = std::fs::read_to_string(page).expect("the page");
        serve_limit(std::path::Path::new(folder), port.parse().expect("a port"), page);
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let all = INTERVIEWS * AT_ONCE.len() * CLIENT_TURNS + 1;
    let links = prepare(folder.path(), all);
    let (port, limit_port) = (free_port(), free_port());
    let program = Stopped(
        Command::new(env!("CARGO_BIN_EXE_sondage"))
            .args(["serve", "--workers", "2", "--data"])
            .arg(folder.path())
            .args([
                "--database",
                &format!("sqlite:{}", folder.path().join("bench.sqlite").display()),
            ])
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .spawn()
            .expect("starts"),
    );
    let base = format!("http://127.0.0.1:{port}");
    wait_for(&base, "/health");
    // A page of the program is what the limit sends.
    let mut browser = Browser::new(&base);
    let welcome = browser.get(&format!("/r/{}", links[all - 1])).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    let (_, page) = browser.submit(&form.action, &form.hidden).expect("answers");
    let file = folder.path().join("page.html");
    std::fs::write(&file, &page.body).expect("written");
    let limit = Stopped(
        Command::new(std::env::current_exe().expect("a path"))
            .arg("limit")
            .arg(folder.path())
            .arg(limit_port.to_string())
            .arg(&file)
            .spawn()
            .expect("starts"),
    );
    let limit_base = format!("http://127.0.0.1:{limit_port}");
    wait_for(&limit_base, "/page");
    println!(
        "{INTERVIEWS} interviews of {} questions on {PAGES} pages ({} bytes a page), medians of \
         {CLIENT_TURNS} runs; SQLite, synchronous=FULL",
        PAGES * QUESTIONS_A_PAGE,
        page.body.len()
    );
    compare((&base, program.0.id()), (&limit_base, limit.0.id()), &links);
    packing(&base, program.0.id(), browser.cookie("interview").expect("a link"));
}

/// What packing a page costs beside making it: the same page as text, and as each
/// packing that browsers take.
fn packing(base: &str, program: u32, link: &str) {
    println!("\n| the same page as | bytes sent | server CPU µs a page |");
    println!("|---|---|---|");
    let agent = Browser::new(base).agent();
    let (url, cookie) = (format!("{base}/answer/page/page0"), format!("interview={link}"));
    for encoding in ["identity", "gzip", "gzip, deflate, br, zstd"] {
        let before = cpu_seconds(program);
        let mut bytes = 0;
        for _ in 0..PACKED {
            let request = agent.get(&url).header("Accept-Encoding", encoding);
            let request = request.header("Cookie", &cookie);
            let mut answer = request.call().expect("answers");
            bytes = answer.body_mut().read_to_vec().expect("a body").len();
        }
        let micros = (cpu_seconds(program) - before) / f64::from(PACKED) * 1e6;
        println!("| {encoding} | {bytes} | {micros:.0} |");
    }
}

/// Measures both in turn and prints the table.
fn compare((base, program): (&str, u32), (limit_base, limit): (&str, u32), links: &[String]) {
    println!(
        "| at once | what | completes/s | server CPU ms a complete | page p50 ms | page p99 ms |"
    );
    println!("|---|---|---|---|---|---|");
    let mut used = 0;
    for at_once in AT_ONCE {
        let (mut real, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..CLIENT_TURNS {
            let own = &links[used..used + INTERVIEWS];
            used += INTERVIEWS;
            // One person at a time is slow: fewer tell the same.
            let interviews = if at_once == 1 { INTERVIEWS / 5 } else { INTERVIEWS };
            real.push(measure(
                base,
                program,
                at_once,
                interviews,
                &|browser, person, latencies| {
                    real_interview(browser, &own[person], latencies);
                },
            ));
            bare.push(measure(limit_base, limit, at_once, interviews, &|browser, _, latencies| {
                limit_interview(browser, latencies);
            }));
        }
        let (real, bare) = (median(real), median(bare));
        for (name, measured) in [("sondage", &real), ("limit", &bare)] {
            println!(
                "| {at_once} | {name} | {:.0} | {:.2} | {:.2} | {:.2} |",
                measured.completes_a_second, measured.cpu_ms, measured.p50_ms, measured.p99_ms
            );
        }
        println!(
            "| {at_once} | ratio | {:.2} of the limit | {:.1} times | {:.1} times | {:.1} times |",
            real.completes_a_second / bare.completes_a_second,
            real.cpu_ms / bare.cpu_ms,
            real.p50_ms / bare.p50_ms,
            real.p99_ms / bare.p99_ms
        );
    }
}
