//! What the page of a study as a whole shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use fielding::rules::rates::{UnknownEligibility, counts_of, rates};
use fielding::rules::road::{Mark, Stage};
use fielding::rules::states::{DayCount, StudyStatus};
use fielding::store::audit;
use fielding::store::rounds::RoundRow;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::version::Version;

use crate::bar::Standing;
use crate::session::StaffLayout;
use crate::studies::about::{Listed, StudyHead};
use crate::studies::record::EntryLine;
use crate::wording::{count_text, say_count};

/// A stratum is only said to answer least where it has as many cases.
const ENOUGH: f64 = 20.0;
/// … and where its response rate is as far below that of all.
const BELOW: f64 = 0.05;

/// A study as a whole.
#[derive(Serialize)]
pub struct OverviewPage {
    #[serde(flatten)]
    pub layout: StaffLayout,
    #[serde(flatten)]
    pub study: StudyHead,
    pub problems: Listed<String>,
    /// What is being prepared just now.
    pub preparing: Vec<&'static str>,
    /// When answers are taken, and how long still.
    pub period: String,
    pub road: Vec<StageFact>,
    pub figures: Vec<Figure>,
    /// Ended interviews of an anonymous study that wait to move on together.
    pub pooled: i64,
    pub by_day: Option<ByDay>,
    pub attention: Vec<Attention>,
    /// The latest entries of the record.
    pub entries: Vec<EntryLine>,
}

/// A stage with one fact.
#[derive(Serialize)]
pub struct StageFact {
    stage: &'static str,
    mark: &'static str,
    address: String,
    fact: String,
}

/// A number and what it says.
#[derive(Serialize)]
pub struct Figure {
    key: &'static str,
    value: String,
    note: String,
}

/// Something to look at.
#[derive(Serialize)]
pub struct Attention {
    mark: &'static str,
    text: String,
    detail: String,
    address: String,
}

/// Interviews by day, added up.
#[derive(Serialize)]
pub struct ByDay {
    /// The line, in units of which the chart has [`WIDTH`] and [`HEIGHT`].
    line: String,
    last: (f64, f64),
    /// Marks of the numbers: height and text.
    marks: Vec<(f64, String)>,
    first_day: String,
    last_day: String,
    /// The days and how many had ended by then, for those who read rather than look.
    rows: Vec<(String, i64)>,
}

/// Days that the chart and its table show.
const MOST_DAYS: usize = 60;
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 160.0;

/// What is known of a study.
pub struct Known {
    /// Where it stands.
    pub standing: Standing,
    /// The questionnaire and its number.
    pub version: Option<(Arc<Version>, i64)>,
    /// Ended interviews of an anonymous study that wait to move on together.
    pub pooled: i64,
    /// Messages that could not be sent.
    pub failed: i64,
    /// The round.
    pub round: RoundRow,
    /// Interviews by day.
    pub days: BTreeMap<(NaiveDate, DayCount), i64>,
    /// The latest entries of the record.
    pub entries: Vec<audit::Entry>,
}

impl Known {
    /// When answers are taken: from, to, how long still.
    pub fn period(&self, study: &Study, language: &str) -> String {
        let say = |key: &str, from: &str, to: &str| {
            locale::text(language, key, &[("from", from), ("to", to)])
        };
        let from = self.round.opened_on.map(locale::date);
        let to = self.round.closed_on.or(study.closes_on).map(locale::date);
        match (from, to) {
            (Some(from), Some(to)) => say("overview-from-to", &from, &to),
            (Some(from), None) => say("overview-from", &from, ""),
            (None, Some(to)) => say("overview-to", "", &to),
            (None, None) => String::new(),
        }
    }

    /// The stages, each with one fact.
    pub fn road(&self, study: &Study, language: &str) -> Vec<StageFact> {
        let stages = self.standing.road.stages.iter();
        let line = |(stage, mark): &(Stage, Mark)| StageFact {
            stage: stage.word(),
            mark: mark.word(),
            address: format!("/studies/{}/{}", study.id, crate::bar::page_of(*stage)),
            fact: self.fact(*stage, *mark, study, language),
        };
        stages.map(line).collect()
    }

