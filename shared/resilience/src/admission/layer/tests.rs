//! Admission as a layer: what is let in, what is refused, and with which words.

use std::{convert::Infallible, sync::Arc, time::Duration};

use plexus_errors::ErrorCode;
use tokio::sync::Notify;
use tonic::{Status, body::Body as TonicBody};
use tower::{Layer as _, ServiceExt as _, service_fn, util::BoxCloneService};

use super::{
    super::{
        Limits, Load, Snapshot,
        doors::{ASIDE, OVERLOADED, PROBES, RETRY_AFTER},
    },
    *,
};

type Served = BoxCloneService<Request<()>, Response<AdmittedBody<TonicBody>>, Infallible>;

fn doors(limit: u32) -> Doors {
    let limits = Limits {
        units: limit,
        batch_units: limit,
        waiting: 4,
        target: Duration::from_millis(5),
        interval: Duration::from_millis(40),
    };
    Doors::new(limits, limit, Duration::from_secs(60))
}

fn entrance(path: &str) -> Entrance {
    match path.rsplit('/').next() {
        Some("Check") => Entrance::Probe,
        Some("Watch") => Entrance::Aside,
        Some("GetStatus") => Entrance::Look,
        _ => Entrance::Work(1),
    }
}

fn service(doors: &Doors) -> Served {
    let answer = |request: Request<()>| async move {
        let aside = ["Check", "Watch"]
            .iter()
            .any(|method| request.uri().path().ends_with(method));
        assert!(request.extensions().get::<Deadline>().is_some() || aside);
        Ok(Response::new(TonicBody::empty()))
    };
    BoxCloneService::new(doors.layer(entrance).layer(service_fn(answer)))
}

fn call(method: &str, metadata: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().uri(format!("/plexus.v1.RouterService/{method}"));
    for (key, value) in metadata {
        request = request.header(*key, *value);
    }
    request.body(()).unwrap()
}

fn code<B>(response: &Response<B>) -> Option<&str> {
    response.headers().get("grpc-status")?.to_str().ok()
}

#[tokio::test(start_paused = true)]
async fn a_streamed_call_holds_its_permit_until_its_body_is_gone() {
    let doors = doors(1);
    let service = service(&doors);
    let first = service.clone().oneshot(call("Ask", &[])).await.unwrap();
    assert_eq!(code(&first), None);
    let begin = tokio::time::Instant::now();
    let second = service.clone().oneshot(call("Ask", &[])).await.unwrap();
    assert_eq!(code(&second), Some("8"));
    assert!(begin.elapsed() <= Duration::from_millis(41), "{:?}", begin.elapsed());
    let status = Status::from_header_map(second.headers()).unwrap();
    let expected = ServiceError::new(ErrorCode::ResourceExhausted, "too many calls at once; try again later")
        .retry_after(RETRY_AFTER)
        .info(OVERLOADED, Vec::new());
    assert_eq!(ServiceError::from(&status), expected);
    // Who looks, and who asks for health, is answered all the same.
    for method in ["GetStatus", "Check"] {
        assert_eq!(
            code(&service.clone().oneshot(call(method, &[])).await.unwrap()),
            None,
            "{method}"
        );
    }
    assert_eq!(
        doors.load().snapshot(),
        Snapshot {
            in_flight: 1,
            waiting: 0,
            refused: 1
        }
    );
    drop(first);
    doors.idle().await;
    assert_eq!(code(&service.oneshot(call("Ask", &[])).await.unwrap()), None);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_begins_when_another_ends() {
    let doors = doors(1);
    let service = service(&doors);
    let first = service.clone().oneshot(call("Ask", &[])).await.unwrap();
    let waiting = tokio::spawn(service.clone().oneshot(call("Ask", &[("grpc-timeout", "1S")])));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(doors.load().snapshot().waiting, 1);
    drop(first);
    assert_eq!(code(&waiting.await.unwrap().unwrap()), None);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_runs_out_while_it_waits_is_told_so() {
    let doors = doors(1);
    let service = service(&doors);
    let _first = service.clone().oneshot(call("Ask", &[])).await.unwrap();
    let late = service
        .clone()
        .oneshot(call("Ask", &[("grpc-timeout", "10m")]))
        .await
        .unwrap();
    assert_eq!(code(&late), Some("4"));
    assert_eq!(doors.load().snapshot().refused, 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_frees_its_place() {
    let doors = doors(1);
    let service = service(&doors);
    let first = service.clone().oneshot(call("Ask", &[])).await.unwrap();
    let waiting = tokio::spawn(service.clone().oneshot(call("Ask", &[])));
    tokio::task::yield_now().await;
    assert_eq!(doors.load().snapshot().waiting, 1);
    waiting.abort();
    let _ = waiting.await;
    assert_eq!(doors.load().snapshot().waiting, 0);
    drop(first);
    doors.idle().await;
}

#[tokio::test]
async fn an_unknown_priority_is_named() {
    let service = service(&doors(1));
    let response = service
        .oneshot(call("Ask", &[("plexus-priority", "urgent")]))
        .await
        .unwrap();
    let status = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("plexus-priority"), "{}", status.message());
}

#[tokio::test]
async fn services_see_priority_and_load() {
    let seen = Arc::new(Notify::new());
    let answer = {
        let seen = seen.clone();
        move |request: Request<()>| {
            let priority = request.extensions().get::<Priority>().copied();
            assert_eq!(priority, Some(Priority::Batch));
            assert_eq!(Load::of(request.extensions()).unwrap().snapshot().in_flight, 1);
            seen.notify_one();
            async { Ok::<_, Infallible>(Response::new(TonicBody::empty())) }
        }
    };
    let service = doors(1).layer(entrance).layer(service_fn(answer));
    service
        .oneshot(call("Ask", &[("plexus-priority", "batch")]))
        .await
        .unwrap();
    seen.notified().await;
}

#[tokio::test(start_paused = true)]
async fn streams_of_health_have_a_bound_leave_room_for_probes_and_hold_no_drain() {
    let doors = doors(1);
    let service = service(&doors);
    let mut open = Vec::new();
    for (method, bound) in [("Watch", ASIDE), ("Check", PROBES)] {
        for _ in 0..bound {
            let response = service.clone().oneshot(call(method, &[])).await.unwrap();
            assert_eq!(code(&response), None, "{method}");
            open.push(response);
        }
        let one_more = service.clone().oneshot(call(method, &[])).await.unwrap();
        assert_eq!(code(&one_more), Some("8"), "{method}");
    }
    assert_eq!(doors.load().snapshot().refused, 2);
    assert_eq!(code(&service.oneshot(call("Ask", &[])).await.unwrap()), None);
    doors.idle().await;
    assert!(doors.is_idle());
}
