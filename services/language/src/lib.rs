//! The language specialist.
