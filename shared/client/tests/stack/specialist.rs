//! What a caller is told of a question to a specialist: who was asked, and which rungs of the ladder were taken.

use std::{net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use plexus_client::{
    Config, Endpoint, Pool,
    specialist::{Called, Terms, call},
};
use plexus_core::{Attempt, Degradation, DegradationReason, Domain, Tier};
use plexus_proto::v1::{
    self, AnswerFinished, AnswerRequest, AnswerResponse, AnswerResult, Committed, SpecialistServiceDescribeRequest,
    SpecialistServiceDescribeResponse,
    answer_response::Event,
    specialist_service_server::{SERVICE_NAME, SpecialistService, SpecialistServiceServer},
};
use plexus_resilience::deadline::Deadline;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_stream::{Stream, wrappers::UnboundedReceiverStream};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

use crate::support::{DEADLINE, Names, all_serve, config};

/// What a specialist does with a question.
#[derive(Clone, Copy)]
enum Says {
    /// Answers.
    Word,
    /// Begins to answer, and breaks off.
    Half,
    /// Fails at once.
    Nothing,
    /// Never says anything.
    Silence,
}

struct Specialist {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Specialist {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tonic::async_trait]
impl SpecialistService for Says {
    type AnswerStream = Pin<Box<dyn Stream<Item = Result<AnswerResponse, Status>> + Send>>;

    async fn describe(
        &self,
        _: Request<SpecialistServiceDescribeRequest>,
    ) -> Result<Response<SpecialistServiceDescribeResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn answer(&self, _: Request<AnswerRequest>) -> Result<Response<Self::AnswerStream>, Status> {
        let (tell, told) = mpsc::unbounded_channel();
        let event = |event| AnswerResponse { event: Some(event) };
        let committed = Committed {
            engine: "exact".to_owned(),
            tier: v1::Tier::Onprem.into(),
        };
        let finished = AnswerFinished {
            result: AnswerResult::Answered.into(),
            engine: "exact".to_owned(),
            ..AnswerFinished::default()
        };
        let words = [Event::Committed(committed), Event::Delta("word".to_owned())];
        match self {
            Self::Nothing => return Err(Status::unavailable("as the test says")),
            Self::Silence => std::future::pending().await,
            Self::Word => words
                .into_iter()
                .chain([Event::Finished(finished)])
                .for_each(|one| tell.send(Ok(event(one))).unwrap()),
            Self::Half => {
                words.into_iter().for_each(|one| tell.send(Ok(event(one))).unwrap());
                tell.send(Err(Status::internal("lost the thread"))).unwrap();
            }
        }
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(told))))
    }
}

impl Specialist {
    async fn start(says: Says) -> Self {
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = incoming.local_addr().unwrap();
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<SpecialistServiceServer<Says>>().await;
        let server = Server::builder()
            .add_service(health_service)
            .add_service(SpecialistServiceServer::new(says));
        let server = tokio::spawn(async move { server.serve_with_incoming(incoming).await.unwrap() });
        Self { address, server }
    }
}

/// A pool in which each of the tiers has a name; one that stands for nobody is lost. Tiers in the order in which they are preferred.
async fn pool(tiers: &[(Tier, Option<&Specialist>)], config: &Config) -> Pool {
    let names = Names::default();
    let endpoints: Vec<Endpoint> = tiers
        .iter()
        .map(|(tier, specialist)| {
            if let Some(specialist) = specialist {
                names.set(tier.name(), &[specialist.address]);
            }
            Endpoint {
                host: tier.name().to_owned(),
                port: 1,
                tier: Some(*tier),
            }
        })
        .collect();
    let pool = Pool::on(Arc::new(names), "math", SERVICE_NAME, &endpoints, config);
    let there = tiers.iter().filter(|(_, specialist)| specialist.is_some()).count();
    plexus_testkit::eventually!(pool.replicas().len() == there, DEADLINE);
    all_serve(&pool).await;
    pool
}

async fn ask(pool: &Pool, within: Duration) -> Called {
    let terms = Terms {
        deadline: Some(Deadline::after(within)),
        ..Terms::default()
    };
    call(pool, Domain::Math, &AnswerRequest::default(), terms, ()).await
}

fn reasons(degradations: &[Degradation]) -> Vec<DegradationReason> {
    degradations.iter().map(|one| one.reason).collect()
}

fn details(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().map(|one| one.detail.as_str()).collect()
}

#[tokio::test]
async fn a_tier_that_cannot_serve_is_told_of_and_one_that_does_is_not() {
    let (near, far) = (Specialist::start(Says::Word).await, Specialist::start(Says::Word).await);
    let both = pool(&[(Tier::Onprem, Some(&near)), (Tier::Cloud, Some(&far))], &config()).await;
    let reply = ask(&both, DEADLINE).await.reply.unwrap();
    assert_eq!(reasons(&reply.degradations), []);
    // Its name stands for nobody: there has never been a replica of the preferred tier.
    let one = pool(&[(Tier::Onprem, None), (Tier::Cloud, Some(&far))], &config()).await;
    let reply = ask(&one, DEADLINE).await.reply.unwrap();
    assert_eq!(reasons(&reply.degradations), [DegradationReason::TierDown]);
    assert!(reply.degradations[0].detail.contains("onprem could serve, cloud did"));
}

#[tokio::test]
async fn a_broken_off_answer_keeps_its_history() {
    let (fails, breaks) = (
        Specialist::start(Says::Nothing).await,
        Specialist::start(Says::Half).await,
    );
    let pool = pool(&[(Tier::Edge, Some(&fails)), (Tier::Cloud, Some(&breaks))], &config()).await;
    let Called { attempts, reply, .. } = ask(&pool, DEADLINE).await;
    let reply = reply.unwrap();
    assert!(reply.cut_off);
    assert_eq!(
        reasons(&reply.degradations),
        [
            DegradationReason::ReplicaFailed,
            DegradationReason::TierDown,
            DegradationReason::CutOff
        ]
    );
    assert_eq!((reply.text.as_str(), reply.engine.as_str()), ("word", "exact"));
    assert_eq!(reply.tier, Some(Tier::Onprem), "as its commit point says");
    assert_eq!(
        details(&attempts),
        ["Unavailable: as the test says", "Internal: lost the thread"]
    );
    assert_eq!(
        (attempts[1].engine.as_str(), &attempts[1].replica),
        ("exact", &reply.replica)
    );
}

#[tokio::test]
async fn who_said_nothing_before_the_deadline_is_among_the_attempts() {
    let silent = Specialist::start(Says::Silence).await;
    let pool = pool(&[(Tier::Edge, Some(&silent))], &config()).await;
    let Called { attempts, reply, .. } = ask(&pool, Duration::from_millis(200)).await;
    assert_eq!(reply.unwrap_err().reason, DegradationReason::Deadline);
    assert_eq!(details(&attempts), ["said nothing before the deadline"]);
    assert!(attempts[0].latency > Duration::ZERO);
}
