//! The fielding service.
