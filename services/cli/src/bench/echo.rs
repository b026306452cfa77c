//! The floor: a bare tonic server that echoes, alone or through a second one. No layer, no classification, no trace.

use std::net::SocketAddr;

use plexus_proto::v1::{
    AskRequest, AskResponse, AskStreamResponse, ClassifyRequest, ClassifyResponse, GetStatusRequest, GetStatusResponse,
    router_service_client::RouterServiceClient,
    router_service_server::{RouterService, RouterServiceServer},
};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};

/// Arguments of the hidden subcommand.
#[derive(Debug, clap::Args)]
pub struct EchoArgs {
    /// The next hop; without one, this hop answers
    #[arg(long)]
    next: Option<SocketAddr>,
}

struct Echo(Option<RouterServiceClient<Channel>>);

type NoStream = futures_util::stream::Empty<Result<AskStreamResponse, Status>>;

#[tonic::async_trait]
impl RouterService for Echo {
    type AskStreamStream = NoStream;

    async fn ask(&self, request: Request<AskRequest>) -> Result<Response<AskResponse>, Status> {
        match &self.0 {
            Some(next) => next.clone().ask(request.into_inner()).await,
            None => {
                let answer = request.into_inner().query;
                Ok(Response::new(AskResponse {
                    answer,
                    ..AskResponse::default()
                }))
            }
        }
    }

    async fn ask_stream(&self, _: Request<AskRequest>) -> Result<Response<NoStream>, Status> {
        Err(Status::unimplemented("the floor only echoes"))
    }

    async fn classify(&self, _: Request<ClassifyRequest>) -> Result<Response<ClassifyResponse>, Status> {
        Err(Status::unimplemented("the floor only echoes"))
    }

    async fn get_status(&self, _: Request<GetStatusRequest>) -> Result<Response<GetStatusResponse>, Status> {
        Err(Status::unimplemented("the floor only echoes"))
    }
}

/// Serves one hop until standard input closes; prints `listening echo ADDRESS`.
pub async fn serve(args: &EchoArgs) -> anyhow::Result<()> {
    let next = match args.next {
        Some(address) => Some(RouterServiceClient::new(
            Endpoint::from_shared(format!("http://{address}"))?.connect().await?,
        )),
        None => None,
    };
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    println!("listening echo {}", incoming.local_addr()?);
    Server::builder()
        .add_service(RouterServiceServer::new(Echo(next)))
        .serve_with_incoming_shutdown(incoming, plexus_server::process::stdin_closed())
        .await?;
    Ok(())
}
