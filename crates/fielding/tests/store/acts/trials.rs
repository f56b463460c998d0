//! Tests of a draft and the link by which they begin.

use fielding::acts::interview::{Step, Taken, Then};
use fielding::acts::trials::{self, Trial, TrialStart};
use fielding::error::{Error, Missing};
use fielding::rules::states::ResponseState;
use fielding::store::responses::Content;
use fielding::store::{Connection, Id, Scope, drafts, studies, trials as stored};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::path::Stop;

use super::{Act, Audit, JOB, RESPONDENT, Told, done, in_field};
use crate::world::World;

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "trials::make_trial_link",
        reads: "draft_edits questionnaires studies",
        writes: "audit_entries trial_links",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, _| {
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            let (study, owner) = (world.field, world.owner);
            Ok(done(move |connection| {
                trials::make_trial_link(connection, &keys, now, owner, study)
            }))
        },
    },
    Act {
        name: "trials::end_trial_link",
        reads: "studies",
        writes: "audit_entries trial_links",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            linked(world, connection)?;
            let (now, study, owner) = (world.app.clock.now(), world.field, world.owner);
            Ok(done(move |connection| trials::end_trial_link(connection, now, owner, study)))
        },
    },
    Act {
        name: "trials::begin_trial",
        reads: "draft_edits questionnaires studies trial_links",
        writes: "trial_documents trial_steps trials",
        audit: RESPONDENT,
        scope: in_field,
        prepare: |world, connection| {
            let start = start(world, connection)?;
            let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
            Ok(std::sync::Arc::new(move |connection: &mut Connection| {
                Ok(match trials::begin_trial(connection, &keys, now, &start) {
                    Ok(Some(_)) => Told::Done,
                    // The draft was changed, or the link ended or gave way to another.
                    Ok(None) | Err(Error::NotFound(Missing::Link)) => Told::Refused,
                    Err(error) => return Err(error),
                })
            }))
        },
    },
    Act {
        name: "trials::take_trial_step a page",
        reads: "studies trial_links",
        writes: "trial_steps trials",
        audit: RESPONDENT,
        scope: in_trial,
        prepare: |world, connection| taken(world, connection, Then::GoOn),
    },
    Act {
        name: "trials::take_trial_step the last",
        reads: "studies trial_links",
        writes: "trial_steps trials",
        audit: RESPONDENT,
        scope: in_trial,
        prepare: |world, connection| {
            let (state, answers) = (ResponseState::Complete, Answers::default());
            taken(world, connection, Then::End { state, answers })
        },
    },
    Act {
        name: "trials::remove_trials all",
        reads: "studies",
        writes: "audit_entries trial_documents trial_steps trials",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            begun(world, connection)?;
            let (now, study, owner) = (world.app.clock.now(), world.field, world.owner);
            Ok(done(move |connection| trials::remove_trials(connection, now, owner, study, None)))
        },
    },
    Act {
        name: "trials::remove_old_trials",
        reads: "",
        writes: "trial_documents trial_steps trials",
        audit: JOB,
        scope: in_field,
        prepare: |world, connection| {
            begun(world, connection)?;
            let study = world.field;
            let later = world.app.clock.now().plus_seconds(31 * 24 * 60 * 60);
            Ok(done(move |connection| trials::remove_old_trials(connection, later, study)))
        },
    },
];

/// A tester's other tabs: that of no case.
fn in_trial(world: &World) -> Scope {
    Scope::Person { study: world.field, case: world.field }
}

/// A link that works, by its token.
fn linked(world: &World, connection: &mut Connection) -> Result<String, Error> {
    let (keys, now) = (&world.app.keys, world.app.clock.now());
    trials::make_trial_link(connection, keys, now, world.owner, world.field)?;
    let link = stored::link_of(connection, world.field)?;
    Ok(keys.trial_link(link.ok_or(Error::NotFound(Missing::Link))?.id))
}

/// What a test begins with, something drawn by chance too.
fn start(world: &World, connection: &mut Connection) -> Result<TrialStart, Error> {
    let token = linked(world, connection)?;
    let number = drafts::number(connection, world.field)?;
    let today = studies::require(connection, world.field)?.today(world.app.clock.now());
    let mut answers = Answers::default();
    answers.set(Id::random().0, Answer::Value(Value::Number(1.0)));
    Ok(TrialStart {
        token,
        number: number.unwrap_or(0),
        language: "vi".to_owned(),
        seed: 7,
        today,
        answers,
    })
}

/// A test that has begun.
fn begun(world: &World, connection: &mut Connection) -> Result<Id, Error> {
    let start = start(world, connection)?;
    let (keys, now) = (&world.app.keys, world.app.clock.now());
    let begun = trials::begin_trial(connection, keys, now, &start)?;
    begun.ok_or(Error::NotFound(Missing::Link))
}

/// A page of a test that is saved.
fn taken(world: &World, connection: &mut Connection, then: Then) -> Result<super::Ready, Error> {
    let trial = begun(world, connection)?;
    let row = stored::find(connection, trial)?.ok_or(Error::NotFound(Missing::Link))?;
    let study = studies::require(connection, world.field)?;
    let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
    let found = Trial::of(connection, &keys, now, row, study)?;
    let page = Stop::page(0).id(&found.interview.version).map(Id);
    let bare = Step::of(&found.interview).ok_or(Error::NotFound(Missing::Page))?;
    let revision = page.map(|page| (page, Content::default()));
    let step = Step { revision, then, ..bare };
    Ok(std::sync::Arc::new(move |connection: &mut Connection| {
        let taken = trials::take_trial_step(connection, &keys, now, (trial, &step))?;
        Ok(if taken == Taken::Stored { Told::Done } else { Told::Refused })
    }))
}
