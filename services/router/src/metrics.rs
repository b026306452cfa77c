//! What the router shows where metrics are asked for: everything that it calls, whom it refused, how requests ended.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use plexus_core::{Degradation, DegradationReason, Domain};
use plexus_resilience::deadline::Deadline;
use plexus_telemetry::metrics::{Sheet, Source, names};

use crate::{Router, domain::Outcome};

/// Shows the router.
pub(crate) struct Shown(pub(crate) Arc<Router>);

impl Source for Shown {
    fn show(&self, sheet: &mut Sheet) {
        for pool in self.0.upstreams.all() {
            pool.view().show(sheet);
        }
        let rate_limited = self.0.rates.refused();
        sheet.put(&names::SERVER_REFUSED, &[("reason", "rate_limit")], rate_limited);
        self.0.tally.show(sheet);
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Answered,
    Degraded,
    Refused,
    /// Nobody could answer, or not before the deadline.
    Failed,
    /// The caller went away before its deadline.
    Abandoned,
}

const ENDS: [(End, &str); 5] = [
    (End::Answered, "answered"),
    (End::Degraded, "degraded"),
    (End::Refused, "refused"),
    (End::Failed, "failed"),
    (End::Abandoned, "abandoned"),
];

/// How long before a deadline a caller who goes away may have seen it pass: clocks run apart, and a caller's began earlier.
const CLOCKS: Duration = Duration::from_millis(20);

const REASONS: usize = DegradationReason::ALL.len();

/// How requests ended, counted: the only metrics that a request itself pays for, with one addition each.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    ends: [AtomicU64; ENDS.len()],
    /// Of each domain; the last one: of whole requests.
    degradations: [[AtomicU64; REASONS]; Domain::ALL.len() + 1],
}

impl Tally {
    /// A request begins. Where it is not told how it ended, nobody waited for that: its deadline had passed, or else the
    /// caller went away.
    pub(crate) fn begin(&self, deadline: Option<Deadline>) -> Counted<'_> {
        Counted {
            tally: self,
            end: None,
            deadline,
        }
    }

    fn show(&self, sheet: &mut Sheet) {
        for ((_, outcome), count) in ENDS.iter().zip(&self.ends) {
            sheet.put(&names::REQUESTS, &[("outcome", outcome)], read(count));
        }
        let domains = Domain::ALL.map(Domain::name).into_iter().chain(["none"]);
        for (domain, reasons) in domains.zip(&self.degradations) {
            for (reason, count) in DegradationReason::ALL.iter().zip(reasons) {
                let labels = [("domain", domain), ("reason", reason.name())];
                sheet.put(&names::DEGRADATIONS, &labels, read(count));
            }
        }
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

/// A request that is under way; counted when it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Counted<'a> {
    tally: &'a Tally,
    end: Option<End>,
    deadline: Option<Deadline>,
}

impl Counted<'_> {
    /// It ended with an answer, or was refused.
    pub(crate) fn ended(mut self, outcome: Outcome, degradations: &[Degradation]) {
        self.end = Some(match outcome {
            Outcome::Answered => End::Answered,
            Outcome::Degraded => End::Degraded,
            Outcome::Refused => End::Refused,
        });
        self.degraded(degradations);
    }

    /// It ended with an error.
    pub(crate) fn failed(mut self, degradations: &[Degradation]) {
        self.end = Some(End::Failed);
        self.degraded(degradations);
    }

    fn degraded(&self, degradations: &[Degradation]) {
        for one in degradations {
            let domain = one.domain.map_or(Domain::ALL.len(), |domain| domain as usize);
            self.tally.degradations[domain][one.reason as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let end = self.end.unwrap_or_else(|| {
            let late = self.deadline.is_some_and(|deadline| deadline.left() < CLOCKS);
            if late { End::Failed } else { End::Abandoned }
        });
        self.tally.ends[end as usize].fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use plexus_telemetry::metrics::Value;

    use super::*;

    fn degradation(domain: Option<Domain>, reason: DegradationReason) -> Degradation {
        Degradation {
            domain,
            reason,
            detail: String::new(),
            served_by: String::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_is_counted_once_and_all_that_was_missing() {
        let tally = Tally::default();
        let down = degradation(Some(Domain::Language), DegradationReason::SpecialistDown);
        let whole = degradation(None, DegradationReason::Overloaded);
        tally.begin(None).ended(Outcome::Answered, &[]);
        tally
            .begin(None)
            .ended(Outcome::Degraded, &[down.clone(), whole.clone()]);
        tally.begin(None).ended(Outcome::Refused, &[]);
        tally.begin(None).failed(&[down]);
        drop(tally.begin(None));
        drop(tally.begin(Some(Deadline::after(CLOCKS))));
        // Its deadline passed: that is no affair of the caller's.
        let late = tally.begin(Some(Deadline::after(CLOCKS)));
        tokio::time::sleep(CLOCKS / 2).await;
        drop(late);
        let mut sheet = Sheet::default();
        tally.show(&mut sheet);
        for (outcome, count) in [
            ("answered", 1),
            ("degraded", 1),
            ("refused", 1),
            ("failed", 2),
            ("abandoned", 2_u64),
        ] {
            let value = sheet.value(&names::REQUESTS, &[("outcome", outcome)]);
            assert_eq!(value, Some(Value::Whole(count)), "{outcome}");
        }
        let count = |domain, reason| sheet.value(&names::DEGRADATIONS, &[("domain", domain), ("reason", reason)]);
        assert_eq!(count("language", "SPECIALIST_DOWN"), Some(Value::Whole(2)));
        assert_eq!(count("none", "OVERLOADED"), Some(Value::Whole(1)));
        assert_eq!(
            count("math", "SPECIALIST_DOWN"),
            Some(Value::Whole(0)),
            "shown before it happens"
        );
    }

    #[test]
    fn places_are_by_declaration() {
        for (index, (end, _)) in ENDS.into_iter().enumerate() {
            assert_eq!(end as usize, index);
        }
        for (index, domain) in Domain::ALL.into_iter().enumerate() {
            assert_eq!(domain as usize, index);
        }
    }
}
