//! Questionnaires: what is asked, when, and what an answer may be.
//!
//! The road: a [`document::Document`] is written or imported, [`review`]ed,
//! [`publish::publish`]ed as an immutable [`version::Version`], and
//! [`routing::route`]d against one respondent's [`answer::Answers`].

pub mod answer;
pub mod change_members;
pub mod compile;
pub mod difference;
pub mod document;
pub mod dry_run;
pub mod edit;
pub mod expression;
pub mod finding;
pub mod library;
pub mod map;
pub mod member;
pub mod names;
pub mod never;
pub mod operation;
pub mod order;
pub mod paste;
pub mod path;
pub mod piping;
pub mod preload;
pub mod publish;
pub mod repair;
pub mod replace;
pub mod review;
pub mod routing;
pub mod search;
pub mod summary;
pub mod translation;
pub mod validate;
pub mod version;
pub mod why;
pub mod words;
pub mod written;
