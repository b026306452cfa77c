//! What the math specialist answers by itself, without a model: whatever `plexus-calc` answers exactly.

use plexus_specialist::exact::{Declined, ExactSolver};

/// Exact arithmetic, percentages, units, equations, dates; free, at once, and right.
#[derive(Debug, Clone, Copy, Default)]
pub struct MathSolver;

impl ExactSolver for MathSolver {
    fn solve(&self, question: &str) -> Result<String, Declined> {
        match plexus_calc::answer(question) {
            Ok(answer) => Ok(answer.text),
            Err(reason) => Err(Declined::because(reason.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_exactly() {
        assert_eq!(MathSolver.solve("What is 15% of 240?").unwrap(), "15% of 240 = 36");
        assert_eq!(MathSolver.solve("solve 3x + 5 = 20").unwrap(), "3x + 5 = 20, so x = 5");
    }

    #[test]
    fn declines_with_a_reason() {
        let Declined(reason) = MathSolver.solve("write a poem about 3 numbers").unwrap_err();
        assert!(!reason.is_empty() && !reason.ends_with('.'));
        assert!(reason.starts_with(char::is_lowercase));
    }
}
