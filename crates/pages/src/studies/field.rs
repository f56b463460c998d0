//! The page of a study's fieldwork: what came of cases and messages, and what is done
//! about it.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::disposition::Disposition;
use fielding::rules::rates::{Rates, UnknownEligibility, counts_of, rates};
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use fielding::store::{Connection, outbox, outcomes, pool, preparations, rounds, samples};
use serde::Serialize;

use super::about::{Admitted, Listed, StudyDoor, StudyHead};
use crate::bar::Place;
use crate::outcome::status;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Messages in doubt that the page lists.
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

/// The page of the fieldwork.
#[derive(Serialize)]
struct FieldPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Listed<String>,
    /// What is being prepared just now.
    preparing: Vec<&'static str>,
    /// Whether the reader leads the field.
    may_lead: bool,
    #[serde(flatten)]
    fieldwork: Fieldwork,
    strata: Vec<StratumLine>,
}

/// What came of cases and messages.
#[derive(Serialize)]
struct Fieldwork {
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
    /// Why messages failed, and how many; the commonest first.
    reasons: Vec<(String, i64)>,
    /// Messages that may have gone out.
    doubtful: i64,
    /// The latest of them: case, kind, number, day.
    doubtful_latest: Vec<(i64, &'static str, i64, String)>,
}

/// What the page reads in one go.
struct State {
    outcome_counts: Vec<(String, Disposition, i64)>,
    sample_counts: Vec<(String, String, i64)>,
    messages: Vec<outbox::MessageCount>,
    reasons: Vec<(String, i64)>,
    /// Ended interviews of an anonymous study that wait to move on together.
    pooled: i64,
    /// Messages that may have gone out: how many, and the latest of them.
    doubtful: (i64, Vec<outbox::Doubtful>),
    /// What is being prepared just now.
    preparing: Vec<&'static str>,
    may_lead: bool,
}

impl State {
    fn read(connection: &mut Connection, who: &SignedIn, study: &Study) -> Result<Self, Error> {
        let round = rounds::current(connection, study.id)?.id;
        let sample_counts = match samples::of_study(connection, study.id)? {
            Some(sample) => samples::counts(connection, sample.id)?,
            None => Vec::new(),
        };
        let preparing = preparations::of_study(connection, study.id)?;
        Ok(Self {
            outcome_counts: outcomes::counts_of(connection, round)?,
            sample_counts,
            messages: outbox::counts(connection, study.id)?,
            reasons: outbox::problems(connection, study.id)?,
            pooled: pool::count(connection, round)?,
            doubtful: outbox::doubtful(connection, study.id, DOUBTFUL)?,
            preparing: preparing.iter().map(|what| what.word()).collect(),
            may_lead: who.may_in(connection, study.unit_id, Action::Field)?,
        })
    }
}

/// `GET /studies/{id}/field`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::View).await?;
    field_page(&app, &request, &signed_in, &study, &[]).await
}

/// The page, with what is wrong.
pub async fn field_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (who, of) = (signed_in.clone(), study.clone());
    let state = app.store.read(move |connection| State::read(connection, &who, &of)).await?;
    let shown = FieldPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Field)).await?,
        study: StudyHead::of(study),
        problems: Listed::of(problems, language),
        fieldwork: Fieldwork::of(study, &state),
        strata: stratum_lines(&state, language),
        preparing: state.preparing,
        may_lead: state.may_lead,
    };
    page(status(problems), "studies/field.html", language, &shown)
}

impl Fieldwork {
    fn of(study: &Study, state: &State) -> Self {
        let all = counts_of(state.outcome_counts.iter());
        let computed = rates(&all, UnknownEligibility::Proportional);
        let mut codes: BTreeMap<Disposition, i64> = BTreeMap::new();
        for (_, code, count) in &state.outcome_counts {
            *codes.entry(*code).or_default() += count;
        }
        let (doubtful, latest) = &state.doubtful;
        let latest = latest.iter().map(|(case, kind, number, at)| {
            (*case, kind.word(), *number, locale::date(study.today(*at)))
        });
        Self {
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
            pooled: state.pooled,
            messages: state.messages.iter().map(MessageLine::of).collect(),
            reasons: state.reasons.clone(),
            doubtful: *doubtful,
            doubtful_latest: latest.collect(),
        }
    }
}

/// The strata of a sample, with what came of each.
fn stratum_lines(state: &State, language: &str) -> Vec<StratumLine> {
    let mut strata: Vec<StratumLine> = Vec::new();
    for (stratum, _, sampled) in &state.sample_counts {
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
        let own = counts_of(state.outcome_counts.iter().filter(|(name, _, _)| *name == line.name));
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
    use fielding::rules::states::{MessageState, Prepared};

    fn fieldwork(count: i64) -> Fieldwork {
        let counts = Counts { complete: 10.0, refusal: 5.0, ..Counts::default() };
        let codes = Disposition::ALL.iter().map(|code| (code.word(), count));
        let message =
            |state: &MessageState| MessageLine { number: 1, state: state.word(), messages: count };
        Fieldwork {
            cases: counts.total(),
            groups: vec![("I", 10.0), ("R", 5.0), ("UH", 0.0)],
            e: 1.0,
            rates: rate_lines(&rates(&counts, UnknownEligibility::Proportional)),
            codes: codes.filter(|_| count > 0).collect(),
            pooled: count,
            messages: MessageState::ALL.iter().filter(|_| count > 0).map(message).collect(),
            reasons: vec![("permanent error (550): 5.1.1 …".to_owned(), count)],
            doubtful: count,
            doubtful_latest: vec![(7, "invitation", 0, "02/09/2026".to_owned())],
        }
    }

    fn full(language: &str) -> FieldPage {
        let stratum = |rr3| StratumLine {
            name: "Ba Đình".to_owned(),
            psus: 4,
            sampled: 80,
            interviews: 20.0,
            rr3,
        };
        FieldPage {
            layout: StaffLayout::example(language),
            study: StudyHead::example(),
            problems: Listed::of(&vec![Problem::new("required", "name"); 200], language),
            preparing: Prepared::ALL.iter().map(|what| what.word()).collect(),
            may_lead: true,
            fieldwork: fieldwork(3),
            strata: vec![stratum(Some(0.5)), stratum(None)],
        }
    }

    #[test]
    fn the_page_of_the_fieldwork_shows_its_examples() {
        shows("studies/field.html", |language| {
            let empty = FieldPage {
                study: StudyHead::bare(),
                problems: Listed::default(),
                preparing: Vec::new(),
                may_lead: false,
                fieldwork: fieldwork(0),
                strata: Vec::new(),
                ..full(language)
            };
            vec![full(language), empty]
        });
    }
}
