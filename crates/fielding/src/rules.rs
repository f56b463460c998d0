//! The rules of fieldwork: pure, without database or clock.

pub mod access;
pub mod account;
pub mod appearance;
pub mod case;
pub mod colour;
pub mod disposition;
pub mod frame_report;
pub mod grouping;
pub mod identity;
pub mod margins;
pub mod passwords;
pub mod rates;
pub mod road;
pub mod second_factor;
pub mod selection;
pub mod shipped;
pub mod statement;
pub mod states;
pub(crate) mod words;
