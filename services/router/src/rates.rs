//! Rate limits of callers: who a caller is, what it is told, and what its requests are charged.
//!
//! The limits hold for this process: two routers let through twice as much.

mod config;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

pub(crate) use config::RatesConfig;
use plexus_core::Usage;
use plexus_errors::{ErrorCode, ServiceError};
use plexus_resilience::rate::{Charge, Exceeded, Limiter, callers::Caller};
use tonic::Request;

use crate::keys::KeyName;

/// Reason of a refusal, in `google.rpc.ErrorInfo`.
const RATE_LIMITED: &str = "RATE_LIMITED";

/// Bytes of a token, where nobody has counted.
const BYTES_PER_TOKEN: usize = 4;

/// The limits of all callers.
pub(crate) struct Rates {
    limiter: Arc<Limiter>,
    caller: String,
}

impl Rates {
    pub(crate) fn new(config: &RatesConfig) -> Self {
        let limiter = Limiter::new(config.limits_of_all(), config.named(), config.max_callers);
        Self {
            limiter: Arc::new(limiter),
            caller: config.caller.clone(),
        }
    }

    /// Lets a request in, and says where to charge what it spends.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED with RATE_LIMITED and the wait.
    pub(crate) fn admit<T>(&self, request: &Request<T>) -> Result<Bill, ServiceError> {
        if self.limiter.is_off() {
            return Ok(Bill(None));
        }
        let by_key = request.extensions().get::<KeyName>();
        let caller = match (by_key, request.metadata().get(&self.caller)) {
            (Some(KeyName(name)), _) => Caller::named(name.as_bytes()),
            (None, Some(name)) => Caller::named(name.as_encoded_bytes()),
            (None, None) => Caller::at(request.remote_addr().map(|address| address.ip())),
        };
        match self.limiter.admit(caller) {
            Ok(charge) => Ok(Bill(Some(charge))),
            Err(exceeded) => Err(refusal(exceeded)),
        }
    }

    /// Requests refused so far.
    pub(crate) fn refused(&self) -> u64 {
        self.limiter.refused()
    }
}

fn refusal(exceeded: Exceeded) -> ServiceError {
    let Exceeded { kind, rate, wait } = exceeded;
    let facts = vec![
        ("limit".to_owned(), kind.name().to_owned()),
        ("allowed".to_owned(), rate.amount.to_string()),
        ("per".to_owned(), format!("{:?}", rate.per)),
    ];
    ServiceError::new(
        ErrorCode::ResourceExhausted,
        format!("{exceeded}; try again in {wait:.1?}"),
    )
    .retry_after(wait)
    .info(RATE_LIMITED, facts)
}

/// Where a request's spending goes; none: nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Bill(Option<Charge>);

impl Bill {
    /// A step begins that reads `read` bytes.
    pub(crate) fn open(&self, read: usize) -> Tab {
        Tab {
            charge: self.0.clone(),
            bytes: Arc::new(AtomicUsize::new(read)),
        }
    }
}

/// What one step spends. Where nobody says it (its caller goes away, its time runs out, it breaks off) it is charged an
/// estimate of what it has read and written: the engine bills it all the same.
#[derive(Debug)]
pub(crate) struct Tab {
    charge: Option<Charge>,
    bytes: Arc<AtomicUsize>,
}

impl Tab {
    /// Counts what the step reads and writes.
    pub(crate) fn bytes(&self) -> Arc<AtomicUsize> {
        self.bytes.clone()
    }

    /// The step has ended, well or not, and has used so much; `unsettled`: and more, of which nobody was told.
    pub(crate) fn settle(mut self, usage: &Usage, unsettled: bool) {
        let Some(charge) = self.charge.take() else { return };
        let tokens = usage.input_tokens.saturating_add(usage.output_tokens);
        charge.spend(tokens, usage.cost_usd);
        if unsettled {
            charge.spend_about(self.estimate().saturating_sub(tokens));
        }
    }

    /// Tokens of what it has read and written, about.
    fn estimate(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed).div_ceil(BYTES_PER_TOKEN) as u64
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if let Some(charge) = &self.charge {
            charge.spend_about(self.estimate());
        }
    }
}

#[cfg(test)]
mod tests;
