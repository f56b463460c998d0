//! Frames, draws, and what a sample still has to give.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fielding::acts::frame::meanwhile::{self, Meanwhile};
use fielding::acts::{frame, keep_sample, release};
use fielding::error::{Error, Missing};
use fielding::rules::states::CaseStatus;
use fielding::store::{cases, responses, samples};

use super::{Act, Audit, PART, done, frame_row, in_draft, in_field};

/// What is kept to ask about it changes nothing of the study.
const KEPT: Audit = Audit::None("naming the columns leaves the entry");

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "frame::begin_frame",
        reads: "preparations samples studies",
        writes: "frames",
        audit: PART,
        scope: in_draft,
        prepare: |world, _| {
            let row = frame_row(world);
            Ok(done(move |connection| frame::begin_frame(connection, &row)))
        },
    },
    Act {
        name: "frame::frame_arrived",
        reads: "preparations samples",
        writes: "audit_entries frame_parts frames",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, connection| {
            let (row, now) = (frame_row(world), world.app.clock.now());
            frame::begin_frame(connection, &row)?;
            Ok(done(move |connection| frame::frame_arrived(connection, now, None, &row)))
        },
    },
    Act {
        name: "frame::put_part",
        reads: "frames",
        writes: "frame_parts",
        audit: PART,
        scope: in_draft,
        prepare: |world, _| {
            // Two that come in at once have numbers of their own.
            static NEXT: AtomicI64 = AtomicI64::new(1_000);
            let (frame, next) = (world.frame, NEXT.fetch_add(1, Ordering::Relaxed));
            Ok(done(move |connection| frame::put_part(connection, frame, next, b"sealed")))
        },
    },
    Act {
        name: "frame::keep_part",
        reads: "frames",
        writes: "frame_parts",
        audit: KEPT,
        scope: in_draft,
        prepare: |world, _| {
            let frame = world.frame;
            Ok(done(move |connection| {
                meanwhile::keep_part(connection, frame, (-2, b"sealed"), (-2, -2))
            }))
        },
    },
    Act {
        name: "frame::end_keeping",
        reads: "frames",
        writes: "frame_parts",
        audit: KEPT,
        scope: in_draft,
        prepare: |world, _| {
            let frame = world.frame;
            Ok(done(move |connection| {
                meanwhile::end_keeping(connection, frame, Meanwhile::Totals, true, b"sealed")
            }))
        },
    },
    Act {
        name: "frame::drop_kept",
        reads: "",
        writes: "frame_parts",
        audit: KEPT,
        scope: in_draft,
        prepare: |world, _| {
            let frame = world.frame;
            Ok(done(move |connection| meanwhile::drop_kept(connection, frame, Meanwhile::Totals)))
        },
    },
    Act {
        name: "frame::name_columns",
        reads: "",
        writes: "audit_entries frame_parts frames",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
            let report = Arc::clone(&world.report);
            Ok(done(move |connection| {
                let found = (&report.0, &report.1);
                frame::name_columns(connection, now, None, study, id, found)
            }))
        },
    },
    Act {
        name: "frame::keep_plan",
        reads: "",
        writes: "audit_entries frames",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
            Ok(done(move |connection| frame::keep_plan(connection, now, None, study, id, "{}")))
        },
    },
    Act {
        name: "frame::discard",
        reads: "",
        writes: "audit_entries frame_parts frames",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
            Ok(done(move |connection| frame::discard(connection, now, None, study, id)))
        },
    },
    Act {
        name: "keep_sample::begin",
        reads: "frames questionnaires rounds studies versions",
        writes: "preparations samples",
        audit: PART,
        scope: in_draft,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.draft);
            let drawn = Arc::clone(&world.drawn);
            Ok(done(move |connection| keep_sample::begin(connection, now, study, &drawn).map(drop)))
        },
    },
    Act {
        name: "keep_sample::keep",
        reads: "",
        writes: "areas cases contact_details preparations sampled_units",
        audit: PART,
        scope: in_draft,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.draft);
            let begun = keep_sample::begin(connection, now, study, &world.drawn)?;
            let rows = keep_sample::rows(&world.app.keys, &begun, &world.drawn)?;
            Ok(done(move |connection| {
                keep_sample::keep(connection, now, &begun, &rows.units, &rows.areas)
            }))
        },
    },
    Act {
        name: "keep_sample::end",
        reads: "samples",
        writes: "audit_entries frame_parts frames outcome_counts preparations",
        audit: Audit::Entry,
        scope: in_draft,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.draft);
            let begun = keep_sample::begin(connection, now, study, &world.drawn)?;
            let rows = keep_sample::rows(&world.app.keys, &begun, &world.drawn)?;
            keep_sample::keep(connection, now, &begun, &rows.units, &rows.areas)?;
            Ok(done(move |connection| {
                keep_sample::end(connection, now, None, &begun, &rows).map(drop)
            }))
        },
    },
    Act {
        name: "release::release",
        reads: "sampled_units substitutions",
        writes: "audit_entries preparations sample_entries samples",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, _| {
            let (now, study) = (world.app.clock.now(), world.field);
            Ok(done(move |connection| release::release(connection, now, None, study, 2).map(drop)))
        },
    },
    Act {
        name: "release::release_portion",
        reads: "sampled_units samples",
        writes: "cases outcome_counts preparations",
        audit: PART,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.field);
            let releasing = release::release(connection, now, None, study, 2)?;
            Ok(done(move |connection| {
                release::release_portion(connection, now, &releasing, 0).map(drop)
            }))
        },
    },
    Act {
        name: "release::end_release",
        reads: "",
        writes: "preparations",
        audit: PART,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.field);
            let releasing = release::release(connection, now, None, study, 2)?;
            Ok(done(move |connection| release::end_release(connection, &releasing)))
        },
    },
    Act {
        name: "release::replace_unit",
        reads: "preparations response_links samples studies",
        writes: "audit_entries cases outcome_counts sample_entries sampled_units substitutions",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.field);
            let sample = samples::of_study(connection, study)?.ok_or(gone())?;
            let record = samples::record(connection, &sample)?;
            let mut unit = String::new();
            for one in record.units.iter().filter(|unit| unit.replicate == Some(1)) {
                let row = samples::unit_of_key(connection, sample.id, &one.unit)?.ok_or(gone())?;
                let case = cases::of_unit(connection, row.id)?.ok_or(gone())?;
                if case.status == CaseStatus::Open && !responses::is_linked(connection, case.id)? {
                    unit.clone_from(&one.unit);
                }
            }
            Ok(done(move |connection| {
                let why = "vacant";
                release::replace_unit(connection, now, None, study, &unit, why).map(drop)
            }))
        },
    },
    Act {
        name: "release::assign_areas",
        reads: "preparations roles samples studies units users",
        writes: "areas audit_entries",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, _| {
            let (now, study, to) = (world.app.clock.now(), world.field, Some(world.owner));
            Ok(done(move |connection| {
                release::assign_areas(connection, now, None, study, to, &[0, 1])
            }))
        },
    },
];

/// The study was deleted.
fn gone() -> Error {
    Error::NotFound(Missing::Study)
}
