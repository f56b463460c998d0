//! What somebody learns who holds copies of the files of anonymous studies: the
//! promise, tried. Knows the tables of earlier releases too.
//!
//! A *group* is all that a stored response says of the design and the day; the
//! smallest one says how well a person who is known to have answered is hidden. A
//! *pair* is a case that leads to exactly one response: by what both say, by
//! bytes that lie side by side in the journal, by a transaction that changed one
//! of each, by what two copies of different times do not share, or by the
//! transaction number that `PostgreSQL` writes to each row.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{PgConnection, SqliteConnection};

use super::Id;
use crate::error::Error;
use crate::keys::{Keys, Mark};

/// Bytes of an identity.
const ID: usize = 16;

/// How a pair was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A row leads from the case to the response.
    Link,
    /// Stratum, unit, weight and days agree for exactly one of each.
    Agreement,
    /// The identities lie side by side in the journal.
    Bytes,
    /// A transaction in the journal changed exactly one of each.
    Transaction,
    /// Between two copies exactly one of each changed.
    Copies,
    /// The database wrote the same transaction number to exactly one of each.
    Number,
}

impl Way {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::Link, Self::Agreement, Self::Bytes, Self::Transaction, Self::Copies, Self::Number];

    /// The end of the key of its text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Agreement => "agreement",
            Self::Bytes => "bytes",
            Self::Transaction => "transaction",
            Self::Copies => "copies",
            Self::Number => "number",
        }
    }
}

/// What copies tell of one anonymous study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The study's name.
    pub study: String,
    /// Ended responses that are stored in the open.
    pub ended: usize,
    /// Members of the smallest group among them; `None` where there is none.
    pub smallest: Option<usize>,
    /// Groups with fewer than five members.
    pub small_groups: usize,
    /// Pairs by the way in which they were found; a pair may be found in several.
    pub pairs: BTreeMap<Way, usize>,
    /// With the keys: open interviews whose person can be told.
    pub open_with_keys: usize,
    /// With the keys: ended interviews that can be read while they wait for their
    /// batch.
    pub waiting_with_keys: usize,
    /// With the keys: people of whom it can be told that they have ended, and how; not
    /// what they said.
    pub ended_with_keys: usize,
}

impl Finding {
    /// All pairs that need no key.
    pub fn pair_count(&self) -> usize {
        self.pairs.values().sum()
    }
}

#[derive(QueryableByName)]
struct StudyRow {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Text)]
    name: String,
}

/// A row, and all that it says in one text.
#[derive(QueryableByName, Clone, PartialEq, Eq, Hash)]
struct Said {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    said: Option<String>,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = Binary)]
    case_id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    response_id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// One copy, opened; `SQLite` copies are copied once more, so that looking
/// changes nothing.
struct Taken {
    connection: Either,
    journal: Vec<u8>,
    _folder: Option<tempfile::TempDir>,
}

enum Either {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

impl Taken {
    fn open(place: &str) -> Result<Self, Error> {
        let unreachable = |error: ConnectionError| Error::Unreachable(error.to_string());
        if place.starts_with("postgresql://") || place.starts_with("postgres://") {
            let connection = PgConnection::establish(place).map_err(unreachable)?;
            let connection = Either::Postgresql(connection);
            return Ok(Self { connection, journal: Vec::new(), _folder: None });
        }
        let file = database_in(Path::new(place));
        let refused = |error: std::io::Error| Error::Folder {
            folder: file.clone(),
            reason: error.to_string(),
        };
        let folder = tempfile::tempdir().map_err(refused)?;
        let copy = folder.path().join("copy.sqlite");
        std::fs::copy(&file, &copy).map_err(refused)?;
        let beside = PathBuf::from(format!("{}-wal", file.display()));
        let journal = std::fs::read(&beside).unwrap_or_default();
        if !journal.is_empty() {
            std::fs::write(folder.path().join("copy.sqlite-wal"), &journal).map_err(refused)?;
        }
        let target = copy.to_string_lossy().into_owned();
        let mut connection = SqliteConnection::establish(&target).map_err(unreachable)?;
        connection.batch_execute("PRAGMA query_only = ON")?;
        let connection = Either::Sqlite(connection);
        Ok(Self { connection, journal, _folder: Some(folder) })
    }

