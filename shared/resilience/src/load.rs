//! How busy one replica is, so that the less busy of two can be chosen: Peak-EWMA of the time to the first word, times calls under way.
//!
//! After Finagle's `PeakEwma` (also in linkerd2-proxy and tower): a slow answer counts at once, a quick one little by little. Measured is
//! the *first word*, not the head of the response, or a model that thinks for a minute would look quick. Calls that get no answer at all
//! count too: their silence is as good as a slow answer.

mod layer;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::sync::{Mutex, MutexGuard, lock};
pub use layer::{Observed, layer};

/// How long an observation counts (Finagle's decay time).
const DECAY: Duration = Duration::from_secs(10);
/// How much slower one replica may count than another. Questions differ more than replicas do: without a bound, one long answer would
/// keep a replica without work for a minute.
const MOST: f64 = 10.0;
/// Weight of one answer in what is usual: one that was slow once does not make slowness usual.
const FRESH: f64 = 0.1;
/// Times below this are noise.
const FLOOR: Duration = Duration::from_micros(500);

/// What is known of a replica's pace. Shared by all calls to it.
#[derive(Debug)]
pub struct Load(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// Seconds; none before the first answer.
    ewma: Option<f64>,
    /// Plain moving average of answers alone, seconds: what is usual must not grow by what went wrong.
    usual: Option<f64>,
    observed: Instant,
    pending: u32,
    /// Of these, the calls that have heard nothing yet; those whose bodies are on their way wait for nothing.
    waiting: u32,
    /// When a call that waited last heard something.
    progress: Instant,
    /// Since when it owes a sign of life: it was asked, or an answer is on its way, whether or not anybody still waits.
    unheard: Option<Instant>,
}

/// A call under way; ends when it is dropped.
#[derive(Debug)]
pub struct Pending {
    load: Arc<Load>,
    begin: Instant,
    /// Whether anything is known of how it ended.
    observed: bool,
    /// Whether the replica said anything.
    heard: bool,
    /// Whether it owed no sign of life before.
    first: bool,
}

/// What [`Load`] says at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Expected time to the first word; none: nobody knows yet.
    pub first_word: Option<Duration>,
    /// Plain average of answers alone, without calls that failed or heard nothing.
    pub usual: Option<Duration>,
    /// Calls under way.
    pub pending: u32,
    /// How long the calls that wait for their first word have heard nothing.
    pub silence: Duration,
    /// How long it owes a sign of life (a first word, or [`Load::heard`]) to calls under way, bodies included; unlike `silence`,
    /// callers who give up do not end it.
    pub unheard: Duration,
    /// How old the newest observation is.
    pub age: Duration,
}

impl Load {
    /// Of a replica that nobody has asked yet.
    pub fn new(now: Instant) -> Self {
        Self(Mutex::new(Inner {
            ewma: None,
            usual: None,
            observed: now,
            pending: 0,
            waiting: 0,
            progress: now,
            unheard: None,
        }))
    }

    /// Counts a call.
    pub fn begin(self: &Arc<Self>, now: Instant) -> Pending {
        let mut inner = self.lock();
        if inner.waiting == 0 {
            inner.progress = now;
        }
        inner.pending += 1;
        inner.waiting += 1;
        let first = inner.unheard.is_none();
        inner.unheard.get_or_insert(now);
        Pending {
            load: self.clone(),
            begin: now,
            observed: false,
            heard: false,
            first,
        }
    }

    /// What is known at this moment.
    pub fn pace(&self, now: Instant) -> Pace {
        let inner = self.lock();
        let silence = match inner.waiting {
            0 => Duration::ZERO,
            _ => now.saturating_duration_since(inner.progress),
        };
        Pace {
            first_word: inner.ewma.map(Duration::from_secs_f64),
            usual: inner.usual.map(Duration::from_secs_f64),
            pending: inner.pending,
            silence,
            unheard: inner
                .unheard
                .map_or(Duration::ZERO, |since| now.saturating_duration_since(since)),
            age: now.saturating_duration_since(inner.observed),
        }
    }

    /// It said something to somebody else, e.g. to a health check.
    pub fn heard(&self, now: Instant) {
        self.lock().heard(now);
    }

