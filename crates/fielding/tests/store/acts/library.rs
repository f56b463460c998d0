//! The library: blocks saved, put into drafts, changed and taken.

use std::collections::BTreeSet;

use fielding::acts::draft::{Sent, edit_draft};
use fielding::acts::library::{self, Taken};
use fielding::error::{Error, Missing};
use fielding::store::{Connection, Id, blocks, drafts, studies};
use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::library::{Change, update};
use survey_builder::questionnaire::operation::Operation;
use uuid::Uuid;

use super::{Act, Audit, Told, done, in_field};
use crate::world::World;

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "library::save_block",
        reads: "draft_edits questionnaires versions",
        writes: "audit_entries block_versions blocks",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (item, unit) = selected(world, connection)?;
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let name = named("Khối mới");
            Ok(done(move |connection| {
                let wish = (item, unit, name.as_str());
                library::save_block(connection, now, author, study, wish).map(drop)
            }))
        },
    },
    Act {
        name: "library::save_version",
        reads: "draft_edits questionnaires versions",
        writes: "audit_entries block_uses block_versions blocks",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (block, _) = saved(world, connection, "Khối có bản sau")?;
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            // Put in, so that the draft from which it comes has it.
            let wish = (block, 1, Uuid::nil(), Id::random());
            let placed = library::insert_block(connection, now, author, study, wish)?;
            let item = placed.ok_or(Error::NotFound(Missing::Block))?.first;
            write(world, connection, item, "Lời của bản sau")?;
            Ok(std::sync::Arc::new(move |connection: &mut Connection| {
                let wish = (item, block, "Sửa lời");
                // What was changed was taken back meanwhile: it is what it was.
                Ok(match library::save_version(connection, now, author, study, wish) {
                    Ok(_) => Told::Done,
                    Err(Error::Invalid(_)) => Told::Refused,
                    Err(error) => return Err(error),
                })
            }))
        },
    },
    Act {
        name: "library::insert_block",
        reads: "block_versions blocks questionnaires",
        writes: "audit_entries block_uses draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (block, _) = saved(world, connection, "Khối để chèn")?;
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            Ok(done(move |connection| {
                let wish = (block, 1, Uuid::nil(), Id::random());
                library::insert_block(connection, now, author, study, wish).map(drop)
            }))
        },
    },
    Act {
        name: "library::copy_part",
        reads: "questionnaires studies",
        writes: "audit_entries draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (item, _) = selected(world, connection)?;
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            Ok(std::sync::Arc::new(move |connection: &mut Connection| {
                let wish = (study, item, Uuid::nil(), Id::random());
                // What was to be copied was taken out meanwhile, or its study deleted.
                Ok(match library::copy_part(connection, now, author, study, wish) {
                    Ok(_) => Told::Done,
                    Err(Error::Invalid(_)) => Told::Refused,
                    Err(error) => return Err(error),
                })
            }))
        },
    },
    Act {
        name: "library::take_update",
        reads: "block_versions blocks questionnaires",
        writes: "audit_entries block_uses draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let taken = offered(world, connection)?;
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            Ok(std::sync::Arc::new(move |connection: &mut Connection| {
                Ok(match library::take_update(connection, now, author, study, &taken) {
                    Ok(_) => Told::Done,
                    // The draft was edited since: what would be lost was not shown.
                    Err(Error::Invalid(_)) => Told::Refused,
                    Err(error) => return Err(error),
                })
            }))
        },
    },
    Act {
        name: "library::rename_block",
        reads: "",
        writes: "audit_entries blocks",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (block, _) = saved(world, connection, "Tên sẽ đổi")?;
            let (now, author) = (world.app.clock.now(), world.owner);
            let name = named("Tên đã đổi");
            Ok(done(move |connection| {
                library::rename_block(connection, now, author, (block, &name))
            }))
        },
    },
    Act {
        name: "library::withdraw_block",
        reads: "",
        writes: "audit_entries blocks",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (block, _) = saved(world, connection, "Khối sẽ ngừng")?;
            let (now, author) = (world.app.clock.now(), world.owner);
            Ok(done(move |connection| library::withdraw_block(connection, now, author, block)))
        },
    },
];

/// A name that no other block of the unit has.
fn named(name: &str) -> String {
    format!("{name} {}", Id::random())
}

fn document(world: &World, connection: &mut Connection) -> Result<Document, Error> {
    let stored = drafts::of_study(connection, world.field)?;
    Ok(stored.ok_or(Error::NotFound(Missing::Questionnaire))?.draft.document)
}

/// A question of the draft, and the unit that keeps what is made of it.
fn selected(world: &World, connection: &mut Connection) -> Result<(Uuid, Id), Error> {
    let document = document(world, connection)?;
    let question = document.questions().next().map(|question| question.id);
    let question = question.ok_or(Error::NotFound(Missing::Question))?;
    Ok((question, studies::require(connection, world.field)?.unit_id))
}

/// A block of that name, and the question that it was made of.
fn saved(world: &World, connection: &mut Connection, name: &str) -> Result<(Id, Uuid), Error> {
    let (item, unit) = selected(world, connection)?;
    let (now, author) = (world.app.clock.now(), world.owner);
    let name = named(name);
    let wish = (item, unit, name.as_str());
    Ok((library::save_block(connection, now, author, world.field, wish)?, item))
}

/// Writes the words of a question otherwise.
fn write(world: &World, connection: &mut Connection, item: Uuid, now: &str) -> Result<(), Error> {
    let mut document = document(world, connection)?;
    let language = document.default_language.clone();
    let said = |text: &mut survey_builder::questionnaire::document::Text| {
        text.0.get(&language).cloned().unwrap_or_default()
    };
    let was = document.change_text((item, TextRole::Wording), said).unwrap_or_default();
    let role = TextRole::Wording;
    let wishes = vec![Operation::Write { item, role, language, was, now: now.to_owned() }];
    let sent = Sent { sent_as: Id::random(), seen: i64::MAX, wishes };
    edit_draft(connection, world.app.clock.now(), world.owner, world.field, &sent).map(drop)
}

/// What a newer version offers to a draft that has the older one, all of it taken.
fn offered(world: &World, connection: &mut Connection) -> Result<Taken, Error> {
    let (block, item) = saved(world, connection, "Khối đã chèn")?;
    let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
    let wish = (block, 1, Uuid::nil(), Id::random());
    library::insert_block(connection, now, author, study, wish)?;
    write(world, connection, item, "Lời mới của khối")?;
    library::save_version(connection, now, author, study, (item, block, ""))?;
    let used = blocks::uses_of_study(connection, study)?;
    let used = used.into_iter().find(|used| used.block_id == block);
    let used = used.ok_or(Error::NotFound(Missing::Block))?.id;
    let seen = drafts::number(connection, study)?.unwrap_or(0);
    let stored = drafts::of_study(connection, study)?;
    let stored = stored.ok_or(Error::NotFound(Missing::Questionnaire))?;
    let before = library::offered(connection, block, Some(1))?.block;
    let after = library::offered(connection, block, None)?.block;
    let found = update(&before, &after, used.0, &stored.draft.document);
    let changes: BTreeSet<String> = found.changes.iter().map(Change::key).collect();
    Ok(Taken { used, seen, number: 2, changes, sent_as: Id::random() })
}
