//! What respondents feel while something large is stored: pages saved one after
//! the other, first in quiet, then while a sample of 100,000 is drawn, while its
//! replicates are released, while they are invited, and while the study is closed.
//!
//! `cargo bench -p sondage --bench portions`

#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "places")]
#![expect(clippy::cast_sign_loss, reason = "places")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fielding::App;
use fielding::acts::draw::{DrawRequest, Drawn, draw_sample, two_stage_plan};
use fielding::acts::study;
use fielding::files::roles::Roles;
use fielding::jobs::prepare;
use fielding::rules::states::Privacy;
use fielding::store::{Id, Scope};
use sondage::browser::{Browser, read_form};
use support::{Service, document, frame, new_study};
use survey_builder::sampling::Seed;
use survey_builder::sampling::plan::{Plan, Release};

const PEOPLE: usize = 200_000;
const EACH: u32 = 25_000;
const AT_ONCE: usize = 4;
/// The p99 of saving may grow so many times.
const MOST: f64 = 3.0;

/// A study beside the one that is answered, and a draw for it.
fn large(app: &App, unit: Id) -> (Id, Drawn) {
    let now = app.clock.now();
    let study = app
        .store
        .write_now(Scope::Everything, move |connection| {
            let new = new_study(unit, "Large", Privacy::Identified);
            let id = study::create_study(connection, now, None, &new, &document())?.id;
            study::open_study(connection, now, None, id)?;
            Ok(id)
        })
        .expect("made");
    let order = DrawRequest {
        frame_name: "frame.csv".to_owned(),
        frame: frame(PEOPLE).into_bytes(),
        roles: Roles::guess(&["id", "area", "ward", "name", "email", "language"]),
        plan: Plan {
            release: Some(Release { replicates: 2, reserve: 0 }),
            ..two_stage_plan(4, EACH)
        },
        seed: Seed(7),
    };
    (study, draw_sample(&order).expect("drawn"))
}

/// Saves the same page again and again until told to stop: milliseconds of each.
fn save(base: &str, link: &str, stop: &AtomicBool) -> Vec<f64> {
    let mut browser = Browser::new(base);
    let welcome = browser.get(&format!("/r/{link}")).expect("answers");
    if let Some(form) = read_form(&welcome.body, "/answer/start") {
        browser.post(&form.action, &form.hidden).expect("answers");
    }
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let next = browser.get("/answer/page/consent").expect("answers");
        let next = match next.location {
            Some(own) => browser.get(&own).expect("answers"),
            None => next,
        };
        let form = read_form(&next.body, "/answer/page/consent").expect("a form");
        let mut fields = form.hidden.clone();
        fields.push(support::pair("consent", "1"));
        let began = Instant::now();
        let saved = browser.post("/answer/page/consent", &fields).expect("answers");
        assert_eq!(saved.status, 303);
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    took
}

/// The 50th and 99th percentile of saving while something is done, and its seconds.
fn meanwhile(service: &Service, work: impl FnOnce()) -> (f64, f64, f64, usize) {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let turn = TURN.fetch_add(AT_ONCE, Ordering::Relaxed);
    let began = Instant::now();
    let mut took: Vec<f64> = std::thread::scope(|scope| {
        let saving: Vec<_> = (0..AT_ONCE)
            .map(|person| {
                let link = &service.links[(turn + person) % service.links.len()];
                scope.spawn(|| save(&service.base, link, &stop))
            })
            .collect();
        work();
        stop.store(true, Ordering::Relaxed);
        saving.into_iter().flat_map(|one| one.join().expect("saved")).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    // Where nobody could save before it was over, the wait was at least as long.
    if took.is_empty() {
        took.push(seconds * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    (at(0.5), at(0.99), seconds, took.len())
}

fn main() {
    let service = Service::start();
    let (study, drawn) = large(&service.app, service.unit);
    println!("| while | seconds | saves | p50 ms | p99 ms | times the quiet p99 |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut quiet = 0.0;
    let mut row = |name: &str, (p50, p99, seconds, saves): (f64, f64, f64, usize)| {
        quiet = if quiet == 0.0 { p99 } else { quiet };
        let times = p99 / quiet;
        println!("| {name} | {seconds:.1} | {saves} | {p50:.1} | {p99:.1} | {times:.1} |");
        times
    };
    let app = &service.app;
    row("nothing else", meanwhile(&service, || std::thread::sleep(Duration::from_secs(8))));
    let worst = [
        row(
            "drawing",
            meanwhile(&service, || {
                prepare::store_sample(app, None, study, drawn).map(drop).expect("stored");
            }),
        ),
        row(
            "releasing",
            meanwhile(&service, || {
                let released = prepare::release(app, None, study, 2).expect("released");
                assert_eq!(released, EACH as usize * 4);
            }),
        ),
        row(
            "inviting",
            meanwhile(&service, || {
                prepare::invite(app, None, study).map(drop).expect("queued");
            }),
        ),
        row(
            "closing",
            meanwhile(&service, || {
                prepare::close(app, None, study).map(drop).expect("closed");
            }),
        ),
    ]
    .into_iter()
    .fold(0.0, f64::max);
    let met = if worst <= MOST { "met" } else { "not met" };
    println!("worst {worst:.1} times, wanted at most {MOST}: {met}");
}
