//! A draft is read by experts outside the team, each by a link of their own: they and
//! its members comment on its questions, answer one another, and say what they think of
//! the whole. Who an expert is, and whether the link works, is looked up in the
//! transaction of each act.

use chrono::NaiveDate;

use crate::error::{Error, Missing, Problem};
use crate::keys::{Keys, random_token};
use crate::rules::account::name_problem;
use crate::rules::states::{AuditAction, CommentWeight, Verdict};
use crate::store::comments::{self, Comment, Expert};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, audit, drafts};

/// Signs of a comment.
pub const LONGEST: usize = 4_000;
/// Comments of a study: far more than a review has, far fewer than a page can bear.
const MOST: i64 = 5_000;
/// Experts of a study.
const MOST_EXPERTS: usize = 100;

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A member of the team.
    Member(Id),
    /// Whoever has this link.
    Expert(String),
}

/// A comment to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// The question; that of the comment which is answered, where one is.
    pub item: Id,
    /// The comment that this answers.
    pub root: Option<Id>,
    /// How much it matters.
    pub weight: CommentWeight,
    /// What it says.
    pub body: String,
}

/// The expert behind a link and the study, while the link works.
pub fn standing(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    token: &str,
) -> Result<Option<(Expert, Study)>, Error> {
    let found = comments::expert_of_token(connection, &keys.lookup(token))?;
    let Some(expert) = found.filter(|expert| expert.ended_at.is_none()) else { return Ok(None) };
    let study = studies::find(connection, expert.study_id)?;
    Ok(study.filter(|study| study.today(now) <= expert.until).map(|study| (expert, study)))
}

/// The author, with the study that they may write about.
fn authority(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (study, author): (Id, &Author),
) -> Result<(Study, Option<Expert>), Error> {
    match author {
        Author::Member(_) => Ok((studies::require(connection, study)?, None)),
        Author::Expert(token) => {
            let found = standing(connection, keys, now, token)?;
            let (expert, of) = found.ok_or(Error::NotFound(Missing::Link))?;
            if of.id != study {
                return Err(Error::NotFound(Missing::Link));
            }
            Ok((of, Some(expert)))
        }
    }
}

