//! People for real: two at once, on both databases, each on a connection of its own;
//! and what a robbed database tells of their second factors and links.

use std::path::Path;
use std::sync::{Arc, Barrier};

use fielding::acts::{account, membership, people, second_factor};
use fielding::keys::{Keys, group_code};
use fielding::rules::access::Role;
use fielding::rules::second_factor::{Requirement, code_at, typed_secret};
use fielding::rules::states::{AccountLetterKind, SessionStage};
use fielding::store::{
    Connection, DatabaseUrl, Id, Instant, Scope, Store, account_letters, invited,
    people as accounts, second_factors, sessions,
};
use fielding::{Error, Missing};

use super::support::{Fresh, on_each};
use super::world::{SECRET, entrance, user};

/// The time of these tests.
const NOW: Instant = Instant(1_796_000_000_000_000);
/// What somebody does by a store.
type Deed<T> = Box<dyn FnOnce(&Store) -> T + Send>;
/// What somebody of one unit tries to do to somebody of another, and three units.
type Try = fn(&mut Connection, Id, Id, [Id; 3]) -> Result<(), Error>;

/// How often each race is run.
const TIMES: usize = 12;

fn write<T: Send + 'static>(
    store: &Store,
    act: impl Fn(&mut Connection) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    store.write_now(Scope::Everything, act)
}

/// Somebody with a role in the topmost unit.
fn add(store: &Store, email: &str, role: Role) -> Id {
    let new = user(email, email, NOW);
    let id = new.id;
    write(store, move |connection| people::add_user(connection, &new, role)).expect("added");
    id
}

/// A set-up with an owner. Gives unit and owner.
fn set_up(store: &Store) -> (Id, Id) {
    let owner = user("lan@example.org", "Lan", NOW);
    let id = owner.id;
    let unit = write(store, move |connection| people::set_up(connection, "Nhóm", &owner));
    (unit.expect("set up"), id)
}

/// Does two things at once, each by a store of its own: what came of each.
fn at_once<T: Send>(fresh: &Fresh, acts: [Deed<T>; 2]) -> [T; 2] {
    // SQLite has one writer a process; two programs may share a server.
    let stores = match &fresh.url {
        DatabaseUrl::Sqlite(_) => [fresh.store.clone(), fresh.store.clone()],
        DatabaseUrl::Postgresql(_) => {
            [fresh.store.clone(), Store::open(&fresh.url).expect("opens")]
        }
    };
    let begin = Arc::new(Barrier::new(2));
    std::thread::scope(|scope| {
        let runs = acts.into_iter().zip(&stores).map(|(act, store)| {
            let begin = Arc::clone(&begin);
            scope.spawn(move || {
                begin.wait();
                act(store)
            })
        });
        let runs: Vec<_> = runs.collect();
        let done: Vec<T> = runs.into_iter().map(|run| run.join().expect("no panic")).collect();
        done.try_into().unwrap_or_else(|_| panic!("two"))
    })
}

fn owners(store: &Store, unit: Id) -> Vec<Id> {
    let all = store.read_now(move |connection| accounts::of_units(connection, &[unit]));
    let owns = |(user, _, role): (accounts::User, Id, Role)| {
        (role == Role::Owner && !user.disabled).then_some(user.id)
    };
    all.expect("read").into_iter().filter_map(owns).collect()
}

#[test]
fn two_owners_who_remove_each_other_at_once_leave_one() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        for number in 0..TIMES {
            let binh = add(&fresh.store, &format!("binh-{number}@example.org"), Role::Owner);
            let first =
                owners(&fresh.store, unit).into_iter().find(|one| *one != binh).expect("another");
            let ends = |by: Id, of: Id| -> Deed<Result<(), Error>> {
                Box::new(move |store| {
                    write(store, move |connection| {
                        if number % 2 == 0 {
                            membership::end_role(connection, NOW, by, (of, unit))
                        } else {
                            membership::disable(connection, NOW, by, of)
                        }
                    })
                })
            };
            let told = at_once(fresh, [ends(first, binh), ends(binh, first)]);
            let done = told.iter().filter(|told| told.is_ok()).count();
            assert_eq!(done, 1, "{}, {number}: {told:?}", fresh.name);
            assert!(told.iter().any(|told| matches!(told, Err(Error::Forbidden))), "{told:?}");
            assert_eq!(owners(&fresh.store, unit).len(), 1, "{}, {number}", fresh.name);
        }
        let _ = lan;
    });
}

