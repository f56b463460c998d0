//! Other systems' formats, in and out.
//!
//! Pure: bytes in, values out, and the other way round. One file or folder a
//! format. What a foreign file says that we cannot carry is told with its
//! place, never dropped in silence.

pub mod xlsform;
