//! Outcome rates: AAPOR's sixteen, from counts by group.
//!
//! AAPOR Standard Definitions (9th edition, 2016), "Calculating outcome
//! rates". A rate whose denominator is zero is undefined, never zero.

use super::disposition::{Disposition, Group};

/// Cases by group; weighted counts are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// I
    pub complete: f64,
    /// P
    pub partial: f64,
    /// R
    pub refusal: f64,
    /// NC
    pub non_contact: f64,
    /// O
    pub other: f64,
    /// UH
    pub unknown_household: f64,
    /// UO
    pub unknown_other: f64,
    /// NE
    pub not_eligible: f64,
}

impl Counts {
    /// Adds `cases` of a group.
    pub fn add(&mut self, group: Group, cases: f64) {
        *match group {
            Group::Complete => &mut self.complete,
            Group::Partial => &mut self.partial,
            Group::Refusal => &mut self.refusal,
            Group::NonContact => &mut self.non_contact,
            Group::Other => &mut self.other,
            Group::UnknownHousehold => &mut self.unknown_household,
            Group::UnknownOther => &mut self.unknown_other,
            Group::NotEligible => &mut self.not_eligible,
        } += cases;
    }

    /// E: known to be eligible.
    pub fn eligible(&self) -> f64 {
        self.complete + self.partial + self.refusal + self.non_contact + self.other
    }

    /// All cases.
    pub fn total(&self) -> f64 {
        self.eligible() + self.unknown_household + self.unknown_other + self.not_eligible
    }
}

/// Adds up counted dispositions by group.
pub fn counts_of<'a>(rows: impl Iterator<Item = &'a (String, Disposition, i64)>) -> Counts {
    let mut counts = Counts::default();
    for (_, code, cases) in rows {
        #[expect(clippy::cast_precision_loss, reason = "cases are far fewer than 2^53")]
        counts.add(code.group(), *cases as f64);
    }
    counts
}

/// e: the share of cases of unknown eligibility that is taken to be eligible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnknownEligibility {
    /// As among cases of known eligibility: E / (E + NE), the CASRO method.
    Proportional,
    /// Given, one share for all.
    Given(f64),
    /// Given apart for unknown households and for others.
    Separate {
        /// For UH.
        household: f64,
        /// For UO.
        other: f64,
    },
}

/// The sixteen rates, each between 0 and 1, or undefined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// The e used: for unknown households, and for others.
    pub eligibility: (f64, f64),
    /// RR1 to RR6.
    pub response: [Option<f64>; 6],
    /// COOP1 to COOP4.
    pub cooperation: [Option<f64>; 4],
    /// REF1 to REF3.
    pub refusal: [Option<f64>; 3],
    /// CON1 to CON3.
    pub contact: [Option<f64>; 3],
}

/// Computes all sixteen rates.
#[expect(clippy::many_single_char_names, reason = "the letters of the published formulas")]
pub fn rates(counts: &Counts, eligibility: UnknownEligibility) -> Rates {
    let Counts { complete: i, partial: p, refusal: r, other: o, .. } = *counts;
    let eligible = counts.eligible();
    let (e_household, e_other) = match eligibility {
        UnknownEligibility::Proportional => {
            // With nothing known at all, every unknown case is taken to be eligible.
            let share = share(eligible, eligible + counts.not_eligible).unwrap_or(1.0);
            (share, share)
        }
        UnknownEligibility::Given(e) => (e, e),
        UnknownEligibility::Separate { household, other } => (household, other),
    };
    let unknown = counts.unknown_household + counts.unknown_other;
    let estimated = e_household * counts.unknown_household + e_other * counts.unknown_other;
    let bases = [eligible + unknown, eligible + estimated, eligible];
    let over = |numerator: f64| bases.map(|base| share(numerator, base));
    let [rr1, rr3, rr5] = over(i);
    let [rr2, rr4, rr6] = over(i + p);
    Rates {
        eligibility: (e_household, e_other),
        response: [rr1, rr2, rr3, rr4, rr5, rr6],
        cooperation: [
            share(i, i + p + r + o),
            share(i + p, i + p + r + o),
            share(i, i + p + r),
            share(i + p, i + p + r),
        ],
        refusal: over(r),
        contact: over(i + p + r + o),
    }
}

impl Rates {
    /// Every rate with its AAPOR name.
    pub fn named(&self) -> [(&'static str, Option<f64>); 16] {
        let [rr1, rr2, rr3, rr4, rr5, rr6] = self.response;
        let [coop1, coop2, coop3, coop4] = self.cooperation;
        let [ref1, ref2, ref3] = self.refusal;
        let [con1, con2, con3] = self.contact;
        [
            ("RR1", rr1),
            ("RR2", rr2),
            ("RR3", rr3),
            ("RR4", rr4),
            ("RR5", rr5),
            ("RR6", rr6),
            ("COOP1", coop1),
            ("COOP2", coop2),
            ("COOP3", coop3),
            ("COOP4", coop4),
            ("REF1", ref1),
            ("REF2", ref2),
            ("REF3", ref3),
            ("CON1", con1),
            ("CON2", con2),
            ("CON3", con3),
        ]
    }
}

fn share(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}
