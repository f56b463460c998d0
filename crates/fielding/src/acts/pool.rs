//! Ended interviews of anonymous studies move on from the pool, at least
//! [`LEAST`] at once, under new identities, in an act that touches no case.
//!
//! While the field is open those move whose group (stratum, primary unit, weight
//! and what was known of the person beforehand) has at least as many members.
//! When the study closes the rest goes together, and groups that stayed small are
//! put together first.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};

use super::interview::{EndedInterview, read_pooled_file};
use crate::error::Error;
use crate::keys::Keys;
use crate::rules::grouping::{DesignCell, LEAST, regroup};
use crate::store::files::{self, FileRow};
use crate::store::pool::{self, Pooled};
use crate::store::responses::{self, ResponseRow};
use crate::store::rounds::{self, RoundRow};
use crate::store::{Connection, Id, Json};

/// An interview in the pool, read.
struct Waiting {
    pooled: Pooled,
    ended: EndedInterview,
}

/// What must be shared by enough people: the design and what was known before.
type Cell = (String, String, u64, String);

fn read(connection: &mut Connection, keys: &Keys, round: Id) -> Result<Vec<Waiting>, Error> {
    let all = pool::all(connection, keys, round)?;
    all.into_iter()
        .map(|pooled| {
            let ended = serde_json::from_slice(&pooled.content).map_err(|error| {
                Error::Damaged { what: "pooled response", reason: error.to_string() }
            })?;
            Ok(Waiting { pooled, ended })
        })
        .collect()
}

impl Waiting {
    fn cell(&self) -> Result<Cell, Error> {
        let known = &self.ended.known;
        let day = known.day_matters.then_some(known.began_on);
        let beside = serde_json::to_string(&(&known.preloaded, day))
            .map_err(|error| Error::Damaged { what: "response", reason: error.to_string() })?;
        let weight = known.base_weight.to_bits();
        Ok((known.stratum.clone(), known.psu.clone(), weight, beside))
    }

    /// Whether nothing was known of the person beside the design.
    fn is_plain(&self) -> bool {
        self.ended.known.preloaded.0.is_empty() && !self.ended.known.day_matters
    }
}

/// Moves the interviews of a round whose groups are large enough. Returns how
/// many; 0 while they are fewer than [`LEAST`] in all.
pub fn move_ready(
    connection: &mut Connection,
    keys: &Keys,
    round: &RoundRow,
) -> Result<usize, Error> {
    if usize::try_from(pool::count(connection, round.id)?).unwrap_or(0) < LEAST {
        return Ok(0);
    }
    let waiting = read(connection, keys, round.id)?;
    let mut sharing: HashMap<Cell, usize> = HashMap::new();
    for one in &waiting {
        *sharing.entry(one.cell()?).or_default() += 1;
    }
    let moved: HashMap<(String, String, u64), usize> =
        responses::design_counts(connection, round.id)?
            .into_iter()
            .map(|(cell, count)| ((cell.stratum, cell.psu, cell.base_weight.to_bits()), count))
            .collect();
    let (mut ready, mut rest) = (Vec::new(), Vec::new());
    for one in waiting {
        let cell = one.cell()?;
        let here = sharing.get(&cell).copied().unwrap_or(0);
        let (stratum, psu, weight, _) = cell;
        let there = moved.get(&(stratum, psu, weight)).copied().unwrap_or(0);
        if here >= LEAST || one.is_plain() && there >= LEAST {
            ready.push(one);
        } else {
            rest.push(one);
        }
    }
    if ready.len() < LEAST {
        return Ok(0);
    }
    let count = ready.len();
    let rest = with_files(connection, keys, rest)?;
    let ready = with_files(connection, keys, ready)?;
    pool::clear(connection, round.id)?;
    for one in rest {
        pool::insert(connection, keys, round.id, &one.pooled.content, &one.pooled.files)?;
    }
    let rows = ready.into_iter().map(|one| moving(one, round)).collect();
    store(connection, keys, rows)?;
    Ok(count)
}

