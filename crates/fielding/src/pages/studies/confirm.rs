//! What an act will do, on a page of its own before it is done: whom, how many,
//! what cannot be undone, and the letter as it will be sent. What was counted
//! travels with the form; where it is different by then the page is shown again
//! and nothing is done.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::questionnaire::version::Version;
use unicode_normalization::UnicodeNormalization as _;

use super::{field, insert_study, sample, sent, study_page};
use crate::acts::media::media_named;
use crate::acts::{frame, invitations, media, release, study as study_acts};
use crate::app::App;
use crate::error::{Clash, Error, Missing, Problem};
use crate::jobs::prepare;
use crate::jobs::send_mail::letter_of;
use crate::locale;
use crate::mail::{Personal, words};
use crate::pages::form::looked_into;
use crate::pages::render::{in_address, page, redirect};
use crate::pages::respond::files::megabytes;
use crate::pages::session::SignedIn;
use crate::problem_text::problem_text;
use crate::rules::access::Action;
use crate::rules::states::{MessageKind, StudyStatus};
use crate::store::studies::{self, Study};
use crate::store::{
    Connection, Id, Instant, Scope, files, frames, outbox, pool, responses, rounds,
};

/// An act whose consequences have a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Invitations to those who have had none.
    Invite,
    /// The next reminder.
    Remind,
    /// Once more what may have gone out.
    Resend,
    /// No more answers.
    Close,
    /// Replicates, up to this number.
    Release(u32),
    /// The frame that waits is deleted.
    RemoveFrame,
    /// A file that the questionnaire shows is deleted.
    RemoveMedia(String),
}

impl Step {
    /// Who may do it.
    fn right(&self) -> Action {
        match self {
            Self::RemoveFrame | Self::RemoveMedia(_) => Action::Design,
            _ => Action::Field,
        }
    }

    /// Where its form goes, below the study's address.
    fn address(&self) -> String {
        match self {
            Self::Invite => "invitations".to_owned(),
            Self::Remind => "reminders".to_owned(),
            Self::Resend => "resending".to_owned(),
            Self::Close => "closure".to_owned(),
            Self::Release(_) => "sample/release".to_owned(),
            Self::RemoveFrame => "frame/removal".to_owned(),
            Self::RemoveMedia(name) => format!("media/{}/removal", in_address(name)),
        }
    }

    /// Where one comes from and goes back to, below the study's address.
    fn origin(&self) -> &'static str {
        match self {
            Self::Release(_) | Self::RemoveFrame => "/sample",
            Self::RemoveMedia(_) => "#media",
            _ => "#fieldwork",
        }
    }

    fn is_about_sample(&self) -> bool {
        matches!(self, Self::Release(_) | Self::RemoveFrame)
    }
}

/// What was counted of a step, by the functions that its act works with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// Letters by kind and language, and the number of the reminder.
    Letters { number: i64, letters: Vec<(MessageKind, String, i64)> },
    /// What ends with a study.
    Closure { under_way: i64, queued: i64, pooled: i64 },
    /// Cases of replicates.
    Release { span: (i64, i64), replicates: u32, reserve: u32, cases: usize },
    /// A frame's rows.
    Frame { id: Id, name: String, rows: i64 },
    /// A file, and whether the questionnaire shows it.
    Media { bytes: i64, shown: bool },
}

