//! Ranks passages by the words that they share with a question: BM25 (Robertson and Zaragoza 2009) over postings.
//!
//! Own code of a page, since a library fits worse: `tantivy` is a search engine with its own files and 100 crates, and
//! the crate `bm25` walks all words of every passage that shares one with the question.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use crate::words::words;

/// How soon more of the same word stops to count.
const K1: f32 = 1.2;
/// How much a longer passage counts less.
const B: f32 = 0.75;
/// Most bytes of a question, from its beginning, and most different words that are looked up.
const MAX_QUESTION: usize = 16 * 1024;
const MAX_WORDS: usize = 256;
/// A passage with so many of the rarest words has the whole question, however long that is.
const MANY: f32 = 6.0;

/// The words of a passage: how often each is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bag {
    counts: Box<[(u64, u32)]>,
    total: u32,
}

impl Bag {
    /// The words of texts together.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let mut all = Vec::new();
        for text in texts {
            words(text, |word| all.push(number(word)));
        }
        all.sort_unstable();
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let same = all.chunk_by(|left, right| left == right);
        let counts = same.map(|same| (same[0], u32::try_from(same.len()).unwrap_or(u32::MAX)));
        Self {
            counts: counts.collect(),
            total,
        }
    }
}

/// A word as a number; two words meet in one of them about never.
fn number(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Where each word is.
#[derive(Debug, Default)]
pub(crate) struct Bm25 {
    postings: HashMap<u64, Vec<Posting>>,
    passages: usize,
}

/// A passage that has a word, and what that counts, times the word's own weight.
#[derive(Debug, Clone, Copy)]
struct Posting {
    passage: u32,
    weight: f32,
}

/// How well a passage fits by its words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    pub(crate) passage: u32,
    pub(crate) score: f32,
    /// The share of the question's words that the passage has, rare ones counting more: 0..1.
    pub(crate) share: f32,
}

impl Bm25 {
    /// An index over passages, which are numbered as they come.
    pub(crate) fn new<'a>(bags: impl Iterator<Item = &'a Bag> + Clone) -> Self {
        let passages = bags.clone().count();
        let total: f64 = bags.clone().map(|bag| f64::from(bag.total)).sum();
        let average = (total / passages.max(1) as f64) as f32;
        let mut postings: HashMap<u64, Vec<Posting>> = HashMap::new();
        for (passage, bag) in (0_u32..).zip(bags) {
            let length = K1 * (1.0 - B + B * bag.total as f32 / average);
            for (word, count) in &bag.counts {
                let count = *count as f32;
                postings.entry(*word).or_default().push(Posting {
                    passage,
                    weight: count * (K1 + 1.0) / (count + length),
                });
            }
        }
        Self { postings, passages }
    }

    /// The passages that share a word with the question, best first.
    pub(crate) fn rank(&self, question: &str) -> Vec<Fit> {
        let mut asked = Vec::new();
        words(&question[..question.floor_char_boundary(MAX_QUESTION)], |word| {
            asked.push(number(word));
        });
        asked.sort_unstable();
        asked.dedup();
        asked.truncate(MAX_WORDS);

        let weight = |have: usize| {
            let (all, have) = (self.passages as f32, have as f32);
            (1.0 + (all - have + 0.5) / (have + 0.5)).ln()
        };
        let mut fits: HashMap<u32, (f32, f32)> = HashMap::new();
        let mut whole = 0.0;
        for word in asked {
            let found = self.postings.get(&word).map_or(&[][..], Vec::as_slice);
            let weight = weight(found.len());
            whole += weight;
            for posting in found {
                let (score, share) = fits.entry(posting.passage).or_default();
                *score += weight * posting.weight;
                *share += weight;
            }
        }
        let whole = whole.min(MANY * weight(0));
        let mut fits: Vec<Fit> = fits
            .into_iter()
            .map(|(passage, (score, share))| Fit {
                passage,
                score,
                share: (share / whole).min(1.0),
            })
            .collect();
        fits.sort_unstable_by(|left, right| {
            right
                .score
                .total_cmp(&left.score)
                .then(left.passage.cmp(&right.passage))
        });
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(texts: &[&str]) -> Bm25 {
        let bags: Vec<Bag> = texts.iter().map(|text| Bag::of(&[text])).collect();
        Bm25::new(bags.iter())
    }

    fn ranked(texts: &[&str], question: &str) -> Vec<u32> {
        index(texts).rank(question).iter().map(|fit| fit.passage).collect()
    }

    #[test]
    fn rare_words_and_short_passages_win() {
        assert_eq!(
            ranked(&["the retry budget", "the budget", "the budget of it"], "retry budget")[0],
            0
        );
        let long = format!("breaker {}", "other words ".repeat(50));
        assert_eq!(ranked(&[&long, "breaker opens"], "breaker"), [1, 0]);
        assert!(ranked(&["one", "two"], "three").is_empty());
        assert!(ranked(&[], "three").is_empty());
    }

    #[test]
    fn a_score_is_what_the_formula_says() {
        // Two passages of two words each, one of which has the word once: ln(1 + 1.5 / 1.5) * 2.2 / 2.2.
        let fits = index(&["alpha beta", "gamma delta"]).rank("alpha");
        assert_eq!(fits.len(), 1);
        assert!((fits[0].score - 2.0_f32.ln()).abs() < 1e-6, "{fits:?}");
        assert!((fits[0].share - 1.0).abs() < 1e-6, "{fits:?}");
    }

    #[test]
    fn the_share_counts_words_that_nobody_has() {
        let fits = index(&["alpha beta", "gamma delta"]).rank("alpha zeta");
        assert!(fits[0].share < 0.4, "{fits:?}");
    }
}
