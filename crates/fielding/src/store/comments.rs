//! Experts outside the team, and what they and its members say about the questions of a
//! draft.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{comments, experts, users};
use super::{Connection, Id, Instant};
use crate::error::Error;
use crate::rules::states::{CommentWeight, Verdict};

/// Somebody outside the team who reads a draft.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = experts)]
pub struct Expert {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The name, as whoever asked wrote it.
    pub name: String,
    /// Whether they may write, or only read.
    pub may_comment: bool,
    /// The keyed hash of the link's token.
    pub token_hash: Vec<u8>,
    /// Who asked.
    pub asked_by: Id,
    /// When.
    pub asked_at: Instant,
    /// The last day on which the link works.
    pub until: NaiveDate,
    /// When the link was taken back.
    pub ended_at: Option<Instant>,
    /// What they think of the questionnaire as a whole.
    pub verdict: Verdict,
    /// When they said so.
    pub verdict_at: Option<Instant>,
}

impl Expert {
    /// Whether their verdict is waited for, or was given: whoever was never to comment, or
    /// was let go without a word, owes none.
    pub fn owes_verdict(&self) -> bool {
        self.may_comment && (self.ended_at.is_none() || self.verdict != Verdict::None)
    }
}

/// What somebody said about a question.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = comments)]
pub struct Comment {
    /// Identity.
    pub id: Id,
    /// The study.
    pub study_id: Id,
    /// The question.
    pub item_id: Id,
    /// The comment that this answers.
    pub root_id: Option<Id>,
    /// The expert who wrote it, if one did.
    pub expert_id: Option<Id>,
    /// The member of the team who wrote it, if one did.
    pub user_id: Option<Id>,
    /// How much it matters.
    pub weight: CommentWeight,
    /// What it says.
    pub body: String,
    /// What the question said then.
    pub wording: String,
    /// When it was written.
    pub written_at: Instant,
    /// When it was settled.
    pub resolved_at: Option<Instant>,
}

/// Adds an expert.
pub fn insert_expert(connection: &mut Connection, expert: &Expert) -> Result<(), Error> {
    diesel::insert_into(experts::table).values(expert.clone()).execute(connection)?;
    Ok(())
}

/// The expert with that identity.
pub fn expert(connection: &mut Connection, id: Id) -> Result<Option<Expert>, Error> {
    Ok(experts::table.find(id).first(connection).optional()?)
}

/// Whose link that is.
pub fn expert_of_token(
    connection: &mut Connection,
    token_hash: &[u8],
) -> Result<Option<Expert>, Error> {
    let own = experts::table.filter(experts::token_hash.eq(token_hash.to_vec()));
    Ok(own.first(connection).optional()?)
}

/// The experts of a study, who was asked first first.
pub fn experts_of(connection: &mut Connection, study: Id) -> Result<Vec<Expert>, Error> {
    Ok(experts::table
        .filter(experts::study_id.eq(study))
        .order((experts::asked_at.asc(), experts::id.asc()))
        .load(connection)?)
}

/// Gives an expert another link, until another day.
pub fn set_link(
    connection: &mut Connection,
    id: Id,
    token_hash: &[u8],
    until: NaiveDate,
) -> Result<(), Error> {
    diesel::update(experts::table.find(id))
        .set((
            experts::token_hash.eq(token_hash.to_vec()),
            experts::until.eq(until),
            experts::ended_at.eq(None::<Instant>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Takes an expert's link back.
pub fn end_expert(connection: &mut Connection, id: Id, now: Instant) -> Result<(), Error> {
    let ended = experts::ended_at.eq(now);
    diesel::update(experts::table.find(id)).set(ended).execute(connection)?;
    Ok(())
}

/// Keeps what an expert thinks of the whole.
pub fn set_verdict(
    connection: &mut Connection,
    id: Id,
    verdict: Verdict,
    now: Instant,
) -> Result<(), Error> {
    diesel::update(experts::table.find(id))
        .set((experts::verdict.eq(verdict), experts::verdict_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Adds a comment.
pub fn insert(connection: &mut Connection, comment: &Comment) -> Result<(), Error> {
    diesel::insert_into(comments::table).values(comment.clone()).execute(connection)?;
    Ok(())
}

/// One comment.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<Comment>, Error> {
    Ok(comments::table.find(id).first(connection).optional()?)
}

/// The comments of a study in the order in which they were written, each with the name
/// of whoever wrote it.
pub fn of_study(connection: &mut Connection, study: Id) -> Result<Vec<(Comment, String)>, Error> {
    let rows: Vec<(Comment, Option<String>, Option<String>)> = comments::table
        .left_join(experts::table)
        .left_join(users::table)
        .filter(comments::study_id.eq(study))
        .order((comments::written_at.asc(), comments::id.asc()))
        .select((comments::all_columns, experts::name.nullable(), users::name.nullable()))
        .load(connection)?;
    let named = |(comment, expert, user): (Comment, Option<String>, Option<String>)| {
        (comment, expert.or(user).unwrap_or_default())
    };
    Ok(rows.into_iter().map(named).collect())
}

/// How many comments a study has.
pub fn count(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    Ok(comments::table.filter(comments::study_id.eq(study)).count().get_result(connection)?)
}

/// How many comments of a study wait to be settled, and since when the first does.
pub fn open_of(connection: &mut Connection, study: Id) -> Result<(i64, Option<Instant>), Error> {
    let open = comments::table
        .filter(comments::study_id.eq(study))
        .filter(comments::root_id.is_null())
        .filter(comments::resolved_at.is_null());
    let first = open.order(comments::written_at.asc()).select(comments::written_at);
    Ok((open.count().get_result(connection)?, first.first(connection).optional()?))
}

/// How many comments of a study say that something must change, and wait.
pub fn demands_of(connection: &mut Connection, study: Id) -> Result<i64, Error> {
    let demands = comments::table
        .filter(comments::study_id.eq(study))
        .filter(comments::root_id.is_null())
        .filter(comments::resolved_at.is_null())
        .filter(comments::weight.eq(CommentWeight::MustChange));
    Ok(demands.count().get_result(connection)?)
}

/// Whether anybody answered a comment.
pub fn is_answered(connection: &mut Connection, id: Id) -> Result<bool, Error> {
    let answers = comments::table.filter(comments::root_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(answers)).get_result(connection)?)
}

/// Deletes a comment.
pub fn remove(connection: &mut Connection, id: Id) -> Result<(), Error> {
    diesel::delete(comments::table.find(id)).execute(connection)?;
    Ok(())
}

/// Settles a comment, or opens it again.
pub fn set_resolved(connection: &mut Connection, id: Id, at: Option<Instant>) -> Result<(), Error> {
    diesel::update(comments::table.find(id))
        .set(comments::resolved_at.eq(at))
        .execute(connection)?;
    Ok(())
}
