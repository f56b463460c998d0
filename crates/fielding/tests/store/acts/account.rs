//! One's own account, its sessions, and the second factor.

use std::sync::Arc;

use fielding::acts::{account, second_factor};
use fielding::rules::second_factor::{Requirement, code_at};
use fielding::store::{Instant, sessions};

use super::{Act, Audit, Told, done, everything};
use crate::world::{RECOVERY, SECRET};

/// The code that an application shows at a moment.
fn code(at: Instant) -> String {
    let seconds = u64::try_from(at.0 / 1_000_000).expect("later than 1970");
    code_at(SECRET, seconds).expect("a code")
}

fn codes() -> Vec<String> {
    vec!["MMMMNNNNPPPP".to_owned()]
}

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "account::change_account",
        reads: "",
        writes: "audit_entries users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            Ok(done(move |connection| {
                account::change_account(connection, now, owner, ("Nguyễn Thị Lan", "en"))
            }))
        },
    },
    Act {
        name: "account::change_password",
        reads: "",
        writes: "account_letters audit_entries sessions sign_in_links users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, connection| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let session = sessions::of_user(connection, owner, world.made_at)?.remove(0).id;
            Ok(done(move |connection| {
                account::change_password(connection, now, (owner, session), (None, "$argon2id$"))
            }))
        },
    },
    Act {
        name: "account::end_session",
        reads: "",
        writes: "audit_entries sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, connection| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let session = sessions::of_user(connection, owner, world.made_at)?.remove(1).id;
            Ok(done(move |connection| account::end_session(connection, now, owner, session)))
        },
    },
    Act {
        name: "account::end_other_sessions",
        reads: "",
        writes: "audit_entries sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, connection| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let present = sessions::of_user(connection, owner, world.made_at)?.remove(0).id;
            Ok(done(move |connection| account::end_other_sessions(connection, now, owner, present)))
        },
    },
    Act {
        name: "account::see_session",
        reads: "",
        writes: "sessions",
        audit: Audit::None("it is no deed, and would tell of every hour"),
        scope: everything,
        prepare: |world, connection| {
            let now = world.app.clock.now();
            let present = sessions::of_user(connection, world.owner, world.made_at)?.remove(0).id;
            Ok(done(move |connection| account::see_session(connection, now, present)))
        },
    },
    Act {
        name: "second_factor::set_up",
        reads: "",
        writes: "audit_entries recovery_codes second_factors sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (owner, code) = (world.owner, code(now));
            Ok(done(move |connection| {
                let (of, new) = ((owner, SECRET), codes());
                second_factor::set_up(connection, &keys, now, of, (&code, &new))
            }))
        },
    },
    Act {
        name: "second_factor::pass by a code",
        reads: "users",
        writes: "audit_entries second_factors sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            // The sign-in waits for ten minutes, and the code of setting up is used.
            let (keys, now) = (world.app.keys.clone(), world.made_at);
            let code = code(now.plus_seconds(30));
            Ok(Arc::new(move |connection| {
                let tokens = ("half", "whole");
                let right = second_factor::pass(connection, &keys, now, tokens, &code)?;
                Ok(if right { Told::Done } else { Told::Refused })
            }))
        },
    },
    Act {
        name: "second_factor::pass by a recovery code",
        reads: "second_factors users",
        writes: "audit_entries recovery_codes sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.made_at);
            Ok(Arc::new(move |connection| {
                let tokens = ("half", "whole");
                let right = second_factor::pass(connection, &keys, now, tokens, RECOVERY)?;
                Ok(if right { Told::Done } else { Told::Refused })
            }))
        },
    },
    Act {
        name: "second_factor::renew_codes",
        reads: "",
        writes: "audit_entries recovery_codes second_factors",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (minh, code) = (world.people.minh, code(now));
            Ok(done(move |connection| {
                let new = codes();
                second_factor::renew_codes(connection, &keys, now, minh, (&code, &new))
            }))
        },
    },
    Act {
        name: "second_factor::remove_own",
        reads: "roles",
        writes: "audit_entries recovery_codes second_factors sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let minh = world.people.minh;
            Ok(done(move |connection| {
                let typed = (RECOVERY, Requirement::On);
                second_factor::remove_own(connection, &keys, now, minh, typed)
            }))
        },
    },
    Act {
        name: "second_factor::remove_of",
        reads: "roles units users",
        writes: "account_letters audit_entries recovery_codes second_factors sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, minh) = (world.app.clock.now(), world.owner, world.people.minh);
            Ok(done(move |connection| second_factor::remove_of(connection, now, Some(owner), minh)))
        },
    },
];
