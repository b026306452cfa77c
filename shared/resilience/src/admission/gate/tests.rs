//! The gate's rules under every order of events.

use std::task::Context;

use futures_util::task::noop_waker;
use proptest::prelude::*;

use super::*;

fn limits(units: u32, batch_units: u32, waiting: usize) -> Limits {
    Limits {
        units,
        batch_units,
        waiting,
        target: Duration::from_millis(5),
        interval: Duration::from_millis(40),
    }
}

fn demand(cost: u32, priority: Priority) -> Demand {
    Demand { cost, priority }
}

fn decided(waiting: &mut Waiting) -> Option<Result<Permit, Refusal>> {
    match waiting.poll_decided(&mut Context::from_waker(&noop_waker())) {
        Poll::Ready(decided) => Some(decided),
        Poll::Pending => None,
    }
}

/// What can happen to a gate.
#[derive(Debug, Clone)]
enum Event {
    Comes(u32, bool),
    Ends(usize),
    Looks(usize),
    GivesUp(usize),
    GoesAway(usize),
    Passes(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1_u32..=4, any::<bool>()).prop_map(|(cost, batch)| Event::Comes(cost, batch)),
        3 => any::<usize>().prop_map(Event::Ends),
        2 => any::<usize>().prop_map(Event::Looks),
        1 => any::<usize>().prop_map(Event::GivesUp),
        1 => any::<usize>().prop_map(Event::GoesAway),
        1 => (0_u64..60).prop_map(Event::Passes),
    ];
    proptest::collection::vec(event, 0..120)
}

/// What must be true of a gate at any time.
fn holds(gate: &Gate) -> Result<(), TestCaseError> {
    let state = lock(&gate.0);
    prop_assert!(state.units <= state.limits.units, "more permits out than there are");
    prop_assert!(
        state.batch_units <= state.limits.batch_units,
        "batch has more than its share"
    );
    prop_assert!(state.waiting() <= state.limits.waiting, "more wait than may");
    // Nobody was forgotten: whoever is next does not fit.
    if let Some((queue, patience)) = state
        .queues
        .iter()
        .zip(&state.patience)
        .find(|(queue, _)| !queue.is_empty())
    {
        let newest_first = patience.stands(Instant::now());
        let next = if newest_first {
            queue.last_key_value()
        } else {
            queue.first_key_value()
        };
        let fits = next.is_some_and(|(_, waiter)| state.fits(waiter.demand));
        // With unequal costs, who is next changes with time; it is looked at again when a call ends.
        let equal = queue.values().all(|waiter| waiter.demand.cost == 1);
        prop_assert!(!fits || !equal, "somebody waits who could begin");
    }
    Ok(())
}

proptest! {
    #[test]
    fn permits_are_never_more_than_there_are_and_all_come_back(
        events in events(),
        units in 4_u32..12,
        batch_units in 4_u32..12,
        waiting in 0_usize..6,
        unequal in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let gate = Gate::new(limits(units, batch_units.min(units), waiting));
            let (mut running, mut queued) = (Vec::new(), Vec::new());
            for event in events {
                match event {
                    Event::Comes(cost, batch) => {
                        let priority = if batch { Priority::Batch } else { Priority::Interactive };
                        let cost = if unequal { cost } else { 1 };
                        let interactive_waits = !lock(&gate.0).queues[0].is_empty();
                        match gate.enter(demand(cost, priority), None) {
                            Entry::Admitted(permit) => {
                                prop_assert!(!interactive_waits, "somebody overtook interactive");
                                running.push(permit);
                            }
                            Entry::Waits(waiting) => queued.push(waiting),
                            Entry::Refused(refusal) => prop_assert_eq!(refusal, Refusal::Overloaded),
                        }
                    }
                    Event::Ends(which) if !running.is_empty() => drop(running.swap_remove(which % running.len())),
                    Event::Looks(which) if !queued.is_empty() => {
                        let which = which % queued.len();
                        if let Some(decided) = decided(&mut queued[which]) {
                            drop(queued.swap_remove(which));
                            running.extend(decided.ok());
                        }
                    }
                    Event::GivesUp(which) if !queued.is_empty() => {
                        let mut waiting = queued.swap_remove(which % queued.len());
                        running.extend(waiting.give_up().ok());
                    }
                    Event::GoesAway(which) if !queued.is_empty() => drop(queued.swap_remove(which % queued.len())),
                    Event::Passes(millis) => tokio::time::advance(Duration::from_millis(millis)).await,
                    _ => {}
                }
                holds(&gate)?;
            }
            drop((running, queued));
            let state = lock(&gate.0);
            prop_assert_eq!((state.units, state.batch_units, state.calls), (0, 0, 0));
            prop_assert_eq!((state.waiting(), state.decided.len()), (0, 0));
            Ok(())
        })?;
    }
}