impl Seen {
    /// Counts: nothing is changed.
    fn of(
        app: &App,
        connection: &mut Connection,
        now: Instant,
        study: Id,
        step: &Step,
    ) -> Result<Self, Error> {
        // As it is now, not as it was when the request came.
        let study = &studies::find(connection, study)?.ok_or(Error::NotFound(Missing::Study))?;
        match step {
            Step::Invite => invitations::invitations_due(connection, now, study.id).map(due),
            Step::Remind => invitations::reminders_due(connection, now, study.id).map(due),
            Step::Resend => {
                let letters = invitations::doubtful_due(connection, now, study.id)?;
                Ok(Self::Letters { number: 0, letters })
            }
            Step::Close if study.status != StudyStatus::Open => {
                Err(Error::Conflict(Clash::StudyNotOpen))
            }
            Step::Close => {
                let round = rounds::current(connection, study.id)?.id;
                Ok(Self::Closure {
                    under_way: responses::open_count(connection, study.id)?,
                    queued: outbox::queued_count(connection, study.id)?,
                    pooled: pool::count(connection, round)?,
                })
            }
            Step::Release(upto) => {
                let due = release::release_due(connection, study.id, *upto)?;
                let cases = due.cases(connection)?;
                let (span, replicates, reserve) = (due.span, due.replicates, due.reserve);
                Ok(Self::Release { span, replicates, reserve, cases })
            }
            Step::RemoveFrame => {
                let row = frames::waiting(connection, study.id)?
                    .ok_or(Error::NotFound(Missing::Frame))?;
                Ok(Self::Frame { id: row.id, name: row.name, rows: row.units })
            }
            Step::RemoveMedia(name) => {
                let known = files::media_of(connection, study.id)?;
                let found = known.into_iter().find(|(known, _, _)| known == name);
                let (_, _, bytes) = found.ok_or(Error::NotFound(Missing::File))?;
                media::may_be_removed(study)?;
                let version = version_of(app, connection, study)?;
                let shown = media_named(&version.document).contains(name.as_str());
                Ok(Self::Media { bytes, shown })
            }
        }
    }

    /// How many it is about.
    fn number(&self) -> i64 {
        match self {
            Self::Letters { letters, .. } => letters.iter().map(|(_, _, count)| count).sum(),
            Self::Closure { under_way, .. } => *under_way,
            Self::Release { cases, .. } => i64::try_from(*cases).unwrap_or(i64::MAX),
            Self::Frame { rows, .. } => *rows,
            Self::Media { .. } => 1,
        }
    }

    /// What was counted, as it travels with the form.
    fn stamp(&self) -> String {
        match self {
            Self::Letters { number, letters } => {
                let parts = letters
                    .iter()
                    .map(|(kind, language, count)| format!("{kind}-{language}-{count}"));
                [number.to_string()].into_iter().chain(parts).collect::<Vec<_>>().join(".")
            }
            Self::Closure { under_way, queued, pooled } => format!("{under_way}.{queued}.{pooled}"),
            Self::Release { span, cases, .. } => format!("{}.{}.{cases}", span.0, span.1),
            Self::Frame { id, rows, .. } => format!("{id}.{rows}"),
            Self::Media { bytes, shown } => format!("{bytes}.{shown}"),
        }
    }

    /// Whether there is nothing to do.
    fn is_empty(&self) -> bool {
        matches!(self, Self::Letters { .. } | Self::Release { .. }) && self.number() == 0
    }
}

/// Letters by language.
fn due(due: invitations::Due) -> Seen {
    let (kind, number) = due.message;
    let letters =
        due.languages.into_iter().map(|(language, count)| (kind, language, count)).collect();
    Seen::Letters { number, letters }
}

fn version_of(
    app: &App,
    connection: &mut Connection,
    study: &Study,
) -> Result<std::sync::Arc<Version>, Error> {
    let version = studies::current_version(connection, study.id)?
        .ok_or(Error::NotFound(Missing::Questionnaire))?;
    app.version(connection, version)
}

/// What is left to do of a step, in portions.
#[derive(Clone, Copy, Debug)]
enum Rest {
    Nothing,
    Queue(invitations::Queueing),
    Close(study_acts::Closing),
}

