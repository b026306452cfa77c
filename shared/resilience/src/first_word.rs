//! Turns a stream of HTTP into an attempt that is done with its first word: only what came before can be tried again.
//!
//! tonic's response future is done with the response's *head*, which servers of streams send before they know anything. Here
//! the first message is awaited too, and an error that comes instead of one becomes a [`Fault`].

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use pin_project_lite::pin_project;
use tonic::Status;
use tower::{BoxError, Layer, Service, ServiceExt as _};

use crate::{
    call::{Attempt, Call, Fault},
    deadline,
};

/// Sends calls over an HTTP service and waits for the first word.
#[derive(Debug, Clone)]
pub struct FirstWord<S> {
    inner: S,
}

/// Makes [`FirstWord`]s.
pub fn layer<S>() -> impl Layer<S, Service = FirstWord<S>> + Clone {
    tower::layer::layer_fn(|inner| FirstWord { inner })
}

impl<S, B> Service<Call> for FirstWord<S>
where
    S: Service<Request<tonic::body::Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Begun<B>>;
    type Error = Fault;
    type Future = Attempt<Begun<B>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let service = self.inner.clone();
        Box::pin(async move {
            let broken = |error: BoxError| match timed_out(&*error) {
                // tonic has a clock of its own, set by `grpc-timeout`, and calls that CANCELLED.
                true => Fault::Failed(deadline::exceeded()),
                false => Fault::Failed(Status::from_error(error)),
            };
            let request = || call.clone().map(|message| tonic::body::Body::new(Full::new(message)));
            let first = service.clone().oneshot(request()).await.map_err(Into::<BoxError>::into);
            let response = match first {
                // The connection was being closed: the server has not begun with this call, and may be well.
                Err(error) if unseen(&*error) => service.oneshot(request()).await.map_err(|error| broken(error.into())),
                first => first.map_err(broken),
            }?;
            if let Some(status) = status(response.headers()) {
                return Err(Fault::Failed(status));
            }
            let (head, mut body) = response.into_parts();
            match body.frame().await {
                Some(Ok(frame)) => {
                    if let Some(status) = frame.trailers_ref().and_then(status) {
                        return Err(Fault::Failed(status));
                    }
                    let body = Begun {
                        first: Some(frame),
                        rest: body,
                    };
                    Ok(Response::from_parts(head, body))
                }
                Some(Err(error)) => Err(broken(error.into())),
                // A good status and no message: the whole answer.
                None if head.headers.contains_key("grpc-status") => {
                    let body = Begun {
                        first: None,
                        rest: body,
                    };
                    Ok(Response::from_parts(head, body))
                }
                None => Err(Fault::Failed(Status::unavailable("the stream ended before it began"))),
            }
        })
    }
}

/// Whether tonic's own clock ended a call.
fn timed_out(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<tonic::TimeoutExpired>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether the server is known not to have seen a call that failed so: gRPC's transparent retry (proposal A6).
fn unseen(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_canceled()
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let closing = error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
            return closing || (error.is_remote() && error.reason() == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}

/// The status in headers or trailers, if it is not the good one.
fn status(headers: &http::HeaderMap) -> Option<Status> {
    Status::from_header_map(headers).filter(|status| status.code() != tonic::Code::Ok)
}

pin_project! {
    /// A body whose first frame has come already.
    pub struct Begun<B> {
        first: Option<Frame<Bytes>>,
        #[pin]
        rest: B,
    }
}

impl<B: Body<Data = Bytes>> Body for Begun<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        match this.first.take() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None => Poll::Ready(ready!(this.rest.poll_frame(cx))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http::HeaderMap;
    use http_body_util::StreamBody;
    use tonic::Code;
    use tower::service_fn;

    use super::*;

    #[derive(Clone, Copy)]
    enum Sent {
        Word,
        End(&'static str),
    }

    impl Sent {
        fn frame(self) -> Frame<Bytes> {
            match self {
                Self::Word => Frame::data(Bytes::from("word")),
                Self::End(status) => {
                    let mut trailers = HeaderMap::new();
                    trailers.insert("grpc-status", status.parse().unwrap());
                    Frame::trailers(trailers)
                }
            }
        }
    }

    async fn ask(sent: &'static [Sent]) -> Result<usize, Fault> {
        let service = service_fn(move |_: Request<tonic::body::Body>| async move {
            let frames = sent.iter().map(|one| Ok::<_, Status>(one.frame()));
            Ok::<_, Infallible>(Response::new(StreamBody::new(stream::iter(frames))))
        });
        let mut service = layer().layer(service);
        let mut body = service.call(Request::new(Bytes::new())).await?.into_body();
        let mut count = 0;
        while body.frame().await.is_some() {
            count += 1;
        }
        Ok(count)
    }

    #[tokio::test]
    async fn an_answer_is_whole_and_an_error_before_it_is_a_fault() {
        use Sent::{End, Word};
        assert_eq!(ask(&[Word, Word, End("0")]).await.unwrap(), 3);
        // After the first word it is the reader's.
        assert_eq!(ask(&[Word, End("14")]).await.unwrap(), 2);
        let fault = ask(&[End("14")]).await.unwrap_err();
        assert!(
            matches!(&fault, Fault::Failed(status) if status.code() == Code::Unavailable),
            "{fault:?}"
        );
        assert!(ask(&[]).await.is_err());
    }
}
