//! Saving a page, or a list of members: worked out first, then stored whole.

use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State};
use survey_builder::questionnaire::change_members::{MembersChange, change_members};
use survey_builder::questionnaire::document::{Ending, Kind, Question};
use survey_builder::questionnaire::member::members_lost;
use survey_builder::questionnaire::order::drawn_answers;
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::piping::{fill, member_label};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{
    Checked, Mistake, Posted, check_page_on, field_names,
};
use survey_builder::sampling::Seed;
use survey_builder::sampling::within_household::{Locked, Rule};

use super::end::{finish, remove, run};
use super::{ANSWERED_ELSEWHERE, Interview, MEMBERS_LOST, RETRIES, Saved, Standing, Taken};
use crate::acts::contact;
use crate::app::App;
use crate::error::{Error, Missing};
use crate::keys::Keys;
use crate::rules::disposition::{Disposition, Event};
use crate::rules::selection;
use crate::rules::states::{CaseStatus, ResponseState};
use crate::store::cases;
use crate::store::files::{self, FileRow};
use crate::store::responses::{self, Content, Pending, ResponseRow, Revision};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Instant, Scope, samples};

/// A page as it was sent in.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// The fields; where a file is asked for, the name under which it is kept.
    pub posted: Posted,
    /// The last revision the form knew of, so that a double click on "Continue"
    /// does not count as a second answer to a prompt.
    pub sequence: i64,
    /// The files that came with it, looked into already.
    pub files: Vec<FileRow>,
}

/// A change of an open interview, worked out from how it stood.
#[derive(Clone, Debug)]
pub struct Step {
    /// The case.
    pub case: Id,
    /// Its response.
    pub response: Id,
    /// The last revision that was known; another since makes the step stale.
    pub sequence: i64,
    /// What is saved, if anything is: the page and its content.
    pub revision: Option<(Id, Content)>,
    /// The files that came with it and that answers name.
    pub files: Vec<FileRow>,
    /// The names of all files that answers then hold, where new ones came.
    pub named: Vec<String>,
    /// What this makes true of the case.
    pub event: Option<Event>,
    /// What follows.
    pub then: Then,
}

/// What a step ends with.
#[derive(Clone, Debug)]
pub enum Then {
    /// The interview goes on.
    GoOn,
    /// It ends, with these answers.
    End {
        /// How.
        state: ResponseState,
        /// All answers.
        answers: Answers,
    },
    /// The person does not take part.
    Refuse,
}

impl Step {
    /// A step that changes nothing yet; `None` where nothing is begun.
    pub fn of(interview: &Interview) -> Option<Self> {
        Some(Self {
            case: interview.case.id,
            response: interview.response.as_ref()?.id,
            sequence: interview.progress.sequence,
            revision: None,
            files: Vec::new(),
            named: Vec::new(),
            event: None,
            then: Then::GoOn,
        })
    }

    /// Only this person's other tabs wait.
    pub fn scope(&self, study: &Study) -> Scope {
        Scope::Person { study: study.id, case: self.case }
    }

    fn changes_nothing(&self) -> bool {
        self.revision.is_none() && self.event.is_none() && matches!(self.then, Then::GoOn)
    }
}

