//! plexus.v1.RouterService: message to query, events to messages; thin.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, StreamExt as _};
use plexus_classifier::Stage;
use plexus_client::specialist::Terms;
use plexus_core::{Message, Role};
use plexus_errors::{ErrorCode, ServiceError};
use plexus_proto::v1::{
    self, AskRequest, AskResponse, AskStreamResponse, ClassifyRequest, ClassifyResponse, GetStatusRequest,
    GetStatusResponse, ask_stream_response::Event as ProtoEvent,
};
use plexus_resilience::deadline::Deadline;
use plexus_server::Load;
use plexus_structured::Schema;
use plexus_wire::{self as wire, Violations};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::{
    Router,
    domain::{GuardAction, Outcome, PlanMode, Query},
    request::{self, Answer, Committed, Delivery, Event, Route},
    status,
};

/// The service.
pub(crate) struct Grpc(pub(crate) Arc<Router>);

type AskStream = Pin<Box<dyn Stream<Item = Result<AskStreamResponse, Status>> + Send>>;

#[tonic::async_trait]
impl v1::router_service_server::RouterService for Grpc {
    type AskStreamStream = AskStream;

    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        let terms = terms(&request);
        let bill = self.0.rates.admit(&request)?;
        let query = self.read(request.into_inner())?;
        let mut events = std::pin::pin!(request::ask(self.0.clone(), query, terms, Delivery::Whole, bill));
        while let Some(event) = events.next().await {
            if let Event::Done(answer) = event? {
                return Ok(Response::new(answer_to_proto(*answer)));
            }
        }
        Err(ServiceError::new(ErrorCode::Internal, "the request ended without an answer").into())
    }

    async fn ask_stream(&self, request: Request<AskRequest>) -> Result<Response<AskStream>, Status> {
        let terms = terms(&request);
        let bill = self.0.rates.admit(&request)?;
        let request = request.into_inner();
        let delivery = if request.validate_before_stream {
            Delivery::Checked
        } else {
            Delivery::Live
        };
        let query = self.read(request)?;
        let events = request::ask(self.0.clone(), query, terms, delivery, bill);
        Ok(Response::new(Box::pin(events.map(|event| Ok(event_to_proto(event?))))))
    }

    async fn classify(&self, request: Request<ClassifyRequest>) -> Result<Response<ClassifyResponse>, Status> {
        let begin = Instant::now();
        // It asks no engine, so it spends nothing.
        self.0.rates.admit(&request)?;
        let request = request.into_inner();
        let query = self.read(AskRequest {
            query: request.query,
            messages: request.messages,
            constraints: request.constraints,
            task: request.task,
            ..AskRequest::default()
        })?;
        let route = request::route(&self.0, &query).await;
        Ok(Response::new(ClassifyResponse {
            route: Some(route_to_proto(&route)),
            latency: wire::duration_to_proto(begin.elapsed()),
        }))
    }

    async fn get_status(&self, request: Request<GetStatusRequest>) -> Result<Response<GetStatusResponse>, Status> {
        Ok(Response::new(status::status(&self.0, Load::of(request.extensions()))))
    }
}

/// How long a request may take, and what it gives way to.
fn terms<T>(request: &Request<T>) -> Terms {
    Terms {
        deadline: Deadline::of(request.extensions()),
        priority: request.extensions().get().copied().unwrap_or_default(),
    }
}

impl Grpc {
    /// A request with what only this deployment can check.
    fn read(&self, request: AskRequest) -> Result<Query, ServiceError> {
        let mut violations = Violations::default();
        let tasks = &self.0.policy.tasks;
        if !request.task.is_empty() && !tasks.contains_key(&request.task) {
            let known: Vec<&str> = tasks.keys().map(String::as_str).collect();
            violations.add("task", format!("is unknown here; known are {}", known.join(", ")));
        }
        if !request.json_schema.is_empty()
            && let Err(problem) = Schema::compile(&request.json_schema)
        {
            violations.add("json_schema", problem.to_string());
        }
        let query = read(request, violations)?;
        if let Some(domain) = tasks.get(&query.task)
            && !query.constraints.domains.is_empty()
            && !query.constraints.domains.contains(domain)
        {
            let mut violations = Violations::default();
            let problem = format!("{domain} does {}; the constraint allows other domains only", query.task);
            violations.add("constraints.domains", problem);
            violations.check()?;
        }
        Ok(query)
    }
}

fn read(request: AskRequest, mut violations: Violations) -> Result<Query, ServiceError> {
    let (text, context) = match (request.query.is_empty(), request.messages.is_empty()) {
        (true, true) => {
            violations.add("query", "is empty; set either query or messages");
            (String::new(), Vec::new())
        }
        (false, false) => {
            violations.add(
                "messages",
                "must be empty where query is set; set either query or messages",
            );
            (String::new(), Vec::new())
        }
        (false, true) => {
            wire::text("query", &request.query, &mut violations);
            (request.query, Vec::new())
        }
        (true, false) => {
            let mut messages = wire::messages("messages", request.messages, false, &mut violations);
            let last = messages.pop().unwrap_or(Message {
                role: Role::User,
                content: String::new(),
            });
            (last.content, messages)
        }
    };
    violations.id("request_id", &request.request_id);
    violations.id("session_id", &request.session_id);
    let constraints = wire::constraints("constraints", request.constraints, &mut violations);
    violations.check()?;
    let request_id = match request.request_id.is_empty() {
        true => format!("{:016x}", fastrand::u64(..)),
        false => request.request_id,
    };
    Ok(Query {
        text,
        context,
        constraints,
        request_id,
        session_id: request.session_id,
        task: request.task,
        json_schema: request.json_schema,
    })
}

