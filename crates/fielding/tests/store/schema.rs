//! The migrations of both databases make the same tables.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::support::{Fresh, on_each, postgresql, sqlite};

#[derive(QueryableByName, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    required: bool,
}

const SQLITE: &str = "SELECT m.name AS table_name, p.name AS name, \
    CASE p.type WHEN 'BLOB' THEN 'bytes' WHEN 'INTEGER' THEN 'integer' WHEN 'REAL' THEN 'real' ELSE 'text' END AS kind, \
    (p.\"notnull\" = 1 OR p.pk > 0) AS required \
    FROM sqlite_master m JOIN pragma_table_info(m.name) p \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'";

/// A date is text in one and a date in the other, a flag an integer in one: the
/// program sees no difference.
const POSTGRESQL: &str = "SELECT table_name::text, column_name::text AS name, \
    CASE data_type WHEN 'bytea' THEN 'bytes' WHEN 'bigint' THEN 'integer' WHEN 'boolean' THEN 'integer' \
    WHEN 'double precision' THEN 'real' WHEN 'date' THEN 'text' ELSE data_type END AS kind, \
    (is_nullable = 'NO') AS required \
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

fn columns(fresh: &Fresh) -> BTreeSet<Column> {
    let query = if fresh.name == "SQLite" { SQLITE } else { POSTGRESQL };
    fresh
        .store
        .read_now(|connection| Ok(diesel::sql_query(query).load::<Column>(connection)?))
        .expect("the catalogue can be read")
        .into_iter()
        .collect()
}

#[test]
fn both_databases_have_the_same_tables() {
    let here = columns(&sqlite());
    assert!(here.len() > 100, "only {} columns", here.len());
    if let Some(there) = postgresql() {
        let there = columns(&there);
        let missing: Vec<_> = here.symmetric_difference(&there).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}

#[test]
fn migrations_have_the_same_names() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = format!("{}/../../migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgresql"));
}

#[test]
fn opening_again_changes_nothing() {
    on_each(|fresh| {
        let before = columns(fresh);
        fielding::store::Store::open(&fresh.url).expect("opens a second time");
        assert_eq!(before, columns(fresh));
    });
}
