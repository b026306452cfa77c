//! Who callers are, and a bounded number of them.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use sha2::{Digest as _, Sha256};

/// How often it is looked for callers that can be forgotten, at most.
const SWEEP: Duration = Duration::from_secs(1);

/// A caller, by a digest: what it calls itself may be a secret, and is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller([u8; 32]);

impl Caller {
    /// One that gives a name, e.g. a key.
    pub fn named(name: &[u8]) -> Self {
        Self::digest("name", name)
    }

    /// One that gives none, by where it is. Of IPv6 the first half counts: one customer has all of the second.
    pub fn at(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::digest("v4", &address.octets()),
            Some(IpAddr::V6(address)) => Self::digest("v6", &address.octets()[..8]),
            None => Self::digest("nowhere", b""),
        }
    }

    fn digest(kind: &str, what: &[u8]) -> Self {
        // A kind never contains the zero byte, so no two kinds meet.
        let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(what);
        Self(digest.finalize().into())
    }
}

/// States of callers; those that do not fit share one.
#[derive(Debug)]
pub struct Callers<T> {
    known: HashMap<Caller, T>,
    others: Option<T>,
    limit: usize,
    swept: Duration,
}

impl<T: Clone> Callers<T> {
    /// Room for `limit` callers.
    pub fn new(limit: usize) -> Self {
        Self {
            known: HashMap::new(),
            others: None,
            limit,
            swept: Duration::ZERO,
        }
    }

    /// The state of a caller. Where there is no room for a new one, those that `may_go` are forgotten; where that makes
    /// none, it shares a state with all others that came too late: whoever invents names gains nothing by it.
    pub fn get(&mut self, caller: Caller, now: Duration, make: impl Fn() -> T, may_go: impl Fn(&T) -> bool) -> T {
        if let Some(known) = self.known.get(&caller) {
            return known.clone();
        }
        if self.known.len() >= self.limit && now.saturating_sub(self.swept) >= SWEEP {
            self.swept = now;
            self.known.retain(|_, state| !may_go(state));
        }
        if self.known.len() >= self.limit {
            return self.others.get_or_insert_with(make).clone();
        }
        self.known.entry(caller).or_insert_with(make).clone()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places_are_different_callers() {
        let at = |text: &str| Caller::at(text.parse().ok());
        assert_ne!(Caller::named(b"a"), Caller::named(b"b"));
        assert_ne!(Caller::named(&[127, 0, 0, 1]), at("127.0.0.1"));
        assert_eq!(at("127.0.0.1"), at("::ffff:127.0.0.1"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert!(!format!("{:?}", Caller::named(b"sk-secret")).contains("secret"));
    }

    #[test]
    fn a_bounded_number_of_callers_is_told_apart() {
        let mut callers = Callers::new(2);
        let minute = Duration::from_secs(60);
        let mut get = |name: &[u8], state: u32, idle: bool| {
            let state = callers.get(Caller::named(name), minute * state, || state, |_| idle);
            (state, callers.len())
        };
        assert_eq!(get(b"a", 1, false), (1, 1));
        assert_eq!(get(b"b", 2, false), (2, 2));
        assert_eq!(get(b"a", 3, false), (1, 2));
        // No room: two strangers share.
        assert_eq!(get(b"c", 4, false), (4, 2));
        assert_eq!(get(b"d", 5, false), (4, 2));
        // Room again.
        assert_eq!(get(b"d", 6, true), (6, 1));
    }
}
