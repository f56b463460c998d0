//! One study from set-up to closing, told on each database. Lan answers, Minh
//! refuses, Hoa breaks off, An is never reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use fielding::acts::draft::publishing_problems;
use fielding::acts::draw::{self, DrawRequest};
use fielding::acts::interview::{self, Interview, Saved, Standing};
use fielding::acts::media::{add_media, read_media};
use fielding::acts::people::set_up;
use fielding::acts::pool;
use fielding::acts::study::{self, NewStudy};
use fielding::clock::Clock;
use fielding::contact::ContactDetails;
use fielding::files::roles::{ContactColumns, Roles};
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::disposition::Disposition;
use fielding::rules::states::Privacy;
use fielding::store::files::FileRow;
use fielding::store::people::{self, User};
use fielding::store::studies::{self, Study};
use fielding::store::{
    Id, Instant, Scope, Store, Zone, attempts, cases, contacts, drafts, outbox, outcomes,
    responses, rounds,
};
use fielding::{App, Error};
use survey_builder::questionnaire::document::{Document, Hidden, Kind, Source, ValueKind};
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::{
    Allocation, Amount, Columns, Method, Plan, Seed, Share, Stage, StageUnits,
};

use super::support::on_each;

pub fn document() -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("a document")
}

fn frame() -> Vec<u8> {
    let mut csv = String::from("id,area,name,email\n");
    for number in 0..40 {
        let area = if number < 20 { "north" } else { "south" };
        csv += &format!("u{number},{area},Người {number},u{number}@example.org\n");
    }
    csv.into_bytes()
}

pub fn order() -> DrawRequest {
    DrawRequest {
        frame_name: "frame.csv".to_owned(),
        frame: frame(),
        roles: Roles {
            columns: Columns {
                unit: "id".to_owned(),
                strata: vec!["area".to_owned()],
                cluster: None,
                ..Columns::default()
            },
            contacts: ContactColumns {
                name: "name".to_owned(),
                email: "email".to_owned(),
                ..ContactColumns::default()
            },
            ..Roles::default()
        },
        plan: Plan::of(vec![Stage::new(
            StageUnits::Units,
            Method::Simple,
            Amount::Allocated(Allocation {
                total: 10,
                share: Share::Equal,
                minimum: 1,
                capped: false,
            }),
        )]),
        seed: Seed(1),
    }
}

pub struct Fieldwork {
    pub app: App,
    pub study: Study,
    pub cases: Vec<cases::CaseRow>,
}

pub fn set_up_study(store: &Store, privacy: Privacy) -> Fieldwork {
    set_up_on(store, privacy, document(), Vec::new())
}

/// A study that has no sample yet.
pub fn make_study(store: &Store, privacy: Privacy, document: Document) -> (App, Study) {
    let keys = Keys::random();
    let now = Clock::system().now();
    let clock = Clock::still(now);
    let app = App::new(store.clone(), keys, "http://127.0.0.1:1").with_clock(clock);
    let study = store
        .write_now(Scope::Everything, move |connection| {
            let owner = User {
                id: Id::rising(),
                email: "lan@example.org".to_owned(),
                name: "Lan".to_owned(),
                password_hash: None,
                language: "vi".to_owned(),
                disabled: false,
                created_at: now,
            };
            let unit = set_up(connection, "Nhóm", &owner)?;
            let new = NewStudy {
                unit_id: unit,
                name: "Đi lại".to_owned(),
                privacy,
                privacy_reason: String::new(),
                time_zone: Zone::default(),
                organisation: "Nhóm".to_owned(),
                phone: "1900".to_owned(),
                closes_on: None,
                import_notes: Vec::new(),
            };
            study::create_study(connection, now, None, &new, &document)
        })
        .expect("the study is made");
    (app, study)
}