    fn load<T>(&mut self, query: &str) -> Result<Vec<T>, Error>
    where
        T: QueryableByNameOfBoth,
    {
        Ok(match &mut self.connection {
            Either::Sqlite(sqlite) => diesel::sql_query(query).load::<T>(sqlite)?,
            Either::Postgresql(postgresql) => diesel::sql_query(query).load::<T>(postgresql)?,
        })
    }

    fn columns(&mut self, table: &str) -> Result<HashSet<String>, Error> {
        let query = match &self.connection {
            Either::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}')"),
            Either::Postgresql(_) => format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_name = '{table}'"
            ),
        };
        Ok(self.load::<Column>(&query)?.into_iter().map(|column| column.name).collect())
    }

    /// An identity as a statement writes it.
    fn literal(&self, id: &[u8]) -> String {
        let hex = id.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        match self.connection {
            Either::Sqlite(_) => format!("x'{hex}'"),
            Either::Postgresql(_) => format!("'\\x{hex}'::bytea"),
        }
    }
}

/// What can be loaded from either database.
trait QueryableByNameOfBoth:
    QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static
{
}

impl<T> QueryableByNameOfBoth for T where
    T: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static
{
}

/// The database of a copy: the file itself, or that in a data folder.
fn database_in(place: &Path) -> PathBuf {
    if place.is_dir() { place.join("sondage.sqlite") } else { place.to_path_buf() }
}

/// Looks through copies, the oldest first, for what they tell of anonymous
/// studies.
///
/// # Errors
///
/// A copy that cannot be read.
pub fn look(places: &[String], keys: Option<&Keys>) -> Result<Vec<Finding>, Error> {
    let mut copies =
        places.iter().map(|place| Taken::open(place)).collect::<Result<Vec<_>, _>>()?;
    let Some(newest) = copies.last_mut() else { return Ok(Vec::new()) };
    let studies: Vec<StudyRow> =
        newest.load("SELECT id, name FROM studies WHERE privacy = 'anonymous' ORDER BY id")?;
    let mut findings = Vec::new();
    for study in studies {
        let mut finding = Finding { study: study.name, ..Finding::default() };
        let mut before: Option<(HashSet<Said>, HashSet<Said>)> = None;
        let mut pairs: BTreeMap<Way, BTreeSet<Pair>> = BTreeMap::new();
        let last = copies.len() - 1;
        for (place, copy) in copies.iter_mut().enumerate() {
            let id = copy.literal(&study.id);
            let (responses, cases) = (said_by_responses(copy, &id)?, said_by_cases(copy, &id)?);
            pairs.entry(Way::Link).or_default().extend(by_links(copy, &id)?);
            pairs.entry(Way::Agreement).or_default().extend(by_agreement(&responses, &cases));
            let ids = (ids_of(copy, "responses", &id)?, ids_of(copy, "cases", &id)?);
            pairs.entry(Way::Bytes).or_default().extend(by_bytes(&copy.journal, &ids));
            pairs.entry(Way::Transaction).or_default().extend(by_transaction(&copy.journal, &ids));
            pairs.entry(Way::Number).or_default().extend(by_number(copy, &id)?);
            if place == last {
                let groups = groups_of(&responses);
                finding.ended = responses.len();
                finding.smallest = groups.values().copied().min();
                finding.small_groups = groups.values().filter(|members| **members < 5).count();
                if let Some(keys) = keys {
                    with_keys(copy, keys, &id, &ids.1, &mut finding)?;
                }
            }
            let now: (HashSet<Said>, HashSet<Said>) =
                (responses.into_iter().collect(), cases.into_iter().collect());
            if let Some(before) = &before {
                let new: Vec<&Said> = now.0.difference(&before.0).collect();
                let changed: Vec<&Said> = now.1.difference(&before.1).collect();
                if let ([response], [case]) = (new.as_slice(), changed.as_slice()) {
                    let pair = (case.id.clone(), response.id.clone());
                    pairs.entry(Way::Copies).or_default().insert(pair);
                }
            }
            before = Some(now);
        }
        finding.pairs = pairs
            .into_iter()
            .map(|(way, pairs)| (way, pairs.len()))
            .filter(|(_, pairs)| *pairs > 0)
            .collect();
        findings.push(finding);
    }
    Ok(findings)
}

