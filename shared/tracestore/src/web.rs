//! Serves the HTTP door: HTTP/1.1 with bounded headers and times, and a drain at the end.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::pin,
    time::Duration,
};

use axum::{Router, extract::Request, middleware, response::IntoResponse as _};
use futures_util::StreamExt as _;
use http::{HeaderMap, StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};

use crate::accept;

const MAX_CONNECTIONS: usize = 64;
const MAX_HEADERS: usize = 64;
const MAX_HEAD: usize = 16 * 1024;
/// For a whole request head, and for a connection that waits for its next request.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Answers until `stop` is done, then lets answers under way end. Dropping the future ends every connection.
pub(crate) async fn serve(listener: TcpListener, address: SocketAddr, router: Router, stop: impl Future<Output = ()>) {
    let router = if address.ip().is_loopback() {
        router.layer(middleware::from_fn(own_names_only))
    } else {
        router
    };
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD);
    let open = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    {
        let mut connections = pin!(accept::connections(listener, MAX_CONNECTIONS));
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                Some(connection) = connections.next() => {
                    let service = TowerToHyperService::new(router.clone());
                    tasks.spawn(open.watch(builder.serve_connection(TokioIo::new(connection), service)));
                }
                Some(_) = tasks.join_next() => {}
                () = &mut stop => break,
            }
        }
    }
    open.shutdown().await;
    while tasks.join_next().await.is_some() {}
}

/// A web page elsewhere can give its own name our loopback address (DNS rebinding) and then read traces as if it were
/// of the same origin; its requests still carry its name.
async fn own_names_only(request: Request, next: middleware::Next) -> axum::response::Response {
    if is_own_name(request.headers()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "this store answers to localhost and to IP addresses only\n",
        )
            .into_response()
    }
}

fn is_own_name(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else {
        return true;
    };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn names_of_others_are_refused() {
        let own = |host: &str| {
            is_own_name(
                &[(header::HOST, HeaderValue::from_str(host).unwrap())]
                    .into_iter()
                    .collect(),
            )
        };
        for host in [
            "localhost",
            "LOCALHOST:16686",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]:16686",
            "[::1]",
        ] {
            assert!(own(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:16686",
            "localhost.evil.example",
            "",
            "::evil",
            "127.0.0.1.evil.example",
        ] {
            assert!(!own(host), "{host}");
        }
        assert!(is_own_name(&HeaderMap::new()));
    }
}
