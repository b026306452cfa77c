//! Bytes through streams in memory, on a paused clock.

use proptest::prelude::*;
use tokio::{io::DuplexStream, task::JoinHandle};

use super::*;
use crate::fault::{Direction, Spoil, Toxic, toxic::Entry};

/// A pump between two streams in memory.
struct Bench {
    client: DuplexStream,
    server: DuplexStream,
    state: watch::Sender<State>,
    pumping: JoinHandle<End>,
    begun: Instant,
}

fn entries(toxics: &[Toxic]) -> Vec<Entry> {
    let entry = |(id, toxic): (usize, &Toxic)| Entry {
        name: id.to_string(),
        id: id as u64,
        spoil: Spoil::upstream(*toxic),
        since: Instant::now(),
    };
    toxics.iter().enumerate().map(entry).collect()
}

impl Bench {
    fn new(toxics: &[Toxic]) -> Self {
        let (client, from) = tokio::io::duplex(1 << 20);
        let (mut to, server) = tokio::io::duplex(1 << 20);
        let state = watch::Sender::new(State {
            mode: Mode::Open,
            toxics: entries(toxics),
        });
        let view = View {
            state: state.subscribe(),
            stream: Stream {
                direction: Direction::Upstream,
                connection: 1,
                seed: 1,
                born: Instant::now(),
            },
        };
        let pumping = tokio::spawn(async move { pump(from, &mut to, view).await });
        Self {
            client,
            server,
            state,
            pumping,
            begun: Instant::now(),
        }
    }

    fn set(&self, toxics: &[Toxic]) {
        self.state.send_modify(|state| state.toxics = entries(toxics));
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.client.write_all(bytes).await.unwrap();
    }

