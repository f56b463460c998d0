//! Acts that meet. Every pair is played without luck, in both orders, on both
//! databases: the first is worked out on the state before, the second commits,
//! then the first is stored. Whatever was acknowledged must be there, nothing
//! twice, and no anonymous response may keep a revision or a way to it. Besides,
//! the pairs that matter most meet for real, many at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use fielding::acts::interview::{self, EndedInterview, Interview, Saved, Standing};
use fielding::acts::{contact, pool as pool_acts};
use fielding::clock::Clock;
use fielding::jobs::prepare;
use fielding::rules::states::{Ended, Privacy};
use fielding::store::{
    Connection, Id, Scope, Store, cases, outbox, outcomes, pool, responses, rounds,
};
use fielding::{App, Error};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::validate::Posted;

use super::story::{Fieldwork, PAGES, run, set_up_study};
use super::support::{Copies, Fresh, postgresql, sqlite};

/// The case that everybody does something with: all but submitted.
const HERE: usize = 0;
/// A case nobody has begun.
const NEW: usize = 9;

/// What may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Begin,
    Save(&'static str),
    Submit,
    Refuse,
    Close,
    Invite,
    Remind,
    Unsubscribe,
    Claim,
    MovePool,
}

const ACTS: [Act; 11] = [
    Act::Begin,
    Act::Save("1"),
    Act::Save("3"),
    Act::Submit,
    Act::Refuse,
    Act::Close,
    Act::Invite,
    Act::Remind,
    Act::Unsubscribe,
    Act::Claim,
    Act::MovePool,
];

/// A study in the field that acts are played on.
#[derive(Clone)]
struct World {
    app: App,
    study: Id,
    cases: Vec<Id>,
}

/// What an act was told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Saved(&'static str),
    Submitted,
    Done,
    Refused,
}

impl World {
    fn load(&self, case: usize) -> Interview {
        let (app, case) = (self.app.clone(), self.cases[case]);
        let load = |connection: &mut Connection| Interview::load_case(&app, connection, case);
        self.app.store.read_now(load).expect("read").expect("known")
    }

    /// Saves a page as it was filled in then.
    async fn save(&self, here: Interview, code: &'static str) -> Told {
        let index = here.version.page_named("opinions").expect("a page");
        let mut posted = Posted::new();
        for field in ["safe", "cheap"] {
            posted.insert(field.to_owned(), vec![code.to_owned()]);
        }
        let sequence = here.progress.sequence;
        let form = interview::Form { posted, sequence, files: Vec::new() };
        let saved = interview::save_page(&self.app, here, &Stop::page(index), form).await;
        match saved.expect("no error") {
            Saved::Next(_) | Saved::AtEnd => Told::Saved(code),
            _ => Told::Refused,
        }
    }

    /// Does what is done in portions.
    async fn prepared(&self, act: fn(&App, Id) -> Result<usize, Error>) -> Result<(), Error> {
        let (app, study) = (self.app.clone(), self.study);
        let done = tokio::task::spawn_blocking(move || act(&app, study)).await;
        done.expect("no panic").map(drop)
    }

    /// Plays an act that was worked out on an interview as it was then.
    async fn play(&self, act: Act, loaded: (Interview, Interview)) -> Told {
        let (here, new) = loaded;
        let (keys, now, id) = (self.app.keys.clone(), self.app.clock.now(), self.study);
        let case = self.cases[HERE];
        let write = |change: fn(&mut Connection, &World) -> Result<(), Error>| {
            let world = self.clone();
            self.app.store.write(Scope::Study(id), move |connection| change(connection, &world))
        };
        let outcome = match act {
            Act::Begin => interview::begin(&self.app, &new, "vi", BTreeMap::new()).await,
            Act::Save(code) => return self.save(here, code).await,
            Act::Submit => match interview::submit(&self.app, &here).await {
                Ok(None) => return Told::Submitted,
                Ok(Some(_)) | Err(Error::Conflict(_)) => return Told::Refused,
                Err(error) => Err(error),
            },
            Act::Refuse => interview::refuse(&self.app, &here).await,
            Act::Close => self.prepared(|app, study| prepare::close(app, None, study)).await,
            Act::Invite => self.prepared(|app, study| prepare::invite(app, None, study)).await,
            Act::Remind => self.prepared(|app, study| prepare::remind(app, None, study)).await,
            Act::Unsubscribe => {
                self.app
                    .store
                    .write(Scope::Person { study: id, case }, move |connection| {
                        contact::unsubscribe(connection, &keys, now, case, b"an address")
                    })
                    .await
            }
            Act::Claim => {
                self.app
                    .store
                    .write(Scope::Everything, move |connection| {
                        outbox::claim(connection, now, 3).map(drop)
                    })
                    .await
            }
            Act::MovePool => {
                write(|connection, world| {
                    let round = rounds::current(connection, world.study)?;
                    pool_acts::move_ready(connection, &world.app.keys, &round).map(drop)
                })
                .await
            }
        };
        match outcome {
            Ok(()) => Told::Done,
            Err(Error::Conflict(_) | Error::Invalid(_)) => Told::Refused,
            Err(error) => panic!("{act:?}: {error}"),
        }
    }

