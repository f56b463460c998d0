//! Rows and tables as files: what people bring to be drawn from or analysed,
//! and what they take away.

mod arrow_schema;
pub mod csv;
pub mod described;
pub mod parquet;
pub mod sav;
pub(crate) mod shared_texts;
pub(crate) mod sheet_sizes;
pub mod statistics_file;
pub mod tab_book;
pub mod workbook;
