//! Translations of a draft for which somebody stands.

use fielding::acts::sign_off;
use fielding::error::{Error, Missing};
use fielding::store::{Connection, drafts};
use survey_builder::questionnaire::translation::SignedTexts;

use super::{Act, Audit, done, in_field};
use crate::world::World;

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "sign_off::sign_off",
        reads: "draft_edits questionnaires",
        writes: "audit_entries sign_offs",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (language, seen) = translated(world, connection)?;
            let (now, study, owner) = (world.app.clock.now(), world.field, world.owner);
            Ok(done(move |connection| {
                sign_off::sign_off(connection, now, owner, study, (&language, &seen))
            }))
        },
    },
    Act {
        name: "sign_off::withdraw_sign_off",
        reads: "draft_edits questionnaires",
        writes: "audit_entries sign_offs",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (language, seen) = translated(world, connection)?;
            let (now, study, owner) = (world.app.clock.now(), world.field, world.owner);
            sign_off::sign_off(connection, now, owner, study, (&language, &seen))?;
            Ok(done(move |connection| {
                sign_off::withdraw_sign_off(connection, now, owner, study, &language)
            }))
        },
    },
];

/// A language into which everything is translated, and the stamp of its texts.
fn translated(world: &World, connection: &mut Connection) -> Result<(String, String), Error> {
    let stored = drafts::of_study(connection, world.field)?;
    let document = stored.ok_or(Error::NotFound(Missing::Questionnaire))?.draft.document;
    let mut others = document.languages.iter().filter(|one| one.code != document.default_language);
    let code = others.next().expect("a second language").code.clone();
    let stamp = SignedTexts::of(&document, &code).stamp();
    Ok((code, stamp))
}
