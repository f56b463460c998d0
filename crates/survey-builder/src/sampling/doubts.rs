//! What is worth a look before a draw: strata whose variance could not be
//! estimated afterwards.

use super::expectation::Expectation;
use super::plan::{Amount, Plan, StageUnits};
use super::problem::{Problem, stratum_words};

/// Strata in which one cluster (or one unit) is left to chance, or one completed
/// interview is expected, and stages that draw one of a list: no variance can be
/// estimated there (Cochran, 1977, section 5A.12).
pub fn doubts(plan: &Plan, expected: &Expectation) -> Vec<Problem> {
    let clusters = plan.stages.first().is_some_and(|stage| stage.units != StageUnits::Units);
    let mut doubts = Vec::new();
    for (drawn, expected) in expected.drawn.iter().zip(&expected.strata) {
        let stratum = stratum_words(&drawn.stratum);
        let held = if clusters { drawn.clusters } else { drawn.units };
        // A stratum with all it has in the sample has no variance to be estimated.
        let chance = drawn.drawn - drawn.certain.min(drawn.drawn);
        let one = chance == 1 || chance == 0 && drawn.one_more > 0.0;
        if one && drawn.drawn < held {
            doubts.push(if clusters {
                Problem::PlanOneCluster { stratum }
            } else {
                Problem::PlanOneUnit { stratum }
            });
        } else if expected.completes < 2.0 && drawn.drawn < held {
            let completes = (expected.completes * 10.0).round() / 10.0;
            doubts.push(Problem::PlanOneComplete { stratum, completes });
        }
    }
    for (number, stage) in (1..).zip(&plan.stages).skip(1) {
        if matches!(stage.amount, Amount::Each { count: 1, .. }) {
            doubts.push(Problem::PlanOneInside { stage: number });
        }
    }
    doubts
}
