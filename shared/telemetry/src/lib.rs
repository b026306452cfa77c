//! Tracing, OTLP export and W3C propagation.