/// Ended responses and all that they say of the design and the day.
fn said_by_responses(copy: &mut Taken, study: &str) -> Result<Vec<Said>, Error> {
    copy.load(&format!(
        "SELECT id, stratum || '|' || psu || '|' || base_weight || '|' || language || '|' || mode \
         || '|' || began_on || '|' || coalesce(CAST(ended_on AS TEXT), '') AS said \
         FROM responses WHERE study_id = {study} AND state <> 'open' ORDER BY id"
    ))
}

/// Cases and what they say of the design and of days on which something ended.
fn said_by_cases(copy: &mut Taken, study: &str) -> Result<Vec<Said>, Error> {
    let day = match copy.connection {
        Either::Sqlite(_) => "date(k.at / 1000000 + 25200, 'unixepoch')",
        Either::Postgresql(_) => {
            "CAST(to_timestamp(k.at / 1000000 + 25200) AT TIME ZONE 'UTC' AS date)"
        }
    };
    copy.load(&format!(
        "SELECT c.id AS id, u.stratum || '|' || u.psu || '|' || u.base_weight || '|' || c.language \
         || '|web|' || coalesce(CAST((SELECT min({day}) FROM contacts k WHERE k.case_id = c.id \
         AND k.event = 'opened') AS TEXT), '') || '|' || coalesce(CAST(c.ended_on AS TEXT), '') AS said \
         FROM cases c JOIN sampled_units u ON u.id = c.sampled_unit_id \
         WHERE c.study_id = {study} AND c.status = 'done' ORDER BY c.id"
    ))
}

fn ids_of(copy: &mut Taken, table: &str, study: &str) -> Result<HashSet<Vec<u8>>, Error> {
    let rows: Vec<Said> =
        copy.load(&format!("SELECT id, NULL AS said FROM {table} WHERE study_id = {study}"))?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn groups_of(responses: &[Said]) -> HashMap<&Option<String>, usize> {
    let mut groups = HashMap::new();
    for response in responses {
        *groups.entry(&response.said).or_default() += 1;
    }
    groups
}

/// A case and a response.
type Pair = (Vec<u8>, Vec<u8>);
type Pairs = Vec<Pair>;
/// How often identities lie in a page.
type Counts<'a> = HashMap<&'a [u8], usize>;

fn by_links(copy: &mut Taken, study: &str) -> Result<Pairs, Error> {
    if !copy.columns("response_links")?.contains("case_id") {
        return Ok(Vec::new());
    }
    let rows: Vec<Link> = copy.load(&format!(
        "SELECT l.case_id AS case_id, l.response_id AS response_id FROM response_links l \
         JOIN cases c ON c.id = l.case_id WHERE c.study_id = {study}"
    ))?;
    Ok(rows.into_iter().map(|link| (link.case_id, link.response_id)).collect())
}

fn by_agreement(responses: &[Said], cases: &[Said]) -> Pairs {
    let mut of_cases: HashMap<&Option<String>, Vec<&Said>> = HashMap::new();
    for case in cases {
        of_cases.entry(&case.said).or_default().push(case);
    }
    let groups = groups_of(responses);
    let alone = responses.iter().filter(|response| groups[&response.said] == 1);
    let pairs = alone.filter_map(|response| match of_cases.get(&response.said)?.as_slice() {
        [case] => Some((case.id.clone(), response.id.clone())),
        _ => None,
    });
    pairs.collect()
}

/// Cases whose identity is followed at once by that of a response.
fn by_bytes(journal: &[u8], (responses, cases): &(HashSet<Vec<u8>>, HashSet<Vec<u8>>)) -> Pairs {
    let beside = journal.windows(2 * ID).filter_map(|bytes| {
        let (case, response) = bytes.split_at(ID);
        (cases.contains(case) && responses.contains(response))
            .then(|| (case.to_vec(), response.to_vec()))
    });
    let unique: BTreeSet<_> = beside.collect();
    unique.into_iter().collect()
}

/// How often each identity lies in a page.
fn counted<'a>(page: &'a [u8], ids: &HashSet<Vec<u8>>) -> HashMap<&'a [u8], usize> {
    let mut counts = HashMap::new();
    for bytes in page.windows(ID).filter(|bytes| ids.contains(*bytes)) {
        *counts.entry(bytes).or_default() += 1;
    }
    counts
}

