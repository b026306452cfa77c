//! Asking a router as a client does.

use std::{fmt::Debug, time::Duration};

use plexus_proto::v1::{
    AskRequest, AskResponse, AskStreamResponse, DegradationReason, Domain, GetStatusRequest, GetStatusResponse,
    Outcome, VerdictResult, ask_stream_response::Event, router_service_client::RouterServiceClient,
};
use plexus_testkit::eventually;
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};

/// The deadline of every call that is not about deadlines. Nothing is measured by it: it ends what hangs.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A client of the router.
pub type Router = RouterServiceClient<Channel>;

/// A connection to a service.
///
/// # Panics
/// Where nobody listens at `url`.
pub async fn connect(url: &str) -> Channel {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap_or_else(|_| panic!("`{url}` is no URL"));
    endpoint
        .connect()
        .await
        .unwrap_or_else(|error| panic!("{url} cannot be reached: {error:?}"))
}

/// A question without demands.
pub fn ask(query: &str) -> AskRequest {
    AskRequest {
        query: query.to_owned(),
        ..AskRequest::default()
    }
}

/// A request with a deadline.
pub fn timed<T>(message: T, deadline: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(deadline);
    request
}

/// Asks with the usual deadline.
///
/// # Panics
/// Where the call fails.
pub async fn answered(router: &mut Router, request: AskRequest) -> AskResponse {
    let query: String = request.query.chars().take(80).collect();
    match router.ask(timed(request, DEADLINE)).await {
        Ok(response) => {
            let response = response.into_inner();
            if std::env::var_os("PLEXUS_PRINT_COSTS").is_some() {
                let usage = response.usage.unwrap_or_default();
                eprintln!(
                    "${:.6} (${:.6} of it wasted) \"{query}\"",
                    usage.cost_usd, usage.wasted_cost_usd
                );
            }
            response
        }
        Err(status) => panic!("\"{query}\": {status:?}"),
    }
}

/// Asks for a stream: every event until the end, and the status if it is not the good one.
pub async fn streamed(router: &mut Router, request: Request<AskRequest>) -> (Vec<Event>, Option<Status>) {
    let mut events = Vec::new();
    let mut stream = match router.ask_stream(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return (events, Some(status)),
    };
    loop {
        match stream.message().await {
            Ok(Some(AskStreamResponse { event })) => events.extend(event),
            Ok(None) => return (events, None),
            Err(status) => return (events, Some(status)),
        }
    }
}

/// Reasons of all degradations.
pub fn reasons(response: &AskResponse) -> Vec<DegradationReason> {
    response.degradations.iter().map(|one| one.reason()).collect()
}

/// What tests say of a response.
pub trait Says: Debug {
    /// Asserts that it was answered as planned, and that nobody found fault with it.
    fn is_answered(&self);
    /// Asserts that it is marked as degraded for this reason.
    fn is_degraded_by(&self, reason: DegradationReason);
    /// The domain and the engine of each step.
    fn served(&self) -> Vec<(Domain, &str)>;
}

impl Says for AskResponse {
    fn is_answered(&self) {
        assert_eq!(self.outcome(), Outcome::Answered, "{self:#?}");
        assert!(self.degradations.is_empty(), "{self:#?}");
        assert!(
            self.verdicts
                .iter()
                .all(|verdict| verdict.result() != VerdictResult::Fail),
            "{self:#?}"
        );
    }

    fn is_degraded_by(&self, reason: DegradationReason) {
        assert_eq!(self.outcome(), Outcome::Degraded, "{self:#?}");
        let record = self.degradations.iter().find(|one| one.reason() == reason);
        assert!(
            record.is_some_and(|one| !one.detail.is_empty()),
            "{reason:?}: {self:#?}"
        );
    }

    fn served(&self) -> Vec<(Domain, &str)> {
        self.steps
            .iter()
            .map(|step| (step.domain(), step.engine.as_str()))
            .collect()
    }
}

/// Waits until what the router knows of the mesh is as wanted.
pub async fn until(router: &mut Router, what: &str, wanted: impl Fn(&GetStatusResponse) -> bool) {
    let router = &*router;
    eventually(what, DEADLINE, async || {
        let mut router = router.clone();
        let status = router
            .get_status(timed(GetStatusRequest {}, DEADLINE))
            .await
            .ok()?
            .into_inner();
        wanted(&status).then_some(())
    })
    .await;
}
