//! Nearest neighbours by the cosine of sentence embeddings.

/// Neighbours that vote.
const NEIGHBOURS: usize = 10;

/// Labelled vectors.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    vectors: Vec<(Vec<f32>, usize)>,
}

impl Neighbours {
    /// Adds a vector of any length but 0 with its label, a place in `Domain::ALL`.
    pub(super) fn add(&mut self, vector: Vec<f32>, label: usize) {
        self.vectors.push((unit(vector), label));
    }

    /// The share of the nearest that has each label; of equally near ones the earlier.
    pub(super) fn scores(&self, vector: Vec<f32>) -> [f32; 4] {
        let vector = unit(vector);
        // Nearest first; so short that inserting is cheap.
        let mut nearest: Vec<(f32, usize)> = Vec::with_capacity(NEIGHBOURS + 1);
        for (other, label) in &self.vectors {
            let cosine: f32 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
            let place = nearest.partition_point(|(near, _)| *near >= cosine);
            if place < NEIGHBOURS {
                nearest.insert(place, (cosine, *label));
                nearest.truncate(NEIGHBOURS);
            }
        }
        let mut scores = [0.0; 4];
        for (_, label) in &nearest {
            scores[*label] += 1.0 / nearest.len() as f32;
        }
        scores
    }
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_vote() {
        let mut neighbours = Neighbours::default();
        assert_eq!(neighbours.scores(vec![1.0, 0.0]), [0.0; 4]);
        // Ten near ones, six of label 1 and four of label 2, and many far ones. Length does not count.
        for index in 0..10 {
            neighbours.add(vec![100.0, index as f32], if index < 6 { 1 } else { 2 });
        }
        for _ in 0..50 {
            neighbours.add(vec![0.1, 1.0], 3);
        }
        let scores = neighbours.scores(vec![0.5, 0.0]);
        assert!(
            (scores[1] - 0.6).abs() < 1e-6 && (scores[2] - 0.4).abs() < 1e-6,
            "{scores:?}"
        );
        assert_eq!((scores[0], scores[3]), (0.0, 0.0));
    }

    #[test]
    fn of_equally_near_ones_the_earlier_vote() {
        let mut neighbours = Neighbours::default();
        for index in 0..30 {
            neighbours.add(vec![1.0], usize::from(index >= 10));
        }
        assert!((neighbours.scores(vec![2.0])[0] - 1.0).abs() < 1e-6);
    }
}
