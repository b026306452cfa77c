//! Requests while they arrive: how long that may take, and how much of all of them together may be kept meanwhile.
//!
//! A call has its permit before its body is read, so a caller that sends its message slowly would hold one for as long as
//! it likes; and a process that keeps the beginnings of many large messages runs out of memory.

use std::{
    future::Future as _,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use plexus_errors::{ErrorCode, ServiceError};
use tokio::time::{Sleep, sleep};
use tonic::Status;

/// Bytes of requests that have not arrived in full. Clones are the same count.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    kept: Arc<AtomicU64>,
    limit: u64,
}

impl Arrivals {
    /// Room for that many bytes.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            kept: Arc::default(),
            limit,
        }
    }
}

/// What a body keeps of the room.
#[derive(Debug)]
struct Kept {
    arrivals: Arrivals,
    bytes: u64,
}

impl Kept {
    /// Whether there is room for more.
    fn more(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        self.arrivals.kept.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.arrivals.limit
    }

    fn release(&mut self) {
        self.arrivals.kept.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = 0;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.release();
    }
}

pin_project! {
    /// A request's body that must arrive in time.
    pub(crate) struct Arriving<B> {
        #[pin]
        inner: B,
        #[pin]
        sleep: Sleep,
        kept: Kept,
    }
}

impl<B> Arriving<B> {
    /// `patience`: how long it may take to its end.
    pub(crate) fn new(inner: B, patience: Duration, arrivals: Arrivals) -> Self {
        Self {
            inner,
            sleep: sleep(patience),
            kept: Kept { arrivals, bytes: 0 },
        }
    }
}

impl<B> Body for Arriving<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        match this.inner.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                if !this.kept.more(bytes) {
                    this.kept.release();
                    let text = "too many large requests at once; try again later";
                    let error = ServiceError::new(ErrorCode::ResourceExhausted, text)
                        .retry_after(Duration::from_secs(1))
                        .info("OVERLOADED", Vec::new());
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(Status::from_error(error.into())))),
            Poll::Ready(None) => {
                this.kept.release();
                Poll::Ready(None)
            }
            Poll::Pending => {
                std::task::ready!(this.sleep.poll(cx));
                this.kept.release();
                let error = ServiceError::new(ErrorCode::DeadlineExceeded, "the request did not arrive in time");
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};
    use tonic::Code;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A piece each second.
    fn pieces(count: usize) -> impl Body<Data = Bytes, Error = Status> + Unpin {
        let pieces = stream::iter(0..count).then(|_| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Status>(Frame::data(Bytes::from_static(b"0123456789")))
        });
        StreamBody::new(Box::pin(pieces))
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_trickles_is_ended_in_time() {
        let arrivals = Arrivals::new(1_000);
        let slow = Arriving::new(pieces(60), PATIENCE, arrivals.clone());
        let status = Box::pin(slow).collect().await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let good = Arriving::new(pieces(10), PATIENCE, arrivals.clone());
        let body = Box::pin(good).collect().await.unwrap();
        assert_eq!(body.to_bytes().len(), 100);
        assert_eq!(arrivals.kept.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_arrives_at_the_same_time_has_a_limit() {
        let arrivals = Arrivals::new(150);
        let body = || Box::pin(Arriving::new(pieces(10), PATIENCE, arrivals.clone()));
        let (one, other) = tokio::join!(body().collect(), body().collect());
        let codes = [one, other].map(|body| body.map(drop).map_err(|status| status.code()));
        assert!(
            codes.contains(&Ok(())) && codes.contains(&Err(Code::ResourceExhausted)),
            "{codes:?}"
        );
        assert_eq!(arrivals.kept.load(Ordering::Relaxed), 0);
    }
}
