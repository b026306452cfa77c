//! Starts logging and tracing of a process.

use std::{net::SocketAddr, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use plexus_config::{Environment, Invalid};
use serde::{Deserialize, Deserializer, de::Error as _};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// How long an export, or the last flush at the end, may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

/// Section `telemetry` of every service's configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where spans go, e.g. `http://127.0.0.1:4317` (OTLP over gRPC). Empty: `OTEL_EXPORTER_OTLP_ENDPOINT`, and where
    /// that is unset too, tracing is off.
    pub otlp_endpoint: String,
    /// Share of requests that are traced where the caller does not decide, 0..1.
    pub sample_ratio: f64,
    /// Filter of logs, as `tracing_subscriber::EnvFilter` reads it.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Where metrics are served over HTTP, e.g. `127.0.0.1:9464`; port 0 takes a free one. Empty, the default: nowhere.
    #[serde(deserialize_with = "address_or_none")]
    pub metrics: Option<SocketAddr>,
}

/// An address; an empty text is none.
fn address_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!(
            "`{text}` is no address; write IP:PORT, e.g. \"127.0.0.1:9464\", or \"\" for none"
        ))
    })
}

impl Default for Config {
    fn default() -> Self {
        Self {
            otlp_endpoint: String::new(),
            sample_ratio: 1.0,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            metrics: None,
        }
    }
}

impl Config {
    /// Refuses a share outside 0..1 and filters that cannot be read.
    pub fn validate(&self, key: &str) -> Result<(), Invalid> {
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err(Invalid::new(
                format!("{key}.sample_ratio"),
                format!("{} is not between 0 and 1", self.sample_ratio),
            ));
        }
        EnvFilter::try_new(&self.log).map(drop).map_err(|error| {
            Invalid::new(
                format!("{key}.log"),
                format!("`{}` is no log filter: {error}", self.log),
            )
        })
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The exporter refused its endpoint.
    #[error("key `telemetry.otlp_endpoint`: cannot send spans to `{endpoint}`")]
    Exporter {
        /// The endpoint.
        endpoint: String,
        /// Why.
        #[source]
        source: opentelemetry_otlp::ExporterBuildError,
    },
}

/// Keeps telemetry alive; call [`Guard::shutdown`] after the server has drained, or spans are lost.
#[derive(Debug)]
#[must_use]
pub struct Guard(Option<SdkTracerProvider>);

impl Guard {
    /// Sends what is left.
    pub async fn shutdown(self) {
        if let Some(provider) = self.0 {
            // It blocks; a worker of the runtime must not.
            let flush = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(EXPORT_TIMEOUT));
            if let Ok(Err(error)) = flush.await {
                tracing::warn!(%error, "some spans were not sent");
            }
        }
    }
}

/// Starts logging, and tracing where an endpoint is set. Must be called inside the runtime, once a process.
///
/// # Errors
/// An endpoint that is no URL.
pub fn init(service: &str, config: &Config, environment: &Environment) -> Result<Guard, TelemetryError> {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = match config.log_format {
        LogFormat::Text => fmt::layer().with_writer(std::io::stderr).with_ansi(false).boxed(),
        LogFormat::Json => fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let provider = provider(service, config, environment)?;
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("plexus"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            // Without it the insides of h2 and tonic would become spans.
            .with_filter(filter_fn(|metadata| {
                metadata.target().starts_with("plexus") && metadata.is_span()
            }))
    });
    let _ = tracing_subscriber::registry()
        .with(spans)
        .with(logs.with_filter(filter))
        .try_init();
    Ok(Guard(provider))
}

fn provider(
    service: &str,
    config: &Config,
    environment: &Environment,
) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    let endpoint = match config.otlp_endpoint.as_str() {
        "" => environment.get("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_default(),
        set => set,
    };
    if endpoint.is_empty() {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|source| TelemetryError::Exporter {
            endpoint: endpoint.to_owned(),
            source,
        })?;
    let resource = Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(KeyValue::new("service.namespace", "plexus"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new(
            "service.instance.id",
            format!("{service}-{}-{}", host(), std::process::id()),
        ))
        .build();
    Ok(Some(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                config.sample_ratio,
            ))))
            .with_resource(resource)
            .build(),
    ))
}

/// The machine's name. In a container every process is number 1, and only this tells replicas apart.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "localhost".to_owned(),
        name => name.to_owned(),
    }
}
