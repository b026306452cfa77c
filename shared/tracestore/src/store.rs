//! The bounded memory of traces: [`Traces`] is pure, [`Store`] is the lock around it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock},
};

use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};

use crate::{
    id::{SpanId, TraceId},
    limits,
    trace::{Process, Record, Source, Trace},
};

/// Spans kept of one trace; a loop that never ends its trace must not push out all others.
const MAX_SPANS_PER_TRACE: usize = 5_000;

/// How much is kept. The oldest traces go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Traces.
    pub max_traces: usize,
    /// Bytes in memory, estimated from the sizes of all strings and lists.
    pub max_bytes: usize,
    /// Spans of one trace.
    pub max_spans_per_trace: usize,
}

impl Limits {
    /// These bounds, and the usual one for a trace.
    pub fn new(max_traces: usize, max_bytes: usize) -> Self {
        Self {
            max_traces,
            max_bytes,
            max_spans_per_trace: MAX_SPANS_PER_TRACE,
        }
    }
}

/// Why a span was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    InvalidId,
    TraceFull,
    TooBig,
}

/// All traces, the oldest (by arrival) first.
#[derive(Debug)]
pub(crate) struct Traces {
    limits: Limits,
    by_id: HashMap<TraceId, Arc<Trace>>,
    order: VecDeque<TraceId>,
    weight: usize,
}

impl Traces {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            by_id: HashMap::new(),
            order: VecDeque::new(),
            weight: 0,
        }
    }

    /// Keeps a span. One that is already there (an exporter tried twice) is kept once.
    pub(crate) fn add(&mut self, source: &Arc<Source>, span: Span) -> Result<(), Rejected> {
        let id = TraceId::from_bytes(&span.trace_id).ok_or(Rejected::InvalidId)?;
        let span_id = SpanId::from_bytes(&span.span_id).ok_or(Rejected::InvalidId)?;
        let trace = self.by_id.get(&id);
        if trace.is_some_and(|trace| trace.span_ids.contains(&span_id)) {
            return Ok(());
        }
        if trace.map_or(0, |trace| trace.records.len()) >= self.limits.max_spans_per_trace {
            return Err(self.leave_out(id, Rejected::TraceFull));
        }
        let known = trace.and_then(|trace| trace.known_source(source)).cloned();
        let record = Record {
            id: span_id,
            parent: SpanId::from_bytes(&span.parent_span_id),
            source: known.as_ref().unwrap_or(source).clone(),
            span,
        };
        let added = record.weight() + if known.is_some() { 0 } else { source.weight() };
        if !self.make_room(id, added) {
            return Err(self.leave_out(id, Rejected::TooBig));
        }
        let order = &mut self.order;
        let weight = &mut self.weight;
        let trace = self.by_id.entry(id).or_insert_with(|| {
            order.push_back(id);
            *weight += Trace::BASE_WEIGHT;
            Arc::new(Trace::new(id))
        });
        // Copies the lists (not the spans) only while a reader holds this trace.
        let trace = Arc::make_mut(trace);
        if known.is_none() {
            trace.sources.push(source.clone());
        }
        trace.span_ids.insert(span_id);
        trace.records.push(Arc::new(record));
        trace.weight += added;
        *weight += added;
        Ok(())
    }

    fn leave_out(&mut self, id: TraceId, why: Rejected) -> Rejected {
        if let Some(trace) = self.by_id.get_mut(&id) {
            let trace = Arc::make_mut(trace);
            trace.left_out = trace.left_out.saturating_add(1);
        }
        why
    }

    /// Evicts the oldest other traces until `added` more bytes of trace `id` fit; says whether they can.
    fn make_room(&mut self, id: TraceId, added: usize) -> bool {
        let own = self.by_id.get(&id).map(|trace| trace.weight);
        let grows = added + if own.is_some() { 0 } else { Trace::BASE_WEIGHT };
        if own.unwrap_or(0) + grows > self.limits.max_bytes {
            return false;
        }
        let max_others = self.limits.max_traces.max(1) - usize::from(own.is_none());
        while self.order.len() > max_others || self.weight + grows > self.limits.max_bytes {
            // The trace itself is at most one of the first two.
            let Some(place) = self.order.iter().position(|other| *other != id) else {
                return false;
            };
            let evicted = self.order.remove(place).and_then(|other| self.by_id.remove(&other));
            self.weight -= evicted.map_or(0, |trace| trace.weight);
        }
        true
    }

    pub(crate) fn get(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.by_id.get(&id).cloned()
    }

    /// Every trace, the newest first.
    pub(crate) fn newest(&self) -> Vec<Arc<Trace>> {
        self.order.iter().rev().filter_map(|id| self.get(*id)).collect()
    }
}

/// A handle to the traces of a store; clones see the same traces. The lock is held for moments and never across an await.
#[derive(Debug, Clone)]
pub struct Store(Arc<RwLock<Traces>>);

/// What became of an export.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Spans that were kept.
    pub kept: u64,
    /// Spans that were not.
    pub rejected: u64,
    /// Why, when some were not.
    pub reason: &'static str,
}

impl Store {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(Traces::new(limits))))
    }

    /// Keeps the spans of an OTLP message, cut to size.
    pub fn export(&self, message: Vec<ResourceSpans>) -> Exported {
        let batches: Vec<(Arc<Source>, Vec<Span>)> = message.into_iter().flat_map(batches).collect();
        let mut exported = Exported::default();
        let mut traces = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (source, spans) in batches {
            for span in spans {
                match traces.add(&source, span) {
                    Ok(()) => exported.kept += 1,
                    Err(why) => {
                        exported.rejected += 1;
                        exported.reason = match why {
                            Rejected::InvalidId => "a trace id has 16 bytes, a span id 8, and not all are zero",
                            Rejected::TraceFull => "the trace has too many spans",
                            Rejected::TooBig => "the trace is too big for this store",
                        };
                    }
                }
            }
        }
        exported
    }

    /// How many traces there are.
    pub fn len(&self) -> usize {
        self.read(|traces| traces.order.len())
    }

    /// No trace is there.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes in memory, estimated.
    pub fn weight(&self) -> usize {
        self.read(|traces| traces.weight)
    }

    /// How many spans of this trace there are.
    pub fn span_count(&self, id: TraceId) -> usize {
        self.get(id).map_or(0, |trace| trace.records.len())
    }

    pub(crate) fn get(&self, id: TraceId) -> Option<Arc<Trace>> {
        self.read(|traces| traces.get(id))
    }

    pub(crate) fn newest(&self) -> Vec<Arc<Trace>> {
        self.read(Traces::newest)
    }

    fn read<T>(&self, look: impl FnOnce(&Traces) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn batches(message: ResourceSpans) -> impl Iterator<Item = (Arc<Source>, Vec<Span>)> {
    let mut resource = message.resource.unwrap_or_default();
    let mut schema_url = message.schema_url;
    limits::fit_resource(&mut resource);
    limits::fit_url(&mut schema_url);
    // Shared: a message may hold many thousands of libraries.
    let process = Arc::new(Process::new(resource, schema_url));
    message.scope_spans.into_iter().map(move |mut group| {
        let mut scope = group.scope.unwrap_or_default();
        limits::fit_scope(&mut scope);
        limits::fit_url(&mut group.schema_url);
        group.spans.iter_mut().for_each(limits::fit_span);
        let source = Source {
            process: process.clone(),
            scope,
            schema_url: group.schema_url,
        };
        (Arc::new(source), group.spans)
    })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