/// Asks an expert to read a draft. Gives the token of the link, which is stored nowhere.
///
/// # Errors
///
/// An empty or overlong name, a day that is past, too many experts: all at once.
pub fn ask_expert(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    study: Id,
    (name, may_comment, until): (&str, bool, NaiveDate),
) -> Result<String, Error> {
    let row = studies::require(connection, study)?;
    let mut problems: Vec<Problem> = name_problem(name, "name").into_iter().collect();
    if until < row.today(now) {
        problems.push(Problem::new("day-is-past", "until"));
    }
    if comments::experts_of(connection, study)?.len() >= MOST_EXPERTS {
        problems.push(Problem::new("too-many-experts", "name").with("most", MOST_EXPERTS));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let token = random_token();
    let expert = Expert {
        id: Id::rising(),
        study_id: study,
        name: name.trim().to_owned(),
        may_comment,
        token_hash: keys.lookup(&token),
        asked_by: user,
        asked_at: now,
        until,
        ended_at: None,
        verdict: Verdict::None,
        verdict_at: None,
    };
    comments::insert_expert(connection, &expert)?;
    let subject = study.to_string();
    audit::record(connection, now, Some(user), AuditAction::ExpertAsked, &subject, &expert.name)?;
    Ok(token)
}

/// An expert of a study.
fn expert_of(connection: &mut Connection, study: Id, expert: Id) -> Result<Expert, Error> {
    studies::require(connection, study)?;
    let found = comments::expert(connection, expert)?;
    found.filter(|expert| expert.study_id == study).ok_or(Error::NotFound(Missing::Link))
}

/// Gives an expert a new link in the place of the one before.
///
/// # Errors
///
/// No such expert, or a day that is past.
pub fn renew_link(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    user: Id,
    study: Id,
    (expert, until): (Id, NaiveDate),
) -> Result<String, Error> {
    let row = expert_of(connection, study, expert)?;
    if until < studies::require(connection, study)?.today(now) {
        return Err(Error::invalid("day-is-past", "until"));
    }
    let token = random_token();
    comments::set_link(connection, expert, &keys.lookup(&token), until)?;
    let subject = study.to_string();
    audit::record(connection, now, Some(user), AuditAction::ExpertAsked, &subject, &row.name)?;
    Ok(token)
}

/// Takes an expert's link back; what they wrote stays.
///
/// # Errors
///
/// No such expert.
pub fn end_expert(
    connection: &mut Connection,
    now: Instant,
    user: Id,
    study: Id,
    expert: Id,
) -> Result<(), Error> {
    let row = expert_of(connection, study, expert)?;
    if row.ended_at.is_some() {
        return Ok(());
    }
    comments::end_expert(connection, expert, now)?;
    let subject = study.to_string();
    audit::record(connection, now, Some(user), AuditAction::ExpertEnded, &subject, &row.name)
}

/// Writes an entry of what an author did; of an expert's it says the name.
fn record(
    connection: &mut Connection,
    now: Instant,
    study: Id,
    (author, expert): (&Author, Option<&Expert>),
    action: AuditAction,
) -> Result<(), Error> {
    let user = match author {
        Author::Member(user) => Some(*user),
        Author::Expert(_) => None,
    };
    let name = expert.map_or("", |expert| expert.name.as_str());
    audit::record(connection, now, user, action, &study.to_string(), name)
}

/// Writes a comment, or an answer to one.
///
/// # Errors
///
/// A link that does not work or only reads; an empty or overlong text; a question or a
/// comment that is not there; more comments than a review can have.
pub fn write_comment(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (study, author): (Id, &Author),
    new: &NewComment,
) -> Result<Id, Error> {
    let (_, expert) = authority(connection, keys, now, (study, author))?;
    if expert.as_ref().is_some_and(|expert| !expert.may_comment) {
        return Err(Error::Forbidden);
    }
    let body = new.body.trim();
    if body.is_empty() {
        return Err(Error::invalid("required", "body"));
    }
    if body.chars().count() > LONGEST {
        let told = Problem::new("comment-too-long", "body").with("most", LONGEST);
        return Err(Error::Invalid(vec![told]));
    }
    if comments::count(connection, study)? >= MOST {
        let told = Problem::new("too-many-comments", "body").with("most", MOST);
        return Err(Error::Invalid(vec![told]));
    }
    let (item, root) = match new.root {
        None => (new.item, None),
        Some(root) => {
            let found = comments::find(connection, root)?;
            let found = found.filter(|one| one.study_id == study && one.root_id.is_none());
            let found = found.ok_or(Error::invalid("comment-gone", "body"))?;
            (found.item_id, Some(found.id))
        }
    };
    let stored = drafts::of_study(connection, study)?;
    let stored = stored.ok_or(Error::NotFound(Missing::Questionnaire))?;
    let document = &stored.draft.document;
    let asked = document.questions().find(|question| question.id == item.0);
    if asked.is_none() && root.is_none() {
        return Err(Error::invalid("question-gone", "body"));
    }
    let language = document.default_language.as_str();
    let wording = asked.map_or("", |question| question.wording.get(language, language));
    let comment = Comment {
        id: Id::rising(),
        study_id: study,
        item_id: item,
        root_id: root,
        expert_id: expert.as_ref().map(|expert| expert.id),
        user_id: match author {
            Author::Member(user) => Some(*user),
            Author::Expert(_) => None,
        },
        weight: new.weight,
        body: body.to_owned(),
        wording: wording.to_owned(),
        written_at: now,
        resolved_at: None,
    };
    comments::insert(connection, &comment)?;
    let action = AuditAction::CommentWritten;
    record(connection, now, study, (author, expert.as_ref()), action)?;
    Ok(comment.id)
}

/// A comment of a study, and whether it is the author's own.
fn comment_of(
    connection: &mut Connection,
    study: Id,
    id: Id,
    (author, expert): (&Author, Option<&Expert>),
) -> Result<(Comment, bool), Error> {
    let found = comments::find(connection, id)?.filter(|one| one.study_id == study);
    let found = found.ok_or(Error::invalid("comment-gone", "body"))?;
    let own = match author {
        Author::Member(user) => found.user_id == Some(*user),
        Author::Expert(_) => expert.is_some_and(|expert| found.expert_id == Some(expert.id)),
    };
    Ok((found, own))
}

/// Deletes a comment of one's own that nobody has answered.
///
/// # Errors
///
/// It is gone, somebody else's, or answered.
pub fn remove_comment(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (study, author): (Id, &Author),
    id: Id,
) -> Result<(), Error> {
    let (_, expert) = authority(connection, keys, now, (study, author))?;
    let by = (author, expert.as_ref());
    let (found, own) = comment_of(connection, study, id, by)?;
    if !own {
        return Err(Error::Forbidden);
    }
    if comments::is_answered(connection, found.id)? {
        return Err(Error::invalid("comment-answered", "body"));
    }
    comments::remove(connection, found.id)?;
    record(connection, now, study, by, AuditAction::CommentRemoved)
}

/// Settles a comment, or opens it again: members any, experts their own.
///
/// # Errors
///
/// It is gone, or somebody else's.
pub fn settle_comment(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (study, author): (Id, &Author),
    (id, resolved): (Id, bool),
) -> Result<(), Error> {
    let (_, expert) = authority(connection, keys, now, (study, author))?;
    let by = (author, expert.as_ref());
    let (found, own) = comment_of(connection, study, id, by)?;
    if !own && expert.is_some() {
        return Err(Error::Forbidden);
    }
    if found.root_id.is_some() || found.resolved_at.is_some() == resolved {
        return Ok(());
    }
    comments::set_resolved(connection, id, resolved.then_some(now))?;
    let action = if resolved { AuditAction::CommentResolved } else { AuditAction::CommentReopened };
    record(connection, now, study, by, action)
}

/// An expert says what they think of the questionnaire as a whole.
///
/// # Errors
///
/// A link that does not work or only reads.
pub fn give_verdict(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    (study, token): (Id, &str),
    verdict: Verdict,
) -> Result<(), Error> {
    let author = Author::Expert(token.to_owned());
    let (_, expert) = authority(connection, keys, now, (study, &author))?;
    let expert = expert.filter(|expert| expert.may_comment).ok_or(Error::Forbidden)?;
    if expert.verdict == verdict {
        return Ok(());
    }
    comments::set_verdict(connection, expert.id, verdict, now)?;
    record(connection, now, study, (&author, Some(&expert)), AuditAction::VerdictGiven)
}
