//! What stands in the fields for a plan.

use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::plan::{
    Allocation, Amount, Method, Plan, Share, SizeMeasure, Stage, StageUnits,
};

use super::{STAGES, further, overlap, percent};
use crate::form::number_to_type;

/// What stands in the form for a plan.
pub fn shown(plan: &Plan, assumptions: &Assumptions) -> Posted {
    let mut form = Posted::new();
    let mut put = |name: &str, value: String| {
        form.entry(name.to_owned()).or_default().push(value);
    };
    for (number, stage) in (1..=STAGES).zip(&plan.stages) {
        show_stage(&mut put, number, stage);
    }
    if let Some(release) = plan.release {
        put("replicates", release.replicates.to_string());
        put("reserve", release.reserve.to_string());
    }
    let ticks = [("substitution", plan.substitution), ("joint", plan.joint)];
    ticks.iter().filter(|(_, is)| *is).for_each(|(name, _)| put(name, "1".to_owned()));
    plan.multiplicity.iter().for_each(|name| put("multiplicity", name.clone()));
    plan.overlap.iter().for_each(|one| overlap::show(&mut put, one));
    put("proportion", percent(assumptions.proportion));
    put("confidence", percent(assumptions.confidence));
    put("correlation", number_to_type(assumptions.correlation));
    put("eligible", percent(assumptions.fieldwork.eligible));
    put("contact", percent(assumptions.fieldwork.contact));
    put("response", percent(assumptions.fieldwork.response));
    put("cost_fixed", number_to_type(assumptions.costs.fixed));
    put("cost_case", number_to_type(assumptions.costs.case));
    put("cost_complete", number_to_type(assumptions.costs.complete));
    put("cost_cluster", number_to_type(assumptions.cluster_cost));
    assumptions.domain.iter().for_each(|name| put("domain", name.clone()));
    form
}

fn show_stage(put: &mut impl FnMut(&str, String), number: usize, stage: &Stage) {
    let name = |what: &str| format!("s{number}_{what}");
    let units = match &stage.units {
        StageUnits::Clusters => "clusters".to_owned(),
        StageUnits::Units => "units".to_owned(),
        StageUnits::Level(column) => format!("level:{column}"),
    };
    put(&name("units"), units);
    put(&name("method"), stage.method.name().to_owned());
    if let Some(size) = stage.method.size() {
        let size = if size == SizeMeasure::Column { "column" } else { "unit_count" };
        put(&name("size"), size.to_owned());
    }
    stage.strata.iter().for_each(|column| put(&name("strata"), column.clone()));
    match &stage.method {
        Method::Cube(balanced) => {
            balanced.variables.iter().for_each(|column| put("balance", column.clone()));
            balanced.coordinates.iter().for_each(|column| put("spread", column.clone()));
            if balanced.over_strata {
                put("over_strata", "1".to_owned());
            }
        }
        Method::LocalPivotal(spread) if spread.mutual => put("mutual", "1".to_owned()),
        Method::Poisson(by) | Method::SequentialPoisson(by) | Method::Pareto(by) => {
            if let Some(permanent) = &by.permanent {
                put("key", permanent.key.clone());
                put("start", number_to_type(permanent.start));
                if permanent.reversed {
                    put("reversed", "1".to_owned());
                }
            }
        }
        _ => {}
    }
    further::show(put, number, stage);
    let amount = match &stage.amount {
        Amount::Allocated(allocation) => {
            show_allocation(put, allocation);
            "number"
        }
        Amount::Each { count, all_if_fewer } => {
            put(&name("count"), count.to_string());
            if *all_if_fewer {
                put(&name("all"), "1".to_owned());
            }
            "number"
        }
        Amount::Rate(rate) => {
            put(&name("rate"), percent(*rate));
            "rate"
        }
        Amount::Rates(rates) => {
            for (stratum, rate) in rates {
                put(&format!("rate:{stratum}"), percent(*rate));
            }
            "rates"
        }
    };
    put(&name("amount"), amount.to_owned());
}

fn show_allocation(put: &mut impl FnMut(&str, String), allocation: &Allocation) {
    put("s1_total", allocation.total.to_string());
    put("s1_minimum", allocation.minimum.to_string());
    if allocation.capped {
        put("s1_capped", "1".to_owned());
    }
    let share = match &allocation.share {
        Share::Equal => "equal",
        Share::Power(exponent) => {
            put("s1_power", number_to_type(*exponent));
            "power"
        }
        Share::Neyman(deviations) => {
            for (stratum, deviation) in deviations {
                put(&format!("deviation:{stratum}"), number_to_type(*deviation));
            }
            "neyman"
        }
        Share::CostOptimal(costly) => {
            for (stratum, known) in costly {
                put(&format!("deviation:{stratum}"), number_to_type(known.deviation));
                put(&format!("cost:{stratum}"), number_to_type(known.cost));
            }
            "cost_optimal"
        }
        Share::Fixed(numbers) => {
            for (stratum, number) in numbers {
                put(&format!("number:{stratum}"), number.to_string());
            }
            "fixed"
        }
        Share::NeymanColumn(column) => {
            put("s1_column", column.clone());
            "neyman_column"
        }
        Share::CostOptimalColumn(by) => {
            put("s1_column", by.column.clone());
            for (stratum, cost) in &by.costs {
                put(&format!("cost:{stratum}"), number_to_type(*cost));
            }
            "cost_optimal_column"
        }
        // A plan of which the form says less is shown as text.
        Share::Proportional | Share::Multivariate(_) => "proportional",
    };
    put("s1_share", share.to_owned());
}
