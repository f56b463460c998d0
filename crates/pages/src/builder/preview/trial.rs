//! What is answered in a preview: it goes with its form, page by page, and is walked
//! through again each time as a respondent's would be.

use std::collections::HashSet;

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::order::drawn_answers;
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Checked, Posted, check_page};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

/// The seed of random orders: the same each time, so that nothing jumps about.
const SEED: u64 = 0;

/// The most pages that are walked through.
const PAGES: usize = 2_000;

/// What was answered, stop by stop.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    each: Vec<(Uuid, Posted)>,
    /// The stop whose form was sent.
    pub at: Option<Uuid>,
}

impl Trial {
    /// What a form says: its own fields, and those of other pages under
    /// `trial.c.STOP.NAME`. What was visited is there even where nothing was ticked.
    pub fn of_form(form: &Posted) -> Self {
        let parse = |text: &str| Uuid::try_parse(text).ok();
        let at = form.get("trial.at").and_then(|values| parse(values.first()?));
        let mut trial = Self { each: Vec::new(), at };
        let visited = form.get("trial.visited").into_iter().flatten().take(PAGES);
        for visited in visited.filter_map(|it| parse(it)) {
            trial.fields(visited);
        }
        for (name, values) in form {
            let Some((stop, field)) =
                name.strip_prefix("trial.c.").and_then(|it| it.split_once('.'))
            else {
                continue;
            };
            let known = |stop: &Uuid| trial.each.iter().any(|(one, _)| one == stop);
            let bounded = |stop: &Uuid| trial.each.len() < PAGES || known(stop);
            let other = |stop: &Uuid| Some(*stop) != at && bounded(stop);
            if let Some(stop) = parse(stop).filter(other) {
                trial.fields(stop).insert(field.to_owned(), values.clone());
            }
        }
        if let Some(at) = at {
            let own = form.iter().filter(|(name, _)| {
                !name.starts_with("trial.")
                    && !["token", "sequence", "later"].contains(&name.as_str())
            });
            let own: Posted = own.map(|(name, values)| (name.clone(), values.clone())).collect();
            *trial.fields(at) = own;
        }
        trial
    }

    fn fields(&mut self, stop: Uuid) -> &mut Posted {
        let place = match self.each.iter().position(|(one, _)| *one == stop) {
            Some(place) => place,
            None => {
                self.each.push((stop, Posted::new()));
                self.each.len() - 1
            }
        };
        &mut self.each[place].1
    }

    /// The fields of the form that was sent.
    pub fn own(&self) -> Option<&Posted> {
        self.each.iter().find(|(stop, _)| Some(*stop) == self.at).map(|(_, posted)| posted)
    }

    /// What goes along with the form of another stop: names and values.
    pub fn carried(&self, beside: Uuid) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for (stop, posted) in self.each.iter().filter(|(stop, _)| *stop != beside) {
            fields.push(("trial.visited".to_owned(), stop.to_string()));
            for (name, values) in posted {
                let name = format!("trial.c.{stop}.{name}");
                fields.extend(values.iter().map(|value| (name.clone(), value.clone())));
            }
        }
        fields
    }

    /// Walks through what was answered: what came of the page that was sent, if it is
    /// on the path, the answers, and the path.
    pub fn walk(&self, version: &Version, today: NaiveDate) -> Walked {
        let (checked, answers) = self.answered(version, today);
        let path = route(version, &answers, today);
        Walked { checked, answers, path }
    }

    fn answered(&self, version: &Version, today: NaiveDate) -> (Option<Checked>, Answers) {
        let mut answers = drawn_answers(version, &Answers::default(), today, SEED);
        let (mut own, mut done) = (None, HashSet::new());
        loop {
            let path = route(version, &answers, today);
            let sent = |stop: &&Stop| {
                let id = stop.id(version);
                id.and_then(|id| {
                    self.each.iter().find(|(one, _)| *one == id && !done.contains(&id))
                })
            };
            let next = path.stops.iter().find_map(|stop| Some((stop, sent(&stop)?)));
            let Some((stop, (id, posted))) = next else { return (own, answers) };
            done.insert(*id);
            if let Some(checked) = check_page(version, stop, &answers, posted, today, SEED) {
                answers.apply(&checked.answers);
                let drawn = drawn_answers(version, &answers, today, SEED);
                answers.apply(&drawn);
                own = (Some(*id) == self.at).then_some(checked).or(own);
            }
        }
    }
}

/// What came of walking through a trial.
pub struct Walked {
    /// What came of the page that was sent, if it is on the path.
    pub checked: Option<Checked>,
    /// The answers.
    pub answers: Answers,
    /// The path.
    pub path: Path,
}

/// The page after a stop; of one that is off the path, the first behind it.
pub fn next(path: &Path, here: &Stop) -> Option<Stop> {
    let place = path.stops.iter().position(|stop| stop == here);
    let after = match place {
        Some(place) => &path.stops[place + 1..],
        None => {
            let behind = |stop: &Stop| stop.page_index() > here.page_index();
            let place = path.stops.iter().position(behind)?;
            &path.stops[place..]
        }
    };
    after.iter().find(|stop| stop.page_index().is_some()).cloned()
}
