//! What the parameters of a row may be, by what it asks.

use survey_builder::problem::{Phrase, phrase};

use super::super::row::{Asked, From};
use super::super::sheet::Row;
use super::{Form, is_name};
use crate::draft::text::number;

/// The parameters of a range beside its bounds.
const OF_TICKS: [&str; 3] = ["tick_interval", "placeholder", "tick_labelset"];

/// A parameter as it is written.
type Pair<'c> = (String, &'c str);

impl Form<'_> {
    /// What is wrong with the parameters of a row.
    pub(super) fn parameters(&self, row: &Row, asked: &Asked) -> Vec<Phrase> {
        let cell = self.survey.peek(row, "parameters");
        let parts = cell.split(|next: char| next.is_whitespace() || ",;".contains(next));
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some((name, value))
                    if !name.is_empty() && !value.is_empty() && !value.contains('=') =>
                {
                    pairs.push((name.to_lowercase(), value));
                }
                _ => return vec![phrase("phrase-parameter-pairs").with("text", part)],
            }
        }
        let Some(known) = known(asked) else { return Vec::new() };
        let mut faults = Vec::new();
        for (name, value) in &pairs {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                let fault = phrase("phrase-parameter-unknown").with("name", name);
                faults.push(fault.with("known", known));
            } else if name == "app"
                && !matches!(self.survey.peek(row, "appearance"), "" | "annotate")
            {
                // Drawn on the spot: no program is asked for a picture.
            } else {
                faults.extend(self.unfit(asked, name, value));
            }
        }
        match asked {
            Asked::Range if faults.is_empty() => faults.extend(self.range(row, &pairs)),
            Asked::Metadata("audit") => faults.extend(audit(&pairs)),
            _ => {}
        }
        let has = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted);
        let shuffled =
            has("randomize").is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"));
        if known.contains(&"randomize") && has("seed").is_some() && !shuffled {
            let fault = phrase("phrase-parameter-needs").with("name", "seed");
            faults.push(fault.with("other", "randomize=true"));
        }
        faults
    }

    /// Why a value does not fit its parameter.
    fn unfit(&self, asked: &Asked, name: &str, value: &str) -> Option<Phrase> {
        let one_of = |known: &[&str]| {
            let fits = known.contains(&value);
            let fault = phrase("phrase-parameter-one-of").with("name", name).with("value", value);
            (!fits).then(|| fault.with("known", known.join(", ")))
        };
        let fits = match name {
            "randomize" => return one_of(&["true", "false", "True", "False"]),
            "allow-mock-accuracy" | "track-changes" | "identify-user" => {
                return one_of(&["true", "false"]);
            }
            "incremental" => return one_of(&["true", "true()", "yes"]),
            "track-changes-reasons" => return one_of(&["on-form-edit"]),
            "quality" if matches!(asked, Asked::Audio) => {
                return one_of(&["voice-only", "low", "normal", "external"]);
            }
            "quality" => return one_of(&["voice-only", "low", "normal"]),
            "location-priority" => {
                return one_of(&["no-power", "low-power", "balanced", "high-accuracy"]);
            }
            "value" | "label" => is_name(value),
            "seed" => number(value).is_some() || value.starts_with("${"),
            "app" => value.contains('.'),
            "max-pixels" | "rows" | "location-min-interval" | "location-max-age" => {
                value.parse::<u64>().is_ok()
            }
            "reference-geometry" => self.is_reference(value),
            "tick_labelset" => self.lists.contains_key(value),
            _ => number(value).is_some(),
        };
        (!fits).then(|| phrase("phrase-parameter-value").with("name", name).with("value", value))
    }

    /// Whether it names a list, a file or a repeat.
    fn is_reference(&self, value: &str) -> bool {
        match value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => self.repeats.contains(&name),
            None => {
                let known = self.sources.contains_key(value) && value != "__last-saved";
                known || self.lists.contains_key(value)
            }
        }
    }

    /// What a range leaves no room for.
    fn range(&self, row: &Row, pairs: &[Pair<'_>]) -> Vec<Phrase> {
        let text = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|one| one.1);
        let value = |wanted: &str| text(wanted).and_then(number);
        let (start, end) = (value("start").unwrap_or(1.0), value("end").unwrap_or(10.0));
        let step = value("step").unwrap_or(1.0);
        let (low, high) = (start.min(end), start.max(end));
        let on = |value: f64, from: f64, by: f64| {
            let steps = (value - from) / by;
            (steps - steps.round()).abs() < 1e-9
        };
        let mut unfit: Vec<&str> = Vec::new();
        if step == 0.0 || step.abs() > high - low {
            unfit.push("step");
        }
        if let Some(interval) = value("tick_interval")
            && (interval == 0.0 || interval.abs() > high - low || !on(interval, 0.0, step))
        {
            unfit.push("tick_interval");
        }
        if let Some(shown) = value("placeholder")
            && (!(low..=high).contains(&shown) || !on(shown, start, step))
        {
            unfit.push("placeholder");
        }
        let mut looks: Vec<&str> = self.survey.peek(row, "appearance").split_whitespace().collect();
        looks.retain(|look| !["vertical", "no-ticks"].contains(look));
        let ticked = OF_TICKS.iter().filter(|name| text(name).is_some() && !looks.is_empty());
        unfit.extend(ticked.copied());
        if let Some(codes) = text("tick_labelset").and_then(|list| self.lists.get(list)) {
            let without = self.survey.peek(row, "appearance").contains("no-ticks");
            let by = value("tick_interval").unwrap_or(step);
            let fits = |code: &&str| {
                number(code).is_some_and(|at| {
                    (low..=high).contains(&at)
                        && on(at, start, by)
                        && (!without || [low, high].iter().any(|end| (at - end).abs() < 1e-9))
                })
            };
            if !codes.iter().all(fits) || (without && codes.len() != 2) {
                unfit.push("tick_labelset");
            }
        }
        unfit.into_iter().map(|name| phrase("phrase-parameter-range").with("name", name)).collect()
    }
}

