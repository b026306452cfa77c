//! The HTTP door: Jaeger's query API, and pages for people. Everything here only reads.

mod jaeger;
mod v3;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde::Serialize;
use tokio::{sync::Semaphore, task};

use crate::{
    id::TraceId,
    page,
    search::{Search, param},
    store::Store,
    trace::Trace,
};

/// Answers that are computed at the same time; each may take a core and some tens of megabytes for a moment.
const MAX_AT_WORK: usize = 2;

/// A search for whole traces answers at most so many bytes of them (as weighed in memory), however deep it was asked to go.
const MAX_RESULT: usize = 8 * 1024 * 1024;

/// Traces on the page that lists them.
const PAGE_TRACES: usize = 100;

type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

#[derive(Debug, Clone)]
struct Api {
    store: Store,
    at_work: Arc<Semaphore>,
}

/// All routes.
pub(crate) fn router(store: Store) -> Router {
    let api = Api {
        store,
        at_work: Arc::new(Semaphore::new(MAX_AT_WORK)),
    };
    Router::new()
        .route("/api/v3/services", get(services))
        .route("/api/v3/operations", get(operations))
        .route("/api/v3/trace-summaries", get(summaries))
        .route("/api/v3/traces", get(find))
        .route("/api/v3/traces/{id}", get(trace))
        .route("/api/traces/{id}", get(jaeger_trace))
        .route("/", get(list_page))
        .route("/trace/{id}", get(trace_page))
        .route("/healthz", get(|| async { "ok\n" }))
        .with_state(api)
}

impl Api {
    /// Computes an answer away from the threads that serve connections.
    async fn compute(&self, work: impl FnOnce(&Store) -> Response + Send + 'static) -> Response {
        // Never closed; without a permit there is no bound, so refuse.
        let Ok(permit) = self.at_work.clone().acquire_owned().await else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let store = self.store.clone();
        let answer = task::spawn_blocking(move || {
            let answer = work(&store);
            drop(permit);
            answer
        });
        answer
            .await
            .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

async fn services(State(api): State<Api>) -> Response {
    api.compute(|store| json(StatusCode::OK, &v3::services(&store.newest())))
        .await
}

async fn operations(State(api): State<Api>, params: Parameters) -> Response {
    let params = match params {
        Ok(Query(params)) => params,
        Err(error) => return refused(&error.body_text()),
    };
    api.compute(move |store| {
        let service = param(&params, &["service"]).map_or("", |(_, value)| value);
        let kind = param(&params, &["spanKind", "span_kind"]).map(|(_, value)| value);
        json(StatusCode::OK, &v3::operations(&store.newest(), service, kind))
    })
    .await
}

async fn summaries(State(api): State<Api>, params: Parameters) -> Response {
    search(api, params, usize::MAX, |traces| {
        json(StatusCode::OK, &v3::summaries(traces))
    })
    .await
}

async fn find(State(api): State<Api>, params: Parameters) -> Response {
    search(api, params, MAX_RESULT, found).await
}

async fn trace(State(api): State<Api>, Path(id): Path<String>) -> Response {
    match id.parse::<TraceId>() {
        Err(error) => refused(&format!("malformed parameter trace_id: {error}")),
        Ok(id) => api.compute(move |store| found(store.get(id).as_slice())).await,
    }
}

async fn jaeger_trace(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let failed = |status: StatusCode, message: &str| json(status, &jaeger::failed(status.as_u16(), message));
    match id.parse::<TraceId>() {
        Err(error) => failed(StatusCode::BAD_REQUEST, &error.to_string()),
        Ok(id) => {
            api.compute(move |store| match store.get(id) {
                None => failed(StatusCode::NOT_FOUND, "trace not found"),
                Some(trace) => json(StatusCode::OK, &jaeger::found(&trace)),
            })
            .await
        }
    }
}

async fn list_page(State(api): State<Api>) -> Response {
    api.compute(|store| {
        let traces = store.newest();
        let shown = traces.get(..PAGE_TRACES).unwrap_or(&traces);
        html(StatusCode::OK, page::list(shown, traces.len()))
    })
    .await
}

async fn trace_page(State(api): State<Api>, Path(id): Path<String>) -> Response {
    match id.parse::<TraceId>() {
        Err(error) => html(
            StatusCode::BAD_REQUEST,
            page::message("No such page", &error.to_string()),
        ),
        Ok(id) => {
            api.compute(move |store| match store.get(id) {
                None => html(StatusCode::NOT_FOUND, page::waiting(id)),
                Some(trace) => html(StatusCode::OK, page::trace(&trace)),
            })
            .await
        }
    }
}

async fn search(api: Api, params: Parameters, max_bytes: usize, answer: fn(&[Arc<Trace>]) -> Response) -> Response {
    let search = match params {
        Ok(Query(params)) => Search::parse(&params),
        Err(error) => Err(error.body_text()),
    };
    match search {
        Err(message) => refused(&message),
        Ok(search) => {
            api.compute(move |store| {
                let mut room = max_bytes;
                let matching = store.newest().into_iter().filter(|trace| search.matches(trace));
                let fitting = matching.take(search.depth).take_while(|trace| {
                    let fits = room > 0;
                    room = room.saturating_sub(trace.weight);
                    fits
                });
                answer(&fitting.collect::<Vec<_>>())
            })
            .await
        }
    }
}

fn found(traces: &[Arc<Trace>]) -> Response {
    if traces.is_empty() {
        let status = StatusCode::NOT_FOUND;
        return json(status, &v3::failed(status.as_u16(), "No traces found"));
    }
    json(StatusCode::OK, &v3::found(traces))
}

fn refused(message: &str) -> Response {
    let status = StatusCode::BAD_REQUEST;
    json(status, &v3::failed(status.as_u16(), message))
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Nothing on a page may run, load, or be framed: it shows text that anyone may have sent.
fn html(status: StatusCode, body: String) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, body).into_response()
}
