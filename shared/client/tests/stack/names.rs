//! Names that stand for replicas.

use std::sync::Arc;

use plexus_client::Pool;
use plexus_proto::v1::validator_service_server::SERVICE_NAME;
use plexus_testkit::eventually;

use crate::support::{DEADLINE, Does, HANGS, Names, Replica, all_serve, ask, config, endpoint, question};

#[tokio::test]
async fn names_are_followed_wherever_they_lead() {
    let (first, second) = (Replica::start(Does::Answer).await, Replica::start(Does::Answer).await);
    let names = Names::default();
    let pool = Pool::on(
        Arc::new(names.clone()),
        "validator",
        SERVICE_NAME,
        &[endpoint("checks:1")],
        &config(),
    );
    eventually!(!pool.unresolved().is_empty(), DEADLINE);
    assert!(
        pool.unresolved()[0].1.contains("no such name"),
        "{:?}",
        pool.unresolved()
    );
    names.set("checks", &[first.address]);
    ask(&pool, question()).await.0.unwrap();
    assert!(pool.unresolved().is_empty());

    names.set("checks", &[first.address, second.address]);
    eventually!(pool.replicas().len() == 2, DEADLINE);
    all_serve(&pool).await;
    eventually("the new one gets calls", DEADLINE, async || {
        ask(&pool, question()).await.0.unwrap();
        (second.calls() > 0).then_some(())
    })
    .await;

    names.set("checks", &[second.address]);
    eventually!(pool.replicas().len() == 1, DEADLINE);
    let before = first.calls();
    for _ in 0..20 {
        ask(&pool, question()).await.0.unwrap();
    }
    assert_eq!(first.calls(), before);
    // A name that is lost for a moment takes nobody away.
    names.set("checks", &[]);
    let asked = names.asked();
    eventually!(names.asked() > asked + 2, DEADLINE);
    ask(&pool, question()).await.0.unwrap();
}

#[tokio::test]
async fn one_name_that_hangs_holds_up_no_other() {
    let replica = Replica::start(Does::Answer).await;
    let names = Names::default();
    names.set("checks", &[replica.address]);
    let endpoints = [endpoint(format!("{HANGS}:1")), endpoint("checks:1")];
    let pool = Pool::on(Arc::new(names), "validator", SERVICE_NAME, &endpoints, &config());
    ask(&pool, question()).await.0.unwrap();
    assert_eq!(pool.unresolved().len(), 0, "nobody knows yet");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_hangs_is_told_of() {
    let network = Arc::new(Names::default());
    let pool = Pool::on(
        network,
        "validator",
        SERVICE_NAME,
        &[endpoint(format!("{HANGS}:1"))],
        &config(),
    );
    eventually!(!pool.unresolved().is_empty(), DEADLINE);
    let (name, problem) = pool.unresolved()[0].clone();
    assert_eq!(
        (name.as_str(), problem.as_str()),
        ("hangs:1", "the name cannot be resolved: no answer within 5s")
    );
}
