//! A fresh database of each kind.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _};
use fielding::store::{DatabaseUrl, Store};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database that nothing else uses.
pub struct Fresh {
    pub name: &'static str,
    pub store: Store,
    pub url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

/// A new `SQLite` file.
pub fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
    let store = Store::open(&url).expect("opens");
    Fresh { name: "SQLite", store, url, _folder: Some(folder) }
}

/// A new `PostgreSQL` database, where there is a server.
pub fn postgresql() -> Option<Fresh> {
    let Ok(server) = std::env::var("SONDAGE_TEST_POSTGRESQL") else {
        assert!(std::env::var_os("CI").is_none(), "CI must set SONDAGE_TEST_POSTGRESQL");
        println!("skipped on PostgreSQL: SONDAGE_TEST_POSTGRESQL is not set");
        return None;
    };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("sondage_test_{}_{number}", std::process::id());
    let mut admin = PgConnection::establish(&server).expect("the server answers");
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}; ")).expect("drops");
    admin.batch_execute(&format!("CREATE DATABASE {name}")).expect("creates");
    let (base, query) =
        server.split_once('?').map_or((server.as_str(), ""), |(base, query)| (base, query));
    let base = base.rsplit_once('/').map_or(base, |(host, _)| host);
    let url =
        if query.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{query}") };
    let url = DatabaseUrl::Postgresql(url);
    let store = Store::open(&url).expect("opens");
    Some(Fresh { name: "PostgreSQL", store, url, _folder: None })
}

/// Databases made by copying one.
pub enum Copies {
    Sqlite(tempfile::TempDir),
    Postgresql { server: String, template: String },
}

impl Copies {
    pub fn of(fresh: &Fresh) -> Self {
        match &fresh.url {
            DatabaseUrl::Sqlite(path) => {
                fresh.store.forget_journal().expect("emptied");
                let folder = tempfile::tempdir().expect("a folder");
                std::fs::copy(path, folder.path().join("template.sqlite")).expect("copied");
                Self::Sqlite(folder)
            }
            DatabaseUrl::Postgresql(url) => {
                let (server, name) = url.rsplit_once('/').expect("an address");
                Self::Postgresql { server: server.to_owned(), template: name.to_owned() }
            }
        }
    }

    pub fn make(&self, number: usize) -> DatabaseUrl {
        match self {
            Self::Sqlite(folder) => {
                let copy = folder.path().join(format!("{number}.sqlite"));
                std::fs::copy(folder.path().join("template.sqlite"), &copy).expect("copied");
                DatabaseUrl::Sqlite(copy)
            }
            Self::Postgresql { server, template } => {
                let name = format!("{template}_{number}");
                let admin = format!("{server}/postgres");
                let mut admin = PgConnection::establish(&admin).expect("the server answers");
                for statement in [
                    format!(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = '{template}'"
                    ),
                    format!("DROP DATABASE IF EXISTS {name}"),
                ] {
                    admin.batch_execute(&statement).expect("alone");
                }
                let make = format!("CREATE DATABASE {name} TEMPLATE {template}");
                admin.batch_execute(&make).expect("copied");
                DatabaseUrl::Postgresql(format!("{server}/{name}"))
            }
        }
    }

    pub fn drop_copy(&self, number: usize) {
        if let Self::Postgresql { server, template } = self {
            let admin = format!("{server}/postgres");
            let mut admin = PgConnection::establish(&admin).expect("the server answers");
            let drop = format!("DROP DATABASE IF EXISTS {template}_{number} WITH (FORCE)");
            admin.batch_execute(&drop).expect("dropped");
        }
    }
}

/// A database of `PostgreSQL` whose rows can be put back as they were, which costs a
/// hundredth of making another copy: each table notes that it was changed.
pub struct Rewound {
    connection: PgConnection,
}

const NOTES: &str = "CREATE SCHEMA kept; CREATE TABLE kept.changed (name text);
    CREATE FUNCTION kept.note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO kept.changed VALUES (TG_TABLE_NAME); RETURN NULL; END $$;";

impl Rewound {
    /// Remembers the rows that the database has now.
    pub fn of(url: &DatabaseUrl) -> Self {
        let DatabaseUrl::Postgresql(url) = url else { panic!("a file is simply copied") };
        let mut connection = PgConnection::establish(url).expect("the server answers");
        let query = "SELECT tablename::text AS name FROM pg_tables \
                     WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'";
        let tables = diesel::sql_query(query).load::<Table>(&mut connection).expect("tables");
        connection.batch_execute(NOTES).expect("made");
        for Table { name } in tables {
            let keep = format!(
                "CREATE TABLE kept.{name} AS TABLE public.{name};
                 CREATE TRIGGER kept AFTER INSERT OR UPDATE OR DELETE ON public.{name}
                 FOR EACH STATEMENT EXECUTE FUNCTION kept.note()"
            );
            connection.batch_execute(&keep).expect("kept");
        }
        Self { connection }
    }

    /// Puts the rows back of every table that was changed.
    pub fn rewind(&mut self) {
        let query = "SELECT DISTINCT name FROM kept.changed";
        let changed = diesel::sql_query(query).load::<Table>(&mut self.connection);
        // References are looked at again when the rows are back, not in between.
        let mut statements = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
        for Table { name } in changed.expect("tables") {
            write!(
                statements,
                "DELETE FROM public.{name}; INSERT INTO public.{name} \
                 OVERRIDING SYSTEM VALUE SELECT * FROM kept.{name};"
            )
            .expect("text");
        }
        statements += "DELETE FROM kept.changed; COMMIT";
        self.connection.batch_execute(&statements).expect("put back");
    }

    /// Clears away what the changes left behind.
    pub fn clear_away(&mut self) {
        self.connection.batch_execute("VACUUM").expect("cleared away");
    }
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// Runs a test on every database there is.
pub fn on_each(test: impl Fn(&Fresh)) {
    for fresh in std::iter::once(sqlite()).chain(postgresql()) {
        println!("on {}", fresh.name);
        test(&fresh);
    }
}
