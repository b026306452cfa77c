//! The connections to one replica: as few as its calls need, for a server takes only so many streams on each.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response};
use plexus_resilience::{
    deadline,
    guarded::{Guard, Guarded},
    priority::{self, Priority},
};
use tonic::{body::Body, transport::Channel};
use tower::{BoxError, Service, ServiceExt as _};

/// Sends requests over the first connection that has room.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    all: Arc<[Connection]>,
    /// Streams on one connection.
    streams: u32,
}

#[derive(Debug)]
struct Connection {
    channel: Channel,
    streams: Arc<AtomicU32>,
}

/// A stream of a connection; gives its place back when it is dropped.
#[derive(Debug)]
pub(crate) struct Stream(Arc<AtomicU32>);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Guard for Stream {
    fn ended(self, _: bool) {}
}

impl Connections {
    /// Connections that take `streams` each; none is made before it is needed.
    pub(crate) fn new(channels: impl Iterator<Item = Channel>, streams: u32) -> Self {
        let connection = |channel| Connection {
            channel,
            streams: Arc::default(),
        };
        Self {
            all: channels.map(connection).collect(),
            streams,
        }
    }

    /// The first connection with room; where there is none, the one with the fewest streams.
    fn choose(&self) -> Option<(&Connection, Stream)> {
        let streams = |one: &&Connection| one.streams.load(Ordering::Relaxed);
        let roomy = self.all.iter().find(|one| streams(one) < self.streams);
        let one = roomy.or_else(|| self.all.iter().min_by_key(streams))?;
        one.streams.fetch_add(1, Ordering::Relaxed);
        Some((one, Stream(one.streams.clone())))
    }
}

impl Service<Request<Body>> for Connections {
    type Response = Response<Guarded<Body, Stream>>;
    type Error = BoxError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        deadline::forward(&mut request);
        if request.extensions().get() == Some(&Priority::Batch) {
            let value = HeaderValue::from_static(Priority::Batch.name());
            request.headers_mut().insert(priority::HEADER, value);
        }
        let chosen = self.choose().map(|(one, stream)| (one.channel.clone(), stream));
        Box::pin(async move {
            let (channel, stream) = chosen.ok_or("no connection is configured")?;
            let response = channel.oneshot(request).await?;
            Ok(response.map(|body| Guarded::new(body, stream)))
        })
    }
}
