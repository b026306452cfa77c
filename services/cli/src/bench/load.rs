//! A closed loop: so many callers, each asking the next question when it has its answer.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use plexus_proto::v1::{AskRequest, AskResponse, router_service_client::RouterServiceClient};
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

/// Callers that share one connection.
const CALLERS_A_CONNECTION: usize = 16;

/// What a run came to.
#[derive(Debug)]
pub(super) struct Run {
    /// Latencies, nanoseconds.
    pub(super) latency: Histogram<u64>,
    /// The router's own overhead as it reports it, nanoseconds.
    pub(super) overhead: Histogram<u64>,
    /// Requests answered.
    pub(super) answered: u64,
    /// Requests that failed.
    pub(super) failed: u64,
    /// How long it took.
    pub(super) elapsed: Duration,
}

/// Room for latencies up to a minute.
pub(super) fn histogram() -> Histogram<u64> {
    // Up to a minute with three significant digits: both constants are in the range that the type allows.
    Histogram::new_with_max(60_000_000_000, 3).expect("constant bounds")
}

/// Asks `queries` in turn at `address`, `callers` at the same time, for `duration`.
pub(super) async fn run(
    address: SocketAddr,
    queries: &'static [&'static str],
    callers: usize,
    duration: Duration,
) -> anyhow::Result<Run> {
    let mut channels = Vec::new();
    for _ in 0..callers.div_ceil(CALLERS_A_CONNECTION) {
        channels.push(
            Endpoint::from_shared(format!("http://{address}"))?
                .tcp_nodelay(true)
                .connect()
                .await?,
        );
    }
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let channel = channels[caller % channels.len()].clone();
        tasks.spawn(call(channel, queries, caller, begin + duration));
    }
    let mut total = Run {
        latency: histogram(),
        overhead: histogram(),
        answered: 0,
        failed: 0,
        elapsed: Duration::ZERO,
    };
    while let Some(one) = tasks.join_next().await {
        let one = one?;
        total.latency.add(&one.latency)?;
        total.overhead.add(&one.overhead)?;
        total.answered += one.answered;
        total.failed += one.failed;
    }
    total.elapsed = begin.elapsed();
    Ok(total)
}

async fn call(channel: Channel, queries: &'static [&'static str], first: usize, end: Instant) -> Run {
    let mut client = RouterServiceClient::new(channel);
    let mut run = Run {
        latency: histogram(),
        overhead: histogram(),
        answered: 0,
        failed: 0,
        elapsed: Duration::ZERO,
    };
    let mut next = first;
    while Instant::now() < end {
        let query = queries[next % queries.len()].to_owned();
        next += 1;
        let begin = Instant::now();
        match client
            .ask(AskRequest {
                query,
                ..AskRequest::default()
            })
            .await
        {
            Ok(response) => {
                run.latency.saturating_record(nanos(begin.elapsed()));
                run.overhead.saturating_record(nanos(overhead(response.get_ref())));
                run.answered += 1;
            }
            Err(_) => run.failed += 1,
        }
    }
    run
}

fn overhead(response: &AskResponse) -> Duration {
    plexus_wire::duration(response.timings.as_ref().and_then(|timings| timings.overhead))
}

/// A duration in whole nanoseconds.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
