//! The routers as a generator of load sees them: many connections, and another router where one has refused.

use std::{
    error::Error,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use plexus_proto::v1::router_service_client::RouterServiceClient;
use tonic::{Status, transport::Endpoint};

use crate::ask::Router;

/// Connections to one or more routers.
///
/// The rule of failing over: a call goes to another router only where it is certain that the first one has not begun it:
/// nobody accepted the connection, the connection ended before the call was written, or the router said so (GOAWAY with
/// NO_ERROR, or REFUSED_STREAM: RFC 9113, section 8.7). Everything else is the caller's failure.
#[derive(Debug)]
pub struct Doors {
    routers: Vec<Vec<Router>>,
    next: AtomicUsize,
}

impl Doors {
    /// `connections` to each router, made when they are needed. Must be called inside a Tokio runtime.
    ///
    /// # Panics
    /// Never: an address makes a URL.
    pub fn new(routers: &[SocketAddr], connections: usize) -> Self {
        let connect = |address: &SocketAddr| {
            let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address makes a URL");
            let endpoint = endpoint.tcp_nodelay(true).connect_timeout(Duration::from_secs(1));
            (0..connections)
                .map(|_| RouterServiceClient::new(endpoint.connect_lazy()))
                .collect()
        };
        Self {
            routers: routers.iter().map(connect).collect(),
            next: AtomicUsize::new(0),
        }
    }

    /// A connection to each router, in the order in which they are to be tried: in turn, so that each gets its share.
    pub fn in_turn(&self) -> Vec<Router> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.routers.len();
        (0..count)
            .map(|index| {
                let connections = &self.routers[(turn + index) % count];
                connections[(turn / count) % connections.len()].clone()
            })
            .collect()
    }
}

/// Whether a call that ended so was certainly never begun.
pub(crate) fn never_begun(status: &Status) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = status.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_canceled()
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.reason() == Some(h2::Reason::REFUSED_STREAM);
            let leaving = error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
            if refused || leaving {
                return true;
            }
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>()
            && error.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use plexus_proto::v1::{AnswerRequest, Domain, specialist_service_client::SpecialistServiceClient};
    use plexus_testkit::fault::Proxy;

    use super::*;
    use crate::{
        ask::{ask, connect},
        stub::{Manner, StubSpecialist},
    };

    #[tokio::test]
    async fn only_what_was_certainly_not_begun_goes_elsewhere() {
        let nobody = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        let mut router = Doors::new(&[nobody], 1).in_turn().swap_remove(0);
        let status = router.ask(ask("1 + 1")).await.unwrap_err();
        assert!(never_begun(&status), "{status:?}");

        // A word of the server, and a connection that ends under a call.
        let failing = Manner {
            errors: 1.0,
            ..Manner::default()
        };
        let stub = StubSpecialist::start("a", Domain::Math, failing, 1).await;
        let proxy = Proxy::start(stub.address, 1).await.unwrap();
        let mut client = SpecialistServiceClient::new(connect(&format!("http://{}", proxy.address())).await);
        let status = client.answer(AnswerRequest::default()).await.unwrap_err();
        assert!(!never_begun(&status), "{status:?}");
        stub.behave(Manner {
            hangs: true,
            ..Manner::default()
        });
        let mut calling = client.clone();
        let call = tokio::spawn(async move { calling.answer(AnswerRequest::default()).await });
        plexus_testkit::eventually!(stub.served().in_flight == 1, crate::DEADLINE);
        proxy.down().await;
        let status = call.await.unwrap().unwrap_err();
        assert!(!never_begun(&status), "{status:?}");
    }
}