    async fn receive(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.server.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

const MS: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn without_toxics_bytes_pass_at_once_and_the_end_after_them() {
    let mut bench = Bench::new(&[]);
    bench.send(b"hello").await;
    assert_eq!(bench.receive(5).await, b"hello");
    drop(bench.client);
    assert_eq!(bench.pumping.await.unwrap(), End::Eof);
    assert_eq!(bench.begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn latency_delays_every_piece_but_not_one_after_the_other() {
    let mut bench = Bench::new(&[Toxic::Latency {
        latency: 100 * MS,
        jitter: Duration::ZERO,
    }]);
    for _ in 0..20 {
        bench.send(b"x").await;
        tokio::time::sleep(MS).await;
    }
    bench.receive(20).await;
    let elapsed = bench.elapsed();
    assert!(elapsed >= 119 * MS && elapsed <= 125 * MS, "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn jitter_stays_within_its_bounds() {
    let mut bench = Bench::new(&[Toxic::Latency {
        latency: 50 * MS,
        jitter: 20 * MS,
    }]);
    let mut seen = Vec::new();
    for _ in 0..200 {
        let sent = Instant::now();
        bench.send(b"x").await;
        bench.receive(1).await;
        seen.push(sent.elapsed());
    }
    let (least, most) = (seen.iter().min().unwrap(), seen.iter().max().unwrap());
    assert!(*least >= 30 * MS && *most <= 72 * MS, "{least:?} {most:?}");
    assert!(*most - *least > 20 * MS, "it hardly varies: {least:?} {most:?}");
}

#[tokio::test(start_paused = true)]
async fn bandwidth_is_bytes_over_time() {
    let mut bench = Bench::new(&[Toxic::Bandwidth {
        bytes_per_second: 10_000,
    }]);
    bench.send(&vec![7; 50_000]).await;
    bench.receive(10_000).await;
    let fifth = bench.elapsed();
    bench.receive(40_000).await;
    let all = bench.elapsed();
    assert!(fifth >= 990 * MS && fifth <= 1_100 * MS, "{fifth:?}");
    assert!(all >= 4_990 * MS && all <= 5_300 * MS, "{all:?}");
    // The line may be widened while bytes are on it.
    bench.send(&vec![7; 50_000]).await;
    tokio::time::sleep(1_000 * MS).await;
    bench.set(&[]);
    let before = bench.elapsed();
    bench.receive(50_000).await;
    assert!(bench.elapsed() - before <= 2 * MS, "{:?}", bench.elapsed() - before);
}

#[tokio::test(start_paused = true)]
async fn a_slicer_cuts_and_pauses() {
    let mut bench = Bench::new(&[Toxic::Slicer {
        size: 10,
        pause: 5 * MS,
    }]);
    bench.send(&[1; 100]).await;
    let mut pieces = Vec::new();
    let mut buffer = [0; 100];
    while pieces.iter().sum::<usize>() < 100 {
        pieces.push(bench.server.read(&mut buffer).await.unwrap());
    }
    assert_eq!(pieces, [10; 10]);
    assert!(bench.elapsed() >= 50 * MS, "{:?}", bench.elapsed());
}

#[tokio::test(start_paused = true)]
async fn limited_data_ends_the_connection_after_exactly_that() {
    let mut bench = Bench::new(&[]);
    bench.send(&[1; 100]).await;
    bench.receive(100).await;
    // It counts from when it is added.
    bench.set(&[Toxic::LimitData { bytes: 50 }]);
    bench.send(&[2; 30]).await;
    bench.receive(30).await;
    assert!(!bench.pumping.is_finished());
    bench.send(&[3; 30]).await;
    assert_eq!(bench.receive(20).await, [3; 20]);
    assert_eq!(bench.pumping.await.unwrap(), End::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_holds_everything_back_and_closes() {
    let mut bench = Bench::new(&[Toxic::Timeout { after: Some(200 * MS) }]);
    bench.send(b"lost").await;
    assert_eq!(bench.pumping.await.unwrap(), End::Closed);
    assert_eq!(bench.begun.elapsed().as_millis(), 200);
    assert_eq!(bench.server.read(&mut [0; 4]).await.unwrap(), 0, "nothing got through");
}

#[tokio::test(start_paused = true)]
async fn what_an_endless_timeout_holds_back_goes_on_when_it_is_removed() {
    let mut bench = Bench::new(&[Toxic::Timeout { after: None }]);
    bench.send(b"late").await;
    let hour = Duration::from_secs(3600);
    let silent = tokio::time::timeout(hour, bench.server.read(&mut [0; 4])).await;
    assert!(silent.is_err(), "{silent:?}");
    bench.set(&[]);
    assert_eq!(bench.receive(4).await, b"late");
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_lets_nothing_through_until_it_is_none() {
    let mut bench = Bench::new(&[]);
    bench.state.send_modify(|state| state.mode = Mode::BlackHole);
    bench.send(b"late").await;
    let mut heard = [0; 4];
    let hour = Duration::from_secs(3600);
    let silent = tokio::time::timeout(hour, bench.server.read_exact(&mut heard)).await;
    assert!(silent.is_err(), "{silent:?}");
    bench.state.send_modify(|state| state.mode = Mode::Open);
    assert_eq!(bench.receive(4).await, b"late");
}

#[tokio::test(start_paused = true)]
async fn a_reset_lets_bytes_through_until_then() {
    let mut bench = Bench::new(&[Toxic::ResetPeer { after: 100 * MS }]);
    bench.send(b"first").await;
    assert_eq!(bench.receive(5).await, b"first");
    assert_eq!(bench.pumping.await.unwrap(), End::Reset);
    assert_eq!(bench.begun.elapsed().as_millis(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_slow_close_delays_only_the_end() {
    let mut bench = Bench::new(&[Toxic::SlowClose { delay: 300 * MS }]);
    bench.send(b"all").await;
    drop(std::mem::replace(&mut bench.client, tokio::io::duplex(1).0));
    assert_eq!(bench.receive(3).await, b"all");
    assert_eq!(bench.elapsed(), Duration::ZERO);
    assert_eq!(bench.pumping.await.unwrap(), End::Eof);
    assert_eq!(bench.begun.elapsed().as_millis(), 300);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_reset_when_the_proxy_goes_down() {
    let mut bench = Bench::new(&[]);
    bench.send(b"ok").await;
    bench.receive(2).await;
    bench.state.send_modify(|state| state.mode = Mode::Down);
    assert_eq!(bench.pumping.await.unwrap(), End::Reset);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever only slows down changes nothing else: the same bytes, in the same order.
    #[test]
    fn what_slows_down_loses_nothing(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2_000), 0..8),
        latency in 0u32..200,
        jitter in 0u32..400,
        rate in 100u64..100_000,
        size in 1usize..300,
        changes in 0usize..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async move {
            let slow = [
                Toxic::Latency { latency: latency * MS, jitter: jitter * MS },
                Toxic::Bandwidth { bytes_per_second: rate },
                Toxic::Slicer { size, pause: MS },
            ];
            let mut bench = Bench::new(&slow);
            for (index, piece) in pieces.iter().enumerate() {
                bench.send(piece).await;
                tokio::time::sleep(MS).await;
                if index < changes {
                    bench.set(&slow[index % 3..]);
                }
            }
            let expected = pieces.concat();
            assert_eq!(bench.receive(expected.len()).await, expected);
            drop(bench.client);
            assert_eq!(bench.pumping.await.unwrap(), End::Eof);
        });
    }
}
