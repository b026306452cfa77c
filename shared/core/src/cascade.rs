//! Where a query enters the cascade, and when an answer is good enough. Pure: the same signals, verdicts and thresholds
//! always give the same decision.
//!
//! One threshold does both, as in Chen, Zaharia, Zou, "FrugalGPT", 2023 (a cascade with a scorer) and Ong et al.,
//! "RouteLLM", 2024 (a choice before anybody answers): an answer is taken where the probability that it is right is at least
//! `min_confidence`. Before there is one, that probability is what the classifier says: 1 - complexity.

use crate::{Verdict, VerdictResult};

/// When an answer is good enough, and where a query enters the cascade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CascadePolicy {
    /// How sure an answer of a cheaper engine must be, 0..1; callers may set their own.
    pub min_confidence: f64,
    /// Queries more complex than this do not begin at the cheapest engine, even where its answer would be checked.
    pub enter_below: f64,
    /// The same where nobody can look at the answer before it is given, as when it is sent while it is written; callers who
    /// demand a confidence decide this too.
    pub enter_unchecked: f64,
    /// How much the price of a better answer counts when doubt is weighed, 0..1: 0 not at all, 1 in full.
    pub price_weight: f64,
    /// How often a step may go on to another engine because its answer was not good enough.
    pub max_escalations: usize,
}

/// What an answer is worth; later ones are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A validator found it wrong.
    Rejected,
    /// Nobody found it wrong, but it is not sure enough.
    Doubtful,
    /// Good enough.
    Accepted,
}

/// The greatest complexity at which a cheaper engine is worth asking.
///
/// Where its answer will be checked (`checked`) that costs little, and only a query that is hopeless enters higher. Where
/// nobody will check, the signal alone decides. `demanded` is the confidence that the caller demands, if it does.
pub fn entry(policy: &CascadePolicy, demanded: Option<f64>, checked: bool) -> f64 {
    match (demanded, checked) {
        _ if demanded.unwrap_or(policy.min_confidence) >= 1.0 => 0.0,
        (Some(demanded), true) => policy.enter_below.max(1.0 - demanded),
        (Some(demanded), false) => 1.0 - demanded,
        (None, true) => policy.enter_below,
        (None, false) => policy.enter_unchecked,
    }
}

/// What is known of an answer beside its verdicts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sureness {
    /// Probability that a small model gets the query wrong, as the classifier said before there was an answer.
    pub complexity: f64,
    /// Whether an exact engine gave it: it is right, or it would have declined.
    pub exact: bool,
    /// What the next engine would cost for this question, as a multiple of what it costs for one of usual size; 0: nobody
    /// knows.
    pub next_weight: f64,
}

impl Sureness {
    /// How sure an answer is taken to be, given what a better one costs: its doubt is divided by that cost.
    ///
    /// A budget buys most right answers where doubt per dollar is greatest (the fractional knapsack: Dantzig, 1957), so an
    /// answer whose replacement costs twice as much may be twice as doubtful. Probabilities are never quite right, so the
    /// cost counts a little less than in full (`price_weight` as a power, fitted on answers that nothing is measured on).
    pub fn worth(&self, confidence: f64, price_weight: f64) -> f64 {
        let weight = if self.next_weight > 0.0 { self.next_weight } else { 1.0 };
        (1.0 - (1.0 - confidence) / weight.powf(price_weight)).max(0.0)
    }
}

