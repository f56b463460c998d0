//! One test with the path that was taken: page by page what was asked, what was
//! answered and when, and what was not asked.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::acts::trials::{Trial, kept_since};
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::trials::{self, TrialStep};
use fielding::store::{Connection, Id};
use serde::Serialize;
use survey_builder::questionnaire::answer::{Answer, Answers, State};
use survey_builder::questionnaire::document::Question;
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::piping::{fill, member_label};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;
use survey_builder::questionnaire::why::why;

use super::super::{Strip, seen};
use super::named;
use crate::bar::Place;
use crate::form::off_thread;
use crate::paper;
use crate::render::page;
use crate::session::StaffLayout;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// The page of a test.
#[derive(Serialize)]
struct TrialPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    trial: String,
    day: String,
    time: String,
    ended: String,
    spoken: String,
    state: &'static str,
    changed: bool,
    #[serde(flatten)]
    taken: Taken,
}

/// The path that was taken.
#[derive(Serialize)]
struct Taken {
    steps: Vec<StepView>,
    /// Questions that are off the path.
    unasked: Vec<String>,
}

/// A page that was saved.
#[derive(Serialize)]
struct StepView {
    time: String,
    /// Its place on the path; 0 where it is off it now.
    page: usize,
    /// The section, and the member of a roster that it is about.
    place: String,
    questions: Vec<AskedView>,
    /// What kept the page from being accepted: `mistakes`, `blanks`, `doubts` or nothing.
    again: &'static str,
    /// Whether it is a list of members.
    members: bool,
}

/// A question that was asked.
#[derive(Serialize)]
struct AskedView {
    label: String,
    wording: String,
    /// What was answered; of a battery with the words of each row.
    answers: Vec<(String, String)>,
}

/// Tells a test to who reads it.
struct Teller<'a> {
    version: &'a Version,
    language: &'a str,
    /// The language of the questionnaire's texts.
    shown: &'a str,
    labels: HashMap<String, String>,
}

impl Teller<'_> {
    fn text(&self, key: &str) -> String {
        locale::text(self.language, key, &[])
    }

    fn words(&self, text: &str, path: &Path, stop: &Stop) -> String {
        fill(text, self.version, path, &stop.within, self.shown)
    }

    fn fallback(&self) -> &str {
        &self.version.document.default_language
    }

    /// What a question is called where it was not asked.
    fn called(&self, question: &Question, path: &Path) -> String {
        let wording = question.wording.get(self.shown, self.fallback());
        let wording = fill(wording, self.version, path, &[], self.shown);
        match self.labels.get(&question.name) {
            Some(number) => format!("{number}. {wording}"),
            None => wording,
        }
    }

    fn question(&self, question: &Question, path: &Path, stop: &Stop) -> AskedView {
        let items = question.items();
        let many = items.iter().filter(|item| !item.is_other).count() > 1;
        let mut answers = Vec::new();
        for item in &items {
            let answer = match path.answers.get(stop.key(item.id)) {
                Some(Answer::Value(_)) if question.kind.file_rule().is_some() => {
                    self.text("trial-answer-file")
                }
                Some(Answer::Value(_)) => self.words(&format!("${{{}}}", item.name), path, stop),
                Some(Answer::Missing(state)) => self.text(state_key(*state)),
                None => continue,
            };
            let row = item.wording.get(self.shown, self.fallback());
            let row =
                if many || item.is_other { self.words(row, path, stop) } else { String::new() };
            answers.push((row, answer));
        }
        let wording = question.wording.get(self.shown, self.fallback());
        AskedView {
            label: self.labels.get(&question.name).cloned().unwrap_or_default(),
            wording: self.words(wording, path, stop),
            answers,
        }
    }

    fn step(&self, step: &TrialStep, path: &Path, time: String) -> StepView {
        let again = match &step.content.pending {
            Some(pending) if !pending.mistakes.is_empty() => "mistakes",
            Some(pending) if !pending.doubts.is_empty() => "doubts",
            Some(pending) if !pending.blanks.is_empty() => "blanks",
            _ => "",
        };
        let at = |stop: &Stop| stop.id(self.version) == Some(step.page_id.0);
        let place = path.stops.iter().position(at);
        let bare = StepView {
            time,
            page: place.map_or(0, |place| place + 1),
            place: String::new(),
            questions: Vec::new(),
            again,
            members: false,
        };
        let Some(stop) = place.and_then(|place| path.stops.get(place)) else { return bare };
        let Some(index) = stop.page_index() else { return StepView { members: true, ..bare } };
        let asked = self.version.page(index).map_or(&[][..], |page| &page.questions).iter();
        let asked = asked.filter(|one| one.kind.takes_answer() && path.asks(stop.key(one.id)));
        let section = self.version.section_of(index);
        let title = section.map_or("", |section| section.title.get(self.shown, self.fallback()));
        let member = member_label(self.version, path, &stop.within, self.shown);
        let place = [title, &member].into_iter().filter(|words| !words.is_empty());
        StepView {
            place: place.collect::<Vec<_>>().join(": "),
            questions: asked.map(|one| self.question(one, path, stop)).collect(),
            ..bare
        }
    }
}

