//! Callers that ask and then do not read.
//!
//! hyper takes a piece of an answer and waits until the caller's window has room for it; meanwhile it does not look at the
//! answer any more, so no deadline inside it can end it, and a caller that never grants room would hold a permit for ever.
//! Only the task around the stream can end that: dropping it resets the stream.
//!
//! Room for one byte is enough for a piece of any size to go on to h2, and with the last piece the stream's task ends. So
//! hyper is handed an answer, however large its messages are, in small pieces: what is not taken yet stays here, with its
//! permit and its watch.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tracing::debug;

/// Largest piece that hyper is handed: a frame of HTTP/2, unless both sides agree on more.
const PIECE: usize = 16 * 1024;

/// Largest last piece of a message, which nobody waits for.
const LAST: usize = 1024;

thread_local! {
    /// Since when the stream that is polled on this thread waits for its reader.
    static WAITS: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs hyper's tasks, one for each stream, and ends those whose reader takes nothing for too long.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    /// How long a reader may take nothing.
    pub(crate) patience: Duration,
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        tokio::spawn(Attended {
            stream,
            patience: self.patience,
            waits: None,
            sleep: None,
        });
    }
}

pin_project! {
    /// A stream whose reader is watched.
    struct Attended<F> {
        #[pin]
        stream: F,
        patience: Duration,
        waits: Option<Instant>,
        sleep: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Attended<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        WAITS.set(*this.waits);
        let polled = this.stream.poll(cx);
        *this.waits = WAITS.take();
        if polled.is_ready() {
            return Poll::Ready(());
        }
        let Some(since) = *this.waits else {
            return Poll::Pending;
        };
        let due = since + *this.patience;
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        ready!(sleep.as_mut().poll(cx));
        debug!(patience = ?this.patience, "a stream was reset: its caller reads nothing");
        Poll::Ready(())
    }
}

pin_project! {
    /// A body that is handed on in small pieces, and says when it waits for its reader.
    pub(crate) struct Watched<B> {
        #[pin]
        inner: B,
        // What is left of the newest message.
        rest: Bytes,
    }
}

impl<B> Watched<B> {
    pub(crate) fn new(inner: B) -> Self {
        Self {
            inner,
            rest: Bytes::new(),
        }
    }
}

impl<B: Body<Data = Bytes>> Body for Watched<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        WAITS.set(None);
        let this = self.project();
        if this.rest.is_empty() {
            match ready!(this.inner.poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => *this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        WAITS.set(Some(Instant::now()));
        let piece = this.rest.split_to(piece(this.rest.len()));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(rest));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

/// How much of a message of which so much is left goes next.
fn piece(left: usize) -> usize {
    match left > LAST {
        true => PIECE.min(left - LAST),
        false => left,
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::stream;
    use http_body_util::{BodyExt as _, Full, StreamBody};
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A stream whose reader takes its one piece after a while, and which takes a while more to end.
    async fn stream(reads_after: Duration, ends_after: Duration) {
        let mut body = Watched::new(Full::new(Bytes::from_static(b"a piece")));
        assert!(body.frame().await.is_some());
        tokio::time::sleep(reads_after).await;
        assert!(body.frame().await.is_none());
        tokio::time::sleep(ends_after).await;
    }

    async fn took(stream: impl Future<Output = ()>) -> Duration {
        let begin = Instant::now();
        let mut attended = std::pin::pin!(Attended {
            stream,
            patience: PATIENCE,
            waits: None,
            sleep: None,
        });
        poll_fn(|cx| attended.as_mut().poll(cx)).await;
        begin.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_left() {
        let hour = Duration::from_secs(3600);
        let took = took(stream(hour, hour)).await;
        assert!(took >= PATIENCE && took < PATIENCE * 2, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_its_time_and_an_answer_that_does_are_not() {
        let hour = Duration::from_secs(3600);
        assert!(took(stream(PATIENCE / 2, hour)).await >= hour);
    }

    #[tokio::test(start_paused = true)]
    async fn streams_on_one_thread_do_not_mix() {
        let hour = Duration::from_secs(3600);
        let (slow, good) = tokio::join!(took(stream(hour, hour)), took(stream(Duration::ZERO, hour)));
        assert!(slow < hour && good >= hour, "{slow:?} {good:?}");
    }

    proptest! {
        #[test]
        fn pieces_are_small_and_joined_they_are_the_answer(sizes in proptest::collection::vec(0_usize..100_000, 0..5)) {
            let messages: Vec<Bytes> = sizes.iter().map(|size| (0..*size).map(|byte| byte as u8).collect()).collect();
            let frames: Vec<Result<_, ()>> = messages.iter().cloned().map(|message| Ok(Frame::data(message))).collect();
            let mut body = Watched::new(StreamBody::new(stream::iter(frames)));
            let mut joined = Vec::new();
            let mut context = Context::from_waker(std::task::Waker::noop());
            while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut context) {
                let piece = frame.into_data().unwrap();
                prop_assert!(piece.len() <= PIECE);
                // Whoever has not been handed everything is still waited for.
                prop_assert!(body.rest.is_empty() || !body.is_end_stream());
                prop_assert!(!body.rest.is_empty() || piece.len() <= LAST);
                joined.extend(piece);
            }
            prop_assert_eq!(joined, messages.concat());
        }
    }
}
