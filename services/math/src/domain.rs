//! What the math specialist answers by itself, without a model: whatever `plexus-calc` answers exactly.

use plexus_specialist::exact::{Capability, Declined, ExactSolver, Solution};

/// Everything that is answered exactly, each with a question of its kind.
const CAPABILITIES: &[Capability] = &[
    Capability::new("percentages", "What is 15% of 240?"),
    Capability::new("equations", "solve 3x + 5 = 20"),
];

/// Exact arithmetic, percentages, units, equations, dates; free, at once, and right.
#[derive(Debug, Clone, Copy, Default)]
pub struct MathSolver;

impl ExactSolver for MathSolver {
    fn solve(&self, question: &str) -> Result<Solution, Declined> {
        match plexus_calc::answer(question) {
            Ok(answer) => Ok(Solution {
                text: answer.text,
                result: answer.result,
            }),
            Err(reason) => Err(Declined::because(reason.0)),
        }
    }

    fn task(&self, task: &str, text: &str) -> Option<String> {
        match task {
            "solve" => Some(text.to_owned()),
            _ => None,
        }
    }

    fn capabilities(&self) -> &'static [Capability] {
        CAPABILITIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_exactly() {
        let solution = MathSolver.solve("What is 15% of 240?").unwrap();
        assert_eq!(
            (solution.text.as_str(), solution.result.as_str()),
            ("15% of 240 = 36", "36")
        );
        assert_eq!(
            MathSolver.solve("solve 3x + 5 = 20").unwrap().text,
            "3x + 5 = 20, so x = 5"
        );
    }

    #[test]
    fn declines_with_a_reason() {
        let Declined(reason) = MathSolver.solve("write a poem about 3 numbers").unwrap_err();
        assert!(!reason.is_empty() && !reason.ends_with('.'));
        assert!(reason.starts_with(char::is_lowercase));
    }
}
