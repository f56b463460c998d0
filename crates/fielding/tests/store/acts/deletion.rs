//! A study that is put out of the way, and one that is deleted.

use fielding::acts::{deletion, study};
use fielding::error::Error;
use fielding::store::{Connection, Id};

use super::{Act, Audit, done, in_draft, in_field};
use crate::world::World;

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "deletion::archive_study",
        reads: "preparations",
        writes: "audit_entries studies",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.draft);
            Ok(done(move |connection| deletion::archive_study(connection, now, None, study)))
        },
    },
    Act {
        name: "deletion::restore_study",
        reads: "",
        writes: "audit_entries studies",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.draft);
            deletion::archive_study(connection, now, None, study)?;
            Ok(done(move |connection| deletion::restore_study(connection, now, None, study)))
        },
    },
    Act {
        name: "deletion::begin_deletion the draft",
        reads: "preparations",
        writes: "audit_entries studies",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.draft);
            Ok(done(move |connection| deletion::begin_deletion(connection, now, None, study)))
        },
    },
    Act {
        name: "deletion::deletion_portion of cases",
        reads: "",
        writes: "cases contact_details contacts ended_marks outbox response_links sealed_links",
        audit: Audit::None("the beginning left it"),
        scope: in_field,
        prepare: |world, connection| {
            let (keys, study) = (world.app.keys.clone(), begun(world, connection)?);
            Ok(done(move |connection| {
                deletion::deletion_portion(connection, &keys, study).map(drop)
            }))
        },
    },
    Act {
        name: "deletion::end_deletion",
        reads: "draft_edits frame_parts pooled_responses response_files",
        writes: "areas arm_counts batches block_uses block_versions cases comments contact_details contacts day_counts draft_authors draft_states \
                 ended_marks experts frames logos media outbox outcome_counts preparations questionnaires response_links \
                 response_revisions responses rounds sample_entries sampled_units samples \
                 sealed_links sign_offs studies substitutions trial_documents trial_links trial_steps trials \
                 versions",
        audit: Audit::None("the beginning left it"),
        scope: in_field,
        prepare: |world, connection| {
            let (keys, study) = (world.app.keys.clone(), begun(world, connection)?);
            Ok(done(move |connection| deletion::end_deletion(connection, &keys, study)))
        },
    },
    Act {
        name: "deletion::end_deletion of the draft",
        reads: "cases draft_edits pooled_responses responses",
        writes: "areas arm_counts batches block_uses block_versions comments day_counts draft_authors draft_states experts frame_parts frames logos media outcome_counts \
                 preparations questionnaires rounds sample_entries sampled_units samples sign_offs studies \
                 substitutions trial_documents trial_links trial_steps trials versions",
        audit: Audit::None("the beginning left it"),
        scope: in_draft,
        prepare: |world, connection| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let study = world.draft;
            deletion::begin_deletion(connection, now, None, study)?;
            Ok(done(move |connection| deletion::end_deletion(connection, &keys, study)))
        },
    },
];

/// The study in the field, closed and its deletion begun.
fn begun(world: &World, connection: &mut Connection) -> Result<Id, Error> {
    let (keys, now, field) = (world.app.keys.clone(), world.app.clock.now(), world.field);
    if let Some(closing) = study::close_study(connection, now, None, field)? {
        study::cancel_portion(connection, now, &closing, 0)?;
        study::close_portion(connection, &keys, now, &closing, 0)?;
        study::end_closing(connection, &keys, &closing)?;
    }
    deletion::begin_deletion(connection, now, None, field)?;
    Ok(field)
}
