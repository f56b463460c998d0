//! Acts that meet, every one with every other: worked out on the state before, in
//! both orders, on both databases. Whatever was acknowledged must be there, the
//! counts must add up, and what may not be is refused in words, never by an error
//! of the database. Each is played inside a transaction that is taken back, so
//! that a thousand pairs need one database; `races` plays those around an
//! interview as they are stored, and for real.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use fielding::Error;
use fielding::rules::states::Privacy;
use fielding::store::{Connection, DatabaseUrl, Store};

use super::acts::{Act, Audit, NO_ACTS, Ready, Told, acts};
use super::story::run;
use super::support::{Copies, Fresh, Rewound, on_each, postgresql, sqlite};
use super::watch::{Touched, watched};
use super::world::{FRESH, World, count};

/// Who answer at once.
const RESPONDENTS: usize = 32;

fn connect(fresh: &Fresh) -> Connection {
    match &fresh.url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_string_lossy();
            let mut sqlite = SqliteConnection::establish(&path).expect("opens");
            let set = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000";
            sqlite.batch_execute(set).expect("set");
            Connection::Sqlite(sqlite)
        }
        DatabaseUrl::Postgresql(url) => {
            Connection::Postgresql(PgConnection::establish(url).expect("the server answers"))
        }
    }
}

/// Works an act out; `None` where it is refused already.
fn ready(act: &Act, world: &World, connection: &mut Connection) -> Result<Option<Ready>, String> {
    let prepared = connection.transaction(|connection| (act.prepare)(world, connection));
    match prepared {
        Ok(ready) => Ok(Some(ready)),
        Err(error) if is_refusal(&error) => Ok(None),
        Err(error) => Err(format!("{} worked out: {error}", act.name)),
    }
}

