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
    guarded::{End, Guard, Guarded},
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
    fn ended(self, _: End) {}
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
        // Looked at and taken at once, or two calls would get the last place.
        let take = |one: &&Connection| {
            let more = |streams| (streams < self.streams).then_some(streams + 1);
            one.streams
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
                .is_ok()
        };
        let one = match self.all.iter().find(take) {
            Some(roomy) => roomy,
            None => {
                let fewest = self.all.iter().min_by_key(|one| one.streams.load(Ordering::Relaxed))?;
                fewest.streams.fetch_add(1, Ordering::Relaxed);
                fewest
            }
        };
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

#[cfg(test)]
mod tests {
    use tonic::transport::Endpoint;

    use super::*;

    #[tokio::test]
    async fn the_last_place_is_given_once_and_what_is_too_much_is_spread() {
        let channels = (0..2).map(|_| Endpoint::from_static("http://127.0.0.1:1").connect_lazy());
        let connections = Connections::new(channels, 100);
        let taken = std::thread::scope(|scope| {
            let takes = || {
                (0..25)
                    .filter_map(|_| Some(connections.choose()?.1))
                    .collect::<Vec<_>>()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(takes)).collect();
            let taken = threads.into_iter().flat_map(|thread| thread.join().unwrap());
            taken.collect::<Vec<_>>()
        });
        let streams = || connections.all.iter().map(|one| one.streams.load(Ordering::Relaxed));
        assert_eq!(streams().collect::<Vec<_>>(), [100, 100]);
        let more: Vec<_> = (0..4).filter_map(|_| connections.choose()).collect();
        assert_eq!(streams().collect::<Vec<_>>(), [102, 102]);
        drop((taken, more));
        assert_eq!(streams().sum::<u32>(), 0);
    }
}