/// Stores a step: all of it, if the interview is still as it was when the step
/// was worked out.
pub fn take_step(
    connection: &mut Connection,
    keys: &Keys,
    now: Instant,
    step: &Step,
) -> Result<Taken, Error> {
    let case = cases::find(connection, step.case)?.ok_or(Error::NotFound(Missing::Case))?;
    let study = studies::require(connection, case.study_id)?;
    if case.status != CaseStatus::Open || !study.accepts_answers(study.today(now)) {
        return Ok(Taken::NotOpen);
    }
    // The way from the case is not looked up again: it goes when the response does.
    let Some(mut open) = responses::find_open(connection, keys, step.response)? else {
        return Ok(Taken::NotOpen);
    };
    let sequence = responses::last_sequence(connection, open.row.id)?;
    if sequence != step.sequence {
        return Ok(Taken::Stale);
    }
    let kept_sealed = open.known.is_some();
    for file in &step.files {
        files::insert(connection, keys, file, kept_sealed)?;
    }
    if let Some((page_id, content)) = &step.revision {
        let revision = Revision {
            response_id: open.row.id,
            sequence: sequence + 1,
            page_id: *page_id,
            content: content.clone(),
            saved_at: study.keeps(now),
        };
        responses::append(connection, keys, &revision)?;
        // What a new file replaces is kept no longer.
        if !step.files.is_empty() {
            let named = step.named.iter().map(String::as_str).collect();
            files::keep_only(connection, open.row.id, &named)?;
        }
    }
    if let Some(event) = step.event {
        contact::answered(connection, keys, now, &study, &case, &mut open, event)?;
    }
    match &step.then {
        Then::GoOn => {}
        Then::End { state, answers } => {
            finish(connection, keys, now, &study, &case, open, (*state, answers))?;
        }
        Then::Refuse => remove(connection, keys, now, &study, &case, Some(open))?,
    }
    Ok(Taken::Stored)
}

/// Saves the page at a stop.
///
/// Starts from the interview as it was loaded; when another tab has saved
/// meanwhile, from how it stands then.
pub async fn save_page(
    app: &App,
    interview: Interview,
    stop: &Stop,
    form: Form,
) -> Result<Saved, Error> {
    let work_out = async |interview: &Interview| page_step(app, interview, stop, &form).await;
    retried(app, interview, work_out).await
}

/// Changes the members at a stop that lists them; without a change the list is
/// accepted as it stands.
pub async fn save_members(
    app: &App,
    interview: Interview,
    stop: &Stop,
    change: Option<MembersChange>,
) -> Result<Saved, Error> {
    let work_out =
        async |interview: &Interview| members_step(app, interview, stop, change.as_ref()).await;
    retried(app, interview, work_out).await
}

/// Works a step out and stores it, and starts again from how the interview stands
/// then when another tab has saved meanwhile.
async fn retried(
    app: &App,
    mut interview: Interview,
    work_out: impl AsyncFn(&Interview) -> Result<(Option<Step>, Saved), Error>,
) -> Result<Saved, Error> {
    for _ in 0..=RETRIES {
        if interview.standing() != Standing::Open {
            return Ok(Saved::NotOpen);
        }
        let (step, saved) = work_out(&interview).await?;
        let Some(step) = step.filter(|step| !step.changes_nothing()) else { return Ok(saved) };
        match run(app, &interview, step).await? {
            Taken::Stored => return Ok(saved),
            Taken::NotOpen => return Ok(Saved::NotOpen),
            Taken::Stale => interview = interview.reload(app).await?,
        }
    }
    Err(Error::Busy)
}

