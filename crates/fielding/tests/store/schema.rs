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

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn words(fresh: &Fresh, query: String) -> BTreeSet<String> {
    let read = |connection: &mut fielding::store::Connection| {
        Ok(diesel::sql_query(query).load::<Word>(connection)?)
    };
    let rows = fresh.store.read_now(read).expect("read");
    rows.into_iter().map(|row| row.word).collect()
}

/// What stands between quotes in a constraint.
fn quoted(constraints: &BTreeSet<String>, column: &str) -> BTreeSet<String> {
    let of_column = |text: &&String| {
        text.contains(&format!("({column} IN (")) || text.contains(&format!("({column} = ANY"))
    };
    let text = constraints.iter().find(of_column).expect("a constraint");
    let start = text.find(&format!("({column} IN (")).or_else(|| text.find("ANY")).expect("a list");
    let end = text[start..].find("))").map_or(text.len(), |end| start + end);
    text[start..end].split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn columns_may_say_what_the_types_say() {
    use fielding::rules::access::Role;
    use fielding::rules::disposition::{Disposition, Event};
    use fielding::rules::states as s;
    let listed: [(&str, Vec<&str>); 9] = [
        ("case_statuses", s::CaseStatus::ALL.iter().map(|one| one.word()).collect()),
        ("dispositions", Disposition::ALL.iter().map(|one| one.word()).collect()),
        ("contact_events", Event::ALL.iter().map(|one| one.word()).collect()),
        ("modes", s::Mode::ALL.iter().map(|one| one.word()).collect()),
        ("message_kinds", s::MessageKind::ALL.iter().map(|one| one.word()).collect()),
        ("message_states", s::MessageState::ALL.iter().map(|one| one.word()).collect()),
        ("response_states", s::ResponseState::ALL.iter().map(|one| one.word()).collect()),
        ("endings", s::Ended::ALL.iter().map(|one| one.word()).collect()),
        ("audit_actions", s::AuditAction::ALL.iter().map(|one| one.word()).collect()),
    ];
    let checked: [(&str, &str, Vec<&str>); 16] = [
        ("preparations", "what", s::Prepared::ALL.iter().map(|one| one.word()).collect()),
        ("studies", "privacy", s::Privacy::ALL.iter().map(|one| one.word()).collect()),
        ("studies", "status", s::StudyStatus::ALL.iter().map(|one| one.word()).collect()),
        ("frames", "state", s::FrameState::ALL.iter().map(|one| one.word()).collect()),
        ("roles", "role", Role::ALL.iter().map(|one| one.word()).collect()),
        (
            "suppressions",
            "reason",
            s::SuppressionReason::ALL.iter().map(|one| one.word()).collect(),
        ),
        ("sessions", "stage", s::SessionStage::ALL.iter().map(|one| one.word()).collect()),
        ("invited_people", "role", Role::ALL.iter().map(|one| one.word()).collect()),
        (
            "account_letters",
            "kind",
            s::AccountLetterKind::ALL.iter().map(|one| one.word()).collect(),
        ),
        ("sign_in_links", "purpose", s::LinkPurpose::ALL.iter().map(|one| one.word()).collect()),
        ("studies", "example", s::Example::ALL.iter().map(|one| one.word()).collect()),
        ("experts", "verdict", s::Verdict::ALL.iter().map(|one| one.word()).collect()),
        ("comments", "weight", s::CommentWeight::ALL.iter().map(|one| one.word()).collect()),
        ("blocks", "shape", s::BlockShape::ALL.iter().map(|one| one.word()).collect()),
        ("trials", "state", s::TrialState::ALL.iter().map(|one| one.word()).collect()),
        ("day_counts", "what", s::DayCount::ALL.iter().map(|one| one.word()).collect()),
    ];
    on_each(|fresh| {
        for (table, expected) in &listed {
            let found = words(fresh, format!("SELECT word FROM {table}"));
            assert_eq!(found, expected.iter().map(|word| (*word).to_owned()).collect(), "{table}");
        }
        for (table, column, expected) in &checked {
            let query = if fresh.name == "SQLite" {
                format!("SELECT sql AS word FROM sqlite_master WHERE name = '{table}'")
            } else {
                format!(
                    "SELECT pg_get_constraintdef(oid) AS word FROM pg_constraint \
                     WHERE conrelid = '{table}'::regclass AND contype = 'c'"
                )
            };
            let found = match expected.as_slice() {
                // PostgreSQL writes a list of one as an equation.
                [only] => {
                    let all = words(fresh, query);
                    assert!(all.iter().any(|text| text.contains(&format!("'{only}'"))), "{all:?}");
                    continue;
                }
                _ => quoted(&words(fresh, query), column),
            };
            let expected: BTreeSet<String> =
                expected.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(found, expected, "{table}.{column}");
        }
    });
}
