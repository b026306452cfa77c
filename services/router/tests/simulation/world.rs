//! Runs a script: the real router, stubs behind it, a caller before it.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use plexus_classifier::Classifier;
use plexus_config::Environment;
use plexus_proto::v1::{
    AskRequest, AskResponse, Constraints, Domain, ask_stream_response::Event,
    router_service_client::RouterServiceClient,
};
use plexus_resilience::grpc_timeout;
use plexus_router::Config;
use tonic::{
    Code, Request, Status,
    transport::{Channel, Endpoint},
};

use crate::{
    network::{PORT, Simulated, UPSTREAMS, connect, hosts},
    script::{Ask, Fault, Kind, Script},
    stubs::{Book, TIMEOUT, Told, serve, specialist, validator},
};

const TICK: Duration = Duration::from_millis(10);
/// How late the end of a request may be: packets take up to 20 ms either way, and all move in ticks.
pub(crate) const LATE: Duration = Duration::from_millis(100);

/// What came of a request.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The request.
    pub(crate) ask: Ask,
    /// When it was sent, in simulated time.
    pub(crate) sent: Duration,
    /// When it ended.
    pub(crate) ended: Duration,
    /// Texts of a streamed answer's deltas.
    pub(crate) deltas: String,
    /// The answer, or the error.
    pub(crate) result: Result<AskResponse, (Code, String)>,
}

/// What came of a script.
#[derive(Debug)]
pub(crate) struct Played {
    /// All requests that ended.
    pub(crate) records: Vec<Record>,
    /// All attempts that stubs saw.
    pub(crate) told: Vec<Told>,
    /// Why it ended early; empty: it did not.
    pub(crate) broken: String,
}

/// Plays a script to its end.
pub(crate) fn play(script: &Script, classifier: &Arc<Classifier>) -> Played {
    // Retries, jitter and the choice of replicas draw from this thread's generator.
    fastrand::seed(script.seed);
    let end = script.asks.last().map_or(Duration::ZERO, |ask| ask.at) + Duration::from_secs(15);
    let mut sim = turmoil::Builder::new()
        .rng_seed(script.seed)
        .enable_random_order()
        .tick_duration(TICK)
        .max_message_latency(Duration::from_millis(20))
        .simulation_duration(end)
        .tcp_capacity(4096)
        .build();
    let book = Book::default();
    for upstream in UPSTREAMS {
        for host in hosts(upstream) {
            let book = book.clone();
            match upstream {
                "validator" => sim.host(host, validator),
                _ => sim.host(host.clone(), move || specialist(host.clone(), book.clone())),
            }
        }
    }
    let config = config(script);
    let classifier = classifier.clone();
    sim.host("router", move || {
        let (config, classifier) = (config.clone(), classifier.clone());
        async move {
            let service = plexus_router::on(Arc::new(Simulated), &config, classifier);
            serve(service.routes, service.names).await
        }
    });
    let records = Rc::new(RefCell::new(Vec::new()));
    sim.client("caller", caller(script.asks.clone(), records.clone()));

    let mut events: Vec<(Duration, bool, &Fault)> = Vec::new();
    for fault in &script.faults {
        events.push((fault.from, true, fault));
        events.push((fault.until, false, fault));
    }
    events.sort_by_key(|(at, begins, _)| (*at, *begins));
    let mut events = events.into_iter().peekable();
    let mut broken = String::new();
    loop {
        while let Some((_, begins, fault)) = events.next_if(|(at, ..)| *at <= sim.elapsed()) {
            tracing::info!(?fault, begins, at = ?sim.elapsed(), "fault");
            apply(&mut sim, fault, begins);
        }
        match sim.step() {
            Ok(false) => {}
            Ok(true) => break,
            Err(error) => {
                broken = error.to_string();
                break;
            }
        }
    }
    drop(sim);
    let told = book.told().clone();
    Played {
        records: records.take(),
        told,
        broken,
    }
}

fn apply(sim: &mut turmoil::Sim<'_>, fault: &Fault, begins: bool) {
    let host = fault.host.as_str();
    match (fault.kind, begins) {
        (Kind::Crash, true) => sim.crash(host),
        (Kind::Crash, false) => sim.bounce(host),
        (Kind::Partition, true) => sim.partition("router", host),
        (Kind::Partition, false) => sim.repair("router", host),
        (Kind::Deaf, true) => sim.partition_oneway("router", host),
        (Kind::Deaf, false) => sim.repair_oneway("router", host),
        (Kind::Mute, true) => sim.partition_oneway(host, "router"),
        (Kind::Mute, false) => sim.repair_oneway(host, "router"),
        (Kind::Hold, true) => sim.hold("router", host),
        (Kind::Hold, false) => sim.release("router", host),
    }
}