/// Works out what sending a page leads to, from the interview as it was loaded.
///
/// # Errors
///
/// What the database says of the sample.
pub async fn page_step(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    form: &Form,
) -> Result<(Option<Step>, Saved), Error> {
    let posted = &form.posted;
    let (Some(response), Some(step)) = (&interview.response, Step::of(interview)) else {
        return Ok((None, Saved::NotOpen));
    };
    let version = &interview.version;
    let known = stop.page_index().map_or(Vec::new(), |page| field_names(version, page));
    if posted.keys().any(|field| !known.contains(field)) {
        return Ok((None, Saved::OffPath));
    }
    let before = &interview.progress.answers;
    let Some(checked) = check_page_on(
        version,
        stop,
        (before, interview.path()),
        posted,
        response.began_on,
        interview.seed(),
    ) else {
        return Ok((None, Saved::OffPath));
    };
    if let Some(doubt) = answered_elsewhere(interview, stop, &checked, form.sequence) {
        // Nothing of an older form takes the place of what was answered since,
        // before the person has seen both.
        let pending = Pending {
            posted: posted.clone(),
            mistakes: checked.mistakes.clone(),
            blanks: Vec::new(),
            doubts: vec![doubt],
        };
        let (none, path) = (Answers::default(), interview.path());
        let step = step.saving(interview, stop, none, Some(pending), path)?;
        return Ok((Some(step), Saved::Again));
    }
    let reached = interview.after(response, checked.answers.clone());
    let mut doubts = checked.doubts.clone();
    doubts.extend(lost_members(interview, stop, &reached.path, &checked));
    let pending = pending_after(interview, stop, posted, &checked, doubts, form.sequence);
    if pending.is_none() && reached.path.ending == Some(Ending::Refused) {
        let step = Step { then: Then::Refuse, ..step };
        return Ok((Some(step), Saved::Ended(Ending::Refused)));
    }
    let now = pending.is_none().then_some(stop);
    let reached = interview.choosing(app, response, reached, now).await?;
    let Reached { after, path, saved } = reached;
    let unchanged = pending.is_none()
        && interview.is_accepted(stop)
        && saved.0.iter().all(|(item, answer)| before.get(*item) == Some(answer));
    let (is_pending, ending) = (pending.is_some(), path.ending);
    let mut step = step;
    if !unchanged {
        step = step.saving(interview, stop, saved, pending, &path)?;
        let named = responses::file_names(&after);
        let names = |file: &&FileRow| named.contains(file.name().as_str());
        step.files = form.files.iter().filter(names).cloned().collect();
        step.named = named.into_iter().map(str::to_owned).collect();
    }
    if is_pending {
        return Ok((Some(step), Saved::Again));
    }
    if let Some(ending) = ending {
        step.event = None;
        step.then = Then::End { state: ResponseState::ScreenedOut, answers: after };
        return Ok((Some(step), Saved::Ended(ending)));
    }
    let next = path.next_after(stop).cloned().map_or(Saved::AtEnd, Saved::Next);
    Ok((Some(step), next))
}

/// Works out what changing members leads to; without a change the list is accepted.
///
/// # Errors
///
/// As [`page_step`].
pub async fn members_step(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    change: Option<&MembersChange>,
) -> Result<(Option<Step>, Saved), Error> {
    let (Some(response), Some(step)) = (&interview.response, Step::of(interview)) else {
        return Ok((None, Saved::NotOpen));
    };
    if !interview.path().stops.contains(stop) {
        return Ok((None, Saved::OffPath));
    }
    let before = &interview.progress.answers;
    let changed = match change {
        None => Answers::default(),
        // Pressed twice, or in another tab: there is nothing left to change.
        Some(change) => match change_members(&interview.version, stop, before, change) {
            Some(changed) => changed,
            None => return Ok((None, Saved::Again)),
        },
    };
    // A changed list is shown again before it is accepted.
    let pending = change.map(|_| Pending::default());
    let now = pending.is_none().then_some(stop);
    let reached = interview.after(response, changed);
    let Reached { path, saved, .. } = interview.choosing(app, response, reached, now).await?;
    let mut step = step;
    if pending.is_some() || !interview.is_accepted(stop) {
        step = step.saving(interview, stop, saved, pending, &path)?;
    }
    let saved = match change {
        None => path.next_after(stop).cloned().map_or(Saved::AtEnd, Saved::Next),
        // The pages of a new member come first.
        Some(MembersChange::Add) => {
            let new = path
                .stops
                .iter()
                .find(|one| one.within.len() > stop.within.len() && !interview.is_accepted(one));
            new.cloned().map_or(Saved::Again, Saved::Next)
        }
        Some(_) => Saved::Again,
    };
    Ok((Some(step), saved))
}

