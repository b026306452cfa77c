//! The trace store of a mesh, inside this process.

use std::net::{Ipv4Addr, SocketAddr};

use plexus_tracestore::{BindError, Config, TraceStore};
use tokio::{sync::oneshot, task::JoinHandle};

/// Where OTLP and Jaeger's query API usually are.
const OTLP: u16 = 4317;
const QUERY: u16 = 16686;

/// A store that is being served.
#[derive(Debug)]
pub(super) struct Traces {
    pub(super) otlp: SocketAddr,
    pub(super) query: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Traces {
    pub(super) async fn start(ephemeral: bool) -> Result<Self, BindError> {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, if ephemeral { 0 } else { port }));
        let store = TraceStore::bind(Config::new(at(OTLP), at(QUERY))).await?;
        let (otlp, query) = (store.otlp_addr(), store.query_addr());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            // Without its store the mesh goes on; what is missing is seen when a trace is looked for.
            let _ = store.serve(stopped).await;
        });
        Ok(Self {
            otlp,
            query,
            stop,
            task,
        })
    }

    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