fn event_to_proto(event: Event) -> AskStreamResponse {
    let event = match event {
        Event::Route(route) => ProtoEvent::Route(route_to_proto(&route)),
        Event::Delta(step, text) => ProtoEvent::Delta(v1::Delta {
            step: step as u32,
            text,
        }),
        Event::Commit(Committed { step, commit }) => ProtoEvent::Commit(v1::Commit {
            step: step as u32,
            replica: commit.replica,
            engine: commit.engine,
            tier: commit.tier.map_or(v1::Tier::Unspecified, wire::tier_to_proto).into(),
        }),
        Event::Verdict(verdict) => ProtoEvent::Verdict(wire::verdict_to_proto(&verdict)),
        Event::Step(step) => ProtoEvent::Step(wire::step_to_proto(&step)),
        Event::Degradation(degradation) => ProtoEvent::Degradation(wire::degradation_to_proto(&degradation)),
        Event::Done(answer) => ProtoEvent::Done(answer_to_proto(*answer)),
    };
    AskStreamResponse { event: Some(event) }
}

fn answer_to_proto(answer: Answer) -> AskResponse {
    let outcome = match answer.outcome {
        Outcome::Answered => v1::Outcome::Answered,
        Outcome::Degraded => v1::Outcome::Degraded,
        Outcome::Refused => v1::Outcome::Refused,
    };
    let timings = answer.timings;
    AskResponse {
        answer: answer.text,
        outcome: outcome.into(),
        route: Some(route_to_proto(&answer.route)),
        steps: answer.steps.iter().map(wire::step_to_proto).collect(),
        verdicts: answer.verdicts.iter().map(wire::verdict_to_proto).collect(),
        degradations: answer.degradations.iter().map(wire::degradation_to_proto).collect(),
        usage: Some(wire::usage_to_proto(answer.usage)),
        trace_id: answer.trace_id,
        timings: Some(v1::Timings {
            total: wire::duration_to_proto(timings.total),
            classify: wire::duration_to_proto(timings.classify),
            upstream: wire::duration_to_proto(timings.upstream),
            overhead: wire::duration_to_proto(timings.overhead()),
        }),
        request_id: answer.request_id,
    }
}

fn route_to_proto(route: &Route) -> v1::Route {
    let signals = &route.signals;
    let mode = match route.plan.mode {
        PlanMode::Single => v1::PlanMode::Single,
        PlanMode::FanOut => v1::PlanMode::FanOut,
        PlanMode::Workflow => v1::PlanMode::Workflow,
    };
    let stage = match signals.stage {
        Stage::First => v1::ClassifierStage::First,
        Stage::Encoder => v1::ClassifierStage::Encoder,
        Stage::Keywords => v1::ClassifierStage::Keywords,
    };
    let steps = route.plan.steps.iter().map(|step| v1::PlanStep {
        domain: wire::domain_to_proto(step.domain).into(),
        input: step.input.clone(),
        validators: step.validators.clone(),
        parts: step.parts.iter().map(wire::part_to_proto).collect(),
    });
    let domains = signals.domains.iter().map(|(domain, score)| v1::DomainScore {
        domain: wire::domain_to_proto(*domain).into(),
        score: f64::from(*score),
    });
    v1::Route {
        domains: domains.collect(),
        complexity: f64::from(signals.complexity),
        guard: Some(v1::Guard {
            label: signals.guard.label.to_owned(),
            score: f64::from(signals.guard.score),
            action: route.guard.name().to_owned(),
        }),
        plan: Some(v1::Plan {
            mode: mode.into(),
            steps: steps.collect(),
        }),
        reason: reason(route),
        model: signals.model.clone(),
        tokens: signals.tokens as u32,
        tokens_read: signals.tokens_read as u32,
        stage: stage.into(),
        cached: signals.cached,
        language: signals.language.unwrap_or_default().to_owned(),
    }
}

/// The plan's reason, with what the guard and the classifier add to it.
fn reason(route: &Route) -> String {
    let mut reason = route.plan.reason.clone();
    match route.guard {
        GuardAction::Allow => {}
        GuardAction::Flag => reason += &format!("; flagged as {}", route.signals.guard.label),
        GuardAction::Refuse => reason = format!("refused as {}", route.signals.guard.label),
    }
    if !route.signals.classifier_down.is_empty() {
        reason += &format!("; keywords decided, for {}", route.signals.classifier_down);
    }
    reason
}
