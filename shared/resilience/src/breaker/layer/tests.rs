//! What a breaker is told of calls, of the bodies of answers, and of calls that were never sent.

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Request};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tonic::Status;
use tower::service_fn;

use super::*;
use crate::breaker::{Config, State};

type Words = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Status>>>>;
type Made = Box<dyn FnMut(Call) -> Attempt<Words> + Send>;

fn broken(
    replies: impl Fn() -> Attempt<Words> + Send + 'static,
) -> (
    impl Service<Call, Response = Response<Guarded<Words, Streaming>>, Error = Fault>,
    Arc<Breaker>,
) {
    let now = Instant::now();
    let breaker = Arc::new(Breaker::new("a", Config::default(), now));
    let service = service_fn(Box::new(move |_| replies()) as Made);
    (layer(breaker.clone(), Arc::new(Load::new(now))).layer(service), breaker)
}

fn call() -> Call {
    Request::new(Bytes::new())
}

fn fails(status: fn(&'static str) -> Status) -> Attempt<Words> {
    Box::pin(async move { Err(Fault::Failed(status("as the test says"))) })
}

/// A word, and then this status; none: it breaks off.
fn answers(status: Option<&'static str>) -> Attempt<Words> {
    let mut frames = vec![Ok(Frame::data(Bytes::from("word")))];
    frames.push(match status {
        Some(status) => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", status.parse().unwrap());
            Ok(Frame::trailers(trailers))
        }
        None => Err(Status::unavailable("broke off")),
    });
    Box::pin(async { Ok(Response::new(StreamBody::new(stream::iter(frames)))) })
}

async fn read<S>(service: &mut S)
where
    S: Service<Call, Response = Response<Guarded<Words, Streaming>>, Error = Fault>,
{
    let mut body = service.call(call()).await.unwrap().into_body();
    while let Some(Ok(_)) = body.frame().await {}
}

#[tokio::test(start_paused = true)]
async fn failures_open_it_and_refusals_of_a_request_do_not() {
    let (mut service, breaker) = broken(|| fails(Status::invalid_argument));
    for _ in 0..30 {
        assert!(matches!(service.call(call()).await, Err(Fault::Failed(_))));
    }
    assert_eq!(breaker.state(Instant::now()), State::Closed);
    let (mut service, breaker) = broken(|| fails(Status::unavailable));
    for _ in 0..5 {
        assert!(matches!(service.call(call()).await, Err(Fault::Failed(_))));
    }
    assert_eq!(breaker.state(Instant::now()), State::Open);
    assert!(matches!(service.call(call()).await, Err(Fault::Refused(Refused::Open))));
}

#[tokio::test(start_paused = true)]
async fn callers_in_a_hurry_do_not_open_it_and_long_silence_does() {
    for (wait, state) in [(100, State::Closed), (400, State::Open)] {
        let (mut service, breaker) = broken(|| Box::pin(std::future::pending()));
        for _ in 0..5 {
            let wait = Duration::from_millis(wait);
            assert!(tokio::time::timeout(wait, service.call(call())).await.is_err());
        }
        assert_eq!(breaker.state(Instant::now()), state, "{wait} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_break_off_open_it_and_whole_ones_keep_it_closed() {
    let (mut service, breaker) = broken(|| answers(None));
    for _ in 0..5 {
        assert_eq!(breaker.state(Instant::now()), State::Closed);
        read(&mut service).await;
        // Apart: what is lost in the same moment is one loss.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(breaker.state(Instant::now()), State::Open);
    for status in ["0", "4"] {
        let (mut service, breaker) = broken(move || answers(Some(status)));
        for _ in 0..30 {
            read(&mut service).await;
        }
        assert_eq!(breaker.state(Instant::now()), State::Closed, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_call_counts_once_and_one_that_nobody_reads_to_its_end_as_good() {
    let (mut service, breaker) = broken(|| answers(Some("0")));
    read(&mut service).await;
    drop(service.call(call()).await.unwrap());
    let unread = service.call(call()).await.unwrap();
    assert_eq!(breaker.lock().window.counts(Instant::now()), (2, 0));
    drop(unread);
    assert_eq!(breaker.lock().window.counts(Instant::now()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_probe_closes_it_with_its_first_word() {
    let (mut service, breaker) = broken(|| answers(None));
    for _ in 0..5 {
        breaker.admit(Instant::now()).unwrap().failed(Instant::now());
    }
    tokio::time::advance(Duration::from_millis(1_500)).await;
    let mut probe = service.call(call()).await.unwrap().into_body();
    assert_eq!(
        breaker.state(Instant::now()),
        State::Closed,
        "a long answer keeps nobody waiting"
    );
    while let Some(Ok(_)) = probe.frame().await {}
    assert_eq!(
        breaker.lock().window.counts(Instant::now()),
        (0, 1),
        "it broke off after all"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_says_nothing_and_gives_a_probe_back() {
    let (mut service, breaker) = broken(|| Box::pin(async { Err(Fault::Refused(Refused::Full)) }));
    for _ in 0..4 {
        breaker.admit(Instant::now()).unwrap().failed(Instant::now());
    }
    assert!(service.call(call()).await.is_err());
    assert_eq!(breaker.lock().window.counts(Instant::now()), (0, 4));
    breaker.admit(Instant::now()).unwrap().failed(Instant::now());
    assert_eq!(breaker.state(Instant::now()), State::Open, "five in a row");
    tokio::time::advance(Duration::from_millis(1_500)).await;
    assert!(service.call(call()).await.is_err());
    assert_eq!(breaker.state(Instant::now()), State::HalfOpen);
    assert!(breaker.would_admit(Instant::now()), "the next one may probe");
}
