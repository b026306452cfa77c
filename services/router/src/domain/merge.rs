//! One answer of the answers of all steps.

use plexus_core::{Degradation, DegradationReason, Step};

use super::Outcome;

/// Between the answers of two steps.
pub const SEPARATOR: &str = "\n\n";

/// Joins the steps' answers in their order, says how the request ended, and notes a partial answer.
pub fn merge(steps: &[Step], degradations: &mut Vec<Degradation>) -> (String, Outcome) {
    let answers: Vec<&str> = steps
        .iter()
        .map(|step| step.answer.as_str())
        .filter(|answer| !answer.is_empty())
        .collect();
    if !answers.is_empty() && answers.len() < steps.len() {
        let missing: Vec<String> = steps
            .iter()
            .filter(|step| step.answer.is_empty())
            .map(|step| format!("\"{}\" ({})", shorten(&step.input), step.domain))
            .collect();
        degradations.push(Degradation {
            domain: None,
            reason: DegradationReason::Partial,
            detail: format!(
                "{} of {} parts have no answer: {}",
                missing.len(),
                steps.len(),
                missing.join(", ")
            ),
            served_by: String::new(),
        });
    }
    let outcome = if degradations.is_empty() {
        Outcome::Answered
    } else {
        Outcome::Degraded
    };
    (answers.join(SEPARATOR), outcome)
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use plexus_core::Domain;

    use super::*;

    fn step(answer: &str) -> Step {
        Step {
            answer: answer.into(),
            ..Step::unserved(Domain::Math, "compute it")
        }
    }

    #[test]
    fn answers_are_joined_in_order_and_gaps_are_told() {
        let mut degradations = vec![];
        assert_eq!(
            merge(&[step("a"), step("b")], &mut degradations),
            ("a\n\nb".to_owned(), Outcome::Answered)
        );
        assert_eq!(
            merge(&[step("a"), step("")], &mut degradations),
            ("a".to_owned(), Outcome::Degraded)
        );
        assert_eq!(degradations[0].reason, DegradationReason::Partial);
        assert!(degradations[0].detail.contains("compute it"));
    }
}
