//! What the math specialist answers by itself, without a model: whatever `plexus-calc` answers exactly.

mod capabilities;

use plexus_specialist::exact::{Capability, Declined, ExactSolver, Solution};

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
        capabilities::CAPABILITIES
    }
}

#[cfg(test)]
mod tests {
    use plexus_specialist::exact::broken_promises;

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

    #[test]
    fn every_capability_is_held() {
        assert_eq!(broken_promises(&MathSolver), [] as [String; 0]);
    }

    /// Next to what is answered, and not to be answered.
    #[test]
    fn near_misses_are_declined() {
        for question in [
            "What is 100 + 10%?",
            "What is 6/2(1+2)?",
            "half of 16 plus 9",
            "what is 2 cubed squared",
            "5!!",
            "convert 0.375 to a fruit",
            "What is 15% of my salary?",
            "20 is what percent?",
            "how did prices rise from 50 to 75",
            "18% tip on a good meal",
            "20% off",
            "split the bill among 4 people",
            "compound interest on $1000 at 5% for 3 years",
            "square root of a tree",
            "sqrt(-4)",
            "sin(30)",
            "10 choose my words",
            "sum of the parts",
            "average of 100,200 and 300",
            "median income of 5 countries",
            "which is bigger, 9 elephants or 3 whales?",
            "is 2+2=5 a good novel?",
            "is my number prime?",
            "prime factors of success",
            "greatest common divisor of 1.5 and 3",
            "remainder when -17 is divided by 5",
            "x^3 = 8",
            "x = 5",
            "x + y = 3",
            "convert 5 tons to kg",
            "how many ounces in a cup",
            "convert $5 to euros",
            "-300 C in F",
            "convert FF to decimal",
            "4000 in Roman numerals",
            "round -2.5",
            "round the corner",
            "days between 03/04/2024 and 05/06/2024",
            "what is 30 days after 2023-02-30?",
            "what day of the week is today?",
            "is this a leap year?",
            "Was ist 1.500 mal 2?",
            "prove that there are infinitely many primes",
            "why is 2 + 2 = 4?",
        ] {
            let answer = MathSolver.solve(question);
            assert!(answer.is_err(), "{question}: {answer:?}");
        }
    }

    #[test]
    fn solves_as_a_task() {
        let question = MathSolver.task("solve", "3x + 5 = 20").unwrap();
        assert_eq!(MathSolver.solve(&question).unwrap().result, "5");
        assert_eq!(MathSolver.task("translate", "3x + 5 = 20"), None);
    }
}
