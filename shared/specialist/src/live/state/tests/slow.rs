//! What is slow, what only looks like it, and what says nothing of it.

use super::*;

#[test]
fn what_says_no_word_does_not_teach_how_fast_words_usually_come() {
    for ended in [Ended::Failed, Ended::Abandoned] {
        let mut engine = Played::new(Adaptation::default());
        engine.calls(60, MS, ended);
        engine.now += 61 * SECOND;
        engine.state.left = None;
        // It works again, as fast as it ever did.
        engine.calls(30, 1500 * MS, ANSWERED);
        let view = engine.view();
        assert_eq!((view.trouble, view.first_word), (None, Some(1500 * MS)), "{ended:?}");
    }
}

#[test]
fn who_leaves_in_the_middle_of_an_answer_has_not_found_it_slow() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, 400 * MS, ANSWERED);
    engine.calls(10, MS, Ended::Failed);
    assert!(engine.view().trouble.is_some());
    let leave = |engine: &mut Played| {
        engine.now += SECOND;
        let mut ticket = engine.state.begin(engine.now);
        engine.now += 400 * MS;
        engine.state.spoke(&mut ticket, engine.now);
        engine.now += 60 * SECOND;
        engine.state.end(ticket, Ended::Abandoned, engine.now);
    };
    engine.calls(2, 400 * MS, ANSWERED);
    leave(&mut engine);
    engine.call(400 * MS, ANSWERED);
    assert_eq!(engine.view().trouble, None, "three good answers in a row");
}

#[test]
fn what_was_seen_long_ago_does_not_speak_for_ever() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, 3 * SECOND, ANSWERED);
    engine.now += 59 * SECOND;
    assert_eq!(engine.view().first_word, Some(3 * SECOND));
    engine.now += SECOND;
    assert_eq!(engine.view().first_word, None);
    assert_eq!(engine.state.figures(engine.now).unwrap().first_word, Some(3 * SECOND));
}

#[test]
fn it_is_left_when_it_is_slow_even_before_anybody_has_waited_to_the_end() {
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, 400 * MS, ANSWERED);
    engine.calls(4, 5 * SECOND, ANSWERED);
    assert!(
        matches!(engine.view().trouble, Some(Trouble::Slow { .. })),
        "{:?}",
        engine.view()
    );

    // It hangs: four questions wait, and none has ended.
    let mut engine = Played::new(Adaptation::default());
    engine.calls(10, 400 * MS, ANSWERED);
    let tickets: Vec<Ticket> = (0..4).map(|_| engine.state.begin(engine.now)).collect();
    engine.now += SECOND;
    assert_eq!(engine.view().trouble, None);
    engine.now += 2 * SECOND;
    assert!(matches!(engine.view().trouble, Some(Trouble::Slow { .. })));
    assert_eq!(engine.state.figures(engine.now).unwrap().in_flight, 4);

    // Whoever gives up has seen how slow it is.
    let mut hasty = Played::new(Adaptation::default());
    hasty.calls(10, 400 * MS, ANSWERED);
    hasty.calls(4, 5 * SECOND, Ended::Abandoned);
    assert!(matches!(hasty.view().trouble, Some(Trouble::Slow { .. })));
    for ticket in tickets {
        engine.state.end(ticket, Ended::Abandoned, engine.now);
    }
    assert_eq!(engine.state.figures(engine.now).unwrap().in_flight, 0);
}