    /// It was away and is back: somebody else may have started there, who is as quick as is usual.
    pub fn awake(&self) {
        let mut inner = self.lock();
        inner.ewma = inner.usual;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }
}

impl Inner {
    fn heard(&mut self, now: Instant) {
        self.unheard = (self.pending > 0).then_some(now);
    }
}

impl Pace {
    /// Cost of one more call beside that of another replica, whose expected time is `usual`.
    pub fn cost(&self, usual: Duration) -> f64 {
        let usual = usual.max(FLOOR).as_secs_f64();
        // What was long ago says little: a replica that nobody asks is taken for a usual one again.
        let trust = (-self.age.as_secs_f64() / DECAY.as_secs_f64()).exp();
        let expected = self.first_word.map_or(usual, |known| {
            // Bounded first: what lies far above the bound would otherwise take minutes to be forgotten.
            let known = known.as_secs_f64().min(usual * MOST);
            usual + (known - usual) * trust
        });
        let time = expected.max(self.silence.as_secs_f64());
        let factor = (time / usual).clamp(1.0 / MOST, MOST);
        factor * f64::from(self.pending + 1)
    }
}

impl Pending {
    /// The first word has come.
    pub fn first_word(&mut self, now: Instant) {
        self.observe(now, 1.0, true);
    }

    /// The call failed. A replica that fails quickly must not look quick.
    pub fn failed(&mut self, now: Instant) {
        self.observe(now, 2.0, true);
    }

    /// It said nothing for too long: as slow as a failure, and no sign of life.
    pub fn silent(&mut self, now: Instant) {
        self.observe(now, 2.0, false);
    }

    /// It said no to the request: it lives, and how long that took says nothing of how long an answer takes.
    pub fn answered(&mut self, now: Instant) {
        let load = self.load.clone();
        self.end(&mut load.lock(), now, true);
    }

    /// Nothing was sent, so nothing is owed.
    pub fn withdrawn(self) {
        let mut inner = self.load.lock();
        if self.first && inner.pending == 1 {
            inner.unheard = None;
        }
    }

    /// The call waits no more.
    fn end(&mut self, inner: &mut Inner, now: Instant, heard: bool) {
        if !std::mem::replace(&mut self.observed, true) {
            inner.waiting -= 1;
        }
        if heard {
            self.heard = true;
            inner.progress = now;
            // Its body may still be on its way, and fall silent.
            inner.heard(now);
        }
    }

    fn observe(&mut self, now: Instant, at_least: f64, heard: bool) {
        let took = now.saturating_duration_since(self.begin).as_secs_f64();
        let load = self.load.clone();
        let mut inner = load.lock();
        self.end(&mut inner, now, heard);
        let passed = now.saturating_duration_since(inner.observed);
        inner.ewma = Some(match inner.ewma {
            Some(ewma) if at_least > 1.0 => took.max((ewma * at_least).min(1.0).max(ewma)),
            // Nobody knows what is usual there: slow, whatever that is.
            None if at_least > 1.0 => took.max(1.0),
            ewma => blend(ewma, took, passed),
        });
        if at_least <= 1.0 {
            inner.usual = Some(inner.usual.map_or(took, |usual| usual + (took - usual) * FRESH));
        }
        inner.observed = now;
    }
}

/// A moving average, seconds, with one more answer: more at once, less little by little.
fn blend(ewma: Option<f64>, took: f64, passed: Duration) -> f64 {
    match ewma {
        Some(ewma) if took < ewma => {
            // Many answers in the same moment count too, if only a little.
            let keep = (-passed.as_secs_f64() / DECAY.as_secs_f64()).exp().min(0.99);
            took + (ewma - took) * keep
        }
        _ => took,
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut inner = self.load.lock();
        inner.pending -= 1;
        if !self.observed {
            inner.waiting -= 1;
        }
        if self.heard && inner.pending == 0 {
            inner.unheard = None;
        }
        // Somebody gave up, e.g. because another replica was quicker: it would have taken longer than that.
        let now = Instant::now();
        let waited = now.saturating_duration_since(self.begin).as_secs_f64();
        if !self.observed && inner.ewma.is_some_and(|ewma| waited > ewma) {
            inner.ewma = Some(waited);
            inner.observed = now;
        }
    }
}

#[cfg(test)]
#[cfg(not(feature = "shuttle"))]
mod tests;
