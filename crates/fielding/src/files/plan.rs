//! A plan as text: the roles of the frame's columns under `frame`, what is
//! assumed of the fieldwork under `assume`, and the plan itself.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::{Columns, Plan, Problem};

/// A plan and what goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanFile {
    /// The roles of the frame's columns, where the text gives them.
    pub columns: Option<Columns>,
    /// What is assumed of population and fieldwork.
    pub assumptions: Assumptions,
    /// The plan.
    pub plan: Plan,
}

/// The order in which a plan is written: tables after plain values.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    assume: &'a Assumptions,
}

/// Reads a plan from TOML or, where `is_json`, from JSON.
///
/// # Errors
///
/// Text that is neither, and every part that cannot be read.
pub fn read(text: &str, is_json: bool) -> Result<PlanFile, Vec<Problem>> {
    let format = if is_json { "JSON" } else { "TOML" };
    let mut problems = Vec::new();
    let mut told = |part: &str, reason: String| {
        let reason = reason.trim_end().to_owned();
        problems.push(Problem::PlanUnreadable { part: part.to_owned(), reason });
    };
    let parsed: Result<Json, String> = if is_json {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        toml::from_str(text).map_err(|error| error.to_string())
    };
    let mut file = match parsed {
        Ok(file) => file,
        Err(reason) => {
            told(format, reason);
            return Err(problems);
        }
    };
    let mut table = |name: &str| file.as_object_mut().and_then(|fields| fields.remove(name));
    let (roles, assumed) = (table("frame"), table("assume"));
    let columns = roles.and_then(|roles| {
        Columns::deserialize(roles).inspect_err(|error| told("[frame]", error.to_string())).ok()
    });
    let assumptions = assumed.and_then(|assumed| {
        let read = Assumptions::deserialize(assumed);
        read.inspect_err(|error| told("[assume]", error.to_string())).ok()
    });
    let plan = Plan::deserialize(file).inspect_err(|error| told(format, error.to_string())).ok();
    match plan.filter(|_| problems.is_empty()) {
        Some(plan) => Ok(PlanFile { columns, assumptions: assumptions.unwrap_or_default(), plan }),
        None => Err(problems),
    }
}

/// The plan and its assumptions as TOML that [`read`] reads.
pub fn write(plan: &Plan, assumptions: &Assumptions) -> String {
    toml::to_string(&Written { plan, assume: assumptions }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::draw::two_stage_plan;

    #[test]
    fn what_is_written_is_read_again() {
        let plan = two_stage_plan(15, 20);
        let assumptions = Assumptions {
            domain: Some("ward".to_owned()),
            cluster_cost: 50.0,
            ..Assumptions::default()
        };
        let text = write(&plan, &assumptions);
        let again = read(&text, false).expect("read");
        assert_eq!((again.plan, again.assumptions, again.columns), (plan, assumptions, None));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let told = read("nonsense = 1\n[assume]\nhope = 2\n[frame]\nunits = 3\n", false);
        assert_eq!(told.expect_err("refused").len(), 3);
        assert_eq!(read("[", false).expect_err("no TOML").len(), 1);
        assert_eq!(read("{", true).expect_err("no JSON").len(), 1);
    }
}
