//! Weighted estimates that know how the sample was drawn.