impl Step {
    /// The same with answers of a stop saved.
    fn saving(
        self,
        interview: &Interview,
        stop: &Stop,
        answers: Answers,
        pending: Option<Pending>,
        path: &Path,
    ) -> Result<Self, Error> {
        let page = stop.id(&interview.version).map(Id).ok_or(Error::NotFound(Missing::Page))?;
        let event = event_for(interview, path);
        Ok(Self { revision: Some((page, Content { answers, pending })), event, ..self })
    }
}

/// Where answers lead: all of them, their path, and what is to be saved.
struct Reached {
    after: Answers,
    path: Path,
    saved: Answers,
}

impl Interview {
    /// The answers and the path after some are saved, and what is to be saved
    /// with them: what chance decides for members that are new.
    fn after(&self, response: &ResponseRow, saved: Answers) -> Reached {
        let mut saved = saved;
        let mut after = self.progress.answers.clone();
        after.apply(&saved);
        let drawn = drawn_answers(&self.version, &after, response.began_on, self.seed());
        after.apply(&drawn);
        saved.apply(&drawn);
        let path = route(&self.version, &after, response.began_on);
        Reached { after, path, saved }
    }

    /// The same with who of a household is asked, once that can be decided:
    /// everything before it is accepted, the stop that is saved `now` too.
    async fn choosing(
        &self,
        app: &App,
        response: &ResponseRow,
        reached: Reached,
        now: Option<&Stop>,
    ) -> Result<Reached, Error> {
        if !selection::chooses(&self.version) {
            return Ok(reached);
        }
        let key = self.household_key(app).await?;
        let number = |rule: Rule| match &key {
            Some((seed, unit)) => Locked::of(rule, *seed, unit),
            // A case that was never drawn: its own seed decides.
            None => Locked::of(rule, Seed(self.seed()), ""),
        };
        let accepted = |stop: &Stop| now == Some(stop) || self.is_accepted(stop);
        let decided =
            selection::decide(&self.version, &reached.path, response.began_on, number, accepted);
        if decided.0.is_empty() {
            return Ok(reached);
        }
        let Reached { mut after, mut saved, .. } = reached;
        after.apply(&decided);
        saved.apply(&decided);
        let path = route(&self.version, &after, response.began_on);
        Ok(Reached { after, path, saved })
    }

    /// The sample's seed and the case's unit in the frame: what fixes who of the
    /// household is asked.
    async fn household_key(&self, app: &App) -> Result<Option<(Seed, String)>, Error> {
        let (study, unit) = (self.study.id, self.case.sampled_unit_id);
        let Some(unit) = unit else { return Ok(None) };
        app.store
            .read(move |connection| {
                let Some(sample) = samples::of_study(connection, study)? else {
                    return Ok(None);
                };
                let Ok(seed) = sample.seed.parse() else { return Ok(None) };
                Ok(samples::unit_key(connection, unit)?.map(|key| (Seed(seed), key)))
            })
            .await
    }
}

/// The doubt that a page raises when it takes away members of rosters who have
/// answers.
fn lost_members(
    interview: &Interview,
    stop: &Stop,
    after: &Path,
    checked: &Checked,
) -> Option<Mistake> {
    let (version, before) = (&interview.version, &interview.progress.answers);
    if version.document.rosters.is_empty() {
        return None;
    }
    let path = interview.path();
    let lost = members_lost(version, path, after, before);
    let language = interview.case.language.as_str();
    let names: Vec<String> =
        lost.iter().map(|within| member_label(version, path, within, language)).collect();
    let page = version.page(stop.page_index()?)?;
    let mut items = page.questions.iter().flat_map(Question::items).map(|item| item.id);
    let changed = |item: &ItemId| {
        let key = stop.key(*item);
        checked.answers.get(key).is_some_and(|answer| before.get(key) != Some(answer))
    };
    let item = items.find(changed).filter(|_| !names.is_empty())?;
    Some(Mistake {
        item,
        code: MEMBERS_LOST.to_owned(),
        arguments: vec![("names".to_owned(), names.join(", "))],
        message: None,
    })
}

