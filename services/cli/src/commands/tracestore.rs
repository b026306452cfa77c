//! `plexus tracestore`: the trace store of `plexus up`, as a process of its own.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use plexus_tracestore::{Config, TraceStore as Store};

use super::stop::Stop;
use crate::{
    args::deploy::TraceStore,
    failure::{Failure, code},
    output,
};

/// How long the one that runs may take to say that it does.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(args: TraceStore) -> Result<(), Failure> {
    if args.health {
        return healthy(args.http).await;
    }
    let mut stop = Stop::new(false)?;
    let config = Config {
        max_traces: args.max_traces,
        ..Config::new(args.otlp, args.http)
    };
    let store = Store::bind(config)
        .await
        .map_err(|error| Failure::new(code::UNAVAILABLE, plexus_errors::chain(&error)))?;
    output::print(&format!(
        "spans in at {}, traces at http://{}\n",
        store.otlp_addr(),
        store.query_addr()
    ))?;
    store
        .serve(async move { stop.asked().await })
        .await
        .map_err(|error| Failure::new(code::SOFTWARE, plexus_errors::chain(&error)))
}

/// Whether the one that listens there answers.
async fn healthy(address: SocketAddr) -> Result<(), Failure> {
    let address = plexus_server::reachable(address);
    let failed = |why: String| Failure::new(code::NO, format!("the trace store at {address} {why}"));
    let url = format!("http://{address}/api/v3/services");
    let url = url.parse().map_err(|_| failed("has no address".to_owned()))?;
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    match tokio::time::timeout(PATIENCE, client.get(url)).await {
        Ok(Ok(response)) if response.status().is_success() => Ok(()),
        Ok(Ok(response)) => Err(failed(format!("answers {}", response.status()))),
        Ok(Err(error)) => Err(failed(format!("cannot be reached: {error}"))),
        Err(_) => Err(failed("says nothing".to_owned())),
    }
}
