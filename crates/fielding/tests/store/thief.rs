//! Whoever holds copies of the files of an anonymous study learns who answered
//! what of nobody: not from the database, not from its journal while the program
//! runs, not from copies of different times, not from the numbers that a server
//! writes to its rows. With the keys, only of who is answering just now and of who
//! waits for the batch.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection};
use fielding::acts::interview::Saved;
use fielding::acts::pool;
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::states::Privacy;
use fielding::store::thief::{Finding, Way, look};
use fielding::store::{Connection, DatabaseUrl, Id, Scope, rounds};
use survey_builder::questionnaire::document::{Document, Ending};

use super::story::{Fieldwork, document, run, set_up_on, set_up_study};
use super::support::{Fresh, on_each, postgresql};

/// What a thief reads: the file with its journal as they are just now, or the
/// server.
fn place(fresh: &Fresh) -> String {
    match &fresh.url {
        DatabaseUrl::Sqlite(path) => path.display().to_string(),
        DatabaseUrl::Postgresql(url) => url.clone(),
    }
}

fn robbed(fresh: &Fresh, keys: Option<&Keys>) -> Finding {
    look(&[place(fresh)], keys).expect("read").remove(0)
}

fn move_ready(fieldwork: &Fieldwork) -> usize {
    let (id, keys) = (fieldwork.study.id, fieldwork.app.keys.clone());
    let change = move |connection: &mut _| {
        let round = rounds::current(connection, id)?;
        pool::move_ready(connection, &keys, &round)
    };
    fieldwork.app.store.write_now(Scope::Study(id), change).expect("looked at")
}

#[test]
fn copies_of_an_anonymous_study_tell_of_nobody() {
    on_each(|fresh| run(fieldwork(fresh)));
}

/// The questionnaire, in which people who are away are not asked.
fn screening() -> Document {
    let mut document = document();
    let list = document.lists.iter_mut().find(|list| list.name == "yes_no").expect("a list");
    let mut away = list.options[0].clone();
    "away".clone_into(&mut away.code);
    away.ends = Some(Ending::ScreenedOut);
    list.options.push(away);
    document
}

async fn fieldwork(fresh: &Fresh) {
    let fieldwork = set_up_on(&fresh.store, Privacy::Anonymous, screening(), Vec::new());
    let journal = Journal::of(fresh);
    let copies = tempfile::tempdir().expect("a folder");
    let mut kept: Vec<String> = Vec::new();
    let keys = fieldwork.app.keys.clone();
    for case in 0..10 {
        match case {
            // Bình is away, Minh refuses, Hoa breaks off, An looks and goes.
            5 => {
                fieldwork.begin(case).await;
                fieldwork.save(case, "consent", &[("consent", "1")]).await;
                let saved = fieldwork.save(case, "work", &[("works", "away")]).await;
                assert!(matches!(saved, Saved::Ended(_)));
            }
            7 => {
                fieldwork.begin(case).await;
                fieldwork.save(case, "consent", &[("consent", "2")]).await;
            }
            8 => {
                fieldwork.begin(case).await;
                fieldwork.save(case, "consent", &[("consent", "1")]).await;
            }
            9 => fieldwork.begin(case).await,
            _ => fieldwork.answer_all(case).await,
        }
        move_ready(&fieldwork);
        if let DatabaseUrl::Sqlite(path) = &fresh.url {
            kept.push(copy(path, copies.path(), case));
        }
        let now = robbed(fresh, None);
        assert_eq!(now.pairs, std::collections::BTreeMap::new(), "after case {case}");
        assert_eq!(now.small_groups, 0, "after case {case}: {now:?}");
        // A day later.
        let later = fieldwork.app.clock.now().plus_seconds(86_400);
        fieldwork.app.clock.set(later);
    }
    let with_keys = robbed(fresh, Some(&keys));
    assert_eq!(with_keys.open_with_keys, 2, "who is answering");
    assert_eq!(with_keys.ended_with_keys, 8, "six who answered, one away, one who refused");
    let waiting = with_keys.waiting_with_keys;
    assert_eq!(waiting + with_keys.ended, 7, "{with_keys:?}");
    if !kept.is_empty() {
        let all = look(&kept, None).expect("read").remove(0);
        assert_eq!(all.pair_count(), 0, "copies of every day: {all:?}");
    }
    prepare::close(&fieldwork.app, None, fieldwork.study.id).expect("closed");
    let closed = robbed(fresh, Some(&fieldwork.app.keys));
    assert_eq!((closed.open_with_keys, closed.waiting_with_keys), (0, 0));
    // Who has answered stays known to the keys; what, to nobody.
    assert_eq!(closed.ended_with_keys, 10);
    assert_eq!(closed.pair_count(), 0);
    assert_eq!(closed.small_groups, 0, "{closed:?}");
    // Six answered and one was away; two were broken off and say so, in the same groups.
    assert_eq!(closed.ended, 9);
    if let Some(journal) = journal {
        let held = [place(fresh), journal.kept(copies.path())];
        let found = look(&held, None).expect("read").remove(0);
        assert_eq!(found.pair_count(), 0, "with the server's journal: {found:?}");
    }
}

