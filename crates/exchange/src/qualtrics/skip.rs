//! Skips: what is passed over gets the condition that it is not.

use survey_builder::problem::phrase;

use super::flow::Builder;
use super::survey::{list, string};
use crate::account::Json;
use crate::formula::Formula;

/// A question of a block with the conditions it stands under.
pub(super) struct Placed {
    pub id: String,
    pub conditions: Vec<(Formula, String)>,
}

impl Builder<'_> {
    /// Follows the skips of a block's question at that place.
    pub(super) fn skips(&mut self, element: &Json, place: usize, placed: &mut [Placed]) {
        for (_, skip) in list(element, "SkipLogic") {
            let id = string(element, "QuestionID");
            let locator = match string(skip, "ChoiceLocator") {
                locator if locator.is_empty() => string(skip, "Locator"),
                locator => locator,
            };
            let destination = string(skip, "SkipToDestination");
            let said = format!(
                "{} {} → {destination}",
                crate::draft::text::without_markup(&locator),
                string(skip, "Condition")
            );
            let condition = super::logic::test(
                &locator,
                &string(skip, "Condition"),
                &string(skip, "Value"),
                &self.names,
            );
            let condition = match condition {
                Ok(condition) => condition.negated(),
                Err(reason) => {
                    self.draft.condition_lost(None, "skip", &said, &id, reason);
                    continue;
                }
            };
            let to = match destination.as_str() {
                "ENDOFBLOCK" | "ENDOFSURVEY" => placed.len(),
                _ => match placed.iter().position(|one| one.id == destination) {
                    Some(to) if to > place => to,
                    _ => {
                        let reason = phrase("phrase-skip-to-what-does-not-follow")
                            .with("name", &destination);
                        self.draft.condition_lost(None, "skip", &said, &id, reason);
                        continue;
                    }
                },
            };
            for passed in placed.iter_mut().take(to).skip(place + 1) {
                passed.conditions.push((condition.clone(), said.clone()));
            }
            if destination == "ENDOFSURVEY" {
                self.ended.push((condition, said));
            }
        }
    }
}
