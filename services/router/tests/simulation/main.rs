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
    process::Command,
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

use crate::{
    check::check,
    network::UPSTREAMS,
    script::scripts,
    seen::Seen,
    world::{play, question},
};

/// Seeds that are played where nothing else is said.
const SEEDS: u64 = 4;
/// Variable that names one seed.
const SEED: &str = "PLEXUS_SEED";
/// Variable that says what is logged of one seed.
const LOG: &str = "PLEXUS_LOG";
/// Begins a line that says what is wrong.
const WRONG: &str = "wrong: ";
/// Begins a line of numbers: a digest of all that happened, and what was seen.
const PLAYED: &str = "played: ";

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
    let classifier = Classifier::open(&config, &Environment::process()).unwrap();
    // What is in the cache later must be there from the beginning: answers tell it, and bytes decide when windows are updated.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for upstream in UPSTREAMS {
        runtime.block_on(classifier.classify(question(upstream).0));
    }
    Arc::new(classifier)
}

/// What came of a seed.
#[derive(Default)]
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

/// Plays one seed in a process of its own: tokio numbers its tasks through a whole process, and the order in which the tasks of a host that
/// crashes end goes by their numbers.
fn apart(seed: u64) -> Judged {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "promises_hold_whatever_crashes_and_is_cut_off",
            "--nocapture",
        ])
        .env(SEED, seed.to_string())
        .env(LOG, "off")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let after = |prefix: &str| {
        said.lines()
            .filter_map(|line| line.split_once(prefix))
            .map(|(_, rest)| rest.to_owned())
            .collect()
    };
    let (mut wrong, played): (Vec<String>, Vec<String>) = (after(WRONG), after(PLAYED));
    let numbers: Vec<u64> = played
        .iter()
        .flat_map(|line| line.split(' '))
        .filter_map(|one| one.parse().ok())
        .collect();
    let Some((digest, seen)) = numbers.split_first() else {
        wrong.push(format!(
            "it ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
        return Judged {
            wrong,
            ..Judged::default()
        };
    };
    Judged {
        wrong,
        seen: Seen::from_numbers(seen),
        digest: *digest,
    }
}

#[test]
fn promises_hold_whatever_crashes_and_is_cut_off() {
    match setting(SEED) {
        Some(seed) => one(seed),
        None => many(setting("PLEXUS_SEEDS").unwrap_or(SEEDS)),
    }
}

/// Plays one seed here, and tells it in the words that [`apart`] reads.
fn one(seed: u64) {
    log();
    let Judged { wrong, seen, digest } = judge(seed, &classifier());
    for problem in &wrong {
        println!("{WRONG}{}", problem.replace('\n', " "));
    }
    println!(
        "{PLAYED}{digest} {}",
        seen.numbers().map(|number| number.to_string()).join(" ")
    );
    assert!(wrong.is_empty(), "seed {seed}: {} times", wrong.len());
}

fn many(seeds: u64) {
    let (begin, next) = (Instant::now(), AtomicU64::new(0));
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
                    let Judged { wrong, seen, .. } = apart(seed);
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
    assert!(
        failed.is_empty(),
        "{} of {seeds} seeds failed: {:?}; to see one again: make simulate SEED={}",
        failed.len(),
        failed.keys().collect::<Vec<_>>(),
        failed.keys().next().copied().unwrap_or_default(),
    );
    let [_, least @ ..] = seen.numbers();
    assert!(!least.contains(&0), "nothing was held against a promise: {seen:?}");
}

/// Without the seeds that tokio takes only then, its `select!` and `watch` draw from the system.
#[cfg(tokio_unstable)]
#[test]
fn a_seed_is_played_the_same_way_twice() {
    let seed = setting(SEED).unwrap_or(4);
    let [one, other] = [apart(seed), apart(seed)];
    for judged in [&one, &other] {
        assert!(judged.wrong.is_empty(), "seed {seed}: {:?}", judged.wrong);
        assert!(judged.seen.requests > 0, "seed {seed}: nothing was asked");
    }
    assert_eq!(one.digest, other.digest);
}

/// Everything that happens, with simulated times.
fn log() {
    let filter = std::env::var(LOG).unwrap_or_else(|_| "info,turmoil=off".to_owned());
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
