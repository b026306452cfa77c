//! One connection through the proxy, from its first byte to its end.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    pump::{End, View, pump},
    shape::{State, Stream},
    toxic::Direction,
};

/// How long the server behind may take to accept a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// What connections share.
#[derive(Debug)]
pub(super) struct Shared {
    server: SocketAddr,
    seed: u64,
    pub(super) accepted: AtomicU64,
    pub(super) open: AtomicUsize,
}

impl Shared {
    /// Of connections to `server`; `seed` decides which of them toxics concern.
    pub(super) fn new(server: SocketAddr, seed: u64) -> Self {
        Self {
            server,
            seed,
            accepted: AtomicU64::new(0),
            open: AtomicUsize::new(0),
        }
    }
}

/// Counts a connection while it lives.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Passes a connection on to the server, until either side or a toxic ends it.
pub(super) async fn serve(mut client: TcpStream, connection: u64, shared: Arc<Shared>, state: watch::Receiver<State>) {
    let open = Open::new(shared);
    let stream = |direction| Stream {
        direction,
        connection,
        seed: open.0.seed,
        born: Instant::now(),
    };
    let mut view = View {
        state,
        stream: stream(Direction::Upstream),
    };
    view.until_open().await;
    let Ok(Ok(mut server)) = timeout(CONNECT, TcpStream::connect(open.0.server)).await else {
        let _ = client.set_zero_linger();
        return;
    };
    // Neither side is to wait for more bytes: delays are the toxics' business.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let back = View {
        state: view.state.clone(),
        stream: stream(Direction::Downstream),
    };
    if both(&mut client, &mut server, view, back).await == End::Reset {
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
}

/// Pumps both directions until both have ended, or one in a way that ends both.
async fn both(client: &mut TcpStream, server: &mut TcpStream, there: View, back: View) -> End {
    let (from_client, mut to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    let upstream = async {
        let end = pump(from_client, &mut to_server, there).await;
        half(end, &mut to_server).await
    };
    let downstream = async {
        let end = pump(from_server, &mut to_client, back).await;
        half(end, &mut to_client).await
    };
    match tokio::try_join!(upstream, downstream) {
        Ok(_) => End::Eof,
        Err(end) => end,
    }
}

/// The end of one direction is passed on; any other end is one of both.
async fn half(end: End, writer: &mut (impl tokio::io::AsyncWrite + Unpin)) -> Result<(), End> {
    match end {
        End::Eof => {
            // A side that is gone already needs no word about the end.
            let _ = tokio::io::AsyncWriteExt::shutdown(writer).await;
            Ok(())
        }
        End::Closed | End::Reset => Err(end),
    }
}