/// Does what the page said, or begins with it.
fn act(
    connection: &mut Connection,
    now: Instant,
    user: Option<Id>,
    study: Id,
    (step, seen): (&Step, &Seen),
) -> Result<Rest, Error> {
    match (step, seen) {
        (Step::Invite, _) => {
            return invitations::invite(connection, now, study).map(Rest::Queue);
        }
        (Step::Remind, _) => {
            return invitations::remind(connection, now, study).map(Rest::Queue);
        }
        (Step::Close, _) => {
            let closing = study_acts::close_study(connection, now, user, study)?;
            return Ok(closing.map_or(Rest::Nothing, Rest::Close));
        }
        (Step::Resend, _) => {
            invitations::send_doubtful_again(connection, now, user, study).map(drop)?;
        }
        (Step::Release(upto), _) => {
            release::release(connection, now, user, study, *upto).map(drop)?;
        }
        (Step::RemoveFrame, Seen::Frame { id, .. }) => {
            frame::let_go(connection, now, user, study, *id)?;
        }
        (Step::RemoveFrame, _) => return Err(Error::NotFound(Missing::Frame)),
        (Step::RemoveMedia(name), _) => media::remove_media(connection, now, user, study, name)?,
    }
    Ok(Rest::Nothing)
}

/// Does the rest; whoever asked for it may have gone meanwhile.
async fn finish(app: &App, user: Id, study: Id, rest: Rest) -> Result<(), Error> {
    let app = app.clone();
    looked_into(move || match rest {
        Rest::Nothing => Ok(()),
        Rest::Queue(begun) => prepare::queue(&app, Some(user), study, begun).map(drop),
        Rest::Close(closing) => prepare::end_all(&app, closing).map(drop),
    })
    .await?
}

/// What must be typed before a grave act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "expected", rename_all = "snake_case")]
pub enum Typed {
    /// A number that the page shows.
    Number(i64),
    /// The study's name.
    Name(String),
}

impl Typed {
    fn of(step: &Step, seen: &Seen, study: &Study) -> Option<Self> {
        match step {
            Step::Close => Some(Self::Name(study.name.clone())),
            Step::RemoveFrame => Some(Self::Number(seen.number())),
            _ => None,
        }
    }

    /// Whether that was typed; a number may be grouped in any way, a name is one
    /// whatever its capitals.
    ///
    /// # Errors
    ///
    /// What was typed in its place.
    pub fn check(&self, typed: &str) -> Result<(), Problem> {
        match self {
            Self::Number(number) => {
                let digits: String =
                    typed.chars().filter(|sign| !" .,\u{a0}\u{202f}".contains(*sign)).collect();
                let told = || Problem::new("confirm-number", "").with("number", *number);
                (digits.parse() == Ok(*number)).then_some(()).ok_or_else(told)
            }
            Self::Name(name) => {
                let plain = |text: &str| {
                    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    words.to_lowercase().nfc().collect::<String>()
                };
                let told = || Problem::new("confirm-name", "").with("name", name.as_str());
                (plain(typed) == plain(name)).then_some(()).ok_or_else(told)
            }
        }
    }

    /// The label of the field.
    fn label(&self, language: &str) -> String {
        match self {
            Self::Number(number) => {
                let count = count_text(language, *number);
                locale::text(language, "confirm-type-number", &[("count", &count)])
            }
            Self::Name(name) => locale::text(language, "confirm-type-name", &[("name", name)]),
        }
    }
}

/// A letter as it will be sent, with signs in the place of anybody's own.
#[derive(Serialize)]
struct Letter {
    heading: String,
    language: String,
    subject: String,
    /// Paragraphs of lines.
    paragraphs: Vec<Vec<String>>,
}

