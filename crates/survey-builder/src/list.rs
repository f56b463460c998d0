//! Lists: tables of text with a header row, whatever file they came from.
//!
//! One reader for all that people bring as a table: frames, totals, places,
//! margins, answers. It finds the header ([`rows`]), compares text as people do
//! ([`text`], [`spelling`]) and decides for a column of numbers as a whole how
//! they are written ([`number`]).

pub mod header;
pub mod number;
pub mod rows;
pub mod separator;
pub mod spelling;
pub mod text;
pub mod unreadable;

pub use number::{Decimal, Marks, NumberColumn};
pub use rows::{Asked, List};
pub use unreadable::Unreadable;