/// A study on a questionnaire that shows these files, open.
pub fn set_up_on(
    store: &Store,
    privacy: Privacy,
    document: Document,
    shown: Vec<(String, Vec<u8>)>,
) -> Fieldwork {
    let (app, study) = make_study(store, privacy, document);
    let (id, now) = (study.id, app.clock.now());
    let drawn = draw::draw_sample(&order()).expect("drawn");
    prepare::store_sample(&app, None, id, drawn).expect("stored");
    store
        .write_now(Scope::Study(id), move |connection| {
            if !shown.is_empty() {
                let refused = study::open_study(connection, now, None, id);
                assert!(matches!(refused, Err(Error::Invalid(_))), "opens without its files");
                let rows = read_media(id, shown.clone()).expect("files");
                add_media(connection, now, None, id, &rows)?;
            }
            study::open_study(connection, now, None, id)
        })
        .expect("opened");
    prepare::invite(&app, None, id).expect("queued");
    let (study, cases) = store
        .read_now(|connection| {
            let study =
                studies::find(connection, id)?.ok_or(Error::NotFound(fielding::Missing::Study))?;
            Ok((study, cases::page(connection, id, 0, 100)?))
        })
        .expect("read");
    Fieldwork { app, study, cases }
}

impl Fieldwork {
    pub fn load(&self, case: usize) -> Interview {
        let secret = self.app.keys.link(self.cases[case].id);
        let app = self.app.clone();
        self.app
            .store
            .read_now(|connection| Interview::load(&app, connection, &secret))
            .expect("read")
            .expect("known")
    }

    pub async fn begin(&self, case: usize) {
        interview::begin(&self.app, &self.load(case), "vi", BTreeMap::new()).await.expect("begun");
    }

    pub async fn save(&self, case: usize, page: &str, fields: &[(&str, &str)]) -> Saved {
        self.save_with(case, page, fields, Vec::new()).await
    }

    pub async fn save_with(
        &self,
        case: usize,
        page: &str,
        fields: &[(&str, &str)],
        files: Vec<FileRow>,
    ) -> Saved {
        let current = self.load(case);
        let mut posted = Posted::new();
        for (name, value) in fields {
            posted.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        let index = current.version.page_named(page).expect("a page");
        let sequence = current.progress.sequence;
        interview::save_page(
            &self.app,
            current,
            &Stop::page(index),
            interview::Form { posted, sequence, files },
        )
        .await
        .expect("saved")
    }

    pub async fn answer_all(&self, case: usize) {
        self.begin(case).await;
        for (page, fields) in PAGES {
            let saved = self.save(case, page, fields).await;
            assert!(matches!(saved, Saved::Next(_) | Saved::AtEnd), "{page}: {saved:?}");
        }
        assert_eq!(interview::submit(&self.app, &self.load(case)).await.expect("submitted"), None);
    }

    pub fn count(&self, table: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            rows: i64,
        }
        let query = format!("SELECT count(*) AS rows FROM {table}");
        self.app
            .store
            .read_now(|connection| {
                Ok(diesel::sql_query(query).get_result::<Count>(connection)?.rows)
            })
            .expect("counted")
    }
}

pub const PAGES: &[(&str, &[(&str, &str)])] = &[
    ("consent", &[("consent", "1")]),
    ("work", &[("works", "no")]),
    ("uses", &[("uses", "bus")]),
    ("opinions", &[("safe", "5"), ("cheap", "3")]),
    ("score", &[("score", "7")]),
    ("age", &[("age", "40")]),
    ("since", &[]),
    ("words", &[]),
    ("thanks", &[]),
];

pub fn run<F: Future<Output = ()>>(future: F) {
    tokio::runtime::LocalRuntime::new().expect("a runtime").block_on(future);
}

#[test]
fn an_anonymous_study() {
    on_each(|fresh| run(anonymous(&fresh.store)));
}

