//! The math specialist.

pub mod domain;
