//! What may be shown: first is it reliable, then does it protect the people behind it.
//!
//! `nchs` decides by precision; `suppression` by the number of people in a cell. They are separate on
//! purpose: a precise figure on three people is still a disclosure, and an imprecise figure on three
//! hundred is not.

pub mod counts;
pub mod nchs;
pub mod suppression;
