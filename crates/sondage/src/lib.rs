//! The program's parts, apart from `main`, so that tests and benchmarks drive
//! the same ones.

pub mod arguments;
pub mod backup;
pub mod browser;
pub mod demo;
pub mod doctor;
pub mod frame;
pub mod frame_file;
pub mod help;
pub mod output;
pub mod questionnaire;
pub mod sample;
pub mod sample_size;
pub mod sampling_arguments;
pub mod serve;
pub mod statistics;
pub mod terminal;
pub mod thief;