/// Plays an act that was worked out.
fn play(name: &str, ready: Option<&Ready>, connection: &mut Connection) -> Result<Told, String> {
    let Some(ready) = ready else { return Ok(Told::Refused) };
    match connection.transaction(|connection| ready(connection)) {
        Ok(told) => Ok(told),
        Err(error) if is_refusal(&error) => Ok(Told::Refused),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn is_refusal(error: &Error) -> bool {
    // Who has lost the right to it meanwhile may not.
    let lost = matches!(error, Error::Forbidden);
    lost || matches!(error, Error::Conflict(_) | Error::Invalid(_) | Error::NotFound(_))
}

/// The answer that was saved last, unless the person took everything back.
fn last_saved(told: &[Told]) -> Option<&'static str> {
    if told.contains(&Told::TakenBack) {
        return None;
    }
    told.iter().rev().find_map(|told| match told {
        Told::Saved(code) => Some(*code),
        _ => None,
    })
}

fn every_pair(fresh: &Fresh, privacy: Privacy) {
    let world = World::new(&fresh.store, privacy);
    let (mut connection, all) = (connect(fresh), acts());
    let mut wrong = Vec::new();
    let (mut played, mut refused) = (0, 0);
    for first in &all {
        for second in all.iter().filter(|second| first.meets(second)) {
            let pair = format!("{}, then {}", second.name, first.name);
            let outcome = taken_back(&mut connection, |connection| {
                let first_ready = ready(first, &world, connection)?;
                let second_ready = ready(second, &world, connection)?;
                let told = [
                    play(second.name, second_ready.as_ref(), connection)?,
                    play(first.name, first_ready.as_ref(), connection)?,
                ];
                let found = world.check(connection, last_saved(&told));
                if found.is_empty() { Ok(told) } else { Err(format!("{told:?}: {found:?}")) }
            });
            match outcome {
                Ok(told) => refused += usize::from(told.contains(&Told::Refused)),
                Err(what) => wrong.push(format!("{pair}: {what}")),
            }
            played += 1;
        }
    }
    println!(
        "{}, {privacy}: {played} pairs of {} acts, one refused in {refused}, {} wrong",
        fresh.name,
        all.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Does something in a transaction and takes it back.
fn taken_back<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, String>,
) -> Result<T, String> {
    let mut kept = Err("it was not played".to_owned());
    let outcome = connection.transaction(|connection| {
        kept = work(connection);
        Err::<(), _>(diesel::result::Error::RollbackTransaction)
    });
    assert_eq!(outcome, Err(diesel::result::Error::RollbackTransaction));
    kept
}

#[test]
fn every_pair_that_meets_on_sqlite() {
    for privacy in [Privacy::Anonymous, Privacy::Identified] {
        every_pair(&sqlite(), privacy);
    }
}

#[test]
fn every_pair_that_meets_on_postgresql() {
    for privacy in [Privacy::Anonymous, Privacy::Identified] {
        if let Some(fresh) = postgresql() {
            every_pair(&fresh, privacy);
        }
    }
}

/// How often each pair meets for real.
fn times() -> usize {
    std::env::var("SONDAGE_RACES").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// Which of the pairs meet, as `3/8`: the third of eight parts, so that a machine that
/// is needed for other work can go through them bit by bit.
fn part() -> (usize, usize) {
    let part = std::env::var("SONDAGE_RACES_PART").unwrap_or_else(|_| "1/1".to_owned());
    let numbers = part.split_once('/').and_then(|(number, of)| {
        let (number, of) = (number.parse::<usize>().ok()?, of.parse::<usize>().ok()?);
        (1..=of).contains(&number).then_some((number - 1, of))
    });
    numbers.expect("SONDAGE_RACES_PART is a part as 3/8")
}

/// Two programs on one server: both are told to begin at once.
fn meet_for_real(world: &World, stores: &[Store; 2], pair: [&Act; 2]) -> Result<[Told; 2], String> {
    let mut readies = Vec::new();
    for (act, store) in pair.iter().zip(stores) {
        let (in_world, prepare) = (world.clone(), act.prepare);
        let outcome =
            store.write_now((act.scope)(world), move |connection| prepare(&in_world, connection));
        readies.push(match outcome {
            Ok(ready) => Some(ready),
            Err(error) if is_refusal(&error) => None,
            Err(error) => return Err(format!("{} worked out: {error}", act.name)),
        });
    }
    let start = std::sync::Barrier::new(2);
    let told: Vec<Result<Told, String>> = std::thread::scope(|scope| {
        let both: Vec<_> = pair
            .iter()
            .zip(stores)
            .zip(&readies)
            .map(|((act, store), ready)| {
                scope.spawn(|| {
                    start.wait();
                    let Some(ready) = ready.clone() else { return Ok(Told::Refused) };
                    match store.write_now((act.scope)(world), move |connection| ready(connection)) {
                        Ok(told) => Ok(told),
                        Err(error) if is_refusal(&error) => Ok(Told::Refused),
                        Err(error) => Err(format!("{}: {error}", act.name)),
                    }
                })
            })
            .collect();
        both.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    let told: Vec<Told> = told.into_iter().collect::<Result<_, _>>()?;
    let told = [told[0], told[1]];
    // Two saves that were both told saved followed one another: either is the last.
    let saved: BTreeSet<_> = told.iter().filter_map(|told| last_saved(&[*told])).collect();
    let one =
        if told.contains(&Told::TakenBack) || saved.len() > 1 { None } else { last_saved(&told) };
    let (in_world, found) = (world.clone(), stores[0].clone());
    let found = found.read_now(move |connection| Ok(in_world.check(connection, one)));
    let found = found.map_err(|error| error.to_string())?;
    if found.is_empty() { Ok(told) } else { Err(format!("{told:?}: {found:?}")) }
}

/// Pairs that are still to meet, handed out to whoever is free.
struct Course<'a> {
    world: &'a World,
    pairs: Vec<[&'a Act; 2]>,
    next: AtomicUsize,
    times: usize,
}

impl Course<'_> {
    /// Lets pairs meet on one copy until none is left; what was found wrong.
    fn run(&self, url: &DatabaseUrl) -> Vec<String> {
        let stores = [(); 2].map(|()| Store::open(url).expect("opens"));
        let (mut rewound, mut wrong) = (Rewound::of(url), Vec::new());
        while let Some(pair) = self.pairs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for _ in 0..self.times {
                if let Err(what) = meet_for_real(self.world, &stores, *pair) {
                    wrong.push(format!("{} and {}: {what}", pair[0].name, pair[1].name));
                }
                rewound.rewind();
            }
            rewound.clear_away();
        }
        wrong
    }
}

/// How many copies pairs meet on at a time.
const COURSES: usize = 4;

/// Every pair that meets, on two connections of a server. `SONDAGE_RACES` says how
/// often, `SONDAGE_RACES_PART` which of them, `SONDAGE_RACES_ACT` an act whose pairs
/// alone meet.
fn every_pair_for_real(privacy: Privacy) {
    let Some(fresh) = postgresql() else { return };
    let world = World::new(&fresh.store, privacy);
    let (copies, all) = (Copies::of(&fresh), acts());
    let wanted = std::env::var("SONDAGE_RACES_ACT").ok();
    let is_wanted = |act: &Act| wanted.as_deref().is_none_or(|name| act.name == name);
    let with = |place: usize| {
        let first = all[place];
        let meeting = move |second: &&&Act| first.meets(second);
        all[place..].iter().filter(meeting).map(move |second| [first, *second])
    };
    let pairs = (0..all.len()).flat_map(with);
    let (number, of) = part();
    let pairs: Vec<_> = pairs
        .filter(|pair| pair.iter().any(|act| is_wanted(act)))
        .skip(number)
        .step_by(of)
        .collect();
    assert!(!pairs.is_empty(), "no pair meets: is {wanted:?} an act?");
    let course = Course { world: &world, pairs, next: AtomicUsize::new(0), times: times() };
    let urls: Vec<DatabaseUrl> = (0..COURSES).map(|number| copies.make(number)).collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = urls.iter().map(|url| scope.spawn(|| course.run(url))).collect();
        runs.into_iter().flat_map(|run| run.join().expect("no panic")).collect()
    });
    (0..COURSES).for_each(|number| copies.drop_copy(number));
    let (pairs, times) = (course.pairs.len(), course.times);
    println!("{privacy}: {pairs} pairs, {times} times each, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "minutes long; `just endure` runs it"]
fn every_pair_for_real_in_anonymous_studies() {
    every_pair_for_real(Privacy::Anonymous);
}

#[test]
#[ignore = "minutes long; `just endure` runs it"]
fn every_pair_for_real_in_identified_studies() {
    every_pair_for_real(Privacy::Identified);
}

/// Respondents on two nodes seldom come in each other's way: at most two of a
/// hundred of their changes are tried again.
#[test]
fn thirty_two_respondents_on_two_nodes() {
    for privacy in [Privacy::Anonymous, Privacy::Identified] {
        let Some(fresh) = postgresql() else { return };
        let world = World::new(&fresh.store, privacy);
        let nodes = [(); 2].map(|()| Store::open(&fresh.url).expect("opens"));
        std::thread::scope(|scope| {
            for (place, store) in nodes.iter().cycle().take(RESPONDENTS).enumerate() {
                let mut app = world.app.clone();
                app.store = store.clone();
                let answering = world.fieldwork(app);
                scope.spawn(move || run(async { answering.answer_all(FRESH + place).await }));
            }
        });
        let counts = nodes.each_ref().map(Store::write_counts);
        let (writes, retried) = (counts[0].0 + counts[1].0, counts[0].1 + counts[1].1);
        println!("{privacy}: {writes} changes, {retried} tried again");
        assert!(writes > 300 && retried * 50 <= writes, "{retried} of {writes}");
        let mut connection = connect(&fresh);
        assert_eq!(world.check(&mut connection, None), Vec::<String>::new());
    }
}

fn declared(tables: &str) -> BTreeSet<String> {
    tables.split_whitespace().map(str::to_owned).collect()
}

/// Tables whose rows name a person's case.
const OF_PEOPLE: [&str; 4] = ["cases", "contact_details", "contacts", "outbox"];
/// Tables whose rows hold answers, or are named by what holds them.
const OF_ANSWERS: [&str; 4] =
    ["pooled_responses", "response_files", "response_revisions", "responses"];

/// The act after which nothing of a study is left.
const EVERYTHING: &str = "deletion::end_deletion";

/// What is declared is what the statements say, and the audit hears of it. In an
/// anonymous study no transaction writes of a person and of an answer, so that neither
/// a number that a server gives to its transactions nor its journal leads from one to
/// the other.
#[test]
fn acts_touch_what_they_declare() {
    on_each(|fresh| {
        let mut seen = vec![Touched::default(); acts().len()];
        let mut wrong = Vec::new();
        for privacy in [Privacy::Anonymous, Privacy::Identified] {
            let own = if fresh.name == "SQLite" { Some(sqlite()) } else { postgresql() };
            let own = own.expect("another of the same kind");
            let world = World::new(&own.store, privacy);
            let mut connection = connect(&own);
            for (act, seen) in acts().iter().zip(&mut seen) {
                let outcome = taken_back(&mut connection, |connection| {
                    let ready = ready(act, &world, connection)?;
                    let before = count(connection, "audit_entries");
                    let (told, touched) = watched(connection, |connection| {
                        play(act.name, ready.as_ref(), connection)
                    });
                    let entries = count(connection, "audit_entries") - before;
                    Ok((told?, touched, entries))
                });
                let (told, touched, entries) = outcome.expect(act.name);
                let writes = |to: &[&str]| to.iter().any(|table| touched.writes.contains(*table));
                let together = writes(&OF_PEOPLE) && writes(&OF_ANSWERS);
                if privacy == Privacy::Anonymous && together && act.name != EVERYTHING {
                    wrong.push(format!(
                        "{} writes of a person and an answer: {:?}",
                        act.name, touched.writes
                    ));
                }
                seen.reads.extend(touched.reads);
                seen.writes.extend(touched.writes);
                let expected = act.audit == Audit::Entry && told != Told::Refused;
                if (entries > 0) != expected {
                    wrong.push(format!("{}: {entries} entries in the audit", act.name));
                }
                if told == Told::Refused && act.name != "people::set_up" {
                    wrong.push(format!("{} is refused in an {privacy} study", act.name));
                }
            }
        }
        for (act, mut seen) in acts().iter().zip(seen) {
            // Who changes a row looks at it.
            seen.reads = seen.reads.difference(&seen.writes).cloned().collect();
            if (&seen.reads, &seen.writes) != (&declared(act.reads), &declared(act.writes)) {
                let list = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(" ");
                wrong.push(format!(
                    "{} reads \"{}\" and writes \"{}\"",
                    act.name,
                    list(seen.reads),
                    list(seen.writes)
                ));
            }
        }
        assert!(wrong.is_empty(), "on {}:\n{}", fresh.name, wrong.join("\n"));
    });
}

/// Every function of `acts` that takes a connection is declared.
#[test]
fn every_act_is_declared() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/acts");
    let mut found = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the acts") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src/acts"));
            let module = inside.expect("inside").with_extension("");
            let module = module.iter().next().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a file");
            for function in text.split("pub fn ").skip(1) {
                let head = function.split('{').next().unwrap_or_default();
                if head.contains("connection: &mut Connection") {
                    let name: String = head
                        .chars()
                        .take_while(|sign| sign.is_alphanumeric() || *sign == '_')
                        .collect();
                    found.insert(format!("{module}::{name}"));
                }
            }
        }
    }
    let acts = acts();
    let known: BTreeSet<String> = acts
        .iter()
        .map(|act| act.function().to_owned())
        .filter(|name| name != "outbox::claim")
        .chain(NO_ACTS.iter().map(|(name, _)| (*name).to_owned()))
        .collect();
    assert_eq!(found, known, "what takes a connection, and what is declared");
}
