//! Locks and atomics of this crate: the standard library's, or, with the feature `shuttle`, those of a model checker that
//! tries many interleavings of the same code.
//!
//! State machines that threads share take these, so that `cargo test -p plexus-resilience --features shuttle --test shuttle`
//! runs them as they are. With that feature on, they work inside `shuttle::check_*` only.

#[cfg(not(feature = "shuttle"))]
pub use std::sync::{Mutex, MutexGuard, atomic};

#[cfg(feature = "shuttle")]
pub use shuttle::sync::{Mutex, MutexGuard, atomic};

/// Locks, whether or not somebody panicked with the lock in hand: states are changed in one go, so they are whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
