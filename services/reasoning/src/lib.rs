//! The reasoning specialist.
