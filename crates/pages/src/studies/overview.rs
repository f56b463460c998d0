//! The page of one study: what is asked, its sample, its fieldwork, what was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::media::missing_media;
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::files::upload;
use fielding::rules::access::Action;
use fielding::rules::disposition::Disposition;
use fielding::rules::rates::{Rates, UnknownEligibility, counts_of, rates};
use fielding::rules::states::Prepared;
use fielding::store::studies::{self, Study};
use fielding::store::{
    Connection, audit, files, frames, outbox, outcomes, pool, preparations, responses, rounds,
    samples,
};
use serde::Serialize;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::version::Version;

use super::about::{StudyHead, problem_texts};
use crate::outcome::status;
use crate::render::{megabytes, page};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Messages in doubt that a study's page lists.
const DOUBTFUL: i64 = 100;

#[derive(Serialize)]
struct RateLine {
    name: &'static str,
    value: Option<f64>,
}

#[derive(Serialize)]
struct StratumLine {
    name: String,
    psus: usize,
    sampled: i64,
    interviews: f64,
    rr3: Option<f64>,
}

/// The page of a study.
#[derive(Serialize)]
struct StudyPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Vec<String>,
    /// What is being prepared just now.
    preparing: Vec<&'static str>,
    /// What the reader may do.
    may: Vec<&'static str>,
    questionnaire: Option<Asked>,
    /// What the questionnaire shows: name and size.
    media: Vec<(String, String)>,
    /// Names of what it shows and what is not there.
    missing: Vec<String>,
    media_endings: String,
    /// Whether respondents sent any file.
    files: bool,
    #[serde(flatten)]
    fieldwork: Fieldwork,
    sample: Option<SampleFacts>,
    strata: Vec<StratumLine>,
    /// What was done: day, and what in words.
    entries: Vec<(String, String)>,
}

/// What is asked, in figures.
#[derive(Serialize)]
struct Asked {
    title: String,
    questions: usize,
    minutes: f64,
    version_hash: String,
    /// Edit checks and soft constraints.
    checks: usize,
    /// Rosters about whose members something is asked.
    rosters: Vec<String>,
}

/// The sample in short.
#[derive(Serialize)]
struct SampleFacts {
    frame_name: String,
    frame_units: i64,
    frame_hash: String,
    plan_hash: String,
    seed: String,
    drawn_on: String,
}

