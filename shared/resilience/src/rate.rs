//! How much one caller may ask for: requests, tokens and dollars, each per a time.
//!
//! The numbers hold for **one process**: what another process has let through is not known here, so two routers allow twice
//! as much. Requests are counted before (by `governor`, GCRA); what a request spends is known afterwards only, so tokens and
//! dollars are charged then and may leave a debt ([`bucket`]): the next request waits until it is paid off. Requests under
//! way at the same time do not know of each other's debts; how many there can be is bounded by the admission.
//!
//! Callers are kept as SHA-256 digests, never by what they call themselves ([`callers`]).

pub mod bucket;
pub mod callers;

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bucket::Bucket;
use callers::{Caller, Callers};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock, Reference as _},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};

use crate::sync::{Mutex, lock};

/// So much of something per so much time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How much, above 0; of requests whole ones.
    pub amount: f64,
    /// In which time. All of it may come at once.
    pub per: Duration,
}

/// What one caller may do; none: as much as it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CallerLimits {
    /// Requests.
    pub requests: Option<Rate>,
    /// Tokens that engines read and write.
    pub tokens: Option<Rate>,
    /// US dollars that engines cost.
    pub dollars: Option<Rate>,
}

/// What was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
    /// Dollars.
    Dollars,
}

impl Kind {
    /// Its name in the configuration and in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Dollars => "dollars",
        }
    }
}

/// A limit that is used up.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the limit of {} {} in {:?} is used up", .rate.amount, .kind.name(), .rate.per)]
pub struct Exceeded {
    /// Of what.
    pub kind: Kind,
    /// The limit.
    pub rate: Rate,
    /// When it is not used up any more, if nothing else is charged meanwhile.
    pub wait: Duration,
}

type Requests<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The state of one caller.
#[derive(Debug)]
struct Account<C: Clock> {
    limits: CallerLimits,
    requests: Option<Requests<C>>,
    tokens: Option<Mutex<Bucket>>,
    dollars: Option<Mutex<Bucket>>,
    /// Nanoseconds since the limiter began.
    last_request: AtomicU64,
}

/// Limits of all callers of a process.
#[derive(Debug)]
pub struct Limiter<C: Clock = MonotonicClock> {
    clock: C,
    begin: C::Instant,
    default: CallerLimits,
    /// Of callers with limits of their own: they need no room among the others.
    named: HashMap<Caller, Arc<Account<C>>>,
    callers: Mutex<Callers<Arc<Account<C>>>>,
    refused: AtomicU64,
    /// Tokens and dollars of everything charged so far: what a token costs on average.
    spent: Mutex<(f64, f64)>,
}

impl Limiter {
    /// `default` for everybody who is not in `named`; of these at most `max_callers` are told apart, further ones share one account.
    pub fn new(default: CallerLimits, named: Vec<(Caller, CallerLimits)>, max_callers: usize) -> Self {
        Self::with_clock(default, named, max_callers, MonotonicClock)
    }
}

impl<C: Clock + Clone> Limiter<C> {
    /// The same, by another clock.
    pub fn with_clock(default: CallerLimits, named: Vec<(Caller, CallerLimits)>, max_callers: usize, clock: C) -> Self {
        let mut limiter = Self {
            begin: clock.now(),
            clock,
            default,
            named: HashMap::new(),
            callers: Mutex::new(Callers::new(max_callers)),
            refused: AtomicU64::new(0),
            spent: Mutex::default(),
        };
        for (caller, limits) in named {
            let account = Arc::new(limiter.open(limits));
            limiter.named.entry(caller).or_insert(account);
        }
        limiter
    }

    /// Whether nobody has a limit.
    pub fn is_off(&self) -> bool {
        let off = CallerLimits::default();
        self.default == off && self.named.values().all(|account| account.limits == off)
    }

