//! The end of a process: when it has drained.

use std::convert::Infallible;

use http::{Request, Response};
use tokio::time::{Instant, sleep};
use tonic::body::Body;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;
use crate::config::tests::config;

/// A call that came when the process was told to go holds it, however late it begins.
#[tokio::test(start_paused = true)]
async fn calls_that_begin_late_are_waited_for() {
    let doors = admission::doors(&config());
    let answer = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(Body::empty())) };
    let service = doors.layer(admission::entrance).layer(service_fn(answer));
    let begin = Instant::now();
    let late = async {
        sleep(LINGER / 2).await;
        let request = Request::builder().uri("/plexus.v1.RouterService/Ask").body(()).unwrap();
        // Its body, and so its permit.
        let _answer = service.oneshot(request).await.unwrap();
        sleep(LINGER * 3).await;
        begin.elapsed()
    };
    let drained = async {
        drained(&doors).await;
        begin.elapsed()
    };
    let (ended, drained) = tokio::join!(late, drained);
    assert!(drained >= ended + LINGER / 2, "{ended:?} {drained:?}");
}
