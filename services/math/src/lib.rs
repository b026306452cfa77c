//! The math specialist.
