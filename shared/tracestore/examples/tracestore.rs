//! Only the store: `cargo run -p plexus-tracestore --example tracestore -- 127.0.0.1:4317 127.0.0.1:16686`.
//! For a mesh in containers where no Jaeger can run, and for measuring the store alone.

use std::{error::Error, net::SocketAddr};

use plexus_tracestore::{Config, TraceStore};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args().skip(1).map(|text| text.parse::<SocketAddr>());
    let otlp = addresses.next().unwrap_or(Ok(([127, 0, 0, 1], 4317).into()))?;
    let query = addresses.next().unwrap_or(Ok(([127, 0, 0, 1], 16686).into()))?;
    let store = TraceStore::bind(Config::new(otlp, query)).await?;
    println!("OTLP on {}, traces on http://{}", store.otlp_addr(), store.query_addr());
    store.serve(async { drop(tokio::signal::ctrl_c().await) }).await?;
    Ok(())
}
