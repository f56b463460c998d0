//! Saving a page, or a list of members: checked first, then only appended.

use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State};
use survey_builder::questionnaire::change_members::{MembersChange, change_members};
use survey_builder::questionnaire::document::{Ending, Kind, Question};
use survey_builder::questionnaire::member::members_lost;
use survey_builder::questionnaire::order::drawn_answers;
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::piping::member_label;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Checked, Mistake, Posted, check_page, field_names};
use survey_builder::sampling::Seed;
use survey_builder::sampling::within_household::{Locked, Rule};

use super::{Interview, MEMBERS_LOST, Pending, Saved, Standing, finish_with, read_pending, refuse};
use crate::app::App;
use crate::error::Error;
use crate::rules::selection;
use crate::store::cases;
use crate::store::files::{self, FileRow};
use crate::store::responses::{self, ResponseRow, RevisionRow};
use crate::store::{Id, Instant, samples};

/// How often a save starts again because another of the same person's tabs
/// saved first.
const RETRIES: u32 = 5;

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
    let save = async |interview: &Interview| save_once(app, interview, stop, &form).await;
    retried(app, interview, save).await
}

/// Changes the members at a stop that lists them; without a change the list is
/// accepted as it stands.
pub async fn save_members(
    app: &App,
    interview: Interview,
    stop: &Stop,
    change: Option<MembersChange>,
) -> Result<Saved, Error> {
    let save = async |interview: &Interview| {
        save_members_once(app, interview, stop, change.as_ref()).await
    };
    retried(app, interview, save).await
}

/// Saves, and starts again from how the interview stands then when another tab
/// has saved meanwhile.
async fn retried(
    app: &App,
    mut interview: Interview,
    save: impl AsyncFn(&Interview) -> Result<Saved, Error>,
) -> Result<Saved, Error> {
    let mut tries = 0;
    loop {
        match save(&interview).await {
            Err(error) if error.is_taken() && tries < RETRIES => tries += 1,
            other => return other,
        }
        let (in_query, case) = (app.clone(), interview.case.id);
        interview = app
            .store
            .read(move |connection| {
                let case = cases::find(connection, case)?.ok_or(Error::NotFound("case"))?;
                Interview::of_case(&in_query, connection, case)
            })
            .await?;
    }
}

async fn save_once(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    form: &Form,
) -> Result<Saved, Error> {
    let posted = &form.posted;
    let Some(response) =
        interview.response.as_ref().filter(|_| interview.standing() == Standing::Open)
    else {
        return Err(Error::Conflict("interview-not-open"));
    };
    let version = &interview.version;
    let known = stop.page_index().map_or(Vec::new(), |page| field_names(version, page));
    if posted.keys().any(|field| !known.contains(field)) {
        return Ok(Saved::OffPath);
    }
    let before = &interview.progress.answers;
    let Some(checked) =
        check_page(version, stop, before, posted, response.began_on, interview.seed())
    else {
        return Ok(Saved::OffPath);
    };
    let (after, path, saved) = interview.after(response, checked.answers.clone());
    let lost = lost_members(interview, stop, &path, &checked);
    let pending = pending_after(interview, stop, posted, &checked, lost, form.sequence)?;
    if pending.is_none()
        && let Some(Ending::Refused) = path.ending
    {
        refuse(app, interview).await?;
        return Ok(Saved::Ended(Ending::Refused));
    }
    let now = (pending.is_none()).then_some(stop);
    let (after, path, saved) = interview.choosing(app, response, (after, path, saved), now).await?;
    let unchanged = pending.is_none()
        && interview.is_accepted(stop)
        && saved.0.iter().all(|(item, answer)| before.get(*item) == Some(answer));
    if !unchanged {
        let new = New { answers: &saved, after: &after, files: &form.files };
        append(app, interview, stop, &new, pending.as_ref(), &path).await?;
    }
    Ok(if pending.is_some() {
        Saved::Again
    } else if let Some(ending) = path.ending {
        finish_with(app, interview, after, ending).await?;
        Saved::Ended(ending)
    } else {
        path.next_after(stop).cloned().map_or(Saved::AtEnd, Saved::Next)
    })
}

async fn save_members_once(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    change: Option<&MembersChange>,
) -> Result<Saved, Error> {
    let Some(response) =
        interview.response.as_ref().filter(|_| interview.standing() == Standing::Open)
    else {
        return Err(Error::Conflict("interview-not-open"));
    };
    if !interview.path().stops.contains(stop) {
        return Ok(Saved::OffPath);
    }
    let before = &interview.progress.answers;
    let changed = match change {
        None => Answers::default(),
        // Pressed twice, or in another tab: there is nothing left to change.
        Some(change) => match change_members(&interview.version, stop, before, change) {
            Some(changed) => changed,
            None => return Ok(Saved::Again),
        },
    };
    let (after, path, saved) = interview.after(response, changed);
    // A changed list is shown again before it is accepted.
    let pending = change.map(|_| Pending::default());
    let now = (pending.is_none()).then_some(stop);
    let (after, path, saved) = interview.choosing(app, response, (after, path, saved), now).await?;
    if pending.is_some() || !interview.is_accepted(stop) {
        let new = New { answers: &saved, after: &after, files: &[] };
        append(app, interview, stop, &new, pending.as_ref(), &path).await?;
    }
    Ok(match change {
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
    })
}

impl Interview {
    /// The answers and the path after some are saved, and what is to be saved
    /// with them: what chance decides for members that are new.
    fn after(&self, response: &ResponseRow, saved: Answers) -> (Answers, Path, Answers) {
        let mut saved = saved;
        let mut after = self.progress.answers.clone();
        after.apply(&saved);
        let drawn = drawn_answers(&self.version, &after, response.began_on, self.seed());
        after.apply(&drawn);
        saved.apply(&drawn);
        let path = route(&self.version, &after, response.began_on);
        (after, path, saved)
    }
}

