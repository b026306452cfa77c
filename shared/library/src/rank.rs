//! Fuses the ranking by words with the ranking by meaning.
//!
//! Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): ranks are comparable where scores are not.

use std::{collections::HashMap, sync::Arc};

use crate::{Passage, index::Index};

/// How little a better rank counts among the first ones.
const K: f32 = 60.0;
/// How many of each ranking are fused.
const DEPTH: usize = 50;

/// What a search is limited by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) passages: usize,
    pub(crate) bytes: usize,
    pub(crate) min_score: f32,
}

/// The best passages for a question, best first.
pub(crate) fn search(index: &Index, question: &str, embedding: Option<&[f32]>, limits: Limits) -> Vec<Passage> {
    let mut fits: HashMap<u32, Fused> = HashMap::new();
    let by_words = index.words.bm25.rank(question);
    for (rank, fit) in by_words.iter().enumerate() {
        let fused = fits.entry(fit.passage).or_default();
        // Half of the words say as much as a likeness of a quarter.
        fused.fit = fit.share * fit.share;
        if rank < DEPTH {
            fused.score += reciprocal(rank);
        }
    }
    let mut rankings = 1.0;
    if let Some(embedding) = embedding {
        let by_meaning = likest(&index.vectors, embedding);
        // While nothing is embedded yet, there is one ranking only.
        rankings += f32::from(u8::from(!by_meaning.is_empty()));
        for (rank, (passage, likeness)) in by_meaning.into_iter().enumerate() {
            let fused = fits.entry(passage).or_default();
            fused.fit = fused.fit.max(likeness);
            fused.score += reciprocal(rank);
        }
    }
    let mut best: Vec<(u32, f32)> = fits
        .into_iter()
        .filter(|(_, fused)| fused.score > 0.0 && fused.fit >= limits.min_score)
        .map(|(passage, fused)| (passage, fused.score / (rankings * reciprocal(0))))
        .collect();
    best.sort_unstable_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    take(index, &best, limits)
}

#[derive(Debug, Clone, Copy, Default)]
struct Fused {
    score: f32,
    /// The likeness, or the square of the share of words; whichever is greater.
    fit: f32,
}

fn reciprocal(rank: usize) -> f32 {
    1.0 / (K + 1.0 + rank as f32)
}

/// The passages whose embeddings are likest, best first.
fn likest(vectors: &[Option<Arc<[f32]>>], embedding: &[f32]) -> Vec<(u32, f32)> {
    let product = |vector: &[f32]| -> f32 { vector.iter().zip(embedding).map(|(left, right)| left * right).sum() };
    let mut likest: Vec<(u32, f32)> = (0_u32..)
        .zip(vectors)
        .filter_map(|(passage, vector)| Some((passage, product(vector.as_deref()?))))
        .filter(|(_, likeness)| likeness.is_finite())
        .collect();
    let better = |left: &(u32, f32), right: &(u32, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
    if likest.len() > DEPTH {
        likest.select_nth_unstable_by(DEPTH, better);
        likest.truncate(DEPTH);
    }
    likest.sort_unstable_by(better);
    likest
}

/// As many as are asked for and have room; the same text once.
fn take(index: &Index, best: &[(u32, f32)], limits: Limits) -> Vec<Passage> {
    let mut room = limits.bytes;
    let mut taken: Vec<Passage> = Vec::new();
    for (number, score) in best {
        if taken.len() == limits.passages {
            break;
        }
        let Some(piece) = usize::try_from(*number)
            .ok()
            .and_then(|number| index.words.pieces.get(number))
        else {
            continue;
        };
        if piece.text.len() > room || taken.iter().any(|passage| *passage.text == *piece.text) {
            continue;
        }
        room -= piece.text.len();
        taken.push(Passage {
            source: piece.source.to_string(),
            first_line: piece.first_line,
            last_line: piece.last_line,
            text: piece.text.to_string(),
            score: *score,
        });
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        index::{Documents, Vectors, Words},
        read::pieces,
    };

    const LIMITS: Limits = Limits {
        passages: 4,
        bytes: 8192,
        min_score: 0.0,
    };

    /// An index of small files, each with an embedding or none.
    fn index(files: &[(&str, &str, Option<[f32; 2]>)]) -> Index {
        let mut documents = Documents::new();
        let mut vectors = Vectors::new();
        for (name, text, vector) in files {
            let pieces = pieces(name, text);
            if let Some(vector) = vector {
                vectors.insert(pieces[0].hash, Arc::new(*vector));
            }
            documents.insert((*name).to_owned(), pieces);
        }
        Index::new(Arc::new(Words::new(&documents)), &vectors)
    }

    fn sources(passages: &[Passage]) -> Vec<&str> {
        passages.iter().map(|passage| passage.source.as_str()).collect()
    }

    #[test]
    fn what_both_rankings_like_comes_first() {
        let index = index(&[
            ("a", "breaker opens", Some([0.0, 1.0])),
            ("b", "breaker closes", Some([1.0, 0.0])),
            ("c", "the sea", Some([0.9, 0.1])),
        ]);
        let found = search(&index, "breaker", Some(&[1.0, 0.0]), LIMITS);
        assert_eq!(sources(&found), ["b", "a", "c"]);
        assert!(found[0].score > found[1].score && found[0].score <= 1.0, "{found:#?}");
    }

    #[test]
    fn words_alone_serve_where_there_is_no_embedding() {
        let index = index(&[("a", "breaker opens", None), ("b", "sea", None)]);
        for embedding in [None, Some(&[1.0, 0.0][..])] {
            let found = search(&index, "when does the breaker open", embedding, LIMITS);
            assert_eq!(sources(&found), ["a"]);
            assert!((found[0].score - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn limits_hold() {
        let long = "breaker ".repeat(100);
        let index = index(&[
            ("a", &long, None),
            ("b", "breaker b", None),
            ("c", "breaker c", None),
            ("d", "breaker c", None),
        ]);
        let limited = |limits| sources(&search(&index, "breaker", None, limits)).join(" ");
        assert_eq!(limited(Limits { bytes: 20, ..LIMITS }), "b c");
        assert_eq!(limited(Limits { passages: 1, ..LIMITS }).len(), 1);
        let nothing = search(
            &index,
            "breaker of the seven seas",
            None,
            Limits {
                min_score: 0.9,
                ..LIMITS
            },
        );
        assert_eq!(nothing, []);
    }
}
