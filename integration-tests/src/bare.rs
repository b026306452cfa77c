//! Calls without a client's manners: bytes and headers as they are given, and no clock of its own that would end a call
//! before the server does.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, anyhow};
use bytes::{BufMut as _, Bytes, BytesMut};
use h2::client::{self, SendRequest};
use http::{HeaderMap, Request};
use tokio::{net::TcpStream, task::AbortHandle, time::timeout};
use tonic::Code;

/// What is waited for at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The gRPC status.
    pub code: Code,
    /// Its message, as it stands on the wire.
    pub message: String,
}

/// A connection; it ends when it is dropped.
#[derive(Debug)]
pub struct Bare {
    sender: SendRequest<Bytes>,
    address: SocketAddr,
    driver: AbortHandle,
}

impl Bare {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens, or it is no HTTP/2.
    pub async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("nobody listens")?;
        stream.set_nodelay(true).context("no TCP")?;
        let (sender, connection) = client::handshake(stream).await.context("no HTTP/2")?;
        let driver = tokio::spawn(connection).abort_handle();
        Ok(Self {
            sender,
            address,
            driver,
        })
    }

    /// Calls `path` with a body as it is; the gRPC status that comes.
    ///
    /// # Errors
    /// It hangs, or no status can be read.
    pub async fn call(&self, path: &str, headers: &[(&str, &str)], body: Bytes) -> anyhow::Result<End> {
        let mut sender = self.sender.clone().ready().await.context("the connection is gone")?;
        let mut request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (response, mut stream) = sender.send_request(request.body(())?, false)?;
        let writing = async {
            // A server that refuses early needs no more of the body.
            let _ = write(&mut stream, body).await;
            std::future::pending::<()>().await;
        };
        let reading = async {
            let response = response.await.context("no response")?;
            if let Some(end) = end(response.headers()) {
                return Ok(end);
            }
            let mut body = response.into_body();
            while let Some(chunk) = body.data().await {
                let length = chunk.context("the response broke off")?.len();
                body.flow_control().release_capacity(length)?;
            }
            let trailers = body.trailers().await.context("no trailers")?.unwrap_or_default();
            end(&trailers).ok_or_else(|| anyhow!("a response without a status"))
        };
        tokio::select! {
            status = timeout(PATIENCE, reading) => status.context("it hangs")?,
            () = writing => unreachable!("it never ends"),
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

async fn write(stream: &mut h2::SendStream<Bytes>, mut body: Bytes) -> Result<(), h2::Error> {
    while !body.is_empty() {
        stream.reserve_capacity(body.len().min(64 * 1024));
        let Some(capacity) = std::future::poll_fn(|context| stream.poll_capacity(context)).await else {
            return Ok(());
        };
        let piece = body.split_to(capacity?.min(body.len()));
        stream.send_data(piece, body.is_empty())?;
    }
    Ok(())
}

fn end(headers: &HeaderMap) -> Option<End> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let code = Code::from_bytes(text("grpc-status")?.as_bytes());
    let message = text("grpc-message").unwrap_or_default();
    Some(End { code, message })
}

/// A message as gRPC frames it.
pub fn framed(message: &[u8], compressed: bool) -> Bytes {
    let mut bytes = BytesMut::with_capacity(message.len() + 5);
    bytes.put_u8(u8::from(compressed));
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.put_slice(message);
    bytes.freeze()
}