async fn anonymous(store: &Store) {
    let fieldwork = set_up_study(store, Privacy::Anonymous);
    assert_eq!(fieldwork.cases.len(), 10);
    assert_eq!(fieldwork.load(0).standing(), Standing::New);
    let id = fieldwork.study.id;
    let now = fieldwork.app.clock.now();
    let round = store.read_now(|connection| rounds::current(connection, id)).expect("a round");

    // Lan answers everything.
    fieldwork.answer_all(0).await;
    let lan = fieldwork.load(0);
    assert_eq!(lan.standing(), Standing::Done);
    assert_eq!(lan.case.status.word(), "open", "the case does not show it");
    assert_eq!(lan.case.disposition, Disposition::NotAttempted);
    assert!(lan.response.is_none(), "there is no way from the case to the answers");
    for gone in ["response_links", "sealed_links", "response_revisions", "responses"] {
        assert_eq!(fieldwork.count(gone), 0, "{gone}");
    }
    assert_eq!(fieldwork.count("pooled_responses"), 1, "it waits for others");
    let days = store.read_now(|connection| rounds::days(connection, round.id)).expect("read");
    assert_eq!(days.into_values().collect::<Vec<_>>(), [1, 1], "begun and ended, as counts");

    // Minh refuses: what was said is removed.
    fieldwork.begin(1).await;
    let saved = fieldwork.save(1, "consent", &[("consent", "2")]).await;
    assert!(matches!(saved, Saved::Ended(_)));
    assert_eq!(fieldwork.load(1).standing(), Standing::Refused);
    assert_eq!(fieldwork.count("responses"), 0);
    assert_eq!(fieldwork.count("pooled_responses"), 1);

    // Hoa breaks off after two pages, and then half-way.
    fieldwork.begin(2).await;
    assert_eq!(fieldwork.load(2).disposition, Disposition::OpenedOnly);
    fieldwork.save(2, "consent", &[("consent", "1")]).await;
    fieldwork.save(2, "work", &[("works", "no")]).await;
    assert_eq!(fieldwork.load(2).disposition, Disposition::BrokeOff);
    for (page, fields) in &PAGES[2..6] {
        fieldwork.save(2, page, fields).await;
    }
    let hoa = fieldwork.load(2);
    assert_eq!(hoa.disposition, Disposition::Partial, "more than half is a partial interview");
    assert_eq!(hoa.case.disposition, Disposition::NotAttempted);

    // A reminder is queued for all, so that the queue tells nobody who has answered.
    let early = prepare::remind(&fieldwork.app, None, id);
    assert!(matches!(early, Err(Error::Invalid(_))), "two days must lie between messages");
    let later = now.plus_seconds(3 * 86_400);
    fieldwork.app.clock.set(later);
    assert_eq!(prepare::remind(&fieldwork.app, None, id).expect("queued"), 10);
    let counts =
        store.read_now(|connection| outcomes::counts_of(connection, round.id)).expect("read");
    let of = |code: Disposition| {
        counts.iter().filter(|(_, found, _)| *found == code).map(|(_, _, n)| n).sum::<i64>()
    };
    let total: i64 = counts.iter().map(|(_, _, cases)| cases).sum();
    assert_eq!(total, 10, "the counters add up to the cases: {counts:?}");
    assert_eq!(of(Disposition::Complete), 1);
    assert_eq!(of(Disposition::PersonRefused), 1);
    assert_eq!(of(Disposition::Partial), 1);

    closing(store, &fieldwork, &round);
}

/// What is left of the anonymous study moves together when it closes.
fn closing(store: &Store, fieldwork: &Fieldwork, round: &rounds::RoundRow) {
    let (id, keys) = (fieldwork.study.id, fieldwork.app.keys.clone());
    // One alone does not move on; closing takes all there is together.
    let (in_write, in_round) = (keys.clone(), round.clone());
    let moved = store
        .write_now(Scope::Study(id), move |connection| {
            pool::move_ready(connection, &in_write, &in_round)
        })
        .expect("looked at");
    assert_eq!(moved, 0);
    assert_eq!(prepare::close(&fieldwork.app, None, id).expect("closed"), 1);
    assert_eq!(fieldwork.load(3).standing(), Standing::Closed);
    assert_eq!(fieldwork.load(2).standing(), Standing::Closed, "broken off is not submitted");
    let stored = store.read_now(|connection| responses::interviews(connection, id)).expect("read");
    assert_eq!(stored.len(), 2);
    for row in &stored {
        assert_eq!(row.id.0.get_version_num(), 4, "its identity says nothing about when");
        assert_eq!(row.stratum, stored[0].stratum, "fewer than five in all say nothing by group");
        assert!(row.ended_on.is_none() && row.language.is_empty());
        assert_eq!(Some(row.began_on), round.opened_on);
    }
    for gone in ["sealed_links", "response_revisions", "pooled_responses", "batches"] {
        assert_eq!(fieldwork.count(gone), 0, "{gone}");
    }
}

