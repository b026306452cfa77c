//! What a client takes a replica for, and what becomes of the calls that it has begun.

use std::sync::Arc;

use plexus_client::{Config, Pool, ReplicaState, System};
use plexus_proto::v1::validator_service_server::SERVICE_NAME;
use plexus_resilience::attempt::FirstWordShare;
use plexus_testkit::{eventually, fault::Proxy};
use tokio::task::JoinSet;
use tonic::Code;

use crate::support::{DEADLINE, Does, Replica, all_serve, ask, config, endpoint, pool, question};

#[tokio::test]
async fn a_replica_that_no_longer_answers_anything_is_down_and_comes_back() {
    let (freezes, well) = (Replica::start(Does::Answer).await, Replica::start(Does::Answer).await);
    let way = Proxy::start(freezes.address, 1).await.unwrap();
    let endpoints = [endpoint(way.address()), endpoint(well.address)];
    let pool = Pool::on(
        Arc::new(System::default()),
        "validator",
        SERVICE_NAME,
        &endpoints,
        &config(),
    );
    all_serve(&pool).await;
    // As a frozen process does: connections are taken, and nobody answers on them.
    way.black_hole().await.unwrap();
    eventually("it is down", DEADLINE, async || {
        let mut request = question();
        request.extensions_mut().insert(FirstWordShare(0.05));
        ask(&pool, request).await.0.unwrap();
        (pool.replicas()[0].state() == ReplicaState::Down).then_some(())
    })
    .await;
    let before = freezes.calls();
    way.up().await.unwrap();
    all_serve(&pool).await;
    well.does(Does::Fail(Code::Unavailable));
    eventually("it is asked again", DEADLINE, async || {
        ask(&pool, question()).await.0.ok()?;
        (freezes.calls() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_drains_finishes_what_it_has_begun() {
    let mut drains = Replica::start(Does::Hold).await;
    let pool = Arc::new(pool(&[&drains], &config()).await);
    let asking = pool.clone();
    let call = tokio::spawn(async move { ask(&asking, question()).await.0 });
    eventually!(drains.calls() == 1, DEADLINE);
    drains.drains().await;
    eventually!(pool.replicas()[0].state() == ReplicaState::NotServing, DEADLINE);
    drains.closes().await;
    eventually!(pool.replicas()[0].state() == ReplicaState::Down, DEADLINE);
    drains.does(Does::Answer);
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_drains_and_freezes_is_not_waited_for() {
    let drains = Replica::start(Does::Hold).await;
    let way = Proxy::start(drains.address, 1).await.unwrap();
    let pool = Arc::new(Pool::on(
        Arc::new(System::default()),
        "validator",
        SERVICE_NAME,
        &[endpoint(way.address())],
        &config(),
    ));
    all_serve(&pool).await;
    let asking = pool.clone();
    let call = tokio::spawn(async move { ask(&asking, question()).await.0 });
    eventually!(drains.calls() == 1, DEADLINE);
    drains.drains().await;
    eventually!(pool.replicas()[0].state() == ReplicaState::NotServing, DEADLINE);
    way.black_hole().await.unwrap();
    let status = call.await.unwrap().unwrap_err();
    assert!(status.message().contains("health checks"), "{status:?}");
}

#[tokio::test]
async fn who_refuses_to_be_watched_has_answered() {
    let mut replica = Replica::start(Does::Answer).await;
    let pool = pool(&[&replica], &config()).await;
    replica.health.clear_service_status(SERVICE_NAME).await;
    eventually!(
        pool.replicas()[0].last_error().contains("service not registered"),
        DEADLINE
    );
    assert_eq!(pool.replicas()[0].state(), ReplicaState::NotServing);
}

#[tokio::test]
async fn health_checks_need_no_place_among_the_calls() {
    let replica = Replica::with_streams(Does::Hold, Some(10)).await;
    let config = Config {
        connections: 1,
        streams_per_connection: 10,
        limit: plexus_resilience::limit::Config { min: 1, max: 10 },
        ..config()
    };
    let pool = Arc::new(pool(&[&replica], &config).await);
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let pool = pool.clone();
        calls.spawn(async move { ask(&pool, question()).await.0 });
    }
    eventually!(replica.calls() == 10, DEADLINE);
    let before = replica.checks();
    eventually!(replica.checks() > before + 5, DEADLINE);
    assert_eq!(pool.replicas()[0].state(), ReplicaState::Serving);
    replica.does(Does::Answer);
    for result in calls.join_all().await {
        result.unwrap();
    }
}
