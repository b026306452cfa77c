//! Moves the bytes of one direction, spoilt as toxics say; knows no sockets.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::shape::{Mode, Shape, State, Stream};

/// Bytes of one read.
const CHUNK: usize = 16 * 1024;
/// Reads that may be on their way at the same time: latency must not cost bandwidth.
const CHUNKS: usize = 64;
/// At a limited bandwidth, so much time's worth of bytes is written at once.
const QUANTUM: Duration = Duration::from_millis(20);

/// How a direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The sender has said all, and that was passed on.
    Eof,
    /// Both directions are to be closed.
    Closed,
    /// Both directions are to be reset.
    Reset,
}

/// One direction's look at what decides about it.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) state: watch::Receiver<State>,
    pub(super) stream: Stream,
}

impl View {
    fn shape(&mut self) -> Shape {
        Shape::of(&self.state.borrow_and_update(), &self.stream)
    }

    /// Waits until something else decides; for ever where nobody is left who could.
    async fn changed(&mut self) {
        if self.state.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the proxy is no black hole.
    pub(super) async fn until_open(&mut self) {
        while self.state.borrow_and_update().mode == Mode::BlackHole {
            self.changed().await;
        }
    }
}

struct Chunk {
    arrived: Instant,
    bytes: Vec<u8>,
}

/// The sender's connection broke.
struct Broken;

/// Moves bytes from `reader` to `writer` until either ends or a toxic does.
pub(super) async fn pump(reader: impl AsyncRead + Unpin, writer: &mut (impl AsyncWrite + Unpin), view: View) -> End {
    let (sender, chunks) = mpsc::channel(CHUNKS);
    let mut line = Line {
        dice: fastrand::Rng::with_seed(view.stream.seed ^ view.stream.connection),
        view,
        sent: 0,
        counted_from: Vec::new(),
    };
    let reading = async {
        read_all(reader, sender).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        end = line.write_all(chunks, writer) => end.unwrap_or_else(|end| end),
        () = reading => unreachable!("it never ends"),
    }
}

async fn read_all(mut reader: impl AsyncRead + Unpin, chunks: mpsc::Sender<Result<Chunk, Broken>>) {
    loop {
        let mut bytes = Vec::with_capacity(CHUNK);
        let item = match reader.read_buf(&mut bytes).await {
            Ok(0) => return,
            Ok(_) => Ok(Chunk {
                arrived: Instant::now(),
                bytes,
            }),
            Err(_) => Err(Broken),
        };
        let broken = item.is_err();
        // Whoever writes is done before whoever reads only if the connection is.
        if chunks.send(item).await.is_err() || broken {
            return;
        }
    }
}

struct Line {
    view: View,
    dice: fastrand::Rng,
    sent: u64,
    /// What was sent when each limit was first seen, by the toxic's id.
    counted_from: Vec<(u64, u64)>,
}

impl Line {
    async fn write_all(
        &mut self,
        mut chunks: mpsc::Receiver<Result<Chunk, Broken>>,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<End, End> {
        loop {
            match self.unless_ended(chunks.recv()).await? {
                Some(Ok(chunk)) => self.write(chunk, writer).await?,
                Some(Err(Broken)) => return Err(End::Reset),
                None => break,
            }
        }
        let end = Instant::now();
        loop {
            let shape = self.shape();
            let due = end + shape.slow_close;
            if !shape.held && due <= Instant::now() {
                return Ok(End::Eof);
            }
            self.nap(&shape, due).await?;
        }
    }

    async fn write(&mut self, chunk: Chunk, writer: &mut (impl AsyncWrite + Unpin)) -> Result<(), End> {
        let dice = self.dice.f64() * 2.0 - 1.0;
        let mut rest = &chunk.bytes[..];
        // When the next piece may be written, as the pieces before it say.
        let mut paced: Option<Instant> = None;
        while !rest.is_empty() {
            let shape = self.shape();
            let left = self.left(&shape);
            if left == 0 {
                return Err(End::Closed);
            }
            let (count, pause) = piece(&shape, rest.len());
            let count = count.min(usize::try_from(left).unwrap_or(usize::MAX));
            let arrives = chunk.arrived + shape.delay(dice);
            let due = arrives.max(*paced.get_or_insert_with(|| Instant::now().max(arrives)) + pause);
            if shape.held || due > Instant::now() {
                // Whatever has changed meanwhile is looked at anew.
                self.nap(&shape, due).await?;
                if self.view.state.has_changed().unwrap_or(false) || shape.held {
                    continue;
                }
            }
            if self.unless_ended(writer.write_all(&rest[..count])).await?.is_err() {
                return Err(End::Reset);
            }
            rest = &rest[count..];
            self.sent += count as u64;
            paced = Some(due);
        }
        let shape = self.shape();
        match self.left(&shape) {
            0 => Err(End::Closed),
            _ => Ok(()),
        }
    }

    fn shape(&mut self) -> Shape {
        self.view.shape()
    }

    /// Bytes that limits leave.
    fn left(&mut self, shape: &Shape) -> u64 {
        let mut left = u64::MAX;
        for (id, bytes) in &shape.limits {
            let known = self.counted_from.iter().find(|(known, _)| known == id);
            let from = known.map_or(self.sent, |(_, from)| *from);
            if known.is_none() {
                self.counted_from.push((*id, from));
            }
            left = left.min(bytes.saturating_sub(self.sent - from));
        }
        left
    }

    /// Waits until then, or until something has changed; fails where the connection ends first.
    async fn nap(&mut self, shape: &Shape, until: Instant) -> Result<(), End> {
        tokio::select! {
            biased;
            end = ended(shape) => Err(end),
            () = self.view.changed() => {
                // It counts as not seen yet: the caller looks at it.
                self.view.state.mark_changed();
                Ok(())
            }
            () = sleep_until(until), if !shape.held => Ok(()),
        }
    }

    /// The outcome of `work`, unless a toxic ends the connection first.
    async fn unless_ended<T>(&mut self, work: impl Future<Output = T>) -> Result<T, End> {
        tokio::pin!(work);
        loop {
            let shape = self.shape();
            tokio::select! {
                biased;
                end = ended(&shape) => return Err(end),
                () = self.view.changed() => {}
                done = &mut work => return Ok(done),
            }
        }
    }
}

/// Bytes of the next piece, and the pause before it.
fn piece(shape: &Shape, rest: usize) -> (usize, Duration) {
    let (size, mut pause) = shape.slice.unwrap_or((rest, Duration::ZERO));
    let mut count = size.min(rest);
    if let Some(rate) = shape.bytes_per_second {
        let quantum = (rate as f64 * QUANTUM.as_secs_f64()).max(1.0) as usize;
        count = count.min(quantum);
        pause += Duration::from_secs_f64(count as f64 / rate as f64);
    }
    (count, pause)
}

/// Ends when the shape ends the connection.
async fn ended(shape: &Shape) -> End {
    let at = |when: Option<Instant>| async move {
        match when {
            // What is past is past, whenever the timer next looks.
            Some(when) if when <= Instant::now() => {}
            Some(when) => sleep_until(when).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = at(shape.reset_at) => End::Reset,
        () = at(shape.close_at) => End::Closed,
    }
}

#[cfg(test)]
#[path = "pump_tests.rs"]
mod tests;
