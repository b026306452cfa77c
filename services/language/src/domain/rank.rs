//! Which of many texts say most, and least twice.
//!
//! Centrality is TextRank (Mihalcea and Tarau, "TextRank: Bringing Order into Texts", EMNLP 2004) over cosine
//! similarities, as in LexRank (Erkan and Radev, JAIR 22, 2004). The choice is by maximal marginal relevance (Carbonell
//! and Goldstein, SIGIR 1998).

/// The share of a walk that follows similarity, as in both papers.
const DAMPING: f32 = 0.85;

/// Rounds of the power iteration; it has settled long before.
const ROUNDS: usize = 50;

/// How much centrality counts against being alike to what was chosen before.
const RELEVANCE: f32 = 0.7;

/// Below this likeness two texts are strangers.
const STRANGERS: f32 = 0.05;

/// The centrality of each text, the highest being one.
pub(super) fn centrality(similar: &[Vec<f32>]) -> Vec<f32> {
    let count = similar.len();
    let weight = |i: usize, j: usize| {
        if i != j && similar[i][j] >= STRANGERS {
            similar[i][j]
        } else {
            0.0
        }
    };
    let out: Vec<f32> = (0..count).map(|i| (0..count).map(|j| weight(i, j)).sum()).collect();
    let mut rank = vec![1.0 / count.max(1) as f32; count];
    for _ in 0..ROUNDS {
        rank = (0..count)
            .map(|i| {
                let flow: f32 = (0..count)
                    .filter(|j| out[*j] > 0.0)
                    .map(|j| rank[j] * weight(j, i) / out[j])
                    .sum();
                (1.0 - DAMPING) / count as f32 + DAMPING * flow
            })
            .collect();
    }
    let highest = rank.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    rank.iter().map(|value| value / highest).collect()
}

/// Indices of the chosen texts, the best first.
pub(super) fn choose(scores: &[f32], similar: &[Vec<f32>], wanted: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < wanted.min(scores.len()) {
        let value = |i: usize| {
            let alike = chosen.iter().map(|j| similar[i][*j]).fold(0.0, f32::max);
            RELEVANCE * scores[i] - (1.0 - RELEVANCE) * alike
        };
        // The earlier of two equals.
        let best = (0..scores.len())
            .filter(|i| !chosen.contains(i))
            .rev()
            .max_by(|a, b| value(*a).total_cmp(&value(*b)));
        match best {
            Some(best) => chosen.push(best),
            None => break,
        }
    }
    chosen
}