    fn fact(&self, stage: Stage, mark: Mark, study: &Study, language: &str) -> String {
        let facts = &self.standing.facts;
        let say = |key: &str| locale::text(language, key, &[]);
        match stage {
            Stage::Design if mark == Mark::Blocked => {
                say_count(language, "fact-media", size(facts.missing_media), &[])
            }
            Stage::Design if facts.unpublished => say("fact-unpublished"),
            Stage::Design => self.version.as_ref().map_or_else(String::new, |(version, number)| {
                let questions = size(version.document.question_count());
                let number = number.to_string();
                say_count(language, "fact-design", questions, &[("version", &number)])
            }),
            Stage::Sample => match (self.standing.drawn_at, self.standing.listed) {
                (Some(at), _) => {
                    let day = locale::date(study.today(at));
                    say_count(language, "fact-drawn", facts.cases, &[("day", &day)])
                }
                (None, Some(people)) => say_count(language, "fact-listed", people, &[]),
                (None, None) => say("fact-no-list"),
            },
            Stage::Field => match study.status {
                StudyStatus::Draft => say("fact-not-open"),
                StudyStatus::Open => {
                    let unanswered = facts.unanswered;
                    say_count(language, "fact-unanswered", unanswered, &[])
                }
                StudyStatus::Closed => {
                    let day = self.round.closed_on.map(locale::date).unwrap_or_default();
                    locale::text(language, "fact-closed", &[("day", &day)])
                }
            },
            Stage::Results if facts.interviews == 0 => say("fact-no-results"),
            Stage::Results => {
                let key = if study.margins.is_empty() { "fact-results" } else { "fact-weighted" };
                say_count(language, key, facts.interviews, &[])
            }
            Stage::Report if facts.interviews == 0 => say("fact-no-report"),
            Stage::Report if study.status == StudyStatus::Closed => say("fact-report"),
            Stage::Report => say("fact-preliminary"),
        }
    }

    /// Where the fieldwork stands, in numbers.
    pub fn figures(&self, language: &str) -> Vec<Figure> {
        let facts = &self.standing.facts;
        if facts.cases == 0 {
            return Vec::new();
        }
        let all = counts_of(self.standing.outcome_counts.iter());
        let rates = rates(&all, UnknownEligibility::Proportional);
        let share = |rate: Option<f64>| {
            rate.map_or_else(|| "–".to_owned(), |rate| locale::percent(language, rate, 1))
        };
        let of_sample = |count: f64| locale::percent(language, count / all.total(), 1);
        let note = |key: &str, value: String| locale::text(language, key, &[("share", &value)]);
        let refused = locale::number(language, all.refusal, 0);
        let cases = count_text(language, facts.cases);
        let unanswered = all.non_contact + all.other + all.unknown_household + all.unknown_other;
        vec![
            Figure {
                key: "interviews",
                value: count_text(language, facts.interviews),
                note: locale::text(language, "figure-interviews-note", &[("cases", &cases)]),
            },
            Figure {
                key: "response",
                value: share(rates.response[2]),
                note: locale::text(language, "figure-response-note", &[]),
            },
            Figure {
                key: "refused",
                value: share(rates.refusal[0]),
                note: locale::text(language, "figure-refused-note", &[("count", &refused)]),
            },
            Figure {
                key: "unanswered",
                value: count_text(language, facts.unanswered),
                note: note("figure-unanswered-note", of_sample(unanswered)),
            },
        ]
    }