/// What stands on a page of consequences.
#[derive(Serialize)]
pub struct Consequences {
    /// The act, with its number.
    pub title: String,
    /// What it is about: label and value.
    pub facts: Vec<(String, String)>,
    /// What happens.
    pub happens: Vec<String>,
    /// What does not.
    pub stays: Vec<String>,
    /// What cannot be undone.
    pub undo: String,
    letters: Vec<Letter>,
    /// What stands in the way, where there is nothing to do.
    nothing: Option<String>,
    /// What is typed before it is done.
    asks: Vec<Asked>,
    /// What else travels with the form: name and value.
    pub hidden: Vec<(&'static str, String)>,
    /// Where the form goes.
    pub action: String,
    /// Where one goes back to.
    pub back: String,
    /// What the button says.
    pub button: String,
}

/// A field of a page of consequences.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What helps to fill it in; may be empty.
    pub hint: String,
    /// Whether it takes a number.
    pub number: bool,
    /// What stands in it.
    pub value: String,
}

/// Why a page of consequences is shown once more.
#[derive(Clone, Debug, Default)]
pub struct Again {
    /// What was counted is different by now.
    pub changed: bool,
    /// What is wrong with what was typed.
    pub problems: Vec<Problem>,
}

impl Again {
    fn status(&self) -> StatusCode {
        if self.changed {
            StatusCode::CONFLICT
        } else if !self.problems.is_empty() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

/// A whole number as the language writes it.
pub fn count_text(language: &str, count: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    locale::number(language, count as f64, 0)
}

/// A text with a number in it: `n` decides the plural, `count` is how it is written.
pub fn say_count(language: &str, key: &str, count: i64, more: &[(&str, &str)]) -> String {
    let written = count_text(language, count);
    let mut arguments = vec![("count", written.as_str())];
    arguments.extend_from_slice(more);
    locale::counted(language, key, usize::try_from(count).unwrap_or(0), &arguments)
}

impl Consequences {
    /// One that says nothing yet.
    pub fn new(title: String, action: String, back: String) -> Self {
        let button = title.clone();
        Self {
            title,
            facts: Vec::new(),
            happens: Vec::new(),
            stays: Vec::new(),
            undo: String::new(),
            letters: Vec::new(),
            nothing: None,
            asks: Vec::new(),
            hidden: Vec::new(),
            action,
            back,
            button,
        }
    }

    /// Asks for what must be typed.
    pub fn ask_for(&mut self, typed: &Typed, value: &str, language: &str) {
        self.asks.push(Asked {
            name: "typed",
            label: typed.label(language),
            hint: String::new(),
            number: matches!(typed, Typed::Number(_)),
            value: value.to_owned(),
        });
    }

    /// Asks for something beside it.
    pub fn ask(&mut self, asked: Asked) {
        self.asks.push(asked);
    }

    /// The page.
    pub fn page(
        &self,
        app: &App,
        request: &HttpRequest,
        signed_in: &SignedIn,
        study: &Study,
        again: &Again,
    ) -> Result<HttpResponse, Error> {
        let language = signed_in.language(request);
        let mut context = signed_in.context(app);
        insert_study(&mut context, study);
        let place = |problem: &Problem| {
            let place = problem.place.as_text().unwrap_or_default();
            let asked = self.asks.iter().find(|asked| asked.name == place);
            asked.or(self.asks.last()).map_or("", |asked| asked.name)
        };
        let problems: Vec<(&str, String)> = again
            .problems
            .iter()
            .map(|problem| (place(problem), problem_text(&problem.clone().at(""), language)))
            .collect();
        context.insert("problems", &problems);
        context.insert("changed", &again.changed);
        context.insert("confirm", self);
        page(again.status(), "studies/confirm.html", language, context)
    }
}

/// Writes what a step will do.
struct Writer<'a> {
    app: &'a App,
    study: &'a Study,
    version: Option<&'a Version>,
    language: &'static str,
}

impl Writer<'_> {
    fn say(&self, key: &str) -> String {
        locale::text(self.language, key, &[])
    }

    fn count(&self, key: &str, count: i64) -> String {
        say_count(self.language, key, count, &[])
    }

