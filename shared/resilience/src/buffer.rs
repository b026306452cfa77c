//! Between tonic's clients and the layers that can make a call again: reads the one message of a request, and turns what came of
//! all attempts into a response.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt as _;
use tonic::Status;
use tower::{BoxError, Layer, Service, ServiceExt as _};

use crate::call::{Call, Fault};

/// Makes calls of requests, and responses of faults.
#[derive(Debug, Clone)]
pub struct Buffered<S> {
    inner: S,
}

/// Makes [`Buffered`]s.
pub fn layer<S>() -> impl Layer<S, Service = Buffered<S>> + Clone {
    tower::layer::layer_fn(|inner| Buffered { inner })
}

type Responding = Pin<Box<dyn Future<Output = Result<Response<tonic::body::Body>, BoxError>> + Send>>;

impl<S, B> Service<Request<tonic::body::Body>> for Buffered<S>
where
    S: Service<Call, Response = Response<B>, Error = Fault> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<tonic::body::Body>;
    type Error = BoxError;
    type Future = Responding;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<tonic::body::Body>) -> Self::Future {
        let service = self.inner.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            // One message is one frame: nothing is copied.
            let message = body.collect().await?.to_bytes();
            match service.oneshot(Request::from_parts(head, message)).await {
                Ok(response) => Ok(response.map(tonic::body::Body::new)),
                Err(fault) => Ok(status(fault)),
            }
        })
    }
}

/// A response that is nothing but the status of a fault.
fn status(fault: Fault) -> Response<tonic::body::Body> {
    let status: Status = fault.into_status();
    status.into_http()
}
