//! The router and its specialists in a simulated network, with crashes and partitions drawn from a seed: what happens is the same
//! each time that a seed is played. See docs/simulation.md.
//!
//! `PLEXUS_SEEDS=1000` plays so many seeds, `PLEXUS_SEED=17` one of them, with everything that happens on standard error.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
#![allow(unexpected_cfgs, reason = "tokio_unstable is set by `make simulate` alone")]

mod check;
mod network;
mod order;
mod script;
mod seen;
mod stubs;
mod world;

use std::{
    any::Any,
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use plexus_classifier::{Classifier, ModelConfig};
use plexus_config::Environment;
use tracing_subscriber::{
    EnvFilter,
    fmt::{format::Writer, time::FormatTime},
};

use crate::{check::check, script::scripts, seen::Seen, world::play};

/// Seeds that are played where nothing else is said.
const SEEDS: u64 = 4;

fn setting(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name}={value}: expected a number")),
    )
}

/// The router's own model.
fn classifier() -> Arc<Classifier> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models/router");
    let config = ModelConfig {
        cache: 64,
        ..ModelConfig::of(folder)
    };
    Arc::new(Classifier::open(&config, &Environment::process()).unwrap())
}

/// What came of a seed.
struct Judged {
    wrong: Vec<String>,
    seen: Seen,
    /// Of all that happened.
    digest: u64,
}

fn judge(seed: u64, classifier: &Arc<Classifier>) -> Judged {
    let (mut wrong, mut seen, mut digest) = (Vec::new(), Seen::default(), DefaultHasher::new());
    for script in scripts(seed) {
        match catch_unwind(AssertUnwindSafe(|| play(&script, classifier))) {
            Ok(played) => {
                let found = check(&script, &played);
                seen += Seen::of(&script, &played);
                wrong.extend(found.into_iter().map(|problem| format!("{}: {problem}", script.name)));
                for record in &played.records {
                    let said = record.result.as_ref().map(|answer| &answer.answer);
                    format!("{} {:?} {:?} {said:?}", record.ask.order, record.sent, record.ended).hash(&mut digest);
                }
                format!("{:?}", played.told).hash(&mut digest);
            }
            Err(panic) => wrong.push(format!("{}: panic: {}", script.name, words(&*panic))),
        }
    }
    Judged {
        wrong,
        seen,
        digest: digest.finish(),
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[test]
fn promises_hold_whatever_crashes_and_is_cut_off() {
    if let Some(seed) = setting("PLEXUS_SEED") {
        log();
        let Judged { wrong, seen, digest } = judge(seed, &classifier());
        println!("seed {seed}: digest {digest:016x}, {seen:?}");
        assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n"));
        return;
    }
    let (seeds, begin) = (setting("PLEXUS_SEEDS").unwrap_or(SEEDS), Instant::now());
    let (classifier, next) = (classifier(), AtomicU64::new(0));
    let failed: Mutex<BTreeMap<u64, Vec<String>>> = Mutex::default();
    let all: Mutex<Seen> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let Judged { wrong, seen, .. } = judge(seed, &classifier);
                    *all.lock().unwrap() += seen;
                    if !wrong.is_empty() {
                        eprintln!("seed {seed} fails: {}", wrong[0]);
                        failed.lock().unwrap().insert(seed, wrong);
                    }
                }
            });
        }
    });
    let (failed, seen) = (failed.into_inner().unwrap(), all.into_inner().unwrap());
    println!(
        "{seeds} seeds in {:.1?}, {} failed; {seen:?}",
        begin.elapsed(),
        failed.len()
    );
    let least = [seen.one_lost, seen.stood_in, seen.cut, seen.retried].into_iter().min();
    assert!(least > Some(0), "nothing was held against a promise: {seen:?}");
    assert!(
        failed.is_empty(),
        "{} of {seeds} seeds failed: {:?}; to see one again: make simulate SEED={}",
        failed.len(),
        failed.keys().collect::<Vec<_>>(),
        failed.keys().next().copied().unwrap_or_default(),
    );
}

/// Without the seeds that tokio takes only then, its `select!` and `watch` draw from the system.
#[cfg(tokio_unstable)]
#[test]
fn a_seed_is_played_the_same_way_twice() {
    let classifier = classifier();
    let seed = setting("PLEXUS_SEED").unwrap_or(1);
    let [first, second] = [(), ()].map(|()| judge(seed, &classifier).digest);
    assert_eq!(first, second);
}

/// Everything that happens, with simulated times.
fn log() {
    let filter = std::env::var("PLEXUS_LOG").unwrap_or_else(|_| "info,turmoil=off".to_owned());
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_timer(Simulated)
        .with_writer(std::io::stderr)
        .init();
}

struct Simulated;

impl FormatTime for Simulated {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let elapsed = turmoil::sim_elapsed().unwrap_or_default();
        write!(writer, "{:9.3}", elapsed.as_secs_f64())
    }
}
