//! Deadlines at both ends of a hop, on a paused clock.

use std::convert::Infallible;

use http_body_util::{BodyExt as _, StreamBody};
use tonic::body::Body as TonicBody;
use tower::{ServiceExt as _, service_fn};

use super::*;

const DEFAULT: Duration = Duration::from_secs(30);

fn request(timeout: Option<&str>) -> Request<()> {
    let mut request = Request::builder().uri("/plexus.v1.RouterService/Ask");
    if let Some(timeout) = timeout {
        request = request.header("grpc-timeout", timeout);
    }
    request.body(()).unwrap()
}

/// Answers at once with a body that never ends.
async fn endless(_: Request<()>) -> Result<Response<TonicBody>, Infallible> {
    let frames = futures_util::stream::pending::<Result<Frame<Bytes>, Status>>();
    Ok(Response::new(TonicBody::new(StreamBody::new(frames))))
}

async fn grpc_status(timeout: Option<&str>) -> (Option<String>, Duration) {
    let begin = Instant::now();
    let service = server(DEFAULT, crate::mesh_calls).layer(service_fn(endless));
    let response = service.oneshot(request(timeout)).await.unwrap();
    let status = |headers: &http::HeaderMap| Some(headers.get("grpc-status")?.to_str().ok()?.to_owned());
    if let Some(status) = status(response.headers()) {
        return (Some(status), begin.elapsed());
    }
    let trailers = response.into_body().collect().await.unwrap().trailers().cloned();
    (trailers.as_ref().and_then(status), begin.elapsed())
}

#[tokio::test(start_paused = true)]
async fn the_body_ends_when_time_runs_out() {
    let (status, elapsed) = grpc_status(Some("250m")).await;
    assert_eq!(status.as_deref(), Some("4"));
    assert!(
        elapsed >= Duration::from_millis(248) && elapsed < Duration::from_millis(252),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_timeout_or_with_too_long_a_one_the_default_holds() {
    for timeout in [None, Some("99H")] {
        let (status, elapsed) = grpc_status(timeout).await;
        assert_eq!(status.as_deref(), Some("4"));
        assert!(
            elapsed >= DEFAULT && elapsed < DEFAULT + Duration::from_millis(5),
            "{elapsed:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_or_malformed_timeout_never_reaches_the_service() {
    for (timeout, code) in [("0n", "4"), ("1m", "4"), ("soon", "3")] {
        let service = server(DEFAULT, crate::mesh_calls).layer(service_fn(|_: Request<()>| async {
            Err::<Response<TonicBody>, _>("reached")
        }));
        let response = service.oneshot(request(Some(timeout))).await.unwrap();
        assert_eq!(response.headers()["grpc-status"], code, "{timeout}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hop_gets_what_is_left() {
    let service = client().layer(service_fn(|mut request: Request<()>| async move {
        forward(&mut request);
        let left = request.headers()[grpc_timeout::HEADER].to_str().unwrap().to_owned();
        Ok::<_, Infallible>(
            Response::builder()
                .header("left", left)
                .body(TonicBody::empty())
                .unwrap(),
        )
    }));
    let mut call = request(None);
    call.extensions_mut()
        .insert(Deadline::after(Duration::from_millis(500)));
    tokio::time::advance(Duration::from_millis(200)).await;
    let response = service.oneshot(call).await.unwrap();
    let left = grpc_timeout::parse(response.headers()["left"].to_str().unwrap()).unwrap();
    assert!(
        left <= Duration::from_millis(300) && left > Duration::from_millis(298),
        "{left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn other_services_keep_their_streams() {
    let health = Request::builder().uri("/grpc.health.v1.Health/Watch").body(()).unwrap();
    let service = server(DEFAULT, crate::mesh_calls).layer(service_fn(endless));
    let body = service.oneshot(health).await.unwrap().into_body();
    assert!(tokio::time::timeout(DEFAULT * 2, body.collect()).await.is_err());
}
