//! How alike texts are: by meaning where an encoder is at hand, else by the words they share.

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use super::lists::is_stop_word;

/// More texts than this are not embedded: the words they share must do.
const MAX_EMBEDDED: usize = 64;

/// Turns texts into vectors whose angle says how alike they are in meaning.
pub trait Embedder: Send + Sync + 'static {
    /// One vector per text, all of one length.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Why an embedder gave no vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedError(pub String);

impl std::fmt::Display for EmbedError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no embedding: {}", self.0)
    }
}

impl std::error::Error for EmbedError {}

/// Cosine similarities of all pairs of texts, none below zero.
pub(super) fn similarities(texts: &[&str], embedder: Option<&dyn Embedder>) -> Vec<Vec<f32>> {
    let vectors = embedder
        .filter(|_| texts.len() <= MAX_EMBEDDED)
        .and_then(|embedder| embedder.embed(texts).ok())
        .filter(|vectors| is_sound(vectors, texts.len()));
    match vectors {
        Some(vectors) => pairs(&vectors, |a: &Vec<f32>, b: &Vec<f32>| cosine(a, b)),
        None => pairs(&tf_idf(texts), shared),
    }
}

/// As many vectors as texts, all of one length, all finite.
fn is_sound(vectors: &[Vec<f32>], count: usize) -> bool {
    let length = vectors.first().map_or(0, Vec::len);
    vectors.len() == count
        && length > 0
        && vectors
            .iter()
            .all(|vector| vector.len() == length && vector.iter().all(|x| x.is_finite()))
}

fn pairs<V>(vectors: &[V], similarity: impl Fn(&V, &V) -> f32) -> Vec<Vec<f32>> {
    let count = vectors.len();
    let mut matrix = vec![vec![0.0; count]; count];
    for i in 0..count {
        for j in i..count {
            let value = similarity(&vectors[i], &vectors[j]).max(0.0);
            matrix[i][j] = value;
            matrix[j][i] = value;
        }
    }
    matrix
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let length = norm(a) * norm(b);
    if length > 0.0 { dot / length } else { 0.0 }
}

/// Words of a text, in lower case, without those that say nothing.
pub(super) fn content_words(text: &str) -> Vec<String> {
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| !is_stop_word(word))
        .collect()
}

/// Unit vectors of term frequency times inverse document frequency, each text a document.
fn tf_idf(texts: &[&str]) -> Vec<HashMap<String, f32>> {
    let words: Vec<Vec<String>> = texts.iter().map(|text| content_words(text)).collect();
    let mut documents: HashMap<&str, usize> = HashMap::new();
    for text in &words {
        let mut seen: Vec<&str> = text.iter().map(String::as_str).collect();
        seen.sort_unstable();
        seen.dedup();
        for word in seen {
            *documents.entry(word).or_default() += 1;
        }
    }
    let count = texts.len() as f32;
    words
        .iter()
        .map(|text| {
            let mut vector: HashMap<String, f32> = HashMap::new();
            for word in text {
                let spread = documents.get(word.as_str()).copied().unwrap_or(1) as f32;
                *vector.entry(word.clone()).or_default() += (1.0 + count / spread).ln();
            }
            let norm = vector.values().map(|x| x * x).sum::<f32>().sqrt();
            if norm > 0.0 {
                vector.values_mut().for_each(|x| *x /= norm);
            }
            vector
        })
        .collect()
}

fn shared(a: &HashMap<String, f32>, b: &HashMap<String, f32>) -> f32 {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // Summed in one order, so that equal texts give equal sums.
    let mut products: Vec<f32> = small
        .iter()
        .filter_map(|(word, x)| large.get(word).map(|y| x * y))
        .collect();
    products.sort_by(f32::total_cmp);
    products.iter().sum()
}