/// Grades an answer: what it is worth, and how probable it is that it is right, where anybody says so.
///
/// An answer without any word of its confidence is as probable as the signals said before it, and is taken where these
/// would have let it in unchecked; exact answers need neither. `demanded` is the confidence that the caller demands.
pub fn grade(
    policy: &CascadePolicy,
    demanded: Option<f64>,
    verdicts: &[Verdict],
    known: &Sureness,
) -> (Grade, Option<f64>) {
    let said = verdicts.iter().filter_map(|verdict| verdict.confidence);
    let lowest = said.reduce(f64::min);
    let failed = verdicts.iter().any(|verdict| verdict.result == VerdictResult::Fail);
    let (confidence, usual) = match lowest {
        Some(said) => (said, policy.min_confidence),
        None => (
            1.0 - known.complexity,
            (1.0 - policy.enter_unchecked).min(policy.min_confidence),
        ),
    };
    let sure = known.worth(confidence, policy.price_weight) >= demanded.unwrap_or(usual);
    let grade = match (failed, known.exact || sure) {
        (true, _) => Grade::Rejected,
        (false, true) => Grade::Accepted,
        (false, false) => Grade::Doubtful,
    };
    (grade, lowest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const POLICY: CascadePolicy = CascadePolicy {
        min_confidence: 0.5,
        enter_below: 0.9,
        enter_unchecked: 0.6,
        price_weight: 1.0,
        max_escalations: 3,
    };

    fn verdict(result: VerdictResult, confidence: Option<f64>) -> Verdict {
        Verdict {
            validator: "v".to_owned(),
            result,
            reason: String::new(),
            findings: Vec::new(),
            step: 0,
            latency: Duration::ZERO,
            confidence,
        }
    }

    fn known(complexity: f64, exact: bool, next_weight: f64) -> Sureness {
        Sureness {
            complexity,
            exact,
            next_weight,
        }
    }

    #[test]
    fn a_wrong_answer_is_rejected_however_sure() {
        let verdicts = [
            verdict(VerdictResult::Fail, None),
            verdict(VerdictResult::Pass, Some(0.99)),
        ];
        assert_eq!(
            grade(&POLICY, None, &verdicts, &known(0.1, false, 1.0)),
            (Grade::Rejected, Some(0.99))
        );
        assert_eq!(
            grade(&POLICY, None, &verdicts, &known(0.1, true, 1.0)).0,
            Grade::Rejected
        );
    }

    #[test]
    fn the_least_sure_counts_and_signals_where_nobody_speaks() {
        let verdicts = [
            verdict(VerdictResult::Pass, Some(0.9)),
            verdict(VerdictResult::Unsure, Some(0.4)),
        ];
        assert_eq!(
            grade(&POLICY, None, &verdicts, &known(0.0, false, 0.0)),
            (Grade::Doubtful, Some(0.4))
        );
        assert_eq!(
            grade(&POLICY, Some(0.5), &[], &known(0.7, false, 1.0)),
            (Grade::Doubtful, None)
        );
        assert_eq!(
            grade(&POLICY, Some(0.5), &[], &known(0.3, false, 1.0)),
            (Grade::Accepted, None)
        );
        assert_eq!(
            grade(&POLICY, Some(0.5), &[], &known(0.7, true, 1.0)),
            (Grade::Accepted, None)
        );
    }

    #[test]
    fn where_a_better_answer_costs_much_more_doubt_is_allowed() {
        let said = [verdict(VerdictResult::Unsure, Some(0.5))];
        let graded = |weight| grade(&POLICY, Some(0.6), &said, &known(0.5, false, weight)).0;
        assert_eq!(graded(1.0), Grade::Doubtful);
        assert_eq!(graded(0.0), Grade::Doubtful, "unknown is usual");
        assert_eq!(graded(2.0), Grade::Accepted, "half the doubt for twice the cost");
        assert_eq!(graded(0.5), Grade::Doubtful);
        assert!((known(0.5, false, 4.0).worth(0.5, 0.5) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn without_an_opinion_an_answer_stands_where_it_would_have_been_let_in() {
        let graded = |complexity| grade(&POLICY, None, &[], &known(complexity, false, 1.0)).0;
        assert_eq!((graded(0.59), graded(0.61)), (Grade::Accepted, Grade::Doubtful));
        let always_strongest = CascadePolicy {
            min_confidence: 1.0,
            ..POLICY
        };
        assert_eq!(entry(&always_strongest, None, true), 0.0);
    }

    #[test]
    fn who_demands_everything_enters_at_the_top() {
        assert_eq!(entry(&POLICY, Some(1.0), true), 0.0);
        assert_eq!(entry(&POLICY, Some(0.3), true), 0.9);
        assert_eq!(entry(&POLICY, Some(0.3), false), 0.7);
        assert_eq!(entry(&POLICY, Some(0.0), false), 1.0);
        assert_eq!((entry(&POLICY, None, true), entry(&POLICY, None, false)), (0.9, 0.6));
    }

    proptest! {
        #[test]
        fn who_demands_more_gets_no_worse(
            confidence in 0.0..=1.0, complexity in 0.0..=1.0, weight in 0.0..=10.0, low in 0.0..=1.0, more in 0.0..=1.0, said: bool, checked: bool
        ) {
            let high = low + (1.0 - low) * more;
            let verdicts = [verdict(VerdictResult::Pass, said.then_some(confidence))];
            let known = known(complexity, false, weight);
            prop_assert!(grade(&POLICY, Some(high), &verdicts, &known).0 <= grade(&POLICY, Some(low), &verdicts, &known).0);
            // At either end the answer does not matter.
            prop_assert_eq!(grade(&POLICY, Some(0.0), &verdicts, &known).0, Grade::Accepted);
            prop_assert!(entry(&POLICY, Some(high), checked) <= entry(&POLICY, Some(low), checked));
        }
    }
}