/// What is more or less often in one page than it was.
fn changed<K: Eq + Hash + Copy>(now: &HashMap<K, usize>, before: &HashMap<K, usize>) -> Vec<K> {
    let keys: HashSet<K> = now.keys().chain(before.keys()).copied().collect();
    keys.into_iter().filter(|key| now.get(key) != before.get(key)).collect()
}

/// The one identity of a set that has one.
fn only<'a>(ids: &HashSet<&'a [u8]>) -> Option<&'a [u8]> {
    ids.iter().next().copied().filter(|_| ids.len() == 1)
}

/// The journal's transactions, page by page (SQLite's file format, section 4).
fn by_transaction(
    journal: &[u8],
    (responses, cases): &(HashSet<Vec<u8>>, HashSet<Vec<u8>>),
) -> Pairs {
    const HEAD: usize = 32;
    const FRAME: usize = 24;
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(journal.get(at..at + 4)?.try_into().ok()?))
    };
    let Some(size) = word(8).and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0)
    else {
        return Vec::new();
    };
    let mut pages: HashMap<u32, (Counts<'_>, Counts<'_>)> = HashMap::new();
    let (mut new_responses, mut new_cases) = (HashSet::new(), HashSet::new());
    let (mut found, mut at) = (BTreeSet::new(), HEAD);
    while let (Some(page), Some(commit), Some(bytes)) =
        (word(at), word(at + 4), journal.get(at + FRAME..at + FRAME + size))
    {
        let now = (counted(bytes, responses), counted(bytes, cases));
        if let Some(before) = pages.get(&page) {
            new_responses.extend(changed(&now.0, &before.0));
            new_cases.extend(changed(&now.1, &before.1));
        }
        pages.insert(page, now);
        if commit > 0 {
            let (responses, cases) = (only(&new_responses), only(&new_cases));
            if let Some((response, case)) = responses.zip(cases) {
                found.insert((case.to_vec(), response.to_vec()));
            }
            new_responses.clear();
            new_cases.clear();
        }
        at += FRAME + size;
    }
    found.into_iter().collect()
}

/// Rows of responses and of what belongs to cases that one transaction wrote, on
/// `PostgreSQL`.
fn by_number(copy: &mut Taken, study: &str) -> Result<Pairs, Error> {
    if matches!(copy.connection, Either::Sqlite(_)) {
        return Ok(Vec::new());
    }
    let responses: Vec<Said> = copy
        .load(&format!("SELECT id, xmin::text AS said FROM responses WHERE study_id = {study}"))?;
    // What a row lock leaves behind is a number too.
    let cases: Vec<Said> = copy.load(&format!(
        "SELECT c.id AS id, c.xmin::text AS said FROM cases c WHERE c.study_id = {study} UNION \
         SELECT c.id, c.xmax::text FROM cases c WHERE c.study_id = {study} UNION \
         SELECT k.case_id, k.xmin::text FROM contacts k JOIN cases c ON c.id = k.case_id \
         WHERE c.study_id = {study} UNION \
         SELECT o.case_id, o.xmin::text FROM outbox o WHERE o.study_id = {study}"
    ))?;
    Ok(by_agreement(&responses, &cases))
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Binary)]
    bytes: Vec<u8>,
}

fn with_keys(
    copy: &mut Taken,
    keys: &Keys,
    study: &str,
    cases: &HashSet<Vec<u8>>,
    finding: &mut Finding,
) -> Result<(), Error> {
    if copy.columns("sealed_links")?.is_empty() {
        return Ok(());
    }
    let mut known = |table: &str, purpose: Mark| -> Result<usize, Error> {
        let marks: Vec<Bytes> = copy.load(&format!("SELECT mark AS bytes FROM {table}"))?;
        let marks: HashSet<Vec<u8>> = marks.into_iter().map(|row| row.bytes).collect();
        let all = cases.iter().filter_map(|case| uuid::Uuid::from_slice(case).ok());
        Ok(all.filter(|case| marks.contains(&keys.mark(purpose, Id(*case)))).count())
    };
    finding.open_with_keys = known("sealed_links", Mark::Link)?;
    finding.ended_with_keys = known("ended_marks", Mark::Ended)?;
    let waiting: Vec<Said> = copy.load(&format!(
        "SELECT p.id AS id, NULL AS said FROM pooled_responses p \
         JOIN rounds r ON r.id = p.round_id WHERE r.study_id = {study}"
    ))?;
    finding.waiting_with_keys = waiting.len();
    Ok(())
}
