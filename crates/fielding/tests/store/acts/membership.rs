//! Units, invitations, roles, and who may sign in.

use std::sync::Arc;

use fielding::acts::{membership, units};
use fielding::rules::access::Role;
use fielding::store::Id;

use super::{Act, Audit, JOB, Told, done, everything};

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "units::add_unit",
        reads: "roles users",
        writes: "audit_entries units",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, unit) = (world.app.clock.now(), world.owner, world.unit);
            Ok(done(move |connection| {
                units::add_unit(connection, now, owner, unit, "Phòng Khảo sát").map(drop)
            }))
        },
    },
    Act {
        name: "units::rename_unit",
        reads: "roles users",
        writes: "audit_entries units",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, unit) = (world.app.clock.now(), world.owner, world.unit);
            Ok(done(move |connection| {
                units::rename_unit(connection, now, owner, unit, "Viện Nghiên cứu")
            }))
        },
    },
    Act {
        name: "membership::invite",
        reads: "roles units users",
        writes: "account_letters audit_entries invited_people",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let new = membership::NewPerson {
                unit: world.unit,
                email: "hoa@example.org".to_owned(),
                name: "Hoa".to_owned(),
                role: Role::Designer,
                language: "vi".to_owned(),
            };
            Ok(done(move |connection| {
                membership::invite(connection, now, owner, &new, true).map(drop)
            }))
        },
    },
    Act {
        name: "membership::invite_again",
        reads: "roles units users",
        writes: "account_letters audit_entries invited_people",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, id) = (world.app.clock.now(), world.owner, world.people.invited);
            Ok(done(move |connection| membership::invite_again(connection, now, owner, id, true)))
        },
    },
    Act {
        name: "membership::withdraw",
        reads: "roles units users",
        writes: "account_letters audit_entries invited_people",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, id) = (world.app.clock.now(), world.owner, world.people.invited);
            Ok(done(move |connection| membership::withdraw(connection, now, owner, id)))
        },
    },
    Act {
        name: "membership::make_invitation_link",
        reads: "",
        writes: "invited_people",
        audit: JOB,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let token = Id::random().to_string();
            Ok(done(move |connection| {
                let email = "moi@example.org";
                membership::make_invitation_link(connection, &keys, now, email, &token).map(drop)
            }))
        },
    },
    Act {
        name: "membership::note_letter",
        reads: "",
        writes: "invited_people",
        audit: JOB,
        scope: everything,
        prepare: |world, _| {
            let (now, id) = (world.app.clock.now(), world.people.invited);
            Ok(done(move |connection| membership::note_letter(connection, now, id, None)))
        },
    },
    Act {
        name: "membership::join",
        reads: "units",
        writes: "audit_entries invited_people roles users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            Ok(Arc::new(move |connection| {
                let joined = membership::join(connection, &keys, now, "join", "$argon2id$")?;
                Ok(if joined.is_some() { Told::Done } else { Told::Refused })
            }))
        },
    },
    Act {
        name: "membership::set_role",
        reads: "units users",
        writes: "audit_entries roles",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let of = (world.people.minh, world.unit);
            Ok(done(move |connection| {
                membership::set_role(connection, now, owner, of, Role::Analyst)
            }))
        },
    },
    Act {
        name: "membership::end_role",
        reads: "units users",
        writes: "audit_entries roles",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner) = (world.app.clock.now(), world.owner);
            let of = (world.people.binh, world.unit);
            Ok(done(move |connection| membership::end_role(connection, now, owner, of)))
        },
    },
    Act {
        name: "membership::end_role the other owner's",
        reads: "units users",
        writes: "audit_entries roles",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, binh) = (world.app.clock.now(), world.people.binh);
            let of = (world.owner, world.unit);
            Ok(done(move |connection| membership::end_role(connection, now, binh, of)))
        },
    },
    Act {
        name: "membership::disable",
        reads: "roles units",
        writes: "account_letters audit_entries sessions sign_in_links users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, of) = (world.app.clock.now(), world.owner, world.people.binh);
            Ok(done(move |connection| membership::disable(connection, now, owner, of)))
        },
    },
    Act {
        name: "membership::enable",
        reads: "roles units",
        writes: "audit_entries users",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, owner, of) = (world.app.clock.now(), world.owner, world.people.gone);
            Ok(done(move |connection| membership::enable(connection, now, owner, of)))
        },
    },
];
