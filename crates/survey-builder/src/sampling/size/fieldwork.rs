//! From completes to cases, to cost, and back: what a budget buys.

use serde::{Deserialize, Serialize};

use super::{Circumstances, Sizes, two_sided};

/// How many of the cases released become completes in the domain of interest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fieldwork {
    /// The share of the sample that belongs to the domain.
    pub domain: f64,
    /// The share of released cases that are eligible.
    pub eligible: f64,
    /// The share of these that are reached.
    pub contact: f64,
    /// The share of these that respond.
    pub response: f64,
}

impl Default for Fieldwork {
    fn default() -> Self {
        Self { domain: 1.0, eligible: 1.0, contact: 1.0, response: 1.0 }
    }
}

impl Fieldwork {
    /// The share of released cases that become completes of the domain.
    pub fn share(&self) -> f64 {
        self.domain * self.eligible * self.contact * self.response
    }
}

/// What a survey costs, in any currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Before the first case.
    pub fixed: f64,
    /// A case released, whatever becomes of it.
    pub case: f64,
    /// A complete besides.
    pub complete: f64,
}

impl Costs {
    /// What these sizes cost. Completes outside the domain cost as much as those
    /// in it.
    pub fn of(&self, sizes: &Sizes, domain: f64) -> f64 {
        self.fixed + self.case * sizes.released + self.complete * sizes.completes / domain
    }

    /// The completes of the domain that a budget buys; none if it buys none.
    pub fn completes_for(&self, budget: f64, fieldwork: &Fieldwork) -> Option<f64> {
        let each = self.case / fieldwork.share() + self.complete / fieldwork.domain;
        let completes = ((budget - self.fixed) / each).floor();
        (completes.is_finite() && completes >= 1.0).then_some(completes)
    }
}

/// The size under simple random sampling that so many completes are worth, given
/// the design effect and the finite population; infinite for all of it.
pub fn effective(completes: f64, circumstances: &Circumstances) -> f64 {
    let with_effect = match circumstances.population {
        Some(population) if completes >= population => f64::INFINITY,
        Some(population) => completes * (population - 1.0) / (population - completes),
        None => completes,
    };
    with_effect / circumstances.design_effect
}

/// The margin of a mean on either side for so many completes, given the standard
/// deviation; √(p (1 − p)) for a proportion.
pub fn margin_for(deviation: f64, completes: f64, circumstances: &Circumstances) -> f64 {
    two_sided(circumstances.confidence) * deviation / effective(completes, circumstances).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::{ProportionMethod, for_proportion};
    use super::*;

    #[test]
    fn precision_cost_and_back() {
        let fieldwork = Fieldwork { domain: 0.5, eligible: 0.9, contact: 0.8, response: 0.7 };
        let circumstances = Circumstances {
            design_effect: 1.4,
            population: Some(8_000.0),
            response: fieldwork.share(),
            ..Circumstances::default()
        };
        let sizes =
            for_proportion(ProportionMethod::Wald, 0.3, 0.04, &circumstances).expect("a size");
        // What was asked for comes back, to the rounding up of three steps.
        let margin = margin_for(0.21_f64.sqrt(), sizes.completes, &circumstances);
        assert!(margin <= 0.04 && margin > 0.0398, "{margin}");
        let costs = Costs { fixed: 1_000.0, case: 3.0, complete: 12.0 };
        let budget = costs.of(&sizes, fieldwork.domain);
        let bought = costs.completes_for(budget, &fieldwork).expect("some");
        assert!((bought - sizes.completes).abs() <= 1.0, "{bought} for {}", sizes.completes);
        assert_eq!(costs.completes_for(900.0, &fieldwork), None);
        assert!(margin_for(1.0, 8_000.0, &circumstances) < 1e-12);
    }
}
