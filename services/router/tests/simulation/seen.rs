//! How much of what the promises are about has happened.

use std::{collections::BTreeMap, ops::AddAssign};

use plexus_proto::v1::DegradationReason;

use crate::{
    check::{count, down, faults, has_a_well_one, restarted},
    network::hosts,
    script::Script,
    world::Played,
};

/// How many requests say something of a promise: one that nothing was held against would hold always.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    /// All.
    pub(crate) requests: usize,
    /// Those whose domain had lost one replica and not the other.
    pub(crate) one_lost: usize,
    /// Those whose domain was down while its fallback was not.
    pub(crate) stood_in: usize,
    /// Answers that were cut off.
    pub(crate) cut: usize,
    /// Those that a second replica was asked for.
    pub(crate) retried: usize,
}

impl Seen {
    /// All of it, in the order of the fields.
    pub(crate) fn numbers(&self) -> [u64; 5] {
        [self.requests, self.one_lost, self.stood_in, self.cut, self.retried].map(|number| number as u64)
    }

    /// From [`Seen::numbers`]; what is missing is 0.
    pub(crate) fn from_numbers(numbers: &[u64]) -> Self {
        let at = |index: usize| numbers.get(index).copied().unwrap_or_default() as usize;
        Self {
            requests: at(0),
            one_lost: at(1),
            stood_in: at(2),
            cut: at(3),
            retried: at(4),
        }
    }

    /// What a script has of it.
    pub(crate) fn of(script: &Script, played: &Played) -> Self {
        let mut seen = Self::default();
        let mut asked: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for told in &played.told {
            let upstream = told.host.split('-').next().unwrap_or_default();
            *asked.entry((told.number, upstream)).or_default() += 1;
        }
        seen.retried = asked.values().filter(|times| **times > 1).count();
        for record in &played.records {
            let upstream = record.ask.upstream;
            let away = |host: &String| {
                faults(script, host).any(|fault| fault.from <= record.sent && record.sent < fault.until)
            };
            seen.requests += 1;
            if !restarted(record, script) {
                let one_lost = has_a_well_one(upstream, record, script) && hosts(upstream).iter().any(away);
                seen.one_lost += usize::from(one_lost);
                seen.stood_in += usize::from(down(record, script));
            }
            let answer = record.result.as_ref().ok();
            seen.cut += usize::from(answer.is_some_and(|answer| count(answer, DegradationReason::CutOff) > 0));
        }
        seen
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.one_lost += other.one_lost;
        self.stood_in += other.stood_in;
        self.cut += other.cut;
        self.retried += other.retried;
    }
}
