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
        (Some(demanded), _) if demanded >= 1.0 => 0.0,
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
    /// How much that cost counts: [`CascadePolicy::price_weight`].
    pub price_weight: f64,
}

impl Sureness {
    /// How sure an answer is taken to be, given what a better one costs: its doubt is divided by that cost.
    ///
    /// A budget buys most right answers where doubt per dollar is greatest (the fractional knapsack: Dantzig, 1957), so an
    /// answer whose replacement costs twice as much may be twice as doubtful. Probabilities are never quite right, so the
    /// cost counts a little less than in full (`price_weight` as a power, fitted on answers that nothing is measured on).
    pub fn worth(&self, confidence: f64) -> f64 {
        let weight = if self.next_weight > 0.0 { self.next_weight } else { 1.0 };
        (1.0 - (1.0 - confidence) / weight.powf(self.price_weight)).max(0.0)
    }
}

/// Grades an answer: what it is worth, and how probable it is that it is right, where anybody says so.
///
/// An answer without any word of its confidence is as probable as the signals said before it; exact answers need none.
pub fn grade(verdicts: &[Verdict], known: &Sureness, min_confidence: f64) -> (Grade, Option<f64>) {
    let said = verdicts.iter().filter_map(|verdict| verdict.confidence);
    let lowest = said.reduce(f64::min);
    let failed = verdicts.iter().any(|verdict| verdict.result == VerdictResult::Fail);
    let sure = || known.worth(lowest.unwrap_or(1.0 - known.complexity)) >= min_confidence;
    let grade = match (failed, known.exact) {
        (true, _) => Grade::Rejected,
        (false, true) => Grade::Accepted,
        (false, false) if sure() => Grade::Accepted,
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
            price_weight: 1.0,
        }
    }

    #[test]
    fn a_wrong_answer_is_rejected_however_sure() {
        let verdicts = [
            verdict(VerdictResult::Fail, None),
            verdict(VerdictResult::Pass, Some(0.99)),
        ];
        assert_eq!(
            grade(&verdicts, &known(0.1, false, 1.0), 0.5),
            (Grade::Rejected, Some(0.99))
        );
        assert_eq!(grade(&verdicts, &known(0.1, true, 1.0), 0.5).0, Grade::Rejected);
    }

    #[test]
    fn the_least_sure_counts_and_signals_where_nobody_speaks() {
        let verdicts = [
            verdict(VerdictResult::Pass, Some(0.9)),
            verdict(VerdictResult::Unsure, Some(0.4)),
        ];
        assert_eq!(
            grade(&verdicts, &known(0.0, false, 0.0), 0.5),
            (Grade::Doubtful, Some(0.4))
        );
        assert_eq!(grade(&[], &known(0.7, false, 1.0), 0.5), (Grade::Doubtful, None));
        assert_eq!(grade(&[], &known(0.3, false, 1.0), 0.5), (Grade::Accepted, None));
        assert_eq!(grade(&[], &known(0.7, true, 1.0), 0.5), (Grade::Accepted, None));
    }

    #[test]
    fn where_a_better_answer_costs_much_more_doubt_is_allowed() {
        let said = [verdict(VerdictResult::Unsure, Some(0.5))];
        let graded = |weight| grade(&said, &known(0.5, false, weight), 0.6).0;
        assert_eq!(graded(1.0), Grade::Doubtful);
        assert_eq!(graded(0.0), Grade::Doubtful, "unknown is usual");
        assert_eq!(graded(2.0), Grade::Accepted, "half the doubt for twice the cost");
        assert_eq!(graded(0.5), Grade::Doubtful);
        let half = Sureness {
            price_weight: 0.5,
            ..known(0.5, false, 4.0)
        };
        assert!((half.worth(0.5) - 0.75).abs() < 1e-12);
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
            prop_assert!(grade(&verdicts, &known, high).0 <= grade(&verdicts, &known, low).0);
            // At either end the answer does not matter.
            prop_assert_eq!(grade(&verdicts, &known, 0.0).0, Grade::Accepted);
            prop_assert!(entry(&POLICY, Some(high), checked) <= entry(&POLICY, Some(low), checked));
        }
    }
}