/// What putting small groups together did, for the results page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regrouping {
    /// Groups by the design as it was drawn.
    pub groups_before: usize,
    /// Groups as they are kept.
    pub groups_after: usize,
    /// Interviews whose stratum, primary unit or weight was changed.
    pub changed: usize,
    /// Interviews of which what the list or the link said was taken out.
    pub blanked: usize,
}

/// Moves everything that waits when a study closes.
pub fn move_rest(connection: &mut Connection, keys: &Keys, round: &RoundRow) -> Result<(), Error> {
    let waiting = read(connection, keys, round.id)?;
    let waiting = with_files(connection, keys, waiting)?;
    pool::clear(connection, round.id)?;
    let mut told = Regrouping::default();
    let rows: Vec<Moving> = waiting.into_iter().map(|one| moving(one, round)).collect();
    let rows = put_together(connection, round, rows, &mut told)?;
    let rows = blank_rare(connection, rows, &mut told)?;
    store(connection, keys, rows)?;
    let json = serde_json::to_string(&told)
        .map_err(|error| Error::Damaged { what: "round", reason: error.to_string() })?;
    rounds::set_regrouping(connection, round.id, &json)
}

fn with_files(
    connection: &mut Connection,
    keys: &Keys,
    waiting: Vec<Waiting>,
) -> Result<Vec<Waiting>, Error> {
    waiting
        .into_iter()
        .map(|mut one| {
            one.pooled.files = pool::files_of(connection, keys, one.pooled.id)?;
            Ok(one)
        })
        .collect()
}

/// A response under its new identity, with its files.
struct Moving {
    row: ResponseRow,
    answers: Answers,
    /// What was known of the person before the first question.
    preloaded: Answers,
    files: Vec<FileRow>,
}

/// Gives a response its new identity and its files theirs.
fn moving(one: Waiting, round: &RoundRow) -> Moving {
    let EndedInterview { version_id, state, known, mut answers } = one.ended;
    let id = Id::random();
    let mut kept = Vec::new();
    for file in &one.pooled.files {
        let Some((name, bytes)) = read_pooled_file(file) else { continue };
        let ending = name.split_once('.').map_or("", |(_, ending)| ending).to_owned();
        let row = FileRow { id: Id::random(), response_id: id, ending, bytes };
        for answer in answers.0.values_mut() {
            if answer.value() == Some(&Value::Text(name.clone())) {
                *answer = Answer::Value(Value::Text(row.name()));
            }
        }
        kept.push(row);
    }
    let first_day = round.opened_on.unwrap_or(known.began_on);
    let row = ResponseRow {
        id,
        study_id: round.study_id,
        round_id: round.id,
        version_id,
        state,
        seed: known.seed,
        language: String::new(),
        mode: known.mode,
        began_on: if known.day_matters { known.began_on } else { first_day },
        ended_on: None,
        stratum: known.stratum,
        psu: known.psu,
        base_weight: known.base_weight,
        answers: None,
        sealed: None,
    };
    Moving { row, answers, preloaded: known.preloaded, files: kept }
}

/// Stores responses in the order of their new identities.
fn store(connection: &mut Connection, keys: &Keys, mut rows: Vec<Moving>) -> Result<(), Error> {
    rows.sort_by_key(|one| one.row.id);
    for one in rows {
        let row = ResponseRow { answers: Some(Json::new(one.answers)), ..one.row };
        responses::insert_ended(connection, &row)?;
        for file in &one.files {
            files::insert(connection, keys, file, false)?;
        }
    }
    Ok(())
}

