//! Earlier samples of the same list: those that a plan may name, and how a draw goes
//! together with those that it does name.

use std::sync::Arc;

use chrono::NaiveDate;
use fielding::app::App;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::samples::{self, EarlierSample};
use fielding::store::studies::Study;
use survey_builder::sampling::coordination::{
    Coordinated, EarlierRecord, coordinate, is_by_numbers,
};
use survey_builder::sampling::{Frame, Plan, Problem, Sample, Seed};

use super::plan_fields::EarlierLine;
use crate::session::SignedIn;

/// Earlier samples that are looked through.
const LOOKED_AT: i64 = 200;

/// What a sample may be drawn beside.
#[derive(Clone)]
pub struct Beside {
    /// The day of the draw.
    day: NaiveDate,
    /// Samples whose units the reader may see.
    earlier: Arc<[EarlierSample]>,
    /// The records of those that the plan names.
    records: Arc<[(String, Sample)]>,
}

impl Beside {
    /// Reads the samples of other studies whose units this person may see: whom a study
    /// drew is told to nobody else, not by what an overlap says either.
    pub async fn of(
        app: &App,
        signed_in: &SignedIn,
        study: &Study,
        plan: &Plan,
    ) -> Result<Self, Error> {
        let (who, study_id, day) = (signed_in.clone(), study.id, study.today(app.clock.now()));
        let overlap = plan.overlap.clone().unwrap_or_default();
        let read = app.store.read(move |connection| {
            let mut earlier = Vec::new();
            for one in samples::of_other_studies(connection, study_id, "", LOOKED_AT)? {
                if who.may_in(connection, one.unit, Action::DownloadUnits)? {
                    earlier.push(one);
                }
            }
            let mut records = Vec::new();
            for name in overlap.records() {
                if let Some(one) = earlier.iter().find(|one| one.name() == name) {
                    records.push((name.to_owned(), samples::record(connection, &one.sample)?));
                }
            }
            Ok((earlier, records))
        });
        let (earlier, records) = read.await?;
        Ok(Self { day, earlier: earlier.into(), records: records.into() })
    }

    /// Sets a draw beside the samples that its plan names.
    ///
    /// # Errors
    ///
    /// As [`coordinate`].
    pub fn coordinate(
        &self,
        frame: &Frame,
        plan: &Plan,
        seed: Seed,
    ) -> Result<Coordinated, Vec<Problem>> {
        let named: Vec<EarlierRecord<'_>> =
            self.records.iter().map(|(name, sample)| EarlierRecord { name, sample }).collect();
        coordinate(frame, plan, seed, Some(self.day), &named)
    }

    /// The study of a sample by the name that plans call it; the name itself where it
    /// is not known.
    pub fn study_of<'s>(&'s self, name: &'s str) -> &'s str {
        let found = self.earlier.iter().find(|one| one.name() == name);
        found.map_or(name, |one| &one.study)
    }

    /// The samples as the form offers them.
    pub fn lines(&self) -> Vec<EarlierLine> {
        let line = |one: &EarlierSample| EarlierLine {
            name: one.name(),
            study: one.study.clone(),
            day: locale::date(one.sample.drawn_at.day_in(one.time_zone)),
            numbered: one.sample.plan.overlap.is_some() && is_by_numbers(&one.sample.plan),
        };
        self.earlier.iter().map(line).collect()
    }
}