fn state_key(state: State) -> &'static str {
    match state {
        State::DontKnow => "trial-answer-dont-know",
        State::Refused => "trial-answer-refused",
        State::NotApplicable => "trial-answer-not-applicable",
        _ => "trial-answer-blank",
    }
}

impl Taken {
    /// Goes the way of a test again.
    fn of(trial: &Trial, language: &str) -> Self {
        let (interview, zone) = (&trial.interview, trial.interview.study.time_zone);
        let version: &Version = &interview.version;
        let document = &version.document;
        let known = document.languages.iter().any(|one| one.code == language);
        let shown = if known { language } else { document.default_language.as_str() };
        let teller = Teller { version, language, shown, labels: paper::labels(document) };
        let day = interview.began_on();
        let mut answers = Answers::default();
        let mut steps = Vec::new();
        for step in &trial.steps {
            answers.apply(&step.content.answers);
            if step.page_id.0.is_nil() {
                continue;
            }
            let path = route(version, &answers, day);
            let at = step.saved_at.in_zone(zone);
            let time = at.map(|at| at.format("%H:%M:%S").to_string()).unwrap_or_default();
            steps.push(teller.step(step, &path, time));
        }
        let path = route(version, &answers, day);
        let off = |question: &&Question| {
            question.kind.takes_answer()
                && !question.kind.is_silent()
                && why(version, &path, question.id, day).is_some_and(|why| !why.asked)
        };
        let unasked =
            document.questions().filter(off).map(|one| teller.called(one, &path)).collect();
        Self { steps, unasked }
    }
}

/// `GET /studies/{id}/builder/trials/{trial}`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let trial = door.named("trial");
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let trial = Id::parse(&trial).ok_or(Error::NotFound(Missing::Page))?;
    let language = signed_in.language(&request);
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let (keys, now, of) = (app.keys.clone(), app.clock.now(), study.clone());
    let read = move |connection: &mut Connection| {
        let row = trials::find(connection, trial)?;
        let row = row.filter(|row| row.study_id == of.id && row.began_at >= kept_since(now));
        let row = row.ok_or(Error::NotFound(Missing::Page))?;
        Trial::of(connection, &keys, now, row, of)
    };
    let trial = app.store.read(read).await?;
    let (trial, taken) = off_thread(move || {
        let taken = Taken::of(&trial, language);
        (trial, taken)
    })
    .await?;
    let hour = |at: fielding::store::Instant| {
        let at = at.in_zone(study.time_zone);
        at.map(|at| at.format("%H:%M:%S").to_string()).unwrap_or_default()
    };
    let shown = TrialPage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(&study),
        strip: Strip::of(&seen, "trials"),
        trial: trial.row.id.to_string(),
        day: locale::date(trial.row.began_on),
        time: hour(trial.row.began_at),
        ended: trial.row.ended_at.map(hour).unwrap_or_default(),
        spoken: named(&trial.interview.version.document, &trial.row.language),
        state: trial.row.state.word(),
        changed: trial.changed,
        taken,
    };
    page(StatusCode::OK, "builder/trial.html", language, &shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn a_test_shows_its_examples() {
        shows("builder/trial.html", |language| {
            let asked = |answers: &[(&str, &str)]| AskedView {
                label: "1".to_owned(),
                wording: "Ông/Bà đi làm bằng gì?".to_owned(),
                answers: answers
                    .iter()
                    .map(|(row, answer)| ((*row).to_owned(), (*answer).to_owned()))
                    .collect(),
            };
            let step = |again: &'static str, members| StepView {
                time: "14:05:33".to_owned(),
                page: 3,
                place: if members { String::new() } else { "Đi lại".to_owned() },
                questions: vec![asked(&[("", "Xe buýt")]), asked(&[("a", "b")]), asked(&[])],
                again,
                members,
            };
            let of = |state: &'static str, changed: bool, steps| TrialPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("trials"),
                trial: "0192".to_owned(),
                day: "02/12/2026".to_owned(),
                time: "14:05".to_owned(),
                ended: if changed { "14:12".to_owned() } else { String::new() },
                spoken: "Tiếng Việt".to_owned(),
                state,
                changed,
                taken: Taken {
                    steps,
                    unasked: if changed { vec!["2. …".to_owned()] } else { Vec::new() },
                },
            };
            let all = ["", "mistakes", "blanks", "doubts"].map(|again| step(again, false));
            let mut all: Vec<StepView> = all.into();
            all.push(step("", true));
            vec![
                of("open", false, Vec::new()),
                of("complete", true, all),
                of("screened-out", true, Vec::new()),
                of("refused", false, Vec::new()),
            ]
        });
    }
}
