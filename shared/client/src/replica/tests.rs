//! What a replica's states mean for the calls that it has begun.

use super::*;
use crate::network::System;

fn replica() -> Replica {
    Replica::new(
        "math",
        ([127, 0, 0, 1], 1).into(),
        None,
        &Config::default(),
        &System::default(),
    )
}

fn alive(replica: &Replica) -> bool {
    *replica.health.alive.borrow()
}

#[tokio::test]
async fn who_is_lost_is_dead_and_who_drains_is_not() {
    let gone = Status::unavailable("refused");
    let drains = replica();
    drains.says(ReplicaState::Serving, None);
    drains.says(ReplicaState::NotServing, None);
    for _ in 0..3 {
        drains.lost(&gone);
        assert_eq!((drains.state(), alive(&drains)), (ReplicaState::Down, true));
    }
    drains.says(ReplicaState::Serving, None);
    drains.lost(&gone);
    assert_eq!((drains.state(), alive(&drains)), (ReplicaState::Down, false));
    drains.says(ReplicaState::NotServing, None);
    assert!(alive(&drains), "it answers again");
}

#[tokio::test]
async fn who_freezes_is_dead_whatever_it_said_before() {
    let silent = Status::unavailable("says nothing");
    let replica = replica();
    replica.says(ReplicaState::NotServing, None);
    replica.frozen(&silent);
    assert_eq!((replica.state(), alive(&replica)), (ReplicaState::Down, false));
    replica.says(ReplicaState::NotServing, None);
    replica.lost(&silent);
    assert!(alive(&replica));
    replica.frozen(&silent);
    assert!(!alive(&replica), "down already, and now silent too");
}

#[tokio::test(start_paused = true)]
async fn its_first_word_is_what_answers_take_and_not_what_went_wrong() {
    let replica = replica();
    let now = Instant::now();
    let load = &replica.health.load;
    load.begin(now).first_word(now + Duration::from_millis(20));
    load.begin(now).silent(now + Duration::from_secs(9));
    assert_eq!(replica.first_word(), Some(Duration::from_millis(20)));
}
