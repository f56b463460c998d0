//! Studies: the list, one study's page and what can be done with it.

pub mod confirm;
pub mod fieldwork;
pub mod media;
pub mod questionnaire;
pub mod sample;
pub mod tables;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts;
use fielding::acts::media::missing_media;
use fielding::acts::study::{NewStudy, create_study};
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::file;
use fielding::rules::access::Action;
use fielding::rules::disposition::Disposition;
use fielding::rules::identity::identifying_questions;
use fielding::rules::margins::read_margins;
use fielding::rules::rates::{Rates, UnknownEligibility, counts_of, rates};
use fielding::rules::states::Privacy;
use fielding::store::studies::Study;
use fielding::store::{
    Connection, Id, Scope, Zone, audit, files, frames, outbox, outcomes, people, pool, responses,
    rounds, samples, studies,
};
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::review::estimated_minutes;
use survey_builder::questionnaire::validate::Posted;
use tera::Context;

use super::form::{Upload, field, looked_into, read_form, read_uploads};
use super::render::{context_page as page, megabytes, redirect};
use super::session::SignedIn;
use crate::site::Site;

/// Studies on one page of the list.
const PAGE: i64 = 50;
/// Problems that a page lists: a file may have as many as rows.
const PROBLEMS: usize = 100;
/// Messages in doubt that a study's page lists.
const DOUBTFUL: i64 = 100;

#[derive(Serialize)]
struct StudyLine {
    id: String,
    name: String,
    status: &'static str,
    interviews: i64,
    cases: i64,
}

/// A form that was sent about a study, who sent it, and the study. It is read only
/// when that person may do this with it.
async fn sent(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
    action: Action,
) -> Result<(Posted, SignedIn, Study), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    let study = signed_in.study(app, id, action).await?;
    let form = read_form(app, payload).await?;
    signed_in.require_token(app, &form)?;
    Ok((form, signed_in, study))
}

/// As [`sent`], for a form with files.
async fn sent_with_files(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    form: Multipart,
    action: Action,
) -> Result<(Posted, Vec<Upload>, SignedIn, Study), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    let study = signed_in.study(app, id, action).await?;
    let (form, uploads) = read_uploads(app, form).await?;
    signed_in.require_token(app, &form)?;
    Ok((form, uploads, signed_in, study))
}

/// `GET /studies`
pub async fn list(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let before = request.query_string().strip_prefix("before=").and_then(Id::parse);
    let tops: Vec<Id> = signed_in.roles.iter().map(|(unit, _)| *unit).collect();
    let lines = app
        .store
        .read(move |connection| {
            let units = people::units_below(connection, &tops)?;
            let found = studies::of_units(connection, &units, before, PAGE)?;
            found
                .into_iter()
                .map(|study| study_line(connection, study))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let mut context = signed_in.context(&app);
    context.insert("may_design", &signed_in.may_somewhere(Action::Design));
    if signed_in.may_somewhere(Action::Administer) {
        let restarts: Vec<(&str, u64)> =
            app.watch.restarts().iter().map(|restart| (restart.work, restart.times)).collect();
        context.insert("restarts", &restarts);
    }
    let last = lines.last().map(|line| line.id.clone());
    context.insert("more", &last.filter(|_| lines.len() == usize::try_from(PAGE).unwrap_or(0)));
    context.insert("studies", &lines);
    page(StatusCode::OK, "studies/list.html", signed_in.language(&request), context)
}

fn study_line(connection: &mut Connection, study: Study) -> Result<StudyLine, Error> {
    let round = rounds::current(connection, study.id)?.id;
    let cases: i64 =
        outcomes::counts_of(connection, round)?.iter().map(|(_, _, count)| count).sum();
    Ok(StudyLine {
        id: study.id.to_string(),
        interviews: responses::interview_count(connection, study.id)?,
        cases,
        name: study.name,
        status: study.status.word(),
    })
}

/// `GET /studies/new`
pub async fn ask_new(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    if !signed_in.may_somewhere(Action::Design) {
        return Err(Error::Forbidden);
    }
    new_page(&app, &request, &signed_in, &Posted::new(), &[])
}

fn new_page(
    app: &App,
    request: &HttpRequest,
    signed_in: &SignedIn,
    form: &Posted,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let mut context = signed_in.context(app);
    for name in ["name", "organisation", "phone", "closes_on", "privacy", "privacy_reason"] {
        context.insert(name, &field(form, name));
    }
    insert_problems(&mut context, problems, language);
    let asks = problems.iter().any(|problem| problem.code == "anonymous-asks-identity");
    context.insert("asks_identity", &asks);
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "studies/new.html", language, context)
}

/// Puts problems in a page, each in the reader's language.
fn insert_problems(context: &mut Context, problems: &[Problem], language: &str) {
    let shown = problems.iter().take(PROBLEMS);
    let mut texts: Vec<String> = shown.map(|problem| problem_text(problem, language)).collect();
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        texts.push(confirm::say_count(language, "problems-more", more, &[]));
    }
    context.insert("problems", &texts);
}

