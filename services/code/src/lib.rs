//! The code specialist.