fn admitted(entry: Entry) -> Permit {
    match entry {
        Entry::Admitted(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn waits(entry: Entry) -> Waiting {
    match entry {
        Entry::Waits(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

const INTERACTIVE: Demand = Demand {
    cost: 1,
    priority: Priority::Interactive,
};
const BATCH: Demand = Demand {
    cost: 1,
    priority: Priority::Batch,
};

#[tokio::test(start_paused = true)]
async fn interactive_goes_before_batch_and_takes_its_place() {
    let gate = Gate::new(limits(1, 1, 2));
    let running = admitted(gate.enter(INTERACTIVE, None));
    let mut first = waits(gate.enter(BATCH, None));
    let mut second = waits(gate.enter(BATCH, None));
    // The queue is full: batch is refused, interactive takes the place of the one who came first.
    assert!(matches!(gate.enter(BATCH, None), Entry::Refused(Refusal::Overloaded)));
    let mut urgent = waits(gate.enter(INTERACTIVE, None));
    assert!(matches!(decided(&mut first), Some(Err(Refusal::Overloaded))));
    assert_eq!(
        gate.snapshot(),
        Snapshot {
            in_flight: 1,
            waiting: 2,
            refused: 2
        }
    );
    drop(running);
    assert!(decided(&mut second).is_none());
    let urgent = decided(&mut urgent).unwrap().unwrap();
    drop(urgent);
    assert!(decided(&mut second).unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn batch_has_a_share() {
    let gate = Gate::new(limits(4, 2, 4));
    let batch = [admitted(gate.enter(BATCH, None)), admitted(gate.enter(BATCH, None))];
    let waiting = waits(gate.enter(BATCH, None));
    // Batch that waits for its share keeps nobody of interactive from beginning.
    let _running = admitted(gate.enter(INTERACTIVE, None));
    drop(batch);
    assert_eq!(gate.snapshot().in_flight, 2);
    drop(waiting);
    assert_eq!(gate.snapshot().in_flight, 1);
}

#[tokio::test(start_paused = true)]
async fn a_standing_queue_is_served_newest_first() {
    let gate = Gate::new(limits(1, 1, 9));
    let running = admitted(gate.enter(INTERACTIVE, None));
    let mut old = waits(gate.enter(INTERACTIVE, None));
    let begin = Instant::now();
    assert_eq!(old.until() - begin, Duration::from_millis(40));
    tokio::time::advance(Duration::from_millis(40)).await;
    let mut new = waits(gate.enter(INTERACTIVE, None));
    assert_eq!(new.until() - begin, Duration::from_millis(45));
    drop(running);
    assert!(decided(&mut old).is_none());
    assert!(decided(&mut new).unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_waiting() {
    let gate = Gate::new(limits(1, 1, 9));
    let _running = admitted(gate.enter(INTERACTIVE, None));
    let soon = Instant::now() + Duration::from_millis(7);
    let mut waiting = waits(gate.enter(INTERACTIVE, Some(soon)));
    assert_eq!(waiting.until(), soon);
    assert_eq!(waiting.give_up().unwrap_err(), Refusal::TooLate);
}

#[tokio::test(start_paused = true)]
async fn a_late_loop_refuses_batch_and_then_everybody_but_a_few() {
    let gate = Gate::new(limits(100, 100, 9));
    gate.press(Pressure::All);
    let few: Vec<_> = (0..FEW).map(|_| admitted(gate.enter(INTERACTIVE, None))).collect();
    assert!(matches!(gate.enter(INTERACTIVE, None), Entry::Refused(_)));
    gate.press(Pressure::Batch);
    assert!(matches!(gate.enter(BATCH, None), Entry::Refused(_)));
    let _more = admitted(gate.enter(INTERACTIVE, None));
    gate.press(Pressure::None);
    admitted(gate.enter(BATCH, None));
    drop(few);
}

#[tokio::test(start_paused = true)]
async fn batch_that_stands_does_not_hurry_interactive() {
    let gate = Gate::new(limits(1, 1, 9));
    let running = admitted(gate.enter(INTERACTIVE, None));
    let _stands = waits(gate.enter(BATCH, None));
    tokio::time::advance(Duration::from_millis(400)).await;
    let mut old = waits(gate.enter(INTERACTIVE, None));
    assert_eq!(old.until() - Instant::now(), Duration::from_millis(40));
    let mut new = waits(gate.enter(INTERACTIVE, None));
    let batch = waits(gate.enter(BATCH, None));
    assert_eq!(batch.until() - Instant::now(), Duration::from_millis(5));
    drop(running);
    assert!(decided(&mut new).is_none(), "a burst is served in its order");
    assert!(decided(&mut old).unwrap().is_ok());
}