    fn write(&self, step: &Step, seen: &Seen) -> Consequences {
        let number = seen.number();
        let title = match (step, seen) {
            (Step::Invite, _) => self.count("confirm-invite-title", number),
            (Step::Remind, Seen::Letters { number: reminder, .. }) => {
                let reminder = reminder.to_string();
                let more = [("number", reminder.as_str())];
                say_count(self.language, "confirm-remind-title", number, &more)
            }
            (Step::Remind | Step::Resend, _) => self.count("confirm-resend-title", number),
            (Step::Close, _) => self.named("confirm-close-title", &self.study.name),
            (Step::Release(_), _) => self.count("confirm-release-title", number),
            (Step::RemoveFrame, Seen::Frame { name, .. }) => {
                self.named("confirm-frame-title", name)
            }
            (Step::RemoveFrame, _) => self.say("frame-remove"),
            (Step::RemoveMedia(name), _) => self.named("confirm-media-title", name),
        };
        let study = format!("/studies/{}", self.study.id);
        let (action, back) =
            (format!("{study}/{}", step.address()), format!("{study}{}", step.origin()));
        let mut page = Consequences::new(title, action, back);
        page.hidden.push(("counted", seen.stamp()));
        match seen {
            Seen::Letters { letters, .. } => self.letters(&mut page, step, letters),
            Seen::Closure { under_way, queued, pooled } => {
                self.closure(&mut page, *under_way, *queued, *pooled);
            }
            Seen::Release { span, replicates, reserve, .. } => {
                page.hidden.push(("upto", span.1.to_string()));
                self.release(&mut page, *span, (*replicates, *reserve));
            }
            Seen::Frame { rows, .. } => {
                page.happens.push(self.count("confirm-frame-rows", *rows));
                page.happens.push(self.say("confirm-frame-plan"));
                page.stays.push(self.say("confirm-frame-stays"));
                page.undo = self.say("confirm-frame-undo");
                page.button = self.say("frame-remove");
            }
            Seen::Media { bytes, shown } => {
                let size = megabytes(u64::try_from(*bytes).unwrap_or(0));
                page.facts.push((self.say("confirm-media-size"), size));
                let used = if *shown { "confirm-media-shown" } else { "confirm-media-unused" };
                page.happens.push(self.say(used));
                page.undo = self.say("confirm-media-undo");
                page.button = self.say("confirm-media-button");
            }
        }
        if seen.is_empty() {
            let key = match step {
                Step::Invite => "confirm-invite-nothing",
                Step::Release(_) => "confirm-release-nothing",
                Step::Resend => "confirm-resend-nothing",
                _ => "confirm-remind-nothing",
            };
            page.nothing = Some(self.say(key));
        }
        page
    }

    fn named(&self, key: &str, name: &str) -> String {
        locale::text(self.language, key, &[("name", name)])
    }

    fn letters(
        &self,
        page: &mut Consequences,
        step: &Step,
        letters: &[(MessageKind, String, i64)],
    ) {
        let sum = letters.iter().map(|(_, _, count)| count).sum();
        let languages: Vec<String> = letters
            .iter()
            .map(|(_, language, count)| {
                let count = count_text(self.language, *count);
                format!("{} {count}", self.language_name(language))
            })
            .collect();
        let whom = self.count("confirm-cases", sum);
        page.facts = vec![
            (self.say("confirm-whom"), format!("{whom} ({})", languages.join(", "))),
            (self.say("confirm-when"), self.say("confirm-when-now")),
            (
                self.say("confirm-from"),
                self.app
                    .sender
                    .as_deref()
                    .map_or_else(|| self.say("confirm-no-relay"), str::to_owned),
            ),
        ];
        page.happens = vec![self.say("confirm-letters-each"), self.say("confirm-letters-log")];
        page.undo = self.say("confirm-letters-undo");
        match step {
            Step::Invite => page.stays.push(self.say("confirm-invite-others")),
            Step::Remind if self.study.is_anonymous() => {
                page.stays.push(self.say("confirm-remind-anonymous"));
            }
            Step::Remind => page.stays.push(self.say("confirm-remind-late")),
            _ => {
                page.happens.push(self.say("confirm-resend-same"));
                page.undo = self.say("confirm-resend-undo");
            }
        }
        if *step == Step::Remind {
            page.happens.push(self.count("confirm-remind-gap", self.study.gap_days));
        }
        page.stays.push(self.say("confirm-letters-none"));
        page.letters = letters
            .iter()
            .filter_map(|(kind, language, count)| self.letter(*kind, language, *count))
            .collect();
    }

