//! Who is asked next, for every state that replicas can be in.

use std::net::SocketAddr;

use plexus_resilience::call::Fault;
use tonic::Status;

use super::*;
use crate::network::System;

/// Replicas at these ports, of these tiers.
fn members(replicas: &[(u16, Option<Tier>)], config: &Config) -> Members {
    let members = Members::new(config, replicas.first().and_then(|(_, tier)| *tier));
    let replica = |(port, tier): &(u16, Option<Tier>)| {
        let address = SocketAddr::from(([127, 0, 0, 1], *port));
        Arc::new(Replica::new("math", address, *tier, config, &System::default()))
    };
    members.set(replicas.iter().map(replica).collect(), Vec::new());
    members
}

fn set(members: &Members, states: &[ReplicaState]) {
    for (replica, state) in members.all().iter().zip(states) {
        match state {
            ReplicaState::Down => replica.lost(&Status::unavailable("gone")),
            _ => replica.says(*state, None),
        }
    }
}

fn tried(members: &Members, indexes: &[usize]) -> Trail {
    let trail = Trail::default();
    for index in indexes {
        let entry = trail.asked(members.all()[*index].label().clone(), false);
        trail.ended(entry, Duration::ZERO, Some(&Fault::Failed(Status::unavailable("gone"))));
    }
    trail
}

/// Ports that are picked in many tries, each with its count.
fn picks(members: &Members, trail: &Trail) -> Vec<(u16, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..1_000 {
        if let Ok(replica) = members.pick(trail) {
            *counts.entry(replica.address().port()).or_insert(0) += 1;
        }
    }
    counts.into_iter().collect()
}

fn ports(members: &Members, trail: &Trail) -> Vec<u16> {
    picks(members, trail).into_iter().map(|(port, _)| port).collect()
}

const THREE: [(u16, Option<Tier>); 3] = [(1, None), (2, None), (3, None)];

#[tokio::test(start_paused = true)]
async fn the_dead_are_never_picked_and_the_unknown_only_without_a_healthy_one() {
    use ReplicaState::{Down, NotServing, Serving, Unknown};
    let members = members(&THREE, &Config::default());
    let nobody = Trail::default();
    assert_eq!(ports(&members, &nobody), [1, 2, 3]);
    set(&members, &[Serving, Unknown, Unknown]);
    assert_eq!(ports(&members, &nobody), [1]);
    set(&members, &[Down, NotServing, Unknown]);
    assert_eq!(ports(&members, &nobody), [3]);
    assert_eq!(members.pick(&tried(&members, &[2])).unwrap_err(), Refused::Nobody);
}

#[tokio::test(start_paused = true)]
async fn a_second_attempt_goes_to_another_replica_and_then_to_another_tier() {
    let tiers = [(1, Some(Tier::Onprem)), (2, Some(Tier::Onprem)), (3, Some(Tier::Cloud))];
    let members = members(&tiers, &Config::default());
    set(&members, &[ReplicaState::Serving; 3]);
    assert_eq!(ports(&members, &Trail::default()), [1, 2]);
    assert_eq!(ports(&members, &tried(&members, &[0])), [2]);
    assert_eq!(ports(&members, &tried(&members, &[0, 1])), [3]);
    assert!(!members.has_another(&tried(&members, &[0, 1, 2])));
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_keeps_calls_away_until_one_of_them_probes() {
    let members = members(&THREE[..2], &Config::default());
    set(&members, &[ReplicaState::Serving; 2]);
    tokio::time::advance(Duration::from_secs(20)).await;
    let breaker = members.all()[0].health().breaker.clone();
    for _ in 0..5 {
        breaker.admit(Instant::now()).unwrap().failed(Instant::now());
    }
    assert_eq!(ports(&members, &Trail::default()), [2]);
    assert_eq!(members.pick(&tried(&members, &[1])).unwrap_err(), Refused::Open);
    tokio::time::advance(Duration::from_millis(1_500)).await;
    assert_eq!(ports(&members, &Trail::default()), [1], "the next call is the probe");
    let _probe = breaker.admit(Instant::now()).unwrap();
    assert_eq!(ports(&members, &Trail::default()), [2], "and only that one");
}

#[tokio::test(start_paused = true)]
async fn the_less_busy_is_picked_and_full_ones_are_not() {
    let config = Config {
        limit: plexus_resilience::limit::Config { min: 1, max: 2 },
        ..Config::default()
    };
    let members = members(&THREE[..2], &config);
    set(&members, &[ReplicaState::Serving; 2]);
    tokio::time::advance(Duration::from_secs(20)).await;
    let load = members.all()[0].health().load.clone();
    let _busy: Vec<_> = (0..5).map(|_| load.begin(Instant::now())).collect();
    assert_eq!(ports(&members, &Trail::default()), [2]);
    let limit = members.all()[1].health().limit.clone();
    let _slots = (limit.take().unwrap(), limit.take().unwrap());
    assert_eq!(ports(&members, &Trail::default()), [1]);
    assert_eq!(members.pick(&tried(&members, &[0])).unwrap_err(), Refused::Full);
}

#[tokio::test(start_paused = true)]
async fn who_has_just_come_gets_little_at_first() {
    let members = members(&THREE[..2], &Config::default());
    set(&members, &[ReplicaState::Serving, ReplicaState::Down]);
    tokio::time::advance(Duration::from_secs(60)).await;
    set(&members, &[ReplicaState::Serving; 2]);
    let share = |members: &Members| {
        let picks = picks(members, &Trail::default());
        picks.iter().find(|(port, _)| *port == 2).map_or(0, |(_, count)| *count)
    };
    let cold = share(&members);
    assert!((10..150).contains(&cold), "a tenth of a half: {cold}");
    tokio::time::advance(Config::default().warm_up).await;
    let warm = share(&members);
    assert!((400..600).contains(&warm), "{warm}");
}

#[tokio::test(start_paused = true)]
async fn who_is_the_last_to_be_asked_may_take_longer() {
    let members = members(&THREE, &Config::default());
    set(&members, &[ReplicaState::Serving; 3]);
    let share = |asked: &[usize]| members.share(FirstWordShare(0.6), &tried(&members, asked)).0;
    assert_eq!(
        (share(&[0]), share(&[0, 1])),
        (0.6, 0.8),
        "a call is made twice at most"
    );
    use ReplicaState::{Down, NotServing, Serving};
    set(&members, &[Serving, Down, NotServing]);
    assert_eq!(share(&[0]), 0.8);
}
