//! plexus.v1.SpecialistService over a cascade; thin.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, StreamExt as _};
use plexus_core::Domain;
use plexus_errors::ServiceError;
use plexus_proto::v1::{
    self, AnswerRequest, AnswerResponse, SpecialistServiceDescribeRequest, SpecialistServiceDescribeResponse,
    answer_response::Event as ProtoEvent,
};
use plexus_resilience::deadline::Deadline;
use plexus_structured::Schema;
use plexus_wire::{self as wire, Violations};
use tonic::{Request, Response, Status};

use crate::{
    cascade::{self, Asked, Ending, Event, Finished, asked_later},
    engine::{Engine, Question},
    live::Figures,
    prepare::Prepare,
};

/// Most parts of a workflow.
const MAX_PARTS: usize = 16;

/// A domain with its engines.
#[derive(Clone)]
pub(crate) struct Specialist {
    pub(crate) domain: Domain,
    pub(crate) engines: Arc<[Arc<dyn Engine>]>,
    pub(crate) prepare: Arc<Prepare>,
}

#[tonic::async_trait]
impl v1::specialist_service_server::SpecialistService for Specialist {
    type AnswerStream = Pin<Box<dyn Stream<Item = Result<AnswerResponse, Status>> + Send>>;

    async fn describe(
        &self,
        _: Request<SpecialistServiceDescribeRequest>,
    ) -> Result<Response<SpecialistServiceDescribeResponse>, Status> {
        let later = asked_later(&self.engines);
        let engines = self.engines.iter().zip(later).map(|(engine, later)| {
            let info = engine.info();
            let figures = engine.live().and_then(|live| live.figures());
            v1::EngineInfo {
                name: info.name.clone(),
                kind: info.kind.to_owned(),
                tier: wire::tier_to_proto(info.tier).into(),
                model: info.model.clone(),
                input_usd_per_mtok: info.price.input_per_mtok,
                output_usd_per_mtok: info.price.output_per_mtok,
                context_window: info.context_window.unwrap_or_default(),
                hardware: info.hardware.name().to_owned(),
                region: info.region.clone(),
                max_concurrency: info.max_concurrency.unwrap_or_default(),
                live: figures.map(|figures| live_to_proto(&figures, later)),
            }
        });
        Ok(Response::new(SpecialistServiceDescribeResponse {
            domain: wire::domain_to_proto(self.domain).into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engines: engines.collect(),
            capabilities: self
                .engines
                .iter()
                .flat_map(|engine| engine.capabilities())
                .map(|capability| v1::Capability {
                    name: capability.name.to_owned(),
                    example: capability.example.to_owned(),
                })
                .collect(),
            tasks: self.prepare.tasks().to_vec(),
        }))
    }

    async fn answer(&self, request: Request<AnswerRequest>) -> Result<Response<Self::AnswerStream>, Status> {
        let deadline = Deadline::of(request.extensions());
        let priority = request.extensions().get().copied().unwrap_or_default();
        let mut asked = read(request.into_inner(), deadline)?;
        asked.question.priority = priority;
        let events = cascade::run(self.domain, self.engines.clone(), self.prepare.clone(), asked);
        Ok(Response::new(Box::pin(events.map(|event| Ok(event_to_proto(event))))))
    }
}

fn read(request: AnswerRequest, deadline: Option<Deadline>) -> Result<Asked, ServiceError> {
    let mut violations = Violations::default();
    wire::text("query", &request.query, &mut violations);
    violations.id("request_id", &request.request_id);
    violations.id("session_id", &request.session_id);
    let context = wire::messages("context", request.context, true, &mut violations);
    let constraints = wire::constraints("constraints", request.constraints, &mut violations);
    let parts = wire::parts("parts", request.parts, MAX_PARTS, &mut violations);
    wire::task("task", &request.task, &mut violations);
    for (field, value) in [
        ("complexity", request.complexity),
        ("max_complexity", request.max_complexity),
    ] {
        if let Some(value) = value {
            wire::probability(field, value, &mut violations);
        }
    }
    let schema = match request.json_schema.as_str() {
        "" => None,
        text => match Schema::compile(text) {
            Ok(schema) => Some(schema),
            Err(problem) => {
                violations.add("json_schema", problem.to_string());
                None
            }
        },
    };
    violations.check()?;
    let question = Question {
        text: request.query,
        context,
        constraints,
        parts,
        hops_left: request.hops_left,
        complexity: request.complexity,
        max_complexity: request.max_complexity,
        task: request.task,
        json_schema: request.json_schema,
        deadline,
        request_id: request.request_id,
        ..Question::default()
    };
    Ok(Asked {
        question,
        exclude: request.exclude_engines,
        schema,
    })
}

fn live_to_proto(figures: &Figures, later: Option<String>) -> v1::EngineLive {
    v1::EngineLive {
        calls: figures.calls,
        failures: figures.failures,
        first_word: figures.first_word.and_then(wire::duration_to_proto),
        usual_first_word: figures.usual.and_then(wire::duration_to_proto),
        in_flight: figures.in_flight,
        adaptation: later.unwrap_or_default(),
    }
}

fn event_to_proto(event: Event) -> AnswerResponse {
    let event = match event {
        Event::Committed { engine, tier } => ProtoEvent::Committed(v1::Committed {
            engine,
            tier: wire::tier_to_proto(tier).into(),
        }),
        Event::Delta(text) => ProtoEvent::Delta(text),
        Event::Finished(finished) => ProtoEvent::Finished(finished_to_proto(*finished)),
    };
    AnswerResponse { event: Some(event) }
}

fn finished_to_proto(finished: Finished) -> v1::AnswerFinished {
    let result = match finished.ending {
        Ending::Answered => v1::AnswerResult::Answered,
        Ending::Declined => v1::AnswerResult::Declined,
        Ending::Failed => v1::AnswerResult::Failed,
        Ending::CutOff => v1::AnswerResult::CutOff,
    };
    let (engine, tier) = match finished.engine {
        Some((engine, tier)) => (engine, wire::tier_to_proto(tier)),
        None => (String::new(), v1::Tier::Unspecified),
    };
    v1::AnswerFinished {
        result: result.into(),
        engine,
        tier: tier.into(),
        attempts: finished.attempts.iter().map(wire::attempt_to_proto).collect(),
        usage: Some(wire::usage_to_proto(finished.usage)),
        detail: finished.detail,
        bare_result: finished.result,
        substeps: finished.substeps.iter().map(wire::step_to_proto).collect(),
        engine_time: wire::duration_to_proto(finished.engine_time),
        degradations: finished.degradations.iter().map(wire::degradation_to_proto).collect(),
        engines_left: finished.engines_left as u32,
        sources: finished.sources.iter().map(wire::source_to_proto).collect(),
        planned_by: finished.planned_by,
        exact: finished.exact,
        next_weight: finished.next_weight,
        adaptations: finished.adaptations,
    }
}
