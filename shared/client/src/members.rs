//! Who an upstream consists of at this moment, and which of them is asked next.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use plexus_core::Tier;
use plexus_resilience::{attempt::FirstWordShare, breaker, call::Refused, retry::Budget, trail::Trail};
use tokio::{sync::Notify, time::Instant};

use crate::{Config, Replica, ReplicaState};

/// How much less a replica must cost to be preferred to the one that chance named first: less is noise.
const CLEARLY: f64 = 0.8;

/// The replicas of an upstream.
#[derive(Debug)]
pub(crate) struct Members {
    replicas: ArcSwap<Vec<Arc<Replica>>>,
    /// Names that stand for nothing yet, and why.
    unresolved: ArcSwap<Vec<(String, String)>>,
    /// The tier of the first endpoint, whether or not it stands for anybody.
    preferred: Option<Tier>,
    budget: Arc<Budget>,
    /// A place was given back, or somebody has come.
    freed: Notify,
    queue_timeout: Duration,
    connect_timeout: Duration,
    first_word_share: f64,
}

impl Members {
    /// Of nobody yet; `preferred` is the tier that serves where all is well.
    pub(crate) fn new(config: &Config, preferred: Option<Tier>) -> Self {
        Self {
            replicas: ArcSwap::default(),
            unresolved: ArcSwap::default(),
            preferred,
            budget: Arc::new(Budget::new(&config.retry)),
            freed: Notify::new(),
            queue_timeout: config.queue_timeout,
            connect_timeout: config.connect_timeout,
            first_word_share: config.first_word_share,
        }
    }

    /// Takes the place of all there were; preferred tiers first.
    pub(crate) fn set(&self, replicas: Vec<Arc<Replica>>, unresolved: Vec<(String, String)>) {
        self.replicas.store(Arc::new(replicas));
        self.unresolved.store(Arc::new(unresolved));
        self.freed.notify_waiters();
    }

    pub(crate) fn all(&self) -> Arc<Vec<Arc<Replica>>> {
        self.replicas.load_full()
    }

    pub(crate) fn unresolved(&self) -> Arc<Vec<(String, String)>> {
        self.unresolved.load_full()
    }

    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(crate) fn freed(&self) -> &Notify {
        &self.freed
    }

    /// How long a call may wait after a refusal; none: waiting would not help.
    pub(crate) fn patience(&self, refused: Refused) -> Option<Duration> {
        match refused {
            Refused::Full => Some(self.queue_timeout),
            Refused::Nobody if self.replicas.load().is_empty() => Some(self.connect_timeout),
            Refused::Nobody | Refused::Open => None,
        }
    }

    /// The tier that serves where all is well.
    pub(crate) fn preferred_tier(&self) -> Option<Tier> {
        self.preferred
    }

    /// Share of the time left that one replica may be silent for where somebody else could be asked.
    pub(crate) fn first_word_share(&self) -> f64 {
        self.first_word_share
    }

    /// The share of the attempt that was noted last: half of what would be left for somebody else is its too where nobody else is asked
    /// after it.
    pub(crate) fn share(&self, FirstWordShare(share): FirstWordShare, trail: &Trail) -> FirstWordShare {
        // There is one more attempt at most.
        let last = trail.len() > 1 || !self.has_another(trail);
        FirstWordShare(if last {
            share.max(1.0 - (1.0 - share) / 2.0)
        } else {
            share
        })
    }

    /// Whether there is anybody who was not asked yet.
    pub(crate) fn has_another(&self, trail: &Trail) -> bool {
        self.pick(trail).is_ok()
    }

    /// Who is asked next: of the first tier in which anybody can be, the less busy of two chosen at random.
    ///
    /// Two random choices: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
    pub(crate) fn pick(&self, trail: &Trail) -> Result<Arc<Replica>, Refused> {
        let replicas = self.replicas.load();
        let now = Instant::now();
        let mut refused = Refused::Nobody;
        let mut candidates: Vec<&Arc<Replica>> = Vec::with_capacity(replicas.len());
        let mut tier = None;
        for replica in replicas.iter() {
            // They stand in the order of their tiers.
            if tier != Some(replica.tier()) {
                if !candidates.is_empty() {
                    break;
                }
                tier = Some(replica.tier());
            }
            if !may_be_asked(replica) || trail.has_tried(replica.label()) {
                continue;
            }
            let health = replica.health();
            if !health.breaker.would_admit(now) {
                refused = worse(refused, Refused::Open);
            } else if !health.limit.room() {
                refused = worse(refused, Refused::Full);
            } else {
                candidates.push(replica);
            }
        }
        // Those that are known to serve go before those that nobody has heard of.
        if candidates
            .iter()
            .any(|replica| replica.state() == ReplicaState::Serving)
        {
            candidates.retain(|replica| replica.state() == ReplicaState::Serving);
        }
        // A probe must be sent, or a breaker stays open for ever; by a call that can be made again if it fails.
        let resting = |replica: &&&Arc<Replica>| replica.health().breaker.state(now) == breaker::State::HalfOpen;
        if trail.is_empty()
            && candidates.len() > 1
            && let Some(probed) = candidates.iter().find(resting)
        {
            return Ok((*probed).clone());
        }
        choose(&candidates, now).cloned().ok_or(refused)
    }
}

/// Whether a replica may live.
fn may_be_asked(replica: &Replica) -> bool {
    matches!(replica.state(), ReplicaState::Serving | ReplicaState::Unknown)
}

/// A refusal that will pass goes before one that may not.
fn worse(one: Refused, other: Refused) -> Refused {
    match (one, other) {
        (Refused::Full, _) | (_, Refused::Full) => Refused::Full,
        (Refused::Open, _) | (_, Refused::Open) => Refused::Open,
        _ => Refused::Nobody,
    }
}

fn choose<'a>(candidates: &[&'a Arc<Replica>], now: Instant) -> Option<&'a Arc<Replica>> {
    let (first, second) = match candidates {
        [] => return None,
        [only] => return Some(only),
        [_, _] => (fastrand::usize(..2), None),
        many => (fastrand::usize(..many.len()), Some(fastrand::usize(..many.len() - 1))),
    };
    let second = match second {
        None => 1 - first,
        // Any but the first.
        Some(second) => second + usize::from(second >= first),
    };
    let (first, second) = (candidates[first], candidates[second]);
    // One that warms up gives way as often as it is cold, but only to a warmer one.
    let (warm, other) = (first.warmth(now), second.warmth(now));
    if warm < other && fastrand::f64() * other > warm {
        return Some(second);
    }
    if other < warm && fastrand::f64() * warm > other {
        return Some(first);
    }
    let paces = [first.health().load.pace(now), second.health().load.pace(now)];
    let usual = paces
        .iter()
        .filter_map(|pace| pace.first_word)
        .min()
        .unwrap_or_default();
    let clearly = paces[1].cost(usual) < paces[0].cost(usual) * CLEARLY;
    Some(if clearly { second } else { first })
}

#[cfg(test)]
#[path = "members/tests.rs"]
mod tests;