#[test]
fn the_last_owner_stays() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        let refused = |act: fn(&mut Connection, Id, Id) -> Result<(), Error>| {
            let told = write(&fresh.store, move |connection| act(connection, lan, unit));
            let Err(Error::Invalid(problems)) = told else { panic!("{told:?}") };
            problems[0].code.clone()
        };
        let end = refused(|connection, lan, unit| {
            membership::end_role(connection, NOW, lan, (lan, unit))
        });
        assert_eq!(end, "last-owner");
        let lower = refused(|connection, lan, unit| {
            membership::set_role(connection, NOW, lan, (lan, unit), Role::Viewer)
        });
        assert_eq!(lower, "last-owner");
        let oneself = refused(|connection, lan, _| membership::disable(connection, NOW, lan, lan));
        assert_eq!(oneself, "not-oneself");
        assert_eq!(owners(&fresh.store, unit), [lan], "nothing was half done");
        // An owner who may not sign in looks after nothing.
        let binh = add(&fresh.store, "binh@example.org", Role::Owner);
        write(&fresh.store, move |connection| membership::disable(connection, NOW, lan, binh))
            .expect("disabled");
        let end = refused(|connection, lan, unit| {
            membership::end_role(connection, NOW, lan, (lan, unit))
        });
        assert_eq!(end, "last-owner");
        let told =
            write(&fresh.store, move |connection| membership::enable(connection, NOW, binh, binh));
        assert!(matches!(told, Err(Error::Forbidden)), "{told:?}");
    });
}

#[test]
fn nobody_acts_where_they_have_no_right() {
    on_each(|fresh| {
        let (root, lan) = set_up(&fresh.store);
        let store = &fresh.store;
        let below = |name: &'static str| {
            write(store, move |connection| {
                fielding::acts::units::add_unit(connection, NOW, lan, root, name)
            })
            .expect("added")
        };
        let (north, south) = (below("Bắc"), below("Nam"));
        let chief = add(store, "chief@example.org", Role::Viewer);
        let hand = add(store, "hand@example.org", Role::Viewer);
        write(store, move |connection| {
            membership::set_role(connection, NOW, lan, (chief, north), Role::Owner)?;
            membership::set_role(connection, NOW, lan, (hand, south), Role::Analyst)
        })
        .expect("set");
        let tries: [(&str, Try); 6] = [
            ("a role in another unit", |connection, chief, hand, [_, _, south]| {
                membership::set_role(connection, NOW, chief, (hand, south), Role::Viewer)
            }),
            ("a role above", |connection, chief, hand, [root, ..]| {
                membership::set_role(connection, NOW, chief, (hand, root), Role::Analyst)
            }),
            ("a role of another unit ended", |connection, chief, hand, [_, _, south]| {
                membership::end_role(connection, NOW, chief, (hand, south))
            }),
            ("somebody of another unit disabled", |connection, chief, hand, _| {
                membership::disable(connection, NOW, chief, hand)
            }),
            ("a unit below another", |connection, chief, _, [_, _, south]| {
                fielding::acts::units::add_unit(connection, NOW, chief, south, "Mới").map(drop)
            }),
            ("another unit renamed", |connection, chief, _, [root, ..]| {
                fielding::acts::units::rename_unit(connection, NOW, chief, root, "Mới")
            }),
        ];
        for (what, act) in tries {
            let told =
                write(store, move |connection| act(connection, chief, hand, [root, north, south]));
            assert!(matches!(told, Err(Error::Forbidden)), "{what}: {told:?}");
        }
        // In the own unit all of it is allowed, to somebody from elsewhere as well.
        write(store, move |connection| {
            membership::set_role(connection, NOW, chief, (hand, north), Role::Owner)
        })
        .expect("in the own unit");
    });
}

/// Invites somebody by a link with that token.
fn invite(store: &Store, (by, unit): (Id, Id), email: &str, keys: &Keys, token: &str) -> Id {
    let new = membership::NewPerson {
        unit,
        email: email.to_owned(),
        name: "Hoa".to_owned(),
        role: Role::Analyst,
        language: "vi".to_owned(),
    };
    let (keys, token) = (keys.clone(), token.to_owned());
    write(store, move |connection| {
        let asked = membership::invite(connection, NOW, by, &new, true)?;
        membership::make_invitation_link(connection, &keys, NOW, &new.email, &token)?;
        let membership::Asked::Invited(id) = asked else { panic!("{asked:?}") };
        Ok(id)
    })
    .expect("invited")
}

