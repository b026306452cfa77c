//! What is done with a call before anything else: who may not call is refused before it takes a place, and what callers
//! may not bring is taken away.

use std::{
    fmt,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::Either;
use http::{Request, Response, request::Parts};
use plexus_resilience::refuse;
use tonic::Status;
use tower::{Layer, Service};

/// What is done with the head of a call.
type Look = dyn Fn(&mut Parts) -> Result<(), Status> + Send + Sync;

/// Looks at the head of a call, may change it, and lets it in or not. Must not block.
#[derive(Clone)]
pub struct Edge(Arc<Look>);

impl Edge {
    /// An edge that does this.
    pub fn new(look: impl Fn(&mut Parts) -> Result<(), Status> + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    /// Looks at the head of a call.
    ///
    /// # Errors
    /// Why it is not let in.
    pub fn look(&self, head: &mut Parts) -> Result<(), Status> {
        (self.0)(head)
    }

    /// Lets everybody in as they are.
    pub fn open() -> Self {
        Self::new(|_| Ok(()))
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Edge(…)")
    }
}

/// Stands at the edge.
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    inner: S,
    edge: Edge,
}

impl<S> Layer<S> for Edge {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        let edge = self.clone();
        Guarded { inner, edge }
    }
}

impl<S, A, B> Service<Request<A>> for Guarded<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<B>, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        match self.edge.look(&mut head) {
            Ok(()) => Either::Left(self.inner.call(Request::from_parts(head, body))),
            Err(status) => Either::Right(ready(Ok(refuse(status)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt as _, service_fn};

    use super::*;

    #[tokio::test]
    async fn who_is_refused_reaches_nobody_and_what_is_taken_away_neither() {
        let inner = service_fn(|request: Request<()>| async move {
            assert!(!request.headers().contains_key("secret"));
            Ok::<_, Infallible>(Response::new(String::from("inside")))
        });
        let edge = Edge::new(|head| {
            head.headers.remove("secret");
            match head.headers.contains_key("key") {
                true => Ok(()),
                false => Err(Status::unauthenticated("no key")),
            }
        });
        let ask = |headers: &[(&'static str, &'static str)]| {
            let mut request = Request::new(());
            for (name, value) in headers {
                request.headers_mut().insert(*name, value.parse().unwrap());
            }
            edge.layer(inner).oneshot(request)
        };
        let answer = ask(&[("key", "x"), ("secret", "y")]).await.unwrap();
        assert_eq!(answer.body(), "inside");
        let answer = ask(&[("secret", "y")]).await.unwrap();
        assert_eq!(
            (answer.body().as_str(), &answer.headers()["grpc-status"]),
            ("", &"16".parse().unwrap())
        );
    }
}
