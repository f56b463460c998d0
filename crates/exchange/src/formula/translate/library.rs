//! Functions of `XPath` forms that stand one to one, or nearly so, in ours.

use survey_builder::problem::phrase;
use survey_builder::questionnaire::expression::{Type, print_number};

use super::super::Formula;
use super::{Literal, Part, Translator};

impl Translator<'_> {
    /// Constants, parts of texts, lists, and places on the earth.
    pub(super) fn library_call(&mut self, name: &str, arguments: &[Formula]) -> Option<Part> {
        Some(match (name, arguments) {
            ("pi", []) => Part::atom(print_number(std::f64::consts::PI), Type::Number),
            ("exp10", [power]) => {
                let power = self.value(power);
                let power = self.as_number(power);
                let missing = power.missing;
                Part::atom(format!("pow(10, {})", power.text), Type::Number).with_missing(missing)
            }
            ("distance" | "area", [places]) => {
                let places = self.value(places);
                let missing = places.missing;
                match places.kind {
                    Type::Text => Part::atom(format!("{name}({})", places.text), Type::Number)
                        .with_missing(missing),
                    _ => self.not_fitting(format!("{name}() of what is no place")),
                }
            }
            ("geofence", [place, fence]) => {
                let (place, fence) = (self.value(place), self.value(fence));
                let missing = place.missing || fence.missing;
                if place.kind != Type::Text || fence.kind != Type::Text {
                    return Some(self.not_fitting("geofence() of what is no place"));
                }
                let call = format!("geofence({}, {})", place.text, fence.text);
                Part::atom(call, Type::Bool).with_missing(missing)
            }
            ("decimal-time", [time]) => {
                let time = self.value(time);
                let time = Self::as_time(time);
                let missing = time.missing;
                let call = format!("minutes({}) / 1440", time.text);
                Part::new(call, 6, Type::Number).with_missing(missing)
            }
            ("substring-before" | "substring-after", [_, _]) | ("translate", [_, _, _]) => {
                let mut texts = Vec::with_capacity(arguments.len());
                let mut missing = false;
                for argument in arguments {
                    let part = self.value(argument);
                    let part = Self::as_text(part);
                    missing |= part.missing;
                    texts.push(part.text);
                }
                let call = format!("{}({})", name.replace('-', "_"), texts.join(", "));
                Part::atom(call, Type::Text).with_missing(missing)
            }
            ("join", [between, texts @ ..]) if !texts.is_empty() => self.join(between, texts),
            ("indexed-repeat", [question, _roster, place]) => {
                let (list, place) = (self.value(question), self.value(place));
                let place = self.as_number(place);
                let Type::List(of) = &list.kind else {
                    return Some(
                        self.not_carried(phrase("phrase-indexed-repeat-inside-its-own-repeat")),
                    );
                };
                let kind = (**of).clone();
                let call = format!("item_at({}, {})", list.text, place.text);
                Part::atom(call, kind).with_missing(true)
            }
            _ => return None,
        })
    }

    fn join(&mut self, between: &Formula, texts: &[Formula]) -> Part {
        let between = self.value(between);
        let mut parts = vec![Self::as_text(between).text];
        for text in texts {
            let part = self.value(text);
            parts.push(match &part.kind {
                Type::List(of) if **of == Type::Text => part.text,
                Type::List(_) => return self.not_fitting("join() of a list of what is no text"),
                // A blank is an empty text there, with separators around it.
                _ if part.missing => format!("coalesce({}, '')", Self::as_text(part).text),
                _ => Self::as_text(part).text,
            });
        }
        Part::atom(format!("join({})", parts.join(", ")), Type::Text).with_missing(true)
    }

    /// Whether the number (or the weights) of the conditions that hold lies
    /// between two bounds; −1 is no bound.
    pub(super) fn checklist(
        &mut self,
        name: &str,
        least: &Formula,
        most: &Formula,
        rest: &[Formula],
    ) -> Option<Part> {
        let weighted = name == "weighted-checklist";
        if rest.is_empty() || weighted && rest.len() % 2 == 1 {
            return None;
        }
        let mut each = Vec::new();
        for part in rest.chunks(if weighted { 2 } else { 1 }) {
            let holds = self.exact(&part[0]).text;
            let weight = match part.get(1) {
                Some(weight) => {
                    let weight = self.value(weight);
                    self.as_number(weight).text
                }
                None => "1".to_owned(),
            };
            each.push(format!("if({holds}, {weight}, 0)"));
        }
        let sum = each.join(" + ");
        let mut bounds = Vec::new();
        for (bound, sign) in [(least, ">="), (most, "<=")] {
            let bound = self.value(bound);
            let bound = self.as_number(bound);
            let open = matches!(bound.literal, Some(Literal::Number(number)) if number < 0.0)
                || bound.text.trim() == "-1";
            if !open {
                bounds.push(format!("{sum} {sign} {}", bound.bound(5)));
            }
        }
        Some(match bounds.len() {
            0 => Part::atom("true", Type::Bool),
            1 => Part::new(bounds.remove(0), 4, Type::Bool),
            _ => Part::new(bounds.join(" and "), 2, Type::Bool),
        })
    }
}
