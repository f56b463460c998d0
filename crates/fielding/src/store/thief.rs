//! What somebody learns who holds copies of the files of anonymous studies: the
//! promise, tried. Knows the tables of earlier releases too.
//!
//! A *group* is all that a stored response says of the design and the day; the
//! smallest one says how well a person who is known to have answered is hidden. A
//! *pair* is a case that leads to exactly one response: by what both say, by
//! bytes that lie side by side in the file or its journal, by a transaction that
//! changed one of each (in the journal of `SQLite` or of `PostgreSQL`), by what two
//! copies of different times do not share, by the transaction number that
//! `PostgreSQL` writes to each row, or by a line of another file.

mod copy;
mod files;
mod ids;
mod journal;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text};

use self::copy::{Either, Taken};
use self::ids::{Ids, Known, Pair};
use self::journal::by_transaction;
use super::Id;
use crate::error::Error;
use crate::keys::{Keys, Mark};

/// The database in a data folder.
const DATABASE: &str = "sondage.sqlite";

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
    /// A line of another file, or all of it, names exactly one of each.
    Files,
}

impl Way {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Link,
        Self::Agreement,
        Self::Bytes,
        Self::Transaction,
        Self::Copies,
        Self::Number,
        Self::Files,
    ];

    /// The end of the key of its text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Agreement => "agreement",
            Self::Bytes => "bytes",
            Self::Transaction => "transaction",
            Self::Copies => "copies",
            Self::Number => "number",
            Self::Files => "files",
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

/// Looks through copies, the oldest first, and through other files for what they tell
/// of anonymous studies.
///
/// # Errors
///
/// A copy that cannot be read.
pub fn look(places: &[String], keys: Option<&Keys>) -> Result<Vec<Finding>, Error> {
    let (mut copies, files) = taken(places)?;
    let Some(newest) = copies.last_mut() else { return Ok(Vec::new()) };
    let studies: Vec<StudyRow> =
        newest.load("SELECT id, name FROM studies WHERE privacy = 'anonymous' ORDER BY id")?;
    let mut findings = Vec::new();
    for study in studies {
        let known = known(&mut copies, &study.id)?;
        let mut finding = Finding { study: study.name, ..Finding::default() };
        let mut before: Option<(HashSet<Said>, HashSet<Said>)> = None;
        let mut pairs: BTreeMap<Way, BTreeSet<Pair>> = BTreeMap::new();
        let mut found = |way: Way, more: BTreeSet<Pair>| pairs.entry(way).or_default().extend(more);
        let last = copies.len() - 1;
        for (place, copy) in copies.iter_mut().enumerate() {
            let id = copy.literal(&study.id);
            let (responses, cases) = (said_by_responses(copy, &id)?, said_by_cases(copy, &id)?);
            found(Way::Link, by_links(copy, &id)?);
            found(Way::Agreement, by_agreement(&responses, &cases));
            found(Way::Bytes, copy.side_by_side(&known)?);
            found(Way::Transaction, by_transaction(&copy.journal, &known));
            found(Way::Number, by_number(copy, &id)?);
            if place == last {
                let groups = groups_of(&responses);
                finding.ended = responses.len();
                finding.smallest = groups.values().copied().min();
                finding.small_groups = groups.values().filter(|members| **members < 5).count();
                if let Some(keys) = keys {
                    with_keys(copy, keys, &id, &known.cases, &mut finding)?;
                }
            }
            let now: (HashSet<Said>, HashSet<Said>) =
                (responses.into_iter().collect(), cases.into_iter().collect());
            if let Some(before) = &before {
                let new: Vec<&Said> = now.0.difference(&before.0).collect();
                let changed: Vec<&Said> = now.1.difference(&before.1).collect();
                if let ([response], [case]) = (new.as_slice(), changed.as_slice()) {
                    found(Way::Copies, [(case.id.clone(), response.id.clone())].into());
                }
            }
            before = Some(now);
        }
        let beside = files::look(&files, &known)?;
        found(Way::Files, beside.in_files);
        found(Way::Transaction, beside.in_transactions);
        finding.pairs = pairs
            .into_iter()
            .map(|(way, pairs)| (way, pairs.len()))
            .filter(|(_, pairs)| *pairs > 0)
            .collect();
        findings.push(finding);
    }
    Ok(findings)
}

/// The databases among what a thief holds, and the other files.
fn taken(places: &[String]) -> Result<(Vec<Taken>, Vec<PathBuf>), Error> {
    let (mut copies, mut files) = (Vec::new(), Vec::new());
    for place in places {
        if place.starts_with("postgresql://") || place.starts_with("postgres://") {
            copies.push(Taken::postgresql(place)?);
            continue;
        }
        let path = Path::new(place);
        if path.is_dir() {
            let database = path.join(DATABASE);
            if database.is_file() {
                copies.push(Taken::sqlite(&database)?);
            }
            files.extend(files::below(path)?);
        } else if files::is_database(path)? {
            copies.push(Taken::sqlite(path)?);
        } else {
            files.push(path.to_path_buf());
        }
    }
    Ok((copies, files))
}

/// The identities of a study, as all copies together hold them.
fn known(copies: &mut [Taken], study: &[u8]) -> Result<Known, Error> {
    let (mut responses, mut cases) = (Vec::new(), Vec::new());
    for copy in copies {
        let id = copy.literal(study);
        responses.extend(ids_of(copy, "responses", &id)?);
        cases.extend(ids_of(copy, "cases", &id)?);
    }
    Ok(Known { responses: responses.into_iter().collect(), cases: cases.into_iter().collect() })
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

fn ids_of(copy: &mut Taken, table: &str, study: &str) -> Result<Vec<Vec<u8>>, Error> {
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

fn by_links(copy: &mut Taken, study: &str) -> Result<BTreeSet<Pair>, Error> {
    if !copy.columns("response_links")?.contains("case_id") {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<Link> = copy.load(&format!(
        "SELECT l.case_id AS case_id, l.response_id AS response_id FROM response_links l \
         JOIN cases c ON c.id = l.case_id WHERE c.study_id = {study}"
    ))?;
    Ok(rows.into_iter().map(|link| (link.case_id, link.response_id)).collect())
}

fn by_agreement(responses: &[Said], cases: &[Said]) -> BTreeSet<Pair> {
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

/// Rows of responses and of what belongs to cases that one transaction wrote, on
/// `PostgreSQL`.
fn by_number(copy: &mut Taken, study: &str) -> Result<BTreeSet<Pair>, Error> {
    if matches!(copy.connection, Either::Sqlite(_)) {
        return Ok(BTreeSet::new());
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
    cases: &Ids,
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