#[test]
fn five_alike_move_on_together() {
    on_each(|fresh| run(five(&fresh.store)));
}

async fn five(store: &Store) {
    let fieldwork = set_up_study(store, Privacy::Anonymous);
    let id = fieldwork.study.id;
    let round = store.read_now(|connection| rounds::current(connection, id)).expect("a round");
    let move_on = || {
        let (keys, round) = (fieldwork.app.keys.clone(), round.clone());
        store
            .write_now(Scope::Study(id), move |connection| {
                pool::move_ready(connection, &keys, &round)
            })
            .expect("looked at")
    };
    // Five cases lie in each of two strata; of one five answer, of the other two.
    let north: Vec<usize> =
        (0..10).filter(|case| fieldwork.cases[*case].stratum == "north").collect();
    let south: Vec<usize> = (0..10).filter(|case| !north.contains(case)).collect();
    for case in &north[..4] {
        fieldwork.answer_all(*case).await;
    }
    for case in &south[..2] {
        fieldwork.answer_all(*case).await;
    }
    assert_eq!(move_on(), 0, "six in all, but no group of five");
    fieldwork.answer_all(north[4]).await;
    assert_eq!(move_on(), 5);
    assert_eq!(fieldwork.count("responses"), 5);
    assert_eq!(fieldwork.count("pooled_responses"), 2, "two wait on, under a new batch");
    assert_eq!(fieldwork.count("batches"), 1);
    fieldwork.answer_all(south[2]).await;
    assert_eq!(move_on(), 0);
    let stored = store.read_now(|connection| responses::interviews(connection, id)).expect("read");
    assert!(stored.iter().all(|row| row.stratum == "north"));
}

#[test]
fn a_prompt_comes_once_and_a_double_click_is_no_answer_to_it() {
    on_each(|fresh| run(prompts(&fresh.store)));
}

async fn prompts(store: &Store) {
    let fieldwork = set_up_study(store, Privacy::Confidential);
    fieldwork.begin(0).await;
    fieldwork.save(0, "consent", &[("consent", "1")]).await;
    let before = fieldwork.load(0).progress.sequence;
    assert_eq!(fieldwork.save(0, "work", &[]).await, Saved::Again, "asked again");
    // The same form a second time: it cannot have seen the prompt.
    let current = fieldwork.load(0);
    let index = current.version.page_named("work").expect("a page");
    let again = interview::save_page(
        &fieldwork.app,
        current,
        &Stop::page(index),
        interview::Form { sequence: before, ..interview::Form::default() },
    )
    .await;
    assert_eq!(again.expect("saved"), Saved::Again);
    assert!(matches!(fieldwork.save(0, "work", &[]).await, Saved::Next(_)), "then accepted");
    // What is wrong is kept as typed, what is right is stored.
    let saved = fieldwork.save(0, "opinions", &[("safe", "9"), ("cheap", "3")]).await;
    assert_eq!(saved, Saved::Again);
    let current = fieldwork.load(0);
    let page = current.version.page_named("opinions").expect("a page");
    let pending = current.pending(&Stop::page(page)).expect("pending");
    assert_eq!(pending.mistakes.len(), 1);
    assert_eq!(pending.posted["safe"], ["9"]);
    let (cheap, _) = current.version.item_named("cheap").expect("a row");
    assert!(current.progress.answers.get(cheap).is_some());
    // A page that is not on the path, and fields of another page, store nothing.
    let sequence = current.progress.sequence;
    assert_eq!(fieldwork.save(0, "most", &[("most", "bus")]).await, Saved::OffPath);
    assert_eq!(fieldwork.save(0, "work", &[("age", "40")]).await, Saved::OffPath);
    assert_eq!(fieldwork.load(0).progress.sequence, sequence);
}

#[test]
fn two_tabs_make_one_record() {
    on_each(|fresh| run(two_tabs(&fresh.store)));
}

