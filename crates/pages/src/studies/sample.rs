//! A study's sample, from the frame to those who work in its areas: the frame is
//! taken in, its columns are named, a plan is written and looked at, the sample
//! is drawn and released.

mod beside;
mod draw;
mod drawn;
mod frame;
pub mod page;
mod plan;
mod plan_fields;
mod plan_form;
mod plan_view;
mod view;

pub use draw::{ask_draw, draw};
pub use drawn::{ask_release, assign, download, release, replace};
pub use frame::{ask_remove, choose_sheet, name_columns, remove, show_columns, take};
pub use page::show;
pub use plan::{set as set_plan, show as show_plan};