/// `POST /studies`: a study from a questionnaire file. Wrong input is shown
/// with all its problems, and nothing is stored.
pub async fn create(
    app: Data<Site>,
    request: HttpRequest,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let designs = signed_in.roles.iter().find(|(_, role)| role.may(Action::Design));
    let unit = designs.map(|(unit, _)| *unit).ok_or(Error::Forbidden)?;
    let (form, uploads) = read_uploads(&app, form).await?;
    signed_in.require_token(&app, &form)?;
    let user = signed_in.user.id;
    let in_work = form.clone();
    let read = looked_into(move || read_new_study(&in_work, &uploads, unit)).await?;
    let made = match read {
        Ok((new, document)) => {
            let now = app.clock.now();
            app.store
                .write(Scope::Everything, move |connection| {
                    create_study(connection, now, Some(user), &new, &document)
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    match made {
        Ok(study) => Ok(redirect(&format!("/studies/{}", study.id))),
        Err(Error::Invalid(problems)) => new_page(&app, &request, &signed_in, &form, &problems),
        Err(error) => Err(error),
    }
}

fn read_new_study(
    form: &Posted,
    uploads: &[Upload],
    unit_id: Id,
) -> Result<(NewStudy, survey_builder::questionnaire::document::Document), Vec<Problem>> {
    let mut problems = Vec::new();
    for name in ["name", "organisation", "phone"] {
        if field(form, name).is_empty() {
            problems.push(Problem::new("required", name));
        }
    }
    let closes_on = field(form, "closes_on");
    let day = locale::read_date(&closes_on);
    if !closes_on.is_empty() && day.is_none() {
        problems.push(Problem::new("date", "closes_on"));
    }
    let privacy = match field(form, "privacy").as_str() {
        "" | "anonymous" => Privacy::Anonymous,
        "identified" => Privacy::Identified,
        _ => {
            problems.push(Problem::new("unknown-privacy", "privacy"));
            Privacy::Anonymous
        }
    };
    let files: Vec<(&str, &[u8])> = uploads
        .iter()
        .filter(|upload| upload.field == "questionnaire")
        .map(|upload| (upload.name.as_str(), upload.bytes.as_slice()))
        .collect();
    let mut reading = fielding::questionnaire_file::read(&files);
    let import_notes: Vec<Problem> =
        reading.warnings.drain(..).chain(reading.notes.drain(..)).collect();
    let document = match reading.document() {
        Ok(document) => Some(document),
        Err(found) => {
            problems.extend(found);
            None
        }
    };
    let privacy_reason = field(form, "privacy_reason");
    if let Some(document) = &document
        && privacy == Privacy::Anonymous
        && privacy_reason.is_empty()
    {
        let asked = identifying_questions(document);
        if !asked.is_empty() {
            let names = asked.join(", ");
            problems
                .push(Problem::new("anonymous-asks-identity", "privacy").with("questions", names));
        }
    }
    match document.filter(|_| problems.is_empty()) {
        Some(document) => Ok((
            NewStudy {
                unit_id,
                name: field(form, "name"),
                privacy,
                privacy_reason,
                time_zone: Zone::default(),
                organisation: field(form, "organisation"),
                phone: field(form, "phone"),
                closes_on: day,
                import_notes,
            },
            document,
        )),
        None => Err(problems),
    }
}

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
    version: Option<std::sync::Arc<survey_builder::questionnaire::version::Version>>,
    entries: Vec<audit::Entry>,
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

async fn study_page(
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
    let mut context = signed_in.context(app);
    insert_problems(&mut context, problems, language);
    insert_study(&mut context, &study);
    context.insert("may", &overview.may);
    if let Some(version) = &overview.version {
        let document = &version.document;
        let rosters = document.rosters.iter().map(|roster| roster.name.as_str());
        let asked = |name: &&str| {
            let sections = document.all_sections();
            sections.iter().filter_map(|one| one.each.as_ref()).any(|each| each.roster == *name)
        };
        let soft = document.questions().filter(|question| question.may_be_doubted()).count();
        context.insert("checks", &(document.checks.len() + soft));
        context.insert("rosters", &rosters.filter(asked).collect::<Vec<_>>());
        context.insert("title", document.title.get(language, &document.default_language));
        context.insert("questions", &document.question_count());
        context.insert("minutes", &estimated_minutes(document, language).ceil());
        context.insert("version_hash", &version.hash[..12]);
    }
    let media: Vec<(&str, String)> = overview
        .media
        .iter()
        .map(|(name, _, size)| (name.as_str(), megabytes(u64::try_from(*size).unwrap_or(0))))
        .collect();
    context.insert("media", &media);
    context.insert("missing", &overview.missing);
    context.insert("media_endings", &file::endings_shown());
    context.insert("files", &overview.files);
    insert_fieldwork(&mut context, &study, &overview, language);
    let entries: Vec<(String, String)> = overview
        .entries
        .iter()
        .map(|(at, _, action, detail)| {
            let when = locale::date(study.today(*at));
            let text = locale::text(language, &format!("audit-{action}"), &[]);
            (when, if detail.is_empty() { text } else { format!("{text}: {detail}") })
        })
        .collect();
    context.insert("entries", &entries);
    let status =
        if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "studies/show.html", language, context)
}

/// The study itself, as every page about it shows it.
fn insert_study(context: &mut Context, study: &Study) {
    context.insert("id", &study.id.to_string());
    context.insert("name", &study.name);
    context.insert("status", study.status.word());
    context.insert("privacy", study.privacy.word());
    context.insert("organisation", &study.organisation);
    context.insert("phone", &study.phone);
    context.insert("closes_on", &study.closes_on.map(locale::date));
    context.insert("has_margins", &!study.margins.is_empty());
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
        may,
    })
}

fn insert_fieldwork(context: &mut Context, study: &Study, overview: &Overview, language: &str) {
    let all = counts_of(overview.outcome_counts.iter());
    let groups: Vec<(&str, f64)> = [
        ("I", all.complete),
        ("P", all.partial),
        ("R", all.refusal),
        ("NC", all.non_contact),
        ("O", all.other),
        ("UH", all.unknown_household),
        ("UO", all.unknown_other),
        ("NE", all.not_eligible),
    ]
    .to_vec();
    let computed = rates(&all, UnknownEligibility::Proportional);
    context.insert("interviews", &overview.interviews);
    context.insert("cases", &all.total());
    context.insert("groups", &groups);
    context.insert("e", &computed.eligibility.0);
    context.insert("rates", &rate_lines(&computed));
    let mut codes: std::collections::BTreeMap<Disposition, i64> = std::collections::BTreeMap::new();
    for (_, code, count) in &overview.outcome_counts {
        *codes.entry(*code).or_default() += count;
    }
    let codes: Vec<(&str, i64)> = codes.iter().map(|(code, count)| (code.word(), *count)).collect();
    context.insert("codes", &codes);
    context.insert("pooled", &overview.pooled);
    let messages: Vec<MessageLine> = overview.messages.iter().map(MessageLine::of).collect();
    context.insert("messages", &messages);
    let (doubtful, latest) = &overview.doubtful;
    context.insert("doubtful", doubtful);
    let latest: Vec<(i64, &str, i64, String)> = latest
        .iter()
        .map(|(case, kind, number, at)| {
            (*case, kind.word(), *number, locale::date(study.today(*at)))
        })
        .collect();
    context.insert("doubtful_latest", &latest);
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
    context.insert("strata", &strata);
    if let Some((sample, frame)) = &overview.sample {
        context.insert("frame_name", &frame.name);
        context.insert("frame_units", &frame.units);
        context.insert("frame_hash", &frame.hash.chars().take(12).collect::<String>());
        context.insert("plan_hash", &sample.plan_hash.chars().take(12).collect::<String>());
        context.insert("seed", &sample.seed);
        context.insert("drawn_on", &locale::date(study.today(sample.drawn_at)));
    }
    context.insert("sampled", &overview.sample.is_some());
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

/// `POST /studies/{id}/margins`: a CSV of variable, code, share.
pub async fn set_margins(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let (form, uploads, signed_in, study) =
        sent_with_files(&app, &request, &id, form, Action::Design).await?;
    let (study_id, user) = (study.id, signed_in.user.id);
    let file = uploads.into_iter().find(|upload| upload.field == "margins");
    // What comes as text rather than as a file is as good.
    let text = form.get("margins").and_then(|texts| texts.first());
    let given = file.map(|file| file.bytes).or_else(|| text.map(|text| text.clone().into_bytes()));
    let set = match given {
        Some(bytes) => match looked_into(move || read_margins(&bytes)).await? {
            Ok(margins) => {
                let now = app.clock.now();
                app.store
                    .write(Scope::Study(study_id), move |connection| {
                        acts::margins::set_margins(connection, now, Some(user), study_id, &margins)
                    })
                    .await
            }
            Err(problems) => Err(Error::Invalid(problems)),
        },
        None => Err(Error::invalid("no-file", "margins")),
    };
    match set {
        Ok(()) => Ok(redirect(&format!("/studies/{study_id}/tables"))),
        Err(Error::Invalid(problems)) => {
            study_page(&app, &request, &signed_in, study, &problems).await
        }
        Err(error) => Err(error),
    }
}
