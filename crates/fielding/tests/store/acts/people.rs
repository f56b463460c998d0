//! Who works here.

use std::sync::Arc;

use fielding::acts::people;
use fielding::rules::access::Role;
use fielding::store::Id;

use super::{Act, Audit, Told, done, everything};
use crate::world::{entrance, user};

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "people::set_up",
        reads: "users",
        writes: "",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let owner = user("an@example.org", "An", world.app.clock.now());
            Ok(done(move |connection| people::set_up(connection, "Nhóm", &owner).map(drop)))
        },
    },
    Act {
        name: "people::add_user",
        reads: "units",
        writes: "audit_entries roles users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let new = user("hoa@example.org", "Hoa", world.app.clock.now());
            Ok(done(move |connection| people::add_user(connection, &new, Role::Viewer)))
        },
    },
    Act {
        name: "people::make_sign_in_link",
        reads: "users",
        writes: "audit_entries sign_in_links",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let token = Id::random().to_string();
            Ok(done(move |connection| {
                let email = "lan@example.org";
                people::make_sign_in_link(connection, &keys, now, email, &token)
            }))
        },
    },
    Act {
        name: "people::open_session",
        reads: "roles second_factors",
        writes: "audit_entries sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (owner, token) = (world.owner, Id::random().to_string());
            Ok(done(move |connection| {
                people::open_session(connection, &keys, now, owner, &entrance(&token)).map(drop)
            }))
        },
    },
    Act {
        name: "people::use_sign_in_link",
        reads: "roles second_factors users",
        writes: "audit_entries sessions sign_in_links",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.made_at);
            let token = Id::random().to_string();
            Ok(Arc::new(move |connection| {
                let by = entrance(&token);
                let used = people::use_sign_in_link(connection, &keys, now, "sign-in", &by)?;
                Ok(if used.is_some() { Told::Done } else { Told::Refused })
            }))
        },
    },
    Act {
        name: "people::close_session",
        reads: "",
        writes: "audit_entries sessions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let owner = world.owner;
            Ok(done(move |connection| {
                people::close_session(connection, &keys, now, owner, "session")
            }))
        },
    },
    Act {
        name: "people::make_password_link",
        reads: "users",
        writes: "audit_entries sign_in_links",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let token = Id::random().to_string();
            Ok(done(move |connection| {
                let email = "lan@example.org";
                people::make_password_link(connection, &keys, now, email, &token).map(drop)
            }))
        },
    },
    Act {
        name: "people::set_password_by_link",
        reads: "",
        writes: "audit_entries sessions sign_in_links users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.made_at);
            Ok(Arc::new(move |connection| {
                let hash = "$argon2id$";
                let set = people::set_password_by_link(connection, &keys, now, "password", hash)?;
                Ok(if set { Told::Done } else { Told::Refused })
            }))
        },
    },
];
