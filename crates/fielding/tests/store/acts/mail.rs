//! What is written to people.

use fielding::acts::invitations::{self, Attempt};
use fielding::rules::disposition::Event;
use fielding::rules::states::MessageState;
use fielding::store::outbox;

use super::{Act, Audit, JOB, PART, done, everything, in_field};

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "invitations::invite",
        reads: "cases outbox rounds studies",
        writes: "preparations",
        audit: PART,
        scope: in_field,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.field);
            Ok(done(move |connection| invitations::invite(connection, now, study).map(drop)))
        },
    },
    Act {
        name: "invitations::remind",
        reads: "cases outbox rounds studies",
        writes: "preparations",
        audit: PART,
        scope: in_field,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.field);
            Ok(done(move |connection| invitations::remind(connection, now, study).map(drop)))
        },
    },
    Act {
        name: "invitations::queue_portion",
        reads: "cases",
        writes: "outbox preparations",
        audit: PART,
        scope: in_field,
        prepare: |world, connection| {
            let now = world.app.clock.now();
            let begun = invitations::remind(connection, now, world.field)?;
            Ok(done(move |connection| {
                invitations::queue_portion(connection, now, &begun, 0).map(drop)
            }))
        },
    },
    Act {
        name: "invitations::end_queueing",
        reads: "outbox studies",
        writes: "audit_entries preparations",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let now = world.app.clock.now();
            let begun = invitations::remind(connection, now, world.field)?;
            invitations::queue_portion(connection, now, &begun, 0)?;
            Ok(done(move |connection| {
                invitations::end_queueing(connection, now, None, &begun).map(drop)
            }))
        },
    },
    Act {
        name: "invitations::send_doubtful_again",
        reads: "cases studies",
        writes: "audit_entries outbox",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.field);
            Ok(done(move |connection| {
                invitations::send_doubtful_again(connection, now, None, study).map(drop)
            }))
        },
    },
    Act {
        name: "invitations::record_attempt",
        reads: "ended_marks sealed_links studies",
        writes: "cases contacts outbox",
        audit: JOB,
        scope: everything,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let attempt = Attempt {
                message: world.sending.clone(),
                state: MessageState::Sent,
                due_at: now,
                attempts: 1,
                problem: String::new(),
                event: Some(Event::Invited),
            };
            Ok(done(move |connection| {
                invitations::record_attempt(connection, &keys, now, &attempt)
            }))
        },
    },
    Act {
        name: "outbox::claim",
        reads: "cases preparations studies",
        writes: "outbox",
        audit: JOB,
        scope: everything,
        prepare: |world, _| {
            let now = world.app.clock.now();
            Ok(done(move |connection| outbox::claim(connection, now, 3).map(drop)))
        },
    },
];