async fn two_tabs(store: &Store) {
    let fieldwork = Arc::new(set_up_study(store, Privacy::Anonymous));
    fieldwork.begin(0).await;
    fieldwork.begin(0).await;
    assert_eq!(fieldwork.count("responses"), 1);
    fieldwork.save(0, "consent", &[("consent", "1")]).await;
    let tabs: Vec<_> = ["5", "3", "1", "5", "3", "1"]
        .into_iter()
        .map(|code| {
            let fieldwork = Arc::clone(&fieldwork);
            tokio::task::spawn_local(async move {
                fieldwork.save(0, "opinions", &[("safe", code), ("cheap", code)]).await
            })
        })
        .collect();
    for tab in tabs {
        // Whoever comes later is shown what was answered meanwhile.
        let saved = tab.await.expect("ran");
        assert!(matches!(saved, Saved::Next(_) | Saved::Again), "{saved:?}");
    }
    let current = fieldwork.load(0);
    let (safe, _) = current.version.item_named("safe").expect("a row");
    let (cheap, _) = current.version.item_named("cheap").expect("a row");
    assert_eq!(
        current.progress.answers.get(safe),
        current.progress.answers.get(cheap),
        "one tab's page, whole"
    );
}

#[test]
fn a_message_is_claimed_once() {
    on_each(|fresh| {
        let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
        let now = fieldwork.app.clock.now();
        let claims: Vec<_> = (0..4)
            .map(|_| {
                let store = fresh.store.clone();
                std::thread::spawn(move || {
                    store
                        .write_now(Scope::Everything, move |connection| {
                            outbox::claim(connection, now, 5)
                        })
                        .expect("claimed")
                })
            })
            .collect();
        let mut claimed: Vec<Id> = claims
            .into_iter()
            .flat_map(|claim| claim.join().expect("ran"))
            .map(|message| message.case_id)
            .collect();
        let all = claimed.len();
        claimed.sort();
        claimed.dedup();
        assert_eq!(claimed.len(), all, "no case twice");
        // A program that died while sending leaves messages that are never sent again.
        let later = now.plus_seconds(3600);
        let unsure = fresh
            .store
            .write_now(Scope::Everything, move |connection| outbox::mark_unsure(connection, later))
            .expect("marked");
        assert_eq!(unsure, all);
        let twice = prepare::invite(&fieldwork.app, None, fieldwork.study.id).expect("queued");
        assert_eq!(twice, 0, "an invitation is queued once a case");
    });
}

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = diesel::sql_types::Binary)]
    sealed: Vec<u8>,
}

#[test]
fn contacts_are_sealed() {
    on_each(|fresh| {
        let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
        let rows = fresh
            .store
            .read_now(|connection| {
                Ok(diesel::sql_query("SELECT sealed FROM contact_details")
                    .load::<Sealed>(connection)?)
            })
            .expect("read");
        assert_eq!(rows.len(), 10, "only of those drawn");
        for row in rows {
            assert!(!String::from_utf8_lossy(&row.sealed).contains("example.org"));
        }
        let case = fieldwork.cases[0].id;
        let opened = fresh
            .store
            .read_now(|connection| {
                let sealed = contacts::details_of(connection, case)?
                    .ok_or(Error::NotFound(fielding::Missing::Contact))?;
                ContactDetails::open(&fieldwork.app.keys, case, &sealed)
            })
            .expect("opens under the right key");
        assert!(opened.email.ends_with("@example.org"));
        assert!(ContactDetails::open(&Keys::random(), case, &[0; 64]).is_err());
    });
}

#[test]
fn a_failed_change_leaves_nothing() {
    on_each(|fresh| {
        let failed: Result<(), Error> = fresh.store.write_now(Scope::Everything, |connection| {
            people::insert_unit(
                connection,
                &people::Unit {
                    id: Id::rising(),
                    parent_id: None,
                    name: "x".to_owned(),
                    created_at: Instant(1),
                },
            )?;
            Err(Error::Forbidden)
        });
        assert!(matches!(failed, Err(Error::Forbidden)));
        let panicked: Result<(), Error> = fresh.store.write_now(Scope::Everything, |connection| {
            people::insert_unit(
                connection,
                &people::Unit {
                    id: Id::rising(),
                    parent_id: None,
                    name: "y".to_owned(),
                    created_at: Instant(1),
                },
            )?;
            assert!(!is_sqlite(connection), "a defect");
            Err(Error::Forbidden)
        });
        assert!(panicked.is_err());
        let root = fresh.store.read_now(people::root_unit).expect("read");
        assert!(root.is_none(), "{root:?}");
        // The writer lives on.
        fresh
            .store
            .write_now(Scope::Everything, |connection| {
                attempts::count_attempt(connection, b"x", Instant(1), 60)
            })
            .expect("writes");
    });
}