    /// What must hold whatever met: given in words where it does not.
    fn check(&self, told: &[(Act, Told)]) -> Result<(), String> {
        let (keys, study) = (self.app.keys.clone(), self.study);
        let ids = self.cases.clone();
        let found = self.app.store.read_now(move |connection| {
            let round = rounds::current(connection, study)?.id;
            let mut endings = Vec::new();
            let mut open = 0;
            for case in &ids {
                endings.extend(responses::ending_of(connection, &keys, *case)?);
                let response = responses::of_case(connection, &keys, *case)?;
                open += usize::from(response.is_some_and(|open| open.known.is_some()));
            }
            let counts = outcomes::counts_of(connection, round)?;
            let days = rounds::days(connection, round)?;
            let mut ended: Vec<Answers> = responses::ended_of_round(connection, round)?
                .into_iter()
                .map(|row| row.answers.map(fielding::store::Json::into_inner).unwrap_or_default())
                .collect();
            for pooled in pool::all(connection, &keys, round)? {
                let read: EndedInterview =
                    serde_json::from_slice(&pooled.content).expect("an interview");
                ended.push(read.answers);
            }
            Ok((endings, open, counts, days, ended))
        });
        let (endings, open, counts, days, ended) = found.expect("read");
        let total: i64 = counts.iter().map(|(_, _, cases)| cases).sum();
        if total != 10 {
            return Err(format!("{total} cases are counted: {counts:?}"));
        }
        let row_count = |table: &str| self.count(table);
        let here = self.load(HERE);
        let anonymous = here.study.is_anonymous();
        if anonymous {
            let answered = endings.iter().filter(|ending| **ending != Ended::Refused).count();
            if answered != ended.len() {
                return Err(format!("{answered} marks, {} ended interviews", ended.len()));
            }
            if row_count("sealed_links") != i64::try_from(open).unwrap_or(-1) {
                return Err("a link leads nowhere".to_owned());
            }
            if open == 0 && row_count("response_revisions") != 0 {
                return Err("revisions stay behind".to_owned());
            }
            let days_ended: i64 = days
                .iter()
                .filter(|((_, what), _)| what.word() == "ended")
                .map(|(_, count)| count)
                .sum();
            if days_ended != i64::try_from(endings.len()).unwrap_or(-1) {
                return Err(format!("{days_ended} ended by days, {} marks", endings.len()));
            }
        }
        check_answers(told, &here, &ended)
    }

    fn count(&self, table: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            rows: i64,
        }
        use diesel::RunQueryDsl as _;
        let query = format!("SELECT count(*) AS rows FROM {table}");
        let read = |connection: &mut Connection| {
            Ok(diesel::sql_query(query).get_result::<Count>(connection)?.rows)
        };
        self.app.store.read_now(read).expect("counted")
    }
}

/// What was acknowledged as saved is there, unless a later save was, or the
/// person took everything back.
fn check_answers(told: &[(Act, Told)], here: &Interview, ended: &[Answers]) -> Result<(), String> {
    let saved = told.iter().rev().find_map(|(_, told)| match told {
        Told::Saved(code) => Some(*code),
        _ => None,
    });
    let refused = here.standing() == Standing::Refused;
    let Some(code) = saved.filter(|_| !refused) else { return Ok(()) };
    let (safe, _) = here.version.item_named("safe").expect("an item");
    let wanted = Answer::Value(Value::Option(code.to_owned()));
    let now = here.progress.answers.get(safe);
    let stored = ended.iter().any(|answers| answers.get(safe) == Some(&wanted));
    if now == Some(&wanted) || stored {
        Ok(())
    } else {
        Err(format!("saved {code} is lost: {now:?}"))
    }
}

/// Case 0 has answered all and not submitted; five have ended.
async fn prepare(store: &Store, privacy: Privacy) -> Fieldwork {
    let fieldwork = set_up_study(store, privacy);
    for case in 1..6 {
        fieldwork.answer_all(case).await;
    }
    fieldwork.begin(HERE).await;
    for (page, fields) in PAGES {
        fieldwork.save(HERE, page, fields).await;
    }
    // Reminders may go out.
    let later = fieldwork.app.clock.now().plus_seconds(3 * 86_400);
    fieldwork.app.clock.set(later);
    fieldwork
}