/// The doubt that a form raises which was made before its page was saved in
/// another tab: both answers are shown, and the person says which stays.
fn answered_elsewhere(
    interview: &Interview,
    stop: &Stop,
    checked: &Checked,
    form_sequence: i64,
) -> Option<Mistake> {
    let Some((latest, None)) = interview.latest(stop) else { return None };
    if form_sequence >= *latest {
        return None;
    }
    let (version, before) = (&interview.version, &interview.progress.answers);
    let page = version.page(stop.page_index()?)?;
    let differs = |item: &ItemId| {
        let key = stop.key(*item);
        let (then, now) = (before.get(key), checked.answers.get(key));
        now.is_some() && then.is_some_and(|answer| answer.value().is_some()) && then != now
    };
    let items = page.questions.iter().flat_map(Question::items);
    let changed: Vec<_> = items.filter(|item| differs(&item.id)).collect();
    let first = changed.first()?.id;
    let (path, language) = (interview.path(), interview.case.language.as_str());
    let said = |name: &str| fill(&format!("${{{name}}}"), version, path, &stop.within, language);
    let answers: Vec<String> = changed.iter().map(|item| said(&item.name)).collect();
    Some(Mistake {
        item: first,
        code: ANSWERED_ELSEWHERE.to_owned(),
        arguments: vec![("answers".to_owned(), answers.join("; "))],
        message: None,
    })
}

/// What keeps the page from being accepted: mistakes always; blanks and doubts
/// once.
fn pending_after(
    interview: &Interview,
    stop: &Stop,
    posted: &Posted,
    checked: &Checked,
    doubts: Vec<Mistake>,
    form_sequence: i64,
) -> Option<Pending> {
    let (blanks_before, doubts_before) = match interview.latest(stop) {
        // Only a form that was made after the prompt can have seen it.
        Some((sequence, Some(pending))) if form_sequence >= *sequence => {
            (pending.blanks.clone(), pending.doubts.clone())
        }
        // Accepted once with the blank: not asked for again.
        Some((_, None)) => (checked.blanks.clone(), checked.doubts.clone()),
        _ => (Vec::new(), Vec::new()),
    };
    let new_blanks = checked.blanks.iter().any(|item| !blanks_before.contains(item));
    let asked_about = |doubt: &Mistake| {
        doubts_before.iter().any(|it| it.item == doubt.item && it.code == doubt.code)
    };
    let new_doubts = !doubts.iter().all(asked_about);
    if checked.mistakes.is_empty() && !new_blanks && !new_doubts {
        return None;
    }
    Some(Pending {
        posted: posted.clone(),
        mistakes: checked.mistakes.clone(),
        blanks: checked.blanks.clone(),
        doubts,
    })
}

/// The event that this save makes true and that the case does not know yet:
/// some items answered, or enough of them for a partial interview.
fn event_for(interview: &Interview, path: &Path) -> Option<Event> {
    let (mut asked, mut answered) = (0_u32, 0_u32);
    for stop in &path.stops {
        let page = stop.page_index().and_then(|index| interview.version.page(index));
        for question in page.map_or(&[][..], |page| &page.questions) {
            if !question.kind.takes_answer()
                || matches!(question.kind, Kind::Consent(_))
                || !path.asks(stop.key(question.id))
            {
                continue;
            }
            for item in question.items() {
                asked += 1;
                answered += u32::from(path.answers.get(stop.key(item.id)).is_some_and(|answer| {
                    // A reason given is an answer given; a blank is not.
                    !matches!(answer, Answer::Missing(State::Skipped | State::NotReached))
                }));
            }
        }
    }
    let share = f64::from(answered) / f64::from(asked.max(1));
    let (event, code) = if share >= interview.study.partial_threshold {
        (Event::Partial, Disposition::Partial)
    } else if answered > 0 {
        (Event::BrokeOff, Disposition::BrokeOff)
    } else {
        return None;
    };
    let known = interview.disposition;
    (known != code && known != Disposition::Partial).then_some(event)
}