fn is_sqlite(connection: &mut fielding::store::Connection) -> bool {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    diesel::sql_query("SELECT sqlite_version() AS version")
        .get_result::<Version>(connection)
        .is_ok_and(|row| !row.version.is_empty())
}

/// Rows of a table in the order in which they lie in the file.
fn order_in_file(store: &Store, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        row: String,
    }
    let query = query.to_owned();
    store
        .read_now(|connection| Ok(diesel::sql_query(query).load::<Row>(connection)?))
        .expect("read")
        .into_iter()
        .map(|row| row.row)
        .collect()
}

/// What a thief of an SQLite file could do: put responses and the events of
/// cases side by side in the order in which they lie there.
#[test]
fn the_order_of_rows_tells_nothing_in_an_anonymous_study() {
    let fresh = super::support::sqlite();
    let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
    run(async {
        for case in 0..10 {
            fieldwork.answer_all(case).await;
        }
    });
    let responses = order_in_file(&fresh.store, "SELECT lower(hex(id)) AS row FROM responses");
    let mut sorted = responses.clone();
    sorted.sort();
    assert_eq!(responses, sorted, "responses lie in the order of their random identities");
    let with_rowid = order_in_file(
        &fresh.store,
        "SELECT name AS row FROM sqlite_master WHERE name = 'responses' AND sql NOT LIKE '%WITHOUT ROWID%'",
    );
    assert!(with_rowid.is_empty(), "there is no other order to read");
    let versions =
        order_in_file(&fresh.store, "SELECT substr(lower(hex(id)), 13, 1) AS row FROM contacts");
    assert!(versions.iter().all(|version| version == "4"), "events tell no time: {versions:?}");
}

/// What would stay blank without a word is told before it is published.
#[test]
fn a_column_taken_as_numbers_after_the_draw_is_told() {
    on_each(|fresh| {
        let mut document = document();
        let taken =
            |value| Kind::Hidden(Hidden { value, source: Source::Frame("size".to_owned()) });
        let page = document.pages_mut().into_iter().next().expect("a page");
        let mut size = page.questions[0].clone();
        (size.id, size.name) = (Id::random().0, "size".to_owned());
        size.kind = taken(ValueKind::Text);
        page.questions.insert(0, size.clone());
        let (app, study) = make_study(&fresh.store, Privacy::Identified, document);
        let mut request = order();
        let with_size = String::from_utf8(request.frame).expect("text");
        let cells = [",size", ",3.407", ",850", ",12.5"].into_iter().cycle();
        let rows = with_size.lines().zip(cells).map(|(line, cell)| match cell {
            ",size" if !line.starts_with("id,") => format!("{line},1.200\n"),
            cell => format!("{line}{cell}\n"),
        });
        request.frame = rows.collect::<String>().into_bytes();
        request.roles.kept = vec!["size".to_owned()];
        let drawn = draw::draw_sample(&request).expect("drawn");
        prepare::store_sample(&app, None, study.id, drawn).expect("stored");
        let told = |value| {
            let (study, size, kind) = (study.clone(), size.id, taken(value));
            fresh
                .store
                .read_now(move |connection| {
                    let mut stored = drafts::of_study(connection, study.id)?.expect("a draft");
                    let pages = stored.draft.document.pages_mut().into_iter();
                    let mut questions = pages.flat_map(|page| &mut page.questions);
                    questions.find(|one| one.id == size).expect("it").kind = kind;
                    drop(questions);
                    publishing_problems(connection, &study, &stored, "")
                })
                .expect("looked at")
        };
        assert_eq!(told(ValueKind::Text), Vec::new());
        let problems = told(ValueKind::Number);
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(codes, ["frame-numbers-unclear"]);
    });
}