    /// How a language calls itself.
    fn language_name(&self, code: &str) -> String {
        let known = self.version.and_then(|version| {
            version.document.languages.iter().find(|language| language.code == code)
        });
        known.map_or_else(|| code.to_owned(), |language| language.name.clone())
    }

    fn letter(&self, kind: MessageKind, language: &str, count: i64) -> Option<Letter> {
        let sender = self.app.sender.as_deref().unwrap_or_default();
        let letter = letter_of(sender, kind, language, self.study, self.version?);
        let said = words(self.app, &letter, &Personal::nobody(self.app, language));
        let key = match kind {
            MessageKind::Invitation => "confirm-letter-invitation",
            MessageKind::Reminder => "confirm-letter-reminder",
        };
        let name = self.language_name(language);
        let lines = |paragraph: &String| paragraph.lines().map(str::to_owned).collect();
        Some(Letter {
            heading: say_count(self.language, key, count, &[("language", &name)]),
            language: locale::known(language).to_owned(),
            subject: said.subject,
            paragraphs: said.paragraphs.iter().map(lines).collect(),
        })
    }

    fn closure(&self, page: &mut Consequences, under_way: i64, queued: i64, pooled: i64) {
        page.happens.push(self.say("confirm-close-answers"));
        page.happens.push(if under_way == 0 {
            self.say("confirm-close-none")
        } else {
            self.count("confirm-close-open", under_way)
        });
        if queued > 0 {
            page.happens.push(self.count("confirm-close-queued", queued));
        }
        if pooled > 0 {
            page.happens.push(self.count("confirm-close-pooled", pooled));
        }
        page.stays.push(self.say("confirm-close-stays"));
        page.undo = self.say("confirm-close-undo");
        page.button = self.say("study-close");
    }

    fn release(
        &self,
        page: &mut Consequences,
        span: (i64, i64),
        (replicates, reserve): (u32, u32),
    ) {
        let (from, to, all) = (span.0.to_string(), span.1.to_string(), replicates.to_string());
        let said = [("from", from.as_str()), ("to", &to), ("all", &all)];
        let key = if span.0 == span.1 { "confirm-release-one" } else { "confirm-release-span" };
        page.facts.push((self.say("release-replicate"), locale::text(self.language, key, &said)));
        page.happens.push(self.say("confirm-release-open"));
        page.happens.push(self.say("confirm-release-rates"));
        if reserve > 0 && span.1 > i64::from(replicates - reserve.min(replicates)) {
            page.happens.push(self.say("confirm-release-reserve"));
        }
        page.stays.push(self.say("confirm-nobody-written"));
        page.undo = self.say("confirm-release-undo");
    }
}

/// The page of a step: `GET`.
pub async fn ask(
    app: &Data<App>,
    request: &HttpRequest,
    id: &str,
    step: Step,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(app, request).await?;
    let study = signed_in.study(app, id, step.right()).await?;
    let (in_query, now) = (app.get_ref().clone(), app.clock.now());
    let (of, asked) = (study.id, step.clone());
    let seen =
        app.store.read(move |connection| Seen::of(&in_query, connection, now, of, &asked)).await;
    match seen {
        Ok(seen) => {
            show(app, request, &signed_in, &study, (&step, &seen, ""), &Again::default()).await
        }
        Err(error) => refused(app, request, &signed_in, study, &step, error).await,
    }
}

