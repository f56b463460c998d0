//! What may be shown: first is it reliable, then does it protect the people behind it.
//!
//! `nchs` and `counts` decide by precision; `suppression` by the number of people in a cell, held by
//! `audit` against what can be solved for; `ledger` against what was published before; `rounding` makes
//! small numbers vague. They are separate on
//! purpose: a precise figure on three people is still a disclosure, and an imprecise figure on three
//! hundred is not.

pub mod audit;
pub mod counts;
pub mod ledger;
pub mod nchs;
pub mod rounding;
pub mod suppression;
pub mod variation;
