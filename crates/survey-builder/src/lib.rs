//! Questionnaires and probability samples.
//!
//! Two halves that never call each other: [`questionnaire`] (documents, the
//! expression language, routing, checks, versions) and [`sampling`] (frames,
//! plans, draws). Both are pure: bytes in, values out; time and seeds are
//! passed by the caller.

pub mod markup;
pub mod plain;
pub mod problem;
pub mod questionnaire;
pub mod sampling;
