//! What the cascade does with a question at a threshold: the router's own rules over what the mesh said of it. Pure.

use std::time::Duration;

use plexus_core::{CascadePolicy, Grade, Price, Sureness, Verdict, VerdictResult, entry, grade};

use super::ask::{Asked, Given, Try};

/// What the mesh said of a question, whoever answers it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) complexity: f64,
    pub(super) checked: bool,
    /// None: the mesh did not give its answer (it was split, or refused).
    pub(super) weak: Option<Try>,
    pub(super) strong: Option<Try>,
    /// What the strong engine costs for it, as a multiple of what it costs for a question of usual size.
    pub(super) next_weight: f64,
}

impl Seen {
    /// From what was asked of the weak engine, and of the strong one.
    pub(super) fn of(weak: &Asked, strong: &Asked, strong_price: Price) -> Self {
        Self {
            complexity: weak.complexity,
            checked: weak.checked,
            weak: weak.weak,
            strong: strong.strong,
            next_weight: weak
                .weak
                .map_or(0.0, |one| strong_price.weight(one.tokens.0, one.tokens.1)),
        }
    }
}

impl Seen {
    /// What is known of the weak engine's answer beside its verdicts.
    pub(super) fn sureness(&self) -> Sureness {
        Sureness {
            complexity: self.complexity,
            exact: false,
            next_weight: self.next_weight,
        }
    }
}

/// What was done with a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decision {
    /// Whose answer is given; none: nobody's.
    pub(super) given: Option<Given>,
    /// Whether it is right.
    pub(super) correct: bool,
    /// Whether the strong engine was asked.
    pub(super) strong_asked: bool,
    /// What it costs, US dollars, rejected answers included.
    pub(super) cost: f64,
}

impl Decision {
    /// Whether the mesh did the same.
    pub(super) fn same_as(&self, run: &Asked) -> bool {
        self.given == run.given && (self.cost - run.cost).abs() <= 1e-9
    }

    /// What the mesh did.
    pub(super) fn of(run: &Asked) -> Self {
        let given = match run.given {
            Some(Given::Weak) => run.weak,
            Some(Given::Strong) => run.strong,
            None => None,
        };
        Self {
            given: run.given,
            correct: given.is_some_and(|one| one.correct),
            strong_asked: run.strong.is_some(),
            cost: run.cost,
        }
    }
}

/// Decides a question where answers must be as sure as `confidence`.
pub(super) fn decide(seen: &Seen, policy: &CascadePolicy, confidence: f64) -> Decision {
    let (Some(weak), Some(strong)) = (seen.weak, seen.strong) else {
        return Decision {
            given: None,
            correct: false,
            strong_asked: false,
            cost: 0.0,
        };
    };
    let strong_alone = Decision {
        given: Some(Given::Strong),
        correct: strong.correct,
        strong_asked: true,
        cost: strong.cost,
    };
    if seen.complexity > entry(policy, Some(confidence), seen.checked) {
        return strong_alone;
    }
    let graded = |one: &Try, known: Sureness| grade(policy, Some(confidence), &[verdict(one)], &known).0;
    let weak_grade = graded(&weak, seen.sureness());
    if weak_grade == Grade::Accepted {
        return Decision {
            given: Some(Given::Weak),
            correct: weak.correct,
            strong_asked: false,
            cost: weak.cost,
        };
    }
    let last = Sureness {
        next_weight: 0.0,
        ..seen.sureness()
    };
    let weak_stands = weak_grade > graded(&strong, last);
    let stands = if weak_stands { weak } else { strong };
    Decision {
        given: Some(if weak_stands { Given::Weak } else { Given::Strong }),
        correct: stands.correct,
        cost: weak.cost + strong.cost,
        ..strong_alone
    }
}

fn verdict(one: &Try) -> Verdict {
    Verdict {
        validator: String::new(),
        result: match one.failed {
            true => VerdictResult::Fail,
            false => VerdictResult::Unsure,
        },
        reason: String::new(),
        findings: Vec::new(),
        step: 0,
        latency: Duration::ZERO,
        confidence: one.confidence,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A question: how complex, how sure of the weak answer, and who is right.
    pub(in crate::replay) fn seen(complexity: f64, confidence: Option<f64>, weak: bool, strong: bool) -> Seen {
        let one = |cost, confidence, correct| {
            Some(Try {
                cost,
                confidence,
                failed: false,
                correct,
                tokens: (200, 100),
            })
        };
        Seen {
            complexity,
            checked: confidence.is_some(),
            weak: one(1.0, confidence, weak),
            strong: one(100.0, None, strong),
            next_weight: 1.0,
        }
    }

    pub(in crate::replay) const POLICY: CascadePolicy = CascadePolicy {
        min_confidence: 0.5,
        enter_below: 0.9,
        enter_unchecked: 0.6,
        price_weight: 1.0,
        max_escalations: 3,
    };

    #[test]
    fn who_escalates_pays_for_both() {
        let one = seen(0.5, Some(0.4), false, true);
        assert_eq!(decide(&one, &POLICY, 0.3).cost, 1.0);
        let escalated = decide(&one, &POLICY, 0.6);
        assert_eq!((escalated.cost, escalated.given), (101.0, Some(Given::Strong)));
        assert!(escalated.correct);
        // Without anybody who checks, the signal decides before anybody is paid.
        assert_eq!(decide(&seen(0.5, None, false, true), &POLICY, 0.6).cost, 100.0);
        assert_eq!(decide(&one, &POLICY, 1.0).cost, 100.0);
    }

    #[test]
    fn a_wrong_strong_answer_gives_way_to_a_doubtful_weak_one() {
        let mut one = seen(0.5, Some(0.4), true, false);
        one.strong = one.strong.map(|strong| Try { failed: true, ..strong });
        let decision = decide(&one, &POLICY, 0.6);
        assert_eq!((decision.given, decision.cost), (Some(Given::Weak), 101.0));
    }

    #[test]
    fn what_was_split_has_no_answer() {
        let one = Seen {
            weak: None,
            ..seen(0.5, None, true, true)
        };
        assert_eq!(decide(&one, &POLICY, 0.5).given, None);
    }
}
