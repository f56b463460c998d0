//! Two built programs on one server: one person on both of them at the same moment.

#[path = "support/program.rs"]
mod program;
mod support;

use std::sync::Barrier;

use fielding::App;
use fielding::keys::Keys;
use fielding::store::{Connection, DatabaseUrl, Store, cases};
use program::Program;
use sondage::browser::{Answer, Browser, Form, path_of, read_form};
use support::{WHOLE, make_study, pair};

/// People who press everything twice, once on each.
const PEOPLE: usize = 8;

/// One person's two browsers, a node each.
struct Two([Browser; 2]);

impl Two {
    /// Both send a form at once.
    fn at_once(&mut self, forms: &[Form; 2], more: &[(&str, &str)]) -> [Answer; 2] {
        let start = Barrier::new(2);
        std::thread::scope(|scope| {
            let sending = self.0.each_mut();
            let mut sent = sending.into_iter().zip(forms).map(|(browser, form)| {
                let start = &start;
                scope.spawn(move || {
                    let mut filled = form.hidden.clone();
                    filled.extend(more.iter().map(|(name, value)| pair(name, value)));
                    start.wait();
                    browser.post(&form.action, &filled).expect("answers")
                })
            });
            let both = [sent.next().expect("one"), sent.next().expect("two")];
            both.map(|one| one.join().expect("no panic"))
        })
    }

    /// The form of a page, on each.
    fn forms(&mut self, path: &str, action: &str) -> [Form; 2] {
        self.0.each_mut().map(|browser| {
            let page = browser.get(path).expect("answers");
            let page = match page.location {
                Some(own) => browser.get(&own).expect("answers"),
                None => page,
            };
            read_form(&page.body, action).unwrap_or_else(|| panic!("{path}: {}", page.status))
        })
    }
}

#[test]
fn start_and_submit_are_pressed_on_two_nodes_at_once() {
    let Some(database) = support::postgresql_database() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::parse(&database).expect("an address");
    let keys = Keys::open(folder.path()).expect("keys");
    let app = App::new(Store::open(&url).expect("opens"), keys, "http://127.0.0.1:1");
    let (_, study) = make_study(&app, 40, 5);
    let rows = move |connection: &mut Connection| cases::page(connection, study, 0, 100);
    let links: Vec<String> =
        app.store.read_now(rows).expect("cases").iter().map(link(&app)).collect();
    let settings = ["--database", &database];
    let nodes = [(); 2].map(|()| Program::serve(folder.path(), &settings, &[]));
    let number = |query: &'static str| {
        use diesel::RunQueryDsl as _;
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let read = move |connection: &mut Connection| {
            Ok(diesel::sql_query(query).get_result::<Number>(connection)?.number)
        };
        app.store.read_now(read).expect("counted")
    };
    for link in &links[..PEOPLE] {
        let mut two = Two(nodes.each_ref().map(|node| Browser::new(&node.address)));
        let forms = two.forms(&format!("/r/{link}"), "/answer/start");
        for started in two.at_once(&forms, &[]) {
            assert_eq!(started.status, 303, "{}", started.body);
        }
        for (page, fields) in WHOLE {
            let path = format!("/answer/page/{page}");
            let forms = two.forms(&path, &path);
            for saved in two.at_once(&forms, fields) {
                assert!(matches!(saved.status, 200 | 303), "{page}: {}", saved.status);
            }
        }
        let forms = two.forms("/answer/end", "/answer/end");
        let ended = two.at_once(&forms, &[]);
        for end in &ended {
            assert_eq!(end.status, 303, "{}", end.body);
            let at = end.location.as_deref().map(path_of);
            assert_eq!(at, Some("/answer/done"), "both are thanked");
        }
    }
    let people = i64::try_from(PEOPLE).expect("few");
    assert_eq!(number("SELECT count(*) AS number FROM ended_marks"), people);
    assert_eq!(number("SELECT count(*) AS number FROM sealed_links"), 0, "no way is left");
    assert_eq!(number("SELECT count(*) AS number FROM response_revisions"), 0);
    let stored = "SELECT (SELECT count(*) FROM pooled_responses) \
                  + (SELECT count(*) FROM responses) AS number";
    assert_eq!(number(stored), people, "each answered once");
    let counted = "SELECT CAST(sum(cases) AS BIGINT) AS number FROM outcome_counts \
                   WHERE disposition = '1.1'";
    assert_eq!(number(counted), people);
    // A text with a sign that the server does not take is a text.
    let mut two = Two(nodes.each_ref().map(|node| Browser::new(&node.address)));
    let forms = two.forms(&format!("/r/{}", links[PEOPLE]), "/answer/start");
    assert_eq!(two.at_once(&forms, &[]).map(|one| one.status), [303, 303]);
    for (page, fields) in &WHOLE[..9] {
        let path = format!("/answer/page/{page}");
        let forms = two.forms(&path, &path);
        let nul = [("idea", "xe\u{0}buýt")];
        let fields = if *page == "words" { &nul[..] } else { fields };
        for saved in two.at_once(&forms, fields) {
            assert!(matches!(saved.status, 200 | 303), "{page}: {}", saved.status);
        }
    }
}

/// The secret of a case's link.
fn link(app: &App) -> impl Fn(&cases::CaseRow) -> String {
    let keys = app.keys.clone();
    move |case| keys.link(case.id)
}
