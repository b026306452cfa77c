//! The whole client stack against real servers.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod health;
mod names;
mod spans;
mod specialist;
mod support;

use std::{net::TcpListener, sync::Arc, time::Duration};

use plexus_client::{Config, Pool, System};
use plexus_proto::v1::validator_service_server::SERVICE_NAME;
use plexus_resilience::{attempt::FirstWordShare, call::Idempotent, deadline::Deadline, priority::Priority};
use plexus_testkit::eventually;
use tokio::task::JoinSet;
use tonic::Code;

use support::{DEADLINE, Does, Replica, ask, config, endpoint, pool, question};

#[tokio::test]
async fn one_of_two_is_dead_and_no_call_fails() {
    let alive = Replica::start(Does::Answer).await;
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pool = Pool::on(
        Arc::new(System::default()),
        "validator",
        SERVICE_NAME,
        &[endpoint(alive.address), endpoint(dead)],
        &config(),
    );
    for _ in 0..200 {
        ask(&pool, question()).await.0.unwrap();
    }
    assert_eq!(alive.calls(), 200);
}

#[tokio::test]
async fn a_replica_that_fails_is_left_after_five_calls_at_most_and_found_again() {
    let (well, ill) = (
        Replica::start(Does::Answer).await,
        Replica::start(Does::Fail(Code::Unavailable)).await,
    );
    let pool = Arc::new(pool(&[&well, &ill], &config()).await);
    for _ in 0..200 {
        ask(&pool, question()).await.0.unwrap();
    }
    // Its breaker opens after five; before that it looks slow, and the other one is preferred.
    assert!((1..=5).contains(&ill.calls()), "{}", ill.calls());
    assert_eq!(pool.spent().retries, ill.calls() as u64);
    assert!(pool.replicas()[1].last_error().contains("as the test says"));
    ill.does(Does::Answer);
    let before = ill.calls();
    // What failed counts as slow for a while, but not as slower than a replica with many calls.
    eventually("it is asked again", DEADLINE, async || {
        let mut calls = JoinSet::new();
        for _ in 0..32 {
            let pool = pool.clone();
            calls.spawn(async move { ask(&pool, question()).await.0.unwrap() });
        }
        calls.join_all().await;
        (ill.calls() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_nobody_can_do_better_is_not_tried_again() {
    let replicas = [
        Replica::start(Does::Fail(Code::InvalidArgument)).await,
        Replica::start(Does::Fail(Code::InvalidArgument)).await,
    ];
    let pool = pool(&[&replicas[0], &replicas[1]], &config()).await;
    let (result, trail) = ask(&pool, question()).await;
    assert_eq!(result.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(trail.len(), 1);
}

#[tokio::test]
async fn when_all_fail_the_last_word_is_theirs_and_attempts_stay_few() {
    let replicas = [
        Replica::start(Does::Fail(Code::Internal)).await,
        Replica::start(Does::Fail(Code::Internal)).await,
    ];
    let pool = pool(&[&replicas[0], &replicas[1]], &config()).await;
    let (result, trail) = ask(&pool, question()).await;
    assert_eq!(result.unwrap_err().message(), "as the test says");
    assert_eq!(trail.len(), 2);
    for _ in 0..100 {
        ask(&pool, question()).await.0.unwrap_err();
    }
    // Both breakers are open after five failures each, or about to be.
    assert!(replicas[0].calls() + replicas[1].calls() <= 12);
    let (result, trail) = ask(&pool, question()).await;
    assert_eq!(result.unwrap_err().code(), Code::Unavailable);
    assert!(trail.is_empty());
}

#[tokio::test]
async fn a_replica_that_says_nothing_costs_a_share_of_the_time() {
    let (hangs, answers) = (Replica::start(Does::Hang).await, Replica::start(Does::Answer).await);
    let pool = pool(&[&hangs, &answers], &config()).await;
    for _ in 0..20 {
        let mut request = question();
        request.extensions_mut().insert(Deadline::after(Duration::from_secs(5)));
        request.extensions_mut().insert(FirstWordShare(0.2));
        ask(&pool, request).await.0.unwrap();
    }
    assert!((1..=5).contains(&hangs.calls()), "{}", hangs.calls());
}

#[tokio::test]
async fn a_slow_check_is_asked_of_a_second_replica_too() {
    let (slow, quick) = (Replica::start(Does::Answer).await, Replica::start(Does::Answer).await);
    let pool = pool(&[&slow, &quick], &config()).await;
    let check = || {
        let mut request = question();
        request.extensions_mut().insert(Idempotent);
        request
    };
    for _ in 0..64 {
        ask(&pool, check()).await.0.unwrap();
    }
    slow.does(Does::Hang);
    let before = slow.calls();
    eventually("a check meets the one that hangs", DEADLINE, async || {
        ask(&pool, check()).await.0.unwrap();
        (slow.calls() > before && pool.spent().hedges > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_hop_is_told_what_is_left_and_what_it_gives_way_to() {
    let replica = Replica::start(Does::Answer).await;
    let pool = pool(&[&replica], &config()).await;
    let mut request = question();
    request.extensions_mut().insert(Deadline::after(Duration::from_secs(7)));
    request.extensions_mut().insert(Priority::Batch);
    ask(&pool, request).await.0.unwrap();
    let metadata = replica.state.metadata.lock().unwrap().clone();
    assert_eq!(metadata.get("plexus-priority").unwrap(), "batch");
    let left = metadata.get("grpc-timeout").unwrap().to_str().unwrap();
    let left = plexus_resilience::grpc_timeout::parse(left).unwrap();
    assert!(left <= Duration::from_secs(7) && left > Duration::ZERO, "{left:?}");
}

#[tokio::test]
async fn more_calls_than_one_connection_takes_and_none_is_queued_unseen() {
    let replica = Replica::start(Does::Hang).await;
    let config = Config {
        connections: 2,
        streams_per_connection: 10,
        limit: plexus_resilience::limit::Config { min: 1, max: 20 },
        queue_timeout: Duration::from_millis(50),
        ..config()
    };
    let pool = Arc::new(pool(&[&replica], &config).await);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { ask(&pool, question()).await.0 })
        })
        .collect();
    eventually!(replica.calls() == 20, DEADLINE);
    let (result, _) = ask(&pool, question()).await;
    assert_eq!(result.unwrap_err().code(), Code::ResourceExhausted);
    for call in calls {
        call.abort();
    }
    eventually!(pool.replicas()[0].in_flight() == 0, DEADLINE);
    replica.does(Does::Answer);
    ask(&pool, question()).await.0.unwrap();
}

#[tokio::test]
async fn attempts_are_counted_however_they_end_and_failures_where_they_are_the_replicas() {
    let replica = Replica::start(Does::Fail(Code::InvalidArgument)).await;
    let pool = pool(&[&replica], &config()).await;
    ask(&pool, question()).await.0.unwrap_err();
    assert_eq!(pool.replicas()[0].counts(), (1, 0));
    assert_eq!(pool.replicas()[0].last_error(), "");
    replica.does(Does::Hang);
    let mut request = question();
    request
        .extensions_mut()
        .insert(Deadline::after(Duration::from_millis(200)));
    ask(&pool, request).await.0.unwrap_err();
    assert_eq!(pool.replicas()[0].counts(), (2, 0), "nobody waited for it");
    replica.does(Does::Fail(Code::Unavailable));
    ask(&pool, question()).await.0.unwrap_err();
    assert_eq!(pool.replicas()[0].counts(), (3, 1));
}