fn every_pair(fresh: &Fresh, privacy: Privacy) {
    let (keys, at, study, ids) = {
        let mut kept = None;
        run(async {
            let fieldwork = prepare(&fresh.store, privacy).await;
            let ids: Vec<Id> = fieldwork.cases.iter().map(|case| case.id).collect();
            let app = &fieldwork.app;
            kept = Some((app.keys.clone(), app.clock.now(), fieldwork.study.id, ids));
        });
        kept.expect("prepared")
    };
    let copies = Copies::of(fresh);
    let mut wrong = Vec::new();
    let mut played = 0;
    for first in ACTS {
        for second in ACTS {
            let url = copies.make(played);
            let store = Store::open(&url).expect("opens");
            let app =
                App::new(store, keys.clone(), "http://127.0.0.1:1").with_clock(Clock::still(at));
            let world = World { app, study, cases: ids.clone() };
            run(async {
                let before = (world.load(HERE), world.load(NEW));
                let second_told = world.play(second, before.clone()).await;
                let first_told = world.play(first, before).await;
                let told = [(second, second_told), (first, first_told)];
                if let Err(what) = world.check(&told) {
                    wrong.push(format!("{told:?}: {what}"));
                }
            });
            drop(world);
            copies.drop_copy(played);
            played += 1;
        }
    }
    println!("{}, {privacy}: {played} pairs, {} wrong", fresh.name, wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_pair_of_acts_on_sqlite() {
    for privacy in [Privacy::Anonymous, Privacy::Identified] {
        every_pair(&sqlite(), privacy);
    }
}

#[test]
fn every_pair_of_acts_on_postgresql() {
    for privacy in [Privacy::Anonymous, Privacy::Identified] {
        if let Some(fresh) = postgresql() {
            every_pair(&fresh, privacy);
        }
    }
}

/// A save and a submission, many times at once: what was told saved is in what
/// was submitted, and nothing stays behind.
#[test]
fn a_save_that_meets_a_submission_is_kept_or_refused() {
    for fresh in std::iter::once(sqlite()).chain(postgresql()) {
        let store = fresh.store.clone();
        run(async move {
            let fieldwork = Arc::new(set_up_study(&store, Privacy::Anonymous));
            for case in 0..10 {
                fieldwork.begin(case).await;
                for (page, fields) in PAGES {
                    fieldwork.save(case, page, fields).await;
                }
            }
            let cases: Vec<Id> = fieldwork.cases.iter().map(|case| case.id).collect();
            let world = World { app: fieldwork.app.clone(), study: fieldwork.study.id, cases };
            let mut kept = Vec::new();
            for case in 0..10 {
                let loaded = (world.load(case), world.load(NEW));
                let (left, right) = (world.clone(), world.clone());
                let other = loaded.clone();
                let code = ["1", "3"][case % 2];
                let save =
                    tokio::task::spawn_local(
                        async move { left.play(Act::Save(code), loaded).await },
                    );
                let submit =
                    tokio::task::spawn_local(async move { right.play(Act::Submit, other).await });
                let (saved, submitted) = (save.await.expect("ran"), submit.await.expect("ran"));
                assert_eq!(submitted, Told::Submitted);
                if saved == Told::Saved(code) {
                    kept.push(code);
                }
            }
            let (keys, id) = (world.app.keys.clone(), world.study);
            let stored = store
                .read_now(move |connection| {
                    let round = rounds::current(connection, id)?.id;
                    pool::all(connection, &keys, round)
                })
                .expect("read");
            assert_eq!(stored.len(), 10);
            let (safe, _) = world.load(0).version.item_named("safe").expect("an item");
            for code in ["1", "3"] {
                let wanted = Answer::Value(Value::Option(code.to_owned()));
                let found = stored
                    .iter()
                    .filter(|pooled| {
                        let ended: EndedInterview =
                            serde_json::from_slice(&pooled.content).expect("an interview");
                        ended.answers.get(safe) == Some(&wanted)
                    })
                    .count();
                let told = kept.iter().filter(|kept| **kept == code).count();
                assert_eq!(found, told, "answer {code}: told saved and stored");
            }
            assert_eq!(world.count("response_revisions"), 0);
            assert_eq!(world.count("sealed_links"), 0);
            let page = store.read_now(move |connection| cases::page(connection, id, 0, 100));
            assert_eq!(page.expect("read").len(), 10);
        });
    }
}
