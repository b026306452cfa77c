//! What can be known of a replica.

/// What is known of a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReplicaState {
    /// Not heard of yet.
    Unknown = 0,
    /// Answers health checks with SERVING.
    Serving = 1,
    /// Answers, but with NOT_SERVING.
    NotServing = 2,
    /// Cannot be reached.
    Down = 3,
}

impl ReplicaState {
    /// The state of that number.
    pub(super) fn of(number: u8) -> Self {
        match number {
            1 => Self::Serving,
            2 => Self::NotServing,
            3 => Self::Down,
            _ => Self::Unknown,
        }
    }
}
