//! The rules of fieldwork: pure, without database or clock.

pub mod access;
pub mod disposition;
pub mod rates;