    /// Interviews by day, added up, to the last day or today.
    pub fn by_day(&self, today: NaiveDate, language: &str) -> Option<ByDay> {
        let first = self.round.opened_on?;
        let last = self.round.closed_on.unwrap_or(today).max(first);
        let mut ended = 0;
        let mut rows = vec![];
        for day in first.iter_days().take_while(|day| *day <= last) {
            ended += self.days.get(&(day, DayCount::Ended)).copied().unwrap_or(0);
            rows.push((day, ended));
        }
        if ended == 0 || rows.len() < 2 {
            return None;
        }
        // Of a long field some days stand for all, and the last one always.
        let step = rows.len().div_ceil(MOST_DAYS);
        let last_place = rows.len() - 1;
        let mut place = 0;
        rows.retain(|_| {
            let kept = (last_place - place) % step == 0;
            place += 1;
            kept
        });
        #[expect(clippy::cast_precision_loss, reason = "interviews are far fewer than 2^53")]
        let most = ended as f64;
        let apart = WIDTH / (as_number(rows.len()) - 1.0).max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "interviews are far fewer than 2^53")]
        let at = |place: usize, count: i64| {
            (as_number(place) * apart, HEIGHT - HEIGHT * count as f64 / most)
        };
        let points = rows.iter().enumerate().map(|(place, (_, count))| at(place, *count));
        let texts: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let mark = |share: f64| {
            (HEIGHT - HEIGHT * share, locale::number(language, (most * share).round(), 0))
        };
        Some(ByDay {
            line: texts.join(" "),
            last: at(rows.len() - 1, ended),
            marks: [1.0, 0.5, 0.0].map(mark).into(),
            first_day: locale::date(first),
            last_day: locale::date(last),
            rows: rows.into_iter().map(|(day, count)| (locale::date(day), count)).collect(),
        })
    }

    /// What needs attention, the gravest first.
    pub fn attention(&self, study: &Study, language: &str) -> Vec<Attention> {
        let facts = &self.standing.facts;
        let here = |page: &str| format!("/studies/{}{page}", study.id);
        let mut found = Vec::new();
        for (count, key, page, mark) in [
            (size(facts.missing_media), "attention-media", "/design#media", "bad"),
            (facts.doubtful, "attention-doubtful", "/field#doubtful", "warn"),
            (self.failed, "attention-failed", "/field#mail", "warn"),
        ] {
            if count > 0 && study.status != StudyStatus::Closed {
                found.push(Attention {
                    mark,
                    text: say_count(language, key, count, &[]),
                    detail: locale::text(language, &format!("{key}-detail"), &[]),
                    address: here(page),
                });
            }
        }
        if study.status == StudyStatus::Open
            && let Some((stratum, own, all)) = self.least()
        {
            let shown = locale::percent(language, own, 1);
            let of_all = locale::percent(language, all, 1);
            found.push(Attention {
                mark: "warn",
                text: locale::text(
                    language,
                    "attention-least",
                    &[("stratum", &stratum), ("rate", &shown)],
                ),
                detail: locale::text(language, "attention-least-detail", &[("rate", &of_all)]),
                address: here("/field#strata"),
            });
        }
        found
    }

    /// The stratum that answers least, where that is plainly less than all: its name,
    /// its response rate, that of all.
    fn least(&self) -> Option<(String, f64, f64)> {
        let counts = &self.standing.outcome_counts;
        let rate_of = |name: Option<&str>| {
            let own = counts.iter().filter(|(of, _, _)| name.is_none_or(|name| of == name));
            let own = counts_of(own);
            let rate = rates(&own, UnknownEligibility::Proportional).response[2]?;
            (own.total() >= ENOUGH).then_some(rate)
        };
        let all = rate_of(None)?;
        let mut names: Vec<&str> = counts.iter().map(|(name, _, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let rates = names.into_iter().filter_map(|name| Some((name, rate_of(Some(name))?)));
        let (name, least) = rates.min_by(|one, other| one.1.total_cmp(&other.1))?;
        (all - least >= BELOW).then(|| (name.to_owned(), least, all))
    }
}

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "days are far fewer than 2^53")]
fn as_number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;
    use fielding::rules::states::Prepared;

    fn full(language: &str) -> OverviewPage {
        let marks = Mark::ALL.iter().chain([&Mark::Later]);
        let stage = |(stage, mark): (&Stage, &Mark)| StageFact {
            stage: stage.word(),
            mark: mark.word(),
            address: "/studies/0190/sample".to_owned(),
            fact: "…".to_owned(),
        };
        let figure = |key| Figure { key, value: "551".to_owned(), note: "…".to_owned() };
        let attention = |mark| Attention {
            mark,
            text: "…".to_owned(),
            detail: "…".to_owned(),
            address: "/studies/0190/field".to_owned(),
        };
        OverviewPage {
            layout: StaffLayout::example(language),
            study: StudyHead::example(),
            problems: vec!["…".to_owned()].into(),
            preparing: Prepared::ALL.iter().map(|what| what.word()).collect(),
            period: "30/11/2026".to_owned(),
            road: Stage::ALL.iter().zip(marks).map(stage).collect(),
            figures: ["interviews", "response", "refused", "unanswered"].map(figure).into(),
            pooled: 3,
            by_day: Some(ByDay {
                line: "0,160 600,0".to_owned(),
                last: (WIDTH, 0.0),
                marks: vec![(0.0, "551".to_owned())],
                first_day: "30/11/2026".to_owned(),
                last_day: "11/12/2026".to_owned(),
                rows: vec![("30/11/2026".to_owned(), 12)],
            }),
            attention: vec![attention("bad"), attention("warn")],
            entries: vec![EntryLine::example()],
        }
    }

    #[test]
    fn the_page_of_a_study_shows_its_examples() {
        shows("studies/show.html", |language| {
            let empty = OverviewPage {
                study: StudyHead::bare(),
                problems: Listed::default(),
                preparing: Vec::new(),
                period: String::new(),
                figures: Vec::new(),
                pooled: 0,
                by_day: None,
                attention: Vec::new(),
                entries: Vec::new(),
                ..full(language)
            };
            let made_up = OverviewPage { study: StudyHead::made_up(), ..full(language) };
            vec![full(language), empty, made_up]
        });
    }
}