/// What a server writes to its journal from some moment on.
struct Journal {
    connection: PgConnection,
    from: String,
}

#[derive(QueryableByName)]
struct Segment {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = diesel::sql_types::Binary)]
    bytes: Vec<u8>,
}

impl Journal {
    fn of(fresh: &Fresh) -> Option<Self> {
        let DatabaseUrl::Postgresql(url) = &fresh.url else { return None };
        let mut connection = PgConnection::establish(url).expect("the server answers");
        // Nothing is thrown away of it until this connection goes.
        let name = url.rsplit('/').next().expect("a name");
        let held = format!("SELECT pg_create_physical_replication_slot('{name}', true, true)");
        connection.batch_execute(&held).expect("held");
        let from = Self::segment(&mut connection);
        Some(Self { connection, from })
    }

    /// The name of the file that is written just now.
    fn segment(connection: &mut PgConnection) -> String {
        let now = "SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name";
        diesel::sql_query(now).get_result::<Segment>(connection).expect("a name").name
    }

    /// Puts what was written since into a folder of its own.
    fn kept(mut self, folder: &Path) -> String {
        let connection = &mut self.connection;
        connection.batch_execute("SELECT pg_switch_wal()").expect("written out");
        let upto = Self::segment(connection);
        let listed = format!(
            "SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{{24}}$' \
             AND name BETWEEN '{}' AND '{upto}'",
            self.from
        );
        let folder = folder.join("journal");
        std::fs::create_dir_all(&folder).expect("a folder");
        for Segment { name } in diesel::sql_query(listed).load(connection).expect("listed") {
            let content = format!("SELECT pg_read_binary_file('pg_wal/{name}') AS bytes");
            let content: Content = diesel::sql_query(content).get_result(connection).expect("read");
            std::fs::write(folder.join(name), content.bytes).expect("written");
        }
        folder.display().to_string()
    }
}

/// A case and a response that something names together.
fn two(fieldwork: &Fieldwork) -> (Id, Id) {
    let read = |connection: &mut Connection| {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Binary)]
            id: Vec<u8>,
        }
        let row: Row = diesel::sql_query("SELECT id FROM responses").get_result(connection)?;
        Ok(Id(uuid::Uuid::from_slice(&row.id).expect("an identity")))
    };
    (fieldwork.cases[3].id, fieldwork.app.store.read_now(read).expect("read"))
}

#[test]
fn the_thief_reads_what_lies_beside_a_database() {
    on_each(|fresh| {
        let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
        run(async { fieldwork.begin(3).await });
        let (case, response) = two(&fieldwork);
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        let held = [place(fresh), folder.path().display().to_string()];
        let files = || {
            let found = look(&held, None).expect("read").remove(0);
            found.pairs.get(&Way::Files).copied().unwrap_or(0)
        };
        write("quiet.log", format!("{case} invited\nstarted\n"));
        assert_eq!(files(), 0);
        // A line that names both, a file that does, and one without hyphens.
        write("loud.log", format!("saved\ncase={case} response={response}\n"));
        assert_eq!(files(), 1);
        std::fs::remove_file(folder.path().join("loud.log")).expect("removed");
        write("one-person.txt", format!("{}\n{}\n", case.0.simple(), response.0.simple()));
        assert_eq!(files(), 1);
    });
}

#[test]
fn the_thief_reads_a_servers_journal() {
    let Some(fresh) = postgresql() else { return };
    let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
    run(async { fieldwork.begin(3).await });
    let (case, response) = two(&fieldwork);
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::of(&fresh).expect("a server");
    // A way that was there for a moment, as identified studies have it.
    let (case, response) = (case.0.simple(), response.0.simple());
    let moment = format!(
        "INSERT INTO response_links (case_id, response_id) VALUES ('\\x{case}', '\\x{response}');
         DELETE FROM response_links;"
    );
    // The first after a checkpoint writes whole pages, with everybody on them.
    for _ in 0..2 {
        journal.connection.batch_execute(&moment).expect("written");
    }
    let held = [place(&fresh), journal.kept(folder.path())];
    let found = look(&held, None).expect("read").remove(0);
    assert_eq!(found.pairs.get(&Way::Transaction), Some(&1), "{found:?}");
}

