//! What respondents do, and what follows from it.

use std::sync::Arc;

use fielding::acts::interview::{Step, Taken, Then, store_start};
use fielding::acts::{contact, pool};
use fielding::rules::disposition::Event;
use fielding::rules::states::{Mode, ResponseState};
use fielding::store::{rounds, studies};

use super::{Act, JOB, RESPONDENT, Told, done, in_case, in_field, in_new_case, nothing, step};

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "interview::store_start",
        reads: "ended_marks questionnaires sampled_units studies",
        writes: "cases contacts day_counts outcome_counts response_links responses sealed_links",
        audit: RESPONDENT,
        scope: in_field,
        prepare: |world, connection| {
            let start = world.start(connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            Ok(Arc::new(move |connection| {
                let taken = store_start(connection, &keys, now, &start)?;
                Ok(if taken == Taken::Stored { Told::Done } else { Told::Refused })
            }))
        },
    },
    Act {
        name: "interview::take_step saves 1",
        reads: "cases responses studies",
        writes: "response_revisions",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, connection| {
            let saving = world.saving(connection, "1", Then::GoOn)?;
            Ok(step(world, saving, Told::Saved("1")))
        },
    },
    Act {
        name: "interview::take_step saves 3",
        reads: "cases responses studies",
        writes: "response_revisions",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, connection| {
            let saving = world.saving(connection, "3", Then::GoOn)?;
            Ok(step(world, saving, Told::Saved("3")))
        },
    },
    Act {
        name: "interview::take_step screens out",
        reads: "batches studies",
        writes: "cases contacts day_counts ended_marks outbox pooled_responses response_files \
                 response_links response_revisions responses sealed_links",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, connection| {
            let end = world.end(connection, ResponseState::ScreenedOut)?;
            Ok(step(world, end, Told::Done))
        },
    },
    Act {
        name: "interview::take_step submits",
        reads: "batches studies",
        writes: "cases contacts day_counts ended_marks outbox outcome_counts pooled_responses \
                 response_files response_links response_revisions responses sealed_links",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, connection| {
            let end = world.end(connection, ResponseState::Complete)?;
            Ok(step(world, end, Told::Done))
        },
    },
    Act {
        name: "interview::take_step refuses",
        reads: "studies",
        writes: "cases contacts day_counts ended_marks outbox response_files response_links \
                 response_revisions responses sealed_links",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, connection| {
            let refusal = world.step(connection)?;
            let refusal = refusal.map(|step| Step { then: Then::Refuse, ..step });
            Ok(step(world, refusal, Told::TakenBack))
        },
    },
    Act {
        name: "contact::unsubscribe",
        reads: "cases studies",
        writes: "contacts outbox suppressions",
        audit: RESPONDENT,
        scope: in_case,
        prepare: |world, _| {
            let (keys, now, case) = (world.app.keys.clone(), world.app.clock.now(), world.here());
            Ok(done(move |connection| {
                contact::unsubscribe(connection, &keys, now, case, b"an address")
            }))
        },
    },
    Act {
        name: "contact::unsubscribe from the new case",
        reads: "cases studies",
        writes: "contacts outbox suppressions",
        audit: RESPONDENT,
        scope: in_new_case,
        prepare: |world, _| {
            let (keys, now, case) =
                (world.app.keys.clone(), world.app.clock.now(), world.new_case());
            Ok(done(move |connection| {
                contact::unsubscribe(connection, &keys, now, case, b"an address")
            }))
        },
    },
    Act {
        name: "contact::record a bounce",
        reads: "ended_marks sealed_links",
        writes: "cases contacts outcome_counts",
        audit: JOB,
        scope: in_new_case,
        prepare: |world, connection| {
            let (keys, now, case) =
                (world.app.keys.clone(), world.app.clock.now(), world.new_case());
            let Some(study) = studies::find(connection, world.field)? else {
                return Ok(nothing());
            };
            Ok(done(move |connection| {
                let event = Event::HardBounce;
                contact::record(connection, &keys, now, &study, case, Mode::Email, event).map(drop)
            }))
        },
    },
    Act {
        name: "pool::move_ready",
        reads: "rounds",
        writes: "batches pooled_files pooled_responses responses",
        audit: JOB,
        scope: in_field,
        prepare: |world, _| {
            let (keys, study) = (world.app.keys.clone(), world.field);
            Ok(done(move |connection| {
                let round = rounds::current(connection, study)?;
                pool::move_ready(connection, &keys, &round).map(drop)
            }))
        },
    },
];
