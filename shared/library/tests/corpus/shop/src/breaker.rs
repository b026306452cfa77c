//! Stops calling a service that only fails, and looks now and then whether it is back.

pub enum CircuitState {
    Closed { failures: u32 },
    Open { until: u64 },
    HalfOpen,
}

impl CircuitState {
    /// After too many failures in a row nobody is let through for a while.
    pub fn on_failure(self, now: u64, threshold: u32) -> Self {
        match self {
            Self::Closed { failures } if failures + 1 < threshold => Self::Closed { failures: failures + 1 },
            _ => Self::Open { until: now + 30 },
        }
    }
}