    /// Requests refused so far.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// A request of a caller: what it spends is to be charged.
    ///
    /// # Errors
    /// A limit that is used up, of several the one that is longest.
    pub fn admit(self: &Arc<Self>, caller: Caller) -> Result<Charge<C>, Exceeded> {
        let account = self.account(caller);
        match self.check(&account) {
            Ok(()) => Ok(Charge {
                limiter: self.clone(),
                account,
            }),
            Err(exceeded) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(exceeded)
            }
        }
    }

    fn check(&self, account: &Account<C>) -> Result<(), Exceeded> {
        let now = self.now();
        let limits = &account.limits;
        let debt = |kind, rate: Option<Rate>, bucket: &Option<Mutex<Bucket>>| {
            let wait = lock(bucket.as_ref()?).wait(now)?;
            Some(Exceeded {
                kind,
                rate: rate?,
                wait,
            })
        };
        // Debts first: they are only looked at, while asking for a request takes one.
        let debts = [
            debt(Kind::Tokens, limits.tokens, &account.tokens),
            debt(Kind::Dollars, limits.dollars, &account.dollars),
        ];
        if let Some(longest) = debts.into_iter().flatten().max_by_key(|exceeded| exceeded.wait) {
            return Err(longest);
        }
        if let (Some(requests), Some(rate)) = (&account.requests, limits.requests) {
            requests.check().map_err(|until| Exceeded {
                kind: Kind::Requests,
                rate,
                wait: until.wait_time_from(self.clock.now()),
            })?;
        }
        account.last_request.store(nanos(now), Ordering::Relaxed);
        Ok(())
    }

    fn account(&self, caller: Caller) -> Arc<Account<C>> {
        if let Some(named) = self.named.get(&caller) {
            return named.clone();
        }
        let now = self.now();
        lock(&self.callers).get(
            caller,
            now,
            || Arc::new(self.open(self.default)),
            // Nobody is served for it, and its state is that of a new one.
            |account| Arc::strong_count(account) == 1 && account.is_fresh(now),
        )
    }

    fn open(&self, limits: CallerLimits) -> Account<C> {
        let quota = |rate: Rate| {
            // Checked by whoever made the configuration; what is no quota does not limit.
            let amount = NonZeroU32::new(rate.amount as u32)?;
            Some(Quota::with_period(rate.per / amount.get())?.allow_burst(amount))
        };
        let bucket = |rate: Rate| Mutex::new(Bucket::new(rate, self.now()));
        Account {
            limits,
            requests: limits
                .requests
                .and_then(quota)
                .map(|quota| RateLimiter::direct_with_clock(quota, self.clock.clone())),
            tokens: limits.tokens.map(bucket),
            dollars: limits.dollars.map(bucket),
            last_request: AtomicU64::new(nanos(self.now())),
        }
    }

    fn now(&self) -> Duration {
        self.clock.now().duration_since(self.begin).into()
    }
}

impl<C: Clock> Account<C> {
    /// Whether it could be forgotten: a new one would be the same.
    fn is_fresh(&self, now: Duration) -> bool {
        let full = |bucket: &Option<Mutex<Bucket>>| bucket.as_ref().is_none_or(|bucket| lock(bucket).is_full(now));
        let rested = self
            .limits
            .requests
            .is_none_or(|rate| nanos(now).saturating_sub(self.last_request.load(Ordering::Relaxed)) >= nanos(rate.per));
        rested && full(&self.tokens) && full(&self.dollars)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Where a request's spending goes. Clones charge the same caller.
#[derive(Debug, Clone)]
pub struct Charge<C: Clock = MonotonicClock> {
    limiter: Arc<Limiter<C>>,
    account: Arc<Account<C>>,
}

impl<C: Clock + Clone> Charge<C> {
    /// It has spent this.
    pub fn spend(&self, tokens: u64, dollars: f64) {
        // Nonsense says nothing of what tokens cost.
        if dollars.is_finite() && dollars >= 0.0 {
            let mut spent = lock(&self.limiter.spent);
            spent.0 += tokens as f64;
            spent.1 += dollars;
        }
        self.take(tokens as f64, dollars);
    }

    /// It has spent about so many tokens, and nobody will ever say what they cost: what tokens have cost on average.
    pub fn spend_about(&self, tokens: u64) {
        let (all, dollars) = *lock(&self.limiter.spent);
        let price = if all > 0.0 { dollars / all } else { 0.0 };
        self.take(tokens as f64, tokens as f64 * price);
    }

    fn take(&self, tokens: f64, dollars: f64) {
        let now = self.limiter.now();
        for (bucket, amount) in [(&self.account.tokens, tokens), (&self.account.dollars, dollars)] {
            if let Some(bucket) = bucket {
                lock(bucket).take(amount, now);
            }
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