/// Puts small groups together, those of responses that moved before as well.
fn put_together(
    connection: &mut Connection,
    round: &RoundRow,
    mut rows: Vec<Moving>,
    told: &mut Regrouping,
) -> Result<Vec<Moving>, Error> {
    let mut cells = responses::design_counts(connection, round.id)?;
    let stored = cells.len();
    let mut places: BTreeMap<(String, String, u64), usize> = BTreeMap::new();
    let key =
        |cell: &DesignCell| (cell.stratum.clone(), cell.psu.clone(), cell.base_weight.to_bits());
    for (place, (cell, _)) in cells.iter().enumerate() {
        places.insert(key(cell), place);
    }
    let cell_of = |row: &ResponseRow| DesignCell {
        stratum: row.stratum.clone(),
        psu: row.psu.clone(),
        base_weight: row.base_weight,
    };
    for one in &rows {
        let cell = cell_of(&one.row);
        let place = *places.entry(key(&cell)).or_insert_with(|| {
            cells.push((cell, 0));
            cells.len() - 1
        });
        cells[place].1 += 1;
    }
    let groups = regroup(&cells, LEAST);
    told.groups_before = cells.len();
    told.groups_after = groups.iter().map(key).collect::<std::collections::BTreeSet<_>>().len();
    for ((cell, count), group) in cells.iter().zip(&groups).take(stored) {
        if cell != group {
            told.changed += count;
            responses::set_design(connection, round.id, cell, group)?;
        }
    }
    for one in &mut rows {
        let cell = cell_of(&one.row);
        let Some(group) = places.get(&key(&cell)).and_then(|place| groups.get(*place)) else {
            continue;
        };
        told.changed += usize::from(places[&key(&cell)] >= stored && *group != cell);
        one.row.stratum.clone_from(&group.stratum);
        one.row.psu.clone_from(&group.psu);
        one.row.base_weight = group.base_weight;
    }
    Ok(rows)
}

/// Takes out what the list, the link or the day said of people where too few of a
/// group share it: of the whole group, so that the lack of it tells nothing.
fn blank_rare(
    connection: &mut Connection,
    mut rows: Vec<Moving>,
    told: &mut Regrouping,
) -> Result<Vec<Moving>, Error> {
    let items: Vec<_> = rows.iter().flat_map(|one| one.preloaded.0.keys().copied()).collect();
    let days: std::collections::BTreeSet<_> = rows.iter().map(|one| one.row.began_on).collect();
    let Some(first) = rows.first() else { return Ok(rows) };
    if items.is_empty() && days.len() < 2 {
        return Ok(rows);
    }
    let items: std::collections::BTreeSet<_> = items.into_iter().collect();
    let said = |answers: &Answers| -> Answers {
        let kept = answers.0.iter().filter(|(item, _)| items.contains(item));
        Answers(kept.map(|(item, answer)| (*item, answer.clone())).collect())
    };
    let stored = responses::ended_of_round(connection, first.row.round_id)?;
    let group =
        |row: &ResponseRow| (row.stratum.clone(), row.psu.clone(), row.base_weight.to_bits());
    let beside = |answers: &Answers, row: &ResponseRow| {
        serde_json::to_string(&(said(answers), row.began_on)).unwrap_or_default()
    };
    let mut sharing: BTreeMap<_, BTreeMap<String, usize>> = BTreeMap::new();
    let none = Answers::default();
    for row in &stored {
        let answers = row.answers.as_deref().unwrap_or(&none);
        *sharing.entry(group(row)).or_default().entry(beside(answers, row)).or_default() += 1;
    }
    for one in &rows {
        let key = beside(&one.answers, &one.row);
        *sharing.entry(group(&one.row)).or_default().entry(key).or_default() += 1;
    }
    sharing.retain(|_, inside| inside.values().any(|count| *count < LEAST));
    let first_days: BTreeMap<_, _> = {
        let mut days = BTreeMap::new();
        for row in stored.iter().chain(rows.iter().map(|one| &one.row)) {
            let day = days.entry(group(row)).or_insert(row.began_on);
            *day = (*day).min(row.began_on);
        }
        days
    };
    let blank = |answers: &mut Answers| {
        for (item, answer) in &mut answers.0 {
            if items.contains(item) {
                *answer = Answer::Missing(State::EditedOut);
            }
        }
    };
    for row in stored {
        let key = group(&row);
        if !sharing.contains_key(&key) {
            continue;
        }
        told.blanked += 1;
        let mut answers = row.answers.as_deref().cloned().unwrap_or_default();
        blank(&mut answers);
        responses::set_blanked(connection, row.id, answers, first_days[&key])?;
    }
    for one in &mut rows {
        let key = group(&one.row);
        if sharing.contains_key(&key) {
            told.blanked += 1;
            blank(&mut one.answers);
            one.row.began_on = first_days[&key];
        }
    }
    Ok(rows)
}
