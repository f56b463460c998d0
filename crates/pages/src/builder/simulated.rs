//! Simulated respondents of the drafts that were looked at last. What a draft gives is
//! always the same, so a node may forget it at any time; it is kept because the next
//! change is worked out from it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::dry_run::simulation::{Simulation, simulate};
use survey_builder::questionnaire::version::Version;

/// Drafts that are kept.
const KEPT: usize = 4;

/// Respondents of a questionnaire of usual size.
const RESPONDENTS: usize = 1_000;

/// The most questions that all of them together are asked.
const QUESTIONS: usize = 300_000;

/// Any seed would do; the same one, so that a number changes only with the draft.
const SEED: u64 = 1;

/// What was simulated last, shared by all requests.
#[derive(Clone, Default)]
pub struct Simulations(Arc<Mutex<VecDeque<Kept>>>);

type Kept = ((String, NaiveDate), Arc<Simulation>);

impl Simulations {
    /// The respondents of a draft.
    pub fn of(&self, version: &Version, today: NaiveDate) -> Arc<Simulation> {
        let name = (version.hash.clone(), today);
        self.kept(&name).unwrap_or_else(|| {
            self.keep(name, simulate(version, respondents(version), SEED, today))
        })
    }

    /// Those of a draft in which one condition of another is another.
    pub fn changed(
        &self,
        (before, after): (&Version, &Version),
        item: ItemId,
        today: NaiveDate,
    ) -> Arc<Simulation> {
        let name = (after.hash.clone(), today);
        self.kept(&name).unwrap_or_else(|| {
            let changed = self.of(before, today).changed(before, after, item);
            self.keep(name, changed)
        })
    }

    fn kept(&self, name: &(String, NaiveDate)) -> Option<Arc<Simulation>> {
        // A thread that panicked while it held the list has left it whole.
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.iter().find(|(own, _)| own == name).map(|(_, found)| Arc::clone(found))
    }

    fn keep(&self, name: (String, NaiveDate), made: Simulation) -> Arc<Simulation> {
        let made = Arc::new(made);
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.retain(|(own, _)| *own != name);
        kept.push_front((name, Arc::clone(&made)));
        kept.truncate(KEPT);
        made
    }
}

/// How many respondents a questionnaire of that length gets.
fn respondents(version: &Version) -> u32 {
    let questions = version.document.questions().count().max(1);
    u32::try_from((QUESTIONS / questions).min(RESPONDENTS)).unwrap_or(0)
}