/// The router's configuration: its defaults, with the simulation's names.
fn config(script: &Script) -> Config {
    let mut environment: Vec<(String, String)> = Vec::new();
    for (section, upstream) in [
        ("SPECIALISTS__CODE", "code"),
        ("SPECIALISTS__MATH", "math"),
        ("SPECIALISTS__REASONING", "reasoning"),
        ("SPECIALISTS__LANGUAGE", "language"),
        ("VALIDATORS__MATH__ENDPOINTS", "validator"),
        ("VALIDATORS__CODE__ENDPOINTS", "validator"),
        ("VALIDATORS__CONFIDENCE__ENDPOINTS", "validator"),
    ] {
        environment.push((format!("PLEXUS_ROUTER__{section}"), format!("[\"{upstream}:{PORT}\"]")));
    }
    for domain in ["CODE", "MATH"] {
        let key = format!("PLEXUS_ROUTER__POLICY__FALLBACK__{domain}");
        environment.push((key, "[\"language\"]".to_owned()));
    }
    let overrides = script.overrides.iter();
    environment.extend(overrides.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let environment: Environment = environment.iter().map(|(key, value)| (&**key, &**value)).collect();
    plexus_config::load("router", plexus_router::DEFAULTS, None, &environment).unwrap()
}

async fn caller(asks: Vec<Ask>, records: Rc<RefCell<Vec<Record>>>) -> turmoil::Result {
    let router = connect(&Endpoint::from_shared(format!("http://router:{PORT}"))?);
    let begin = tokio::time::Instant::now();
    let mut running = Vec::new();
    for ask in asks {
        tokio::time::sleep_until(begin + ask.at).await;
        let (router, records) = (router.clone(), records.clone());
        running.push(tokio::task::spawn_local(async move {
            let sent = turmoil::elapsed();
            let mut deltas = String::new();
            let answer = one(&ask, router, &mut deltas);
            let result = match tokio::time::timeout(ask.within + LATE * 5, answer).await {
                Ok(result) => result.map_err(|status| (status.code(), status.message().to_owned())),
                Err(_) => Err((Code::Unknown, "it hung".to_owned())),
            };
            let ended = turmoil::elapsed();
            tracing::info!(?ask, ?sent, ?ended, ?result, "ended");
            records.borrow_mut().push(Record {
                ask,
                sent,
                ended,
                deltas,
                result,
            });
        }));
    }
    for one in running {
        one.await?;
    }
    Ok(())
}

/// Texts that the first stage decides alone: the encoder has threads of its own, which are not simulated.
pub(crate) fn question(upstream: &str) -> (&'static str, &'static str, Domain) {
    match upstream {
        "math" => ("What is 15% of 240?", "solve", Domain::Math),
        "code" => (
            "write a Python function that reverses a string",
            "write_tests",
            Domain::Code,
        ),
        _ => ("Translate good morning into French", "translate", Domain::Language),
    }
}

async fn one(ask: &Ask, router: Channel, deltas: &mut String) -> Result<AskResponse, Status> {
    let (query, task, domain) = question(ask.upstream);
    let domains = if ask.alone { vec![domain.into()] } else { Vec::new() };
    let mut request = Request::new(AskRequest {
        query: query.to_owned(),
        task: task.to_owned(),
        request_id: ask.order.to_string(),
        constraints: Some(Constraints {
            domains,
            ..Constraints::default()
        }),
        ..AskRequest::default()
    });
    let timeout = grpc_timeout::format(ask.within);
    request.metadata_mut().insert(TIMEOUT, timeout.parse().unwrap());
    let mut client = RouterServiceClient::new(router);
    if !ask.streamed {
        return Ok(client.ask(request).await?.into_inner());
    }
    let mut events = client.ask_stream(request).await?.into_inner();
    while let Some(event) = events.message().await? {
        match event.event {
            Some(Event::Delta(delta)) => deltas.push_str(&delta.text),
            Some(Event::Done(answer)) => return Ok(answer),
            _ => {}
        }
    }
    Err(Status::unknown("the stream ended before the answer did"))
}
