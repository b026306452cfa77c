//! The contract of an exact solver: the right answer, or a reason to decline.

use std::borrow::Cow;

/// Answers what can be answered exactly, at once and without a model; declines everything else.
///
/// A solver is never wrong: where it is not certain that it understood the question, it declines.
pub trait ExactSolver: Send + Sync + 'static {
    /// The answer as text for a person, or why there is none. Must end within milliseconds on any input.
    fn solve(&self, question: &str) -> Result<Solution, Declined>;

    /// A task in this solver's own words, if it can do it: `summarise` of a text is the question to summarise that text.
    fn task(&self, task: &str, text: &str) -> Option<String> {
        let _ = (task, text);
        None
    }

    /// Everything that it answers: the one place that says so.
    fn capabilities(&self) -> &'static [Capability];
}

/// What a solver says of itself and does not hold: examples that it declines, and names that stand twice.
pub fn broken_promises(solver: &dyn ExactSolver) -> Vec<String> {
    let all = solver.capabilities();
    let declined = all.iter().filter_map(|capability| {
        let Declined(why) = solver.solve(capability.example).err()?;
        Some(format!(
            "{}: {:?} is declined: {why}",
            capability.name, capability.example
        ))
    });
    let twice = all.iter().enumerate().filter_map(|(index, capability)| {
        let before = all[..index].iter().any(|other| other.name == capability.name);
        before.then(|| format!("{} stands twice", capability.name))
    });
    declined.chain(twice).collect()
}

/// A kind of question that a solver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// Its name, e.g. `percentages`.
    pub name: &'static str,
    /// A question of that kind, which it answers.
    pub example: &'static str,
}

impl Capability {
    /// A kind of question by name and example.
    pub const fn new(name: &'static str, example: &'static str) -> Self {
        Self { name, example }
    }
}

/// An exact answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// For a person, e.g. `15% of 240 = 36`.
    pub text: String,
    /// The bare result, to be put into a later question, e.g. `36`; empty where there is none.
    pub result: String,
}

impl From<String> for Solution {
    fn from(text: String) -> Self {
        Self {
            text,
            result: String::new(),
        }
    }
}

/// Why a solver does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined(pub Cow<'static, str>);

impl Declined {
    /// Declines for a reason, written for a person, lower case, without a full stop.
    pub fn because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}
