//! One cost budget for a whole request: every step reserves before its calls are made and settles after them.

use std::sync::{Mutex, PoisonError};

/// What a request may still cost, US dollars; none: no limit.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<Option<f64>>);

impl Ledger {
    /// A ledger with a limit.
    pub(crate) fn new(limit: Option<f64>) -> Self {
        Self(Mutex::new(limit))
    }

    /// Takes an equal share for one of `steps` that have not reserved yet.
    pub(crate) fn reserve(&self, steps: usize) -> Option<f64> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = left.as_ref()? / steps.max(1) as f64;
        *left = left.map(|left| left - share);
        Some(share)
    }

    /// Gives back what was not spent of a share.
    pub(crate) fn settle(&self, share: Option<f64>, spent: f64) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(left), Some(share)) = (left.as_mut(), share) {
            *left += share - spent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_limit() {
        let ledger = Ledger::new(Some(9.0));
        let shares = [ledger.reserve(3), ledger.reserve(2), ledger.reserve(1)];
        assert_eq!(shares, [Some(3.0); 3]);
        ledger.settle(shares[0], 1.0);
        assert_eq!(ledger.reserve(1), Some(2.0));
        assert_eq!(Ledger::new(None).reserve(1), None);
    }
}