#[test]
fn an_invitation_accepted_twice_at_once_makes_one_account() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        let keys = Keys::random();
        for number in 0..TIMES {
            let (email, token) = (format!("hoa-{number}@example.org"), format!("token-{number}"));
            invite(&fresh.store, (lan, unit), &email, &keys, &token);
            let joins = |hash: &'static str| -> Deed<_> {
                let (keys, token) = (keys.clone(), token.clone());
                Box::new(move |store: &Store| {
                    write(store, move |connection| {
                        membership::join(connection, &keys, NOW, &token, hash)
                    })
                })
            };
            let told = at_once(fresh, [joins("one"), joins("two")]);
            let joined: Vec<bool> = told.iter().map(|told| matches!(told, Ok(Some(_)))).collect();
            assert!(told.iter().all(Result::is_ok), "{}: {told:?}", fresh.name);
            assert_eq!(joined.iter().filter(|joined| **joined).count(), 1, "{told:?}");
            let found =
                fresh.store.read_now(move |connection| accounts::find_by_email(connection, &email));
            let hash = found.expect("read").expect("an account").password_hash;
            assert_eq!(hash.as_deref(), Some(if joined[0] { "one" } else { "two" }));
        }
    });
}

#[test]
fn a_link_works_for_seven_days_and_not_when_withdrawn() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        let behind = |token: &str, at: Instant| {
            let hash = keys.lookup(token);
            let found =
                store.read_now(move |connection| invited::find_by_token(connection, &hash, at));
            found.expect("read").is_some()
        };
        let id = invite(store, (lan, unit), "hoa@example.org", &keys, "first");
        assert!(behind("first", NOW.plus_seconds(7 * 86_400)));
        assert!(!behind("first", NOW.plus_seconds(7 * 86_400 + 1)));
        // A newer link takes its place.
        let own = keys.clone();
        write(store, move |connection| {
            membership::invite_again(connection, NOW, lan, id, true)?;
            let email = "hoa@example.org";
            membership::make_invitation_link(connection, &own, NOW, email, "second").map(drop)
        })
        .expect("again");
        assert!(!behind("first", NOW) && behind("second", NOW));
        write(store, move |connection| membership::withdraw(connection, NOW, lan, id))
            .expect("withdrawn");
        assert!(!behind("second", NOW));
        let waits = write(store, |connection| account_letters::take(connection, NOW, 9));
        assert_eq!(waits.expect("read"), [], "its letter does not go out either");
        let told = write(store, move |connection| membership::withdraw(connection, NOW, lan, id));
        assert!(matches!(told, Err(Error::NotFound(Missing::Invitation))), "{told:?}");
    });
}

#[test]
fn an_invitation_ends_with_the_right_of_who_invites() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        let binh = add(store, "binh@example.org", Role::Owner);
        let id = invite(store, (binh, unit), "binh-again@example.org", &keys, "first");
        let joins = |token: &'static str| {
            let keys = keys.clone();
            let joined = write(store, move |connection| {
                membership::join(connection, &keys, NOW, token, "hash")
            });
            joined.expect("tried").is_some()
        };
        write(store, move |connection| membership::disable(connection, NOW, lan, binh))
            .expect("disabled");
        assert!(!joins("first"), "nobody comes back by an invitation of their own");
        // Whoever sends it again is who invites.
        let own = keys.clone();
        write(store, move |connection| {
            membership::invite_again(connection, NOW, lan, id, false)?;
            let email = "binh-again@example.org";
            membership::make_invitation_link(connection, &own, NOW, email, "second").map(drop)
        })
        .expect("again");
        assert!(joins("second"));
    });
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.0 / 1_000_000).expect("later than 1970")
}

/// Gives somebody a second factor with these recovery codes.
fn give_factor(store: &Store, keys: &Keys, user: Id, codes: &[&str]) {
    let (keys, codes): (Keys, Vec<String>) =
        (keys.clone(), codes.iter().map(|code| (*code).to_owned()).collect());
    write(store, move |connection| {
        let code = code_at(SECRET, seconds(NOW))?;
        second_factor::set_up(connection, &keys, NOW, (user, SECRET), (&code, &codes))
    })
    .expect("set up");
}

/// Signs somebody in as far as the code. Gives what the session waits for.
fn half(store: &Store, keys: &Keys, at: Instant, user: Id, token: &str) -> SessionStage {
    let (keys, token) = (keys.clone(), token.to_owned());
    write(store, move |connection| {
        people::open_session(connection, &keys, at, user, &entrance(&token))
    })
    .expect("half way")
}

