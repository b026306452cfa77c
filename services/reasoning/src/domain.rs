//! How a question of several steps is conducted: which parts there are, in which order, and how one answer is made of
//! theirs. Pure.

pub mod plan;

use plexus_core::{Domain, Part};
use plexus_specialist::exact::Capability;

/// What is answered without a model.
pub const CAPABILITIES: &[Capability] = &[
    Capability::new("several steps", "What is 15% of 240, then double the result"),
    Capability::new("whatever math computes", "What is 2^100?"),
];

/// A part and who may answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its text, which may speak of earlier results.
    pub text: String,
    /// Indexes of earlier parts that it needs.
    pub depends_on: Vec<usize>,
    /// Who is asked, in this order.
    pub candidates: Vec<Domain>,
    /// Whether the text has places for results (`{1}`), as a model's plan has; else it speaks of them in words.
    pub placed: bool,
}

/// Who is asked where nobody has classified a part: those that decline at once what is not theirs come first.
const UNCLASSIFIED: [Domain; 3] = [Domain::Math, Domain::Code, Domain::Language];

/// The parts of a question: those that the router found, else those found here. Fewer than two: nothing to conduct.
pub fn tasks(question: &str, parts: &[Part]) -> Vec<Task> {
    if parts.len() > 1 {
        return parts
            .iter()
            .map(|part| task(part.text.clone(), part.depends_on.clone(), Some(part.domain)))
            .collect();
    }
    let split = plexus_compound::split(question);
    if split.len() < 2 {
        return Vec::new();
    }
    split
        .into_iter()
        .map(|part| task(part.text, part.depends_on, None))
        .collect()
}

fn task(text: String, depends_on: Vec<usize>, domain: Option<Domain>) -> Task {
    // Reasoning does not ask itself: its parts are parts already.
    let first = domain.filter(|domain| *domain != Domain::Reasoning);
    let others = UNCLASSIFIED.into_iter().filter(|domain| Some(*domain) != first);
    Task {
        text,
        depends_on,
        candidates: first.into_iter().chain(others).collect(),
        placed: false,
    }
}

/// The tasks that can run now: not done, with everything done that they need.
pub fn ready(tasks: &[Task], done: &[bool]) -> Vec<usize> {
    let is_done = |index: &usize| done.get(*index).copied().unwrap_or(true);
    (0..tasks.len())
        .filter(|index| !is_done(index) && tasks[*index].depends_on.iter().all(is_done))
        .collect()
}

/// The text of a task with the results that it speaks of put in; none where a result is missing or does not fit.
pub fn resolve(task: &Task, results: &[Option<String>]) -> Option<String> {
    if task.placed {
        let result = |index: &usize| Some((*index, results.get(*index)?.as_deref()?));
        let needs: Vec<(usize, &str)> = task.depends_on.iter().map(result).collect::<Option<_>>()?;
        return Some(plan::place(&task.text, &needs));
    }
    let Some(last) = task.depends_on.last() else {
        return Some(task.text.clone());
    };
    let result = results.get(*last)?.as_deref()?;
    plexus_compound::substitute(&task.text, result)
}

/// Who is asked for a task whose results are put in: math first where it can be computed, whatever its words looked like
/// before ("double the result" has no number in it).
pub fn candidates(task: &Task, computable: bool) -> Vec<Domain> {
    let math_first = computable.then_some(Domain::Math);
    let rest = task
        .candidates
        .iter()
        .copied()
        .filter(|domain| Some(*domain) != math_first);
    math_first.into_iter().chain(rest).collect()
}

/// The bare result of an answer that did not say it: the right side of its last equation, or all of a short line.
pub fn result_of(answer: &str) -> Option<String> {
    const MAX: usize = 80;
    let line = answer.trim().lines().last()?.trim().trim_end_matches('.');
    let result = line.rsplit_once(" = ").map_or(line, |(_, right)| right).trim();
    (!result.is_empty() && result.chars().count() <= MAX).then(|| result.to_owned())
}

/// One answer of the answers of all parts, in their order; parts without one are left out.
pub fn compose(answers: &[Option<String>]) -> String {
    let given = answers.iter().flatten().map(|answer| answer.trim());
    given.filter(|answer| !answer.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_run_when_what_they_need_is_done() {
        let all = tasks("What is 15% of 240, then double the result", &[]);
        assert_eq!(all.len(), 2);
        assert_eq!(ready(&all, &[false, false]), [0]);
        assert_eq!(ready(&all, &[true, false]), [1]);
        assert_eq!(resolve(&all[1], &[Some("36".into()), None]).unwrap(), "double 36");
        assert_eq!(resolve(&all[1], &[None, None]), None);
    }

    #[test]
    fn what_the_router_found_is_kept() {
        let part = |text: &str, domain| Part {
            text: text.into(),
            domain,
            depends_on: vec![],
        };
        let all = tasks("a and b", &[part("a", Domain::Code), part("b", Domain::Reasoning)]);
        assert_eq!(all[0].candidates, [Domain::Code, Domain::Math, Domain::Language]);
        assert_eq!(all[1].candidates, UNCLASSIFIED);
        assert_eq!(tasks("What is 15% of 240?", &[]), []);
    }

    #[test]
    fn what_can_be_computed_goes_to_math() {
        let part = |domain| Part {
            text: "double 36".into(),
            domain,
            depends_on: vec![],
        };
        let all = tasks("a and b", &[part(Domain::Language), part(Domain::Math)]);
        assert_eq!(
            candidates(&all[0], true),
            [Domain::Math, Domain::Language, Domain::Code]
        );
        assert_eq!(candidates(&all[0], false)[0], Domain::Language);
    }

    #[test]
    fn results_are_read_and_answers_joined() {
        assert_eq!(result_of("15% of 240 = 36").as_deref(), Some("36"));
        assert_eq!(result_of("So we get\n2 + 2 = 4.").as_deref(), Some("4"));
        assert_eq!(result_of(&"long ".repeat(40)), None);
        assert_eq!(
            compose(&[Some("a = 1".into()), None, Some("b = 2".into())]),
            "a = 1\nb = 2"
        );
    }
}
