//! The program's parts, apart from `main`, so that tests and benchmarks drive
//! the same ones.

pub mod arguments;
pub mod browser;
pub mod demo;
pub mod questionnaire;
pub mod serve;
pub mod statistics;
pub mod terminal;
