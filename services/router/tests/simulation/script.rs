//! What happens to whom and when, and who asks what: all from a seed.

use std::time::Duration;

use fastrand::Rng;

use crate::{
    network::{UPSTREAMS, hosts},
    order::{Ending, Order},
};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// How a replica is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its process ends; connections are reset, new ones hear nothing. It comes back with nothing remembered.
    Crash,
    /// What is sent either way is lost for good, so that connections never recover.
    Partition,
    /// What it is sent is lost.
    Deaf,
    /// What it sends is lost.
    Mute,
    /// Everything waits, and arrives when it is over.
    Hold,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Crash, Self::Partition, Self::Deaf, Self::Mute, Self::Hold];

    /// How long after the end of it a replica may still be out of reach: where packets were lost, until an unanswered ping (10 s
    /// and 5 s) has ended the connection; then a new connection and a health check.
    pub(crate) fn settles(self) -> Duration {
        match self {
            Self::Crash | Self::Hold => SECOND * 4,
            // Until pings find the connections dead, and the breakers' first rest.
            Self::Partition | Self::Deaf | Self::Mute => SECOND * 12,
        }
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Who.
    pub(crate) host: String,
    /// How.
    pub(crate) kind: Kind,
    /// From when.
    pub(crate) from: Duration,
    /// Until when.
    pub(crate) until: Duration,
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    /// When it is sent.
    pub(crate) at: Duration,
    /// Who shall answer.
    pub(crate) upstream: &'static str,
    /// What the stub shall do.
    pub(crate) order: Order,
    /// When an answer must be there.
    pub(crate) within: Duration,
    /// Whether the answer is streamed as it is written.
    pub(crate) streamed: bool,
    /// Whether nobody may stand in.
    pub(crate) alone: bool,
}

/// Everything that happens in one simulation.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// What its promises are about.
    pub(crate) name: &'static str,
    /// The seed of everything else that is random.
    pub(crate) seed: u64,
    /// Faults, in the order in which they begin.
    pub(crate) faults: Vec<Fault>,
    /// Requests, in the order in which they are sent.
    pub(crate) asks: Vec<Ask>,
    /// Overrides of the router's configuration.
    pub(crate) overrides: Vec<(&'static str, &'static str)>,
    /// Between these, both replicas of a domain must get their share; none: no promise.
    pub(crate) even: Option<(Duration, Duration)>,
}

/// A breaker that never opens: only the budget bounds attempts.
const NO_BREAKER: [(&str, &str); 2] = [
    ("PLEXUS_ROUTER__CLIENT__BREAKER__FAILURES", "1000000"),
    ("PLEXUS_ROUTER__CLIENT__BREAKER__SUCCESS_RATE", "0.0"),
];

/// The three simulations of a seed.
pub(crate) fn scripts(seed: u64) -> [Script; 3] {
    let mut rng = Rng::with_seed(seed);
    [faults(seed, &mut rng), storm(seed, &mut rng), cuts(seed, &mut rng)]
}

/// Crashes and partitions for a minute, 50 seconds of peace, then a time in which shares are counted.
fn faults(seed: u64, rng: &mut Rng) -> Script {
    let (war, peace, count) = (SECOND * 60, SECOND * 110, SECOND * 170);
    let mut faults = Vec::new();
    for upstream in UPSTREAMS {
        // A domain wholly down, so that every seed has some of it, or only of what chance brings.
        let both = (rng.u32(..2) == 0 && upstream != "language").then(|| {
            let from = SECOND * rng.u32(5..30);
            (from, from + SECOND * rng.u32(8..20))
        });
        for host in hosts(upstream) {
            let mut now = MS * rng.u32(1_000..15_000);
            // The fallback is lost less often.
            let calm = if upstream == "language" { 3 } else { 1 };
            while now < war {
                let until = now + MS * rng.u32(200..12_000);
                let apart = both.is_none_or(|(from, to)| until + SECOND < from || now > to + SECOND);
                if apart {
                    faults.push(fault(rng, &host, now, until.min(war)));
                }
                now = until + MS * rng.u32(500..20_000) * calm;
            }
            if let Some((from, until)) = both {
                let late = MS * rng.u32(..500);
                faults.push(fault(rng, &host, from + late, until));
            }
        }
    }
    if rng.u32(..4) == 0 {
        let from = SECOND * rng.u32(10..50);
        faults.push(Fault {
            kind: Kind::Crash,
            host: "router".to_owned(),
            from,
            until: from + MS * rng.u32(500..3_000),
        });
    }
    faults.sort_by_key(|fault| fault.from);
    let mut asks = Vec::new();
    let mut now = SECOND;
    while now < count {
        let busy = now >= peace || now < war + SECOND * 20;
        let upstream = match rng.u32(..9) {
            0 => "language",
            odd if odd % 2 == 1 => "math",
            _ => "code",
        };
        let order = Order {
            number: asks.len(),
            words: rng.u32(1..20),
            pause: MS * rng.u32(..40),
            ending: Ending::Whole,
        };
        asks.push(Ask {
            at: now,
            upstream,
            order,
            within: MS * rng.u32(6_000..10_000),
            streamed: rng.bool(),
            alone: false,
        });
        now += MS * if busy { rng.u32(20..140) } else { rng.u32(200..800) };
    }
    Script {
        name: "faults",
        seed,
        faults,
        asks,
        overrides: Vec::new(),
        even: Some((peace, count)),
    }
}

fn fault(rng: &mut Rng, host: &str, from: Duration, until: Duration) -> Fault {
    let kind = Kind::ALL[rng.usize(..Kind::ALL.len())];
    Fault {
        host: host.to_owned(),
        kind,
        from,
        until,
    }
}

/// Every attempt at one domain fails before its first word.
fn storm(seed: u64, rng: &mut Rng) -> Script {
    let rate = rng.u32(10..60);
    let ask = |number: usize, ending: Ending| Ask {
        at: SECOND + SECOND * (number as u32) / rate,
        upstream: "math",
        order: Order {
            number,
            words: 5,
            pause: MS,
            ending,
        },
        within: SECOND * 5,
        streamed: number.is_multiple_of(2),
        alone: true,
    };
    let ending = |rng: &mut Rng| if rng.bool() { Ending::Fails(0) } else { Ending::Stops(0) };
    Script {
        name: "storm",
        seed,
        faults: Vec::new(),
        asks: (0..rate as usize * 20).map(|number| ask(number, ending(rng))).collect(),
        overrides: if rng.bool() { NO_BREAKER.into() } else { Vec::new() },
        even: None,
    }
}

/// Answers that break off after some words.
fn cuts(seed: u64, rng: &mut Rng) -> Script {
    let asks = (0..100).map(|number| {
        let words = rng.u32(1..30);
        let after = rng.u32(1..=words);
        Ask {
            at: SECOND + MS * 100 * number,
            upstream: if rng.bool() { "math" } else { "code" },
            order: Order {
                number: number as usize,
                words,
                pause: MS * rng.u32(..20),
                ending: match rng.u32(..3) {
                    0 => Ending::Whole,
                    1 => Ending::Fails(after),
                    _ => Ending::Stops(after),
                },
            },
            within: SECOND * 5,
            streamed: rng.bool(),
            alone: false,
        }
    });
    Script {
        name: "cuts",
        seed,
        faults: Vec::new(),
        asks: asks.collect(),
        overrides: NO_BREAKER.into(),
        even: None,
    }
}
