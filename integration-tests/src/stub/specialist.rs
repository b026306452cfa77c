//! A specialist's replica that behaves as it is told, and remembers what it was asked.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::Stream;
use plexus_proto::v1::{
    AnswerFinished, AnswerRequest, AnswerResponse, AnswerResult, Committed, Domain, SpecialistServiceDescribeRequest,
    SpecialistServiceDescribeResponse, Tier,
    answer_response::Event,
    specialist_service_server::{SpecialistService, SpecialistServiceServer},
};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep},
};
use tonic::{
    Code, Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

/// How a replica behaves.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Before the first word.
    pub latency: Duration,
    /// At most so much is added to that.
    pub jitter: Duration,
    /// Share of the calls that fail, 0 to 1.
    pub errors: f64,
    /// What they fail with.
    pub code: Code,
    /// Before they fail.
    pub error_latency: Duration,
    /// Calls are taken and never answered.
    pub hangs: bool,
    /// Words of an answer.
    pub words: usize,
    /// Before each further word.
    pub pause: Duration,
    /// Words after which the stream breaks off.
    pub breaks_after: Option<usize>,
    /// Calls at the same time; further ones are refused with RESOURCE_EXHAUSTED.
    pub capacity: Option<u64>,
}

impl Default for Manner {
    /// 20 ms on average, one word, no harm.
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(15),
            jitter: Duration::from_millis(10),
            errors: 0.0,
            code: Code::Unavailable,
            error_latency: Duration::ZERO,
            hangs: false,
            words: 1,
            pause: Duration::ZERO,
            breaks_after: None,
            capacity: None,
        }
    }
}

/// What a replica was asked since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Served {
    /// Calls.
    pub calls: u64,
    /// Of these, failed on purpose.
    pub failed: u64,
    /// Of these, refused for capacity.
    pub refused: u64,
    /// Calls under way.
    pub in_flight: u64,
    /// Most calls under way at the same time.
    pub peak: u64,
}

/// The replica; it accepts no more calls when it is dropped.
#[derive(Debug)]
pub struct StubSpecialist {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
    serving: AbortHandle,
}

#[derive(Debug)]
struct State {
    name: String,
    domain: Domain,
    manner: Mutex<Manner>,
    dice: Mutex<fastrand::Rng>,
    calls: AtomicU64,
    failed: AtomicU64,
    refused: AtomicU64,
    in_flight: AtomicU64,
    peak: AtomicU64,
}

impl StubSpecialist {
    /// Listens on a free port; the words of its answers are `NAME1 NAME2 …`, so that it is seen whose they are.
    ///
    /// # Panics
    /// Where no port is free.
    pub async fn start(name: &str, domain: Domain, manner: Manner, seed: u64) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let incoming = TcpIncoming::bind(any).expect("a port is free").with_nodelay(Some(true));
        let address = incoming.local_addr().expect("it is bound");
        let state = Arc::new(State {
            name: name.to_owned(),
            domain,
            manner: Mutex::new(manner),
            dice: Mutex::new(fastrand::Rng::with_seed(seed)),
            calls: AtomicU64::default(),
            failed: AtomicU64::default(),
            refused: AtomicU64::default(),
            in_flight: AtomicU64::default(),
            peak: AtomicU64::default(),
        });
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<SpecialistServiceServer<Replica>>().await;
        let server = Server::builder()
            .add_service(health_service)
            .add_service(SpecialistServiceServer::new(Replica(state.clone())))
            .serve_with_incoming(incoming);
        let serving = tokio::spawn(server).abort_handle();
        Self {
            address,
            state,
            serving,
        }
    }

    /// Behaves otherwise from the next call on.
    pub fn behave(&self, manner: Manner) {
        *lock(&self.state.manner) = manner;
    }

    /// What it was asked so far.
    pub fn served(&self) -> Served {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        let state = &self.state;
        Served {
            calls: read(&state.calls),
            failed: read(&state.failed),
            refused: read(&state.refused),
            in_flight: read(&state.in_flight),
            peak: read(&state.peak),
        }
    }

    /// Forgets how many calls were under way at the same time.
    pub fn forget_peak(&self) {
        self.state
            .peak
            .store(self.state.in_flight.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// The words of a whole answer.
    pub fn script(name: &str, words: usize) -> String {
        (1..=words).map(|index| word(name, index)).collect()
    }
}

impl Drop for StubSpecialist {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn word(name: &str, index: usize) -> String {
    format!("{name}{index} ")
}

struct Replica(Arc<State>);

/// A call while it is under way.
struct UnderWay(Arc<State>);

impl UnderWay {
    fn begin(state: &Arc<State>) -> (Self, u64) {
        state.calls.fetch_add(1, Ordering::SeqCst);
        let in_flight = state.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        state.peak.fetch_max(in_flight, Ordering::SeqCst);
        (Self(state.clone()), in_flight)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

type Events = Pin<Box<dyn Stream<Item = Result<AnswerResponse, Status>> + Send>>;

#[tonic::async_trait]
impl SpecialistService for Replica {
    async fn describe(
        &self,
        _: Request<SpecialistServiceDescribeRequest>,
    ) -> Result<Response<SpecialistServiceDescribeResponse>, Status> {
        Ok(Response::new(SpecialistServiceDescribeResponse {
            domain: self.0.domain.into(),
            ..SpecialistServiceDescribeResponse::default()
        }))
    }

    type AnswerStream = Events;

    async fn answer(&self, _: Request<AnswerRequest>) -> Result<Response<Events>, Status> {
        let begun = Instant::now();
        let state = &self.0;
        let (call, in_flight) = UnderWay::begin(state);
        let manner = lock(&state.manner).clone();
        let (fails, share) = {
            let mut dice = lock(&state.dice);
            (dice.f64() < manner.errors, dice.f64())
        };
        if manner.capacity.is_some_and(|capacity| in_flight > capacity) {
            state.refused.fetch_add(1, Ordering::SeqCst);
            return Err(Status::resource_exhausted("the stub is full"));
        }
        if manner.hangs {
            std::future::pending::<()>().await;
        }
        if fails {
            state.failed.fetch_add(1, Ordering::SeqCst);
            sleep(manner.error_latency).await;
            return Err(Status::new(manner.code, "the stub fails on purpose"));
        }
        if manner.breaks_after == Some(0) {
            return Err(Status::unavailable("the stub breaks off before its first word"));
        }
        tokio::time::sleep_until(begun + manner.latency + manner.jitter.mul_f64(share)).await;
        Ok(Response::new(Box::pin(speak(call, manner))))
    }
}

fn speak(call: UnderWay, manner: Manner) -> impl Stream<Item = Result<AnswerResponse, Status>> + Send {
    let event = |event| Ok(AnswerResponse { event: Some(event) });
    async_stream::stream! {
        yield event(Event::Committed(Committed {
            engine: "stub".to_owned(),
            tier: Tier::Edge.into(),
        }));
        for index in 1..=manner.words {
            if manner.breaks_after.is_some_and(|after| index > after) {
                yield Err(Status::unavailable("the stub breaks off on purpose"));
                return;
            }
            if index > 1 && !manner.pause.is_zero() {
                sleep(manner.pause).await;
            }
            yield event(Event::Delta(word(&call.0.name, index)));
        }
        yield event(Event::Finished(AnswerFinished {
            result: AnswerResult::Answered.into(),
            engine: "stub".to_owned(),
            tier: Tier::Edge.into(),
            ..AnswerFinished::default()
        }));
        drop(call);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
