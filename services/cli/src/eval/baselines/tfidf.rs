//! Texts as weighted n-grams: words (one and two) and characters (two to four, inside words), each block with sublinear
//! term frequency, smooth inverse document frequency and length 1; n-grams of a single text are left out. As
//! scikit-learn's `TfidfVectorizer(ngram_range=(1, 2))` and `(analyzer="char_wb", ngram_range=(2, 4))`, but that words of
//! one character count too: numbers and operators are the point of many questions.

use std::collections::{HashMap, HashSet};

use super::logistic::Sparse;

/// Texts that an n-gram must occur in.
const MIN_TEXTS: usize = 2;

/// What n-grams of a text are.
#[derive(Debug, Clone, Copy)]
enum Grams {
    Words,
    Chars,
}

/// Turns texts into sparse rows.
#[derive(Debug)]
pub(super) struct Vectorizer {
    blocks: [Block; 2],
}

/// N-grams of one kind: hash to place and inverse document frequency.
#[derive(Debug)]
struct Block {
    grams: Grams,
    known: HashMap<u64, (u32, f32)>,
}

impl Vectorizer {
    /// Learns the n-grams of texts.
    pub(super) fn fit(texts: &[&str]) -> Self {
        let words = Block::fit(Grams::Words, texts, 0);
        let chars = Block::fit(Grams::Chars, texts, words.known.len());
        Self { blocks: [words, chars] }
    }

    /// How many places a row has.
    pub(super) fn places(&self) -> usize {
        self.blocks.iter().map(|block| block.known.len()).sum()
    }

    /// A text as a sparse row, places ascending.
    pub(super) fn row(&self, text: &str) -> Sparse {
        let text = text.to_lowercase();
        self.blocks.iter().flat_map(|block| block.row(&text)).collect()
    }
}

impl Block {
    fn fit(grams: Grams, texts: &[&str], first: usize) -> Self {
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for text in texts {
            let mut seen = HashSet::new();
            grams.each(&text.to_lowercase(), |gram| {
                seen.insert(gram);
            });
            for gram in seen {
                *counts.entry(gram).or_default() += 1;
            }
        }
        let mut kept: Vec<(u64, usize)> = counts.into_iter().filter(|(_, texts)| *texts >= MIN_TEXTS).collect();
        // The order of a hash map is another one each time.
        kept.sort_unstable();
        let all = texts.len() as f64;
        let known = kept.into_iter().zip(first..).map(|((gram, texts), place)| {
            let idf = ((1.0 + all) / (1.0 + texts as f64)).ln() + 1.0;
            // Texts of any data set that fits into memory have fewer n-grams than that.
            (gram, (place as u32, idf as f32))
        });
        Self {
            grams,
            known: known.collect(),
        }
    }

    fn row(&self, lower: &str) -> Sparse {
        let mut counts: HashMap<u32, (u32, f32)> = HashMap::new();
        self.grams.each(lower, |gram| {
            if let Some((place, idf)) = self.known.get(&gram) {
                counts.entry(*place).or_insert((0, *idf)).0 += 1;
            }
        });
        let weigh = |(place, (count, idf)): (u32, (u32, f32))| (place, (1.0 + (count as f32).ln()) * idf);
        let mut row: Sparse = counts.into_iter().map(weigh).collect();
        row.sort_unstable_by_key(|(place, _)| *place);
        let length = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        for (_, value) in &mut row {
            *value /= length;
        }
        row
    }
}

impl Grams {
    /// Hands over the hash of each n-gram of a lower-case text.
    fn each(self, lower: &str, mut gram: impl FnMut(u64)) {
        match self {
            Self::Words => {
                let mut last = None;
                let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                for word in words.filter(|word| !word.is_empty()) {
                    gram(hash([word]));
                    if let Some(last) = last.replace(word) {
                        gram(hash([last, " ", word]));
                    }
                }
            }
            Self::Chars => {
                for word in lower.split_whitespace() {
                    let padded = format!(" {word} ");
                    let mut ends: Vec<usize> = padded.char_indices().map(|(at, _)| at).collect();
                    ends.push(padded.len());
                    for length in 2..=4 {
                        for window in ends.windows(length + 1) {
                            gram(hash([&padded[window[0]..window[length]]]));
                        }
                    }
                }
            }
        }
    }
}

/// FNV-1a of 64 bits. Two n-grams with one hash count as the same; among millions that hardly happens.
fn hash<const N: usize>(parts: [&str; N]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(kind: Grams, text: &str) -> Vec<u64> {
        let mut found = Vec::new();
        kind.each(text, |gram| found.push(gram));
        found
    }

    #[test]
    fn n_grams_are_those_of_the_text() {
        let words = ["2", "plus", "2 plus", "x_1", "plus x_1"].map(|gram| hash([gram]));
        assert_eq!(grams(Grams::Words, "2 plus, x_1!"), words);
        let chars = [" ä", "äb", "b ", " äb", "äb ", " äb "].map(|gram| hash([gram]));
        assert_eq!(grams(Grams::Chars, "äb"), chars);
        assert_eq!(grams(Grams::Chars, " a\tb").len(), 6, "no n-gram spans two words");
        assert_eq!(hash(["a"]), 0xaf63_dc4c_8601_ec8c, "the function's own test vector");
    }

    #[test]
    fn weights_by_hand() {
        // Known: `a` (3 of 3 texts), `b` (2), `a b` (2); idf ln(4/4) + 1 and twice ln(4/3) + 1.
        let words = Block::fit(Grams::Words, &["a b", "a b c", "a"], 5);
        assert_eq!(words.known.len(), 3);
        let mut places: Vec<u32> = words.known.values().map(|(place, _)| *place).collect();
        places.sort_unstable();
        assert_eq!(places, [5, 6, 7]);
        let row = words.row("a a b");
        let rare = (4.0_f32 / 3.0).ln() + 1.0;
        let common = 1.0 + 2.0_f32.ln();
        let length = (common * common + 2.0 * rare * rare).sqrt();
        let value = |gram: &str| {
            let place = words.known[&hash([gram])].0;
            row.iter().find(|(at, _)| *at == place).unwrap().1
        };
        assert!((value("a") - common / length).abs() < 1e-6);
        assert!((value("b") - rare / length).abs() < 1e-6);
        assert!((value("a b") - rare / length).abs() < 1e-6);
        assert!(words.row("c d").is_empty());
    }

    #[test]
    fn blocks_do_not_share_places() {
        let vectorizer = Vectorizer::fit(&["What is 2?", "what is 3"]);
        let row = vectorizer.row("WHAT is 2");
        assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(row.iter().all(|(place, _)| (*place as usize) < vectorizer.places()));
        let square: f32 = row.iter().map(|(_, value)| value * value).sum();
        assert!((square - 2.0).abs() < 1e-5, "two blocks of length 1");
        assert_eq!(
            Vectorizer::fit(&["what is 3", "What is 2?"]).row("what is"),
            vectorizer.row("what is")
        );
    }
}
