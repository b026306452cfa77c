//! The code specialist.
pub mod domain;
