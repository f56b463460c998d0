//! Probability samples: frames, plans and reproducible draws.
