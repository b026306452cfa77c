//! A bounded in-memory OTLP sink that speaks Jaeger's query API.
