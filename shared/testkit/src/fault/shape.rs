//! What several toxics come to for one direction of one connection: a pure function.

use std::time::Duration;

use tokio::time::Instant;

use super::toxic::{Direction, Entry, Toxic};

/// What the proxy as a whole does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It passes on, but for toxics.
    Open,
    /// It refuses, and resets what lives.
    Down,
    /// Nothing gets through, nobody is told.
    BlackHole,
}

/// Everything that decides about connections, at one moment.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) mode: Mode,
    pub(super) toxics: Vec<Entry>,
}

/// One direction of one connection, as toxics see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream {
    pub(super) direction: Direction,
    /// The number of the connection.
    pub(super) connection: u64,
    pub(super) seed: u64,
    pub(super) born: Instant,
}

/// What toxics come to.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Shape {
    pub(super) latency: Duration,
    pub(super) jitter: Duration,
    pub(super) bytes_per_second: Option<u64>,
    pub(super) slow_close: Duration,
    pub(super) slice: Option<(usize, Duration)>,
    /// Nothing gets through.
    pub(super) held: bool,
    pub(super) close_at: Option<Instant>,
    pub(super) reset_at: Option<Instant>,
    /// Bytes that each of these toxics lets through, by its id.
    pub(super) limits: Vec<(u64, u64)>,
}

impl Shape {
    /// What `state` means for `stream`.
    pub(super) fn of(state: &State, stream: &Stream) -> Self {
        let mut shape = Self::default();
        match state.mode {
            Mode::Open => {}
            Mode::Down => shape.reset_at = Some(stream.born),
            Mode::BlackHole => shape.held = true,
        }
        let ours = |entry: &&Entry| entry.spoil.direction == stream.direction && drawn(entry, stream);
        for entry in state.toxics.iter().filter(ours) {
            let since = entry.since.max(stream.born);
            match entry.spoil.toxic {
                Toxic::Latency { latency, jitter } => {
                    shape.latency += latency;
                    shape.jitter += jitter;
                }
                Toxic::Bandwidth { bytes_per_second } => {
                    least(&mut shape.bytes_per_second, bytes_per_second.max(1));
                }
                Toxic::SlowClose { delay } => shape.slow_close = shape.slow_close.max(delay),
                Toxic::Timeout { after } => {
                    shape.held = true;
                    if let Some(after) = after {
                        least(&mut shape.close_at, since + after);
                    }
                }
                Toxic::ResetPeer { after } => least(&mut shape.reset_at, since + after),
                Toxic::Slicer { size, pause } => least(&mut shape.slice, (size.max(1), pause)),
                Toxic::LimitData { bytes } => shape.limits.push((entry.id, bytes)),
            }
        }
        shape
    }

    /// How much later a piece arrives; `dice` from -1 to 1.
    pub(super) fn delay(&self, dice: f64) -> Duration {
        let jitter = self.jitter.mul_f64(dice.abs());
        match dice < 0.0 {
            true => self.latency.saturating_sub(jitter),
            false => self.latency + jitter,
        }
    }
}

fn least<T: PartialOrd>(slot: &mut Option<T>, value: T) {
    if slot.as_ref().is_none_or(|before| value < *before) {
        *slot = Some(value);
    }
}

/// Whether a toxic concerns a connection: a draw that is the same each time it is asked for.
fn drawn(entry: &Entry, stream: &Stream) -> bool {
    let seed = stream.seed ^ stream.connection.rotate_left(32) ^ entry.id.rotate_left(17);
    fastrand::Rng::with_seed(seed).f64() < entry.spoil.toxicity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Spoil;

    fn stream(connection: u64) -> Stream {
        Stream {
            direction: Direction::Upstream,
            connection,
            seed: 7,
            born: Instant::now(),
        }
    }

    fn state(spoils: &[Spoil]) -> State {
        let entry = |(id, spoil): (usize, &Spoil)| Entry {
            name: id.to_string(),
            id: id as u64,
            spoil: *spoil,
            since: Instant::now(),
        };
        State {
            mode: Mode::Open,
            toxics: spoils.iter().enumerate().map(entry).collect(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn several_add_up_or_the_worst_counts() {
        let ms = Duration::from_millis;
        let latency = |latency| Spoil::upstream(Toxic::Latency { latency, jitter: ms(1) });
        let bandwidth = |bytes_per_second| Spoil::upstream(Toxic::Bandwidth { bytes_per_second });
        let reset = |after| Spoil::upstream(Toxic::ResetPeer { after });
        let shape = Shape::of(
            &state(&[
                latency(ms(10)),
                latency(ms(5)),
                bandwidth(100),
                bandwidth(50),
                reset(ms(9)),
                reset(ms(3)),
                Spoil::downstream(Toxic::Timeout { after: None }),
            ]),
            &stream(1),
        );
        assert_eq!((shape.latency, shape.jitter), (ms(15), ms(2)));
        assert_eq!(shape.bytes_per_second, Some(50));
        assert_eq!(shape.reset_at, Some(Instant::now() + ms(3)));
        assert!(!shape.held, "that one is about the other direction");
        assert_eq!((shape.delay(1.0), shape.delay(-0.5)), (ms(17), ms(14)));
    }

    #[tokio::test(start_paused = true)]
    async fn toxicity_is_a_share_of_connections_and_the_same_each_time() {
        let state = state(&[Spoil::upstream(Toxic::Timeout { after: None }).with_toxicity(0.25)]);
        let held = |connection| Shape::of(&state, &stream(connection)).held;
        let count = (0..10_000).filter(|connection| held(*connection)).count();
        assert!((2_300..2_700).contains(&count), "{count}");
        assert!((0..100).all(|connection| held(connection) == held(connection)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_that_is_down_or_a_black_hole_needs_no_toxics() {
        let of = |mode| Shape::of(&State { mode, ..state(&[]) }, &stream(1));
        assert!(of(Mode::Down).reset_at.is_some());
        assert!(of(Mode::BlackHole).held);
        assert_eq!(of(Mode::Open), Shape::default());
    }
}
