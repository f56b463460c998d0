//! The words of a page of consequences.

use fielding::app::App;
use fielding::jobs::send_mail::letter_of;
use fielding::messages::mail::{Personal, words};
use fielding::rules::states::{MessageKind, StudyStatus};
use fielding::store::studies::Study;
use survey_builder::questionnaire::version::Version;

use super::seen::Seen;
use super::step::Step;
use super::view::{Consequences, Letter};
use crate::render::megabytes;
use crate::wording::{count_text, say_count};

/// Writes what a step will do.
pub struct Writer<'a> {
    /// The application.
    pub app: &'a App,
    /// The study.
    pub study: &'a Study,
    /// Its questionnaire, where letters are shown.
    pub version: Option<&'a Version>,
    /// The reader's language.
    pub language: &'static str,
}

impl Writer<'_> {
    fn say(&self, key: &str) -> String {
        locale::text(self.language, key, &[])
    }

    fn count(&self, key: &str, count: i64) -> String {
        say_count(self.language, key, count, &[])
    }

    /// The page of a step.
    pub fn write(&self, step: &Step, seen: &Seen) -> Consequences {
        let number = seen.number();
        let title = match (step, seen) {
            (Step::Open, _) => self.named("confirm-open-title", &self.study.name),
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
            (Step::Delete, _) => self.named("confirm-delete-title", &self.study.name),
            (Step::RemoveMedia(name), _) => self.named("confirm-media-title", name),
        };
        let study = format!("/studies/{}", self.study.id);
        let (action, back) =
            (format!("{study}/{}", step.address()), format!("{study}{}", step.origin()));
        let mut page = Consequences::new(title, action, back);
        page.hidden.push(("counted", seen.stamp()));
        match seen {
            Seen::Opening { version, cases, .. } => self.opening(&mut page, *version, *cases),
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
            Seen::Deletion { interviews, cases } => self.deletion(&mut page, *interviews, *cases),
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
                Step::Open => "confirm-open-nothing",
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

    fn opening(&self, page: &mut Consequences, version: i64, cases: i64) {
        let closed = self.study.status == StudyStatus::Closed;
        let drawn = if cases == 0 {
            self.say("confirm-open-no-sample")
        } else {
            self.count("confirm-cases", cases)
        };
        let last = match self.study.closes_on {
            Some(day) => locale::date(day),
            None => self.say("confirm-open-no-end"),
        };
        page.facts = vec![
            (self.say("study-version"), version.to_string()),
            (self.say("study-cases"), drawn),
            (
                self.say("study-privacy"),
                self.say(&format!("privacy-word-{}", self.study.privacy.word())),
            ),
            (self.say("study-closes-on"), last),
        ];
        page.happens = vec![
            self.say("confirm-open-answers"),
            self.say("confirm-open-fixed"),
            self.say(if closed { "confirm-open-ended" } else { "confirm-open-sample" }),
        ];
        page.stays.push(self.say("confirm-nobody-written"));
        page.undo = self.say("confirm-open-undo");
        page.button = self.say("study-open");
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

    fn deletion(&self, page: &mut Consequences, interviews: i64, cases: i64) {
        page.facts = vec![
            (self.say("study-interviews"), count_text(self.language, interviews)),
            (self.say("study-cases"), count_text(self.language, cases)),
        ];
        page.happens = vec![
            self.say("confirm-delete-all"),
            self.say("confirm-delete-links"),
            self.say("confirm-delete-record"),
        ];
        page.stays =
            vec![self.say("confirm-delete-suppressed"), self.say("confirm-delete-backups")];
        page.undo = self.say("confirm-delete-undo");
        page.button = self.say("study-delete");
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
