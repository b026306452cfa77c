//! Runs the parts of a question, each as soon as what it needs is there.

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use plexus_core::{Degradation, Step};
use plexus_specialist::engine::Question;

use super::{
    Peers,
    part::{Outcome, part},
};
use crate::domain::{Task, ready, result_of};

/// What all parts came to.
#[derive(Default)]
pub(super) struct Conducted {
    pub(super) answers: Vec<Option<String>>,
    pub(super) results: Vec<Option<String>>,
    pub(super) steps: Vec<Step>,
    pub(super) degradations: Vec<Degradation>,
    /// Whether everything in it was answered exactly.
    pub(super) exact: bool,
}

/// Runs all parts on one budget: a part that starts gets an equal share of what is left, and gives back what it leaves.
pub(super) async fn conduct(peers: &Peers, question: &Question, tasks: &[Task]) -> Conducted {
    let mut conducted = Conducted {
        answers: vec![None; tasks.len()],
        results: vec![None; tasks.len()],
        exact: true,
        ..Conducted::default()
    };
    let mut steps: Vec<Option<Step>> = vec![None; tasks.len()];
    let (mut done, mut begun) = (vec![false; tasks.len()], vec![false; tasks.len()]);
    let mut left = question.constraints.max_cost_usd;
    let mut running = FuturesUnordered::new();
    loop {
        let now: Vec<usize> = ready(tasks, &done).into_iter().filter(|index| !begun[*index]).collect();
        let waiting = begun.iter().filter(|begun| !**begun).count();
        for index in now {
            begun[index] = true;
            let share = left.map(|left| left / waiting as f64);
            left = left.zip(share).map(|(left, share)| left - share);
            let results = conducted.results.clone();
            running.push(async move {
                (
                    index,
                    share,
                    part(peers, question, &tasks[index], &results, share).await,
                )
            });
        }
        let Some((index, share, outcome)) = running.next().await else {
            break;
        };
        let Outcome {
            step,
            result,
            degradations,
            exact,
        } = outcome;
        conducted.exact &= exact;
        done[index] = true;
        left = left
            .zip(share)
            .map(|(left, share)| left + (share - step.usage.cost_usd).max(0.0));
        if !step.answer.is_empty() {
            conducted.answers[index] = Some(step.answer.clone());
            let result = Some(result).filter(|result| !result.is_empty());
            conducted.results[index] = result.or_else(|| result_of(&step.answer));
        }
        conducted.degradations.extend(degradations);
        steps[index] = Some(step);
    }
    conducted.steps = steps.into_iter().flatten().collect();
    conducted
}