fn pass(store: &Store, keys: &Keys, at: Instant, token: &str, typed: &str) -> bool {
    let (keys, token, typed) = (keys.clone(), token.to_owned(), typed.to_owned());
    let new = Id::random().to_string();
    write(store, move |connection| {
        second_factor::pass(connection, &keys, at, (&token, &new), &typed)
    })
    .expect("tried")
}

#[test]
fn a_code_works_once_within_a_step_and_a_recovery_code_once() {
    on_each(|fresh| {
        let (_, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        give_factor(store, &keys, lan, &["ABCDEFGHJKLM", "NNNNPPPPQQQQ"]);
        let code = |at: Instant| code_at(SECRET, seconds(at)).expect("a code");
        let later = |steps: i64| NOW.plus_seconds(30 * steps);
        assert_eq!(half(store, &keys, NOW, lan, "a"), SessionStage::Code);
        assert!(!pass(store, &keys, NOW, "a", &code(NOW)), "the code that set it up is used");
        assert!(!pass(store, &keys, NOW, "a", "000000"), "a wrong one");
        assert!(!pass(store, &keys, NOW, "a", &code(later(2))), "two steps apart");
        assert!(pass(store, &keys, NOW, "a", &code(later(1))), "a clock one step apart");
        assert!(!pass(store, &keys, NOW, "a", &code(later(2))), "the sign-in waits no more");
        half(store, &keys, later(1), lan, "b");
        assert!(!pass(store, &keys, later(1), "b", &code(later(1))), "used");
        assert!(!pass(store, &keys, later(1), "b", &code(NOW)), "older than the last");
        assert!(pass(store, &keys, later(1), "b", " abcd efgh-jklm "), "typed loosely");
        half(store, &keys, later(2), lan, "c");
        assert!(!pass(store, &keys, later(2), "c", "ABCDEFGHJKLM"), "once");
        assert!(pass(store, &keys, later(2), "c", "NNNNPPPPQQQQ"));
        // Ten minutes, and then the password again.
        half(store, &keys, later(3), lan, "d");
        let late = later(3).plus_seconds(601);
        assert!(!pass(store, &keys, late, "d", &code(late)));
    });
}

#[test]
fn a_recovery_code_used_twice_at_once_opens_one_session() {
    on_each(|fresh| {
        let (_, lan) = set_up(&fresh.store);
        let keys = Keys::random();
        let codes: Vec<String> = (0..TIMES).map(|number| format!("CODE{number:08}")).collect();
        let all: Vec<&str> = codes.iter().map(String::as_str).collect();
        give_factor(&fresh.store, &keys, lan, &all);
        for code in &codes {
            let tokens = ["one", "two"].map(|side| format!("{side}-{code}"));
            for token in &tokens {
                half(&fresh.store, &keys, NOW, lan, token);
            }
            let tries = tokens.map(|token| -> Deed<bool> {
                let (keys, code) = (keys.clone(), code.clone());
                Box::new(move |store: &Store| pass(store, &keys, NOW, &token, &code))
            });
            let passed = at_once(fresh, tries);
            assert_eq!(passed.iter().filter(|passed| **passed).count(), 1, "{}", fresh.name);
        }
    });
}

#[test]
fn whoever_must_have_one_waits_until_it_is_set_up() {
    on_each(|fresh| {
        let (_, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        let analyst = add(store, "hoa@example.org", Role::Analyst);
        let open = |user: Id, token: &'static str, requirement: Requirement| {
            let keys = keys.clone();
            write(store, move |connection| {
                let entrance = people::Entrance { token, device: "", requirement };
                people::open_session(connection, &keys, NOW, user, &entrance)
            })
            .expect("opened")
        };
        assert_eq!(open(lan, "off", Requirement::Off), SessionStage::Whole);
        assert_eq!(open(analyst, "analyst", Requirement::On), SessionStage::Whole);
        assert_eq!(open(lan, "on", Requirement::On), SessionStage::Setup);
        give_factor(store, &keys, lan, &["ABCDEFGHJKLM"]);
        let stage = |token: &str| {
            let hash = keys.lookup(token);
            let found = store.read_now(move |connection| sessions::find(connection, &hash, NOW));
            found.expect("read").map(|(session, _)| session.stage)
        };
        assert_eq!(stage("on"), Some(SessionStage::Whole), "it was set up");
        // Turned off by oneself: every session waits again.
        let own = keys.clone();
        write(store, move |connection| {
            let typed = ("ABCDEFGHJKLM", Requirement::On);
            second_factor::remove_own(connection, &own, NOW, lan, typed)
        })
        .expect("off");
        assert_eq!(stage("on"), Some(SessionStage::Setup));
        // Taken away by another: every session ends, and a letter says so.
        give_factor(store, &keys, lan, &[]);
        let binh = add(store, "binh@example.org", Role::Owner);
        write(store, move |connection| second_factor::remove_of(connection, NOW, Some(binh), lan))
            .expect("taken away");
        assert_eq!(stage("on"), None);
        let letters = write(store, |connection| account_letters::take(connection, NOW, 9));
        let letters = letters.expect("read");
        assert_eq!(letters.len(), 1);
        assert_eq!(
            (letters[0].kind, &*letters[0].email),
            (AccountLetterKind::FactorRemoved, "lan@example.org")
        );
        let told = write(store, move |connection| {
            second_factor::remove_of(connection, NOW, Some(binh), lan)
        });
        assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
    });
}

#[test]
fn disabling_ends_every_session_and_a_new_password_all_others() {
    on_each(|fresh| {
        let (_, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        let hoa = add(store, "hoa@example.org", Role::Viewer);
        for token in ["one", "two", "three"] {
            half(store, &keys, NOW, hoa, token);
        }
        let open = || {
            let all = store.read_now(move |connection| sessions::of_user(connection, hoa, NOW));
            all.expect("read")
        };
        assert_eq!(open().len(), 3);
        let kept = open()[0].id;
        write(store, move |connection| {
            account::change_password(connection, NOW, (hoa, kept), (None, "new"))
        })
        .expect("changed");
        assert_eq!(open().iter().map(|one| one.id).collect::<Vec<_>>(), [kept]);
        // Two who change it at once: the second finds another present one.
        let told = write(store, move |connection| {
            account::change_password(connection, NOW, (hoa, kept), (None, "newer"))
        });
        assert!(matches!(told, Err(Error::Invalid(_))), "{told:?}");
        write(store, move |connection| membership::disable(connection, NOW, lan, hoa))
            .expect("disabled");
        assert_eq!(open().len(), 0);
    });
}

/// Whether the bytes stand anywhere in the files of a database.
fn stands_in(path: &Path, bytes: &[u8]) -> bool {
    let beside = ["", "-wal"].map(|end| format!("{}{end}", path.display()));
    let files = beside.iter().filter_map(|file| std::fs::read(file).ok());
    files.into_iter().any(|file| file.windows(bytes.len()).any(|part| part == bytes))
}

#[test]
fn a_robbed_database_opens_no_account() {
    on_each(|fresh| {
        let (unit, lan) = set_up(&fresh.store);
        let (store, keys) = (&fresh.store, Keys::random());
        let (recovery, link) = ("ABCDEFGHJKLM", "QRSTUVWXYZ234567ABCDEFGHJK");
        give_factor(store, &keys, lan, &[recovery]);
        invite(store, (lan, unit), "hoa@example.org", &keys, link);
        half(store, &keys, NOW, lan, "half-a-sign-in-token");
        let factor = store
            .read_now(move |connection| second_factors::find(connection, lan))
            .expect("read")
            .expect("one");
        // Sealed, and for that person alone.
        assert!(!factor.sealed.windows(SECRET.len()).any(|part| part == SECRET));
        assert_eq!(keys.unseal_factor(lan, &factor.sealed).expect("opens"), SECRET);
        assert!(keys.unseal_factor(unit, &factor.sealed).is_err());
        assert!(Keys::random().unseal_factor(lan, &factor.sealed).is_err());
        // With other keys nothing that was given works.
        let others = Keys::random();
        let hash = others.lookup(link);
        let found =
            store.read_now(move |connection| invited::find_by_token(connection, &hash, NOW));
        assert!(found.expect("read").is_none());
        assert!(!pass(store, &others, NOW, "half-a-sign-in-token", recovery));
        let DatabaseUrl::Sqlite(path) = &fresh.url else { return };
        let typed = typed_secret(SECRET).replace(' ', "");
        let grouped = group_code(recovery);
        for secret in [
            SECRET,
            typed.as_bytes(),
            recovery.as_bytes(),
            grouped.as_bytes(),
            link.as_bytes(),
            b"half-a-sign-in-token",
        ] {
            assert!(!stands_in(path, secret), "{}", String::from_utf8_lossy(secret));
        }
        assert!(stands_in(path, b"hoa@example.org"), "what is not secret is found");
    });
}