/// The parameters that go together in an audit.
fn audit(pairs: &[Pair<'_>]) -> Option<Phrase> {
    let places = ["location-priority", "location-min-interval", "location-max-age"];
    let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|one| one.1);
    let there = places.iter().filter(|name| value(name).is_some()).count();
    if there != 0 && there != places.len() {
        let fault = phrase("phrase-parameter-needs").with("name", "location");
        return Some(fault.with("other", places.join(", ")));
    }
    let seconds = |name: &str| value(name).and_then(number).unwrap_or(0.0);
    (seconds("location-max-age") < seconds("location-min-interval"))
        .then(|| phrase("phrase-parameter-range").with("name", "location-max-age"))
}

/// The parameters that what is asked may have; `None` where nobody looks at them.
fn known(asked: &Asked) -> Option<&'static [&'static str]> {
    Some(match asked {
        Asked::SelectOne(options) | Asked::SelectMultiple(options) | Asked::Rank(options) => {
            match options.from {
                From::File(_) => &["randomize", "seed", "value", "label"],
                From::External(_) => return None,
                From::List(_) | From::Answers(_) => &["randomize", "seed"],
            }
        }
        Asked::Range => &["start", "end", "step", "tick_interval", "placeholder", "tick_labelset"],
        Asked::Text => &["rows"],
        Asked::Image => &["app", "max-pixels"],
        Asked::Audio | Asked::Metadata("background_audio") => &["quality"],
        Asked::Point => {
            &["allow-mock-accuracy", "capture-accuracy", "warning-accuracy", "reference-geometry"]
        }
        Asked::Trace | Asked::Area => &["allow-mock-accuracy", "incremental", "reference-geometry"],
        Asked::Metadata("audit") => &[
            "location-priority",
            "location-min-interval",
            "location-max-age",
            "track-changes",
            "track-changes-reasons",
            "identify-user",
        ],
        _ => return None,
    })
}
