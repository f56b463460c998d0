//! A study's sample, from the frame to those who work in its areas: the frame is
//! taken in, its columns are named, a plan is written and looked at, the sample
//! is drawn and released.

mod drawn;
mod frame;
pub mod page;
mod plan;
mod plan_fields;
mod plan_form;
mod view;

pub use drawn::{ask_release, assign, download, release, replace};
pub use frame::{ask_remove, name_columns, remove, show_columns, take};
pub use page::show;
pub use plan::{ask_draw, draw, set as set_plan, show as show_plan};