/// What came of cases and messages.
#[derive(Serialize)]
struct Fieldwork {
    interviews: i64,
    cases: f64,
    /// AAPOR's groups and their cases.
    groups: Vec<(&'static str, f64)>,
    /// The share of cases of unknown eligibility taken to be eligible.
    e: f64,
    rates: Vec<RateLine>,
    /// Dispositions and their cases.
    codes: Vec<(&'static str, i64)>,
    /// Ended interviews of an anonymous study that wait to move on together.
    pooled: i64,
    messages: Vec<MessageLine>,
    /// Messages that may have gone out.
    doubtful: i64,
    /// The latest of them: case, kind, number, day.
    doubtful_latest: Vec<(i64, &'static str, i64, String)>,
}

/// Everything that the study's page shows, read in one go.
struct Overview {
    outcome_counts: Vec<(String, Disposition, i64)>,
    sample: Option<(samples::SampleRow, frames::FrameRow)>,
    sample_counts: Vec<(String, String, i64)>,
    messages: Vec<outbox::MessageCount>,
    /// Ended interviews of an anonymous study that wait to move on together.
    pooled: i64,
    /// Messages that may have gone out: how many, and the latest of them.
    doubtful: (i64, Vec<outbox::Doubtful>),
    interviews: i64,
    version: Option<Arc<Version>>,
    entries: Vec<audit::Entry>,
    /// What is being prepared just now.
    preparing: Vec<Prepared>,
    may: Vec<&'static str>,
    /// What the questionnaire shows: name, media type, bytes.
    media: Vec<(String, String, i64)>,
    /// Names of what it shows and what is not there.
    missing: Vec<String>,
    /// Whether respondents sent any file.
    files: bool,
}

/// `GET /studies/{id}`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::View).await?;
    study_page(&app, &request, &signed_in, study, &[]).await
}

/// The page, with what is wrong.
pub async fn study_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (in_query, who, shown) = (app.get_ref().clone(), signed_in.clone(), study.clone());
    let overview =
        app.store.read(move |connection| overview(&in_query, connection, &who, &shown)).await?;
    let media = overview
        .media
        .iter()
        .map(|(name, _, size)| (name.clone(), megabytes(u64::try_from(*size).unwrap_or(0))));
    let shown = StudyPage {
        layout: signed_in.layout(app),
        study: StudyHead::of(&study),
        problems: problem_texts(problems, language),
        preparing: overview.preparing.iter().map(|what| what.word()).collect(),
        questionnaire: overview.version.as_deref().map(|version| Asked::of(version, language)),
        media: media.collect(),
        media_endings: upload::endings_shown(),
        fieldwork: Fieldwork::of(&study, &overview),
        sample: overview
            .sample
            .as_ref()
            .map(|(sample, frame)| SampleFacts::of(&study, sample, frame)),
        strata: stratum_lines(&overview, language),
        entries: entry_lines(&study, &overview.entries, language),
        may: overview.may,
        missing: overview.missing,
        files: overview.files,
    };
    page(status(problems), "studies/show.html", language, &shown)
}

/// What was done with a study: day, and what in words.
fn entry_lines(study: &Study, entries: &[audit::Entry], language: &str) -> Vec<(String, String)> {
    let line = |(at, _, action, detail): &audit::Entry| {
        let when = locale::date(study.today(*at));
        let text = locale::text(language, &format!("audit-{action}"), &[]);
        (when, if detail.is_empty() { text } else { format!("{text}: {detail}") })
    };
    entries.iter().map(line).collect()
}

fn overview(
    app: &App,
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
) -> Result<Overview, Error> {
    let round = rounds::current(connection, study.id)?.id;
    let sample = samples::with_frame(connection, study.id)?;
    let sample_counts = match &sample {
        Some((sample, _)) => samples::counts(connection, sample.id)?,
        None => Vec::new(),
    };
    let version = match studies::current_version(connection, study.id)? {
        Some(version) => Some(app.version(connection, version)?),
        None => None,
    };
    let mut may = Vec::new();
    for (name, action) in [
        ("design", Action::Design),
        ("field", Action::Field),
        ("download", Action::Download),
        ("responses", Action::DownloadResponses),
    ] {
        if who.may_in(connection, study.unit_id, action)? {
            may.push(name);
        }
    }
    let missing = match &version {
        Some(version) => missing_media(connection, study.id, &version.document)?,
        None => Vec::new(),
    };
    Ok(Overview {
        media: files::media_of(connection, study.id)?,
        missing,
        files: files::any_of_interviews(connection, study.id)?,
        outcome_counts: outcomes::counts_of(connection, round)?,
        pooled: pool::count(connection, round)?,
        sample,
        sample_counts,
        messages: outbox::counts(connection, study.id)?,
        doubtful: outbox::doubtful(connection, study.id, DOUBTFUL)?,
        interviews: responses::interview_count(connection, study.id)?,
        version,
        entries: audit::about(connection, &study.id.to_string(), 20)?,
        preparing: preparations::of_study(connection, study.id)?,
        may,
    })
}

impl Asked {
    fn of(version: &Version, language: &str) -> Self {
        let document = &version.document;
        let rosters = document.rosters.iter().map(|roster| &roster.name);
        let asked = |name: &&String| {
            let sections = document.all_sections();
            sections.iter().filter_map(|one| one.each.as_ref()).any(|each| each.roster == **name)
        };
        let soft = document.questions().filter(|question| question.may_be_doubted()).count();
        Self {
            title: document.title.get(language, &document.default_language).to_owned(),
            questions: document.question_count(),
            minutes: estimated_minutes(document, language).ceil(),
            version_hash: version.hash[..12].to_owned(),
            checks: document.checks.len() + soft,
            rosters: rosters.filter(asked).cloned().collect(),
        }
    }
}

impl SampleFacts {
    fn of(study: &Study, sample: &samples::SampleRow, frame: &frames::FrameRow) -> Self {
        Self {
            frame_name: frame.name.clone(),
            frame_units: frame.units,
            frame_hash: frame.hash.chars().take(12).collect(),
            plan_hash: sample.plan_hash.chars().take(12).collect(),
            seed: sample.seed.clone(),
            drawn_on: locale::date(study.today(sample.drawn_at)),
        }
    }
}

impl Fieldwork {
    fn of(study: &Study, overview: &Overview) -> Self {
        let all = counts_of(overview.outcome_counts.iter());
        let computed = rates(&all, UnknownEligibility::Proportional);
        let mut codes: BTreeMap<Disposition, i64> = BTreeMap::new();
        for (_, code, count) in &overview.outcome_counts {
            *codes.entry(*code).or_default() += count;
        }
        let (doubtful, latest) = &overview.doubtful;
        let latest = latest.iter().map(|(case, kind, number, at)| {
            (*case, kind.word(), *number, locale::date(study.today(*at)))
        });
        Self {
            interviews: overview.interviews,
            cases: all.total(),
            groups: vec![
                ("I", all.complete),
                ("P", all.partial),
                ("R", all.refusal),
                ("NC", all.non_contact),
                ("O", all.other),
                ("UH", all.unknown_household),
                ("UO", all.unknown_other),
                ("NE", all.not_eligible),
            ],
            e: computed.eligibility.0,
            rates: rate_lines(&computed),
            codes: codes.iter().map(|(code, count)| (code.word(), *count)).collect(),
            pooled: overview.pooled,
            messages: overview.messages.iter().map(MessageLine::of).collect(),
            doubtful: *doubtful,
            doubtful_latest: latest.collect(),
        }
    }
}

/// The strata of a sample, with what came of each.
fn stratum_lines(overview: &Overview, language: &str) -> Vec<StratumLine> {
    let mut strata: Vec<StratumLine> = Vec::new();
    for (stratum, _, sampled) in &overview.sample_counts {
        match strata.last_mut() {
            Some(line) if line.name == *stratum => {
                line.psus += 1;
                line.sampled += sampled;
            }
            _ => strata.push(StratumLine {
                name: stratum.clone(),
                psus: 1,
                sampled: *sampled,
                interviews: 0.0,
                rr3: None,
            }),
        }
    }
    for line in &mut strata {
        let own =
            counts_of(overview.outcome_counts.iter().filter(|(name, _, _)| *name == line.name));
        line.interviews = own.complete + own.partial;
        line.rr3 = rates(&own, UnknownEligibility::Proportional).response[2];
    }
    locale::sort_by_text(language, &mut strata, |line| &line.name);
    strata
}

/// Messages of one kind and state.
#[derive(Serialize)]
struct MessageLine {
    number: i64,
    state: &'static str,
    messages: i64,
}

impl MessageLine {
    fn of(count: &outbox::MessageCount) -> Self {
        let outbox::MessageCount { number, state, messages, .. } = *count;
        Self { number, state: state.word(), messages }
    }
}

fn rate_lines(rates: &Rates) -> Vec<RateLine> {
    rates.named().into_iter().map(|(name, value)| RateLine { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;
    use fielding::rules::rates::Counts;
    use fielding::rules::states::MessageState;

    fn fieldwork(count: i64) -> Fieldwork {
        let counts = Counts { complete: 10.0, refusal: 5.0, ..Counts::default() };
        let codes = Disposition::ALL.iter().map(|code| (code.word(), count));
        let message =
            |state: &MessageState| MessageLine { number: 1, state: state.word(), messages: count };
        Fieldwork {
            interviews: count,
            cases: counts.total(),
            groups: vec![("I", 10.0), ("R", 5.0), ("UH", 0.0)],
            e: 1.0,
            rates: rate_lines(&rates(&counts, UnknownEligibility::Proportional)),
            codes: codes.filter(|_| count > 0).collect(),
            pooled: count,
            messages: MessageState::ALL.iter().filter(|_| count > 0).map(message).collect(),
            doubtful: count,
            doubtful_latest: vec![(7, "invitation", 0, "02/09/2026".to_owned())],
        }
    }

    fn full(language: &str) -> StudyPage {
        let stratum = |rr3| StratumLine {
            name: "Ba Đình".to_owned(),
            psus: 4,
            sampled: 80,
            interviews: 20.0,
            rr3,
        };
        StudyPage {
            layout: StaffLayout::example(language),
            study: StudyHead::example(),
            problems: vec!["…".to_owned()],
            preparing: Prepared::ALL.iter().map(|what| what.word()).collect(),
            may: vec!["design", "field", "download", "responses"],
            questionnaire: Some(Asked {
                title: "Đi lại".to_owned(),
                questions: 12,
                minutes: 5.0,
                version_hash: "abc".to_owned(),
                checks: 2,
                rosters: vec!["person".to_owned()],
            }),
            media: vec![("a b.png".to_owned(), "10 kB".to_owned())],
            missing: vec!["c.png".to_owned()],
            media_endings: upload::endings_shown(),
            files: true,
            fieldwork: fieldwork(3),
            sample: Some(SampleFacts {
                frame_name: "frame.csv".to_owned(),
                frame_units: 10_000,
                frame_hash: "abc".to_owned(),
                plan_hash: "def".to_owned(),
                seed: "7".to_owned(),
                drawn_on: "02/09/2026".to_owned(),
            }),
            strata: vec![stratum(Some(0.5)), stratum(None)],
            entries: vec![("02/09/2026".to_owned(), "…".to_owned())],
        }
    }

    #[test]
    fn the_page_of_a_study_shows_its_examples() {
        shows("studies/show.html", |language| {
            let empty = StudyPage {
                study: StudyHead::bare(),
                problems: Vec::new(),
                preparing: Vec::new(),
                may: Vec::new(),
                questionnaire: None,
                media: Vec::new(),
                missing: Vec::new(),
                files: false,
                fieldwork: fieldwork(0),
                sample: None,
                strata: Vec::new(),
                entries: Vec::new(),
                ..full(language)
            };
            vec![full(language), empty]
        });
    }
}
