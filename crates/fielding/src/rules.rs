//! The rules of fieldwork: pure, without database or clock.

pub mod access;
pub mod case;
pub mod disposition;
pub mod passwords;
pub mod rates;
pub mod selection;
