//! Experts outside the team, and what is said about a draft.

use chrono::Days;
use fielding::acts::comments::{self, Author, NewComment};
use fielding::error::{Error, Missing};
use fielding::rules::states::{CommentWeight, Verdict};
use fielding::store::{Connection, Id, comments as stored, drafts, studies};

use super::{Act, Audit, done, in_field};
use crate::world::World;

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "comments::ask_expert",
        reads: "studies",
        writes: "audit_entries experts",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let until = until(world, connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, owner) = (world.field, world.owner);
            Ok(done(move |connection| {
                let asked = ("Hương", true, until);
                comments::ask_expert(connection, &keys, now, owner, study, asked).map(drop)
            }))
        },
    },
    Act {
        name: "comments::renew_link",
        reads: "studies",
        writes: "audit_entries experts",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (expert, _) = expert(world, connection)?;
            let until = until(world, connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, owner) = (world.field, world.owner);
            Ok(done(move |connection| {
                let link = (expert, until);
                comments::renew_link(connection, &keys, now, owner, study, link).map(drop)
            }))
        },
    },
    Act {
        name: "comments::end_expert",
        reads: "studies",
        writes: "audit_entries experts",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (expert, _) = expert(world, connection)?;
            let (now, study, owner) = (world.app.clock.now(), world.field, world.owner);
            Ok(done(move |connection| comments::end_expert(connection, now, owner, study, expert)))
        },
    },
    Act {
        name: "comments::write_comment by an expert",
        reads: "draft_edits experts questionnaires studies",
        writes: "audit_entries comments",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (_, token) = expert(world, connection)?;
            let new = about(world, connection, None)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, author) = (world.field, Author::Expert(token));
            Ok(done(move |connection| {
                comments::write_comment(connection, &keys, now, (study, &author), &new).map(drop)
            }))
        },
    },
    Act {
        name: "comments::write_comment as an answer",
        reads: "draft_edits questionnaires studies",
        writes: "audit_entries comments",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let root = written(world, connection)?;
            let new = about(world, connection, Some(root))?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, author) = (world.field, Author::Member(world.owner));
            Ok(done(move |connection| {
                comments::write_comment(connection, &keys, now, (study, &author), &new).map(drop)
            }))
        },
    },
    Act {
        name: "comments::remove_comment",
        reads: "studies",
        writes: "audit_entries comments",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let id = written(world, connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, author) = (world.field, Author::Member(world.owner));
            Ok(done(move |connection| {
                comments::remove_comment(connection, &keys, now, (study, &author), id)
            }))
        },
    },
    Act {
        name: "comments::settle_comment",
        reads: "studies",
        writes: "audit_entries comments",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let id = written(world, connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, author) = (world.field, Author::Member(world.owner));
            Ok(done(move |connection| {
                let settled = (id, true);
                comments::settle_comment(connection, &keys, now, (study, &author), settled)
            }))
        },
    },
    Act {
        name: "comments::give_verdict",
        reads: "studies",
        writes: "audit_entries experts",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (_, token) = expert(world, connection)?;
            let (keys, now, study) = (world.app.keys.clone(), world.app.clock.now(), world.field);
            Ok(done(move |connection| {
                let by = (study, token.as_str());
                comments::give_verdict(connection, &keys, now, by, Verdict::Good)
            }))
        },
    },
];

/// A day to come.
fn until(world: &World, connection: &mut Connection) -> Result<chrono::NaiveDate, Error> {
    let study = studies::require(connection, world.field)?;
    Ok(study.today(world.app.clock.now()) + Days::new(7))
}

/// An expert who was asked, and the token of the link.
fn expert(world: &World, connection: &mut Connection) -> Result<(Id, String), Error> {
    let until = until(world, connection)?;
    let (keys, now) = (&world.app.keys, world.app.clock.now());
    let asked = ("Hoà", true, until);
    let token = comments::ask_expert(connection, keys, now, world.owner, world.field, asked)?;
    let all = stored::experts_of(connection, world.field)?;
    let last = all.last().ok_or(Error::NotFound(Missing::Link))?;
    Ok((last.id, token))
}

/// Something to say about the first question.
fn about(
    world: &World,
    connection: &mut Connection,
    root: Option<Id>,
) -> Result<NewComment, Error> {
    let stored = drafts::of_study(connection, world.field)?;
    let stored = stored.ok_or(Error::NotFound(Missing::Questionnaire))?;
    let question = stored.draft.document.questions().next().expect("a question");
    let (weight, body) = (CommentWeight::Suggestion, "Nên hỏi ngắn hơn.".to_owned());
    Ok(NewComment { item: Id(question.id), root, weight, body })
}

/// A comment that the owner wrote.
fn written(world: &World, connection: &mut Connection) -> Result<Id, Error> {
    let new = about(world, connection, None)?;
    let (keys, now) = (&world.app.keys, world.app.clock.now());
    let by = (world.field, &Author::Member(world.owner));
    comments::write_comment(connection, keys, now, by, &new)
}
