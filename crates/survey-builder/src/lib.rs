//! Questionnaires and probability samples.
//!
//! Two halves that never call each other: [`questionnaire`] (documents, the
//! expression language, routing, checks, versions) and [`sampling`] (frames,
//! plans, draws); and [`list`], the one reader of tables of text. Both are pure: bytes in, values out; time and seeds are
//! passed by the caller.

pub mod list;
pub mod markup;
pub mod plain;
pub mod problem;
pub mod questionnaire;
pub mod sampling;
