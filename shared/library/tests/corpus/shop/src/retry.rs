//! Tries again what failed, with longer and longer pauses.

use std::time::Duration;

/// How often and how long.
pub struct RetryPolicy {
    pub attempts: u32,
    pub first_pause: Duration,
}

/// The pause before an attempt: doubles each time, and a random part keeps clients apart.
pub fn backoff_pause(policy: &RetryPolicy, attempt: u32, random: f64) -> Duration {
    let doubled = policy.first_pause * 2_u32.pow(attempt.min(10));
    doubled.mul_f64(0.5 + random / 2.0)
}
