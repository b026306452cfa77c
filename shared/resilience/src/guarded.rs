//! A response's body with something that must know how it ends.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// What wants to know how a body ends. Dropped unasked: nobody waited for the end.
pub trait Guard {
    /// The body is at its end.
    fn ended(self, end: End);
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As its sender meant it, and in no way that speaks against it.
    Well,
    /// With a status that speaks against its sender.
    Failed,
    /// It broke off, with its connection or its sender.
    Lost,
}

pin_project! {
    /// A body that tells its guard how it ends.
    pub struct Guarded<B, G> {
        #[pin]
        inner: B,
        guard: Option<G>,
    }
}

impl<B, G> Guarded<B, G> {
    /// A body and its guard.
    pub fn new(inner: B, guard: G) -> Self {
        Self {
            inner,
            guard: Some(guard),
        }
    }
}

impl<B: Body<Data = Bytes>, G: Guard> Body for Guarded<B, G> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        let end = match &frame {
            Some(Ok(frame)) => frame.trailers_ref().map(said),
            // A stream that ends without trailers was broken off.
            Some(Err(_)) | None => Some(End::Lost),
        };
        if let (Some(end), Some(guard)) = (end, this.guard.take_if(|_| end.is_some())) {
            guard.ended(end);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// What trailers tell: UNKNOWN, INTERNAL, UNAVAILABLE and DATA_LOSS are faults of the sender.
fn said(trailers: &http::HeaderMap) -> End {
    match trailers.get("grpc-status").map(|value| value.as_bytes()) {
        None | Some(b"2" | b"13" | b"14" | b"15") => End::Failed,
        Some(_) => End::Well,
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use futures_util::stream;
    use http::HeaderMap;
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    struct Note<'a>(&'a Cell<Option<End>>);

    impl Guard for Note<'_> {
        fn ended(self, end: End) {
            self.0.set(Some(end));
        }
    }

    async fn end(status: Option<&str>) -> Option<End> {
        let trailers = status.map(|status| {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", status.parse().unwrap());
            Frame::trailers(trailers)
        });
        let frames = [Some(Frame::data(Bytes::from("x"))), trailers];
        let body = StreamBody::new(stream::iter(frames.into_iter().flatten().map(Ok::<_, Infallible>)));
        let note = Cell::new(None);
        let mut body = Guarded::new(body, Note(&note));
        let _ = body.frame().await;
        assert_eq!(note.get(), None, "data is no end");
        while body.frame().await.is_some() {}
        note.get()
    }

    #[tokio::test]
    async fn ends_are_told_by_trailers_or_their_absence() {
        for (status, expected) in [
            (Some("0"), End::Well),
            (Some("4"), End::Well),
            (Some("14"), End::Failed),
            (None, End::Lost),
        ] {
            assert_eq!(end(status).await, Some(expected), "{status:?}");
        }
    }
}
