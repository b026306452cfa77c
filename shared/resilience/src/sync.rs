//! Locks and atomics: the standard library's, or shuttle's where a model of threads is tested (feature `shuttle`).

#[cfg(not(feature = "shuttle"))]
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "shuttle")]
pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard};
#[cfg(feature = "shuttle")]
pub(crate) use std::sync::PoisonError;
