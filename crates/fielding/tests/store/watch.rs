//! Which tables a stretch of work reads and writes, as its connection hears it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::Connection as _;
use diesel::connection::InstrumentationEvent;
use fielding::store::Connection;

/// The tables that were touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Those looked at.
    pub reads: BTreeSet<String>,
    /// Those changed.
    pub writes: BTreeSet<String>,
}

/// Does some work and says what it touched.
pub fn watched<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> T,
) -> (T, Touched) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let ear = Arc::clone(&heard);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            ear.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
        }
    });
    let outcome = work(connection);
    connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let mut touched = Touched::default();
    for query in heard.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        touched.add(query);
    }
    (outcome, touched)
}

impl Touched {
    /// What a statement touches: names stand in quotes behind the word that says
    /// what is done with the table.
    fn add(&mut self, query: &str) {
        let statement = query.split(" -- binds:").next().unwrap_or_default();
        let words: Vec<&str> = statement.split_whitespace().collect();
        for pair in words.windows(2) {
            let name = pair[1].trim_start_matches('(');
            let quoted = name.starts_with(['"', '`']);
            let name: String =
                name.chars().filter(|sign| sign.is_ascii_lowercase() || *sign == '_').collect();
            if !quoted || name.is_empty() {
                continue;
            }
            let deletes = pair[0] == "FROM" && statement.trim_start().starts_with("DELETE FROM");
            match pair[0] {
                "FROM" if deletes && !is_from(statement, &name) => self.reads.insert(name),
                "FROM" if deletes => self.writes.insert(name),
                "FROM" | "JOIN" | "(FROM" => self.reads.insert(name),
                "INTO" | "UPDATE" => self.writes.insert(name),
                _ => false,
            };
        }
    }
}

/// Whether a deletion is from this table, and not from another by way of it.
fn is_from(statement: &str, name: &str) -> bool {
    let rest = statement.trim_start().strip_prefix("DELETE FROM").unwrap_or_default();
    rest.trim_start().trim_start_matches(['"', '`']).starts_with(name)
}