impl Interview {
    /// The same with who of a household is asked, once that can be decided:
    /// everything before it is accepted, the stop that is saved `now` too.
    async fn choosing(
        &self,
        app: &App,
        response: &ResponseRow,
        reached: (Answers, Path, Answers),
        now: Option<&Stop>,
    ) -> Result<(Answers, Path, Answers), Error> {
        let (mut after, path, mut saved) = reached;
        if !selection::chooses(&self.version) {
            return Ok((after, path, saved));
        }
        let key = self.household_key(app).await?;
        let number = |rule: Rule| match &key {
            Some((seed, unit)) => Locked::of(rule, *seed, unit),
            // A case that was never drawn: its own seed decides.
            None => Locked::of(rule, Seed(self.seed()), ""),
        };
        let accepted = |stop: &Stop| now == Some(stop) || self.is_accepted(stop);
        let decided = selection::decide(&self.version, &path, response.began_on, number, accepted);
        if decided.0.is_empty() {
            return Ok((after, path, saved));
        }
        after.apply(&decided);
        saved.apply(&decided);
        let path = route(&self.version, &after, response.began_on);
        Ok((after, path, saved))
    }

    /// The sample's seed and the case's unit in the frame: what fixes who of the
    /// household is asked.
    async fn household_key(&self, app: &App) -> Result<Option<(Seed, String)>, Error> {
        let (study, unit) = (self.study.id, self.case.sampled_unit_id);
        let Some(unit) = unit else { return Ok(None) };
        app.store
            .read(move |connection| {
                let Some((sample, _)) = samples::of_study(connection, study)? else {
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
    let lost = members_lost(version, &path, after, before);
    let language = interview.case.language.as_str();
    let names: Vec<String> =
        lost.iter().map(|within| member_label(version, &path, within, language)).collect();
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

/// What keeps the page from being accepted: mistakes always; blanks and doubts
/// once.
fn pending_after(
    interview: &Interview,
    stop: &Stop,
    posted: &Posted,
    checked: &Checked,
    lost: Option<Mistake>,
    form_sequence: i64,
) -> Result<Option<Pending>, Error> {
    let (blanks_before, doubts_before) = match interview.latest(stop) {
        // Only a form that was made after the prompt can have seen it.
        Some((sequence, Some(pending))) if form_sequence >= *sequence => {
            let pending = read_pending(pending)?;
            (pending.blanks, pending.doubts)
        }
        // Accepted once with the blank: not asked for again.
        Some((_, None)) => (checked.blanks.clone(), checked.doubts.clone()),
        _ => (Vec::new(), Vec::new()),
    };
    let new_blanks = checked.blanks.iter().any(|item| !blanks_before.contains(item));
    let doubts: Vec<Mistake> = checked.doubts.iter().cloned().chain(lost).collect();
    let asked_about = |doubt: &Mistake| {
        doubts_before.iter().any(|it| it.item == doubt.item && it.code == doubt.code)
    };
    let new_doubts = !doubts.iter().all(asked_about);
    if checked.mistakes.is_empty() && !new_blanks && !new_doubts {
        return Ok(None);
    }
    Ok(Some(Pending {
        posted: posted.clone(),
        mistakes: checked.mistakes.clone(),
        blanks: checked.blanks.clone(),
        doubts,
    }))
}

/// What a save adds.
struct New<'a> {
    /// The answers.
    answers: &'a Answers,
    /// All answers as they then are.
    after: &'a Answers,
    /// The files that came with them.
    files: &'a [FileRow],
}

async fn append(
    app: &App,
    interview: &Interview,
    stop: &Stop,
    new: &New<'_>,
    pending: Option<&Pending>,
    path: &Path,
) -> Result<(), Error> {
    let Some(response) = &interview.response else { return Err(Error::NotFound("response")) };
    let page_id = stop.id(&interview.version).map(Id).ok_or(Error::NotFound("page"))?;
    let pending = pending
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| Error::Damaged { what: "revision", reason: error.to_string() })?;
    let revision = RevisionRow {
        response_id: response.id,
        sequence: interview.progress.sequence + 1,
        page_id,
        answers: responses::write_answers(new.answers)?,
        pending,
        saved_at: interview.study.keeps(Instant::now()),
    };
    let named = responses::file_names(new.after);
    let after = new.after.clone();
    let new_files: Vec<FileRow> =
        new.files.iter().filter(|file| named.contains(file.name().as_str())).cloned().collect();
    let event = event_for(interview, path);
    let (case, study) = (interview.case.clone(), interview.study.clone());
    app.store
        .write(move |connection| {
            responses::append(connection, &revision)?;
            for file in &new_files {
                files::insert(connection, file)?;
            }
            // What a new file replaces is kept no longer.
            if !new_files.is_empty() {
                files::keep_only(connection, revision.response_id, &responses::file_names(&after))?;
            }
            if let Some(event) = event {
                cases::record(connection, &case, study.keeps(Instant::now()), "web", event)?;
            }
            Ok(())
        })
        .await
}

/// The event that this save makes true and that the case does not know yet:
/// some items answered, or enough of them for a partial interview.
fn event_for(interview: &Interview, path: &Path) -> Option<&'static str> {
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
        ("partial", "1.2")
    } else if answered > 0 {
        ("broke_off", "2.12")
    } else {
        return None;
    };
    let known = interview.case.disposition.as_str();
    (known != code && known != "1.2").then_some(event)
}
