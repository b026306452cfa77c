//! The gRPC door: OTLP's TraceService.

use std::{future::Future, time::Duration};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, transport::Server};
use tower::limit::GlobalConcurrencyLimitLayer;

use crate::{accept, store::Store};

const MAX_MESSAGE: usize = 4 * 1024 * 1024;
const MAX_CONNECTIONS: usize = 256;
const MAX_STREAMS: u32 = 100;
const MAX_HEADER_LIST: u32 = 16 * 1024;
/// hyper's own defaults, which tonic replaces by "unlimited" (RUSTSEC-2024-0003).
const MAX_LOCAL_RESETS: usize = 1024;
const MAX_PENDING_RESETS: usize = 20;
/// A decoded message can be forty times its size on the wire, for a moment.
const MAX_AT_WORK: usize = 16;
/// From the first byte to the answer: a sender that stops in the middle must not keep one of those places.
const MAX_TIME: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Sink(Store);

#[tonic::async_trait]
impl TraceService for Sink {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let exported = self.0.export(request.into_inner().resource_spans);
        let partial_success = (exported.rejected > 0).then(|| ExportTracePartialSuccess {
            rejected_spans: i64::try_from(exported.rejected).unwrap_or(i64::MAX),
            error_message: exported.reason.to_owned(),
        });
        Ok(Response::new(ExportTraceServiceResponse { partial_success }))
    }
}

/// Takes spans until `stop` is done, then lets calls under way end.
pub(crate) async fn serve(
    listener: TcpListener,
    store: Store,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_max_header_list_size(MAX_HEADER_LIST)
        .http2_max_local_error_reset_streams(Some(MAX_LOCAL_RESETS))
        .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
        .http2_keepalive_interval(Some(PING_INTERVAL))
        .http2_keepalive_timeout(Some(PING_TIMEOUT))
        .timeout(MAX_TIME)
        .layer(GlobalConcurrencyLimitLayer::new(MAX_AT_WORK))
        .add_service(TraceServiceServer::new(Sink(store)).max_decoding_message_size(MAX_MESSAGE))
        .serve_with_incoming_shutdown(accept::fallible(listener, MAX_CONNECTIONS), stop)
        .await
}