async fn show(
    app: &Data<App>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (step, seen, typed): (&Step, &Seen, &str),
    again: &Again,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (in_query, of) = (app.get_ref().clone(), study.clone());
    let version = match seen {
        Seen::Letters { .. } => {
            Some(app.store.read(move |connection| version_of(&in_query, connection, &of)).await?)
        }
        _ => None,
    };
    let version = version.as_deref();
    let mut written = Writer { app, study, version, language }.write(step, seen);
    if let Some(asked) = Typed::of(step, seen, study) {
        written.ask_for(&asked, typed, language);
    }
    written.page(app, request, signed_in, study, again)
}

/// The form of a step: `POST`. It is done if what was counted is as it was.
pub async fn settle(
    app: &Data<App>,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
    step: impl FnOnce(&Posted) -> Result<Step, Error>,
    right: Action,
) -> Result<HttpResponse, Error> {
    let (form, signed_in, study) = sent(app, request, id, payload, right).await?;
    let step = step(&form)?;
    let (in_write, now, user) = (app.get_ref().clone(), app.clock.now(), signed_in.user.id);
    let (of, asked) = (study.clone(), step.clone());
    let (counted, typed) = (field(&form, "counted"), field(&form, "typed"));
    let (was_counted, was_typed) = (counted.clone(), typed.clone());
    let done = app
        .store
        .write(Scope::Study(study.id), move |connection| {
            let seen = Seen::of(&in_write, connection, now, of.id, &asked)?;
            let changed = seen.stamp() != was_counted;
            let asks = Typed::of(&asked, &seen, &of);
            let problem = asks.and_then(|asks| asks.check(&was_typed).err());
            if changed || problem.is_some() || seen.is_empty() {
                return Ok(Err((seen, changed, problem)));
            }
            act(connection, now, Some(user), of.id, (&asked, &seen)).map(Ok)
        })
        .await;
    let done = match done {
        Ok(Ok(rest)) => finish(app, user, study.id, rest).await.map(|()| None),
        Ok(Err(again)) => Ok(Some(again)),
        Err(error) => Err(error),
    };
    match done {
        Ok(None) => {
            if step == Step::RemoveFrame {
                app.drop_frame();
            }
            Ok(redirect(&format!("/studies/{}{}", study.id, step.origin())))
        }
        Ok(Some((seen, changed, problem))) => {
            // Who never saw a number is not told that it has changed, and one thing
            // at a time: what was typed is judged by a number that was seen.
            let changed = changed && !counted.is_empty();
            let problems = problem.into_iter().filter(|_| !changed && !counted.is_empty());
            let again = Again { changed, problems: problems.collect() };
            show(app, request, &signed_in, &study, (&step, &seen, &typed), &again).await
        }
        Err(error) => refused(app, request, &signed_in, study, &step, error).await,
    }
}

/// What stands in the way, on the page that one came from.
async fn refused(
    app: &Data<App>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: Study,
    step: &Step,
    error: Error,
) -> Result<HttpResponse, Error> {
    match error {
        Error::Invalid(problems) if step.is_about_sample() => {
            sample::sample_page(app, request, signed_in, &study, &problems).await
        }
        Error::Invalid(problems) => study_page(app, request, signed_in, study, &problems).await,
        error => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_may_be_grouped_and_written_small() {
        let number = Typed::Number(1200);
        for typed in ["1200", " 1.200", "1,200", "1 200"] {
            assert_eq!(number.check(typed), Ok(()), "{typed}");
        }
        for typed in ["", "120", "12000", "-1200", "mười"] {
            assert!(number.check(typed).is_err(), "{typed}");
        }
        let name = Typed::Name("Đi lại  2026".to_owned());
        for typed in ["đi lại 2026", "Đi lại 2026 ", "Đi la\u{323}i 2026"] {
            assert_eq!(name.check(typed), Ok(()), "{typed}");
        }
        assert!(name.check("Đi lại").is_err());
    }
}
