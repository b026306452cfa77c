//! Hosts validators: math, code.
pub mod domain;