/// The database and its journal as they lie there now.
fn copy(path: &Path, folder: &Path, number: usize) -> String {
    let target = folder.join(format!("{number}.sqlite"));
    std::fs::copy(path, &target).expect("copied");
    let journal = format!("{}-wal", path.display());
    if Path::new(&journal).exists() {
        std::fs::copy(journal, format!("{}-wal", target.display())).expect("copied");
    }
    target.display().to_string()
}

/// The tables as they were before this promise was kept by construction.
const EARLIER: [&str; 8] = [
    include_str!("../../../../migrations/sqlite/0001_people/up.sql"),
    include_str!("../../../../migrations/sqlite/0002_studies/up.sql"),
    include_str!("../../../../migrations/sqlite/0003_samples/up.sql"),
    include_str!("../../../../migrations/sqlite/0004_fieldwork/up.sql"),
    include_str!("../../../../migrations/sqlite/0005_responses/up.sql"),
    include_str!("../../../../migrations/sqlite/0006_files/up.sql"),
    include_str!("../../../../migrations/sqlite/0007_sampling/up.sql"),
    include_str!("../../../../migrations/sqlite/0008_import_notes/up.sql"),
];

/// Somebody who answered under the earlier tables: which ward, on which day, and
/// whether the way from the case to the response is still there.
fn earlier_person(number: u8, ward: &str, day: u8, linked: bool) -> String {
    let id = |kind: u8| format!("x'{kind:02x}{number:02x}{}'", "00".repeat(14));
    let (unit, case, response) = (id(1), id(2), id(3));
    let at = (i64::from(day) * 86_400 + 1_796_083_200) * 1_000_000;
    let date = format!("2026-12-{:02}", day + 1);
    let link = if linked {
        format!("INSERT INTO response_links VALUES ({case}, {response});")
    } else {
        String::new()
    };
    format!(
        "INSERT INTO sampled_units VALUES ({unit}, x'06', 'u{number}', 'a', '{ward}', 0.1, 10.0, 0, '{{}}');
         INSERT INTO cases VALUES ({case}, x'02', {unit}, {number}, 'a', x'aa{number:02x}', x'bb{number:02x}', 'vi', 'done', '1.1', '{date}');
         INSERT INTO contacts VALUES (x'0707{number:02x}', {case}, {at}, 1, 'web', 'opened');
         INSERT INTO responses VALUES ({response}, x'02', x'04', 'complete', 1, 'vi', 'web', '{date}', '{date}', 'a', '{ward}', 10.0, '{{}}');
         {link}"
    )
}

#[test]
fn the_thief_finds_what_earlier_tables_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sondage.sqlite");
    let target = file.display().to_string();
    let mut connection = SqliteConnection::establish(&target).expect("opens");
    connection
        .batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
        .expect("set up");
    for migration in EARLIER {
        connection.batch_execute(migration).expect("made");
    }
    let people: String = [
        // Alone in a ward on a day: a pair.
        earlier_person(1, "w1", 0, false),
        earlier_person(2, "w1", 1, false),
        // Two alike: none.
        earlier_person(3, "w2", 0, false),
        earlier_person(4, "w2", 0, false),
        // Alike, but the way is still there.
        earlier_person(5, "w2", 0, true),
    ]
    .concat();
    connection
        .batch_execute(&format!(
            "INSERT INTO units VALUES (x'01', NULL, 'u', 0);
             INSERT INTO studies VALUES (x'02', x'01', 's', '{{}}', 'anonymous', 'open', 'o', '1', NULL, NULL, 0.5, '[]', 0);
             INSERT INTO questionnaires (id, study_id, draft, version_id, updated_at) VALUES (x'03', x'02', '{{}}', x'04', 0);
             INSERT INTO versions VALUES (x'04', x'03', 1, 'h', '{{}}', 0);
             INSERT INTO frames (id, study_id, name, hash, units, read_at) VALUES (x'05', x'02', 'f', 'h', 5, 0);
             INSERT INTO samples VALUES (x'06', x'02', x'05', '{{}}', 'h', '1', '{{}}', 0, 0);
             {people}"
        ))
        .expect("answered");
    let found = look(&[folder.path().display().to_string()], None).expect("read").remove(0);
    assert_eq!(found.ended, 5);
    assert_eq!((found.smallest, found.small_groups), (Some(1), 3));
    assert_eq!(found.pairs.get(&Way::Agreement), Some(&2), "{found:?}");
    assert_eq!(found.pairs.get(&Way::Link), Some(&1), "{found:?}");
    assert_eq!(found.pairs.get(&Way::Bytes), Some(&1), "{found:?}");
}
